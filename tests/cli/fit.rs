//! `hoist fit` and `hoist upload --fit`: copies, and never the original.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use crate::machine::{Machine, sample, signal};
use crate::servers::SandboxProcess;

/// A picture that few providers accept.
fn bitmap(machine: &Machine, name: &str) -> PathBuf {
    let path = machine.files().join(name);
    image::RgbImage::from_fn(320, 200, |x, y| image::Rgb([x as u8, y as u8, 90])).save(&path).unwrap();
    path
}

#[test]
fn copies_are_made_where_they_are_wanted_and_nothing_is_overwritten() {
    let machine = Machine::new();
    let file = bitmap(&machine, "scan.bmp");
    let before = fs::read(&file).unwrap();
    let folder = machine.files().join("out");
    fs::create_dir(&folder).unwrap();
    let run = || machine.run(&args!["fit", file, "--to", "google-flow", "--output", folder]);
    for name in ["scan.jpg", "scan-2.jpg"] {
        let ended = run();
        assert_eq!((ended.status, ended.err.as_str()), (0, ""));
        assert_eq!(ended.lines(), [folder.join(name).to_str().unwrap()]);
    }
    assert_eq!(fs::read(&file).unwrap(), before);
    // What fits as it is prints its own path, as it was given.
    let plain = sample("cover.png");
    let ended = machine.run(&args!["fit", plain, "--to", "google-flow"]);
    assert_eq!((ended.status, ended.lines()), (0, vec![plain.to_str().unwrap()]));
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 2);
}

