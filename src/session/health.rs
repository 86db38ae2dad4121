//! How keys, accounts and destinations stand, and the checks a person asks for.

use jiff::Timestamp;

use super::Session;
use super::health_book::take_header;
use super::key_book::KeyBook;
use crate::engine::key_check::{AccountList, KeyCheckRequest, KeyCheckResult, KeySource};
use crate::model::destination::Destination;
use crate::model::error::Failure;
use crate::model::health::{Condition, Health};
use crate::model::secret::Key;
use crate::model::upload::{Event, State, UploadId};
use crate::provider;
use crate::provider::spec::{ParamLocation, Vendor};

impl KeyBook {
    /// Returns how a destination stands, as far as that is known.
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
            Some((heard, Condition::RateLimited(until))) if until > now => return Some(heard.clone()),
            _ => {}
        }
        // A time that is over says nothing of now.
        let heard = heard.filter(|h| !matches!(h.condition, Condition::RateLimited(_)));
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
            provider::by_id(&destination.provider).is_some_and(|p| p.facts().account.listing.is_some());
        // The plan is the key's, and told there.
        newer.or_else(|| Some(Health { note: None, ..key.filter(|_| !has_accounts)?.clone() }))
    }

    /// Returns how a key stands, as far as that is known.
    pub fn key_health(&self, key: &str) -> Option<&Health> {
        self.known.keys.get(key)
    }

    /// Returns when a key was checked last.
    pub fn checked_at(&self, key: &str) -> Option<Timestamp> {
        self.known.answers.get(key).map(|answer| answer.at)
    }

    /// Returns why the last check of a key said nothing of it: the network, the vendor, the keyring.
    pub fn unchecked(&self, key: &str) -> Option<&Failure> {
        let failure = self.known.answers.get(key)?.key.as_ref().err()?;
        Health::of_failure(failure, Timestamp::UNIX_EPOCH).is_none().then_some(&**failure)
    }

    /// Returns the accounts behind a key, as its last check listed them.
    pub fn listed(&self, key: &str) -> &[AccountList] {
        self.known.answers.get(key).map_or(&[], |answer| &answer.listed)
    }

    /// Returns whether there is a key for a destination: saved, of this run only, or given.
    pub fn has_key(&self, destination: &Destination) -> bool {
        let given =
            provider::by_id(&destination.provider).is_some_and(|p| self.has_given_key(p.facts().vendor));
        given
            || self.settings.keys.iter().any(|key| key.name == destination.key)
            || self.this_run.iter().any(|other| other.key == destination.key)
    }

    /// Returns the vendor whose key has this name.
    pub fn vendor_of(&self, key: &str) -> Option<&'static Vendor> {
        let saved = self.settings.keys.iter().find(|record| record.name == key);
        if let Some(vendor) = saved.and_then(|record| provider::vendor(&record.vendor)) {
            return Some(vendor);
        }
        let mut users = self.destinations.iter().filter(|d| d.key == key);
        let of_user = users.find_map(|d| provider::by_id(&d.provider)).map(|p| p.facts().vendor);
        of_user.or_else(|| provider::vendor(key).filter(|vendor| self.has_given_key(vendor)))
    }

    /// Returns whether an answer about a key is awaited.
    pub fn is_checking(&self, key: &str) -> bool {
        self.known.asked.values().any(|name| name.as_deref() == Some(key))
    }

    /// Returns the answer to a question, once.
    pub fn take_result(&mut self, ticket: u64) -> Option<KeyCheckResult> {
        self.known.tickets.remove(&ticket)
    }
}

impl Session {
    /// Asks the vendor about a key that is there; the answer is for whoever has the ticket too. None where there is no
    /// such key.
    pub fn check_key(&mut self, name: &str) -> Option<u64> {
        let vendor = self.keys.vendor_of(name)?;
        let named = self.keys.destinations.iter().filter(|d| d.key == name);
        let more_of = named
            .filter_map(|d| Some((provider::by_id(&d.provider)?.facts().id, d.account.clone()?)))
            .collect();
        Some(self.ask(vendor, KeySource::Saved(name.to_owned()), more_of, Some(name.to_owned())))
    }

    /// Asks the vendor about a key that is not saved yet.
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
        self.keys.known.last += 1;
        let ticket = self.keys.known.last;
        self.keys.known.asked.insert(ticket, name);
        self.uploads.engine.check_key(KeyCheckRequest { ticket, vendor, key, more_of });
        ticket
    }

    /// Takes in what vendors answered; true where one did.
    pub(super) fn drain_key_checks(&mut self) -> bool {
        let mut any = false;
        while let Some(answer) = self.uploads.engine.try_key_check() {
            any = true;
            self.keys.known.tickets.retain(|_, old| answer.at.duration_since(old.at).as_mins() < 60);
            self.keys.known.tickets.insert(answer.ticket, answer.clone());
            if let Some(name) = self.keys.known.asked.remove(&answer.ticket).flatten() {
                self.keys.known.checked(name.clone(), answer);
                self.remember_header(&name);
            }
        }
        any
    }

    /// Sends a key in the header in which it was taken from now on.
    fn remember_header(&mut self, key: &str) {
        let Some(auth) = self.keys.known.auth(key) else { return };
        let differs = |d: &Destination| {
            let facts = provider::by_id(&d.provider).map(|p| p.facts());
            let option =
                facts.and_then(|f| Some((f, f.options.iter().find(|o| o.location == ParamLocation::Auth)?)));
            option.is_some_and(|(facts, option)| {
                let now = d.options.get(option.key).map_or(facts.vendor.auth.name(), String::as_str);
                d.key == key && now != auth.name()
            })
        };
        if self.keys.settings.destinations.iter().any(differs) {
            let key = key.to_owned();
            self.set(move |settings| {
                for destination in settings.destinations.iter_mut().filter(|d| d.key == key) {
                    take_header(&destination.provider, &mut destination.options, auth);
                }
            });
        }
        self.keys.offer_destinations();
    }

    /// Takes in what happened to an upload for the health of its account.
    pub(super) fn on_event(&mut self, id: UploadId, event: &Event) {
        if let Some(item) = self.uploads.queue.get(id) {
            let sent = if let State::Sent { at } = item.state { Some(at) } else { None };
            self.keys.known.on_event(&item.request.destination, event, sent, Timestamp::now());
        }
    }
}
