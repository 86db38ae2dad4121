//! What files look like: asked for when they are on screen, and left when they are not any more.

use std::path::PathBuf;

use super::uploads::Uploads;
use crate::media::part::ComparedView;
use crate::model::item::Item;
use crate::model::media::{FileFacts, Kind};
use crate::model::upload::UploadId;

impl Uploads {
    /// Returns the facts of which a picture of a file is made: a copy looks the same, and is gone when it was sent.
    fn pictured(&self, id: UploadId) -> Option<FileFacts> {
        let item = self.queue.get(id)?;
        let original = item.request.copy.as_ref().and_then(|copy| copy.original_facts(&item.request.path));
        original.or_else(|| item.inspection.found().cloned())
    }

    /// Asks for a small picture of a file; it comes with `Update`.
    pub fn want_picture(&self, id: UploadId, side: u32) {
        if let Some(facts) = self.pictured(id) {
            self.workers.picture(id, facts, side);
        }
    }

    /// Withdraws the request for a thumbnail: the file is not on screen any more.
    pub fn unwant_picture(&self, id: UploadId) {
        self.workers.unwant_picture(id);
    }

    /// Asks for a large picture within so many pixels, or the waveform of sound; it comes with `Update`.
    pub fn want_preview(&self, id: UploadId, within: (u32, u32)) {
        if let Some(facts) = self.pictured(id) {
            self.workers.preview(id, facts, within);
        }
    }

    /// Asks what a file and the copy that goes in its place look like; it comes with `Update`, each by its path.
    /// `copy_only`: that of the file is there.
    pub fn want_compared(&self, item: &Item, view: ComparedView, copy_only: bool) {
        let Some(copy) = &item.request.copy else { return };
        let path = &item.request.path;
        if let Some(original) = copy.original_facts(path).filter(|_| !copy_only) {
            self.workers.compare(original, view, path);
        }
        if let Some(made) = item.facts() {
            self.workers.compare(made.clone(), view, path);
        }
    }

    /// Asks what a file tells of itself; it comes with `Update`.
    pub fn want_details(&self, id: UploadId) {
        if let Some(facts) = self.queue.get(id).and_then(|item| item.facts()) {
            self.workers.details(id, facts.clone());
        }
    }

    /// Withdraws the request for a preview of a file that is not in the panel any more.
    pub fn unwant_preview(&self, id: UploadId) {
        self.workers.unwant_preview(id);
    }

    /// Keeps a small picture of an image or a video that was sent.
    pub(super) fn keep_picture(&self, id: UploadId, file: PathBuf) {
        let Some(facts) = self.pictured(id) else { return };
        let kind = facts.recognised.media().map(|media| media.kind());
        if matches!(kind, Some(Kind::Image | Kind::Video)) {
            self.workers.keep_picture(facts, file);
        }
    }
}
