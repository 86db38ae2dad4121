//! What is copied: the format, and a person's own templates.

use eframe::egui::{Align, Layout, Ui, vec2};
use lucide_icons::Icon;

use super::rows::switch_row;
use crate::session::Session;
use crate::session::api::{
    CopyTemplate, Settings,
    text::{elide, sanitize},
};
use crate::session::copy_choices::{CopyChoice, copy_choices};
use crate::session::setting_names;
use crate::ui::action::{Action, Setting};
use crate::ui::theme::{self, tokens};
use crate::ui::widgets::{Button, Cut, Weight, cut_line, form_block, form_row, is_shown, rule, segments};

/// The name of the setting with the templates.
pub(in crate::ui) const TEMPLATES: &str = "Templates";

/// Draws what is copied, and a person's own templates.
pub(super) fn show(ui: &mut Ui, session: &Session, actions: &mut Vec<Action>) {
    let settings = session.keys.settings();
    form_row(
        ui,
        setting_names::COPY_FORMAT,
        "Format used by Copy; the link where a provider returns no ID",
        |ui| {
            copy_segments(ui, settings, |choice| elide(choice.label(), 24), actions);
        },
    );
    rule(ui);
    let help = "Your own lines for each file: copy formats by their names, also for --format in a terminal";
    form_block(ui, TEMPLATES, help, |ui| {
        for template in &settings.templates {
            template_row(ui, template, actions);
        }
        ui.add_space(theme::STEP);
        let add = Button::new(Weight::Secondary, "Add template…").icon(Icon::Plus).show(ui);
        if is_shown(ui, TEMPLATES) {
            add.request_focus();
            add.scroll_to_me(Some(Align::Center));
        }
        if add.clicked() {
            actions.push(Action::EditTemplate(None));
        }
    });
    rule(ui);
    switch_row(
        ui,
        setting_names::COPY_WHEN_DONE,
        "Once for all files, in the queue's order; replaces the clipboard's content",
        settings.copy_when_done,
        Setting::CopyWhenDone,
        actions,
    );
}

/// Draws the choice of what is copied, each by its label.
fn copy_segments(
    ui: &mut Ui,
    settings: &Settings,
    label: impl Fn(&CopyChoice) -> String,
    actions: &mut Vec<Action>,
) {
    let mut all = copy_choices(settings);
    let names: Vec<_> = all.iter().map(label).collect();
    let choices: Vec<_> = names.iter().map(String::as_str).enumerate().collect();
    let now = all.iter().position(|choice| choice.is_chosen).unwrap_or(all.len());
    if let Some(index) = segments(ui, setting_names::COPY_FORMAT, now, &choices) {
        actions.push(Action::Set(Setting::CopyAs(all.swap_remove(index))));
    }
}

/// Draws a template's name and its line, with what can be done with it.
fn template_row(ui: &mut Ui, template: &CopyTemplate, actions: &mut Vec<Action>) {
    let t = tokens(ui);
    let size = vec2(ui.available_width(), 38.0);
    let name = sanitize(&template.name);
    ui.allocate_ui_with_layout(size, Layout::right_to_left(Align::Center), |ui| {
        if Button::icon_only(Icon::Trash2, &format!("Remove the template {name}")).small().show(ui).clicked()
        {
            actions.push(Action::RemoveTemplate(template.name.clone()));
        }
        if Button::icon_only(Icon::Pencil, &format!("Edit the template {name}")).small().show(ui).clicked() {
            actions.push(Action::EditTemplate(Some(template.name.clone())));
        }
        let room = ui.available_width() - 8.0;
        ui.with_layout(Layout::top_down(Align::LEFT), |ui| {
            ui.spacing_mut().item_spacing.y = 1.0;
            cut_line(ui, &name, Cut::End, (theme::strong(), t.text), room);
            cut_line(ui, &sanitize(&template.line), Cut::End, (theme::id(), t.dim), room);
        });
    });
}
