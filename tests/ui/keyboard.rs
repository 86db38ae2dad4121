//! The whole job by keyboard alone, and once more by what a screen reader has: roles, names and their actions.

use std::path::Path;

use eframe::egui::{Event, Key, Modifiers, Role, Theme, accesskit};
use egui_kittest::kittest::{NodeT, Queryable};

use crate::window::{KEY, Window, sample};

/// A window without a key.
fn without_a_key() -> Window {
    Window::sized(false, Theme::Dark, [1160.0, 740.0])
}

impl Window {
    pub(crate) fn press(&mut self, key: Key) {
        self.harness.key_press(key);
        self.harness.run_steps(2);
    }

    pub(crate) fn press_with(&mut self, modifiers: Modifiers, key: Key) {
        self.harness.key_press_modifiers(modifiers, key);
        self.harness.run_steps(3);
    }

    pub(crate) fn type_in(&mut self, text: &str) {
        self.harness.event(Event::Text(text.to_owned()));
        self.harness.run_steps(2);
    }

    /// What has the keyboard: its name.
    pub(crate) fn focused(&self) -> Option<String> {
        let node = self.harness.query_all_by(|node| node.is_focused()).next()?;
        let node = node.accesskit_node();
        node.label().or_else(|| node.value())
    }

    /// Presses Tab until the keyboard is at what has this name.
    pub(crate) fn tab_to(&mut self, name: &str) {
        let mut seen = vec![];
        for _ in 0..80 {
            self.press(Key::Tab);
            let at = self.focused().unwrap_or_default();
            if at.starts_with(name) {
                return;
            }
            seen.push(at);
        }
        panic!("the keyboard never came to {name}, but to {seen:#?}");
    }

    /// Pastes the names of files, as a file manager copies them.
    pub(crate) fn paste(&mut self, files: &[&Path]) {
        let names: Vec<_> = files.iter().map(|f| url::Url::from_file_path(f).unwrap().to_string()).collect();
        self.harness.event(Event::Paste(names.join("\r\n")));
        self.harness.run_steps(2);
    }

    /// Presses a key and gives back what that copied.
    pub(crate) fn copied_by(&mut self, event: Event) -> String {
        self.harness.event(event);
        for _ in 0..4 {
            self.harness.step();
            if let Some(text) = self.copied() {
                return text;
            }
        }
        panic!("nothing was copied");
    }

    /// What a screen reader does with something it found by role and name.
    fn activate(&mut self, role: Role, name: &str) {
        self.harness.get_by_role_and_label(role, name).click_accesskit();
        self.harness.run_steps(3);
    }
}

