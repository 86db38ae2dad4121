//! Makes the requests of an upload, and how their replies are read, of their tables.

use std::time::Duration;

use super::section::{BuildResult, FileSection};
use super::values::{
    MAX_ENTRIES, MAX_TEXT, check_header, check_header_name, check_name, check_text, duration, pointer,
    template,
};
use crate::provider::file::{Again, BodyFile, CaptureFile, MethodName, ProviderFile, ReplyFile, StepFile};
use crate::provider::hosts;
use crate::provider::http::Method;
use crate::provider::recipe::{
    Address, BodyTemplate, Capture, Computed, Expiry, FormPart, JsonTemplate, Named, PollForm, Recipe,
    ReplyForm, Success, UploadStep, Warning,
};
use crate::provider::spec::{Auth, Vendor};
use crate::provider::template::{TemplateVariable, TextTemplate};

/// An upload takes no more requests.
const MAX_STEPS: usize = 3;

pub(super) fn recipe(
    top: FileSection<'_>,
    file: &ProviderFile,
    vendor: &'static Vendor,
) -> BuildResult<Recipe> {
    if !(1..=MAX_STEPS).contains(&file.step.len()) {
        return Err(top.error("step", format_args!("must be one to {MAX_STEPS} tables [[step]]")));
    }
    let mut captured: Vec<&str> = vec![];
    let mut steps = vec![];
    for (i, step) in file.step.iter().enumerate() {
        let section = top.of("[[step]]", i);
        steps.push(upload_step(section, file, step, vendor, &captured)?);
        captured.extend(step.capture.0.iter().map(|(name, _)| name.as_str()));
    }
    let carriers = steps.iter().filter(|step| step.body.carries_file()).count();
    if carriers != 1 {
        let problem = "exactly one step must carry the file: \"file\", a part with file = true, or {file.base64} in json";
        return Err(top.of("[[step]]", 0).error("body", problem));
    }
    let creators = file.step.iter().filter(|step| step.creates).count();
    if creators > 1 {
        return Err(top.of("[[step]]", 0).error("creates", "must be true for one step at most"));
    }
    if creators == 0
        && let Some(last) = steps.last_mut()
    {
        last.creates = true;
    }
    let carrier = steps.iter().position(|step| step.body.carries_file()).unwrap_or_default();
    if steps.iter().position(|step| step.creates).is_some_and(|creator| creator < carrier) {
        return Err(top
            .of("[[step]]", 0)
            .error("creates", "must be true for the step with the file, or a later one"));
    }
    let reply = reply(top.of("[reply]", 0), file, &file.reply, &captured)?;
    let poll_section = top.of("[poll]", 0);
    let poll = match &file.poll {
        None => None,
        Some(poll) => {
            let (base, path) = hosts::split(&poll.url, vendor.endpoints, vendor.is_local)
                .map_err(|p| poll_section.error("url", p))?;
            if file.reply.id.0.is_empty() {
                return Err(top.of("[reply]", 0).error("id", "is missing: [poll] asks by it"));
            }
            if poll.pending.is_empty() || poll.ready.is_empty() {
                return Err(poll_section.error("pending", "and ready must name a status each"));
            }
            Some(PollForm {
                base,
                path: scoped(poll_section, "url", &path, file, &[], &[TemplateVariable::Id])?,
                every: duration(poll_section, "every", &poll.every)?.max(Duration::from_secs(2)),
                status: pointer(poll_section, "status", &poll.status)?,
                pending: poll.pending.clone(),
                ready: poll.ready.clone(),
            })
        }
    };
    Ok(Recipe { steps, reply, poll })
}

