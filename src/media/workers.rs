//! Threads that look into files, so that the window never waits for a disk. Looking comes before pictures, and of the
//! pictures the one asked for last comes first: it is the one on screen.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use super::inspect::inspect;
use super::preview::{Picture, square};
use super::{hash, kept};
use crate::model::media::{ContentHash, FileFacts, FileProblem};
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
    /// The hash of its content; none where it cannot be read.
    Hash(UploadId, Option<ContentHash>),
    /// The wish was forgotten: ask again.
    Forgotten(UploadId),
}

/// Where a picture comes from.
enum From {
    /// A file.
    File(PathBuf),
    /// What was kept of a file that was sent, or the file as long as it is the same.
    Kept(PathBuf, Option<FileFacts>),
}

#[derive(Default)]
struct Wishes {
    looks: VecDeque<(UploadId, PathBuf)>,
    hashes: VecDeque<(UploadId, PathBuf)>,
    pictures: Vec<(UploadId, From, u32)>,
    /// To be kept from now on, and no more.
    keep: VecDeque<(PathBuf, PathBuf)>,
    forget: Vec<PathBuf>,
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
        self.wish(|wishes| wishes.looks.push_back((id, path)));
    }

    /// Asks for the hash of a file's content.
    pub fn hash(&self, id: UploadId, path: PathBuf) {
        self.wish(|wishes| wishes.hashes.push_back((id, path)));
    }

    /// Asks for a square picture of at most `side` pixels.
    pub fn picture(&self, id: UploadId, path: PathBuf, side: u32) {
        self.ask_picture(id, From::File(path), side);
    }

    /// Asks for the picture kept in the file `kept`, or else one made from the file as long as it is what it was.
    pub fn kept_picture(&self, id: UploadId, kept: PathBuf, facts: Option<FileFacts>, side: u32) {
        self.ask_picture(id, From::Kept(kept, facts), side);
    }

    /// Keeps a small picture of `path` in the file `kept`.
    pub fn keep_picture(&self, path: PathBuf, kept: PathBuf) {
        self.wish(|wishes| wishes.keep.push_back((path, kept)));
    }

    /// Deletes kept pictures, or a folder of them.
    pub fn forget_pictures(&self, kept: Vec<PathBuf>) {
        self.wish(|wishes| wishes.forget.extend(kept));
    }

    fn ask_picture(&self, id: UploadId, from: From, side: u32) {
        self.wish(|wishes| {
            wishes.pictures.push((id, from, side));
            if wishes.pictures.len() > MOST_WAITING {
                let (forgotten, ..) = wishes.pictures.remove(0);
                let _ = self.out.send(Found::Forgotten(forgotten));
            }
        });
    }

    fn wish(&self, wish: impl FnOnce(&mut Wishes)) {
        let (wishes, bell) = &*self.shared;
        wish(&mut wishes.lock().unwrap_or_else(PoisonError::into_inner));
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
        Hash(UploadId, PathBuf),
        Picture(UploadId, From, u32),
        Keep(PathBuf, PathBuf),
        Forget(Vec<PathBuf>),
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
                if let Some((id, path)) = wishes.hashes.pop_front() {
                    break Work::Hash(id, path);
                }
                if let Some((id, from, side)) = wishes.pictures.pop() {
                    break Work::Picture(id, from, side);
                }
                if let Some((path, kept)) = wishes.keep.pop_front() {
                    break Work::Keep(path, kept);
                }
                if !wishes.forget.is_empty() {
                    break Work::Forget(std::mem::take(&mut wishes.forget));
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
            Work::Hash(id, path) => Found::Hash(id, hash::of_file(&path).ok()),
            Work::Picture(id, From::File(path), side) => Found::Picture(id, square(&path, side)),
            Work::Picture(id, From::Kept(file, facts), side) => {
                Found::Picture(id, kept::picture(&file, facts.as_ref(), side))
            }
            Work::Keep(path, file) => {
                kept::keep(&path, &file);
                continue;
            }
            Work::Forget(files) => {
                for file in files {
                    kept::forget(&file);
                }
                continue;
            }
        };
        if out.send(found).is_err() {
            return;
        }
        wake();
    }
}
