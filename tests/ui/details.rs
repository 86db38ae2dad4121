//! The details of what is selected: beside the list or over the page, and nothing else moves.

use eframe::egui::{Key, Modifiers, Rect, Role, Theme};
use egui_kittest::kittest::{NodeT, Queryable};
use hoist::model::text;

use crate::seeds::{Seed, plant, today};
use crate::window::{Window, sample};

const PIN: &str = "Pin details beside the list";
const UNPIN: &str = "Show details over the page";

impl Window {
    /// Where the panel is, if it is shown.
    fn panel(&self) -> Option<Rect> {
        self.harness.query_by_role(Role::Complementary).map(|panel| panel.rect())
    }

    /// Where each row and control of the page is; what only the pointer or the selection shows is in its place, too.
    fn of_the_page(&self) -> Vec<(String, Rect)> {
        let roles = [Role::ListItem, Role::Button, Role::Tab, Role::RadioButton];
        let all = self.harness.query_all_by(|node| roles.contains(&node.role())).filter(|node| {
            let parents = std::iter::successors(node.accesskit_node().parent(), |node| node.parent());
            !parents.into_iter().any(|node| node.role() == Role::Complementary)
        });
        all.map(|node| (node.accesskit_node().label().unwrap_or_default(), node.rect())).collect()
    }

    fn click_on_row(&mut self, name: &str) {
        let row = |node: &egui_kittest::kittest::AccessKitNode<'_>| {
            node.role() == Role::ListItem && node.label().is_some_and(|label| label.starts_with(name))
        };
        let at = self.harness.get_by(row).rect().left_center() + eframe::egui::vec2(20.0, 0.0);
        self.harness.hover_at(at);
        self.harness.run_steps(1);
        self.harness.drag_at(at);
        self.harness.run_steps(1);
        self.harness.drop_at(at);
        self.harness.run_steps(3);
    }
}

fn queue(theme: Theme, size: [f32; 2]) -> Window {
    let mut window = Window::sized(true, theme, size);
    window.drop_files(&["cover.png", "photo.jpg", "clip.mp4"]);
    window.wait_for("Flow Music doesn't accept video");
    window.wait_for("Upload 2 files to Flow Music");
    window
}

/// The same with details that lie over the page, and are closed.
fn unpinned(theme: Theme, size: [f32; 2]) -> Window {
    let mut window = queue(theme, size);
    window.harness.set_size([1160.0, 740.0].into());
    window.harness.run_steps(2);
    window.select("cover.png");
    window.click(UNPIN);
    window.press(Key::Escape);
    window.press(Key::Escape);
    window.harness.set_size(size.into());
    window.harness.run_steps(3);
    assert!(window.panel().is_none() && window.harness.state().session().uploads.queue().items().len() == 3);
    window
}

#[test]
fn details_over_the_page_move_nothing_of_it() {
    let mut window = unpinned(Theme::Dark, [1160.0, 740.0]);
    window.click_on_row("photo.jpg");
    assert!(window.panel().is_none(), "a click only selects");
    let before = window.of_the_page();
    window.press(Key::Space);
    window.wait_for("Preview of photo.jpg");
    assert!(window.panel().is_some());
    assert_eq!(window.of_the_page(), before);
    window.press(Key::Space);
    assert!(window.panel().is_none(), "the same key closes them again");
    window.press(Key::Space);
    // A click on a row changes its file.
    window.click_on_row("cover.png");
    window.wait_for("Preview of cover.png");
    assert!(!window.has("Preview of photo.jpg"), "{}", window.tree());
    window.press(Key::Escape);
    assert!(window.panel().is_none(), "Escape closes it first");
    window.click_on_row("photo.jpg");
    assert_eq!(window.of_the_page(), before);
    // And so for several, by the menu's key, and by its button.
    window.press_with(Modifiers::COMMAND, Key::A);
    window.press_with(Modifiers::COMMAND, Key::I);
    window.wait_for("3 files selected");
    window.click("Close details");
    assert!(window.panel().is_none());
    window.press(Key::Escape);
    assert!(window.names_of(Role::ListItem).len() == 3 && window.panel().is_none());
}

