//! A row of the queue: whose it is, what is seen in it when, what Tab comes to first, and how a new one is noticed.

use std::time::Duration;

use eframe::egui::{Color32, Event, Key, Pos2, Rect, Role, Theme, vec2};
use egui_kittest::kittest::{NodeT, Queryable};
use hoist::provider;
use hoist::ui::theme::{DARK, LIGHT, Tokens};

use crate::window::{Window, sample};

impl Window {
    /// Where the row of a file is.
    fn row(&self, file: &str) -> Rect {
        let row = self.harness.query_all_by_role(Role::ListItem).find(|row| {
            let label = row.accesskit_node().label();
            label.is_some_and(|label| label.starts_with(&format!("{file}, ")))
        });
        row.unwrap_or_else(|| panic!("no row of {file}")).rect()
    }

    /// What colour the window has at a point.
    fn colour_at(&mut self, at: Pos2) -> Color32 {
        let picture = self.harness.render().unwrap();
        let [r, g, b, _] = picture.get_pixel(at.x as u32, at.y as u32).0;
        Color32::from_rgb(r, g, b)
    }

    /// The ground of a row: where nothing else is drawn.
    fn ground_of(&mut self, file: &str) -> Color32 {
        let row = self.row(file);
        self.colour_at(row.left_center() + vec2(4.0, 0.0))
    }

    /// Whether anything is drawn in an area.
    fn is_drawn(&mut self, area: Rect) -> bool {
        let picture = self.harness.render().unwrap();
        let (left, right) = (area.left() as u32 + 2, area.right() as u32 - 2);
        let (top, bottom) = (area.top() as u32 + 2, area.bottom() as u32 - 2);
        let first = picture.get_pixel(left, top);
        (top..bottom).any(|y| (left..right).any(|x| picture.get_pixel(x, y) != first))
    }

    fn point_at(&mut self, at: Pos2) {
        self.harness.event(Event::PointerMoved(at));
        self.harness.run_steps(2);
    }

    /// Waits until nothing in the window moves any more.
    fn settle(&mut self) {
        self.wait("nothing moves", |w| w.rests_for() > Duration::from_millis(100));
    }
}

#[test]
fn what_helps_is_always_seen_and_the_rest_where_the_pointer_or_the_selection_is() {
    let mut window = Window::sandbox();
    window.drop_files(&["clip.mp4", "cover.png"]);
    window.wait_for("Send to Google Flow: clip.mp4");
    window.wait_for("Upload 1 file to Flow Music");
    window.point_at(Pos2::new(300.0, 20.0));
    window.settle();
    let rect = |window: &Window, name: &str| window.harness.get_by_label(name).rect();
    let (helps, removes) = ("Send to Google Flow: clip.mp4", "Remove clip.mp4");
    let places = (rect(&window, helps), rect(&window, removes));
    assert!(window.is_drawn(places.0) && !window.is_drawn(places.1));
    // Under the pointer.
    let row = window.row("clip.mp4");
    window.point_at(row.left_top() + vec2(100.0, 30.0));
    assert!(window.is_drawn(places.1), "the pointer is over its row");
    assert_eq!((rect(&window, helps), rect(&window, removes)), places, "nothing moves for it");
    window.point_at(window.row("cover.png").left_top() + vec2(100.0, 30.0));
    assert!(!window.is_drawn(places.1));
    // Selected; and it can be pressed, whether or not it is seen.
    window.select("clip.mp4");
    window.point_at(Pos2::new(300.0, 20.0));
    let removes_now = rect(&window, removes);
    assert!(window.is_drawn(removes_now), "its row is selected");
    window.press(Key::Escape);
    window.click(removes);
    assert_eq!(window.queue(), ["cover.png ready"]);
}

#[test]
fn tab_comes_to_what_helps_before_it_comes_to_what_removes() {
    let mut window = Window::sandbox();
    window.drop_files(&["clip.mp4", "cover.png"]);
    window.wait_for("Upload 1 file to Flow Music");
    window.select("clip.mp4");
    let mut order = vec![];
    for _ in 0..2 {
        window.press(Key::Tab);
        order.push(window.focused().unwrap_or_default());
    }
    assert_eq!(order, ["Send to Google Flow: clip.mp4", "Remove clip.mp4"]);
    window.press(Key::Enter);
    assert_eq!(window.queue(), ["cover.png ready"]);
    // From the left to the right where two help.
    let mut window = Window::sandbox();
    window.add_destination("Flow Music", "gateway@example.com");
    window.upload(&["cover.png"], "Flow Music");
    window.select("cover.png");
    let (again, dismiss) = ("Send again: cover.png", "Dismiss: cover.png");
    let left = |name: &str| window.harness.get_by_label(name).rect().left();
    assert!(left(again) < left(dismiss));
    for name in [again, dismiss] {
        window.press(Key::Tab);
        assert_eq!(window.focused().as_deref(), Some(name));
    }
}

