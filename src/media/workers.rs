//! Threads that look into files, so that the window never waits for a disk. Looking comes before pictures, and of the
//! pictures the one asked for last comes first: it is the one on screen. What is not wanted any more is left.

use std::ops::Deref;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};

use parking_lot::{Condvar, Mutex};

use super::error::PreviewError;
use super::hash::HashedContent;
use super::inspect::inspect;
use super::part::{ComparedPicture, ComparedView};
use super::preview::{Picture, Preview};
use super::work_queue::{Asked, IsLeft, ThumbSource, WorkQueue, WorkerTask};
use super::{details, hash, part, thumbnail, thumbnail_cache};
use crate::model::media::{Details, FileFacts, FileProblem};
use crate::model::upload::UploadId;

/// So many pictures may wait; older wishes are forgotten and asked for again when they are on screen.
const MAX_WAITING: usize = 64;

/// What a worker found.
#[derive(Debug)]
pub enum WorkResult {
    /// What the file is.
    Facts(UploadId, Result<FileFacts, FileProblem>),
    /// A small picture of it, or why there is none.
    Picture(UploadId, Result<Picture, PreviewError>),
    /// A large one, or a waveform, or why there is none.
    Preview(UploadId, Result<Preview, PreviewError>),
    /// What the file at this path looks like, to be compared with another one.
    Compared(PathBuf, ComparedPicture),
    /// What it tells of itself.
    Details(UploadId, Details),
    /// The hash of its content; none where it cannot be read.
    Hash(UploadId, Option<HashedContent>),
    /// The wish for a small picture was forgotten: ask again.
    Forgotten(UploadId),
}

/// Returns what of an upload a result is the answer to, where it may be asked for again.
fn answered(found: &WorkResult) -> Option<(Asked, UploadId)> {
    match found {
        WorkResult::Facts(id, _) => Some((Asked::Look, *id)),
        WorkResult::Details(id, _) => Some((Asked::Details, *id)),
        WorkResult::Preview(id, _) => Some((Asked::Preview, *id)),
        WorkResult::Picture(id, _) | WorkResult::Forgotten(id) => Some((Asked::Picture, *id)),
        WorkResult::Compared(..) | WorkResult::Hash(..) => None,
    }
}

/// What a worker found, and whether it was left meanwhile.
type Found = (WorkResult, IsLeft);

type WorkerContext = Arc<(Mutex<WorkQueue>, Condvar)>;

/// The threads and what they found; dropping it ends them after their present file.
pub struct Workers {
    client: WorkerClient,
    found: Receiver<Found>,
}

/// A way to ask the threads for something, from anywhere.
#[derive(Clone)]
pub struct WorkerClient {
    shared: WorkerContext,
    out: Sender<Found>,
}

impl Workers {
    /// Starts the threads; `wake` is called after each thing found.
    pub fn start(wake: &Arc<dyn Fn() + Send + Sync>) -> std::io::Result<Workers> {
        let shared: WorkerContext = Arc::default();
        let (out, found) = mpsc::channel();
        for n in 0..2 {
            let (shared, out, wake) = (Arc::clone(&shared), out.clone(), Arc::clone(wake));
            let work = move || run(&shared, &out, &*wake);
            std::thread::Builder::new().name(format!("hoist-look-{n}")).spawn(work)?;
        }
        Ok(Workers { client: WorkerClient { shared, out }, found })
    }

    /// Returns a way to ask them from elsewhere.
    pub fn client(&self) -> WorkerClient {
        self.client.clone()
    }

    /// Returns what was found since the last call, but for what was asked for again meanwhile, or left.
    pub fn found(&self) -> impl Iterator<Item = WorkResult> {
        self.found.try_iter().filter_map(|(found, left)| {
            if left.load(Ordering::Relaxed) {
                return None;
            }
            if let Some(answered) = answered(&found) {
                self.client.shared.0.lock().last.remove(&answered);
            }
            Some(found)
        })
    }
}

impl Deref for Workers {
    type Target = WorkerClient;

    fn deref(&self) -> &WorkerClient {
        &self.client
    }
}

impl WorkerClient {
    /// Asks what a file is. Nothing comes any more of what was asked of the same upload before: that may be of another
    /// file, or of what this one was.
    pub fn inspect(&self, id: UploadId, path: PathBuf) {
        self.wish(|wishes| {
            let left = wishes.ask(Asked::Look, id);
            wishes.looks.push_back((id, path, left));
        });
    }

