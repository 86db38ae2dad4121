//! What a refusal means: one table from status and reason to a sentence and a next step, for every provider.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::http::{Reply, ReplyMessage};
use super::spec::{ErrorFact, ProviderSpec};
use crate::model::error::{Failure, FailureKind};
use crate::model::failures::{self, LOOK};

/// Held so long where a 429 names no time.
pub const DEFAULT_HOLD: Duration = Duration::from_secs(30);

/// No hold is longer, whatever `Retry-After` says.
pub const MAX_BACKOFF: Duration = Duration::from_hours(24);

/// Returns what a status means whatever was asked for: of the key, the plan and the way.
pub(super) fn kind_of_any(status: u16) -> Option<FailureKind> {
    Some(match status {
        300..=399 => FailureKind::Redirect,
        401 => FailureKind::WrongKey,
        402 => FailureKind::NoSubscription,
        403 => FailureKind::NotEligible,
        429 => FailureKind::RateLimited,
        511 => FailureKind::CaptivePortal,
        _ => return None,
    })
}

/// Returns what happened, for the kinds that mean the same of an upload and of a question; without a full stop.
pub(super) fn message_of_any(name: &str, kind: FailureKind, status: u16) -> Option<String> {
    Some(match kind {
        FailureKind::Redirect => {
            format!(
                "{name} answered with a redirect ({status}), which Hoist never follows: the key would go along"
            )
        }
        FailureKind::WrongKey => format!("{name} rejected the API key"),
        FailureKind::NoSubscription => format!("{name} reports no active subscription"),
        FailureKind::NotEligible => format!("{name} says the plan or the account does not allow uploads"),
        _ => return None,
    })
}

/// Returns what a status means. `reason` is the machine-readable one of the body.
pub fn kind(facts: &ProviderSpec, status: u16, words: &ReplyMessage) -> FailureKind {
    use FailureKind as K;
    let reason = words.reason.as_deref().unwrap_or_default();
    // Its own documents know better: first those that name the words.
    let of_status = || facts.errors.iter().filter(|e| e.status == status);
    let said = format!("{} {reason}", words.text.as_deref().unwrap_or_default());
    let by_words = of_status().find(|e| e.is_said(&said)).and_then(|e| e.means);
    let by_status = || of_status().find(|e| e.message.is_none()).and_then(|e| e.means);
    if let Some(kind) = by_words.or_else(by_status) {
        return kind;
    }
    match status {
        // Of 2xx only where the body was too large to read; the others are no answers to an upload at all.
        0..300 | 600.. => K::UnreadableAnswer,
        400 if reason.starts_with("PUBLIC_ERROR_") => K::Policy,
        400 => bad_request(words),
        404 if facts.account.option.is_some() => K::AccountNotFound,
        413 => K::TooLarge,
        415 => K::UnsupportedType,
        422 if facts.strip_option().is_some() => K::Provenance,
        422 => K::ContentMismatch,
        429 if is_quota(words) => K::Quota,
        500 => K::ProviderError,
        502 | 504 => K::Gateway,
        503 => K::Busy,
        596 => K::AccountBroken,
        _ => kind_of_any(status).unwrap_or(match status {
            501..=599 => K::ServerError,
            _ => K::Refused,
        }),
    }
}

/// Returns which of the things a 400 is documented for; no provider has a machine-readable reason for them.
fn bad_request(words: &ReplyMessage) -> FailureKind {
    let said = words.text.as_deref().unwrap_or_default().to_ascii_lowercase();
    let says = |parts: &[&str]| parts.iter().any(|part| said.contains(part));
    match () {
        () if says(&["is over ", "too large", "exceeds"]) => FailureKind::TooLarge,
        () if says(&["not supported", "unsupported"]) => FailureKind::UnsupportedType,
        () if says(&["not match", "mismatch"]) => FailureKind::ContentMismatch,
        () => FailureKind::BadRequest,
    }
}

/// Returns whether a refusal is that of a quota. Google says "check quota" of everything that is too much: only other
/// words, or a reason, say that it is the quota.
fn is_quota(words: &ReplyMessage) -> bool {
    let said = words.text.as_deref().unwrap_or_default().to_ascii_lowercase().replace("check quota", "");
    let reason = words.reason.as_deref().unwrap_or_default();
    (said.contains("quota") || reason.contains("QUOTA")) && !is_throttled(words)
}

/// Returns whether the provider itself slows an account down for a while.
fn is_throttled(words: &ReplyMessage) -> bool {
    words.reason.as_deref().is_some_and(|reason| reason.ends_with("_THROTTLED"))
}

