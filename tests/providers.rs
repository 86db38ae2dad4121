//! One suite that every provider must pass, over real sockets: what goes out, what each reply means, what is refused.
//! The documents' own examples are in `fixtures/`.

#![allow(clippy::unwrap_used)] // a test that cannot go on has failed

mod support;

use std::collections::BTreeMap;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hoist::model::destination::Destination;
use hoist::model::error::{Failure, FailureKind};
use hoist::model::media::{FileFacts, Media, Recognised};
use hoist::model::queue::Gravity;
use hoist::model::text::MB;
use hoist::model::upload::{Event, State};
use hoist::provider::facts::{Auth, BodyForm, Facts, Form};
use hoist::provider::http::{Body, Reply, Request};
use hoist::provider::{self, Outgoing, Provider, Step, check};
use jiff::{SignedDuration, Timestamp};
use percent_encoding::percent_decode_str;
use proptest::prelude::*;
use serde_json::{Value, json};
use support::server::{Answer, Gate, Reaction, Recorded, Server, sha256};
use support::{
    Rig, by_id, escaped, failure, first_type, fixture, key_of, made, magic, most_memory, name_of, receipt,
    status, success, to, to_account,
};
use url::Url;

// ---- What goes out ----

/// The file in an upload: the body, or what its JSON holds.
fn arrived(facts: &Facts, request: &Recorded) -> Vec<u8> {
    assert!(request.complete, "{request:?}");
    let body = request.body.as_ref().unwrap();
    match facts.body {
        BodyForm::Raw => body.clone(),
        BodyForm::JsonBase64 { data, .. } => {
            let json: Value = serde_json::from_slice(body).unwrap();
            STANDARD.decode(json[data].as_str().unwrap()).unwrap()
        }
    }
}

/// The `Content-Type` of an upload: the file's, or that of the JSON it stands in.
fn content_type(facts: &Facts, media: Media) -> &'static str {
    match facts.body {
        BodyForm::Raw => media.mime(),
        BodyForm::JsonBase64 { .. } => "application/json",
    }
}

/// Began, then progress that never goes back and ends at the file's size, then all sent, then done: nothing else.
fn assert_told_in_order(events: &[&Event], size: u64) {
    let (mut stage, mut last) = (0, 0);
    for event in events {
        match (stage, event) {
            (0, Event::Began) => stage = 1,
            (1, Event::Progress(sent)) => {
                assert!(*sent >= last, "{events:?}");
                last = *sent;
            }
            (1, Event::AllSent) => stage = 2,
            (2, Event::Done(_)) => stage = 3,
            _ => panic!("{event:?} in {events:?}"),
        }
    }
    assert_eq!((stage, last), (3, size), "{events:?}");
}

#[test]
fn a_file_arrives_as_it_is_whatever_its_size_and_progress_follows_it() {
    const PIECE: usize = 196_608; // what the engine reads at a time
    for provider in provider::ALL {
        let facts = provider.facts();
        let server = Server::always(Reaction::Answer(success(provider)));
        let mut rig = Rig::new(&server);
        let media = first_type(provider);
        for size in [magic(media).len() + 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 1024 * 1024 + 1] {
            let bytes = made(media, size);
            let path = rig.file(&name_of(media), &bytes);
            let id = rig.send(&path, &to(provider));
            let state = rig.end(id);
            assert!(matches!(state, State::Done(_)), "{} {size}: {state:?}", facts.id);
            assert_told_in_order(&rig.events(id), size as u64);
            let request = server.requests().pop().unwrap();
            assert_eq!(sha256(&arrived(facts, &request)), sha256(&bytes), "{} {size}", facts.id);
            assert_eq!(request.header("content-length"), Some(request.body_len.to_string().as_str()));
        }
        assert_eq!(server.whole_bodies(), 6, "{}: each was sent once", facts.id);
    }
}

