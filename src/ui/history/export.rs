//! The history as a file for other programs.

use std::path::Path;

use crate::session::api::{Folders, Query, name_of, text};
use crate::session::export::{self, Format};
use crate::session::history_access::HistoryAccess;
use crate::session::notice::Notice;

/// Returns what people call a format.
pub(in crate::ui) fn name(format: Format) -> &'static str {
    match format {
        Format::Csv => "CSV",
        Format::Json => "JSON",
    }
}

/// Returns the name under which a file is offered.
pub(in crate::ui) fn file_name(format: Format) -> String {
    format!("hoist-history-{}.{}", jiff::Zoned::now().date(), name(format).to_ascii_lowercase())
}

/// Writes what is found to a file; what came of it, in a sentence. Takes its time: not for the window's thread.
pub(in crate::ui) fn to_file(folders: &Folders, query: &Query, format: Format, file: &Path) -> Notice {
    let name = name_of(file);
    let written = match HistoryAccess::open(folders) {
        Ok((mut access, _)) => {
            export::write_file(access.as_mut(), query, format, file).map_err(|e| e.to_string())
        }
        Err(e) => Err(e.to_string()),
    };
    match written {
        Ok(count) => format!("{} written to {name}", text::count_thousands(count, "upload")).into(),
        Err(e) => Notice::error(format!("{name} was not written: {e}")),
    }
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
                session.poll();
            }
            then(&mut session);
        };
        wait(|s| s.uploads.queue().items()[0].is_sendable(), |s| s.uploads.upload_all());
        wait(|s| s.uploads.queue().items()[0].state.receipt().is_some(), |_| {});
        session
    }

    #[test]
    fn an_export_has_what_was_found_and_the_window_goes_on_meanwhile() {
        let home = tempfile::tempdir().unwrap();
        let folders = Folders::inside(home.path());
        let session = uploaded(&folders);
        let id = session.uploads.queue().items()[0].state.receipt().unwrap().first().to_owned();
        let query = |search: &str| Query { search: search.into(), ..Query::default() };
        let (json, csv) = (home.path().join("all.json"), home.path().join("all.csv"));
        assert_eq!(to_file(&folders, &query(""), Format::Json, &json).text, "1 upload written to all.json");
        let written: serde_json::Value = serde_json::from_slice(&std::fs::read(&json).unwrap()).unwrap();
        let object = &written[0];
        assert_eq!((object["id"].as_str(), object["state"].as_str()), (Some(id.as_str()), Some("done")));
        assert_eq!(object["response"]["id"].as_str(), Some(id.as_str()));
        assert_eq!(object["attempts"][0]["outcome"].as_str(), Some("done"));
        assert_eq!(to_file(&folders, &query("cover"), Format::Csv, &csv).text, "1 upload written to all.csv");
        let written = std::fs::read_to_string(&csv).unwrap();
        let lines: Vec<_> = written.lines().collect();
        assert!(lines[0].starts_with("time,file,provider,"), "{written}");
        assert!(lines.len() == 2 && lines[1].contains(&id) && lines[1].contains("cover.png"), "{written}");
        assert_eq!(
            to_file(&folders, &query("no such"), Format::Json, &json).text,
            "0 uploads written to all.json"
        );
        assert_eq!(std::fs::read_to_string(&json).unwrap(), "[]\n");
    }

    #[test]
    fn an_export_that_cannot_be_written_says_so() {
        let home = tempfile::tempdir().unwrap();
        let folders = Folders::inside(home.path());
        let nowhere = home.path().join("no/such/folder/all.csv");
        let reason = to_file(&folders, &Query::default(), Format::Csv, &nowhere);
        assert_eq!(reason, Notice::error("all.csv was not written: entity not found"));
    }
}
