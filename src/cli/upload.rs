//! `hoist upload`.

use std::collections::HashMap;
use std::io::IsTerminal;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::mpsc::Receiver;

use clap::Args;
use clap_complete::engine::ArgValueCandidates;
use indicatif::ProgressBar;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::fetch::fetch;
use super::inputs::{InputArguments, UploadInputs};
use super::output::eprint_line;
use super::progress::{SaidOnce, bar, follow, print_notices, wait};
use super::results::{Print, ResultPrinter, Summary};
use super::terminal_session::start_session;
use super::{completions, destination_args};
use crate::platform::clipboard;
use crate::session::api::{Destination, FittedCopy, Item, PreviousUpload, UploadId, provider, text};
use crate::session::fit_files::losses;
use crate::session::report::Report;
use crate::session::template::FIELDS;
use crate::session::{Session, copy};

#[derive(Args)]
pub(super) struct UploadArguments {
    #[command(flatten)]
    pub(super) inputs: InputArguments,
    /// The destination: a saved destination's name, or a provider's ID (see `hoist providers`)
    #[arg(long, value_name = "DESTINATION", add = ArgValueCandidates::new(completions::destinations))]
    pub(super) to: Option<String>,
    /// The account: an email, a `user_id` or a project
    #[arg(long, value_name = "ACCOUNT")]
    pub(super) account: Option<String>,
    /// An option of the provider, as its documents name it: stripMetadata=false
    #[arg(short = 'o', value_name = "OPTION=VALUE")]
    pub(super) options: Vec<String>,
    /// One JSON object per file
    #[arg(long, conflicts_with = "format")]
    pub(super) json: bool,
    /// A line of your own for each file, or the name of a saved template
    #[arg(long, value_name = "TEMPLATE", help = format_help())]
    pub(super) format: Option<String>,
    /// Copy the results to the clipboard, too
    #[arg(long)]
    pub(super) copy: bool,
    /// Show what would be sent, without sending anything
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Do not wait while a provider processes a file after the upload
    #[arg(long)]
    pub(super) no_wait: bool,
    /// Skip files whose content was sent to the same destination before, and print the earlier ID
    #[arg(long)]
    pub(super) skip_sent: bool,
    /// Convert, make smaller or cut what is not accepted, and send the copies; the destination's rules apply, too
    #[arg(long)]
    pub(super) fit: bool,
    /// Remove location, camera, author and AI provenance from the copies
    #[arg(long, requires = "fit")]
    pub(super) strip: bool,
    /// Send even if the history cannot be written, and say at the end what is not in it
    #[arg(long)]
    pub(super) without_history: bool,
}

fn format_help() -> String {
    format!(
        "A line of your own for each file, or the name of a saved template: {{{}}} {{json:/path}}",
        FIELDS.join("} {")
    )
}

