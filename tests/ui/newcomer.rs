//! The first minutes: nothing is set up, files come already, and the sandbox is tried.

use eframe::egui::{Key, Modifiers, Role, Theme, ViewportCommand, ViewportId};
use egui_kittest::kittest::Queryable;
use hoist::model::copy_format::CopyTemplate;
use hoist::store::folders::Folders;
use hoist::store::keys::Keys;
use hoist::store::settings;

use crate::window::{Window, sample};

impl Window {
    fn enter_the_sandbox(&mut self) {
        self.click("Try it without a key");
        self.wait_for("Sandbox: uploads stay on this computer");
    }

    fn leave_the_sandbox(&mut self) {
        self.click("Leave the sandbox");
        self.wait_until_gone("Sandbox: uploads stay on this computer");
        self.wait_for("You left the sandbox. What you sent in it is in its own history");
    }
}

#[test]
fn the_first_screen_says_what_can_be_done_and_takes_files_already() {
    let mut window = Window::with_keys(Keys::in_memory());
    let buttons = window.names_of(Role::Button);
    for name in ["Add API key", "Try it without a key", "Add files"] {
        assert!(buttons.iter().any(|b| b == name), "{name}: {buttons:?}");
    }
    window.drop_files(&["cover.png", "photo.jpg", "poster.webp", "clip.mp4"]);
    window.wait_for("4 files wait for a destination");
    assert!(window.has("cover.png, photo.jpg, poster.webp and 1 more"), "{}", window.tree());
    assert!(!window.has("Add destination for"), "nothing is asked");
    assert_eq!(window.harness.unnamed_widgets(), Vec::<String>::new());
    window.click("Add API key");
    window.wait_for("useapi.net key");
    window.add_key();
    window.wait("they are in the queue", |w| w.queue().len() == 4);
    window.wait_for("Upload 3 files to Flow Music");
}

#[test]
fn a_newcomer_without_a_key_is_led_to_the_providers_that_need_none() {
    let mut window = Window::with_keys(Keys::in_memory());
    window.click("Providers that need no key");
    window.wait_for("Add: Litterbox");
    assert!(!window.has("Add: Flow Music"), "{}", window.tree());
    window.click("Add: Litterbox");
    window.wait_for("Add Litterbox");
    window.wait_for("whoever has their link can open them");
    assert!(!window.has("Back"), "there is nothing to go back to: {}", window.tree());
    window.click("Save 1 destination");
    window.wait_until_gone("Add Litterbox");
    window.wait_for("Drop images"); // files can be sent now, and that is what comes up
    window.drop_files(&["cover.png"]);
    window.wait_for("Upload 1 file to Litterbox");
}

#[test]
fn files_that_wait_are_there_again_at_the_next_start() {
    let mut window = Window::with_keys(Keys::in_memory());
    window.drop_files(&["cover.png", "photo.jpg"]);
    window.wait_for("2 files wait for a destination");
    window.wait("they are written down", |w| w.written().waiting.len() == 2);
    // They wait on, until there is a destination: then they are in the queue, and wait no more.
    let mut window = window.restart_with(Keys::in_memory());
    window.wait_for("2 files wait for a destination");
    window.click("Add API key");
    window.wait_for("useapi.net key");
    window.add_key();
    window.wait("they are in the queue", |w| w.queue().len() == 2);
    window.wait("they wait no more", |w| w.written().waiting.is_empty());
}

#[test]
fn files_that_wait_are_staged_at_the_start_where_there_is_a_destination_by_then() {
    let mut window = Window::with_keys(Keys::in_memory());
    window.drop_files(&["cover.png"]);
    window.wait_for("1 file waits for a destination");
    window.wait("it is written down", |w| w.written().waiting.len() == 1);
    let mut window = window.restart();
    window.wait_for("Upload 1 file to Flow Music");
    window.wait("it waits no more", |w| w.written().waiting.is_empty());
}