    /// Leaves what `inspect` asked for: nothing comes of it.
    pub fn leave_look(&self, id: UploadId) {
        if let Some(left) = self.shared.0.lock().last.remove(&(Asked::Look, id)) {
            left.store(true, Ordering::Relaxed);
        }
    }

    /// Asks for the hash of a file's content.
    pub fn hash(&self, id: UploadId, path: PathBuf) {
        self.wish(|wishes| wishes.hashes.push_back((id, path)));
    }

    /// Hashes several files when there is nothing else to do: a large file takes a while.
    /// `wake` is called once, when all of them are hashed: nothing that is seen depends on it.
    pub fn hash_when_idle(&self, files: impl IntoIterator<Item = (UploadId, PathBuf)>) {
        self.wish(|wishes| wishes.spare.extend(files));
    }

    /// Takes back what `hash_when_idle` asked for.
    pub fn unwant_hash(&self, id: UploadId) {
        self.shared.0.lock().spare.retain(|(other, _)| *other != id);
    }

    /// Asks what a file tells of itself.
    pub fn details(&self, id: UploadId, facts: FileFacts) {
        self.wish(|wishes| {
            let left = wishes.ask(Asked::Details, id);
            wishes.details.push((id, facts, left));
        });
    }

    /// Asks for a large picture within so many pixels, or a waveform of as many columns as it is wide.
    pub fn preview(&self, id: UploadId, facts: FileFacts, within: (u32, u32)) {
        self.ask_preview(id, ThumbSource::File(facts), within);
    }

    /// Asks for what a file looks like, to be compared with another one: it is known by its path. What was asked for
    /// before in the same view and is still waiting is left, unless it is of `beside`.
    pub fn compare(&self, facts: FileFacts, view: ComparedView, beside: &Path) {
        let is_part = |view: &ComparedView| matches!(view, ComparedView::Part(_));
        self.wish(|wishes| {
            wishes.compared.retain(|(other, of)| {
                is_part(of) != is_part(&view) || (other.path == beside && facts.path != beside)
            });
            wishes.compared.push((facts, view));
        });
    }

    /// Asks for the same of a file that was sent: of the file as long as it is what it was, else of the picture that is
    /// kept in the file `kept`.
    pub fn kept_preview(&self, id: UploadId, kept: PathBuf, facts: Option<FileFacts>, within: (u32, u32)) {
        self.ask_preview(id, ThumbSource::Cached(kept, facts), within);
    }

    /// Asks for a square picture of at most `side` pixels.
    pub fn picture(&self, id: UploadId, facts: FileFacts, side: u32) {
        self.ask_picture(id, ThumbSource::File(facts), side);
    }

    /// Asks for the picture kept in the file `kept`, or else one made from the file as long as it is what it was.
    pub fn kept_picture(&self, id: UploadId, kept: PathBuf, facts: Option<FileFacts>, side: u32) {
        self.ask_picture(id, ThumbSource::Cached(kept, facts), side);
    }

    /// Keeps a small picture of a file in the file `kept`.
    pub fn keep_picture(&self, facts: FileFacts, kept: PathBuf) {
        self.wish(|wishes| wishes.keep.push_back((facts, kept)));
    }

    /// Deletes kept pictures, or a folder of them.
    pub fn forget_pictures(&self, kept: Vec<PathBuf>) {
        self.wish(|wishes| wishes.forget.extend(kept));
    }

    /// Withdraws the request for a thumbnail that is not on screen any more.
    pub fn unwant_picture(&self, id: UploadId) {
        self.leave(id, |wishes| wishes.pictures.retain(|(other, ..)| *other != id));
    }

    /// Withdraws the request for a preview of a file that is not in the panel any more.
    pub fn unwant_preview(&self, id: UploadId) {
        self.leave(id, |wishes| {
            wishes.previews.retain(|(other, ..)| *other != id);
            wishes.details.retain(|(other, ..)| *other != id);
        });
    }

    fn leave(&self, id: UploadId, leave: impl FnOnce(&mut WorkQueue)) {
        let mut wishes = self.shared.0.lock();
        leave(&mut wishes);
        if let Some(stop) = wishes.drawing.get(&id) {
            stop.store(true, Ordering::Relaxed);
        }
    }

    fn ask_preview(&self, id: UploadId, from: ThumbSource, within: (u32, u32)) {
        self.wish(|wishes| {
            let left = wishes.ask(Asked::Preview, id);
            wishes.previews.push((id, from, within, left));
        });
    }

