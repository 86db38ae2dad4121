//! What of the window is there again at the next start.

use eframe::egui::{Role, Theme};
use egui_kittest::kittest::{NodeT, Queryable};
use hoist::store::folders::Folders;
use hoist::store::window_view::{WindowView, WindowViewFile};

use crate::seeds::{Seed, plant, today};
use crate::window::Window;

impl Window {
    pub(crate) fn written(&self) -> WindowView {
        WindowViewFile::new(&Folders::inside(self.home.path())).load()
    }
}

#[test]
fn zoom_size_page_and_filters_are_there_again_after_a_new_start() {
    let home = tempfile::tempdir().unwrap();
    plant(home.path(), [Seed { provider: "piapi", ..Seed::done("a.png", today(2)) }]);
    let mut window = Window::in_home(home, true, Theme::Dark, [900.0, 700.0]);
    window.open_history();
    window.click("Provider: All providers");
    window.click("PiAPI");
    window.click("When: Any time");
    window.click("Last 7 days");
    window.harness.ctx.set_zoom_factor(1.25);
    window.wait("it is written down", |w| w.written().zoom > 1.2 && !w.written().history.is_empty());
    let view = window.written();
    assert_eq!((view.page.as_str(), view.maximized), ("history", false));
    assert_eq!(view.size, Some([900.0, 700.0]), "in points of a zoom of 1");
    let mut window = window.restart();
    assert!((window.harness.ctx.zoom_factor() - 1.25).abs() < 1e-5);
    window.wait_for("Provider: PiAPI");
    assert!(window.has("When: Last 7 days"), "{}", window.tree());
}

#[test]
fn what_is_damaged_is_ignored_and_written_anew() {
    let home = tempfile::tempdir().unwrap();
    let folders = Folders::inside(home.path());
    std::fs::create_dir_all(&folders.data).unwrap();
    std::fs::write(folders.data.join("window.toml"), "page = \"keys\"\nzoom = ").unwrap();
    let mut window = Window::in_home(home, true, Theme::Dark, [1160.0, 740.0]);
    assert!((window.harness.ctx.zoom_factor() - 1.0).abs() < 1e-5);
    assert!(window.has("Drop images or audio here"), "{}", window.tree());
    window.harness.get_by_role_and_label(Role::Tab, "API keys").click();
    window.wait("it is written down", |w| w.written().page == "keys");
}

#[test]
fn a_window_that_stays_as_it_is_writes_nothing_and_draws_nothing() {
    let mut window = Window::sandbox();
    window.harness.run_steps(10);
    let file = Folders::inside(window.home.path()).data.join("window.toml");
    assert!(!file.exists() && window.rests_for() > std::time::Duration::from_secs(1), "as it was opened");
    window.harness.get_by_role_and_label(Role::Tab, "API keys").click();
    window.wait("it is written down", |w| w.written().page == "keys" && w.written().size.is_some());
    let written = std::fs::metadata(&file).unwrap().modified().unwrap();
    window.harness.run_steps(50);
    assert!(window.rests_for() > std::time::Duration::from_secs(1), "{:?}", window.rests_for());
    assert_eq!(std::fs::metadata(&file).unwrap().modified().unwrap(), written);
}

#[test]
fn while_files_are_sent_as_soon_as_they_come_a_badge_says_so_and_leads_to_the_setting() {
    let mut window = Window::sandbox();
    let badge = "Auto-upload is on: files upload as soon as you add them. Show the setting";
    assert!(!window.has("Auto-upload"));
    window.harness.state_mut().session_mut().set(|settings| settings.upload_on_drop = true);
    window.wait_for(badge);
    window.harness.remove_cursor();
    window.harness.run_steps(3);
    window.harness.snapshot("auto-upload-dark");
    window.click(badge);
    window.wait("the keyboard is at the setting", |w| {
        let switch = w.harness.query_by_role_and_label(Role::Switch, "Upload as soon as files are added");
        switch.is_some_and(|node| node.accesskit_node().is_focused())
    });
    window.harness.run_steps(20);
    let switch = window.harness.get_by_role_and_label(Role::Switch, "Upload as soon as files are added");
    let bounds = switch.rect();
    assert!(bounds.top() > 68.0 && bounds.bottom() <= 740.0, "{bounds:?}");
    switch.click();
    window.harness.run_steps(3);
    window.harness.get_by_role_and_label(Role::Tab, "Upload").click();
    window.wait_until_gone("Auto-upload");
}
