//! Why no connection came about. Each reason wants something else of the user, so each has words of its own.

use std::error::Error;
use std::io;
use std::iter::successors;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::client::{Way, error_chain};
use crate::model::error::{Failure, FailureKind};
use crate::model::failures;
use crate::store::proxy::ProxyAddress;

/// A proxy that was asked which sign-ins it knows answers in this time, or the question is left.
const SIGN_IN_TIMEOUT: Duration = Duration::from_secs(5);

/// No answer of a proxy has a longer head.
const MAX_HEAD: u64 = 16 * 1024;

/// Returns what an error means that came before a connection did: nothing was sent.
pub(super) async fn classify_connect_error(error: &reqwest::Error, way: &Way) -> Failure {
    let system =
        causes(error).find_map(|cause| cause.downcast_ref::<io::Error>()).map(|e| innermost(e).kind());
    let system = system.or(error.is_timeout().then_some(io::ErrorKind::TimedOut));
    let failure = meaning(ConnectErrorText::of(error), system, way, &error_chain(error));
    if failure.kind == FailureKind::ProxySignIn
        && let Some(schemes) = unknown_sign_in(way).await
    {
        return failures::proxy_scheme(&schemes);
    }
    failure
}

/// Returns the sign-ins an HTTP proxy names, where Hoist can do none of them. The proxy is asked without name and
/// password, so that no account is locked by it.
async fn unknown_sign_in(way: &Way) -> Option<String> {
    let at = way.proxy.as_ref()?.plain_http()?;
    let ask = async {
        let mut stream = TcpStream::connect(at).await?;
        let to = format!("{}:{}", way.host, way.port);
        stream.write_all(format!("CONNECT {to} HTTP/1.1\r\nHost: {to}\r\n\r\n").as_bytes()).await?;
        let mut head = vec![];
        let mut stream = stream.take(MAX_HEAD);
        while !head.windows(4).any(|end| end == b"\r\n\r\n") && stream.read_buf(&mut head).await? > 0 {}
        Ok::<_, io::Error>(head)
    };
    let head = timeout(SIGN_IN_TIMEOUT, ask).await.ok()?.ok()?;
    schemes_named(&String::from_utf8_lossy(&head))
}

/// Returns the sign-ins that a head names, unless Basic is among them.
fn schemes_named(head: &str) -> Option<String> {
    let values = head.lines().take_while(|line| !line.is_empty()).filter_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("proxy-authenticate").then_some(value)
    });
    // `Digest realm="a, b", Negotiate`: what has a `=` in its first word goes with the scheme before.
    let words = values.flat_map(|value| value.split(',')).filter_map(|part| part.split_whitespace().next());
    let is_name = |word: &&str| word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    let known: Vec<_> = words.filter(is_name).filter(|word| word.len() <= 40).take(4).collect();
    let basic = known.iter().any(|word| word.eq_ignore_ascii_case("basic"));
    (!known.is_empty() && !basic).then(|| known.join(" or "))
}

fn meaning(words: Option<ConnectErrorText>, system: Option<io::ErrorKind>, way: &Way, why: &str) -> Failure {
    use io::ErrorKind as S;
    let host = &way.host;
    let told = way.proxy.as_ref().is_some_and(ProxyAddress::has_sign_in);
    let over_tls = way.proxy.as_ref().is_some_and(ProxyAddress::is_tls);
    let plain = over_tls && !is_of_a_certificate(&why.to_ascii_lowercase());
    match (words, system) {
        // Its plain answer to a handshake, or its end.
        (
            Some(ConnectErrorText::ProxyUnreached),
            Some(S::InvalidData | S::UnexpectedEof | S::ConnectionReset),
        ) if plain => failures::proxy_without_tls(),
        // Of a SOCKS proxy no more is told.
        (Some(ConnectErrorText::ProxyUnreached), None) => failures::no_proxy("no connection came about"),
        (Some(ConnectErrorText::ProxyUnreached), _) => failures::no_proxy(why),
        (Some(ConnectErrorText::ProxySignIn), _) if told => failures::proxy_sign_in_refused(),
        (Some(ConnectErrorText::ProxySignIn), _) => failures::proxy_sign_in(),
        (Some(ConnectErrorText::ProxyRefused), _) => failures::proxy_refused(host),
        (_, Some(S::NetworkUnreachable | S::NetworkDown)) => failures::offline(),
        (Some(ConnectErrorText::Name), _) => failures::name_not_found(host),
        (Some(ConnectErrorText::Certificate), _) => failures::certificate(why),
        (_, Some(S::ConnectionRefused)) => failures::connection_refused(host),
        (_, Some(S::TimedOut)) => failures::no_connection_in_time(host),
        // The connection stood, and what came over it was no handshake.
        (_, Some(S::InvalidData | S::UnexpectedEof)) => failures::no_tls(host),
        _ => failures::unreachable(host, why),
    }
}

