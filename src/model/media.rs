//! The media types Hoist knows, and what was found out about one file.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

pub use hoist_codecs::hdr::HdrTransfer;
use strum::EnumIter;

/// What a file is for a person: the word providers sort their rules by. In the order they are named to people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter)]
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
    /// Returns it in a word, for the end of a sentence: "images".
    pub fn word(self) -> &'static str {
        match self {
            Kind::Image => "images",
            Kind::Audio => "audio",
            Kind::Video => "video",
            Kind::Captions => "captions",
        }
    }

    /// Returns a count of this kind: "2 images", "1 video".
    pub fn count(self, n: usize) -> String {
        let word = match (self, n) {
            (Kind::Image, 1) => "image",
            (Kind::Image, _) => "images",
            (Kind::Audio, 1) => "audio file",
            (Kind::Audio, _) => "audio files",
            (Kind::Video, 1) => "video",
            (Kind::Video, _) => "videos",
            (Kind::Captions, 1) => "caption file",
            (Kind::Captions, _) => "caption files",
        };
        format!("{n} {word}")
    }
}

/// Every media type as one line of data: its name here, what it is, its name for people, the MIME type to send, and its
/// extensions (the first is the usual one; the history remembers a type by it).
macro_rules! media_types {
    ($($name:ident $kind:ident $label:literal $mime:literal $extensions:expr;)*) => {
        /// A media type. Most are taken by at least one of the first providers; the others are known so that they can be named.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[allow(missing_docs)] // the names are the formats' own
        pub enum Media {
            $($name,)*
        }

        impl Media {
            /// Every type, in the order they are named to people.
            pub const ALL: [Media; [$(Media::$name),*].len()] = [$(Media::$name),*];

            /// Returns kind, label, MIME type and extensions.
            const fn row(self) -> (Kind, &'static str, &'static str, &'static [&'static str]) {
                match self {
                    $(Media::$name => (Kind::$kind, $label, $mime, &$extensions),)*
                }
            }
        }
    };
}

media_types! {
    // At least one of the first providers takes these.
    Png Image "PNG" "image/png" ["png"];
    Jpeg Image "JPEG" "image/jpeg" ["jpg", "jpeg", "jpe", "jfif"];
    Webp Image "WebP" "image/webp" ["webp"];
    Gif Image "GIF" "image/gif" ["gif"];
    Bmp Image "BMP" "image/bmp" ["bmp"];
    Tiff Image "TIFF" "image/tiff" ["tiff", "tif"];
    Heic Image "HEIC" "image/heic" ["heic", "heif"];
    Avif Image "AVIF" "image/avif" ["avif"];
    Mp3 Audio "MP3" "audio/mpeg" ["mp3"];
    Wav Audio "WAV" "audio/wav" ["wav", "wave"];
    M4a Audio "M4A" "audio/mp4" ["m4a", "m4b"];
    Aac Audio "AAC" "audio/aac" ["aac"];
    Flac Audio "FLAC" "audio/flac" ["flac"];
    Ogg Audio "Ogg" "audio/ogg" ["ogg", "oga", "opus"];
    WebmAudio Audio "WebM audio" "audio/webm" ["weba"];
    MkvAudio Audio "MKA" "audio/x-matroska" ["mka"];
    Mp4 Video "MP4" "video/mp4" ["mp4", "m4v"];
    Mov Video "MOV" "video/quicktime" ["mov", "qt"];
    Webm Video "WebM" "video/webm" ["webm"];
    Mkv Video "MKV" "video/x-matroska" ["mkv"];
    Avi Video "AVI" "video/x-msvideo" ["avi"];
    Ogv Video "Ogg video" "video/ogg" ["ogv"];
    Srt Captions "SRT" "application/x-subrip" ["srt"];
    Ass Captions "ASS" "text/x-ssa" ["ass"];
    Lrc Captions "LRC" "text/plain" ["lrc"];
    // Few or no providers take these: people see their names, so that they know what to convert.
    Svg Image "SVG" "image/svg+xml" ["svg"];
    JpegXl Image "JPEG XL" "image/jxl" ["jxl"];
    Jpeg2000 Image "JPEG 2000" "image/jp2" ["jp2", "j2k", "jpx"];
    JpegXr Image "JPEG XR" "image/vnd.ms-photo" ["jxr", "wdp"];
    Psd Image "PSD" "image/vnd.adobe.photoshop" ["psd", "psb"];
    Ico Image "ICO" "image/vnd.microsoft.icon" ["ico"];
    Exr Image "OpenEXR" "image/x-exr" ["exr"];
    RawPhoto Image "camera raw" "image/x-dcraw" ["dng", "cr2", "cr3", "nef", "arw", "orf", "rw2", "raf"];
    Aiff Audio "AIFF" "audio/aiff" ["aiff", "aif", "aifc"];
    Caf Audio "CAF" "audio/x-caf" ["caf"];
    Wma Audio "WMA" "audio/x-ms-wma" ["wma"];
    Ac3 Audio "AC-3" "audio/ac3" ["ac3"];
    Eac3 Audio "E-AC-3" "audio/eac3" ["eac3", "ec3"];
    Dts Audio "DTS" "audio/vnd.dts" ["dts"];
    Amr Audio "AMR" "audio/amr" ["amr", "awb"];
    ThreeGpAudio Audio "3GP audio" "audio/3gpp" ["3ga"];
    Mp2 Audio "MP2" "audio/mpeg" ["mp2", "mpga"];
    Ape Audio "Monkey's Audio" "audio/x-ape" ["ape"];
    WavPack Audio "WavPack" "audio/x-wavpack" ["wv"];
    Wave64 Audio "Wave64" "audio/x-w64" ["w64"];
    Musepack Audio "Musepack" "audio/x-musepack" ["mpc"];
    Tta Audio "TTA" "audio/x-tta" ["tta"];
    Dsf Audio "DSD" "audio/x-dsf" ["dsf", "dff"];
    Au Audio "AU" "audio/basic" ["au", "snd"];
    Midi Audio "MIDI" "audio/midi" ["mid", "midi"];
    ThreeGp Video "3GP" "video/3gpp" ["3gp", "3g2"];
    MpegTs Video "MPEG-TS" "video/mp2t" ["m2ts", "mts"];
    MpegPs Video "MPEG" "video/mpeg" ["mpg", "mpeg", "vob"];
    Wmv Video "WMV" "video/x-ms-wmv" ["wmv", "asf"];
    Flv Video "FLV" "video/x-flv" ["flv"];
    RealMedia Video "RealMedia" "application/vnd.rn-realmedia" ["rm", "rmvb"];
    Mxf Video "MXF" "application/mxf" ["mxf"];
    Vtt Captions "WebVTT" "text/vtt" ["vtt"];
}

