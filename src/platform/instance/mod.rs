//! One window for each home: a second start hands its files over to the window that is open, and ends.
//!
//! The first start holds a lock for as long as its window is open, which the system lets go however that ends, and
//! listens on a Unix socket beside it. A second start cannot have the lock, so it connects and talks:
//!
//! | second start | first |
//! | --- | --- |
//! | length, message | |
//! | | *ready*: read and found good; or *refused* |
//! | *go* | |
//! | | *staged*; or *refused*: its window has gone |
//!
//! *Go* is there for a first that was stopped and goes on later: by then the second has lost its patience, hung up and
//! staged the files itself. Only what is said after *go* and never answered leaves it open who has them.
//!
//! Folder, lock and socket belong to the user alone, and both sides ask the system whose process the other one is.
//! Where there are no Unix sockets (Windows) each start opens a window of its own.

use std::path::PathBuf;

#[cfg(unix)]
mod client;
#[cfg(unix)]
mod folder;
#[cfg(unix)]
mod protocol;
#[cfg(unix)]
mod server;
#[cfg(not(unix))]
mod unsupported;

#[cfg(unix)]
pub use client::start;
#[cfg(unix)]
pub use folder::Owner;
#[cfg(unix)]
pub use protocol::{MAX_BYTES, MAX_FILES};
#[cfg(unix)]
pub use server::Listening;
#[cfg(not(unix))]
pub use unsupported::{Listening, Owner, start};

/// What one start hands over to another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// Files to stage, by whole paths.
    pub files: Vec<PathBuf>,
    /// What the launcher gave the second start so that its window may come to the front.
    pub token: Option<String>,
}

/// What a start of the window comes to.
#[derive(Debug)]
pub enum Start {
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
    Apart {
        /// Those of its files that no other window has.
        files: Vec<PathBuf>,
        /// Why, in a sentence, where nobody asked for that.
        why: Option<String>,
    },
}