/// Reads a template, and allows what a request may name there.
pub(super) fn scoped(
    section: FileSection<'_>,
    field: &str,
    text: &str,
    file: &ProviderFile,
    captured: &[&str],
    more: &[TemplateVariable],
) -> BuildResult<TextTemplate> {
    let template = template(section, field, text)?;
    for variable in template.variables() {
        let problem = match variable {
            TemplateVariable::Option(name) => {
                let is_known = file.option.iter().any(|option| option.id == *name);
                (!is_known).then_some("which no [[option]] has as its id")
            }
            TemplateVariable::Capture(name) => {
                (!captured.contains(&name.as_str())).then_some("which no step before this captures")
            }
            TemplateVariable::Account => file.account.is_none().then_some("but there is no [account]"),
            TemplateVariable::FileName
            | TemplateVariable::FileStem
            | TemplateVariable::FileExtension
            | TemplateVariable::FileMime
            | TemplateVariable::FileSize
            | TemplateVariable::FileKind
            | TemplateVariable::Random => None,
            other if more.contains(other) => None,
            TemplateVariable::FileBase64 | TemplateVariable::FileDataUri => {
                Some("which can stand in the json of a body only")
            }
            TemplateVariable::Id => Some("which can stand in [poll] only"),
            _ => Some("which can stand in examples only"),
        };
        if let Some(problem) = problem {
            return Err(section.error(field, format_args!("has {{{}}}, {problem}", variable.name())));
        }
    }
    Ok(template)
}

pub(super) fn upload_step(
    section: FileSection<'_>,
    file: &ProviderFile,
    step: &StepFile,
    vendor: &'static Vendor,
    captured: &[&str],
) -> BuildResult<UploadStep> {
    let known = |field: &str, name: &str| match captured.contains(&name) {
        true => Ok(name.to_owned()),
        false => {
            Err(section.error(field, format_args!("names {name:?}, which no step before this captures")))
        }
    };
    let whole = TextTemplate::parse(&step.url).ok();
    let address = match whole.as_ref().and_then(TextTemplate::only_variable) {
        Some(TemplateVariable::Capture(name)) => Address::Captured(known("url", name)?),
        _ if step.url.starts_with("{capture.") => {
            return Err(section.error("url", "must be {capture.NAME} alone: query adds parameters to it"));
        }
        _ => {
            let (base, path) = hosts::split(&step.url, vendor.endpoints, vendor.is_local)
                .map_err(|p| section.error("url", p))?;
            Address::Vendor { base, path: scoped(section, "url", &path, file, captured, &[])? }
        }
    };
    let mut query = vec![];
    for (name, text) in &step.query.0 {
        check_name(section, "query", name)?;
        query.push((name.clone(), scoped(section, "query", text, file, captured, &[])?));
    }
    let mut headers = vec![];
    for (name, text) in &step.headers.0 {
        let name = name.to_ascii_lowercase();
        check_header(section, "headers", &name, false)?;
        headers.push((name, scoped(section, "headers", text, file, captured, &[])?));
    }
    let body = match &step.body {
        BodyFile::None => BodyTemplate::None,
        BodyFile::File => BodyTemplate::File,
        BodyFile::Json(value) => {
            let json = JsonTemplate::new(value).map_err(|e| section.error("body", e))?;
            let content = [TemplateVariable::FileBase64, TemplateVariable::FileDataUri];
            let mut contents = 0;
            for template in json.templates() {
                for variable in template.variables() {
                    contents += usize::from(variable.is_content());
                    let text = format!("{{{}}}", variable.name());
                    scoped(section, "body", &text, file, captured, &content)?;
                }
            }
            if contents > 1 {
                return Err(section.error("body", "must have the file once only"));
            }
            if contents == 1 && !matches!(json, JsonTemplate::Object(_)) {
                return Err(section.error("body", "must be a table with the file in one of its fields"));
            }
            BodyTemplate::Json(json)
        }
        BodyFile::Multipart(form) => {
            let mut parts = vec![];
            for part in &form.multipart {
                check_name(section, "body", &part.name)?;
                let text = match (&part.text, part.file) {
                    (Some(text), false) => Some(scoped(section, "body", text, file, captured, &[])?),
                    (None, true) => None,
                    _ => return Err(section.error("body", "each part must have a text, or file = true")),
                };
                parts.push(FormPart { name: part.name.clone(), text });
            }
            let files = parts.iter().filter(|part| part.text.is_none()).count();
            if files > 1 || parts.len() > MAX_ENTRIES {
                return Err(section.error(
                    "body",
                    format_args!("must have the file once only, and at most {MAX_ENTRIES} parts"),
                ));
            }
            let fields_from = form.fields_from.as_deref().map(|name| known("body", name)).transpose()?;
            BodyTemplate::Multipart { parts, fields_from }
        }
    };
    if step.method == MethodName::Get && !matches!(body, BodyTemplate::None) {
        return Err(section.error("body", "must be none with GET"));
    }
    if matches!(vendor.auth, Auth::Field(_))
        && matches!(address, Address::Vendor { .. })
        && !matches!(body, BodyTemplate::Multipart { .. })
    {
        return Err(section.error("body", "must be multipart: the key is one of its fields"));
    }
    let mut ok = Success::default();
    if let Some(file) = &step.ok {
        ok.statuses.clone_from(&file.status);
        for (at, allowed) in &file.values {
            pointer(section, "ok", at)?;
            ok.values.push((at.clone(), allowed.clone()));
        }
    }
    let mut captures = vec![];
    for (name, capture) in &step.capture.0 {
        check_name(section, "capture", name)?;
        let capture = match capture {
            CaptureFile::At(at) => Capture::At(pointer(section, "capture", at)?),
            CaptureFile::JsonIn { json_in, at } => {
                // "" is the whole of the JSON in the text.
                if !at.is_empty() {
                    pointer(section, "capture", at)?;
                }
                Capture::JsonIn { json_in: pointer(section, "capture", json_in)?, at: at.clone() }
            }
            CaptureFile::Text => Capture::Text,
            CaptureFile::Header(name) => {
                let name = name.to_ascii_lowercase();
                check_header_name(section, "capture", &name)?;
                Capture::Header(name)
            }
        };
        captures.push((name.clone(), capture));
    }
    if captures.len() > MAX_ENTRIES {
        return Err(section.error("capture", format_args!("must have at most {MAX_ENTRIES} entries")));
    }
    Ok(UploadStep {
        method: match step.method {
            MethodName::Get => Method::Get,
            MethodName::Post => Method::Post,
            MethodName::Put => Method::Put,
        },
        address,
        query,
        headers,
        headers_from: step.headers_from.as_deref().map(|name| known("headers_from", name)).transpose()?,
        body,
        ok,
        captures,
        is_safe: step.again == Again::Safe,
        creates: step.creates,
    })
}

