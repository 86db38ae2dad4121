//! What was taken out comes back as it was.

use hoist::model::item::Severity;
use hoist::model::secret::Key;
use hoist::model::upload::State;
use hoist::session::accounts::{KeyNames, NewDestination};

use crate::queue::desk::{Desk, refusal, taken, with_gates};
use crate::support::server::{Reaction, Server};
use crate::support::{by_id, key_of};

#[test]
fn files_taken_from_the_queue_come_back_as_they_were() {
    let server = Server::start(|request, _| match request.header("x-file-name") {
        Some("refused.png") => refusal(),
        _ => Reaction::Answer(taken(request)),
    });
    let mut desk = Desk::at(&server.origin());
    let mut ids = desk.uploaded(&["done.png", "refused.png"]);
    ids.extend(desk.ready(&["ready.png"]));
    // Stopped by its destination's table, and at its destination already.
    let text = desk.home.path().join("notes.txt");
    std::fs::write(&text, "no picture at all\n").unwrap();
    let to = desk.destination("indream");
    ids.extend(desk.session.add_files_to([text], &to));
    ids.extend(desk.stage(&["done.png"]));
    desk.until("what is known of them", |desk| {
        desk.item(ids[3]).blocking_message().is_some() && desk.item(ids[4]).earlier.is_some()
    });
    let (names, order) = (desk.names().join(" "), desk.ids());
    let before: Vec<_> = ids.iter().map(|id| format!("{:?}", desk.item(*id))).collect();

    let removed = desk.session.uploads.remove_items(&[ids[4], ids[0], ids[3], ids[2]]);
    assert_eq!((removed.len(), desk.names().as_slice()), (4, &["refused.png"][..]));
    desk.session.uploads.put_back(removed);
    assert_eq!((desk.names().join(" "), desk.ids()), (names, order));
    let after: Vec<_> = ids.iter().map(|id| format!("{:?}", desk.item(*id))).collect();
    assert_eq!(after, before);
    assert!(desk.item(ids[3]).findings.iter().any(|f| f.severity == Severity::Error));

    // And they are in the queue of the next run, but what is done.
    let mut desk = desk.restarted(&server.origin());
    desk.until("the queue is back", |desk| desk.names().len() == 4);
    assert_eq!(desk.names(), ["refused.png", "ready.png", "notes.txt", "done.png"]);
    let gone = desk.session.uploads.remove_items(&desk.ids()[..2]);
    assert_eq!(gone.len(), 2);
    let mut desk = desk.restarted(&server.origin());
    desk.until("the queue is back", |desk| !desk.names().is_empty());
    assert_eq!(desk.names(), ["notes.txt", "done.png"], "what nobody put back is gone");
}