#[test]
fn wishes_are_followed_and_told_to_programs() {
    let machine = Machine::new();
    let file = bitmap(&machine, "scan.bmp");
    let folder = machine.files();
    let arguments = args![
        "fit",
        file,
        "--to",
        "google-flow",
        "--output",
        folder,
        "--format",
        "webp",
        "--max-side",
        "100",
        "--quality",
        "60",
        "--strip",
        "--json"
    ];
    let ended = machine.run(&arguments);
    assert_eq!((ended.status, ended.err.as_str()), (0, ""));
    let object: serde_json::Value = serde_json::from_str(ended.lines()[0]).unwrap();
    let output = PathBuf::from(object["output"].as_str().unwrap());
    assert_eq!(image::image_dimensions(&output).unwrap(), (100, 63));
    assert_eq!(object["bytes"], fs::metadata(&output).unwrap().len());
    let kinds: Vec<_> =
        object["changes"].as_array().unwrap().iter().map(|c| c["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["type", "dimensions", "quality", "metadata"]);
    assert_eq!(
        (object["changes"][0]["from"].as_str(), object["changes"][0]["to"].as_str()),
        (Some("BMP"), Some("WebP"))
    );
}

#[test]
fn raw_aac_that_tells_nothing_is_what_is_wished_and_one_with_a_tag_is_not() {
    let machine = Machine::new();
    let file = machine.files().join("a.aac");
    let source = ["-v", "error", "-f", "lavfi", "-i", "sine=d=2", "-c:a", "aac"];
    let made = std::process::Command::new("ffmpeg").args(source).arg(&file).status();
    assert!(made.is_ok_and(|status| status.success()), "ffmpeg must be installed (scripts/setup)");
    let folder = machine.files().join("out");
    fs::create_dir(&folder).unwrap();
    let run = || machine.run(&args!["fit", file, "--to", "flow-music", "--strip", "--output", folder]);
    assert_eq!(run().lines(), [file.to_str().unwrap()]);
    let frames = fs::read(&file).unwrap();
    let tag = [&b"TAG"[..], b"12 Home Street", &[0; 111]].concat();
    fs::write(&file, [&frames[..], &tag].concat()).unwrap();
    assert_eq!(run().lines(), [folder.join("a.aac").to_str().unwrap()]);
    assert!(fs::read(folder.join("a.aac")).unwrap() == frames, "its sound is another one");
}

#[test]
fn what_a_killed_run_left_in_the_folder_is_removed_by_a_later_one() {
    let machine = Machine::new();
    let file = bitmap(&machine, "scan.bmp");
    let folder = machine.files().join("out");
    fs::create_dir(&folder).unwrap();
    let (old, new) = (folder.join(".hoist-a1B2c3.mp4"), folder.join(".hoist-d4E5f6.mp4"));
    fs::write(&old, "half a copy").unwrap();
    fs::write(&new, "half a copy").unwrap();
    let two_days_ago = std::time::SystemTime::now() - std::time::Duration::from_hours(48);
    fs::File::options().write(true).open(&old).unwrap().set_modified(two_days_ago).unwrap();
    let ended = machine.run(&args!["fit", file, "--to", "google-flow", "--output", folder]);
    assert_eq!((ended.status, old.exists(), new.exists()), (0, false, true), "{}", ended.err);
}

#[test]
fn what_cannot_be_made_to_fit_is_said_and_fails() {
    let machine = Machine::new();
    let text = machine.file("note.txt", b"hello");
    let ended = machine.run(&args!["fit", text, sample("clip.mp4"), "--to", "imgbb"]);
    assert_eq!(ended.status, 1);
    assert!(
        ended.err.contains("note.txt: ")
            && ended.err.contains("clip.mp4: This provider doesn't accept video."),
        "{}",
        ended.err
    );
    // Programs read an object for each, in the order of the arguments.
    let (cover, clip) = (sample("cover.png"), sample("clip.mp4"));
    let ended = machine.run(&args!["fit", text, cover, clip, "--to", "imgbb", "--json"]);
    let objects: Vec<serde_json::Value> =
        ended.lines().iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((ended.status, objects.len()), (1, 3), "{}", ended.out);
    assert_eq!(objects[0]["error"], "Hoist does not know this type and cannot convert it");
    assert_eq!((&objects[1]["error"], objects[1]["output"].is_string()), (&serde_json::Value::Null, true));
    let refused = serde_json::json!({
        "file": clip,
        "output": null,
        "changes": [],
        "bytes": null,
        "error": "This provider doesn't accept video",
    });
    assert_eq!(objects[2], refused);
    machine.run(&args!["fit", text, "--to", "nowhere"]).is_bad_usage(&["nowhere"]);
    machine.run(&args!["fit", text, "--to", "imgbb", "--output", "/nowhere"]).is_bad_usage(&["/nowhere"]);
}

#[test]
fn an_upload_converts_only_where_that_is_said_and_knows_file_and_copy_again() {
    let sandbox = SandboxProcess::start();
    let machine = Machine::at(&sandbox);
    let file = bitmap(&machine, "scan.bmp");
    let to = args!["--to", "google-flow", "--account", "jane@example.com"];
    let upload = |more: &[&std::ffi::OsStr]| machine.run(&[&args!["upload"], &to[..], more].concat());
    let ended = upload(&args![file]);
    assert_eq!((ended.status, ended.out.as_str()), (1, ""), "nothing is ever changed unasked");
    let ended = upload(&args!["--fit", file]);
    assert_eq!(ended.status, 0);
    assert!(ended.err.starts_with("hoist: scan.bmp: JPEG copy, "), "{}", ended.err);
    let id = ended.lines()[0].to_owned();
    let row = machine.history(&[]).remove(0);
    assert_eq!(row["file"], file.to_str().unwrap(), "the history keeps the file itself");
    let copies = machine.home().join("data/copies");
    let left = fs::read_dir(copies).map_or(0, |all| all.count());
    assert_eq!(left, 0, "a copy is deleted when it was sent");
    let ended = upload(&args!["--fit", "--skip-sent", file]);
    assert_eq!((ended.status, ended.lines()), (0, vec![id.as_str()]));
}

/// A machine with a program in place of ffmpeg that does this.
#[cfg(unix)]
fn with_ffmpeg_that(script: &str) -> Machine {
    use std::os::unix::fs::PermissionsExt;
    let machine = Machine::new();
    let folder = machine.home().join("bin");
    fs::create_dir_all(&folder).unwrap();
    let program = folder.join("ffmpeg");
    fs::write(&program, format!("#!/bin/sh\nfor to; do :; done; to=${{to#file:}}\n{script}\n")).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let path = std::env::var("PATH").unwrap_or_default();
    machine.with("PATH", &format!("{}:{path}", folder.display()))
}

/// What makes copies that need ffmpeg.
#[cfg(unix)]
fn into_small_mp4<'a>(files: &[&'a Path], folder: &'a Path) -> Vec<&'a OsStr> {
    let mut all = args!["fit"];
    all.extend(files.iter().map(|file| file.as_os_str()));
    all.extend(args!["--to", "google-flow", "--format", "mp4", "--max-side", "64", "--output"]);
    all.push(folder.as_os_str());
    all
}

#[cfg(unix)]
#[test]
fn an_ffmpeg_that_dies_or_fills_the_disk_is_ended_and_said_and_nothing_is_left() {
    for (script, said) in [
        ("printf half > \"$to\"; kill -9 $$", "ffmpeg could not convert it."),
        ("printf half > \"$to\"; echo 'No space left on device' >&2; exit 1", "The disk is full: "),
        (
            "[ \"$to\" = /dev/null ] || exec dd if=/dev/zero of=\"$to\" bs=1M 2>/dev/null",
            "the copy grew beyond all bounds.",
        ),
        ("exit 0", "clip.mp4: "),
    ] {
        let machine = with_ffmpeg_that(script);
        let folder = machine.files().join("out");
        fs::create_dir(&folder).unwrap();
        let file = sample("clip.mp4");
        let before = fs::read(&file).unwrap();
        let ended = machine.run(&into_small_mp4(&[&file], &folder));
        assert_eq!((ended.status, ended.out.as_str()), (1, ""), "{script}: {}", ended.err);
        assert!(ended.err.contains("clip.mp4: ") && ended.err.contains(said), "{script}: {}", ended.err);
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 0, "{script}: something half-made is left");
        assert_eq!(fs::read(&file).unwrap(), before);
    }
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_a_conversion_and_leaves_nothing_of_it() {
    let machine = with_ffmpeg_that("[ \"$to\" = /dev/null ] || { printf half > \"$to\"; exec sleep 600; }");
    let folder = machine.files().join("out");
    fs::create_dir(&folder).unwrap();
    let file = sample("clip.mp4");
    let arguments = into_small_mp4(&[&file, &file], &folder);
    let child = machine.command(&arguments).spawn().unwrap();
    let is_begun = || fs::read_dir(&folder).unwrap().any(|copy| copy.unwrap().metadata().unwrap().len() > 0);
    let until = std::time::Instant::now() + crate::machine::TIMEOUT;
    while !is_begun() {
        assert!(std::time::Instant::now() < until, "ffmpeg never wrote");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    signal("-INT", child.id());
    let ended = machine.finish(child);
    assert_eq!((ended.status, ended.out.as_str()), (1, ""));
    assert_eq!(ended.err, "hoist: clip.mp4: The conversion was stopped.\n");
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0, "something half-made is left");
}

#[cfg(unix)]
#[test]
fn an_upload_says_why_there_is_no_copy_to_send() {
    let sandbox = SandboxProcess::start();
    let machine = with_ffmpeg_that("echo 'the codec is broken' >&2; exit 1");
    let machine = sandbox.exports.iter().fold(machine, |machine, (name, value)| machine.with(name, value));
    // A film in a container that Google Flow does not accept: the same one, called by another brand.
    let mut bytes = fs::read(sample("clip.mp4")).unwrap();
    bytes[8..12].copy_from_slice(b"qt  ");
    let film = machine.file("film.mov", &bytes);
    let ended = machine.run(&args!["upload", "--fit", "--to", "google-flow", film]);
    assert_eq!(ended.status, 1, "{}", ended.err);
    let why = "film.mov: no copy was made: ffmpeg could not convert it: the codec is broken.";
    assert!(ended.err.contains(why), "{}", ended.err);
}

#[test]
fn what_a_copy_lacks_is_said() {
    let machine = Machine::new();
    let folder = machine.files().join("out");
    fs::create_dir(&folder).unwrap();
    let ended = machine.run(&args!["fit", sample("anim.gif"), "--to", "google-flow", "--output", folder]);
    assert_eq!(
        (ended.status, ended.lines()),
        (0, vec![folder.join("anim.jpg").to_str().unwrap()]),
        "{}",
        ended.err
    );
    assert_eq!(ended.err, "hoist: anim.gif: the copy is the first frame of the animation.\n");
}

#[test]
fn damaged_settings_are_said_by_what_only_looks_at_them() {
    let machine = Machine::new();
    let file = bitmap(&machine, "scan.bmp");
    let settings = machine.home().join("settings/settings.toml");
    fs::create_dir_all(settings.parent().unwrap()).unwrap();
    fs::write(&settings, "this is = = no table").unwrap();
    for command in ["fit", "inspect"] {
        let ended = machine.run(&args![command, file, "--to", "mine"]);
        assert_eq!((ended.status, ended.out.as_str()), (2, ""), "{command}");
        assert_eq!(
            ended.err,
            "hoist: The settings file is damaged. `hoist keys list` sets it aside and goes on with what can be used of it. Nothing was done\n"
        );
    }
    assert_eq!(fs::read_to_string(&settings).unwrap(), "this is = = no table");
    let ended = machine.run(&args!["keys", "list"]);
    assert!(
        ended.err.contains("The settings file was damaged. Its content is kept as settings-damaged-"),
        "{}",
        ended.err
    );
    assert_eq!(machine.run(&args!["fit", file, "--to", "mine"]).status, 2);
    assert!(machine.run(&args!["fit", file, "--to", "mine"]).err.contains("There is no provider"));
}

#[test]
fn what_a_check_finds_names_the_copy_that_answers_it() {
    let machine = Machine::new();
    let file = bitmap(&machine, "scan.bmp");
    let ended = machine.run(&args!["inspect", file, "--to", "google-flow", "--json"]);
    let object: serde_json::Value = serde_json::from_str(ended.lines()[0]).unwrap();
    let finding = &object["findings"][0];
    assert_eq!(finding["message"], "Google Flow doesn't accept BMP");
    assert_eq!(finding["hint"], "Convert to JPEG, or send it somewhere else");
    assert_eq!((&finding["kind"], &finding["remedy"]["kind"]), (&"type".into(), &"convert".into()));
    assert_eq!(finding["remedy"]["label"], "Convert to JPEG");
    assert_eq!(finding["remedy"]["mime"], "image/jpeg");
    let ended = machine.run(&args!["inspect", file, "--to", "google-flow"]);
    assert!(ended.out.contains("Google Flow doesn't accept BMP (Convert to JPEG)"), "{}", ended.out);
    // The same where it would be sent.
    let sandbox = SandboxProcess::start();
    let machine = Machine::at(&sandbox);
    let to = args!["--to", "google-flow", "--account", "jane@example.com", "--dry-run"];
    let dry = |more: &[&std::ffi::OsStr]| machine.run(&[&args!["upload"], &to[..], more].concat());
    let ended = dry(&args![file]);
    let sentence = "scan.bmp: Google Flow doesn't accept BMP. Convert to JPEG, or send it somewhere else. \
                    Use `--fit` to send a copy.";
    assert!(ended.status == 1 && ended.err.contains(sentence), "{}", ended.err);
    let object: serde_json::Value = serde_json::from_str(dry(&args![file, "--json"]).lines()[0]).unwrap();
    assert_eq!(object["error"]["remedies"][0], "fit");
    assert_eq!(object["findings"][0]["remedy"]["label"], "Convert to JPEG");
    let ended = dry(&args![file, "--fit", "--json"]);
    let object: serde_json::Value = serde_json::from_str(ended.lines()[0]).unwrap();
    assert_eq!(
        (ended.status, &object["error"], &object["findings"]),
        (0, &serde_json::Value::Null, &serde_json::json!([]))
    );
}
