//! Requests and replies as data.

use serde_json::Value;

pub use super::encode::encode_component;
use super::spec::{Auth, Endpoint};
use crate::model::error::{Failure, FailureKind};
use crate::model::failures;
use crate::model::response::{Condensed, MAX_RESPONSE, condense, is_small};

/// What is sent, without the key: transport alone adds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// `GET`, `POST` or `PUT`.
    pub method: Method,
    /// Where it goes.
    pub target: Target,
    /// Headers besides the key's and `Content-Length`; values are printable ASCII.
    pub headers: Vec<(String, String)>,
    /// How the key goes in.
    pub auth: Auth,
    /// What follows.
    pub body: Body,
}

impl Request {
    /// Returns path and query, or the whole address that a reply named.
    pub fn path(&self) -> &str {
        match &self.target {
            Target::Vendor { path, .. } => path,
            Target::Captured { address, .. } => address,
        }
    }
}

/// Where a request goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// To a host of the vendor.
    Vendor {
        /// Scheme and host.
        base: &'static Endpoint,
        /// Path and query, encoded.
        path: String,
    },
    /// To an address that an earlier reply named. The key never goes along.
    Captured {
        /// The whole address.
        address: String,
        /// The hosts of the vendor that named it.
        endpoints: &'static [Endpoint],
        /// Whether it may lead to this computer or a network around it.
        is_local: bool,
    },
}

/// The methods that providers use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Asks.
    Get,
    /// Sends.
    Post,
    /// Puts something at an address.
    Put,
}

impl Method {
    /// Returns it as requests write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
        }
    }
}

/// A request's body: the file, and what stands around it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Body {
    /// What stands before the file, or all there is.
    pub before: String,
    /// How the file's bytes stand in it, where it has them.
    pub file: Option<FileForm>,
    /// What stands after the file.
    pub after: String,
    /// What parts the fields of a form.
    pub boundary: Option<String>,
}

/// How a file's bytes stand in a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileForm {
    /// As they are.
    Raw,
    /// As a text, for bodies of JSON.
    Base64,
}

impl Body {
    /// Returns a body that is the file.
    pub fn file() -> Body {
        Body { file: Some(FileForm::Raw), ..Body::default() }
    }

    /// Returns whether there is none.
    pub fn is_empty(&self) -> bool {
        self.file.is_none() && self.before.is_empty()
    }

