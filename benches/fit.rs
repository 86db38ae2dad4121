//! How long copies that fit take, beside `vips` (Debian: libvips-tools) or `mogrify` (`ImageMagick`) at the quality that was found
//! here, and beside `heif-convert` (libheif-examples), on the same computer in the same run; and how much memory a queue
//! of them takes. Nothing fails by the figures. `cargo bench --bench fit`.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8};
use std::time::{Duration, Instant};

use hoist::media::fit::{Control, FitOrder, FitWorker, Tools, make, plan};
use hoist::media::inspect::inspect;
use hoist::model::fit::{ChangeKind, FitWishes, TypeLimits};
use hoist::model::media::Media;
use hoist::model::upload::UploadId;
use image::codecs::jpeg::JpegEncoder;
use image::{Rgb, RgbImage};

const PHOTOGRAPHS: usize = 200;
/// They are converted in turns with the peer, so that both have the same computer.
const TURNS: usize = 4;
const LIMIT: u64 = 2_000_000;

/// A picture of 12 megapixels with large shapes and fine noise, as a photograph has.
fn photograph(seed: u32) -> RgbImage {
    let mut noise = seed.wrapping_mul(2_654_435_761) | 1;
    RgbImage::from_fn(4000, 3000, |x, y| {
        noise ^= noise << 13;
        noise ^= noise >> 17;
        noise ^= noise << 5;
        let grain = (noise & 7) as f32 - 3.5;
        let wave = |a: f32, b: f32| 127.0 + 90.0 * (x as f32 / a + seed as f32).sin() * (y as f32 / b).cos();
        Rgb([wave(700.0, 500.0), wave(410.0, 900.0), wave(1300.0, 333.0)]
            .map(|c| (c + grain).clamp(0.0, 255.0) as u8))
    })
}

fn jpeg_only() -> Vec<TypeLimits> {
    vec![TypeLimits {
        types: vec![Media::Jpeg],
        max_bytes: Some(LIMIT),
        min_duration: None,
        max_duration: None,
        pixels: None,
        advised_bytes: None,
    }]
}

/// By the threads that the window has. Returns the qualities that were found, too.
fn ours(files: &[PathBuf], out: &Path) -> (Duration, Vec<u8>) {
    let worker = FitWorker::start(&(Arc::new(|| {}) as Arc<dyn Fn() + Send + Sync>)).unwrap();
    let began = Instant::now();
    for (n, file) in files.iter().enumerate() {
        worker.order(FitOrder {
            id: UploadId(n as u64 + 1),
            path: file.clone(),
            limits: jpeg_only(),
            wishes: FitWishes::default(),
            folder: out.join(n.to_string()),
            facts: inspect(file).unwrap(),
        });
    }
    let mut qualities = vec![0; files.len()];
    let mut made = 0;
    while made < files.len() {
        for (id, copy) in worker.done().collect::<Vec<_>>() {
            let copy = copy.unwrap().expect("a copy");
            let size = fs::metadata(copy.path.unwrap()).unwrap().len();
            assert!(size <= LIMIT, "{size} bytes");
            let quality = copy.changes.iter().find(|change| change.kind == ChangeKind::Quality).unwrap();
            qualities[id.0 as usize - 1] = quality.to.parse().unwrap();
            made += 1;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    (began.elapsed(), qualities)
}

/// By a program that is told the quality, two at a time as here.
fn theirs(program: &str, files: &[PathBuf], qualities: &[u8], out: &Path) -> Option<Duration> {
    let began = Instant::now();
    let ok = std::thread::scope(|scope| {
        let half = files.len().div_ceil(2);
        let jobs: Vec<_> = files
            .chunks(half)
            .zip(qualities.chunks(half))
            .enumerate()
            .map(|(n, (files, qualities))| {
                scope.spawn(move || {
                    files.iter().zip(qualities).all(|(file, quality)| {
                        let target = out.join(format!("peer-{n}.jpg"));
                        let mut command = Command::new(program);
                        match program {
                            "vips" => {
                                command.arg("jpegsave").arg(file).arg(target).arg(format!("--Q={quality}"))
                            }
                            _ => command.arg(file).args(["-quality", &quality.to_string()]).arg(target),
                        };
                        command.stderr(Stdio::null()).status().is_ok_and(|status| status.success())
                    })
                })
            })
            .collect();
        jobs.into_iter().all(|job| job.join().unwrap())
    });
    ok.then(|| began.elapsed())
}

/// The most that was in memory so far, in megabytes.
fn peak_memory() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().trim_end_matches(" kB").parse::<f64>().ok()? / 1000.0)
}

