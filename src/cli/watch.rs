//! `hoist watch`: sends what comes into folders, until Ctrl+C.

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

use clap::Args;
use clap_complete::engine::ArgValueCandidates;
use indicatif::ProgressBar;
use jiff::Timestamp;

use super::output::{eprint_line, sentence};
use super::progress::{SaidOnce, print_notices};
use super::results::{Print, ResultPrinter, Summary};
use super::terminal_session::start_watching_session;
use super::upload::{destination, print_unrecorded, sent_before};
use super::{completions, destination_args};
use crate::session::Session;
use crate::session::api::{Item, State};
use crate::session::watch::WatchOptions;

/// What stands below its help.
pub(super) const HELP: &str = "A file is sent when the program that writes it has closed it, or when it has been still \
for a second. Each content is sent once, also after a restart; a damaged file is not sent. Hidden files, unfinished \
downloads and what is no media are skipped.";

/// Looked again after so long, should nothing ring before.
const LOOK_EVERY: Duration = Duration::from_millis(500);

#[derive(Args)]
pub(super) struct WatchArguments {
    /// The folders; what is in folders within them is sent, too
    #[arg(required = true, value_name = "DIR")]
    folders: Vec<PathBuf>,
    /// The destination: a saved destination's name, or a provider's ID (see `hoist providers`)
    #[arg(long, value_name = "DESTINATION", add = ArgValueCandidates::new(completions::destinations))]
    to: String,
    /// The account: an email, a `user_id` or a project
    #[arg(long, value_name = "ACCOUNT")]
    account: Option<String>,
    /// An option of the provider, as its documents name it: stripMetadata=false
    #[arg(short = 'o', value_name = "OPTION=VALUE")]
    options: Vec<String>,
    /// Convert, make smaller or cut what is not accepted, and send the copies; the destination's rules apply, too
    #[arg(long)]
    fit: bool,
    /// Send the files that are there already, too
    #[arg(long)]
    existing: bool,
    /// One JSON object per file
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &WatchArguments, sandbox: bool) -> Result<ExitCode, String> {
    let (mut session, news) = start_watching_session(sandbox)?;
    let hidden = ProgressBar::hidden();
    print_notices(&mut session, &hidden);
    if sandbox {
        eprint_line("Sandbox: uploads stay on this computer.");
    }
    let to = (Some(arguments.to.as_str()), arguments.account.as_deref(), arguments.options.as_slice());
    let to = Arc::new(destination(&session, to)?);
    if arguments.fit {
        session.uploads.act_on_rules();
    }
    let options = WatchOptions { existing: arguments.existing, fit: arguments.fit, is_listed: false };
    for folder in &arguments.folders {
        session.watches.watch(folder.clone(), &to, options).map_err(sentence)?;
    }
    let mut watching = Watching {
        printer: ResultPrinter {
            print: Print::read(session.keys.settings(), None, arguments.json)?,
            sent_before: HashMap::new(),
            waits: true,
            is_many: true,
        },
        summary: Summary::default(),
        notices: SaidOnce::default(),
        unsent: HashMap::new(),
        unrecorded: 0,
    };
    let mut has_begun = false;
    let mut is_ending = false;
    loop {
        session.poll();
        print_notices(&mut session, &hidden);
        if let Some(why) = session.watches.take_refused().into_iter().next() {
            return Err(why.to_string());
        }
        if !has_begun && session.watches.has_begun() {
            has_begun = true;
            let folders = arguments.folders.iter().map(|folder| folder.display().to_string());
            let folders = folders.collect::<Vec<_>>().join(", ");
            eprint_line(&format!(
                "Watching {folders} for {}. Ctrl+C ends it.",
                destination_args::described(&to)
            ));
        }
        if !is_ending && session.uploads.is_interrupted() {
            is_ending = true;
            session.uploads.cancel_ready();
        }
        watching.print(&mut session);
        let is_quiet = |session: &Session| {
            let mut items = session.uploads.queue().items().iter();
            !items.any(|item| item.state.is_active() || item.awaits_late_reply())
        };
        if is_ending && is_quiet(&session) {
            break;
        }
        if news.recv_timeout(LOOK_EVERY) == Err(RecvTimeoutError::Disconnected) {
            break;
        }
    }
    session.poll();
    watching.print(&mut session);
    session.watches.stop();
    watching.count_unsent();
    print_unrecorded(&session, watching.unrecorded);
    eprint_line(&watching.summary.line(Timestamp::now()));
    for sentence in session.end() {
        eprint_line(&format!("{sentence}."));
    }
    Ok(watching.summary.status())
}

/// What was printed so far.
struct Watching {
    printer: ResultPrinter,
    summary: Summary,
    notices: SaidOnce,
    /// Files that could not be sent, and are tried again by and by: printed once each, and counted as they end.
    unsent: HashMap<PathBuf, Item>,
    unrecorded: usize,
}

impl Watching {
    /// Prints what became of files, and forgets these: the command may run for days.
    fn print(&mut self, session: &mut Session) {
        for sentence in self.notices.sentences(session.uploads.queue().items().iter()) {
            eprint_line(&sentence);
        }
        let ended = session.watches.take_ended();
        // One that was moved before a byte of it was sent is sent under its new name.
        let is_gone = |item: &&Item| item.has_vanished() && !item.request.path.exists();
        let items = ended.iter().filter_map(|id| session.uploads.queue().get(*id));
        for item in items.filter(|item| !is_gone(item)) {
            let failure = item.state.failure().filter(|failure| !failure.kind.is_about_the_file());
            if failure.is_some() && !matches!(item.state, State::Unknown(_)) {
                if self.unsent.insert(item.request.path.clone(), item.clone()).is_none() {
                    self.print_one(item, session);
                }
                continue;
            }
            self.unsent.remove(&item.request.path);
            self.print_one(item, session);
            self.summary.add(item);
        }
        session.uploads.remove_items(&ended);
    }

    fn print_one(&mut self, item: &Item, session: &Session) {
        self.unrecorded += usize::from(session.uploads.is_unrecorded(item));
        if let Some(damage) =
            item.facts().and_then(|facts| facts.damaged).filter(|_| item.state == State::Ready)
        {
            eprint_line(&format!(
                "{}: {damage}. The file is not sent: `hoist upload` sends it as it is.",
                item.name
            ));
        }
        if let Some(earlier) = &item.earlier {
            eprint_line(&sent_before(&item.name, &item.request.destination, earlier, true));
        }
        self.printer.report(item, session);
    }

    /// Counts what could not be sent to the end.
    fn count_unsent(&mut self) {
        for (_, item) in self.unsent.drain().filter(|(path, _)| path.exists()) {
            self.summary.add(&item);
        }
    }
}
