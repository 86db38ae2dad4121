//! What is selected in the history, as the store knows it: uploads far off screen are selected, too.

use std::time::Instant;

use crate::session::HistorySelection;
use crate::session::api::{Timeline, UploadId};
use crate::ui::selection::Selection;

/// What is known of the selection, and what is being asked.
#[derive(Default)]
pub(super) struct PickedUploads {
    known: HistorySelection,
    /// What was selected, and in which state of the history, when it was asked last.
    asked: Option<(u64, u64)>,
    number: u64,
    waiting_since: Option<Instant>,
}

impl PickedUploads {
    /// Decides what to ask of the selection now, where it is another one or the history is.
    pub(super) fn question(
        &mut self,
        selection: &Selection,
        timeline: &Timeline,
        answers: u64,
        now: Instant,
    ) -> Option<(u64, Vec<UploadId>)> {
        let wanted = Some((selection.revision(), answers));
        if self.asked == wanted {
            return None;
        }
        self.asked = wanted;
        self.number += 1;
        if selection.len() == 0 {
            self.known = HistorySelection::default();
            self.waiting_since = None;
            return None;
        }
        self.waiting_since = Some(now);
        Some((self.number, selection.in_order(timeline)))
    }

    /// Takes in an answer, unless something else is selected by now.
    pub(super) fn answered(&mut self, selection: HistorySelection) {
        if selection.number == self.number {
            self.known = selection;
            self.waiting_since = None;
        }
    }

    /// Returns what is selected, as of the last answer.
    pub(super) fn known(&self) -> &HistorySelection {
        &self.known
    }

    /// Returns whether anything is known of a selection.
    pub(super) fn is_known(&self) -> bool {
        self.known.number > 0
    }

    /// Returns since when an answer is awaited.
    pub(super) fn asked_at(&self) -> Option<Instant> {
        self.waiting_since
    }
}
