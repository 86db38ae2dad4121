//! Dropping, uploading, copying: the queue and what stands around it.

use std::time::Duration;

use eframe::egui::{self, Theme};
use egui_kittest::kittest::Queryable;
use hoist::model::copy_format::CopyFormat;
use hoist::store::keys::Keys;
use strum::IntoEnumIterator;

use crate::window::{KEY, Window};

#[test]
fn a_dropped_file_is_uploaded_and_its_id_copied() {
    let mut window = Window::sandbox();
    assert!(window.has("Sandbox: uploads stay on this computer"));
    window.drop_files(&["cover.png"]);
    window.wait_for("Upload 1 file to Flow Music");
    assert!(window.has("PNG · 512 × 512 · 4.9 kB"));
    assert!(!window.has("Uploaded"), "nothing is sent before Upload is pressed");
    window.click("Upload 1 file to Flow Music");
    window.wait_for("Copy ID: cover.png");
    let id = window.copy_with("Copy ID: cover.png");
    assert!(id.starts_with("user:1000-sandbox@example.com-image:"), "{id}");
    window.harness.step();
    assert!(window.has("Copied: cover.png"), "the button answers in place");
    let link = window.copy_from_menu("cover.png", "Copy link");
    assert!(link.starts_with("http://127.0.0.1:"), "{link}");
}

#[test]
fn every_provider_gives_its_id_or_link_in_the_window() {
    for (provider, file, button, start) in [
        ("Flow Music", "tone.mp3", "Copy ID: tone.mp3", "user:1000-sandbox@example.com-audio:"),
        ("Google Flow", "clip.mp4", "Copy ID: clip.mp4", "user:1000-email:"),
        ("Riffusion", "tone.wav", "Copy ID: tone.wav", ""),
        ("PiAPI", "cover.png", "Copy link: cover.png", "http://127.0.0.1:"),
        ("Indream", "captions.srt", "Copy ID: captions.srt", ""),
    ] {
        let mut window = Window::sandbox();
        let row = window.harness.query_all_by_label_contains(provider).next().unwrap();
        row.click();
        window.harness.run_steps(2);
        window.drop_files(&[file]);
        let upload = format!("Upload 1 file to {provider}");
        window.wait_for(&upload);
        window.click(&upload);
        window.wait_for(button);
        let copied = window.copy_with(button);
        assert!(!copied.is_empty() && copied.starts_with(start), "{provider}: {copied}");
    }
}

#[test]
fn a_file_that_is_not_taken_says_so_and_can_go_elsewhere() {
    let mut window = Window::sandbox();
    window.drop_files(&["clip.mp4", "cover.png"]);
    window.wait_for("Flow Music doesn't accept video");
    window.wait_for("Upload 1 file to Flow Music");
    window.click("Send to Google Flow: clip.mp4");
    window.wait_for("Upload 2 files to 2 destinations");
    assert!(!window.has("Flow Music doesn't accept video"));
}

#[test]
fn the_keyboard_alone_uploads() {
    let mut window = Window::sandbox();
    window.drop_files(&["cover.png"]);
    window.wait_for("Upload 1 file to Flow Music");
    window.harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::Enter);
    window.wait_for("Copy ID: cover.png");
}

#[test]
fn removing_and_clearing_empty_the_queue() {
    let mut window = Window::sandbox();
    window.drop_files(&["cover.png", "photo.jpg"]);
    window.wait_for("Upload 2 files to Flow Music");
    window.click("Remove photo.jpg");
    window.wait_for("Upload 1 file to Flow Music");
    window.click("Upload 1 file to Flow Music");
    window.wait_for("Copy ID: cover.png");
    window.click("Clear finished");
    window.wait_for("Nothing is sent until you press Upload");
}

#[test]
fn files_held_over_the_window_are_announced() {
    let mut window = Window::sandbox();
    let held = |name: &str| egui::HoveredFile { path: Some(name.into()), ..egui::HoveredFile::default() };
    window.harness.input_mut().hovered_files = vec![held("a.png"), held("b.jpg"), held("c.mp4")];
    window.harness.run_steps(2);
    assert!(window.has("Drop 3 files for Flow Music · Auto"), "{}", window.tree());
    assert!(window.has("2 images, 1 video · 2 of 3 of an accepted type"), "{}", window.tree());
    window.harness.input_mut().hovered_files = vec![held("a.png"), held("b.jpg")];
    window.harness.run_steps(2);
    assert!(window.has("2 images · all of accepted types"), "{}", window.tree());
    window.harness.state_mut().session_mut().set(|settings| settings.upload_on_drop = true);
    window.wait_for("2 images · all of accepted types · uploaded at once");
    window.harness.input_mut().hovered_files = vec![held("a.png"), held("b.bmp")];
    window
        .wait_for("2 images · 1 of 2 of an accepted type, 1 can be converted · the others uploaded at once");
    window.harness.input_mut().hovered_files = vec![held("b.bmp")];
    window.wait_for("1 image · can be converted");
    window.harness.input_mut().hovered_files = vec![held("c.mp4")];
    window.harness.run_steps(2);
    assert!(window.has("1 video · not accepted"), "{}", window.tree());
}

