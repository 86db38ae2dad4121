//! Why there is no picture of a file, no waveform, no list of a folder.

use std::io;
use std::path::PathBuf;

use crate::model::record::name_of;

/// Why a file has no preview.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PreviewError {
    /// Nothing of its kind has one.
    #[error("This file type has no preview")]
    OtherKind,
    /// It cannot be decoded here, which makes it no worse.
    #[error("Hoist has no preview of this image type")]
    NotDecoded,
    /// The disk did not give it.
    #[error("The file cannot be read: {0}")]
    Unreadable(io::ErrorKind),
    /// So many pixels.
    #[error("{0} × {1} pixels are too many for a preview")]
    TooLarge(u32, u32),
    /// More pixels than the decoder may have memory for.
    #[error("The image has too many pixels for a preview")]
    TooManyPixels,
    /// No decoder reads it.
    #[error("The image is damaged or cut off")]
    BrokenPicture,
    /// A decoder gave up in a way of its own.
    #[error("The file is damaged")]
    Panicked,
    /// No decoder reads it.
    #[error("The audio cannot be read")]
    UnreadableSound,
    /// There is no decoder for it here.
    #[error("The waveform of this codec cannot be shown")]
    UnknownCodec,
    /// Of a video.
    #[error(transparent)]
    Poster(#[from] PosterError),
    /// Of what was sent: its file is not what it was, or nothing is known of it any more.
    #[error("The file is another one now")]
    OtherFile,
}

impl PreviewError {
    /// Returns whether something may be wrong with the file: one that is only too large for a preview is as good as any.
    pub fn is_of_file(&self) -> bool {
        match self {
            PreviewError::Unreadable(_)
            | PreviewError::BrokenPicture
            | PreviewError::Panicked
            | PreviewError::UnreadableSound => true,
            PreviewError::OtherKind
            | PreviewError::NotDecoded
            | PreviewError::TooLarge(..)
            | PreviewError::TooManyPixels
            | PreviewError::UnknownCodec
            | PreviewError::Poster(_)
            | PreviewError::OtherFile => false,
        }
    }
}

/// Why ffmpeg made no picture of a video.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PosterError {
    /// There is none.
    #[error("Previews of videos need ffmpeg, which is not installed")]
    NotInstalled,
    /// The system did not run it.
    #[error("ffmpeg cannot be started: {0}")]
    NotStarted(io::ErrorKind),
    /// It gave none.
    #[error("The video has no frame to show")]
    NoPicture,
    /// It took too long, or is not wanted any more.
    #[error("The video could not be read in time")]
    Stopped,
}

/// Why pixels were not made PNG.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConvertError {
    /// It is no picture.
    #[error("The image cannot be read")]
    Unreadable,
    /// It is not whole.
    #[error("The image is damaged or cut off")]
    Broken,
    /// So many pixels.
    #[error("{0} × {1} pixels are too many for an image without a file")]
    TooLarge(u32, u32),
    /// Of a form that PNG does not have.
    #[error("The image cannot be written")]
    Unwritable,
}

/// Why a folder was not listed: its path, and what the disk says.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// Nothing is there.
    #[error("There is no folder {}", name_of(.0))]
    NotFound(PathBuf),
    /// Something else is there.
    #[error("{} is not a folder", name_of(.0))]
    NoFolder(PathBuf),
    /// It is not for this user.
    #[error("{} cannot be read: permission denied", name_of(.0))]
    Denied(PathBuf),
    /// Anything else.
    #[error("{} cannot be read: {}", name_of(.0), .1)]
    Other(PathBuf, io::Error),
}
