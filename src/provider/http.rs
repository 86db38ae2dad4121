//! Requests and replies as data.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::facts::{Auth, Base};
use crate::model::error::{Failure, FailureKind};
use crate::model::trouble;

/// What is sent, without the key: transport alone adds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// `GET` or `POST`.
    pub method: Method,
    /// Scheme and host.
    pub base: &'static Base,
    /// Path and query, encoded.
    pub path: String,
    /// Headers besides the key's and `Content-Length`; values are printable ASCII.
    pub headers: Vec<(&'static str, String)>,
    /// How the key goes in.
    pub auth: Auth,
    /// What follows.
    pub body: Body,
}

/// The two methods the services use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Asks.
    Get,
    /// Uploads.
    Post,
}

/// A request's body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// None.
    Empty,
    /// The file's bytes.
    File,
    /// The file's bytes in base64 between two texts.
    Base64 {
        /// What stands before.
        before: String,
        /// What stands after.
        after: &'static str,
    },
}

impl Body {
    /// The exact `Content-Length` for a file of `size` bytes.
    pub fn length(&self, size: u64) -> u64 {
        match self {
            Body::Empty => 0,
            Body::File => size,
            Body::Base64 { before, after } => before.len() as u64 + size.div_ceil(3) * 4 + after.len() as u64,
        }
    }
}

/// What came back.
#[derive(Clone, Debug, Default)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// `Retry-After` as it was sent.
    pub retry_after: Option<String>,
    /// `Date` as it was sent: what time it is there.
    pub date: Option<String>,
    /// The body, key material removed.
    pub body: Vec<u8>,
    /// There was more than is read of a body.
    pub truncated: bool,
}

impl Reply {
    /// The body as a JSON object, or why a success cannot be read.
    pub fn object(&self) -> Result<Value, Box<Failure>> {
        match serde_json::from_slice::<Value>(&self.body) {
            Ok(value) if value.is_object() => Ok(value),
            _ => Err(Box::new(trouble::unreadable_answer().said(Words::read(&self.body).text))),
        }
    }
}

/// What to answer where a 2xx names no id: the error it carries, or *outcome unknown*.
pub fn without_id(value: &Value, body: &[u8]) -> Box<Failure> {
    let code = value.get("code").and_then(Value::as_i64);
    let error = value.get("error").is_some_and(|e| !e.is_null() && e != "" && e != false);
    if error || code.is_some_and(|c| c != 0 && c != 200) {
        Box::new(
            Failure::new(
                FailureKind::Refused,
                "The service answered with an error",
                "Read what it says, then try again or send it somewhere else",
            )
            .said(Words::read(body).text),
        )
    } else {
        Box::new(trouble::unreadable_answer().said(Words::read(body).text))
    }
}

/// A text field that is there and not empty.
pub fn text(value: &Value, pointer: &str) -> Option<String> {
    value.pointer(pointer).and_then(Value::as_str).filter(|s| !s.trim().is_empty()).map(ToOwned::to_owned)
}

/// An id or a link: a text that is there and no longer than any of them. A longer one is none.
pub fn id(value: &Value, pointer: &str) -> Option<String> {
    text(value, pointer).filter(|id| id.len() <= 8192)
}

/// The named fields of a reply that are there, in that order; null is left out.
pub fn values(value: &Value, names: &[&str]) -> Vec<(String, Value)> {
    names
        .iter()
        .filter_map(|name| {
            let v = value.pointer(&format!("/{}", name.replace('.', "/")))?;
            (!v.is_null() && v != "").then(|| (name.rsplit('.').next().unwrap_or(name).to_owned(), v.clone()))
        })
        .collect()
}

/// What JavaScript's `encodeURIComponent` leaves as it is.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

/// A value for a path or query, as `encodeURIComponent` would write it (Google Flow's document shows it so).
pub fn component(text: &str) -> String {
    let encoded = utf8_percent_encode(text, COMPONENT).to_string();
    // A segment of dots only would be resolved as a way up by URL parsers.
    if !encoded.is_empty() && encoded.bytes().all(|b| b == b'.') {
        encoded.replace('.', "%2E")
    } else {
        encoded
    }
}

/// A service's own words out of a refusal, whatever its shape.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    /// What it says, at most 500 characters.
    pub text: Option<String>,
    /// A machine-readable reason: `PUBLIC_ERROR_…`, `OPEN_API_RUNTIME_ACCESS_FORBIDDEN`.
    pub reason: Option<String>,
    /// What its support asks for.
    pub cf_ray: Option<String>,
}

