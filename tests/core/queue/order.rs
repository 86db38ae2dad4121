//! The pause, the order in which files go, and sending again and elsewhere.

use hoist::model::error::FailureKind;
use hoist::model::queue::Move;
use hoist::model::upload::{State, UploadId};

use crate::queue::desk::{Desk, INDREAM, came, refusal, taken, with_gates};
use crate::support::server::{Answer, Gate, Reaction, Server};
use crate::support::{Rig, by_id, failure, receipt, success_asked, to};

fn is_waiting(state: &State) -> bool {
    matches!(state, State::Waiting { .. })
}

#[test]
fn while_paused_nothing_starts_and_what_moves_goes_on() {
    let gate = Gate::default();
    let server = with_gates(&[("a.png", &gate)]);
    let mut desk = Desk::at(&server.origin());
    desk.one_at_a_time();
    let first = desk.upload(&["a.png", "b.png"]);
    server.until("the first", |all| all.len() == 1);
    desk.session.uploads.pause(true);
    assert!(desk.session.uploads.is_paused());
    gate.open();
    desk.ended(&first[..1]);
    receipt(desk.state(first[0]));
    let later = desk.upload(&["c.png", "d.png"]);
    desk.session.uploads.cancel(later[0]);
    desk.ended(&later[..1]);
    desk.rounds();
    assert_eq!(came(&server), ["a.png"], "what waits, waits");
    assert!(is_waiting(desk.state(first[1])) && is_waiting(desk.state(later[1])));
    assert!(desk.finished.is_empty(), "a pause is no end");
    desk.session.uploads.pause(false);
    desk.ended(&[first[1], later[1]]);
    assert_eq!(came(&server), ["a.png", "b.png", "d.png"]);
    assert_eq!(desk.state(later[0]), &State::Cancelled);
}

#[test]
fn what_is_to_be_tried_again_waits_for_the_end_of_the_pause() {
    let gate = Gate::default();
    let busy = Reaction::AnswerAfter(gate.clone(), Answer::new(503, "busy"));
    let server =
        Server::start(move |request, n| if n == 0 { busy.clone() } else { Reaction::Answer(taken(request)) });
    let mut desk = Desk::at(&server.origin());
    let ids = desk.upload(&["a.png"]);
    server.until("the first try", |all| all.len() == 1);
    desk.session.uploads.pause(true);
    gate.open();
    desk.until("it was busy", |desk| matches!(desk.state(ids[0]), State::Waiting { why: Some(_), .. }));
    // The pause between the tries is 25 ms at most.
    std::thread::sleep(std::time::Duration::from_millis(50));
    desk.rounds();
    assert_eq!(server.requests().len(), 1);
    desk.session.uploads.pause(false);
    desk.ended(&ids);
    receipt(desk.state(ids[0]));
}

#[test]
fn what_a_provider_works_on_is_asked_after_while_paused() {
    let gate = Gate::default();
    let (riffusion, open) = (by_id("riffusion"), gate.clone());
    let server = Server::start(move |request, _| match (request.method.as_str(), open.is_open()) {
        ("POST", _) => Reaction::Answer(success_asked(riffusion, 0)),
        (_, false) => Reaction::Answer(success_asked(riffusion, 1)),
        (_, true) => Reaction::Answer(success_asked(riffusion, 2)),
    });
    let mut rig = Rig::new(&server);
    let path = rig.small(riffusion);
    let id = rig.send(&path, &to(riffusion));
    rig.until("it is worked on", |rig| matches!(rig.state(id), State::Processing { .. }));
    rig.engine.pause(true);
    let waits = rig.send(&path, &to(riffusion));
    gate.open();
    receipt(&rig.end(id));
    assert!(is_waiting(rig.state(waits)));
}

