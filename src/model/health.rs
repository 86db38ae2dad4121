//! How a key or an account stands, from real answers only: of uploads, and of questions a person asked.

use jiff::Timestamp;
use strum::IntoStaticStr;

use super::error::{Failure, FailureKind};

/// What the last answer said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Condition {
    /// It took an upload, or the provider says it is well.
    Healthy,
    /// It takes nothing before this time.
    RateLimited(Timestamp),
    /// The provider lost its connection to the account (596, or its list of accounts says so).
    NeedsReconnecting,
    /// The vendor does not know the key (401).
    WrongKey,
    /// The plan or the account does not allow uploads (402, 403).
    NotAllowed,
    /// The provider has no such account (404).
    AccountNotFound,
    /// There is no key any more.
    NoKey,
}

impl Condition {
    /// Returns whether an upload has a chance at this moment.
    pub fn is_usable(self, now: Timestamp) -> bool {
        match self {
            Condition::Healthy => true,
            Condition::RateLimited(until) => until <= now,
            _ => false,
        }
    }

    /// Returns a name for programs (`--json`).
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// How a key or an account stood when it was last heard of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// As the last reply showed it.
    pub condition: Condition,
    /// The time of that reply.
    pub seen: Timestamp,
    /// The provider's own words, where it had any.
    pub service_message: Option<String>,
    /// What it told besides: "1,240 credits", "creator plan".
    pub note: Option<String>,
}

impl Health {
    /// Returns a condition with nothing said of it.
    pub fn new(condition: Condition, seen: Timestamp) -> Health {
        Health { condition, seen, service_message: None, note: None }
    }

    /// Returns what a failed upload or question says of the account it was for; nothing where that failed for another
    /// reason.
    pub fn of_failure(failure: &Failure, seen: Timestamp) -> Option<Health> {
        let condition = match failure.kind {
            kind if kind.holds_account() => Condition::RateLimited(failure.until?),
            FailureKind::AccountBroken => Condition::NeedsReconnecting,
            FailureKind::WrongKey => Condition::WrongKey,
            FailureKind::NoSubscription | FailureKind::NotEligible => Condition::NotAllowed,
            FailureKind::AccountNotFound => Condition::AccountNotFound,
            FailureKind::NoKey => Condition::NoKey,
            _ => return None,
        };
        Some(Health { service_message: failure.service_message.clone(), ..Health::new(condition, seen) })
    }

    /// Returns whether it is the key's affair, and so that of all its destinations.
    pub fn concerns_key(&self) -> bool {
        matches!(self.condition, Condition::WrongKey | Condition::NoKey)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_says_how_an_account_stands_or_nothing() {
        use FailureKind as K;
        let now = Timestamp::UNIX_EPOCH;
        let until = Some("2026-11-01T12:00:00Z".parse().unwrap());
        let of = |kind, until| {
            let failure =
                Failure { until, ..Failure::new(kind, "", "") }.with_service_message(Some("why".into()));
            Health::of_failure(&failure, now)
        };
        for (kind, name, usable, concerns_key) in [
            (K::RateLimited, "rate-limited", false, false),
            (K::Quota, "rate-limited", false, false),
            (K::AccountBroken, "needs-reconnecting", false, false),
            (K::WrongKey, "wrong-key", false, true),
            (K::NoSubscription, "not-allowed", false, false),
            (K::NotEligible, "not-allowed", false, false),
            (K::AccountNotFound, "account-not-found", false, false),
            (K::NoKey, "no-key", false, true),
        ] {
            let health = of(kind, until).unwrap();
            assert_eq!(
                (health.condition.name(), health.service_message.as_deref()),
                (name, Some("why")),
                "{kind:?}"
            );
            assert_eq!(
                (health.condition.is_usable(now), health.concerns_key()),
                (usable, concerns_key),
                "{kind:?}"
            );
        }
        for kind in [K::Offline, K::File, K::ProviderError, K::NoAnswer, K::TooLarge, K::Keyring] {
            assert_eq!(of(kind, until), None, "{kind:?} says nothing of the account");
        }
        assert_eq!(of(K::RateLimited, None), None, "without a time there is nothing to wait for");
    }

    #[test]
    fn a_throttled_account_can_be_used_from_its_time_on() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let throttled = Condition::RateLimited(at(10));
        assert_eq!([9, 10, 11].map(|now| throttled.is_usable(at(now))), [false, true, true]);
        assert!(Condition::Healthy.is_usable(at(0)) && !Condition::NoKey.is_usable(at(0)));
        assert_eq!(Condition::Healthy.name(), "healthy");
    }
}
