//! The window through its accessibility tree and a few pictures, without a display.
#![allow(clippy::unwrap_used)]

#[path = "support/renderer.rs"]
mod renderer;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use eframe::egui::{self, Theme, Vec2};
use egui_kittest::kittest::{NodeT, Queryable};
use egui_kittest::{Harness, SnapshotOptions};
use hoist::session::{Session, Start};
use hoist::store::folders::Folders;
use hoist::store::keys::Keys;
use hoist::ui::App;

/// Long enough for any machine; nothing is decided by it but that a test ends.
const PATIENCE: Duration = Duration::from_mins(1);

struct Window {
    harness: Harness<'static, App>,
    home: tempfile::TempDir,
}

fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/samples").join(name)
}

/// A dropped file as the window system hands it over.
#[derive(Debug)]
struct Dropped(PathBuf);

impl egui::DroppedFile for Dropped {
    fn path(&self) -> &Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        Err("nobody should read a dropped file on the window's thread".into())
    }
}

impl Window {
    fn sized(sandbox: bool, theme: Theme, size: [f32; 2]) -> Window {
        // In memory: never the keyring of whoever runs the tests.
        Window::started(sandbox, Keys::in_memory(), theme, size)
    }

    fn with_keys(keys: Keys) -> Window {
        Window::started(false, keys, Theme::Dark, [1160.0, 740.0])
    }

    fn started(sandbox: bool, keys: Keys, theme: Theme, size: [f32; 2]) -> Window {
        let home = tempfile::tempdir().unwrap();
        let start = Start { sandbox, ..Start::new(Folders::inside(home.path()), keys) };
        let session = Session::start(start, Arc::new(|| {})).unwrap();
        let harness = Harness::builder()
            .with_size(Vec2::from(size))
            .with_theme(theme)
            .with_max_steps(64)
            .with_render_cursor(false)
            .with_options(SnapshotOptions::new().threshold(0.6).max_failed_pixels(20))
            .renderer(renderer::SoftwareRenderer::default())
            .build_eframe(move |cc| App::new(&cc.egui_ctx, session, vec![]));
        let mut window = Window { harness, home };
        // The harness's theme is the system's; the app's own setting is to follow it.
        window.harness.input_mut().system_theme = Some(theme);
        window.harness.run_steps(3);
        window
    }

    fn sandbox() -> Window {
        Window::sized(true, Theme::Dark, [1160.0, 740.0])
    }

    fn drop_files(&mut self, names: &[&str]) {
        let files = names.iter().map(|n| Arc::new(Dropped(sample(n))) as egui::DroppedFileHandle).collect();
        self.harness.input_mut().dropped_files = files;
        self.harness.step();
    }

    /// Draws on until something with this name is there.
    fn wait_for(&mut self, label: &str) {
        self.wait(label, |w| w.has(label));
    }

    fn wait(&mut self, what: &str, done: impl Fn(&Window) -> bool) {
        let until = Instant::now() + PATIENCE;
        while !done(self) {
            assert!(Instant::now() < until, "never happened: {what}\n{}", self.tree());
            std::thread::sleep(Duration::from_millis(5));
            self.harness.step();
        }
    }

    fn has(&self, label: &str) -> bool {
        self.harness.query_all_by_label_contains(label).next().is_some()
    }

    fn click(&mut self, label: &str) {
        self.harness.get_by_label(label).click();
        self.harness.run_steps(2);
    }

    /// Types a key into the sheet.
    fn type_key(&mut self) {
        let field = self.harness.get_by_role(egui::Role::PasswordInput);
        field.focus();
        field.type_text("user:1-typedSecretKey");
        self.harness.run_steps(2);
    }

    /// Fills in the sheet's account and closes it.
    fn add_account(&mut self, account: &str) {
        let field = self.harness.get_by_role_and_label(egui::Role::TextInput, "Account (email)");
        field.focus();
        field.type_text(account);
        self.harness.run_steps(2);
        self.click("Add");
    }

