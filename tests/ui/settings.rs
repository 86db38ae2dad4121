//! The page of settings.

use eframe::egui::accesskit::Toggled;
use eframe::egui::{Key, Modifiers, Role, Theme};
use egui_kittest::kittest::{NodeT, Queryable};
use hoist::model::copy_format::CopyFormat;
use hoist::store::folders::Folders;
use hoist::store::settings::{self, Proxy, Settings};
use hoist::store::settings_file::SettingsFile;

use crate::window::Window;

/// What is on or off in the settings.
type OnOff = fn(&Settings) -> bool;

/// High enough that nothing of the page is out of sight.
const WHOLE: [f32; 2] = [1160.0, 2000.0];

impl Window {
    fn settings_page(size: [f32; 2]) -> Window {
        let mut window = Window::sized(true, Theme::Dark, size);
        window.open_settings();
        window
    }

    fn open_settings(&mut self) {
        self.harness.get_by_role_and_label(Role::Tab, "Settings").click();
        self.harness.run_steps(3);
    }

    /// Waits until the settings are so, in force and in the file.
    fn wait_for_settings(&mut self, what: &str, so: impl Fn(&Settings) -> bool) {
        let file = SettingsFile::new(&Folders::inside(self.home.path()));
        self.wait(what, |w| so(w.harness.state().session().keys.settings()) && so(&file.load().0));
    }

    /// Puts a text into a field in place of what is there.
    pub(crate) fn type_into(&mut self, field: &str, text: &str) {
        let there = self.harness.get_by_role_and_label(Role::TextInput, field);
        there.focus();
        self.harness.run_steps(2);
        self.harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
        self.harness.run_steps(1);
        self.harness.get_by_role_and_label(Role::TextInput, field).type_text(text);
        self.harness.run_steps(2);
    }

    fn has_alert(&self, words: &str) -> bool {
        self.names_of(Role::Alert).iter().any(|alert| alert.contains(words))
    }

    /// Every control is inside the window, and no words lie over one.
    pub(crate) fn assert_nothing_is_cut_off(&self, width: f32) {
        let words: Vec<_> = self.harness.query_all_by_role(Role::Label).collect();
        let mut count = 0;
        for role in [Role::Button, Role::RadioButton, Role::Switch, Role::TextInput] {
            for node in self.harness.query_all_by_role(role) {
                let (bounds, name) = (node.rect(), node.accesskit_node().label());
                assert!(bounds.left() >= 0.0 && bounds.right() <= width, "{name:?} at {bounds:?} of {width}");
                let over = words.iter().find(|said| said.rect().shrink(1.0).intersects(bounds.shrink(1.0)));
                let over = over.and_then(|said| said.accesskit_node().value());
                assert_eq!(over, None, "{name:?} has words over it at {width}");
                count += 1;
            }
        }
        assert!(count > 2 && words.len() > 2);
    }

    /// Whether something is on, as screen readers are told.
    fn is_on(&self, role: Role, name: &str) -> bool {
        let node = self.harness.get_by_role_and_label(role, name);
        node.accesskit_node().toggled() == Some(Toggled::True)
    }
}

#[test]
fn every_setting_is_changed_by_its_control_and_kept() {
    let mut window = Window::settings_page(WHOLE);
    window.click("Theme: Light");
    window.wait_for_settings("light", |s| s.theme == settings::Theme::Light);
    assert!(!window.harness.ctx.global_style().visuals.dark_mode, "it is light at once");
    window.click("Theme: Dark");
    window.wait_for_settings("dark", |s| s.theme == settings::Theme::Dark);
    window.click("Copy as: Markdown");
    window.wait_for_settings("Markdown", |s| s.copy_format == CopyFormat::Markdown);
    assert!(window.is_on(Role::RadioButton, "Copy as: Markdown"));
    assert!(!window.is_on(Role::RadioButton, "Copy as: ID"));
    let switches: [(_, OnOff); 3] = [
        ("Copy when a batch finishes", |s| s.copy_when_done),
        ("Upload as soon as files are added", |s| s.upload_on_drop),
        ("Notify when a batch finishes", |s| s.notify),
    ];
    for (name, of) in switches {
        let before = of(window.harness.state().session().keys.settings());
        assert_eq!(window.is_on(Role::Switch, name), before, "{name}");
        window.harness.get_by_role_and_label(Role::Switch, name).click();
        window.wait_for_settings(name, |s| of(s) != before);
        window.harness.run_steps(2);
        assert_eq!(window.is_on(Role::Switch, name), !before, "{name}");
    }
    assert!(window.has("A file added by mistake is sent, too"), "what that means is said while it is on");
    window.click("Uploads at once: more");
    window.wait_for_settings("one more", |s| s.uploads_at_once == 5);
    window.click("Uploads at once for each account: fewer");
    window.wait_for_settings("one fewer", |s| s.uploads_per_account == 1);
    window.harness.run_steps(2);
    let least = window.harness.get_by_label("Uploads at once for each account: fewer");
    assert!(least.accesskit_node().is_disabled(), "there is no fewer than one");
}

