//! Whether the details of what is selected are shown, and where: beside the list, or over the page.

use super::action::Page;

/// How the details are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PanelForm {
    /// The list is narrower by them.
    Beside,
    /// They lie over the page, of which nothing moves.
    Over,
}

/// The panel with the details, on the pages with a list of files. It is one panel: how it is shown is the same on both.
pub(super) struct DetailsPanel {
    /// It stands beside the list, where there is room for it.
    pub(super) pinned: bool,
    /// It is wanted there as soon as there are files.
    beside_queue: bool,
    /// It is wanted there, whatever there is.
    beside_history: bool,
    /// It was opened over the page, and not closed since.
    over: bool,
}

impl Default for DetailsPanel {
    fn default() -> DetailsPanel {
        DetailsPanel { pinned: true, beside_queue: true, beside_history: false, over: false }
    }
}

impl DetailsPanel {
    /// Returns how it is shown on a page on which so many are selected, with so many in the queue, if it is. Beside the
    /// list it does not come and go by what is selected: the buttons of the rows would move from under the pointer.
    /// `has_room`: the window is wide enough for it to stand there.
    pub(super) fn form(
        &self,
        page: Page,
        selected: usize,
        queued: usize,
        has_room: bool,
    ) -> Option<PanelForm> {
        let is_shown = match (page, self.pinned && has_room) {
            (Page::Keys | Page::Providers | Page::Settings, _) => false,
            (Page::Upload, true) => self.beside_queue && queued > 0,
            (Page::History, true) => self.beside_history,
            (_, false) => self.over && selected > 0,
        };
        let form = if self.pinned && has_room { PanelForm::Beside } else { PanelForm::Over };
        is_shown.then_some(form)
    }

    /// Opens or closes it on a page.
    pub(super) fn set_open(&mut self, open: bool, page: Page, has_room: bool) {
        match (page, self.pinned && has_room) {
            (Page::Upload, true) => self.beside_queue = open,
            (Page::History, true) => self.beside_history = open,
            _ => self.over = open,
        }
    }

    /// Has it stand beside the list from now on, or lie over the page; it stays open.
    pub(super) fn pin(&mut self, pinned: bool, page: Page) {
        self.pinned = pinned;
        self.set_open(true, page, true);
        if pinned {
            self.over = false;
        }
    }

    /// Closes it where it lies over a page that is left, or on which nothing is selected any more.
    pub(super) fn leave_page(&mut self) {
        self.over = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pinned_panel_stands_beside_the_list_where_there_is_room() {
        let mut panel = DetailsPanel::default();
        assert_eq!(panel.form(Page::Upload, 0, 0, true), None, "the list is not there yet");
        assert_eq!(panel.form(Page::Upload, 0, 2, true), Some(PanelForm::Beside));
        assert_eq!(panel.form(Page::Upload, 1, 2, true), Some(PanelForm::Beside));
        assert_eq!(panel.form(Page::Upload, 1, 2, false), None, "a narrow window shows it when asked");
        assert_eq!(panel.form(Page::History, 1, 0, true), None, "so does the history");
        panel.set_open(true, Page::Upload, false);
        assert_eq!(panel.form(Page::Upload, 1, 2, false), Some(PanelForm::Over));
        panel.set_open(false, Page::Upload, true);
        assert_eq!(panel.form(Page::Upload, 1, 2, true), None, "closed, it stays so");
        panel.set_open(true, Page::History, true);
        assert_eq!(panel.form(Page::History, 0, 0, true), Some(PanelForm::Beside));
    }

    #[test]
    fn a_panel_that_is_not_pinned_lies_over_the_page_until_it_is_closed_or_left() {
        let mut panel = DetailsPanel::default();
        panel.pin(false, Page::Upload);
        assert_eq!(panel.form(Page::Upload, 1, 2, true), Some(PanelForm::Over), "it stays open");
        assert_eq!(panel.form(Page::Upload, 0, 2, true), None);
        panel.leave_page();
        assert_eq!(panel.form(Page::Upload, 1, 2, true), None, "it does not open by a click");
        panel.set_open(true, Page::History, true);
        assert_eq!(panel.form(Page::History, 2, 0, true), Some(PanelForm::Over));
        panel.pin(true, Page::History);
        assert_eq!(panel.form(Page::History, 2, 0, true), Some(PanelForm::Beside));
        assert_eq!(panel.form(Page::Upload, 1, 2, false), None, "and not over the other page");
        assert_eq!(panel.form(Page::Settings, 1, 0, true), None);
    }
}
