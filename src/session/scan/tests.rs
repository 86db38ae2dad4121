//! A disk of which parts hang until a test lets them go.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Mutex;
use std::time::Instant;

use super::scanner::MAX_HELPERS;
use super::*;
use crate::media::error::ListError;
use crate::media::folder::{FoundFile, Limits, ScanResult};
use crate::media::listing::Listing;
use crate::model::text::MB;

/// Folders by their paths, and what hangs until the other end is dropped.
#[derive(Default)]
struct Fake {
    folders: HashMap<PathBuf, ScanResult>,
    hanging: Mutex<HashMap<PathBuf, Receiver<()>>>,
    hanging_walks: Mutex<HashMap<PathBuf, Receiver<()>>>,
    /// Walks that never end by themselves, and who hears that they ended.
    endless: HashMap<PathBuf, Sender<()>>,
}

fn hang(all: &Mutex<HashMap<PathBuf, Receiver<()>>>, path: &Path) {
    let gate = all.lock().unwrap().remove(path);
    if let Some(gate) = gate {
        let _ = gate.recv();
    }
}

impl FileSystem for Fake {
    fn is_folder(&self, path: &Path) -> bool {
        hang(&self.hanging, path);
        self.folders.contains_key(path) || self.endless.contains_key(path)
    }

    fn walk(&self, folder: &Path, keep_going: &mut dyn FnMut(usize) -> bool) -> ScanResult {
        hang(&self.hanging_walks, folder);
        if let Some(ended) = self.endless.get(folder) {
            let mut found = 0;
            while keep_going(found) {
                found += 1;
                std::thread::sleep(Duration::from_millis(1));
            }
            ended.send(()).unwrap();
            return ScanResult::default();
        }
        self.folders[folder].clone()
    }

    fn list(&self, folder: &Path, _: &dyn Fn() -> bool) -> Result<Listing, ListError> {
        Ok(Listing { folder: folder.to_owned(), ..Listing::default() })
    }
}

impl Fake {
    fn folder(mut self, path: &str, files: &[&str]) -> Fake {
        let file = |name: &&str| FoundFile { path: Path::new(path).join(name), size: 1000 };
        let walked =
            ScanResult { files: files.iter().map(file).collect(), hidden: 1, ..ScanResult::default() };
        self.folders.insert(path.into(), walked);
        self
    }

    /// This path hangs until what is given back is dropped.
    fn hangs(self, path: &str) -> (Fake, Sender<()>) {
        let (gate, waits) = mpsc::channel();
        self.hanging.lock().unwrap().insert(path.into(), waits);
        (self, gate)
    }

    fn gathers(self, stall_timeout: Duration) -> Scans {
        let mut gatherings = Scans::new(Arc::new(self), Arc::new(|| {}));
        gatherings.times = Times { moment: Duration::ZERO, stall_timeout };
        gatherings
    }
}

/// Nothing is slow.
const NEVER: Duration = Duration::from_hours(1);
/// What hangs is left soon.
const SOON: Duration = Duration::from_millis(50);

fn paths(names: &[&str]) -> Vec<PathBuf> {
    names.iter().map(PathBuf::from).collect()
}

impl Scans {
    /// Takes what comes until that is so.
    fn until(&mut self, done: impl Fn(&Scans, &[ScanBatch]) -> bool) -> Vec<ScanBatch> {
        let mut all = vec![];
        let end = Instant::now() + Duration::from_mins(1);
        while !done(self, &all) {
            assert!(Instant::now() < end, "it never came: {all:?}");
            std::thread::sleep(Duration::from_millis(1));
            all.extend(self.take());
        }
        all
    }

    fn until_all_ended(&mut self) -> Vec<ScanBatch> {
        self.until(|gatherings, _| gatherings.running.is_empty())
    }
}

fn files(all: &[ScanBatch]) -> Vec<String> {
    let name = |path: &PathBuf| path.to_str().unwrap().replace(std::path::MAIN_SEPARATOR, "/");
    all.iter().flat_map(|one| &one.files).map(name).collect()
}

#[test]
fn files_and_what_is_in_folders_stay_in_order() {
    let fake = Fake::default().folder("f", &["1.png", "2.png"]).folder("g", &["3.png"]);
    let mut gatherings = fake.gathers(NEVER);
    gatherings.begin(paths(&["b.png", "f", "a.png", "g", "gone.png"]), None);
    let all = gatherings.until_all_ended();
    assert_eq!(files(&all), ["b.png", "f/1.png", "f/2.png", "a.png", "g/3.png", "gone.png"]);
    assert_eq!(all.len(), 1, "nothing before the folders are counted");
    assert_eq!(all[0].folders, ["f", "g"]);
    assert_eq!((all[0].out_of_folders, all[0].bytes, all[0].rest.hidden), (3, 3000, 2));
}

#[test]
fn what_was_added_later_comes_later() {
    let (fake, gate) = Fake::default().hangs("1.png");
    let mut gatherings = fake.gathers(NEVER);
    gatherings.begin(paths(&["1.png"]), None);
    gatherings.begin(paths(&["2.png"]), None);
    let none = gatherings.until(|gatherings, _| gatherings.running[1].ended);
    assert_eq!(none, [], "the second is sorted, and waits for the first");
    drop(gate);
    assert_eq!(files(&gatherings.until_all_ended()), ["1.png", "2.png"]);
}

