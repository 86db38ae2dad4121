//! What rows of the settings share.

use eframe::egui::{Label, RichText, Role, Ui, WidgetInfo};

use crate::ui::action::{Action, Setting};
use crate::ui::theme::{self, tokens};
use crate::ui::widgets::{form_row, switch};

/// Draws a setting that is on or off.
pub(super) fn switch_row(
    ui: &mut Ui,
    label: &str,
    help: &str,
    on: bool,
    setting: fn(bool) -> Setting,
    actions: &mut Vec<Action>,
) {
    form_row(ui, label, help, |ui| {
        if switch(ui, label, on).clicked() {
            actions.push(Action::Set(setting(!on)));
        }
    });
}

/// Draws what is wrong with what was typed; screen readers say it at once.
pub(in crate::ui) fn problem(ui: &mut Ui, sentence: &str) {
    let text = RichText::new(sentence).font(theme::secondary()).color(tokens(ui).bad);
    let response = ui.add(Label::new(text).wrap());
    response.widget_info(|| WidgetInfo::labeled(Role::Alert, true, sentence));
}
