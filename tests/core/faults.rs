//! What goes wrong on the way: connections that break, servers that stall, files that change. Every test says how many
//! bodies came whole: nothing that may exist is ever sent twice by itself, but to a service whose files die by themselves.

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::time::{Duration, SystemTime};

use crate::support::server::{Answer, Closed, Gate, Reaction, Recorded, Server, most_at_once, sha256};
use crate::support::{
    Rig, by_id, failure, first_type, made, name_of, receipt, success, to, to_account, tries_of_unknown,
};
use hoist::media::hash;
use hoist::model::destination::Destination;
use hoist::model::error::FailureKind;
use hoist::model::media::Media;
use hoist::model::text::MB;
use hoist::model::upload::{Event, State, UploadId};
use hoist::provider::{self, Provider};

/// Far beyond what the system's buffers hold between two programs: the sender cannot have handed all of it over while
/// the server has read little of it.
const LARGE: u64 = 64 * MB;

fn flow_music() -> &'static Provider {
    by_id("flow-music")
}

fn ok() -> Answer {
    success(flow_music())
}

/// Sends a large file that takes no room on the disk.
fn send_large(rig: &mut Rig, provider: &Provider) -> UploadId {
    let path = rig.sparse(first_type(provider), LARGE);
    rig.send(&path, &to(provider))
}

#[track_caller]
fn assert_refused(state: &State, kind: FailureKind) {
    assert!(matches!(state, State::Refused(_)), "{state:?}");
    assert_eq!(failure(state).kind, kind, "{state:?}");
}

#[track_caller]
fn assert_unknown(state: &State, kind: FailureKind) {
    assert!(matches!(state, State::Unknown(_)), "{state:?}");
    assert_eq!(failure(state).kind, kind, "{state:?}");
}

fn all_sent(rig: &Rig, id: UploadId) -> bool {
    rig.events(id).contains(&&Event::AllSent)
}

// ---- Before the last byte: refused, and safe to send again ----

#[test]
fn a_provider_that_cannot_be_reached_was_sent_nothing() {
    let closed = Closed::new();
    for provider in provider::first() {
        let mut rig = Rig::with(&closed.origin(), |_| {});
        let path = rig.small(provider);
        let id = rig.send(&path, &to(provider));
        assert_refused(&rig.end(id), FailureKind::Unreachable);
        assert!(!all_sent(&rig, id));
        assert_eq!(rig.tries(id), 3, "nothing was accepted, so it is tried again twice");
    }
}

#[test]
fn a_connection_that_breaks_in_the_middle_of_a_file_refuses_it() {
    for provider in provider::first() {
        for reaction in [Reaction::CloseBeforeReading, Reaction::ResetAfter(0), Reaction::ResetAfter(MB)] {
            let server = Server::always(reaction.clone());
            let mut rig = Rig::new(&server);
            let id = send_large(&mut rig, provider);
            assert_refused(&rig.end(id), FailureKind::Cut);
            assert!(!all_sent(&rig, id), "{reaction:?}: {:?}", rig.events(id));
            let came = (server.requests().len(), server.whole_bodies());
            assert_eq!(came, (3, 0), "nothing was accepted, so it is tried again twice: {reaction:?}");
        }
    }
}

#[test]
fn a_provider_that_takes_no_more_bytes_is_given_up() {
    for reaction in [Reaction::StallBefore, Reaction::StallWithin(MB)] {
        let server = Server::always(reaction);
        let mut rig = Rig::with(&server.origin(), |c| c.limits.stall = Duration::from_millis(300));
        let id = send_large(&mut rig, flow_music());
        assert_refused(&rig.end(id), FailureKind::Stalled);
        assert!(!all_sent(&rig, id));
        assert!(!server.request().complete, "who waited for so long is not made to wait again");
    }
}

