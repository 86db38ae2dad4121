//! Proxies, and who answers at the other end.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hoist::provider;

use crate::machine::{Machine, TIMEOUT, sample, states};
use crate::support::server::{Answer, Reaction, Server};

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
                assert_eq!(
                    machine.history(&[])[0]["attempts"].as_array().unwrap().len(),
                    3,
                    "nothing was sent, so it is tried again"
                );
            });
        }
    });
    for _ in 0..3 * variables.len() {
        let asked = String::from_utf8(seen.recv_timeout(TIMEOUT).unwrap()).unwrap();
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
    let until = std::time::Instant::now() + TIMEOUT;
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
        assert_eq!((error["kind"].as_str(), error["help_url"].as_str()), (Some(kind), Some(page)));
        assert_eq!(error["remedies"][0], "open-account-page", "{error}");
        let told = run.err.lines().find(|line| line.contains(error["hint"].as_str().unwrap()));
        assert!(told.is_some_and(|line| line.ends_with(&format!(". See {page}"))), "{}", run.err);
    }
}

/// Uploads from a machine that reaches the service by these variables only; it gets no answer from there.
fn through(variables: &[(&str, &str)]) -> (crate::machine::Ended, serde_json::Value) {
    let machine =
        Machine::new().with("HOIST_USEAPI_TOKEN", KEY).with("HOIST_USEAPI_URL", "https://service.invalid");
    let machine = variables.iter().fold(machine, |machine, (name, value)| machine.with(name, value));
    let (run, mut objects) = machine.upload(&args!["--to", "flow-music", sample("cover.png")]);
    assert_eq!(states(&objects), ["refused"], "{}", run.err);
    (run, objects.remove(0))
}

/// At the same time, since some are tried three times with pauses.
fn at_once<T: Send>(cases: impl IntoIterator<Item = T>, run: impl Fn(T) + Sync) {
    let run = &run;
    thread::scope(|scope| {
        for case in cases {
            scope.spawn(move || run(case));
        }
    });
}

