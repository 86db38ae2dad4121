//! Texts with `{places}` for what belongs to one upload: parsed once, when a provider's file is read.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::encode::encode_component;

/// A text is no longer than this.
const MAX_TEXT: usize = 16 * 1024;

/// No text has more places than this.
const MAX_PLACES: usize = 64;

/// A text with places.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TextTemplate {
    parts: Vec<TemplatePart>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum TemplatePart {
    Text(String),
    Placeholder(Placeholder),
}

/// `{variable|filter|filter}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placeholder {
    variable: TemplateVariable,
    filters: Vec<Filter>,
}

/// What can stand in a place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TemplateVariable {
    /// `{file.name}`: the file's name, as `[filename]` wants it.
    FileName,
    /// `{file.stem}`: the file's own name without its extension.
    FileStem,
    /// `{file.ext}`: the usual extension of its type: `jpg`.
    FileExtension,
    /// `{file.mime}`: its MIME type: `image/jpeg`.
    FileMime,
    /// `{file.size}`: its size in bytes.
    FileSize,
    /// `{file.kind}`: `image`, `audio`, `video` or `caption`.
    FileKind,
    /// `{file.base64}`: its bytes in base64; once, in a JSON body.
    FileBase64,
    /// `{file.data_uri}`: the same as an address: `data:image/jpeg;base64,…`.
    FileDataUri,
    /// `{account}`: the account, where there is one; needs `[account]`.
    Account,
    /// `{option.ID}`: what is set for an option; needs an `[[option]]` of that id.
    Option(String),
    /// `{capture.NAME}`: what an earlier step captured.
    Capture(String),
    /// `{id}`: the asset's id; in `[poll]` only.
    Id,
    /// `{random}`: letters and digits, the same for each try of an upload and for no other.
    Random,
    /// `{uuid}`: in examples, a UUID that no other upload has.
    Uuid,
    /// `{origin}`: in examples, the sandbox's own address, `http://127.0.0.1:PORT`, for made-up links.
    Origin,
    /// `{next}`: in examples, the sandbox's address for the next step, where a reply names one.
    Next,
    /// `{image.width}`: in examples, the width of an image.
    ImageWidth,
    /// `{image.height}`: in examples, the height of an image.
    ImageHeight,
    /// `{key}`: in examples of key checks and accounts, the sandbox's key.
    SandboxKey,
    /// `{plan}`: in examples of key checks, the plan behind that key.
    Plan,
}

/// Variables without a name of their own, as they are written.
const NAMED: [(&str, TemplateVariable); 18] = [
    ("file.name", TemplateVariable::FileName),
    ("file.stem", TemplateVariable::FileStem),
    ("file.ext", TemplateVariable::FileExtension),
    ("file.mime", TemplateVariable::FileMime),
    ("file.size", TemplateVariable::FileSize),
    ("file.kind", TemplateVariable::FileKind),
    ("file.base64", TemplateVariable::FileBase64),
    ("file.data_uri", TemplateVariable::FileDataUri),
    ("account", TemplateVariable::Account),
    ("id", TemplateVariable::Id),
    ("random", TemplateVariable::Random),
    ("uuid", TemplateVariable::Uuid),
    ("origin", TemplateVariable::Origin),
    ("next", TemplateVariable::Next),
    ("image.width", TemplateVariable::ImageWidth),
    ("image.height", TemplateVariable::ImageHeight),
    ("key", TemplateVariable::SandboxKey),
    ("plan", TemplateVariable::Plan),
];

impl TemplateVariable {
    fn parse(text: &str) -> Option<TemplateVariable> {
        let own = |name: &str| {
            let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
            (!name.is_empty() && name.bytes().all(plain)).then(|| name.to_owned())
        };
        if let Some(name) = text.strip_prefix("option.") {
            return own(name).map(TemplateVariable::Option);
        }
        if let Some(name) = text.strip_prefix("capture.") {
            return own(name).map(TemplateVariable::Capture);
        }
        NAMED.iter().find(|(name, _)| *name == text).map(|(_, variable)| variable.clone())
    }

