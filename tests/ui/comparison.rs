//! A file and its copy, pixel by pixel.

use eframe::egui::{Event, Key, Modifiers, PointerButton, Pos2, Rect, Role, Theme, Vec2};
use egui_kittest::kittest::Queryable;

use crate::pictures::take;
use crate::window::Window;

const SIZE: [f32; 2] = [1160.0, 740.0];

/// The sheet of a scan of so many pixels, each corner of another colour.
fn sheet(theme: Theme, (width, height): (u32, u32)) -> Window {
    let mut window = Window::sized(true, theme, SIZE);
    window.wait_for("Google Flow, Auto");
    window.click("Google Flow, Auto");
    let path = window.home.path().join("scan.bmp");
    let share = |at: u32, of: u32| (at * 255 / of) as u8;
    let pixel = |x: u32, y: u32| image::Rgb([share(x, width), share(y, height), 90]);
    image::RgbImage::from_fn(width, height, pixel).save(&path).unwrap();
    window.drop_paths([path]);
    window.wait_for("Convert to JPEG: scan.bmp");
    window.click("Convert to JPEG: scan.bmp");
    window.wait_for("JPEG copy");
    window.click("Change…: scan.bmp");
    window.wait_for("Fit scan.bmp to Google Flow");
    window.wait_for_pictures();
    window
}

impl Window {
    fn picture(&self, title: &str) -> Rect {
        self.harness.get_by_role_and_label(Role::Image, title).rect()
    }

    /// The colours in the middle of the file and of its copy, with which they change to the right.
    fn middles(&mut self) -> [[i32; 2]; 2] {
        self.wait_for_pictures();
        self.harness.remove_cursor();
        self.harness.run_steps(3);
        let rects = ["Original", "Copy to be sent"].map(|title| self.picture(title));
        let drawn = self.harness.render().unwrap();
        rects.map(|rect| {
            let pixel = drawn.get_pixel(rect.center().x as u32, rect.center().y as u32);
            [i32::from(pixel[0]), i32::from(pixel[1])]
        })
    }

    fn drag(&mut self, from: Pos2, by: Vec2) {
        let button = |pressed| {
            move |pos| Event::PointerButton {
                pos,
                button: PointerButton::Primary,
                pressed,
                modifiers: Modifiers::NONE,
            }
        };
        self.harness.event(Event::PointerMoved(from));
        self.harness.run_steps(1);
        self.harness.event(button(true)(from));
        self.harness.run_steps(1);
        for n in 1..=4 {
            self.harness.event(Event::PointerMoved(from + by * (n as f32 / 4.0)));
            self.harness.run_steps(1);
        }
        self.harness.event(button(false)(from + by));
        self.harness.run_steps(2);
    }
}

fn near(a: [i32; 2], b: [i32; 2]) -> bool {
    a.iter().zip(b).all(|(a, b)| (a - b).abs() <= 4)
}

#[test]
fn the_keyboard_stays_where_it_is_when_the_pictures_come() {
    let mut window = sheet(Theme::Dark, (1600, 1200));
    let always = "Always do this for Google Flow";
    let has_come = |w: &Window| w.has("1:1: show each pixel");
    // They may be there at once.
    let came_later = (0..20).any(|_| {
        window.press(Key::Escape);
        window.wait_until_gone(always);
        window.click("Change…: scan.bmp");
        window.wait_for(always);
        window.harness.get_by_role_and_label(Role::CheckBox, always).focus();
        window.harness.step();
        let is_first = !has_come(&window);
        window.wait("the pictures are there", has_come);
        window.harness.run_steps(2);
        let focused = window.harness.get_by_role_and_label(Role::CheckBox, always).is_focused();
        assert!(focused, "{}", window.tree());
        is_first
    });
    assert!(came_later, "the pictures were always there first");
}

