//! Artist and title of sound, and what people and generators write beside them: ID3, APE, Vorbis comments, RIFF's INFO.

use std::io::{Read, Seek, SeekFrom};

use super::bytes::{MAX_BYTES, array, read, text_of};
use super::found::MetadataFound;
use super::{c2pa, made};

/// More tags, frames, blocks or pages than these are not looked at.
const MAX_TAGS: usize = 8;
const MAX_FRAMES: usize = 1000;
const MAX_PAGES: usize = 256;
/// Longer texts are not read.
const MAX_TEXT: u64 = 256 * 1024;

/// Reads the tags of a file: ID3 in front, then those of FLAC or Ogg, and the old ones at the end.
pub(super) fn tags(file: &mut (impl Read + Seek), length: u64, found: &mut MetadataFound) -> Option<()> {
    let mut at = 0;
    for _ in 0..MAX_TAGS {
        file.seek(SeekFrom::Start(at)).ok()?;
        let Some(bytes) = id3(file, found) else { break };
        at += bytes;
    }
    file.seek(SeekFrom::Start(at)).ok()?;
    match &array::<4>(file)? {
        b"fLaC" => flac(file, found),
        b"OggS" => ogg(file, at, found),
        _ => Some(()),
    };
    at_the_end(file, length, found)
}

/// Reads the tags behind the sound: `ID3v1`, which has fields of one length, and APE before it.
fn at_the_end(file: &mut (impl Read + Seek), length: u64, found: &mut MetadataFound) -> Option<()> {
    let mut end = length;
    if let Some(at) = end.checked_sub(128) {
        file.seek(SeekFrom::Start(at)).ok()?;
        let old: [u8; 128] = array(file)?;
        if old.starts_with(b"TAG") {
            found.title(&text_of(&old[3..33], None));
            found.author(&text_of(&old[33..63], None));
            // The number of the track may stand behind a zero in it.
            let comment = if old[125] == 0 { &old[97..125] } else { &old[97..127] };
            found.comment(&text_of(comment, None));
            end = at;
        }
    }
    file.seek(SeekFrom::Start(end.checked_sub(32)?)).ok()?;
    let foot: [u8; 32] = array(file)?;
    foot.starts_with(b"APETAGEX").then_some(())?;
    let size = u64::from(u32::from_le_bytes([foot[12], foot[13], foot[14], foot[15]]));
    file.seek(SeekFrom::Start(end.checked_sub(size)?)).ok()?;
    ape(&read(file, size.saturating_sub(32), MAX_BYTES)?, found);
    Some(())
}

/// Reads the items of an APE tag: a length, flags, a name, a zero, and the text.
fn ape(bytes: &[u8], found: &mut MetadataFound) {
    let mut rest = bytes;
    for _ in 0..MAX_FRAMES {
        let [a, b, c, d, flags, _, _, _, item @ ..] = rest else { return };
        let size = u32::from_le_bytes([*a, *b, *c, *d]) as usize;
        let Some(zero) = item.iter().take(256).position(|byte| *byte == 0) else { return };
        let value = &item[zero + 1..];
        let Some(text) = value.get(..size) else { return };
        // The others are bytes, such as covers.
        if flags & 0b110 == 0 {
            let key = String::from_utf8_lossy(&item[..zero]).to_ascii_uppercase();
            named(&key, &text_of(text, None), found);
        }
        rest = &value[size..];
    }
}

/// Returns a tag of ID3, of any version; gives back how long it is.
pub(super) fn id3(file: &mut (impl Read + Seek), found: &mut MetadataFound) -> Option<u64> {
    let head: [u8; 10] = array(file)?;
    head.starts_with(b"ID3").then_some(())?;
    let (version, flags) = (head[3], head[5]);
    let size = u64::from(by_sevens(&head[6..10]));
    let begin = file.stream_position().ok()?;
    let mut at = begin;
    if flags & 0x40 != 0 && version > 2 {
        let length: [u8; 4] = array(file)?;
        at += if version == 3 {
            4 + u64::from(u32::from_be_bytes(length))
        } else {
            u64::from(by_sevens(&length))
        };
    }
    let end = begin + size;
    for _ in 0..MAX_FRAMES {
        match frame(file, version, flags, at, end, found) {
            Some(next) => at = next,
            None => break,
        }
    }
    Some(10 + size + if flags & 0x10 != 0 { 10 } else { 0 })
}

