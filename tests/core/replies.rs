//! What services answer that is no plain JSON of a few hundred bytes: packed, broken off, far too long, or full of the key.
//! The ID is kept, memory and time have bounds, and the key is never read.

use std::fmt::Write as _;
use std::time::Duration;

use crate::support::packing::{deflate, gzip, zlib};
use crate::support::server::{Answer, Reaction, Server};
use crate::support::{
    Rig, by_id, escaped, failure, first_type, key_of, receipt, success, success_asked, to, tries_of_unknown,
};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hoist::model::error::FailureKind;
use hoist::model::response::MAX_RESPONSE;
use hoist::model::text::MB;
use hoist::model::upload::{State, UploadId};
use hoist::provider::{self, Provider};
use hoist::session::report::{Report, remembered};
use hoist::store::history::Query;
use serde_json::{Value, json};

/// The success of a provider that asks for nothing more.
fn taken(provider: &Provider) -> Answer {
    success_asked(provider, 2)
}

fn utf16(body: &[u8], mark: &[u8], bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    let units = std::str::from_utf8(body).unwrap().encode_utf16().flat_map(bytes);
    mark.iter().copied().chain(units).collect()
}

/// A body in another form, and what its header says of that.
type PackedForm = (&'static str, Option<&'static str>, fn(Vec<u8>) -> Vec<u8>);

const FORMS: [PackedForm; 13] = [
    ("a byte order mark", None, |body| [&b"\xef\xbb\xbf"[..], &body].concat()),
    ("a byte order mark and a line break", None, |body| [&b"\xef\xbb\xbf\r\n"[..], &body].concat()),
    ("UTF-16", None, |body| utf16(&body, b"\xff\xfe", u16::to_le_bytes)),
    ("UTF-16, the other way round", None, |body| utf16(&body, b"\xfe\xff", u16::to_be_bytes)),
    ("UTF-16 without a mark", None, |body| utf16(&body, b"", u16::to_le_bytes)),
    ("gzip", Some("gzip"), |body| gzip(&body)),
    ("gzip that is not announced", None, |body| gzip(&body)),
    ("deflate", Some("deflate"), |body| zlib(&body)),
    ("deflate as some understand it", Some("deflate"), |body| deflate(&body)),
    ("gzip in deflate", Some("gzip, deflate"), |body| zlib(&gzip(&body))),
    ("gzip that is none", Some("gzip"), |body| body),
    ("text behind it", None, |body| [&body[..], b"\n<!-- served by 7 -->\n{\"id\":\"another\"}"].concat()),
    ("a letter that is no UTF-8 behind it", None, |body| [&body[..], b"\0\xe9"].concat()),
];

#[test]
fn an_answer_is_read_in_whatever_form_it_comes() {
    for provider in provider::first() {
        let plain = {
            let server = Server::always(Reaction::Answer(taken(provider)));
            receipt(&Rig::new(&server).send_small(&to(provider))).clone()
        };
        for (name, encoding, form) in FORMS {
            let mut answer = taken(provider).body(form);
            if let Some(encoding) = encoding {
                answer = answer.header("content-encoding", encoding);
            }
            let server = Server::always(Reaction::Answer(answer));
            let state = Rig::new(&server).send_small(&to(provider));
            let read = receipt(&state);
            assert_eq!((&read.id, &read.url), (&plain.id, &plain.url), "{name}");
            assert_eq!((&read.response, &read.warnings), (&plain.response, &plain.warnings), "{name}");
            assert_eq!(server.whole_bodies(), 1, "{name}");
        }
    }
}

#[test]
fn a_refusal_is_understood_in_whatever_form_it_comes() {
    for (name, encoding, form) in FORMS {
        let words = br#"{"error":"Only today: no"}"#.to_vec();
        let mut answer = Answer::new(400, form(words));
        if let Some(encoding) = encoding {
            answer = answer.header("content-encoding", encoding);
        }
        let server = Server::always(Reaction::Answer(answer));
        let state = Rig::new(&server).send_small(&to(by_id("flow-music")));
        assert_eq!(failure(&state).service_message.as_deref(), Some("Only today: no"), "{name}");
    }
}

/// The row that the history has, as `--json` prints it.
fn printed(rig: &Rig, id: UploadId) -> Value {
    let (record, attempts) = rig.remembered(id);
    remembered(&record, &attempts)
}

