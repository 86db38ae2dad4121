//! Files that are broken, forged or absurd, converted and stripped: there is a sentence, nothing half-made is left, and
//! memory stays within its bound.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU8};

use hoist::media::fit::{Control, FitError, make, plan};
use hoist::media::inspect::inspect;
use hoist::model::fit::FitWishes;
use hoist::model::media::{DetectedType, FileFacts, Media};

use crate::eyes::run;
use crate::images::photograph;
use crate::{WITH_FFMPEG, limits};
use crate::{counting, sample};

/// The whole process stays below 400 MB; a conversion is nearly all of it.
const BOUND: usize = 380 * 1024 * 1024;

/// Every picture and recording there is, one of a type.
fn files(folder: &Path) -> Vec<PathBuf> {
    let png = photograph(folder, "a.png", "160x120!", &[]);
    let text = |path: &Path| path.to_str().unwrap().to_owned();
    let mut all: Vec<_> = ["b.jpg", "b.webp", "b.tif", "b.gif", "b.bmp"]
        .iter()
        .map(|name| photograph(folder, name, "160x120!", &[]))
        .collect();
    for name in ["c.heic", "c.avif"] {
        let file = folder.join(name);
        run("heif-enc", &["-q", "60", "-o", &text(&file), &text(&png)]);
        all.push(file);
    }
    for name in ["tone.wav", "tone.mp3", "tone.m4a", "clip.mp4"] {
        let file = folder.join(name);
        std::fs::copy(sample(name), &file).unwrap();
        all.push(file);
    }
    let flac = folder.join("tone.flac");
    run("ffmpeg", &["-v", "error", "-i", &text(&sample("tone.wav")), &text(&flac)]);
    all.extend([png, flac]);
    all
}

/// Converts and strips a file, whatever it is. Returns how often that went well.
fn try_all(file: &Path, to: &Path) -> usize {
    let Ok(facts) = inspect(file) else { return 0 };
    let Some(media) = facts.recognised.media() else { return 0 };
    let mut good = 0;
    let everything = limits(&Media::ALL);
    for wishes in [
        FitWishes { strip: true, ..FitWishes::default() },
        FitWishes { format: Some(Media::Jpeg), quality: Some(40), ..FitWishes::default() },
        FitWishes { format: Some(Media::Png), max_side: Some(64), ..FitWishes::default() },
        FitWishes { format: Some(Media::Wav), ..FitWishes::default() },
    ] {
        if wishes.format.is_some_and(|format| format.kind() != media.kind()) {
            continue;
        }
        let Ok(Some(plan)) = plan(&facts, std::slice::from_ref(&everything), &wishes, WITH_FFMPEG) else {
            continue;
        };
        let (stop, progress) = (AtomicBool::new(false), AtomicU8::new(0));
        match make(&plan, &facts, to, &Control { stop: &stop, progress: &progress }) {
            Ok(made) => {
                good += 1;
                std::fs::remove_file(made.path).unwrap();
            }
            Err(why) => assert!(!why.to_string().is_empty()),
        }
        let left = std::fs::read_dir(to).unwrap().count();
        assert_eq!(left, 0, "{}: something half-made is left", file.display());
    }
    good
}

#[test]
fn files_that_are_cut_off_or_changed_leave_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let to = tempfile::tempdir().unwrap();
    let mut random = 0x2545_f491_u32;
    let mut next = move || {
        random ^= random << 13;
        random ^= random >> 17;
        random ^= random << 5;
        random as usize
    };
    for file in files(folder.path()) {
        assert!(try_all(&file, to.path()) > 0, "{} is converted as it is", file.display());
        let whole = std::fs::read(&file).unwrap();
        let broken = folder.path().join(format!("x.{}", file.extension().unwrap().to_str().unwrap()));
        for n in 0..8 {
            let mut bytes = whole.clone();
            if n % 2 == 0 {
                bytes.truncate(next() % whole.len());
            } else {
                for _ in 0..12 {
                    let at = if n == 1 { next() % whole.len().min(600) } else { next() % whole.len() };
                    bytes[at] = next() as u8;
                }
            }
            std::fs::write(&broken, &bytes).unwrap();
            try_all(&broken, to.path());
        }
    }
}

