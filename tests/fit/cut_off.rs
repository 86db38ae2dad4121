//! Sound and video of which the end is missing: found, and not passed off as whole. What merely looks so is left alone.

use std::path::{Path, PathBuf};
use std::time::Duration;

use hoist::media::fit::FitError;
use hoist::media::inspect::inspect;
use hoist::model::fit::FitWishes;
use hoist::model::media::{Damage, Media};

use crate::eyes::run;
use crate::{fit, limits};

/// Some seconds of sound that stay large in every codec, the same each time: a cut that by chance is between two frames of a FLAC
/// leaves a whole one, which is shorter.
const NOISE: &str = "anoisesrc=d=3:c=pink:r=44100:a=0.4:seed=7,aformat=channel_layouts=stereo";

/// Each way in which sound is written that says how much of it there is.
const COUNTED: [(&str, &[&str]); 10] = [
    ("a.wav", &["-c:a", "pcm_s16le"]),
    ("a24.wav", &["-c:a", "pcm_s24le"]),
    ("big.wav", &["-rf64", "always"]),
    ("a.aiff", &["-c:a", "pcm_s16be"]),
    ("a.flac", &["-c:a", "flac"]),
    ("a24.flac", &["-c:a", "flac", "-sample_fmt", "s32"]),
    ("a.mp3", &["-b:a", "192k"]),
    ("vbr.mp3", &["-q:a", "3"]),
    ("a.ogg", &["-c:a", "libvorbis"]),
    ("a.opus", &["-c:a", "libopus"]),
];

fn sound(folder: &Path, name: &str, source: &str, args: &[&str]) -> PathBuf {
    let path = folder.join(name);
    let input = ["-v", "error", "-y", "-f", "lavfi", "-i", source];
    run("ffmpeg", &[&input[..], args, &[path.to_str().unwrap()]].concat());
    path
}

/// The same file with other bytes.
fn with(file: &Path, bytes: &[u8]) -> PathBuf {
    let path = file.with_file_name(format!("x-{}", file.file_name().unwrap().to_str().unwrap()));
    std::fs::write(&path, bytes).unwrap();
    path
}

fn damage(file: &Path) -> Option<Damage> {
    inspect(file).unwrap().damaged
}

