//! The palette: a sheet that finds every command, destination and setting by its name, and does what is chosen.

use eframe::egui::{
    self, Align, Align2, Id, Key, Label, Layout, Modifiers, RichText, Role, ScrollArea, Sense, TextEdit, Ui,
    WidgetInfo, accesskit, pos2, vec2,
};
use lucide_icons::Icon;

use super::action::Action;
use super::bidi::Reading;
use super::theme::{self, tokens};
use super::widgets::{
    Button, Sheet, Weight, buttons, choice_ground, fit_end, in_gutter, line, line_at, sheet, text_width,
};

/// Height of an entry, and of the name of a group.
const ROW: f32 = 32.0;
const GROUP: f32 = 28.0;

/// So many entries are seen at once, where there is room.
const SHOWN: f32 = 11.0;

/// Something that is found by its name.
pub(super) struct PaletteEntry {
    /// The title it stands below as long as nothing is searched for.
    pub(super) group: &'static str,
    pub(super) icon: Icon,
    pub(super) label: String,
    /// What else there is to know of it; it is found by that, too.
    pub(super) detail: String,
    /// What else people call it.
    pub(super) synonyms: &'static str,
    pub(super) keys: String,
    /// What it does, or why it can do nothing.
    pub(super) does: Result<Vec<Action>, &'static str>,
}

/// What is searched for, and which of what was found the arrows are at.
#[derive(Default)]
pub(super) struct Palette {
    text: String,
    at: Option<usize>,
}

impl Palette {
    /// Shows it over these entries; true when it was closed.
    pub(super) fn show(
        &mut self,
        ctx: &egui::Context,
        entries: &[PaletteEntry],
        actions: &mut Vec<Action>,
    ) -> bool {
        let again = ctx.input_mut(|input| input.consume_key(Modifiers::COMMAND, Key::K));
        let shown = sheet(ctx, "Find a command", 560.0, |sheet| {
            let is_submitted = sheet.is_submitted();
            let steps = steps(sheet.ui);
            let before = self.text.clone();
            let field = field(sheet.ui, &mut self.text);
            let found = find(&self.text, entries);
            let first = found.iter().position(|entry| entry.does.is_ok());
            if self.text != before {
                self.at = None;
            }
            let now = self.at.or(first).map(|at| at.min(found.len().saturating_sub(1)));
            let at = step(now, steps, found.len());
            if steps != 0 {
                self.at = at;
            }
            let clicked = self.list(sheet, &field, &found, at, steps != 0 || self.text != before);
            let closed = sheet.foot(|ui| foot(ui, found.len()));
            let chosen = clicked.or(at.filter(|_| is_submitted)).and_then(|at| found.get(at));
            let done = chosen.and_then(|entry| entry.does.as_ref().ok());
            actions.extend(done.into_iter().flatten().cloned());
            if done.is_none() && !sheet.ui.memory(|memory| memory.focused().is_some()) {
                field.request_focus();
            }
            done.is_some() || closed
        });
        shown.inner || shown.left || again
    }

    /// Draws what was found; gives back what was clicked.
    fn list(
        &self,
        sheet: &mut Sheet<'_>,
        field: &egui::Response,
        found: &[&PaletteEntry],
        at: Option<usize>,
        moved: bool,
    ) -> Option<usize> {
        let mut clicked = None;
        let room = sheet.room().min(ROW * SHOWN);
        let with_groups = self.text.trim().is_empty();
        let ui = &mut *sheet.ui;
        let area = ScrollArea::vertical().max_height(room).min_scrolled_height(room).auto_shrink(false);
        let add = |ui: &mut Ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            let mut group = "";
            for (index, entry) in found.iter().enumerate() {
                if with_groups && entry.group != group {
                    group = entry.group;
                    group_name(ui, group);
                }
                let row = row(ui, entry, (index, found.len()), at == Some(index));
                if at == Some(index) {
                    ui.ctx().accesskit_node_builder(field.id, |node| {
                        node.set_active_descendant(row.id.accesskit_id());
                    });
                    if moved {
                        // The name of the group above the first one is seen, too.
                        let above = if index == 0 { GROUP } else { 0.0 };
                        ui.scroll_to_rect(row.rect.with_min_y(row.rect.top() - above), None);
                    }
                }
                if row.clicked() {
                    clicked = Some(index);
                }
            }
            if found.is_empty() {
                ui.add_space(theme::STEP);
                let sentence = "No command, destination or setting has these words";
                let words = RichText::new(sentence).font(theme::secondary()).color(tokens(ui).dim);
                ui.add(Label::new(words).wrap());
            }
        };
        let output = in_gutter(ui, |ui| area.show(ui, add));
        let list = ui.interact(output.inner_rect, ui.scope_id().with("found"), Sense::hover());
        list.widget_info(|| WidgetInfo::labeled(Role::ListBox, true, "Commands, destinations and settings"));
        clicked
    }
}

