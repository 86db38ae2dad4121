//! The keys, and what uses them.

use eframe::egui::Ui;

use super::action::Action;
use crate::session::Session;

/// What the page remembers.
#[derive(Default)]
pub(super) struct Accounts {}

/// Above the page.
pub(super) fn header(_ui: &mut Ui, _actions: &mut Vec<Action>) {}

/// The page.
pub(super) fn show(_ui: &mut Ui, _session: &Session, _page: &mut Accounts, _actions: &mut Vec<Action>) {}
