//! Keys and saved destinations. Every call may wait for the disk or the keyring: never on the window's thread.

use std::collections::BTreeMap;

use crate::model::destination::{Destination, KeyRecord};
use crate::model::secret::Key;
use crate::model::text::harmless;
use crate::provider;
use crate::provider::facts::Service;
use crate::store::keys::{KeyringProblem, Keys};
use crate::store::settings::{Settings, SettingsFile, free};

/// A destination to be saved; its name is made from the provider and the account where none is given.
#[derive(Clone, Debug)]
pub struct NewDestination {
    /// The provider's id.
    pub provider: String,
    /// A name of the user's own.
    pub name: Option<String>,
    /// Email, `user_id` or project.
    pub account: Option<String>,
    /// The provider's options.
    pub options: BTreeMap<String, String>,
}

impl NewDestination {
    /// One "Auto" destination for each provider of a service.
    pub fn all_of(service: &Service) -> Vec<NewDestination> {
        let facts = provider::ALL.iter().map(|p| p.facts()).filter(|f| f.service.id == service.id);
        facts
            .map(|f| NewDestination {
                provider: f.id.into(),
                name: None,
                account: None,
                options: BTreeMap::new(),
            })
            .collect()
    }
}

/// What a change led to.
#[derive(Debug)]
pub struct Added {
    /// The settings now in force.
    pub settings: Settings,
    /// Something the user should know.
    pub notice: Option<String>,
    /// The first destination that was added.
    pub first: Option<String>,
    /// The key's name.
    pub key: Option<String>,
    /// Why the key lives for this run only, if it does, and with it these destinations.
    pub this_run_only: Option<(KeyringProblem, Vec<Destination>)>,
}

impl From<Settings> for Added {
    fn from(settings: Settings) -> Added {
        Added { settings, notice: None, first: None, key: None, this_run_only: None }
    }
}

/// Access to the saved keys and destinations, from any thread.
#[derive(Clone)]
pub struct Accounts {
    file: SettingsFile,
    keys: Keys,
}

impl Accounts {
    /// Those of a settings file and a keyring.
    pub fn new(file: SettingsFile, keys: Keys) -> Accounts {
        Accounts { file, keys }
    }

    /// Changes the settings.
    pub fn change(&self, change: impl FnOnce(&mut Settings)) -> Result<Added, String> {
        let settings = self.file.update(change).map_err(|e| format!("The settings cannot be saved: {e}"))?;
        Ok(settings.into())
    }

    /// Saves a key in the keyring, and destinations that use it. Without a keyring the key lives for this run only, and
    /// that is said.
    pub fn add(
        &self,
        service: &Service,
        name: Option<&str>,
        key: Key,
        new: &[NewDestination],
    ) -> Result<Added, String> {
        let (before, _) = self.file.load();
        let name = match name {
            Some(name) if before.keys.iter().any(|k| k.name == name && k.service != service.id) => {
                return Err(format!(
                    "There is a key of another service with the name {name}: choose another name"
                ));
            }
            Some(name) => name.to_owned(),
            None => free(service.id, |n| before.keys.iter().any(|k| k.name == n) || self.keys.is_known(n)),
        };
        match self.keys.put(&name, key.clone()) {
            Ok(()) => {
                let record = KeyRecord {
                    name: name.clone(),
                    service: service.id.to_owned(),
                    added: jiff::Zoned::now().date(),
                };
                let mut added = self.change(|settings| {
                    settings.keys.retain(|k| k.name != record.name);
                    settings.keys.push(record);
                })?;
                if !new.is_empty() {
                    added = self.add_destinations(&name, new)?;
                }
                added.notice = Some(format!("The {} key is in the keyring", service.name));
                added.key = Some(name);
                Ok(added)
            }
            Err(problem) => {
                self.keys.remember(&name, key);
                let mut unsaved = before.clone();
                let saved = unsaved.destinations.len();
                let first = push(&mut unsaved, &name, new);
                let destinations = unsaved.destinations.split_off(saved);
                let mut added = Added { first, ..Added::from(before) };
                added.notice = Some(format!(
                    "The key could not be saved: {problem}. It lives for this run only; {} can hold it instead",
                    service.env
                ));
                added.key = Some(name);
                added.this_run_only = Some((problem, destinations));
                Ok(added)
            }
        }
    }

