//! Where keys come from, and where they never go.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::thread;

use hoist::model::media::Media;
use hoist::provider;
use hoist::provider::http::ReplyMessage;
use hoist::provider::spec::ProviderSpec;
use serde_json::{Value, json};

use crate::machine::{Machine, all_files, sample, samples, states};
use crate::servers::{SandboxProcess, Server};
use crate::support::server::{Answer, Reaction};
use crate::support::{self, escaped, key_of};

#[test]
fn without_a_key_it_is_said_how_to_add_one() {
    let machine = Machine::new();
    let file = sample("cover.png");
    machine.run(&args!["upload", file]).is_bad_usage(&["no API key", "hoist keys add", "--sandbox"]);
    for facts in provider::first().into_iter().map(|p| p.facts()) {
        let add = format!("hoist keys add {}", facts.vendor.id);
        let run = machine.run(&args!["upload", "--to", facts.id, file]);
        run.is_bad_usage(&["no ", "API key", facts.vendor.name, &add, facts.vendor.env]);
    }
}

#[test]
fn keys_in_the_environment_upload_to_every_provider() {
    let sandbox = SandboxProcess::start();
    let machine = Machine::at(&sandbox);
    for facts in provider::first().into_iter().map(|p| p.facts()) {
        let file = &samples(facts)[0];
        let run = machine.run(&args!["upload", "--no-wait", "--to", facts.id, file]);
        assert_eq!((run.status, run.lines().len()), (0, 1), "{}: {}", facts.id, run.err);
    }
    assert_eq!(sandbox.requests().len(), provider::first().len());
}

#[test]
fn a_wrong_key_holds_every_file_in_the_providers_words() {
    let sandbox = SandboxProcess::start();
    let file = sample("cover.png");
    let files = [file.as_os_str(); 5];
    for vendor in provider::shown_vendors() {
        let takes = |f: &&ProviderSpec| f.vendor.id == vendor.id && f.accepts(Media::Png).is_some();
        let facts = provider::first().into_iter().map(|p| p.facts()).find(takes).unwrap();
        let documented = facts.errors.iter().find(|e| e.status == 401).unwrap();
        let words = ReplyMessage::read(documented.body.as_bytes()).text.unwrap();
        let words = words.as_str();
        let before = sandbox.requests().len();
        let machine = Machine::at(&sandbox).with(vendor.env, "user:1-nobodyKnowsThisKey");
        let mut arguments = args!["--to", facts.id];
        arguments.extend(files);
        let (run, objects) = machine.upload(&arguments);
        assert_eq!((run.status, states(&objects)), (1, vec!["held"; 5]), "{}", run.err);
        assert_eq!(objects[4]["error"]["kind"], "wrong-key");
        assert_eq!(objects[4]["error"]["service_message"], words);
        assert!(run.err.contains(words) && run.err.contains("Replace key"), "{}", run.err);
        assert!(sandbox.requests().len() - before < files.len(), "it is not tried once for each file");
    }
}

#[test]
fn a_key_never_goes_to_an_address_in_the_clear() {
    let file = sample("cover.png");
    let machine = Machine::new().with("HOIST_USEAPI_TOKEN", "user:1-aKeyOfSomebody");
    let machine = machine.with("HOIST_USEAPI_URL", "http://example.com");
    machine.run(&args!["upload", "--to", "flow-music", file]).is_bad_usage(&["HOIST_USEAPI_URL", "https"]);
}

#[test]
fn variables_that_hold_no_text_are_said_and_not_passed_over() {
    let machine = Machine::new();
    let file = sample("cover.png");
    let mut command = machine.command(&args!["upload", "--to", "flow-music", file]);
    command.env("HOIST_USEAPI_TOKEN", OsStr::from_bytes(b"user:1-caf\xe9"));
    machine.finish(command.spawn().unwrap()).is_bad_usage(&["HOIST_USEAPI_TOKEN", "copy it again"]);

    let home = machine.files().join(OsStr::from_bytes(b"home\xff"));
    let mut command = machine.command(&args!["keys", "list"]);
    command.env("HOIST_HOME", &home);
    assert_eq!(machine.finish(command.spawn().unwrap()).status, 0);
    assert!(home.join("logs").is_dir(), "everything is kept in the folder that was named");
}

