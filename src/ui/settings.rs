//! What can be set.

use eframe::egui::Ui;

use super::action::Action;
use crate::session::Session;
use crate::store::folders::Folders;

/// What the page remembers.
#[derive(Default)]
pub(super) struct SettingsPage {}

/// Above the page.
pub(super) fn header(_ui: &mut Ui) {}

/// The page.
pub(super) fn show(
    _ui: &mut Ui,
    _session: &Session,
    _folders: Option<&Folders>,
    _page: &mut SettingsPage,
    _actions: &mut Vec<Action>,
) {
}
