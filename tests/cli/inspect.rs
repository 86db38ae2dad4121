//! `hoist inspect`: what Hoist sees in files, as other programs and people read it.

use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::machine::{Ended, Machine, all_files, sample};
use crate::places::with_settings;

const FIELDS: [&str; 13] = [
    "file",
    "type",
    "mime",
    "bytes",
    "width",
    "height",
    "duration",
    "orientation",
    "audio",
    "video",
    "metadata",
    "findings",
    "damaged",
];

fn objects(ended: &Ended) -> Vec<Value> {
    ended.lines().iter().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Of one file, which can be read.
fn seen(machine: &Machine, file: &std::path::Path) -> Value {
    let ended = machine.run(&args!["inspect", "--json", file]);
    assert_eq!((ended.status, ended.err.as_str()), (0, ""), "{}", file.display());
    objects(&ended).remove(0)
}

fn detail<'a>(object: &'a Value, kind: &str) -> Option<&'a str> {
    let all = object["metadata"].as_array().unwrap();
    all.iter().find(|one| one["kind"] == kind).map(|one| one["detail"].as_str().unwrap_or_default())
}

fn ffmpeg(machine: &Machine, arguments: &[&str], name: &str) -> std::path::PathBuf {
    let path = machine.files().join(name);
    let done = Command::new("ffmpeg").args(["-v", "error", "-y"]).args(arguments).arg(&path).status();
    assert!(done.is_ok_and(|status| status.success()), "ffmpeg {arguments:?} {name}: run scripts/setup test");
    path
}

#[test]
fn every_file_is_an_object_with_every_field_in_the_order_of_the_arguments() {
    let machine = Machine::new();
    let text = machine.file("note.txt", b"hello");
    let gone = machine.files().join("gone.png");
    let files = [sample("photo.jpg"), text, sample("clip.mp4"), gone, sample("tone.m4a"), machine.files()];
    let mut arguments = args!["inspect"];
    arguments.extend(files.iter().map(|file| file.as_os_str()));
    arguments.extend(args!["--json"]);
    let ended = machine.run(&arguments);
    assert_eq!(ended.status, 1, "two of them cannot be read");
    assert!(ended.err.contains("gone.png: The file does not exist."), "{}", ended.err);
    let all = objects(&ended);
    assert_eq!(all.len(), files.len());
    for (object, file) in all.iter().zip(&files) {
        assert_eq!(object["file"], file.to_str().unwrap());
        let names: Vec<_> = object.as_object().unwrap().keys().collect();
        assert_eq!(names, FIELDS, "{object}");
    }
    let [photo, text, clip, gone, tone, _folder] = &all[..] else { panic!("{all:?}") };
    assert_eq!((photo["type"].as_str(), photo["mime"].as_str()), (Some("JPEG"), Some("image/jpeg")));
    assert_eq!((&photo["width"], &photo["height"]), (&480.into(), &640.into()), "as displayed");
    assert_eq!(photo["bytes"], fs::metadata(&files[0]).unwrap().len());
    assert!(photo["audio"].is_null() && photo["duration"].is_null());
    assert!(text["type"].is_null() && text["mime"].is_null() && text["bytes"] == 5, "{text}");
    assert_eq!(clip["video"]["codec"], "H.264");
    assert!(clip["video"]["fps"].as_f64().is_some_and(|fps| fps > 1.0) && clip["duration"].is_number());
    assert_eq!(tone["audio"]["codec"], "AAC");
    assert!(tone["audio"]["rate"].is_u64() && tone["audio"]["channels"].is_u64() && tone["video"].is_null());
    assert!(gone["bytes"].is_null() && gone["findings"][0]["severity"] == "error");
    assert!(all.iter().all(|object| object["damaged"] == false));
    // Nothing was written, and nothing asked for.
    assert!(!machine.home().exists());
}

#[test]
fn findings_are_those_of_all_providers_or_of_the_destinations_that_are_named() {
    let saved = "[[destination]]\nname = \"Press pictures\"\nprovider = \"piapi\"\nkey = \"piapi\"\n\
                 [[destination]]\nname = \"Odd\"\nprovider = \"flow-music\"\nkey = \"useapi\"\noptions = { colour = \"red\" }\n";
    let machine = with_settings(saved);
    let clip = sample("clip.mp4");
    let found = |arguments: &[&str]| {
        let mut all = args!["inspect", "--json", clip];
        all.extend(arguments.iter().map(std::ffi::OsStr::new));
        let ended = machine.run(&all);
        assert_eq!((ended.status, ended.err.as_str()), (0, ""));
        let object = objects(&ended).remove(0);
        let findings = object["findings"].as_array().unwrap().iter();
        findings.map(|f| format!("{} {}: {}", f["provider"], f["severity"], f["message"])).collect::<Vec<_>>()
    };
    let music = "\"flow-music\" \"error\": \"Flow Music doesn't accept video\"";
    let riffusion = "\"riffusion\" \"error\": \"Riffusion doesn't accept video\"";
    assert_eq!(found(&[]), [music, riffusion]);
    assert_eq!(found(&["--to", "flow-music"]), [music]);
    assert_eq!(found(&["--to", "press pictures", "--to", "google-flow"]), [""; 0]);
    assert_eq!(
        found(&["--to", "Odd"]),
        [music, "\"flow-music\" \"error\": \"Flow Music has no option colour\""],
        "a destination's options, too"
    );
    let wrong = machine.run(&args!["inspect", clip, "--to", "nowhere"]);
    wrong.is_bad_usage(&["nowhere", "flow-music", "indream"]);
    machine.run(&args!["inspect"]).is_bad_usage(&["FILE"]);
}

