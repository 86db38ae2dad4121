//! What the user sets: applied at once, and saved on another thread.

use std::sync::Arc;
use std::time::Instant;

use super::Session;
use super::accounts::{
    Accounts, AccountsError, AccountsReply, KeyChange, KeyNames, NewDestination, gone, with_auth_header,
};
use super::background::EXIT_TIMEOUT;
use super::key_book::{KeyBook, SettingsNews};
use super::notice::Notice;
use crate::engine::key_check::KeyCheckResult;
use crate::model::destination::Destination;
use crate::model::fit::FitRules;
use crate::model::secret::Key;
use crate::model::text::{self, sanitize};
use crate::provider;
use crate::provider::spec::Vendor;
use crate::store::settings::{Settings, unique_name};

impl KeyBook {
    /// Returns the settings that apply.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Sends newly added files there, now and at the next start.
    pub fn choose(&mut self, index: usize) {
        if index < self.destinations.len() && index != self.chosen {
            self.chosen = index;
            self.removed_choice = None;
            let name = self.destinations[index].name.clone();
            self.change_settings(move |s| s.chosen = Some(name));
        }
    }

    /// Saves a key and destinations for it; what became of it is told with the notices. `answer` is what the vendor said
    /// of the key, where it was checked.
    pub fn add_key(
        &mut self,
        vendor: &'static Vendor,
        mut names: KeyNames,
        key: Key,
        new: Vec<NewDestination>,
        answer: Option<KeyCheckResult>,
    ) {
        let new =
            with_auth_header(new, answer.as_ref().and_then(|answer| Some(answer.key.as_ref().ok()?.auth)));
        // The sandbox has a key of each vendor already: another one stands beside that, as it would outside of it.
        names.name = names.name.or_else(|| self.of_sandbox.then(|| self.keep_given(vendor)));
        let of_sandbox = self.of_sandbox;
        self.ask_accounts(move |accounts| {
            let added = accounts.add(vendor, &names, key, &new, answer)?;
            let notice = match of_sandbox {
                true => Some(format!("The {} key is added, in the sandbox only", vendor.name).into()),
                false => added.notice,
            };
            Ok(AccountsReply { notice, ..added })
        });
    }

    /// Saves the destinations that are on offer by the given key of a vendor. Returns a name for another key of it.
    fn keep_given(&mut self, vendor: &Vendor) -> String {
        let chosen = self.chosen().cloned();
        let is_of_vendor = |to: &Destination| {
            provider::by_id(&to.provider).is_some_and(|p| p.facts().vendor.id == vendor.id)
        };
        let given = self.destinations.iter().filter(|to| self.is_given(to) && is_of_vendor(to));
        for to in given.cloned().collect::<Vec<_>>() {
            let is_chosen = chosen.as_ref().is_some_and(|chosen| Arc::ptr_eq(chosen, &to));
            self.ask_accounts(move |accounts| accounts.save_destination((*to).clone(), is_chosen));
        }
        let is_taken = |name: &str| self.settings.keys.iter().any(|key| key.name == name);
        unique_name(vendor.id, |name| name == vendor.id || is_taken(name))
    }

    /// Saves destinations for a key that is there.
    pub fn add_destinations(&mut self, key: String, new: Vec<NewDestination>) {
        let new = with_auth_header(new, self.known.auth(&key));
        self.ask_accounts(move |accounts| accounts.add_destinations(&key, &new));
    }

    /// Puts a destination in the place of the one of that name. Files in the queue keep the one they were added for. One that
    /// is on offer without being saved is saved by that.
    pub fn change_destination(&mut self, before: String, after: Destination) {
        let chosen = self.chosen().is_some_and(|d| d.name == before);
        if !self.settings().destinations.iter().any(|saved| saved.name == before) {
            return self.ask_accounts(move |accounts| accounts.save_destination(after, chosen));
        }
        self.ask_accounts(move |accounts| {
            let name = after.name.clone();
            let changed = accounts.change_destination(&before, |destination| *destination = after)?;
            Ok(AccountsReply { choose: chosen.then_some(name), ..changed })
        });
    }

    /// Makes these the standing rules of a destination: its files are fitted so without being asked.
    pub fn keep_rules(&mut self, name: &str, rules: FitRules) {
        let Some(before) = self.destinations.iter().find(|d| d.name == name) else { return };
        let after = Destination { fit: rules, ..(**before).clone() };
        self.change_destination(name.to_owned(), after);
    }

