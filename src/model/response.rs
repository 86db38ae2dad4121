//! A provider's response: its JSON as text, and no more of it than is worth keeping.
//!
//! Why text: a tree of values takes up to a hundred times the memory of its text, and a provider decides how large it is.

use std::fmt::{self, Debug, Formatter};

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

/// Bytes that are kept of a response.
pub const MAX_RESPONSE: usize = 64 * 1024;

/// Bytes of them that only the wanted values may take, so that nothing else crowds them out.
const RESERVED: usize = 24 * 1024;

/// Bytes of a wanted text. A longer one is kept only where there is room for it, like everything else.
const MAX_WANTED: usize = 8 * 1024;

/// Deeper values are skipped, so that a stack never runs out.
const MAX_DEPTH: usize = 32;

/// A response as it is kept: JSON of at most [`MAX_RESPONSE`] bytes, or nothing.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Response(Box<str>);

impl Response {
    /// Returns whether there is none.
    pub fn is_null(&self) -> bool {
        self.0.is_empty() || &*self.0 == "null"
    }

    /// Returns its JSON.
    pub fn as_str(&self) -> &str {
        if self.0.is_empty() { "null" } else { &self.0 }
    }

    /// Reads it as a tree, for as long as one is needed.
    pub fn value(&self) -> Value {
        serde_json::from_str(self.as_str()).unwrap_or_default()
    }

    /// Writes it in many lines, as people read it.
    pub fn pretty(&self) -> String {
        serde_json::to_string_pretty(&self.value()).unwrap_or_default()
    }
}

impl Debug for Response {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl From<&Value> for Response {
    fn from(value: &Value) -> Response {
        Response::deserialize(value).unwrap_or_default()
    }
}

impl From<Value> for Response {
    fn from(value: Value) -> Response {
        Response::from(&value)
    }
}

impl Serialize for Response {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value().serialize(serializer)
    }
}

/// One that is too long, from an earlier version of Hoist, is cut as it is read.
impl<'de> Deserialize<'de> for Response {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Response, D::Error> {
        let mut out = ResponseWriter::new(0);
        Copying { out: &mut out, wanted: &[], leaf: false, depth: 0 }.deserialize(deserializer)?;
        Ok(Response(out.text.into()))
    }
}

/// A response cut to what is kept of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condensed {
    /// Its JSON, which is whole whatever the response was.
    pub text: String,
    /// Something was left out.
    pub is_cut: bool,
    /// The response's JSON ended where it should.
    pub is_whole: bool,
}

/// Cuts a JSON object to [`MAX_RESPONSE`] bytes, in one pass and without a tree. Values at the `wanted` paths (`data/url`)
/// are kept wherever they stand; of the rest the beginning. Whatever follows the object is ignored. None where the text
/// does not begin with an object.
pub fn condense(text: &str, wanted: &[&str]) -> Option<Condensed> {
    if !text.trim_start().starts_with('{') {
        return None;
    }
    let mut out = ResponseWriter::new(RESERVED);
    let mut reader = serde_json::Deserializer::from_str(text);
    let read = Copying { out: &mut out, wanted, leaf: false, depth: 0 }.deserialize(&mut reader);
    if out.text.is_empty() {
        out.text.push_str("{}"); // it broke before its first name
    }
    Some(Condensed { text: out.text, is_cut: out.is_cut, is_whole: read.is_ok() })
}

/// What was written, and how much more may be.
struct ResponseWriter {
    text: String,
    room: usize,
    reserve: usize,
    is_cut: bool,
}

impl ResponseWriter {
    fn new(reserve: usize) -> ResponseWriter {
        ResponseWriter { text: String::new(), room: MAX_RESPONSE - reserve, reserve, is_cut: false }
    }

    /// Returns whether so many bytes may be written.
    fn has_room(&self, bytes: usize, wanted: bool) -> bool {
        self.room >= bytes || (wanted && self.reserve >= bytes)
    }

    /// Writes, or notes that there was no room.
    fn write(&mut self, text: &str, wanted: bool) -> bool {
        let bytes = text.len();
        if wanted && self.reserve >= bytes {
            self.reserve -= bytes;
        } else if self.room >= bytes {
            self.room -= bytes;
        } else {
            self.is_cut = true;
            return false;
        }
        self.text.push_str(text);
        true
    }