#[test]
fn every_accepted_type_arrives_as_it_is_under_its_content_type() {
    #[rustfmt::skip]
    const SAMPLES: [(Media, &str); 9] = [
        (Media::Jpeg, "photo.jpg"), (Media::Png, "cover.png"), (Media::Webp, "poster.webp"),
        (Media::Gif, "anim.gif"), (Media::Mp3, "tone.mp3"), (Media::Wav, "tone.wav"),
        (Media::M4a, "tone.m4a"), (Media::Aac, "tone.aac"), (Media::Mp4, "clip.mp4"),
    ];
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/samples");
    for provider in provider::ALL {
        let facts = provider.facts();
        let server = Server::always(Reaction::Answer(success(provider)));
        let mut rig = Rig::new(&server);
        let mut files: Vec<_> = facts.types().map(|m| (m, name_of(m), made(m, 9001))).collect();
        for (media, name) in SAMPLES.into_iter().filter(|(m, _)| facts.accepts(*m).is_some()) {
            files.push((media, name.to_owned(), std::fs::read(samples.join(name)).unwrap()));
        }
        for (media, name, bytes) in files {
            let path = rig.file(&name, &bytes);
            let id = rig.send(&path, &to(provider));
            let state = rig.end(id);
            assert!(matches!(state, State::Done(_)), "{} {name}: {state:?}", facts.id);
            let request = server.requests().pop().unwrap();
            assert_eq!(sha256(&arrived(facts, &request)), sha256(&bytes), "{} {name}", facts.id);
            assert_eq!(
                request.header("content-type"),
                Some(content_type(facts, media)),
                "{} {name}",
                facts.id
            );
        }
    }
}

#[test]
fn types_go_out_under_the_names_of_the_documents() {
    for (media, mime) in [
        (Media::Jpeg, "image/jpeg"),
        (Media::Png, "image/png"),
        (Media::Webp, "image/webp"),
        (Media::Mp3, "audio/mpeg"),
        (Media::Wav, "audio/wav"),
        (Media::M4a, "audio/mp4"),
        (Media::Aac, "audio/aac"),
        (Media::Mp4, "video/mp4"),
    ] {
        assert_eq!(media.mime(), mime);
    }
}

/// The header that must hold the key, and its value.
fn key_header(facts: &Facts, options: &BTreeMap<String, String>) -> (&'static str, String) {
    let key = key_of(facts.service);
    match (options.get("auth").map(String::as_str), facts.service.auth) {
        (Some("x-api-key"), _) | (None, Auth::XApiKey) => ("x-api-key", key),
        _ => ("authorization", format!("Bearer {key}")),
    }
}

/// One case of what goes where: provider, account, options, file name; then the target, and headers beyond the usual.
type Case<'a> =
    (&'a str, Option<&'a str>, &'a [(&'a str, &'a str)], &'a str, &'a str, &'a [(&'a str, &'a str)]);

const PROJECT: &str = "9179b887-04ef-4ce5-ab3a-b5bbd39ea3c8";

