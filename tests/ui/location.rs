//! Files that tell where they were taken.

use std::path::{Path, PathBuf};

use eframe::egui::{Key, Modifiers, Theme};
use hoist::model::media::LocationPresence;

use crate::pictures::take;
use crate::window::{Window, sample};

const SIZE: [f32; 2] = [1160.0, 740.0];

/// A photograph that tells where it was taken: 48° N, 11° E.
pub(crate) fn located(folder: &Path, name: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, with_location(&std::fs::read(sample("photo.jpg")).unwrap())).unwrap();
    path
}

/// The same JPEG with the place in its EXIF.
fn with_location(photo: &[u8]) -> Vec<u8> {
    let mut tiff = vec![b'I', b'I', 42, 0, 8, 0, 0, 0, 1, 0];
    let entry = |tag: u16, kind: u16, count: u32, value: u32| {
        [&tag.to_le_bytes()[..], &kind.to_le_bytes(), &count.to_le_bytes(), &value.to_le_bytes()].concat()
    };
    tiff.extend(entry(0x8825, 4, 1, 26));
    tiff.extend([0; 4]);
    tiff.extend([4, 0]);
    tiff.extend(entry(1, 2, 2, u32::from(b'N')));
    tiff.extend(entry(2, 5, 3, 80));
    tiff.extend(entry(3, 2, 2, u32::from(b'E')));
    tiff.extend(entry(4, 5, 3, 104));
    tiff.extend([0; 4]);
    for degrees in [48_u32, 11] {
        tiff.extend([degrees, 1, 0, 1, 0, 1].iter().flat_map(|n| n.to_le_bytes()));
    }
    let mut jpeg = photo[..2].to_vec();
    jpeg.extend([0xff, 0xe1]);
    jpeg.extend((tiff.len() as u16 + 8).to_be_bytes());
    jpeg.extend(b"Exif\0\0");
    jpeg.extend(tiff);
    jpeg.extend(&photo[2..]);
    jpeg
}

#[test]
fn a_location_is_said_and_its_row_removes_it_but_nothing_is_to_be_fixed() {
    let mut window = Window::sized(true, Theme::Dark, SIZE);
    window.wait_for("Google Flow, Auto");
    window.click("Google Flow, Auto");
    let path = located(window.home.path(), "beach.jpg");
    let bytes = std::fs::read(&path).unwrap();
    window.drop_paths([path.clone(), located(window.home.path(), "street.jpg")]);
    window.wait_for("Remove location: beach.jpg");
    window.wait_for("Remove location: street.jpg");
    assert!(window.has("Contains location"), "{}", window.tree());
    assert!(!window.has("Fix 2") && !window.has("need attention"), "it is no fault: {}", window.tree());
    window.wait_for("Upload 2 files to Google Flow"); // they are sent all the same
    assert!(window.has("2 ready, 35.7 kB · 2 with location"), "that is said: {}", window.tree());
    window.wait_for_pictures();
    take(&mut window, "location-dark");
    window.click("Remove location: beach.jpg");
    window.wait_for("metadata removed");
    window.wait_until_gone("Remove location: beach.jpg");
    let location = |w: &Window, n: usize| {
        w.harness.state().session().uploads.queue().items()[n].facts().map(|f| f.location)
    };
    window.wait("it is without", |w| location(w, 0) == Some(LocationPresence::Absent));
    assert_eq!(location(&window, 1), Some(LocationPresence::Present));
    assert_eq!(std::fs::read(&path).unwrap(), bytes, "the file itself is as it was");
    // The sheet of the copy says what the file told.
    window.click("Change…: beach.jpg");
    window.wait_for("Remove location and camera data");
    assert!(window.has("GPS location"), "{}", window.tree());
    window.press(Key::Escape);
    window.wait_until_gone("Remove location and camera data");
    window.click("Use original: beach.jpg");
    window.wait_for("Remove location: beach.jpg");
    // Where the provider removes it from pictures, there is nothing to say.
    window.click("Flow Music, Auto");
    window.drop_paths([located(window.home.path(), "hill.jpg")]);
    window.wait_for("Upload 3 files to 2 destinations");
    assert!(!window.has("Remove location: hill.jpg"), "{}", window.tree());
    window.wait_for("Location is removed by Flow Music");
    // What is not accepted is not sent along.
    window.click_first("Riffusion, Auto");
    window.drop_paths([located(window.home.path(), "lake.jpg")]);
    window.wait_for("Riffusion doesn't accept images");
    window.select("lake.jpg");
    window.wait("its details", |w| w.has("GPS location"));
    assert!(!window.has("Hoist sends it along"), "{}", window.tree());
}

