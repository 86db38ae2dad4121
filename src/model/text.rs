//! Numbers, times and names as people read them.

use std::fmt::Write as _;

/// One MB as every provider here counts it: 1,048,576 bytes.
pub const MB: u64 = 1024 * 1024;

/// Returns a size: "312 bytes", "97.7 kB", "2.1 MB".
pub fn bytes(n: u64) -> String {
    const KB: f64 = 1024.0;
    let f = n as f64;
    if n == 1 {
        "1 byte".into()
    } else if n < 1000 {
        format!("{n} bytes")
    } else if f < 1000.0 * KB {
        format!("{:.1} kB", f / KB)
    } else if f < 1000.0 * KB * KB {
        format!("{:.1} MB", f / (KB * KB))
    } else {
        format!("{:.2} GB", f / (KB * KB * KB))
    }
}

/// Returns a limit, without a decimal it does not need: "20 MB".
pub fn limit(n: u64) -> String {
    match n {
        0 => bytes(n),
        n if n.is_multiple_of(1024 * MB) => format!("{} GB", n / (1024 * MB)),
        n if n.is_multiple_of(MB) => format!("{} MB", n / MB),
        n => bytes(n),
    }
}

/// Returns a size beside the limit it breaks: more decimals until the two differ, so that no one reads "20.0 MB is over 20
/// MB".
pub fn over(n: u64, max: u64) -> String {
    if bytes(n) == bytes(max) { format!("{} bytes", thousands(n)) } else { bytes(n) }
}

/// Returns a whole number with commas: "20,971,521".
pub fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// Seconds on a clock: "0:05", "29:41", "1:02:03".
pub fn clock(seconds: u64) -> String {
    let (h, m, s) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if h > 0 { format!("{h}:{m:02}:{s:02}") } else { format!("{m}:{s:02}") }
}

/// Returns how long something plays: "0:11.9" below a minute, else "1:42".
pub fn playing_time(duration: std::time::Duration) -> String {
    let tenths = (duration.as_millis() + 50) / 100;
    if tenths < 600 {
        return format!("0:{:02}.{}", tenths / 10, tenths % 10);
    }
    clock(((duration.as_millis() + 500) / 1000) as u64)
}

/// Reads a time that was typed: "7:39", "1:02:03", "12.5" and "12,5" seconds.
pub fn typed_time(typed: &str) -> Option<std::time::Duration> {
    let typed = typed.trim().replace(',', ".");
    let mut parts = typed.rsplit(':');
    let seconds: f64 = parts.next()?.parse().ok()?;
    let minutes: u32 = parts.next().map_or(Some(0), |part| part.parse().ok())?;
    let hours: u32 = parts.next().map_or(Some(0), |part| part.parse().ok())?;
    let is_time = parts.next().is_none() && seconds >= 0.0;
    let all = seconds + f64::from(minutes) * 60.0 + f64::from(hours) * 3600.0;
    std::time::Duration::try_from_secs_f64(all).ok().filter(|_| is_time)
}

/// Seconds in words: "4 s", "3 min", "1 h 20 min".
pub fn duration(seconds: u64) -> String {
    match seconds {
        0..=99 => format!("{seconds} s"),
        100..=5999 => format!("{} min", seconds.div_ceil(60)),
        _ => format!("{} h {} min", seconds / 3600, seconds / 60 % 60),
    }
}

/// Counts: `1 file`, `3 files`.
pub fn count(n: usize, one: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {one}s") }
}

/// Returns a count that may be large: `1 file`, `1,234 files`.
pub fn count_thousands(n: usize, one: &str) -> String {
    format!("{} {one}{}", thousands(n as u64), if n == 1 { "" } else { "s" })
}