pub(super) fn reply(
    section: FileSection<'_>,
    file: &ProviderFile,
    reply: &ReplyFile,
    captured: &[&str],
) -> BuildResult<ReplyForm> {
    let named = |field: &str, all: &[String]| {
        all.iter()
            .map(|text| {
                Ok(match text.as_str() {
                    "text" if field == "url" => Named::Text,
                    text if field == "url"
                        && !["https://", "http://", "{", "/"].iter().any(|s| text.starts_with(s)) =>
                    {
                        let problem =
                            "must be a JSON pointer, \"text\", or begin with https:// or {capture.NAME}";
                        return Err(section.error(field, problem));
                    }
                    text if text.contains('{') => {
                        Named::Filled(scoped(section, field, text, file, captured, &[])?)
                    }
                    text => Named::At(pointer(section, field, text)?),
                })
            })
            .collect::<BuildResult<Vec<_>>>()
    };
    let (id, url) = (named("id", &reply.id.0)?, named("url", &reply.url.0)?);
    if id.is_empty() && url.is_empty() {
        return Err(section.error("id", "or url is missing: where does the reply name the asset?"));
    }
    let mut computed = vec![];
    for one in &reply.computed {
        let section = FileSection { table: "[[reply.computed]]", ..section };
        check_name(section, "name", &one.name)?;
        if !one.times.is_finite() || one.min > one.max {
            return Err(section.error("times", "must be a number, and min no more than max"));
        }
        let from = pointer(section, "from", &one.from)?;
        computed.push(Computed {
            name: one.name.clone(),
            from,
            times: one.times,
            min: one.min,
            max: one.max,
        });
    }
    let mut warnings = vec![];
    for warning in &reply.warn {
        let section = FileSection { table: "[[reply.warn]]", ..section };
        check_text(section, "text", &warning.text, MAX_TEXT)?;
        let at = pointer(section, "at", &warning.at)?;
        warnings.push(Warning { at, is: warning.is.clone(), text: warning.text.clone() });
    }
    let expires = match reply.expires.as_deref() {
        Some(text) if text.starts_with('/') => Some(Expiry::At(pointer(section, "expires", text)?)),
        Some(text) if text.contains('{') => {
            Some(Expiry::Filled(scoped(section, "expires", text, file, &[], &[])?))
        }
        // A duration is the same for every file: it stands in the provider's table.
        _ => None,
    };
    Ok(ReplyForm { id, url, computed, warnings, expires })
}
