//! Copies that fit, made of real files and seen by other programs: ffprobe, exiftool, `ImageMagick` and libheif. They are
//! part of what `scripts/setup` installs: where one is missing, its test fails and says so.
#![allow(clippy::unwrap_used)]

#[path = "../media/counting.rs"]
mod counting;
mod cut_off;
mod endless;
mod eyes;
mod films;
mod hdr;
mod hdr_pictures;
mod hostile;
mod images;
mod metadata;
mod moving;
mod samples;
mod streams;
mod table;
mod tiff;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU8};

use hoist::media::fit::{Control, FitError, Made, NoCopy, Tools, make, plan, plan_at_once};
use hoist::media::inspect::inspect;
use hoist::model::fit::{FitWishes, TypeLimits};
use hoist::model::media::{FileFacts, Media};

/// Limits of one row.
pub(crate) fn limits(types: &[Media]) -> TypeLimits {
    TypeLimits {
        types: types.to_vec(),
        max_bytes: None,
        min_duration: None,
        max_duration: None,
        pixels: None,
        advised_bytes: None,
    }
}

pub(crate) const WITH_FFMPEG: Tools = Tools { ffmpeg: true, ffprobe: false };

/// Plans and makes a copy.
pub(crate) fn fit(file: &Path, row: &TypeLimits, wishes: &FitWishes, to: &Path) -> Result<Made, FitError> {
    let facts = inspect(file).unwrap();
    let plan = plan(&facts, std::slice::from_ref(row), wishes, WITH_FFMPEG).unwrap().expect("a plan");
    let (stop, progress) = (AtomicBool::new(false), AtomicU8::new(0));
    make(&plan, &facts, to, &Control { stop: &stop, progress: &progress })
}

/// Plans and makes a copy, of what ffprobe knows, too.
pub(crate) fn made_of(file: &Path, row: &TypeLimits, wishes: &FitWishes, to: &Path) -> Result<Made, NoCopy> {
    let (stop, progress) = (AtomicBool::new(false), AtomicU8::new(0));
    let mut facts = inspect(file)?;
    let plan = plan_at_once(&mut facts, std::slice::from_ref(row), wishes, &stop)?.expect("a plan");
    Ok(make(&plan, &facts, to, &Control { stop: &stop, progress: &progress })?)
}

/// Makes a copy, of which all goes well.
pub(crate) fn fitted(file: &Path, row: &TypeLimits, wishes: &FitWishes, to: &Path) -> (PathBuf, FileFacts) {
    let made = fit(file, row, wishes, to).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    let facts = inspect(&made.path).unwrap();
    (made.path, facts)
}

/// One of the files that come with Hoist.
pub(crate) fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/samples").join(name)
}