#[test]
fn a_slow_but_steady_provider_is_not_given_up() {
    let stall = Duration::from_secs(2);
    let server = Server::always(Reaction::SlowReading(2 * MB, Duration::from_millis(120), ok()));
    let mut rig = Rig::with(&server.origin(), |c| c.limits.stall = stall);
    let started = std::time::Instant::now();
    let id = send_large(&mut rig, flow_music());
    receipt(&rig.end(id));
    assert!(started.elapsed() > stall, "it was not slow");
    assert_eq!(server.whole_bodies(), 1);
}

#[test]
fn a_refusal_before_the_file_is_sent_whole_is_understood() {
    let words = r#"{"error":"File exceeds the size cap","code":413}"#;
    let server = Server::always(Reaction::AnswerEarly(Answer::new(413, words)));
    let mut rig = Rig::new(&server);
    let id = send_large(&mut rig, flow_music());
    let state = rig.end(id);
    assert_refused(&state, FailureKind::TooLarge);
    assert_eq!(failure(&state).service_message.as_deref(), Some("File exceeds the size cap"));
    assert_eq!(server.requests().len(), 1, "the service would say the same again");
}

#[test]
fn cancelling_before_the_last_byte_closes_the_connection() {
    for provider in provider::first() {
        let gate = Gate::default();
        let server = Server::always(Reaction::PauseWithin(MB, gate.clone(), success(provider)));
        let mut rig = Rig::remembering(&server.origin(), |_| {});
        let id = send_large(&mut rig, provider);
        rig.under_way(id);
        rig.engine.cancel(id);
        assert_eq!(rig.end(id), State::Cancelled);
        gate.open();
        server.until("the connection's end", |all| all.first().is_some_and(|r| r.ended.is_some()));
        assert!(!server.request().complete, "{}", provider.facts().id);
        rig.assert_remembered(id, &["cancelled"]);
    }
}

#[test]
fn cancelling_what_waits_sends_nothing_of_it() {
    let gate = Gate::default();
    let server = Server::always(Reaction::AnswerAfter(gate.clone(), ok()));
    let mut rig = Rig::remembering(&server.origin(), |c| c.slots.at_once = 1);
    let path = rig.small(flow_music());
    let first = rig.send(&path, &to(flow_music()));
    let second = rig.send(&path, &to(flow_music()));
    rig.engine.cancel(second);
    assert_eq!(rig.end(second), State::Cancelled);
    gate.open();
    receipt(&rig.end(first));
    assert_eq!(server.connections(), 1);
    rig.assert_remembered(first, &["done"]);
    rig.assert_remembered(second, &[]);
}

#[test]
fn stopping_the_program_closes_the_connections() {
    let gate = Gate::default();
    let server = Server::always(Reaction::PauseWithin(MB, gate.clone(), ok()));
    let mut rig = Rig::new(&server);
    let id = send_large(&mut rig, flow_music());
    rig.under_way(id);
    drop(rig);
    gate.open();
    server.until("the connection's end", |all| all.first().is_some_and(|r| r.ended.is_some()));
    assert!(!server.request().complete);
}

/// Gives a file another time, as programs do that index, back up or synchronise.
fn touch(path: &Path) {
    let later = SystemTime::now() + Duration::from_mins(1);
    File::options().write(true).open(path).unwrap().set_modified(later).unwrap();
}

#[test]
fn a_file_that_is_touched_while_it_is_sent_is_no_other_file() {
    for provider in provider::first() {
        let gate = Gate::default();
        let server = Server::always(Reaction::PauseWithin(MB, gate.clone(), success(provider)));
        let mut rig = Rig::remembering(&server.origin(), |_| {});
        let path = rig.sparse(first_type(provider), LARGE);
        let id = rig.send(&path, &to(provider));
        rig.under_way(id);
        touch(&path);
        gate.open();
        assert!(matches!(rig.end(id), State::Done(_)), "{}: {:?}", provider.facts().id, rig.state(id));
        assert_eq!(rig.tries(id), 1);
    }
}

