//! What comes back: refusals, redirects, too much, and keys that a service repeats.

use std::time::Duration;

use crate::support::server::{Answer, Reaction, Server};
use crate::support::{
    Rig, by_id, escaped, every_provider, failure, fixture, key_of, status, success, to, to_account,
    tries_of_unknown,
};
use hoist::model::destination::Destination;
use hoist::model::error::FailureKind;
use hoist::model::upload::State;
use hoist::provider::Provider;
use hoist::provider::spec::{ProviderSpec, ValueKind};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::providers::going_out::PROJECT;
use crate::providers::successes::{REFUSALS, understood};

// ---- What comes back: refusals ----

/// What a status means: the table in "Refusals: one meaning each".
fn meaning(facts: &ProviderSpec, status: u16, body: &str) -> FailureKind {
    match status {
        400 if body.contains("PUBLIC_ERROR_") => FailureKind::Policy,
        400 if body.contains("is over") => FailureKind::TooLarge,
        400 | 415 if status == 415 || body.contains("not supported") => FailureKind::UnsupportedType,
        400 => FailureKind::BadRequest,
        401 => FailureKind::WrongKey,
        402 => FailureKind::NoSubscription,
        403 => FailureKind::NotEligible,
        404 if facts.account.option.is_some() => FailureKind::AccountNotFound,
        413 => FailureKind::TooLarge,
        422 if facts.id == "flow-music" => FailureKind::Provenance,
        422 => FailureKind::ContentMismatch,
        429 => FailureKind::RateLimited,
        500 => FailureKind::ProviderError,
        502 | 504 => FailureKind::Gateway,
        503 => FailureKind::Busy,
        596 => FailureKind::AccountBroken,
        300..400 => FailureKind::Redirect,
        501.. => FailureKind::ServerError,
        _ => FailureKind::Refused,
    }
}

/// Where an upload must end for a status.
fn ends_well(state: &State, status: u16) -> bool {
    match status {
        401 | 429 | 596 => matches!(state, State::Held(_)),
        500 | 503 => matches!(state, State::Refused(_)),
        501.. => matches!(state, State::Unknown(_)),
        _ => matches!(state, State::Refused(_)),
    }
}

/// Sends a small file to a server that answers so, and counts what it was sent.
fn answered(provider: &Provider, answer: &Answer, status: u16) -> State {
    let server = Server::always(Reaction::Answer(answer.clone()));
    // How rate limits are waited for is tested in tests/waiting.rs: here, they end the upload at once.
    let mut rig = Rig::with(&server.origin(), |c| {
        c.longest_hold = (status == 429).then_some(Duration::ZERO);
    });
    let state = rig.send_small(&to_account_if_any(provider));
    let bodies = match status {
        503 => 3,                                             // not accepted, so it is tried again twice
        501.. if status != 596 => tries_of_unknown(provider), // it may exist
        _ => 1,                                               // an answer for good
    };
    assert_eq!((server.requests().len(), server.whole_bodies()), (bodies, bodies), "{status}: {state:?}");
    state
}

fn to_account_if_any(provider: &Provider) -> Destination {
    match provider.facts().account.option.map(|a| a.form) {
        Some(ValueKind::Uuid) => to_account(provider, PROJECT),
        Some(_) => to_account(provider, "jane@example.com"),
        None => to(provider),
    }
}

#[test]
fn documented_refusals_mean_what_the_documents_say_in_the_providers_own_words() {
    for (id, name, retry_after, kind, words) in REFUSALS {
        let body = fixture(id, name);
        let mut answer = Answer::new(status(name), body.clone());
        if let Some(seconds) = retry_after {
            answer = answer.header("retry-after", *seconds);
        }
        let state = answered(by_id(id), &answer, status(name));
        assert!(ends_well(&state, status(name)), "{id} {name}: {state:?}");
        let failure = failure(&state);
        assert_eq!((failure.kind, failure.service_message.as_deref()), (*kind, Some(*words)), "{id} {name}");
        assert!(!failure.message.is_empty() && !failure.hint.is_empty(), "{failure:?}");
        assert_eq!(failure.support_id.is_some(), body.contains("cf_ray"), "{failure:?}");
        assert!(failure.support_id.as_ref().is_none_or(|ray| ray == "a05b815ef02cf9cc-SJC"));
    }
}

