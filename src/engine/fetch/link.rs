//! An address that somebody may fetch from, and where it may lead from there.

use std::net::IpAddr;

use url::{Host, Url};

use crate::model::address::{is_inside, is_private};

use super::error::FetchError;
use crate::model::drop_data::name;

/// Longer ways lead nowhere.
const MAX_REDIRECTS: u8 = 5;

/// An address, and how it came about. Nobody is asked for it before a person has seen the host's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// `http` or `https`, without a user's name.
    pub url: Url,
    /// The host that passed it on here, where it was another one that was asked for.
    pub passed_on_by: Option<String>,
    redirects: u8,
    /// A computer of the internet led here.
    from_outside: bool,
}

/// What is not of the internet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inside {
    /// This computer itself.
    ThisComputer,
    /// Another one of a network around it.
    Network,
}

impl Link {
    /// Returns one that a person gave.
    pub fn new(url: Url) -> Link {
        Link { url, passed_on_by: None, redirects: 0, from_outside: false }
    }

    /// Returns the host as it is asked for, with its port where that is not the usual one. A name in another script is
    /// in the form that cannot be taken for another name.
    pub fn host(&self) -> String {
        host(&self.url)
    }

    /// Returns what the file may be called, where the address says so.
    pub fn name(&self) -> Option<String> {
        name::of_url(&self.url)
    }

    /// Returns where its address leads inside: to this computer or into a private network. People are asked about it as
    /// such.
    pub fn inside(&self) -> Option<Inside> {
        let ip = match self.url.host()? {
            Host::Ipv4(ip) => IpAddr::V4(ip),
            Host::Ipv6(ip) => IpAddr::V6(ip),
            Host::Domain(_) => return None,
        };
        let is_this_computer = ip.to_canonical().is_loopback() || ip.is_unspecified();
        match is_private(ip) {
            true if is_this_computer => Some(Inside::ThisComputer),
            true => Some(Inside::Network),
            false => None,
        }
    }

    /// Returns the host's name, where it has one: no name leads inside, wherever it comes from. Anybody can give a name
    /// of the internet to an address of a private network; who means that address types it.
    pub(super) fn host_name(&self) -> Option<&str> {
        self.url.domain()
    }

    /// Returns whether the name says by itself that it is none of the internet.
    pub(super) fn is_named_inside(&self) -> bool {
        self.host_name().is_some() && is_inside(&self.url)
    }

    /// Returns whether it is the same computer, and the same program on it: no second question is needed.
    pub(super) fn is_at_home_of(&self, other: &Link) -> bool {
        let port = |link: &Link| link.url.port_or_known_default();
        let same_port = port(self) == port(other) || (port(other), port(self)) == (Some(80), Some(443));
        self.url.host() == other.url.host() && same_port
    }

    /// Returns where a redirect leads.
    pub(super) fn follow(&self, location: &str) -> Result<Link, FetchError> {
        let nowhere = || FetchError::BadRedirect(self.host());
        let mut url = self.url.join(location).map_err(|_| nowhere())?;
        url.set_fragment(None);
        let has_user = !url.username().is_empty() || url.password().is_some();
        if !matches!(url.scheme(), "http" | "https") || has_user {
            return Err(nowhere());
        }
        if self.url.scheme() == "https" && url.scheme() == "http" {
            return Err(FetchError::Downgrade(self.host()));
        }
        let from_outside = self.from_outside || !is_inside(&self.url);
        if from_outside && is_inside(&url) {
            return Err(FetchError::Inward(self.host()));
        }
        if self.redirects == MAX_REDIRECTS {
            return Err(FetchError::TooManyRedirects);
        }
        let next = Link { url, passed_on_by: None, redirects: self.redirects + 1, from_outside };
        let passed_on_by = match next.is_at_home_of(self) {
            true => self.passed_on_by.clone(),
            false => Some(self.host()),
        };
        Ok(Link { passed_on_by, ..next })
    }
}

fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(url: &str) -> Link {
        Link::new(Url::parse(url).unwrap())
    }

    fn leads(from: &str, to: &str) -> Result<(String, bool), FetchError> {
        let from = link(from);
        from.follow(to).map(|next| (next.url.to_string(), next.is_at_home_of(&from)))
    }

    #[test]
    fn a_host_is_shown_as_it_is_asked_for() {
        assert_eq!(link("https://EXAMPLE.com:443/a.png").host(), "example.com");
        assert_eq!(link("http://example.com:8080/a.png").host(), "example.com:8080");
        assert_eq!(link("https://b\u{fc}cher.example/").host(), "xn--bcher-kva.example");
        assert_eq!(link("http://[::1]:80/").host(), "[::1]");
        assert_eq!(link("http://0x7f.1/").host(), "127.0.0.1");
    }

    #[test]
    fn within_a_host_it_goes_on_and_elsewhere_somebody_is_asked() {
        let at_home = |url: &str| Ok((url.to_owned(), true));
        assert_eq!(leads("https://a.example/x/1.png", "../2.png#top"), at_home("https://a.example/2.png"));
        assert_eq!(
            leads("http://a.example/1.png", "https://a.example/1.png"),
            at_home("https://a.example/1.png")
        );
        let elsewhere = |url: &str| Ok((url.to_owned(), false));
        assert_eq!(leads("https://a.example/", "//b.example/"), elsewhere("https://b.example/"));
        assert_eq!(leads("https://a.example/", "https://x.a.example/"), elsewhere("https://x.a.example/"));
        assert_eq!(
            leads("https://a.example/", "https://a.example:8443/"),
            elsewhere("https://a.example:8443/")
        );
        assert_eq!(leads("http://127.0.0.1:1/", "http://127.0.0.1:2/"), elsewhere("http://127.0.0.1:2/"));
        let next = link("https://a.example/").follow("https://b.example/").unwrap();
        assert_eq!(next.passed_on_by.as_deref(), Some("a.example"));
        assert_eq!(next.follow("/2").unwrap().passed_on_by.as_deref(), Some("a.example"));
    }

    #[test]
    fn no_redirect_leads_from_https_to_http() {
        for to in ["http://a.example/", "http://b.example/"] {
            assert_eq!(leads("https://a.example/", to), Err(FetchError::Downgrade("a.example".into())));
        }
    }

    #[test]
    fn no_redirect_leads_from_the_internet_into_a_private_network() {
        let inside = [
            "127.0.0.1",
            "127.1.2.3",
            "localhost",
            "LOCALHOST.",
            "x.localhost",
            "10.0.0.1",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "0.0.0.0",
            "100.64.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "2130706433",
            "0x7f000001",
            "[::1]",
            "[::]",
            "[fe80::1]",
            "[fd00::1]",
            "[ff02::1]",
            "[::ffff:127.0.0.1]",
            "[::127.0.0.1]",
            "[64:ff9b::10.0.0.1]",
            "[2002:7f00:1::]",
            "router",
            "printer.local",
            "db.internal",
            "nas.lan",
        ];
        for host in inside {
            let to = format!("http://{host}/a.png");
            assert_eq!(
                leads("http://a.example/", &to),
                Err(FetchError::Inward("a.example".into())),
                "{host}"
            );
            assert!(
                leads("http://192.168.0.9/", &to).is_ok(),
                "{host}: who asked for one inside may be led to others"
            );
        }
        for host in [
            "93.184.216.34",
            "172.32.0.1",
            "100.128.0.1",
            "[2606:2800:220:1::1]",
            "[::ffff:8.8.8.8]",
            "b.example",
        ] {
            assert!(leads("http://a.example/", &format!("http://{host}/")).is_ok(), "{host}");
        }
    }

    #[test]
    fn an_address_inside_is_known_as_such_and_a_name_that_says_so_too() {
        let inside = |host: &str| {
            let link = link(&format!("http://{host}/a.png"));
            (link.inside(), link.is_named_inside())
        };
        for host in
            ["127.0.0.1:8188", "127.9.9.9", "0x7f000001", "[::1]:80", "[::ffff:127.0.0.1]", "0.0.0.0", "[::]"]
        {
            assert_eq!(inside(host), (Some(Inside::ThisComputer), false), "{host}");
        }
        for host in
            ["192.168.1.20", "10.0.0.1:8080", "169.254.169.254", "[fe80::1]", "[fd00::1]", "100.64.0.1"]
        {
            assert_eq!(inside(host), (Some(Inside::Network), false), "{host}");
        }
        for host in [
            "localhost:8188",
            "x.localhost",
            "router",
            "nas.lan",
            "printer.local",
            "db.internal",
            "a.home.arpa",
        ] {
            assert_eq!(inside(host), (None, true), "{host}");
        }
        for host in
            ["example.com", "93.184.216.34", "[2606:2800:220:1::1]", "local.example", "localhost.example"]
        {
            assert_eq!(inside(host), (None, false), "{host}");
        }
    }

    #[test]
    fn once_outside_always_outside() {
        let outside = link("http://10.0.0.1/").follow("http://b.example/").unwrap();
        let next = outside.follow("/again").unwrap();
        assert_eq!(next.follow("http://10.0.0.1/"), Err(FetchError::Inward("b.example".into())));
    }

    #[test]
    fn no_redirect_names_a_user_or_another_scheme_or_goes_on_for_ever() {
        for to in [
            "ftp://a.example/",
            "file:///etc/passwd",
            "data:image/png;base64,aGk=",
            "https://u:p@a.example/",
            "https://",
        ] {
            assert_eq!(
                leads("https://a.example/", to),
                Err(FetchError::BadRedirect("a.example".into())),
                "{to}"
            );
        }
        let mut link = link("https://a.example/");
        for n in 0..MAX_REDIRECTS {
            link = link.follow(&format!("/{n}")).unwrap();
        }
        assert_eq!(link.follow("/again"), Err(FetchError::TooManyRedirects));
    }

    #[test]
    fn a_private_network_ends_where_its_addresses_end() {
        for (last_outside, first, last, next_outside) in [
            ("9.255.255.255", "10.0.0.0", "10.255.255.255", "11.0.0.0"),
            ("100.63.255.255", "100.64.0.0", "100.127.255.255", "100.128.0.0"),
            ("126.255.255.255", "127.0.0.0", "127.255.255.255", "128.0.0.0"),
            ("169.253.255.255", "169.254.0.0", "169.254.255.255", "169.255.0.0"),
            ("172.15.255.255", "172.16.0.0", "172.31.255.255", "172.32.0.0"),
            ("191.255.255.255", "192.0.0.0", "192.0.0.255", "192.0.1.0"),
            ("192.167.255.255", "192.168.0.0", "192.168.255.255", "192.169.0.0"),
            ("198.17.255.255", "198.18.0.0", "198.19.255.255", "198.20.0.0"),
            ("223.255.255.255", "224.0.0.0", "255.255.255.255", "1.0.0.0"),
            ("1.0.0.0", "0.0.0.0", "0.255.255.255", "1.0.0.0"),
            ("fbff::1", "fc00::", "fdff::1", "fe00::1"),
            ("fe7f::1", "fe80::", "feff::1", "fe7f::1"),
            ("fe7f::1", "ff00::", "ffff::1", "1::1"),
            ("::ffff:9.255.255.255", "::ffff:10.0.0.0", "::ffff:10.255.0.1", "::ffff:11.0.0.0"),
            ("::ffff:0:9.0.0.1", "::ffff:0:10.0.0.1", "::ffff:0:127.0.0.1", "::ffff:0:8.8.8.8"),
            ("64:ff9b::8.8.8.8", "64:ff9b::10.0.0.1", "64:ff9b:1::192.168.0.1", "64:ff9b:1::8.8.8.8"),
            ("2002:808:808::", "2002:a00:1::", "2002:7f00:1::1", "2003:7f00:1::1"),
        ] {
            let private = [last_outside, first, last, next_outside].map(|ip| is_private(ip.parse().unwrap()));
            assert_eq!(private, [false, true, true, false], "from {first} to {last}");
        }
    }

    #[test]
    fn only_the_usual_ports_of_one_computer_are_the_same_place() {
        for (from, to, same) in [
            ("http://a.example/", "https://a.example/", true),
            ("http://a.example:8080/", "https://a.example/", false),
            ("http://a.example/", "https://a.example:8443/", false),
            ("http://a.example:8080/", "http://a.example:8080/2", true),
            ("http://a.example/", "https://b.example/", false),
        ] {
            assert_eq!(leads(from, to).unwrap().1, same, "{from} to {to}");
        }
    }
}
