//! Walking a folder: which files in it are media, and what of it is left out. Bounded in everything, since a folder may
//! hold a whole disk, and links that lead in circles.

use std::collections::{HashSet, VecDeque};
use std::fs::{self, File, Metadata};
use std::io::Read;
use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use super::inspect::{self, recognise};
use crate::model::media::{DetectedType, Media};
use crate::model::natural_sort::Natural;
use crate::model::record::name_of;

/// So many files without an extension are opened to see what they are.
const MAX_OPENED: usize = 1000;

/// How far a walk goes.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Entries that are looked at.
    pub entries: usize,
    /// Files that are collected.
    pub files: usize,
    /// Folders within each other.
    pub depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { entries: 100_000, files: 10_000, depth: 32 }
    }
}

/// A file that is media.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundFile {
    /// By the way that the walk came to it.
    pub path: PathBuf,
    /// Its size in bytes.
    pub size: u64,
}

/// What is in a folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScanResult {
    /// The media in it, in the order people expect.
    pub files: Vec<FoundFile>,
    /// Folders in it that were looked into.
    pub folders: usize,
    /// Files and folders whose name begins with a dot.
    pub hidden: usize,
    /// What is no media, and what is no ordinary file.
    pub other: usize,
    /// Links that lead to a folder that is in it already, or that it is in.
    pub cycles: usize,
    /// Parts that cannot be read.
    pub unreadable: usize,
    /// The name of the first of them, as it may be shown.
    pub first_unreadable: Option<String>,
    /// Folders that lie too deep to be looked into.
    pub too_deep: usize,
    /// Media beyond what is collected.
    pub over_limit: usize,
    /// There is more than is looked at.
    pub truncated: bool,
}

impl ScanResult {
    /// Takes in what is in another folder.
    pub fn add(&mut self, other: ScanResult, limits: Limits) {
        self.files.extend(other.files);
        self.folders += other.folders;
        self.hidden += other.hidden;
        self.other += other.other;
        self.cycles += other.cycles;
        self.unreadable += other.unreadable;
        self.first_unreadable = self.first_unreadable.take().or(other.first_unreadable);
        self.too_deep += other.too_deep;
        self.over_limit += other.over_limit;
        self.truncated |= other.truncated;
        self.cut(limits);
    }

    fn cut(&mut self, limits: Limits) {
        self.over_limit += self.files.len().saturating_sub(limits.files);
        self.files.truncate(limits.files);
    }
}

/// Looks through a folder. Before each entry `keep_going` is told how many files were found so far; it ends where that says
/// no.
pub fn walk(root: &Path, limits: Limits, keep_going: impl FnMut(usize) -> bool) -> ScanResult {
    let mut walk = Walk {
        root: fs::canonicalize(root).ok(),
        limits,
        keep_going,
        walked: ScanResult::default(),
        entries: 0,
        opened: 0,
        seen: HashSet::new(),
        links: VecDeque::new(),
    };
    let mut on = walk.tree(root, 0);
    // After everything that is there itself, so that nothing is in it twice.
    while let Some((link, depth)) = walk.links.pop_front().filter(|_| on) {
        on = match fs::canonicalize(&link) {
            Ok(target) if walk.is_circle(&target) => {
                walk.walked.cycles += 1;
                true
            }
            Ok(_) => walk.tree(&link, depth),
            Err(_) => {
                walk.unreadable(&link);
                true
            }
        };
    }
    let mut walked = walk.walked;
    walked
        .files
        .sort_by_cached_key(|file| Natural::of_path(file.path.strip_prefix(root).unwrap_or(&file.path)));
    walked.cut(limits);
    walked
}

struct Walk<F> {
    /// Without links in it.
    root: Option<PathBuf>,
    limits: Limits,
    keep_going: F,
    walked: ScanResult,
    entries: usize,
    opened: usize,
    /// Folders that were looked into, without links in their paths.
    seen: HashSet<PathBuf>,
    /// Links to folders, and how deep they are.
    links: VecDeque<(PathBuf, usize)>,
}