#[test]
fn everything_set_is_there_after_a_new_start() {
    let mut window = Window::settings_page(WHOLE);
    window.click("Theme: Light");
    window.click("Proxy: None");
    window.wait_for_settings("both", |s| s.theme == settings::Theme::Light && s.proxy == Proxy::Direct);
    let Window { harness, home, .. } = window;
    drop(harness);
    let mut window = Window::in_home(home, true, Theme::Dark, WHOLE);
    window.open_settings();
    assert!(
        window.is_on(Role::RadioButton, "Theme: Light") && window.is_on(Role::RadioButton, "Proxy: None")
    );
}

#[test]
fn templates_are_added_renamed_chosen_and_removed_by_their_names() {
    let mut window = Window::settings_page(WHOLE);
    assert!(window.has("Edit the template Template"), "{}", window.tree());
    window.click("Add template…");
    window.wait_for("Add template");
    window.type_into("Line for each file", "![{name}]({url})");
    window.wait_for("![photo.jpg](https://example.com/34cd56ef.jpg)");
    window.type_into("Line for each file", "{nope}");
    window.wait("what is wrong", |w| w.has_alert("The line cannot be used: there is no {nope}, but {id}"));
    assert!(!window.has("Preview for"));
    window.click("Save");
    window.wait_for("A template's name must not be empty");
    window.type_into("Name", "markdown");
    window.click("Save");
    window.wait_for("There is a copy format named markdown already");
    window.type_into("Name", "Wiki");
    window.wait_until_gone("There is a copy format named markdown already");
    window.click("Save");
    window.wait("it stays open", |w| w.has("The line cannot be used") && w.has("Save"));
    window.type_into("Line for each file", "[[{name}]]");
    window.click("Save");
    window.wait_for("Edit the template Wiki");
    window.wait_for("Wiki is the copy format from now on");
    window.wait_for_settings("it is chosen", |s| s.template_line() == "[[{name}]]");
    window.click("Copy as: ID");
    window.wait("another one is chosen", |w| w.is_on(Role::RadioButton, "Copy as: ID"));
    window.click("Copy as: Wiki");
    window.wait("it is chosen again", |w| !w.is_on(Role::RadioButton, "Copy as: ID"));
    assert!(
        window.is_on(Role::RadioButton, "Copy as: Wiki") && !window.is_on(Role::RadioButton, "Copy as: ID")
    );
    window.click("Edit the template Wiki");
    window.wait_for("Edit template");
    window.type_into("Name", "Page");
    window.harness.key_press(Key::Enter);
    window.wait_for("Edit the template Page");
    window.wait_for_settings("it stays chosen", |s| s.template_line() == "[[{name}]]");
    // It is in every menu, and copies.
    window.harness.key_press_modifiers(Modifiers::COMMAND, Key::Num1);
    window.harness.run_steps(2);
    window.upload(&["cover.png"], "Flow Music");
    assert_eq!(window.copy_with("Copy Page: cover.png"), "[[cover.png]]");
    // The menu of a file has it, too.
    assert_eq!(window.copy_from_menu("cover.png", "Copy Page"), "[[cover.png]]");
    window.click("Format: Page");
    window.wait_for("Edit templates…");
    window.harness.get_by_role_and_label(Role::MenuItemRadio, "Template").click();
    window.wait_for("Format: Template");
    window.wait_for_settings("the other one", |s| s.template_line() == "{name}: {id}");
    window.click("Format: Template");
    window.harness.get_by_role_and_label(Role::MenuItemRadio, "Page").click();
    window.wait_for("Format: Page");
    window.click("Format: Page");
    window.click("Edit templates…");
    window.wait_for("Remove the template Page");
    // What is removed comes back as it was.
    window.click("Remove the template Page");
    window.wait_until_gone("Edit the template Page");
    window.wait_for_settings("it is gone", |s| s.templates.len() == 1);
    window.click("Undo");
    window.wait_for_settings("it is the chosen one again", |s| s.template_line() == "[[{name}]]");
    for name in ["Page", "Template"] {
        window.click(&format!("Remove the template {name}"));
        window.wait_until_gone(&format!("Edit the template {name}"));
    }
    window.wait_for_settings("without one the ID is copied", |s| s.copy_format == CopyFormat::Id);
    assert_eq!(window.harness.unnamed_widgets(), Vec::<String>::new());
}

