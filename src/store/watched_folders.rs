//! Which folders a window watches, and for which destination: a person's own choice.
//!
//! Not among the settings: those are exported to other computers, and no file that is imported may have a folder sent.

use std::io;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::folders::Folders;
use super::table_file::TableFile;
use crate::model::destination::Destination;

/// A folder whose files go to a destination as they come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WatchedFolder {
    /// The folder.
    pub path: PathBuf,
    /// The destination's name.
    pub destination: String,
    /// Its provider, its key and its account, by which it is known when it has another name.
    pub provider: String,
    /// The name of its key.
    pub key: String,
    /// Its account; none is "Auto".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
}

impl WatchedFolder {
    /// Returns the entry of a folder and a destination.
    pub fn new(path: PathBuf, to: &Destination) -> WatchedFolder {
        WatchedFolder {
            path,
            destination: to.name.clone(),
            provider: to.provider.clone(),
            key: to.key.clone(),
            account: to.account.clone(),
        }
    }
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct WatchTable {
    #[serde(default, rename = "folder")]
    folders: Vec<WatchedFolder>,
}

/// The file of one home.
#[derive(Clone, Debug)]
pub struct WatchedFoldersFile {
    file: TableFile<WatchTable>,
}

impl WatchedFoldersFile {
    /// Returns the one in these folders.
    pub fn new(folders: &Folders) -> WatchedFoldersFile {
        WatchedFoldersFile { file: TableFile::new(folders.settings.join("watched.toml")) }
    }

    /// Lists what is to be watched.
    pub fn load(&self) -> io::Result<Vec<WatchedFolder>> {
        Ok(self.file.load()?.folders)
    }

    /// Adds a folder.
    pub fn add(&self, folder: WatchedFolder) -> io::Result<()> {
        self.file.update(|table| {
            table.folders.retain(|other| *other != folder);
            table.folders.push(folder);
        })?;
        Ok(())
    }

    /// Removes a folder.
    pub fn remove(&self, folder: &WatchedFolder) -> io::Result<()> {
        self.file.update(|table| table.folders.retain(|other| other != folder))?;
        Ok(())
    }
}
