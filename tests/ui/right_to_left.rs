//! Names that are read from the right: drawn in that order wherever they stand, and told as they are written.

use std::sync::Arc;

use eframe::egui::{Key, Modifiers, Role, Shape, Theme};
use egui_system_font_provider::SystemFontProvider;

use crate::seeds::{Seed, plant, today};
use crate::window::{Window, sample};

/// Aleph bet, gimel dalet: as it is written, and as it is drawn from the left. Letters of a word are turned round by egui.
const NAME: &str = "אב גד.png";
const DRAWN: &str = "png.גד אב";

fn texts(shape: &Shape, out: &mut Vec<String>) {
    match shape {
        Shape::Text(text) => out.push(text.galley.text().to_owned()),
        Shape::Vec(all) => all.iter().for_each(|shape| texts(shape, out)),
        _ => {}
    }
}

impl Window {
    /// Every text on screen, as it is laid out from the left.
    fn drawn(&self) -> Vec<String> {
        let mut out = vec![];
        for clipped in &self.harness.output().shapes {
            texts(&clipped.shape, &mut out);
        }
        out
    }

    #[track_caller]
    fn draws(&self, text: &str, times: usize) {
        let drawn = self.drawn();
        assert_eq!(drawn.iter().filter(|one| *one == text).count(), times, "{text}: {drawn:#?}");
    }
}

fn window(names: &[&str]) -> Window {
    let home = tempfile::tempdir().unwrap();
    plant(home.path(), names.iter().enumerate().map(|(n, name)| Seed::done(name, today(n as i64))));
    let mut window = Window::in_home(home, true, Theme::Dark, [1160.0, 740.0]);
    window.harness.ctx.add_font_provider(Arc::new(SystemFontProvider::new()));
    let folder = window.home.path().join("names");
    std::fs::create_dir(&folder).unwrap();
    for name in names {
        std::fs::copy(sample("cover.png"), folder.join(name)).unwrap();
    }
    window.drop_paths(names.iter().map(|name| folder.join(name)));
    window.wait("they are there", |w| w.names_of(Role::ListItem).len() == names.len());
    window.wait_for_pictures();
    window.press(Key::Escape); // nothing is selected
    window
}

#[test]
fn names_from_the_right_are_drawn_in_their_order_everywhere() {
    let mut window = window(&[NAME]);
    window.draws(DRAWN, 1); // its row
    assert!(window.has(NAME), "screen readers read it as it is written: {}", window.tree());
    window.select(NAME);
    window.draws(DRAWN, 2); // and the panel
    let empty = window.home.path().join("אב גד");
    std::fs::create_dir(&empty).unwrap();
    window.drop_paths([empty]);
    window.wait_for("אב גד is empty");
    window.draws("גד אב is empty", 1); // a toast
    window.press_with(Modifiers::COMMAND, Key::D);
    window.wait_for("Cancel");
    window.draws(&format!("Send {} to", "png.גד אב"), 0);
    window.draws("Send גד אב.png to", 1); // a sheet's title, read from the left
    window.press(Key::Escape);
    window.open_history();
    window.wait("the history", |w| w.names_of(Role::ListItem).len() == 1);
    window.draws(DRAWN, 1); // the grid
    window.click("Show as: List");
    window.draws(DRAWN, 1);
    assert!(!window.drawn().iter().any(|text| text.contains("אב גד")), "nowhere as it is written");
}

#[test]
fn names_with_letters_of_both_kinds_are_told_as_they_are_written() {
    let names = ["غلاف الألبوم 12.png", "cover غلاف الألبوم.png", "תמונה (סופית) v2.png", "صورة٣٤.png"];
    let mut window = window(&names);
    for name in names {
        assert!(window.has(name), "{}", window.tree());
        window.select(name);
    }
    window.harness.render().unwrap();
}
