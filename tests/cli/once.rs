//! Content that is sent once: by copies in one command, by several commands at once, and after one that was killed.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::process::Child;

use hoist::model::media::Media;

use crate::machine::{Machine, signal, states};
use crate::servers::{accepted, holding};
use crate::support::made;
use crate::support::server::{Gate, Reaction, Server};

/// A command that sends files only where their content was not sent before.
fn start(machine: &Machine, files: &[&OsStr]) -> Child {
    let arguments = [&args!["upload", "--json", "--to", "google-flow", "--skip-sent"], files].concat();
    machine.command(&arguments).spawn().unwrap()
}

#[test]
fn copies_within_one_command_are_sent_once_and_all_have_the_id() {
    let server = Server::start(|_, number| Reaction::Answer(accepted("google-flow", number)));
    let machine = Machine::towards(&server);
    let bytes = made(Media::Png, 5000);
    let copies: Vec<_> = (0..12).map(|n| machine.file(format!("{n}.png"), &bytes)).collect();
    let other = machine.file("other.png", &made(Media::Png, 5001));
    let files: Vec<&OsStr> = copies.iter().chain([&other]).map(|path| path.as_os_str()).collect();
    let run = machine.finish(start(&machine, &files));
    let objects = run.objects();
    assert_eq!((run.status, states(&objects)), (0, vec!["done"; 13]), "{}", run.err);
    assert_eq!(server.requests().len(), 2, "each content once");
    let ids: BTreeSet<_> = objects[..12].iter().map(|object| object["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), 1, "{ids:?}");
    let sent_before = objects[..12].iter().filter(|object| object["sent_before"].is_string()).count();
    assert_eq!((sent_before, run.err.matches("and is not sent again.").count()), (11, 11), "{}", run.err);
    assert_eq!(states(&machine.history(&[])), ["done"; 2], "what was not sent is no upload");

    // Whoever does not say so sends them all.
    let run = machine.run(&args!["upload", "--to", "google-flow", "-o", "x=1", copies[0]]);
    assert_ne!(run.status, 0, "the option is unknown");
    let two = machine.run(&args!["upload", "--to", "google-flow", copies[0], copies[1]]);
    assert_eq!((two.status, server.requests().len()), (0, 4), "{}", two.err);
}

#[test]
fn copies_of_what_may_exist_are_not_sent_after_it() {
    let server = Server::always(Reaction::CutAfterBody);
    let machine = Machine::towards(&server);
    let bytes = made(Media::Png, 5000);
    let copies: Vec<_> = (0..3).map(|n| machine.file(format!("{n}.png"), &bytes)).collect();
    let files: Vec<&OsStr> = copies.iter().map(|path| path.as_os_str()).collect();
    let run = machine.finish(start(&machine, &files));
    assert_eq!((run.status, states(&run.objects())), (3, vec!["unknown"; 3]), "{}", run.err);
    assert_eq!(server.requests().len(), 1);
    assert_eq!(run.err.matches("was not sent again").count(), 2, "{}", run.err);
}

#[test]
fn of_several_commands_at_once_one_sends_and_the_others_wait_for_its_id() {
    let gate = Gate::default();
    let server = holding(&gate);
    let machine = Machine::towards(&server);
    let file = machine.file("a.png", &made(Media::Png, 5000));
    let commands: Vec<_> = (0..6).map(|_| start(&machine, &[file.as_os_str()])).collect();
    server.until("one sends it", |requests| !requests.is_empty());
    std::thread::sleep(std::time::Duration::from_millis(1500)); // the others had the time to send it, too
    gate.open();
    let runs: Vec<_> = commands.into_iter().map(|command| machine.finish(command)).collect();
    let ids: BTreeSet<_> =
        runs.iter().map(|run| run.objects()[0]["id"].as_str().map(ToOwned::to_owned)).collect();
    assert!(runs.iter().all(|run| run.status == 0) && ids.len() == 1, "{runs:?}");
    assert_eq!((server.requests().len(), machine.history(&[]).len()), (1, 1));
}

#[test]
fn what_another_command_sends_is_waited_for_though_its_content_is_not_known_yet() {
    let gate = Gate::default();
    let held = gate.clone();
    let server = Server::start(move |_, number| {
        Reaction::PauseWithin(100_000, held.clone(), accepted("flow-music", number))
    });
    let machine = Machine::towards(&server);
    let file = machine.long("long.mp3", "tone.mp3", 8 << 20);
    let start = |more: &[&OsStr]| {
        let arguments = [&args!["upload", "--json", "--to", "flow-music", file], more].concat();
        machine.command(&arguments).spawn().unwrap()
    };
    let first = start(&[]);
    machine.until_history(&["sending"]);
    let once = start(&args!["--skip-sent"]);
    std::thread::sleep(std::time::Duration::from_millis(1500)); // it had the time to send it, too
    gate.open();
    let (first, once) = (machine.finish(first), machine.finish(once));
    assert_eq!((first.status, once.status), (0, 0), "{first:?} {once:?}");
    assert_eq!(first.objects()[0]["id"], once.objects()[0]["id"]);
    assert_eq!(server.requests().len(), 1, "it arrived once");
}

#[test]
fn a_command_that_was_killed_blocks_no_other_one() {
    // With a part of the file nothing can exist; with the whole of it, it may.
    for (reaction, states_after, bodies) in [
        (Reaction::StallWithin(1000), vec!["done"], 2),
        (Reaction::AnswerAfter(Gate::default(), accepted("google-flow", 0)), vec!["unknown"], 1),
    ] {
        let whole = matches!(reaction, Reaction::AnswerAfter(..));
        let server = Server::start(move |_, number| match number {
            0 => reaction.clone(),
            _ => Reaction::Answer(accepted("google-flow", number)),
        });
        let machine = Machine::towards(&server);
        let file = machine.file("a.png", &made(Media::Png, 8_000_000));
        let mut first = start(&machine, &[file.as_os_str()]);
        if whole {
            machine.until_history(&["sending"]);
            let sent = || {
                let db = rusqlite::Connection::open(machine.database()).unwrap();
                db.query_row("SELECT count(*) FROM upload WHERE state = 'sent'", [], |row| {
                    row.get::<_, i64>(0)
                })
                .unwrap()
            };
            while sent() == 0 {
                std::thread::sleep(std::time::Duration::from_millis(10));
            }
        } else {
            server.until("it is on its way", |requests| !requests.is_empty());
        }
        let second = start(&machine, &[file.as_os_str()]);
        std::thread::sleep(std::time::Duration::from_secs(1)); // it waits by now
        signal("-KILL", first.id());
        first.wait().unwrap();
        let run = machine.finish(second);
        assert_eq!(states(&run.objects()), states_after, "{}", run.err);
        assert_eq!(server.requests().len(), bodies);
    }
}
