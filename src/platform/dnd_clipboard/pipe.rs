//! Pipes to and from other programs, which may be slow, or silent for ever.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec};

/// So long another program may be silent.
pub(super) const TIMEOUT: Duration = Duration::from_secs(5);

/// As much as a pipe takes at once when it takes anything (`PIPE_BUF`).
const PIECE: usize = 4096;

/// Waits until something can be read or written.
pub(super) fn until(fd: impl AsFd, what: PollFlags, time: Duration) -> io::Result<()> {
    let time = Timespec { tv_sec: time.as_secs() as i64, tv_nsec: i64::from(time.subsec_nanos()) };
    loop {
        match rustix::event::poll(&mut [PollFd::new(&fd, what)], Some(&time)) {
            Ok(0) => return Err(io::ErrorKind::TimedOut.into()),
            Ok(_) => return Ok(()),
            Err(rustix::io::Errno::INTR) => {}
            Err(e) => return Err(e.into()),
        }
    }
}

/// Reads a pipe to its end.
pub(super) fn read(pipe: OwnedFd, most: usize) -> io::Result<Vec<u8>> {
    let mut pipe = File::from(pipe);
    let (mut all, mut piece) = (vec![], vec![0; 64 * 1024]);
    loop {
        until(&pipe, PollFlags::IN, TIMEOUT)?;
        match pipe.read(&mut piece) {
            Ok(0) => return Ok(all),
            Ok(n) if all.len() + n > most => return Err(io::ErrorKind::FileTooLarge.into()),
            Ok(n) => all.extend_from_slice(&piece[..n]),
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
}

/// Writes all of it into a pipe.
pub(super) fn write(pipe: OwnedFd, all: &[u8]) -> io::Result<()> {
    let mut pipe = File::from(pipe);
    for piece in all.chunks(PIECE) {
        until(&pipe, PollFlags::OUT, TIMEOUT)?;
        pipe.write_all(piece)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use rustix::pipe::{PipeFlags, pipe_with};

    use super::*;

    fn pipe() -> (OwnedFd, OwnedFd) {
        pipe_with(PipeFlags::CLOEXEC).expect("a pipe")
    }

    #[test]
    fn what_is_written_is_read_and_no_more_than_asked_for() {
        let (from, to) = pipe();
        let all: Vec<u8> = (0..300_000_u32).map(|n| n as u8).collect();
        let sent = all.clone();
        let writer = std::thread::spawn(move || write(to, &sent));
        assert_eq!(read(from, 300_000).expect("all of it"), all);
        writer.join().expect("no panic").expect("written");

        let (from, to) = pipe();
        std::thread::spawn(move || write(to, &all));
        assert_eq!(read(from, 299_999).expect_err("too much").kind(), io::ErrorKind::FileTooLarge);
    }

    #[test]
    fn silence_has_an_end() {
        let (from, _to) = pipe();
        let waited = until(&from, PollFlags::IN, Duration::from_millis(10));
        assert_eq!(waited.expect_err("nothing came").kind(), io::ErrorKind::TimedOut);
    }
}
