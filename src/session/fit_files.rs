//! Copies that fit, without a queue: what the terminal makes of files that it does not send.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU8};

use crate::media::details;
use crate::media::fit::{Control, NoCopy, Tools, make, plan};
use crate::model::fit::{FitAim, FitChange, FitWishes};
use crate::provider::spec::ProviderSpec;

/// What came of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FitFile {
    /// Where the copy is; none where the file itself fits.
    pub copy: Option<PathBuf>,
    /// What was changed.
    pub changes: Vec<FitChange>,
    /// The size of what fits.
    pub bytes: u64,
}

/// Makes a copy of a file in a folder, where the provider accepts it only so.
pub fn fit_file(
    path: &Path,
    provider: &ProviderSpec,
    wishes: &FitWishes,
    folder: &Path,
) -> Result<FitFile, NoCopy> {
    let (facts, told) = details::of_file(path)?;
    let plan = plan(&facts, &provider.limits(), wishes, Tools::installed())?;
    let needed = plan.filter(|plan| plan.aim != FitAim::Strip || plan.recodes || !told.metadata.is_empty());
    let Some(plan) = needed else {
        return Ok(FitFile { copy: None, changes: vec![], bytes: facts.size });
    };
    let (stop, progress) = (AtomicBool::new(false), AtomicU8::new(0));
    let control = Control { stop: &stop, progress: &progress };
    let made = make(&plan, &facts, folder, &control)?;
    let bytes = std::fs::metadata(&made.path).map_or(0, |meta| meta.len());
    Ok(FitFile { copy: Some(made.path), changes: made.changes, bytes })
}
