//! The history as a file for other programs.

use std::io::{BufWriter, Write};
use std::path::Path;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::uploads;
use crate::model::record::{Attempt, Record, name_of};
use crate::model::text::harmless;
use crate::model::upload::State;
use crate::session::shelf::Shelf;
use crate::store::folders::Folders;
use crate::store::history::Query;

/// The first row of a table for spreadsheets.
const CSV: &str = "time,file,provider,destination,account,state,id,url,expires,attempts,error,message";

/// How it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ui) enum Format {
    Csv,
    Json,
}

impl Format {
    pub(in crate::ui) fn name(self) -> &'static str {
        match self {
            Format::Csv => "CSV",
            Format::Json => "JSON",
        }
    }

    /// The name a file is offered under.
    pub(in crate::ui) fn file_name(self) -> String {
        format!("hoist-history-{}.{}", jiff::Zoned::now().date(), self.name().to_ascii_lowercase())
    }
}

/// Writes what is found to a file; what came of it, in a sentence. Takes its time: not for the window's thread.
pub(in crate::ui) fn to_file(folders: &Folders, query: &Query, format: Format, file: &Path) -> String {
    let name = name_of(file);
    match try_to_file(folders, query, format, file) {
        Ok(count) => format!("{} written to {name}", uploads(count)),
        Err(e) => format!("{name} was not written: {e}"),
    }
}

/// The file is there whole or not at all.
fn try_to_file(folders: &Folders, query: &Query, format: Format, file: &Path) -> Result<usize, String> {
    let said = |e: std::io::Error| e.kind().to_string();
    let folder = file.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut temporary = tempfile::NamedTempFile::new_in(folder).map_err(said)?;
    let mut out = BufWriter::new(&mut temporary);
    let count = write(folders, query, format, &mut out)?;
    out.flush().map_err(said)?;
    drop(out);
    temporary.as_file().sync_all().map_err(said)?;
    temporary.persist(file).map_err(|e| said(e.error))?;
    Ok(count)
}

fn write(folders: &Folders, query: &Query, format: Format, out: &mut impl Write) -> Result<usize, String> {
    let said = |e: std::io::Error| e.kind().to_string();
    let (shelf, _) = Shelf::open(folders)?;
    if format == Format::Csv {
        writeln!(out, "{CSV}").map_err(said)?;
    }
    let mut count = 0;
    if let Some(mut shelf) = shelf {
        shelf.each(query, |record, attempts| -> Result<(), String> {
            count += 1;
            let written = match format {
                Format::Csv => writeln!(out, "{}", csv(record)),
                Format::Json if count == 1 => write!(out, "[\n{}", object(record, attempts)),
                Format::Json => write!(out, ",\n{}", object(record, attempts)),
            };
            written.map_err(said)
        })?;
    }
    if format == Format::Json {
        writeln!(out, "{}", if count == 0 { "[]" } else { "\n]" }).map_err(said)?;
    }
    Ok(count)
}

/// The words the terminal has for the same states.
fn word(state: &State) -> &'static str {
    match state {
        State::Done(_) | State::Processing { .. } => "done",
        State::Held(_) => "held",
        State::Refused(_) => "refused",
        State::Unknown(_) => "unknown",
        State::Cancelled | State::Ready => "cancelled",
        State::Waiting { .. } => "waiting",
        State::Sending { .. } | State::Sent { .. } => "sending",
    }
}

/// The object that `hoist history list --json` prints.
fn object(record: &Record, attempts: &[Attempt]) -> Value {
    let (entry, receipt) = (&record.entry, record.state.receipt());
    let values: Map<String, Value> = receipt.map(|r| r.values.iter().cloned().collect()).unwrap_or_default();
    let error = record.state.failure().map(|f| {
        let mut error =
            json!({ "kind": f.kind.name(), "message": f.message, "said": f.said, "next": f.next });
        if let Some(until) = f.until {
            error["until"] = until.to_string().into();
        }
        if let Some(support) = &f.support {
            error["support"] = support.as_str().into();
        }
        error
    });
    let tries = attempts.iter().map(|a| {
        json!({
            "began": a.began.to_string(),
            "sent": a.sent,
            "ended": a.ended.map(|t| t.to_string()),
            "how": a.how,
        })
    });
    let mut object = json!({
        "file": entry.path.to_string_lossy(),
        "provider": entry.destination.provider,
        "destination": entry.destination.name,
        "account": entry.destination.account,
        "state": word(&record.state),
        "id": receipt.and_then(|r| r.id.as_deref()),
        "url": receipt.and_then(|r| r.url.as_deref()),
        "expires": receipt.and_then(|r| r.expires).map(|t| t.to_string()),
        "values": values,
        "response": receipt.map(|r| r.response.clone()),
        "error": error,
        "time": entry.asked.map(|t| t.to_string()),
        "attempts": tries.collect::<Vec<_>>(),
    });
    if let Some(receipt) = receipt.filter(|r| !r.warnings.is_empty()) {
        object["warnings"] = receipt.warnings.clone().into();
    }
    object
}

