//! The requests of an upload.

use std::fmt::Write as _;

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::Value;

use super::filling::Filling;
use super::{Address, Capture, Expiry, Named, Recipe};
use crate::model::error::{Failure, FailureKind};
use crate::provider::http::{Body, Method, Request, Target, encode_component};
use crate::provider::spec::{Auth, OptionFact, ParamLocation, ProviderSpec, Vendor};
use crate::provider::template::{TemplateVariable, TextTemplate};
use crate::provider::upload_spec::{Captured, Route, UploadSpec};

impl Recipe {
    /// Returns the step that carries the file.
    pub(in crate::provider) fn file_step(&self) -> usize {
        self.steps.iter().position(|step| step.body.carries_file()).unwrap_or_default()
    }

    /// Returns the step after which the asset exists.
    pub(in crate::provider) fn creating_step(&self) -> usize {
        self.steps.iter().position(|step| step.creates).unwrap_or(self.steps.len() - 1)
    }

    /// Returns whether a step goes to an address that a reply names.
    pub(in crate::provider) fn uses_captured_address(&self) -> bool {
        self.steps.iter().any(|step| matches!(step.address, Address::Captured(_)))
    }

    /// Lists every variable that its requests name.
    pub(in crate::provider) fn variables(&self) -> Vec<&TemplateVariable> {
        let of_step = self.steps.iter().flat_map(|step| {
            let address = match &step.address {
                Address::Vendor { path, .. } => Some(path),
                Address::Captured(_) => None,
            };
            let pairs = step.query.iter().chain(&step.headers).map(|(_, template)| template);
            address.into_iter().chain(pairs).chain(step.body.templates())
        });
        of_step.flat_map(TextTemplate::variables).collect()
    }

    /// Lists every pointer that is read of the last reply.
    pub(in crate::provider) fn pointers(&self) -> Vec<&'static str> {
        let named = self.reply.id.iter().chain(&self.reply.url).filter_map(|named| match named {
            Named::At(pointer) => Some(*pointer),
            Named::Text | Named::Filled(_) => None,
        });
        let computed = self.reply.computed.iter().map(|computed| computed.from);
        let warnings = self.reply.warnings.iter().map(|warning| warning.at);
        let status = self.poll.iter().map(|poll| poll.status);
        let captures = self.steps.last().into_iter().flat_map(|step| &step.captures);
        let captured = captures.filter_map(|(_, capture)| match capture {
            Capture::At(at) | Capture::JsonIn { json_in: at, .. } => Some(*at),
            Capture::Text | Capture::Header(_) => None,
        });
        let expires = match self.reply.expires {
            Some(Expiry::At(at)) => Some(at),
            _ => None,
        };
        named.chain(computed).chain(warnings).chain(status).chain(captured).chain(expires).collect()
    }

    /// Returns the request of a step.
    pub(in crate::provider) fn request(
        &self,
        facts: &ProviderSpec,
        number: usize,
        spec: &UploadSpec<'_>,
    ) -> Result<Request, Box<Failure>> {
        let Some(step) = self.steps.get(number) else { return Err(unreadable(facts, "has no such step")) };
        let filling = Filling { facts, spec, id: None };
        let mut headers = vec![];
        for (name, template) in &step.headers {
            if let Some(value) = template.fill(&filling) {
                headers.push((name.clone(), header_value(&value)));
            }
        }
        let mut query = step
            .query
            .iter()
            .filter_map(|(name, template)| Some((name.as_str(), template.fill(&filling)?)))
            .collect::<Vec<_>>();
        let mut segment = None;
        if number == 0 {
            let account = facts.account.option.zip(spec.account.map(ToOwned::to_owned));
            let options = facts.options.iter().filter_map(|o| Some((o, o.sent(spec.options)?.to_owned())));
            for (option, value) in account.into_iter().chain(options) {
                match option.location {
                    ParamLocation::Query => query.push((option.key, value)),
                    ParamLocation::Header => headers.push((option.key.to_owned(), header_value(&value))),
                    ParamLocation::Path => segment = Some(value),
                    ParamLocation::Auth | ParamLocation::Template => {}
                }
            }
        }
        let (target, auth) = match &step.address {
            Address::Vendor { base, path } => {
                let mut path = path.fill_address(&filling).unwrap_or_default();
                if let Some(segment) = segment {
                    let mark = if path.ends_with('/') { "" } else { "/" };
                    let _ = write!(path, "{mark}{}", encode_component(&segment));
                }
                add_query(&mut path, &query);
                (Target::Vendor { base, path }, auth(facts.vendor, facts.options, spec))
            }
            Address::Captured(name) => {
                let Some(Value::String(address)) = spec.captured.0.get(name) else {
                    return Err(unreadable(facts, "named no address to send the file to"));
                };
                let mut address = address.clone();
                add_query(&mut address, &query);
                let Vendor { endpoints, is_local, .. } = *facts.vendor;
                (Target::Captured { address, endpoints, is_local }, Auth::None)
            }
        };
        if let Some(name) = &step.headers_from {
            headers.extend(members(facts, spec.captured, name)?);
        }
        let body = step.body.fill(facts, &filling, &mut headers)?;
        Ok(Request { method: step.method, target, headers, auth, body })
    }

    /// Lists which calls a path is.
    pub(in crate::provider) fn routes(&self, facts: &ProviderSpec, path: &str) -> Vec<Route> {
        let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let mut found = vec![];
        let mut at = |step: usize, method: Method, template: &TextTemplate, with_account: bool| {
            let template = template.without_query();
            let (places, account) = match template.matches(path) {
                Some(places) => (places, None),
                None if with_account => {
                    let Some((before, account)) = path.rsplit_once('/') else { return };
                    let places = template.matches(before).or_else(|| template.matches(&format!("{before}/")));
                    let Some(places) = places.filter(|_| !account.is_empty()) else { return };
                    (places, Some(decode(account)))
                }
                None => return,
            };
            let slot = |wanted: &TemplateVariable| {
                places.iter().find(|(variable, _)| variable == wanted).map(|(_, value)| decode(value))
            };
            let account = account.or_else(|| slot(&TemplateVariable::Account));
            found.push(Route { step, method, account, id: slot(&TemplateVariable::Id) });
        };
        let in_path = facts.account.option.is_some_and(|account| account.location == ParamLocation::Path);
        for (i, step) in self.steps.iter().enumerate() {
            if let Address::Vendor { path, .. } = &step.address {
                at(i + 1, step.method, path, in_path && i == 0);
            }
        }
        if let Some(poll) = &self.poll {
            at(0, Method::Get, &poll.path, false);
        }
        found
    }

    /// Returns the request that asks whether the provider has finished.
    pub(in crate::provider) fn poll_request(
        &self,
        facts: &ProviderSpec,
        spec: &UploadSpec<'_>,
        id: &str,
    ) -> Option<Request> {
        let poll = self.poll.as_ref()?;
        let mut path = poll.path.fill_address(&Filling { facts, spec, id: Some(id) })?;
        let account =
            facts.account.option.filter(|option| option.location == ParamLocation::Query).zip(spec.account);
        if let Some((option, account)) = account {
            add_query(&mut path, &[(option.key, account.to_owned())]);
        }
        Some(Request {
            method: Method::Get,
            target: Target::Vendor { base: poll.base, path },
            headers: vec![],
            auth: auth(facts.vendor, facts.options, spec),
            body: Body::default(),
        })
    }
}

