//! Which runs of Hoist still live: each holds a lock on a file of its own, which the system lets go when it ends,
//! however it ends.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use crate::store::files;
use crate::store::folders::Folders;

/// This run's sign of life.
#[derive(Debug)]
pub(super) struct InstanceLock {
    path: PathBuf,
    lock: File,
    in_trouble: bool,
}

/// What is known of another run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Life {
    /// It lives, or nobody can tell.
    Lives,
    /// It has ended, however it did.
    Ended,
    /// It ended while it could not write the history: more may have left than stands there.
    EndedInTrouble,
}

const WELL: u8 = b' ';
const IN_TROUBLE: u8 = b'!';

impl InstanceLock {
    /// Shows that this run lives.
    pub(super) fn show(folder: &Path, run: i64) -> io::Result<InstanceLock> {
        Folders::make(folder)?;
        let path = file(folder, run);
        let mut options = File::options();
        let mut lock = files::open(&path, options.read(true).write(true).create(true).truncate(true))?;
        files::lock(&lock, files::LOCK_TIMEOUT)?;
        let _ = lock.write_all(&[WELL]); // a disk that is full later has room for the other sign
        Ok(InstanceLock { path, lock, in_trouble: false })
    }

    /// Leaves a sign that the history does not have what is done from now on, or that it has everything again.
    pub(super) fn set_trouble(&mut self, in_trouble: bool) {
        self.in_trouble = in_trouble;
        let sign = if in_trouble { IN_TROUBLE } else { WELL };
        let written = self.lock.rewind().and_then(|()| self.lock.write_all(&[sign]));
        if let Err(e) = written {
            tracing::warn!("the run's file cannot be written: {}", e.kind());
        }
    }
}

impl Drop for InstanceLock {
    fn drop(&mut self) {
        if !self.in_trouble {
            forget(&self.path);
        }
    }
}

/// Returns whether a run has ended, and how.
pub(super) fn life(folder: &Path, run: i64) -> Life {
    let path = file(folder, run);
    let Ok(mut lock) = files::open_to_read(&path) else {
        return if path.exists() { Life::Lives } else { Life::Ended };
    };
    match lock.try_lock() {
        Ok(()) => {
            let mut sign = [WELL];
            if lock.read(&mut sign).is_err() || sign == [IN_TROUBLE] {
                Life::EndedInTrouble
            } else {
                Life::Ended
            }
        }
        // Where there are no locks nobody can tell: what another run may be sending is left alone.
        Err(TryLockError::WouldBlock | TryLockError::Error(_)) => Life::Lives,
    }
}

/// Notes that everything that a run left is settled.
pub(super) fn settled(folder: &Path, run: i64) {
    forget(&file(folder, run));
}

fn forget(path: &Path) {
    let _ = fs::remove_file(path);
}

fn file(folder: &Path, run: i64) -> PathBuf {
    folder.join(format!("run-{run}"))
}