    /// Returns the exact `Content-Length` for a file of `size` bytes.
    pub fn length(&self, size: u64) -> u64 {
        let around = self.before.len() as u64 + self.after.len() as u64;
        around
            + match self.file {
                None => 0,
                Some(FileForm::Raw) => size,
                Some(FileForm::Base64) => size.div_ceil(3) * 4,
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
    /// Headers by their names in small letters, key material removed; at most [`MAX_REPLY_HEADERS`].
    pub headers: Vec<(String, String)>,
    /// The body, key material removed.
    pub body: Vec<u8>,
    /// There was more than is read of a body.
    pub truncated: bool,
    /// Why its end did not come, where that is so.
    pub broken_off: Option<Box<Failure>>,
    /// What is kept of the body, once that was decided.
    pub digest: Option<Digest>,
}

/// More headers of a reply are not read.
pub const MAX_REPLY_HEADERS: usize = 64;

/// What is kept of a body.
#[derive(Clone, Debug)]
pub struct Digest {
    /// Of the object in it, where there is one.
    object: Option<Condensed>,
}

impl Reply {
    /// Returns what a header says, by its name in small letters.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Returns the same with no more of its body than is kept: text of at most [`MAX_RESPONSE`] bytes, and of a JSON
    /// object the named values and [`KEPT`], wherever they stand. Whoever reads it then takes little memory, whatever a
    /// provider sends.
    #[must_use]
    pub fn digested(mut self, pointers: &[&str]) -> Reply {
        if self.digest.is_some() {
            return self;
        }
        let mut text = decoded(std::mem::take(&mut self.body));
        let paths = pointers.iter().map(|pointer| pointer.trim_start_matches('/'));
        let wanted: Vec<_> = paths.chain(KEPT).collect();
        let object = condense(&text, &wanted);
        if text.len() > MAX_RESPONSE {
            let end = (0..=MAX_RESPONSE).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
            text.truncate(end);
            text.shrink_to_fit();
        }
        self.body = text.into_bytes();
        self.digest = Some(Digest { object });
        self
    }

    fn condensed(&self) -> Option<&Condensed> {
        self.digest.as_ref()?.object.as_ref()
    }

    /// Returns whether its JSON object broke off before its end.
    pub(super) fn is_broken(&self) -> bool {
        self.condensed().is_some_and(|object| !object.is_whole)
    }

    /// Less is kept of it than came.
    pub(super) fn is_cut(&self) -> bool {
        self.condensed().is_some_and(|object| object.is_cut || (self.truncated && !object.is_whole))
    }

    /// Returns the body as a JSON object, or why a success cannot be read. Of one that was digested.
    pub fn object(&self) -> Result<Value, Box<Failure>> {
        let value = self.condensed().and_then(|object| serde_json::from_str(&object.text).ok());
        value.ok_or_else(|| {
            Box::new(failures::unreadable_answer().with_service_message(self.service_message().text))
        })
    }

    /// Returns the body as JSON of any shape, whatever follows it.
    pub fn value(&self) -> Option<Value> {
        read_json(&String::from_utf8_lossy(&self.body))
    }

    /// Returns what the provider says.
    pub fn service_message(&self) -> ReplyMessage {
        match self.condensed().filter(|object| object.is_whole) {
            Some(object) => ReplyMessage::read(object.text.as_bytes()),
            None => ReplyMessage::read(&self.body),
        }
    }
}

/// Returns a text as JSON. Behind an object, anything may follow.
fn read_json(text: &str) -> Option<Value> {
    let text = text.trim_start_matches('\u{feff}');
    let first = || serde_json::Deserializer::from_str(text).into_iter().next()?.ok().filter(Value::is_object);
    serde_json::from_str(text).ok().or_else(first)
}

/// Returns a body as text: a byte order mark and UTF-16 are no obstacle, nor is a letter that is no UTF-8.
pub fn decoded(mut body: Vec<u8>) -> String {
    let wide = |big: bool, body: &[u8]| {
        let pair = |pair: &[u8]| match *pair {
            [a, b] => {
                if big {
                    u16::from_be_bytes([a, b])
                } else {
                    u16::from_le_bytes([a, b])
                }
            }
            _ => 0xfffd, // half of one at the end
        };
        char::decode_utf16(body.chunks(2).map(pair))
            .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect()
    };
    match *body {
        [0xfe, 0xff, ref rest @ ..] => return wide(true, rest),
        [0xff, 0xfe, ref rest @ ..] => return wide(false, rest),
        [0, b'{', 0, _, ..] => return wide(true, &body),
        [b'{', 0, _, 0, ..] => return wide(false, &body),
        [0xef, 0xbb, 0xbf, ..] => drop(body.drain(..3)),
        _ => {}
    }
    String::from_utf8(body).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned())
}

/// Returns what to answer where a 2xx names no id: the error it carries, or *outcome unknown*.
pub fn missing_id_failure(value: &Value, reply: &Reply) -> Box<Failure> {
    let code = value.get("code").and_then(Value::as_i64);
    let error = value.get("error").is_some_and(|e| !e.is_null() && e != "" && e != false);
    if error || code.is_some_and(|c| c != 0 && c != 200) {
        Box::new(
            Failure::new(
                FailureKind::Refused,
                "The provider returned an error",
                "Read its message, then retry or send it somewhere else",
            )
            .with_service_message(reply.service_message().text),
        )
    } else {
        Box::new(failures::unreadable_answer().with_service_message(reply.service_message().text))
    }
}

/// Returns a text field that is there and not empty.
pub fn text(value: &Value, pointer: &str) -> Option<String> {
    value.pointer(pointer).and_then(Value::as_str).filter(|s| !s.trim().is_empty()).map(ToOwned::to_owned)
}

/// Returns an id or a link: a text that is there and no longer than any of them. A longer one is none.
pub fn id(value: &Value, pointer: &str) -> Option<String> {
    text(value, pointer).filter(|id| id.len() <= 8192)
}

/// Returns the values of a reply that are there, in that order, each by its own name. Null and what is no single value to
/// copy are skipped: the response has it.
pub fn values(value: &Value, pointers: &[&str]) -> Vec<(String, Value)> {
    pointers
        .iter()
        .filter_map(|pointer| {
            let v = value.pointer(pointer)?;
            (!v.is_null() && v != "" && is_small(v)).then(|| (own_name(pointer).to_owned(), v.clone()))
        })
        .collect()
}

/// Returns the last name of a pointer: `url` of `/data/url`.
pub fn own_name(pointer: &str) -> &str {
    pointer.rsplit('/').next().unwrap_or(pointer)
}

/// Where providers name an ID or a link in some of their replies, and where they say what went wrong.
pub const KEPT: [&str; 12] = [
    "id",
    "url",
    "code",
    "message",
    "msg",
    "error",
    "error/message",
    "error/code",
    "detail",
    "title",
    "errorCode",
    "upstream/cf_ray",
];

/// A provider's own words out of a refusal, whatever its shape.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReplyMessage {
    /// What it says, at most 500 characters.
    pub text: Option<String>,
    /// A machine-readable reason: `PUBLIC_ERROR_…`, `OPEN_API_RUNTIME_ACCESS_FORBIDDEN`.
    pub reason: Option<String>,
    /// What its support asks for.
    pub cf_ray: Option<String>,
}

