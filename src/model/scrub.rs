//! Finds a key in a text, also where it is written in another form: percent-encoded, with the escapes of JSON or HTML, in
//! hex or in base64, and several of these one within the other. One pass a layer, whatever the text is.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

/// What stands where a key stood.
const REMOVED: &str = "[key removed]";

/// Shorter keys are not looked for: they would match ordinary words.
const MIN_KEY: usize = 6;

/// Escapes within escapes: a percent-encoded text in JSON in a text in JSON.
const MAX_LAYERS: usize = 4;

/// No escape of one layer takes more bytes.
const MAX_ESCAPE: usize = 12;

/// Returns a text without the key, in whatever form; nothing where it is not in it.
pub(super) fn scrub(key: &str, text: &str) -> Option<String> {
    if key.len() < MIN_KEY {
        return None;
    }
    let bytes = text.as_bytes();
    let mut forms = forms(key.as_bytes());
    let mut found: Vec<(usize, usize)> = vec![];
    for layers in 0..=MAX_LAYERS {
        let has_more = pass(bytes, layers, &mut forms, &mut found);
        found.sort_unstable();
        found.dedup_by(|next, last| {
            let touch = next.0 <= last.1;
            if touch {
                last.1 = next.1.max(last.1);
            }
            touch
        });
        if !has_more {
            break;
        }
    }
    (!found.is_empty()).then(|| without(text, &found))
}

/// Reads the text once, so many layers of escapes deep, and says whether there may be another layer.
fn pass(text: &[u8], layers: usize, forms: &mut [KeyMatcher], found: &mut Vec<(usize, usize)>) -> bool {
    forms.iter_mut().for_each(KeyMatcher::restart);
    let mut begins = [false; 256];
    for byte in 0..=u8::MAX {
        begins[usize::from(byte)] =
            forms.iter().any(|form| (form.fold)(byte) == form.pattern.first().copied());
    }
    // A reply that is cut off may end within the key: as many letters of it as the shortest key has are not chance.
    let letters = forms.first().map_or(1, |plain| plain.pattern.len());
    let begun = |forms: &[KeyMatcher], found: &mut Vec<(usize, usize)>| {
        let cut =
            forms.iter().filter_map(|form| form.begun((form.pattern.len() * MIN_KEY).div_ceil(letters)));
        found.extend(cut.map(|start| (start, text.len())));
    };
    let (mut at, mut has_escapes, mut is_within) = (0, false, false);
    while at < text.len() {
        let (byte, length) = unit(text, at, layers);
        let is_escape = matches!(byte, b'%' | b'\\' | b'&');
        has_escapes |= is_escape;
        if is_escape && text.len() - at <= MAX_ESCAPE {
            begun(forms, found); // it may be cut off, too
        }
        // Most letters are of no key.
        if is_within || begins[usize::from(byte)] {
            is_within = false;
            for form in &mut *forms {
                if let Some(start) = form.feed(byte, at) {
                    found.push(match layers {
                        0 => form.with_edges(text, start, at + length),
                        _ => (start, at + length),
                    });
                }
                is_within |= form.matched > 0;
            }
        }
        at += length;
    }
    begun(forms, found);
    has_escapes
}

/// Returns the byte that is written at a place, and how many bytes its writing takes.
fn unit(text: &[u8], at: usize, layers: usize) -> (u8, usize) {
    let Some(byte) = text.get(at) else { return (0, 1) };
    if layers == 0 {
        return (*byte, 1);
    }
    let plain = unit(text, at, layers - 1);
    let (first, mut length) = plain;
    if !matches!(first, b'%' | b'\\' | b'&') {
        return plain;
    }
    let mut next = || {
        let (byte, more) = unit(text, at + length, layers - 1);
        (at + length < text.len()).then(|| {
            length += more;
            byte
        })
    };
    let escaped = match first {
        b'%' => hex(&mut next, 2),
        b'\\' => match next() {
            Some(b'u') => hex(&mut next, 4),
            Some(b'x') => hex(&mut next, 2),
            Some(b'n') => Some(b'\n'),
            Some(b'r') => Some(b'\r'),
            Some(b't') => Some(b'\t'),
            other => other,
        },
        _ => reference(&mut next),
    };
    match escaped {
        Some(byte) => (byte, length),
        None => plain, // it is no escape
    }
}

