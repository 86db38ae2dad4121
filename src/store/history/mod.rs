//! The history: every upload that was asked for, every try, every id; and the queue of a window, so that it comes back.
//!
//! One thread writes. Whatever was asked for in between is committed together: that outlives the program, however it
//! ends. Another thread syncs what must outlive a power cut, and holds up no commit meanwhile. Where writing fails (a full disk, a locked file), nothing is lost: it is kept, said once, and tried
//! again. Whoever waits for a write then goes on without it.

mod backup;
mod fold;
mod ledger;
mod read;
mod restore;
mod row;
mod runs;
mod salvage;
mod schema;
mod write;

use std::collections::HashSet;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::watch;

use super::files;
use super::folders::Folders;
use crate::model::upload::UploadId;
use ledger::Ledger;
pub use read::{Query, Reader};
pub use restore::Opened;
use runs::Alive;
use schema::{Broken, Database};
pub use write::{AccountId, Write};

/// Another program may hold the database so long.
const PATIENCE: Duration = files::LOCK_TIMEOUT;
/// And so long where it already had held it longer.
const LITTLE_PATIENCE: Duration = Duration::from_millis(100);
/// What could not be written is tried again so often.
const AGAIN_AFTER: Duration = Duration::from_secs(2);
/// What nobody waits for is committed with what comes next, or after this time.
const LINGER: Duration = Duration::from_millis(25);
/// Writes committed together at most.
const MOST_AT_ONCE: usize = 4096;
/// A commit takes no longer where the disk and its file system work: twice what another program may hold the database.
const COMMIT_TIMEOUT: Duration = Duration::from_secs(10);
/// It is counted in steps of this length: a program that is stopped or asleep counts at most one of them.
const COMMIT_STEP: Duration = Duration::from_millis(500);
/// A damaged history is replaced, and what can be read of it copied, in less than this.
const REPLACE_TIMEOUT: Duration = Duration::from_mins(1);
/// The file is replaced while it is written so often at most.
const MAX_REPLACED: usize = 3;

/// Puts what was written to a file on the disk. Another way than the system's is for tests.
pub type Syncer = Arc<dyn Fn(&File) -> io::Result<()> + Send + Sync>;

/// What the history has to tell.
#[derive(Debug)]
pub enum Told {
    /// It is open, and this was found. Told once, first.
    Opened(Opened),
    /// Something a person should know.
    Said(String),
    /// Something was written. Told only to those that adopt queues: windows.
    Changed,
}

/// A handle to the history; clones share it.
#[derive(Clone)]
pub struct History {
    line: Option<Arc<Line>>,
    run: i64,
}

enum Message {
    Write(u64, Box<Write>),
    /// Whoever read it found damage, and hears here when it has been dealt with.
    Damaged(Option<Sender<()>>),
    Stop,
}

/// How far the writing has come.
#[derive(Clone, Copy, Debug, Default)]
struct Progress {
    /// Everything up to this number is committed, or proved impossible for now.
    done: u64,
    /// Everything up to this number is committed.
    kept: u64,
}

/// What is not in the history, and why.
#[derive(Debug, Default)]
struct Missing {
    reason: Option<String>,
    ids: HashSet<UploadId>,
}

struct Line {
    /// The number of the next write, and the way to the thread: together, so that numbers come in order.
    next: Mutex<(u64, Sender<Message>)>,
    progress: watch::Receiver<Progress>,
    synced: watch::Receiver<u64>,
    missing: Arc<Mutex<Missing>>,
    path: PathBuf,
}

impl Line {
    fn missing(&self) -> MutexGuard<'_, Missing> {
        self.missing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends the writing when it is dropped: after everything that was asked for is written, or cannot be.
pub struct Keeper {
    told: Arc<Mutex<Receiver<Told>>>,
    stop: Sender<Message>,
    thread: JoinHandle<()>,
}

/// What the history still has to tell when it is closed.
pub struct LastWords(Arc<Mutex<Receiver<Told>>>);

impl LastWords {
    /// The sentences that nobody has read yet.
    pub fn sentences(self) -> Vec<String> {
        let told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        told.try_iter()
            .filter_map(|told| if let Told::Said(said) = told { Some(said) } else { None })
            .collect()
    }
}

impl Keeper {
    /// What there is to tell.
    pub fn try_told(&self) -> Option<Told> {
        self.told().try_recv().ok()
    }

