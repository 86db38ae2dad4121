//! The database's form, and opening it: what is damaged or not ours is set aside, never overwritten.

use std::fs::OpenOptions;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, params};

use super::fold;
use super::identity::{self, Identity};
use super::row::{self, COLUMNS};
use crate::store::files;

/// "Hois": tells the history from other programs' databases.
pub(super) const APPLICATION: i32 = 0x486F_6973;

/// One step for each version of the form; `user_version` counts those that were taken.
const MIGRATIONS: [Migration; 5] = [
    Migration::Sql(
        "
    CREATE TABLE upload (
        id INTEGER PRIMARY KEY,
        run INTEGER NOT NULL,      -- the run of Hoist that has it
        queued INTEGER NOT NULL,   -- 1: in a window's queue
        added INTEGER NOT NULL,    -- times are milliseconds since 1970
        behind INTEGER NOT NULL,   -- the upload it stands behind in its queue
        asked INTEGER,             -- never: only staged, not in the history
        path BLOB NOT NULL,
        size INTEGER,
        modified INTEGER,          -- the file's, in nanoseconds
        media TEXT,
        width INTEGER,
        height INTEGER,
        provider TEXT NOT NULL,
        destination TEXT NOT NULL,
        key TEXT NOT NULL,
        account TEXT,
        options TEXT NOT NULL,
        state TEXT NOT NULL,
        since INTEGER,             -- processing: since when
        hash BLOB,
        asset TEXT,
        url TEXT,
        expires INTEGER,
        words TEXT NOT NULL        -- what a search looks in, folded
    ) STRICT;
    -- Whole answers and failures are kept apart: lists and searches never read them.
    CREATE TABLE detail (
        upload INTEGER PRIMARY KEY REFERENCES upload ON DELETE CASCADE,
        receipt TEXT,
        failure TEXT
    ) STRICT;
    CREATE TABLE attempt (
        upload INTEGER NOT NULL REFERENCES upload ON DELETE CASCADE,
        number INTEGER NOT NULL,
        began INTEGER NOT NULL,
        sent INTEGER,
        ended INTEGER,
        how TEXT,
        PRIMARY KEY (upload, number)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE hold (
        provider TEXT NOT NULL,
        key TEXT NOT NULL,
        account TEXT NOT NULL,     -- empty: the service chooses
        began INTEGER NOT NULL,
        until INTEGER NOT NULL,
        PRIMARY KEY (provider, key, account)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX upload_shown ON upload (asked DESC, id DESC, provider, words) WHERE asked IS NOT NULL;
    CREATE INDEX upload_sent ON upload (size, provider) WHERE hash IS NOT NULL;
    CREATE INDEX upload_open ON upload (run) WHERE queued = 1 OR state IN ('waiting', 'sending', 'sent');
",
    ),
    Migration::Sql(
        "
    ALTER TABLE upload ADD COLUMN place INTEGER;  -- in its queue, where that was brought into another order
    ALTER TABLE upload ADD COLUMN length INTEGER; -- how long it plays, in milliseconds
",
    ),
    // Words in lower case become words in one normal form and one case.
    Migration::Rows(fold_names),
    Migration::Sql(
        "
    ALTER TABLE upload ADD COLUMN copy TEXT;             -- what went in its place: where it was, what was done
    ALTER TABLE upload ADD COLUMN original_size INTEGER; -- of the file itself, where a copy went in its place
    ALTER TABLE upload ADD COLUMN original_hash BLOB;
    CREATE INDEX upload_copied ON upload (original_size, provider) WHERE original_hash IS NOT NULL;
",
    ),
    Migration::Sql("ALTER TABLE upload ADD COLUMN agent TEXT;"), // what requested it by `hoist mcp`
];

/// The rows read at a time where all are changed.
const ROWS_AT_ONCE: i64 = 1000;

/// One step from a version of the form to the next.
enum Migration {
    Sql(&'static str),
    Rows(fn(&Connection) -> rusqlite::Result<()>),
}

/// Why there is no history to work with.
#[derive(Debug, thiserror::Error)]
pub(super) enum Broken {
    /// Damaged, or another program's.
    #[error("the history is damaged")]
    Damaged,
    /// Written by a version of Hoist that came after this one.
    #[error("it was written by a newer version of Hoist")]
    Newer,
    /// The disk, its rights, or another program is in the way.
    #[error("{}", plain(.0))]
    Database(rusqlite::Error),
    /// The same, outside of the database.
    #[error("{}", files::reason(.0))]
    Disk(io::Error),
    /// Whenever a new one is made, another program damages it.
    #[error("its file is replaced again and again")]
    Replaced,
}

impl From<rusqlite::Error> for Broken {
    fn from(e: rusqlite::Error) -> Broken {
        if is_damage(&e) { Broken::Damaged } else { Broken::Database(e) }
    }
}

impl From<io::Error> for Broken {
    fn from(e: io::Error) -> Broken {
        Broken::Disk(e)
    }
}

/// Returns whether the file's content is not a sound database.
pub(super) fn is_damage(e: &rusqlite::Error) -> bool {
    match e.sqlite_error_code() {
        // Unknown: a table or a column is not there, which is not what Hoist wrote.
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase | ErrorCode::Unknown) => true,
        Some(_) => false,
        None => matches!(
            e,
            rusqlite::Error::FromSqlConversionFailure(..)
                | rusqlite::Error::IntegralValueOutOfRange(..)
                | rusqlite::Error::InvalidColumnType(..)
        ),
    }
}

/// Returns an error in words for people.
pub(super) fn plain(e: &rusqlite::Error) -> String {
    match e.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => "the disk is full".into(),
        Some(ErrorCode::ReadOnly) => "it is read-only".into(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => "another program has locked it".into(),
        Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => "it cannot be opened".into(),
        Some(ErrorCode::SystemIoFailure) => "the disk failed".into(),
        _ => "the database cannot be used".into(),
    }
}

/// An open history, and which one that is: another Hoist may set it aside and use a new one.
pub(super) struct Database {
    pub(super) connection: Connection,
    identity: Identity,
}

impl Database {
    /// Returns whether it is still the history of this name.
    pub(super) fn is_current(&self, path: &Path) -> bool {
        self.identity == Identity::of(path)
    }
}

/// Opens the history for writing, and makes it where there is none: one program after the other.
pub(super) fn open(path: &Path, timeout: Duration) -> Result<Database, Broken> {
    let _lock = lock(path)?;
    open_alone(path, timeout)
}

/// Makes a file that only its user may look into.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Takes the lock that whoever makes, migrates or replaces the history holds. The system lets it go with the program;
/// another program that keeps it is not waited for.
pub(super) fn lock(path: &Path) -> io::Result<std::fs::File> {
    let lock = files::open(&identity::lock_file(path), &mut private())?;
    files::lock(&lock, files::LOCK_TIMEOUT)?;
    Ok(lock)
}

/// Returns the same, for whoever holds the lock.
pub(super) fn open_alone(path: &Path, timeout: Duration) -> Result<Database, Broken> {
    let is_new = !path.exists();
    require_files(path)?;
    drop(files::open(path, &mut private())?); // its journal takes the same rights
    if let (true, Some(folder)) = (is_new, path.parent()) {
        files::sync_folder(folder)?; // a power cut must not lose the name of the file
    }
    let identity = Identity::of(path); // before: what takes its place while it is opened is noticed
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(timeout)?;
    connection.set_prepared_statement_cache_capacity(64);
    // A statement is planned once, not again for each value that is bound to it.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    // A file name or a reply is data, never a schema: and nothing in a foreign file is run.
    connection.execute_batch("PRAGMA trusted_schema = OFF; PRAGMA foreign_keys = ON;")?;
    if !is_marked(&connection)? {
        let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        let application: i32 = connection.query_row("PRAGMA application_id", [], |row| row.get(0))?;
        if (application, tables) != (0, 0) {
            return Err(Broken::Damaged);
        }
    }
    use_journal(&connection, timeout)?;
    // Committed survives the end of the program; what must survive a power cut is synced by whoever writes it. What is
    // deleted is overwritten: being forgotten is to be gone.
    connection.execute_batch("PRAGMA synchronous = NORMAL; PRAGMA secure_delete = ON;")?;
    if migrate(&mut connection)? {
        // Earlier versions deleted without overwriting. Where that fails, the next clearing does it.
        let _ = connection.execute_batch("VACUUM; PRAGMA wal_checkpoint(TRUNCATE);");
    }
    Ok(Database { connection, identity })
}

/// Checks that the history and what the database keeps beside it are files, as far as they are there: it would wait for a
/// pipe.
fn require_files(path: &Path) -> io::Result<()> {
    ["", "-wal", "-shm", "-journal"].iter().try_for_each(|end| files::require_file(&with_end(path, end)))
}

/// Switches to the write-ahead journal, for which the database itself does not wait where others read.
fn use_journal(connection: &Connection, timeout: Duration) -> rusqlite::Result<()> {
    let end = std::time::Instant::now() + timeout;
    loop {
        match connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(())) {
            Err(e)
                if e.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
                    && std::time::Instant::now() < end =>
            {
                std::thread::sleep(Duration::from_millis(5));
            }
            result => return result,
        }
    }
}

/// Returns how many steps of the form were taken.
pub(super) fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("PRAGMA user_version", [], |row| row.get(0))
}

