//! Writes values as TOML has them. Every text goes through here, so that nothing in an uploader can end its own quotes.

use std::fmt::Write as _;

use serde_json::Value;

/// JSON of a body is no deeper.
const MAX_DEPTH: usize = 16;

/// Returns a text between quotes.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Returns a table in one line, of values that are TOML already.
pub(super) fn table<'a>(pairs: impl IntoIterator<Item = (&'a str, String)>) -> String {
    let pairs = pairs.into_iter().map(|(name, value)| format!("{} = {value}", quoted(name)));
    let pairs: Vec<_> = pairs.collect();
    if pairs.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", pairs.join(", ")) }
}

/// Returns a list of texts in one line.
pub(super) fn list<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let texts: Vec<_> = texts.into_iter().map(quoted).collect();
    format!("[{}]", texts.join(", "))
}

/// Returns JSON as TOML; none where TOML has no such value.
pub(super) fn json(value: &Value) -> Option<String> {
    below(value, 0)
}

fn below(value: &Value, depth: usize) -> Option<String> {
    if depth > MAX_DEPTH {
        return None;
    }
    Some(match value {
        Value::Null => return None,
        Value::Bool(is) => is.to_string(),
        Value::Number(number) if number.is_i64() => number.to_string(),
        // `1.0` and `1e3` stay numbers with a point.
        Value::Number(number) => format!("{:?}", number.as_f64().filter(|_| number.is_f64())?),
        Value::String(text) => quoted(text),
        Value::Array(all) => {
            let all: Vec<_> = all.iter().map(|one| below(one, depth + 1)).collect::<Option<_>>()?;
            format!("[{}]", all.join(", "))
        }
        Value::Object(all) => {
            let all = all.iter().map(|(name, one)| Some((name.as_str(), below(one, depth + 1)?)));
            table(all.collect::<Option<Vec<_>>>()?)
        }
    })
}
