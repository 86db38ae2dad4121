//! Which hosts a provider's file may name, and what its addresses lead to.

use url::{Host as UrlHost, Url};

use super::spec::Endpoint;
use crate::model::address::is_inside;

/// Headers that Hoist sets itself, or that say what a request is for whoever passes it on.
const OWN_HEADERS: [&str; 22] = [
    "accept-encoding",
    "authorization",
    "connection",
    "content-encoding",
    "content-length",
    "cookie",
    "date",
    "expect",
    "forwarded",
    "host",
    "keep-alive",
    "origin",
    "proxy-authorization",
    "proxy-connection",
    "referer",
    "set-cookie",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "via",
];

/// Returns whether a header is Hoist's own.
pub fn is_own_header(name: &str) -> bool {
    OWN_HEADERS.iter().any(|own| own.eq_ignore_ascii_case(name))
}

/// Why a host, or an address, cannot stand in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadAddress {
    /// Nothing that a host could be.
    #[error("is no host: write a name like api.example.com, with :PORT where it needs one")]
    NoHost,
    /// This computer, or one of the network.
    #[error("is this computer or one of its network: that needs lan = true in [vendor]")]
    Private,
    /// A host of the internet, where there is no https.
    #[error(
        "is not of this computer or its network, which lan = true is for: write its address there, or leave lan out"
    )]
    Public,
    /// Nothing that could be asked.
    #[error("is not an address: write https:// and a host that [vendor] lists")]
    NoAddress,
    /// Another scheme.
    #[error("must begin with https:// (with lan = true: http://)")]
    Scheme,
    /// A host that the vendor does not list.
    #[error("goes to a host that [vendor] hosts does not list")]
    OtherHost,
    /// A name or a password.
    #[error("must have no name or password in it")]
    SignIn,
    /// A place in the host.
    #[error("must have no {{place}} before its path")]
    OpenHost,
}

/// A host of a vendor, as files name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    origin: String,
}

impl Host {
    /// Reads `api.example.com` or `api.example.com:8443`.
    pub fn parse(text: &str, lan: bool) -> Result<Host, BadAddress> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']');
        if text.is_empty() || text.len() > 255 || !text.chars().all(is_plain) {
            return Err(BadAddress::NoHost);
        }
        let scheme = if lan { "http" } else { "https" };
        let url = Url::parse(&format!("{scheme}://{text}/")).map_err(|_| BadAddress::NoHost)?;
        let named = matches!(url.host(), Some(UrlHost::Domain(name)) if name.contains('.'));
        match (is_inside(&url), lan) {
            (true, false) => Err(BadAddress::Private),
            (false, false) if !named => Err(BadAddress::NoHost),
            (false, true) => Err(BadAddress::Public),
            _ => Ok(Host { origin: url.origin().ascii_serialization() }),
        }
    }

    /// Returns scheme, host and port.
    pub fn origin(&self) -> &str {
        &self.origin
    }
}

/// Returns the host that an address of a file goes to, and the rest of it: path and query, a template.
pub fn split(
    address: &str,
    endpoints: &'static [Endpoint],
    lan: bool,
) -> Result<(&'static Endpoint, String), BadAddress> {
    if let Some(path) = address.strip_prefix('/').filter(|rest| !rest.starts_with('/')) {
        return Ok((&endpoints[0], format!("/{path}")));
    }
    let rest = match address.split_once("://") {
        Some(("https", rest)) if !lan => rest,
        Some(("http", rest)) if lan => rest,
        Some(_) => return Err(BadAddress::Scheme),
        None => return Err(BadAddress::NoAddress),
    };
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (host, path) = rest.split_at(end);
    if host.contains(['{', '}']) {
        return Err(BadAddress::OpenHost);
    }
    if host.contains('@') {
        return Err(BadAddress::SignIn);
    }
    if path.contains(['#', '\\']) || path.chars().any(|c| c.is_control() || c == ' ') {
        return Err(BadAddress::NoAddress);
    }
    let host = Host::parse(host, lan)?;
    let endpoint =
        endpoints.iter().find(|endpoint| endpoint.url == host.origin).ok_or(BadAddress::OtherHost)?;
    let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
    Ok((endpoint, path))
}

/// Returns the path of an address, without what it leads to.
pub fn path_of(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    rest.find('/').map_or("/", |at| &rest[at..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_a_name_of_the_internet_unless_the_file_says_otherwise() {
        for good in ["api.example.com", "api.example.com:8443", "xn--bcher-kva.example"] {
            assert!(Host::parse(good, false).is_ok(), "{good}");
        }
        for public in ["8.8.8.8", "api.example.com", "[2001:db8:4860::8888]:80"] {
            assert_eq!(Host::parse(public, true), Err(BadAddress::Public), "{public}");
        }
        for private in [
            "127.0.0.1",
            "localhost",
            "10.0.0.1",
            "192.168.1.2:80",
            "[::1]",
            "printer",
            "nas.local",
            "100.64.0.1",
            "169.254.169.254",
            "[fd00::1]",
            "[::ffff:127.0.0.1]",
        ] {
            assert_eq!(Host::parse(private, false), Err(BadAddress::Private), "{private}");
            assert!(Host::parse(private, true).is_ok(), "{private}");
        }
        for bad in [
            "",
            "*.example.com",
            "a b.com",
            "https://a.example",
            "a.example/x",
            "u@a.example",
            "8.8.8.8",
            "a.example:99999",
        ] {
            assert!(matches!(Host::parse(bad, false), Err(BadAddress::NoHost)), "{bad}");
        }
    }
}
