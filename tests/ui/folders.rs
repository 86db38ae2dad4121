//! Folders that are dropped: what is in them, the question before much is added, and what hangs.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};

use eframe::egui::{Key, Role, Theme};
use egui_kittest::kittest::Queryable;
use hoist::media::error::ListError;
use hoist::media::folder::ScanResult;
use hoist::media::listing::Listing;
use hoist::session::Start;
use hoist::session::scan::{Disk, FileSystem};

use crate::window::{Window, sample};

/// The disk as it is, but for folders that hang until a test lets them go.
#[derive(Default)]
pub(crate) struct Hanging {
    /// Nothing is known of these.
    paths: Mutex<HashMap<PathBuf, Receiver<()>>>,
    /// Of these so many files are found at once, and the rest when they are let go.
    walks: Mutex<HashMap<PathBuf, (usize, Receiver<()>)>>,
}

impl Hanging {
    pub(crate) fn path(&self, path: &Path) -> Sender<()> {
        let (gate, waits) = mpsc::channel();
        self.paths.lock().unwrap().insert(path.to_owned(), waits);
        gate
    }

    fn walk_of(&self, path: &Path, found: usize) -> Sender<()> {
        let (gate, waits) = mpsc::channel();
        self.walks.lock().unwrap().insert(path.to_owned(), (found, waits));
        gate
    }

    fn wait_for(&self, path: &Path) {
        let gate = self.paths.lock().unwrap().remove(path);
        if let Some(gate) = gate {
            let _ = gate.recv();
        }
    }
}

impl FileSystem for Hanging {
    fn is_folder(&self, path: &Path) -> bool {
        self.wait_for(path);
        Disk.is_folder(path)
    }

    fn walk(&self, folder: &Path, keep_going: &mut dyn FnMut(usize) -> bool) -> ScanResult {
        let gate = self.walks.lock().unwrap().remove(folder);
        if let Some((found, gate)) = gate {
            while keep_going(found) && gate.try_recv() == Err(mpsc::TryRecvError::Empty) {
                std::thread::sleep(std::time::Duration::from_millis(1));
            }
        }
        Disk.walk(folder, keep_going)
    }

    fn list(&self, folder: &Path, keep_going: &dyn Fn() -> bool) -> Result<Listing, ListError> {
        self.wait_for(folder);
        Disk.list(folder, keep_going)
    }
}

/// A window over a disk of which parts may hang.
pub(crate) fn over(disk: &Arc<Hanging>) -> Window {
    let look = Arc::clone(disk) as Arc<dyn FileSystem>;
    let home = tempfile::tempdir().unwrap();
    Window::started(home, Theme::Dark, [1160.0, 740.0], |start| Start { look, sandbox: true, ..start })
}

impl Window {
    /// A folder in the window's home with pictures of these names; what is no picture by its name is a text.
    pub(crate) fn folder(&self, folder: &str, names: &[&str]) -> PathBuf {
        let path = self.home.path().join(folder);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        // It is there at once, with all that is in it: somebody may look any time.
        let new = || tempfile::tempdir_in(self.home.path()).unwrap().keep();
        let made = if path.exists() { path.clone() } else { new() };
        for name in names {
            let file = made.join(name);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            match file.extension().is_some_and(|extension| extension == "png") {
                true => std::fs::copy(sample("cover.png"), file).map(drop).unwrap(),
                false => std::fs::write(file, "text").unwrap(),
            }
        }
        if made != path {
            std::fs::rename(made, &path).unwrap();
        }
        path
    }

    /// A folder with so many pictures.
    pub(crate) fn folder_of(&self, folder: &str, count: usize) -> PathBuf {
        let names: Vec<_> = (1..=count).map(|n| format!("{n}.png")).collect();
        self.folder(folder, &names.iter().map(String::as_str).collect::<Vec<_>>())
    }

    fn staged(&self) -> usize {
        self.harness.state().session().uploads.queue().items().len()
    }
}

#[test]
fn a_small_folder_is_added_at_once_and_in_order() {
    let mut window = Window::sandbox();
    let folder =
        window.folder("Holiday", &["take 10.png", "take 2.png", "at sea/1.png", "notes.txt", ".x.png"]);
    window.drop_paths([sample("poster.webp"), folder, sample("photo.jpg")]);
    window.wait_for("Upload 5 files to Flow Music");
    let expected = ["poster.webp", "1.png", "take 2.png", "take 10.png", "photo.jpg"];
    assert_eq!(window.queue(), expected.map(|name| format!("{name} ready")));
    assert!(window.has("From Holiday: 1 hidden and 1 unsupported file skipped"), "{}", window.tree());
    assert!(!window.has("Scanning"), "it was too fast to be told");
}

#[test]
fn of_a_folder_of_which_everything_was_added_nothing_is_said() {
    let mut window = Window::sandbox();
    let folder = window.folder_of("Holiday", 50);
    window.drop_paths([folder]);
    window.wait_for("Upload 50 files to Flow Music");
    assert!(!window.has("Close this notice"), "{}", window.tree());
}

