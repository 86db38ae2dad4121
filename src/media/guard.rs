//! A guard around decoders that may panic on hostile files.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::sync::Once;

thread_local! {
    /// A decoder runs on this thread whose panic is an answer.
    static IS_GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Has a panic of a decoder logged, not printed: whoever reads the terminal is told what it means for the file.
fn quiet_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |info| match IS_GUARDED.get() {
            true => tracing::warn!("a decoder gave up: {info}"),
            false => usual(info),
        }));
    });
}

/// Runs a decoder that may panic on hostile files.
pub(super) fn guarded<T, E>(panicked: E, decode: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    quiet_panics();
    let before = IS_GUARDED.replace(true);
    let done = catch_unwind(AssertUnwindSafe(decode));
    IS_GUARDED.set(before);
    done.unwrap_or(Err(panicked))
}
