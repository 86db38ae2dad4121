//! Threads that make copies, apart from those that look into files: a conversion takes seconds, and no row waits for it.
//! Two go on at a time, unless one needs most of the memory there is for it.

use std::collections::{HashMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};

use parking_lot::{Condvar, Mutex};
use thread_priority::{ThreadPriority, ThreadPriorityValue};

use super::control::Control;
use super::error::{FitError, NoCopy};
use super::film_plan::plan_at_once;
use super::make::make;
use super::spare;
use crate::media::details;
use crate::media::hash;
use crate::model::fit::{FitAim, FitWishes, FittedCopy, OriginalFile, Recoding, TypeLimits};
use crate::model::media::{FileFacts, Metadata};
use crate::model::upload::UploadId;

/// Bytes of memory for all conversions together.
const MAX_MEMORY: u64 = 300 * 1024 * 1024;
/// So many go on at a time.
const THREADS: usize = 2;
/// How much they give way to what draws and sends, of 0 to 99 where 50 is usual.
const PRIORITY: u8 = 25;

/// A copy that is wanted.
pub struct FitOrder {
    /// The upload that waits for it.
    pub id: UploadId,
    /// Where the file is.
    pub path: PathBuf,
    /// What its destination accepts.
    pub limits: Vec<TypeLimits>,
    /// What the person wishes.
    pub wishes: FitWishes,
    /// Where the copy goes.
    pub folder: PathBuf,
    /// What is known of the file: how much memory it will take.
    pub facts: FileFacts,
}

/// What came of it: a copy, or nothing where the file needs none.
pub type FitResult = Result<Option<FittedCopy>, NoCopy>;

/// How far one is, and the way to stop it.
#[derive(Clone, Default)]
struct Watched {
    stop: Arc<AtomicBool>,
    progress: Arc<AtomicU8>,
}

#[derive(Default)]
struct Orders {
    waiting: VecDeque<(FitOrder, Watched)>,
    watched: HashMap<UploadId, Watched>,
    memory: u64,
    running: usize,
    end: bool,
}

type SharedOrders = Arc<(Mutex<Orders>, Condvar)>;

/// The threads; dropping it stops them.
pub struct FitWorker {
    shared: SharedOrders,
    done: Receiver<FitOutcome>,
}

/// What came of an order, and whether it was left meanwhile.
struct FitOutcome {
    id: UploadId,
    watched: Watched,
    made: FitResult,
}

impl FitWorker {
    /// Starts the threads; `wake` is called after each copy.
    pub fn start(wake: &Arc<dyn Fn() + Send + Sync>) -> std::io::Result<FitWorker> {
        let shared = SharedOrders::default();
        let (out, done) = mpsc::channel();
        for n in 0..THREADS {
            let (shared, out, wake) = (Arc::clone(&shared), out.clone(), Arc::clone(wake));
            let work = move || run(&shared, &out, &*wake);
            std::thread::Builder::new().name(format!("hoist-fit-{n}")).spawn(work)?;
        }
        Ok(FitWorker { shared, done })
    }

    /// Wants a copy; one that was wanted of the same upload before is not made any more.
    pub fn order(&self, order: FitOrder) {
        self.cancel(order.id);
        let watched = Watched::default();
        let mut orders = self.shared.0.lock();
        orders.watched.insert(order.id, watched.clone());
        orders.waiting.push_back((order, watched));
        drop(orders);
        self.shared.1.notify_all();
    }

    /// Leaves a copy that is not wanted any more: nothing comes of it.
    pub fn cancel(&self, id: UploadId) {
        let mut orders = self.shared.0.lock();
        orders.waiting.retain(|(order, _)| order.id != id);
        if let Some(watched) = orders.watched.remove(&id) {
            watched.stop.store(true, Ordering::Relaxed);
        }
    }

    /// Returns how far a copy is, in hundredths; none where none is wanted.
    pub fn progress(&self, id: UploadId) -> Option<u8> {
        self.shared.0.lock().watched.get(&id).map(|watched| watched.progress.load(Ordering::Relaxed))
    }

