//! What rows, pages and panels are given to draw from.

use std::time::Duration;

use eframe::egui::Rect;

use super::action::CopiedAt;
use super::file_list::FileList;
use super::throughput::Pace;
use super::thumbs::Thumbs;
use crate::session::Session;
use crate::session::api::UploadId;

/// What drawing the queue and the history needs of the window.
pub(super) struct ViewContext<'a> {
    pub(super) session: &'a Session,
    pub(super) thumbs: &'a mut Thumbs,
    pub(super) pace: &'a Pace,
    pub(super) list: &'a mut FileList,
    /// Where the controls of rows are that are in sight: nothing may lie over them.
    pub(super) controls: Vec<Rect>,
    copied: Option<&'a CopiedAt>,
    repaint_in: Option<Duration>,
}

impl<'a> ViewContext<'a> {
    /// Begins a frame with what the window has.
    pub(super) fn new(
        session: &'a Session,
        thumbs: &'a mut Thumbs,
        pace: &'a Pace,
        list: &'a mut FileList,
        copied: Option<&'a CopiedAt>,
    ) -> ViewContext<'a> {
        ViewContext { session, thumbs, pace, list, controls: vec![], copied, repaint_in: None }
    }

    /// Asks for a frame in a second: something on screen counts them.
    pub(super) fn again_in_a_second(&mut self) {
        self.again_in(Duration::from_secs(1));
    }

    /// Asks for a frame then: something on screen will be another thing.
    pub(super) fn again_in(&mut self, time: Duration) {
        self.repaint_in = Some(self.repaint_in.map_or(time, |sooner| sooner.min(time)));
    }

    /// Returns when the next frame is due, where one was asked for.
    pub(super) fn next_frame(&self) -> Option<Duration> {
        self.repaint_in
    }

    /// Returns whether the keyboard comes to the buttons of this row: of those in the list, the one that the selection
    /// is at.
    pub(super) fn has_keyboard(&self, id: UploadId) -> bool {
        self.list.selection.cursor() == Some(id) && self.list.selection.has(id)
    }

    /// Returns whether this button was pressed a moment ago.
    pub(super) fn says_copied(&self, at: &CopiedAt) -> bool {
        match (self.copied, at) {
            // Of several, each row answers.
            (Some(CopiedAt::Selection), CopiedAt::Row(id)) => self.list.selection.has(*id),
            (copied, at) => copied == Some(at),
        }
    }
}
