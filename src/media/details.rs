//! What a file tells of itself when somebody looks at it closely.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use super::inspect::inspect;
use super::metadata;
use crate::model::media::{Details, FileFacts, FileProblem};

/// Reads what a file tells besides its facts; what cannot be read is left empty.
pub(super) fn read_details(facts: &FileFacts) -> Details {
    let read = || facts.recognised.media().map(|media| metadata::read_metadata(&facts.path, media));
    // A reader may panic on a hostile file, and only its file suffers.
    let metadata = catch_unwind(AssertUnwindSafe(read)).ok().flatten();
    Details { metadata: metadata.unwrap_or_default() }
}

/// Reads everything that is known of a file, at once: what the window learns from its workers.
pub fn of_file(path: &Path) -> Result<(FileFacts, Details), FileProblem> {
    let facts = catch_unwind(AssertUnwindSafe(|| inspect(path)));
    let facts = facts.unwrap_or_else(|_| Err(FileProblem::Unreadable("it is broken".into())))?;
    let details = read_details(&facts);
    Ok((facts, details))
}
