//! Keys and saved destinations. Every call may wait for the disk or the keyring: never on the window's thread.

use std::io;

use super::account_names::{InvalidDestinationName, InvalidLabel, name_after_key};
pub use super::account_names::{check_label, check_name};
use super::health_book::take_header;
pub use super::new_destination::NewDestination;
use super::new_destination::save;
use super::notice::Notice;
use crate::engine::key_check::KeyCheckResult;
use crate::model::destination::{Destination, KeyRecord};
use crate::model::secret::Key;
use crate::model::text;
use crate::provider::spec::{Auth, Vendor};
use crate::store::keys::{KeyringProblem, KeyringStatus, Keys};
use crate::store::settings::{Settings, unique_name};
use crate::store::settings_file::SettingsFile;

/// The settings as they are after a change, and what it led to.
#[derive(Debug)]
pub struct AccountsReply {
    /// The current settings.
    pub settings: Settings,
    /// Something the user should know.
    pub notice: Option<Notice>,
    /// The destination for new files from now on, where the change says so.
    pub choose: Option<String>,
    /// What became of a key, where it was one's.
    pub key: Option<KeyChange>,
}

/// What became of a key.
#[derive(Debug)]
pub enum KeyChange {
    /// It is in the keyring.
    Saved {
        /// Its name.
        key: String,
        /// What its vendor said of it before.
        answer: Option<KeyCheckResult>,
    },
    /// It lived for this run only, and is in the keyring now.
    Kept(String),
    /// It lives for this run only, and its destinations with it.
    ForThisRun {
        /// Its name.
        key: String,
        /// Why no keyring has it.
        problem: KeyringProblem,
        /// What uses it.
        destinations: Vec<Destination>,
        /// What its vendor said of it before.
        answer: Option<KeyCheckResult>,
    },
    /// It is removed from the keyring.
    Removed {
        /// Its name.
        key: String,
        /// What people read.
        title: String,
        /// The saved destinations that went with it.
        destinations: Vec<String>,
    },
}

impl From<Settings> for AccountsReply {
    fn from(settings: Settings) -> AccountsReply {
        AccountsReply { settings, notice: None, choose: None, key: None }
    }
}

