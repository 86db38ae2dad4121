//! What a picture tells of itself, taken along into a copy of another type: EXIF and XMP. Pixels are upright in a copy,
//! so its EXIF says so.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use crate::media::heif_items::HeifItems;
use crate::model::media::Media;

/// Longer blocks are dropped: JPEG cannot hold them.
const MAX_BLOCK: usize = 65_000;
/// More parts of a file than these are not looked at.
const MAX_PARTS: usize = 4096;
const XMP_NAME: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";

/// EXIF from the head of its TIFF on, and XMP.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Carried {
    pub(super) exif: Option<Vec<u8>>,
    pub(super) xmp: Option<Vec<u8>>,
}

impl Carried {
    /// Reads what a picture tells of itself.
    pub(super) fn of(path: &Path, media: Media) -> Carried {
        let mut found = Carried::default();
        let Ok(mut file) = File::open(path) else { return found };
        let _ = match media {
            Media::Jpeg => found.add_jpeg(&mut file),
            Media::Png => found.add_chunks(&mut file, true),
            Media::Webp => found.add_chunks(&mut file, false),
            Media::Heic | Media::Avif => found.add_items(&mut file),
            _ => None,
        };
        found.exif = found.exif.filter(|exif| exif.len() <= MAX_BLOCK).map(upright);
        found.xmp = found.xmp.filter(|xmp| xmp.len() <= MAX_BLOCK);
        found
    }

    fn add_jpeg(&mut self, file: &mut File) -> Option<()> {
        let mut at = 2;
        for _ in 0..MAX_PARTS {
            file.seek(SeekFrom::Start(at)).ok()?;
            let mut head = [0; 4];
            file.read_exact(&mut head).ok()?;
            let length = u64::from(u16::from_be_bytes([head[2], head[3]]));
            match head {
                [0xff, 0xda | 0xd9, ..] => return Some(()),
                [0xff, 0xe1, ..] => {
                    let mut content = vec![0; usize::try_from(length.saturating_sub(2)).ok()?];
                    file.read_exact(&mut content).ok()?;
                    if let Some(exif) = content.strip_prefix(b"Exif\0\0") {
                        self.exif.get_or_insert_with(|| exif.to_vec());
                    } else if let Some(xmp) = content.strip_prefix(XMP_NAME) {
                        self.xmp.get_or_insert_with(|| xmp.to_vec());
                    }
                }
                [0xff, ..] => {}
                _ => return None,
            }
            at += 2 + length.max(2);
        }
        None
    }

    fn add_chunks(&mut self, file: &mut File, is_png: bool) -> Option<()> {
        let mut at = if is_png { 8 } else { 12 };
        for _ in 0..MAX_PARTS {
            file.seek(SeekFrom::Start(at)).ok()?;
            let mut head = [0; 8];
            file.read_exact(&mut head).ok()?;
            let (first, second) = head.split_at(4);
            let (kind, length) = match is_png {
                true => (second, u32::from_be_bytes(first.try_into().ok()?)),
                false => (first, u32::from_le_bytes(second.try_into().ok()?)),
            };
            if matches!(kind, b"eXIf" | b"EXIF" | b"XMP " | b"iTXt") && length as usize <= MAX_BLOCK {
                let mut content = vec![0; length as usize];
                file.read_exact(&mut content).ok()?;
                match kind {
                    b"XMP " => self.xmp = Some(content),
                    b"iTXt" => {
                        // Uncompressed, and without a language: keyword, five zeros in all.
                        if let Some(xmp) = content.strip_prefix(b"XML:com.adobe.xmp\0\0\0\0\0") {
                            self.xmp = Some(xmp.to_vec());
                        }
                    }
                    _ => {
                        let tiff = content.strip_prefix(b"Exif\0\0").map(<[u8]>::to_vec);
                        self.exif = Some(tiff.unwrap_or(content));
                    }
                }
            }
            let length = u64::from(length);
            at += 8 + length + if is_png { 4 } else { length & 1 };
        }
        None
    }

    fn add_items(&mut self, file: &mut File) -> Option<()> {
        let mut bytes = vec![];
        file.take(160 * 1024 * 1024).read_to_end(&mut bytes).ok()?;
        let items = HeifItems::read(&bytes)?;
        self.exif = items.exif();
        self.xmp = items.xmp();
        Some(())
    }

    /// Returns whether there is anything.
    pub(super) fn is_empty(&self) -> bool {
        *self == Carried::default()
    }

