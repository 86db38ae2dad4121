//! The addresses that are used: the documented ones, or those given in their place.

use std::collections::HashMap;
use std::net::IpAddr;

use url::{Host, Url};

use crate::model::address::is_inside;
use crate::provider::spec::Endpoint;

/// Addresses that replace documented ones, by the environment variable that names them.
#[derive(Clone, Debug, Default)]
pub struct Endpoints {
    replaced: HashMap<&'static str, Url>,
    /// What every address is replaced by, whichever vendor it is of.
    everything: Option<Url>,
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
        Ok(Endpoints { replaced, everything: None })
    }

    /// Sends everything to one address, scheme, host and port only, on this computer: that of a vendor that is added
    /// later, too.
    pub fn only(origin: &str) -> Result<Endpoints, InvalidEndpoint> {
        let name = "sandbox";
        let mut endpoints = Endpoints::new([(name, origin)])?;
        endpoints.everything = endpoints.replaced.remove(name);
        Ok(endpoints)
    }

    /// Returns what an address is replaced by.
    fn replacement(&self, base: &Endpoint) -> Option<&Url> {
        self.everything.as_ref().or_else(|| self.replaced.get(base.env))
    }

    /// Returns the whole address of a request.
    pub fn url(&self, base: &Endpoint, path: &str) -> Result<Url, url::ParseError> {
        let root = match self.replacement(base) {
            Some(url) => url.as_str().trim_end_matches('/'),
            None => base.url,
        };
        Url::parse(&format!("{root}{path}"))
    }

    /// Checks an address that a reply named: https and of the internet. Where the vendor's own address was replaced, it has
    /// to be of the replacement: what is tried on this computer stays there.
    pub fn captured(
        &self,
        address: &str,
        endpoints: &[Endpoint],
        is_local: bool,
    ) -> Result<Url, UnsafeAddress> {
        let url = Url::parse(address).map_err(|_| UnsafeAddress::NotAnAddress)?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(UnsafeAddress::SignIn);
        }
        let replaced: Vec<_> = endpoints.iter().filter_map(|endpoint| self.replacement(endpoint)).collect();
        if !replaced.is_empty() {
            let is_same = replaced.iter().any(|own| own.origin() == url.origin());
            return if is_same { Ok(url) } else { Err(UnsafeAddress::Elsewhere) };
        }
        match url.scheme() {
            "https" if !is_inside(&url) => Ok(url),
            "https" | "http" if is_local && is_inside(&url) => Ok(url),
            "https" => Err(UnsafeAddress::Inside),
            _ => Err(UnsafeAddress::InTheClear),
        }
    }
}

/// Why nothing is sent to an address that a reply named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnsafeAddress {
    /// Nothing that could be asked.
    #[error("it is not an address")]
    NotAnAddress,
    /// A name or a password.
    #[error("it has a name or a password in it")]
    SignIn,
    /// Another server than the one that stands in for the vendor.
    #[error("it leads away from the address that replaces the provider's")]
    Elsewhere,
    /// This computer, or one of its network.
    #[error("it leads into a private network")]
    Inside,
    /// Not https.
    #[error("it is not https")]
    InTheClear,
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
    fn a_sandbox_stands_in_for_every_vendor_known_or_not() {
        let known = Endpoint { env: "HOIST_X_URL", url: "https://api.example.com" };
        let sandbox = Endpoints::only("http://127.0.0.1:9").unwrap();
        assert_eq!(sandbox.url(&known, "/v1").unwrap().as_str(), "http://127.0.0.1:9/v1");
        let elsewhere = sandbox.captured("https://cdn.example.net/x", &[known], false);
        assert_eq!(elsewhere, Err(UnsafeAddress::Elsewhere));
        assert!(Endpoints::only("http://192.0.2.1:9").is_err(), "another computer is not a sandbox");
    }

    #[test]
    fn what_a_reply_names_is_https_and_of_the_internet() {
        static BASE: [Endpoint; 1] = [Endpoint { env: "HOIST_X_URL", url: "https://api.example.com" }];
        let usual = Endpoints::default();
        let leads = |url: &str, is_local| usual.captured(url, &BASE, is_local).map(|url| url.to_string());
        assert_eq!(
            leads("https://cdn.example.net/x?y=1", false).as_deref(),
            Ok("https://cdn.example.net/x?y=1")
        );
        for (url, why) in [
            ("http://cdn.example.net/", UnsafeAddress::InTheClear),
            ("file:///etc/passwd", UnsafeAddress::InTheClear),
            ("ftp://cdn.example.net/", UnsafeAddress::InTheClear),
            ("https://u:p@cdn.example.net/", UnsafeAddress::SignIn),
            ("https://10.0.0.1/", UnsafeAddress::Inside),
            ("https://[::1]/", UnsafeAddress::Inside),
            ("https://169.254.169.254/latest", UnsafeAddress::Inside),
            ("https://localhost/", UnsafeAddress::Inside),
            ("/relative", UnsafeAddress::NotAnAddress),
        ] {
            assert_eq!(leads(url, false), Err(why), "{url}");
        }
        assert!(leads("http://192.168.1.2:8188/x", true).is_ok());
        assert_eq!(leads("http://cdn.example.net/", true), Err(UnsafeAddress::InTheClear));
        let tried = Endpoints::new([("HOIST_X_URL", "http://127.0.0.1:4000")]).unwrap();
        assert!(tried.captured("http://127.0.0.1:4000/next", &BASE, false).is_ok());
        for away in ["https://cdn.example.net/", "http://127.0.0.1:4001/", "http://localhost:4000/"] {
            assert_eq!(tried.captured(away, &BASE, false), Err(UnsafeAddress::Elsewhere), "{away}");
        }
    }

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