/// Sets the rule that Hoist removes metadata for all destinations, waits for what is said of it, and goes back to the queue.
fn remove_for_all(window: &mut Window, said: &str) {
    window.find("gps setting");
    window.press(Key::Enter);
    window.harness.run_steps(5); // it comes into sight
    window.click("Remove for all");
    window.wait_for("Hoist removes them for all destinations, and for new ones");
    window.wait_for(said);
    window.press_with(Modifiers::COMMAND, Key::Num1);
}

/// Returns the window with one photograph that tells its location, asked for and held by the pause.
fn paused() -> Window {
    let mut window = Window::sandbox();
    window.click("Google Flow, Auto");
    window.press_with(Modifiers::COMMAND, Key::P);
    window.drop_paths([located(window.home.path(), "beach.jpg")]);
    window.wait_for("Upload 1 file to Google Flow");
    window.click("Upload 1 file to Google Flow");
    window.wait_for("Paused · 1 file waiting");
    window.wait_for(" kB · with location");
    window
}

/// Goes on, and looks that what arrived tells no location.
fn goes_without(mut window: Window) {
    window.wait("it waits as a copy", |w| w.queue() == ["beach.jpg on its way"] && w.has("metadata removed"));
    assert!(window.has("Paused · 1 file waiting") && !window.has("cancelled"), "{}", window.tree());
    window.press_with(Modifiers::COMMAND, Key::P);
    window.wait("it is sent", |w| w.queue() == ["beach.jpg done"]);
    let item = &window.harness.state().session().uploads.queue().items()[0];
    assert_eq!(item.facts().map(|facts| facts.location), Some(LocationPresence::Absent));
    assert!(!window.has("with location"), "{}", window.tree());
}

#[test]
fn what_was_asked_for_and_waits_goes_without_its_location_where_that_is_a_rule_since() {
    let mut window = paused();
    remove_for_all(&mut window, "1 file in the queue: metadata are removed, too");
    goes_without(window);
}

#[test]
fn a_row_that_waits_removes_its_location() {
    let mut window = paused();
    window.press_with(Modifiers::SHIFT, Key::F10);
    window.wait_for("Reveal file");
    assert!(!window.has("other settings"), "the first copy would go: {}", window.tree());
    window.press(Key::Escape);
    window.wait_until_gone("Reveal file");
    window.click("Remove location: beach.jpg");
    goes_without(window);
}

#[test]
fn what_is_added_back_or_retried_goes_without_its_location_where_that_is_a_rule_since() {
    let mut window = paused();
    window.click("Cancel beach.jpg");
    window.wait_for("Add back: beach.jpg");
    window.press_with(Modifiers::COMMAND, Key::P);
    window.add_destination("Google Flow", "unpaid@example.com");
    window.drop_paths([located(window.home.path(), "hill.jpg")]);
    window.wait_for("1 ready");
    window.click("Upload 1 file to Google Flow · unpaid@example.com");
    window.wait_for("Open the account page: hill.jpg");
    remove_for_all(&mut window, "");
    window.click("Add back: beach.jpg");
    window.wait_for("Change…: beach.jpg"); // its copy is made
    let has_copy = |w: &Window| w.harness.state().session().uploads.queue().items()[1].request.copy.is_some();
    assert!(!has_copy(&window), "it is not asked for");
    window.click("More: hill.jpg");
    window.click("Retry");
    window.wait("it was sent again as a copy", |w| has_copy(w) && w.has("Open the account page: hill.jpg"));
    let item = &window.harness.state().session().uploads.queue().items()[1];
    assert_eq!(item.facts().map(|facts| facts.location), Some(LocationPresence::Absent));
}

#[test]
fn what_was_sent_before_goes_not_again_for_a_rule() {
    let mut window = Window::sandbox();
    window.click("Google Flow, Auto");
    window.drop_paths([located(window.home.path(), "beach.jpg")]);
    window.wait_for("Upload 1 file to Google Flow");
    window.click("Upload 1 file to Google Flow");
    window.wait("it is sent", |w| w.queue() == ["beach.jpg done"]);
    window.click("Clear finished");
    window.drop_paths([window.home.path().join("beach.jpg")]);
    window.wait_for("Send again: beach.jpg");
    remove_for_all(&mut window, "");
    window.wait_for("Send again: beach.jpg");
    assert!(!window.has("Upload 1 file") && !window.has("metadata removed"), "{}", window.tree());
}