#[test]
fn before_much_is_added_it_is_asked() {
    let mut window = Window::sandbox();
    let folder = window.folder_of("Holiday", 51);
    window.folder("Holiday/more", &[".hidden", "a.txt", "b.txt"]);
    window.drop_paths([folder.clone(), sample("photo.jpg")]);
    window.wait_for("Add 52 files, 248.5 kB?");
    assert!(
        window.has(
            "They are from the folder Holiday and 1 folder in it, with 1 file added separately. 1 hidden and 2 unsupported files \
             skipped."
        ),
        "{}",
        window.tree()
    );
    assert_eq!(window.staged(), 0, "nothing before it is answered");
    assert_eq!(window.harness.unnamed_widgets(), Vec::<String>::new());
    assert_eq!(window.focused().as_deref(), Some("Add 52 files"));
    window.press(Key::Enter);
    window.wait_for("Upload 52 files to Flow Music");
    assert_eq!(window.queue()[51], "photo.jpg ready");
    // Nothing is said twice.
    assert!(!window.has("skipped"), "{}", window.tree());
}

#[test]
fn what_is_not_wanted_is_not_added() {
    let mut window = Window::sandbox();
    let folder = window.folder_of("Holiday", 60);
    for cancel in [true, false] {
        window.drop_paths([folder.clone(), sample("photo.jpg")]);
        window.wait_for("Add 61 files");
        match cancel {
            true => window.click("Cancel"),
            false => window.press(Key::Escape),
        }
        window.wait_until_gone("Add 61 files");
        assert_eq!(window.staged(), 0);
    }
    // Several questions come one after the other.
    let other = window.folder_of("Work", 70);
    window.drop_paths([folder]);
    window.drop_paths([other]);
    window.wait_for("Add 60 files");
    window.click("Cancel");
    window.wait_for("Add 70 files");
    window.press(Key::Enter);
    window.wait("they are there", |w| w.staged() == 70);
}

#[test]
fn a_folder_with_nothing_in_it_gets_a_sentence() {
    let mut window = Window::sandbox();
    let empty = window.folder("Empty", &[]);
    let texts = window.folder("Texts", &["a.txt", "b/c.txt"]);
    window.drop_paths([empty]);
    window.wait_for("Empty is empty");
    window.click("Close this notice");
    window.drop_paths([texts]);
    window.wait_for("There are no images, audio, video or captions in Texts. 2 unsupported files skipped");
    assert_eq!(window.staged(), 0);
}

#[test]
fn what_hangs_keeps_no_file_waiting_and_can_be_left() {
    let disk = Arc::new(Hanging::default());
    let mut window = over(&disk);
    let gone = window.home.path().join("net");
    let gate = disk.path(&gone);
    window.drop_paths([sample("cover.png"), gone, sample("photo.jpg")]);
    window.wait_for("Upload 2 files to Flow Music");
    window.wait_for("Scanning net…");
    assert!(window.rests_for().as_secs() > 10, "nothing is drawn while nothing is known");
    window.drop_paths([sample("poster.webp")]);
    window.wait_for("Upload 3 files to Flow Music");
    window.click("Cancel scanning folders");
    window.wait_until_gone("Scanning net");
    drop(gate);
    for _ in 0..20 {
        std::thread::sleep(std::time::Duration::from_millis(5));
        window.harness.step();
    }
    assert_eq!(window.queue(), ["cover.png ready", "photo.jpg ready", "poster.webp ready"]);
}

#[test]
fn how_far_it_is_with_a_large_folder_is_said() {
    let disk = Arc::new(Hanging::default());
    let mut window = over(&disk);
    let folder = window.folder_of("Holiday", 3);
    let gate = disk.walk_of(&folder, 3210);
    window.drop_paths([folder.clone()]);
    window.wait_for("Scanning Holiday… 3,210 files");
    assert_eq!(window.harness.unnamed_widgets(), Vec::<String>::new());
    assert!(window.names_of(Role::Status).iter().any(|name| name.starts_with("Scanning Holiday")));
    assert_eq!(window.staged(), 0);
    drop(gate);
    window.wait_for("Upload 3 files to Flow Music");
    window.wait_until_gone("Scanning Holiday");
    // Left, it adds nothing.
    let _gate = disk.walk_of(&folder, 0);
    window.drop_paths([folder]);
    window.wait_for("Scanning Holiday…");
    window.click("Cancel scanning folders");
    window.wait_until_gone("Scanning Holiday");
    window.harness.run_steps(20);
    assert_eq!(window.staged(), 3);
}

#[test]
fn files_go_where_was_chosen_when_they_were_dropped() {
    let disk = Arc::new(Hanging::default());
    let mut window = over(&disk);
    let folder = window.folder_of("Holiday", 1);
    let gate = disk.walk_of(&folder, 1);
    window.drop_paths([folder]);
    window.wait_for("Scanning Holiday… 1 file");
    window.harness.query_all_by_label_contains("PiAPI").next().unwrap().click();
    window.harness.run_steps(2);
    drop(gate);
    window.wait_for("Upload 1 file to Flow Music");
}

#[test]
fn without_a_destination_a_folder_waits_for_one() {
    let mut window = Window::sized(false, Theme::Dark, [1160.0, 740.0]);
    let folder = window.folder_of("Holiday", 2);
    window.drop_paths([folder]);
    window.wait_for("2 files wait for a destination");
    window.click("Add API key");
    window.wait_for("useapi.net key");
    window.add_key();
    window.wait_for("Upload 2 files to Flow Music");
}
