//! What a program that was killed left in a folder: half a copy, and the notes of two passes.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

/// Begins the name of a copy that is being made.
pub(super) const UNFINISHED: &str = ".hoist-";
/// Begins the name of a folder with what a film's first pass found.
pub(super) const NOTES: &str = ".hoist-pass-";
/// Older ones are of no living program: none writes this long without a word.
const MAX_AGE: Duration = Duration::from_hours(24);
/// More names than these are not looked through.
const MAX_NAMES: usize = 100_000;
/// What is in a folder of notes begins with one of these.
const NOTED: [&str; 2] = ["pass", "sdr.cube"];

/// Removes unfinished copies from a folder, where their program is gone for a day.
pub fn remove_leftovers(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.take(MAX_NAMES).flatten() {
        let name = entry.file_name();
        let Some(name) = name.to_str().filter(|name| name.starts_with(UNFINISHED)) else { continue };
        // Of a link it is the link's own.
        let Some(kind) = entry.metadata().ok().filter(is_old).map(|meta| meta.file_type()) else { continue };
        let removed = match name.strip_prefix(NOTES) {
            Some(random) if kind.is_dir() && is_random(random) => remove_notes(&entry.path()),
            None if kind.is_file() && is_unfinished(name) => fs::remove_file(entry.path()),
            _ => continue,
        };
        if let Err(e) = removed {
            tracing::debug!("an unfinished copy stays: {e}");
        }
    }
}

fn is_old(meta: &fs::Metadata) -> bool {
    let age = meta.modified().ok().and_then(|at| SystemTime::now().duration_since(at).ok());
    age.is_some_and(|age| age > MAX_AGE)
}

/// Returns whether a name ends as those do that no two programs choose at a time.
fn is_random(end: &str) -> bool {
    end.len() == 6 && end.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// Returns whether a copy that is being made has such a name.
fn is_unfinished(name: &str) -> bool {
    let rest = name.strip_prefix(UNFINISHED).and_then(|rest| rest.split_once('.'));
    rest.is_some_and(|(random, extension)| {
        is_random(random) && (2..=4).contains(&extension.len()) && !extension.contains('.')
    })
}

/// Removes a folder of notes, unless there is something else in it.
fn remove_notes(folder: &Path) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)?.take(16) {
        let entry = entry?;
        let name = entry.file_name();
        if NOTED.iter().any(|start| name.to_string_lossy().starts_with(start)) {
            fs::remove_file(entry.path())?;
        }
    }
    fs::remove_dir(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_program_left_goes_after_a_day_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let of = |name: &str| folder.path().join(name);
        let old = SystemTime::now() - MAX_AGE - Duration::from_mins(1);
        let opened = |name: &str| match name.contains("pass") {
            true => fs::File::open(of(name)),
            false => fs::File::options().write(true).open(of(name)),
        };
        let age = |name: &str| opened(name).unwrap().set_modified(old);
        let gone = [".hoist-a1B2c3.mp4", ".hoist-zzzzzz.m4a", ".hoist-pass-Q1w2E3"];
        let kept = [
            ".hoist-notes.mp4",
            ".hoist-abcdefg.mp4",
            ".hoist-abcdef",
            "hoist-a1B2c3.mp4",
            ".hoist-pass-mine00",
        ];
        for name in gone.iter().chain(&kept) {
            match name.contains("pass") {
                true => fs::create_dir(of(name)).unwrap(),
                false => fs::write(of(name), "half a copy").unwrap(),
            }
        }
        for name in ["sdr.cube", "pass-0.log", "pass-0.log.mbtree"] {
            fs::write(of(gone[2]).join(name), "notes").unwrap();
        }
        fs::write(of(".hoist-pass-mine00/poem.txt"), "a person's own").unwrap();
        fs::write(of(".hoist-living.mp4"), "is being made").unwrap();
        gone.iter().chain(&kept).filter(|name| !name.contains("pass")).for_each(|name| age(name).unwrap());
        // A folder's age is that of its last change: it is aged last.
        #[cfg(unix)]
        gone.iter().chain(&kept).filter(|name| name.contains("pass")).for_each(|name| age(name).unwrap());
        #[cfg(not(unix))]
        fs::remove_dir_all(of(gone[2])).unwrap();
        remove_leftovers(folder.path());
        let left = |name: &&&str| of(name).exists();
        assert_eq!(gone.iter().filter(left).count(), 0);
        assert_eq!(kept.iter().filter(left).count(), kept.len());
        assert!(of(".hoist-living.mp4").exists() && of(".hoist-pass-mine00/poem.txt").exists());
    }
}
