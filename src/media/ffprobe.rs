//! What ffprobe, which comes with ffmpeg, says of a file that ffmpeg reads and Hoist does not. It starts a process, so it
//! is asked only where a copy is to be made, and never of what is merely added.

use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use serde_json::Value;

use super::ffmpeg;
use crate::model::media::{AudioFacts, FileFacts, HdrTransfer, Kind, VideoFacts};

/// It may take so long: the end of a large file may have to be found.
const TIMEOUT: Duration = Duration::from_secs(20);
/// Longer answers are not read.
const MAX_BYTES: u64 = 1024 * 1024;
/// A length of more seconds than these, a year, is nonsense.
const MAX_SECONDS: f64 = 31_536_000.0;
/// What is asked of a file and of each of its streams.
const ENTRIES: &str = "format=duration:stream=codec_type,codec_name,width,height,avg_frame_rate,color_transfer,\
                       sample_rate,channels,bits_per_sample,bits_per_raw_sample:stream_disposition=attached_pic";

/// Completes the facts of sound or video whose length is not known here. What is known stays.
pub fn complete(facts: &mut FileFacts, stop: &AtomicBool) {
    let kind = facts.recognised.media().map(|media| media.kind());
    if facts.duration.is_some() || !matches!(kind, Some(Kind::Audio | Kind::Video)) {
        return;
    }
    let Some(answer) = ask(&facts.path, stop) else { return };
    let seconds = number(&answer["format"]["duration"]);
    facts.duration = seconds.filter(|s| *s > 0.0 && *s < MAX_SECONDS).map(Duration::from_secs_f64);
    let streams = answer["streams"].as_array().map(Vec::as_slice).unwrap_or_default();
    let first = |kind: &str| {
        let is_cover = |stream: &Value| stream["disposition"]["attached_pic"] == 1;
        streams.iter().find(|stream| stream["codec_type"] == kind && !is_cover(stream))
    };
    if facts.audio.is_none() {
        facts.audio = first("audio").map(audio);
    }
    if kind == Some(Kind::Video)
        && let Some(stream) = first("video")
    {
        facts.pixels = facts.pixels.or_else(|| whole(&stream["width"]).zip(whole(&stream["height"])));
        facts.video = facts.video.take().or_else(|| Some(video(stream)));
    }
}

/// Returns the transfer function of a film whose container does not name it: its codec may.
pub(super) fn hdr(path: &Path, stop: &AtomicBool) -> Option<HdrTransfer> {
    let answer = ask(path, stop)?;
    let streams = answer["streams"].as_array()?;
    video(streams.iter().find(|stream| stream["codec_type"] == "video")?).hdr
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
    VideoFacts { codec: codec_label(stream["codec_name"].as_str().unwrap_or_default()), fps, hdr }
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
