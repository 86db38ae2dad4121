//! Below the queue: the next thing to do, how far everything is, and a way through what needs attention.

use std::collections::BTreeMap;

use eframe::egui::{Key, Role, Theme};
use egui_kittest::kittest::{NodeT, Queryable};
use hoist::model::copy_format::CopyFormat;
use hoist::model::destination::Destination;
use hoist::session::Start;
use hoist::store::folders::Folders;
use hoist::store::settings_file::SettingsFile;
use hoist::ui::theme::{DARK, LIGHT};

use crate::pictures::take;
use crate::support::server::{Gate, Reaction, Server};
use crate::support::{by_id, success};
use crate::window::Window;

/// A window whose service takes the first file at once, and the others when its gate is open.
fn with_gate(gate: &Gate) -> (Window, Server) {
    with_gates(None, gate)
}

/// The same, where the first file has a gate, too.
fn with_gates(first: Option<&Gate>, others: &Gate) -> (Window, Server) {
    let (first, others) = (first.cloned(), others.clone());
    let server = Server::start(move |_, n| match (n, &first) {
        (0, None) => Reaction::Answer(success(by_id("flow-music"))),
        (0, Some(gate)) => Reaction::AnswerAfter(gate.clone(), success(by_id("flow-music"))),
        _ => Reaction::AnswerAfter(others.clone(), success(by_id("flow-music"))),
    });
    let mut environment = hoist::store::environment::Environment::default();
    let key = hoist::model::secret::Key::new("user:1-MadeUpKey".to_owned()).unwrap();
    environment.keys.insert("useapi", key);
    environment.bases.insert("HOIST_USEAPI_URL", server.origin());
    let home = tempfile::tempdir().unwrap();
    let mut window =
        Window::started(home, Theme::Dark, [1160.0, 740.0], |start| Start { environment, ..start });
    window.harness.state_mut().session_mut().set(|s| (s.uploads_at_once, s.uploads_per_account) = (1, 1));
    (window, server)
}

impl Window {
    /// Whether a button is the one thing to do: its ground says so.
    pub(crate) fn is_primary(&mut self, label: &str) -> bool {
        let rect = self.harness.get_by_label(label).rect();
        self.harness.remove_cursor();
        self.harness.run_steps(2);
        let picture = self.harness.render().unwrap();
        let [r, g, b, _] = picture.get_pixel(rect.left() as u32 + 5, rect.center().y as u32).0;
        let ground = eframe::egui::Color32::from_rgb(r, g, b);
        [DARK.accent, LIGHT.accent].contains(&ground)
    }

    fn selected_file(&self) -> String {
        let rows = self.harness.query_all_by_role(Role::ListItem);
        let selected: Vec<_> = rows
            .filter(|row| row.accesskit_node().is_selected() == Some(true))
            .filter_map(|row| row.accesskit_node().label())
            .collect();
        assert_eq!(selected.len(), 1, "{selected:?}");
        selected[0].split(", ").next().unwrap().to_owned()
    }
}

#[test]
fn what_is_uploaded_can_be_copied_at_once_and_copying_is_the_next_thing_at_the_end() {
    let gate = Gate::default();
    let (mut window, server) = with_gate(&gate);
    window.drop_files(&["cover.png", "photo.jpg", "poster.webp"]);
    window.wait_for("Upload 3 files to Flow Music");
    assert!(!window.has("Copy ID"), "{}", window.tree());
    assert!(window.is_primary("Upload 3 files to Flow Music"));
    window.click("Upload 3 files to Flow Music");
    window.wait("the second is being sent", |_| server.requests().len() == 2);
    window.wait_for("1 uploaded");
    window.wait_for("Uploading 2 of 3");
    assert!(window.harness.query_by_label("Copy ID").is_some(), "while others are sent: {}", window.tree());
    assert!(!window.is_primary("Copy ID"));
    assert_eq!(window.copy_with("Copy ID").lines().count(), 1);
    window.wait_for("Copied");
    gate.open();
    window.wait_until_gone("Uploading");
    window.wait("it is the next thing", |w| w.harness.query_by_label("Copy 3 IDs").is_some());
    assert!(window.is_primary("Copy 3 IDs"), "nothing is left to upload");
    assert!(!window.tree().lines().any(|line| line == "Upload 3 files to Flow Music" || line == "Pause"));
    assert_eq!(window.copy_with("Copy 3 IDs").lines().count(), 3);
    // In the format that is set.
    window.harness.state_mut().session_mut().set(|s| s.copy_format = CopyFormat::Markdown);
    window.wait_for("Copy 3 as Markdown");
    let copied = window.copy_with("Copy 3 as Markdown");
    let names: Vec<_> = copied.lines().map(|line| line.split(':').next().unwrap()).collect();
    assert_eq!(names.len(), 3, "{copied}");
    assert!(names[0].contains("cover") && names[2].contains("poster"), "in the order of the queue: {copied}");
    // What is added is the next thing then.
    window.drop_files(&["tone.mp3"]);
    window.wait_for("Upload 1 file to Flow Music");
    window.wait_for("Copy 3 as Markdown"); // no longer "Copied"
    assert!(window.is_primary("Upload 1 file to Flow Music") && !window.is_primary("Copy 3 as Markdown"));
}

