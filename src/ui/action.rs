//! Everything a person can do in the window, as data: buttons, menus and keys all make these, and one place does them.

use crate::model::upload::UploadId;

/// One wish.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Action {
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