    /// What is found while it is closed, to be read when it is.
    pub fn last_words(&self) -> LastWords {
        LastWords(Arc::clone(&self.told))
    }

    fn told(&self) -> MutexGuard<'_, Receiver<Told>> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until the history is open, but not long.
    pub fn wait_until_open(&self) -> Vec<Told> {
        let end = Instant::now() + 2 * PATIENCE;
        let mut told = vec![];
        while !told.iter().any(|t| matches!(t, Told::Opened(_))) {
            match self.told().recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(one) => told.push(one),
                Err(_) => break,
            }
        }
        told
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        let _ = self.stop.send(Message::Stop);
        // A disk that hangs must not keep the program from ending.
        let end = Instant::now() + PATIENCE;
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
    ) -> io::Result<(History, Keeper)> {
        History::open_synced_by(folders, adopt, wake, system_sync())
    }

    /// The same, where something else puts on the disk what must outlive a power cut.
    pub fn open_synced_by(
        folders: &Folders,
        adopt: bool,
        wake: Arc<dyn Fn() + Send + Sync>,
        put_on_disk: Syncer,
    ) -> io::Result<(History, Keeper)> {
        let run = i64::from(fastrand::u32(1..1 << 31));
        let path = file(folders);
        let (to, asked) = mpsc::channel();
        let (progress_mark, progress) = watch::channel(Progress::default());
        let (synced_mark, synced) = watch::channel(0);
        let (to_sync, sync_asked) = mpsc::channel();
        let syncer = {
            let path = path.clone();
            let work = move || sync(&path, &sync_asked, &synced_mark, &put_on_disk);
            std::thread::Builder::new().name("hoist-sync".into()).spawn(work)?
        };
        let (out, told) = mpsc::channel();
        let missing = Arc::new(Mutex::new(Missing::default()));
        let mut writer = Writer {
            run,
            adopt,
            path: path.clone(),
            db: None,
            alive: None,
            backlog: vec![],
            ledger: Ledger::default(),
            is_replaced: false,
            owed: None,
            owed_is_told: false,
            in_trouble: false,
            missing: Arc::clone(&missing),
            to: to.clone(),
            out,
            wake,
            progress: progress_mark,
        };
        let stop = to.clone();
        let work = move || {
            writer.work(&asked, &to_sync);
            drop(to_sync);
            let _ = syncer.join();
        };
        let thread = std::thread::Builder::new().name("hoist-history".into()).spawn(work)?;
        let line = Line { next: Mutex::new((1, to)), progress, synced, missing, path };
        let told = Arc::new(Mutex::new(told));
        Ok((History { line: Some(Arc::new(line)), run }, Keeper { told, stop, thread }))
    }

    /// A history that remembers nothing.
    pub fn none() -> History {
        History { line: None, run: 0 }
    }

    /// The number before the first upload of this run: no other run has those that follow.
    pub fn first_id(&self) -> UploadId {
        UploadId((self.run as u64) << 32)
    }

    /// Asks for something to be written, after everything that was asked for before. The number is for `reached`.
    pub fn write(&self, write: Write) -> u64 {
        let Some(line) = &self.line else { return 0 };
        let mut next = line.next.lock().unwrap_or_else(PoisonError::into_inner);
        let number = next.0;
        next.0 += 1;
        let _ = next.1.send(Message::Write(number, Box::new(write)));
        number
    }

    /// Waits until a write is committed, which outlives the program. False where that proved impossible, or takes for
    /// ever.
    pub async fn reached(&self, number: u64) -> bool {
        let Some(line) = &self.line else { return true };
        let mut progress = line.progress.clone();
        for _ in 0..COMMIT_TIMEOUT.as_millis() / COMMIT_STEP.as_millis() {
            let done = progress.wait_for(|progress| progress.done >= number);
            match tokio::time::timeout(COMMIT_STEP, done).await {
                Ok(Ok(progress)) => return progress.kept >= number,
                Ok(Err(_)) => return false,
                Err(_) => {}
            }
        }
        tracing::warn!("the history does not answer");
        false
    }

