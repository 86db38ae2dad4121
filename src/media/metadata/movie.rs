//! Where metadata stand in the boxes of MP4, `QuickTime`, HEIC and AVIF.

use std::io::{self, Read, Seek};

use super::bytes::{MAX_BYTES, iso6709, text_of};
use super::found::MetadataFound;
use super::telemetry::{self, Telemetry};
use super::{c2pa, exif, sound, xmp};
use crate::media::mp4::{BoxHeader, Walker};
use crate::media::source::Source;
use crate::media::tiff::Tiff;
use crate::model::media::Metadata;

const UUID_C2PA: [u8; 16] =
    [0xd8, 0xfe, 0xc3, 0xd6, 0x1b, 0x0e, 0x48, 0x3c, 0x92, 0x97, 0x58, 0x28, 0x87, 0x7e, 0xc4, 0x81];
const UUID_XMP: [u8; 16] =
    [0xbe, 0x7a, 0xcf, 0xcb, 0x97, 0xa9, 0x42, 0xe8, 0x9c, 0x71, 0x99, 0x94, 0x91, 0xe3, 0xaf, 0xac];
/// Items of a picture beyond these, and names beyond these, are not looked at.
const MAX_ITEMS: usize = 4096;
/// Longer lists are not read.
const MAX_LIST: u64 = 256 * 1024;

/// What was found, and the camera's parts, which stand apart.
struct MovieFacts<'a> {
    found: &'a mut MetadataFound,
    make: Option<String>,
    model: Option<String>,
    /// What its telemetry may hold stands there, not in what was found.
    may_hold_places: bool,
}

impl MovieFacts<'_> {
    fn telemetry(&mut self, telemetry: Telemetry) {
        if let Some((latitude, longitude)) = telemetry.position {
            self.found.add_place(latitude, longitude);
        }
        self.may_hold_places |= telemetry.may_hold_places;
        if telemetry.is_gpmf {
            self.make.get_or_insert_with(|| "GoPro".to_owned());
        }
        if self.model.is_none() {
            self.model = telemetry.model;
        }
    }
}

/// Reads everything that a file has in its boxes. What cannot be read leaves what was found before.
pub(super) fn boxes(source: &mut Source<'_>, found: &mut MetadataFound) -> Option<()> {
    let mut seen = MovieFacts { found, make: None, model: None, may_hold_places: false };
    let length = source.len();
    let mut walker = Walker::new(source);
    let all = walker.each(0, length, |walker, header| match &header.kind {
        b"moov" => movie(walker, header, &mut seen, false),
        b"meta" => picture(walker, header, seen.found),
        b"uuid" => foreign(walker, header, seen.found),
        _ => Ok(()),
    });
    seen.found.camera(seen.make, seen.model);
    if seen.may_hold_places && !seen.found.0.iter().any(|one| matches!(one, Metadata::Place(_))) {
        seen.found.add(Metadata::PossiblePlace);
    }
    all.ok()
}

/// Reads a movie or one of its tracks, which has none in it.
fn movie<R: Read + Seek>(
    walker: &mut Walker<'_, R>,
    header: &BoxHeader,
    seen: &mut MovieFacts<'_>,
    is_track: bool,
) -> io::Result<()> {
    walker.each(header.from, header.to, |walker, header| match &header.kind {
        b"trak" if !is_track => movie(walker, header, seen, true),
        b"mdia" if is_track => {
            // What is broken here leaves the rest as it is.
            seen.telemetry(telemetry::track(walker, header).unwrap_or_default());
            Ok(())
        }
        b"udta" => walker.each(header.from, header.to, |walker, header| user(walker, header, seen)),
        b"meta" => tags(walker, header, seen),
        b"uuid" => foreign(walker, header, seen.found),
        _ => Ok(()),
    })
}

/// Reads a box of somebody's own: C2PA or XMP.
fn foreign<R: Read + Seek>(
    walker: &mut Walker<'_, R>,
    header: &BoxHeader,
    found: &mut MetadataFound,
) -> io::Result<()> {
    match walker.content::<16>(header, 0)? {
        UUID_C2PA => {
            let content = walker.some(header, 16, c2pa::MAX_BYTES)?;
            // Other boxes of C2PA hold no manifest but hashes.
            if c2pa::is_manifest(&content) {
                c2pa::manifest(&content, found);
            }
        }
        UUID_XMP => xmp::packet(&walker.some(header, 16, MAX_BYTES)?, found),
        _ => {}
    }
    Ok(())
}

