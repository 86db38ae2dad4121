//! The one thread that writes: commits what was asked for, deals with damage, and overwrites what is forgotten.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

use jiff::Timestamp;
use parking_lot::Mutex;
use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::{oneshot, watch};

use super::claim::{Claim, ClaimRequest};
use super::instance_locks::InstanceLock;
use super::ledger::Ledger;
use super::messages::{CommitProgress, HistoryEvent, Syncer, Unwritten, WriterMessage};
use super::recovery::{self, Opened};
use super::schema::{self, Broken, Database};
use super::write::Write;
use super::{aside, backup, salvage};
use crate::model::upload::UploadId;
use crate::store::files::{self, LOCK_TIMEOUT};
use crate::store::folders::Folders;

/// Another program may hold the database so long where it already had held it for longer.
const SHORT_LOCK_TIMEOUT: Duration = Duration::from_millis(100);
/// What could not be written is tried again so often.
const AGAIN_AFTER: Duration = Duration::from_secs(2);
/// What can wait is committed with what comes next, or after this time.
const LINGER: Duration = Duration::from_millis(25);
/// Writes committed together at most.
const MAX_AT_ONCE: usize = 4096;
/// The file is replaced while it is written so often at most.
const MAX_REPLACED: usize = 3;

/// What is still to be done after something was forgotten, until nothing of it is on the disk any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Erasure {
    /// The journal still has the rows, and so have the copies.
    Rows(Vec<UploadId>),
    /// The same for the whole history.
    Everything,
}

/// What could not be erased yet.
#[derive(Default)]
pub(super) struct PendingErasure {
    what: Option<Erasure>,
    /// A person was told.
    is_reported: bool,
}

/// Where the writer says what a person should know.
pub(super) struct WriterReports {
    pub(super) out: Sender<HistoryEvent>,
    /// Whether what is said after the end is read.
    pub(super) at_close: Arc<AtomicBool>,
    pub(super) wake: Arc<dyn Fn() + Send + Sync>,
}

/// Writes, on a thread of its own.
pub(super) struct Writer {
    pub(super) run: i64,
    pub(super) adopt: bool,
    pub(super) path: PathBuf,
    pub(super) db: Option<Database>,
    pub(super) alive: Option<InstanceLock>,
    /// What is not written yet.
    pub(super) backlog: Vec<Write>,
    pub(super) ledger: Ledger,
    /// A damaged history may get another name while it is open; a test may say that it cannot, as on Windows.
    pub(super) may_rename: bool,
    /// Another file has taken the place of the one that was written.
    pub(super) rewrite_due: bool,
    pub(super) erasure: PendingErasure,
    pub(super) in_trouble: bool,
    pub(super) missing: Arc<Mutex<Unwritten>>,
    pub(super) to: Sender<WriterMessage>,
    pub(super) reports: WriterReports,
    pub(super) progress: watch::Sender<CommitProgress>,
}

/// Syncs what was committed whenever a number comes, all that came meanwhile at once.
pub(super) fn sync(path: &Path, asked: &Receiver<u64>, mark: &watch::Sender<u64>, put_on_disk: &Syncer) {
    let open = |path: &Path| files::open(path, File::options().read(true).write(true));
    while let Ok(first) = asked.recv() {
        let number = asked.try_iter().last().unwrap_or(first);
        let file = open(&schema::with_end(path, "-wal")).or_else(|_| open(path));
        if let Err(e) = file.and_then(|file| put_on_disk(&file)) {
            tracing::warn!("the history cannot be synced: {}", e.kind());
        }
        mark.send_replace(number);
    }
}

