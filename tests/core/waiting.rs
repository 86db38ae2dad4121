//! What waits: for its account's hold to end, or for its next try after nothing was accepted. Every test says how many
//! bodies were sent for it, and why so many.

use std::time::Duration;

use crate::support::server::{Answer, Closed, Gate, Reaction, Recorded, Server};
use crate::support::{Rig, by_id, failure, receipt, success, to, to_account};
use hoist::engine::EngineConfig;
use hoist::model::destination::Destination;
use hoist::model::error::FailureKind;
use hoist::model::upload::{Event, State, UploadId};
use hoist::provider::Provider;
use jiff::{SignedDuration, Timestamp};

fn flow_music() -> &'static Provider {
    by_id("flow-music")
}

fn ok() -> Answer {
    success(flow_music())
}

fn account(name: &str) -> Destination {
    to_account(flow_music(), &format!("{name}@example.com"))
}

fn is_to(request: &Recorded, account: &str) -> bool {
    request.target.contains(&format!("email={account}%40"))
}

fn one_at_a_time(config: &mut EngineConfig) {
    (config.slots.at_once, config.slots.per_account) = (1, 1);
}

/// A refusal that says when to come back.
fn come_back(status: u16, after: &str) -> Answer {
    Answer::new(status, r#"{"error":"Slow down"}"#).header("retry-after", after)
}

/// A server that reacts so to the first requests, and takes all that follow.
fn at_first(reactions: Vec<Reaction>) -> Server {
    Server::start(move |_, n| reactions.get(n).cloned().unwrap_or(Reaction::Answer(ok())))
}

/// Waits in the queue because its account is held.
fn is_held_back(state: &State) -> bool {
    matches!(state, State::Waiting { until: Some(_), .. })
}

/// Waits for its next try, and says why.
fn is_set_back(state: &State) -> bool {
    matches!(state, State::Waiting { until: Some(_), why: Some(_) })
}

fn arrivals(server: &Server) -> Vec<Timestamp> {
    server.requests().iter().map(|r| r.arrived).collect()
}

// ---- For a hold to end ----

#[test]
fn a_rate_limit_holds_its_account_while_others_go_on() {
    let gate = Gate::default();
    let held_answer = Reaction::AnswerAfter(gate.clone(), come_back(429, "600"));
    let server =
        Server::start(
            move |request, _| if is_to(request, "a") { held_answer.clone() } else { Reaction::Answer(ok()) },
        );
    let mut rig = Rig::remembering(&server.origin(), one_at_a_time);
    let path = rig.small(flow_music());
    let all: Vec<_> = (0..3).map(|_| rig.send(&path, &account("a"))).collect();
    gate.open();
    rig.until("the hold", |rig| all.iter().all(|id| is_held_back(rig.state(*id))));
    let State::Waiting { why: Some(why), until: Some(until) } = rig.state(all[0]).clone() else {
        panic!("it says why it waits: {:?}", rig.state(all[0]))
    };
    assert_eq!((why.kind, why.service_message.as_deref()), (FailureKind::RateLimited, Some("Slow down")));
    assert!(until > Timestamp::now() + SignedDuration::from_mins(5), "{until}");
    // What is added later waits as well.
    let later = rig.send(&path, &account("a"));
    rig.until("the hold", |rig| is_held_back(rig.state(later)));
    let other = rig.send(&path, &account("b"));
    receipt(&rig.end(other));
    assert!(all.iter().all(|id| is_held_back(rig.state(*id))));
    assert_eq!(server.requests().iter().filter(|r| is_to(r, "a")).count(), 1, "the others were not sent");
    let (record, attempts) = rig.remembered(all[0]);
    assert!(matches!(record.state, State::Waiting { .. }), "{record:?}");
    assert_eq!(attempts.iter().map(|a| a.outcome.as_deref()).collect::<Vec<_>>(), [Some("rate-limited")]);
}

#[test]
fn of_two_holds_a_row_shows_the_longer_one() {
    let gates = [Gate::default(), Gate::default()];
    let answers = ["600", "30"].map(|after| come_back(429, after));
    let reactions =
        gates.iter().cloned().zip(answers).map(|(gate, answer)| Reaction::AnswerAfter(gate, answer));
    let server = at_first(reactions.collect());
    let two = |config: &mut EngineConfig| (config.slots.at_once, config.slots.per_account) = (2, 2);
    let mut rig = Rig::with(&server.origin(), two);
    let path = rig.small(flow_music());
    let all: Vec<_> = (0..3).map(|_| rig.send(&path, &account("a"))).collect();
    rig.until("two on their way", |_| server.requests().len() == 2);
    gates[0].open();
    rig.until("the long hold", |rig| is_held_back(rig.state(all[2])));
    gates[1].open();
    rig.until("the short hold", |rig| all.iter().all(|id| is_held_back(rig.state(*id))));
    let late = Timestamp::now() + SignedDuration::from_mins(5);
    let is_late = |state: &State| matches!(state, State::Waiting { until: Some(until), .. } if *until > late);
    rig.until("the longer time in each row", |rig| all.iter().all(|id| is_late(rig.state(*id))));
}

#[test]
fn what_was_held_goes_on_when_the_time_is_over() {
    let gate = Gate::default();
    let server = at_first(vec![Reaction::AnswerAfter(gate.clone(), come_back(429, "1"))]);
    let mut rig = Rig::remembering(&server.origin(), one_at_a_time);
    let path = rig.small(flow_music());
    let first = rig.send(&path, &account("a"));
    let second = rig.send(&path, &account("a"));
    gate.open();
    receipt(&rig.end(first));
    receipt(&rig.end(second));
    let held_until = |event: &&Event| match event {
        Event::BackoffStarted(until) => *until,
        _ => None,
    };
    let until = rig.events(second).iter().find_map(held_until).unwrap();
    let arrivals = arrivals(&server);
    assert_eq!(arrivals.len(), 3, "the one that was refused, once more, and the other");
    assert!(arrivals[1..].iter().all(|at| *at >= until), "{arrivals:?} came before {until}");
    assert_eq!(server.bodies_that_may_exist(), 2, "each was accepted once");
    rig.assert_remembered(first, &["rate-limited", "done"]);
    rig.assert_remembered(second, &["done"]);
}

#[test]
fn two_that_were_refused_at_the_same_time_are_both_sent_again() {
    let gate = Gate::default();
    let limit = Reaction::AnswerAfter(gate.clone(), come_back(429, "1"));
    let server = at_first(vec![limit.clone(), limit]);
    let mut rig = Rig::remembering(&server.origin(), |c| c.slots.per_account = 2);
    let path = rig.small(flow_music());
    let both = [0, 1].map(|_| rig.send(&path, &account("a")));
    server.until("both", |all| all.iter().filter(|r| r.complete).count() == 2);
    gate.open();
    for id in both {
        receipt(&rig.end(id));
        rig.assert_remembered(id, &["rate-limited", "done"]);
    }
    assert_eq!((server.whole_bodies(), server.bodies_that_may_exist()), (4, 2));
}

#[test]
fn an_account_that_stays_limited_is_asked_three_times_and_then_held() {
    let server = Server::always(Reaction::Answer(come_back(429, "1")));
    let mut rig = Rig::remembering(&server.origin(), |_| {});
    let path = rig.small(flow_music());
    let id = rig.send(&path, &account("a"));
    let state = rig.end(id);
    assert!(matches!(state, State::Held(_)), "{state:?}");
    assert_eq!(failure(&state).kind, FailureKind::RateLimited);
    let arrivals = arrivals(&server);
    assert_eq!(arrivals.len(), 3, "three bodies in all, then it is the user's turn");
    let second = SignedDuration::from_secs(1);
    assert!(arrivals.windows(2).all(|two| two[1].duration_since(two[0]) >= second), "{arrivals:?}");
    rig.assert_remembered(id, &["rate-limited"; 3]);
}

#[test]
fn a_provider_that_chooses_the_account_is_asked_again_after_5_seconds_and_held_after_three_bodies() {
    let google = by_id("google-flow");
    assert!(google.facts().account.is_auto);
    let server = Server::always(Reaction::Answer(come_back(429, "1800")));
    let mut rig = Rig::remembering(&server.origin(), one_at_a_time);
    let path = rig.small(google);
    let id = rig.send(&path, &to(google));
    let state = rig.end(id);
    let arrivals = arrivals(&server);
    assert_eq!(arrivals.len(), 3, "each may have been for another of its accounts");
    // Half an hour, as it wishes for one of its accounts, is not waited for between them.
    for two in arrivals.windows(2) {
        let pause = two[1].duration_since(two[0]);
        assert!((5..60).contains(&pause.as_secs()), "{arrivals:?}");
    }
    assert!(matches!(state, State::Held(_)), "{state:?}");
    let until = failure(&state).until.unwrap();
    assert!(until > *arrivals.last().unwrap() + SignedDuration::from_secs(1700), "{until}");
    rig.assert_remembered(id, &["rate-limited"; 3]);
    // Now all of its accounts have said so: what is added waits.
    let later = rig.send(&path, &to(google));
    rig.until("the hold", |rig| is_held_back(rig.state(later)));
    let named = rig.send(&path, &to_account(google, "jane@example.com"));
    rig.until("the next request", |_| server.requests().len() == 4);
    assert!(server.requests()[3].target.contains("jane"), "a named account is another matter");
    assert!(rig.tries(later) == 0 && rig.tries(named) == 1);
}

#[test]
fn a_hold_that_is_too_long_to_wait_for_ends_every_file_of_the_account_as_held() {
    let gate = Gate::default();
    let server = Server::always(Reaction::AnswerAfter(gate.clone(), come_back(429, "1800")));
    let mut rig = Rig::remembering(&server.origin(), |c| {
        one_at_a_time(c);
        c.longest_hold = Some(Duration::from_mins(2));
    });
    let path = rig.small(flow_music());
    let mut all: Vec<_> = (0..3).map(|_| rig.send(&path, &account("a"))).collect();
    gate.open();
    rig.end(all[2]);
    all.push(rig.send(&path, &account("a")));
    let at_least = Timestamp::now() + SignedDuration::from_mins(20);
    for (n, id) in all.into_iter().enumerate() {
        let state = rig.end(id);
        assert!(matches!(state, State::Held(_)), "{state:?}");
        assert_eq!(failure(&state).kind, FailureKind::RateLimited);
        assert!(failure(&state).until.unwrap() > at_least);
        rig.assert_remembered(id, if n == 0 { &["rate-limited"] } else { &[] });
    }
    assert_eq!(server.requests().len(), 1, "the others were not sent");
}

#[test]
fn where_nobody_waits_nothing_is_sent_again() {
    let closed = Closed::new();
    let reactions = [
        (Reaction::Answer(come_back(429, "1")), "rate-limited"),
        (Reaction::Answer(Answer::new(503, "busy")), "busy"),
        (Reaction::CutAfterBody, "no-answer"),
    ];
    for (reaction, how) in reactions {
        let server = Server::always(reaction);
        let mut rig = Rig::remembering(&server.origin(), |c| c.longest_hold = Some(Duration::ZERO));
        let path = rig.small(by_id("piapi"));
        let id = rig.send(&path, &to(by_id("piapi")));
        rig.end(id);
        rig.assert_remembered(id, &[how]);
        assert_eq!(server.whole_bodies(), 1, "{how}");
    }
    let mut rig = Rig::remembering(&closed.origin(), |c| c.longest_hold = Some(Duration::ZERO));
    let path = rig.small(flow_music());
    let id = rig.send(&path, &to(flow_music()));
    rig.end(id);
    rig.assert_remembered(id, &["unreachable"]);
}

#[test]
fn a_wrong_key_is_said_once_for_everything_that_waits_for_it() {
    let gate = Gate::default();
    let wrong = Reaction::AnswerAfter(gate.clone(), Answer::new(401, r#"{"error":"Unauthorized"}"#));
    let taken = success(by_id("piapi"));
    let server = Server::start(move |request, _| {
        if request.target.contains("ephemeral") { Reaction::Answer(taken.clone()) } else { wrong.clone() }
    });
    let mut rig = Rig::remembering(&server.origin(), one_at_a_time);
    let path = rig.small(flow_music());
    let mut same_key: Vec<_> = ["flow-music", "flow-music", "google-flow"]
        .iter()
        .map(|id| rig.send(&path, &to(by_id(id))))
        .collect();
    same_key.push(rig.send(&path, &account("a")));
    let other_key = rig.send(&path, &to(by_id("piapi")));
    gate.open();
    for (n, id) in same_key.into_iter().enumerate() {
        let state = rig.end(id);
        assert!(matches!(state, State::Held(_)), "{state:?}");
        assert_eq!(failure(&state).kind, FailureKind::WrongKey);
        rig.assert_remembered(id, if n == 0 { &["wrong-key"] } else { &[] });
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
    let mut rig = Rig::remembering(&server.origin(), one_at_a_time);
    let path = rig.small(flow_music());
    let same: Vec<_> = (0..3).map(|_| rig.send(&path, &account("a"))).collect();
    let other = rig.send(&path, &account("b"));
    gate.open();
    for (n, id) in same.into_iter().enumerate() {
        assert_eq!(failure(&rig.end(id)).kind, FailureKind::AccountBroken);
        rig.assert_remembered(id, if n == 0 { &["account-broken"] } else { &[] });
    }
    receipt(&rig.end(other));
    assert_eq!(server.requests().len(), 2);
}

// ---- For the next try ----

#[test]
fn a_busy_provider_is_asked_three_times_with_growing_pauses() {
    let server = Server::always(Reaction::Answer(Answer::new(503, "busy")));
    let mut rig = Rig::remembering(&server.origin(), |c| c.first_pause = Duration::from_millis(100));
    let path = rig.small(flow_music());
    let id = rig.send(&path, &to(flow_music()));
    let state = rig.end(id);
    assert!(matches!(state, State::Refused(_)), "{state:?}");
    assert_eq!(failure(&state).kind, FailureKind::Busy);
    let arrivals = arrivals(&server);
    assert_eq!(arrivals.len(), 3, "nothing was accepted, so it is tried again twice");
    let pause = |n: usize| arrivals[n + 1].duration_since(arrivals[n]).as_millis();
    assert!(pause(0) >= 75 && pause(1) >= 300, "{arrivals:?}");
    rig.assert_remembered(id, &["busy"; 3]);
}

#[test]
fn a_busy_provider_that_says_when_is_asked_then_and_not_where_that_is_long() {
    let server = at_first(vec![Reaction::Answer(come_back(503, "1"))]);
    let mut rig = Rig::remembering(&server.origin(), |_| {});
    let path = rig.small(flow_music());
    let id = rig.send(&path, &to(flow_music()));
    receipt(&rig.end(id));
    let arrivals = arrivals(&server);
    assert!(arrivals[1].duration_since(arrivals[0]) >= SignedDuration::from_secs(1), "{arrivals:?}");
    rig.assert_remembered(id, &["busy", "done"]);

    let server = Server::always(Reaction::Answer(come_back(503, "61")));
    let mut rig = Rig::remembering(&server.origin(), |_| {});
    let id = rig.send(&path, &to(flow_music()));
    assert_eq!(failure(&rig.end(id)).kind, FailureKind::Busy);
    assert_eq!(server.whole_bodies(), 1);
    rig.assert_remembered(id, &["busy"]);
}

#[test]
fn a_pause_before_the_next_try_holds_nothing_up() {
    let server = Server::start(|request, _| match is_to(request, "a") {
        true => Reaction::Answer(come_back(503, "50")),
        false => Reaction::Answer(ok()),
    });
    let mut rig = Rig::remembering(&server.origin(), one_at_a_time);
    let path = rig.small(flow_music());
    let first = rig.send(&path, &account("a"));
    rig.until("the pause", |rig| is_set_back(rig.state(first)));
    let other = rig.send(&path, &account("b"));
    receipt(&rig.end(other));
    assert!(is_set_back(rig.state(first)));
}

#[test]
fn a_network_that_comes_back_is_used_without_being_asked() {
    let closed = Closed::new();
    let mut rig = Rig::remembering(&closed.origin(), |c| c.first_pause = Duration::from_secs(2));
    let path = rig.small(flow_music());
    let id = rig.send(&path, &to(flow_music()));
    rig.until("the first pause", |rig| is_set_back(rig.state(id)));
    let server = closed.open(|_, _| Reaction::Answer(ok()));
    receipt(&rig.end(id));
    assert_eq!((server.whole_bodies(), server.bodies_that_may_exist()), (1, 1));
    let tries = rig.tries(id);
    let mut expected = vec!["unreachable"; tries - 1];
    expected.push("done");
    assert!((2..=3).contains(&tries), "{tries}");
    rig.assert_remembered(id, &expected);
}

#[test]
fn a_network_that_stays_away_is_tried_three_times() {
    let closed = Closed::new();
    let mut rig = Rig::remembering(&closed.origin(), |_| {});
    let path = rig.small(flow_music());
    let id = rig.send(&path, &to(flow_music()));
    let state = rig.end(id);
    assert!(matches!(state, State::Refused(_)), "{state:?}");
    assert_eq!(failure(&state).kind, FailureKind::Unreachable);
    rig.assert_remembered(id, &["unreachable"; 3]);
    assert!(rig.remembered(id).1.iter().all(|attempt| attempt.sent == Some(0)));
}

// ---- Cancelled in the meantime ----

/// A server that tells every account but "other" to come back in 4 seconds, and takes 5 to take what goes to that one.
fn come_back_in_4_seconds(status: u16) -> Server {
    Server::start(move |request, _| match is_to(request, "other") {
        true => Reaction::SlowAnswer(Duration::from_secs(5), ok()),
        false => Reaction::Answer(come_back(status, "4")),
    })
}

/// Longer than whatever was to be sent again had to wait.
fn wait_for_every_pause_to_end(rig: &mut Rig) {
    let path = rig.small(flow_music());
    let other = rig.send(&path, &account("other"));
    receipt(&rig.end(other));
}

fn assert_cancelled(rig: &mut Rig, id: UploadId, tries: &[&str]) {
    assert_eq!(rig.end(id), State::Cancelled);
    rig.assert_remembered(id, tries);
}

#[test]
fn what_is_cancelled_before_its_next_try_is_not_sent_again() {
    std::thread::scope(|scope| {
        for (status, how) in [(503, "busy"), (429, "rate-limited")] {
            scope.spawn(move || {
                let server = come_back_in_4_seconds(status);
                let mut rig = Rig::remembering(&server.origin(), |_| {});
                let path = rig.small(flow_music());
                let id = rig.send(&path, &account("a"));
                rig.until("the pause", |rig| is_set_back(rig.state(id)));
                rig.engine.cancel(id);
                assert_cancelled(&mut rig, id, &[how]);
                wait_for_every_pause_to_end(&mut rig);
                assert_eq!(rig.state(id), &State::Cancelled);
                assert_eq!(server.requests().iter().filter(|r| is_to(r, "a")).count(), 1, "{how}");
            });
        }
    });
}

#[test]
fn cancelling_everything_cancels_what_waits_for_its_next_try() {
    let server = Server::start(|request, _| match (is_to(request, "other"), is_to(request, "a")) {
        (true, _) => Reaction::SlowAnswer(Duration::from_secs(5), ok()),
        (_, true) => Reaction::Answer(come_back(503, "4")),
        _ => Reaction::Answer(come_back(429, "4")),
    });
    let mut rig = Rig::remembering(&server.origin(), one_at_a_time);
    let path = rig.small(flow_music());
    let busy = [0, 1].map(|_| rig.send(&path, &account("a")));
    rig.until("the pauses", |rig| busy.iter().all(|id| is_set_back(rig.state(*id))));
    let limited = rig.send(&path, &account("b"));
    let behind = rig.send(&path, &account("b"));
    rig.until("the hold", |rig| is_set_back(rig.state(limited)) && is_held_back(rig.state(behind)));
    rig.engine.cancel_all();
    for id in busy {
        assert_cancelled(&mut rig, id, &["busy"]);
    }
    assert_cancelled(&mut rig, limited, &["rate-limited"]);
    assert_cancelled(&mut rig, behind, &[]);
    wait_for_every_pause_to_end(&mut rig);
    assert_eq!(server.requests().len(), 4, "two that were busy, one that was limited, and the last");
}

#[test]
fn what_may_exist_is_not_called_cancelled_when_its_next_try_is() {
    let piapi = by_id("piapi");
    for all in [false, true] {
        let server = Server::always(Reaction::CutAfterBody);
        let mut rig = Rig::remembering(&server.origin(), |c| c.first_pause = Duration::from_mins(1));
        let path = rig.small(piapi);
        let id = rig.send(&path, &to(piapi));
        rig.until("the pause", |rig| is_set_back(rig.state(id)));
        match all {
            true => rig.engine.cancel_all(),
            false => rig.engine.cancel(id),
        }
        let state = rig.end(id);
        assert!(matches!(state, State::Unknown(_)), "one body came whole and was not answered: {state:?}");
        rig.assert_remembered(id, &["no-answer"]);
    }
}

#[test]
fn what_may_exist_is_not_called_refused_when_its_next_try_is() {
    let piapi = by_id("piapi");
    let server = Server::start(|_, n| match n {
        0 => Reaction::CutAfterBody,
        _ => Reaction::Answer(Answer::new(400, r#"{"code":400,"message":"Invalid request parameters"}"#)),
    });
    let mut rig = Rig::remembering(&server.origin(), |_| {});
    let path = rig.small(piapi);
    let id = rig.send(&path, &to(piapi));
    let state = rig.end(id);
    assert!(matches!(state, State::Unknown(_)), "one body came whole and was not answered: {state:?}");
    assert_eq!((server.whole_bodies(), server.bodies_that_may_exist()), (2, 1));
    rig.assert_remembered(id, &["no-answer", "bad-request"]);
}