/// Returns one frame of a tag; gives back where the next one begins.
fn frame(
    file: &mut (impl Read + Seek),
    version: u8,
    flags: u8,
    at: u64,
    end: u64,
    found: &mut MetadataFound,
) -> Option<u64> {
    let head = if version == 2 { 6 } else { 10 };
    (at + head < end).then_some(())?;
    file.seek(SeekFrom::Start(at)).ok()?;
    let (name, size) = if version == 2 {
        let bytes: [u8; 6] = array(file)?;
        (bytes[..3].to_vec(), u64::from(u32::from_be_bytes([0, bytes[3], bytes[4], bytes[5]])))
    } else {
        let bytes: [u8; 10] = array(file)?;
        let plain = u64::from(u32::from_be_bytes([bytes[4], bytes[5], bytes[6], bytes[7]]));
        let sevens = u64::from(by_sevens(&bytes[4..8]));
        // Some write sizes of 2.4 as those of 2.3: then a frame begins there.
        let size = if version == 4 && (plain == sevens || !is_frame(file, at + head + plain, end)) {
            sevens
        } else {
            plain
        };
        (bytes[..4].to_vec(), size)
    };
    let next = at + head + size;
    (is_name(&name) && size > 0 && next <= end).then_some(())?;
    let wanted = match &name[..] {
        b"TPE1" | b"TP1" | b"TIT2" | b"TT2" | b"TXXX" | b"TXX" | b"COMM" | b"COM" | b"TCOP" | b"TCR" => {
            MAX_TEXT
        }
        b"GEOB" | b"GEO" => c2pa::MAX_BYTES,
        _ => return Some(next),
    };
    file.seek(SeekFrom::Start(at + head)).ok()?;
    let mut content = read(file, size, wanted)?;
    if flags & 0x80 != 0 {
        // A zero was put behind every byte of ones.
        let mut before = 0;
        content.retain(|b| std::mem::replace(&mut before, *b) != 0xff || *b != 0);
    }
    if name.starts_with(b"GEO") {
        if c2pa::is_manifest(&content) {
            c2pa::manifest(&content, found);
        }
        return Some(next);
    }
    let (coding, mut text) = content.split_first()?;
    if name.starts_with(b"COM") {
        text = text.get(3..)?; // the language
    }
    let wide = matches!(coding, 1 | 2);
    match &name[..] {
        b"TPE1" | b"TP1" | b"TCOP" | b"TCR" => found.author(&decoded(*coding, text)),
        b"TIT2" | b"TT2" => found.title(&decoded(*coding, text)),
        _ => {
            // What it is, a zero, and the text.
            let unit = if wide { 2 } else { 1 };
            let zero = text.chunks_exact(unit).position(|c| c.iter().all(|b| *b == 0))? * unit;
            let (key, text) = (decoded(*coding, &text[..zero]), decoded(*coding, &text[zero + unit..]));
            made::keyed(&key, &text, found);
            // Under a name of their own programs keep what they need, such as gaps.
            if name.starts_with(b"COM") && key.is_empty() {
                found.comment(&text);
            }
        }
    }
    Some(next)
}

fn decoded(coding: u8, text: &[u8]) -> String {
    let little = match (coding, text) {
        (1, [0xfe, 0xff, ..]) | (2, _) => Some(false),
        (1, _) => Some(true),
        _ => None,
    };
    text_of(text, little)
}

