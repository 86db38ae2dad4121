//! Random walks through the window: whatever is pressed in whatever order, the keyboard and the selection stay one thing,
//! what lies over the window stays within it, and no button lies over another one.

use eframe::egui::accesskit::Role;
use eframe::egui::{Id, Key, Modifiers, Rect, Vec2};
use egui_kittest::kittest::{NodeT, Queryable};
use hoist::session::Progress;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use crate::window::Window;

/// Something that a person does.
#[derive(Clone, Debug)]
enum Step {
    /// Shows one of the pages, by its number.
    Page(usize),
    /// Presses a key.
    Press(Modifiers, Key),
    /// Clicks one of the rows, counted from the top.
    Row(usize),
    /// Gives the window another size.
    Resize(f32, f32),
    /// Adds a file.
    Add(&'static str),
    /// Pins the details, or unpins them, where they are shown.
    Pin,
    /// Uploads what is ready.
    Upload,
}

/// Between a sheet's edge and what is in it.
const PADDING: f32 = 24.0;

const PAGES: [Key; 4] = [Key::Num1, Key::Num2, Key::Num3, Key::Num4];

fn step() -> impl Strategy<Value = Step> {
    let plain =
        [Key::ArrowUp, Key::ArrowDown, Key::Home, Key::End, Key::Tab, Key::Space, Key::Escape, Key::Delete];
    let command = [Key::A, Key::D, Key::I, Key::K, Key::L, Key::Z];
    let with_shift = [Key::ArrowUp, Key::ArrowDown, Key::Home, Key::End, Key::Tab];
    prop_oneof![
        1 => (0..PAGES.len()).prop_map(Step::Page),
        6 => prop::sample::select(plain.to_vec()).prop_map(|key| Step::Press(Modifiers::NONE, key)),
        3 => prop::sample::select(with_shift.to_vec()).prop_map(|key| Step::Press(Modifiers::SHIFT, key)),
        3 => prop::sample::select(command.to_vec()).prop_map(|key| Step::Press(Modifiers::COMMAND, key)),
        1 => Just(Step::Press(Modifiers::NONE, Key::F1)),
        3 => (0..6usize).prop_map(Step::Row),
        1 => prop::sample::select(vec![(640.0, 480.0), (1160.0, 740.0), (900.0, 600.0), (480.0, 400.0)])
            .prop_map(|(width, height)| Step::Resize(width, height)),
        1 => prop::sample::select(vec!["photo.jpg", "tone.mp3"]).prop_map(Step::Add),
        1 => Just(Step::Pin),
        1 => Just(Step::Upload),
    ]
}

impl Window {
    fn take(&mut self, step: &Step) {
        match step {
            Step::Page(page) => self.press_with(Modifiers::COMMAND, PAGES[*page]),
            Step::Press(modifiers, key) => self.press_with(*modifiers, *key),
            Step::Row(index) => {
                let rows = self.harness.query_all_by_role(Role::ListItem).map(|row| row.rect().left_center());
                if let Some(at) = rows.collect::<Vec<_>>().get(*index) {
                    self.click_at(*at + Vec2::new(80.0, 0.0));
                }
            }
            Step::Resize(width, height) => {
                self.harness.set_size(Vec2::new(*width, *height));
            }
            Step::Add(name) => self.drop_files(&[name]),
            Step::Upload => self.press_with(Modifiers::COMMAND, Key::Enter),
            Step::Pin => {
                let mut pins = self.harness.query_all_by_role(Role::Button).filter(|button| {
                    let label = button.accesskit_node().label().unwrap_or_default();
                    ["Show details over the page", "Pin details beside the list"].contains(&&*label)
                });
                let pin = pins.next().map(|pin| pin.rect().center());
                drop(pins);
                if let Some(at) = pin {
                    self.click_at(at);
                }
            }
        }
        self.harness.run_steps(3);
    }

    fn click_at(&mut self, at: eframe::egui::Pos2) {
        self.harness.hover_at(at);
        self.harness.run_steps(1);
        self.harness.drag_at(at);
        self.harness.run_steps(1);
        self.harness.drop_at(at);
        self.harness.run_steps(2);
    }

    /// What is wrong with what is on screen now.
    fn faults(&self) -> Vec<String> {
        let mut faults = vec![];
        let screen = self.harness.ctx.content_rect();
        let focused = self.harness.query_all_by(|node| node.is_focused() && node.role() == Role::ListItem);
        for row in focused {
            let node = row.accesskit_node();
            if node.is_selected() == Some(false) {
                faults.push(format!("the keyboard is at {:?}, which is not selected", node.label()));
            }
        }
        faults.extend(self.harness.unnamed_widgets().into_iter().map(|it| format!("{it} has no name")));
        faults.extend(self.outside(screen));
        let is_over = self.harness.query_all_by(|node| node.role() == Role::Dialog).next().is_some();
        if is_over {
            let sheet = self.harness.ctx.memory(|memory| memory.area_rect(Id::unique("a sheet")));
            faults.extend(sheet.map(|sheet| self.faults_of_sheet(sheet, screen)).unwrap_or_default());
            return faults; // what lies below it is covered, as it should be
        }
        let tabs = self.harness.query_all_by_role(Role::Tab);
        faults.extend(
            tabs.filter(|tab| !screen.contains_rect(tab.rect())).map(|tab| format!("{tab:?} is out")),
        );
        // Other pages scroll as a whole, and are cut off below their header.
        let is_queue = self.harness.query_by_role(Role::List).is_some();
        faults.extend(if is_queue { self.overlaps() } else { vec![] });
        faults
    }

