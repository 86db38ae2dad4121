//! Which files of a list are selected, as in every list: by click, with Ctrl and Shift, by arrows.

use std::collections::HashSet;

use crate::session::api::{Queue, Timeline, UploadId};

/// Files in the order in which they stand in the window.
pub(super) trait FileOrder {
    /// Returns how many files can be selected.
    fn count(&self) -> usize;
    /// Returns the file at an index.
    fn id(&self, index: usize) -> Option<UploadId>;
    /// Returns where a file is.
    fn index(&self, id: UploadId) -> Option<usize>;
}

impl FileOrder for Queue {
    fn count(&self) -> usize {
        self.items().len()
    }

    fn id(&self, index: usize) -> Option<UploadId> {
        self.items().get(index).map(|item| item.request.id)
    }

    fn index(&self, id: UploadId) -> Option<usize> {
        Queue::index(self, id)
    }
}

impl FileOrder for Timeline {
    fn count(&self) -> usize {
        self.ids().len()
    }

    fn id(&self, index: usize) -> Option<UploadId> {
        self.ids().get(index).copied()
    }

    fn index(&self, id: UploadId) -> Option<usize> {
        Timeline::index(self, id)
    }
}

/// Where the keyboard goes in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Go {
    /// So many files down, or up where negative.
    By(isize),
    /// To the file at this index.
    To(usize),
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
    /// Counts the changes.
    revision: u64,
}

impl Selection {
    /// Returns whether a file is selected.
    pub(super) fn has(&self, id: UploadId) -> bool {
        self.ids.contains(&id)
    }

    /// Returns another number whenever something else is selected.
    pub(super) fn revision(&self) -> u64 {
        self.revision
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

    /// Lists those selected, in the order of the list.
    pub(super) fn in_order(&self, list: &dyn FileOrder) -> Vec<UploadId> {
        match self.single() {
            Some(id) => vec![id],
            None if self.ids.is_empty() => vec![],
            None => ids(list).filter(|id| self.has(*id)).collect(),
        }
    }

    /// Selects one file and nothing else.
    pub(super) fn only(&mut self, id: UploadId) {
        let revision = self.revision + 1;
        *self = Selection { ids: HashSet::from([id]), anchor: Some(id), cursor: Some(id), revision };
    }

    /// Selects these and nothing else; the keyboard is at the first of them.
    pub(super) fn set(&mut self, ids: impl IntoIterator<Item = UploadId>) {
        let revision = self.revision + 1;
        let ids: HashSet<_> = ids.into_iter().collect();
        let first = ids.iter().min().copied();
        *self = Selection { ids, anchor: first, cursor: first, revision };
    }

    /// Adds a file, or takes it out.
    pub(super) fn toggle(&mut self, id: UploadId) {
        self.revision += 1;
        if !self.ids.remove(&id) {
            self.ids.insert(id);
        }
        self.anchor = Some(id);
        self.cursor = Some(id);
    }

    /// Selects everything from where the range begins to this file.
    pub(super) fn extend(&mut self, to: UploadId, list: &dyn FileOrder) {
        let Some(until) = list.index(to) else { return };
        let (anchor, from) = self.anchor.and_then(|id| Some((id, list.index(id)?))).unwrap_or((to, until));
        self.revision += 1;
        self.ids = (from.min(until)..=from.max(until)).filter_map(|index| list.id(index)).collect();
        self.anchor = Some(anchor);
        self.cursor = Some(to);
    }

    /// Selects everything.
    pub(super) fn all(&mut self, list: &dyn FileOrder) {
        self.revision += 1;
        self.ids = ids(list).collect();
        self.anchor = list.id(0);
        self.cursor = self.cursor.or_else(|| list.id(list.count().saturating_sub(1)));
    }

    /// Selects nothing.
    pub(super) fn clear(&mut self) {
        self.revision += 1;
        self.ids.clear();
        self.anchor = None;
    }

    /// Moves the keyboard and the selection with it; with `extend` the range grows or shrinks.
    pub(super) fn step(&mut self, go: Go, extend: bool, list: &dyn FileOrder) {
        let Some(last) = list.count().checked_sub(1) else { return };
        let to = match (go, self.cursor.and_then(|id| list.index(id))) {
            (Go::Last, _) => last,
            (Go::To(index), _) => index.min(last),
            (Go::By(by), Some(index)) => index.saturating_add_signed(by).min(last),
            (Go::By(by), None) if by < 0 => last,
            (Go::First | Go::By(_), _) => 0,
        };
        let Some(id) = list.id(to) else { return };
        if extend { self.extend(id, list) } else { self.only(id) }
    }

    /// Forgets files that have left the list. The keyboard goes to the one that took their place.
    pub(super) fn follow(&mut self, list: &dyn FileOrder, before: Option<usize>) {
        let gone = |id: &UploadId| list.index(*id).is_none();
        let selected = self.ids.len();
        self.ids.retain(|id| !gone(id));
        self.revision += u64::from(selected != self.ids.len());
        self.anchor = self.anchor.filter(|id| !gone(id));
        if self.cursor.as_ref().is_some_and(gone) {
            self.cursor = before.and_then(|index| list.id(index.min(list.count().wrapping_sub(1))));
            if let (true, Some(id)) = (self.ids.is_empty(), self.cursor) {
                self.only(id);
            }
        }
    }
}

fn ids(list: &dyn FileOrder) -> impl Iterator<Item = UploadId> {
    (0..list.count()).filter_map(|index| list.id(index))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::provider;
    use crate::session::auto;

    fn queue(n: usize) -> (Queue, Vec<UploadId>) {
        let to = Arc::new(auto(provider::all()[0].facts(), "k"));
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
