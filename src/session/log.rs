//! The log: a file a day with what happened, without names, addresses or keys.
//!
//! Written by Hoist itself, since logging may neither hang (a pipe in the file's place) nor stop working after a clock
//! was ahead.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::store::files;
use crate::store::folders::Folders;

/// Days kept.
const DAYS: usize = 7;

/// Starts writing to a file a day, a week of them. Only Hoist's own lines: those of HTTP libraries may show headers.
/// Without a place to write to there is no log.
pub fn start(folders: &Folders) {
    if Folders::make(&folders.logs).is_err() {
        return;
    }
    let log = Log { folder: folders.logs.clone(), day: None };
    let layer = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(Mutex::new(log));
    let own = Targets::new().with_target("hoist", LevelFilter::INFO);
    let _ = tracing_subscriber::registry().with(own).with(layer).try_init();
}

/// The file of the day.
struct Log {
    folder: PathBuf,
    /// Without a file where there cannot be one that day.
    day: Option<(Date, Option<File>)>,
}

impl Log {
    fn file(&mut self, today: Date) -> Option<&mut File> {
        if self.day.as_ref().is_none_or(|(day, _)| *day != today) {
            let path = self.folder.join(format!("hoist.{today}.log"));
            let file = files::open(&path, File::options().append(true).create(true)).ok();
            remove_old(&self.folder, today);
            self.day = Some((today, file));
        }
        self.day.as_mut().and_then(|(_, file)| file.as_mut())
    }
}

impl Write for Log {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        match self.file(Timestamp::now().to_zoned(TimeZone::UTC).date()) {
            Some(file) => file.write(line),
            None => Ok(line.len()), // nowhere to write to, and no reason to stop
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(()) // nothing is held back
    }
}

/// Removes all but the latest days, and those of days that have not come yet.
fn remove_old(folder: &Path, today: Date) {
    let entries = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let day = |path: &Path| {
        let name = path.file_name()?.to_str()?;
        name.strip_prefix("hoist.")?.strip_suffix(".log")?.parse::<Date>().ok()
    };
    let mut logs: Vec<_> = entries.filter_map(|e| Some((day(&e.path())?, e.path()))).collect();
    logs.sort();
    let kept = logs.iter().rev().filter(|(day, _)| *day <= today).take(DAYS).count();
    let oldest = logs.iter().filter(|(day, _)| *day <= today).count() - kept;
    let tomorrow = today.tomorrow().unwrap_or(today);
    for (index, (day, path)) in logs.iter().enumerate() {
        if index < oldest || *day > tomorrow {
            let _ = fs::remove_file(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> =
            fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_week_is_kept_though_a_clock_was_ahead() {
        let folder = tempfile::tempdir().unwrap();
        let today: Date = "2026-03-10".parse().unwrap();
        for day in 1..10 {
            fs::write(folder.path().join(format!("hoist.2026-03-{day:02}.log")), "old").unwrap();
            fs::write(folder.path().join(format!("hoist.2031-01-{day:02}.log")), "ahead").unwrap();
        }
        fs::write(folder.path().join("hoist.notes.log"), "somebody else's").unwrap();
        let mut log = Log { folder: folder.path().to_owned(), day: None };
        log.file(today).unwrap().write_all(b"a line\n").unwrap();
        let kept: Vec<_> = (4..=10).map(|day| format!("hoist.2026-03-{day:02}.log")).collect();
        assert_eq!(days(folder.path())[..7], kept);
        assert_eq!(days(folder.path())[7..], ["hoist.notes.log"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_in_its_place_holds_up_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let today: Date = "2026-03-10".parse().unwrap();
        files::make_pipe(&folder.path().join("hoist.2026-03-10.log"));
        let mut log = Log { folder: folder.path().to_owned(), day: None };
        assert!(log.file(today).is_none());
        assert!(log.file("2026-03-11".parse().unwrap()).is_some(), "the next day it is written again");
    }
}