    /// The controls that stand beside the window. What scrolls is above or below it, and never at its sides.
    fn outside(&self, screen: Rect) -> Vec<String> {
        let is_control = |role| {
            let roles = [Role::Button, Role::ListItem, Role::TextInput, Role::RadioButton, Role::CheckBox];
            roles.contains(&role) || role == Role::Switch
        };
        let controls = self.harness.query_all_by(|node| is_control(node.role()));
        let outside = controls.filter(|node| {
            let rect = node.rect();
            rect.left() < screen.left() - 1.0 || rect.right() > screen.right() + 1.0
        });
        outside.map(|node| format!("{node:?} is out")).collect()
    }

    /// What is wrong with a sheet: it is within the window, and as high as what is in it.
    fn faults_of_sheet(&self, sheet: Rect, screen: Rect) -> Vec<String> {
        let mut faults = vec![];
        if !screen.expand(1.0).contains_rect(sheet) {
            faults.push(format!("a sheet at {sheet:?} is not within {screen:?}"));
        }
        let inside = self.harness.query_all_by(|node| {
            let mut parents = std::iter::successors(node.parent(), |node| node.parent());
            [Role::Label, Role::Button, Role::TextInput, Role::ListBoxOption].contains(&node.role())
                && parents.any(|node| node.role() == Role::Dialog)
        });
        let inside = inside.map(|node| node.rect()).filter(|rect| sheet.contains_rect(*rect));
        let content = inside.fold(Rect::NOTHING, Rect::union);
        if content.top() - sheet.top() > PADDING || sheet.bottom() - content.bottom() > PADDING {
            faults.push(format!("a sheet at {sheet:?} is higher than what is in it, {content:?}"));
        }
        faults
    }

    /// The buttons that lie over each other. A row that is not seen whole is cut off at the list's edges: of its buttons
    /// only those of other rows count, and those of toasts, which must lie over none.
    fn overlaps(&self) -> Vec<String> {
        let buttons = self.harness.query_all_by_role(Role::Button).map(|node| {
            let name = node.accesskit_node().label().unwrap_or_default();
            let parents = || std::iter::successors(node.accesskit_node().parent(), |node| node.parent());
            let is_in = |role| parents().any(|node| node.role() == role);
            (name, node.rect(), is_in(Role::List), is_in(Role::Complementary))
        });
        let buttons: Vec<_> = buttons.collect();
        let mut faults = vec![];
        for (index, (name, rect, in_row, in_panel)) in buttons.iter().enumerate() {
            for (other, there, other_in_row, other_in_panel) in &buttons[index + 1..] {
                let shared = rect.intersect(*there);
                let is_toast = |name: &str| ["Undo", "Close this notice"].contains(&name);
                let is_cut_off = in_row != other_in_row && !is_toast(name) && !is_toast(other);
                // The details lie over the page, as a whole; what is in them scrolls.
                let is_over = *in_panel || *other_in_panel;
                if !is_cut_off && !is_over && shared.width() > 1.0 && shared.height() > 1.0 {
                    faults
                        .push(format!("{name:?} at {rect:?} and {other:?} at {there:?} lie over each other"));
                }
            }
        }
        faults
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, failure_persistence: None, rng_seed: RngSeed::Fixed(14), ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_pressed_the_window_stays_in_order(steps in prop::collection::vec(step(), 40)) {
        let mut window = Window::sandbox();
        window.drop_files(&["cover.png", "photo.jpg", "poster.webp", "clip.mp4"]);
        window.wait_for("Flow Music doesn't accept video");
        window.wait_for("Upload 3 files to Flow Music");
        let mut before = Progress::default();
        for (index, step) in steps.iter().enumerate() {
            window.take(step);
            let mut faults = window.faults();
            let now = window.harness.state().session().uploads.progress();
            // Once nothing is going any more it is another batch.
            if now.files > 0 && !matches!(step, Step::Upload) {
                let numbers = |p: Progress| [p.files as u64, p.begun as u64, p.bytes, p.sent, p.uploaded as u64];
                let falls = numbers(now).into_iter().zip(numbers(before)).any(|(now, before)| now < before);
                faults.extend(falls.then(|| format!("of {before:?} is left {now:?}")));
            }
            before = now;
            prop_assert!(faults.is_empty(), "after {:?}: {faults:#?}\n{}", &steps[..=index], window.tree());
        }
    }
}
