//! What one start of the window hands over to another.

use std::path::PathBuf;

/// What one start hands over to another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// Files to stage, by whole paths.
    pub files: Vec<PathBuf>,
    /// What the launcher gave the second start so that its window may come to the front.
    pub token: Option<String>,
}
