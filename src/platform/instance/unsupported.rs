//! Where there are no Unix sockets: no window listens, so each start opens one of its own.

use std::io;
use std::path::{Path, PathBuf};

use super::{Message, Start};

/// The place that a window listens at: there is none.
#[derive(Debug)]
pub enum Owner {}

/// A window that takes what further starts hand over: there is none.
#[derive(Debug)]
pub enum Listening {}

impl Owner {
    /// Nobody has one to call this on.
    pub fn listen(self, _take: impl Fn(Message) -> bool + Send + Sync + 'static) -> io::Result<Listening> {
        match self {}
    }
}

/// Every start has a window of its own.
pub fn start(_folder: &Path, files: Vec<PathBuf>, _token: Option<&str>, _display: bool) -> Start {
    Start::Apart { files, why: None }
}