    /// Waits until a write that names an id or a link outlives a power cut; or until that proved impossible, or takes for
    /// ever.
    pub async fn synced(&self, number: u64) {
        let Some(line) = &self.line else { return };
        let mut synced = line.synced.clone();
        for _ in 0..COMMIT_TIMEOUT.as_millis() / COMMIT_STEP.as_millis() {
            let done = synced.wait_for(|mark| *mark >= number);
            if tokio::time::timeout(COMMIT_STEP, done).await.is_ok() {
                return;
            }
        }
        tracing::warn!("the disk does not answer");
    }

    /// Whether a write is committed, or proved impossible.
    pub fn has_reached(&self, number: u64) -> bool {
        self.line.as_ref().is_none_or(|line| line.progress.borrow().done >= number)
    }

    /// Why nothing can be written at present, if that is so.
    pub fn trouble(&self) -> Option<String> {
        self.line.as_ref().and_then(|line| line.missing().reason.clone())
    }

    /// Whether what is known of an upload is not in the history, since that cannot be written.
    pub fn is_missing(&self, id: UploadId) -> bool {
        self.line.as_ref().is_some_and(|line| line.missing().ids.contains(&id))
    }

    /// Whether there is a history in these folders.
    pub fn is_there(folders: &Folders) -> bool {
        file(folders).exists()
    }

    /// For looking things up, on a thread that may wait.
    pub fn reader(&self) -> Reader {
        match &self.line {
            Some(line) => {
                let next = line.next.lock().unwrap_or_else(PoisonError::into_inner);
                Reader::new(&line.path, Some(next.1.clone()))
            }
            None => Reader::new(Path::new(""), None),
        }
    }
}

fn file(folders: &Folders) -> PathBuf {
    folders.data.join("history.db")
}

/// What is still to be done after something was forgotten, until nothing of it is on the disk any more.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Owed {
    /// The journal still has the rows, and so have the copies.
    Rows(Vec<UploadId>),
    /// The same for the whole history.
    Everything,
}

struct Writer {
    run: i64,
    adopt: bool,
    path: PathBuf,
    db: Option<Database>,
    alive: Option<Alive>,
    /// What is not written yet.
    backlog: Vec<Write>,
    ledger: Ledger,
    /// Another file has taken the place of the one that was written.
    is_replaced: bool,
    owed: Option<Owed>,
    owed_is_told: bool,
    in_trouble: bool,
    missing: Arc<Mutex<Missing>>,
    to: Sender<Message>,
    out: Sender<Told>,
    wake: Arc<dyn Fn() + Send + Sync>,
    progress: watch::Sender<Progress>,
}

/// As the system does it.
pub fn system_sync() -> Syncer {
    Arc::new(|file| file.sync_data())
}

