//! Damage that is met while the history is used: it is set aside and said once, and what can be read goes on.

use std::fs;
use std::io::{Seek, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use hoist::model::upload::State;
use hoist::store::history::{Query, Write};
use rusqlite::Connection;

use super::{Open, OpenFiles, at, database, ended, entry, files, receipt, send, until, waiting};

const PAGE: usize = 4096;

/// A history with so many uploads, all of it in one file.
fn filled(home: &Path, uploads: u64) {
    let open = Open::of(home, false);
    for n in 1..=uploads {
        let file = entry(&open, n, &format!("{n}.png"), false);
        open.history.write(Write::Put(file.clone(), waiting()));
        open.history.write(Write::Began(file.clone(), at(1)));
        open.history.write(ended(&file, State::Done(receipt(&format!("id-{n}")))));
    }
    drop(open);
}

fn pages(path: &Path) -> usize {
    usize::try_from(fs::metadata(path).unwrap().len()).unwrap() / PAGE
}

/// Empties the journal into the file, though others have it open.
fn move_into_one_file(path: &Path) {
    let db = Connection::open(path).unwrap();
    let is_busy =
        || db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0)).unwrap() == 1;
    until("all of it in one file", || !is_busy());
}

/// Overwrites one page, counted from 1.
fn overwrite(path: &Path, page: usize) {
    let mut file = fs::File::options().write(true).open(path).unwrap();
    file.seek(SeekFrom::Start(((page - 1) * PAGE) as u64)).unwrap();
    file.write_all(&[0x5a; PAGE]).unwrap();
}

/// The pages of the table of uploads that hold rows.
fn leaves(path: &Path) -> Vec<usize> {
    let bytes = fs::read(path).unwrap();
    let db = Connection::open(path).unwrap();
    let rows: i64 = db.query_row("SELECT count(*) FROM upload", [], |row| row.get(0)).unwrap();
    drop(db);
    // A leaf of a table whose cells have the name of a file.
    let is_leaf = |page: &usize| {
        let content = &bytes[(page - 1) * PAGE..page * PAGE];
        let holds = |what: &[u8]| content.windows(what.len()).any(|w| w == what);
        content[0] == 13 && holds(b"/somewhere") && holds(b"jane@example.com")
    };
    let leaves: Vec<_> = (2..=bytes.len() / PAGE).filter(is_leaf).collect();
    assert!(leaves.len() > 3 && rows > 0, "{leaves:?}");
    leaves
}

/// Waits until the damage is said, which is once: whoever meets it does so on a thread of its own.
fn said_of_damage(mut notices: impl FnMut() -> Vec<String>) -> String {
    let is_of_damage = |said: &String| said.contains("was damaged");
    until("the sentence", || notices().iter().any(is_of_damage));
    let said = notices();
    let damage: Vec<_> = said.iter().filter(|said| is_of_damage(said)).collect();
    assert_eq!(damage.len(), 1, "said once: {said:?}");
    damage[0].clone()
}

#[test]
fn an_emptied_file_is_damage_where_there_are_copies() {
    let home = tempfile::tempdir().unwrap();
    filled(home.path(), 12);
    super::copies::copied_anew(home.path());
    for end in ["", "-wal", "-shm"] {
        let part = database(home.path()).with_file_name(format!("history.db{end}"));
        if part.exists() {
            fs::write(part, "").unwrap();
        }
    }
    let mut open = Open::of(home.path(), false);
    assert_eq!(open.all().len(), 12, "they are in the copy");
    assert!(said_of_damage(|| open.notices()).contains("12 uploads that could be read are in a new one"));
    drop(open);
    // Cleared, there is no copy, and an empty file is a new one.
    Open::of(home.path(), false).write(hoist::store::history::Write::Cleared);
    fs::write(database(home.path()), "").unwrap();
    let open = Open::of(home.path(), false);
    assert_eq!(open.all().len(), 0);
}