impl Media {
    /// Returns whether it is an image, audio, video or captions.
    pub const fn kind(self) -> Kind {
        self.row().0
    }

    /// Returns the format's usual name: "PNG", "WebP".
    pub const fn label(self) -> &'static str {
        self.row().1
    }

    /// Returns the MIME type sent as `Content-Type`.
    pub const fn mime(self) -> &'static str {
        self.row().2
    }

    /// Returns the file name extensions without the dot; the first is the usual one.
    pub const fn extensions(self) -> &'static [&'static str] {
        self.row().3
    }

    /// Returns the type whose extension this is, whatever its case.
    pub fn from_extension(extension: &str) -> Option<Media> {
        Media::ALL.into_iter().find(|m| m.extensions().iter().any(|e| e.eq_ignore_ascii_case(extension)))
    }
}

/// What the structure of a file says it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DetectedType {
    /// A media type.
    Known(Media),
    /// No media, but something with a name.
    Other {
        /// Its name for people: "PDF".
        label: &'static str,
        /// Its MIME type: "application/pdf".
        mime: &'static str,
    },
    /// Nothing that was recognised.
    #[default]
    Unknown,
}

impl DetectedType {
    /// Returns the type, where it is in the table.
    pub fn media(&self) -> Option<Media> {
        match self {
            DetectedType::Known(media) => Some(*media),
            _ => None,
        }
    }

    /// Returns its name for people: "PNG", "AIFF", "PDF".
    pub fn label(&self) -> Option<&'static str> {
        match self {
            DetectedType::Known(media) => Some(media.label()),
            DetectedType::Other { label, .. } => Some(label),
            DetectedType::Unknown => None,
        }
    }

    /// Returns its MIME type.
    pub fn mime(&self) -> Option<&'static str> {
        match self {
            DetectedType::Known(media) => Some(media.mime()),
            DetectedType::Other { mime, .. } => Some(mime),
            DetectedType::Unknown => None,
        }
    }
}

/// The `HighwayHash` of a file's content, 256 bits, by which it is known again on this computer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ContentHash(pub [u8; 32]);

/// How the sound of a file is coded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AudioFacts {
    /// The codec's name: "AAC", "Opus".
    pub codec: Option<String>,
    /// Samples a second.
    pub rate: Option<u32>,
    /// How many there are: 2 is stereo.
    pub channels: Option<u16>,
    /// Bits of a sample, where no codec has rounded it: 24.
    pub bits: Option<u16>,
}

/// How the picture of a video is coded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct VideoFacts {
    /// The codec's name: "H.264".
    pub codec: Option<String>,
    /// Frames a second.
    pub fps: Option<f64>,
    /// How bright its values are, where they go beyond what a usual screen shows.
    pub hdr: Option<HdrTransfer>,
    /// Its streams, once ffprobe was asked for them: before a copy is made.
    pub streams: Option<FilmStreams>,
}

