//! What is sent again without being asked, what never is, and accounts that take nothing for a while.

use std::ffi::OsStr;

use hoist::model::media::Media;
use serde_json::Value;

use crate::machine::{Machine, states};
use crate::servers::accepted;
use crate::support::made;
use crate::support::server::{Answer, Reaction, Recorded, Server};

fn error(status: u16) -> Answer {
    Answer::new(status, r#"{"error":"not now"}"#)
}

/// How the tries of an upload ended.
fn tries(object: &Value) -> Vec<&str> {
    object["attempts"].as_array().unwrap().iter().map(|t| t["outcome"].as_str().unwrap()).collect()
}

/// A file is known on the wire by its size.
fn size(request: &Recorded) -> usize {
    request.header("content-length").unwrap().parse().unwrap()
}

#[test]
fn what_was_not_accepted_is_sent_again_twice_and_then_no_more() {
    let (busy, always_busy, cut) = (1001, 1002, 12_000_003);
    let seen = std::sync::Mutex::new(vec![]);
    let server = Server::start(move |request, number| {
        let mut seen = seen.lock().unwrap();
        seen.push(size(request));
        let tries = seen.iter().filter(|s| **s == size(request)).count();
        match (size(request), tries) {
            (size, 1 | 2) if size == busy => Reaction::Answer(error(503)),
            (size, _) if size == always_busy => Reaction::Answer(error(503)),
            (size, 1) if size == cut => Reaction::ResetAfter(1000),
            _ => Reaction::Answer(accepted("google-flow", number)),
        }
    });
    let machine = Machine::towards(&server);
    let files =
        [busy, always_busy, cut].map(|size| machine.file(format!("{size}.png"), &made(Media::Png, size)));
    let mut arguments = args!["--to", "google-flow", "--account", "jane@example.com"];
    arguments.extend(files.iter().map(|file| file.as_os_str()));
    let (run, objects) = machine.upload(&arguments);
    assert_eq!((run.status, states(&objects)), (1, vec!["done", "refused", "done"]), "{}", run.err);
    assert_eq!(objects[1]["error"]["kind"], "busy");
    assert_eq!(run.err.lines().count(), 1, "only what failed in the end is said: {}", run.err);
    let requests = server.requests();
    let bodies = |size: usize| requests.iter().filter(|r| r.body_len == size as u64).count();
    assert_eq!([busy, always_busy, cut].map(bodies), [3, 3, 1]);
    assert_eq!(requests.len(), 8);

    let history = machine.history(&[]);
    let all: Vec<_> = history.iter().rev().map(tries).collect();
    assert_eq!(all, [vec!["busy", "busy", "done"], vec!["busy"; 3], vec!["cut", "done"]]);
}

#[test]
fn what_may_exist_is_sent_once_except_where_it_dies_by_itself() {
    for (to, reaction, kind) in [
        ("google-flow", Reaction::CutAfterBody, "no-answer"),
        ("google-flow", Reaction::Answer(error(502)), "gateway"),
        ("google-flow", Reaction::Answer(error(504)), "gateway"),
        ("google-flow", Reaction::Answer(error(520)), "server-error"),
        ("google-flow", Reaction::Answer(Answer::new(200, "{}")), "unreadable-answer"),
        ("google-flow", Reaction::Answer(Answer::new(200, "<html>")), "unreadable-answer"),
        ("piapi", Reaction::CutAfterBody, "no-answer"),
    ] {
        let first = reaction.clone();
        let server = Server::start(move |_, number| match number {
            0 => first.clone(),
            _ => Reaction::Answer(accepted("piapi", number)),
        });
        let machine = Machine::towards(&server);
        let file = machine.file("a.png", &made(Media::Png, 3000));
        let (run, objects) = machine.upload(&args!["--to", to, file]);
        let history = machine.history(&[]);
        if to == "piapi" {
            assert_eq!((run.status, states(&objects)), (0, vec!["done"]), "{}", run.err);
            assert_eq!((server.whole_bodies(), tries(&history[0])), (2, vec![kind, "done"]));
        } else {
            assert_eq!((run.status, states(&objects)), (3, vec!["unknown"]), "{reaction:?}: {}", run.err);
            assert_eq!((&objects[0]["error"]["kind"], server.whole_bodies()), (&kind.into(), 1));
            assert_eq!((states(&history), tries(&history[0])), (vec!["unknown"], vec![kind]));
            assert!(run.err.contains("may exist"), "{}", run.err);
        }
    }
}

#[test]
fn a_short_hold_is_waited_for_and_a_long_one_lasts_into_the_next_command() {
    let server = Server::start(|request, number| match number {
        _ if request.target.contains("slow") => Reaction::Answer(error(429).header("retry-after", "600")),
        0 => Reaction::Answer(error(429).header("retry-after", "1")),
        _ => Reaction::Answer(accepted("google-flow", number)),
    });
    let machine = Machine::towards(&server);
    let file = machine.file("a.png", &made(Media::Png, 2000));
    let upload = |account: &str, file: &OsStr| {
        machine.upload(&args!["--to", "google-flow", "--account", account, file])
    };
    let (run, objects) = upload("quick@example.com", file.as_os_str());
    assert_eq!((run.status, states(&objects), run.err.lines().count()), (0, vec!["done"], 1), "{}", run.err);
    assert!(run.err.contains("quick@example.com is rate-limited until"), "{}", run.err);
    assert_eq!(tries(&machine.history(&[])[0]), ["rate-limited", "done"]);
    let waited = server.requests()[1].arrived.duration_since(server.requests()[0].arrived);
    assert!(waited.as_millis() >= 900, "{waited:?}");

    let held = |objects: &[Value]| objects[0]["error"]["until"].as_str().unwrap().to_owned();
    let (run, objects) = upload("slow@example.com", file.as_os_str());
    assert_eq!((run.status, states(&objects)), (1, vec!["held"]), "{}", run.err);
    let first = held(&objects);
    assert_eq!(server.requests().len(), 3);

    // The next command does not ask once more, and other accounts go on.
    let other = machine.file("b.png", &made(Media::Png, 2001));
    let (run, objects) = upload("slow@example.com", other.as_os_str());
    assert_eq!((run.status, states(&objects)), (1, vec!["held"]), "{}", run.err);
    let until = |text: &str| text.parse::<jiff::Timestamp>().unwrap().as_second();
    assert!((until(&held(&objects)) - until(&first)).abs() <= 1, "{first} {}", held(&objects));
    assert_eq!(server.requests().len(), 3);
    assert_eq!(upload("jane@example.com", other.as_os_str()).0.status, 0);
    assert_eq!(states(&machine.history(&[])), ["done", "held", "held", "done"]);
    assert_eq!(machine.history(&[])[1]["attempts"], Value::Array(vec![]), "it was never tried");

    // What is left of a hold may be short enough to be waited for.
    let soon = jiff::Timestamp::now().as_millisecond() + 1500;
    machine.change_history(&format!("UPDATE hold SET until = {soon}"));
    let (run, objects) = upload("slow@example.com", other.as_os_str());
    assert_eq!((run.status, states(&objects)), (1, vec!["held"]), "it was asked, and said no again");
    assert_eq!(server.requests().len(), 5);
    assert!(server.requests()[4].arrived.as_millisecond() >= soon - 100);
}
