//! Copies that fit, without a queue: what the terminal makes of files that it does not send.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU8};

use crate::media::details;
use crate::media::fit::{Control, make, plan_at_once};
use crate::model::fit::{ChangeKind, FitAim, FitChange, FitPlan, FitWishes, Recoding};
use crate::provider::spec::ProviderSpec;

pub use crate::media::fit::{NoCopy, remove_leftovers};

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

/// Returns what a copy lacks that the file has, beside fineness: part of its length, channels, frames, tracks, chapters;
/// none where that is nothing.
pub fn losses(changes: &[FitChange]) -> Option<String> {
    let loss = |change: &FitChange| match change.kind {
        ChangeKind::Duration if change.from.is_empty() => Some(format!("cut to {}", change.to)),
        ChangeKind::Duration => Some(format!("{} of {}", change.to, change.from)),
        ChangeKind::Channels => Some(change.to.clone()),
        ChangeKind::Frames => Some(format!("the {} of the {}", change.to, change.from)),
        _ => change.left_behind(),
    };
    let losses: Vec<_> = changes.iter().filter_map(loss).collect();
    (!losses.is_empty()).then(|| losses.join(", "))
}

/// Makes a copy of a file in a folder, where the provider accepts it only so, until it is stopped.
pub fn fit_file(
    path: &Path,
    provider: &ProviderSpec,
    wishes: &FitWishes,
    folder: &Path,
    stop: &AtomicBool,
) -> Result<FitFile, NoCopy> {
    let (mut facts, told) = details::of_file(path)?;
    let plan = plan_at_once(&mut facts, &provider.limits(), wishes, stop)?;
    let is_needed = |plan: &FitPlan| {
        plan.aim != FitAim::Strip || plan.recoding != Recoding::Nothing || !told.metadata.is_empty()
    };
    let needed = plan.filter(is_needed);
    let Some(plan) = needed else {
        return Ok(FitFile { copy: None, changes: vec![], bytes: facts.size });
    };
    let progress = AtomicU8::new(0);
    let control = Control { stop, progress: &progress };
    let made = make(&plan, &facts, folder, &control)?;
    let bytes = std::fs::metadata(&made.path).map_or(0, |meta| meta.len());
    Ok(FitFile { copy: Some(made.path), changes: made.changes, bytes })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_copy_of_a_film_lacks_is_said_in_one_sentence() {
        let change =
            |kind, from: &str, to: &str| FitChange { kind, from: from.to_owned(), to: to.to_owned() };
        let changes = [
            change(ChangeKind::Type, "MKV", "MP4"),
            change(ChangeKind::Channels, "stereo", "mono"),
            change(ChangeKind::AudioTracks, "2", "1"),
            change(ChangeKind::Subtitles, "3", "0"),
            change(ChangeKind::Chapters, "12", "0"),
        ];
        let said = losses(&changes).unwrap();
        assert_eq!(said, "mono, with 1 of 2 audio tracks, without subtitles, without chapters");
        assert_eq!(losses(&changes[..1]), None);
    }
}