/// Returns whether Hoist made it, as its tables say where the mark in its header does not.
pub(super) fn is_ours(connection: &Connection) -> rusqlite::Result<bool> {
    Ok(is_marked(connection)? || has_tables(connection)?)
}

/// Returns whether it has the mark of Hoist's databases.
fn is_marked(connection: &Connection) -> rusqlite::Result<bool> {
    let application: i32 = connection.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    Ok(application == APPLICATION)
}

/// Brings an older form up to date; true where there was one.
fn migrate(connection: &mut Connection) -> Result<bool, Broken> {
    if version(connection)? == MIGRATIONS.len() as i64 {
        return Ok(false);
    }
    let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let done = version(&transaction)?;
    if done != MIGRATIONS.len() as i64 && has_this_form(&transaction)? {
        return Err(Broken::Damaged);
    }
    let left = usize::try_from(done).ok().and_then(|done| MIGRATIONS.get(done..)).ok_or(Broken::Newer)?;
    for step in left {
        match step {
            Migration::Sql(sql) => transaction.execute_batch(sql)?,
            Migration::Rows(change) => change(&transaction)?,
        }
    }
    transaction.pragma_update(None, "application_id", APPLICATION)?;
    transaction.pragma_update(None, "user_version", MIGRATIONS.len() as i64)?;
    transaction.commit()?;
    Ok(done > 0)
}