/// Returns whether a limit in time ended the making of a connection: nothing was sent.
pub(super) fn ran_out(error: &reqwest::Error) -> bool {
    error.is_connect() && error.is_timeout()
}

/// Returns an error and what caused it, the outermost first.
pub(super) fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    successors(error.source(), |&cause: &&(dyn Error + 'static)| cause.source())
}

/// Returns the system's error inside others, which the standard library does not take for their cause.
fn innermost(error: &io::Error) -> &io::Error {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<io::Error>()) {
        Some(inner) => innermost(inner),
        None => error,
    }
}

/// What only the texts of other crates' private types tell; `tests/core/providers/connecting.rs` makes each of them happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ConnectErrorText {
    Name,
    Certificate,
    ProxyUnreached,
    ProxySignIn,
    ProxyRefused,
}

impl ConnectErrorText {
    fn of(error: &reqwest::Error) -> Option<ConnectErrorText> {
        causes(error).find_map(|cause| ConnectErrorText::in_text(&cause.to_string().to_ascii_lowercase()))
    }

    fn in_text(text: &str) -> Option<ConnectErrorText> {
        // hyper-util: `TunnelError`, `SocksError`, and `ConnectError` of its own resolver.
        if let Some(why) = text.strip_prefix("tunnel error: ").or(text.strip_prefix("socks error: ")) {
            return Some(match why {
                "failed to create underlying connection" => ConnectErrorText::ProxyUnreached,
                "proxy authorization required" => ConnectErrorText::ProxySignIn,
                why if why.contains("auth") || why.contains("credentials") => ConnectErrorText::ProxySignIn,
                _ => ConnectErrorText::ProxyRefused,
            });
        }
        match text {
            "dns error" => Some(ConnectErrorText::Name),
            // The standard library, on Unix: alone where a name is looked up for a SOCKS proxy.
            text if text.starts_with("failed to lookup address information") => Some(ConnectErrorText::Name),
            // And on Windows: WSAHOST_NOT_FOUND, WSATRY_AGAIN and WSANO_DATA.
            text if NO_SUCH_NAME.iter().any(|end| text.ends_with(end)) => Some(ConnectErrorText::Name),
            text if is_of_a_certificate(text) => Some(ConnectErrorText::Certificate),
            _ => None,
        }
    }
}

/// How texts of Windows end that say that a name was not found.
const NO_SUCH_NAME: [&str; 3] = ["(os error 11001)", "(os error 11002)", "(os error 11004)"];

fn is_of_a_certificate(text: &str) -> bool {
    ["certificate", "unknownissuer"].iter().any(|word| text.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::error::FailureKind;

    // What a test cannot make happen on every computer; the others happen in tests/core/providers/connecting.rs.
    #[test]
    fn without_a_network_that_is_what_is_said() {
        let way = Way { host: "a.b".to_owned(), port: 443, proxy: None };
        for kind in [io::ErrorKind::NetworkUnreachable, io::ErrorKind::NetworkDown] {
            for words in [None, Some(ConnectErrorText::Name)] {
                assert_eq!(meaning(words, Some(kind), &way, "x").kind, FailureKind::Offline);
            }
            // It is the proxy that is not reached then.
            let behind_a_proxy = meaning(Some(ConnectErrorText::ProxyUnreached), Some(kind), &way, "x");
            assert_eq!(behind_a_proxy.kind, FailureKind::Proxy);
        }
        let reset = meaning(None, Some(io::ErrorKind::ConnectionReset), &way, "connection reset");
        assert_eq!(reset.message, "a.b cannot be reached: connection reset");
    }

    #[test]
    fn a_sign_in_is_named_where_none_is_basic() {
        let head =
            |lines: &str| format!("HTTP/1.1 407 Authentication\r\n{lines}\r\n\r\nProxy-Authenticate: X\r\n");
        for (lines, named) in [
            ("Proxy-Authenticate: NTLM", Some("NTLM")),
            (
                "proxy-authenticate: Negotiate\r\nVia: x\r\nProxy-Authenticate: NTLM TlRMTVNTUAAC=",
                Some("Negotiate or NTLM"),
            ),
            (
                "Proxy-Authenticate: Digest realm=\"a, b=c\", nonce=\"x\", Kerberos",
                Some("Digest or Kerberos"),
            ),
            ("Proxy-Authenticate: NTLM\r\nProxy-Authenticate: Basic realm=\"x\"", None),
            ("Proxy-Authenticate: \u{1b}[2J", None),
            ("Content-Length: 0", None),
        ] {
            assert_eq!(schemes_named(&head(lines)).as_deref(), named, "{lines}");
        }
    }
}
