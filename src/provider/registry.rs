//! Every provider there is: those built in, and those of the person's own files.

use std::sync::LazyLock;

use parking_lot::RwLock;

use super::build;
use super::call::Provider;
use super::spec::{Facts, ProviderSource, Vendor};

/// Vendors that several built-in providers share.
const VENDORS: [&str; 1] = [include_str!("../../assets/providers/vendors/useapi.toml")];

/// The built-in providers, in the order people see them. A new one is a file, and a line here.
const PROVIDERS: [&str; 5] = [
    include_str!("../../assets/providers/flow-music.toml"),
    include_str!("../../assets/providers/google-flow.toml"),
    include_str!("../../assets/providers/riffusion.toml"),
    include_str!("../../assets/providers/piapi.toml"),
    include_str!("../../assets/providers/indream.toml"),
];

static BUILT_IN: LazyLock<Vec<&'static Provider>> = LazyLock::new(|| {
    let shared: Vec<_> = VENDORS.iter().filter_map(|text| build::shared_vendor(text).ok()).collect();
    PROVIDERS
        .iter()
        .filter_map(|text| build::provider(text, &ProviderSource::BuiltIn, &shared).ok())
        .collect()
});

/// Those of the person's own files.
static OWN: RwLock<Vec<&'static Provider>> = RwLock::new(vec![]);

/// Returns the providers that are built in, in the order people see them.
pub fn built_in() -> &'static [&'static Provider] {
    &BUILT_IN
}

/// Returns every provider, in the order people see them.
pub fn all() -> Vec<&'static Provider> {
    BUILT_IN.iter().copied().chain(OWN.read().iter().copied()).collect()
}

/// Lists everything that any provider reads of its last reply, as JSON pointers.
pub fn pointers() -> Vec<&'static str> {
    all().iter().flat_map(|provider| provider.pointers()).collect()
}

/// Returns the provider of that ID.
pub fn by_id(id: &str) -> Option<&'static Provider> {
    let own = || OWN.read().iter().copied().find(|p| p.facts().id == id);
    BUILT_IN.iter().copied().find(|p| p.facts().id == id).or_else(own)
}

/// Returns the tables of a vendor's providers: those that its key is for.
pub fn of_vendor(vendor: &Vendor) -> impl Iterator<Item = &'static Facts> + use<> {
    let id = vendor.id;
    all().into_iter().map(Provider::facts).filter(move |facts| facts.vendor.id == id)
}

/// Returns every vendor, in the order people see them.
pub fn vendors() -> Vec<&'static Vendor> {
    let mut found: Vec<&'static Vendor> = vec![];
    for provider in all() {
        let vendor = provider.facts().vendor;
        if !found.iter().any(|s| s.id == vendor.id) {
            found.push(vendor);
        }
    }
    found
}

/// Returns the vendor of that ID.
pub fn vendor(id: &str) -> Option<&'static Vendor> {
    vendors().into_iter().find(|s| s.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_file_can_be_read() {
        let shared: Vec<_> = VENDORS.iter().map(|text| build::shared_vendor(text).unwrap()).collect();
        for text in PROVIDERS {
            if let Err(error) = build::provider(text, &ProviderSource::BuiltIn, &shared) {
                panic!("{error}\n{}", text.lines().take(4).collect::<Vec<_>>().join("\n"));
            }
        }
        assert_eq!(built_in().len(), PROVIDERS.len());
    }
}
