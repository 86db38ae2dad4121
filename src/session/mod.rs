//! Hoist without a face: queue, engine and store in one place. The window and the terminal both use only this.

pub mod accounts;
pub mod api;
mod background;
mod batch;
mod bulk;
pub mod choices;
mod content;
pub mod copy;
pub mod diagnostics;
pub mod export;
mod health;
mod history;
pub mod history_access;
pub mod imports;
pub mod key_groups;
pub mod log;
mod options;
mod previews;
pub mod report;
pub mod scan;
mod sending;
mod settings;
pub mod settings_transfer;
pub mod template;

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use crate::engine::{Engine, EngineConfig};
use crate::media::error::PreviewError;
use crate::media::preview::{Picture, Preview};
use crate::media::workers::{WorkResult, Workers};
use crate::model::destination::Destination;
use crate::model::error::FailureKind;
use crate::model::item::Inspection;
use crate::model::media::Details;
use crate::model::queue::Queue;
pub use crate::model::queue::Removed;
use crate::model::record::Record;
use crate::model::upload::{Event, UploadId};
use crate::provider;
use crate::provider::spec::{Facts, Vendor};
use crate::sandbox::{Sandbox, SandboxRequest};
use crate::store::history::{History, HistoryGuard, Query, Reader};
use crate::store::keys::Keys;
use crate::store::settings::{Settings, SettingsFile};
use accounts::{Accounts, AccountsError, Added};
use background::Background;
pub use batch::{Finished, Progress};
use health::{HealthBook, take_header};
use imports::{Bringing, Link, To};
pub use options::{NoHome, Start, StartError, folders};
use scan::{Gathered, Gatherings};
use settings::{EXIT_TIMEOUT, WATCHED_EVERY};

/// Is called when there is something to look at.
type Wake = Arc<dyn Fn() + Send + Sync>;

/// What changed since the last look.
#[derive(Debug, Default)]
pub struct Update {
    /// Something in the queue, the settings or the notices did.
    pub any: bool,
    /// Pictures that were asked for: made, or the reason why not, or nothing where it must be asked for again.
    pub pictures: Vec<(UploadId, Option<Result<Picture, PreviewError>>)>,
    /// Large pictures and waveforms that were asked for, or the reason why there is none.
    pub previews: Vec<(UploadId, Result<Preview, PreviewError>)>,
    /// What files that are looked at closely tell of themselves.
    pub details: Vec<(UploadId, Details)>,
    /// What was added, sorted: files to be staged, and what is to be said of folders.
    pub gathered: Vec<Gathered>,
    /// Everything that was asked for has ended.
    pub finished: Option<Finished>,
    /// What is in the history changed.
    pub history: bool,
    /// What was found in the history for a question.
    pub found: Option<(Query, Vec<UploadId>)>,
    /// What was read of the history.
    pub records: Vec<Record>,
    /// Files that were made of content, or fetched.
    pub brought: Vec<(PathBuf, To)>,
    /// Links to other hosts, to which fetching has led: to be agreed to.
    pub passed_on: Vec<(Link, To)>,
}

/// The app without a face.
pub struct Session {
    queue: Queue,
    engine: Engine,
    workers: Workers,
    gatherings: Gatherings,
    settings: Settings,
    /// Those whose key could not be saved.
    this_run: Vec<Destination>,
    destinations: Vec<Arc<Destination>>,
    chosen: usize,
    /// The chosen one was removed last, and no other was chosen since.
    removed_choice: Option<String>,
    accounts: Accounts,
    given: HashSet<&'static str>,
    sandbox: Option<Sandbox>,
    /// How keys and accounts stand.
    known: HealthBook,
    poll: bool,
    /// Nothing new is started.
    paused: bool,
    /// Asked for since the last batch ended.
    batch: HashSet<UploadId>,
    course: batch::Course,
    /// The queue was brought into an order of its own.
    ordered: bool,
    /// The engine was given something since it was told in which order to start what waits.
    unordered: bool,
    /// Out of sight, and forgotten for good if nobody wants them back.
    forgotten: Vec<UploadId>,
    /// Forgotten for good, as soon as this is written.
    being_forgotten: Vec<(u64, Vec<UploadId>)>,
    history_changed: bool,
    notices: Vec<String>,
    /// A terminal's files are in no queue that could come back.
    terminal: bool,
    settings_thread: Background<Accounts, Result<Added, AccountsError>>,
    /// Changes of settings that are not answered yet.
    unanswered: usize,
    history: History,
    library: Background<Reader, history::HistoryReply>,
    contents: content::Contents,
    /// Uploads in the history.
    count: usize,
    counting: bool,
    /// Why the history cannot be read.
    unreadable: Option<String>,
    /// Whether this batch is sent though the history cannot be written; the user was not asked yet where it is none.
    without_history: Option<bool>,
    /// Not sent, since the history cannot be written: the user is to be asked.
    unrecorded: Vec<UploadId>,
    /// Where small pictures of what was sent are kept.
    pictures: PathBuf,
    bringing: Bringing,
    /// Last: everything above may still write.
    keeper: HistoryGuard,
}

