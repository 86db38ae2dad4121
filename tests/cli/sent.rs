//! The same content, sent to the same destination before.

use std::ffi::OsStr;
use std::fs;

use hoist::model::media::Media;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::machine::{Machine, sample, states};
use crate::servers::{SandboxProcess, accepted};
use crate::support::made;
use crate::support::server::{Reaction, Server};

/// The time an upload was asked for, as it is said.
fn said_time(time: &str) -> String {
    let time: Timestamp = time.parse().unwrap();
    time.to_zoned(TimeZone::system()).strftime("%-d %b %Y %H:%M").to_string()
}

#[test]
fn content_that_is_there_already_is_said_and_sent_or_its_earlier_id_taken() {
    let sandbox = SandboxProcess::start();
    let machine = Machine::at(&sandbox);
    let first = machine.file("cover.png", &fs::read(sample("cover.png")).unwrap());
    let to = args!["--to", "google-flow", "--account", "jane@example.com"];
    let upload = |more: &[&OsStr]| machine.run(&[&args!["upload"], &to[..], more].concat());
    let run = upload(&args![first]);
    assert_eq!((run.status, run.err.as_str()), (0, ""));
    let id = run.lines()[0].to_owned();
    let time = machine.history(&[])[0]["time"].as_str().unwrap().to_owned();

    // Another name, the same content.
    let same = machine.file("same.png", &fs::read(&first).unwrap());
    let line = format!("hoist: same.png was sent to Google Flow on {}", said_time(&time));
    let run = upload(&args!["--dry-run", same]);
    assert!(run.err == format!("{line}: {id}\n") && run.out.contains("would be sent to"), "{run:?}");
    let run = upload(&args!["--dry-run", "--skip-sent", same]);
    assert_eq!(run.err, format!("{line} and is not sent again.\n"));
    assert_eq!(run.out, format!("same.png: would not be sent to Google Flow again: {id}\n"));
    let run = upload(&args!["--skip-sent", same]);
    assert_eq!(
        (run.status, run.out, run.err),
        (0, format!("{id}\n"), format!("{line} and is not sent again.\n"))
    );
    let json = upload(&args!["--skip-sent", "--json", same]).objects();
    assert_eq!((states(&json), &json[0]["id"]), (vec!["done"], &id.as_str().into()));
    assert_eq!((&json[0]["sent_before"], &json[0]["error"]), (&time.as_str().into(), &().into()));
    assert_eq!(json[0]["file"], same.to_str().unwrap());
    assert!(json[0]["response"].is_object(), "{}", json[0]);
    assert_eq!(sandbox.requests().len(), 1, "so far nothing was sent again");
    assert_eq!(machine.history(&[]).len(), 1, "and nothing was asked for");

    let json = upload(&args!["--json", same]);
    assert_eq!((json.status, json.err.as_str()), (0, format!("{line}: {id}\n").as_str()));
    assert_eq!(json.objects()[0]["sent_before"], time.as_str());
    assert_ne!(json.objects()[0]["id"], id.as_str(), "the command was explicit");
    assert_eq!(sandbox.requests().len(), 2);

    // What is not the same is not said to be: another account, another content of the same size, other options.
    let mut bytes = fs::read(&first).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    let other = machine.file("other.png", &bytes);
    for (arguments, file) in [
        (args!["--to", "google-flow", "--account", "joe@example.com"], &first),
        (args!["--to", "google-flow", "--account", "jane@example.com"], &other),
        (args!["--to", "flow-music"], &first),
        (args!["--to", "flow-music", "-o", "stripMetadata=false"], &first),
    ] {
        let (run, objects) = machine.upload(&[&arguments[..], &args!["--skip-sent", file]].concat());
        assert_eq!((run.status, run.err.as_str()), (0, ""), "{arguments:?}");
        assert!(objects[0]["sent_before"].is_null(), "{}", objects[0]);
    }
    assert_eq!(sandbox.requests().len(), 6);
}

