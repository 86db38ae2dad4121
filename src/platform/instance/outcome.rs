//! What a start of the window comes to.

use std::path::PathBuf;

use super::Owner;

/// What a start of the window comes to.
#[derive(Debug)]
pub enum StartOutcome {
    /// No other window is open. This one's takes what further starts hand over.
    First {
        /// The files of this start.
        files: Vec<PathBuf>,
        /// The place that the window listens at.
        owner: Owner,
    },
    /// The window that is open has everything: there is nothing left to do.
    HandedOver,
    /// This start has a window of its own, which takes nothing from further starts.
    Standalone {
        /// Those of its files that no other window has.
        files: Vec<PathBuf>,
        /// Why, in a sentence, where that was not asked for.
        why: Option<String>,
    },
}
