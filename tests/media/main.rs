//! Files that are broken, forged or absurd, looked into as the window does it: by the worker threads. Whatever they are
//! given, they answer, go on working, and stay within bounds of memory.
#![allow(clippy::unwrap_used)]

mod counting;
mod forged;
mod holes;
mod kinds;
mod looking;
mod reserved;
mod streams;
mod telemetry;

use std::fs;
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use hoist::media::preview::Preview;
use hoist::model::media::{DetectedType, Media};

use looking::{Look, inspect, inspect_all};

const SAMPLES: [&str; 10] = [
    "anim.gif",
    "captions.srt",
    "clip.mp4",
    "cover.png",
    "photo.jpg",
    "poster.webp",
    "tone.aac",
    "tone.m4a",
    "tone.mp3",
    "tone.wav",
];

fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/samples").join(name)
}

/// A file of this name and content.
fn file(folder: &tempfile::TempDir, name: &str, content: &[u8]) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, content).unwrap();
    path
}

/// More memory than this nothing here may take: a picture is decoded into 128 MB at most.
const BOUND: usize = 160 * 1024 * 1024;

#[test]
fn samples_that_are_cut_off_or_changed_are_answered_one_by_one() {
    let folder = tempfile::tempdir().unwrap();
    let mut files = vec![];
    let mut random = 0x2545_f491_u32;
    let mut next = move || {
        random ^= random << 13;
        random ^= random >> 17;
        random ^= random << 5;
        random as usize
    };
    for name in SAMPLES {
        let whole = fs::read(sample(name)).unwrap();
        for n in 0..20 {
            files.push(file(&folder, &format!("cut-{n}-{name}"), &whole[..whole.len() * n / 20]));
        }
        for n in 0..30 {
            let mut bytes = whole.clone();
            for _ in 0..=next() % 40 {
                let at = next() % bytes.len().min(4096);
                bytes[at] = next() as u8;
            }
            files.push(file(&folder, &format!("wrong-{n}-{name}"), &bytes));
        }
    }
    let (all, peak) = counting::peak(|| inspect_all(&files));
    assert_eq!(all.len(), files.len(), "each is answered");
    assert!(peak < BOUND, "{} MB", peak / 1024 / 1024);
    // And the threads are still there for what is whole.
    assert!(inspect(&sample("cover.png")).picture.unwrap().is_ok());
}

#[test]
fn forged_heads_are_refused_in_words_before_anything_is_decoded() {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in forged::bombs() {
        let path = file(&folder, name, &content);
        let (seen, peak) = counting::peak(|| inspect(&path));
        let why = seen.picture.unwrap().unwrap_err().to_string();
        // The pixels of bomb.webp are missing altogether.
        let words = if name == "bomb.webp" { "damaged" } else { "too many" };
        assert!(why.contains(words), "{name}: {why}");
        assert!(peak < BOUND, "{name}: {} MB", peak / 1024 / 1024);
    }
}

#[test]
fn a_png_with_more_bytes_of_pixels_than_are_decoded_at_once_is_seen() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("poster.png");
    let (width, height) = (5000, 4600);
    let poster = image::ImageBuffer::from_fn(width, height, |x, _| {
        image::Rgb([if x < width / 2 { u16::MAX } else { 0 }, 0, u16::MAX / 2])
    });
    image::DynamicImage::from(poster).save(&path).unwrap();
    let (seen, peak) = counting::peak(|| inspect(&path));
    let picture = seen.picture.unwrap().unwrap();
    assert_eq!(picture.rgba[..4], [255, 0, 127, 255]);
    assert!(seen.preview.unwrap().is_ok());
    assert!(peak < 100 * 1024 * 1024, "{} MB: 138 are never there at once", peak / 1024 / 1024);
}