pub(super) fn run(arguments: &UploadArguments, sandbox: bool) -> Result<ExitCode, String> {
    let mut inputs = UploadInputs::read(&arguments.inputs, sandbox)?;
    if let Some(folder) = inputs.files.iter().find(|path| path.is_dir()) {
        return Err(is_a_folder(folder));
    }
    let (mut session, news) = start_session(sandbox, !arguments.no_wait, true)?;
    let print = Print::read(session.keys.settings(), arguments.format.as_deref(), arguments.json)?;
    print_notices(&mut session, &ProgressBar::hidden());
    if sandbox {
        eprint_line("Sandbox: uploads stay on this computer.");
    }
    let to = (arguments.to.as_deref(), arguments.account.as_deref(), arguments.options.as_slice());
    let destination = Arc::new(destination(&session, to)?);
    if arguments.fit {
        session.uploads.act_on_rules();
    }
    let mut ids = session.add_files_to(inputs.files.iter().cloned(), &destination);
    if !inputs.links.is_empty() {
        let links = std::mem::take(&mut inputs.links);
        let fetched = fetch(&mut session, &news, links, &destination, arguments.inputs.yes)?;
        inputs.add_fetched(items(&session, &fetched));
        ids.extend(fetched);
    }
    wait(&mut session, &news, true, &ProgressBar::hidden(), |session| {
        ids.iter().all(|id| session.uploads.queue().get(*id).is_some_and(|i| !i.inspection.is_pending()))
    });
    if arguments.fit {
        fit(&mut session, &news, &ids, arguments.strip);
    }
    warn(&session, &ids);
    let printer = ResultPrinter {
        print,
        sent_before: notice_sent_before(&mut session, &ids, arguments.skip_sent),
        waits: !arguments.no_wait,
        is_many: ids.len() > 1,
    };
    if arguments.dry_run {
        let all = items(&session, &ids);
        for item in &all {
            printer.dry(item, &session);
        }
        inputs.clean_up(all.iter().copied(), false);
        return Ok(Summary::of(all).status());
    }
    if session.uploads.is_interrupted() {
        session.uploads.cancel_ready();
    }
    if arguments.without_history {
        session.uploads.send_without_history();
    }
    match arguments.skip_sent {
        true => session.uploads.upload_once(&ids),
        false => session.uploads.upload_all(),
    }
    let results = finish(&mut session, &news, &ids, &printer);
    if arguments.copy && !results.is_empty() {
        match clipboard::copy_and_leave(&results.join("\n")) {
            Ok(()) => {
                eprint_line(&format!("Copied {}.", text::count(results.len(), "result")));
                let uploads: Vec<_> = items(&session, &ids).into_iter().map(Report::from).collect();
                if let Some(expired) = copy::expired(&uploads, Timestamp::now(), date) {
                    eprint_line(&format!("{expired}."));
                }
            }
            Err(e) => eprint_line(&format!("Nothing was copied: {e}.")),
        }
    }
    let all = items(&session, &ids);
    let summary = Summary::of(all.iter().copied());
    print_unrecorded(&session, all.iter().filter(|item| session.uploads.is_unrecorded(item)).count());
    if ids.len() > 1 && std::io::stderr().is_terminal() {
        eprint_line(&summary.line(Timestamp::now()));
    }
    inputs.clean_up(all, true);
    for sentence in session.end() {
        eprint_line(&format!("{sentence}."));
    }
    Ok(summary.status())
}

fn items<'a>(session: &'a Session, ids: &[UploadId]) -> Vec<&'a Item> {
    ids.iter().filter_map(|id| session.uploads.queue().get(*id)).collect()
}

/// Has copies made of what is not accepted, and waits for them. Each is said; it is deleted when it was sent.
fn fit(session: &mut Session, news: &Receiver<()>, ids: &[UploadId], strip: bool) {
    session.uploads.fit_for_upload(ids, strip);
    wait(session, news, true, &ProgressBar::hidden(), |session| {
        ids.iter().all(|id| session.uploads.queue().get(*id).is_some_and(|i| !i.inspection.is_pending()))
    });
    for item in ids.iter().filter_map(|id| session.uploads.queue().get(*id)) {
        if let (Some(copy), Some(facts)) = (&item.request.copy, item.facts()) {
            let losses = losses(&copy.changes).map(|losses| format!(", {losses}")).unwrap_or_default();
            let label = FittedCopy::label(facts);
            eprint_line(&format!("{}: {label}, {}{losses}.", item.name, text::bytes(facts.size)));
        }
        if let Some(problem) = &item.fit_problem {
            eprint_line(&format!("{}: no copy was made: {problem}.", item.name));
        }
    }
}

/// Says that what was sent and is not in the history is known from here on by what was printed only.
pub(super) fn print_unrecorded(session: &Session, unrecorded: usize) {
    if unrecorded > 0 {
        let are = if unrecorded == 1 { "is" } else { "are" };
        let why = session.library.write_error().map(|why| format!(" ({why})")).unwrap_or_default();
        eprint_line(&format!(
            "{} {are} not in the history{why}: keep what was printed.",
            text::count(unrecorded, "upload")
        ));
    }
}

/// Returns whether a folder was named. Nothing is sent then: whoever named it meant other files than those.
fn is_a_folder(folder: &Path) -> String {
    let shown = folder.display().to_string();
    let path = shown.trim_end_matches('/');
    let quoted = shlex::try_quote(path).unwrap_or_default(); // no path has a NUL in it
    format!(
        "{shown} is a folder: name the files in it, as in `hoist upload {quoted}/*.png`. Nothing was sent"
    )
}

/// Says before anything is sent what a person should know of a file that can be sent.
fn warn(session: &Session, ids: &[UploadId]) {
    for item in ids.iter().filter_map(|id| session.uploads.queue().get(*id)).filter(|item| !item.is_blocked())
    {
        for finding in &item.findings {
            eprint_line(&format!("{}: {}.", item.name, finding.message));
        }
    }
}