    /// Gives a key another name for people, or none.
    pub fn label_key(&mut self, name: String, label: Option<String>) {
        let chosen = self.chosen().filter(|to| to.key == name).cloned();
        self.ask_accounts(move |accounts| {
            let changed = accounts.rename_key(&name, label)?;
            // It stays the chosen one under another name.
            let is_chosen =
                |to: &&Destination| chosen.as_ref().is_some_and(|chosen| to.is_same_target(chosen));
            let choose = changed.settings.destinations.iter().find(is_chosen).map(|to| to.name.clone());
            Ok(AccountsReply { choose, ..changed })
        });
    }

    /// Tries once more to put a key that lives for this run only into the keyring, and saves what uses it.
    pub fn keep_key(&mut self, name: &str) {
        let Some(vendor) = self.vendor_of(name) else { return };
        let name = name.to_owned();
        let of_key = self.this_run.iter().filter(|d| d.key == name);
        let new = of_key.map(|d| NewDestination {
            provider: d.provider.clone(),
            name: Some(d.name.clone()),
            account: d.account.clone(),
            options: d.options.clone(),
        });
        let new: Vec<_> = new.collect();
        self.ask_accounts(move |accounts| accounts.keep(vendor, &name, &new));
    }

    /// Forgets a saved destination. Files for it stay as they are.
    pub fn remove_destination(&mut self, name: String) {
        self.removed_choice = self.chosen().map(|d| d.name.clone()).filter(|chosen| *chosen == name);
        self.ask_accounts(move |accounts| accounts.remove_destination(&name));
    }

    /// Puts back the destination that was removed last, at its index; it is the chosen one again if it was, and no other
    /// was chosen since.
    pub fn restore_destination(&mut self, destination: Destination, index: usize) {
        let was_chosen = self.removed_choice.take().is_some_and(|name| name == destination.name);
        self.ask_accounts(move |accounts| {
            let name = destination.name.clone();
            let changed = accounts.change(|settings| {
                if settings.destinations.iter().all(|d| d.name != destination.name) {
                    settings.destinations.insert(index.min(settings.destinations.len()), destination);
                }
                if was_chosen {
                    settings.chosen = Some(name.clone());
                }
            })?;
            Ok(AccountsReply { choose: was_chosen.then_some(name), ..changed })
        });
    }

    /// Removes a key from the keyring, and the destinations that used it; which ones is told with the notices. Files
    /// for them stay as they are.
    pub fn remove_key(&mut self, name: String) {
        let title = self.key_title(&name);
        self.ask_accounts(move |accounts| accounts.remove_key(&name, title));
    }

    /// Returns keys and saved destinations, for the terminal.
    pub fn accounts(&self) -> &Accounts {
        &self.accounts
    }

    /// Changes the settings without waiting for the disk.
    fn change_settings(&mut self, change: impl FnOnce(&mut Settings) + Send + 'static) {
        self.ask_accounts(move |accounts| accounts.change(change));
    }

    pub(super) fn ask_accounts(
        &mut self,
        work: impl FnOnce(&mut Accounts) -> Result<AccountsReply, AccountsError> + Send + 'static,
    ) {
        self.unanswered += 1;
        self.thread.ask(move |accounts| SettingsNews::Reply(Box::new(work(accounts))));
    }

    /// Waits at the end until what was changed is saved, unless a keyring or a disk hangs.
    pub(super) fn settle(&mut self) {
        let end = Instant::now() + EXIT_TIMEOUT;
        while self.unanswered > 0
            && let Some(news) = self.thread.answer_before(end)
        {
            self.unanswered -= usize::from(matches!(news, SettingsNews::Reply(_)));
        }
    }
}

impl Session {
    /// Changes settings, at once and for the next start.
    pub fn set(&mut self, change: impl FnOnce(&mut Settings) + Clone + Send + 'static) {
        let mut settings = self.keys.settings.clone();
        change.clone()(&mut settings);
        self.apply(settings.clamped());
        self.keys.change_settings(change);
    }

    /// Tells the engine what of them it goes by.
    fn apply(&mut self, settings: Settings) {
        let before = std::mem::replace(&mut self.keys.settings, settings);
        let after = &self.keys.settings;
        self.keys.accounts.own(&after.keys);
        let slots = |s: &Settings| (s.uploads_at_once, s.uploads_per_account);
        if slots(&before) != slots(after) {
            self.uploads.engine.set_slots(after.uploads_at_once, after.uploads_per_account);
        }
        if before.proxy != after.proxy {
            self.uploads.engine.set_proxy(after.proxy.clone());
        }
    }

    /// Takes in what became of changes; true where there was one.
    pub(super) fn drain_settings(&mut self) -> bool {
        let mut any = false;
        while let Some(news) = self.keys.thread.try_answer() {
            any = true;
            match news {
                SettingsNews::Elsewhere(settings) => self.changed_elsewhere(settings),
                SettingsNews::Reply(reply) => {
                    self.keys.unanswered -= 1;
                    match *reply {
                        Ok(reply) => self.changed(reply),
                        Err(problem) => self.notices.push(Notice::error(problem.to_string())),
                    }
                }
            }
        }
        any
    }