#[test]
fn the_whole_job_by_keyboard_alone() {
    let mut window = without_a_key();
    // A key.
    window.tab_to("Add destination");
    window.press(Key::Enter);
    window.wait_for("useapi.net key");
    while window.harness.query_all_by(|n| n.is_focused() && n.role() == Role::PasswordInput).next().is_none()
    {
        window.press(Key::Tab);
    }
    window.type_in(KEY);
    window.tab_to("Check key");
    window.press(Key::Enter);
    // Not to Flow Music, but to an account of Google Flow; the rest as it is proposed.
    window.wait_for("Destinations for useapi.net");
    window.tab_to("Flow Music: Auto");
    window.press(Key::Space);
    window.tab_to("Google Flow: jane@example.com");
    window.press(Key::Space);
    window.tab_to("Save the key and 2 destinations");
    window.press(Key::Enter);
    window.wait_for("Google Flow, Auto");
    window.tab_to("Google Flow · jane@example.com, jane@example.com");
    window.press(Key::Space);
    // Two files.
    window.paste(&[&sample("cover.png"), &sample("poster.webp")]);
    window.wait_for("Upload 2 files to Google Flow");
    // Turned round, and so they are sent.
    window.tab_to("cover.png, PNG");
    window.press_with(Modifiers::ALT, Key::ArrowDown);
    assert_eq!(window.queue(), ["poster.webp ready", "cover.png ready"]);
    window.press_with(Modifiers::COMMAND, Key::Enter);
    window.wait_for("Copy ID: cover.png");
    window.wait_for("Copy ID: poster.webp");
    // Copy one, then both in the order of the queue.
    window.press(Key::ArrowUp);
    assert!(window.focused().unwrap().starts_with("poster.webp, WebP"));
    let first = window.copied_by(Event::Copy);
    window.press_with(Modifiers::SHIFT, Key::ArrowDown);
    let both = window.copied_by(Event::Copy);
    assert_eq!(both.lines().count(), 2, "{both}");
    assert_eq!(both.lines().next(), Some(first.as_str()));
    // What has ended stays where it is.
    window.press_with(Modifiers::ALT, Key::ArrowUp);
    window.press_with(Modifiers::COMMAND, Key::A);
    let again = window.copied_by(Event::Copy);
    assert_eq!(again, both);
    // Away with both, back, and away for good.
    window.press(Key::Delete);
    window.wait_for("2 files removed");
    assert!(window.queue().is_empty());
    window.press_with(Modifiers::COMMAND, Key::Z);
    assert_eq!(window.queue(), ["poster.webp done", "cover.png done"], "where they were");
    // Found again in the history.
    window.press_with(Modifiers::COMMAND, Key::F);
    window.type_in("cover");
    window.wait_for("1 of 2 uploads");
    window.tab_to("Copy ID: cover.png");
    window.press(Key::Enter);
    window.wait_for("Copied: cover.png");
    // Every page, and the keys.
    for (key, there) in [(Key::Num3, "API keys"), (Key::Comma, "Settings"), (Key::Num1, "Add files")] {
        window.press_with(Modifiers::COMMAND, key);
        window.wait_for(there);
    }
    window.press(Key::F1);
    window.wait_for("Keyboard shortcuts");
    assert!(window.has("With nothing selected, copy all results"), "{}", window.tree());
    window.press(Key::Escape);
    window.wait_until_gone("Keyboard shortcuts");
}

#[test]
fn keys_scroll_what_is_only_read_and_it_opens_at_its_top() {
    let mut window = Window::sized(true, Theme::Dark, [640.0, 480.0]);
    let is_seen = |window: &Window, label: &str| {
        let screen = window.harness.ctx.content_rect();
        window.harness.query_all_by_label(label).any(|node| screen.contains_rect(node.rect()))
    };
    window.press(Key::F1);
    window.wait_for("Keyboard shortcuts");
    window.harness.run_steps(4);
    assert!(is_seen(&window, "FILES") && !is_seen(&window, "IN THE LIST"));
    window.press(Key::End);
    window.wait("its end", |w| is_seen(w, "IN THE LIST"));
    window.press(Key::Home);
    window.wait("its beginning", |w| is_seen(w, "FILES"));
    window.press(Key::PageDown);
    window.wait("a page further", |w| !is_seen(w, "FILES"));
    window.press(Key::Escape);
    window.wait_until_gone("Keyboard shortcuts");
    window.press(Key::F1);
    window.wait("it begins anew", |w| is_seen(w, "FILES"));
    let top = |window: &Window| window.harness.get_by_label("FILES").rect().top();
    let before = top(&window);
    window.press(Key::ArrowDown);
    window.wait("a line further", |w| (20.0..60.0).contains(&(before - top(w))));
}

