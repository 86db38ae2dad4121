//! The files in the window or on the command line, in order.

use std::cell::Cell;
use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;

use super::destination::Destination;
use super::item::Item;
use super::record::UploadRequest;
use super::totals::Totals;
use super::upload::{Event, UploadId};

/// Where files of the queue are put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// One row up.
    Up,
    /// One row down.
    Down,
    /// To the top.
    First,
    /// To the end.
    Last,
    /// In front of this file.
    Before(UploadId),
}

/// Files that were taken out, and where they stood.
#[derive(Clone, Debug, Default)]
pub struct Removed(Vec<(usize, Item)>);

impl Removed {
    /// Returns how many.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns whether it was none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns all files, in order.
    pub fn items(&self) -> impl Iterator<Item = &Item> {
        self.0.iter().map(|(_, item)| item)
    }
}

/// All files, in the order they were added.
#[derive(Debug, Default)]
pub struct Queue {
    items: Vec<Item>,
    indices: HashMap<UploadId, usize>,
    next: u64,
    /// Its files come back with a window.
    queued: bool,
    revision: u64,
    /// The totals, and the revision they are of.
    counted: Cell<Option<(u64, Totals)>>,
}

impl Queue {
    /// Returns an empty queue that names its files from `first` on; `queued`: they come back with a window.
    pub fn starting_at(first: UploadId, queued: bool) -> Queue {
        Queue { next: first.0, queued, ..Queue::default() }
    }

    /// Appends a file and names it.
    pub fn add(&mut self, path: PathBuf, destination: Arc<Destination>, now: Timestamp) -> UploadId {
        self.next += 1;
        let id = UploadId(self.next);
        let mut item = Item::new(id, path, destination, now);
        item.request.queued = self.queued;
        self.push(item);
        id
    }

    /// Puts files of an earlier run in front of those that are there.
    pub fn restore(&mut self, mut items: Vec<Item>) {
        items.append(&mut self.items);
        self.items = items;
        self.number();
    }

    fn push(&mut self, item: Item) {
        self.revision += 1;
        self.indices.insert(item.request.id, self.items.len());
        self.items.push(item);
    }

    /// Puts a file in once more, behind the one whose arrival is not known: both may come to exist, so
    /// each keeps its own outcome.
    pub fn add_again(&mut self, id: UploadId) -> Option<UploadId> {
        let index = *self.indices.get(&id)?;
        let old = &mut self.items[index];
        old.sent_again = true;
        let request = old.request.clone();
        self.next += 1;
        let id = UploadId(self.next);
        self.items.insert(index + 1, Item::of(UploadRequest { id, facts: None, requested: None, ..request }));
        self.number();
        Some(id)
    }

    fn number(&mut self) {
        self.revision += 1;
        self.indices = self.items.iter().enumerate().map(|(index, item)| (item.request.id, index)).collect();
    }

    /// Returns another number whenever anything in it may have changed: what is made of it need not be made again
    /// before.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Returns what all of them come to; counted once after each change, however often it is asked.
    pub fn totals(&self) -> Totals {
        match self.counted.get() {
            Some((of, totals)) if of == self.revision => totals,
            _ => {
                let totals = Totals::of(&self.items);
                self.counted.set(Some((self.revision, totals)));
                totals
            }
        }
    }

    /// Returns the name that was given last: whatever is added later has a higher one.
    pub fn last_named(&self) -> UploadId {
        UploadId(self.next)
    }

    /// Returns all files, in order.
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// Returns where one of them stands, from 0.
    pub fn index(&self, id: UploadId) -> Option<usize> {
        self.indices.get(&id).copied()
    }

    /// Returns one of them.
    pub fn get(&self, id: UploadId) -> Option<&Item> {
        self.items.get(*self.indices.get(&id)?)
    }

    /// Returns one of them, to change.
    pub fn get_mut(&mut self, id: UploadId) -> Option<&mut Item> {
        let item = self.items.get_mut(*self.indices.get(&id)?)?;
        self.revision += 1;
        Some(item)
    }

    /// Applies what happened to one upload; true where it changed something.
    pub fn apply(&mut self, id: UploadId, event: Event, now: Timestamp) -> bool {
        self.get_mut(id).is_some_and(|item| item.apply(event, now))
    }

    /// Takes out every item that `gone` names; those the engine has stay. What went can be put back.
    pub fn remove(&mut self, mut gone: impl FnMut(&Item) -> bool) -> Removed {
        let mut index = 0;
        let mut indices = vec![];
        let went = self.items.extract_if(.., |item| {
            let goes = !item.state.is_active() && gone(item);
            if goes {
                indices.push(index);
            }
            index += 1;
            goes
        });
        let went: Vec<_> = went.collect();
        let removed = Removed(indices.into_iter().zip(went).collect());
        if !removed.is_empty() {
            self.number();
        }
        removed
    }

