//! The HTTP clients, each made when it is first needed: reading the system's certificates takes time that an upload to
//! this computer does not have to spend.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use url::Url;

use super::endpoints::is_loopback;
use super::fetch::guard::{Guard, Resolver};
use crate::store::settings::Proxy;

/// Who is asking, for the services' logs.
const USER_AGENT: &str = concat!("hoist/", env!("CARGO_PKG_VERSION"));

/// Clients that follow no redirect and send no referrer: either would carry a key elsewhere.
pub struct Clients {
    connect_timeout: Duration,
    plain_loopback: OnceLock<Result<reqwest::Client, String>>,
    tls_loopback: OnceLock<Result<reqwest::Client, String>>,
    /// The proxy, and the clients that use it.
    remote: Mutex<Remote>,
    guard: Arc<Guard>,
}

#[derive(Default)]
struct Remote {
    proxy: Proxy,
    sending: Option<Result<reqwest::Client, String>>,
    fetching: Option<Result<reqwest::Client, String>>,
}

impl Clients {
    /// No client yet.
    pub fn new(connect_timeout: Duration, proxy: Proxy) -> Clients {
        // reqwest asks the process for its cryptography. An error means that it has been chosen already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Clients {
            connect_timeout,
            plain_loopback: OnceLock::new(),
            tls_loopback: OnceLock::new(),
            remote: Mutex::new(Remote { proxy, ..Remote::default() }),
            guard: Arc::default(),
        }
    }

    /// Through this proxy from the next request on; what is on its way stays where it is.
    pub fn set_proxy(&self, proxy: Proxy) {
        *self.remote.lock().unwrap_or_else(PoisonError::into_inner) = Remote { proxy, ..Remote::default() };
    }

    /// The client for an address, or why there is none: no certificates, a proxy variable that is no address. Proxies
    /// are never used for loopback; anything but loopback is https.
    pub fn for_url(&self, url: &Url) -> Result<reqwest::Client, String> {
        self.client(url, false)
    }

    /// The client for something that a person wants to have fetched: the same, but http is allowed, and names to which the
    /// internet led do not lead inside. It never sees a key.
    pub(super) fn for_fetching(&self, url: &Url) -> Result<reqwest::Client, String> {
        self.client(url, true)
    }

    /// Which names are of the internet.
    pub(super) fn guard(&self) -> &Guard {
        &self.guard
    }

    fn client(&self, url: &Url, fetching: bool) -> Result<reqwest::Client, String> {
        let base = || {
            let builder = reqwest::Client::builder()
                .user_agent(USER_AGENT)
                .redirect(reqwest::redirect::Policy::none())
                .retry(reqwest::retry::never())
                .referer(false)
                // After a suspend an older connection may be dead, and a small file would be lost in it.
                .pool_idle_timeout(Duration::from_secs(10))
                .tcp_nodelay(true)
                .connect_timeout(self.connect_timeout);
            // How long a service may take no byte is for the limits to say, not for the system (reqwest: 30 s).
            #[cfg(any(target_os = "android", target_os = "fuchsia", target_os = "linux"))]
            let builder = builder.tcp_user_timeout(None);
            builder
        };
        let built = |builder: reqwest::ClientBuilder| builder.build().map_err(|e| said(&e));
        let remote = || {
            let mut remote = self.remote.lock().unwrap_or_else(PoisonError::into_inner);
            let remote = &mut *remote;
            let proxy = &remote.proxy;
            let build = || {
                let base = match fetching {
                    true => base().dns_resolver(Arc::new(Resolver(Arc::clone(&self.guard)))),
                    false => base().https_only(true),
                };
                built(match proxy {
                    Proxy::System => base,
                    Proxy::Direct => base.no_proxy(),
                    Proxy::Url(url) => base.proxy(reqwest::Proxy::all(url.as_str()).map_err(|e| said(&e))?),
                })
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

/// An error and its causes in a line, addresses left out.
pub(super) fn said(error: &reqwest::Error) -> String {
    let mut text = String::new();
    let mut next: Option<&dyn std::error::Error> = std::error::Error::source(error);
    while let Some(cause) = next {
        text = cause.to_string(); // the innermost says the most
        next = cause.source();
    }
    if text.is_empty() { "unknown".to_owned() } else { text }
}
