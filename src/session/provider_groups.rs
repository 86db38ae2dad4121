//! The providers as lists show them: those that a person uses, those that there are besides, and those that are hidden.

use super::key_book::KeyBook;
use crate::provider::spec::{ProviderSource, ProviderSpec, Vendor};
use crate::provider::{self, Provider};

/// Every provider that was searched for, each once.
#[derive(Debug, Default)]
pub struct ProviderGroups {
    /// Those with a destination, and those of the person's own files.
    pub yours: Vec<&'static ProviderSpec>,
    /// The others.
    pub more: Vec<&'static ProviderSpec>,
    /// Those that a person has hidden.
    pub hidden: Vec<&'static ProviderSpec>,
}

impl KeyBook {
    /// Sorts the providers whose name, ID or vendor has this text in it.
    pub fn provider_groups(&self, search: &str) -> ProviderGroups {
        let search = search.trim().to_lowercase();
        let mut groups = ProviderGroups::default();
        for facts in provider::all().into_iter().map(Provider::facts) {
            if !is_found(facts, &search) {
                continue;
            }
            let is_yours = facts.source != ProviderSource::BuiltIn || self.has_destination(facts);
            let group = match (self.is_hidden(facts), is_yours) {
                (true, _) => &mut groups.hidden,
                (false, true) => &mut groups.yours,
                (false, false) => &mut groups.more,
            };
            group.push(facts);
        }
        groups
    }

    /// Returns whether anything can be sent to a provider.
    pub fn has_destination(&self, facts: &ProviderSpec) -> bool {
        self.destinations().iter().any(|destination| destination.provider == facts.id)
    }

    /// Returns whether a person has hidden a provider.
    pub fn is_hidden(&self, facts: &ProviderSpec) -> bool {
        self.settings().hidden_providers.iter().any(|id| id == facts.id)
    }

    /// Returns whether a person has hidden every provider of a vendor.
    pub fn is_hidden_vendor(&self, vendor: &Vendor) -> bool {
        provider::of_vendor(vendor).all(|facts| self.is_hidden(facts))
    }
}

/// What lists say of a provider that needs no key, and what it is found by.
pub const NO_KEY_NEEDED: &str = "no key needed";

/// Returns whether a provider has what was searched for, in small letters, in its name, in its vendor's, or in what lists
/// say of its key.
pub fn is_found(facts: &ProviderSpec, search: &str) -> bool {
    let key = if facts.vendor.needs_key() { "" } else { NO_KEY_NEEDED };
    [facts.name, facts.id, facts.vendor.name, key].iter().any(|text| text.to_lowercase().contains(search))
}
