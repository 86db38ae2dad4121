//! EXIF: with what, where and by whom a picture was taken, and what generators write into the same fields.

use std::io::{Read, Seek};

use super::bytes::text_of;
use super::found::MetadataFound;
use super::{c2pa, made, xmp};
use crate::media::tiff::{Tiff, TiffField};
use crate::model::media::Metadata;

const DESCRIPTION: u16 = 0x010e;
const MAKE: u16 = 0x010f;
const MODEL: u16 = 0x0110;
const SOFTWARE: u16 = 0x0131;
const ARTIST: u16 = 0x013b;
const XMP: u16 = 0x02bc;
const COPYRIGHT: u16 = 0x8298;
const IPTC: u16 = 0x83bb;
const EXIF: u16 = 0x8769;
const GPS: u16 = 0x8825;
const USER_COMMENT: u16 = 0x9286;
const XP_COMMENT: u16 = 0x9c9c;
const XP_AUTHOR: u16 = 0x9c9d;
const C2PA: u16 = 0xcd41;

/// Reads a block of EXIF, as it stands in other formats.
pub(super) fn block(bytes: &[u8], found: &mut MetadataFound) {
    if let Some(mut tiff) = Tiff::of(bytes) {
        directories(&mut tiff, found);
    }
}

/// Reads the directories of a TIFF or of a block.
pub(super) fn directories(tiff: &mut Tiff<impl Read + Seek>, found: &mut MetadataFound) {
    let first = tiff.first();
    let exif = tiff.below(&first, EXIF);
    let mut gps = tiff.below(&first, GPS);
    if gps.is_empty() {
        gps = tiff.below(&exif, GPS);
    }
    gps_place(tiff, &gps, found);
    let (make, model) = (text(tiff, &first, MAKE), text(tiff, &first, MODEL));
    let written = [text(tiff, &first, DESCRIPTION), comment(tiff, &exif), text(tiff, &first, XP_COMMENT)];
    // A generator that knows no better field takes the camera's: the prompt is in the second one.
    for text in [&model, &make].into_iter().chain(&written) {
        made::free_text(text, found);
    }
    let camera = |text: String| Some(text).filter(|text| !text.is_empty() && !text.contains('{'));
    found.camera(camera(make), camera(model));
    for tag in [ARTIST, XP_AUTHOR, COPYRIGHT] {
        found.author(&text(tiff, &first, tag));
    }
    found.generator(&text(tiff, &first, SOFTWARE));
    for (tag, read) in
        [(XMP, xmp::packet as fn(&[u8], &mut MetadataFound)), (IPTC, xmp::iptc), (C2PA, c2pa::manifest)]
    {
        if let Some(bytes) = tiff.bytes(&first, tag) {
            read(&bytes, found);
        }
    }
}

fn text(tiff: &mut Tiff<impl Read + Seek>, all: &[TiffField], tag: u16) -> String {
    tiff.bytes(all, tag).map(|bytes| text_of(&bytes, None)).unwrap_or_default()
}

/// Returns the user's comment. It begins with eight letters that say how it is written. In which order the two bytes of a
/// character stand is often another one than that of the numbers.
fn comment(tiff: &mut Tiff<impl Read + Seek>, all: &[TiffField]) -> String {
    let bytes = tiff.bytes(all, USER_COMMENT).unwrap_or_default();
    let (how, text) = bytes.split_at(bytes.len().min(8));
    match how {
        b"UNICODE\0" => text_of(text, Some(tiff.is_little())),
        b"ASCII\0\0\0" | b"JIS\0\0\0\0\0" | b"\0\0\0\0\0\0\0\0" => text_of(text, None),
        _ => text_of(&bytes, None),
    }
}

fn gps_place(tiff: &mut Tiff<impl Read + Seek>, gps: &[TiffField], found: &mut MetadataFound) {
    let mut degrees = |value: u16, sign: char| {
        let all = tiff.numbers(gps, value);
        let first = all.first().copied().filter(|degrees| degrees.is_finite())?;
        let part = |n: usize| all.get(n).copied().filter(|part| part.is_finite()).unwrap_or_default();
        let degrees = first + part(1) / 60.0 + part(2) / 3600.0;
        let turned = text(tiff, gps, value - 1).to_uppercase().starts_with(sign);
        Some(if turned { -degrees.abs() } else { degrees })
    };
    match (degrees(2, 'S'), degrees(4, 'W')) {
        (Some(latitude), Some(longitude)) => found.add_place(latitude, longitude),
        (Some(half), None) | (None, Some(half)) if half != 0.0 => found.add(Metadata::Place(None)),
        _ => {}
    }
}
