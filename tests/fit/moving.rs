//! Sound and video: converted, made smaller, cut.

use std::path::{Path, PathBuf};
use std::time::Duration;

use hoist::model::fit::FitWishes;
use hoist::model::media::Media;

use crate::eyes::{decoded, probe, run, seconds};
use crate::{fitted, limits};

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A recording of so many seconds, in which each second sounds and looks different.
fn recording(folder: &Path, name: &str, length: &str, video: Option<&str>, args: &[&str]) -> PathBuf {
    let path = folder.join(name);
    let mut all = vec!["-v", "error", "-y"];
    let source = video.map(|size| format!("testsrc2=size={size}:rate=25"));
    if let Some(source) = &source {
        all.extend(["-f", "lavfi", "-i", source]);
    }
    all.extend([
        "-f",
        "lavfi",
        "-i",
        "aevalsrc=0.4*sin(2*PI*(220+t*40)*t)|0.4*sin(2*PI*330*t):s=44100",
        "-t",
        length,
    ]);
    all.extend(args);
    all.push(text(&path));
    run("ffmpeg", &all);
    path
}

fn codec(path: &Path) -> String {
    probe(path, "stream=codec_name").replace('\n', " ").replace(',', "")
}

#[test]
fn lossless_sound_becomes_a_wav_of_the_same_samples() {
    let folder = tempfile::tempdir().unwrap();
    let to = tempfile::tempdir().unwrap();
    for (name, args) in [
        ("a.flac", &["-sample_fmt", "s16"][..]),
        ("a.aiff", &[]),
        ("alac.m4a", &["-c:a", "alac", "-sample_fmt", "s16p"]),
    ] {
        let file = recording(folder.path(), name, "3", None, args);
        let (copy, facts) = fitted(&file, &limits(&[Media::Wav]), &FitWishes::default(), to.path());
        assert_eq!(
            (codec(&copy).as_str(), facts.recognised.media()),
            ("pcm_s16le", Some(Media::Wav)),
            "{name}"
        );
        let samples = |path: &Path| {
            run(
                "ffmpeg",
                &["-v", "error", "-i", text(path), "-f", "s16le", "-c:a", "pcm_s16le", "-f", "hash", "-"],
            )
        };
        assert_eq!(samples(&copy), samples(&file), "{name}");
    }
    // What the waves of one second sound like stays, whatever they were coded as.
    for (name, args) in [("a.ogg", &["-c:a", "libvorbis"][..]), ("a.opus", &[])] {
        let file = recording(folder.path(), name, "3", None, args);
        let (copy, _) = fitted(&file, &limits(&[Media::Wav]), &FitWishes::default(), to.path());
        assert_eq!(codec(&copy), "pcm_s16le", "{name}");
        assert!((seconds(&copy) - 3.0).abs() < 0.1, "{name}: {}", seconds(&copy));
    }
}

#[test]
fn sound_is_cut_and_made_smaller() {
    let folder = tempfile::tempdir().unwrap();
    let to = tempfile::tempdir().unwrap();
    let flac = recording(folder.path(), "a.flac", "40", None, &[]);
    let mut row = limits(&[Media::Wav]);
    row.max_duration = Some(Duration::from_secs(15));
    let wishes = FitWishes { start_ms: 10_000, ..FitWishes::default() };
    let (copy, _) = fitted(&flac, &row, &wishes, to.path());
    assert!((seconds(&copy) - 15.0).abs() < 0.01, "{}", seconds(&copy));
    let part = |path: &Path, from: &str| {
        run("ffmpeg", &["-v", "error", "-ss", from, "-i", text(path), "-t", "2", "-f", "hash", "-"])
    };
    assert_eq!(part(&copy, "0"), part(&flac, "10"), "it begins where it was wished");
    let wav = recording(folder.path(), "a.wav", "40", None, &[]);
    let mut small = limits(&[Media::Wav, Media::Mp3, Media::M4a]);
    for max in [1_500_000, 500_000, 200_000, 100_000] {
        small.max_bytes = Some(max);
        let (copy, facts) = fitted(&wav, &small, &FitWishes::default(), to.path());
        assert!(facts.size <= max && codec(&copy) != "pcm_s16le", "{max}: {}", facts.size);
        if max > 150_000 {
            assert!((seconds(&copy) - 40.0).abs() < 0.2, "{max}: {}", seconds(&copy));
        } else {
            assert!(seconds(&copy) > 20.0, "the beginning of it");
        }
    }
    small.types = vec![Media::Wav];
    small.max_bytes = Some(2_000_000);
    let (copy, facts) = fitted(&wav, &small, &FitWishes::default(), to.path());
    assert_eq!((probe(&copy, "stream=channels").as_str(), facts.size <= 2_000_000), ("1", true));
}