impl ReplyMessage {
    /// Reads any of the documented shapes, plain text or HTML.
    pub fn read(body: &[u8]) -> ReplyMessage {
        let Some(value) = read_json(&String::from_utf8_lossy(body)) else {
            return ReplyMessage { text: prose(body), ..ReplyMessage::default() };
        };
        let first = |names: &[&str]| names.iter().find_map(|n| text(&value, n));
        let reason = value
            .pointer("/error/details")
            .and_then(Value::as_array)
            .and_then(|list| list.iter().find_map(|d| text(d, "/reason")))
            .or_else(|| first(&["/errorCode", "/code"]));
        let said =
            first(&["/error/message", "/error", "/message", "/msg", "/detail", "/title"]).or_else(|| {
                match &value {
                    Value::String(s) if !s.trim().is_empty() => Some(s.clone()),
                    _ => None,
                }
            });
        // A reason says more than "Request contains an invalid argument".
        let said = match (said, value.pointer("/error/details").and(reason.as_deref())) {
            (Some(said), Some(reason)) => Some(format!("{said} ({reason})")),
            (said, _) => said,
        };
        let cf_ray = text(&value, "/upstream/cf_ray").map(|number| shorten(&number));
        ReplyMessage { text: said.map(|s| shorten(&s)), reason, cf_ray }
    }
}

