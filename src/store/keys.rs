//! Keys in the system's keyring. One thread talks to it, because it can hang for ever (a locked keyring whose prompt
//! nobody answers); everybody else waits `TIMEOUT` for it to be free, and as long for its answer.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Sender};
use std::time::Duration;

use keyring::Error;
use keyring_core::CredentialStore;
use parking_lot::Mutex;

use crate::model::destination::KeyRecord;
use crate::model::secret::Key;
use crate::model::system::SYSTEM;
use crate::model::text::elide;
use crate::provider;
use crate::provider::spec::ProviderSpec;

/// How long anybody waits for the keyring.
pub const TIMEOUT: Duration = Duration::from_secs(5);

/// Every entry in the keyring has the attribute `service` with this value.
const SERVICE: &str = "hoist";

/// What the keyring of this system is called.
pub const KEYRING: &str = SYSTEM.keyring;

/// How the keyring answered when it was asked last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum KeyringStatus {
    /// There is none: keys are in memory only.
    InMemory,
    /// It was not asked in this run.
    #[default]
    NotAsked,
    /// The last request was served.
    Answered,
    /// It did not do what was asked.
    Failed(KeyringProblem),
}

/// Why the keyring did not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyringProblem {
    /// There is no keyring on this system, or none is running.
    #[error("there is no keyring on this system ({})", SYSTEM.keyrings)]
    Missing,
    /// It is locked and nobody unlocked it, or it does not answer.
    #[error("the keyring does not answer: it may be locked, with a prompt waiting somewhere")]
    Slow,
    /// It is locked and said so.
    #[error("the keyring is locked or refused: unlock it and try again")]
    Refused,
    /// No key under that name.
    #[error("the keyring has no key of that name")]
    NoEntry,
    /// The key of that name is one of another vendor: it is not sent there.
    #[error("the key of that name belongs to another vendor")]
    OtherVendor,
    /// What is stored there is no key.
    #[error("what the keyring holds under that name is not a key")]
    Damaged,
}

/// Finds whose key goes by this name: the id of the vendor it was saved for, else of the one that is called so, whose
/// key may come from the environment.
fn owner<'a>(records: &'a [KeyRecord], name: &str) -> Option<&'a str> {
    let saved = records.iter().find(|record| record.name == name);
    saved.map(|record| record.vendor.as_str()).or_else(|| Some(provider::vendor(name)?.id))
}

/// A key that a destination may not use: a key goes to its own vendor only.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("key {} belongs to {of}, and {provider} needs a key of {needed}", elide(.key, 60))]
pub struct KeyOfAnother {
    key: String,
    of: String,
    provider: &'static str,
    needed: &'static str,
}

/// Checks whether a provider's uploads may carry the key of this name; one that is not known yet may become its own.
pub fn check_owner(records: &[KeyRecord], key: &str, facts: &ProviderSpec) -> Result<(), KeyOfAnother> {
    match owner(records, key) {
        Some(of) if of != facts.vendor.id => Err(KeyOfAnother {
            key: key.to_owned(),
            of: provider::vendor(of).map_or(of, |vendor| vendor.name).to_owned(),
            provider: facts.name,
            needed: facts.vendor.name,
        }),
        _ => Ok(()),
    }
}

enum Ask {
    Get(String),
    Put(String, Key),
    Remove(String),
}

type KeyringReply = Result<Option<Key>, KeyringProblem>;

/// A keyring that is only a map.
pub type SharedKeys = Arc<Mutex<HashMap<String, Key>>>;

/// A handle to the keyring's thread and to the keys of this run.
#[derive(Clone)]
pub struct Keys {
    /// The keyring's thread; none where keys are in memory only.
    ask: Option<Sender<(Ask, Sender<KeyringReply>)>>,
    /// Keys read once, given for this run only, or made up by the sandbox; and whether the keyring has them, too.
    known: Arc<Mutex<HashMap<String, (Key, bool)>>>,
    /// The thread has not answered the last question yet.
    stuck: Arc<AtomicBool>,
    standing: Arc<Mutex<KeyringStatus>>,
    /// The saved ones, by which it is known whose they are.
    records: Arc<Mutex<Vec<KeyRecord>>>,
}

