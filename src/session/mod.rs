//! The application without a front end: uploads, keys, history and intake. The window and the command line use this and
//! `platform` alone.
//!
//! Each part owns its state and does what concerns it alone; what concerns several is done here, by `Session`.

mod account_names;
pub mod accounts;
mod adding;
pub mod agents;
pub mod api;
mod background;
mod batch;
mod bulk;
pub mod choices;
mod content;
pub mod copy;
pub mod copy_choices;
mod copy_owner;
mod dedupe;
mod destination_labels;
pub mod diagnostics;
pub mod export;
mod fit_book;
pub mod fit_files;
mod fit_orders;
pub mod fit_remedies;
mod fitting;
mod health;
mod health_book;
mod history;
pub mod history_access;
mod history_selection;
pub mod imports;
mod intake;
mod key_book;
pub mod key_groups;
mod library;
pub mod log;
pub mod lookup;
mod new_destination;
pub mod next_step;
pub mod notice;
mod open_files;
mod options;
mod own_name;
pub mod own_providers;
mod previews;
mod progress;
mod provider_book;
pub mod provider_groups;
pub mod provider_terms;
pub mod provider_test;
mod providers;
pub mod report;
pub mod scan;
mod sending;
pub mod setting_names;
mod settings;
pub mod settings_preview;
pub mod settings_transfer;
pub mod template;
mod unrecorded;
mod update;
mod uploads;
pub mod watch;
mod window_memory;

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::engine::slots::SlotLimits;
use crate::engine::{Engine, EngineConfig};
use crate::media::workers::{WorkResult, Workers};
use crate::model::error::FailureKind;
use crate::model::item::Inspection;
pub use crate::model::queue::Removed;
use crate::model::record::PreviousUpload;
use crate::model::upload::Event;
use crate::sandbox::{Sandbox, SandboxRequest};
use crate::store::history::{History, HistoryGuard, Reader};
use crate::store::keys::Keys;
use crate::store::settings_file::SettingsFile;
use accounts::Accounts;
use background::{Background, WATCHED_EVERY, Wake};
pub use batch::Finished;
use fit_book::FitBook;
use imports::Imports;
pub use intake::Intake;
use key_book::SettingsNews;
pub use key_book::{KeyBook, auto};
use library::HistoryReply;
pub use library::Library;
use notice::Notice;
pub use options::{NoHome, Start, StartError, folders};
pub use progress::Progress;
pub use provider_book::{ProviderBook, ProviderReview};
use scan::Scans;
pub use update::{HistorySelection, ResultsText, Update};
pub use uploads::Uploads;
use watch::WatchBook;
use window_memory::WindowMemory;

/// The headless application.
pub struct Session {
    /// The queue, and what sends it.
    pub uploads: Uploads,
    /// Settings, API keys and destinations.
    pub keys: KeyBook,
    /// The providers of the person's own files.
    pub providers: ProviderBook,
    /// The history.
    pub library: Library,
    /// What comes in.
    pub intake: Intake,
    /// The folders whose files are sent as they come.
    pub watches: WatchBook,
    /// How the window looked last.
    pub window: WindowMemory,
    notices: Vec<Notice>,
    sandbox: Option<Sandbox>,
    /// Last: everything above may still write.
    history_guard: HistoryGuard,
}

