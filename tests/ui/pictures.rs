//! Pictures of the window (`UPDATE_SNAPSHOTS=1` takes new ones).

use std::path::Path;
use std::sync::Arc;

use eframe::egui::{self, Key, Modifiers, Rect, Role, Theme, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use egui_system_font_provider::SystemFontProvider;
use hoist::session::Start;
use jiff::{Timestamp, ToSpan};

use crate::left_behind::unanswered;
use crate::renderer;
use crate::scene::{at_work, what_counts};
use crate::seeds::{Seed, plant, today};
use crate::window::{Window, options, sample};

/// The empty window, files held over it, and the queue.
fn pictures(theme: Theme, name: &str) {
    let mut window = Window::sized(true, theme, [1160.0, 740.0]);
    window.harness.snapshot(format!("empty-{name}"));
    let held = |name: &str| egui::HoveredFile { path: Some(name.into()), ..egui::HoveredFile::default() };
    window.harness.input_mut().hovered_files = vec![held("a.png"), held("b.mp3")];
    window.harness.run_steps(2);
    window.harness.snapshot(format!("hover-{name}"));
    window.harness.input_mut().hovered_files.clear();
    window.drop_files(&["cover.png", "photo.jpg", "poster.webp", "tone.mp3", "clip.mp4"]);
    window.wait_for("Flow Music doesn't accept video");
    window.wait_for("Upload 4 files to Flow Music");
    window.harness.remove_cursor();
    window.wait_for_pictures();
    window.harness.snapshot(format!("queue-{name}"));
}

#[test]
fn pictures_in_dark() {
    pictures(Theme::Dark, "dark");
}

#[test]
fn pictures_in_light() {
    pictures(Theme::Light, "light");
}

/// Compared but for what counts or tells the time. New ones for the README show that, too.
pub(crate) fn take(window: &mut Window, name: &str) {
    window.harness.remove_cursor();
    window.wait_for_pictures();
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() && IN_README.contains(&name) {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("assets/readme/{name}.png"));
        window.harness.render().unwrap().save(file).unwrap();
    }
    for area in what_counts(window) {
        window.harness.mask(area);
    }
    window.harness.snapshot(name);
}

/// What the README shows.
const IN_README: [&str; 5] = ["upload-dark", "upload-light", "history-dark", "keys-dark", "settings-dark"];

const USUAL: [f32; 2] = [1160.0, 740.0];
const SMALL: [f32; 2] = [640.0, 480.0];
const LARGE: [f32; 2] = [1920.0, 1080.0];

/// Every page of somebody's window with work in it, in this theme, at this size and scale.
fn pages(theme: Theme, size: [f32; 2], scale: f32, name: &str) {
    let mut window = at_work(theme, size, scale);
    // What was added last is in sight: in a small window the first row is not.
    window.press(Key::Home);
    window.select("cover-final.png");
    if size == USUAL {
        window.wait_for("READY TO PASTE");
    }
    take(&mut window, &format!("upload-{name}"));
    for (page, there, file) in [
        ("API keys", "Check useapi", "keys"),
        ("Providers", "Add from file", "providers"),
        ("Settings", "Proxy: System", "settings"),
    ] {
        window.harness.get_by_role_and_label(Role::Tab, page).click();
        window.harness.run_steps(3);
        window.wait_for(there);
        take(&mut window, &format!("{file}-{name}"));
    }
}

#[test]
fn pages_in_dark() {
    pages(Theme::Dark, USUAL, 1.0, "dark");
}

#[test]
fn pages_in_light() {
    pages(Theme::Light, USUAL, 1.0, "light");
}

#[test]
fn pages_in_a_small_window() {
    pages(Theme::Dark, SMALL, 1.0, "small");
}

#[test]
fn pages_in_a_small_window_in_light() {
    pages(Theme::Light, SMALL, 1.0, "small-light");
}

#[test]
fn pages_at_twice_the_size() {
    pages(Theme::Light, SMALL, 2.0, "200");
}

