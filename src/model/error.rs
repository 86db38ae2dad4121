//! What went wrong with an upload, in words for people and as a kind for programs.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What a failure means. Sources: the services' documents; "No service has an idempotency key" for the last group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")] // the same words as `name`
pub enum FailureKind {
    // The service refused.
    /// 400: the file or a parameter is wrong.
    BadRequest,
    /// 400 with a `PUBLIC_ERROR_…` reason: against the service's content policy.
    Policy,
    /// 401: the key is wrong.
    WrongKey,
    /// 402: no subscription.
    NoSubscription,
    /// 403: the plan or the account is not allowed to do this.
    NotEligible,
    /// 404: the account is not known there.
    AccountNotFound,
    /// 413, or a 400 that says so: too large.
    TooLarge,
    /// 422 of Flow Music: AI-provenance metadata with `stripMetadata=false`.
    Provenance,
    /// 422 elsewhere: the content is not what was declared.
    ContentMismatch,
    /// 429: rate limit or quota.
    RateLimited,
    /// 500: the service refused or broke.
    ServiceError,
    /// 503: busy; nothing was accepted.
    Busy,
    /// 3xx: never followed.
    Redirect,
    /// 596: the linked account's session is broken.
    AccountBroken,
    /// Any other refusal, in the service's words.
    Refused,
    // It never left this computer, or not whole.
    /// The file cannot be sent as it is.
    File,
    /// The file changed after it was added, or while it was sent.
    FileChanged,
    /// No key is known for the service.
    NoKey,
    /// The keyring did not give the key.
    Keyring,
    /// This computer's set-up is in the way: certificates, proxy, address.
    SetUp,
    /// The service cannot be reached: name lookup, connection.
    Unreachable,
    /// The service's certificate is not to be trusted.
    Tls,
    /// The connection broke before the last byte was handed over.
    Cut,
    /// The service took no byte for too long.
    Stalled,
    /// Cancelled before the last byte was handed over.
    Cancelled,
    // Everything was sent, and what became of it is not known.
    /// The connection broke after the last byte.
    NoAnswer,
    /// No answer in time.
    AnswerTimeout,
    /// 502, 504: a gateway gave up waiting.
    Gateway,
    /// Another 5xx.
    #[serde(rename = "server-error")]
    ServerBroke,
    /// A success that names neither an id nor an error, or that cannot be read.
    #[serde(rename = "unreadable-answer")]
    Unreadable,
    /// Cancelled after the last byte.
    CancelledLate,
    /// Hoist ended, or was ended, after the last byte and before an answer.
    Interrupted,
}

/// The state an upload ends in for a kind of failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Final; trying again is the user's choice.
    Refused,
    /// Waits: for a time where the failure names one, else for the user.
    Held,
    /// All bytes were handed over: the asset may exist.
    Unknown,
    /// The user's wish.
    Cancelled,
}

impl FailureKind {
    /// Name for programs (`--json`).
    pub fn name(self) -> &'static str {
        match self {
            FailureKind::BadRequest => "bad-request",
            FailureKind::Policy => "policy",
            FailureKind::WrongKey => "wrong-key",
            FailureKind::NoSubscription => "no-subscription",
            FailureKind::NotEligible => "not-eligible",
            FailureKind::AccountNotFound => "account-not-found",
            FailureKind::TooLarge => "too-large",
            FailureKind::Provenance => "provenance",
            FailureKind::ContentMismatch => "content-mismatch",
            FailureKind::RateLimited => "rate-limited",
            FailureKind::ServiceError => "service-error",
            FailureKind::Busy => "busy",
            FailureKind::Redirect => "redirect",
            FailureKind::AccountBroken => "account-broken",
            FailureKind::Refused => "refused",
            FailureKind::File => "file",
            FailureKind::FileChanged => "file-changed",
            FailureKind::NoKey => "no-key",
            FailureKind::Keyring => "keyring",
            FailureKind::SetUp => "set-up",
            FailureKind::Unreachable => "unreachable",
            FailureKind::Tls => "tls",
            FailureKind::Cut => "cut",
            FailureKind::Stalled => "stalled",
            FailureKind::Cancelled => "cancelled",
            FailureKind::NoAnswer => "no-answer",
            FailureKind::AnswerTimeout => "answer-timeout",
            FailureKind::Gateway => "gateway",
            FailureKind::ServerBroke => "server-error",
            FailureKind::Unreadable => "unreadable-answer",
            FailureKind::CancelledLate => "cancelled-late",
            FailureKind::Interrupted => "interrupted",
        }
    }

    /// The state it ends in.
    pub fn ending(self) -> Ending {
        match self {
            FailureKind::RateLimited
            | FailureKind::WrongKey
            | FailureKind::AccountBroken
            | FailureKind::NoKey
            | FailureKind::Keyring => Ending::Held,
            FailureKind::NoAnswer
            | FailureKind::AnswerTimeout
            | FailureKind::Gateway
            | FailureKind::ServerBroke
            | FailureKind::Unreadable
            | FailureKind::CancelledLate
            | FailureKind::Interrupted => Ending::Unknown,
            FailureKind::Cancelled => Ending::Cancelled,
            _ => Ending::Refused,
        }
    }
}

/// One failure: what happened, what it means, what to do next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What it means.
    pub kind: FailureKind,
    /// One sentence without a full stop: what happened.
    pub message: String,
    /// The service's own words, verbatim, where it had any.
    pub said: Option<String>,
    /// One sentence without a full stop: what to do next.
    pub next: String,
    /// When the destination may be used again, for a rate limit.
    pub until: Option<Timestamp>,
    /// What the service's support asks for (`cf_ray`).
    pub support: Option<String>,
}

impl Failure {
    /// A failure without words of the service.
    pub fn new(kind: FailureKind, message: impl Into<String>, next: impl Into<String>) -> Failure {
        Failure { kind, message: message.into(), said: None, next: next.into(), until: None, support: None }
    }

    /// The same, with what the service said.
    #[must_use]
    pub fn said(mut self, said: Option<String>) -> Failure {
        self.said = said;
        self
    }
}