#[test]
fn content_whose_fate_nobody_knows_is_said_and_not_sent_again_unasked() {
    let server = Server::start(|_, number| match number {
        0 => Reaction::CutAfterBody,
        _ => Reaction::Answer(accepted("google-flow", number)),
    });
    let machine = Machine::towards(&server);
    let file = machine.file("a.png", &made(Media::Png, 5000));
    let upload = |more: &[&OsStr]| machine.upload(&[&args!["--to", "google-flow", file], more].concat());
    assert_eq!(upload(&[]).0.status, 3);
    let time = machine.history(&[])[0]["time"].as_str().unwrap().to_owned();
    let line = format!(
        "hoist: a.png was sent to Google Flow on {} without an answer: it may exist.\n",
        said_time(&time)
    );
    for more in [args!["--skip-sent"], args!["--skip-sent", "--dry-run"]] {
        let (run, objects) = upload(&more);
        assert_eq!((run.status, states(&objects)), (3, vec!["unknown"]), "{}", run.err);
        assert_eq!(objects[0]["sent_before"], time.as_str());
        assert!(run.err.starts_with(&line), "{}", run.err);
    }
    let run = machine.run(&args!["upload", "--to", "google-flow", "--skip-sent", file]);
    assert_eq!((run.status, run.out.as_str()), (3, ""));
    assert!(run.err.starts_with(&line) && run.err.contains("was not sent again"), "{}", run.err);
    assert_eq!(server.requests().len(), 1);

    let (run, objects) = upload(&[]);
    assert_eq!((run.status, states(&objects), run.err.as_str()), (0, vec!["done"], line.as_str()));
    assert_eq!(server.requests().len(), 2);
    // Now one is known for certain, and that one is taken.
    let (run, again) = upload(&args!["--skip-sent"]);
    assert_eq!((run.status, &again[0]["id"]), (0, &objects[0]["id"]));
    assert_eq!(server.requests().len(), 2);
    assert_eq!(states(&machine.history(&[])), ["done", "unknown"]);
}

#[test]
fn an_id_in_doubt_is_said_and_kept_but_no_result() {
    let server = Server::start(|_, number| {
        let answer = accepted("flow-music", number);
        Reaction::Answer(if number == 1 {
            answer.body(|mut body| {
                body.pop(); // its end does not come
                body
            })
        } else {
            answer
        })
    });
    let machine = Machine::towards(&server);
    let file = machine.file("a.png", &made(Media::Png, 5000));
    let first = machine.run(&args!["upload", "--to", "flow-music", file]);
    assert_eq!((first.status, first.lines().len()), (0, 1), "{}", first.err);
    let (run, objects) = machine.upload(&args!["--to", "flow-music", file]);
    assert_eq!((run.status, states(&objects)), (3, vec!["unknown"]), "{}", run.err);
    let id = objects[0]["id"].as_str().unwrap();
    assert!(id != first.lines()[0] && run.err.contains(id), "{}", run.err);
    let found = machine.history(&args!["--search", id]);
    assert_eq!((states(&found), found[0]["id"].as_str()), (vec!["unknown"], Some(id)));
    // Nobody takes it for a result: neither where lines are printed, nor where what is there is not sent again.
    let again = machine.run(&args!["upload", "--to", "flow-music", "--skip-sent", file]);
    assert_eq!((again.status, &again.out), (0, &first.out));
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn a_link_that_is_gone_was_not_sent_before() {
    let server = Server::start(|_, number| Reaction::Answer(accepted("piapi", number)));
    let machine = Machine::towards(&server);
    let file = machine.file("a.png", &made(Media::Png, 5000));
    let upload = || machine.run(&args!["upload", "--to", "piapi", "--skip-sent", file]);
    let (first, second) = (upload(), upload());
    assert_eq!((second.status, &second.out), (0, &first.out));
    assert!(second.err.contains("a.png was sent to PiAPI on"), "{}", second.err);
    assert_eq!(server.requests().len(), 1);
    machine.change_history("UPDATE upload SET expires = expires - 25 * 3600 * 1000");
    let third = upload();
    assert_eq!((third.status, third.err.as_str()), (0, ""));
    assert_ne!(third.out, first.out);
    assert_eq!(server.requests().len(), 2);
}
