//! What every plan is made of: the file, the limits, the wishes, and what follows from two of them.

use std::time::Duration;

use super::tools::Tools;
use crate::model::fit::{FitAim, FitPlan, FitWishes, NoPlan, Recoding, TypeLimits};
use crate::model::media::{FileFacts, Media};
use crate::model::text;

/// Bits a second below which speech is no speech any more.
pub(super) const LEAST_AUDIO: u32 = 32_000;
/// Bits a second of a film's sound where there is room for it, in two channels.
const USUAL_AUDIO: u32 = 160_000;
/// The same in more of them.
const USUAL_SURROUND: u32 = 384_000;
/// More than two channels are worth so many bits a second; below it two sound better.
const SURROUND_BITS: u32 = 256_000;
/// Two channels are worth so many bits a second; below it one sounds better.
pub(super) const STEREO_BITS: u32 = 80_000;

/// Returns whether metadata are removed from this type without coding it anew.
pub fn can_strip(media: Media) -> bool {
    matches!(
        media,
        Media::Jpeg
            | Media::Png
            | Media::Webp
            | Media::Gif
            | Media::Tiff
            | Media::Mp3
            | Media::Aac
            | Media::Mp4
            | Media::Mov
            | Media::M4a
            | Media::ThreeGp
            | Media::ThreeGpAudio
            | Media::Wav
            | Media::Flac
    )
}

/// A plan in the making.
pub(super) struct Planner<'a> {
    pub(super) facts: &'a FileFacts,
    pub(super) media: Media,
    pub(super) limits: &'a [TypeLimits],
    pub(super) wishes: &'a FitWishes,
    pub(super) tools: Tools,
}

impl Planner<'_> {
    pub(super) fn row(&self, media: Media) -> Option<&TypeLimits> {
        self.limits.iter().find(|row| row.types.contains(&media))
    }

    /// Returns the limits of its own type, where that is accepted.
    pub(super) fn own(&self) -> Option<&TypeLimits> {
        self.row(self.media)
    }

    pub(super) fn codec(&self) -> Option<&str> {
        self.facts.audio.as_ref().and_then(|audio| audio.codec.as_deref())
    }

    /// Returns the first of these types that is accepted; the wished one, where one is.
    pub(super) fn output(&self, order: &[Media]) -> Result<Media, NoPlan> {
        match self.wishes.format {
            Some(wished) if self.row(wished).is_none() => Err(NoPlan::NotAccepted(wished.label())),
            Some(wished) if !order.contains(&wished) => Err(NoPlan::NotWritable),
            Some(wished) => Ok(wished),
            None => order.iter().copied().find(|media| self.row(*media).is_some()).ok_or(NoPlan::NotWritable),
        }
    }

    /// Returns a plan that changes nothing but this.
    pub(super) fn plain(&self, aim: FitAim, output: Media) -> FitPlan {
        FitPlan {
            aim,
            output,
            opaque_output: output,
            recoding: Recoding::All,
            quality: None,
            max_bytes: self.row(output).and_then(|row| row.max_bytes),
            max_side: None,
            cut: None,
            audio_bits: None,
            video_bits: None,
            mono: false,
            sample_bits: 16,
            first_frame: false,
            strip: self.wishes.strip,
        }
    }

    /// Returns a plan that removes metadata and changes nothing else.
    pub(super) fn stripped(&self) -> FitPlan {
        FitPlan { recoding: Recoding::Nothing, max_bytes: None, ..self.plain(FitAim::Strip, self.media) }
    }

    /// Returns which length is too long, or that it is too short.
    pub(super) fn length(&self, row: &TypeLimits) -> Result<Option<Duration>, NoPlan> {
        let Some(length) = self.facts.duration.filter(|_| !self.facts.duration_is_guess) else {
            return Ok(None);
        };
        if row.min_duration.is_some_and(|min| length < min) {
            return Err(NoPlan::TooShort);
        }
        Ok(row.max_duration.filter(|max| length > *max))
    }

    /// Returns where a cut to this length begins: so that all of the length is left.
    pub(super) fn cut(&self, length: Duration) -> (Duration, Duration) {
        let start = Duration::from_millis(self.wishes.start_ms);
        let latest = self.facts.duration.map_or(start, |whole| whole.saturating_sub(length));
        (start.min(latest), length)
    }

    /// Returns a plan as it is so far, where only its length is missing and ffprobe says that before the copy is made.
    pub(super) fn without_length(&self, plan: FitPlan) -> Result<FitPlan, NoPlan> {
        if self.tools.ffprobe { Ok(plan) } else { Err(NoPlan::LengthUnknown) }
    }
}

/// Returns whether the sound of a film goes into an MP4 as it is.
pub(super) fn has_sound_of_mp4(facts: &FileFacts) -> bool {
    let codec = facts.audio.as_ref().map(|audio| audio.codec.as_deref().unwrap_or_default());
    codec.is_none_or(|codec| codec.contains("AAC") || codec == "MP3")
}

/// Returns how many bits a second the sound of a film's copy has where there is room for it.
pub(super) fn usual_audio(facts: &FileFacts) -> u32 {
    let channels = facts.audio.as_ref().and_then(|audio| audio.channels);
    if channels.is_some_and(|channels| channels > 2) { USUAL_SURROUND } else { USUAL_AUDIO }
}

/// Returns how many of a film's channels its copy has where the sound is coded to so many bits a second.
pub(super) fn worthwhile_channels(channels: u16, bits: u32) -> u16 {
    if bits < SURROUND_BITS { channels.min(2) } else { channels }
}

/// Returns how many bits a second stay within so many bytes, head and tables included.
pub(super) fn bits_a_second(max: u64, length: Duration, most: u32) -> u32 {
    let bits = max as f64 * 8.0 * 0.95 / length.as_secs_f64().max(0.1);
    if bits >= f64::from(most) { most } else { bits as u32 }
}

/// Returns a length of so many seconds, where that is not shorter than is accepted.
pub(super) fn shortened(row: &TypeLimits, seconds: f64, max: u64) -> Result<Duration, NoPlan> {
    let seconds = (seconds * 10.0).floor() / 10.0;
    let least = row.min_duration.unwrap_or(Duration::from_secs(1)).as_secs_f64().max(1.0);
    if seconds < least {
        return Err(NoPlan::TooTight(text::limit(max)));
    }
    Ok(Duration::from_secs_f64(seconds))
}