impl Writer {
    /// Works until it is told to stop.
    pub(super) fn work(&mut self, asked: &Receiver<WriterMessage>, to_sync: &Sender<u64>) {
        let opened = match self.begin() {
            Err(Broken::Damaged) => self.replace().and_then(|()| self.begin()),
            opened => opened,
        };
        let opened = opened.unwrap_or_else(|e| {
            self.report_write_error(&e);
            Opened::default()
        });
        self.send_event(HistoryEvent::Opened(opened));
        let backup = self.back_up();
        let mut stop = false;
        let mut highest = 0;
        while !stop {
            let first = match self.backlog.is_empty() {
                true if self.erasure.what.is_some() => asked.recv_timeout(AGAIN_AFTER),
                true => asked.recv().map_err(|_| RecvTimeoutError::Disconnected),
                false if self.in_trouble => asked.recv_timeout(AGAIN_AFTER),
                false => asked.recv_timeout(LINGER),
            };
            let lingered = first.is_err();
            let mut damaged = None;
            let mut claims = vec![];
            let mut next = match first {
                Ok(message) => Some(message),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => break,
            };
            while let Some(message) = next {
                match message {
                    WriterMessage::Write(number, write) => {
                        self.backlog.push(*write);
                        highest = number;
                    }
                    WriterMessage::Claim(claim, reply) => claims.push((claim, reply)),
                    WriterMessage::Damaged(reply) => damaged.get_or_insert_with(Vec::new).extend(reply),
                    WriterMessage::Stop => stop = true,
                }
                let room = self.backlog.len() < MAX_AT_ONCE;
                next = if room { asked.try_recv().ok() } else { None };
            }
            if let Some(replies) = damaged {
                self.mend(&replies);
            }
            let can_linger = claims.is_empty() && self.backlog.iter().all(Write::can_linger);
            if can_linger && !lingered && !stop && !self.in_trouble {
                continue;
            }
            let synced = self.backlog.iter().any(Write::must_be_synced);
            if stop && self.backlog.is_empty() && self.has_been_replaced() {
                let _ = self.database(); // what was written into the old file is written again
            }
            self.commit();
            self.decide(claims);
            self.erase_pending(lingered || stop);
            let kept = self.backlog.is_empty();
            self.progress.send_modify(|progress| {
                progress.done = highest;
                if kept {
                    progress.kept = highest;
                }
            });
            if synced {
                let _ = to_sync.send(highest);
            }
        }
        if let Some(backup) = backup {
            let _ = backup.join();
        }
        // What the copying found at the very end is not left to the next run, where somebody reads what is said of it.
        while let Ok(message) = asked.try_recv() {
            if let WriterMessage::Damaged(reply) = message
                && self.reports.at_close.load(Ordering::SeqCst)
            {
                self.mend(reply.as_slice());
            }
        }
    }

    /// Decides claims, once everything that was asked for before is written.
    fn decide(&mut self, claims: Vec<(Box<ClaimRequest>, oneshot::Sender<Claim>)>) {
        for (claim, reply) in claims {
            let decided = match self.try_claim(&claim) {
                Err(Broken::Damaged) => self.replace().and_then(|()| self.try_claim(&claim)),
                decided => decided,
            };
            let decided = decided.unwrap_or_else(|e| {
                self.report_write_error(&e);
                Claim::Unavailable
            });
            if self.backlog.is_empty() && !matches!(decided, Claim::Unavailable) {
                self.report_recovery();
            }
            if matches!(decided, Claim::Granted) {
                self.ledger.note(&Write::Claimed(claim.request, claim.hash));
            }
            let _ = reply.send(decided);
        }
    }

    fn try_claim(&mut self, claim: &ClaimRequest) -> Result<Claim, Broken> {
        if !self.backlog.is_empty() {
            return Ok(Claim::Unavailable); // what was asked for before is not written
        }
        let (runs, run) = (self.folder().join("runs"), self.run);
        for _ in 0..MAX_REPLACED {
            let decided = claim.decide(self.database()?, &runs, run, Timestamp::now())?;
            if !self.has_been_replaced() {
                return Ok(decided);
            }
        }
        Err(Broken::Replaced)
    }

    /// Deals with damage that was found, and says so to those who found it.
    fn mend(&mut self, replies: &[Sender<()>]) {
        if let Err(e) = self.replace().and_then(|()| self.database().map(|_| ())) {
            self.report_write_error(&e);
        } else if self.adopt {
            self.send_event(HistoryEvent::Changed);
        }
        for reply in replies {
            let _ = reply.send(());
        }
    }

    fn begin(&mut self) -> Result<Opened, Broken> {
        let folder = self.folder();
        Folders::make(&folder)?;
        let runs = folder.join("runs");
        let (run, adopt) = (self.run, self.adopt);
        let db = self.database()?;
        let now = Timestamp::now();
        recovery::correct_times(db, now)?;
        let queue = recovery::settle(db, &runs, run, adopt, now)?;
        let holds = recovery::holds(db, now)?;
        backup::remove_old(&folder, &runs);
        Ok(Opened { queue, holds })
    }

    fn folder(&self) -> PathBuf {
        self.path.parent().unwrap_or(Path::new(".")).to_owned()
    }

    /// Returns whether another Hoist has set the file aside that is open here.
    fn has_been_replaced(&self) -> bool {
        self.db.as_ref().is_some_and(|db| !db.is_current(&self.path))
    }

