//! Sound and picture of a film, each coded anew only where it must be; and files that only ffmpeg reads.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use hoist::media::ffprobe;
use hoist::media::fit::{Tools, plan};
use hoist::media::inspect::inspect;
use hoist::model::fit::{ChangeKind, FitWishes, NoPlan, Recoding};
use hoist::model::media::Media;

use crate::eyes::{probe, run, seconds};
use crate::{WITH_FFMPEG, fit, fitted, limits, made_of};

const H264: [&str; 6] = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"];

/// Two seconds of a film, coded so.
fn film(folder: &Path, name: &str, args: &[&str]) -> PathBuf {
    let path = folder.join(name);
    let source = [
        "-f",
        "lavfi",
        "-i",
        "testsrc2=size=320x240:rate=25:duration=2",
        "-f",
        "lavfi",
        "-i",
        "aevalsrc=0.4*sin(2*PI*440*t)|0.4*sin(2*PI*330*t):s=48000:d=2",
    ];
    run("ffmpeg", &[&["-v", "error", "-y"], &source[..], args, &[path.to_str().unwrap()]].concat());
    path
}

/// A hash of one stream's packets, as they are without a container.
fn packets(path: &Path, stream: &str, filter: &[&str]) -> String {
    let input = ["-v", "error", "-i", path.to_str().unwrap(), "-map", stream, "-c", "copy"];
    run("ffmpeg", &[&input[..], filter, &["-f", "hash", "-"]].concat())
}

fn picture(path: &Path) -> String {
    packets(path, "0:v", &["-bsf:v", "h264_mp4toannexb"])
}

fn codecs(path: &Path) -> String {
    probe(path, "stream=codec_name").replace('\n', " ").replace(',', "")
}

