//! What is added, and how the disk is looked at for that.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::media::error::ListError;
use crate::media::folder::{self, Limits, ScanResult};
use crate::media::listing::{self, Listing};
use crate::model::destination::Destination;
use crate::model::text::MB;

/// More files out of folders, or more bytes, are asked about first.
const UNASKED: (usize, u64) = (50, 500 * MB);

/// More of one folder is not listed.
const MAX_LISTED: usize = 10_000;

/// How the disk is looked at.
pub trait FileSystem: Send + Sync {
    /// Returns whether a folder is there.
    fn is_folder(&self, path: &Path) -> bool;

    /// Returns what is in a folder. `keep_going` is told how many files were found so far, and says whether to go on.
    fn walk(&self, folder: &Path, keep_going: &mut dyn FnMut(usize) -> bool) -> ScanResult;

    /// Returns the names in a folder, or a sentence why there are none.
    fn list(&self, folder: &Path, keep_going: &dyn Fn() -> bool) -> Result<Listing, ListError>;
}

/// As it is.
#[derive(Clone, Copy, Debug)]
pub struct Disk;

impl FileSystem for Disk {
    fn is_folder(&self, path: &Path) -> bool {
        std::fs::metadata(path).is_ok_and(|meta| meta.is_dir())
    }

    fn walk(&self, folder: &Path, keep_going: &mut dyn FnMut(usize) -> bool) -> ScanResult {
        folder::walk(folder, Limits::default(), keep_going)
    }

    fn list(&self, folder: &Path, keep_going: &dyn Fn() -> bool) -> Result<Listing, ListError> {
        listing::list(folder, MAX_LISTED, keep_going)
    }
}

/// What came of something that was added.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScanBatch {
    /// Files to be staged, in the order in which they were given.
    pub files: Vec<PathBuf>,
    /// Where they go: what was chosen when they were added.
    pub to: Option<Arc<Destination>>,
    /// The names of the folders that were looked through, as they may be shown.
    pub folders: Vec<String>,
    /// How many of the files are out of these.
    pub out_of_folders: usize,
    /// The size of all those together.
    pub bytes: u64,
    /// What else is in the folders. Its files are in `files`.
    pub rest: ScanResult,
}

impl ScanBatch {
    /// Returns whether it is so much that it may not have been meant.
    pub fn is_much(&self) -> bool {
        self.out_of_folders > UNASKED.0 || self.bytes > UNASKED.1
    }
}

/// What is being looked into for longer than a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScanProgress {
    /// Its name, as it may be shown.
    pub name: String,
    /// Media found so far.
    pub files: usize,
}

/// How long what is looked at may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Times {
    /// Then it is told that it is looked at.
    pub(super) moment: Duration,
    /// After so long without a sign of life others do not wait for it any more.
    pub(super) stall_timeout: Duration,
}

/// News of what was added together.
pub(super) enum News {
    Progress(ScanProgress),
    ScanBatch(ScanBatch),
    Ended,
}