#[rustfmt::skip]
const CASES: &[Case<'_>] = &[
    ("flow-music", None, &[], "a.png", "/v1/flowmusic/files", &[]),
    ("flow-music", Some("jane@example.com"), &[], "a.png", "/v1/flowmusic/files?email=jane%40example.com", &[]),
    ("flow-music", Some("jane+50%@example.com"), &[], "a.png", "/v1/flowmusic/files?email=jane%2B50%25%40example.com", &[]),
    ("flow-music", Some("a&b=c#d@example.com"), &[], "a.png", "/v1/flowmusic/files?email=a%26b%3Dc%23d%40example.com", &[]),
    ("flow-music", None, &[("stripMetadata", "false")], "a.png", "/v1/flowmusic/files?stripMetadata=false", &[]),
    ("flow-music", Some("jörg@例え.jp"), &[("stripMetadata", "true")], "a.png", "/v1/flowmusic/files?email=j%C3%B6rg%40%E4%BE%8B%E3%81%88.jp&stripMetadata=true", &[]),
    ("google-flow", None, &[], "a.png", "/v1/google-flow/assets", &[]),
    ("google-flow", Some("john@gmail.com"), &[], "a.png", "/v1/google-flow/assets/john%40gmail.com", &[]),
    ("google-flow", Some("jane+50%@example.com"), &[], "a.png", "/v1/google-flow/assets/jane%2B50%25%40example.com", &[]),
    ("google-flow", Some("a/../b?c@example.com"), &[], "a.png", "/v1/google-flow/assets/a%2F..%2Fb%3Fc%40example.com", &[]),
    ("google-flow", Some("jörg@例え.jp"), &[], "a.png", "/v1/google-flow/assets/j%C3%B6rg%40%E4%BE%8B%E3%81%88.jp", &[]),
    ("riffusion", None, &[], "my-music-track.mp3", "/v1/riffusion/music/upload-audio/?file_name=my-music-track", &[]),
    ("riffusion", Some("user 7&id=8"), &[], "a.mp3", "/v1/riffusion/music/upload-audio/?file_name=a&user_id=user%207%26id%3D8", &[]),
    ("riffusion", None, &[("file_name", "a+b & c")], "x.mp3", "/v1/riffusion/music/upload-audio/?file_name=a%2Bb%20%26%20c", &[]),
    ("riffusion", None, &[], "封面 😀 \"50%\".v2.mp3", "/v1/riffusion/music/upload-audio/?file_name=%E5%B0%81%E9%9D%A2%20%F0%9F%98%80%20%2250%25%22.v2", &[]),
    ("piapi", None, &[], "a.png", "/api/ephemeral_resource", &[]),
    ("piapi", None, &[], "封面 😀 \"50%\".png", "/api/ephemeral_resource", &[]),
    ("indream", None, &[], "My cover (1).png", "/v1/uploads", &[("x-file-name", "My cover (1).png")]),
    ("indream", None, &[], "封 😀 \"50%\".png", "/v1/uploads", &[("x-file-name", "%E5%B0%81 %F0%9F%98%80 \"50%25\".png")]),
    ("indream", Some(PROJECT), &[], "a.png", "/v1/uploads", &[("x-file-name", "a.png"), ("x-project-id", PROJECT)]),
    ("indream", None, &[("auth", "bearer")], "a.png", "/v1/uploads", &[("x-file-name", "a.png")]),
    ("indream", None, &[("auth", "x-api-key")], "a.png", "/v1/uploads", &[("x-file-name", "a.png")]),
];

#[test]
fn accounts_options_names_and_the_key_go_where_the_documents_say_and_nowhere_else() {
    for provider in provider::ALL {
        assert!(CASES.iter().any(|c| c.0 == provider.facts().id), "no case for {}", provider.facts().id);
        for option in provider.facts().all_options() {
            let named = |c: &&Case<'_>| c.2.iter().any(|(k, _)| *k == option.key) || c.1.is_some();
            let of = CASES.iter().filter(|c| c.0 == provider.facts().id);
            assert!(of.filter(named).count() > 0, "no case with {}", option.key);
        }
    }
    for (id, account, options, name, target, extra) in CASES {
        let provider = by_id(id);
        let facts = provider.facts();
        let server = Server::always(Reaction::Answer(success(provider)));
        let mut rig = Rig::new(&server);
        let media = first_type(provider);
        let path = rig.file(name, &made(media, 500));
        let destination = Destination {
            account: account.map(Into::into),
            options: options.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect(),
            ..to(provider)
        };
        let upload = rig.send(&path, &destination);
        let state = rig.end(upload);
        assert!(matches!(state, State::Done(_)), "{id} {name}: {state:?}");

        let request = server.request();
        assert_eq!((request.method.as_str(), request.target.as_str()), ("POST", *target));
        // These headers and no others: no Transfer-Encoding, Expect, Referer, Cookie, no second key.
        let host = server.origin().replace("http://", "");
        let (key_name, key) = key_header(facts, &destination.options);
        let mut expected = vec![
            ("accept", "*/*".to_owned()),
            ("content-length", request.body_len.to_string()),
            ("content-type", content_type(facts, media).to_owned()),
            ("host", host),
            ("user-agent", format!("hoist/{}", env!("CARGO_PKG_VERSION"))),
            (key_name, key),
        ];
        expected.extend(extra.iter().map(|(k, v)| (*k, (*v).to_owned())));
        expected.sort();
        let mut headers: Vec<_> = request.headers.iter().map(|(k, v)| (k.as_str(), v.clone())).collect();
        headers.sort();
        assert_eq!(headers, expected, "{id} {name}");
        if let BodyForm::JsonBase64 { name: field, .. } = facts.body {
            let json: Value = serde_json::from_slice(request.body.as_ref().unwrap()).unwrap();
            let sent = if name.is_ascii() { *name } else { "50.png" };
            assert_eq!((json.as_object().unwrap().len(), json[field].as_str()), (2, Some(sent)));
        }
    }
}

