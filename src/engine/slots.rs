//! Who may start now: so many at a time, so many to one account, none to an account that is held.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use jiff::Timestamp;

use crate::model::upload::UploadId;

/// What shares a vendor's limits: provider, key and account.
pub type SlotAccount = crate::store::history::AccountId;

/// A time as the wall clock shows it, which may be set, and by a clock that only goes forward.
#[derive(Clone, Copy, Debug)]
pub struct Now {
    /// The wall clock.
    pub at: Timestamp,
    /// The other one.
    pub instant: Instant,
}

impl Now {
    /// This moment.
    pub fn read() -> Now {
        Now { at: Timestamp::now(), instant: Instant::now() }
    }
}

/// Over when either clock says so: one stands still while the computer sleeps, the other may be set back.
#[derive(Clone, Copy, Debug)]
struct Hold {
    until: Timestamp,
    release: Instant,
}

impl Hold {
    fn time_left(&self, now: Now) -> Duration {
        let wall = self.until.duration_since(now.at);
        let wall = if wall.is_negative() { Duration::ZERO } else { wall.unsigned_abs() };
        wall.min(self.release.saturating_duration_since(now.instant))
    }
}

/// How many uploads run at a time; at least 1 each.
#[derive(Clone, Copy, Debug)]
pub struct SlotLimits {
    /// In all.
    pub at_once: usize,
    /// At once to one account; what is left of `at_once` is for others.
    pub per_account: usize,
}

/// The queue before the slots.
#[derive(Debug)]
pub struct Slots {
    at_once: usize,
    per_account: usize,
    /// Who waits for each account, with the number they drew.
    waiting: HashMap<SlotAccount, VecDeque<(u64, UploadId)>>,
    drawn: u64,
    running: HashMap<UploadId, SlotAccount>,
    holds: HashMap<SlotAccount, Hold>,
}

impl Slots {
    /// Returns free ones. Both numbers are at least 1.
    pub fn new(at_once: usize, per_account: usize) -> Slots {
        Slots {
            at_once: at_once.max(1),
            per_account: per_account.max(1),
            waiting: HashMap::new(),
            drawn: 0,
            running: HashMap::new(),
            holds: HashMap::new(),
        }
    }

    /// Sets how many there are; what runs above that runs on. Both numbers are at least 1.
    pub fn set(&mut self, at_once: usize, per_account: usize) {
        self.at_once = at_once.max(1);
        self.per_account = per_account.max(1);
    }

    /// Brings what waits into this order; what is not named stays behind what is.
    pub fn order(&mut self, order: &[UploadId]) {
        let places: HashMap<UploadId, u64> = order.iter().copied().zip(1..).collect();
        self.drawn = self.drawn.max(order.len() as u64);
        for queue in self.waiting.values_mut() {
            for (number, id) in queue.iter_mut() {
                *number = places.get(id).copied().unwrap_or(*number + order.len() as u64);
            }
            queue.make_contiguous().sort_unstable();
            self.drawn = queue.back().map_or(self.drawn, |(number, _)| self.drawn.max(*number));
        }
    }

    /// Puts an upload at the end of the queue.
    pub fn push_back(&mut self, id: UploadId, account: SlotAccount) {
        self.drawn += 1;
        self.waiting.entry(account).or_default().push_back((self.drawn, id));
    }

    /// Puts an upload that was set back in front of the others for its account.
    pub fn push_front(&mut self, id: UploadId, account: SlotAccount) {
        let queue = self.waiting.entry(account).or_default();
        let number = queue.front().map_or(self.drawn + 1, |(number, _)| *number);
        queue.push_front((number, id));
    }

    /// Returns the next upload that may start now; it has its slot until that is released.
    pub fn pop_ready(&mut self, now: Now) -> Option<UploadId> {
        if self.running.len() >= self.at_once {
            return None;
        }
        self.holds.retain(|_, hold| !hold.time_left(now).is_zero());
        let may_start = |account: &SlotAccount| {
            !self.holds.contains_key(account)
                && self.running.values().filter(|a| *a == account).count() < self.per_account
        };
        let first = |queue: &VecDeque<(u64, UploadId)>| queue.front().map(|(number, _)| *number);
        let open = self.waiting.iter().filter(|(account, _)| may_start(account));
        let (account, _) = open.min_by_key(|(_, queue)| first(queue))?;
        let account = account.clone();
        let queue = self.waiting.get_mut(&account)?;
        let (_, id) = queue.pop_front()?;
        if queue.is_empty() {
            self.waiting.remove(&account);
        }
        self.running.insert(id, account);
        Some(id)
    }