#[test]
fn every_refusal_in_the_table_of_facts_is_understood() {
    for provider in every_provider() {
        let facts = provider.facts();
        assert!(!facts.errors.is_empty());
        for error in facts.errors {
            let mut answer = Answer::new(error.status, error.body);
            if let Some(seconds) = error.retry_after {
                answer = answer.header("retry-after", seconds.to_string());
            }
            let asked = Timestamp::now();
            let state = answered(provider, &answer, error.status);
            let failure = failure(&state);
            assert_eq!(failure.kind, meaning(facts, error.status, error.body), "{} {}", facts.id, error.body);
            assert!(ends_well(&state, error.status), "{} {}: {state:?}", facts.id, error.status);
            let json: Value = serde_json::from_str(error.body).unwrap();
            let said = failure.service_message.as_deref().unwrap();
            assert!(texts(&json).iter().any(|t| said.starts_with(t.as_str())), "{said} of {json}");
            assert!(!failure.hint.is_empty());
            if let Some(seconds) = error.retry_after {
                let held = failure.until.unwrap().duration_since(asked).as_secs();
                assert!((i64::from(seconds)..i64::from(seconds) + 100).contains(&held), "{held}");
            }
        }
    }
}

/// Every text in a JSON value.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Object(map) => map.values().flat_map(texts).collect(),
        _ => vec![],
    }
}

#[rustfmt::skip]
const STATUSES: [u16; 26] = [
    300, 301, 302, 303, 307, 308, 400, 401, 402, 403, 404, 409, 413, 415, 418, 422, 429, 500, 501, 502, 503,
    504, 505, 520, 596, 599,
];