#[test]
fn an_account_that_no_header_or_address_can_carry_reaches_nobody() {
    for provider in provider::ALL {
        let Some(option) = provider.facts().account else { continue };
        let hostile = "x\r\nX-Evil: 1\r\n\r\nGET / HTTP/1.1";
        assert!(check::invalid(option, hostile).is_some(), "{}", provider.facts().id);
        let server = Server::always(Reaction::Answer(success(provider)));
        let state = Rig::new(&server).send_small(&to_account(provider, hostile));
        for request in server.requests() {
            assert!(
                request.header("x-evil").is_none() && !request.target.contains("X-Evil: 1"),
                "{request:?}"
            );
        }
        assert!(server.requests().len() < 2, "{state:?}");
    }
}

/// The request for a file of that name.
fn request(provider: &dyn Provider, name: &str, media: Media) -> Request {
    provider.request(&Outgoing {
        name,
        media,
        size: 1,
        account: None,
        options: &BTreeMap::new(),
        known_id: None,
    })
}

/// Whatever a file is called, its request has one line a header, one path, one query and one JSON object.
fn assert_harmless(provider: &dyn Provider, name: &str, media: Media) {
    let facts = provider.facts();
    let request = request(provider, name, media);
    let mut sent_name = None;
    for (header, value) in &request.headers {
        assert!(value.bytes().all(|b| (0x20..0x7f).contains(&b)), "{header}: {value:?} from {name:?}");
        assert_eq!(value, value.trim(), "{header} from {name:?}");
        if *header == "x-file-name" {
            sent_name = Some(value.clone());
        }
    }
    assert!(request.path.bytes().all(|b| b.is_ascii_graphic()), "{:?} from {name:?}", request.path);
    let url = Url::parse(&format!("https://host.example{}", request.path)).unwrap();
    assert_eq!((url.path(), url.fragment()), (facts.path, None), "from {name:?}");
    let query: Vec<_> = url.query_pairs().collect();
    assert!(query.iter().all(|(key, _)| key == "file_name") && query.len() < 2, "{query:?} from {name:?}");
    match (&request.body, facts.body) {
        (Body::Base64 { before, after }, BodyForm::JsonBase64 { name: field, data }) => {
            let json: Value = serde_json::from_str(&format!("{before}AA=={after}")).unwrap();
            assert_eq!((json.as_object().unwrap().len(), &json[data]), (2, &json!("AA==")), "from {name:?}");
            sent_name = json[field].as_str().map(ToOwned::to_owned);
        }
        (body, form) => assert_eq!((body, form), (&Body::File, BodyForm::Raw)),
    }
    if let Some(rule) = facts.names {
        let sent = sent_name.unwrap();
        assert!((1..=rule.max_chars).contains(&sent.chars().count()), "{sent:?} from {name:?}");
        let extension = sent.rsplit_once('.').and_then(|(_, e)| Media::from_extension(e));
        assert!(!rule.needs_extension || extension == Some(media), "{sent:?} from {name:?}");
    }
}

#[test]
fn no_file_name_gets_out_of_its_place_in_a_request() {
    let long = format!("{}.png", "x".repeat(600));
    let wide = format!("{}.png", "封".repeat(600));
    let tail = format!("x.{}", "y".repeat(600));
    #[rustfmt::skip]
    let names = [
        long.as_str(), &wide, &tail, "a\r\nX-Evil: 1\r\n\r\nbody.png",
        "a\",\"file_data\":\"AAAA\",\"x\":\".png", "a\\", "\\\".png", "a?email=x@y.z&b=c#d.png",
        "../../etc/passwd.png", "%2e%2e%2f%00.png", "\0.png", "\u{202e}gnp.exe", "   ", " a .png ", ".png",
        "..", "a.", ".", "", "noextension", "\t.\t", "😀", "\u{7f}\u{80}.p\u{e9}g",
    ];
    for provider in provider::ALL {
        for media in provider.facts().types() {
            for name in names {
                assert_harmless(provider, name, media);
            }
        }
    }
    // What fits is readable back.
    let indream = request(by_id("indream"), "封 50%.png", Media::Png);
    let name = &indream.headers.iter().find(|(n, _)| *n == "x-file-name").unwrap().1;
    assert_eq!(percent_decode_str(name).decode_utf8().unwrap(), "封 50%.png");
}

