//! What some uploads of the history come to together.

use crate::model::receipt::ResultCount;

/// Uploads counted, without reading what providers answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UploadTally {
    /// How many there are of each provider, by its id; the most first.
    pub providers: Vec<(String, usize)>,
    /// Those with an ID or a link.
    pub results: ResultCount,
    /// Those on their way, which cannot be removed.
    pub on_their_way: usize,
}

impl UploadTally {
    pub(super) fn add(&mut self, provider: &str, state: &str, (has_id, has_link): (bool, bool)) {
        match self.providers.iter_mut().find(|(name, _)| name == provider) {
            Some((_, count)) => *count += 1,
            None => self.providers.push((provider.to_owned(), 1)),
        }
        self.results.add(has_id, has_link);
        self.on_their_way += usize::from(matches!(state, "waiting" | "sending" | "sent"));
    }

    pub(super) fn sort(&mut self) {
        self.providers.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    }
}
