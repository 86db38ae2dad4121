//! The media types Hoist knows, and what was found out about one file.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

/// What a file is for a person: the word services sort their rules by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A still or animated picture.
    Image,
    /// Sound without picture.
    Audio,
    /// Moving picture.
    Video,
    /// Subtitles or lyrics.
    Captions,
}

impl Kind {
    /// Every kind, in the order they are named to people.
    pub const ALL: [Kind; 4] = [Kind::Image, Kind::Audio, Kind::Video, Kind::Captions];

    /// The kind in a sentence: "takes no audio".
    pub fn word(self) -> &'static str {
        match self {
            Kind::Image => "images",
            Kind::Audio => "audio",
            Kind::Video => "video",
            Kind::Captions => "captions",
        }
    }

    /// A count of this kind: "2 images", "1 video".
    pub fn count(self, n: usize) -> String {
        let word = match (self, n) {
            (Kind::Image, 1) => "image",
            (Kind::Image, _) => "images",
            (Kind::Audio, _) => "audio",
            (Kind::Video, 1) => "video",
            (Kind::Video, _) => "videos",
            (Kind::Captions, _) => "captions",
        };
        format!("{n} {word}")
    }
}

/// A media type that at least one service takes, or that people are likely to try.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)] // the names are the formats' own
pub enum Media {
    Png,
    Jpeg,
    Webp,
    Gif,
    Bmp,
    Tiff,
    Heic,
    Avif,
    Mp3,
    Wav,
    M4a,
    Aac,
    Flac,
    Ogg,
    Mp4,
    Mov,
    Webm,
    Mkv,
    Avi,
    Srt,
    Ass,
    Lrc,
}

impl Media {
    /// Every type, in the order they are named to people.
    pub const ALL: [Media; 22] = [
        Media::Png,
        Media::Jpeg,
        Media::Webp,
        Media::Gif,
        Media::Bmp,
        Media::Tiff,
        Media::Heic,
        Media::Avif,
        Media::Mp3,
        Media::Wav,
        Media::M4a,
        Media::Aac,
        Media::Flac,
        Media::Ogg,
        Media::Mp4,
        Media::Mov,
        Media::Webm,
        Media::Mkv,
        Media::Avi,
        Media::Srt,
        Media::Ass,
        Media::Lrc,
    ];

    /// Kind, label, MIME type to send, and extensions (the first is the usual one).
    const fn row(self) -> (Kind, &'static str, &'static str, &'static [&'static str]) {
        match self {
            Media::Png => (Kind::Image, "PNG", "image/png", &["png"]),
            Media::Jpeg => (Kind::Image, "JPEG", "image/jpeg", &["jpg", "jpeg", "jpe", "jfif"]),
            Media::Webp => (Kind::Image, "WebP", "image/webp", &["webp"]),
            Media::Gif => (Kind::Image, "GIF", "image/gif", &["gif"]),
            Media::Bmp => (Kind::Image, "BMP", "image/bmp", &["bmp"]),
            Media::Tiff => (Kind::Image, "TIFF", "image/tiff", &["tiff", "tif"]),
            Media::Heic => (Kind::Image, "HEIC", "image/heic", &["heic", "heif"]),
            Media::Avif => (Kind::Image, "AVIF", "image/avif", &["avif"]),
            Media::Mp3 => (Kind::Audio, "MP3", "audio/mpeg", &["mp3"]),
            Media::Wav => (Kind::Audio, "WAV", "audio/wav", &["wav", "wave"]),
            Media::M4a => (Kind::Audio, "M4A", "audio/mp4", &["m4a"]),
            Media::Aac => (Kind::Audio, "AAC", "audio/aac", &["aac"]),
            Media::Flac => (Kind::Audio, "FLAC", "audio/flac", &["flac"]),
            Media::Ogg => (Kind::Audio, "Ogg", "audio/ogg", &["ogg", "oga", "opus"]),
            Media::Mp4 => (Kind::Video, "MP4", "video/mp4", &["mp4", "m4v"]),
            Media::Mov => (Kind::Video, "MOV", "video/quicktime", &["mov", "qt"]),
            Media::Webm => (Kind::Video, "WebM", "video/webm", &["webm"]),
            Media::Mkv => (Kind::Video, "MKV", "video/x-matroska", &["mkv"]),
            Media::Avi => (Kind::Video, "AVI", "video/x-msvideo", &["avi"]),
            Media::Srt => (Kind::Captions, "SRT", "application/x-subrip", &["srt"]),
            Media::Ass => (Kind::Captions, "ASS", "text/x-ssa", &["ass"]),
            Media::Lrc => (Kind::Captions, "LRC", "text/plain", &["lrc"]),
        }
    }

    /// Image, audio, video or captions.
    pub const fn kind(self) -> Kind {
        self.row().0
    }

    /// The format's usual name: "PNG", "WebP".
    pub const fn label(self) -> &'static str {
        self.row().1
    }

    /// The MIME type sent as `Content-Type`.
    pub const fn mime(self) -> &'static str {
        self.row().2
    }

    /// File name extensions without the dot; the first is the usual one.
    pub const fn extensions(self) -> &'static [&'static str] {
        self.row().3
    }

    /// The type whose extension this is, whatever its case.
    pub fn from_extension(extension: &str) -> Option<Media> {
        Media::ALL.into_iter().find(|m| m.extensions().iter().any(|e| e.eq_ignore_ascii_case(extension)))
    }
}

