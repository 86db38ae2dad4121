//! A copy a day, three deep, made beside everything else; only of a history that is sound.

use std::io;
use std::path::Path;

use rusqlite::Connection;

use super::schema;

/// Copies kept.
const DEPTH: usize = 3;

/// The backups there are, the newest last.
pub(super) fn all(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let names = entries.filter_map(|e| e.file_name().into_string().ok());
    let mut names: Vec<_> =
        names.filter(|n| n.starts_with("history-backup-") && has_extension(n, "db")).collect();
    names.sort();
    names
}

fn has_extension(name: &str, extension: &str) -> bool {
    Path::new(name).extension().is_some_and(|e| e == extension)
}

/// Makes today's copy where there is none. False where the history is damaged.
pub(super) fn make(path: &Path) -> Result<bool, String> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let name = format!("history-backup-{}.db", jiff::Zoned::now().date());
    let copies = all(folder);
    if copies.contains(&name) {
        keep_the_latest(folder);
        return Ok(true);
    }
    let said = |e: rusqlite::Error| schema::plain(&e);
    let db = match schema::open_to_read(path) {
        Ok(Some(db)) => db,
        Ok(None) => return Ok(true),
        Err(schema::Broken::Damaged) => return Ok(false),
        Err(e) => return Err(e.to_string()),
    };
    let filled =
        db.query_row("SELECT EXISTS (SELECT 1 FROM upload WHERE asked IS NOT NULL)", [], |r| r.get(0));
    match (filled, schema::is_sound(&db)) {
        (Ok(false), Ok(true)) => return Ok(true),
        (Ok(true), Ok(true)) => {}
        (Err(e), _) | (_, Err(e)) if !schema::is_damage(&e) => return Err(said(e)),
        _ => return Ok(false),
    }
    let file =
        tempfile::Builder::new().prefix(".history-backup-").tempfile_in(folder).map_err(|e| io_said(&e))?;
    let mut copy = Connection::open(file.path()).map_err(said)?;
    let backup = rusqlite::backup::Backup::new(&db, &mut copy).map_err(said)?;
    backup.step(-1).map_err(said)?; // in one go: another program's writing would make it begin anew
    drop(backup);
    // A copy is one file: without a journal of its own.
    copy.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(())).map_err(said)?;
    drop(copy);
    file.as_file().sync_all().map_err(|e| io_said(&e))?;
    file.persist(folder.join(&name)).map_err(|e| io_said(&e.error))?;
    keep_the_latest(folder);
    Ok(true)
}

fn keep_the_latest(folder: &Path) {
    for old in all(folder).iter().rev().skip(DEPTH) {
        let _ = std::fs::remove_file(folder.join(old));
    }
}

fn io_said(e: &io::Error) -> String {
    e.kind().to_string()
}

/// Deletes every copy: what was forgotten is in none.
pub(super) fn forget(folder: &Path) {
    for copy in all(folder) {
        let _ = std::fs::remove_file(folder.join(copy));
    }
}
