//! Fetches what a link names, once a person has agreed to its host. No key, no cookie and no referrer goes along, and
//! nothing is sent to any provider. What comes is hostile until the first bytes show that it is media.

pub(super) mod download;
mod error;
mod link;
pub(super) mod ssrf_guard;

use tokio_util::sync::CancellationToken;

use crate::store::imports::ImportFolder;
pub use error::FetchError;
pub use link::{Inside, Link};
pub use ssrf_guard::Lookup;

/// Something to fetch.
pub struct Fetch {
    /// To know the answer by.
    pub ticket: u64,
    /// The address that a person agreed to.
    pub link: Link,
    /// Nothing larger.
    pub max_bytes: u64,
    /// Where it is put.
    pub into: ImportFolder,
}

/// What became of it, or how far it is.
#[derive(Debug)]
pub enum Fetched {
    /// So many bytes have come, of so many where that is known.
    Progress {
        /// The one that the [`Fetch`] came with.
        ticket: u64,
        /// So far.
        received: u64,
        /// In all.
        total: Option<u64>,
    },
    /// It has ended. Of what was stopped nothing more is told.
    Ended {
        /// The one that the [`Fetch`] came with.
        ticket: u64,
        /// What came of it.
        outcome: Result<Landed, FetchError>,
    },
}

/// Where it ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Landed {
    /// It is this file.
    File(std::path::PathBuf),
    /// Another host is to be asked, which nobody has agreed to yet.
    RedirectedTo(Link),
}

/// Stops a fetch when it is dropped; after its end that does nothing.
#[derive(Debug)]
pub struct FetchHandle(pub(super) CancellationToken);

impl Drop for FetchHandle {
    fn drop(&mut self) {
        self.0.cancel();
    }
}