#[test]
fn details_beside_the_list_stay_whatever_is_selected_and_move_nothing() {
    let mut window = queue(Theme::Dark, [1160.0, 740.0]);
    let panel = window.panel().expect("it is there as soon as there are files");
    window.wait_for("Select a file to see its details");
    let size = ["cover.png", "photo.jpg", "clip.mp4"].map(|name| sample(name).metadata().unwrap().len());
    let whole = format!("3 files · {}", text::bytes(size.iter().sum()));
    assert!(window.has(&whole), "nothing is selected, so it is the whole queue: {}", window.tree());
    let before = window.of_the_page();
    window.click_on_row("photo.jpg");
    window.wait_for("Preview of photo.jpg");
    assert_eq!((window.panel(), window.of_the_page()), (Some(panel), before.clone()));
    window.press_with(Modifiers::COMMAND, Key::A);
    window.wait_for("3 files selected");
    window.press(Key::Escape);
    window.wait_for("All files");
    assert_eq!((window.panel(), window.of_the_page()), (Some(panel), before));
}

#[test]
fn one_destination_with_other_options_is_one_in_what_the_queue_is_about() {
    let mut window = queue(Theme::Dark, [1160.0, 740.0]);
    let keys = &mut window.harness.state_mut().session_mut().keys;
    let to = keys.destinations()[0].clone();
    let rules = hoist::model::fit::FitRules { fit: true, ..Default::default() };
    keys.keep_rules(&to.name, rules);
    window.wait("it has rules", |w| w.harness.state().session().keys.destinations()[0].fit.fit);
    window.drop_files(&["poster.webp"]);
    window.wait_for("Upload 3 files to Flow Music");
    window.press(Key::Escape);
    window.wait_for("4 files · ");
    let panel = window.panel().unwrap();
    let all = window.harness.query_all_by_label_contains("Flow Music");
    let named = all.filter(|node| panel.contains(node.rect().center()) && node.rect().height() < 30.0);
    assert_eq!(named.count(), 1, "{}", window.tree());
}

#[test]
fn details_over_the_history_move_nothing_of_it() {
    let home = tempfile::tempdir().unwrap();
    plant(home.path(), (0..9).map(|n| Seed::done(&format!("{n}.png"), today(n))));
    let mut window = Window::in_home(home, true, Theme::Dark, [1160.0, 740.0]);
    window.open_history();
    window.select("3.png");
    window.press(Key::Enter);
    window.wait_for("id-of-3.png");
    window.click(UNPIN);
    for style in ["List", "Grid"] {
        window.click("Close details");
        window.click(&format!("Show as: {style}"));
        window.click_on_row("3.png");
        window.wait_for("Reveal");
        let before = window.of_the_page();
        window.press(Key::Enter);
        window.wait("the details", |w| w.panel().is_some());
        assert_eq!(window.of_the_page(), before, "{style}");
        let panel = window.panel().unwrap();
        window.click_on_row(if style == "List" { "4.png" } else { "5.png" });
        assert_eq!(window.panel(), Some(panel));
    }
}

#[test]
fn a_click_on_the_preview_opens_the_file() {
    let mut window = Window::sandbox();
    let own = window.home.path().join("own.png");
    std::fs::copy(crate::window::sample("cover.png"), &own).unwrap();
    window.drop_paths([own.clone()]);
    window.wait_for("Preview of own.png");
    // One that is gone cannot be: no program of this computer is started here.
    std::fs::remove_file(own).unwrap();
    window.click("Preview of own.png");
    window.wait_for("own.png was moved or deleted");
}

#[test]
fn how_the_details_are_shown_is_remembered() {
    let mut window = queue(Theme::Dark, [1160.0, 740.0]);
    window.select("cover.png");
    let beside = window.panel().unwrap();
    let row = window.of_the_page();
    let pin_rect = window.harness.get_by_label(UNPIN).rect();
    window.harness.get_by_label(UNPIN).focus();
    window.harness.run_steps(1);
    window.press(Key::Space);
    assert_eq!(window.panel(), Some(beside), "it stays where it is, and so does what is in it");
    assert_eq!(window.harness.get_by_label(PIN).rect(), pin_rect);
    assert!(window.harness.get_by_label(PIN).is_focused());
    assert_ne!(window.of_the_page(), row, "the rows have their room back");
    window.wait("it is written down", |w| !w.written().details_pinned);
    let mut window = window.restart();
    window.wait_for("Restored: 3 not sent yet");
    window.select("cover.png");
    assert!(window.panel().is_none());
    window.press_with(Modifiers::COMMAND, Key::I);
    window.click(PIN);
    assert_eq!(window.panel().map(|panel| panel.left()), Some(beside.left()));
    window.wait("it is written down", |w| w.written().details_pinned);
}