    /// Frees the slot of an upload.
    pub fn release(&mut self, id: UploadId) {
        self.running.remove(&id);
    }

    /// Takes an upload out of the queue; false where it had started already.
    pub fn withdraw(&mut self, id: UploadId) -> bool {
        let mut found = false;
        self.waiting.retain(|_, queue| {
            if !found && let Some(index) = queue.iter().position(|(_, waiting)| *waiting == id) {
                queue.remove(index);
                found = true;
            }
            !queue.is_empty()
        });
        found
    }

    /// Takes everything out of the queue that waits for accounts that `which` names, in order.
    pub fn withdraw_all(&mut self, which: impl Fn(&SlotAccount) -> bool) -> Vec<UploadId> {
        let mut out = vec![];
        self.waiting.retain(|account, queue| {
            let named = which(account);
            if named {
                out.extend(queue.drain(..));
            }
            !named
        });
        out.sort_unstable();
        out.into_iter().map(|(_, id)| id).collect()
    }

    /// Lists who waits for an account.
    pub fn waiting_for(&self, account: &SlotAccount) -> Vec<UploadId> {
        self.waiting.get(account).into_iter().flatten().map(|(_, id)| *id).collect()
    }

    /// Starts nothing to this account before `until`.
    pub fn back_off(&mut self, account: SlotAccount, until: Timestamp, now: Now) {
        let long = until.duration_since(now.at);
        let long = if long.is_negative() { Duration::ZERO } else { long.unsigned_abs() };
        let hold = Hold { until, release: now.instant + long };
        let present = self.holds.entry(account).or_insert(hold);
        if present.time_left(now) < hold.time_left(now) {
            *present = hold;
        }
    }

    /// Returns until when an account is held.
    pub fn backoff_until(&self, account: &SlotAccount, now: Now) -> Option<Timestamp> {
        self.holds.get(account).filter(|hold| !hold.time_left(now).is_zero()).map(|hold| hold.until)
    }