#[test]
fn a_file_that_changes_while_it_is_sent_is_not_accepted_anywhere() {
    let changes: [fn(&Path); 4] = [
        // cut short
        |path| File::options().write(true).open(path).unwrap().set_len(MB).unwrap(),
        // longer
        |path| File::options().write(true).open(path).unwrap().set_len(LARGE + 1).unwrap(),
        // the same length, and other bytes where it was read already
        |path| {
            let mut file = File::options().write(true).open(path).unwrap();
            file.seek(SeekFrom::Start(1000)).unwrap();
            file.write_all(b"other").unwrap();
            touch(path);
        },
        // overwritten
        |path| std::fs::write(path, "other").unwrap(),
    ];
    for provider in provider::first() {
        for change in changes {
            let gate = Gate::default();
            let server = Server::always(Reaction::PauseWithin(MB, gate.clone(), success(provider)));
            let mut rig = Rig::remembering(&server.origin(), |_| {});
            let path = rig.sparse(first_type(provider), LARGE);
            let id = rig.send(&path, &to(provider));
            rig.under_way(id);
            change(&path);
            gate.open();
            assert_refused(&rig.end(id), FailureKind::FileChanged);
            server.until("the connection's end", |all| all.first().is_some_and(|r| r.ended.is_some()));
            assert!(!server.request().complete, "{}", provider.facts().id);
            assert!(!all_sent(&rig, id));
            rig.assert_remembered(id, &["file-changed"]);
            assert_eq!(rig.remembered(id).0.hash, None, "nothing was sent whole");
        }
    }
}

/// Another file may take its name: the one that is open stays what it was, on systems that have open files at all.
#[test]
fn a_file_that_went_away_is_sent_as_it_was_or_not_at_all() {
    let changes: [fn(&Path); 2] = [
        // deleted
        |path| std::fs::remove_file(path).unwrap(),
        // replaced, as programs do that save
        |path| {
            let other = path.with_extension("new");
            std::fs::write(&other, made(Media::Png, LARGE as usize - 1)).unwrap();
            // Wine lets nothing take the name of an open file: so it is sent as it is.
            let replaced = std::fs::rename(other, path);
            assert!(cfg!(windows) || replaced.is_ok(), "{replaced:?}");
        },
    ];
    for change in changes {
        let gate = Gate::default();
        let server = Server::always(Reaction::PauseWithin(MB, gate.clone(), ok()));
        let mut rig = Rig::remembering(&server.origin(), |_| {});
        let bytes = made(Media::Png, LARGE as usize);
        let path = rig.file("file.png", &bytes);
        let id = rig.send(&path, &to(flow_music()));
        rig.under_way(id);
        change(&path);
        gate.open();
        match rig.end(id) {
            State::Done(_) => {
                assert_eq!(server.request().sha256, sha256(&bytes));
                rig.assert_remembered(id, &["done"]);
                let copy = rig.file("copy.png", &bytes);
                let sent = hash::of_file(&copy).unwrap().hash;
                assert_eq!(rig.remembered(id).0.hash, Some(sent), "the history knows what was sent");
            }
            state => {
                assert_refused(&state, FailureKind::FileChanged);
                server.until("the connection's end", |all| all.first().is_some_and(|r| r.ended.is_some()));
                assert!(!server.request().complete);
                rig.assert_remembered(id, &["file-changed"]);
            }
        }
    }
}

#[test]
fn a_file_that_changed_or_went_away_before_its_turn_is_not_sent() {
    type Change = fn(&Path);
    let changes: [(Change, bool); 4] = [
        (|path| std::fs::remove_file(path).unwrap(), true),
        (|path| std::fs::write(path, "other").unwrap(), false),
        (
            |path| {
                let other = path.with_extension("new");
                std::fs::write(&other, made(Media::Png, 999)).unwrap();
                std::fs::rename(other, path).unwrap();
            },
            false,
        ),
        (
            |path| {
                std::fs::remove_file(path).unwrap();
                std::fs::create_dir(path).unwrap();
            },
            true,
        ),
    ];
    for (change, gone) in changes {
        let server = Server::always(Reaction::Answer(ok()));
        let mut rig = Rig::remembering(&server.origin(), |_| {});
        let path = rig.small(flow_music());
        let job = rig.job(&path, &to(flow_music()));
        change(&path);
        let id = rig.submit(job);
        if gone {
            assert_refused(&rig.end(id), FailureKind::FileChanged);
            assert_eq!(rig.tries(id), 1, "it stays away");
            rig.assert_remembered(id, &["file-changed"]);
        } else {
            // Whoever added it looks into it anew.
            rig.until("it is given back", |rig| rig.events(id).contains(&&Event::Changed));
            assert_eq!(rig.tries(id), 0);
        }
        assert_eq!(server.connections(), 0, "no service is asked for a file that is no more");
    }
}

