//! One window for each home: a second start hands its files over to the window that is open, and ends.
//!
//! The first start holds a lock for as long as its window is open, which the system lets go however that ends, and
//! listens on a Unix socket beside it, or on a pipe of Windows. A second start cannot have the lock, so it connects and
//! talks:
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

mod client;
#[cfg(unix)]
mod folder;
mod message;
mod outcome;
mod protocol;
mod server;
#[cfg(windows)]
mod windows;

pub use client::start;
pub use folder::Owner;
pub use message::Message;
pub use outcome::StartOutcome;
pub use protocol::{MAX_BYTES, MAX_FILES};
pub use server::Listening;
#[cfg(windows)]
use windows as folder;