#[test]
fn picture_of_a_large_window() {
    let mut window = at_work(Theme::Light, LARGE, 1.0);
    take(&mut window, "upload-large-light");
}

/// What lies over the window, and what comes up in it.
#[test]
fn pictures_of_what_lies_over_the_window() {
    let mut window = at_work(Theme::Dark, USUAL, 1.0);
    window.select("voice-take-3.mp3");
    window.wait_for("Waveform of voice-take-3.mp3");
    take(&mut window, "sound-dark");
    window.click("More: cover-final.png");
    window.wait_for("Reveal file");
    take(&mut window, "menu-dark");
    window.harness.key_press(Key::Escape);
    window.select("background-plate.png");
    window.harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    window.harness.run_steps(3);
    window.wait_for("7 files selected");
    take(&mut window, "several-dark");
    window.select("still-to-go.webp");
    window.harness.key_press_modifiers(Modifiers::COMMAND, Key::D);
    window.wait_for("Send still-to-go.webp to");
    take(&mut window, "send-to-dark");
    window.harness.key_press(Key::Escape);
    window.wait_until_gone("Send still-to-go.webp to");
    window.harness.key_press(Key::F1);
    window.wait_for("Keyboard shortcuts");
    take(&mut window, "shortcuts-dark");
    window.harness.key_press(Key::Escape);
    window.wait_until_gone("Keyboard shortcuts");
    window.harness.key_press(Key::Delete);
    window.wait_for("1 file removed");
    take(&mut window, "undo-dark");
}

#[test]
fn picture_of_the_details_where_there_is_no_room_beside_the_queue() {
    let mut window = Window::sized(true, Theme::Dark, SMALL);
    window.upload(&["photo.jpg"], "Flow Music");
    window.select("photo.jpg");
    window.harness.key_press_modifiers(Modifiers::COMMAND, Key::I);
    window.wait_for("READY TO PASTE");
    take(&mut window, "details-small");
}

#[test]
fn picture_of_the_gallery() {
    let mut harness = Harness::builder()
        .with_size(egui::Vec2::new(1000.0, 1960.0))
        .with_render_cursor(false)
        .with_options(options())
        .renderer(renderer::SoftwareRenderer::default())
        .build_eframe(|cc| hoist::ui::Gallery::new(&cc.egui_ctx));
    harness.run_steps(4);
    assert_eq!(harness.unnamed_widgets(), Vec::<String>::new());
    harness.snapshot("gallery");
}

/// Files of these names in the queue.
fn named(window: &mut Window, names: &[&str]) {
    let folder = window.home.path().join("names");
    std::fs::create_dir(&folder).unwrap();
    for name in names {
        std::fs::copy(sample("cover.png"), folder.join(name)).unwrap();
    }
    window.drop_paths(names.iter().map(|name| folder.join(name)));
    window.wait_for(&format!("Upload {} files to Flow Music", names.len()));
}

#[test]
fn picture_of_long_names_and_of_such_as_deceive() {
    let mut window = Window::sized(true, Theme::Dark, USUAL);
    let long = format!("{}.png", "a-very-long-name-that-goes-on-and-on-".repeat(6));
    named(
        &mut window,
        &["Ünïcödé – “quotes”.png", &long, "invoice\u{202e}gnp.exe.png", "line\nbreak\u{1b}[31m.png"],
    );
    assert!(window.has("invoice\\u{202e}gnp.exe.png") && window.has("line\\u{a}break\\u{1b}[31m.png"));
    take(&mut window, "names-dark");
}

/// With the system's fonts, as the real window has them; without a font for a name the harness would panic.
#[test]
fn names_in_every_script_are_drawn_with_the_systems_fonts() {
    let mut window = Window::sized(true, Theme::Dark, USUAL);
    window.harness.ctx.add_font_provider(Arc::new(SystemFontProvider::new()));
    named(
        &mut window,
        &["封面 最终版.png", "カバー アート.png", "커버 아트.png", "غلاف الألبوم.png", "обложка.png"],
    );
    for name in ["封面 最终版.png", "カバー アート.png", "커버 아트.png", "غلاف الألبوم.png", "обложка.png"]
    {
        assert!(window.has(name), "{}", window.tree());
        window.select(name);
    }
    window.harness.render().unwrap();
}