/// Returns a refusal in words: what happened, what the provider said, what to do next.
pub fn failure(facts: &ProviderSpec, account: Option<&str>, reply: &Reply, now: Timestamp) -> Failure {
    use FailureKind as K;
    let words = reply.service_message();
    let kind = kind(facts, reply.status, &words);
    if kind == K::CaptivePortal {
        return failures::captive_portal(); // the words are the network's, not the provider's
    }
    let until = match kind {
        kind if kind.holds_account() => Some(now + retry_delay(reply, now)),
        K::Busy => reply.retry_after.as_ref().map(|_| now + retry_delay(reply, now)),
        _ => None,
    };
    let (message, next) = sentences(facts, account, kind, reply.status, &words);
    let next = documented(facts, reply.status, kind, &words).map_or(next, ToOwned::to_owned);
    let page = page(facts, kind).map(ToOwned::to_owned);
    Failure {
        until,
        support_id: words.cf_ray,
        help_url: page,
        ..Failure::new(kind, message, next).with_service_message(words.text)
    }
}

/// Returns what to do by the provider's own documents, where they have an example of the same.
fn documented(
    facts: &ProviderSpec,
    status: u16,
    kind: FailureKind,
    words: &ReplyMessage,
) -> Option<&'static str> {
    let said = words.text.as_deref().unwrap_or_default();
    let fits = |e: &&ErrorFact| e.status == status && (e.message.is_none() || e.is_said(said));
    facts.errors.iter().filter(fits).find_map(|e| {
        let example = ReplyMessage::read(e.body.as_bytes());
        let alike = self::kind(facts, status, &example) == kind
            && example.reason == words.reason
            && example.cf_ray.is_some() == words.cf_ray.is_some();
        e.next.filter(|_| alike)
    })
}

/// Returns the provider's own page where this can be put right.
fn page(facts: &ProviderSpec, kind: FailureKind) -> Option<&'static str> {
    match kind {
        FailureKind::AccountBroken | FailureKind::AccountNotFound => Some(facts.account.page),
        FailureKind::NoSubscription | FailureKind::NotEligible | FailureKind::Quota => {
            Some(facts.vendor.plan_page)
        }
        FailureKind::WrongKey => Some(facts.vendor.keys_page),
        _ => None,
    }
}

/// Returns what happened and what to do next, without full stops.
fn sentences(
    facts: &ProviderSpec,
    account: Option<&str>,
    kind: FailureKind,
    status: u16,
    words: &ReplyMessage,
) -> (String, String) {
    use FailureKind as K;
    let (name, vendor) = (facts.name, facts.vendor.name);
    let who = account.map_or_else(|| "the account".to_owned(), |a| format!("the account {a}"));
    let elsewhere = "or send it somewhere else";
    let of_any = |who| message_of_any(who, kind, status).unwrap_or_default();
    match kind {
        K::BadRequest => (
            format!("{name} rejected the file or an option"),
            format!("Read its message, change the file or the option and retry, {elsewhere}"),
        ),
        K::UnsupportedType => (
            format!("{name} doesn't accept this file type"),
            "Send it somewhere else, or save it as another type and retry".to_owned(),
        ),
        K::Policy => (
            format!("{name} rejected the content: it violates the content policy"),
            "Send it somewhere else, or use another file: sending this one there again changes nothing"
                .to_owned(),
        ),
        K::WrongKey => (of_any(vendor), "Replace key, then retry".to_owned()),
        K::NoSubscription => (of_any(vendor), format!("Renew the subscription at {vendor}, then retry")),
        K::NotEligible => (
            of_any(vendor),
            format!("Check the plan and the permissions of the key at {vendor}, {elsewhere}"),
        ),
        K::AccountNotFound => (
            format!("{name} does not know {who}"),
            format!("Send it to another account, or add this one at {vendor}"),
        ),
        K::TooLarge => (
            format!("{name} says the file is too large"),
            "Send it somewhere else, or make the file smaller and retry".to_owned(),
        ),
        K::Provenance => (
            format!("{name} doesn't accept images with AI-provenance metadata"),
            format!(
                "Strip and send (leave {} at true), {elsewhere}",
                facts.strip_option().map_or("its option", |option| option.key)
            ),
        ),
        K::ContentMismatch => (
            format!("{name} says the content does not match its type"),
            format!("Open the file to see whether it is whole, save it again and retry, {elsewhere}"),
        ),
        K::RateLimited => (
            format!("{name} is rate-limiting {who}"),
            "Retry, which waits until the limit ends, or send it to another account".to_owned(),
        ),
        K::Quota => (
            format!("{name} says the quota of {who} is used up"),
            format!("Send it to another account, look at the quota at {vendor}, or retry later"),
        ),
        K::ProviderError if words.cf_ray.is_some() => (
            format!("{name} returned an error, possibly from its moderation"),
            "Retry; if the error persists, use another file, or give the number to its support".to_owned(),
        ),
        K::ProviderError => (format!("{name} returned an error"), format!("Retry later, {elsewhere}")),
        K::Gateway => (
            format!("Sent, but a gateway gave up waiting for {name} ({status}): it may exist"),
            LOOK.to_owned(),
        ),
        K::ServerError => {
            (format!("Sent, but {name} failed while answering ({status}): it may exist"), LOOK.to_owned())
        }
        K::Busy => {
            (format!("{name} is busy and did not accept the file"), format!("Retry in a minute, {elsewhere}"))
        }
        K::Redirect => (
            of_any(name),
            format!("Check the address in {} and the proxy, then retry", facts.vendor.base().env),
        ),
        K::AccountBroken => (
            format!("{vendor} lost its connection to {who}"),
            format!("Add the account again at {vendor}, then retry"),
        ),
        K::UnreadableAnswer => (
            match status {
                200..300 => "Sent, but the answer is too large to read: it may exist".to_owned(),
                _ => format!("Sent, but the answer ({status}) has no result: it may exist"),
            },
            LOOK.to_owned(),
        ),
        _ => (
            format!("{name} refused the upload ({status})"),
            format!("Read its message and retry, {elsewhere}"),
        ),
    }
}

