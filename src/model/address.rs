//! Which addresses are of this computer or of a network around it, and which of the internet.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

/// Returns whether an address is this computer's or of a network around it, as far as it says so itself.
pub fn is_inside(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => is_private_v4(ip),
        Some(Host::Ipv6(ip)) => is_private_v6(ip),
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.').to_ascii_lowercase();
            let last = name.rsplit('.').next().unwrap_or_default();
            // A name without a dot is one of the network around.
            !name.contains('.')
                || ["localhost", "local", "internal", "lan", "home"].contains(&last)
                || name.ends_with(".home.arpa")
        }
        None => true,
    }
}

/// Returns whether it is an address of this computer or of a private network.
pub fn is_private(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_private_v4(ip),
        IpAddr::V6(ip) => is_private_v6(ip),
    }
}

fn is_private_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_multicast()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b)) // a provider's own network
        || (a == 198 && (18..20).contains(&b))
        || (a, b, c) == (192, 0, 0)
}

fn is_private_v6(ip: Ipv6Addr) -> bool {
    let inner = |high: u16, low: u16| is_private_v4(Ipv4Addr::from((u32::from(high) << 16) | u32::from(low)));
    match ip.segments() {
        // Addresses of the older kind in several disguises.
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low]
        | [0, 0, 0, 0, 0xffff, 0, high, low]
        | [0x64, 0xff9b, _, _, _, _, high, low]
        | [0x2002, high, low, ..] => inner(high, low),
        // Unique local, link-local, site-local, multicast.
        [first, ..] => first & 0xfe00 == 0xfc00 || first & 0xff80 == 0xfe80 || first & 0xff00 == 0xff00,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_network_around_are_inside_and_those_of_the_internet_are_not() {
        let inside = |host: &str| is_inside(&Url::parse(&format!("http://{host}/a.png")).unwrap());
        for host in ["nas", "localhost", "a.localhost", "printer.local", "nas.lan.", "box.home.arpa", "[::1]"]
        {
            assert!(inside(host), "{host}");
        }
        for host in ["example.com", "local.example.com", "lan.de", "home.arpa.example.com", "93.184.215.14"] {
            assert!(!inside(host), "{host}");
        }
    }
}