#[test]
fn a_name_is_no_command_to_the_terminal_and_a_destination_is_named_as_everywhere() {
    let twice = "[[destination]]\nname = \"Work\"\nprovider = \"piapi\"\nkey = \"piapi\"\n\n\
        [[destination]]\nname = \"work\"\nprovider = \"indream\"\nkey = \"indream\"\n";
    let machine = with_settings(twice);
    let file = machine.file("\u{202e}gnp.\u{9b}31m.png", &fs::read(sample("cover.png")).unwrap());
    // What a terminal would obey is looked for after every run.
    let object = seen(&machine, &file);
    assert_eq!(object["file"], file.to_str().unwrap());
    assert_eq!(machine.run(&args!["inspect", file]).status, 0);
    let run = machine.run(&args!["inspect", "--to", "WORK", file]);
    run.is_bad_usage(&["\"WORK\" may be \"Work\" or \"work\": write it exactly"]);
    assert_eq!(machine.run(&args!["inspect", "--to", "work", file]).status, 0);
}

#[test]
fn people_read_a_block_a_file() {
    let machine = Machine::new();
    let cut = machine.file("cut\u{1b}[2J.png", &fs::read(sample("cover.png")).unwrap()[..3000]);
    let ended = machine.run(&args!["inspect", sample("clip.mp4"), cut]);
    assert_eq!((ended.status, ended.err.as_str()), (0, ""));
    let (clip, cut) = ended.out.split_once("\n\n").unwrap();
    for part in [
        "clip.mp4\n",
        "MP4 · video/mp4",
        "H.264",
        "flow-music   error: Flow Music doesn't accept video",
        "piapi        accepted",
    ] {
        assert!(clip.contains(part), "{part}: {clip}");
    }
    assert!(cut.starts_with("cut\\u{1b}[2J.png\n"), "{cut}");
    assert_eq!(cut.matches("The end of the file is missing: it was cut off").count(), 1, "{cut}");
    assert!(cut.contains("    damaged ") && cut.contains("piapi        accepted"), "{cut}");
}

#[test]
fn tools_and_hoist_agree_on_metadata() {
    let machine = Machine::new();
    let exiftool = |name: &str, arguments: &[&str]| {
        let path = machine.files().join(name);
        if !path.exists() {
            fs::copy(sample(name), &path).unwrap();
        }
        let done =
            Command::new("exiftool").args(["-q", "-overwrite_original"]).args(arguments).arg(&path).status();
        assert!(done.is_ok_and(|status| status.success()), "exiftool {name}: run scripts/setup test");
        seen(&machine, &path)
    };
    let location = ["-GPSLatitude=48.25", "-GPSLatitudeRef=N", "-GPSLongitude=11.5", "-GPSLongitudeRef=W"];
    for name in ["photo.jpg", "cover.png", "poster.webp"] {
        let object = exiftool(
            name,
            &[&location[..], &["-EXIF:Make=Canon", "-EXIF:Model=EOS R5", "-EXIF:Artist=Jane"]].concat(),
        );
        assert_eq!(detail(&object, "gps-location"), Some("48.25, -11.5"), "{object}");
        assert_eq!(detail(&object, "camera"), Some("Canon EOS R5"), "{object}");
        assert_eq!(detail(&object, "author"), Some("Jane"), "{object}");
    }
    for (tool, name) in [("avifenc", "a.avif"), ("heif-enc", "a.heic")] {
        let (from, to) = (sample("photo.jpg"), machine.files().join(name));
        let mut command = Command::new(tool);
        let done = if tool == "avifenc" {
            command.arg(&from).arg(&to)
        } else {
            command.arg(&from).arg("-o").arg(&to)
        };
        let done = done.output();
        assert!(done.is_ok_and(|done| done.status.success()), "{tool}: run scripts/setup test");
        let object = exiftool(name, &[&location[..], &["-EXIF:Make=Canon", "-EXIF:Model=EOS R5"]].concat());
        assert_eq!(detail(&object, "gps-location"), Some("48.25, -11.5"), "{object}");
        assert_eq!(detail(&object, "camera"), Some("Canon EOS R5"), "{object}");
        assert_eq!(object["damaged"], false, "{object}");
    }
    let object = exiftool(
        "clip.mp4",
        &["-Keys:GPSCoordinates=48.25, -11.5, 100", "-Keys:Make=Apple", "-Keys:Model=iPhone 6"],
    );
    assert_eq!(detail(&object, "gps-location"), Some("48.25, -11.5"), "{object}");
    assert_eq!(detail(&object, "camera"), Some("Apple iPhone 6"), "{object}");
    let user = machine.files().join("user.mp4");
    fs::copy(sample("clip.mp4"), &user).unwrap();
    let object = exiftool(
        "user.mp4",
        &["-UserData:LocationInformation=Home Role=shooting Lat=48.25 Lon=-11.5 Alt=0 Body=earth Notes=x"],
    );
    assert_eq!(detail(&object, "gps-location"), Some("48.25, -11.5"), "{object}");
    let source = "-XMP-iptcExt:DigitalSourceType=http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia";
    let object = exiftool("poster.webp", &[source]);
    assert_eq!(detail(&object, "ai-provenance"), Some(""), "{object}");

    let tags = ["-metadata", "artist=Jörg", "-metadata", "title=Über uns"];
    let tone = sample("tone.wav");
    let tone = ["-i", tone.to_str().unwrap()];
    for (name, more) in [
        ("a.mp3", &["-id3v2_version", "3"][..]),
        ("b.mp3", &["-id3v2_version", "4"]),
        ("d.flac", &[]),
        ("e.ogg", &["-c:a", "libvorbis"]),
        ("f.opus", &["-c:a", "libopus"]),
        ("g.m4a", &[]),
        ("h.wav", &[]),
        ("i.mka", &["-c:a", "flac"]),
        ("j.webm", &["-c:a", "libopus"]),
    ] {
        let object = seen(&machine, &ffmpeg(&machine, &[&tone[..], &tags, more].concat(), name));
        let found = [detail(&object, "author"), detail(&object, "title")];
        assert_eq!(found, [Some("Jörg"), Some("Über uns")], "{name}: {object}");
    }
}

