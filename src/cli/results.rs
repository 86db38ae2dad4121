//! How what becomes of files is printed: a result for each on stdout, and what a person should know on stderr.

use std::collections::HashMap;
use std::io::IsTerminal;
use std::process::ExitCode;

use jiff::Timestamp;

use super::output::{STATUS_USAGE, eprint_line, out, out_json};
use super::progress::moment;
use crate::session::Session;
use crate::session::api::{FailureKind, Item, Settings, UploadId, text};
use crate::session::report::{Outcome, Report};
use crate::session::template::Template;

/// How results are printed.
pub(super) enum Print {
    Plain,
    Json,
    Template(Template),
}

impl Print {
    /// Reads what the arguments say: a format is the name of a saved template, or else one itself.
    pub(super) fn read(settings: &Settings, format: Option<&str>, json: bool) -> Result<Print, String> {
        let Some(format) = format else { return Ok(if json { Print::Json } else { Print::Plain }) };
        let saved = settings.templates.iter().find(|t| t.name == format).map(|t| t.line.as_str());
        let template = Template::parse(saved.unwrap_or(format)).map_err(|e| format!("--format: {e}"))?;
        Ok(Print::Template(template))
    }
}

/// What prints the results of one command.
pub(super) struct ResultPrinter {
    pub(super) print: Print,
    /// When the content of files went to the same destination that are sent all the same.
    pub(super) sent_before: HashMap<UploadId, Timestamp>,
    /// Whether to ask on where a provider works on a file.
    pub(super) waits: bool,
    /// Whether there are several files: a person reads each result beside its file's name. What another program reads is
    /// always the same.
    pub(super) is_many: bool,
}

impl ResultPrinter {
    fn shown<'a>(&self, item: &'a Item, session: &Session) -> Report<'a> {
        let mut shown = Report::of(item, &session.keys);
        shown.sent_before = self.sent_before.get(&item.request.id).copied().or(shown.sent_before);
        shown
    }

    fn names_results(&self) -> bool {
        self.is_many && matches!(self.print, Print::Plain) && std::io::stdout().is_terminal()
    }

    /// Prints what became of a file. Returns its result, if it has one.
    pub(super) fn report(&self, item: &Item, session: &Session) -> Option<String> {
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
        let line = line?;
        match self.names_results() {
            true => out(&format!("{}  {line}", item.name)),
            false => out(&line),
        }
        item.state.receipt().is_some().then_some(line)
    }

    /// Prints what would be done with a file.
    pub(super) fn dry(&self, item: &Item, session: &Session) {
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

/// What is counted as this was not sent, since the same content was before.
const SENT_BEFORE: &str = "sent-before";

/// What became of the files of one command: counted for a person, and as its exit status.
#[derive(Default)]
pub(super) struct Summary {
    counts: HashMap<&'static str, usize>,
    held_until: Option<Timestamp>,
    status: u8,
}

impl Summary {
    /// Counts a file.
    pub(super) fn add(&mut self, item: &Item) {
        let outcome = Report::from(item).outcome();
        let counted = match (outcome, &item.earlier) {
            (Outcome::Done, Some(_)) => SENT_BEFORE,
            _ => outcome.name(),
        };
        *self.counts.entry(counted).or_default() += 1;
        if outcome == Outcome::Held {
            self.held_until = self.held_until.max(item.state.failure().and_then(|failure| failure.until));
        }
        self.status = self.status.max(status_of(item, outcome));
    }

    pub(super) fn of<'a>(items: impl IntoIterator<Item = &'a Item>) -> Summary {
        let mut summary = Summary::default();
        for item in items {
            summary.add(item);
        }
        summary
    }

    /// Returns the highest status that applies: 3 some unknown, 2 the set-up is in the way, 1 some refused, held or
    /// cancelled, 0 all done.
    pub(super) fn status(&self) -> ExitCode {
        ExitCode::from(self.status)
    }

    /// Returns it in a line: "12 uploaded, 1 held until 14:05:00, 2 refused".
    pub(super) fn line(&self, now: Timestamp) -> String {
        let held =
            self.held_until.map_or("held".to_owned(), |until| format!("held until {}", moment(until, now)));
        let counts = [
            (Outcome::Done.name(), "uploaded"),
            (SENT_BEFORE, "sent before"),
            (Outcome::Held.name(), held.as_str()),
            (Outcome::Refused.name(), "refused"),
            (Outcome::Unknown.name(), "without an answer: may exist"),
            (Outcome::Cancelled.name(), "cancelled"),
            (Outcome::Ready.name(), "not sent"),
        ];
        let counts = counts.iter().map(|(counted, what)| (self.counts.get(counted).unwrap_or(&0), what));
        let counts: Vec<_> =
            counts.filter(|(count, _)| **count > 0).map(|(count, what)| format!("{count} {what}")).collect();
        match counts.is_empty() {
            true => "Nothing was uploaded.".to_owned(),
            false => format!("{}.", counts.join(", ")),
        }
    }
}

fn status_of(item: &Item, outcome: Outcome) -> u8 {
    use FailureKind as K;
    match outcome {
        Outcome::Unknown => 3,
        Outcome::Done | Outcome::Ready => 0,
        _ => match item.state.failure().map(|f| f.kind) {
            Some(K::SetUp | K::ProxySignIn | K::NoKey | K::Keyring | K::NoHistory) => STATUS_USAGE,
            _ => 1,
        },
    }
}
