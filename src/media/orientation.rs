//! How a picture is turned, by the EXIF of a JPEG, PNG or WebP or by a TIFF itself, and how large a TIFF is.

use super::source::Source;
use super::tiff::Tiff;

/// What the first directory of a TIFF says.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Head {
    /// As stored.
    pub(super) pixels: Option<(u32, u32)>,
    pub(super) orientation: Option<u8>,
    /// It is a photograph as a camera's sensor saw it (DNG).
    pub(super) is_raw: bool,
}

/// Returns whether a TIFF of either byte order, old or big, begins with these bytes.
pub(super) fn is_tiff(head: &[u8]) -> bool {
    matches!(head, [b'I', b'I', 42 | 43, 0, ..] | [b'M', b'M', 0, 42 | 43, ..])
}

/// Reads the TIFF that begins at a place. None where it has no head.
pub(super) fn head(source: &mut Source<'_>, from: u64) -> Option<Head> {
    let length = source.len().checked_sub(from)?;
    let mut tiff = Tiff::open(source, from, length)?;
    let first = tiff.first();
    let side = |n: u64| u32::try_from(n).ok().filter(|side| *side > 0);
    let (width, height) = (tiff.whole(&first, 256), tiff.whole(&first, 257));
    let orientation = tiff.whole(&first, 274).and_then(|value| u8::try_from(value).ok());
    Some(Head {
        pixels: width.and_then(side).zip(height.and_then(side)),
        orientation: orientation.filter(|value| (1..=8).contains(value)),
        is_raw: tiff.whole(&first, 50_706).is_some(),
    })
}

/// More parts of a file than these are not looked at for its EXIF.
const MAX_PARTS: usize = 4096;

/// Returns the orientation that the EXIF of a JPEG, PNG or WebP says, or a TIFF itself.
pub(super) fn of(source: &mut Source<'_>) -> Option<u8> {
    let first: [u8; 12] = source.bytes(0)?;
    let exif = if is_tiff(&first) {
        0
    } else if first.starts_with(&[0xff, 0xd8]) {
        in_jpeg(source)?
    } else if first.starts_with(b"\x89PNG\r\n\x1a\n") {
        in_chunks(source, 8, *b"eXIf")?
    } else if first.starts_with(b"RIFF") && first.ends_with(b"WEBP") {
        in_chunks(source, 12, *b"EXIF")?
    } else {
        return None;
    };
    // Some programs put the name that it has in JPEG in front of it elsewhere, too.
    let named = source.bytes::<6>(exif).is_some_and(|name| &name == b"Exif\0\0");
    head(source, if named { exif + 6 } else { exif })?.orientation
}

/// Returns where the EXIF of a JPEG begins: in a segment before the pixels.
fn in_jpeg(source: &mut Source<'_>) -> Option<u64> {
    let mut at = 2;
    for _ in 0..MAX_PARTS {
        let [mark, kind, a, b] = source.bytes(at)?;
        match (mark, kind) {
            (0xff, 0xff) => at += 1,
            (0xff, 0x01 | 0xd0..=0xd7) => at += 2,
            (0xff, 0xda | 0xd9) => return None,
            (0xff, 0xe1) if source.bytes::<6>(at + 4).is_some_and(|name| &name == b"Exif\0\0") => {
                return Some(at + 4);
            }
            (0xff, _) => at += 2 + u64::from(u16::from_be_bytes([a, b])).max(2),
            _ => return None,
        }
    }
    None
}

