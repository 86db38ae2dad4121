//! What was removed last, and can be taken back for a while.

use std::time::{Duration, Instant};

use crate::session::Removed;
use crate::session::api::{CopyTemplate, Destination};

/// How long it can be undone, unless another time is given.
const OFFERED_FOR: Duration = Duration::from_secs(8);

/// A removal that can be taken back.
pub(super) enum Removal {
    /// Files were taken from the queue.
    Files(Removed),
    /// A destination was forgotten; it stood at this index.
    Destination(Destination, usize),
    /// A template was removed; it stood at this index, and was the chosen one or not.
    Template(CopyTemplate, usize, bool),
    /// An upload was taken from the history.
    HistoryEntry,
}

/// The last removal, as long as it can be taken back.
pub(super) struct Undo {
    last: Option<UndoOffer>,
    offered_for: Duration,
}

struct UndoOffer {
    sentence: String,
    removal: Removal,
    until: Instant,
}

impl Default for Undo {
    fn default() -> Undo {
        Undo { last: None, offered_for: OFFERED_FOR }
    }
}

impl Undo {
    /// Offers each for so long.
    pub(super) fn offer_for(&mut self, time: Duration) {
        self.offered_for = time;
    }

    /// Offers to take this back, in place of what was removed before.
    pub(super) fn offer(&mut self, sentence: String, removal: Removal) {
        self.last = Some(UndoOffer { sentence, removal, until: Instant::now() + self.offered_for });
    }

    /// Ends the offer; whoever takes the removal takes it back, or makes it final.
    pub(super) fn take(&mut self) -> Option<Removal> {
        self.last.take().map(|offer| offer.removal)
    }

    /// Returns what was removed, in a sentence, and how long it can still be taken back; zero when that is over.
    pub(super) fn offered(&self, now: Instant) -> Option<(&str, Duration)> {
        self.last.as_ref().map(|offer| (offer.sentence.as_str(), offer.until.saturating_duration_since(now)))
    }
}
