//! Bytes and texts out of files that may be forged: read within bounds.

use std::io::Read;

/// Longer parts of a file are not read.
pub(super) const MAX_BYTES: u64 = 1024 * 1024;
/// More parts than these are not looked at.
pub(super) const MAX_PARTS: usize = 20_000;
/// Longer names are cut.
pub(super) const MAX_CHARS: usize = 120;

/// Reads as many bytes as the array has.
pub(super) fn array<const N: usize>(file: &mut impl Read) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    file.read_exact(&mut bytes).ok()?;
    Some(bytes)
}

/// Reads as many bytes as are there, and no more than the bound.
pub(super) fn read(file: &mut impl Read, bytes: u64, bound: u64) -> Option<Vec<u8>> {
    let mut out = vec![];
    file.take(bytes.min(bound)).read_to_end(&mut out).ok()?;
    Some(out)
}

/// Returns a text as it was meant: in UTF-16 where half of its bytes are nothing (or `little` says in which order they
/// stand), in UTF-8, or in Latin-1. What stands behind a zero is another line.
pub(super) fn text_of(bytes: &[u8], little: Option<bool>) -> String {
    let end = bytes.iter().rposition(|b| *b != 0).map_or(0, |n| n + 1);
    let zeros = |odd: usize| bytes[..end].iter().skip(odd).step_by(2).filter(|b| **b == 0).count();
    let (first, second) = (zeros(0), zeros(1));
    let many = if little.is_some() { end / 16 } else { end / 4 };
    let little = match bytes {
        [0xff, 0xfe, ..] => Some(true),
        [0xfe, 0xff, ..] => Some(false),
        _ if first > many && first > second * 4 => Some(false),
        _ if second > many && second > first * 4 => Some(true),
        _ => little,
    };
    let text = match (little, std::str::from_utf8(bytes)) {
        (Some(little), _) => {
            let read = if little { u16::from_le_bytes } else { u16::from_be_bytes };
            let units: Vec<u16> = bytes.chunks_exact(2).map(|two| read([two[0], two[1]])).collect();
            String::from_utf16_lossy(&units)
        }
        (None, Ok(text)) => text.to_owned(),
        (None, Err(_)) => bytes.iter().map(|b| char::from(*b)).collect(),
    };
    let lines =
        text.split('\0').map(|line| line.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}'));
    lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}

pub(super) fn short(text: &str, chars: usize) -> String {
    text.trim().chars().take(chars).collect()
}

/// Returns where something ends, wherever it stands.
pub(super) fn ends_of<'a>(bytes: &'a [u8], part: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
    let windows = bytes.windows(part.len()).enumerate();
    windows.filter(move |(_, window)| *window == part).map(|(at, _)| at + part.len())
}

/// Reads "+48.1372+011.5756/", "+4808.25+01134.5/": each with its sign, in degrees, or degrees and minutes, or seconds,
/// too.
pub(super) fn iso6709(text: &str) -> Option<(f64, f64)> {
    let mut rest = text;
    let mut next = |whole: usize| {
        let negative = match rest.chars().next()? {
            '+' => false,
            '-' => true,
            _ => return None,
        };
        let end = rest[1..].find(|c: char| !c.is_ascii_digit() && c != '.').map_or(rest.len(), |n| n + 1);
        let number = &rest[1..end];
        rest = &rest[end..];
        let digits = number.find('.').unwrap_or(number.len());
        let part = |from: usize, to: usize| number.get(from..to)?.parse::<f64>().ok();
        let value = match digits.saturating_sub(whole) {
            2..=3 => part(0, whole)? + part(whole, number.len())? / 60.0,
            4.. => part(0, whole)? + part(whole, whole + 2)? / 60.0 + part(whole + 2, number.len())? / 3600.0,
            _ => number.parse().ok()?,
        };
        Some(if negative { -value } else { value })
    };
    Some((next(2)?, next(3)?))
}
