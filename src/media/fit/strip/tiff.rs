//! TIFF: entries that tell of people and cameras are taken out of its directories, and what they point to becomes zeros.
//! Nothing else moves.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

/// More directories than these are not followed.
const MAX_DIRECTORIES: usize = 1000;
/// Longer values are not overwritten: they would be no text.
const MAX_VALUE: u64 = 64 * 1024 * 1024;

/// Byte order, and whether it is a large one.
struct TiffLayout {
    little: bool,
    big: bool,
}

impl TiffLayout {
    fn number(&self, bytes: &[u8]) -> u64 {
        let add = |n: u64, b: &u8| n << 8 | u64::from(*b);
        if self.little { bytes.iter().rev().fold(0, add) } else { bytes.iter().fold(0, add) }
    }

    fn bytes(&self, n: u64, width: usize) -> Vec<u8> {
        let mut all: Vec<u8> = n.to_be_bytes()[8 - width..].to_vec();
        if self.little {
            all.reverse();
        }
        all
    }

    /// Bytes of an offset.
    fn wide(&self) -> usize {
        if self.big { 8 } else { 4 }
    }

    /// Bytes of an entry.
    fn entry(&self) -> usize {
        if self.big { 20 } else { 12 }
    }
}

/// What tells of people, places and machines: text, and directories of their own.
fn is_metadata(tag: u64) -> bool {
    // Document, description, maker, model, page, program, date, artist, computer.
    matches!(tag, 269..=272 | 285 | 305 | 306 | 315 | 316)
        // XMP, annotations, IPTC, copyright, Photoshop, EXIF, GPS, C2PA, programs' own.
        || matches!(tag, 700 | 32_932 | 33_432 | 33_723 | 34_377 | 34_665 | 34_853 | 37_724 | 40_965 | 52_545)
        // Windows' title, comment, author, keywords, subject; serial numbers and names of cameras and lenses.
        || matches!(tag, 40_091..=40_095 | 50_708 | 50_735 | 50_740 | 50_827 | 42_032..=42_037)
}

/// Overwrites the metadata of a copy.
pub(super) fn blank(file: &mut File) -> io::Result<()> {
    let mut head = [0; 16];
    file.seek(SeekFrom::Start(0))?;
    file.read_exact(&mut head)?;
    let form = TiffLayout { little: &head[..2] == b"II", big: matches!(&head[2..4], [43, 0] | [0, 43]) };
    let mut next = if form.big { form.number(&head[8..16]) } else { form.number(&head[4..8]) };
    let mut seen = vec![];
    while next != 0 && seen.len() < MAX_DIRECTORIES && !seen.contains(&next) {
        seen.push(next);
        next = directory(file, &form, next, false, &mut seen)?;
    }
    file.flush()
}

/// Blanks a directory: what is metadata in it, or all of it. Returns where the next one is.
fn directory(
    file: &mut File,
    form: &TiffLayout,
    at: u64,
    whole: bool,
    seen: &mut Vec<u64>,
) -> io::Result<u64> {
    let count_width = if form.big { 8 } else { 2 };
    let mut count = vec![0; count_width];
    file.seek(SeekFrom::Start(at))?;
    file.read_exact(&mut count)?;
    let count = form.number(&count).min(65_535);
    let mut entries = vec![0; count as usize * form.entry()];
    file.read_exact(&mut entries)?;
    let mut next = vec![0; form.wide()];
    // A directory without a link is the last one.
    if file.read_exact(&mut next).is_err() {
        next.fill(0);
    }
    let mut kept = vec![];
    for entry in entries.chunks_exact(form.entry()) {
        let tag = form.number(&entry[..2]);
        if !(whole || is_metadata(tag)) {
            kept.extend_from_slice(entry);
            continue;
        }
        let (count, value) =
            if form.big { (&entry[4..12], &entry[12..]) } else { (&entry[4..8], &entry[8..]) };
        let each = [1, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 1, 1, 8, 8, 8];
        let kind = form.number(&entry[2..4]) as usize;
        let bytes = form.number(count).saturating_mul(each.get(kind).copied().unwrap_or(1));
        let offset = form.number(value);
        if matches!(tag, 34_665 | 34_853 | 40_965) && seen.len() < MAX_DIRECTORIES && !seen.contains(&offset)
        {
            seen.push(offset);
            // What is odd there stays out of reach: nothing points to it any more.
            let _ = directory(file, form, offset, true, seen);
        } else if bytes > form.wide() as u64 {
            zero(file, offset, bytes.min(MAX_VALUE))?;
        }
    }
    let left = kept.len() / form.entry();
    kept.extend_from_slice(&next);
    file.seek(SeekFrom::Start(at))?;
    file.write_all(&form.bytes(left as u64, count_width))?;
    kept.resize(entries.len() + next.len(), 0);
    // At the end of a file there may be no room for the link behind it.
    let room = file.metadata()?.len().saturating_sub(at + count_width as u64);
    kept.truncate(usize::try_from(room).unwrap_or(kept.len()).min(kept.len()));
    file.write_all(&kept)?;
    Ok(form.number(&next))
}

/// Writes zeros over what is there, and nothing behind the end.
fn zero(file: &mut File, from: u64, bytes: u64) -> io::Result<()> {
    let end = file.metadata()?.len();
    let bytes = bytes.min(end.saturating_sub(from));
    file.seek(SeekFrom::Start(from))?;
    file.write_all(&vec![0; usize::try_from(bytes).unwrap_or(0)])
}
