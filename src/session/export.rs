//! The history for other programs: a table for spreadsheets, or JSON.

use std::borrow::Cow;
use std::io::{self, Write};

use jiff::Timestamp;

use super::history_access::Shelf;
use super::report::{Report, remembered};
use crate::model::receipt::plain;
use crate::model::record::Record;
use crate::model::text::{json, sanitize};
use crate::store::history::Query;

/// The first row of a table for spreadsheets.
pub(super) const CSV: &str =
    "time,file,provider,destination,account,state,id,url,expires,attempts,error,message";

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
    #[error("{0}")]
    Read(String),
    /// It cannot be written there.
    #[error("{}", .0.kind())]
    Write(#[from] io::Error),
}

impl From<String> for Failed {
    fn from(said: String) -> Failed {
        Failed::Read(said)
    }
}

/// Writes what is found, newest first; how many there were.
pub fn write(
    shelf: Option<&mut Shelf>,
    query: &Query,
    format: Format,
    out: &mut impl Write,
) -> Result<usize, Failed> {
    match format {
        Format::Csv => writeln!(out, "{CSV}")?,
        Format::Json => write!(out, "[")?,
    }
    let mut count = 0;
    if let Some(shelf) = shelf {
        shelf.each(query, |record, attempts| -> Result<(), Failed> {
            count += 1;
            match format {
                Format::Csv => writeln!(out, "{}", csv_row(record))?,
                Format::Json => {
                    let between = if count == 1 { "\n" } else { ",\n" };
                    write!(out, "{between}{}", json(&remembered(record, attempts)))?;
                }
            }
            Ok(())
        })?;
    }
    if format == Format::Json {
        writeln!(out, "{}]", if count > 0 { "\n" } else { "" })?;
    }
    Ok(count)
}

fn csv_row(record: &Record) -> String {
    cells(record.request.asked, &Report::from(record), &record.attempts.to_string())
}

/// A row for an upload that is not of the history; when it was asked for, and how often, is not known.
pub(super) fn csv_line(upload: &Report<'_>) -> String {
    cells(None, upload, "")
}

fn cells(asked: Option<Timestamp>, upload: &Report<'_>, attempts: &str) -> String {
    let object = upload.json();
    let text =
        |pointer: &str| object.pointer(pointer).filter(|v| !v.is_null()).map(plain).unwrap_or_default();
    let cells = [
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
    cells.map(|cell| csv_cell(&sanitize(&cell)).into_owned()).join(",")
}

/// A cell in quotes where it needs them. A spreadsheet must not take it for a formula.
fn csv_cell(cell: &str) -> Cow<'_, str> {
    let formula = cell.starts_with(['=', '+', '-', '@']);
    let quoted = cell.contains([',', '"', '\n', '\r']) || cell.starts_with(' ') || cell.ends_with(' ');
    if !formula && !quoted {
        return Cow::Borrowed(cell);
    }
    let cell = format!("{}{cell}", if formula { "'" } else { "" });
    Cow::Owned(if quoted { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_where_they_need_it_and_are_no_formulas() {
        for (cell, written) in [
            ("cover.png", "cover.png"),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            (" x", "\" x\""),
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@x", "'@x"),
            ("=HYPERLINK(\"http://x\",\"y\")", "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\""),
            ("", ""),
        ] {
            assert_eq!(csv_cell(cell), written);
        }
    }
}
