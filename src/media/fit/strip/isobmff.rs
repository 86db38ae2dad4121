//! MP4 and MOV: boxes of metadata become free space of the same size, so that nothing else moves; and so does a track
//! that is nothing but metadata, with its samples.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};

use super::zeros::Zeros;
use crate::media::fit::control::Control;
use crate::media::mp4::{BoxHeader, Walker, chunks, is_metadata_track, u16_at, u32_at};

/// Longer tables are no camera's.
const MAX_TABLE: u64 = 64 * 1024 * 1024;

/// A piece of a file that is to be overwritten.
#[derive(Clone, Copy)]
enum Blank {
    /// A box: it becomes free space.
    Box(BoxHeader),
    /// Samples: they become zeros.
    Samples { from: u64, to: u64 },
}

/// Overwrites the metadata of a copy.
pub(super) fn blank(file: &mut File, control: &Control<'_>) -> io::Result<()> {
    let end = file.metadata()?.len();
    let mut zeros = Zeros::new(end, control);
    let mut blanks = vec![];
    let mut is_fragmented = false;
    let mut walker = Walker::new(file);
    walker.each(0, end, |walker, header| {
        match &header.kind {
            b"moov" => movie(walker, header, &mut blanks)?,
            b"moof" => {
                is_fragmented = true;
                walker.each(header.from, header.to, |_, header| {
                    mark(header, &mut blanks);
                    Ok(())
                })?;
            }
            _ => mark(header, &mut blanks),
        }
        Ok(())
    })?;
    if walker.is_spent() {
        return Err(io::ErrorKind::InvalidData.into());
    }
    // Where samples are stands in the fragments then.
    if is_fragmented && blanks.iter().any(|one| matches!(one, Blank::Box(header) if &header.kind == b"trak"))
    {
        return Err(io::ErrorKind::Unsupported.into());
    }
    for one in blanks {
        let (from, to) = match one {
            Blank::Box(header) => {
                // Behind its size, which stays.
                file.seek(SeekFrom::Start(header.start + 4))?;
                file.write_all(b"free")?;
                (header.from, header.to)
            }
            Blank::Samples { from, to } => (from, to),
        };
        zeros.write(file, from, to)?;
    }
    file.flush()
}

/// Marks a box that holds metadata wherever it stands.
fn mark(header: &BoxHeader, blanks: &mut Vec<Blank>) {
    if matches!(&header.kind, b"udta" | b"meta" | b"uuid" | b"jumb" | b"c2pa" | b"XMP_" | b"Xtra" | b"SDLN") {
        blanks.push(Blank::Box(*header));
    }
}

fn movie(walker: &mut Walker<'_, File>, header: &BoxHeader, blanks: &mut Vec<Blank>) -> io::Result<()> {
    walker.each(header.from, header.to, |walker, header| {
        if &header.kind != b"trak" {
            mark(header, blanks);
            return Ok(());
        }
        let mut kind = [0; 4];
        let mut inner = vec![];
        let mut table = None;
        walker.each(header.from, header.to, |walker, header| {
            mark(header, &mut inner);
            if &header.kind == b"mdia" {
                walker.each(header.from, header.to, |walker, header| {
                    mark(header, &mut inner);
                    match &header.kind {
                        b"hdlr" => {
                            let content: [u8; 12] = walker.content(header, 0)?;
                            kind = [content[8], content[9], content[10], content[11]];
                        }
                        b"minf" => walker.each(header.from, header.to, |_, header| {
                            match &header.kind {
                                b"stbl" => table = Some(*header),
                                _ => mark(header, &mut inner),
                            }
                            Ok(())
                        })?,
                        _ => {}
                    }
                    Ok(())
                })?;
            }
            Ok(())
        })?;
        if is_metadata_track(kind) {
            blanks.push(Blank::Box(*header));
            if let Some(table) = table {
                blanks.extend(pieces(walker, &table)?);
            }
        } else {
            blanks.extend(inner);
        }
        Ok(())
    })
}

/// Returns where the samples of a track are. The error tells of tables that are larger than any camera writes.
fn pieces(walker: &mut Walker<'_, File>, header: &BoxHeader) -> io::Result<Vec<Blank>> {
    let (mut offsets, mut runs, mut sizes) = (vec![], vec![], vec![]);
    let mut same = 0;
    walker.each(header.from, header.to, |walker, header| {
        if header.to - header.from > MAX_TABLE {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let wide = |bytes: &[u8]| bytes.iter().fold(0u64, |n, b| n << 8 | u64::from(*b));
        match &header.kind {
            b"stco" => offsets = walker.some(header, 8, MAX_TABLE)?.chunks_exact(4).map(wide).collect(),
            b"co64" => offsets = walker.some(header, 8, MAX_TABLE)?.chunks_exact(8).map(wide).collect(),
            b"stsc" => {
                let table = walker.some(header, 8, MAX_TABLE)?;
                runs = table.chunks_exact(12).map(|row| (u32_at(row, 0), u32_at(row, 4))).collect();
            }
            b"stsz" => {
                let head: [u8; 12] = walker.content(header, 0)?;
                same = u32_at(&head, 4);
                let table = walker.some(header, 12, MAX_TABLE)?;
                sizes = table.chunks_exact(4).map(|b| u32_at(b, 0)).collect();
            }
            b"stz2" => {
                let head: [u8; 12] = walker.content(header, 0)?;
                let table = walker.some(header, 12, MAX_TABLE)?;
                sizes = match head[7] {
                    4 => table.iter().flat_map(|b| [u32::from(b >> 4), u32::from(b & 15)]).collect(),
                    8 => table.into_iter().map(u32::from).collect(),
                    _ => table.chunks_exact(2).map(|b| u32::from(u16_at(b, 0))).collect(),
                };
            }
            _ => {}
        }
        Ok(())
    })?;
    let mut sizes = sizes.into_iter().map(u64::from);
    let mut all = vec![];
    for (from, count) in chunks(offsets, runs) {
        let bytes: u64 = match same {
            0 => sizes.by_ref().take(count as usize).sum(),
            same => u64::from(same) * u64::from(count),
        };
        all.push(Blank::Samples { from, to: from.saturating_add(bytes) });
    }
    Ok(all)
}
