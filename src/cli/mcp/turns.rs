//! Files of a call in turn: agents name a file twice, and call twice at once. What may have the content of a file that is on
//! its way waits for that, and is then compared with the history.

use std::collections::{BTreeMap, HashSet};

use jiff::Timestamp;

use crate::session::Session;
use crate::session::api::{Item, State, UploadId};

/// The files of a call that are not requested yet.
pub(super) struct FileTurns {
    waiting: Vec<UploadId>,
    /// Those that waited for another, and are compared once more.
    held: HashSet<UploadId>,
    /// When the same content was sent before.
    pub(super) sent_before: BTreeMap<UploadId, Timestamp>,
}

impl FileTurns {
    /// Returns the turns of files that have been inspected.
    pub(super) fn new(ids: &[UploadId]) -> FileTurns {
        FileTurns { waiting: ids.to_vec(), held: HashSet::new(), sent_before: BTreeMap::new() }
    }

    /// Returns whether every file had its turn.
    pub(super) fn are_over(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Returns whether a file has not had its turn.
    pub(super) fn is_waiting(&self, id: UploadId) -> bool {
        self.waiting.contains(&id)
    }

    /// Requests the files whose turn it is. What was sent before is not sent again.
    pub(super) fn advance(&mut self, session: &mut Session) {
        let held = &mut self.held;
        let sent_before = &mut self.sent_before;
        self.waiting.retain(|&id| {
            let Some(item) = session.uploads.queue().get(id).filter(|item| item.state == State::Ready) else {
                return false;
            };
            if item.inspection.is_pending() {
                return true;
            }
            if let Some(earlier) = &item.earlier {
                sent_before.insert(id, earlier.requested);
                session.uploads.use_previous(id);
                return false;
            }
            if item.is_sendable()
                && session.uploads.queue().items().iter().any(|other| may_be_same(item, other))
            {
                held.insert(id);
                return true;
            }
            if held.remove(&id) {
                session.uploads.inspect(id);
                return true;
            }
            session.uploads.upload(&[id]);
            false
        });
    }
}

/// Returns whether another file, on its way to the same account, may have the same content. One whose ID is known is in the
/// history.
fn may_be_same(item: &Item, other: &Item) -> bool {
    let size = |item: &Item| item.facts().map(|facts| facts.size);
    let is_on_its_way = other.state.is_active() || other.awaits_late_reply();
    item.request.id != other.request.id
        && is_on_its_way
        && other.state.receipt().is_none()
        && size(item) == size(other)
        && item.request.destination.account_id() == other.request.destination.account_id()
}
