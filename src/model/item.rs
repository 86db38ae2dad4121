//! A file in the queue, and what is known of it.

use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use strum::IntoStaticStr;

use super::destination::Destination;
use super::failures;
use super::fit::{FitPlan, FitWishes};
use super::media::{ContentHash, FileFacts, FileProblem};
use super::receipt::Receipt;
use super::record::{PreviousUpload, Record, UploadRequest, name_of};
use super::remedy::Remedy;
use super::upload::{Event, State, UploadId};

/// How severe a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Severity {
    /// Worth knowing; the file is sent all the same.
    Warning,
    /// The provider would refuse it: this file is not sent.
    Error,
}

impl Severity {
    /// Returns its name in `--json`, and in a list of findings.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// What a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum FindingKind {
    /// What it is: not accepted, or not known.
    Type,
    /// How many bytes it has.
    Size,
    /// How long it plays.
    Duration,
    /// How many pixels a side has.
    Dimensions,
    /// It tells where it was taken.
    Location,
    /// It will probably not play or show.
    Damage,
    /// It is another one than was added, or cannot be read.
    File,
    /// No copy of it could be made.
    Copy,
    /// An option or the account of its destination.
    Destination,
}

impl FindingKind {
    /// Returns its name in `--json`.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// One result of checking a file against its destination before the upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Whether it stops the file.
    pub severity: Severity,
    /// What it is about.
    pub kind: FindingKind,
    /// What is wrong: a sentence without its full stop.
    pub message: String,
    /// What to do about it: a sentence without its full stop.
    pub hint: String,
    /// The copy that answers it, where one can be made: it says so in the hint, too.
    pub remedy: Option<FitPlan>,
}

impl Finding {
    /// Returns one that no copy answers.
    pub fn new(severity: Severity, kind: FindingKind, message: impl Into<String>, hint: &str) -> Finding {
        Finding { severity, kind, message: message.into(), hint: hint.to_owned(), remedy: None }
    }
}

/// What is known of a file so far.
#[derive(Clone, Debug, PartialEq)]
pub enum Inspection {
    /// A worker inspects it.
    Pending,
    /// Its content is compared with what an earlier run added: the file was touched since.
    ComparingWithAdded(FileFacts),
    /// Its content is compared with what was sent to its destination before.
    ComparingWithSent(FileFacts),
    /// A copy of it is being made that fits its destination.
    Fitting(FileFacts),
    /// It was inspected.
    Ready(FileFacts),
    /// It cannot be inspected.
    Failed(FileProblem),
}

impl Inspection {
    /// Returns whether the result is still to come.
    pub fn is_pending(&self) -> bool {
        !matches!(self, Inspection::Ready(_) | Inspection::Failed(_))
    }

    /// Returns what a worker found, also while that is compared.
    pub fn found(&self) -> Option<&FileFacts> {
        match self {
            Inspection::ComparingWithAdded(facts)
            | Inspection::ComparingWithSent(facts)
            | Inspection::Fitting(facts)
            | Inspection::Ready(facts) => Some(facts),
            Inspection::Pending | Inspection::Failed(_) => None,
        }
    }
}

/// Where a file is between the user and the engine: what its state does not say.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Stage {
    /// Nothing is requested, or all has ended.
    #[default]
    Idle,
    /// Uploads by itself as soon as it is inspected: the user has not seen what it tells of itself.
    AutoUpload,
    /// Requested while a copy of it is made: uploads as soon as that is there.
    UploadWhenFitted,
    /// Requested, and inspected once more before the engine gets it.
    Rechecking {
        /// How many times the file had changed when its turn came.
        changes: u32,
    },
    /// The engine has it.
    Submitted {
        /// How many times the file had changed when its turn came.
        changes: u32,
        /// What the engine was asked to give it back for; it may be too late for that.
        recall: Option<Recall>,
    },
    /// Cancelled after its last byte: a reply may still come.
    AwaitingLateReply,
}

/// What a file is called back from the engine for.
#[derive(Clone, Debug, PartialEq)]
pub enum Recall {
    /// It is not to be sent.
    Cancel,
    /// It is to be sent to another destination.
    Redirect(Arc<Destination>),
    /// A copy of it is to be sent, made so.
    Fit(FitWishes),
}