proptest! {
    #[test]
    fn no_made_up_file_name_does_either(name in any::<String>(), ascii in "[ -~]{0,300}", dots in "[.a\r\n\"%]{0,9}") {
        for provider in provider::ALL {
            for name in [&name, &ascii, &dots] {
                assert_harmless(provider, name, first_type(provider));
            }
        }
    }
}

// ---- Limits ----

/// A limit of the documents: refused above the one, warned above the other.
type Limit<'a> = (&'a str, &'a [Media], Option<u64>, Option<u64>);

#[rustfmt::skip]
const LIMITS: [Limit<'_>; 8] = [
    ("flow-music", &[Media::Jpeg, Media::Png, Media::Webp], Some(20 * MB), None),
    ("flow-music", &[Media::Mp3, Media::Wav, Media::M4a, Media::Aac], Some(40 * MB), None),
    ("google-flow", &[Media::Png, Media::Jpeg, Media::Webp], Some(20_971_520), None),
    ("google-flow", &[Media::Mp4], Some(100 * MB), None),
    ("riffusion", &[Media::M4a, Media::Mp3, Media::Wav], None, Some(50 * MB)),
    ("piapi", &[Media::Jpeg, Media::Png, Media::Webp, Media::Mp4, Media::Wav, Media::Mp3], Some(10 * MB), Some(7_864_320)),
    ("indream", &[Media::Mp4], Some(800 * MB), None),
    ("indream", &[Media::Mp3, Media::Wav], Some(25 * MB), None),
];

fn gravities(provider: &dyn Provider, recognised: Recognised, size: u64) -> Vec<Gravity> {
    let file = FileFacts { path: "f".into(), size, modified: None, recognised, pixels: None };
    let findings = check::findings(provider.facts(), &file, &to(provider));
    assert!(findings.iter().all(|f| !f.sentence.is_empty() && !f.next.is_empty()), "{findings:?}");
    findings.into_iter().map(|f| f.gravity).collect()
}

#[test]
fn limits_are_those_of_the_documents() {
    for (id, types, max, advised) in LIMITS {
        for media in types {
            let row = by_id(id).facts().accepts(*media).unwrap_or_else(|| panic!("{id} takes {media:?}"));
            assert_eq!((row.max_bytes, row.advised_bytes), (max, advised), "{id} {media:?}");
        }
    }
}

#[test]
fn a_file_of_exactly_the_limit_is_sent_and_one_byte_more_is_stopped() {
    for provider in provider::ALL {
        let facts = provider.facts();
        for media in Media::ALL {
            let at = |size| gravities(provider, Recognised::Known(media), size);
            let Some(row) = facts.accepts(media) else {
                assert_eq!(at(1000), [Gravity::Stop], "{} takes no {media:?}", facts.id);
                continue;
            };
            assert_eq!((at(0), at(1)), (vec![Gravity::Stop], vec![]), "{} {media:?}", facts.id);
            let below = if row.advised_bytes.is_some() { vec![Gravity::Warning] } else { vec![] };
            if let Some(advised) = row.advised_bytes {
                assert_eq!((at(advised), at(advised + 1)), (vec![], below.clone()), "{} {media:?}", facts.id);
            }
            match row.max_bytes {
                Some(max) => {
                    assert_eq!(
                        (at(max), at(max + 1)),
                        (below, vec![Gravity::Stop]),
                        "{} {media:?}",
                        facts.id
                    );
                }
                None => assert_eq!(at(u64::MAX), below, "{} {media:?}", facts.id),
            }
        }
        assert_eq!(gravities(provider, Recognised::Other("application/pdf"), 9), [Gravity::Stop]);
        assert_eq!(gravities(provider, Recognised::Unknown, 9), [Gravity::Stop]);
    }
}

