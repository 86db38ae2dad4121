//! What was removed or moved, and can be taken back, the last first. A toast offers it for a while.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::action::Page;
use crate::session::api::{CopyTemplate, Destination, FittedCopy, UploadId};
use crate::session::{ProviderReview, Removed};

/// So many can be taken back.
const MAX_OFFERS: usize = 50;

/// How long it is offered, unless another time is given.
const OFFERED_FOR: Duration = Duration::from_secs(8);

/// How long after that uploads that were taken from the history can still be brought back: then they are forgotten for good.
const KEPT_FOR: Duration = Duration::from_mins(10);

/// What can be taken back.
pub(super) enum Removal {
    /// These files were added.
    Added(Vec<UploadId>),
    /// Files were taken from the queue.
    Files(Removed),
    /// These files were cancelled.
    Cancelled(Vec<UploadId>),
    /// These files did not wait for a destination any more.
    Waiting(Vec<PathBuf>),
    /// These files of the queue were put elsewhere; that was its order before.
    Order(Vec<UploadId>, Vec<UploadId>),
    /// A destination was forgotten; it stood at this index.
    Destination(Destination, usize),
    /// A template was removed; it stood at this index, and was the chosen one or not.
    Template(CopyTemplate, usize, bool),
    /// The file of a provider was removed.
    Provider(ProviderReview),
    /// Copies of these files were made, to go in their place.
    Fitted(Vec<UploadId>),
    /// These files were to go elsewhere before, some of them as copies.
    Redirected(Vec<(UploadId, Arc<Destination>, Option<Arc<FittedCopy>>)>),
    /// These files were to be sent as copies, which are kept as long as that can be taken back.
    Copies(Vec<(UploadId, Arc<FittedCopy>)>),
    /// These uploads were taken from the history.
    HistoryEntries(Vec<UploadId>),
}

/// What can be taken back, the last at the end.
pub(super) struct Undo {
    offers: Vec<UndoOffer>,
    count: u64,
    offered_for: Duration,
    kept_for: Duration,
}

struct UndoOffer {
    /// The how many-th it is.
    number: u64,
    sentence: String,
    removal: Removal,
    /// Where it was done.
    page: Page,
    until: Instant,
}

impl Default for Undo {
    fn default() -> Undo {
        Undo { offers: vec![], count: 0, offered_for: OFFERED_FOR, kept_for: KEPT_FOR }
    }
}

impl Undo {
    /// Offers each for so long, and keeps what is taken from the history for so long after that.
    pub(super) fn offer_for(&mut self, time: Duration, kept_for: Duration) {
        (self.offered_for, self.kept_for) = (time, kept_for);
    }

    /// Offers to take back what was done on this page, and after that what was done before.
    pub(super) fn offer(&mut self, sentence: String, removal: Removal, page: Page) {
        self.count += 1;
        if self.offers.len() == MAX_OFFERS {
            self.offers.remove(0);
        }
        let (number, until) = (self.count, Instant::now() + self.offered_for);
        self.offers.push(UndoOffer { number, sentence, removal, page, until });
    }

    /// Lets something be taken back that is no removal, and that no toast offers.
    pub(super) fn note(&mut self, done: Removal, page: Page) {
        self.offer(String::new(), done, page);
        if let Some(last) = self.offers.last_mut() {
            last.until = Instant::now();
        }
    }

    /// Returns the order before these files were moved, where that can still be taken back: moving them on is one move.
    pub(super) fn order_before(&mut self, moved: &[UploadId]) -> Option<Vec<UploadId>> {
        match &mut self.offers.last_mut()?.removal {
            Removal::Order(ids, before) if ids == moved => Some(std::mem::take(before)),
            _ => None,
        }
    }

    /// Returns what was removed or moved last.
    pub(super) fn last(&self) -> Option<&Removal> {
        self.offers.last().map(|offer| &offer.removal)
    }

    /// Returns where that was done.
    pub(super) fn last_page(&self) -> Option<Page> {
        self.offers.last().map(|offer| offer.page)
    }