/// The streams of a film as ffprobe lists them: what a copy takes, and what it lacks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FilmStreams {
    /// The index of the moving picture among all streams.
    pub picture: Option<u32>,
    /// The index of the sound that is heard unless another track is chosen.
    pub sound: Option<u32>,
    /// How many bits a second that sound has.
    pub sound_bits: Option<u32>,
    /// Whether fields of two moments may stand in one frame.
    pub interlaced: bool,
    /// How many tracks of sound there are.
    pub audio_tracks: u32,
    /// How many tracks of subtitles there are.
    pub subtitles: u32,
    /// How many chapters there are.
    pub chapters: u32,
}

/// Why a file will probably not play or show. It may be sent all the same, with a warning before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// An MP4 or MOV without its index.
    #[error("The index is missing: the file was cut off, or its recording never finished")]
    NoIndex,
    /// A header that cannot be read.
    #[error("The header cannot be read: the file is damaged")]
    BadHeader,
    /// A picture in which no pixels are.
    #[error("The pixels are missing: the file is damaged")]
    NoPixels,
    /// Pixels of which something was changed since they were written.
    #[error("A checksum does not match: the file is damaged")]
    Checksum,
    /// Pixels, frames or samples are missing at the end.
    #[error("The end of the file is missing: it was cut off")]
    CutOff,
}

/// Why the pixels of a picture cannot be decoded here, as far as its head tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undecodable {
    /// It uses something that no decoder here knows.
    Feature,
    /// More pixels are coded at once than there is memory for.
    TooManyPixels,
}

/// What is known of a file before it is sent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FileFacts {
    /// As the inspection was given it.
    pub path: PathBuf,
    /// Its size in bytes.
    pub size: u64,
    /// When it was last changed, to notice a change before sending.
    pub modified: Option<SystemTime>,
    /// What its structure says it is.
    pub recognised: DetectedType,
    /// Width and height in pixels as displayed (orientation applied), for images and video that say so.
    pub pixels: Option<(u32, u32)>,
    /// Its orientation as EXIF counts it (1 to 8), where it says one: images, HEIC and video.
    pub orientation: Option<u8>,
    /// How long it plays, for sound and video.
    pub duration: Option<Duration>,
    /// `duration` was extrapolated and not measured: a guess may warn, but never stop a file.
    pub duration_is_guess: bool,
    /// Its sound, where it has any.
    pub audio: Option<AudioFacts>,
    /// Its moving picture, where it has one.
    pub video: Option<VideoFacts>,
    /// A picture that moves: previews show its first frame.
    pub animated: bool,
    /// A picture that may let through what is behind it: its head leaves room for that.
    pub transparent: bool,
    /// Whether it tells where it was taken.
    pub location: LocationPresence,
    /// Why it will probably not play or show.
    pub damaged: Option<Damage>,
    /// Why its pixels cannot be decoded here, so that no copy of it can be made.
    pub undecodable: Option<Undecodable>,
}

impl FileFacts {
    /// Returns whether the file has neither been written nor touched since.
    pub fn is_untouched(&self, now: &FileFacts) -> bool {
        (self.size, self.modified) == (now.size, now.modified)
    }
}

/// Whether a file tells where it was taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LocationPresence {
    /// Nothing in it does.
    #[default]
    Absent,
    /// It has a part that may, and that is not read: the telemetry of a camera whose format is not public.
    Possible,
    /// It does.
    Present,
}

/// What a file tells of itself beyond its facts, read when somebody looks at it closely.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Details {
    /// What it tells of people and of how it was made.
    pub metadata: Vec<Metadata>,
}

/// Something a file tells that its owner may not want to give away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Metadata {
    /// Where it was taken, in degrees north and east where that is said: "48.133333, 11.5".
    Place(Option<String>),
    /// A telemetry track, in a format that is not public, which may say where it was taken.
    PossiblePlace,
    /// With which camera: "Canon EOS R5".
    Camera(String),
    /// Whose it is: the artist or the copyright notice.
    Author(String),
    /// What a song or a film is called.
    Title(String),
    /// What somebody noted beside a song or a film.
    Comment(String),
    /// That a machine made it, and which: "Midjourney", or nothing where it is not said.
    AiProvenance(Option<String>),
    /// What that machine was asked for: the prompt, the sampler, the seed, as it wrote them.
    AiParameters(String),
    /// That it carries a signed account of how it came to be (C2PA), and the program that signed it. Cameras do so, too.
    ContentCredentials(Option<String>),
}

