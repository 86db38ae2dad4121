//! Rows found in the pages of a database file itself, where the way to them is damaged.
//!
//! `SQLite` reaches a row from the file's first page through the pages above it. Where one of those is damaged, the rows
//! below it are as they were: each page of a table says how many rows it has, and where. Everything is bounded by the
//! size of the file; nothing that is read is trusted.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use rusqlite::types::Value;

/// As every history has been made.
const PAGE: usize = 4096;

/// A page that holds rows of a table.
const LEAF: u8 = 13;

/// A row is not larger: a provider's answer is the largest part of one.
const MAX_ROW: usize = 4 * 1024 * 1024;

/// A row has no more columns.
const MAX_COLUMNS: usize = 64;

/// Calls `each` with the number and the columns of every row of every table; none where the file has the
/// mark of another application than one that is wanted.
pub(super) fn rows(
    file: &mut File,
    application: Option<i32>,
    mut each: impl FnMut(i64, Vec<Value>),
) -> io::Result<()> {
    let count = file.metadata()?.len() / PAGE as u64;
    // A page is part of one row at most: what leads round in circles ends.
    let mut budget = count;
    for number in 1..=count {
        let page = read(file, number)?;
        let is_known = page.starts_with(b"SQLite format 3\0");
        if let Some(application) = application.filter(|_| number == 1 && is_known)
            && at(&page, 68, 4) != Some(u64::from(application.cast_unsigned()))
        {
            return Ok(());
        }
        let header = if number == 1 { 100 } else { 0 };
        if page.get(header) != Some(&LEAF) {
            continue;
        }
        let cells = at(&page, header + 3, 2).unwrap_or(0) as usize;
        for cell in 0..cells {
            let Some(start) = at(&page, header + 8 + 2 * cell, 2) else { break };
            if let Some((id, columns)) = row(file, &page, start as usize, count, &mut budget) {
                each(id, columns);
            }
        }
    }
    Ok(())
}

fn read(file: &mut File, number: u64) -> io::Result<Vec<u8>> {
    let mut page = vec![0; PAGE];
    file.seek(SeekFrom::Start((number - 1) * PAGE as u64))?;
    file.read_exact(&mut page)?;
    Ok(page)
}

