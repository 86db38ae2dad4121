//! What is known of keys and accounts: from what became of uploads, and from checks a person asked for.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;

use crate::engine::key_check::KeyCheckResult;
use crate::model::destination::Destination;
use crate::model::health::{Condition, Health};
use crate::model::upload::Event;
use crate::provider;
use crate::provider::spec::{Auth, ParamLocation};
use crate::store::history::AccountId;

/// What is known of keys and accounts.
#[derive(Default)]
pub(super) struct HealthBook {
    /// By uploads.
    pub(super) accounts: HashMap<AccountId, Health>,
    /// By uploads and checks.
    pub(super) keys: HashMap<String, Health>,
    /// The last answer to a check of a saved key.
    pub(super) answers: HashMap<String, KeyCheckResult>,
    /// Which saved key a question is about; none for one that is not saved yet.
    pub(super) asked: HashMap<u64, Option<String>>,
    /// Answers for whoever holds their ticket.
    pub(super) tickets: HashMap<u64, KeyCheckResult>,
    pub(super) last: u64,
}

impl HealthBook {
    /// Takes in what happened to an upload for the health of its account.
    ///
    /// `sent`: when the upload had been sent whole, where that is known.
    pub(super) fn on_event(
        &mut self,
        destination: &Destination,
        event: &Event,
        sent: Option<Timestamp>,
        now: Timestamp,
    ) {
        let health = match event {
            Event::Done(_) | Event::Processing(_) => Some(Health::new(Condition::Healthy, now)),
            Event::BackoffStarted(Some(until)) => Some(Health::new(Condition::RateLimited(*until), now)),
            Event::Failed(failure) | Event::RetryScheduled(_, failure) => Health::of_failure(failure, now),
            _ => None,
        };
        let Some(health) = health else { return };
        match (health.concerns_key(), health.condition) {
            (true, _) => {
                self.keys.insert(destination.key.clone(), health);
            }
            (false, condition) => {
                // What was sent before the key was refused says nothing of it afterwards.
                let says_more = match self.keys.get(&destination.key) {
                    Some(key) => {
                        key.condition != Condition::Healthy && sent.is_none_or(|sent| sent > key.seen)
                    }
                    None => true,
                };
                if condition == Condition::Healthy && says_more {
                    self.keys.insert(destination.key.clone(), Health::new(Condition::Healthy, now));
                }
                self.stands(destination.account_id(), health);
            }
        }
    }

    /// Notes how an account stands: of two holds the longer one counts, as it does for whoever sends.
    fn stands(&mut self, account: AccountId, health: Health) {
        let ends = |health: &Health| match health.condition {
            Condition::RateLimited(until) => Some(until),
            _ => None,
        };
        let present = self.accounts.get(&account).and_then(ends);
        if present.zip(ends(&health)).is_none_or(|(present, new)| present < new) {
            self.accounts.insert(account, health);
        }
    }

    /// Notes that an earlier run was told that nothing is taken before that time.
    pub(super) fn held(&mut self, account: AccountId, until: Timestamp) {
        self.stands(account, Health::new(Condition::RateLimited(until), Timestamp::now()));
    }

    /// Notes what a check said of a key.
    pub(super) fn checked(&mut self, name: String, answer: KeyCheckResult) {
        let health = match &answer.key {
            Ok(facts) => {
                let condition =
                    if facts.plan_insufficient { Condition::NotAllowed } else { Condition::Healthy };
                let note = facts.plan.as_ref().map(|plan| format!("{plan} plan"));
                Some(Health { note, ..Health::new(condition, answer.at) })
            }
            Err(failure) => Health::of_failure(failure, answer.at),
        };
        if let Some(health) = health {
            self.keys.insert(name.clone(), health);
        }
        self.answers.insert(name, answer);
    }

    /// Forgets what was known of a key that is another one now.
    pub(super) fn replaced(&mut self, name: &str, answer: Option<KeyCheckResult>) {
        self.keys.remove(name);
        self.answers.remove(name);
        self.accounts.retain(|(_, key, _), _| key != name);
        if let Some(answer) = answer {
            self.checked(name.to_owned(), answer);
        }
    }

