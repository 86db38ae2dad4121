//! The providers, as data and pure functions: nothing here opens a socket, reads a file or a clock, logs, or sees a key.

mod call;
pub mod check;
pub mod error_map;
pub mod http;
pub mod key_check;
pub mod spec;

mod flow_music;
mod google_flow;
mod indream;
mod piapi;
mod riffusion;
mod useapi;

pub use call::{Provider, SandboxUpload, Step, UploadSpec};
use spec::{Facts, Vendor};

/// Every provider, in the order people see them. A new provider is one file and two lines here.
pub static ALL: [&dyn Provider; 5] = [
    &flow_music::FlowMusic,
    &google_flow::GoogleFlow,
    &riffusion::Riffusion,
    &piapi::PiApi,
    &indream::Indream,
];

/// Returns the names of everything that any provider reads of a reply.
pub fn values() -> Vec<&'static str> {
    ALL.iter().flat_map(|provider| provider.facts().values).copied().collect()
}

/// Returns the provider of that ID.
pub fn by_id(id: &str) -> Option<&'static dyn Provider> {
    ALL.into_iter().find(|p| p.facts().id == id)
}

/// Returns the tables of a vendor's providers: those that its key is for.
pub fn of_vendor(vendor: &Vendor) -> impl Iterator<Item = &'static Facts> {
    ALL.into_iter().map(|p| p.facts()).filter(move |facts| facts.vendor.id == vendor.id)
}

/// Returns every vendor that has a key, in the order people see them.
pub fn vendors() -> Vec<&'static Vendor> {
    let mut all: Vec<&'static Vendor> = vec![];
    for provider in ALL {
        let vendor = provider.facts().vendor;
        if !all.iter().any(|s| s.id == vendor.id) {
            all.push(vendor);
        }
    }
    all
}

/// Returns the vendor of that ID.
pub fn vendor(id: &str) -> Option<&'static Vendor> {
    vendors().into_iter().find(|s| s.id == id)
}
