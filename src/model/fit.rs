//! What makes a file fit its destination, as data: what is accepted there, what a person wishes, the plan that follows,
//! and what was done.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use strum::IntoStaticStr;

use super::media::{ContentHash, DetectedType, FileFacts, Media};
use super::system::SYSTEM;
use super::text;

/// The quality that is tried first: beyond it files grow, and pictures do not.
pub const BEST_QUALITY: u8 = 92;
/// Below this quality a picture is rather made smaller.
pub const LEAST_QUALITY: u8 = 75;
/// The quality of a picture that is made smaller to fit.
pub const SCALED_QUALITY: u8 = 85;

/// Types with limits in common, as a provider accepts them.
#[derive(Clone, Debug, PartialEq)]
pub struct TypeLimits {
    /// What is accepted.
    pub types: Vec<Media>,
    /// The largest file; none where there is no limit.
    pub max_bytes: Option<u64>,
    /// How short it may be.
    pub min_duration: Option<Duration>,
    /// How long it may be.
    pub max_duration: Option<Duration>,
    /// How few and how many pixels a side may have.
    pub pixels: Option<(u32, u32)>,
    /// Above this many bytes the provider only advises against it: a copy stays below where that costs no more than bits.
    pub advised_bytes: Option<u64>,
}

/// What a person wants of a copy, beyond that it fits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
pub struct FitWishes {
    /// Of this type; else the one that suits it best.
    #[serde(
        skip_serializing_if = "Option::is_none",
        serialize_with = "extension_of",
        deserialize_with = "of_extension"
    )]
    pub format: Option<Media>,
    /// Of this quality, 1 to 100; else the largest that fits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quality: Option<u8>,
    /// No side longer than this, in pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_side: Option<u32>,
    /// Without location, camera, author and AI provenance.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub strip: bool,
    /// Where a cut begins, in milliseconds.
    #[serde(skip_serializing_if = "is_zero")]
    pub start_ms: u64,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde passes it so
fn is_zero(n: &u64) -> bool {
    *n == 0
}

#[allow(clippy::ref_option, clippy::trivially_copy_pass_by_ref)] // serde passes it so
fn extension_of<S: Serializer>(media: &Option<Media>, serializer: S) -> Result<S::Ok, S::Error> {
    media.map(|media| media.extensions()[0]).serialize(serializer)
}

fn of_extension<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Media>, D::Error> {
    let name = Option::<String>::deserialize(deserializer)?;
    let unknown = || serde::de::Error::custom("is not a file type that Hoist knows");
    name.map(|name| Media::from_extension(&name).ok_or_else(unknown)).transpose()
}

/// What a destination does with every file that needs it: its standing rules.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
pub struct FitRules {
    /// What is not accepted, or over a limit, is fitted without being asked.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub fit: bool,
    /// The choices that a person made once.
    #[serde(flatten)]
    pub wishes: FitWishes,
}

impl FitRules {
    /// Returns whether nothing is ever done without being asked.
    pub fn is_empty(&self) -> bool {
        *self == FitRules::default()
    }
}

/// Why a copy is made: what its button says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FitAim {
    /// Its type is not accepted, or another one is wished for.
    Convert,
    /// It is over this many bytes.
    Bytes(u64),
    /// It is over this length.
    Duration(Duration),
    /// It has more pixels on a side than these.
    Pixels(u32),
    /// Its metadata are not to go along.
    Strip,
}

/// Which streams of a file are coded anew in its copy. The others go over as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recoding {
    /// Only the container or the metadata change.
    Nothing,
    /// Sound; a moving picture stays.
    Sound,
    /// Pixels; sound stays.
    Picture,
    /// All there are.
    All,
}

impl Recoding {
    /// Returns whether sound is coded anew.
    pub fn sound(self) -> bool {
        matches!(self, Recoding::Sound | Recoding::All)
    }

    /// Returns whether pixels are coded anew.
    pub fn picture(self) -> bool {
        matches!(self, Recoding::Picture | Recoding::All)
    }
}

