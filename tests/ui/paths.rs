//! Files and folders added by typing where they are.

use std::sync::Arc;

use eframe::egui::{Event, Key, Modifiers, Role};
use egui_kittest::kittest::{NodeT, Queryable};

use crate::folders::{Hanging, over};
use crate::window::Window;

impl Window {
    /// Opens the sheet by its keys.
    pub(crate) fn type_paths(&mut self) {
        self.press_with(Modifiers::COMMAND, Key::L);
        self.wait_for("Add by path");
        self.wait_for_entries();
    }

    fn wait_for_entries(&mut self) {
        self.wait("the folder is listed", |w| !w.tree().contains("Scanning"));
    }

    /// What stands in the field.
    fn typed(&self) -> String {
        let field = self.harness.get_by_role_and_label(Role::TextInput, "Path");
        field.accesskit_node().value().unwrap_or_default()
    }

    /// Types on, and waits for what can be chosen.
    pub(crate) fn type_path(&mut self, text: &str) {
        self.type_in(text);
        self.wait_for_entries();
    }

    fn entries(&self) -> Vec<String> {
        self.names_of(Role::ListBoxOption)
    }

    /// What the arrows are at.
    fn entry_at(&self) -> Option<String> {
        let at = |node: &egui_kittest::kittest::AccessKitNode<'_>| {
            node.role() == Role::ListBoxOption && node.is_selected() == Some(true)
        };
        self.harness.query_all_by(at).next()?.accesskit_node().label()
    }
}

/// A window with the sheet open, and a home with two folders in it.
fn typing() -> Window {
    let mut window = Window::sandbox();
    window.folder("Pictures", &["cover.png", "cover 2.png", "cover 10.png", "notes.txt", ".secret.png"]);
    window.folder("Pictures/Alps", &["peak.png"]);
    window.folder("Private", &[]);
    window.type_paths();
    window
}

#[test]
fn files_are_added_by_keys_alone_one_after_the_other() {
    let mut window = typing();
    assert_eq!(window.focused().as_deref(), Some("Path"));
    window.type_path("~/Pi");
    assert_eq!(window.entries(), ["Pictures, folder"]);
    window.press(Key::Tab);
    window.wait_for_entries();
    assert_eq!(window.typed(), "~/Pictures/");
    let all = ["Alps, folder", "cover 2.png", "cover 10.png", "cover.png", "notes.txt, not for Flow Music"];
    assert_eq!(window.entries(), all, "folders, what is taken, and the rest; nothing hidden");
    // As far as all of them go.
    window.type_path("c");
    window.press(Key::Tab);
    assert_eq!(window.typed(), "~/Pictures/cover");
    window.press(Key::ArrowDown);
    assert_eq!(window.entry_at().as_deref(), Some("cover 2.png"));
    window.press(Key::ArrowUp);
    assert_eq!(window.entry_at().as_deref(), Some("cover.png"), "from the first to the last");
    window.press(Key::ArrowUp);
    window.press(Key::Enter);
    window.wait_for("Added cover 10.png");
    assert_eq!(window.typed(), "~/Pictures/", "the next one is often beside it");
    window.wait_for_entries();
    assert!(window.has("Add whole folder") && !window.is_primary("Add whole folder"), "{}", window.tree());
    window.press(Key::Enter); // once more: the whole folder is not meant
    window.harness.run_steps(3);
    assert!(!window.has("Added Pictures") && !window.has("Adding"), "{}", window.tree());
    window.type_path("cover.png");
    assert!(window.is_primary("Add"), "{}", window.tree());
    window.press(Key::Enter);
    window.wait_for("Added cover.png");
    assert_eq!(window.focused().as_deref(), Some("Path"));
    window.wait("both are there", |w| w.queue().len() == 2);
    window.type_path("cover.png");
    window.press(Key::Enter);
    window.wait_for("cover.png is in the queue already");
    assert!(!window.has("Added cover.png"), "{}", window.tree());
    window.press(Key::Escape);
    window.wait_until_gone("Add by path");
    window.wait_for("Upload 2 files to Flow Music");
    assert_eq!(window.queue(), ["cover 10.png ready", "cover.png ready"]);
}

#[test]
fn hidden_files_show_when_their_dot_is_typed() {
    let mut window = typing();
    window.type_path("~/Pictures/.");
    assert_eq!(window.entries(), [".secret.png"]);
}

#[test]
fn a_dozen_is_shown_and_the_rest_is_counted() {
    let mut window = Window::sandbox();
    window.folder_of("Many", 30);
    window.type_paths();
    window.type_path("~/Many/");
    assert_eq!(window.entries().len(), 12);
    window.wait_for("and 18 more");
    window.type_path("1");
    assert_eq!(window.entries().len(), 11);
    assert!(!window.has(" more"), "{}", window.tree());
}