    fn ask_picture(&self, id: UploadId, from: ThumbSource, side: u32) {
        self.wish(|wishes| {
            wishes.pictures.retain(|(other, ..)| *other != id);
            let left = wishes.ask(Asked::Picture, id);
            wishes.pictures.push((id, from, side, left));
            if wishes.pictures.len() > MAX_WAITING {
                let (forgotten, ..) = wishes.pictures.remove(0);
                let _ = self.out.send((WorkResult::Forgotten(forgotten), IsLeft::default()));
            }
        });
    }

    fn wish(&self, wish: impl FnOnce(&mut WorkQueue)) {
        wish(&mut self.shared.0.lock());
        self.shared.1.notify_one();
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        let mut wishes = self.shared.0.lock();
        wishes.stop = true;
        wishes.drawing.values().for_each(|stop| stop.store(true, Ordering::Relaxed));
        self.shared.1.notify_all();
    }
}

fn run(shared: &WorkerContext, out: &Sender<Found>, wake: &dyn Fn()) {
    loop {
        let work = {
            let mut wishes = shared.0.lock();
            loop {
                if wishes.stop {
                    return;
                }
                match wishes.next() {
                    Some(work) => break work,
                    None => shared.1.wait(&mut wishes),
                }
            }
        };
        let is_spare = matches!(work, WorkerTask::Spare(..));
        let is_part = matches!(work, WorkerTask::Compare(_, ComparedView::Part(_)));
        let is_hash = matches!(work, WorkerTask::Hash(..));
        let left = work.is_left().cloned().unwrap_or_default();
        if left.load(Ordering::Relaxed) {
            continue;
        }
        let found = done(shared, work);
        if is_hash {
            shared.0.lock().hashing -= 1;
        }
        if let Some(found) = found {
            if out.send((found, left)).is_err() {
                return;
            }
            if !is_spare || shared.0.lock().spare.is_empty() {
                wake();
            }
        }
        if is_spare || is_part {
            let mut wishes = shared.0.lock();
            wishes.spare_is_on &= !is_spare;
            wishes.part_is_on &= !is_part;
            drop(wishes);
            shared.1.notify_one();
        }
    }
}

fn done(shared: &WorkerContext, work: WorkerTask) -> Option<WorkResult> {
    Some(match work {
        WorkerTask::Look(id, path, _) => {
            let facts = catch_unwind(AssertUnwindSafe(|| inspect(&path)));
            WorkResult::Facts(
                id,
                facts.unwrap_or_else(|_| Err(FileProblem::Unreadable("it is broken".into()))),
            )
        }
        WorkerTask::Hash(id, path) | WorkerTask::Spare(id, path) => {
            WorkResult::Hash(id, hash::of_file(&path).ok())
        }
        WorkerTask::Details(id, facts, _) => WorkResult::Details(id, details::read_details(&facts)),
        WorkerTask::Preview(id, from, within, _) => {
            let draw = |stop: &AtomicBool| match &from {
                ThumbSource::File(facts) => thumbnail::large(facts, within, stop),
                ThumbSource::Cached(file, facts) => {
                    thumbnail_cache::large(file, facts.as_ref(), within, stop)
                }
            };
            WorkResult::Preview(id, drawing(shared, id, draw)?)
        }
        WorkerTask::Compare(facts, ComparedView::Whole(within)) => {
            let stop = AtomicBool::new(false);
            let drawn = catch_unwind(AssertUnwindSafe(|| thumbnail::large(&facts, within, &stop)));
            let drawn = drawn.unwrap_or(Err(PreviewError::Panicked));
            WorkResult::Compared(facts.path, ComparedPicture::Whole(drawn))
        }
        WorkerTask::Compare(facts, ComparedView::Part(part)) => {
            let read = part::read(&facts, part);
            WorkResult::Compared(facts.path, ComparedPicture::Part(read))
        }
        WorkerTask::Picture(id, ThumbSource::File(facts), side, _) => {
            match drawing(shared, id, |stop| thumbnail::small(&facts, side, stop)) {
                Some(picture) => WorkResult::Picture(id, picture),
                None => WorkResult::Forgotten(id),
            }
        }
        WorkerTask::Picture(id, ThumbSource::Cached(file, facts), side, _) => {
            WorkResult::Picture(id, thumbnail_cache::picture(&file, facts.as_ref(), side))
        }
        WorkerTask::Keep(facts, file) => {
            thumbnail_cache::keep(&facts, &file);
            return None;
        }
        WorkerTask::Forget(files) => {
            for file in &files {
                thumbnail_cache::forget(file);
            }
            return None;
        }
    })
}

