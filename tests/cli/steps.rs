//! A person's own provider that takes several requests: what goes out in each, what a fault in each leads to, and which of
//! them are repeated, over real sockets and with the real program killed.

use std::fs;
use std::path::PathBuf;

use hoist::model::media::Media;
use hoist::provider;
use serde_json::{Value, json};

use crate::machine::{Machine, samples, signal, states};
use crate::support::server::{Answer, Reaction, Recorded, Server};
use crate::support::{form, made};

/// Asks for an address, puts the file there, and registers it: only the last creates the asset.
const THREE: &str = include_str!("../fixtures/providers/studio.toml");

const KEY: &str = "key-of-studio-0123456789";

fn add(machine: &Machine, text: &str) {
    let path = machine.file("studio.toml", text.as_bytes());
    let ended = machine.run(&args!["providers", "add", path.as_os_str(), "--yes"]);
    assert_eq!(ended.status, 0, "{}", ended.err);
    fs::remove_file(path).unwrap();
}

fn machine(server: &Server) -> Machine {
    let machine = Machine::new().with("HOIST_STUDIO_URL", &server.origin()).with("HOIST_STUDIO_KEY", KEY);
    add(&machine, THREE);
    machine
}

fn picture(machine: &Machine) -> PathBuf {
    machine.file("a picture.png", &made(Media::Png, 3000))
}

/// Which request this is, from 0.
fn step(request: &Recorded) -> usize {
    match (request.method.as_str(), request.target.as_str()) {
        ("POST", "/addresses") => 0,
        ("PUT", "/signed?x=1") => 1,
        ("POST", "/assets/a-1") => 2,
        other => panic!("{other:?}"),
    }
}

fn answer(request: &Recorded) -> Reaction {
    let origin = format!("http://{}", request.header("host").unwrap());
    let body = match step(request) {
        0 => json!({
            "asset": "a-1",
            "upload": {
                "address": format!("{origin}/signed?x=1"),
                // What decides where a request goes, or how long it is, is Hoist's own.
                "headers": { "x-signed": "yes", "content-length": "1", "host": "evil.example", "authorization": "x" },
            },
        }),
        1 => Value::Null,
        _ => json!({ "id": "a-1", "bytes": 3000 }),
    };
    Reaction::Answer(Answer::new(200, body.to_string()))
}

/// A server that does this in one step, and what it should in the others.
fn but(at: usize, reaction: Reaction) -> Server {
    Server::start(move |request, _| if step(request) == at { reaction.clone() } else { answer(request) })
}

fn steps(server: &Server) -> Vec<usize> {
    server.requests().iter().map(step).collect()
}

#[test]
fn each_step_has_what_the_one_before_named_and_the_key_goes_to_the_vendor_alone() {
    let server = Server::start(|request, _| answer(request));
    let machine = machine(&server);
    let file = picture(&machine);
    let (ended, objects) = machine.upload(&args!["--to", "studio", file.as_os_str()]);
    assert_eq!((ended.status, objects[0]["id"].as_str()), (0, Some("a-1")), "{objects:?} {}", ended.err);
    assert_eq!(objects[0]["values"]["bytes"], 3000);
    let requests = server.requests();
    assert_eq!(steps(&server), [0, 1, 2]);
    let keys: Vec<_> = requests.iter().map(|request| request.header("x-studio-key")).collect();
    assert_eq!(keys, [Some(KEY), None, Some(KEY)]);
    let asked: Value = serde_json::from_slice(requests[0].body.as_ref().unwrap()).unwrap();
    assert_eq!(asked, json!({ "name": "a picture.png", "type": "image/png", "bytes": "3000" }));
    let put = &requests[1];
    assert_eq!(put.body.as_deref(), Some(&*fs::read(&file).unwrap()));
    assert_eq!((put.header("x-signed"), put.header("content-length")), (Some("yes"), Some("3000")));
    assert_eq!(put.header("content-type"), Some("image/png"));
    assert!(put.header("authorization").is_none() && put.header("host").unwrap().starts_with("127.0.0.1"));
    assert_eq!(requests[2].header("content-length"), Some("0"));
    assert_eq!(machine.history(&[])[0]["state"], "done");
}

