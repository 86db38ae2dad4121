//! Samples of sound: as fine as they were, as many channels as are told, and what stands beside them.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU8};

use hoist::media::details;
use hoist::media::fit::{Control, make, plan};
use hoist::media::inspect::inspect;
use hoist::model::fit::{ChangeKind, FitChange, FitWishes};
use hoist::model::media::{Media, Metadata};

use crate::eyes::{all_tags, probe, run, seconds};
use crate::{WITH_FFMPEG, fit, limits, sample};

fn sound(folder: &Path, name: &str, source: &str, args: &[&str]) -> PathBuf {
    let path = folder.join(name);
    let input = ["-v", "error", "-y", "-f", "lavfi", "-i", source];
    run("ffmpeg", &[&input[..], args, &[path.to_str().unwrap()]].concat());
    path
}

/// A hash of the samples as this codec writes them.
fn samples(path: &Path, codec: &str) -> String {
    run("ffmpeg", &["-v", "error", "-i", path.to_str().unwrap(), "-c:a", codec, "-f", "hash", "-"])
}

/// The loudest sample of each channel, in decibels below the loudest that there is.
fn peaks(path: &Path) -> Vec<f64> {
    let filter = "astats=metadata=1:reset=0,ametadata=print:file=-";
    let said =
        run("ffmpeg", &["-v", "error", "-i", path.to_str().unwrap(), "-af", filter, "-f", "null", "-"]);
    let channels = probe(path, "stream=channels").parse().unwrap();
    (1..=channels)
        .map(|channel: usize| {
            let name = format!("lavfi.astats.{channel}.Peak_level=");
            let last = said.lines().filter_map(|line| line.strip_prefix(&name)).next_back().unwrap();
            if last == "-inf" { -200.0 } else { last.parse().unwrap() }
        })
        .collect()
}

fn change(kind: ChangeKind, from: &str, to: &str) -> FitChange {
    FitChange { kind, from: from.into(), to: to.into() }
}

