//! Sorting what was added together: helpers look at it, and where one hangs, another goes on with the rest.

use std::collections::{HashSet, VecDeque};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::found::{FileSystem, News, ScanBatch, ScanProgress, Times};
use crate::media::folder::{Limits, ScanResult};
use crate::model::record::name_of;

/// So many threads may wait for what does not answer; then the rest waits as well.
pub(super) const MAX_HELPERS: usize = 8;

/// How often it is told how far a walk is, at most.
const TICK: Duration = Duration::from_millis(100);

/// What helpers share.
pub(super) struct WorkerPool {
    look: Arc<dyn FileSystem>,
    paths: Vec<PathBuf>,
    stop: Arc<AtomicBool>,
    tasks: Mutex<Tasks>,
}

struct Tasks {
    /// Which helper is at work. Those before it hang, and do nothing more than to end what they began.
    turn: usize,
    left: VecDeque<Task>,
}

/// Something to do with a path, by its place. Folders are walked when everything is sorted.
#[derive(Clone, Copy)]
enum Task {
    Sort(usize),
    Walk(usize),
}

/// A sign of life of a helper.
struct Heartbeat {
    turn: usize,
    index: usize,
    what: HelperProgress,
}

enum HelperProgress {
    Began,
    IsFile,
    IsFolder,
    Found(usize),
    Walked(ScanResult),
}

impl WorkerPool {
    pub(super) fn new(look: Arc<dyn FileSystem>, paths: Vec<PathBuf>, stop: Arc<AtomicBool>) -> WorkerPool {
        let left = (0..paths.len()).map(Task::Sort).collect();
        WorkerPool { look, paths, stop, tasks: Mutex::new(Tasks { turn: 0, left }) }
    }

    /// Does what is left, as long as it is this helper's turn.
    fn help(&self, turn: usize, out: &Sender<Heartbeat>) {
        let say = |index, what| {
            let _ = out.send(Heartbeat { turn, index, what });
        };
        loop {
            let task = {
                let mut tasks = self.tasks.lock();
                if tasks.turn != turn || self.stop.load(Ordering::Relaxed) {
                    return;
                }
                tasks.left.pop_front()
            };
            match task {
                None => return,
                Some(Task::Sort(index)) => {
                    say(index, HelperProgress::Began);
                    if !self.look.is_folder(&self.paths[index]) {
                        say(index, HelperProgress::IsFile);
                        continue;
                    }
                    say(index, HelperProgress::IsFolder);
                    let mut tasks = self.tasks.lock();
                    if tasks.turn == turn {
                        tasks.left.push_back(Task::Walk(index));
                    } else {
                        drop(tasks);
                        self.walk(index, &say); // no other helper may be left to do it
                    }
                }
                Some(Task::Walk(index)) => {
                    say(index, HelperProgress::Began);
                    self.walk(index, &say);
                }
            }
        }
    }

    fn walk(&self, index: usize, say: &dyn Fn(usize, HelperProgress)) {
        let mut last = Instant::now();
        let walked = self.look.walk(&self.paths[index], &mut |found| {
            if last.elapsed() >= TICK {
                last = Instant::now();
                say(index, HelperProgress::Found(found));
            }
            !self.stop.load(Ordering::Relaxed)
        });
        say(index, HelperProgress::Walked(walked));
    }
}

/// How far it is with a path.
enum EntryState {
    Open,
    File,
    Folder,
    Walked(ScanResult),
    Delivered,
}

impl EntryState {
    fn is_open(&self) -> bool {
        matches!(self, EntryState::Open | EntryState::Folder)
    }
}

/// Follows helpers, and goes on with another where one hangs.
pub(super) struct Scanner {
    crew: Arc<WorkerPool>,
    times: Times,
    places: Vec<EntryState>,
    /// Those that nobody waits for any more.
    slow: HashSet<usize>,
    signs: (Sender<Heartbeat>, Receiver<Heartbeat>),
    began: Instant,
    /// The last sign of life of the helper whose turn it is, and what it is at.
    alive: (Instant, Option<usize>),
    turn: usize,
    /// Found in folders that were walked, and in the one that is being walked.
    found: (usize, usize),
    last_report: Option<(Instant, ScanProgress)>,
}

impl Scanner {
    pub(super) fn new(crew: Arc<WorkerPool>, times: Times) -> Scanner {
        Scanner {
            places: crew.paths.iter().map(|_| EntryState::Open).collect(),
            crew,
            times,
            slow: HashSet::new(),
            signs: mpsc::channel(),
            began: Instant::now(),
            alive: (Instant::now(), None),
            turn: 0,
            found: (0, 0),
            last_report: None,
        }
    }