/// A file in the queue: request, inspection, state and stage.
#[derive(Clone, Debug)]
pub struct Item {
    /// What the history remembers of it.
    pub request: UploadRequest,
    /// Its name as it may be shown.
    pub name: String,
    /// What is known of it.
    pub inspection: Inspection,
    /// What its destination's table says of it.
    pub findings: Vec<Finding>,
    /// What became of it.
    pub state: State,
    /// Where it is between the user and the engine.
    pub stage: Stage,
    /// When its first try began, in this run.
    pub began_at: Option<Timestamp>,
    /// When it was known what became of it, in this run.
    pub ended_at: Option<Timestamp>,
    /// Its outcome is unknown, and the user sent it again as a new item.
    pub sent_again: bool,
    /// An earlier run added it; another content is not sent unasked.
    pub restored: Option<Restored>,
    /// The same content is at this destination already, or may be.
    pub earlier: Option<PreviousUpload>,
    /// It is to be sent though its destination has the same content: who asked for it knew.
    pub wanted_again: bool,
    /// Why no copy of it was made, where one was wanted.
    pub fit_problem: Option<String>,
    /// It is sent only where no other upload of its content goes, or went, to the same destination.
    pub once: bool,
}

/// What an earlier run knew of a file beside its facts, which are those of the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Restored {
    /// Its content; none where that run ended before it had been read.
    pub content: Option<ContentHash>,
}

impl Item {
    /// Returns a newly added file of a queue that is not restored at the next start.
    pub fn new(id: UploadId, path: PathBuf, destination: Arc<Destination>, added: Timestamp) -> Item {
        Item::of(UploadRequest {
            id,
            path,
            facts: None,
            destination,
            added,
            retry_of: id,
            queued: false,
            requested: None,
            copy: None,
            agent: None,
        })
    }

    /// Returns whether what is sent says where it was taken, as far as is known, and keeps it on its way.
    pub fn tells_location(&self) -> bool {
        self.findings.iter().any(|finding| finding.kind == FindingKind::Location)
    }

    /// Returns whether its file was not there when it was to be sent, or before.
    pub fn has_vanished(&self) -> bool {
        match self.state.failure() {
            Some(failure) => failures::is_file_gone(failure),
            None => matches!(self.inspection, Inspection::Failed(FileProblem::Vanished)),
        }
    }

    /// Returns a newly added file for a request.
    pub fn of(request: UploadRequest) -> Item {
        Item {
            name: name_of(&request.path),
            request,
            inspection: Inspection::Pending,
            findings: vec![],
            state: State::Ready,
            stage: Stage::Idle,
            began_at: None,
            ended_at: None,
            sent_again: false,
            restored: None,
            earlier: None,
            wanted_again: false,
            fit_problem: None,
            once: false,
        }
    }

    /// Returns an upload of the history as a file that is looked at: what it is now is not known.
    pub fn remembered(record: &Record) -> Item {
        let inspection = record.request.facts.clone().map_or(Inspection::Pending, Inspection::Ready);
        Item { state: record.state.clone(), inspection, ..Item::of(record.request.clone()) }
    }

    /// Takes what a worker found. A file of an earlier run is remembered as it was until its change is accepted.
    pub fn set_inspection(&mut self, inspection: Inspection) {
        self.inspection = inspection;
        if self.restored.is_none() {
            self.request.facts = self.inspection.found().cloned();
        }
    }

    /// Waits no longer for what was sent before. Returns whether it did.
    pub fn end_comparison(&mut self) -> bool {
        let Inspection::ComparingWithSent(facts) = &self.inspection else { return false };
        self.set_inspection(Inspection::Ready(facts.clone()));
        true
    }

    /// Takes a file of an earlier run as it is now.
    pub fn accept_change(&mut self) {
        self.restored = None;
        self.request.facts = self.inspection.found().cloned();
    }

    /// Returns whether the content of a restored file has changed, or may have. A file that was only touched has been
    /// cleared of that by its content's hash.
    pub fn has_changed(&self) -> bool {
        let is_untouched = || match (&self.request.facts, self.inspection.found()) {
            (Some(then), Some(now)) => then.is_untouched(now),
            _ => true,
        };
        self.restored.is_some() && !is_untouched()
    }

    /// Returns the content that an earlier run added, where only that can say whether the file is still the same.
    /// Programs that index, back up or synchronise touch files, and programs that render write as many bytes of the
    /// same kind.
    pub fn content_to_compare(&self, now: &FileFacts) -> Option<ContentHash> {
        let then = self.request.facts.as_ref()?;
        self.restored?.content.filter(|_| then.size == now.size && !then.is_untouched(now))
    }

