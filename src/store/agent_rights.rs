//! From which folders agents may send, and where to: the person's own setting, given in a terminal.
//!
//! Not among the settings: those are exported to other computers, and no file that is imported may grant a right.

use std::io;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::folders::Folders;
use super::table_file::TableFile;
use crate::model::destination::Destination;

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

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct AgentTable {
    #[serde(default, rename = "folder")]
    folders: Vec<AgentFolder>,
}

/// The file of one home.
#[derive(Clone, Debug)]
pub struct AgentRightsFile {
    file: TableFile<AgentTable>,
}

impl AgentRightsFile {
    /// Returns the one in these folders.
    pub fn new(folders: &Folders) -> AgentRightsFile {
        AgentRightsFile { file: TableFile::new(folders.settings.join("agents.toml")) }
    }

    /// Reads it. A damaged one is an error, and grants nothing.
    pub fn load(&self) -> io::Result<Vec<AgentFolder>> {
        Ok(self.file.load()?.folders)
    }

    /// Changes it: read, changed and written whole, so that a right that another program takes back stays taken back.
    pub fn update(&self, change: impl FnOnce(&mut Vec<AgentFolder>)) -> io::Result<Vec<AgentFolder>> {
        Ok(self.file.update(|table| change(&mut table.folders))?.folders)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::samples;

    #[test]
    fn a_right_holds_for_a_destination_by_its_name_or_for_all_of_a_provider() {
        let to = samples::destination("riffusion");
        let takes = |names: &[&str]| {
            let destinations = names.iter().map(ToString::to_string).collect();
            AgentFolder { path: "/home/me/out".into(), destinations }.takes(&to)
        };
        assert!(takes(&[]), "none named: every one");
        assert!(takes(&["riffusion"]) && takes(&["piapi", "riffusion"]));
        assert!(takes(&[&to.name.to_uppercase()]), "as names are compared everywhere");
        assert!(!takes(&["piapi"]) && !takes(&["RIFFUSION-2"]));
    }
}
