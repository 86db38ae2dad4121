//! Why no connection comes about, each reason over real sockets: what is read by the texts of other crates' errors
//! (src/engine/connecting.rs) is made to happen here.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::mpsc;
use std::time::Duration;

use crate::support::server::{Answer, Closed, Reaction, Server};
use crate::support::{Rig, by_id, failure, to};
use hoist::model::error::{Failure, FailureKind};
use hoist::model::remedy::Remedy;
use hoist::model::upload::State;
use hoist::store::settings::Proxy;

/// No name ends so, now or ever (RFC 6761).
const NOWHERE: &str = "https://nobody.invalid";

/// Sends a small file and says what went wrong, and how often it was tried.
fn sent(origin: &str, proxy: Proxy) -> (Failure, usize) {
    let mut rig = Rig::with(origin, |config| {
        config.proxy = proxy;
        config.limits.connect = Duration::from_secs(2);
    });
    let path = rig.small(by_id("flow-music"));
    let id = rig.send(&path, &to(by_id("flow-music")));
    let state = rig.end(id);
    assert!(matches!(state, State::Refused(_)), "nothing was sent: {state:?}");
    let failure = failure(&state).clone();
    assert!(failure.hint.starts_with("Nothing was sent: "), "{failure:?}");
    (failure, rig.tries(id))
}

/// A proxy that answers whoever comes so, and tells what it read.
fn proxy(answer: &'static [u8]) -> (String, mpsc::Receiver<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let mut first = vec![0; 4096];
            let n = stream.read(&mut first).unwrap_or(0);
            let _ = stream.write_all(answer);
            first.truncate(n);
            if tell.send(first).is_err() {
                return;
            }
        }
    });
    (address, told)
}

#[test]
fn a_name_that_does_not_resolve_is_said_by_its_name() {
    let closed = Closed::new();
    // With `socks5:` names are looked up here, with `socks5h:` there.
    for proxy in [Proxy::Direct, Proxy::Url(closed.origin().replace("http:", "socks5:"))] {
        let (failure, tries) = sent(NOWHERE, proxy);
        assert_eq!((failure.kind, tries), (FailureKind::NameNotFound, 3), "{failure:?}");
        assert_eq!(failure.message, "The name nobody.invalid was not found");
        assert!(failure.hint.contains("DNS"), "{failure:?}");
    }
}

#[test]
fn a_port_nobody_listens_on_refuses_the_connection() {
    let closed = Closed::new();
    for origin in [closed.origin(), closed.origin().replace("http:", "https:")] {
        let (failure, tries) = sent(&origin, Proxy::Direct);
        assert_eq!((failure.kind, tries), (FailureKind::Unreachable, 3));
        assert_eq!(failure.message, "127.0.0.1 refused the connection");
        assert!(failure.hint.contains("firewall"), "{failure:?}");
    }
}

#[test]
fn who_says_nothing_or_speaks_no_tls_is_told_apart() {
    let silent = Closed::new().silent();
    let (failure, _) = sent(&format!("https://{}", silent.local_addr().unwrap()), Proxy::Direct);
    assert_eq!(failure.kind, FailureKind::Unreachable);
    assert_eq!(failure.message, "127.0.0.1 does not answer: the connection timed out");

    let plain = Server::always(Reaction::Answer(Answer::new(200, "{}")));
    let (failure, _) = sent(&plain.origin().replace("http:", "https:"), Proxy::Direct);
    assert_eq!(failure.kind, FailureKind::Unreachable);
    assert_eq!(failure.message, "127.0.0.1 offers no secure connection");
    assert!(failure.hint.contains("sign in to the network"), "{failure:?}");
}

#[test]
fn a_proxy_nobody_listens_at_is_what_cannot_be_reached() {
    let closed = Closed::new();
    for scheme in ["http:", "socks5h:"] {
        let address = closed.origin().replace("http:", scheme);
        let (failure, tries) = sent(NOWHERE, Proxy::Url(address));
        assert_eq!((failure.kind, tries), (FailureKind::Proxy, 3), "{failure:?}");
        assert!(failure.message.starts_with("The proxy cannot be reached: "), "{failure:?}");
        assert_eq!(failure.remedies().first(), Some(&Remedy::OpenProxySettings));
    }
    let (failure, _) = sent(NOWHERE, Proxy::Url("http://nobody.invalid:3128".to_owned()));
    assert_eq!(failure.kind, FailureKind::Proxy, "it is the proxy's name that is not found: {failure:?}");
}

#[test]
fn a_proxy_that_wants_a_password_is_asked_once() {
    const ANSWER: &[u8] = b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n";
    // SOCKS 5: none of the ways to sign in that were offered.
    for (scheme, answer) in [("http", ANSWER), ("socks5h", b"\x05\xff")] {
        for sign_in in ["", "jane:word@"] {
            let (address, told) = proxy(answer);
            let (failure, tries) = sent(NOWHERE, Proxy::Url(format!("{scheme}://{sign_in}{address}")));
            assert_eq!((failure.kind, tries), (FailureKind::ProxySignIn, 1), "{scheme}: {failure:?}");
            assert!(failure.hint.contains("NAME:PASSWORD"), "{failure:?}");
            let asked: Vec<_> = told.try_iter().map(|r| String::from_utf8_lossy(&r).to_lowercase()).collect();
            let signed_in = asked.iter().filter(|request| request.contains("proxy-authorization")).count();
            let is_http = scheme == "http";
            assert_eq!(
                signed_in,
                usize::from(is_http && !sign_in.is_empty()),
                "an account may be locked by asking again"
            );
            // An HTTP proxy is asked once more, without a password: which sign-ins it knows.
            assert_eq!(asked.len(), if is_http { 2 } else { 1 }, "{asked:?}");
        }
    }
}

#[test]
fn a_proxy_that_lets_nothing_through_says_so() {
    for answer in [
        "HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n",
        "What is HTTP?\r\n\r\n",
        "",
    ] {
        let (address, told) = proxy(answer.as_bytes());
        let (failure, tries) = sent(NOWHERE, Proxy::Url(format!("http://{address}")));
        assert_eq!((failure.kind, tries), (FailureKind::Proxy, 3), "{answer}: {failure:?}");
        assert_eq!(failure.message, "The proxy refuses connections to nobody.invalid", "{answer}");
        let asked = String::from_utf8(told.recv().unwrap()).unwrap();
        assert!(asked.starts_with("CONNECT nobody.invalid:443 HTTP/1.1\r\n"), "{asked}");
    }
}