#[test]
fn a_template_of_an_earlier_version_is_copied_under_a_name() {
    let home = tempfile::tempdir().unwrap();
    let folders = Folders::inside(home.path());
    std::fs::create_dir_all(&folders.settings).unwrap();
    let before = "copy_format = \"template\"\ncopy_template = \"{provider}/{name}\"\n";
    std::fs::write(folders.settings.join("settings.toml"), before).unwrap();
    let mut window = Window::in_home(home, true, Theme::Dark, WHOLE);
    window.upload(&["cover.png"], "Flow Music");
    assert!(window.has("Format: Template"), "{}", window.tree());
    assert_eq!(window.copy_with("Copy Template: cover.png"), "flow-music/cover.png");
}

#[test]
fn an_import_says_what_it_would_change_and_changes_it_only_then() {
    let mut window = Window::settings_page(WHOLE);
    for button in ["Export settings…", "Import settings…"] {
        assert!(window.has(button), "{button}");
    }
    let text = "theme = \"light\"\nuploads_at_once = 9\nnotify = true\nuploads_per_account = 99\n\
        [[template]]\nname = \"Wiki\"\nline = \"[[{name}]]\"\n\
        [[destination]]\nname = \"Mine\"\nprovider = \"google-flow\"\nkey = \"work\"\n\
        [[key]]\nname = \"work\"\nvendor = \"useapi\"\nadded = \"2026-09-03\"\n";
    let offer = |window: &mut Window, text: &str| {
        window.harness.state_mut().offer_settings("hoist-settings.toml", text.to_owned());
        window.harness.run_steps(3);
    };
    offer(&mut window, text);
    window.wait_for("Import hoist-settings.toml?");
    for words in [
        "2 settings change",
        "Theme: system → light",
        "Uploads at once: 4 → 9",
        "1 destination is added",
        "1 template is added",
        "1 part is skipped",
        "uploads_per_account: its value is out of range",
        "API keys are never in such a file",
    ] {
        assert!(window.has(words), "{words}: {}", window.tree());
    }
    assert!(!window.has("Notify when a batch finishes: on"), "it is so already");
    assert_eq!(window.harness.unnamed_widgets(), Vec::<String>::new());
    window.harness.remove_cursor();
    window.harness.run_steps(2);
    window.click("Cancel");
    window.wait_until_gone("Import hoist-settings.toml?");
    let same = Settings::default();
    window.wait_for_settings("nothing was changed", |s| s.uploads_at_once == same.uploads_at_once);
    offer(&mut window, text);
    window.click("Import");
    window.wait_for_settings("it is imported", |s| {
        s.uploads_at_once == 9 && s.theme == settings::Theme::Light && s.destinations.len() == 1
    });
    window.wait_for("Settings imported: 1 destination added, 1 template added, 2 settings changed");
    assert!(!window.harness.ctx.global_style().visuals.dark_mode, "it is light at once");
    window.wait_for_settings("no key came with it", |s| s.keys.is_empty());
    offer(&mut window, text);
    window.wait_for("Everything in it is here already");
    window.harness.key_press(Key::Escape);
    window.wait_until_gone("Everything in it is here already");
    window.click("Close this notice");
    offer(&mut window, "theme = ");
    window.wait_for("Nothing was changed");
}

#[test]
fn a_proxy_is_checked_before_it_is_in_force() {
    let mut window = Window::settings_page(WHOLE);
    assert!(window.is_on(Role::RadioButton, "Proxy: System") && !window.has("Proxy address"));
    window.click("Proxy: Custom");
    window.wait_for("Proxy address");
    window.type_into("Proxy address", "ftp://proxy.example");
    window.harness.key_press(Key::Enter);
    window.wait("what is wrong", |w| !w.names_of(Role::Alert).is_empty());
    window.wait_for_settings("still the system's", |s| s.proxy == Proxy::System);
    assert!(window.is_on(Role::RadioButton, "Proxy: Custom"), "what is typed is not lost");
    let wanted = "socks5://127.0.0.1:1080";
    window.type_into("Proxy address", wanted);
    assert!(window.names_of(Role::Alert).is_empty(), "whoever types is not interrupted");
    window.harness.key_press(Key::Enter);
    window.wait_for_settings("the proxy", |s| s.proxy == Proxy::Url(wanted.into()));
    window.click("Proxy: None");
    window.wait_for_settings("none", |s| s.proxy == Proxy::Direct);
    window.wait_until_gone("Proxy address");
    window.click("Proxy: System");
    window.wait_for_settings("the system's", |s| s.proxy == Proxy::System);
}

#[test]
fn the_size_of_everything_can_be_changed() {
    let mut window = Window::settings_page(WHOLE);
    let percent = |w: &Window| {
        w.harness.get_by_role_and_label(Role::SpinButton, "Zoom").accesskit_node().numeric_value()
    };
    assert_eq!(percent(&window), Some(100.0));
    window.click("Larger");
    window.harness.run_steps(2);
    assert_eq!(percent(&window), Some(110.0));
    assert!((window.harness.ctx.zoom_factor() - 1.1).abs() < 1e-5);
    window.click("Smaller");
    window.harness.run_steps(2);
    assert_eq!(percent(&window), Some(100.0));
}

