//! How a key or an account stands, from real answers only: of uploads, and of questions a person asked.

use jiff::Timestamp;

use super::error::{Failure, FailureKind};

/// What the last answer said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// It took an upload, or the service says it is well.
    Works,
    /// It takes nothing before this time.
    Throttled(Timestamp),
    /// The service lost its connection to the account (596, or its list of accounts says so).
    NeedsReconnecting,
    /// The service does not know the key (401).
    WrongKey,
    /// The plan or the account does not allow uploads (402, 403).
    NotAllowed,
    /// The service has no such account (404).
    NotThere,
    /// There is no key any more.
    KeyGone,
}

impl Condition {
    /// Whether an upload has a chance at this moment.
    pub fn is_usable(self, now: Timestamp) -> bool {
        match self {
            Condition::Works => true,
            Condition::Throttled(until) => until <= now,
            _ => false,
        }
    }

    /// A name for programs (`--json`).
    pub fn name(self) -> &'static str {
        match self {
            Condition::Works => "works",
            Condition::Throttled(_) => "throttled",
            Condition::NeedsReconnecting => "needs-reconnecting",
            Condition::WrongKey => "wrong-key",
            Condition::NotAllowed => "not-allowed",
            Condition::NotThere => "not-there",
            Condition::KeyGone => "key-gone",
        }
    }
}

/// How a key or an account stood when it was last heard of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// How.
    pub condition: Condition,
    /// When.
    pub seen: Timestamp,
    /// The service's own words, where it had any.
    pub said: Option<String>,
    /// What it told besides: "1,240 credits", "creator plan".
    pub note: Option<String>,
}

impl Health {
    /// Nothing but this.
    pub fn new(condition: Condition, seen: Timestamp) -> Health {
        Health { condition, seen, said: None, note: None }
    }

    /// What a failed upload or question says of the account it was for; nothing where that failed for another reason.
    pub fn of_failure(failure: &Failure, seen: Timestamp) -> Option<Health> {
        let condition = match failure.kind {
            kind if kind.holds_account() => Condition::Throttled(failure.until?),
            FailureKind::AccountBroken => Condition::NeedsReconnecting,
            FailureKind::WrongKey => Condition::WrongKey,
            FailureKind::NoSubscription | FailureKind::NotEligible => Condition::NotAllowed,
            FailureKind::AccountNotFound => Condition::NotThere,
            FailureKind::NoKey => Condition::KeyGone,
            _ => return None,
        };
        Some(Health { said: failure.said.clone(), ..Health::new(condition, seen) })
    }

    /// Whether it is the key's affair, and so that of all its destinations.
    pub fn concerns_key(&self) -> bool {
        matches!(self.condition, Condition::WrongKey | Condition::KeyGone)
    }
}