/// Syncs what was committed whenever a number comes, all that came meanwhile at once.
fn sync(path: &Path, asked: &Receiver<u64>, mark: &watch::Sender<u64>, put_on_disk: &Syncer) {
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
    fn work(&mut self, asked: &Receiver<Message>, to_sync: &Sender<u64>) {
        let opened = match self.begin() {
            Err(Broken::Damaged) => self.replace().and_then(|()| self.begin()),
            opened => opened,
        };
        let opened = opened.unwrap_or_else(|e| {
            self.trouble(&e);
            Opened::default()
        });
        self.tell(Told::Opened(opened));
        let backup = self.back_up();
        let mut stop = false;
        let mut highest = 0;
        while !stop {
            let first = match self.backlog.is_empty() {
                true if self.owed.is_some() => asked.recv_timeout(AGAIN_AFTER),
                true => asked.recv().map_err(|_| RecvTimeoutError::Disconnected),
                false if self.in_trouble => asked.recv_timeout(AGAIN_AFTER),
                false => asked.recv_timeout(LINGER),
            };
            let lingered = first.is_err();
            let mut damaged = None;
            let mut next = match first {
                Ok(message) => Some(message),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => break,
            };
            while let Some(message) = next {
                match message {
                    Message::Write(number, write) => {
                        self.backlog.push(*write);
                        highest = number;
                    }
                    Message::Damaged(reply) => damaged.get_or_insert_with(Vec::new).extend(reply),
                    Message::Stop => stop = true,
                }
                let room = self.backlog.len() < MOST_AT_ONCE;
                next = if room { asked.try_recv().ok() } else { None };
            }
            if let Some(replies) = damaged {
                self.mend(&replies);
            }
            if !lingered && !stop && !self.in_trouble && self.backlog.iter().all(Write::can_linger) {
                continue;
            }
            let synced = self.backlog.iter().any(Write::must_be_synced);
            if stop && self.backlog.is_empty() && self.has_been_replaced() {
                let _ = self.database(); // what was written into the old file is written again
            }
            self.commit();
            self.pay(lingered || stop);
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
        // What the copying found at the very end is not left to the next run.
        while let Ok(message) = asked.try_recv() {
            if let Message::Damaged(reply) = message {
                self.mend(reply.as_slice());
            }
        }
    }

    /// Deals with damage that was found, and says so to those who found it.
    fn mend(&mut self, replies: &[Sender<()>]) {
        if let Err(e) = self.replace().and_then(|()| self.database().map(|_| ())) {
            self.trouble(&e);
        } else if self.adopt {
            self.tell(Told::Changed);
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
        restore::correct_times(db, now)?;
        let queue = restore::settle(db, &runs, run, adopt, now)?;
        let holds = restore::holds(db, now)?;
        backup::tidy(&folder, &runs);
        Ok(Opened { queue, holds })
    }

    fn folder(&self) -> PathBuf {
        self.path.parent().unwrap_or(Path::new(".")).to_owned()
    }

    /// Another Hoist has set the file aside that is open here.
    fn has_been_replaced(&self) -> bool {
        self.db.as_ref().is_some_and(|db| !db.is_current(&self.path))
    }

    fn database(&mut self) -> Result<&mut Connection, Broken> {
        if self.alive.is_none() {
            // Nothing is written by a run that others may take for ended.
            self.alive = Some(Alive::show(&self.folder().join("runs"), self.run)?);
        }
        if self.has_been_replaced() {
            tracing::warn!("another file has taken the place of the history");
            self.db = None;
            self.is_replaced = true;
        }
        let patience = if self.in_trouble { LITTLE_PATIENCE } else { PATIENCE };
        let mut db = match self.db.take() {
            Some(db) => db,
            None => match schema::open(&self.path, patience) {
                Err(Broken::Damaged) => {
                    self.replace()?;
                    schema::open(&self.path, patience)?
                }
                db => db?,
            },
        };
        db.connection.busy_timeout(patience)?;
        if self.is_replaced {
            self.ledger.write_again(&mut db.connection, self.run)?;
            self.is_replaced = false;
        }
        Ok(&mut self.db.insert(db).connection)
    }

    /// Sets a damaged history aside, unless another Hoist has done so already, and copies into a new one what can be read.
    fn replace(&mut self) -> Result<(), Broken> {
        self.db = None;
        self.is_replaced = true;
        let folder = self.folder();
        let _lock = schema::lock(&self.path)?;
        match schema::open_alone(&self.path, PATIENCE) {
            Ok(db) if schema::is_readable(&db.connection).unwrap_or(false) => return Ok(()),
            Ok(_) | Err(Broken::Damaged) => {}
            Err(e) => return Err(e),
        }
        let name = schema::set_aside(&self.path)?;
        let mut new = schema::open_alone(&self.path, PATIENCE)?.connection;
        let mut saved = salvage::copy(&folder.join(&name), salvage::From::Damaged, &mut new);
        for copy in backup::all(&folder).iter().rev() {
            saved += salvage::copy(&folder.join(copy), salvage::From::Backup, &mut new);
        }
        let saved = match saved {
            0 => "No upload could be read from it, and a new one is used".to_owned(),
            1 => "1 upload that could be read is in a new one".to_owned(),
            n => format!("{n} uploads that could be read are in a new one"),
        };
        self.say(format!("The history was damaged and is kept as {name}. {saved}"));
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
                    self.owe(write);
                }
                *self.missing() = Missing::default();
                if std::mem::take(&mut self.in_trouble) {
                    if let Some(alive) = &mut self.alive {
                        alive.tell_trouble(false);
                    }
                    self.say("The history can be written again, and nothing is missing in it".to_owned());
                }
                if self.adopt {
                    self.tell(Told::Changed);
                }
            }
            Err(e) => self.trouble(&e),
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
        Err(Broken::InTheWay("its file is replaced again and again".into()))
    }

    /// Remembers what a write leaves to be done: being forgotten is to be gone from the disk.
    fn owe(&mut self, write: Write) {
        self.owed = match (self.owed.take(), write) {
            (_, Write::Cleared) | (Some(Owed::Everything), _) => Some(Owed::Everything),
            (Some(Owed::Rows(mut ids)), Write::Forgotten(more)) => {
                ids.extend(more);
                Some(Owed::Rows(ids))
            }
            (None, Write::Forgotten(ids)) => Some(Owed::Rows(ids)),
            (owed, _) => owed,
        };
    }

    /// Removes what was forgotten from copies, free pages and the journal. What another program is in the way of is
    /// tried again.
    fn pay(&mut self, again: bool) {
        let Some(owed) = self.owed.take_if(|_| again || !self.owed_is_told) else { return };
        match self.overwrite(&owed) {
            Ok(true) => self.owed_is_told = false,
            Ok(false) | Err(Broken::InTheWay(_)) => {
                self.owed = Some(owed);
                if !std::mem::replace(&mut self.owed_is_told, true) {
                    self.say(
                        "Another program reads the history: what was forgotten is out of sight, and is overwritten on \
                         the disk as soon as that program allows it"
                            .to_owned(),
                    );
                }
            }
            // The next write finds that, too.
            Err(e) => tracing::warn!("what was forgotten is not overwritten: {e}"),
        }
    }

    /// True where nothing of it is left.
    fn overwrite(&mut self, owed: &Owed) -> Result<bool, Broken> {
        let folder = self.folder();
        match owed {
            Owed::Everything => backup::forget(&folder)?,
            Owed::Rows(ids) => backup::forget_rows(&folder, ids),
        }
        let patience = if self.owed_is_told { LITTLE_PATIENCE } else { PATIENCE };
        let db = self.database()?;
        db.busy_timeout(patience)?;
        if *owed == Owed::Everything {
            db.execute_batch("VACUUM;")?;
        }
        let busy: i64 = db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
        Ok(busy == 0)
    }

    fn missing(&self) -> MutexGuard<'_, Missing> {
        self.missing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says once that there is no writing, until there is again.
    fn trouble(&mut self, e: &Broken) {
        let ids = self.backlog.iter().flat_map(Write::ids).collect();
        *self.missing() = Missing { reason: Some(e.to_string()), ids };
        if !std::mem::replace(&mut self.in_trouble, true) {
            if let Some(alive) = &mut self.alive {
                alive.tell_trouble(true);
            }
            tracing::warn!("the history cannot be written: {e}");
            self.say(format!(
                "The history cannot be written ({e}): until it can, nothing that happens is remembered"
            ));
        }
    }

    fn back_up(&self) -> Option<JoinHandle<()>> {
        let (path, run, to) = (self.path.clone(), self.run, self.to.clone());
        let work = move || match backup::make(&path, run) {
            Ok(true) => {}
            Ok(false) => {
                let _ = to.send(Message::Damaged(None));
            }
            Err(e) => tracing::warn!("no backup of the history: {e}"),
        };
        std::thread::Builder::new().name("hoist-backup".into()).spawn(work).ok()
    }

    fn say(&self, sentence: String) {
        self.tell(Told::Said(sentence));
    }

    fn tell(&self, told: Told) {
        let _ = self.out.send(told);
        (self.wake)();
    }
}

fn write_all(db: &mut Connection, run: i64, all: &[Write]) -> rusqlite::Result<()> {
    let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for write in all {
        write.apply(&transaction, run)?;
    }
    transaction.commit()
}

/// The same, but a mistake of ours in one row does not hold up all others.
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