#[test]
fn an_animation_of_a_thousand_frames_is_its_first_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder, "long.gif", &forged::animation(1000));
    let (seen, peak) = counting::peak(|| inspect(&path));
    let facts = seen.facts.unwrap();
    assert!(facts.animated && facts.pixels == Some((256, 256)));
    let picture = seen.picture.unwrap().unwrap();
    assert!(picture.rgba.chunks_exact(4).all(|p| p[0] > 200 && p[2] < 60), "the first frame is red");
    // All of them would be 250 MB.
    assert!(peak < 100 * 1024 * 1024, "{} kB: not all of them are decoded", peak / 1024);
    assert!(!inspect(&sample("cover.png")).facts.unwrap().animated);
    assert!(inspect(&sample("anim.gif")).facts.unwrap().animated);
}

#[test]
fn a_colour_profile_that_unpacks_without_end_is_not_kept() {
    let folder = tempfile::tempdir().unwrap();
    let plain = fs::read(sample("cover.png")).unwrap();
    let mut packed = flate2::write::ZlibEncoder::new(b"k\0\0".to_vec(), flate2::Compression::best());
    let block = vec![b'a'; 1024 * 1024];
    (0..600).for_each(|_| packed.write_all(&block).unwrap());
    let content = packed.finish().unwrap();
    let named = [&b"iCCP"[..], &content].concat();
    let mut sum = flate2::Crc::new();
    sum.update(&named);
    let length = (content.len() as u32).to_be_bytes();
    let chunk = [&length[..], &named, &sum.sum().to_be_bytes()].concat();
    // Behind the head, which has 33 bytes.
    let path = file(&folder, "bomb.png", &[&plain[..33], &chunk, &plain[33..]].concat());
    let (seen, peak) = counting::peak(|| inspect(&path));
    assert_eq!(seen.facts.unwrap().recognised, DetectedType::Known(Media::Png));
    // As much as a picture of that many bytes may take, and not the 600 MB that it unpacks to.
    assert!(peak < 300 * 1024 * 1024, "{} MB", peak / 1024 / 1024);
}

#[test]
fn empty_files_and_wrong_names_are_what_their_bytes_say() {
    let folder = tempfile::tempdir().unwrap();
    let empty = inspect(&file(&folder, "empty.png", b""));
    assert_eq!(empty.facts.unwrap().recognised, DetectedType::Unknown);
    for (name, of, media) in [
        ("a.mp3", "cover.png", Media::Png),
        ("b.png", "clip.mp4", Media::Mp4),
        ("c.mp4", "tone.mp3", Media::Mp3),
    ] {
        let seen = inspect(&file(&folder, name, &fs::read(sample(of)).unwrap()));
        let facts = seen.facts.unwrap();
        assert_eq!(facts.recognised, DetectedType::Known(media), "{name}");
        assert!(facts.pixels.is_some() || facts.duration.is_some(), "{name}: {facts:?}");
    }
}

#[test]
fn four_hours_of_sound_have_a_length_and_a_waveform() {
    let folder = tempfile::tempdir().unwrap();
    let hours = Duration::from_hours(4);
    let wav = folder.path().join("long.wav");
    let mut out = fs::File::create(&wav).unwrap();
    let data = 44_100 * 4 * hours.as_secs() as u32;
    out.write_all(&forged::wav_head(data)).unwrap();
    out.set_len(44 + u64::from(data)).unwrap(); // holes: no room on the disk
    // A second of noise in the last hour.
    out.seek(SeekFrom::Start(44 + u64::from(data) / 4 * 3)).unwrap();
    out.write_all(&vec![0x7f; 44_100 * 4 * 300]).unwrap();
    let (seen, peak) = counting::peak(|| inspect(&wav));
    assert_eq!(seen.facts.unwrap().duration.map(|l| l.as_secs()), Some(hours.as_secs()));
    let Some(Ok(Preview::Waveform(peaks))) = seen.preview else { panic!("{:?}", seen.preview) };
    let quiet = peaks.len() / 2;
    assert!(peaks[..quiet].iter().all(|p| *p == 0) && peaks.iter().any(|p| *p > 200), "{peaks:?}");
    assert!(peak < 64 * 1024 * 1024, "{} kB", peak / 1024);

    // The frames of a tone, again and again.
    let tone = fs::read(sample("tone.mp3")).unwrap();
    let length = inspect(&sample("tone.mp3")).facts.unwrap().duration.unwrap();
    let frames = forged::mp3_frames(&tone);
    let mp3 = folder.path().join("long.mp3");
    let mut out = std::io::BufWriter::new(fs::File::create(&mp3).unwrap());
    let times = (hours.as_secs_f64() / length.as_secs_f64()) as usize;
    for _ in 0..times {
        out.write_all(frames).unwrap();
    }
    drop(out);
    let (seen, peak) = counting::peak(|| inspect(&mp3));
    if let Some(length) = seen.facts.unwrap().duration {
        let share = length.as_secs_f64() / hours.as_secs_f64();
        assert!((0.97..1.03).contains(&share), "{length:?}");
    }
    assert!(seen.preview.unwrap().is_ok());
    assert!(peak < 64 * 1024 * 1024, "{} kB", peak / 1024);
}

