//! The directories of TIFF, in which EXIF is written, too. They are read entry by entry, so that an odd one (a value that
//! points nowhere, an unknown type, a missing end) loses nothing else; and within bounds, since entries may point at
//! each other. (`kamadak-exif` was left: a directory of pointers to itself makes it take gigabytes, and it gives up at a
//! pointer with a sign. `nom-exif` holds up to a gigabyte.)

use std::io::{Cursor, Read, Seek, SeekFrom};

/// More entries than these are not read, over all directories.
const MAX_ENTRIES: u64 = 4096;
/// More bytes of values than these are not read, over all entries.
const MAX_BYTES: u64 = 8 * 1024 * 1024;

/// One value of a directory, and where it stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct TiffField {
    pub(super) tag: u16,
    kind: u16,
    from: u64,
    bytes: u64,
    is_cut: bool,
}

/// A TIFF, `BigTIFF` or block of EXIF.
pub(super) struct Tiff<R> {
    file: R,
    /// Where it begins in the file: its offsets count from there.
    from: u64,
    length: u64,
    little: bool,
    big: bool,
    first: u64,
    entries_left: u64,
    bytes_left: u64,
    is_cut: bool,
}

/// Returns the bytes of one value of a type.
fn unit(kind: u16) -> u64 {
    match kind {
        1 | 2 | 6 | 7 | 129 => 1,
        3 | 8 => 2,
        4 | 9 | 11 | 13 => 4,
        5 | 10 | 12 | 16..=18 => 8,
        _ => 0,
    }
}

impl<'a> Tiff<Cursor<&'a [u8]>> {
    /// Returns a block of EXIF, with or without the six letters that stand before it in a JPEG.
    pub(super) fn of(bytes: &'a [u8]) -> Option<Self> {
        let mut bytes = bytes;
        while let Some(rest) = bytes.strip_prefix(b"Exif\0\0") {
            bytes = rest;
        }
        Tiff::open(Cursor::new(bytes), 0, bytes.len() as u64)
    }
}

impl<R: Read + Seek> Tiff<R> {
    /// Reads the head.
    pub(super) fn open(mut file: R, from: u64, length: u64) -> Option<Tiff<R>> {
        let mut head = [0; 16];
        file.seek(SeekFrom::Start(from)).ok()?;
        file.read_exact(&mut head[..8]).ok()?;
        let little = match &head[..2] {
            b"II" => true,
            b"MM" => false,
            _ => return None,
        };
        // Some cameras write another number than 42.
        let big = number(&head[2..4], little) == 43;
        if big {
            file.read_exact(&mut head[8..]).ok()?;
        }
        let first = number(if big { &head[8..16] } else { &head[4..8] }, little);
        let (entries_left, bytes_left) = (MAX_ENTRIES, MAX_BYTES);
        Some(Tiff { file, from, length, little, big, first, entries_left, bytes_left, is_cut: false })
    }

    /// Returns the first directory; that of an image's main picture.
    pub(super) fn first(&mut self) -> Vec<TiffField> {
        self.directory(self.first)
    }

    /// Returns the directory that an entry points to. None but an offset is read of it, with or without a sign.
    pub(super) fn below(&mut self, all: &[TiffField], tag: u16) -> Vec<TiffField> {
        match self.whole(all, tag) {
            Some(at) => self.directory(at),
            None => vec![],
        }
    }

    /// Returns its entries, as far as they are there. The pointer to the next directory, which may be missing, is not
    /// looked at.
    fn directory(&mut self, at: u64) -> Vec<TiffField> {
        let (counted, each) = if self.big { (8, 20) } else { (2, 12) };
        let Some(count) = self.read(at, counted).filter(|bytes| bytes.len() as u64 == counted) else {
            self.is_cut = true;
            return vec![];
        };
        let count = number(&count, self.little).min(self.entries_left);
        self.entries_left -= count;
        let bytes = self.read(at + counted, count * each).unwrap_or_default();
        self.is_cut |= (bytes.len() as u64) < count * each && self.bytes_left > 0;
        let entries = bytes.chunks_exact(each as usize).enumerate();
        let begin = at + counted;
        entries.filter_map(|(n, entry)| self.entry(entry, begin + n as u64 * each)).collect()
    }

    fn entry(&self, bytes: &[u8], at: u64) -> Option<TiffField> {
        let little = self.little;
        let (tag, kind) = (number(&bytes[..2], little) as u16, number(&bytes[2..4], little) as u16);
        let (count, value) = bytes[4..].split_at(bytes.len().saturating_sub(4) / 2);
        let unit = unit(kind);
        let whole = number(count, little).checked_mul(unit)?;
        let from = if whole <= value.len() as u64 {
            at + bytes.len() as u64 - value.len() as u64
        } else {
            number(value, little)
        };
        // What is cut off is read as far as it goes.
        let there = self.length.saturating_sub(from);
        let bytes = whole.min(there - there.checked_rem(unit)?);
        (whole > 0).then_some(TiffField { tag, kind, from, bytes, is_cut: bytes < whole })
    }

