//! Plans for copies of video.

use std::time::Duration;

use super::planner::{
    LEAST_AUDIO, Planner, STEREO_BITS, bits_a_second, can_strip, has_sound_of_mp4, shortened, usual_audio,
};
use crate::model::fit::{FitAim, FitPlan, NoPlan, Recoding, TypeLimits, within};
use crate::model::media::Media;

/// So many times the bits of the original are more than any coder needs for the same picture.
const AMPLE: f64 = 2.0;
/// Bits a second that an MP4 needs to list each packet of AAC.
const TABLES: f64 = 4_000.0;
/// Bits a second below which a moving picture is none.
const LEAST_VIDEO: u32 = 120_000;
/// Bits that a pixel of a moving picture needs, so that it is worth its place.
const BITS_PER_PIXEL: f64 = 0.045;

impl Planner<'_> {
    pub(super) fn video(&self) -> Result<Option<FitPlan>, NoPlan> {
        let (facts, own) = (self.facts, self.own());
        let too_long = own.map_or(Ok(None), |row| self.length(row))?;
        let is_over = own.and_then(|row| row.max_bytes).filter(|max| facts.size > *max);
        let sides = facts.pixels.zip(own.and_then(|row| row.pixels));
        let bad_sides = sides.filter(|((w, h), (min, max))| w.min(h) < min || w.max(h) > max);
        let is_wished = self.wishes.format.is_some_and(|format| format != self.media)
            || self.wishes.max_side.zip(facts.pixels).is_some_and(|(max, (w, h))| w.max(h) > max);
        if own.is_some() && too_long.is_none() && is_over.is_none() && bad_sides.is_none() && !is_wished {
            return match self.wishes.strip {
                false => Ok(None),
                true if can_strip(self.media) => Ok(Some(self.stripped())),
                true => self.recoded_video(FitAim::Strip).map(Some),
            };
        }
        let aim = match (own, is_over, too_long, bad_sides) {
            (None, ..) => FitAim::Convert,
            (_, _, Some(max), _) => FitAim::Duration(max),
            (_, Some(max), ..) => FitAim::Bytes(max),
            (_, _, _, Some((_, (_, max)))) => FitAim::Pixels(max),
            _ => FitAim::Convert,
        };
        self.recoded_video(aim).map(Some)
    }

    fn recoded_video(&self, aim: FitAim) -> Result<FitPlan, NoPlan> {
        let output = self.output(&[Media::Mp4, Media::Mov])?;
        let Some(row) = self.row(output) else { return Err(NoPlan::NotWritable) };
        if !self.tools.ffmpeg {
            return Err(NoPlan::NeedsFfmpeg { what: "Converting video" });
        }
        let facts = self.facts;
        let too_long = self.length(row)?;
        let length = too_long.or(facts.duration);
        let mut plan = FitPlan { cut: too_long.map(|max| self.cut(max)), ..self.plain(aim, output) };
        let wished = self.wishes.max_side;
        if let (Some((width, height)), Some((min, max))) = (facts.pixels, row.pixels) {
            if width.min(height) < min {
                return Err(NoPlan::TooSmall(min));
            }
            let max = wished.map_or(max, |side| side.min(max));
            let (w, h) = within((width, height), max);
            // Sides are even numbers.
            if w.min(h) & !1 < min {
                return Err(NoPlan::TooNarrow(min));
            }
        }
        let most = row.pixels.map(|(_, max)| max).into_iter().chain(wished).min();
        let is_scaled = most.zip(facts.pixels).is_some_and(|(max, (w, h))| w.max(h) > max);
        let length_kept = length.map_or(1.0, |length| length.as_secs_f64())
            / facts.duration.map_or(1.0, |whole| whole.as_secs_f64()).max(0.001);
        let starts_later = plan.cut.is_some_and(|(start, _)| start > Duration::ZERO);
        // A part that begins later begins with a key frame only by chance.
        if !is_scaled && !starts_later && self.has_picture_of_mp4() {
            let keeps_sound = has_sound_of_mp4(self.facts);
            let max = row.max_bytes.map_or(f64::INFINITY, |max| max as f64 / length_kept.min(1.0));
            if keeps_sound && facts.size as f64 * 1.02 < max {
                plan.recoding = Recoding::Nothing;
                return Ok(plan);
            }
            // Sound that could stay loses something each time it is coded: never so much that the picture is worth less.
            let least = if keeps_sound { STEREO_BITS } else { LEAST_AUDIO };
            if let Some(bits) = self.sound_beside_picture(max).filter(|bits| *bits >= least) {
                plan.recoding = Recoding::Sound;
                plan.audio_bits = Some(bits);
                plan.mono = bits < STEREO_BITS;
                return Ok(plan);
            }
        }
        // Also where it is smaller: once its pixels are square it may not be.
        plan.max_side = most;
        if let Some(max) = row.max_bytes {
            let Some(length) = length else { return self.without_length(plan) };
            self.rates(&mut plan, row, max, length)?;
        }
        // To a rate, sound gets its part of it.
        let is_kept = plan.video_bits.is_none() && !starts_later && self.codec() == Some("AAC");
        if is_kept && self.media != Media::Avi {
            plan.recoding = Recoding::Picture;
            plan.audio_bits = None;
        }
        Ok(plan)
    }

    /// Returns how many bits a second the sound gets as AAC, where the whole film stays within so many bytes with its
    /// picture as it is.
    fn sound_beside_picture(&self, max: f64) -> Option<u32> {
        let facts = self.facts;
        let seconds = facts.duration.map_or(0.0, |length| length.as_secs_f64());
        // Plain samples say how much of the file they are; what a codec makes of them the container may.
        let streams = facts.video.as_ref().and_then(|video| video.streams).unwrap_or_default();
        let bytes_a_second = match facts.audio.as_ref().map(|audio| (audio.codec.as_deref(), audio)) {
            Some((Some("PCM"), audio)) => {
                let (rate, channels) = audio.rate.zip(audio.channels).unwrap_or_default();
                f64::from(rate) * f64::from(channels) * f64::from(audio.bits.unwrap_or(16) / 8)
            }
            _ => f64::from(streams.sound_bits.unwrap_or(0)) / 8.0,
        };
        let picture = (facts.size as f64 - bytes_a_second * seconds).max(0.0);
        let left = max / 1.02 - picture;
        let bits = left * 8.0 / seconds - TABLES;
        (bits >= f64::from(LEAST_AUDIO)).then(|| (bits as u32).min(usual_audio(facts)))
    }

    /// Decides how many bits a second go to sound and picture, so that the whole stays within so many bytes.
    fn rates(&self, plan: &mut FitPlan, row: &TypeLimits, max: u64, length: Duration) -> Result<(), NoPlan> {
        let facts = self.facts;
        let has_audio = facts.audio.is_some();
        let least = LEAST_VIDEO + if has_audio { LEAST_AUDIO } else { 0 };
        let mut all = bits_a_second(max, length, 50_000_000);
        // Coded by quality it stays far below the limit: more bits than that show nothing that the original has not.
        let own = facts.size as f64 * 8.0 / facts.duration.unwrap_or(length).as_secs_f64().max(0.1);
        if f64::from(all) > own * AMPLE {
            plan.audio_bits = has_audio.then(|| usual_audio(facts));
            return Ok(());
        }
        if all < least {
            let seconds = max as f64 * 7.6 / f64::from(least);
            plan.cut = Some(self.cut(shortened(row, seconds, max)?));
            all = least;
        }
        let audio = match has_audio {
            true => (all / 8).clamp(LEAST_AUDIO, usual_audio(facts)),
            false => 0,
        };
        let video = all - audio;
        plan.audio_bits = has_audio.then_some(audio);
        plan.mono = has_audio && audio < STEREO_BITS;
        plan.video_bits = Some(video);
        if let Some((width, height)) = facts.pixels {
            let fps = facts.video.as_ref().and_then(|video| video.fps).unwrap_or(30.0).clamp(1.0, 60.0);
            let worth = f64::from(video) / (fps * BITS_PER_PIXEL);
            let have = f64::from(width) * f64::from(height);
            if worth < have {
                let side = f64::from(width.max(height)) * (worth / have).sqrt();
                let least = row.pixels.map_or(240, |(min, _)| min);
                let shorter = f64::from(width.min(height)) / f64::from(width.max(height));
                let side = side.max(f64::from(least + 2) / shorter).ceil() as u32 & !1;
                let before = plan.max_side.unwrap_or(u32::MAX);
                let side = side.min(before);
                if side < width.max(height) {
                    plan.max_side = Some(side);
                }
            }
        }
        Ok(())
    }

    /// Returns whether the moving picture goes into an MP4 as it is.
    fn has_picture_of_mp4(&self) -> bool {
        self.facts.video.as_ref().and_then(|video| video.codec.as_deref()) == Some("H.264")
    }
}