/// Returns whether a character would change how the text around it is shown, or break a line or a terminal.
pub(super) fn is_unsafe_char(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

/// Returns text from outside (a file name, a provider's words) as it may be shown: control characters and direction
/// overrides become visible escapes, so that neither the window nor a terminal obeys them.
pub fn sanitize(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_unsafe_char(c) {
            let _ = write!(out, "\\u{{{:x}}}", c as u32);
        } else {
            out.push(c);
        }
    }
    out
}

/// Returns JSON as it may be printed: the same values, and what a terminal would obey stands in JSON's own escapes. Writers of
/// JSON escape only what is below the blank.
pub fn json(value: &impl std::fmt::Display) -> String {
    let text = value.to_string();
    if !text.contains(|c| is_unsafe_char(c) && c != '\n') {
        return text;
    }
    let mut out = String::with_capacity(text.len() + 64);
    for c in text.chars() {
        if is_unsafe_char(c) && c != '\n' {
            let _ = write!(out, "\\u{:04x}", c as u32); // all of them have four digits
        } else {
            out.push(c);
        }
    }
    out
}

/// Quotes that are copied along with what is between them.
const QUOTES: [(char, char); 6] = [
    ('"', '"'),
    ('\'', '\''),
    ('`', '`'),
    ('\u{201c}', '\u{201d}'),
    ('\u{2018}', '\u{2019}'),
    ('\u{ab}', '\u{bb}'),
];

/// Returns a value without the blanks and quotes around it, as they are left over in a shell's settings or a copied
/// line.
pub fn unquoted(text: &str) -> &str {
    let mut text = text.trim();
    while let Some(inner) =
        QUOTES.iter().find_map(|(open, close)| text.strip_prefix(*open)?.strip_suffix(*close))
    {
        text = inner.trim();
    }
    text
}

/// Returns an API key without what was copied along with it: quotes, `Bearer `, a header's name, `NAME=`.
pub fn bare_key(text: &str) -> &str {
    let mut text = unquoted(text);
    while let Some(inner) = without_label(text) {
        text = unquoted(inner);
    }
    text
}

/// Returns what follows one label in front of a key. A key of base64 ends with `=`, which makes no name of the rest.
fn without_label(text: &str) -> Option<&str> {
    for label in ["bearer ", "authorization:", "x-api-key:", "export ", "set "] {
        if text.get(..label.len()).is_some_and(|start| start.eq_ignore_ascii_case(label)) {
            return Some(&text[label.len()..]);
        }
    }
    let (name, value) = text.split_once('=')?;
    let name = name.trim_end();
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    (is_name && !value.trim().is_empty() && !value.starts_with('=')).then_some(value)
}

/// Returns a text that begins with a capital letter.
pub fn capitalized(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |c| c.to_uppercase().chain(chars).collect())
}

/// Returns a text with its first letter small, for the middle of a sentence; an abbreviation stays as it is.
pub fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    let Some(first) = chars.next() else { return String::new() };
    if chars.clone().next().is_some_and(char::is_uppercase) {
        return text.to_owned();
    }
    first.to_lowercase().chain(chars).collect()
}

/// Returns words as a sentence lists them: "a, b and c".
pub fn listed(words: &[impl AsRef<str>], last: &str) -> String {
    let words: Vec<_> = words.iter().map(AsRef::as_ref).collect();
    match words.split_last() {
        Some((end, rest)) if !rest.is_empty() => format!("{} {last} {end}", rest.join(", ")),
        Some((end, _)) => (*end).to_owned(),
        None => String::new(),
    }
}

/// Shortens a text in the middle to at most `max` characters, the end kept: file names differ there.
pub fn elide(text: &str, max: usize) -> String {
    let n = text.chars().count();
    if n <= max {
        return text.to_owned();
    }
    let keep = max.saturating_sub(1);
    let tail = keep * 2 / 5;
    let head = keep - tail;
    let start: String = text.chars().take(head).collect();
    let end: String = text.chars().skip(n - tail).collect();
    format!("{start}…{end}")
}

/// Returns the beginning of a text of at most so many bytes.
pub fn cut(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}