#[test]
fn a_proxy_that_cannot_be_used_is_an_error_and_no_direct_connection() {
    let (proxy, seen) = listener(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n");
    for value in [
        "htp://127.0.0.1:3128",
        "socks6://127.0.0.1:1080",
        "http://127.0.0.1:proxy",
        "http://:3128",
        "http://user:12#34",
        "http://wpad.example/proxy.pac",
        "proxy host:3128",
    ] {
        // Neither around it nor by another variable.
        let (run, object) = through(&[("HTTPS_PROXY", value), ("ALL_PROXY", &format!("http://{proxy}"))]);
        let message = object["error"]["message"].as_str().unwrap();
        assert_eq!((run.status, object["error"]["kind"].as_str()), (2, Some("set-up")), "{value}: {message}");
        assert!(message.starts_with("The proxy in HTTPS_PROXY cannot be used: "), "{value}: {message}");
        assert!(run.err.contains("Nothing was sent"), "{}", run.err);
    }
    // The same in the settings, where a hand has written it.
    let machine = crate::places::with_settings("[proxy]\nurl = \"htp://127.0.0.1:3128\"\n");
    let machine = machine.with("HOIST_USEAPI_TOKEN", KEY).with("HOIST_USEAPI_URL", "https://service.invalid");
    let (run, objects) = machine.upload(&args!["--to", "flow-music", sample("cover.png")]);
    let message = objects[0]["error"]["message"].as_str().unwrap();
    assert_eq!(run.status, 2, "{message}");
    assert!(message.starts_with("The proxy in the settings cannot be used: "), "{message}");
    assert!(seen.try_recv().is_err());
}

#[test]
fn a_value_in_quotes_is_the_value_and_socks_looks_names_up_at_the_proxy() {
    const REFUSED: &[u8] = b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n";
    at_once(["\"http://{}\"", " 'http://{}/' ", "{}", "HTTP://{}"], |form| {
        let (proxy, seen) = listener(REFUSED);
        let (_, object) = through(&[("HTTPS_PROXY", &form.replace("{}", &proxy))]);
        assert_eq!(object["error"]["kind"], "proxy", "{form}: {object}");
        let asked = String::from_utf8(seen.recv_timeout(TIMEOUT).unwrap()).unwrap();
        assert!(asked.starts_with("CONNECT service.invalid:443 HTTP/1.1\r\n"), "{form}: {asked}");
    });
    at_once(["socks", "\"socks", "socks5h"], |scheme| {
        let proxy = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("{scheme}://{}", proxy.local_addr().unwrap());
        let asked = thread::spawn(move || {
            let (mut stream, _) = proxy.accept().unwrap();
            let mut hello = [0; 3];
            stream.read_exact(&mut hello).unwrap();
            stream.write_all(&[5, 0]).unwrap();
            let mut request = [0; 5];
            stream.read_exact(&mut request).unwrap();
            let mut host = vec![0; usize::from(request[4])];
            stream.read_exact(&mut host).unwrap();
            (request[3], String::from_utf8_lossy(&host).into_owned())
        });
        let value = if scheme.starts_with('"') { format!("{address}\"") } else { address };
        through(&[("ALL_PROXY", &value)]);
        assert_eq!(
            asked.join().unwrap(),
            (3, "service.invalid".to_owned()),
            "a name, and no address: {value}"
        );
    });
}

#[test]
fn hosts_are_left_out_of_a_proxy_by_every_usual_form() {
    let (proxy, seen) = listener(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n");
    let proxy = format!("http://{proxy}");
    at_once(
        ["*.invalid", "localhost, *.invalid", "\".invalid\"", "a.example service.invalid", "*"],
        |list| {
            let (_, object) = through(&[("HTTPS_PROXY", &proxy), ("NO_PROXY", list)]);
            assert_ne!(object["error"]["kind"], "proxy", "{list}: {object}");
        },
    );
    assert!(seen.try_recv().is_err());
    let (_, object) = through(&[("HTTPS_PROXY", &proxy), ("NO_PROXY", "*.example, invalid.example")]);
    assert_eq!(object["error"]["kind"], "proxy", "{object}");
}

/// What a proxy was told of who is asking.
fn sign_in(request: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(request).into_owned();
    let headers = head.lines().filter_map(|line| line.split_once(": Basic "));
    let (_, value) =
        headers.into_iter().find(|(name, _)| name.eq_ignore_ascii_case("proxy-authorization"))?;
    Some(String::from_utf8(STANDARD.decode(value).unwrap()).unwrap())
}

#[test]
fn a_name_and_a_password_reach_the_proxy_as_they_are_and_a_refusal_says_how_to_write_them() {
    const WANTS: &[u8] =
        b"HTTP/1.1 407 X\r\nProxy-Authenticate: Basic realm=\"x\"\r\nProxy-Authenticate: NTLM\r\ncontent-length: 0\r\n\r\n";
    for value in ["jane%40corp:p%23a%3As%40s", "jane@corp:p#a:s@s"] {
        let (proxy, seen) = listener(WANTS);
        let (run, object) = through(&[("HTTPS_PROXY", &format!("http://{value}@{proxy}"))]);
        assert_eq!((run.status, object["error"]["kind"].as_str()), (2, Some("proxy-sign-in")), "{object}");
        assert_eq!(object["error"]["message"], "The proxy did not accept the name and the password");
        for word in
            ["HTTPS_PROXY=http://NAME:PASSWORD@HOST:PORT", "%40 stands for @", "%23 for #", "%3A for :"]
        {
            assert!(run.err.contains(word), "no {word} in {}", run.err);
        }
        assert!(!run.err.contains("p#a") && !run.err.contains("p%23a"), "{}", run.err);
        assert_eq!(sign_in(&seen.recv_timeout(TIMEOUT).unwrap()).as_deref(), Some("jane@corp:p#a:s@s"));
        // It may be asked what it wants, but the same password is not tried again: that locks accounts.
        assert!(seen.try_iter().all(|request| sign_in(&request).is_none()));
    }
    let (proxy, _seen) = listener(WANTS);
    let (run, object) = through(&[("HTTPS_PROXY", &format!("http://{proxy}"))]);
    assert_eq!(object["error"]["message"], "The proxy requires a name and a password");
    assert!(run.err.contains("NAME:PASSWORD@HOST:PORT"), "{}", run.err);
}

#[test]
fn a_sign_in_that_hoist_does_not_speak_is_named() {
    for (answer, named) in [
        (&b"HTTP/1.1 407 X\r\nProxy-Authenticate: NTLM\r\n\r\n"[..], "NTLM"),
        (
            b"HTTP/1.1 407 X\r\nproxy-authenticate: Negotiate\r\nproxy-authenticate: NTLM\r\n\r\n",
            "Negotiate or NTLM",
        ),
    ] {
        for value in ["jane:word@", ""] {
            let (proxy, _seen) = listener(answer);
            let (run, object) = through(&[("HTTPS_PROXY", &format!("http://{value}{proxy}"))]);
            let message = object["error"]["message"].as_str().unwrap();
            assert_eq!(message, format!("The proxy requires {named}, which Hoist does not support"));
            assert_eq!(run.status, 2, "{}", run.err);
        }
    }
}

#[test]
fn a_plain_proxy_that_is_written_with_https_is_said_to_be_one() {
    at_once([&b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n"[..], b""], |answer| {
        let (proxy, _seen) = listener(answer);
        let (run, object) = through(&[("HTTPS_PROXY", &format!("https://{proxy}"))]);
        assert_eq!(object["error"]["kind"], "proxy", "{object}");
        assert!(run.err.contains("write http://HOST:PORT in place of https://HOST:PORT"), "{}", run.err);
    });
}

#[test]
fn a_network_that_wants_a_sign_in_is_no_outcome_unknown() {
    let portal = Answer::new(511, "<html>Sign in at the hotel</html>");
    let server = Server::always(Reaction::Answer(portal));
    let machine = Machine::towards(&server);
    for facts in provider::first().into_iter().map(|p| p.facts()) {
        let before = server.requests().len();
        let (run, objects) = machine.upload(&args!["--to", facts.id, crate::machine::samples(facts)[0]]);
        assert_eq!((run.status, states(&objects)), (1, vec!["refused"]), "{}: {}", facts.id, run.err);
        assert_eq!(objects[0]["error"]["kind"], "captive-portal");
        assert!(run.err.contains("requires you to sign in") && run.err.contains("browser"), "{}", run.err);
        assert_eq!(server.requests().len() - before, 1, "{}: once, since a person is needed", facts.id);
    }
}

#[test]
fn a_date_after_which_it_may_go_on_is_compared_with_the_providers_own_clock() {
    // The service's clock is years ahead of this computer's: by that, five minutes would be years.
    let answer = Answer::new(429, "{}").header("date", "Sat, 28 Nov 2037 10:00:00 GMT");
    let server =
        Server::always(Reaction::Answer(answer.header("retry-after", "Sat, 28 Nov 2037 10:05:00 GMT")));
    let machine = Machine::towards(&server);
    let began = jiff::Timestamp::now();
    let (run, objects) = machine.upload(&args!["--to", "flow-music", sample("cover.png")]);
    assert_eq!((run.status, states(&objects)), (1, vec!["held"]), "{}", run.err);
    let until: jiff::Timestamp = objects[0]["error"]["until"].as_str().unwrap().parse().unwrap();
    let held = until.duration_since(began).as_secs();
    assert!((300..=300 + 60).contains(&held), "{held} s");
    assert!(run.err.contains(" The limit ends at "), "{}", run.err);
}

#[test]
fn a_throttled_upload_says_until_when_it_waits() {
    let server = Server::start(|_, number| match number {
        0 => Reaction::Answer(Answer::new(429, "{}").header("retry-after", "1")),
        _ => Reaction::Answer(crate::servers::accepted("flow-music", number)),
    });
    let machine = Machine::towards(&server);
    let file = sample("cover.png");
    let run =
        machine.run(&args!["upload", "--to", "flow-music", "--account", "jane@example.com", file, file]);
    assert_eq!((run.status, run.lines().len()), (0, 2), "{}", run.err);
    let said: Vec<_> = run.err.lines().filter(|line| line.contains("is rate-limited until")).collect();
    assert_eq!(said.len(), 1, "once for all its files: {}", run.err);
    assert!(
        said[0].contains("Flow Music · jane@example.com is rate-limited") && said[0].ends_with(": waiting."),
        "{said:?}"
    );
}
