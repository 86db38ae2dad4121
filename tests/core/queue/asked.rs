//! What is sent because it was added, and what is told once everything asked for has ended.

use hoist::model::upload::State;

use crate::queue::desk::{Desk, came, refusal, taken, with_gates};
use crate::support::receipt;
use crate::support::server::{Gate, Reaction, Server};

fn when_added(desk: &mut Desk) {
    desk.session.set(|s| s.upload_on_drop = true);
}

#[test]
fn what_is_added_is_sent_where_that_is_set_unless_something_is_to_be_judged() {
    let server = with_gates(&[]);
    let mut desk = Desk::at(&server.origin());
    let before = desk.ready(&["before.png"]);
    when_added(&mut desk);
    let ids = desk.stage(&["a.png", "b.png"]);
    desk.ended(&ids);
    desk.until("they are there", |desk| ids.iter().all(|id| desk.state(*id).receipt().is_some()));
    assert_eq!(desk.state(before[0]), &State::Ready, "it was added before");
    assert_eq!(desk.finished.iter().map(|f| f.done).sum::<usize>(), 2);

    // There already; and stopped, by its destination or because it cannot be read.
    let again = desk.stage(&["a.png"]);
    desk.until("it is known again", |desk| desk.item(again[0]).earlier.is_some());
    let text = desk.home.path().join("notes.txt");
    std::fs::write(&text, "no picture at all\n").unwrap();
    let missing = desk.home.path().join("missing.png");
    let to = desk.destination("indream");
    let stopped = desk.session.add_files_to([text, missing.clone()], &to);
    desk.until("they are stopped", |desk| stopped.iter().all(|id| desk.item(*id).is_blocked()));
    // What stops one no more does not make it go: now it is the user's turn.
    std::fs::copy(desk.file("c.png"), missing).unwrap();
    let there = desk.destination("piapi");
    desk.session.uploads.redirect_items(&stopped[1..], &there);
    desk.until("it can be sent", |desk| desk.item(stopped[1]).is_sendable());
    let last = desk.stage(&["last.png"]);
    desk.until("the last is there", |desk| desk.state(last[0]).receipt().is_some());
    let mut all = came(&server);
    all.sort();
    assert_eq!(all, ["a.png", "b.png", "last.png"]);
    assert!([again[0], stopped[0], stopped[1]].iter().all(|id| *desk.state(*id) == State::Ready));
}

#[test]
fn of_copies_that_send_themselves_one_goes_and_the_others_are_the_persons_to_judge() {
    let gate = Gate::default();
    let server = with_gates(&[("a.png", &gate), ("copy.png", &gate), ("other copy.png", &gate)]);
    let mut desk = Desk::at(&server.origin());
    when_added(&mut desk);
    for name in ["copy.png", "other copy.png"] {
        std::fs::copy(desk.file("a.png"), desk.home.path().join(name)).unwrap();
    }
    let ids = desk.stage(&["a.png", "copy.png", "other copy.png"]);
    let last = desk.stage(&["last.png"]);
    desk.until("a file of its own passes them", |desk| desk.state(last[0]).receipt().is_some());
    gate.open();
    let waits = |desk: &Desk, id| *desk.state(id) == State::Ready && desk.item(id).earlier.is_some();
    desk.until("one is there and two are left", |desk| {
        let done = ids.iter().filter(|id| desk.state(**id).receipt().is_some()).count();
        (done, ids.iter().filter(|id| waits(desk, **id)).count()) == (1, 2)
    });
    let sent = came(&server);
    assert_eq!(sent.len(), 2, "{sent:?}");
    let receipt = |desk: &Desk| {
        let left = ids.iter().find(|id| waits(desk, **id)).unwrap();
        desk.item(*left).result().unwrap().first().to_owned()
    };
    assert!(sent.iter().any(|name| receipt(&desk) == format!("asset of {name}")), "{sent:?}");
    desk.until("the batch ends", |desk| desk.finished.iter().map(|f| f.done).sum::<usize>() == 2);
    desk.until_history("what was not sent is no upload", |rows| rows.len() == 2);
    // A person may send them all the same.
    for id in &ids {
        desk.session.uploads.send_all_the_same(*id);
    }
    desk.session.uploads.upload_all();
    desk.until("all are there", |desk| ids.iter().all(|id| desk.state(*id).receipt().is_some()));
    assert_eq!(came(&server).len(), 4);
}

#[test]
fn what_an_earlier_run_left_is_not_sent_by_being_restored() {
    let server = with_gates(&[]);
    let mut desk = Desk::at(&server.origin());
    desk.ready(&["left.png"]);
    when_added(&mut desk);
    let mut desk = desk.restarted(&server.origin());
    desk.until("it is back", |desk| desk.names() == ["left.png"]);
    let left = desk.ids()[0];
    desk.until("it is looked into", |desk| desk.item(left).is_sendable());
    let ids = desk.stage(&["new.png"]);
    desk.until("the new one is there", |desk| desk.state(ids[0]).receipt().is_some());
    assert_eq!(came(&server), ["new.png"]);
    assert_eq!(desk.state(left), &State::Ready);
}

#[test]
fn the_end_of_a_batch_is_told_once_with_its_results_in_order() {
    let gate = Gate::default();
    let open = gate.clone();
    let server = Server::start(move |request, _| match request.header("x-file-name") {
        Some("refused.png") => refusal(),
        Some("slow.png") => Reaction::AnswerAfter(open.clone(), taken(request)),
        _ => Reaction::Answer(taken(request)),
    });
    let mut desk = Desk::at(&server.origin());
    let ids = desk.upload(&["slow.png", "quick.png", "refused.png", "cancelled.png"]);
    desk.session.uploads.cancel(ids[3]);
    desk.ended(&ids[1..]);
    assert!(desk.finished.is_empty(), "one is still on its way");
    gate.open();
    desk.ended(&ids);
    desk.uploaded(&["next.png"]);
    let [first, next] = &desk.finished[..] else { panic!("two ends: {:?}", desk.finished) };
    receipt(desk.state(ids[0]));
    let results: Vec<_> = ids.iter().copied().filter(|id| desk.state(*id).receipt().is_some()).collect();
    assert_eq!((&first.ids, first.need_you), (&results, 1), "in the order of the queue");
    assert_eq!(first.done, results.len());
    assert_eq!((next.done, next.need_you, next.summary().0.as_str()), (1, 0, "1 file uploaded"));
}

#[test]
fn what_is_restored_or_cancelled_altogether_is_no_batch() {
    let server = Server::always(Reaction::CutAfterBody);
    let mut desk = Desk::at(&server.origin());
    desk.uploaded(&["lost.png"]);
    assert_eq!(desk.finished.len(), 1);
    let mut desk = desk.restarted(&server.origin());
    desk.until("it is back", |desk| desk.names() == ["lost.png"]);
    desk.session.uploads.pause(true);
    let ids = desk.upload(&["a.png", "b.png"]);
    desk.session.uploads.cancel_items(&ids);
    desk.ended(&ids);
    desk.rounds();
    assert!(desk.finished.is_empty(), "{:?}", desk.finished);
}
