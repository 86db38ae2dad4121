//! The history for other programs: a table for spreadsheets, or JSON.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use jiff::Timestamp;

use super::history_access::HistoryAccess;
use super::report::{Report, remembered};
use crate::model::receipt::plain;
use crate::model::record::Record;
use crate::model::text::{json, sanitize};
use crate::store::files;
use crate::store::history::{Query, ReadError};

/// How it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A row for each upload.
    Csv,
    /// An array, an object for each upload on a line of its own.
    Json,
}

/// Why it was not written.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    /// The history cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// It cannot be written there.
    #[error("{}", .0.kind())]
    Write(#[from] io::Error),
}

/// Writes what is found to a file, which is there whole or not at all; how many there were.
pub fn write_file(
    access: Option<&mut HistoryAccess>,
    query: &Query,
    format: Format,
    path: &Path,
) -> Result<usize, Failed> {
    files::write_whole(path, ".hoist-history-", |file| {
        let mut out = BufWriter::new(file);
        let count = write(access, query, format, &mut out)?;
        out.flush()?;
        Ok(count)
    })
}

/// Writes what is found, newest first; how many there were.
pub fn write(
    access: Option<&mut HistoryAccess>,
    query: &Query,
    format: Format,
    out: &mut impl Write,
) -> Result<usize, Failed> {
    let mut count = 0;
    match format {
        Format::Csv => {
            let mut table = Table::new(out)?;
            if let Some(access) = access {
                access.each(query, |record, _| -> Result<(), Failed> {
                    count += 1;
                    Ok(table.add_remembered(record)?)
                })?;
            }
            table.finish()?;
        }
        Format::Json => {
            write!(out, "[")?;
            if let Some(access) = access {
                access.each(query, |record, attempts| -> Result<(), Failed> {
                    count += 1;
                    let between = if count == 1 { "\n" } else { ",\n" };
                    Ok(write!(out, "{between}{}", json(&remembered(record, attempts)))?)
                })?;
            }
            writeln!(out, "{}]", if count > 0 { "\n" } else { "" })?;
        }
    }
    Ok(count)
}

/// The names of a table's columns.
const COLUMNS: [&str; 12] = [
    "time",
    "file",
    "provider",
    "destination",
    "account",
    "state",
    "id",
    "url",
    "expires",
    "attempts",
    "error",
    "message",
];

/// A table for spreadsheets, a row for each upload below the names of the columns.
pub(super) struct Table<W: Write>(csv::Writer<W>);

impl<W: Write> Table<W> {
    pub(super) fn new(out: W) -> io::Result<Table<W>> {
        let mut rows = csv::Writer::from_writer(out);
        rows.write_record(COLUMNS).map_err(written)?;
        Ok(Table(rows))
    }

    /// Adds an upload that is not of the history; when it was asked for, and how often, is not known.
    pub(super) fn add(&mut self, upload: &Report<'_>) -> io::Result<()> {
        self.row(None, upload, "")
    }

    fn add_remembered(&mut self, record: &Record) -> io::Result<()> {
        self.row(record.request.requested, &Report::from(record), &record.attempts.to_string())
    }

    fn row(&mut self, asked: Option<Timestamp>, upload: &Report<'_>, attempts: &str) -> io::Result<()> {
        let object = upload.json();
        let text =
            |pointer: &str| object.pointer(pointer).filter(|v| !v.is_null()).map(plain).unwrap_or_default();
        let cells: [String; COLUMNS.len()] = [
            asked.map(|t| t.to_string()).unwrap_or_default(),
            text("/file"),
            text("/provider"),
            text("/destination"),
            text("/account"),
            text("/state"),
            text("/id"),
            text("/url"),
            text("/expires"),
            attempts.to_owned(),
            text("/error/kind"),
            text("/error/message"),
        ];
        self.0.write_record(cells.map(|text| cell(&text))).map_err(written)
    }

    /// Ends the table: what is still in memory is written.
    pub(super) fn finish(self) -> io::Result<W> {
        self.0.into_inner().map_err(|e| e.into_error())
    }
}

/// Returns why a row was not written, with its kind: a reader that has left is no failure.
fn written(problem: csv::Error) -> io::Error {
    match problem.into_kind() {
        csv::ErrorKind::Io(e) => e,
        kind => io::Error::other(format!("{kind:?}")),
    }
}

/// Returns a text as a cell holds it. A spreadsheet must not take it for a formula.
fn cell(text: &str) -> String {
    let formula = if text.starts_with(['=', '+', '-', '@']) { "'" } else { "" };
    format!("{formula}{}", sanitize(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_where_they_need_it_and_are_no_formulas() {
        for (text, written) in [
            ("cover.png", "cover.png"),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            (" x", " x"),
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@x", "'@x"),
            ("=HYPERLINK(\"http://x\",\"y\")", "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\""),
            ("", ""),
        ] {
            let mut table = csv::Writer::from_writer(vec![]);
            table.write_record([cell(text).as_str(), "next"]).unwrap();
            let row = String::from_utf8(table.into_inner().unwrap()).unwrap();
            assert_eq!(row, format!("{written},next\n"));
        }
    }
}
