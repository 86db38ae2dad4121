//! Addresses of proxies, as people write them. What cannot be used is an error before anything is sent: a proxy that is
//! not understood must never mean a direct connection, which shows what is sent, and from where, to another network.

use std::net::Ipv6Addr;

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use url::Host;

use crate::model::text::unquoted;

/// The schemes there are, and what each stands for. `socks` looks names up at the proxy, as programs with one kind of
/// SOCKS do: a name that is looked up here tells the network around what is sent, and to whom.
const SCHEMES: [(&str, &str); 7] = [
    ("http", "http"),
    ("https", "https"),
    ("socks", "socks5h"),
    ("socks4", "socks4"),
    ("socks4a", "socks4a"),
    ("socks5", "socks5"),
    ("socks5h", "socks5h"),
];

/// A proxy that can be used. It has no `Debug`, since it may hold a password.
#[derive(Clone, PartialEq, Eq)]
pub struct ProxyAddress {
    scheme: &'static str,
    /// A name or an address, as addresses have it: letters, digits, `.`, `-` and `_`, or `[…]`.
    host: String,
    port: Option<u16>,
    /// Name and password, decoded.
    sign_in: Option<(String, String)>,
}

/// Why a text is no proxy's address, as the end of a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidProxy {
    /// `proxy.example.com` where a scheme is wanted, or no text at all.
    #[error("this is not a URL: write it like http://proxy.example.com:8080")]
    NoScheme,
    /// `ftp://…`.
    #[error("a proxy's address begins with http://, https://, socks5:// or socks5h://")]
    Scheme,
    /// `http://`, `http://:3128`.
    #[error("the proxy's address has no host")]
    NoHost,
    /// `http://a b:3128`.
    #[error("the proxy's host name is not valid: write http://HOST:PORT")]
    Host,
    /// `http://proxy:80800`, `http://proxy:http`.
    #[error("the proxy's port is not a number from 1 to 65535: write http://HOST:PORT")]
    Port,
    /// `http://wpad/proxy.pac`.
    #[error("the proxy's address ends with its port, without a path: write http://HOST:PORT")]
    Path,
    /// A `#`, `/` or `?` that makes the address end where it should not.
    #[error(
        "the proxy's name and password must be written with %40 for @, %23 for #, %3A for :, %2F for / and %25 for %"
    )]
    SignIn,
}

impl ProxyAddress {
    /// Reads an address with its scheme. Blanks and quotes around it are taken off.
    pub fn read(text: &str) -> Result<ProxyAddress, InvalidProxy> {
        let text = unquoted(text);
        let (scheme, rest) = text.split_once("://").ok_or(InvalidProxy::NoScheme)?;
        let known = SCHEMES.iter().find(|(name, _)| scheme.eq_ignore_ascii_case(name));
        let scheme = known.map(|(_, meant)| *meant).ok_or(InvalidProxy::Scheme)?;
        // The last @, since a password may have one that is not encoded; a host has none.
        let (sign_in, authority) = match rest.rsplit_once('@') {
            Some((sign_in, authority)) => (Some(read_sign_in(sign_in)?), authority),
            None => (None, rest),
        };
        let (authority, path) =
            authority.split_at(authority.find(['/', '?', '#']).unwrap_or(authority.len()));
        if !matches!(path, "" | "/") {
            return Err(InvalidProxy::Path);
        }
        let (host, port) = read_authority(authority)?;
        Ok(ProxyAddress { scheme, host, port, sign_in })
    }

    /// Returns the same for a variable of the environment, where the scheme may be left out and means `http`.
    fn of_variable(text: &str) -> Result<ProxyAddress, InvalidProxy> {
        let text = unquoted(text);
        match text.contains("://") {
            true => ProxyAddress::read(text),
            false => ProxyAddress::read(&format!("http://{text}")),
        }
    }

    /// Returns the address as HTTP libraries take it. It may hold a password: not for people, logs or files.
    pub fn url(&self) -> String {
        let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let sign_in = match &self.sign_in {
            Some((name, password)) => format!("{}:{}@", encode(name), encode(password)),
            None => String::new(),
        };
        let port = self.port.map(|port| format!(":{port}")).unwrap_or_default();
        format!("{}://{sign_in}{}{port}", self.scheme, self.host)
    }

