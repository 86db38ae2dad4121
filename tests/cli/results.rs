//! What an upload prints, and in which order.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::Command;

use hoist::model::media::Media;
use hoist::provider;
use serde_json::Value;

use crate::machine::{Machine, sample, samples, states};
use crate::servers::SandboxProcess;

#[test]
fn every_provider_gives_one_line_for_a_sample_and_the_sandbox_says_that_it_is_one() {
    let machine = Machine::new();
    for facts in provider::first().into_iter().map(|p| p.facts()) {
        let files = samples(facts);
        let mut arguments = args!["upload", "--sandbox", "--to", facts.id];
        arguments.push(files[0].as_os_str());
        let one = machine.run(&arguments);
        assert_eq!(one.status, 0, "{}: {}", facts.id, one.err);
        let [line] = one.lines()[..] else { panic!("{}: {}", facts.id, one.out) };
        assert!(one.out.ends_with('\n') && line.len() > 20 && !line.contains(' '), "{line}");
        assert_eq!(line.starts_with("http://127.0.0.1:"), facts.id == "piapi", "{line}");
        assert_eq!(one.err, "hoist: Sandbox: uploads stay on this computer.\n");

        arguments.extend(files[1..].iter().map(|f| f.as_os_str()));
        let all = machine.run(&arguments);
        assert_eq!(all.status, 0, "{}: {}", facts.id, all.err);
        let mut lines = all.lines();
        lines.sort_unstable();
        lines.dedup();
        assert_eq!(lines.len(), files.len(), "{}: one ID for each: {}", facts.id, all.out);
    }
}

#[test]
fn results_come_in_the_order_of_the_files_though_the_first_takes_longest() {
    let machine = Machine::new();
    let slow = machine.long("slow.mp3", "tone.mp3", 30 << 20);
    let (quick, last) = (sample("cover.png"), sample("tone.wav"));
    let run = machine.run(&args![
        "upload",
        "--sandbox",
        "--to=flow-music",
        "--format",
        "{name}\\t{id}",
        slow,
        quick,
        last
    ]);
    assert_eq!(run.status, 0, "{}", run.err);
    let names: Vec<_> = run.lines().iter().map(|l| l.split_once('\t').unwrap().0).collect();
    assert_eq!(names, ["slow.mp3", "cover.png", "tone.wav"]);
}

#[test]
fn files_that_cannot_be_sent_are_said_one_sentence_each_and_the_rest_goes_through() {
    let machine = Machine::new();
    let pipe = machine.files().join("pipe.png");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let circle = machine.files().join("circle.png");
    std::os::unix::fs::symlink(&circle, &circle).unwrap();
    let locked = machine.file("locked.png", b"x");
    fs::set_permissions(&locked, std::os::unix::fs::PermissionsExt::from_mode(0o0)).unwrap();
    let refused = [
        (sample("clip.mp4"), "Flow Music doesn't accept video. Send it somewhere else"),
        (
            sample("anim.gif"),
            "Flow Music doesn't accept GIF. Convert to a still picture, or send it somewhere else. Use `--fit`",
        ),
        (machine.file("paper.png", b"%PDF-1.7\n"), "Flow Music doesn't accept PDF"),
        (machine.file("notes.png", b"only words"), "This is not an image, audio or video that Hoist knows"),
        (machine.file("empty.png", b""), "The file is empty"),
        (machine.long("huge.png", "cover.png", (20 << 20) + 1), "20,971,521 bytes is over the 20 MB limit"),
        (machine.files().join("missing.png"), "The file does not exist"),
        (pipe, "This is not an ordinary file"),
        (PathBuf::from("/dev/zero"), "This is not an ordinary file"),
        (circle, "The file cannot be read"),
        // Root may read what is locked, and then finds no picture in it.
        (locked.clone(), if File::open(&locked).is_ok() { "This is not an image" } else { "cannot be read" }),
    ];
    let (first, last) = (sample("cover.png"), sample("tone.mp3"));
    let mut arguments = args!["upload", "--sandbox", "--to", "flow-music", first];
    arguments.extend(refused.iter().map(|(path, _)| path.as_os_str()));
    arguments.push(last.as_os_str());
    let run = machine.run(&arguments);
    assert_eq!(run.status, 1, "{}", run.err);
    assert!(run.lines()[0].contains("-image:") && run.lines()[1].contains("-audio:"), "{}", run.out);
    assert_eq!(run.lines().len(), 2);
    let said: Vec<_> = run.err.lines().skip(1).collect();
    assert_eq!(said.len(), refused.len(), "{}", run.err);
    for (line, (path, words)) in said.iter().zip(&refused) {
        let name = path.file_name().unwrap().to_str().unwrap();
        let sentences = line.strip_prefix(&format!("hoist: {name}: ")).unwrap_or_else(|| panic!("{line}"));
        assert!(sentences.contains(words), "{words:?} is not in: {line}");
        let next = sentences.split_once(". ").unwrap_or_else(|| panic!("no next step: {line}")).1;
        assert!(next.len() > 10 && next.ends_with('.'), "{line}");
    }

    let mut arguments = args!["--sandbox", "--to", "flow-music"];
    arguments.extend(refused.iter().map(|(path, _)| path.as_os_str()));
    let (run, objects) = machine.upload(&arguments);
    assert_eq!(run.status, 1);
    assert_eq!(objects.len(), refused.len());
    for (object, (path, _)) in objects.iter().zip(&refused) {
        assert_eq!(object["file"], path.to_str().unwrap());
        assert_eq!((&object["state"], &object["error"]["kind"]), (&"refused".into(), &"file".into()));
    }
}

