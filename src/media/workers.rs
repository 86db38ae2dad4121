//! Threads that look into files, so that the window never waits for a disk. Looking comes before pictures, and of the
//! pictures the one asked for last comes first: it is the one on screen.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use super::inspect::inspect;
use super::preview::{Picture, square};
use crate::model::media::{FileFacts, FileProblem};
use crate::model::upload::UploadId;

/// So many pictures may wait; older wishes are forgotten and asked for again when they are on screen.
const MOST_WAITING: usize = 64;

/// What a worker found.
#[derive(Debug)]
pub enum Found {
    /// What the file is.
    Facts(UploadId, Result<FileFacts, FileProblem>),
    /// A small picture of it, or why there is none.
    Picture(UploadId, Result<Picture, String>),
    /// The wish was forgotten: ask again.
    Forgotten(UploadId),
}

#[derive(Default)]
struct Wishes {
    looks: VecDeque<(UploadId, PathBuf)>,
    pictures: Vec<(UploadId, PathBuf, u32)>,
    stop: bool,
}

type Shared = Arc<(Mutex<Wishes>, Condvar)>;

/// A handle to the threads; dropping it ends them after their present file.
pub struct Workers {
    shared: Shared,
    found: Receiver<Found>,
    out: Sender<Found>,
}

impl Workers {
    /// Starts the threads; `wake` is called after each thing found.
    pub fn start(wake: &Arc<dyn Fn() + Send + Sync>) -> Workers {
        let shared: Shared = Arc::default();
        let (out, found) = mpsc::channel();
        for n in 0..2 {
            let (shared, out, wake) = (Arc::clone(&shared), out.clone(), Arc::clone(wake));
            let work = move || run(&shared, &out, &*wake);
            let spawned = std::thread::Builder::new().name(format!("hoist-look-{n}")).spawn(work);
            if let Err(e) = spawned {
                tracing::error!("no thread to look into files: {e}");
            }
        }
        Workers { shared, found, out }
    }

    /// Asks what a file is.
    pub fn look(&self, id: UploadId, path: PathBuf) {
        let (wishes, bell) = &*self.shared;
        wishes.lock().unwrap_or_else(PoisonError::into_inner).looks.push_back((id, path));
        bell.notify_one();
    }

    /// Asks for a square picture of at most `side` pixels.
    pub fn picture(&self, id: UploadId, path: PathBuf, side: u32) {
        let (wishes, bell) = &*self.shared;
        let mut wishes = wishes.lock().unwrap_or_else(PoisonError::into_inner);
        wishes.pictures.push((id, path, side));
        if wishes.pictures.len() > MOST_WAITING {
            let (forgotten, ..) = wishes.pictures.remove(0);
            let _ = self.out.send(Found::Forgotten(forgotten));
        }
        bell.notify_one();
    }

    /// What was found since the last call.
    pub fn found(&self) -> impl Iterator<Item = Found> {
        self.found.try_iter()
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        let (wishes, bell) = &*self.shared;
        wishes.lock().unwrap_or_else(PoisonError::into_inner).stop = true;
        bell.notify_all();
    }
}

fn run(shared: &Shared, out: &Sender<Found>, wake: &dyn Fn()) {
    enum Work {
        Look(UploadId, PathBuf),
        Picture(UploadId, PathBuf, u32),
    }
    loop {
        let work = {
            let (wishes, bell) = &**shared;
            let mut wishes = wishes.lock().unwrap_or_else(PoisonError::into_inner);
            loop {
                if wishes.stop {
                    return;
                }
                if let Some((id, path)) = wishes.looks.pop_front() {
                    break Work::Look(id, path);
                }
                if let Some((id, path, side)) = wishes.pictures.pop() {
                    break Work::Picture(id, path, side);
                }
                wishes = bell.wait(wishes).unwrap_or_else(PoisonError::into_inner);
            }
        };
        let found = match work {
            Work::Look(id, path) => {
                let facts = catch_unwind(AssertUnwindSafe(|| inspect(&path)));
                Found::Facts(
                    id,
                    facts.unwrap_or_else(|_| Err(FileProblem::Unreadable("it is broken".into()))),
                )
            }
            Work::Picture(id, path, side) => Found::Picture(id, square(&path, side)),
        };
        if out.send(found).is_err() {
            return;
        }
        wake();
    }
}