    /// Returns how long until the next hold ends.
    pub fn next_release(&self, now: Now) -> Option<Duration> {
        self.holds.values().map(|hold| hold.time_left(now)).filter(|left| !left.is_zero()).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(name: &str) -> SlotAccount {
        ("p".into(), "k".into(), Some(name.into()))
    }

    #[test]
    fn two_to_one_account_four_in_all_in_order() {
        let mut slots = Slots::new(4, 2);
        let now = Now::read();
        for (n, name) in ["a", "a", "a", "b", "b", "b", "c"].iter().enumerate() {
            slots.push_back(UploadId(n as u64), account(name));
        }
        let mut started = vec![];
        while let Some(id) = slots.pop_ready(now) {
            started.push(id.0);
        }
        assert_eq!(started, [0, 1, 3, 4]);
        slots.release(UploadId(4));
        assert_eq!(slots.pop_ready(now), Some(UploadId(5)), "a is full, b has room");
        slots.release(UploadId(0));
        assert_eq!(slots.pop_ready(now), Some(UploadId(2)));
        slots.release(UploadId(1));
        assert_eq!(slots.pop_ready(now), Some(UploadId(6)));
    }

    #[test]
    fn a_held_account_waits_and_the_others_go_on() {
        let mut slots = Slots::new(4, 2);
        let now = Now::read();
        let long = Duration::from_secs(30);
        slots.push_back(UploadId(1), account("a"));
        slots.push_back(UploadId(2), account("b"));
        slots.back_off(account("a"), now.at + long, now);
        assert_eq!(slots.pop_ready(now), Some(UploadId(2)));
        assert_eq!(slots.pop_ready(now), None);
        assert_eq!(slots.next_release(now), Some(long));
        assert_eq!(
            slots.pop_ready(Now { at: now.at + long, instant: now.instant + long }),
            Some(UploadId(1))
        );
    }

    #[test]
    fn a_hold_ends_though_the_clock_is_set_back_or_the_computer_sleeps() {
        let now = Now::read();
        let (long, day) = (Duration::from_secs(30), Duration::from_hours(24));
        let set_back = Now { at: now.at - day, instant: now.instant + long };
        let slept = Now { at: now.at + long, instant: now.instant };
        for later in [set_back, slept] {
            let mut slots = Slots::new(4, 2);
            slots.back_off(account("a"), now.at + long, now);
            assert!(slots.backoff_until(&account("a"), now).is_some());
            assert_eq!(slots.backoff_until(&account("a"), later), None);
            assert_eq!(slots.next_release(later), None);
        }
    }

    #[test]
    fn the_longest_hold_of_an_account_counts_whichever_was_said_last() {
        let now = Now::read();
        let (short, long) = (Duration::from_secs(30), Duration::from_mins(10));
        for order in [[short, long], [long, short]] {
            let mut slots = Slots::new(4, 2);
            slots.push_back(UploadId(1), account("a"));
            for hold in order {
                slots.back_off(account("a"), now.at + hold, now);
            }
            assert_eq!(slots.backoff_until(&account("a"), now), Some(now.at + long), "{order:?}");
            assert_eq!(slots.next_release(now), Some(long), "{order:?}");
            let after = |time| Now { at: now.at + time, instant: now.instant + time };
            assert_eq!(slots.pop_ready(after(short)), None, "{order:?}: the service asked for more time");
            assert_eq!(slots.pop_ready(after(long)), Some(UploadId(1)), "{order:?}");
        }
    }

    #[test]
    fn fewer_slots_start_nothing_until_there_is_room() {
        let mut slots = Slots::new(2, 2);
        let now = Now::read();
        (1..=4).for_each(|n| slots.push_back(UploadId(n), account("a")));
        assert!(slots.pop_ready(now).is_some() && slots.pop_ready(now).is_some());
        slots.set(1, 1);
        slots.release(UploadId(1));
        assert_eq!(slots.pop_ready(now), None, "one still runs");
        slots.release(UploadId(2));
        assert_eq!(slots.pop_ready(now), Some(UploadId(3)));
        slots.set(3, 3);
        assert_eq!(slots.pop_ready(now), Some(UploadId(4)));
    }

    #[test]
    fn what_waits_starts_in_the_order_it_was_brought_into() {
        let mut slots = Slots::new(9, 9);
        let now = Now::read();
        for (n, name) in ["a", "b", "a", "b"].iter().enumerate() {
            slots.push_back(UploadId(n as u64), account(name));
        }
        slots.order(&[3, 2, 0].map(UploadId));
        slots.push_back(UploadId(9), account("a"));
        let started: Vec<_> = std::iter::from_fn(|| slots.pop_ready(now)).map(|id| id.0).collect();
        assert_eq!(started, [3, 2, 0, 1, 9]);
    }

    #[test]
    fn what_was_set_back_goes_before_the_others() {
        let mut slots = Slots::new(1, 1);
        slots.push_back(UploadId(2), account("a"));
        slots.push_front(UploadId(1), account("a"));
        slots.push_front(UploadId(0), account("a"));
        assert_eq!(slots.withdraw_all(|_| true), [0, 1, 2].map(UploadId));
    }

    #[test]
    fn what_waits_is_taken_out_one_by_one_or_by_account() {
        let mut slots = Slots::new(1, 1);
        for (n, name) in ["a", "b", "a", "b"].iter().enumerate() {
            slots.push_back(UploadId(n as u64), account(name));
        }
        assert!(slots.withdraw(UploadId(2)) && !slots.withdraw(UploadId(2)));
        assert_eq!(slots.waiting_for(&account("a")), [UploadId(0)]);
        assert_eq!(slots.withdraw_all(|_| true), [0, 1, 3].map(UploadId));
        assert_eq!(slots.pop_ready(Now::read()), None);
    }

    #[test]
    fn what_is_set_back_for_an_account_for_which_nothing_waits_comes_after_what_waits_elsewhere() {
        // Of two that drew the same number either may come first: several tries.
        for n in 0..40 {
            let mut slots = Slots::new(1, 1);
            slots.push_back(UploadId(1), account(&format!("a{n}")));
            slots.push_front(UploadId(2), account(&format!("b{n}")));
            assert_eq!(slots.pop_ready(Now::read()), Some(UploadId(1)));
        }
    }
}
