//! What comes in: scanned, imported and inspected before it is staged.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;

use super::imports::{Fetching, Imports, Link, To};
use super::scan::{Gathered, Gatherings, Look, Looking};
use crate::media::workers::Workers;
use crate::model::destination::Destination;
use crate::model::drop_data::Content;

/// The threads that look at what is added, and what is not in the queue yet.
pub struct Intake {
    pub(super) scans: Gatherings,
    pub(super) imports: Imports,
    pub(super) workers: Workers,
    /// Files that came before there was anywhere to send them.
    pub(super) early: Vec<PathBuf>,
    /// Such files came since the user was last asked for a destination.
    pub(super) lacks_destination: bool,
    /// Folders with so many files that the user is asked.
    pub(super) large: VecDeque<Gathered>,
    /// Links of which the user was not asked yet whether to fetch them.
    pub(super) links: VecDeque<(Link, To)>,
    /// Something was added since a face last asked.
    began: bool,
}

impl Intake {
    pub(super) fn new(scans: Gatherings, imports: Imports, workers: Workers) -> Intake {
        Intake {
            scans,
            imports,
            workers,
            early: vec![],
            lacks_destination: false,
            large: VecDeque::new(),
            links: VecDeque::new(),
            began: false,
        }
    }

    /// Folders with so many files that the user is asked before they are staged: `Session::answer_large` goes on.
    pub fn large(&self) -> Option<&Gathered> {
        self.large.front()
    }

    /// Keeps links until the user is asked whether to fetch them.
    pub fn propose(&mut self, links: impl IntoIterator<Item = Link>, to: &To) {
        self.links.extend(links.into_iter().map(|link| (link, to.clone())));
    }

    /// Takes the links that one question is about: what somebody gave, and what hosts have made of it, are different ones.
    pub fn take_links(&mut self) -> Option<(Vec<Link>, To)> {
        let (first, to) = self.links.front().cloned()?;
        let passed_on = first.passed_on_by.is_some();
        let is_alike = |(link, other): &&(Link, To)| link.passed_on_by.is_some() == passed_on && *other == to;
        let alike = self.links.iter().take_while(is_alike).count();
        Some((self.links.drain(..alike).map(|(link, _)| link).collect(), to))
    }

    /// Returns whether files came that have no destination, since the last call.
    pub fn lacks_destination(&mut self) -> bool {
        std::mem::take(&mut self.lacks_destination)
    }

    /// Returns whether something was added since the last call.
    pub fn began(&mut self) -> bool {
        std::mem::take(&mut self.began)
    }

    /// Scans what was added: files are staged, and folders are walked.
    pub(super) fn scan(&mut self, paths: Vec<PathBuf>, to: Option<Arc<Destination>>) {
        self.began = true;
        self.scans.begin(paths, to);
    }

    /// Returns how the disk is looked at: never on the window's thread.
    pub fn disk(&self) -> Arc<dyn Look> {
        self.scans.disk()
    }

    /// Returns what is being scanned for longer than a moment.
    pub fn looking(&self) -> Option<&Looking> {
        self.scans.looking()
    }

    /// Stops that. What was not passed on yet is not added.
    pub fn stop_looking(&mut self) {
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
