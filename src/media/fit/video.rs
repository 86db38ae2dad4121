//! Copies of video, and of sound that is not written here: by an installed ffmpeg.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::changes::{CodedStreams, changes, channels_of_copy};
use super::control::Control;
use super::error::FitError;
use super::leftovers::NOTES;
use super::planner::{has_sound_of_mp4, usual_audio};
use super::tone_map;
use crate::media::ffmpeg::{self, Bounds, FfmpegError};
use crate::media::ffprobe;
use crate::media::inspect::inspect;
use crate::model::fit::{FitChange, FitPlan, Recoding, within};
use crate::model::media::{FileFacts, FilmStreams, HdrTransfer, Media};
use crate::model::text;

/// It must go on within this time.
const STALL_TIMEOUT: Duration = Duration::from_mins(1);
/// The longest time for anything.
const MAX_TIME: Duration = Duration::from_hours(2);
/// A copy without a limit is no larger than this, or than thrice the file.
const MAX_OUTPUT: u64 = 4 * 1024 * 1024 * 1024;
/// So often the rates are lowered where a copy is too large after all.
const MAX_TRIES: usize = 3;

impl From<FfmpegError> for FitError {
    fn from(error: FfmpegError) -> FitError {
        match error {
            FfmpegError::NotStarted(kind) => FitError::NoFfmpeg(kind),
            FfmpegError::Stopped => FitError::Stopped,
            FfmpegError::Stalled => FitError::Stalled,
            FfmpegError::TooMuch => FitError::Ffmpeg(Some("the copy grew beyond all bounds".into())),
            FfmpegError::Failed(Some(words)) if words.contains("No space left") => FitError::DiskFull,
            FfmpegError::Failed(words) => FitError::Ffmpeg(words),
        }
    }
}

/// One call of ffmpeg.
struct Call<'a> {
    plan: &'a FitPlan,
    facts: &'a FileFacts,
    control: &'a Control<'a>,
    to: &'a Path,
}

impl Call<'_> {
    /// Returns the command up to what is written.
    fn command(&self) -> Result<Command, FitError> {
        let program = ffmpeg::find().ok_or(FitError::NoFfmpeg(std::io::ErrorKind::NotFound))?;
        let mut command = ffmpeg::command(program);
        command.args(["-y", "-loglevel", "error", "-progress", "pipe:1", "-nostats"]);
        if let Some((start, _)) = self.plan.cut.filter(|(start, _)| *start > Duration::ZERO) {
            command.args(["-ss", &format!("{:.3}", start.as_secs_f64())]);
        }
        let input = ffmpeg::input(&self.facts.path).map_err(|e| FitError::Unreadable(e.kind()))?;
        command.arg("-i").arg(input);
        if let Some((_, length)) = self.plan.cut {
            // A frame that begins within the time may end behind it.
            let seconds = (length.as_secs_f64() - 0.05).max(0.05);
            command.args(["-t", &format!("{seconds:.3}")]);
        }
        command.args(["-sn", "-dn", "-map_chapters", "-1"]);
        if self.plan.strip {
            command.args(["-map_metadata", "-1"]);
        }
        Ok(command)
    }

    /// Runs it. `part`: which hundredths of the whole this call is.
    fn run(&self, command: Command, to: Option<&Path>, part: (u8, u8)) -> Result<(), FitError> {
        let length = self.plan.cut.map(|(_, length)| length).or(self.facts.duration);
        let micros = length.map_or(0, |length| length.as_micros());
        let progress = |done: u64| {
            let share = (u128::from(done) * u128::from(part.1 - part.0)).checked_div(micros).unwrap_or(0);
            let share = u8::try_from(share).unwrap_or(u8::MAX).min(part.1 - part.0);
            let _ = self.control.step(part.0 + share);
        };
        let most = self.facts.size.saturating_mul(3).clamp(64 * 1024 * 1024, MAX_OUTPUT);
        let most = self.plan.max_bytes.map_or(most, |max| most.max(max.saturating_mul(2)));
        Ok(ffmpeg::run(
            command,
            &Bounds {
                stall_timeout: STALL_TIMEOUT,
                timeout: MAX_TIME,
                output: to.map(|to| (to, most)),
                is_stopped: &|| self.control.check().is_err(),
                progress: &progress,
            },
        )?)
    }

    fn finish(&self, mut command: Command, format: &str, part: (u8, u8)) -> Result<(), FitError> {
        let mut to = OsString::from("file:");
        to.push(std::path::absolute(self.to).map_err(FitError::disk)?);
        // What the muxer would tell of itself is no news to anybody.
        command.args(["-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact"]);
        command.args(["-f", format]).arg(to);
        self.run(command, Some(self.to), part)
    }

    fn size(&self) -> Result<u64, FitError> {
        std::fs::metadata(self.to).map(|meta| meta.len()).map_err(FitError::disk)
    }
}

