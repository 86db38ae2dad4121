//! The files in the window or on the command line, in order.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;

use super::destination::Destination;
use super::media::{FileFacts, FileProblem};
use super::record::{Earlier, Entry, name_of};
use super::upload::{Event, State, UploadId};

/// How grave a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gravity {
    /// Worth knowing; the file is sent all the same.
    Warning,
    /// The service would refuse it: this file is not sent.
    Stop,
}

/// Something seen in a file before a byte leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Whether it stops the file.
    pub gravity: Gravity,
    /// One sentence.
    pub sentence: String,
    /// What to do about it.
    pub next: String,
}

/// What is known of a file so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Check {
    /// A worker is looking.
    Looking,
    /// It was looked into.
    Facts(FileFacts),
    /// It cannot be looked into.
    Problem(FileProblem),
}

/// A file on its way.
#[derive(Clone, Debug)]
pub struct Item {
    /// Its name for the length of this run.
    pub id: UploadId,
    /// Where it was found.
    pub path: PathBuf,
    /// Its name as it may be shown.
    pub name: String,
    /// What is known of it.
    pub check: Check,
    /// What its destination's table says of it.
    pub findings: Vec<Finding>,
    /// Where it goes.
    pub destination: Arc<Destination>,
    /// Where it stands.
    pub state: State,
    /// When it was last asked for.
    pub asked_at: Option<Timestamp>,
    /// Its outcome is unknown, and the user sent it again: as the item behind it.
    pub sent_again: bool,
    /// When it was added.
    pub added: Timestamp,
    /// The item behind which it stands: itself, or the one it repeats.
    pub behind: UploadId,
    /// What it was when it was added in an earlier run; another content is not sent unasked.
    pub as_added: Option<FileFacts>,
    /// The same content is at this destination already, or may be.
    pub earlier: Option<Earlier>,
}

impl Item {
    /// A newly added file.
    pub fn new(id: UploadId, path: PathBuf, destination: Arc<Destination>, added: Timestamp) -> Item {
        Item {
            id,
            name: name_of(&path),
            path,
            check: Check::Looking,
            findings: vec![],
            destination,
            state: State::Ready,
            asked_at: None,
            sent_again: false,
            added,
            behind: id,
            as_added: None,
            earlier: None,
        }
    }

    /// What is remembered of it.
    pub fn entry(&self, queued: bool) -> Entry {
        Entry {
            id: self.id,
            path: self.path.clone(),
            facts: self.as_added.as_ref().or(self.facts()).cloned(),
            destination: Arc::clone(&self.destination),
            added: self.added,
            behind: self.behind,
            queued,
            asked: self.asked_at,
        }
    }

    /// The facts, once known.
    pub fn facts(&self) -> Option<&FileFacts> {
        match &self.check {
            Check::Facts(facts) => Some(facts),
            _ => None,
        }
    }

    /// What stops it: the problem of the file, or the gravest finding.
    pub fn stop(&self) -> Option<String> {
        match &self.check {
            Check::Problem(problem) => Some(problem.to_string()),
            _ => self.findings.iter().find(|f| f.gravity == Gravity::Stop).map(|f| f.sentence.clone()),
        }
    }

    /// Pressing Upload would send it: looked into, not stopped, and not at its destination already.
    pub fn is_sendable(&self) -> bool {
        self.state == State::Ready
            && self.facts().is_some()
            && self.stop().is_none()
            && self.earlier.is_none()
    }
}

/// All files, in the order they were added.
#[derive(Debug, Default)]
pub struct Queue {
    items: Vec<Item>,
    places: HashMap<UploadId, usize>,
    next: u64,
}

impl Queue {
    /// An empty queue that names its files from `first` on.
    pub fn starting_at(first: UploadId) -> Queue {
        Queue { next: first.0, ..Queue::default() }
    }

    /// Appends a file and names it.
    pub fn add(&mut self, path: PathBuf, destination: Arc<Destination>, now: Timestamp) -> UploadId {
        self.next += 1;
        let id = UploadId(self.next);
        self.push(Item::new(id, path, destination, now));
        id
    }

    /// Puts files of an earlier run in front of those that are there.
    pub fn restore(&mut self, mut items: Vec<Item>) {
        items.append(&mut self.items);
        self.items = items;
        self.number();
    }

    fn push(&mut self, item: Item) {
        self.places.insert(item.id, self.items.len());
        self.items.push(item);
    }

    /// Puts a file in once more, behind the one of which nobody knows whether it arrived: both may come to exist, so
    /// each keeps its own outcome.
    pub fn add_again(&mut self, id: UploadId) -> Option<UploadId> {
        let place = *self.places.get(&id)?;
        let old = &mut self.items[place];
        old.sent_again = true;
        let (path, destination) = (old.path.clone(), Arc::clone(&old.destination));
        let (added, behind) = (old.added, old.behind);
        self.next += 1;
        let id = UploadId(self.next);
        self.items.insert(place + 1, Item { behind, ..Item::new(id, path, destination, added) });
        self.number();
        Some(id)
    }

    fn number(&mut self) {
        self.places = self.items.iter().enumerate().map(|(place, item)| (item.id, place)).collect();
    }

    /// All, in order.
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// One of them.
    pub fn get(&self, id: UploadId) -> Option<&Item> {
        self.items.get(*self.places.get(&id)?)
    }

    /// One of them, to change.
    pub fn get_mut(&mut self, id: UploadId) -> Option<&mut Item> {
        self.items.get_mut(*self.places.get(&id)?)
    }

    /// Applies what happened to one upload; true where it changed something.
    pub fn apply(&mut self, id: UploadId, event: Event, now: Timestamp) -> bool {
        let Some(item) = self.get_mut(id) else { return false };
        if event == Event::Asked && item.state.can_be_asked() {
            item.asked_at = Some(now);
        }
        let before = std::mem::replace(&mut item.state, State::Ready);
        item.state = before.clone().after(event, now);
        item.state != before
    }

    /// Takes out every item that `gone` names; those the engine has stay. Gives back which went.
    pub fn remove(&mut self, mut gone: impl FnMut(&Item) -> bool) -> Vec<UploadId> {
        let went = self.items.extract_if(.., |item| !item.state.is_active() && gone(item));
        let went = went.map(|item| item.id).collect();
        self.number();
        went
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn removing_keeps_what_is_moving_and_the_order() {
        let to = Arc::new(Destination {
            name: "d".into(),
            provider: "piapi".into(),
            key: "k".into(),
            account: None,
            options: std::collections::BTreeMap::default(),
        });
        let mut queue = Queue::default();
        let ids: Vec<_> =
            (0..4).map(|n| queue.add(format!("{n}.png").into(), to.clone(), Timestamp::UNIX_EPOCH)).collect();
        assert!(queue.apply(ids[2], Event::Asked, Timestamp::UNIX_EPOCH));
        queue.remove(|item| item.id != ids[3]);
        assert_eq!(queue.items().iter().map(|i| i.id).collect::<Vec<_>>(), vec![ids[2], ids[3]]);
        assert_eq!(queue.get(ids[3]).map(|i| i.name.as_str()), Some("3.png"));
        assert!(queue.get(ids[0]).is_none());
        let again = queue.add_again(ids[2]).unwrap();
        assert_eq!(queue.items().iter().map(|i| i.id).collect::<Vec<_>>(), vec![ids[2], again, ids[3]]);
        assert!(queue.get(ids[2]).unwrap().sent_again && !queue.get(again).unwrap().sent_again);
    }
}
