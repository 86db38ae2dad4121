//! The palette: every command, destination and setting is found by its name, and does what it does elsewhere.

use eframe::egui::accesskit::Role;
use eframe::egui::{Key, Modifiers, Theme};
use egui_kittest::kittest::{NodeT, Queryable};

use crate::pictures::take;
use crate::window::Window;

/// An entry as it stands in the sheet.
#[derive(Debug, PartialEq)]
struct Entry {
    name: String,
    is_possible: bool,
    is_chosen: bool,
}

impl Window {
    fn open_palette(&mut self) {
        self.press_with(Modifiers::COMMAND, Key::K);
        self.wait("the palette", Window::is_palette_open);
        self.harness.run_steps(2);
    }

    fn is_palette_open(&self) -> bool {
        let mut dialogs = self.harness.query_all_by_role(Role::Dialog);
        dialogs.any(|dialog| dialog.accesskit_node().label().as_deref() == Some("Find a command"))
    }

    /// Opens it, and types.
    pub(crate) fn find(&mut self, text: &str) {
        self.open_palette();
        self.type_in(text);
    }

    /// What is found, in order.
    fn found(&self) -> Vec<Entry> {
        let all = self.harness.query_all_by_role(Role::ListBoxOption).map(|option| {
            let node = option.accesskit_node();
            Entry {
                name: node.label().unwrap_or_default(),
                is_possible: !node.is_disabled(),
                is_chosen: node.is_selected() == Some(true),
            }
        });
        all.collect()
    }

    fn names_found(&self) -> Vec<String> {
        self.found().into_iter().map(|entry| entry.name).collect()
    }

    /// The one that Enter runs.
    fn first_found(&self) -> Option<String> {
        self.found().into_iter().find(|entry| entry.is_chosen).map(|entry| entry.name)
    }

    /// Opens it, types, and runs what is found first, which must be this.
    #[track_caller]
    fn run(&mut self, text: &str, expected: &str) {
        self.find(text);
        assert_eq!(self.first_found().as_deref(), Some(expected), "{:?}", self.names_found());
        self.press(Key::Enter);
        self.harness.run_steps(4);
        assert!(!self.is_palette_open(), "{expected} closes it");
    }

    fn page_shown(&self) -> String {
        let mut tabs = self.harness.query_all_by_role(Role::Tab);
        let shown = tabs.find(|tab| tab.accesskit_node().is_selected() == Some(true));
        let name = shown.and_then(|tab| tab.accesskit_node().label()).unwrap_or_default();
        name.split(',').next().unwrap().to_owned()
    }
}

/// Two files that are ready, in a window of the sandbox.
fn with_files() -> Window {
    let mut window = Window::sandbox();
    window.drop_files(&["cover.png", "photo.jpg"]);
    window.wait_for("Upload 2 files to Flow Music");
    window
}

