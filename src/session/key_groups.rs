//! API keys with what uses each. Faces list them, say where they come from and what goes with them by this alone.

use jiff::civil::Date;

use super::key_book::KeyBook;
use crate::model::destination::Destination;
use crate::provider;
use crate::provider::spec::Vendor;

/// Where a key comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyOrigin {
    /// The keyring, where it was saved on this day.
    Keyring(Date),
    /// No keyring took it: it is gone with the window.
    ThisRun,
    /// A variable of the environment.
    Environment,
    /// Given by the sandbox, to everybody.
    Sandbox,
    /// Nowhere: it is gone.
    Missing,
    /// There is none: the provider wants no key.
    NotNeeded,
}

/// A key and its destinations.
pub struct KeyGroup<'a> {
    /// Its name.
    pub key: &'a str,
    /// What its user calls it.
    pub label: Option<&'a str>,
    /// Whose key it is, where this Hoist knows the vendor.
    pub vendor: Option<&'static Vendor>,
    /// Where it comes from.
    pub origin: KeyOrigin,
    /// A key of the environment is used in its place.
    pub is_overruled: bool,
    /// What uses it.
    pub destinations: Vec<&'a Destination>,
}

impl KeyGroup<'_> {
    /// Returns the vendor, and the key's label or name where that is another: "useapi.net · work".
    pub fn title(&self) -> String {
        let vendor =
            self.vendor.map_or("A vendor that this version of Hoist does not know", |vendor| vendor.name);
        match self.label {
            Some(label) => format!("{vendor} · {label}"),
            None if self.vendor.is_some_and(|vendor| vendor.id == self.key) => vendor.to_owned(),
            // One that was not named is told by its number, as its destinations are.
            None => {
                let number =
                    self.vendor.and_then(|vendor| self.key.strip_prefix(vendor.id)?.strip_prefix(' '));
                let number = number.filter(|number| number.bytes().all(|digit| digit.is_ascii_digit()));
                format!("{vendor} · {}", number.unwrap_or(self.key))
            }
        }
    }

    /// Returns whether it can be replaced and removed here.
    pub fn is_ours(&self) -> bool {
        matches!(self.origin, KeyOrigin::Keyring(_) | KeyOrigin::ThisRun)
    }
}

fn vendor_of(destination: &Destination) -> Option<&'static Vendor> {
    provider::by_id(&destination.provider).map(|p| p.facts().vendor)
}

