//! A line of one's own for each upload: for the terminal's `--format`, and for copying.

use serde_json::Value;

use super::report::Report;
use crate::model::receipt::plain;
use crate::model::text::sanitize;

/// The fields a line may have, beside `{json:/path}`.
pub const FIELDS: [&str; 12] = [
    "id",
    "url",
    "name",
    "file",
    "provider",
    "destination",
    "account",
    "expires",
    "state",
    "width",
    "height",
    "duration",
];

/// A line with fields in braces; `{{` and `}}` are braces, `\\t` and `\\n` what they are elsewhere.
#[derive(Debug)]
pub struct Template(Vec<Part>);

#[derive(Debug)]
enum Part {
    Text(String),
    Field(String),
}

/// Why a text is no template, as the end of a sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTemplate {
    /// A field does not end.
    #[error("{{{0} has no closing brace")]
    NoClosingBrace(String),
    /// Uploads have no such fields.
    #[error("there is no {{{unknown}}}, but {{{known}}} and {{json:/path}}", unknown = .0.join("} or {"), known = FIELDS.join("} {"))]
    UnknownFields(Vec<String>),
}

impl Template {
    /// Reads a template.
    pub fn parse(text: &str) -> Result<Template, InvalidTemplate> {
        let (mut parts, mut unknown) = (vec![], vec![]);
        let mut plain = String::new();
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '{' if chars.next_if_eq(&'{').is_some() => plain.push('{'),
                '}' if chars.next_if_eq(&'}').is_some() => plain.push('}'),
                '{' => {
                    let mut field = String::new();
                    loop {
                        match chars.next() {
                            Some('}') => break,
                            Some(c) => field.push(c),
                            None => return Err(InvalidTemplate::NoClosingBrace(field)),
                        }
                    }
                    let path =
                        field.strip_prefix("json:").is_some_and(|p| p.is_empty() || p.starts_with('/'));
                    if !FIELDS.contains(&field.as_str()) && !path && !unknown.contains(&field) {
                        unknown.push(field.clone());
                    }
                    parts.push(Part::Text(std::mem::take(&mut plain)));
                    parts.push(Part::Field(field));
                }
                '\\' if chars.next_if_eq(&'t').is_some() => plain.push('\t'),
                '\\' if chars.next_if_eq(&'n').is_some() => plain.push('\n'),
                c => plain.push(c),
            }
        }
        parts.push(Part::Text(plain));
        if unknown.is_empty() { Ok(Template(parts)) } else { Err(InvalidTemplate::UnknownFields(unknown)) }
    }

    /// Returns the line for a file. What is not there is empty.
    pub fn line(&self, upload: &Report<'_>) -> String {
        let object = upload.json();
        let text = |v: Option<&Value>| v.filter(|v| !v.is_null()).map(plain).unwrap_or_default();
        let mut out = String::new();
        for part in &self.0 {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Field(field) => {
                    let value = match (field.as_str(), field.strip_prefix("json:")) {
                        (_, Some(pointer)) => text(object["response"].pointer(pointer)),
                        // As it is copied: some providers return a link alone.
                        ("id", _) => upload.receipt().map(|r| r.first().to_owned()).unwrap_or_default(),
                        ("name", _) => upload.name.clone(),
                        ("width" | "height" | "duration", _) => upload.measure(field).unwrap_or_default(),
                        _ => text(object.get(field)),
                    };
                    out.push_str(&sanitize(&value)); // a line break in a name must not make a second line
                }
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_know_their_fields() {
        assert!(Template::parse("![{name}]({url}) {{x}} {json:/data/url} {width}x{height}").is_ok());
        assert!(Template::parse("{nope}").unwrap_err().to_string().contains("{id} {url}"));
        let several = Template::parse("{size} {id} {foo} {size}").unwrap_err().to_string();
        assert!(several.starts_with("there is no {size} or {foo}, but"), "{several}");
        assert!(Template::parse("{id").unwrap_err().to_string().contains("no closing brace"));
    }
}