#[test]
fn what_was_not_accepted_is_sent_again_in_order_and_nothing_else_is() {
    let server = Server::start(|request, _| match request.header("x-file-name") {
        Some("lost.png") => Reaction::CutAfterBody,
        Some("refused.png" | "again.png") => refusal(),
        _ => Reaction::Answer(taken(request)),
    });
    let mut desk = Desk::at(&server.origin());
    desk.one_at_a_time();
    let ids = desk.uploaded(&["fine.png", "lost.png", "refused.png", "again.png"]);
    desk.session.uploads.pause(true);
    let cancelled = desk.upload(&["cancelled.png"]);
    desk.session.uploads.cancel(cancelled[0]);
    desk.ended(&cancelled);
    desk.session.uploads.pause(false);
    assert_eq!(desk.session.uploads.failed_count(), 2);
    desk.session.uploads.move_items(&ids[3..], Move::First);
    let before = server.requests().len();
    desk.session.uploads.pause(true);
    assert_eq!(desk.session.uploads.retry_failed(), 2);
    assert_eq!(desk.session.uploads.failed_count(), 0, "they are on their way");
    desk.until("both are looked into", |desk| ids[2..].iter().all(|id| desk.item(*id).facts().is_some()));
    desk.session.uploads.pause(false);
    desk.ended(&ids);
    assert_eq!(came(&server)[before..], ["again.png", "refused.png"]);
    assert_eq!(failure(desk.state(ids[1])).kind, FailureKind::NoAnswer);
    assert_eq!(desk.state(cancelled[0]), &State::Cancelled);
    assert_eq!((desk.session.uploads.failed_count(), desk.session.uploads.queue().items().len()), (2, 5));
}

