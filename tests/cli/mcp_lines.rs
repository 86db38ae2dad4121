//! The lines between an agent and the server: what is no request, what is too long, and what is not read.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

use serde_json::{Value, json};

use crate::machine::Machine;
use crate::mcp::McpClient;

#[test]
fn garbage_and_messages_of_any_size_end_nothing() {
    let machine = Machine::new();
    let mut client = McpClient::start(&machine, &["--sandbox"], "2025-06-18", None);
    for garbage in [&b"\xff\xfe\x00\n"[..], b"{\n", b"[]\n", b"\n", b"{\"jsonrpc\":\"2.0\"}\n"] {
        client.write(garbage);
    }
    let megabyte = vec![b'x'; 1 << 20];
    client.write(b"{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"");
    for _ in 0..100 {
        client.write(&megabyte);
    }
    client.write(b"\"}\n");
    for (tool, arguments) in [
        ("upload", json!({ "paths": ["/a.png"] })),
        ("upload", json!({ "paths": [], "to": "piapi" })),
        ("upload", json!({ "paths": ["/a.png"], "to": "piapi", "key": "secret" })),
        ("no_such_tool", json!({})),
    ] {
        let reply = client.ask("tools/call", &json!({ "name": tool, "arguments": arguments }));
        assert_eq!(reply["error"]["code"], -32602, "{reply}");
    }
    let why = client.refused("upload", &json!({ "paths": ["/a.png"], "to": "nowhere" }));
    assert!(why.contains("nowhere"), "{why}");
    assert!(client.ask("tools/list", &json!({}))["result"]["tools"].is_array());
    client.leave();
}

#[test]
fn what_is_no_request_is_answered_with_an_error() {
    let machine = Machine::new();
    let mut client = McpClient::start(&machine, &["--sandbox"], "2025-06-18", None);
    for (line, code, id) in [
        (&b"{\"jsonrpc\":\"2.0\",\"id\":\"bad\",\"method\":}\n"[..], -32700, Value::Null),
        (b"\xff\xfe\x00\n", -32700, Value::Null),
        (b"{\n", -32700, Value::Null),
        (b"[]\n", -32600, Value::Null),
        (b"{\"jsonrpc\":\"2.0\"}\n", -32600, Value::Null),
        (b"{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"ping\"}\n", -32600, Value::Null),
        (b"{\"jsonrpc\":\"1.0\",\"id\":41,\"method\":\"ping\"}\n", -32600, json!(41)),
    ] {
        client.write(line);
        let reply = client.next();
        let found = (reply["error"]["code"].as_i64(), reply.get("id"), &reply["jsonrpc"]);
        assert_eq!(found, (Some(code), Some(&id), &json!("2.0")), "{reply}");
    }
    // A request of any length: the client that waits for it learns that it is too long.
    let megabyte = vec![b'x'; 1 << 20];
    for (head, id) in [
        (
            &b"{\"jsonrpc\":\"2.0\",\"id\":\"big\",\"method\":\"tools/call\",\"params\":{\"name\":\""[..],
            json!("big"),
        ),
        (b"{\"jsonrpc\":\"2.0\",\"params\":{\"a\":[1,{\"id\":7}],\"name\":\"", Value::Null),
    ] {
        client.write(head);
        for _ in 0..25 {
            client.write(&megabyte);
        }
        client.write(b"\"}}\n");
        let reply = client.next();
        assert_eq!((&reply["error"]["code"], reply.get("id")), (&json!(-32600), Some(&id)), "{reply}");
        assert!(reply["error"]["message"].as_str().unwrap().contains("16 MB"), "{reply}");
    }
    // A notification has no reply, whatever it is, and neither has an error.
    client.send(&json!({ "jsonrpc": "2.0", "method": "of/another/protocol" }));
    client.send(&json!({ "jsonrpc": "2.0", "id": null, "error": { "code": -32700, "message": "no" } }));
    assert!(client.ask("ping", &json!({}))["result"].is_object());
    assert!(client.notified.is_empty(), "{:?}", client.notified);
    client.leave();
}

#[test]
fn a_client_that_does_not_read_its_replies_is_not_read_either() {
    const CALLS: u64 = 30_000;
    let machine = Machine::new();
    let mut command = machine.command(&args!["--sandbox", "mcp"]);
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    let pid = child.id();
    let memory = |name: &str| -> u64 {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.trim_start_matches(':').trim().trim_end_matches(" kB").parse().unwrap()
    };
    let mut stdin = child.stdin.take().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let hello = json!({ "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": { "name": "t", "version": "1" } });
    writeln!(stdin, "{}", json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": hello }))
        .unwrap();
    out.next().unwrap();
    writeln!(stdin, "{}", json!({ "jsonrpc": "2.0", "method": "notifications/initialized" })).unwrap();
    let before = memory("VmRSS");
    let written = std::sync::Arc::new(std::sync::atomic::AtomicU64::new(0));
    let count = std::sync::Arc::clone(&written);
    let writing = std::thread::spawn(move || {
        for id in 1..=CALLS {
            let call = json!({ "name": "list_destinations", "arguments": {} });
            let call = json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": call });
            writeln!(stdin, "{call}").unwrap();
            count.store(id, std::sync::atomic::Ordering::SeqCst);
        }
        stdin
    });
    // Until it can write no more.
    let mut last = 0;
    loop {
        std::thread::sleep(std::time::Duration::from_millis(1500));
        let now = written.load(std::sync::atomic::Ordering::SeqCst);
        if now == last {
            break;
        }
        last = now;
    }
    assert!(last < CALLS, "all were read, though no reply was");
    let grown = memory("VmHWM") - before;
    assert!(grown < 96 * 1024, "{grown} kB for {last} calls whose replies are not read");
    // When it reads, all are answered.
    let mut ids: Vec<u64> = (0..CALLS)
        .map(|_| serde_json::from_str::<Value>(&out.next().unwrap()).unwrap()["id"].as_u64().unwrap())
        .collect();
    ids.sort_unstable();
    assert!(ids.into_iter().eq(1..=CALLS));
    drop(writing.join().unwrap());
    assert!(child.wait().unwrap().success());
}