#[test]
fn files_that_wait_can_be_taken_back() {
    let mut window = Window::with_keys(Keys::in_memory());
    window.drop_files(&["cover.png"]);
    window.wait_for("1 file waits for a destination");
    window.click("Remove the file");
    window.wait_for("Where should files go?");
    window.click("Add API key");
    window.wait_for("useapi.net key");
    window.add_key();
    window.wait_for("Drop images or audio here");
    assert!(window.queue().is_empty());
}

#[test]
fn the_sandbox_is_tried_in_the_window_and_leaves_nothing_in_the_real_one() {
    let keys = Keys::in_memory();
    let mut window = Window::with_keys(keys.clone());
    window.drop_files(&["cover.png"]);
    window.wait_for("1 file waits for a destination");
    window.enter_the_sandbox();
    assert!(window.harness.state().session().is_sandbox());
    let title = ViewportCommand::Title("Hoist (sandbox)".to_owned());
    let sent = &window.harness.output().viewport_output[&ViewportId::ROOT].commands;
    assert!(sent.is_empty() || sent.contains(&title), "{sent:?}");
    // What waited is there, too.
    window.wait_for("Upload 1 file to Flow Music");
    window.click("Upload 1 file to Flow Music");
    window.wait("it is there", |w| w.queue() == ["cover.png done"]);
    window.wait_for("History, 1");
    window.leave_the_sandbox();
    assert!(!window.harness.state().session().is_sandbox());
    window.wait_for("1 file waits for a destination");
    assert!(window.queue().is_empty() && !window.has("History, 1"), "{}", window.tree());
    window.harness.run_steps(10);
    assert_eq!(window.harness.state().session().library.count(), 0);
    for vendor in ["useapi", "piapi", "indream"] {
        assert!(keys.get(vendor).is_err(), "no key of the sandbox is kept");
    }
    // Once more: what was tried is still there, in its own place.
    window.enter_the_sandbox();
    window.wait_for("History, 1");
    window.leave_the_sandbox();
    let folders = Folders::inside(window.home.path());
    assert!(folders.data.join("sandbox/data/history.db").exists());
}

#[test]
fn the_sandbox_can_be_tried_from_the_settings_when_there_is_a_destination() {
    let mut window = Window::with_keys(Keys::in_memory());
    window.click("Providers that need no key");
    window.wait_for("Add: Litterbox");
    window.click("Add: Litterbox");
    window.wait_for("Add Litterbox");
    window.click("Save 1 destination");
    window.wait_for("Drop images");
    assert!(!window.has("Try it without a key"), "{}", window.tree());
    window.press_with(Modifiers::COMMAND, Key::Comma);
    window.wait_for("Try it without a key");
    window.harness.get_by_label("Try it without a key").click_accesskit();
    window.wait_for("Sandbox: uploads stay on this computer");
    window.press_with(Modifiers::COMMAND, Key::Comma);
    window.wait_for("Keyboard shortcuts");
    assert!(!window.has("Try it without a key"), "it is here: {}", window.tree());
    window.leave_the_sandbox();
}

#[test]
fn a_newcomer_adds_a_key_in_the_sandbox_with_one_that_it_accepts() {
    let mut window = Window::with_keys(Keys::in_memory());
    window.enter_the_sandbox();
    window.press_with(Modifiers::COMMAND, Key::Num3);
    window.click("Add API key");
    window.wait_for("The sandbox accepts only keys of its own");
    for vendor in ["PiAPI", "useapi.net"] {
        window.harness.get_by_role_and_label(Role::RadioButton, vendor).click();
        window.harness.run_steps(2);
        window.click("Use the sandbox's key");
        assert!(!window.has("This doesn't look like"), "{}", window.tree());
        if vendor == "PiAPI" {
            window.click("Add key");
            window.wait_until_gone("Use the sandbox's key");
            // It stands beside the one that the sandbox has.
            window.wait_for("24-hour link · 2");
            window.click("Add API key");
        } else {
            window.click("Check key");
            window.wait_for("Destinations for useapi.net");
        }
    }
}