#[test]
fn a_reply_that_repeats_the_key_is_shown_without_it() {
    let file = sample("cover.png");
    let size = fs::metadata(&file).unwrap().len();
    let server = Server::start(
        usize::try_from(size).unwrap(),
        Some(|head| {
            let header = head.lines().find(|l| l.to_ascii_lowercase().starts_with("authorization")).unwrap();
            let body = format!("{{\"error\":\"no good: {header}\"}}");
            format!("HTTP/1.1 400 Bad Request\r\ncontent-length: {}\r\n\r\n{body}", body.len())
        }),
    );
    let machine = Machine::new().with("HOIST_USEAPI_TOKEN", "user:1-aKeyOfSomebody");
    let machine = machine.with("HOIST_USEAPI_URL", &server.url);
    let (run, objects) = machine.upload(&args!["--to", "flow-music", file]);
    assert!(server.head().contains("user:1-aKeyOfSomebody"), "the service did get it");
    assert_eq!((run.status, states(&objects)), (1, vec!["refused"]));
    let said = objects[0]["error"]["service_message"].as_str().unwrap();
    assert!(said.starts_with("no good: ") && said.ends_with("[key removed]"), "{said}");
}

#[test]
fn a_key_is_read_from_stdin_and_without_a_keyring_it_is_kept_nowhere() {
    let machine = Machine::new();
    let key = "user:1-aKeyOnStdin";
    for vendor in provider::shown_vendors() {
        let run = machine.run_with_stdin(&args!["keys", "add", vendor.id], &format!("{key}\nnot read\n"));
        run.is_bad_usage(&["could not be saved", "no keyring", vendor.env]);
        assert!(!run.err.contains(key));
        machine.holds_nowhere(key);
    }
    // As PowerShell's `>` writes it into a file.
    let lines = format!("\u{feff}{key}\r\nnot read\r\n");
    let lines: Vec<u8> = lines.encode_utf16().flat_map(u16::to_le_bytes).collect();
    machine.run_with_stdin(&args!["keys", "add", "useapi"], &lines).is_bad_usage(&["could not be saved"]);
    assert_eq!(machine.run(&args!["keys", "list", "--json"]).out, "[]\n", "nothing half-saved is left");
}

#[test]
fn what_is_no_key_or_no_vendor_is_said() {
    let machine = Machine::new();
    machine.run_with_stdin(&args!["keys", "add", "useapi"], "").is_bad_usage(&["no key was given"]);
    machine.run_with_stdin(&args!["keys", "add", "useapi"], " \n").is_bad_usage(&["no key was given"]);
    machine.run_with_stdin(&args!["keys", "add", "useapi"], "ключ\n").is_bad_usage(&["outside ASCII"]);
    let vendors: Vec<_> = provider::shown_vendors().into_iter().map(|vendor| vendor.id).collect();
    machine.run_with_stdin(&args!["keys", "add", "flow-music"], "k\n").is_bad_usage(&vendors);
    machine.run_with_stdin(&args!["keys", "add", "\u{1b}[2J"], "k\n").is_bad_usage(&vendors);
    machine
        .run_with_stdin(&args!["keys", "add", "useapi", "--account", "jane"], "user:1-k\n")
        .is_bad_usage(&["email address"]);
    // There is no argument that takes a key.
    let run = machine.run(&args!["keys", "add", "useapi", "--key=k"]);
    run.is_bad_usage(&["--key"]);
}

#[test]
fn accounts_that_are_not_there_are_said() {
    let machine = Machine::new();
    let run = machine.run(&args!["keys", "list"]);
    assert_eq!((run.status, run.out.as_str()), (0, ""));
    assert!(run.err.contains("No keys yet") && run.err.contains("hoist keys add"), "{}", run.err);
    assert_eq!(machine.run(&args!["keys", "list", "--json"]).out, "[]\n");
    machine.run(&args!["keys", "remove", "nope", "--yes"]).is_bad_usage(&["nope", "keys list"]);
    machine.run(&args!["keys", "remove", "a\u{1b}[31m\u{202e}b\r\n", "--yes"]).is_bad_usage(&["\\u{1b}[31m"]);

    let machine = machine.with("HOIST_PIAPI_KEY", "piapi-key-of-somebody");
    let run = machine.run(&args!["keys", "list"]);
    assert_eq!(run.out, "piapi · PiAPI · from HOIST_PIAPI_KEY\n");
    let run = machine.run(&args!["keys", "list", "--json"]);
    let list: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!((&list[0]["vendor"], &list[0]["source"]), (&"piapi".into(), &"environment".into()));
}