/// What is done with the streams of a film.
#[derive(Clone, Copy)]
struct Streams {
    recoding: Recoding,
    /// Bits a second; else by quality.
    video_bits: Option<u32>,
    audio_bits: Option<u32>,
}

/// Writes a copy of a video. Returns its type and what was changed.
pub(super) fn make(
    plan: &FitPlan,
    facts: &FileFacts,
    media: Media,
    to: &Path,
    control: &Control<'_>,
) -> Result<(Media, Vec<FitChange>), FitError> {
    let mut known = facts.clone();
    ffprobe::film(&mut known, control.stop);
    let facts = &known;
    let call = Call { plan, facts, control, to };
    let max = plan.max_bytes.unwrap_or(u64::MAX);
    let format = if plan.output == Media::Mov { "mov" } else { "mp4" };
    let mut streams =
        Streams { recoding: plan.recoding, video_bits: plan.video_bits, audio_bits: plan.audio_bits };
    for turn in 0..MAX_TRIES {
        write(&call, &streams, format)?;
        let size = call.size()?;
        if size <= max {
            break;
        }
        if turn + 1 == MAX_TRIES {
            return Err(FitError::StillTooLarge(text::limit(max)));
        }
        // As much lower as it was too high; without a rate so far, what the limit allows.
        let length = plan.cut.map(|(_, length)| length).or(facts.duration).map_or(1.0, |l| l.as_secs_f64());
        let now = streams.video_bits.map_or(size as f64 * 8.0 / length, f64::from);
        streams.video_bits = Some((now * max as f64 / size as f64 * 0.95) as u32);
        streams.recoding = Recoding::All;
    }
    // Sound of the same codec differs in nothing but its rate.
    let is_only_less = streams.recoding == Recoding::Sound && has_sound_of_mp4(facts);
    let to_rate = streams.video_bits.is_some() && streams.recoding.picture() || is_only_less;
    let coded = CodedStreams { recoding: streams.recoding, to_rate };
    Ok((plan.output, changes(plan, facts, media, coded, &written(to)?)))
}

/// Returns the facts of a copy that ffmpeg wrote.
fn written(to: &Path) -> Result<FileFacts, FitError> {
    inspect(to).map_err(|_| FitError::Ffmpeg(None))
}

/// Returns what is known of the streams of a film: nothing where no ffprobe is installed.
fn streams_of(facts: &FileFacts) -> FilmStreams {
    facts.video.as_ref().and_then(|video| video.streams).unwrap_or_default()
}

/// Adds the moving picture.
fn picture_of_film(facts: &FileFacts, command: &mut Command) {
    let picture = streams_of(facts).picture.map_or("0:v:0".to_owned(), |index| format!("0:{index}"));
    command.args(["-map", &picture]);
}