    /// Returns how it is written: `file.name`.
    pub fn name(&self) -> Cow<'static, str> {
        match self {
            TemplateVariable::Option(name) => format!("option.{name}").into(),
            TemplateVariable::Capture(name) => format!("capture.{name}").into(),
            known => NAMED.iter().find(|(_, v)| v == known).map_or("", |(name, _)| name).into(),
        }
    }

    /// Returns whether it stands for the file's bytes.
    pub fn is_content(&self) -> bool {
        matches!(self, TemplateVariable::FileBase64 | TemplateVariable::FileDataUri)
    }
}

/// What is done to a value before it is filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Filter {
    /// `|default:TEXT`: this text where there is no value.
    Default(String),
    /// `|or:VARIABLE`: another value where there is none: `{option.title|or:file.stem}`.
    Or(TemplateVariable),
    /// `|number`: a number in JSON, not a text; alone in its text: `"{file.size|number}"`.
    Number,
    /// `|upper`: in capital letters.
    Upper,
    /// `|lower`: in small letters.
    Lower,
    /// `|hex`: its bytes as hexadecimal digits.
    Hex,
    /// `|masked`: an email address with two letters of its name: `ja***@example.com`.
    Masked,
}

/// Why a text is no template.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// It goes on and on.
    #[error("is too long, or has more than {MAX_PLACES} places")]
    TooLong,
    /// A `{` without its `}`.
    #[error("has a {{ without its }} (a brace itself is written twice)")]
    Open,
    /// A `}` without its `{`.
    #[error("has a }} without its {{ (a brace itself is written twice)")]
    Closed,
    /// There is no such variable.
    #[error(
        "has {{{0}}}, which Hoist does not know: write one like {{file.name}} or {{option.ID}} (a brace itself is written twice)"
    )]
    Unknown(String),
    /// There is no such filter.
    #[error(
        "has the filter {0}, which Hoist does not know: there are default:, or:, number, upper, lower, hex and masked"
    )]
    Filter(String),
}