#[test]
fn sound_that_was_cut_off_is_found_wherever_that_was_and_is_not_converted() {
    let (folder, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for (name, args) in COUNTED {
        let file = sound(folder.path(), name, NOISE, args);
        assert_eq!(damage(&file), None, "{name} is whole");
        let whole = std::fs::read(&file).unwrap();
        for part in [95, 71, 52, 33] {
            let cut = with(&file, &whole[..whole.len() * part / 100 + 3]);
            assert_eq!(damage(&cut), Some(Damage::CutOff), "{name}: {part} % of it");
        }
        let half = with(&file, &whole[..whole.len() / 2 + 3]);
        let row = limits(&[Media::Wav, Media::M4a, Media::Mp3]);
        let other = FitWishes {
            format: Some(if name.ends_with("wav") { Media::M4a } else { Media::Wav }),
            ..FitWishes::default()
        };
        assert_eq!(fit(&half, &row, &other, to.path()), Err(FitError::Broken), "{name}");
        assert_eq!(std::fs::read_dir(to.path()).unwrap().count(), 0, "{name}: something is left");
    }
}

#[test]
fn a_flac_that_is_cut_to_fit_counts_the_samples_that_it_has() {
    let (folder, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let file = sound(folder.path(), "a.flac", NOISE, &["-sample_fmt", "s32"]);
    let mut row = limits(&[Media::Flac]);
    row.max_duration = Some(Duration::from_secs(1));
    let made = fit(&file, &row, &FitWishes::default(), to.path()).unwrap();
    let facts = inspect(&made.path).unwrap();
    let length = facts.duration.unwrap().as_secs_f64();
    assert!((0.8..=1.0).contains(&length) && !facts.duration_is_guess, "{length}");
    assert_eq!(facts.audio.unwrap().bits, Some(24));
}

#[test]
fn a_film_that_was_cut_off_is_not_passed_off_as_whole() {
    let (folder, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for name in ["a.mkv", "a.webm"] {
        let path = folder.path().join(name);
        let source = ["-v", "error", "-f", "lavfi", "-i", "testsrc2=s=320x240:d=3"];
        run("ffmpeg", &[&source[..], &["-g", "10", path.to_str().unwrap()]].concat());
        let whole = std::fs::read(&path).unwrap();
        let cut = with(&path, &whole[..whole.len() / 2]);
        assert_eq!(damage(&cut), Some(Damage::CutOff), "{name}");
        assert_eq!(
            fit(&cut, &limits(&[Media::Mp4]), &FitWishes::default(), to.path()),
            Err(FitError::Broken)
        );
    }
}

#[test]
fn sound_whose_writer_did_not_know_its_length_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let file = sound(folder.path(), "a.wav", NOISE, &["-c:a", "pcm_s16le"]);
    let whole = std::fs::read(&file).unwrap();
    let data = whole.windows(4).position(|name| name == b"data").unwrap() + 4;
    let there = whole.len() - data - 4;
    // Streams write one of these; others count their own head along.
    let sizes = [0, u32::MAX, 0x7fff_ffff, 0x7fff_ffff - 36, u32::MAX - 36, 0x8000_0000];
    for size in sizes.into_iter().chain([there as u32 + 44, whole.len() as u32]) {
        let mut bytes = whole.clone();
        bytes[data..data + 4].copy_from_slice(&size.to_le_bytes());
        assert_eq!(damage(&with(&file, &bytes)), None, "a size of {size}");
    }
    // What ffmpeg writes into a pipe: heads that it cannot go back to.
    for (name, format) in
        [("p.wav", "wav"), ("p.flac", "flac"), ("p.mp3", "mp3"), ("p.ogg", "ogg"), ("p.aiff", "aiff")]
    {
        let path = folder.path().join(name);
        let call = format!("ffmpeg -v error -f lavfi -i '{NOISE}' -f {format} - > '{}'", path.display());
        run("sh", &["-c", &call]);
        assert_eq!(damage(&path), None, "{name}");
    }
}

#[test]
fn sound_that_ends_between_two_parts_was_recorded_or_cut_so_by_somebody() {
    let folder = tempfile::tempdir().unwrap();
    // A broadcast that was recorded: whole pages, and none that says that it is the last.
    for (name, coder) in [("a.ogg", "libvorbis"), ("a.opus", "libopus")] {
        let file = sound(folder.path(), name, NOISE, &["-c:a", coder]);
        let bytes = std::fs::read(&file).unwrap();
        let pages: Vec<_> =
            bytes.windows(4).enumerate().filter(|(_, w)| *w == b"OggS").map(|(at, _)| at).collect();
        for page in &pages[3..] {
            assert_eq!(damage(&with(&file, &bytes[..*page])), None, "{name} to {page}");
        }
    }
    // An MP3 that was cut between two frames keeps its table.
    let file = sound(folder.path(), "a.mp3", NOISE, &["-b:a", "128k", "-write_id3v2", "0"]);
    let bytes = std::fs::read(&file).unwrap();
    let frames: Vec<_> = run(
        "ffprobe",
        &["-v", "error", "-show_entries", "packet=pos", "-of", "csv=p=0", file.to_str().unwrap()],
    )
    .lines()
    .filter_map(|line| line.trim_end_matches(',').parse::<usize>().ok())
    .collect();
    assert_eq!(damage(&with(&file, &bytes[..frames[frames.len() / 2]])), None);
}

#[test]
fn whole_sound_is_whole_however_small_its_parts_are_and_whatever_stands_behind_it() {
    let folder = tempfile::tempdir().unwrap();
    let tag = [&b"TAG"[..], &[b'x'; 125]].concat();
    for (name, args) in COUNTED {
        for source in ["anullsrc=d=5", "sine=d=0.05", "sine=d=0.2,aresample=48000"] {
            let file = sound(folder.path(), name, source, args);
            assert_eq!(damage(&file), None, "{name} of {source}");
            let bytes = std::fs::read(&file).unwrap();
            for (what, more) in [("a tag", &tag[..]), ("zeros", &[0; 5000]), ("a byte", &[0])] {
                assert_eq!(
                    damage(&with(&file, &[&bytes, more].concat())),
                    None,
                    "{name} of {source}: {what}"
                );
            }
        }
    }
    // Cut without coding it anew, by others: the head of the FLAC counts what it was cut from.
    for name in ["long.mp3", "long.flac", "long.ogg", "long.wav"] {
        let long = sound(folder.path(), name, NOISE, &[]);
        let part = folder.path().join(format!("part-{name}"));
        let cut = ["-v", "error", "-y", "-i", long.to_str().unwrap(), "-t", "1.5", "-c", "copy"];
        run("ffmpeg", &[&cut[..], &[part.to_str().unwrap()]].concat());
        let facts = inspect(&part).unwrap();
        assert_eq!(facts.damaged, None, "{name}");
        let length = facts.duration.unwrap().as_secs_f64();
        assert!((length - 1.5).abs() < 0.2, "{name}: {length}");
    }
}
