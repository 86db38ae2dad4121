//! What can be used of a drop or a paste.

use std::path::PathBuf;

use url::Url;

/// Everything of one drop or one paste that can be used, and what is to be said of the rest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DroppedData {
    /// Files and folders, by whole paths; whether they are there is not known yet.
    pub files: Vec<PathBuf>,
    /// Addresses of the web, `http` and `https` only.
    pub links: Vec<Url>,
    /// The content of a file that is none yet: a picture out of a browser.
    pub content: Option<Content>,
    /// A sentence for each thing that cannot be used.
    pub problems: Vec<String>,
}

/// The bytes of a file that is none yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content {
    /// As the other program encoded them.
    pub bytes: Vec<u8>,
    /// What the other program calls it; not to be trusted.
    pub name: Option<String>,
}

/// What must be known of this computer to read names of files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HostInfo {
    /// What this computer calls itself: files that name it are here.
    pub host: String,
    /// What `~` stands for.
    pub home: Option<PathBuf>,
}

impl DroppedData {
    /// Returns whether nothing was given, and nothing is to be said.
    pub fn is_empty(&self) -> bool {
        *self == DroppedData::default()
    }
}
