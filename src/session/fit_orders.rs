//! Copies that are asked for with an upload: of what is not accepted, and of what is to be stripped.

use std::sync::Arc;

use super::fit_remedies;
use super::uploads::Uploads;
use crate::media::fit::plan;
use crate::model::destination::Destination;
use crate::model::fit::FitWishes;
use crate::model::item::Item;
use crate::model::upload::{State, UploadId};
use crate::provider;

impl Uploads {
    /// Makes copies of those of these files that are stopped by what a plan answers, by the rules of their destination.
    /// `strip`: also of the others, without what tells of place, camera and author.
    pub fn fit_for_upload(&mut self, ids: &[UploadId], strip: bool) {
        for id in ids {
            let Some(item) = self.queue.get(*id) else { continue };
            let is_stopped = fit_remedies::fix(item).is_some();
            let is_unfitted = !item.is_blocked() && item.request.copy.is_none();
            let rules = &item.request.destination.fit.wishes;
            let wishes = FitWishes { strip: strip || rules.strip, ..rules.clone() };
            if is_stopped || (strip && is_unfitted) {
                self.fit(&[*id], &wishes);
            }
        }
    }

    /// Lets what waits for a destination follow its rules, which remove metadata since now. Returns how many files go as
    /// copies for that; those that are still read follow when they are.
    pub(super) fn follow_rules(&mut self, to: &Arc<Destination>) -> usize {
        let Some(provider) = provider::by_id(&to.provider) else { return 0 };
        let (limits, tools) = (provider.facts().limits(), self.fits.tools);
        let waits = |item: &&Item| {
            let before = &item.request.destination;
            let is_free = item.state == State::Ready && item.request.copy.is_none();
            is_free && before.is_same_target(to) && !before.fit.wishes.strip
        };
        let waiting: Vec<_> = self.queue.items().iter().filter(waits).map(|item| item.request.id).collect();
        let mut with_copy = vec![];
        for id in waiting {
            let Some(item) = self.queue.get_mut(id) else { continue };
            item.request.destination = Arc::clone(to);
            // What is there already waits to be sent again, which the copy would not have to.
            let wanted = item.earlier.is_none() && (!item.is_blocked() || to.fit.fit);
            let can = |file| matches!(plan(file, &limits, &to.fit.wishes, tools), Ok(Some(_)));
            let is_pending = item.inspection.is_pending();
            if !is_pending && wanted && item.facts().is_some_and(can) {
                with_copy.push(id);
            }
            self.persist_in_queue(id);
            if is_pending {
                self.inspect(id); // the rules act when it is read
            }
        }
        self.fit(&with_copy, &to.fit.wishes);
        with_copy.len()
    }

    /// Counts the files that tell their location, were asked for, and wait to be sent to a destination as they are.
    pub(super) fn waiting_with_location(&self, to: &Destination) -> usize {
        let waits = |item: &&Item| {
            let is_asked_for = matches!(item.state, State::Waiting { .. }) && item.tells_location();
            is_asked_for && item.request.destination.is_same_target(to)
        };
        self.queue.items().iter().filter(waits).count()
    }
}