/// Of unknown outcome, with the ID or the link: in what the user reads, in `--json`, and found in the history.
#[track_caller]
fn assert_kept(rig: &Rig, id: UploadId, kind: FailureKind, first: &str) {
    let state = rig.state(id);
    assert!(matches!(state, State::Unknown(_)), "{state:?}");
    assert_eq!(failure(state).kind, kind);
    assert_eq!(state.receipt(), None, "it is not done");
    assert_eq!(state.kept_receipt().map(|receipt| receipt.first()), Some(first));
    assert!(failure(state).hint.contains(first), "{state:?}");
    let printed = printed(rig, id);
    let names = [printed["id"].as_str(), printed["url"].as_str()];
    assert!(names.contains(&Some(first)), "{printed}");
    assert_eq!((&printed["state"], &printed["error"]["kind"]), (&json!("unknown"), &json!(kind.name())));
    let search = Query { search: first.to_owned(), ..Query::default() };
    assert_eq!(rig.history().find(&search).unwrap(), [id], "it is found by {first}");
    let (record, _) = rig.remembered(id);
    assert_eq!(record.state, *state, "the history says the same");
    assert_eq!(Report::from(&record).receipt(), state.kept_receipt());
}

#[test]
fn an_answer_before_the_whole_file_is_no_success_and_its_id_is_kept() {
    for provider in provider::first() {
        let server = Server::always(Reaction::AnswerEarly(success(provider)));
        let mut rig = Rig::remembering(&server.origin(), |_| {});
        let path = rig.sparse(first_type(provider), 64 * MB);
        let id = rig.send(&path, &to(provider));
        let state = rig.end(id);
        let first = state.kept_receipt().unwrap_or_else(|| panic!("{state:?}")).first().to_owned();
        assert!(failure(&state).message.contains("answered before it had the whole file"), "{state:?}");
        assert_kept(&rig, id, FailureKind::AnsweredEarly, &first);
        assert_eq!(server.requests().len(), 1, "what it named may be good: it is not sent again by itself");
        assert!(!server.request().complete);
    }
}

#[test]
fn an_answer_that_breaks_off_behind_its_id_keeps_it() {
    let without_last_brace = |provider: &Provider| {
        taken(provider).body(|mut body| {
            body.pop();
            body
        })
    };
    for (provider, how) in provider::first().into_iter().flat_map(|p| [(p, 0), (p, 1), (p, 2)]) {
        let (reaction, kind) = match how {
            0 => (Reaction::Answer(without_last_brace(provider)), FailureKind::UnreadableAnswer),
            // More is announced than comes.
            1 => (Reaction::PartialAnswer(taken(provider)), FailureKind::NoAnswer),
            _ => (Reaction::UnendingAnswer(taken(provider)), FailureKind::AnswerTimeout),
        };
        let server = Server::always(reaction);
        let mut rig = Rig::remembering(&server.origin(), |config| {
            if how == 2 {
                config.limits.answer = Duration::from_millis(500);
            }
        });
        let path = rig.small(provider);
        let id = rig.send(&path, &to(provider));
        let state = rig.end(id);
        let first = state.kept_receipt().unwrap_or_else(|| panic!("{state:?}")).first().to_owned();
        assert_kept(&rig, id, kind, &first);
        assert_eq!(server.whole_bodies(), tries_of_unknown(provider));
    }
}

/// So many bytes of small objects, as JSON without its brackets.
fn small_objects(bytes: usize) -> String {
    let mut out = String::with_capacity(bytes + 16);
    let mut n = 0;
    while out.len() < bytes {
        n += 1;
        let _ = write!(out, "{}{{\"a\":{n}}}", if out.is_empty() { "" } else { "," });
    }
    out
}