/// Says which contents went to their destination before this run. They are sent all the same, since the command was
/// explicit, unless it says to take what they led to then. Gives back when that was.
fn notice_sent_before(
    session: &mut Session,
    ids: &[UploadId],
    skip_sent: bool,
) -> HashMap<UploadId, Timestamp> {
    let mut when = HashMap::new();
    for id in ids {
        let Some(item) = session.uploads.queue().get(*id) else { continue };
        let Some(earlier) = &item.earlier else { continue };
        when.insert(*id, earlier.requested);
        eprint_line(&sent_before(&item.name, &item.request.destination, earlier, skip_sent));
        if skip_sent {
            session.uploads.use_previous(*id);
        } else {
            session.uploads.send_all_the_same(*id);
        }
    }
    when
}

/// Returns when the same content went to a file's destination, and what came of it.
pub(super) fn sent_before(
    name: &str,
    destination: &Destination,
    earlier: &PreviousUpload,
    skipped: bool,
) -> String {
    let sent = format!("{name} was sent to {} on {}", destination.name, date(earlier.requested));
    match &earlier.receipt {
        Some(_) if skipped => format!("{sent} and is not sent again."),
        Some(receipt) => format!("{sent}: {}", receipt.first()),
        None => format!("{sent} without an answer: it may exist."),
    }
}

fn date(at: Timestamp) -> String {
    at.to_zoned(TimeZone::system()).strftime("%-d %b %Y %H:%M").to_string()
}

/// Follows the uploads to their ends. Results are printed in the order of the files, each as soon as those before it are
/// known. Gives back what was printed of those that are done.
fn finish(
    session: &mut Session,
    news: &Receiver<()>,
    ids: &[UploadId],
    printer: &ResultPrinter,
) -> Vec<String> {
    let bar = bar(session, ids);
    let mut results = vec![];
    let mut printed = 0;
    let mut said = SaidOnce::default();
    wait(session, news, false, &bar, |session| {
        while let Some(item) = ids.get(printed).and_then(|id| session.uploads.queue().get(*id)) {
            if item.state.is_active() || item.awaits_late_reply() {
                break;
            }
            results.extend(bar.suspend(|| {
                // Another upload of the same content was found when the turn of this one came.
                if let Some(earlier) =
                    item.earlier.as_ref().filter(|_| !printer.sent_before.contains_key(&item.request.id))
                {
                    eprint_line(&sent_before(&item.name, &item.request.destination, earlier, true));
                }
                printer.report(item, session)
            }));
            printed += 1;
        }
        // What is printed has ended: of thousands of files only the others are looked at again.
        for sentence in said.sentences(items(session, &ids[printed..]).into_iter()) {
            bar.suspend(|| eprint_line(&sentence));
        }
        follow(&bar, session, ids);
        printed == ids.len()
    });
    bar.finish_and_clear();
    results
}

/// Returns the destination that arguments name, with its account and options; without a name, the default.
pub(super) fn destination(
    session: &Session,
    (to, account, options): (Option<&str>, Option<&str>, &[String]),
) -> Result<Destination, String> {
    let mut destination = match to {
        Some(name) => {
            let key = place_of_account(name);
            let says_account = account.is_some()
                || options.iter().any(|option| key.is_some_and(|key| option.split('=').next() == Some(key)));
            let (destination, said) = destination_args::target(session, name, says_account)?;
            if let Some(said) = said {
                eprint_line(&format!("{said}."));
            }
            destination
        }
        None => match (session.keys.default_destination(), session.keys.destinations()) {
            (Some(destination), _) => destination.clone(),
            (None, []) => return Err(destination_args::no_destination()),
            (None, _) => {
                return Err(format!("Name a destination with --to: {}", destination_args::names(session)));
            }
        },
    };
    let facts = destination_args::facts(&destination)?;
    destination_args::set(facts, &mut destination, account, options)?;
    if to.is_none() {
        eprint_line(&format!(
            "Without --to, the destination is {}.",
            destination_args::described(&destination)
        ));
    }
    Ok(destination)
}

/// Returns what the account is called among a provider's options.
fn place_of_account(provider: &str) -> Option<&'static str> {
    Some(provider::by_id(provider)?.facts().account.option?.key)
}
