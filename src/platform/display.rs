//! Whether a window can be opened here, and what is missing where not.

use crate::model::system::SYSTEM;

/// Returns whether there is a display at all.
pub fn is_there() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|v| !v.is_empty());
    !cfg!(all(unix, not(target_os = "macos")))
        || set("DISPLAY")
        || set("WAYLAND_DISPLAY")
        || set("WAYLAND_SOCKET")
}

/// Returns which window system is used, by name.
pub fn kind() -> &'static str {
    let set = |name| std::env::var_os(name).is_some_and(|v| !v.is_empty());
    match () {
        () if cfg!(target_os = "macos") => "macOS",
        () if cfg!(windows) => "Windows",
        () if set("WAYLAND_DISPLAY") || set("WAYLAND_SOCKET") => "Wayland",
        () if set("DISPLAY") => "X11",
        () => "no display",
    }
}

/// What panels take of the screen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Panels {
    /// So many pixels of its width and height.
    Known {
        /// Width and height.
        taken: [f32; 2],
        /// Where the rest begins, from the left and from the top.
        corner: [f32; 2],
        /// Width and height of the rest, which goes over all screens.
        rest: [f32; 2],
    },
    /// The window system does not tell.
    Unknown,
}

/// Returns what panels take of the screen, where the window system tells.
pub fn panels() -> Panels {
    #[cfg(target_os = "linux")]
    if kind() == "X11"
        && let Some(known) = of_x11()
    {
        return known;
    }
    Panels::Unknown
}

/// Reads the window manager's `_NET_WORKAREA`: what is left of the screen on each desktop.
#[cfg(target_os = "linux")]
fn of_x11() -> Option<Panels> {
    use x11rb::connection::Connection as _;
    use x11rb::protocol::xproto::{AtomEnum, ConnectionExt as _};
    let (x, screen) = x11rb::rust_connection::RustConnection::connect(None).ok()?;
    let screen = x.setup().roots.get(screen)?;
    let number = |name: &[u8]| {
        let atom = x.intern_atom(true, name).ok()?.reply().ok()?.atom;
        let property = x.get_property(false, screen.root, atom, AtomEnum::CARDINAL, 0, 256).ok()?;
        Some(property.reply().ok()?.value32()?.collect::<Vec<u32>>())
    };
    let desktop = number(b"_NET_CURRENT_DESKTOP").and_then(|n| n.first().copied()).unwrap_or(0) as usize;
    let areas = number(b"_NET_WORKAREA")?;
    let area = areas.chunks_exact(4).nth(desktop).or_else(|| areas.chunks_exact(4).next())?;
    let whole = [f32::from(screen.width_in_pixels), f32::from(screen.height_in_pixels)];
    let rest = [area[2] as f32, area[3] as f32];
    let taken = [whole[0] - rest[0], whole[1] - rest[1]].map(|n| n.max(0.0));
    Some(Panels::Known { taken, corner: [area[0] as f32, area[1] as f32], rest })
}

/// Returns why there is no window, and what to use instead.
pub fn missing(why: Option<&str>) -> String {
    let instead = "The command line does the same: `hoist upload FILE…` (see `hoist --help`)";
    match why {
        None => format!(
            "There is no display: neither DISPLAY nor WAYLAND_DISPLAY is set. On a machine without one, `xvfb-run hoist` \
             (package xvfb) makes one. {instead}"
        ),
        Some(why) => {
            let why = why.trim_end_matches('.');
            format!("The window cannot be opened: {why}. {}. {instead}", SYSTEM.window)
        }
    }
}

/// Returns whether the display still answers: who holds the clipboard for it must not outlive it.
#[cfg(unix)]
pub fn answers() -> bool {
    use std::net::TcpStream;
    use std::os::unix::net::UnixStream;
    use std::path::{Path, PathBuf};
    let variable = |name| std::env::var(name).ok().filter(|v| !v.is_empty());
    if let Some(name) = variable("WAYLAND_DISPLAY") {
        let folder = variable("XDG_RUNTIME_DIR").map(PathBuf::from).unwrap_or_default();
        if UnixStream::connect(folder.join(name)).is_ok() {
            return true;
        }
    }
    let Some(display) = variable("DISPLAY") else { return false };
    let Some((host, rest)) = display.rsplit_once(':') else { return false };
    let Ok(number) = rest.split('.').next().unwrap_or_default().parse::<u16>() else { return false };
    if host.is_empty() || host == "unix" {
        return UnixStream::connect(Path::new("/tmp/.X11-unix").join(format!("X{number}"))).is_ok();
    }
    TcpStream::connect((host, 6000_u16.saturating_add(number))).is_ok()
}
