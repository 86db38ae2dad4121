//! What comes in: scanned, imported and inspected before it is staged.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;

use super::imports::{Fetching, Imports, Link, To};
use super::scan::{FileSystem, ScanBatch, ScanProgress, Scans};
use crate::media::workers::Workers;
use crate::model::destination::Destination;
use crate::model::drop_data::Content;

/// The threads that look at what is added, and what is not in the queue yet.
pub struct Intake {
    pub(super) scans: Scans,
    pub(super) imports: Imports,
    pub(super) workers: Workers,
    /// Files that came before there was anywhere to send them.
    pub(super) early: Vec<PathBuf>,
    /// Folders with so many files that the user is asked.
    pub(super) large: VecDeque<ScanBatch>,
    /// Links of which the user was not asked yet whether to fetch them.
    pub(super) links: VecDeque<(Link, To)>,
    /// A scan started since `take_scan_started` was last called.
    scan_started: bool,
}

impl Intake {
    pub(super) fn new(scans: Scans, imports: Imports, workers: Workers) -> Intake {
        Intake {
            scans,
            imports,
            workers,
            early: vec![],
            large: VecDeque::new(),
            links: VecDeque::new(),
            scan_started: false,
        }
    }

    /// Folders with so many files that the user is asked before they are staged: `Session::answer_large` goes on.
    pub fn large(&self) -> Option<&ScanBatch> {
        self.large.front()
    }

    /// Keeps links until the user is asked whether to fetch them.
    pub fn propose(&mut self, links: impl IntoIterator<Item = Link>, to: &To) {
        self.links.extend(links.into_iter().map(|link| (link, to.clone())));
    }

    /// Takes the next links for one question: those that a person gave, or those to which hosts redirected.
    pub fn take_links(&mut self) -> Option<(Vec<Link>, To)> {
        let (first, to) = self.links.front().cloned()?;
        let passed_on = first.passed_on_by.is_some();
        let is_alike = |(link, other): &&(Link, To)| link.passed_on_by.is_some() == passed_on && *other == to;
        let alike = self.links.iter().take_while(is_alike).count();
        Some((self.links.drain(..alike).map(|(link, _)| link).collect(), to))
    }

    /// Returns the files that wait for a destination.
    pub fn waiting(&self) -> &[PathBuf] {
        &self.early
    }

    /// Forgets those, and returns them.
    pub fn take_waiting(&mut self) -> Vec<PathBuf> {
        std::mem::take(&mut self.early)
    }

    /// Returns whether a scan started since the last call.
    pub fn take_scan_started(&mut self) -> bool {
        std::mem::take(&mut self.scan_started)
    }

    /// Scans what was added: files are staged, and folders are walked.
    pub(super) fn scan(&mut self, paths: Vec<PathBuf>, to: Option<Arc<Destination>>) {
        self.scan_started = true;
        self.scans.begin(paths, to);
    }

    /// Returns access to the file system, for use off the window's thread.
    pub fn disk(&self) -> Arc<dyn FileSystem> {
        self.scans.disk()
    }

    /// Returns how far a scan is that takes longer than a moment.
    pub fn scan_progress(&self) -> Option<&ScanProgress> {
        self.scans.progress()
    }

    /// Returns whether what was added is still being scanned.
    pub fn is_scanning(&self) -> bool {
        self.scans.is_running()
    }

    /// Returns whether files may still come of what somebody added.
    pub fn is_coming(&self) -> bool {
        self.is_scanning() || self.large().is_some() || self.imports.is_busy()
    }

    /// Stops that scan. Files that it has not passed on yet are not added.
    pub fn stop_scan(&mut self) {
        self.scans.stop();
    }

    /// Makes a file of content that has none; it is staged, or a notice says why not.
    pub fn bring(&mut self, content: Content, to: To) {
        self.imports.import(content, to);
    }

    /// Returns how far the fetching is, while there is any.
    pub fn fetching(&self) -> Option<Fetching> {
        self.imports.fetching()
    }
}