#[test]
fn what_hangs_keeps_nothing_else_waiting() {
    let (fake, gate) = Fake::default().folder("f", &["1.png"]).hangs("net/b.png");
    let mut gatherings = fake.gathers(SOON);
    gatherings.begin(paths(&["a.png", "net/b.png", "f", "c.png"]), None);
    gatherings.begin(paths(&["later.png"]), None);
    let all = gatherings.until(|_, all| files(all).len() == 4);
    let mut came = files(&all);
    came.sort_unstable();
    assert_eq!(came, ["a.png", "c.png", "f/1.png", "later.png"]);
    gatherings.until(|gatherings, _| {
        gatherings.running[0].progress.as_ref().is_some_and(|progress| progress.name == "b.png")
    });
    drop(gate);
    assert_eq!(files(&gatherings.until_all_ended()), ["net/b.png"], "late, but it comes");
}

#[test]
fn a_folder_that_hangs_keeps_nothing_else_waiting() {
    let fake = Fake::default().folder("net", &["1.png"]).folder("f", &["2.png"]);
    let (gate, waits) = mpsc::channel();
    fake.hanging_walks.lock().unwrap().insert("net".into(), waits);
    let mut gatherings = fake.gathers(SOON);
    gatherings.begin(paths(&["net", "f", "a.png"]), None);
    let all = gatherings.until(|_, all| files(all).len() == 2);
    let mut came = files(&all);
    came.sort_unstable();
    assert_eq!(came, ["a.png", "f/2.png"]);
    drop(gate);
    let late = gatherings.until_all_ended();
    assert_eq!(
        (files(&late), late[0].folders.as_slice()),
        (vec!["net/1.png".to_owned()], &["net".to_owned()][..])
    );
}

#[test]
fn a_folder_that_answers_late_is_walked_all_the_same() {
    let (fake, gate) = Fake::default().folder("net", &["1.png"]).hangs("net");
    let mut gatherings = fake.gathers(SOON);
    gatherings.begin(paths(&["net", "a.png"]), None);
    gatherings.until(|_, all| files(all) == ["a.png"]);
    drop(gate);
    assert_eq!(files(&gatherings.until_all_ended()), ["net/1.png"]);
}

#[test]
fn however_much_hangs_there_are_few_threads_and_all_of_it_comes_in_the_end() {
    let names: Vec<_> = (0..MAX_HELPERS + 4).map(|n| format!("{n}.png")).collect();
    let (mut fake, mut gates) = (Fake::default(), vec![]);
    for name in &names {
        let (next, gate) = fake.hangs(name);
        (fake, gates) = (next, [gates, vec![gate]].concat());
    }
    let fake = Arc::new(fake);
    let mut gatherings = Scans::new(Arc::clone(&fake) as Arc<dyn FileSystem>, Arc::new(|| {}));
    gatherings.times = Times { moment: Duration::ZERO, stall_timeout: SOON };
    gatherings.begin(names.iter().map(PathBuf::from).collect(), None);
    let left = || fake.hanging.lock().unwrap().len();
    gatherings.until(|_, _| left() == names.len() - MAX_HELPERS);
    std::thread::sleep(SOON * 4); // a ninth would have come by now
    assert_eq!(left(), names.len() - MAX_HELPERS);
    drop(gates);
    assert_eq!(files(&gatherings.until_all_ended()).len(), names.len());
}

#[test]
fn a_walk_tells_how_far_it_is_and_ends_when_it_is_left() {
    let (ended, hears) = mpsc::channel();
    let mut fake = Fake::default();
    fake.endless.insert("Holiday".into(), ended);
    let mut gatherings = fake.gathers(NEVER);
    gatherings.begin(paths(&["Holiday"]), None);
    let far = |gatherings: &Scans| {
        let progress = gatherings.running[0].progress.as_ref();
        progress.is_some_and(|progress| progress.name == "Holiday" && progress.files > 10)
    };
    assert_eq!(gatherings.until(|gatherings, _| far(gatherings)), []);
    gatherings.running.clear();
    hears.recv().unwrap();
    assert_eq!(gatherings.take(), []);
}

#[test]
fn much_is_more_than_fifty_files_or_half_a_gigabyte() {
    let gathered = |out_of_folders, bytes| ScanBatch { out_of_folders, bytes, ..ScanBatch::default() };
    assert!(!gathered(50, 500 * MB).is_much());
    assert!(gathered(51, 0).is_much() && gathered(1, 500 * MB + 1).is_much());
}

#[test]
fn no_more_files_are_taken_out_of_several_folders_than_out_of_one() {
    let most = Limits::default().files;
    let names: Vec<_> = (0..most).map(|n| format!("{n}.png")).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let mut gatherings = Fake::default().folder("f", &names).folder("g", &names).gathers(NEVER);
    gatherings.begin(paths(&["f", "g", "a.png"]), None);
    let all = gatherings.until_all_ended();
    assert_eq!((files(&all).len(), all[0].out_of_folders, all[0].rest.over_limit), (most + 1, most, most));
}