#[test]
fn each_pixel_is_seen_of_both_and_both_move_together_by_keys_and_by_the_pointer() {
    let mut window = sheet(Theme::Dark, (2550, 2550));
    let [original, copy] = window.middles();
    assert!(near(original, [127, 127]) && near(copy, original), "{original:?} {copy:?}");
    window.click("1:1: show each pixel");
    assert!(window.has("Whole: show all of both"), "{}", window.tree());
    let [original, copy] = window.middles();
    assert!(near(original, [127, 127]) && near(copy, original), "{original:?} {copy:?}");
    // A colour goes on every ten pixels: at this size little of it is seen.
    let picture = window.picture("Original");
    let drawn = window.harness.render().unwrap();
    let across = |at: Pos2| i32::from(drawn.get_pixel(at.x as u32, at.y as u32)[0]);
    let seen = across(picture.right_center() - Vec2::new(12.0, 0.0))
        - across(picture.left_center() + Vec2::new(12.0, 0.0));
    assert!((20..40).contains(&seen), "{seen} of 255 are {} pixels", picture.width());
    // The keyboard is at the picture: arrows move both, a card in eight of them.
    assert!(window.harness.get_by_role_and_label(Role::Image, "Original").is_focused());
    for _ in 0..16 {
        window.press(Key::ArrowRight);
    }
    for _ in 0..8 {
        window.press(Key::ArrowDown);
    }
    window.harness.run_steps(2);
    let by = [127 + (2.0 * picture.width() / 10.0) as i32, 127 + (picture.height() / 10.0) as i32];
    let [original, copy] = window.middles();
    assert!(near(original, by) && near(copy, by), "{original:?} {copy:?}, not {by:?}");
    // The copy is dragged, and the file goes with it.
    let from = window.picture("Copy to be sent").center();
    window.drag(from, Vec2::new(100.0, 0.0));
    let by = [by[0] - 10, by[1]];
    let [original, copy] = window.middles();
    assert!(near(original, by) && near(copy, by), "{original:?} {copy:?}, not {by:?}");
    // Nothing is beyond the edge.
    for _ in 0..200 {
        window.press(Key::ArrowLeft);
    }
    let [original, copy] = window.middles();
    assert!(near(original, [(picture.width() / 20.0) as i32, by[1]]) && near(copy, original));
    window.press(Key::Space);
    window.harness.run_steps(2);
    let [original, _] = window.middles();
    assert!(window.has("1:1: show each pixel") && near(original, [127, 127]), "{original:?}");
}

#[test]
fn a_click_shows_the_pixels_of_what_was_clicked_also_of_a_smaller_copy() {
    let mut window = sheet(Theme::Dark, (2550, 2550));
    window.harness.get_by_role_and_label(Role::Slider, "Longest side").focus();
    window.harness.run_steps(2);
    for _ in 0..5 {
        window.press(Key::PageDown);
    }
    let side = |window: &Window| {
        let items = window.harness.state().session().uploads.queue().items();
        items[0].facts().and_then(|facts| facts.pixels).map(|(width, _)| width)
    };
    window.wait("it is smaller", |w| side(w).is_some_and(|side| (1000..2000).contains(&side)));
    window.wait_for_pictures();
    let picture = window.picture("Copy to be sent");
    // The picture is a square in the middle of its card: a quarter to the right of its middle.
    let at = picture.center() + Vec2::new(picture.height() / 4.0, 0.0);
    window.harness.hover_at(at);
    window.harness.run_steps(1);
    window.harness.drag_at(at);
    window.harness.run_steps(1);
    window.harness.drop_at(at);
    window.harness.run_steps(2);
    let [original, copy] = window.middles();
    assert!(near(original, [191, 127]) && near(copy, original), "{original:?} {copy:?}");
    // It is the same part while the copy is made anew.
    window.click("Longest side: Reset");
    window.wait_for("2550 × 2550 · ");
    let [original, copy] = window.middles();
    assert!(near(original, [191, 127]) && near(copy, original), "{original:?} {copy:?}");
}

#[test]
fn a_picture_that_is_seen_whole_has_no_zoom() {
    let window = sheet(Theme::Dark, (200, 120));
    assert!(!window.has("1:1: show each pixel"), "{}", window.tree());
}

fn picture(theme: Theme, name: &str) {
    let mut window = sheet(theme, (1600, 1000));
    window.click("1:1: show each pixel");
    take(&mut window, &format!("fit-zoom-{name}"));
}

#[test]
fn pixels_of_both_in_the_dark() {
    picture(Theme::Dark, "dark");
}

#[test]
fn pixels_of_both_in_light() {
    picture(Theme::Light, "light");
}
