//! What went wrong with an upload, in words for people and as a kind for programs.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use strum::{EnumIter, IntoStaticStr};

use super::receipt::Receipt;
use super::remedy::Remedy;
use super::text::sanitize;

/// What a failure means. Sources: the vendors' documents; "No vendor has an idempotency key" for the last group.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, EnumIter, IntoStaticStr,
)]
#[serde(rename_all = "kebab-case")] // the same words as `name`
#[strum(serialize_all = "kebab-case")]
pub enum FailureKind {
    // The provider refused.
    /// 400: the file or a parameter is wrong.
    BadRequest,
    /// 400 that says so, or 415: not a type the provider takes.
    UnsupportedType,
    /// 400 with a `PUBLIC_ERROR_…` reason: against the provider's content policy.
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
    /// 422 where an option takes metadata out of pictures: AI-provenance metadata.
    Provenance,
    /// 422 elsewhere, or a 400 that says so: the content is not what was declared.
    ContentMismatch,
    /// 429: too much at a time.
    RateLimited,
    /// 429 that says so: the account's quota is used up.
    Quota,
    /// 500: the provider refused or broke.
    #[serde(alias = "service-error")] // of older histories
    ProviderError,
    /// 503: busy; nothing was accepted.
    Busy,
    /// 3xx: never followed.
    Redirect,
    /// 596: the linked account's session is broken.
    AccountBroken,
    /// Any other refusal, in the provider's words.
    Refused,
    // It never left this computer, or not whole.
    /// The file cannot be sent as it is.
    File,
    /// The file changed after it was added, or while it was sent.
    FileChanged,
    /// No key is known for the vendor.
    NoKey,
    /// The keyring did not give the key.
    Keyring,
    /// The history cannot be written, and the user did not agree to send without it.
    NoHistory,
    /// This computer's set-up is in the way: certificates, proxy, address.
    SetUp,
    /// The proxy cannot be reached, or does not let it through.
    Proxy,
    /// The proxy requires a name and a password.
    ProxySignIn,
    /// This computer has no network.
    Offline,
    /// The provider's name is not found.
    NameNotFound,
    /// The provider cannot be reached: connection refused, or none in time.
    Unreachable,
    /// The provider's certificate is not to be trusted.
    Tls,
    /// 511: the network in between wants a sign-in first.
    CaptivePortal,
    /// The connection broke before the last byte was sent.
    Cut,
    /// The provider received nothing for too long.
    Stalled,
    /// Cancelled before the last byte was sent.
    Cancelled,
    // Everything was sent, and what became of it is not known.
    /// The connection broke after the last byte.
    NoAnswer,
    /// No answer in time.
    AnswerTimeout,
    /// 502, 504: a gateway gave up waiting.
    Gateway,
    /// Another 5xx.
    ServerError,
    /// A success that names neither an id nor an error, or that cannot be read.
    UnreadableAnswer,
    /// A success that came before the last byte was sent.
    AnsweredEarly,
    /// Cancelled after the last byte.
    CancelledLate,
    /// Hoist ended, or was ended, after the last byte and before an answer.
    Interrupted,
}

/// The state an upload ends in for a kind of failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TerminalState {
    /// Final; trying again is the user's choice.
    Refused,
    /// Waits: for a time where the failure names one, else for the user.
    Held,
    /// All bytes were sent: the asset may exist.
    Unknown,
    /// The user's wish.
    Cancelled,
}

impl FailureKind {
    /// Returns its name in `--json`.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Returns the state it ends in.
    pub fn ending(self) -> TerminalState {
        match self {
            FailureKind::RateLimited
            | FailureKind::Quota
            | FailureKind::WrongKey
            | FailureKind::AccountBroken
            | FailureKind::NoKey
            | FailureKind::Keyring
            | FailureKind::NoHistory => TerminalState::Held,
            FailureKind::NoAnswer
            | FailureKind::AnswerTimeout
            | FailureKind::Gateway
            | FailureKind::ServerError
            | FailureKind::UnreadableAnswer
            | FailureKind::AnsweredEarly
            | FailureKind::CancelledLate
            | FailureKind::Interrupted => TerminalState::Unknown,
            FailureKind::Cancelled => TerminalState::Cancelled,
            _ => TerminalState::Refused,
        }
    }

    /// Returns whether its account is held until a time.
    pub fn holds_account(self) -> bool {
        matches!(self, FailureKind::RateLimited | FailureKind::Quota)
    }