    /// Saves destinations for a key.
    pub fn add_destinations(&self, key: &str, new: &[NewDestination]) -> Result<Added, String> {
        let mut first = None;
        let mut added = self.change(|settings| first = push(settings, key, new))?;
        added.first = first;
        Ok(added)
    }

    /// Forgets a destination.
    pub fn remove_destination(&self, name: &str) -> Result<Added, String> {
        self.change(|settings| {
            settings.destinations.retain(|d| d.name != name);
            forget_choice(settings);
        })
    }

    /// Removes a key from the keyring, and the destinations that used it, whose names it gives back. The name is a key's, or that of a service
    /// with one key.
    pub fn remove(&self, name: &str) -> Result<Vec<String>, String> {
        let record = self.find(name)?;
        let failed = |problem| format!("The key could not be removed: {problem}. Nothing was changed");
        self.keys.remove(&record.name).map_err(failed)?;
        let mut destinations = vec![];
        self.change(|settings| {
            settings.keys.retain(|k| k.name != record.name);
            settings.destinations.retain(|d| {
                let uses = d.key == record.name;
                if uses {
                    destinations.push(d.name.clone());
                }
                !uses
            });
            forget_choice(settings);
        })?;
        Ok(destinations)
    }

    /// The same; what went with the key is told.
    pub fn remove_and_tell(&self, name: &str) -> Result<Added, String> {
        let gone = self.remove(name)?;
        let mut told = self.change(|_| {})?;
        let destinations = match gone.as_slice() {
            [] => String::new(),
            names => format!(", and with it {}", names.join(", ")),
        };
        told.notice = Some(harmless(&format!("The key {name} was removed from the keyring{destinations}")));
        Ok(told)
    }

    /// The key of that name, or the one of that service.
    pub fn find(&self, name: &str) -> Result<KeyRecord, String> {
        let (settings, _) = self.file.load();
        if let Some(record) = settings.keys.iter().find(|k| k.name == name) {
            return Ok(record.clone());
        }
        let of_service: Vec<_> = settings.keys.iter().filter(|k| k.service == name).collect();
        match of_service.as_slice() {
            [one] => Ok((*one).clone()),
            [] => Err(format!("There is no key named {name}: `hoist accounts list` shows those there are")),
            many => {
                let names: Vec<_> = many.iter().map(|k| k.name.as_str()).collect();
                Err(format!("There are several keys for {name}: name one of {}", names.join(", ")))
            }
        }
    }
}

/// A choice of a destination that is gone is none: files must not go anywhere else instead.
fn forget_choice(settings: &mut Settings) {
    settings.chosen =
        settings.chosen.take().filter(|name| settings.destinations.iter().any(|d| d.name == *name));
}

fn push(settings: &mut Settings, key: &str, new: &[NewDestination]) -> Option<String> {
    let mut first = None;
    for n in new {
        let Some(provider) = provider::by_id(&n.provider) else { continue };
        let wanted = match (&n.name, &n.account) {
            (Some(name), _) => name.clone(),
            (None, Some(account)) => format!("{} · {account}", provider.facts().name),
            (None, None) => provider.facts().name.to_owned(),
        };
        let same = settings.destinations.iter().find(|d| {
            d.provider == n.provider && d.key == key && d.account == n.account && d.options == n.options
        });
        let name = match same {
            Some(same) => same.name.clone(),
            None => {
                let name = settings.free_name(&wanted);
                settings.destinations.push(Destination {
                    name: name.clone(),
                    provider: n.provider.clone(),
                    key: key.to_owned(),
                    account: n.account.clone(),
                    options: n.options.clone(),
                });
                name
            }
        };
        first.get_or_insert(name);
    }
    first
}
