//! A copy a day, three deep, made beside everything else; only of a history that is sound.
//!
//! Copies are counted, since a clock may be wrong: one that was ahead would date its copies into the future, and every
//! later one would be the oldest.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rusqlite::{Connection, OpenFlags};

use super::instance_locks::{self, Life};
use super::row::row_id;
use super::schema::{self, Broken};
use crate::model::disk;
use crate::model::upload::UploadId;
use crate::store::files;

/// Copies kept.
const DEPTH: usize = 3;

/// What is cleared while it is copied is copied again, so often.
const MAX_TRIES: usize = 3;

const PREFIX: &str = "history-backup-";
const UNFINISHED: &str = ".history-backup-";
const DAMAGED: &str = "history-damaged-";

/// The mark of an unfinished copy that is to be taken away and cannot be yet: a file that is open in `SQLite` stays on Windows.
const FORGOTTEN: &str = "forgotten";

/// Returns the backups there are, the newest last: by their numbers, behind those that earlier versions dated.
pub(super) fn all(folder: &Path) -> Vec<String> {
    let mut names = names(folder, |name| name.starts_with(PREFIX) && has_extension(name, "db"));
    names.sort_by(|a, b| (number(a), a).cmp(&(number(b), b)));
    names
}

/// Returns whether the history is not there, or has no byte, though there are copies of it.
pub(super) fn is_lost(path: &Path) -> bool {
    let is_gone = match fs::metadata(path) {
        Ok(meta) => meta.len() == 0,
        Err(e) => e.kind() == io::ErrorKind::NotFound,
    };
    is_gone && path.parent().is_some_and(|folder| !all(folder).is_empty())
}

fn names(folder: &Path, which: impl Fn(&str) -> bool) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    entries.filter_map(|e| e.file_name().into_string().ok()).filter(|name| which(name)).collect()
}

fn has_extension(name: &str, extension: &str) -> bool {
    Path::new(name).extension().is_some_and(|e| e == extension)
}

/// Returns the number of a copy; none of a dated one.
fn number(name: &str) -> Option<u64> {
    name.strip_prefix(PREFIX)?.strip_suffix(".db")?.parse().ok()
}

/// Makes today's copy where there is none. False where the history is damaged.
pub(super) fn make(path: &Path, run: i64) -> Result<bool, Broken> {
    make_beside(path, run, || ())
}

/// Returns the same; `meanwhile` happens while the copy is made.
fn make_beside(path: &Path, run: i64, mut meanwhile: impl FnMut()) -> Result<bool, Broken> {
    let folder = path.parent().unwrap_or(Path::new("."));
    if has_todays(folder) {
        keep_the_latest(folder);
        return Ok(true);
    }
    let db = match schema::open_to_read(path) {
        Ok(Some(db)) => db.connection,
        Ok(None) => return Ok(true),
        Err(Broken::Damaged) => return Ok(false),
        Err(e) => return Err(e),
    };
    match schema::is_sound(&db) {
        Ok(true) => {}
        Err(e) if !schema::is_damage(&e) => return Err(e.into()),
        _ => return Ok(false),
    }
    for _ in 0..MAX_TRIES {
        let filled = "SELECT EXISTS (SELECT 1 FROM upload WHERE asked IS NOT NULL)";
        if !db.query_row(filled, [], |row| row.get::<_, bool>(0)).map_err(Broken::Database)? {
            return Ok(true);
        }
        if copy(&db, path, run, &mut meanwhile)? {
            keep_the_latest(folder);
            return Ok(true);
        }
    }
    Ok(true)
}