#[test]
fn held_files_are_sent_again_together() {
    let right = Gate::default();
    let key_is_right = right.clone();
    let server = Server::start(move |request, _| match key_is_right.is_open() {
        true => Reaction::Answer(taken(request)),
        false => Reaction::Answer(Answer::new(401, r#"{"error":"Unauthorized"}"#)),
    });
    let mut desk = Desk::at(&server.origin());
    desk.one_at_a_time();
    let ids = desk.uploaded(&["a.png", "b.png", "c.png"]);
    assert!(ids.iter().all(|id| matches!(desk.state(*id), State::Held(_))));
    right.open();
    assert_eq!(desk.session.uploads.retry_failed(), 3);
    desk.ended(&ids);
    for id in &ids {
        receipt(desk.state(*id));
    }
    let mut came = came(&server)[1..].to_vec();
    came.sort();
    assert_eq!(came, ["a.png", "b.png", "c.png"]);
}

#[test]
fn what_waits_goes_in_the_order_of_the_queue_whatever_was_asked_for_first() {
    let gate = Gate::default();
    let refused = std::sync::atomic::AtomicBool::new(false);
    let open = gate.clone();
    let server = Server::start(move |request, _| match request.header("x-file-name") {
        Some("top.png") if !refused.swap(true, std::sync::atomic::Ordering::SeqCst) => refusal(),
        Some("now.png") => Reaction::AnswerAfter(open.clone(), taken(request)),
        _ => Reaction::Answer(taken(request)),
    });
    let mut desk = Desk::at(&server.origin());
    desk.one_at_a_time();
    let top = desk.uploaded(&["top.png"]);
    let ids = desk.upload(&["now.png", "b.png", "c.png", "d.png", "e.png"]);
    server.until("the one that moves", |all| all.len() == 2);
    desk.session.uploads.move_items(&[ids[3], ids[4]], Move::Up);
    desk.session.uploads.move_items(&[ids[2]], Move::Last);
    assert_eq!(desk.names(), ["top.png", "now.png", "b.png", "d.png", "e.png", "c.png"]);
    desk.session.uploads.send_again(top[0]);
    desk.until("it is looked into", |desk| desk.item(top[0]).facts().is_some());
    gate.open();
    desk.ended(&desk.ids());
    assert_eq!(came(&server)[1..], ["now.png", "top.png", "b.png", "d.png", "e.png", "c.png"]);
}

#[test]
fn what_has_ended_or_is_on_its_way_stays_and_what_waits_goes_in_front_of_it() {
    let gate = Gate::default();
    let open = gate.clone();
    let server = Server::start(move |request, _| match request.header("x-file-name") {
        Some("now.png") => Reaction::AnswerAfter(open.clone(), taken(request)),
        _ => Reaction::Answer(taken(request)),
    });
    let mut desk = Desk::at(&server.origin());
    desk.one_at_a_time();
    desk.uploaded(&["fine.png"]);
    let ids = desk.upload(&["now.png", "b.png", "c.png", "d.png"]);
    desk.until("one is on its way", |desk| desk.state(ids[0]).is_moving());
    let names = ["fine.png", "now.png", "b.png", "c.png", "d.png"];
    assert_eq!(desk.session.uploads.move_items(&[desk.ids()[0], ids[0]], Move::Last), None);
    assert_eq!(desk.names(), names);
    // Together with others, too; those go in front of it.
    let before = desk.session.uploads.move_items(&[ids[0], ids[2], ids[3]], Move::Before(ids[0]));
    assert_eq!(desk.names(), ["fine.png", "c.png", "d.png", "now.png", "b.png"]);
    desk.session.uploads.restore_order(&before.unwrap());
    assert_eq!(desk.names(), names);
    desk.session.uploads.move_items(&[ids[3]], Move::Before(ids[1]));
    gate.open();
    desk.ended(&desk.ids());
    assert_eq!(came(&server)[1..], ["now.png", "d.png", "b.png", "c.png"]);
}

#[test]
fn the_order_outlives_the_run() {
    let server = Server::always(Reaction::CutAfterBody);
    let mut desk = Desk::at(&server.origin());
    let lost = desk.uploaded(&["lost.png"]);
    let ids = desk.ready(&["a.png", "b.png", "c.png"]);
    desk.session.uploads.move_items(&ids[2..], Move::First);
    desk.session.uploads.move_items(&lost, Move::Last);
    desk.ready(&["later.png"]);
    let order = ["c.png", "a.png", "b.png", "lost.png", "later.png"];
    assert_eq!(desk.names(), order);
    let mut desk = desk.restarted(&server.origin());
    desk.until("the queue is back", |desk| desk.names().len() == order.len());
    assert_eq!(desk.names(), order);
    let [first, .., last] = desk.ids()[..] else { panic!("five") };
    desk.session.uploads.move_items(&[last], Move::First);
    assert_eq!(desk.session.uploads.queue().index(first), Some(1));
    let mut desk = desk.restarted(&server.origin());
    desk.until("the queue is back", |desk| desk.names().len() == order.len());
    assert_eq!(desk.names(), ["later.png", "c.png", "a.png", "b.png", "lost.png"]);
    assert_eq!(server.requests().len(), 1, "and nothing was sent");
}

#[test]
fn what_waits_can_go_elsewhere_and_is_sent_only_there() {
    let server = with_gates(&[]);
    let mut desk = Desk::at(&server.origin());
    desk.session.uploads.pause(true);
    let mut ids = desk.upload(&["a.png", "b.png", "stays.png"]);
    ids.extend(desk.ready(&["not asked.png"]));
    let there = desk.destination("piapi");
    let go: Vec<UploadId> = [0, 1, 3].map(|n| ids[n]).into();
    desk.session.uploads.redirect_items(&go, &there);
    desk.until("they are for there", |desk| {
        go.iter().all(|id| desk.item(*id).request.destination == there && desk.item(*id).facts().is_some())
    });
    desk.rounds();
    assert!(is_waiting(desk.state(ids[0])) && is_waiting(desk.state(ids[1])), "the wish to send them stays");
    assert_eq!(desk.state(ids[3]), &State::Ready, "nobody asked for it");
    assert!(server.requests().is_empty());
    desk.session.uploads.pause(false);
    desk.ended(&ids);
    let mut targets: Vec<_> = server.requests().iter().map(|r| r.target.contains("ephemeral")).collect();
    targets.sort_unstable();
    assert_eq!(targets, [false, true, true]);
    assert_eq!(desk.state(ids[3]), &State::Ready);
    let remembered = desk.history();
    let at = |name: &str| {
        let record = remembered.iter().find(|record| record.request.name() == name).unwrap();
        record.request.destination.provider.as_str()
    };
    assert_eq!((at("a.png"), at("b.png"), at("stays.png")), ("piapi", "piapi", INDREAM));
}

#[test]
fn what_is_cancelled_on_its_way_elsewhere_goes_nowhere() {
    let server = with_gates(&[]);
    let mut desk = Desk::at(&server.origin());
    desk.session.uploads.pause(true);
    let ids = desk.upload(&["a.png", "b.png"]);
    let there = desk.destination("piapi");
    desk.session.uploads.redirect_items(&ids[..1], &there);
    desk.session.uploads.cancel_items(&ids[..1]); // the engine has not given it back yet
    desk.ended(&ids[..1]);
    assert_eq!(desk.state(ids[0]), &State::Cancelled);
    desk.session.uploads.redirect_items(&ids[1..], &there);
    desk.until("it was given back", |desk| desk.item(ids[1]).request.destination == there);
    desk.session.uploads.cancel_items(&ids[1..]);
    desk.ended(&ids[1..]);
    desk.session.uploads.pause(false);
    desk.uploaded(&["c.png"]);
    assert_eq!(came(&server), ["c.png"]);
    assert_eq!(desk.state(ids[1]), &State::Cancelled);
}

#[test]
fn what_moves_stays_with_its_destination_and_what_was_refused_goes_elsewhere_when_asked() {
    let gate = Gate::default();
    let open = gate.clone();
    let server = Server::start(move |request, _| match request.header("x-file-name") {
        Some("refused.png") => refusal(),
        Some("moves.png") => Reaction::AnswerAfter(open.clone(), taken(request)),
        _ => Reaction::Answer(taken(request)),
    });
    let mut desk = Desk::at(&server.origin());
    let refused = desk.uploaded(&["refused.png"]);
    let moving = desk.upload(&["moves.png"]);
    server.until("it moves", |all| all.len() == 2);
    desk.until("that is known", |desk| desk.state(moving[0]).is_moving());
    let there = desk.destination("piapi");
    desk.session.uploads.redirect_items(&[refused[0], moving[0]], &there);
    gate.open();
    desk.ended(&moving);
    assert_eq!(desk.item(moving[0]).request.destination.provider, INDREAM);
    desk.until("the other is ready", |desk| desk.item(refused[0]).is_sendable());
    assert_eq!(server.requests().len(), 2, "nobody asked for it there");
    desk.session.uploads.upload_all();
    desk.ended(&refused);
    receipt(desk.state(refused[0]));
    assert_eq!(came(&server), ["refused.png", "moves.png", "other"]);
}

#[test]
fn many_are_cancelled_and_removed_at_once() {
    let gate = Gate::default();
    let server = with_gates(&[("a.png", &gate)]);
    let mut desk = Desk::at(&server.origin());
    desk.one_at_a_time();
    let ids = desk.upload(&["a.png", "b.png", "c.png", "d.png"]);
    server.until("the first", |all| all.len() == 1);
    desk.session.uploads.cancel_items(&ids[1..3]);
    desk.ended(&ids[1..3]);
    assert_eq!(desk.session.uploads.remove_items(&ids).len(), 2, "what the engine has stays");
    assert_eq!(desk.names(), ["a.png", "d.png"]);
    gate.open();
    desk.ended(&desk.ids());
    assert_eq!(came(&server), ["a.png", "d.png"]);
}
