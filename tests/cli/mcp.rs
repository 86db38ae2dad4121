//! Agents, over the Model Context Protocol: the real server, spoken to line by line as a client does.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{self, Receiver};

use hoist::model::media::Media;
use serde_json::{Value, json};

use crate::machine::{Machine, TIMEOUT, finish, sample, states};
use crate::servers::{SandboxProcess, accepted, holding};
use crate::support::made;
use crate::support::server::{Gate, Reaction, Server};

/// A client, and the server that it started.
pub(crate) struct McpClient {
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Receiver<Value>,
    last: u64,
    /// What came while a reply was waited for.
    pub(crate) notified: Vec<Value>,
    /// What the person says when the server asks, if the client can ask.
    person: Option<Value>,
    questions: Vec<String>,
}

impl McpClient {
    /// Starts the server, and speaks this version with it.
    pub(crate) fn start(machine: &Machine, more: &[&str], version: &str, person: Option<Value>) -> McpClient {
        let mut arguments: Vec<&std::ffi::OsStr> = more.iter().map(std::ffi::OsStr::new).collect();
        arguments.push("mcp".as_ref());
        let mut child = machine.command(&arguments).stdin(Stdio::piped()).spawn().unwrap();
        let (line, lines) = mpsc::channel();
        let out = child.stdout.take().unwrap();
        std::thread::spawn(move || {
            for text in BufReader::new(out).lines().map_while(Result::ok) {
                let message = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e} in {text}"));
                if line.send(message).is_err() {
                    return;
                }
            }
        });
        let stdin = child.stdin.take();
        let mut client =
            McpClient { child, stdin, lines, last: 0, notified: vec![], person, questions: vec![] };
        let capabilities = if client.person.is_some() { json!({ "elicitation": {} }) } else { json!({}) };
        let hello = json!({
            "protocolVersion": version,
            "capabilities": capabilities,
            "clientInfo": { "name": "test-agent", "version": "1" },
        });
        let reply = client.ask("initialize", &hello);
        assert_eq!(reply["result"]["serverInfo"]["name"], "hoist", "{reply}");
        client.send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
        client
    }

    fn new(machine: &Machine) -> McpClient {
        McpClient::start(machine, &[], "2025-06-18", None)
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) {
        self.stdin.as_mut().unwrap().write_all(bytes).unwrap();
    }

    pub(crate) fn send(&mut self, message: &Value) {
        self.write(format!("{message}\n").as_bytes());
    }

    /// Sends a request, without waiting for its reply.
    fn request(&mut self, method: &str, params: &Value) -> u64 {
        self.last += 1;
        self.send(&json!({ "jsonrpc": "2.0", "id": self.last, "method": method, "params": params }));
        self.last
    }

    pub(crate) fn next(&mut self) -> Value {
        self.lines.recv_timeout(TIMEOUT).expect("the server answers")
    }

    /// Waits for the reply to a request; what the server asks meanwhile is answered.
    fn reply(&mut self, id: u64) -> Value {
        loop {
            let message = self.next();
            match message["method"].as_str() {
                None if message["id"] == id => return message,
                Some("elicitation/create") => {
                    let params = &message["params"];
                    self.questions.push(params["message"].as_str().unwrap().to_owned());
                    assert_eq!(
                        params["requestedSchema"]["properties"]["allow"]["enum"],
                        json!(["once", "always"])
                    );
                    let answer = self.person.clone().unwrap();
                    self.send(&json!({ "jsonrpc": "2.0", "id": message["id"], "result": answer }));
                }
                _ => self.notified.push(message),
            }
        }
    }

    pub(crate) fn ask(&mut self, method: &str, params: &Value) -> Value {
        let id = self.request(method, params);
        self.reply(id)
    }

    /// Calls a tool. Gives back its result.
    fn call(&mut self, tool: &str, arguments: &Value) -> Value {
        let params = json!({ "name": tool, "arguments": arguments, "_meta": { "progressToken": "p" } });
        let reply = self.ask("tools/call", &params);
        assert!(reply["error"].is_null(), "{reply}");
        reply["result"].clone()
    }

    /// Calls a tool that must do it. Gives back its structured result.
    fn done(&mut self, tool: &str, arguments: &Value) -> Value {
        let result = self.call(tool, arguments);
        assert_eq!(result["isError"], false, "{result}");
        let text: Value = serde_json::from_str(result["content"][0]["text"].as_str().unwrap()).unwrap();
        assert_eq!(text, result["structuredContent"], "clients without structured results read the same");
        result["structuredContent"].clone()
    }

    /// Calls a tool that must refuse. Gives back why.
    pub(crate) fn refused(&mut self, tool: &str, arguments: &Value) -> String {
        let result = self.call(tool, arguments);
        assert_eq!(result["isError"], true, "{result}");
        result["content"][0]["text"].as_str().unwrap().to_owned()
    }

    /// The client goes, and the server ends by itself. Gives back its stderr.
    pub(crate) fn leave(mut self) -> String {
        self.stdin.take();
        let ended = finish(self.child);
        assert_eq!((ended.status, ended.out.as_str()), (0, ""), "{}", ended.err);
        ended.err
    }
}

