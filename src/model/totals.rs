//! What all files of a queue come to.

use std::collections::HashSet;

use super::item::{Inspection, Item};
use super::receipt::ResultCount;
use super::upload::{State, UploadId};

/// Counts of files, and of their bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// All there are.
    pub files: usize,
    /// Those Upload would send.
    pub ready: usize,
    /// The sum of the sizes of those that are ready.
    pub ready_bytes: u64,
    /// Those of them that tell where they were taken.
    pub with_location: usize,
    /// Those of which a copy is being made, to go in their place.
    pub fitting: usize,
    /// Those that are at their destination already, or may be, and wait for the user.
    pub sent_before: usize,
    /// Those asked for that are not with their provider yet.
    pub going: usize,
    /// Those of them of which bytes move, or an answer is awaited.
    pub moving: usize,
    /// Those with an id or a link.
    pub done: usize,
    /// Those, and those that are at their destination already with an id or a link.
    pub results: ResultCount,
    /// Those of which nothing was accepted.
    pub failed: usize,
    /// Those that were cancelled before anything of them was accepted.
    pub cancelled: usize,
    /// Those that are stopped, were not accepted, or had no answer.
    pub need_you: usize,
    /// Those that clearing the finished ones takes out.
    pub finished: usize,
}

impl Totals {
    pub(super) fn of(items: &[Item]) -> Totals {
        let mut all = Totals { files: items.len(), ..Totals::default() };
        for item in items {
            let size = item.facts().map_or(0, |facts| facts.size);
            if item.is_sendable() {
                all.ready += 1;
                all.ready_bytes += size;
                all.with_location += usize::from(item.tells_location());
            }
            all.fitting += usize::from(matches!(item.inspection, Inspection::Fitting(_)));
            all.sent_before += usize::from(item.is_sent_before());
            if item.state.is_active() {
                all.going += usize::from(!matches!(item.state, State::Processing { .. }));
                all.moving += usize::from(item.state.is_moving());
            }
            all.done += usize::from(item.state.receipt().is_some());
            all.failed += usize::from(item.is_retryable());
            all.cancelled += usize::from(item.state == State::Cancelled);
            all.need_you += usize::from(item.needs_attention());
            all.finished += usize::from(item.is_clearable());
        }
        all.results = ResultCount::of(with_result(items).filter_map(Item::known_receipt));
        all
    }
}

