//! The folders that are watched, each with its destination: what comes into them is sent by itself.

use std::path::Path;
use std::sync::Arc;

use eframe::egui::{Align, Layout, Ui, vec2};
use lucide_icons::Icon;

use crate::session::Session;
use crate::session::api::{Destination, name_of, text::sanitize};
use crate::session::setting_names;
use crate::ui::action::Action;
use crate::ui::theme::{self, tokens};
use crate::ui::widgets::{Button, Cut, Weight, cut_line, form_row};

/// Draws the row with the button for one more, and below it a line for each.
pub(super) fn show(ui: &mut Ui, session: &Session, actions: &mut Vec<Action>) {
    let keys = &session.keys;
    let chosen = keys.chosen().filter(|to| keys.is_saved(to));
    let help = match chosen {
        Some(to) => {
            format!("What comes into them uploads by itself. A new one sends to {}", keys.destination_label(to))
        }
        None => "What comes into them uploads by itself. The chosen destination isn't saved: it is once its options are changed".to_owned(),
    };
    form_row(ui, setting_names::WATCHED_FOLDERS, &help, |ui| {
        let watch = Button::new(Weight::Secondary, "Watch a folder…").icon(Icon::FolderSync);
        if watch.enabled(chosen.is_some()).show(ui).clicked() {
            actions.extend(chosen.map(|to| Action::ChooseWatched(Arc::clone(to))));
        }
    });
    for to in keys.destinations() {
        for folder in session.watches.folders_of(to) {
            line(ui, folder, (to, &keys.destination_label(to)), actions);
        }
    }
}

fn line(ui: &mut Ui, folder: &Path, (to, to_label): (&Arc<Destination>, &str), actions: &mut Vec<Action>) {
    let t = tokens(ui);
    let name = name_of(folder);
    let size = vec2(ui.available_width(), 38.0);
    ui.allocate_ui_with_layout(size, Layout::right_to_left(Align::Center), |ui| {
        let stop = format!("Stop watching {name} for {to_label}");
        if Button::icon_only(Icon::FolderX, &stop).small().show(ui).clicked() {
            actions.push(Action::StopWatching(folder.to_owned(), Arc::clone(to)));
        }
        let room = ui.available_width() - 8.0;
        ui.with_layout(Layout::top_down(Align::LEFT), |ui| {
            ui.spacing_mut().item_spacing.y = 1.0;
            let title = format!("{name} → {to_label}");
            cut_line(ui, &title, Cut::End, (theme::strong(), t.text), room);
            let path = sanitize(&folder.to_string_lossy());
            cut_line(ui, &path, Cut::Middle, (theme::secondary(), t.dim), room);
        });
    });
}
