//! What is sent is in the history first, unless the user said that it need not be; and an ID is shown when it is safe.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use hoist::model::error::FailureKind;
use hoist::model::upload::State;
use rusqlite::Connection;

use crate::queue::desk::{Desk, came, with_gates};
use crate::support::TIMEOUT;

/// Takes the history away until it is dropped: a pipe is in its place.
struct Broken {
    path: PathBuf,
    aside: PathBuf,
}

impl Broken {
    fn of(desk: &mut Desk) -> Broken {
        let path = desk.home.path().join("hoist/data/history.db");
        desk.until("the history", |_| path.exists()); // files are ready without it
        let aside = desk.home.path().join("taken away");
        let pipe = desk.home.path().join("pipe");
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        fs::hard_link(&path, &aside).unwrap();
        fs::rename(pipe, &path).unwrap(); // at once: a history that is missing would be made anew
        Broken { path, aside }
    }
}

impl Drop for Broken {
    fn drop(&mut self) {
        fs::rename(&self.aside, &self.path).unwrap();
    }
}

#[test]
fn without_a_history_nothing_is_sent_before_the_user_said_so_once_for_the_batch() {
    if !cfg!(unix) {
        return; // no pipe can be in its place
    }
    let server = with_gates(&[]);
    let mut desk = Desk::at(&server.origin());
    desk.one_at_a_time();
    let ids = desk.ready(&["a.png", "b.png", "c.png"]);
    let broken = Broken::of(&mut desk);
    desk.session.uploads.upload_all();
    desk.until("the question", |desk| desk.session.uploads.unrecorded() == 3);
    let held = |state: &State| matches!(state, State::Held(f) if f.kind == FailureKind::NoHistory);
    assert!(ids.iter().all(|id| held(desk.state(*id))));
    assert_eq!(came(&server), [""; 0], "not a byte");
    assert_eq!(desk.session.library.write_error().as_deref(), Some("a pipe or a device is in its place"));

    desk.session.uploads.send_without_history();
    desk.until("the batch", |desk| ids.iter().all(|id| desk.state(*id).receipt().is_some()));
    assert_eq!((came(&server).len(), desk.session.uploads.unrecorded()), (3, 0), "asked once");
    desk.until("its end", |desk| desk.finished.iter().any(|f| (f.done, f.unrecorded) == (3, 3)));

    // The next batch is asked about anew; whoever waits keeps it.
    let more = desk.upload(&["d.png", "e.png"]);
    desk.until("the question", |desk| desk.session.uploads.unrecorded() == 2);
    desk.session.uploads.wait_for_history();
    assert_eq!(desk.session.uploads.unrecorded(), 0);
    drop(broken);
    desk.until("the history", |desk| desk.session.library.write_error().is_none());
    desk.session.uploads.retry_failed();
    desk.until("they are sent", |desk| more.iter().all(|id| desk.state(*id).receipt().is_some()));
    assert_eq!((came(&server).len(), desk.history().len()), (5, 5), "and nothing is missing in it");
    assert_eq!(desk.finished.last().unwrap().unrecorded, 0);
}

#[test]
fn nothing_is_sent_before_its_request_is_written() {
    let server = with_gates(&[]);
    let mut desk = Desk::at(&server.origin());
    let ids = desk.ready(&["a.png"]);
    let path = desk.home.path().join("hoist/data/history.db");
    desk.until("the history", |_| path.exists());
    let other = Connection::open(path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap(); // another program writes into it
    desk.session.uploads.upload_all();
    for _ in 0..50 {
        desk.poll();
        assert_eq!(came(&server), [""; 0], "after a crash it would not be known that this was sent");
        std::thread::sleep(Duration::from_millis(10));
    }
    other.execute_batch("ROLLBACK").unwrap();
    desk.until("it is sent", |desk| desk.state(ids[0]).receipt().is_some());
    assert_eq!((came(&server).len(), desk.history().len()), (1, 1));
}

#[test]
fn an_id_is_shown_when_the_disk_has_it() {
    let server = with_gates(&[]);
    let disk: Arc<(Mutex<bool>, Condvar)> = Arc::default();
    let works = Arc::clone(&disk);
    let mut desk = Desk::synced_by(
        &server.origin(),
        Arc::new(move |_| {
            let (works, changed) = &*works;
            let works = works.lock().unwrap();
            drop(changed.wait_timeout_while(works, TIMEOUT, |works| !*works).unwrap());
            Ok(())
        }),
    );
    let id = desk.upload(&["a.png"])[0];
    server.until("the answer", |requests| requests.iter().any(|r| r.answered.is_some()));
    for _ in 0..30 {
        desk.poll();
        assert!(desk.state(id).receipt().is_none(), "a power cut would lose it");
        std::thread::sleep(Duration::from_millis(10));
    }
    *disk.0.lock().unwrap() = true;
    disk.1.notify_all();
    desk.until("the ID", |desk| desk.state(id).receipt().is_some());
}