    /// Forgets it; whoever takes the removal takes it back, or makes it final.
    pub(super) fn take(&mut self) -> Option<Removal> {
        self.offers.pop().map(|offer| offer.removal)
    }

    /// Returns when something changes next that time alone changes: the last removal's toast goes, or one of the history is
    /// final.
    pub(super) fn left(&self, now: Instant) -> Option<Duration> {
        let toast = self.offers.last().map(|last| last.until);
        let toast = toast.filter(|until| *until > now);
        let of_history =
            self.offers.iter().filter(|offer| matches!(offer.removal, Removal::HistoryEntries(_)));
        let next = of_history.map(|offer| offer.until + self.kept_for).chain(toast).min()?;
        Some(next.saturating_duration_since(now))
    }

    /// Forgets removals from the history, all of them, or those that are final at a moment; returns what they took out.
    pub(super) fn take_forgotten(&mut self, at: Option<Instant>) -> Vec<UploadId> {
        let kept_for = self.kept_for;
        let mut taken = vec![];
        self.offers.retain_mut(|offer| match &mut offer.removal {
            Removal::HistoryEntries(ids) if at.is_none_or(|at| offer.until + kept_for <= at) => {
                taken.append(ids);
                false
            }
            _ => true,
        });
        taken
    }

    /// Returns what was removed on a page, in a sentence, and the how many-th removal it was.
    pub(super) fn offered_on(&self, page: Page) -> Option<(u64, &str)> {
        let is_shown = |offer: &&UndoOffer| offer.page == page && offer.until > Instant::now();
        let offer = self.offers.last().filter(is_shown)?;
        Some((offer.number, offer.sentence.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_toast_offers_any_more_can_still_be_taken_back() {
        let mut undo = Undo::default();
        let offer = |undo: &mut Undo| {
            undo.offer("1 file moved".to_owned(), Removal::Order(vec![], vec![]), Page::Upload);
        };
        offer(&mut undo);
        assert!(undo.offered_on(Page::Upload).is_some() && undo.offered_on(Page::History).is_none());
        undo.offer_for(Duration::ZERO, KEPT_FOR);
        offer(&mut undo);
        assert!(undo.offered_on(Page::Upload).is_none());
        assert_eq!(undo.left(Instant::now()), None, "nothing changes by time any more");
        assert!(matches!(undo.take(), Some(Removal::Order(..))) && undo.last().is_some(), "the one before");
        assert!(undo.offered_on(Page::Upload).is_some(), "whose toast still has its time");
        assert!(matches!(undo.take(), Some(Removal::Order(..))) && undo.last().is_none());
        for _ in 0..2 * MAX_OFFERS {
            offer(&mut undo);
        }
        assert_eq!(std::iter::from_fn(|| undo.take()).count(), MAX_OFFERS);
    }

    #[test]
    fn what_was_taken_from_the_history_is_final_some_time_after_its_toast_is_gone() {
        let mut undo = Undo::default();
        let forgotten = |n| Removal::HistoryEntries(vec![UploadId(n)]);
        undo.offer("Removed from the history".to_owned(), forgotten(1), Page::History);
        let now = Instant::now();
        assert!(undo.left(now).unwrap() <= OFFERED_FOR, "the toast goes first");
        let left = undo.left(now + OFFERED_FOR).unwrap();
        assert!(left > Duration::ZERO && left <= KEPT_FOR, "{left:?}");
        // Each by itself, whatever was removed since.
        undo.offer_for(OFFERED_FOR, KEPT_FOR);
        undo.offer("1 file moved".to_owned(), Removal::Order(vec![], vec![]), Page::Upload);
        assert_eq!(undo.take_forgotten(Some(now + KEPT_FOR)), [], "not yet");
        let end = now + OFFERED_FOR + KEPT_FOR;
        undo.offer("Removed from the history".to_owned(), forgotten(2), Page::History);
        undo.offers[2].until = end;
        assert_eq!(undo.take_forgotten(Some(end)), [UploadId(1)]);
        assert!(matches!(undo.take(), Some(Removal::HistoryEntries(ids)) if ids == [UploadId(2)]));
        assert!(matches!(undo.take(), Some(Removal::Order(..))) && undo.last().is_none());
    }
}
