//! What is taken out of a copy where nothing may move: zeros over it.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};

use crate::media::fit::control::Control;

/// Zeros over parts of a file: never behind its end, and in all no more than it has.
pub(super) struct Zeros<'a> {
    end: u64,
    left: u64,
    control: &'a Control<'a>,
}

impl<'a> Zeros<'a> {
    /// Begins with a file of so many bytes.
    pub(super) fn new(end: u64, control: &'a Control<'a>) -> Zeros<'a> {
        Zeros { end, left: end, control }
    }

    /// Writes them from one place to another. The error tells of parts that overlap again and again, too.
    pub(super) fn write(&mut self, file: &mut File, from: u64, to: u64) -> io::Result<()> {
        let mut bytes = to.min(self.end).saturating_sub(from);
        self.left = self.left.checked_sub(bytes).ok_or(io::ErrorKind::InvalidData)?;
        let zeros = vec![0; usize::try_from(bytes).unwrap_or(usize::MAX).min(64 * 1024)];
        file.seek(SeekFrom::Start(from))?;
        while bytes > 0 {
            self.go_on()?;
            let most = bytes.min(zeros.len() as u64);
            file.write_all(&zeros[..most as usize])?;
            bytes -= most;
        }
        Ok(())
    }

    /// Returns how many bytes the file has.
    pub(super) fn end(&self) -> u64 {
        self.end
    }

    /// Returns an error where the copy is not wanted any more.
    pub(super) fn go_on(&self) -> io::Result<()> {
        self.control.check().map_err(|_| io::Error::other("stopped"))
    }
}