/// Reads what users' data hold: the texts of `QuickTime` and 3GPP, and tags.
fn user<R: Read + Seek>(
    walker: &mut Walker<'_, R>,
    header: &BoxHeader,
    seen: &mut MovieFacts<'_>,
) -> io::Result<()> {
    match &header.kind {
        b"meta" => return tags(walker, header, seen),
        b"XMP_" => xmp::packet(&walker.some(header, 0, MAX_BYTES)?, seen.found),
        // GoPro's settings, with the camera's name.
        b"GPMF" => {
            let mut telemetry = Telemetry { is_gpmf: true, ..Telemetry::default() };
            telemetry::gpmf(&walker.some(header, 0, MAX_LIST)?, &mut telemetry);
            seen.telemetry(telemetry);
        }
        b"loci" => loci(&walker.some(header, 0, 1024)?, seen.found),
        // A version, a language, and the text.
        b"titl" | b"auth" | b"perf" => {
            let text = text_of(&walker.some(header, 6, 4096)?, None);
            if &header.kind == b"titl" { seen.found.title(&text) } else { seen.found.author(&text) }
        }
        // A length, a language, and the text; some have the box of a tag instead.
        [0xa9, ..] => {
            let content = walker.some(header, 0, MAX_LIST)?;
            let text = match content.get(4..8) {
                Some(b"data") => content.get(16..),
                _ => content.get(4..),
            };
            tag(header.kind, &text_of(text.unwrap_or_default(), None), seen);
        }
        _ => {}
    }
    Ok(())
}

/// Reads a place by 3GPP: a version, a language, a name, a role, then longitude and latitude in 65,536ths of a degree.
fn loci(content: &[u8], found: &mut MetadataFound) {
    let Some(name) = content.get(6..) else { return };
    let end = if name.starts_with(&[0xfe, 0xff]) || name.starts_with(&[0xff, 0xfe]) {
        name.chunks_exact(2).position(|two| two == [0, 0]).map(|n| n * 2 + 2)
    } else {
        name.iter().position(|b| *b == 0).map(|n| n + 1)
    };
    let degrees = |at: usize| {
        let bytes = name.get(at..at + 4)?;
        Some(f64::from(i32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])) / 65536.0)
    };
    if let Some(end) = end
        && let (Some(longitude), Some(latitude)) = (degrees(end + 1), degrees(end + 5))
    {
        found.add_place(latitude, longitude);
    }
}

/// Tags of iTunes, which have names of four letters, or of `QuickTime`, whose names stand in a list before them.
fn tags<R: Read + Seek>(
    walker: &mut Walker<'_, R>,
    header: &BoxHeader,
    seen: &mut MovieFacts<'_>,
) -> io::Result<()> {
    // QuickTime's box has no version.
    let head: [u8; 8] = walker.content(header, 0)?;
    let from = if &head[4..] == b"hdlr" { header.from } else { header.from + 4 };
    let mut keys = vec![];
    walker.each(from, header.to, |walker, header| {
        if &header.kind == b"keys" {
            keys = names(&walker.some(header, 8, MAX_LIST)?);
        }
        Ok(())
    })?;
    walker.each(from, header.to, |walker, header| match &header.kind {
        b"ilst" => walker.each(header.from, header.to, |walker, header| {
            let (mut own, mut text) = (None, None);
            walker.each(header.from, header.to, |walker, header| {
                match &header.kind {
                    b"name" => own = Some(text_of(&walker.some(header, 4, 256)?, None)),
                    b"data" => text = Some(text_of(&walker.some(header, 8, MAX_LIST)?, None)),
                    _ => {}
                }
                Ok(())
            })?;
            let listed = (u32::from_be_bytes(header.kind) as usize).checked_sub(1).and_then(|n| keys.get(n));
            let Some(text) = text else { return Ok(()) };
            match own.as_ref().or(listed) {
                Some(name) => named(name, &text, seen),
                None => tag(header.kind, &text, seen),
            }
            Ok(())
        }),
        _ => Ok(()),
    })
}

/// Returns the names in a list, each with its length and four letters in front.
fn names(bytes: &[u8]) -> Vec<String> {
    let mut all = vec![];
    let mut rest = bytes;
    while let Some(length) = rest.get(..4).map(|b| u32::from_be_bytes([b[0], b[1], b[2], b[3]]) as usize) {
        if length < 8 || all.len() >= MAX_ITEMS {
            break;
        }
        let (one, behind) = rest.split_at(length.min(rest.len()));
        all.push(String::from_utf8_lossy(one.get(8..).unwrap_or_default()).into_owned());
        rest = behind;
    }
    all
}

/// Reads a tag of four letters, the first of which is ©.
fn tag(letters: [u8; 4], text: &str, seen: &mut MovieFacts<'_>) {
    let name = match &letters {
        b"\xa9xyz" => "location",
        b"\xa9mak" => "make",
        b"\xa9mod" => "model",
        b"\xa9ART" | b"aART" | b"\xa9aut" => "artist",
        b"\xa9nam" => "title",
        b"\xa9swr" | b"\xa9too" => "software",
        b"\xa9cmt" | b"\xa9des" | b"desc" | b"\xa9inf" => "comment",
        b"cprt" | b"\xa9cpy" => "copyright",
        _ => return,
    };
    named(name, text, seen);
}

