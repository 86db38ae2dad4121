//! Looks up names of hosts, and keeps those to which the internet led from leading into a private network.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::link::is_private;

/// A name of the internet that stands for an address inside.
#[derive(Debug, thiserror::Error)]
#[error("the name leads into a private network")]
pub(super) struct LeadsInside;

/// Which names may stand for addresses of the internet only. A proxy looks names up itself, and decides for itself.
#[derive(Default)]
pub(in crate::engine) struct Guard {
    outside: Mutex<HashSet<String>>,
}

impl Guard {
    /// From now on this host is of the internet.
    pub(super) fn keep_outside(&self, host: &str) {
        self.outside.lock().unwrap_or_else(PoisonError::into_inner).insert(host.to_owned());
    }

    fn check(&self, host: &str, found: &[SocketAddr]) -> Result<(), LeadsInside> {
        let outside = self.outside.lock().unwrap_or_else(PoisonError::into_inner).contains(host);
        if outside && found.iter().any(|address| is_private(address.ip())) {
            Err(LeadsInside)
        } else {
            Ok(())
        }
    }
}

/// The same for reqwest, which asks at each connection.
pub(in crate::engine) struct Resolver(pub(in crate::engine) std::sync::Arc<Guard>);

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = std::sync::Arc::clone(&self.0);
        Box::pin(async move {
            let found: Vec<_> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            guard.check(name.as_str(), &found)?;
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_led_to_from_outside_stays_outside() {
        let guard = Guard::default();
        let at = |ip: &str| SocketAddr::new(ip.parse().unwrap(), 0);
        assert!(guard.check("a.example", &[at("10.0.0.1")]).is_ok(), "somebody asked for that host");
        guard.keep_outside("a.example");
        assert!(guard.check("a.example", &[at("93.184.216.34")]).is_ok());
        assert!(guard.check("a.example", &[at("93.184.216.34"), at("10.0.0.1")]).is_err());
        assert!(guard.check("b.example", &[at("10.0.0.1")]).is_ok());
    }
}
