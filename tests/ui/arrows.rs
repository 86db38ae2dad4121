//! The keyboard in the queue: what has it and what is selected are one thing, and it never comes to another row's buttons.

use eframe::egui::{Key, Modifiers, Role};
use egui_kittest::kittest::{NodeT, Queryable};

use crate::window::Window;

/// A window with four files: two that the service refused, one that its destination does not take, one that is ready.
fn with_failed_rows() -> Window {
    let mut window = Window::sandbox();
    window.add_destination("Google Flow", "moderated@example.com");
    window.upload(&["cover.png", "photo.jpg"], "Google Flow");
    window.wait("both are refused", |w| {
        w.queue() == ["cover.png needs attention", "photo.jpg needs attention"]
    });
    window.drop_files(&["tone.mp3", "poster.webp"]);
    window.wait_for("Google Flow doesn't accept audio");
    window.wait_for("Upload 1 file to Google Flow");
    window
}

const FILES: [&str; 4] = ["cover.png", "photo.jpg", "tone.mp3", "poster.webp"];

impl Window {
    /// The files that are seen as selected.
    fn selected(&self) -> Vec<String> {
        let rows = self.harness.query_all_by_role(Role::ListItem);
        let selected = rows.filter(|row| row.accesskit_node().is_selected() == Some(true));
        let names = selected.filter_map(|row| row.accesskit_node().label());
        names.map(|name| name.split(", ").next().unwrap().to_owned()).collect()
    }

    /// The keyboard is at the row of this file, which is the only one that is selected.
    #[track_caller]
    fn is_at(&self, file: &str) {
        assert_eq!(self.selected(), [file]);
        let focused = self.focused().unwrap_or_default();
        assert!(focused.starts_with(&format!("{file}, ")), "the keyboard is at {focused:?}, not at {file}");
    }

    /// Down through the whole list and up again, pressing what must change nothing at every row.
    fn walk(&mut self, first: usize) {
        let down = (first + 1..FILES.len()).map(|n| (Key::ArrowDown, n));
        let up = (0..FILES.len() - 1).rev().map(|n| (Key::ArrowUp, n));
        let before = self.queue();
        for (key, n) in down.chain(up) {
            self.press(key);
            self.is_at(FILES[n]);
            for press in [Key::Space, Key::Enter] {
                self.press(press);
                self.is_at(FILES[n]);
                assert_eq!(self.queue(), before, "{press:?} at {}", FILES[n]);
            }
        }
    }
}

#[test]
fn arrows_go_from_row_to_row_after_a_click() {
    let mut window = with_failed_rows();
    for n in [0, 2] {
        window.select(FILES[n]);
        window.is_at(FILES[n]);
        window.walk(n);
    }
}

#[test]
fn arrows_go_from_row_to_row_from_the_start() {
    let mut window = with_failed_rows();
    // The two that were refused come back; nothing has the keyboard yet.
    window = window.restart();
    window.wait_for("Upload 1 file to Google Flow");
    assert_eq!((window.focused(), window.selected()), (None, vec![]));
    window.press(Key::ArrowDown);
    window.is_at(FILES[0]);
    window.walk(0);
}

#[test]
fn arrows_go_from_row_to_row_after_tab() {
    let mut window = with_failed_rows();
    window.tab_to("cover.png, PNG");
    window.is_at("cover.png");
    window.walk(0);
}

#[test]
fn home_and_end_go_to_the_ends_though_nothing_is_selected() {
    for (key, file) in [(Key::Home, FILES[0]), (Key::End, FILES[3]), (Key::ArrowDown, FILES[0])] {
        let mut window = with_failed_rows();
        window.press(key);
        window.is_at(file);
    }
}

#[test]
fn tab_goes_into_the_actions_of_the_selected_row_and_arrows_out_of_them() {
    let mut window = with_failed_rows();
    window.select("photo.jpg");
    let mut seen = vec![];
    for _ in 0..6 {
        window.press(Key::Tab);
        seen.push(window.focused().unwrap_or_default());
    }
    let own = seen.iter().take_while(|name| name.ends_with("photo.jpg")).count();
    assert!(own >= 2, "what can be done with it: {seen:?}");
    let others = seen.iter().filter(|name| FILES.iter().any(|f| *f != "photo.jpg" && name.ends_with(f)));
    assert_eq!(others.count(), 0, "{seen:?}");
    for (key, file) in [(Key::ArrowDown, "tone.mp3"), (Key::ArrowUp, "cover.png")] {
        window.select("photo.jpg");
        window.press(Key::Tab);
        assert!(window.focused().unwrap().ends_with("photo.jpg"));
        window.press(key);
        window.is_at(file);
    }
    assert_eq!(window.queue().len(), 4);
}

#[test]
fn what_is_removed_by_keys_is_what_was_selected_and_the_next_row_has_the_keyboard() {
    let mut window = with_failed_rows();
    window.select("tone.mp3");
    window.tab_to("Remove tone.mp3");
    window.press(Key::Space);
    window.wait_for("1 file removed");
    assert_eq!(window.queue().len(), 3);
    window.is_at("poster.webp");
    window.press(Key::ArrowUp);
    window.is_at("photo.jpg");
    window.press(Key::Delete);
    assert_eq!(window.queue(), ["cover.png needs attention", "poster.webp ready"]);
    window.is_at("poster.webp");
}

#[test]
fn several_stay_selected_whatever_is_pressed_at_their_row() {
    let mut window = with_failed_rows();
    window.select("cover.png");
    window.press_with(Modifiers::SHIFT, Key::ArrowDown);
    for key in [Key::Space, Key::Enter] {
        window.press(key);
        assert_eq!(window.selected(), ["cover.png", "photo.jpg"], "{key:?}");
    }
    // Everything, and from there up to a file: as many as there are from the first one to that.
    window.press_with(Modifiers::COMMAND, Key::A);
    window.select_with(Modifiers::SHIFT, "tone.mp3");
    assert_eq!(window.selected(), FILES[..3]);
}

#[test]
fn escape_selects_nothing_and_gives_the_keyboard_to_nothing() {
    let mut window = with_failed_rows();
    window.select("photo.jpg");
    window.press(Key::Escape);
    window.harness.run_steps(3);
    assert_eq!((window.focused(), window.selected()), (None, vec![]));
    window.press(Key::Space);
    assert_eq!(window.queue().len(), 4);
}
