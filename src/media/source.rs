//! A file that is read here and there: its head, its index, its end. Every reader of headers goes through one of these,
//! so that the bytes read of any file are bounded, whatever its own sizes claim.

use std::io::{self, Read, Seek, SeekFrom};

/// So much is read at once: a hop over a long part costs one read.
const BLOCK: usize = 16 * 1024;
/// More bytes than these are not read of one file: 4,096 hops, or as much sound as any provider takes.
pub(super) const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// What can be read at any place.
pub(super) trait Input: Read + Seek {}
impl<T: Read + Seek> Input for T {}

/// A file, or what is behind a tag in front of it.
pub(super) struct Source<'a> {
    file: &'a mut dyn Input,
    /// Where it begins in the file.
    base: u64,
    /// Bytes from there to the end.
    len: u64,
    at: u64,
    block: Vec<u8>,
    block_at: u64,
    left: u64,
}

impl<'a> Source<'a> {
    /// Returns all of a file of this length.
    pub(super) fn new(file: &'a mut dyn Input, len: u64) -> Source<'a> {
        Source { file, base: 0, len, at: 0, block: vec![], block_at: 0, left: MAX_BYTES }
    }

    /// Leaves what stands before a place out: the file begins there from now on.
    pub(super) fn begin_at(&mut self, at: u64) {
        let at = at.min(self.len);
        self.base += at;
        self.len -= at;
        self.at = 0;
        self.block.clear();
    }

    /// Returns bytes to the end of the file.
    pub(super) fn len(&self) -> u64 {
        self.len
    }

    /// Returns whether the bound was met: what was found so far is not all there is.
    pub(super) fn is_spent(&self) -> bool {
        self.left == 0
    }

    /// Returns so many bytes at a place. None where the file ends before, or the bound is met.
    pub(super) fn bytes<const N: usize>(&mut self, at: u64) -> Option<[u8; N]> {
        let mut bytes = [0; N];
        self.at = at;
        self.read_exact(&mut bytes).ok()?;
        Some(bytes)
    }

    /// Reads as many bytes at a place as there are, so many at most.
    pub(super) fn up_to(&mut self, at: u64, most: usize) -> Vec<u8> {
        let there = usize::try_from(self.len.saturating_sub(at)).unwrap_or(most).min(most);
        let mut bytes = vec![0; there];
        self.at = at;
        let mut read = 0;
        while read < there {
            match self.read(&mut bytes[read..]) {
                Ok(0) | Err(_) => break,
                Ok(n) => read += n,
            }
        }
        bytes.truncate(read);
        bytes
    }

    /// Returns one byte.
    pub(super) fn u8(&mut self, at: u64) -> Option<u8> {
        self.bytes(at).map(u8::from_be_bytes)
    }

    /// Returns a number, its high byte first.
    pub(super) fn be16(&mut self, at: u64) -> Option<u16> {
        self.bytes(at).map(u16::from_be_bytes)
    }

    /// Returns a number, its high byte first.
    pub(super) fn be32(&mut self, at: u64) -> Option<u32> {
        self.bytes(at).map(u32::from_be_bytes)
    }
}

impl Read for Source<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.at >= self.len || into.is_empty() {
            return Ok(0);
        }
        let in_block = self.at.checked_sub(self.block_at).filter(|n| *n < self.block.len() as u64);
        let from = match in_block {
            Some(from) => from as usize,
            None => {
                let most = (BLOCK as u64).min(self.len - self.at);
                if self.left < most {
                    self.left = 0;
                    return Err(io::Error::other("enough was read"));
                }
                self.file.seek(SeekFrom::Start(self.base.saturating_add(self.at)))?;
                self.block.clear();
                self.block.reserve(BLOCK); // or it is read in steps
                self.block_at = self.at;
                // A full block counts even where little came: hops are bounded, too.
                self.left = self.left.saturating_sub(BLOCK as u64);
                (&mut *self.file).take(most).read_to_end(&mut self.block)?;
                if self.block.is_empty() {
                    return Ok(0);
                }
                0
            }
        };
        let n = into.len().min(self.block.len() - from);
        into[..n].copy_from_slice(&self.block[from..from + n]);
        self.at += n as u64;
        Ok(n)
    }
}

impl Seek for Source<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(n) => self.len.checked_add_signed(n),
            SeekFrom::Current(n) => self.at.checked_add_signed(n),
        };
        self.at = target.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.at)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    #[test]
    fn no_more_is_read_of_a_file_than_the_bound() {
        struct Endless(u64);
        impl Read for Endless {
            fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
                into.fill(7);
                self.0 += into.len() as u64;
                Ok(into.len())
            }
        }
        impl Seek for Endless {
            fn seek(&mut self, _: SeekFrom) -> io::Result<u64> {
                Ok(0)
            }
        }
        let mut file = Endless(0);
        let mut source = Source::new(&mut file, u64::MAX);
        // A hop of a terabyte, again and again.
        let hops = (0..100_000u64).take_while(|n| source.u8(n << 40).is_some()).count();
        assert!(source.is_spent() && hops <= 4096, "{hops} hops");
        assert!(file.0 <= MAX_BYTES, "{} bytes", file.0);
    }

    #[test]
    fn what_stands_behind_a_tag_is_read_as_if_it_began_there() {
        let mut file = Cursor::new((0..100u8).collect::<Vec<_>>());
        let mut source = Source::new(&mut file, 100);
        assert_eq!(source.be16(98), Some(98 * 256 + 99));
        assert_eq!(source.be16(99), None, "the file ends");
        source.begin_at(10);
        assert_eq!((source.u8(0), source.len()), (Some(10), 90));
        assert_eq!(source.up_to(85, 100), [95, 96, 97, 98, 99]);
        source.begin_at(1000);
        assert_eq!((source.len(), source.u8(0)), (0, None));
    }
}
