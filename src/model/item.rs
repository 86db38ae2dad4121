//! A file on its way, and what is known of it.

use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use strum::IntoStaticStr;

use super::destination::Destination;
use super::media::{ContentHash, FileFacts, FileProblem};
use super::receipt::Receipt;
use super::record::{PreviousUpload, UploadRequest, name_of};
use super::remedy::Remedy;
use super::upload::{State, UploadId};

/// How grave a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Severity {
    /// Worth knowing; the file is sent all the same.
    Warning,
    /// The service would refuse it: this file is not sent.
    Error,
}

impl Severity {
    /// Its name for programs (`--json`), and in a list of findings.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// Something seen in a file before a byte leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Whether it stops the file.
    pub gravity: Severity,
    /// One sentence.
    pub sentence: String,
    /// What to do about it.
    pub next: String,
}

/// What is known of a file so far.
#[derive(Clone, Debug, PartialEq)]
pub enum Inspection {
    /// A worker is looking.
    Pending,
    /// It was looked into.
    Ready(FileFacts),
    /// It cannot be looked into.
    Failed(FileProblem),
}

/// A file on its way.
#[derive(Clone, Debug)]
pub struct Item {
    /// Its name for the length of this run.
    pub id: UploadId,
    /// Where it was found.
    pub path: PathBuf,
    /// Its name as it may be shown.
    pub name: String,
    /// What is known of it.
    pub inspection: Inspection,
    /// What its destination's table says of it.
    pub findings: Vec<Finding>,
    /// Where it goes.
    pub destination: Arc<Destination>,
    /// Where it stands.
    pub state: State,
    /// When it was last asked for.
    pub asked_at: Option<Timestamp>,
    /// When it was known what became of it, in this run.
    pub ended_at: Option<Timestamp>,
    /// Its outcome is unknown, and the user sent it again: as the item behind it.
    pub sent_again: bool,
    /// When it was added.
    pub added: Timestamp,
    /// The item behind which it stands: itself, or the one it repeats.
    pub retry_of: UploadId,
    /// What it was when it was added in an earlier run; another content is not sent unasked.
    pub as_added: Option<AsAdded>,
    /// The same content is at this destination already, or may be.
    pub earlier: Option<PreviousUpload>,
}

/// A file as an earlier run added it.
#[derive(Clone, Debug, PartialEq)]
pub struct AsAdded {
    /// What it was.
    pub facts: FileFacts,
    /// Its content; none where that run ended before it had been read.
    pub content: Option<ContentHash>,
}

impl AsAdded {
    /// Whether a file has neither been written nor touched since.
    pub fn is_untouched(&self, now: &FileFacts) -> bool {
        (self.facts.size, self.facts.modified) == (now.size, now.modified)
    }

    /// Its content, where only that can say whether a file is still the same. Programs that index, back up or synchronise
    /// touch files, and programs that render write as many bytes of the same kind.
    pub fn content_to_compare(&self, now: &FileFacts) -> Option<ContentHash> {
        self.content.filter(|_| self.facts.size == now.size && !self.is_untouched(now))
    }
}

impl Item {
    /// A newly added file.
    pub fn new(id: UploadId, path: PathBuf, destination: Arc<Destination>, added: Timestamp) -> Item {
        Item {
            id,
            name: name_of(&path),
            path,
            inspection: Inspection::Pending,
            findings: vec![],
            destination,
            state: State::Ready,
            asked_at: None,
            ended_at: None,
            sent_again: false,
            added,
            retry_of: id,
            as_added: None,
            earlier: None,
        }
    }

    /// What is remembered of it.
    pub fn entry(&self, queued: bool) -> UploadRequest {
        UploadRequest {
            id: self.id,
            path: self.path.clone(),
            facts: self.as_added.as_ref().map(|then| &then.facts).or(self.facts()).cloned(),
            destination: Arc::clone(&self.destination),
            added: self.added,
            retry_of: self.retry_of,
            queued,
            asked: self.asked_at,
        }
    }

    /// The facts, once known.
    pub fn facts(&self) -> Option<&FileFacts> {
        match &self.inspection {
            Inspection::Ready(facts) => Some(facts),
            _ => None,
        }
    }

    /// What the service gave back for it, now or for the same content before.
    pub fn result(&self) -> Option<&Receipt> {
        let earlier = || self.earlier.as_ref().and_then(|earlier| earlier.receipt.as_deref());
        self.state.kept_receipt().or_else(earlier)
    }

    /// Nothing of it was accepted, and it may be sent again as it is.
    pub fn is_failed(&self) -> bool {
        match &self.state {
            State::Refused(failure) | State::Held(failure) => {
                failure.kind.remedies().contains(&Remedy::TryAgain)
            }
            _ => false,
        }
    }

    /// Nothing more is to be done about it.
    pub fn is_finished(&self) -> bool {
        matches!(self.state, State::Done(_) | State::Cancelled) || self.state.is_resting()
    }

    /// Whether something stops it.
    pub fn is_stopped(&self) -> bool {
        match &self.inspection {
            Inspection::Failed(_) => true,
            _ => self.findings.iter().any(|f| f.gravity == Severity::Error),
        }
    }

    /// What stops it: the problem of the file, or the gravest finding.
    pub fn stop(&self) -> Option<String> {
        match &self.inspection {
            Inspection::Failed(problem) => Some(problem.to_string()),
            _ => self.findings.iter().find(|f| f.gravity == Severity::Error).map(|f| f.sentence.clone()),
        }
    }

    /// Pressing Upload would send it: looked into, not stopped, and not at its destination already.
    pub fn is_sendable(&self) -> bool {
        self.state == State::Ready && self.facts().is_some() && !self.is_stopped() && self.earlier.is_none()
    }
}