#[test]
fn a_file_put_back_while_nobody_had_looked_into_it_is_looked_into() {
    let server = with_gates(&[]);
    let mut desk = Desk::at(&server.origin());
    let ids = desk.stage(&["a.png", "b.png"]);
    let removed = desk.session.uploads.remove_items(&ids);
    desk.session.uploads.put_back(removed);
    desk.until("they are ready", |desk| ids.iter().all(|id| desk.item(*id).is_sendable()));
    desk.session.uploads.upload_all();
    desk.ended(&ids);
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn finished_files_that_were_cleared_come_back_with_their_results() {
    let server = Server::start(|request, _| match request.header("x-file-name") {
        Some("refused.png") => refusal(),
        _ => Reaction::Answer(taken(request)),
    });
    let mut desk = Desk::at(&server.origin());
    let ids = desk.uploaded(&["a.png", "refused.png", "b.png"]);
    let removed = desk.session.uploads.clear_finished();
    assert_eq!((removed.len(), desk.names().as_slice()), (2, &["refused.png"][..]));
    desk.session.uploads.put_back(removed);
    assert_eq!(desk.ids(), ids);
    let result = |n: usize| desk.item(ids[n]).result().unwrap().id.clone();
    assert_eq!((result(0), result(2)), (Some("asset of a.png".into()), Some("asset of b.png".into())));
    let mut remembered = desk.remembered();
    remembered.sort();
    assert_eq!(remembered, ["a.png", "b.png", "refused.png"], "once each");
}

#[test]
fn a_destination_comes_back_where_it_was_and_chosen_if_it_was() {
    let server = with_gates(&[]);
    let mut desk = Desk::with_keyring(&server.origin());
    let vendor = by_id("flow-music").facts().vendor;
    let new = NewDestination::all_of(vendor);
    let count = new.len();
    assert!(count > 2, "{new:?}");
    desk.session.keys.add_key(
        by_id("flow-music").facts().vendor,
        KeyNames::default(),
        Key::new(key_of(vendor)).unwrap(),
        new,
        None,
    );
    desk.until("they are saved", |desk| desk.session.keys.settings().destinations.len() == count);
    let before = desk.session.keys.settings().destinations.clone();
    for chosen in [1, 2] {
        desk.session.keys.choose(chosen);
        desk.session.keys.remove_destination(before[1].name.clone());
        desk.until("it is gone", |desk| desk.session.keys.settings().destinations.len() == count - 1);
        assert_eq!(desk.session.keys.destinations().len(), count - 1);
        desk.session.keys.restore_destination(before[1].clone(), 1);
        desk.until("it is back", |desk| desk.session.keys.settings().destinations == before);
        assert_eq!(desk.session.keys.chosen().map(|d| d.name.as_str()), Some(before[chosen].name.as_str()));
    }
    // What was chosen since stays chosen.
    desk.session.keys.choose(1);
    desk.session.keys.remove_destination(before[1].name.clone());
    desk.until("it is gone", |desk| desk.session.keys.settings().destinations.len() == count - 1);
    desk.session.keys.choose(1);
    desk.session.keys.restore_destination(before[1].clone(), 1);
    desk.until("it is back", |desk| desk.session.keys.settings().destinations == before);
    assert_eq!(desk.session.keys.chosen().map(|d| d.name.as_str()), Some(before[2].name.as_str()));
}

#[test]
fn an_upload_taken_from_the_history_is_out_of_sight_at_once_and_can_come_back() {
    let server = with_gates(&[]);
    let mut desk = Desk::at(&server.origin());
    let ids = desk.uploaded(&["a.png", "b.png", "c.png"]);
    desk.until("they are counted", |desk| desk.session.library.count() == 3);
    desk.session.forget(vec![ids[0]]);
    assert_eq!(desk.session.library.count(), 2);
    assert_eq!(desk.remembered(), ["c.png", "b.png"]);
    desk.session.library.unforget(&[ids[0]]);
    assert_eq!(desk.session.library.count(), 3);
    assert_eq!(desk.remembered(), ["c.png", "b.png", "a.png"]);

    // Each by itself. One that is settled is never seen again, not even for a moment.
    desk.session.forget(vec![ids[0]]);
    desk.session.forget(vec![ids[1]]);
    assert_eq!(desk.remembered(), ["c.png"]);
    desk.session.library.settle(&[ids[0]]);
    assert_eq!(desk.remembered(), ["c.png"]);
    desk.session.library.unforget(&[ids[0], ids[1]]); // too late for the first
    assert_eq!(desk.remembered(), ["c.png", "b.png"]);

    desk.session.forget(vec![ids[1]]);
    desk.session.library.settle_forgotten();
    desk.session.library.unforget(&[ids[1]]); // too late
    assert_eq!(desk.remembered(), ["c.png"]);

    // And the end of the run settles it.
    desk.session.forget(vec![ids[2]]);
    let mut desk = desk.restarted(&server.origin());
    let stays = desk.uploaded(&["d.png"]);
    assert!(matches!(desk.state(stays[0]), State::Done(_)));
    assert_eq!(desk.remembered(), ["d.png"]);
}

#[test]
fn what_is_on_its_way_is_not_taken_from_the_history() {
    let server = with_gates(&[]);
    let mut desk = Desk::at(&server.origin());
    desk.session.uploads.pause(true);
    let ids = desk.upload(&["a.png"]);
    while desk.remembered() != ["a.png"] {} // the wish is being written
    desk.session.forget(ids.clone());
    assert_eq!(desk.remembered(), ["a.png"]);
    desk.session.uploads.pause(false);
    desk.ended(&ids);
    desk.session.library.settle_forgotten();
    assert_eq!(desk.remembered(), ["a.png"]);
}