/// Copies the history into a file of its own, under the next number. False where that file was taken away in between,
/// since what is in it is to be forgotten.
fn copy(db: &Connection, path: &Path, run: i64, meanwhile: &mut impl FnMut()) -> Result<bool, Broken> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let name = format!("{UNFINISHED}{run}-");
    let file = tempfile::Builder::new().prefix(&name).tempfile_in(folder)?;
    let mark = marked(file.path());
    let copied = copy_into(db, file.path(), meanwhile);
    if fs::remove_file(&mark).is_ok() || !file.path().exists() {
        return Ok(false);
    }
    copied.map_err(Broken::Database)?;
    file.as_file().sync_all()?;
    let _lock = schema::lock(path)?;
    if has_todays(folder) {
        return Ok(true); // another Hoist was faster
    }
    let next = all(folder).last().and_then(|name| number(name)).map_or(1, |n| n.saturating_add(1));
    let finished = folder.join(format!("{PREFIX}{next:06}.db"));
    match file.persist(&finished) {
        // A mark that is made later comes from somebody who finds the finished copy, too.
        Ok(_) if fs::remove_file(&mark).is_ok() => {
            fs::remove_file(&finished)?;
            Ok(false)
        }
        Ok(_) => Ok(true),
        Err(e) if e.error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(e) => Err(e.error.into()),
    }
}

fn copy_into(db: &Connection, path: &Path, meanwhile: &mut impl FnMut()) -> rusqlite::Result<()> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut copy = Connection::open_with_flags(path, flags)?;
    let backup = rusqlite::backup::Backup::new(db, &mut copy)?;
    backup.step(-1)?; // in one go: another program's writing would make it begin anew
    drop(backup);
    meanwhile();
    // A copy is one file: without a journal of its own.
    copy.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(()))
}

fn has_todays(folder: &Path) -> bool {
    let Some(newest) = all(folder).pop() else { return false };
    let now = jiff::Zoned::now(); // reads the list of time zones
    day_of(&folder.join(newest), now.time_zone()) == Some(now.date())
}

/// Returns the day a file was written.
fn day_of(path: &Path, zone: &TimeZone) -> Option<Date> {
    let written: SystemTime = fs::metadata(path).ok()?.modified().ok()?;
    Some(Timestamp::try_from(written).ok()?.to_zoned(zone.clone()).date())
}

fn keep_the_latest(folder: &Path) {
    for old in all(folder).iter().rev().skip(DEPTH) {
        let _ = fs::remove_file(folder.join(old));
    }
}

/// Removes copies that runs which have ended were making.
pub(super) fn remove_old(folder: &Path, runs: &Path) {
    for name in names(folder, |name| name.starts_with(UNFINISHED)) {
        let run =
            name.strip_prefix(UNFINISHED).and_then(|rest| rest.split_once('-')).map(|(run, _)| run.parse());
        match run {
            Some(Ok(run)) if instance_locks::life(runs, run) == Life::Lives => {}
            _ => _ = fs::remove_file(folder.join(name)),
        }
    }
}

/// Deletes every copy, also those being made and those of damaged histories: what was forgotten is in none. Whoever makes
/// one right now finds its file gone, and begins anew.
pub(super) fn forget(folder: &Path) -> io::Result<()> {
    // Unfinished ones first: what is finished in between is among the others then.
    for begin in [UNFINISHED, PREFIX, DAMAGED] {
        for name in names(folder, |name| name.starts_with(begin) && !has_extension(name, FORGOTTEN)) {
            take_away(&folder.join(name))?;
        }
    }
    Ok(())
}

/// Removes a copy, or has whoever makes it remove it.
fn take_away(copy: &Path) -> io::Result<()> {
    match fs::remove_file(copy) {
        Err(e) if disk::is_in_use(&e) => fs::write(marked(copy), ""),
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
        _ => Ok(()),
    }
}

/// Returns the mark of an unfinished copy.
fn marked(copy: &Path) -> PathBuf {
    copy.with_extension(FORGOTTEN)
}

/// Deletes uploads from every copy; those being made begin anew.
pub(super) fn forget_rows(folder: &Path, ids: &[UploadId]) {
    for name in names(folder, |name| name.starts_with(UNFINISHED) && !has_extension(name, FORGOTTEN)) {
        let _ = take_away(&folder.join(name));
    }
    for name in all(folder) {
        let path = folder.join(name);
        if let Err(e) = files::require_file(&path).map_err(Broken::from).and_then(|()| forget_in(&path, ids))
        {
            tracing::warn!("a backup of the history cannot be changed: {e}");
            let _ = fs::remove_file(&path);
        }
    }
}

