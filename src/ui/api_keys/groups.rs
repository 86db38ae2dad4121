//! The keys with what uses each, in the order they are shown.

use jiff::civil::Date;

use crate::session::Session;
use crate::session::api::{
    Destination,
    provider::{self, BrandMark, Vendor},
};

/// Where a key comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// The keyring, where it was saved on this day.
    Keyring(Date),
    /// No keyring took it: it is gone with the window.
    ThisRun,
    /// A variable of the environment.
    Environment,
    /// The sandbox.
    Sandbox,
    /// Nowhere: it is gone.
    Nowhere,
}

/// A key and its destinations.
pub(super) struct Group<'a> {
    /// Its name.
    pub(super) key: &'a str,
    /// What its user calls it.
    pub(super) label: Option<&'a str>,
    /// Whose key it is, where this Hoist knows the service.
    pub(super) vendor: Option<&'static Vendor>,
    pub(super) source: Source,
    /// A key of the environment is used in its place.
    pub(super) is_overruled: bool,
    pub(super) destinations: Vec<&'a Destination>,
}

impl Group<'_> {
    /// The service, and the key's name where that is another: "useapi.net · work".
    pub(super) fn title(&self) -> String {
        let vendor = self.vendor.map_or("A service that this Hoist does not know", |s| s.name);
        let usual = self.vendor.is_some_and(|s| s.id == self.key);
        match self.label {
            Some(label) => format!("{vendor} · {label}"),
            None if usual => vendor.to_owned(),
            None => format!("{vendor} · {}", self.key),
        }
    }

    /// Whether it can be replaced and removed here.
    pub(super) fn is_ours(&self) -> bool {
        matches!(self.source, Source::Keyring(_) | Source::ThisRun)
    }
}

/// The mark of a service: that of its provider, where it has one only.
pub(in crate::ui) fn mark_of(vendor: &Vendor) -> Option<&'static BrandMark> {
    let mut all = provider::ALL.iter().map(|p| p.facts()).filter(|f| f.vendor.id == vendor.id);
    let first = all.next()?;
    all.next().is_none().then_some(&first.mark)
}

fn vendor_of(destination: &Destination) -> Option<&'static Vendor> {
    provider::by_id(&destination.provider).map(|p| p.facts().vendor)
}

/// Every key that is there, and last what has none.
pub(super) fn groups(session: &Session) -> Vec<Group<'_>> {
    let settings = session.settings();
    let is_given = |vendor: Option<&Vendor>| vendor.is_some_and(|s| session.has_given_key(s));
    let mut all: Vec<Group<'_>> = vec![];
    for record in &settings.keys {
        let vendor = provider::vendor(&record.vendor);
        all.push(Group {
            key: &record.name,
            label: record.label.as_deref(),
            vendor,
            source: Source::Keyring(record.added),
            is_overruled: is_given(vendor),
            destinations: settings.destinations.iter().filter(|d| d.key == record.name).collect(),
        });
    }
    let has_record = |d: &Destination| settings.keys.iter().any(|k| k.name == d.key);
    for vendor in provider::vendors().into_iter().filter(|s| session.has_given_key(s)) {
        let of_vendor = |d: &&Destination| vendor_of(d).is_some_and(|s| s.id == vendor.id);
        let saved = settings.destinations.iter().filter(|d| !has_record(d));
        // Those that are not saved are offered because the key is given.
        let offered = session.destinations().iter().map(AsRef::as_ref).filter(|d| !session.is_saved(d));
        all.push(Group {
            key: vendor.id,
            label: None,
            vendor: Some(vendor),
            source: if session.is_sandbox() { Source::Sandbox } else { Source::Environment },
            is_overruled: false,
            destinations: saved.chain(offered).filter(of_vendor).collect(),
        });
    }
    let this_run = session.destinations().iter().map(AsRef::as_ref).filter(|d| !session.is_saved(d));
    add(&mut all, this_run.filter(|d| !is_given(vendor_of(d))), Source::ThisRun);
    let keyless = settings.destinations.iter().filter(|d| !has_record(d) && !is_given(vendor_of(d)));
    let mut without = vec![];
    // One of this run may be its key.
    for destination in keyless {
        match all.iter_mut().find(|group| group.key == destination.key) {
            Some(group) => group.destinations.push(destination),
            None => without.push(destination),
        }
    }
    add(&mut all, without.into_iter(), Source::Nowhere);
    all
}

/// Puts destinations into groups by their keys.
fn add<'a>(all: &mut Vec<Group<'a>>, destinations: impl Iterator<Item = &'a Destination>, source: Source) {
    let first = all.len();
    for destination in destinations {
        match all[first..].iter_mut().find(|group| group.key == destination.key) {
            Some(group) => group.destinations.push(destination),
            None => all.push(Group {
                key: &destination.key,
                label: None,
                vendor: vendor_of(destination),
                source,
                is_overruled: false,
                destinations: vec![destination],
            }),
        }
    }
}