#[test]
fn a_named_account_is_added_and_its_hold_is_shown() {
    let mut window = Window::sandbox();
    window.add_destination("Google Flow", "throttled@example.com");
    window.drop_files(&["cover.png", "photo.jpg", "poster.webp"]);
    window.wait_for("Upload 3 files to Google Flow");
    window.click_first("Upload 3 files to Google Flow");
    window.wait("the hold and how long it lasts", |w| {
        let counts = |line: &str| line.contains(" in 29:") || line.ends_with(" in 30:00");
        w.tree().lines().any(|line| line.contains("Rate-limited · retries") && counts(line))
    });
    window.wait("the third waits", |w| w.has("Waiting: Google Flow takes more in 29:") || w.has("in 30:00"));
    window.click("Cancel poster.webp");
    window.wait_for("Add back: poster.webp");
    window.click("Add back: poster.webp");
    window.wait_for("Upload 1 "); // "more" where another one still waits
    assert!(window.has("Remove poster.webp"), "nothing is sent before Upload is pressed again");
}

#[test]
fn sending_again_what_may_exist_makes_a_row_of_its_own() {
    let mut window = Window::sandbox();
    window.add_destination("Flow Music", "gateway@example.com");
    window.drop_files(&["cover.png"]);
    window.wait_for("Upload 1 file to Flow Music");
    window.click_first("Upload 1 file to Flow Music");
    window.wait_for("Sent, but no answer: it may exist");
    let count = |w: &Window, label: &str| w.harness.query_all_by_label(label).count();
    assert_eq!((count(&window, "Send again: cover.png"), count(&window, "Dismiss: cover.png")), (1, 1));
    window.click("Send again: cover.png");
    window.wait("both outcomes stand", |w| count(w, "Dismiss: cover.png") == 2);
    assert_eq!(count(&window, "Send again: cover.png"), 1, "the first was sent again once");
}

#[test]
fn without_a_keyring_a_destination_lives_for_this_run_and_survives_other_changes() {
    let mut window = Window::with_keys(Keys::without_keyring());
    window.drop_files(&["cover.png"]);
    window.wait_for("1 file waits for a destination");
    window.click("Add API key");
    window.wait_for("useapi.net key");
    window.add_key();
    window.wait_for("Hoist keeps it for this run only; HOIST_USEAPI_TOKEN can hold it instead");
    window.wait_for("Upload 1 file to Flow Music");
    window
        .harness
        .state_mut()
        .session_mut()
        .set(|settings| settings.theme = hoist::store::settings::Theme::Light);
    // The answer that could take it away comes with the saved theme, or never: then this only shows too little.
    window.wait("the theme is saved", |w| {
        let saved = std::fs::read_to_string(w.home.path().join("settings/settings.toml"));
        saved.is_ok_and(|text| text.contains("light"))
    });
    window.wait_for_pictures();
    window.harness.run_steps(20);
    assert!(window.has("Flow Music, Auto"), "{}", window.tree());
}

#[test]
fn a_key_typed_for_one_vendor_is_not_kept_for_another() {
    let mut window = Window::with_keys(Keys::in_memory());
    window.drop_files(&["cover.png"]);
    window.wait_for("1 file waits for a destination");
    window.click("Add API key");
    window.wait_for("useapi.net key");
    window.type_key();
    window.harness.get_by_role_and_label(egui::Role::RadioButton, "PiAPI").click();
    window.harness.run_steps(2);
    window.wait_for("PiAPI key");
    window.click("Add key");
    window.wait_for("This is not an API key: no key was given");
}

