//! From facts, limits and wishes to a plan. Nothing is read and nothing is made: what a button offers is known at once.

use std::time::Duration;

use crate::model::fit::{FitAim, FitPlan, FitWishes, NoPlan, TypeLimits, within};
use crate::model::media::{DetectedType, FileFacts, Kind, Media};
use crate::model::text;

/// More pixels than these are not converted: three bytes each, and all at once in memory.
pub(super) const MAX_PIXELS: u64 = 112_000_000;
/// So many times the bits of the original are more than any coder needs for the same picture.
const AMPLE: f64 = 4.0;
/// Bits a second below which speech is no speech any more.
const LEAST_AUDIO: u32 = 32_000;
/// Bits a second above which no difference is heard.
const BEST_AUDIO: u32 = 256_000;
/// Two channels are worth so many bits a second; below it one sounds better.
const STEREO_BITS: u32 = 80_000;
/// Bits a second below which a moving picture is none.
const LEAST_VIDEO: u32 = 120_000;
/// Bits that a pixel of a moving picture needs, so that it is worth its place.
const BITS_PER_PIXEL: f64 = 0.045;

/// Which programs of others are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tools {
    /// ffmpeg: M4A, MP3 and video.
    pub ffmpeg: bool,
}

impl Tools {
    /// Returns what is installed.
    pub fn installed() -> Tools {
        Tools { ffmpeg: crate::media::ffmpeg::find().is_some() }
    }
}

/// Returns how a copy is made that the provider accepts; nothing where the file itself is what is wished for.
pub fn plan(
    facts: &FileFacts,
    limits: &[TypeLimits],
    wishes: &FitWishes,
    tools: Tools,
) -> Result<Option<FitPlan>, NoPlan> {
    if facts.size == 0 {
        return Err(NoPlan::Empty);
    }
    let DetectedType::Known(media) = facts.recognised else { return Err(NoPlan::UnknownType) };
    let planner = Planner { facts, media, limits, wishes, tools };
    match media.kind() {
        Kind::Captions => match planner.own() {
            Some(row) if row.max_bytes.is_none_or(|max| facts.size <= max) => Ok(None),
            _ => Err(NoPlan::NotReadable(media.label())),
        },
        kind if !limits.iter().any(|row| row.types.iter().any(|m| m.kind() == kind)) => {
            Err(NoPlan::KindNotAccepted(kind.word()))
        }
        Kind::Image => planner.image(),
        Kind::Audio => planner.audio(),
        Kind::Video => planner.video(),
    }
}

/// Returns whether metadata are removed from this type without coding it anew.
pub fn can_strip(media: Media) -> bool {
    matches!(
        media,
        Media::Jpeg
            | Media::Png
            | Media::Webp
            | Media::Tiff
            | Media::Mp3
            | Media::Mp4
            | Media::Mov
            | Media::M4a
            | Media::ThreeGp
            | Media::ThreeGpAudio
            | Media::Wav
            | Media::Flac
    )
}

/// Returns whether pictures of this type can be read whole.
fn can_read_picture(media: Media) -> bool {
    matches!(
        media,
        Media::Png
            | Media::Jpeg
            | Media::Webp
            | Media::Gif
            | Media::Bmp
            | Media::Tiff
            | Media::Heic
            | Media::Avif
    )
}

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
    matches!(
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
    ) || matches!(codec, Some("FLAC" | "ALAC" | "PCM"))
}

struct Planner<'a> {
    facts: &'a FileFacts,
    media: Media,
    limits: &'a [TypeLimits],
    wishes: &'a FitWishes,
    tools: Tools,
}

