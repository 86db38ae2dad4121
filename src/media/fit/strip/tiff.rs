//! TIFF: entries that tell of people and cameras are taken out of its directories, and what they point to becomes zeros.
//! Nothing else moves.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

use super::zeros::Zeros;
use crate::media::fit::control::Control;

/// More directories than these are no camera's.
const MAX_DIRECTORIES: usize = 1000;
/// Entries of directories of their own: EXIF, GPS, interoperability.
const METADATA_DIRECTORIES: [u64; 3] = [34_665, 34_853, 40_965];
/// The entry of further pictures: the same one in other sizes.
const PICTURES: u64 = 330;

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
pub(super) fn blank(file: &mut File, control: &Control<'_>) -> io::Result<()> {
    let mut head = [0; 16];
    file.seek(SeekFrom::Start(0))?;
    file.read_exact(&mut head)?;
    let layout = TiffLayout { little: &head[..2] == b"II", big: matches!(&head[2..4], [43, 0] | [0, 43]) };
    let first = if layout.big { layout.number(&head[8..16]) } else { layout.number(&head[4..8]) };
    let zeros = Zeros::new(file.metadata()?.len(), control);
    let mut blanking = Blanking { file, layout, zeros, waiting: vec![], seen: HashSet::new() };
    blanking.look_at(first, false);
    while let Some((at, is_metadata)) = blanking.waiting.pop() {
        blanking.zeros.go_on()?;
        // What is odd in a directory of metadata stays out of reach: nothing points to it any more.
        match blanking.directory(at, is_metadata) {
            Err(error) if !is_metadata || error.kind() != io::ErrorKind::UnexpectedEof => return Err(error),
            _ => {}
        }
        if blanking.seen.len() > MAX_DIRECTORIES {
            return Err(io::ErrorKind::InvalidData.into());
        }
    }
    file.flush()
}

/// A file whose metadata are being overwritten.
struct Blanking<'a> {
    file: &'a mut File,
    layout: TiffLayout,
    zeros: Zeros<'a>,
    /// Directories that were not looked at yet, and whether all in them is metadata.
    waiting: Vec<(u64, bool)>,
    seen: HashSet<u64>,
}

impl Blanking<'_> {
    /// Notes that a directory is to be looked at, once.
    fn look_at(&mut self, at: u64, is_metadata: bool) {
        if at != 0 && self.seen.insert(at) {
            self.waiting.push((at, is_metadata));
        }
    }

    /// Blanks a directory: what is metadata in it, or all of it.
    fn directory(&mut self, at: u64, whole: bool) -> io::Result<()> {
        let width = self.layout.entry();
        let count_width = if self.layout.big { 8 } else { 2 };
        let mut count = vec![0; count_width];
        self.file.seek(SeekFrom::Start(at))?;
        self.file.read_exact(&mut count)?;
        let count = usize::try_from(self.layout.number(&count)).ok().filter(|count| *count <= 65_535);
        let mut entries = vec![0; count.ok_or(io::ErrorKind::InvalidData)? * width];
        self.file.read_exact(&mut entries)?;
        let mut next = vec![0; self.layout.wide()];
        // A directory without a link is the last one.
        if self.file.read_exact(&mut next).is_err() {
            next.fill(0);
        }
        let mut kept = vec![];
        for entry in entries.chunks_exact(width) {
            let stays = !(whole || is_metadata(self.layout.number(&entry[..2])));
            if stays {
                kept.extend_from_slice(entry);
            }
            self.entry(entry, stays)?;
        }
        let left = kept.len() / width;
        kept.extend_from_slice(&next);
        self.file.seek(SeekFrom::Start(at))?;
        self.file.write_all(&self.layout.bytes(left as u64, count_width))?;
        kept.resize(entries.len() + next.len(), 0);
        // At the end of a file there may be no room for the link behind it.
        let room = self.zeros.end().saturating_sub(at + count_width as u64);
        kept.truncate(usize::try_from(room).unwrap_or(kept.len()).min(kept.len()));
        self.file.write_all(&kept)?;
        self.look_at(self.layout.number(&next), whole);
        Ok(())
    }

    /// Blanks what an entry points to, or notes the directories that it points to.
    fn entry(&mut self, entry: &[u8], stays: bool) -> io::Result<()> {
        let (tag, kind) = (self.layout.number(&entry[..2]), self.layout.number(&entry[2..4]));
        let (count, value) =
            if self.layout.big { (&entry[4..12], &entry[12..]) } else { (&entry[4..8], &entry[8..]) };
        let each = [1, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 1, 1, 8, 8, 8];
        let each = usize::try_from(kind).ok().and_then(|kind| each.get(kind)).copied().unwrap_or(1);
        let bytes = self.layout.number(count).saturating_mul(each);
        let offset = self.layout.number(value);
        if tag == PICTURES {
            return self.pictures(value, offset, bytes, each as usize);
        }
        if METADATA_DIRECTORIES.contains(&tag) {
            self.look_at(offset, true);
        } else if !stays && bytes > self.layout.wide() as u64 {
            self.zeros.write(self.file, offset, offset.saturating_add(bytes))?;
        }
        Ok(())
    }

    /// Notes the directories of further pictures.
    fn pictures(&mut self, value: &[u8], offset: u64, bytes: u64, width: usize) -> io::Result<()> {
        if !matches!(width, 4 | 8) {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let mut list = value.to_vec();
        if bytes > value.len() as u64 {
            let bytes = usize::try_from(bytes).ok().filter(|bytes| bytes / width <= MAX_DIRECTORIES);
            list = vec![0; bytes.ok_or(io::ErrorKind::InvalidData)?];
            self.file.seek(SeekFrom::Start(offset))?;
            self.file.read_exact(&mut list)?;
        } else {
            list.truncate(bytes as usize);
        }
        for one in list.chunks_exact(width) {
            self.look_at(self.layout.number(one), false);
        }
        Ok(())
    }
}
