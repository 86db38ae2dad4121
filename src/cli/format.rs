//! One file's result as JSON, as a line of one's own, or as a sentence.

use serde_json::{Map, Value, json};

use crate::model::media::FileProblem;
use crate::model::queue::{Check, Item};
use crate::model::receipt::plain;
use crate::model::text::harmless;
use crate::model::upload::State;

/// The words for states that the terminal ends in.
pub(super) fn state(item: &Item) -> &'static str {
    match &item.state {
        State::Done(_) | State::Processing { .. } => "done",
        State::Held(_) => "held",
        State::Refused(_) => "refused",
        State::Unknown(_) | State::Sent { .. } => "unknown",
        State::Cancelled => "cancelled",
        State::Ready | State::Waiting { .. } | State::Sending { .. } => {
            if item.stop().is_some() {
                "refused"
            } else {
                "ready"
            }
        }
    }
}

/// The object that `--json` prints.
pub(super) fn json(item: &Item) -> Value {
    let receipt = item.state.receipt();
    let values: Map<String, Value> = receipt.map(|r| r.values.iter().cloned().collect()).unwrap_or_default();
    let error = match (item.state.failure(), item.stop()) {
        (Some(f), _) => {
            let mut error =
                json!({ "kind": f.kind.name(), "message": f.message, "said": f.said, "next": f.next });
            if let Some(until) = f.until {
                error["until"] = until.to_string().into();
            }
            if let Some(support) = &f.support {
                error["support"] = support.as_str().into();
            }
            error
        }
        (None, Some(message)) if receipt.is_none() => {
            json!({ "kind": "file", "message": message, "said": null, "next": next(item) })
        }
        _ => Value::Null,
    };
    let mut object = json!({
        "file": item.path.to_string_lossy(),
        "provider": item.destination.provider,
        "destination": item.destination.name,
        "account": item.destination.account,
        "state": state(item),
        "id": receipt.and_then(|r| r.id.as_deref()),
        "url": receipt.and_then(|r| r.url.as_deref()),
        "expires": receipt.and_then(|r| r.expires).map(|t| t.to_string()),
        "values": values,
        "response": receipt.map(|r| r.response.clone()),
        "error": error,
    });
    let warnings = warnings(item);
    if !warnings.is_empty() {
        object["warnings"] = warnings.into();
    }
    object
}

/// What to do about a file that is stopped before a byte leaves.
pub(super) fn next(item: &Item) -> Option<&str> {
    match &item.check {
        Check::Problem(FileProblem::Vanished) => Some("Check its name and try again"),
        Check::Problem(FileProblem::Folder) => Some("Name its files instead"),
        Check::Problem(FileProblem::Special) => Some("Save what comes out of it in a file, and send that"),
        Check::Problem(FileProblem::Unreadable(_)) => {
            Some("Check the file's rights and the disk, then try again")
        }
        Check::Facts(_) | Check::Looking => item.findings.first().map(|f| f.next.as_str()),
    }
}

/// What a person should know though the file was or can be sent.
pub(super) fn warnings(item: &Item) -> Vec<String> {
    use crate::model::queue::Gravity;
    let findings = item.findings.iter().filter(|f| f.gravity == Gravity::Warning).map(|f| f.sentence.clone());
    let receipt = item.state.receipt().into_iter().flat_map(|r| r.warnings.iter().cloned());
    findings.chain(receipt).collect()
}

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
    pub(super) fn line(&self, item: &Item) -> String {
        let object = json(item);
        let text = |v: Option<&Value>| v.filter(|v| !v.is_null()).map(plain).unwrap_or_default();
        let mut out = String::new();
        for part in &self.0 {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Field(field) if field == "name" => out.push_str(&item.name),
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