#[test]
fn the_log_names_no_file_no_address_and_no_account() {
    let sandbox = SandboxProcess::start();
    let machine = Machine::at(&sandbox);
    let file = machine.file("a-private-name.png", &fs::read(sample("cover.png")).unwrap());
    for account in ["jane@example.com", "broken@example.com"] {
        machine.run(&args!["upload", "--to", "google-flow", "--account", account, file]);
    }
    let logs: Vec<_> = all_files(&machine.home().join("logs"));
    let log: String = logs.iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    assert!(log.contains("an upload ended") && log.contains("account-broken"), "{log}");
    for private in ["a-private-name", "example.com", "127.0.0.1", "refresh"] {
        assert!(!log.contains(private), "{private} is in {log}");
    }
}

/// What a service may answer that repeats the key: as it is, in escapes, as a field's name, and in what is no JSON.
fn echoes(key: &str) -> Vec<Answer> {
    let hidden = escaped(key);
    let whole = json!({
        "id": "user:1-echo-image:1", "url": "https://example.com/1", "token": key, key: { "in": ["x", key] },
        "data": { "url": format!("https://example.com/?key={key}"), "assetId": "echo", "fileUrl": "https://x.com" },
        "mediaGenerationId": { "mediaGenerationId": format!("echo {key}") },
    })
    .to_string();
    vec![
        Answer::new(200, whole.clone()),
        Answer::new(200, whole.replace(key, &hidden)),
        Answer::new(200, format!("no JSON: {key}")),
        Answer::new(400, format!("{{\"error\":\"no good: {key}\"}}")),
        Answer::new(
            400,
            format!("{{\"error\":{{\"message\":\"no good: {hidden}\",\"{hidden}\":\"{key}\"}}}}"),
        ),
        Answer::new(500, format!("<html>{key}</html>")),
    ]
}

#[test]
fn a_key_that_a_reply_repeats_is_never_in_the_history() {
    thread::scope(|scope| {
        for facts in
            provider::first().into_iter().map(|p| p.facts()).filter(|f| f.accepts(Media::Png).is_some())
        {
            let provider = facts.id;
            scope.spawn(move || {
                let key = key_of(facts.vendor);
                for answer in echoes(&key) {
                    let server = support::server::Server::always(Reaction::Answer(answer.clone()));
                    let machine = Machine::towards(&server);
                    // Every run is looked over for the key as it is, in what it printed and in every file it left.
                    let (run, objects) = machine.upload(&args!["--to", provider, sample("cover.png")]);
                    let [object] = &objects[..] else { panic!("{provider}: {}", run.err) };
                    let list = machine.history(&[]);
                    assert_eq!(list[0]["state"], object["state"]);
                    machine.holds_nowhere(&escaped(&key));
                    assert!(!run.out.contains(&escaped(&key)) && !run.err.contains(&escaped(&key)));
                    let repeated =
                        object["response"].is_object() || object["error"]["service_message"].is_string();
                    assert!(repeated || object["state"] == "unknown", "{provider} {answer:?}: {object}");
                    if repeated {
                        assert!(list[0].to_string().contains("[key removed]"), "{provider}: {}", list[0]);
                    }
                }
            });
        }
    });
}

#[test]
fn what_was_copied_along_with_a_key_is_not_sent_with_it() {
    let file = sample("cover.png");
    let size = usize::try_from(fs::metadata(&file).unwrap().len()).unwrap();
    let refuse = |_: &str| "HTTP/1.1 400 X\r\ncontent-length: 0\r\n\r\n".to_owned();
    for value in
        ["Bearer user:1-aKey", "\"user:1-aKey\"", "HOIST_USEAPI_TOKEN='user:1-aKey'", " user:1-aKey "]
    {
        let server = Server::start(size, Some(refuse));
        let machine = Machine::new().with("HOIST_USEAPI_TOKEN", value).with("HOIST_USEAPI_URL", &server.url);
        machine.run(&args!["upload", "--to", "flow-music", file]);
        let head = server.head();
        let header =
            head.lines().find(|line| line.to_ascii_lowercase().starts_with("authorization")).unwrap();
        assert!(header.ends_with(": Bearer user:1-aKey"), "{value}: {header}");
    }
    for value in ["user:1-a key", "Bearer a\tb", "useapi user:1-aKey"] {
        let run = Machine::new()
            .run_with_stdin(&args!["keys", "add", "useapi", "--no-check"], &format!("{value}\n"));
        run.is_bad_usage(&["contains a space"]);
    }
}