#[test]
fn what_waits_goes_without_its_location_where_that_is_a_rule_since() {
    let mut window = Window::sandbox();
    window.click("Google Flow, Auto");
    window.drop_paths([located(window.home.path(), "beach.jpg"), sample("cover.png")]);
    window.wait_for("Remove location: beach.jpg");
    window.click("Remove location: beach.jpg");
    window.wait_for("Change…: beach.jpg"); // it is made
    window.click("Use original: beach.jpg");
    window.wait_for("Remove location: beach.jpg");
    remove_for_all(&mut window, "2 files in the queue: metadata are removed, too");
    window.wait_for("Upload 2 files to Google Flow");
    window.wait_until_gone("1 with location");
    window.click("Upload 2 files to Google Flow");
    window.wait("both are sent", |w| w.queue() == ["beach.jpg done", "cover.png done"]);
    assert!(!window.has("with location"), "{}", window.tree());
}

#[test]
fn a_location_is_not_sent_unseen_and_what_was_sent_with_one_says_so() {
    let mut window = Window::sandbox();
    window.click("Google Flow, Auto");
    window.harness.state_mut().session_mut().set(|settings| settings.upload_on_drop = true);
    window.wait_for("Auto-upload");
    window.drop_paths([located(window.home.path(), "beach.jpg")]);
    window.drop_files(&["cover.png"]);
    window.wait("what tells no place is sent", |w| w.queue() == ["beach.jpg ready", "cover.png done"]);
    assert!(window.has("Contains location"), "{}", window.tree());
    window.click("Upload 1 file to Google Flow");
    window.wait("it was asked for", |w| w.queue() == ["beach.jpg done", "cover.png done"]);
    window.wait_for(" kB · with location");
    // Without it nothing keeps the next one.
    let street = located(window.home.path(), "street.jpg");
    let other = [std::fs::read(&street).unwrap(), vec![0]].concat(); // other content
    std::fs::write(&street, other).unwrap();
    window.drop_paths([street]);
    window.click("Remove location: street.jpg");
    window.wait("it goes by itself", |w| w.queue()[2] == "street.jpg done");
    window.wait_for("metadata removed");
    // Sent again it would tell it again.
    window.click("Clear finished");
    window.drop_paths([window.home.path().join("beach.jpg")]);
    window.wait_for(" · contains location");
    assert!(window.has("Send again: beach.jpg"), "{}", window.tree());
}

#[test]
fn the_details_of_a_copy_say_that_the_location_was_removed() {
    let mut window = Window::sandbox();
    window.click("Google Flow, Auto");
    window.drop_paths([located(window.home.path(), "beach.jpg")]);
    window.wait_for("Remove location: beach.jpg");
    window.select("beach.jpg");
    window.wait_for("GPS location");
    window.click("Remove location: beach.jpg");
    window.wait_for("Removed in the copy");
    window.press(Key::Escape);
}

#[test]
fn what_was_asked_for_while_its_copy_is_made_goes_with_its_location() {
    let mut window = Window::sandbox();
    window.click("PiAPI, 24-hour link");
    let path = window.home.path().join("noise.jpg");
    let mut random = fastrand::Rng::with_seed(7);
    let noise = image::RgbImage::from_fn(2800, 2800, |_, _| {
        image::Rgb([random.u8(..), random.u8(..), random.u8(..)])
    });
    let mut jpeg = vec![];
    image::codecs::jpeg::JpegEncoder::new_with_quality(&mut jpeg, 100).encode_image(&noise).unwrap();
    std::fs::write(&path, with_location(&jpeg)).unwrap();
    window.drop_paths([path]);
    window.drop_files(&["cover.png"]);
    window.wait_for("Fit to 10 MB: noise.jpg");
    window.click("Fit to 10 MB: noise.jpg");
    window.wait_for("1 being converted");
    window.click("Upload 1 file to PiAPI");
    window.wait("both are sent", |w| w.queue() == ["noise.jpg done", "cover.png done"]);
    window.wait_for(" · contains location"); // it was seen
}
