//! Whether the same content was sent before: the queue's files compared with the history, and what the user makes of it.

use jiff::Timestamp;

use super::Session;
use super::library::HistoryReply;
use crate::media::hash::HashedContent;
use crate::model::item::{Inspection, Item};
use crate::model::media::FileFacts;
use crate::model::record::PreviousUpload;
use crate::model::upload::UploadId;

impl Session {
    /// Takes what a worker found in a file, and compares it with what was sent before.
    pub(super) fn on_inspected(&mut self, id: UploadId, inspection: Inspection) {
        if self.uploads.fit_unasked(id, &inspection) {
            return;
        }
        if let Some(facts) = self.uploads.on_inspected(id, inspection) {
            self.compare(id, facts);
        }
        // Where the history cannot be read, it may have been sent before.
        if self.library.unreadable.is_none() {
            self.uploads.auto_upload(id);
        }
    }

    /// Takes the content of a file, or that it cannot be read: whoever sends it will say so.
    pub(super) fn on_hashed(&mut self, id: UploadId, content: Option<HashedContent>) {
        match self.uploads.compared_with_added(id, content) {
            Some(facts) => self.on_inspected(id, Inspection::Ready(facts)),
            None => self.compare_with_sent(id, content),
        }
        self.uploads.on_hashed(id, content);
    }

    /// Has it found out whether the same content is at the destination already; the file counts as pending until then.
    fn compare(&mut self, id: UploadId, facts: FileFacts) {
        let Some(item) = self.uploads.queue.get_mut(id).filter(|_| self.library.unreadable.is_none()) else {
            return;
        };
        let (size, destination) = (facts.size, item.request.destination.clone());
        item.inspection = Inspection::ComparingWithSent(facts);
        self.library.reader.ask(move |reader| {
            HistoryReply::of(reader.has_size(size, &destination), |there| HistoryReply::Size(id, there))
        });
    }

    /// Compares the content of a file with what was sent. One that cannot be read is left to whoever sends it.
    fn compare_with_sent(&mut self, id: UploadId, content: Option<HashedContent>) {
        let Some(item) = self.uploads.queue.get(id) else { return };
        let Inspection::ComparingWithSent(facts) = &item.inspection else { return };
        match content.filter(|content| content.is_of(facts)) {
            Some(HashedContent { hash, .. }) => {
                let (size, destination) = (facts.size, item.request.destination.clone());
                self.library.reader.ask(move |reader| {
                    let earlier = reader.earlier(size, &hash, &destination, Timestamp::now());
                    HistoryReply::of(earlier, |earlier| HistoryReply::Earlier(id, earlier))
                });
            }
            None => self.compared(id, None),
        }
    }

    pub(super) fn compared(&mut self, id: UploadId, earlier: Option<PreviousUpload>) {
        if let Some(item) = self.uploads.queue.get_mut(id)
            && item.end_comparison()
        {
            item.earlier = earlier.filter(|_| !item.wanted_again);
            self.uploads.auto_upload(id);
        }
    }

    /// Lets no file wait for a comparison that will not come. None of them goes by itself: it may have been sent before.
    pub(super) fn give_up_comparing(&mut self) {
        let all: Vec<_> = self.uploads.queue.items().iter().map(|item| item.request.id).collect();
        for id in all {
            self.uploads.queue.get_mut(id).map(Item::end_comparison);
        }
    }
}