#[test]
fn every_shortcut_destination_and_setting_is_found_by_its_name() {
    let mut window = with_files();
    window.press(Key::F1);
    window.wait_for("Keyboard shortcuts");
    let labels =
        window.harness.query_all_by_role(Role::Label).filter_map(|node| node.accesskit_node().value());
    let labels: Vec<_> = labels.collect();
    let from = labels.iter().position(|label| label == "FILES").unwrap();
    let until = labels.iter().position(|label| label == "IN THE LIST").unwrap();
    let is_title =
        |label: &&String| !label.chars().any(|c| c.is_lowercase() || c.is_ascii_digit() || c == '+');
    // Each line has a name, and behind it its keys.
    let lines: Vec<_> = labels[from..until].iter().filter(|label| !is_title(label)).collect();
    let commands: Vec<_> = lines.chunks(2).map(|line| line[0]).collect();
    assert!(commands.len() >= 28, "{lines:?}");
    window.press(Key::Escape);
    window.press_with(Modifiers::COMMAND, Key::Comma);
    let groups = |role| {
        let names = window.names_of(role).into_iter();
        names.map(|name| name.split(':').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    // Of one of a few, a group's name is before the colon.
    let settings = [groups(Role::Switch), groups(Role::SpinButton), groups(Role::RadioButton)].concat();
    let is_destination = |name: &&String| name.contains(", ");
    let settings: Vec<_> = settings.iter().filter(|name| !is_destination(name)).collect();
    assert!(settings.len() >= 6, "{settings:?}");
    window.open_palette();
    let found = window.names_found();
    let has = |name: &str| found.iter().any(|entry| entry.split(", ").next() == Some(name));
    for command in commands.into_iter().filter(|name| **name != *"Find a command, destination or setting") {
        assert!(has(command), "{command} in {found:#?}");
    }
    for setting in settings {
        assert!(has(setting), "{setting} in {found:#?}");
    }
    for provider in ["Flow Music", "Google Flow", "Riffusion", "PiAPI", "Indream"] {
        let name = format!("Send new files to {provider} · ");
        assert!(found.iter().any(|entry| entry.starts_with(&name)), "{name} in {found:#?}");
    }
}

#[test]
fn words_are_found_in_any_order_and_enter_runs_the_first() {
    let mut window = with_files();
    window.run("hist page", "History");
    assert_eq!(window.page_shown(), "History");
    window.run("api", "API keys");
    assert_eq!(window.page_shown(), "API keys");
    // A setting is shown with the keyboard at it.
    window.run("batch notify", "Notify when a batch finishes, Setting");
    assert_eq!(window.page_shown(), "Settings");
    assert_eq!(window.focused().as_deref(), Some("Notify when a batch finishes"));
    window.run("theme", "Theme, Setting");
    assert_eq!(window.focused().as_deref(), Some("Theme: System"));
    // A destination for new files.
    window.run("flow google new", "Send new files to Google Flow · Auto");
    let google = window.harness.get_by_role_and_label(Role::RadioButton, "Google Flow, Auto");
    assert_eq!(google.accesskit_node().toggled(), Some(eframe::egui::accesskit::Toggled::True));
    // What belongs to the queue is seen there.
    window.run("upl", "Upload");
    assert_eq!(window.page_shown(), "Upload");
    window.wait("both are sent", |w| w.queue() == ["cover.png done", "photo.jpg done"]);
}

#[test]
fn the_options_of_a_destination_are_found_by_what_they_are_about() {
    let mut window = Window::sandbox();
    window.wait_for("PiAPI, 24-hour link");
    let found = "Name and options of PiAPI · 24-hour link, Fit files, remove location (GPS) and camera data";
    window.run("gps piapi", found);
    window.wait_for("Remove location and camera data");
    // One that is not saved is saved by that.
    window
        .harness
        .get_by_role_and_label(Role::Switch, "Remove location and camera data before sending")
        .click();
    window.harness.run_steps(2);
    window.click("Save");
    window.wait("it is saved", |w| {
        let saved = &w.harness.state().session().keys.settings().destinations;
        saved.iter().any(|to| to.provider == "piapi" && to.fit.wishes.strip)
    });
    let all = window.harness.state().session().keys.destinations().iter();
    let all: Vec<_> = all.map(|to| to.provider.as_str()).collect();
    assert_eq!(all, ["flow-music", "google-flow", "riffusion", "piapi", "indream"], "once, where it was");
}

#[test]
fn selected_files_are_sent_where_they_are_accepted() {
    let mut window = with_files();
    window.press_with(Modifiers::COMMAND, Key::A);
    window.find("selected");
    let name = |provider: &str| format!("Send 2 selected files to {provider}");
    let found = window.found();
    let of = |provider: &str| found.iter().find(|entry| entry.name.starts_with(&name(provider)));
    assert!(of("Flow Music").is_none(), "they are there: {found:#?}");
    assert!(of("Google Flow").unwrap().is_possible);
    let riffusion = of("Riffusion").unwrap();
    assert!(!riffusion.is_possible && riffusion.name.ends_with(", The provider does not accept all of them"));
    window.press(Key::Escape);
    window.run("selected google", "Send 2 selected files to Google Flow · Auto");
    window.wait_for("Upload 2 files to Google Flow");
}

#[test]
fn the_destination_that_is_chosen_comes_into_sight() {
    let mut window = Window::sized(true, Theme::Dark, [640.0, 400.0]);
    let last = "Indream, Auto";
    let is_seen = |window: &Window| {
        let settings = window.harness.get_by_role_and_label(Role::Tab, "Settings").rect();
        let row = window.harness.get_by_role_and_label(Role::RadioButton, last).rect();
        row.bottom() <= settings.top()
    };
    window.harness.run_steps(3);
    assert!(!is_seen(&window), "there are more than have room");
    window.run("new files indream", "Send new files to Indream · Auto");
    window.wait("it is in sight", is_seen);
}

#[test]
fn what_is_copied_is_chosen_by_its_name() {
    let mut window = with_files();
    window.run("markdown", "Copy results as Markdown, Copy format");
    window.wait_for("Format: Markdown");
    window.find("copy results id");
    let found = window.names_found();
    assert!(found.iter().any(|name| name == "Copy results as ID, Copy format"), "{found:?}");
    window.press(Key::Escape);
    window.find("copy markdown");
    let found = window.names_found();
    let chosen = "Copy results as Markdown, Results are copied so already";
    assert!(found.iter().any(|name| name == chosen), "{found:?}");
}

#[test]
fn what_is_not_possible_says_why_and_does_nothing() {
    let mut window = Window::sandbox();
    window.find("upload");
    let upload = window.found().into_iter().find(|entry| entry.name.starts_with("Upload,")).unwrap();
    assert_eq!(
        (upload.name.as_str(), upload.is_possible),
        ("Upload, No file is in the queue. Add files first", false)
    );
    assert_eq!(window.first_found().as_deref(), Some("Upload page"), "what is possible comes first");
    window.press(Key::Escape);
    window.find("retry failed");
    assert_eq!(window.names_found(), ["Retry failed, No upload has failed"]);
    window.press(Key::ArrowDown);
    assert_eq!(window.first_found().as_deref(), Some("Retry failed, No upload has failed"), "it can be read");
    window.press(Key::Enter);
    window.harness.get_by_role(Role::ListBoxOption).click();
    window.harness.run_steps(2);
    assert!(window.is_palette_open());
    window.press(Key::Escape);
    assert!(!window.is_palette_open());
    // What there is nothing of in this window is not listed.
    window.find("sandbox");
    assert!(
        !window.names_found().iter().any(|name| name == "Leave the sandbox"),
        "{:?}",
        window.names_found()
    );
}

#[test]
fn arrows_choose_while_typing_goes_on_and_a_click_runs() {
    let mut window = with_files();
    window.find("add");
    let found = window.names_found();
    assert_eq!(found[..3], ["Add files", "Add folders", "Add by path"]);
    assert_eq!(window.first_found().as_ref(), Some(&found[0]));
    // A screen reader is at what is chosen, though the keyboard types on.
    for (key, at) in [(Key::ArrowDown, 1), (Key::ArrowDown, 2), (Key::ArrowUp, 1), (Key::ArrowUp, 0)] {
        window.press(key);
        assert_eq!(
            (window.first_found().as_ref(), window.focused().as_ref()),
            (Some(&found[at]), Some(&found[at]))
        );
    }
    window.press(Key::ArrowUp);
    assert_eq!(window.first_found().as_ref(), found.last(), "round to the other end");
    window.type_in(" path");
    assert_eq!(window.names_found(), ["Add by path"]);
    window.harness.get_by_role_and_label(Role::ListBoxOption, "Add by path").click();
    window.wait_for("Path");
    assert!(!window.is_palette_open());
}

#[test]
fn it_opens_from_a_field_and_the_same_keys_close_it() {
    let mut window = with_files();
    window.press_with(Modifiers::COMMAND, Key::F);
    window.type_in("cover");
    window.open_palette();
    window.type_in("zzz");
    assert_eq!(window.names_found(), Vec::<String>::new());
    assert!(window.has("No command, destination or setting has these words"));
    window.press_with(Modifiers::COMMAND, Key::K);
    assert!(!window.is_palette_open());
    let search = window.harness.get_by_role(Role::TextInput);
    assert_eq!(
        search.accesskit_node().value().as_deref(),
        Some("cover"),
        "what was typed goes into one field"
    );
}

fn pictures(theme: Theme, size: [f32; 2], name: &str) {
    let mut window = Window::sized(true, theme, size);
    window.drop_files(&["cover.png", "photo.jpg"]);
    window.wait_for("Upload 2 files to Flow Music");
    window.open_palette();
    take(&mut window, &format!("palette-{name}"));
    window.type_in("send");
    take(&mut window, &format!("palette-found-{name}"));
}

#[test]
fn pictures_in_dark() {
    pictures(Theme::Dark, [1160.0, 740.0], "dark");
}

#[test]
fn pictures_in_light() {
    pictures(Theme::Light, [1160.0, 740.0], "light");
}

#[test]
fn pictures_in_a_small_window() {
    pictures(Theme::Dark, [640.0, 480.0], "small");
}

#[test]
fn everyday_words_find_what_is_called_otherwise() {
    let mut window = with_files();
    window.press_with(Modifiers::COMMAND, Key::A);
    for (word, name) in [
        ("dark", "Dark theme"),
        ("appearance", "Theme"),
        ("delete", "Remove"),
        ("rename", "Name and options of PiAPI"),
        ("gps", "Location and other metadata"),
        ("parallel", "Uploads at once"),
        ("duplicate", "Send to…"),
    ] {
        window.find(word);
        let found = window.found();
        assert!(found.iter().any(|entry| entry.name.starts_with(name)), "{word}: {:?}", window.tree());
        window.press(Key::Escape);
    }
}

#[test]
fn a_theme_is_chosen_by_its_name() {
    let mut window = with_files();
    window.find("light theme");
    window.press(Key::Enter);
    window.wait("it is light", |w| w.harness.ctx.theme() == Theme::Light);
    window.find("light theme");
    let again = window.found().into_iter().find(|entry| entry.name.starts_with("Light theme"));
    assert!(again.is_some_and(|entry| !entry.is_possible), "{}", window.tree());
}

#[test]
fn what_holds_for_all_destinations_is_found_first_and_then_what_is_of_the_chosen_one() {
    let mut window = Window::sandbox();
    window.click("PiAPI, 24-hour link");
    window.find("gps");
    let names = window.names_found();
    assert!(names[0].starts_with("Location and other metadata"), "{names:?}");
    assert!(names[1].starts_with("Name and options of PiAPI"), "{names:?}");
    assert!(names[2].starts_with("Name and options of Flow Music"), "{names:?}");
}
