//! The thread of one watched folder: finds files, waits until each is whole, and passes on every content once.
//!
//! News of the system say at once what came. They are not relied on: the folder is walked every so often, too, since a
//! network drive tells nothing, and a full queue drops news.

use std::collections::{HashMap, HashSet};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use notify::event::{AccessKind, AccessMode, EventKind, ModifyKind, RenameMode};
use notify::{RecommendedWatcher, RecursiveMode, Watcher as _};

use crate::media::folder::{self, Limits};
use crate::media::hash::{self, FileStamp};
use crate::media::watch::Arrivals;
use crate::model::destination::Destination;
use crate::model::media::ContentHash;
use crate::model::text::{count, sanitize};
use crate::session::background::Wake;
use crate::store::folders::Folders;
use crate::store::watch_log::{NameHash, WatchLog, WatchLogError};

/// Between two looks at files that are not whole yet.
const TICK: Duration = Duration::from_millis(200);

/// What a walk goes through: more than a drop, since no person waits for it.
const LIMITS: Limits = Limits { entries: 1_000_000, files: 200_000, depth: 32 };

/// A walk is repeated after so many times as long as it took, at least.
const REST: u32 = 50;

/// A file that was not sent is passed on again after twice as long each time, up to so many doublings.
const MAX_DOUBLINGS: u32 = 6;

/// Whether the system says that a program has closed a file that it wrote.
const TELLS_CLOSED: bool = cfg!(target_os = "linux");

/// How long things take while a folder is watched.
#[derive(Clone, Copy, Debug)]
pub struct WatchTimes {
    /// A file that did not change for so long is whole, where the system does not say who has it open.
    pub still: Duration,
    /// The folder is walked so often, whatever the system tells.
    pub walk: Duration,
    /// A file that could not be sent is passed on again after so long; then after twice as long.
    pub retry: Duration,
}

impl Default for WatchTimes {
    fn default() -> WatchTimes {
        WatchTimes {
            still: Duration::from_secs(1),
            walk: Duration::from_secs(10),
            retry: Duration::from_mins(1),
        }
    }
}

/// Why a folder cannot be watched.
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
    /// There is no such folder.
    #[error("{} is not a folder", sanitize(&.0.to_string_lossy()))]
    NotAFolder(PathBuf),
    /// What was sent before is not known, so nothing is sent.
    #[error("{} is not watched. {why}", sanitize(&.folder.to_string_lossy()))]
    Log {
        /// The one that was to be watched.
        folder: PathBuf,
        /// What is wrong with the log.
        why: WatchLogError,
    },
}

/// A file that is whole, and whose content was not passed on before.
#[derive(Clone, Debug)]
pub(super) struct WatchedFile {
    pub(super) path: PathBuf,
    pub(super) hash: ContentHash,
}

/// What the thread found.
pub(super) enum WatchNews {
    /// It watches.
    Began,
    /// It cannot be watched.
    Refused(WatchError),
    Found(WatchedFile),
    /// A file has the content of another one, and is not passed on.
    Repeated(PathBuf),
    /// Something that a person should know: a sentence.
    Problem(String),
}

/// What came of a file that was passed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WatchEnd {
    /// It was sent, or may have been, or was refused for good.
    Settled,
    /// It was not sent, for a reason that may go away.
    Unsent {
        /// It is passed on again by and by; else when it changes, or by the next run.
        again: bool,
    },
}

enum WatchMessage {
    Event(notify::Result<notify::Event>),
    Ended(ContentHash, WatchEnd),
    Stop {
        /// Whether the folder is new when it is watched again.
        forget: bool,
    },
}

/// A handle to the thread. It ends with this.
pub(super) struct FolderWatch {
    messages: Sender<WatchMessage>,
    news: Receiver<WatchNews>,
}

