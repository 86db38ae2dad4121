//! What is said where drops or the clipboard come to nothing.

use std::error::Error as StdError;

use crate::model::drop_data::DroppedData;
use crate::platform::inbox::{Inbox, WindowEvent};

/// What is said where nothing of use was pasted.
pub const NOTHING_PASTED: &str =
    "The clipboard has no files and no links: copy some in a file manager, or drop them here";

/// Why the clipboard could not be read.
#[derive(Debug, thiserror::Error)]
pub enum PasteError {
    /// There is no screen, as over SSH.
    #[error("There is no display, and without one no clipboard")]
    NoDisplay,
    /// The window system did not give it.
    #[error("The clipboard cannot be read: {0}")]
    Unreadable(#[source] Box<dyn StdError + Send + Sync>),
}

/// Does on a thread of its own what may wait for other programs.
pub(super) fn spawn_detached(name: &str, inbox: &Inbox, work: impl FnOnce() + Send + 'static) {
    if let Err(e) = std::thread::Builder::new().name(name.to_owned()).spawn(work) {
        notify(inbox, &e.to_string());
    }
}

/// Says why the clipboard cannot be reached.
pub(super) fn notify(inbox: &Inbox, why: &str) {
    let problem = format!("The clipboard cannot be reached: {why}");
    inbox.put(WindowEvent::Handed(DroppedData { problems: vec![problem], ..DroppedData::default() }));
}