    /// Returns in which header a key was taken when it was checked.
    pub(super) fn auth(&self, key: &str) -> Option<Auth> {
        self.answers.get(key)?.key.as_ref().ok().map(|facts| facts.auth)
    }

    /// Returns what the vendor's list says of a destination.
    pub(super) fn listed(&self, destination: &Destination) -> Option<Health> {
        let answer = self.answers.get(&destination.key)?;
        let listed = answer.listed.iter().find(|l| l.facts.id == destination.provider)?;
        let accounts = listed.accounts.as_ref().ok()?;
        let health = |condition| Some(Health::new(condition, answer.at));
        let Some(id) = &destination.account else {
            let needs_one = listed.facts.account.listing.is_some_and(|listing| listing.required);
            let broken = accounts.iter().find_map(|account| account.problem.clone());
            return match accounts.iter().any(|account| account.problem.is_none()) {
                true => health(Condition::Healthy),
                false if !needs_one => health(Condition::Healthy),
                false if broken.is_some() => {
                    health(Condition::NeedsReconnecting).map(|h| Health { service_message: broken, ..h })
                }
                false => health(Condition::AccountNotFound),
            };
        };
        let Some(account) = accounts.iter().find(|account| account.id == *id) else {
            return health(Condition::AccountNotFound);
        };
        let note = listed.notes.iter().find(|(other, _)| other == id).map(|(_, note)| note.clone());
        match &account.problem {
            None => health(Condition::Healthy).map(|h| Health { note, ..h }),
            Some(words) => health(Condition::NeedsReconnecting)
                .map(|h| Health { service_message: Some(words.clone()), ..h }),
        }
    }
}

/// Sends the key in this header from now on: an option of those providers whose documents know two.
pub(super) fn take_header(provider: &str, options: &mut BTreeMap<String, String>, auth: Auth) {
    let Some(facts) = provider::by_id(provider).map(|p| p.facts()) else { return };
    let Some(option) = facts.options.iter().find(|o| o.location == ParamLocation::Auth) else { return };
    if auth == facts.vendor.auth {
        options.remove(option.key);
    } else {
        options.insert(option.key.to_owned(), auth.name().to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::error::{Failure, FailureKind};
    use crate::model::samples;
    use crate::session::auto;

    #[test]
    fn a_success_from_before_a_refusal_says_nothing_of_the_key_afterwards() {
        let destination = auto(provider::by_id("piapi").unwrap().facts(), "k");
        let at = |second| Timestamp::from_second(second).unwrap();
        let done = Event::Done(Box::new(samples::receipt(None, Some("https://x.test/a"))));
        let refused = samples::failed(FailureKind::WrongKey);
        let mut known = HealthBook::default();
        known.on_event(&destination, &refused, Some(at(5)), at(6));
        known.on_event(&destination, &done, Some(at(4)), at(7));
        assert_eq!(known.keys["k"].condition, Condition::WrongKey, "its answer only came later");
        known.on_event(&destination, &done, Some(at(8)), at(9));
        assert_eq!(known.keys["k"].condition, Condition::Healthy);
    }

    #[test]
    fn an_account_is_throttled_for_the_longest_time_that_was_asked_for() {
        let destination = auto(provider::by_id("flow-music").unwrap().facts(), "k");
        let at = |second| Timestamp::from_second(second).unwrap();
        let limited = |until| {
            let until = Some(at(until));
            let failure = Failure { until, ..Failure::new(FailureKind::RateLimited, "slow down", "wait") };
            Event::Failed(Box::new(failure))
        };
        let mut known = HealthBook::default();
        for (until, counts) in [(600, 600), (30, 600), (900, 900)] {
            known.on_event(&destination, &limited(until), None, at(1));
            let condition = known.accounts[&destination.account_id()].condition;
            assert_eq!(condition, Condition::RateLimited(at(counts)), "after {until}");
        }
        known.held(destination.account_id(), at(60));
        assert_eq!(known.accounts[&destination.account_id()].condition, Condition::RateLimited(at(900)));
        let broken = samples::failed(FailureKind::AccountBroken);
        known.on_event(&destination, &broken, None, at(2));
        let condition = known.accounts[&destination.account_id()].condition;
        assert_eq!(condition, Condition::NeedsReconnecting, "another answer counts at once");
    }
}
