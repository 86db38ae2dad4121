//! What in an uploader is a key: it goes to the keyring, and never into a file.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::write::quoted;

/// Names of keys, wherever in a name they stand.
const IN_NAMES: [&str; 14] = [
    "token",
    "secret",
    "passw",
    "passphrase",
    "apikey",
    "userhash",
    "credential",
    "authoriz",
    "authentic",
    "bearer",
    "clientid",
    "sessionid",
    "signature",
    "webhook",
];

/// Names of keys where they are a word of a name.
const WORDS: [&str; 8] = ["auth", "oauth", "jwt", "pwd", "pass", "sid", "session", "cookie"];

/// What stands before a key in `Authorization`. What is none of these belongs to the key: it may be a part of it.
const SCHEMES: [&str; 12] = [
    "bearer",
    "basic",
    "token",
    "key",
    "api-key",
    "apikey",
    "client-id",
    "bot",
    "jwt",
    "oauth",
    "upload-token",
    "access-token",
];

/// A run of letters and digits so long is made by a machine.
const MIN_RANDOM: usize = 20;

/// A key of an uploader, and how it is sent.
pub(super) struct UploaderKey {
    /// Where it stands: `Headers.authorization`.
    pub(super) field: String,
    /// How it is sent, as the format has it.
    pub(super) auth: String,
    /// The key; none where only the room for it is there.
    pub(super) key: Option<String>,
}

/// Returns whether a header, parameter or field of this name has a key.
pub(super) fn is_key_name(name: &str) -> bool {
    let plain: String =
        name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    IN_NAMES.iter().any(|part| plain.contains(part))
        || name_parts(name).iter().any(|word| word.ends_with("key") || WORDS.contains(&word.as_str()))
}

/// Returns whether a text is no key, even where one belongs: `generate_key` may be `true`.
pub(super) fn is_plain(text: &str) -> bool {
    let text = text.trim();
    ["", "true", "false", "yes", "no", "on", "off", "0", "1"]
        .iter()
        .any(|plain| plain.eq_ignore_ascii_case(text))
}

/// Returns whether a text looks like a key, whatever it is called.
pub(super) fn looks_like_key(text: &str) -> bool {
    text.split(|c: char| !c.is_ascii_alphanumeric()).any(|run| {
        let digits = run.bytes().filter(u8::is_ascii_digit).count();
        run.len() >= MIN_RANDOM && digits >= 2 && run.len() - digits >= 2
    })
}

/// Returns whether an address, or a part of one, has what looks like a key in it.
pub(super) fn hides_key(address: &str) -> bool {
    let mut pairs = address.split(['?', '&', '#', ';', '/']).filter_map(|pair| pair.split_once('='));
    looks_like_key(address) || pairs.any(|(name, value)| !value.is_empty() && is_key_name(name))
}

/// Returns whether a text asks for a key to be put in its stead: `YOUR_API_KEY`, `<token>`.
pub(super) fn asks_for_key(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    let names_one = ["key", "token", "secret", "password"].iter().any(|word| text.contains(word));
    names_one && is_stand_in(&text)
}

/// Returns whether a text where a key belongs is none yet.
fn is_stand_in(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    let framed = |open: char, close: char| text.starts_with(open) && text.ends_with(close);
    ["your", "insert", "enter", "goes here", "_here", "-here", " here", "here>"]
        .iter()
        .any(|word| text.contains(word))
        || framed('<', '>')
        || framed('[', ']')
        || (!text.is_empty() && text.chars().all(|c| matches!(c, 'x' | '*' | '.' | '-')))
}

/// Returns the key in a text, where it is one.
pub(super) fn real(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty() && !is_stand_in(text)).then(|| text.to_owned())
}

/// Returns how a header sends a key, and the key.
pub(super) fn read_header_key(name: &str, value: &str) -> (String, Option<String>) {
    let value = value.trim();
    let (scheme, rest) = value.split_once(' ').unwrap_or((value, ""));
    let known = SCHEMES.contains(&scheme.to_ascii_lowercase().as_str());
    let is_usual = name == "authorization";
    if !known || (rest.is_empty() && !is_usual) {
        return (format!("{{ header = {} }}", quoted(name)), real(value));
    }
    let with_prefix =
        || format!("{{ header = {}, prefix = {} }}", quoted(name), quoted(&format!("{scheme} ")));
    match (is_usual, scheme) {
        (true, "Bearer") => (quoted("bearer"), real(rest)),
        (true, "Basic") => match decoded(rest.trim()) {
            Some(plain) => (quoted("basic"), real(&plain)),
            None if real(rest).is_none() => (quoted("basic"), None),
            None => (with_prefix(), real(rest)),
        },
        _ => (with_prefix(), real(rest)),
    }
}

/// Returns `name:password` of its base64, where encoding it gives the same again.
fn decoded(text: &str) -> Option<String> {
    let plain = String::from_utf8(BASE64_STANDARD.decode(text).ok()?).ok()?;
    let is_same = plain.contains(':') && !plain.chars().any(char::is_control) && plain.trim() == plain;
    is_same.then_some(plain)
}

/// Splits a name into its words: `apiKey`, `api_key` and `API-Key` have the same two.
fn name_parts(name: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut was_small = false;
    for c in name.chars() {
        if !c.is_ascii_alphanumeric() || (c.is_ascii_uppercase() && was_small) {
            parts.push(String::new());
        }
        was_small = c.is_ascii_lowercase() || c.is_ascii_digit();
        if c.is_ascii_alphanumeric()
            && let Some(word) = parts.last_mut()
        {
            word.push(c.to_ascii_lowercase());
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_a_key_by_its_words_however_they_are_put_together() {
        for name in
            ["user_session", "userSession", "User-SID", "x.jwt.2", "basicAuth", "my_pass", "apiKey", "KEY"]
        {
            assert!(is_key_name(name), "{name}");
        }
        for name in ["passage", "author", "sidecar", "cookies_page", "title", "monkeys"] {
            assert!(!is_key_name(name), "{name}");
        }
    }
}
