//! Goes from box to box of an ISO container, and reads of each no more than is asked for.

use std::io::{self, Read, Seek, SeekFrom};

/// More boxes than these are not looked at.
const MAX_BOXES: usize = 100_000;

/// A box: its type, and where it, its content and its end are.
#[derive(Clone, Copy)]
pub(in crate::media) struct BoxHeader {
    pub(in crate::media) start: u64,
    pub(in crate::media) kind: [u8; 4],
    pub(in crate::media) from: u64,
    pub(in crate::media) to: u64,
    /// It ends before what it is in does.
    pub(in crate::media) is_whole: bool,
}

/// Goes from box to box, as long as there are not too many.
pub(in crate::media) struct Walker<'a, R> {
    pub(super) file: &'a mut R,
    left: usize,
}

impl<'a, R: Read + Seek> Walker<'a, R> {
    pub(in crate::media) fn new(file: &'a mut R) -> Self {
        Walker { file, left: MAX_BOXES }
    }

    /// Returns whether the bound was met: there are more boxes than were seen.
    pub(in crate::media) fn is_spent(&self) -> bool {
        self.left == 0
    }

    /// Returns the box at `at`, which ends at `end` at the latest.
    pub(super) fn at(&mut self, at: u64, end: u64) -> io::Result<Option<BoxHeader>> {
        if at.saturating_add(8) > end || self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        self.file.seek(SeekFrom::Start(at))?;
        let head: [u8; 8] = self.bytes()?;
        let kind = [head[4], head[5], head[6], head[7]];
        let (head, size) = match u64::from(u32_at(&head, 0)) {
            0 => (8, end - at), // to the end
            1 => (16, u64::from_be_bytes(self.bytes()?)),
            size => (8, size),
        };
        let Some(to) = at.checked_add(size).filter(|to| size >= head && *to > at) else { return Ok(None) };
        Ok(Some(BoxHeader { start: at, kind, from: at + head, to: to.min(end), is_whole: to <= end }))
    }

    fn bytes<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut bytes = [0; N];
        self.file.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    /// Reads as many bytes of a box as fit, zeros behind its end.
    pub(in crate::media) fn content<const N: usize>(
        &mut self,
        header: &BoxHeader,
        skip: u64,
    ) -> io::Result<[u8; N]> {
        let mut bytes = [0; N];
        let from = header.from.saturating_add(skip);
        let there = usize::try_from(header.to.saturating_sub(from)).unwrap_or(N).min(N);
        self.file.seek(SeekFrom::Start(from))?;
        self.file.read_exact(&mut bytes[..there])?;
        Ok(bytes)
    }

    /// Returns what is in a box behind so many bytes, and no more than the bound.
    pub(in crate::media) fn some(
        &mut self,
        header: &BoxHeader,
        skip: u64,
        bound: u64,
    ) -> io::Result<Vec<u8>> {
        let from = header.from.saturating_add(skip);
        self.file.seek(SeekFrom::Start(from))?;
        let mut out = vec![];
        self.file.by_ref().take(header.to.saturating_sub(from).min(bound)).read_to_end(&mut out)?;
        Ok(out)
    }

    /// Shows every box inside a place.
    pub(in crate::media) fn each(
        &mut self,
        from: u64,
        to: u64,
        mut see: impl FnMut(&mut Self, &BoxHeader) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut at = from;
        while let Some(header) = self.at(at, to)? {
            see(self, &header)?;
            at = header.to;
        }
        Ok(())
    }
}

pub(in crate::media) fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..at + 2).map_or(0, |b| u16::from_be_bytes([b[0], b[1]]))
}

pub(in crate::media) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).map_or(0, |b| u32::from_be_bytes([b[0], b[1], b[2], b[3]]))
}

pub(super) fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from(u32_at(bytes, at)) << 32 | u64::from(u32_at(bytes, at + 4))
}
