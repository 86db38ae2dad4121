//! The environment of this process, and of those it starts.

use std::ffi::OsString;
use std::sync::OnceLock;

use crate::store::environment::Environment;

/// Returns the arguments of this process. Windows' shells leave `*.png` to the programs, so it is expanded here: outside of
/// quotes, and where files have such names.
pub fn arguments() -> impl Iterator<Item = OsString> {
    #[cfg(windows)]
    return wild::args_os();
    #[cfg(not(windows))]
    return std::env::args_os();
}

static GIVEN: OnceLock<Environment> = OnceLock::new();

/// Returns what the variables said when the keys were taken out of them, or say.
pub fn given() -> Environment {
    GIVEN.get().cloned().unwrap_or_else(Environment::read)
}

/// Reads the variables and takes the keys out of the environment, so that no browser, dialog or clipboard's holder that
/// is started later inherits one. Called by `main`, before any thread is started, and once the person's own providers are
/// known: their keys are among them.
#[allow(unsafe_code)]
pub fn take_keys() {
    GIVEN.get_or_init(Environment::read);
    for name in Environment::key_variables() {
        // SAFETY: `main` calls this first of all, when this is the program's only thread.
        unsafe { std::env::remove_var(name) };
    }
}

/// Where launchers put what lets a window come to the front: on Wayland and on X11.
const LAUNCH: [&str; 2] = ["XDG_ACTIVATION_TOKEN", "DESKTOP_STARTUP_ID"];

/// The longest of them is not known; those of today have some hundred bytes at most.
const MAX_TOKEN: usize = 1024;

/// Returns what the launcher gave this start so that its window may come to the front. It stays in the environment,
/// where the window's library takes it away; what it would leave there, which is no token, goes at once. Called
/// by the window before it starts a thread.
#[allow(unsafe_code)]
pub fn launch_token() -> Option<String> {
    let token = |name: &str| std::env::var(name).ok().filter(|value| is_token(value));
    for name in LAUNCH.into_iter().filter(|name| token(name).is_none()) {
        // SAFETY: as above.
        unsafe { std::env::remove_var(name) };
    }
    LAUNCH.into_iter().find_map(token)
}

/// Takes it away where no window is opened: programs that are started later are not what was launched. Called by `main`,
/// too.
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
