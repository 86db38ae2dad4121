//! Reading what can be read of a damaged history.
//!
//! `SQLite` ends a list at the first page that is damaged. What lies behind it is found by its ids, so that one page costs
//! the rows that are in it and no others.

use std::fs::File;
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::types::{Value, ValueRef};
use rusqlite::{
    Connection, ErrorCode, OpenFlags, OptionalExtension, Row, Statement, params, params_from_iter,
};

use super::pages;
use super::schema;
use crate::store::files;

/// A file that is damaged everywhere is given up after this time.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The columns of what a provider answered to an upload.
const DETAIL_COLUMNS: usize = 3;

/// The columns of an upload in the first version of the form; later ones are added behind them.
const FIRST_COLUMNS: usize = 24;

/// What is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// The history itself.
    Damaged,
    /// A copy of an earlier day: what was not known then is doubtful now.
    Backup,
}

/// Copies the uploads that can be read and are not there yet. Gives back how many; none of what is no history of Hoist.
pub(super) fn copy(path: &Path, origin: Origin, into: &mut Connection) -> usize {
    let copied = into.transaction().and_then(|transaction| {
        let mut copied = Copied::default();
        let mut is_ours = false;
        match open(path) {
            Ok(source) => {
                is_ours = true;
                copied = copy_all(&source, origin, &transaction)?;
            }
            Err(e) => tracing::warn!("a damaged history cannot be opened: {e}"),
        }
        if origin == Origin::Damaged && !copied.is_whole {
            copied.rows += copy_pages(path, is_ours, &transaction)?;
        }
        transaction.commit()?;
        Ok(copied.rows)
    });
    copied.unwrap_or_else(|e| {
        tracing::warn!("nothing of a damaged history could be kept: {}", schema::plain(&e));
        0
    })
}

/// How much could be read of a damaged history.
#[derive(Default)]
struct Copied {
    rows: usize,
    /// Nothing was in the way.
    is_whole: bool,
}

/// Copies the uploads that are in the file's pages, though what leads to them is damaged. They may be of an earlier
/// moment than the journal has. Where the tables do not say whose they are, the mark in the header does.
fn copy_pages(path: &Path, is_ours: bool, into: &Connection) -> rusqlite::Result<usize> {
    let Ok(mut file) = files::open_to_read(path) else { return Ok(0) };
    let mut copied = 0;
    let columns = shared_columns(into, into, "upload")?.len();
    let marks = vec!["?"; columns].join(", ");
    let mut upload = into.prepare(&format!("INSERT OR IGNORE INTO upload VALUES ({marks})"))?;
    each_row(&mut file, is_ours, |id, mut row| {
        let is_upload = (FIRST_COLUMNS..=columns).contains(&row.len()) && matches!(row[6], Value::Blob(_));
        if !is_upload {
            return Ok(());
        }
        row.resize(columns, Value::Null);
        row[0] = Value::Integer(id);
        if insert(&mut upload, row)? {
            copied += 1;
            become_doubtful(into, id, false)?;
        }
        Ok(())
    })?;
    // A second time for what providers answered: it is kept of an upload that is there, which may stand behind it.
    let mut detail =
        into.prepare("INSERT OR IGNORE INTO detail (upload, receipt, failure) VALUES (?1, ?2, ?3)")?;
    each_row(&mut file, is_ours, |id, mut row| {
        if row.len() == DETAIL_COLUMNS {
            row[0] = Value::Integer(id);
            insert(&mut detail, row)?;
        }
        Ok(())
    })?;
    Ok(copied)
}

/// Calls `each` with every row of the file's pages, until one cannot be written.
fn each_row(
    file: &mut File,
    is_ours: bool,
    mut each: impl FnMut(i64, Vec<Value>) -> rusqlite::Result<()>,
) -> rusqlite::Result<()> {
    let mut written = Ok(());
    let read = pages::rows(file, Some(schema::APPLICATION).filter(|_| !is_ours), |id, row| {
        if written.is_ok() {
            written = each(id, row);
        }
    });
    if let Err(e) = read {
        tracing::warn!("the pages of a damaged history cannot be read: {}", e.kind());
    }
    written
}

/// Inserts a row; true where it is new. What breaks a rule of the table is no row of Hoist's.
fn insert(statement: &mut Statement<'_>, row: Vec<Value>) -> rusqlite::Result<bool> {
    match statement.execute(params_from_iter(row)) {
        Ok(rows) => Ok(rows > 0),
        Err(e) if e.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => Ok(false),
        Err(e) => Err(e),
    }
}

