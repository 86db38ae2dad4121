//! What is added is sorted before it is staged: files are passed on, folders are looked through. On threads of its own,
//! since a network drive that went away may keep one waiting for minutes; what can be looked at does not wait for it.

mod found;
mod scanner;
mod sentences;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::Duration;

pub use found::{Disk, FileSystem, ScanBatch, ScanProgress};
use found::{News, Times};
use scanner::{Scanner, WorkerPool};
pub use sentences::explanation;
pub(super) use sentences::notice;

use super::background::Wake;
use crate::model::destination::Destination;

/// Everything that is being sorted.
pub(super) struct Scans {
    look: Arc<dyn FileSystem>,
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
    progress: Option<ScanProgress>,
    ready: Vec<ScanBatch>,
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

impl Scans {
    pub(super) fn new(look: Arc<dyn FileSystem>, wake: Wake) -> Scans {
        let times = Times { moment: Duration::from_millis(300), stall_timeout: Duration::from_secs(2) };
        Scans { look, wake, times, running: vec![], next: 0, news: mpsc::channel() }
    }

    pub(super) fn begin(&mut self, paths: Vec<PathBuf>, to: Option<Arc<Destination>>) {
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
        let mut one = Running { id, to, _stop: Stop(stop), progress: None, ready: vec![], ended: false };
        if let Err(e) = std::thread::Builder::new().name("hoist-scan".into()).spawn(work) {
            tracing::error!("no thread to look into folders: {e}");
            one.ready.push(ScanBatch { files: unsorted, ..ScanBatch::default() });
            one.ended = true;
        }
        self.running.push(one);
    }

    /// What is sorted since the last call: in the order in which it was added, unless something takes its time.
    pub(super) fn take(&mut self) -> Vec<ScanBatch> {
        while let Ok((id, news)) = self.news.1.try_recv() {
            let Some(one) = self.running.iter_mut().find(|one| one.id == id) else { continue };
            match news {
                News::Progress(progress) => one.progress = Some(progress),
                News::ScanBatch(gathered) => one.ready.push(gathered),
                News::Ended => one.ended = true,
            }
        }
        let mut all = vec![];
        for one in &mut self.running {
            let to = &one.to;
            all.extend(one.ready.drain(..).map(|ready| ScanBatch { to: to.clone(), ..ready }));
            if !one.ended && one.progress.is_none() {
                break;
            }
        }
        self.running.retain(|one| !one.ended || !one.ready.is_empty());
        all
    }

    /// How the disk is looked at: never on the window's thread.
    pub(super) fn disk(&self) -> Arc<dyn FileSystem> {
        Arc::clone(&self.look)
    }

    /// What is being looked into for longer than a moment.
    pub(super) fn progress(&self) -> Option<&ScanProgress> {
        self.running.iter().find_map(|one| one.progress.as_ref())
    }

    /// Returns whether anything is still being sorted.
    pub(super) fn is_running(&self) -> bool {
        !self.running.is_empty()
    }

    /// Leaves it. What was not passed on yet is not added.
    pub(super) fn stop(&mut self) {
        if let Some(index) = self.running.iter().position(|one| one.progress.is_some()) {
            self.running.remove(index);
        }
    }
}