/// Returns the words of a page or a plain text: tags dropped, white space folded.
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
    use serde_json::json;

    use super::*;

    fn service_message(body: &str) -> Option<String> {
        ReplyMessage::read(body.as_bytes()).text
    }

    #[test]
    fn every_documented_shape_gives_the_providers_own_words() {
        assert_eq!(service_message(r#"{"error":"Unauthorized"}"#).as_deref(), Some("Unauthorized"));
        assert_eq!(service_message(r#"{"error":"No","code":"WORD"}"#).as_deref(), Some("No"));
        assert_eq!(
            service_message(r#"{"code":403,"message":"Insufficient plan level"}"#).as_deref(),
            Some("Insufficient plan level")
        );
        assert_eq!(
            service_message(r#"{"type":"FORBIDDEN","title":"Forbidden","status":403,"detail":"Not eligible","errorCode":"X"}"#).as_deref(),
            Some("Not eligible")
        );
        assert_eq!(
            service_message(
                "<html><head><title>x</title></head><body><h1>502</h1>\n<p>Bad gateway</p></body></html>"
            )
            .as_deref(),
            Some("502 Bad gateway")
        );
        assert_eq!(service_message("busy").as_deref(), Some("busy"));
        assert_eq!(service_message("  "), None);
        assert_eq!(service_message("{}"), None);
        let google = ReplyMessage::read(
            br#"{"error":{"code":400,"message":"Bad","status":"X","details":[{"@type":"t","reason":"PUBLIC_ERROR_Y"}]}}"#,
        );
        assert_eq!(google.text.as_deref(), Some("Bad (PUBLIC_ERROR_Y)"));
        assert_eq!(google.reason.as_deref(), Some("PUBLIC_ERROR_Y"));
    }

    #[test]
    fn components_are_encoded_as_javascript_does() {
        assert_eq!(encode_component("a+b%c@d.e"), "a%2Bb%25c%40d.e");
        assert_eq!(encode_component("封/ ?"), "%E5%B0%81%2F%20%3F");
        assert_eq!(encode_component(".."), "%2E%2E");
    }

    #[test]
    fn text_is_read_in_any_form_of_unicode() {
        let wide = |mark: &[u8], bytes: fn(u16) -> [u8; 2]| {
            mark.iter().copied().chain("{\"é\":1}".encode_utf16().flat_map(bytes)).collect::<Vec<u8>>()
        };
        for body in [
            "{\"é\":1}".as_bytes().to_vec(),
            "\u{feff}{\"é\":1}".as_bytes().to_vec(),
            wide(b"\xff\xfe", u16::to_le_bytes),
            wide(b"\xfe\xff", u16::to_be_bytes),
            wide(b"", u16::to_le_bytes),
            wide(b"", u16::to_be_bytes),
        ] {
            assert_eq!(decoded(body), "{\"é\":1}");
        }
        assert_eq!(decoded(b"caf\xe9".to_vec()), "caf\u{fffd}");
        assert_eq!(decoded(b"\xff\xfea".to_vec()), "\u{fffd}", "half a letter");
    }

    #[test]
    fn an_object_is_read_whatever_follows_it_and_nothing_else_is_taken_for_one() {
        let read = |body: &str| Reply { body: body.into(), ..Reply::default() }.digested(&[]).object().ok();
        for behind in ["", "\n", "</html>", "{\"id\":\"y\"}", "\0", ",", "]"] {
            assert_eq!(read(&format!("{{\"id\":\"x\"}}{behind}")), Some(json!({"id": "x"})), "{behind}");
        }
        for other in
            ["", "x", "x{\"id\":\"x\"}", "[{\"id\":\"x\"}]", "<script>{\"id\":\"x\"}</script>", "\"{}\""]
        {
            assert_eq!(read(other), None, "{other}");
        }
    }

    #[test]
    fn a_success_with_an_error_in_it_is_refused_and_one_that_says_nothing_is_not() {
        let kind = |value: &Value| missing_id_failure(value, &Reply::default()).kind;
        for error in
            [json!({"error": "no"}), json!({"error": {}}), json!({"error": true}), json!({"code": 400})]
        {
            assert_eq!(kind(&error), FailureKind::Refused, "{error}");
        }
        for nothing in [
            json!({}),
            json!({"error": null}),
            json!({"error": ""}),
            json!({"error": false}),
            json!({"code": 0}),
            json!({"code": 200}),
        ] {
            assert_eq!(kind(&nothing), FailureKind::UnreadableAnswer, "{nothing}");
        }
    }

    #[test]
    fn an_id_is_a_text_of_a_length_that_ids_have() {
        let read = |text: String| id(&json!({ "id": text }), "/id").map(|id| id.len());
        assert_eq!([1, 8192, 8193].map(|n| read("x".repeat(n))), [Some(1), Some(8192), None]);
        assert_eq!((read(" ".into()), id(&json!({"id": 5}), "/id")), (None, None));
    }

    #[test]
    fn values_to_copy_are_named_by_their_last_name_and_nothing_stands_for_nothing() {
        let reply = json!({
            "data": {"url": "u", "none": null, "blank": "", "much": vec![1; 5000]},
            "width": 64, "is_safe": false,
        });
        let names = ["/width", "/data/url", "/data/none", "/data/blank", "/data/much", "/other", "/is_safe"];
        let expected = [("width", json!(64)), ("url", json!("u")), ("is_safe", json!(false))];
        assert_eq!(values(&reply, &names), expected.map(|(name, value)| (name.to_owned(), value)));
    }

    #[test]
    fn long_words_of_a_provider_are_cut_and_its_reasons_and_numbers_are_kept() {
        let long = "x".repeat(500);
        assert_eq!(service_message(&long).as_deref(), Some(long.as_str()));
        let cut = service_message(&format!("{long}x")).unwrap();
        assert!(cut.chars().count() == 500 && cut.ends_with("x…"), "{cut}");
        assert_eq!(service_message("\"Busy\"").as_deref(), Some("Busy"));
        assert_eq!(service_message("\" \""), None);
        assert_eq!(
            service_message("a<style>p { color: red }</style><p>b</p><SCRIPT>c</SCRIPT >d").as_deref(),
            Some("a b d")
        );
        let words = ReplyMessage::read(
            br#"{"error":"No","errorCode":"WHY","code":7,"upstream":{"cf_ray":"a05b-SJC"}}"#,
        );
        assert_eq!((words.reason.as_deref(), words.cf_ray.as_deref()), (Some("WHY"), Some("a05b-SJC")));
    }

    proptest! {
        #[test]
        fn of_any_body_no_more_is_kept_than_may_be(
            start in "\\{\"|\\[|<", body in prop::collection::vec(any::<u8>(), 0..200), times in 1usize..1000
        ) {
            let body = [start.into_bytes(), body.repeat(times)].concat();
            let reply = Reply { status: 200, body, ..Reply::default() }.digested(&[]);
            prop_assert!(reply.body.len() <= MAX_RESPONSE);
            prop_assert!(reply.condensed().is_none_or(|object| object.text.len() <= MAX_RESPONSE));
            reply.service_message();
        }

        #[test]
        fn any_body_is_read_without_a_panic(body in prop::collection::vec(any::<u8>(), 0..400)) {
            let words = ReplyMessage::read(&body);
            prop_assert!(words.text.is_none_or(|t| !t.is_empty() && t.chars().count() <= 500));
        }

        #[test]
        fn any_markup_is_read_without_a_panic(body in "[<>/a-zé ]{0,200}") {
            ReplyMessage::read(body.as_bytes());
        }
    }
}
