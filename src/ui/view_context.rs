//! What rows, pages and panels are given to draw from.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::action::CopiedAt;
use super::selection::Selection;
use super::throughput::Pace;
use super::thumbs::Thumbs;
use crate::model::upload::UploadId;
use crate::session::Session;

/// What drawing the queue and the history needs.
pub(super) struct ViewContext<'a> {
    pub(super) session: &'a Session,
    pub(super) thumbs: &'a mut Thumbs,
    pub(super) pace: &'a Pace,
    pub(super) selection: &'a Selection,
    pub(super) show_rows: &'a mut Option<RangeInclusive<usize>>,
    pub(super) row_focus: Option<UploadId>,
    pub(super) by_keyboard: bool,
    pub(super) copied: Option<&'a CopiedAt>,
    pub(super) again: Option<Duration>,
}

impl ViewContext<'_> {
    /// Something on screen counts seconds.
    pub(super) fn again_in_a_second(&mut self) {
        self.again_in(Duration::from_secs(1));
    }

    /// Something on screen is another thing then.
    pub(super) fn again_in(&mut self, time: Duration) {
        self.again = Some(self.again.map_or(time, |sooner| sooner.min(time)));
    }

    /// Whether the keyboard comes to the buttons of this row: of those in the list, the one that the selection is at.
    pub(super) fn has_keyboard(&self, id: UploadId) -> bool {
        self.selection.cursor() == Some(id) && self.selection.has(id)
    }

    /// Whether this button was pressed a moment ago.
    pub(super) fn says_copied(&self, spot: &CopiedAt) -> bool {
        self.copied == Some(spot)
    }
}