#[test]
fn json_has_the_ids_links_values_and_the_whole_reply() {
    let machine = Machine::new();
    let file = sample("cover.png");
    for facts in provider::first().into_iter().map(|p| p.facts()).filter(|f| f.accepts(Media::Png).is_some())
    {
        let (run, objects) = machine.upload(&args!["--sandbox", "--to", facts.id, file]);
        assert_eq!(run.status, 0, "{}", run.err);
        let [object] = &objects[..] else { panic!("{}", run.out) };
        assert_eq!(object.as_object().unwrap().len(), 14, "nothing beyond the documented: {object}");
        assert_eq!(object["file"], file.to_str().unwrap());
        assert_eq!(object["provider"], facts.id);
        assert_eq!(object["destination"], facts.name);
        assert_eq!(object["state"], "done");
        assert!(object["error"].is_null() && object["account"].is_null(), "{object}");
        let first = if object["id"].is_null() { &object["url"] } else { &object["id"] };
        let values = object["values"].as_object().unwrap();
        assert!(values.values().any(|v| v == first), "{object}");
        assert!(object["response"].to_string().contains(first.as_str().unwrap()), "{object}");
        match object["expires"].as_str() {
            Some(expires) => {
                let expires: jiff::Timestamp = expires.parse().unwrap();
                let left = expires.duration_since(jiff::Timestamp::now()).as_secs();
                assert!(facts.terms.retention.is_some() && (86_000..=86_400).contains(&left), "{left}");
            }
            None => assert!(facts.terms.retention.is_none()),
        }
    }
}

#[test]
fn relative_paths_become_whole_ones_in_json() {
    let machine = Machine::new();
    let path = machine.file("cover.png", &fs::read(sample("cover.png")).unwrap());
    let (run, objects) = machine.upload(&args!["--sandbox", "--to", "flow-music", "cover.png"]);
    assert_eq!((run.status, &objects[0]["file"]), (0, &path.to_str().unwrap().into()));
}