/// Why nothing of what was asked was changed.
#[derive(Debug, thiserror::Error)]
pub enum AccountsError {
    /// The disk.
    #[error("The settings cannot be saved: {0}")]
    Unsaved(io::Error),
    /// A key of this name is of another vendor.
    #[error("A key of another vendor has the name {0}: choose another name")]
    OfAnother(String),
    /// The keyring took no key that it is without.
    #[error("The key could not be saved: {0}. Hoist still keeps it for this run only")]
    NotKept(KeyringProblem),
    /// The keyring kept it.
    #[error("The key could not be removed: {0}. Nothing was changed")]
    NotRemoved(KeyringProblem),
    /// None of this name.
    #[error("There is no key named {0}: `hoist keys list` shows those there are")]
    NoKey(String),
    /// A vendor's name stands for its only key.
    #[error("There are several keys for {vendor}: name one of {}", .keys.join(", "))]
    SeveralKeys {
        /// The name that was given.
        vendor: String,
        /// The names to choose from.
        keys: Vec<String>,
    },
    /// None of this name.
    #[error("There is no saved destination named {0}")]
    NoDestination(String),
    /// Of a key.
    #[error(transparent)]
    Label(#[from] InvalidLabel),
    /// A destination cannot be called so.
    #[error(transparent)]
    Name(#[from] InvalidDestinationName),
}

/// What a key is saved as.
#[derive(Clone, Debug, Default)]
pub struct KeyNames {
    /// Its name, and that of the key it replaces; none for one that is free.
    pub name: Option<String>,
    /// What its user calls it; none keeps what the key that it replaces is called.
    pub label: Option<String>,
}

impl From<&str> for KeyNames {
    fn from(name: &str) -> KeyNames {
        KeyNames { name: Some(name.to_owned()), label: None }
    }
}

/// Access to the saved keys and destinations, from any thread.
#[derive(Clone)]
pub struct Accounts {
    file: SettingsFile,
    keys: Keys,
}

impl Accounts {
    /// Opens those of a settings file and a keyring.
    pub fn new(file: SettingsFile, keys: Keys) -> Accounts {
        Accounts { file, keys }
    }

    /// Changes the settings.
    pub fn change(&self, change: impl FnOnce(&mut Settings)) -> Result<AccountsReply, AccountsError> {
        let settings = self.file.update(change).map_err(AccountsError::Unsaved)?;
        Ok(settings.into())
    }

    /// Saves a key in the keyring, and destinations that use it. Without a keyring the key lives for this run only, and
    /// that is said. `answer` is what its vendor said of it, where it was checked.
    pub fn add(
        &self,
        vendor: &Vendor,
        names: &KeyNames,
        key: Key,
        new: &[NewDestination],
        answer: Option<KeyCheckResult>,
    ) -> Result<AccountsReply, AccountsError> {
        // The name is taken before the key is put under it: no other program puts one there, and no key is kept that
        // nothing knows.
        let (record, replaced) = self.take_name(vendor, names)?;
        let name = record.name.clone();
        if let Err(problem) = self.keys.put(&name, key.clone()) {
            let settings = self.give_name_back(&name, replaced)?.settings;
            self.keys.remember(&name, key);
            let mut unsaved = settings.clone();
            unsaved.keys.push(record); // its destinations are called after it
            let saved = unsaved.destinations.len();
            let choose = save(&mut unsaved, &name, new);
            let destinations = unsaved.destinations.split_off(saved);
            let notice = Notice::error(format!(
                "The key could not be saved: {problem}. Hoist keeps it for this run only; {} can hold it instead",
                vendor.env
            ));
            let change = KeyChange::ForThisRun { key: name, problem, destinations, answer };
            return Ok(AccountsReply { settings, notice: Some(notice), choose, key: Some(change) });
        }
        let notice = format!("The {} key is in the keyring", vendor.name).into();
        let added = self.add_destinations(&name, new)?;
        let change = KeyChange::Saved { key: name, answer };
        Ok(AccountsReply { notice: Some(notice), key: Some(change), ..added })
    }

    /// Saves the record of a key. Gives it back with the one that it replaces, and the index of that.
    fn take_name(
        &self,
        vendor: &Vendor,
        names: &KeyNames,
    ) -> Result<(KeyRecord, Option<(usize, KeyRecord)>), AccountsError> {
        let mut taken = None;
        self.change_if(|settings| {
            let name = match &names.name {
                Some(name) if settings.keys.iter().any(|k| k.name == *name && k.vendor != vendor.id) => {
                    return Err(AccountsError::OfAnother(name.clone()));
                }
                Some(name) => name.clone(),
                None => unique_name(vendor.id, |n| {
                    settings.keys.iter().any(|k| k.name == n) || self.keys.is_known(n)
                }),
            };
            if let Some(label) = &names.label {
                check_label(settings, &name, label)?;
            }
            let index = settings.keys.iter().position(|k| k.name == name);
            let replaced = index.map(|index| (index, settings.keys.remove(index)));
            let label = names.label.clone().or_else(|| replaced.as_ref().and_then(|(_, k)| k.label.clone()));
            let added = jiff::Zoned::now().date();
            let record = KeyRecord { name, vendor: vendor.id.to_owned(), added, label };
            settings.keys.push(record.clone());
            taken = Some((record, replaced));
            Ok(())
        })?;
        Ok(taken.expect("the change was made"))
    }

    /// Takes back the record of a key that is in no keyring.
    fn give_name_back(
        &self,
        name: &str,
        replaced: Option<(usize, KeyRecord)>,
    ) -> Result<AccountsReply, AccountsError> {
        self.change(|settings| {
            settings.keys.retain(|k| k.name != name);
            if let Some((index, record)) = replaced {
                settings.keys.insert(index.min(settings.keys.len()), record);
            }
        })
    }

    /// Puts a key that lives for this run only into the keyring, with what uses it. Nothing changes where that fails.
    pub(super) fn keep(
        &self,
        vendor: &Vendor,
        name: &str,
        new: &[NewDestination],
    ) -> Result<AccountsReply, AccountsError> {
        let key = self.keys.get_of(name, vendor.id).map_err(AccountsError::NotKept)?;
        self.keys.put(name, key.clone()).map_err(AccountsError::NotKept)?;
        let added = self.add(vendor, &name.into(), key, new, None)?;
        Ok(AccountsReply { key: Some(KeyChange::Kept(name.to_owned())), ..added })
    }

    /// Saves destinations for a key; the first of them is for new files from now on.
    pub fn add_destinations(
        &self,
        key: &str,
        new: &[NewDestination],
    ) -> Result<AccountsReply, AccountsError> {
        let mut choose = None;
        let changed = self.change(|settings| choose = save(settings, key, new))?;
        Ok(AccountsReply { choose, ..changed })
    }

    /// Saves a destination that was on offer only, as it is; it stays the one for new files where it was that.
    pub fn save_destination(
        &self,
        destination: Destination,
        is_chosen: bool,
    ) -> Result<AccountsReply, AccountsError> {
        let mut choose = None;
        let changed = self.change(|settings| {
            // Another program may have saved one of that name meanwhile.
            let name = settings.free_name(&destination.name);
            choose = is_chosen.then(|| name.clone());
            settings.destinations.push(Destination { name, ..destination });
        })?;
        Ok(AccountsReply { choose, ..changed })
    }

    /// Forgets a destination.
    pub fn remove_destination(&self, name: &str) -> Result<AccountsReply, AccountsError> {
        self.change(|settings| {
            settings.destinations.retain(|d| d.name != name);
            forget_choice(settings);
        })
    }

    /// Removes a key from the keyring, and the destinations that used it, whose names it gives back. The name is a key's, or that of a vendor
    /// with one key.
    pub fn remove(&self, name: &str) -> Result<Vec<String>, AccountsError> {
        let record = self.find(name)?;
        self.keys.remove(&record.name).map_err(AccountsError::NotRemoved)?;
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

    /// Removes the key of exactly this name, which may be one of this run only, or gone already, and what uses it.
    pub(super) fn remove_key(&self, name: &str, title: String) -> Result<AccountsReply, AccountsError> {
        let (settings, _) = self.file.load();
        let destinations = match settings.keys.iter().any(|k| k.name == name) {
            true => self.remove(name)?,
            false => {
                self.keys.forget(name);
                vec![]
            }
        };
        let (settings, _) = self.file.load();
        let change = KeyChange::Removed { key: name.to_owned(), title, destinations };
        Ok(AccountsReply { key: Some(change), ..AccountsReply::from(settings) })
    }

    /// Tells whose keys these are: none is sent to another vendor.
    pub(super) fn own(&self, keys: &[KeyRecord]) {
        self.keys.set_owners(keys);
    }

    /// Returns how the keyring answered when it was asked last.
    pub(super) fn keyring(&self) -> KeyringStatus {
        self.keys.standing()
    }

    /// Returns the key of that name, the one with that label, or the one of that vendor.
    pub fn find(&self, name: &str) -> Result<KeyRecord, AccountsError> {
        let (settings, _) = self.file.load();
        let labelled = |k: &&KeyRecord| k.label.as_deref() == Some(name);
        let named = settings.keys.iter().find(|k| k.name == name);
        if let Some(record) = named.or_else(|| settings.keys.iter().find(labelled)) {
            return Ok(record.clone());
        }
        let of_vendor: Vec<_> = settings.keys.iter().filter(|k| k.vendor == name).collect();
        match of_vendor.as_slice() {
            [one] => Ok((*one).clone()),
            [] => Err(AccountsError::NoKey(name.to_owned())),
            many => {
                let keys = many.iter().map(|k| k.name.clone()).collect();
                Err(AccountsError::SeveralKeys { vendor: name.to_owned(), keys })
            }
        }
    }

    /// Gives a key a label, or takes it away; its destinations without a name of their own are called after it. A key is
    /// found by its label as by its name, so a label is no other key's name or label, and no vendor's.
    pub fn rename_key(&self, name: &str, label: Option<String>) -> Result<AccountsReply, AccountsError> {
        let label = label.map(|l| l.trim().to_owned()).filter(|l| !l.is_empty() && l != name);
        self.change_if(|settings| {
            let Some(index) = settings.keys.iter().position(|k| k.name == name) else {
                return Err(AccountsError::NoKey(name.to_owned()));
            };
            if let Some(label) = &label {
                check_label(settings, name, label)?;
            }
            let before = std::mem::replace(&mut settings.keys[index].label, label);
            name_after_key(settings, index, before.as_deref());
            Ok(())
        })
    }

    /// Gives a saved destination another name; it stays the chosen one if it was.
    pub fn rename_destination(&self, old: &str, new: &str) -> Result<AccountsReply, AccountsError> {
        self.change_destination(old, |destination| new.trim().clone_into(&mut destination.name))
    }

    /// Changes a saved destination. A name that is taken, empty or no line of text is refused.
    pub fn change_destination(
        &self,
        old: &str,
        change: impl FnOnce(&mut Destination),
    ) -> Result<AccountsReply, AccountsError> {
        self.change_if(|settings| {
            let Some(index) = settings.destinations.iter().position(|d| d.name == old) else {
                return Err(AccountsError::NoDestination(old.to_owned()));
            };
            let mut after = settings.destinations[index].clone();
            change(&mut after);
            check_name(settings, old, &after.name)?;
            if settings.chosen.as_deref() == Some(old) {
                settings.chosen = Some(after.name.clone());
            }
            settings.destinations[index] = after;
            Ok(())
        })
    }

    /// Makes a change that may find that it cannot be made, and leaves everything as it is then.
    fn change_if(
        &self,
        change: impl FnOnce(&mut Settings) -> Result<(), AccountsError>,
    ) -> Result<AccountsReply, AccountsError> {
        let mut made = Ok(());
        let changed = self.change(|settings| made = change(settings))?;
        made.map(|()| changed)
    }
}

/// Destinations that send their key in the header in which it was taken.
pub fn with_auth_header(mut new: Vec<NewDestination>, auth: Option<Auth>) -> Vec<NewDestination> {
    if let Some(auth) = auth {
        for destination in &mut new {
            take_header(&destination.provider, &mut destination.options, auth);
        }
    }
    new
}

/// Returns what is told of a key that was removed, and of what went with it.
pub(super) fn gone(title: &str, destinations: &[String]) -> String {
    let with_it = match destinations.len() {
        0 => String::new(),
        n => format!(", and with it {}: {}", text::count(n, "destination"), destinations.join(", ")),
    };
    text::sanitize(&format!("The key {title} is removed{with_it}"))
}

/// Forgets the choice of a destination that is gone: files must not go anywhere else instead.
fn forget_choice(settings: &mut Settings) {
    settings.chosen =
        settings.chosen.take().filter(|name| settings.destinations.iter().any(|d| d.name == *name));
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;
    use std::time::{Duration, Instant};

    use super::*;
    use crate::provider;
    use crate::session::key_groups::KeyOrigin;
    use crate::session::{Session, Start};
    use crate::store::folders::Folders;

    /// Looks until something is told.
    fn notices(session: &mut Session) -> String {
        let until = Instant::now() + Duration::from_mins(1);
        while Instant::now() < until {
            session.poll();
            if let Some(notice) = session.take_notices().into_iter().next() {
                return notice.text;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        panic!("nothing was told");
    }

    fn names(session: &Session) -> Vec<&str> {
        session.keys.destinations().iter().map(|d| d.name.as_str()).collect()
    }

    /// A session with two keys, and the destinations of each.
    fn session(home: &tempfile::TempDir, keys: &Keys) -> Session {
        let start = Start::new(Folders::inside(home.path()), keys.clone());
        let mut session = Session::start(start, Arc::new(|| {})).unwrap();
        for (vendor, text) in [("useapi", "user:1-a"), ("piapi", "key-of-piapi")] {
            let vendor = provider::vendor(vendor).unwrap();
            let key = Key::new(text.into()).unwrap();
            session.keys.add_key(vendor, KeyNames::default(), key, NewDestination::all_of(vendor), None);
            notices(&mut session);
        }
        assert_eq!(names(&session), ["Flow Music", "Google Flow", "Riffusion", "PiAPI"]);
        session
    }

    #[test]
    fn an_added_destination_is_chosen_and_that_is_told_where_another_was() {
        let (home, keys) = (tempfile::tempdir().unwrap(), Keys::in_memory());
        let mut session =
            Session::start(Start::new(Folders::inside(home.path()), keys.clone()), Arc::new(|| {})).unwrap();
        let added = ["useapi", "piapi"].map(|vendor| {
            let vendor = provider::vendor(vendor).unwrap();
            let key = Key::new("user:1-a".into()).unwrap();
            session.keys.add_key(vendor, KeyNames::default(), key, NewDestination::all_of(vendor), None);
            notices(&mut session)
        });
        let first = "The useapi.net key is in the keyring";
        assert_eq!(added, [first, "The PiAPI key is in the keyring. New files go to PiAPI · 24-hour link"]);
        let again = NewDestination {
            provider: "flow-music".into(),
            name: None,
            account: Some("jane@example.com".into()),
            options: BTreeMap::new(),
        };
        session.keys.add_destinations("useapi".into(), vec![again]);
        assert_eq!(notices(&mut session), "New files go to Flow Music · jane@example.com");
        let renamed = Destination { name: "Jane".into(), ..(**session.keys.chosen().unwrap()).clone() };
        session.keys.change_destination("Flow Music · jane@example.com".into(), renamed);
        while session.keys.chosen().unwrap().name != "Jane" {
            session.poll();
        }
        assert!(session.take_notices().is_empty(), "it is the same destination");
        session.end();
        let session =
            Session::start(Start::new(Folders::inside(home.path()), keys), Arc::new(|| {})).unwrap();
        assert_eq!(session.keys.chosen().unwrap().name, "Jane", "also at the next start");
    }

    #[test]
    fn a_key_goes_with_its_destinations_and_that_is_told() {
        let home = tempfile::tempdir().unwrap();
        let keys = Keys::in_memory();
        let mut session = session(&home, &keys);
        session.keys.remove_key("useapi".into());
        let words =
            "The key useapi.net is removed, and with it 3 destinations: Flow Music, Google Flow, Riffusion";
        assert_eq!(notices(&mut session), words);
        assert_eq!(names(&session), ["PiAPI"]);
        assert!(keys.get("useapi").is_err() && keys.get("piapi").is_ok());
        let saved = std::fs::read_to_string(home.path().join("settings/settings.toml")).unwrap();
        assert!(!saved.contains("useapi") && saved.contains("piapi"), "{saved}");
        session.keys.remove_key("useapi".into());
        assert_eq!(notices(&mut session), "The key useapi is removed", "once more does no harm");
    }

    #[test]
    fn a_key_of_this_run_goes_with_its_unsaved_destinations() {
        let home = tempfile::tempdir().unwrap();
        let keys = Keys::without_keyring();
        let mut session = session(&home, &keys);
        let origins: Vec<_> =
            session.keys.destinations().iter().map(|d| session.keys.key_origin(d)).collect();
        assert!(origins.iter().all(|origin| *origin == KeyOrigin::ThisRun), "no keyring has them");
        session.keys.remove_key("piapi".into());
        assert_eq!(notices(&mut session), "The key PiAPI is removed, and with it 1 destination: PiAPI");
        assert_eq!(names(&session), ["Flow Music", "Google Flow", "Riffusion"]);
        assert!(!keys.is_known("piapi") && keys.is_known("useapi"));
    }

    #[test]
    fn a_key_whose_record_cannot_be_saved_is_put_nowhere() {
        let (home, keys) = (tempfile::tempdir().unwrap(), Keys::in_memory());
        let accounts = Accounts::new(SettingsFile::new(&Folders::inside(home.path())), keys.clone());
        // A folder in the place of the file, which none can replace.
        std::fs::create_dir_all(home.path().join("settings/settings.toml/x")).unwrap();
        let key = || Key::new("key-of-piapi".into()).unwrap();
        let vendor = provider::vendor("piapi").unwrap();
        let added = accounts.add(vendor, &KeyNames::default(), key(), &NewDestination::all_of(vendor), None);
        assert!(matches!(added, Err(AccountsError::Unsaved(_))), "{added:?}");
        assert!(!keys.is_known("piapi") && keys.get("piapi").is_err());
        // Without a keyring no record is left, and one that was there is as it was.
        std::fs::remove_dir_all(home.path().join("settings/settings.toml")).unwrap();
        let added = accounts.add(vendor, &KeyNames::default(), key(), &[], None).unwrap();
        let without = Accounts { keys: Keys::without_keyring(), ..accounts.clone() };
        for names in [KeyNames::default(), "piapi".into()] {
            let kept = without.add(vendor, &names, key(), &[], None).unwrap();
            let is_for_this_run = matches!(kept.key, Some(KeyChange::ForThisRun { .. }));
            assert!(is_for_this_run && kept.settings.keys == added.settings.keys, "{kept:?}");
        }
    }

    #[test]
    fn several_that_add_a_key_at_once_take_a_name_each() {
        let home = tempfile::tempdir().unwrap();
        let file = SettingsFile::new(&Folders::inside(home.path()));
        let add = |n: usize| {
            // Each as a program of its own, which knows what is in the keyring only by what is saved.
            let accounts = Accounts::new(file.clone(), Keys::in_memory());
            std::thread::spawn(move || {
                let key = Key::new(format!("key-of-piapi-{n}")).unwrap();
                let added =
                    accounts.add(provider::vendor("piapi").unwrap(), &KeyNames::default(), key, &[], None);
                let Some(KeyChange::Saved { key, .. }) = added.unwrap().key else { panic!("not saved") };
                key
            })
        };
        let mut names: Vec<_> =
            (0..8).map(add).collect::<Vec<_>>().into_iter().map(|add| add.join().unwrap()).collect();
        names.sort();
        names.dedup();
        assert_eq!((names.len(), file.peek().unwrap().keys.len()), (8, 8), "{names:?}");
    }

    #[test]
    fn a_key_that_is_replaced_keeps_its_label() {
        let home = tempfile::tempdir().unwrap();
        let accounts = Accounts::new(SettingsFile::new(&Folders::inside(home.path())), Keys::in_memory());
        let vendor = provider::vendor("piapi").unwrap();
        let add =
            || accounts.add(vendor, &"piapi".into(), Key::new("key-of-piapi".into()).unwrap(), &[], None);
        add().unwrap();
        accounts.rename_key("piapi", Some("Studio".to_owned())).unwrap();
        add().unwrap();
        let found = accounts.find("Studio").unwrap();
        assert_eq!((found.name.as_str(), found.label.as_deref()), ("piapi", Some("Studio")));
    }
}
