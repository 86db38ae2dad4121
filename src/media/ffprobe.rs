//! What ffprobe, which comes with ffmpeg, says of a file that ffmpeg reads and Hoist does not, and of the streams of a film:
//! fields, the form of pixels, tracks and chapters. It starts a process, so it is asked only where a copy is to be made, and
//! never of what is merely added.

use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use serde_json::Value;

use super::ffmpeg;
use crate::model::media::{AudioFacts, FileFacts, FilmStreams, HdrTransfer, Kind, VideoFacts};

/// It may take so long: the end of a large file may have to be found.
const TIMEOUT: Duration = Duration::from_secs(20);
/// Longer answers are not read.
const MAX_BYTES: u64 = 1024 * 1024;
/// A length of more seconds than these, a year, is nonsense.
const MAX_SECONDS: f64 = 31_536_000.0;
/// What is asked of a file and of each of its streams.
const ENTRIES: &str = "format=duration:chapter=id:stream=index,codec_type,codec_name,bit_rate,width,height,sample_aspect_ratio,\
                       field_order,avg_frame_rate,color_transfer,sample_rate,channels,bits_per_sample,\
                       bits_per_raw_sample:stream_disposition=attached_pic,default:stream_side_data=rotation:\
                       stream_tags=rotate,BPS";
/// Codecs that keep two fields in a frame and leave it to each frame to say so.
const FIELD_CODECS: [&str; 7] = ["dvvideo", "mpeg2video", "mpeg4", "vc1", "dnxhd", "prores", "cfhd"];
/// No picture is stretched beyond this many pixels.
const MAX_WIDTH: f64 = 16_384.0;

/// Completes the facts of sound or video whose length is not known here. What is known stays.
pub fn complete(facts: &mut FileFacts, stop: &AtomicBool) {
    let kind = facts.recognised.media().map(|media| media.kind());
    if facts.duration.is_some() || !matches!(kind, Some(Kind::Audio | Kind::Video)) {
        return;
    }
    let Some(answer) = ask(&facts.path, stop) else { return };
    let seconds = number(&answer["format"]["duration"]);
    facts.duration = seconds.filter(|s| *s > 0.0 && *s < MAX_SECONDS).map(Duration::from_secs_f64);
    let film = Film::of(&answer);
    if facts.audio.is_none() {
        facts.audio = film.sound.map(audio);
    }
    if kind == Some(Kind::Video)
        && let Some(stream) = film.picture
    {
        facts.video = facts.video.take().or_else(|| Some(video(stream)));
        film.correct(facts);
    }
}

/// Completes the facts of a film by what its container does not say and the copy depends on, once.
pub fn film(facts: &mut FileFacts, stop: &AtomicBool) {
    if facts.video.as_ref().is_none_or(|video| video.streams.is_some()) {
        return;
    }
    if let Some(answer) = ask(&facts.path, stop) {
        Film::of(&answer).correct(facts);
    }
}

/// The streams of an answer, of which a copy takes two.
struct Film<'a> {
    picture: Option<&'a Value>,
    sound: Option<&'a Value>,
    streams: &'a [Value],
    chapters: usize,
}

impl Film<'_> {
    fn of(answer: &Value) -> Film<'_> {
        let streams = answer["streams"].as_array().map(Vec::as_slice).unwrap_or_default();
        let is_cover = |stream: &Value| stream["disposition"]["attached_pic"] == 1;
        let mut pictures = streams.iter().filter(|stream| stream["codec_type"] == "video");
        let sounds = || streams.iter().filter(|stream| stream["codec_type"] == "audio");
        let is_default = |stream: &&Value| stream["disposition"]["default"] == 1;
        Film {
            picture: pictures.find(|stream| !is_cover(stream)),
            sound: sounds().find(is_default).or_else(|| sounds().next()),
            streams,
            chapters: answer["chapters"].as_array().map_or(0, Vec::len),
        }
    }

    fn count(&self, kind: &str) -> u32 {
        let count = self.streams.iter().filter(|stream| stream["codec_type"] == kind).count();
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    /// Enters into facts which streams there are, and of those that a copy takes what the container did not say.
    fn correct(&self, facts: &mut FileFacts) {
        let Some(known) = &mut facts.video else { return };
        let index = |stream: &Value| stream["index"].as_u64().and_then(|n| u32::try_from(n).ok());
        let audio_tracks = self.count("audio");
        known.streams = Some(FilmStreams {
            picture: self.picture.and_then(index),
            sound: self.sound.and_then(index),
            // Matroska has no field for it; mkvmerge writes a tag.
            sound_bits: self
                .sound
                .and_then(|sound| whole(&sound["bit_rate"]).or_else(|| whole(&sound["tags"]["BPS"]))),
            interlaced: self.picture.is_some_and(may_be_interlaced),
            audio_tracks,
            subtitles: self.count("subtitle"),
            chapters: u32::try_from(self.chapters).unwrap_or(u32::MAX),
        });
        if let Some(picture) = self.picture {
            known.hdr = known.hdr.or(video(picture).hdr);
            facts.pixels = displayed(picture, facts.pixels);
        }
        // Which of several tracks the container's facts are of is not known.
        if let Some(sound) = self.sound.filter(|_| audio_tracks > 1) {
            facts.audio = Some(audio(sound));
        }
    }
}

/// Returns whether fields of two moments may stand in a frame: where no order is named, each frame says it.
fn may_be_interlaced(stream: &Value) -> bool {
    match stream["field_order"].as_str() {
        Some("progressive") => false,
        Some("tt" | "bb" | "tb" | "bt") => true,
        _ => stream["codec_name"].as_str().is_some_and(|codec| FIELD_CODECS.contains(&codec)),
    }
}

