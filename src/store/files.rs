//! Opening and locking Hoist's own files within a bounded time.
//!
//! A pipe, a device or another program's lock may be where a file of Hoist's should be, and none of them may hang it.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use tempfile::NamedTempFile;

use crate::model::{disk, encoding};

/// The longest wait for a lock that another program holds.
pub(crate) const LOCK_TIMEOUT: Duration = Duration::from_secs(5);

/// The longest wait for programs that read a file which is to be replaced.
const READER_TIMEOUT: Duration = Duration::from_secs(2);

/// Symbolic links that are followed one after the other.
const MAX_LINKS: usize = 40;

/// Between two tries to get a lock.
const LOCK_RETRY: Duration = Duration::from_millis(5);

/// What is wrong with a file of Hoist's own, in words for people.
#[derive(Debug, thiserror::Error)]
enum Unusable {
    #[error("a pipe or a device is in its place")]
    NotAFile,
    #[error("another program has locked it")]
    Locked,
    #[error("its symbolic links lead in a circle")]
    Circle,
}

/// Opens an ordinary file, and nothing else: opening a pipe would wait for whoever is at its other end.
pub(crate) fn open(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    require_file(path)?;
    // In case it became a pipe since.
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
        std::os::unix::fs::OpenOptionsExt::custom_flags(options, flags.bits() as i32);
    }
    let file = options.open(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(not_a_file()) }
}

/// Returns the same, for reading only.
pub(crate) fn open_to_read(path: &Path) -> io::Result<File> {
    open(path, OpenOptions::new().read(true))
}

/// Reads a text of at most so many bytes, in UTF-8 or in what Windows' programs write.
pub(crate) fn read_text(from: impl Read, max: u64) -> io::Result<String> {
    let mut bytes = vec![];
    if from.take(max + 1).read_to_end(&mut bytes)? as u64 > max {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    encoding::strict(&bytes).ok_or_else(|| io::ErrorKind::InvalidData.into())
}

/// Writes a file whole, or not at all: `write` fills a new one, which takes its place once it is on the disk. A symbolic link
/// stays one, and the file that it leads to is replaced. What a killed program left unfinished begins with `unfinished`.
pub(crate) fn write_whole<T, E: From<io::Error>>(
    path: &Path,
    unfinished: &str,
    write: impl FnOnce(&mut File) -> Result<T, E>,
) -> Result<T, E> {
    let path = link_target(path)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(unfinished).tempfile_in(folder)?; // 0600 on Unix
    let written = write(file.as_file_mut())?;
    file.as_file().sync_all()?;
    replace(file, &path)?;
    if let Err(e) = sync_folder(folder) {
        tracing::warn!("a folder cannot be synced: {}", e.kind());
    }
    Ok(written)
}

/// Returns where a path leads that may be a symbolic link, also to what is not there yet.
pub(crate) fn link_target(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..MAX_LINKS {
        match fs::read_link(&path) {
            Ok(target) => path = path.parent().unwrap_or(Path::new("")).join(target),
            Err(_) => return Ok(path), // it is no link, or nothing
        }
    }
    Err(io::Error::other(Unusable::Circle))
}

/// Puts a finished file in the place of another, whole. On Windows none can take the place of a file that is being read, so
/// its reader is waited for.
fn replace(mut file: NamedTempFile, path: &Path) -> io::Result<()> {
    let end = Instant::now() + READER_TIMEOUT;
    let is_being_read =
        |e: &io::Error| cfg!(windows) && (disk::is_in_use(e) || e.kind() == io::ErrorKind::PermissionDenied);
    loop {
        match file.persist(path) {
            Ok(_) => return Ok(()),
            Err(e) if is_being_read(&e.error) && Instant::now() < end => file = e.file,
            Err(e) => return Err(e.error),
        }
        std::thread::sleep(LOCK_RETRY);
    }
}

/// Has the disk know the names in a folder. Windows writes them with the files, and opens no folder.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

/// Removes the files of a folder whose names begin so: what a killed program left unfinished.
pub(crate) fn remove_unfinished(folder: &Path, prefixes: &[&str]) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        if prefixes.iter().any(|prefix| name.to_string_lossy().starts_with(prefix)) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Returns an error where something other than a file is at a path. Nothing at all is fine.
pub(crate) fn require_file(path: &Path) -> io::Result<()> {
    match fs::metadata(path) {
        Ok(meta) if !meta.is_file() => Err(not_a_file()),
        _ => Ok(()),
    }
}

/// Locks a file, or gives up after `timeout`. The system releases the lock with the file, however the program ends.
pub(crate) fn lock(file: &File, timeout: Duration) -> io::Result<()> {
    retry_lock(|| file.try_lock(), timeout)
}

/// Locks a file together with others that do so, and against those that lock it alone.
pub(crate) fn lock_shared(file: &File, timeout: Duration) -> io::Result<()> {
    retry_lock(|| file.try_lock_shared(), timeout)
}

fn retry_lock(attempt: impl Fn() -> Result<(), TryLockError>, timeout: Duration) -> io::Result<()> {
    let end = Instant::now() + timeout;
    loop {
        match attempt() {
            Ok(()) => return Ok(()),
            Err(TryLockError::Error(e)) => return Err(e),
            Err(TryLockError::WouldBlock) if Instant::now() >= end => {
                return Err(io::Error::new(io::ErrorKind::TimedOut, Unusable::Locked));
            }
            Err(TryLockError::WouldBlock) => std::thread::sleep(LOCK_RETRY),
        }
    }
}

/// Returns an error in words for people, without a path.
pub(crate) fn reason(e: &io::Error) -> String {
    match e.get_ref().and_then(|inner| inner.downcast_ref::<Unusable>()) {
        Some(unusable) => unusable.to_string(),
        None => e.kind().to_string(),
    }
}

fn not_a_file() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, Unusable::NotAFile)
}

