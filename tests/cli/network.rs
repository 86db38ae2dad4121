//! Proxies, and who answers at the other end.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;

use crate::machine::{Machine, PATIENCE, sample, states};

const KEY: &str = "user:1-aKeyOfSomebody";

/// Takes one connection, reads what comes first, answers with a refusal, and hands over what it read.
fn listener(answer: &'static [u8]) -> (String, mpsc::Receiver<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (tell, seen) = mpsc::channel();
    thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let mut first = vec![0; 4096];
            let n = stream.read(&mut first).unwrap_or(0);
            first.truncate(n);
            let _ = stream.write_all(answer);
            let _ = tell.send(first);
        }
    });
    (address, seen)
}

#[test]
fn a_proxy_is_asked_for_a_tunnel_and_sees_no_key() {
    let (proxy, seen) = listener(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n");
    let variables = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"];
    // At the same time: each is tried three times, with pauses.
    thread::scope(|scope| {
        for variable in variables {
            let machine = Machine::behind_a_proxy()
                .with("HOIST_USEAPI_TOKEN", KEY)
                .with(variable, &format!("http://{proxy}"));
            scope.spawn(move || {
                let (run, objects) = machine.upload(&args!["--to", "flow-music", sample("cover.png")]);
                assert_eq!((run.status, states(&objects)), (1, vec!["refused"]), "{variable}: {}", run.err);
                assert_eq!(objects[0]["error"]["kind"], "proxy");
                assert!(run.err.contains("proxy"), "{}", run.err);
                assert_eq!(machine.history(&[])[0]["attempts"], 3, "nothing was sent, so it is tried again");
            });
        }
    });
    for _ in 0..3 * variables.len() {
        let asked = String::from_utf8(seen.recv_timeout(PATIENCE).unwrap()).unwrap();
        assert!(asked.starts_with("CONNECT api.useapi.net:443 HTTP/1.1\r\n"), "{asked}");
        assert!(!asked.contains(KEY), "{asked}");
    }
    assert!(seen.try_recv().is_err(), "and not for ever");
}

#[test]
fn this_computers_own_addresses_are_never_asked_of_a_proxy() {
    let (proxy, seen) = listener(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n");
    let proxy = format!("http://{proxy}");
    let machine = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"]
        .iter()
        .fold(Machine::new(), |machine, name| machine.with(name, &proxy));
    let run = machine.run(&args!["upload", "--sandbox", "--to", "flow-music", sample("cover.png")]);
    assert_eq!(run.status, 0, "{}", run.err);
    assert!(seen.try_recv().is_err());
}

#[test]
fn a_certificate_nobody_vouches_for_gets_no_key() {
    let machine = Machine::new().with("HOIST_USEAPI_TOKEN", KEY);
    let (certificate, key) = (machine.files().join("cert.pem"), machine.files().join("key.pem"));
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"])
        .args(["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout"])
        .arg(&key)
        .arg("-out")
        .arg(&certificate)
        .stderr(Stdio::null())
        .status()
        .expect("openssl: run scripts/setup test");
    assert!(made.success());
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut server = Command::new("openssl")
        .args(["s_server", "-accept", &format!("127.0.0.1:{port}"), "-cert"])
        .arg(&certificate)
        .arg("-key")
        .arg(&key)
        .stdin(Stdio::piped())
        .stdout(Stdio::from(fs::File::create(machine.files().join("seen")).unwrap()))
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let until = std::time::Instant::now() + PATIENCE;
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(std::time::Instant::now() < until, "openssl s_server does not listen");
        thread::sleep(std::time::Duration::from_millis(20));
    }
    let machine = machine.with("HOIST_USEAPI_URL", &format!("https://127.0.0.1:{port}"));
    let (run, objects) = machine.upload(&args!["--to", "flow-music", sample("cover.png")]);
    let _ = server.kill();
    let _ = server.wait();
    assert_eq!((run.status, states(&objects)), (1, vec!["refused"]), "{}", run.err);
    assert_eq!(objects[0]["error"]["kind"], "tls", "{}", run.err);
    assert!(run.err.contains("certificate"), "{}", run.err);
    let seen = fs::read(machine.files().join("seen")).unwrap();
    assert!(!String::from_utf8_lossy(&seen).contains(KEY));
}

#[test]
fn a_refusal_names_the_step_and_the_page_where_it_is_done() {
    let machine = Machine::new();
    for (account, kind, page) in [
        ("broken@example.com", "account-broken", "https://useapi.net/docs/start-here/setup-flowmusic"),
        ("unpaid@example.com", "no-subscription", "https://useapi.net/docs/subscription"),
    ] {
        let file = sample("cover.png");
        let (run, objects) =
            machine.upload(&args!["--sandbox", "--to", "flow-music", "--account", account, file]);
        let error = &objects[0]["error"];
        assert_eq!((error["kind"].as_str(), error["page"].as_str()), (Some(kind), Some(page)));
        assert_eq!(error["remedies"][0], "open-account-page", "{error}");
        let told = run.err.lines().find(|line| line.contains(error["next"].as_str().unwrap()));
        assert!(told.is_some_and(|line| line.ends_with(&format!(". See {page}"))), "{}", run.err);
    }
}
