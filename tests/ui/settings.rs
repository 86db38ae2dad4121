//! The page of settings.

use eframe::egui::accesskit::Toggled;
use eframe::egui::{Key, Modifiers, Role, Theme};
use egui_kittest::kittest::{NodeT, Queryable};
use hoist::model::copy_format::CopyFormat;
use hoist::store::folders::Folders;
use hoist::store::settings::{self, Proxy, Settings, SettingsFile};

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
    fn type_into(&mut self, field: &str, text: &str) {
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
        ("Copy when everything is sent", |s| s.copy_when_done),
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
fn a_template_shows_what_it_makes_and_a_wrong_one_what_is_wrong() {
    let mut window = Window::settings_page(WHOLE);
    window.type_into("Template", "![{name}]({url})");
    window.wait_for("![photo.jpg](https://example.com/34cd56ef.jpg)");
    window.wait_for_settings("the template", |s| s.copy_template == "![{name}]({url})");
    window.type_into("Template", "{nope}");
    window.wait("what is wrong", |w| w.has_alert("nope"));
    assert!(window.has("Still applied: ![{name}]({url})"), "{}", window.tree());
    assert!(!window.has("Preview for"));
    window.wait_for_settings("the one that works", |s| s.copy_template == "![{name}]({url})");
    window.harness.key_press_modifiers(Modifiers::COMMAND, Key::Num1);
    window.harness.run_steps(2);
    window.drop_files(&["cover.png"]);
    window.wait_for("Upload 1 file to Flow Music");
    window.click("Upload 1 file to Flow Music");
    window.wait("it is there", |w| w.queue() == ["cover.png done"]);
    window.open_settings();
    window.type_into("Template", "{name} = {provider}");
    window.wait_for("cover.png = flow-music");
    assert!(window.names_of(Role::Alert).is_empty());
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
