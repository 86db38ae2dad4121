//! The sandbox refuses what the services' documents say they refuse: asked directly, since Hoist itself would not send it.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, Mutex};

use hoist::sandbox::{Sandbox, SandboxRequest};
use serde_json::Value;

const PNG: &[u8] = include_bytes!("../../assets/samples/cover.png");
const MP3: &[u8] = include_bytes!("../../assets/samples/tone.mp3");
const MP4: &[u8] = include_bytes!("../../assets/samples/clip.mp4");
const USEAPI: &str = "authorization: Bearer user:1000-sandboxSandboxSandbox";
const PIAPI: &str = "x-api-key: piapi-sandbox-key-0000";
const INDREAM: &str = "authorization: Bearer sk_indream_sandbox000000";

fn sandbox() -> Sandbox {
    Sandbox::start(0, Arc::new(|_: SandboxRequest| {})).unwrap()
}

/// One request; gives back the status, the head of the answer, and its JSON.
fn ask(sandbox: &Sandbox, line: &str, headers: &[&str], body: &[u8]) -> (u16, String, Value) {
    let mut stream = TcpStream::connect(sandbox.origin().strip_prefix("http://").unwrap()).unwrap();
    let length = match headers.iter().any(|h| h.starts_with("transfer-encoding")) {
        true => String::new(),
        false => format!("content-length: {}\r\n", body.len()),
    };
    let headers = headers.join("\r\n");
    write!(stream, "{line} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{length}{headers}\r\n\r\n").unwrap();
    let _ = stream.write_all(body);
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, head.to_ascii_lowercase(), serde_json::from_str(body).unwrap_or(Value::Null))
}

const MUSIC: &str = "POST /v1/flowmusic/files";
const FLOW: &str = "POST /v1/google-flow/assets";
const RIFFUSION: &str = "POST /v1/riffusion/music/upload-audio/";
const INDREAM_UPLOAD: &str = "POST /v1/uploads";

/// Status, request line, headers, body, and where the answer has its words.
type Case<'a> = (u16, &'a str, &'a [&'a str], &'a [u8], &'a str);

#[test]
fn what_the_documents_refuse_is_refused_in_their_shape() {
    let sandbox = sandbox();
    let png = "content-type: image/png";
    let chunked = b"4\r\n\x89PNG\r\n0\r\n\r\n";
    let cases: &[Case<'_>] = &[
        (401, MUSIC, &[png], PNG, "/error"),
        (401, MUSIC, &["authorization: Bearer user:1-wrong", png], PNG, "/error"),
        (401, MUSIC, &["x-api-key: user:1000-sandboxSandboxSandbox", png], PNG, "/error"),
        (401, MUSIC, &[USEAPI, "x-api-key: another", png], PNG, "/error"),
        (400, MUSIC, &[USEAPI, "content-type: application/octet-stream"], PNG, "/error"),
        (400, MUSIC, &[USEAPI, "content-type: image/jpeg"], PNG, "/error"),
        (400, MUSIC, &[USEAPI, png], b"", "/error"),
        (400, MUSIC, &[USEAPI, png], b"no picture", "/error"),
        (411, MUSIC, &[USEAPI, png, "transfer-encoding: chunked"], chunked, "/error"),
        (
            422,
            "POST /v1/flowmusic/files?stripMetadata=false",
            &[USEAPI, png],
            b"\x89PNG\r\n\x1a\n....c2pa",
            "/error",
        ),
        (400, FLOW, &[USEAPI, "content-type: audio/mpeg"], MP3, "/error"),
        (404, "POST /v1/google-flow/assets/unknown%40example.com", &[USEAPI, png], PNG, "/error"),
        (
            429,
            "POST /v1/google-flow/assets/throttled%2B1%40example.com",
            &[USEAPI, png],
            PNG,
            "/error/details/0/reason",
        ),
        (596, "POST /v1/flowmusic/files?email=broken%40example.com", &[USEAPI, png], PNG, "/error"),
        (400, RIFFUSION, &[USEAPI, "content-type: audio/mpeg"], MP3, "/error"),
        (401, "POST /api/ephemeral_resource", &["content-type: application/json"], b"{}", "/message"),
        (400, "POST /api/ephemeral_resource", &[PIAPI, "content-type: application/json"], b"{}", "/message"),
        (400, "POST /api/ephemeral_resource", &[PIAPI, png], PNG, "/message"),
        (401, INDREAM_UPLOAD, &[png, "x-file-name: a.png"], PNG, "/detail"),
        (400, INDREAM_UPLOAD, &[INDREAM, png], PNG, "/detail"),
        (400, INDREAM_UPLOAD, &[INDREAM, png, "x-file-name: a.png", "x-project-id: spring"], PNG, "/detail"),
    ];
    for (status, line, headers, body, words) in cases {
        let (got, head, json) = ask(&sandbox, line, headers, body);
        assert_eq!(got, *status, "{line} {headers:?}: {json}");
        assert!(
            json.pointer(words).is_some_and(|w| w.as_str().is_some_and(|w| !w.is_empty())),
            "{line}: {json}"
        );
        assert_eq!(head.contains("retry-after: 1800"), *status == 429, "{head}");
    }
}

