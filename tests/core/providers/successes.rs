//! What comes back: successes, and what is worked on after the upload.

use std::collections::BTreeMap;
use std::path::Path;

use crate::support::server::{Answer, Gate, Reaction, Server};
use crate::support::{
    Rig, by_id, every_provider, first_type, fixture, receipt, spec, status, to, to_account,
};
use hoist::model::error::{Failure, FailureKind};
use hoist::model::upload::Event;
use hoist::provider::http::Reply;
use hoist::provider::{Provider, Step};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::providers::going_out::key_header;

// ---- What comes back: successes ----

/// A documented success: provider and fixture; then id, link, some values as people copy them, and how many warnings.
type Success<'a> = (&'a str, &'a str, Option<&'a str>, Option<&'a str>, &'a [(&'a str, &'a str)], usize);

const JOB: &str = "a5d2d4a4-6bca-501a-9c53-2f18a7a4eb00";

#[rustfmt::skip]
const SUCCESSES: &[Success<'_>] = &[
    ("flow-music", "200-image.json", Some("user:jane@example.com:34cd56ef-..."), Some("https://storage.googleapis.com/..."),
        &[("kind", "image"), ("assetType", "image"), ("email", "jane@example.com"), ("metadata_stripped", "true")], 0),
    ("flow-music", "200-audio.json", Some("user:jane@example.com:34cd56ef-0000"), Some("https://storage.googleapis.com/..."),
        &[("kind", "audio"), ("clip_id", "clip-1"), ("operation_id", "operation-1"), ("is_flagged", "false"), ("duration_s", "12.5")], 0),
    ("flow-music", "200-audio-nulls.json", Some("user:jane@example.com:34cd56ef-0000"), Some("https://storage.googleapis.com/..."), &[("kind", "audio")], 0),
    ("flow-music", "200-audio-flagged.json", Some("user:jane@example.com:34cd56ef-0000"), Some("https://storage.googleapis.com/..."), &[("is_flagged", "true")], 1),
    ("google-flow", "200-image.json", Some("user:12345-email:6a6f...-image:ff9aa5cc-...redacted..."), None,
        &[("mediaGenerationId", "user:12345-email:6a6f...-image:ff9aa5cc-...redacted..."), ("width", "1024"), ("height", "1024"), ("email", "jo***@gmail.com")], 0),
    ("google-flow", "200-video.json", Some("user:12345-email:6a6f...-video:07c542b0-...redacted..."), None,
        &[("durationSeconds", "11.94"), ("endFrameIndex_1", "240"), ("width", "1280"), ("height", "720")], 0),
    ("riffusion", "200.json", Some(JOB), None, &[("job_id", JOB)], 0),
    ("riffusion", "200-later.json", Some(JOB), None, &[("job_id", JOB), ("audio_upload_id", "b5d2d4a4-0000"), ("is_flagged", "false")], 0),
    ("riffusion", "200-pending.json", Some(JOB), None, &[("job_id", JOB), ("status", "pending")], 0),
    ("riffusion", "200-complete.json", Some(JOB), None, &[("job_id", JOB), ("status", "complete")], 0),
    ("riffusion", "200-completed.json", Some(JOB), None, &[("job_id", JOB), ("status", "completed")], 0),
    ("riffusion", "200-failed.json", Some(JOB), None, &[("job_id", JOB), ("status", "failed")], 1),
    ("piapi", "200.json", None, Some("https://example.com/example.png"), &[("url", "https://example.com/example.png")], 0),
    ("piapi", "200-top-level-url.json", None, Some("https://example.com/example.png"), &[("url", "https://example.com/example.png")], 0),
    ("indream", "201.json", Some("9179b887-04ef-4ce5-ab3a-b5bbd39ea3c8"), Some("string"),
        &[("assetId", "9179b887-04ef-4ce5-ab3a-b5bbd39ea3c8"), ("fileUrl", "string"), ("fileKey", "string"), ("filename", "string"), ("size", "0")], 0),
    ("indream", "201-nulls.json", Some("9179b887-04ef-4ce5-ab3a-b5bbd39ea3c8"), Some("string"), &[("fileKey", "string")], 0),
];

