//! What a refusal means: one table from status and reason to a sentence and a next step, for every service.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::facts::Facts;
use super::http::{Reply, Words};
use crate::model::error::{Failure, FailureKind};

/// Held so long where a 429 names no time.
pub const DEFAULT_HOLD: Duration = Duration::from_secs(30);

/// No hold is longer, whatever `Retry-After` says.
pub const LONGEST_HOLD: Duration = Duration::from_hours(24);

/// What a status means. `reason` is the machine-readable one of the body.
pub fn kind(facts: &Facts, status: u16, words: &Words) -> FailureKind {
    use FailureKind as K;
    let reason = words.reason.as_deref().unwrap_or_default();
    let said = words.text.as_deref().unwrap_or_default().to_ascii_lowercase();
    match status {
        // Of 2xx only where the body was too large to read; the others are no answers to an upload at all.
        0..300 | 600.. => K::Unreadable,
        300..400 => K::Redirect,
        400 if reason.starts_with("PUBLIC_ERROR_") => K::Policy,
        400 if said.contains("is over ") || said.contains("too large") => K::TooLarge,
        400 => K::BadRequest,
        401 => K::WrongKey,
        402 => K::NoSubscription,
        403 => K::NotEligible,
        404 if facts.account.is_some() => K::AccountNotFound,
        413 => K::TooLarge,
        422 if facts.options.iter().any(|o| o.key == "stripMetadata") => K::Provenance,
        422 => K::ContentMismatch,
        429 => K::RateLimited,
        500 => K::ServiceError,
        502 | 504 => K::Gateway,
        503 => K::Busy,
        596 => K::AccountBroken,
        501..=599 => K::ServerBroke,
        _ => K::Refused,
    }
}

/// A refusal in words: what happened, what the service said, what to do next.
pub fn failure(facts: &Facts, account: Option<&str>, reply: &Reply, now: Timestamp) -> Failure {
    use FailureKind as K;
    let words = Words::read(&reply.body);
    let kind = kind(facts, reply.status, &words);
    let (name, service, status) = (facts.name, facts.service.name, reply.status);
    let who = account.map_or_else(|| "the account".to_owned(), |a| format!("the account {a}"));
    let moderated = words.cf_ray.is_some();
    let (message, next) = match kind {
        K::BadRequest => (
            format!("{name} says the file or a setting is wrong"),
            "Read what it says, change the file or the setting, then try again".to_owned(),
        ),
        K::Policy => (
            format!("{name} does not take this content: it is against its content policy"),
            "Use another file: sending this one again changes nothing".to_owned(),
        ),
        K::WrongKey => (
            format!("{service} says the key is wrong"),
            format!(
                "Replace the {service} key (+ in the window, `hoist accounts add {}`), then try again",
                facts.service.id
            ),
        ),
        K::NoSubscription => (
            format!("{service} says there is no subscription"),
            format!("Renew the subscription at {service}, then try again"),
        ),
        K::NotEligible => (
            format!("{service} says the plan or the account does not allow uploads"),
            match facts.service.id {
                "piapi" => "Uploads need PiAPI's Creator plan or a higher one".to_owned(),
                _ => format!("Check the plan and the rights of the key at {service}"),
            },
        ),
        K::AccountNotFound => (
            format!("{name} does not know {who}"),
            format!("Choose another account, or add this one at {service}"),
        ),
        K::TooLarge => (
            format!("{name} says the file is too large"),
            "Make the file smaller, or send it somewhere else".to_owned(),
        ),
        K::Provenance => (
            format!("{name} does not take pictures that say they were made by AI"),
            "Switch stripMetadata on for this destination, then try again".to_owned(),
        ),
        K::ContentMismatch => (
            format!("{name} says the content is not what it was said to be"),
            "Open the file to see whether it is whole, save it again, then try again".to_owned(),
        ),
        K::RateLimited => (
            format!("{name} takes no more uploads for {who} right now"),
            "Wait until the time is over, or send it to another account".to_owned(),
        ),
        K::ServiceError if moderated => (
            format!("{name} refused the upload or broke: its moderation answers like this too"),
            "Try another file, or ask its support and quote the number".to_owned(),
        ),
        K::ServiceError => {
            (format!("{name} refused the upload or broke"), "Try again later, or try another file".to_owned())
        }
        K::Gateway => (
            format!("Sent, but a gateway gave up waiting for {name} ({status}): it may exist"),
            "Look whether it arrived before sending it again".to_owned(),
        ),
        K::ServerBroke => (
            format!("Sent, but {name} broke while answering ({status}): it may exist"),
            "Look whether it arrived before sending it again".to_owned(),
        ),
        K::Busy => (format!("{name} is busy and did not take the file"), "Try again in a minute".to_owned()),
        K::Redirect => (
            format!(
                "{name} answered with a redirect ({status}), which is never followed: the key would go along"
            ),
            "Check the service's address in the settings or the environment".to_owned(),
        ),
        K::AccountBroken => (
            format!("{service} lost its connection to {who}"),
            format!("Add the account again at {service}, then try again"),
        ),
        K::Unreadable => (
            match status {
                200..300 => "Sent, but the answer is too large to read: it may exist".to_owned(),
                _ => format!("Sent, but the answer ({status}) says nothing of it: it may exist"),
            },
            "Look whether it arrived before sending it again".to_owned(),
        ),
        _ => {
            (format!("{name} refused the upload ({status})"), "Read what it says, then try again".to_owned())
        }
    };
    let until = match kind {
        K::RateLimited => Some(now + hold(reply.retry_after.as_deref(), now)),
        K::Busy => reply.retry_after.as_deref().map(|after| now + hold(Some(after), now)),
        _ => None,
    };
    Failure { kind, message, said: words.text, next, until, support: words.cf_ray }
}

/// How long a 429 holds its destination: `Retry-After` as seconds or as a date, within reason.
pub fn hold(retry_after: Option<&str>, now: Timestamp) -> SignedDuration {
    let longest = SignedDuration::try_from(LONGEST_HOLD).unwrap_or(SignedDuration::MAX);
    let default = SignedDuration::try_from(DEFAULT_HOLD).unwrap_or(SignedDuration::ZERO);
    let Some(text) = retry_after.map(str::trim) else { return default };
    let wanted = if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        text.parse().map_or(longest, SignedDuration::from_secs)
    } else {
        match jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text) {
            Ok(date) => date.duration_since(now),
            Err(_) => default,
        }
    };
    wanted.clamp(SignedDuration::from_secs(1), longest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_read_in_both_forms_and_kept_within_reason() {
        let now: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
        let secs = |t| hold(t, now).as_secs();
        assert_eq!(secs(None), 30);
        assert_eq!(secs(Some("1800")), 1800);
        assert_eq!(secs(Some("Sun, 01 Mar 2026 12:10:00 GMT")), 600);
        assert_eq!(secs(Some("Sun, 01 Mar 2020 12:10:00 GMT")), 1);
        assert_eq!(secs(Some("0")), 1);
        assert_eq!(secs(Some("99999999999999999999999")), 86400);
        assert_eq!(secs(Some("99999999")), 86400);
        assert_eq!(secs(Some("-5")), 30);
        assert_eq!(secs(Some("soon")), 30);
    }
}
