//! Where everything is kept.

use std::path::Path;

use eframe::egui::{Align, Label, Layout, RichText, Ui, vec2};
use lucide_icons::Icon;

use crate::session::Session;
use crate::session::api::{Folders, text::sanitize};
use crate::ui::action::Action;
use crate::ui::theme::{self, tokens};
use crate::ui::widgets::{Button, Cut, Weight, cut_line, form_row, rule};

pub(super) fn show(ui: &mut Ui, session: &Session, folders: Option<&Folders>, actions: &mut Vec<Action>) {
    if let Some(folders) = folders {
        let pictures = folders.cache.join("pictures");
        for (what, folder) in [
            ("Settings", folders.settings.as_path()),
            ("History", folders.data.as_path()),
            ("Thumbnails", pictures.as_path()),
            ("Logs", folders.logs.as_path()),
        ] {
            folder_row(ui, what, folder, actions);
            rule(ui);
        }
    }
    let help = "Settings, destinations and templates as a file for another computer. API keys are not in it";
    form_row(ui, "Export and import settings", help, |ui| {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 2.0 * theme::STEP;
            if Button::new(Weight::Secondary, "Export…").named("Export settings…").show(ui).clicked() {
                actions.push(Action::ExportSettings);
            }
            if Button::new(Weight::Secondary, "Import…").named("Import settings…").show(ui).clicked() {
                actions.push(Action::ImportSettings);
            }
        });
    });
    rule(ui);
    let help = format!("It has {}. API keys and settings stay", uploads(session));
    form_row(ui, "Clear the history", &help, |ui| {
        let clear = Button::new(Weight::Danger, "Clear history…").icon(Icon::Trash2);
        if clear.enabled(session.library.count() > 0).show(ui).clicked() {
            actions.push(Action::AskToClear);
        }
    });
}

/// Draws a folder's name and its path below, with a button that opens it.
fn folder_row(ui: &mut Ui, what: &str, folder: &Path, actions: &mut Vec<Action>) {
    let t = tokens(ui);
    let compact = ui.available_width() < 480.0;
    let size = vec2(ui.available_width(), 36.0);
    ui.allocate_ui_with_layout(size, Layout::right_to_left(Align::Center), |ui| {
        let name = format!("Open folder: {what}");
        let open = Button::new(Weight::Secondary, "Open folder").icon(Icon::FolderOpen).named(&name);
        if open.compact(compact).show(ui).clicked() {
            actions.push(Action::Open(folder.to_owned()));
        }
        let room = ui.available_width() - 16.0;
        ui.with_layout(Layout::top_down(Align::LEFT), |ui| {
            ui.spacing_mut().item_spacing.y = 1.0;
            ui.add(Label::new(RichText::new(what).font(theme::strong()).color(t.text)).truncate());
            let path = sanitize(&folder.to_string_lossy());
            cut_line(ui, &path, Cut::Middle, (theme::secondary(), t.dim), room);
        });
    });
}

/// Returns how many uploads the history has, in words.
fn uploads(session: &Session) -> String {
    match session.library.count() {
        0 => "nothing yet".to_owned(),
        _ => session.library.summary(),
    }
}