#[test]
fn a_line_of_ones_own_has_the_fields_asked_for() {
    let machine = Machine::new();
    let file = sample("cover.png");
    let template =
        "![{name}]({url}) {{{provider}|{destination}|{account}|{expires}|{state}}} {json:/kind} {json:/none}";
    let email = "jane+hoist@example.com";
    let upload = |template: &str, to: &str| {
        machine
            .run(&args!["upload", "--sandbox", "--to", to, "--account", email, "--format", template, file,])
    };
    let run = upload(template, "flow-music");
    assert_eq!(run.status, 0, "{}", run.err);
    let [line] = run.lines()[..] else { panic!("{}", run.out) };
    let (before, after) = line.split_once(' ').unwrap();
    assert!(before.starts_with("![cover.png](http://127.0.0.1:") && before.ends_with(')'), "{line}");
    assert_eq!(after, format!("{{flow-music|Flow Music|{email}||done}} image "));

    let run = upload("{file}\\t{id}", "google-flow");
    let (path, id) = run.out.trim_end().split_once('\t').unwrap();
    assert_eq!(path, file.to_str().unwrap());
    assert!(id.starts_with("user:1000-email:"), "{id}");
    // PiAPI returns a link alone: it is what is copied as the ID, too.
    let run = machine.run(&args!["upload", "--sandbox", "--to", "piapi", "--format", "{name} {id}", file]);
    assert!(run.out.starts_with("cover.png http://127.0.0.1:"), "{run:?}");
    let run = upload("{json:/mediaGenerationId}", "google-flow");
    assert!(serde_json::from_str::<Value>(&run.out).unwrap()["mediaGenerationId"].is_string());

    upload("{id} {nope}", "flow-music").is_bad_usage(&["{nope}", "{id}", "{json:/path}"]);
    upload("{id", "flow-music").is_bad_usage(&["no closing brace"]);
    machine
        .run(&args!["upload", "--sandbox", "--to", "flow-music", "--json", "--format", "{id}", file])
        .is_bad_usage(&["--json", "--format"]);
}

#[test]
fn without_a_display_nothing_is_copied_and_the_results_are_there_all_the_same() {
    let machine = Machine::new();
    let run = machine.run(&args!["upload", "--sandbox", "--copy", "--to", "flow-music", sample("cover.png")]);
    assert_eq!((run.status, run.lines().len()), (0, 1), "{}", run.err);
    assert!(
        run.err.ends_with("hoist: Nothing was copied: there is no display, and without one no clipboard.\n")
    );
}

#[test]
fn a_dry_run_says_what_would_be_sent_and_sends_nothing() {
    let sandbox = SandboxProcess::start();
    let machine = Machine::at(&sandbox);
    let (good, bad) = (sample("cover.png"), sample("clip.mp4"));
    let run = machine.run(&args!["upload", "--dry-run", "--to", "flow-music", good, bad]);
    assert_eq!(run.status, 1);
    assert_eq!(run.lines().len(), 1);
    assert!(run.out.starts_with("cover.png: PNG, ") && run.out.contains("would be sent to Flow Music"));
    assert!(run.err.contains("clip.mp4: Flow Music doesn't accept video"), "{}", run.err);
    let long = machine.long("long.mp3", "tone.mp3", (50 << 20) + 1);
    let (run, objects) = machine.upload(&args!["--dry-run", "--to", "riffusion", long, good]);
    assert_eq!((run.status, states(&objects)), (1, vec!["ready", "refused"]));
    assert_eq!(objects[0]["warnings"][0], "Riffusion recommends files under 50 MB");
    assert_eq!(sandbox.requests(), [""; 0]);

    let run = machine.run(&args!["upload", "--to", "flow-music", good]);
    assert_eq!(run.status, 0, "{}", run.err);
    let size = fs::metadata(&good).unwrap().len();
    assert_eq!(sandbox.requests(), [format!("POST /v1/flowmusic/files → 200 · {size} bytes received")]);
}

#[test]
fn riffusion_is_waited_for_unless_nobody_wants_to() {
    let sandbox = SandboxProcess::start();
    let machine = Machine::at(&sandbox);
    let file = sample("tone.mp3");
    let run = machine.run(&args!["upload", "--to", "riffusion", "--no-wait", file]);
    assert_eq!((run.status, run.lines().len()), (0, 1), "{}", run.err);
    assert_eq!(run.err, "hoist: tone.mp3: processing there. Its ID is known.\n");
    assert_eq!(sandbox.requests().len(), 1, "nobody asked whether it is finished");

    let (run, objects) = Machine::new().upload(&args!["--sandbox", "--to", "riffusion", file]);
    assert_eq!((run.status, &objects[0]["values"]["status"]), (0, &"complete".into()));
    assert_eq!(objects[0]["id"], objects[0]["values"]["job_id"]);
}