/// What the first bytes of a file say it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recognised {
    /// A type in the table.
    Known(Media),
    /// Something else with a known MIME type: "application/pdf".
    Other(&'static str),
    /// Nothing that was recognised.
    Unknown,
}

impl Recognised {
    /// The type, where it is in the table.
    pub fn media(&self) -> Option<Media> {
        match self {
            Recognised::Known(media) => Some(*media),
            _ => None,
        }
    }
}

/// The `HighwayHash` of a file's content, 256 bits, by which it is known again on this computer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContentHash(pub [u8; 32]);

/// What is known of a file before it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileFacts {
    /// Where it is.
    pub path: PathBuf,
    /// Its size in bytes.
    pub size: u64,
    /// When it was last changed, to notice a change before sending.
    pub modified: Option<SystemTime>,
    /// What its first bytes say.
    pub recognised: Recognised,
    /// Width and height in pixels as shown (orientation applied), for images and video that say so.
    pub pixels: Option<(u32, u32)>,
    /// How long it plays, for sound and video that say so.
    pub length: Option<Duration>,
    /// A picture that moves: previews show its first frame.
    pub animated: bool,
}

/// What a file tells of itself beyond its facts, read when somebody looks at it closely.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Details {
    /// How picture and sound are coded: "H.264", "AAC".
    pub codecs: Vec<String>,
    /// Samples of sound a second.
    pub sample_rate: Option<u32>,
    /// Channels of sound.
    pub channels: Option<u16>,
    /// Pictures a second.
    pub frames_per_second: Option<f64>,
    /// What it tells of people and of how it was made.
    pub metadata: Vec<Metadata>,
    /// What is wrong with it, in a sentence; it may be sent all the same.
    pub problem: Option<String>,
}

/// Something a file tells that its owner may not want to give away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Metadata {
    /// Where it was taken.
    Place,
    /// With which camera: "Canon EOS R5".
    Camera(String),
    /// Whose it is: the artist or the copyright notice.
    Author(String),
    /// That a machine made it, and which: "Midjourney", or nothing where it is not said.
    AiProvenance(Option<String>),
}

impl Metadata {
    /// In a word or two: "GPS location".
    pub fn word(&self) -> &'static str {
        match self {
            Metadata::Place => "GPS location",
            Metadata::Camera(_) => "camera",
            Metadata::Author(_) => "author",
            Metadata::AiProvenance(_) => "AI provenance",
        }
    }
}

/// Why a file cannot be looked into. Each has one sentence for people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileProblem {
    /// Not there (any more).
    #[error("The file is not there any more")]
    Vanished,
    /// A folder.
    #[error("This is a folder: add the files in it")]
    Folder,
    /// A pipe, socket or device.
    #[error("This is not an ordinary file (a pipe, a socket or a device)")]
    Special,
    /// No right to read it, or the disk fails.
    #[error("The file cannot be read: {0}")]
    Unreadable(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_lists_every_type_once_and_no_two_share_an_extension() {
        let mut seen = std::collections::HashSet::new();
        for media in Media::ALL {
            assert!(!media.extensions().is_empty());
            for e in media.extensions() {
                assert!(seen.insert(*e), "{e} belongs to two types");
                assert_eq!(Media::from_extension(&e.to_uppercase()), Some(media));
            }
        }
        assert_eq!(Media::from_extension("exe"), None);
    }

    #[test]
    fn counts_are_words_people_use() {
        let counts = |n| Kind::ALL.map(|kind| kind.count(n));
        assert_eq!(counts(1), ["1 image", "1 audio", "1 video", "1 captions"]);
        assert_eq!(counts(2), ["2 images", "2 audio", "2 videos", "2 captions"]);
        assert_eq!(Kind::ALL.map(Kind::word), ["images", "audio", "video", "captions"]);
    }
}