impl Session {
    /// Starts the engine and the workers. `wake` is called when there is something to look at.
    pub fn start(start: Start, wake: Wake) -> Result<Session, StartError> {
        let sandbox = match start.sandbox {
            true => Some(Sandbox::start(0, Arc::new(|_: SandboxRequest| {})).map_err(StartError::Sandbox)?),
            false => None,
        };
        let endpoints = options::endpoints(&start.environment, sandbox.as_ref())?;
        // In a sandbox nobody needs them.
        let problems = if start.sandbox { vec![] } else { start.environment.problems };
        let file = SettingsFile::new(&start.folders);
        let mut written = file.watch();
        let (settings, said) = file.load();
        let (keys, given_keys) = match sandbox {
            Some(_) => (Keys::in_memory(), Sandbox::keys()),
            None => (start.keys, start.environment.keys),
        };
        let given = given_keys.keys().copied().collect();
        let (history, keeper) =
            History::open_synced_by(&start.folders, !start.terminal, Arc::clone(&wake), start.sync)
                .map_err(StartError::History)?;
        let engine = Engine::start(
            EngineConfig {
                uploads_at_once: settings.uploads_at_once,
                uploads_per_account: settings.uploads_per_account,
                proxy: settings.proxy.clone(),
                proxies: start.environment.proxies,
                endpoints,
                given_keys,
                longest_hold: start.longest_hold,
                poll_every: start.sandbox.then_some(Duration::from_secs(1)),
                wake_every: if start.terminal { Duration::ZERO } else { Duration::from_millis(50) },
                stop_on_interrupt: start.stop_on_interrupt,
                limits: start.limits,
                first_pause: start.first_pause,
                history: history.clone(),
                ..EngineConfig::new(keys.clone())
            },
            Arc::clone(&wake),
        )
        .map_err(StartError::Engine)?;
        let accounts = Accounts::new(file, keys);
        accounts.own(&settings.keys);
        let workers = Workers::start(&wake);
        let gatherings = Gatherings::new(start.look, Arc::clone(&wake));
        // A terminal's command is over before another program changes something.
        let every = if start.terminal { Duration::MAX } else { WATCHED_EVERY };
        let elsewhere =
            move |_: &mut Accounts| Some(Ok(Added { elsewhere: true, ..Added::from(written()?) }));
        let settings_thread =
            Background::watching("hoist-settings", accounts.clone(), Arc::clone(&wake), every, elsewhere)
                .map_err(StartError::Disk)?;
        let bringing = Bringing::start(&start.folders, start.terminal, &wake).map_err(StartError::Disk)?;
        let changed = |reader: &mut Reader| reader.has_changed().then_some(history::HistoryReply::Changed);
        let library = Background::watching("hoist-library", history.reader(), wake, every, changed)
            .map_err(StartError::Disk)?;
        let mut session = Session {
            queue: Queue::starting_at(history.first_id(), !start.terminal),
            engine,
            workers,
            gatherings,
            settings,
            this_run: vec![],
            destinations: vec![],
            chosen: 0,
            removed_choice: None,
            accounts,
            given,
            sandbox,
            known: HealthBook::default(),
            poll: start.poll,
            paused: false,
            batch: HashSet::new(),
            course: batch::Course::new(),
            ordered: false,
            unordered: false,
            forgotten: vec![],
            being_forgotten: vec![],
            history_changed: false,
            notices: said.into_iter().chain(problems).collect(),
            terminal: start.terminal,
            settings_thread,
            unanswered: 0,
            history,
            library,
            contents: content::Contents::default(),
            count: 0,
            counting: false,
            unreadable: None,
            without_history: None,
            unrecorded: vec![],
            pictures: start.folders.cache.join("pictures"),
            bringing,
            keeper,
        };
        session.offer_destinations();
        if session.terminal {
            // Holds of earlier runs are known before anything is asked for.
            for told in session.keeper.wait_until_open() {
                session.on_history_event(told, &mut Update::default());
            }
        }
        Ok(session)
    }