/// Returns what is left of a time: "2 h 14 m", "14 m", "42 s".
pub fn time_left(seconds: u64) -> String {
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600, seconds / 60);
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{minutes} m"),
        3600..172_800 => format!("{hours} h {} m", minutes % 60),
        _ => format!("{days} d {} h", hours % 24),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_as_people_type_it() {
        let ms = |typed: &str| typed_time(typed).map(|time| time.as_millis());
        for (typed, right) in [
            ("7:39", 459_000),
            (" 1:02:03 ", 3_723_000),
            ("12.5", 12_500),
            ("0:12,5", 12_500),
            ("0", 0),
            ("90", 90_000),
        ] {
            assert_eq!(ms(typed), Some(right), "{typed}");
        }
        for typed in ["", "a", "1:", ":5", "-3", "1:2:3:4", "1e400", "nan", "inf", "99999999999:0", "-1:30"] {
            assert_eq!(ms(typed), None, "{typed}");
        }
        for shown in ["0:12.5", "1:42", "1:02:03"] {
            assert_eq!(playing_time(typed_time(shown).unwrap()), shown);
        }
    }

    #[test]
    fn sizes_read_as_people_say_them() {
        assert_eq!(bytes(0), "0 bytes");
        assert_eq!(bytes(1), "1 byte");
        assert_eq!(bytes(100_000), "97.7 kB");
        assert_eq!(bytes(48 * MB), "48.0 MB");
        assert_eq!(limit(20 * MB), "20 MB");
        assert_eq!(limit(2048 * MB), "2 GB");
        assert_eq!(over(20 * MB + 1, 20 * MB), "20,971,521 bytes");
        assert_eq!(over(32 * MB, 20 * MB), "32.0 MB");
        assert_eq!(clock(1781), "29:41");
        assert_eq!(clock(3723), "1:02:03");
        assert_eq!(duration(1800), "30 min");
        let playing_time = |milliseconds| playing_time(std::time::Duration::from_millis(milliseconds));
        assert_eq!(playing_time(11_940), "0:11.9");
        assert_eq!(playing_time(59_960), "1:00", "never 0:60.0");
        assert_eq!(playing_time(101_700), "1:42");
    }

    #[test]
    fn units_change_where_people_change_them() {
        for (n, read) in [
            (2, "2 bytes"),
            (999, "999 bytes"),
            (1000, "1.0 kB"),
            (1_023_999, "1000.0 kB"),
            (1_024_000, "1.0 MB"),
            (1_048_575_999, "1000.0 MB"),
            (1_048_576_000, "0.98 GB"),
            (3 * 1024 * MB / 2, "1.50 GB"),
        ] {
            assert_eq!(bytes(n), read);
        }
        for (n, read) in
            [(0, "0 bytes"), (1, "1 byte"), (MB / 2, "512.0 kB"), (MB + 1, "1.0 MB"), (MB, "1 MB")]
        {
            assert_eq!(limit(n), read);
        }
        let all = [999, 1000, 999_999, 1_000_000].map(thousands);
        assert_eq!(all, ["999", "1,000", "999,999", "1,000,000"]);
        let all = [0, 99, 100, 120, 121, 5999, 6000, 7260].map(duration);
        assert_eq!(all, ["0 s", "99 s", "2 min", "2 min", "3 min", "100 min", "1 h 40 min", "2 h 1 min"]);
        let all = [59, 60, 3599, 3600, 8040, 172_799, 172_800, 180_000].map(time_left);
        assert_eq!(all, ["59 s", "1 m", "59 m", "1 h 0 m", "2 h 14 m", "47 h 59 m", "2 d 0 h", "2 d 2 h"]);
        assert_eq!([5, 59, 60, 3599, 3600].map(clock), ["0:05", "0:59", "1:00", "59:59", "1:00:00"]);
        let playing_time = |milliseconds| playing_time(std::time::Duration::from_millis(milliseconds));
        assert_eq!(
            [49, 50, 59_949, 60_499, 60_500].map(playing_time),
            ["0:00.0", "0:00.1", "0:59.9", "1:00", "1:01"]
        );
        assert_eq!([0, 1, 2].map(|n| count(n, "file")), ["0 files", "1 file", "2 files"]);
    }

    #[test]
    fn a_text_is_cut_between_two_letters() {
        assert_eq!(["abc", "äöü", "äöü", "äöü"].map(|text| cut(text, 3)), ["abc", "ä", "ä", "ä"]);
        assert_eq!((cut("äöü", 4), cut("ab", 9), cut("ab", 0)), ("äö", "ab", ""));
    }

    #[test]
    fn hostile_names_are_shown_and_not_obeyed() {
        assert_eq!(sanitize("a\u{202e}gnp.exe"), "a\\u{202e}gnp.exe");
        assert_eq!(sanitize("a\r\nb\u{1b}[2J"), "a\\u{d}\\u{a}b\\u{1b}[2J");
        assert_eq!(sanitize("封面 😀 café"), "封面 😀 café");
        for c in
            ('\u{2066}'..='\u{2069}').chain(['\u{61c}', '\u{202a}', '\u{85}', '\u{9b}', '\u{7f}', '\u{feff}'])
        {
            let shown = sanitize(&format!("a{c}gnp.exe"));
            assert_eq!(shown, format!("a\\u{{{:x}}}gnp.exe", c as u32));
        }
    }

    #[test]
    fn json_says_the_same_and_moves_no_cursor() {
        let value = serde_json::json!({ "a\u{9b}2J": "\u{202e}gnp\u{2066}.exe\u{61c}\u{7f}\n", "b": ["封面 😀 café\\u", 1.5] });
        let printed = json(&value);
        assert!(!printed.contains(is_unsafe_char), "{printed}");
        assert!(printed.contains("\\u202egnp\\u2066.exe") && printed.contains("封面 😀 café"), "{printed}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&printed).unwrap(), value);
    }

    #[test]
    fn quotes_and_blanks_around_a_value_are_taken_off() {
        for text in ["a b", " a b\n", "\"a b\"", " ' a b ' ", "\u{201c}a b\u{201d}", "`\"a b\"`"] {
            assert_eq!(unquoted(text), "a b", "{text}");
        }
        for text in ["", "\"", "a\"", "\"a", "it's"] {
            assert_eq!(unquoted(text), text, "one alone is no pair");
        }
        assert_eq!(unquoted("\" \""), "");
    }

    #[test]
    fn what_was_copied_along_with_a_key_is_taken_off() {
        for text in [
            "user:1-aB=c",
            "Bearer user:1-aB=c",
            "Authorization: Bearer user:1-aB=c\r\n",
            "x-api-key: user:1-aB=c",
            "HOIST_USEAPI_TOKEN=user:1-aB=c",
            "export HOIST_USEAPI_TOKEN=\"user:1-aB=c\"",
            "  token = 'bearer user:1-aB=c'  ",
            "\u{201c}user:1-aB=c\u{201d}",
        ] {
            assert_eq!(bare_key(text), "user:1-aB=c", "{text}");
        }
        for key in ["c2VjcmV0==", "c2VjcmV0=", "sk-a=b", "bearer", "user:1-x", "", "=", "1=2"] {
            assert_eq!(bare_key(key), key, "a key of its own");
        }
    }

    #[test]
    fn eliding_keeps_the_end() {
        assert_eq!(elide("short.png", 20), "short.png");
        assert_eq!((elide("abcdef", 6), elide("abcdefg", 6)), ("abcdef".into(), "abc…fg".into()));
        let out = elide("a-very-long-name-of-a-file-that-goes-on.png", 20);
        assert_eq!(out.chars().count(), 20);
        assert!(out.ends_with("png"), "{out}");
    }
}