#[test]
fn a_picture_without_a_coded_byte_is_broken() {
    let folder = tempfile::tempdir().unwrap();
    let to = tempfile::tempdir().unwrap();
    let png = photograph(folder.path(), "a.png", "160x120!", &[]);
    for name in ["a.heic", "a.avif"] {
        let file = folder.path().join(name);
        run("heif-enc", &["-q", "60", "-o", file.to_str().unwrap(), png.to_str().unwrap()]);
        let mut bytes = std::fs::read(&file).unwrap();
        let data = bytes.windows(4).position(|name| name == b"mdat").unwrap();
        bytes.truncate(data + 4);
        std::fs::write(&file, &bytes).unwrap();
        assert_eq!(try_all(&file, to.path()), 0, "{name} is converted");
    }
}

#[test]
fn forged_dimensions_cost_no_memory() {
    let folder = tempfile::tempdir().unwrap();
    let to = tempfile::tempdir().unwrap();
    let png = std::fs::read(sample("cover.png")).unwrap();
    let mut forged = png.clone();
    forged[16..20].copy_from_slice(&100_000u32.to_be_bytes());
    forged[20..24].copy_from_slice(&100_000u32.to_be_bytes());
    let mut sum = flate2::Crc::new();
    sum.update(&forged[12..29]);
    forged[29..33].copy_from_slice(&sum.sum().to_be_bytes());
    let file = folder.path().join("a.png");
    std::fs::write(&file, &forged).unwrap();
    let facts = inspect(&file).unwrap();
    // Also where the plan does not know how large it claims to be.
    for facts in [FileFacts { pixels: None, ..facts.clone() }, FileFacts { pixels: Some((10, 10)), ..facts }]
    {
        let wishes = FitWishes { format: Some(Media::Jpeg), ..FitWishes::default() };
        let plan = plan(&facts, &[limits(&[Media::Jpeg])], &wishes, WITH_FFMPEG).unwrap().unwrap();
        let (stop, progress) = (AtomicBool::new(false), AtomicU8::new(0));
        let control = Control { stop: &stop, progress: &progress };
        let (made, peak) = counting::peak(|| make(&plan, &facts, to.path(), &control));
        assert_eq!(made, Err(FitError::TooManyPixels));
        assert!(peak < BOUND / 4, "{peak} bytes");
    }
}

#[test]
fn a_picture_of_54_megapixels_is_fitted_within_the_bound() {
    let folder = tempfile::tempdir().unwrap();
    let plate = folder.path().join("plate.png");
    // Written row by row: a gradient with some noise, 9000 × 6000.
    let mut encoder =
        png::Encoder::new(std::io::BufWriter::new(std::fs::File::create(&plate).unwrap()), 9000, 6000);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_compression(png::Compression::Fast);
    let mut writer = encoder.write_header().unwrap();
    let mut stream = writer.stream_writer().unwrap();
    let mut noise = 1u32;
    for y in 0..6000u32 {
        let row: Vec<u8> = (0..9000u32)
            .flat_map(|x| {
                noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                [(x / 36) as u8, (y / 24) as u8, (noise >> 30) as u8 + 100]
            })
            .collect();
        std::io::Write::write_all(&mut stream, &row).unwrap();
    }
    stream.finish().unwrap();
    writer.finish().unwrap();
    let facts = inspect(&plate).unwrap();
    assert_eq!((facts.recognised, facts.pixels), (DetectedType::Known(Media::Png), Some((9000, 6000))));
    let mut row = limits(&[Media::Jpeg]);
    row.max_bytes = Some(20 * 1024 * 1024);
    let plan = plan(&facts, &[row], &FitWishes::default(), WITH_FFMPEG).unwrap().unwrap();
    let (stop, progress) = (AtomicBool::new(false), AtomicU8::new(0));
    let control = Control { stop: &stop, progress: &progress };
    let (made, peak) = counting::peak(|| make(&plan, &facts, folder.path(), &control));
    let copy = inspect(&made.unwrap().path).unwrap();
    assert_eq!(copy.pixels, Some((9000, 6000)));
    assert!(peak < BOUND, "{peak} bytes");
}

#[test]
fn what_is_not_wanted_any_more_is_not_made() {
    let to = tempfile::tempdir().unwrap();
    let facts = inspect(&sample("photo.jpg")).unwrap();
    let wishes = FitWishes { format: Some(Media::Png), ..FitWishes::default() };
    let plan = plan(&facts, &[limits(&[Media::Png])], &wishes, WITH_FFMPEG).unwrap().unwrap();
    let (stop, progress) = (AtomicBool::new(true), AtomicU8::new(0));
    let made = make(&plan, &facts, to.path(), &Control { stop: &stop, progress: &progress });
    assert_eq!((made, std::fs::read_dir(to.path()).unwrap().count()), (Err(FitError::Stopped), 0));
}
