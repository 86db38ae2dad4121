//! Whose copies are beside each other: each run of Hoist locks a file of its own there, which the system lets go when the
//! run ends, however it ends. So a killed run's copies are known at the next start.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use crate::model::upload::UploadId;
use crate::store::files;
use crate::store::folders::Folders;

/// Ends the name of such a file.
const LOCK: &str = ".lock";
/// How the parts of a folder's name are joined.
const JOIN: char = '-';

/// This run's file. The run's copies begin with its name.
#[derive(Debug)]
pub(super) struct CopyOwner {
    name: String,
    path: PathBuf,
    /// Locked as long as it is open.
    _lock: File,
}

impl CopyOwner {
    /// Marks a folder as one of this run's copies.
    pub(super) fn mark(folder: &Path) -> io::Result<CopyOwner> {
        Folders::make(folder)?;
        let name = format!("{:08x}", fastrand::u32(..));
        let path = folder.join(format!("{name}{LOCK}"));
        let lock = files::open(&path, File::options().write(true).create_new(true))?;
        files::lock(&lock, files::LOCK_TIMEOUT)?;
        Ok(CopyOwner { name, path, _lock: lock })
    }

    /// Returns the name of a new folder for a copy: an older one of the same upload may just be deleted.
    pub(super) fn new_folder(&self, id: UploadId) -> String {
        format!("{}{JOIN}{:016x}{JOIN}{:08x}", self.name, id.0, fastrand::u32(..))
    }
}

impl Drop for CopyOwner {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Returns whether the run that a copy's folder belongs to has ended; none where that is not known. A run's own file is
/// unlocked for a moment when it is new: of one without a lock nothing is known.
pub(super) fn has_ended(folder: &Path) -> Option<bool> {
    let name = folder.file_name()?.to_str()?;
    let mut parts = name.strip_suffix(LOCK).unwrap_or(name).split(JOIN);
    let (owner, more) = (parts.next()?, parts.count());
    let is_mark = name.ends_with(LOCK);
    if more != if is_mark { 0 } else { 2 } {
        return None;
    }
    match files::open_to_read(&folder.with_file_name(format!("{owner}{LOCK}"))) {
        Ok(lock) => match lock.try_lock() {
            Ok(()) => (!is_mark).then_some(true),
            Err(TryLockError::WouldBlock) => Some(false),
            Err(TryLockError::Error(_)) => None,
        },
        Err(e) if e.kind() == io::ErrorKind::NotFound => Some(true),
        Err(_) => None,
    }
}
