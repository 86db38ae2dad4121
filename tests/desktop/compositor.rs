//! The kinds of desktops, each inside an X display of the test's own, where a real pointer can be moved.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::desktop::{Desktop, TIMEOUT, in_time, start};
use super::picture::Picture;

/// The size of the display.
pub(crate) const SIZE: (u32, u32) = (1600, 900);

/// The name of the Wayland display in the compositors.
const SOCKET: &str = "wayland-test";

/// A kind of desktop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Compositor {
    /// An X server with a window manager.
    X11,
    /// Hoist by X11 in a compositor of Wayland (Mutter), the other programs by Wayland where they can.
    XWayland,
    Weston,
    Mutter,
    Kwin,
}

/// How a program reaches the display.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    X11,
    Wayland,
}

impl Compositor {
    pub(crate) const ALL: [Compositor; 5] =
        [Compositor::X11, Compositor::Weston, Compositor::XWayland, Compositor::Mutter, Compositor::Kwin];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Compositor::X11 => "x11",
            Compositor::XWayland => "xwayland",
            Compositor::Weston => "weston",
            Compositor::Mutter => "mutter",
            Compositor::Kwin => "kwin",
        }
    }

    /// How Hoist's window reaches it.
    pub(crate) fn hoist(self) -> By {
        match self {
            Compositor::X11 | Compositor::XWayland => By::X11,
            Compositor::Weston | Compositor::Mutter | Compositor::Kwin => By::Wayland,
        }
    }

    /// The key that moves a window by a drag anywhere in it.
    fn mover(self) -> &'static str {
        if self == Compositor::X11 { "alt" } else { "super" }
    }
}

/// A running desktop of one kind.
pub(crate) struct Screen {
    pub(crate) compositor: Compositor,
    /// The X display around it: pointer, keys and pictures are had there.
    pub(crate) outside: Desktop,
    x11: HashMap<String, String>,
    wayland: HashMap<String, String>,
}

impl Screen {
    pub(crate) fn start(compositor: Compositor) -> Screen {
        let mut outside = Desktop::start(SIZE);
        match compositor {
            Compositor::X11 => outside.start_window_manager(),
            Compositor::XWayland | Compositor::Mutter => start_mutter(&mut outside),
            Compositor::Weston => start_weston(&mut outside),
            Compositor::Kwin => start_kwin(&mut outside),
        }
        let mut screen =
            Screen { compositor, x11: outside.variables.clone(), wayland: HashMap::new(), outside };
        if compositor != Compositor::X11 {
            screen.look_inside();
        }
        screen
    }

