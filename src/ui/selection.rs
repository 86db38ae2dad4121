//! Which files of the queue are selected, as in every list: by click, with Ctrl and Shift, by arrows.

use crate::session::api::{Item, Queue, UploadId};
use std::collections::HashSet;

/// Where the keyboard goes in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Go {
    /// So many files down, or up where negative.
    By(isize),
    /// To the first file.
    First,
    /// To the last one.
    Last,
}

/// The files that are selected, the one the keyboard is at, and the one a range begins at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Selection {
    ids: HashSet<UploadId>,
    anchor: Option<UploadId>,
    cursor: Option<UploadId>,
}

impl Selection {
    /// Returns whether a file is selected.
    pub(super) fn has(&self, id: UploadId) -> bool {
        self.ids.contains(&id)
    }

    /// Counts what is selected.
    pub(super) fn len(&self) -> usize {
        self.ids.len()
    }

    /// Returns the file that is selected, where it is the only one.
    pub(super) fn single(&self) -> Option<UploadId> {
        if self.ids.len() == 1 { self.ids.iter().next().copied() } else { None }
    }

    /// Returns the file that the keyboard is at.
    pub(super) fn cursor(&self) -> Option<UploadId> {
        self.cursor
    }

    /// Lists those selected, in the order of the queue.
    pub(super) fn in_order(&self, queue: &Queue) -> Vec<UploadId> {
        match self.single() {
            Some(id) => vec![id],
            None if self.ids.is_empty() => vec![],
            None => queue.items().iter().map(|item| item.request.id).filter(|id| self.has(*id)).collect(),
        }
    }

    /// Selects one file and nothing else.
    pub(super) fn only(&mut self, id: UploadId) {
        *self = Selection { ids: HashSet::from([id]), anchor: Some(id), cursor: Some(id) };
    }

    /// Adds a file, or takes it out.
    pub(super) fn toggle(&mut self, id: UploadId) {
        if !self.ids.remove(&id) {
            self.ids.insert(id);
        }
        self.anchor = Some(id);
        self.cursor = Some(id);
    }

    /// Selects everything from where the range begins to this file.
    pub(super) fn extend(&mut self, to: UploadId, queue: &Queue) {
        let anchor = self.anchor.filter(|id| queue.get(*id).is_some()).unwrap_or(to);
        let range = queue.index(anchor).zip(queue.index(to));
        let Some((from, until)) = range else { return };
        let range = from.min(until)..=from.max(until);
        self.ids = queue.items()[range].iter().map(|item| item.request.id).collect();
        self.anchor = Some(anchor);
        self.cursor = Some(to);
    }

    /// Selects everything.
    pub(super) fn all(&mut self, queue: &Queue) {
        self.ids = queue.items().iter().map(|item| item.request.id).collect();
        let last = queue.items().last().map(|item| item.request.id);
        self.anchor = queue.items().first().map(|item| item.request.id);
        self.cursor = self.cursor.or(last);
    }

    /// Selects nothing.
    pub(super) fn clear(&mut self) {
        self.ids.clear();
        self.anchor = None;
    }

    /// Moves the keyboard and the selection with it; with `extend` the range grows or shrinks.
    pub(super) fn step(&mut self, go: Go, extend: bool, queue: &Queue) {
        let items = queue.items();
        let Some(last) = items.len().checked_sub(1) else { return };
        let to = match (go, self.cursor.and_then(|id| queue.index(id))) {
            (Go::Last, _) => last,
            (Go::By(by), Some(index)) => index.saturating_add_signed(by).min(last),
            (Go::By(by), None) if by < 0 => last,
            (Go::First | Go::By(_), _) => 0,
        };
        let id = items[to].request.id;
        if extend { self.extend(id, queue) } else { self.only(id) }
    }

    /// Forgets files that have left the queue. The keyboard goes to the one that took their place.
    pub(super) fn follow(&mut self, queue: &Queue, before: Option<usize>) {
        let gone = |id: &UploadId| queue.get(*id).is_none();
        self.ids.retain(|id| !gone(id));
        self.anchor = self.anchor.filter(|id| !gone(id));
        if self.cursor.as_ref().is_some_and(gone) {
            let next =
                before.and_then(|index| queue.items().get(index.min(queue.items().len().wrapping_sub(1))));
            self.cursor = next.map(|item: &Item| item.request.id);
            if let (true, Some(id)) = (self.ids.is_empty(), self.cursor) {
                self.only(id);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::provider;
    use crate::session::auto;

    fn queue(n: usize) -> (Queue, Vec<UploadId>) {
        let to = Arc::new(auto(provider::ALL[0].facts(), "k"));
        let mut queue = Queue::default();
        let now = jiff::Timestamp::UNIX_EPOCH;
        let ids = (0..n).map(|n| queue.add(format!("{n}.png").into(), Arc::clone(&to), now)).collect();
        (queue, ids)
    }

    #[test]
    fn ranges_begin_where_the_last_click_was() {
        let (queue, ids) = queue(6);
        let mut selection = Selection::default();
        selection.only(ids[2]);
        selection.extend(ids[4], &queue);
        assert_eq!(selection.in_order(&queue), ids[2..=4]);
        selection.extend(ids[0], &queue);
        assert_eq!(selection.in_order(&queue), ids[0..=2], "the range turns round");
        selection.toggle(ids[5]);
        assert_eq!(selection.in_order(&queue), [ids[0], ids[1], ids[2], ids[5]]);
        selection.toggle(ids[1]);
        assert_eq!(selection.in_order(&queue), [ids[0], ids[2], ids[5]]);
        assert_eq!(selection.single(), None);
    }

    #[test]
    fn arrows_stay_in_the_list() {
        let (queue, ids) = queue(3);
        let mut selection = Selection::default();
        selection.step(Go::By(1), false, &queue);
        assert_eq!(selection.single(), Some(ids[0]), "down into the list begins at its top");
        selection.step(Go::By(9), false, &queue);
        assert_eq!(selection.single(), Some(ids[2]));
        selection.step(Go::By(-1), true, &queue);
        assert_eq!(selection.in_order(&queue), ids[1..]);
        selection.step(Go::By(1), true, &queue);
        assert_eq!(selection.in_order(&queue), ids[2..], "back again, the range shrinks");
        selection.step(Go::First, true, &queue);
        assert_eq!(selection.in_order(&queue), ids);
        Selection::default().step(Go::By(1), false, &Queue::default());
        let mut none = Selection::default();
        none.step(Go::First, false, &queue);
        assert_eq!(none.single(), Some(ids[0]), "to the first of the list though nothing is selected");
        let mut none = Selection::default();
        none.step(Go::Last, false, &queue);
        assert_eq!(none.single(), Some(ids[2]));
    }

    #[test]
    fn what_is_removed_gives_its_place_to_the_next() {
        let (mut queue, ids) = queue(4);
        let mut selection = Selection::default();
        selection.only(ids[1]);
        queue.remove(|item| item.request.id == ids[1]);
        selection.follow(&queue, Some(1));
        assert_eq!(selection.single(), Some(ids[2]));
        queue.remove(|item| item.request.id == ids[3] || item.request.id == ids[2]);
        selection.follow(&queue, Some(1));
        assert_eq!(selection.single(), Some(ids[0]), "at the end, the one before");
        queue.remove(|_| true);
        selection.follow(&queue, Some(0));
        assert_eq!((selection.len(), selection.cursor()), (0, None));
    }
}