/// Reads a tag with a name: "com.apple.quicktime.location.ISO6709", "prompt".
fn named(name: &str, text: &str, seen: &mut MovieFacts<'_>) {
    let last = name.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    let text = text.trim();
    match &*last {
        "iso6709" | "location" | "location-eng" => {
            if let Some((latitude, longitude)) = iso6709(text) {
                seen.found.add_place(latitude, longitude);
            }
        }
        _ if text.is_empty() => {}
        "make" | "manufacturer" => seen.make = Some(text.to_owned()),
        "model" => seen.model = Some(text.to_owned()),
        "author" | "artist" | "performer" => seen.found.author(text),
        "displayname" => seen.found.title(text),
        _ => sound::named(&last.to_ascii_uppercase(), text, seen.found),
    }
}

/// An item of a picture that is a block of metadata.
enum MetadataItem {
    Exif,
    Xmp,
}

/// Reads the box of a picture: what its items are, and where they stand.
fn picture<R: Read + Seek>(
    walker: &mut Walker<'_, R>,
    header: &BoxHeader,
    found: &mut MetadataFound,
) -> io::Result<()> {
    let (mut items, mut places, mut data) = (vec![], vec![], None);
    walker.each(header.from + 4, header.to, |walker, header| {
        match &header.kind {
            b"iinf" => {
                let head: [u8; 4] = walker.content(header, 0)?;
                let from = header.from + if head[0] == 0 { 6 } else { 8 };
                walker.each(from, header.to, |walker, header| {
                    if &header.kind == b"infe" && items.len() < MAX_ITEMS {
                        items.extend(item(&walker.some(header, 0, 512)?));
                    }
                    Ok(())
                })?;
            }
            b"iloc" => places = locations(&walker.some(header, 0, MAX_LIST)?).unwrap_or_default(),
            b"idat" => data = Some(header.from),
            _ => {}
        }
        Ok(())
    })?;
    for (id, kind) in items {
        let mut content = vec![];
        for location in places.iter().filter(|location| location.item == id) {
            let base = if location.in_data { data } else { Some(0) };
            let Some(from) = base.and_then(|base| base.checked_add(location.from)) else { continue };
            let left = MAX_BYTES.saturating_sub(content.len() as u64);
            let to = from.saturating_add(location.bytes);
            content.extend(walker.some(
                &BoxHeader { start: from, kind: *b"item", from, to, is_whole: true },
                0,
                left,
            )?);
        }
        match kind {
            MetadataItem::Xmp => xmp::packet(&content, found),
            MetadataItem::Exif => {
                // How much stands before the block comes first; some count it wrongly.
                let skip =
                    content.get(..4).map_or(0, |b| u32::from_be_bytes([b[0], b[1], b[2], b[3]]) as usize);
                let blocks =
                    [skip.saturating_add(4), 4, 0, 10].map(|skip| content.get(skip..).unwrap_or_default());
                if let Some(block) = blocks.into_iter().find(|block| Tiff::of(block).is_some()) {
                    exif::block(block, found);
                }
            }
        }
    }
    Ok(())
}

/// Returns an item's number, and what it is where that is metadata.
fn item(content: &[u8]) -> Option<(u32, MetadataItem)> {
    let (id, rest) = match content.first()? {
        2 => (u32::from(u16::from_be_bytes([*content.get(4)?, *content.get(5)?])), content.get(8..)?),
        3 => {
            let id = content.get(4..8)?;
            (u32::from_be_bytes([id[0], id[1], id[2], id[3]]), content.get(10..)?)
        }
        _ => return None,
    };
    let kind = match rest.get(..4)? {
        b"Exif" => MetadataItem::Exif,
        b"mime" if String::from_utf8_lossy(rest).contains("rdf+xml") => MetadataItem::Xmp,
        _ => return None,
    };
    Some((id, kind))
}

/// A piece of an item: in the file, or in the box for data.
struct Location {
    item: u32,
    in_data: bool,
    from: u64,
    bytes: u64,
}

/// Returns the table of where items stand.
fn locations(content: &[u8]) -> Option<Vec<Location>> {
    let mut at = 4;
    let mut next = |bytes: usize| {
        let number = content.get(at..at + bytes)?.iter().fold(0u64, |n, b| n << 8 | u64::from(*b));
        at += bytes;
        Some(number)
    };
    let version = *content.first()?;
    let sizes = next(2)? as usize;
    let [offset, length, base, index] = [sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15, sizes & 15];
    if [offset, length, base, index].iter().any(|size| *size > 8) {
        return None;
    }
    let wide = if version < 2 { 2 } else { 4 };
    let mut all = vec![];
    for _ in 0..next(wide)? {
        let Some(item) = next(wide) else { break };
        let in_data = version > 0 && next(2)? & 15 == 1;
        next(2)?;
        let base = next(base)?;
        for _ in 0..next(2)? {
            if version > 0 {
                next(index)?;
            }
            let (offset, bytes) = (next(offset)?, next(length)?);
            if all.len() >= MAX_ITEMS {
                return Some(all);
            }
            all.push(Location { item: item as u32, in_data, from: base.saturating_add(offset), bytes });
        }
    }
    Some(all)
}