/// Opens a database for reading only, so that the copy stays as it was found.
fn open(path: &Path) -> Result<Connection, schema::Broken> {
    files::require_file(path)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let source = Connection::open_with_flags(path, flags)?;
    source.busy_timeout(files::LOCK_TIMEOUT)?;
    source.execute_batch("PRAGMA trusted_schema = OFF;")?;
    if schema::is_ours(&source)? { Ok(source) } else { Err(schema::Broken::Damaged) }
}

/// Returns the columns that a table has in both: an older form lacks some.
fn shared_columns(source: &Connection, into: &Connection, table: &str) -> rusqlite::Result<Vec<String>> {
    let columns = |db: &Connection| -> rusqlite::Result<Vec<String>> {
        let mut names = db.prepare("SELECT name FROM pragma_table_info(?1)")?;
        names.query_map([table], |row| row.get(0))?.collect()
    };
    let there = columns(source)?;
    Ok(columns(into)?.into_iter().filter(|name| there.contains(name)).collect())
}

fn copy_all(source: &Connection, origin: Origin, into: &Connection) -> rusqlite::Result<Copied> {
    let Ok(uploads) = CopiedTable::new(source, into, "upload") else { return Ok(Copied::default()) };
    // Their details and tries may be unreadable where they are not.
    let rest: Vec<_> =
        ["detail", "attempt"].iter().filter_map(|name| CopiedTable::new(source, into, name).ok()).collect();
    let (mut copied, mut is_whole) = (0, true);
    let end = Instant::now() + TIMEOUT;
    let mut from = Some(0);
    while let Some(first) = from {
        let mut next = first;
        let which = match origin {
            Origin::Damaged => "NOT INDEXED WHERE id >= ?1 ORDER BY id",
            Origin::Backup => "NOT INDEXED WHERE id >= ?1 AND asked IS NOT NULL ORDER BY id",
        };
        let ended = uploads.copy(which, &[first], |row, is_new| {
            // A damaged page may lead back to another one.
            let id: i64 = row.get("id").ok().filter(|id| *id >= next).ok_or(Halt::Unreadable)?;
            next = id.saturating_add(1);
            if is_new {
                copied += 1;
                if origin == Origin::Backup {
                    become_doubtful(into, id, true).map_err(Halt::Unwritable)?;
                }
                for table in &rest {
                    is_whole &= table.copy_of(id)?;
                }
            }
            Ok(())
        });
        from = match ended {
            Ok(()) => None,
            Err(Halt::Unwritable(e)) => return Err(e),
            Err(Halt::Unreadable) => {
                is_whole = false;
                if Instant::now() < end { behind_damage(source, next) } else { None }
            }
        };
    }
    if let (Origin::Damaged, Ok(holds)) = (origin, CopiedTable::new(source, into, "hold")) {
        holds.copy("", &[], |_, _| Ok(())).or_else(Halt::only_unwritable)?;
    }
    if schema::version(source)? < schema::version(into)? {
        schema::fold_names(into)?;
    }
    Ok(Copied { rows: copied, is_whole })
}

/// Marks what was on its way when a copy was made: it may have arrived since, and may have left its queue.
fn become_doubtful(into: &Connection, id: i64, leaves_queue: bool) -> rusqlite::Result<()> {
    let sql = "UPDATE upload SET queued = iif(?2, 0, queued), state = iif(state IN ('waiting', 'sending'), 'sent', state)
        WHERE id = ?1";
    into.prepare_cached(sql)?.execute(params![id, leaves_queue]).map(|_| ())
}

/// Why a table was not copied to its end.
enum Halt {
    /// What is read is damaged.
    Unreadable,
    /// The new history cannot be written.
    Unwritable(rusqlite::Error),
}

impl Halt {
    /// Returns the error of the new history only: what can be read of the other is enough.
    fn only_unwritable(self) -> rusqlite::Result<()> {
        match self {
            Halt::Unreadable => Ok(()),
            Halt::Unwritable(e) => Err(e),
        }
    }
}

/// A table that is copied.
struct CopiedTable<'a> {
    source: &'a Connection,
    into: &'a Connection,
    name: &'a str,
    columns: Vec<String>,
}

