//! What only the streams of a film say, seen by ffprobe and ffmpeg: fields, the form of pixels, tracks and chapters; and
//! what people are told of its copy.

use std::path::{Path, PathBuf};

use hoist::model::fit::{ChangeKind, FitChange, FitWishes};
use hoist::model::media::Media;

use crate::eyes::{probe, run, seconds};
use crate::{fit, fitted, limits, made_of};

const H264: [&str; 6] = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"];

/// What ffmpeg makes of its arguments.
fn made_by_ffmpeg(folder: &Path, name: &str, args: &[&str]) -> PathBuf {
    let path = folder.join(name);
    run("ffmpeg", &[&["-v", "error", "-y"], args, &[path.to_str().unwrap()]].concat());
    path
}

/// A second of a film whose frames each show two moments, fifty a second.
fn fields(folder: &Path, name: &str, form: &str, args: &[&str]) -> PathBuf {
    let filter = format!("interlace=lowpass=0:scan=bff,{form}");
    let source = ["-f", "lavfi", "-i", "testsrc2=size=720x576:rate=50:d=1", "-vf", &filter];
    made_by_ffmpeg(folder, name, &[&source[..], args].concat())
}

const DV: [&str; 4] = ["-c:v", "dvvideo", "-pix_fmt", "yuv420p"];
const MPEG_2: [&str; 6] = ["-c:v", "mpeg2video", "-flags", "+ildct+ilme", "-b:v", "6M"];

/// How many frames look as if they showed two moments, and how many show one.
fn combed(path: &Path) -> (f64, f64) {
    let filter = ["-vf", "idet,metadata=print:file=-", "-f", "null", "-"];
    let said = run("ffmpeg", &[&["-v", "error", "-i", path.to_str().unwrap()], &filter[..]].concat());
    let count = |kind: &str| {
        let name = format!("lavfi.idet.multiple.{kind}=");
        said.lines().filter_map(|line| line.strip_prefix(&name)).next_back().unwrap().parse::<f64>().unwrap()
    };
    (count("tff") + count("bff"), count("progressive"))
}

fn change(kind: ChangeKind, from: &str, to: &str) -> FitChange {
    FitChange { kind, from: from.into(), to: to.into() }
}

