//! The sheet that asks where files go: elsewhere, to several destinations at once, or again.

use eframe::egui::{Event, Key, Modifiers, Role, Theme};
use egui_kittest::kittest::Queryable;

use crate::window::Window;

impl Window {
    /// A window with two files, and the sheet that asks where both go.
    pub(crate) fn asks_where_to(theme: Theme) -> Window {
        let mut window = Window::sized(true, theme, [1160.0, 740.0]);
        window.drop_files(&["cover.png", "poster.webp"]);
        window.wait_for("Upload 2 files to Flow Music");
        window.press_with(Modifiers::COMMAND, Key::A);
        window.press_with(Modifiers::COMMAND, Key::D);
        window.wait_for("Send 2 files to");
        window
    }

    /// Ticks or unticks a destination in the sheet, of which several are to be chosen.
    pub(crate) fn tick(&mut self, name: &str) {
        if self.has("Choose several") {
            self.click("Choose several");
        }
        self.harness.get_by_role_and_label(Role::CheckBox, name).click();
        self.harness.run_steps(3);
    }

    /// Drops a picture of a type that few providers accept.
    fn drop_scan(&mut self) {
        let scan = self.home.path().join("scan.bmp");
        let picture = |x, y| image::Rgb([(x / 2) as u8, (y / 2) as u8, 90]);
        image::RgbImage::from_fn(480, 360, picture).save(&scan).unwrap();
        self.drop_paths([scan]);
    }

    /// Lists what is in the queue, with where each file goes.
    fn goes(&self) -> Vec<String> {
        let items = self.harness.state().session().uploads.queue().items();
        items.iter().map(|item| format!("{} {}", item.name, item.request.destination.provider)).collect()
    }
}

#[test]
fn files_go_to_several_destinations_at_once() {
    let mut window = Window::asks_where_to(Theme::Dark);
    window.tick("Google Flow · Auto");
    window.wait_for("Also send to Google Flow");
    window.tick("PiAPI · 24-hour link");
    window.wait_for("Also send to 2 destinations");
    window.tick("Google Flow · Auto");
    window.wait_for("Also send to PiAPI");
    window.tick("Google Flow · Auto");
    window.press(Key::Enter); // at the box that was ticked last
    window.wait_for("Upload 6 files to 3 destinations");
    let all = [
        "cover.png flow-music",
        "poster.webp flow-music",
        "cover.png piapi",
        "poster.webp piapi",
        "cover.png google-flow",
        "poster.webp google-flow",
    ];
    assert_eq!(window.goes(), all);
    window.click("Upload 6 files to 3 destinations");
    window.wait_for("Copy 6: 4 IDs and 2 links");
}

#[test]
fn what_was_sent_goes_elsewhere_from_the_queue_and_stays_as_it_is() {
    let mut window = Window::sandbox();
    window.drop_files(&["cover.png"]);
    window.wait_for("Upload 1 file to Flow Music");
    window.click("Upload 1 file to Flow Music");
    window.wait_for("Copy ID");
    window.select("cover.png");
    window.press_with(Modifiers::COMMAND, Key::D);
    window.wait_for("Send cover.png again to");
    assert!(window.has("Nothing is sent until you press Upload"), "{}", window.tree());
    assert!(window.has("Flow Music · Auto · sent before"), "{}", window.tree());
    window.harness.get_by_role_and_label(Role::Button, "Google Flow · Auto").click();
    window.wait_for("Upload 1 file to Google Flow");
    assert_eq!(window.goes(), ["cover.png flow-music", "cover.png google-flow"]);
    assert_eq!(window.queue(), ["cover.png done", "cover.png ready"], "nothing is sent unasked");
    // Where each of several is already stands at the destination.
    window.click("Upload 1 file to Google Flow");
    window.upload(&["poster.webp"], "Flow Music");
    window.press_with(Modifiers::COMMAND, Key::A);
    window.press_with(Modifiers::COMMAND, Key::D);
    window.wait_for("Send 3 files again to");
    window.press(Key::Escape);
    window.drop_files(&["photo.jpg"]);
    window.wait_for("Upload 1 file to Flow Music");
    window.press_with(Modifiers::COMMAND, Key::A);
    window.press_with(Modifiers::COMMAND, Key::D);
    window.wait_for("Send 1 of 4 files to");
    window.wait_for("3 files were sent, or are on their way, and stay as they are");
    assert!(window.has("Press where it goes instead"), "{}", window.tree());
    window.press(Key::Escape);
    window.select("photo.jpg");
    window.press(Key::Delete);
    window.press_with(Modifiers::COMMAND, Key::A);
    window.press_with(Modifiers::COMMAND, Key::D);
    window.wait_for("Send 3 files again to");
    assert!(window.has("Google Flow · Auto · 2 sent before"), "both rows of one file: {}", window.tree());
    assert!(window.has("PiAPI · 24-hour link"), "{}", window.tree());
}

#[test]
fn what_is_asked_for_once_more_where_it_is_waits_for_upload_only() {
    let mut window = Window::sandbox();
    window.upload(&["cover.png"], "Flow Music");
    window.select("cover.png");
    window.press_with(Modifiers::COMMAND, Key::D);
    window.wait_for("Send cover.png again to");
    window.harness.get_by_role_and_label(Role::Button, "Flow Music · Auto · sent before").click();
    window.wait_for("Upload 1 file to Flow Music");
    assert_eq!(window.goes(), ["cover.png flow-music", "cover.png flow-music"]);
    window.click("Upload 1 file to Flow Music");
    window.wait_for("Copy 2 IDs");
}

