//! Plays a provider's file: its examples, documented refusals, faults and hostile replies. What it promises holds, or the
//! sentence says what does not.

use std::collections::BTreeMap;

use jiff::Timestamp;
use strum::IntoEnumIterator;

use crate::model::error::{FailureKind, TerminalState};
use crate::model::media::{Kind, Media};
use crate::provider::http::Reply;
use crate::provider::rehearsal::{RehearsalError, rehearse};
use crate::provider::{Captured, Provider, Step, UploadSpec};

/// One thing that a provider's file has to hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promise {
    /// What it is: "Each example names the asset".
    pub name: &'static str,
    /// Why it does not hold, where it does not.
    pub broken: Option<BrokenPromise>,
    /// How many cases were played.
    pub cases: usize,
}

/// A status, and how an upload ends that gets it in the step that creates the asset.
const STATUSES: [(u16, FailureKind); 6] = [
    (301, FailureKind::Redirect),
    (401, FailureKind::WrongKey),
    (402, FailureKind::NoSubscription),
    (502, FailureKind::Gateway),
    (503, FailureKind::Busy),
    (511, FailureKind::CaptivePortal),
];

/// Why a promise does not hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BrokenPromise {
    /// A step has no example for a kind of file.
    #[error("step {step} has none for {kind}")]
    NoExample {
        /// Counted from 1.
        step: usize,
        /// "images".
        kind: &'static str,
    },
    /// The examples are no upload.
    #[error(transparent)]
    Rehearsal(#[from] RehearsalError),
    /// An upload of the kind returns neither ID nor link.
    #[error("nothing can be copied for {0}")]
    NothingToCopy(&'static str),
    /// No example has the value that a use names.
    #[error("{parameter} for {kind} needs {value}, which no example has")]
    NoValue {
        /// The use's name in the vendor's documents.
        parameter: &'static str,
        /// "images".
        kind: &'static str,
        /// The value's name.
        value: &'static str,
    },
    /// The reply of a documented refusal, by its status.
    #[error("{0} is taken for a success")]
    RefusalAccepted(u16),
    /// Nothing of a documented refusal is shown to people.
    #[error("the body of {status} has no words that Hoist finds: {body}")]
    NoMessage {
        /// The refusal's.
        status: u16,
        /// As documented.
        body: &'static str,
    },
    /// A status has another end than it should.
    #[error("{status} in step {step} ends as {end:?}")]
    OtherEnd {
        /// The reply's.
        status: u16,
        /// Counted from 1.
        step: usize,
        /// None where it is a success.
        end: Option<FailureKind>,
    },
    /// The beginning of a hostile reply.
    #[error("{0:?} is taken for an asset")]
    HostileAccepted(String),
}

/// Returns how many cases were played.
type Check = fn(&Provider) -> Result<usize, BrokenPromise>;

/// Checks everything that can be checked without the provider.
pub fn check(provider: &Provider) -> Vec<Promise> {
    let checks: [(&'static str, Check); 6] = [
        ("There is an example for each step and kind of file", examples_are_there),
        ("Each example names what the file says it does", examples_are_read),
        ("Each use has the value that it needs", uses_have_their_values),
        ("Each documented refusal is refused in the provider's words", refusals_are_read),
        ("Each status ends an upload as it should, in each step", statuses_end_uploads),
        ("No hostile reply is taken for a success", hostile_replies_are_refused),
    ];
    let play = |(name, check): (&'static str, Check)| match check(provider) {
        Ok(cases) => Promise { name, broken: None, cases },
        Err(why) => Promise { name, broken: Some(why), cases: 0 },
    };
    checks.into_iter().map(play).collect()
}

fn kinds(provider: &Provider) -> impl Iterator<Item = Kind> {
    Kind::iter().filter(|kind| provider.facts().takes(*kind))
}

fn first_of(provider: &Provider, kind: Kind) -> Media {
    provider.facts().types().find(|media| media.kind() == kind).unwrap_or(Media::Png)
}

fn examples_are_there(provider: &Provider) -> Result<usize, BrokenPromise> {
    match provider.missing_examples().first() {
        Some((step, kind)) => Err(BrokenPromise::NoExample { step: *step, kind: kind.word() }),
        None => Ok(kinds(provider).count() * provider.steps()),
    }
}

fn examples_are_read(provider: &Provider) -> Result<usize, BrokenPromise> {
    for kind in kinds(provider) {
        let receipt = rehearse(provider, first_of(provider, kind))?;
        if receipt.first().is_empty() {
            return Err(BrokenPromise::NothingToCopy(kind.word()));
        }
    }
    Ok(kinds(provider).count())
}

fn uses_have_their_values(provider: &Provider) -> Result<usize, BrokenPromise> {
    for usage in provider.facts().results.uses {
        let receipt = rehearse(provider, first_of(provider, usage.kind))?;
        let has = receipt.values.iter().any(|(name, _)| name == usage.value)
            || (usage.value == "id" && receipt.id.is_some())
            || (usage.value == "url" && receipt.url.is_some());
        if !has {
            let (parameter, kind, value) = (usage.parameter, usage.kind.word(), usage.value);
            return Err(BrokenPromise::NoValue { parameter, kind, value });
        }
    }
    Ok(provider.facts().results.uses.len())
}

/// Returns what a reply to a step means, for a file of the first kind.
fn ended(provider: &Provider, step: usize, reply: &Reply) -> Result<Step, FailureKind> {
    let options = BTreeMap::new();
    let media = provider.facts().types().next().unwrap_or(Media::Png);
    let captured = Captured::default();
    let spec = UploadSpec {
        name: "a",
        media,
        size: 1,
        account: None,
        options: &options,
        known_id: None,
        captured: &captured,
        random: "0a1b2c",
    };
    provider.reply(step, &spec, reply, Timestamp::UNIX_EPOCH).map_err(|failure| failure.kind)
}

fn refusals_are_read(provider: &Provider) -> Result<usize, BrokenPromise> {
    let facts = provider.facts();
    for refusal in facts.errors {
        let reply = Reply { status: refusal.status, body: refusal.body.into(), ..Reply::default() };
        let Err(_) = ended(provider, provider.creating_step(), &reply) else {
            return Err(BrokenPromise::RefusalAccepted(refusal.status));
        };
        let words = reply.digested(&provider.pointers()).service_message();
        if words.text.is_none() && !refusal.body.trim().is_empty() {
            return Err(BrokenPromise::NoMessage { status: refusal.status, body: refusal.body });
        }
    }
    Ok(facts.errors.len())
}

fn statuses_end_uploads(provider: &Provider) -> Result<usize, BrokenPromise> {
    let creating = provider.creating_step();
    let mut cases = 0;
    for step in 0..provider.steps() {
        for (status, kind) in STATUSES {
            if provider.facts().errors.iter().any(|e| e.status == status && e.means.is_some()) {
                continue; // the documents say otherwise
            }
            cases += 1;
            let reply = Reply { status, ..Reply::default() };
            let end = ended(provider, step, &reply).err();
            let is_unknown = end.is_some_and(|kind| kind.ending() == TerminalState::Unknown);
            let fits = match step.cmp(&creating) {
                std::cmp::Ordering::Less => end.is_some() && !is_unknown,
                std::cmp::Ordering::Equal => end == Some(kind),
                std::cmp::Ordering::Greater => is_unknown,
            };
            if !fits {
                return Err(BrokenPromise::OtherEnd { status, step: step + 1, end });
            }
        }
    }
    Ok(cases)
}

fn hostile_replies_are_refused(provider: &Provider) -> Result<usize, BrokenPromise> {
    let deep = format!("{}1{}", "{\"id\":".repeat(200), "}".repeat(200));
    let bodies = [
        String::new(),
        "{}".to_owned(),
        "[]".to_owned(),
        "null".to_owned(),
        "{\"".to_owned(),
        "<html><body><h1>Welcome</h1></body></html>".to_owned(),
        "{\"error\":\"no\"}".to_owned(),
        deep,
        "x y".repeat(10_000),
    ];
    for step in 0..provider.steps() {
        for body in &bodies {
            let reply = Reply { status: 200, body: body.clone().into_bytes(), ..Reply::default() };
            // A step of which nothing is needed may answer anything.
            if let Ok(step @ (Step::Done(_) | Step::Poll { .. })) = ended(provider, step, &reply) {
                let receipt = step.into_receipt();
                if receipt.is_some_and(|receipt| body.contains(receipt.first())) {
                    let shown: String = body.chars().take(40).collect();
                    return Err(BrokenPromise::HostileAccepted(shown));
                }
            }
        }
    }
    Ok(bodies.len() * provider.steps())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider;

    #[test]
    fn every_built_in_provider_keeps_its_promises() {
        let mut broken = vec![];
        for provider in provider::built_in() {
            let promises = check(provider).into_iter();
            broken.extend(promises.filter_map(|p| match p.broken {
                Some(why) => Some(format!("{}: {why}", provider.facts().id)),
                // Some providers need no value for a use, and document no refusal.
                None if p.name.contains("use has") || p.name.contains("documented") || p.cases > 0 => None,
                None => Some(format!("{}: nothing was played of: {}", provider.facts().id, p.name)),
            }));
        }
        assert_eq!(broken, Vec::<String>::new());
    }

    #[test]
    fn a_file_whose_example_lacks_what_a_pointer_asks_for_fails() {
        let text = provider::by_id("flow-music").unwrap().text();
        let own = text.replace("id = \"flow-music\"", "id = \"mine\"").replace("position = 1\n", "");
        let broken = |text: &str| {
            let provider = provider::read(text, std::path::Path::new("mine.toml")).unwrap();
            check(provider).into_iter().filter_map(|p| Some(p.broken?.to_string())).collect::<Vec<_>>()
        };
        assert_eq!(broken(&own), Vec::<String>::new());
        let other = own.replace("id = \"/id\"\nurl = \"/url\"", "id = \"/asset\"");
        assert!(
            broken(&other).iter().any(|why| why.starts_with("step 1 for images")),
            "{:?}",
            broken(&other)
        );
        let other = own.replace("value = \"id\"", "value = \"clip\"");
        assert!(broken(&other).iter().any(|why| why.contains("needs clip")), "{:?}", broken(&other));
        let other = own.replace("kind = \"audio\"\nbody", "kind = \"image\"\nbody");
        assert!(broken(&other).iter().any(|why| why.contains("none for audio")), "{:?}", broken(&other));
    }
}
