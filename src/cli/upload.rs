//! `hoist upload`.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::Duration;

use clap::Args;
use clap_complete::engine::ArgValueCandidates;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::inputs::UploadInputs;
use super::output::{STATUS_USAGE, eprint_line, out, out_json};
use super::terminal_session::start_session;
use super::{completions, destination_args};
use crate::platform::clipboard;
use crate::session::api::{
    Destination, FailureKind, FitWishes, FittedCopy, Item, PreviousUpload, Settings, State, UploadId,
    provider, text,
};
use crate::session::report::{Outcome, Report};
use crate::session::template::{FIELDS, Template};
use crate::session::{Session, copy, fit_remedies};

#[derive(Args)]
pub(super) struct UploadArguments {
    /// The files; `-` is one from stdin
    #[arg(required_unless_present = "clipboard", value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,
    /// What the file from stdin is called
    #[arg(long, value_name = "NAME")]
    pub(super) name: Option<String>,
    /// Upload the files or the picture in the clipboard
    #[arg(long)]
    pub(super) clipboard: bool,
    /// Where to: a saved destination's name, or a provider's ID (see `hoist providers`)
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
    /// Convert, make smaller or cut what is not accepted, and send the copies; the destination's standing rules act, too
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

/// How results are printed.
enum Print {
    Plain,
    Json,
    Template(Template),
}

/// Returns the saved template of that name, or else the text as a template.
fn template(settings: &Settings, format: &str) -> Result<Template, String> {
    let saved = settings.templates.iter().find(|t| t.name == format).map(|t| t.line.as_str());
    Template::parse(saved.unwrap_or(format)).map_err(|e| format!("--format: {e}"))
}

pub(super) fn run(arguments: &UploadArguments, sandbox: bool) -> Result<ExitCode, String> {
    let inputs =
        UploadInputs::read(&arguments.files, arguments.name.as_deref(), arguments.clipboard, sandbox)?;
    if let Some(folder) = inputs.files.iter().find(|path| path.is_dir()) {
        return Err(is_a_folder(folder));
    }
    let (mut session, bell) = start_session(sandbox, !arguments.no_wait, true)?;
    let print = match (&arguments.format, arguments.json) {
        (Some(format), _) => Print::Template(template(session.keys.settings(), format)?),
        (None, true) => Print::Json,
        (None, false) => Print::Plain,
    };
    print_notices(&mut session, &ProgressBar::hidden());
    if sandbox {
        eprint_line("Sandbox: uploads stay on this computer.");
    }
    let destination = Arc::new(destination(&session, arguments)?);
    if arguments.fit {
        session.uploads.act_on_rules();
    }
    let ids = session.add_files_to(inputs.files.iter().cloned(), &destination);
    wait(&mut session, &bell, true, &ProgressBar::hidden(), |session| {
        ids.iter().all(|id| session.uploads.queue().get(*id).is_some_and(|i| !i.inspection.is_pending()))
    });
    if arguments.fit {
        fit(&mut session, &bell, &ids, arguments.strip);
    }
    warn(&session, &ids);
    let run = Run {
        sent_before: notice_sent_before(&mut session, &ids, arguments.skip_sent),
        ids,
        print,
        waits: !arguments.no_wait,
    };
    if arguments.dry_run {
        let all = run.items(&session);
        for item in &all {
            run.dry(item, &session);
        }
        inputs.clean_up(all.iter().copied(), false);
        return Ok(status(&all));
    }
    if session.uploads.is_interrupted() {
        session.uploads.cancel_ready();
    }
    if arguments.without_history {
        session.uploads.send_without_history();
    }
    session.uploads.upload_all();
    let results = run.finish(&mut session, &bell);
    if arguments.copy && !results.is_empty() {
        match clipboard::copy_and_leave(&results.join("\n")) {
            Ok(()) => {
                eprint_line(&format!("Copied {}.", text::count(results.len(), "result")));
                let uploads: Vec<_> = run.items(&session).into_iter().map(Report::from).collect();
                if let Some(expired) = copy::expired(&uploads, Timestamp::now(), date) {
                    eprint_line(&format!("{expired}."));
                }
            }
            Err(e) => eprint_line(&format!("Nothing was copied: {e}.")),
        }
    }
    let status = status(&run.items(&session));
    print_unrecorded(&session, &run);
    run.sum_up(&session);
    inputs.clean_up(run.items(&session), true);
    for sentence in session.end() {
        eprint_line(&format!("{sentence}."));
    }
    Ok(status)
}

/// Has copies made of what is not accepted, and waits for them. Each is said; it is deleted when it was sent.
fn fit(session: &mut Session, bell: &Receiver<()>, ids: &[UploadId], strip: bool) {
    let (stopped, rest): (Vec<_>, Vec<_>) = ids.iter().copied().partition(|id| {
        session.uploads.queue().get(*id).is_some_and(|item| fit_remedies::fix(item).is_some())
    });
    let wishes = |session: &Session, id: UploadId| {
        let item = session.uploads.queue().get(id)?;
        let rules = &item.request.destination.fit.wishes;
        Some(FitWishes { strip: strip || rules.strip, ..rules.clone() })
    };
    let unfitted = |session: &Session, id: UploadId| {
        session.uploads.queue().get(id).is_some_and(|item| !item.is_blocked() && item.request.copy.is_none())
    };
    let stripped = rest.into_iter().filter(|id| strip && unfitted(session, *id));
    for id in stopped.into_iter().chain(stripped).collect::<Vec<_>>() {
        if let Some(wishes) = wishes(session, id) {
            session.uploads.fit(&[id], &wishes);
        }
    }
    wait(session, bell, true, &ProgressBar::hidden(), |session| {
        ids.iter().all(|id| session.uploads.queue().get(*id).is_some_and(|i| !i.inspection.is_pending()))
    });
    for item in ids.iter().filter_map(|id| session.uploads.queue().get(*id)) {
        if let (Some(_), Some(facts)) = (&item.request.copy, item.facts()) {
            let copy = FittedCopy::label(facts);
            eprint_line(&format!("{}: {copy}, {}.", item.name, text::bytes(facts.size)));
        }
    }
}

/// Says that what was sent and is not in the history is known from here on by what was printed only.
fn print_unrecorded(session: &Session, run: &Run) {
    let unrecorded =
        run.items(session).into_iter().filter(|item| session.uploads.is_unrecorded(item)).count();
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

/// Prints what the session has to say once.
fn print_notices(session: &mut Session, bar: &ProgressBar) {
    for notice in session.take_notices() {
        bar.suspend(|| eprint_line(&format!("{notice}.")));
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

fn sent_before(name: &str, destination: &Destination, earlier: &PreviousUpload, skipped: bool) -> String {
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

/// Looks whenever there is something to look at, until `done`, or until Ctrl+C where that is said.
fn wait(
    session: &mut Session,
    bell: &Receiver<()>,
    until_interrupted: bool,
    bar: &ProgressBar,
    mut done: impl FnMut(&Session) -> bool,
) {
    loop {
        session.poll();
        print_notices(session, bar);
        if done(session) || bell.recv().is_err() || (until_interrupted && session.uploads.is_interrupted()) {
            return;
        }
    }
}

/// The files of one command, and how what becomes of them is printed.
struct Run {
    ids: Vec<UploadId>,
    sent_before: HashMap<UploadId, Timestamp>,
    print: Print,
    /// Whether to ask on where a provider works on a file.
    waits: bool,
}

impl Run {
    fn items<'a>(&self, session: &'a Session) -> Vec<&'a Item> {
        self.ids.iter().filter_map(|id| session.uploads.queue().get(*id)).collect()
    }

    fn shown<'a>(&self, item: &'a Item, session: &Session) -> Report<'a> {
        let mut shown = Report::of(item, &session.keys);
        shown.sent_before = self.sent_before.get(&item.request.id).copied();
        shown
    }

    /// Returns whether a person reads the results, and there are several: then each stands beside its file's name. What
    /// another program reads is always the same.
    fn names_results(&self) -> bool {
        matches!(self.print, Print::Plain) && self.ids.len() > 1 && std::io::stdout().is_terminal()
    }

    /// Sums up for a person what became of several files.
    fn sum_up(&self, session: &Session) {
        if self.ids.len() > 1 && std::io::stderr().is_terminal() {
            eprint_line(&summary(&self.items(session), Timestamp::now()));
        }
    }

    /// Follows the uploads to their ends. Results are printed in the order of the files, each as soon as those before it
    /// are known. Gives back what was printed of those that are done.
    fn finish(&self, session: &mut Session, bell: &Receiver<()>) -> Vec<String> {
        let bar = bar(session, &self.ids);
        let mut results = vec![];
        let mut printed = 0;
        let mut told_late = false;
        let mut told_holds: HashMap<_, Timestamp> = HashMap::new();
        wait(session, bell, false, &bar, |session| {
            while let Some(item) = self.ids.get(printed).and_then(|id| session.uploads.queue().get(*id)) {
                if item.state.is_active() || item.awaits_late_reply() {
                    break;
                }
                bar.suspend(|| self.report(item, session, &mut results));
                printed += 1;
            }
            // What is printed has ended: of thousands of files only the others are looked at again.
            let open = &self.ids[printed..];
            if !told_late
                && open.iter().any(|id| session.uploads.queue().get(*id).is_some_and(Item::awaits_late_reply))
            {
                told_late = true;
                bar.suspend(|| {
                    eprint_line(
                        "Cancelled. Files that were sent completely may still get an answer; Ctrl+C again does not wait.",
                    );
                });
            }
            for item in open.iter().filter_map(|id| session.uploads.queue().get(*id)) {
                let Some((until, sentence)) = throttled(item, Timestamp::now()) else { continue };
                // One hold: its files wait for it until moments that are not quite the same.
                let told = told_holds.entry(item.request.destination.account_id()).or_default();
                if until.duration_since(*told).as_secs() >= 1 {
                    *told = until;
                    bar.suspend(|| eprint_line(&sentence));
                }
            }
            follow(&bar, session, &self.ids);
            printed == self.ids.len()
        });
        bar.finish_and_clear();
        results
    }

    fn report(&self, item: &Item, session: &Session, results: &mut Vec<String>) {
        let shown = self.shown(item, session);
        for warning in item.state.receipt().into_iter().flat_map(|receipt| &receipt.warnings) {
            eprint_line(&format!("{}: {}.", item.name, text::sanitize(warning)));
        }
        if item.state.is_resting() {
            let how = if self.waits {
                "still processing at the provider; this may never finish"
            } else {
                "processing there"
            };
            eprint_line(&format!("{}: {how}. Its ID is known.", item.name));
        }
        if let Some(sentence) = shown.sentence() {
            let now = Timestamp::now();
            let until = item.state.failure().and_then(|f| f.until).filter(|until| *until > now);
            let until = until.map(|until| format!(" The limit ends at {}.", moment(until, now)));
            eprint_line(&format!("{sentence}{}", until.unwrap_or_default()));
        }
        let line = match (&self.print, item.state.receipt()) {
            (Print::Json, _) => Some(text::json(&shown.json())),
            (Print::Template(template), Some(_)) => Some(template.line(&shown)),
            (Print::Plain, Some(receipt)) => Some(text::sanitize(receipt.first())),
            (_, None) => None,
        };
        if let Some(line) = line {
            match self.names_results() {
                true => out(&format!("{}  {line}", item.name)),
                false => out(&line),
            }
            if item.state.receipt().is_some() {
                results.push(line);
            }
        }
    }

    /// Prints what would be done with a file.
    fn dry(&self, item: &Item, session: &Session) {
        let shown = self.shown(item, session);
        if let Print::Json = self.print {
            return out_json(&shown.json());
        }
        let (name, to) = (&item.name, &item.request.destination.name);
        match (shown.sentence(), item.state.receipt(), item.facts()) {
            (None, Some(receipt), _) => {
                let id = text::sanitize(receipt.first());
                out(&format!("{name}: would not be sent to {to} again: {id}"));
            }
            (None, None, Some(facts)) => {
                let type_ = facts.recognised.media().map_or("?", |m| m.label());
                let pixels = facts.pixels.map(|(w, h)| format!(", {w} × {h}")).unwrap_or_default();
                out(&format!("{name}: {type_}{pixels}, {}: would be sent to {to}", text::bytes(facts.size)));
            }
            (sentence, _, _) => eprint_line(&sentence.unwrap_or_default()),
        }
    }
}

/// Returns what became of files, in a line: "12 uploaded, 1 held until 14:05:00, 2 refused".
fn summary(items: &[&Item], now: Timestamp) -> String {
    let of = |outcome: Outcome| items.iter().filter(move |item| Report::from(**item).outcome() == outcome);
    let held_until = of(Outcome::Held).filter_map(|item| item.state.failure()?.until).max();
    let held = held_until.map_or("held".to_owned(), |until| format!("held until {}", moment(until, now)));
    let counts = [
        (of(Outcome::Done).count(), "uploaded"),
        (of(Outcome::Held).count(), held.as_str()),
        (of(Outcome::Refused).count(), "refused"),
        (of(Outcome::Unknown).count(), "without an answer: may exist"),
        (of(Outcome::Cancelled).count(), "cancelled"),
    ];
    let counts = counts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}"));
    format!("{}.", counts.collect::<Vec<_>>().join(", "))
}

