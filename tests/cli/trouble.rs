//! Readers that go away, names that want to be obeyed, and Ctrl+C.

use std::ffi::OsString;
use std::fs::{self, File};
use std::os::unix::ffi::OsStringExt;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use hoist::model::media::Media;
use hoist::provider;

use crate::machine::{Machine, sample, samples, signal, states};
use crate::servers::{SandboxProcess, Server};
use crate::support::made;

#[test]
fn a_reader_that_has_gone_is_no_reason_to_panic() {
    let machine = Machine::new();
    let (good, bad) = (sample("cover.png"), sample("clip.mp4"));
    let uploads = args!["upload", "--sandbox", "--to", "flow-music", bad, good];
    for (arguments, status) in [
        (uploads, 1),
        (args!["providers"], 0),
        (args!["providers", "--json"], 0),
        (args!["keys", "list"], 0),
        (args!["keys", "list", "--json"], 0),
        (args!["keys", "remove", "nope", "--yes"], 2),
    ] {
        let closed = || {
            let (reader, writer) = std::io::pipe().unwrap();
            drop(reader);
            writer
        };
        let child = machine.command(&arguments).stdout(closed()).spawn().unwrap();
        assert_eq!(machine.finish(child).status, status, "stdout");
        let child = machine.command(&arguments).stdout(closed()).stderr(closed()).spawn().unwrap();
        assert_eq!(machine.finish(child).status, status, "stdout and stderr");
    }
}

#[test]
fn an_id_that_stdout_cannot_take_is_said_instead_of_lost() {
    let machine = Machine::new();
    let mut command =
        machine.command(&args!["upload", "--sandbox", "--to", "flow-music", sample("cover.png")]);
    let full = File::options().write(true).open("/dev/full").unwrap();
    let run = machine.finish(command.stdout(full).spawn().unwrap());
    let said = run.err.lines().nth(1).unwrap();
    assert!(said.contains("Stdout cannot be written") && said.contains("-image:"), "{}", run.err);
}

#[test]
fn a_folder_is_not_uploaded_and_how_to_name_its_files_is_said() {
    let machine = Machine::new();
    let folder = machine.files().join("it's mine");
    fs::create_dir(&folder).unwrap();
    let run = machine.run(&args!["upload", "--sandbox", "--to", "flow-music", sample("cover.png"), folder]);
    let quoted = format!("`hoist upload \"{}\"/*.png`", folder.display());
    run.is_bad_usage(&["is a folder: name the files in it", &quoted, "Nothing was sent"]);
    // As it is said, it works.
    fs::copy(sample("cover.png"), folder.join("a.png")).unwrap();
    let said =
        quoted.trim_matches('`').replacen("hoist upload", "\"$0\" upload --sandbox --to flow-music", 1);
    let hoist = machine.command(&args![]);
    let mut shell = Command::new("sh");
    shell.args(["-c", &said]).arg(hoist.get_program());
    shell.env_clear().envs(hoist.get_envs().filter_map(|(name, value)| Some((name, value?))));
    shell.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let run = machine.finish(shell.spawn().unwrap());
    assert_eq!((run.status, run.lines().len()), (0, 1), "{}", run.err);
}

#[test]
fn hostile_file_names_are_sent_and_never_obeyed() {
    let machine = Machine::new();
    let names: [&[u8]; 14] = [
        b"line\nbreak",
        b"carriage\rreturn",
        b"\x1b[31m\x1b]0;title\x07red",
        "\u{202e}gnp.exe".as_bytes(),
        "\u{2066}gnp\u{2069}.exe".as_bytes(),
        b"not utf-8 \xff\xfe\xe9",
        b"-dash",
        b"--to=piapi",
        "封面图片".as_bytes(),
        "😀👩‍👩‍👧 café".as_bytes(),
        b" spaces ",
        b"quotes\"'`$(touch oops);&|*?",
        b"..",
        &[b'x'; 250],
    ];
    for facts in provider::first().into_iter().map(|p| p.facts()) {
        let original = &samples(facts)[0];
        let bytes = fs::read(original).unwrap();
        let with_extension = |name: &[u8]| {
            let mut name = OsString::from_vec(name.to_vec());
            name.push(".");
            name.push(original.extension().unwrap());
            name
        };
        let names = names.map(with_extension);
        for name in &names {
            machine.file(name, &bytes);
        }
        // By their bare names: after `--` a leading dash is no option.
        let mut arguments = args!["--sandbox", "--no-wait", "--to", facts.id, "--"];
        arguments.extend(names.iter().map(OsString::as_os_str));
        let (run, objects) = machine.upload(&arguments);
        assert_eq!((run.status, objects.len()), (0, names.len()), "{}: {}", facts.id, run.err);
        for (object, name) in objects.iter().zip(&names) {
            assert_eq!(object["file"], machine.files().join(name).to_string_lossy().as_ref());
        }
    }
    assert!(!machine.files().join("oops").exists());

    let names = names.map(|name| {
        let mut name = OsString::from_vec(name.to_vec());
        name.push(".txt");
        name
    });
    let mut arguments = args!["upload", "--sandbox", "--to", "piapi", "--"];
    arguments.extend(names.iter().map(OsString::as_os_str));
    let run = machine.run(&arguments);
    assert_eq!((run.status, run.out.as_str()), (1, ""));
    assert_eq!(run.err.lines().count(), 1 + names.len(), "one line each: {}", run.err);
    for shown in [
        "line\\u{a}break.txt: ",
        "\\u{1b}[31m",
        "\\u{202e}gnp.exe",
        "\\u{2066}gnp\\u{2069}.exe",
        "封面图片.txt: ",
        "-dash.txt: ",
    ] {
        assert!(run.err.contains(shown), "{shown} is not in {}", run.err);
    }
}