fn uploads(result: &Value) -> &[Value] {
    result["uploads"].as_array().unwrap()
}

#[test]
fn old_and_new_clients_get_the_same_tools_with_what_they_take_and_give_back() {
    let machine = Machine::new();
    let mut lists = vec![];
    for (asked, spoken) in [
        ("2024-11-05", "2024-11-05"),
        ("2025-06-18", "2025-06-18"),
        ("2025-11-25", "2025-11-25"),
        ("2099-01-01", "2025-11-25"),
    ] {
        let mut client = McpClient::start(&machine, &["--sandbox"], asked, None);
        let again = json!({ "protocolVersion": asked, "capabilities": {}, "clientInfo": { "name": "t", "version": "1" } });
        assert_eq!(client.ask("initialize", &again)["result"]["protocolVersion"], spoken);
        lists.push(client.ask("tools/list", &json!({}))["result"]["tools"].clone());
        assert_eq!(client.leave(), "");
    }
    assert!(lists.windows(2).all(|pair| pair[0] == pair[1]));
    let tools = lists[0].as_array().unwrap();
    let names: Vec<_> = tools.iter().map(|tool| tool["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["upload", "check_files", "list_destinations", "search_history", "get_upload"]);
    for tool in tools {
        let (hints, is_upload) = (&tool["annotations"], tool["name"] == "upload");
        assert_eq!(hints["readOnlyHint"], !is_upload, "{tool}");
        assert_eq!(hints["openWorldHint"], is_upload, "{tool}");
        assert_eq!(hints["idempotentHint"] == false, is_upload, "{tool}");
        for schema in ["inputSchema", "outputSchema"] {
            assert_eq!(tool[schema]["type"], "object", "{tool}");
        }
        assert_eq!(tool["inputSchema"]["additionalProperties"], false);
    }
    // Limits, lifetimes and what IDs are for come from the providers' table.
    let description = tools[0]["description"].as_str().unwrap();
    for part in
        ["Flow Music (flow-music): PNG", "deleted 24 hours after", "goes into", "do not send it again"]
    {
        assert!(description.contains(part), "{part} in {description}");
    }
}

#[test]
fn an_agent_learns_what_the_person_can_do_where_there_is_no_key() {
    let machine = Machine::new();
    let destinations = McpClient::new(&machine).done("list_destinations", &json!({}));
    assert_eq!(destinations["destinations"], json!([]));
    assert!(destinations["note"].as_str().is_some_and(|note| note.contains("no API key")), "{destinations}");
}

#[test]
fn files_of_an_allowed_folder_are_uploaded_with_progress_and_marked_in_the_history() {
    let sandbox = SandboxProcess::start();
    let machine = Machine::at(&sandbox);
    let files: Vec<_> = ["cover.png", "photo.jpg", "poster.webp"]
        .map(|name| machine.file(name, &fs::read(sample(name)).unwrap()))
        .into();
    let allowed = machine.run(&args!["mcp", "allow", machine.files(), "--to", "google-flow"]);
    let folder = fs::canonicalize(machine.files()).unwrap();
    assert_eq!((allowed.status, allowed.err.as_str()), (0, ""));
    assert_eq!(allowed.out, format!("{}\tgoogle-flow\n", folder.display()));
    let mut client = McpClient::new(&machine);
    let destinations = client.done("list_destinations", &json!({}));
    let google = destinations["destinations"].as_array().unwrap();
    let google = google.iter().find(|to| to["provider"] == "google-flow").unwrap();
    assert_eq!(google["folders"], json!([folder]), "{google}");
    let arguments = json!({ "paths": files, "to": "google-flow", "account": "jane@example.com" });
    let checked = client.done("check_files", &arguments);
    assert_eq!(states(uploads(&checked)), ["ready"; 3]);
    assert_eq!(sandbox.requests().len(), 0, "nothing is sent by a check");
    let sent = client.done("upload", &arguments);
    assert_eq!(states(uploads(&sent)), ["done"; 3]);
    let progress: Vec<_> = client
        .notified
        .iter()
        .filter(|message| message["method"] == "notifications/progress")
        .map(|message| message["params"]["progress"].as_f64().unwrap())
        .collect();
    assert!(!progress.is_empty() && progress.windows(2).all(|pair| pair[0] < pair[1]), "{progress:?}");
    let history = machine.history(&[]);
    assert!(
        history.len() == 3 && history.iter().all(|upload| upload["agent"] == "test-agent"),
        "{history:?}"
    );
    // Agents repeat themselves.
    let before = sandbox.requests().len();
    let again = client.done("upload", &arguments);
    for (first, second) in uploads(&sent).iter().zip(uploads(&again)) {
        assert_eq!(first["id"], second["id"]);
        assert!(second["sent_before"].is_string(), "{second}");
    }
    assert_eq!(sandbox.requests().len(), before, "nothing was sent again");
    let mut twice = arguments.clone();
    twice["skip_sent"] = false.into();
    assert_ne!(uploads(&client.done("upload", &twice))[0]["id"], uploads(&sent)[0]["id"]);
    // And what it sent is found.
    let found = client.done("search_history", &json!({ "query": "POSTER", "limit": 1 }));
    assert_eq!(uploads(&found)[0]["file"], files[2].to_str().unwrap());
    assert!(uploads(&found)[0]["response"].is_null(), "a list is short");
    let id = uploads(&sent)[0]["id"].clone();
    let one = client.done("get_upload", &json!({ "id": id }));
    assert!(one["upload"]["id"] == id && one["upload"]["response"].is_object(), "{one}");
    assert!(client.refused("get_upload", &json!({ "id": "no-such-id" })).contains("No upload"));
    assert_eq!(client.leave(), "");
}

#[test]
fn a_content_that_is_named_several_times_at_once_is_sent_once() {
    let gate = Gate::default();
    let held = gate.clone();
    let server = Server::start(move |_, number| match number {
        0 => Reaction::PauseWithin(1000, held.clone(), accepted("google-flow", number)),
        _ => Reaction::Answer(accepted("google-flow", number)),
    });
    let machine = Machine::towards(&server);
    let same = made(Media::Png, 1_000_000);
    let other = made(Media::Png, 1_000_001);
    let files = [("a.png", &same), ("copy.png", &same), ("other.png", &other)];
    let [a, copy, other] = files.map(|(name, bytes)| machine.file(name, bytes));
    machine.run(&args!["mcp", "allow", machine.files()]);
    let mut client = McpClient::new(&machine);
    let call = |paths: &[&std::path::PathBuf]| json!({ "name": "upload", "arguments": { "paths": paths, "to": "google-flow" } });
    let first = client.request("tools/call", &call(&[&a, &copy, &a, &other]));
    server.until("the others are on their way or done", |requests| requests.len() == 2);
    let second = client.request("tools/call", &call(&[&copy]));
    std::thread::sleep(std::time::Duration::from_millis(500));
    gate.open();
    let mut replies = [client.next(), client.next()];
    replies.sort_by_key(|reply| reply["id"].as_u64());
    assert_eq!([&replies[0]["id"], &replies[1]["id"]], [&json!(first), &json!(second)]);
    let [sent, again] = replies.map(|reply| reply["result"]["structuredContent"].clone());
    let [sent, again] = [uploads(&sent), uploads(&again)];
    assert_eq!((states(sent), states(again)), (vec!["done"; 4], vec!["done"]), "{sent:?} {again:?}");
    for repeated in [&sent[1], &sent[2], &again[0]] {
        assert_eq!(
            (&repeated["id"], repeated["sent_before"].is_string()),
            (&sent[0]["id"], true),
            "{repeated}"
        );
    }
    assert_eq!(server.requests().len(), 2, "each content once");
    assert_eq!(client.leave(), "");
}

#[test]
fn two_servers_that_are_asked_for_one_content_at_once_send_it_once() {
    let gate = Gate::default();
    let server = holding(&gate);
    let machine = Machine::towards(&server);
    let file = machine.file("a.png", &made(Media::Png, 5000));
    machine.run(&args!["mcp", "allow", machine.files()]);
    let mut clients = [McpClient::new(&machine), McpClient::new(&machine)];
    let call = json!({ "name": "upload", "arguments": { "paths": [file], "to": "google-flow" } });
    let calls = clients.each_mut().map(|client| client.request("tools/call", &call));
    server.until("one sends it", |requests| !requests.is_empty());
    std::thread::sleep(std::time::Duration::from_secs(1)); // the other had the time to send it, too
    gate.open();
    let [one, other] = [0, 1].map(|n| clients[n].reply(calls[n])["result"]["structuredContent"].clone());
    let [one, other] = [&uploads(&one)[0], &uploads(&other)[0]];
    assert_eq!((&one["state"], &one["id"]), (&json!("done"), &other["id"]), "{one} {other}");
    assert_ne!(one["sent_before"].is_string(), other["sent_before"].is_string(), "one of them sent it");
    assert_eq!(server.requests().len(), 1);
    for client in clients {
        assert_eq!(client.leave(), "");
    }
}

#[test]
fn nothing_is_sent_from_elsewhere_and_the_command_that_would_allow_it_is_said() {
    let sandbox = SandboxProcess::start();
    let machine = Machine::at(&sandbox);
    let (inside, outside) = (machine.files().join("in"), machine.files().join("out side"));
    for folder in [&inside, &outside] {
        fs::create_dir(folder).unwrap();
        fs::copy(sample("cover.png"), folder.join("cover.png")).unwrap();
    }
    fs::copy(sample("cover.png"), inside.join(".hidden.png")).unwrap();
    fs::write(inside.join("notes.txt"), "no media").unwrap();
    std::os::unix::fs::symlink(outside.join("cover.png"), inside.join("link.png")).unwrap();
    let upload = |paths: &[&std::path::Path]| json!({ "paths": paths, "to": "google-flow" });
    let mut client = McpClient::new(&machine);
    let why = client.refused("upload", &upload(&[&inside.join("cover.png")]));
    assert!(why.contains("mcp allow") && why.ends_with("Nothing was sent"), "{why}");
    machine.run(&args!["mcp", "allow", inside]);
    for path in [outside.join("cover.png"), inside.join("link.png"), inside.join("../out side/cover.png")] {
        let why = client.refused("upload", &upload(&[&inside.join("cover.png"), &path]));
        assert!(why.contains("out side") && why.contains("mcp allow"), "{why}");
    }
    for (name, word) in
        [(".hidden.png", "send no hidden files"), ("gone.png", "cannot be read"), (".", "is a folder")]
    {
        let why = client.refused("upload", &upload(&[&inside.join(name)]));
        assert!(why.contains(word), "{why}");
    }
    assert!(client.refused("check_files", &upload(&[&outside.join("cover.png")])).contains("mcp allow"));
    let result = client.call("upload", &upload(&[&inside.join("notes.txt")]));
    assert_eq!(result["isError"], true);
    assert_eq!(states(uploads(&result["structuredContent"])), ["refused"], "{result}");
    assert_eq!((sandbox.requests().len(), machine.history(&[]).len()), (0, 0));
    // The command works as it is said, and counts at once.
    let why = client.refused("upload", &upload(&[&outside.join("cover.png")]));
    let command = why.split_once("terminal: ").unwrap().1.strip_suffix(". Nothing was sent").unwrap();
    let words = shlex::split(command).unwrap();
    let words: Vec<_> = words[1..].iter().map(std::ffi::OsStr::new).collect();
    assert_eq!(machine.run(&words).status, 0, "{command}");
    assert_eq!(states(uploads(&client.done("upload", &upload(&[&outside.join("cover.png")])))), ["done"]);
    machine.run(&args!["mcp", "forbid", outside]);
    client.refused("upload", &upload(&[&outside.join("cover.png")]));
    assert_eq!(client.leave(), "");
}

#[test]
fn a_file_that_is_not_accepted_has_a_plan_and_goes_as_a_copy_where_that_is_asked_for() {
    let sandbox = SandboxProcess::start();
    let machine = Machine::at(&sandbox);
    let mut bitmap = std::io::Cursor::new(vec![]);
    image::RgbImage::from_fn(64, 48, |x, y| image::Rgb([x as u8 * 4, y as u8 * 5, 9]))
        .write_to(&mut bitmap, image::ImageFormat::Bmp)
        .unwrap();
    let file = machine.file("scan.bmp", &bitmap.into_inner());
    let before = fs::read(&file).unwrap();
    machine.run(&args!["mcp", "allow", machine.files()]);
    let mut client = McpClient::new(&machine);
    let mut arguments = json!({ "paths": [file], "to": "google-flow" });
    let checked = client.done("check_files", &arguments);
    let finding = &uploads(&checked)[0]["findings"][0];
    assert_eq!(
        (&finding["severity"], &finding["remedy"]["label"]),
        (&json!("error"), &json!("Convert to JPEG")),
        "{checked}"
    );
    let refused = client.call("upload", &arguments);
    assert_eq!(states(uploads(&refused["structuredContent"])), ["refused"]);
    assert_eq!(sandbox.requests().len(), 0, "nothing is changed unasked");
    arguments["fit"] = true.into();
    let sent = client.done("upload", &arguments);
    assert_eq!(states(uploads(&sent)), ["done"]);
    assert_eq!(uploads(&sent)[0]["file"], file.to_str().unwrap());
    assert_eq!(fs::read(&file).unwrap(), before, "the file itself is as it was");
    assert_eq!(client.leave(), "");
}

#[test]
fn in_a_sandbox_the_command_that_allows_a_folder_is_the_sandboxs() {
    let machine = Machine::new();
    let file = machine.file("cover.png", &fs::read(sample("cover.png")).unwrap());
    let arguments = json!({ "paths": [file], "to": "google-flow" });
    let mut client = McpClient::start(&machine, &["--sandbox"], "2025-06-18", None);
    let why = client.refused("upload", &arguments);
    let command = why.split_once("terminal: ").unwrap().1.strip_suffix(". Nothing was sent").unwrap();
    let words = shlex::split(command).unwrap();
    let words: Vec<_> = words[1..].iter().map(std::ffi::OsStr::new).collect();
    assert_eq!(machine.run(&words).status, 0, "{command}");
    assert_eq!(states(uploads(&client.done("upload", &arguments))), ["done"]);
    assert_eq!(client.leave(), "");
}

#[test]
fn a_client_that_can_ask_asks_the_person_about_a_folder() {
    let sandbox = SandboxProcess::start();
    let machine = Machine::at(&sandbox);
    let file = machine.file("cover.png", &fs::read(sample("cover.png")).unwrap());
    let arguments = json!({ "paths": [file], "to": "google-flow" });
    let accept = |allow: &str| json!({ "action": "accept", "content": { "allow": allow } });
    let allowed = || machine.run(&args!["mcp", "allowed", "--json"]).out;
    for (person, is_sent) in [
        (json!({ "action": "decline" }), false),
        (json!({ "action": "cancel" }), false),
        (json!({ "action": "accept", "content": {} }), false),
        (accept("once"), true),
    ] {
        let mut client = McpClient::start(&machine, &[], "2025-06-18", Some(person.clone()));
        let result = client.call("upload", &arguments);
        assert_eq!(result["isError"] == false, is_sent, "{person}: {result}");
        let question = format!(
            "May this agent send 1 file from {} to Google Flow?",
            fs::canonicalize(machine.files()).unwrap().display()
        );
        assert_eq!(client.questions, [question]);
        assert_eq!(allowed(), "[]\n", "{person}");
        client.leave();
    }
    let mut client = McpClient::start(&machine, &[], "2025-06-18", Some(accept("always")));
    client.done("upload", &arguments);
    client.done("upload", &arguments);
    assert_eq!(client.questions.len(), 1, "and never again");
    let objects: Value = serde_json::from_str(&allowed()).unwrap();
    assert_eq!(objects[0]["destinations"], json!(["Google Flow"]), "{objects}");
    client.leave();
}

#[test]
fn a_cancelled_call_stops_its_files_and_the_server_goes_on() {
    let gate = Gate::default();
    let opened = gate.clone();
    let server = Server::start(move |_, number| match number {
        0 => Reaction::PauseWithin(1000, gate.clone(), accepted("google-flow", number)),
        _ => Reaction::Answer(accepted("google-flow", number)),
    });
    let machine = Machine::towards(&server);
    let first = machine.file("a.png", &made(Media::Png, 8_000_000));
    let second = machine.file("b.png", &made(Media::Png, 5000));
    machine.run(&args!["mcp", "allow", machine.files()]);
    let mut client = McpClient::new(&machine);
    let call = json!({ "name": "upload", "arguments": { "paths": [first], "to": "google-flow" } });
    let id = client.request("tools/call", &call);
    server.until("the first is on its way", |requests| !requests.is_empty());
    client.send(
        &json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": { "requestId": id } }),
    );
    machine.until_history(&["cancelled"]);
    opened.open();
    let sent = client.done("upload", &json!({ "paths": [second], "to": "google-flow" }));
    assert_eq!(states(uploads(&sent)), ["done"]);
    client.leave();
    assert_eq!(states(&machine.history(&[])), ["done", "cancelled"]);
}

#[test]
fn an_unknown_outcome_says_that_the_person_is_to_be_asked() {
    let server = Server::always(Reaction::CutAfterBody);
    let machine = Machine::towards(&server);
    let file = machine.file("a.png", &made(Media::Png, 5000));
    machine.run(&args!["mcp", "allow", machine.files()]);
    let mut client = McpClient::new(&machine);
    for _ in 0..2 {
        let result = client.call("upload", &json!({ "paths": [file], "to": "google-flow" }));
        let upload = &uploads(&result["structuredContent"])[0];
        assert_eq!((&result["isError"], &upload["state"]), (&true.into(), &"unknown".into()), "{result}");
        assert!(upload["advice"].as_str().unwrap().contains("Ask the person"), "{upload}");
    }
    assert_eq!(server.requests().len(), 1, "it is not sent again unasked");
    client.leave();
}

#[test]
fn what_a_client_that_dies_had_sent_is_in_the_history() {
    let server = Server::start(|_, _| Reaction::StallWithin(1000));
    let machine = Machine::towards(&server);
    let file = machine.file("a.png", &made(Media::Png, 8_000_000));
    machine.run(&args!["mcp", "allow", machine.files()]);
    let mut client = McpClient::new(&machine);
    client.request(
        "tools/call",
        &json!({ "name": "upload", "arguments": { "paths": [file], "to": "google-flow" } }),
    );
    server.until("it is on its way", |requests| !requests.is_empty());
    client.leave();
    assert_eq!(states(&machine.history(&[])), ["cancelled"]);
}

#[test]
fn rights_are_given_listed_and_taken_back() {
    let machine = Machine::new();
    let folder = fs::canonicalize(machine.files()).unwrap();
    let run = machine.run(&args!["mcp", "allowed"]);
    assert_eq!((run.status, run.out.as_str()), (0, ""));
    assert!(run.err.contains("Agents may send nothing"), "{}", run.err);
    let run = machine.run(&args!["mcp", "allow", folder]);
    assert_eq!((run.status, run.out), (0, format!("{}\tevery destination\n", folder.display())));
    machine.run(&args!["mcp", "allow", folder, "--to", "Google Flow", "--to", "piapi"]);
    let run = machine.run(&args!["mcp", "allowed"]);
    assert_eq!((run.err.as_str(), run.out), ("", format!("{}\tgoogle-flow, piapi\n", folder.display())));
    let objects: Value = serde_json::from_str(&machine.run(&args!["mcp", "allowed", "--json"]).out).unwrap();
    assert_eq!(objects, json!([{ "folder": folder, "destinations": ["google-flow", "piapi"] }]));
    machine
        .run(&args!["mcp", "allow", folder, "--to", "nowhere"])
        .is_bad_usage(&["nowhere", "Nothing was allowed"]);
    machine.run(&args!["mcp", "allow", sample("cover.png")]).is_bad_usage(&["is not a folder"]);
    let run = machine.run(&args!["mcp", "forbid", folder]);
    assert_eq!((run.status, run.out.as_str()), (0, ""));
    assert_eq!(run.err, format!("hoist: Agents may not send from {} any more.\n", folder.display()));
    machine.run(&args!["mcp", "forbid", folder]).is_bad_usage(&["is not among the folders"]);
    let run = machine.run(&args!["mcp"]);
    assert_eq!((run.status, run.out.as_str()), (2, ""));
    assert!(run.err.contains("is started by one"), "{}", run.err);
}