/// A documented refusal: provider, fixture, `Retry-After`; then what it means and the service's words.
#[rustfmt::skip]
pub(crate) const REFUSALS: &[(&str, &str, Option<&str>, FailureKind, &str)] = &[
    ("flow-music", "400-content-type.json", None, FailureKind::UnsupportedType, "Content-Type (application/octet-stream) not supported. Valid values: image/jpeg, image/png, ..."),
    ("flow-music", "500-moderation.json", None, FailureKind::ProviderError, "Upload failed (HTTP 500): FlowMusic: \"Internal Server Error\""),
    ("flow-music", "596.json", None, FailureKind::AccountBroken, "Account jane@example.com in error state: refresh token rejected"),
    ("google-flow", "400-too-large.json", None, FailureKind::TooLarge, "File size (25165824) is over 20971520 bytes"),
    ("google-flow", "400-policy.json", None, FailureKind::Policy, "Request contains an invalid argument. (PUBLIC_ERROR_TRUMP_FACE_DETECTED)"),
    ("google-flow", "401.json", None, FailureKind::WrongKey, "Unauthorized"),
    ("google-flow", "404.json", None, FailureKind::AccountNotFound, "Google Flow account jane@example.com not found"),
    ("google-flow", "429.json", Some("1800"), FailureKind::RateLimited, "Resource has been exhausted (e.g. check quota). (PUBLIC_ERROR_USER_REQUESTS_THROTTLED)"),
    ("google-flow", "596.json", None, FailureKind::AccountBroken, "Failed to refresh session: 500 Internal Server Error"),
    ("riffusion", "400.json", None, FailureKind::BadRequest, "<Error message>"),
    ("riffusion", "401.json", None, FailureKind::WrongKey, "Unauthorized"),
    ("riffusion", "596.json", None, FailureKind::AccountBroken, "Your Riffusion account has pending error. Please address this issue at https://useapi.net/docs/api-riffusion-v1/post-riffusion-accounts before making any new API calls."),
    ("piapi", "400.json", None, FailureKind::BadRequest, "Invalid request parameters"),
    ("piapi", "403.json", None, FailureKind::NotEligible, "Insufficient plan level"),
    ("indream", "403.json", None, FailureKind::NotEligible, "The current account is not eligible for this Open API route"),
];

#[test]
fn every_provider_has_fixtures_and_every_fixture_is_tested() {
    for provider in every_provider() {
        let id = provider.facts().id;
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(id);
        let mut names: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        let successes = SUCCESSES.iter().filter(|s| s.0 == id).map(|s| s.1);
        let mut tested: Vec<_> =
            successes.chain(REFUSALS.iter().filter(|r| r.0 == id).map(|r| r.1)).collect();
        names.sort();
        tested.sort_unstable();
        assert_eq!(names, tested, "{id}");
        assert!(SUCCESSES.iter().any(|s| s.0 == id) && REFUSALS.iter().any(|r| r.0 == id), "{id}");
    }
}

#[test]
fn documented_successes_give_the_id_the_link_and_the_values() {
    for (id, name, asset, url, values, warnings) in SUCCESSES {
        let provider = by_id(id);
        let body = fixture(id, name);
        let answer = Answer::new(status(name), body.clone());
        let server = Server::always(Reaction::Answer(answer));
        let mut rig = Rig::new(&server);
        let path = rig.small(provider);
        let upload = rig.send(&path, &to(provider));
        rig.until("a receipt", |rig| rig.state(upload).receipt().is_some());
        let now = Timestamp::now();
        let receipt = rig.state(upload).receipt().unwrap();
        assert_eq!((receipt.id.as_deref(), receipt.url.as_deref()), (*asset, *url), "{id} {name}");
        assert_eq!(receipt.first(), asset.or(*url).unwrap(), "{id} {name}");
        for (value, text) in *values {
            assert_eq!(receipt.value(value).as_deref(), Some(*text), "{id} {name} {value}");
        }
        assert!(receipt.values.iter().all(|(_, v)| !v.is_null() && v != ""), "{:?}", receipt.values);
        assert_eq!(receipt.warnings.len(), *warnings, "{:?}", receipt.warnings);
        assert_eq!(receipt.response.value(), serde_json::from_str::<Value>(&body).unwrap(), "kept whole");
        match provider.facts().terms.retention {
            Some(lives) => {
                let left = receipt.expires.unwrap().duration_since(now);
                let lives = SignedDuration::try_from(lives).unwrap();
                assert!(left <= lives && left > lives - SignedDuration::from_mins(3), "{left}");
            }
            None => assert_eq!(receipt.expires, None),
        }
    }
    let lives: Vec<_> = every_provider()
        .into_iter()
        .filter_map(|p| Some((p.facts().id, p.facts().terms.retention?.as_secs())))
        .collect();
    assert_eq!(lives, [("piapi", 24 * 60 * 60)]);
}