    fn tree(&self) -> String {
        let names = self.harness.root().children_recursive().filter_map(|n| n.accesskit_node().label());
        names.collect::<Vec<_>>().join("\n")
    }

    /// Pictures are still once every thumbnail is there.
    fn wait_for_pictures(&mut self) {
        self.harness.run_steps(2);
        self.wait("all pictures are made", |w| !w.harness.state().awaits_pictures());
        self.harness.run_steps(2);
    }

    fn copied(&self) -> Option<String> {
        self.harness.output().platform_output.commands.iter().rev().find_map(|c| match c {
            egui::OutputCommand::CopyText(text) => Some(text.clone()),
            _ => None,
        })
    }

    /// Presses a button and gives back what it copied.
    fn copy_with(&mut self, label: &str) -> String {
        self.harness.get_by_label(label).click();
        for _ in 0..10 {
            self.harness.step();
            if let Some(text) = self.copied() {
                return text;
            }
        }
        panic!("{label} copied nothing");
    }
}

#[test]
fn a_dropped_file_is_uploaded_and_its_id_copied() {
    let mut window = Window::sandbox();
    assert!(window.has("Sandbox: nothing leaves this computer"));
    window.drop_files(&["cover.png"]);
    window.wait_for("Upload 1 file to Flow Music");
    assert!(window.has("PNG · 512 × 512 · 4.9 kB"));
    assert!(!window.has("Uploaded"), "nothing is sent before Upload is pressed");
    window.click("Upload 1 file to Flow Music");
    window.wait_for("Copy ID: cover.png");
    let id = window.copy_with("Copy ID: cover.png");
    assert!(id.starts_with("user:1000-sandbox@example.com-image:"), "{id}");
    window.harness.step();
    assert!(window.has("Copied: cover.png"), "the button answers in place");
    let link = window.copy_with("Copy link: cover.png");
    assert!(link.starts_with("http://127.0.0.1:"), "{link}");
}

#[test]
fn every_provider_gives_its_id_or_link_in_the_window() {
    for (provider, file, button, start) in [
        ("Flow Music", "tone.mp3", "Copy ID: tone.mp3", "user:1000-sandbox@example.com-audio:"),
        ("Google Flow", "clip.mp4", "Copy ID: clip.mp4", "user:1000-email:"),
        ("Riffusion", "tone.wav", "Copy ID: tone.wav", ""),
        ("PiAPI", "cover.png", "Copy link: cover.png", "http://127.0.0.1:"),
        ("Indream", "captions.srt", "Copy ID: captions.srt", ""),
    ] {
        let mut window = Window::sandbox();
        let place = window.harness.query_all_by_label_contains(provider).next().unwrap();
        place.click();
        window.harness.run_steps(2);
        window.drop_files(&[file]);
        let upload = format!("Upload 1 file to {provider}");
        window.wait_for(&upload);
        window.click(&upload);
        window.wait_for(button);
        let copied = window.copy_with(button);
        assert!(!copied.is_empty() && copied.starts_with(start), "{provider}: {copied}");
    }
}

#[test]
fn a_file_that_is_not_taken_says_so_and_can_go_elsewhere() {
    let mut window = Window::sandbox();
    window.drop_files(&["clip.mp4", "cover.png"]);
    window.wait_for("Flow Music takes no video");
    assert!(window.has("Upload 1 file to Flow Music"), "{}", window.tree());
    window.click("Send to…: clip.mp4");
    window.wait_for("Google Flow · Auto");
    window.click("Google Flow · Auto");
    window.wait_for("Upload 2 files to 2 destinations");
    assert!(!window.has("Flow Music takes no video"));
}

#[test]
fn the_keyboard_alone_uploads() {
    let mut window = Window::sandbox();
    window.drop_files(&["cover.png"]);
    window.wait_for("Upload 1 file to Flow Music");
    window.harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::Enter);
    window.wait_for("Copy ID: cover.png");
}

