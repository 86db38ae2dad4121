//! How an uploader reads replies, and a reply that is read so: what the sandbox answers.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::json_path;
use super::keys;
use super::problems::ProblemList;
use super::source::UploaderFile;
use super::syntax::{SyntaxCall, SyntaxForm, SyntaxPart, escaped, parse};
use super::write;
use crate::model::text::sanitize;
use crate::provider::http::own_name;

/// How replies are read, as the format has it.
#[derive(Default)]
pub(super) struct ReplyRules {
    /// A pointer, `text`, or a template of what was captured.
    pub(super) url: String,
    /// Names and captures, as TOML.
    pub(super) captures: Vec<(String, String)>,
    pub(super) values: Vec<String>,
    /// The link has the file's name in it.
    pub(super) names_file: bool,
    /// A reply.
    pub(super) example: String,
    /// Its headers, as templates.
    pub(super) headers: Vec<(String, String)>,
    /// What of the uploader has no use here, a sentence each.
    pub(super) notes: Vec<String>,
}

impl ReplyRules {
    /// Reads the three addresses that an uploader takes from replies.
    pub(super) fn read(file: &UploaderFile, id: &str, problems: &mut ProblemList) -> ReplyRules {
        let mut rules = ReplyRules::default();
        let mut example = ExampleReply::default();
        let link = format!("{{origin}}/{id}/{{uuid}}.{{file.ext}}");
        let parts = problems.note("URL", parse(&file.url, file.form)).unwrap_or_default();
        match &*parts {
            [] => "text".clone_into(&mut rules.url),
            [SyntaxPart::Call(call)] if call.name == "response" => "text".clone_into(&mut rules.url),
            [SyntaxPart::Call(call)] if call.name == "json" => {
                if let Some(pointer) = json(call, "URL", problems) {
                    example.set(&pointer, &link, "URL", problems);
                    rules.values.push(pointer.clone());
                    rules.url = pointer;
                }
            }
            parts => rules.template(parts, &mut example, problems),
        }
        rules.deletion(&file.deletion, file.form, &mut example, problems);
        rules.thumbnail(&file.thumbnail, file.form, &mut example);
        let is_text = rules.url == "text" || rules.captures.iter().any(|(_, capture)| capture == TEXT);
        if is_text && !example.0.is_empty() {
            problems.add("URL", "reads the reply as a text, and another field reads it as JSON");
        }
        rules.example = match (is_text, rules.url == "text") {
            (true, true) => link,
            (true, false) => "{uuid}".to_owned(),
            (false, _) => Value::Object(example.0).to_string(),
        };
        rules
    }

    /// Reads a link that is put together.
    fn template(&mut self, parts: &[SyntaxPart], example: &mut ExampleReply, problems: &mut ProblemList) {
        const FIELD: &str = "URL";
        for part in parts {
            match part {
                SyntaxPart::Text(text) if keys::hides_key(text) => {
                    problems.add(FIELD, "has what looks like a key in it");
                }
                SyntaxPart::Text(text) if text.chars().any(|c| c.is_control() || c.is_whitespace()) => {
                    problems.add(FIELD, "has a blank or a line break in it");
                }
                SyntaxPart::Text(text) => self.url.push_str(&escaped(text)),
                SyntaxPart::Call(call) => match call.name.as_str() {
                    "json" => {
                        let Some(pointer) = json(call, FIELD, problems) else { continue };
                        example.set(&pointer, "{uuid}", FIELD, problems);
                        self.capture(write::quoted(&pointer));
                    }
                    "response" => self.capture(TEXT.to_owned()),
                    "header" => {
                        let Some(name) = header(call, FIELD, problems) else { continue };
                        self.capture(write::table([("header", write::quoted(&name))]));
                        let value = if parts.len() == 1 { "{origin}/{uuid}" } else { "{uuid}" };
                        if !self.headers.iter().any(|(known, _)| *known == name) {
                            self.headers.push((name, value.to_owned()));
                        }
                    }
                    "filename" => {
                        self.names_file = true;
                        self.url.push_str("{file.name}");
                    }
                    _ => problems.add(FIELD, &foreign(call)),
                },
            }
        }
        if !parts.iter().any(|part| matches!(part, SyntaxPart::Call(_))) {
            problems.add(FIELD, "is the same for every file, so that it is no link to one");
        }
    }

    fn capture(&mut self, capture: String) {
        let known = self.captures.iter().position(|(_, other)| *other == capture);
        let number = known.unwrap_or(self.captures.len()) + 1;
        let name = format!("part{number}");
        let _ = write!(self.url, "{{capture.{name}}}");
        if known.is_none() {
            self.captures.push((name, capture));
        }
    }

