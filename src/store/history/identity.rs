//! Which history is open: another Hoist may have replaced it since.

use std::fs;
use std::path::{Path, PathBuf};

/// A history as the disk knows it: which file that is, whatever its name is by now, and how often one of that name was
/// emptied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    file: Option<(u64, u64)>,
    emptied: u64,
}

impl Identity {
    /// Returns that of the file that has this name now.
    pub(super) fn of(path: &Path) -> Identity {
        #[cfg(unix)]
        let file = {
            use std::os::unix::fs::MetadataExt;
            fs::metadata(path).ok().map(|meta| (meta.dev(), meta.ino()))
        };
        // There an open file keeps its name.
        #[cfg(not(unix))]
        let file = None;
        let emptied = fs::metadata(lock_file(path)).map_or(0, |meta| meta.len());
        Identity { file, emptied }
    }
}

/// Returns the file whose lock whoever makes, migrates or replaces the history holds. It is as long as the history was
/// emptied often: who has it open sees that without opening anything.
pub(super) fn lock_file(path: &Path) -> PathBuf {
    path.with_file_name("history.lock")
}
