//! Single values of a file: names, texts, sizes, times, pointers, templates.

use std::time::Duration;

use serde_json::Value;

use super::section::{BuildResult, FileSection};
use crate::model::text::{MB, sanitize};
use crate::provider::hosts;
use crate::provider::lifetime;
use crate::provider::template::TextTemplate;

/// No list in a file has more entries.
pub(super) const MAX_ENTRIES: usize = 100;

/// No text for people is longer.
pub(super) const MAX_TEXT: usize = 400;

pub(super) fn leak(text: impl Into<String>) -> &'static str {
    Box::leak(text.into().into_boxed_str())
}

pub(super) fn leak_all<T>(all: Vec<T>) -> &'static [T] {
    Box::leak(all.into_boxed_slice())
}

pub(super) fn leak_texts(all: &[String]) -> &'static [&'static str] {
    leak_all(all.iter().map(|text| leak(text.as_str())).collect())
}

/// Small letters, digits and `-`.
pub(super) fn check_id(section: FileSection<'_>, field: &str, id: &str) -> BuildResult<()> {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if (1..=40).contains(&id.len()) && id.bytes().all(plain) && !id.starts_with('-') && !id.ends_with('-') {
        return Ok(());
    }
    Err(section.error(field, "must be small letters, digits and - only, at most 40"))
}

/// One line for people.
pub(super) fn check_text(section: FileSection<'_>, field: &str, text: &str, max: usize) -> BuildResult<()> {
    let is_line = sanitize(text) == text;
    if is_line && !text.trim().is_empty() && text.chars().count() <= max {
        return Ok(());
    }
    Err(section.error(field, format_args!("must be one line of text, at most {max} characters")))
}

pub(super) fn check_page(section: FileSection<'_>, field: &str, page: &str) -> BuildResult<()> {
    let is_page = url::Url::parse(page).is_ok_and(|url| url.scheme() == "https" && url.username().is_empty());
    match is_page && page.len() <= 2048 {
        true => Ok(()),
        false => Err(section.error(field, "must be an address with https://")),
    }
}

/// Names of parameters and headers.
pub(super) fn check_name(section: FileSection<'_>, field: &str, name: &str) -> BuildResult<()> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'[' | b']' | b':');
    match (1..=80).contains(&name.len()) && name.bytes().all(plain) {
        true => Ok(()),
        false => Err(section.error(field, "must be letters, digits, - and _ only")),
    }
}

pub(super) fn pointer(section: FileSection<'_>, field: &str, text: &str) -> BuildResult<&'static str> {
    match text.starts_with('/') && text.len() <= 200 {
        true => Ok(leak(text)),
        false => {
            Err(section.error(field, format_args!("must be a JSON pointer like /data/url, not {text:?}")))
        }
    }
}

pub(super) fn pointers(
    section: FileSection<'_>,
    field: &str,
    all: &[String],
) -> BuildResult<&'static [&'static str]> {
    if all.len() > MAX_ENTRIES {
        return Err(section.error(field, format_args!("must have at most {MAX_ENTRIES} entries")));
    }
    Ok(leak_all(all.iter().map(|text| pointer(section, field, text)).collect::<BuildResult<_>>()?))
}

pub(super) fn template(section: FileSection<'_>, field: &str, text: &str) -> BuildResult<TextTemplate> {
    TextTemplate::parse(text).map_err(|e| section.error(field, e))
}

/// `20 MB`, `500 kB`, `312 bytes`.
pub(super) fn size(section: FileSection<'_>, field: &str, text: &str) -> BuildResult<u64> {
    let (number, unit) = text.trim().split_once(' ').unwrap_or((text, ""));
    let unit = match unit {
        "bytes" => 1,
        "kB" => 1024,
        "MB" => MB,
        "GB" => 1024 * MB,
        _ => 0,
    };
    let bytes = number
        .parse::<f64>()
        .ok()
        .filter(|n| n.is_finite() && *n > 0.0 && *n < 1e9)
        .map(|n| (n * unit as f64) as u64);
    bytes
        .filter(|bytes| *bytes > 0)
        .ok_or_else(|| section.error(field, "must be a size like \"20 MB\", \"500 kB\" or \"1 GB\""))
}

/// `10s`, `30min`, `24h`, `30d`.
pub(super) fn duration(section: FileSection<'_>, field: &str, text: &str) -> BuildResult<Duration> {
    lifetime::duration(text)
        .ok_or_else(|| section.error(field, "must be a time like \"10s\", \"30min\", \"24h\" or \"30d\""))
}

pub(super) fn json(section: FileSection<'_>, field: &str, text: &str) -> BuildResult<Value> {
    serde_json::from_str(text).map_err(|e| section.error(field, format_args!("must be JSON: {e}")))
}

pub(super) fn json_of(
    section: FileSection<'_>,
    field: &str,
    text: Option<&String>,
) -> BuildResult<Option<Value>> {
    text.map(|text| json(section, field, text)).transpose()
}

/// Checks the name of a header, in small letters. Those that say where a request goes, how long it is, or who sends it, are
/// Hoist's own.
pub(super) fn check_header_name(section: FileSection<'_>, field: &str, name: &str) -> BuildResult<()> {
    let token = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_';
    if name.is_empty() || name.len() > 80 || !name.bytes().all(token) {
        return Err(section.error(field, format_args!("{name:?} must be a header's name in small letters")));
    }
    Ok(())
}

pub(super) fn check_header(
    section: FileSection<'_>,
    field: &str,
    name: &str,
    for_key: bool,
) -> BuildResult<()> {
    check_header_name(section, field, name)?;
    match hosts::is_own_header(name) && !(for_key && name == "authorization") {
        true if name == "authorization" => {
            Err(section
                .error(field, "must not have authorization: auth in [vendor] says how the key is sent"))
        }
        true => Err(section.error(field, format_args!("{name} is a header that Hoist sets itself"))),
        false => Ok(()),
    }
}
