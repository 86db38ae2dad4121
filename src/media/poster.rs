//! A picture of a video, made by an installed ffmpeg where there is one. It is a program that reads hostile files: it
//! gets a file and nothing else, and neither its time nor what it says is unbounded.

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use image::{DynamicImage, ImageFormat};

use super::error::PosterError;

/// It may take so long.
const TIMEOUT: Duration = Duration::from_secs(10);
/// A longer answer is none.
const MAX_BYTES: u64 = 16 * 1024 * 1024;
/// Pixels of the picture's longer side.
const SIDE: u32 = 960;

/// Returns where ffmpeg is, if anywhere in `PATH`.
fn ffmpeg() -> Option<&'static Path> {
    static PROGRAM: OnceLock<Option<PathBuf>> = OnceLock::new();
    let find = || {
        let name = if cfg!(windows) { "ffmpeg.exe" } else { "ffmpeg" };
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path).filter(|p| p.is_absolute()).map(|p| p.join(name)).find(|p| p.is_file())
    };
    PROGRAM.get_or_init(find).as_deref()
}

/// Returns a picture from the beginning of a video, upright.
pub(super) fn of(file: &Path, stop: &AtomicBool) -> Result<DynamicImage, PosterError> {
    // Many begin in black; of very short ones there is only the beginning.
    at("0.5", file, stop)
        .or_else(|why| if stop.load(Ordering::Relaxed) { Err(why) } else { at("0", file, stop) })
}

fn at(seconds: &str, file: &Path, stop: &AtomicBool) -> Result<DynamicImage, PosterError> {
    let program = ffmpeg().ok_or(PosterError::NotInstalled)?;
    // Neither an option nor an address, whatever it is called.
    let not_started = |e: io::Error| PosterError::NotStarted(e.kind());
    let mut input = std::ffi::OsString::from("file:");
    input.push(std::path::absolute(file).map_err(not_started)?);
    let scale = format!("scale={SIDE}:{SIDE}:force_original_aspect_ratio=decrease");
    let mut child = Command::new(program)
        .args(["-nostdin", "-loglevel", "quiet", "-protocol_whitelist", "file", "-threads", "1"])
        .args(["-ss", seconds, "-noaccurate_seek", "-i"])
        .arg(input)
        .args(["-an", "-sn", "-dn", "-frames:v", "1", "-vf", &scale, "-f", "image2pipe", "-c:v", "bmp", "-"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(not_started)?;
    let read = answer(&mut child, stop);
    let _ = child.kill();
    let _ = child.wait();
    let bytes = read?;
    image::load_from_memory_with_format(&bytes, ImageFormat::Bmp).map_err(|_| PosterError::NoPicture)
}

/// Returns what it writes, as long as somebody wants it.
fn answer(child: &mut Child, stop: &AtomicBool) -> Result<Vec<u8>, PosterError> {
    let out = child.stdout.take().ok_or(PosterError::Stopped)?;
    let reader = std::thread::Builder::new().name("hoist-ffmpeg".into()).spawn(move || {
        let mut bytes = vec![];
        out.take(MAX_BYTES).read_to_end(&mut bytes).map(|_| bytes)
    });
    let reader = reader.map_err(|e| PosterError::NotStarted(e.kind()))?;
    let until = Instant::now() + TIMEOUT;
    while !reader.is_finished() {
        if stop.load(Ordering::Relaxed) || Instant::now() > until {
            let _ = child.kill(); // and with it ends what is read
            break;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    match reader.join() {
        Ok(Ok(bytes)) if !stop.load(Ordering::Relaxed) => Ok(bytes),
        _ => Err(PosterError::Stopped),
    }
}
