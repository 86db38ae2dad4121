//! JPEG: the segments that are needed to show the pixels, and the pixels.

use std::io::{self, Write};

use super::original::Original;
use crate::media::fit::carry::only_orientation;

/// More segments than these are no JPEG.
const MAX_SEGMENTS: usize = 100_000;

/// Copies it without EXIF, XMP, IPTC, C2PA and comments, and without what stands behind the picture: pictures of other
/// sizes, with metadata of their own.
pub(super) fn strip(
    from: &mut Original<'_>,
    orientation: Option<u8>,
    out: &mut impl Write,
) -> io::Result<()> {
    if from.bytes()? != [0xff, 0xd8] {
        return Err(io::ErrorKind::InvalidData.into());
    }
    out.write_all(&[0xff, 0xd8])?;
    let mut turned = orientation.map(only_orientation);
    for _ in 0..MAX_SEGMENTS {
        let [mark, mut marker] = from.bytes()?;
        if mark != 0xff {
            return Err(io::ErrorKind::InvalidData.into());
        }
        while marker == 0xff {
            [marker] = from.bytes()?;
        }
        match marker {
            0xd9 => return out.write_all(&[0xff, 0xd9]),
            0x01 | 0xd0..=0xd7 => {
                out.write_all(&[0xff, marker])?;
                continue;
            }
            _ => {}
        }
        let length = from.bytes::<2>()?;
        let content =
            u64::from(u16::from_be_bytes(length)).checked_sub(2).ok_or(io::ErrorKind::InvalidData)?;
        // JFIF stands first; behind it stands how the picture is turned.
        if marker != 0xe0
            && let Some(exif) = turned.take()
        {
            let exif = [&b"Exif\0\0"[..], &exif].concat();
            out.write_all(&[0xff, 0xe1])?;
            out.write_all(&((exif.len() + 2) as u16).to_be_bytes())?;
            out.write_all(&exif)?;
        }
        let stays = match marker {
            0xe0 | 0xe2 | 0xee => {
                let mut name = [0; 12];
                let known = content.min(12) as usize;
                let at = from.at()?;
                std::io::Read::read_exact(&mut from.file, &mut name[..known])?;
                from.seek(at)?;
                match marker {
                    0xe0 => name.starts_with(b"JFIF\0"),
                    0xe2 => &name == b"ICC_PROFILE\0",
                    _ => name.starts_with(b"Adobe"),
                }
            }
            0xe1..=0xef | 0xfe => false,
            _ => true,
        };
        if !stays {
            from.skip(content)?;
            continue;
        }
        if marker == 0xe0 {
            // Behind its density stands a small picture of the same scene: none, in the copy.
            let jfif = from.bytes::<12>()?;
            from.skip(content.checked_sub(12).ok_or(io::ErrorKind::InvalidData)?)?;
            out.write_all(&[0xff, 0xe0, 0, 16])?;
            out.write_all(&jfif)?;
            out.write_all(&[0, 0])?;
            continue;
        }
        out.write_all(&[0xff, marker, length[0], length[1]])?;
        from.copy(content, out)?;
        if marker == 0xda && scan(from, out)? {
            return out.write_all(&[0xff, 0xd9]);
        }
    }
    Err(io::ErrorKind::InvalidData.into())
}

/// Copies coded pixels up to the next segment. Returns whether the picture ends there: it does where the file does.
fn scan(from: &mut Original<'_>, out: &mut impl Write) -> io::Result<bool> {
    use std::io::{BufRead, Read};
    loop {
        from.go_on()?;
        let buffer = from.file.fill_buf()?;
        if buffer.is_empty() {
            return Ok(true);
        }
        let Some(at) = buffer.iter().position(|byte| *byte == 0xff) else {
            out.write_all(buffer)?;
            let n = buffer.len();
            from.file.consume(n);
            continue;
        };
        out.write_all(&buffer[..at])?;
        from.file.consume(at + 1);
        let mut marker = [0];
        if from.file.read(&mut marker)? == 0 {
            return Ok(true);
        }
        match marker[0] {
            0x00 | 0xd0..=0xd7 => out.write_all(&[0xff, marker[0]])?,
            // The same byte again begins a marker of its own.
            0xff => from.file.seek_relative(-1)?,
            0xd9 => return Ok(true),
            _ => {
                from.file.seek_relative(-2)?;
                return Ok(false);
            }
        }
    }
}
