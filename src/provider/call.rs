//! A provider's upload call: what is sent, and what a reply leads to.

use std::borrow::Cow;
use std::path::Path;

use jiff::Timestamp;
use serde_json::Value;

use super::error_map;
use super::http::{Reply, Request};
use super::recipe::{JsonTemplate, Recipe, kind_name};
use super::spec::{Auth, BodyForm, ProviderSource, ProviderSpec};
use super::template::{TemplateValues, TemplateVariable, TextTemplate};
use super::upload_spec::{Route, Step, UploadSpec};
use crate::model::error::{Failure, FailureKind, TerminalState};
use crate::model::failures;
use crate::model::media::{Kind, Media};

/// What the sandbox knows of an upload it took whole: enough to answer as the provider would.
#[derive(Clone, Debug)]
pub struct SandboxUpload {
    /// Its type by its first bytes.
    pub media: Media,
    /// Its size in bytes, after any decoding.
    pub size: u64,
    /// Its name as the request gave it, where it gave one.
    pub name: Option<String>,
    /// The account asked for.
    pub account: Option<String>,
    /// Width and height of an image.
    pub pixels: Option<(u32, u32)>,
    /// A number no other upload of this run has, as a UUID's text.
    pub uuid: String,
    /// The address under which the sandbox serves made-up links: `http://127.0.0.1:PORT`.
    pub origin: String,
    /// The sandbox's address for the next step.
    pub next: String,
    /// How often its state was asked for, for providers that are polled.
    pub polled: u32,
}

impl TemplateValues for SandboxUpload {
    fn value(&self, variable: &TemplateVariable) -> Option<Cow<'_, str>> {
        let side = |n: Option<u32>| n.map(|n| Cow::from(n.to_string()));
        Some(match variable {
            TemplateVariable::FileName => self.name.as_deref().unwrap_or_default().into(),
            TemplateVariable::FileExtension => self.media.extensions()[0].into(),
            TemplateVariable::FileMime => self.media.mime().into(),
            TemplateVariable::FileSize => self.size.to_string().into(),
            TemplateVariable::FileKind => kind_name(self.media.kind()).into(),
            TemplateVariable::Account => self.account.as_deref()?.into(),
            TemplateVariable::Uuid => self.uuid.as_str().into(),
            TemplateVariable::Origin => self.origin.as_str().into(),
            TemplateVariable::Next => self.next.as_str().into(),
            TemplateVariable::ImageWidth => return side(self.pixels.map(|(width, _)| width)),
            TemplateVariable::ImageHeight => return side(self.pixels.map(|(_, height)| height)),
            _ => return None,
        })
    }
}

/// What of a file is sent beside its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SentPart {
    /// The file's name, as the provider may have it.
    Name,
    /// The MIME type.
    Type,
    /// Its size in bytes.
    Size,
}

/// A documented success.
#[derive(Debug)]
pub(super) struct Example {
    /// The step it answers, from 1; 0 answers a poll.
    pub(super) step: usize,
    /// For files of this kind alone.
    pub(super) kind: Option<Kind>,
    /// The HTTP status.
    pub(super) status: u16,
    /// JSON whose variables a rehearsal fills in.
    pub(super) body: JsonTemplate,
    /// Headers that a step captures.
    pub(super) headers: Vec<(String, TextTemplate)>,
}

/// One provider: what is documented of it, how it is asked, and what it answers.
#[derive(Debug)]
pub struct Provider {
    facts: ProviderSpec,
    recipe: Recipe,
    examples: Vec<Example>,
    text: &'static str,
}

impl Provider {
    pub(super) fn new(
        facts: ProviderSpec,
        recipe: Recipe,
        examples: Vec<Example>,
        text: &'static str,
    ) -> Provider {
        Provider { facts, recipe, examples, text }
    }