impl Words {
    /// Reads any of the documented shapes, plain text or HTML.
    pub fn read(body: &[u8]) -> Words {
        let Ok(value) = serde_json::from_slice::<Value>(body) else {
            return Words { text: prose(body), ..Words::default() };
        };
        let first = |names: &[&str]| names.iter().find_map(|n| text(&value, n));
        let reason = value
            .pointer("/error/details")
            .and_then(Value::as_array)
            .and_then(|list| list.iter().find_map(|d| text(d, "/reason")))
            .or_else(|| first(&["/errorCode", "/code"]));
        let said =
            first(&["/error/message", "/error", "/message", "/detail", "/title"]).or_else(|| match &value {
                Value::String(s) if !s.trim().is_empty() => Some(s.clone()),
                _ => None,
            });
        // A reason says more than "Request contains an invalid argument".
        let said = match (said, value.pointer("/error/details").and(reason.as_deref())) {
            (Some(said), Some(reason)) => Some(format!("{said} ({reason})")),
            (said, _) => said,
        };
        Words { text: said.map(|s| shorten(&s)), reason, cf_ray: text(&value, "/upstream/cf_ray") }
    }
}

/// The words of a page or a plain text: tags dropped, white space folded.
fn prose(body: &[u8]) -> Option<String> {
    let body = String::from_utf8_lossy(&body[..body.len().min(16 * 1024)]);
    let mut out = String::new();
    let mut rest: &str = &body;
    while let Some(open) = rest.find('<') {
        out.push_str(&rest[..open]);
        out.push(' ');
        let tag = &rest[open..];
        // What a page's scripts and styles hold is no message.
        let skip_to = ["script", "style", "head"].iter().find_map(|name| {
            let inside = tag[1..].get(..name.len())?.eq_ignore_ascii_case(name);
            inside.then(|| tag.to_ascii_lowercase().find(&format!("</{name}"))).flatten()
        });
        let from = skip_to.unwrap_or(0);
        rest = tag[from..].find('>').map_or("", |close| &tag[from + close + 1..]);
    }
    out.push_str(rest);
    let folded = out.split_whitespace().collect::<Vec<_>>().join(" ");
    (!folded.is_empty()).then(|| shorten(&folded))
}

fn shorten(text: &str) -> String {
    if text.chars().count() <= 500 {
        return text.to_owned();
    }
    let mut out: String = text.chars().take(499).collect();
    out.push('…');
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn said(body: &str) -> Option<String> {
        Words::read(body.as_bytes()).text
    }

    #[test]
    fn every_documented_shape_gives_the_services_own_words() {
        assert_eq!(said(r#"{"error":"Unauthorized"}"#).as_deref(), Some("Unauthorized"));
        assert_eq!(said(r#"{"error":"No","code":"WORD"}"#).as_deref(), Some("No"));
        assert_eq!(
            said(r#"{"code":403,"message":"Insufficient plan level"}"#).as_deref(),
            Some("Insufficient plan level")
        );
        assert_eq!(
            said(r#"{"type":"FORBIDDEN","title":"Forbidden","status":403,"detail":"Not eligible","errorCode":"X"}"#).as_deref(),
            Some("Not eligible")
        );
        assert_eq!(
            said("<html><head><title>x</title></head><body><h1>502</h1>\n<p>Bad gateway</p></body></html>")
                .as_deref(),
            Some("502 Bad gateway")
        );
        assert_eq!(said("busy").as_deref(), Some("busy"));
        assert_eq!(said("  "), None);
        assert_eq!(said("{}"), None);
        let google = Words::read(
            br#"{"error":{"code":400,"message":"Bad","status":"X","details":[{"@type":"t","reason":"PUBLIC_ERROR_Y"}]}}"#,
        );
        assert_eq!(google.text.as_deref(), Some("Bad (PUBLIC_ERROR_Y)"));
        assert_eq!(google.reason.as_deref(), Some("PUBLIC_ERROR_Y"));
    }

    #[test]
    fn components_are_encoded_as_javascript_does() {
        assert_eq!(component("a+b%c@d.e"), "a%2Bb%25c%40d.e");
        assert_eq!(component("封/ ?"), "%E5%B0%81%2F%20%3F");
        assert_eq!(component(".."), "%2E%2E");
    }

    proptest! {
        #[test]
        fn any_body_is_read_without_a_panic(body in prop::collection::vec(any::<u8>(), 0..400)) {
            let words = Words::read(&body);
            prop_assert!(words.text.is_none_or(|t| !t.is_empty() && t.chars().count() <= 500));
        }

        #[test]
        fn any_markup_is_read_without_a_panic(body in "[<>/a-zé ]{0,200}") {
            Words::read(body.as_bytes());
        }
    }
}