/// The sheet that adds files by their paths.
fn paths(theme: Theme, size: [f32; 2], name: &str) {
    let mut window = Window::sized(true, theme, size);
    window.folder_of("Pictures", 16);
    window.folder("Pictures/Alps", &[]);
    window.folder("Pictures", &["notes.txt"]);
    window.type_paths();
    window.type_path("~/Pictures/2.png");
    window.harness.key_press(Key::Enter);
    window.wait_for("Added 2.png");
    window.wait("it is behind the sheet", |w| w.queue() == ["2.png ready"]);
    window.wait_for("Upload 1 file to Flow Music");
    window.wait_for("and 6 more");
    window.harness.key_press(Key::ArrowDown);
    window.harness.key_press(Key::ArrowDown);
    take(&mut window, name);
}

#[test]
fn picture_of_the_sheet_that_adds_by_path_in_dark() {
    paths(Theme::Dark, USUAL, "paths-dark");
}

#[test]
fn picture_of_the_sheet_that_adds_by_path_in_light() {
    paths(Theme::Light, USUAL, "paths-light");
}

#[test]
fn picture_of_the_sheet_that_adds_by_path_in_a_small_window() {
    paths(Theme::Dark, SMALL, "paths-small");
}

#[test]
fn picture_of_the_question_before_much_is_added() {
    let mut window = Window::sized(true, Theme::Light, SMALL);
    let folder = window.folder_of("Holiday", 51);
    window.folder("Holiday/at sea", &[".hidden", "a.txt", "b.txt"]);
    window.drop_paths([folder]);
    window.wait_for("Add 51 files, ");
    take(&mut window, "folder-small-light");
}

#[test]
fn picture_of_a_small_window() {
    let mut small = Window::sized(true, Theme::Dark, [640.0, 480.0]);
    small.drop_files(&["cover.png", "clip.mp4"]);
    small.wait_for("Upload 1 file to Flow Music");
    small.wait_for_pictures();
    small.harness.snapshot("queue-small");
}

#[test]
fn picture_of_the_sheet_that_adds_a_destination() {
    let mut window = Window::sized(false, Theme::Dark, [1160.0, 740.0]);
    window.harness.query_all_by_label("Add destination").next().unwrap().click();
    window.wait_for("useapi.net key");
    window.harness.remove_cursor();
    window.harness.run_steps(3);
    window.harness.snapshot("sheet-dark");
}

/// The sheets with a template, and with what a file of settings would change.
fn sheets_of_settings(theme: Theme, size: [f32; 2], name: &str) {
    let mut window = Window::sized(true, theme, size);
    window.harness.key_press_modifiers(Modifiers::COMMAND, Key::Comma);
    window.wait_for("Add template…");
    window.harness.get_by_label("Edit the template Template").click_accesskit();
    window.wait_for("Preview for");
    take(&mut window, &format!("template-{name}"));
    window.harness.key_press(Key::Escape);
    window.wait_until_gone("Preview for");
    let text = "theme = \"light\"\nuploads_at_once = 9\n[[template]]\nname = \"Wiki\"\nline = \"[[{name}]]\"\n\
        [[destination]]\nname = \"Mine\"\nprovider = \"google-flow\"\nkey = \"work\"\n";
    window.harness.state_mut().offer_settings("hoist-settings.toml", text.to_owned());
    window.wait_for("Import hoist-settings.toml?");
    take(&mut window, &format!("import-{name}"));
}

#[test]
fn pictures_of_the_sheets_of_settings_in_dark() {
    sheets_of_settings(Theme::Dark, USUAL, "dark");
}

#[test]
fn pictures_of_the_sheets_of_settings_in_light_and_small() {
    sheets_of_settings(Theme::Light, SMALL, "small-light");
}

