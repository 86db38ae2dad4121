//! The environment of this process, and of those it starts.

use std::ffi::OsString;

use crate::store::environment::Environment;

/// Returns the arguments of this process. Windows' shells leave `*.png` to the programs, so it is expanded here: outside of
/// quotes, and where files have such names.
pub fn arguments() -> impl Iterator<Item = OsString> {
    #[cfg(windows)]
    return wild::args_os();
    #[cfg(not(windows))]
    return std::env::args_os();
}

/// Reads the variables and takes the keys out of the environment, so that no browser, dialog or clipboard's holder that
/// is started later inherits one. Called once, before any thread is started.
#[allow(unsafe_code)]
pub fn read_env() -> Environment {
    let environment = Environment::read();
    for name in Environment::key_variables() {
        // SAFETY: both front ends call this first of all, when this is the program's only thread.
        unsafe { std::env::remove_var(name) };
    }
    environment
}

/// Where launchers put what lets a window come to the front: on Wayland and on X11.
const LAUNCH: [&str; 2] = ["XDG_ACTIVATION_TOKEN", "DESKTOP_STARTUP_ID"];

/// The longest of them is not known; those of today have some hundred bytes at most.
const MAX_TOKEN: usize = 1024;

/// Returns what the launcher gave this start so that its window may come to the front. It stays in the environment,
/// where the window's library takes it away; what it would leave there, which is no token, goes at once. Called as
/// `take` is.
#[allow(unsafe_code)]
pub fn launch_token() -> Option<String> {
    let token = |name: &str| std::env::var(name).ok().filter(|value| is_token(value));
    for name in LAUNCH.into_iter().filter(|name| token(name).is_none()) {
        // SAFETY: as above.
        unsafe { std::env::remove_var(name) };
    }
    LAUNCH.into_iter().find_map(token)
}

/// Takes it away where no window is opened: programs that are started later are not what was launched. Called as `take`
/// is.
#[allow(unsafe_code)]
pub fn forget_launch() {
    for name in LAUNCH {
        // SAFETY: as above.
        unsafe { std::env::remove_var(name) };
    }
}

/// Returns whether a text may be such a token: visible ASCII, and not too much of it.
pub(super) fn is_token(text: &str) -> bool {
    (1..=MAX_TOKEN).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ')
}
