//! The addresses that are used: the documented ones, or those given in their place.

use std::collections::HashMap;
use std::net::IpAddr;

use url::{Host, Url};

use crate::provider::spec::Endpoint;

/// Addresses that replace documented ones, by the environment variable that names them.
#[derive(Clone, Debug, Default)]
pub struct Endpoints {
    replaced: HashMap<&'static str, Url>,
}

/// Why no request goes to a replacement; each names the variable that holds it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidEndpoint {
    /// Nothing that could be asked.
    #[error("{0} is not a URL")]
    NotAnAddress(&'static str),
    /// A path, a query, a name or a password.
    #[error("{0} must be a scheme, a host and a port only, like https://host:8443")]
    NotBare(&'static str),
    /// `http` to another computer.
    #[error("{0} must be https: http would show the key to the network")]
    InTheClear(&'static str),
    /// Neither `http` nor `https`.
    #[error("{0} must begin with https://")]
    Scheme(&'static str),
}

impl Endpoints {
    /// Checks replacements: scheme, host and port only; https, or http on loopback.
    pub fn new<'a>(
        given: impl IntoIterator<Item = (&'static str, &'a str)>,
    ) -> Result<Endpoints, InvalidEndpoint> {
        let mut replaced = HashMap::new();
        for (name, text) in given {
            let url = Url::parse(text).map_err(|_| InvalidEndpoint::NotAnAddress(name))?;
            let plain = url.username().is_empty()
                && url.password().is_none()
                && url.path() == "/"
                && url.query().is_none()
                && url.fragment().is_none();
            if !plain || url.host().is_none() {
                return Err(InvalidEndpoint::NotBare(name));
            }
            match url.scheme() {
                "https" => {}
                "http" if is_loopback(&url) => {}
                "http" => return Err(InvalidEndpoint::InTheClear(name)),
                _ => return Err(InvalidEndpoint::Scheme(name)),
            }
            replaced.insert(name, url);
        }
        Ok(Endpoints { replaced })
    }

    /// Returns the whole address of a request.
    pub fn url(&self, base: &Endpoint, path: &str) -> Result<Url, url::ParseError> {
        let root = match self.replaced.get(base.env) {
            Some(url) => url.as_str().trim_end_matches('/'),
            None => base.url,
        };
        Url::parse(&format!("{root}{path}"))
    }
}

/// Returns whether an address never leaves this computer.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => IpAddr::V6(ip).is_loopback(),
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_or_http_to_this_computer() {
        let ok = |url| Endpoints::new([("HOIST_X_URL", url)]).is_ok();
        assert!(ok("https://gateway.example:8443"));
        assert!(ok("http://127.0.0.1:1234"));
        assert!(ok("http://localhost:1234/"));
        assert!(ok("http://[::1]:1234"));
        for bad in [
            "http://example.com",
            "http://127.0.0.1.example.com",
            "ftp://127.0.0.1",
            "file:///etc/passwd",
            "https://user:pw@example.com",
            "https://example.com/path",
            "https://example.com/?q",
            "nonsense",
            "",
        ] {
            assert!(!ok(bad), "{bad}");
        }
    }
}
