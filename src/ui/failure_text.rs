//! A failure in full, where a row has room for its first sentence only.

use crate::session::api::Failure;

/// Tells what happened, what the provider said of it, and the next step.
pub(super) fn explain(failure: &Failure) -> String {
    format!("{}.{}\n{}.", failure.message, failure.quotes("\n", ""), failure.hint)
}