#[test]
fn what_breaks_before_the_asset_is_created_is_begun_anew_and_never_of_unknown_outcome() {
    for (at, reaction) in [
        (0, Reaction::CutAfterBody),
        (0, Reaction::Answer(Answer::new(502, ""))),
        (1, Reaction::CutAfterBody),
        (1, Reaction::ResetAfter(1000)),
    ] {
        let server = but(at, reaction.clone());
        let machine = machine(&server);
        // Large, so that a reset finds bytes that were not read.
        let file = machine.file("large.png", &made(Media::Png, 4_000_000));
        let (ended, objects) = machine.upload(&args!["--to", "studio", file.as_os_str()]);
        assert_eq!((ended.status, objects[0]["state"].as_str()), (1, Some("refused")), "{at} {reaction:?}");
        let once: Vec<_> = (0..=at).collect();
        assert_eq!(steps(&server), once.repeat(3), "three times from the beginning, and never further");
        assert_eq!(machine.history(&[])[0]["state"], "refused");
    }
}

#[test]
fn what_breaks_where_the_asset_is_created_is_of_unknown_outcome_and_never_sent_again() {
    for reaction in [
        Reaction::CutAfterBody,
        Reaction::Answer(Answer::new(502, "")),
        Reaction::Answer(Answer::new(500, "").header("x", "y")),
        Reaction::Answer(Answer::new(200, "<html>Welcome</html>")),
    ] {
        let is_refusal = matches!(&reaction, Reaction::Answer(answer) if answer.status() == 500);
        let server = but(2, reaction.clone());
        let machine = machine(&server);
        let file = picture(&machine);
        let (ended, objects) = machine.upload(&args!["--to", "studio", file.as_os_str()]);
        let expected = if is_refusal { (1, Some("refused")) } else { (3, Some("unknown")) };
        assert_eq!((ended.status, objects[0]["state"].as_str()), expected, "{reaction:?}");
        assert_eq!(steps(&server), [0, 1, 2]);
    }
}

