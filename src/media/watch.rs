//! When a file of a watched folder is whole: told by the system where it says who has closed it, else by its stillness.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::hash::FileStamp;

/// Files that came or changed, until each is whole.
#[derive(Debug)]
pub struct Arrivals {
    files: HashMap<PathBuf, Arrival>,
    /// Files that a program writes and has not closed, whatever they are called.
    open: HashSet<PathBuf>,
    still: Duration,
}

#[derive(Clone, Copy, Debug)]
struct Arrival {
    stamp: Option<FileStamp>,
    /// When it was seen to change last.
    since: Instant,
    /// The program that wrote it has closed it since.
    is_closed: bool,
}

impl Arrivals {
    /// Returns none; `still`: a file of which nothing else is known is whole when it did not change for so long.
    pub fn new(still: Duration) -> Arrivals {
        Arrivals { files: HashMap::new(), open: HashSet::new(), still }
    }

    /// Returns whether there is none.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Returns whether a file is one of them.
    pub fn has(&self, path: &Path) -> bool {
        self.files.contains_key(path)
    }

    /// Notes that a file is there.
    pub fn note(&mut self, path: PathBuf, now: Instant) {
        self.files.entry(path).or_insert(Arrival { stamp: None, since: now, is_closed: false });
    }

    /// Notes that a program writes a file, which need not be one that is waited for: it may get another name.
    pub fn set_open(&mut self, path: &Path) {
        if !self.open.contains(path) {
            self.open.insert(path.to_owned());
        }
        if let Some(arrival) = self.files.get_mut(path) {
            arrival.is_closed = false;
        }
    }

    /// Notes that the program has closed it.
    pub fn set_closed(&mut self, path: &Path) {
        self.open.remove(path);
        if let Some(arrival) = self.files.get_mut(path) {
            arrival.is_closed = true;
        }
    }

    /// Notes that a file is not there any more.
    pub fn remove(&mut self, path: &Path) {
        self.open.remove(path);
        self.files.remove(path);
    }

    /// Notes that a file has another name: who had it open still has.
    pub fn rename(&mut self, from: &Path, to: &Path) {
        self.files.remove(from);
        if self.open.remove(from) {
            self.open.insert(to.to_owned());
        } else {
            self.open.remove(to);
        }
    }

    /// Forgets who has files open: signs were lost. Each is whole when it is still.
    pub fn forget_open_files(&mut self, now: Instant) {
        self.open.clear();
        for arrival in self.files.values_mut() {
            arrival.is_closed = false;
            arrival.since = now;
        }
    }

    /// Takes out the files that are whole, in the order of their names. What is not there any more is forgotten.
    pub fn take_whole(&mut self, now: Instant) -> Vec<(PathBuf, FileStamp)> {
        let mut whole = vec![];
        self.files.retain(|path, arrival| {
            let Some(stamp) = FileStamp::read(path) else { return false };
            if arrival.stamp.replace(stamp) != Some(stamp) {
                arrival.since = now;
            }
            // An empty file is one that is going to be written.
            let is_whole = stamp.size > 0
                && !self.open.contains(path)
                && (arrival.is_closed || now.duration_since(arrival.since) >= self.still)
                && !is_open_elsewhere(path);
            if is_whole {
                whole.push((path.clone(), stamp));
            }
            !is_whole
        });
        whole.sort_by(|(one, _), (other, _)| one.cmp(other));
        whole
    }
}