/// Writes picture and sound, each as it is or coded anew.
fn write(call: &Call<'_>, streams: &Streams, format: &str) -> Result<(), FitError> {
    if !streams.recoding.picture() {
        let mut command = call.command()?;
        picture_of_film(call.facts, &mut command);
        command.args(["-c:v", "copy"]);
        sound_of_film(call, streams, &mut command);
        command.args(["-movflags", "+faststart"]);
        return call.finish(command, format, (5, 94));
    }
    let mut done = Ok(());
    for timing in TIMINGS {
        done = coded_with(timing, call, streams, format);
        let is_unknown = |error: &FitError| matches!(error, FitError::Ffmpeg(Some(words)) if words.contains("Option not found"));
        if !done.as_ref().is_err_and(is_unknown) {
            break;
        }
    }
    done
}

/// Adds the track of sound that is heard unless another is chosen, where there is one.
fn sound_of_film(call: &Call<'_>, streams: &Streams, command: &mut Command) {
    let sound = streams_of(call.facts).sound.map_or("0:a:0?".to_owned(), |index| format!("0:{index}"));
    command.args(["-map", &sound]);
    if !streams.recoding.sound() {
        command.args(["-c:a", "copy"]);
        return;
    }
    let bits = streams.audio_bits.unwrap_or_else(|| usual_audio(call.facts));
    command.args(["-c:a", "aac", "-b:a", &bits.to_string()]);
    let before = call.facts.audio.as_ref().and_then(|audio| audio.channels);
    let after = channels_of_copy(call.plan, call.facts);
    if call.plan.mono || before.is_some_and(|before| before > after) {
        command.args(["-ac", &after.to_string(), "-rematrix_maxval", "1"]);
    }
}

/// Has each frame last as long as in the original, which phones and screen recorders do not keep even: written to an even
/// rate, the second pass would have more frames than the first one has counted. As ffmpeg calls it since 5.1, and before.
const TIMINGS: [[&str; 2]; 2] = [["-fps_mode", "vfr"], ["-vsync", "vfr"]];

/// Where the table for HDR is, in the folder of the call.
const TABLE: &str = "sdr.cube";
/// What a picture for a usual screen is called.
const SDR_TAGS: [&str; 8] =
    ["-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709", "-color_range", "tv"];

/// Frames of two fields become frames of one moment, as many as there were; others stay as they are.
const DEINTERLACE: &str = "bwdif=mode=send_frame:deint=interlaced,";
/// As large as it is displayed, in square pixels, with sides of even numbers.
const SQUARE: &str = "scale=trunc((min(iw*sar\\,16384)+0.1)/2)*2:trunc(ih/2)*2";

/// Returns the filters of a picture that is coded anew.
fn filters(plan: &FitPlan, facts: &FileFacts, hdr: Option<HdrTransfer>) -> String {
    let scaled = plan.max_side.zip(facts.pixels).map(|(max, pixels)| (pixels, within(pixels, max)));
    let scale = match scaled.filter(|(pixels, scaled)| pixels != scaled) {
        Some((_, (width, height))) => {
            format!("scale={}:{}", (width & !1).max(2), (height & !1).max(2))
        }
        None => SQUARE.to_owned(),
    };
    let fields = if streams_of(facts).interlaced { DEINTERLACE } else { "" };
    let scale = format!("{fields}{scale}");
    match hdr {
        Some(_) => format!(
            "{scale}:in_color_matrix=bt2020,format=gbrp16le,lut3d=file={TABLE}:interp=tetrahedral,\
             scale=out_color_matrix=bt709:out_range=tv,format=yuv420p,\
             setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709,setsar=1"
        ),
        None => format!("{scale},format=yuv420p,setsar=1"),
    }
}