/// Returns a number of some bytes, the highest first.
fn at(bytes: &[u8], start: usize, length: usize) -> Option<u64> {
    let bytes = bytes.get(start..start.checked_add(length)?)?;
    Some(bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

/// Returns the database's number of one to nine bytes, and where it ends.
fn varint(bytes: &[u8], start: usize) -> Option<(u64, usize)> {
    let mut number = 0u64;
    for n in 0..9 {
        let byte = *bytes.get(start + n)?;
        if n == 8 {
            return Some((number << 8 | u64::from(byte), start + 9));
        }
        number = number << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some((number, start + n + 1));
        }
    }
    None
}

/// Returns the row of a cell: what does not fit into its page is in others, each of which names the next.
fn row(
    file: &mut File,
    page: &[u8],
    start: usize,
    count: u64,
    budget: &mut u64,
) -> Option<(i64, Vec<Value>)> {
    let (length, next) = varint(page, start)?;
    let (id, next) = varint(page, next)?;
    let length = usize::try_from(length).ok().filter(|length| *length <= MAX_ROW)?;
    let local = in_page(length);
    let mut bytes = page.get(next..next.checked_add(local)?)?.to_vec();
    let mut more = if local < length { at(page, next + local, 4)? } else { 0 };
    while bytes.len() < length {
        if more == 0 || more > count {
            return None;
        }
        *budget = budget.checked_sub(1)?;
        let page = read(file, more).ok()?;
        let part = (length - bytes.len()).min(PAGE - 4);
        bytes.extend_from_slice(page.get(4..4 + part)?);
        more = at(&page, 0, 4)?;
    }
    Some((id.cast_signed(), columns(&bytes)?))
}

/// Returns how much of a row stands in its own page.
fn in_page(length: usize) -> usize {
    let most = PAGE - 35;
    if length <= most {
        return length;
    }
    let least = (PAGE - 12) * 32 / 255 - 23;
    let rest = least + (length - least) % (PAGE - 4);
    if rest <= most { rest } else { least }
}

/// Returns the columns of a row.
fn columns(bytes: &[u8]) -> Option<Vec<Value>> {
    let (head, mut next) = varint(bytes, 0)?;
    let head = usize::try_from(head).ok().filter(|head| *head <= bytes.len())?;
    let mut start = head;
    let mut columns = vec![];
    while next < head {
        let (kind, after) = varint(bytes, next)?;
        next = after;
        let length = match kind {
            0 | 8 | 9 => 0,
            1..=4 => kind as usize,
            5 => 6,
            6 | 7 => 8,
            10 | 11 => return None,
            kind => usize::try_from((kind - 12) / 2).ok()?,
        };
        let content = bytes.get(start..start.checked_add(length)?)?;
        start += length;
        columns.push(match kind {
            0 => Value::Null,
            8 | 9 => Value::Integer((kind - 8).cast_signed()),
            1..=6 => Value::Integer(signed(content)),
            7 => Value::Real(f64::from_bits(at(content, 0, 8)?)),
            kind if kind % 2 == 0 => Value::Blob(content.to_vec()),
            _ => Value::Text(String::from_utf8(content.to_vec()).ok()?),
        });
        if columns.len() > MAX_COLUMNS {
            return None;
        }
    }
    Some(columns)
}

fn signed(bytes: &[u8]) -> i64 {
    let negative = bytes.first().is_some_and(|byte| byte & 0x80 != 0);
    bytes.iter().fold(if negative { -1 } else { 0 }, |number, byte| number << 8 | i64::from(*byte))
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::LazyLock;

    use proptest::prelude::*;
    use rusqlite::{Connection, params};

    use super::*;

    type Rows = Vec<(i64, Vec<Value>)>;

    fn all(bytes: &[u8]) -> Rows {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        let mut found = vec![];
        rows(&mut file, Some(7), |id, columns| found.push((id, columns))).unwrap();
        found
    }

    /// A database with rows of every size and kind.
    fn database() -> (Vec<u8>, Rows) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let db = Connection::open(&path).unwrap();
        db.execute_batch("PRAGMA application_id = 7; CREATE TABLE t (id INTEGER PRIMARY KEY, a, b, c)")
            .unwrap();
        let numbers = [0, 1, -1, 127, -128, 40_000, -8_000_000, 1 << 40, -(1 << 60), i64::MAX, i64::MIN];
        let mut rows = vec![];
        for (n, number) in (0..).zip(numbers.iter().cycle().take(60)) {
            let id = 5_000_000_000 + n * 3;
            let text = "ü".repeat(n as usize * n as usize * 8);
            let bytes = vec![n as u8; n as usize * 7];
            db.execute("INSERT INTO t VALUES (?1, ?2, ?3, ?4)", params![id, number, text, bytes]).unwrap();
            rows.push((
                id,
                vec![Value::Null, Value::Integer(*number), Value::Text(text), Value::Blob(bytes)],
            ));
        }
        drop(db);
        (std::fs::read(path).unwrap(), rows)
    }

    static SAMPLE: LazyLock<(Vec<u8>, Rows)> = LazyLock::new(database);

    fn of_table(found: Rows) -> Rows {
        let mut found: Vec<_> = found.into_iter().filter(|(_, columns)| columns.len() == 4).collect();
        found.sort_by_key(|(id, _)| *id);
        found
    }

    #[test]
    fn rows_are_read_whatever_is_above_them() {
        let (mut bytes, rows) = SAMPLE.clone();
        assert_eq!(of_table(all(&bytes)), rows);
        bytes[..PAGE].fill(0x5a); // the page that leads to all others
        assert_eq!(of_table(all(&bytes)), rows);
        let (mut bytes, _) = SAMPLE.clone();
        bytes[71] = 8;
        assert_eq!(all(&bytes), [], "another program's");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn what_is_damaged_ends_and_does_not_panic(
            cut in 0usize..200_000, from in 0usize..100_000, length in 0usize..9000, byte in any::<u8>(), seed in any::<u64>()
        ) {
            let mut bytes = SAMPLE.0.clone();
            let mut random = fastrand::Rng::with_seed(seed);
            for _ in 0..200 {
                let at = random.usize(..bytes.len());
                bytes[at] = random.u8(..);
            }
            let to = bytes.len().min(from + length);
            bytes[from.min(to)..to].fill(byte);
            bytes.truncate(cut.max(1));
            all(&bytes);
        }
    }
}
