//! Files that are not accepted, and their copies that are.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use eframe::egui::{Key, Modifiers, Role, Theme};
use egui_kittest::kittest::{NodeT, Queryable};
use hoist::model::destination::Destination;
use hoist::model::fit::FitRules;
use hoist::session::Start;
use hoist::store::folders::Folders;
use hoist::store::settings_file::SettingsFile;

use crate::location::located;
use crate::pictures::take;
use crate::window::Window;

const SIZE: [f32; 2] = [1160.0, 740.0];

/// Pictures of a type that Google Flow does not accept, dropped there.
fn with_scans(names: &[&str], theme: Theme, size: [f32; 2]) -> Window {
    let mut window = Window::sized(true, theme, size);
    window.wait_for("Google Flow, Auto");
    window.click("Google Flow, Auto");
    scans(window, names)
}

/// Drops such pictures.
fn scans(mut window: Window, names: &[&str]) -> Window {
    let paths: Vec<PathBuf> = names
        .iter()
        .map(|name| {
            let path = window.home.path().join(name);
            let pixel = |x: u32, y: u32| image::Rgb([(x / 2) as u8, (y * 2 / 3) as u8, 120]);
            image::RgbImage::from_fn(480, 360, pixel).save(&path).unwrap();
            path
        })
        .collect();
    window.drop_paths(paths);
    for name in names {
        window.wait_for(&format!("Convert to JPEG: {name}"));
    }
    window
}

#[test]
fn one_button_converts_a_file_and_the_row_says_what_goes_in_its_place() {
    let mut window = with_scans(&["scan.bmp"], Theme::Dark, SIZE);
    assert!(!window.has("Upload 1 file"), "{}", window.tree());
    window.click("Convert to JPEG: scan.bmp");
    window.wait_for("Change…: scan.bmp");
    window.wait_for("JPEG copy");
    assert!(window.has("BMP · 480 × 360"), "the file itself is named above: {}", window.tree());
    window.wait_for("Upload 1 file to Google Flow");
    window.click("Use original: scan.bmp");
    window.wait_for("Google Flow doesn't accept BMP");
    window.wait_until_gone("Change…: scan.bmp");
    // It is offered again, and sent.
    window.click("Convert to JPEG: scan.bmp");
    window.wait_for("Upload 1 file to Google Flow");
    window.click("Upload 1 file to Google Flow");
    window.wait_for("Uploaded");
    window.wait_for(" · as JPEG copy · "); // it says what was sent
    window.select("scan.bmp");
    let parts = ["BMP · 480 × 360 · 506.3 kB", "JPEG image"];
    window.wait("both are named", |w| parts.iter().all(|part| w.has(part)) && w.has("Copy"));
}

#[test]
fn a_copy_that_was_left_for_the_original_comes_back_as_it_was_until_something_else_is_done() {
    let mut window = with_scans(&["scan.bmp", "other.bmp"], Theme::Dark, SIZE);
    let copy = |window: &Window| {
        let items = window.harness.state().session().uploads.queue().items();
        items[0].request.copy.as_ref().and_then(|copy| copy.path.clone())
    };
    window.click("Convert to JPEG: scan.bmp");
    window.wait_for("Change…: scan.bmp");
    let made = copy(&window).unwrap();
    window.click("Use original: scan.bmp");
    window.wait_for("The original is used again");
    assert!(copy(&window).is_none() && made.exists());
    window.press_with(Modifiers::COMMAND, Key::Z);
    window.wait_for("Upload 1 file to Google Flow");
    assert_eq!(copy(&window), Some(made.clone()), "it was not made anew");
    // Sent elsewhere it is another file; taken back it is made again.
    window.select("scan.bmp");
    window.press_with(Modifiers::COMMAND, Key::D);
    window.wait_for("Send scan.bmp to");
    window.harness.get_by_role_and_label(Role::Button, "PiAPI · 24-hour link").click();
    window.wait_for("1 file goes to PiAPI");
    window.press_with(Modifiers::COMMAND, Key::Z);
    window.wait_for("Upload 1 file to Google Flow");
    // What something else is done after is final.
    window.click("Use original: scan.bmp");
    window.wait_for("The original is used again");
    let left = copy(&window);
    assert!(left.is_none());
    window.click("Convert to JPEG: other.bmp");
    window.wait("the copy is deleted", |w| {
        let copies = w.home.path().join("data/copies");
        // Beside their folders stands the file that this run has locked.
        std::fs::read_dir(copies).is_ok_and(|all| all.flatten().filter(|f| f.path().is_dir()).count() == 1)
    });
}