#[test]
fn what_breaks_after_the_asset_was_created_is_of_unknown_outcome_and_never_sent_again() {
    let created_before_the_end = THREE.replace(
        "again = \"safe\"\n[[step]]\nmethod = \"POST\"",
        "creates = true\n[[step]]\nmethod = \"POST\"",
    );
    assert_ne!(created_before_the_end, THREE);
    for reaction in [
        Reaction::CutAfterBody,
        Reaction::Answer(Answer::new(500, "")),
        Reaction::Answer(Answer::new(400, r#"{"error":"no"}"#)),
        Reaction::Answer(Answer::new(200, "<html>Welcome</html>")),
    ] {
        let server = but(2, reaction.clone());
        let machine = Machine::new().with("HOIST_STUDIO_URL", &server.origin()).with("HOIST_STUDIO_KEY", KEY);
        add(&machine, &created_before_the_end);
        let file = picture(&machine);
        let (ended, objects) = machine.upload(&args!["--to", "studio", file.as_os_str()]);
        assert_eq!(
            (ended.status, objects[0]["state"].as_str()),
            (3, Some("unknown")),
            "{reaction:?} {objects:?}"
        );
        assert_eq!(steps(&server), [0, 1, 2], "{reaction:?}");
        assert_eq!(states(&machine.history(&[])), ["unknown"]);
    }
}

#[test]
fn an_address_that_leads_elsewhere_gets_nothing() {
    let elsewhere = Server::always(Reaction::Answer(Answer::new(200, "{}")));
    let away = format!("{}/signed", elsewhere.origin());
    for address in
        [away.as_str(), "https://10.0.0.1/x", "file:///etc/passwd", "http://user:pw@127.0.0.1/", ""]
    {
        let body = json!({ "asset": "a-1", "upload": { "address": address, "headers": {} } }).to_string();
        let server = but(0, Reaction::Answer(Answer::new(200, body)));
        let machine = machine(&server);
        let file = picture(&machine);
        let (_, objects) = machine.upload(&args!["--to", "studio", file.as_os_str()]);
        assert_eq!(objects[0]["state"], "refused", "{address}: {objects:?}");
        assert_eq!(server.requests().iter().filter(|request| request.method == "PUT").count(), 0);
    }
    assert_eq!(elsewhere.requests().len(), 0);
}

#[test]
fn a_run_that_is_killed_between_steps_says_which_may_have_created_something() {
    for (at, state) in [(0, "cancelled"), (1, "cancelled"), (2, "unknown")] {
        let server = but(at, Reaction::StallAfter);
        let machine = machine(&server);
        let file = picture(&machine);
        let child = machine.command(&args!["upload", "--to", "studio", file.as_os_str()]).spawn().unwrap();
        server.until("it is in this step", |requests| {
            requests.last().is_some_and(|request| step(request) == at && request.complete)
        });
        signal("-KILL", child.id());
        child.wait_with_output().unwrap();
        assert_eq!(states(&machine.history(&[])), [state], "killed in step {at}");
    }
}

#[test]
fn the_sandbox_plays_it_and_its_promises_hold() {
    let machine = Machine::new();
    add(&machine, THREE);
    let file = picture(&machine);
    let (ended, objects) = machine.upload(&args!["--sandbox", "--to", "studio", file.as_os_str()]);
    assert_eq!((ended.status, objects[0]["state"].as_str()), (0, Some("done")), "{objects:?} {}", ended.err);
    let tested = machine.run(&args!["providers", "test", "studio"]);
    assert_eq!(tested.status, 0, "{}", tested.out);
    let bad = machine.file("bad.toml", THREE.replace(r#"{"id":"{uuid}"}"#, r#"{"asset":1}"#).as_bytes());
    let tested = machine.run(&args!["providers", "test", bad.as_os_str()]);
    assert_eq!(tested.status, 1, "{}", tested.out);
    assert!(tested.out.contains("BROKEN  Each example names"), "{}", tested.out);
}

/// The file stands deep in JSON and without a name, and the link in a header of the reply.
const DEEP: &str = r#"
format = 1
id = "deep"
name = "Deep"
page = "https://deep.example/docs"
checked = "2026-03-01"
[vendor]
id = "deep"
name = "Deep"
hosts = ["api.deep.example"]
auth = "none"
[[accepts]]
types = ["png"]
[[step]]
method = "POST"
url = "https://api.deep.example/v1"
body = { json = { input = { images = ["{file.data_uri}"] }, kind = "{file.kind}" } }
capture = { link = { header = "Location" } }
[reply]
url = "{capture.link}"
[[example]]
status = 201
body = ""
headers = { Location = "{origin}/{uuid}" }
"#;

#[test]
fn a_file_deep_in_json_and_a_link_in_a_header_work_here_as_in_the_sandbox() {
    let machine = Machine::new();
    add(&machine, DEEP);
    let file = picture(&machine);
    let (ended, objects) = machine.upload(&args!["--sandbox", "--to", "deep", file.as_os_str()]);
    assert_eq!(ended.status, 0, "{objects:?} {}", ended.err);
    let link = objects[0]["url"].as_str().unwrap();
    assert!(link.starts_with("http://127.0.0.1:"), "{link}");
    let tested = machine.run(&args!["providers", "test", "deep"]);
    assert_eq!(tested.status, 0, "{}", tested.out);
    // A reply without the header names no asset.
    for (header, state) in [(Some("https://deep.example/7"), "done"), (None, "unknown")] {
        let server = Server::start(move |_, _| {
            let answer = Answer::new(201, "");
            Reaction::Answer(match header {
                Some(link) => answer.header("location", link),
                None => answer,
            })
        });
        let machine = Machine::new().with("HOIST_DEEP_URL", &server.origin());
        add(&machine, DEEP);
        let file = picture(&machine);
        let (_, objects) = machine.upload(&args!["--to", "deep", file.as_os_str()]);
        assert_eq!((objects[0]["state"].as_str(), objects[0]["url"].as_str()), (Some(state), header));
        let sent: Value = serde_json::from_slice(server.request().body.as_ref().unwrap()).unwrap();
        assert!(sent["input"]["images"][0].as_str().unwrap().starts_with("data:image/png;base64,"));
    }
}

#[test]
fn a_file_that_an_option_or_the_reply_gives_a_time_to_live_says_when_it_expires() {
    let machine = Machine::new();
    let file = picture(&machine);
    let hours = |arguments: &[&std::ffi::OsStr]| {
        let (ended, objects) = machine.upload(arguments);
        assert_eq!(ended.status, 0, "{}", ended.err);
        let expires = objects[0]["expires"].as_str()?.parse::<jiff::Timestamp>().unwrap();
        Some((expires.as_second() - jiff::Timestamp::now().as_second() + 60) / 3600)
    };
    let file = file.as_os_str();
    assert_eq!(hours(&args!["--sandbox", "--to", "litterbox", file]), Some(1));
    assert_eq!(hours(&args!["--sandbox", "--to", "litterbox", "-o", "time=72h", file]), Some(72));
    assert_eq!(hours(&args!["--sandbox", "--to", "imgbb", file]), None, "it says 0, which is for ever");
    assert_eq!(hours(&args!["--sandbox", "--to", "kie", file]), Some(24));
}

#[test]
fn a_file_is_listed_shown_agreed_to_and_removed() {
    let machine = Machine::new();
    let path = machine.file("studio.toml", THREE.as_bytes());
    let asked = machine.run(&args!["providers", "add", path.as_os_str()]);
    assert_eq!(asked.status, 2, "without a terminal there is no answer");
    for words in [
        "https://api.studio.example",
        "key goes to that host only",
        "without your key",
        "studio.example/docs",
    ] {
        assert!(asked.out.contains(words), "{words}: {}", asked.out);
    }
    assert!(asked.err.contains("--yes"), "{}", asked.err);
    let list = |machine: &Machine| machine.run(&args!["providers", "--json"]).out;
    assert!(!list(&machine).contains("\"studio\""));
    assert_eq!(machine.run(&args!["providers", "add", path.as_os_str(), "--yes"]).status, 0);
    let line = list(&machine).lines().find(|line| line.contains("\"id\":\"studio\"")).unwrap().to_owned();
    let object: Value = serde_json::from_str(&line).unwrap();
    assert_eq!((&object["source"], &object["checked"]), (&json!("file"), &json!("2026-03-01")));
    assert_eq!(machine.run(&args!["providers", "show", "studio"]).out.trim(), THREE.trim());
    // One that sends elsewhere is asked about again.
    let kept = PathBuf::from(object["file"].as_str().unwrap());
    fs::write(&kept, THREE.replace("api.studio.example", "api.evil.example")).unwrap();
    let listed = machine.run(&args!["providers"]);
    assert!(
        listed.err.contains("elsewhere than before") && !listed.out.contains("studio ·"),
        "{}",
        listed.err
    );
    fs::write(&kept, THREE).unwrap();
    assert_eq!(machine.run(&args!["providers", "remove", "studio"]).status, 0);
    assert!(!list(&machine).contains("\"studio\"") && !kept.exists());
    machine.run(&args!["providers", "remove", "flow-music"]).is_bad_usage(&["No provider file of yours"]);
    let taken =
        machine.file("taken.toml", THREE.replace("id = \"studio\"\nname", "id = \"piapi\"\nname").as_bytes());
    machine.run(&args!["providers", "add", taken.as_os_str(), "--yes"]).is_bad_usage(&["built in"]);
    let broken =
        machine.file("broken.toml", THREE.replace("method = \"PUT\"", "method = \"SEND\"").as_bytes());
    machine.run(&args!["providers", "add", broken.as_os_str(), "--yes"]).is_bad_usage(&["line 21", "SEND"]);
}

#[test]
fn an_uploader_of_sharex_is_imported_and_its_key_never_stands_in_a_file() {
    let server = Server::always(Reaction::Answer(Answer::new(
        200,
        r#"{"files":[{"link":"http://nas.local/1.png"}]}"#,
    )));
    let machine = Machine::new();
    let secret = "secret0123456789abcdef";
    let uploader = |more: Value| {
        let mut fields = json!({
            "Version": "17.0.0", "Name": "My NAS", "DestinationType": "ImageUploader", "RequestMethod": "POST",
            "RequestURL": format!("{}/up", server.origin()), "Body": "MultipartFormData", "FileFormName": "pic",
            "Arguments": { "album": "work" }, "URL": "{json:files[0].link}",
        });
        fields.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        fields.to_string()
    };
    let path = machine.file("nas.sxcu", uploader(json!({})).as_bytes());
    let added = machine.run(&args!["providers", "add", path.as_os_str(), "--yes"]);
    assert_eq!(added.status, 0, "{}", added.err);
    let file = picture(&machine);
    let (ended, objects) = machine.upload(&args!["--to", "my-nas", file.as_os_str()]);
    assert_eq!(
        (ended.status, objects[0]["url"].as_str()),
        (0, Some("http://nas.local/1.png")),
        "{objects:?}"
    );
    let request = server.request();
    let parts = form::read(request.header("content-type").unwrap(), request.body.as_ref().unwrap());
    let part = |name: &str| parts.iter().find(|part| part.name == name).unwrap();
    assert_eq!(part("album").content, b"work");
    assert_eq!(part("pic").content, fs::read(&file).unwrap());
    assert_eq!(part("pic").filename.as_deref(), Some("a picture.png"));
    // Without a keyring the key is not saved, and that is said; it is in no file either way.
    let keyed =
        uploader(json!({ "Name": "Keyed", "Headers": { "Authorization": format!("Bearer {secret}") } }));
    let path = machine.file("keyed.sxcu", keyed.as_bytes());
    let added = machine.run(&args!["providers", "add", path.as_os_str(), "--yes"]);
    assert!(added.status == 2 && added.err.contains("HOIST_KEYED_KEY"), "{}", added.err);
    assert!(!added.out.contains(secret) && !added.err.contains(secret));
    machine.holds_nowhere(secret);
    let bad = machine.file("bad.sxcu", uploader(json!({ "URL": "{regex:1}", "Name": "Bad" })).as_bytes());
    machine
        .run(&args!["providers", "add", bad.as_os_str(), "--yes"])
        .is_bad_usage(&["cannot be imported", "URL"]);
}

#[test]
fn the_sandbox_plays_every_provider_in_the_box() {
    let machine = Machine::new();
    for facts in provider::all().into_iter().map(|provider| provider.facts()) {
        let all = samples(facts);
        // A picture where there is one: some want more of sound and video than the samples have.
        let file = all.iter().find(|path| path.extension().is_some_and(|e| e == "png")).unwrap_or(&all[0]);
        let file = file.as_os_str();
        let mut arguments = args!["--sandbox", "--to", facts.id, file];
        if facts.account.is_required {
            let (ended, objects) = machine.upload(&arguments);
            assert_eq!((ended.status, objects[0]["state"].as_str()), (1, Some("refused")), "{}", facts.id);
            arguments.extend(args!["--account", "jane@example.com"]);
        }
        let (ended, objects) = machine.upload(&arguments);
        assert_eq!(ended.status, 0, "{}: {}", facts.id, ended.err);
        let named = [&objects[0]["id"], &objects[0]["url"]];
        assert!(named.iter().any(|value| value.is_string()), "{}: {objects:?}", facts.id);
    }
}
