//! The values of one upload, for templates.

use std::borrow::Cow;

use serde_json::Value;

use crate::model::media::Kind;
use crate::provider::file_name;
use crate::provider::spec::ProviderSpec;
use crate::provider::template::{TemplateValues, TemplateVariable};
use crate::provider::upload_spec::UploadSpec;

/// The values of one upload, for templates.
pub(super) struct Filling<'a> {
    pub(super) facts: &'a ProviderSpec,
    pub(super) spec: &'a UploadSpec<'a>,
    pub(super) id: Option<&'a str>,
}

impl TemplateValues for Filling<'_> {
    fn value(&self, variable: &TemplateVariable) -> Option<Cow<'_, str>> {
        let spec = self.spec;
        Some(match variable {
            TemplateVariable::FileName => file_name::of(self.facts.names, spec).into(),
            TemplateVariable::FileStem => spec.stem().into(),
            TemplateVariable::FileExtension => spec.media.extensions()[0].into(),
            TemplateVariable::FileMime => spec.media.mime().into(),
            TemplateVariable::FileSize => spec.size.to_string().into(),
            TemplateVariable::FileKind => kind_name(spec.media.kind()).into(),
            TemplateVariable::Account => spec.account?.into(),
            TemplateVariable::Option(name) => {
                self.facts.options.iter().find(|option| option.key == *name)?.sent(spec.options)?.into()
            }
            TemplateVariable::Capture(name) => match spec.captured.0.get(name)? {
                Value::String(text) => text.into(),
                other => other.to_string().into(),
            },
            TemplateVariable::Id => self.id?.into(),
            TemplateVariable::Random => spec.random.into(),
            _ => return None,
        })
    }
}

/// Returns a kind as templates write it.
pub(in crate::provider) fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Image => "image",
        Kind::Audio => "audio",
        Kind::Video => "video",
        Kind::Captions => "caption",
    }
}
