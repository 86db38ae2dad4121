//! Who makes copies, where they are kept, and what a person decided of them in this run.

use std::collections::HashSet;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use super::copy_owner::CopyOwner;
use crate::media::fit::{FitWorker, Tools};
use crate::model::upload::UploadId;

/// The copies of this run.
pub(super) struct FitBook {
    pub(super) worker: FitWorker,
    /// Where copies are kept, a folder for each upload.
    pub(super) folder: PathBuf,
    /// Marks the copies of this run, from the first on; none where that is not possible.
    owner: OnceLock<Option<CopyOwner>>,
    pub(super) tools: Tools,
    /// Standing rules act without being asked: in the window, and in the terminal with `--fit`.
    pub(super) rules_act: bool,
    /// Files that need no copy, or of which the person wants none.
    pub(super) settled: HashSet<UploadId>,
}

impl FitBook {
    pub(super) fn start(
        folder: PathBuf,
        terminal: bool,
        wake: &Arc<dyn Fn() + Send + Sync>,
    ) -> io::Result<FitBook> {
        Ok(FitBook {
            worker: FitWorker::start(wake)?,
            folder,
            owner: OnceLock::new(),
            tools: Tools::installed(),
            rules_act: !terminal,
            settled: HashSet::new(),
        })
    }

    /// Forgets that a file needs no copy, or that the person wants none: it goes to another destination now.
    pub(super) fn forget_choice(&mut self, id: UploadId) {
        self.settled.remove(&id);
    }

    /// Returns a new folder for a copy: an older one of the same upload may just be deleted.
    pub(super) fn new_folder(&self, id: UploadId) -> PathBuf {
        let mark = || {
            let marked = CopyOwner::mark(&self.folder);
            marked.inspect_err(|e| tracing::warn!("copies are not marked: {}", e.kind())).ok()
        };
        let name = match self.owner.get_or_init(mark) {
            Some(owner) => owner.new_folder(id),
            None => format!("{:016x}-{:08x}", id.0, fastrand::u32(..)),
        };
        self.folder.join(name)
    }
}