/// How a copy is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FitPlan {
    /// What the copy is made for.
    pub aim: FitAim,
    /// Its type.
    pub output: Media,
    /// Its type where it turns out to have no transparency.
    pub opaque_output: Media,
    /// What is coded anew.
    pub recoding: Recoding,
    /// Exactly this quality; else the largest that fits.
    pub quality: Option<u8>,
    /// The largest copy that is accepted; none where there is no limit.
    pub max_bytes: Option<u64>,
    /// No side longer than this.
    pub max_side: Option<u32>,
    /// Where it begins and how long it is.
    pub cut: Option<(Duration, Duration)>,
    /// Bits a second of the sound.
    pub audio_bits: Option<u32>,
    /// Bits a second of the moving picture; else by quality.
    pub video_bits: Option<u32>,
    /// One channel of sound.
    pub mono: bool,
    /// Bits of a sample, where sound is written as it is.
    pub sample_bits: u16,
    /// Only the first frame of what moves.
    pub first_frame: bool,
    /// Without metadata.
    pub strip: bool,
}

impl FitPlan {
    /// Returns what a button says that does it.
    pub fn label(&self) -> String {
        match self.aim {
            FitAim::Convert if self.first_frame => "Convert to a still picture".to_owned(),
            // Which type it is shows itself with the pixels.
            FitAim::Convert if self.opaque_output != self.output => "Convert".to_owned(),
            FitAim::Convert => format!("Convert to {}", self.output.label()),
            FitAim::Bytes(_) if self.cut.is_some() => self.cut_label(),
            FitAim::Bytes(max) => format!("Fit to {}", text::limit(max)),
            FitAim::Duration(_) => self.cut_label(),
            FitAim::Pixels(max) => format!("Fit to {max} px"),
            FitAim::Strip => "Remove location".to_owned(),
        }
    }

    /// Returns the name in `--json` of what is done above all.
    pub fn name(&self) -> &'static str {
        match self.aim {
            FitAim::Convert => "convert",
            FitAim::Bytes(_) | FitAim::Duration(_) if self.cut.is_some() => "cut",
            FitAim::Bytes(_) | FitAim::Duration(_) => "lower-quality",
            FitAim::Pixels(_) => "scale",
            FitAim::Strip => "strip",
        }
    }

    fn cut_label(&self) -> String {
        let length = self.cut.map_or(Duration::ZERO, |(_, length)| length);
        match length.as_secs_f64() {
            seconds if seconds < 60.0 => format!("Cut to {} s", (seconds * 10.0).floor() / 10.0),
            _ => format!("Cut to {}", text::playing_time(length)),
        }
    }

    /// Returns the facts that the copy will have, as far as they follow from the plan.
    pub fn expected(&self, of: &FileFacts) -> FileFacts {
        let mut facts = of.clone();
        facts.recognised = DetectedType::Known(self.output);
        if let Some(max) = self.max_bytes {
            facts.size = facts.size.min(max);
        }
        if let (Some((width, height)), Some(max)) = (of.pixels, self.max_side) {
            facts.pixels = Some(within((width, height), max));
        }
        if let Some((_, length)) = self.cut {
            facts.duration = Some(length);
        }
        facts
    }
}

/// Returns a size with no side longer than this, in the same proportion.
pub fn within((width, height): (u32, u32), max_side: u32) -> (u32, u32) {
    let longest = width.max(height).max(1);
    if longest <= max_side {
        return (width, height);
    }
    let scaled = |side: u32| {
        let side = (u64::from(side) * u64::from(max_side) + u64::from(longest) / 2) / u64::from(longest);
        u32::try_from(side).unwrap_or(max_side).max(1)
    };
    (scaled(width), scaled(height))
}

