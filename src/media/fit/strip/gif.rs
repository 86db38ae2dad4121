//! GIF: its pictures, their timing and colours. Comments and all extensions of programs are removed but those of a loop and
//! of a colour profile.

use std::io::{self, Read, Write};

use super::original::Original;

/// More blocks than these are not copied.
const MAX_BLOCKS: usize = 10_000_000;

/// Copies a GIF without what tells of people and machines.
pub(super) fn gif(from: &mut Original<'_>, out: &mut impl Write) -> io::Result<()> {
    let head = from.bytes::<13>()?;
    if &head[..3] != b"GIF" {
        return Err(io::ErrorKind::InvalidData.into());
    }
    out.write_all(&head)?;
    from.copy(table(head[10]), out)?;
    let mut blocks = 0;
    let mut pictures = 0;
    loop {
        from.go_on()?;
        let kind = match from.bytes::<1>() {
            Ok([kind]) => kind,
            // Some leave the last byte out.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof && pictures > 0 => 0x3b,
            Err(error) => return Err(error),
        };
        match kind {
            0x21 => extension(from, out, &mut blocks)?,
            0x2c => {
                pictures += 1;
                let head = from.bytes::<9>()?;
                out.write_all(&[kind])?;
                out.write_all(&head)?;
                // Its own colours, and how its indices are packed.
                from.copy(table(head[8]) + 1, out)?;
                parts(from, Some(out), &mut blocks)?;
            }
            0x3b => return out.write_all(&[kind]),
            _ => return Err(io::ErrorKind::InvalidData.into()),
        }
    }
}

/// Returns the bytes of a table of colours, by the flags in front of it.
fn table(flags: u8) -> u64 {
    if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) }
}

fn extension(from: &mut Original<'_>, out: &mut impl Write, blocks: &mut usize) -> io::Result<()> {
    let [label] = from.bytes::<1>()?;
    if label == 0xfe {
        return parts::<io::Sink>(from, None, blocks);
    }
    if label != 0xff {
        out.write_all(&[0x21, label])?;
        return parts(from, Some(out), blocks);
    }
    let [length] = from.bytes::<1>()?;
    let mut name = [0; 255];
    let name = &mut name[..usize::from(length)];
    from.file.read_exact(name)?;
    if !matches!(&*name, b"NETSCAPE2.0" | b"ANIMEXTS1.0" | b"ICCRGBG1012") {
        return if length == 0 { Ok(()) } else { parts::<io::Sink>(from, None, blocks) };
    }
    out.write_all(&[0x21, label, length])?;
    out.write_all(name)?;
    parts(from, Some(out), blocks)
}

/// Copies the parts of a block, each with its length in front, up to the one without any; or skips them.
fn parts<W: Write>(from: &mut Original<'_>, mut out: Option<&mut W>, blocks: &mut usize) -> io::Result<()> {
    let mut part = [0; 255];
    loop {
        *blocks += 1;
        if *blocks > MAX_BLOCKS {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let [length] = from.bytes::<1>()?;
        let part = &mut part[..usize::from(length)];
        from.file.read_exact(part)?;
        if let Some(out) = &mut out {
            out.write_all(&[length])?;
            out.write_all(part)?;
        }
        if length == 0 {
            return Ok(());
        }
    }
}
