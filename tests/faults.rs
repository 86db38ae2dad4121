//! What goes wrong on the way: connections that break, servers that stall, files that change, limits that are reached.
//! Every test counts the bodies that came whole: nothing is ever sent twice.

#![allow(clippy::unwrap_used)] // a test that cannot go on has failed

mod support;

use std::fs::File;
use std::net::TcpListener;
use std::path::Path;
use std::time::{Duration, SystemTime};

use hoist::engine::Config;
use hoist::model::destination::Destination;
use hoist::model::error::FailureKind;
use hoist::model::media::Media;
use hoist::model::text::MB;
use hoist::model::upload::{Event, State, UploadId};
use hoist::provider::{self, Provider};
use jiff::{SignedDuration, Timestamp};
use support::server::{Answer, Gate, Reaction, Recorded, Server, most_at_once, sha256};
use support::{Rig, by_id, failure, first_type, made, name_of, receipt, success, to, to_account};

/// Far beyond what the system's buffers hold between two programs: the sender cannot have handed all of it over while
/// the server has read little of it.
const LARGE: u64 = 64 * MB;

fn flow_music() -> &'static dyn Provider {
    by_id("flow-music")
}

fn ok() -> Answer {
    success(flow_music())
}

/// Sends a large file that takes no room on the disk.
fn send_large(rig: &mut Rig, provider: &dyn Provider) -> UploadId {
    let path = rig.sparse(first_type(provider), LARGE);
    rig.send(&path, &to(provider))
}

/// How often a whole body may come: once, or twice where a second copy does no harm.
fn most_bodies(provider: &dyn Provider) -> usize {
    1 + usize::from(provider.facts().lives.is_some())
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
fn a_service_that_cannot_be_reached_was_sent_nothing() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap();
    let origin = format!("http://{}", closed.local_addr().unwrap());
    drop(closed);
    for provider in provider::ALL {
        let mut rig = Rig::with(&origin, |_| {});
        let path = rig.small(provider);
        let id = rig.send(&path, &to(provider));
        assert_refused(&rig.end(id), FailureKind::Unreachable);
        assert!(!all_sent(&rig, id));
    }
}

#[test]
fn a_connection_that_breaks_in_the_middle_of_a_file_refuses_it() {
    for provider in provider::ALL {
        for reaction in [Reaction::CloseBeforeReading, Reaction::ResetAfter(0), Reaction::ResetAfter(MB)] {
            let server = Server::always(reaction.clone());
            let mut rig = Rig::new(&server);
            let id = send_large(&mut rig, provider);
            assert_refused(&rig.end(id), FailureKind::Cut);
            assert!(!all_sent(&rig, id), "{reaction:?}: {:?}", rig.events(id));
            assert_eq!(server.whole_bodies(), 0);
        }
    }
}

#[test]
fn a_service_that_takes_no_more_bytes_is_given_up() {
    for reaction in [Reaction::StallBefore, Reaction::StallWithin(MB)] {
        let server = Server::always(reaction);
        let mut rig = Rig::with(&server.origin(), |c| c.limits.stall = Duration::from_millis(300));
        let id = send_large(&mut rig, flow_music());
        assert_refused(&rig.end(id), FailureKind::Stalled);
        assert!(!all_sent(&rig, id));
    }
}

#[test]
fn a_slow_but_steady_service_is_not_given_up() {
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
    assert_eq!(failure(&state).said.as_deref(), Some("File exceeds the size cap"));
}

#[test]
fn cancelling_before_the_last_byte_closes_the_connection() {
    for provider in provider::ALL {
        let gate = Gate::default();
        let server = Server::always(Reaction::PauseWithin(MB, gate.clone(), success(provider)));
        let mut rig = Rig::new(&server);
        let id = send_large(&mut rig, provider);
        rig.under_way(id);
        rig.engine.cancel(id);
        assert_eq!(rig.end(id), State::Cancelled);
        gate.open();
        server.until("the connection's end", |all| all.first().is_some_and(|r| r.ended.is_some()));
        assert!(!server.request().complete, "{}", provider.facts().id);
    }
}