// ---- After the last byte: the outcome is unknown, and nothing is sent again ----

#[test]
fn a_connection_that_breaks_after_the_file_leaves_the_outcome_unknown() {
    for provider in provider::first() {
        for reaction in [
            Reaction::CutAfterBody,
            Reaction::PartialAnswer(success(provider)),
            Reaction::Noise(b"\0\x01 what is HTTP?\r\n\r\n".to_vec()),
        ] {
            let server = Server::always(reaction.clone());
            let mut rig = Rig::new(&server);
            let path = rig.small(provider);
            let id = rig.send(&path, &to(provider));
            assert_unknown(&rig.end(id), FailureKind::NoAnswer);
            assert!(all_sent(&rig, id), "{reaction:?}: {:?}", rig.events(id));
            assert_eq!(server.whole_bodies(), tries_of_unknown(provider), "{}", provider.facts().id);
        }
    }
}

#[test]
fn an_answer_that_does_not_come_in_time_leaves_the_outcome_unknown() {
    for provider in provider::first() {
        for reaction in [Reaction::StallAfter, Reaction::UnendingAnswer(success(provider))] {
            let server = Server::always(reaction.clone());
            let mut rig = Rig::with(&server.origin(), |c| c.limits.answer = Duration::from_millis(200));
            let path = rig.small(provider);
            let id = rig.send(&path, &to(provider));
            assert_unknown(&rig.end(id), FailureKind::AnswerTimeout);
            assert!(all_sent(&rig, id), "{reaction:?}");
            assert_eq!(server.whole_bodies(), tries_of_unknown(provider), "{}", provider.facts().id);
        }
    }
}

#[test]
fn an_answer_that_takes_its_time_is_waited_for() {
    // The limit for a stall counts bytes that go out, not the time a service needs to think.
    let server = Server::always(Reaction::SlowAnswer(Duration::from_secs(3), ok()));
    let mut rig = Rig::with(&server.origin(), |c| c.limits.stall = Duration::from_secs(2));
    let path = rig.small(flow_music());
    let id = rig.send(&path, &to(flow_music()));
    receipt(&rig.end(id));
    assert_eq!(server.whole_bodies(), 1);
}

#[test]
fn answers_on_the_way_to_the_answer_are_passed_over() {
    for provider in provider::first() {
        let server = Server::always(Reaction::Interim(vec![100, 102, 103], success(provider)));
        receipt(&Rig::new(&server).send_small(&to(provider)));
        assert_eq!(server.whole_bodies(), 1);
    }
}

