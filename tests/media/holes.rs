//! Small mistakes in readers of media that leave every file readable, and yet show a person something wrong.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use hoist::media::preview::Preview;
use hoist::model::media::{DetectedType, FileFacts, Kind, Metadata};

use super::looking::inspect;
use super::{file, sample};

fn facts(path: &Path) -> FileFacts {
    inspect(path).facts.unwrap_or_else(|| panic!("{} has no facts", path.display()))
}

/// A chunk of RIFF: what has an odd length is followed by a zero.
fn chunk(name: [u8; 4], content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap().to_le_bytes();
    let padding: &[u8] = if content.len().is_multiple_of(2) { &[] } else { &[0] };
    [&name[..], &length, content, padding].concat()
}

fn riff(form: [u8; 4], chunks: &[Vec<u8>]) -> Vec<u8> {
    let content = [&form[..], &chunks.concat()].concat();
    chunk(*b"RIFF", &content)
}

// What a phone that was held upright films is stored lying, with a matrix that turns it.
#[test]
fn a_video_is_as_wide_and_high_as_it_is_shown() {
    const ONE: i32 = 0x1_0000;
    let folder = tempfile::tempdir().unwrap();
    let clip = fs::read(sample("clip.mp4")).unwrap();
    let upright = facts(&sample("clip.mp4")).pixels.unwrap();
    assert_ne!(upright.0, upright.1, "of a square nothing is shown");
    let turned = (upright.1, upright.0);
    let head = clip.windows(4).position(|w| w == b"tkhd").unwrap() + 4;
    assert_eq!(clip[head], 0, "the sample's track has a short head");
    for (degrees, [a, b, c, d], pixels) in [
        ("0", [ONE, 0, 0, ONE], upright),
        ("90", [0, ONE, -ONE, 0], turned),
        ("180", [-ONE, 0, 0, -ONE], upright),
        ("270", [0, -ONE, ONE, 0], turned),
        ("90, mirrored", [0, ONE, ONE, 0], turned),
        ("0, mirrored", [-ONE, 0, 0, ONE], upright),
    ] {
        let mut bytes = clip.clone();
        for (value, at) in [(a, 0), (b, 4), (c, 12), (d, 16)] {
            bytes[head + 40 + at..][..4].copy_from_slice(&value.to_be_bytes());
        }
        for extension in ["mp4", "mov"] {
            let path = file(&folder, &format!("turned.{extension}"), &bytes);
            assert_eq!(facts(&path).pixels, Some(pixels), "{degrees} in .{extension}");
        }
    }
}

/// EXIF of one field: the camera's model.
fn exif(model: &str) -> Vec<u8> {
    let text = format!("{model}\0");
    let mut out = b"II*\0\x08\0\0\0\x01\0".to_vec();
    out.extend(0x0110_u16.to_le_bytes());
    out.extend(2_u16.to_le_bytes());
    out.extend(u32::try_from(text.len()).unwrap().to_le_bytes());
    out.extend(26_u32.to_le_bytes());
    out.extend([0; 4]);
    out.extend(text.bytes());
    out
}

const AUTHOR: &[u8] = b"<dc:creator><rdf:Seq><rdf:li>Jane Doe</rdf:li></rdf:Seq></dc:creator>";

#[test]
fn what_stands_behind_a_chunk_of_odd_length_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let poster = fs::read(sample("poster.webp")).unwrap();
    let (width, height) = facts(&sample("poster.webp")).pixels.unwrap();
    // EXIF and XMP, and its size.
    let mut head = vec![0x0c, 0, 0, 0];
    head.extend(&(width - 1).to_le_bytes()[..3]);
    head.extend(&(height - 1).to_le_bytes()[..3]);
    let camera = Metadata::Camera("Lumo 7".into());
    let author = Metadata::Author("Jane Doe".into());
    for (name, beside) in [
        ("even", vec![chunk(*b"EXIF", &exif("Lumo 7 ")), chunk(*b"XMP ", AUTHOR)]),
        ("odd EXIF", vec![chunk(*b"EXIF", &exif("Lumo 7")), chunk(*b"XMP ", AUTHOR)]),
        ("odd XMP", vec![chunk(*b"XMP ", &[AUTHOR, b"  "].concat()), chunk(*b"EXIF", &exif("Lumo 7"))]),
        (
            "odd chunks of somebody's own",
            vec![
                chunk(*b"abcd", b"\0"),
                chunk(*b"efgh", b"\x01\x02\x03"),
                chunk(*b"EXIF", &exif("Lumo 7")),
                chunk(*b"XMP ", AUTHOR),
            ],
        ),
    ] {
        let chunks = [vec![chunk(*b"VP8X", &head), poster[12..].to_vec()], beside].concat();
        let path = file(&folder, "padded.webp", &riff(*b"WEBP", &chunks));
        let seen = inspect(&path);
        assert_eq!(seen.facts.unwrap().pixels, Some((width, height)), "{name}");
        let metadata = seen.details.unwrap().metadata;
        assert!(metadata.contains(&camera) && metadata.contains(&author), "{name}: {metadata:?}");
    }
}