/// Returns whether it has the form of this version. Where it has another number, that is damaged: a newer version has
/// another form. So a step that changes rows only has to leave a mark in the form, too.
fn has_this_form(connection: &Connection) -> rusqlite::Result<bool> {
    let known = Connection::open_in_memory()?;
    for step in &MIGRATIONS {
        if let Migration::Sql(sql) = step {
            known.execute_batch(sql)?;
        }
    }
    Ok(form(connection)? == form(&known)?)
}

/// Returns the names of what is in the schema, and of the columns of its tables.
fn form(connection: &Connection) -> rusqlite::Result<Vec<(String, Option<String>)>> {
    let sql = "SELECT part.name, field.name FROM sqlite_schema AS part
        LEFT JOIN pragma_table_info(part.name) AS field ON part.type = 'table' ORDER BY 1, 2";
    connection.prepare(sql)?.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

/// Words that earlier versions wrote in lower case only. What has no letter beyond ASCII is the same in both.
pub(super) fn fold_names(connection: &Connection) -> rusqlite::Result<()> {
    let mut some = connection.prepare("SELECT id, words FROM upload WHERE id > ?1 ORDER BY id LIMIT ?2")?;
    let mut update = connection.prepare("UPDATE upload SET words = ?2 WHERE id = ?1")?;
    let mut after = i64::MIN;
    loop {
        let rows = some.query_map(params![after, ROWS_AT_ONCE], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let rows: Vec<(i64, String)> = rows.collect::<rusqlite::Result<_>>()?;
        let Some((last, _)) = rows.last() else { return Ok(()) };
        after = *last;
        for (id, words) in rows.iter().filter(|(_, words)| !words.is_ascii()) {
            update.execute(params![id, fold::searchable(words)])?;
        }
    }
}

/// Waits for whoever makes, migrates or replaces the history, and keeps others from it: between its old file and what was
/// copied out of that into a new one there would be no upload in it. A lock that cannot be opened holds up no reader.
fn wait_for_replacement(path: &Path) -> io::Result<Option<std::fs::File>> {
    let Ok(lock) = files::open(&identity::lock_file(path), OpenOptions::new().read(true)) else {
        return Ok(None);
    };
    match files::lock_shared(&lock, files::LOCK_TIMEOUT) {
        Err(e) if e.kind() == io::ErrorKind::TimedOut => Err(e),
        _ => Ok(Some(lock)),
    }
}

/// Opens the history for reading; none where there is none yet.
pub(super) fn open_to_read(path: &Path) -> Result<Option<Database>, Broken> {
    let lock = wait_for_replacement(path)?;
    if !path.exists() {
        return Ok(None);
    }
    require_files(path)?;
    let identity = Identity::of(path);
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(files::LOCK_TIMEOUT)?;
    connection.execute_batch("PRAGMA trusted_schema = OFF;")?;
    match version(&connection)? {
        0 => Ok(None), // another Hoist is just making it
        _ if !is_marked(&connection)? => Err(Broken::Damaged),
        version if version > MIGRATIONS.len() as i64 => {
            Err(if has_this_form(&connection)? { Broken::Damaged } else { Broken::Newer })
        }
        version if version < MIGRATIONS.len() as i64 => {
            drop((connection, lock));
            drop(open(path, files::LOCK_TIMEOUT)?);
            open_to_read(path)
        }
        _ => Ok(Some(Database { connection, identity })),
    }
}

/// Returns the file beside it whose name ends so.
pub(super) fn with_end(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}

/// Returns whether the whole file is sound, and every upload in it can be read.
pub(super) fn is_readable(connection: &Connection) -> Result<bool, rusqlite::Error> {
    if !is_sound(connection)? {
        return Ok(false);
    }
    let sql = format!("SELECT {COLUMNS} FROM upload LEFT JOIN detail ON detail.upload = upload.id");
    let mut all = connection.prepare(&sql)?;
    let mut rows = all.query([])?;
    while let Some(row) = rows.next()? {
        row::record(row)?;
    }
    let mut tries = connection.prepare("SELECT how FROM attempt")?;
    let mut rows = tries.query([])?;
    while let Some(row) = rows.next()? {
        row.get::<_, Option<String>>(0)?;
    }
    Ok(true)
}

/// Returns whether the whole file is sound, and has what Hoist made in it; reads all of it.
pub(super) fn is_sound(connection: &Connection) -> Result<bool, rusqlite::Error> {
    if !has_tables(connection)? {
        return Ok(false);
    }
    connection.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0)).map(|word| word == "ok")
}

/// Returns whether it has the tables that Hoist makes.
fn has_tables(connection: &Connection) -> rusqlite::Result<bool> {
    let tables = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN ('upload', 'detail', 'attempt', 'hold')";
    connection.query_row(tables, [], |row| row.get::<_, i64>(0)).map(|count| count == 4)
}
