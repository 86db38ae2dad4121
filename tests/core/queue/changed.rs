//! Files that are other ones when they are to be sent than when they were added.

use std::path::Path;
use std::time::{Duration, SystemTime};

use hoist::model::error::FailureKind;
use hoist::model::media::Media;
use hoist::model::upload::State;

use crate::queue::desk::{Desk, INDREAM, came, with_gates};
use crate::support::server::{Gate, sha256};
use crate::support::{failure, made, receipt};

/// Writes another picture in the place of a file, as a program does that renders it again.
fn render_again(path: &Path, size: usize) -> Vec<u8> {
    let content = made(Media::Png, size);
    std::fs::write(path, &content).unwrap();
    let later = SystemTime::now() + Duration::from_secs(size as u64);
    std::fs::File::options().write(true).open(path).unwrap().set_modified(later).unwrap();
    content
}

fn touch(path: &Path) {
    let file = std::fs::File::options().write(true).open(path).unwrap();
    file.set_modified(SystemTime::now() + Duration::from_mins(1)).unwrap();
}

/// Writes as many bytes of the same kind and dimensions.
fn draw_again(path: &Path) {
    let mut content = std::fs::read(path).unwrap();
    *content.last_mut().unwrap() ^= 1;
    std::fs::write(path, content).unwrap();
    touch(path);
}

#[test]
fn a_file_that_was_rendered_again_is_sent_as_it_is_now() {
    let server = with_gates(&[]);
    let mut desk = Desk::at(&server.origin());
    let ids = desk.ready(&["a.png", "same size.png", "touched.png"]);
    let path = |desk: &Desk, n: usize| desk.item(ids[n]).request.path.clone();
    let size = |desk: &Desk, n: usize| desk.item(ids[n]).facts().unwrap().size;
    let before = std::fs::read(path(&desk, 2)).unwrap();
    let longer = render_again(&path(&desk, 0), 7777);
    let mut other = std::fs::read(path(&desk, 1)).unwrap();
    *other.last_mut().unwrap() ^= 1;
    std::fs::write(path(&desk, 1), &other).unwrap();
    for n in [1, 2] {
        let file = std::fs::File::options().write(true).open(path(&desk, n)).unwrap();
        file.set_modified(SystemTime::now() + Duration::from_mins(1)).unwrap();
    }
    desk.session.uploads.upload_all();
    desk.ended(&ids);
    for (id, content) in ids.iter().zip([&longer, &other, &before]) {
        receipt(desk.state(*id));
        let request = server.requests().into_iter().find(|r| r.body_len == content.len() as u64).unwrap();
        assert_eq!(request.sha256, sha256(content));
    }
    assert_eq!((server.requests().len(), size(&desk, 0)), (3, 7777), "each once, and shown as it is");
    let history = desk.history();
    assert!(history.iter().all(|record| record.attempts == 1), "{history:?}");
}

#[test]
fn a_file_that_changes_while_it_waits_for_its_turn_is_looked_into_anew() {
    let gate = Gate::default();
    let server = with_gates(&[("first.png", &gate)]);
    let mut desk = Desk::at(&server.origin());
    desk.one_at_a_time();
    let ids = desk.upload(&["first.png", "changed.png", "no picture any more.png", "gone.png"]);
    server.until("the first", |all| all.len() == 1);
    let changed = render_again(&desk.file("changed.png"), 5555);
    std::fs::write(desk.file("no picture any more.png"), "%PDF-1.7 and no picture").unwrap();
    std::fs::remove_file(desk.file("gone.png")).unwrap();
    gate.open();
    desk.ended(&ids);
    receipt(desk.state(ids[1]));
    assert_eq!(server.requests()[1].sha256, sha256(&changed));
    assert_eq!(came(&server), ["first.png", "changed.png"], "nobody is asked for the others");
    for (id, kind) in ids[2..].iter().zip([FailureKind::File, FailureKind::FileChanged]) {
        assert_eq!(failure(desk.state(*id)).kind, kind, "{:?}", desk.state(*id));
    }
    // The history knows it as well.
    desk.until_history("the history has their ends", |rows| {
        matches!(rows, [State::Refused(_), State::Refused(_), State::Done(_), State::Done(_)])
    });
}

#[test]
fn a_file_that_is_stopped_by_the_last_look_is_refused_in_the_history_too() {
    let server = with_gates(&[]);
    let mut desk = Desk::at(&server.origin());
    let id = desk.ready(&["a.png"])[0];
    std::fs::write(desk.file("a.png"), "no picture at all\n").unwrap();
    desk.session.uploads.send_again(id);
    desk.ended(&[id]);
    assert!(matches!(desk.state(id), State::Refused(_)), "{:?}", desk.state(id));
    desk.until_history(
        "it does not wait in the history",
        |rows| matches!(rows, [State::Refused(failure)] if failure.kind == FailureKind::File),
    );
    assert_eq!(server.connections(), 0);
}