#[test]
fn a_wav_plays_as_long_as_its_sound_whatever_stands_in_front_of_that() {
    let folder = tempfile::tempdir().unwrap();
    // 16 bits, one channel, 8,000 times a second: two seconds.
    let format = chunk(*b"fmt ", b"\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0");
    let sound = chunk(*b"data", &vec![0x20; 32_000]);
    let info = |text: &[u8]| chunk(*b"LIST", &[&b"INFO"[..], &chunk(*b"ISFT", text)].concat());
    for (name, before) in [
        ("nothing", vec![]),
        ("even", vec![info(b"Lavf")]),
        ("odd text", vec![info(b"Lavf5")]),
        ("odd chunk", vec![chunk(*b"id3 ", b"ID3\x04\0\0\0\0\0\0\0")]),
        ("two odd chunks", vec![chunk(*b"abcd", b"1"), chunk(*b"efgh", b"123")]),
    ] {
        let chunks = [vec![format.clone()], before, vec![sound.clone()]].concat();
        let path = file(&folder, "padded.wav", &riff(*b"WAVE", &chunks));
        assert_eq!(facts(&path).duration.map(|l| l.as_millis()), Some(2000), "{name}");
    }
}

fn ffmpeg(arguments: &[&str], out: &Path) {
    let status = Command::new("ffmpeg")
        .args(["-nostdin", "-loglevel", "error", "-y"])
        .args(arguments)
        .arg(out)
        .status();
    assert!(status.unwrap().success(), "ffmpeg {arguments:?}: scripts/setup test installs it");
}

// Of something long only some places are listened to. What a decoder still has of one place is nothing of the next.
#[test]
fn silence_between_loud_places_of_a_long_file_is_silent() {
    const COLUMNS: usize = 142;
    /// Seconds between two places.
    const APART: f64 = 1.5;
    let folder = tempfile::tempdir().unwrap();
    let tone = folder.path().join("tone.wav");
    // Every second place is in the middle of a tone, and every other one in the middle of silence.
    let loud = format!("between(mod(t,{}),{},{})", APART * 2.0, APART / 2.0, APART * 1.5);
    let source = format!("aevalsrc='0.8*sin(2*PI*440*t)*{loud}':s=16000:d={}", COLUMNS as f64 * APART);
    ffmpeg(&["-f", "lavfi", "-i", &source], &tone);
    let tone_path = tone.to_str().unwrap();
    for (name, coding) in [("long.m4a", "aac"), ("long.mp3", "libmp3lame"), ("long.wav", "pcm_s16le")] {
        let path = folder.path().join(name);
        ffmpeg(&["-i", tone_path, "-c:a", coding, "-b:a", "48k"], &path);
        let Some(Ok(Preview::Waveform(peaks))) = inspect(&path).preview else {
            panic!("{name} has no waveform")
        };
        assert_eq!(peaks.len(), COLUMNS, "{name}");
        let (silent, loud): (Vec<_>, Vec<_>) =
            peaks[..COLUMNS - 2].chunks_exact(2).map(|pair| (pair[0], pair[1])).unzip();
        assert!(loud.iter().all(|peak| *peak > 150), "{name}: {loud:?}");
        assert!(silent.iter().all(|peak| *peak < 10), "{name}: {silent:?}");
    }
}

#[test]
fn captions_look_like_captions_and_other_text_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let is_captions = |name: &str, text: &str| {
        let path: PathBuf = file(&folder, name, text.as_bytes());
        let recognised = facts(&path).recognised;
        recognised.media().is_some_and(|media| media.kind() == Kind::Captions)
    };
    for (name, text) in [
        ("a.srt", "1\n00:00:01,000 --> 00:00:02,000\nHello\n"),
        ("a.SRT", "\u{feff}1\r\n00:00:01,000 --> 00:00:02,000\r\nПривет\r\n"),
        ("a.ass", "[Script Info]\nTitle: x\n\n[Events]\n"),
        ("a.ass", "\u{feff}[script info]\r\nScriptType: v4.00+\r\n"),
        ("a.lrc", "[ti:Song]\n[00:12.00]First line\n"),
        ("a.lrc", "[00:12.00]First line\n"),
    ] {
        assert!(is_captions(name, text), "{name}: {text:?}");
    }
    let prose = "Dear diary,\ntoday nothing happened at all, and tomorrow will be the same.\n";
    let list = "name,count\nfirst,1\nsecond,2\n";
    for (name, text) in [
        ("a.srt", prose),
        ("a.srt", list),
        ("a.srt", "[00:12.00]First line\n"),
        ("a.ass", prose),
        ("a.ass", list),
        ("a.ass", "1\n00:00:01,000 --> 00:00:02,000\nHello\n"),
        ("a.ass", "[section]\nkey=value\n"),
        ("a.lrc", prose),
        ("a.lrc", list),
        ("a.txt", "1\n00:00:01,000 --> 00:00:02,000\nHello\n"),
        ("a.png", "[00:12.00]First line\n"),
    ] {
        assert!(!is_captions(name, text), "{name}: {text:?}");
    }
    assert_eq!(facts(&file(&folder, "b.srt", b"a --> b\0")).recognised, DetectedType::Unknown);
}