/// Codes it as H.264 and AAC: by quality, or to a rate in two passes.
fn coded_with(timing: [&str; 2], call: &Call<'_>, streams: &Streams, format: &str) -> Result<(), FitError> {
    // What the first pass finds out is written beside the copy, and goes with it; so does the table for HDR.
    let parent = call.to.parent().unwrap_or(call.to);
    let parent = std::path::absolute(parent).map_err(FitError::disk)?;
    let notes = tempfile::Builder::new().prefix(NOTES).tempdir_in(parent).map_err(FitError::disk)?;
    let hdr = call.facts.video.as_ref().and_then(|video| video.hdr);
    if let Some(transfer) = hdr {
        std::fs::write(notes.path().join(TABLE), tone_map::cube(transfer)).map_err(FitError::disk)?;
    }
    let filters = filters(call.plan, call.facts, hdr);
    let picture = |command: &mut Command| {
        // The table is found by its name alone: no folder's name is read as a filter.
        command.current_dir(notes.path());
        picture_of_film(call.facts, command);
        command.args(["-vf", &filters, "-c:v", "libx264", "-preset", "medium"]);
        command.args(["-threads", "2"]).args(timing);
        if hdr.is_some() {
            command.args(SDR_TAGS);
        }
        match streams.video_bits {
            Some(bits) => command.args(["-b:v", &bits.to_string()]),
            None => command.args(["-crf", "20"]),
        };
    };
    if streams.video_bits.is_none() {
        let mut command = call.command()?;
        picture(&mut command);
        sound_of_film(call, streams, &mut command);
        command.args(["-movflags", "+faststart"]);
        return call.finish(command, format, (5, 94));
    }
    let log = notes.path().join("pass");
    let mut first = call.command()?;
    picture(&mut first);
    first.args(["-pass", "1", "-passlogfile"]).arg(&log).args(["-an", "-f", "null"]);
    first.arg(if cfg!(windows) { "NUL" } else { "file:/dev/null" });
    call.run(first, None, (5, 45))?;
    let mut second = call.command()?;
    picture(&mut second);
    second.args(["-pass", "2", "-passlogfile"]).arg(&log);
    sound_of_film(call, streams, &mut second);
    second.args(["-movflags", "+faststart"]);
    call.finish(second, format, (45, 94))
}

/// Writes a copy of sound.
pub(super) fn sound(
    plan: &FitPlan,
    facts: &FileFacts,
    media: Media,
    to: &Path,
    control: &Control<'_>,
) -> Result<(Media, Vec<FitChange>), FitError> {
    let call = Call { plan, facts, control, to };
    let max = plan.max_bytes.unwrap_or(u64::MAX);
    let mut bits = plan.audio_bits;
    let format = match plan.output {
        Media::M4a => "ipod",
        Media::Mp3 => "mp3",
        Media::Wav => "wav",
        Media::Aac => "adts",
        Media::Flac => "flac",
        _ => "ogg",
    };
    for turn in 0..MAX_TRIES {
        let mut command = call.command()?;
        command.args(["-vn", "-map", "0:a:0"]);
        if plan.recoding.sound() {
            match plan.output {
                Media::Wav if plan.sample_bits > 16 => command.args(["-c:a", "pcm_s24le"]),
                Media::Wav => command.args(["-c:a", "pcm_s16le"]),
                Media::Mp3 => {
                    command.args(["-c:a", "libmp3lame", "-b:a", &bits.unwrap_or(256_000).to_string()])
                }
                _ => command.args(["-c:a", "aac", "-b:a", &bits.unwrap_or(256_000).to_string()]),
            };
            // Many channels in few are as loud as the loudest of them, at most.
            command.args(["-ac", &channels_of_copy(plan, facts).to_string(), "-rematrix_maxval", "1"]);
        } else if plan.output == Media::Flac {
            // Copied, its head would count the samples that it was cut from; nothing is lost this way either.
            command.args(["-c:a", "flac"]);
        } else {
            command.args(["-c", "copy"]);
        }
        call.finish(command, format, (5, 94))?;
        let size = call.size()?;
        if size <= max {
            break;
        }
        if turn + 1 == MAX_TRIES || !plan.recoding.sound() || plan.output == Media::Wav {
            return Err(FitError::StillTooLarge(text::limit(max)));
        }
        bits = Some((f64::from(bits.unwrap_or(256_000)) * max as f64 / size as f64 * 0.95) as u32);
    }
    let to_rate = bits.is_some() && plan.recoding.sound() && plan.output != Media::Wav;
    let coded = CodedStreams { recoding: plan.recoding, to_rate };
    Ok((plan.output, changes(plan, facts, media, coded, &written(to)?)))
}
