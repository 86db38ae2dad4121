//! Why an uploader cannot be imported, in sentences that name its fields and none of its values.

use std::fmt::Display;

use super::keys::looks_like_key;
use crate::model::text::{elide, sanitize};

/// No more sentences are kept: a file with so much wrong is another kind of file.
const MAX_PROBLEMS: usize = 20;

/// The sentences found so far.
#[derive(Default)]
pub(super) struct ProblemList(Vec<String>);

impl ProblemList {
    /// Adds a sentence: the field is its subject.
    pub(super) fn add(&mut self, field: &str, why: &str) {
        let sentence = elide(&sanitize(&format!("{field} {why}")), 300);
        if self.0.len() < MAX_PROBLEMS && !self.0.contains(&sentence) {
            self.0.push(sentence);
        }
    }

    /// Takes a value, or the sentence why there is none.
    pub(super) fn note<T>(&mut self, field: &str, result: Result<T, impl Display>) -> Option<T> {
        result.map_err(|why| self.add(field, &why.to_string())).ok()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn into_sentences(self) -> Vec<String> {
        self.0
    }
}

/// Returns the name of a field in a table of the file: `Headers.x-token`. A key that stands where a name belongs is not shown.
pub(super) fn entry(table: &str, name: &str) -> String {
    let shown = if looks_like_key(name) { "…".into() } else { elide(name, 40) };
    format!("{table}.{shown}")
}
