//! The sheet that lists all keys.

use eframe::egui::{self, Align, Label, Layout, RichText, Ui};

use super::command::WindowCommand;
use super::theme::{self, tokens};
use super::widgets::{close_button, line, sheet};

/// Shows it; true when it was closed.
pub(super) fn show(ctx: &egui::Context) -> bool {
    let shown = sheet(ctx, "Keyboard shortcuts", 420.0, |sheet| {
        sheet.body_to_read(|ui| {
            for (title, commands) in WindowCommand::GROUPS {
                group(ui, title, commands);
            }
            let copy = WindowCommand::Copy.keys(ui.ctx());
            group_of(
                ui,
                "In the list",
                &[
                    ("Select", "↑ ↓"),
                    ("Select more", "Shift+↑ ↓"),
                    ("Close or deselect", "Esc"),
                    ("With nothing selected, copy all results", &copy),
                ],
            );
        });
        sheet.foot(close_button)
    });
    shown.inner || shown.left
}

fn group(ui: &mut Ui, title: &str, commands: &[WindowCommand]) {
    let with_keys = commands.iter().filter(|command| command.has_keys());
    let keys: Vec<_> = with_keys.map(|command| (command.label(), command.keys(ui.ctx()))).collect();
    if keys.is_empty() {
        return;
    }
    let keys: Vec<_> = keys.iter().map(|(label, keys)| (*label, keys.as_str())).collect();
    group_of(ui, title, &keys);
}

fn group_of(ui: &mut Ui, title: &str, keys: &[(&str, &str)]) {
    let t = tokens(ui);
    ui.add_space(theme::STEP);
    ui.add(Label::new(RichText::new(title.to_uppercase()).font(theme::caps()).color(t.faint)));
    for (label, keys) in keys {
        ui.horizontal(|ui| {
            line(ui, label, theme::body(), t.text);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.add_space(12.0);
                line(ui, keys, theme::secondary(), t.dim);
            });
        });
    }
}