    /// Puts back what was taken out, where it was.
    pub fn put_back(&mut self, removed: Removed) {
        // In one go: each insertion of its own would move all that follow, and there may be thousands.
        let mut there = std::mem::take(&mut self.items).into_iter();
        for (index, item) in removed.0 {
            if !self.indices.contains_key(&item.request.id) {
                let before = index.saturating_sub(self.items.len());
                self.items.extend(there.by_ref().take(before));
                self.items.push(item);
            }
        }
        self.items.extend(there);
        self.number();
    }

    /// Brings the files into an order that was before; what has come since stays behind those in front of it.
    pub fn restore_order(&mut self, before: &[UploadId]) {
        let indices: HashMap<UploadId, usize> = before.iter().copied().zip(0..).collect();
        let mut last = 0;
        let keys: HashMap<UploadId, (usize, bool)> = self
            .items
            .iter()
            .map(|item| {
                let known = indices.get(&item.request.id);
                last = known.copied().unwrap_or(last);
                (item.request.id, (last, known.is_none()))
            })
            .collect();
        self.items.sort_by_key(|item| keys.get(&item.request.id).copied());
        self.number();
    }

    /// Puts some files elsewhere; among themselves they keep their order. True where anything moved.
    pub fn move_items(&mut self, ids: &[UploadId], to: Move) -> bool {
        let chosen: HashSet<UploadId> = ids.iter().copied().collect();
        let before: Vec<_> = self.items.iter().map(|item| item.request.id).collect();
        let is_chosen = |item: &Item| chosen.contains(&item.request.id);
        match to {
            Move::First => self.items.sort_by_key(|item| !is_chosen(item)),
            Move::Last => self.items.sort_by_key(is_chosen),
            Move::Before(other) => {
                let Some(at) = self.index(other) else { return false };
                let all = std::mem::take(&mut self.items).into_iter().enumerate();
                let (moved, rest): (Vec<_>, Vec<_>) = all.partition(|(_, item)| is_chosen(item));
                let gap = rest.partition_point(|(index, _)| *index < at);
                let mut rest = rest.into_iter().map(|(_, item)| item);
                self.items.extend(rest.by_ref().take(gap));
                self.items.extend(moved.into_iter().map(|(_, item)| item));
                self.items.extend(rest);
            }
            Move::Up => {
                for index in 1..self.items.len() {
                    if is_chosen(&self.items[index]) && !is_chosen(&self.items[index - 1]) {
                        self.items.swap(index, index - 1);
                    }
                }
            }
            Move::Down => {
                for index in (1..self.items.len()).rev() {
                    if is_chosen(&self.items[index - 1]) && !is_chosen(&self.items[index]) {
                        self.items.swap(index, index - 1);
                    }
                }
            }
        }
        let moved = self.items.iter().map(|item| item.request.id).ne(before);
        if moved {
            self.number();
        }
        moved
    }
}

#[cfg(test)]
mod tests {
    use super::super::error::FailureKind;
    use super::super::samples;
    use super::*;

    fn somewhere() -> Arc<Destination> {
        samples::destination("piapi")
    }

    #[test]
    fn removing_keeps_what_is_moving_and_the_order() {
        let to = somewhere();
        let mut queue = Queue::default();
        let ids: Vec<_> =
            (0..4).map(|n| queue.add(format!("{n}.png").into(), to.clone(), Timestamp::UNIX_EPOCH)).collect();
        assert!(queue.apply(ids[2], Event::Requested, Timestamp::UNIX_EPOCH));
        queue.remove(|item| item.request.id != ids[3]);
        assert_eq!(queue.items().iter().map(|i| i.request.id).collect::<Vec<_>>(), vec![ids[2], ids[3]]);
        assert_eq!(queue.get(ids[3]).map(|i| i.name.as_str()), Some("3.png"));
        assert!(queue.get(ids[0]).is_none());
        let order = |queue: &Queue| queue.items().iter().map(|i| i.request.id).collect::<Vec<_>>();
        queue.move_items(&[ids[3]], Move::First);
        let removed = queue.remove(|item| item.request.id == ids[3]);
        assert_eq!((removed.len(), order(&queue)), (1, vec![ids[2]]));
        queue.put_back(removed);
        assert_eq!(order(&queue), vec![ids[3], ids[2]], "where it was");
        queue.move_items(&[ids[3]], Move::Down);
        let again = queue.add_again(ids[2]).unwrap();
        assert_eq!(
            queue.items().iter().map(|i| i.request.id).collect::<Vec<_>>(),
            vec![ids[2], again, ids[3]]
        );
        assert!(queue.get(ids[2]).unwrap().sent_again && !queue.get(again).unwrap().sent_again);
    }

