//! `--format`: a line of one's own.

use serde_json::Value;

use crate::model::receipt::plain;
use crate::model::text::harmless;
use crate::session::report::Report;

/// A line with fields in braces; `{{` and `}}` are braces.
pub(super) struct Template(Vec<Part>);

enum Part {
    Text(String),
    Field(String),
}

impl Template {
    /// Reads a template; the error names the field that does not exist.
    pub(super) fn parse(text: &str) -> Result<Template, String> {
        let mut parts = vec![];
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
                            None => return Err(format!("--format: {{{field} has no closing brace")),
                        }
                    }
                    let known = [
                        "id",
                        "url",
                        "name",
                        "file",
                        "provider",
                        "destination",
                        "account",
                        "expires",
                        "state",
                    ];
                    let values =
                        field.strip_prefix("json:").is_some_and(|p| p.is_empty() || p.starts_with('/'));
                    if !known.contains(&field.as_str()) && !values {
                        return Err(format!(
                            "--format knows no {{{field}}}: it knows {{{}}} and {{json:/path}}",
                            known.join("} {")
                        ));
                    }
                    parts.push(Part::Text(std::mem::take(&mut plain)));
                    parts.push(Part::Field(field));
                }
                '\\' if chars.next_if_eq(&'t').is_some() => plain.push('\t'),
                c => plain.push(c),
            }
        }
        parts.push(Part::Text(plain));
        Ok(Template(parts))
    }

    /// The line for a file. What is not there is empty.
    pub(super) fn line(&self, upload: &Report<'_>) -> String {
        let object = upload.json();
        let text = |v: Option<&Value>| v.filter(|v| !v.is_null()).map(plain).unwrap_or_default();
        let mut out = String::new();
        for part in &self.0 {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Field(field) if field == "name" => out.push_str(&upload.name),
                Part::Field(field) => {
                    let value = match field.strip_prefix("json:") {
                        Some(pointer) => object["response"].pointer(pointer),
                        None => object.get(field),
                    };
                    out.push_str(&harmless(&text(value))); // a line break in a name must not make a second line
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
        assert!(Template::parse("![{name}]({url}) {{x}} {json:/data/url}").is_ok());
        assert!(Template::parse("{nope}").err().unwrap().contains("{id}"));
        assert!(Template::parse("{id").is_err());
    }
}
