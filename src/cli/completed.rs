//! Sentences about one file, for stderr.

use crate::model::queue::Item;
use crate::model::text::harmless;

use super::format;

/// What went wrong with a file: what happened, the service's words, the next step. None where nothing did.
pub(super) fn sentence(item: &Item) -> Option<String> {
    let name = &item.name;
    if let Some(f) = item.state.failure() {
        let said = f.said.as_ref().map(|s| format!(" It says: \"{}\".", harmless(s))).unwrap_or_default();
        let support =
            f.support.as_ref().map(|s| format!(" For its support: {}.", harmless(s))).unwrap_or_default();
        return Some(format!("{name}: {}.{said}{support} {}.", harmless(&f.message), f.next));
    }
    match format::state(item) {
        "cancelled" => Some(format!("{name}: Cancelled before it was sent whole. Nothing was accepted.")),
        "refused" => {
            let next = format::next(item).map(|next| format!(" {next}.")).unwrap_or_default();
            Some(format!("{name}: {}.{next}", item.stop()?))
        }
        _ => None,
    }
}