/// Returns how the key is sent: as the vendor's documents say, or as the destination does.
fn auth(vendor: &Vendor, options: &[OptionFact], spec: &UploadSpec<'_>) -> Auth {
    let chosen = options.iter().find(|option| option.location == ParamLocation::Auth);
    let chosen = chosen.and_then(|option| option.sent(spec.options));
    let known = [Some(vendor.auth), vendor.other_auth].into_iter().flatten();
    chosen.and_then(|name| known.clone().find(|auth| auth.name() == name)).unwrap_or(vendor.auth)
}

fn add_query(address: &mut String, pairs: &[(&str, String)]) {
    for (name, value) in pairs {
        let mark = if address.contains('?') { '&' } else { '?' };
        let _ = write!(address, "{mark}{}={}", encode_component(name), encode_component(value));
    }
}

/// Returns a text as a header can carry it: what is no printable ASCII is percent-encoded.
fn header_value(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.trim().chars() {
        if c.is_ascii_graphic() || c == ' ' {
            out.push(c);
        } else {
            out.push_str(&utf8_percent_encode(c.encode_utf8(&mut [0; 4]), NON_ALPHANUMERIC).to_string());
        }
    }
    out
}

/// Returns the members of a captured object.
pub(super) fn members(
    facts: &ProviderSpec,
    captured: &Captured,
    name: &str,
) -> Result<Vec<(String, String)>, Box<Failure>> {
    let Some(Value::Object(all)) = captured.0.get(name) else {
        return Err(unreadable(facts, &format!("did not say {name}")));
    };
    Ok(all
        .iter()
        .map(|(name, value)| {
            let text = match value {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            (name.clone(), text)
        })
        .collect())
}

/// Returns why an upload did not come to its file.
pub(super) fn unreadable(facts: &ProviderSpec, what: &str) -> Box<Failure> {
    Box::new(Failure::new(
        FailureKind::ProviderError,
        format!("{} {what}", facts.name),
        "Retry; if it happens again, send the file somewhere else",
    ))
}
