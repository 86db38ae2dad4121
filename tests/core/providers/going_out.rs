//! What goes out: bytes, headers, names, and what is stopped before.

use std::collections::BTreeMap;
use std::path::Path;

use crate::support::server::{Reaction, Recorded, Server, sha256};
use crate::support::{
    Rig, by_id, every_provider, first_type, form, key_of, made, magic, name_of, spec, success, to, to_account,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hoist::model::destination::Destination;
use hoist::model::item::Severity;
use hoist::model::media::{DetectedType, FileFacts, Media};
use hoist::model::text::MB;
use hoist::model::upload::{Event, State};
use hoist::provider::http::{Body, FileForm, Request};
use hoist::provider::spec::{Auth, BodyForm, NameLocation, ProviderSpec, ValueKind};
use hoist::provider::{Provider, check};
use percent_encoding::percent_decode_str;
use proptest::prelude::*;
use serde_json::{Value, json};
use url::Url;

// ---- What goes out ----

/// The file in an upload: the body, or what its JSON holds.
fn arrived(facts: &ProviderSpec, request: &Recorded) -> Vec<u8> {
    assert!(request.complete, "{request:?}");
    let body = request.body.as_ref().unwrap();
    match facts.request.body {
        BodyForm::Raw => body.clone(),
        BodyForm::JsonBase64 { data, .. } => {
            let json: Value = serde_json::from_slice(body).unwrap();
            STANDARD.decode(json.pointer(data).unwrap().as_str().unwrap()).unwrap()
        }
        BodyForm::Multipart { part } => {
            let parts = form::read(request.header("content-type").unwrap(), body);
            parts.into_iter().find(|one| one.name == part).unwrap().content
        }
    }
}

/// The `Content-Type` of an upload: the file's, or that of the JSON it stands in.
fn content_type(facts: &ProviderSpec, media: Media) -> &'static str {
    match facts.request.body {
        BodyForm::Raw => media.mime(),
        BodyForm::JsonBase64 { .. } => "application/json",
        BodyForm::Multipart { .. } => "multipart/form-data",
    }
}

