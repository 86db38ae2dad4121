//! Rows of the queue put elsewhere: dragged by the mouse and by keys, taken back, and announced.

use eframe::egui::accesskit::Live;
use eframe::egui::{Key, Modifiers, Pos2, Role, Theme, vec2};
use egui_kittest::kittest::{NodeT, Queryable};

use crate::window::Window;

const FILES: [&str; 4] = ["cover.png", "photo.jpg", "poster.webp", "tone.mp3"];

fn with_files(theme: Theme) -> Window {
    let mut window = Window::sized(true, theme, [1160.0, 740.0]);
    window.drop_files(&FILES);
    window.wait_for("Upload 4 files to Flow Music");
    window
}

impl Window {
    fn order(&self) -> Vec<String> {
        let items = self.harness.state().session().uploads.queue().items();
        items.iter().map(|item| item.name.clone()).collect()
    }

    /// Where the row of a file is taken by.
    fn handle(&self, file: &str) -> Pos2 {
        let row = self.harness.get_by(|node| {
            node.role() == Role::ListItem && node.label().is_some_and(|label| label.starts_with(file))
        });
        row.rect().left_center() + vec2(200.0, 0.0)
    }

    /// Takes a row, and holds it in front of another one.
    fn hold_before(&mut self, file: &str, other: &str) {
        let (from, to) = (self.handle(file), self.handle(other) - vec2(0.0, 30.0));
        self.harness.hover_at(from);
        self.harness.run_steps(1);
        self.harness.drag_at(from);
        self.harness.run_steps(1);
        for part in 1..=8 {
            self.harness.hover_at(from + (to - from) * (part as f32 / 8.0));
            self.harness.run_steps(1);
        }
    }

    fn put_down(&mut self, at: Pos2) {
        self.harness.drop_at(at);
        self.harness.run_steps(3);
    }

    fn drag_before(&mut self, file: &str, other: &str) {
        let to = self.handle(other) - vec2(0.0, 30.0);
        self.hold_before(file, other);
        self.put_down(to);
    }

    fn is_said(&self, text: &str) -> bool {
        let mut nodes = self.harness.query_all_by_label_contains(text);
        nodes.any(|node| node.accesskit_node().live() == Live::Polite)
    }
}

#[test]
fn a_row_is_dragged_to_another_place_and_back_by_undo() {
    let mut window = with_files(Theme::Dark);
    window.drag_before("tone.mp3", "photo.jpg");
    let moved = ["cover.png", "tone.mp3", "photo.jpg", "poster.webp"];
    assert_eq!(window.order(), moved);
    assert!(window.is_said("1 file moved to 2 of 4"), "{}", window.tree());
    window.press_with(Modifiers::COMMAND, Key::Z);
    assert_eq!(window.order(), FILES);
    // To the end: below the last row.
    let below = window.handle("tone.mp3") + vec2(0.0, 60.0);
    window.hold_before("cover.png", "tone.mp3");
    window.harness.hover_at(below);
    window.harness.run_steps(1);
    window.put_down(below);
    assert_eq!(window.order(), ["photo.jpg", "poster.webp", "tone.mp3", "cover.png"]);
    assert!(window.has("1 file moved to 4 of 4"));
    window.click("Undo");
    assert_eq!(window.order(), FILES);
}

#[test]
fn selected_rows_are_dragged_together_and_a_click_is_no_drag() {
    let mut window = with_files(Theme::Dark);
    window.select("cover.png");
    window.select_with(Modifiers::COMMAND, "poster.webp");
    window.drag_before("poster.webp", "tone.mp3");
    assert_eq!(window.order(), ["photo.jpg", "cover.png", "poster.webp", "tone.mp3"]);
    assert!(window.has("2 files moved to 2 of 4"));
    // Of another row that is not selected, only that one.
    window.drag_before("tone.mp3", "photo.jpg");
    assert_eq!(window.order(), ["tone.mp3", "photo.jpg", "cover.png", "poster.webp"]);
    window.select("photo.jpg");
    assert_eq!(window.order(), ["tone.mp3", "photo.jpg", "cover.png", "poster.webp"]);
}

#[test]
fn escape_lets_a_dragged_row_stay() {
    let mut window = with_files(Theme::Dark);
    window.select("photo.jpg");
    window.hold_before("tone.mp3", "photo.jpg");
    let at = window.handle("photo.jpg");
    window.press(Key::Escape);
    window.put_down(at);
    assert_eq!(window.order(), FILES);
    assert!(window.has("Remove photo.jpg") && !window.has("moved to"), "{}", window.tree());
    let selected = window.harness.query_all_by_role(Role::ListItem);
    let selected = selected.filter(|row| row.accesskit_node().is_selected() == Some(true)).count();
    assert_eq!(selected, 1, "and what is selected stays selected");
}

