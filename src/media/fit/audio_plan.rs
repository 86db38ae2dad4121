//! Plans for copies of sound.

use std::time::Duration;

use super::planner::{LEAST_AUDIO, Planner, STEREO_BITS, bits_a_second, can_strip, shortened};
use crate::model::fit::{FitAim, FitPlan, NoPlan, Recoding, TypeLimits};
use crate::model::media::Media;
use crate::model::text;

/// Bits a second above which no difference is heard.
const BEST_AUDIO: u32 = 256_000;

/// Returns whether sound of this type can be decoded without another program.
fn can_decode_sound(media: Media, codec: Option<&str>) -> bool {
    match media {
        Media::Mp3 | Media::Mp2 | Media::Wav | Media::Aac | Media::Flac | Media::Aiff => true,
        Media::M4a => codec.is_none_or(|codec| codec.contains("AAC") || codec == "ALAC"),
        Media::Ogg | Media::WebmAudio | Media::MkvAudio => {
            matches!(codec, Some("Vorbis" | "FLAC" | "MP3" | "AAC" | "PCM"))
        }
        _ => false,
    }
}

/// Returns whether nothing of the sound was lost so far.
fn is_lossless(media: Media, codec: Option<&str>) -> bool {
    let is_rounded = codec.is_some_and(|codec| {
        codec.contains("AAC") || matches!(codec, "MP3" | "MP2" | "Opus" | "Vorbis" | "AC-3" | "ADPCM" | "WMA")
    });
    let keeps_all = matches!(
        media,
        Media::Wav
            | Media::Flac
            | Media::Aiff
            | Media::Caf
            | Media::Wave64
            | Media::Ape
            | Media::WavPack
            | Media::Tta
            | Media::Au
            | Media::Dsf
    );
    !is_rounded && keeps_all || matches!(codec, Some("FLAC" | "ALAC" | "PCM"))
}

