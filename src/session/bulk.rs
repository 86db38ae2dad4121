//! Many files at once: put elsewhere, sent elsewhere, stopped, taken out and put back; and the pause.

use std::sync::Arc;

use jiff::Timestamp;

use super::choices::{can_be_moved, needs_copy};
use super::copy;
use super::fit_remedies::{Stripping, stripping};
use super::next_step::NextStep;
use super::uploads::Uploads;
use crate::model::destination::Destination;
use crate::model::error::FailureKind;
use crate::model::fit::FitWishes;
use crate::model::item::{Item, Recall, Stage};
use crate::model::queue::{Move, Removed};
use crate::model::totals;
use crate::model::upload::{Event, State, UploadId};
use crate::provider;
use crate::store::history::Write;
use crate::store::settings::Settings;

impl Uploads {
    /// Starts nothing new, or goes on. What moves goes on moving.
    pub fn pause(&mut self, paused: bool) {
        self.paused = paused;
        self.engine.pause(paused);
    }

    /// Returns whether nothing new is started.
    pub fn is_paused(&self) -> bool {
        self.paused
    }

    /// Returns how many files were not accepted.
    pub fn failed_count(&self) -> usize {
        self.queue.totals().failed
    }

    /// Sends everything again that was not accepted, in order; how many that are.
    pub fn retry_failed(&mut self) -> usize {
        let failed: Vec<_> =
            self.queue.items().iter().filter(|i| i.is_retryable()).map(|i| i.request.id).collect();
        for id in &failed {
            self.send_again(*id);
        }
        failed.len()
    }

    /// Returns the next file that needs attention: the one behind this one where that needs it, too, else the first.
    pub fn next_attention(&self, after: Option<UploadId>) -> Option<UploadId> {
        let items = self.queue.items();
        let needing = |items: &[Item]| items.iter().find(|i| i.needs_attention()).map(|i| i.request.id);
        let at = after.and_then(|id| self.queue.index(id)).filter(|index| items[*index].needs_attention());
        at.and_then(|index| needing(&items[index + 1..])).or_else(|| needing(items))
    }

    /// Returns the files whose destination has them, with an ID or a link, in order: sent now or before.
    pub fn with_result(&self) -> Vec<UploadId> {
        totals::with_result(self.queue.items()).map(|item| item.request.id).collect()
    }

    /// Lists the files that are at their destination already, or may be, and wait for the user.
    pub fn sent_before(&self) -> Vec<UploadId> {
        let items = self.queue.items().iter().filter(|item| item.is_sent_before());
        items.map(|item| item.request.id).collect()
    }

    /// Returns the next steps, as they were when the session was polled last.
    pub fn next_step(&self) -> &NextStep {
        &self.next_step.1
    }

    /// Finds them again, where the queue has changed.
    pub(super) fn find_next_step(&mut self) {
        if self.next_step.0 != Some(self.queue.revision()) {
            self.next_step = (Some(self.queue.revision()), NextStep::of(self.queue.items()));
        }
    }

    /// Returns what a button is called that copies the results of all of these in the format that is set, where there
    /// are any.
    pub fn copy_label(&self, settings: &Settings) -> Option<String> {
        let results = self.queue.totals().results;
        (results.all > 0).then(|| copy::label_of(settings, results))
    }

    /// Stops files on their way.
    pub fn cancel_items(&mut self, ids: &[UploadId]) {
        for id in ids {
            self.cancel(*id);
        }
    }

    /// Takes files that are not on their way from the queue.
    pub fn remove_items(&mut self, ids: &[UploadId]) -> Removed {
        let ids: std::collections::HashSet<_> = ids.iter().collect();
        self.remove_all(|item| ids.contains(&item.request.id))
    }

    /// Takes every finished file from the queue.
    pub fn clear_finished(&mut self) -> Removed {
        self.remove_all(Item::is_clearable)
    }

    fn remove_all(&mut self, gone: impl FnMut(&Item) -> bool) -> Removed {
        let removed = self.queue.remove(gone);
        let ids: Vec<_> = removed.items().map(|item| item.request.id).collect();
        if !self.batch.sizes.is_empty() {
            let uploaded = removed.items().filter(|item| item.state.receipt().is_some());
            self.batch.taken_out.extend(uploaded.map(|item| item.request.id));
            for item in removed.items().filter(|item| item.state == State::Cancelled) {
                self.batch.sizes.entry(item.request.id).and_modify(|size| *size = 0);
            }
        }
        for item in removed.items() {
            self.leave_copy(item.request.id, item.request.copy.as_deref());
        }
        if !ids.is_empty() && !self.terminal {
            self.history.write(Write::Unqueued(ids));
        }
        removed
    }