impl Planner<'_> {
    fn row(&self, media: Media) -> Option<&TypeLimits> {
        self.limits.iter().find(|row| row.types.contains(&media))
    }

    /// Returns the limits of its own type, where that is accepted.
    fn own(&self) -> Option<&TypeLimits> {
        self.row(self.media)
    }

    fn codec(&self) -> Option<&str> {
        self.facts.audio.as_ref().and_then(|audio| audio.codec.as_deref())
    }

    /// Returns the first of these types that is accepted; the wished one, where one is.
    fn output(&self, order: &[Media]) -> Result<Media, NoPlan> {
        match self.wishes.format {
            Some(wished) if self.row(wished).is_none() => Err(NoPlan::NotAccepted(wished.label())),
            Some(wished) if !order.contains(&wished) => Err(NoPlan::NotWritable),
            Some(wished) => Ok(wished),
            None => order.iter().copied().find(|media| self.row(*media).is_some()).ok_or(NoPlan::NotWritable),
        }
    }

    /// Returns a plan that changes nothing but this.
    fn plain(&self, aim: FitAim, output: Media) -> FitPlan {
        FitPlan {
            aim,
            output,
            opaque_output: output,
            recodes: true,
            quality: None,
            max_bytes: self.row(output).and_then(|row| row.max_bytes),
            max_side: None,
            cut: None,
            audio_bits: None,
            video_bits: None,
            mono: false,
            first_frame: false,
            strip: self.wishes.strip,
        }
    }

    /// Returns a plan that removes metadata and changes nothing else.
    fn stripped(&self) -> FitPlan {
        FitPlan { recodes: false, max_bytes: None, ..self.plain(FitAim::Strip, self.media) }
    }

    fn image(&self) -> Result<Option<FitPlan>, NoPlan> {
        let (facts, wishes) = (self.facts, self.wishes);
        let own = self.own();
        let is_over = own.and_then(|row| row.max_bytes).filter(|max| facts.size > *max);
        let sides = facts.pixels.zip(own.and_then(|row| row.pixels));
        let bad_sides = sides.filter(|((w, h), (min, max))| w.min(h) < min || w.max(h) > max);
        let is_wished = wishes.format.is_some_and(|format| format != self.media)
            || wishes.quality.is_some()
            || wishes.max_side.zip(facts.pixels).is_some_and(|(max, (w, h))| w.max(h) > max);
        let accepted = own.is_some();
        if accepted && is_over.is_none() && bad_sides.is_none() && !is_wished {
            return match wishes.strip {
                false => Ok(None),
                true if can_strip(self.media) => Ok(Some(self.stripped())),
                true if matches!(self.media, Media::Gif | Media::Bmp) => Ok(None), // they have none to speak of
                true => self.recoded_image(FitAim::Strip).map(Some),
            };
        }
        let aim = match (accepted, is_over, bad_sides) {
            (false, ..) => FitAim::Convert,
            (_, Some(max), _) => FitAim::Bytes(max),
            (_, _, Some((_, (_, max)))) => FitAim::Pixels(max),
            _ => match wishes.max_side {
                Some(max) if wishes.format.is_none_or(|format| format == self.media) => FitAim::Pixels(max),
                _ => FitAim::Convert,
            },
        };
        self.recoded_image(aim).map(Some)
    }

    fn recoded_image(&self, aim: FitAim) -> Result<FitPlan, NoPlan> {
        let (facts, wishes) = (self.facts, self.wishes);
        if !can_read_picture(self.media) {
            return Err(NoPlan::NotReadable(self.media.label()));
        }
        let own = [self.media];
        let writes = |media: &Media| matches!(media, Media::Png | Media::Jpeg | Media::Webp);
        let keeps_type = matches!(aim, FitAim::Pixels(_) | FitAim::Strip) && writes(&self.media);
        let order: &[Media] = match (keeps_type, facts.transparent, aim) {
            (true, ..) => &own,
            (_, false, _) => &[Media::Jpeg, Media::Webp, Media::Png],
            (_, true, FitAim::Bytes(_)) => &[Media::Webp, Media::Png, Media::Jpeg],
            (_, true, _) => &[Media::Png, Media::Webp, Media::Jpeg],
        };
        let all = [Media::Jpeg, Media::Png, Media::Webp];
        let output = if wishes.format.is_some() { self.output(&all)? } else { self.output(order)? };
        let opaque = match wishes.format {
            None if !keeps_type && self.row(Media::Jpeg).is_some() => Media::Jpeg,
            _ => output,
        };
        let row = self.row(output);
        let limit = row.and_then(|row| row.pixels);
        if let Some((width, height)) = facts.pixels {
            if u64::from(width) * u64::from(height) > MAX_PIXELS {
                return Err(NoPlan::TooManyPixels);
            }
            if let Some((min, max)) = limit {
                if width.min(height) < min {
                    return Err(NoPlan::TooSmall(min));
                }
                let max = wishes.max_side.map_or(max, |side| side.min(max));
                let (w, h) = within((width, height), max);
                if w.min(h) < min {
                    return Err(NoPlan::TooNarrow(min));
                }
            }
        }
        let most = limit.map(|(_, max)| max);
        let max_side = most.into_iter().chain(wishes.max_side).min();
        let is_larger = |max: &u32| facts.pixels.is_none_or(|(width, height)| width.max(height) > *max);
        Ok(FitPlan {
            opaque_output: opaque,
            quality: wishes.quality.map(|quality| quality.clamp(1, 100)),
            max_side: max_side.filter(is_larger),
            first_frame: facts.animated,
            ..self.plain(aim, output)
        })
    }

    /// Returns which length is too long, or that it is too short.
    fn length(&self, row: &TypeLimits) -> Result<Option<Duration>, NoPlan> {
        let Some(length) = self.facts.duration.filter(|_| !self.facts.duration_is_guess) else {
            return Ok(None);
        };
        if row.min_duration.is_some_and(|min| length < min) {
            return Err(NoPlan::TooShort);
        }
        Ok(row.max_duration.filter(|max| length > *max))
    }

    /// Returns where a cut to this length begins: so that all of the length is left.
    fn cut(&self, length: Duration) -> (Duration, Duration) {
        let start = Duration::from_millis(self.wishes.start_ms);
        let latest = self.facts.duration.map_or(start, |whole| whole.saturating_sub(length));
        (start.min(latest), length)
    }

    fn audio(&self) -> Result<Option<FitPlan>, NoPlan> {
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
                        return Ok(FitPlan { recodes: false, ..plan });
                    }
                }
                let Some(max) = row.max_bytes else {
                    plan.audio_bits = Some(BEST_AUDIO);
                    return Ok(plan);
                };
                let Some(length) = length else { return Err(NoPlan::LengthUnknown) };
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
                Ok(FitPlan { recodes: false, ..plan })
            }
            _ => Err(NoPlan::NotWritable),
        }
    }

    /// Returns whether ffmpeg cuts this type without coding it anew.
    fn can_be_copied(&self) -> bool {
        matches!(self.media, Media::Aac | Media::Flac | Media::Ogg)
    }

    fn wav(&self, mut plan: FitPlan, row: &TypeLimits, length: Option<Duration>) -> Result<FitPlan, NoPlan> {
        let Some(max) = row.max_bytes else { return Ok(plan) };
        let Some(length) = length else { return Err(NoPlan::LengthUnknown) };
        let audio = self.facts.audio.as_ref();
        let rate = f64::from(audio.and_then(|audio| audio.rate).unwrap_or(48_000));
        let channels = f64::from(audio.and_then(|audio| audio.channels).unwrap_or(2).clamp(1, 2));
        let bytes = |channels: f64| rate * channels * 2.0 * length.as_secs_f64() + 4096.0;
        if bytes(channels) <= max as f64 {
            return Ok(plan);
        }
        // A type that is worth fewer bytes is better than one channel, or less of it.
        let better = [Media::M4a, Media::Mp3].iter().any(|media| self.row(*media).is_some());
        if better && self.tools.ffmpeg && self.wishes.format.is_none() {
            return Err(NoPlan::TooTight(text::limit(max)));
        }
        plan.mono = true;
        if bytes(1.0) > max as f64 {
            plan.cut = Some(self.cut(shortened(row, (max as f64 - 4096.0) / (rate * 2.0), max)?));
        }
        Ok(plan)
    }

    fn video(&self) -> Result<Option<FitPlan>, NoPlan> {
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
        plan.max_side = most.filter(|max| facts.pixels.is_some_and(|(w, h)| w.max(h) > *max));
        let whole = facts.duration.map_or(1.0, |length| length.as_secs_f64());
        let kept = length.map_or(1.0, |length| length.as_secs_f64() / whole.max(0.001));
        let fits = row.max_bytes.is_none_or(|max| facts.size as f64 * kept * 1.02 < max as f64);
        let starts_later = plan.cut.is_some_and(|(start, _)| start > Duration::ZERO);
        if fits && plan.max_side.is_none() && !starts_later && self.is_of_mp4() {
            plan.recodes = false;
            return Ok(plan);
        }
        let Some(max) = row.max_bytes else { return Ok(plan) };
        let Some(length) = length else { return Err(NoPlan::LengthUnknown) };
        self.rates(&mut plan, row, max, length)?;
        Ok(plan)
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
            plan.audio_bits = has_audio.then_some(160_000);
            return Ok(());
        }
        if all < least {
            let seconds = max as f64 * 7.6 / f64::from(least);
            plan.cut = Some(self.cut(shortened(row, seconds, max)?));
            all = least;
        }
        let audio = match has_audio {
            true => (all / 8).clamp(LEAST_AUDIO, 160_000),
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
                plan.max_side = Some(side.min(before)).filter(|side| *side < width.max(height));
            }
        }
        Ok(())
    }

    /// Returns whether picture and sound go into an MP4 as they are.
    fn is_of_mp4(&self) -> bool {
        let picture = self.facts.video.as_ref().and_then(|video| video.codec.as_deref());
        let sound = self.codec();
        picture == Some("H.264")
            && (self.facts.audio.is_none()
                || sound.is_some_and(|codec| codec.contains("AAC") || codec == "MP3"))
    }
}

/// Returns how many bits a second stay within so many bytes, head and tables included.
fn bits_a_second(max: u64, length: Duration, most: u32) -> u32 {
    let bits = max as f64 * 8.0 * 0.95 / length.as_secs_f64().max(0.1);
    if bits >= f64::from(most) { most } else { bits as u32 }
}

/// Returns a length of so many seconds, where that is not shorter than is accepted.
fn shortened(row: &TypeLimits, seconds: f64, max: u64) -> Result<Duration, NoPlan> {
    let seconds = (seconds * 10.0).floor() / 10.0;
    let least = row.min_duration.unwrap_or(Duration::from_secs(1)).as_secs_f64().max(1.0);
    if seconds < least {
        return Err(NoPlan::TooTight(text::limit(max)));
    }
    Ok(Duration::from_secs_f64(seconds))
}