fn photographs(folder: &Path) {
    let (mut own, mut peer) = (Duration::ZERO, Duration::ZERO);
    let files: Vec<PathBuf> = (0..PHOTOGRAPHS).map(|n| folder.join(format!("{}.jpg", n % 4))).collect();
    let program = ["vips", "convert", "magick"].into_iter().find(|program| {
        Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
    });
    let mut found = vec![];
    for turn in files.chunks(PHOTOGRAPHS / TURNS) {
        let out = tempfile::tempdir_in(folder).unwrap();
        let (time, qualities) = ours(turn, out.path());
        own += time;
        if let Some(program) = program {
            peer += theirs(program, turn, &qualities, out.path()).unwrap_or_default();
        }
        found.extend(qualities);
    }
    let (least, most) = (found.iter().min().unwrap(), found.iter().max().unwrap());
    let size = fs::metadata(&files[0]).unwrap().len() as f64 / 1e6;
    let what = format!(
        "{PHOTOGRAPHS} photographs of 12 megapixels ({size:.1} MB each) to JPEG under 2 MB: {:.1} s, quality {least} to {most}",
        own.as_secs_f64()
    );
    match program.filter(|_| !peer.is_zero()) {
        Some(program) => println!(
            "{what}, against {:.1} s of {program} at that quality = {:.2} (goal 1.2)",
            peer.as_secs_f64(),
            own.as_secs_f64() / peer.as_secs_f64()
        ),
        None => println!("{what}; neither vips nor ImageMagick is installed"),
    }
    if let Some(most) = peak_memory() {
        println!("memory of the process over a queue of {PHOTOGRAPHS}: {most:.0} MB (goal 400)");
    }
}

/// One photograph of a telephone, three times.
fn heic(folder: &Path) {
    let (png, file) = (folder.join("0.png"), folder.join("0.heic"));
    let made =
        Command::new("heif-enc").args(["-q", "60", "-o"]).arg(&file).arg(&png).stdout(Stdio::null()).status();
    if !made.is_ok_and(|status| status.success()) {
        println!("heif-enc and heif-convert (libheif-examples) are not installed");
        return;
    }
    let facts = inspect(&file).unwrap();
    let limits = TypeLimits { max_bytes: None, ..jpeg_only().remove(0) };
    let plan = plan(&facts, &[limits], &FitWishes::default(), Tools::installed()).unwrap().unwrap();
    let (mut own, mut peer) = (vec![], vec![]);
    for _ in 0..3 {
        let out = tempfile::tempdir_in(folder).unwrap();
        let (stop, progress) = (AtomicBool::new(false), AtomicU8::new(0));
        let began = Instant::now();
        make(&plan, &facts, out.path(), &Control { stop: &stop, progress: &progress }).unwrap();
        own.push(began.elapsed().as_secs_f64());
        let began = Instant::now();
        let target = out.path().join("peer.jpg");
        let peer_made = Command::new("heif-convert")
            .args(["-q", "92"])
            .arg(&file)
            .arg(target)
            .stdout(Stdio::null())
            .status();
        if peer_made.is_ok_and(|status| status.success()) {
            peer.push(began.elapsed().as_secs_f64());
        }
    }
    own.sort_by(f64::total_cmp);
    peer.sort_by(f64::total_cmp);
    let what = format!("one HEIC of 12 megapixels to JPEG: {:.2} s", own[1]);
    match peer.get(peer.len() / 2) {
        Some(peer) => println!("{what} against {peer:.2} s of heif-convert = {:.2} (goal 3)", own[1] / peer),
        None => println!("{what}; heif-convert is not installed"),
    }
}

fn main() {
    if let Some(folder) = std::env::args().skip_while(|a| a != "--photographs").nth(1) {
        return photographs(Path::new(&folder));
    }
    let folder = tempfile::tempdir().unwrap();
    for n in 0..4 {
        let picture = photograph(n + 1);
        let out = fs::File::create(folder.path().join(format!("{n}.jpg"))).unwrap();
        JpegEncoder::new_with_quality(std::io::BufWriter::new(out), 95).encode_image(&picture).unwrap();
        if n == 0 {
            picture.save(folder.path().join("0.png")).unwrap();
        }
    }
    // A process of its own: what was drawn here counts for nothing.
    let program = std::env::current_exe().unwrap();
    let status = Command::new(program).arg("--photographs").arg(folder.path()).status().unwrap();
    assert!(status.success());
    std::io::stdout().flush().unwrap();
    heic(folder.path());
}