/// Why no copy would fit. Each is one sentence for people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoPlan {
    /// Nothing is known of what it is.
    #[error("Hoist does not know this type and cannot convert it")]
    UnknownType,
    /// Nothing can be made of nothing.
    #[error("The file is empty")]
    Empty,
    /// Nothing of its kind is accepted.
    #[error("This provider doesn't accept {0}")]
    KindNotAccepted(&'static str),
    /// It cannot be read here.
    #[error("Hoist cannot convert {0}")]
    NotReadable(&'static str),
    /// It is of a type that is read here, and uses what is not.
    #[error("This {0} uses a feature that Hoist cannot convert")]
    UnknownFeature(&'static str),
    /// Nothing that is accepted can be written here.
    #[error("Hoist cannot make a type that this provider accepts")]
    NotWritable,
    /// The wished type is not accepted.
    #[error("This provider doesn't accept {0}")]
    NotAccepted(&'static str),
    /// It plays for less than is accepted.
    #[error("Hoist cannot make it longer")]
    TooShort,
    /// It has fewer pixels than are accepted.
    #[error("Hoist does not enlarge pictures: {0} px is the minimum")]
    TooSmall(u32),
    /// Made small enough on its longer side it is too small on the other.
    #[error("The picture is too long and narrow: scaled down, its shorter side has fewer than {0} px")]
    TooNarrow(u32),
    /// More pixels than there is memory for.
    #[error("The picture has too many pixels to convert")]
    TooManyPixels,
    /// How long it plays is not known, so that nothing says which rate would fit.
    #[error("Its duration is unknown, so Hoist cannot tell what would fit")]
    LengthUnknown,
    /// Nothing recognisable would be left.
    #[error("The file cannot be made small enough: {0} is too little for it")]
    TooTight(String),
    /// A program that does it is not installed.
    #[error("{what} needs ffmpeg: {}", SYSTEM.install_ffmpeg)]
    NeedsFfmpeg {
        /// "Converting video".
        what: &'static str,
    },
}

impl NoPlan {
    /// Returns whether it says more than what is wrong with the file.
    pub fn is_news(&self) -> bool {
        !matches!(self, NoPlan::UnknownType | NoPlan::Empty | NoPlan::KindNotAccepted(_))
    }
}

/// What of a file is another thing in its copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum ChangeKind {
    /// PNG to JPEG.
    Type,
    /// 9000 × 6000 to 4500 × 3000.
    Dimensions,
    /// 100 to 92.
    Quality,
    /// 2:10 to 0:30.
    Duration,
    /// Two channels to one.
    Channels,
    /// How the moving picture is coded: VP9 to H.264.
    VideoCodec,
    /// How sound is coded in a video: PCM to AAC.
    AudioCodec,
    /// HDR to what a usual screen shows.
    DynamicRange,
    /// Bits of a sample: 24 to 16.
    BitDepth,
    /// Bits a second.
    Bitrate,
    /// Many frames to the first.
    Frames,
    /// Several tracks of sound to the one that is heard.
    AudioTracks,
    /// Tracks of subtitles to none.
    Subtitles,
    /// How many chapters: twelve to none.
    Chapters,
    /// What was removed.
    Metadata,
}

impl ChangeKind {
    /// Returns its name in `--json`.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// One thing that was changed, as people read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FitChange {
    /// Decides in which words the two values are shown.
    pub kind: ChangeKind,
    /// What it was; nothing where that is not known.
    pub from: String,
    /// The value in the copy, as people see it.
    pub to: String,
}

impl FitChange {
    /// Returns what of a file did not go along, in a few words; none where it did.
    pub fn left_behind(&self) -> Option<String> {
        match self.kind {
            ChangeKind::AudioTracks => Some(format!("with {} of {} audio tracks", self.to, self.from)),
            ChangeKind::Subtitles => Some("without subtitles".to_owned()),
            ChangeKind::Chapters => Some("without chapters".to_owned()),
            ChangeKind::Frames => Some("first frame only".to_owned()),
            _ => None,
        }
    }
}

/// What is known of the file of which a copy was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OriginalFile {
    /// In bytes.
    pub size: u64,
    /// Its type.
    #[serde(default, serialize_with = "extension_of", deserialize_with = "of_extension")]
    pub media: Option<Media>,
    /// Width and height as displayed.
    #[serde(default)]
    pub pixels: Option<(u32, u32)>,
    /// How long it plays, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u64>,
    /// What it tells that its owner may not want to give away, each in a word or two: "GPS location".
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub metadata: Vec<String>,
    /// The hash of the original's bytes; none where the file changed meanwhile.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "hex")]
    pub hash: Option<ContentHash>,
}

/// A copy that goes in place of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FittedCopy {
    /// Where it is: in Hoist's data folder, until it was sent. None while it is being made, so that a later run makes it.
    pub path: Option<PathBuf>,
    /// What was done.
    #[serde(default)]
    pub changes: Vec<FitChange>,
    /// The file itself; not known before the copy is made.
    #[serde(default)]
    pub original: Option<OriginalFile>,
    /// What the person wished.
    #[serde(default)]
    pub wishes: FitWishes,
}

