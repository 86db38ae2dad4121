//! What is known of the files of a watched folder, so that none is sent twice: a line for each, added at once.
//!
//! A file is written down when it is settled: sent, or refused for good. What a killed run left open is not in it, and is
//! found again by the next one; the history says then whether its content was sent. Names are hashed: what a person clears
//! from the history is not to be read here.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use highway::{HighwayHash, HighwayHasher};
use serde::{Deserialize, Serialize};

use super::files;
use super::folders::Folders;
use crate::media::hash::FileStamp;
use crate::model::destination::Destination;
use crate::model::media::ContentHash;

/// The longest line that is read.
const MAX_LINE: usize = 64 * 1024;

/// The hash of a file's path below the folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct NameHash(u64);

/// Stands in the line after the files that were there before. A run that was killed before it begins anew.
const BEGUN: NameHash = NameHash(0);

/// Why a folder cannot be watched.
#[derive(Debug, thiserror::Error)]
pub enum WatchLogError {
    /// Another Hoist does it.
    #[error("Another Hoist watches this folder for this destination already")]
    Watched,
    /// The file cannot be used.
    #[error("The list of the folder's files cannot be saved: {}", files::reason(.0))]
    Disk(#[from] io::Error),
}

/// A line of the log.
#[derive(Serialize, Deserialize)]
struct LogLine {
    /// The file.
    name: NameHash,
    size: u64,
    /// In nanoseconds since 1970, where the file system knows.
    modified: Option<i64>,
    /// In base64; none of files that were there before the folder was watched.
    hash: Option<String>,
}

#[derive(Clone, Copy)]
struct KnownFile {
    stamp: FileStamp,
    /// It was there before the folder was watched, and was not sent.
    is_baseline: bool,
}

/// What is known of the files of one folder, for one destination. While it is open, no other program has it.
pub struct WatchLog {
    file: File,
    path: PathBuf,
    folder: PathBuf,
    known: HashMap<NameHash, KnownFile>,
    contents: HashMap<ContentHash, NameHash>,
    is_new: bool,
    _lock: File,
}

impl WatchLog {
    /// Opens the log of a folder and a destination's account. `folder` is without symbolic links in it.
    pub fn open(folders: &Folders, folder: &Path, to: &Destination) -> Result<WatchLog, WatchLogError> {
        let path = log_path(folders, folder, to);
        Folders::make(path.parent().unwrap_or(Path::new(".")))?;
        let lock = files::open(
            &path.with_extension("lock"),
            OpenOptions::new().create(true).truncate(false).write(true),
        )?;
        lock.try_lock().map_err(|e| match e {
            std::fs::TryLockError::WouldBlock => WatchLogError::Watched,
            std::fs::TryLockError::Error(e) => e.into(),
        })?;
        let mut file = files::open(&path, OpenOptions::new().create(true).read(true).append(true))?;
        let (mut known, mut contents) = (HashMap::new(), HashMap::new());
        let mut is_new = true;
        let mut reader = BufReader::new(&mut file);
        let mut line = vec![];
        let mut is_cut = false;
        while bounded_line(&mut reader, &mut line)? {
            is_cut = line.last() != Some(&b'\n');
            // A line that a killed program did not finish says nothing.
            let Ok(read) = serde_json::from_slice::<LogLine>(&line) else { continue };
            if read.name == BEGUN {
                is_new = false;
                continue;
            }
            let stamp = FileStamp { size: read.size, modified: read.modified.and_then(files::time) };
            let hash = read.hash.and_then(|text| BASE64.decode(text).ok()?.try_into().ok()).map(ContentHash);
            contents.extend(hash.map(|hash| (hash, read.name)));
            known.insert(read.name, KnownFile { stamp, is_baseline: hash.is_none() });
        }
        if is_cut {
            file.write_all(b"\n")?;
        }
        Ok(WatchLog { file, path, folder: folder.to_owned(), known, contents, is_new, _lock: lock })
    }

    /// Returns whether the folder was not watched for this account before.
    pub fn is_new(&self) -> bool {
        self.is_new
    }