#[test]
fn a_long_response_is_kept_in_part_and_the_id_wherever_it_stands() {
    let junk = small_objects(300_000);
    for provider in provider::first() {
        let plain = String::from_utf8(taken(provider).bytes()).unwrap();
        for text in [
            format!(r#"{{"junk":[{junk}],{}"#, &plain[1..]),
            format!(r#"{},"junk":[{junk}]}}"#, plain.strip_suffix('}').unwrap()),
        ] {
            let answer = taken(provider).body(|_| text.clone().into_bytes());
            let server = Server::always(Reaction::Answer(answer));
            let mut rig = Rig::remembering(&server.origin(), |_| {});
            let path = rig.small(provider);
            let id = rig.send(&path, &to(provider));
            let state = rig.end(id);
            let read = receipt(&state);
            assert!(plain.contains(&json!(read.first()).to_string()), "{read:?}");
            assert!(read.response.as_str().len() <= MAX_RESPONSE);
            assert!(read.response.as_str().len() > MAX_RESPONSE / 2, "the beginning is kept");
            assert!(read.warnings.iter().any(|words| words.contains("64 kB")), "{:?}", read.warnings);
            let (record, _) = rig.remembered(id);
            assert_eq!(record.state, state);
            assert!(printed(&rig, id)["warnings"].to_string().contains("64 kB"));
        }
    }
}

#[test]
fn an_unreadable_answer_full_of_the_key_is_read_in_one_go() {
    let provider = by_id("flow-music");
    // It took minutes for a tenth of this, where each find was cut out of the rest.
    let mut noise = vec![];
    while noise.len() < 2 * MB as usize {
        noise.extend_from_slice(key_of(provider.facts().vendor).as_bytes());
        noise.extend_from_slice(b"\xff\xe9");
    }
    let server = Server::always(Reaction::Answer(taken(provider).body(|_| noise)));
    let state = Rig::new(&server).send_small(&to(provider));
    assert_eq!(failure(&state).kind, FailureKind::UnreadableAnswer);
    let said = failure(&state).service_message.as_deref().unwrap();
    assert!(said.starts_with("[key removed]") && !said.contains("MadeUpKey"), "{said}");
}

/// Forms in which services repeat what they were sent.
fn forms(key: &str) -> Vec<String> {
    let hex = |separator: &str| key.bytes().map(|b| format!("{b:02x}")).collect::<Vec<_>>().join(separator);
    let percent = key.bytes().map(|b| format!("%{b:02X}")).collect::<Vec<_>>().concat();
    vec![
        key.to_owned(),
        key.replace(':', "%3A"),
        percent.clone(),
        percent.to_lowercase(),
        percent.replace('%', "%25"),
        hex(""),
        hex("").to_uppercase(),
        hex(":"),
        STANDARD.encode(key),
        STANDARD.encode(format!("Bearer {key}")),
        STANDARD.encode(format!("x:{key}")),
        URL_SAFE_NO_PAD.encode(format!("{{\"key\":\"{key}\"}}")),
        escaped(key),
        escaped(key).replace('\\', "\\\\"),
    ]
}

#[test]
fn no_form_of_a_key_that_a_provider_repeats_reaches_anybody() {
    for provider in [by_id("flow-music"), by_id("indream")] {
        let key = key_of(provider.facts().vendor);
        for form in forms(&key) {
            // As words of a refusal, as plain text, and within what a success names.
            let success = String::from_utf8(taken(provider).bytes()).unwrap();
            let named = success.replacen('{', &format!("{{\"echo\":\"{form}\",\"{form}\":1,"), 1);
            for (status, text) in [
                (400, format!("{{\"error\":\"Bad key {form}, sorry\"}}")),
                (500, format!("<html>Bad key {form}, sorry</html>")),
                (taken(provider).status(), named),
            ] {
                let server = Server::always(Reaction::Answer(Answer::new(status, text)));
                let mut rig = Rig::remembering(&server.origin(), |_| {});
                let path = rig.small(provider);
                let id = rig.send(&path, &to(provider));
                rig.end(id);
                let told = format!("{:?} {}", rig.events(id), printed(&rig, id));
                assert!(told.contains("[key removed]"), "{status} {form}: {told}");
                let plain = told.to_lowercase();
                for shown in forms(&key).iter().chain([&form]) {
                    // As it is, and as the texts of texts show it.
                    let shown = shown.to_lowercase();
                    assert!(!plain.contains(&shown), "{status} {form}: {told}");
                    assert!(!plain.replace("\\\\", "\\").contains(&shown), "{status} {form}: {told}");
                }
                assert_eq!(rig.state(id).receipt().is_some(), status < 300, "{told}");
            }
        }
    }
}

/// Memory is counted in a process of its own: nothing else runs there, and the server's is not counted.
#[cfg(target_os = "linux")]
mod memory {
    use std::io::{BufRead, BufReader, Read, Write};
    use std::net::{TcpListener, TcpStream};
    use std::process::Command;
    use std::sync::{Arc, Barrier};

    use hoist::model::receipt::Receipt;

    use super::*;
    use crate::support::most_memory;

    const ORIGIN: &str = "HOIST_TEST_LONG_REPLIES";
    const AT_ONCE: usize = 8;
    const MAX_MEMORY: u64 = 200 * MB;

    /// Long in every way: an ID and small objects, before it and behind it; nested; packed; a refusal; a key's letters.
    fn bodies() -> Vec<Vec<u8>> {
        let bytes = 8 * MB as usize - 4096;
        let junk = small_objects(bytes);
        let near = key_of(by_id("flow-music").facts().vendor).replace("Tests", "Test,");
        let deep = bytes / 2;
        vec![
            format!(r#"{{"id":"an id","url":"https://example.com/a","junk":[{junk}]}}"#).into_bytes(),
            format!(r#"{{"junk":[{junk}],"id":"an id"}}"#).into_bytes(),
            format!(r#"{{"id":"an id","kind":[{junk}]}}"#).into_bytes(),
            format!(r#"{{"junk":{}{},"id":"an id"}}"#, "[".repeat(deep), "]".repeat(deep)).into_bytes(),
            format!(r#"{{"id":"an id","text":"{}"}}"#, "\\u0061".repeat(bytes / 6)).into_bytes(),
            format!(r#"{{"id":"an id","text":"{}"}}"#, near.repeat(bytes / near.len())).into_bytes(),
            gzip(format!(r#"{{"junk":[{junk}],"id":"an id"}}"#).as_bytes()),
            format!(r#"{{"id":"an id",{}}}"#, vec![r#""n":{"a":{}}"#; bytes / 13].join(",")).into_bytes(),
        ]
    }

    /// Takes one upload, waits until all are there, and answers.
    fn serve(stream: TcpStream, body: &[u8], all: &Barrier) -> std::io::Result<()> {
        let mut reader = BufReader::new(stream.try_clone()?);
        let (mut line, mut left) = (String::new(), 0);
        while line != "\r\n" {
            line.clear();
            reader.read_line(&mut line)?;
            if let Some(length) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                left = length.trim().parse().unwrap();
            }
        }
        reader.read_exact(&mut vec![0; left])?;
        let mut stream = stream;
        // Chunks say nothing of the length: room for it is made as they come.
        stream.write_all(b"HTTP/1.1 200 X\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n")?;
        let (first, rest) = body.split_at(body.len() - body.len() / 50);
        for (part, pieces) in [(0, first), (1, rest)] {
            if part == 1 {
                all.wait(); // nearly all of each has been taken in
            }
            for piece in pieces.chunks(64 * 1024) {
                write!(stream, "{:x}\r\n", piece.len())?;
                stream.write_all(piece)?;
                stream.write_all(b"\r\n")?;
            }
        }
        stream.write_all(b"0\r\n\r\n")?;
        stream.read(&mut [0]).map(|_| ())
    }

    #[test]
    fn eight_long_replies_at_once_stay_within_200_mb() {
        if let Some(origin) = std::env::var_os(ORIGIN) {
            return in_a_process_of_its_own(origin.to_str().unwrap());
        }
        let bodies = bodies();
        for same in [Some(0), Some(1), None] {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let origin = format!("http://{}", listener.local_addr().unwrap());
            let program = std::env::current_exe().unwrap();
            let test = "replies::memory::eight_long_replies_at_once_stay_within_200_mb";
            let mut run = Command::new(program);
            run.args([test, "--exact", "--nocapture"]).env(ORIGIN, &origin);
            let all = Arc::new(Barrier::new(AT_ONCE));
            std::thread::scope(|scope| {
                let child = scope.spawn(move || run.output().unwrap());
                let served: Vec<_> = (0..AT_ONCE)
                    .map(|n| {
                        let (stream, _) = listener.accept().unwrap();
                        let (all, body) = (Arc::clone(&all), &bodies[same.unwrap_or(n)]);
                        scope.spawn(move || serve(stream, body, &all))
                    })
                    .collect();
                for served in served {
                    served.join().unwrap().unwrap();
                }
                let run = child.join().unwrap();
                let said = [run.stdout, run.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
                assert!(run.status.success(), "{same:?}: {}\n{}", said[0], said[1]);
                assert!(said[0].contains("1 passed"), "{}", said[0]);
            });
        }
    }

    fn in_a_process_of_its_own(origin: &str) {
        let provider = by_id("flow-music");
        let mut rig = Rig::remembering(origin, |config| {
            (config.slots.at_once, config.slots.per_account) = (AT_ONCE, AT_ONCE);
        });
        let path = rig.small(provider);
        let before = most_memory();
        let all: Vec<_> = (0..AT_ONCE).map(|_| rig.send(&path, &to(provider))).collect();
        for id in &all {
            let state = rig.end(*id);
            assert_eq!(receipt(&state).id.as_deref(), Some("an id"));
            assert!(receipt(&state).response.as_str().len() <= MAX_RESPONSE);
            assert!(!receipt(&state).warnings.is_empty());
        }
        let sent = most_memory() - before;
        // The history's list afterwards.
        let rows = rig.all_remembered();
        assert_eq!(rows.len(), AT_ONCE);
        let listed = most_memory() - before;
        // And rows of an earlier version, which kept responses of any length.
        let row =
            json!({"id": "x", "url": null, "values": [], "warnings": [], "expires": null, "response": null});
        let junk = format!(r#"{{"id":"x","junk":[{}]}}"#, small_objects(8 * MB as usize));
        let row = row.to_string().replace("null}", &format!("{junk}}}"));
        let old: Vec<Receipt> = (0..4).map(|_| serde_json::from_str(&row).unwrap()).collect();
        assert!(old.iter().all(|receipt| (1000..=MAX_RESPONSE).contains(&receipt.response.as_str().len())));
        let old = most_memory() - before;
        assert!(old < MAX_MEMORY, "{sent} bytes, {listed} with the list, {old} with an old one");
    }
}
