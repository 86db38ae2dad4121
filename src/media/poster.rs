//! A picture of a video, made by an installed ffmpeg where there is one.

use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use image::{DynamicImage, ImageFormat};

use super::error::PosterError;
use super::ffmpeg::{self, FfmpegError};

/// It may take so long.
const TIMEOUT: Duration = Duration::from_secs(10);
/// A longer answer is none.
const MAX_BYTES: u64 = 16 * 1024 * 1024;
/// Pixels of the picture's longer side.
const SIDE: u32 = 960;

/// Returns a picture from the beginning of a video, upright.
pub(super) fn of(file: &Path, stop: &AtomicBool) -> Result<DynamicImage, PosterError> {
    // Many begin in black; of very short ones there is only the beginning.
    at("0.5", file, stop)
        .or_else(|why| if stop.load(Ordering::Relaxed) { Err(why) } else { at("0", file, stop) })
}

fn at(seconds: &str, file: &Path, stop: &AtomicBool) -> Result<DynamicImage, PosterError> {
    let program = ffmpeg::find().ok_or(PosterError::NotInstalled)?;
    let not_started = |e: io::Error| PosterError::NotStarted(e.kind());
    let input = ffmpeg::input(file).map_err(not_started)?;
    let scale = format!("scale={SIDE}:{SIDE}:force_original_aspect_ratio=decrease");
    let mut command = ffmpeg::command(program);
    command
        .args(["-loglevel", "quiet", "-threads", "1"])
        .args(["-ss", seconds, "-noaccurate_seek", "-i"])
        .arg(input)
        .args(["-an", "-sn", "-dn", "-frames:v", "1", "-vf", &scale, "-f", "image2pipe", "-c:v", "bmp", "-"]);
    let bytes = ffmpeg::answer(&mut command, MAX_BYTES, TIMEOUT, stop).map_err(|error| match error {
        FfmpegError::NotStarted(kind) => PosterError::NotStarted(kind),
        _ => PosterError::Stopped,
    })?;
    image::load_from_memory_with_format(&bytes, ImageFormat::Bmp).map_err(|_| PosterError::NoPicture)
}
