//! The pages of the window, and what each remembers.

use super::action::Page;
use super::details_panel::DetailsPanel;
use super::file_list::{FileList, NewRows};
use super::history::HistoryView;
use super::providers::ProvidersPage;
use super::remembered::Remembered;
use super::settings::SettingsPage;
use crate::session::api::{Folders, Query, Queue, Timeline, UploadId};

/// The page that is shown, and the state of those that have one.
pub(super) struct Pages {
    pub(super) shown: Page,
    /// What came into the queue last.
    pub(super) new_rows: NewRows,
    pub(super) history: HistoryView,
    pub(super) history_list: FileList,
    pub(super) providers: ProvidersPage,
    pub(super) settings: SettingsPage,
    pub(super) details: DetailsPanel,
    /// How the window looks, to be there again at the next start.
    pub(super) remembered: Remembered,
    /// Where the history is kept, to be exported from, and what else is kept.
    pub(super) folders: Option<Folders>,
}

impl Pages {
    /// Takes in what was found in the history; the selection follows what left it, but not into the answer to another
    /// question.
    pub(super) fn found(&mut self, query: Query, found: Timeline) {
        let all = self.history.timeline().ids();
        let behind = self.history_list.cursor_index(self.history.timeline()).and_then(|at| all.get(at..));
        let is_left = |id: &UploadId| found.index(*id);
        let next = behind.map(|behind| behind.iter().find_map(is_left).unwrap_or(usize::MAX));
        let is_same = self.history.found(query, found);
        self.history_list.selection.follow(self.history.timeline(), next.filter(|_| is_same));
    }

    /// Starts with the queue.
    pub(super) fn new(queue: &Queue) -> Pages {
        Pages {
            shown: Page::default(),
            new_rows: NewRows::new(queue),
            history: HistoryView::default(),
            history_list: FileList::new("the history"),
            providers: ProvidersPage::default(),
            settings: SettingsPage::default(),
            details: DetailsPanel::default(),
            remembered: Remembered::default(),
            folders: None,
        }
    }
}