/// What is watched.
pub(super) struct WatchStart {
    /// Of Hoist's own.
    pub(super) folders: Folders,
    pub(super) folder: PathBuf,
    pub(super) to: Arc<Destination>,
    /// What is there already is sent, too.
    pub(super) existing: bool,
    /// It was watched before, and may be on a disk that is not there now.
    pub(super) may_be_away: bool,
}

impl FolderWatch {
    /// Starts a thread for it; what it finds is news.
    pub(super) fn start(start: WatchStart, times: WatchTimes, wake: Wake) -> std::io::Result<FolderWatch> {
        let (messages, inbox) = mpsc::channel();
        let (out, news) = mpsc::channel();
        let outbox = Outbox { out, wake };
        let events = messages.clone();
        std::thread::Builder::new().name("hoist-watch".into()).spawn(move || match open(&start) {
            Ok((folder, log)) => {
                FolderWatcher::new(folder, log, times, outbox).run(&inbox, &events, start.existing);
            }
            Err(why) => outbox.send(WatchNews::Refused(why)),
        })?;
        Ok(FolderWatch { messages, news })
    }

    pub(super) fn try_news(&self) -> Option<WatchNews> {
        self.news.try_recv().ok()
    }

    /// Says what came of a content that was passed on.
    pub(super) fn end(&self, hash: ContentHash, end: WatchEnd) {
        let _ = self.messages.send(WatchMessage::Ended(hash, end)); // gone: the next run finds the file again
    }

    /// Ends the thread, and forgets what it knew.
    pub(super) fn forget(self) {
        let _ = self.messages.send(WatchMessage::Stop { forget: true });
    }
}

impl Drop for FolderWatch {
    fn drop(&mut self) {
        let _ = self.messages.send(WatchMessage::Stop { forget: false });
    }
}

/// Opens what is known of a folder. Returns its path without symbolic links in it. One that is away is waited for where
/// its files are known: of all others it could not be told later which of them are new.
fn open(start: &WatchStart) -> Result<(PathBuf, WatchLog), WatchError> {
    let WatchStart { folders, folder, to, may_be_away, .. } = start;
    let not_a_folder = || WatchError::NotAFolder(folder.clone());
    let there = std::fs::canonicalize(folder).ok().filter(|path| path.is_dir());
    let is_away = there.is_none();
    let path = there.or_else(|| may_be_away.then(|| folder.clone())).ok_or_else(not_a_folder)?;
    let log =
        WatchLog::open(folders, &path, to).map_err(|why| WatchError::Log { folder: folder.clone(), why })?;
    if is_away && log.is_new() {
        if let Err(e) = log.delete() {
            tracing::warn!("what is known of a folder that is away stays: {}", e.kind());
        }
        return Err(not_a_folder());
    }
    Ok((path, log))
}

/// Where news go.
struct Outbox {
    out: Sender<WatchNews>,
    wake: Wake,
}

impl Outbox {
    fn send(&self, news: WatchNews) {
        if self.out.send(news).is_ok() {
            (self.wake)();
        }
    }

    fn warn(&self, folder: &Path, what: &str) {
        self.send(WatchNews::Problem(format!("{} {what}", sanitize(&folder.to_string_lossy()))));
    }
}

/// A file that was passed on, of whose content nothing has come yet.
struct OpenFile {
    path: PathBuf,
    stamp: FileStamp,
    /// Others with the same content.
    copies: Vec<(PathBuf, FileStamp)>,
}

struct FolderWatcher {
    folder: PathBuf,
    log: WatchLog,
    arrivals: Arrivals,
    open: HashMap<ContentHash, OpenFile>,
    /// Files that are open, or that are left until they change.
    passed_on: HashMap<PathBuf, FileStamp>,
    /// Files to be passed on again, and when.
    unsent: Vec<(Instant, PathBuf)>,
    doublings: HashMap<ContentHash, u32>,
    times: WatchTimes,
    events: Option<RecommendedWatcher>,
    next_walk: Instant,
    is_missing: bool,
    /// The files that are there, where that had to be looked at.
    present: Option<HashSet<NameHash>>,
    outbox: Outbox,
}

