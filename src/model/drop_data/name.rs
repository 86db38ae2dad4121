//! Names for files that come without one, or with one that is not to be trusted.

use percent_encoding::percent_decode_str;
use url::Url;

use crate::model::media::Media;
use crate::model::text;

/// A name is no longer than this in bytes, without its extension: every file system takes that.
const MAX_NAME_BYTES: usize = 120;

/// What Windows takes for a device, whatever follows.
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "com", "lpt"];

/// Returns the name of a file of this type by what somebody else calls it: never a path, nor hidden, nor anything that
/// changes how the text around it is shown, and with the extension of what it is. None where nothing is left.
pub fn of_media(given: &str, media: Media) -> Option<String> {
    let name = safe_name(given)?;
    let (stem, extension) = match name.rsplit_once('.') {
        Some((stem, extension)) if is_extension(extension) => (stem, extension),
        _ => (name.as_str(), ""),
    };
    let extension = match Media::from_extension(extension) {
        Some(named) if named == media => extension.to_ascii_lowercase(),
        _ => media.extensions()[0].to_owned(),
    };
    let stem = text::cut(stem, MAX_NAME_BYTES).trim_end_matches(['.', ' ']);
    (!stem.is_empty()).then(|| format!("{stem}.{extension}"))
}

/// Returns what the last part of an address calls it.
pub fn of_url(url: &Url) -> Option<String> {
    let last = url.path_segments()?.rfind(|segment| !segment.is_empty())?;
    safe_name(&percent_decode_str(last).decode_utf8_lossy())
}

/// Returns what a server calls it (`Content-Disposition`).
pub fn of_disposition(header: &str) -> Option<String> {
    let mut plain = None;
    for (name, value) in parameters(header) {
        match name.as_str() {
            // `UTF-8''a%20b.png` goes before what old programs read.
            "filename*" => {
                let encoded = value.splitn(3, '\'').nth(2)?;
                return safe_name(&percent_decode_str(encoded).decode_utf8_lossy());
            }
            "filename" => plain = plain.or(Some(value)),
            _ => {}
        }
    }
    safe_name(&plain?)
}

/// Returns the parameters of a header, with their names in small letters.
fn parameters(header: &str) -> Vec<(String, String)> {
    let mut all = vec![];
    let mut rest = header;
    while let Some((_, after)) = rest.split_once(';') {
        let Some((name, value)) = after.split_once('=') else { break };
        let value = value.trim_start();
        let (value, after) = match value.strip_prefix('"') {
            Some(quoted) => unquoted(quoted),
            None => {
                let end = value.find(';').unwrap_or(value.len());
                (value[..end].trim().to_owned(), &value[end..])
            }
        };
        all.push((name.trim().to_ascii_lowercase(), value));
        rest = after;
    }
    all
}

/// Returns what stands before the closing quote, and what behind it.
fn unquoted(quoted: &str) -> (String, &str) {
    let mut out = String::new();
    let mut signs = quoted.char_indices();
    while let Some((at, sign)) = signs.next() {
        match sign {
            '"' => return (out, &quoted[at + 1..]),
            '\\' => out.extend(signs.next().map(|(_, sign)| sign)),
            sign => out.push(sign),
        }
    }
    (out, "")
}

fn is_extension(text: &str) -> bool {
    let letters = text.chars().any(|c| c.is_ascii_alphabetic());
    letters && (2..=5).contains(&text.len()) && text.chars().all(|c| c.is_ascii_alphanumeric())
}

/// Returns the last part of what may be a path, without what no name should have.
fn safe_name(given: &str) -> Option<String> {
    let name = given.rsplit(['/', '\\']).next()?;
    let kept = name.chars().filter(|c| !text::is_unsafe_char(*c));
    let name: String = kept.map(|c| if r#"<>:"|?*"#.contains(c) { '_' } else { c }).collect();
    let name = name.trim().trim_start_matches(['.', ' ']).trim_end_matches(['.', ' ']);
    let first = name.split('.').next().unwrap_or_default().trim_end_matches(|c: char| c.is_ascii_digit());
    let is_device = DEVICES.iter().any(|device| device.eq_ignore_ascii_case(first));
    match name {
        "" => None,
        name if is_device => Some(format!("_{name}")),
        name => Some(name.to_owned()),
    }
}