impl Keys {
    /// Returns keys in the system's keyring. Its thread starts now, and asks nothing before it is asked.
    pub fn in_keyring() -> Keys {
        let mut keyring = SystemKeyring::default();
        Keys::served_by(move |ask| keyring.serve(&ask))
    }

    /// Returns keys in a keyring that is only a map, which other programs may change as they may change the real one.
    pub fn in_shared_memory(map: SharedKeys) -> Keys {
        Keys::served_by(move |ask| {
            let mut map = map.lock();
            match ask {
                Ask::Get(name) => map.get(&name).cloned().map(Some).ok_or(KeyringProblem::NoEntry),
                Ask::Put(name, key) => Ok(map.insert(name, key).and(None)),
                Ask::Remove(name) => Ok(map.remove(&name).and(None)),
            }
        })
    }

    fn served_by(mut serve: impl FnMut(Ask) -> KeyringReply + Send + 'static) -> Keys {
        let (ask, asked) = mpsc::channel::<(Ask, Sender<KeyringReply>)>();
        let stuck = Arc::new(AtomicBool::new(false));
        let free = Arc::clone(&stuck);
        let answer_all = move || {
            for (ask, answer) in asked {
                let result = serve(ask);
                free.store(false, Ordering::SeqCst);
                let _ = answer.send(result);
            }
        };
        let spawned = std::thread::Builder::new().name("hoist-keyring".into()).spawn(answer_all);
        if let Err(e) = &spawned {
            tracing::error!("no thread for the keyring: {e}");
        }
        Keys {
            ask: Some(ask),
            known: Arc::default(),
            stuck,
            standing: Arc::default(),
            records: Arc::default(),
        }
    }

    /// Returns keys in memory only: for the sandbox.
    pub fn in_memory() -> Keys {
        let standing = Arc::new(Mutex::new(KeyringStatus::InMemory));
        Keys { ask: None, known: Arc::default(), stuck: Arc::default(), standing, records: Arc::default() }
    }

    /// Opens keys as on a system that has no keyring.
    pub fn without_keyring() -> Keys {
        Keys {
            ask: Some(mpsc::channel().0),
            known: Arc::default(),
            stuck: Arc::default(),
            standing: Arc::default(),
            records: Arc::default(),
        }
    }

    /// Sets whose keys are known from now on.
    pub fn set_owners(&self, records: &[KeyRecord]) {
        *self.records.lock() = records.to_vec();
    }

    /// Returns the same as `get`, but never the key of another vendor: a destination may come from a file that
    /// somebody wrote.
    pub fn get_of(&self, name: &str, vendor: &str) -> Result<Key, KeyringProblem> {
        let is_of_another = owner(&self.records.lock(), name).is_some_and(|owner| owner != vendor);
        if is_of_another { Err(KeyringProblem::OtherVendor) } else { self.get(name) }
    }

    /// Returns the key of that name; asks the keyring once a run. Blocks, at worst for twice `TIMEOUT`.
    pub fn get(&self, name: &str) -> Result<Key, KeyringProblem> {
        if let Some((key, _)) = self.known.lock().get(name) {
            return Ok(key.clone());
        }
        let key = self.ask(Ask::Get(name.to_owned()))?.ok_or(KeyringProblem::NoEntry)?;
        self.known.lock().insert(name.to_owned(), (key.clone(), true));
        Ok(key)
    }

    /// Saves a key in the keyring. Blocks, at worst for twice `TIMEOUT`.
    pub fn put(&self, name: &str, key: Key) -> Result<(), KeyringProblem> {
        self.ask(Ask::Put(name.to_owned(), key.clone()))?;
        self.known.lock().insert(name.to_owned(), (key, self.ask.is_some()));
        Ok(())
    }

    /// Keeps a key for this run only.
    pub fn remember(&self, name: &str, key: Key) {
        self.known.lock().insert(name.to_owned(), (key, false));
    }

