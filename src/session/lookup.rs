//! Which destination, and which key, a name means. Names come from people who type them, so what is near enough is
//! found, and what may be two things is asked about.

use std::collections::BTreeSet;

use super::accounts::AccountsError;
use super::key_book::{KeyBook, auto};
use crate::model::destination::Destination;
use crate::provider;
use crate::provider::spec::{ProviderSpec, Vendor};
use crate::store::keys::{KeyOfAnother, check_owner};

/// Why a name leads to no destination, or to no key.
#[derive(Debug)]
pub enum LookupError {
    /// Several destinations differ from it by the case of their letters.
    Ambiguous(Vec<String>),
    /// No destination and no provider has this name.
    Unknown,
    /// This destination is on offer because its key is given, and is not saved.
    NotSaved(Box<Destination>),
    /// This vendor has no saved key.
    NoKey(&'static Vendor),
    /// There are several keys of this vendor.
    SeveralKeys(&'static Vendor, Vec<String>),
    /// No saved key has this name.
    UnknownKey(AccountsError),
    /// The key is of another vendor.
    KeyOfAnother(KeyOfAnother),
}

/// Where an upload goes that names a destination or a provider.
#[derive(Debug)]
pub struct UploadTarget {
    /// What the name means.
    pub destination: Destination,
    /// How its account was chosen.
    pub account: AccountChoice,
}

/// How the account of an upload was chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccountChoice {
    /// By the name of the destination.
    Named,
    /// It is the only one of the provider that is saved: Auto may be another one.
    OnlySaved(String),
    /// The provider chooses, since so many are saved.
    Auto(usize),
}

/// Finds the destination that is called so: exactly, or in other letters where only one is.
pub fn destination_called<'a>(
    all: impl Iterator<Item = &'a Destination> + Clone,
    name: &str,
) -> Result<Option<&'a Destination>, LookupError> {
    if let Some(found) = all.clone().find(|d| d.name == name) {
        return Ok(Some(found));
    }
    let alike: Vec<_> = all.filter(|d| d.name.to_lowercase() == name.to_lowercase()).collect();
    match alike.as_slice() {
        [] => Ok(None),
        [one] => Ok(Some(*one)),
        several => Err(LookupError::Ambiguous(several.iter().map(|d| d.name.clone()).collect())),
    }
}

impl KeyBook {
    /// Finds the destination of uploads that name none: the only one, or the one that was chosen.
    pub fn default_destination(&self) -> Option<&Destination> {
        match self.destinations() {
            [only] => Some(only),
            _ => self
                .chosen()
                .filter(|d| self.settings().chosen.as_ref() == Some(&d.name) && !self.of_sandbox)
                .map(AsRef::as_ref),
        }
    }

    /// Finds the destination of an upload by a destination's or a provider's name. A provider alone means the only account
    /// of it that is saved, unless the user says which account.
    pub fn upload_target(&self, name: &str, says_account: bool) -> Result<UploadTarget, LookupError> {
        let named = || {
            let destination = self.destination_named(name)?;
            Ok(UploadTarget { destination, account: AccountChoice::Named })
        };
        let is_destination = self.offered_destination(name)?.is_some();
        let provider = provider::by_id(name).filter(|_| !is_destination && !says_account);
        let Some(facts) = provider.map(|p| p.facts()) else { return named() };
        let keys = self.saved_keys_of(facts.vendor);
        let has_key = |d: &&Destination| self.has_given_key(facts.vendor) || keys.contains(&d.key);
        let saved = self.settings().destinations.iter().filter(|d| d.provider == facts.id).filter(has_key);
        let accounts: BTreeSet<_> = saved.filter_map(|d| Some((&d.key, d.account.as_ref()?))).collect();
        let mut rest = accounts.iter();
        match (rest.next(), rest.len()) {
            (None, _) => named(),
            (Some((key, account)), 0) => Ok(UploadTarget {
                destination: Destination { account: Some((*account).clone()), ..auto(facts, key) },
                account: AccountChoice::OnlySaved((*account).clone()),
            }),
            (Some(_), _) => Ok(UploadTarget { account: AccountChoice::Auto(accounts.len()), ..named()? }),
        }
    }

    /// Finds a destination by its name, or by a provider's id with the key that is saved or given for its vendor.
    pub fn destination_named(&self, name: &str) -> Result<Destination, LookupError> {
        if let Some(found) = self.offered_destination(name)? {
            return Ok(found.clone());
        }
        let facts = provider::by_id(name).ok_or(LookupError::Unknown)?.facts();
        if self.has_given_key(facts.vendor) {
            return Ok(auto(facts, facts.vendor.id));
        }
        match self.saved_keys_of(facts.vendor).as_slice() {
            [key] => Ok(auto(facts, key)),
            [] => Err(LookupError::NoKey(facts.vendor)),
            several => Err(LookupError::SeveralKeys(facts.vendor, several.to_vec())),
        }
    }

    /// Finds a saved destination.
    pub fn saved_destination(&self, name: &str) -> Result<&Destination, LookupError> {
        if let Some(found) = destination_called(self.settings().destinations.iter(), name)? {
            return Ok(found);
        }
        match self.destination_named(name) {
            Ok(offered) if !self.is_saved(&offered) => Err(LookupError::NotSaved(Box::new(offered))),
            _ => Err(LookupError::Unknown),
        }
    }

    /// Finds the key that a destination to be saved uses: the one that is named, or the only one of the vendor.
    pub fn key_for(&self, facts: &ProviderSpec, wanted: Option<&str>) -> Result<String, LookupError> {
        let Some(wanted) = wanted else {
            return match self.saved_keys_of(facts.vendor).as_slice() {
                [key] => Ok(key.clone()),
                [] if self.has_given_key(facts.vendor) => Ok(facts.vendor.id.to_owned()),
                [] => Err(LookupError::NoKey(facts.vendor)),
                several => Err(LookupError::SeveralKeys(facts.vendor, several.to_vec())),
            };
        };
        let given = provider::vendors().into_iter().find(|v| v.id == wanted && self.has_given_key(v));
        let name = match (self.accounts().find(wanted), given) {
            (Ok(record), _) => record.name,
            (Err(_), Some(given)) => given.id.to_owned(),
            (Err(problem), None) => return Err(LookupError::UnknownKey(problem)),
        };
        check_owner(&self.settings().keys, &name, facts).map_err(LookupError::KeyOfAnother)?;
        Ok(name)
    }

    fn offered_destination(&self, name: &str) -> Result<Option<&Destination>, LookupError> {
        destination_called(self.destinations().iter().map(|d| &**d), name)
    }

    fn saved_keys_of(&self, vendor: &Vendor) -> Vec<String> {
        self.settings().keys.iter().filter(|k| k.vendor == vendor.id).map(|k| k.name.clone()).collect()
    }
}