    /// The files, in order.
    pub fn queue(&self) -> &Queue {
        &self.queue
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
    pub fn has_given_key(&self, vendor: &Vendor) -> bool {
        self.given.contains(vendor.id)
    }

    /// Whether a destination is saved.
    pub fn is_saved(&self, destination: &Destination) -> bool {
        self.settings.destinations.contains(destination)
    }

    /// Things to tell the user once.
    pub fn take_notices(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notices)
    }

    /// Takes in what the engine, the workers and the store have to tell.
    pub fn poll(&mut self) -> Update {
        let mut changes = Update { any: !self.notices.is_empty(), ..Update::default() };
        while let Some(news) = self.engine.try_news() {
            let id = news.id;
            self.heard(id, &news.event);
            match news.event {
                Event::Withdrawn => self.on_withdrawn(id),
                Event::Changed => self.on_changed(id),
                event => {
                    let done = matches!(event, Event::Done(_));
                    let unrecorded = matches!(&event, Event::Failed(f) if f.kind == FailureKind::NoHistory);
                    changes.any |= self.queue.apply(id, event, Timestamp::now());
                    if done && !self.terminal {
                        self.keep_picture(id);
                    }
                    if unrecorded {
                        self.on_unrecorded(id);
                    }
                    continue;
                }
            }
            changes.any = true;
        }
        self.drain_history(&mut changes);
        self.drain_imports(&mut changes);
        changes.gathered = self.gatherings.take();
        let found: Vec<_> = self.workers.found().collect();
        for found in found {
            match found {
                WorkResult::Facts(id, facts) => {
                    changes.any = true;
                    let check = facts.map_or_else(Inspection::Failed, Inspection::Ready);
                    if !self.compare_with_added(id, &check) {
                        self.on_inspected(id, check);
                    }
                }
                WorkResult::Picture(id, picture) => changes.pictures.push((id, Some(picture))),
                WorkResult::Preview(id, preview) => changes.previews.push((id, preview)),
                WorkResult::Details(id, details) => changes.details.push((id, details)),
                WorkResult::Hash(id, content) => self.on_hashed(id, content),
                WorkResult::Forgotten(id) => changes.pictures.push((id, None)),
            }
        }
        changes.any |= self.drain_key_checks();
        changes.any |= self.drain_settings();
        if self.unordered {
            self.order_waiting();
        }
        changes.finished = self.finished();
        self.follow_course();
        changes.any |= changes.finished.is_some();
        changes
    }

    fn offer_destinations(&mut self) {
        let wanted = [self.chosen().map(|d| d.name.clone()), self.settings.chosen.clone()];
        let known = |d: &&Destination| provider::by_id(&d.provider).is_some();
        let saved = self.settings.destinations.iter().chain(&self.this_run);
        let saved: Vec<_> = saved.filter(known).cloned().map(Arc::new).collect();
        let given = provider::ALL.iter().map(|p| p.facts()).filter(|f| self.given.contains(f.vendor.id));
        let unsaved = given.map(|facts| {
            let mut destination = auto(facts, facts.vendor.id);
            if let Some(auth) = self.known.auth(facts.vendor.id) {
                take_header(facts.id, &mut destination.options, auth);
            }
            Arc::new(destination)
        });
        let unsaved: Vec<_> = unsaved.collect();
        self.destinations = saved.into_iter().chain(unsaved).collect();
        self.chosen = 0;
        // The one of before; where another program renamed it, the settings know its name.
        for name in wanted.into_iter().rev().flatten() {
            self.choose_named(&name);
        }
    }

    fn choose_named(&mut self, name: &str) {
        if let Some(place) = self.destinations.iter().position(|d| d.name == name) {
            self.chosen = place;
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.settle_forgotten();
        self.settle_settings();
        // Before the one who writes the history: whoever closes it last puts it into one file again.
        self.library.end_before(Instant::now() + EXIT_TIMEOUT);
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
