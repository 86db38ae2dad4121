//! From a plan to a copy.

use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use super::control::Control;
use super::error::FitError;
use super::leftovers::UNFINISHED;
use super::{audio, changes, image, spare, strip, video};
use crate::media::inspect::inspect;
use crate::media::metadata::read_metadata;
use crate::model::fit::{ChangeKind, FitChange, FitPlan, Recoding};
use crate::model::media::{Damage, DetectedType, FileFacts, Kind, Media};

/// A copy that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// The copy, in the folder that was named.
    pub path: PathBuf,
    /// What was changed.
    pub changes: Vec<FitChange>,
}

/// Makes a copy in a folder, named after the file. What is there already is never overwritten.
pub fn make(
    plan: &FitPlan,
    facts: &FileFacts,
    folder: &Path,
    control: &Control<'_>,
) -> Result<Made, FitError> {
    control.step(1)?;
    let DetectedType::Known(media) = facts.recognised else { return Err(FitError::Unsupported) };
    // A decoder of sound or video ends where the file ends, without a word.
    if matches!(media.kind(), Kind::Audio | Kind::Video) && facts.damaged == Some(Damage::CutOff) {
        return Err(FitError::Broken);
    }
    let suffix = format!(".{}", plan.output.extensions()[0]);
    let mut temporary = tempfile::Builder::new();
    temporary.prefix(UNFINISHED).suffix(&suffix);
    #[cfg(unix)]
    if let Ok(original) = std::fs::metadata(&facts.path) {
        temporary.permissions(rights_of_copy(&original));
    }
    let temporary = temporary.tempfile_in(folder).map_err(FitError::disk)?;
    let (mut file, temporary) = temporary.into_parts();
    if media.kind() != Kind::Image {
        spare::release();
    }
    let (output, mut changes) = match media.kind() {
        _ if plan.recoding == Recoding::Nothing
            && plan.strip
            && plan.cut.is_none()
            && plan.output == media =>
        {
            strip::strip(facts, media, &mut file, control)?;
            (media, vec![changes::change(ChangeKind::Metadata, "all", "none")])
        }
        Kind::Image => image::make(plan, facts, media, &mut file, control)?,
        Kind::Audio | Kind::Video if plan.output.kind() == Kind::Audio => {
            audio::make(plan, facts, media, &mut file, &temporary, control)?
        }
        Kind::Video => video::make(plan, facts, media, &temporary, control)?,
        Kind::Audio | Kind::Captions => return Err(FitError::Unsupported),
    };
    file.sync_data().map_err(FitError::disk)?;
    drop(file);
    control.step(95)?;
    // A program that ends well may have written nothing, or something else.
    if matches!(media.kind(), Kind::Audio | Kind::Video) && !is_whole(&temporary, output) {
        return Err(FitError::Ffmpeg(None));
    }
    let now = std::fs::metadata(&facts.path).map_err(|e| FitError::Unreadable(e.kind()))?;
    if (now.len(), now.modified().ok()) != (facts.size, facts.modified) {
        return Err(FitError::Changed);
    }
    if plan.strip && !read_metadata(&temporary, output).is_empty() {
        return Err(FitError::MetadataStays);
    }
    changes.dedup();
    let path = persist(temporary, facts, output, folder)?;
    control.progress.store(100, Ordering::Relaxed);
    Ok(Made { path, changes })
}

/// Returns whether a copy is what it was to be, to its end.
fn is_whole(copy: &Path, output: Media) -> bool {
    inspect(copy).is_ok_and(|facts| facts.recognised.media() == Some(output) && facts.damaged.is_none())
}

/// Gives a copy its name: the file's own, with the extension of its type, and a number where that is taken.
fn persist(
    temporary: tempfile::TempPath,
    facts: &FileFacts,
    output: Media,
    folder: &Path,
) -> Result<PathBuf, FitError> {
    let own = facts.path.extension().and_then(|e| e.to_str()).unwrap_or_default();
    let keeps = output.extensions().iter().any(|e| e.eq_ignore_ascii_case(own));
    let extension = if keeps { own } else { output.extensions()[0] };
    let stem = facts.path.file_stem().unwrap_or_else(|| std::ffi::OsStr::new("file"));
    let mut temporary = temporary;
    for n in 1..10_000 {
        let mut name = stem.to_os_string();
        if n > 1 {
            name.push(format!("-{n}"));
        }
        name.push(".");
        name.push(extension);
        let path = folder.join(name);
        match temporary.persist_noclobber(&path) {
            Ok(()) => {
                return Ok(path);
            }
            Err(error) if error.error.kind() == std::io::ErrorKind::AlreadyExists => temporary = error.path,
            Err(error) => return Err(FitError::disk(error.error)),
        }
    }
    Err(FitError::Unwritable(std::io::ErrorKind::AlreadyExists))
}

/// Returns the rights of a copy: who may read the original may read it, as far as this person lets new files be read.
#[cfg(unix)]
fn rights_of_copy(original: &std::fs::Metadata) -> std::fs::Permissions {
    use std::os::unix::fs::PermissionsExt;
    std::fs::Permissions::from_mode(original.permissions().mode() & 0o666 | 0o600)
}