    /// Returns whether it is about the file, so that the same one would be refused again whenever it is sent.
    pub fn is_about_the_file(self) -> bool {
        matches!(
            self,
            FailureKind::BadRequest
                | FailureKind::UnsupportedType
                | FailureKind::Policy
                | FailureKind::TooLarge
                | FailureKind::Provenance
                | FailureKind::ContentMismatch
                | FailureKind::Refused
                | FailureKind::File
        )
    }

    /// Returns whether no connection came about, so that nothing was sent.
    pub fn is_unreached(self) -> bool {
        matches!(
            self,
            FailureKind::Unreachable | FailureKind::NameNotFound | FailureKind::Offline | FailureKind::Proxy
        )
    }

    /// Returns what helps, the best first.
    pub fn remedies(self) -> &'static [Remedy] {
        use FailureKind as K;
        use Remedy as R;
        match self {
            K::BadRequest
            | K::ContentMismatch
            | K::RateLimited
            | K::ProviderError
            | K::Busy
            | K::Redirect
            | K::Refused
            | K::File
            | K::NameNotFound
            | K::Unreachable
            | K::Tls
            | K::Cut
            | K::Stalled => &[R::Retry, R::SendElsewhere],
            K::UnsupportedType | K::TooLarge => &[R::SendElsewhere, R::Retry],
            // The same file is refused there for ever.
            K::Policy => &[R::SendElsewhere],
            K::WrongKey => &[R::ReplaceKey, R::Retry, R::OpenAccountPage, R::SendElsewhere],
            K::NoSubscription | K::AccountBroken => &[R::OpenAccountPage, R::Retry, R::SendElsewhere],
            K::NotEligible => &[R::OpenAccountPage, R::SendElsewhere, R::ReplaceKey, R::Retry],
            K::AccountNotFound | K::Quota => &[R::SendElsewhere, R::OpenAccountPage, R::Retry],
            K::Provenance => &[R::StripAndSend, R::SendElsewhere, R::Retry],
            K::NoKey => &[R::AddKey, R::Retry, R::OpenAccountPage, R::SendElsewhere],
            K::Keyring => &[R::Retry, R::AddKey, R::SendElsewhere],
            K::SetUp => &[R::Retry, R::OpenProxySettings, R::SendElsewhere],
            K::Proxy | K::ProxySignIn => &[R::OpenProxySettings, R::Retry],
            K::Offline | K::FileChanged | K::CaptivePortal | K::NoHistory => &[R::Retry],
            K::Cancelled => &[R::AddBack],
            // It may exist: never more than an offer that says what may come of it.
            K::NoAnswer
            | K::AnswerTimeout
            | K::Gateway
            | K::ServerError
            | K::UnreadableAnswer
            | K::AnsweredEarly
            | K::CancelledLate
            | K::Interrupted => &[R::SendAgain, R::Dismiss],
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
    /// The provider's own words, verbatim, where it had any.
    #[serde(rename = "said")]
    pub service_message: Option<String>,
    /// One sentence without a full stop: what to do next.
    #[serde(rename = "next")]
    pub hint: String,
    /// When the destination may be used again, for a rate limit.
    pub until: Option<Timestamp>,
    /// What the provider's support asks for (`cf_ray`).
    #[serde(rename = "support")]
    pub support_id: Option<String>,
    /// The provider's own page where this can be put right.
    #[serde(rename = "page", default)]
    pub help_url: Option<String>,
    /// What the provider gave back all the same: an ID is kept though its worth is unknown. The history has
    /// it beside the failure.
    #[serde(skip)]
    pub receipt: Option<Box<Receipt>>,
}

impl Failure {
    /// Returns a failure without words of the provider.
    pub fn new(kind: FailureKind, message: impl Into<String>, next: impl Into<String>) -> Failure {
        let (message, next) = (message.into(), next.into());
        Failure {
            kind,
            message,
            service_message: None,
            hint: next,
            until: None,
            support_id: None,
            help_url: None,
            receipt: None,
        }
    }

    /// Returns the provider's own words and what its support asks for, where there are any: each as a sentence, between
    /// what stands `before` and `after` it.
    pub fn quotes(&self, before: &str, after: &str) -> String {
        let words =
            self.service_message.as_ref().map(|words| format!("The reply says: “{}”", sanitize(words)));
        let support = self.support_id.as_ref().map(|id| format!("For its support: {}", sanitize(id)));
        let mut out = String::new();
        for quote in words.into_iter().chain(support) {
            out.extend([before, &quote, after]);
        }
        out
    }