    /// Forgets a key of this run.
    pub fn forget(&self, name: &str) {
        self.known.lock().remove(name);
    }

    /// Forgets what the keyring said of that name: it may have another key by now. One of this run only stays.
    pub fn ask_again(&self, name: &str) {
        self.known.lock().retain(|known, (_, in_keyring)| known != name || !*in_keyring);
    }

    /// Returns whether a key of that name is known to this run.
    pub fn is_known(&self, name: &str) -> bool {
        self.known.lock().contains_key(name)
    }

    /// Returns how the keyring answered when it was asked last; asks nothing.
    pub fn standing(&self) -> KeyringStatus {
        self.standing.lock().clone()
    }

    /// Removes a key from the keyring and from this run. Blocks, at worst for twice `TIMEOUT`.
    pub fn remove(&self, name: &str) -> Result<(), KeyringProblem> {
        self.known.lock().remove(name);
        match self.ask(Ask::Remove(name.to_owned())) {
            Ok(_) | Err(KeyringProblem::NoEntry) => Ok(()),
            Err(problem) => Err(problem),
        }
    }

    fn ask(&self, ask: Ask) -> KeyringReply {
        let Some(sender) = &self.ask else {
            return if matches!(ask, Ask::Get(_)) { Err(KeyringProblem::NoEntry) } else { Ok(None) };
        };
        let answer = self.ask_keyring(sender, ask);
        *self.standing.lock() = match &answer {
            Ok(_) | Err(KeyringProblem::NoEntry | KeyringProblem::Damaged) => KeyringStatus::Answered,
            Err(problem) => KeyringStatus::Failed(problem.clone()),
        };
        answer
    }

    fn ask_keyring(&self, sender: &Sender<(Ask, Sender<KeyringReply>)>, ask: Ask) -> KeyringReply {
        // One question at a time: a keyring that hangs is not asked (and does not prompt) again and again.
        if self.stuck.swap(true, Ordering::SeqCst) {
            let until = std::time::Instant::now() + TIMEOUT;
            while self.stuck.swap(true, Ordering::SeqCst) {
                if std::time::Instant::now() >= until {
                    return Err(KeyringProblem::Slow);
                }
                std::thread::sleep(Duration::from_millis(5));
            }
        }
        let (answer, answered) = mpsc::channel();
        if sender.send((ask, answer)).is_err() {
            self.stuck.store(false, Ordering::SeqCst);
            return Err(KeyringProblem::Missing);
        }
        answered.recv_timeout(TIMEOUT).unwrap_or(Err(KeyringProblem::Slow))
    }
}

/// The system's keyring, by a connection that is opened when it is first needed and anew after it broke: a keyring may
/// start after Hoist does, and may be started again while Hoist runs.
#[derive(Default)]
struct SystemKeyring {
    store: Option<Arc<CredentialStore>>,
}

impl SystemKeyring {
    /// Answers one question. One that an older connection did not carry is asked once more, by a new one; each may be
    /// asked twice.
    fn serve(&mut self, ask: &Ask) -> KeyringReply {
        let had_connection = self.store.is_some();
        let mut answer = self.ask(ask);
        if let Err(Error::PlatformFailure(_)) = &answer {
            self.store = None;
            if had_connection {
                answer = self.ask(ask);
            }
        }
        // Messages of keyrings may quote what they hold: only their kind goes on.
        match answer {
            Ok(None) => Ok(None),
            Ok(Some(text)) => Key::new(text).map(Some).map_err(|_| KeyringProblem::Damaged),
            Err(Error::NoDefaultStore) => Err(KeyringProblem::Missing),
            Err(Error::NoEntry) => Err(KeyringProblem::NoEntry),
            Err(Error::BadEncoding(_) | Error::BadDataFormat(..)) => Err(KeyringProblem::Damaged),
            Err(_) => Err(KeyringProblem::Refused),
        }
    }