#[test]
fn cancelling_what_waits_sends_nothing_of_it() {
    let gate = Gate::default();
    let server = Server::always(Reaction::AnswerAfter(gate.clone(), ok()));
    let mut rig = Rig::with(&server.origin(), |c| c.uploads_at_once = 1);
    let path = rig.small(flow_music());
    let first = rig.send(&path, &to(flow_music()));
    let second = rig.send(&path, &to(flow_music()));
    rig.engine.cancel(second);
    assert_eq!(rig.end(second), State::Cancelled);
    gate.open();
    receipt(&rig.end(first));
    assert_eq!(server.connections(), 1);
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

#[test]
fn a_file_that_changes_while_it_is_sent_is_not_accepted_anywhere() {
    let changes: [fn(&Path); 3] = [
        |path| File::options().write(true).open(path).unwrap().set_len(MB).unwrap(),
        |path| File::options().write(true).open(path).unwrap().set_len(LARGE + 1).unwrap(),
        |path| {
            let later = SystemTime::now() + Duration::from_mins(1);
            File::options().write(true).open(path).unwrap().set_modified(later).unwrap();
        },
    ];
    for provider in provider::ALL {
        for change in changes {
            let gate = Gate::default();
            let server = Server::always(Reaction::PauseWithin(MB, gate.clone(), success(provider)));
            let mut rig = Rig::new(&server);
            let path = rig.sparse(first_type(provider), LARGE);
            let id = rig.send(&path, &to(provider));
            rig.under_way(id);
            change(&path);
            gate.open();
            assert_refused(&rig.end(id), FailureKind::FileChanged);
            server.until("the connection's end", |all| all.first().is_some_and(|r| r.ended.is_some()));
            assert!(!server.request().complete, "{}", provider.facts().id);
            assert!(!all_sent(&rig, id));
        }
    }
}

#[test]
fn a_file_that_went_away_is_sent_as_it_was_or_not_at_all() {
    let gate = Gate::default();
    let server = Server::always(Reaction::PauseWithin(MB, gate.clone(), ok()));
    let mut rig = Rig::new(&server);
    let bytes = made(Media::Png, LARGE as usize);
    let path = rig.file("file.png", &bytes);
    let id = rig.send(&path, &to(flow_music()));
    rig.under_way(id);
    std::fs::remove_file(&path).unwrap();
    gate.open();
    match rig.end(id) {
        State::Done(_) => assert_eq!(server.request().sha256, sha256(&bytes)),
        state => {
            assert_refused(&state, FailureKind::FileChanged);
            assert!(!server.request().complete);
        }
    }
}

#[test]
fn a_file_that_changed_or_went_away_before_its_turn_is_not_sent() {
    let changes: [fn(&Path); 3] = [
        |path| std::fs::remove_file(path).unwrap(),
        |path| std::fs::write(path, "other").unwrap(),
        |path| {
            std::fs::remove_file(path).unwrap();
            std::fs::create_dir(path).unwrap();
        },
    ];
    for change in changes {
        let server = Server::always(Reaction::Answer(ok()));
        let mut rig = Rig::new(&server);
        let path = rig.small(flow_music());
        let job = rig.job(&path, &to(flow_music()));
        change(&path);
        let id = rig.hand_over(job);
        assert_refused(&rig.end(id), FailureKind::FileChanged);
        assert_eq!(server.whole_bodies(), 0);
    }
}

// ---- After the last byte: the outcome is unknown, and nothing is sent again ----

#[test]
fn a_connection_that_breaks_after_the_file_leaves_the_outcome_unknown() {
    for provider in provider::ALL {
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
            assert!((1..=most_bodies(provider)).contains(&server.whole_bodies()), "{}", provider.facts().id);
        }
    }
}

