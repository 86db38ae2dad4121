//! FLAC, MP3 and raw AAC: the sound, and what is needed to find one's way in it.

use std::io::{self, Write};

use super::original::Original;
use crate::media::frames::after_tags;
use crate::media::source::Source;

/// More blocks than these are no FLAC.
const MAX_BLOCKS: usize = 10_000;

/// Copies a FLAC with its description and its table, without tags, covers and what programs keep there.
pub(super) fn flac(from: &mut Original<'_>, out: &mut impl Write) -> io::Result<()> {
    let begin = tag_end(from);
    from.seek(begin)?;
    if &from.bytes::<4>()? != b"fLaC" {
        return Err(io::ErrorKind::InvalidData.into());
    }
    out.write_all(b"fLaC")?;
    let mut kept = vec![];
    for _ in 0..MAX_BLOCKS {
        let [kind, a, b, c] = from.bytes()?;
        let length = u64::from(u32::from_be_bytes([0, a, b, c]));
        // Stream info and the seek table; a cue sheet names no one, and says where tracks begin.
        if matches!(kind & 0x7f, 0 | 3 | 5) {
            kept.push((kind & 0x7f, from.at()?, length));
        }
        from.skip(length)?;
        if kind & 0x80 != 0 {
            let sound = from.at()?;
            let last = kept.len().checked_sub(1).ok_or(io::ErrorKind::InvalidData)?;
            for (n, (kind, at, length)) in kept.into_iter().enumerate() {
                out.write_all(&[kind | if n == last { 0x80 } else { 0 }])?;
                out.write_all(&(length as u32).to_be_bytes()[1..])?;
                from.seek(at)?;
                from.copy(length, out)?;
            }
            let end = tail(from)?;
            from.seek(sound)?;
            return from.copy(end.saturating_sub(sound), out);
        }
    }
    Err(io::ErrorKind::InvalidData.into())
}

/// Copies the frames of an MP3 or of raw AAC without the tags in front of them and behind them.
pub(super) fn frames(from: &mut Original<'_>, out: &mut impl Write) -> io::Result<()> {
    let begin = tag_end(from);
    let end = tail(from)?;
    if begin >= end {
        return Err(io::ErrorKind::InvalidData.into());
    }
    from.seek(begin)?;
    from.copy(end - begin, out)
}

/// Returns where the tags in front end.
fn tag_end(from: &mut Original<'_>) -> u64 {
    let length = from.len;
    after_tags(&mut Source::new(&mut from.file, length))
}

/// Returns where the tags behind the sound begin: `ID3v1`, APE and Lyrics3, in any order.
fn tail(from: &mut Original<'_>) -> io::Result<u64> {
    let mut end = from.len;
    for _ in 0..8 {
        let before = end;
        if end >= 128 {
            from.seek(end - 128)?;
            if &from.bytes::<3>()? == b"TAG" {
                end -= 128;
                // One may have more in front of it.
                if end >= 227 {
                    from.seek(end - 227)?;
                    if &from.bytes::<4>()? == b"TAG+" {
                        end -= 227;
                    }
                }
            }
        }
        if end >= 32 {
            from.seek(end - 32)?;
            let foot: [u8; 32] = from.bytes()?;
            if foot.starts_with(b"APETAGEX") {
                let size = u64::from(u32::from_le_bytes([foot[12], foot[13], foot[14], foot[15]]));
                let head = if foot[23] & 0x80 == 0 { 0 } else { 32 };
                end = end.saturating_sub(size.max(32) + head);
            }
        }
        if end >= 15 {
            from.seek(end - 15)?;
            let foot: [u8; 15] = from.bytes()?;
            if foot.ends_with(b"LYRICS200") {
                let size = std::str::from_utf8(&foot[..6]).ok().and_then(|digits| digits.parse::<u64>().ok());
                end = end.saturating_sub(size.unwrap_or(0) + 15);
            }
        }
        if end == before {
            break;
        }
    }
    Ok(end)
}
