//! Contents of staged files: hashed when nothing else is to be done, and compared where a restored file was touched.
//!
//! Its time says that a file was written, and not what: programs that index, back up or synchronise touch files, and a
//! render that is repeated has the same size, type and pixels as before.

use super::uploads::Uploads;
use crate::media::hash::HashedContent;
use crate::model::item::{Inspection, Item, Stage};
use crate::model::media::FileFacts;
use crate::model::upload::{State, UploadId};
use crate::store::history::Write;

/// So many are given to the workers at once: the window wakes for all of them together.
const MAX_AT_ONCE: usize = 256;

impl Uploads {
    /// Has the content of a restored file compared with what was added, where only that can say whether it is the same.
    /// True where the result is still to come.
    pub(super) fn compare_with_added(&mut self, id: UploadId, found: &Inspection) -> bool {
        let (Some(item), Inspection::Ready(facts)) = (self.queue.get_mut(id), found) else { return false };
        if item.content_to_compare(facts).is_none() || matches!(item.stage, Stage::Rechecking { .. }) {
            return false;
        }
        item.inspection = Inspection::ComparingWithAdded(facts.clone());
        self.workers.hash(id, item.request.source().to_owned());
        true
    }

    /// Compares a hashed content with what an earlier run added; true where that was what it was hashed for.
    pub(super) fn compared_with_added(
        &mut self,
        id: UploadId,
        content: Option<HashedContent>,
    ) -> Option<FileFacts> {
        let item = self.queue.get_mut(id)?;
        let Inspection::ComparingWithAdded(facts) = item.inspection.clone() else { return None };
        let content = content.filter(|content| content.is_of(&facts));
        if item.restored.and_then(|then| then.content) == content.map(|content| content.hash) {
            item.accept_change(); // it was only touched
        }
        Some(facts)
    }

    /// Writes down a content that was hashed, and goes on with the next.
    pub(super) fn on_hashed(&mut self, id: UploadId, content: Option<HashedContent>) {
        if let Some(content) = content {
            self.keep_content(id, content);
        }
        self.hashing.current.remove(&id);
        self.hash_next();
    }

    /// Wants the content of a staged file, so that a later run knows whether it is still the same. A terminal's files are in
    /// no queue that comes back.
    pub(super) fn want_content(&mut self, id: UploadId) {
        if !self.terminal {
            self.hashing.staged.insert(id);
            self.hash_next();
        }
    }

    /// Leaves the content of a file that is asked for: it is hashed while it is sent.
    pub(super) fn unwant_content(&mut self, id: UploadId) {
        self.hashing.staged.remove(&id);
        if self.hashing.current.remove(&id) {
            self.workers.unwant_hash(id);
            self.hash_next();
        }
    }

    fn hash_next(&mut self) {
        let hashing = &mut self.hashing;
        if !hashing.current.is_empty() {
            return;
        }
        let mut files = vec![];
        while files.len() < MAX_AT_ONCE
            && let Some(id) = hashing.staged.pop_first()
        {
            if let Some(item) = self.queue.get(id).filter(|item| item.state == State::Ready) {
                hashing.current.insert(id);
                files.push((id, item.request.source().to_owned()));
            }
        }
        self.workers.hash_when_idle(files);
    }

    /// Writes down the content of a staged file.
    fn keep_content(&mut self, id: UploadId, content: HashedContent) {
        let staged =
            |item: &&Item| item.state == State::Ready && item.restored.is_none() && item.request.queued;
        let Some(item) = self.queue.get(id).filter(staged) else { return };
        if item.inspection.found().is_some_and(|facts| content.is_of(facts)) {
            self.hashing.staged.remove(&id);
            self.history.write(Write::Staged(item.request.clone(), content.hash));
        }
    }
}

/// Returns whether the history has the content of a file that is as it was added.
pub(super) fn is_kept(item: &Item) -> bool {
    item.restored.is_some_and(|then| then.content.is_some()) && !item.has_changed()
}