#[test]
fn a_file_that_is_given_back_may_be_stopped_or_sent_elsewhere() {
    let gate = Gate::default();
    let server = with_gates(&[("first.png", &gate)]);
    let mut desk = Desk::at(&server.origin());
    desk.one_at_a_time();
    let ids = desk.upload(&["first.png", "stopped.png", "elsewhere.png"]);
    server.until("the first", |all| all.len() == 1);
    render_again(&desk.file("stopped.png"), 5555);
    render_again(&desk.file("elsewhere.png"), 6666);
    let other = desk.destination("piapi");
    desk.session.uploads.redirect_items(&ids[2..], &other);
    desk.session.uploads.cancel(ids[1]);
    gate.open();
    desk.ended(&ids);
    assert_eq!(desk.state(ids[1]), &State::Cancelled);
    receipt(desk.state(ids[2]));
    assert_eq!(desk.item(ids[2]).request.destination.provider, "piapi");
    assert_ne!(INDREAM, "piapi");
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn a_restored_file_that_was_only_touched_is_no_other_file() {
    let server = with_gates(&[]);
    let mut desk = Desk::at(&server.origin());
    let ids = desk.ready(&["touched.png", "other kind.png", "longer.png"]);
    desk.until_contents(&ids);
    let other = desk.file("other kind.png");
    let mut content = std::fs::read(&other).unwrap();
    content[..6].copy_from_slice(b"GIF89a");
    std::fs::write(&other, content).unwrap();
    render_again(&desk.file("longer.png"), 9999);
    touch(&desk.file("touched.png"));
    touch(&other);
    let mut desk = desk.restarted(&server.origin());
    desk.until("they are back", |desk| desk.session.uploads.queue().items().len() == 3);
    let ids = desk.ids();
    desk.until("they are looked into", |desk| ids.iter().all(|id| desk.item(*id).facts().is_some()));
    desk.until("the touched one can be sent", |desk| desk.item(ids[0]).is_sendable());
    let stops: Vec<_> = ids[1..].iter().map(|id| desk.item(*id).blocking_message().unwrap()).collect();
    assert_eq!(stops, ["The file changed after it was added"; 2]);
    desk.session.uploads.upload_all();
    desk.ended(&ids);
    receipt(desk.state(ids[0]));
    assert_eq!(came(&server), ["touched.png"], "the others go when they are asked for");
}

#[test]
fn a_restored_file_that_looks_the_same_and_has_another_content_is_said_before_it_is_sent() {
    let server = with_gates(&[]);
    let mut desk = Desk::at(&server.origin());
    let ids = desk.ready(&["drawn again.png", "touched.png", "sent as it is.png"]);
    desk.until_contents(&ids);
    draw_again(&desk.file("drawn again.png"));
    draw_again(&desk.file("sent as it is.png"));
    touch(&desk.file("touched.png"));
    let mut desk = desk.restarted(&server.origin());
    desk.until("they are inspected", |desk| {
        ids.iter().all(|id| desk.session.uploads.queue().get(*id).is_some_and(|item| item.facts().is_some()))
    });
    let stops =
        |desk: &Desk| ids.iter().map(|id| desk.item(*id).blocking_message().is_some()).collect::<Vec<_>>();
    assert_eq!(stops(&desk), [true, false, true]);
    assert_eq!(desk.item(ids[0]).blocking_message().unwrap(), "The file changed after it was added");
    desk.session.uploads.accept_change(ids[2]);
    desk.until("it may be sent", |desk| desk.item(ids[2]).is_sendable());
    desk.until_contents(&ids[1..]);
    // What was compared or accepted is what counts from then on.
    touch(&desk.file("touched.png"));
    draw_again(&desk.file("sent as it is.png"));
    let mut desk = desk.restarted(&server.origin());
    desk.until("they are inspected", |desk| {
        ids.iter().all(|id| desk.session.uploads.queue().get(*id).is_some_and(|item| item.facts().is_some()))
    });
    assert_eq!(stops(&desk), [true, false, true]);
    desk.session.uploads.upload_all();
    desk.ended(&ids);
    receipt(desk.state(ids[1]));
    assert_eq!((came(&server), server.connections()), (vec!["touched.png".to_owned()], 1));
}

#[test]
fn a_restored_file_that_was_written_again_before_its_content_was_read_is_said_to_have_changed() {
    let server = with_gates(&[]);
    let mut desk = Desk::at(&server.origin());
    // Contents are read one after the other, and the first takes a while.
    std::fs::write(desk.home.path().join("large.png"), made(Media::Png, 64 * 1024 * 1024)).unwrap();
    let files: Vec<_> = ["large.png", "written again.png", "last.png"].map(|name| desk.file(name)).into();
    let to = desk.destination(INDREAM);
    let ids = desk.session.add_files_to(files.clone(), &to);
    let are_inspected = |desk: &Desk| {
        ids.iter().all(|id| desk.session.uploads.queue().get(*id).is_some_and(|item| item.facts().is_some()))
    };
    desk.until("they are inspected", are_inspected);
    draw_again(&files[1]);
    desk.until_contents(&[ids[0], ids[2]]);
    let mut desk = desk.restarted(&server.origin());
    desk.until("they are inspected", are_inspected);
    let stops: Vec<_> = ids.iter().map(|id| desk.item(*id).blocking_message().is_some()).collect();
    assert_eq!(stops, [false, true, false]);
}