/// Returns how large a picture is displayed: as the container says, where that is another size than the stored one.
fn displayed(stream: &Value, known: Option<(u32, u32)>) -> Option<(u32, u32)> {
    let Some(stored) = whole(&stream["width"]).zip(whole(&stream["height"])) else { return known };
    let (width, height) = stored;
    if known.is_some_and(|known| known != stored && known != (height, width)) {
        return known;
    }
    let aspect = stream["sample_aspect_ratio"].as_str().and_then(|aspect| aspect.split_once(':'));
    let aspect = aspect.and_then(|(w, h)| Some(w.parse::<f64>().ok()? / h.parse::<f64>().ok()?));
    let wide = (f64::from(width) * aspect.filter(|a| a.is_finite() && *a > 0.0).unwrap_or(1.0)).round();
    if !(1.0..=MAX_WIDTH).contains(&wide) {
        return known.or(Some(stored));
    }
    let is_turned = match known {
        Some(known) if width != height => known != stored,
        _ => is_turned(stream),
    };
    Some(if is_turned { (height, wide as u32) } else { (wide as u32, height) })
}

/// Returns whether a picture is displayed on its side.
fn is_turned(stream: &Value) -> bool {
    let sides = stream["side_data_list"].as_array().map(Vec::as_slice).unwrap_or_default();
    let turn = sides.iter().find_map(|side| number(&side["rotation"]));
    let turn = turn.or_else(|| number(&stream["tags"]["rotate"])).unwrap_or(0.0);
    (turn.abs() % 180.0 - 90.0).abs() < 1.0
}

fn ask(path: &Path, stop: &AtomicBool) -> Option<Value> {
    let mut command = ffmpeg::command_of_either(ffmpeg::find_ffprobe()?);
    command.args(["-loglevel", "quiet", "-show_entries", ENTRIES, "-of", "json"]);
    command.arg(ffmpeg::input(path).ok()?);
    let answer = ffmpeg::answer(&mut command, MAX_BYTES, TIMEOUT, stop).ok()?;
    serde_json::from_slice(&answer).ok()
}

/// Returns a number, which stands in quotes or not.
fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.parse().ok())
}

/// Returns a number above zero.
fn whole(value: &Value) -> Option<u32> {
    number(value).filter(|n| *n >= 1.0 && *n <= f64::from(u32::MAX)).map(|n| n as u32)
}

fn audio(stream: &Value) -> AudioFacts {
    let codec = stream["codec_name"].as_str().unwrap_or_default();
    let channels = whole(&stream["channels"]).and_then(|n| u16::try_from(n).ok());
    let is_exact = codec.starts_with("pcm_") || matches!(codec, "flac" | "alac" | "tta" | "wavpack" | "ape");
    let bits = whole(&stream["bits_per_raw_sample"]).or_else(|| whole(&stream["bits_per_sample"]));
    AudioFacts {
        codec: codec_label(codec),
        rate: whole(&stream["sample_rate"]),
        channels,
        bits: bits.filter(|_| is_exact).and_then(|n| u16::try_from(n).ok()),
    }
}

fn video(stream: &Value) -> VideoFacts {
    let rate = stream["avg_frame_rate"].as_str().and_then(|rate| rate.split_once('/'));
    let fps = rate.and_then(|(frames, seconds)| {
        let fps = frames.parse::<f64>().ok()? / seconds.parse::<f64>().ok()?;
        Some((fps * 1000.0).round() / 1000.0).filter(|fps| fps.is_finite() && *fps > 0.0)
    });
    let hdr = match stream["color_transfer"].as_str() {
        Some("smpte2084") => Some(HdrTransfer::Pq),
        Some("arib-std-b67") => Some(HdrTransfer::Hlg),
        _ => None,
    };
    let codec = codec_label(stream["codec_name"].as_str().unwrap_or_default());
    VideoFacts { codec, fps, hdr, streams: None }
}

/// Returns the name people know a codec by, from ffmpeg's own.
fn codec_label(name: &str) -> Option<String> {
    let label = match name {
        "" | "unknown" | "none" => return None,
        "h264" => "H.264",
        "hevc" => "H.265",
        "vvc" => "H.266",
        "h263" | "h263p" => "H.263",
        "mpeg1video" => "MPEG-1",
        "mpeg2video" => "MPEG-2",
        "mpeg4" | "msmpeg4v3" => "MPEG-4",
        "mjpeg" => "Motion JPEG",
        "prores" => "ProRes",
        "theora" => "Theora",
        "dvvideo" => "DV",
        "wmv1" | "wmv2" | "wmv3" => "WMV",
        "vc1" => "VC-1",
        "flv1" => "Sorenson",
        "ac3" => "AC-3",
        "eac3" => "E-AC-3",
        "opus" => "Opus",
        "vorbis" => "Vorbis",
        "speex" => "Speex",
        "wmav1" | "wmav2" | "wmapro" | "wmavoice" => "WMA",
        "wmalossless" => "WMA Lossless",
        "wavpack" => "WavPack",
        "ape" => "Monkey's Audio",
        "amr_nb" => "AMR",
        "amr_wb" => "AMR-WB",
        "pcm_alaw" => "A-law",
        "pcm_mulaw" => "µ-law",
        name if name.starts_with("pcm_") => "PCM",
        name if name.starts_with("adpcm_") => "ADPCM",
        name => {
            let plain: String = name.chars().filter(|c| c.is_ascii_alphanumeric()).take(24).collect();
            return Some(plain.to_uppercase());
        }
    };
    Some(label.to_owned())
}