    /// Puts back what was taken from the queue, as it was.
    pub fn put_back(&mut self, removed: Removed) {
        let ids: Vec<_> = removed.items().map(|item| item.request.id).collect();
        self.queue.put_back(removed);
        self.batch.taken_out.retain(|id| self.queue.get(*id).is_none());
        let items: Vec<_> = ids.iter().filter_map(|id| self.queue.get(*id)).collect();
        // A copy went when its file was taken out, and is made anew.
        let needs_look =
            |item: &Item| item.facts().is_none() || item.request.copy.is_some() && item.state == State::Ready;
        let unknown: Vec<_> = items.iter().filter(|i| needs_look(i)).map(|i| i.request.id).collect();
        let all = items.iter().map(|item| (item.request.clone(), item.state.clone())).collect();
        if !self.terminal {
            self.history.write(Write::Requeued(all));
            self.write_order(); // what was only staged is a new row
        }
        for id in unknown {
            self.inspect(id);
        }
    }

    /// Puts those of the files that can be moved elsewhere in the queue; what waits starts in that order. Returns the order
    /// of before, where anything moved.
    pub fn move_items(&mut self, ids: &[UploadId], to: Move) -> Option<Vec<UploadId>> {
        let can = |id: &&UploadId| self.queue.get(**id).is_some_and(can_be_moved);
        let ids: Vec<_> = ids.iter().filter(can).copied().collect();
        let before = self.queue.items().iter().map(|item| item.request.id).collect();
        self.queue.move_items(&ids, to).then(|| {
            self.on_ordered();
            before
        })
    }

    /// Brings the queue back into an order of before.
    pub fn restore_order(&mut self, before: &[UploadId]) {
        self.queue.restore_order(before);
        self.on_ordered();
    }

    /// Has what waits start in the order that the queue has now.
    fn on_ordered(&mut self) {
        self.has_custom_order = true;
        self.write_order();
        self.order_waiting();
    }

    /// Starts what waits in the order of the queue, whenever it was requested.
    pub(super) fn order_waiting(&mut self) {
        self.is_engine_order_stale = false;
        let waiting = |item: &&Item| matches!(item.state, State::Waiting { .. });
        self.engine.order(self.queue.items().iter().filter(waiting).map(|item| item.request.id).collect());
    }

    /// Writes down the order of a queue that was brought into one of its own, and comes back in it.
    pub(super) fn write_order(&self) {
        if self.has_custom_order && !self.terminal {
            self.history.write(Write::Order(self.queue.items().iter().map(|item| item.request.id).collect()));
        }
    }

    /// Sends files that are not being sent somewhere else. Those that were asked for are sent there by themselves.
    pub fn redirect_items(&mut self, ids: &[UploadId], destination: &Arc<Destination>) {
        for id in ids {
            let Some(item) = self.queue.get_mut(*id) else { continue };
            match (&item.state, &mut item.stage) {
                (State::Waiting { .. }, Stage::Submitted { recall, .. }) => {
                    if *recall != Some(Recall::Cancel) {
                        *recall = Some(Recall::Redirect(Arc::clone(destination)));
                    }
                    self.engine.withdraw(*id);
                }
                (State::Waiting { .. }, _) => self.set_destination(*id, destination),
                _ => {
                    item.apply(Event::Requeued, Timestamp::now());
                    if item.state == State::Ready {
                        self.set_destination(*id, destination);
                    }
                }
            }
        }
    }

    /// Gives files another destination, too; those that it accepts only as a copy get one.
    pub fn redirect_with_copies(&mut self, ids: &[UploadId], destination: &Arc<Destination>) {
        let items = ids.iter().filter_map(|id| self.queue.get(*id));
        let in_need = items.filter(|item| {
            item.request.destination != *destination
                && item.original_facts().is_some_and(|file| needs_copy(&file, destination))
        });
        let in_need: Vec<_> = in_need.map(|item| item.request.id).collect();
        self.redirect_items(ids, destination);
        self.fit(&in_need, &destination.fit.wishes);
    }

