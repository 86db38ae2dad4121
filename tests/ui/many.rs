//! Many files at once: paused, put in order, sent elsewhere, tried again, removed and brought back; and what is done by
//! itself where that is set.

use eframe::egui::{Key, Modifiers, Role};
use egui_kittest::kittest::Queryable;
use hoist::model::upload::State;

use crate::window::Window;

impl Window {
    fn names(&self) -> Vec<String> {
        self.queue().iter().map(|line| line.split(' ').next().unwrap().to_owned()).collect()
    }

    /// Waits until the queue is this.
    fn until_queue(&mut self, wanted: &[&str]) {
        self.wait(&format!("{wanted:?}"), |w| w.queue() == wanted);
        self.harness.run_steps(2);
    }

    fn keys(&mut self, modifiers: Modifiers, key: Key) {
        self.harness.key_press_modifiers(modifiers, key);
        self.harness.run_steps(3);
    }

    /// A destination of Google Flow with an account that the sandbox treats in its own way.
    pub(crate) fn add_account_of_google_flow(&mut self, account: &str) {
        self.add_destination("Google Flow", account);
    }
}

#[test]
fn a_pause_starts_nothing_until_it_is_over() {
    let mut window = Window::sandbox();
    window.drop_files(&["cover.png", "poster.webp"]);
    window.wait_for("Upload 2 files to Flow Music");
    window.keys(Modifiers::COMMAND, Key::P);
    let paused = "Uploads are paused: what you upload now waits until you resume";
    window.wait_for(paused);
    window.keys(Modifiers::COMMAND, Key::P);
    window.wait_until_gone(paused); // it is not true any more
    window.keys(Modifiers::COMMAND, Key::P);
    window.wait_for(paused);
    window.click("Upload 2 files to Flow Music");
    window.wait_for("Paused · 2 files waiting");
    for _ in 0..20 {
        std::thread::sleep(std::time::Duration::from_millis(10));
        window.harness.step();
    }
    assert_eq!(window.queue(), ["cover.png on its way", "poster.webp on its way"]);
    assert!(window.rests_for().as_secs() > 10, "and nothing is drawn meanwhile: {:?}", window.rests_for());
    assert!(window.has("Waiting"), "{}", window.tree());
    window.click("Cancel poster.webp");
    window.wait_for("Add back: poster.webp");
    window.click("Resume");
    window.until_queue(&["cover.png done", "poster.webp cancelled"]);
    assert!(!window.has("Resume") && !window.has("Pause"), "{}", window.tree());
    window.select("poster.webp");
    window.wait("its details", |w| w.has("Goes to") || w.has("Sent to"));
    assert!(!window.has("Took"), "nothing was sent of it: {}", window.tree());
}

#[test]
fn a_cancelled_file_comes_back_by_undo_before_what_was_removed_earlier() {
    let mut window = Window::sandbox();
    window.upload(&["photo.jpg"], "Flow Music");
    window.click("Clear finished");
    window.wait_for("1 file removed from the queue");
    window.keys(Modifiers::COMMAND, Key::P);
    window.drop_files(&["cover.png", "poster.webp"]);
    window.wait_for("Upload 2 files to Flow Music");
    window.click("Upload 2 files to Flow Music");
    window.wait_for("Paused · 2 files waiting");
    window.click("Cancel poster.webp");
    window.wait_for("Add back: poster.webp");
    window.wait_for("Paused · 1 file waiting");
    assert!(window.has("1 cancelled"), "{}", window.tree());
    window.keys(Modifiers::COMMAND, Key::Z);
    window.until_queue(&["cover.png on its way", "poster.webp ready"]);
    window.wait("its details", |w| w.has("Goes to"));
    assert!(window.harness.query_by_label("Sent").is_none(), "nothing was sent of it: {}", window.tree());
    window.keys(Modifiers::COMMAND, Key::Z);
    window.wait("what was cleared before", |w| w.queue().len() == 3);
}

#[test]
fn what_was_never_sent_is_not_counted_among_the_uploads() {
    let mut window = Window::sandbox();
    window.upload(&["photo.jpg"], "Flow Music");
    window.wait_for("History, 1");
    window.keys(Modifiers::COMMAND, Key::P);
    window.drop_files(&["cover.png", "poster.webp"]);
    window.wait_for("Upload 2 files to Flow Music");
    window.click("Upload 2 files to Flow Music");
    window.wait_for("Paused · 2 files waiting");
    window.keys(Modifiers::COMMAND, Key::Num2);
    window.wait_for("1 upload · 2 not sent yet");
    assert!(window.has("History, 1"), "{}", window.tree());
    window.click("Settings");
    window.wait_for("It has 1 upload · 2 not sent yet");
    window.keys(Modifiers::COMMAND, Key::Num1);
    window.click("Resume");
    window.wait_for("History, 3");
}

