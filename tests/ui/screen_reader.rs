//! What a screen reader gets to know beside the names of controls: the window's own name, which page is chosen, and what
//! happens by itself. And that pages come into sight at once where less motion is asked for.

use eframe::egui::accesskit::{Live, Role};
use eframe::egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT, Queryable};

use crate::window::Window;

impl Window {
    /// Whether a text is read out as soon as it appears.
    fn is_announced(&self, text: &str) -> bool {
        let mut nodes = self.harness.query_all_by_label_contains(text);
        nodes.any(|node| node.accesskit_node().live() == Live::Polite)
    }

    /// The tabs of pages, and which of them is selected.
    fn tabs(&self) -> Vec<(String, Option<bool>, bool)> {
        let tabs = self.harness.query_all_by_role(Role::Tab);
        let tab = |node: egui_kittest::Node<'_>| {
            let node = node.accesskit_node();
            let name = node.label().unwrap_or_default().split(',').next().unwrap_or_default().to_owned();
            (name, node.is_selected(), node.toggled().is_some())
        };
        tabs.map(tab).collect()
    }
}

#[test]
fn the_window_has_its_name_and_its_pages_are_selected_and_not_checked() {
    let mut window = Window::sandbox();
    assert_eq!(window.harness.root().accesskit_node().label().as_deref(), Some("Hoist"));
    let tabs = |chosen: &str| {
        let all = ["Upload", "History", "API keys", "Settings"];
        all.map(|name| (name.to_owned(), Some(name == chosen), false)).to_vec()
    };
    assert_eq!(window.tabs(), tabs("Upload"));
    window.press_with(Modifiers::COMMAND, Key::Num2);
    window.harness.run_steps(2);
    assert_eq!(window.tabs(), tabs("History"));
}

#[test]
fn what_happens_by_itself_is_announced() {
    let mut window = Window::sandbox();
    window.drop_files(&["cover.png", "photo.jpg"]);
    window.wait_for("Upload 2 files to Flow Music");
    window.click("Remove photo.jpg");
    window.wait_for("Undo");
    assert!(window.is_announced("1 file removed"), "the toast: {}", window.tree());
    let folder = tempfile::tempdir().unwrap();
    window.drop_paths([folder.path().to_owned()]);
    window.wait("a notice of an empty folder", |w| w.is_announced("is empty"));
}

/// A page eases in over some frames, and then nothing moves any more; where less motion is asked for it is there at once.
#[test]
fn a_page_eases_in_only_where_motion_is_wanted() {
    for (time, expected) in [(2.0, true), (0.0, false)] {
        let mut window = Window::sandbox();
        window.harness.ctx.all_styles_mut(|style| style.animation_time = time);
        window.harness.run_steps(30);
        window.press_with(Modifiers::COMMAND, Key::Num2);
        window.harness.run_steps(1);
        assert_eq!(window.rests_for().is_zero(), expected, "{time}: {:?}", window.rests_for());
        window.harness.run_steps(30);
        assert!(!window.rests_for().is_zero(), "{time}: nothing moves any more");
    }
}