#[test]
fn a_copy_that_was_left_is_gone_once_files_are_added() {
    let mut window = with_scans(&["scan.bmp"], Theme::Dark, SIZE);
    window.click("Convert to JPEG: scan.bmp");
    window.wait_for("Change…: scan.bmp");
    let items = window.harness.state().session().uploads.queue().items();
    let made = items[0].request.copy.as_ref().and_then(|copy| copy.path.clone()).unwrap();
    window.click("Use original: scan.bmp");
    window.wait_for("The original is used again");
    assert!(made.exists(), "it can be taken back");
    window.drop_files(&["cover.png"]);
    window.wait("it is deleted", |_| !made.exists());
}

#[test]
fn a_double_click_does_not_take_back_what_its_first_half_did() {
    let mut window = with_scans(&["scan.bmp"], Theme::Dark, SIZE);
    let at = window.harness.get_by_label("Convert to JPEG: scan.bmp").rect().center();
    window.harness.hover_at(at);
    window.harness.step();
    for _ in 0..2 {
        for pressed in [true, false] {
            let event = eframe::egui::Event::PointerButton {
                pos: at,
                button: eframe::egui::PointerButton::Primary,
                pressed,
                modifiers: Modifiers::NONE,
            };
            // Frames of the harness take as long as people have for both halves.
            window.harness.input_mut().time = Some(window.harness.ctx.input(|input| input.time) + 0.08);
            window.harness.event(event);
            window.harness.step();
        }
    }
    window.harness.input_mut().time = None;
    assert!(!window.has("The original is used again"), "{}", window.tree());
    window.wait_for("Upload 1 file to Google Flow");
}

#[test]
fn own_settings_are_chosen_before_there_is_a_copy_and_leaving_them_makes_none() {
    let mut window = with_scans(&["scan.bmp"], Theme::Dark, SIZE);
    let choose = |window: &mut Window| {
        window.select("scan.bmp");
        window.find("other settings");
        window.press(Key::Enter);
        window.wait_for("Fit scan.bmp to Google Flow");
    };
    choose(&mut window);
    window.click("Cancel");
    window.wait_for("Google Flow doesn't accept BMP");
    assert!(!window.has("The original is used again"), "nothing else was used before: {}", window.tree());
    window.wait_for("Convert to JPEG: scan.bmp");
    choose(&mut window);
    window.wait("the copy can be used", |w| {
        let button = w.harness.get_by_label("Use this copy");
        !button.accesskit_node().is_disabled()
    });
    window.click("Use this copy");
    window.wait_for("Upload 1 file to Google Flow");
}

#[test]
fn the_footer_fixes_all_and_undo_takes_that_back() {
    let mut window = with_scans(&["a.bmp", "b.bmp", "c.bmp"], Theme::Dark, SIZE);
    window.click("Fix 3");
    window.wait_for("Upload 3 files to Google Flow");
    assert!(!window.has("Fix 3"));
    window.click("Undo");
    window.wait_for("Fix 3");
    window.wait_until_gone("Upload 3 files");
}

#[test]
fn nothing_comes_below_the_pointer_where_fix_was() {
    let mut window = with_scans(&["a.bmp", "b.bmp"], Theme::Dark, [1000.0, 740.0]);
    window.click("Google Flow, Auto");
    window.drop_files(&["photo.jpg"]);
    window.wait_for("Upload 1 file to Google Flow");
    window.click("Upload 1 file to Google Flow");
    window.wait_for("Clear finished");
    window.wait_for("Fix 2");
    let fix = window.harness.get_by_label("Fix 2").rect().center();
    window.click("Fix 2");
    window.wait_for("Upload 2 files to Google Flow");
    let clear = window.harness.get_by_label("Clear finished").rect();
    assert!(!clear.contains(fix), "a second click clears: {clear:?}");
}