impl FolderWatcher {
    fn new(folder: PathBuf, log: WatchLog, times: WatchTimes, outbox: Outbox) -> FolderWatcher {
        FolderWatcher {
            folder,
            log,
            arrivals: Arrivals::new(times.still),
            open: HashMap::new(),
            passed_on: HashMap::new(),
            unsent: vec![],
            doublings: HashMap::new(),
            times,
            events: None,
            next_walk: Instant::now(),
            is_missing: false,
            present: None,
            outbox,
        }
    }

    fn run(mut self, inbox: &Receiver<WatchMessage>, messages: &Sender<WatchMessage>, existing: bool) {
        self.watch_events(messages);
        self.begin(inbox, existing);
        loop {
            match inbox.recv_timeout(self.pause()) {
                Ok(WatchMessage::Stop { forget }) => return self.stop(forget),
                Ok(message) => self.on_message(message),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            while let Ok(message) = inbox.try_recv() {
                if let WatchMessage::Stop { forget } = message {
                    return self.stop(forget);
                }
                self.on_message(message);
            }
            let now = Instant::now();
            for (_, path) in self.unsent.extract_if(.., |(due, _)| *due <= now) {
                self.arrivals.note(path, now);
            }
            if now >= self.next_walk {
                if self.is_missing || self.events.is_none() {
                    self.watch_events(messages);
                }
                self.walk();
            }
            self.pass_on_whole();
        }
    }

    fn stop(self, forget: bool) {
        if forget && let Err(e) = self.log.delete() {
            tracing::warn!("what is known of a watched folder stays: {}", e.kind());
        }
    }

    /// Returns how long nothing is to be done.
    fn pause(&self) -> Duration {
        let due = self.unsent.iter().map(|(due, _)| *due).chain([self.next_walk]).min();
        let left = due.map_or(TICK, |due| due.saturating_duration_since(Instant::now()));
        if self.arrivals.is_empty() { left } else { left.min(TICK) }
    }

    /// Has the system tell what happens in the folder. Where it cannot, walks find it.
    fn watch_events(&mut self, messages: &Sender<WatchMessage>) {
        let messages = messages.clone();
        let watcher = notify::recommended_watcher(move |event| {
            let _ = messages.send(WatchMessage::Event(event));
        });
        let watched = watcher.and_then(|mut watcher| {
            watcher.watch(&self.folder, RecursiveMode::Recursive)?;
            Ok(watcher)
        });
        self.events = watched.inspect_err(|e| tracing::info!("a folder is only walked: {e}")).ok();
    }

    /// Writes down what was there before, unless that is sent, too. What the system told of meanwhile was not.
    fn begin(&mut self, inbox: &Receiver<WatchMessage>, existing: bool) {
        let is_new = self.log.is_new();
        if existing {
            self.log.forget_baseline();
        }
        let there = if is_new && !existing { self.list() } else { vec![] };
        while let Ok(message) = inbox.try_recv() {
            self.on_message(message);
        }
        let there: Vec<_> = there.into_iter().filter(|(path, _)| !self.arrivals.has(path)).collect();
        if is_new && let Err(e) = self.log.begin(&there) {
            self.warn_unwritten(&e);
        }
        self.next_walk = Instant::now();
        self.outbox.send(WatchNews::Began);
    }

    fn on_message(&mut self, message: WatchMessage) {
        match message {
            WatchMessage::Event(event) => self.on_event(event),
            WatchMessage::Ended(hash, end) => self.on_ended(hash, end),
            WatchMessage::Stop { .. } => {}
        }
    }

    fn on_event(&mut self, event: notify::Result<notify::Event>) {
        let now = Instant::now();
        let Ok(event) = event else {
            self.next_walk = now;
            return;
        };
        if event.need_rescan() {
            self.arrivals.forget_open_files(now);
            self.next_walk = now;
            return;
        }
        match (event.kind, event.paths.as_slice()) {
            (EventKind::Access(AccessKind::Close(AccessMode::Write)), paths) => {
                for path in paths {
                    self.note(path, now);
                    self.arrivals.set_closed(path);
                }
            }
            (EventKind::Modify(ModifyKind::Data(_)), paths) if TELLS_CLOSED => {
                for path in paths {
                    self.note(path, now);
                    self.arrivals.set_open(path);
                }
            }
            (EventKind::Modify(ModifyKind::Name(RenameMode::Both)), [from, to]) => {
                self.arrivals.rename(from, to);
                self.note(to, now);
            }
            (EventKind::Modify(ModifyKind::Name(RenameMode::From)) | EventKind::Access(_), _) => {}
            (EventKind::Remove(_), paths) => paths.iter().for_each(|path| self.arrivals.remove(path)),
            (_, paths) => paths.iter().for_each(|path| self.note(path, now)),
        }
    }

    /// Notes that a file is there, if it is one that is sent.
    fn note(&mut self, path: &Path, now: Instant) {
        if self.arrivals.has(path) {
            return;
        }
        if folder::lists(&self.folder, path) {
            self.arrivals.note(path.to_owned(), now);
        } else if path.is_dir() {
            self.next_walk = now; // the system tells nothing of what is in a folder that came
        }
    }

    fn on_ended(&mut self, hash: ContentHash, end: WatchEnd) {
        let Some(file) = self.open.remove(&hash) else { return };
        let now = Instant::now();
        match end {
            WatchEnd::Settled => {
                self.doublings.remove(&hash);
                self.settle(&file.path, file.stamp, &hash);
                for (path, stamp) in file.copies {
                    self.settle(&path, stamp, &hash);
                    self.outbox.send(WatchNews::Repeated(path));
                }
            }
            WatchEnd::Unsent { again } => {
                // Another one of the same content may be there where this one is not any more.
                for (path, _) in file.copies {
                    self.passed_on.remove(&path);
                    self.arrivals.note(path, now);
                }
                if again {
                    let doublings = self.doublings.entry(hash).or_default();
                    let pause = self.times.retry * 2_u32.pow((*doublings).min(MAX_DOUBLINGS));
                    *doublings += 1;
                    self.passed_on.remove(&file.path);
                    self.unsent.push((now + pause, file.path));
                }
            }
        }
    }

    fn settle(&mut self, path: &Path, stamp: FileStamp, hash: &ContentHash) {
        self.passed_on.remove(path);
        if let Err(e) = self.log.settle(path, stamp, hash) {
            self.warn_unwritten(&e);
        }
    }

    fn warn_unwritten(&self, e: &std::io::Error) {
        // The history knows what was sent, too: the next run asks it.
        self.outbox.warn(
            &self.folder,
            &format!("is watched, and what was sent from it cannot be written down ({})", e.kind()),
        );
    }

    /// Returns whether a file is there that was written down.
    fn is_present(&mut self, name: NameHash) -> bool {
        if self.present.is_none() {
            let there = folder::walk(&self.folder, LIMITS, |_| true).files;
            self.present = Some(there.iter().map(|file| self.log.name(&file.path)).collect());
        }
        self.present.as_ref().is_some_and(|present| present.contains(&name))
    }

    /// Returns whether a file was there before the folder was watched, under another name.
    fn is_moved(&mut self, stamp: FileStamp) -> bool {
        let alike: Vec<_> = self.log.alike(stamp).collect();
        alike.into_iter().any(|name| !self.is_present(name))
    }

    /// Lists the media in the folder.
    fn list(&mut self) -> Vec<(PathBuf, FileStamp)> {
        let found = folder::walk(&self.folder, LIMITS, |_| true);
        if found.truncated || found.over_limit > 0 {
            self.outbox.warn(
                &self.folder,
                &format!("has more than {}: the rest of it is not watched", count(LIMITS.files, "file")),
            );
        }
        let stamped = |file: folder::FoundFile| FileStamp::read(&file.path).map(|stamp| (file.path, stamp));
        found.files.into_iter().filter_map(stamped).collect()
    }

    /// Looks for files that are not known.
    fn walk(&mut self) {
        let began = Instant::now();
        let was_missing = std::mem::replace(&mut self.is_missing, !self.folder.is_dir());
        if self.is_missing && !was_missing {
            self.outbox.warn(&self.folder, "is not there any more. Hoist goes on when it is back");
        }
        for (path, stamp) in self.list() {
            if !self.log.knows(&path, stamp) && self.passed_on.get(&path) != Some(&stamp) {
                self.arrivals.note(path, began);
            }
        }
        self.next_walk = Instant::now() + self.times.walk.max(began.elapsed() * REST);
    }

    fn pass_on_whole(&mut self) {
        self.present = None;
        for (path, stamp) in self.arrivals.take_whole(Instant::now()) {
            if self.log.knows(&path, stamp) || self.passed_on.get(&path) == Some(&stamp) {
                continue;
            }
            if self.is_moved(stamp) {
                if let Err(e) = self.log.add_baseline(&path, stamp) {
                    self.warn_unwritten(&e);
                }
                continue;
            }
            match hash::of_file(&path) {
                Ok(content) if content.stamp == stamp => self.pass_on(path, stamp, content.hash),
                Err(e) if e.kind() == ErrorKind::PermissionDenied => {
                    self.outbox.warn(&path, "cannot be read (permission denied)");
                    self.passed_on.insert(path, stamp);
                }
                // Written meanwhile, or held by a program for a moment.
                _ => self.arrivals.note(path, Instant::now()),
            }
        }
    }

    fn pass_on(&mut self, path: PathBuf, stamp: FileStamp, hash: ContentHash) {
        if let Some(other) = self.log.file_of(&hash) {
            let is_moved = !self.is_present(other);
            self.settle(&path, stamp, &hash);
            if !is_moved {
                self.outbox.send(WatchNews::Repeated(path));
            }
            return;
        }
        self.passed_on.insert(path.clone(), stamp);
        match self.open.get_mut(&hash) {
            Some(open) => open.copies.push((path, stamp)),
            None => {
                let open = OpenFile { path: path.clone(), stamp, copies: vec![] };
                self.open.insert(hash, open);
                self.outbox.send(WatchNews::Found(WatchedFile { path, hash }));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use notify::Event;
    use notify::event::Flag;

    use super::*;

    #[test]
    fn news_that_were_lost_bring_a_walk_at_once() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("renders");
        std::fs::create_dir(&folder).unwrap();
        let to: Destination = toml::from_str("name = \"A\"\nprovider = \"a\"\nkey = \"a\"").unwrap();
        let folders = Folders::inside(home.path());
        let start = WatchStart { folders, folder, to: Arc::new(to), existing: false, may_be_away: false };
        let (folder, log) = open(&start).unwrap();
        let (out, news) = mpsc::channel();
        let outbox = Outbox { out, wake: Arc::new(|| {}) };
        let mut watcher = FolderWatcher::new(folder, log, WatchTimes::default(), outbox);
        let later = Instant::now() + Duration::from_hours(1);
        // As the system says that its queue was full, and as it fails altogether.
        let overflow = || Ok(Event::new(EventKind::Other).set_flag(Flag::Rescan));
        let failure = || Err(notify::Error::generic("the network drive is gone"));
        for lost in [overflow(), failure()] {
            watcher.next_walk = later;
            watcher.on_event(lost);
            assert!(watcher.next_walk <= Instant::now());
        }
        // Other news do not.
        watcher.next_walk = later;
        watcher.on_event(Ok(Event::new(EventKind::Other)));
        assert_eq!(watcher.next_walk, later);
        drop(news);
    }
}