/// Lists the files whose destination has them, with an ID or a link, in order: sent now or before. An upload that several of
/// them are at their destination by is listed once.
pub fn with_result(items: &[Item]) -> impl Iterator<Item = &Item> {
    let earlier =
        |item: &Item| item.earlier.as_ref().filter(|_| item.state.receipt().is_none()).map(|e| e.id);
    let known = |item: &&Item| item.known_receipt().is_some();
    let mut listed: HashSet<UploadId> = match items.iter().any(|item| known(&item) && earlier(item).is_some())
    {
        true => {
            items.iter().filter(|item| item.state.receipt().is_some()).map(|item| item.request.id).collect()
        }
        false => HashSet::new(), // among thousands that were all sent now none is there twice
    };
    items.iter().filter(known).filter(move |item| earlier(item).is_none_or(|id| listed.insert(id)))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::Timestamp;

    use super::super::error::FailureKind;
    use super::super::item::Inspection;
    use super::super::media::{DetectedType, FileFacts, Media};
    use super::super::queue::{Move, Queue};
    use super::super::record::PreviousUpload;
    use super::super::samples;
    use super::super::upload::{Event, UploadId};
    use super::*;

    #[test]
    fn what_is_at_its_destination_already_has_a_result_while_it_waits() {
        let now = Timestamp::UNIX_EPOCH;
        let mut queue = Queue::default();
        let id = queue.add("a.wav".into(), samples::destination("riffusion"), now);
        let earlier = |receipt| PreviousUpload { id: UploadId(7), requested: now, receipt };
        let receipt = Box::new(samples::receipt(Some("1"), None));
        queue.get_mut(id).unwrap().earlier = Some(earlier(None));
        assert_eq!((queue.totals().results.all, queue.totals().done), (0, 0), "no answer came of it");
        queue.get_mut(id).unwrap().earlier = Some(earlier(Some(receipt)));
        assert_eq!((queue.totals().results.all, queue.totals().done), (1, 0));
        queue.apply(id, Event::Requested, now);
        assert_eq!(queue.totals().results.all, 0, "it is sent again: another result comes");
    }

    #[test]
    fn what_a_provider_works_on_is_done_and_not_going() {
        let now = Timestamp::UNIX_EPOCH;
        let to = samples::destination("riffusion");
        let mut queue = Queue::default();
        let id = queue.add("a.wav".into(), to, now);
        let receipt = samples::receipt(Some("1"), None);
        for (event, going, done) in [
            (Event::Requested, 1, 0),
            (Event::Started, 1, 0),
            (Event::AllSent, 1, 0),
            (Event::Processing(Box::new(receipt.clone())), 0, 1),
            (Event::Done(Box::new(receipt)), 0, 1),
        ] {
            let what = format!("{event:?}");
            assert!(queue.apply(id, event, now), "{what}");
            assert_eq!((queue.totals().going, queue.totals().done), (going, done), "{what}");
        }
    }

    #[test]
    fn whatever_changes_is_counted_anew_and_nothing_else_is() {
        let now = Timestamp::UNIX_EPOCH;
        let to = samples::destination("piapi");
        let mut queue = Queue::default();
        let mut last = queue.revision();
        let mut changed = |queue: &Queue| std::mem::replace(&mut last, queue.revision()) != queue.revision();
        let ids: Vec<_> =
            (0..3).map(|n| queue.add(format!("{n}.png").into(), Arc::clone(&to), now)).collect();
        assert!(changed(&queue));
        assert_eq!(queue.totals(), Totals { files: 3, ..Totals::default() }, "nobody has looked yet");
        for id in &ids {
            queue.get_mut(*id).unwrap().inspection = Inspection::Ready(FileFacts {
                path: "x".into(),
                size: 10,
                recognised: DetectedType::Known(Media::Png),
                ..FileFacts::default()
            });
        }
        assert!(changed(&queue));
        assert_eq!((queue.totals().ready, queue.totals().ready_bytes), (3, 30));
        queue.apply(ids[0], Event::Requested, now);
        queue.apply(ids[0], Event::Started, now);
        queue.apply(ids[0], Event::Progress(4), now);
        queue.apply(ids[1], Event::Requested, now);
        assert!(changed(&queue));
        let going = Totals { going: 2, moving: 1, ..Totals::default() };
        assert_eq!(queue.totals(), Totals { files: 3, ready: 1, ready_bytes: 10, ..going });
        queue.apply(ids[0], samples::failed(FailureKind::BadRequest), now);
        queue.apply(ids[1], samples::failed(FailureKind::Cancelled), now);
        assert!(changed(&queue));
        let ended = Totals { failed: 1, cancelled: 1, need_you: 1, finished: 1, ..Totals::default() };
        assert_eq!(queue.totals(), Totals { files: 3, ready: 1, ready_bytes: 10, ..ended });
        assert!(!changed(&queue), "asking changes nothing");
        assert!(!queue.move_items(&[ids[0]], Move::First) && queue.remove(|_| false).is_empty());
        assert!(queue.get(ids[0]).is_some() && queue.get_mut(UploadId(99)).is_none() && !changed(&queue));
        let removed = queue.remove(|item| item.request.id == ids[0]);
        assert!(changed(&queue));
        assert_eq!((queue.totals().files, queue.totals().failed), (2, 0));
        queue.put_back(removed);
        assert!(changed(&queue) && queue.totals().failed == 1);
        assert!(queue.move_items(&[ids[0]], Move::Last) && changed(&queue));
    }
}