    /// Returns what came of the copies since the last call, but for those that were left after they were made.
    pub fn done(&self) -> impl Iterator<Item = (UploadId, FitResult)> {
        self.done.try_iter().filter_map(|FitOutcome { id, watched, made }| {
            if watched.stop.load(Ordering::Relaxed) {
                delete(made);
                return None;
            }
            self.shared.0.lock().watched.remove(&id);
            Some((id, made))
        })
    }
}

impl Drop for FitWorker {
    fn drop(&mut self) {
        let mut orders = self.shared.0.lock();
        orders.end = true;
        orders.waiting.clear();
        orders.watched.values().for_each(|watched| watched.stop.store(true, Ordering::Relaxed));
        self.shared.1.notify_all();
    }
}

/// Returns how much memory a conversion takes: a picture is there whole, and once more while it is scaled.
fn memory(facts: &FileFacts) -> u64 {
    let pixels = facts.pixels.map_or(4_000_000, |(width, height)| u64::from(width) * u64::from(height));
    match facts.recognised.media().map(|media| media.kind()) {
        Some(crate::model::media::Kind::Image) => pixels * 6,
        _ => 16 * 1024 * 1024,
    }
}

/// Deletes a copy that is not wanted any more, with its folder, where nothing else is in that.
fn delete(made: FitResult) {
    if let Ok(Some(FittedCopy { path: Some(path), .. })) = made {
        let _ = std::fs::remove_file(&path);
        let _ = path.parent().map(std::fs::remove_dir);
    }
}

/// Has this thread, and what it starts, give way to others. Where the system does not allow that, it goes on as usual.
fn give_way() {
    let priority = ThreadPriorityValue::try_from(PRIORITY).map(ThreadPriority::Crossplatform);
    if let Ok(Err(e)) = priority.map(ThreadPriority::set_for_current) {
        tracing::debug!("copies are made at the usual priority: {e:?}");
    }
}

fn run(shared: &SharedOrders, out: &Sender<FitOutcome>, wake: &dyn Fn()) {
    give_way();
    loop {
        let (order, watched, taken) = {
            let mut orders = shared.0.lock();
            loop {
                if orders.end {
                    return;
                }
                let first = orders.waiting.front().map(|(order, _)| memory(&order.facts));
                if let Some(wanted) = first.filter(|m| orders.running == 0 || orders.memory + m <= MAX_MEMORY)
                    && let Some((order, watched)) = orders.waiting.pop_front()
                {
                    orders.memory += wanted;
                    orders.running += 1;
                    break (order, watched, wanted);
                }
                spare::release();
                shared.1.wait(&mut orders);
            }
        };
        let made = catch_unwind(AssertUnwindSafe(|| made(&order, &watched)));
        let made = made.unwrap_or(Err(FitError::Broken.into()));
        if !matches!(made, Ok(Some(_))) {
            let _ = std::fs::remove_dir(&order.folder); // nothing is in it
        }
        let mut orders = shared.0.lock();
        orders.memory -= taken;
        orders.running -= 1;
        drop(orders);
        shared.1.notify_all();
        if watched.stop.load(Ordering::Relaxed) {
            delete(made);
            continue;
        }
        if out.send(FitOutcome { id: order.id, watched, made }).is_err() {
            return;
        }
        wake();
    }
}

/// Returns what a file tells in a word or two each, each once: the copy's sheet says what it may strip.
fn metadata_kinds(metadata: &[Metadata]) -> Vec<String> {
    let mut all: Vec<_> = metadata.iter().map(|one| one.word().to_owned()).collect();
    all.dedup(); // they come by their kinds
    all
}

