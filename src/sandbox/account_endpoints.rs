//! The calls beside the uploads: is a key good, which accounts and projects are there.

use std::borrow::Cow;

use axum::body::Body;
use axum::http::{Method, Request};
use serde_json::{Map, Value, json};

use super::request::{Asker, decode, key_of, query};
use super::response::HttpResponse;
use crate::provider;
use crate::provider::key_check::AccountValue;
use crate::provider::spec::{AccountDetails, AccountListing, KeyCheck, Vendor};
use crate::provider::template::{TemplateValues, TemplateVariable, TextTemplate};

/// What is asked beside an upload.
enum CheckCall {
    Key(&'static KeyCheck),
    Accounts(&'static AccountListing),
    Account(&'static AccountDetails, String),
}

impl CheckCall {
    /// Lists the calls of this path: several vendors may have the same one.
    fn at(path: &str) -> Vec<(&'static Vendor, CheckCall)> {
        let mut found = vec![];
        for facts in provider::all().into_iter().map(|p| p.facts()) {
            let Some(listing) = facts.account.listing else { continue };
            if listing.path.split('?').next() == Some(path) {
                found.push((facts.vendor, CheckCall::Accounts(listing)));
            }
            if let Some(one) = &listing.one
                && let Some(before) = one.path.fill(&AccountValue(""))
                && let Some(id) = path.strip_prefix(before.as_str()).filter(|id| !id.is_empty())
            {
                found.push((facts.vendor, CheckCall::Account(one, decode(id))));
            }
        }
        for vendor in provider::vendors() {
            if let Some(check) =
                vendor.check.as_ref().filter(|check| check.path.split('?').next() == Some(path))
            {
                found.push((vendor, CheckCall::Key(check)));
            }
        }
        found
    }
}

/// A made-up account, or what is known of a made-up key.
struct SandboxValues<'a> {
    account: Option<&'a str>,
    key: &'a str,
    plan: Option<&'a str>,
}

impl TemplateValues for SandboxValues<'_> {
    fn value(&self, variable: &TemplateVariable) -> Option<Cow<'_, str>> {
        Some(match variable {
            TemplateVariable::Account => self.account?.into(),
            TemplateVariable::SandboxKey => self.key.into(),
            TemplateVariable::Plan => self.plan?.into(),
            _ => return None,
        })
    }
}

/// Fills in the texts of an example.
fn filled(example: &Value, values: &dyn TemplateValues) -> Value {
    match example {
        Value::String(text) => match TextTemplate::parse(text) {
            Ok(template) => template.fill(values).map_or(Value::Null, Value::String),
            Err(_) => Value::String(text.clone()),
        },
        Value::Array(all) => all.iter().map(|one| filled(one, values)).collect(),
        Value::Object(all) => all.iter().map(|(name, one)| (name.clone(), filled(one, values))).collect(),
        other => other.clone(),
    }
}

/// Returns the answer, where the path is one of these calls.
pub(super) fn answer(request: &Request<Body>) -> Option<HttpResponse> {
    if request.method() != Method::GET {
        return None;
    }
    let calls = CheckCall::at(request.uri().path());
    let first = calls.first()?.0;
    let known = calls.into_iter().find_map(|(vendor, call)| Some((key_of(request, vendor)?, vendor, call)));
    let Some((asker, vendor, call)) = known else {
        // All providers of a vendor refuse a key alike.
        return Some(HttpResponse::refuse(provider::of_vendor(first).next()?, 401, None));
    };
    let plan = asker.other.map_or(vendor.sandbox.plan, |other| other.plan);
    let key = SandboxValues { account: None, key: &asker.key, plan };
    let body = match call {
        CheckCall::Key(check) => {
            check.example.as_ref().map_or_else(|| json!({}), |example| filled(example, &key))
        }
        CheckCall::Accounts(listing) => {
            let page = listing.page_parameter.and_then(|parameter| query(request, parameter));
            accounts(listing, &asker, page.as_deref())
        }
        CheckCall::Account(one, id) => {
            let told = SandboxValues { account: Some(&id), ..key };
            one.example.as_ref().map_or_else(|| json!({}), |example| filled(example, &told))
        }
    };
    Some(HttpResponse::new(200, body))
}

/// Returns a page of the accounts behind a key.
fn accounts(listing: &AccountListing, asker: &Asker<'_>, page: Option<&str>) -> Value {
    let (form, examples) = (&listing.form, &listing.examples);
    let people = people(asker);
    if !examples.pages.is_empty() {
        // An account belongs to a key; projects are there whatever the key.
        if listing.required && people.is_empty() {
            return json!({});
        }
        let names =
            |value: &Value| form.next.and_then(|at| value.pointer(at)?.as_str().map(ToOwned::to_owned));
        let number = match page {
            None => 0,
            Some(page) => {
                examples.pages.iter().position(|p| names(p).as_deref() == Some(page)).map_or(0, |i| i + 1)
            }
        };
        return examples.pages.get(number).cloned().unwrap_or_default();
    }
    let told = people.iter().map(|email| {
        let example =
            examples.broken.as_ref().filter(|_| email.contains("broken")).or(examples.each.as_ref());
        let told = SandboxValues { account: Some(email), key: &asker.key, plan: None };
        (email.clone(), example.map_or_else(|| json!({}), |example| filled(example, &told)))
    });
    match form.items {
        None => Value::Object(told.collect()),
        Some(at) => {
            let list = told.map(|(_, account)| account).collect();
            at.rsplit('/')
                .filter(|name| !name.is_empty())
                .fold(list, |inner, name| Value::Object(Map::from_iter([(name.to_owned(), inner)])))
        }
    }
}

/// Returns the names of the accounts behind a key.
fn people(asker: &Asker<'_>) -> Vec<String> {
    match asker.other {
        Some(other) => (1..=other.accounts).map(|n| format!("creator{n:02}@example.com")).collect(),
        None => {
            ["jane@example.com", "jane+team@example.com", "broken@example.com"].map(ToOwned::to_owned).into()
        }
    }
}