#[test]
fn where_a_provider_has_several_accounts_a_row_names_its_own() {
    let mut window = Window::sandbox();
    window.add_destination("Google Flow", "jane@example.com");
    window.drop_files(&["cover.png"]);
    window.wait_for("Upload 1 file to Google Flow");
    window.click_first("Upload 1 file to Google Flow");
    window.wait_for("Copy ID: cover.png");
    let row = "B · jane@example.com"; // behind the size
    window.wait_for(row);
    window.click_first("Google Flow, Auto");
    window.harness.run_steps(3);
    assert!(window.has(row), "whatever is chosen: {}", window.tree());
    // Of the only account of a provider nobody has to be told.
    window.click_first("Flow Music, Auto");
    window.drop_files(&["photo.jpg"]);
    window.wait_for("Upload 1 file to Flow Music");
    window.click_first("Upload 1 file to Flow Music");
    window.wait_for("Copy ID: photo.jpg");
    window.click_first("Google Flow, Auto");
    window.harness.run_steps(3);
    assert!(window.has(row) && !window.has("B · Auto"), "{}", window.tree());
}

#[test]
fn each_of_several_rows_says_that_it_was_copied() {
    let mut window = Window::sandbox();
    window.upload(&["cover.png", "poster.webp"], "Flow Music");
    window.click_first("PiAPI, 24-hour link");
    window.drop_files(&["photo.jpg"]);
    window.wait_for("Upload 1 file to PiAPI");
    window.click("Upload 1 file to PiAPI");
    window.wait_for("Copy link: photo.jpg");
    window.press_with(eframe::egui::Modifiers::COMMAND, Key::A);
    window.press_with(eframe::egui::Modifiers::SHIFT, Key::F10);
    let copy = "Copy 3: 2 IDs and 1 link";
    window.harness.get_by_role_and_label(Role::MenuItem, copy).click();
    for name in ["cover.png", "poster.webp", "photo.jpg"] {
        window.wait_for(&format!("Copied: {name}"));
    }
}

fn selection_is_seen(theme: Theme, t: &Tokens) {
    let mut window = Window::sized(true, theme, [1160.0, 740.0]);
    window.drop_files(&["cover.png", "poster.webp"]);
    window.wait_for("Upload 2 files to Flow Music");
    window.point_at(Pos2::new(300.0, 20.0));
    window.settle();
    assert_eq!(window.ground_of("cover.png"), t.window);
    window.select("cover.png");
    window.point_at(Pos2::new(300.0, 20.0));
    assert_eq!(
        (window.ground_of("cover.png"), window.ground_of("poster.webp")),
        (t.grounds.accent, t.window)
    );
    // No ring as long as the keyboard is not what is used to get around.
    let edge = window.row("cover.png").left_center() + vec2(0.5, 0.0);
    assert_eq!(window.colour_at(edge), t.grounds.accent);
    let over = window.row("poster.webp").left_center() + vec2(90.0, 0.0);
    window.point_at(over);
    assert_eq!(window.ground_of("poster.webp"), t.panel, "under the pointer it is another one");
}

#[test]
fn a_selected_row_is_told_by_its_ground_in_both_themes() {
    selection_is_seen(Theme::Dark, &DARK);
    selection_is_seen(Theme::Light, &LIGHT);
}

#[test]
fn whose_row_it_is_is_seen_and_told() {
    let mut window = Window::sandbox();
    window.drop_files(&["cover.png"]);
    window.wait_for("Upload 1 file to Flow Music");
    window.click("PiAPI, 24-hour link");
    window.drop_files(&["poster.webp"]);
    window.wait_for("Upload 2 files to 2 destinations");
    window.settle();
    for (file, id, to) in
        [("cover.png", "flow-music", "Flow Music · Auto"), ("poster.webp", "piapi", "PiAPI · 24-hour link")]
    {
        let [r, g, b] = provider::by_id(id).unwrap().facts().mark.colour;
        // Left of its icon.
        let badge = window.row(file).left_top() + vec2(62.0 - 10.5, 60.0 - 4.0);
        assert_eq!(window.colour_at(badge), Color32::from_rgb(r, g, b), "{file}");
        let row = window
            .harness
            .query_all_by_role(Role::ListItem)
            .find(|row| row.accesskit_node().label().is_some_and(|label| label.starts_with(file)));
        let told = row.unwrap().accesskit_node().description();
        assert_eq!(told.as_deref(), Some(to));
    }
}

