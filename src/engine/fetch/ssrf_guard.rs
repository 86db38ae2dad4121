//! Looks up names of hosts, and keeps those from which something is fetched from leading into a private network: what
//! counts is the address that is connected to.

use std::collections::HashSet;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use parking_lot::Mutex;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::model::address::is_private;

/// A name of the internet that stands for an address inside.
#[derive(Debug, thiserror::Error)]
#[error("the name leads into a private network")]
pub(super) struct LeadsInside;

/// Finds a name's addresses.
pub type Lookup = fn(String) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>>;

/// Asks the system.
pub(in crate::engine) fn system_lookup(name: String) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>> {
    Box::pin(async move { Ok(tokio::net::lookup_host((name.as_str(), 0)).await?.collect()) })
}

/// Which names may stand for addresses of the internet only: those of hosts. A proxy's own name may stand for any.
///
/// Names are looked up here for direct connections, `socks5://` and `socks4://`: such a proxy is given the address that was
/// checked. HTTP proxies, `socks5h://` and `socks4a://` look names up themselves, and what those stand for is not known here.
pub(in crate::engine) struct Guard {
    outside: Mutex<HashSet<String>>,
    lookup: Lookup,
}

impl Guard {
    /// Starts with no name that is of the internet.
    pub(in crate::engine) fn new(lookup: Lookup) -> Guard {
        Guard { outside: Mutex::default(), lookup }
    }

    /// Notes that this host is of the internet from now on.
    pub(in crate::engine) fn keep_outside(&self, host: &str) {
        self.outside.lock().insert(host.to_owned());
    }

    fn check(&self, host: &str, found: &[SocketAddr]) -> Result<(), LeadsInside> {
        let outside = self.outside.lock().contains(host);
        if outside && found.iter().any(|address| is_private(address.ip())) {
            Err(LeadsInside)
        } else {
            Ok(())
        }
    }
}

/// The same for reqwest, which asks at each connection.
pub(in crate::engine) struct Resolver(pub(in crate::engine) Arc<Guard>);

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = Arc::clone(&self.0);
        Box::pin(async move {
            let found = (guard.lookup)(name.as_str().to_owned()).await?;
            guard.check(name.as_str(), &found)?;
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::connect_error::causes;

    #[test]
    fn a_host_stays_outside_and_a_proxy_may_be_anywhere() {
        let guard = Guard::new(system_lookup);
        let at = |ip: &str| SocketAddr::new(ip.parse().unwrap(), 0);
        assert!(guard.check("a.example", &[at("10.0.0.1")]).is_ok(), "nothing is fetched from there");
        guard.keep_outside("a.example");
        assert!(guard.check("a.example", &[at("93.184.216.34")]).is_ok());
        assert!(guard.check("a.example", &[at("93.184.216.34"), at("10.0.0.1")]).is_err());
        assert!(guard.check("proxy.example", &[at("10.0.0.1")]).is_ok());
    }

    #[tokio::test]
    #[expect(clippy::disallowed_methods, reason = "a client with nothing but this resolver")]
    async fn a_name_that_leads_inside_is_not_connected_to() {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let lookup: Lookup = |_| Box::pin(async { Ok(vec![SocketAddr::from(([127, 0, 0, 1], 0))]) });
        let guard = Arc::new(Guard::new(lookup));
        let resolver = Arc::new(Resolver(Arc::clone(&guard)));
        let client =
            reqwest::Client::builder().no_proxy().tls_certs_only([]).dns_resolver(resolver).build().unwrap();
        guard.keep_outside("a.example");
        let error = client.get(format!("http://a.example:{port}/")).send().await.unwrap_err();
        assert!(causes(&error).any(|cause| cause.is::<LeadsInside>()), "{error:?}");
        // The same lookup, and a connection.
        let asked = tokio::spawn(client.get(format!("http://proxy.example:{port}/")).send());
        let (_, from) = listener.accept().await.unwrap();
        assert!(from.ip().is_loopback(), "it is the first connection: the other name led nowhere");
        asked.abort();
    }
}