    #[expect(clippy::disallowed_methods, reason = "the keyring is where a saved key goes")]
    fn ask(&mut self, ask: &Ask) -> keyring::Result<Option<String>> {
        let store = match &self.store {
            Some(store) => store,
            None => self.store.insert(connect()?),
        };
        let entry = |name: &str| store.build(SERVICE, name, None);
        match ask {
            Ask::Get(name) => entry(name)?.get_password().map(Some),
            Ask::Put(name, key) => entry(name)?.set_password(key.expose()).map(|()| None),
            Ask::Remove(name) => entry(name)?.delete_credential().map(|()| None),
        }
    }
}

/// Connects to the keyring, which is absent (`NoDefaultStore`) where that fails time and again: a bus may be busy.
fn connect() -> keyring::Result<Arc<CredentialStore>> {
    for pause in [20, 200] {
        match open_store() {
            Ok(store) => return Ok(store),
            Err(e) => tracing::debug!("the keyring cannot be reached: {e:?}"),
        }
        std::thread::sleep(Duration::from_millis(pause));
    }
    open_store().map_err(|e| {
        tracing::warn!("there is no keyring: {e:?}");
        Error::NoDefaultStore
    })
}

/// Opens a new connection to the Secret Service; `keyring` itself keeps one for as long as the program runs.
#[cfg(all(unix, not(target_os = "macos")))]
fn open_store() -> keyring::Result<Arc<CredentialStore>> {
    Ok(zbus_secret_service_keyring_store::Store::new()?)
}

/// Returns the system's own keyring, to which there is no connection.
#[cfg(not(all(unix, not(target_os = "macos"))))]
fn open_store() -> keyring::Result<Arc<CredentialStore>> {
    let _ = keyring::Entry::store_status();
    keyring_core::get_default_store().ok_or(Error::NoDefaultStore)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "whether it is the key that was saved")]
    fn a_key_in_memory_is_known_until_it_is_removed() {
        let keys = Keys::in_memory();
        assert!(matches!(keys.get("useapi"), Err(KeyringProblem::NoEntry)));
        assert_eq!(keys.put("useapi", Key::new("secret-1".into()).unwrap()), Ok(()));
        assert_eq!(keys.get("useapi").map(|k| k.expose().to_owned()), Ok("secret-1".to_owned()));
        assert_eq!(keys.clone().remove("useapi"), Ok(()));
        assert!(keys.get("useapi").is_err());
    }

    #[test]
    fn a_key_for_this_run_outlives_a_missing_keyring() {
        let keys = Keys::without_keyring();
        let key = || Key::new("secret-1".into()).unwrap();
        assert_eq!(keys.put("useapi", key()), Err(KeyringProblem::Missing));
        assert!(keys.get("useapi").is_err());
        keys.remember("useapi", key());
        keys.ask_again("useapi");
        assert!(keys.get("useapi").is_ok(), "nobody else has it");
    }

    #[test]
    fn a_key_is_never_given_for_another_vendor() {
        let keys = Keys::in_memory();
        keys.put("work", Key::new("secret-1".into()).unwrap()).unwrap();
        let record = KeyRecord {
            name: "work".into(),
            vendor: "useapi".into(),
            added: jiff::civil::date(2026, 9, 3),
            label: None,
        };
        keys.set_owners(&[record]);
        assert!(keys.get_of("work", "useapi").is_ok());
        assert!(matches!(keys.get_of("work", "indream"), Err(KeyringProblem::OtherVendor)));
    }

    #[test]
    fn a_keyring_that_hangs_is_not_asked_again() {
        let (ask, asked) = mpsc::channel();
        let stuck = Arc::new(AtomicBool::new(true));
        let keys = Keys {
            ask: Some(ask),
            known: Arc::default(),
            stuck,
            standing: Arc::default(),
            records: Arc::default(),
        };
        assert!(matches!(keys.get("a"), Err(KeyringProblem::Slow)));
        assert_eq!(asked.try_iter().count(), 0);
        assert_eq!(keys.standing(), KeyringStatus::Failed(KeyringProblem::Slow));
    }
}
