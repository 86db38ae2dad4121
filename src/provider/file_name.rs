//! Names as providers take them.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::spec::NameRule;
use super::upload_spec::UploadSpec;

/// What is percent-encoded in a name besides what is not ASCII: `%` too, so that decoding is unambiguous.
const ENCODED: &AsciiSet = &CONTROLS.add(b'%');

/// So much of the random letters stands in a name.
const RANDOM: usize = 6;

/// Returns the file's name in the form that the provider wants; as it is, where it wants nothing.
pub(super) fn of(rule: Option<&NameRule>, spec: &UploadSpec<'_>) -> String {
    let Some(rule) = rule else { return spec.name.to_owned() };
    let encode = |text: &str| match rule.is_encoded {
        true => utf8_percent_encode(text, ENCODED).to_string(),
        false => text.to_owned(),
    };
    let mut tail = match extension(rule, spec) {
        "" => String::new(),
        extension => format!(".{}", encode(extension)),
    };
    let max = rule.max_chars.unwrap_or(usize::MAX);
    if tail.chars().count() > max / 2 {
        tail = format!(".{}", spec.media.extensions()[0]); // no extension that long is one
    }
    if rule.overwrites {
        tail.insert_str(0, &format!("-{}", &spec.random[..spec.random.len().min(RANDOM)]));
    }
    let stem = match rule.is_safe {
        true => safe(spec.stem()),
        false => spec.stem().trim().to_owned(),
    };
    let mut head = String::new();
    let mut room = max.saturating_sub(tail.chars().count());
    let mut letter = [0; 4];
    for c in stem.chars() {
        let encoded = encode(c.encode_utf8(&mut letter));
        let Some(left) = room.checked_sub(encoded.chars().count()) else { break };
        room = left;
        head.push_str(&encoded);
    }
    if head.is_empty() {
        head.push_str("file");
    }
    format!("{head}{tail}").trim().to_owned()
}

/// Returns the extension: the file's own where it fits its type and the rule, else the usual one of its type.
fn extension<'a>(rule: &NameRule, spec: &'a UploadSpec<'_>) -> &'a str {
    let own = spec.extension();
    if rule.extensions.is_empty() {
        return own;
    }
    let fits = spec.media.extensions().iter().any(|e| e.eq_ignore_ascii_case(own));
    let listed = rule.extensions.iter().any(|e| e.eq_ignore_ascii_case(own));
    if fits && listed { own } else { spec.media.extensions()[0] }
}

/// Returns a stem of ASCII letters, digits, `.`, `_` and `-`; each run of others is one `_`.
fn safe(stem: &str) -> String {
    let mut out = String::new();
    for c in stem.chars() {
        let c = if c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-') { c } else { '_' };
        if !(c == '_' && out.ends_with('_')) {
            out.push(c);
        }
    }
    out.trim_matches(['_', '.']).to_owned()
}