impl<F: FnMut(usize) -> bool> Walk<F> {
    /// Looks through what is in a folder that is so deep itself; false where nothing more is to be looked at.
    fn tree(&mut self, top: &Path, depth: usize) -> bool {
        let walker = WalkDir::new(top).max_depth(self.limits.depth.saturating_sub(depth));
        // As many folders open as can be within each other: with fewer, one of any length would be read into memory.
        let mut entries = walker.max_open(self.limits.depth + 2).into_iter();
        while let Some(entry) = entries.next() {
            if self.entries > self.limits.entries {
                self.walked.truncated = true;
                return false;
            }
            self.entries += 1; // the folder itself is one
            if !(self.keep_going)(self.walked.files.len()) {
                return false;
            }
            let inside = entry.as_ref().map_or_else(walkdir::Error::depth, DirEntry::depth);
            let entry = match entry {
                Ok(entry) if inside > 0 && is_hidden(entry.path()) => {
                    self.walked.hidden += 1;
                    if entry.file_type().is_dir() {
                        entries.skip_current_dir();
                    }
                    continue;
                }
                Ok(entry) => entry,
                Err(e) => {
                    let path = e.path().unwrap_or(top);
                    match inside > 0 && is_hidden(path) {
                        true => self.walked.hidden += 1,
                        false => self.unreadable(path),
                    }
                    continue;
                }
            };
            if inside > 0 && !entry.file_type().is_dir() {
                self.file(&entry, depth + inside);
            } else if !self.folder(&entry, depth + inside) {
                entries.skip_current_dir();
            }
        }
        true
    }

    /// Returns whether a folder is to be looked into: once, and where it does not lie too deep.
    fn folder(&mut self, entry: &DirEntry, depth: usize) -> bool {
        if fs::canonicalize(entry.path()).is_ok_and(|path| !self.seen.insert(path)) {
            return false;
        }
        if depth >= self.limits.depth {
            self.walked.too_deep += 1;
            return false;
        }
        self.walked.folders += usize::from(depth > 0);
        true
    }

    fn file(&mut self, entry: &DirEntry, depth: usize) {
        let kind = entry.file_type();
        if kind.is_symlink() {
            match fs::metadata(entry.path()) {
                Ok(meta) if meta.is_dir() => self.links.push_back((entry.path().to_owned(), depth)),
                Ok(meta) => self.candidate(entry.path(), &meta),
                Err(_) => self.unreadable(entry.path()),
            }
        } else if !kind.is_file() || !may_be_media(entry.path()) {
            self.walked.other += 1;
        } else {
            match entry.metadata() {
                Ok(meta) => self.candidate(entry.path(), &meta),
                Err(_) => self.unreadable(entry.path()),
            }
        }
    }

    /// Takes a file that is media.
    fn candidate(&mut self, path: &Path, meta: &Metadata) {
        let is_media = meta.is_file()
            && match path.extension() {
                Some(_) => may_be_media(path),
                None => {
                    self.opened < MAX_OPENED && {
                        self.opened += 1;
                        begins_as_media(path)
                    }
                }
            };
        match is_media {
            true => self.walked.files.push(FoundFile { path: path.to_owned(), size: meta.len() }),
            false => self.walked.other += 1,
        }
    }

    /// Returns whether a link leads to where everything was looked at already, or to what the whole folder is in.
    fn is_circle(&self, target: &Path) -> bool {
        self.seen.contains(target) || self.root.as_ref().is_some_and(|root| root.starts_with(target))
    }

    fn unreadable(&mut self, path: &Path) {
        self.walked.unreadable += 1;
        self.walked.first_unreadable.get_or_insert_with(|| name_of(path));
    }
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."))
}

/// Returns whether a walk through a folder would list a file in it: an ordinary file that is media by its name, or by its
/// first bytes where its name does not say, and nothing between the folder and the file is hidden.
pub fn lists(root: &Path, path: &Path) -> bool {
    let Ok(below) = path.strip_prefix(root) else { return false };
    let is_seen = !below.iter().any(|part| is_hidden(Path::new(part)));
    is_seen
        && may_be_media(path)
        && fs::metadata(path).is_ok_and(|meta| meta.is_file())
        && (path.extension().is_some() || begins_as_media(path))
}

/// Returns whether a file may be media by its name alone: with another extension it is none, without one its first
/// bytes tell.
fn may_be_media(path: &Path) -> bool {
    match path.extension() {
        Some(extension) => extension.to_str().and_then(Media::from_extension).is_some(),
        None => true,
    }
}

