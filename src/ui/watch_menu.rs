//! The folders that are watched for a destination: in its menus, and how its row says so.

use std::path::Path;
use std::sync::Arc;

use eframe::egui::Ui;
use lucide_icons::Icon;

use super::action::Action;
use super::widgets::MenuItem;
use crate::session::Session;
use crate::session::api::{Destination, name_of};

/// Shows the entries of a destination's menu: one to watch a folder, and one to stop for each that is watched.
pub(super) fn show(ui: &mut Ui, session: &Session, to: &Arc<Destination>, actions: &mut Vec<Action>) {
    if MenuItem::new(Icon::FolderSync, "Watch a folder…").show(ui).clicked() {
        actions.push(Action::ChooseWatched(Arc::clone(to)));
        ui.close();
    }
    for folder in session.watches.folders_of(to) {
        let stop = format!("Stop watching {}", name_of(folder));
        if MenuItem::new(Icon::FolderX, &stop).show(ui).clicked() {
            actions.push(Action::StopWatching(folder.to_owned(), Arc::clone(to)));
            ui.close();
        }
    }
}

/// Says which folders are watched for a destination: "Watches renders and stills".
pub(super) fn label(session: &Session, to: &Destination) -> Option<String> {
    let names: Vec<_> =
        session.watches.folders_of(to).map(Path::to_owned).map(|path| name_of(&path)).collect();
    match names.as_slice() {
        [] => None,
        [one] => Some(format!("Watches {one}")),
        [all @ .., last] => Some(format!("Watches {} and {last}", all.join(", "))),
    }
}
