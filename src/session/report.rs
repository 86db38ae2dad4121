//! One upload as JSON or as a sentence, of this run or of the history: the same words for both front ends.

use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};
use strum::IntoStaticStr;

use super::fit_remedies;
use super::key_book::KeyBook;
use crate::model::destination::Destination;
use crate::model::error::{Failure, FailureKind};
use crate::model::fit::FitPlan;
use crate::model::item::{Finding, Inspection, Item, Severity};
use crate::model::media::{FileFacts, FileProblem, Kind, Media};
use crate::model::receipt::{Receipt, plain};
use crate::model::record::{Attempt, Record};
use crate::model::remedy::Remedy;
use crate::model::text::{self, sanitize};
use crate::model::upload::State;
use crate::provider;

/// What became of an upload so far: what `--json` and tables name, and what a command's exit status is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Outcome {
    /// Nothing was asked for, or nothing came of it before the command ended.
    Ready,
    /// Another Hoist has it in its queue.
    Waiting,
    /// Another Hoist sends it right now.
    Sending,
    /// The id or link is known.
    Done,
    /// Nothing was accepted; it waits for a time or for the user.
    Held,
    /// Not accepted, or stopped before a byte left.
    Refused,
    /// Everything was sent and no answer came: it may exist.
    Unknown,
    /// Stopped before it was sent whole.
    Cancelled,
}

impl Outcome {
    /// Returns its name in `--json`.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// An upload as it is printed, wherever it is kept.
pub struct Report<'a> {
    /// The file's name as it may be shown.
    pub name: String,
    path: &'a Path,
    destination: &'a Destination,
    facts: Option<&'a FileFacts>,
    state: &'a State,
    /// What stops it before a byte leaves, and what to do about that.
    stop: Option<(String, Option<&'a str>)>,
    findings: &'a [Finding],
    /// The copy that could be sent in its place, where something stops it.
    fix: Option<&'a FitPlan>,
    /// What helps with its failure, the best first.
    remedies: Vec<Remedy>,
    /// It is of the history, not of this run.
    remembered: bool,
    /// When the same content was sent to the same destination before this run.
    pub sent_before: Option<Timestamp>,
}

impl<'a> From<&'a Item> for Report<'a> {
    fn from(item: &'a Item) -> Report<'a> {
        Report {
            name: item.name.clone(),
            path: &item.request.path,
            destination: &item.request.destination,
            facts: item.facts(),
            state: &item.state,
            stop: item.blocking_message().map(|why| (why, next(item))),
            findings: &item.findings,
            fix: fit_remedies::fix(item),
            remedies: item.state.failure().map(Failure::remedies).unwrap_or_default(),
            remembered: false,
            sent_before: item.earlier.as_ref().map(|earlier| earlier.requested),
        }
    }
}

impl<'a> From<&'a Record> for Report<'a> {
    fn from(record: &'a Record) -> Report<'a> {
        Report {
            name: record.request.name(),
            path: &record.request.path,
            destination: &record.request.destination,
            facts: record.request.facts.as_ref(),
            state: &record.state,
            stop: None,
            findings: &[],
            fix: None,
            remedies: record.state.failure().map(Failure::remedies).unwrap_or_default(),
            remembered: true,
            sent_before: None,
        }
    }
}

impl<'a> Report<'a> {
    /// Returns an upload of this run, with what can be done about its failure right now.
    pub fn of(item: &'a Item, keys: &KeyBook) -> Report<'a> {
        Report { remedies: keys.possible_remedies(item), ..Report::from(item) }
    }
}

impl Report<'_> {
    /// Returns what the provider gave back.
    pub fn receipt(&self) -> Option<&Receipt> {
        self.state.kept_receipt()
    }

    /// Returns what the file is, where that is known.
    pub fn kind(&self) -> Option<Kind> {
        self.facts.and_then(|facts| facts.recognised.media()).map(Media::kind)
    }

