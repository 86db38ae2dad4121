//! What destinations are called in sentences and lists: by their provider, and by what tells them from others of it.

use std::sync::Arc;

use super::key_book::KeyBook;
use super::own_name::OwnName;
use crate::model::destination::Destination;
use crate::model::text::{elide, sanitize};
use crate::provider;
use crate::store::history::AccountWords;

/// An account's label is no longer than that beside other words.
const SHORT: usize = 24;

impl KeyBook {
    /// Returns what a destination is called in a sentence: its provider and its account.
    pub fn destination_label(&self, destination: &Destination) -> String {
        let facts = provider::by_id(&destination.provider).map(|provider| provider.facts());
        let name = facts.map_or_else(|| sanitize(&destination.provider), |facts| facts.name.to_owned());
        format!("{name} · {}", self.account_label(destination))
    }

    /// Says where new files go from now on.
    pub fn new_files_go_to(&self, destination: &Destination) -> String {
        format!("New files go to {}", self.destination_label(destination))
    }

    /// Returns the shortest name that tells a destination from the others on offer: its provider's, where no other is of
    /// that.
    pub fn short_label(&self, destination: &Destination) -> String {
        let facts = provider::by_id(&destination.provider).map(|provider| provider.facts());
        match facts {
            Some(facts) if !self.has_several(destination) => facts.name.to_owned(),
            Some(facts) => format!("{} · {}", facts.name, self.short_account(destination)),
            None => self.destination_label(destination),
        }
    }

    /// Returns whether another destination of the same provider is on offer.
    pub fn has_several(&self, destination: &Destination) -> bool {
        self.destinations().iter().filter(|other| other.provider == destination.provider).count() > 1
    }

    /// Returns the account's label, cut where it is long.
    pub fn short_account(&self, destination: &Destination) -> String {
        elide(&self.account_label(destination), SHORT)
    }

    /// Lists what accounts are called that their uploads do not remember.
    pub fn account_words(&self) -> Vec<AccountWords> {
        let all = self.destinations().iter().map(|to| (to, self.account_label(to)));
        let new = all.filter(|(to, label)| to.account_label() != label);
        let words = new.map(|(to, label)| AccountWords {
            provider: to.provider.clone(),
            key: to.key.clone(),
            account: to.account.clone(),
            label,
        });
        words.collect()
    }

    /// Returns what tells a destination from others of its provider: its own name where it has one, else the account, else
    /// what its key is called, else what matters of it. An upload's is that of today.
    pub fn account_label(&self, destination: &Destination) -> String {
        let is_it = |to: &&Arc<Destination>| ***to == *destination;
        let now = self.destinations().iter().find(is_it).or_else(|| self.destination_like(destination));
        let destination = now.map_or(destination, AsRef::as_ref);
        let facts = provider::by_id(&destination.provider).map(|provider| provider.facts());
        let Some(facts) = facts else { return sanitize(destination.account_label()) };
        let name = OwnName::of(destination, facts);
        let key = self.settings().keys.iter().find(|key| key.name == destination.key);
        let label = match (name, &destination.account, key.and_then(|key| key.label.as_deref())) {
            (OwnName::Is(name), ..) => name.to_owned(),
            (_, Some(account), _) => account.clone(),
            (_, None, Some(key)) => key.to_owned(),
            (name, None, None) => {
                let usual = match facts.terms.retention.filter(|_| facts.terms.legacy.is_none()) {
                    Some(lives) => format!("{}-hour link", lives.as_secs() / 3600),
                    None => destination.account_label().to_owned(),
                };
                match name {
                    OwnName::Number(n) => format!("{usual} · {n}"),
                    _ => usual,
                }
            }
        };
        let label = sanitize(&label);
        if facts.terms.legacy.is_some() { format!("{label} · legacy") } else { label }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::destination::KeyRecord;
    use crate::model::samples;
    use crate::session::{Session, Start};
    use crate::store::folders::Folders;
    use crate::store::keys::Keys;

    #[test]
    fn accounts_of_one_provider_are_told_apart() {
        let home = tempfile::tempdir().unwrap();
        let start = Start::new(Folders::inside(home.path()), Keys::in_memory());
        let mut session = Session::start(start, Arc::new(|| {})).unwrap();
        session.keys.settings.keys.push(KeyRecord {
            name: "work".to_owned(),
            vendor: "piapi".to_owned(),
            added: jiff::civil::date(2026, 11, 30),
            label: Some("Client B".to_owned()),
        });
        for (provider, name, key, account, label) in [
            ("piapi", "PiAPI", "piapi", None, "24-hour link"),
            ("piapi", "PiAPI 2", "piapi 2", None, "24-hour link · 2"),
            ("piapi", "PiAPI 2", "work", None, "Client B"),
            ("piapi", "PiAPI for Anna", "work", None, "PiAPI for Anna"),
            ("piapi", "Anna", "work", None, "Anna"),
            ("flow-music", "Flow Music", "useapi", None, "Auto"),
            ("flow-music", "Flow Music 2", "useapi 2", None, "Auto · 2"),
            ("flow-music", "Flow Music · a@b.c", "useapi", Some("a@b.c"), "a@b.c"),
            ("flow-music", "Flow Music · a@b.c 2", "useapi 2", Some("a@b.c"), "a@b.c 2"),
            ("flow-music", "Flow Music · a@b.c", "useapi", Some("new@b.c"), "new@b.c"),
            ("indream", "Indream · Spring", "indream", Some("proj-0001"), "Spring"),
            ("riffusion", "Riffusion", "useapi", None, "Auto · legacy"),
        ] {
            let to = Destination {
                name: name.to_owned(),
                key: key.to_owned(),
                account: account.map(ToOwned::to_owned),
                ..(*samples::destination(provider)).clone()
            };
            assert_eq!(session.keys.account_label(&to), label, "{name} of {key}");
        }
    }
}
