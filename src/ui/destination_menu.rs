//! What can be done with a destination: one menu, wherever it is listed.

use eframe::egui::Ui;
use lucide_icons::Icon;

use super::action::Action;
use super::watch_menu;
use super::widgets::MenuItem;
use crate::session::Session;
use crate::session::api::{Destination, provider};

/// How wide it is.
pub(super) const WIDTH: f32 = 190.0;

/// Shows its entries. One that the environment or the sandbox offers is not saved until something of it is changed.
pub(super) fn show(ui: &mut Ui, session: &Session, destination: &Destination, actions: &mut Vec<Action>) {
    let keys = &session.keys;
    let mut add = |ui: &mut Ui, item: MenuItem<'_>, action: &dyn Fn() -> Action| {
        if item.show(ui).clicked() {
            actions.push(action());
            ui.close();
        }
    };
    let index = keys.destinations().iter().position(|other| other.as_ref() == destination);
    if let Some(index) = index {
        let is_chosen = keys.chosen().is_some_and(|chosen| chosen.as_ref() == destination);
        add(ui, MenuItem::choice("Send new files here", is_chosen), &|| Action::Choose(index));
    }
    let name = || destination.name.clone();
    let is_saved = keys.is_saved(destination);
    let edit = MenuItem::new(Icon::SlidersHorizontal, "Name and options…");
    add(ui, edit, &|| Action::EditDestination(name()));
    if let Some(provider) = provider::by_id(&destination.provider) {
        let page = provider.facts().account.page;
        let open = MenuItem::new(Icon::ExternalLink, "Open the account page");
        add(ui, open, &|| Action::Browse(page.to_owned()));
    }
    if is_saved {
        if let Some(to) = index.and_then(|index| keys.destinations().get(index)) {
            watch_menu::show(ui, session, to, actions);
        }
        if MenuItem::new(Icon::Trash2, "Remove destination").show(ui).clicked() {
            actions.push(Action::RemoveDestination(name()));
            ui.close();
        }
    }
}