#[test]
fn samples_of_24_bits_stay_as_fine_as_they_are_where_there_is_room_for_them() {
    let (folder, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let tone = "aevalsrc=0.3*sin(2*PI*440*t)|0.2*sin(2*PI*333*t):s=48000:d=2";
    for (name, args) in [
        ("a.flac", &["-sample_fmt", "s32"][..]),
        ("a.aiff", &["-c:a", "pcm_s24be"]),
        ("a.m4a", &["-c:a", "alac", "-sample_fmt", "s32p"]),
        ("a.mka", &["-c:a", "pcm_s24le"]),
        ("flac.mka", &["-c:a", "flac", "-sample_fmt", "s32"]),
    ] {
        let file = sound(folder.path(), name, tone, args);
        assert_eq!(inspect(&file).unwrap().audio.unwrap().bits, Some(24), "{name}");
        let mut row = limits(&[Media::Wav]);
        let made = fit(&file, &row, &FitWishes::default(), to.path()).unwrap();
        assert_eq!(probe(&made.path, "stream=codec_name"), "pcm_s24le", "{name}");
        assert_eq!(samples(&made.path, "pcm_s24le"), samples(&file, "pcm_s24le"), "{name}");
        assert!(
            made.changes.iter().all(|change| change.kind == ChangeKind::Type),
            "{name}: {:?}",
            made.changes
        );
        // 576 kB in 24 bits, 384 kB in 16.
        row.max_bytes = Some(500_000);
        let made = fit(&file, &row, &FitWishes::default(), to.path()).unwrap();
        assert_eq!(probe(&made.path, "stream=codec_name"), "pcm_s16le", "{name}");
        assert!(
            made.changes.contains(&change(ChangeKind::BitDepth, "24 bit", "16 bit")),
            "{:?}",
            made.changes
        );
    }
    let file = sound(folder.path(), "a16.flac", tone, &["-sample_fmt", "s16"]);
    let made = fit(&file, &limits(&[Media::Wav]), &FitWishes::default(), to.path()).unwrap();
    assert_eq!(probe(&made.path, "stream=codec_name"), "pcm_s16le");
}

#[test]
fn many_channels_become_two_without_clipping_and_without_losing_one_and_it_is_said() {
    let (folder, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    // The same loud wave in each channel, of which the sum is loudest.
    for (layout, label, channels) in [("5.1", "5.1", 6), ("7.1", "7.1", 8), ("quad", "4 channels", 4)] {
        let all = vec!["0.9*sin(2*PI*440*t)"; channels].join("|");
        let source = format!("aevalsrc={all}:c={layout}:s=48000:d=1");
        let file = sound(folder.path(), "a.flac", &source, &[]);
        for format in [Media::Wav, Media::M4a, Media::Mp3] {
            let wishes = FitWishes { format: Some(format), ..FitWishes::default() };
            let made = fit(&file, &limits(&[format]), &wishes, to.path()).unwrap();
            assert_eq!(probe(&made.path, "stream=channels"), "2", "{layout} {format:?}");
            let said = change(ChangeKind::Channels, label, "stereo");
            assert!(made.changes.contains(&said), "{layout} {format:?}: {:?}", made.changes);
            let peaks = peaks(&made.path);
            // 0.9 are 0.92 dB below the loudest; codecs round that up or down.
            let range = if format == Media::Wav { -1.0..-0.85 } else { -2.0..-0.01 };
            assert!(peaks.iter().all(|peak| range.contains(peak)), "{layout} {format:?}: {peaks:?}");
        }
    }
    // What sounds in one channel alone is heard on its side.
    for (layout, channel, side) in
        [("quad", 2, 0), ("quad", 3, 1), ("5.1", 4, 0), ("5.1", 5, 1), ("7.1", 7, 1)]
    {
        let count = match layout {
            "quad" => 4,
            "5.1" => 6,
            _ => 8,
        };
        let of = |n: usize| if n == channel { "0.9*sin(2*PI*440*t)" } else { "0" };
        let all = (0..count).map(of).collect::<Vec<_>>().join("|");
        let file = sound(folder.path(), "b.flac", &format!("aevalsrc={all}:c={layout}:s=48000:d=1"), &[]);
        let made = fit(&file, &limits(&[Media::Wav]), &FitWishes::default(), to.path()).unwrap();
        let peaks = peaks(&made.path);
        assert!(peaks[side] > -20.0 && peaks[1 - side] < -80.0, "{layout} {channel}: {peaks:?}");
    }
    let file = sound(folder.path(), "s.flac", "sine=d=1,aformat=channel_layouts=stereo", &[]);
    let mut row = limits(&[Media::Wav]);
    row.max_bytes = Some(100_000);
    let made = fit(&file, &row, &FitWishes::default(), to.path()).unwrap();
    assert!(made.changes.contains(&change(ChangeKind::Channels, "stereo", "mono")), "{:?}", made.changes);
}

#[test]
fn packed_samples_play_as_long_as_their_blocks_do() {
    let folder = tempfile::tempdir().unwrap();
    for codec in ["adpcm_ima_wav", "adpcm_ms"] {
        for channels in ["mono", "stereo"] {
            let source = format!("sine=d=3:r=44100,aformat=channel_layouts={channels}");
            let file = sound(folder.path(), "a.wav", &source, &["-c:a", codec]);
            let facts = inspect(&file).unwrap();
            let (ours, theirs) = (facts.duration.unwrap().as_secs_f64(), seconds(&file));
            assert!((ours - theirs).abs() < 0.03, "{codec} {channels}: {ours} and {theirs}");
            assert!(!facts.duration_is_guess, "{codec} {channels}");
        }
    }
}

/// A tag as programs of 1998 wrote it: a note alone.
fn id3v1(comment: &str) -> Vec<u8> {
    let mut tag = vec![0; 128];
    tag[..3].copy_from_slice(b"TAG");
    tag[97..97 + comment.len()].copy_from_slice(comment.as_bytes());
    tag
}

/// A tag of APE with its foot.
fn ape(items: &[(&str, &str)]) -> Vec<u8> {
    let of = |(key, text): &(&str, &str)| {
        [&(text.len() as u32).to_le_bytes()[..], &[0; 4], key.as_bytes(), &[0], text.as_bytes()].concat()
    };
    let body: Vec<u8> = items.iter().flat_map(of).collect();
    let foot = [
        &b"APETAGEX"[..],
        &2000u32.to_le_bytes(),
        &(body.len() as u32 + 32).to_le_bytes(),
        &(items.len() as u32).to_le_bytes(),
        &[0; 12],
    ];
    [body, foot.concat()].concat()
}

#[test]
fn what_stands_behind_the_sound_is_seen_and_removed() {
    let (folder, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let tone = std::fs::read(sample("tone.mp3")).unwrap();
    let old = id3v1("12 Home Street");
    let new = ape(&[("Artist", "Jane Secret"), ("Comment", "12 Home Street")]);
    for (what, tags) in [("ID3v1", vec![&old]), ("APE", vec![&new]), ("both", vec![&new, &old])] {
        let file = folder.path().join("a.mp3");
        let tags: Vec<u8> = tags.into_iter().flatten().copied().collect();
        std::fs::write(&file, [&tone[..], &tags].concat()).unwrap();
        assert!(all_tags(&file).contains("12 Home Street"), "{what}: it is not there at all");
        let (facts, seen) = details::of_file(&file).unwrap();
        assert!(seen.metadata.contains(&Metadata::Comment("12 Home Street".into())), "{what}: {seen:?}");
        assert_eq!(seen.metadata.contains(&Metadata::Author("Jane Secret".into())), what != "ID3v1");
        let wishes = FitWishes { strip: true, ..FitWishes::default() };
        let plan = plan(&facts, &[limits(&[Media::Mp3])], &wishes, WITH_FFMPEG).unwrap().unwrap();
        let (stop, progress) = (AtomicBool::new(false), AtomicU8::new(0));
        let made = make(&plan, &facts, to.path(), &Control { stop: &stop, progress: &progress }).unwrap();
        // The sound, without the tag in front of it either.
        let copy = std::fs::read(&made.path).unwrap();
        assert!(tone.ends_with(&copy) && copy.len() > tone.len() / 2, "{what}: {} bytes", copy.len());
    }
}

/// Tags as players write them in front: an artist alone.
fn id3v2(artist: &str) -> Vec<u8> {
    let text = [&[3][..], artist.as_bytes()].concat();
    let frame = [&b"TPE1"[..], &[0, 0, 0, text.len() as u8, 0, 0], &text].concat();
    [&b"ID3\x04\0\0"[..], &[0, 0, 0, frame.len() as u8], &frame].concat()
}

#[test]
fn raw_aac_loses_its_tags_and_not_a_frame_of_sound() {
    let (folder, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let file = sound(folder.path(), "a.aac", "sine=d=2", &["-c:a", "aac"]);
    let frames = std::fs::read(&file).unwrap();
    let strip = FitWishes { strip: true, ..FitWishes::default() };
    let (front, new, old) =
        (id3v2("Jane Secret"), ape(&[("Comment", "12 Home Street")]), id3v1("12 Home Street"));
    for (what, tagged) in [
        ("in front", [&front[..], &frames].concat()),
        ("behind", [&frames[..], &new, &old].concat()),
        ("both", [&front[..], &frames, &old].concat()),
    ] {
        std::fs::write(&file, tagged).unwrap();
        let (_, seen) = details::of_file(&file).unwrap();
        assert!(!seen.metadata.is_empty(), "{what}: nothing is seen");
        let made = fit(&file, &limits(&[Media::Aac]), &strip, to.path()).unwrap();
        assert!(std::fs::read(&made.path).unwrap() == frames, "{what}: it is other sound");
        assert_eq!(made.changes, [change(ChangeKind::Metadata, "all", "none")], "{what}");
    }
}
