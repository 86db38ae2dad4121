//! What replies mean.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::filling::Filling;
use super::request::unreadable;
use super::{Capture, Expiry, Named, PollForm, Recipe, ReplyForm, Success, UploadStep, Warning};
use crate::model::error::{Failure, FailureKind};
use crate::model::receipt::Receipt;
use crate::provider::http::{Reply, id, missing_id_failure, own_name, text, values};
use crate::provider::lifetime;
use crate::provider::spec::ProviderSpec;
use crate::provider::upload_spec::{Captured, Step, UploadSpec};

/// A captured text is no longer than this.
const MAX_CAPTURED: usize = 8192;

/// A captured object has no more members than this.
const MAX_MEMBERS: usize = 64;

impl Recipe {
    /// Returns what a reply of 2xx to a step means. One to a poll is read as that to the last.
    pub(in crate::provider) fn accept(
        &self,
        facts: &ProviderSpec,
        number: usize,
        spec: &UploadSpec<'_>,
        reply: &Reply,
        now: Timestamp,
    ) -> Result<Step, Box<Failure>> {
        let Some(step) = self.steps.get(number) else { return Err(unreadable(facts, "has no such step")) };
        if number + 1 < self.steps.len() {
            return step.capture(facts, reply);
        }
        let is_text = self.reply.id.iter().chain(&self.reply.url).any(|named| matches!(named, Named::Text))
            || step.captures.iter().any(|(_, capture)| matches!(capture, Capture::Text));
        let reads_json = self.reply.reads_json()
            || step.captures.iter().any(|(_, c)| !matches!(c, Capture::Text | Capture::Header(_)));
        let value = match reply.object() {
            Ok(value) => value,
            // A link and nothing else, or a reply of which nothing is needed.
            Err(_) if is_text || !reads_json => Value::Null,
            Err(failure) => return Err(failure),
        };
        step.ok.check(facts, &value, reply)?;
        // The result may name what this very reply says. What it does not say is missing there.
        let mut captured = spec.captured.clone();
        let named = step
            .captures
            .iter()
            .filter_map(|(name, capture)| Some((name.clone(), capture.find(&value, reply)?)));
        captured.add(Captured(named.collect()));
        let spec = UploadSpec { captured: &captured, ..*spec };
        self.receipt(facts, &spec, reply, &value, now)
    }

    fn receipt(
        &self,
        facts: &ProviderSpec,
        spec: &UploadSpec<'_>,
        reply: &Reply,
        value: &Value,
        now: Timestamp,
    ) -> Result<Step, Box<Failure>> {
        let filling = Filling { facts, spec, id: None };
        let found = |all: &[Named]| {
            all.iter().find_map(|named| match named {
                Named::At(pointer) => id(value, pointer),
                Named::Filled(template) => template.fill(&filling).filter(|text| text.len() <= MAX_CAPTURED),
                Named::Text => {
                    let text = String::from_utf8_lossy(&reply.body);
                    let text = text.trim();
                    // A page of an error is no link.
                    let is_line = !text.contains(|c: char| c.is_whitespace() || c.is_control());
                    let is_link = text.starts_with("https://") || text.starts_with("http://");
                    (is_line && is_link && text.len() <= MAX_CAPTURED).then(|| text.to_owned())
                }
            })
        };
        let (id, url) =
            (found(&self.reply.id).or_else(|| spec.known_id.map(ToOwned::to_owned)), found(&self.reply.url));
        if id.is_none() && url.is_none() {
            return Err(missing_id_failure(value, reply));
        }
        let mut all = values(value, facts.results.values);
        let computed = self.reply.computed.iter().filter_map(|computed| {
            let number = value.pointer(computed.from)?.as_f64().filter(|n| n.is_finite())?;
            let number = (number * computed.times).round().clamp(computed.min as f64, computed.max as f64);
            Some((computed.name.clone(), Value::from(number as i64)))
        });
        let at = 1.min(all.len());
        all.splice(at..at, computed.collect::<Vec<_>>());
        // What was named elsewhere than at its usual place is shown under its usual name.
        for (named, value) in [(&self.reply.url, &url), (&self.reply.id, &id)] {
            let Some(usual) = named.first().and_then(Named::own_name) else { continue };
            if let Some(value) = value
                && !all.iter().any(|(name, _)| name == usual)
            {
                all.insert(0, (usual.to_owned(), value.clone().into()));
            }
        }
        let is_so = |warning: &&Warning| value.pointer(warning.at) == Some(&warning.is);
        let mut warnings: Vec<_> = self.reply.warnings.iter().filter(is_so).map(|w| w.text.clone()).collect();
        let after = match &self.poll {
            Some(poll) => poll.wait(facts, value, &mut warnings),
            None => None,
        };
        let expires = match &self.reply.expires {
            Some(Expiry::At(pointer)) => value.pointer(pointer).and_then(|at| lifetime::moment(at, now)),
            Some(Expiry::Filled(text)) => {
                text.fill(&filling).and_then(|text| lifetime::moment(&text.into(), now))
            }
            None => {
                let lives = facts.terms.retention.and_then(|lives| SignedDuration::try_from(lives).ok());
                lives.and_then(|lives| now.checked_add(lives).ok())
            }
        };
        let receipt = Box::new(Receipt { id, url, values: all, warnings, expires, response: value.into() });
        Ok(match after {
            Some(after) => Step::Poll { receipt, after },
            None => Step::Done(receipt),
        })
    }
}