#[test]
fn one_overwritten_page_costs_its_rows_at_most_and_nothing_where_there_is_a_copy() {
    const UPLOADS: u64 = 120;
    let whole = tempfile::tempdir().unwrap();
    filled(whole.path(), UPLOADS);
    super::copies::copied_anew(whole.path());
    let pages = pages(&database(whole.path()));
    let leaves = leaves(&database(whole.path()));
    for page in (1..=pages).filter(|page| *page < 8 || page % 9 == 0 || leaves.contains(page)) {
        for with_copy in [true, false] {
            let home = tempfile::tempdir().unwrap();
            fs::create_dir_all(home.path().join("data")).unwrap();
            fs::copy(database(whole.path()), database(home.path())).unwrap();
            if with_copy {
                let copy = "data/history-backup-000001.db";
                fs::copy(whole.path().join(copy), home.path().join(copy)).unwrap();
            }
            overwrite(&database(home.path()), page);
            let mut open = Open::of(home.path(), false);
            let all = open.all();
            let attempts =
                open.history.reader().attempts(all.first().map_or(open.history.first_id(), |r| r.request.id));
            assert!(attempts.is_ok(), "page {page}: {attempts:?}");
            let new = entry(&open, 1, "new.png", false);
            send(&open, &new, 1, State::Done(receipt("new")));
            assert_eq!(open.found("new.png"), ["new.png"], "page {page}");
            let all = open.all().len() as u64 - 1;
            if with_copy {
                assert_eq!(all, UPLOADS, "page {page}");
            } else if leaves.contains(&page) {
                assert!(all < UPLOADS && all + 20 > UPLOADS, "page {page} of {pages}: {all}");
                // Not only their rows: what lies behind the damage is read as what lies before it.
                let untried = open.all().iter().filter(|record| record.attempts != 1).count();
                assert_eq!(untried, 0, "page {page} of {pages}");
            } else {
                // What leads to the rows is damaged, and they are not: they are found in their pages.
                assert_eq!(all, UPLOADS, "page {page} of {pages}");
                let known = open
                    .all()
                    .iter()
                    .filter(|record| record.state.receipt().is_some_and(|r| !r.values.is_empty()))
                    .count() as u64;
                assert!(known + 20 > UPLOADS, "page {page} of {pages}: the answers of {known} uploads");
            }
            if leaves.contains(&page) {
                let said = said_of_damage(|| open.notices());
                let kept = files(home.path(), "history-damaged-");
                assert!(
                    said.contains(&kept[0]) && said.contains("uploads that could be read are in a new one")
                );
            }
            drop(open);
            assert!(Open::of(home.path(), false).notices().is_empty(), "page {page}: said once");
        }
    }
}

#[test]
fn whoever_still_has_the_old_file_open_writes_its_rows_again() {
    for (system, ends) in OpenFiles::ALL.into_iter().flat_map(|system| [(system, false), (system, true)]) {
        let home = tempfile::tempdir().unwrap();
        let mut first = system.open(home.path(), true);
        for n in 1..=60 {
            send(
                &first,
                &entry(&first, n, &format!("{n}.png"), false),
                1,
                State::Done(receipt(&format!("id-{n}"))),
            );
        }
        let path = database(home.path());
        move_into_one_file(&path);
        for leaf in &leaves(&path)[..2] {
            overwrite(&path, *leaf);
        }
        let mut second = system.open(home.path(), false);
        let readable = second.all().len();
        assert!(readable <= 60, "the damage is met: {readable}");
        // By the one that reads, or by the other's daily copy.
        said_of_damage(|| [first.notices(), second.notices()].concat());
        if ends {
            drop(first);
            assert_eq!(second.all().len(), 60);
            assert_eq!(second.found("id-7"), ["7.png"]);
        } else {
            // It does not know yet, and its reader does at once.
            assert!(first.all().len() >= readable);
            send(&first, &entry(&first, 61, "61.png", false), 1, State::Done(receipt("id-61")));
            assert_eq!(second.all().len(), 61);
            assert_eq!(first.all().len(), 61, "{system:?}");
            said_of_damage(|| [first.notices(), second.notices()].concat());
        }
        let kept = files(home.path(), "history-damaged-");
        assert_eq!(kept.iter().filter(|name| !name.contains(".db-")).count(), 1, "once: {kept:?}");
    }
}

#[test]
fn an_upload_that_meets_the_damage_is_in_the_new_history() {
    for system in OpenFiles::ALL {
        let home = tempfile::tempdir().unwrap();
        filled(home.path(), 60);
        let path = database(home.path());
        let mut open = system.open(home.path(), false);
        for page in leaves(&path) {
            overwrite(&path, page);
        }
        let new = entry(&open, 1, "new.png", false);
        send(&open, &new, 1, State::Done(receipt("new")));
        assert_eq!(open.found("new"), ["new.png"], "{system:?}");
        said_of_damage(|| open.notices());
    }
}

#[test]
fn a_history_that_is_being_replaced_is_at_no_moment_empty_to_those_who_read_it() {
    for (system, round) in OpenFiles::ALL.into_iter().flat_map(|system| (0..8).map(move |n| (system, n))) {
        let home = tempfile::tempdir().unwrap();
        filled(home.path(), 300);
        for copy in files(home.path(), "history-backup-") {
            fs::remove_file(home.path().join("data").join(copy)).unwrap();
        }
        let (mut first, mut second) = (system.open(home.path(), false), system.open(home.path(), false));
        let (ended, history) = (AtomicBool::new(false), second.history.clone());
        let (all, least) = std::thread::scope(|scope| {
            let reading = scope.spawn(|| {
                let (mut kept, mut counts) = (history.reader(), vec![]);
                while !ended.load(Ordering::SeqCst) {
                    let readers = [&mut kept, &mut history.reader()];
                    counts.extend(readers.into_iter().flat_map(|reader| reader.find(&Query::default())));
                }
                counts.into_iter().map(|ids| ids.len()).min()
            });
            overwrite(&database(home.path()), leaves(&database(home.path()))[1]);
            let all = first.all().len();
            ended.store(true, Ordering::SeqCst);
            (all, reading.join().unwrap())
        });
        assert!(all > 270 && least.is_none_or(|least| least > 270), "{system:?} {round}: {all}, {least:?}");
        said_of_damage(|| [first.notices(), second.notices()].concat());
    }
}