/// Says until when a file waits because its account is held, in a sentence that is true of all files for that account.
fn throttled(item: &Item, now: Timestamp) -> Option<(Timestamp, String)> {
    let State::Waiting { until: Some(until), why } = &item.state else { return None };
    if why.as_ref().is_some_and(|why| !why.kind.holds_account()) {
        return None;
    }
    let destination = &item.request.destination;
    let left = u64::try_from(until.duration_since(now).as_secs()).unwrap_or_default() + 1;
    let (to, at) = (destination_args::described(destination), moment(*until, now));
    Some((*until, format!("{to} is rate-limited until {at} ({}): waiting.", text::duration(left))))
}

/// Returns a moment as a clock on the wall says it, with the day where it is not today.
fn moment(at: Timestamp, now: Timestamp) -> String {
    let zone = TimeZone::system();
    let (at, now) = (at.to_zoned(zone.clone()), now.to_zoned(zone));
    let form = if at.date() == now.date() { "%H:%M:%S" } else { "%-d %b %H:%M" };
    at.strftime(form).to_string()
}

fn bar(session: &Session, ids: &[UploadId]) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let sizes = ids.iter().filter_map(|id| session.uploads.queue().get(*id)).filter(|i| i.state.is_active());
    let total = sizes.filter_map(|i| i.facts()).map(|f| f.size).sum();
    let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr_with_hz(10));
    if let Ok(style) = ProgressStyle::with_template("{bar:24} {wide_msg}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(250));
    bar
}

