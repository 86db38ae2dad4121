//! What the engine needs to know from the start.

use std::collections::HashMap;
use std::time::Duration;

use super::endpoints::Endpoints;
use super::fetch::Lookup;
use super::fetch::ssrf_guard::system_lookup;
use super::slots::SlotLimits;
use super::transport::TimeLimits;
use crate::model::secret::Key;
use crate::store::history::History;
use crate::store::keys::Keys;
use crate::store::proxy::Proxies;
use crate::store::settings::Proxy;

/// At most so many wakes: a window also limits how often it draws.
const WAKE_EVERY: Duration = Duration::from_millis(50);

/// What the engine needs to know from the start.
pub struct EngineConfig {
    /// How many uploads run at a time.
    pub slots: SlotLimits,
    /// The addresses that apply.
    pub endpoints: Endpoints,
    /// Which proxy is used from the first request on.
    pub proxy: Proxy,
    /// Those that the environment names, for `Proxy::System`.
    pub proxies: Proxies,
    /// How the addresses of a name are found that a link leads to.
    pub lookup: Lookup,
    /// How long things may take.
    pub limits: TimeLimits,
    /// How often a provider is asked whether it is finished, in place of the provider's own rule.
    pub poll_every: Option<Duration>,
    /// How long it is asked.
    pub poll_for: Duration,
    /// Wakes are brought together to at most one in this time.
    pub wake_every: Duration,
    /// Ctrl+C stops every upload, and a second one the waiting for late answers.
    pub stop_on_interrupt: bool,
    /// Longer holds are not waited for: uploads end as held.
    pub longest_hold: Option<Duration>,
    /// How long to wait before what was not accepted is sent again; the second time four times as long.
    pub first_pause: Duration,
    /// Where everything is written down before it is told.
    pub history: History,
    /// Keys by provider that are used in place of all saved ones.
    pub given_keys: HashMap<&'static str, Key>,
    /// The saved keys.
    pub keys: Keys,
}

impl EngineConfig {
    /// Returns the documented addresses and the usual patience.
    pub fn new(keys: Keys) -> EngineConfig {
        EngineConfig {
            slots: SlotLimits { at_once: 4, per_account: 2 },
            endpoints: Endpoints::default(),
            proxy: Proxy::System,
            proxies: Proxies::default(),
            lookup: system_lookup,
            limits: TimeLimits::default(),
            poll_every: None,
            poll_for: Duration::from_mins(10),
            wake_every: WAKE_EVERY,
            stop_on_interrupt: false,
            longest_hold: None,
            first_pause: Duration::from_secs(1),
            history: History::none(),
            given_keys: HashMap::new(),
            keys,
        }
    }
}