#[test]
fn where_what_is_added_goes_at_once_it_is_not_said_to_wait() {
    let mut window = Window::sandbox();
    window.harness.state_mut().session_mut().set(|settings| settings.upload_on_drop = true);
    window.wait_for("Auto-upload");
    window.drop_files(&["cover.png"]);
    window.wait_for("Copy ID");
    window.select("cover.png");
    window.press_with(Modifiers::COMMAND, Key::D);
    window.wait_for("Send cover.png again to");
    assert!(!window.has("Nothing is sent until"), "{}", window.tree());
    // Where it is already, too: that was asked for.
    window.harness.get_by_role_and_label(Role::Button, "Flow Music · Auto · sent before").click();
    window.wait_for("Copy 2 IDs");
}

#[test]
fn what_goes_as_a_copy_goes_elsewhere_as_a_copy_too() {
    let mut window = Window::sandbox();
    window.click("Google Flow, Auto");
    window.drop_scan();
    window.wait_for("Convert to JPEG: scan.bmp");
    window.click("Convert to JPEG: scan.bmp");
    window.wait_for("Upload 1 file to Google Flow");
    window.select("scan.bmp");
    window.press_with(Modifiers::COMMAND, Key::D);
    window.wait_for("Send scan.bmp to");
    window.tick("PiAPI · 24-hour link");
    window.click("Also send to PiAPI");
    window.wait_for("Upload 2 files to 2 destinations");
    assert_eq!(window.goes(), ["scan.bmp google-flow", "scan.bmp piapi"]);
    window.click("Upload 2 files to 2 destinations");
    window.wait_for("Copy 2: 1 ID and 1 link");
}

#[test]
fn a_destination_that_accepts_some_of_the_files_is_offered_for_those() {
    let mut window = Window::sandbox();
    window.drop_files(&["cover.png", "tone.mp3", "clip.mp4"]);
    window.wait_for("Upload 2 files to Flow Music");
    window.press_with(Modifiers::COMMAND, Key::A);
    window.press_with(Modifiers::COMMAND, Key::D);
    window.wait_for("Send 3 files to");
    assert!(window.has("Riffusion · Auto · legacy · 1 of 3 files"), "{}", window.tree());
    window.click("Google Flow · Auto · 2 of 3 files");
    window.wait_for("Upload 3 files to 2 destinations");
    assert_eq!(window.goes(), ["cover.png google-flow", "tone.mp3 flow-music", "clip.mp4 google-flow"]);
    window.select("tone.mp3");
    window.press_with(Modifiers::COMMAND, Key::D);
    window.wait_for("Send tone.mp3 to");
    assert!(window.has("Google Flow doesn't accept this file"), "{}", window.tree());
}

#[test]
fn a_destination_that_accepts_only_a_copy_is_offered_and_says_so() {
    let mut window = Window::sandbox();
    window.drop_scan();
    window.wait_for("Convert to JPEG: scan.bmp");
    window.select("scan.bmp");
    window.press_with(Modifiers::COMMAND, Key::D);
    window.wait_for("Send scan.bmp to");
    window.harness.get_by_role_and_label(Role::Button, "Google Flow · Auto · converted to fit").click();
    window.wait("it is to go there", |w| w.goes() == ["scan.bmp google-flow"]);
    window.wait_for("Upload 1 file to Google Flow");
    window.press_with(Modifiers::COMMAND, Key::Z);
    window.wait_for("Convert to JPEG: scan.bmp");
    assert_eq!(window.goes(), ["scan.bmp flow-music"], "as it was");
    // As one of several, too.
    window.press_with(Modifiers::COMMAND, Key::D);
    window.wait_for("Send scan.bmp to");
    window.tick("Google Flow · Auto · converted to fit");
    window.click("Also send to Google Flow");
    window.wait_for("Upload 1 file to Google Flow");
}

#[test]
fn what_goes_elsewhere_as_well_is_what_is_selected_then_and_both_are_named_as_they_are_copied() {
    let mut window = Window::sandbox();
    window.upload(&["cover.png"], "Flow Music");
    window.select("cover.png");
    window.press_with(Modifiers::COMMAND, Key::D);
    window.wait_for("Send cover.png again to");
    window.harness.get_by_role_and_label(Role::Button, "PiAPI · 24-hour link").click();
    window.wait_for("Upload 1 file to PiAPI");
    window.press_with(Modifiers::COMMAND, Key::Enter);
    window.wait_for("Copy 2: 1 ID and 1 link");
    let copied = window.copied_by(Event::Copy);
    assert!(copied.starts_with("http"), "the new row's link, and not the ID of the old one: {copied}");
    // In a narrow window the button says less, and is called what it says.
    window.harness.set_size([640.0, 480.0].into());
    window.drop_files(&["poster.webp"]);
    window.wait_for("Upload 1 file to Flow Music");
    assert!(window.has("Copy 2: 1 ID and 1 link"), "{}", window.tree());
}

#[test]
fn an_upload_that_two_rows_are_known_by_is_copied_once() {
    let mut window = Window::sandbox();
    window.upload(&["cover.png", "poster.webp"], "Flow Music");
    let again = window.home.path().join("again.png");
    std::fs::copy(crate::window::sample("cover.png"), &again).unwrap();
    window.drop_paths([again]);
    window.wait_for("Send again: again.png");
    assert!(window.has("Copy 2 IDs") && !window.has("Copy 3 IDs"), "{}", window.tree());
    window.press(Key::Escape);
    assert_eq!(window.copied_by(Event::Copy).lines().count(), 2);
}
