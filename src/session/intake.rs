//! What comes in: scanned, imported and inspected before it is staged.

use std::path::PathBuf;
use std::sync::Arc;

use super::imports::{Fetching, Imports, To};
use super::scan::{Gatherings, Look, Looking};
use crate::media::workers::Workers;
use crate::model::destination::Destination;
use crate::model::drop_data::Content;

/// The threads that look at what is added.
pub struct Intake {
    pub(super) scans: Gatherings,
    pub(super) imports: Imports,
    pub(super) workers: Workers,
}

impl Intake {
    /// Scans what was added: files are staged, and folders are walked.
    pub(super) fn scan(&mut self, paths: Vec<PathBuf>, to: Option<Arc<Destination>>) {
        self.scans.begin(paths, to);
    }

    /// How the disk is looked at: never on the window's thread.
    pub fn disk(&self) -> Arc<dyn Look> {
        self.scans.disk()
    }

    /// What is being scanned for longer than a moment.
    pub fn looking(&self) -> Option<&Looking> {
        self.scans.looking()
    }

    /// Stops that. What was not passed on yet is not added.
    pub fn stop_looking(&mut self) {
        self.scans.stop();
    }

    /// Makes a file of content that has none; it comes with `Update`, or a notice that says why not.
    pub fn bring(&mut self, content: Content, to: To) {
        self.imports.import(content, to);
    }

    /// How far the fetching is, while there is any.
    pub fn fetching(&self) -> Option<Fetching> {
        self.imports.fetching()
    }
}