fn forget_in(path: &Path, ids: &[UploadId]) -> Result<(), Broken> {
    let modified = fs::metadata(path)?.modified()?;
    let mut db = Connection::open(path)?;
    db.execute_batch("PRAGMA trusted_schema = OFF; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;")?;
    let transaction = db.transaction()?;
    for one in ids {
        transaction.prepare_cached("DELETE FROM upload WHERE id = ?1")?.execute([row_id(*one)])?;
    }
    transaction.commit()?;
    drop(db);
    // It is still the copy of its day.
    fs::File::options().append(true).open(path)?.set_modified(modified)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::sync::Arc;

    use super::*;
    use crate::model::error::FailureKind;
    use crate::model::record::UploadRequest;
    use crate::model::samples;
    use crate::model::upload::State;
    use crate::store::folders::Folders;
    use crate::store::history::{History, Write};

    /// A history with these rows, and no copy of it yet.
    fn history(home: &Path, rows: &[(&str, State)]) -> PathBuf {
        let folders = Folders::inside(home);
        drop(History::open(&folders, false, Arc::new(|| {})).unwrap());
        let path = folders.data.join("history.db");
        let db = schema::open(&path, files::LOCK_TIMEOUT).unwrap().connection;
        for (n, (name, state)) in (1..).zip(rows) {
            let item = samples::item(UploadId(n), name, samples::destination("piapi"));
            let entry =
                UploadRequest { requested: Some(Timestamp::now()), queued: true, ..item.request.clone() };
            Write::Put(entry, state.clone()).apply(&db, 1).unwrap();
        }
        path
    }

    /// As another Hoist clears it.
    fn clear(path: &Path) {
        let db = schema::open(path, files::LOCK_TIMEOUT).unwrap().connection;
        Write::Cleared.apply(&db, 2).unwrap();
        forget(path.parent().unwrap()).unwrap();
    }

    fn rows(path: &Path) -> i64 {
        let db = Connection::open(path).unwrap();
        db.query_row("SELECT count(*) FROM upload", [], |row| row.get(0)).unwrap()
    }

    #[test]
    fn what_is_cleared_while_it_is_copied_is_in_no_copy_and_what_stays_is_copied_anew() {
        let unknown = State::Unknown(samples::failure(FailureKind::NoAnswer));
        for (stays, copies) in [(None, 1), (Some(("stays.png", unknown)), 2)] {
            let home = tempfile::tempdir().unwrap();
            let rows: Vec<_> = [("secret.png", State::Cancelled)].into_iter().chain(stays.clone()).collect();
            let path = history(home.path(), &rows);
            let folder = path.parent().unwrap();
            let mut copied = 0;
            let made = make_beside(&path, 1, || {
                copied += 1;
                if copied == 1 {
                    clear(&path);
                }
            });
            assert_eq!((made.unwrap(), copied), (true, copies));
            let there = names(folder, |name| name.contains("backup"));
            match stays {
                None => assert_eq!(there, [""; 0], "there is nothing to copy any more"),
                Some(_) => {
                    assert_eq!(there, ["history-backup-000001.db"]);
                    assert_eq!(self::rows(&folder.join(&there[0])), 1);
                }
            }
        }
    }

    #[test]
    fn two_that_copy_at_the_same_time_make_one_copy() {
        let home = tempfile::tempdir().unwrap();
        let path = history(home.path(), &[("a.png", State::Cancelled)]);
        let made = make_beside(&path, 1, || assert!(make(&path, 2).unwrap()));
        assert!(made.unwrap());
        let folder = path.parent().unwrap();
        assert_eq!(names(folder, |name| name.contains("backup")), ["history-backup-000001.db"]);
    }

    #[test]
    fn numbers_come_behind_the_dates_of_earlier_versions() {
        let folder = tempfile::tempdir().unwrap();
        let expected = [
            "history-backup-2026-01-02.db",
            "history-backup-2031-01-01.db",
            "history-backup-000002.db",
            "history-backup-1000000.db",
        ];
        for name in expected.iter().rev().chain(&["history-backup-000003.txt", ".history-backup-1-a"]) {
            fs::write(folder.path().join(name), "").unwrap();
        }
        assert_eq!(all(folder.path()), expected);
    }
}