#[test]
fn a_video_whose_index_is_behind_three_gigabytes_is_looked_into_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let clip = fs::read(sample("clip.mp4")).unwrap();
    let (head, index) = forged::head_and_index(&clip);
    let path = folder.path().join("late.mp4");
    let mut out = fs::File::create(&path).unwrap();
    out.write_all(head).unwrap();
    let hole: u64 = 3 << 30;
    out.write_all(&1u32.to_be_bytes()).unwrap();
    out.write_all(b"mdat").unwrap();
    out.write_all(&hole.to_be_bytes()).unwrap();
    out.seek(SeekFrom::Start(head.len() as u64 + hole)).unwrap();
    out.write_all(index).unwrap();
    drop(out);
    let (seen, peak) = counting::peak(|| inspect(&path));
    let facts = seen.facts.unwrap();
    let whole = inspect(&sample("clip.mp4")).facts.unwrap();
    assert_eq!((facts.pixels, facts.duration), (whole.pixels, whole.duration));
    assert!(peak < BOUND, "{} kB", peak / 1024);
    assert_eq!(facts.video.unwrap().codec.as_deref(), Some("H.264"));
    // Without its index it says so.
    let cut = inspect(&file(&folder, "cut.mp4", &clip[..clip.len() / 2]));
    let facts = cut.facts.unwrap();
    assert!(facts.damaged.is_some(), "{facts:?}");
}

#[test]
fn what_nobody_wants_any_more_stands_in_nobodys_way() {
    let Look { picture, .. } = looking::after_a_thousand_that_are_not_wanted(&sample("photo.jpg"));
    assert!(picture.unwrap().is_ok());
}

#[test]
fn a_cover_of_two_hundred_megabytes_in_front_of_sound_is_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cover.mp3");
    let mut out = fs::File::create(&path).unwrap();
    let size: u32 = 200 << 20;
    let sevens = |n: u32| [n >> 21, n >> 14, n >> 7, n].map(|n| (n & 0x7f) as u8);
    out.write_all(
        &[&b"ID3\x04\0\0"[..], &sevens(size + 10), b"APIC", &sevens(size), b"\0\0\0image/png\0\x03\0"]
            .concat(),
    )
    .unwrap();
    out.seek(SeekFrom::Start(20 + u64::from(size))).unwrap(); // a hole: no room on the disk
    out.write_all(&fs::read(sample("tone.mp3")).unwrap()).unwrap();
    drop(out);
    let (seen, peak) = counting::peak(|| inspect(&path));
    assert_eq!(seen.facts.unwrap().recognised, DetectedType::Known(Media::Mp3));
    assert!(matches!(seen.preview, Some(Ok(Preview::Waveform(_)))), "{:?}", seen.preview);
    assert!(peak < 64 * 1024 * 1024, "{} MB", peak / 1024 / 1024);
}