    /// Applies what happened to it; true where that changed its state.
    pub fn apply(&mut self, event: Event, now: Timestamp) -> bool {
        if event == Event::Requested && self.state.can_be_requested() {
            self.request.requested = Some(now);
            self.began_at = None;
        }
        let is_late_cancel = matches!(event, Event::CancelledLate(_));
        let before = std::mem::replace(&mut self.state, State::Ready);
        self.state = before.clone().after(event, now);
        match (&before, &self.state) {
            (_, State::Waiting { .. } | State::Ready) => self.ended_at = None,
            (State::Waiting { .. }, State::Sending { .. }) => self.began_at = self.began_at.or(Some(now)),
            // With the id all is known that a person waits for.
            (before, after) if before.is_active() && (!after.is_active() || after.receipt().is_some()) => {
                self.ended_at = self.ended_at.filter(|_| before.receipt().is_some()).or(Some(now));
            }
            _ => {}
        }
        self.stage = match std::mem::take(&mut self.stage) {
            _ if is_late_cancel => Stage::AwaitingLateReply,
            // A reply came after all, and the engine goes on with it.
            Stage::AwaitingLateReply if self.state.is_active() => {
                Stage::Submitted { changes: 0, recall: None }
            }
            stage if self.state == State::Ready || self.state.is_active() => stage,
            _ => Stage::Idle,
        };
        self.state != before
    }

    /// Holds it back while a copy of it is made: it was asked for, and goes when that is there.
    pub fn await_copy(&mut self, now: Timestamp) {
        self.apply(Event::Withdrawn, now);
        self.request.requested = None;
        self.stage = Stage::UploadWhenFitted;
    }

    /// Ends the engine's part of it. Returns how many times the file had changed when its turn came, and what it was
    /// called back for.
    pub fn end_submission(&mut self) -> (u32, Option<Recall>) {
        match std::mem::take(&mut self.stage) {
            Stage::Submitted { changes, recall } => (changes, recall),
            _ => (0, None),
        }
    }

    /// Returns whether a reply may still come for what was cancelled after its last byte.
    pub fn awaits_late_reply(&self) -> bool {
        self.stage == Stage::AwaitingLateReply
    }

    /// Returns the facts, once known.
    pub fn facts(&self) -> Option<&FileFacts> {
        match &self.inspection {
            Inspection::Ready(facts) => Some(facts),
            _ => None,
        }
    }

    /// Returns what is known of the file itself, also where a copy goes in its place.
    pub fn original_facts(&self) -> Option<FileFacts> {
        match &self.request.copy {
            Some(copy) if copy.path.is_some() => copy.original_facts(&self.request.path),
            _ => self.inspection.found().cloned(),
        }
    }

    /// Returns what the provider gave back for it, now or for the same content before.
    pub fn result(&self) -> Option<&Receipt> {
        let earlier = || self.earlier.as_ref().and_then(|earlier| earlier.receipt.as_deref());
        self.state.kept_receipt().or_else(earlier)
    }

    /// Returns what its destination has of it for certain: from this run, or, while it waits, of the same content that
    /// was sent there before.
    pub fn known_receipt(&self) -> Option<&Receipt> {
        let earlier = self.earlier.as_ref().filter(|_| self.state == State::Ready);
        self.state.receipt().or_else(|| earlier?.receipt.as_deref())
    }

    /// Returns whether nothing of it was accepted, and it can be sent again as it is.
    pub fn is_retryable(&self) -> bool {
        match &self.state {
            State::Refused(failure) | State::Held(failure) => {
                failure.kind.remedies().contains(&Remedy::Retry)
            }
            _ => false,
        }
    }

    /// Returns whether nothing more is to be done about it.
    pub fn is_finished(&self) -> bool {
        matches!(self.state, State::Done(_) | State::Cancelled) || self.state.is_resting()
    }

    /// Returns whether clearing the finished ones takes it out: it is one, or is at its destination already, by an ID or a link.
    pub fn is_clearable(&self) -> bool {
        self.is_finished() || self.is_sent_before() && self.known_receipt().is_some()
    }

    /// Returns whether the file's problem or a finding keeps it from being sent.
    pub fn is_blocked(&self) -> bool {
        match &self.inspection {
            Inspection::Failed(_) => true,
            _ => self.findings.iter().any(|f| f.severity == Severity::Error),
        }
    }

    /// Returns whether it goes no further without the user: something stops it, it was not accepted, or had no answer.
    pub fn needs_attention(&self) -> bool {
        self.state.failure().is_some() || (self.is_blocked() && self.state.receipt().is_none())
    }

    /// Returns what keeps it from being sent: the file's problem, or the most severe finding.
    pub fn blocking_message(&self) -> Option<String> {
        match &self.inspection {
            Inspection::Failed(problem) => Some(problem.to_string()),
            _ => self.findings.iter().find(|f| f.severity == Severity::Error).map(|f| f.message.clone()),
        }
    }

    /// Returns whether pressing Upload would send it: inspected, not stopped, and not at its destination already.
    pub fn is_sendable(&self) -> bool {
        self.state == State::Ready && self.facts().is_some() && !self.is_blocked() && self.earlier.is_none()
    }

    /// Returns whether it is at its destination already, or may be, and waits for the user.
    pub fn is_sent_before(&self) -> bool {
        self.state == State::Ready && self.earlier.is_some() && !self.is_blocked()
    }
}
