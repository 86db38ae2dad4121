//! The pages of the window, and what each remembers.

use super::action::Page;
use super::history::HistoryView;
use super::settings::SettingsPage;
use crate::session::api::Folders;

/// The page that is shown, and the state of those that have one.
#[derive(Default)]
pub(super) struct Pages {
    pub(super) shown: Page,
    pub(super) history: HistoryView,
    pub(super) settings: SettingsPage,
    /// Where the history is kept, to be exported from, and what else is kept.
    pub(super) folders: Option<Folders>,
}