#[test]
fn an_answer_that_does_not_come_in_time_leaves_the_outcome_unknown() {
    for provider in provider::ALL {
        for reaction in [Reaction::StallAfter, Reaction::UnendingAnswer(success(provider))] {
            let server = Server::always(reaction.clone());
            let mut rig = Rig::with(&server.origin(), |c| c.limits.answer = Duration::from_millis(200));
            let path = rig.small(provider);
            let id = rig.send(&path, &to(provider));
            assert_unknown(&rig.end(id), FailureKind::AnswerTimeout);
            assert!(all_sent(&rig, id), "{reaction:?}");
            assert!(server.whole_bodies() <= most_bodies(provider), "{}", provider.facts().id);
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
    for provider in provider::ALL {
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
}

#[test]
fn cancelling_after_the_last_byte_is_of_unknown_outcome_until_a_late_answer_comes() {
    for provider in provider::ALL {
        let gate = Gate::default();
        let server = Server::always(Reaction::AnswerAfter(gate.clone(), success(provider)));
        let mut rig = Rig::new(&server);
        let path = rig.small(provider);
        let id = rig.send(&path, &to(provider));
        rig.until("the last byte", |rig| matches!(rig.state(id), State::Sent { .. }));
        server.until("the whole body", |all| all.first().is_some_and(|r| r.complete));
        rig.engine.cancel(id);
        assert_unknown(&rig.end(id), FailureKind::CancelledLate);
        gate.open();
        rig.until("the late answer", |rig| matches!(rig.state(id), State::Done(_)));
        assert_eq!(server.whole_bodies(), 1, "{}", provider.facts().id);
    }
}

#[test]
fn a_late_answer_is_waited_for_without_a_slot_and_not_for_ever() {
    let server = Server::start(|_, n| match n {
        0 => Reaction::StallAfter,
        _ => Reaction::Answer(ok()),
    });
    let mut rig = Rig::with(&server.origin(), |c| {
        (c.uploads_at_once, c.uploads_per_account) = (1, 1);
        c.limits.late = Duration::from_millis(300);
    });
    let path = rig.small(flow_music());
    let first = rig.send(&path, &to(flow_music()));
    let second = rig.send(&path, &to(flow_music()));
    server.until("the whole body", |all| all.first().is_some_and(|r| r.complete));
    rig.engine.cancel(first);
    assert_unknown(&rig.end(first), FailureKind::CancelledLate);
    receipt(&rig.end(second));
    let failed = |e: &&&Event| matches!(e, Event::Failed(_));
    rig.until("the end of patience", |rig| rig.events(first).iter().filter(failed).count() == 2);
    assert_unknown(rig.state(first), FailureKind::CancelledLate);
    assert_eq!(server.whole_bodies(), 2);
}

// ---- Many files ----

/// Waits in the queue because its destination is held.
fn is_held_back(state: &State) -> bool {
    matches!(state, State::Waiting { until: Some(_), .. })
}

fn is_to(request: &Recorded, account: &str) -> bool {
    request.target.contains(&format!("email={account}%40"))
}

fn account(name: &str) -> Destination {
    to_account(flow_music(), &format!("{name}@example.com"))
}

fn one_at_a_time(config: &mut Config) {
    (config.uploads_at_once, config.uploads_per_account) = (1, 1);
}

#[test]
fn a_rate_limit_holds_its_account_while_others_go_on() {
    let gate = Gate::default();
    let limit = Answer::new(429, r#"{"error":"Slow down"}"#).header("retry-after", "600");
    let held_answer = Reaction::AnswerAfter(gate.clone(), limit);
    let server =
        Server::start(
            move |request, _| if is_to(request, "a") { held_answer.clone() } else { Reaction::Answer(ok()) },
        );
    let mut rig = Rig::with(&server.origin(), one_at_a_time);
    let path = rig.small(flow_music());
    let all: Vec<_> = (0..3).map(|_| rig.send(&path, &account("a"))).collect();
    gate.open();
    assert_eq!(failure(&rig.end(all[0])).kind, FailureKind::RateLimited);
    assert!(matches!(rig.state(all[0]), State::Held(_)));
    rig.until("the hold", |rig| all[1..].iter().all(|id| is_held_back(rig.state(*id))));
    // What is added later waits as well.
    let later = rig.send(&path, &account("a"));
    rig.until("the hold", |rig| is_held_back(rig.state(later)));
    let other = rig.send(&path, &account("b"));
    receipt(&rig.end(other));
    assert!(all[1..].iter().all(|id| is_held_back(rig.state(*id))));
    assert_eq!(server.requests().iter().filter(|r| is_to(r, "a")).count(), 1);
}

#[test]
fn what_was_held_goes_on_when_the_time_is_over() {
    let gate = Gate::default();
    let limit = Answer::new(429, "").header("retry-after", "1");
    let first = Reaction::AnswerAfter(gate.clone(), limit);
    let server = Server::start(move |_, n| if n == 0 { first.clone() } else { Reaction::Answer(ok()) });
    let mut rig = Rig::with(&server.origin(), one_at_a_time);
    let path = rig.small(flow_music());
    let first = rig.send(&path, &account("a"));
    let second = rig.send(&path, &account("a"));
    gate.open();
    rig.end(first);
    receipt(&rig.end(second));
    let until = rig
        .events(second)
        .iter()
        .find_map(|e| match e {
            Event::HoldBegan(until) => *until,
            _ => None,
        })
        .unwrap();
    let request = server.requests().pop().unwrap();
    assert!(request.arrived >= until, "{} came before {until}", request.arrived);
}

#[test]
fn a_hold_that_is_too_long_to_wait_for_ends_every_file_of_the_account_as_held() {
    let gate = Gate::default();
    let limit = Answer::new(429, "").header("retry-after", "1800");
    let server = Server::always(Reaction::AnswerAfter(gate.clone(), limit));
    let mut rig = Rig::with(&server.origin(), |c| {
        one_at_a_time(c);
        c.longest_hold = Some(Duration::from_mins(2));
    });
    let path = rig.small(flow_music());
    let mut all: Vec<_> = (0..3).map(|_| rig.send(&path, &account("a"))).collect();
    gate.open();
    rig.end(all[2]);
    all.push(rig.send(&path, &account("a")));
    let at_least = Timestamp::now() + SignedDuration::from_mins(20);
    for id in all {
        let state = rig.end(id);
        assert!(matches!(state, State::Held(_)), "{state:?}");
        assert_eq!(failure(&state).kind, FailureKind::RateLimited);
        assert!(failure(&state).until.unwrap() > at_least);
    }
    assert_eq!(server.requests().len(), 1, "the others were not sent");
}

#[test]
fn a_wrong_key_is_said_once_for_everything_that_waits_for_it() {
    let gate = Gate::default();
    let wrong = Reaction::AnswerAfter(gate.clone(), Answer::new(401, r#"{"error":"Unauthorized"}"#));
    let taken = success(by_id("piapi"));
    let server = Server::start(move |request, _| {
        if request.target.contains("ephemeral") { Reaction::Answer(taken.clone()) } else { wrong.clone() }
    });
    let mut rig = Rig::with(&server.origin(), one_at_a_time);
    let path = rig.small(flow_music());
    let mut same_key: Vec<_> = ["flow-music", "flow-music", "google-flow"]
        .iter()
        .map(|id| rig.send(&path, &to(by_id(id))))
        .collect();
    same_key.push(rig.send(&path, &account("a")));
    let other_key = rig.send(&path, &to(by_id("piapi")));
    gate.open();
    for id in same_key {
        let state = rig.end(id);
        assert!(matches!(state, State::Held(_)), "{state:?}");
        assert_eq!(failure(&state).kind, FailureKind::WrongKey);
    }
    receipt(&rig.end(other_key));
    assert_eq!(server.requests().len(), 2, "one for each key");
}

#[test]
fn a_broken_account_is_said_once_for_everything_that_waits_for_it() {
    let gate = Gate::default();
    let broken =
        Reaction::AnswerAfter(gate.clone(), Answer::new(596, r#"{"error":"refresh token rejected"}"#));
    let server = Server::start(
        move |request, _| if is_to(request, "a") { broken.clone() } else { Reaction::Answer(ok()) },
    );
    let mut rig = Rig::with(&server.origin(), one_at_a_time);
    let path = rig.small(flow_music());
    let same: Vec<_> = (0..3).map(|_| rig.send(&path, &account("a"))).collect();
    let other = rig.send(&path, &account("b"));
    gate.open();
    for id in same {
        assert_eq!(failure(&rig.end(id)).kind, FailureKind::AccountBroken);
    }
    receipt(&rig.end(other));
    assert_eq!(server.requests().len(), 2);
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