#[test]
fn frames_of_two_moments_become_frames_of_one_as_many_as_there_were() {
    let (folder, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for (name, args) in [("a.avi", &DV[..]), ("a.mkv", &DV), ("a.mpg", &MPEG_2), ("a.ts", &MPEG_2)] {
        let file = fields(folder.path(), name, "setsar=16/15", args);
        let (two, one) = combed(&file);
        assert!(two > 20.0 && one < 4.0, "{name}: {two} {one}");
        let mut row = limits(&[Media::Mp4]);
        // By quality, and in two passes.
        for max in [None, Some(std::fs::metadata(&file).unwrap().len() / 4)] {
            row.max_bytes = max;
            let made = made_of(&file, &row, &FitWishes::default(), to.path()).unwrap();
            let (two, one) = combed(&made.path);
            assert!(two < 8.0 && one > 16.0, "{name} {max:?}: {two} combed, {one} not");
            let told = probe(&made.path, "stream=field_order,avg_frame_rate,nb_frames");
            assert_eq!(told, "progressive,25/1,25", "{name} {max:?}");
        }
    }
}

#[test]
fn pixels_that_are_not_square_become_square_and_no_side_is_displayed_longer_than_is_wished() {
    let (folder, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for (name, form, args, size, small) in [
        ("wide.mpg", "setsar=64/45", &MPEG_2[..], "1024,576", "320,180"),
        ("wide.ts", "setsar=64/45", &MPEG_2, "1024,576", "320,180"),
        ("pal.avi", "setsar=16/15", &DV, "768,576", "320,240"),
        ("narrow.ts", "scale=1024:576:interl=1,setsar=3/4", &MPEG_2, "768,576", "320,240"),
    ] {
        let file = fields(folder.path(), name, form, args);
        for (max_side, expected) in [(None, size), (Some(2000), size), (Some(320), small)] {
            let wishes = FitWishes { max_side, ..FitWishes::default() };
            let made = made_of(&file, &limits(&[Media::Mp4]), &wishes, to.path()).unwrap();
            let told = probe(&made.path, "stream=width,height,sample_aspect_ratio");
            assert_eq!(told, format!("{expected},1:1"), "{name} {max_side:?}");
            let dimensions: Vec<_> =
                made.changes.iter().filter(|change| change.kind == ChangeKind::Dimensions).collect();
            let of = |size: &str| size.replace(',', " × ");
            let scaled = change(ChangeKind::Dimensions, &of(size), &of(small));
            let expected = if max_side == Some(320) { vec![&scaled] } else { vec![] };
            assert_eq!(dimensions, expected, "{name} {max_side:?}");
        }
    }
    // A provider's limit is of what is displayed, too: stored it has 720 pixels on a side, displayed 1024.
    let mut row = limits(&[Media::Mp4]);
    row.pixels = Some((100, 800));
    let made = made_of(&folder.path().join("wide.mpg"), &row, &FitWishes::default(), to.path()).unwrap();
    assert_eq!(probe(&made.path, "stream=width,height,sample_aspect_ratio"), "800,450,1:1");
    // On its side, as a phone records it.
    let film = ["-f", "lavfi", "-i", "testsrc2=size=640x360:d=0.4", "-vf", "setsar=4/3"];
    let flat = made_by_ffmpeg(folder.path(), "flat.mov", &[&film[..], &H264].concat());
    let turn = ["-display_rotation", "90", "-i", flat.to_str().unwrap(), "-c", "copy"];
    let old = ["-i", flat.to_str().unwrap(), "-c", "copy", "-metadata:s:v", "rotate=90"];
    let help = run("ffmpeg", &["-v", "error", "-h", "full"]);
    let turn = if help.contains("display_rotation") { &turn[..] } else { &old };
    let file = made_by_ffmpeg(folder.path(), "turned.mov", turn);
    let wishes = FitWishes { max_side: Some(320), ..FitWishes::default() };
    let made = made_of(&file, &limits(&[Media::Mp4]), &wishes, to.path()).unwrap();
    let size = probe(&made.path, "stream=width,height,sample_aspect_ratio");
    // 853 × 360 on its side.
    assert!(size.starts_with("134,320,1:1"), "{size}");
}

#[test]
fn the_rate_that_people_are_told_is_that_of_the_copy() {
    let (folder, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let still = ["-f", "lavfi", "-i", "testsrc=size=640x360:rate=25:d=4", "-f", "lavfi", "-i", "sine=d=4"];
    let film = made_by_ffmpeg(folder.path(), "a.mov", &[&still[..], &H264, &["-c:a", "aac"]].concat());
    let noise = ["-f", "lavfi", "-i", "anoisesrc=d=60:a=0.3"];
    let noise = made_by_ffmpeg(folder.path(), "a.wav", &noise);
    let quiet = ["-f", "lavfi", "-i", "sine=d=60:r=8000"];
    let quiet = made_by_ffmpeg(folder.path(), "b.wav", &quiet);
    let size = std::fs::metadata(&film).unwrap().len();
    for (file, types, max) in
        [(&film, Media::Mp4, size * 2 / 3), (&noise, Media::M4a, 700_000), (&quiet, Media::Mp3, 50_000_000)]
    {
        let mut row = limits(&[types]);
        row.max_bytes = Some(max);
        let wishes = FitWishes { max_side: Some(320), ..FitWishes::default() };
        let made = made_of(file, &row, &wishes, to.path()).unwrap();
        let rate = |path: &Path| probe(path, "format=bit_rate").parse::<f64>().unwrap() / 1000.0;
        let told = made.changes.iter().find(|change| change.kind == ChangeKind::Bitrate);
        let told = told.unwrap_or_else(|| panic!("{file:?}: {:?}", made.changes));
        let number = |words: &str| words.strip_suffix(" kbit/s").unwrap().parse::<f64>().unwrap();
        for (told, rate) in [(number(&told.from), rate(file)), (number(&told.to), rate(&made.path))] {
            assert!((told - rate).abs() <= 1.0 + rate * 0.02, "{file:?}: told {told}, it is {rate}");
        }
    }
}

/// A film with a low tone, a high one that is heard unless another is chosen, subtitles and two chapters.
fn with_tracks(folder: &Path, name: &str, picture: &[&str], sound: &str, words: &str) -> PathBuf {
    let (subtitles, chapters) = (folder.join("a.srt"), folder.join("chapters.txt"));
    std::fs::write(&subtitles, "1\n00:00:00,000 --> 00:00:01,000\nHello\n").unwrap();
    let chapter = |from: u32| {
        format!("[CHAPTER]\nTIMEBASE=1/1000\nSTART={from}\nEND={}\ntitle=Part {from}\n", from + 1000)
    };
    std::fs::write(&chapters, format!(";FFMETADATA1\n{}{}", chapter(0), chapter(1000))).unwrap();
    let sources = ["testsrc2=size=320x240:d=2", "sine=440:d=2:r=48000", "sine=880:d=2:r=48000"];
    let mut args: Vec<_> = sources.iter().flat_map(|source| ["-f", "lavfi", "-i", source]).collect();
    args.extend(["-i", subtitles.to_str().unwrap(), "-i", chapters.to_str().unwrap()]);
    args.extend(["-map", "0", "-map", "1", "-map", "2", "-map", "3", "-map_chapters", "4"]);
    args.extend(picture.iter().chain(&["-c:a", sound, "-c:s", words]));
    args.extend(["-disposition:a:0", "0", "-disposition:a:1", "default"]);
    made_by_ffmpeg(folder, name, &args)
}

/// Crossings of zero a second of its sound: twice as many as it swings.
fn crossings(path: &Path) -> f64 {
    let filter = ["-map", "0:a", "-af", "astats=metadata=1,ametadata=print:file=-", "-f", "null", "-"];
    let said = run("ffmpeg", &[&["-v", "error", "-i", path.to_str().unwrap()], &filter[..]].concat());
    let last =
        said.lines().filter_map(|line| line.strip_prefix("lavfi.astats.1.Zero_crossings=")).next_back();
    last.unwrap().parse::<f64>().unwrap() / seconds(path)
}

#[test]
fn of_several_tracks_of_sound_the_usual_one_is_kept_and_what_is_missing_is_told() {
    let (folder, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for (name, picture, sound, words) in [
        ("flac.mkv", &H264[..], "flac", "srt"),
        ("aac.mkv", &H264, "aac", "srt"),
        ("vp9.mkv", &["-c:v", "libvpx-vp9", "-b:v", "300k"], "libopus", "srt"),
        ("a.mov", &H264, "pcm_s16le", "mov_text"),
    ] {
        let file = with_tracks(folder.path(), name, picture, sound, words);
        let made = made_of(&file, &limits(&[Media::Mp4]), &FitWishes::default(), to.path()).unwrap();
        assert_eq!(probe(&made.path, "stream=codec_type"), "video\naudio", "{name}");
        let crossings = crossings(&made.path);
        assert!((crossings - 1760.0).abs() < 200.0, "{name}: {crossings} crossings, it is the wrong track");
        for (kind, from, to) in [
            (ChangeKind::AudioTracks, "2", "1"),
            (ChangeKind::Subtitles, "1", "0"),
            (ChangeKind::Chapters, "2", "0"),
        ] {
            assert!(made.changes.contains(&change(kind, from, to)), "{name}: {:?}", made.changes);
        }
    }
}

#[test]
fn a_film_that_is_only_stripped_keeps_its_tracks_and_chapters() {
    let (folder, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let file = with_tracks(folder.path(), "a.mp4", &H264, "aac", "mov_text");
    let wishes = FitWishes { strip: true, ..FitWishes::default() };
    let made = made_of(&file, &limits(&[Media::Mp4]), &wishes, to.path()).unwrap();
    let all = |path: &Path| probe(path, "chapter=id:stream=codec_name");
    assert_eq!(all(&made.path), all(&file));
    assert_eq!(made.changes, [change(ChangeKind::Metadata, "all", "none")]);
}

#[test]
fn a_copy_does_not_grow_to_a_limit_that_is_thrice_its_film() {
    let (folder, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let noisy = ["-f", "lavfi", "-i", "testsrc2=s=320x240:r=25:d=4,noise=alls=20:allf=t"];
    let film = [&noisy[..], &["-c:v", "mpeg4", "-b:v", "1200k"]].concat();
    let file = made_by_ffmpeg(folder.path(), "a.avi", &film);
    let size = |path: &Path| std::fs::metadata(path).unwrap().len();
    let mut row = limits(&[Media::Mp4]);
    row.max_bytes = Some(size(&file) * 3);
    let made = made_of(&file, &row, &FitWishes::default(), to.path()).unwrap();
    assert!(size(&made.path) < size(&file) * 2, "{} became {}", size(&file), size(&made.path));
    assert!(made.changes.iter().all(|change| change.kind != ChangeKind::Bitrate), "{:?}", made.changes);
}

/// Returns a hash of a film's picture as it is coded.
fn coded_picture(path: &Path) -> String {
    let copy = ["-v", "error", "-i", path.to_str().unwrap(), "-map", "0:v", "-c", "copy"];
    run("ffmpeg", &[&copy[..], &["-bsf:v", "h264_mp4toannexb", "-f", "hash", "-"]].concat())
}

#[test]
fn aac_gets_less_before_the_picture_does_but_never_less_than_stereo_is_worth() {
    let (folder, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let sources = ["-f", "lavfi", "-i", "testsrc=size=320x240:rate=25:d=20", "-f", "lavfi", "-i"];
    for (layout, rate, ample) in [("5.1", 640_000, 400_000), ("stereo", 320_000, 200_000)] {
        // Each channel has a noise of its own.
        let channels = if layout == "5.1" { 6 } else { 2 };
        let noise: Vec<_> = (0..channels).map(|n| format!("0.3*(random({n})-0.5)")).collect();
        let noise = format!("aevalsrc={}:c={layout}:d=20:s=48000", noise.join("|"));
        let bits = rate.to_string();
        let sound = ["-crf", "35", "-c:a", "aac", "-b:a", &bits];
        let film = [&sources[..], &[&noise], &H264, &sound].concat();
        let file = made_by_ffmpeg(folder.path(), &format!("{layout}.mp4"), &film);
        let own = probe(&file, "stream=bit_rate").lines().nth(1).unwrap().parse::<u64>().unwrap();
        let picture = std::fs::metadata(&file).unwrap().len() - own / 8 * 20;
        for (bits, channels, is_kept) in
            [(ample, layout, true), (140_000, "stereo", true), (60_000, "", false)]
        {
            let mut row = limits(&[Media::Mp4]);
            row.max_bytes = Some(picture + bits / 8 * 20);
            let made = made_of(&file, &row, &FitWishes::default(), to.path()).unwrap();
            let size = std::fs::metadata(&made.path).unwrap().len();
            assert!(size <= picture + bits / 8 * 20, "{layout}, {bits}: {size}");
            assert_eq!(coded_picture(&made.path) == coded_picture(&file), is_kept, "{layout}, {bits}");
            if is_kept {
                let layouts = probe(&made.path, "stream=channel_layout");
                assert!(layouts.lines().any(|line| line == channels), "{layout}, {bits}: {layouts}");
                // People hear of it.
                assert!(
                    made.changes.iter().any(|change| change.kind == ChangeKind::Bitrate),
                    "{:?}",
                    made.changes
                );
            }
        }
    }
}

#[test]
fn a_film_keeps_its_picture_for_as_long_as_lower_rates_of_its_sound_suffice() {
    let (folder, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let sources = ["-f", "lavfi", "-i", "testsrc=size=320x240:rate=25:d=20", "-f", "lavfi", "-i"];
    let noise = "anoisesrc=d=20:r=48000:a=0.2,aformat=channel_layouts=stereo";
    let film = [&sources[..], &[noise], &H264, &["-crf", "35", "-c:a", "pcm_s16le"]].concat();
    let file = made_by_ffmpeg(folder.path(), "a.mov", &film);
    // Twenty seconds of samples have 3.84 MB.
    let picture = std::fs::metadata(&file).unwrap().len() - 20 * 48_000 * 4;
    for (bits, channels, is_kept) in
        [(200_000, "2", true), (120_000, "2", true), (60_000, "1", true), (20_000, "1", false)]
    {
        let mut row = limits(&[Media::Mp4]);
        row.max_bytes = Some(picture + bits / 8 * 20);
        let made = made_of(&file, &row, &FitWishes::default(), to.path()).unwrap();
        let size = std::fs::metadata(&made.path).unwrap().len();
        assert!(size <= picture + bits / 8 * 20, "{bits}: {size}");
        assert_eq!(coded_picture(&made.path) == coded_picture(&file), is_kept, "{bits}: the picture");
        assert_eq!(probe(&made.path, "stream=channels"), channels, "{bits}");
        let told = made.changes.iter().any(|change| change.kind == ChangeKind::VideoCodec);
        assert_eq!(told, !is_kept, "{bits}: {:?}", made.changes);
    }
    // Also from H.264 to H.264.
    let wishes = FitWishes { max_side: Some(160), ..FitWishes::default() };
    let made = fit(&file, &limits(&[Media::Mov]), &wishes, to.path()).unwrap();
    assert!(made.changes.contains(&change(ChangeKind::VideoCodec, "H.264", "H.264")), "{:?}", made.changes);
    let (copy, _) = fitted(&file, &limits(&[Media::Mp4]), &FitWishes::default(), to.path());
    assert_eq!(coded_picture(&copy), coded_picture(&file));
}
