//! Why a picture was not read, whichever decoder it was for.

use hoist_codecs::png::DecodingError;
use image::ImageError;

use super::heif_picture::HeifError;

/// Why a picture was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ReadProblem {
    /// The disk did not give it.
    Disk(std::io::ErrorKind),
    /// It is not whole.
    Broken,
    /// No decoder here knows what it uses.
    Unsupported,
    /// It needs more memory than there is for it.
    TooLarge,
}

impl From<std::io::Error> for ReadProblem {
    fn from(error: std::io::Error) -> ReadProblem {
        match error.kind() {
            std::io::ErrorKind::UnexpectedEof | std::io::ErrorKind::InvalidData => ReadProblem::Broken,
            kind => ReadProblem::Disk(kind),
        }
    }
}

impl From<HeifError> for ReadProblem {
    fn from(error: HeifError) -> ReadProblem {
        match error {
            HeifError::Broken => ReadProblem::Broken,
            HeifError::Unsupported => ReadProblem::Unsupported,
            HeifError::TooLarge => ReadProblem::TooLarge,
        }
    }
}

impl From<ImageError> for ReadProblem {
    fn from(error: ImageError) -> ReadProblem {
        match error {
            ImageError::Limits(_) => ReadProblem::TooLarge,
            ImageError::Unsupported(_) => ReadProblem::Unsupported,
            ImageError::IoError(error) => error.into(),
            _ => ReadProblem::Broken,
        }
    }
}

impl From<DecodingError> for ReadProblem {
    fn from(error: DecodingError) -> ReadProblem {
        match error {
            DecodingError::LimitsExceeded => ReadProblem::TooLarge,
            DecodingError::IoError(error) => error.into(),
            _ => ReadProblem::Broken,
        }
    }
}
