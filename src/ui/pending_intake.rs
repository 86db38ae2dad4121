//! What came in and waits: for a destination, for an answer, or to be sorted.

use std::collections::VecDeque;
use std::path::PathBuf;

use crate::session::Session;
use crate::session::imports::{Link, To};
use crate::session::scan::Gathered;

/// Files and links that are not in the queue yet.
#[derive(Default)]
pub(super) struct PendingIntake {
    /// Files that came before there was anywhere to send them.
    pub(super) early: Vec<PathBuf>,
    /// Links of which the user was not asked yet whether to fetch them.
    pub(super) links: VecDeque<(Link, To)>,
    /// Folders with so many files that the user is asked.
    pub(super) large: VecDeque<Gathered>,
    /// Something was added in this frame: it is sorted by the next one.
    began: bool,
}

impl PendingIntake {
    /// Has the session sort files and what is in folders.
    pub(super) fn gather(&mut self, session: &mut Session, files: Vec<PathBuf>, to: To) {
        session.gather(files, to);
        self.began = true;
    }

    /// Whether a question of it lies over the window.
    pub(super) fn asks(&self) -> bool {
        !self.large.is_empty()
    }

    /// Whether something was added since the last call.
    pub(super) fn began(&mut self) -> bool {
        std::mem::take(&mut self.began)
    }
}