#[test]
fn hdr_and_the_fineness_of_samples_are_said() {
    let machine = Machine::new();
    let source = ["-f", "lavfi", "-i", "testsrc2=size=128x96:duration=0.4", "-pix_fmt", "yuv420p10le"];
    let tags = ["-c:v", "libx264", "-color_primaries", "bt2020", "-colorspace", "bt2020nc"];
    for (name, trc, hdr, label) in [
        ("a.mp4", "smpte2084", "pq".into(), " · HDR (PQ)"),
        ("b.mkv", "arib-std-b67", "hlg".into(), " · HDR (HLG)"),
        ("c.mov", "bt709", Value::Null, ""),
    ] {
        let file = ffmpeg(&machine, &[&source[..], &tags, &["-color_trc", trc]].concat(), name);
        assert_eq!(seen(&machine, &file)["video"]["hdr"], hdr, "{name}");
        let ended = machine.run(&args!["inspect", file]);
        let line = ended.out.lines().find(|line| line.contains("H.264")).unwrap();
        assert!(line.ends_with(&format!("frames a second{label}")), "{line}");
    }
    for (name, more, bits) in [
        ("a.flac", &["-sample_fmt", "s32"][..], Value::from(24)),
        ("b.wav", &["-c:a", "pcm_f32le"], Value::from(32)),
        ("c.mp3", &[], Value::Null),
    ] {
        let file = ffmpeg(&machine, &[&["-f", "lavfi", "-i", "sine=d=0.5"][..], more].concat(), name);
        assert_eq!(seen(&machine, &file)["audio"]["bits"], bits, "{name}");
        let ended = machine.run(&args!["inspect", file]);
        assert_eq!(ended.out.contains(" bit"), !bits.is_null(), "{}", ended.out);
    }
}

#[test]
fn a_damaged_file_is_warned_of_before_it_is_sent() {
    let machine = Machine::new();
    let clip = fs::read(sample("clip.mp4")).unwrap();
    let at = clip.windows(4).position(|four| four == b"moov").unwrap();
    let mut without = clip.clone();
    without[at..at + 4].copy_from_slice(b"free");
    let png = fs::read(sample("cover.png")).unwrap();
    let mut broken = png.clone();
    broken[16..20].fill(0);
    for (name, bytes, says) in [
        (
            "without.mp4",
            &without[..],
            "The index is missing: the file was cut off, or its recording never finished",
        ),
        ("broken.png", &broken, "The header cannot be read: the file is damaged"),
        ("cut.png", &png[..png.len() / 2], "The end of the file is missing: it was cut off"),
    ] {
        let path = machine.file(name, bytes);
        let object = seen(&machine, &path);
        assert_eq!(object["damaged"], true, "{name}");
        let warned = |f: &Value| f["severity"] == "warning" && f["message"] == says;
        assert_eq!(
            object["findings"].as_array().unwrap().iter().filter(|f| warned(f)).count(),
            5,
            "{object}"
        );
        for more in [&["--dry-run"][..], &[]] {
            let mut arguments = args!["upload", path, "--sandbox", "--to", "piapi"];
            arguments.extend(more.iter().map(std::ffi::OsStr::new));
            let ended = machine.run(&arguments);
            assert_eq!(ended.status, 0, "it is sent all the same: {}", ended.err);
            assert_eq!(ended.err.matches(&format!("{name}: {says}.")).count(), 1, "{}", ended.err);
        }
    }
    assert!(!all_files(&machine.home()).is_empty());
}