impl KeyBook {
    /// Lists every key that is there, and last the destinations that have none.
    pub fn key_groups(&self) -> Vec<KeyGroup<'_>> {
        let settings = self.settings();
        let is_given = |vendor: Option<&Vendor>| vendor.is_some_and(|s| self.has_given_key(s));
        let mut all: Vec<KeyGroup<'_>> = vec![];
        for record in &settings.keys {
            let vendor = provider::vendor(&record.vendor);
            all.push(KeyGroup {
                key: &record.name,
                label: record.label.as_deref(),
                vendor,
                origin: KeyOrigin::Keyring(record.added),
                is_overruled: is_given(vendor),
                destinations: settings.destinations.iter().filter(|d| d.key == record.name).collect(),
            });
        }
        let has_record = |d: &Destination| settings.keys.iter().any(|k| k.name == d.key);
        for vendor in self.given_vendors() {
            let of_vendor = |d: &&Destination| vendor_of(d).is_some_and(|s| s.id == vendor.id);
            let saved = settings.destinations.iter().filter(|d| !has_record(d));
            // Those that are not saved are offered because the key is given.
            let offered = self.destinations().iter().map(AsRef::as_ref).filter(|d| !self.is_saved(d));
            let destinations: Vec<_> = saved.chain(offered).filter(of_vendor).collect();
            if self.of_sandbox && destinations.is_empty() {
                continue; // the sandbox has a key of each vendor
            }
            all.push(KeyGroup {
                key: vendor.id,
                label: None,
                vendor: Some(vendor),
                origin: if self.of_sandbox { KeyOrigin::Sandbox } else { KeyOrigin::Environment },
                is_overruled: false,
                destinations,
            });
        }
        let this_run = self.destinations().iter().map(AsRef::as_ref).filter(|d| !self.is_saved(d));
        add(&mut all, this_run.filter(|d| !is_given(vendor_of(d))), KeyOrigin::ThisRun);
        let keyless = settings.destinations.iter().filter(|d| !has_record(d) && !is_given(vendor_of(d)));
        let mut without = vec![];
        // One of this run may be its key.
        for destination in keyless {
            match all.iter_mut().find(|group| group.key == destination.key) {
                Some(group) => group.destinations.push(destination),
                None => without.push(destination),
            }
        }
        add(&mut all, without.into_iter(), KeyOrigin::Missing);
        all
    }

    /// Returns what people read of the key of that name.
    pub fn key_title(&self, name: &str) -> String {
        let groups = self.key_groups();
        groups.iter().find(|group| group.key == name).map_or_else(|| name.to_owned(), KeyGroup::title)
    }

    /// Lists the names of the keys of a vendor: the given one, then those of the keyring, then those of this run only.
    pub fn key_names(&self, vendor: &Vendor) -> Vec<String> {
        let given = self.has_given_key(vendor).then(|| vendor.id.to_owned());
        let saved = self.settings().keys.iter().filter(|k| k.vendor == vendor.id).map(|k| k.name.clone());
        let unsaved = self.destinations().iter().filter(|d| !self.is_saved(d));
        let unsaved = unsaved.filter(|d| self.vendor_of(&d.key).is_some_and(|s| s.id == vendor.id));
        let mut all: Vec<String> =
            given.into_iter().chain(saved).chain(unsaved.map(|d| d.key.clone())).collect();
        let mut seen = std::collections::HashSet::new();
        all.retain(|name| seen.insert(name.clone()));
        all
    }

    /// Says where the key of a destination comes from.
    pub fn key_origin(&self, destination: &Destination) -> KeyOrigin {
        let Some(vendor) = vendor_of(destination) else { return KeyOrigin::Missing };
        if !vendor.needs_key() {
            return KeyOrigin::NotNeeded;
        }
        if self.has_given_key(vendor) {
            return if self.of_sandbox { KeyOrigin::Sandbox } else { KeyOrigin::Environment };
        }
        let mut saved = self.settings().keys.iter();
        match saved.find(|k| k.name == destination.key && k.vendor == vendor.id) {
            Some(record) => KeyOrigin::Keyring(record.added),
            None if self.this_run.contains(destination) => KeyOrigin::ThisRun,
            None => KeyOrigin::Missing,
        }
    }

    /// Lists the destinations that go with a key: those that use it, but for what is offered because the environment or the
    /// sandbox gives one of this name.
    pub fn destinations_of_key(&self, name: &str) -> impl Iterator<Item = &Destination> {
        self.settings().destinations.iter().chain(&self.this_run).filter(move |d| d.key == name)
    }
}

/// Puts destinations into groups by their keys.
fn add<'a>(
    all: &mut Vec<KeyGroup<'a>>,
    destinations: impl Iterator<Item = &'a Destination>,
    origin: KeyOrigin,
) {
    let first = all.len();
    for destination in destinations {
        match all[first..].iter_mut().find(|group| group.key == destination.key) {
            Some(group) => group.destinations.push(destination),
            None => all.push(KeyGroup {
                key: &destination.key,
                label: None,
                vendor: vendor_of(destination),
                origin,
                is_overruled: false,
                destinations: vec![destination],
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::samples;
    use crate::session::{Session, Start};
    use crate::store::folders::Folders;
    use crate::store::keys::Keys;
    use crate::store::settings_file::SettingsFile;

    #[test]
    fn destinations_of_a_key_that_is_not_there_stand_together_below_its_name() {
        let home = tempfile::tempdir().unwrap();
        let folders = Folders::inside(home.path());
        let saved = |provider: &str, name: &str| Destination {
            name: name.to_owned(),
            key: "work".to_owned(),
            ..(*samples::destination(provider)).clone()
        };
        let all = [saved("riffusion", "Songs"), saved("google-flow", "Pictures")];
        SettingsFile::new(&folders).update(|settings| settings.destinations.extend(all)).unwrap();
        let session = Session::start(Start::new(folders, Keys::in_memory()), Arc::new(|| {})).unwrap();
        let groups = session.keys.key_groups();
        let missing = groups.iter().find(|group| group.key == "work").expect("a group of its own");
        assert_eq!(missing.origin, KeyOrigin::Missing);
        let names: Vec<_> = missing.destinations.iter().map(|to| to.name.as_str()).collect();
        assert_eq!(names, ["Songs", "Pictures"]);
        assert_eq!(groups.iter().filter(|group| group.key == "work").count(), 1);
    }
}