    /// Returns the segments of a JPEG: a number and a content each.
    pub(super) fn jpeg_segments(&self) -> impl Iterator<Item = (u8, Vec<u8>)> {
        let exif = self.exif.as_ref().map(|exif| [&b"Exif\0\0"[..], exif].concat());
        let xmp = self.xmp.as_ref().map(|xmp| [XMP_NAME, xmp].concat());
        exif.into_iter().chain(xmp).map(|content| (1, content))
    }

    /// Returns the chunks of a PNG.
    pub(super) fn png_chunks(&self) -> impl Iterator<Item = ([u8; 4], Vec<u8>)> {
        let exif = self.exif.as_ref().map(|exif| (*b"eXIf", exif.clone()));
        let xmp = self
            .xmp
            .as_ref()
            .map(|xmp| (*b"iTXt", [b"XML:com.adobe.xmp\0\0\0\0\0", xmp.as_slice()].concat()));
        exif.into_iter().chain(xmp)
    }

    /// Returns a WebP with these chunks.
    pub(super) fn in_webp(&self, plain: &[u8], (width, height): (u32, u32), alpha: bool) -> Vec<u8> {
        let Some(chunks) = plain.get(12..).filter(|_| !self.is_empty()) else { return plain.to_vec() };
        let mut flags = if alpha { 0x10 } else { 0 };
        // One that is extended already says the rest itself.
        let chunks = match chunks.get(..4) {
            Some(b"VP8X") => {
                flags |= chunks.get(8).copied().unwrap_or(0);
                chunks.get(18..).unwrap_or_default()
            }
            _ => chunks,
        };
        flags |= if self.exif.is_some() { 0x08 } else { 0 } | if self.xmp.is_some() { 0x04 } else { 0 };
        let mut head = vec![flags, 0, 0, 0];
        head.extend(&(width - 1).to_le_bytes()[..3]);
        head.extend(&(height - 1).to_le_bytes()[..3]);
        let mut body = b"WEBP".to_vec();
        let mut add = |kind: &[u8; 4], content: &[u8]| {
            body.extend_from_slice(kind);
            body.extend((content.len() as u32).to_le_bytes());
            body.extend_from_slice(content);
            if content.len() % 2 == 1 {
                body.push(0);
            }
        };
        add(b"VP8X", &head);
        body.extend_from_slice(chunks);
        let mut add = |kind: &[u8; 4], content: &Option<Vec<u8>>| {
            if let Some(content) = content {
                body.extend_from_slice(kind);
                body.extend((content.len() as u32).to_le_bytes());
                body.extend_from_slice(content);
                if content.len() % 2 == 1 {
                    body.push(0);
                }
            }
        };
        add(b"EXIF", &self.exif);
        add(b"XMP ", &self.xmp);
        [&b"RIFF"[..], &(body.len() as u32).to_le_bytes(), &body].concat()
    }
}

/// Returns EXIF that says of pixels that they are upright: they are, in a copy.
fn upright(mut exif: Vec<u8>) -> Vec<u8> {
    set_orientation(&mut exif, 1);
    exif
}

/// Writes an orientation into the first directory of a TIFF, where one is said there.
pub(super) fn set_orientation(tiff: &mut [u8], orientation: u8) {
    let little = tiff.starts_with(b"II");
    let two = |tiff: &[u8], at: usize| {
        let bytes = [*tiff.get(at)?, *tiff.get(at + 1)?];
        Some(if little { u16::from_le_bytes(bytes) } else { u16::from_be_bytes(bytes) })
    };
    let four = |tiff: &[u8], at: usize| {
        let bytes: [u8; 4] = tiff.get(at..at + 4)?.try_into().ok()?;
        Some(if little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    };
    let Some(at) = four(tiff, 4).map(|at| at as usize) else { return };
    for n in 0..usize::from(two(tiff, at).unwrap_or(0)) {
        let entry = at + 2 + n * 12;
        if two(tiff, entry) == Some(274) && entry + 10 <= tiff.len() {
            let value = u16::from(orientation);
            let bytes = if little { value.to_le_bytes() } else { value.to_be_bytes() };
            tiff[entry + 8..entry + 10].copy_from_slice(&bytes);
        }
    }
}

/// Returns EXIF that says nothing but how a picture is turned.
pub(super) fn only_orientation(orientation: u8) -> Vec<u8> {
    let mut tiff = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\0\0\0\0\0\0\0".to_vec();
    tiff[19] = orientation;
    tiff
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_says_that_it_is_upright() {
        let mut exif = only_orientation(6);
        set_orientation(&mut exif, 1);
        assert_eq!(exif, only_orientation(1));
        set_orientation(&mut [b'I', b'I', 42, 0, 255, 255, 255, 0], 1); // no directory there
    }
}
