//! Pictures that move for ever, or claim to, and heads that claim more than there is: the first frame is taken, in bounded
//! time and memory, and what cannot be converted is said.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU8};
use std::time::{Duration, Instant};

use hoist::media::fit::{Control, FitError, Made, make, plan};
use hoist::media::inspect::inspect;
use hoist::media::preview;
use hoist::model::fit::{ChangeKind, FitWishes};
use hoist::model::media::{FileFacts, Media};

use crate::eyes::{identify, magick, run};
use crate::{WITH_FFMPEG, counting, limits, sample};

/// More than any of these pictures is worth.
const BOUND: usize = 64 * 1024 * 1024;

/// Nothing here takes seconds; a loop that does not end takes all there are.
const LONG: Duration = Duration::from_mins(1);

fn write(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

/// A GIF that repeats for ever, of so many frames of 2 × 2 pixels.
fn gif(frames: usize) -> Vec<u8> {
    let mut out = b"GIF89a".to_vec();
    out.extend([2, 0, 2, 0, 0x80, 0, 0, 255, 0, 0, 0, 0, 255]);
    out.extend(b"\x21\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00");
    for _ in 0..frames {
        out.extend([
            0x21, 0xf9, 4, 0, 1, 0, 0, 0, 0x2c, 0, 0, 0, 0, 2, 0, 2, 0, 0, 2, 3, 0x44, 0x02, 0x05, 0,
        ]);
    }
    out.push(0x3b);
    out
}

/// A PNG that claims two thousand million frames, and has so many.
fn apng(frames: u32) -> Vec<u8> {
    let png = std::fs::read(sample("cover.png")).unwrap();
    let chunk = |kind: &[u8; 4], data: &[u8]| {
        let mut sum = flate2::Crc::new();
        sum.update(kind);
        sum.update(data);
        [&(data.len() as u32).to_be_bytes()[..], kind, data, &sum.sum().to_be_bytes()].concat()
    };
    let (width, height) = (&png[16..20], &png[20..24]);
    let control = |n: u32| {
        let mut data = n.to_be_bytes().to_vec();
        data.extend([width, height].concat());
        data.extend([0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 10, 0, 0]);
        chunk(b"fcTL", &data)
    };
    let mut out = png[..33].to_vec();
    out.extend(chunk(b"acTL", &[0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 0]));
    out.extend(control(0));
    out.extend(&png[33..png.len() - 12]);
    for n in 0..frames {
        out.extend(control(1 + 2 * n));
        out.extend(chunk(b"fdAT", &(2 + 2 * n).to_be_bytes()));
    }
    out.extend(&png[png.len() - 12..]);
    out
}

/// A WebP that repeats for ever, of so many frames of the same small picture.
fn webp(frames: usize) -> Vec<u8> {
    let mut still = std::io::Cursor::new(vec![]);
    image::RgbImage::from_pixel(16, 16, image::Rgb([200, 30, 30]))
        .write_to(&mut still, image::ImageFormat::WebP)
        .unwrap();
    let still = &still.get_ref()[12..]; // its one chunk
    let chunk = |kind: &[u8; 4], data: &[u8]| {
        let mut out = [&kind[..], &(data.len() as u32).to_le_bytes(), data].concat();
        out.resize(out.len().next_multiple_of(2), 0);
        out
    };
    let mut frame = vec![0; 6];
    frame.extend([15, 0, 0, 15, 0, 0, 40, 0, 0, 2]);
    frame.extend(still);
    let frame = chunk(b"ANMF", &frame);
    let mut body = b"WEBP".to_vec();
    body.extend(chunk(b"VP8X", &[2, 0, 0, 0, 15, 0, 0, 15, 0, 0]));
    body.extend(chunk(b"ANIM", &[0, 0, 0, 0, 0, 0]));
    for _ in 0..frames {
        body.extend(&frame);
    }
    [&b"RIFF"[..], &(body.len() as u32).to_le_bytes(), &body].concat()
}

fn sequence(folder: &Path, name: &str) -> PathBuf {
    let path = folder.join(name);
    let source = ["-f", "lavfi", "-i", "testsrc2=size=64x64:rate=25", "-t", "2", "-pix_fmt", "yuv420p"];
    run("ffmpeg", &[&["-v", "error", "-y"][..], &source, &[path.to_str().unwrap()]].concat());
    path
}

/// The mean of red, green and blue of a first frame, as `ImageMagick` sees it on white.
fn mean(path: &Path) -> Vec<f64> {
    let first = format!("{}[0]", path.to_str().unwrap());
    let means = "%[fx:mean.r] %[fx:mean.g] %[fx:mean.b]";
    let text = magick(&[&first, "-background", "white", "-alpha", "remove", "-format", means, "info:"]);
    text.split_whitespace().map(|n| n.parse().unwrap()).collect()
}

fn as_jpeg(facts: &FileFacts, to: &Path) -> Result<Made, FitError> {
    let wishes = FitWishes { format: Some(Media::Jpeg), quality: Some(80), ..FitWishes::default() };
    let plan = plan(facts, &[limits(&[Media::Jpeg])], &wishes, WITH_FFMPEG).unwrap().unwrap();
    let (stop, progress) = (AtomicBool::new(false), AtomicU8::new(0));
    make(&plan, facts, to, &Control { stop: &stop, progress: &progress })
}

#[test]
fn of_what_moves_for_ever_the_first_frame_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let to = tempfile::tempdir().unwrap();
    for (file, size) in [
        (write(folder.path(), "a.gif", &gif(150_000)), (2, 2)),
        (write(folder.path(), "a.png", &apng(50_000)), (1024, 1024)),
        (write(folder.path(), "a.webp", &webp(50_000)), (16, 16)),
        (sequence(folder.path(), "a.avif"), (64, 64)),
    ] {
        let began = Instant::now();
        let ((facts, made, picture), peak) = counting::peak(|| {
            let facts = inspect(&file).unwrap();
            let made = as_jpeg(&facts, to.path());
            let picture = preview::square(&facts, 56);
            (facts, made, picture)
        });
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let pixels = facts.pixels.unwrap();
        assert!(facts.animated && (size.0 == 1024 || pixels == size), "{name}: {facts:?}");
        let made = made.unwrap_or_else(|e| panic!("{name}: {e}"));
        let frames = made.changes.iter().find(|change| change.kind == ChangeKind::Frames);
        assert!(frames.is_some(), "{name} does not say that it stands still: {:?}", made.changes);
        assert_eq!(identify(&made.path), format!("JPEG {} {} sRGB", pixels.0, pixels.1), "{name}");
        assert!(picture.is_ok(), "{name}: {picture:?}");
        if name == "a.png" {
            let (made, first) = (mean(&made.path), mean(&file));
            let is_near = made.iter().zip(&first).all(|(a, b)| (a - b).abs() < 0.04);
            assert!(is_near, "{name} has other colours: {made:?}, and not {first:?}");
        }
        assert!(began.elapsed() < LONG && peak < BOUND, "{name}: {:?}, {peak} bytes", began.elapsed());
        std::fs::remove_file(made.path).unwrap();
    }
}

