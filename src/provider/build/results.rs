//! Makes refusals, uses, examples and the picture of a provider of their tables.

use lucide_icons::Icon;
use serde_json::Value;

use super::section::{BuildResult, FileSection};
use super::values::{MAX_TEXT, check_header_name, check_name, check_text, leak, leak_all};
use crate::model::error::FailureKind;
use crate::model::media::Kind;
use crate::provider::call::Example;
use crate::provider::file::{KindName, ProviderFile, RefusalFile};
use crate::provider::recipe::JsonTemplate;
use crate::provider::spec::{BrandMark, ErrorFact, Usage};
use crate::provider::template::{TemplateVariable, TextTemplate};

/// What a provider's refusal can mean: `means` of a `[[refusal]]`.
pub const MEANINGS: [FailureKind; 19] = [
    FailureKind::BadRequest,
    FailureKind::UnsupportedType,
    FailureKind::Policy,
    FailureKind::WrongKey,
    FailureKind::NoSubscription,
    FailureKind::NotEligible,
    FailureKind::AccountNotFound,
    FailureKind::TooLarge,
    FailureKind::Provenance,
    FailureKind::ContentMismatch,
    FailureKind::RateLimited,
    FailureKind::Quota,
    FailureKind::ProviderError,
    FailureKind::Busy,
    FailureKind::Redirect,
    FailureKind::AccountBroken,
    FailureKind::Refused,
    FailureKind::Gateway,
    FailureKind::ServerError,
];

pub(super) fn kind(name: KindName) -> Kind {
    match name {
        KindName::Image => Kind::Image,
        KindName::Audio => Kind::Audio,
        KindName::Video => Kind::Video,
        KindName::Captions => Kind::Captions,
    }
}

pub(super) fn uses(top: FileSection<'_>, file: &ProviderFile) -> BuildResult<&'static [Usage]> {
    let all = file.uses.iter().enumerate().map(|(i, one)| {
        let section = top.of("[[use]]", i);
        check_name(section, "value", &one.value)?;
        check_text(section, "parameter", &one.parameter, 80)?;
        check_text(section, "call", &one.call, 200)?;
        Ok(Usage {
            kind: kind(one.kind),
            value: leak(one.value.as_str()),
            parameter: leak(one.parameter.as_str()),
            call: leak(one.call.as_str()),
        })
    });
    Ok(leak_all(all.collect::<BuildResult<_>>()?))
}

pub(super) fn refusal(section: FileSection<'_>, file: &RefusalFile) -> BuildResult<ErrorFact> {
    if !(300..=599).contains(&file.status) {
        return Err(section.error("status", "must be from 300 to 599"));
    }
    if let Some(hint) = &file.hint {
        check_text(section, "hint", hint, MAX_TEXT)?;
    }
    if let Some(message) = &file.message {
        check_text(section, "message", message, 200)?;
        if file.means.is_none() && file.hint.is_none() {
            return Err(section.error("message", "needs means or hint: what is different then?"));
        }
    }
    let means = match &file.means {
        None => None,
        Some(name) => Some(MEANINGS.into_iter().find(|kind| kind.name() == name).ok_or_else(|| {
            let all: Vec<_> = MEANINGS.into_iter().map(FailureKind::name).collect();
            section.error("means", format_args!("must be one of {}", all.join(", ")))
        })?),
    };
    Ok(ErrorFact {
        status: file.status,
        body: leak(file.body.as_str()),
        retry_after: file.retry_after,
        next: file.hint.clone().map(leak),
        means,
        message: file.message.as_ref().map(|message| leak(message.to_lowercase())),
    })
}

pub(super) fn mark(top: FileSection<'_>, file: &ProviderFile) -> BuildResult<BrandMark> {
    let Some(mark) = &file.mark else {
        return Ok(BrandMark { colour: [0x6b, 0x72, 0x80], icon: Icon::CloudUpload });
    };
    let colour = mark
        .colour
        .strip_prefix('#')
        .filter(|hex| hex.len() == 6)
        .and_then(|hex| u32::from_str_radix(hex, 16).ok());
    let [_, red, green, blue] =
        colour.ok_or_else(|| top.error("mark", "must have a colour like \"#7a4fd6\""))?.to_be_bytes();
    let icon = Icon::try_from(mark.icon.as_str())
        .map_err(|_| top.error("mark", "must have the name of a Lucide icon, like cloud-upload"))?;
    Ok(BrandMark { colour: [red, green, blue], icon })
}

pub(super) fn examples(top: FileSection<'_>, file: &ProviderFile, steps: usize) -> BuildResult<Vec<Example>> {
    let all =
        file.example.iter().enumerate().map(|(i, example)| {
            let section = top.of("[[example]]", i);
            if !(200..300).contains(&example.status) {
                return Err(section.error("status", "must be of 2xx: a refusal belongs in [[refusal]]"));
            }
            let step = example.step.unwrap_or(steps);
            if step > steps {
                return Err(
                    section.error("step", format_args!("must be a step, from 1 to {steps}, or 0 for a poll"))
                );
            }
            let body = match serde_json::from_str::<Value>(&example.body) {
                Ok(value) => JsonTemplate::new(&value),
                Err(_) => TextTemplate::parse(&example.body).map(JsonTemplate::Text),
            };
            let body = body.map_err(|e| section.error("body", e))?;
            for variable in body.templates().into_iter().flat_map(|template| template.variables()) {
                if !is_for_examples(variable) {
                    let name = variable.name();
                    return Err(section
                        .error("body", format_args!("has {{{name}}}, which the sandbox does not know")));
                }
            }
            let mut headers = vec![];
            for (name, text) in &example.headers.0 {
                let name = name.to_ascii_lowercase();
                check_header_name(section, "headers", &name)?;
                let text = TextTemplate::parse(text).map_err(|e| section.error("headers", e))?;
                if let Some(variable) = text.variables().find(|variable| !is_for_examples(variable)) {
                    let name = variable.name();
                    return Err(section
                        .error("headers", format_args!("has {{{name}}}, which the sandbox does not know")));
                }
                headers.push((name, text));
            }
            Ok(Example { step, kind: example.kind.map(kind), status: example.status, body, headers })
        });
    all.collect()
}

/// Returns whether the sandbox has a value for it where it plays a provider.
fn is_for_examples(variable: &TemplateVariable) -> bool {
    matches!(
        variable,
        TemplateVariable::FileName
            | TemplateVariable::FileExtension
            | TemplateVariable::FileMime
            | TemplateVariable::FileSize
            | TemplateVariable::FileKind
            | TemplateVariable::Account
            | TemplateVariable::Uuid
            | TemplateVariable::Origin
            | TemplateVariable::Next
            | TemplateVariable::ImageWidth
            | TemplateVariable::ImageHeight
    )
}