fn made(order: &FitOrder, watched: &Watched) -> FitResult {
    let (mut facts, told) = details::of_file(&order.path)?;
    let Some(plan) = plan_at_once(&mut facts, &order.limits, &order.wishes, &watched.stop)? else {
        return Ok(None);
    };
    if plan.aim == FitAim::Strip && plan.recoding == Recoding::Nothing && told.metadata.is_empty() {
        return Ok(None); // it tells nothing
    }
    std::fs::create_dir_all(&order.folder).map_err(FitError::disk)?;
    let control = Control { stop: &watched.stop, progress: &watched.progress };
    let made = make(&plan, &facts, &order.folder, &control)?;
    let content = hash::of_file(&order.path).ok().filter(|content| content.is_of(&facts));
    Ok(Some(FittedCopy {
        path: Some(made.path),
        changes: made.changes,
        original: Some(OriginalFile {
            size: facts.size,
            media: facts.recognised.media(),
            pixels: facts.pixels,
            duration_ms: facts.duration.and_then(|length| u64::try_from(length.as_millis()).ok()),
            metadata: metadata_kinds(&told.metadata),
            hash: content.map(|content| content.hash),
        }),
        wishes: order.wishes.clone(),
    }))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;
    use crate::media::inspect::inspect;
    use crate::model::media::Media;

    fn wait(what: &str, mut is_so: impl FnMut() -> bool) {
        let until = Instant::now() + Duration::from_mins(1);
        while !is_so() {
            assert!(Instant::now() < until, "never: {what}");
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// The niceness of this program's threads of a name.
    #[cfg(target_os = "linux")]
    fn niceness(name: &str) -> Vec<i32> {
        let threads = std::fs::read_dir("/proc/self/task").unwrap().flatten();
        let read = |file: PathBuf| std::fs::read_to_string(file).unwrap_or_default();
        threads
            .filter(|thread| read(thread.path().join("comm")).trim_end() == name)
            // Behind the name in parentheses the state is the first, and niceness the 17th.
            .filter_map(|thread| {
                read(thread.path().join("stat")).rsplit(") ").next()?.split(' ').nth(16)?.parse().ok()
            })
            .collect()
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn copies_are_made_behind_everything_else() {
        let _worker = FitWorker::start(&(Arc::new(|| {}) as Arc<dyn Fn() + Send + Sync>)).unwrap();
        let own = std::thread::current().name().map(|name| niceness(&name[..name.len().min(15)])).unwrap();
        wait("each thread gives way", || {
            ["hoist-fit-0", "hoist-fit-1"].iter().all(|name| {
                let all = niceness(name);
                !all.is_empty() && all.iter().all(|nice| own.iter().all(|own| nice > own))
            })
        });
    }

    #[test]
    fn a_copy_that_is_made_when_another_is_ordered_is_not_taken_for_it() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("a.bmp");
        image::RgbImage::from_pixel(64, 48, image::Rgb([9, 90, 200])).save(&path).unwrap();
        let worker = FitWorker::start(&(Arc::new(|| {}) as Arc<dyn Fn() + Send + Sync>)).unwrap();
        let order = |format| FitOrder {
            id: UploadId(1),
            path: path.clone(),
            limits: vec![TypeLimits {
                types: vec![Media::Jpeg, Media::Png],
                max_bytes: None,
                min_duration: None,
                max_duration: None,
                pixels: None,
                advised_bytes: None,
            }],
            wishes: FitWishes { format: Some(format), ..FitWishes::default() },
            folder: home.path().join(format!("{format:?}")),
            facts: inspect(&path).unwrap(),
        };
        worker.order(order(Media::Jpeg));
        let first = home.path().join("Jpeg/a.jpg");
        wait("the first is made", || first.exists() && worker.shared.0.lock().running == 0);
        worker.order(order(Media::Png));
        let mut came = vec![];
        wait("the second is taken", || {
            came.extend(worker.done());
            !came.is_empty()
        });
        let paths: Vec<_> = came.into_iter().map(|(_, made)| made.unwrap().unwrap().path.unwrap()).collect();
        assert_eq!(paths, [home.path().join("Png/a.png")]);
        assert!(!first.parent().unwrap().exists(), "it is deleted, with its folder");
        // Nor does one stay of a copy that is not made after all.
        let whole = std::fs::read(&path).unwrap();
        std::fs::write(&path, &whole[..200]).unwrap();
        worker.order(FitOrder { folder: home.path().join("none"), ..order(Media::Jpeg) });
        wait("it cannot be made", || worker.done().any(|(_, made)| made.is_err()));
        assert!(!home.path().join("none").exists());
        assert_eq!(worker.progress(UploadId(1)), None);
    }
}
