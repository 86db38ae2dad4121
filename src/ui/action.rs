//! Everything a person can do in the window, as data: buttons, menus and keys all make these, and one place does them.

use std::path::PathBuf;
use std::sync::Arc;

use crate::model::destination::Destination;
use crate::model::upload::UploadId;
use crate::session::export::Format;
use crate::store::history::Query;

/// What the middle of the window shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Page {
    #[default]
    Upload,
    History,
}

impl Page {
    /// In the order of the list at the left, and of Ctrl+1, Ctrl+2.
    pub(super) const ALL: [Page; 2] = [Page::Upload, Page::History];
}

/// One wish.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Action {
    /// Show another page.
    Page(Page),
    /// Search the history.
    Search,
    /// Show the file dialog.
    ChooseFiles,
    /// Send everything that is ready.
    Upload,
    /// Choose the destination of newly added files, by its place in the list.
    Choose(usize),
    /// Show the sheet that adds a destination.
    AddDestination,
    /// Forget a saved destination.
    RemoveDestination(String),
    /// Copy a text; the id says which button answers "Copied".
    Copy(UploadId, Copied, String),
    /// Stop a file on its way.
    Cancel(UploadId),
    /// Take a file from the queue.
    Remove(UploadId),
    /// Take every finished file from the queue.
    ClearFinished,
    /// Try again, or send again.
    SendAgain(UploadId),
    /// Put back into the queue.
    AddBack(UploadId),
    /// Ask again whether a service has finished.
    LookAgain(UploadId),
    /// Send a file somewhere else, by the destination's place in the list.
    SendTo(UploadId, usize),
    /// Take a file as it is now, though it is not the one that was added.
    AcceptChange(UploadId),
    /// Add a file of the history to the queue, for its destination where that is on offer.
    AddFile(PathBuf, Option<Arc<Destination>>),
    /// Show a file in the file manager.
    Reveal(PathBuf),
    /// Forget an upload of the history.
    Forget(UploadId),
    /// Ask whether to forget the whole history.
    AskToClear,
    /// Forget it.
    ClearHistory,
    /// Write what is found in the history to a file.
    Export(Format, Query),
    /// Close the window though files are being sent.
    CloseAnyway,
    /// Leave everything as it is.
    CloseQuestion,
    /// Go on to the next of light, dark and the system's.
    NextTheme,
    /// Close the notice.
    CloseNotice,
}

/// Which of a file's texts was copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Copied {
    /// The id, or the link where there is none.
    First,
    /// The link beside an id.
    Link,
}