#[test]
fn a_refusal_whose_words_get_lost_is_still_a_refusal() {
    let server = Server::always(Reaction::PartialAnswer(Answer::new(401, r#"{"error":"Unauth"#)));
    let state = Rig::new(&server).send_small(&to(flow_music()));
    assert_eq!(failure(&state).kind, FailureKind::WrongKey, "{state:?}");
    assert_eq!(server.whole_bodies(), 1);
}

#[test]
fn cancelling_after_the_last_byte_is_of_unknown_outcome_until_a_late_answer_comes() {
    for provider in provider::first() {
        let gate = Gate::default();
        let server = Server::always(Reaction::AnswerAfter(gate.clone(), success(provider)));
        let mut rig = Rig::remembering(&server.origin(), |_| {});
        let path = rig.small(provider);
        let id = rig.send(&path, &to(provider));
        rig.until("the last byte", |rig| matches!(rig.state(id), State::Sent { .. }));
        server.until("the whole body", |all| all.first().is_some_and(|r| r.complete));
        rig.engine.cancel(id);
        assert_unknown(&rig.end(id), FailureKind::CancelledLate);
        rig.assert_remembered(id, &["cancelled-late"]);
        gate.open();
        rig.until("the late answer", |rig| matches!(rig.state(id), State::Done(_)));
        assert_eq!(server.whole_bodies(), 1, "{}", provider.facts().id);
        rig.assert_remembered(id, &["done"]);
    }
}

#[test]
fn a_late_answer_is_waited_for_without_a_slot_and_not_for_ever() {
    let server = Server::start(|_, n| match n {
        0 => Reaction::StallAfter,
        _ => Reaction::Answer(ok()),
    });
    let mut rig = Rig::remembering(&server.origin(), |c| {
        (c.slots.at_once, c.slots.per_account) = (1, 1);
        c.limits.late = Duration::from_millis(300);
    });
    let path = rig.small(flow_music());
    let first = rig.send(&path, &to(flow_music()));
    let second = rig.send(&path, &to(flow_music()));
    server.until("the whole body", |all| all.first().is_some_and(|r| r.complete));
    rig.engine.cancel(first);
    assert_unknown(&rig.end(first), FailureKind::CancelledLate);
    receipt(&rig.end(second));
    let failed = |e: &&&Event| matches!(e, Event::Failed(_) | Event::CancelledLate(_));
    rig.until("the end of patience", |rig| rig.events(first).iter().filter(failed).count() == 2);
    assert_unknown(rig.state(first), FailureKind::CancelledLate);
    assert_eq!(server.whole_bodies(), 2);
    rig.assert_remembered(first, &["cancelled-late"]);
    rig.assert_remembered(second, &["done"]);
}

// ---- Many files ----

fn is_to(request: &Recorded, account: &str) -> bool {
    request.target.contains(&format!("email={account}%40"))
}

fn account(name: &str) -> Destination {
    to_account(flow_music(), &format!("{name}@example.com"))
}

#[test]
fn four_files_go_out_at_a_time_and_two_of_them_to_one_account() {
    let gate = Gate::default();
    let server = Server::always(Reaction::AnswerAfter(gate.clone(), ok()));
    let mut rig = Rig::new(&server);
    let path = rig.small(flow_music());
    let accounts = ["a", "a", "a", "a", "b", "b", "b", "b", "c", "c", "c", "c"];
    let all: Vec<_> = accounts.iter().map(|name| rig.send(&path, &account(name))).collect();
    server.until("four whole bodies", |all| all.iter().filter(|r| r.complete).count() == 4);
    std::thread::sleep(Duration::from_millis(200)); // time for a fifth that must not come
    gate.open();
    for id in all {
        receipt(&rig.end(id));
    }
    let requests = server.requests();
    assert_eq!((requests.len(), server.whole_bodies()), (12, 12), "each was sent once");
    assert_eq!(most_at_once(requests.iter()), 4);
    for name in ["a", "b", "c"] {
        let most = most_at_once(requests.iter().filter(|r| is_to(r, name)));
        assert!(most <= 2, "{most} to {name}");
    }
}

#[test]
fn many_files_all_arrive_once_each_with_its_own_bytes() {
    let server = Server::always(Reaction::Answer(ok()));
    let mut rig = Rig::new(&server);
    let mut expected = vec![];
    let mut all = vec![];
    for n in 0..60 {
        let bytes = made(Media::Png, 5000 + 7 * n);
        expected.push(sha256(&bytes));
        let path = rig.file(&format!("{n}-{}", name_of(Media::Png)), &bytes);
        all.push(rig.send(&path, &account(["a", "b", "c"][n % 3])));
    }
    for id in all {
        receipt(&rig.end(id));
    }
    let mut came: Vec<_> = server.requests().into_iter().map(|r| r.sha256).collect();
    came.sort();
    expected.sort();
    assert_eq!(came, expected);
}
