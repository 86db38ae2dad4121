//! What an uploader sends beside the file: parameters, headers and parts of a form, and the key among them.

use super::keys::{self, UploaderKey};
use super::problems::{ProblemList, entry};
use super::source::{UploaderBody, UploaderFile};
use super::syntax::{SyntaxForm, SyntaxPart, constant, escaped, parse};
use super::write::quoted;
use crate::provider::hosts;

/// `%` and one of these is a date, a number or a name of the computer, in texts that `ShareX` sends.
const CODES: [&str; 23] = [
    "t", "y", "w", "d", "h", "s", "i", "n", "pn", "pm", "mo", "mi", "ms", "unix", "rn", "ra", "rx", "rf",
    "guid", "remoji", "un", "uln", "cn",
];

/// Names and templates.
pub(super) type NamedTexts = Vec<(String, String)>;

/// What a request has beside the file.
#[derive(Default)]
pub(super) struct RequestFields {
    pub(super) query: NamedTexts,
    pub(super) headers: NamedTexts,
    pub(super) parts: NamedTexts,
    /// Every key that was found; the format sends one.
    pub(super) keys: Vec<UploaderKey>,
}

impl RequestFields {
    /// Reads parameters, headers and arguments.
    pub(super) fn read(
        file: &UploaderFile,
        in_address: &[(String, Vec<SyntaxPart>)],
        problems: &mut ProblemList,
    ) -> RequestFields {
        let mut fields = RequestFields::default();
        for (name, text) in &file.parameters {
            let field = entry("Parameters", name);
            if let Some(parts) = value(&field, text, file.form, problems) {
                fields.add_parameter(&field, name, &parts, problems);
            }
        }
        for (name, parts) in
            in_address.iter().filter(|(name, _)| !file.parameters.iter().any(|(n, _)| n == name))
        {
            fields.add_parameter(&entry("RequestURL", name), name, parts, problems);
        }
        for (name, text) in &file.headers {
            let field = entry("Headers", name);
            if let Some(parts) = value(&field, text, file.form, problems) {
                fields.add_header(&field, &name.to_ascii_lowercase(), &parts, file.body, problems);
            }
        }
        if file.body == UploaderBody::Multipart {
            for (name, text) in &file.arguments {
                let field = entry("Arguments", name);
                let Some(parts) = value(&field, text, file.form, problems) else { continue };
                if !is_name(name) {
                    problems.add(&field, "has a name with other than letters, digits, - and _");
                } else if let Some(key) = RequestFields::sorted(&field, name, &parts, problems) {
                    match key {
                        FieldValue::Plain(template) => fields.parts.push((name.clone(), template)),
                        FieldValue::Hidden(text) => {
                            let auth = format!("{{ field = {} }}", quoted(name));
                            fields.keys.push(UploaderKey { field, auth, key: keys::real(&text) });
                        }
                    }
                }
            }
        }
        if let [first, others @ ..] = &*fields.keys
            && !others.is_empty()
        {
            for other in others {
                let why = format!("has a second key beside {}; Hoist sends one key", first.field);
                problems.add(&other.field, &why);
            }
        }
        fields
    }

    fn add_parameter(&mut self, field: &str, name: &str, parts: &[SyntaxPart], problems: &mut ProblemList) {
        if !is_name(name) {
            problems.add(field, "has a name with other than letters, digits, - and _");
            return;
        }
        match RequestFields::sorted(field, name, parts, problems) {
            None => {}
            Some(FieldValue::Plain(template)) => self.query.push((name.to_owned(), template)),
            Some(FieldValue::Hidden(text)) => {
                let auth = format!("{{ query = {} }}", quoted(name));
                self.keys.push(UploaderKey { field: field.to_owned(), auth, key: keys::real(&text) });
            }
        }
    }