impl Session {
    /// Starts the engine and the workers. `wake` is called when there is something to look at.
    pub fn start(start: Start, wake: Wake) -> Result<Session, StartError> {
        // Before anything is opened that would fail halfway.
        let max_uploads = open_files::max_uploads(start.sandbox)?;
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
        let (history, history_guard) =
            History::open_synced_by(&start.folders, !start.terminal, Arc::clone(&wake), start.sync)
                .map_err(StartError::History)?;
        let engine = Engine::start(
            EngineConfig {
                slots: SlotLimits {
                    at_once: settings.uploads_at_once.min(max_uploads),
                    per_account: settings.uploads_per_account,
                },
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
        let workers = Workers::start(&wake).map_err(StartError::Threads)?;
        let fits = FitBook::start(start.folders.data.join("copies"), start.terminal, &wake)
            .map_err(StartError::Threads)?;
        let scans = Scans::new(start.look, Arc::clone(&wake));
        // A terminal's command is over before another program changes something.
        let every = if start.terminal { Duration::MAX } else { WATCHED_EVERY };
        let elsewhere = move |_: &mut Accounts| Some(SettingsNews::Elsewhere(written()?));
        let settings_thread =
            Background::watching("hoist-settings", accounts.clone(), Arc::clone(&wake), every, elsewhere)
                .map_err(StartError::Threads)?;
        let providers = ProviderBook::start(
            start.provider_folders.as_ref().unwrap_or(&start.folders),
            start.terminal,
            Arc::clone(&wake),
        )
        .map_err(StartError::Threads)?;
        let imports = Imports::start(&start.folders, start.terminal, &wake).map_err(StartError::Threads)?;
        let watches = WatchBook::start(&start.folders, start.watch_times, start.terminal, &wake)
            .map_err(StartError::Threads)?;
        let changed = |reader: &mut Reader| reader.has_changed().then_some(HistoryReply::Changed);
        let reader = Background::watching("hoist-library", history.reader(), wake, every, changed)
            .map_err(StartError::Threads)?;
        let window = WindowMemory::start(&start.folders, start.terminal).map_err(StartError::Threads)?;
        let thumbnails = start.folders.cache.join("pictures");
        let client = workers.client();
        let mut session = Session {
            uploads: Uploads::new(engine, client.clone(), history.clone(), fits, start.terminal, start.poll),
            keys: KeyBook::new(settings, accounts, given, sandbox.is_some(), settings_thread),
            providers,
            library: Library::new(reader, history, client, thumbnails),
            intake: Intake::new(scans, imports, workers),
            watches,
            window,
            notices: said.into_iter().chain(problems).map(Notice::error).collect(),
            sandbox,
            history_guard,
        };
        if start.terminal {
            // Holds of earlier runs are known before anything is asked for.
            for told in session.history_guard.wait_until_open() {
                session.on_history_event(told, &mut Update::default());
            }
        }
        Ok(session)
    }

    /// Returns whether everything goes to a local server.
    pub fn is_sandbox(&self) -> bool {
        self.sandbox.is_some()
    }

    /// Things to tell the user once.
    pub fn take_notices(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.notices)
    }

    /// Ends the session. Gives back what was found only then.
    pub fn end(self) -> Vec<String> {
        let notices = self.history_guard.closing_notices();
        drop(self);
        notices.collect()
    }

    /// Takes in what the engine, the workers and the store have to tell.
    pub fn poll(&mut self) -> Update {
        let mut changes = Update { any: !self.notices.is_empty(), ..Update::default() };
        while let Some(news) = self.uploads.engine.try_news() {
            let id = news.id;
            self.on_event(id, &news.event);
            match news.event {
                Event::Withdrawn => self.uploads.on_withdrawn(id),
                Event::Changed => self.uploads.on_changed(id),
                Event::SentBefore { by, at, ref receipt } => {
                    let previous = PreviousUpload { id: by, requested: at, receipt: receipt.clone() };
                    self.uploads.queue.apply(id, news.event, Timestamp::now());
                    self.uploads.on_sent_before(id, previous);
                }
                event => {
                    let done = matches!(event, Event::Done(_));
                    let unrecorded = matches!(&event, Event::Failed(f) if f.kind == FailureKind::NoHistory);
                    changes.any |= self.uploads.queue.apply(id, event, Timestamp::now());
                    if done && !self.uploads.terminal {
                        self.uploads.keep_picture(id, self.library.thumbnail_file(id));
                    }
                    if done {
                        self.uploads.forget_sent_copy(id);
                    }
                    if unrecorded {
                        self.uploads.on_unrecorded(id);
                    }
                    continue;
                }
            }
            changes.any = true;
        }
        self.drain_history(&mut changes);
        self.drain_imports(&mut changes);
        self.drain_scans(&mut changes);
        let made: Vec<_> = self.uploads.fits.worker.done().collect();
        for (id, made) in made {
            changes.any = true;
            self.uploads.on_fitted(id, made);
        }
        let found: Vec<_> = self.intake.workers.found().collect();
        for found in found {
            match found {
                WorkResult::Facts(id, facts) => {
                    changes.any = true;
                    let check = facts.map_or_else(Inspection::Failed, Inspection::Ready);
                    if !self.uploads.compare_with_added(id, &check) {
                        self.on_inspected(id, check);
                    }
                }
                WorkResult::Picture(id, picture) => changes.pictures.push((id, Some(picture))),
                WorkResult::Preview(id, preview) => changes.previews.push((id, preview)),
                WorkResult::Compared(path, preview) => changes.compared.push((path, preview)),
                WorkResult::Details(id, details) => changes.details.push((id, details)),
                WorkResult::Hash(id, content) => self.on_hashed(id, content),
                WorkResult::Forgotten(id) => changes.pictures.push((id, None)),
            }
        }
        changes.any |= self.drain_watches();
        changes.any |= self.drain_key_checks();
        changes.any |= self.drain_settings();
        changes.any |= self.drain_providers(&mut changes);
        self.stage_early();
        if self.uploads.is_engine_order_stale {
            self.uploads.order_waiting();
        }
        self.uploads.find_next_step();
        changes.finished = self.uploads.finished();
        self.uploads.follow_course();
        changes.any |= changes.finished.is_some();
        changes
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.library.settle_forgotten();
        self.keys.settle();
        self.window.end();
        self.library.end();
    }
}