#[test]
fn a_picture_that_mp4_has_room_for_stays_whatever_its_sound_is() {
    let (folder, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for (name, codec, args) in [
        ("pcm.mov", "PCM", &["-c:a", "pcm_s16le"][..]),
        ("pcm24.mov", "PCM", &["-c:a", "pcm_s24be"]),
        ("alac.mov", "ALAC", &["-c:a", "alac"]),
        ("flac.mkv", "FLAC", &["-c:a", "flac"]),
        ("opus.mkv", "Opus", &["-c:a", "libopus"]),
        ("vorbis.mkv", "Vorbis", &["-c:a", "libvorbis"]),
        ("ac3.mkv", "AC-3", &["-c:a", "ac3"]),
    ] {
        let file = film(folder.path(), name, &[&H264[..], args].concat());
        let mut row = limits(&[Media::Mp4]);
        row.max_bytes = Some(50_000_000);
        let made = fit(&file, &row, &FitWishes::default(), to.path()).unwrap();
        assert_eq!(codecs(&made.path), "h264 aac", "{name}");
        assert_eq!(picture(&made.path), picture(&file), "{name}: the picture is another one");
        assert!((seconds(&made.path) - 2.0).abs() < 0.1, "{name}: {}", seconds(&made.path));
        let told: Vec<_> =
            made.changes.iter().map(|change| (change.kind, &*change.from, &*change.to)).collect();
        let from = if name.ends_with("mov") { "MOV" } else { "MKV" };
        let expected = [(ChangeKind::Type, from, "MP4"), (ChangeKind::AudioCodec, codec, "AAC")];
        assert_eq!(told, expected, "{name}");
    }
}

#[test]
fn sound_that_mp4_has_room_for_stays_where_the_picture_is_coded_anew() {
    let (folder, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let file = film(folder.path(), "a.mkv", &["-c:v", "libvpx-vp9", "-b:v", "300k", "-c:a", "aac"]);
    for (case, wishes) in [
        ("another codec", FitWishes::default()),
        ("smaller", FitWishes { max_side: Some(160), ..FitWishes::default() }),
    ] {
        let made = fit(&file, &limits(&[Media::Mp4]), &wishes, to.path()).unwrap();
        assert_eq!(codecs(&made.path), "h264 aac", "{case}");
        assert_eq!(packets(&made.path, "0:a", &[]), packets(&file, "0:a", &[]), "{case}: other sound");
        let kinds: Vec<_> = made.changes.iter().map(|change| change.kind).collect();
        assert!(
            kinds.contains(&ChangeKind::VideoCodec) && !kinds.contains(&ChangeKind::AudioCodec),
            "{kinds:?}"
        );
    }
}

#[test]
fn a_film_that_only_its_samples_make_too_large_keeps_its_picture() {
    let (folder, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let sound = ["-c:a", "pcm_s24le", "-ar", "96000"];
    let file = film(folder.path(), "a.mov", &[&H264[..], &["-crf", "35"], &sound].concat());
    let size = std::fs::metadata(&file).unwrap().len();
    let mut row = limits(&[Media::Mp4, Media::Mov]);
    row.max_bytes = Some(size / 3);
    let (copy, facts) = fitted(&file, &row, &FitWishes::default(), to.path());
    assert!(facts.size <= size / 3, "{size} became {}", facts.size);
    assert_eq!(picture(&copy), picture(&file));
}

/// What ffmpeg reads and Hoist does not, by its name.
const FOREIGN_FILMS: [(&str, &[&str]); 4] = [
    ("a.ts", &["-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac"]),
    ("a.flv", &["-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac"]),
    ("a.mpg", &["-c:v", "mpeg2video", "-c:a", "mp2"]),
    ("a.wmv", &["-c:v", "wmv2", "-c:a", "wmav2"]),
];

#[test]
fn films_that_only_ffmpeg_reads_are_converted_within_the_limits() {
    let (folder, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut row = limits(&[Media::Mp4]);
    row.max_bytes = Some(20_000_000);
    row.max_duration = Some(Duration::from_mins(1));
    for (name, args) in FOREIGN_FILMS {
        let file = film(folder.path(), name, args);
        let facts = inspect(&file).unwrap();
        assert_eq!(facts.duration, None, "{name}: nothing is started for what is only added");
        // What a button offers, before anything is asked; and without ffprobe the sentence.
        let offered = plan(
            &facts,
            std::slice::from_ref(&row),
            &FitWishes::default(),
            Tools { ffmpeg: true, ffprobe: true },
        );
        assert_eq!(offered.unwrap().unwrap().output, Media::Mp4, "{name}");
        let without = plan(&facts, std::slice::from_ref(&row), &FitWishes::default(), WITH_FFMPEG);
        assert_eq!(without, Err(NoPlan::LengthUnknown), "{name}");
        let made = made_of(&file, &row, &FitWishes::default(), to.path()).unwrap();
        assert_eq!(codecs(&made.path), "h264 aac", "{name}");
        assert!((seconds(&made.path) - 2.0).abs() < 0.2, "{name}: {}", seconds(&made.path));
        if codecs(&file) == "h264 aac" {
            assert_eq!(packets(&made.path, "0:a", &[]).len(), packets(&file, "0:a", &[]).len());
            let told: Vec<_> = made.changes.iter().map(|change| change.kind).collect();
            assert_eq!(told, [ChangeKind::Type], "{name}: it is copied as it is");
        }
    }
}

#[test]
fn a_film_that_only_ffmpeg_reads_is_cut_to_the_length_that_is_accepted() {
    let (folder, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut row = limits(&[Media::Mp4]);
    row.max_duration = Some(Duration::from_secs(1));
    let file = film(folder.path(), FOREIGN_FILMS[2].0, FOREIGN_FILMS[2].1);
    let made = made_of(&file, &row, &FitWishes::default(), to.path()).unwrap();
    assert!(seconds(&made.path) <= 1.0, "{}", seconds(&made.path));
    assert!(made.changes.iter().any(|change| change.kind == ChangeKind::Duration), "{:?}", made.changes);
}

#[test]
fn sound_that_only_ffmpeg_reads_becomes_a_wav_of_the_same_samples() {
    let (folder, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut row = limits(&[Media::Wav]);
    row.max_bytes = Some(20_000_000);
    for (name, codec) in [
        ("a.caf", "pcm_s16be"),
        ("b.caf", "pcm_s24le"),
        ("a.au", "pcm_s16be"),
        ("a.w64", "pcm_s24le"),
        ("a.wv", "wavpack"),
        ("a.tta", "tta"),
    ] {
        let format = if codec == "wavpack" { "s16p" } else { "s16" };
        let format = if codec.starts_with("pcm_") { &[][..] } else { &["-sample_fmt", format] };
        let file = film(folder.path(), name, &[&["-map", "1:a", "-c:a", codec], format].concat());
        let made = made_of(&file, &row, &FitWishes::default(), to.path()).unwrap();
        let wanted = if codec == "pcm_s24le" { "pcm_s24le" } else { "pcm_s16le" };
        assert_eq!(codecs(&made.path), wanted, "{name}");
        let samples = |path: &Path| {
            let input = ["-v", "error", "-i", path.to_str().unwrap()];
            run("ffmpeg", &[&input[..], &["-c:a", wanted, "-f", "hash", "-"]].concat())
        };
        assert_eq!(samples(&made.path), samples(&file), "{name}");
    }
}

#[test]
fn a_container_for_video_that_has_none_is_sound() {
    let (folder, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let file = film(folder.path(), "radio.ts", &["-map", "1:a", "-c:a", "aac"]);
    let mut row = limits(&[Media::M4a, Media::Mp4]);
    row.max_bytes = Some(20_000_000);
    let made = made_of(&file, &row, &FitWishes::default(), to.path()).unwrap();
    assert_eq!((codecs(&made.path).as_str(), made.path.extension().unwrap()), ("aac", "m4a".as_ref()));
    assert!((seconds(&made.path) - 2.0).abs() < 0.2, "{}", seconds(&made.path));
    let refused = made_of(&file, &limits(&[Media::Mp4]), &FitWishes::default(), to.path());
    assert_eq!(refused.unwrap_err().to_string(), "This provider doesn't accept audio");
}

#[test]
fn a_file_that_ffprobe_does_not_read_either_has_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.ts");
    // Packets of one size, and nothing in them.
    let mut bytes = vec![0u8; 188 * 20];
    bytes.iter_mut().step_by(188).for_each(|byte| *byte = 0x47);
    std::fs::write(&file, bytes).unwrap();
    let mut facts = inspect(&file).unwrap();
    ffprobe::complete(&mut facts, &AtomicBool::new(false));
    let mut row = limits(&[Media::Mp4]);
    row.max_bytes = Some(20_000_000);
    let plan = plan(&facts, &[row], &FitWishes::default(), WITH_FFMPEG);
    assert_eq!(plan, Err(NoPlan::LengthUnknown));
}

#[test]
fn a_copy_stays_below_what_a_provider_advises_where_that_costs_bits_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = film(folder.path(), "a.flac", &["-map", "1:a"]);
    let facts = inspect(&file).unwrap();
    let mut row = limits(&[Media::Wav, Media::M4a]);
    let of = |row| plan(&facts, &[row], &FitWishes::default(), WITH_FFMPEG).unwrap().unwrap();
    assert_eq!(of(row.clone()).output, Media::Wav);
    // A WAV of two seconds has 384 kB.
    row.advised_bytes = Some(200_000);
    let advised = of(row.clone());
    assert_eq!((advised.output, advised.max_bytes), (Media::M4a, None), "advice does not stop it");
    row.advised_bytes = Some(400_000);
    assert_eq!(of(row.clone()).output, Media::Wav);
    // Where only less of it would do, the advice is not followed.
    row.types = vec![Media::Wav];
    row.advised_bytes = Some(100_000);
    let whole = of(row.clone());
    assert_eq!((whole.cut, whole.mono, whole.recoding), (None, false, Recoding::All));
    // What is accepted as it is stays as it is, whatever is advised.
    row.types = vec![Media::Flac];
    row.advised_bytes = Some(1000);
    assert_eq!(plan(&facts, &[row], &FitWishes::default(), WITH_FFMPEG), Ok(None));
}
