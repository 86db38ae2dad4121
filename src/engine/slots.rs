//! Who may start now: so many at a time, so many to one account, none to an account that is held.

use std::collections::{HashMap, VecDeque};

use jiff::Timestamp;

use crate::model::upload::UploadId;

/// What shares a service's limits: provider, key and account.
pub type AccountId = (String, String, Option<String>);

/// The queue before the slots.
#[derive(Debug)]
pub struct Slots {
    at_once: usize,
    per_account: usize,
    waiting: VecDeque<(UploadId, AccountId)>,
    running: HashMap<UploadId, AccountId>,
    holds: HashMap<AccountId, Timestamp>,
}

impl Slots {
    /// Both numbers are at least 1.
    pub fn new(at_once: usize, per_account: usize) -> Slots {
        Slots {
            at_once: at_once.max(1),
            per_account: per_account.max(1),
            waiting: VecDeque::new(),
            running: HashMap::new(),
            holds: HashMap::new(),
        }
    }

    /// Changes both numbers; what runs goes on.
    pub fn resize(&mut self, at_once: usize, per_account: usize) {
        (self.at_once, self.per_account) = (at_once.max(1), per_account.max(1));
    }

    /// Puts an upload at the end of the queue.
    pub fn wait(&mut self, id: UploadId, account: AccountId) {
        self.waiting.push_back((id, account));
    }

    /// The next upload that may start now; it has a slot until `free`.
    pub fn next(&mut self, now: Timestamp) -> Option<UploadId> {
        if self.running.len() >= self.at_once {
            return None;
        }
        self.holds.retain(|_, until| *until > now);
        let place = self.waiting.iter().position(|(_, account)| {
            !self.holds.contains_key(account)
                && self.running.values().filter(|a| *a == account).count() < self.per_account
        })?;
        let (id, account) = self.waiting.remove(place)?;
        self.running.insert(id, account);
        Some(id)
    }

    /// The upload needs its slot no more.
    pub fn free(&mut self, id: UploadId) {
        self.running.remove(&id);
    }

    /// Takes an upload out of the queue; false where it had started already.
    pub fn withdraw(&mut self, id: UploadId) -> bool {
        let before = self.waiting.len();
        self.waiting.retain(|(waiting, _)| *waiting != id);
        self.waiting.len() < before
    }

    /// Starts nothing to this account before `until`.
    pub fn hold(&mut self, account: AccountId, until: Timestamp) {
        let held = self.holds.entry(account).or_insert(until);
        *held = (*held).max(until);
    }

    /// Until when an account is held.
    pub fn held(&self, account: &AccountId, now: Timestamp) -> Option<Timestamp> {
        self.holds.get(account).copied().filter(|until| *until > now)
    }

    /// Who waits for accounts that `which` names.
    pub fn waiting_for(&self, which: impl Fn(&AccountId) -> bool) -> Vec<UploadId> {
        self.waiting.iter().filter(|(_, account)| which(account)).map(|(id, _)| *id).collect()
    }

    /// When the next hold ends.
    pub fn next_release(&self, now: Timestamp) -> Option<Timestamp> {
        self.holds.values().copied().filter(|until| *until > now).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(name: &str) -> AccountId {
        ("p".into(), "k".into(), Some(name.into()))
    }

    #[test]
    fn two_to_one_account_four_in_all_in_order() {
        let mut slots = Slots::new(4, 2);
        let now = Timestamp::UNIX_EPOCH;
        for (n, name) in ["a", "a", "a", "b", "b", "b", "c"].iter().enumerate() {
            slots.wait(UploadId(n as u64), account(name));
        }
        let mut started = vec![];
        while let Some(id) = slots.next(now) {
            started.push(id.0);
        }
        assert_eq!(started, [0, 1, 3, 4]);
        slots.free(UploadId(4));
        assert_eq!(slots.next(now), Some(UploadId(5)), "a is full, b has room");
        slots.free(UploadId(0));
        assert_eq!(slots.next(now), Some(UploadId(2)));
        slots.free(UploadId(1));
        assert_eq!(slots.next(now), Some(UploadId(6)));
    }

    #[test]
    fn a_held_account_waits_and_the_others_go_on() {
        let mut slots = Slots::new(4, 2);
        let now = Timestamp::UNIX_EPOCH;
        let later = now + jiff::SignedDuration::from_secs(30);
        slots.wait(UploadId(1), account("a"));
        slots.wait(UploadId(2), account("b"));
        slots.hold(account("a"), later);
        assert_eq!(slots.next(now), Some(UploadId(2)));
        assert_eq!(slots.next(now), None);
        assert_eq!(slots.next_release(now), Some(later));
        assert_eq!(slots.next(later), Some(UploadId(1)));
    }
}
