//! What a screen reader gets to know beside the names of controls: the window's own name, which page is chosen, and what
//! happens by itself. And that pages come into sight at once where less motion is asked for.

use eframe::egui::accesskit::{Live, Role};
use eframe::egui::{Key, Modifiers, Theme};
use egui_kittest::kittest::{AccessKitNode, NodeT, Queryable};

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
        let all = ["Upload", "History", "API keys", "Providers", "Settings"];
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

/// What is around a node that says something of itself: containers without a name say nothing.
fn parent<'a>(node: &AccessKitNode<'a>) -> Option<AccessKitNode<'a>> {
    let mut parent = node.parent();
    while let Some(around) = parent.filter(|around| around.role() == Role::GenericContainer) {
        parent = around.parent();
    }
    parent
}

/// A row as a screen reader finds it.
#[derive(Debug, PartialEq)]
struct RowNode {
    /// Where it is, and of how many.
    position: Option<(usize, usize)>,
    is_selected: Option<bool>,
    /// The names of the buttons in it.
    buttons: Vec<String>,
}

impl Window {
    /// The rows of the list.
    fn rows_of_list(&self) -> Vec<RowNode> {
        let list = self.harness.get_by_role(Role::List).accesskit_node();
        let rows = self.harness.query_all_by_role(Role::ListItem).map(|row| {
            let node = row.accesskit_node();
            let around = parent(&node).expect("a row is in something");
            assert_eq!(around.id(), list.id(), "{:?} is in {:?}", node.label(), around.role());
            let buttons = self.harness.query_all_by_role(Role::Button).map(|button| button.accesskit_node());
            let buttons = buttons.filter(|button| parent(button).is_some_and(|of| of.id() == node.id()));
            RowNode {
                position: node.position_in_set().zip(around.size_of_set()),
                is_selected: node.is_selected(),
                buttons: buttons.filter_map(|button| button.label()).collect(),
            }
        });
        rows.collect()
    }

    /// Presses the button that uploads, and waits until all is done.
    fn send(&mut self, button: &str) {
        self.click(button);
        self.wait("all is done", |w| w.queue().iter().all(|file| file.ends_with(" done")));
    }

    /// What the page is made of: the identity of each node, its role and its name. The details beside it are not of it.
    fn nodes_of_page(&self) -> Vec<(String, Role, String)> {
        let nodes = self.harness.root().children_recursive().map(|node| node.accesskit_node());
        let named =
            nodes.filter(|node| node.role() != Role::GenericContainer && node.role() != Role::TextRun);
        let is_in_details = |node: &AccessKitNode<'_>| {
            let mut around = std::iter::successors(node.parent(), |node| node.parent());
            node.role() == Role::Complementary || around.any(|node| node.role() == Role::Complementary)
        };
        let named = named.filter(|node| !is_in_details(node));
        let all = named.map(|node| {
            let name = node.label().or_else(|| node.value()).unwrap_or_default();
            (format!("{:?}", node.id()), node.role(), name)
        });
        all.collect()
    }

    /// Does something after which all is still there that was there before, and is the same.
    #[track_caller]
    fn keeps_its_nodes(&mut self, what: &str, act: impl FnOnce(&mut Window)) {
        let before = self.nodes_of_page();
        act(self);
        self.harness.run_steps(4);
        let after = self.nodes_of_page();
        let gone: Vec<_> = before.iter().filter(|node| !after.contains(node)).collect();
        assert!(gone.is_empty(), "{what}: new to a screen reader is {gone:#?}");
    }
}

#[test]
fn rows_are_items_of_their_list_with_their_place_and_whether_they_are_selected() {
    let mut window = Window::sandbox();
    window.drop_files(&["cover.png", "photo.jpg", "poster.webp"]);
    window.wait_for("Upload 3 files to Flow Music");
    window.select("photo.jpg");
    let row = |at, is_selected, name: &str| RowNode {
        position: Some((at, 3)),
        is_selected: Some(is_selected),
        buttons: vec![format!("Remove {name}")],
    };
    let expected = [row(0, false, "cover.png"), row(1, true, "photo.jpg"), row(2, false, "poster.webp")];
    assert_eq!(window.rows_of_list(), expected);
    window.send("Upload 3 files to Flow Music");
    window.open_history();
    window.select("photo.jpg");
    for style in ["Grid", "List"] {
        window.click(&format!("Show as: {style}"));
        let rows = window.rows_of_list();
        let positions: Vec<_> = rows.iter().filter_map(|row| row.position).collect();
        assert_eq!(positions, [(0, 3), (1, 3), (2, 3)], "{style}");
        assert_eq!(rows.iter().filter(|row| row.is_selected == Some(true)).count(), 1, "{style}");
        assert!(rows.iter().all(|row| row.buttons.len() == 2), "{style}: {rows:?}");
    }
}

#[test]
fn what_opens_beside_the_page_leaves_its_nodes_as_they_are() {
    for size in [[1160.0, 740.0], [640.0, 480.0]] {
        let mut window = Window::sized(true, Theme::Dark, size);
        window.drop_files(&["cover.png", "photo.jpg"]);
        window.wait_for("Upload 2 files to Flow Music");
        window.keeps_its_nodes("the panel", |w| w.select("photo.jpg"));
        window.press(Key::Escape);
        window.keeps_its_nodes("two in the panel", |w| w.press_with(Modifiers::COMMAND, Key::A));
        window.press(Key::Escape);
        let folder = window.home.path().join("Nothing");
        std::fs::create_dir(&folder).unwrap();
        window.keeps_its_nodes("a notice", |w| {
            w.drop_paths([folder]);
            w.wait_for("Nothing is empty");
        });
        window.send("Upload 2 files to Flow Music");
        window.open_history();
        window.select("photo.jpg");
        window.wait("it is known what is selected", |w| w.has("Send again to…"));
        window.keeps_its_nodes("the preview", |w| w.press_with(Modifiers::COMMAND, Key::I));
    }
}