#[test]
fn a_copy_is_made_as_is_chosen_in_its_sheet_and_measured() {
    let mut window = with_scans(&["a.bmp", "b.bmp"], Theme::Dark, SIZE);
    window.click("Convert to JPEG: a.bmp");
    window.wait_for("JPEG copy");
    window.click("Change…: a.bmp");
    window.wait_for("Fit a.bmp to Google Flow");
    let measured =
        |window: &Window| window.tree().lines().find(|line| line.contains("WebP 92 ·")).map(str::to_owned);
    assert!(window.is_chosen("Format: JPEG"), "what suits it: {}", window.tree());
    assert!(!window.has("Format: Reset"), "nothing was chosen");
    window.click("Format: WebP");
    window.wait("it is measured", |w| measured(w).is_some());
    assert!(window.is_chosen("Format: WebP"));
    window.click("Format: Reset");
    window.wait("it is as it was", |w| w.is_chosen("Format: JPEG") && measured(w).is_none());
    window.click("Format: WebP");
    window.wait("it is measured", |w| measured(w).is_some());
    window.click("Cancel");
    window.wait("it is as it was", |w| w.has("JPEG copy") && measured(w).is_none());
    window.click("Change…: a.bmp");
    window.wait_for("Fit a.bmp to Google Flow");
    window.click("Format: PNG");
    window.wait("it is measured", |w| w.tree().contains("PNG · 480 × 360"));
    window.click("Fit all 2");
    window.wait("both are of that type", |w| w.tree().matches("PNG copy").count() >= 2);
}

#[test]
fn quality_and_size_are_slid_and_the_size_is_an_estimate_until_it_is_measured() {
    let mut window = with_scans(&["a.bmp"], Theme::Dark, SIZE);
    window.click("Convert to JPEG: a.bmp");
    window.wait_for("Change…: a.bmp");
    window.click("Change…: a.bmp");
    window.wait_for("Fit a.bmp to Google Flow");
    window.wait_for_pictures();
    assert_eq!(
        window.names_of(Role::Image).iter().filter(|n| *n == "Original" || *n == "Copy to be sent").count(),
        2
    );
    window.wait_for("JPEG 92 · 480 × 360");
    let bytes = |w: &Window| w.harness.state().session().uploads.queue().items()[0].facts().map(|f| f.size);
    let before = bytes(&window).unwrap();
    window.slide("Quality", Key::PageDown);
    window.wait_for("About ");
    assert!(!window.can_press("Use this copy"), "it is not made yet");
    window.wait_for("JPEG 82 · 480 × 360");
    assert!(bytes(&window).is_some_and(|now| now < before) && !window.has("About "));
    assert!(window.can_press("Use this copy"));
    window.slide("Longest side", Key::PageDown);
    window.wait_for("JPEG 82 · 320 × 240");
    window.click("Quality: Reset");
    window.wait_for("JPEG 92 · 320 × 240");
    window.click("Longest side: Reset");
    window.wait_for("JPEG 92 · 480 × 360");
}

#[test]
fn where_a_cut_begins_is_chosen_on_the_waveform() {
    let mut window = Window::sized(true, Theme::Dark, SIZE);
    window.wait_for("Indream, Auto");
    window.click("Indream, Auto");
    window.drop_paths([song(window.home.path())]);
    let cut = |w: &Window| w.tree().lines().find(|line| line.starts_with("Cut to ")).map(str::to_owned);
    window.wait("a cut is offered", |w| cut(w).is_some());
    let cut = cut(&window).expect("a cut");
    window.click(&cut);
    window.wait_for("Change…: song.wav");
    window.wait_for("WAV copy of 30:00 · 13.7 MB");
    window.wait_for("Upload 1 file to Indream");
    window.harness.run_steps(5);
    window.click("Change…: song.wav");
    window.wait_for("Start of the cut");
    window.wait_for_pictures();
    let start = |w: &Window| {
        w.harness.state().session().uploads.queue().items()[0]
            .request
            .copy
            .as_ref()
            .map(|c| c.wishes.start_ms)
    };
    assert_eq!(start(&window), Some(0));
    window.slide("Start of the cut", Key::End);
    window.wait("it begins later", |w| {
        let slider = w.harness.get_by_role_and_label(Role::Slider, "Start of the cut");
        assert!(slider.is_focused(), "the keyboard stays at what it moves");
        start(w).is_some_and(|ms| ms > 1000) && w.can_press("Use this copy")
    });
    crate::pictures::take(&mut window, "fit-sound-dark");
    // To the second by typing; not beyond the last part that is whole.
    let from = |window: &mut Window, typed: &str| {
        window.harness.get_by_role_and_label(Role::TextInput, "From").focus();
        window.harness.run_steps(2);
        window.press_with(Modifiers::COMMAND, Key::A);
        window.harness.get_by_role_and_label(Role::TextInput, "From").type_text(typed);
        window.harness.run_steps(3);
    };
    from(&mut window, "1:30");
    window.wait("it begins there", |w| start(w) == Some(90_000) && w.can_press("Use this copy"));
    window.wait_for("to 31:30");
    from(&mut window, "59:00");
    window.wait("it is as late as it can be", |w| start(w) == Some(600_000));
    from(&mut window, "soon");
    assert_eq!(start(&window), Some(600_000), "what is no time changes nothing");
}