#[test]
fn keys_move_step_by_step_and_one_undo_takes_all_back() {
    let mut window = with_files(Theme::Dark);
    window.select("tone.mp3");
    for (order, position) in [
        (["cover.png", "photo.jpg", "tone.mp3", "poster.webp"], 3),
        (["cover.png", "tone.mp3", "photo.jpg", "poster.webp"], 2),
        (["tone.mp3", "cover.png", "photo.jpg", "poster.webp"], 1),
    ] {
        window.press_with(Modifiers::ALT, Key::ArrowUp);
        assert_eq!(window.order(), order);
        assert!(window.is_said(&format!("1 file moved to {position} of 4")), "{}", window.tree());
        assert!(window.focused().unwrap().starts_with("tone.mp3, "), "the keyboard stays at it");
    }
    window.press_with(Modifiers::ALT, Key::ArrowUp);
    assert_eq!(window.order()[0], "tone.mp3", "it is at the top");
    window.press_with(Modifiers::COMMAND, Key::Z);
    assert_eq!(window.order(), FILES);
}

#[test]
fn what_has_ended_is_not_dragged() {
    let mut window = with_files(Theme::Dark);
    window.click("Upload 4 files to Flow Music");
    window.wait("all are sent", |w| w.queue().iter().all(|file| file.ends_with(" done")));
    window.drag_before("tone.mp3", "photo.jpg");
    window.select("tone.mp3");
    window.press_with(Modifiers::ALT, Key::Home);
    assert_eq!(window.order(), FILES);
    assert!(!window.has("moved to"));
}

fn picture(theme: Theme, name: &str) {
    let mut window = with_files(theme);
    window.select("cover.png");
    window.select_with(Modifiers::COMMAND, "poster.webp");
    window.wait_for_pictures();
    window.hold_before("poster.webp", "tone.mp3");
    window.wait_for_pictures();
    window.harness.snapshot(name);
}

#[test]
fn a_drag_in_dark() {
    picture(Theme::Dark, "drag-rows-dark");
}

#[test]
fn a_drag_in_light() {
    picture(Theme::Light, "drag-rows-light");
}

#[test]
fn a_row_that_is_dropped_on_a_destination_goes_there_and_elsewhere_nothing_happens() {
    let mut window = with_files(Theme::Dark);
    let row = window.handle("cover.png");
    let hold = |window: &mut Window, to: Pos2| {
        window.hold_before("cover.png", "photo.jpg");
        window.harness.hover_at(to);
        window.harness.run_steps(2);
        window.put_down(to);
    };
    let target = window.harness.get_by_label("PiAPI, 24-hour link").rect().center();
    assert!(target.x < row.x);
    hold(&mut window, target);
    let went = |window: &Window| {
        let items = window.harness.state().session().uploads.queue().items();
        items.iter().map(|item| item.request.destination.provider.clone()).collect::<Vec<_>>()
    };
    assert_eq!(went(&window), ["piapi", "flow-music", "flow-music", "flow-music"]);
    assert!(window.is_said("1 file goes to PiAPI"), "{}", window.tree());
    window.press_with(Modifiers::COMMAND, Key::Z);
    assert_eq!(went(&window), ["flow-music"; 4]);
    // On the page's name at the left: neither sent elsewhere nor moved.
    let nowhere = window.harness.get_by_label("History").rect().center();
    hold(&mut window, nowhere);
    assert_eq!(
        (went(&window), window.order()),
        (vec!["flow-music".to_owned(); 4], FILES.map(str::to_owned).to_vec())
    );
}

#[test]
fn what_was_sent_before_goes_nowhere_and_is_not_offered_to_follow() {
    let mut window = Window::sandbox();
    window.upload(&["cover.png"], "Flow Music");
    window.wait_for("History, 1");
    window.press_with(Modifiers::COMMAND | Modifiers::SHIFT, Key::L);
    window.drop_files(&["cover.png", "photo.jpg"]);
    window.wait_for("1 sent before");
    window.click("PiAPI, 24-hour link");
    window.wait_for("1 file still goes to Flow Music");
}

#[test]
fn files_that_wait_can_follow_to_the_destination_that_is_chosen() {
    let mut window = with_files(Theme::Dark);
    let went = |window: &Window, to: &str| {
        let items = window.harness.state().session().uploads.queue().items();
        items.iter().filter(|item| item.request.destination.provider == to).count()
    };
    window.click("PiAPI, 24-hour link");
    window.wait_for("4 files still go to Flow Music");
    assert_eq!(went(&window, "flow-music"), 4, "nothing goes elsewhere unasked");
    window.click("Send to PiAPI");
    window.wait_for("4 files go to PiAPI");
    assert_eq!(went(&window, "piapi"), 4);
    assert!(!window.has("still go to"));
    window.press_with(Modifiers::COMMAND, Key::Z);
    assert_eq!(went(&window, "flow-music"), 4);
    // Of several that are selected only those are offered, and none that is not there any more.
    window.select("photo.jpg");
    window.click("PiAPI, 24-hour link");
    window.wait_for("1 selected file still goes to Flow Music");
    window.press(Key::Delete);
    window.wait_until_gone("1 selected file still goes to Flow Music");
    window.press_with(Modifiers::COMMAND, Key::Z);
    window.wait_for("1 selected file still goes to Flow Music");
    window.click("Send to PiAPI");
    window.wait("it alone goes there", |w| went(w, "piapi") == 1 && went(w, "flow-music") == 3);
    window.press_with(Modifiers::COMMAND, Key::Z);
    // Where all go there already there is nothing to say.
    window.click("Flow Music, Auto");
    window.harness.run_steps(3);
    assert!(!window.has("still go to"), "{}", window.tree());
}