    fn database(&mut self) -> Result<&mut Connection, Broken> {
        if self.alive.is_none() {
            // Nothing is written by a run that others may take for ended.
            self.alive = Some(InstanceLock::show(&self.folder().join("runs"), self.run)?);
        }
        if self.has_been_replaced() {
            tracing::warn!("another file has taken the place of the history");
            self.db = None;
            self.rewrite_due = true;
        }
        let timeout = if self.in_trouble { SHORT_LOCK_TIMEOUT } else { LOCK_TIMEOUT };
        if self.db.is_none() && self.was_lost() {
            self.replace()?;
        }
        let mut db = match self.db.take() {
            Some(db) => db,
            None => match schema::open(&self.path, timeout) {
                Err(Broken::Damaged) => {
                    self.replace()?;
                    schema::open(&self.path, timeout)?
                }
                db => db?,
            },
        };
        db.connection.busy_timeout(timeout)?;
        if self.rewrite_due {
            self.ledger.write_again(&mut db.connection, self.run)?;
            self.rewrite_due = false;
        }
        Ok(&mut self.db.insert(db).connection)
    }

    /// Returns whether the file is not there, or has no byte, though there are copies of it: clearing takes those with it, so
    /// something else removed or emptied it.
    fn was_lost(&self) -> bool {
        backup::is_lost(&self.path)
    }

    /// Sets a damaged history aside, unless another Hoist has done so already, and copies into a new one what can be read.
    fn replace(&mut self) -> Result<(), Broken> {
        self.db = None;
        self.rewrite_due = true;
        let folder = self.folder();
        let lock = schema::lock(&self.path)?;
        // Opening makes a new one of it.
        let (was_lost, was_there) = (self.was_lost(), self.path.exists());
        match schema::open_alone(&self.path, LOCK_TIMEOUT) {
            Ok(db) if !was_lost && schema::is_readable(&db.connection).unwrap_or(false) => return Ok(()),
            Ok(_) | Err(Broken::Damaged) => {}
            Err(e) => return Err(e),
        }
        let name = match was_there {
            true => Some(aside::set_aside(&self.path, &lock, self.may_rename)?),
            false => None, // it has just been made
        };
        let mut new = schema::open_alone(&self.path, LOCK_TIMEOUT)?.connection;
        let mut saved = 0;
        if let Some(name) = &name {
            saved += salvage::copy(&folder.join(name), salvage::Origin::Damaged, &mut new);
        }
        for copy in backup::all(&folder).iter().rev() {
            saved += salvage::copy(&folder.join(copy), salvage::Origin::Backup, &mut new);
        }
        let saved = match saved {
            0 => "No upload could be read from it, and a new one is used".to_owned(),
            1 => "1 upload that could be read is in a new one".to_owned(),
            n => format!("{n} uploads that could be read are in a new one"),
        };
        self.warn(match name {
            Some(name) => format!("The history was damaged and is kept as {name}. {saved}"),
            None => format!("The history was not there any more, and its copies are used. {saved}"),
        });
        Ok(())
    }

    /// Commits the backlog; what cannot be written stays in it.
    fn commit(&mut self) {
        if self.backlog.is_empty() {
            return;
        }
        let result = match self.try_commit() {
            Err(Broken::Damaged) => self.replace().and_then(|()| self.try_commit()),
            result => result,
        };
        match result {
            Ok(()) => {
                for write in std::mem::take(&mut self.backlog) {
                    self.ledger.note(&write);
                    self.require_erasure(write);
                }
                self.report_recovery();
                if self.adopt {
                    self.send_event(HistoryEvent::Changed);
                }
            }
            Err(e) => self.report_write_error(&e),
        }
    }

    fn try_commit(&mut self) -> Result<(), Broken> {
        for _ in 0..MAX_REPLACED {
            let backlog = std::mem::take(&mut self.backlog);
            let run = self.run;
            let result = self.database().and_then(|db| match write_all(db, run, &backlog) {
                Err(e) if is_rule(&e) => Ok(write_each(db, run, &backlog)?),
                result => Ok(result?),
            });
            self.backlog = backlog;
            result?;
            // Where another Hoist has set the file aside in between, it was written into the old one.
            if !self.has_been_replaced() {
                return Ok(());
            }
        }
        Err(Broken::Replaced)
    }

