//! What of the page is there again at the next start: its filters, but not what was searched for.

use std::collections::BTreeMap;

use strum::IntoEnumIterator;

use super::filters::DateRange;
use super::shown::HistoryView;
use crate::session::api::provider;

const PROVIDER: &str = "provider";
const RANGE: &str = "range";

impl HistoryView {
    /// Returns the filters that are set, by name.
    pub(in crate::ui) fn remembered(&self) -> BTreeMap<String, String> {
        let range = (self.filters.within != DateRange::default()).then(|| self.filters.within.id());
        let all = [(PROVIDER, self.filters.provider), (RANGE, range)];
        all.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned()))).collect()
    }

    /// Sets them again; what this version does not know filters nothing.
    pub(in crate::ui) fn recall(&mut self, filters: &BTreeMap<String, String>) {
        let id = filters.get(PROVIDER).and_then(|id| provider::by_id(id));
        self.filters.provider = id.map(|p| p.facts().id);
        let range = filters.get(RANGE);
        self.filters.within =
            range.and_then(|id| DateRange::iter().find(|range| range.id() == id)).unwrap_or_default();
    }
}
