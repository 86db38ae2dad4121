//! Being forgotten is to be gone: from the list, the database's pages, its journal and every copy.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use hoist::model::upload::State;
use hoist::store::history::Write;

use super::copies::{copied_anew, date};
use super::{Open, database, entry, files, receipt, send, waiting};

/// The files of the data folder that have this text.
fn holding(home: &Path, text: &str) -> Vec<String> {
    let files = files(home, "").into_iter();
    let has = |name: &String| {
        let bytes = fs::read(home.join("data").join(name)).unwrap_or_default();
        bytes.windows(text.len()).any(|w| w.eq_ignore_ascii_case(text.as_bytes()))
    };
    files.filter(has).collect()
}

fn fill(open: &Open, from: u64, to: u64, name: &str) {
    for n in from..to {
        let file = entry(open, n, &format!("{name}-{n}.png"), false);
        open.history.write(Write::Put(file.clone(), waiting()));
        open.write(super::ended(&file, State::Done(receipt(&format!("{name}-id-{n}")))));
    }
}

#[test]
fn nothing_of_a_cleared_history_is_on_the_disk_any_more() {
    let home = tempfile::tempdir().unwrap();
    let open = Open::of(home.path(), true);
    fill(&open, 1, 200, "secret");
    let waits = entry(&open, 500, "stays.png", true);
    open.write(Write::Put(
        waits.clone(),
        State::Unknown(Box::new(super::Failure::new(super::FailureKind::NoAnswer, "", ""))),
    ));
    drop(open);
    copied_anew(home.path());
    // As a run that was killed leaves one, and as damage is kept.
    for name in [
        ".history-backup-1-abc",
        "history-damaged-2026-01-01-120000.db",
        "history-damaged-2026-01-01-120000.db-wal",
    ] {
        fs::copy(database(home.path()), home.path().join("data").join(name)).unwrap();
    }
    assert!(holding(home.path(), "secret").len() >= 5, "{:?}", holding(home.path(), "secret"));
    // What was deleted before without being overwritten is in pages that nothing uses.
    let old = rusqlite::Connection::open(database(home.path())).unwrap();
    old.execute_batch("DELETE FROM upload WHERE id % 2 = 0 AND queued = 0; PRAGMA wal_checkpoint(TRUNCATE)")
        .unwrap();
    drop(old);
    let beside = Open::of(home.path(), false); // another window
    assert!((80..120).contains(&beside.all().len()), "{}", beside.all().len());
    let mut open = Open::of(home.path(), false);
    open.write(Write::Cleared);
    assert_eq!(open.notices(), [""; 0]);
    assert_eq!(holding(home.path(), "secret"), [""; 0]);
    assert_eq!(beside.found(""), ["stays.png"]);
    drop((open, beside));
    copied_anew(home.path());
    assert_eq!(holding(home.path(), "secret"), [""; 0]);
    let copies = files(home.path(), "history-backup-");
    assert_eq!(
        holding(home.path(), "stays"),
        [&copies[..], &["history.db".to_owned()]].concat(),
        "copied anew"
    );
}

#[test]
fn one_forgotten_upload_is_in_no_page_journal_or_copy() {
    let home = tempfile::tempdir().unwrap();
    let open = Open::of(home.path(), false);
    fill(&open, 1, 20, "other");
    let secret = entry(&open, 100, "secret.png", false);
    send(&open, &secret, 1, State::Done(receipt("secret-id")));
    drop(open);
    copied_anew(home.path());
    let copies = files(home.path(), "history-backup-");
    assert_eq!(holding(home.path(), "secret"), [&copies[..], &["history.db".to_owned()]].concat());
    let made = fs::metadata(home.path().join("data").join(&copies[0])).unwrap().modified().unwrap();
    let open = Open::of(home.path(), false);
    open.write(Write::Forgotten(vec![secret.id]));
    assert_eq!(holding(home.path(), "secret"), [""; 0]);
    assert_eq!(open.all().len(), 19);
    let copy = home.path().join("data").join(&copies[0]);
    assert_eq!(fs::metadata(&copy).unwrap().modified().unwrap(), made, "it is still the copy of its day");
    let rows: i64 = rusqlite::Connection::open(&copy)
        .unwrap()
        .query_row("SELECT count(*) FROM upload", [], |row| row.get(0))
        .unwrap();
    assert_eq!(rows, 19, "the others are in it");
}

#[test]
fn a_history_that_is_cleared_while_it_is_copied_leaves_nothing() {
    // The copying begins with every opening, and is somewhere in its middle.
    for round in 0..12 {
        let home = tempfile::tempdir().unwrap();
        let open = Open::of(home.path(), false);
        fill(&open, 1, 150, "secret");
        drop(open);
        let windows: Vec<_> = (0..2).map(|_| Open::of(home.path(), false)).collect();
        std::thread::sleep(Duration::from_millis(round));
        let open = Open::of(home.path(), false);
        open.write(Write::Cleared);
        drop((open, windows)); // everything that was being made is made
        assert_eq!(holding(home.path(), "secret"), [""; 0], "round {round}");
        assert_eq!(files(home.path(), ".history-backup"), [""; 0]);
    }
}

#[test]
fn what_somebody_reads_meanwhile_is_overwritten_as_soon_as_that_ends() {
    let home = tempfile::tempdir().unwrap();
    let mut open = Open::of(home.path(), false);
    fill(&open, 1, 50, "secret");
    let reader = rusqlite::Connection::open(database(home.path())).unwrap();
    reader.execute_batch("BEGIN; SELECT count(*) FROM upload;").unwrap();
    open.write(Write::Cleared);
    let said = open.notices();
    assert!(said.len() == 1 && said[0].contains("not overwritten yet"), "{said:?}");
    assert!(open.all().is_empty(), "out of sight at once");
    assert!(!holding(home.path(), "secret").is_empty());
    reader.execute_batch("COMMIT").unwrap();
    super::until("the overwriting", || holding(home.path(), "secret").is_empty());
    assert_eq!(open.notices().len(), 1, "said once");
}

#[test]
fn a_copy_that_was_not_finished_goes_with_the_next_start() {
    let home = tempfile::tempdir().unwrap();
    let lives = Open::of(home.path(), false);
    fill(&lives, 1, 3, "a");
    let run = lives.history.first_id().0 >> 32;
    let unfinished =
        [".history-backup-12345-AbCdEf", ".history-backup-AbCdEf", ".history-backup-12345-AbCdEf-journal"];
    let being_made = format!(".history-backup-{run}-AbCdEf");
    for name in unfinished.iter().copied().chain([being_made.as_str()]) {
        let path = home.path().join("data").join(name);
        fs::write(&path, "half").unwrap();
        date(&path, SystemTime::now() - Duration::from_hours(48));
    }
    drop(Open::of(home.path(), false));
    // Whose run lives, and may be making another one right now.
    super::until("what others left is gone", || {
        files(home.path(), ".history-backup") == [being_made.as_str()]
    });
    drop(lives);
    drop(Open::of(home.path(), false));
    assert_eq!(files(home.path(), ".history-backup"), [""; 0]);
}