    /// Returns the same without name and password.
    #[must_use]
    pub fn without_sign_in(&self) -> ProxyAddress {
        ProxyAddress { sign_in: None, ..self.clone() }
    }

    /// Returns whether a name and a password are given.
    pub fn has_sign_in(&self) -> bool {
        self.sign_in.is_some()
    }

    /// Returns whether the proxy itself is spoken to over TLS.
    pub fn is_tls(&self) -> bool {
        self.scheme == "https"
    }

    /// Returns where a proxy listens that takes HTTP in the clear; none for other ones.
    pub fn plain_http(&self) -> Option<(&str, u16)> {
        let host = self.host.trim_start_matches('[').trim_end_matches(']');
        (self.scheme == "http").then(|| (host, self.port.unwrap_or(80)))
    }
}

/// Reads `NAME:PASSWORD`, percent-encoded or not.
fn read_sign_in(text: &str) -> Result<(String, String), InvalidProxy> {
    let (name, password) = text.split_once(':').unwrap_or((text, ""));
    let decode = |text: &str| percent_decode_str(text).decode_utf8().map(std::borrow::Cow::into_owned);
    match (decode(name), decode(password)) {
        // Neither can be said in a header or to a SOCKS server.
        (Ok(name), Ok(password))
            if !name.contains(':') && !format!("{name}{password}").contains(char::is_control) =>
        {
            Ok((name, password))
        }
        _ => Err(InvalidProxy::SignIn),
    }
}

/// Reads `HOST:PORT`, the port not everywhere.
fn read_authority(text: &str) -> Result<(String, Option<u16>), InvalidProxy> {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (text, None),
    };
    let port = match port {
        None => None,
        Some(port) if port.bytes().all(|b| b.is_ascii_digit()) => match port.parse() {
            Ok(0) | Err(_) => return Err(InvalidProxy::Port),
            Ok(port) => Some(port),
        },
        Some(_) => return Err(InvalidProxy::Port),
    };
    if host.is_empty() {
        return Err(InvalidProxy::NoHost);
    }
    let host = match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        Some(ip) => format!("[{}]", ip.parse::<Ipv6Addr>().map_err(|_| InvalidProxy::Host)?),
        None => match Host::parse(host).map_err(|_| InvalidProxy::Host)? {
            Host::Domain(name) => name,
            Host::Ipv4(ip) => ip.to_string(),
            Host::Ipv6(_) => return Err(InvalidProxy::Host),
        },
    };
    let is_of_a_host = |c: char| c.is_ascii_alphanumeric() || ".-_[]:".contains(c);
    if host.chars().all(is_of_a_host) { Ok((host, port)) } else { Err(InvalidProxy::Host) }
}

/// A variable of the environment that names a proxy.
#[derive(Clone)]
struct Variable {
    name: &'static str,
    address: Result<ProxyAddress, InvalidProxy>,
}

/// The proxies that the environment names.
#[derive(Clone, Default)]
pub struct Proxies {
    https: Option<Variable>,
    http: Option<Variable>,
    /// What is reached without one, as HTTP libraries take it.
    exceptions: String,
}

/// Why the proxy of a variable cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnusableProxy {
    /// The environment variable it was read from.
    pub variable: &'static str,
    /// What is wrong with its value.
    pub why: InvalidProxy,
}

impl Proxies {
    /// Reads the variables by their usual names. An empty one, also in quotes, is not set, as curl has it; one of blanks is a
    /// value, and as a proxy an error.
    pub fn from(get: impl Fn(&str) -> Option<String>) -> Proxies {
        let value = |name: &str| get(name).filter(|text| !matches!(text.as_str(), "" | "\"\"" | "''"));
        let first = |names: &[&'static str]| {
            names.iter().find_map(|name| {
                let address = ProxyAddress::of_variable(&value(name)?);
                Some(Variable { name, address })
            })
        };
        let all = first(&["ALL_PROXY", "all_proxy"]);
        // A server that starts programs for its visitors gives them the visitors' headers as HTTP_….
        let http: &[_] =
            if get("REQUEST_METHOD").is_some() { &["http_proxy"] } else { &["HTTP_PROXY", "http_proxy"] };
        Proxies {
            https: first(&["HTTPS_PROXY", "https_proxy"]).or_else(|| all.clone()),
            http: first(http).or(all),
            exceptions: exceptions(
                &["NO_PROXY", "no_proxy"].iter().find_map(|n| value(n)).unwrap_or_default(),
            ),
        }
    }

