//! Why a picture was not read, whichever decoder it was for.

use std::io::ErrorKind;

use hoist_codecs::png::DecodingError;
use image::ImageError;

use super::heif_picture::HeifError;

/// Why a picture was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ReadProblem {
    /// The disk did not give it.
    Disk(ErrorKind),
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
            // No system says "other": that is a decoder's word for what it cannot make sense of.
            ErrorKind::UnexpectedEof | ErrorKind::InvalidData | ErrorKind::Other => ReadProblem::Broken,
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