/// Draws as long as somebody waits for it; nothing where nobody does any more.
fn drawing<T>(
    shared: &WorkerContext,
    id: UploadId,
    draw: impl FnOnce(&AtomicBool) -> Result<T, PreviewError>,
) -> Option<Result<T, PreviewError>> {
    let stop = Arc::new(AtomicBool::new(false));
    shared.0.lock().drawing.insert(id, Arc::clone(&stop));
    let drawn = catch_unwind(AssertUnwindSafe(|| draw(&stop)));
    let mut wishes = shared.0.lock();
    if wishes.drawing.get(&id).is_some_and(|other| Arc::ptr_eq(other, &stop)) {
        wishes.drawing.remove(&id);
    }
    let drawn = drawn.unwrap_or(Err(PreviewError::Panicked));
    (drawn.is_ok() || !stop.load(Ordering::Relaxed)).then_some(drawn)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;

    #[test]
    fn of_two_looks_or_previews_of_one_upload_only_the_later_is_heard_of() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| {
            let path = folder.path().join(name);
            image::RgbImage::new(4, 4).save(&path).unwrap();
            path
        };
        let (sender, woken) = mpsc::channel();
        let workers = Workers::start(&(Arc::new(move || sender.send(()).unwrap_or_default()) as _)).unwrap();
        let (copy, original) = (file("copy.png"), file("original.png"));
        let id = UploadId(1);
        workers.inspect(id, copy.clone());
        woken.recv().unwrap(); // it is looked into, and its result was not taken yet
        workers.inspect(id, original.clone());
        woken.recv().unwrap();
        let paths = |workers: &Workers| -> Vec<_> {
            let of = |found| match found {
                WorkResult::Facts(_, facts) => Some(facts.unwrap().path),
                _ => None,
            };
            workers.found().filter_map(of).collect()
        };
        assert_eq!(paths(&workers), std::slice::from_ref(&original));
        // One that is left, and another upload's, which goes on.
        workers.inspect(id, copy.clone());
        woken.recv().unwrap();
        workers.leave_look(id);
        workers.inspect(UploadId(2), copy.clone());
        woken.recv().unwrap();
        assert_eq!(paths(&workers), std::slice::from_ref(&copy));
        assert!(workers.shared.0.lock().last.is_empty());
        // And so for previews, of which the last that is asked for is drawn first.
        workers.preview(id, inspect(&copy).unwrap(), (2, 2));
        workers.preview(id, inspect(&original).unwrap(), (4, 4));
        let mut widths = vec![];
        while widths.is_empty() {
            woken.recv().unwrap();
            widths.extend(workers.found().filter_map(|found| match found {
                WorkResult::Preview(_, Ok(Preview::Picture(picture))) => Some(picture.width),
                _ => None,
            }));
        }
        workers.inspect(id, copy); // behind what was left
        let mut came: Vec<_> = vec![];
        while came.is_empty() {
            woken.recv().unwrap();
            came.extend(workers.found());
        }
        assert!(matches!(came[..], [WorkResult::Facts(..)]), "{came:?}");
        assert_eq!(widths, [4]);
    }

    #[test]
    fn hashes_that_nothing_waits_for_wake_once_for_all_of_them() {
        let folder = tempfile::tempdir().unwrap();
        let files: Vec<_> = (0..50)
            .map(|n| {
                let path = folder.path().join(n.to_string());
                std::fs::write(&path, n.to_string()).unwrap();
                (UploadId(n), path)
            })
            .collect();
        let woken = Arc::new(AtomicUsize::new(0));
        let (count, (sender, receiver)) = (Arc::clone(&woken), mpsc::channel());
        let wake: Arc<dyn Fn() + Send + Sync> = Arc::new(move || {
            count.fetch_add(1, Ordering::SeqCst);
            let _ = sender.send(());
        });
        let workers = Workers::start(&wake).unwrap();
        workers.hash_when_idle(files);
        receiver.recv().unwrap();
        let found = workers.found().filter(|found| matches!(found, WorkResult::Hash(_, Some(_)))).count();
        assert_eq!((found, woken.load(Ordering::SeqCst)), (50, 1));
    }
}