/// Returns the value of a hexadecimal digit; what is no digit is a byte that is in no key.
fn hex(next: &mut impl FnMut() -> Option<u8>, digits: usize) -> Option<u8> {
    let mut number = 0;
    for _ in 0..digits {
        number = number * 16 + char::from(next()?).to_digit(16)?;
    }
    Some(u8::try_from(number).unwrap_or(0))
}

/// Returns what stands behind `&` in HTML: `#45;`, `#x2d;`, `amp;`.
fn reference(next: &mut impl FnMut() -> Option<u8>) -> Option<u8> {
    let mut name = [0; 8];
    for at in 0..name.len() {
        match next()? {
            b';' => {
                let name = std::str::from_utf8(&name[..at]).ok()?;
                let number = match name.strip_prefix('#') {
                    Some(digits) => match digits.strip_prefix(['x', 'X']) {
                        Some(digits) => u32::from_str_radix(digits, 16).ok()?,
                        None => digits.parse().ok()?,
                    },
                    None => match name {
                        "amp" => u32::from(b'&'),
                        "lt" => u32::from(b'<'),
                        "gt" => u32::from(b'>'),
                        "quot" => u32::from(b'"'),
                        "apos" => u32::from(b'\''),
                        "plus" => u32::from(b'+'),
                        "sol" => u32::from(b'/'),
                        "equals" => u32::from(b'='),
                        "colon" => u32::from(b':'),
                        "lowbar" => u32::from(b'_'),
                        "num" => u32::from(b'#'),
                        "percnt" => u32::from(b'%'),
                        _ => return None,
                    },
                };
                return Some(u8::try_from(number).unwrap_or(0));
            }
            byte if byte == b'#' || byte.is_ascii_alphanumeric() => name[at] = byte,
            _ => return None,
        }
    }
    None
}

