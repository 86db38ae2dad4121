//! Surfaces: toasts that stand above each other and cover nothing, scrollbars beside what scrolls, buttons that stay where
//! they are.

use eframe::egui::{Key, Rect, Role, Theme};
use egui_kittest::kittest::{NodeT, Queryable};

use crate::window::{Window, sample};

impl Window {
    /// Where the buttons are whose names begin so.
    fn buttons_of(&self, beginnings: &[&str]) -> Vec<(String, Rect)> {
        let all = self.harness.query_all_by_role(Role::Button).filter_map(|node| {
            let name = node.accesskit_node().label()?;
            beginnings.iter().any(|beginning| name.starts_with(beginning)).then(|| (name, node.rect()))
        });
        all.collect()
    }

    /// Where the row of a file is.
    fn row_of(&self, name: &str) -> Rect {
        let mut rows = self.harness.query_all_by_role(Role::ListItem);
        let row = rows.find(|row| row.accesskit_node().label().is_some_and(|l| l.starts_with(name)));
        row.expect("it has a row").rect()
    }

    /// Where the text of a toast is.
    fn toast(&self, text: &str) -> Rect {
        self.harness.get_by_label(text).rect()
    }

    /// Where the toasts with these texts are, with their buttons.
    fn toasts(&self, texts: &[&str]) -> Vec<Rect> {
        let closing = self.buttons_of(&["Close this notice", "Undo"]);
        let text = |text: &&str| self.harness.get_by_label(text).rect();
        let with_button = |rect: Rect| {
            let beside = closing.iter().find(|(_, button)| button.y_range().contains(rect.center().y));
            rect.union(beside.expect("each can be put away").1)
        };
        texts.iter().map(text).map(with_button).collect()
    }
}

/// An error as wide as there is room.
const LONG: &str = "This is not a file of exported settings: line 1 cannot be read. Nothing was changed";

/// A queue longer than the window, with what can be done in its rows, an error and something to undo.
fn with_toasts(theme: Theme, size: [f32; 2]) -> Window {
    let mut window = Window::sized(true, theme, size);
    let folder = window.home.path().join("many");
    std::fs::create_dir(&folder).unwrap();
    let files: Vec<_> = (0..12).map(|n| folder.join(format!("{n:02}.mp4"))).collect();
    for file in &files {
        std::fs::copy(sample("clip.mp4"), file).unwrap();
    }
    window.drop_paths(files);
    window.wait("they are read", |w| w.buttons_of(&["Send to Google Flow"]).len() > 3);
    let empty = window.home.path().join("Nothing");
    std::fs::create_dir(&empty).unwrap();
    window.drop_paths([empty]);
    window.wait_for("Nothing is empty");
    window.click("Remove 00.mp4");
    window.wait_for("1 file removed from the queue");
    window.harness.remove_cursor();
    window.harness.run_steps(4);
    window
}

#[test]
fn toasts_stand_above_each_other_and_cover_no_action() {
    for size in [[1160.0, 740.0], [640.0, 480.0], [1920.0, 1080.0]] {
        let mut window = with_toasts(Theme::Dark, size);
        window.harness.state_mut().offer_settings("broken.toml", "= =".to_owned());
        window.harness.run_steps(4);
        window.wait_for_pictures();
        let toasts = window.toasts(&["Nothing is empty", LONG, "1 file removed from the queue"]);
        for (above, below) in toasts.iter().zip(&toasts[1..]) {
            // Between two texts are the edges of both, and a gap.
            assert!(below.top() - above.bottom() >= 16.0, "the newest is lowest: {toasts:?}");
        }
        let actions = window.buttons_of(&["Send to", "Remove 0", "Remove 1", "Upload"]);
        assert!(actions.len() > 3);
        for (name, rect) in actions {
            let covers = toasts.iter().any(|toast| toast.intersects(rect));
            assert!(!covers, "{size:?}: {name} at {rect:?} lies below {toasts:?}");
        }
    }
}

/// An error beside what can be undone and what is only said.
fn picture(theme: Theme, size: [f32; 2], name: &str) {
    let mut window = with_toasts(theme, size);
    window.harness.state_mut().offer_settings("broken.toml", "= =".to_owned());
    window.harness.run_steps(4);
    window.wait_for_pictures();
    window.harness.snapshot(name);
}

#[test]
fn picture_of_toasts_in_dark() {
    picture(Theme::Dark, [1160.0, 740.0], "toasts-dark");
}

#[test]
fn picture_of_toasts_in_light() {
    picture(Theme::Light, [1160.0, 740.0], "toasts-light");
}

#[test]
fn picture_of_toasts_in_a_small_window() {
    picture(Theme::Dark, [640.0, 480.0], "toasts-small");
}

