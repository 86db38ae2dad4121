//! Why no connection came about. Each reason wants something else of the user, so each has words of its own.

use std::error::Error;
use std::io;
use std::iter::successors;

use super::client::said;
use crate::model::error::Failure;
use crate::model::trouble;

/// What an error means that came before a connection did: nothing was sent.
pub(super) fn unconnected(error: &reqwest::Error, host: &str) -> Failure {
    let system =
        causes(error).find_map(|cause| cause.downcast_ref::<io::Error>()).map(|e| innermost(e).kind());
    let system = system.or(error.is_timeout().then_some(io::ErrorKind::TimedOut));
    meaning(Words::of(error), system, host, &said(error))
}

fn meaning(words: Option<Words>, system: Option<io::ErrorKind>, host: &str, why: &str) -> Failure {
    use io::ErrorKind as S;
    match (words, system) {
        // Of a SOCKS proxy no more is told.
        (Some(Words::ProxyUnreached), None) => trouble::no_proxy("no connection came about"),
        (Some(Words::ProxyUnreached), _) => trouble::no_proxy(why),
        (Some(Words::ProxySignIn), _) => trouble::proxy_sign_in(),
        (Some(Words::ProxyRefused), _) => trouble::proxy_refused(host),
        (_, Some(S::NetworkUnreachable | S::NetworkDown)) => trouble::offline(),
        (Some(Words::Name), _) => trouble::name_not_found(host),
        (Some(Words::Certificate), _) => trouble::certificate(why),
        (_, Some(S::ConnectionRefused)) => trouble::connection_refused(host),
        (_, Some(S::TimedOut)) => trouble::no_connection_in_time(host),
        // The connection stood, and what came over it was no handshake.
        (_, Some(S::InvalidData | S::UnexpectedEof)) => trouble::no_tls(host),
        _ => trouble::unreachable(host, why),
    }
}

/// An error and what caused it, the outermost first.
pub(super) fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    successors(error.source(), |&cause: &&(dyn Error + 'static)| cause.source())
}

/// An error of the system in another one is no cause of it to the standard library.
fn innermost(error: &io::Error) -> &io::Error {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<io::Error>()) {
        Some(inner) => innermost(inner),
        None => error,
    }
}

/// What only the texts of other crates' private types tell; `tests/core/providers/connecting.rs` makes each of them happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Words {
    Name,
    Certificate,
    ProxyUnreached,
    ProxySignIn,
    ProxyRefused,
}

impl Words {
    fn of(error: &reqwest::Error) -> Option<Words> {
        causes(error).find_map(|cause| Words::in_text(&cause.to_string().to_ascii_lowercase()))
    }

    fn in_text(text: &str) -> Option<Words> {
        // hyper-util: `TunnelError`, `SocksError`, and `ConnectError` of its own resolver.
        if let Some(why) = text.strip_prefix("tunnel error: ").or(text.strip_prefix("socks error: ")) {
            return Some(match why {
                "failed to create underlying connection" => Words::ProxyUnreached,
                "proxy authorization required" => Words::ProxySignIn,
                why if why.contains("auth") || why.contains("credentials") => Words::ProxySignIn,
                _ => Words::ProxyRefused,
            });
        }
        match text {
            "dns error" => Some(Words::Name),
            // The standard library, on Unix: alone where a name is looked up for a SOCKS proxy.
            text if text.starts_with("failed to lookup address information") => Some(Words::Name),
            text if ["certificate", "unknownissuer"].iter().any(|word| text.contains(word)) => {
                Some(Words::Certificate)
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::error::FailureKind;

    // What a test cannot make happen on every computer; the others happen in tests/core/providers/connecting.rs.
    #[test]
    fn without_a_network_that_is_what_is_said() {
        for kind in [io::ErrorKind::NetworkUnreachable, io::ErrorKind::NetworkDown] {
            for words in [None, Some(Words::Name)] {
                assert_eq!(meaning(words, Some(kind), "a.b", "x").kind, FailureKind::Offline);
            }
            // It is the proxy that is not reached then.
            let behind_a_proxy = meaning(Some(Words::ProxyUnreached), Some(kind), "a.b", "x");
            assert_eq!(behind_a_proxy.kind, FailureKind::Proxy);
        }
        let reset = meaning(None, Some(io::ErrorKind::ConnectionReset), "a.b", "connection reset");
        assert_eq!(reset.message, "a.b cannot be reached: connection reset");
    }
}