    /// Takes back what was written since, and frees none of its room: that would let a hostile response make the
    /// same room used up again and again.
    fn undo(&mut self, to: usize) {
        self.text.truncate(to);
        self.is_cut = true;
    }
}

/// Copies one value. Whether anything was written is the result; the room for it is checked first.
struct Copying<'a> {
    out: &'a mut ResponseWriter,
    /// Paths that are wanted below it.
    wanted: &'a [&'a str],
    /// It is wanted itself.
    leaf: bool,
    depth: usize,
}

impl Copying<'_> {
    fn is_wanted(&self) -> bool {
        self.leaf || !self.wanted.is_empty()
    }

    fn scalar(self, text: &str) -> bool {
        let wanted = self.is_wanted();
        self.out.write(text, wanted)
    }
}

impl<'de> DeserializeSeed<'de> for Copying<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        let hopeless = !self.out.has_room(2, self.is_wanted());
        if self.depth > MAX_DEPTH || hopeless {
            self.out.is_cut = true;
            return IgnoredAny::deserialize(deserializer).map(|_| false);
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Copying<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<bool, E> {
        Ok(self.scalar(if value { "true" } else { "false" }))
    }

    fn visit_i64<E>(self, value: i64) -> Result<bool, E> {
        Ok(self.scalar(&value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<bool, E> {
        Ok(self.scalar(&value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<bool, E> {
        Ok(self.scalar(&Value::from(value).to_string()))
    }

    fn visit_unit<E>(self) -> Result<bool, E> {
        Ok(self.scalar("null"))
    }

    fn visit_str<E>(self, value: &str) -> Result<bool, E> {
        let wanted = self.is_wanted() && value.len() <= MAX_WANTED;
        if !self.out.has_room(value.len() + 2, wanted) {
            self.out.is_cut = true;
            return Ok(false);
        }
        let text = serde_json::to_string(value).unwrap_or_default();
        Ok(self.out.write(&text, wanted))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut all: A) -> Result<bool, A::Error> {
        let out = self.out;
        if !out.write("[]", false) {
            return consume_seq(all).map(|()| false);
        }
        out.text.pop();
        let mut is_first = true;
        let ended = loop {
            let undo = out.text.len();
            if !is_first && !out.write(",", false) {
                break consume_seq(all);
            }
            let begin = out.text.len();
            let value = Copying { out: &mut *out, wanted: &[], leaf: false, depth: self.depth + 1 };
            match all.next_element_seed(value) {
                Ok(Some(true)) => is_first = false,
                Ok(Some(false)) => out.undo(undo),
                Ok(None) => {
                    out.text.truncate(undo);
                    break Ok(());
                }
                Err(e) => {
                    if out.text.len() == begin {
                        out.undo(undo);
                    }
                    break Err(e);
                }
            }
        };
        out.text.push(']');
        ended.map(|()| true)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut all: A) -> Result<bool, A::Error> {
        let is_wanted = self.is_wanted();
        let out = self.out;
        if !out.write("{}", is_wanted) {
            return consume_map(all).map(|()| false);
        }
        out.text.pop();
        let mut is_first = true;
        let ended = loop {
            let name = match all.next_key::<String>() {
                Ok(Some(name)) => name,
                Ok(None) => break Ok(()),
                Err(e) => break Err(e),
            };
            let below: Vec<&str> = self.wanted.iter().filter_map(|path| below(path, &name)).collect();
            let leaf = self.wanted.contains(&name.as_str());
            let wanted = leaf || !below.is_empty();
            let undo = out.text.len();
            let comma = if is_first { "" } else { "," };
            let fits = out.has_room(name.len() + 6, wanted)
                && out
                    .write(&format!("{comma}{}:", serde_json::to_string(&name).unwrap_or_default()), wanted);
            if !fits {
                out.undo(undo);
                match all.next_value::<IgnoredAny>() {
                    Ok(_) => continue,
                    Err(e) => break Err(e),
                }
            }
            let begin = out.text.len();
            let value = Copying { out: &mut *out, wanted: &below, leaf, depth: self.depth + 1 };
            match all.next_value_seed(value) {
                Ok(true) => is_first = false,
                Ok(false) => out.undo(undo),
                Err(e) => {
                    if out.text.len() == begin {
                        out.undo(undo);
                    }
                    break Err(e);
                }
            }
        };
        out.text.push('}');
        ended.map(|()| true)
    }
}

/// Returns the rest of a path behind its first name.
fn below<'a>(path: &'a str, name: &str) -> Option<&'a str> {
    path.strip_prefix(name)?.strip_prefix('/')
}

fn consume_seq<'de, A: SeqAccess<'de>>(mut all: A) -> Result<(), A::Error> {
    while all.next_element::<IgnoredAny>()?.is_some() {}
    Ok(())
}

fn consume_map<'de, A: MapAccess<'de>>(mut all: A) -> Result<(), A::Error> {
    while all.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
    Ok(())
}

/// Returns whether a value is worth copying out of a response: a single value, or a small group of them. The response itself has
/// the others.
pub fn is_small(value: &Value) -> bool {
    fn fits(value: &Value, left: &mut usize) -> bool {
        let taken = if let Value::String(text) = value { text.len() } else { 8 };
        *left = left.saturating_sub(taken);
        let inside = match value {
            Value::Array(all) => all.iter().all(|value| fits(value, left)),
            Value::Object(all) => all.iter().all(|(name, value)| {
                *left = left.saturating_sub(name.len());
                fits(value, left)
            }),
            _ => true,
        };
        inside && *left > 0
    }
    fits(value, &mut (MAX_WANTED + 1))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const WANTED: [&str; 4] = ["id", "url", "data/url", "data/inner/id"];

    fn condensed(text: &str) -> Condensed {
        condense(text, &WANTED).unwrap()
    }

    fn value(condensed: &Condensed) -> Value {
        serde_json::from_str(&condensed.text).unwrap_or_else(|e| panic!("{e}: {}", condensed.text))
    }

    /// Far more than is kept, in small pieces.
    fn many() -> String {
        let all: Vec<_> = (0..100_000).map(|n| format!("{{\"n\":{n}}}")).collect();
        format!("[{}]", all.join(","))
    }

    #[test]
    fn a_small_response_stays_as_it_is() {
        for text in [
            r#"{"id":"x","n":[1,-2,0.5,true,null,{"a":"\"ü\\"}],"o":{},"l":[]}"#,
            "{}",
            r#"{"a":18446744073709551615}"#,
        ] {
            let all = Condensed { text: text.into(), is_cut: false, is_whole: true };
            assert_eq!(condensed(text), all);
            assert_eq!(condensed(&format!("  {text} and more")), all, "what follows is ignored");
        }
        assert_eq!(condense("[1]", &WANTED), None);
        assert_eq!(condense("<html>", &WANTED), None);
    }

    #[test]
    fn wanted_values_are_kept_wherever_they_stand() {
        let many = many();
        for (text, pointer) in [
            (format!(r#"{{"id":"x","junk":{many}}}"#), "/id"),
            (format!(r#"{{"junk":{many},"id":"x"}}"#), "/id"),
            (format!(r#"{{"data":{{"junk":{many},"url":"x"}}}}"#), "/data/url"),
            (format!(r#"{{"junk":{many},"data":{{"junk":{many},"inner":{{"id":"x"}}}}}}"#), "/data/inner/id"),
            (format!(r#"{{"data":{many},"id":"x"}}"#), "/id"),
        ] {
            let condensed = condensed(&text);
            assert!(condensed.is_cut && condensed.is_whole);
            assert!(condensed.text.len() <= MAX_RESPONSE, "{}", condensed.text.len());
            let value = value(&condensed);
            assert_eq!(value.pointer(pointer), Some(&json!("x")), "{pointer}");
            if pointer != "/data/inner/id" {
                assert!(condensed.text.len() > MAX_RESPONSE / 3, "the beginning of the rest is kept");
            }
            let kept: Response = serde_json::from_str(&condensed.text).unwrap();
            assert_eq!(kept.as_str(), condensed.text, "what was cut once is not cut again");
        }
    }

    #[test]
    fn no_response_is_kept_longer_than_the_bound_whatever_repeats_in_it() {
        let long = "y".repeat(MAX_WANTED);
        for part in [
            r#""id":"x""#.to_owned(),
            format!(r#""id":"{long}""#),
            format!(r#""{long}":1"#),
            r#""data":{}"#.to_owned(),
            r#""data":{"inner":{"id":"\u0001"}}"#.to_owned(),
            r#""a":[]"#.to_owned(),
            r#""a":[[[[[[1]]]]]]"#.to_owned(),
            format!(r#""data":"{}""#, "z".repeat(3 * MAX_RESPONSE)),
        ] {
            let parts = vec![part.as_str(); 2_000_000 / part.len()];
            let condensed = condensed(&format!("{{{}}}", parts.join(",")));
            assert!(condensed.text.len() <= MAX_RESPONSE, "{} of {part:.20}", condensed.text.len());
            assert!(condensed.is_cut && condensed.is_whole);
            value(&condensed);
        }
    }

    #[test]
    fn what_is_broken_off_keeps_what_came_before() {
        for (text, expected) in [
            (r#"{"id":"x","url":"htt"#, json!({"id": "x"})),
            (r#"{"id":"x","u"#, json!({"id": "x"})),
            (r#"{"id":"x","#, json!({"id": "x"})),
            (r#"{"id":"x" "url""#, json!({"id": "x"})),
            (
                r#"{"id":"x","data":{"url":"y","more":[1,{"a":2"#,
                json!({"id": "x", "data": {"url": "y", "more": [1, {"a": 2}]}}),
            ),
            (r#"{"id"#, json!({})),
            ("{", json!({})),
            (r#"{"data":{"url":"y"#, json!({"data": {}})),
        ] {
            let condensed = condensed(text);
            assert!(!condensed.is_whole, "{text}");
            assert_eq!(value(&condensed), expected, "{text}");
        }
    }

    #[test]
    fn depth_is_no_danger() {
        for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
            let deep =
                format!("{{\"junk\":{}1{},\"id\":\"x\"}}", open.repeat(100_000), close.repeat(100_000));
            let condensed = condensed(&deep);
            assert!(condensed.is_cut && condensed.is_whole);
            assert_eq!(value(&condensed)["id"], "x");
        }
    }

    #[test]
    fn a_response_is_stored_as_json_and_one_of_an_earlier_version_is_cut_as_it_is_read() {
        let value = json!({"id": "x", "n": [1, {"a": null}]});
        let response = Response::from(&value);
        assert_eq!(serde_json::to_value(&response).unwrap(), value);
        assert_eq!(serde_json::from_value::<Response>(value.clone()).unwrap(), response);
        assert_eq!(response.value(), value);
        assert!(
            Response::default().is_null() && Response::from(Value::Null).is_null() && !response.is_null()
        );
        let long: Response = serde_json::from_str(&format!(r#"{{"id":"x","junk":{}}}"#, many())).unwrap();
        assert!(long.as_str().len() <= MAX_RESPONSE);
        assert_eq!(long.value()["id"], "x");
    }

    #[test]
    fn large_groups_are_no_values_to_copy() {
        assert!(is_small(&json!("x")) && is_small(&json!([1, 2, {"a": "b"}])) && is_small(&Value::Null));
        assert!(is_small(&json!("x".repeat(MAX_WANTED))));
        assert!(!is_small(&json!("x".repeat(2 * MAX_WANTED))) && !is_small(&json!(vec![1; 5000])));
    }

    proptest! {
        #[test]
        fn any_text_gives_whole_json_within_the_bound(text in r#"\{("(id|a|data)":|[\{\}\[\],:"\\]|"x"|[0-9e.-]|true|null|\PC){0,60}"#) {
            let condensed = condensed(&text);
            prop_assert!(condensed.text.len() <= MAX_RESPONSE);
            prop_assert!(serde_json::from_str::<Value>(&condensed.text).is_ok(), "{}", condensed.text);
        }

        #[test]
        fn an_object_cut_off_anywhere_gives_whole_json(at in 0usize..200) {
            let whole = json!({"id": "x", "data": {"url": "ü", "list": [1, [2, {"b": []}], "c\"\\"]}, "n": -1.5}).to_string();
            let at = (0..=at.min(whole.len())).rev().find(|at| whole.is_char_boundary(*at)).unwrap();
            if let Some(condensed) = condense(&whole[..at], &WANTED) {
                prop_assert!(serde_json::from_str::<Value>(&condensed.text).is_ok(), "{}", condensed.text);
                prop_assert_eq!(condensed.is_whole, at == whole.len());
            }
        }
    }
}