#[test]
fn ctrl_c_while_a_provider_takes_nothing_more_cancels_every_file() {
    let server = Server::start(0, None);
    let key = "user:1-aKeyOfSomebody";
    let machine = Machine::new().with("HOIST_USEAPI_TOKEN", key).with("HOIST_USEAPI_URL", &server.url);
    let file = machine.long("long.mp4", "clip.mp4", 90 << 20);
    let mut arguments = args!["upload", "--json", "--to", "google-flow"];
    arguments.extend([file.as_os_str(); 4]);
    let child = machine.command(&arguments).spawn().unwrap();
    // Two are on their way, and two wait for a slot.
    for _ in 0..2 {
        assert!(server.head().contains(key), "the key goes to the service");
    }
    let arguments = fs::read(format!("/proc/{}/cmdline", child.id())).unwrap();
    assert!(!String::from_utf8(arguments).unwrap().contains(key), "and is in no list of processes");
    signal("-INT", child.id());
    let run = machine.finish(child);
    assert_eq!((run.status, states(&run.objects())), (1, vec!["cancelled"; 4]), "{}", run.err);
    assert_eq!(run.err.matches("Nothing was accepted").count(), 4, "{}", run.err);
    assert!(server.heads.try_recv().is_err(), "those that waited never began");
}

#[test]
fn as_many_uploads_run_at_a_time_as_the_settings_say() {
    let server = Server::start(0, None);
    let machine = Machine::new().with("HOIST_USEAPI_TOKEN", "user:1-aKeyOfSomebody");
    let machine = machine.with("HOIST_USEAPI_URL", &server.url);
    fs::create_dir_all(machine.home().join("settings")).unwrap();
    fs::write(machine.home().join("settings/settings.toml"), "uploads_per_account = 1\n").unwrap();
    let file = machine.long("long.mp4", "clip.mp4", 90 << 20);
    let mut arguments = args!["upload", "--to", "google-flow"];
    arguments.extend([file.as_os_str(); 4]);
    let child = machine.command(&arguments).spawn().unwrap();
    server.head();
    // The usual second one would be there by now, or at the latest when the program has ended.
    thread::sleep(Duration::from_millis(300));
    signal("-INT", child.id());
    assert_eq!(machine.finish(child).status, 1);
    assert!(server.heads.try_recv().is_err(), "one at a time to one account");
}

#[test]
fn ctrl_c_after_a_file_was_sent_whole_says_that_it_may_exist() {
    let file = sample("cover.png");
    let size = fs::metadata(&file).unwrap().len();
    let server = Server::start(usize::try_from(size).unwrap(), None);
    let machine = Machine::new().with("HOIST_USEAPI_TOKEN", "user:1-aKeyOfSomebody");
    let machine = machine.with("HOIST_USEAPI_URL", &server.url);
    let child = machine.command(&args!["upload", "--json", "--to", "flow-music", file]).spawn().unwrap();
    server.head();
    // The first waits for a late answer, the second for nothing; two at once may count as one.
    let (pid, ended) = (child.id(), Arc::new(AtomicBool::new(false)));
    let stop = Arc::clone(&ended);
    let impatient = thread::spawn(move || {
        while !stop.load(Ordering::SeqCst) {
            let _ = Command::new("kill").args(["-INT", &pid.to_string()]).status();
            thread::sleep(Duration::from_millis(200));
        }
    });
    let run = machine.finish(child);
    ended.store(true, Ordering::SeqCst);
    impatient.join().unwrap();
    let objects = run.objects();
    assert_eq!((run.status, states(&objects)), (3, vec!["unknown"]), "{}", run.err);
    assert_eq!(objects[0]["error"]["kind"], "cancelled-late");
    assert!(run.err.contains("may exist"), "{}", run.err);
    assert!(run.err.contains("may still get an answer"), "{}", run.err);
}