#[test]
fn removing_and_clearing_empty_the_queue() {
    let mut window = Window::sandbox();
    window.drop_files(&["cover.png", "photo.jpg"]);
    window.wait_for("Upload 2 files to Flow Music");
    window.click("Remove photo.jpg");
    window.wait_for("Upload 1 file to Flow Music");
    window.click("Upload 1 file to Flow Music");
    window.wait_for("Copy ID: cover.png");
    window.click("Clear finished");
    window.wait_for("Nothing is sent until you press Upload");
}

#[test]
fn files_held_over_the_window_are_announced() {
    let mut window = Window::sandbox();
    let held = |name: &str| egui::HoveredFile { path: Some(name.into()), ..egui::HoveredFile::default() };
    window.harness.input_mut().hovered_files = vec![held("a.png"), held("b.jpg"), held("c.mp4")];
    window.harness.run_steps(2);
    assert!(window.has("Drop 3 files for Flow Music"), "{}", window.tree());
    assert!(window.has("2 images, 1 video"));
}

#[test]
fn a_named_account_is_added_and_its_hold_is_shown() {
    let mut window = Window::sandbox();
    window.click("Add a destination");
    window.wait_for("Account (email)");
    let sheet_row = window.harness.query_all_by_label("Google Flow").last().unwrap();
    sheet_row.click();
    window.harness.run_steps(2);
    window.add_account("throttled@example.com");
    window.wait_for("Google Flow · throttled@example.com");
    window.drop_files(&["cover.png", "photo.jpg", "poster.webp"]);
    window.wait_for("Upload 3 files to Google Flow");
    window.click("Upload 3 files to Google Flow");
    window.wait_for("takes no more uploads");
    window.wait("the third waits", |w| w.has("Waiting: Google Flow takes more in 29:") || w.has("in 30:00"));
    window.click("Cancel poster.webp");
    window.wait_for("Add back: poster.webp");
    window.click("Add back: poster.webp");
    window.wait_for("Upload 1 "); // "more" where another one still waits
    assert!(window.has("Remove poster.webp"), "nothing is sent before Upload is pressed again");
}

#[test]
fn sending_again_what_may_exist_makes_a_row_of_its_own() {
    let mut window = Window::sandbox();
    window.click("Add a destination");
    window.wait_for("Account (email)");
    window.add_account("gateway@example.com");
    window.wait_for("Flow Music · gateway@example.com");
    window.drop_files(&["cover.png"]);
    window.wait_for("Upload 1 file to Flow Music");
    window.click("Upload 1 file to Flow Music");
    window.wait_for("Sent, but no answer: it may exist");
    let count = |w: &Window, label: &str| w.harness.query_all_by_label(label).count();
    assert_eq!((count(&window, "Send again: cover.png"), count(&window, "Leave it: cover.png")), (1, 1));
    window.click("Send again: cover.png");
    window.wait("both outcomes stand", |w| count(w, "Leave it: cover.png") == 2);
    assert_eq!(count(&window, "Send again: cover.png"), 1, "the first was sent again once");
}

#[test]
fn without_a_keyring_a_destination_lives_for_this_run_and_survives_other_changes() {
    let mut window = Window::with_keys(Keys::without_keyring());
    window.drop_files(&["cover.png"]);
    window.wait_for("useapi.net key");
    window.type_key();
    window.click("Add");
    window.wait_for("It lives for this run only; HOIST_USEAPI_TOKEN can hold it instead");
    window.wait_for("Upload 1 file to Flow Music");
    window.click("Theme: system");
    window.wait_for("Theme: light");
    // The answer that could take it away comes with the saved theme, or never: then this only shows too little.
    window.wait("the theme is saved", |w| {
        let saved = std::fs::read_to_string(w.home.path().join("settings/settings.toml"));
        saved.is_ok_and(|text| text.contains("light"))
    });
    window.wait_for_pictures();
    window.harness.run_steps(20);
    assert!(window.has("Flow Music, Auto"), "{}", window.tree());
}

