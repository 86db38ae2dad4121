//! The history: every upload that was asked for, every try, every id; and the queue of a window, so that it comes back.
//!
//! One thread commits queued writes together; what is committed survives a crash. Another thread syncs what must survive a
//! power cut, and delays no commit meanwhile. If writing fails (a full disk, a locked file), the writes are kept, reported
//! once and tried again; uploads that wait for one continue without it.

mod aside;
mod backup;
mod claim;
mod fold;
mod identity;
mod instance_locks;
mod ledger;
mod messages;
mod pages;
mod read;
mod recovery;
mod row;
mod salvage;
mod schema;
mod tally;
mod timeline;
mod write;
mod writer;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tokio::sync::{oneshot, watch};

use super::files;
use super::folders::Folders;
use crate::model::media::ContentHash;
use crate::model::record::UploadRequest;
use crate::model::upload::UploadId;
pub use claim::Claim;
use claim::ClaimRequest;
use ledger::Ledger;
use messages::{CommitProgress, Unwritten, WriterMessage};
pub use messages::{HistoryEvent, Syncer};
pub use read::{AccountWords, Query, ReadError, Reader, UploadCount};
pub use recovery::Opened;
pub use tally::UploadTally;
pub use timeline::{DayGroup, Timeline};
pub use write::{AccountId, Write};
use writer::{PendingErasure, Writer, WriterReports};

/// A commit takes no longer than these steps, 20 s, where the disk works, though another program holds the database for a
/// while or a long history is just being overwritten. A program that is stopped or asleep counts at most one of them.
const COMMIT_STEPS: usize = 40;
const COMMIT_STEP: Duration = Duration::from_millis(500);

/// A handle to the history; clones share it.
#[derive(Clone)]
pub struct History {
    line: Option<Arc<WriteQueue>>,
    run: i64,
}

struct WriteQueue {
    /// The number of the next write, and the way to the thread: together, so that numbers come in order.
    next: Mutex<(u64, Sender<WriterMessage>)>,
    progress: watch::Receiver<CommitProgress>,
    synced: watch::Receiver<u64>,
    missing: Arc<Mutex<Unwritten>>,
    path: PathBuf,
}

/// Ends the writing when it is dropped: after everything that was asked for is written, or cannot be.
pub struct HistoryGuard {
    events: Arc<Mutex<Receiver<HistoryEvent>>>,
    reports_at_close: Arc<AtomicBool>,
    stop: Sender<WriterMessage>,
    thread: JoinHandle<()>,
}

/// What the history still has to tell when it is closed.
pub struct ClosingNotices(Arc<Mutex<Receiver<HistoryEvent>>>);

impl ClosingNotices {
    /// Returns the sentences that have not been shown yet.
    pub fn collect(self) -> Vec<String> {
        let events = self.0.lock();
        events
            .try_iter()
            .filter_map(|told| if let HistoryEvent::Said(said) = told { Some(said) } else { None })
            .collect()
    }
}

impl HistoryGuard {
    /// Returns what there is to tell.
    pub fn try_event(&self) -> Option<HistoryEvent> {
        self.events.lock().try_recv().ok()
    }

    /// Returns what is found while it is closed, to be read when it is.
    pub fn closing_notices(&self) -> ClosingNotices {
        self.reports_at_close.store(true, Ordering::SeqCst);
        ClosingNotices(Arc::clone(&self.events))
    }

    /// Waits until the history is open, but not long.
    pub fn wait_until_open(&self) -> Vec<HistoryEvent> {
        let end = Instant::now() + 2 * files::LOCK_TIMEOUT;
        let mut told = vec![];
        while !told.iter().any(|t| matches!(t, HistoryEvent::Opened(_))) {
            match self.events.lock().recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(one) => told.push(one),
                Err(_) => break,
            }
        }
        told
    }
}