fn what_is_behind_a_key(theme: Theme) -> Window {
    let mut window = Window::sized(false, theme, [1160.0, 740.0]);
    window.click_first("Add destination");
    window.wait_for("useapi.net key");
    window.type_key();
    window.click("Check key");
    window.wait_for("Flow Music: another email");
    window.harness.remove_cursor();
    window.harness.run_steps(3);
    window
}

#[test]
fn picture_of_what_is_behind_a_key_in_dark() {
    what_is_behind_a_key(Theme::Dark).harness.snapshot("accounts-of-a-key-dark");
}

#[test]
fn picture_of_what_is_behind_a_key_in_light() {
    what_is_behind_a_key(Theme::Light).harness.snapshot("accounts-of-a-key-light");
}

/// A history with a row of each kind. What is said of their time must not depend on the day.
fn history() -> Vec<Seed> {
    let now = Timestamp::now();
    let hours = |hours: i64| now.checked_add(hours.hours()).unwrap();
    let yesterday = || today(0).checked_sub(9.hours()).unwrap();
    let long_ago = jiff::civil::date(2024, 9, 3).at(12, 0, 0, 0);
    let long_ago = long_ago.to_zoned(jiff::tz::TimeZone::system()).unwrap().timestamp();
    let jane = Some("jane@studio.com");
    let link = |name: &str, expires| Seed {
        provider: "piapi",
        asset: None,
        url: Some(format!("https://storage.theapi.app/temp/1784/{name}")),
        expires: Some(expires),
        ..Seed::sample(name, today(2))
    };
    let flow = |name: &str, asked, end: &str| Seed {
        provider: "google-flow",
        account: jane,
        asset: Some(format!("user:12345-email:6a6f686e406578616d-image:{end}")),
        ..Seed::sample(name, asked)
    };
    let refused = r#"{"kind":"policy","message":"The content is against the service's rules","said":null,"next":"Send another file","until":null,"support":null}"#;
    let unanswered = r#"{"kind":"gateway","message":"Sent, but a gateway gave up waiting for the answer","said":null,"next":"Check whether it arrived","until":null,"support":null}"#;
    vec![
        flow("cover.png", today(4), "ff9aa51c"),
        flow("poster.webp", today(4), "04b2c7e0"),
        Seed {
            account: jane,
            asset: Some("user:77-jane@studio.com-audio:34cd56ef".into()),
            ..Seed::sample("tone.mp3", today(3))
        },
        link("photo.jpg", hours(2).checked_add(890.seconds()).unwrap()),
        Seed {
            provider: "indream",
            account: Some("9179b887-04ef-4ce5-ab3a-b5bbd39ea3c8"),
            asset: Some("9179b887-04ef-4ce5-ab3a-b5bbd39ea3c8".into()),
            ..Seed::sample("anim.gif", yesterday())
        },
        Seed { asked: long_ago, ..link("clip.mp4", long_ago) },
        Seed {
            provider: "riffusion",
            account: Some("main"),
            state: "resting",
            asset: Some("a5d2d4a4-6bca-501a-9c53-2f18a7e1c0de".into()),
            ..Seed::sample("tone.wav", long_ago)
        },
        Seed { state: "unknown", asset: None, failure: Some(unanswered), ..flow("cover.png", long_ago, "") },
        Seed { state: "refused", asset: None, failure: Some(refused), ..flow("photo.jpg", long_ago, "") },
        Seed {
            state: "cancelled",
            asset: None,
            ..Seed::done("a-file-that-is-not-there-any-more.png", long_ago)
        },
    ]
}

/// What is done in the window of a history before its picture is taken.
type Prepare = fn(&mut Window);

fn picture_of_the_history(theme: Theme, size: [f32; 2], name: &str, prepare: Prepare) {
    scaled_picture_of_the_history(theme, (size, 1.0), name, prepare);
}

