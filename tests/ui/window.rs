//! The window under test, and what a person would do with it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use eframe::egui::{self, Theme, Vec2};
use egui_kittest::kittest::{NodeT, Queryable};
use egui_kittest::{Harness, SnapshotOptions};
use hoist::model::item::Item;
use hoist::model::upload::State;
use hoist::sandbox::Sandbox;
use hoist::session::{Session, Start};
use hoist::store::folders::Folders;
use hoist::store::keys::Keys;
use hoist::ui::App;

use crate::renderer;

/// Long enough for any machine; nothing is decided by it but that a test ends.
const TIMEOUT: Duration = Duration::from_mins(1);

/// What a window is as long as nothing else is said.
const SIZE: [f32; 2] = [1160.0, 740.0];

pub(crate) struct Window {
    pub(crate) harness: Harness<'static, App>,
    pub(crate) home: tempfile::TempDir,
    /// Who is asked about keys, and sent to, where the window itself has no sandbox.
    _sandbox: Sandbox,
}

/// The key that the services of a window take.
pub(crate) const KEY: &str = "user:1000-sandboxSandboxSandbox";

pub(crate) fn sample(name: &str) -> PathBuf {
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

/// How alike pictures must be.
pub(crate) fn options() -> SnapshotOptions {
    SnapshotOptions::new().threshold(0.6).max_failed_pixels(20)
}

impl Window {
    pub(crate) fn sized(sandbox: bool, theme: Theme, size: [f32; 2]) -> Window {
        Window::in_home(tempfile::tempdir().unwrap(), sandbox, theme, size)
    }

    pub(crate) fn with_keys(keys: Keys) -> Window {
        Window::started(tempfile::tempdir().unwrap(), Theme::Dark, SIZE, |start| Start { keys, ..start })
    }

    pub(crate) fn sandbox() -> Window {
        Window::sized(true, Theme::Dark, SIZE)
    }

    /// A window over folders that are there.
    pub(crate) fn in_home(home: tempfile::TempDir, sandbox: bool, theme: Theme, size: [f32; 2]) -> Window {
        Window::started(home, theme, size, |start| Start { sandbox, ..start })
    }

    pub(crate) fn started(
        home: tempfile::TempDir,
        theme: Theme,
        size: [f32; 2],
        change: impl FnOnce(Start) -> Start,
    ) -> Window {
        Window::scaled(home, theme, size, 1.0, change)
    }

    /// The same, with so many pixels a point.
    pub(crate) fn scaled(
        home: tempfile::TempDir,
        theme: Theme,
        size: [f32; 2],
        scale: f32,
        change: impl FnOnce(Start) -> Start,
    ) -> Window {
        let folders = Folders::inside(home.path());
        // In memory: never the keyring of whoever runs the tests.
        let mut start = change(Start::new(folders.clone(), Keys::in_memory()));
        // Whoever is asked about a key is never the service itself.
        let sandbox = Sandbox::start(0, Arc::new(|_| {})).unwrap();
        for (name, url) in sandbox.bases() {
            start.environment.bases.entry(name).or_insert(url);
        }
        let session = Session::start(start, Arc::new(|| {})).unwrap();
        let at = home.path().to_owned();
        let harness = Harness::builder()
            .with_size(Vec2::from(size))
            .with_theme(theme)
            .with_pixels_per_point(scale)
            .with_max_steps(64)
            .with_render_cursor(false)
            .with_options(options())
            .renderer(renderer::SoftwareRenderer::default())
            .build_eframe(move |cc| {
                // However slow this computer is.
                let in_sandbox = folders.data.join("sandbox");
                let of_sandbox = Folders::inside(&in_sandbox);
                let mut app = App::new(&cc.egui_ctx, session, vec![]).kept_in(folders).at_home(at);
                app = app.trying(of_sandbox.clone(), move || {
                    let start = Start::new(of_sandbox.clone(), Keys::in_memory());
                    Session::start(Start { sandbox: true, ..start }, Arc::new(|| {}))
                });
                app.show_notices_for(TIMEOUT * 10);
                app.undone_for(TIMEOUT * 10, TIMEOUT * 10)
            });
        let mut window = Window { harness, home, _sandbox: sandbox };
        // The harness's theme is the system's; the app's own setting is to follow it.
        window.harness.input_mut().system_theme = Some(theme);
        window.harness.run_steps(3);
        window
    }

    /// Closes it, and opens a new one over the same folders.
    pub(crate) fn restart(self) -> Window {
        let Window { harness, home, .. } = self;
        drop(harness);
        Window::in_home(home, true, Theme::Dark, SIZE)
    }

    /// The same with these keys, and without a sandbox.
    pub(crate) fn restart_with(self, keys: Keys) -> Window {
        let Window { harness, home, .. } = self;
        drop(harness);
        Window::started(home, Theme::Dark, SIZE, |start| Start { keys, ..start })
    }

    pub(crate) fn drop_files(&mut self, names: &[&str]) {
        self.drop_paths(names.iter().map(|n| sample(n)));
    }

    pub(crate) fn drop_paths(&mut self, paths: impl IntoIterator<Item = PathBuf>) {
        let files = paths.into_iter().map(|path| Arc::new(Dropped(path)) as egui::DroppedFileHandle);
        self.harness.input_mut().dropped_files = files.collect();
        self.harness.step();
    }

    /// Drops these files and uploads them to the chosen destination, whose provider has this name.
    pub(crate) fn upload(&mut self, names: &[&str], provider: &str) {
        self.drop_files(names);
        let files = if names.len() == 1 { "1 file".to_owned() } else { format!("{} files", names.len()) };
        let label = format!("Upload {files} to {provider}");
        self.wait_for(&label);
        self.click_first(&label); // its account may stand behind it
        self.wait("nothing is on its way any more", |w| {
            w.harness.state().session().uploads.queue().items().iter().all(|item| !item.state.is_active())
        });
        self.wait("they are counted, where there is a history", |w| {
            let session = w.harness.state().session();
            let was_sent = |item: &&Item| item.state != State::Ready;
            let sent = session.uploads.queue().items().iter().filter(was_sent).count();
            let counted = session.library.count() - session.library.not_sent();
            session.library.write_error().is_some() || counted >= sent
        });
        self.harness.run_steps(2);
    }

    /// Draws on until something with this name is there.
    pub(crate) fn wait_for(&mut self, label: &str) {
        self.wait(label, |w| w.has(label));
    }

    pub(crate) fn wait_until_gone(&mut self, label: &str) {
        self.wait(&format!("{label} is gone"), |w| !w.has(label));
    }

    pub(crate) fn wait(&mut self, what: &str, done: impl Fn(&Window) -> bool) {
        let until = Instant::now() + TIMEOUT;
        while !done(self) {
            assert!(Instant::now() < until, "never happened: {what}\n{}", self.tree());
            std::thread::sleep(Duration::from_millis(5));
            self.harness.step();
        }
        self.harness.run_steps(2); // what has just come is not yet where it stays
    }

    pub(crate) fn has(&self, label: &str) -> bool {
        self.harness.query_all_by_label_contains(label).next().is_some()
    }

    /// Clicks what has this name, as soon as it is there.
    pub(crate) fn click(&mut self, label: &str) {
        if self.harness.query_by_label(label).is_none() {
            self.wait(label, |w| w.harness.query_by_label(label).is_some());
        }
        self.harness.get_by_label(label).click();
        self.harness.run_steps(2);
    }

    /// Clicks the first of those whose name begins so.
    pub(crate) fn click_first(&mut self, label: &str) {
        self.harness.query_all_by_label_contains(label).next().unwrap().click();
        self.harness.run_steps(2);
    }

    /// Clicks the row of a file.
    pub(crate) fn select(&mut self, name: &str) {
        self.select_with(egui::Modifiers::NONE, name);
    }

    /// The same with keys held down.
    pub(crate) fn select_with(&mut self, modifiers: egui::Modifiers, name: &str) {
        let row = |node: &egui_kittest::kittest::AccessKitNode<'_>| {
            node.role() == egui::Role::ListItem && node.label().is_some_and(|l| l.starts_with(name))
        };
        self.harness.get_by(row).click_modifiers(modifiers);
        self.harness.run_steps(2);
    }

    /// What has this role, by name.
    pub(crate) fn names_of(&self, role: egui::Role) -> Vec<String> {
        let all = self.harness.query_all_by_role(role);
        all.filter_map(|node| node.accesskit_node().label()).collect()
    }

    /// Types a key into the sheet.
    pub(crate) fn type_key(&mut self) {
        self.type_this_key(KEY);
    }

    pub(crate) fn type_this_key(&mut self, key: &str) {
        let field = self.harness.get_by_role(egui::Role::PasswordInput);
        field.focus();
        field.type_text(key);
        self.harness.run_steps(2);
    }

    /// Types a key into the sheet, has it checked, and saves it with what is proposed.
    pub(crate) fn add_key(&mut self) {
        self.type_key();
        self.click("Check key");
        self.wait_for("Flow Music: another email");
        self.press_save();
    }

    /// Opens the sheet, and adds an account of a provider whose key is there.
    pub(crate) fn add_destination(&mut self, provider: &str, account: &str) {
        self.click_first("Add destination");
        self.wait_for("useapi.net key");
        self.click("Show accounts");
        self.add_account(provider, account);
        self.wait_for(&format!("{provider} · {account}"));
    }

    /// Types an account into the sheet that lists them, and saves it alone.
    pub(crate) fn add_account(&mut self, provider: &str, account: &str) {
        let label = format!("{provider}: another email");
        self.wait_for(&label);
        self.pick_nothing();
        let field = self.harness.get_by_role_and_label(egui::Role::TextInput, &label);
        field.focus();
        field.type_text(account);
        self.harness.run_steps(2);
        self.press_save();
    }

    /// Presses the button of a sheet that saves.
    fn press_save(&mut self) {
        let save = self.names_of(egui::Role::Button).into_iter().find(|name| name.starts_with("Save "));
        self.click(&save.expect("something can be saved"));
    }

    /// Returns whether this one of several choices is chosen.
    pub(crate) fn is_chosen(&self, label: &str) -> bool {
        let choice = self.harness.query_by_role_and_label(egui::Role::RadioButton, label);
        choice.is_some_and(|node| node.accesskit_node().toggled() == Some(egui::accesskit::Toggled::True))
    }

    /// Takes every check mark away.
    pub(crate) fn pick_nothing(&mut self) {
        let picked = |node: &egui_kittest::kittest::AccessKitNode<'_>| {
            node.role() == egui::Role::CheckBox
                && !node.is_disabled()
                && node.toggled() == Some(egui::accesskit::Toggled::True)
        };
        loop {
            match self.harness.query_all_by(picked).next() {
                Some(node) => node.click_accesskit(),
                None => return,
            }
            self.harness.run_steps(2);
        }
    }

    pub(crate) fn tree(&self) -> String {
        let nodes = self.harness.root().children_recursive().map(|n| n.accesskit_node());
        let names = nodes.filter_map(|n| n.label().or_else(|| n.value()));
        names.collect::<Vec<_>>().join("\n")
    }

    /// Pictures are still once every thumbnail is there.
    pub(crate) fn wait_for_pictures(&mut self) {
        self.harness.run_steps(2);
        self.wait("all files are read and all pictures made", |w| {
            !w.harness.state().awaits_pictures() && !w.tree().contains("Reading…")
        });
        self.harness.run_steps(2);
    }

    /// In how long it wants to be drawn again.
    pub(crate) fn rests_for(&self) -> Duration {
        self.harness.output().viewport_output.values().map(|v| v.repaint_delay).min().unwrap()
    }

    pub(crate) fn copied(&self) -> Option<String> {
        self.harness.output().platform_output.commands.iter().rev().find_map(|c| match c {
            egui::OutputCommand::CopyText(text) => Some(text.clone()),
            _ => None,
        })
    }

    /// Presses a button and gives back what it copied.
    pub(crate) fn copy_with(&mut self, label: &str) -> String {
        self.harness.get_by_label(label).click();
        self.next_copied(label)
    }

    /// Draws on until something is copied: what is of the history is read first.
    pub(crate) fn next_copied(&mut self, by: &str) -> String {
        let until = Instant::now() + TIMEOUT;
        loop {
            self.harness.step();
            if let Some(text) = self.copied() {
                return text;
            }
            assert!(Instant::now() < until, "{by} copied nothing\n{}", self.tree());
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Opens the menu of a file, presses a line of it and gives back what that copied.
    pub(crate) fn copy_from_menu(&mut self, file: &str, line: &str) -> String {
        self.click(&format!("More: {file}"));
        self.harness.run_steps(2);
        self.harness.get_by_role_and_label(egui::Role::MenuItem, line).click();
        self.next_copied(line)
    }

    /// The files in the queue and where they stand: `cover.png ready`.
    pub(crate) fn queue(&self) -> Vec<String> {
        use hoist::model::upload::State;
        let word = |state: &State| match state {
            State::Ready => "ready",
            State::Done(_) => "done",
            State::Unknown(_) => "unknown",
            State::Cancelled => "cancelled",
            state if state.is_active() => "on its way",
            _ => "needs attention",
        };
        let items = self.harness.state().session().uploads.queue().items();
        items.iter().map(|item| format!("{} {}", item.name, word(&item.state))).collect()
    }
}