fn follow(bar: &ProgressBar, session: &Session, ids: &[UploadId]) {
    if bar.is_hidden() {
        return;
    }
    let (mut sent, mut ended, mut waiting, mut working) = (0, 0, 0, 0);
    let (mut held, mut again) = (None, None);
    for item in ids.iter().filter_map(|id| session.uploads.queue().get(*id)) {
        let size = item.facts().map_or(0, |f| f.size);
        match &item.state {
            State::Sending { sent: bytes } => sent += bytes,
            State::Waiting { until, why: Some(why) } if !why.kind.holds_account() => {
                again = again.max(*until);
            }
            State::Waiting { until, .. } => held = held.max(*until),
            State::Sent { .. } => {
                sent += size;
                waiting += 1;
            }
            State::Processing { .. } => {
                sent += size;
                working += 1;
            }
            State::Done(_) | State::Unknown(_) => {
                sent += size;
                ended += 1;
            }
            _ => ended += 1,
        }
    }
    bar.set_position(sent);
    let total = bar.length().unwrap_or(sent);
    let mut message = format!("{} of {}", text::bytes(sent), text::bytes(total));
    if sent < total && bar.per_sec() >= 1.0 {
        let _ = write!(message, " · {}/s", text::bytes(bar.per_sec() as u64));
    }
    let _ = write!(message, " · {ended} of {} done", ids.len());
    for (n, words) in [(waiting, "sent, waiting for the answer"), (working, "processing there")] {
        if n > 0 {
            let _ = write!(message, " · {n} {words}");
        }
    }
    for (at, words) in [(held, "rate-limited until"), (again, "not accepted, retrying at")] {
        if let Some(at) = at {
            let at = at.to_zoned(TimeZone::system());
            let _ = write!(message, " · {words} {}", at.strftime("%H:%M:%S"));
        }
    }
    bar.set_message(message);
}