    /// Returns the proxy for addresses of a scheme; none where the environment names none.
    pub fn of_scheme(&self, scheme: &str) -> Result<Option<&ProxyAddress>, UnusableProxy> {
        let variable = if scheme == "http" { &self.http } else { &self.https };
        let Some(Variable { name, address }) = variable else { return Ok(None) };
        match address {
            Ok(address) => Ok(Some(address)),
            Err(why) => Err(UnusableProxy { variable: name, why: *why }),
        }
    }

    /// Returns what is reached without a proxy, as HTTP libraries take it.
    pub fn exceptions(&self) -> &str {
        &self.exceptions
    }
}

/// Returns a list of hosts as HTTP libraries take it: `*.host` is `.host`, blanks part hosts as commas do, and quotes
/// mean nothing. What is not understood exempts nothing.
fn exceptions(text: &str) -> String {
    let host = |part: &str| {
        let part = part.strip_prefix("*.").map_or_else(|| part.to_owned(), |host| format!(".{host}"));
        let part = part.trim_end_matches('.');
        part.trim_start_matches('[').trim_end_matches(']').to_owned()
    };
    let parts =
        unquoted(text).split(|c: char| c == ',' || c.is_whitespace()).map(|part| host(unquoted(part)));
    parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Result<String, InvalidProxy> {
        ProxyAddress::read(text).map(|address| address.url())
    }

    #[test]
    fn an_address_is_read_as_people_write_it() {
        for (text, url) in [
            ("http://proxy.example.com:8080", "http://proxy.example.com:8080"),
            (" \"http://proxy.example.com:8080/\" \n", "http://proxy.example.com:8080"),
            ("'socks5://127.0.0.1:1080'", "socks5://127.0.0.1:1080"),
            ("socks://127.0.0.1:1080", "socks5h://127.0.0.1:1080"),
            ("SOCKS5H://[::1]:9050", "socks5h://[::1]:9050"),
            ("https://proxy", "https://proxy"),
            ("http://Bücher.example:80", "http://xn--bcher-kva.example:80"),
            ("socks5://Bücher.example:80", "socks5://xn--bcher-kva.example:80"),
            ("http://my_proxy:3128", "http://my_proxy:3128"),
        ] {
            assert_eq!(read(text).as_deref(), Ok(url), "{text}");
        }
    }

    #[test]
    fn names_and_passwords_are_decoded_whether_they_are_encoded_or_not() {
        for text in ["http://jane%40corp:p%23a%3As%40s@proxy:1", "http://jane@corp:p#a:s@s@proxy:1"] {
            let address = ProxyAddress::read(text).ok().unwrap();
            let sign_in = address.sign_in.clone().unwrap();
            assert_eq!(sign_in, ("jane@corp".to_owned(), "p#a:s@s".to_owned()), "{text}");
            assert_eq!(address.url(), "http://jane%40corp:p%23a%3As%40s@proxy:1");
            assert_eq!(address.without_sign_in().url(), "http://proxy:1");
        }
        assert_eq!(read("http://jane:%ff@proxy"), Err(InvalidProxy::SignIn));
        assert_eq!(read("http://jane%0d%0aX:y@proxy"), Err(InvalidProxy::SignIn));
        assert_eq!(read("http://100%:50%25@proxy").as_deref(), Ok("http://100%25:50%25@proxy"));
    }

    #[test]
    fn what_cannot_be_used_is_never_taken_for_something_else() {
        for (text, why) in [
            ("proxy", InvalidProxy::NoScheme),
            ("", InvalidProxy::NoScheme),
            ("proxy.example.com:8080", InvalidProxy::NoScheme),
            ("ftp://proxy", InvalidProxy::Scheme),
            ("htp://proxy:80", InvalidProxy::Scheme),
            ("socks6://proxy:80", InvalidProxy::Scheme),
            ("http://", InvalidProxy::NoHost),
            ("http://:8080", InvalidProxy::NoHost),
            ("http://user:word@", InvalidProxy::NoHost),
            ("http://a b:80", InvalidProxy::Host),
            ("http://a%20b:80", InvalidProxy::Host),
            ("http://[::1", InvalidProxy::Host),
            ("http://[nonsense]:1", InvalidProxy::Host),
            ("http://proxy:", InvalidProxy::Port),
            ("http://proxy:0", InvalidProxy::Port),
            ("http://proxy:80800", InvalidProxy::Port),
            ("http://proxy:http", InvalidProxy::Port),
            ("http://user:12#34", InvalidProxy::Path),
            ("http://wpad/proxy.pac", InvalidProxy::Path),
        ] {
            assert_eq!(read(text), Err(why), "{text}");
        }
    }

    fn variables(all: &[(&str, &str)]) -> Proxies {
        let get = |name: &str| all.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned());
        Proxies::from(get)
    }

    fn of(all: &[(&str, &str)], scheme: &str) -> Result<Option<String>, UnusableProxy> {
        variables(all).of_scheme(scheme).map(|address| address.map(ProxyAddress::url))
    }

    #[test]
    fn each_scheme_has_its_own_variable_and_a_bad_one_hides_no_other() {
        let a = Ok(Some("http://a:1".to_owned()));
        assert_eq!(of(&[("HTTPS_PROXY", " a:1 ")], "https"), a, "without a scheme it is http");
        assert_eq!(of(&[("https_proxy", "'http://a:1'")], "https"), a);
        assert_eq!(of(&[("HTTPS_PROXY", "a:1")], "http"), Ok(None));
        for empty in ["", "\"\"", "''"] {
            assert_eq!(of(&[("ALL_PROXY", "a:1"), ("HTTPS_PROXY", empty)], "https"), a, "it is not set");
        }
        for blank in [" ", "\t\n", "\" \""] {
            let no_host = Err(UnusableProxy { variable: "HTTPS_PROXY", why: InvalidProxy::NoHost });
            assert_eq!(of(&[("ALL_PROXY", "a:1"), ("HTTPS_PROXY", blank)], "https"), no_host, "{blank:?}");
        }
        assert_eq!(of(&[("HTTP_PROXY", "a:1"), ("ALL_PROXY", "b:2")], "http"), a);
        assert_eq!(of(&[("HTTP_PROXY", "a:1"), ("REQUEST_METHOD", "GET")], "http"), Ok(None));
        let bad = Err(UnusableProxy { variable: "HTTPS_PROXY", why: InvalidProxy::Scheme });
        assert_eq!(of(&[("HTTPS_PROXY", "htp://a:1"), ("ALL_PROXY", "a:1")], "https"), bad);
        assert_eq!(of(&[("HTTPS_PROXY", "htp://a:1"), ("HTTP_PROXY", "a:1")], "http"), a);
        assert_eq!(of(&[], "https"), Ok(None));
    }

    #[test]
    fn what_is_reached_without_a_proxy_may_be_written_in_every_usual_way() {
        for (text, list) in [
            ("*.example.com", ".example.com"),
            ("a.example, *.b.example 10.0.0.0/8", "a.example,.b.example,10.0.0.0/8"),
            ("\"localhost,.corp\"", "localhost,.corp"),
            ("'*'", "*"),
            ("[::1],c.example.", "::1,c.example"),
            (" , ", ""),
            ("", ""),
        ] {
            assert_eq!(variables(&[("no_proxy", text)]).exceptions(), list, "{text}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_written_an_address_comes_out_that_libraries_read_or_an_error(text in "\\PC{0,40}", scheme in "(http|https|socks|socks5h)://") {
            for text in [text.clone(), format!("{scheme}{text}"), format!("{scheme}a:{text}@proxy:8080")] {
                if let Ok(address) = ProxyAddress::read(&text) {
                    let url = address.url();
                    prop_assert!(url.is_ascii() && url::Url::parse(&url).is_ok(), "{url}");
                    prop_assert!(ProxyAddress::read(&url).is_ok_and(|again| again == address), "{url}");
                }
            }
        }
    }
}