/// Began, then progress that never goes back and ends at the file's size, then all sent, then done: nothing else.
fn assert_told_in_order(events: &[&Event], size: u64) {
    let (mut stage, mut last) = (0, 0);
    for event in events {
        match (stage, event) {
            (0, Event::Started) => stage = 1,
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
    for provider in every_provider() {
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
    for provider in every_provider() {
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
pub(crate) fn key_header(facts: &ProviderSpec, options: &BTreeMap<String, String>) -> (&'static str, String) {
    let key = key_of(facts.vendor);
    match (options.get("auth").map(String::as_str), facts.vendor.auth) {
        (Some("x-api-key"), _) | (None, Auth::X_API_KEY) => ("x-api-key", key),
        _ => ("authorization", format!("Bearer {key}")),
    }
}

/// One case of what goes where: provider, account, options, file name; then the target, and headers beyond the usual.
type Case<'a> =
    (&'a str, Option<&'a str>, &'a [(&'a str, &'a str)], &'a str, &'a str, &'a [(&'a str, &'a str)]);

pub(crate) const PROJECT: &str = "9179b887-04ef-4ce5-ab3a-b5bbd39ea3c8";

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
    for provider in every_provider() {
        assert!(CASES.iter().any(|c| c.0 == provider.facts().id), "no case for {}", provider.facts().id);
        for option in provider.facts().all_options() {
            let named = |c: &&Case<'_>| c.2.iter().any(|(k, _)| *k == option.key) || c.1.is_some();
            let of = CASES.iter().filter(|c| c.0 == provider.facts().id);
            assert!(of.filter(named).count() > 0, "no case with {}", option.key);
        }
    }
    // No file of Windows has such a name.
    let can_exist = |case: &&Case<'_>| !cfg!(windows) || !case.3.contains('"');
    for (id, account, options, name, target, extra) in CASES.iter().filter(can_exist) {
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
        if let BodyForm::JsonBase64 { name: field, .. } = facts.request.body {
            let json: Value = serde_json::from_slice(request.body.as_ref().unwrap()).unwrap();
            let sent = if name.is_ascii() { *name } else { "50.png" };
            assert_eq!(
                (json.as_object().unwrap().len(), json.pointer(field.unwrap()).unwrap().as_str()),
                (2, Some(sent))
            );
        }
    }
}

#[test]
fn an_account_that_no_header_or_address_can_carry_reaches_nobody() {
    for provider in every_provider() {
        let Some(option) = provider.facts().account.option else { continue };
        let hostile = "x\r\nX-Evil: 1\r\n\r\nGET / HTTP/1.1";
        assert!(check::value(option, hostile).is_err(), "{}", provider.facts().id);
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
fn request(provider: &Provider, name: &str, media: Media) -> Request {
    let options = BTreeMap::new();
    let spec = spec(name, media, &options);
    provider.request(0, &spec).unwrap()
}

/// Whatever a file is called, its request has one line a header, one path, one query and one JSON object.
fn assert_harmless(provider: &Provider, name: &str, media: Media) {
    let facts = provider.facts();
    let request = request(provider, name, media);
    let mut sent_name = None;
    let location = facts.names.and_then(|rule| rule.location);
    for (header, value) in &request.headers {
        assert!(value.bytes().all(|b| (0x20..0x7f).contains(&b)), "{header}: {value:?} from {name:?}");
        assert_eq!(value, value.trim(), "{header} from {name:?}");
        if matches!(location, Some(NameLocation::Header(own)) if own == header) {
            sent_name = Some(value.clone());
        }
    }
    assert!(request.path().bytes().all(|b| b.is_ascii_graphic()), "{:?} from {name:?}", request.path());
    let url = Url::parse(&format!("https://host.example{}", request.path())).unwrap();
    assert_eq!((url.path(), url.fragment()), (facts.request.path, None), "from {name:?}");
    let query: Vec<_> = url.query_pairs().collect();
    assert!(query.len() < 2, "{query:?} from {name:?}");
    for (key, value) in &query {
        assert!(matches!(location, Some(NameLocation::Query(own)) if own == key), "{query:?} from {name:?}");
        sent_name = Some(value.clone().into_owned());
    }
    match (&request.body, facts.request.body) {
        (
            Body { before, file: Some(FileForm::Base64), after, .. },
            BodyForm::JsonBase64 { name: field, data },
        ) => {
            let json: Value = serde_json::from_str(&format!("{before}AA=={after}")).unwrap();
            assert_eq!(
                (json.as_object().unwrap().len(), json.pointer(data)),
                (2, Some(&json!("AA=="))),
                "from {name:?}"
            );
            sent_name = json.pointer(field.unwrap()).and_then(Value::as_str).map(ToOwned::to_owned);
        }
        (body, form) => assert_eq!((body, form), (&Body::file(), BodyForm::Raw)),
    }
    if let Some(rule) = facts.names {
        let sent = sent_name.unwrap();
        let fits = |max: usize| (1..=max).contains(&sent.chars().count());
        assert!(rule.max_chars.is_none_or(fits), "{sent:?} from {name:?}");
        let extension = sent.rsplit_once('.').and_then(|(_, e)| Media::from_extension(e));
        assert!(rule.extensions.is_empty() || extension == Some(media), "{sent:?} from {name:?}");
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
    for provider in every_provider() {
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
        for provider in every_provider() {
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

fn gravities(provider: &Provider, recognised: DetectedType, size: u64) -> Vec<Severity> {
    let file = FileFacts { path: "f".into(), size, recognised, ..FileFacts::default() };
    let findings = check::findings(provider.facts(), &file, &to(provider));
    assert!(findings.iter().all(|f| !f.message.is_empty() && !f.hint.is_empty()), "{findings:?}");
    findings.into_iter().map(|f| f.severity).collect()
}

#[test]
fn indream_takes_sound_and_video_of_half_an_hour() {
    use std::time::Duration;
    let said = |id: &str, media: Media, seconds: u64| {
        let length = Some(Duration::from_secs(seconds));
        let recognised = DetectedType::Known(media);
        let file =
            FileFacts { path: "f".into(), size: 9, recognised, duration: length, ..FileFacts::default() };
        check::findings(by_id(id).facts(), &file, &to(by_id(id)))
            .into_iter()
            .map(|f| f.message)
            .collect::<Vec<_>>()
    };
    for media in [Media::Mp4, Media::Mp3, Media::Wav] {
        assert_eq!(said("indream", media, 1800), Vec::<String>::new());
        assert_eq!(said("indream", media, 1862), ["31:02 is over the 30-minute limit"]);
    }
    assert_eq!(said("flow-music", Media::Mp3, 1862), Vec::<String>::new(), "nobody else says so");
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
    for provider in every_provider() {
        let facts = provider.facts();
        for media in Media::ALL {
            let at = |size| gravities(provider, DetectedType::Known(media), size);
            let Some(row) = facts.accepts(media) else {
                assert_eq!(at(1000), [Severity::Error], "{} takes no {media:?}", facts.id);
                continue;
            };
            assert_eq!((at(0), at(1)), (vec![Severity::Error], vec![]), "{} {media:?}", facts.id);
            let below = if row.advised_bytes.is_some() { vec![Severity::Warning] } else { vec![] };
            if let Some(advised) = row.advised_bytes {
                assert_eq!((at(advised), at(advised + 1)), (vec![], below.clone()), "{} {media:?}", facts.id);
            }
            match row.max_bytes {
                Some(max) => {
                    assert_eq!(
                        (at(max), at(max + 1)),
                        (below, vec![Severity::Error]),
                        "{} {media:?}",
                        facts.id
                    );
                }
                None => assert_eq!(at(u64::MAX), below, "{} {media:?}", facts.id),
            }
        }
        assert_eq!(
            gravities(provider, DetectedType::Other { label: "PDF", mime: "application/pdf" }, 9),
            [Severity::Error]
        );
        assert_eq!(gravities(provider, DetectedType::Unknown, 9), [Severity::Error]);
    }
}

#[test]
fn options_that_mean_nothing_to_a_provider_are_stopped() {
    for provider in every_provider() {
        let facts = provider.facts();
        let media = first_type(provider);
        let recognised = DetectedType::Known(media);
        let file = FileFacts { path: "f".into(), size: 9, recognised, ..FileFacts::default() };
        let stopped = |destination: &Destination| {
            check::findings(facts, &file, destination).iter().any(|f| f.severity == Severity::Error)
        };
        let with = |key: &str, value: &str| Destination {
            options: BTreeMap::from([(key.to_owned(), value.to_owned())]),
            ..to(provider)
        };
        assert!(!stopped(&to(provider)) && stopped(&with("no-such-option", "x")), "{}", facts.id);
        for option in facts.options {
            let (good, bad) = match option.form {
                ValueKind::Text => ("a b", "a\nb"),
                ValueKind::Email => ("a@b.c", "nobody"),
                ValueKind::Uuid => (PROJECT, "9179b887"),
                ValueKind::Flag(_) => ("false", "no"),
                ValueKind::Choice(all) => (all[0], "other"),
            };
            assert!(!stopped(&with(option.key, good)), "{} {}", facts.id, option.key);
            assert!(stopped(&with(option.key, bad)) && stopped(&with(option.key, "")), "{}", option.key);
        }
    }
}