#[test]
fn a_journal_goes_with_its_history_and_what_is_only_there_is_read() {
    for system in OpenFiles::ALL {
        let home = tempfile::tempdir().unwrap();
        filled(home.path(), 300);
        let path = database(home.path());
        // In the middle: the journal may have the first and the last ones, and with them what heals them.
        let leaf = leaves(&path)[leaves(&path).len() / 2];
        let mut first = system.open(home.path(), false);
        for n in 1..=20 {
            send(
                &first,
                &entry(&first, n, &format!("late-{n}.png"), false),
                1,
                State::Done(receipt(&format!("late-{n}"))),
            );
        }
        let beside = |end: &str| PathBuf::from(format!("{}{end}", path.display()));
        let journal = fs::read(beside("-wal")).unwrap();
        assert!(!journal.is_empty());
        overwrite(&path, leaf);
        let mut second = system.open(home.path(), false);
        assert!(second.all().len() > 270, "the damage is met: {}", second.all().len());
        assert_eq!(second.found("late").len(), 20, "what only the journal has");
        let said = said_of_damage(|| [first.notices(), second.notices()].concat());
        let name = said.split_once("kept as ").unwrap().1.split_once(".db").unwrap().0.to_owned();
        assert_eq!(
            files(home.path(), &name),
            [format!("{name}.db"), format!("{name}.db-shm"), format!("{name}.db-wal")]
        );
        let kept = fs::read(home.path().join("data").join(format!("{name}.db-wal"))).unwrap();
        assert!(kept.starts_with(&journal), "the journal it had");
        drop(first);
        assert_eq!(second.found("late").len(), 20, "once each");
    }
}

#[test]
fn nothing_of_another_programs_database_is_taken_over() {
    let home = tempfile::tempdir().unwrap();
    fs::create_dir_all(home.path().join("data")).unwrap();
    let db = Connection::open(database(home.path())).unwrap();
    db.pragma_update(None, "application_id", 7).unwrap();
    db.pragma_update(None, "user_version", 5).unwrap();
    let sql = "CREATE TABLE upload (id INTEGER PRIMARY KEY, path BLOB, asked INTEGER, state TEXT);
        INSERT INTO upload VALUES (1, x'2f61', 1, 'done');";
    db.execute_batch(sql).unwrap();
    drop(db);
    let mut open = Open::of(home.path(), false);
    assert!(open.all().is_empty());
    assert!(said_of_damage(|| open.notices()).contains("No upload could be read from it"));
}

#[test]
fn a_header_that_is_damaged_costs_no_upload() {
    // The mark of Hoist's databases, and the number of its version: as another program's, and as of the future.
    for (from, bytes) in [(68, [0x5a; 4]), (60, [0x5a; 4]), (60, [0, 0, 0, 77]), (60, [0; 4])] {
        let home = tempfile::tempdir().unwrap();
        filled(home.path(), 60);
        let path = database(home.path());
        for name in files(home.path(), "history-backup-") {
            fs::remove_file(home.path().join("data").join(name)).unwrap(); // what is read is not read of a copy
        }
        let mut file = fs::File::options().write(true).open(&path).unwrap();
        file.seek(SeekFrom::Start(from)).unwrap();
        file.write_all(&bytes).unwrap();
        drop(file);
        let mut open = Open::of(home.path(), false);
        let said = said_of_damage(|| open.notices());
        assert!(said.contains("60 uploads that could be read are in a new one"), "{from}: {said}");
        let all = open.all();
        assert_eq!(all.len(), 60, "{from}");
        for (record, n) in all.iter().zip((1..=60).rev()) {
            assert_eq!(record.state.receipt(), Some(&*receipt(&format!("id-{n}"))), "{from}: whole");
        }
        send(&open, &entry(&open, 99, "new.png", false), 1, State::Done(receipt("new")));
        assert_eq!(open.found("new"), ["new.png"], "{from}");
    }
}