    /// Returns `width` and `height` in pixels, `duration` in seconds: as the provider says it, else as the file does.
    pub fn measure(&self, name: &str) -> Option<String> {
        let values = self.receipt().map_or(&[][..], |receipt| &receipt.values);
        let said = |names: &[&str]| {
            let value = values.iter().find(|(n, v)| names.contains(&n.as_str()) && v.is_number());
            value.map(|(_, value)| plain(value))
        };
        let pixels = self.facts.and_then(|facts| facts.pixels);
        match name {
            "width" => said(&["width"]).or(pixels.map(|(width, _)| width.to_string())),
            "height" => said(&["height"]).or(pixels.map(|(_, height)| height.to_string())),
            _ => said(&["durationSeconds", "duration_s", "duration"]).or_else(|| {
                let length = self.facts.and_then(|facts| facts.duration)?;
                Some(((length.as_secs_f64() * 1000.0).round() / 1000.0).to_string())
            }),
        }
    }

    /// Returns where it stands: for those of this run as the terminal ends, in the history also what another Hoist has
    /// on its way right now.
    pub fn outcome(&self) -> Outcome {
        match (self.state, self.remembered) {
            (State::Done(_) | State::Processing { .. }, _) => Outcome::Done,
            (State::Held(_), _) => Outcome::Held,
            (State::Refused(_), _) => Outcome::Refused,
            (State::Unknown(_), _) | (State::Sent { .. }, false) => Outcome::Unknown,
            // Asked for, then put back into a window's queue: so far it did not go.
            (State::Cancelled, _) | (State::Ready, true) => Outcome::Cancelled,
            (State::Waiting { .. }, true) => Outcome::Waiting,
            (State::Sending { .. } | State::Sent { .. }, true) => Outcome::Sending,
            (State::Ready | State::Waiting { .. } | State::Sending { .. }, false) => {
                if self.stop.is_some() {
                    Outcome::Refused
                } else {
                    Outcome::Ready
                }
            }
        }
    }

    /// Returns the object that `--json` prints.
    pub fn json(&self) -> Value {
        let receipt = self.state.kept_receipt();
        let values: Map<String, Value> =
            receipt.map(|r| r.values.iter().cloned().collect()).unwrap_or_default();
        let error = match (self.state.failure(), &self.stop) {
            (Some(failure), _) => {
                let mut object = error(failure);
                object["remedies"] = self.remedies.iter().map(|remedy| remedy.name()).collect();
                if let Some(how) = self.in_terminal(failure.kind) {
                    object["hint"] = format!("{}. {how}", failure.hint).into();
                }
                object
            }
            (None, Some((message, next))) if receipt.is_none() => {
                let mut object = error(&Failure::new(FailureKind::File, message.as_str(), ""));
                object["hint"] = (*next).into();
                if let (Some(_), Some(remedies)) = (self.fix, object["remedies"].as_array_mut()) {
                    remedies.insert(0, Remedy::Fit.name().into());
                }
                object
            }
            _ => Value::Null,
        };
        json!({
            "file": self.path.to_string_lossy(),
            "provider": self.destination.provider,
            "destination": self.destination.name,
            "account": self.destination.account,
            "state": self.outcome().name(),
            "id": receipt.and_then(|r| r.id.as_deref()),
            "url": receipt.and_then(|r| r.url.as_deref()),
            "expires": receipt.and_then(|r| r.expires).map(|t| format!("{t:.0}")),
            "values": values,
            "response": receipt.map(|r| r.response.value()),
            "error": error,
            "warnings": self.warnings(),
            "sent_before": self.sent_before.map(|at| at.to_string()),
            "findings": self.findings.iter().map(finding).collect::<Vec<_>>(),
        })
    }

    /// Returns what a person should know though the file was or can be sent.
    pub fn warnings(&self) -> Vec<String> {
        let findings = self.findings.iter().filter(|f| f.severity == Severity::Warning);
        let receipt = self.state.receipt().into_iter().flat_map(|r| r.warnings.iter().cloned());
        findings.map(|f| f.message.clone()).chain(receipt).collect()
    }