/// Finds where the content of a chunk of this name begins: PNG has the length first, WebP the name.
fn in_chunks(source: &mut Source<'_>, from: u64, wanted: [u8; 4]) -> Option<u64> {
    let is_png = from == 8;
    let mut at = from;
    for _ in 0..MAX_PARTS {
        let (first, second): ([u8; 4], [u8; 4]) = (source.bytes(at)?, source.bytes(at + 4)?);
        let (name, length) = match is_png {
            true => (second, u32::from_be_bytes(first)),
            false => (first, u32::from_le_bytes(second)),
        };
        if name == wanted {
            return Some(at + 8);
        }
        at += 8 + u64::from(length) + if is_png { 4 } else { u64::from(length & 1) };
    }
    None
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use proptest::prelude::*;

    use super::*;

    fn with<T>(bytes: &[u8], see: impl FnOnce(&mut Source<'_>) -> T) -> T {
        let mut file = Cursor::new(bytes);
        see(&mut Source::new(&mut file, bytes.len() as u64))
    }

    /// A directory with these tags and nothing behind it: not even the link to the next one.
    fn old(little: bool, entries: &[(u16, u16, u32)]) -> Vec<u8> {
        let two = |n: u16| if little { n.to_le_bytes() } else { n.to_be_bytes() };
        let four = |n: u32| if little { n.to_le_bytes() } else { n.to_be_bytes() };
        let mut out = if little { b"II*\0".to_vec() } else { b"MM\0*".to_vec() };
        out.extend(four(8));
        out.extend(two(entries.len() as u16));
        for (tag, kind, value) in entries {
            out.extend([two(*tag), two(*kind)].concat());
            out.extend(four(1));
            if *kind == 3 {
                out.extend([two(*value as u16), two(0)].concat());
            } else {
                out.extend(four(*value));
            }
        }
        out
    }

    fn big(width: u64, height: u16) -> Vec<u8> {
        let mut out = b"II\x2b\0\x08\0\0\0\x10\0\0\0\0\0\0\0".to_vec();
        out.extend(2u64.to_le_bytes());
        out.extend([0, 1, 16, 0, 1, 0, 0, 0, 0, 0, 0, 0]);
        out.extend(width.to_le_bytes());
        out.extend([1, 1, 3, 0, 1, 0, 0, 0, 0, 0, 0, 0]);
        out.extend(height.to_le_bytes());
        out.extend([0; 6]);
        out
    }

    #[test]
    fn dimensions_and_orientation_stand_in_the_first_directory() {
        for little in [true, false] {
            let tiff = old(little, &[(256, 3, 640), (257, 4, 480), (274, 3, 8)]);
            let found = with(&tiff, |s| head(s, 0)).unwrap();
            assert_eq!((found.pixels, found.orientation), (Some((640, 480)), Some(8)));
        }
        assert_eq!(with(&big(70_000, 9), |s| head(s, 0)).unwrap().pixels, Some((70_000, 9)));
        assert!(with(&old(true, &[(50_706, 1, 1)]), |s| head(s, 0)).unwrap().is_raw);
        let nonsense = old(true, &[(274, 3, 9)]);
        assert_eq!(with(&nonsense, |s| head(s, 0)).unwrap().orientation, None);
    }

    #[test]
    fn a_picture_of_any_kind_says_how_it_is_turned() {
        let exif = old(false, &[(274, 3, 6)]);
        let named = [b"Exif\0\0", &exif[..]].concat();
        let length = |n: usize| ((n + 2) as u16).to_be_bytes();
        let jpeg = [
            &[0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2, 0xff, 0xe1][..],
            &length(named.len()),
            &named,
            &[0xff, 0xda, 0, 2],
        ]
        .concat();
        let be = |n: usize| (n as u32).to_be_bytes();
        let le = |n: usize| (n as u32).to_le_bytes();
        let png =
            [&b"\x89PNG\r\n\x1a\n\0\0\0\x01gAMAx\0\0\0\0"[..], &be(exif.len()), b"eXIf", &exif].concat();
        let webp =
            |exif: &[u8]| [&b"RIFF\0\0\0\0WEBPVP8 \x03\0\0\0abc\0EXIF"[..], &le(exif.len()), exif].concat();
        for (what, bytes) in [
            ("JPEG", jpeg),
            ("PNG", png),
            ("WebP", webp(&exif)),
            ("WebP with the name", webp(&named)),
            ("TIFF", exif.clone()),
        ] {
            assert_eq!(with(&bytes, of), Some(6), "{what}");
        }
    }

    proptest! {
        #[test]
        fn wrong_bytes_and_cuts_are_read_without_a_panic(
            wrong in prop::collection::vec((0usize..200, any::<u8>()), 0..20),
            cut in 0usize..200,
        ) {
            for mut bytes in [old(true, &[(256, 3, 1), (274, 3, 6)]), big(1, 1), b"\xff\xd8\xff\xe1\0\x20Exif\0\0MM\0*\0\0\0\x08\0\x01".to_vec()] {
                for (at, byte) in &wrong {
                    let n = bytes.len();
                    bytes[at % n] = *byte;
                }
                bytes.truncate(cut.min(bytes.len()));
                with(&bytes, |s| head(s, 0));
                with(&bytes, of);
            }
        }
    }
}