#[cfg(test)]
thread_local! {
    static STEPS: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// Tests count the work: it must not grow faster than the text.
fn count_step() {
    #[cfg(test)]
    STEPS.set(STEPS.get() + 1);
}

/// One form of the key, looked for letter by letter (Knuth, Morris and Pratt): a text is never read twice.
struct KeyMatcher {
    pattern: Vec<u8>,
    /// Where to go on in the pattern after a letter that does not fit.
    failure: Vec<usize>,
    /// The letter as the pattern has it; none where it is passed over.
    fold: fn(u8) -> Option<u8>,
    /// A letter beside it tells something of the key, too: before it, behind it.
    edges: (bool, bool),
    matched: usize,
    /// Where each of the last letters began, and how many there were.
    starts: Vec<usize>,
    seen: usize,
}

impl KeyMatcher {
    fn new(pattern: Vec<u8>, fold: fn(u8) -> Option<u8>, edges: (bool, bool)) -> KeyMatcher {
        let mut failure = vec![0; pattern.len()];
        let mut matched = 0;
        for at in 1..pattern.len() {
            while matched > 0 && pattern[matched] != pattern[at] {
                matched = failure[matched - 1];
            }
            matched += usize::from(pattern[matched] == pattern[at]);
            failure[at] = matched;
        }
        let starts = vec![0; pattern.len()];
        KeyMatcher { pattern, failure, fold, edges, matched: 0, starts, seen: 0 }
    }

    fn restart(&mut self) {
        (self.matched, self.seen) = (0, 0);
    }

    /// Takes the next letter; where the form ends with it, where it began.
    fn feed(&mut self, byte: u8, at: usize) -> Option<usize> {
        count_step();
        let byte = (self.fold)(byte)?;
        let length = self.pattern.len();
        self.starts[self.seen % length] = at;
        self.seen += 1;
        while self.matched > 0 && self.pattern[self.matched] != byte {
            count_step();
            self.matched = self.failure[self.matched - 1];
        }
        self.matched += usize::from(self.pattern[self.matched] == byte);
        if self.matched < length {
            return None;
        }
        self.matched = self.failure[length - 1];
        Some(self.starts[self.seen % length])
    }

    /// Returns where the form begins of which the text has the first letters at its end, and at least so many.
    fn begun(&self, letters: usize) -> Option<usize> {
        (self.matched >= letters).then(|| self.starts[(self.seen - self.matched) % self.pattern.len()])
    }

    /// Returns a find with the letters beside it that tell of the key.
    fn with_edges(&self, text: &[u8], start: usize, end: usize) -> (usize, usize) {
        let is_of_base64 =
            |at: usize| text.get(at).is_some_and(|b| b.is_ascii_alphanumeric() || b"+/-_".contains(b));
        let before = self.edges.0 && start > 0 && is_of_base64(start - 1);
        let behind = self.edges.1 && is_of_base64(end);
        (start - usize::from(before), end + usize::from(behind))
    }
}

fn forms(key: &[u8]) -> Vec<KeyMatcher> {
    let digit = |half: u8| b"0123456789abcdef"[usize::from(half)];
    let digits = key.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect();
    let mut all = vec![
        KeyMatcher::new(
            key.to_vec(),
            if key.iter().all(u8::is_ascii_graphic) { of_visible } else { Some },
            (false, false),
        ),
        KeyMatcher::new(digits, of_hex, (false, false)),
    ];
    // Something may stand before the key in what is encoded, so that it begins at any of three places.
    for before in 0..3 {
        let encoded = STANDARD_NO_PAD.encode([&[0; 2][..before], key].concat());
        // Letters that depend on what stands before, and behind, are not looked for.
        let first = [0, 2, 3][before];
        let bits = (before + key.len()) * 8;
        let pattern = encoded.as_bytes()[first..bits / 6].to_vec();
        all.push(KeyMatcher::new(pattern, of_base64, (before > 0, !bits.is_multiple_of(6))));
    }
    all
}

/// Zeros of a wider encoding, line breaks and letters without a width are passed over.
fn of_visible(byte: u8) -> Option<u8> {
    byte.is_ascii_graphic().then_some(byte)
}

fn of_hex(byte: u8) -> Option<u8> {
    let separates = matches!(byte, b' ' | b':' | b'-' | b',');
    (!separates).then(|| byte.to_ascii_lowercase())
}

fn of_base64(byte: u8) -> Option<u8> {
    match byte {
        b'\r' | b'\n' => None, // in long texts, each line ends so
        b'-' => Some(b'+'),
        b'_' => Some(b'/'),
        byte => Some(byte),
    }
}

/// Returns the text without what was found, which is in order.
fn without(text: &str, found: &[(usize, usize)]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut kept = 0;
    for (start, end) in found {
        // A backslash alone would break the JSON around it.
        let backslashes = text.as_bytes()[..*start].iter().rev().take_while(|byte| **byte == b'\\').count();
        let start = (start - backslashes % 2).max(kept);
        out.push_str(text.get(kept..start).unwrap_or_default());
        out.push_str(REMOVED);
        kept = *end;
    }
    out.push_str(text.get(kept..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    const KEY: &str = "sk_user:1234-Made/Up+Key=~77";

    fn scrubbed(text: &str) -> String {
        scrub(KEY, text).unwrap_or_else(|| text.to_owned())
    }

    fn percent(text: &str, hex: fn(u8) -> String) -> String {
        text.bytes().map(|b| format!("%{}", hex(b))).collect::<Vec<_>>().concat()
    }

    fn lower(byte: u8) -> String {
        format!("{byte:02x}")
    }

    fn upper(byte: u8) -> String {
        format!("{byte:02X}")
    }

    /// The key in every form, by name.
    fn every_form() -> Vec<(&'static str, String)> {
        let escaped = KEY.bytes().map(|b| format!("\\u{b:04x}")).collect::<Vec<_>>().concat();
        let url = percent_encoding::utf8_percent_encode(KEY, percent_encoding::NON_ALPHANUMERIC).to_string();
        let spaced: Vec<_> = KEY.bytes().map(lower).collect();
        vec![
            ("as it is", KEY.to_owned()),
            ("as JavaScript encodes it", url.clone()),
            ("percent, all of it", percent(KEY, upper)),
            ("percent, lower case", percent(KEY, lower)),
            ("percent twice", percent(&url, upper)),
            ("JSON, all of it", escaped.clone()),
            ("JSON, one letter", KEY.replacen('M', "\\u004D", 1)),
            ("JSON, the slash", KEY.replace('/', "\\/")),
            ("JSON in JSON", escaped.replace('\\', "\\\\")),
            ("JSON in JSON, the slash", KEY.replace('/', "\\\\/")),
            ("percent in JSON in JSON", percent(KEY, upper).replace('%', "\\\\u0025")),
            ("hex escapes", KEY.bytes().map(|b| format!("\\x{b:02x}")).collect::<Vec<_>>().concat()),
            ("HTML", KEY.replace('/', "&#x2F;").replace('+', "&#43;")),
            ("HTML, by names", KEY.replace('/', "&sol;").replace('+', "&plus;").replace('=', "&equals;")),
            ("in four bytes a letter", KEY.chars().flat_map(|c| ['\0', '\0', '\0', c]).collect()),
            ("with letters of no width", KEY.replace('M', "M\u{200b}")),
            ("in lines", KEY.replace('M', "M\r\n")),
            ("hex", KEY.bytes().map(lower).collect()),
            ("hex, upper case", KEY.bytes().map(upper).collect()),
            ("hex with colons", spaced.join(":")),
            ("hex with spaces", spaced.join(" ")),
            ("base64", STANDARD.encode(KEY)),
            ("base64 of Basic", STANDARD.encode(format!(":{KEY}"))),
            ("base64 of a sentence", STANDARD.encode(format!("ab{KEY} was refused"))),
            ("base64 of a header", STANDARD.encode(format!("Bearer {KEY}\r\n"))),
            ("base64 for URLs", URL_SAFE.encode(format!("??>{KEY}"))),
            ("base64 for URLs, no padding", URL_SAFE_NO_PAD.encode(KEY)),
            ("base64, percent", percent(&STANDARD.encode(KEY), upper)),
            ("base64 in JSON, in lines", {
                let text = STANDARD.encode(KEY);
                format!("{}\\r\\n{}", &text[..10], &text[10..])
            }),
        ]
    }

    /// No six letters of the key in a row, in any reading that a person would think of.
    fn assert_gone(text: &str, what: &str) {
        let readings =
            [text.to_owned(), percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()];
        for reading in readings {
            for part in KEY.as_bytes().windows(6) {
                let part = std::str::from_utf8(part).unwrap();
                let digits: String = part.bytes().map(lower).collect();
                assert!(!reading.contains(part), "{what}: {text}");
                assert!(
                    !reading.to_ascii_lowercase().replace([':', ' '], "").contains(&digits),
                    "{what}: {text}"
                );
            }
            for word in reading.split(|c: char| !c.is_ascii_alphanumeric() && !"+/-_".contains(c)) {
                let word = word.replace('-', "+").replace('_', "/");
                for cut in 0..4.min(word.len() + 1) {
                    let mut word = &word[cut..];
                    word = &word[..word.len() / 4 * 4];
                    let decoded = STANDARD.decode(word).unwrap_or_default();
                    let shows = KEY.as_bytes().windows(6).any(|part| decoded.windows(6).any(|w| w == part));
                    assert!(!shows, "{what}: {text}");
                }
            }
        }
    }

    #[test]
    fn a_key_is_removed_in_every_form() {
        for (name, form) in every_form() {
            for text in [form.clone(), format!("before {form} behind"), format!("\"{form}\",{form}\n{form}")]
            {
                let out = scrubbed(&text);
                assert!(out.contains(REMOVED), "{name}: {out}");
                assert_gone(&out, name);
            }
            let out = scrubbed(&format!("before {form} behind"));
            assert!(out.starts_with("before ") && out.ends_with(" behind"), "{name}: {out}");
        }
    }

    #[test]
    fn what_is_json_stays_json() {
        for (name, form) in every_form() {
            let Ok(inner) =
                serde_json::from_str::<Value>(&format!("{{\"id\":\"x\",\"e\":\"\\n{form}\\n\"}}"))
            else {
                assert!(["hex escapes", "in four bytes a letter", "in lines"].contains(&name), "{name}");
                continue;
            };
            let outer = json!({"id": "x", "e": inner.to_string(), "list": [form.as_str()], form.as_str(): 1});
            for text in [inner.to_string(), outer.to_string()] {
                let out = scrubbed(&text);
                let value: Value =
                    serde_json::from_str(&out).unwrap_or_else(|e| panic!("{name}: {e}: {out}"));
                assert_eq!(value["id"], "x", "{name}");
                assert_gone(&out, name);
            }
        }
        // A letter of an escape that could begin the key does not.
        let out = scrub("nsecret", r#"{"id":"x","e":"\nsecret \\nsecret"}"#).unwrap();
        assert_eq!(serde_json::from_str::<Value>(&out).unwrap()["id"], "x", "{out}");
        assert!(!out.contains("nsecret"));
    }

    #[test]
    fn what_only_resembles_it_stays() {
        for text in [
            "sk_user:1234-Made/Up+Key=~7.",
            "it ends like sk_us",
            "100% of \\u00e9t\\u00e9 & more &amp; 50%",
            "%",
            "\\",
            "&#;&#x;&#99999999999999999999;",
            "\\u12",
            "",
        ] {
            assert_eq!(scrub(KEY, text), None, "{text}");
        }
        assert_eq!(scrub("short", "short"), None);
    }

    #[test]
    fn what_is_cut_off_within_the_key_keeps_nothing_of_it() {
        for (name, form) in every_form().into_iter().filter(|(name, _)| !name.contains("lines")) {
            let text = format!("the key {form}");
            let half = text.floor_char_boundary("the key ".len() + form.len() * 2 / 3);
            let out = scrubbed(&text[..half]);
            assert!(out.starts_with("the key ") && out.contains(REMOVED), "{name}: {out}");
            // What stands before it in what is encoded stays.
            assert!(out.len() < 40, "{name}: {out}");
        }
        assert_eq!(scrubbed("key sk_user:1234-Ma"), "key [key removed]");
        assert_eq!(scrubbed("key sk_user:1234-Ma was refused"), "key sk_user:1234-Ma was refused");
    }

    #[test]
    fn keys_of_odd_letters_are_found() {
        for key in ["100%41sure", "back\\u0041slash", "a&amp;b&b", "aaaaaa", "ab=ab=ab", "~!@#$%^&*()"] {
            for text in
                [key.to_owned(), percent(key, upper), STANDARD.encode(format!("x:{key}")), key.repeat(3)]
            {
                let out = scrub(key, &format!("<{text}>")).unwrap_or_else(|| panic!("{key} in {text}"));
                assert!(
                    out.starts_with(&format!("<{REMOVED}")) || out.starts_with(&format!("<{}", &text[..2])),
                    "{out}"
                );
                assert!(!out.contains(key), "{out}");
            }
        }
        assert_eq!(scrub("aaaaaa", "baaaaaaaaab").as_deref(), Some("b[key removed]b"));
    }

    /// Each took quadratic time where a find was cut out of the text, or would where a near miss is read again.
    #[test]
    fn long_texts_of_keys_and_of_near_misses_are_read_once_a_layer() {
        // Each letter by each form, and once more where it does not fit.
        let assert_linear = |key: &str, text: &str| {
            let most = 2 * forms(key.as_bytes()).len() * (MAX_LAYERS + 1) * text.len();
            let steps = STEPS.replace(0);
            assert!(steps <= most, "{steps} steps for {} bytes, and {most} at most", text.len());
        };
        let near = &KEY[..KEY.len() - 1];
        let apart = format!("{KEY}\u{fffd}"); // each is a find of its own
        for part in [KEY, &apart, near, "%25", "\\\\", "\\u0073", "&#x73;", "%", "&", "\u{fffd}"] {
            let text = format!("{}.", part.repeat(200_000 / part.len()));
            STEPS.set(0);
            let out = scrubbed(&text);
            assert_linear(KEY, &text);
            assert_eq!(out.contains(REMOVED), part.starts_with(KEY), "{part}");
        }
        let text = format!("{}b", "a".repeat(4095)).repeat(50);
        let key = "a".repeat(4096);
        assert_eq!(scrub(&key, &text), None);
        assert_linear(&key, &text);
    }

    #[test]
    fn a_key_that_ends_with_a_backslash_is_found_at_the_very_end_too() {
        for text in ["x secret-key\\", "x %73ecret-key\\", "x &#115;ecret-key\\"] {
            assert_eq!(scrub("secret-key\\", text).as_deref(), Some("x [key removed]"), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_a_panic_and_keeps_no_key(parts in prop::collection::vec(
            prop_oneof![Just(KEY.to_owned()), "[%\\\\&#xu0-9a-f;é ]{0,6}", prop::sample::select(every_form().into_iter().map(|(_, form)| form).collect::<Vec<_>>())], 0..12)) {
            let text = parts.concat();
            let out = scrubbed(&text);
            prop_assert!(!out.contains(KEY), "{out}");
            prop_assert!(!out.contains(&STANDARD_NO_PAD.encode(KEY)[..36]), "{out}");
        }
    }
}