/// Returns how long an answer holds its destination: `Retry-After` as seconds or as a date, within reason. A date is
/// compared with the answer's own, since this computer's clock may be wrong by hours.
pub fn retry_delay(reply: &Reply, now: Timestamp) -> SignedDuration {
    let longest = SignedDuration::try_from(MAX_BACKOFF).unwrap_or(SignedDuration::MAX);
    let default = SignedDuration::try_from(DEFAULT_HOLD).unwrap_or(SignedDuration::ZERO);
    let Some(text) = reply.retry_after.as_deref().map(str::trim) else { return default };
    let wanted = if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        text.parse().map_or(longest, SignedDuration::from_secs)
    } else {
        let there = reply.date.as_deref().and_then(date).unwrap_or(now);
        date(text).map_or(default, |date| date.duration_since(there))
    };
    wanted.clamp(SignedDuration::from_secs(1), longest)
}

/// Returns a date of HTTP, in each of the three forms that a server may use.
fn date(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let usual = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok();
    usual.or_else(|| {
        let forms = ["%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"];
        let read =
            |form| jiff::civil::DateTime::strptime(form, text).ok()?.to_zoned(jiff::tz::TimeZone::UTC).ok();
        forms.into_iter().find_map(read).map(|time| time.timestamp())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_provider_says_decides_where_its_file_names_the_words() {
        let facts = crate::provider::by_id("imgbb").unwrap().facts();
        let means = |said: &str| {
            let body = format!("{{\"status_code\":400,\"error\":{{\"message\":\"{said}\",\"code\":100}}}}");
            kind(facts, 400, &ReplyMessage::read(body.as_bytes()))
        };
        assert_eq!(means("Invalid API v1 key."), FailureKind::WrongKey);
        assert_eq!(means("RATE LIMIT reached."), FailureKind::RateLimited);
        assert_eq!(means("Empty upload source."), FailureKind::BadRequest);
    }

    #[test]
    fn a_status_that_is_no_refusal_leaves_open_what_became_of_the_file() {
        let facts = crate::provider::by_id("piapi").unwrap().facts();
        for status in [0, 101, 200, 299, 600, 999] {
            assert_eq!(
                kind(facts, status, &ReplyMessage::default()),
                FailureKind::UnreadableAnswer,
                "{status}"
            );
        }
        for (status, expected) in [
            (300, FailureKind::Redirect),
            (399, FailureKind::Redirect),
            (418, FailureKind::Refused),
            (501, FailureKind::ServerError),
            (599, FailureKind::ServerError),
        ] {
            assert_eq!(kind(facts, status, &ReplyMessage::default()), expected, "{status}");
        }
    }

    #[test]
    fn retry_after_is_read_in_both_forms_and_kept_within_reason() {
        let now: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
        let reply = |after: Option<&str>, date: Option<&str>| Reply {
            retry_after: after.map(ToOwned::to_owned),
            date: date.map(ToOwned::to_owned),
            ..Reply::default()
        };
        let secs = |after| retry_delay(&reply(after, None), now).as_secs();
        assert_eq!(secs(None), 30);
        assert_eq!(secs(Some("1800")), 1800);
        assert_eq!(secs(Some("Sun, 01 Mar 2026 12:10:00 GMT")), 600);
        assert_eq!(secs(Some("Sun, 01 Mar 2020 12:10:00 GMT")), 1);
        assert_eq!(secs(Some("0")), 1);
        assert_eq!(secs(Some("99999999999999999999999")), 86400);
        assert_eq!(secs(Some("99999999")), 86400);
        assert_eq!(secs(Some("-5")), 30);
        assert_eq!(secs(Some("soon")), 30);
        assert_eq!(secs(Some("Sunday, 01-Mar-26 12:10:00 GMT")), 600);
        assert_eq!(secs(Some("Sun Mar  1 12:10:00 2026")), 600);
        // The clock here is two hours behind, or days ahead: what counts is the time between the answer's own dates.
        for date in ["Sun, 01 Mar 2026 14:00:00 GMT", "Sun, 22 Feb 2026 14:00:00 GMT"] {
            let after = date.replace("14:00:00", "14:01:30");
            assert_eq!(retry_delay(&reply(Some(&after), Some(date)), now).as_secs(), 90, "{date}");
            assert_eq!(retry_delay(&reply(Some("45"), Some(date)), now).as_secs(), 45, "{date}");
        }
        let after = reply(Some("Sun, 01 Mar 2026 12:10:00 GMT"), Some("nonsense"));
        assert_eq!(retry_delay(&after, now).as_secs(), 600);
    }
}
