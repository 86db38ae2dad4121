//! Hoist without a face: queue, engine and store in one place. The window and the terminal both use only this.

pub mod accounts;
mod background;
pub mod log;
mod start;

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::engine::{Config, Engine, Job};
use crate::media::preview::Picture;
use crate::media::workers::{Found, Workers};
use crate::model::destination::Destination;
use crate::model::error::{Failure, FailureKind};
use crate::model::queue::{Check, Finding, Gravity, Item, Queue};
use crate::model::secret::Key;
use crate::model::upload::{Event, State, UploadId};
use crate::provider::facts::{Facts, Service};
use crate::provider::{self, check};
use crate::sandbox::{Sandbox, Seen};
use crate::store::keys::Keys;
use crate::store::settings::{Settings, SettingsFile, Theme};
use accounts::{Accounts, NewDestination};
use background::Background;
pub use start::{Start, folders};

/// What changed since the last look.
#[derive(Debug, Default)]
pub struct Changes {
    /// Something in the queue, the settings or the notices did.
    pub any: bool,
    /// Pictures that were asked for: made, or the reason why not, or nothing where it must be asked for again.
    pub pictures: Vec<(UploadId, Option<Result<Picture, String>>)>,
}

/// The app without a face.
pub struct Session {
    queue: Queue,
    engine: Engine,
    workers: Workers,
    settings: Settings,
    /// Those whose key could not be saved.
    this_run: Vec<Destination>,
    destinations: Vec<Arc<Destination>>,
    chosen: usize,
    accounts: Accounts,
    given: HashSet<&'static str>,
    sandbox: Option<Sandbox>,
    poll: bool,
    /// Asked for, and looked into once more before they are sent.
    asked: HashSet<UploadId>,
    /// Cancelled after they were sent whole: an answer may still come.
    late: HashSet<UploadId>,
    notices: Vec<String>,
    background: Background,
}

impl Session {
    /// Starts the engine and the workers. `wake` is called when there is something to look at. The error is a sentence.
    pub fn start(start: Start, wake: Arc<dyn Fn() + Send + Sync>) -> Result<Session, String> {
        let sandbox = match start.sandbox {
            true => Some(
                Sandbox::start(0, Arc::new(|_: Seen| {}))
                    .map_err(|e| format!("The sandbox cannot start: {e}"))?,
            ),
            false => None,
        };
        let endpoints = start::endpoints(&start.environment, sandbox.as_ref())?;
        // In a sandbox nobody needs them.
        let problems = if start.sandbox { vec![] } else { start.environment.problems };
        let file = SettingsFile::new(&start.folders);
        let (settings, said) = file.load();
        let (keys, given_keys) = match sandbox {
            Some(_) => (Keys::in_memory(), Sandbox::keys()),
            None => (start.keys, start.environment.keys),
        };
        let given = given_keys.keys().copied().collect();
        let engine = Engine::start(
            Config {
                uploads_at_once: settings.uploads_at_once,
                uploads_per_account: settings.uploads_per_account,
                endpoints,
                given_keys,
                longest_hold: start.longest_hold,
                poll_every: start.sandbox.then_some(Duration::from_secs(1)),
                wake_every: if start.terminal { Duration::ZERO } else { Duration::from_millis(50) },
                stop_on_interrupt: start.stop_on_interrupt,
                ..Config::new(keys.clone())
            },
            Arc::clone(&wake),
        )
        .map_err(|e| format!("The engine cannot start: {e}"))?;
        let accounts = Accounts::new(file, keys);
        let workers = Workers::start(&wake);
        let background = Background::start(accounts.clone(), wake)
            .map_err(|e| format!("The settings have no thread: {e}"))?;
        let mut session = Session {
            queue: Queue::default(),
            engine,
            workers,
            settings,
            this_run: vec![],
            destinations: vec![],
            chosen: 0,
            accounts,
            given,
            sandbox,
            poll: start.poll,
            asked: HashSet::new(),
            late: HashSet::new(),
            notices: said.into_iter().chain(problems).collect(),
            background,
        };
        session.offer_destinations();
        Ok(session)
    }

