//! What is set up: settings, API keys, destinations, and how they stand.

use std::collections::HashSet;
use std::sync::Arc;

use super::accounts::{Accounts, AccountsError, AccountsReply};
use super::background::Background;
use super::health_book::{HealthBook, take_header};
use crate::model::destination::Destination;
use crate::provider;
use crate::provider::spec::{ProviderSpec, Vendor};
use crate::store::settings::Settings;

/// What comes from the thread of the settings.
pub(super) enum SettingsNews {
    /// The answer to what was asked.
    Reply(Box<Result<AccountsReply, AccountsError>>),
    /// Another program wrote them.
    Elsewhere(Settings),
}

/// Settings, API keys and destinations: as they apply now, and the thread that saves them.
pub struct KeyBook {
    pub(super) settings: Settings,
    /// Those whose key could not be saved.
    pub(super) this_run: Vec<Destination>,
    pub(super) destinations: Vec<Arc<Destination>>,
    pub(super) chosen: usize,
    /// The chosen one was removed last, and no other was chosen since.
    pub(super) removed_choice: Option<String>,
    pub(super) accounts: Accounts,
    /// The vendors whose key the environment or the sandbox gives.
    given: HashSet<&'static str>,
    /// The sandbox gives them, and not the environment.
    pub(super) of_sandbox: bool,
    /// How keys and accounts stand.
    pub(super) known: HealthBook,
    pub(super) thread: Background<Accounts, SettingsNews>,
    /// Changes of settings that are not answered yet.
    pub(super) unanswered: usize,
}

impl KeyBook {
    pub(super) fn new(
        settings: Settings,
        accounts: Accounts,
        given: HashSet<&'static str>,
        of_sandbox: bool,
        thread: Background<Accounts, SettingsNews>,
    ) -> KeyBook {
        accounts.own(&settings.keys);
        let mut book = KeyBook {
            settings,
            this_run: vec![],
            destinations: vec![],
            chosen: 0,
            removed_choice: None,
            accounts,
            given,
            of_sandbox,
            known: HealthBook::default(),
            thread,
            unanswered: 0,
        };
        book.offer_destinations();
        book
    }

    /// Returns the destinations on offer: the saved ones, then an unsaved "Auto" one for each provider whose key is
    /// given by the environment or by the sandbox.
    pub fn destinations(&self) -> &[Arc<Destination>] {
        &self.destinations
    }

    /// Returns the destination newly added files go to.
    pub fn chosen(&self) -> Option<&Arc<Destination>> {
        self.destinations.get(self.chosen)
    }

    /// Returns whether the environment or the sandbox gives the key of a vendor, or it needs none.
    pub fn has_given_key(&self, vendor: &Vendor) -> bool {
        self.given.contains(vendor.id) || !vendor.needs_key()
    }

    /// Returns a key of a vendor that the sandbox accepts, where this is one.
    pub fn sandbox_key(&self, vendor: &Vendor) -> Option<&'static str> {
        self.of_sandbox.then_some(vendor.sandbox.key).filter(|key| !key.is_empty())
    }

    /// Lists the vendors whose key the environment or the sandbox gives.
    pub fn given_vendors(&self) -> impl Iterator<Item = &'static Vendor> {
        provider::vendors().into_iter().filter(|vendor| vendor.needs_key() && self.given.contains(vendor.id))
    }

    /// Returns whether a destination is saved.
    pub fn is_saved(&self, destination: &Destination) -> bool {
        self.settings.destinations.contains(destination)
    }

    /// Returns whether a destination is there only because the environment or the sandbox gives its key.
    pub fn is_given(&self, destination: &Destination) -> bool {
        !self.is_saved(destination) && !self.this_run.contains(destination)
    }

    pub(super) fn offer_destinations(&mut self) {
        let wanted = [self.chosen().map(|d| d.name.clone()), self.settings.chosen.clone()];
        let known = |d: &&Destination| provider::by_id(&d.provider).is_some();
        let saved = self.settings.destinations.iter().chain(&self.this_run);
        let saved: Vec<_> = saved.filter(known).cloned().map(Arc::new).collect();
        // A key of the environment is there to be used, whatever lists show.
        let is_offered = |facts: &ProviderSpec| {
            facts.is_shown()
                || (!self.of_sandbox && provider::offered_of(facts.vendor).iter().any(|f| f.id == facts.id))
        };
        let all = provider::all().into_iter().map(|p| p.facts());
        let given = all.filter(|f| self.given.contains(f.vendor.id) && is_offered(f));
        let unsaved = given.map(|facts| {
            let mut destination = auto(facts, facts.vendor.id);
            if let Some(auth) = self.known.auth(facts.vendor.id) {
                take_header(facts.id, &mut destination.options, auth);
            }
            Arc::new(destination)
        });
        // One that was saved is not there twice. Under the name by which it was offered it stands where it was.
        let is_there = |d: &Arc<Destination>| saved.iter().any(|s| s.is_same_target(d));
        let offered: Vec<_> = unsaved.map(|d| (is_there(&d), d)).collect();
        let is_offered =
            |s: &Arc<Destination>| offered.iter().any(|(_, d)| s.is_same_target(d) && s.name == d.name);
        let (stay, mut all): (Vec<_>, Vec<_>) = saved.iter().cloned().partition(is_offered);
        for (is_there, offered) in offered {
            let of_it = stay.iter().filter(|s| s.is_same_target(&offered) && s.name == offered.name);
            all.extend(of_it.cloned());
            all.extend((!is_there).then_some(offered));
        }
        self.destinations = all;
        self.chosen = 0;
        // The one of before; where another program renamed it, the settings know its name.
        for name in wanted.into_iter().rev().flatten() {
            self.choose_named(&name);
        }
    }

    pub(super) fn choose_named(&mut self, name: &str) {
        if let Some(index) = self.destinations.iter().position(|d| d.name == name) {
            self.chosen = index;
        }
    }
}

/// Returns a destination that lets the provider choose the account.
pub fn auto(facts: &ProviderSpec, key: &str) -> Destination {
    Destination {
        name: facts.name.to_owned(),
        provider: facts.id.to_owned(),
        key: key.to_owned(),
        account: None,
        options: std::collections::BTreeMap::new(),
        fit: crate::model::fit::FitRules::default(),
    }
}