#[test]
fn options_that_mean_nothing_to_a_service_are_stopped() {
    for provider in provider::ALL {
        let facts = provider.facts();
        let media = first_type(provider);
        let recognised = Recognised::Known(media);
        let file = FileFacts { path: "f".into(), size: 9, modified: None, recognised, pixels: None };
        let stopped = |destination: &Destination| {
            check::findings(facts, &file, destination).iter().any(|f| f.gravity == Gravity::Stop)
        };
        let with = |key: &str, value: &str| Destination {
            options: BTreeMap::from([(key.to_owned(), value.to_owned())]),
            ..to(provider)
        };
        assert!(!stopped(&to(provider)) && stopped(&with("no-such-option", "x")), "{}", facts.id);
        for option in facts.options {
            let (good, bad) = match option.form {
                Form::Text => ("a b", "a\nb"),
                Form::Email => ("a@b.c", "nobody"),
                Form::Uuid => (PROJECT, "9179b887"),
                Form::Flag(_) => ("false", "no"),
                Form::Choice(all) => (all[0], "other"),
            };
            assert!(!stopped(&with(option.key, good)), "{} {}", facts.id, option.key);
            assert!(stopped(&with(option.key, bad)) && stopped(&with(option.key, "")), "{}", option.key);
        }
    }
}

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
const REFUSALS: &[(&str, &str, Option<&str>, FailureKind, &str)] = &[
    ("flow-music", "400-content-type.json", None, FailureKind::BadRequest, "Content-Type (application/octet-stream) not supported. Valid values: image/jpeg, image/png, ..."),
    ("flow-music", "500-moderation.json", None, FailureKind::ServiceError, "Upload failed (HTTP 500): FlowMusic: \"Internal Server Error\""),
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
    for provider in provider::ALL {
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
        assert_eq!(receipt.response, serde_json::from_str::<Value>(&body).unwrap(), "kept whole");
        match provider.facts().lives {
            Some(lives) => {
                let left = receipt.expires.unwrap().duration_since(now);
                let lives = SignedDuration::try_from(lives).unwrap();
                assert!(left <= lives && left > lives - SignedDuration::from_mins(3), "{left}");
            }
            None => assert_eq!(receipt.expires, None),
        }
    }
    let lives: Vec<_> =
        provider::ALL.iter().filter_map(|p| Some((p.facts().id, p.facts().lives?.as_secs()))).collect();
    assert_eq!(lives, [("piapi", 24 * 60 * 60)]);
}

/// What an answer means to a provider, without a socket.
fn understood(provider: &dyn Provider, status: u16, body: &[u8]) -> Result<Step, Box<Failure>> {
    let options = BTreeMap::new();
    let media = first_type(provider);
    let outgoing = Outgoing { name: "f", media, size: 1, account: None, options: &options, known_id: None };
    let reply = Reply { status, body: body.to_vec(), ..Reply::default() };
    let step = provider.reply(&outgoing, &reply, Timestamp::UNIX_EPOCH);
    if let Ok(Step::Done(receipt) | Step::Poll { receipt, .. }) = &step {
        assert!(!receipt.first().trim().is_empty(), "{receipt:?}");
        assert!(receipt.id.as_ref().is_none_or(|id| !id.trim().is_empty()), "{receipt:?}");
        assert!(receipt.url.as_ref().is_none_or(|url| !url.trim().is_empty()), "{receipt:?}");
    }
    step
}

fn kind_of(provider: &dyn Provider, status: u16, body: &[u8]) -> Option<FailureKind> {
    understood(provider, status, body).err().map(|failure| failure.kind)
}