#[test]
fn files_over_a_limit_are_refused_with_the_documents_status() {
    let sandbox = sandbox();
    let mut large = PNG.to_vec();
    large.resize(20 * 1024 * 1024 + 1, 0);
    let png = "content-type: image/png";
    assert_eq!(ask(&sandbox, MUSIC, &[USEAPI, png], &large).0, 413);
    let (status, _, json) = ask(&sandbox, FLOW, &[USEAPI, png], &large);
    assert_eq!((status, json["error"].as_str()), (400, Some("File size (20971521) is over 20971520 bytes")));
    large.truncate(20 * 1024 * 1024);
    assert_eq!(ask(&sandbox, FLOW, &[USEAPI, png], &large).0, 200);
}

#[test]
fn what_the_documents_list_besides_is_taken() {
    let sandbox = sandbox();
    let wave = include_bytes!("../../assets/samples/tone.wav");
    let line = "POST /v1/riffusion/music/upload-audio/?file_name=a&user_id=main";
    assert_eq!(ask(&sandbox, line, &[USEAPI, "content-type: audio/wave"], wave).0, 200);
    let m4a = include_bytes!("../../assets/samples/tone.m4a");
    for name in ["audio/mp4", "audio/x-m4a", "audio/aac"] {
        assert_eq!(ask(&sandbox, MUSIC, &[USEAPI, &format!("content-type: {name}")], m4a).0, 200, "{name}");
    }
    let old = "x-api-key: sk_indream_sandbox000000";
    let (status, _, json) =
        ask(&sandbox, INDREAM_UPLOAD, &[old, "content-type: video/mp4", "x-file-name: 100%25.mp4"], MP4);
    assert_eq!((status, json["data"]["filename"].as_str()), (201, Some("100%.mp4")));
}

#[test]
fn keys_accounts_and_projects_can_be_requested_for() {
    let sandbox = sandbox();
    for (line, key, pointer) in [
        ("GET /v2/account", USEAPI, "/user"),
        ("GET /v1/flowmusic/accounts", USEAPI, "/broken@example.com/error"),
        ("GET /v1/flowmusic/accounts/jane%40example.com", USEAPI, "/credits_remaining"),
        ("GET /v1/google-flow/accounts", USEAPI, "/jane@example.com/health"),
        ("GET /v1/riffusion/accounts", USEAPI, "/main/user_id"),
        ("GET /account/info", PIAPI, "/data/plan"),
        ("GET /v1/editor/capabilities", INDREAM, "/data"),
        ("GET /v1/projects?pageSize=50", INDREAM, "/data/0/projectId"),
    ] {
        let (status, _, json) = ask(&sandbox, line, &[key], b"");
        assert_eq!(status, 200, "{line}");
        assert!(json.pointer(pointer).is_some(), "{line}: {json}");
        assert_eq!(ask(&sandbox, line, &["authorization: Bearer wrong"], b"").0, 401, "{line}");
    }
    assert_eq!(ask(&sandbox, "GET /v1/elsewhere", &[USEAPI], b"").0, 404);
}

#[test]
fn a_link_of_an_upload_says_that_nothing_is_online() {
    let sandbox = sandbox();
    let file = "content-type: image/png";
    let (status, _, json) = ask(&sandbox, INDREAM_UPLOAD, &[INDREAM, file, "x-file-name: a.png"], PNG);
    assert_eq!(status, 201, "{json}");
    let link = json["data"]["fileUrl"].as_str().unwrap();
    let path = link.strip_prefix(&sandbox.origin()).unwrap();
    let (status, _, json) = ask(&sandbox, &format!("GET {path}"), &[], b"");
    assert_eq!(status, 404);
    assert!(
        json["error"].as_str().unwrap().starts_with("This is Hoist's sandbox: nothing is online"),
        "{json}"
    );
}

#[test]
fn whoever_watches_a_sandbox_is_told_what_was_taken() {
    let seen: Arc<Mutex<Vec<SandboxRequest>>> = Arc::default();
    let watch = Arc::clone(&seen);
    let sandbox = Sandbox::start(0, Arc::new(move |one| watch.lock().unwrap().push(one))).unwrap();
    ask(&sandbox, FLOW, &[USEAPI, "content-type: image/png"], PNG);
    ask(&sandbox, FLOW, &[USEAPI, "content-type: image/gif"], PNG);
    let seen: Vec<_> = seen.lock().unwrap().iter().map(|s| (s.path.clone(), s.status, s.bytes)).collect();
    let path = "/v1/google-flow/assets".to_owned();
    assert_eq!(seen, [(path.clone(), 200, Some(PNG.len() as u64)), (path, 400, None)]);
}