#[test]
fn the_whole_job_by_roles_and_names() {
    let mut window = without_a_key();
    let add = window.names_of(Role::Button).into_iter().filter(|name| name == "Add destination").count();
    assert!(add > 0, "{}", window.tree());
    window
        .harness
        .query_all_by_role_and_label(Role::Button, "Add destination")
        .next()
        .unwrap()
        .click_accesskit();
    window.wait_for("useapi.net key");
    window.activate(Role::RadioButton, "useapi.net");
    let field = window.harness.get_by_role(Role::PasswordInput);
    field.focus();
    field.type_text(KEY);
    window.harness.run_steps(2);
    window.activate(Role::Button, "Check key");
    window.wait_for("Destinations for useapi.net");
    window.activate(Role::CheckBox, "Google Flow: Auto: the provider chooses the account");
    window.activate(Role::Button, "Save the key and 1 destination");
    window.wait_for("Flow Music, Auto");
    let chosen = window.harness.get_by_role_and_label(Role::RadioButton, "Flow Music, Auto");
    assert_eq!(
        chosen.accesskit_node().toggled(),
        Some(accesskit::Toggled::True),
        "it is told where files go"
    );
    window.paste(&[&sample("cover.png")]);
    window.wait_for("Upload 1 file to Flow Music");
    assert_eq!(window.names_of(Role::ListItem), ["cover.png, PNG · 512 × 512 · 4.9 kB, ready"]);
    window.activate(Role::Button, "Upload 1 file to Flow Music");
    window.wait_for("Copy ID: cover.png");
    assert_eq!(window.names_of(Role::ListItem), ["cover.png, PNG · 512 × 512 · 4.9 kB, uploaded"]);
    let live = window.harness.query_all_by(|node| node.live() == accesskit::Live::Polite);
    let said: Vec<_> = live.filter_map(|node| node.accesskit_node().label()).collect();
    assert_eq!(
        said,
        ["1 uploaded", "The useapi.net key is in the keyring"],
        "what changes is told without being asked for"
    );
    window.activate(Role::Button, "Copy ID: cover.png");
    window.wait_for("Copied: cover.png");
    window.activate(Role::ListItem, "cover.png, PNG · 512 × 512 · 4.9 kB, uploaded");
    let row = window.harness.get_by_role(Role::ListItem);
    assert_eq!(row.accesskit_node().is_selected(), Some(true));
    window.wait_for("Copy id");
    window.wait_for("History, 1");
    window.activate(Role::Tab, "History, 1");
    window.wait("the upload is read", |w| w.uploads() == ["cover.png"]);
    let entry = window.names_of(Role::ListItem).remove(0);
    window.activate(Role::ListItem, &entry);
    window.wait_for("Copy ID: cover.png");
    window.activate(Role::Button, "Copy ID: cover.png");
    window.wait_for("Copied: cover.png");
}

#[test]
fn every_control_has_a_name_on_every_page_and_sheet() {
    let mut window = Window::sandbox();
    let named = |window: &Window, page: &str| {
        assert_eq!(window.harness.unnamed_widgets(), Vec::<String>::new(), "{page}");
    };
    named(&window, "the empty window");
    window.upload(&["cover.png"], "Flow Music");
    window.drop_files(&["clip.mp4", "tone.mp3"]);
    window.wait_for("Flow Music doesn't accept video");
    window.select("cover.png");
    named(&window, "the queue");
    window.click("More: cover.png");
    named(&window, "a menu");
    window.press(Key::Escape);
    window.press_with(Modifiers::COMMAND, Key::A);
    named(&window, "several files");
    window.select("clip.mp4");
    window.press_with(Modifiers::COMMAND, Key::D);
    window.wait_for("Send clip.mp4 to");
    named(&window, "where to send to");
    window.press(Key::Escape);
    for (key, page) in [(Key::Num2, "history"), (Key::Num3, "keys"), (Key::Comma, "settings")] {
        window.press_with(Modifiers::COMMAND, key);
        named(&window, page);
    }
    window.press(Key::F1);
    named(&window, "the keys");
    window.press(Key::Escape);
    window.click("Add destination");
    named(&window, "a key");
    window.click("Show accounts");
    window.wait_for("Destinations for useapi.net");
    for options in ["Options of Flow Music", "Options of Riffusion"] {
        window.click(options);
    }
    named(&window, "what is behind a key");
}

#[test]
fn what_is_no_file_is_not_pasted_and_that_is_said() {
    let mut window = Window::sandbox();
    window.harness.event(Event::Paste("just some words".to_owned()));
    window.wait_for("The clipboard has no files");
    assert!(window.queue().is_empty());
}

#[test]
fn a_screen_reader_meets_no_letters_of_the_icons() {
    let mut window = Window::sandbox();
    window.drop_files(&["cover.png", "clip.mp4"]);
    window.wait_for("Upload 1 file to Flow Music");
    window.select("cover.png");
    let mut tree = window.tree();
    for key in [Key::Num2, Key::Num3, Key::Comma] {
        window.press_with(Modifiers::COMMAND, key);
        tree.push_str(&window.tree());
    }
    // Icons are letters of a font's private area.
    let icon = tree.chars().find(|c| ('\u{e000}'..='\u{f8ff}').contains(c));
    assert_eq!(icon, None);
}

