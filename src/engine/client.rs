//! The HTTP clients, each made when it is first needed: reading the system's certificates takes time that an upload to
//! this computer does not have to spend.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use parking_lot::Mutex;
use reqwest::NoProxy;
use url::Url;

use super::endpoints::is_loopback;
use super::fetch::Lookup;
use super::fetch::ssrf_guard::{Guard, Resolver};
use crate::model::error::Failure;
use crate::model::failures;
use crate::store::proxy::{Proxies, ProxyAddress};
use crate::store::settings::Proxy;

/// Who is asking, for the providers' logs.
const USER_AGENT: &str = concat!("hoist/", env!("CARGO_PKG_VERSION"));

/// A client, or why there is none.
type Built = Result<reqwest::Client, Box<Failure>>;

/// Clients that follow no redirect and send no referrer: either would carry a key elsewhere.
pub struct Clients {
    connect_timeout: Duration,
    plain_loopback: OnceLock<Built>,
    tls_loopback: OnceLock<Built>,
    /// What the environment names.
    proxies: Proxies,
    /// The proxy, and the clients that use it.
    remote: Mutex<Remote>,
    guard: Arc<Guard>,
}

#[derive(Default)]
struct Remote {
    proxy: Proxy,
    sending: Option<Built>,
    fetching: Option<Built>,
}

/// How a host is reached.
pub(super) struct Way {
    /// Its name or address.
    pub host: String,
    /// The port it listens on.
    pub port: u16,
    /// The proxy for such addresses, also where the host is one of the exceptions.
    pub proxy: Option<ProxyAddress>,
}

impl Clients {
    /// Starts without a client.
    pub fn new(connect_timeout: Duration, proxy: Proxy, proxies: Proxies, lookup: Lookup) -> Clients {
        // reqwest asks the process for its cryptography. An error means that it has been chosen already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Clients {
            connect_timeout,
            proxies,
            plain_loopback: OnceLock::new(),
            tls_loopback: OnceLock::new(),
            remote: Mutex::new(Remote { proxy, ..Remote::default() }),
            guard: Arc::new(Guard::new(lookup)),
        }
    }

    /// Sets the proxy from the next request on; what is on its way stays where it is.
    pub fn set_proxy(&self, proxy: Proxy) {
        *self.remote.lock() = Remote { proxy, ..Remote::default() };
    }

    /// Returns the client for an address, or why there is none: no certificates, a proxy that cannot be used. Proxies
    /// are never used for loopback; anything but loopback is https.
    pub fn for_url(&self, url: &Url) -> Result<reqwest::Client, Box<Failure>> {
        self.client(url, false)
    }

    /// Returns the client for something that a person wants to have fetched: the same, but http is allowed, and names
    /// to which the internet led do not lead inside. It never sees a key.
    pub(super) fn for_fetching(&self, url: &Url) -> Result<reqwest::Client, Box<Failure>> {
        self.client(url, true)
    }

    /// Returns which names are of the internet.
    pub(super) fn guard(&self) -> &Guard {
        &self.guard
    }

    /// Returns how an address is reached.
    pub(super) fn way_to(&self, url: &Url) -> Way {
        let proxy = match is_loopback(url) {
            true => None,
            false => {
                let remote = self.remote.lock();
                self.proxy(&remote.proxy, url.scheme()).ok().flatten()
            }
        };
        let host = url.host_str().unwrap_or_default().to_owned();
        Way { host, port: url.port_or_known_default().unwrap_or_default(), proxy }
    }

    /// Returns the proxy for addresses of a scheme, or why it cannot be used. None: what the system says, which is
    /// asked by the HTTP library where there is no environment for it.
    fn proxy(&self, proxy: &Proxy, scheme: &str) -> Result<Option<ProxyAddress>, Box<Failure>> {
        let unusable = |source: &str, why: &dyn std::fmt::Display| {
            Box::new(failures::unusable_proxy(source, &why.to_string()))
        };
        match proxy {
            Proxy::Direct => Ok(None),
            Proxy::Url(text) => {
                ProxyAddress::read(text).map(Some).map_err(|why| unusable("the settings", &why))
            }
            Proxy::System => {
                let found = self.proxies.of_scheme(scheme);
                found.map(|address| address.cloned()).map_err(|e| unusable(e.variable, &e.why))
            }
        }
    }

    #[expect(clippy::disallowed_methods, reason = "all clients are made here")]
    fn client(&self, url: &Url, fetching: bool) -> Result<reqwest::Client, Box<Failure>> {
        let base = || {
            let builder = reqwest::Client::builder()
                .user_agent(USER_AGENT)
                .redirect(reqwest::redirect::Policy::none())
                .retry(reqwest::retry::never())
                .referer(false)
                // Each request has a connection of its own. One that was used before may have been closed by the provider
                // meanwhile: a small file would go out whole on it, with an unknown outcome.
                .pool_max_idle_per_host(0)
                .tcp_nodelay(true)
                .connect_timeout(self.connect_timeout);
            // How long a provider may take no byte is for the limits to say, not for the system (reqwest: 30 s).
            #[cfg(any(target_os = "android", target_os = "fuchsia", target_os = "linux"))]
            let builder = builder.tcp_user_timeout(None);
            builder
        };
        let set_up = |e: &reqwest::Error| Box::new(failures::set_up(&error_chain(e)));
        let built = |builder: reqwest::ClientBuilder| builder.build().map_err(|e| set_up(&e));
        let remote = || {
            let mut remote = self.remote.lock();
            let remote = &mut *remote;
            let proxy = &remote.proxy;
            self.proxy(proxy, url.scheme())?; // no client hides that it cannot be used
            let through = |scheme| self.proxy(proxy, scheme).ok().flatten().map(|address| address.url());
            let build = || {
                let base = match fetching {
                    true => base().dns_resolver(Arc::new(Resolver(Arc::clone(&self.guard)))),
                    false => base().https_only(true),
                };
                let mut base = if *proxy == Proxy::Direct { base.no_proxy() } else { base };
                let exceptions = match proxy {
                    Proxy::System => NoProxy::from_string(self.proxies.exceptions()),
                    _ => None,
                };
                for (scheme, url) in [("https", through("https")), ("http", through("http"))] {
                    let Some(url) = url else { continue };
                    let one =
                        if scheme == "http" { reqwest::Proxy::http(url) } else { reqwest::Proxy::https(url) };
                    base = base.proxy(one.map_err(|e| set_up(&e))?.no_proxy(exceptions.clone()));
                }
                built(base)
            };
            let client = if fetching { &mut remote.fetching } else { &mut remote.sending };
            client.get_or_insert_with(build).clone()
        };
        match (is_loopback(url), url.scheme()) {
            (true, "http") => {
                self.plain_loopback.get_or_init(|| built(base().no_proxy().tls_certs_only([]))).clone()
            }
            (true, _) => self.tls_loopback.get_or_init(|| built(base().no_proxy().https_only(true))).clone(),
            (false, _) => remote(),
        }
    }
}

/// Returns the innermost cause of an error in a line, addresses left out.
pub(super) fn error_chain(error: &reqwest::Error) -> String {
    let mut text = String::new();
    let mut next: Option<&dyn std::error::Error> = std::error::Error::source(error);
    while let Some(cause) = next {
        text = cause.to_string(); // the innermost says the most
        next = cause.source();
    }
    if text.is_empty() { "unknown".to_owned() } else { text }
}
