//! Sending again without being asked: only where nothing was accepted, or where a second copy does no harm.

use std::time::Duration;

use jiff::Timestamp;

use crate::model::error::{Failure, FailureKind, TerminalState};
use crate::provider::spec::ProviderSpec;

/// Bodies begun for one upload, the first included.
const MAX_TRIES: u32 = 3;

/// A provider that balances over its accounts has moved on to another one after this time.
const MOVES_ON: Duration = Duration::from_secs(5);

/// A busy provider that wants more time than this is not waited for.
const MAX_PAUSE: Duration = Duration::from_mins(1);

/// What was tried so far for one upload.
#[derive(Clone, Debug)]
pub(super) struct SendAttempts {
    /// Of the present or the next try, from 1.
    pub(super) number: u32,
    /// Of an earlier one nobody knows whether it was accepted.
    ambiguous: Option<Box<Failure>>,
}

impl SendAttempts {
    pub(super) fn first() -> SendAttempts {
        SendAttempts { number: 1, ambiguous: None }
    }

    /// Returns whether an earlier one may have led to something.
    pub(super) fn are_in_doubt(&self) -> bool {
        self.ambiguous.is_some()
    }

    /// Returns those before the next try, after one that failed.
    pub(super) fn after(self, failure: &Failure) -> SendAttempts {
        let unknown = failure.kind.ending() == TerminalState::Unknown;
        let doubt = self.ambiguous.or_else(|| unknown.then(|| Box::new(failure.clone())));
        SendAttempts { number: self.number + 1, ambiguous: doubt }
    }

    /// Returns how a wish ends that failed: what an earlier try may have led to is not refused or cancelled with a
    /// later one.
    pub(super) fn end(&self, failure: Failure) -> Failure {
        match &self.ambiguous {
            Some(doubt) if failure.kind.ending() != TerminalState::Unknown => Failure {
                message: format!("{}. Sent again: {}", doubt.message, failure.message),
                service_message: failure.service_message,
                support_id: failure.support_id,
                ..(**doubt).clone()
            },
            _ => failure,
        }
    }
}

