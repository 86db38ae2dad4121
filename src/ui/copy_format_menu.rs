//! The menu of what every Copy button copies.

use eframe::egui::{Popup, Response};
use lucide_icons::Icon;

use super::action::{Action, Setting};
use super::settings::TEMPLATES;
use super::widgets::{MenuItem, menu};
use crate::session::Session;
use crate::session::api::text;
use crate::session::copy_choices::copy_choices;

/// What the button that opens it says where the pointer rests on it.
pub(super) const COPY_FORMAT_HINT: &str = "The format that every Copy button copies";

/// Opens it at a button that is pressed.
pub(super) fn copy_format_menu(button: &Response, session: &Session, actions: &mut Vec<Action>) {
    menu(Popup::menu(button), 170.0, |ui| {
        for choice in copy_choices(session.keys.settings()) {
            let label = text::elide(choice.label(), 40);
            if MenuItem::choice(&label, choice.is_chosen).show(ui).clicked() {
                actions.push(Action::Set(Setting::CopyAs(choice)));
                ui.close();
            }
        }
        ui.separator();
        if MenuItem::new(Icon::Pencil, "Edit templates…").show(ui).clicked() {
            actions.push(Action::ShowSetting(TEMPLATES));
            ui.close();
        }
    });
}