    /// Returns what helps, the best first; only what this failure has all for.
    pub fn remedies(&self) -> Vec<Remedy> {
        let mut all: Vec<_> = self.kind.remedies().to_vec();
        all.retain(|remedy| *remedy != Remedy::OpenAccountPage || self.help_url.is_some());
        if self.support_id.is_some() {
            all.insert(all.len().min(1), Remedy::CopySupportNumber);
        }
        all
    }

    /// Returns the same, with an ID or a link that the provider gave back all the same.
    #[must_use]
    pub fn naming(mut self, receipt: Box<Receipt>) -> Failure {
        let what = if receipt.id.is_some() { "ID" } else { "link" };
        let first = sanitize(receipt.first());
        self.hint =
            format!("Check with the provider whether the {what} {first} works before sending it again");
        self.receipt = Some(receipt);
        self
    }

    /// Returns the same, with what the provider said.
    #[must_use]
    pub fn with_service_message(mut self, said: Option<String>) -> Failure {
        self.service_message = said;
        self
    }
}

#[cfg(test)]
mod tests {
    use strum::IntoEnumIterator;

    use super::*;

    /// Histories have it by these names.
    #[test]
    fn a_failure_of_an_older_history_is_read_and_written_as_it_was() {
        let text = r#"{"kind":"not-eligible","message":"m","said":"s","next":"n","until":null,"support":"7","page":"https://a.example"}"#;
        let failure: Failure = serde_json::from_str(text).unwrap();
        assert_eq!((failure.message.as_str(), failure.hint.as_str()), ("m", "n"));
        assert_eq!(
            (failure.service_message.as_deref(), failure.support_id.as_deref()),
            (Some("s"), Some("7"))
        );
        assert_eq!(failure.help_url.as_deref(), Some("https://a.example"));
        assert_eq!(serde_json::to_string(&failure).unwrap(), text);
        let older =
            r#"{"kind":"not-eligible","message":"m","said":null,"next":"n","until":null,"support":null}"#;
        assert_eq!(serde_json::from_str::<Failure>(older).unwrap().help_url, None);
        let kind: FailureKind = serde_json::from_str(r#""service-error""#).unwrap();
        assert_eq!((kind, kind.name()), (FailureKind::ProviderError, "provider-error"));
    }

    #[test]
    fn a_button_is_offered_only_where_it_leads_somewhere() {
        use Remedy as R;
        let failure = |page: Option<&str>, support: Option<&str>| Failure {
            help_url: page.map(Into::into),
            support_id: support.map(Into::into),
            ..Failure::new(FailureKind::NoSubscription, "", "")
        };
        let (page, number) = (Some("https://x.test"), Some("a05b-SJC"));
        assert_eq!(failure(None, None).remedies(), [R::Retry, R::SendElsewhere]);
        assert_eq!(failure(page, None).remedies(), [R::OpenAccountPage, R::Retry, R::SendElsewhere]);
        let all = failure(page, number).remedies();
        assert_eq!(all, [R::OpenAccountPage, R::CopySupportNumber, R::Retry, R::SendElsewhere]);
    }

    #[test]
    fn what_may_exist_is_never_sent_again_by_a_button_that_does_not_say_so() {
        let (mut unknown, mut held) = (vec![], vec![]);
        for kind in FailureKind::iter() {
            let remedies = kind.remedies();
            let warns = remedies.contains(&Remedy::SendAgain);
            assert_eq!(warns, kind.ending() == TerminalState::Unknown, "{kind:?}");
            assert_ne!(
                warns,
                remedies.iter().any(|r| [Remedy::Retry, Remedy::AddBack, Remedy::SendElsewhere].contains(r))
            );
            match kind.ending() {
                TerminalState::Unknown => unknown.push(kind.name()),
                TerminalState::Held => held.push(kind.name()),
                TerminalState::Cancelled => assert_eq!(kind, FailureKind::Cancelled),
                TerminalState::Refused => {}
            }
        }
        let expected = [
            "no-answer",
            "answer-timeout",
            "gateway",
            "server-error",
            "unreadable-answer",
            "answered-early",
            "cancelled-late",
            "interrupted",
        ];
        assert_eq!(unknown, expected);
        let expected =
            ["wrong-key", "rate-limited", "quota", "account-broken", "no-key", "keyring", "no-history"];
        assert_eq!(held, expected);
    }

    #[test]
    fn a_kind_is_read_from_the_history_by_the_name_it_was_written_by() {
        for kind in FailureKind::iter() {
            let name = serde_json::Value::from(kind.name());
            assert_eq!(serde_json::to_value(kind).unwrap(), name);
            assert_eq!(serde_json::from_value::<FailureKind>(name).unwrap(), kind);
        }
    }
}