#[test]
fn closed_details_stay_closed_until_they_are_asked_for() {
    let mut window = queue(Theme::Dark, [1160.0, 740.0]);
    window.select("cover.png");
    window.click("Close details");
    window.select("photo.jpg");
    assert!(window.panel().is_none(), "{}", window.tree());
    window.press_with(Modifiers::COMMAND, Key::I);
    window.wait_for("Preview of photo.jpg");
    assert!(window.panel().is_some());
    window.press_with(Modifiers::COMMAND, Key::I);
    assert!(window.panel().is_none());
}

#[test]
fn in_a_small_window_the_details_lie_over_the_page_whether_pinned_or_not() {
    for size in [[640.0, 480.0], [480.0, 400.0]] {
        for opened in [queue, unpinned] {
            let mut window = opened(Theme::Dark, size);
            window.click_on_row("photo.jpg");
            assert!(window.panel().is_none());
            let before = window.of_the_page();
            window.press(Key::Space);
            window.wait_for("Preview of photo.jpg");
            assert_eq!(window.of_the_page(), before);
            let panel = window.panel().unwrap();
            let screen = Rect::from_min_size([0.0, 0.0].into(), size.into());
            assert!(screen.contains_rect(panel), "{panel:?}");
            let close = window.harness.get_by_label("Close details").rect();
            assert!(panel.contains_rect(close), "{close:?} in {panel:?}");
            assert!(
                window.harness.get_by_label(PIN).accesskit_node().is_disabled(),
                "there is no room for it"
            );
            window.press(Key::Escape);
            assert!(window.panel().is_none());
        }
    }
}

#[test]
fn the_details_ease_in_only_where_motion_is_wanted() {
    for (time, expected) in [(2.0, true), (0.0, false)] {
        let mut window = unpinned(Theme::Dark, [1160.0, 740.0]);
        window.harness.ctx.all_styles_mut(|style| style.animation_time = time);
        window.click_on_row("photo.jpg");
        window.press(Key::Space);
        window.wait_for_pictures();
        window.press(Key::Escape);
        window.harness.run_steps(30);
        window.press(Key::Space);
        window.harness.run_steps(1);
        assert_eq!(window.rests_for().is_zero(), expected, "{time}: {:?}", window.rests_for());
        window.wait_for_pictures();
        window.harness.run_steps(30);
        assert!(!window.rests_for().is_zero(), "and then nothing moves: {:?}", window.rests_for());
    }
}

#[test]
fn details_beside_the_list_ease_in_as_well() {
    for (time, expected) in [(2.0, true), (0.0, false)] {
        let mut window = Window::sandbox();
        window.harness.ctx.all_styles_mut(|style| style.animation_time = time);
        window.drop_files(&["photo.jpg"]);
        window.wait_for("Upload 1 file to Flow Music");
        window.click_on_row("photo.jpg");
        window.wait_for_pictures();
        window.press_with(Modifiers::COMMAND, Key::I);
        window.harness.run_steps(30);
        window.press_with(Modifiers::COMMAND, Key::I);
        window.harness.run_steps(1);
        assert_eq!(window.rests_for().is_zero(), expected, "{time}: {:?}", window.rests_for());
    }
}

fn picture(theme: Theme, size: [f32; 2], name: &str) {
    let mut window = unpinned(theme, size);
    window.click_on_row("photo.jpg");
    window.press(Key::Space);
    window.wait_for("Preview of photo.jpg");
    window.harness.remove_cursor();
    window.wait_for_pictures();
    window.harness.snapshot(name);
}

#[test]
fn picture_of_the_details_over_the_page_in_dark() {
    picture(Theme::Dark, [1160.0, 740.0], "details-over-dark");
}

#[test]
fn picture_of_the_details_over_the_page_in_light() {
    picture(Theme::Light, [1160.0, 740.0], "details-over-light");
}

#[test]
fn picture_of_the_details_over_the_page_in_a_small_window() {
    picture(Theme::Light, [640.0, 480.0], "details-over-small-light");
}
