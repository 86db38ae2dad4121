//! What an uploader sends: the file alone, a form with it, or JSON with it.

use serde_json::Value;

use super::keys;
use super::problems::{ProblemList, entry};
use super::request::{NamedTexts, has_code, is_name};
use super::source::{UploaderBody, UploaderFile};
use super::syntax::{SyntaxForm, escaped};
use super::write;

/// Returns the body as the format has it.
pub(super) fn body(file: &UploaderFile, parts: &NamedTexts, problems: &mut ProblemList) -> Option<String> {
    let no_file = match file.body {
        UploaderBody::Binary => return Some(write::quoted("file")),
        UploaderBody::Multipart => return multipart(file, parts, problems),
        UploaderBody::Json => return json(file, problems),
        UploaderBody::None => "is None, and so sends no file",
        UploaderBody::UrlEncoded => "is FormURLEncoded, which sends texts and no file",
        UploaderBody::Xml => "is XML, which Hoist does not send",
    };
    problems.add("Body", no_file);
    None
}

fn multipart(file: &UploaderFile, parts: &NamedTexts, problems: &mut ProblemList) -> Option<String> {
    if !is_name(&file.file_part) {
        let why = match file.file_part.is_empty() {
            true => "is missing: it names the form's part that is the file",
            false => "has other than letters, digits, - and _",
        };
        problems.add("FileFormName", why);
        return None;
    }
    if keys::looks_like_key(&file.file_part) {
        problems.add("FileFormName", "looks like a key");
        return None;
    }
    let texts = parts
        .iter()
        .map(|(name, text)| write::table([("name", write::quoted(name)), ("text", write::quoted(text))]));
    let own = write::table([("name", write::quoted(&file.file_part)), ("file", "true".to_owned())]);
    let all: Vec<_> = texts.chain([own]).collect();
    Some(format!("{{ multipart = [\n  {},\n] }}", all.join(",\n  ")))
}

fn json(file: &UploaderFile, problems: &mut ProblemList) -> Option<String> {
    const FIELD: &str = "Data";
    let data: Value = match serde_json::from_str(&file.data) {
        Ok(data @ Value::Object(_)) => data,
        _ => {
            problems.add(FIELD, "must be a JSON object");
            return None;
        }
    };
    if has_code(&file.data) {
        problems.add(FIELD, "has a code like %y or %guid, which Hoist does not have");
        return None;
    }
    let mut reader = DataReader { form: file.form, contents: 0, problems };
    let data = reader.value("", data, 0)?;
    if reader.contents != 1 {
        let why = match reader.contents {
            0 => "has no {base64:{input}}, and so sends no file",
            _ => "has the file more than once",
        };
        problems.add(FIELD, why);
        return None;
    }
    let text = write::json(&data);
    if text.is_none() {
        problems.add(FIELD, "has a null, a number too large or a table too deep for a provider's file");
    }
    text.map(|text| format!("{{ json = {text} }}"))
}

/// Reads the texts of a JSON body as templates.
struct DataReader<'a> {
    form: SyntaxForm,
    /// So often the file stood in it.
    contents: usize,
    problems: &'a mut ProblemList,
}

impl DataReader<'_> {
    fn value(&mut self, name: &str, value: Value, depth: usize) -> Option<Value> {
        if depth > 32 {
            self.problems.add("Data", "has tables within tables, deeper than Hoist reads");
            return None;
        }
        Some(match value {
            Value::String(text) => Value::String(self.text(name, &text)?),
            Value::Array(all) => Value::Array(
                all.into_iter().map(|one| self.value(name, one, depth + 1)).collect::<Option<_>>()?,
            ),
            Value::Object(all) => {
                let mut members = serde_json::Map::new();
                for (name, one) in all {
                    if keys::looks_like_key(&name) {
                        self.problems.add("Data", "has a name that looks like a key");
                        return None;
                    }
                    let one = self.value(&name, one, depth + 1)?;
                    members.insert(name, one);
                }
                Value::Object(members)
            }
            Value::Number(number) if keys::is_key_name(name) && !keys::is_plain(&number.to_string()) => {
                self.hidden(name, &number.to_string())?
            }
            other => other,
        })
    }

    fn hidden(&mut self, name: &str, text: &str) -> Option<Value> {
        if keys::is_plain(text) {
            return Some(text.into());
        }
        self.problems.add(
            &entry("Data", name),
            "has what looks like a key; Hoist sends keys in a header, a parameter or a field",
        );
        None
    }

    /// `ShareX` knows two calls here. The file's bytes are a text only in base64.
    fn text(&mut self, name: &str, text: &str) -> Option<String> {
        let calls = match self.form {
            SyntaxForm::Braces => ["{base64:{input}}", "{filename}", "{input}"],
            SyntaxForm::Dollars => ["$base64:input$", "$filename$", "$input$"],
        };
        let (mut out, mut plain, mut rest) = (String::new(), String::new(), text);
        while let Some(c) = rest.chars().next() {
            let starts =
                |call: &&str| rest.get(..call.len()).is_some_and(|head| head.eq_ignore_ascii_case(call));
            let Some(at) = calls.iter().position(starts) else {
                out.push_str(&escaped(c.encode_utf8(&mut [0; 4])));
                plain.push(c);
                rest = &rest[c.len_utf8()..];
                continue;
            };
            match at {
                0 => {
                    self.contents += 1;
                    out.push_str("{file.base64}");
                }
                1 => out.push_str("{file.name}"),
                _ => {
                    let why = "has {input}, which is a text; Hoist sends the file, as {base64:{input}}";
                    self.problems.add(&entry("Data", name), why);
                    return None;
                }
            }
            rest = &rest[calls[at].len()..];
        }
        let is_key = keys::is_key_name(name) || keys::hides_key(&plain) || keys::asks_for_key(&plain);
        if is_key {
            self.hidden(name, &plain)?;
        }
        Some(out)
    }
}