impl FittedCopy {
    /// Returns the copy in a few words: "JPEG copy".
    pub fn label(facts: &FileFacts) -> String {
        format!("{} copy", facts.recognised.label().unwrap_or("Fitted"))
    }

    /// Returns whether it lacks metadata that the file has: one that has none loses none.
    pub fn lost_metadata(&self) -> bool {
        self.changes.iter().any(|change| change.kind == ChangeKind::Metadata)
            && self.original.as_ref().is_none_or(|original| !original.metadata.is_empty())
    }

    /// Returns the file itself as far as it is known, for pictures of it.
    pub fn original_facts(&self, path: &std::path::Path) -> Option<FileFacts> {
        let original = self.original.as_ref()?;
        Some(FileFacts {
            path: path.to_owned(),
            size: original.size,
            recognised: original.media.map_or(DetectedType::Unknown, DetectedType::Known),
            pixels: original.pixels,
            duration: original.duration_ms.map(Duration::from_millis),
            ..FileFacts::default()
        })
    }
}

/// A hash in the digits that people and programs compare.
mod hex {
    use serde::{Deserialize, Deserializer, Serializer};

    use super::ContentHash;

    #[allow(clippy::ref_option)] // serde passes it so
    pub(super) fn serialize<S: Serializer>(hash: &Option<ContentHash>, to: S) -> Result<S::Ok, S::Error> {
        use std::fmt::Write;
        match hash {
            Some(ContentHash(bytes)) => to.serialize_str(&bytes.iter().fold(String::new(), |mut out, b| {
                let _ = write!(out, "{b:02x}");
                out
            })),
            None => to.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<ContentHash>, D::Error> {
        let Some(text) = Option::<String>::deserialize(from)? else { return Ok(None) };
        let digits: Option<Vec<u8>> =
            text.chars().map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok())).collect();
        let bytes: Option<Vec<u8>> =
            digits.map(|digits| digits.chunks_exact(2).map(|two| two[0] << 4 | two[1]).collect());
        Ok(bytes.and_then(|bytes| bytes.try_into().ok()).map(ContentHash))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_keeps_its_proportion_and_never_has_no_pixels() {
        assert_eq!(within((9000, 6000), 4096), (4096, 2731));
        assert_eq!(within((640, 480), 4096), (640, 480));
        assert_eq!(within((10_000, 1), 100), (100, 1));
    }

    #[test]
    fn a_copy_is_remembered_as_it_was_made() {
        let copy = FittedCopy {
            path: Some("/data/fit/1/a.jpg".into()),
            changes: vec![FitChange { kind: ChangeKind::Type, from: "HEIC".into(), to: "JPEG".into() }],
            original: Some(OriginalFile {
                size: 7,
                media: Some(Media::Heic),
                pixels: Some((4032, 3024)),
                duration_ms: None,
                metadata: vec!["GPS location".into()],
                hash: Some(ContentHash([0xa5; 32])),
            }),
            wishes: FitWishes { format: Some(Media::Jpeg), strip: true, ..FitWishes::default() },
        };
        let json = serde_json::to_string(&copy).unwrap();
        assert!(json.contains("\"format\":\"jpg\"") && json.contains("a5a5"), "{json}");
        assert_eq!(serde_json::from_str::<FittedCopy>(&json).unwrap(), copy);
    }

    #[test]
    fn rules_read_as_one_table() {
        let rules: FitRules = toml::from_str("fit = true\nstrip = true\nformat = \"webp\"").unwrap();
        assert!(rules.fit && rules.wishes.strip && rules.wishes.format == Some(Media::Webp));
        assert_eq!(toml::to_string(&FitRules::default()).unwrap(), "");
        assert!(toml::from_str::<FitRules>("format = \"exe\"").is_err());
    }
}
