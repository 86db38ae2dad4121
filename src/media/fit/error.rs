//! Why no copy was made.

use std::io;

use crate::model::fit::NoPlan;
use crate::model::media::FileProblem;

/// Each is one sentence for people; the file itself is as it was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FitError {
    /// It is not wanted any more.
    #[error("The conversion was stopped")]
    Stopped,
    /// The disk did not give it.
    #[error("The file cannot be read{}", because(*.0))]
    Unreadable(io::ErrorKind),
    /// No decoder reads it to its end.
    #[error("The file is damaged or cut off, so it cannot be converted")]
    Broken,
    /// It uses something that no decoder knows.
    #[error("The file uses a feature that Hoist cannot convert")]
    Unsupported,
    /// More pixels than there is memory for.
    #[error("The picture has too many pixels to convert")]
    TooManyPixels,
    /// Some of it is where nothing can be taken out.
    #[error("Some metadata cannot be removed from this file: export it anew, without metadata")]
    MetadataStays,
    /// However small it was made.
    #[error("The copy cannot be made smaller than {0}")]
    StillTooLarge(String),
    /// The copy has no room.
    #[error("The disk is full: free some space, then try again")]
    DiskFull,
    /// The copy cannot be written for another reason.
    #[error("The copy cannot be written{}", because(*.0))]
    Unwritable(io::ErrorKind),
    /// It was written to meanwhile.
    #[error("The file changed while it was converted: try again")]
    Changed,
    /// The program is gone since the plan was made.
    #[error("ffmpeg cannot be started: {0}")]
    NoFfmpeg(io::ErrorKind),
    /// It ended with an error, and said this last.
    #[error("ffmpeg could not convert it{}", .0.as_ref().map(|why| format!(": {why}")).unwrap_or_default())]
    Ffmpeg(Option<String>),
    /// It did not go on.
    #[error("ffmpeg made no progress, so it was stopped")]
    Stalled,
}

/// Why there is no copy of a file that was to be fitted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoCopy {
    /// The file cannot be inspected.
    #[error(transparent)]
    File(#[from] FileProblem),
    /// No change would make it fit.
    #[error(transparent)]
    Plan(#[from] NoPlan),
    /// The copy was begun, and came to nothing.
    #[error(transparent)]
    Making(#[from] FitError),
}

/// Returns the second half of a sentence: why, where the system has a word for it.
fn because(kind: io::ErrorKind) -> String {
    let why = kind.to_string();
    match &*why {
        "other error" | "uncategorized error" => String::new(),
        _ => format!(": {why}"),
    }
}

impl FitError {
    /// Returns what went wrong with the copy.
    #[allow(clippy::needless_pass_by_value)] // for `map_err`
    pub(super) fn disk(error: io::Error) -> FitError {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => FitError::DiskFull,
            kind => FitError::Unwritable(kind),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_sentence_gives_other_error_as_the_reason() {
        let nameless = io::Error::from_raw_os_error(if cfg!(windows) { 31 } else { 5 }).kind();
        for kind in [io::ErrorKind::Other, nameless] {
            assert_eq!(FitError::Unreadable(kind).to_string(), "The file cannot be read");
            assert_eq!(FitError::Unwritable(kind).to_string(), "The copy cannot be written");
        }
        let denied = FitError::Unreadable(io::ErrorKind::PermissionDenied);
        assert_eq!(denied.to_string(), "The file cannot be read: permission denied");
    }
}
