//! The history: every upload that was asked for, every try, every id; and the queue of a window, so that it comes back.
//!
//! One thread writes. Whatever was asked for in between is committed together: that outlives the program, however it
//! ends. Another thread syncs what must outlive a power cut, and holds up no commit meanwhile. Where writing fails (a full disk, a locked file), nothing is lost: it is kept, said once, and tried
//! again. Whoever waits for a write then goes on without it.

mod backup;
mod read;
mod restore;
mod row;
mod runs;
mod schema;
mod write;

use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::watch;

use super::folders::Folders;
use crate::model::upload::UploadId;
pub use read::{Query, Reader};
pub use restore::Opened;
use runs::Alive;
use schema::Broken;
pub use write::{AccountId, Write};

/// Another program may hold the database so long.
const PATIENCE: Duration = Duration::from_secs(5);
/// And so long where it already had held it longer.
const LITTLE_PATIENCE: Duration = Duration::from_millis(100);
/// What could not be written is tried again so often.
const AGAIN_AFTER: Duration = Duration::from_secs(2);
/// What nobody waits for is committed with what comes next, or after this time.
const LINGER: Duration = Duration::from_millis(25);
/// Writes committed together at most.
const MOST_AT_ONCE: usize = 4096;

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
    /// The whole file was read, and it is not sound.
    Damaged,
    Stop,
}

struct Line {
    /// The number of the next write, and the way to the thread: together, so that numbers come in order.
    next: Mutex<(u64, Sender<Message>)>,
    committed: watch::Receiver<u64>,
    synced: watch::Receiver<u64>,
    path: PathBuf,
}

/// Ends the writing when it is dropped: after everything that was asked for is written, or cannot be.
pub struct Keeper {
    told: Receiver<Told>,
    stop: Sender<Message>,
    thread: JoinHandle<()>,
}

impl Keeper {
    /// What there is to tell.
    pub fn try_told(&self) -> Option<Told> {
        self.told.try_recv().ok()
    }

    /// Waits until the history is open, but not long.
    pub fn wait_until_open(&self) -> Vec<Told> {
        let end = Instant::now() + 2 * PATIENCE;
        let mut told = vec![];
        while !told.iter().any(|t| matches!(t, Told::Opened(_))) {
            match self.told.recv_timeout(end.saturating_duration_since(Instant::now())) {
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
    ) -> std::io::Result<(History, Keeper)> {
        let run = i64::from(fastrand::u32(1..1 << 31));
        let path = file(folders);
        let (to, asked) = mpsc::channel();
        let (committed_mark, committed) = watch::channel(0);
        let (synced_mark, synced) = watch::channel(0);
        let (to_sync, sync_asked) = mpsc::channel();
        let syncer = {
            let path = path.clone();
            let work = move || sync(&path, &sync_asked, &synced_mark);
            std::thread::Builder::new().name("hoist-sync".into()).spawn(work)?
        };
        let (out, told) = mpsc::channel();
        let mut writer = Writer {
            run,
            adopt,
            path: path.clone(),
            db: None,
            alive: None,
            backlog: vec![],
            in_trouble: false,
            to: to.clone(),
            out,
            wake,
            committed: committed_mark,
        };
        let stop = to.clone();
        let work = move || {
            writer.work(&asked, &to_sync);
            drop(to_sync);
            let _ = syncer.join();
        };
        let thread = std::thread::Builder::new().name("hoist-history".into()).spawn(work)?;
        let line = Line { next: Mutex::new((1, to)), committed, synced, path };
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

    /// Waits until a write is committed, which outlives the program; or until that proved impossible.
    pub async fn reached(&self, number: u64) {
        if let Some(line) = &self.line {
            let _ = line.committed.clone().wait_for(|mark| *mark >= number).await;
        }
    }

    /// Waits until a write that names an id or a link outlives a power cut; or until that proved impossible.
    pub async fn synced(&self, number: u64) {
        if let Some(line) = &self.line {
            let _ = line.synced.clone().wait_for(|mark| *mark >= number).await;
        }
    }

    /// Whether a write is committed, or proved impossible.
    pub fn has_reached(&self, number: u64) -> bool {
        self.line.as_ref().is_none_or(|line| *line.committed.borrow() >= number)
    }

    /// Whether there is a history in these folders.
    pub fn is_there(folders: &Folders) -> bool {
        file(folders).exists()
    }

    /// For looking things up, on a thread that may wait.
    pub fn reader(&self) -> Reader {
        Reader::new(self.line.as_ref().map_or(Path::new(""), |line| &line.path))
    }
}

fn file(folders: &Folders) -> PathBuf {
    folders.data.join("history.db")
}

struct Writer {
    run: i64,
    adopt: bool,
    path: PathBuf,
    db: Option<Connection>,
    alive: Option<Alive>,
    /// What is not written yet.
    backlog: Vec<Write>,
    in_trouble: bool,
    to: Sender<Message>,
    out: Sender<Told>,
    wake: Arc<dyn Fn() + Send + Sync>,
    committed: watch::Sender<u64>,
}

/// Syncs what was committed whenever a number comes, all that came meanwhile at once.
fn sync(path: &Path, asked: &Receiver<u64>, mark: &watch::Sender<u64>) {
    let open = |path: &Path| std::fs::File::options().read(true).write(true).open(path);
    while let Ok(first) = asked.recv() {
        let number = asked.try_iter().last().unwrap_or(first);
        let file = open(&schema::with_end(path, "-wal")).or_else(|_| open(path));
        if let Err(e) = file.and_then(|file| file.sync_data()) {
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
                true => asked.recv().map_err(|_| RecvTimeoutError::Disconnected),
                false if self.in_trouble => asked.recv_timeout(AGAIN_AFTER),
                false => asked.recv_timeout(LINGER),
            };
            let lingered = first.is_err();
            let mut damaged = false;
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
                    Message::Damaged => damaged = true,
                    Message::Stop => stop = true,
                }
                let room = self.backlog.len() < MOST_AT_ONCE;
                next = if room { asked.try_recv().ok() } else { None };
            }
            if damaged && let Err(e) = self.replace() {
                self.trouble(&e);
            }
            if !lingered && !stop && !self.in_trouble && self.backlog.iter().all(Write::can_linger) {
                continue;
            }
            let synced = self.backlog.iter().any(Write::must_be_synced);
            self.commit();
            self.committed.send_replace(highest);
            if synced {
                let _ = to_sync.send(highest);
            }
        }
        if let Some(backup) = backup {
            let _ = backup.join();
        }
    }

