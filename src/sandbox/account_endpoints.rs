//! The calls beside the uploads: is a key good, which accounts and projects are there.

use axum::body::Body;
use axum::http::{Method, Request};

use super::request::{Asker, decode, key_of, query};
use super::response::HttpResponse;
use crate::provider;
use crate::provider::spec::{AccountDetails, AccountListing, SandboxAccount, SandboxKey, Vendor};

/// What is asked beside an upload.
enum CheckCall {
    Key,
    Accounts(&'static AccountListing),
    Account(AccountDetails, String),
}

impl CheckCall {
    /// Finds a call by its path; the first vendor that has such a call is asked.
    fn at(path: &str) -> Option<(&'static Vendor, CheckCall)> {
        let facts = provider::ALL.into_iter().map(|p| p.facts());
        let of_accounts = facts.clone().find_map(|facts| {
            let listing = facts.accounts?;
            if listing.path.split('?').next() == Some(path) {
                return Some((facts.vendor, CheckCall::Accounts(listing)));
            }
            let one = listing.one?;
            let id = path.strip_prefix(one.path).filter(|id| !id.is_empty())?;
            Some((facts.vendor, CheckCall::Account(one, decode(id))))
        });
        let mut vendors = facts.map(|facts| facts.vendor);
        of_accounts.or_else(|| Some((vendors.find(|s| s.check.path == path)?, CheckCall::Key)))
    }
}

/// Returns the answer, where the path is one of these calls.
pub(super) fn answer(request: &Request<Body>) -> Option<HttpResponse> {
    if request.method() != Method::GET {
        return None;
    }
    let (vendor, call) = CheckCall::at(request.uri().path())?;
    let Some(asker) = key_of(request, vendor) else {
        // All providers of a vendor refuse a key alike.
        return Some(HttpResponse::refuse(provider::of_vendor(vendor).next()?, 401, None));
    };
    let mut key = SandboxKey { key: asker.key, accounts: people(&asker), page: None };
    let body = match call {
        CheckCall::Key => (vendor.check.example)(&key),
        CheckCall::Accounts(listing) => {
            key.page = listing.page_parameter.and_then(|parameter| query(request, parameter));
            (listing.example)(&key)
        }
        CheckCall::Account(one, id) => (one.example)(&id),
    };
    Some(HttpResponse::new(200, body))
}

/// Returns the accounts behind a key.
fn people(asker: &Asker<'_>) -> Vec<SandboxAccount> {
    let account = |email: String| SandboxAccount { is_broken: email.contains("broken"), email };
    match asker.other {
        Some(other) => (1..=other.accounts).map(|n| account(format!("creator{n:02}@example.com"))).collect(),
        None => ["jane@example.com", "jane+team@example.com", "broken@example.com"]
            .map(|email| account(email.to_owned()))
            .into(),
    }
}
