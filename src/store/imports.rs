//! Files that were none before: what was pasted as pixels, dragged out of a browser, or fetched by its address. They stay
//! as long as a row of a queue needs them, and a day at least.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use jiff::Zoned;
use tempfile::NamedTempFile;

use super::files;
use super::folders::Folders;

/// So long a file stays that no row needs.
const KEPT_FOR: Duration = Duration::from_hours(24);

/// More files do not have the same name.
const MAX_SAME_NAME: u32 = 10_000;

/// The folder they are in, which only its user may look into.
#[derive(Clone, Debug)]
pub struct ImportFolder {
    folder: PathBuf,
}

impl ImportFolder {
    /// Returns the one in these folders; it is made when it is first needed.
    pub fn new(folders: &Folders) -> ImportFolder {
        ImportFolder { folder: folders.data.join("brought") }
    }

    /// Returns a file to be filled: it is gone again unless it is kept, or when the program is killed, after a day.
    pub fn begin(&self) -> io::Result<NamedTempFile> {
        Folders::make(&self.folder)?;
        tempfile::Builder::new().prefix(".coming-").tempfile_in(&self.folder)
    }

    /// Keeps a file under a name that is safe, or one like it where that is taken. The disk has it then.
    pub fn keep(&self, mut file: NamedTempFile, name: &str) -> io::Result<PathBuf> {
        file.as_file().sync_all()?;
        let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
        for n in 1..=MAX_SAME_NAME {
            let name = if n == 1 { name.to_owned() } else { format!("{stem} ({n}).{extension}") };
            let path = self.folder.join(name);
            match file.persist_noclobber(&path) {
                Ok(_) => return Ok(path),
                Err(e) if e.error.kind() == io::ErrorKind::AlreadyExists => file = e.file,
                Err(e) => return Err(e.error),
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }

    /// Deletes what nobody needs any more, and what a killed program left unfinished.
    pub fn remove_old(&self, needed: &HashSet<PathBuf>, now: SystemTime) {
        let Ok(entries) = std::fs::read_dir(&self.folder) else { return };
        for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
            if needed.contains(&path) {
                continue;
            }
            match age(&path, now) {
                Age::Old => _ = std::fs::remove_file(&path), // the next start tries again
                Age::Ahead => mend_date(&path, now),
                Age::Young | Age::Unknown => {}
            }
        }
    }

    /// Returns whether a file is one of these.
    pub fn holds(&self, path: &Path) -> bool {
        path.parent() == Some(&self.folder)
    }
}

/// How old a file is.
enum Age {
    Young,
    Old,
    /// It was written by a clock that was ahead.
    Ahead,
    /// It is no ordinary file, or cannot be looked at.
    Unknown,
}

fn age(path: &Path, now: SystemTime) -> Age {
    let Ok(meta) = std::fs::symlink_metadata(path) else { return Age::Unknown };
    match meta.modified().map(|changed| (now.duration_since(changed), changed.duration_since(now))) {
        Ok((Ok(age), _)) if meta.is_file() && age > KEPT_FOR => Age::Old,
        Ok((_, Ok(ahead))) if meta.is_file() && ahead > KEPT_FOR => Age::Ahead,
        Ok(_) if meta.is_file() => Age::Young,
        _ => Age::Unknown,
    }
}

/// Counts a file's day from now: a date far ahead would keep it for ever.
fn mend_date(path: &Path, now: SystemTime) {
    let file = files::open(path, std::fs::File::options().append(true));
    let dated = file.and_then(|file| file.set_modified(now));
    if let Err(e) = dated {
        tracing::warn!("a file with a date ahead cannot be dated: {}", e.kind());
    }
}

/// Returns a name by the time, for what has no other: "Pasted 2026-11-21 14.03.22".
pub fn dated(word: &str, now: &Zoned) -> String {
    format!("{word} {}", now.strftime("%Y-%m-%d %H.%M.%S"))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn brought() -> (tempfile::TempDir, ImportFolder) {
        let home = tempfile::tempdir().unwrap();
        let brought = ImportFolder::new(&Folders::inside(home.path()));
        (home, brought)
    }

    fn kept(brought: &ImportFolder, name: &str, age: Duration) -> PathBuf {
        let mut file = brought.begin().unwrap();
        file.write_all(name.as_bytes()).unwrap();
        file.as_file().set_modified(SystemTime::now() - age).unwrap();
        brought.keep(file, name).unwrap()
    }

    #[test]
    fn two_files_of_a_name_are_two_files() {
        let (_home, brought) = brought();
        let names: Vec<_> = (0..3).map(|_| kept(&brought, "a.b.png", Duration::ZERO)).collect();
        let names: Vec<_> = names.iter().map(|p| p.file_name().unwrap().to_str().unwrap()).collect();
        assert_eq!(names, ["a.b.png", "a.b (2).png", "a.b (3).png"]);
        assert_eq!(std::fs::read_dir(&brought.folder).unwrap().count(), 3, "nothing unfinished is left");
    }

    #[test]
    fn a_folder_that_is_gone_is_said_to_be_gone() {
        let (_home, brought) = brought();
        let file = brought.begin().unwrap();
        std::fs::remove_dir_all(&brought.folder).unwrap();
        assert_eq!(brought.keep(file, "a.png").unwrap_err().kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn what_lies_elsewhere_or_deeper_is_none_of_them() {
        let (home, brought) = brought();
        let kept = kept(&brought, "a.png", Duration::ZERO);
        assert!(brought.holds(&kept));
        for other in [home.path().join("a.png"), brought.folder.join("b/a.png"), brought.folder.clone()] {
            assert!(!brought.holds(&other), "{}", other.display());
        }
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_may_look_into_them() {
        use std::os::unix::fs::PermissionsExt;
        let (_home, brought) = brought();
        let file = kept(&brought, "a.png", Duration::ZERO);
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&brought.folder), mode(&file)), (0o700, 0o600));
    }

    #[test]
    fn what_is_old_and_not_needed_goes_and_nothing_else() {
        let (_home, brought) = brought();
        brought.remove_old(&HashSet::new(), SystemTime::now()); // there is no folder yet
        let day = Duration::from_hours(25);
        let new = kept(&brought, "new.png", Duration::from_hours(23));
        let old = kept(&brought, "old.png", day);
        let needed = kept(&brought, "needed.png", day);
        let (_, unfinished) = brought.begin().unwrap().keep().unwrap();
        std::fs::File::open(&unfinished).unwrap().set_modified(SystemTime::now() - day).unwrap();
        let folder = brought.folder.join("folder");
        std::fs::create_dir(&folder).unwrap();
        brought.remove_old(&HashSet::from([needed.clone()]), SystemTime::now());
        let there = [&new, &old, &needed, &unfinished, &folder].map(|path| path.exists());
        assert_eq!(there, [true, false, true, false, true]);
    }

    #[test]
    fn a_clock_that_was_ahead_keeps_nothing_for_ever() {
        let (_home, brought) = brought();
        let file = kept(&brought, "ahead.png", Duration::ZERO);
        let now = SystemTime::now();
        let ahead = now + Duration::from_hours(24 * 365);
        std::fs::File::options().append(true).open(&file).unwrap().set_modified(ahead).unwrap();
        brought.remove_old(&HashSet::new(), now);
        assert!(file.exists(), "its age is unknown");
        brought.remove_old(&HashSet::new(), now + Duration::from_hours(25));
        assert!(!file.exists(), "a day later it is a day old");
    }

    #[test]
    fn a_time_is_a_name() {
        let now = "2026-11-21T14:03:22+01:00[+01:00]".parse().unwrap();
        assert_eq!(dated("Pasted", &now), "Pasted 2026-11-21 14.03.22");
    }
}