/// Returns whether a program has a file open to write it, where the system tells whoever opens it.
fn is_open_elsewhere(path: &Path) -> bool {
    #[cfg(windows)]
    {
        use std::os::windows::fs::OpenOptionsExt;
        /// `FILE_SHARE_READ`: it cannot be opened so while somebody writes it.
        const SHARE_READ: u32 = 1;
        /// `ERROR_SHARING_VIOLATION`.
        const SHARING_VIOLATION: i32 = 32;
        let opened = std::fs::OpenOptions::new().read(true).share_mode(SHARE_READ).open(path);
        opened.is_err_and(|e| e.raw_os_error() == Some(SHARING_VIOLATION))
    }
    #[cfg(not(windows))]
    {
        let _ = path;
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STILL: Duration = Duration::from_secs(1);

    struct Folder {
        dir: tempfile::TempDir,
        arrivals: Arrivals,
        start: Instant,
    }

    impl Folder {
        fn new() -> Folder {
            let dir = tempfile::tempdir().unwrap();
            Folder { dir, arrivals: Arrivals::new(STILL), start: Instant::now() }
        }

        fn path(&self, name: &str) -> PathBuf {
            self.dir.path().join(name)
        }

        fn write(&self, name: &str, text: &str) {
            std::fs::write(self.path(name), text).unwrap();
        }

        fn note(&mut self, name: &str, at: u64) {
            self.arrivals.note(self.path(name), self.start + Duration::from_millis(at));
        }

        fn whole(&mut self, at: u64) -> Vec<String> {
            let whole = self.arrivals.take_whole(self.start + Duration::from_millis(at));
            whole.iter().map(|(path, _)| path.file_name().unwrap().to_string_lossy().into_owned()).collect()
        }
    }

    #[test]
    fn a_file_that_is_only_there_is_whole_when_it_is_still() {
        let mut folder = Folder::new();
        folder.write("a.png", "1");
        folder.note("a.png", 0);
        assert!(folder.whole(0).is_empty());
        assert!(folder.whole(900).is_empty());
        folder.write("a.png", "12");
        assert!(folder.whole(1000).is_empty(), "it has grown");
        folder.note("a.png", 1500); // seen once more, which is no change
        assert!(folder.whole(1900).is_empty());
        assert_eq!(folder.whole(2000), ["a.png"]);
        assert!(folder.arrivals.is_empty() && folder.whole(9000).is_empty(), "it is taken once");
    }

    #[test]
    fn what_a_program_has_open_is_not_whole_however_long_it_is_still() {
        let mut folder = Folder::new();
        folder.write("a.mp4", "1");
        let path = folder.path("a.mp4");
        folder.arrivals.set_open(&path);
        folder.note("a.mp4", 0);
        assert!(folder.whole(0).is_empty() && folder.whole(3_600_000).is_empty());
        folder.arrivals.set_closed(&path);
        folder.arrivals.set_open(&path); // and written once more
        assert!(folder.whole(3_600_001).is_empty());
        folder.arrivals.set_closed(&path);
        assert_eq!(folder.whole(3_600_001), ["a.mp4"]);
    }

    #[test]
    fn a_new_name_does_not_close_a_file() {
        let mut folder = Folder::new();
        folder.write("a.png", "1");
        let (from, to) = (folder.path("a.tmp"), folder.path("a.png"));
        folder.arrivals.set_open(&from);
        folder.arrivals.rename(&from, &to);
        folder.note("a.png", 0);
        assert!(folder.whole(0).is_empty() && folder.whole(60_000).is_empty());
        let now = folder.start + Duration::from_mins(1);
        folder.arrivals.forget_open_files(now);
        assert!(folder.whole(60_000).is_empty(), "it has to be still from here on");
        assert_eq!(folder.whole(61_000), ["a.png"]);
        // What takes the place of a file that was open is another one.
        folder.arrivals.set_open(&to);
        folder.arrivals.rename(&folder.path("b.png"), &to);
        folder.note("a.png", 70_000);
        assert!(folder.whole(70_000).is_empty());
        assert_eq!(folder.whole(71_000), ["a.png"]);
    }

    #[test]
    fn what_is_empty_or_gone_is_no_file() {
        let mut folder = Folder::new();
        folder.write("empty.png", "");
        for name in ["empty.png", "gone.png"] {
            folder.note(name, 0);
            folder.arrivals.set_closed(&folder.path(name));
        }
        assert!(folder.whole(0).is_empty() && folder.whole(5000).is_empty());
        folder.write("empty.png", "1");
        assert_eq!(folder.whole(6000), ["empty.png"]);
        assert!(folder.arrivals.is_empty());
    }
}
