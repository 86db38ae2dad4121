//! Files that are not accepted, and their copies that are.

use std::collections::BTreeMap;
use std::path::PathBuf;

use eframe::egui::{Role, Theme};
use egui_kittest::kittest::Queryable;
use hoist::model::destination::Destination;
use hoist::model::fit::FitRules;
use hoist::session::Start;
use hoist::store::folders::Folders;
use hoist::store::settings::SettingsFile;

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
fn a_copy_is_made_as_is_chosen_in_its_sheet_and_measured() {
    let mut window = with_scans(&["a.bmp", "b.bmp"], Theme::Dark, SIZE);
    window.click("Convert to JPEG: a.bmp");
    window.wait_for("Change…: a.bmp");
    window.click("Change…: a.bmp");
    window.wait_for("Fit a.bmp to Google Flow");
    let measured =
        |window: &Window| window.tree().lines().find(|line| line.contains("WebP ·")).map(str::to_owned);
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
    window.click("Longest side: 1024 px");
    window.harness.get_by_role_and_label(Role::Switch, "Always do this for Google Flow").click();
    window.harness.run_steps(2);
    window.wait("it is made", |w| w.harness.query_by_label("Use this copy").is_some() && w.has("JPEG ·"));
    window.click("Use this copy");
    window
        .wait("it is a rule", |w| w.harness.state().session().keys.destinations().iter().any(|d| d.fit.fit));
    let path = window.home.path().join("next.bmp");
    image::RgbImage::from_fn(2048, 64, |x, _| image::Rgb([x as u8, 9, 9])).save(&path).unwrap();
    window.drop_paths([path]);
    window.wait_for("Change…: next.bmp");
    window.wait("it is scaled by itself", |w| {
        let items = w.harness.state().session().uploads.queue().items();
        items.iter().any(|item| item.facts().is_some_and(|facts| facts.pixels == Some((1024, 32))))
    });
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
