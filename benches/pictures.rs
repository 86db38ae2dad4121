//! How long small pictures of 200 photographs take, beside `vipsthumbnail` (Debian: libvips-tools) on the same computer in
//! the same run. Nothing fails by the figures. `cargo bench --bench pictures`.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use hoist::media::inspect::inspect;
use hoist::media::workers::{WorkResult, Workers};
use hoist::model::upload::UploadId;
use image::codecs::jpeg::JpegEncoder;
use image::{Rgb, RgbImage};

const PHOTOGRAPHS: usize = 200;
const SIDE: u32 = 168;

/// A picture of 12 megapixels with large shapes and fine noise, as a photograph has.
fn photograph(file: &Path, seed: u32) {
    let mut noise = seed.wrapping_mul(2_654_435_761) | 1;
    let picture = RgbImage::from_fn(4000, 3000, |x, y| {
        noise ^= noise << 13;
        noise ^= noise >> 17;
        noise ^= noise << 5;
        let grain = (noise & 15) as f32 - 7.5;
        let wave = |a: f32, b: f32| 127.0 + 90.0 * (x as f32 / a + seed as f32).sin() * (y as f32 / b).cos();
        Rgb([wave(700.0, 500.0), wave(410.0, 900.0), wave(1300.0, 333.0)]
            .map(|c| (c + grain).clamp(0.0, 255.0) as u8))
    });
    let out = fs::File::create(file).unwrap();
    JpegEncoder::new_with_quality(std::io::BufWriter::new(out), 90).encode_image(&picture).unwrap();
}

/// By the threads that the window has.
fn ours(files: &[PathBuf]) -> Duration {
    let workers = Workers::start(&(Arc::new(|| {}) as Arc<dyn Fn() + Send + Sync>)).unwrap();
    let facts: Vec<_> = files.iter().map(|file| inspect(file).unwrap()).collect();
    let began = Instant::now();
    let (mut asked, mut made) = (0, 0);
    while made < facts.len() {
        // As many as are on screen.
        while asked < facts.len() && asked - made < 16 {
            workers.picture(UploadId(asked as u64), facts[asked].clone(), SIDE);
            asked += 1;
        }
        for found in workers.found().collect::<Vec<_>>() {
            let WorkResult::Picture(_, picture) = found else { continue };
            assert_eq!(picture.unwrap().width, SIDE);
            made += 1;
        }
        std::thread::sleep(Duration::from_micros(500));
    }
    began.elapsed()
}

fn theirs(files: &[PathBuf], out: &Path) -> Option<Duration> {
    let began = Instant::now();
    let side = format!("{SIDE}x{SIDE}");
    let target = out.join("%s.png");
    let status = Command::new("vipsthumbnail")
        .args(["--size", &side, "--smartcrop", "centre", "-o"])
        .arg(target)
        .args(files)
        .stderr(Stdio::null())
        .status()
        .ok()?;
    status.success().then(|| began.elapsed())
}

fn median(mut all: Vec<Duration>) -> f64 {
    all.sort();
    all[all.len() / 2].as_secs_f64() * 1000.0
}

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let first: Vec<PathBuf> = (0..4).map(|n| folder.path().join(format!("first {n}.jpg"))).collect();
    for (n, file) in first.iter().enumerate() {
        photograph(file, n as u32 + 1);
    }
    let files: Vec<PathBuf> = (0..PHOTOGRAPHS)
        .map(|n| {
            let file = folder.path().join(format!("{n:03}.jpg"));
            fs::hard_link(&first[n % first.len()], &file).unwrap();
            file
        })
        .collect();
    let size = fs::metadata(&files[0]).unwrap().len() as f64 / 1e6;
    let (mut a, mut b) = (vec![], vec![]);
    for _ in 0..3 {
        a.push(ours(&files));
        b.extend(theirs(&files, folder.path()));
    }
    let a = median(a);
    if b.is_empty() {
        println!(
            "{PHOTOGRAPHS} photographs of 12 megapixels ({size:.1} MB each): {a:.0} ms; vipsthumbnail is not installed"
        );
        return;
    }
    let b = median(b);
    println!(
        "{PHOTOGRAPHS} photographs of 12 megapixels ({size:.1} MB each): {a:.0} ms against {b:.0} ms of vipsthumbnail = {:.2} (goal 1.5)",
        a / b
    );
}
