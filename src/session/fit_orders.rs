//! Copies that are asked for with an upload: of what is not accepted, and of what is to be stripped.

use std::sync::Arc;

use super::choices::can_be_redirected;
use super::fit_remedies;
use super::uploads::Uploads;
use crate::media::fit::plan;
use crate::model::destination::Destination;
use crate::model::fit::FitWishes;
use crate::model::item::Item;
use crate::model::media::FileFacts;
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

    /// Lets what was not sent to a destination follow its rules, which remove metadata since now. Returns how many files go
    /// as copies for that; those that are still read follow when they are, and those that were not accepted or were cancelled
    /// when they are asked for again.
    pub(super) fn follow_rules(&mut self, to: &Arc<Destination>) -> usize {
        let Some(provider) = provider::by_id(&to.provider) else { return 0 };
        let (limits, tools) = (provider.facts().limits(), self.fits.tools);
        let follows = |item: &&Item| {
            let before = &item.request.destination;
            can_be_redirected(&item.state) && before.is_same_target(to) && !before.fit.wishes.strip
        };
        let following: Vec<_> =
            self.queue.items().iter().filter(follows).map(|item| item.request.id).collect();
        let mut copies = 0;
        for id in following {
            let Some(item) = self.queue.get_mut(id) else { continue };
            item.request.destination = Arc::clone(to);
            let wishes =
                stripped(item, |file, wishes| matches!(plan(file, &limits, wishes, tools), Ok(Some(_))));
            let is_free = item.state == State::Ready;
            let is_pending = item.inspection.is_pending() && item.request.copy.is_none();
            if is_free {
                self.persist_in_queue(id);
            }
            if let Some(wishes) = wishes {
                self.fit(&[id], &wishes);
                copies += 1;
            } else if is_free && is_pending {
                self.inspect(id); // the rules act when it is read
            }
        }
        copies
    }

    /// Counts the files that are on their way to a destination with their location.
    pub(super) fn moving_with_location(&self, to: &Destination) -> usize {
        let moves = |item: &&Item| {
            item.state.is_moving() && item.tells_location() && item.request.destination.is_same_target(to)
        };
        self.queue.items().iter().filter(moves).count()
    }
}

/// Returns how the copy is made that tells nothing of place, camera and author, of a file that waits, by the rules of its
/// destination, where one `can` be made and is wanted.
fn stripped(item: &Item, can: impl Fn(&FileFacts, &FitWishes) -> bool) -> Option<FitWishes> {
    if !matches!(item.state, State::Ready | State::Waiting { .. }) {
        return None;
    }
    let rules = &item.request.destination.fit;
    match &item.request.copy {
        Some(copy) => {
            let keeps = !copy.wishes.strip && (copy.path.is_none() || item.tells_location());
            keeps.then(|| FitWishes { strip: true, ..copy.wishes.clone() })
        }
        None => {
            // What is there already waits to be sent again, which the copy would not have to.
            let wanted = item.earlier.is_none() && (!item.is_blocked() || rules.fit);
            let file = item.facts().filter(|_| wanted)?;
            can(file, &rules.wishes).then(|| rules.wishes.clone())
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::model::item::{Finding, FindingKind, Severity};
    use crate::model::samples;
    use crate::model::upload::Event;
    use crate::session::{Session, Start};
    use crate::store::folders::Folders;
    use crate::store::keys::Keys;

    #[test]
    fn what_moves_with_its_location_is_counted_and_nothing_else() {
        let home = tempfile::tempdir().unwrap();
        let start = Start::new(Folders::inside(home.path()), Keys::in_memory());
        let mut session = Session::start(start, Arc::new(|| {})).unwrap();
        let (now, uploads) = (Timestamp::now(), &mut session.uploads);
        for (provider, tells, moves) in
            [("piapi", true, true), ("piapi", true, false), ("piapi", false, true), ("indream", true, true)]
        {
            let id = uploads.queue.add("a.jpg".into(), samples::destination(provider), now);
            let item = uploads.queue.get_mut(id).unwrap();
            if tells {
                item.findings =
                    vec![Finding::new(Severity::Warning, FindingKind::Location, "Contains location", "")];
            }
            item.apply(Event::Requested, now);
            if moves {
                item.apply(Event::Started, now);
            }
        }
        assert_eq!(uploads.moving_with_location(&samples::destination("piapi")), 1);
    }
}
