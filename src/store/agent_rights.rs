//! From which folders agents may send, and where to: the person's own setting, given in a terminal.
//!
//! Not among the settings: those are exported to other computers, and no file that is imported may grant a right.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::files;
use super::folders::Folders;
use crate::model::destination::Destination;

/// A larger file is not one.
const MAX_BYTES: u64 = 1024 * 1024;

/// What is written before it takes the place of the file begins so.
const UNFINISHED: &str = ".agents-";

/// A folder from which agents may send.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentFolder {
    /// The folder, without symbolic links in its path.
    pub path: PathBuf,
    /// The destinations and providers that its files may go to, by name; none: every one.
    #[serde(default)]
    pub destinations: Vec<String>,
}

impl AgentFolder {
    /// Returns whether its files may go to a destination: by that one's name, or by its provider's ID.
    pub fn takes(&self, to: &Destination) -> bool {
        let is_it = |name: &String| name.to_lowercase() == to.name.to_lowercase() || *name == to.provider;
        self.destinations.is_empty() || self.destinations.iter().any(is_it)
    }
}

#[derive(Default, Serialize, Deserialize)]
struct AgentTable {
    #[serde(default, rename = "folder")]
    folders: Vec<AgentFolder>,
}

/// The file of one home.
#[derive(Clone, Debug)]
pub struct AgentRightsFile {
    path: PathBuf,
}

impl AgentRightsFile {
    /// Returns the one in these folders.
    pub fn new(folders: &Folders) -> AgentRightsFile {
        AgentRightsFile { path: folders.settings.join("agents.toml") }
    }

    /// Reads it. A damaged one is an error, and grants nothing.
    pub fn load(&self) -> io::Result<Vec<AgentFolder>> {
        let file = match files::open_to_read(&self.path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(vec![]),
            file => file?,
        };
        let text = files::read_text(file, MAX_BYTES)?;
        let table: AgentTable = toml::from_str(&text).map_err(|e| invalid(e.message()))?;
        Ok(table.folders)
    }

    /// Changes it: read, changed and written whole, so that a right that another program takes back stays taken back.
    pub fn update(&self, change: impl FnOnce(&mut Vec<AgentFolder>)) -> io::Result<Vec<AgentFolder>> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        Folders::make(folder)?;
        let lock = std::fs::OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(self.path.with_extension("lock"))?;
        files::lock(&lock, files::LOCK_TIMEOUT)?;
        let mut table = AgentTable { folders: self.load()? };
        change(&mut table.folders);
        let text = toml::to_string_pretty(&table).map_err(|e| invalid(&e.to_string()))?;
        let mut file = tempfile::Builder::new().prefix(UNFINISHED).tempfile_in(folder)?;
        file.write_all(text.as_bytes())?;
        files::replace(file, &self.path)?;
        files::remove_unfinished(folder, &[UNFINISHED]);
        Ok(table.folders)
    }
}

fn invalid(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why.to_owned())
}
