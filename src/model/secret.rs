//! A key that cannot be printed, serialised or compared, and is wiped from memory when dropped.

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use super::text::bare_key;

/// What stands where a key stood.
const REMOVED: &str = "[key removed]";

/// Shorter keys are not looked for in replies: they would match ordinary words.
const SHORTEST_SCRUBBED: usize = 6;

/// An API key. It has no `Debug`, `Display` or `Serialize`, on purpose:
///
/// ```compile_fail
/// let key = hoist::model::secret::Key::new("k".into()).unwrap();
/// println!("{key}");
/// ```
/// ```compile_fail
/// let key = hoist::model::secret::Key::new("k".into()).unwrap();
/// println!("{key:?}");
/// ```
/// ```compile_fail
/// let key = hoist::model::secret::Key::new("k".into()).unwrap();
/// serde_json::to_string(&key).unwrap();
/// ```
#[derive(Clone)]
pub struct Key(SecretString);

/// Why a text cannot be a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAKey {
    /// Nothing but white space.
    #[error("no key was given")]
    Empty,
    /// A blank between its characters: two things were copied, or a line that was broken.
    #[error("the key has a blank inside: copy it again, without what stands before or behind it")]
    Blank,
    /// Characters no HTTP header can carry: a line break, a letter outside ASCII.
    #[error("the key has characters that no key has (a line break or a letter outside ASCII): copy it again")]
    Characters,
    /// Over 4,096 characters.
    #[error("the key is longer than any key: copy it again")]
    TooLong,
}

impl Key {
    /// A key from what a person pasted: white space around it is dropped, and what was copied along with it.
    pub fn new(text: String) -> Result<Key, NotAKey> {
        let text = SecretString::from(text); // wiped when this returns
        let trimmed = bare_key(text.expose_secret());
        if trimmed.is_empty() {
            Err(NotAKey::Empty)
        } else if trimmed.len() > 4096 {
            Err(NotAKey::TooLong)
        } else if trimmed.contains(|c: char| c.is_whitespace() && !c.is_control() || c == '\t') {
            Err(NotAKey::Blank)
        } else if !trimmed.bytes().all(|b| b.is_ascii_graphic()) {
            Err(NotAKey::Characters)
        } else {
            Ok(Key(SecretString::from(trimmed.to_owned())))
        }
    }

    /// The key itself: for the keyring and for the header of a request, nowhere else.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// `text` with every occurrence of the key removed.
    pub fn scrub(&self, text: &str) -> String {
        if self.expose().len() < SHORTEST_SCRUBBED || !text.contains(self.expose()) {
            return text.to_owned();
        }
        text.replace(self.expose(), REMOVED)
    }

    /// A reply's body with the key removed, also where escapes in its JSON hide it.
    pub fn scrub_body(&self, body: Vec<u8>) -> Vec<u8> {
        let Ok(text) = std::str::from_utf8(&body) else { return self.scrub_bytes(body) };
        let mut text = self.scrub(text);
        if text.contains('\\')
            && let Ok(mut value) = serde_json::from_str::<Value>(&text)
        {
            self.scrub_json(&mut value);
            text = value.to_string();
        }
        text.into_bytes()
    }

    /// The same for what is no text.
    fn scrub_bytes(&self, mut body: Vec<u8>) -> Vec<u8> {
        let key = self.expose().as_bytes();
        if key.len() >= SHORTEST_SCRUBBED {
            while let Some(at) = body.windows(key.len()).position(|w| w == key) {
                body.splice(at..at + key.len(), REMOVED.bytes());
            }
        }
        body
    }

    /// A service's reply with every occurrence of the key removed, names of fields included.
    pub fn scrub_json(&self, value: &mut Value) {
        match value {
            Value::String(s) => *s = self.scrub(s),
            Value::Array(items) => items.iter_mut().for_each(|v| self.scrub_json(v)),
            Value::Object(map) => {
                *map = std::mem::take(map)
                    .into_iter()
                    .map(|(k, mut v)| {
                        self.scrub_json(&mut v);
                        (self.scrub(&k), v)
                    })
                    .collect();
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_trimmed_and_checked() {
        assert_eq!(Key::new("  abc\n".into()).map(|k| k.expose().to_owned()), Ok("abc".to_owned()));
        assert_eq!(Key::new(" \n".into()).err(), Some(NotAKey::Empty));
        assert_eq!(Key::new("a\nb".into()).err(), Some(NotAKey::Characters));
        assert_eq!(Key::new("ключ".into()).err(), Some(NotAKey::Characters));
        for text in ["user:1-a b", "two keys", "a\tb", "a\u{a0}b", "Bearer a b"] {
            assert_eq!(Key::new(text.into()).err(), Some(NotAKey::Blank), "{text}");
        }
        assert_eq!(Key::new("Bearer \"a\"".into()).map(|k| k.expose().to_owned()), Ok("a".to_owned()));
        assert_eq!(Key::new("x".repeat(5000)).err(), Some(NotAKey::TooLong));
    }

    #[test]
    fn a_key_is_scrubbed_wherever_a_reply_repeats_it() {
        let key = Key::new("user:1-secret".into()).unwrap();
        let mut v = serde_json::json!({"user:1-secret": ["x user:1-secret y", {"a": "user:1-secret"}]});
        key.scrub_json(&mut v);
        assert!(!v.to_string().contains("user:1-secret"));
        assert_eq!(v["[key removed]"][0], "x [key removed] y");
        let latin = key.scrub_body(b"\xe9 user:1-secret \xe9 user:1-secret".to_vec());
        assert_eq!(latin, b"\xe9 [key removed] \xe9 [key removed]");
        let hidden = key.scrub_body(br#"{"error":"user:1-\u0073ecret"}"#.to_vec());
        assert_eq!(hidden, br#"{"error":"[key removed]"}"#);
    }
}