#[test]
fn of_several_that_are_selected_those_alone_are_copied() {
    let mut window = Window::sandbox();
    window.upload(&["cover.png", "photo.jpg", "poster.webp"], "Flow Music");
    window.wait_for("Copy 3 IDs");
    window.select("cover.png");
    window.wait_for("Copy 3 IDs"); // one alone has its own button
    window.select_with(eframe::egui::Modifiers::COMMAND, "poster.webp");
    window.wait("two are", |w| w.harness.query_all_by_label("Copy 2 IDs").count() == 2);
    let footer = window
        .harness
        .query_all_by_label("Copy 2 IDs")
        .max_by(|a, b| a.rect().bottom().total_cmp(&b.rect().bottom()));
    footer.unwrap().click();
    window.harness.run_steps(2);
    window.wait_for("Copied: cover.png");
    window.wait_for("Copied: poster.webp");
    assert!(!window.has("Copied: photo.jpg"), "{}", window.tree());
}

#[test]
fn pause_stays_where_it_is_while_results_come_in() {
    let (first, others) = (Gate::default(), Gate::default());
    let (mut window, _server) = with_gates(Some(&first), &others);
    window.drop_files(&["cover.png", "photo.jpg", "poster.webp"]);
    window.wait_for("Upload 3 files to Flow Music");
    window.click("Upload 3 files to Flow Music");
    window.wait_for("Pause");
    let pause = |window: &Window| window.harness.get_by_label("Pause").rect();
    let before = pause(&window);
    first.open();
    window.wait_for("Copy ID: cover.png");
    window.harness.run_steps(2);
    assert_eq!(pause(&window), before);
    others.open();
    window.wait_for("Copy 3 IDs");
}

#[test]
fn every_button_of_the_footer_is_a_command_of_the_palette() {
    let mut window = Window::sandbox();
    window.harness.state_mut().session_mut().keys.choose(1);
    window.harness.run_steps(2);
    let scan = |n: u8| {
        let path = window.home.path().join(format!("{n}.bmp"));
        image::RgbImage::from_pixel(64, 48, image::Rgb([n, 9, 9])).save(&path).unwrap();
        path
    };
    let scans = [scan(1), scan(2)];
    window.upload(&["cover.png"], "Google Flow");
    window.wait_for("History, 1");
    window.drop_paths(scans);
    window.drop_files(&["photo.jpg"]);
    window.wait_for("Upload 1 file to Google Flow");
    for (button, command) in [
        ("Clear finished", "Clear finished"),
        ("Fix 2", "Fix what is not accepted"),
        ("Copy ID", "Copy all results, As ID"),
        ("Upload 1 file to Google Flow", "Upload"),
    ] {
        assert!(window.harness.query_all_by_label(button).next().is_some(), "{button}: {}", window.tree());
        window.press_with(eframe::egui::Modifiers::COMMAND, Key::K);
        window.harness.run_steps(2);
        window.type_in(command.split(',').next().unwrap());
        let option = window.harness.get_by_role_and_label(Role::ListBoxOption, command);
        assert!(!option.accesskit_node().is_disabled(), "{command}");
        window.press(Key::Escape);
    }
    window.press_with(eframe::egui::Modifiers::COMMAND, Key::K);
    window.harness.run_steps(2);
    window.type_in("fix");
    window.press(Key::Enter);
    window.wait_for("Upload 3 files to Google Flow");
}

#[test]
fn of_several_accounts_of_a_provider_the_one_is_named_that_files_go_to() {
    let mut window = Window::sandbox();
    window.add_destination("Google Flow", "moderated@example.com");
    window.drop_files(&["cover.png"]);
    window.wait_for("Upload 1 file to Google Flow · moderated@example.com");
    window.click("Google Flow, Auto");
    window.wait_for("For Google Flow · moderated@example.com");
    window.drop_files(&["photo.jpg"]);
    window.wait_for("Upload 2 files to 2 destinations");
    window.select("cover.png");
    window.press(Key::Delete);
    window.wait_for("Upload 1 file to Google Flow · Auto");
}

