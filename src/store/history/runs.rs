//! Which runs of Hoist still live: each holds a lock on a file of its own, which the system lets go when it ends,
//! however it ends.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use crate::store::folders::Folders;

/// This run's sign of life.
#[derive(Debug)]
pub(super) struct Alive {
    path: PathBuf,
    _lock: File,
}

impl Alive {
    /// Shows that this run lives.
    pub(super) fn show(folder: &Path, run: i64) -> io::Result<Alive> {
        Folders::make(folder)?;
        let path = file(folder, run);
        let lock = File::create(&path)?;
        lock.lock()?;
        Ok(Alive { path, _lock: lock })
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// Whether a run has ended, however it ended.
pub(super) fn has_ended(folder: &Path, run: i64) -> bool {
    let path = file(folder, run);
    let Ok(lock) = File::open(&path) else { return !path.exists() };
    match lock.try_lock() {
        Ok(()) => {
            let _ = fs::remove_file(&path);
            true
        }
        // Where there are no locks nobody can tell: what another run may be sending is left alone.
        Err(TryLockError::WouldBlock | TryLockError::Error(_)) => false,
    }
}

fn file(folder: &Path, run: i64) -> PathBuf {
    folder.join(format!("run-{run}"))
}