#[test]
fn removals_come_back_one_by_one_the_last_first() {
    let mut window = Window::sandbox();
    let all = ["cover.png ready", "poster.webp ready", "photo.jpg ready"];
    window.drop_files(&["cover.png", "poster.webp", "photo.jpg"]);
    window.wait_for("Upload 3 files to Flow Music");
    window.click("Remove cover.png");
    window.until_queue(&all[1..]);
    window.click("Remove poster.webp");
    window.until_queue(&all[2..]);
    window.keys(Modifiers::COMMAND, Key::Z);
    window.until_queue(&all[1..]);
    window.keys(Modifiers::COMMAND, Key::Z);
    window.until_queue(&all);
    window.keys(Modifiers::COMMAND, Key::Z);
    window.until_queue(&[]); // they were added before
    window.keys(Modifiers::COMMAND, Key::Z);
    window.until_queue(&all);
}

#[test]
fn files_are_selected_as_in_every_list() {
    let mut window = Window::sandbox();
    window.drop_files(&["cover.png", "poster.webp", "tone.mp3", "photo.jpg", "tone.wav"]);
    window.wait_for("Upload 5 files to Flow Music");
    window.select("poster.webp");
    window.select_with(Modifiers::SHIFT, "photo.jpg");
    window.select_with(Modifiers::COMMAND, "tone.mp3");
    window.select_with(Modifiers::COMMAND, "tone.wav");
    window.keys(Modifiers::NONE, Key::Delete);
    assert_eq!(window.names(), ["cover.png", "tone.mp3"], "a range, one out of it, one more");
}

#[test]
fn an_order_of_ones_own_is_kept_and_comes_back() {
    let mut window = Window::sandbox();
    window.drop_files(&["cover.png", "poster.webp", "tone.mp3", "photo.jpg"]);
    window.wait_for("Upload 4 files to Flow Music");
    window.select("photo.jpg");
    window.keys(Modifiers::ALT, Key::Home);
    assert_eq!(window.names(), ["photo.jpg", "cover.png", "poster.webp", "tone.mp3"]);
    window.select("cover.png");
    window.harness.key_press_modifiers(Modifiers::SHIFT, Key::ArrowDown);
    window.harness.run_steps(3);
    window.keys(Modifiers::ALT, Key::ArrowDown);
    let order = ["photo.jpg", "tone.mp3", "cover.png", "poster.webp"];
    assert_eq!(window.names(), order, "two together, in their own order");
    // What comes later comes behind them, and the next start knows.
    window.drop_files(&["tone.wav"]);
    window.wait_for("Upload 5 files to Flow Music");
    let mut window = window.restart();
    window.wait_for("Upload 5 files to Flow Music");
    assert_eq!(window.names(), [&order[..], &["tone.wav"]].concat());
}

#[test]
fn a_file_that_waits_for_a_hold_goes_elsewhere_without_being_asked_again() {
    let mut window = Window::sandbox();
    window.add_account_of_google_flow("throttled@example.com");
    window.drop_files(&["cover.png", "photo.jpg", "poster.webp"]);
    window.wait_for("Upload 3 files to Google Flow");
    window.click_first("Upload 3 files to Google Flow");
    window.wait_for("Send to…: poster.webp");
    window.harness.run_steps(30);
    let rests = window.rests_for().as_secs_f64();
    assert!((0.5..=1.0).contains(&rests), "a countdown is drawn once a second, not in {rests} s");
    window.click("Send to…: poster.webp");
    window.harness.get_by_role_and_label(Role::MenuItem, "Flow Music · Auto").click();
    window.wait("it went there", |w| w.queue()[2] == "poster.webp done");
    assert_eq!(window.queue()[0], "cover.png on its way", "the others wait on");
    // Two more by the sheet.
    window.select("cover.png");
    window.keys(Modifiers::SHIFT, Key::ArrowDown);
    window.keys(Modifiers::COMMAND, Key::D);
    window.wait_for("Send 2 files to");
    window.harness.get_by_role_and_label(Role::Button, "PiAPI · 24-hour link").click();
    window.until_queue(&["cover.png done", "photo.jpg done", "poster.webp done"]);
}

#[test]
fn what_was_not_accepted_is_tried_again_together() {
    let mut window = Window::sandbox();
    window.add_account_of_google_flow("moderated@example.com");
    window.upload(&["cover.png", "photo.jpg"], "Google Flow");
    window.until_queue(&["cover.png needs attention", "photo.jpg needs attention"]);
    let asked = |w: &Window| {
        let items = w.harness.state().session().uploads.queue().items();
        items.iter().map(|item| item.request.requested.unwrap()).collect::<Vec<_>>()
    };
    let before = asked(&window);
    window.click("Retry 2");
    window.wait("both were tried again", |w| {
        let refused = |item: &hoist::model::item::Item| matches!(item.state, State::Refused(_));
        let items = w.harness.state().session().uploads.queue().items();
        items.iter().all(refused) && asked(w).iter().zip(&before).all(|(now, then)| now > then)
    });
}