    /// The files, in order.
    pub fn queue(&self) -> &Queue {
        &self.queue
    }

    /// The settings in force.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The destinations on offer: the saved ones, then an unsaved "Auto" one for each provider whose key is given by the
    /// environment or by the sandbox.
    pub fn destinations(&self) -> &[Arc<Destination>] {
        &self.destinations
    }

    /// The destination newly added files go to.
    pub fn chosen(&self) -> Option<&Arc<Destination>> {
        self.destinations.get(self.chosen)
    }

    /// Whether everything goes to a local server.
    pub fn is_sandbox(&self) -> bool {
        self.sandbox.is_some()
    }

    /// Whether the environment or the sandbox gives the key of a service.
    pub fn has_given_key(&self, service: &Service) -> bool {
        self.given.contains(service.id)
    }

    /// Whether a destination is saved.
    pub fn is_saved(&self, destination: &Destination) -> bool {
        self.settings.destinations.contains(destination)
    }

    /// Things to tell the user once.
    pub fn take_notices(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notices)
    }

    /// Sends newly added files there, now and at the next start.
    pub fn choose(&mut self, place: usize) {
        if place < self.destinations.len() && place != self.chosen {
            self.chosen = place;
            let name = self.destinations[place].name.clone();
            self.change_settings(move |s| s.chosen = Some(name));
        }
    }

    /// Light, dark or as the system.
    pub fn set_theme(&mut self, theme: Theme) {
        self.settings.theme = theme;
        self.change_settings(move |s| s.theme = theme);
    }

    /// Adds files for the chosen destination; a worker looks into each.
    pub fn add_files(&mut self, paths: impl IntoIterator<Item = PathBuf>) -> Vec<UploadId> {
        match self.chosen().cloned() {
            Some(destination) => self.add_files_to(paths, &destination),
            None => vec![],
        }
    }

    /// Adds files for a destination.
    pub fn add_files_to(
        &mut self,
        paths: impl IntoIterator<Item = PathBuf>,
        destination: &Arc<Destination>,
    ) -> Vec<UploadId> {
        let mut ids = vec![];
        for path in paths {
            let id = self.queue.add(path.clone(), Arc::clone(destination));
            self.workers.look(id, path);
            ids.push(id);
        }
        ids
    }

    /// Sends every file that is ready.
    pub fn upload_all(&mut self) {
        let ready: Vec<_> = self.queue.items().iter().filter(|i| i.is_sendable()).map(|i| i.id).collect();
        for id in ready {
            self.send(id);
        }
    }

    /// Sends a file once more, on the user's wish: it is looked into again, since it may have changed. Where the first
    /// one may exist, the second is an item of its own.
    pub fn send_again(&mut self, id: UploadId) {
        let unknown = self.queue.get(id).is_some_and(|item| matches!(item.state, State::Unknown(_)));
        let again = if unknown { self.queue.add_again(id) } else { Some(id) };
        let Some((id, item)) = again.and_then(|id| Some((id, self.queue.get_mut(id)?))) else { return };
        if item.state.can_be_asked() {
            item.check = Check::Looking;
            let path = item.path.clone();
            self.queue.apply(id, Event::Asked, Timestamp::now());
            self.asked.insert(id);
            self.workers.look(id, path);
        }
    }

    /// Puts a file that did not go out back into the queue; it is looked into again.
    pub fn add_back(&mut self, id: UploadId) {
        if self.queue.apply(id, Event::AddedBack, Timestamp::now())
            && let Some(item) = self.queue.get_mut(id)
        {
            item.check = Check::Looking;
            let path = item.path.clone();
            self.workers.look(id, path);
        }
    }

    /// Whether Ctrl+C was pressed.
    pub fn is_interrupted(&self) -> bool {
        self.engine.is_interrupted()
    }

    /// Cancels every file that was not asked for yet.
    pub fn cancel_ready(&mut self) {
        let ready = |i: &&Item| i.state == State::Ready && i.stop().is_none();
        let ids: Vec<_> = self.queue.items().iter().filter(ready).map(|i| i.id).collect();
        for id in ids {
            self.queue.apply(id, Event::Asked, Timestamp::now());
            self.cancel_unsent(id);
        }
    }

    fn cancel_unsent(&mut self, id: UploadId) {
        let failure =
            Failure::new(FailureKind::Cancelled, "Cancelled before it was sent", "Nothing was accepted");
        self.queue.apply(id, Event::Failed(Box::new(failure)), Timestamp::now());
    }

    /// Asks again whether a service has finished with a file.
    pub fn look_again(&mut self, id: UploadId) {
        let Some(item) = self.queue.get(id).filter(|i| i.state.is_resting()) else { return };
        let Some(upload) = item.state.receipt().and_then(|r| r.id.clone()) else { return };
        if let Some(job) = self.job(item) {
            self.queue.apply(id, Event::LookedAgain, Timestamp::now());
            self.engine.look_again(job, upload);
        }
    }

    /// Sends a file that is not on its way somewhere else.
    pub fn redirect(&mut self, id: UploadId, destination: &Arc<Destination>) {
        self.queue.apply(id, Event::AddedBack, Timestamp::now());
        let Some(item) = self.queue.get_mut(id).filter(|item| item.state == State::Ready) else { return };
        item.destination = Arc::clone(destination);
        item.findings = findings(item);
    }

    /// Stops a file on its way.
    pub fn cancel(&mut self, id: UploadId) {
        if self.asked.remove(&id) {
            self.cancel_unsent(id);
        } else {
            self.engine.cancel(id);
        }
    }

    /// Whether a file that was cancelled after it was sent whole may still be answered.
    pub fn may_still_be_answered(&self, id: UploadId) -> bool {
        self.late.contains(&id)
    }

    /// Takes a file that is not on its way from the queue.
    pub fn remove(&mut self, id: UploadId) {
        self.queue.remove(|item| item.id == id);
    }

    /// Takes every finished file from the queue.
    pub fn clear_finished(&mut self) {
        self.queue.remove(|item| {
            matches!(item.state, State::Done(_) | State::Cancelled) || item.state.is_resting()
        });
    }

    /// Asks for a small picture of a file; it comes with `Changes`.
    pub fn want_picture(&self, id: UploadId, side: u32) {
        if let Some(item) = self.queue.get(id) {
            self.workers.picture(id, item.path.clone(), side);
        }
    }

    /// Saves a key and destinations for it; what became of it is told with the notices.
    pub fn add_key(
        &mut self,
        service: &'static Service,
        name: Option<String>,
        key: Key,
        new: Vec<NewDestination>,
    ) {
        self.background.ask(move |accounts| accounts.add(service, name.as_deref(), key, &new));
    }

    /// Saves destinations for a key that is there.
    pub fn add_destinations(&mut self, key: String, new: Vec<NewDestination>) {
        self.background.ask(move |accounts| accounts.add_destinations(&key, &new));
    }

    /// Forgets a saved destination. Files for it stay as they are.
    pub fn remove_destination(&mut self, name: String) {
        self.background.ask(move |accounts| accounts.remove_destination(&name));
    }

    /// Keys and saved destinations, for the terminal.
    pub fn accounts(&self) -> &Accounts {
        &self.accounts
    }

    /// Takes in what the engine, the workers and the store have to tell.
    pub fn look(&mut self) -> Changes {
        let mut changes = Changes { any: !self.notices.is_empty(), ..Changes::default() };
        while let Some(news) = self.engine.try_news() {
            // Said twice: when it is cancelled, and when no answer came after all.
            let cancelled_late =
                matches!(&news.event, Event::Failed(f) if f.kind == FailureKind::CancelledLate);
            if !(cancelled_late && self.late.insert(news.id)) {
                self.late.remove(&news.id);
            }
            changes.any |= self.queue.apply(news.id, news.event, Timestamp::now());
        }
        let found: Vec<_> = self.workers.found().collect();
        for found in found {
            match found {
                Found::Facts(id, facts) => {
                    changes.any = true;
                    self.looked(id, facts.map_or_else(Check::Problem, Check::Facts));
                }
                Found::Picture(id, picture) => changes.pictures.push((id, Some(picture))),
                Found::Forgotten(id) => changes.pictures.push((id, None)),
            }
        }
        while let Some(told) = self.background.try_answer() {
            changes.any = true;
            match told {
                Ok(added) => {
                    // Theme and choice are this window's own: an older answer must not bring back what they were.
                    let theme = self.settings.theme;
                    self.settings = Settings { theme, ..added.settings };
                    self.this_run.extend(added.this_run_only.into_iter().flat_map(|(_, list)| list));
                    self.notices.extend(added.notice);
                    self.offer_destinations();
                    if let Some(name) = added.first {
                        self.choose_named(&name);
                    }
                }
                Err(said) => self.notices.push(said),
            }
        }
        changes
    }

    fn looked(&mut self, id: UploadId, check: Check) {
        let Some(item) = self.queue.get_mut(id) else { return };
        item.check = check;
        item.findings = findings(item);
        if self.asked.remove(&id) {
            let stop = item.stop();
            match stop {
                None => self.hand_over(id),
                Some(why) => {
                    let next = "Nothing was sent: change the file, or send it somewhere else";
                    let failure = Failure::new(FailureKind::File, why, next);
                    self.queue.apply(id, Event::Failed(Box::new(failure)), Timestamp::now());
                }
            }
        }
    }

    fn send(&mut self, id: UploadId) {
        self.queue.apply(id, Event::Asked, Timestamp::now());
        self.hand_over(id);
    }

    fn hand_over(&mut self, id: UploadId) {
        let job = self.queue.get(id).and_then(|item| self.job(item));
        match job {
            Some(job) => self.engine.send(job),
            None => tracing::error!("a file without facts cannot be sent"),
        }
    }

    fn job(&self, item: &Item) -> Option<Job> {
        let facts = item.facts()?.clone();
        Some(Job {
            id: item.id,
            path: item.path.clone(),
            media: facts.recognised.media()?,
            facts,
            destination: Arc::clone(&item.destination),
            poll: self.poll,
        })
    }

    fn offer_destinations(&mut self) {
        let wanted = self.chosen().map(|d| d.name.clone()).or_else(|| self.settings.chosen.clone());
        let known = |d: &&Destination| provider::by_id(&d.provider).is_some();
        let saved = self.settings.destinations.iter().chain(&self.this_run);
        let saved: Vec<_> = saved.filter(known).cloned().map(Arc::new).collect();
        let given = provider::ALL.iter().map(|p| p.facts()).filter(|f| self.given.contains(f.service.id));
        let unsaved: Vec<_> = given.map(|facts| Arc::new(auto(facts, facts.service.id))).collect();
        self.destinations = saved.into_iter().chain(unsaved).collect();
        self.chosen = 0;
        if let Some(name) = wanted {
            self.choose_named(&name);
        }
    }

    fn choose_named(&mut self, name: &str) {
        if let Some(place) = self.destinations.iter().position(|d| d.name == name) {
            self.chosen = place;
        }
    }

    /// Changes the settings without waiting for the disk.
    fn change_settings(&mut self, change: impl FnOnce(&mut Settings) + Send + 'static) {
        self.background.ask(move |accounts| accounts.change(change));
    }
}

/// A destination that lets the service choose the account.
pub fn auto(facts: &Facts, key: &str) -> Destination {
    Destination {
        name: facts.name.to_owned(),
        provider: facts.id.to_owned(),
        key: key.to_owned(),
        account: None,
        options: std::collections::BTreeMap::new(),
    }
}

/// What the destination's table says of a file.
fn findings(item: &Item) -> Vec<Finding> {
    match (item.facts(), provider::by_id(&item.destination.provider)) {
        (Some(file), Some(provider)) => check::findings(provider.facts(), file, &item.destination),
        (Some(_), None) => vec![Finding {
            gravity: Gravity::Stop,
            sentence: "This destination's provider is not known to this version of Hoist".into(),
            next: "Send it somewhere else".into(),
        }],
        (None, _) => vec![],
    }
}