impl TextTemplate {
    /// Reads a template.
    pub fn parse(text: &str) -> Result<TextTemplate, TemplateError> {
        if text.len() > MAX_TEXT {
            return Err(TemplateError::TooLong);
        }
        let mut parts = vec![];
        let mut plain = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            plain.push_str(&rest[..at]);
            let brace = &rest[at..=at];
            rest = &rest[at + 1..];
            if rest.starts_with(brace) {
                plain.push_str(brace);
                rest = &rest[1..];
                continue;
            }
            if brace == "}" {
                return Err(TemplateError::Closed);
            }
            let end = rest.find('}').ok_or(TemplateError::Open)?;
            if !plain.is_empty() {
                parts.push(TemplatePart::Text(std::mem::take(&mut plain)));
            }
            parts.push(TemplatePart::Placeholder(Placeholder::parse(&rest[..end])?));
            rest = &rest[end + 1..];
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            parts.push(TemplatePart::Text(plain));
        }
        if parts.len() > 2 * MAX_PLACES {
            return Err(TemplateError::TooLong);
        }
        Ok(TextTemplate { parts })
    }

    /// Returns every variable in it, also those that only stand in for others.
    pub fn variables(&self) -> impl Iterator<Item = &TemplateVariable> {
        self.parts.iter().flat_map(|part| match part {
            TemplatePart::Text(_) => vec![],
            TemplatePart::Placeholder(slot) => slot.variables(),
        })
    }

    /// Returns the variable that it consists of, where it is nothing else.
    pub fn only_variable(&self) -> Option<&TemplateVariable> {
        match &*self.parts {
            [TemplatePart::Placeholder(Placeholder { variable, .. })] => Some(variable),
            _ => None,
        }
    }

    /// Returns whether it is to be a number, or nothing.
    pub fn is_number(&self) -> bool {
        matches!(&*self.parts, [TemplatePart::Placeholder(slot)] if slot.filters.contains(&Filter::Number))
    }

    /// Fills it in; none where a value is missing.
    pub fn fill(&self, values: &dyn TemplateValues) -> Option<String> {
        self.fill_as(values, |value| value.to_owned())
    }

    /// Fills it in for an address: values are encoded, the text around them is not.
    pub fn fill_address(&self, values: &dyn TemplateValues) -> Option<String> {
        self.fill_as(values, encode_component)
    }

    fn fill_as(&self, values: &dyn TemplateValues, encode: fn(&str) -> String) -> Option<String> {
        let mut out = String::new();
        for part in &self.parts {
            match part {
                TemplatePart::Text(text) => out.push_str(text),
                TemplatePart::Placeholder(slot) => out.push_str(&encode(&slot.value(values)?)),
            }
        }
        Some(out)
    }

    /// Returns what stands in its places, where a text is what it makes. A place takes no `/`.
    pub fn matches(&self, text: &str) -> Option<Vec<(TemplateVariable, String)>> {
        let mut found = vec![];
        let mut rest = text;
        let mut open: Option<&TemplateVariable> = None;
        for part in &self.parts {
            match (part, open.take()) {
                (TemplatePart::Text(plain), None) => rest = rest.strip_prefix(plain.as_str())?,
                (TemplatePart::Text(plain), Some(variable)) => {
                    let at = rest.find(plain.as_str())?;
                    found.push((variable.clone(), rest[..at].to_owned()));
                    rest = &rest[at + plain.len()..];
                }
                (TemplatePart::Placeholder(slot), None) => open = Some(&slot.variable),
                (TemplatePart::Placeholder(_), Some(_)) => return None,
            }
        }
        if let Some(variable) = open {
            found.push((variable.clone(), std::mem::take(&mut rest).to_owned()));
        }
        let is_whole =
            rest.is_empty() && found.iter().all(|(_, value)| !value.is_empty() && !value.contains('/'));
        is_whole.then_some(found)
    }

    /// Returns what stands before its query.
    #[must_use]
    pub fn without_query(&self) -> TextTemplate {
        let mut parts = vec![];
        for part in &self.parts {
            match part {
                TemplatePart::Text(text) => match text.split_once('?') {
                    Some((before, _)) => {
                        parts.push(TemplatePart::Text(before.to_owned()));
                        break;
                    }
                    None => parts.push(part.clone()),
                },
                TemplatePart::Placeholder(_) => parts.push(part.clone()),
            }
        }
        TextTemplate { parts }
    }

    /// Returns its text before and after a place for the file's bytes, and that place's variable.
    pub fn around_content(&self, values: &dyn TemplateValues) -> Option<(String, TemplateVariable, String)> {
        let at = self
            .parts
            .iter()
            .position(|part| matches!(part, TemplatePart::Placeholder(Placeholder { variable, .. }) if variable.is_content()))?;
        let TemplatePart::Placeholder(Placeholder { variable, .. }) = &self.parts[at] else { return None };
        let half = |parts: &[TemplatePart]| TextTemplate { parts: parts.to_vec() }.fill(values);
        Some((half(&self.parts[..at])?, variable.clone(), half(&self.parts[at + 1..])?))
    }
}

impl Placeholder {
    fn parse(text: &str) -> Result<Placeholder, TemplateError> {
        let mut words = text.split('|');
        let name = words.next().unwrap_or_default().trim();
        let known = |name: &str| {
            TemplateVariable::parse(name)
                .ok_or_else(|| TemplateError::Unknown(name.chars().take(60).collect()))
        };
        let variable = known(name)?;
        let filters = words.map(|word| match word.split_once(':') {
            Some(("default", text)) => Ok(Filter::Default(text.to_owned())),
            Some(("or", other)) => known(other.trim()).map(Filter::Or),
            None if word == "number" => Ok(Filter::Number),
            None if word == "upper" => Ok(Filter::Upper),
            None if word == "lower" => Ok(Filter::Lower),
            None if word == "hex" => Ok(Filter::Hex),
            None if word == "masked" => Ok(Filter::Masked),
            _ => Err(TemplateError::Filter(word.chars().take(60).collect())),
        });
        Ok(Placeholder { variable, filters: filters.collect::<Result<_, _>>()? })
    }

    fn variables(&self) -> Vec<&TemplateVariable> {
        let others = self.filters.iter().filter_map(|filter| match filter {
            Filter::Or(variable) => Some(variable),
            _ => None,
        });
        std::iter::once(&self.variable).chain(others).collect()
    }

