//! Whether a window can be opened here, and what is missing where not.

/// What the window needs on Linux beside a display, by Debian's names.
const PACKAGES: &str =
    "libx11-6 libx11-xcb1 libxcursor1 libxi6 libxkbcommon0 libxkbcommon-x11-0 libegl1 libgl1-mesa-dri";

/// Whether there is a display at all.
pub fn is_there() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|v| !v.is_empty());
    !cfg!(all(unix, not(target_os = "macos")))
        || set("DISPLAY")
        || set("WAYLAND_DISPLAY")
        || set("WAYLAND_SOCKET")
}

/// Why there is no window, and what to use instead.
pub fn missing(why: Option<&str>) -> String {
    let instead = "The terminal does the same job: `hoist upload FILE…` (see `hoist --help`)";
    match why {
        None => format!(
            "There is no display: neither DISPLAY nor WAYLAND_DISPLAY is set. On a machine without one, `xvfb-run hoist` \
             (package xvfb) makes one. {instead}"
        ),
        Some(why) => format!(
            "The window cannot be opened: {why}. It needs a display that answers and these packages: {PACKAGES}. {instead}"
        ),
    }
}
