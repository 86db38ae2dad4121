//! What is read of a reply's body, whatever stands in it.

use hoist::model::error::FailureKind;
use hoist::provider;
use hoist::provider::http::{
    Body, FileForm, Reply, ReplyMessage, encode_component, id, missing_id_failure, text, values,
};
use hoist::provider::key_check::{key_format_hint, unanswered};
use serde_json::{Value, json};

use crate::support::{by_id, every_provider, spec};

fn reply(body: &[u8]) -> Reply {
    Reply { status: 200, body: body.into(), ..Reply::default() }
}

#[test]
fn a_success_without_an_id_is_a_refusal_only_where_it_says_so() {
    let kind = |value: Value| missing_id_failure(&value, &reply(value.to_string().as_bytes())).kind;
    for refusal in [
        json!({ "error": "no" }),
        json!({ "error": true }),
        json!({ "error": { "message": "no" } }),
        json!({ "code": 400 }),
        json!({ "code": -1 }),
        json!({ "code": 200, "error": "no" }),
        json!({ "code": 500, "error": null }),
    ] {
        assert_eq!(kind(refusal.clone()), FailureKind::Refused, "{refusal}");
    }
    for unclear in [
        json!({}),
        json!({ "code": 200 }),
        json!({ "code": 0, "error": "" }),
        json!({ "error": null }),
        json!({ "error": false }),
        json!({ "message": "fine" }),
    ] {
        assert_eq!(kind(unclear.clone()), FailureKind::UnreadableAnswer, "{unclear}");
    }
    let said = missing_id_failure(&json!({ "error": "no" }), &reply(br#"{"error":"no"}"#)).service_message;
    assert_eq!(said.as_deref(), Some("no"));
}

#[test]
fn an_id_is_a_text_that_is_there_and_no_longer_than_any() {
    let longest = "x".repeat(8192);
    for (value, is_one) in [
        (json!("a"), true),
        (json!(longest), true),
        (json!(format!("{longest}x")), false),
        (json!(""), false),
        (json!("  "), false),
        (json!(null), false),
        (json!(5), false),
        (json!(["a"]), false),
    ] {
        let value = json!({ "data": { "id": value } });
        assert_eq!(id(&value, "/data/id").is_some(), is_one);
    }
    assert_eq!(text(&json!({ "a": " b " }), "/a").as_deref(), Some(" b "));
    assert_eq!(text(&json!({ "a": "b" }), "/c"), None);
}

#[test]
fn values_have_the_providers_own_names_and_none_is_empty() {
    let value = json!({ "a": 1, "b": null, "c": "", "d": { "e": "x", "f": false }, "g": 0 });
    let read = values(&value, &["/d/e", "/g", "/b", "/c", "/a", "/d/f", "/h", "/d/h"]);
    let expected = [("e", json!("x")), ("g", json!(0)), ("a", json!(1)), ("f", json!(false))];
    assert_eq!(read, expected.map(|(name, value)| (name.to_owned(), value)));
}

#[test]
fn only_an_object_is_an_answer() {
    let object = |body: &str| reply(body.as_bytes()).digested(&provider::pointers()).object();
    assert_eq!(object(r#"{"a":1}"#).unwrap(), json!({ "a": 1 }));
    for body in ["[1]", "\"a\"", "1", "null", "", "<p>Hello</p>"] {
        assert_eq!(object(body).unwrap_err().kind, FailureKind::UnreadableAnswer, "{body}");
    }
    assert_eq!(object("<p>Hello</p>").unwrap_err().service_message.as_deref(), Some("Hello"));
    // One that breaks off before its first name names no id: it may exist.
    assert_eq!(object("{").unwrap(), json!({}));
    assert_eq!(missing_id_failure(&json!({}), &reply(b"{")).kind, FailureKind::UnreadableAnswer);
}

#[test]
fn the_words_of_a_page_are_those_a_person_would_see() {
    let said = |body: &str| ReplyMessage::read(body.as_bytes()).text;
    for (body, words) in [
        ("<p>One</p><p>two</p>", "One two"),
        ("<HEAD><title>x</title></HEAD><body>Seen</body>", "Seen"),
        ("<style>p { color: red }</style>Seen", "Seen"),
        ("before<script>var a = '<b>';</script>after", "before after"),
        ("<script>never closed <b>but seen</b>", "never closed but seen"),
        ("a < b", "a"),
        ("a\n\t b", "a b"),
    ] {
        assert_eq!(said(body).as_deref(), Some(words), "{body}");
    }
    assert_eq!(said(&"x".repeat(500)).unwrap(), "x".repeat(500));
    assert_eq!(said(&"ä".repeat(501)).unwrap(), format!("{}…", "ä".repeat(499)));
    let late = format!("{}late", " ".repeat(16 * 1024));
    assert_eq!(said(&late), None, "what stands far behind is not read");
    assert_eq!(said(&late[4..]).as_deref(), Some("late"));
    assert_eq!(said(r#""just a text""#).as_deref(), Some("just a text"));
    assert_eq!(said(r#"" ""#), None);
    assert_eq!(said(r#"{"error":{"message":" "},"message":"seen"}"#).as_deref(), Some("seen"));
    let support = ReplyMessage::read(br#"{"error":"no","upstream":{"cf_ray":"a05b-SJC"}}"#);
    assert_eq!((support.cf_ray.as_deref(), support.reason), (Some("a05b-SJC"), None));
    assert_eq!(ReplyMessage::read(br#"{"errorCode":"X","code":"Y"}"#).reason.as_deref(), Some("X"));
    // A reason is named in words only where it is one of several details.
    assert_eq!(ReplyMessage::read(br#"{"error":"no","code":"Y"}"#).text.as_deref(), Some("no"));
}

#[test]
fn a_component_can_be_no_way_up_and_no_other_place() {
    for (plain, encoded) in [
        ("", ""),
        (".", "%2E"),
        ("..", "%2E%2E"),
        ("...", "%2E%2E%2E"),
        (".a", ".a"),
        ("a-_.!~*'()b", "a-_.!~*'()b"),
        ("a&b=c#d?e", "a%26b%3Dc%23d%3Fe"),
    ] {
        assert_eq!(encode_component(plain), encoded);
    }
}

#[test]
fn a_body_is_as_long_as_it_says() {
    let around =
        Body { before: "abc".into(), file: Some(FileForm::Base64), after: "de".into(), boundary: None };
    let lengths = [0, 1, 2, 3, 4, 6, 7].map(|size| around.length(size));
    assert_eq!(lengths, [5, 9, 9, 9, 13, 13, 17]);
    assert_eq!((Body::default().length(9), Body::file().length(9)), (0, 9));
}

#[test]
fn a_name_is_a_stem_and_an_extension_or_all_stem() {
    let options = std::collections::BTreeMap::new();
    let parts = |name: &'static str| {
        let media = hoist::model::media::Media::Png;
        let outgoing = spec(name, media, &options);
        (outgoing.stem().to_owned(), outgoing.extension().to_owned())
    };
    for (name, stem, extension) in [
        ("a.png", "a", "png"),
        ("a.b.png", "a.b", "png"),
        ("a", "a", ""),
        (".png", ".png", ""),
        ("a.", "a", ""),
        ("", "", ""),
    ] {
        assert_eq!(parts(name), (stem.to_owned(), extension.to_owned()), "{name:?}");
    }
}

#[test]
fn a_line_says_what_a_provider_takes() {
    let of = |id: &str| {
        let facts = by_id(id).facts();
        (facts.summary(), facts.kinds())
    };
    assert_eq!(
        of("google-flow"),
        ("PNG, JPEG, WebP up to 20 MB · MP4 up to 100 MB".into(), "images or video".into())
    );
    assert_eq!(of("riffusion"), ("MP3, WAV, M4A, best under 50 MB".into(), "audio".into()));
    let (summary, kinds) = of("indream");
    assert_eq!(summary, "Video up to 800 MB · Audio up to 25 MB · Images · SRT, ASS, LRC up to 10 MB");
    assert_eq!(kinds, "images, audio, video or captions");
    let (summary, kinds) = of("piapi");
    assert_eq!(
        (summary.as_str(), kinds.as_str()),
        ("PNG, JPEG, WebP, MP4, MP3, WAV up to 10 MB", "images, audio or video")
    );
    assert_eq!(of("flow-music").1, "images or audio");
}

#[test]
fn providers_and_vendors_are_found_by_their_own_ids_only() {
    for provider in every_provider() {
        let facts = provider.facts();
        assert_eq!(provider::by_id(facts.id).map(|p| p.facts().id), Some(facts.id));
        assert_eq!(provider::vendor(facts.vendor.id).map(|s| s.id), Some(facts.vendor.id));
    }
    assert!(provider::by_id("useapi").is_none() && provider::by_id("").is_none());
    assert!(provider::vendor("flow-music").is_none());
    let ids: Vec<_> = provider::shown_vendors().iter().map(|vendor| vendor.id).collect();
    let mut expected: Vec<_> = every_provider().into_iter().map(|p| p.facts().vendor.id).collect();
    expected.dedup();
    assert_eq!(ids, expected, "each once, in the order of its providers");
}

#[test]
fn a_hint_is_given_for_a_key_that_looks_like_anothers() {
    let vendor = |id: &str| provider::vendor(id).unwrap();
    let (useapi, piapi, indream) = (vendor("useapi"), vendor("piapi"), vendor("indream"));
    let looks = |of, key: &str| key_format_hint(of, key);
    let (of_useapi, of_piapi, of_indream) =
        ("user:1234-abcDEF123", "0123456789abcdefABCDEF0123456789", "sk_indream_0123456");
    for (vendor, key) in [(useapi, of_useapi), (piapi, of_piapi), (indream, of_indream)] {
        assert_eq!(looks(vendor, key), None, "{}", vendor.id);
        assert_eq!(looks(vendor, &format!(" {key}\n")), None, "{}", vendor.id);
        assert_eq!(looks(vendor, "  "), None);
        assert!(looks(vendor, "x").unwrap().contains(vendor.key_form), "{}", vendor.id);
    }
    for (vendor, key, other) in
        [(piapi, of_useapi, "useapi.net"), (useapi, of_indream, "Indream"), (indream, of_piapi, "PiAPI")]
    {
        assert_eq!(looks(vendor, key), Some(format!("This looks like a key of {other}")));
    }
    for key in ["user:-abc", "user:12x-abc", "user:12-", "user:12-a.b", "user:12", "12-abc"] {
        assert!(looks(useapi, key).is_some(), "{key}");
    }
    for key in [&of_piapi[1..], "0123456789abcdefABCDEF01234567-9"] {
        assert!(looks(piapi, key).is_some(), "{key}");
    }
    for key in ["sk_indream_01234", "sk_other_0123456789"] {
        assert!(looks(indream, key).is_some(), "{key}");
    }
}

#[test]
fn why_a_question_got_no_answer_fits_a_question() {
    let vendor = provider::vendor("piapi").unwrap();
    let failure = |kind| hoist::model::error::Failure::new(kind, "why", "what to do");
    for kind in [
        FailureKind::Tls,
        FailureKind::SetUp,
        FailureKind::ProxySignIn,
        FailureKind::Offline,
        FailureKind::Proxy,
    ] {
        assert_eq!(unanswered(vendor, failure(kind)), failure(kind));
    }
    for kind in [FailureKind::Cut, FailureKind::NoAnswer, FailureKind::AnswerTimeout, FailureKind::Stalled] {
        let other = unanswered(vendor, failure(kind));
        assert_eq!((other.kind, other.message.as_str()), (FailureKind::Unreachable, "PiAPI did not answer"));
    }
}
