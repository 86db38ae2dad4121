//! A file that is copied in parts.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};

use crate::media::fit::control::Control;

/// The file that is copied, part by part.
pub(super) struct Original<'a> {
    pub(super) file: BufReader<File>,
    pub(super) len: u64,
    pub(super) control: &'a Control<'a>,
}

impl Original<'_> {
    pub(super) fn bytes<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut bytes = [0; N];
        self.file.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    pub(super) fn at(&mut self) -> io::Result<u64> {
        self.file.stream_position()
    }

    pub(super) fn seek(&mut self, to: u64) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(to)).map(drop)
    }

    pub(super) fn skip(&mut self, bytes: u64) -> io::Result<()> {
        let bytes = i64::try_from(bytes).map_err(|_| io::ErrorKind::InvalidData)?;
        self.file.seek_relative(bytes)
    }

    /// Copies so many bytes: fewer are an error.
    pub(super) fn copy(&mut self, mut bytes: u64, out: &mut impl Write) -> io::Result<()> {
        let mut piece = vec![0; 256 * 1024];
        while bytes > 0 {
            self.go_on()?;
            let most = usize::try_from(bytes).unwrap_or(usize::MAX).min(piece.len());
            self.file.read_exact(&mut piece[..most])?;
            out.write_all(&piece[..most])?;
            bytes -= most as u64;
        }
        Ok(())
    }

    /// Copies all that is left.
    pub(super) fn copy_rest(&mut self, out: &mut impl Write) -> io::Result<()> {
        let at = self.at()?;
        self.copy(self.len.saturating_sub(at), out)
    }

    pub(super) fn go_on(&mut self) -> io::Result<()> {
        let at = self.at()?;
        let share = (at as f64 / self.len.max(1) as f64 * 85.0) as u8;
        self.control.step(5 + share.min(85)).map_err(|_| io::Error::other("stopped"))
    }
}