/// Makes a pipe, for tests of what must not wait for one.
#[cfg(all(test, unix))]
pub(crate) fn make_pipe(path: &Path) {
    rustix::fs::mkfifoat(rustix::fs::CWD, path, rustix::fs::Mode::RWXU).unwrap_or_else(|e| panic!("{e}"));
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_file_is_said_and_never_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        make_pipe(&pipe);
        let link = folder.path().join("link");
        std::os::unix::fs::symlink("/dev/zero", &link).unwrap();
        for path in [&pipe, &link, folder.path()] {
            let read = open_to_read(path).unwrap_err();
            let write = open(path, OpenOptions::new().append(true).create(true)).unwrap_err();
            for e in [read, write] {
                assert_eq!(reason(&e), "a pipe or a device is in its place", "{}", path.display());
            }
        }
        let file = folder.path().join("file");
        assert_eq!(open_to_read(&file).unwrap_err().kind(), io::ErrorKind::NotFound);
        assert!(open(&file, OpenOptions::new().write(true).create(true)).is_ok());
    }

    #[test]
    fn a_symbolic_link_stays_one_and_what_it_leads_to_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("dotfiles")).unwrap();
        fs::write(at("dotfiles/real.toml"), "old").unwrap();
        std::os::unix::fs::symlink("dotfiles/real.toml", at("middle")).unwrap();
        std::os::unix::fs::symlink(at("middle"), at("settings.toml")).unwrap();
        std::os::unix::fs::symlink("dotfiles/not-there-yet", at("new.toml")).unwrap();
        std::os::unix::fs::symlink("b", at("a")).unwrap();
        std::os::unix::fs::symlink("a", at("b")).unwrap();
        let write = |name: &str| {
            write_whole(&at(name), ".unfinished-", |file| io::Write::write_all(file, name.as_bytes()))
        };
        for (name, real) in
            [("settings.toml", "dotfiles/real.toml"), ("new.toml", "dotfiles/not-there-yet"), ("x", "x")]
        {
            write(name).unwrap();
            assert_eq!(fs::read_to_string(at(real)).unwrap(), name);
            assert_eq!(at(name).is_symlink(), name != real, "{name}");
        }
        assert_eq!(reason(&write("a").unwrap_err()), "its symbolic links lead in a circle");
        let failed = write_whole(&at("x"), ".unfinished-", |_| Err::<(), _>(io::Error::other("no")));
        assert!(failed.is_err() && fs::read_to_string(at("x")).unwrap() == "x", "whole or not at all");
        let names =
            [folder.path().to_owned(), at("dotfiles")].map(|folder| fs::read_dir(folder).unwrap().count());
        assert_eq!(names, [7, 2], "nothing is left unfinished");
    }

    #[test]
    fn a_file_s_time_is_read_as_it_was_stored_also_of_before_1970() {
        for nanos in [0, 1, 1_790_000_000_123_456_700, -100, -1_000_000_000_500] {
            let at = time(nanos).unwrap();
            assert_eq!(nanoseconds(at), Some(nanos));
            assert_eq!(at < SystemTime::UNIX_EPOCH, nanos < 0);
        }
    }

    #[test]
    fn a_lock_that_somebody_else_keeps_is_given_up() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let other = File::open(file.path()).unwrap();
        other.lock().unwrap();
        let e = lock(file.as_file(), Duration::from_millis(30)).unwrap_err();
        assert_eq!(reason(&e), "another program has locked it");
        drop(other);
        lock(file.as_file(), Duration::ZERO).unwrap();
    }
}
/// Returns a file's time as it is stored: nanoseconds since 1970, before which there are files, too.
pub(super) fn nanoseconds(time: SystemTime) -> Option<i64> {
    match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_nanos()).ok(),
        Err(e) => i64::try_from(e.duration().as_nanos()).ok().map(|n| -n),
    }
}

/// Returns the time that was stored so.
pub(super) fn time(nanoseconds: i64) -> Option<SystemTime> {
    let distance = Duration::from_nanos(nanoseconds.unsigned_abs());
    match nanoseconds {
        ..0 => SystemTime::UNIX_EPOCH.checked_sub(distance),
        0.. => SystemTime::UNIX_EPOCH.checked_add(distance),
    }
}