#[test]
fn a_key_typed_for_one_service_is_not_kept_for_another() {
    let mut window = Window::with_keys(Keys::in_memory());
    window.drop_files(&["cover.png"]);
    window.wait_for("useapi.net key");
    window.type_key();
    window.harness.get_by_role_and_label(egui::Role::RadioButton, "PiAPI").click();
    window.harness.run_steps(2);
    window.wait_for("PiAPI key");
    window.click("Add");
    window.wait_for("That is no key: no key was given");
}

#[test]
fn without_a_key_the_window_asks_for_one_and_keeps_what_was_dropped() {
    let mut window = Window::sized(false, Theme::Dark, [1160.0, 740.0]);
    assert!(window.has("Where should files go?"));
    window.drop_files(&["cover.png"]);
    window.wait_for("useapi.net key");
    window.type_key();
    assert!(!window.tree().contains("typedSecretKey"));
    // The keyring's place is taken by nothing here: the key lives for this run, and that is said.
    window.click("Add");
    window.wait("the key was taken or refused", |w| {
        w.has("useapi.net key is in the keyring") || w.has("lives for this run only")
    });
    window.wait_for("Upload 1 file to Flow Music");
    assert!(!window.tree().contains("typedSecretKey"));
}

#[test]
fn every_control_has_a_name() {
    let mut window = Window::sandbox();
    window.drop_files(&["cover.png", "clip.mp4"]);
    window.wait_for("Upload 1 file");
    assert_eq!(window.harness.unnamed_widgets(), Vec::<String>::new());
    window.click("Add a destination");
    assert_eq!(window.harness.unnamed_widgets(), Vec::<String>::new());
}

#[test]
fn nothing_is_drawn_while_nothing_happens() {
    let mut window = Window::sandbox();
    window.drop_files(&["cover.png", "tone.mp3"]);
    window.wait_for("Upload 2 files to Flow Music");
    window.wait_for_pictures();
    let delay = window.harness.output().viewport_output.values().map(|v| v.repaint_delay).min().unwrap();
    assert!(delay > Duration::from_secs(10), "a full, idle queue asks to be drawn again in {delay:?}");
}

/// The empty window, files held over it, and the queue.
fn pictures(theme: Theme, name: &str) {
    let mut window = Window::sized(true, theme, [1160.0, 740.0]);
    window.harness.snapshot(format!("empty-{name}"));
    let held = |name: &str| egui::HoveredFile { path: Some(name.into()), ..egui::HoveredFile::default() };
    window.harness.input_mut().hovered_files = vec![held("a.png"), held("b.mp3")];
    window.harness.run_steps(2);
    window.harness.snapshot(format!("hover-{name}"));
    window.harness.input_mut().hovered_files.clear();
    window.drop_files(&["cover.png", "photo.jpg", "poster.webp", "tone.mp3", "clip.mp4"]);
    window.wait_for("Flow Music takes no video");
    window.wait_for("Upload 4 files to Flow Music");
    window.harness.remove_cursor();
    window.wait_for_pictures();
    window.harness.snapshot(format!("queue-{name}"));
}

#[test]
fn pictures_in_dark() {
    pictures(Theme::Dark, "dark");
}

#[test]
fn pictures_in_light() {
    pictures(Theme::Light, "light");
}

#[test]
fn picture_of_a_small_window() {
    let mut small = Window::sized(true, Theme::Dark, [640.0, 480.0]);
    small.drop_files(&["cover.png", "clip.mp4"]);
    small.wait_for("Upload 1 file to Flow Music");
    small.wait_for_pictures();
    small.harness.snapshot("queue-small");
}

#[test]
fn picture_of_the_sheet_that_adds_a_destination() {
    let mut window = Window::sized(false, Theme::Dark, [1160.0, 740.0]);
    window.harness.query_all_by_label("Add a destination").next().unwrap().click();
    window.wait_for("useapi.net key");
    window.harness.remove_cursor();
    window.harness.run_steps(3);
    window.harness.snapshot("sheet-dark");
}
