//! What is not sent, since the history cannot be written: the user is asked once for a batch.

use super::uploads::Uploads;
use crate::model::error::FailureKind;
use crate::model::item::Item;
use crate::model::upload::{State, UploadId};

impl Uploads {
    /// Takes a file that was not sent, since the history cannot be written. A window asks once for the batch; a
    /// terminal was told beforehand.
    pub(super) fn on_unrecorded(&mut self, id: UploadId) {
        match self.batch.without_history {
            _ if self.terminal => {}
            Some(true) => self.send_again(id), // it was asked for before the answer
            Some(false) => {}
            None if self.batch.unrecorded.contains(&id) => {}
            None => self.batch.unrecorded.push(id),
        }
    }

    /// Returns how many files were not sent, since the history cannot be written, and the user was not asked about that
    /// yet.
    pub fn unrecorded(&self) -> usize {
        self.batch.unrecorded.iter().filter(|id| self.waits_for_history(**id)).count()
    }

    fn waits_for_history(&self, id: UploadId) -> bool {
        let state = self.queue.get(id).map(|item| &item.state);
        matches!(state, Some(State::Held(failure)) if failure.kind == FailureKind::NoHistory)
    }

    /// Sends this batch though the history cannot be written: what was not sent for that, and what comes.
    pub fn send_without_history(&mut self) {
        self.batch.without_history = Some(true);
        for id in std::mem::take(&mut self.batch.unrecorded) {
            if self.waits_for_history(id) {
                self.send_again(id);
            }
        }
    }

    /// Leaves in the queue what was not sent, and sends nothing else of this batch without the history either.
    pub fn wait_for_history(&mut self) {
        self.batch.unrecorded.clear();
        self.batch.without_history = Some(false).filter(|_| !self.batch.ids.is_empty());
    }

    /// Returns whether a file was sent, and what became of it is not in the history.
    pub fn is_unrecorded(&self, item: &Item) -> bool {
        let sent = item.state.receipt().is_some() || matches!(item.state, State::Unknown(_));
        sent && self.history.is_missing(item.request.id)
    }
}