#[test]
fn a_history_that_is_removed_or_emptied_is_made_of_its_copies_again() {
    for empties in [false, true] {
        let home = tempfile::tempdir().unwrap();
        filled(home.path(), 30);
        super::copies::copied_anew(home.path());
        for name in ["history.db", "history.db-wal", "history.db-shm"] {
            let _ = fs::remove_file(home.path().join("data").join(name));
        }
        if empties {
            fs::write(database(home.path()), "").unwrap();
        }
        let mut open = Open::of(home.path(), false);
        until("it is said", || {
            open.notices().iter().any(|said| said.contains("30 uploads that could be read"))
        });
        let said = open.notices();
        assert!(said.iter().any(|said| said.contains("was not there any more") != empties), "{said:?}");
        assert_eq!(open.all().len(), 30);
        // A person who clears it wants none of it back.
        open.write(Write::Cleared);
        drop(open);
        let _ = fs::remove_file(database(home.path()));
        let mut open = Open::of(home.path(), false);
        assert!(open.all().is_empty() && open.notices().is_empty());
    }
}

/// Puts something in the place of a file that is none.
fn block(path: &Path) {
    if cfg!(unix) {
        assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
    } else {
        fs::create_dir(path).unwrap(); // a pipe of Windows has no place in a folder
    }
}

#[test]
fn what_is_no_file_is_said_and_holds_up_nothing() {
    for name in ["history.db", "history.lock", "history.db-journal", "history.db-wal"] {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir_all(home.path().join("data")).unwrap();
        let blocked = home.path().join("data").join(name);
        block(&blocked);
        let mut open = Open::of(home.path(), false);
        open.write(Write::Put(entry(&open, 1, "a.png", false), waiting()));
        let said = open.notices();
        assert!(
            said.len() == 1 && said[0].contains("a pipe or a device is in its place"),
            "{name}: {said:?}"
        );
        if cfg!(unix) { fs::remove_file(&blocked) } else { fs::remove_dir(&blocked) }.unwrap();
        until(name, || open.notices().len() == 2);
        assert_eq!(open.found("a.png"), ["a.png"], "{name}");
    }
}

/// What is damaged anywhere is emptied under the eyes of another Hoist: its first page, its list of tables, its rows.
#[test]
fn a_history_that_is_open_elsewhere_is_replaced_whichever_page_is_damaged() {
    let mut replaced = 0;
    for page in 1..=9 {
        let home = tempfile::tempdir().unwrap();
        filled(home.path(), 60);
        let mut first = OpenFiles::Stay.open(home.path(), false);
        send(&first, &entry(&first, 1, "first.png", false), 1, State::Done(receipt("first")));
        let path = database(home.path());
        // In the file, and the journal is as long as it was.
        let db = Connection::open(&path).unwrap();
        until("all of it in the file", || {
            let counts = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(1)?, row.get::<_, i64>(2)?));
            let (all, moved) = db.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], counts).unwrap();
            all == moved
        });
        drop(db);
        overwrite(&path, page);
        // Both write, and each finds what the other has written.
        let mut second = OpenFiles::Stay.open(home.path(), false);
        for (n, open) in (2..).zip([&second, &first, &second]) {
            send(
                open,
                &entry(open, n, &format!("new-{n}.png"), false),
                1,
                State::Done(receipt(&format!("new-{n}"))),
            );
        }
        for open in [&first, &second] {
            assert_eq!(open.found("new").len(), 3, "page {page}");
            assert_eq!(open.found("first"), ["first.png"], "page {page}");
            assert!(open.all().len() > 40, "page {page}: {}", open.all().len());
        }
        let said = [first.notices(), second.notices()].concat();
        let kept = files(home.path(), "history-damaged-");
        let kept: Vec<_> = kept.iter().filter(|name| !name.contains(".db-")).collect();
        assert_eq!(said.len(), kept.len(), "page {page}: {said:?}");
        assert!(kept.len() < 2, "once: {kept:?}");
        drop((first, second));
        // Some pages are never read, or the journal heals them.
        if kept.len() == 1 {
            replaced += 1;
            let db = Connection::open(&path).unwrap();
            let word: String = db.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
            assert_eq!(word, "ok", "page {page}");
        }
    }
    assert!(replaced > 3, "{replaced}");
}

#[test]
fn a_lock_that_another_program_keeps_is_said_and_not_waited_for() {
    let home = tempfile::tempdir().unwrap();
    fs::create_dir_all(home.path().join("data")).unwrap();
    let lock = fs::File::create(home.path().join("data/history.lock")).unwrap();
    lock.lock().unwrap();
    let mut open = Open::of(home.path(), false);
    open.write(Write::Put(entry(&open, 1, "a.png", false), waiting()));
    assert!(open.notices()[0].contains("another program has locked it"), "{:?}", open.notices());
    drop(lock);
    until("the writing", || open.notices().len() == 2);
    assert_eq!(open.found("a.png"), ["a.png"]);
}