fn is_name(name: &[u8]) -> bool {
    name.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

/// Returns whether a frame begins there, or the tag ends.
fn is_frame(file: &mut (impl Read + Seek), at: u64, end: u64) -> bool {
    let mut name = || {
        file.seek(SeekFrom::Start(at)).ok()?;
        array::<4>(file)
    };
    at == end || at + 10 < end && name().is_some_and(|name| is_name(&name))
}

/// Reads four bytes of seven bits each.
fn by_sevens(bytes: &[u8]) -> u32 {
    bytes.iter().take(4).fold(0, |n, b| n << 7 | u32::from(b & 0x7f))
}

/// Reads the blocks before the sound.
fn flac(file: &mut (impl Read + Seek), found: &mut MetadataFound) -> Option<()> {
    for _ in 0..MAX_FRAMES {
        let [kind, length @ ..]: [u8; 4] = array(file)?;
        let length = u64::from(u32::from_be_bytes([0, length[0], length[1], length[2]]));
        let begin = file.stream_position().ok()?;
        if kind & 0x7f == 4 {
            vorbis(&read(file, length, MAX_BYTES)?, found);
        }
        if kind & 0x80 != 0 {
            break;
        }
        file.seek(SeekFrom::Start(begin + length)).ok()?;
    }
    Some(())
}

/// Reads the second packet of each stream of the first pages.
fn ogg(file: &mut (impl Read + Seek), begin: u64, found: &mut MetadataFound) -> Option<()> {
    let mut streams: Vec<(u32, Vec<u8>)> = vec![];
    let mut at = begin;
    for _ in 0..MAX_PAGES {
        file.seek(SeekFrom::Start(at)).ok()?;
        let head: [u8; 27] = array(file)?;
        head.starts_with(b"OggS").then_some(())?;
        let serial = u32::from_le_bytes([head[14], head[15], head[16], head[17]]);
        let laces = read(file, u64::from(head[26]), 255)?;
        let whole: u64 = laces.iter().map(|n| u64::from(*n)).sum();
        let page = read(file, whole, whole)?;
        at += 27 + laces.len() as u64 + whole;
        if !streams.iter().any(|(other, _)| *other == serial) && streams.len() < MAX_TAGS {
            streams.push((serial, vec![]));
        }
        let Some((_, packet)) = streams.iter_mut().find(|(other, _)| *other == serial) else { continue };
        let mut from = 0;
        for length in laces {
            let to = (from + usize::from(length)).min(page.len());
            if (packet.len() as u64) < MAX_BYTES {
                packet.extend_from_slice(&page[from..to]);
            }
            from = to;
            if length == 255 {
                continue;
            }
            let packet = std::mem::take(packet);
            let comments = [&b"\x03vorbis"[..], b"OpusTags", b"\x81theora"];
            let comments = comments.into_iter().find_map(|name| packet.strip_prefix(name));
            if let Some(comments) = comments.or_else(|| packet.get(4..).filter(|_| packet[0] & 0x7f == 4)) {
                vorbis(comments, found);
                return Some(());
            }
        }
    }
    None
}

/// Reads comments: the writer's name, how many they are, and each with its length in front.
fn vorbis(bytes: &[u8], found: &mut MetadataFound) {
    let part = |at: usize| -> Option<(&[u8], usize)> {
        let length = bytes.get(at..at + 4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]) as usize)?;
        let end = (at + 4).checked_add(length)?.min(bytes.len());
        Some((&bytes[at + 4..end], end))
    };
    let Some((_, mut at)) = part(0) else { return };
    at += 4;
    for _ in 0..MAX_FRAMES {
        let Some((comment, next)) = part(at) else { return };
        at = next;
        let Some(sign) = comment.iter().take(64).position(|b| *b == b'=') else { continue };
        let key = String::from_utf8_lossy(&comment[..sign]).to_ascii_uppercase();
        if !key.ends_with("PICTURE") {
            named(&key, &text_of(&comment[sign + 1..], None), found);
        }
    }
}

/// Reads a tag under the name it has in Vorbis comments, and nearly everywhere else.
pub(super) fn named(key: &str, text: &str, found: &mut MetadataFound) {
    match key {
        "ARTIST" | "COPYRIGHT" => found.author(text),
        "TITLE" => found.title(text),
        "COMMENT" | "DESCRIPTION" => {
            made::free_text(text, found);
            found.comment(text);
        }
        "ENCODER" | "SOFTWARE" | "ENCODED_BY" => found.generator(text),
        other => made::keyed(other, text, found),
    }
}

/// Reads the parts of a list INFO.
pub(super) fn info(bytes: &[u8], found: &mut MetadataFound) {
    let mut rest = bytes;
    while let [a, b, c, d, l0, l1, l2, l3, behind @ ..] = rest {
        let length = u32::from_le_bytes([*l0, *l1, *l2, *l3]) as usize;
        let text = text_of(&behind[..length.min(behind.len())], None);
        match &[*a, *b, *c, *d] {
            b"IART" | b"ICOP" => found.author(&text),
            b"INAM" => found.title(&text),
            b"ISFT" => found.generator(&text),
            b"ICMT" => named("COMMENT", &text, found),
            _ => {}
        }
        rest = behind.get(length + length % 2..).unwrap_or_default();
    }
}