    /// Waits for the compositor, and learns how programs reach it.
    fn look_inside(&mut self) {
        let socket = Path::new(&self.outside.variables["XDG_RUNTIME_DIR"]).join(SOCKET);
        self.outside.until("the compositor listens", || socket.exists());
        self.wayland = self.outside.variables.clone();
        self.wayland.remove("DISPLAY");
        self.wayland.insert("WAYLAND_DISPLAY".into(), SOCKET.into());
        if self.compositor == Compositor::XWayland {
            let told = told_file(&self.outside);
            self.outside.until("the compositor tells its X display", || told.exists());
            let told = std::fs::read_to_string(told).unwrap();
            let (display, authority) = told.trim().split_once(' ').unwrap();
            self.x11.insert("DISPLAY".into(), display.into());
            self.x11.insert("XAUTHORITY".into(), authority.into());
        }
        self.outside.until("the compositor's window is there", || {
            let all = self.outside.stdout_of("xwininfo", &["-root", "-tree"]);
            ["\"Weston", "\"mutter", "\"KDE Wayland"].iter().any(|name| all.contains(name))
        });
        // Weston's pointer begins elsewhere than the display's; in the corners they meet.
        for at in [(SIZE.0 as i32 - 1, SIZE.1 as i32 - 1), (0, 0)] {
            self.outside.move_to(at);
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    /// A program inside the desktop.
    pub(crate) fn command(&self, program: &str, by: By) -> Command {
        let mut command = Command::new(program);
        command.env_clear().stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        match by {
            By::X11 => command.envs(&self.x11).envs([("GDK_BACKEND", "x11"), ("QT_QPA_PLATFORM", "xcb")]),
            By::Wayland => {
                command.envs(&self.wayland).envs([("GDK_BACKEND", "wayland"), ("QT_QPA_PLATFORM", "wayland")])
            }
        };
        command
    }

    /// How other programs than Hoist reach it, where they can choose.
    pub(crate) fn others(&self) -> By {
        if self.compositor == Compositor::X11 { By::X11 } else { By::Wayland }
    }

    pub(crate) fn picture(&self) -> Picture {
        Picture::take(&self.outside, SIZE)
    }

    /// The same when nothing changes any more.
    pub(crate) fn at_rest(&self) -> Picture {
        let mut now = self.picture();
        in_time(TIMEOUT / 6, || {
            let before = std::mem::replace(&mut now, self.picture());
            before == now
        });
        now
    }

    /// Moves a window by a place in it.
    pub(crate) fn move_window(&self, from: (i32, i32), to: (i32, i32)) {
        let key = self.compositor.mover();
        self.outside.move_to(from);
        self.outside.xdotool(&["keydown", key]);
        std::thread::sleep(Duration::from_millis(100));
        self.outside.drag(from, to);
        std::thread::sleep(Duration::from_millis(100));
        self.outside.xdotool(&["keyup", key]);
    }

    /// The text in the clipboard, as another program pastes it.
    pub(crate) fn pasted(&self) -> String {
        let mut command = match self.others() {
            By::X11 => self.clipboard("xclip", &["-selection", "clipboard", "-o"]),
            By::Wayland => self.clipboard("wl-paste", &["--no-newline"]),
        };
        String::from_utf8_lossy(&command.output().unwrap().stdout).into_owned()
    }

    /// The types of what is in the clipboard.
    pub(crate) fn offered(&self) -> String {
        let mut command = match self.others() {
            By::X11 => self.clipboard("xclip", &["-selection", "clipboard", "-o", "-t", "TARGETS"]),
            By::Wayland => self.clipboard("wl-paste", &["--list-types"]),
        };
        String::from_utf8_lossy(&command.output().unwrap().stdout).into_owned()
    }

    /// Puts a file's content in the clipboard; whoever holds it is given back.
    pub(crate) fn copy(&self, file: &Path, media: &str) -> Child {
        let mut command = match self.others() {
            By::X11 => self.clipboard("xclip", &["-quiet", "-selection", "clipboard", "-t", media, "-i"]),
            By::Wayland => self.clipboard("wl-copy", &["--foreground", "-t", media]),
        };
        command.stdin(std::fs::File::open(file).unwrap());
        start(&mut command)
    }

    fn clipboard(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = self.command("timeout", self.others());
        command.arg("20").arg(program).args(arguments).stdout(Stdio::piped());
        command
    }
}

fn start_weston(outside: &mut Desktop) {
    let (width, height) = (format!("--width={}", SIZE.0), format!("--height={}", SIZE.1));
    let socket = format!("--socket={SOCKET}");
    let arguments = ["--backend=x11-backend.so", &width, &height, &socket, "--no-config", "--idle-time=0"];
    let weston = outside.spawn("weston", &arguments, Stdio::null());
    outside.children.push(weston);
}

/// Where Mutter's first program tells the X display inside.
fn told_file(outside: &Desktop) -> PathBuf {
    outside.home.path().join("x-display")
}

fn start_mutter(outside: &mut Desktop) {
    let mut mutter = outside.command("mutter");
    mutter.args(["--wayland", "--nested", "--sm-disable", "--wayland-display", SOCKET, "--"]);
    // Told whole or not at all. Mutter ends with this program, and this program with Mutter.
    let tell =
        r#"echo "$DISPLAY $XAUTHORITY" >"$0.new" && mv "$0.new" "$0"; exec tail --pid=$PPID -f /dev/null"#;
    mutter.args(["sh", "-c", tell]).arg(told_file(outside));
    mutter.env("MUTTER_DEBUG_DUMMY_MODE_SPECS", format!("{}x{}", SIZE.0, SIZE.1));
    mutter.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    outside.children.push(start(&mut mutter));
}

fn start_kwin(outside: &mut Desktop) {
    // The installed program asks for the right to run in real time, with which some systems do not start it at all. A
    // copy has no rights of its own.
    let path = outside.variables["PATH"].clone();
    let installed =
        std::env::split_paths(&path).map(|folder| folder.join("kwin_wayland")).find(|p| p.exists());
    let installed = installed.expect("kwin_wayland is missing: run scripts/setup release");
    let kwin = outside.home.path().join("kwin_wayland");
    std::fs::copy(installed, &kwin).unwrap();
    let (width, height) = (SIZE.0.to_string(), SIZE.1.to_string());
    let display = outside.variables["DISPLAY"].clone();
    let sizes = ["--width", &width, "--height", &height, "--x11-display", &display];
    let mut command = outside.command(&kwin.to_string_lossy());
    command.args(["--socket", SOCKET, "--no-lockscreen"]).args(sizes);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    outside.children.push(start(&mut command));
}