impl Metadata {
    /// Returns it in a word or two: "GPS location".
    pub fn word(&self) -> &'static str {
        self.names().0
    }

    /// Returns its kind as programs read it: "gps-location".
    pub fn kind(&self) -> &'static str {
        self.names().1
    }

    fn names(&self) -> (&'static str, &'static str) {
        match self {
            Metadata::Place(_) | Metadata::PossiblePlace => ("GPS location", "gps-location"),
            Metadata::Camera(_) => ("camera", "camera"),
            Metadata::Author(_) => ("author", "author"),
            Metadata::Title(_) => ("title", "title"),
            Metadata::Comment(_) => ("comment", "comment"),
            Metadata::AiProvenance(_) => ("AI provenance", "ai-provenance"),
            Metadata::AiParameters(_) => ("AI parameters", "ai-parameters"),
            Metadata::ContentCredentials(_) => ("Content Credentials", "content-credentials"),
        }
    }

    /// Returns what it says, where it says more than that it is there.
    pub fn detail(&self) -> Option<&str> {
        match self {
            Metadata::PossiblePlace => Some("possible, in a telemetry track"),
            Metadata::Place(detail)
            | Metadata::AiProvenance(detail)
            | Metadata::ContentCredentials(detail) => detail.as_deref(),
            Metadata::Camera(detail)
            | Metadata::Author(detail)
            | Metadata::Title(detail)
            | Metadata::Comment(detail)
            | Metadata::AiParameters(detail) => Some(detail),
        }
    }
}

/// Why a file cannot be looked into. Each has one sentence for people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileProblem {
    /// Not there (any more).
    #[error("The file does not exist")]
    Vanished,
    /// Its path leads to a folder.
    #[error("This is a folder: add the files in it")]
    Folder,
    /// A pipe, socket or device.
    #[error("This is not an ordinary file (a pipe, a socket or a device)")]
    Special,
    /// No right to read it, or the disk failed.
    #[error("The file cannot be read: {0}")]
    Unreadable(String),
}

#[cfg(test)]
mod tests {
    use strum::IntoEnumIterator;

    use super::*;

    #[test]
    fn all_lists_every_type_once_and_no_two_share_an_extension() {
        let mut seen = std::collections::HashSet::new();
        for media in Media::ALL {
            assert!(!media.extensions().is_empty() && !media.label().contains('/'), "{media:?}");
            for e in media.extensions() {
                assert!(seen.insert(*e), "{e} belongs to two types");
                assert_eq!(Media::from_extension(&e.to_uppercase()), Some(media));
            }
        }
        assert_eq!(Media::from_extension("exe"), None);
    }

    #[test]
    fn counts_are_words_people_use() {
        let counts = |n| Kind::iter().map(|kind| kind.count(n)).collect::<Vec<_>>();
        assert_eq!(counts(1), ["1 image", "1 audio file", "1 video", "1 caption file"]);
        assert_eq!(counts(2), ["2 images", "2 audio files", "2 videos", "2 caption files"]);
        assert_eq!(
            Kind::iter().map(Kind::word).collect::<Vec<_>>(),
            ["images", "audio", "video", "captions"]
        );
    }

    #[test]
    fn what_a_file_is_and_what_it_tells_has_a_name_for_people_and_one_for_programs() {
        let names = |what: DetectedType| (what.media(), what.label(), what.mime());
        let known = names(DetectedType::Known(Media::Heic));
        assert_eq!(known, (Some(Media::Heic), Some("HEIC"), Some("image/heic")));
        let other = names(DetectedType::Other { label: "PDF", mime: "application/pdf" });
        assert_eq!(other, (None, Some("PDF"), Some("application/pdf")));
        assert_eq!(names(DetectedType::Unknown), (None, None, None));
        for (tells, word, kind, detail) in [
            (Metadata::Place(Some("48.1, 11.5".into())), "GPS location", "gps-location", Some("48.1, 11.5")),
            (Metadata::Place(None), "GPS location", "gps-location", None),
            (Metadata::PossiblePlace, "GPS location", "gps-location", Some("possible, in a telemetry track")),
            (Metadata::Camera("R5".into()), "camera", "camera", Some("R5")),
            (Metadata::Author("Jo".into()), "author", "author", Some("Jo")),
            (Metadata::Title("Song".into()), "title", "title", Some("Song")),
            (Metadata::Comment("Home".into()), "comment", "comment", Some("Home")),
            (Metadata::AiProvenance(None), "AI provenance", "ai-provenance", None),
            (Metadata::AiParameters("a cat".into()), "AI parameters", "ai-parameters", Some("a cat")),
            (Metadata::ContentCredentials(None), "Content Credentials", "content-credentials", None),
        ] {
            assert_eq!((tells.word(), tells.kind(), tells.detail()), (word, kind, detail));
        }
    }
}