fn begins_as_media(path: &Path) -> bool {
    let mut first = vec![];
    let read =
        File::open(path).and_then(|file| file.take(inspect::FIRST_BYTES as u64).read_to_end(&mut first));
    read.is_ok() && matches!(recognise(&first, ""), DetectedType::Known(_))
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::os::unix::net::UnixListener;

    use super::*;

    /// A folder with empty files of these names; what ends with a slash is a folder.
    fn made(names: &[&str]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for name in names {
            let path = dir.path().join(name);
            fs::create_dir_all(if name.ends_with('/') { &path } else { path.parent().unwrap() }).unwrap();
            if !name.ends_with('/') {
                fs::write(&path, name).unwrap();
            }
        }
        dir
    }

    fn all(dir: &Path) -> ScanResult {
        walk(dir, Limits::default(), |_| true)
    }

    fn names(walked: &ScanResult, dir: &Path) -> Vec<String> {
        let name = |file: &FoundFile| file.path.strip_prefix(dir).unwrap().to_string_lossy().into_owned();
        walked.files.iter().map(name).collect()
    }

    #[test]
    fn media_are_found_in_order_and_the_rest_is_counted() {
        let dir = made(&[
            "take 10.png",
            "take 2.PNG",
            "b/1.mp3",
            "b/c/x.webm",
            "notes.txt",
            "b/.secret.png",
            ".git/a.png",
            ".git/b.png",
            "empty/",
            "README",
        ]);
        let walked = all(dir.path());
        assert_eq!(names(&walked, dir.path()), ["b/1.mp3", "b/c/x.webm", "take 2.PNG", "take 10.png"]);
        assert_eq!((walked.folders, walked.hidden, walked.other), (3, 2, 2));
        assert_eq!(walked.files[0].size, 7);
        let clean = ScanResult { files: vec![], folders: 0, hidden: 0, other: 0, ..walked };
        assert_eq!(clean, ScanResult::default(), "nothing else is to be said");
    }

    #[test]
    fn a_hidden_folder_that_was_meant_is_looked_into() {
        let dir = made(&[".exports/a.png"]);
        assert_eq!(all(&dir.path().join(".exports")).files.len(), 1);
    }

    #[test]
    fn without_an_extension_the_first_bytes_tell() {
        let dir = made(&["LICENSE", "empty"]);
        fs::write(dir.path().join("export"), b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR").unwrap();
        let walked = all(dir.path());
        assert_eq!((names(&walked, dir.path()), walked.other), (vec!["export".to_owned()], 2));
    }

    #[test]
    fn links_are_followed_once_and_circles_are_noticed() {
        let dir = made(&["in/a.png", "in/deep/b.png", "out/c.png", "out/d.png"]);
        let root = dir.path().join("in");
        symlink(&root, root.join("deep/itself")).unwrap();
        symlink("..", root.join("above")).unwrap();
        symlink(root.join("deep"), root.join("again")).unwrap();
        symlink(dir.path().join("out"), root.join("away")).unwrap();
        symlink(dir.path().join("out"), root.join("away too")).unwrap();
        symlink(dir.path().join("out/c.png"), root.join("link.png")).unwrap();
        symlink(dir.path().join("gone.png"), root.join("dangling.png")).unwrap();
        let walked = all(&root);
        let expected = ["a.png", "away/c.png", "away/d.png", "deep/b.png", "link.png"];
        let found = names(&walked, &root);
        // Which of two links comes first is the disk's to say.
        assert_eq!(found.iter().map(|n| n.replace("away too", "away")).collect::<Vec<_>>(), expected);
        assert_eq!((walked.cycles, walked.folders), (4, 2));
        assert_eq!((walked.unreadable, walked.first_unreadable.as_deref()), (1, Some("dangling.png")));
        assert_eq!(all(&root.join("deep/itself")).files.len(), 5, "a link that was meant is looked into");
    }

    #[test]
    fn a_link_is_as_deep_as_where_it_stands() {
        let dir = made(&["in/sub/", "out/1/2/3/a.png"]);
        symlink(dir.path().join("out"), dir.path().join("in/sub/link")).unwrap();
        let limits = |depth| Limits { depth, ..Limits::default() };
        let walked = walk(&dir.path().join("in"), limits(5), |_| true);
        assert_eq!((walked.files.len(), walked.too_deep), (0, 1));
        let walked = walk(&dir.path().join("in"), limits(6), |_| true);
        assert_eq!((walked.files.len(), walked.too_deep), (1, 0));
    }

    #[test]
    fn what_is_no_file_is_never_opened() {
        let dir = made(&["a.png"]);
        for name in ["pipe.png", "pipe"] {
            let path = dir.path().join(name);
            assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
        }
        let _socket = UnixListener::bind(dir.path().join("socket.png")).unwrap();
        symlink("/dev/zero", dir.path().join("zero.png")).unwrap();
        symlink("/dev/zero", dir.path().join("zero")).unwrap();
        let walked = all(dir.path());
        assert_eq!((names(&walked, dir.path()), walked.other), (vec!["a.png".to_owned()], 5));
    }

    #[test]
    fn what_cannot_be_read_is_counted_and_named() {
        let dir = made(&["private/a.png", "b.png"]);
        let private = dir.path().join("private");
        fs::set_permissions(&private, fs::Permissions::from_mode(0o0)).unwrap();
        // Root may read everything.
        let may = fs::read_dir(&private).is_ok();
        let walked = all(dir.path());
        fs::set_permissions(&private, fs::Permissions::from_mode(0o700)).unwrap();
        let expected = if may { (2, 0, None) } else { (1, 1, Some("private")) };
        assert_eq!((walked.files.len(), walked.unreadable, walked.first_unreadable.as_deref()), expected);
        let gone = all(&dir.path().join("gone"));
        assert_eq!((gone.unreadable, gone.first_unreadable.as_deref()), (1, Some("gone")));
    }

    #[test]
    fn names_in_no_encoding_are_found_all_the_same() {
        let dir = made(&[]);
        for name in [&b"\xff\xfe.png"[..], b"caf\xe9.mp3", b"x.p\xff", b"\xff"] {
            fs::write(dir.path().join(OsStr::from_bytes(name)), b"").unwrap();
        }
        let walked = all(dir.path());
        assert_eq!((walked.files.len(), walked.other), (2, 2));
    }

    #[test]
    fn no_walk_is_longer_than_its_limits() {
        let many: Vec<_> = (0..40).map(|n| format!("{n}.png")).collect();
        let dir = made(&many.iter().map(String::as_str).collect::<Vec<_>>());
        let limits = Limits { entries: 40, files: 30, depth: 2 };
        let walked = walk(dir.path(), limits, |_| true);
        assert_eq!((walked.files.len(), walked.over_limit, walked.truncated), (30, 10, false));
        assert_eq!(names(&walked, dir.path())[29], "29.png", "the first ones, in order");
        fs::write(dir.path().join("more.png"), b"").unwrap();
        let walked = walk(dir.path(), limits, |_| true);
        assert_eq!((walked.files.len() + walked.over_limit, walked.truncated), (40, true));
        let mut sum = walk(dir.path(), Limits { files: 20, ..limits }, |_| true);
        sum.add(walk(dir.path(), limits, |_| true), limits);
        assert_eq!(
            (sum.files.len(), sum.over_limit, sum.truncated),
            (30, 50, true),
            "together no more than alone"
        );
    }

    #[test]
    fn what_lies_too_deep_is_counted_and_not_looked_into() {
        let dir = made(&["1/2/3/a.png", "1/2/b.png", "1/c.png"]);
        let walked = walk(dir.path(), Limits { depth: 2, ..Limits::default() }, |_| true);
        assert_eq!(names(&walked, dir.path()), ["1/c.png"]);
        assert_eq!((walked.too_deep, walked.folders), (1, 1));
    }

    #[test]
    fn a_walk_ends_when_nobody_wants_it_any_more() {
        let dir = made(&["1.png", "2.png", "3.png", "4.png"]);
        let mut asked = 0;
        let walked = walk(dir.path(), Limits::default(), |_| {
            asked += 1;
            asked <= 3
        });
        assert_eq!((asked, walked.files.len()), (4, 2), "the folder itself and two files");
    }
}