    fn begin(&mut self) -> Result<Opened, Broken> {
        let folder = self.path.parent().unwrap_or(Path::new(".")).to_owned();
        Folders::make(&folder)?;
        let runs = folder.join("runs");
        let (run, adopt) = (self.run, self.adopt);
        let db = self.database()?;
        let now = Timestamp::now();
        let queue = restore::settle(db, &runs, run, adopt, now)?;
        Ok(Opened { queue, holds: restore::holds(db, now)? })
    }

    fn database(&mut self) -> Result<&mut Connection, Broken> {
        if self.alive.is_none() {
            // Nothing is written by a run that others may take for ended.
            let folder = self.path.parent().unwrap_or(Path::new("."));
            self.alive = Some(Alive::show(&folder.join("runs"), self.run)?);
        }
        let patience = if self.in_trouble { LITTLE_PATIENCE } else { PATIENCE };
        let db = match self.db.take() {
            Some(db) => db,
            None => match schema::open(&self.path, patience) {
                Err(Broken::Damaged) => {
                    self.replace()?;
                    schema::open(&self.path, patience)?
                }
                db => db?,
            },
        };
        db.busy_timeout(patience)?;
        Ok(self.db.insert(db))
    }

    /// Sets a damaged history aside, unless another Hoist has done so already.
    fn replace(&mut self) -> Result<(), Broken> {
        self.db = None;
        let folder = self.path.parent().unwrap_or(Path::new("."));
        let _lock = schema::lock(&self.path)?;
        match schema::open_alone(&self.path, PATIENCE) {
            Ok(db) if schema::is_sound(&db).unwrap_or(false) => return Ok(()),
            Ok(_) | Err(Broken::Damaged) => {}
            Err(e) => return Err(e),
        }
        let name = schema::set_aside(&self.path)?;
        let copy = backup::all(folder).pop().map(|copy| format!(", and {copy} is its last backup"));
        self.say(format!(
            "The history was damaged. It was kept as {name}{}. A new one is used",
            copy.unwrap_or_default()
        ));
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
                if self.backlog.iter().any(|write| matches!(write, Write::Cleared)) {
                    backup::forget(self.path.parent().unwrap_or(Path::new(".")));
                }
                self.backlog.clear();
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
        let backlog = std::mem::take(&mut self.backlog);
        let run = self.run;
        let result = self.database().and_then(|db| match write_all(db, run, &backlog) {
            Err(e) if is_rule(&e) => Ok(write_each(db, run, &backlog)?),
            result => Ok(result?),
        });
        self.backlog = backlog;
        result
    }

    /// Says once that there is no writing, until there is again.
    fn trouble(&mut self, e: &Broken) {
        if !std::mem::replace(&mut self.in_trouble, true) {
            if let Some(alive) = &mut self.alive {
                alive.tell_trouble(true);
            }
            tracing::warn!("the history cannot be written: {e}");
            self.say(format!(
                "The history cannot be written ({e}): IDs are shown, but not remembered until it can"
            ));
        }
    }

    fn back_up(&self) -> Option<JoinHandle<()>> {
        let (path, to) = (self.path.clone(), self.to.clone());
        let work = move || match backup::make(&path) {
            Ok(true) => {}
            Ok(false) => {
                let _ = to.send(Message::Damaged);
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
