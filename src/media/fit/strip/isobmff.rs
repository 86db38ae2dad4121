//! MP4 and MOV: boxes of metadata become free space of the same size, so that nothing else moves; and so does a track
//! that is nothing but metadata, with its samples.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

use crate::media::mp4::{BoxHeader, Walker, u32_at};

/// More pieces of a track are not followed.
const MAX_PIECES: usize = 1_000_000;
/// Longer tables are not read.
const MAX_TABLE: u64 = 64 * 1024 * 1024;

/// A piece of a file that is to be overwritten.
#[derive(Clone, Copy)]
enum Blank {
    /// A box, by the place of its content: it becomes free space.
    Box { from: u64, to: u64 },
    /// Samples: they become zeros.
    Samples { from: u64, to: u64 },
}

/// Overwrites the metadata of a copy.
pub(super) fn blank(file: &mut File) -> io::Result<()> {
    let end = file.metadata()?.len();
    let mut blanks = vec![];
    let mut walker = Walker::new(file);
    walker.each(0, end, |walker, header| {
        match &header.kind {
            b"moov" => movie(walker, header, &mut blanks)?,
            b"moof" => walker.each(header.from, header.to, |_, header| {
                mark(header, &mut blanks);
                Ok(())
            })?,
            _ => mark(header, &mut blanks),
        }
        Ok(())
    })?;
    if walker.is_spent() {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let zeros = vec![0; 64 * 1024];
    for one in blanks {
        let (from, to) = match one {
            Blank::Box { from, to } => {
                // Its name stands before its content; a long size between them leaves the name where it is.
                let name = name_at(file, from)?;
                file.seek(SeekFrom::Start(name))?;
                file.write_all(b"free")?;
                (from, to)
            }
            Blank::Samples { from, to } => (from, to),
        };
        file.seek(SeekFrom::Start(from))?;
        let mut left = to.min(end).saturating_sub(from);
        while left > 0 {
            let most = left.min(zeros.len() as u64);
            file.write_all(&zeros[..most as usize])?;
            left -= most;
        }
    }
    file.flush()
}

/// Returns where the name of a box stands whose content begins at a place.
fn name_at(file: &mut File, from: u64) -> io::Result<u64> {
    if from >= 16 {
        file.seek(SeekFrom::Start(from - 16))?;
        let mut head = [0; 16];
        file.read_exact(&mut head)?;
        let is_long = u32_at(&head, 0) == 1 && head[4..8].iter().all(u8::is_ascii_graphic);
        // A long size is never so small that it would be a short box before this one.
        let long = u64::from(u32_at(&head, 8)) << 32 | u64::from(u32_at(&head, 12));
        if is_long && long >= 16 && !head[12..16].iter().all(u8::is_ascii_graphic) {
            return Ok(from - 12);
        }
    }
    Ok(from - 4)
}

/// Marks a box that holds metadata wherever it stands.
fn mark(header: &BoxHeader, blanks: &mut Vec<Blank>) {
    if matches!(&header.kind, b"udta" | b"meta" | b"uuid" | b"jumb" | b"c2pa" | b"XMP_" | b"Xtra" | b"SDLN") {
        blanks.push(Blank::Box { from: header.from, to: header.to });
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
        let mut samples = vec![];
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
                        b"minf" => walker.each(header.from, header.to, |walker, header| {
                            match &header.kind {
                                b"stbl" => samples = pieces(walker, header)?,
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
        // Where the camera was, where it looked, which faces it saw: cameras write it along, sample by sample.
        if matches!(&kind, b"meta" | b"data" | b"camm" | b"fdsc") {
            blanks.push(Blank::Box { from: header.from, to: header.to });
            blanks.extend(samples);
        } else {
            blanks.extend(inner);
        }
        Ok(())
    })
}

/// Returns where the samples of a track are.
fn pieces(walker: &mut Walker<'_, File>, header: &BoxHeader) -> io::Result<Vec<Blank>> {
    let (mut offsets, mut per_piece, mut sizes) = (vec![], vec![], vec![]);
    let mut same = 0;
    walker.each(header.from, header.to, |walker, header| {
        match &header.kind {
            b"stco" | b"co64" => {
                let width = if &header.kind == b"stco" { 4 } else { 8 };
                let table = walker.some(header, 8, MAX_TABLE)?;
                offsets = table
                    .chunks_exact(width)
                    .take(MAX_PIECES)
                    .map(|b| b.iter().fold(0u64, |n, b| n << 8 | u64::from(*b)))
                    .collect();
            }
            b"stsc" => {
                let table = walker.some(header, 8, MAX_TABLE)?;
                per_piece = table.chunks_exact(12).map(|row| (u32_at(row, 0), u32_at(row, 4))).collect();
            }
            b"stsz" => {
                let head: [u8; 12] = walker.content(header, 0)?;
                same = u32_at(&head, 4);
                let table = walker.some(header, 12, MAX_TABLE)?;
                sizes = table.chunks_exact(4).map(|b| u32_at(b, 0)).collect();
            }
            _ => {}
        }
        Ok(())
    })?;
    let mut next = sizes.into_iter();
    let mut all = vec![];
    for (n, from) in offsets.into_iter().enumerate() {
        let row = per_piece.iter().rev().find(|(first, _)| *first as usize <= n + 1);
        let count = row.map_or(1, |(_, count)| *count);
        let bytes: u64 = match same {
            0 => (0..count).map_while(|_| next.next()).map(u64::from).sum(),
            same => u64::from(same) * u64::from(count),
        };
        all.push(Blank::Samples { from, to: from.saturating_add(bytes) });
    }
    Ok(all)
}
