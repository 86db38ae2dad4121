//! How keys and accounts stand: from what became of uploads, and from checks a person asked for.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;

use super::Session;
use crate::engine::key_check::{AccountList, Inquiry, KeyCheckResult, KeySource};
use crate::model::destination::Destination;
use crate::model::error::Failure;
use crate::model::health::{Condition, Health};
use crate::model::secret::Key;
use crate::model::upload::{Event, State, UploadId};
use crate::provider;
use crate::provider::spec::{Auth, ParamLocation, Vendor};
use crate::store::history::AccountId;

/// What is known of keys and accounts.
#[derive(Default)]
pub(super) struct HealthBook {
    /// By uploads.
    accounts: HashMap<AccountId, Health>,
    /// By uploads and checks.
    keys: HashMap<String, Health>,
    /// The last answer to a check of a saved key.
    answers: HashMap<String, KeyCheckResult>,
    /// Which saved key a question is about; none for one that is not saved yet.
    asked: HashMap<u64, Option<String>>,
    /// Answers for whoever holds their ticket.
    tickets: HashMap<u64, KeyCheckResult>,
    last: u64,
}

impl HealthBook {
    /// What an upload's news say of its account.
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
            Event::BackoffStarted(Some(until)) => Some(Health::new(Condition::Throttled(*until), now)),
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

    /// Of two holds of an account the longer one counts, as it does for whoever sends.
    fn stands(&mut self, account: AccountId, health: Health) {
        let ends = |health: &Health| match health.condition {
            Condition::Throttled(until) => Some(until),
            _ => None,
        };
        let present = self.accounts.get(&account).and_then(ends);
        if present.zip(ends(&health)).is_none_or(|(present, new)| present < new) {
            self.accounts.insert(account, health);
        }
    }

    /// An earlier run was told that nothing is taken before that time.
    pub(super) fn held(&mut self, account: AccountId, until: Timestamp) {
        self.stands(account, Health::new(Condition::Throttled(until), Timestamp::now()));
    }