/// Returns how long to wait before a wish is tried once more, after `tries` tries; none where that is for the user to
/// decide. `first` is the pause after the first try; the next is four times as long.
pub(super) fn pause(
    facts: &ProviderSpec,
    account: Option<&str>,
    failure: &Failure,
    tries: u32,
    first: Duration,
    now: Timestamp,
) -> Option<Duration> {
    if tries >= MAX_TRIES {
        return None;
    }
    let asked_for = failure.until.map(|until| {
        let left = until.duration_since(now);
        if left.is_negative() { Duration::ZERO } else { left.unsigned_abs() }
    });
    let backoff = first * 4_u32.pow(tries - 1);
    let backoff = backoff.mul_f64(0.75 + 0.5 * fastrand::f64()); // not all at the same moment
    match failure.kind {
        // The provider moves on to another account by itself, whatever time this one needs.
        kind if kind.holds_account() && facts.account.is_auto && account.is_none() => {
            Some(asked_for.map_or(MOVES_ON, |asked_for| asked_for.min(MOVES_ON)))
        }
        kind if kind.holds_account() => asked_for,
        FailureKind::Busy => match asked_for {
            Some(asked_for) if asked_for > MAX_PAUSE => None,
            Some(asked_for) => Some(asked_for.max(backoff)),
            None => Some(backoff),
        },
        FailureKind::Cut => Some(backoff),
        kind if kind.is_unreached() => Some(backoff),
        // The user's own wish to stop is not undone. Who answers early would do so again, and what it named may be good.
        FailureKind::CancelledLate | FailureKind::Interrupted | FailureKind::AnsweredEarly => None,
        kind if kind.ending() == TerminalState::Unknown
            && (facts.terms.retention.is_some() || facts.terms.is_repeatable) =>
        {
            Some(backoff)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::samples;
    use crate::provider;

    fn pause_of(
        id: &str,
        account: Option<&str>,
        kind: FailureKind,
        tries: u32,
        hold: Option<u64>,
    ) -> Option<Duration> {
        let facts = provider::by_id(id).unwrap().facts();
        let now = Timestamp::UNIX_EPOCH;
        let until = hold.map(|hold| now + Duration::from_secs(hold));
        let failure = Failure { until, ..*samples::failure(kind) };
        pause(facts, account, &failure, tries, Duration::from_secs(1), now)
    }

    #[test]
    fn only_what_was_not_accepted_is_sent_again_and_not_for_ever() {
        use FailureKind as K;
        for kind in [K::Unreachable, K::NameNotFound, K::Offline, K::Proxy, K::Cut, K::Busy] {
            for provider in provider::first() {
                let id = provider.facts().id;
                let first = pause_of(id, None, kind, 1, None).unwrap();
                let second = pause_of(id, None, kind, 2, None).unwrap();
                assert!((0.75..=1.25).contains(&first.as_secs_f64()), "{first:?}");
                assert!((3.0..=5.0).contains(&second.as_secs_f64()), "{second:?}");
                assert_eq!(pause_of(id, None, kind, 3, None), None);
            }
        }
        // A proxy may lock out who comes again and again with a wrong password.
        for kind in [
            K::BadRequest,
            K::Policy,
            K::WrongKey,
            K::ProviderError,
            K::Tls,
            K::Stalled,
            K::File,
            K::Redirect,
            K::ProxySignIn,
        ] {
            assert_eq!(pause_of("piapi", None, kind, 1, None), None, "{kind:?}");
        }
    }

    #[test]
    fn what_may_exist_is_sent_again_only_where_it_dies_by_itself() {
        use FailureKind as K;
        for kind in [K::NoAnswer, K::AnswerTimeout, K::Gateway, K::ServerError, K::UnreadableAnswer] {
            for provider in provider::first() {
                let facts = provider.facts();
                let again = pause_of(facts.id, None, kind, 1, None).is_some();
                assert_eq!(again, facts.id == "piapi", "{} {kind:?}", facts.id);
            }
            assert_eq!(pause_of("piapi", None, kind, 3, None), None);
        }
        for kind in [K::CancelledLate, K::Interrupted] {
            assert_eq!(pause_of("piapi", None, kind, 1, None), None);
        }
    }

    #[test]
    fn what_may_exist_stays_so_whatever_the_next_try_leads_to() {
        let failure = |kind| *samples::failure(kind);
        let tries = SendAttempts::first();
        assert_eq!(tries.end(failure(FailureKind::BadRequest)), failure(FailureKind::BadRequest));
        let tries = tries.after(&failure(FailureKind::NoAnswer)).after(&failure(FailureKind::Busy));
        assert_eq!(tries.number, 3);
        for kind in [FailureKind::BadRequest, FailureKind::WrongKey, FailureKind::Cancelled] {
            assert_eq!(tries.end(failure(kind)).kind, FailureKind::NoAnswer);
        }
        assert_eq!(tries.end(failure(FailureKind::Gateway)), failure(FailureKind::Gateway));
    }

    #[test]
    fn a_rate_limit_is_waited_for_and_auto_moves_on() {
        for limited in [FailureKind::RateLimited, FailureKind::Quota] {
            assert!(pause_of("flow-music", None, limited, 1, Some(30)).is_some());
        }
        let limited = FailureKind::RateLimited;
        let seconds = |id, account, hold| pause_of(id, account, limited, 1, hold).map(|p| p.as_secs());
        assert_eq!(seconds("google-flow", Some("a@b.c"), Some(1800)), Some(1800));
        assert_eq!(seconds("google-flow", None, Some(1800)), Some(5));
        assert_eq!(seconds("google-flow", None, Some(2)), Some(2));
        assert_eq!(seconds("flow-music", None, Some(30)), Some(30));
        assert_eq!(pause_of("google-flow", None, limited, 3, Some(1800)), None);
        assert_eq!(
            pause_of("flow-music", None, FailureKind::Busy, 1, Some(10)).map(|p| p.as_secs()),
            Some(10)
        );
        assert_eq!(pause_of("flow-music", None, FailureKind::Busy, 1, Some(600)), None);
    }

    #[test]
    fn what_may_exist_tells_of_both_tries() {
        let failure = |kind, message: &str| Failure {
            support_id: Some(format!("number of {message}")),
            ..Failure::new(kind, message, "Look").with_service_message(Some(format!("words of {message}")))
        };
        let first = failure(FailureKind::NoAnswer, "No answer");
        assert!(
            !SendAttempts::first().are_in_doubt()
                && !SendAttempts::first().after(&failure(FailureKind::Cut, "")).are_in_doubt()
        );
        let tries = SendAttempts::first().after(&first);
        assert!(tries.are_in_doubt() && tries.number == 2);
        let end = tries.end(failure(FailureKind::BadRequest, "Refused"));
        assert_eq!(end.message, "No answer. Sent again: Refused");
        assert_eq!(end.service_message.as_deref(), Some("words of Refused"));
        assert_eq!((end.support_id.as_deref(), end.hint.as_str()), (Some("number of Refused"), "Look"));
    }

    #[test]
    fn a_busy_provider_is_waited_for_as_long_as_it_asks_but_no_longer_than_a_minute() {
        let busy = |hold| pause_of("flow-music", None, FailureKind::Busy, 1, Some(hold));
        assert_eq!(busy(60), Some(MAX_PAUSE));
        assert_eq!(busy(61), None);
        assert!(busy(0).is_some_and(|pause| pause >= Duration::from_millis(750)), "not at once");
        assert_eq!(pause_of("piapi", None, FailureKind::AnsweredEarly, 1, None), None);
        let quota = |id, account| pause_of(id, account, FailureKind::Quota, 2, Some(1800));
        assert_eq!(quota("google-flow", None), Some(MOVES_ON));
        assert_eq!(pause_of("google-flow", None, FailureKind::RateLimited, 1, None), Some(MOVES_ON));
        assert_eq!(pause_of("flow-music", None, FailureKind::RateLimited, 1, None), None);
    }
}