    /// Returns how the terminal does what is a button in the window.
    fn in_terminal(&self, kind: FailureKind) -> Option<String> {
        let vendor = provider::by_id(&self.destination.provider)?.facts().vendor;
        match kind {
            FailureKind::NoKey | FailureKind::WrongKey => {
                Some(format!("Use `hoist keys add {}`, or set {}", vendor.id, vendor.env))
            }
            FailureKind::Keyring => Some(format!("Or set {}", vendor.env)),
            FailureKind::NoHistory => Some("Use `--without-history`".to_owned()),
            _ => None,
        }
    }

    /// Returns what went wrong with it: what happened, the provider's words, the next step. None where nothing did.
    pub fn sentence(&self) -> Option<String> {
        let name = &self.name;
        if let Some(f) = self.state.failure() {
            let quotes = f.quotes(" ", ".");
            let page = f.help_url.as_ref().map(|page| format!(" See {}", sanitize(page))).unwrap_or_default();
            let how = self.in_terminal(f.kind).map(|how| format!(" {how}.")).unwrap_or_default();
            return Some(format!("{name}: {}.{quotes} {}.{how}{page}", sanitize(&f.message), f.hint));
        }
        match (self.outcome(), &self.stop) {
            (Outcome::Cancelled, _) => {
                Some(format!("{name}: Cancelled before it was sent completely. Nothing was accepted."))
            }
            (Outcome::Refused, Some((why, next))) => {
                let next = next.map(|next| format!(" {next}.")).unwrap_or_default();
                let how = self.fix.map(|_| " Use `--fit` to send a copy.").unwrap_or_default();
                Some(format!("{name}: {why}.{next}{how}"))
            }
            _ => None,
        }
    }
}

/// Returns the `error` object of `--json`, the same for every command.
pub fn error(failure: &Failure) -> Value {
    json!({
        "kind": failure.kind.name(),
        "message": failure.message,
        "service_message": failure.service_message,
        "hint": failure.hint,
        "until": failure.until.map(|until| until.to_string()),
        "support_id": failure.support_id,
        "help_url": failure.help_url,
        "remedies": failure.remedies().iter().map(|remedy| remedy.name()).collect::<Vec<_>>(),
    })
}

/// Returns a finding as `--json` prints it, the same for every command.
pub fn finding(finding: &Finding) -> Value {
    let remedy = finding.remedy.as_ref().map(|plan| {
        json!({ "kind": plan.name(), "label": plan.label(), "mime": plan.output.mime(), "max_bytes": plan.max_bytes })
    });
    json!({
        "severity": finding.severity.name(),
        "kind": finding.kind.name(),
        "message": finding.message,
        "hint": finding.hint,
        "remedy": remedy,
    })
}

/// Returns the object that `hoist history list --json` prints: that of an upload, when it was requested, and its
/// attempts.
pub fn remembered(record: &Record, attempts: &[Attempt]) -> Value {
    let mut object = Report::from(record).json();
    let attempts = attempts.iter().map(|attempt| {
        json!({
            "started": attempt.started.to_string(),
            "sent": attempt.sent,
            "ended": attempt.ended.map(|t| t.to_string()),
            "outcome": attempt.outcome,
        })
    });
    object["agent"] = record.request.agent.clone().into();
    object["time"] = record.request.requested.map(|t| t.to_string()).into();
    object["attempts"] = attempts.collect();
    object
}

/// Returns what is left of the life of what a provider deletes by itself: "expires in 2 h 14 m", "expired".
pub fn time_left(receipt: &Receipt, now: Timestamp) -> Option<String> {
    let left = receipt.expires?.duration_since(now).as_secs();
    Some(match u64::try_from(left) {
        Ok(left) if left > 0 => format!("expires in {}", text::time_left(left)),
        _ => "expired".into(),
    })
}

/// Says of a time that lies far ahead what it is; a clock that differs by a day or less has other reasons.
pub fn ahead(at: Timestamp, now: Timestamp) -> Option<&'static str> {
    let ahead = at.duration_since(now) > SignedDuration::from_hours(24);
    ahead.then_some("in the future: this computer's clock was ahead")
}