#[test]
fn an_answer_that_comes_after_ctrl_c_is_not_lost() {
    let late = |_: &str| {
        thread::sleep(Duration::from_secs(1));
        let body = r#"{"id":"user:1-late-image:1","url":"https://example.com/1"}"#;
        format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len())
    };
    let file = sample("cover.png");
    let size = fs::metadata(&file).unwrap().len();
    let server = Server::start(usize::try_from(size).unwrap(), Some(late));
    let machine = Machine::new().with("HOIST_USEAPI_TOKEN", "user:1-aKeyOfSomebody");
    let machine = machine.with("HOIST_USEAPI_URL", &server.url);
    let child = machine.command(&args!["upload", "--to", "flow-music", file]).spawn().unwrap();
    server.head();
    signal("-INT", child.id());
    let run = machine.finish(child);
    assert_eq!((run.status, run.out.as_str()), (0, "user:1-late-image:1\n"), "{}", run.err);
    assert!(run.err.contains("may still get an answer"), "{}", run.err);
}

#[test]
fn where_few_files_may_be_open_all_are_sent_or_it_is_said_at_once() {
    let sandbox = SandboxProcess::start();
    let machine = Machine::at(&sandbox);
    let files: Vec<_> =
        (0..6).map(|n| machine.file(format!("{n}.png"), &made(Media::Png, 5000 + n))).collect();
    let mut arguments = args!["upload", "--json", "--to", "flow-music"];
    arguments.extend(files.iter().map(|file| file.as_os_str()));
    let hoist = machine.command(&arguments);
    for limit in [7, 9, 11, 12, 14, 16, 24, 31, 32, 40] {
        let mut command = Command::new("sh");
        let script = format!("ulimit -n {limit}; exec \"$@\"");
        command.args(["-c", &script, "sh"]).arg(hoist.get_program()).args(hoist.get_args());
        command.env_clear().envs(hoist.get_envs().filter_map(|(name, value)| Some((name, value?))));
        command.current_dir(machine.files()).stdin(Stdio::null());
        let run = machine.finish(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap());
        if limit < 32 {
            run.is_bad_usage(&["only", "files open", "ulimit -n"]);
        } else {
            assert_eq!((run.status, states(&run.objects())), (0, vec!["done"; 6]), "{limit}: {}", run.err);
        }
    }
}

#[test]
fn a_mistyped_command_opens_no_window() {
    let machine = Machine::new();
    machine.file("here.png", b"");
    for (typed, meant) in [
        ("uplaod", "`hoist upload`"),
        ("histroy", "`hoist history`"),
        ("destinatons", "`hoist destinations`"),
    ] {
        let run = machine.run(&args![typed, "here.png"]);
        run.is_bad_usage(&[&format!("\"{typed}\""), meant]);
        assert_eq!(run.err.lines().count(), 1, "{}", run.err);
    }
    machine.run(&args!["--new-window", "gone.png"]).is_bad_usage(&["no file \"gone.png\" here"]);
    machine.run(&args!["here.png", "a\u{1b}[2J"]).is_bad_usage(&["no file \"a\\u{1b}[2J\" here"]);
    // What is there, or is a path, is a file: without a display that is as far as it gets.
    for file in ["here.png", "./uplaod", "/gone.png"] {
        let run = machine.run(&args![file]);
        assert!(run.status == 2 && !run.err.contains("no file"), "{}", run.err);
    }
}

#[test]
fn json_moves_no_cursor_whatever_names_and_providers_say() {
    let hostile = "\u{9b}2J\u{202e}\u{2066}\u{61c}\u{7f}";
    let body = format!("{{\"error\":\"no {hostile}\"}}");
    let server = crate::support::server::Server::always(crate::support::server::Reaction::Answer(
        crate::support::server::Answer::new(400, body),
    ));
    let machine = Machine::towards(&server);
    let file = machine.file(format!("a{hostile}.png"), &fs::read(sample("cover.png")).unwrap());
    let (run, objects) = machine.upload(&args!["--to", "flow-music", file]);
    let list = machine.run(&args!["history", "list", "--json"]);
    let export = machine.run(&args!["history", "export", "--json"]);
    for out in [&run.out, &list.out, &export.out] {
        assert!(!out.contains(|c: char| hostile.contains(c) && !c.is_ascii_graphic()), "{out:?}");
        assert!(out.contains("\\u009b2J\\u202e\\u2066\\u061c\\u007f"), "{out}");
    }
    assert_eq!(objects[0]["file"], file.to_string_lossy().as_ref(), "the value is the same");
    assert_eq!(objects[0]["error"]["service_message"], format!("no {hostile}"));
}