    /// Returns what a file is called here.
    pub fn name(&self, path: &Path) -> NameHash {
        let below = path.strip_prefix(&self.folder).unwrap_or(path);
        NameHash(HighwayHasher::default().hash64(below.as_os_str().as_encoded_bytes()).max(1))
    }

    /// Returns whether a file is as it was when it was written down.
    pub fn knows(&self, path: &Path, stamp: FileStamp) -> bool {
        self.known.get(&self.name(path)).is_some_and(|known| known.stamp == stamp)
    }

    /// Lists the files that were there before and were like this one: it may be one of them under another name.
    pub fn alike(&self, stamp: FileStamp) -> impl Iterator<Item = NameHash> {
        let is_alike = move |known: &KnownFile| known.is_baseline && known.stamp == stamp;
        self.known.iter().filter(move |(_, known)| is_alike(known)).map(|(name, _)| *name)
    }

    /// Returns the file whose content is settled; it may have another name by now.
    pub fn file_of(&self, hash: &ContentHash) -> Option<NameHash> {
        self.contents.get(hash).copied()
    }

    /// Writes down the files that were there before the folder was watched: they are not sent.
    pub fn begin(&mut self, there: &[(PathBuf, FileStamp)]) -> io::Result<()> {
        let mut lines = vec![];
        for (path, stamp) in there {
            let name = self.name(path);
            lines.extend(line(name, *stamp, None));
            self.known.insert(name, KnownFile { stamp: *stamp, is_baseline: true });
        }
        let nothing = FileStamp { size: 0, modified: None };
        lines.extend(line(BEGUN, nothing, None));
        self.is_new = false;
        self.file.write_all(&lines)
    }

    /// Writes down that one of those has another name.
    pub fn add_baseline(&mut self, path: &Path, stamp: FileStamp) -> io::Result<()> {
        let name = self.name(path);
        self.known.insert(name, KnownFile { stamp, is_baseline: true });
        self.file.write_all(&line(name, stamp, None))
    }

    /// Forgets those of earlier runs: they are sent now.
    pub fn forget_baseline(&mut self) {
        self.known.retain(|_, known| !known.is_baseline);
    }

    /// Writes down that a file is settled.
    pub fn settle(&mut self, path: &Path, stamp: FileStamp, hash: &ContentHash) -> io::Result<()> {
        let name = self.name(path);
        let line = line(name, stamp, Some(hash));
        self.contents.insert(*hash, name);
        self.known.insert(name, KnownFile { stamp, is_baseline: false });
        self.file.write_all(&line)
    }