impl<'a> CopiedTable<'a> {
    fn new(source: &'a Connection, into: &'a Connection, name: &'a str) -> rusqlite::Result<CopiedTable<'a>> {
        let columns = shared_columns(source, into, name)?;
        match columns.is_empty() {
            true => Err(rusqlite::Error::QueryReturnedNoRows),
            false => Ok(CopiedTable { source, into, name, columns }),
        }
    }

    /// Copies what belongs to an upload, as far as it can be read; false where that is not all.
    fn copy_of(&self, upload: i64) -> Result<bool, Halt> {
        match self.copy("WHERE upload = ?1", &[upload], |_, _| Ok(())) {
            Ok(()) => Ok(true),
            Err(halt) => halt.only_unwritable().map(|()| false).map_err(Halt::Unwritable),
        }
    }

    /// Copies the rows that are not there yet, until the end or a damaged page. Calls `each` with every row that could
    /// be read, and whether it is new.
    fn copy(
        &self,
        which: &str,
        values: &[i64],
        mut each: impl FnMut(&Row<'_>, bool) -> Result<(), Halt>,
    ) -> Result<(), Halt> {
        let unreadable = |_| Halt::Unreadable;
        let (table, columns) = (self.name, self.columns.join(", "));
        let sql = format!("SELECT {columns} FROM {table} {which}");
        let mut found = self.source.prepare_cached(&sql).map_err(unreadable)?;
        let marks = vec!["?"; self.columns.len()].join(", ");
        let sql = format!("INSERT OR IGNORE INTO {table} ({columns}) VALUES ({marks})");
        let mut insert = self.into.prepare_cached(&sql).map_err(Halt::Unwritable)?;
        let mut rows = found.query(params_from_iter(values)).map_err(unreadable)?;
        while let Some(row) = rows.next().map_err(unreadable)? {
            let values = (0..self.columns.len()).map(|n| row.get_ref(n).map(readable));
            let values: Vec<Value> = values.collect::<rusqlite::Result<_>>().map_err(unreadable)?;
            each(row, self::insert(&mut insert, values).map_err(Halt::Unwritable)?)?;
        }
        Ok(())
    }
}

/// Returns a value; of a text, what is text.
fn readable(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Text(bytes) => Value::Text(String::from_utf8_lossy(bytes).into_owned()),
        ValueRef::Blob(bytes) => Value::Blob(bytes.to_owned()),
        ValueRef::Integer(n) => Value::Integer(n),
        ValueRef::Real(x) => Value::Real(x),
        ValueRef::Null => Value::Null,
    }
}

/// Returns where to go on after a row that cannot be read: behind that row alone, or behind its page, as far as that
/// can be found by steps that double until something can be read, and then back by halves.
fn behind_damage(source: &Connection, after: i64) -> Option<i64> {
    let first = |from: i64| -> rusqlite::Result<Option<i64>> {
        let sql = "SELECT id FROM upload NOT INDEXED WHERE id >= ?1 ORDER BY id LIMIT 1";
        source.prepare_cached(sql)?.query_row([from], |row| row.get(0)).optional()
    };
    if let Ok(unreadable) = first(after) {
        return unreadable?.checked_add(1);
    }
    let (mut bad, mut step) = (after, 1i64);
    let mut good = loop {
        let from = bad.saturating_add(step);
        if from == bad {
            return None;
        }
        match first(from) {
            Ok(_) => break from,
            Err(_) => (bad, step) = (from, step.saturating_mul(2)),
        }
    };
    while good - bad > 1 {
        let middle = bad + (good - bad) / 2;
        match first(middle) {
            Ok(_) => good = middle,
            Err(_) => bad = middle,
        }
    }
    Some(good)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_that_breaks_a_rule_is_left_and_a_full_disk_ends_the_copying() {
        let db = Connection::open_in_memory().unwrap();
        db.execute_batch("CREATE TABLE t (a INTEGER PRIMARY KEY, b BLOB NOT NULL) STRICT").unwrap();
        let mut statement = db.prepare("INSERT OR IGNORE INTO t VALUES (?1, ?2)").unwrap();
        let row = |id: i64, b: Value| vec![Value::Integer(id), b];
        let blob = |size: usize| Value::Blob(vec![1; size]);
        assert!(insert(&mut statement, row(1, blob(1))).unwrap());
        assert!(!insert(&mut statement, row(1, blob(1))).unwrap(), "it is there");
        assert!(!insert(&mut statement, row(2, Value::Null)).unwrap());
        assert!(!insert(&mut statement, row(2, Value::Text("words".to_owned()))).unwrap());
        db.pragma_update(None, "max_page_count", 4).unwrap();
        let full = insert(&mut statement, row(3, blob(1 << 20))).unwrap_err();
        assert_eq!(full.sqlite_error_code(), Some(ErrorCode::DiskFull));
    }
}