/// What an answer means to a provider, without a socket.
pub(crate) fn understood(provider: &Provider, status: u16, body: &[u8]) -> Result<Step, Box<Failure>> {
    let options = BTreeMap::new();
    let media = first_type(provider);
    let outgoing = spec("f", media, &options);
    let reply = Reply { status, body: body.to_vec(), ..Reply::default() };
    let step = provider.reply(provider.steps() - 1, &outgoing, &reply, Timestamp::UNIX_EPOCH);
    if let Ok(Step::Done(receipt) | Step::Poll { receipt, .. }) = &step {
        assert!(!receipt.first().trim().is_empty(), "{receipt:?}");
        assert!(receipt.id.as_ref().is_none_or(|id| !id.trim().is_empty()), "{receipt:?}");
        assert!(receipt.url.as_ref().is_none_or(|url| !url.trim().is_empty()), "{receipt:?}");
    }
    step
}

fn kind_of(provider: &Provider, status: u16, body: &[u8]) -> Option<FailureKind> {
    understood(provider, status, body).err().map(|failure| failure.kind)
}

#[test]
fn a_success_that_is_cut_off_anywhere_is_of_unknown_outcome() {
    for (id, name, ..) in SUCCESSES {
        let (provider, body) = (by_id(id), fixture(id, name));
        assert_eq!(kind_of(provider, status(name), body.as_bytes()), None);
        for end in 0..body.len() {
            let kind = kind_of(provider, status(name), &body.as_bytes()[..end]);
            assert_eq!(kind, Some(FailureKind::UnreadableAnswer), "{id} {name} {end}");
        }
    }
}

