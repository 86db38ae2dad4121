//! Where metadata stand in JPEG, PNG, GIF, and the files made of RIFF's chunks: WebP, WAV and AVI.

use std::io::{Read, Seek, SeekFrom};

use flate2::read::ZlibDecoder;

use super::bytes::{MAX_BYTES, MAX_PARTS, array, read, text_of};
use super::found::MetadataFound;
use super::{c2pa, exif, made, sound, xmp};

/// Reads the segments before the picture: EXIF and XMP in APP1, C2PA in APP11, IPTC in APP13, and comments.
pub(super) fn jpeg(file: &mut (impl Read + Seek), found: &mut MetadataFound) -> Option<()> {
    let mut manifest = vec![];
    let done = segments(file, &mut manifest, found);
    if c2pa::is_manifest(&manifest) {
        c2pa::manifest(&manifest, found);
    }
    done
}

fn segments(file: &mut (impl Read + Seek), manifest: &mut Vec<u8>, found: &mut MetadataFound) -> Option<()> {
    (array::<2>(file)? == [0xff, 0xd8]).then_some(())?;
    for _ in 0..MAX_PARTS {
        let [mark, marker] = array(file)?;
        match (mark, marker) {
            (0xff, 0xda | 0xd9) => return Some(()), // the picture begins, or nothing follows
            // After a segment that lies about its length the next one is looked for.
            (_, 0xff) => {
                file.seek(SeekFrom::Current(-1)).ok()?;
                continue;
            }
            (..=0xfe, _) | (_, 0x00 | 0x01 | 0xd0..=0xd8) => continue,
            _ => {}
        }
        let length = u64::from(u16::from_be_bytes(array(file)?)).saturating_sub(2);
        if !matches!(marker, 0xe1 | 0xeb | 0xed | 0xfe) {
            file.seek(SeekFrom::Current(length as i64)).ok()?;
            continue;
        }
        let content = read(file, length, MAX_BYTES)?;
        match marker {
            0xe1 => app1(&content, found),
            0xed => xmp::iptc(&content, found),
            0xfe => made::keyed("Comment", &text_of(&content, None), found),
            _ => {
                // A long box is cut into segments: two letters, its number, that of the segment, then its head again.
                let first = content.get(4..8) == Some(&[0, 0, 0, 1]) || manifest.is_empty();
                let rest = content.get(if first { 8 } else { 16 }..).unwrap_or_default();
                if (manifest.len() as u64) < c2pa::MAX_BYTES {
                    manifest.extend_from_slice(rest);
                }
            }
        }
    }
    None
}

/// Reads EXIF or XMP, each behind its name.
fn app1(content: &[u8], found: &mut MetadataFound) {
    if content.starts_with(b"Exif\0") {
        exif::block(content, found);
    } else if let Some(packet) = content.strip_prefix(b"http://ns.adobe.com/xap/1.0/\0") {
        xmp::packet(packet, found);
    }
}

/// Reads chunks: EXIF, texts, C2PA.
pub(super) fn png(file: &mut (impl Read + Seek), found: &mut MetadataFound) -> Option<()> {
    (&array::<8>(file)? == b"\x89PNG\r\n\x1a\n").then_some(())?;
    for _ in 0..MAX_PARTS {
        let length = u64::from(u32::from_be_bytes(array(file)?));
        let kind: [u8; 4] = array(file)?;
        let before = file.stream_position().ok()?;
        match &kind {
            b"IEND" => return Some(()),
            b"eXIf" => exif::block(&read(file, length, MAX_BYTES)?, found),
            b"caBX" => c2pa::manifest(&read(file, length, c2pa::MAX_BYTES)?, found),
            b"tEXt" | b"iTXt" | b"zTXt" => png_text(kind, &read(file, length, MAX_BYTES)?, found),
            _ => {}
        }
        file.seek(SeekFrom::Start(before + length + 4)).ok()?;
    }
    None
}

/// Reads a text in a PNG: its keyword tells who wrote it.
fn png_text(kind: [u8; 4], content: &[u8], found: &mut MetadataFound) {
    let Some((keyword, rest)) = divided(content) else { return };
    let packed = |bytes: &[u8]| {
        let mut out = vec![];
        // What was unpacked before an error counts.
        let _ = ZlibDecoder::new(bytes).take(MAX_BYTES).read_to_end(&mut out);
        out
    };
    let text = match (&kind, rest) {
        (b"tEXt", text) => text.to_vec(),
        (b"zTXt", [_, bytes @ ..]) => packed(bytes),
        (_, [is_packed, _, rest @ ..]) => {
            let inner = divided(rest).and_then(|(_language, rest)| divided(rest));
            let Some((_translated, text)) = inner else { return };
            if *is_packed == 1 { packed(text) } else { text.to_vec() }
        }
        _ => return,
    };
    let keyword = String::from_utf8_lossy(keyword);
    if let Some(kind) = keyword.strip_prefix("Raw profile type ") {
        profile(kind, &text, found);
        return;
    }
    let value = text_of(&text, None);
    match keyword.to_ascii_lowercase().as_str() {
        "xml:com.adobe.xmp" => xmp::packet(&text, found),
        "author" | "artist" | "copyright" => found.author(&value),
        "software" | "source" | "creator tool" => found.generator(&value),
        "title" if value.ends_with("generated image") => found.generator(&value),
        other => made::keyed(other, &value, found),
    }
}

