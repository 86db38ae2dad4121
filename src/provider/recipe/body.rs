//! What a request carries: the file, JSON or a form.

use std::fmt::Write as _;

use super::BodyTemplate;
use super::filling::Filling;
use super::json::JsonWriter;
use super::request::members;
use crate::model::error::Failure;
use crate::provider::file_name;
use crate::provider::http::{Body, FileForm};
use crate::provider::spec::{BodyForm, ProviderSpec};
use crate::provider::template::{TemplateVariable, TextTemplate};

impl BodyTemplate {
    pub(in crate::provider) fn carries_file(&self) -> bool {
        match self {
            BodyTemplate::None => false,
            BodyTemplate::File => true,
            BodyTemplate::Json(json) => json.has_content(),
            BodyTemplate::Multipart { parts, .. } => parts.iter().any(|part| part.text.is_none()),
        }
    }

    /// Lists its templates.
    pub(super) fn templates(&self) -> Vec<&TextTemplate> {
        match self {
            BodyTemplate::None | BodyTemplate::File => vec![],
            BodyTemplate::Json(json) => json.templates(),
            BodyTemplate::Multipart { parts, .. } => parts.iter().filter_map(|p| p.text.as_ref()).collect(),
        }
    }

    /// Returns the form in which the file's bytes stand in it.
    pub(in crate::provider) fn form(&self) -> Option<BodyForm> {
        let leak = |text: &str| -> &'static str { Box::leak(text.to_owned().into_boxed_str()) };
        match self {
            BodyTemplate::File => Some(BodyForm::Raw),
            BodyTemplate::Json(json) => {
                let data = json.pointer_to(&|text| text.variables().any(TemplateVariable::is_content))?;
                let is_name =
                    |text: &TextTemplate| text.variables().any(|v| *v == TemplateVariable::FileName);
                let name = json.pointer_to(&is_name);
                Some(BodyForm::JsonBase64 { name: name.map(|name| leak(&name)), data: leak(&data) })
            }
            BodyTemplate::None => None,
            BodyTemplate::Multipart { parts, .. } => {
                let file = parts.iter().find(|part| part.text.is_none())?;
                Some(BodyForm::Multipart { part: leak(&file.name) })
            }
        }
    }

    pub(super) fn fill(
        &self,
        facts: &ProviderSpec,
        filling: &Filling<'_>,
        headers: &mut Vec<(String, String)>,
    ) -> Result<Body, Box<Failure>> {
        let mut declare = |mime: &str| {
            if !headers.iter().any(|(name, _)| name == "content-type") {
                headers.push(("content-type".to_owned(), mime.to_owned()));
            }
        };
        match self {
            BodyTemplate::None => Ok(Body::default()),
            BodyTemplate::File => {
                declare(filling.spec.media.mime());
                Ok(Body::file())
            }
            BodyTemplate::Json(json) => {
                declare("application/json");
                let mut writer = JsonWriter::default();
                json.write(filling, &mut writer);
                Ok(writer.into_body())
            }
            BodyTemplate::Multipart { parts, fields_from } => {
                let boundary = format!("----hoist-{}", filling.spec.random);
                declare(&format!("multipart/form-data; boundary={boundary}"));
                let mut fields = match fields_from {
                    Some(name) => members(facts, filling.spec.captured, name)?,
                    None => vec![],
                };
                let mut file = None;
                for part in parts {
                    match &part.text {
                        Some(template) => {
                            if let Some(text) = template.fill(filling) {
                                fields.push((part.name.clone(), text));
                            }
                        }
                        None => file = Some((part.name.as_str(), fields.len())),
                    }
                }
                Ok(form(&boundary, &fields, file, facts, filling))
            }
        }
    }
}

/// Returns a form as bytes around the file.
fn form(
    boundary: &str,
    fields: &[(String, String)],
    file: Option<(&str, usize)>,
    facts: &ProviderSpec,
    filling: &Filling<'_>,
) -> Body {
    let field = |out: &mut String, (name, text): &(String, String)| {
        let _ = write!(
            out,
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"\r\n\r\n{text}\r\n",
            quoted(name)
        );
    };
    let (mut before, mut after) = (String::new(), String::new());
    let (part, at) = file.unwrap_or(("", fields.len()));
    fields[..at].iter().for_each(|one| field(&mut before, one));
    if file.is_some() {
        let _ = write!(
            before,
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"; filename=\"{}\"\r\nContent-Type: {}\r\n\r\n",
            quoted(part),
            quoted(&file_name::of(facts.names, filling.spec)),
            filling.spec.media.mime()
        );
        after.push_str("\r\n");
    }
    let rest = if file.is_some() { &mut after } else { &mut before };
    fields[at..].iter().for_each(|one| field(rest, one));
    let _ = write!(rest, "--{boundary}--\r\n");
    let file = file.map(|_| FileForm::Raw);
    Body { before, file, after, boundary: Some(boundary.to_owned()) }
}

/// Returns a name as forms have it between quotes: as browsers write it.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' => out.push_str("%22"),
            '\r' => out.push_str("%0D"),
            '\n' => out.push_str("%0A"),
            c if c.is_control() => out.push('_'),
            c => out.push(c),
        }
    }
    out
}
