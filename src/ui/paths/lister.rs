//! Reads folders on threads of their own; only the newest wish is answered. One that hangs keeps no later one waiting.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};

use eframe::egui;

use crate::session::api::{ListError, Listing, name_of};
use crate::session::scan::FileSystem;

/// So many folders may hang.
const MAX_WAITING: usize = 8;

type ListReply = (u64, PathBuf, Result<Listing, ListError>);

/// Whoever is asked what is in folders.
pub(super) struct Lister {
    ctx: egui::Context,
    disk: Arc<dyn FileSystem>,
    /// The number of the newest wish.
    newest: Arc<AtomicU64>,
    wished: Option<PathBuf>,
    /// One for each thread that has not ended.
    threads: Arc<()>,
    answers: (Sender<ListReply>, Receiver<ListReply>),
    answer: Option<(PathBuf, Result<Listing, ListError>)>,
}

impl Lister {
    pub(super) fn new(ctx: &egui::Context, disk: Arc<dyn FileSystem>) -> Lister {
        Lister {
            ctx: ctx.clone(),
            disk,
            newest: Arc::default(),
            wished: None,
            threads: Arc::default(),
            answers: mpsc::channel(),
            answer: None,
        }
    }

    /// Asks what is in a folder, unless that was asked last, and takes in what was answered.
    pub(super) fn want(&mut self, folder: &Path) {
        while let Ok((number, folder, answer)) = self.answers.1.try_recv() {
            if number == self.newest.load(Ordering::Relaxed) {
                self.answer = Some((folder, answer));
            }
        }
        let full = Arc::strong_count(&self.threads) > MAX_WAITING;
        if full || self.wished.as_deref() == Some(folder) {
            return;
        }
        self.wished = Some(folder.to_owned());
        let number = self.newest.fetch_add(1, Ordering::Relaxed) + 1;
        let (newest, disk, out) = (Arc::clone(&self.newest), Arc::clone(&self.disk), self.answers.0.clone());
        let (ctx, threads, folder) = (self.ctx.clone(), Arc::clone(&self.threads), folder.to_owned());
        let work = move || {
            let answer = disk.list(&folder, &|| newest.load(Ordering::Relaxed) == number);
            drop(threads);
            let _ = out.send((number, folder, answer));
            ctx.request_repaint();
        };
        if let Err(e) = std::thread::Builder::new().name("hoist-list".into()).spawn(work) {
            tracing::error!("no thread to list a folder: {e}");
        }
    }

    /// Returns what is in a folder, once it was answered.
    pub(super) fn listing(&self, folder: &Path) -> Option<Result<&Listing, &ListError>> {
        self.answer.as_ref().filter(|(of, _)| of == folder).map(|(_, answer)| answer.as_ref())
    }

    /// Has it asked once more.
    pub(super) fn forget(&mut self) {
        self.wished = None;
    }

    /// Returns what to say as long as there is no answer.
    pub(super) fn waits_for(&self) -> String {
        match &self.wished {
            Some(folder) => format!("Scanning {}…", name_of(folder)),
            None => String::new(),
        }
    }
}

impl Drop for Lister {
    fn drop(&mut self) {
        self.newest.fetch_add(1, Ordering::Relaxed); // nobody waits any more
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::time::{Duration, Instant};

    use super::*;
    use crate::media::folder::ScanResult;

    /// Folders hang until the other end is dropped, those whose name begins with "f" aside.
    struct Hangs(Mutex<Vec<(PathBuf, Receiver<()>)>>);

    impl FileSystem for Hangs {
        fn is_folder(&self, _: &Path) -> bool {
            true
        }

        fn walk(&self, _: &Path, _: &mut dyn FnMut(usize) -> bool) -> ScanResult {
            ScanResult::default()
        }

        fn list(&self, folder: &Path, _: &dyn Fn() -> bool) -> Result<Listing, ListError> {
            let gate = {
                let mut all = self.0.lock().unwrap();
                all.iter().position(|(of, _)| of == folder).map(|index| all.remove(index).1)
            };
            if let Some(gate) = gate {
                let _ = gate.recv();
            }
            Ok(Listing { folder: folder.to_owned(), ..Listing::default() })
        }
    }

    fn until(lister: &mut Lister, folder: &str) {
        let end = Instant::now() + Duration::from_mins(1);
        while lister.listing(Path::new(folder)).is_none() {
            assert!(Instant::now() < end, "{folder} was never listed");
            std::thread::sleep(Duration::from_millis(1));
            lister.want(Path::new(folder));
        }
    }

    #[test]
    fn the_newest_wish_is_answered_whatever_hangs() {
        let (gate, waits) = mpsc::channel();
        let disk = Arc::new(Hangs(Mutex::new(vec![("/net".into(), waits)])));
        let mut lister = Lister::new(&egui::Context::default(), disk);
        lister.want(Path::new("/net"));
        until(&mut lister, "/f");
        drop(gate);
        let end = Instant::now() + Duration::from_mins(1);
        while Arc::strong_count(&lister.threads) > 1 {
            assert!(Instant::now() < end, "it hangs for ever");
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_millis(20));
        lister.want(Path::new("/f"));
        assert!(lister.listing(Path::new("/f")).is_some(), "a late answer to an old wish counts for nothing");
    }

    #[test]
    fn few_folders_hang_and_the_next_ones_are_listed_when_there_is_room() {
        let names: Vec<_> = (0..MAX_WAITING + 3).map(|n| PathBuf::from(format!("/net/{n}"))).collect();
        let (gates, all): (Vec<_>, Vec<_>) = names
            .iter()
            .map(|name| {
                let (gate, waits) = mpsc::channel::<()>();
                (gate, (name.clone(), waits))
            })
            .unzip();
        let disk = Arc::new(Hangs(Mutex::new(all)));
        let mut lister = Lister::new(&egui::Context::default(), disk);
        for name in &names {
            lister.want(name);
        }
        assert_eq!(Arc::strong_count(&lister.threads), MAX_WAITING + 1);
        drop(gates);
        until(&mut lister, "/f");
    }
}