/// Bodies of every documented shape, and what a person is to read of each.
const SHAPES: [(&str, Option<&str>); 9] = [
    (r#"{"error":"Not today"}"#, Some("Not today")),
    (r#"{"error":"Not today","code":499}"#, Some("Not today")),
    (r#"{"error":"Not today","code":"WORD"}"#, Some("Not today")),
    (r#"{"error":{"code":499,"message":"Not today","status":"NO"}}"#, Some("Not today")),
    (r#"{"code":499,"message":"Not today"}"#, Some("Not today")),
    (r#"{"type":"T","title":"No","status":499,"detail":"Not today","errorCode":"X"}"#, Some("Not today")),
    ("Not today\n", Some("Not today")),
    ("<html><head><title>x</title></head><h1>Not</h1>\r\n<p>today</p></html>", Some("Not today")),
    ("", None),
];

#[test]
fn every_status_has_one_meaning_whatever_the_shape_of_its_body() {
    for provider in every_provider() {
        for status in STATUSES {
            for (body, words) in SHAPES {
                let failure = understood(provider, status, body.as_bytes()).unwrap_err();
                assert_eq!(failure.kind, meaning(provider.facts(), status, body), "{status} {body}");
                assert_eq!(failure.service_message.as_deref(), words, "{status} {body}");
                assert!(!failure.message.is_empty() && !failure.hint.is_empty(), "{failure:?}");
                assert_eq!(failure.until.is_some(), status == 429, "{failure:?}");
            }
        }
    }
}

#[test]
fn every_status_ends_in_its_state_over_a_real_connection() {
    std::thread::scope(|scope| {
        for provider in every_provider() {
            scope.spawn(move || {
                for (n, status) in STATUSES.into_iter().enumerate() {
                    let (body, words) = SHAPES[n % SHAPES.len()];
                    let state = answered(provider, &Answer::new(status, body), status);
                    let failure = failure(&state);
                    assert_eq!(failure.kind, meaning(provider.facts(), status, body), "{status}");
                    assert_eq!(failure.service_message.as_deref(), words, "{status}");
                    assert!(ends_well(&state, status), "{} {status}: {state:?}", provider.facts().id);
                }
            });
        }
    });
}

#[test]
fn a_rate_limit_holds_as_long_as_the_provider_says_and_30_seconds_where_it_says_nothing() {
    let date = |seconds| {
        let at = Timestamp::now() + SignedDuration::from_secs(seconds);
        jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&at).unwrap()
    };
    for (retry_after, seconds) in [(None, 30), (Some("7".into()), 7), (Some(date(600)), 600)] {
        let mut answer = Answer::new(429, r#"{"error":"Slow down"}"#);
        if let Some(value) = &retry_after {
            answer = answer.header("retry-after", value.as_str());
        }
        let asked = Timestamp::now();
        let state = answered(by_id("flow-music"), &answer, 429);
        let held = failure(&state).until.unwrap().duration_since(asked).as_secs();
        assert!((seconds - 5..seconds + 100).contains(&held), "{retry_after:?}: {held}");
    }
}

#[test]
fn a_redirect_is_never_followed() {
    for provider in every_provider() {
        for status in [301, 302, 303, 307, 308] {
            let elsewhere = Server::always(Reaction::Answer(success(provider)));
            let location = format!("{}{}", elsewhere.origin(), provider.facts().request.path);
            let answer = Answer::new(status, "").header("location", location);
            let state = answered(provider, &answer, status);
            assert_eq!(failure(&state).kind, FailureKind::Redirect, "{} {status}", provider.facts().id);
            assert!(matches!(state, State::Refused(_)));
            assert_eq!(elsewhere.connections(), 0, "{} {status}", provider.facts().id);
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn an_answer_of_200_megabytes_is_of_unknown_outcome_and_is_not_kept() {
    use crate::support::most_memory;
    use hoist::model::text::MB;
    let before = most_memory();
    for provider in every_provider() {
        let server = Server::always(Reaction::EndlessBody(200 * MB));
        let state = Rig::new(&server).send_small(&to(provider));
        assert!(matches!(state, State::Unknown(_)), "{state:?}");
        assert_eq!(failure(&state).kind, FailureKind::UnreadableAnswer);
        assert_eq!(server.whole_bodies(), tries_of_unknown(provider));
    }
    let grown = most_memory() - before;
    assert!(grown < 128 * MB, "{grown} bytes"); // other tests run beside this one
}

// ---- Keys ----

#[test]
fn a_key_that_a_provider_repeats_is_seen_nowhere() {
    const EVERYWHERE: &str = r#"{"id":"x KEY","url":"https://x/KEY","kind":"KEY","email":"KEY","job_id":"KEY","audio_upload_id":"KEY",
        "status":"KEY","KEY":"KEY","list":["KEY"],"width":1,"media":{"name":"KEY"},"mediaGenerationId":{"mediaGenerationId":"KEY"},
        "data":{"url":"https://x/KEY","assetId":"KEY","fileUrl":"KEY","fileKey":"KEY","filename":"KEY"}}"#;
    const BODIES: [&str; 9] = [
        EVERYWHERE,
        r#"{"error":"The key KEY is not known"}"#,
        r#"{"error":{"message":"KEY","details":[{"reason":"PUBLIC_ERROR_KEY"}]}}"#,
        r#"{"error":"No","upstream":{"cf_ray":"KEY"}}"#,
        r#"{"code":400,"message":"KEY"}"#,
        r#"{"title":"No","detail":"KEY","errorCode":"KEY"}"#,
        "The key KEY is not known",
        "<html><body>KEY</body></html>",
        "\"KEY\"",
    ];
    for provider in every_provider() {
        let key = key_of(provider.facts().vendor);
        for status in [200, 400, 401, 403, 429, 500, 502] {
            for body in BODIES {
                for key_there in [key.clone(), escaped(&key)] {
                    let body = body.replace("KEY", &key_there);
                    let server = Server::always(Reaction::Answer(Answer::new(status, body.clone())));
                    let mut rig = Rig::with(&server.origin(), |c| {
                        (c.poll_for, c.longest_hold) = (Duration::ZERO, Some(Duration::ZERO));
                    });
                    let path = rig.small(provider);
                    let id = rig.send(&path, &to(provider));
                    rig.end(id);
                    let told = format!("{:?} {:?}", rig.events(id), rig.state(id));
                    assert!(!told.contains(&key), "{} {status} {body}: {told}", provider.facts().id);
                }
            }
        }
    }
}