#[test]
fn video_that_mp4_has_room_for_is_not_coded_anew() {
    let folder = tempfile::tempdir().unwrap();
    let to = tempfile::tempdir().unwrap();
    for name in ["a.mov", "a.mkv"] {
        let file = recording(
            folder.path(),
            name,
            "2",
            Some("320x240"),
            &["-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac"],
        );
        let (copy, facts) = fitted(&file, &limits(&[Media::Mp4]), &FitWishes::default(), to.path());
        assert_eq!(facts.recognised.media(), Some(Media::Mp4), "{name}");
        let pictures = |path: &Path| {
            run(
                "ffmpeg",
                &[
                    "-v",
                    "error",
                    "-i",
                    text(path),
                    "-map",
                    "0:v",
                    "-c",
                    "copy",
                    "-bsf:v",
                    "h264_mp4toannexb",
                    "-f",
                    "hash",
                    "-",
                ],
            )
        };
        assert_eq!(pictures(&copy), pictures(&file), "{name}");
    }
}

#[test]
fn other_video_becomes_h264_and_fits_bytes_length_and_sides() {
    let folder = tempfile::tempdir().unwrap();
    let to = tempfile::tempdir().unwrap();
    for (name, args) in [
        ("a.avi", &["-c:v", "mpeg4", "-c:a", "mp3"][..]),
        ("a.webm", &["-c:v", "libvpx", "-c:a", "libvorbis"]),
        ("a.3gp", &["-s", "352x288", "-c:v", "h263", "-c:a", "aac"]),
    ] {
        let file = recording(folder.path(), name, "2", Some("352x288"), args);
        let (copy, facts) = fitted(&file, &limits(&[Media::Mp4]), &FitWishes::default(), to.path());
        assert_eq!(codec(&copy), "h264 aac", "{name}");
        assert_eq!(facts.pixels, Some((352, 288)), "{name}");
        assert!((seconds(&copy) - 2.0).abs() < 0.25, "{name}: {}", seconds(&copy));
    }
    let long = recording(
        folder.path(),
        "long.mp4",
        "20",
        Some("1280x720"),
        &["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"],
    );
    let mut row = limits(&[Media::Mp4]);
    row.max_bytes = Some(900_000);
    let (copy, facts) = fitted(&long, &row, &FitWishes::default(), to.path());
    assert!(facts.size <= 900_000 && facts.size > 450_000, "{}", facts.size);
    assert!((seconds(&copy) - 20.0).abs() < 0.2 && codec(&copy) == "h264 aac");
    row.max_bytes = None;
    row.max_duration = Some(Duration::from_secs(5));
    row.pixels = Some((100, 640));
    let wishes = FitWishes { start_ms: 8_000, strip: true, ..FitWishes::default() };
    let (copy, facts) = fitted(&long, &row, &wishes, to.path());
    assert!(seconds(&copy) <= 5.0 && seconds(&copy) > 4.7, "{}", seconds(&copy));
    assert_eq!(facts.pixels, Some((640, 360)));
    let _ = decoded(&copy);
}

/// Frames as a phone records them: some are left out, and the sound begins before the first.
const UNEVEN: &str =
    "select='not(mod(n\\,2))+lt(n\\,30)*not(mod(n\\,3))+eq(mod(n\\,7)\\,0)',setpts=PTS+0.02/TB";

fn frames(path: &Path) -> usize {
    let all =
        ["-v", "error", "-select_streams", "v", "-count_frames", "-show_entries", "stream=nb_read_frames"];
    let counted = run("ffprobe", &[&all[..], &["-of", "csv=p=0", text(path)]].concat());
    counted.trim().trim_end_matches(',').parse().unwrap()
}

#[test]
fn frames_that_last_unevenly_are_coded_in_two_passes_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let to = tempfile::tempdir().unwrap();
    let args = ["-vf", UNEVEN, "-vsync", "vfr", "-c:v", "mpeg4", "-b:v", "4M", "-c:a", "aac"];
    let file = recording(folder.path(), "phone.mov", "4", Some("320x240"), &args);
    let mut row = limits(&[Media::Mp4]);
    row.max_bytes = Some(std::fs::metadata(&file).unwrap().len() / 2);
    let (copy, facts) = fitted(&file, &row, &FitWishes::default(), to.path());
    assert!(facts.size <= row.max_bytes.unwrap() && codec(&copy) == "h264 aac");
    assert!((seconds(&copy) - 4.0).abs() < 0.25, "{}", seconds(&copy));
    assert_eq!(frames(&copy), frames(&file), "no frame is shown twice, and none is left out");
}

#[test]
fn a_small_video_below_a_large_limit_is_not_blown_up_to_it() {
    let folder = tempfile::tempdir().unwrap();
    let to = tempfile::tempdir().unwrap();
    let args = ["-c:v", "libvpx", "-b:v", "150k", "-c:a", "libvorbis"];
    let file = recording(folder.path(), "screen.webm", "5", Some("640x360"), &args);
    let size = std::fs::metadata(&file).unwrap().len();
    let mut row = limits(&[Media::Mp4]);
    row.max_bytes = Some(100_000_000);
    let (copy, facts) = fitted(&file, &row, &FitWishes::default(), to.path());
    assert!(facts.size < size * 8, "{size} came to {}", facts.size);
    assert_eq!(codec(&copy), "h264 aac");
}
