//! Which programs of others copies may be made with.

use crate::media::ffmpeg;

/// What is installed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tools {
    /// ffmpeg: M4A, MP3 and video.
    pub ffmpeg: bool,
    /// ffprobe: what ffmpeg reads and Hoist does not.
    pub ffprobe: bool,
}

impl Tools {
    /// Returns what is installed.
    pub fn installed() -> Tools {
        Tools { ffmpeg: ffmpeg::find().is_some(), ffprobe: ffmpeg::find_ffprobe().is_some() }
    }

    /// Returns what is left where ffprobe has been asked already: it knows no more.
    pub fn after_ffprobe() -> Tools {
        Tools { ffprobe: false, ..Tools::installed() }
    }
}
