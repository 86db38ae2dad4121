//! What is added is sorted before it is staged: files are passed on, folders are looked through. On threads of its own,
//! since a network drive that went away may keep one waiting for minutes; what can be looked at does not wait for it.

mod scanner;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::Duration;

use scanner::{Scanner, WorkerPool};

use super::{Session, Wake};
use crate::media::error::ListError;
use crate::media::folder::{self, Limits, ScanResult};
use crate::media::listing::{self, Listing};
use crate::model::destination::Destination;
use crate::model::text::MB;

/// More files out of folders, or more bytes, are asked about first.
const UNASKED: (usize, u64) = (50, 500 * MB);

/// More of one folder is not listed.
const MAX_LISTED: usize = 10_000;

/// How the disk is looked at.
pub trait Look: Send + Sync {
    /// Whether a folder is there.
    fn is_folder(&self, path: &Path) -> bool;

    /// What is in a folder. `goes_on` is told how many files were found so far, and says whether to go on.
    fn walk(&self, folder: &Path, goes_on: &mut dyn FnMut(usize) -> bool) -> ScanResult;

    /// The names in a folder, or a sentence why there are none.
    fn list(&self, folder: &Path, goes_on: &dyn Fn() -> bool) -> Result<Listing, ListError>;
}

/// As it is.
#[derive(Clone, Copy, Debug)]
pub struct Disk;

impl Look for Disk {
    fn is_folder(&self, path: &Path) -> bool {
        std::fs::metadata(path).is_ok_and(|meta| meta.is_dir())
    }

    fn walk(&self, folder: &Path, goes_on: &mut dyn FnMut(usize) -> bool) -> ScanResult {
        folder::walk(folder, Limits::default(), goes_on)
    }

    fn list(&self, folder: &Path, goes_on: &dyn Fn() -> bool) -> Result<Listing, ListError> {
        listing::list(folder, MAX_LISTED, goes_on)
    }
}

/// What came of something that was added.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gathered {
    /// Files to be staged, in the order in which they were given.
    pub files: Vec<PathBuf>,
    /// Where they go: what was chosen when they were added.
    pub to: Option<Arc<Destination>>,
    /// The names of the folders that were looked through, as they may be shown.
    pub folders: Vec<String>,
    /// How many of the files are out of these.
    pub out_of_folders: usize,
    /// The size of all those together.
    pub bytes: u64,
    /// What else is in the folders. Its files are in `files`.
    pub rest: ScanResult,
}

impl Gathered {
    /// Whether it is so much that nobody may have meant it.
    pub fn is_much(&self) -> bool {
        self.out_of_folders > UNASKED.0 || self.bytes > UNASKED.1
    }
}

/// What is being looked into for longer than a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Looking {
    /// Its name, as it may be shown.
    pub name: String,
    /// Media found so far.
    pub files: usize,
}

impl Session {
    /// Looks what these are, and what is in those that are folders; it comes with `Changes`, for this destination, or
    /// else for the one that is chosen now.
    pub fn gather(&mut self, paths: Vec<PathBuf>, to: Option<Arc<Destination>>) {
        let to = to.or_else(|| self.chosen().cloned());
        self.gatherings.begin(paths, to);
    }

    /// How the disk is looked at: never on the window's thread.
    pub fn disk(&self) -> Arc<dyn Look> {
        Arc::clone(&self.gatherings.look)
    }

    /// What is being looked into for longer than a moment.
    pub fn looking(&self) -> Option<&Looking> {
        self.gatherings.running.iter().find_map(|one| one.looking.as_ref())
    }

    /// Leaves it. What was not passed on yet is not added.
    pub fn stop_looking(&mut self) {
        let running = &mut self.gatherings.running;
        if let Some(place) = running.iter().position(|one| one.looking.is_some()) {
            running.remove(place);
        }
    }
}

/// How long what is looked at may take.
#[derive(Clone, Copy, Debug)]
struct Times {
    /// Then it is told that it is looked at.
    moment: Duration,
    /// After so long without a sign of life others do not wait for it any more.
    patience: Duration,
}

/// Everything that is being sorted.
pub(super) struct Gatherings {
    look: Arc<dyn Look>,
    wake: Wake,
    times: Times,
    /// In the order in which it was added.
    running: Vec<Running>,
    next: u64,
    news: (Sender<ScanMessage>, Receiver<ScanMessage>),
}

/// What was added together.
struct Running {
    id: u64,
    to: Option<Arc<Destination>>,
    /// When this goes, its threads end.
    _stop: Stop,
    looking: Option<Looking>,
    ready: Vec<Gathered>,
    ended: bool,
}

/// Tells threads that nobody waits for them any more.
struct Stop(Arc<AtomicBool>);

impl Drop for Stop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// News, and of what was added together in which turn.
type ScanMessage = (u64, News);

enum News {
    Looking(Looking),
    Gathered(Gathered),
    Ended,
}

impl Gatherings {
    pub(super) fn new(look: Arc<dyn Look>, wake: Wake) -> Gatherings {
        let times = Times { moment: Duration::from_millis(300), patience: Duration::from_secs(2) };
        Gatherings { look, wake, times, running: vec![], next: 0, news: mpsc::channel() }
    }

    fn begin(&mut self, paths: Vec<PathBuf>, to: Option<Arc<Destination>>) {
        let id = self.next;
        self.next += 1;
        let stop = Arc::new(AtomicBool::new(false));
        let (news, wake, times) = (self.news.0.clone(), Arc::clone(&self.wake), self.times);
        let unsorted = paths.clone();
        let crew = WorkerPool::new(Arc::clone(&self.look), paths, Arc::clone(&stop));
        let tell = move |new| {
            let _ = news.send((id, new));
            wake();
        };
        let work = move || Scanner::new(Arc::new(crew), times).run(tell);
        let mut one = Running { id, to, _stop: Stop(stop), looking: None, ready: vec![], ended: false };
        if let Err(e) = std::thread::Builder::new().name("hoist-gather".into()).spawn(work) {
            tracing::error!("no thread to look into folders: {e}");
            one.ready.push(Gathered { files: unsorted, ..Gathered::default() });
            one.ended = true;
        }
        self.running.push(one);
    }

    /// What is sorted since the last call: in the order in which it was added, unless something takes its time.
    pub(super) fn take(&mut self) -> Vec<Gathered> {
        while let Ok((id, news)) = self.news.1.try_recv() {
            let Some(one) = self.running.iter_mut().find(|one| one.id == id) else { continue };
            match news {
                News::Looking(looking) => one.looking = Some(looking),
                News::Gathered(gathered) => one.ready.push(gathered),
                News::Ended => one.ended = true,
            }
        }
        let mut all = vec![];
        for one in &mut self.running {
            let to = &one.to;
            all.extend(one.ready.drain(..).map(|ready| Gathered { to: to.clone(), ..ready }));
            if !one.ended && one.looking.is_none() {
                break;
            }
        }
        self.running.retain(|one| !one.ended || !one.ready.is_empty());
        all
    }
}