    pub(super) fn run(mut self, tell: impl Fn(News)) {
        self.send_a_helper();
        while self.places.iter().any(EntryState::is_open) {
            if let Ok(sign) = self.signs.1.recv_timeout(TICK.min(self.times.stall_timeout)) {
                self.take(sign);
                while let Ok(sign) = self.signs.1.try_recv() {
                    self.take(sign);
                }
            }
            if self.crew.stop.load(Ordering::Relaxed) {
                return;
            }
            self.go_on_without_what_hangs();
            let awaited =
                |(index, state): (usize, &EntryState)| state.is_open() && !self.slow.contains(&index);
            let all = !self.places.iter().enumerate().any(awaited);
            // Files need not wait for folders for ever, either.
            if all || self.began.elapsed() > self.times.stall_timeout {
                let gathered = self.pass_on(all);
                if gathered != ScanBatch::default() {
                    tell(News::ScanBatch(gathered));
                }
            }
            if let Some(progress) = self.progress() {
                tell(News::Progress(progress));
            }
        }
        tell(News::Ended);
    }

    fn take(&mut self, sign: Heartbeat) {
        let Heartbeat { turn, index, what } = sign;
        if turn == self.turn {
            self.alive = (Instant::now(), Some(index));
        }
        match what {
            HelperProgress::Found(found) if turn == self.turn => self.found.1 = found,
            HelperProgress::Began | HelperProgress::Found(_) => {}
            HelperProgress::IsFile => self.places[index] = EntryState::File,
            HelperProgress::IsFolder => self.places[index] = EntryState::Folder,
            HelperProgress::Walked(walked) => {
                self.found = (self.found.0 + walked.files.len(), 0);
                self.places[index] = EntryState::Walked(walked);
            }
        }
    }

    fn send_a_helper(&mut self) {
        let (crew, turn, out) = (Arc::clone(&self.crew), self.turn, self.signs.0.clone());
        self.alive = (Instant::now(), None);
        let work = move || crew.help(turn, &out);
        if let Err(e) = std::thread::Builder::new().name("hoist-scan-help".into()).spawn(work) {
            tracing::error!("no thread to look into folders: {e}");
            // Whoever adds files sees them, and then why they cannot be read.
            self.places
                .iter_mut()
                .filter(|state| state.is_open())
                .for_each(|state| *state = EntryState::File);
        }
    }

    fn go_on_without_what_hangs(&mut self) {
        let (since, Some(index)) = self.alive else { return };
        let hangs = self.places[index].is_open() && since.elapsed() > self.times.stall_timeout;
        if !hangs || self.turn + 1 >= MAX_HELPERS {
            return;
        }
        {
            let mut tasks = self.crew.tasks.lock();
            let waits = |task: &Task| matches!(task, Task::Walk(other) if *other == index);
            if tasks.left.iter().any(waits) {
                return; // it was sorted, and this helper has just not gone on yet
            }
            self.turn += 1;
            tasks.turn = self.turn;
        }
        self.slow.insert(index);
        self.found.1 = 0;
        self.send_a_helper();
    }

    /// Passes on what is known by now and was not passed on: everything, or files alone.
    fn pass_on(&mut self, all: bool) -> ScanBatch {
        let mut out = ScanBatch::default();
        for (state, path) in self.places.iter_mut().zip(&self.crew.paths) {
            match state {
                EntryState::File => out.files.push(path.clone()),
                EntryState::Walked(walked) if all => {
                    let mut walked = std::mem::take(walked);
                    let files = std::mem::take(&mut walked.files);
                    let room = Limits::default().files.saturating_sub(out.out_of_folders);
                    walked.over_limit += files.len().saturating_sub(room);
                    let files = files.into_iter().take(room);
                    out.folders.push(name_of(path));
                    for file in files {
                        out.bytes += file.size;
                        out.out_of_folders += 1;
                        out.files.push(file.path);
                    }
                    out.rest.add(walked, Limits::default());
                }
                _ => continue,
            }
            *state = EntryState::Delivered;
        }
        out
    }

    /// Returns what there is to tell of a walk that takes longer than a moment, or of what does not answer.
    fn progress(&mut self) -> Option<ScanProgress> {
        let at = self.alive.1.filter(|at| self.places[*at].is_open());
        let first_open = || self.places.iter().position(EntryState::is_open);
        let at = at.or_else(first_open)?;
        let walks =
            matches!(self.places[at], EntryState::Folder) && self.began.elapsed() >= self.times.moment;
        if !walks && self.began.elapsed() < self.times.stall_timeout {
            return None;
        }
        let progress =
            ScanProgress { name: name_of(&self.crew.paths[at]), files: self.found.0 + self.found.1 };
        if self.last_report.as_ref().is_some_and(|(when, told)| when.elapsed() < TICK || *told == progress) {
            return None;
        }
        self.last_report = Some((Instant::now(), progress.clone()));
        Some(progress)
    }
}