    /// Takes in that another program wrote the settings. Where what was chosen is gone, files go elsewhere from now on:
    /// that is said.
    fn changed_elsewhere(&mut self, settings: Settings) {
        if self.keys.unanswered > 0 || settings == self.keys.settings {
            return; // the next answer has it, or it was this one that wrote them
        }
        let before = self.keys.chosen().cloned();
        self.changed(settings.into());
        let there = |name: &str| self.keys.destinations.iter().any(|d| d.name == name);
        if let Some(before) = before.filter(|before| !there(&before.name)) {
            let next = match self.keys.chosen() {
                Some(now) => self.keys.new_files_go_to(now),
                None => "Add a destination for new files".to_owned(),
            };
            let name = sanitize(&before.name);
            self.notices.push(format!("{name} was removed or renamed by another Hoist. {next}").into());
        }
    }

    /// Offers the destinations as they are now, and sends new files to the one that was added. Returns the sentence for
    /// it where they went to another one before, which is still there.
    fn offer_added(&mut self, added: Option<String>) -> Option<String> {
        let before = self.keys.chosen().map(|d| d.name.clone());
        self.keys.offer_destinations();
        self.keys.choose_named(&added?);
        let before = before.filter(|name| self.keys.destinations.iter().any(|d| d.name == *name))?;
        let now = self.keys.chosen().filter(|now| now.name != before)?;
        let (sentence, name) = (self.keys.new_files_go_to(now), now.name.clone());
        self.keys.change_settings(move |settings| settings.chosen = Some(name)); // at the next start, too
        Some(sentence)
    }

    fn changed(&mut self, reply: AccountsReply) {
        let AccountsReply { settings, notice, choose, key } = reply;
        let kept_metadata: Vec<_> =
            self.keys.destinations.iter().filter(|to| !to.fit.wishes.strip).cloned().collect();
        // An older answer must not bring back what was changed since.
        if self.keys.unanswered == 0 {
            self.apply(settings);
        } else {
            let Settings { keys, destinations, .. } = settings;
            self.keys.settings = Settings { keys, destinations, ..self.keys.settings.clone() };
            self.keys.accounts.own(&self.keys.settings.keys);
        }
        let usable = key.and_then(|change| self.key_changed(change));
        let chosen = self.offer_added(choose);
        self.notices.extend(match (notice, chosen) {
            (Some(notice), Some(chosen)) => {
                Some(Notice { text: format!("{}. {chosen}", notice.text), ..notice })
            }
            (notice, chosen) => notice.or(chosen.map(Notice::from)),
        });
        if let Some(key) = usable {
            self.uploads.add_back_for_key(&key);
        }
        let removes = |to: &&Arc<Destination>| {
            to.fit.wishes.strip && kept_metadata.iter().any(|before| before.is_same_target(to))
        };
        let new_rules: Vec<_> = self.keys.destinations.iter().filter(removes).cloned().collect();
        let follow: usize = new_rules.iter().map(|to| self.uploads.follow_rules(to)).sum();
        // For what moves it is too late.
        let moving: usize = new_rules.iter().map(|to| self.uploads.moving_with_location(to)).sum();
        if moving > 0 {
            let files = text::count(moving, "file");
            let sentence = match moving {
                1 => "is already being sent with its location: cancel it if it must not arrive",
                _ => "are already being sent with their location: cancel those that must not arrive",
            };
            self.notices.push(Notice::error(format!("{files} {sentence}")));
        }
        if follow > 0 {
            let files = text::count(follow, "file");
            self.notices.push(format!("{files} in the queue: metadata are removed, too").into());
        }
    }

    /// Takes in what became of a key; returns its name where it can be used.
    fn key_changed(&mut self, change: KeyChange) -> Option<String> {
        let keys = &mut self.keys;
        match change {
            KeyChange::Saved { key, answer } => {
                keys.this_run.retain(|d| d.key != key);
                keys.known.replaced(&key, answer);
                Some(key)
            }
            KeyChange::Kept(key) => {
                keys.this_run.retain(|d| d.key != key);
                Some(key)
            }
            KeyChange::ForThisRun { key, destinations, answer, .. } => {
                keys.known.replaced(&key, answer);
                keys.this_run.extend(destinations);
                Some(key)
            }
            KeyChange::Removed { key, title, mut destinations } => {
                keys.known.replaced(&key, None);
                let of_this_run = keys.this_run.extract_if(.., |d| d.key == key);
                destinations.extend(of_this_run.map(|d| d.name));
                self.notices.push(gone(&title, &destinations).into());
                None
            }
        }
    }
}
