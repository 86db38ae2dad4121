//! What was removed, moved or left: offered to be taken back, taken back, or made final.

use std::collections::HashSet;
use std::time::Instant;

use eframe::egui::Context;

use super::action::{Page, Setting};
use super::app::App;
use super::undo::Removal;
use crate::session::api::{Item, State, UploadId};

impl App {
    /// Offers to take back what was done on the page that is shown.
    pub(super) fn offer_undo(&mut self, sentence: String, removal: Removal) {
        self.offer_undo_on(self.pages.shown, sentence, removal);
    }

    /// Returns the same for another page. What holds the disk until it is final is final now.
    pub(super) fn offer_undo_on(&mut self, page: Page, sentence: String, removal: Removal) {
        self.settle_last();
        self.undo.offer(sentence, removal, page);
    }

    /// Makes the last removal final where it holds the disk: copies that are not sent.
    pub(super) fn settle_last(&mut self) {
        if let Some(Removal::Copies(_)) = self.undo.last()
            && let Some(Removal::Copies(left)) = self.undo.take()
        {
            for (_, copy) in left {
                self.session.uploads.forget_copy(Some(&copy));
            }
        }
    }

    /// Makes all that could be taken back final.
    pub(super) fn settle_all(&mut self) {
        self.settle_last();
        self.settle_forgotten();
        while self.undo.take().is_some() {}
    }

    /// Makes it final that uploads were taken out of the history.
    pub(super) fn settle_forgotten(&mut self) {
        self.undo.take_forgotten(None);
        self.session.library.settle_forgotten();
    }

    /// Makes final what was taken out of the history so long ago that it cannot be brought back any more.
    pub(super) fn settle_old(&mut self, now: Instant) {
        let ids = self.undo.take_forgotten(Some(now));
        self.session.library.settle(&ids);
    }

    /// Returns whether the last removal cannot be taken back any more, because its files were sent or removed since.
    pub(super) fn is_settled(&self) -> bool {
        let queue = self.session.uploads.queue();
        let is_ready = |id: &UploadId| queue.get(*id).is_some_and(|item| item.state == State::Ready);
        match self.undo.last() {
            Some(Removal::Added(ids) | Removal::Fitted(ids)) => !ids.iter().any(is_ready),
            Some(Removal::Cancelled(ids)) => {
                // Until it is back from where it was sent, it is still on its way.
                let can_be = |item: &Item| item.state == State::Cancelled || item.state.is_active();
                !ids.iter().any(|id| queue.get(*id).is_some_and(can_be))
            }
            Some(Removal::Redirected(files)) => !files.iter().any(|(id, ..)| is_ready(id)),
            Some(Removal::Copies(left)) => !left.iter().any(|(id, _)| is_ready(id)),
            _ => false,
        }
    }

    /// Takes the last removal back.
    pub(super) fn undo_removal(&mut self, ctx: &Context) {
        if let Some(page) = self.undo.last_page().filter(|page| *page != self.pages.shown) {
            self.go_to(page); // what comes back is seen
        }
        match self.undo.take() {
            Some(Removal::Files(removed)) => {
                let ids: HashSet<_> = removed.items().map(|item| item.request.id).collect();
                self.session.uploads.put_back(removed);
                self.list.show_new(self.session.uploads.queue(), |id| ids.contains(&id));
                self.list.selection.set(ids);
            }
            Some(Removal::Cancelled(ids)) => {
                for id in &ids {
                    self.session.uploads.add_back(*id);
                }
                self.list.selection.set(ids);
            }
            Some(Removal::Waiting(files)) => self.session.stage(files, None),
            Some(Removal::Added(ids)) => {
                let queue = self.session.uploads.queue();
                let before = self.list.cursor_index(queue);
                let is_ready = |id: &UploadId| queue.get(*id).is_some_and(|item| item.state == State::Ready);
                let ready: Vec<_> = ids.into_iter().filter(is_ready).collect();
                let removed = self.session.uploads.remove_items(&ready);
                self.on_removed(ctx, removed, before);
            }
            Some(Removal::Order(ids, before)) => {
                self.session.uploads.restore_order(&before);
                self.list.show_new(self.session.uploads.queue(), |id| ids.contains(&id));
            }
            Some(Removal::Destination(destination, index)) => {
                self.session.keys.restore_destination(destination, index);
            }
            Some(Removal::Template(template, index, is_chosen)) => {
                let restored = Setting::RestoreTemplate(template, index, is_chosen);
                self.session.set(move |settings| restored.apply(settings));
            }
            Some(Removal::Provider(review)) => self.session.providers.restore(review),
            Some(Removal::Fitted(ids)) => {
                for id in ids {
                    let left = self.session.uploads.use_original(id);
                    self.session.uploads.forget_copy(left.as_deref());
                }
            }
            Some(Removal::Redirected(files)) => {
                for (id, destination, copy) in files {
                    let is_ready = |item: &Item| item.state == State::Ready;
                    if self.session.uploads.queue().get(id).is_some_and(is_ready) {
                        self.session.uploads.redirect_items(&[id], &destination);
                        if let Some(copy) = copy {
                            self.session.uploads.restore_copy(id, copy);
                        }
                    }
                }
            }
            Some(Removal::Copies(left)) => {
                for (id, copy) in left {
                    self.session.uploads.restore_copy(id, copy);
                }
            }
            Some(Removal::HistoryEntries(ids)) => {
                self.session.library.unforget(&ids);
                self.pages.history_list.selection.set(ids);
            }
            None => {}
        }
    }
}
