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

#[cfg(not(unix))]
use std::path::{Path, PathBuf};

#[cfg(unix)]
mod client;
#[cfg(unix)]
mod folder;
mod message;
mod outcome;
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
pub use message::Message;
pub use outcome::StartOutcome;
#[cfg(unix)]
pub use protocol::{MAX_BYTES, MAX_FILES};
#[cfg(unix)]
pub use server::Listening;
#[cfg(not(unix))]
pub use unsupported::{Listening, Owner};

/// Returns every start has a window of its own.
#[cfg(not(unix))]
pub fn start(_folder: &Path, files: Vec<PathBuf>, _token: Option<&str>, _display: bool) -> StartOutcome {
    StartOutcome::Standalone { files, why: None }
}
