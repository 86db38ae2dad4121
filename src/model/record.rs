//! An upload as it is remembered: what was wished for, what was tried, what became of it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;

use super::destination::Destination;
use super::fit::FittedCopy;
use super::media::{ContentHash, FileFacts};
use super::receipt::Receipt;
use super::text;
use super::upload::{State, UploadId};

/// A wish: which file is to go where. Written down before the first byte leaves.
#[derive(Clone, Debug, PartialEq)]
pub struct UploadRequest {
    /// Its name, in this run and in the history.
    pub id: UploadId,
    /// Where the file is.
    pub path: PathBuf,
    /// What the file is, once it was looked into.
    pub facts: Option<FileFacts>,
    /// Where it goes.
    pub destination: Arc<Destination>,
    /// When it was added to its queue.
    pub added: Timestamp,
    /// The upload behind which it stands in its queue: itself, or the one it repeats.
    pub retry_of: UploadId,
    /// It is in a window's queue, and comes back with it.
    pub queued: bool,
    /// When it was last requested; never, where it is only staged.
    pub requested: Option<Timestamp>,
    /// The copy that goes in its place, where one does: `facts` are the copy's then.
    pub copy: Option<Arc<FittedCopy>>,
    /// The agent that requested it by `hoist mcp`, as that program names itself; none where a person did.
    pub agent: Option<String>,
}

impl UploadRequest {
    /// Returns the file that is inspected and sent: the copy, where there is one.
    pub fn source(&self) -> &Path {
        self.copy.as_ref().and_then(|copy| copy.path.as_deref()).unwrap_or(&self.path)
    }

    /// Returns the file's name as it may be shown.
    pub fn name(&self) -> String {
        name_of(&self.path)
    }
}

/// Returns a path's last part as it may be shown.
pub fn name_of(path: &Path) -> String {
    text::sanitize(&path.file_name().map_or_else(|| path.to_string_lossy(), |n| n.to_string_lossy()))
}

/// One try of an upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// The time at which the engine began with it.
    pub started: Timestamp,
    /// File bytes sent; not known where Hoist was ended in the middle.
    pub sent: Option<u64>,
    /// None while it goes on, and where Hoist was ended in the middle.
    pub ended: Option<Timestamp>,
    /// How it ended: `done`, `processing`, or the name of a kind of failure.
    pub outcome: Option<String>,
}

/// A row of the history.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// What was requested.
    pub request: UploadRequest,
    /// Where it stands. What another Hoist is sending right now is *sending* or *sent*, without its figures.
    pub state: State,
    /// The content sent, where all bytes left; of a queued file, the content added.
    pub hash: Option<ContentHash>,
    /// How often it was tried.
    pub attempts: u32,
    /// Its place in its queue, where that was brought into an order of its own.
    pub position: Option<i64>,
}

/// The same content went to the same destination before.
#[derive(Clone, Debug, PartialEq)]
pub struct PreviousUpload {
    /// Which upload that was.
    pub id: UploadId,
    /// When it was requested.
    pub requested: Timestamp,
    /// What came of it; none where no answer came, so that it may exist.
    pub receipt: Option<Box<Receipt>>,
}

impl PreviousUpload {
    /// Returns what an upload of the history is to one of the same content.
    pub fn of(record: &Record) -> PreviousUpload {
        PreviousUpload {
            id: record.request.id,
            requested: record.request.requested.unwrap_or(record.request.added),
            receipt: record.state.receipt().cloned().map(Box::new),
        }
    }
}
