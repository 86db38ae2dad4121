//! What was removed last, and can be taken back for a while.

use std::time::{Duration, Instant};

use crate::model::destination::Destination;
use crate::session::Removed;

/// How long it can be undone, unless another time is given.
pub(super) const FOR: Duration = Duration::from_secs(8);

/// What was done.
pub(super) enum Done {
    /// Files were taken from the queue.
    Removed(Removed),
    /// A destination was forgotten; it stood at this place.
    Destination(Destination, usize),
    /// An upload was taken from the history.
    Forgotten,
}

/// Something that can be undone until then.
pub(super) struct Undo {
    pub(super) words: String,
    pub(super) done: Done,
    until: Instant,
}

impl Undo {
    pub(super) fn new(words: String, done: Done, until: Instant) -> Undo {
        Undo { words, done, until }
    }

    /// How long it can still be undone.
    pub(super) fn time_left(&self, now: Instant) -> Option<Duration> {
        self.until.checked_duration_since(now).filter(|left| !left.is_zero())
    }
}
