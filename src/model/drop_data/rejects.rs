//! What cannot be used, counted by why.

use super::limits::{MAX_FILES, MAX_LINKS};
use crate::model::text;

/// Other reasons than these first ones are only counted.
const MAX_REASONS: usize = 8;

/// Why something cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum RejectReason {
    /// A file of the computer of this name.
    Elsewhere(String),
    /// A file of a server, as only a file manager knows it; the address begins so.
    Network(String),
    /// The same of a phone or a camera.
    Device(String),
    /// A file in the trash.
    Trash,
    /// Another address, which begins so.
    Scheme(String),
    /// An address that tells a name or a password.
    Password,
    /// What is no address.
    NoAddress,
    /// A name that no file can have.
    NoName,
    /// A line that is too long for a name.
    TooLong,
    /// What came after as many files as are taken.
    TooManyFiles,
    /// What came after as many links as are taken.
    TooManyLinks,
    /// What came after as many bytes as are read.
    TooMuch,
}

/// How often each was there.
#[derive(Default)]
pub(super) struct Tally {
    bad: Vec<(RejectReason, usize)>,
    others: usize,
}

impl Tally {
    pub(super) fn add(&mut self, bad: RejectReason) {
        match self.bad.iter().position(|(known, _)| *known == bad) {
            Some(index) => self.bad[index].1 += 1,
            None if self.bad.len() < MAX_REASONS => self.bad.push((bad, 1)),
            None => self.others += 1,
        }
    }

    /// Returns whether nothing was wrong but that there was too much of it.
    pub(super) fn is_of_length_alone(&self) -> bool {
        self.bad.iter().all(|(bad, _)| *bad == RejectReason::TooMuch)
    }

    /// Returns one for each reason.
    pub(super) fn sentences(self) -> Vec<String> {
        let mut all: Vec<_> = self.bad.iter().map(|(bad, count)| bad.sentence(*count)).collect();
        match self.others {
            0 => {}
            1 => all.push("1 more item cannot be used".to_owned()),
            n => all.push(format!("{n} more items cannot be used")),
        }
        all
    }
}

impl RejectReason {
    fn sentence(&self, n: usize) -> String {
        let many = n > 1;
        let are = if many { "are" } else { "is" };
        let them = if many { "them" } else { "it" };
        let files = text::count(n, "file");
        match self {
            RejectReason::Elsewhere(host) => format!(
                "{files} {are} on another computer ({}): copy {them} to this one first, then add {them}",
                shown(host)
            ),
            RejectReason::Network(scheme) => format!(
                "{files} {are} on a server ({}): copy {them} to this computer first, then add {them}",
                shown(scheme)
            ),
            RejectReason::Device(scheme) => format!(
                "{files} {are} on a phone or a camera ({}): copy {them} to this computer first, then add {them}",
                shown(scheme)
            ),
            RejectReason::Trash => {
                format!("{files} {are} in the trash: restore {them} first, then add {them}")
            }
            RejectReason::Scheme(scheme) => format!(
                "{} with {}: only files and https or http links can be added",
                if many { format!("{n} addresses begin") } else { "1 address begins".to_owned() },
                shown(scheme)
            ),
            RejectReason::Password => format!(
                "{} a name or a password and {are} not fetched: save {them} with the browser, then add the {}",
                if many { format!("{n} links hold") } else { "1 link holds".to_owned() },
                if many { "files" } else { "file" }
            ),
            RejectReason::NoAddress => format!(
                "{} no file and no link",
                if many { format!("{n} lines name") } else { "1 line names".to_owned() }
            ),
            RejectReason::NoName => format!(
                "{} cannot be that of a file",
                if many { format!("{n} names") } else { "1 name".to_owned() }
            ),
            RejectReason::TooLong => format!(
                "{} too long for the name of a file",
                if many { format!("{n} lines are") } else { "1 line is".to_owned() }
            ),
            RejectReason::TooManyFiles => format!(
                "Only the first {} files were added: add the other {n} after these",
                text::thousands(MAX_FILES as u64)
            ),
            RejectReason::TooManyLinks => format!(
                "Only the first {} links were added: add the other {n} after these",
                text::thousands(MAX_LINKS as u64)
            ),
            RejectReason::TooMuch => {
                "Too much was added at once, and the rest was skipped: add fewer files at a time".to_owned()
            }
        }
    }
}

/// Makes a text fit to be shown: it comes from outside, and may be long.
fn shown(name: &str) -> String {
    text::elide(&text::sanitize(name), 60)
}
