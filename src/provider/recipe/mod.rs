//! What a provider's file says of requests and replies, ready to be followed: templates are parsed, pointers checked.

mod body;
mod filling;
mod json;
mod reply;
mod request;

use std::time::Duration;

use serde_json::Value;

pub(super) use filling::kind_name;
pub(super) use json::JsonTemplate;

use super::http::Method;
use super::spec::{Endpoint, NameLocation, NameRule};
use super::template::{TemplateVariable, TextTemplate};

/// The requests of an upload, and how their replies are read.
#[derive(Debug)]
pub(in crate::provider) struct Recipe {
    /// One to three.
    pub steps: Vec<UploadStep>,
    /// How the last one's reply is read.
    pub reply: ReplyForm,
    /// How the provider is asked whether it has finished.
    pub poll: Option<PollForm>,
}

/// One request of an upload.
#[derive(Debug)]
pub(in crate::provider) struct UploadStep {
    pub method: Method,
    pub address: Address,
    pub query: Vec<(String, TextTemplate)>,
    pub headers: Vec<(String, TextTemplate)>,
    /// A captured object whose members become headers.
    pub headers_from: Option<String>,
    pub body: BodyTemplate,
    pub ok: Success,
    pub captures: Vec<(String, Capture)>,
    /// Doing it twice does no harm.
    pub is_safe: bool,
    /// The asset exists once it was done.
    pub creates: bool,
}

#[derive(Debug)]
pub(in crate::provider) enum Address {
    /// At a host of the vendor.
    Vendor { base: &'static Endpoint, path: TextTemplate },
    /// What was captured under this name.
    Captured(String),
}

#[derive(Debug)]
pub(in crate::provider) enum BodyTemplate {
    None,
    File,
    Json(JsonTemplate),
    Multipart { parts: Vec<FormPart>, fields_from: Option<String> },
}

#[derive(Debug)]
pub(in crate::provider) struct FormPart {
    pub name: String,
    /// Its text; none where it is the file.
    pub text: Option<TextTemplate>,
}

/// Which replies of 2xx are a success.
#[derive(Debug, Default)]
pub(in crate::provider) struct Success {
    /// Each, where none is named.
    pub statuses: Vec<u16>,
    pub values: Vec<(String, Vec<Value>)>,
}

#[derive(Debug)]
pub(in crate::provider) enum Capture {
    At(&'static str),
    JsonIn {
        json_in: &'static str,
        at: String,
    },
    Text,
    /// In a header of this name, in small letters.
    Header(String),
}

/// Where an id or a link is from.
#[derive(Debug)]
pub(in crate::provider) enum Named {
    At(&'static str),
    Text,
    Filled(TextTemplate),
}

/// How the last reply is read.
#[derive(Debug, Default)]
pub(in crate::provider) struct ReplyForm {
    pub id: Vec<Named>,
    pub url: Vec<Named>,
    pub computed: Vec<Computed>,
    pub warnings: Vec<Warning>,
    /// When the file expires, where that differs from file to file.
    pub expires: Option<Expiry>,
}

/// Where it stands when a file expires.
#[derive(Debug)]
pub(in crate::provider) enum Expiry {
    At(&'static str),
    Filled(TextTemplate),
}

/// A value that is worked out of a number.
#[derive(Debug)]
pub(in crate::provider) struct Computed {
    pub name: String,
    pub from: &'static str,
    pub times: f64,
    pub min: i64,
    pub max: i64,
}

#[derive(Debug)]
pub(in crate::provider) struct Warning {
    pub at: &'static str,
    pub is: Value,
    pub text: String,
}

/// How the provider is asked whether it has finished.
#[derive(Debug)]
pub(in crate::provider) struct PollForm {
    pub base: &'static Endpoint,
    pub path: TextTemplate,
    pub every: Duration,
    pub status: &'static str,
    pub pending: Vec<String>,
    pub ready: Vec<String>,
}

/// Returns where a step's own requests say what the file is called.
pub(super) fn name_location(step: &UploadStep) -> Option<NameLocation> {
    let leak = |text: &str| -> &'static str { Box::leak(text.to_owned().into_boxed_str()) };
    let is_name = |template: &TextTemplate| {
        template.variables().any(|v| matches!(v, TemplateVariable::FileName | TemplateVariable::FileStem))
    };
    let header =
        step.headers.iter().find(|(_, t)| is_name(t)).map(|(name, _)| NameLocation::Header(leak(name)));
    let query = step.query.iter().find(|(_, t)| is_name(t)).map(|(name, _)| NameLocation::Query(leak(name)));
    let in_body = match &step.body {
        BodyTemplate::Json(json) => json.templates().into_iter().any(is_name),
        BodyTemplate::Multipart { .. } => true,
        BodyTemplate::None | BodyTemplate::File => false,
    };
    header.or(query).or(in_body.then_some(NameLocation::Body))
}

/// A rule for names, where the file's own is taken as it is.
pub(super) fn any_name(location: Option<NameLocation>) -> NameRule {
    NameRule {
        location,
        max_chars: None,
        extensions: &[],
        is_safe: false,
        is_encoded: false,
        overwrites: false,
    }
}