/// Sound that is longer than Indream takes.
fn song(folder: &Path) -> PathBuf {
    let path = folder.join("song.wav");
    let (rate, seconds) = (4000_u32, 60 * 40);
    let samples = rate * seconds;
    let mut bytes = vec![];
    bytes.extend(b"RIFF");
    bytes.extend((36 + samples).to_le_bytes());
    bytes.extend(b"WAVEfmt ");
    bytes.extend(16_u32.to_le_bytes());
    bytes.extend([1, 0, 1, 0]);
    bytes.extend(rate.to_le_bytes());
    bytes.extend(rate.to_le_bytes());
    bytes.extend([1, 0, 8, 0]);
    bytes.extend(b"data");
    bytes.extend(samples.to_le_bytes());
    let loud = |n: u32| (n / rate % 600) as f32 / 600.0;
    bytes.extend((0..samples).map(|n| (128.0 + 120.0 * loud(n) * (n as f32 * 0.3).sin()) as u8));
    std::fs::write(&path, bytes).unwrap();
    path
}

impl Window {
    /// Moves a slider by a key.
    fn slide(&mut self, name: &str, key: Key) {
        self.harness.get_by_role_and_label(Role::Slider, name).focus();
        self.harness.run_steps(2);
        self.press(key);
        self.harness.run_steps(2);
    }

    pub(crate) fn can_press(&self, name: &str) -> bool {
        self.harness.query_by_label(name).is_some_and(|button| !button.accesskit_node().is_disabled())
    }
}

#[test]
fn metadata_that_the_provider_removes_are_said_to_be_removed() {
    let mut window = Window::sized(true, Theme::Dark, SIZE);
    window.wait_for("Google Flow, Auto");
    window.drop_paths([located(window.home.path(), "beach.jpg")]);
    window.wait_for("GPS location · sent, then removed by Flow Music");
    window.press_with(Modifiers::COMMAND, Key::D);
    window.wait_for("Send beach.jpg to");
    window.harness.get_by_role_and_label(Role::Button, "Google Flow · Auto").click();
    window.wait_for("Remove location: beach.jpg");
    window.wait_for("GPS location");
    assert!(!window.has("removed by"), "{}", window.tree());
}

#[test]
fn a_location_that_the_provider_removes_can_be_removed_before() {
    let mut window = Window::sized(true, Theme::Dark, SIZE);
    window.wait_for("Google Flow, Auto");
    window.drop_paths([located(window.home.path(), "beach.jpg")]);
    window.wait_for("GPS location · sent, then removed by Flow Music");
    window.find("Remove location");
    window.press(Key::Enter);
    window.wait_for("JPEG copy · metadata removed");
    assert!(!window.has("sent, then removed"), "{}", window.tree());
}

#[test]
fn the_details_of_what_is_stopped_name_the_plan() {
    let mut window = with_scans(&["a.bmp"], Theme::Dark, SIZE);
    window.select("a.bmp");
    window.wait_for("Convert to JPEG, or send it somewhere else.");
}

#[test]
fn what_a_file_offers_stands_in_its_menu_and_in_the_palette() {
    let mut window = with_scans(&["a.bmp", "b.bmp"], Theme::Dark, SIZE);
    window.select("a.bmp");
    window.press_with(Modifiers::COMMAND, Key::K);
    window.harness.run_steps(2);
    window.type_in("convert");
    window.wait_for("Convert to JPEG, a.bmp");
    window.press(Key::Enter);
    window.wait_for("Change…: a.bmp");
    window.wait_for("Convert to JPEG: b.bmp");
    // By its keys, all that is left.
    window.press_with(Modifiers::COMMAND | Modifiers::SHIFT, Key::F);
    window.wait_for("Upload 2 files to Google Flow");
    window.press_with(Modifiers::COMMAND, Key::K);
    window.harness.run_steps(2);
    window.type_in("use original");
    window.wait_for("Use original, a.bmp");
    window.press(Key::Enter);
    window.wait_for("Convert to JPEG: a.bmp");
}