/// Returns what to do about a file that is stopped before a byte leaves.
fn next(item: &Item) -> Option<&str> {
    match &item.inspection {
        Inspection::Failed(FileProblem::Vanished) => Some("Check its name and try again"),
        Inspection::Failed(FileProblem::Folder) => Some("Name its files instead"),
        Inspection::Failed(FileProblem::Special) => Some("Save its output to a file, then send that"),
        Inspection::Failed(FileProblem::Unreadable(_)) => {
            Some("Check the file's permissions and the disk, then try again")
        }
        _ => item.findings.first().map(|f| f.hint.as_str()),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use crate::media::inspect::inspect;
    use crate::model::error::Failure;
    use crate::model::item::FindingKind;
    use crate::model::record::UploadRequest;
    use crate::model::samples;
    use crate::model::upload::UploadId;
    use crate::provider;
    use crate::session::auto;

    fn receipt(values: &[(&str, Value)]) -> Box<Receipt> {
        let values = values.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        let warnings = vec!["flagged".into()];
        Box::new(Receipt { values, warnings, ..samples::receipt(Some("id"), None) })
    }

    fn item(state: State) -> Item {
        let to = Arc::new(auto(provider::by_id("piapi").unwrap().facts(), "k"));
        let mut item = samples::item(UploadId(1), "/a.png", to);
        let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/samples/cover.png");
        let mut facts = inspect(&sample).unwrap();
        (facts.pixels, facts.duration) = (Some((640, 480)), Some(Duration::from_micros(11_940_600)));
        item.set_inspection(Inspection::Ready(facts));
        item.state = state;
        item
    }

    fn record(state: State) -> Record {
        let entry: UploadRequest = item(State::Ready).request.clone();
        Record { request: entry, state, hash: None, attempts: 1, position: None }
    }

    fn failure(kind: FailureKind) -> Box<Failure> {
        Box::new(Failure::new(kind, "It broke", "Retry"))
    }

    #[test]
    fn the_terminal_and_the_history_have_a_word_for_every_state() {
        let processing =
            || State::Processing { receipt: receipt(&[]), since: Timestamp::UNIX_EPOCH, resting: false };
        for (state, now, later) in [
            (State::Ready, "ready", "cancelled"),
            (State::Waiting { until: None, why: None }, "ready", "waiting"),
            (State::Sending { sent: 1 }, "ready", "sending"),
            (State::Sent { at: Timestamp::UNIX_EPOCH }, "unknown", "sending"),
            (processing(), "done", "done"),
            (State::Done(receipt(&[])), "done", "done"),
            (State::Held(failure(FailureKind::Quota)), "held", "held"),
            (State::Refused(failure(FailureKind::Policy)), "refused", "refused"),
            (State::Unknown(failure(FailureKind::NoAnswer)), "unknown", "unknown"),
            (State::Cancelled, "cancelled", "cancelled"),
        ] {
            assert_eq!(Report::from(&item(state.clone())).outcome().name(), now, "{state:?}");
            assert_eq!(Report::from(&record(state.clone())).outcome().name(), later, "{state:?}");
        }
        let mut gone = item(State::Ready);
        gone.inspection = Inspection::Failed(FileProblem::Vanished);
        assert_eq!(Report::from(&gone).outcome().name(), "refused", "it will not be sent");
    }

    #[test]
    fn measures_are_the_providers_where_it_says_them_and_else_the_files() {
        let measures = |values: &[(&str, Value)]| {
            let item = item(State::Done(receipt(values)));
            ["width", "height", "duration"].map(|name| Report::from(&item).measure(name).unwrap())
        };
        assert_eq!(measures(&[]), ["640", "480", "11.941"]);
        let said = [("width", json!(64)), ("height", json!(48)), ("durationSeconds", json!(2.5))];
        assert_eq!(measures(&said), ["64", "48", "2.5"]);
        assert_eq!(measures(&[("duration_s", json!(3))])[2], "3");
        assert_eq!(measures(&[("width", json!("wide")), ("height", Value::Null)]), ["640", "480", "11.941"]);
        let mut unknown = item(State::Ready);
        unknown.inspection = Inspection::Pending;
        let report = Report::from(&unknown);
        assert_eq!((report.measure("width"), report.measure("duration"), report.kind()), (None, None, None));
        assert_eq!(Report::from(&item(State::Ready)).kind(), Some(Kind::Image));
    }

    #[test]
    fn a_failure_is_a_sentence_with_all_that_helps() {
        let sentence = |state| Report::from(&item(state)).sentence();
        let mut refused = failure(FailureKind::NotEligible);
        assert_eq!(sentence(State::Refused(refused.clone())).unwrap(), "a.png: It broke. Retry.");
        refused.service_message = Some("no\nway".into());
        refused.support_id = Some("a05b".into());
        refused.help_url = Some("https://x.test/plan".into());
        assert_eq!(
            sentence(State::Refused(refused.clone())).unwrap(),
            "a.png: It broke. The reply says: “no\\u{a}way”. For its support: a05b. Retry. See https://x.test/plan"
        );
        refused.until = Some("2026-11-01T12:00:00Z".parse().unwrap());
        let error = Report::from(&item(State::Held(refused))).json()["error"].clone();
        assert_eq!((&error["until"], &error["support_id"]), (&json!("2026-11-01T12:00:00Z"), &json!("a05b")));
        assert_eq!(
            (&error["help_url"], &error["service_message"]),
            (&json!("https://x.test/plan"), &json!("no\nway"))
        );
        for (kind, how) in [
            (FailureKind::NoKey, "Use `hoist keys add piapi`, or set HOIST_PIAPI_KEY"),
            (FailureKind::Keyring, "Or set HOIST_PIAPI_KEY"),
            (FailureKind::NoHistory, "Use `--without-history`"),
        ] {
            let said = sentence(State::Held(failure(kind))).unwrap();
            assert!(said.ends_with(&format!(" {how}.")), "{said}");
        }
        assert!(sentence(State::Cancelled).unwrap().contains("Nothing was accepted"));
        assert_eq!(sentence(State::Done(receipt(&[]))), None);
        assert_eq!(sentence(State::Ready), None);
        for (problem, next) in [
            (FileProblem::Vanished, "Check its name"),
            (FileProblem::Folder, "Name its files"),
            (FileProblem::Special, "Save its output"),
            (FileProblem::Unreadable("no".into()), "Check the file's permissions"),
        ] {
            let mut stopped = item(State::Ready);
            stopped.inspection = Inspection::Failed(problem);
            let report = Report::from(&stopped);
            let said = report.sentence().unwrap();
            assert!(said.contains(next), "{said}");
            assert_eq!(report.json()["error"]["kind"], "file");
        }
    }

    #[test]
    fn what_warns_is_told_of_files_that_go_all_the_same() {
        let mut warned = item(State::Done(receipt(&[])));
        let finding = |severity, message: &str| Finding::new(severity, FindingKind::Size, message, "n");
        warned.findings = vec![finding(Severity::Warning, "large"), finding(Severity::Error, "no")];
        assert_eq!(Report::from(&warned).warnings(), ["large", "flagged"]);
        assert_eq!(Report::from(&warned).json()["warnings"], json!(["large", "flagged"]));
        assert_eq!(Report::from(&warned).json()["error"], Value::Null, "it is there");
        let mut report = Report::from(&warned);
        assert!(report.json()["sent_before"].is_null());
        report.sent_before = Some(Timestamp::UNIX_EPOCH);
        assert_eq!(report.json()["sent_before"], "1970-01-01T00:00:00Z");
        assert_eq!(Report::from(&item(State::Ready)).json()["warnings"], json!([]));
    }

    #[test]
    fn what_is_left_of_a_life_is_told_until_its_end() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let mut dies = receipt(&[]);
        assert_eq!(time_left(&dies, at(0)), None, "it stays");
        dies.expires = Some(at(100));
        let all = [58, 99, 100, 101].map(|now| time_left(&dies, at(now)).unwrap());
        assert_eq!(all, ["expires in 42 s", "expires in 1 s", "expired", "expired"]);
    }
}
