//! What was read of a drop or a paste so far, and what of it can be used.

use std::collections::HashSet;
use std::path::PathBuf;

use url::Url;

use super::data::DroppedData;
use super::limits::{MAX_FILES, MAX_LINKS};
use super::rejects::{RejectReason, Tally};

/// What was read so far.
#[derive(Default)]
pub(super) struct Sorted {
    pub(super) handed: DroppedData,
    links: HashSet<Url>,
    pub(super) bad: Tally,
}

impl Sorted {
    pub(super) fn file(&mut self, file: PathBuf) {
        match self.handed.files.len() {
            0..MAX_FILES => self.handed.files.push(file),
            _ => self.bad.add(RejectReason::TooManyFiles),
        }
    }

    /// Adds an address; the same one twice is one.
    pub(super) fn link(&mut self, link: Url) {
        match self.links.len() {
            _ if self.links.contains(&link) => {}
            0..MAX_LINKS => {
                self.links.insert(link.clone());
                self.handed.links.push(link);
            }
            _ => self.bad.add(RejectReason::TooManyLinks),
        }
    }

    pub(super) fn finish(mut self) -> DroppedData {
        self.handed.problems = self.bad.sentences();
        self.handed
    }
}