#[test]
fn in_a_large_window_a_row_is_no_wider_than_it_can_be_read() {
    let mut window = Window::sized(true, Theme::Dark, [1920.0, 1080.0]);
    window.drop_files(&["clip.mp4"]);
    window.wait_for("Send to Google Flow: clip.mp4");
    let row = window.row("clip.mp4");
    assert_eq!((row.width(), row.height()), (900.0, 68.0));
    assert!(row.contains_rect(window.harness.get_by_label("Send to Google Flow: clip.mp4").rect()));
}

/// A window whose list has more rows than there is room for, and stands at its top.
fn with_many() -> Window {
    let mut window = Window::sandbox();
    let folder = window.folder_of("many", 12);
    window.drop_paths((1..13).map(|n| folder.join(format!("{n}.png"))));
    window.wait_for("Upload 12 files to Flow Music");
    window.press(Key::Home);
    window.press(Key::Escape);
    window.point_at(Pos2::new(300.0, 20.0));
    window.settle();
    // As on a desktop that asks for nothing else: the harness lets nothing move.
    window.harness.ctx.all_styles_mut(|style| style.animation_time = 0.1);
    window
}

#[test]
fn what_has_come_flashes_once_and_nothing_is_drawn_afterwards() {
    let mut window = with_many();
    window.drop_paths([sample("photo.jpg"), sample("poster.webp")]);
    while window.queue().len() < 14 {
        window.harness.step();
    }
    window.harness.step();
    window.harness.step();
    assert_eq!(window.rests_for(), Duration::ZERO, "a frame follows a frame while it flashes");
    let flashing = window.ground_of("photo.jpg");
    assert!(flashing != DARK.window && flashing != DARK.panel, "{flashing:?}");
    assert_eq!(window.ground_of("12.png"), DARK.window, "only what is new");
    window.wait_for("Upload 14 files to Flow Music");
    window.settle();
    assert_eq!(window.ground_of("photo.jpg"), DARK.window);
    window.wait_for_pictures();
    assert!(window.rests_for() > Duration::from_secs(10), "{:?}", window.rests_for());
}

#[test]
fn what_comes_back_by_undo_is_in_sight_and_flashes() {
    let mut window = with_many();
    window.click("Remove 1.png");
    window.wait_for("1 file removed");
    window.press(Key::End);
    window.press(Key::Escape);
    assert!(!window.in_sight().contains(&"1.png".to_owned()));
    window.settle();
    window.harness.get_by_label("Undo").click();
    while window.queue().len() < 12 {
        window.harness.step();
    }
    window.harness.step();
    window.harness.step();
    assert!(window.in_sight().contains(&"1.png".to_owned()), "{:?}", window.in_sight());
    assert_ne!(window.ground_of("1.png"), DARK.window);
    window.press(Key::Escape); // it is selected, too
    window.settle();
    assert_eq!(window.ground_of("1.png"), DARK.window);
}

#[test]
fn nothing_flashes_where_less_is_to_move() {
    let mut window = with_many();
    window.harness.ctx.all_styles_mut(|style| style.animation_time = 0.0);
    window.drop_paths([sample("photo.jpg"), sample("poster.webp")]);
    while window.queue().len() < 14 {
        window.harness.step();
    }
    window.harness.step();
    window.harness.step();
    assert_eq!(window.in_sight().last().unwrap(), "poster.webp", "it is in sight all the same");
    assert_eq!(window.ground_of("photo.jpg"), DARK.window);
}

#[test]
fn one_file_that_somebody_adds_is_selected_and_several_are_not() {
    let mut window = with_many();
    let selected = |window: &Window| {
        let rows = window.harness.query_all_by_role(Role::ListItem);
        let selected = rows.filter(|row| row.accesskit_node().is_selected() == Some(true));
        selected.filter_map(|row| row.accesskit_node().label()).collect::<Vec<_>>()
    };
    window.press(Key::Home);
    window.drop_paths([sample("photo.jpg")]);
    window.wait_for("Upload 13 files to Flow Music");
    assert!(
        matches!(&selected(&window)[..], [one] if one.starts_with("photo.jpg")),
        "{:?}",
        selected(&window)
    );
    // What was selected is not what is copied or removed next; nothing that is added leaves it as it is.
    window.drop_paths([sample("cover.png"), sample("poster.webp")]);
    window.wait_for("Upload 15 files to Flow Music");
    assert_eq!(selected(&window), Vec::<String>::new());
    window.press(Key::Home);
    let empty = window.folder_of("empty", 0);
    window.drop_paths([empty]);
    window.wait_for("empty is empty");
    assert_eq!(selected(&window).len(), 1);
    // What comes by itself takes nothing from who is at something else.
    let to = window.harness.state().session().keys.chosen().unwrap().clone();
    window.harness.state_mut().session_mut().add_files_to([sample("tone.mp3")], &to);
    window.wait_for("Upload 16 files to Flow Music");
    assert!(window.has("Preview of 1.png"), "out of sight, and selected still: {}", window.tree());
}