#[test]
fn what_is_removed_comes_back_where_it_was_and_in_the_next_run() {
    let mut window = Window::sandbox();
    window.drop_files(&["cover.png", "poster.webp", "photo.jpg", "clip.mp4"]);
    window.wait_for("Upload 3 files to Flow Music");
    window.click("Remove poster.webp");
    window.wait_for("1 file removed");
    assert_eq!(window.names(), ["cover.png", "photo.jpg", "clip.mp4"]);
    window.wait_for("Undo");
    window.click("Undo");
    window.wait_until_gone("1 file removed");
    assert_eq!(window.names(), ["cover.png", "poster.webp", "photo.jpg", "clip.mp4"]);
    window.wait_for("Upload 3 files to Flow Music");
    window.select("cover.png");
    window.keys(Modifiers::COMMAND, Key::A);
    window.keys(Modifiers::NONE, Key::Delete);
    window.wait_for("4 files removed");
    window.keys(Modifiers::COMMAND, Key::Z);
    let mut window = window.restart();
    window.wait_for("Upload 3 files to Flow Music");
    assert_eq!(window.names().len(), 4, "{:?}", window.queue());
    // What is sent is cleared and brought back with its id.
    window.click("Upload 3 files to Flow Music");
    window.wait_for("Copy ID: photo.jpg");
    window.wait_for("Clear finished");
    window
        .wait("all three are sent", |w| w.queue().iter().filter(|line| line.ends_with(" done")).count() == 3);
    window.harness.run_steps(2);
    let id = window.copy_with("Copy ID: cover.png");
    window.click("Clear finished");
    assert_eq!(window.queue(), ["clip.mp4 ready"]);
    window.wait_for("Undo");
    window.click("Undo");
    window.wait_for("Copy ID: cover.png");
    assert_eq!(window.copy_with("Copy ID: cover.png"), id);
}

#[test]
fn what_is_taken_from_the_history_comes_back_or_is_gone_for_good() {
    let mut window = Window::sandbox();
    window.upload(&["cover.png", "poster.webp"], "Flow Music");
    window.open_history();
    let forget = |window: &mut Window, name: &str| {
        window.select(name);
        window.click(&format!("More: {name}"));
        window.click("Remove from history");
        window.wait_until_gone(&format!("More: {name}"));
    };
    forget(&mut window, "cover.png");
    window.wait_for("1 upload · kept on this computer");
    window.wait_for("Undo");
    window.click("Undo");
    window.wait_for("2 uploads · kept on this computer");
    window.wait("it is back", |w| w.uploads() == ["poster.webp", "cover.png"]);
    forget(&mut window, "cover.png");
    forget(&mut window, "poster.webp");
    window.wait_for("Nothing was sent yet");
    // Step by step, the last first.
    window.press_with(Modifiers::COMMAND, Key::Z);
    window.wait("the last is back", |w| w.uploads() == ["poster.webp"]);
    window.press_with(Modifiers::COMMAND, Key::Z);
    window.wait("both are back", |w| w.uploads() == ["poster.webp", "cover.png"]);
    // What is not brought back is gone when the window closes.
    forget(&mut window, "cover.png");
    let mut window = window.restart();
    window.wait_for("History, 1");
    window.open_history();
    assert_eq!(window.uploads(), ["poster.webp"]);
}

#[test]
fn a_destination_that_was_removed_comes_back_at_its_place() {
    let mut window = Window::sandbox();
    for account in ["a@example.com", "b@example.com"] {
        window.add_account_of_google_flow(account);
    }
    let places = |w: &Window| {
        let names = w.names_of(Role::RadioButton).into_iter();
        names.filter(|name| name.contains("@example.com")).collect::<Vec<_>>()
    };
    let before = places(&window);
    window.harness.get_by_role_and_label(Role::RadioButton, &before[0]).click_secondary();
    window.harness.run_steps(3);
    window.click("Remove destination");
    window.wait("it is gone", |w| places(w).len() == 1);
    window.wait_for("Undo");
    window.click("Undo");
    window.wait("it is back", |w| places(w) == before);
}

#[test]
fn where_that_is_set_files_go_as_soon_as_they_are_added_and_are_copied_at_the_end() {
    let mut window = Window::sandbox();
    window.harness.state_mut().session_mut().set(|settings| {
        settings.upload_on_drop = true;
        settings.copy_when_done = true;
    });
    window.drop_files(&["cover.png", "clip.mp4", "photo.jpg"]);
    let mut copied = None;
    for _ in 0..2000 {
        window.harness.step();
        copied = copied.or_else(|| window.copied());
        if copied.is_some() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    assert_eq!(
        window.queue(),
        ["cover.png done", "clip.mp4 ready", "photo.jpg done"],
        "what is stopped waits"
    );
    let copied = copied.expect("copied once everything was sent");
    assert_eq!(copied.lines().count(), 2, "{copied}");
    assert!(copied.lines().all(|line| line.starts_with("user:1000-sandbox@example.com-image:")), "{copied}");
    assert!(window.has("Uploaded, and copied"), "{}", window.tree());
    // What is there already is the user's to send.
    window.drop_files(&["cover.png"]);
    window.wait_for("Send again: cover.png");
    assert_eq!(window.queue().last().map(String::as_str), Some("cover.png ready"));
}