#[test]
fn a_report_for_finding_faults_is_copied_and_the_button_says_so() {
    let mut window = Window::settings_page(WHOLE);
    window.click("Copy the diagnostics report");
    let copied = std::cell::RefCell::new(None);
    window.wait("it is copied", |w| {
        let mut copied = copied.borrow_mut();
        *copied = copied.take().or_else(|| w.copied());
        copied.is_some()
    });
    let report = copied.take().unwrap();
    assert!(report.starts_with(concat!("Hoist ", env!("CARGO_PKG_VERSION"))), "{report}");
    assert!(report.contains("sandbox: yes") && report.contains("history: 0"), "{report}");
    window.wait_for("Copied the diagnostics report");
}

#[test]
fn folders_are_named_and_can_be_opened() {
    let window = Window::settings_page(WHOLE);
    for (what, folder) in
        [("Settings", "settings"), ("History", "data"), ("Thumbnails", "cache/pictures"), ("Logs", "logs")]
    {
        assert!(window.has(&format!("Open folder: {what}")));
        let path = window.home.path().join(folder);
        assert!(window.has(path.to_str().unwrap()), "{}", window.tree());
    }
    let clear = window.harness.get_by_label("Clear history…");
    assert!(clear.accesskit_node().is_disabled(), "there is nothing to clear");
}

#[test]
fn the_keyboard_reaches_what_is_out_of_sight_and_brings_it_into_sight() {
    let mut window = Window::settings_page([640.0, 480.0]);
    let last = "Licences…";
    // Tab by tab through the whole window.
    for _ in 0..100 {
        window.harness.key_press(Key::Tab);
        window.harness.run_steps(2);
        if window.harness.get_by_label(last).accesskit_node().is_focused() {
            break;
        }
    }
    window.harness.run_steps(30);
    let bounds = window.harness.get_by_label(last).rect();
    assert!(bounds.top() > 68.0 && bounds.bottom() <= 480.0, "{bounds:?}");
    window.harness.key_press(Key::Enter);
    window.wait_for("Third-party licences");
    window.wait_for("Inter 4.1 · OFL-1.1");
    assert!(!window.has("zvariant"));
    window.harness.key_press(Key::End);
    window.wait_for("zvariant");
    window.harness.key_press(Key::Escape);
    window.wait_until_gone("Third-party licences");
    assert!(window.names_of(Role::Heading).contains(&"About".to_owned()));
}

#[test]
fn nothing_of_the_page_is_cut_off_in_a_narrow_window() {
    for width in [1160.0, 700.0, 640.0, 480.0] {
        let mut window = Window::settings_page([width, 2400.0]);
        window.click("Proxy: Custom");
        window.harness.run_steps(4);
        assert_eq!(window.harness.unnamed_widgets(), Vec::<String>::new());
        window.assert_nothing_is_cut_off(width);
    }
}

#[test]
fn each_page_begins_at_its_top_however_far_another_one_was_scrolled() {
    let mut window = Window::sized(true, eframe::egui::Theme::Dark, [640.0, 480.0]);
    window.press_with(Modifiers::COMMAND, Key::Num4);
    window.wait_for("Add destination: Google Flow");
    let top = |w: &Window| w.harness.get_by_label("Add destination: Google Flow").rect().top();
    let before = top(&window);
    window.press_with(Modifiers::COMMAND, Key::Comma);
    window.wait_for("Theme");
    window.harness.get_by_label("Licences…").focus();
    window.harness.run_steps(20);
    window.press_with(Modifiers::COMMAND, Key::Num4);
    window.wait_for("Add destination: Google Flow");
    window.harness.run_steps(3);
    assert!((top(&window) - before).abs() < 0.5, "{before}: {}", window.tree());
}

#[test]
fn the_settings_lead_to_what_is_taken_out_of_files() {
    let mut window = Window::sandbox();
    window.find("gps setting");
    window.press(Key::Enter);
    window.harness.run_steps(5); // it comes into sight
    window.click("Options of Flow Music…");
    window.wait_for("Name and options of Flow Music");
    assert!(window.has("Remove location and camera data"), "{}", window.tree());
    window.press(Key::Escape);
    // For all at once, each in its own options.
    window.wait_for("Hoist does not remove them");
    window.click("Remove for all");
    window.wait_for("Hoist removes them for all destinations, and for new ones");
    let all = window.harness.state().session().keys.destinations();
    assert!(all.len() == 5 && all.iter().all(|to| to.fit.wishes.strip), "{all:?}");
    window.click("Keep for all");
    window.wait_for("Hoist does not remove them");
}