    /// Reads up to so many bytes from an offset on, as far as they are there.
    fn read(&mut self, at: u64, bytes: u64) -> Option<Vec<u8>> {
        let bytes = bytes.min(self.length.checked_sub(at)?).min(self.bytes_left);
        self.bytes_left -= bytes;
        self.file.seek(SeekFrom::Start(self.from.checked_add(at)?)).ok()?;
        let mut out = vec![];
        self.file.by_ref().take(bytes).read_to_end(&mut out).ok()?;
        Some(out)
    }

    /// Returns the bytes of an entry; of a text that would go on behind the end its first line.
    pub(super) fn bytes(&mut self, all: &[TiffField], tag: u16) -> Option<Vec<u8>> {
        let entry = find(all, tag)?;
        let mut bytes = self.read(entry.from, entry.bytes)?;
        if entry.is_cut && matches!(entry.kind, 2 | 129) {
            let end = bytes.iter().position(|b| *b == 0).unwrap_or(bytes.len());
            bytes.truncate(end);
        }
        Some(bytes)
    }

    /// Returns the numbers of an entry, a fraction as its value: one without a denominator is no number.
    pub(super) fn numbers(&mut self, all: &[TiffField], tag: u16) -> Vec<f64> {
        let Some(entry) = find(all, tag) else { return vec![] };
        let bytes = self.read(entry.from, entry.bytes).unwrap_or_default();
        let one = |bytes: &[u8]| one(bytes, entry.kind, self.little);
        bytes.chunks_exact(unit(entry.kind).max(1) as usize).map(one).collect()
    }

    /// Returns the whole numbers of an entry that are not below zero.
    pub(super) fn wholes(&mut self, all: &[TiffField], tag: u16) -> Vec<u64> {
        let Some(entry) = find(all, tag).filter(|e| matches!(e.kind, 1 | 3 | 4 | 6 | 8 | 9 | 13 | 16..=18))
        else {
            return vec![];
        };
        let signed = matches!(entry.kind, 6 | 8 | 9 | 17);
        let bytes = self.read(entry.from, entry.bytes).unwrap_or_default();
        let all = bytes.chunks_exact(unit(entry.kind).max(1) as usize);
        let all = all.map(|b| (number(b, self.little), b.len() * 8 - 1));
        all.filter(|(n, sign)| !signed || n >> sign == 0).map(|(n, _)| n).collect()
    }

    /// Returns the first whole number of an entry.
    pub(super) fn whole(&mut self, all: &[TiffField], tag: u16) -> Option<u64> {
        let entry = find(all, tag)?;
        let first = [TiffField { bytes: entry.bytes.min(unit(entry.kind)), ..entry }];
        self.wholes(&first, tag).first().copied()
    }

    /// Returns whether an entry goes on behind the end.
    pub(super) fn is_cut(all: &[TiffField], tag: u16) -> bool {
        find(all, tag).is_some_and(|entry| entry.is_cut)
    }

    /// Returns whether a directory that was read goes on behind the end, or begins there.
    pub(super) fn is_cut_off(&self) -> bool {
        self.is_cut
    }

    /// Returns whether numbers begin with their lowest byte.
    pub(super) fn is_little(&self) -> bool {
        self.little
    }
}

fn find(all: &[TiffField], tag: u16) -> Option<TiffField> {
    all.iter().find(|entry| entry.tag == tag).copied()
}

/// Returns a whole number of up to eight bytes.
fn number(bytes: &[u8], little: bool) -> u64 {
    let add = |sum: u64, byte: &u8| sum << 8 | u64::from(*byte);
    if little { bytes.iter().rev().fold(0, add) } else { bytes.iter().fold(0, add) }
}

fn one(bytes: &[u8], kind: u16, little: bool) -> f64 {
    let n = number(bytes, little);
    match kind {
        6 => f64::from(n as i8),
        8 => f64::from(n as i16),
        9 => f64::from(n as i32),
        17 => n as i64 as f64,
        11 => f64::from(f32::from_bits(n as u32)),
        12 => f64::from_bits(n),
        5 => number(&bytes[..4], little) as f64 / number(&bytes[4..], little) as f64,
        10 => {
            let half = |bytes| f64::from(number(bytes, little) as i32);
            half(&bytes[..4]) / half(&bytes[4..])
        }
        _ => n as f64,
    }
}
