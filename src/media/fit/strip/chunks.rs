//! PNG, WebP and WAV: the chunks that are needed to show or play them.

use std::io::{self, Seek, Write};

use flate2::Crc;

use super::original::Original;
use crate::media::fit::carry::only_orientation;

/// More chunks than these are not copied.
const MAX_CHUNKS: usize = 1_000_000;

/// Copies a PNG: its pixels, how they are meant, and its animation.
pub(super) fn png(from: &mut Original<'_>, orientation: Option<u8>, out: &mut impl Write) -> io::Result<()> {
    if &from.bytes::<8>()? != b"\x89PNG\r\n\x1a\n" {
        return Err(io::ErrorKind::InvalidData.into());
    }
    out.write_all(b"\x89PNG\r\n\x1a\n")?;
    for _ in 0..MAX_CHUNKS {
        let length = from.bytes::<4>()?;
        let kind = from.bytes::<4>()?;
        let content = u64::from(u32::from_be_bytes(length)) + 4; // with its checksum
        let stays = match &kind {
            b"tRNS" | b"cHRM" | b"gAMA" | b"iCCP" | b"sBIT" | b"sRGB" | b"cICP" | b"mDCV" | b"cLLI"
            | b"bKGD" | b"hIST" | b"pHYs" | b"sPLT" | b"acTL" | b"fcTL" | b"fdAT" => true,
            // What must be understood to show it.
            _ => kind[0].is_ascii_uppercase(),
        };
        if stays {
            out.write_all(&length)?;
            out.write_all(&kind)?;
            from.copy(content, out)?;
        } else {
            from.skip(content)?;
        }
        match &kind {
            b"IHDR" => {
                if let Some(exif) = orientation.map(only_orientation) {
                    let mut sum = Crc::new();
                    sum.update(b"eXIf");
                    sum.update(&exif);
                    out.write_all(&(exif.len() as u32).to_be_bytes())?;
                    out.write_all(b"eXIf")?;
                    out.write_all(&exif)?;
                    out.write_all(&sum.sum().to_be_bytes())?;
                }
            }
            b"IEND" => return Ok(()),
            _ => {}
        }
    }
    Err(io::ErrorKind::InvalidData.into())
}

/// A chunk of a RIFF: its name, and where its content begins and how long it is.
struct StripChunk {
    kind: [u8; 4],
    from: u64,
    length: u64,
}

/// Lists the chunks of a RIFF, up to its end.
fn riff(from: &mut Original<'_>) -> io::Result<Vec<StripChunk>> {
    let mut all = vec![];
    let mut long_data = None;
    for _ in 0..MAX_CHUNKS {
        let at = from.at()?;
        if at + 8 > from.len {
            break;
        }
        let kind = from.bytes::<4>()?;
        let mut length = u64::from(u32::from_le_bytes(from.bytes()?));
        if &kind == b"ds64" && length >= 16 {
            let sizes: [u8; 16] = from.bytes()?;
            long_data = sizes.last_chunk::<8>().map(|bytes| u64::from_le_bytes(*bytes));
            from.seek(at + 8)?;
        }
        if &kind == b"data" && length == u64::from(u32::MAX) {
            length = long_data.unwrap_or(length);
        }
        let length = length.min(from.len - at - 8);
        all.push(StripChunk { kind, from: at + 8, length });
        from.skip(length + (length & 1))?;
    }
    Ok(all)
}

/// Copies a WebP: its pixels, their colours, and its animation.
pub(super) fn webp(from: &mut Original<'_>, orientation: Option<u8>, out: &mut impl Write) -> io::Result<()> {
    let head = from.bytes::<12>()?;
    if &head[..4] != b"RIFF" || &head[8..] != b"WEBP" {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let stays =
        |kind: &[u8; 4]| matches!(kind, b"VP8X" | b"VP8 " | b"VP8L" | b"ALPH" | b"ANIM" | b"ANMF" | b"ICCP");
    let chunks: Vec<_> = riff(from)?.into_iter().filter(|chunk| stays(&chunk.kind)).collect();
    // How it is turned can only be said where there is a head that announces it: there was one, or it was not turned.
    let exif =
        orientation.filter(|_| chunks.iter().any(|chunk| &chunk.kind == b"VP8X")).map(only_orientation);
    let padded = |length: u64| 8 + length + (length & 1);
    let size = 4
        + chunks.iter().map(|chunk| padded(chunk.length)).sum::<u64>()
        + exif.as_ref().map_or(0, |exif| padded(exif.len() as u64));
    out.write_all(b"RIFF")?;
    out.write_all(&u32::try_from(size).map_err(|_| io::ErrorKind::InvalidData)?.to_le_bytes())?;
    out.write_all(b"WEBP")?;
    for chunk in &chunks {
        from.seek(chunk.from)?;
        out.write_all(&chunk.kind)?;
        out.write_all(&(chunk.length as u32).to_le_bytes())?;
        if &chunk.kind == b"VP8X" && chunk.length > 0 {
            let [flags] = from.bytes::<1>()?;
            // EXIF and XMP are announced there.
            out.write_all(&[flags & !0x0c | if exif.is_some() { 0x08 } else { 0 }])?;
            from.copy(chunk.length - 1, out)?;
        } else {
            from.copy(chunk.length, out)?;
        }
        if chunk.length & 1 == 1 {
            out.write_all(&[0])?;
        }
    }
    if let Some(exif) = exif {
        out.write_all(b"EXIF")?;
        out.write_all(&(exif.len() as u32).to_le_bytes())?;
        out.write_all(&exif)?;
        if exif.len() & 1 == 1 {
            out.write_all(&[0])?;
        }
    }
    Ok(())
}

/// Copies a WAV: its form and its samples, and where it repeats.
pub(super) fn wav(from: &mut Original<'_>, out: &mut (impl Write + Seek)) -> io::Result<()> {
    let head = from.bytes::<12>()?;
    let is_long = matches!(&head[..4], b"RF64" | b"BW64");
    if !(is_long || &head[..4] == b"RIFF") || &head[8..] != b"WAVE" {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let stays =
        |kind: &[u8; 4]| matches!(kind, b"fmt " | b"data" | b"fact" | b"smpl" | b"ds64" | b"wavl" | b"slnt");
    let chunks: Vec<_> = riff(from)?.into_iter().filter(|chunk| stays(&chunk.kind)).collect();
    if !chunks.iter().any(|chunk| &chunk.kind == b"data") {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let size = 4 + chunks.iter().map(|chunk| 8 + chunk.length + (chunk.length & 1)).sum::<u64>();
    out.write_all(&head[..4])?;
    out.write_all(&if is_long { u32::MAX } else { u32::try_from(size).unwrap_or(u32::MAX) }.to_le_bytes())?;
    out.write_all(b"WAVE")?;
    for chunk in &chunks {
        from.seek(chunk.from)?;
        out.write_all(&chunk.kind)?;
        let long = is_long && &chunk.kind == b"data";
        out.write_all(&if long { u32::MAX } else { chunk.length as u32 }.to_le_bytes())?;
        if &chunk.kind == b"ds64" && chunk.length >= 8 {
            out.write_all(&size.to_le_bytes())?;
            from.skip(8)?;
            from.copy(chunk.length - 8, out)?;
        } else {
            from.copy(chunk.length, out)?;
        }
        if chunk.length & 1 == 1 {
            out.write_all(&[0])?;
        }
    }
    Ok(())
}