fn csv(record: &Record) -> String {
    let (entry, receipt, failure) = (&record.entry, record.state.receipt(), record.state.failure());
    let time = |t: Option<Timestamp>| t.map(|t| t.to_string()).unwrap_or_default();
    let cells = [
        time(entry.asked),
        entry.path.to_string_lossy().into_owned(),
        entry.destination.provider.clone(),
        entry.destination.name.clone(),
        entry.destination.account.clone().unwrap_or_default(),
        word(&record.state).to_owned(),
        receipt.and_then(|r| r.id.clone()).unwrap_or_default(),
        receipt.and_then(|r| r.url.clone()).unwrap_or_default(),
        time(receipt.and_then(|r| r.expires)),
        record.attempts.to_string(),
        failure.map(|f| f.kind.name().to_owned()).unwrap_or_default(),
        failure.map(|f| f.message.clone()).unwrap_or_default(),
    ];
    cells.map(|cell| cell_of(&harmless(&cell))).join(",")
}

/// A cell in quotes. A spreadsheet must not take it for a formula.
fn cell_of(text: &str) -> String {
    let formula = if text.starts_with(['=', '+', '-', '@']) { "'" } else { "" };
    if formula.is_empty() && !text.contains([',', '"']) && text.trim() == text {
        return text.to_owned();
    }
    format!("\"{formula}{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Session, Start};
    use crate::store::keys::Keys;

    /// A session over folders of its own that has uploaded a file.
    fn uploaded(folders: &Folders) -> Session {
        let start = Start { sandbox: true, ..Start::new(folders.clone(), Keys::in_memory()) };
        let mut session = Session::start(start, std::sync::Arc::new(|| {})).unwrap();
        let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/samples/cover.png");
        session.add_files([sample]);
        let mut wait = |done: fn(&Session) -> bool, then: fn(&mut Session)| {
            let until = std::time::Instant::now() + std::time::Duration::from_mins(1);
            while !done(&session) {
                assert!(std::time::Instant::now() < until);
                std::thread::sleep(std::time::Duration::from_millis(2));
                session.look();
            }
            then(&mut session);
        };
        wait(|s| s.queue().items()[0].is_sendable(), Session::upload_all);
        wait(|s| s.queue().items()[0].state.receipt().is_some(), |_| {});
        session
    }

    #[test]
    fn an_export_has_what_was_found_and_the_window_goes_on_meanwhile() {
        let home = tempfile::tempdir().unwrap();
        let folders = Folders::inside(home.path());
        let session = uploaded(&folders);
        let id = session.queue().items()[0].state.receipt().unwrap().first().to_owned();
        let query = |search: &str| Query { search: search.into(), ..Query::default() };
        let (json, csv) = (home.path().join("all.json"), home.path().join("all.csv"));
        assert_eq!(to_file(&folders, &query(""), Format::Json, &json), "1 upload written to all.json");
        let written: Value = serde_json::from_slice(&std::fs::read(&json).unwrap()).unwrap();
        let object = &written[0];
        assert_eq!((&object["id"], &object["state"]), (&json!(id), &json!("done")));
        assert_eq!((&object["response"]["id"], &object["attempts"][0]["how"]), (&json!(id), &json!("done")));
        assert_eq!(to_file(&folders, &query("cover"), Format::Csv, &csv), "1 upload written to all.csv");
        let written = std::fs::read_to_string(&csv).unwrap();
        let lines: Vec<_> = written.lines().collect();
        assert_eq!(lines[0], CSV);
        assert!(lines.len() == 2 && lines[1].contains(&id) && lines[1].contains("cover.png"), "{written}");
        assert_eq!(
            to_file(&folders, &query("no such"), Format::Json, &json),
            "0 uploads written to all.json"
        );
        assert_eq!(std::fs::read_to_string(&json).unwrap(), "[]\n");
    }

    #[test]
    fn an_export_that_cannot_be_written_says_so_and_leaves_what_was_there() {
        let home = tempfile::tempdir().unwrap();
        let folders = Folders::inside(home.path());
        let nowhere = home.path().join("no/such/folder/all.csv");
        let said = to_file(&folders, &Query::default(), Format::Csv, &nowhere);
        assert_eq!(said, "all.csv was not written: entity not found");
    }

    #[test]
    fn a_cell_is_no_formula() {
        for (text, cell) in [
            ("cover.png", "cover.png"),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("=1+1", "\"'=1+1\""),
            ("-1", "\"'-1\""),
            (" x", "\" x\""),
            ("", ""),
        ] {
            assert_eq!(cell_of(text), cell);
        }
    }
}
