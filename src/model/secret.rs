//! A key that cannot be printed, serialised or compared, and is wiped from memory when dropped.
#![expect(clippy::disallowed_methods, reason = "this is where a key is kept")]

use secrecy::{ExposeSecret, SecretString};

use super::scrub::scrub;
use super::text::bare_key;

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
pub enum InvalidKey {
    /// Nothing but white space.
    #[error("no key was given")]
    Empty,
    /// A blank between its characters: two things were copied, or a line that was broken.
    #[error("the key contains a space: copy it again without the text around it")]
    Blank,
    /// Characters no HTTP header can carry: a line break, a letter outside ASCII.
    #[error("the key contains a line break or a letter outside ASCII: copy it again")]
    Characters,
    /// Over 4,096 characters.
    #[error("the key is too long: copy it again")]
    TooLong,
}

impl Key {
    /// Returns what stands for a key where a vendor wants none.
    pub fn none() -> Key {
        Key(SecretString::from(String::new()))
    }

    /// Returns a key from what a person pasted: white space around it is dropped, and what was copied along with it.
    pub fn new(text: String) -> Result<Key, InvalidKey> {
        let text = SecretString::from(text); // wiped when this returns
        let trimmed = bare_key(text.expose_secret());
        if trimmed.is_empty() {
            Err(InvalidKey::Empty)
        } else if trimmed.len() > 4096 {
            Err(InvalidKey::TooLong)
        } else if trimmed.contains(|c: char| c.is_whitespace() && !c.is_control() || c == '\t') {
            Err(InvalidKey::Blank)
        } else if !trimmed.bytes().all(|b| b.is_ascii_graphic()) {
            Err(InvalidKey::Characters)
        } else {
            Ok(Key(SecretString::from(trimmed.to_owned())))
        }
    }

    /// Returns the key itself: for the keyring and for the header of a request, nowhere else.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Returns a vendor's words with the key removed, in whatever form they repeat it: as it is, percent-encoded, in
    /// hex, in base64, with escapes. The time it takes grows with the text and not faster.
    #[must_use]
    pub fn scrub(&self, text: String) -> String {
        if self.expose().is_empty() {
            return text; // there is no key to remove
        }
        scrub(self.expose(), &text).unwrap_or(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_trimmed_and_checked() {
        assert_eq!(Key::new("  abc\n".into()).map(|k| k.expose().to_owned()), Ok("abc".to_owned()));
        assert_eq!(Key::new(" \n".into()).err(), Some(InvalidKey::Empty));
        assert_eq!(Key::new("a\nb".into()).err(), Some(InvalidKey::Characters));
        assert_eq!(Key::new("ключ".into()).err(), Some(InvalidKey::Characters));
        for text in ["user:1-a b", "two keys", "a\tb", "a\u{a0}b", "Bearer a b"] {
            assert_eq!(Key::new(text.into()).err(), Some(InvalidKey::Blank), "{text}");
        }
        assert_eq!(Key::new("Bearer \"a\"".into()).map(|k| k.expose().to_owned()), Ok("a".to_owned()));
        assert_eq!(Key::new("x".repeat(5000)).err(), Some(InvalidKey::TooLong));
    }

    #[test]
    fn a_key_is_scrubbed_wherever_a_reply_repeats_it() {
        let key = Key::new("user:1-secret".into()).unwrap();
        let text = serde_json::json!({"user:1-secret": ["x user:1-secret y", {"a": "user:1-secret"}]});
        let text = key.scrub(text.to_string());
        assert_eq!(text, r#"{"[key removed]":["x [key removed] y",{"a":"[key removed]"}]}"#);
        assert_eq!(key.scrub(r#"{"error":"user:1-\u0073ecret"}"#.into()), r#"{"error":"[key removed]"}"#);
        assert_eq!(key.scrub("no key".into()), "no key");
        assert_eq!(Key::none().scrub("no key".into()), "no key");
    }
}