/// The sample as this type.
fn encoded(format: image::ImageFormat) -> Vec<u8> {
    let mut out = std::io::Cursor::new(vec![]);
    image::RgbImage::from_fn(64, 48, |x, y| image::Rgb([x as u8 * 4, y as u8 * 5, 9]))
        .write_to(&mut out, format)
        .unwrap();
    out.into_inner()
}

/// Puts these bytes in place of the first that are so.
fn forged(bytes: &[u8], was: &[u8], is: &[u8]) -> Vec<u8> {
    let at = bytes.windows(was.len()).position(|part| part == was).expect("the head says its size");
    let mut out = bytes.to_vec();
    out[at..at + is.len()].copy_from_slice(is);
    out
}

#[test]
fn a_head_that_claims_more_than_there_is_costs_nothing_and_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let to = tempfile::tempdir().unwrap();
    let heic = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/grid.heic")).unwrap();
    let ispe = |width: u32, height: u32| [&width.to_be_bytes()[..], &height.to_be_bytes()].concat();
    let huge = ispe(60_000, 60_000);
    let files = [
        ("a.jpg", forged(&encoded(image::ImageFormat::Jpeg), &[0, 48, 0, 64], &[0xff, 0xf0, 0xff, 0xf0])),
        ("a.gif", forged(&gif(3), &[2, 0, 2, 0], &[0xff, 0xff, 0xff, 0xff])),
        ("a.webp", forged(&webp(2), &[15, 0, 0, 15, 0, 0], &[0xff, 0xff, 0x3f, 0xff, 0xff, 0x3f])),
        (
            "a.bmp",
            forged(&encoded(image::ImageFormat::Bmp), &[64, 0, 0, 0, 48, 0, 0, 0], &[0, 0, 0, 8, 0, 0, 0, 8]),
        ),
        ("a.tiff", forged(&encoded(image::ImageFormat::Tiff), &[64, 0, 0, 0], &[0, 0, 0, 16])),
        // The grid claims more than its tiles have, and then the box that says so, too.
        ("a.heic", forged(&heic, &[0, 150, 0, 100], &[0xff, 0xff, 0xff, 0xff])),
        (
            "b.heic",
            forged(&forged(&heic, &[0, 150, 0, 100], &[0xff, 0xff, 0xff, 0xff]), &ispe(150, 100), &huge),
        ),
        ("c.heic", forged(&heic, &ispe(64, 64), &huge)),
    ];
    for (name, bytes) in files {
        let file = write(folder.path(), name, &bytes);
        let began = Instant::now();
        let (facts, peak) = counting::peak(|| inspect(&file).unwrap());
        assert!(peak < BOUND, "{name} is looked at for {peak} bytes");
        let wishes = FitWishes { format: Some(Media::Jpeg), ..FitWishes::default() };
        let planned = plan(&facts, &[limits(&[Media::Jpeg])], &wishes, WITH_FFMPEG);
        // Also where the plan does not know how large it claims to be, nor that it cannot be read.
        for pixels in [None, Some((10, 10))] {
            let facts = FileFacts { pixels, undecodable: None, ..facts.clone() };
            let (made, peak) = counting::peak(|| as_jpeg(&facts, to.path()));
            assert!(peak < BOUND, "{name} is converted in {peak} bytes");
            match made {
                // What is really there may be enough.
                Ok(made) => {
                    assert!(planned.is_ok(), "{name}: {planned:?}");
                    std::fs::remove_file(made.path).unwrap();
                }
                Err(why) => assert!(why.to_string().len() > 20, "{name}: {why}"),
            }
        }
        let (_, peak) = counting::peak(|| preview::square(&facts, 56).map(|_| ()));
        assert!(peak < BOUND && began.elapsed() < LONG, "{name} is shown in {peak} bytes");
        assert_eq!(std::fs::read_dir(to.path()).unwrap().count(), 0, "{name}: something half-made is left");
        assert_eq!(std::fs::read(&file).unwrap(), bytes);
    }
}
