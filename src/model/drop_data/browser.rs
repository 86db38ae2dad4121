//! What browsers hand over besides addresses.

use std::borrow::Cow;

use crate::model::encoding;

/// Returns a text as browsers write it: UTF-16 or UTF-8, with or without a mark that says so.
pub(super) fn decoded(bytes: &[u8]) -> Cow<'_, str> {
    match bytes {
        // What begins with a letter of ASCII: an address, or `<`.
        [first, 0, ..] if *first != 0 => encoding::lossy(&[b"\xff\xfe", bytes].concat()).into_owned().into(),
        bytes => encoding::lossy(bytes),
    }
}

/// Returns the `src` of the first `<img>`.
pub(super) fn first_picture(html: &str) -> Option<String> {
    let mut rest = html;
    loop {
        rest = &rest[rest.find('<')?..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            // What stands in a comment is no picture, but marks of where a fragment begins are comments, too.
            rest = &comment[comment.find("-->")?..];
            continue;
        }
        let is_image = rest.get(1..4).is_some_and(|name| name.eq_ignore_ascii_case("img"));
        match rest.get(4..) {
            Some(inside) if is_image && inside.starts_with([' ', '\t', '\n', '\r', '\u{c}', '/']) => {
                return attribute(inside, "src").map(|value| unescaped(&value));
            }
            _ => rest = &rest[1..],
        }
    }
}

/// Returns an attribute's value inside of a tag.
fn attribute(inside: &str, wanted: &str) -> Option<String> {
    let blank = |c: char| c.is_ascii_whitespace() || c == '/';
    let mut rest = inside.trim_start_matches(blank);
    while !rest.is_empty() && !rest.starts_with('>') {
        // The first sign is a part of the name, whatever it is.
        let first = rest.chars().next().map_or(0, char::len_utf8);
        let end =
            rest[first..].find(|c: char| blank(c) || c == '=' || c == '>').map_or(rest.len(), |n| n + first);
        let (name, after) = rest.split_at(end);
        let (value, after) = match after.trim_ascii_start().strip_prefix('=') {
            None => ("", after),
            Some(after) => {
                let after = after.trim_ascii_start();
                let quote = after.chars().next().filter(|c| ['"', '\''].contains(c));
                match quote {
                    Some(quote) => after[1..].split_once(quote)?,
                    None => after.split_at(
                        after.find(|c: char| c.is_ascii_whitespace() || c == '>').unwrap_or(after.len()),
                    ),
                }
            }
        };
        if name.eq_ignore_ascii_case(wanted) {
            return Some(value.to_owned());
        }
        rest = after.trim_start_matches(blank);
    }
    None
}

/// Returns a text with the signs in it that HTML writes in another way.
fn unescaped(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut rest = value;
    while let Some(at) = rest.find('&') {
        let (before, after) = rest.split_at(at);
        out.push_str(before);
        let known = after[1..].split_once(';').filter(|(name, _)| name.len() <= 8);
        match known.and_then(|(name, after)| Some((sign(name)?, after))) {
            Some((sign, after)) => {
                out.push(sign);
                rest = after;
            }
            None => {
                out.push('&');
                rest = &after[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

fn sign(name: &str) -> Option<char> {
    let number = |digits: &str, base| u32::from_str_radix(digits, base).ok().and_then(char::from_u32);
    match name {
        "amp" => Some('&'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "lt" => Some('<'),
        "gt" => Some('>'),
        name => {
            let digits = name.strip_prefix('#')?;
            match digits.strip_prefix(['x', 'X']) {
                Some(digits) => number(digits, 16),
                None => number(digits, 10),
            }
        }
    }
}