#[test]
fn a_success_that_is_cut_off_anywhere_is_of_unknown_outcome() {
    for (id, name, ..) in SUCCESSES {
        let (provider, body) = (by_id(id), fixture(id, name));
        assert_eq!(kind_of(provider, status(name), body.as_bytes()), None);
        for end in 0..body.len() {
            let kind = kind_of(provider, status(name), &body.as_bytes()[..end]);
            assert_eq!(kind, Some(FailureKind::Unreadable), "{id} {name} {end}");
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
    for provider in provider::ALL {
        let name = provider.facts().id;
        for status in [200, 201, 202, 204, 299] {
            for body in unknown {
                let kind = kind_of(provider, status, body);
                assert_eq!(kind, Some(FailureKind::Unreadable), "{name} {}", String::from_utf8_lossy(body));
            }
            for (body, words) in refused {
                let failure = understood(provider, status, body.as_bytes()).unwrap_err();
                assert_eq!(failure.kind, FailureKind::Refused, "{name} {body}");
                assert_eq!(failure.said.as_deref(), Some(words), "{name} {body}");
                assert!(!failure.next.is_empty());
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
                if let Some(place) = body.pointer_mut(pointer) {
                    *place = value.clone();
                }
            }
            let kind = kind_of(by_id(id), status(name), body.to_string().as_bytes());
            assert_eq!(kind, Some(FailureKind::Unreadable), "{id} {name} {body}");
            // Only one of two: the other is enough, and the first is not shown empty.
            let mut body: Value = serde_json::from_str(&fixture(id, name)).unwrap();
            if let Some(place) = body.pointer_mut(ids(id)[0]) {
                *place = value.clone();
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
        let id = rig.hand_over(job.clone());
        let state = rig.end(id);
        assert!(state.is_resting(), "{state:?}");
        assert_eq!(state.receipt().and_then(|r| r.id.clone()).as_deref(), Some(JOB));
        ready.open();
        rig.look_again(job, JOB);
        assert_eq!(receipt(&rig.end(id)).value("status").as_deref(), Some("complete"));
    }
    assert_eq!(server.whole_bodies(), 2, "looking again sends nothing again");
}

// ---- What comes back: refusals ----

/// What a status means: the table in "Refusals: one meaning each".
fn meaning(facts: &Facts, status: u16, body: &str) -> FailureKind {
    match status {
        400 if body.contains("PUBLIC_ERROR_") => FailureKind::Policy,
        400 if body.contains("is over") => FailureKind::TooLarge,
        400 => FailureKind::BadRequest,
        401 => FailureKind::WrongKey,
        402 => FailureKind::NoSubscription,
        403 => FailureKind::NotEligible,
        404 if facts.account.is_some() => FailureKind::AccountNotFound,
        413 => FailureKind::TooLarge,
        422 if facts.id == "flow-music" => FailureKind::Provenance,
        422 => FailureKind::ContentMismatch,
        429 => FailureKind::RateLimited,
        500 => FailureKind::ServiceError,
        502 | 504 => FailureKind::Gateway,
        503 => FailureKind::Busy,
        596 => FailureKind::AccountBroken,
        300..400 => FailureKind::Redirect,
        501.. => FailureKind::ServerBroke,
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

/// Sends a small file to a server that answers so; at most so many bodies may have come.
fn answered(provider: &dyn Provider, answer: &Answer) -> State {
    let server = Server::always(Reaction::Answer(answer.clone()));
    let state = Rig::new(&server).send_small(&to_account_if_any(provider));
    let busy = state.failure().is_some_and(|f| f.kind == FailureKind::Busy);
    let again = if busy { 3 } else { 1 + usize::from(provider.facts().lives.is_some()) };
    assert!((1..=again).contains(&server.whole_bodies()), "{} bodies: {state:?}", server.whole_bodies());
    state
}

fn to_account_if_any(provider: &dyn Provider) -> Destination {
    match provider.facts().account.map(|a| a.form) {
        Some(Form::Uuid) => to_account(provider, PROJECT),
        Some(_) => to_account(provider, "jane@example.com"),
        None => to(provider),
    }
}

#[test]
fn documented_refusals_mean_what_the_documents_say_in_the_services_own_words() {
    for (id, name, retry_after, kind, words) in REFUSALS {
        let body = fixture(id, name);
        let mut answer = Answer::new(status(name), body.clone());
        if let Some(seconds) = retry_after {
            answer = answer.header("retry-after", *seconds);
        }
        let state = answered(by_id(id), &answer);
        assert!(ends_well(&state, status(name)), "{id} {name}: {state:?}");
        let failure = failure(&state);
        assert_eq!((failure.kind, failure.said.as_deref()), (*kind, Some(*words)), "{id} {name}");
        assert!(!failure.message.is_empty() && !failure.next.is_empty(), "{failure:?}");
        assert_eq!(failure.support.is_some(), body.contains("cf_ray"), "{failure:?}");
        assert!(failure.support.as_ref().is_none_or(|ray| ray == "a05b815ef02cf9cc-SJC"));
    }
}

#[test]
fn every_refusal_in_the_table_of_facts_is_understood() {
    for provider in provider::ALL {
        let facts = provider.facts();
        assert!(!facts.errors.is_empty());
        for error in facts.errors {
            let mut answer = Answer::new(error.status, error.body);
            if let Some(seconds) = error.retry_after {
                answer = answer.header("retry-after", seconds.to_string());
            }
            let asked = Timestamp::now();
            let state = answered(provider, &answer);
            let failure = failure(&state);
            assert_eq!(failure.kind, meaning(facts, error.status, error.body), "{} {}", facts.id, error.body);
            assert!(ends_well(&state, error.status), "{} {}: {state:?}", facts.id, error.status);
            let json: Value = serde_json::from_str(error.body).unwrap();
            let said = failure.said.as_deref().unwrap();
            assert!(texts(&json).iter().any(|t| said.starts_with(t.as_str())), "{said} of {json}");
            assert!(!failure.next.is_empty());
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
    for provider in provider::ALL {
        for status in STATUSES {
            for (body, words) in SHAPES {
                let failure = understood(provider, status, body.as_bytes()).unwrap_err();
                assert_eq!(failure.kind, meaning(provider.facts(), status, body), "{status} {body}");
                assert_eq!(failure.said.as_deref(), words, "{status} {body}");
                assert!(!failure.message.is_empty() && !failure.next.is_empty(), "{failure:?}");
                assert_eq!(failure.until.is_some(), status == 429, "{failure:?}");
            }
        }
    }
}

#[test]
fn every_status_ends_in_its_state_over_a_real_connection() {
    std::thread::scope(|scope| {
        for provider in provider::ALL {
            scope.spawn(move || {
                for (n, status) in STATUSES.into_iter().enumerate() {
                    let (body, words) = SHAPES[n % SHAPES.len()];
                    let state = answered(provider, &Answer::new(status, body));
                    let failure = failure(&state);
                    assert_eq!(failure.kind, meaning(provider.facts(), status, body), "{status}");
                    assert_eq!(failure.said.as_deref(), words, "{status}");
                    assert!(ends_well(&state, status), "{} {status}: {state:?}", provider.facts().id);
                }
            });
        }
    });
}

#[test]
fn a_rate_limit_holds_as_long_as_the_service_says_and_30_seconds_where_it_says_nothing() {
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
        let state = answered(by_id("flow-music"), &answer);
        let held = failure(&state).until.unwrap().duration_since(asked).as_secs();
        assert!((seconds - 5..seconds + 100).contains(&held), "{retry_after:?}: {held}");
    }
}

#[test]
fn a_redirect_is_never_followed() {
    for provider in provider::ALL {
        for status in [301, 302, 303, 307, 308] {
            let elsewhere = Server::always(Reaction::Answer(success(provider)));
            let location = format!("{}{}", elsewhere.origin(), provider.facts().path);
            let state = answered(provider, &Answer::new(status, "").header("location", location));
            assert_eq!(failure(&state).kind, FailureKind::Redirect, "{} {status}", provider.facts().id);
            assert!(matches!(state, State::Refused(_)));
            assert_eq!(elsewhere.connections(), 0, "{} {status}", provider.facts().id);
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn an_answer_of_200_megabytes_is_of_unknown_outcome_and_is_not_kept() {
    let before = most_memory();
    for provider in provider::ALL {
        let server = Server::always(Reaction::EndlessBody(200 * MB));
        let state = Rig::new(&server).send_small(&to(provider));
        assert!(matches!(state, State::Unknown(_)), "{state:?}");
        assert_eq!(failure(&state).kind, FailureKind::Unreadable);
    }
    let grown = most_memory() - before;
    assert!(grown < 128 * MB, "{grown} bytes"); // other tests run beside this one
}

// ---- Keys ----

#[test]
fn a_key_that_a_service_repeats_is_seen_nowhere() {
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
    for provider in provider::ALL {
        let key = key_of(provider.facts().service);
        for status in [200, 400, 401, 403, 429, 500, 502] {
            for body in BODIES {
                for key_there in [key.clone(), escaped(&key)] {
                    let body = body.replace("KEY", &key_there);
                    let server = Server::always(Reaction::Answer(Answer::new(status, body.clone())));
                    let mut rig = Rig::with(&server.origin(), |c| c.poll_for = std::time::Duration::ZERO);
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