fn scaled_picture_of_the_history(theme: Theme, (size, scale): ([f32; 2], f32), name: &str, prepare: Prepare) {
    loop {
        let day = jiff::Zoned::now().date();
        let home = tempfile::tempdir().unwrap();
        plant(home.path(), history());
        let in_sandbox = |start| Start { sandbox: true, ..start };
        let mut window = Window::scaled(home, theme, size, scale, in_sandbox);
        window.open_history();
        prepare(&mut window);
        window.harness.remove_cursor();
        window.wait_for_pictures();
        if jiff::Zoned::now().date() == day {
            take(&mut window, name);
            return;
        }
        // It was midnight in between: what was today is yesterday now.
    }
}

fn three_selected(window: &mut Window) {
    window.select("poster.webp");
    window.select_with(Modifiers::SHIFT, "cover.png, Google Flow, jane@studio.com, 00:00, uploaded");
    window.select_with(Modifiers::COMMAND, "anim.gif");
    window.wait_for("Copy 3 IDs");
}

fn as_list(window: &mut Window) {
    window.harness.get_by_role_and_label(Role::RadioButton, "Show as: List").click();
    window.wait("the columns", |w| !w.names_of(Role::ColumnHeader).is_empty());
}

#[test]
fn picture_of_the_history_in_dark() {
    picture_of_the_history(Theme::Dark, USUAL, "history-dark", three_selected);
}

#[test]
fn picture_of_the_history_in_light() {
    picture_of_the_history(Theme::Light, USUAL, "history-light", three_selected);
}

#[test]
fn picture_of_the_history_in_a_small_window() {
    picture_of_the_history(Theme::Dark, SMALL, "history-small", two_selected);
}

fn two_selected(window: &mut Window) {
    window.select("poster.webp");
    window.select_with(Modifiers::SHIFT, "cover.png, Google Flow, jane@studio.com, 00:00, uploaded");
    window.wait_for("Copy 2 IDs");
}

fn two_rows_selected(window: &mut Window) {
    as_list(window);
    window.select("poster.webp");
    window.press_with(Modifiers::SHIFT, Key::ArrowDown);
    window.wait_for("Copy 2 IDs");
}

#[test]
fn picture_of_the_history_as_a_list_in_dark() {
    picture_of_the_history(Theme::Dark, USUAL, "history-list-dark", two_rows_selected);
}

#[test]
fn picture_of_the_history_as_a_list_in_light() {
    picture_of_the_history(Theme::Light, USUAL, "history-list-light", two_rows_selected);
}

#[test]
fn picture_of_the_history_as_a_list_in_a_small_window() {
    picture_of_the_history(Theme::Light, SMALL, "history-list-small-light", two_rows_selected);
}

#[test]
fn picture_of_the_history_in_a_large_window() {
    picture_of_the_history(Theme::Dark, LARGE, "history-large-dark", three_selected);
}

#[test]
fn picture_of_the_history_as_a_list_in_a_large_window() {
    picture_of_the_history(Theme::Light, LARGE, "history-list-large-light", two_rows_selected);
}

#[test]
fn picture_of_the_history_at_twice_the_size() {
    scaled_picture_of_the_history(Theme::Light, (SMALL, 2.0), "history-200", two_selected);
}

#[test]
fn picture_of_the_history_as_a_list_at_twice_the_size() {
    scaled_picture_of_the_history(Theme::Dark, (SMALL, 2.0), "history-list-200-dark", two_rows_selected);
}

#[test]
fn picture_of_the_preview_beside_the_history() {
    picture_of_the_history(Theme::Dark, USUAL, "history-preview-dark", |window| {
        window.select("anim.gif");
        window.press(Key::Enter);
        window.wait_for("Preview of anim.gif");
    });
}

#[test]
fn picture_of_a_history_in_which_nothing_is_found() {
    picture_of_the_history(Theme::Light, USUAL, "history-none-light", |window| {
        window.press_with(Modifiers::COMMAND, Key::F);
        window.type_in("no such file");
        window.wait_for("Nothing found");
        window.harness.ctx.memory_mut(|memory| memory.stop_text_input()); // no caret blinks
        window.harness.run_steps(2);
    });
}

