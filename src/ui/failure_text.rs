//! A failure in full, where a row has room for its first sentence only.

use crate::session::api::{Failure, text};

/// Tells what happened, what the provider said of it, and the next step.
pub(super) fn explain(failure: &Failure) -> String {
    let message = failure
        .service_message
        .as_ref()
        .map(|s| format!("\nIt says: “{}”", text::sanitize(s)))
        .unwrap_or_default();
    let support = failure
        .support_id
        .as_ref()
        .map(|s| format!("\nFor its support: {}", text::sanitize(s)))
        .unwrap_or_default();
    format!("{}.{message}{support}\n{}.", failure.message, failure.hint)
}