    #[test]
    fn a_file_has_ended_when_its_id_was_known_and_not_when_the_provider_had_finished_with_it() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let receipt = || Box::new(samples::receipt(Some("id"), None));
        let mut queue = Queue::default();
        let id = queue.add("a.mp3".into(), somewhere(), at(0));
        let ended = |queue: &Queue| queue.get(id).unwrap().ended_at;
        for event in [Event::Requested, Event::Started, Event::AllSent] {
            queue.apply(id, event, at(10));
            assert_eq!(ended(&queue), None, "it is on its way");
        }
        let later = [
            Event::Processing(receipt()),
            Event::Processing(receipt()),
            Event::PollingStopped,
            Event::PollingResumed,
            Event::Done(receipt()),
        ];
        for (event, second) in later.into_iter().zip(15..) {
            queue.apply(id, event.clone(), at(second));
            assert_eq!(ended(&queue), Some(at(15)), "after {event:?}: it took five seconds");
        }
        assert_eq!(queue.get(id).unwrap().request.requested, Some(at(10)));
        assert_eq!(queue.get(id).unwrap().began_at, Some(at(10)));
        // Of what is sent again the first end says nothing any more.
        let id = queue.add("b.mp3".into(), somewhere(), at(0));
        let failed = || samples::failed(FailureKind::Cut);
        for (event, second, end) in [
            (Event::Requested, 20, None),
            (Event::Started, 21, None),
            (failed(), 22, Some(22)),
            (Event::Requested, 30, None),
            (Event::Started, 31, None),
            (failed(), 32, Some(32)),
            (Event::Requeued, 33, None),
        ] {
            queue.apply(id, event, at(second));
            assert_eq!(queue.get(id).unwrap().ended_at, end.map(at), "second {second}");
        }
        let item = queue.get(id).unwrap();
        assert_eq!(
            (item.request.requested, item.began_at),
            (Some(at(30)), Some(at(31))),
            "a pause before it is no part of it"
        );
    }

    proptest::proptest! {
        #[test]
        fn what_was_taken_out_comes_back_where_it_was(
            count in 0usize..12,
            gone in proptest::collection::vec(0usize..12, 0..12),
        ) {
            let to = somewhere();
            let mut queue = Queue::default();
            let ids: Vec<_> = (0..count)
                .map(|n| queue.add(format!("{n}").into(), to.clone(), Timestamp::UNIX_EPOCH))
                .collect();
            let removed = queue.remove(|item| gone.iter().any(|n| ids.get(*n) == Some(&item.request.id)));
            proptest::prop_assert_eq!(removed.len() + queue.items().len(), count);
            let again = removed.clone();
            queue.put_back(removed);
            queue.put_back(again); // a second time there is nothing to put back
            proptest::prop_assert_eq!(queue.items().iter().map(|i| i.request.id).collect::<Vec<_>>(), ids);
        }

        #[test]
        fn moving_loses_nothing_and_keeps_the_order_among_those_moved(
            count in 0usize..9,
            chosen in proptest::collection::vec(0usize..9, 0..5),
            to in proptest::sample::select(vec![Move::Up, Move::Down, Move::First, Move::Last, Move::Before(UploadId(4))]),
        ) {
            let destination = somewhere();
            let mut queue = Queue::default();
            let ids: Vec<_> = (0..count)
                .map(|n| queue.add(format!("{n}").into(), destination.clone(), Timestamp::UNIX_EPOCH))
                .collect();
            let chosen: Vec<_> = ids.iter().enumerate().filter(|(n, _)| chosen.contains(n)).map(|(_, id)| *id).collect();
            let moved = queue.move_items(&chosen, to);
            let after: Vec<_> = queue.items().iter().map(|i| i.request.id).collect();
            proptest::prop_assert_eq!(moved, after != ids);
            let mut sorted = after.clone();
            sorted.sort();
            proptest::prop_assert_eq!(&sorted, &ids);
            let inner = |all: &[UploadId], which: bool| {
                all.iter().copied().filter(|id| chosen.contains(id) == which).collect::<Vec<_>>()
            };
            proptest::prop_assert_eq!(inner(&after, true), inner(&ids, true));
            proptest::prop_assert_eq!(inner(&after, false), inner(&ids, false));
            if let (Move::Before(other), true) = (to, moved) {
                // What is moved ends up together, and in front of what it was put before.
                let place = |id| after.iter().position(|found| *found == id);
                let places: Vec<_> = chosen.iter().filter_map(|id| place(*id)).collect();
                proptest::prop_assert!(places.windows(2).all(|pair| pair[0] + 1 == pair[1]));
                if !chosen.contains(&other) {
                    proptest::prop_assert_eq!(places.last().map(|last| last + 1), place(other));
                }
            }
            queue.restore_order(&ids);
            proptest::prop_assert_eq!(queue.items().iter().map(|i| i.request.id).collect::<Vec<_>>(), ids.clone());
            queue.restore_order(&after);
            for id in &ids {
                proptest::prop_assert_eq!(queue.index(*id), after.iter().position(|other| other == id));
            }
        }
    }
}