    fn add_header(
        &mut self,
        field: &str,
        name: &str,
        parts: &[SyntaxPart],
        body: UploaderBody,
        problems: &mut ProblemList,
    ) {
        let token = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        if name.is_empty() || name.len() > 80 || !name.bytes().all(token) {
            return problems.add(field, "has a name that no header can have");
        }
        let is_sendable = |text: &str| text.chars().all(|c| c == ' ' || c.is_ascii_graphic());
        if !parts.iter().all(|part| {
            matches!(part, SyntaxPart::Call(_)) || matches!(part, SyntaxPart::Text(text) if is_sendable(text))
        }) {
            return problems.add(field, "has a line break or a letter that no header can carry");
        }
        if self.headers.iter().any(|(known, _)| known == name) {
            return problems.add(field, "stands there twice");
        }
        if name == "authorization" {
            match constant(parts) {
                None => problems.add(field, "is not the same for every file"),
                Some(text) => {
                    let (auth, key) = keys::read_header_key(name, &text);
                    self.keys.push(UploaderKey { field: field.to_owned(), auth, key });
                }
            }
            return;
        }
        if hosts::is_own_header(name) {
            return problems.add(field, "is a header that Hoist sets itself");
        }
        if name == "content-type" {
            let text = constant(parts).unwrap_or_default().to_ascii_lowercase();
            match body {
                UploaderBody::Multipart if text.starts_with("multipart/form-data") => return,
                UploaderBody::Json if text.starts_with("application/json") => return,
                UploaderBody::Multipart | UploaderBody::Json => {
                    return problems.add(field, "is another type than the body's own");
                }
                _ => {}
            }
        }
        match RequestFields::sorted(field, name, parts, problems) {
            None => {}
            Some(FieldValue::Plain(template)) => self.headers.push((name.to_owned(), template)),
            Some(FieldValue::Hidden(text)) => {
                let (auth, key) = keys::read_header_key(name, &text);
                self.keys.push(UploaderKey { field: field.to_owned(), auth, key });
            }
        }
    }

    /// Returns a value as a template, or as a key.
    fn sorted(
        field: &str,
        name: &str,
        parts: &[SyntaxPart],
        problems: &mut ProblemList,
    ) -> Option<FieldValue> {
        if keys::looks_like_key(name) {
            problems.add(field, "has a name that looks like a key");
            return None;
        }
        let texts: String = parts
            .iter()
            .filter_map(|part| match part {
                SyntaxPart::Text(text) => Some(text.as_str()),
                SyntaxPart::Call(_) => None,
            })
            .collect();
        let whole = constant(parts);
        let read = whole.as_deref().unwrap_or(&texts);
        let is_named = keys::is_key_name(name) && !keys::is_plain(read);
        if is_named || keys::looks_like_key(read) || keys::hides_key(read) || keys::asks_for_key(read) {
            return match whole {
                Some(text) if !text.chars().any(char::is_control) => Some(FieldValue::Hidden(text)),
                Some(_) => {
                    problems.add(field, "has a line break in what looks like a key");
                    None
                }
                None => {
                    problems.add(field, "has what looks like a key in a text that differs from file to file");
                    None
                }
            };
        }
        problems.note(field, template(parts)).map(FieldValue::Plain)
    }
}

/// What a value is.
enum FieldValue {
    /// A template.
    Plain(String),
    /// It has to go to the keyring.
    Hidden(String),
}

/// Returns whether parameters and parts can be called so.
pub(super) fn is_name(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'[' | b']' | b':');
    (1..=80).contains(&name.len()) && name.bytes().all(plain)
}

/// Returns whether a text has a date, a counter or a name of the computer in it.
pub(super) fn has_code(text: &str) -> bool {
    text.match_indices('%').any(|(at, _)| CODES.iter().any(|code| text[at + 1..].starts_with(code)))
}

/// Reads a value that is sent.
fn value(field: &str, text: &str, form: SyntaxForm, problems: &mut ProblemList) -> Option<Vec<SyntaxPart>> {
    if has_code(text) {
        problems.add(field, "has a code like %y or %guid, which Hoist does not have");
        return None;
    }
    problems.note(field, parse(text, form))
}

/// Why a value cannot be sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
enum ValueError {
    #[error("has {{base64}} of a text that differs from file to file")]
    VaryingBase64,
    /// As sentences show it.
    #[error("has {0}, which Hoist does not have in requests")]
    UnknownCall(String),
}

/// Returns a text as a template.
fn template(parts: &[SyntaxPart]) -> Result<String, ValueError> {
    let mut out = String::new();
    for part in parts {
        match part {
            SyntaxPart::Text(text) => out.push_str(&escaped(text)),
            SyntaxPart::Call(call) => match call.name.as_str() {
                "filename" => out.push_str("{file.name}"),
                // It is the text that is uploaded, and empty where that is a file.
                "input" => {}
                "base64" => match constant(std::slice::from_ref(part)) {
                    Some(text) => out.push_str(&escaped(&text)),
                    None => return Err(ValueError::VaryingBase64),
                },
                _ => return Err(ValueError::UnknownCall(call.shown())),
            },
        }
    }
    Ok(out)
}
