//! Setting a damaged history aside, also while other programs have it open.
//!
//! It gets another name, where the system lets an open file have one. Windows does not: `SQLite` opens its
//! files so that no program can rename them. There the damaged content is copied, and the file is emptied under its name, as `SQLite` empties
//! one for all who have it open.

use std::fs::{self, File};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::Path;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::schema::{self, Broken};
use crate::model::disk;
use crate::store::files;

/// What the database keeps beside its file, and makes anew where it is missing.
const BESIDE: [&str; 2] = ["-wal", "-shm"];

/// Keeps a damaged database under a dated name, with its journal, which may hold what the file lacks; and returns that
/// name. There is no history afterwards, or an empty file. Without `may_rename` it is done as where no open file can be
/// renamed.
pub(super) fn set_aside(path: &Path, lock: &File, may_rename: bool) -> Result<String, Broken> {
    let stamp = jiff::Zoned::now().strftime("%Y-%m-%d-%H%M%S");
    let mut name = format!("history-damaged-{stamp}.db");
    let mut n = 2;
    while path.with_file_name(&name).exists() {
        name = format!("history-damaged-{stamp}-{n}.db");
        n += 1;
    }
    let aside = path.with_file_name(&name);
    match if may_rename { rename(path, &aside) } else { Ok(false) } {
        Ok(true) => {}
        Ok(false) => {
            if let Err(e) = copy(path, &aside, lock) {
                for end in ["", "-wal"] {
                    let _ = fs::remove_file(schema::with_end(&aside, end));
                }
                return Err(e);
            }
        }
        Err(e) => return Err(e.into()),
    }
    Ok(name)
}

/// Renames it; false where another program has it open, and the system renames no such file.
fn rename(path: &Path, aside: &Path) -> io::Result<bool> {
    match fs::rename(path, aside) {
        Err(e) if disk::is_in_use(&e) => return Ok(false),
        renamed => renamed?,
    }
    for end in BESIDE {
        match fs::rename(schema::with_end(path, end), schema::with_end(aside, end)) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
            _ => {}
        }
    }
    Ok(true)
}

/// Copies it, and empties it where it is.
fn copy(path: &Path, aside: &Path, mut lock: &File) -> Result<(), Broken> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(path, flags)?;
    db.busy_timeout(files::LOCK_TIMEOUT)?;
    // With the lock no other program writes, or begins the journal anew; damage may be in the way of it.
    let is_locked = match db.execute_batch("BEGIN IMMEDIATE") {
        Err(e) if !schema::is_damage(&e) => return Err(e.into()),
        locked => locked.is_ok(),
    };
    // The file first: what moves from the journal into it in between is in both.
    for end in ["", "-wal"] {
        let to = schema::with_end(aside, end);
        match fs::copy(schema::with_end(path, end), &to) {
            Err(e) if e.kind() == io::ErrorKind::NotFound && !end.is_empty() => {}
            copied => {
                copied?;
                File::options().write(true).open(to)?.sync_all()?;
            }
        }
    }
    // Before it is empty: whoever writes into it from now on writes again.
    lock.seek(SeekFrom::End(0))?;
    lock.write_all(b".")?;
    if is_locked {
        db.execute_batch("ROLLBACK")?;
    }
    empty(&db)
}

/// Makes a database that may be damaged anywhere one without content, as `SQLite`'s documentation says. Where its first page
/// is damaged and its journal has no byte, others who have it open must let it go first: they do with their next question.
fn empty(db: &Connection) -> Result<(), Broken> {
    let _ = db.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(())); // so that it keeps its kind of journal
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_RESET_DATABASE, true)?;
    db.execute_batch("VACUUM")?;
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_RESET_DATABASE, false)?;
    Ok(())
}