/// Returns the highest that applies: 3 some unknown, 2 the set-up is in the way, 1 some refused, held or cancelled, 0
/// all done.
fn status(items: &[&Item]) -> ExitCode {
    use FailureKind as K;
    let of = |item: &&Item| match Report::from(*item).outcome() {
        Outcome::Unknown => 3,
        Outcome::Done | Outcome::Ready => 0,
        _ => match item.state.failure().map(|f| f.kind) {
            Some(K::SetUp | K::ProxySignIn | K::NoKey | K::Keyring | K::NoHistory) => STATUS_USAGE,
            _ => 1,
        },
    };
    ExitCode::from(items.iter().map(of).max().unwrap_or(0))
}

/// Returns the destination the arguments name.
fn destination(session: &Session, arguments: &UploadArguments) -> Result<Destination, String> {
    let mut destination = match &arguments.to {
        Some(name) => {
            let account = place_of_account(name);
            let says_account = arguments.account.is_some()
                || arguments
                    .options
                    .iter()
                    .any(|o| account.is_some_and(|key| o.split('=').next() == Some(key)));
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
    destination_args::set(facts, &mut destination, arguments.account.as_deref(), &arguments.options)?;
    if arguments.to.is_none() {
        eprint_line(&format!(
            "Without --to, the destination is {}.",
            destination_args::described(&destination)
        ));
    }
    Ok(destination)
}

/// Returns what the account is called among a provider's options.
fn place_of_account(provider: &str) -> Option<&'static str> {
    Some(provider::by_id(provider)?.facts().account?.key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_names_its_day_where_that_is_another_one() {
        let now = Timestamp::now();
        assert_eq!(moment(now, now).len(), "10:00:00".len());
        let later = moment(now + Duration::from_hours(72), now);
        assert!(later.contains(' ') && later.ends_with(|c: char| c.is_ascii_digit()), "{later}");
    }
}