#[test]
fn a_folder_is_added_whole_and_asked_about_over_the_sheet() {
    let mut window = Window::sandbox();
    window.folder_of("Holiday", 51);
    window.type_paths();
    window.type_path("~/Hol");
    assert!(!window.has("Add whole folder"), "that is no folder yet: {}", window.tree());
    window.type_path("iday");
    assert!(window.is_primary("Add whole folder"), "without a slash, too: {}", window.tree());
    window.press(Key::Tab);
    window.wait_for_entries();
    assert!(window.is_primary("Add whole folder"), "{}", window.tree());
    window.press(Key::Enter);
    window.wait_for("Add 51 files, ");
    window.press(Key::Enter);
    window.wait("they are added", |w| w.queue().len() == 51);
    window.wait_for("Holiday was scanned");
    assert!(!window.has("Scanning"), "the scan is over: {}", window.tree());
    assert_eq!(window.focused().as_deref(), Some("Path"), "and one can go on typing");
}

#[test]
fn what_was_pasted_may_have_quotes_or_be_a_list() {
    let mut window = typing();
    let home = window.home.path().to_owned();
    window.harness.event(Event::Paste(format!("'{}' ", home.join("Pictures/cover 2.png").display())));
    window.harness.run_steps(2);
    window.wait_for_entries();
    window.press(Key::Enter);
    window.wait_for("Added cover 2.png");
    let address = url::Url::from_file_path(home.join("Pictures/cover 10.png")).unwrap();
    let list = format!(
        "~/Pictures/cover.png\r\n\r\n{address}\n\"{}\"\nhello\n",
        home.join("Pictures/Alps").display()
    );
    window.harness.event(Event::Paste(list));
    window.wait_for("Added 3 paths; 1 line is not an absolute path");
    window.harness.event(Event::Paste("hello\nworld".to_owned()));
    window.wait_for("No pasted line is an absolute path");
    window.press(Key::Escape);
    window.wait_for("Upload 4 files to Flow Music");
    assert_eq!(
        window.queue(),
        ["cover 2.png ready", "cover.png ready", "cover 10.png ready", "peak.png ready"]
    );
}

#[test]
fn what_is_not_there_is_said_and_not_added() {
    let mut window = typing();
    window.type_path("~/Pictures/nothing.png");
    assert!(window.has("No name begins with this"), "{}", window.tree());
    window.press(Key::Enter);
    window.wait_for("There is no nothing.png in Pictures");
    window.press_with(Modifiers::COMMAND, Key::A);
    window.type_path("~/nowhere/");
    window.press(Key::Enter);
    window.wait("it is said", |w| w.names_of(Role::Status).iter().any(|s| s == "There is no folder nowhere"));
    assert!(window.queue().is_empty());
    // It may be there the next time.
    window.folder("nowhere", &["a.png"]);
    window.type_in("a.png");
    window.wait("it is listed", |w| w.entries() == ["a.png"]);
    window.press(Key::Enter);
    window.wait_for("Added a.png");
}

#[test]
fn a_folder_that_hangs_does_not_hang_the_field() {
    let disk = Arc::new(Hanging::default());
    let mut window = over(&disk);
    let gone = window.home.path().join("net");
    let gate = disk.path(&gone);
    window.folder("Pictures", &["cover.png"]);
    window.type_paths();
    window.type_in("~/net/");
    window.wait_for("Scanning net…");
    window.press_with(Modifiers::COMMAND, Key::A);
    window.type_path("~/Pictures/");
    assert_eq!(window.entries(), ["cover.png"]);
    drop(gate);
    window.press(Key::ArrowDown);
    window.press(Key::Enter);
    window.wait_for("Added cover.png");
}

#[test]
fn the_keyboard_gets_out_of_the_field_and_the_pointer_gets_into_folders() {
    let mut window = typing();
    assert_eq!(window.harness.unnamed_widgets(), Vec::<String>::new());
    let list = format!("In {}", window.home.path().file_name().unwrap().display());
    assert_eq!(window.names_of(Role::ListBox), [list]);
    window.click("Pictures, folder");
    window.wait_for_entries();
    assert_eq!(window.typed(), "~/Pictures/".trim_start_matches("~/"));
    assert_eq!(window.focused().as_deref(), Some("Path"));
    // Nothing can be completed here: Tab goes on, and comes back.
    window.press(Key::Tab);
    assert_ne!(window.focused().as_deref(), Some("Path"));
    window.press_with(Modifiers::SHIFT, Key::Tab);
    assert_eq!(window.focused().as_deref(), Some("Path"));
    // Where something can be completed, Shift+Tab gets out all the same.
    window.type_path("Al");
    window.press_with(Modifiers::SHIFT, Key::Tab);
    assert_ne!(window.focused().as_deref(), Some("Path"));
    window.click("Alps, folder");
    window.wait_for_entries();
    window.click("peak.png");
    window.wait_for("Added peak.png");
    window.click("Close");
    window.wait_until_gone("Add by path");
    window.wait_for("Upload 1 file to Flow Music");
}

#[test]
fn without_a_destination_what_is_typed_waits_for_one() {
    let mut window = Window::sized(false, eframe::egui::Theme::Dark, [1160.0, 740.0]);
    window.folder_of("Pictures", 1);
    window.type_paths();
    window.type_path("~/Pictures/1.png");
    window.harness.key_press(Key::Enter);
    window.wait_for("1 file waits for a destination");
}