#[test]
fn the_menu_of_a_file_opens_by_keys_and_gives_the_keyboard_back() {
    let mut window = Window::sandbox();
    window.drop_files(&["cover.png", "poster.webp"]);
    window.wait_for("Upload 2 files to Flow Music");
    window.press(Key::ArrowDown);
    window.press_with(Modifiers::SHIFT, Key::F10);
    window.wait_for("Reveal file");
    let focused = |window: &Window| {
        let all = window.harness.query_all_by(|node| node.is_focused());
        all.filter_map(|node| node.accesskit_node().label()).collect::<Vec<_>>()
    };
    assert_eq!(focused(&window), ["Details"], "the first line has the keyboard");
    window.press(Key::End);
    assert_eq!(focused(&window), ["Remove"]);
    window.press(Key::Home);
    assert_eq!(focused(&window), ["Details"], "of the menu, not of the list below it");
    // Arrows go through the menu, not through the list below it.
    while focused(&window) != ["Move down"] {
        window.press(Key::ArrowDown);
    }
    window.press(Key::Enter);
    window.wait_until_gone("Reveal file");
    assert_eq!(window.queue(), ["poster.webp ready", "cover.png ready"]);
    window.press(Key::ArrowUp);
    window.press_with(Modifiers::SHIFT, Key::F10);
    window.wait_for("Reveal file");
    window.press(Key::Escape);
    window.wait_until_gone("Reveal file");
    window.press(Key::Delete);
    window.wait("the selected file is removed", |w| w.queue() == ["cover.png ready"]);
}

#[test]
fn a_key_that_can_do_nothing_says_why() {
    let mut window = Window::sandbox();
    window.press_with(Modifiers::COMMAND, Key::Enter);
    window.wait_for("No file is in the queue. Add files first");
    window.press_with(Modifiers::COMMAND, Key::Z);
    window.wait_for("There is nothing to undo");
    window.press_with(Modifiers::COMMAND, Key::Enter);
    window.wait_for("No file is in the queue. Add files first");
    window.drop_files(&["clip.mp4"]);
    window.wait_until_gone("No file is in the queue. Add files first");
    window.wait_for("1 needs attention"); // it is read
    window.press_with(Modifiers::COMMAND, Key::Enter);
    window.wait_for("No file is ready. See what needs attention");
}

#[test]
fn with_nothing_selected_all_that_was_uploaded_is_copied() {
    let mut window = Window::sandbox();
    window.upload(&["cover.png", "photo.jpg"], "Flow Music");
    window.press(Key::Escape);
    window.harness.event(Event::Copy);
    assert_eq!(window.next_copied("Ctrl+C").lines().count(), 2);
}

#[test]
fn what_was_added_last_is_taken_back_before_what_was_removed_earlier() {
    let mut window = Window::sandbox();
    window.drop_files(&["cover.png", "photo.jpg"]);
    window.wait_for("Upload 2 files to Flow Music");
    window.press(Key::Home);
    window.press(Key::Delete);
    window.wait("it is removed", |w| w.queue() == ["photo.jpg ready"]);
    window.drop_files(&["poster.webp", "tone.mp3"]);
    window.wait_for("Upload 3 files to Flow Music");
    window.press_with(Modifiers::COMMAND, Key::Z);
    window.wait("they are gone again", |w| w.queue() == ["photo.jpg ready"]);
    window.wait_for("2 files removed");
    window.press_with(Modifiers::COMMAND, Key::Z);
    window.wait_for("Upload 3 files to Flow Music");
    window.press_with(Modifiers::COMMAND, Key::Z);
    window.wait("what was removed first", |w| w.queue().len() == 4);
    // What was sent is not taken back.
    let mut window = Window::sandbox();
    window.upload(&["cover.png"], "Flow Music");
    window.press_with(Modifiers::COMMAND, Key::Z);
    window.wait_for("There is nothing to undo");
    assert_eq!(window.queue(), ["cover.png done"]);
}
