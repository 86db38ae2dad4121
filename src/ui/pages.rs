//! The pages of the window, and what each remembers.

use super::action::Page;
use super::file_list::{FileList, NewestRow};
use super::history::HistoryView;
use super::settings::SettingsPage;
use crate::session::api::{Folders, Queue};

/// The page that is shown, and the state of those that have one.
pub(super) struct Pages {
    pub(super) shown: Page,
    /// What came into the queue last.
    pub(super) newest: NewestRow,
    pub(super) history: HistoryView,
    #[expect(dead_code, reason = "the history gets its selection next")]
    pub(super) history_list: FileList,
    pub(super) settings: SettingsPage,
    /// Where the history is kept, to be exported from, and what else is kept.
    pub(super) folders: Option<Folders>,
}

impl Pages {
    /// Starts with the queue.
    pub(super) fn new(queue: &Queue) -> Pages {
        Pages {
            shown: Page::default(),
            newest: NewestRow::new(queue),
            history: HistoryView::default(),
            history_list: FileList::new("the history"),
            settings: SettingsPage::default(),
            folders: None,
        }
    }
}