    fn value(&self, values: &dyn TemplateValues) -> Option<String> {
        let mut value = values.value(&self.variable).map(Cow::into_owned);
        for filter in &self.filters {
            value = match (filter, value) {
                (Filter::Default(text), None) => Some(text.clone()),
                (Filter::Or(other), None) => values.value(other).map(Cow::into_owned),
                (Filter::Upper, Some(text)) => Some(text.to_uppercase()),
                (Filter::Lower, Some(text)) => Some(text.to_lowercase()),
                (Filter::Hex, Some(text)) => Some(text.bytes().fold(String::new(), |mut hex, byte| {
                    let _ = write!(hex, "{byte:02x}");
                    hex
                })),
                (Filter::Masked, Some(text)) => {
                    let (name, host) = text.split_once('@').unwrap_or((&text, ""));
                    Some(format!("{}***@{host}", name.chars().take(2).collect::<String>()))
                }
                (_, value) => value,
            };
        }
        value
    }
}

/// What stands in the places of one upload.
pub trait TemplateValues {
    /// Returns the value; none where there is none.
    fn value(&self, variable: &TemplateVariable) -> Option<Cow<'_, str>>;
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    struct JaneValues;

    impl TemplateValues for JaneValues {
        fn value(&self, variable: &TemplateVariable) -> Option<Cow<'_, str>> {
            match variable {
                TemplateVariable::Account => Some("jane+x@example.com".into()),
                TemplateVariable::FileStem => Some("a b".into()),
                TemplateVariable::FileMime => Some("image/png".into()),
                _ => None,
            }
        }
    }

    fn filled(text: &str) -> Option<String> {
        TextTemplate::parse(text).unwrap().fill(&JaneValues)
    }

    #[test]
    fn places_are_filled_in_and_what_is_missing_is_not_made_up() {
        assert_eq!(filled("<{account}>").as_deref(), Some("<jane+x@example.com>"));
        assert_eq!(filled("{{{account|masked}}}").as_deref(), Some("{ja***@example.com}"));
        assert_eq!(filled("{option.x}"), None);
        assert_eq!(filled("{option.x|or:file.stem}").as_deref(), Some("a b"));
        assert_eq!(filled("{option.x|default:y|upper}").as_deref(), Some("Y"));
        assert_eq!(filled("{file.stem|hex}").as_deref(), Some("612062"));
        assert_eq!(filled("{file.stem|default:y|lower}").as_deref(), Some("a b"));
        let address =
            TextTemplate::parse("https://x.test/{account}?n={file.stem}").unwrap().fill_address(&JaneValues);
        assert_eq!(address.as_deref(), Some("https://x.test/jane%2Bx%40example.com?n=a%20b"));
        assert!(TextTemplate::parse("{image.width|number}").unwrap().is_number());
        assert!(!TextTemplate::parse("x{image.width|number}").unwrap().is_number());
        let around = TextTemplate::parse("data:{file.mime};base64,{file.base64}!")
            .unwrap()
            .around_content(&JaneValues);
        assert_eq!(around, Some(("data:image/png;base64,".into(), TemplateVariable::FileBase64, "!".into())));
    }

    #[test]
    fn every_variable_is_written_as_it_is_read() {
        for (name, variable) in NAMED {
            assert_eq!(variable.name(), name);
            assert_eq!(TextTemplate::parse(&format!("{{{name}}}")).unwrap().only_variable(), Some(&variable));
        }
        assert_eq!(TemplateVariable::parse("option.a_b-1").unwrap().name(), "option.a_b-1");
    }

    #[test]
    fn what_is_no_template_is_refused_with_a_sentence() {
        let error = |text: &str| TextTemplate::parse(text).unwrap_err();
        assert_eq!(error("{"), TemplateError::Open);
        assert_eq!(error("a}"), TemplateError::Closed);
        assert_eq!(error("{hoist}"), TemplateError::Unknown("hoist".into()));
        assert_eq!(error("{option.{account}}"), TemplateError::Unknown("option.{account".into()));
        assert_eq!(error("{account|shell:rm}"), TemplateError::Filter("shell:rm".into()));
        assert_eq!(error(&"{id}{id}".repeat(200)), TemplateError::TooLong);
        assert_eq!(error(&"x".repeat(MAX_TEXT + 1)), TemplateError::TooLong);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[{}|:a-z.\\PC]{0,80}") {
            if let Ok(template) = TextTemplate::parse(&text) {
                let _ = template.fill(&JaneValues);
            }
        }
    }
}
