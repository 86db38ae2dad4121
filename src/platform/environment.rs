//! The environment of this process, and of those it starts.

use crate::store::environment::Environment;

/// Reads the variables and takes the keys out of the environment, so that no browser, dialog or clipboard's holder that
/// is started later inherits one. Called once, before any thread is started.
#[allow(unsafe_code)]
pub fn take() -> Environment {
    let environment = Environment::read();
    for name in Environment::key_variables() {
        // SAFETY: both faces call this first of all, when this is the program's only thread.
        unsafe { std::env::remove_var(name) };
    }
    environment
}