#[test]
fn picture_of_a_history_in_which_nothing_is() {
    let mut window = Window::sized(true, Theme::Dark, SMALL);
    window.press_with(Modifiers::COMMAND, Key::Num2);
    window.wait_for("Nothing was sent yet");
    take(&mut window, "history-empty-small");
}

#[test]
fn picture_of_the_question_where_to_send_again() {
    picture_of_the_history(Theme::Dark, USUAL, "history-again-dark", |window| {
        three_selected(window);
        window.press_with(Modifiers::COMMAND, Key::D);
        window.wait_for("Send 3 files again to");
    });
}

#[test]
fn picture_of_the_question_where_to_send_with_several_ticked() {
    let mut window = Window::asks_where_to(Theme::Light);
    window.tick("Google Flow · Auto");
    window.tick("PiAPI · 24-hour link");
    window.wait_for("Also send to 2 destinations");
    window.harness.remove_cursor();
    window.wait_for_pictures();
    take(&mut window, "send-to-light");
}

#[test]
fn picture_of_a_menu_of_the_history() {
    let home = tempfile::tempdir().unwrap();
    let long_ago: Timestamp = "2024-09-03T12:00:00Z".parse().unwrap();
    let url = Some("https://storage.example.com/34cd56ef.png".into());
    plant(home.path(), [Seed { url, ..Seed::sample("cover.png", long_ago) }]);
    let mut window = Window::in_home(home, true, Theme::Dark, [1160.0, 740.0]);
    window.open_history();
    window.select("cover.png");
    window.click("More: cover.png");
    window.wait_for("Remove from history");
    window.harness.remove_cursor();
    window.wait_for_pictures();
    window.harness.snapshot("history-menu-dark");
}

fn picture_of_what_was_sent_before(size: [f32; 2], name: &str) {
    let long_ago: Timestamp = "2024-09-03T12:00:00Z".parse().unwrap();
    let sent = |name: &str| Seed { was_sent: true, ..Seed::sample(name, long_ago) };
    let id = Some("user:12345-jane@studio.com-image:34cd56ef".into());
    let url = Some("https://storage.example.com/34cd56ef.png".into());
    let home = tempfile::tempdir().unwrap();
    plant(
        home.path(),
        [
            Seed { asset: id, url, ..sent("cover.png") },
            Seed { state: "unknown", asset: None, ..sent("photo.jpg") },
        ],
    );
    let mut window = Window::in_home(home, true, Theme::Dark, size);
    window.drop_files(&["cover.png", "photo.jpg", "poster.webp"]);
    window.wait_for("Sent on 3 Sep 2024 without an answer: it may exist");
    window.wait_for("Copy ID: cover.png");
    window.wait_for("Upload 1 file to Flow Music");
    window.wait_for("History, 2");
    window.harness.remove_cursor();
    window.wait_for_pictures();
    window.harness.snapshot(name);
}

#[test]
fn picture_of_what_was_sent_before_in_the_queue() {
    picture_of_what_was_sent_before([1160.0, 740.0], "sent-before-dark");
}

#[test]
fn picture_of_what_was_sent_before_in_a_small_window() {
    picture_of_what_was_sent_before([640.0, 480.0], "sent-before-small");
}

#[test]
fn picture_of_the_question_before_closing() {
    let mut window = unanswered();
    window.send_two_files();
    window.close();
    window.wait_for("2 files are being sent");
    window.wait_for_pictures();
    // The question is asked in front of what counts seconds.
    let counts = window.harness.query_all_by_label_contains("Sent. Waiting for Flow Music");
    // However many digits that has.
    let areas = counts.map(|node| Rect::from_min_size(node.rect().min, vec2(360.0, node.rect().height())));
    for area in areas.collect::<Vec<_>>() {
        window.harness.mask(area);
    }
    window.harness.snapshot("closing-dark");
}