#[test]
fn what_is_always_done_is_a_rule_of_the_destination_and_stands_in_its_options() {
    let home = tempfile::tempdir().unwrap();
    let saved = Destination {
        name: "Films".into(),
        provider: "google-flow".into(),
        key: "useapi".into(),
        account: Some("jane@example.com".into()),
        options: BTreeMap::new(),
        fit: FitRules::default(),
    };
    SettingsFile::new(&Folders::inside(home.path()))
        .update(|settings| settings.destinations.push(saved))
        .unwrap();
    let mut window = Window::started(home, Theme::Dark, SIZE, |start| Start { sandbox: true, ..start });
    window.harness.state_mut().session_mut().keys.choose(0);
    window.harness.run_steps(2);
    let mut window = scans(window, &["a.bmp"]);
    window.click("Convert to JPEG: a.bmp");
    window.wait_for("Change…: a.bmp");
    window.click("Change…: a.bmp");
    window.wait_for("Fit a.bmp to Google Flow");
    window.slide("Longest side", Key::Home);
    assert!(!window.has("From now on"), "{}", window.tree());
    window.harness.get_by_role_and_label(Role::CheckBox, "Always do this for Google Flow · Films").click();
    window.harness.run_steps(2);
    assert!(window.has("makes such a copy of each file that is not accepted"), "{}", window.tree());
    window.wait("it is made", |w| {
        let button = w.harness.get_by_label("Use this copy");
        w.has("64 × 48") && !button.accesskit_node().is_disabled()
    });
    window.click("Use this copy");
    window
        .wait("it is a rule", |w| w.harness.state().session().keys.destinations().iter().any(|d| d.fit.fit));
    let path = window.home.path().join("next.bmp");
    image::RgbImage::from_fn(2048, 64, |x, _| image::Rgb([x as u8, 9, 9])).save(&path).unwrap();
    window.drop_paths([path]);
    window.wait_for("Change…: next.bmp");
    window.wait("it is scaled by itself", |w| {
        let items = w.harness.state().session().uploads.queue().items();
        items.iter().any(|item| item.facts().is_some_and(|facts| facts.pixels == Some((64, 2))))
    });
}

#[test]
fn what_is_always_to_be_done_is_kept_for_a_destination_that_was_not_saved() {
    let mut window = Window::sandbox();
    window.wait_for("PiAPI, 24-hour link");
    window.click("PiAPI, 24-hour link");
    let drop_located = |window: &mut Window, name: &str| {
        let path = located(window.home.path(), name);
        window.drop_paths([path]);
    };
    drop_located(&mut window, "beach.jpg");
    window.click("Remove location: beach.jpg");
    window.click("Change…: beach.jpg");
    window.wait_for("Fit beach.jpg to PiAPI");
    window.harness.get_by_role_and_label(Role::CheckBox, "Always do this for PiAPI").click();
    window.harness.run_steps(2);
    window.click("Use this copy");
    let rules = |w: &Window| w.harness.state().session().keys.chosen().map(|to| to.fit.wishes.strip);
    window.wait("it is a rule, and files still go there", |w| rules(w) == Some(true));
    drop_located(&mut window, "street.jpg");
    window.wait_for("Change…: street.jpg");
    // The one that was there before goes to the same destination, which has a rule since.
    window.wait_for("Upload 2 files to PiAPI");
    assert!(!window.has("Contains location"), "{}", window.tree());
}

#[test]
fn an_animation_is_not_made_a_still_picture_with_others_and_says_what_its_copy_lacks() {
    let mut window = with_scans(&["a.bmp", "b.bmp"], Theme::Dark, SIZE);
    window.drop_files(&["anim.gif"]);
    window.wait_for("Convert to a still picture: anim.gif");
    window.wait_for("3 need attention");
    let hint = window.harness.get_by_label("Fix 2").accesskit_node().description();
    assert!(hint.as_deref().is_some_and(|hint| hint.contains("Animations are left")), "{hint:?}");
    window.click("Fix 2");
    window.wait_for("Upload 2 files to Google Flow");
    window.click("Convert to a still picture: anim.gif");
    window.wait_for("first frame only");
}

/// Files with and without a copy, and the sheet of one, as they look.
fn picture(theme: Theme, size: [f32; 2], name: &str) {
    let mut window = with_scans(&["a.bmp", "b.bmp", "c.bmp"], theme, size);
    window.click("Convert to JPEG: a.bmp");
    window.wait_for("Change…: a.bmp");
    window.wait_for_pictures();
    take(&mut window, &format!("copies-{name}"));
    window.click("Change…: a.bmp");
    window.wait_for("Fit a.bmp to Google Flow");
    window.wait_for_pictures();
    take(&mut window, &format!("fit-{name}"));
}

#[test]
fn picture_of_copies_in_dark() {
    picture(Theme::Dark, SIZE, "dark");
}

#[test]
fn picture_of_copies_in_light() {
    picture(Theme::Light, SIZE, "light");
}

#[test]
fn picture_of_copies_in_a_small_window() {
    picture(Theme::Dark, [640.0, 480.0], "small");
}