    /// Keeps what a link to delete the file needs: without it the file stays.
    fn deletion(
        &mut self,
        text: &str,
        form: SyntaxForm,
        example: &mut ExampleReply,
        problems: &mut ProblemList,
    ) {
        const FIELD: &str = "DeletionURL";
        let Some(parts) = problems.note(FIELD, parse(text, form)) else { return };
        let mut names = vec![];
        for part in &parts {
            match part {
                SyntaxPart::Text(_) => {}
                SyntaxPart::Call(call) if call.name == "json" => {
                    let Some(pointer) = json(call, FIELD, problems) else { continue };
                    let value = if parts.len() == 1 { "{origin}/deletion/{uuid}" } else { "{uuid}" };
                    example.set(&pointer, value, FIELD, problems);
                    names.push(sanitize(own_name(&pointer)));
                    self.show(pointer);
                }
                SyntaxPart::Call(call) if call.name == "filename" => {}
                SyntaxPart::Call(call) => problems.add(FIELD, &foreign(call)),
            }
        }
        if parts.len() > 1 {
            let kept = if names.is_empty() { "nothing of it".to_owned() } else { names.join(" and ") };
            self.notes.push(format!("{FIELD} is put together of several texts: Hoist keeps {kept}"));
        } else if parts.len() == 1 && names.is_empty() {
            self.notes.push(format!("{FIELD} is the same for every file: Hoist does not keep it"));
        }
    }

    /// Keeps an address of a small picture, where it is one value: Hoist makes small pictures itself.
    fn thumbnail(&mut self, text: &str, form: SyntaxForm, example: &mut ExampleReply) {
        let mut ignored = ProblemList::default();
        if let Ok([SyntaxPart::Call(call)]) = parse(text, form).as_deref()
            && call.name == "json"
            && let Some(pointer) = json(call, "", &mut ignored)
            && !self.values.iter().any(|known| own_name(known) == own_name(&pointer))
        {
            let mut with = ExampleReply(example.0.clone());
            with.set(&pointer, "{origin}/thumbnail/{uuid}", "", &mut ignored);
            if ignored.is_empty() {
                *example = with;
                self.values.push(pointer);
            }
        }
    }

    fn show(&mut self, pointer: String) {
        if !self.values.contains(&pointer) {
            self.values.push(pointer);
        }
    }
}

/// A capture of the whole reply.
const TEXT: &str = "{ text = true }";

/// Returns why a call cannot be made.
fn foreign(call: &SyntaxCall) -> String {
    let reads = match call.name.as_str() {
        "regex" => "finds a part of the reply by a regular expression",
        "responseurl" => "takes the address that the reply was redirected to",
        "xml" => "reads the reply as XML",
        _ => return format!("has {}, which Hoist does not have", call.shown()),
    };
    format!("{reads}, with {}; Hoist reads JSON and plain texts", call.shown())
}

/// Returns what a `json` call points at.
fn json(call: &SyntaxCall, field: &str, problems: &mut ProblemList) -> Option<String> {
    let path = match &*call.parameters {
        [path] => path,
        [input, path] if is_response(input) => path,
        [_, _] => {
            problems.add(field, "reads JSON out of another text than the reply");
            return None;
        }
        _ => {
            problems.add(field, "has {json} without a path");
            return None;
        }
    };
    match &**path {
        [SyntaxPart::Text(path)] => problems.note(field, json_path::pointer(path)),
        _ => {
            problems.add(field, "has {json} without a path that is the same for every file");
            None
        }
    }
}

/// Returns the header that a `header` call names, in small letters.
fn header(call: &SyntaxCall, field: &str, problems: &mut ProblemList) -> Option<String> {
    let name = match &*call.parameters {
        [parts] => match &**parts {
            [SyntaxPart::Text(name)] => Some(name.trim().to_ascii_lowercase()),
            _ => None,
        },
        _ => None,
    };
    let is_name = |name: &String| {
        !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
    };
    let name = name.filter(is_name);
    if name.is_none() {
        problems.add(field, "has {header} without the name of one");
    }
    name
}

fn is_response(parts: &[SyntaxPart]) -> bool {
    matches!(parts, [SyntaxPart::Call(call)] if call.name == "response")
}

/// A reply with something at every pointer.
#[derive(Default)]
struct ExampleReply(Map<String, Value>);

impl ExampleReply {
    fn set(&mut self, pointer: &str, value: &str, field: &str, problems: &mut ProblemList) {
        let names: Vec<String> =
            pointer.split('/').skip(1).map(|name| name.replace("~1", "/").replace("~0", "~")).collect();
        let mut whole = Value::Object(std::mem::take(&mut self.0));
        if !put(&mut whole, &names, value) {
            problems.add(field, "reads a value where another field reads a table or a list");
        }
        if let Value::Object(whole) = whole {
            self.0 = whole;
        }
    }
}

/// Puts a text where the names lead; says whether it stands there now.
fn put(at: &mut Value, names: &[String], value: &str) -> bool {
    let Some((name, below)) = names.split_first() else {
        if at.is_null() {
            *at = value.into();
        }
        return at.is_string();
    };
    let index = name.parse::<usize>().ok().filter(|index| *index < 10 && index.to_string() == *name);
    if at.is_null() {
        *at = if index.is_some() { Value::Array(vec![]) } else { Value::Object(Map::new()) };
    }
    match (at, index) {
        (Value::Array(all), Some(index)) => {
            // Those before it are there, too, and of the same kind: a null would be none.
            while all.len() <= index {
                all.push(Value::Null);
            }
            put(&mut all[index], below, value)
        }
        (Value::Object(all), _) => put(all.entry(name.as_str()).or_insert(Value::Null), below, value),
        _ => false,
    }
}