impl Planner<'_> {
    pub(super) fn audio(&self) -> Result<Option<FitPlan>, NoPlan> {
        let own = self.own();
        let too_long = own.map_or(Ok(None), |row| self.length(row))?;
        let is_over = own.and_then(|row| row.max_bytes).filter(|max| self.facts.size > *max);
        let is_wished = self.wishes.format.is_some_and(|format| format != self.media);
        if own.is_some() && too_long.is_none() && is_over.is_none() && !is_wished {
            return match self.wishes.strip {
                false => Ok(None),
                true if can_strip(self.media) => Ok(Some(self.stripped())),
                true => self.recoded_audio(FitAim::Strip).map(Some),
            };
        }
        let aim = match (own, is_over, too_long) {
            (None, ..) => FitAim::Convert,
            (_, _, Some(max)) => FitAim::Duration(max),
            (_, Some(max), _) => FitAim::Bytes(max),
            _ => FitAim::Convert,
        };
        self.recoded_audio(aim).map(Some)
    }

    fn recoded_audio(&self, aim: FitAim) -> Result<FitPlan, NoPlan> {
        let lossless = is_lossless(self.media, self.codec());
        let decodes = can_decode_sound(self.media, self.codec());
        let mut order = vec![];
        if matches!(aim, FitAim::Duration(_) | FitAim::Strip | FitAim::Bytes(_)) {
            order.push(self.media); // it stays what it is where that can be written
        }
        match lossless {
            true => order.extend([Media::Wav, Media::M4a, Media::Mp3]),
            false => order.extend([Media::M4a, Media::Mp3, Media::Wav]),
        }
        let mut first_problem = None;
        for output in order {
            let is_taken = self.wishes.format.is_none_or(|wished| wished == output);
            if self.row(output).is_none() || !is_taken {
                continue;
            }
            match self.audio_as(aim, output, decodes) {
                Ok(plan) => return Ok(plan),
                Err(problem) => first_problem = first_problem.or(Some(problem)),
            }
        }
        if let Some(wished) = self.wishes.format.filter(|wished| self.row(*wished).is_none()) {
            return Err(NoPlan::NotAccepted(wished.label()));
        }
        Err(first_problem.unwrap_or(NoPlan::NotWritable))
    }

    fn audio_as(&self, aim: FitAim, output: Media, decodes: bool) -> Result<FitPlan, NoPlan> {
        let Some(row) = self.row(output) else { return Err(NoPlan::NotWritable) };
        let too_long = self.length(row)?;
        let whole = self.facts.duration;
        let length = too_long.or(whole);
        let mut plan = FitPlan { cut: too_long.map(|max| self.cut(max)), ..self.plain(aim, output) };
        let tool = NoPlan::NeedsFfmpeg { what: "Converting this audio" };
        match output {
            Media::Wav => {
                if !decodes && !self.tools.ffmpeg {
                    return Err(tool);
                }
                self.wav(plan, row, length)
            }
            Media::M4a | Media::Mp3 => {
                if !self.tools.ffmpeg {
                    return Err(tool);
                }
                if output == self.media && !matches!(aim, FitAim::Bytes(_)) {
                    // Cut, or taken over as it is: as many bits as it has.
                    let all = (self.facts.size as f64).max(1.0);
                    let kept = match (length, whole) {
                        (Some(length), Some(whole)) => length.as_secs_f64() / whole.as_secs_f64().max(0.001),
                        _ => 1.0,
                    };
                    if row.max_bytes.is_none_or(|max| all * kept * 1.01 < max as f64) {
                        return Ok(FitPlan { recoding: Recoding::Nothing, ..plan });
                    }
                }
                let Some(max) = row.max_bytes else {
                    plan.audio_bits = Some(BEST_AUDIO);
                    return Ok(plan);
                };
                let Some(length) = length else { return self.without_length(plan) };
                let bits = bits_a_second(max, length, BEST_AUDIO);
                if bits < LEAST_AUDIO {
                    let seconds = max as f64 * 7.6 / f64::from(LEAST_AUDIO);
                    plan.cut = Some(self.cut(shortened(row, seconds, max)?));
                }
                plan.audio_bits = Some(bits.max(LEAST_AUDIO));
                plan.mono = bits < STEREO_BITS;
                Ok(plan)
            }
            // What cannot be written is at least cut as it is.
            _ if matches!(aim, FitAim::Duration(_)) && self.tools.ffmpeg && self.can_be_copied() => {
                Ok(FitPlan { recoding: Recoding::Nothing, ..plan })
            }
            _ => Err(NoPlan::NotWritable),
        }
    }

    /// Returns whether ffmpeg cuts this type without coding it anew.
    fn can_be_copied(&self) -> bool {
        matches!(self.media, Media::Aac | Media::Flac | Media::Ogg)
    }

    fn wav(&self, mut plan: FitPlan, row: &TypeLimits, length: Option<Duration>) -> Result<FitPlan, NoPlan> {
        let audio = self.facts.audio.as_ref();
        let is_fine = audio.and_then(|audio| audio.bits).is_some_and(|bits| bits > 16);
        plan.sample_bits = if is_fine { 24 } else { 16 };
        let Some(max) = row.max_bytes else { return Ok(plan) };
        let Some(length) = length else { return self.without_length(plan) };
        let rate = f64::from(audio.and_then(|audio| audio.rate).unwrap_or(48_000));
        let channels = f64::from(audio.and_then(|audio| audio.channels).unwrap_or(2).clamp(1, 2));
        let bytes =
            |channels: f64, bits: u16| rate * channels * f64::from(bits / 8) * length.as_secs_f64() + 4096.0;
        if bytes(channels, plan.sample_bits) <= max as f64 {
            return Ok(plan);
        }
        plan.sample_bits = 16;
        if bytes(channels, 16) <= max as f64 {
            return Ok(plan);
        }
        // A type that is worth fewer bytes is better than one channel, or less of it.
        let better = [Media::M4a, Media::Mp3].iter().any(|media| self.row(*media).is_some());
        if better && self.tools.ffmpeg && self.wishes.format.is_none() {
            return Err(NoPlan::TooTight(text::limit(max)));
        }
        plan.mono = true;
        if bytes(1.0, 16) > max as f64 {
            plan.cut = Some(self.cut(shortened(row, (max as f64 - 4096.0) / (rate * 2.0), max)?));
        }
        Ok(plan)
    }
}
