//! What a person agrees to with a provider's file: where files and keys go, what is sent, and what an upload costs.

use crate::model::text;
use crate::provider::spec::{Auth, ProviderSpec};
use crate::provider::{Provider, SentPart};

/// What a term is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TermSubject {
    /// Where files and keys are sent.
    Hosts,
    /// The API key.
    Key,
    /// The requests, and what of a file is in them.
    Requests,
    /// The types, and what comes back.
    Results,
    /// Credits.
    Costs,
    /// The document all this is from.
    Document,
    /// What of another program's file has no use here.
    Skipped,
}

/// One thing that a person agrees to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderTerm {
    /// What it is about.
    pub subject: TermSubject,
    /// The sentence: "Accepts PNG, JPEG".
    pub title: String,
    /// What there is to know of it, in lines; none where the sentence says all.
    pub details: Vec<String>,
}

impl ProviderTerm {
    /// Puts a term together from its lines.
    pub(super) fn new(subject: TermSubject, title: impl Into<String>, details: Vec<String>) -> ProviderTerm {
        ProviderTerm { subject, title: title.into(), details }
    }
}

/// Lists what a provider's file says it does.
pub fn of(provider: &Provider) -> Vec<ProviderTerm> {
    use TermSubject::{Costs, Document, Hosts, Requests, Results};
    let facts = provider.facts();
    let mut terms = vec![ProviderTerm::new(Hosts, "Sends your files to", hosts(provider))];
    terms.push(key(facts));
    let requests = match provider.steps() {
        1 => "One request".to_owned(),
        n => format!("{n} requests"),
    };
    terms.push(ProviderTerm::new(Requests, requests, vec![sent(provider)]));
    let returns = if facts.results.values.is_empty() { vec![] } else { vec![returned(facts)] };
    terms.push(ProviderTerm::new(Results, format!("Accepts {}", facts.summary()), returns));
    if let Some(costs) = facts.terms.costs {
        terms.push(ProviderTerm::new(Costs, "Stated costs", vec![costs.to_owned()]));
    }
    let document = format!("{} · {}", facts.document.page, facts.document.checked);
    terms.push(ProviderTerm::new(Document, "Written from its documents", vec![document]));
    terms
}

/// Lists the hosts, and whatever else is asked.
fn hosts(provider: &Provider) -> Vec<String> {
    let vendor = provider.facts().vendor;
    let mut hosts: Vec<_> = vendor.endpoints.iter().map(|host| host.url.to_owned()).collect();
    if provider.uses_captured_address() {
        hosts.push("an address that its reply names, without your key".to_owned());
    }
    if vendor.is_local {
        hosts.push("on this computer or its network".to_owned());
    }
    hosts
}

fn key(facts: &ProviderSpec) -> ProviderTerm {
    let vendor = facts.vendor;
    let how = match vendor.auth {
        Auth::None => return ProviderTerm::new(TermSubject::Key, "No key is needed", vec![]),
        Auth::Bearer => "as a bearer token".to_owned(),
        Auth::Basic => "as a basic sign-in".to_owned(),
        Auth::Header { name, .. } => format!("as the header {name}"),
        Auth::Query(name) => format!("as {name} in the address"),
        Auth::Field(name) => format!("as the form field {name}"),
    };
    let hosts = if vendor.endpoints.len() == 1 { "that host" } else { "those hosts" };
    ProviderTerm::new(TermSubject::Key, format!("Your {} key goes to {hosts} only", vendor.name), vec![how])
}

/// Returns what of a file is sent, in a sentence or two.
fn sent(provider: &Provider) -> String {
    let facts = provider.facts();
    let parts = provider.sent_parts();
    let mut words = vec!["The file".to_owned()];
    for (part, word) in
        [(SentPart::Name, "its name"), (SentPart::Type, "its type"), (SentPart::Size, "its size")]
    {
        if parts.contains(&part) {
            words.push(word.to_owned());
        }
    }
    words.extend(facts.account.option.map(|account| format!("the {}", text::lower_first(account.label))));
    words.extend(facts.options.iter().map(|option| text::lower_first(option.label)));
    let not = if parts.contains(&SentPart::Name) { "" } else { " Not its name." };
    format!("{}.{not}", text::listed(&words, "and"))
}

/// Returns what comes back, as people call it.
fn returned(facts: &ProviderSpec) -> String {
    let is = |names: &[&str]| {
        facts.results.values.iter().any(|value| names.iter().any(|name| value.to_lowercase().ends_with(name)))
    };
    match (is(&["id", "ref", "token"]), is(&["url", "uri", "link"])) {
        (true, true) => "Returns an ID and a link".to_owned(),
        (true, false) => "Returns an ID".to_owned(),
        (false, true) => "Returns a link".to_owned(),
        (false, false) => format!("Returns {}", facts.results.values.join(", ")),
    }
}