    /// Deletes it: the folder is not watched any more, and would be new the next time.
    pub fn delete(self) -> io::Result<()> {
        std::fs::remove_file(&self.path)
    }
}

fn log_path(folders: &Folders, folder: &Path, to: &Destination) -> PathBuf {
    let mut hasher = HighwayHasher::default();
    let account = to.account.as_deref().unwrap_or_default();
    for part in
        [folder.as_os_str().as_encoded_bytes(), to.provider.as_bytes(), to.key.as_bytes(), account.as_bytes()]
    {
        hasher.append(&(part.len() as u64).to_le_bytes());
        hasher.append(part);
    }
    folders.data.join("watched").join(format!("{:016x}.jsonl", hasher.finalize64()))
}

fn line(name: NameHash, stamp: FileStamp, hash: Option<&ContentHash>) -> Vec<u8> {
    let line = LogLine {
        name,
        size: stamp.size,
        modified: stamp.modified.and_then(files::nanoseconds),
        hash: hash.map(|hash| BASE64.encode(hash.0)),
    };
    let mut line = serde_json::to_vec(&line).unwrap_or_default();
    line.push(b'\n');
    line
}

/// Reads the next line, and no more of it than a line has; false at the end.
fn bounded_line(reader: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    line.clear();
    io::Read::take(reader, MAX_LINE as u64).read_until(b'\n', line)?;
    Ok(!line.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Home {
        home: tempfile::TempDir,
        folder: PathBuf,
    }

    impl Home {
        fn new() -> Home {
            let home = tempfile::tempdir().unwrap();
            let folder = home.path().join("renders");
            std::fs::create_dir(&folder).unwrap();
            Home { home, folder }
        }

        fn open(&self, account: &str) -> Result<WatchLog, WatchLogError> {
            let to = Destination {
                name: "Any".into(),
                provider: "any".into(),
                key: "any".into(),
                account: Some(account.into()),
                options: std::collections::BTreeMap::default(),
                fit: crate::model::fit::FitRules::default(),
            };
            WatchLog::open(&Folders::inside(self.home.path()), &self.folder, &to)
        }

        fn log(&self) -> WatchLog {
            self.open("a").unwrap()
        }

        fn file(&self, name: &str, text: &str) -> (PathBuf, FileStamp) {
            let path = self.folder.join(name);
            std::fs::write(&path, text).unwrap();
            let stamp = FileStamp::read(&path).unwrap();
            (path, stamp)
        }
    }

    const HASH: ContentHash = ContentHash([7; 32]);

    #[test]
    fn what_is_settled_is_known_to_the_next_run_by_its_name_and_by_its_content() {
        let home = Home::new();
        let (path, stamp) = home.file("a.png", "1");
        let mut log = home.log();
        assert!(log.is_new() && !log.knows(&path, stamp) && log.file_of(&HASH).is_none());
        log.begin(&[]).unwrap();
        log.settle(&path, stamp, &HASH).unwrap();
        drop(log);
        let log = home.log();
        assert!(!log.is_new() && log.knows(&path, stamp) && log.file_of(&HASH) == Some(log.name(&path)));
        let (_, written_again) = home.file("a.png", "12");
        assert!(!log.knows(&path, written_again));
        assert!(home.open("b").unwrap().file_of(&HASH).is_none(), "another account has a log of its own");
        log.delete().unwrap();
        assert!(home.log().is_new());
    }

    #[test]
    fn what_was_there_before_is_known_until_it_is_forgotten_and_no_name_is_written() {
        let home = Home::new();
        let (path, stamp) = home.file("a.png", "1");
        let mut log = home.log();
        log.begin(&[(path.clone(), stamp)]).unwrap();
        let alike = |log: &WatchLog| log.alike(stamp).collect::<Vec<_>>();
        assert!(log.knows(&path, stamp) && alike(&log) == [log.name(&path)]);
        drop(log);
        let mut log = home.log();
        assert!(!log.is_new() && log.knows(&path, stamp) && alike(&log) == [log.name(&path)]);
        assert!(!std::fs::read_to_string(&log.path).unwrap().contains("a.png"));
        log.forget_baseline();
        assert!(!log.knows(&path, stamp) && alike(&log).is_empty());
    }

    #[test]
    fn a_run_that_was_killed_while_it_began_has_not_begun() {
        let home = Home::new();
        let files = [home.file("a.png", "1"), home.file("b.png", "12")];
        let mut log = home.log();
        log.begin(&files).unwrap();
        let path = log.path.clone();
        drop(log);
        let whole = std::fs::read(&path).unwrap();
        for cut in 0..whole.len() - 1 {
            std::fs::write(&path, &whole[..cut]).unwrap();
            assert!(home.log().is_new(), "cut at {cut}");
        }
    }

    #[test]
    fn a_line_that_was_not_finished_loses_no_other() {
        let home = Home::new();
        let (one, two) = (home.file("a.png", "1"), home.file("b.png", "12"));
        let mut log = home.log();
        log.settle(&one.0, one.1, &HASH).unwrap();
        let path = log.path.clone();
        drop(log);
        let whole = std::fs::read(&path).unwrap();
        for cut in 0..whole.len() {
            std::fs::write(&path, [&whole[..], &whole[..cut]].concat()).unwrap();
            let mut log = home.log();
            assert!(log.knows(&one.0, one.1));
            log.settle(&two.0, two.1, &ContentHash([8; 32])).unwrap();
            drop(log);
            let log = home.log();
            assert!(log.knows(&one.0, one.1) && log.knows(&two.0, two.1), "cut at {cut}");
            drop(log);
        }
    }

    #[test]
    fn two_programs_do_not_watch_a_folder_for_one_account() {
        let home = Home::new();
        let log = home.log();
        assert!(matches!(home.open("a"), Err(WatchLogError::Watched)));
        assert!(home.open("b").is_ok());
        drop(log);
        assert!(home.open("a").is_ok());
    }
}