#[test]
fn a_sandbox_that_was_asked_for_from_the_start_has_no_way_back() {
    let window = Window::sandbox();
    assert!(window.has("Sandbox: uploads stay on this computer"));
    assert!(!window.has("Leave the sandbox") && !window.has("Try it without a key"));
}

/// What a newcomer sees, with files and without.
fn first_screen(theme: Theme, size: [f32; 2], scale: f32, name: &str) {
    let home = tempfile::tempdir().unwrap();
    let mut window = Window::scaled(home, theme, size, scale, |start| start);
    window.harness.remove_cursor();
    window.harness.run_steps(3);
    window.harness.snapshot(format!("first-{name}"));
    window.drop_paths([sample("cover.png"), sample("photo.jpg")]);
    window.wait_for("2 files wait for a destination");
    window.harness.run_steps(3);
    window.harness.snapshot(format!("waiting-{name}"));
}

#[test]
fn pictures_of_the_first_screen_in_dark() {
    first_screen(Theme::Dark, [1160.0, 740.0], 1.0, "dark");
}

#[test]
fn pictures_of_the_first_screen_in_light() {
    first_screen(Theme::Light, [1160.0, 740.0], 1.0, "light");
}

#[test]
fn pictures_of_the_first_screen_in_a_small_window() {
    first_screen(Theme::Dark, [640.0, 480.0], 1.0, "small");
}

#[test]
fn pictures_of_the_first_screen_at_twice_the_size() {
    first_screen(Theme::Light, [640.0, 480.0], 2.0, "200");
}

#[test]
fn picture_of_the_sandbox_that_is_tried() {
    let mut window = Window::with_keys(Keys::in_memory());
    window.enter_the_sandbox();
    window.harness.remove_cursor();
    window.harness.run_steps(3);
    window.harness.snapshot("trial-dark");
    assert!(window.harness.query_by_label("Leave the sandbox").is_some());
}

#[test]
fn how_the_window_looks_while_the_sandbox_is_tried_is_remembered_for_the_window() {
    let mut window = Window::with_keys(Keys::in_memory());
    window.enter_the_sandbox();
    window.harness.ctx.set_zoom_factor(1.25);
    window.wait("it is written down", |w| w.written().zoom > 1.2);
}

#[test]
fn how_the_window_looks_and_templates_are_the_same_in_the_sandbox() {
    let mut window = Window::with_keys(Keys::in_memory());
    let template = |name: &str| CopyTemplate { name: name.to_owned(), line: "{id}".to_owned() };
    let (wiki, mine) = (template("Wiki"), template("Mine"));
    window.harness.state_mut().session_mut().set(move |settings| {
        settings.theme = settings::Theme::Light;
        settings.templates.push(wiki);
    });
    window.harness.run_steps(3);
    window.enter_the_sandbox();
    let now = |w: &Window| {
        let settings = w.harness.state().session().keys.settings();
        let names: Vec<_> = settings.templates.iter().map(|template| template.name.clone()).collect();
        (settings.theme, names)
    };
    window.wait("it looks the same", |w| now(w).0 == settings::Theme::Light && now(w).1[1..] == ["Wiki"]);
    window.harness.state_mut().session_mut().set(move |settings| settings.templates.push(mine));
    window.wait("it is there", |w| now(w).1.len() == 3);
    window.leave_the_sandbox();
    window.wait("outside, too", |w| now(w).1[1..] == ["Wiki", "Mine"]);
}

#[test]
fn files_that_wait_are_there_once_and_come_back_when_they_were_removed() {
    let mut window = Window::with_keys(Keys::in_memory());
    window.drop_files(&["cover.png"]);
    window.wait_for("1 file waits for a destination");
    window.drop_files(&["cover.png"]);
    window.wait_for("cover.png waits already");
    window.press_with(Modifiers::COMMAND, Key::Enter);
    window.wait_for("Your files wait for a destination. Add one first");
    window.click("Remove the file");
    window.wait_for("Where should files go?");
    window.press_with(Modifiers::COMMAND, Key::Z);
    window.wait_for("1 file waits for a destination");
}