fn field(ui: &mut Ui, text: &mut String) -> egui::Response {
    let hint = RichText::new("Commands, destinations, settings…").color(tokens(ui).faint);
    let edit = TextEdit::singleline(text)
        .id(Id::unique("what the palette searches for"))
        .hint_text(hint)
        .desired_width(f32::INFINITY)
        .char_limit(200)
        .margin(vec2(10.0, 8.0))
        .return_key(None); // the keyboard stays
    ui.add(edit).accessible_name("Find a command, a destination or a setting")
}

/// Reads how far the arrows go.
fn steps(ui: &Ui) -> isize {
    let page = SHOWN as isize - 1;
    ui.input_mut(|input| {
        [(Key::ArrowDown, 1), (Key::ArrowUp, -1), (Key::PageDown, page), (Key::PageUp, -page)]
            .into_iter()
            .map(|(key, by)| if input.consume_key(Modifiers::NONE, key) { by } else { 0 })
            .sum()
    })
}

/// Returns where so many steps lead: by one over the end to the other end.
fn step(at: Option<usize>, steps: isize, count: usize) -> Option<usize> {
    let last = count.checked_sub(1)?;
    match (at, steps) {
        (at, 0) => at,
        (None, 1..) => Some(0),
        (None, _) => Some(last),
        (Some(at), 1) => Some(if at >= last { 0 } else { at + 1 }),
        (Some(at), -1) => Some(at.checked_sub(1).unwrap_or(last)),
        (Some(at), by) => Some(at.saturating_add_signed(by).min(last)),
    }
}

fn group_name(ui: &mut Ui, name: &str) {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), GROUP), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Heading, true, name));
    let at = pos2(rect.left() + 8.0, rect.bottom() - 9.0);
    ui.painter().text(at, Align2::LEFT_CENTER, name.to_uppercase(), theme::caps(), tokens(ui).faint);
}

fn row(ui: &mut Ui, entry: &PaletteEntry, (index, count): (usize, usize), chosen: bool) -> egui::Response {
    let t = tokens(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
    // The keyboard stays in the field.
    let response =
        ui.interact(rect, ui.scope_id().with((entry.group, &entry.label, &entry.detail)), Sense::CLICK);
    let why_not = entry.does.as_ref().err();
    let can = why_not.is_none();
    let second = why_not.map_or(entry.detail.as_str(), |why| *why);
    let name = [entry.label.as_str(), second].map(str::to_owned);
    let name = name.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
    response.widget_info(|| WidgetInfo::labeled(Role::ListBoxOption, can, &name));
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_selected(chosen);
        node.set_position_in_set(index);
        node.set_size_of_set(count);
        if !entry.keys.is_empty() {
            node.set_keyboard_shortcut(entry.keys.as_str());
        }
    });
    if chosen || can {
        choice_ground(ui, rect, &response, chosen);
    }
    let (ink, icon) = if can { (t.text, t.dim) } else { (t.dim, t.faint) };
    let (y, painter) = (rect.center().y, ui.painter());
    let at = pos2(rect.left() + 18.0, y);
    painter.text(at, Align2::CENTER_CENTER, entry.icon.unicode(), theme::icons(15.0), icon);
    let keys = painter.text(
        pos2(rect.right() - 10.0, y),
        Align2::RIGHT_CENTER,
        &entry.keys,
        theme::secondary(),
        t.dim,
    );
    let left = rect.left() + 36.0;
    let room = keys.left() - 14.0 - left;
    let label = fit_end(ui, &entry.label, &theme::strong(), room);
    line_at(ui, pos2(left, y), &label, Reading::Sentence, (theme::strong(), ink));
    let width = text_width(ui, &label, &theme::strong()) + 10.0;
    if room - width > 30.0 {
        let second = fit_end(ui, second, &theme::secondary(), room - width);
        let at = pos2(left + width, y);
        line_at(ui, at, &second, Reading::Sentence, (theme::secondary(), t.dim));
    }
    response
}