    /// Returns its file's text.
    pub fn text(&self) -> &'static str {
        self.text
    }

    /// Returns its file, where it is one of the person's own.
    pub fn file(&self) -> Option<&Path> {
        match &self.facts.source {
            ProviderSource::BuiltIn => None,
            ProviderSource::File(path) => Some(path),
        }
    }

    /// Lists where it sends files and keys, a line each: what a person agrees to.
    pub fn reach(&self) -> Vec<String> {
        let vendor = self.facts.vendor;
        let key = match vendor.auth {
            Auth::None => "without a key".to_owned(),
            auth => format!("with the key of {} ({})", vendor.id, auth.name()),
        };
        let mut lines: Vec<_> = vendor.endpoints.iter().map(|host| format!("{} {key}", host.url)).collect();
        if self.uses_captured_address() {
            lines.push("an address that the provider names, without the key".to_owned());
        }
        if vendor.is_local {
            lines.push("this computer and those of its network".to_owned());
        }
        lines
    }

    /// Returns whether it sends anything to an address that a reply names.
    pub fn uses_captured_address(&self) -> bool {
        self.recipe.uses_captured_address()
    }

    /// Lists what of a file is sent beside its content.
    pub fn sent_parts(&self) -> Vec<SentPart> {
        let mut parts = vec![];
        let mut is_sent = |part| parts.push(part);
        for variable in self.recipe.variables() {
            match variable {
                TemplateVariable::FileName | TemplateVariable::FileStem => is_sent(SentPart::Name),
                TemplateVariable::FileMime
                | TemplateVariable::FileExtension
                | TemplateVariable::FileDataUri => is_sent(SentPart::Type),
                TemplateVariable::FileSize => is_sent(SentPart::Size),
                _ => {}
            }
        }
        match self.facts.request.body {
            BodyForm::Raw => is_sent(SentPart::Type),
            // A form's part has the file's name and type.
            BodyForm::Multipart { .. } => {
                is_sent(SentPart::Name);
                is_sent(SentPart::Type);
            }
            BodyForm::JsonBase64 { .. } => {}
        }
        parts
    }

    /// Returns what it takes, wants and answers.
    pub fn facts(&self) -> &ProviderSpec {
        &self.facts
    }

    /// Returns whether the provider goes on working after its reply, and is asked.
    pub fn is_polled(&self) -> bool {
        self.recipe.poll.is_some()
    }

    /// Returns how many requests an upload takes.
    pub fn steps(&self) -> usize {
        self.recipe.steps.len()
    }

    /// Returns the step that carries the file, from 0.
    pub fn file_step(&self) -> usize {
        self.recipe.file_step()
    }

    /// Returns the step after which the asset exists, from 0.
    pub fn creating_step(&self) -> usize {
        self.recipe.creating_step()
    }

    /// Returns whether a step can be done twice without harm.
    pub fn is_safe(&self, step: usize) -> bool {
        self.recipe.steps.get(step).is_some_and(|step| step.is_safe)
    }

    /// Lists everything that is read of the last reply, as JSON pointers.
    pub fn pointers(&self) -> Vec<&'static str> {
        let mut all = self.recipe.pointers();
        all.extend(self.facts.results.values);
        all
    }

    /// Returns the request of a step, from 0.
    pub fn request(&self, step: usize, upload_spec: &UploadSpec<'_>) -> Result<Request, Box<Failure>> {
        self.recipe.request(&self.facts, step, upload_spec)
    }

    /// Asks about an upload whose id is known, for providers that go on working on one; nothing where that cannot be asked.
    pub fn poll_request(&self, upload_spec: &UploadSpec<'_>, id: &str) -> Option<Request> {
        self.recipe.poll_request(&self.facts, upload_spec, id)
    }

    /// Returns what a sandbox answers to a step that passed every check: status and body, as documented. Step 0 is a poll.
    pub fn example(&self, step: usize, arrived: &SandboxUpload) -> (u16, Value) {
        match self.example_of(step, arrived) {
            Some(example) => (example.status, example.body.fill(arrived)),
            None => (200, Value::Object(serde_json::Map::new())),
        }
    }

    /// Returns the headers of that answer which a step captures.
    pub fn example_headers(&self, step: usize, arrived: &SandboxUpload) -> Vec<(String, String)> {
        let headers = self.example_of(step, arrived).map(|example| example.headers.iter());
        let filled = |(name, value): &(String, TextTemplate)| Some((name.clone(), value.fill(arrived)?));
        headers.into_iter().flatten().filter_map(filled).collect()
    }

    fn example_of(&self, step: usize, arrived: &SandboxUpload) -> Option<&Example> {
        let is_for = |example: &&Example| {
            example.step == step && example.kind.is_none_or(|kind| kind == arrived.media.kind())
        };
        let mut all = self.examples.iter().filter(is_for);
        let nth = if step == 0 { arrived.polled.saturating_sub(1) as usize } else { 0 };
        let last = all.clone().next_back();
        all.nth(nth).or(last)
    }

    /// Lists which of its calls a path is, for whoever plays the provider.
    pub fn routes(&self, path: &str) -> Vec<Route> {
        self.recipe.routes(&self.facts, path)
    }

    /// Lists the steps and kinds of file for which there is no documented success.
    pub fn missing_examples(&self) -> Vec<(usize, Kind)> {
        let mut missing = vec![];
        for kind in crate::model::media::Media::ALL.map(Media::kind) {
            for step in 1..=self.steps() {
                let has = |e: &Example| e.step == step && e.kind.is_none_or(|k| k == kind);
                if self.facts.takes(kind)
                    && !missing.contains(&(step, kind))
                    && !self.examples.iter().any(has)
                {
                    missing.push((step, kind));
                }
            }
        }
        missing
    }

    /// Returns what any reply to a step means. One to a poll is read as that to the last. `now` is when it arrived.
    pub fn reply(
        &self,
        step: usize,
        upload_spec: &UploadSpec<'_>,
        reply: &Reply,
        now: Timestamp,
    ) -> Result<Step, Box<Failure>> {
        let read = self.read(step, upload_spec, reply, now);
        match step.cmp(&self.creating_step()) {
            std::cmp::Ordering::Less => read.map_err(|failure| self.before_creation(failure)),
            std::cmp::Ordering::Equal => read,
            std::cmp::Ordering::Greater => read.map_err(Provider::after_creation),
        }
    }

    /// Returns what the failure of a step means that creates nothing: whatever became of it, no asset exists.
    pub fn before_creation(&self, failure: Box<Failure>) -> Box<Failure> {
        if failure.kind.ending() != TerminalState::Unknown || failure.kind == FailureKind::CancelledLate {
            return failure;
        }
        let next = "Retry; nothing was created. If it happens again, send the file somewhere else";
        let message = format!("{} did not say where the file goes", self.facts.name);
        let plain = Failure::new(FailureKind::Cut, message, next);
        Box::new(plain.with_service_message(failure.service_message))
    }

    /// Returns what the failure of a step means before which the asset was created: it may exist.
    pub fn after_creation(failure: Box<Failure>) -> Box<Failure> {
        if failure.kind.ending() == TerminalState::Unknown {
            return failure;
        }
        Box::new(
            failures::unreadable_answer()
                .with_service_message(failure.service_message.or(Some(failure.message))),
        )
    }

    fn read(
        &self,
        step: usize,
        upload_spec: &UploadSpec<'_>,
        reply: &Reply,
        now: Timestamp,
    ) -> Result<Step, Box<Failure>> {
        let is_last = step + 1 >= self.steps();
        let digested;
        let reply = if is_last {
            digested = reply.clone().digested(&self.pointers());
            &digested
        } else {
            reply
        };
        let refused = || Box::new(error_map::failure(&self.facts, upload_spec.account, reply, now));
        if !(200..300).contains(&reply.status) {
            return Err(refused());
        }
        let accepted = self.recipe.accept(&self.facts, step, upload_spec, reply, now);
        if let Some(why) = reply.broken_off.clone() {
            return Err(match accepted.ok().and_then(Step::into_receipt) {
                Some(receipt) => Box::new(why.naming(receipt)),
                None => why,
            });
        }
        match accepted {
            Err(_) if reply.truncated => Err(refused()),
            Err(_) if reply.is_broken() => Err(Box::new(
                failures::unreadable_answer().with_service_message(reply.service_message().text),
            )),
            // What breaks off may have been about to say something else.
            Ok(step) if reply.is_broken() && !reply.truncated => {
                let failure =
                    failures::unreadable_answer().with_service_message(reply.service_message().text);
                Err(match step.into_receipt() {
                    Some(receipt) => Box::new(failure.naming(receipt)),
                    None => Box::new(failure),
                })
            }
            Ok(step) if reply.is_cut() => Ok(step.cut()),
            accepted => accepted,
        }
    }
}