/// Returns what stands before and behind the first zero.
fn divided(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = bytes.iter().position(|b| *b == 0)?;
    Some((&bytes[..at], &bytes[at + 1..]))
}

/// Reads a block of another format in hexadecimal digits, as `ImageMagick` writes it: its name, its length, and the
/// digits.
fn profile(kind: &str, text: &[u8], found: &mut MetadataFound) {
    let mut lines = text.trim_ascii_start().splitn(3, |b| *b == b'\n');
    let (_name, _length) = (lines.next(), lines.next());
    let digit = |b: &u8| char::from(*b).to_digit(16).map(|digit| digit as u8);
    let digits: Vec<u8> = lines.next().unwrap_or_default().iter().filter_map(digit).collect();
    let bytes: Vec<u8> = digits.chunks_exact(2).map(|two| two[0] << 4 | two[1]).collect();
    match kind.to_ascii_lowercase().as_str() {
        "exif" | "app1" if bytes.starts_with(b"http:") => app1(&bytes, found),
        "exif" | "app1" => exif::block(&bytes, found),
        "xmp" => xmp::packet(&bytes, found),
        "iptc" | "8bim" => xmp::iptc(&bytes, found),
        _ => {}
    }
}

/// Reads the blocks of a GIF: XMP and comments.
pub(super) fn gif(file: &mut (impl Read + Seek), found: &mut MetadataFound) -> Option<()> {
    let head: [u8; 13] = array(file)?;
    head.starts_with(b"GIF").then_some(())?;
    let table = |flags: u8| if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) };
    file.seek(SeekFrom::Current(table(head[10]))).ok()?;
    for _ in 0..MAX_PARTS {
        match array(file)? {
            [0x21] => {
                let [label] = array(file)?;
                // Its name; a comment has none.
                let [length] = if label == 0xff { array(file)? } else { [0] };
                let name = read(file, length.into(), MAX_BYTES)?;
                match (label, name.as_slice()) {
                    // XMP is not divided: what seems to be the length of a part is a letter of it.
                    (0xff, b"XMP DataXMP") => xmp::packet(&gif_parts(file, true)?, found),
                    (0xfe, _) => made::keyed("Comment", &text_of(&gif_parts(file, false)?, None), found),
                    _ => {
                        gif_parts(file, false)?;
                    }
                }
            }
            [0x2c] => {
                let head: [u8; 9] = array(file)?;
                file.seek(SeekFrom::Current(table(head[8]) + 1)).ok()?;
                gif_parts(file, false)?;
            }
            _ => return Some(()),
        }
    }
    None
}

/// Reads the parts of a block up to the one without a length; what is behind the bound is skipped.
fn gif_parts(file: &mut (impl Read + Seek), with_lengths: bool) -> Option<Vec<u8>> {
    let mut out = vec![];
    loop {
        let [length] = array(file)?;
        if length == 0 {
            return Some(out);
        }
        let mut part = [0; 255];
        let part = &mut part[..usize::from(length)];
        file.read_exact(part).ok()?;
        if (out.len() as u64) < MAX_BYTES {
            out.extend(with_lengths.then_some(length));
            out.extend_from_slice(part);
        }
    }
}

/// Reads the chunks of WebP, WAV and AVI.
pub(super) fn riff(file: &mut (impl Read + Seek), length: u64, found: &mut MetadataFound) -> Option<()> {
    let head: [u8; 12] = array(file)?;
    matches!(&head[..4], b"RIFF" | b"RF64" | b"BW64").then_some(())?;
    let mut long_data = None;
    for _ in 0..MAX_PARTS {
        let kind: [u8; 4] = array(file)?;
        let mut bytes = u64::from(u32::from_le_bytes(array(file)?));
        let before = file.stream_position().ok()?;
        match &kind {
            b"EXIF" => exif::block(&read(file, bytes, MAX_BYTES)?, found),
            b"XMP " | b"_PMX" => xmp::packet(&read(file, bytes, MAX_BYTES)?, found),
            b"C2PA" => c2pa::manifest(&read(file, bytes, c2pa::MAX_BYTES)?, found),
            b"id3 " | b"ID3 " => {
                sound::id3(file, found);
            }
            b"LIST" if bytes >= 4 && &array::<4>(file)? == b"INFO" => {
                sound::info(&read(file, bytes - 4, MAX_BYTES)?, found);
            }
            b"ds64" => {
                let sizes = read(file, 16, 16)?;
                long_data = sizes.get(8..16).map(|b| b.iter().rfold(0, |n, b| n << 8 | u64::from(*b)));
            }
            b"data" if bytes == u64::from(u32::MAX) => bytes = long_data.unwrap_or(bytes),
            _ => {}
        }
        // Behind an odd number of bytes stands a zero; some leave it out.
        let end = before.checked_add(bytes).filter(|end| *end < length)?;
        file.seek(SeekFrom::Start(end)).ok()?;
        if bytes % 2 == 1 && array::<1>(file)? != [0] {
            file.seek(SeekFrom::Start(end)).ok()?;
        }
    }
    None
}