    /// Sends a file again that was refused for its metadata, to the same place: the provider takes them out, or Hoist does in
    /// a copy, as the destination is set. Only this file; the destination stays as it was set.
    pub fn strip_and_send(&mut self, id: UploadId) {
        let Some(item) = self.queue.get_mut(id) else { return };
        if !matches!(&item.state, State::Refused(f) if f.kind == FailureKind::Provenance) {
            return;
        }
        let mut destination = (*item.request.destination).clone();
        match stripping(item) {
            Some(Stripping::Provider) => {
                let spec = provider::by_id(&destination.provider).map(|p| p.facts());
                if spec.is_some_and(|spec| spec.strip(&mut destination.options)) {
                    item.request.destination = Arc::new(destination);
                    self.send_again(id);
                }
            }
            Some(Stripping::Hoist) => {
                self.fit(&[id], &FitWishes { strip: true, ..destination.fit.wishes });
                if let Some(item) = self.queue.get_mut(id) {
                    item.stage = Stage::UploadWhenFitted; // as soon as the copy is there
                }
            }
            None => {}
        }
    }

    /// Readies what was held for want of a key that is given anew: it is sent when Upload is pressed.
    pub(super) fn add_back_for_key(&mut self, key: &str) {
        let held = |item: &&Item| {
            let failure = item.state.failure().filter(|_| matches!(item.state, State::Held(_)));
            let wants =
                |kind| matches!(kind, FailureKind::WrongKey | FailureKind::NoKey | FailureKind::Keyring);
            item.request.destination.key == key && failure.is_some_and(|failure| wants(failure.kind))
        };
        let held: Vec<_> = self.queue.items().iter().filter(held).map(|item| item.request.id).collect();
        for id in held {
            self.add_back(id);
        }
    }

    fn set_destination(&mut self, id: UploadId, destination: &Arc<Destination>) {
        if let Some(item) = self.queue.get_mut(id) {
            item.request.destination = Arc::clone(destination);
            item.earlier = None;
            item.wanted_again = false;
            item.fit_problem = None;
            // What fits there may be another copy, or none.
            if let Some(copy) = item.request.copy.take() {
                item.request.facts = None;
                self.leave_copy(id, Some(&copy));
            }
            self.fits.forget_choice(id);
            self.persist_in_queue(id);
            self.inspect(id); // it may be at that one already
        }
    }

    /// Takes a file that the engine gave back: it goes to the other destination, or as a copy, unless it was cancelled since.
    pub(super) fn on_withdrawn(&mut self, id: UploadId) {
        let Some(item) = self.queue.get_mut(id) else { return };
        item.apply(Event::Withdrawn, Timestamp::now());
        item.apply(Event::Requested, Timestamp::now());
        match item.end_submission() {
            (_, Some(Recall::Redirect(destination))) => self.redirect(id, &destination),
            (_, Some(Recall::Fit(wishes))) => self.fit_asked(id, &wishes),
            _ => self.cancel_unsent(id),
        }
    }

    /// Sends a requested file to another destination, as soon as it is inspected for that.
    pub(super) fn redirect(&mut self, id: UploadId, destination: &Arc<Destination>) {
        if let Some(item) = self.queue.get_mut(id) {
            item.stage = Stage::Rechecking { changes: 0 };
        }
        self.set_destination(id, destination);
        self.persist(id);
    }

    /// Sends those of these files of which a copy is being made as soon as that is there: they were asked for.
    pub fn upload_when_fitted(&mut self, ids: &[UploadId]) {
        for id in ids {
            if let Some(item) = self.queue.get_mut(*id).filter(|item| item.state == State::Ready)
                && item.inspection.is_pending()
            {
                item.stage = Stage::UploadWhenFitted;
            }
        }
    }

    /// Sends a file that was just added without being asked, where that is set, or one whose copy was waited for.
    pub(super) fn auto_upload(&mut self, id: UploadId) {
        let Some(item) = self.queue.get_mut(id) else { return };
        let is_asked = item.stage == Stage::UploadWhenFitted;
        if !is_asked && item.stage != Stage::AutoUpload || item.inspection.is_pending() {
            return;
        }
        // Once: what stops it now, is there already, or tells where it was taken, is the user's to judge.
        item.stage = Stage::Idle;
        // Nor does one go as it is of which the copy that was asked for could not be made.
        let is_as_seen = if is_asked { item.fit_problem.is_none() } else { !item.tells_location() };
        if item.is_sendable() && is_as_seen {
            item.once = !item.wanted_again;
            self.send(id);
        }
    }
}