#[test]
fn what_copied_something_is_as_wide_as_before() {
    let mut window = Window::sandbox();
    window.upload(&["cover.png"], "Flow Music");
    window.wait_for("Copy ID: cover.png");
    let before = window.harness.get_by_label("Copy ID: cover.png").rect();
    window.copy_with("Copy ID: cover.png");
    window.harness.step();
    assert_eq!(window.harness.get_by_label("Copied: cover.png").rect(), before);
}

#[test]
fn the_scrollbar_lies_beside_what_scrolls() {
    let mut window = with_toasts(Theme::Dark, [640.0, 480.0]);
    let row = window.harness.query_all_by_role(Role::ListItem).next().unwrap().rect();
    window.harness.hover_at(row.center());
    window.harness.run_steps(4);
    let bars: Vec<_> = window.harness.query_all_by_role(Role::ScrollBar).map(|bar| bar.rect()).collect();
    let beside = bars.iter().filter(|bar| bar.y_range().intersects(row.y_range()) && bar.left() > row.left());
    assert!(beside.clone().count() > 0, "{bars:?}");
    for bar in beside {
        assert!(bar.left() >= row.right(), "{bar:?} lies over {row:?}");
    }
}

#[test]
fn a_checkbox_stands_beside_its_text() {
    let mut window = Window::sandbox();
    window.click_first("Add destination");
    window.wait_for("useapi.net key");
    window.click("Show accounts");
    window.wait_for("Flow Music: another email");
    let ctx = &window.harness.ctx;
    let spacing = ctx.global_style().spacing.clone();
    assert!((spacing.icon_width, spacing.icon_spacing) == (16.0, 8.0));
    assert!(window.harness.query_all_by_role(Role::CheckBox).all(|one| one.rect().height() >= 16.0));
}

#[test]
fn a_tip_goes_when_a_sheet_comes_over_what_the_pointer_rests_on() {
    let mut window = Window::sandbox();
    let at = window.harness.get_by_label("Add destination").rect().center();
    let shown = |window: &Window| window.harness.query_all_by_label_contains("Add destination").count();
    window.harness.hover_at(at);
    window.wait("the tip", |w| shown(w) == 2);
    // By the keyboard: the pointer stays where it is.
    window.press(Key::F1);
    window.wait_for("Keyboard shortcuts");
    window.harness.run_steps(3);
    let tip = window.harness.query_all_by(|node| {
        node.role() == Role::Label && node.value().as_deref() == Some("Add destination")
    });
    assert!(tip.filter(|tip| tip.rect().contains(at) || tip.rect().distance_to_pos(at) < 40.0).count() == 0);
    window.press(Key::Escape);
    window.wait_until_gone("Keyboard shortcuts");
    // Nor does it come back while somebody types and the pointer rests.
    window.harness.run_steps(40);
    window.press(Key::ArrowDown);
    window.harness.run_steps(40);
    assert_eq!(shown(&window), 1, "{}", window.tree());
    window.harness.hover_at(at + eframe::egui::vec2(1.0, 0.0));
    window.wait("it is there again", |w| shown(w) == 2);
}

#[test]
fn below_the_last_row_there_is_room_for_a_toast() {
    let mut window = Window::sandbox();
    let folder = window.folder_of("many", 12);
    window.drop_paths((1..13).map(|n| folder.join(format!("{n}.png"))));
    window.wait_for("Upload 12 files to Flow Music");
    // The last of them is there already: a toast comes with the new one.
    window.drop_paths([folder.join("12.png"), sample("photo.jpg")]);
    window.wait_for("12.png is in the queue already");
    window.wait_for("Upload 13 files to Flow Music");
    window.harness.run_steps(5);
    let (row, toast) = (window.row_of("photo.jpg"), window.toast("12.png is in the queue already"));
    assert!(row.bottom() < toast.top(), "{row:?} {toast:?}");
}

#[test]
fn a_new_row_stands_above_all_toasts() {
    let mut window = Window::sandbox();
    let folder = window.folder_of("many", 12);
    window.drop_paths((1..13).map(|n| folder.join(format!("{n}.png"))));
    window.wait_for("Upload 12 files to Flow Music");
    for name in ["11.png", "12.png"] {
        window.drop_paths([folder.join(name)]);
        window.wait_for(&format!("{name} is in the queue already"));
    }
    window.drop_paths([sample("photo.jpg")]);
    window.wait_for("Upload 13 files to Flow Music");
    window.harness.run_steps(5);
    let (row, toast) = (window.row_of("photo.jpg"), window.toast("11.png is in the queue already"));
    assert!(row.bottom() < toast.top(), "{row:?} {toast:?}");
}

#[test]
fn a_toast_that_says_where_new_files_go_ends_where_they_go_elsewhere() {
    let mut window = Window::sandbox();
    window.add_destination("Google Flow", "jane@example.com");
    window.wait_for("New files go to Google Flow · jane@example.com");
    window.click("Flow Music, Auto");
    window.wait_until_gone("New files go to");
}