impl ReplyForm {
    /// Returns whether anything stands in the last reply's JSON.
    fn reads_json(&self) -> bool {
        self.id.iter().chain(&self.url).any(|named| matches!(named, Named::At(_)))
    }
}

impl Named {
    fn own_name(&self) -> Option<&'static str> {
        match self {
            Named::At(pointer) => Some(own_name(pointer)),
            Named::Text => Some("url"),
            Named::Filled(_) => None,
        }
    }
}

impl PollForm {
    /// Returns how long to wait before asking, where it has not finished.
    fn wait(&self, facts: &ProviderSpec, value: &Value, warnings: &mut Vec<String>) -> Option<Duration> {
        let first = self.pending.first().cloned().unwrap_or_default();
        let status = text(value, self.status).unwrap_or(first); // the first reply may not name it yet
        if self.pending.contains(&status) {
            return Some(self.every);
        }
        if !self.ready.contains(&status) {
            warnings.push(format!("{} says its state is \"{status}\"", facts.name));
        }
        None
    }
}

impl UploadStep {
    fn capture(&self, facts: &ProviderSpec, reply: &Reply) -> Result<Step, Box<Failure>> {
        let value = reply.value().unwrap_or_default();
        self.ok.check(facts, &value, reply)?;
        let mut captured = Captured::default();
        for (name, capture) in &self.captures {
            let found = capture.find(&value, reply).ok_or_else(|| {
                let failure = unreadable(facts, &format!("did not say {name}"));
                Box::new(failure.with_service_message(reply.service_message().text))
            })?;
            captured.0.insert(name.clone(), found);
        }
        Ok(Step::Next(captured))
    }
}

impl Capture {
    /// Returns what a reply says, where it can be used.
    fn find(&self, value: &Value, reply: &Reply) -> Option<Value> {
        let found = match self {
            Capture::At(at) => value.pointer(at).cloned(),
            Capture::JsonIn { json_in, at } => {
                let inner = value.pointer(json_in).and_then(Value::as_str);
                let inner: Option<Value> = inner.and_then(|text| serde_json::from_str(text).ok());
                inner.and_then(|inner| inner.pointer(at).cloned())
            }
            Capture::Text => Some(String::from_utf8_lossy(&reply.body).trim().into()),
            Capture::Header(name) => reply.header(name).map(Value::from),
        };
        found.filter(is_good)
    }
}

/// Returns whether a captured value can be used: a short line, a number, or a flat object of such.
fn is_good(value: &Value) -> bool {
    let is_line =
        |text: &str| (1..=MAX_CAPTURED).contains(&text.len()) && !text.chars().any(char::is_control);
    match value {
        Value::String(text) => is_line(text),
        Value::Number(_) | Value::Bool(_) => true,
        Value::Object(members) => {
            members.len() <= MAX_MEMBERS
                && members.iter().all(|(name, member)| {
                    is_line(name)
                        && match member {
                            Value::String(text) => {
                                text.len() <= MAX_CAPTURED && !text.chars().any(char::is_control)
                            }
                            Value::Number(_) | Value::Bool(_) => true,
                            _ => false,
                        }
                })
        }
        Value::Null | Value::Array(_) => false,
    }
}

impl Success {
    fn check(&self, facts: &ProviderSpec, value: &Value, reply: &Reply) -> Result<(), Box<Failure>> {
        let status = self.statuses.is_empty() || self.statuses.contains(&reply.status);
        let is_right =
            |(at, allowed): &(String, Vec<Value>)| value.pointer(at).is_some_and(|v| allowed.contains(v));
        if status && self.values.iter().all(is_right) {
            return Ok(());
        }
        let failure = Failure::new(
            FailureKind::Refused,
            format!("{} did not accept the file", facts.name),
            "Read its message, then retry or send it somewhere else",
        );
        Err(Box::new(failure.with_service_message(reply.service_message().text)))
    }
}