    /// Remembers what a write leaves to be done: being forgotten is to be gone from the disk.
    fn require_erasure(&mut self, write: Write) {
        self.erasure.what = match (self.erasure.what.take(), write) {
            (_, Write::Cleared) | (Some(Erasure::Everything), _) => Some(Erasure::Everything),
            (Some(Erasure::Rows(mut ids)), Write::Forgotten(more)) => {
                ids.extend(more);
                Some(Erasure::Rows(ids))
            }
            (None, Write::Forgotten(ids)) => Some(Erasure::Rows(ids)),
            (erasure, _) => erasure,
        };
    }

    /// Removes what was forgotten from copies, free pages and the journal. What another program is in the way of is
    /// tried again.
    fn erase_pending(&mut self, again: bool) {
        let Some(erasure) = self.erasure.what.take_if(|_| again || !self.erasure.is_reported) else { return };
        match self.erase(&erasure) {
            Ok(true) => return self.erasure.is_reported = false,
            Ok(false) => {}
            Err(Broken::Damaged) => self.mend(&[]),
            Err(e) => tracing::warn!("what was forgotten is not overwritten yet: {e}"),
        }
        self.erasure.what = Some(erasure);
        if !std::mem::replace(&mut self.erasure.is_reported, true) {
            self.warn(
                "The deleted records are hidden but not overwritten yet, because another program or the \
                 disk prevents it: Hoist tries again"
                    .to_owned(),
            );
        }
    }

    /// Erases what was deleted; true where nothing of it is left.
    fn erase(&mut self, erasure: &Erasure) -> Result<bool, Broken> {
        let folder = self.folder();
        match erasure {
            Erasure::Everything => backup::forget(&folder)?,
            Erasure::Rows(ids) => backup::forget_rows(&folder, ids),
        }
        let timeout = if self.erasure.is_reported { SHORT_LOCK_TIMEOUT } else { LOCK_TIMEOUT };
        let db = self.database()?;
        db.busy_timeout(timeout)?;
        if *erasure == Erasure::Everything {
            db.execute_batch("VACUUM;")?;
        }
        let busy: i64 = db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
        Ok(busy == 0)
    }

    /// Says once that there is no writing, until there is again.
    fn report_write_error(&mut self, e: &Broken) {
        let ids = self.backlog.iter().flat_map(Write::ids).collect();
        *self.missing.lock() = Unwritten { reason: Some(e.to_string()), ids };
        if !std::mem::replace(&mut self.in_trouble, true) {
            if let Some(alive) = &mut self.alive {
                alive.set_trouble(true);
            }
            tracing::warn!("the history cannot be written: {e}");
            self.warn(format!("The history cannot be written ({e}): until it can, nothing is recorded"));
        }
    }

    /// Says once that there is writing again, with everything written.
    fn report_recovery(&mut self) {
        *self.missing.lock() = Unwritten::default();
        if std::mem::take(&mut self.in_trouble) {
            if let Some(alive) = &mut self.alive {
                alive.set_trouble(false);
            }
            self.warn("The history can be written again, and nothing is missing in it".to_owned());
        }
    }

    fn back_up(&self) -> Option<JoinHandle<()>> {
        let (path, run, to) = (self.path.clone(), self.run, self.to.clone());
        let work = move || match backup::make(&path, run) {
            Ok(true) => {}
            Ok(false) => {
                let _ = to.send(WriterMessage::Damaged(None));
            }
            Err(e) => tracing::warn!("no backup of the history: {e}"),
        };
        std::thread::Builder::new().name("hoist-backup".into()).spawn(work).ok()
    }

    fn warn(&self, sentence: String) {
        self.send_event(HistoryEvent::Said(sentence));
    }

    fn send_event(&self, told: HistoryEvent) {
        let _ = self.reports.out.send(told);
        (self.reports.wake)();
    }
}

fn write_all(db: &mut Connection, run: i64, all: &[Write]) -> rusqlite::Result<()> {
    let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for write in all {
        write.apply(&transaction, run)?;
    }
    transaction.commit()
}

/// Returns the same, but a mistake of ours in one row does not hold up all others.
fn write_each(db: &mut Connection, run: i64, all: &[Write]) -> rusqlite::Result<()> {
    let mut transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for write in all {
        let one = transaction.savepoint()?;
        match write.apply(&one, run) {
            Ok(()) => one.commit()?,
            Err(e) if is_rule(&e) => tracing::error!("a row of the history breaks a rule"),
            Err(e) => return Err(e),
        }
    }
    transaction.commit()
}

fn is_rule(e: &rusqlite::Error) -> bool {
    e.sqlite_error_code() == Some(rusqlite::ErrorCode::ConstraintViolation)
}