impl Drop for HistoryGuard {
    fn drop(&mut self) {
        let _ = self.stop.send(WriterMessage::Stop);
        // A disk that hangs must not keep the program from ending.
        let end = Instant::now() + files::LOCK_TIMEOUT;
        while !self.thread.is_finished() && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

impl History {
    /// Opens the history of these folders on a thread of its own. With `adopt`, queues that ended runs left behind are
    /// this run's from now on. `wake` is called when there is something to tell.
    pub fn open(
        folders: &Folders,
        adopt: bool,
        wake: Arc<dyn Fn() + Send + Sync>,
    ) -> io::Result<(History, HistoryGuard)> {
        History::open_synced_by(folders, adopt, wake, system_sync())
    }

    /// Opens the history as where no open file can be renamed, for tests: on every system as on Windows.
    pub fn open_where_names_stay(
        folders: &Folders,
        adopt: bool,
        wake: Arc<dyn Fn() + Send + Sync>,
    ) -> io::Result<(History, HistoryGuard)> {
        History::start(folders, adopt, wake, system_sync(), false)
    }

    /// Opens the history with another way to sync what must survive a power cut, for tests.
    pub fn open_synced_by(
        folders: &Folders,
        adopt: bool,
        wake: Arc<dyn Fn() + Send + Sync>,
        put_on_disk: Syncer,
    ) -> io::Result<(History, HistoryGuard)> {
        History::start(folders, adopt, wake, put_on_disk, true)
    }

    fn start(
        folders: &Folders,
        adopt: bool,
        wake: Arc<dyn Fn() + Send + Sync>,
        put_on_disk: Syncer,
        may_rename: bool,
    ) -> io::Result<(History, HistoryGuard)> {
        let run = i64::from(fastrand::u32(1..1 << 31));
        let path = file(folders);
        let (to, asked) = mpsc::channel();
        let (progress_mark, progress) = watch::channel(CommitProgress::default());
        let (synced_mark, synced) = watch::channel(0);
        let (to_sync, sync_asked) = mpsc::channel();
        let syncer = {
            let path = path.clone();
            let work = move || writer::sync(&path, &sync_asked, &synced_mark, &put_on_disk);
            std::thread::Builder::new().name("hoist-sync".into()).spawn(work)?
        };
        let (out, events) = mpsc::channel();
        let missing = Arc::new(Mutex::new(Unwritten::default()));
        let reports_at_close = Arc::new(AtomicBool::new(false));
        let mut writer = Writer {
            run,
            adopt,
            path: path.clone(),
            db: None,
            alive: None,
            backlog: vec![],
            ledger: Ledger::default(),
            may_rename,
            rewrite_due: false,
            erasure: PendingErasure::default(),
            in_trouble: false,
            missing: Arc::clone(&missing),
            to: to.clone(),
            reports: WriterReports { out, at_close: Arc::clone(&reports_at_close), wake },
            progress: progress_mark,
        };
        let stop = to.clone();
        let work = move || {
            writer.work(&asked, &to_sync);
            drop(to_sync);
            let _ = syncer.join();
        };
        let thread = std::thread::Builder::new().name("hoist-history".into()).spawn(work)?;
        let line = WriteQueue { next: Mutex::new((1, to)), progress, synced, missing, path };
        let events = Arc::new(Mutex::new(events));
        Ok((
            History { line: Some(Arc::new(line)), run },
            HistoryGuard { events, reports_at_close, stop, thread },
        ))
    }

    /// Returns a history that remembers nothing.
    pub fn none() -> History {
        History { line: None, run: 0 }
    }

    /// Returns the number before the first upload of this run: no other run has those that follow.
    pub fn first_id(&self) -> UploadId {
        UploadId((self.run as u64) << 32)
    }

    /// Queues a write after all that were queued before. Returns its number, for `committed`, `durable` and
    /// `has_reached`.
    pub fn write(&self, write: Write) -> u64 {
        let Some(line) = &self.line else { return 0 };
        let mut next = line.next.lock();
        let number = next.0;
        next.0 += 1;
        let _ = next.1.send(WriterMessage::Write(number, Box::new(write)));
        number
    }

    /// Waits until a write is committed, which outlives the program. False where that proved impossible, or takes for
    /// ever.
    pub async fn committed(&self, number: u64) -> bool {
        let Some(line) = &self.line else { return true };
        let mut progress = line.progress.clone();
        match wait_for(progress.wait_for(|progress| progress.done >= number)).await {
            Some(done) => done.is_ok_and(|progress| progress.kept >= number),
            None => {
                tracing::warn!("the history does not answer");
                false
            }
        }
    }

    /// Waits until a write that names an id or a link outlives a power cut; or until that proved impossible, or takes for
    /// ever.
    pub async fn durable(&self, number: u64) {
        let Some(line) = &self.line else { return };
        let mut synced = line.synced.clone();
        if wait_for(synced.wait_for(|mark| *mark >= number)).await.is_none() {
            tracing::warn!("the disk does not answer");
        }
    }

    /// Claims a content for an upload that is to send it only where no other one does or did, in this program or another one
    /// with this history.
    pub async fn claim(&self, request: UploadRequest, hash: ContentHash) -> Claim {
        let Some(line) = &self.line else { return Claim::Granted };
        let (reply, decided) = oneshot::channel();
        let claim = WriterMessage::Claim(Box::new(ClaimRequest { request, hash }), reply);
        let _ = line.next.lock().1.send(claim);
        match wait_for(decided).await {
            Some(claim) => claim.unwrap_or(Claim::Unavailable),
            None => {
                tracing::warn!("the history does not answer");
                Claim::Unavailable
            }
        }
    }

    /// Returns whether a write is committed, or proved impossible.
    pub fn has_reached(&self, number: u64) -> bool {
        self.line.as_ref().is_none_or(|line| line.progress.borrow().done >= number)
    }

    /// Returns why the history cannot be written at present, if that is so.
    pub fn write_error(&self) -> Option<String> {
        self.line.as_ref().and_then(|line| line.missing.lock().reason.clone())
    }

    /// Returns whether what is known of an upload is not in the history, since that cannot be written.
    pub fn is_missing(&self, id: UploadId) -> bool {
        self.line.as_ref().is_some_and(|line| line.missing.lock().ids.contains(&id))
    }

    /// Returns whether there is a history in these folders, or copies of one that was lost.
    pub fn is_there(folders: &Folders) -> bool {
        let file = file(folders);
        file.exists() || backup::is_lost(&file)
    }

    /// Opens a reader, to look things up on a thread that may wait.
    pub fn reader(&self) -> Reader {
        match &self.line {
            Some(line) => {
                let next = line.next.lock();
                Reader::new(&line.path, Some(next.1.clone()))
            }
            None => Reader::new(Path::new(""), None),
        }
    }
}

/// Waits for what the writer does; none where that takes for ever.
async fn wait_for<T>(work: impl Future<Output = T>) -> Option<T> {
    let mut work = std::pin::pin!(work);
    for _ in 0..COMMIT_STEPS {
        if let Ok(done) = tokio::time::timeout(COMMIT_STEP, &mut work).await {
            return Some(done);
        }
    }
    None
}

fn file(folders: &Folders) -> PathBuf {
    folders.data.join("history.db")
}

/// Syncs files as the system does it.
pub fn system_sync() -> Syncer {
    Arc::new(|file| file.sync_data())
}
