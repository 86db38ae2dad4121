//! The history for other programs: a table for spreadsheets, or JSON.

use std::borrow::Cow;
use std::io::{self, Write};

use jiff::Timestamp;

use super::report::{Report, remembered};
use super::shelf::Shelf;
use crate::model::record::Record;
use crate::model::text::harmless;
use crate::store::history::Query;

/// The first row of a table for spreadsheets.
const CSV: &str = "time,file,provider,destination,account,state,id,url,expires,attempts,error,message";

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
                    write!(out, "{between}{}", remembered(record, attempts))?;
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
    let (entry, receipt, failure) = (&record.entry, record.state.receipt(), record.state.failure());
    let destination = &entry.destination;
    let time = |t: Option<Timestamp>| t.map(|t| t.to_string()).unwrap_or_default();
    let cells = [
        time(entry.asked),
        entry.path.to_string_lossy().into_owned(),
        destination.provider.clone(),
        destination.name.clone(),
        destination.account.clone().unwrap_or_default(),
        Report::from(record).word().to_owned(),
        receipt.and_then(|r| r.id.clone()).unwrap_or_default(),
        receipt.and_then(|r| r.url.clone()).unwrap_or_default(),
        time(receipt.and_then(|r| r.expires)),
        record.attempts.to_string(),
        failure.map(|f| f.kind.name().to_owned()).unwrap_or_default(),
        failure.map(|f| f.message.clone()).unwrap_or_default(),
    ];
    cells.map(|cell| csv_cell(&harmless(&cell)).into_owned()).join(",")
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