/// Draws how many were found, and what the keys do; true where it is closed.
fn foot(ui: &mut Ui, found: usize) -> bool {
    buttons(ui, |ui| {
        let close = Button::new(Weight::Secondary, "Close").show(ui).clicked();
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            let said = line(ui, "↑ ↓ choose · Enter runs", theme::secondary(), tokens(ui).faint);
            said.widget_info(|| WidgetInfo::labeled(Role::Status, true, format!("{found} found")));
            ui.ctx().accesskit_node_builder(said.id, |node| node.set_live(accesskit::Live::Polite));
        });
        close
    })
}

/// Finds the entries that have all words, in any order: those first that can be given, then those of which the name begins
/// with what was typed, or has words that do.
fn find<'a>(text: &str, entries: &'a [PaletteEntry]) -> Vec<&'a PaletteEntry> {
    let text = text.trim().to_lowercase();
    if text.is_empty() {
        return entries.iter().collect();
    }
    let mut found: Vec<_> = entries
        .iter()
        .filter_map(|entry| Some(((entry.does.is_err(), distance(&text, entry)?), entry)))
        .collect();
    found.sort_by_key(|(rank, _)| *rank);
    found.into_iter().map(|(_, entry)| entry).collect()
}

/// Returns how far an entry is from what was typed; nothing where a word is missing in it.
fn distance(text: &str, entry: &PaletteEntry) -> Option<usize> {
    let label = entry.label.to_lowercase();
    if label.starts_with(text) {
        return Some(0);
    }
    let others = format!("{} {} {}", entry.detail, entry.synonyms, entry.group).to_lowercase();
    let begins = |within: &str, word: &str| {
        within.split(|c: char| !c.is_alphanumeric()).any(|part| part.starts_with(word))
    };
    let far = |word: &str| match () {
        () if label.starts_with(word) => Some(1),
        () if begins(&label, word) => Some(2),
        () if label.contains(word) => Some(4),
        () if begins(&others, word) => Some(8),
        () if others.contains(word) => Some(16),
        () => None,
    };
    text.split_whitespace().map(far).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(label: &str, detail: &str, does: Result<Vec<Action>, &'static str>) -> PaletteEntry {
        let (label, detail) = (label.to_owned(), detail.to_owned());
        PaletteEntry {
            group: "Files",
            icon: Icon::Plus,
            label,
            detail,
            synonyms: "",
            keys: String::new(),
            does,
        }
    }

    #[test]
    fn all_words_are_found_in_any_order_and_beginnings_come_first() {
        let entries = [
            entry("Reload", "", Ok(vec![])),
            entry("Send new files to Google Flow", "jane@studio.com", Ok(vec![])),
            entry("Add folders", "", Ok(vec![])),
            entry("Load", "", Ok(vec![])),
            entry("Upload", "", Err("No file is ready")),
            entry("Ladder", "", Ok(vec![])),
        ];
        for (text, labels) in [
            ("load", vec!["Load", "Reload", "Upload"]),
            ("flow send", vec!["Send new files to Google Flow"]),
            ("JANE goo", vec!["Send new files to Google Flow"]),
            ("add", vec!["Add folders", "Ladder"]),
            (
                "fil",
                vec!["Send new files to Google Flow", "Reload", "Add folders", "Load", "Ladder", "Upload"],
            ),
            ("add nothing", vec![]),
        ] {
            let found: Vec<_> = find(text, &entries).into_iter().map(|entry| entry.label.as_str()).collect();
            assert_eq!(found, labels, "{text}");
        }
        assert_eq!(find("  ", &entries).len(), entries.len(), "everything, in the order of the table");
    }

    #[test]
    fn arrows_go_round_and_pages_stop_at_the_ends() {
        for (at, steps, then) in [
            (None, 1, Some(0)),
            (None, -1, Some(4)),
            (Some(4), 1, Some(0)),
            (Some(0), -1, Some(4)),
            (Some(1), 10, Some(4)),
            (Some(3), -10, Some(0)),
            (Some(2), 0, Some(2)),
        ] {
            assert_eq!(step(at, steps, 5), then, "{at:?} {steps}");
        }
        assert_eq!(step(None, 1, 0), None);
    }
}