    /// What was checked of a key.
    fn checked(&mut self, name: String, answer: KeyCheckResult) {
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

    /// The key of that name is another one now.
    pub(super) fn replaced(&mut self, name: &str, answer: Option<KeyCheckResult>) {
        self.keys.remove(name);
        self.answers.remove(name);
        self.accounts.retain(|(_, key, _), _| key != name);
        if let Some(answer) = answer {
            self.checked(name.to_owned(), answer);
        }
    }

    /// In which header a key was taken when it was checked.
    pub(super) fn auth(&self, key: &str) -> Option<Auth> {
        self.answers.get(key)?.key.as_ref().ok().map(|facts| facts.auth)
    }

    /// What the service's list says of a destination.
    fn listed(&self, destination: &Destination) -> Option<Health> {
        let answer = self.answers.get(&destination.key)?;
        let listed = answer.listed.iter().find(|l| l.facts.id == destination.provider)?;
        let accounts = listed.accounts.as_ref().ok()?;
        let health = |condition| Some(Health::new(condition, answer.at));
        let Some(id) = &destination.account else {
            let needs_one = listed.facts.accounts.is_some_and(|listing| listing.required);
            let broken = accounts.iter().find_map(|account| account.problem.clone());
            return match accounts.iter().any(|account| account.problem.is_none()) {
                true => health(Condition::Healthy),
                false if !needs_one => health(Condition::Healthy),
                false if broken.is_some() => {
                    health(Condition::NeedsReconnecting).map(|h| Health { said: broken, ..h })
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
            Some(words) => {
                health(Condition::NeedsReconnecting).map(|h| Health { said: Some(words.clone()), ..h })
            }
        }
    }
}

impl Session {
    /// How a destination stands, as far as that is known.
    pub fn health(&self, destination: &Destination, now: Timestamp) -> Option<Health> {
        if !self.has_key(destination) {
            return Some(Health::new(Condition::NoKey, now));
        }
        let key = self.known.keys.get(&destination.key);
        if let Some(key) = key.filter(|key| !key.condition.is_usable(now)) {
            return Some(key.clone());
        }
        let heard = self.known.accounts.get(&destination.account_id());
        match heard.map(|h| (h, h.condition)) {
            Some((heard, Condition::Throttled(until))) if until > now => return Some(heard.clone()),
            _ => {}
        }
        // A time that is over says nothing of now.
        let heard = heard.filter(|h| !matches!(h.condition, Condition::Throttled(_)));
        let listed = self.known.listed(destination);
        let newer = match (heard, listed) {
            (Some(heard), Some(listed)) if listed.seen >= heard.seen => Some(listed),
            (Some(heard), listed) => {
                let note = listed.and_then(|l| l.note);
                Some(Health { note, ..heard.clone() })
            }
            (None, listed) => listed,
        };
        let has_accounts =
            provider::by_id(&destination.provider).is_some_and(|p| p.facts().accounts.is_some());
        newer.or_else(|| key.filter(|_| !has_accounts).cloned())
    }

    /// How a key stands, as far as that is known.
    pub fn key_health(&self, key: &str) -> Option<&Health> {
        self.known.keys.get(key)
    }

    /// Why the last check of a key said nothing of it: the network, the service, the keyring.
    pub fn unchecked(&self, key: &str) -> Option<&Failure> {
        let failure = self.known.answers.get(key)?.key.as_ref().err()?;
        Health::of_failure(failure, Timestamp::UNIX_EPOCH).is_none().then_some(&**failure)
    }

    /// The accounts behind a key, as its last check listed them.
    pub fn listed(&self, key: &str) -> &[AccountList] {
        self.known.answers.get(key).map_or(&[], |answer| &answer.listed)
    }

    /// Whether there is a key for a destination: saved, of this run only, or given.
    pub fn has_key(&self, destination: &Destination) -> bool {
        let given =
            provider::by_id(&destination.provider).is_some_and(|p| self.has_given_key(p.facts().vendor));
        given
            || self.settings.keys.iter().any(|key| key.name == destination.key)
            || self.this_run.iter().any(|other| other.key == destination.key)
    }

    /// The service whose key has this name.
    pub fn vendor_of(&self, key: &str) -> Option<&'static Vendor> {
        let saved = self.settings.keys.iter().find(|record| record.name == key);
        if let Some(vendor) = saved.and_then(|record| provider::vendor(&record.vendor)) {
            return Some(vendor);
        }
        let mut users = self.destinations.iter().filter(|d| d.key == key);
        let of_user = users.find_map(|d| provider::by_id(&d.provider)).map(|p| p.facts().vendor);
        of_user.or_else(|| provider::vendor(key).filter(|vendor| self.has_given_key(vendor)))
    }

    /// Asks the service about a key that is there; the answer is for whoever has the ticket too. None where there is no
    /// such key.
    pub fn check_key(&mut self, name: &str) -> Option<u64> {
        let vendor = self.vendor_of(name)?;
        let named = self.destinations.iter().filter(|d| d.key == name);
        let more_of = named
            .filter_map(|d| Some((provider::by_id(&d.provider)?.facts().id, d.account.clone()?)))
            .collect();
        Some(self.ask(vendor, KeySource::Saved(name.to_owned()), more_of, Some(name.to_owned())))
    }

    /// Asks the service about a key that is not saved yet.
    pub fn check_new_key(&mut self, vendor: &'static Vendor, key: Key) -> u64 {
        self.ask(vendor, KeySource::New(key), vec![], None)
    }

    fn ask(
        &mut self,
        vendor: &'static Vendor,
        key: KeySource,
        more_of: Vec<(&'static str, String)>,
        name: Option<String>,
    ) -> u64 {
        self.known.last += 1;
        let ticket = self.known.last;
        self.known.asked.insert(ticket, name);
        self.engine.ask(Inquiry { ticket, vendor, key, more_of });
        ticket
    }

    /// Whether an answer about a key is awaited.
    pub fn is_checking(&self, key: &str) -> bool {
        self.known.asked.values().any(|name| name.as_deref() == Some(key))
    }

    /// The answer to a question, once.
    pub fn take_result(&mut self, ticket: u64) -> Option<KeyCheckResult> {
        self.known.tickets.remove(&ticket)
    }

    /// Takes in what services answered; true where one did.
    pub(super) fn drain_key_checks(&mut self) -> bool {
        let mut any = false;
        while let Some(answer) = self.engine.try_answer() {
            any = true;
            self.known.tickets.retain(|_, old| answer.at.duration_since(old.at).as_mins() < 60);
            self.known.tickets.insert(answer.ticket, answer.clone());
            if let Some(name) = self.known.asked.remove(&answer.ticket).flatten() {
                self.known.checked(name.clone(), answer);
                self.remember_header(&name);
            }
        }
        any
    }

    /// A key that was taken in another header than before is sent in that one from now on.
    fn remember_header(&mut self, key: &str) {
        let Some(auth) = self.known.auth(key) else { return };
        let differs = |d: &Destination| {
            let facts = provider::by_id(&d.provider).map(|p| p.facts());
            let option =
                facts.and_then(|f| Some((f, f.options.iter().find(|o| o.location == ParamLocation::Auth)?)));
            option.is_some_and(|(facts, option)| {
                let now = d.options.get(option.key).map_or(facts.vendor.auth.name(), String::as_str);
                d.key == key && now != auth.name()
            })
        };
        if self.settings.destinations.iter().any(differs) {
            let key = key.to_owned();
            self.set(move |settings| {
                for destination in settings.destinations.iter_mut().filter(|d| d.key == key) {
                    take_header(&destination.provider, &mut destination.options, auth);
                }
            });
        }
        self.offer_destinations();
    }

    /// What an upload's news say of its account.
    pub(super) fn heard(&mut self, id: UploadId, event: &Event) {
        if let Some(item) = self.queue.get(id) {
            let sent = if let State::Sent { at } = item.state { Some(at) } else { None };
            self.known.on_event(&item.request.destination, event, sent, Timestamp::now());
        }
    }
}

/// The key goes into this header from now on: an option of those providers whose documents know two.
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
    use crate::model::error::FailureKind;
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
            assert_eq!(condition, Condition::Throttled(at(counts)), "after {until}");
        }
        known.held(destination.account_id(), at(60));
        assert_eq!(known.accounts[&destination.account_id()].condition, Condition::Throttled(at(900)));
        let broken = samples::failed(FailureKind::AccountBroken);
        known.on_event(&destination, &broken, None, at(2));
        let condition = known.accounts[&destination.account_id()].condition;
        assert_eq!(condition, Condition::NeedsReconnecting, "another answer counts at once");
    }
}