#[test]
fn what_needs_attention_is_gone_through_one_by_one() {
    let mut window = Window::sandbox();
    let folder = window.folder_of("many", 12);
    window.drop_files(&["clip.mp4"]);
    window.wait_for("1 needs attention");
    window.drop_paths((1..13).map(|n| folder.join(format!("{n}.png"))));
    window.wait_for("Upload 12 files to Flow Music");
    let second = window.home.path().join("second.mp4");
    std::fs::copy(crate::window::sample("clip.mp4"), &second).unwrap();
    window.drop_paths([second]);
    window.wait_for("2 need attention");
    let links = window.names_of(Role::Link);
    assert_eq!(links, ["2 need attention"]);
    for file in ["clip.mp4", "second.mp4", "clip.mp4"] {
        window.click("2 need attention");
        window.harness.run_steps(3);
        assert_eq!(window.selected_file(), file);
        assert!(window.in_sight().contains(&file.to_owned()), "{file}: {:?}", window.in_sight());
        assert!(window.focused().unwrap().starts_with(file));
    }
    // From anywhere else to the first; and by a key.
    window.press(Key::ArrowDown);
    window.press(Key::F8);
    assert_eq!(window.selected_file(), "clip.mp4");
    window.press(Key::F8);
    assert_eq!(window.selected_file(), "second.mp4");
    window.press(Key::Delete);
    window.wait_for("1 needs attention");
    window.press(Key::F8);
    assert_eq!(window.selected_file(), "clip.mp4");
}

#[test]
fn what_was_uploaded_counts_until_the_batch_ends_though_it_is_cleared() {
    let gate = Gate::default();
    let (mut window, server) = with_gate(&gate);
    window.drop_files(&["cover.png", "photo.jpg"]);
    window.wait_for("Upload 2 files to Flow Music");
    window.click("Upload 2 files to Flow Music");
    window.wait("the second is being sent", |_| server.requests().len() == 2);
    window.wait_for("1 uploaded");
    window.press_with(eframe::egui::Modifiers::COMMAND | eframe::egui::Modifiers::SHIFT, Key::L);
    window.wait("it is cleared", |w| w.queue().len() == 1);
    assert!(window.has("1 uploaded") && window.has("Uploading 2 of 2"), "{}", window.tree());
    assert!(window.harness.query_by_label("Copy ID").is_none(), "what is not there is not copied");
    gate.open();
    window.wait("both counted", |w| w.queue() == ["photo.jpg done"]);
    window.wait_until_gone("Uploading");
    assert!(window.has("1 uploaded"), "{}", window.tree());
}

#[test]
fn the_end_of_a_batch_is_told_as_what_came_of_it() {
    let mut window = Window::sandbox();
    window.drop_files(&["clip.mp4"]);
    window.wait_for("1 needs attention");
    window.upload(&["cover.png", "photo.jpg"], "Flow Music");
    let live = |window: &Window| {
        let live = window.harness.query_all_by(|node| node.live() == eframe::egui::accesskit::Live::Polite);
        live.filter_map(|node| node.accesskit_node().label()).collect::<Vec<_>>()
    };
    window.wait("it is told", |w| live(w) == ["2 uploaded · 1 needs attention"]);
}

/// The end of a batch of which not everything was accepted, as it looks at this size.
fn picture_of_the_end(theme: Theme, size: [f32; 2], name: &str) {
    let home = tempfile::tempdir().unwrap();
    let file = SettingsFile::new(&Folders::inside(home.path()));
    let to = |name: &str, provider: &str, account: Option<&str>| Destination {
        name: name.into(),
        provider: provider.into(),
        key: "useapi".into(),
        account: account.map(Into::into),
        options: BTreeMap::new(),
        fit: hoist::model::fit::FitRules::default(),
    };
    file.update(|settings| {
        settings.destinations.push(to("Songs", "flow-music", None));
        settings.destinations.push(to("Films", "google-flow", Some("moderated@example.com")));
    })
    .unwrap();
    let mut window = Window::started(home, theme, size, |start| Start { sandbox: true, ..start });
    for (index, provider, files) in
        [(1, "Google Flow", ["cover.png", "photo.jpg"]), (0, "Flow Music", ["poster.webp", "tone.mp3"])]
    {
        window.harness.state_mut().session_mut().keys.choose(index);
        window.harness.run_steps(2);
        window.upload(&files, provider);
    }
    window.drop_files(&["clip.mp4"]);
    window.wait_for("3 need attention");
    window.wait_for("History, 4");
    window.press(Key::Home);
    window.press(Key::Escape);
    take(&mut window, name);
}

#[test]
fn picture_of_the_end_of_a_batch_in_dark() {
    picture_of_the_end(Theme::Dark, [1160.0, 740.0], "ended-dark");
}

#[test]
fn picture_of_the_end_of_a_batch_in_light() {
    picture_of_the_end(Theme::Light, [1160.0, 740.0], "ended-light");
}

#[test]
fn picture_of_the_end_of_a_batch_in_a_small_window() {
    picture_of_the_end(Theme::Dark, [640.0, 480.0], "ended-small");
}