#[test]
fn without_a_key_the_window_asks_for_one_and_keeps_what_was_dropped() {
    let mut window = Window::sized(false, Theme::Dark, [1160.0, 740.0]);
    assert!(window.has("Where should files go?"));
    window.drop_files(&["cover.png"]);
    window.wait_for("1 file waits for a destination");
    window.click("Add API key");
    window.wait_for("useapi.net key");
    window.type_key();
    assert!(!window.tree().contains(KEY));
    window.click("Check key");
    // The keyring's place is taken by nothing here: the key lives for this run, and that is said.
    window.wait_for("Save the key and 2 destinations");
    window.click("Save the key and 2 destinations");
    window.wait("the key was taken or refused", |w| {
        w.has("useapi.net key is in the keyring") || w.has("kept for this run only")
    });
    window.wait_for("Upload 1 file to Flow Music");
    assert!(!window.tree().contains(KEY));
}

#[test]
fn nothing_is_drawn_while_nothing_happens() {
    let mut window = Window::sandbox();
    window.drop_files(&["cover.png", "tone.mp3"]);
    window.wait_for("Upload 2 files to Flow Music");
    window.wait_for_pictures();
    let delay = window.harness.output().viewport_output.values().map(|v| v.repaint_delay).min().unwrap();
    assert!(delay > Duration::from_secs(10), "a full, idle queue asks to be drawn again in {delay:?}");
}

#[test]
fn damaged_files_say_so_in_their_rows_and_can_be_sent_all_the_same() {
    let mut window = Window::sandbox();
    let whole = std::fs::read(crate::window::sample("cover.png")).unwrap();
    let mut headless = whole.clone();
    headless[16..20].fill(0);
    let paths = [("cut.png", &whole[..whole.len() / 2]), ("headless.png", &headless[..])];
    let paths = paths.map(|(name, bytes)| {
        let path = window.home.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    });
    window.drop_paths(paths);
    // Neither is selected.
    window.wait_for("The end of the file is missing: it was cut off");
    window.wait_for("The header cannot be read: the file is damaged");
    window.click("Upload 2 files to Flow Music");
    window.wait_for("Copy ID: cut.png");
    window.wait_for("Copy ID: headless.png");
}

#[test]
fn a_pointer_that_rests_on_a_button_presses_that_and_not_its_row() {
    let mut window = Window::sandbox();
    window.upload(&["cover.png"], "Flow Music");
    window.press(egui::Key::Escape);
    let at = window.harness.get_by_label("Copy ID: cover.png").rect().center();
    window.harness.event(egui::Event::PointerMoved(at));
    for _ in 0..60 {
        window.harness.step();
        std::thread::sleep(Duration::from_millis(10)); // until its hint is shown
    }
    let mut copied = None;
    for pressed in [true, false] {
        window.harness.event(egui::Event::PointerButton {
            pos: at,
            button: egui::PointerButton::Primary,
            pressed,
            modifiers: egui::Modifiers::NONE,
        });
        for _ in 0..3 {
            window.harness.step();
            copied = copied.or_else(|| window.copied());
        }
    }
    assert!(copied.is_some(), "{}", window.tree());
    let row = window.harness.get_by_role(egui::Role::ListItem);
    assert_eq!(egui_kittest::kittest::NodeT::accesskit_node(&row).is_selected(), Some(false));
}

#[test]
fn every_copy_format_is_named_in_a_narrow_window() {
    let mut window = Window::sized(true, Theme::Dark, [640.0, 480.0]);
    window.drop_files(&["cover.png"]);
    for format in CopyFormat::iter().filter(|format| *format != CopyFormat::Template) {
        window.harness.state_mut().session_mut().set(move |settings| settings.copy_format = format);
        window.wait_for(&format!("Format: {}", format.label()));
    }
}

#[test]
fn what_is_in_the_queue_already_is_not_added_again_until_it_is_sent() {
    let mut window = Window::sandbox();
    window.drop_files(&["cover.png", "photo.jpg"]);
    window.wait_for("Upload 2 files to Flow Music");
    window.drop_files(&["cover.png", "photo.jpg", "poster.webp"]);
    window.wait_for("2 files are in the queue already");
    window.wait_for("Upload 3 files to Flow Music");
    window.drop_files(&["cover.png"]);
    window.wait_for("cover.png is in the queue already");
    // For another destination it is another upload, and so it is once it was sent.
    window.click("Google Flow, Auto");
    window.drop_files(&["cover.png"]);
    window.wait_for("Upload 4 files to 2 destinations");
    window.click("Upload 4 files to 2 destinations");
    window.wait_for("Copy 4 IDs");
    window.drop_files(&["cover.png"]);
    window.wait("it is there once more", |w| w.queue().len() == 5);
}
