//! The sheet that says what a file of settings would change, before any of it applies.

use eframe::egui::{self, Label, RichText, Ui};

use super::theme::{self, STEP, tokens};
use super::widgets::{Button, Weight, buttons, sheet, wrapped};
use crate::session::api::text::{count, elide, sanitize};
use crate::session::settings_preview::SettingsPreview;

/// So many lines of a kind are shown.
const SHOWN: usize = 8;

/// A file of settings that is looked at.
pub(super) struct ImportSheet {
    name: String,
    text: String,
    preview: SettingsPreview,
}

/// What the sheet was left with.
pub(super) enum ImportOutcome {
    Open,
    Closed,
    /// The file's text is to be taken over.
    Import(String),
}

impl ImportSheet {
    pub(super) fn new(name: &str, text: String, preview: SettingsPreview) -> ImportSheet {
        ImportSheet { name: elide(&sanitize(name), 40), text, preview }
    }

    pub(super) fn show(&mut self, ctx: &egui::Context) -> ImportOutcome {
        let title = format!("Import {}?", self.name);
        let mut left = ImportOutcome::Open;
        let nothing = self.preview.is_empty();
        let shown = sheet(ctx, &title, 440.0, |sheet| {
            sheet.body(|ui| self.changes(ui));
            sheet.foot(|ui| {
                buttons(ui, |ui| {
                    let import = Button::new(Weight::Primary, "Import").enabled(!nothing).show(ui);
                    let cancel = Button::new(Weight::Secondary, "Cancel").show(ui);
                    if !ui.memory(|memory| memory.focused().is_some()) {
                        if nothing { cancel.request_focus() } else { import.request_focus() }
                    }
                    if import.clicked() {
                        left = ImportOutcome::Import(std::mem::take(&mut self.text));
                    } else if cancel.clicked() {
                        left = ImportOutcome::Closed;
                    }
                });
            });
        });
        if shown.left && matches!(left, ImportOutcome::Open) { ImportOutcome::Closed } else { left }
    }

    fn changes(&self, ui: &mut Ui) {
        let preview = &self.preview;
        if preview.is_empty() {
            lines(ui, "Everything in it is here already", &[]);
        }
        let changed = preview.changes.iter().map(|c| format!("{}: {} → {}", c.name, c.before, c.after));
        list(ui, "setting", "changes", &changed.collect::<Vec<_>>());
        list(ui, "destination", "is added", &preview.destinations);
        list(ui, "provider", "is added", &preview.providers);
        list(ui, "template", "is added", &preview.templates);
        let missing = preview.missing.iter().map(|m| format!("{} for {}", m.key, m.destinations.join(", ")));
        list(ui, "API key", "is still to be added", &missing.collect::<Vec<_>>());
        list(ui, "part", "is skipped", &preview.kept_out);
        lines(ui, "API keys are never in such a file.", &[]);
    }
}

/// Draws how many of a kind there are, and the first of them; nothing where there is none.
fn list(ui: &mut Ui, one: &str, verb: &str, all: &[String]) {
    if all.is_empty() {
        return;
    }
    let verb = match (all.len(), verb.strip_prefix("is ")) {
        (1, _) => verb.to_owned(),
        (_, Some(rest)) => format!("are {rest}"),
        (_, None) => verb.trim_end_matches('s').to_owned(),
    };
    lines(ui, &format!("{} {verb}", count(all.len(), one)), all);
}

fn lines(ui: &mut Ui, title: &str, all: &[String]) {
    let t = tokens(ui);
    if !all.is_empty() {
        ui.add_space(STEP);
    }
    let (font, ink) = if all.is_empty() { (theme::secondary(), t.dim) } else { (theme::strong(), t.text) };
    ui.add(Label::new(RichText::new(title).font(font).color(ink)).wrap());
    for one in all.iter().take(SHOWN) {
        wrapped(ui, &elide(&sanitize(one), 160), theme::secondary(), t.dim);
    }
    if let more @ 1.. = all.len().saturating_sub(SHOWN) {
        let text = RichText::new(format!("and {more} more")).font(theme::secondary()).color(t.dim);
        ui.add(Label::new(text));
    }
}