#[test]
fn a_success_that_says_nothing_is_of_unknown_outcome_and_one_that_says_an_error_is_refused() {
    #[rustfmt::skip]
    let unknown: [&[u8]; 19] = [
        b"", b"  \r\n", b"{}", b"[]", b"[{\"id\":\"x\",\"job_id\":\"x\"}]", b"null", b"true", b"1", b"\"\"",
        b"\"ok\"", b"OK", b"<!doctype html><html><body>Welcome to the hotel's network</body></html>",
        b"\xff\xfe\x00{", b"{\"data\":null}", b"{\"data\":[],\"media\":{},\"mediaGenerationId\":\"x\"}",
        b"{\"error\":null}", b"{\"code\":200,\"message\":\"success\"}", b"{\"code\":0}",
        b"{\"error\":\"\"}",
    ];
    let refused: [(&str, &str); 5] = [
        (r#"{"error":"No such luck"}"#, "No such luck"),
        (r#"{"error":{"message":"No such luck","code":400}}"#, "No such luck"),
        (r#"{"error":"No such luck","id":null,"url":"","data":{"url":"","assetId":""}}"#, "No such luck"),
        (r#"{"code":400,"message":"No such luck"}"#, "No such luck"),
        (r#"{"code":10001,"message":"No such luck","data":null}"#, "No such luck"),
    ];
    for provider in every_provider() {
        let name = provider.facts().id;
        for status in [200, 201, 202, 204, 299] {
            for body in unknown {
                let kind = kind_of(provider, status, body);
                assert_eq!(
                    kind,
                    Some(FailureKind::UnreadableAnswer),
                    "{name} {}",
                    String::from_utf8_lossy(body)
                );
            }
            for (body, words) in refused {
                let failure = understood(provider, status, body.as_bytes()).unwrap_err();
                assert_eq!(failure.kind, FailureKind::Refused, "{name} {body}");
                assert_eq!(failure.service_message.as_deref(), Some(words), "{name} {body}");
                assert!(!failure.hint.is_empty());
            }
        }
    }
}

/// Where a provider's ids and links stand.
fn ids(provider: &str) -> &'static [&'static str] {
    match provider {
        "flow-music" => &["/id", "/url"],
        "google-flow" => &["/mediaGenerationId/mediaGenerationId"],
        "riffusion" => &["/job_id", "/id"],
        "piapi" => &["/data/url", "/url"],
        "indream" => &["/data/assetId", "/data/fileUrl"],
        other => panic!("where are the ids of {other}?"),
    }
}

#[test]
fn an_id_that_is_empty_or_no_text_is_no_id() {
    let odd =
        [json!(""), json!(" \t\n"), json!(null), json!(7), json!(1.5), json!([]), json!({}), json!(true)];
    for (id, name, ..) in SUCCESSES {
        for value in &odd {
            let mut body: Value = serde_json::from_str(&fixture(id, name)).unwrap();
            for pointer in ids(id) {
                if let Some(slot) = body.pointer_mut(pointer) {
                    *slot = value.clone();
                }
            }
            let kind = kind_of(by_id(id), status(name), body.to_string().as_bytes());
            assert_eq!(kind, Some(FailureKind::UnreadableAnswer), "{id} {name} {body}");
            // Only one of two: the other is enough, and the first is not shown empty.
            let mut body: Value = serde_json::from_str(&fixture(id, name)).unwrap();
            if let Some(slot) = body.pointer_mut(ids(id)[0]) {
                *slot = value.clone();
            }
            let step = understood(by_id(id), status(name), body.to_string().as_bytes());
            let other = ids(id).iter().skip(1).any(|p| body.pointer(p).is_some());
            assert_eq!(step.is_ok(), other, "{id} {name} {body}");
        }
    }
}

#[test]
fn the_last_frame_of_a_video_edit_is_24_a_second_up_to_240() {
    for (seconds, frames) in [
        (json!(1.0), "24"),
        (json!(2.02), "48"),
        (json!(2.03), "49"),
        (json!(10), "240"),
        (json!(600), "240"),
    ] {
        let body = json!({ "mediaGenerationId": { "mediaGenerationId": "x" }, "durationSeconds": seconds });
        let Ok(Step::Done(receipt)) = understood(by_id("google-flow"), 200, body.to_string().as_bytes())
        else {
            panic!("{body}")
        };
        assert_eq!(receipt.value("endFrameIndex_1").as_deref(), Some(frames));
    }
}

// ---- Riffusion works on a file after the upload ----

/// A server that takes an upload and then answers what it is asked, the last of it for ever.
fn polled(answers: Vec<Answer>) -> Server {
    Server::start(move |request, n| {
        assert_eq!(request.method, if n == 0 { "POST" } else { "GET" });
        Reaction::Answer(answers[n.min(answers.len() - 1)].clone())
    })
}

fn riffusion(name: &str) -> Answer {
    Answer::new(status(name), fixture("riffusion", name))
}

#[test]
fn an_upload_that_is_worked_on_is_asked_for_until_it_is_finished() {
    for (last, warnings) in [("200-complete.json", 0), ("200-completed.json", 0), ("200-failed.json", 1)] {
        let server = polled(
            ["200.json", "200-pending.json", "200-pending.json", last].into_iter().map(riffusion).collect(),
        );
        let mut rig = Rig::new(&server);
        let destination = to_account(by_id("riffusion"), "user 7");
        let path = rig.small(by_id("riffusion"));
        let id = rig.send(&path, &destination);
        let state = rig.end(id);
        assert_eq!(receipt(&state).id.as_deref(), Some(JOB));
        assert_eq!(receipt(&state).warnings.len(), warnings, "{state:?}");
        let requests = server.requests();
        assert_eq!(requests.len(), 4, "{requests:?}");
        for poll in &requests[1..] {
            let target = format!("/v1/riffusion/music/upload-audio/?id={JOB}&user_id=user%207");
            assert_eq!((poll.target.as_str(), poll.body_len), (target.as_str(), 0));
            let (name, key) = key_header(by_id("riffusion").facts(), &BTreeMap::new());
            assert_eq!(poll.header(name), Some(key.as_str()));
            assert_eq!((poll.header("content-type"), poll.header("transfer-encoding")), (None, None));
        }
        let first = rig.events(id).into_iter().position(|e| matches!(e, Event::Processing(_))).unwrap();
        assert_eq!(rig.events(id).len(), first + 4, "{:?}", rig.events(id));
    }
}

#[test]
fn trouble_while_asking_is_asked_again_and_never_loses_the_id() {
    let trouble = [429, 500, 502, 503, 504, 520].map(|status| Answer::new(status, "busy"));
    let mut answers = vec![riffusion("200.json")];
    answers.extend(trouble);
    answers.push(Answer::new(200, "<html>"));
    answers.push(riffusion("200-complete.json"));
    let count = answers.len();
    let server = polled(answers);
    let state = Rig::new(&server).send_small(&to(by_id("riffusion")));
    assert_eq!(receipt(&state).id.as_deref(), Some(JOB));
    assert_eq!((server.requests().len(), server.whole_bodies()), (count, 1));

    for status in [400, 401, 404, 596] {
        let server = polled(vec![riffusion("200.json"), Answer::new(status, r#"{"error":"Sorry"}"#)]);
        let state = Rig::new(&server).send_small(&to(by_id("riffusion")));
        let known = state.receipt().expect("the id is kept");
        assert_eq!(known.id.as_deref(), Some(JOB), "{status}");
        assert_eq!(known.warnings.len(), 1, "{status}: it is said");
        // A wrong key or a broken account says nothing of the asset: it can be looked at again.
        assert_eq!(state.is_resting(), matches!(status, 401 | 596), "{status}: {state:?}");
    }
}

#[test]
fn an_answer_that_names_only_its_status_keeps_the_id_and_what_the_first_one_named() {
    let server = polled(vec![riffusion("200-later.json"), Answer::new(200, r#"{"status":"completed"}"#)]);
    let first: serde_json::Value = serde_json::from_str(&fixture("riffusion", "200-later.json")).unwrap();
    let state = Rig::new(&server).send_small(&to(by_id("riffusion")));
    let receipt = receipt(&state);
    assert_eq!(receipt.id.as_deref(), first["id"].as_str());
    assert_eq!(receipt.value("audio_upload_id").as_deref(), first["audio_upload_id"].as_str());
    assert_eq!(receipt.value("status").as_deref(), Some("completed"));
}

#[test]
fn what_takes_too_long_rests_with_its_id_and_can_be_looked_at_again() {
    let ready = Gate::default();
    let (pending, complete) = (riffusion("200-pending.json"), riffusion("200-complete.json"));
    let finished = ready.clone();
    let server = Server::start(move |request, _| {
        let answer = if request.method == "GET" && finished.is_open() { &complete } else { &pending };
        Reaction::Answer(answer.clone())
    });
    for poll in [true, false] {
        let mut rig = Rig::with(&server.origin(), |config| config.poll_for = std::time::Duration::ZERO);
        let path = rig.small(by_id("riffusion"));
        let mut job = rig.job(&path, &to(by_id("riffusion")));
        job.poll = poll;
        let id = rig.submit(job.clone());
        let state = rig.end(id);
        assert!(state.is_resting(), "{state:?}");
        assert_eq!(state.receipt().and_then(|r| r.id.clone()).as_deref(), Some(JOB));
        ready.open();
        rig.look_again(job);
        assert_eq!(receipt(&rig.end(id)).value("status").as_deref(), Some("complete"));
    }
    assert_eq!(server.whole_bodies(), 2, "looking again sends nothing again");
}
