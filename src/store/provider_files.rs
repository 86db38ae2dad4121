//! The provider files of a person: a folder of TOML files, and what was agreed to for each.
//!
//! A file is used once somebody has seen where it sends files and keys, and again once that changes: whoever can write a
//! file into the folder cannot send a key anywhere with it.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::files;
use super::folders::Folders;
use super::table_file::TableFile;
use crate::model::text::sanitize;
use crate::provider::{self, Provider, build};

/// No more files are read.
const MAX_FILES: usize = 1000;

/// Where agreements are kept, in the same folder.
const AGREED: &str = "agreed.toml";

/// The provider files of a person.
#[derive(Clone, Debug)]
pub struct ProviderFiles {
    folder: PathBuf,
}

/// What stands in the folder.
#[derive(Debug, Default)]
pub struct FoundProviders {
    /// Those that can be used.
    pub providers: Vec<&'static Provider>,
    /// Those that cannot, and why.
    pub problems: Vec<ProviderProblem>,
}

/// A file that is not used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderProblem {
    /// The file.
    pub path: PathBuf,
    /// A sentence, and whether a review mends it.
    pub reason: NotUsed,
}

/// Why a file is not used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotUsed {
    /// It cannot be read.
    #[error("The file cannot be read: {0}")]
    Unreadable(String),
    /// What was agreed to cannot be read.
    #[error(
        "What you agreed to (agreed.toml beside it) cannot be read: {0}. Mend that file, or remove it and review the provider again"
    )]
    AgreedUnreadable(String),
    /// It is not a valid provider file: which line, which field, and what would be right.
    #[error("{0}")]
    Invalid(String),
    /// Two files have one ID.
    #[error("Another file has the ID {0}, too: give one of them another ID")]
    SameId(&'static str),
    /// It was changed since somebody agreed to it.
    #[error("The provider sends files or keys elsewhere than before: review it before it is used again")]
    Elsewhere,
    /// Somebody put it there, and it was not agreed to.
    #[error("You have not agreed yet to where it sends files and keys: review it first")]
    NotAgreed,
}

impl NotUsed {
    /// Returns whether a person's agreement is all that it needs.
    pub fn needs_review(&self) -> bool {
        matches!(self, NotUsed::Elsewhere | NotUsed::NotAgreed)
    }
}

/// What tells whether files of the folder were written since: each one's path, time and size.
type FolderStamp = Vec<(PathBuf, Option<SystemTime>, u64)>;

/// Why a file was not added or removed.
#[derive(Debug, thiserror::Error)]
pub enum ProviderFileError {
    /// The folder or a file in it.
    #[error("{}: {error}", .path.display())]
    Io {
        /// What could not be read or written.
        path: PathBuf,
        /// As the disk gave it.
        error: io::Error,
    },
    /// There is none of this ID.
    #[error("No provider file of yours has the ID {}. `hoist providers` lists them", sanitize(.0))]
    Unknown(String),
}

/// What was agreed to.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Agreements {
    #[serde(default)]
    agreed: Vec<Agreement>,
}

/// What was agreed to for one provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Agreement {
    id: String,
    /// Where it sends files and keys.
    reach: Vec<String>,
}

impl ProviderFiles {
    /// Finds the folder; it need not be there.
    pub fn new(folders: &Folders) -> ProviderFiles {
        ProviderFiles { folder: folders.settings.join("providers") }
    }

    /// Returns where files of a person's own are read from; it need not exist.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Reads every file in it. A broken one costs only itself.
    pub fn load(&self) -> FoundProviders {
        let mut found = FoundProviders::default();
        let agreements = self.agreed().load();
        for path in self.paths() {
            match ProviderFiles::read(&path, agreements.as_ref(), &found.providers) {
                Ok(provider) => found.providers.push(provider),
                Err(reason) => found.problems.push(ProviderProblem { path, reason }),
            }
        }
        found
    }

    /// Lists the files, in their order.
    fn paths(&self) -> Vec<PathBuf> {
        let Ok(entries) = std::fs::read_dir(&self.folder) else { return vec![] };
        let is_provider = |path: &PathBuf| {
            path.extension().is_some_and(|e| e == "toml") && path.file_name().is_some_and(|n| n != AGREED)
        };
        let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).filter(is_provider).collect();
        paths.sort();
        paths.truncate(MAX_FILES);
        paths
    }

    /// Watches the folder: the first call returns true, and each later one whether a file in it was written, added or removed
    /// since the call before.
    pub fn watch(&self) -> impl FnMut() -> bool + Send + use<> {
        let files = self.clone();
        let mut before = FolderStamp::new();
        move || {
            let stamp = files.stamp();
            std::mem::replace(&mut before, stamp) != before
        }
    }

    fn stamp(&self) -> FolderStamp {
        let of = |path: PathBuf| {
            let meta = std::fs::metadata(&path).ok();
            let size = meta.as_ref().map_or(0, std::fs::Metadata::len);
            (path, meta.and_then(|meta| meta.modified().ok()), size)
        };
        self.paths().into_iter().chain([self.folder.join(AGREED)]).map(of).collect()
    }

    fn read(
        path: &Path,
        agreements: Result<&Agreements, &io::Error>,
        others: &[&'static Provider],
    ) -> Result<&'static Provider, NotUsed> {
        let text = read_bounded(path).map_err(|e| NotUsed::Unreadable(e.to_string()))?;
        let provider = provider::read(&text, path).map_err(|e| NotUsed::Invalid(e.to_string()))?;
        let facts = provider.facts();
        if others.iter().any(|other| other.facts().id == facts.id) {
            return Err(NotUsed::SameId(facts.id));
        }
        let agreements = agreements.map_err(|e| NotUsed::AgreedUnreadable(e.to_string()))?;
        let agreed = agreements.agreed.iter().find(|agreement| agreement.id == facts.id);
        match agreed {
            Some(agreed) if agreed.reach == provider.reach() => Ok(provider),
            Some(_) => Err(NotUsed::Elsewhere),
            None => Err(NotUsed::NotAgreed),
        }
    }

    fn agreed(&self) -> TableFile<Agreements> {
        TableFile::new(self.folder.join(AGREED))
    }

    /// Changes what is agreed to. One that cannot be read stays as it is: it is the person's word.
    fn agree(&self, change: impl FnOnce(&mut Vec<Agreement>)) -> Result<(), ProviderFileError> {
        let agreed = self.agreed().update(|agreements| change(&mut agreements.agreed));
        agreed.map(drop).map_err(|error| ProviderFileError::Io { path: self.folder.join(AGREED), error })
    }

    /// Saves a provider's file under its ID, and that somebody has agreed to it.
    pub fn add(&self, provider: &Provider, text: &str) -> Result<PathBuf, ProviderFileError> {
        let path = self.folder.join(format!("{}.toml", provider.facts().id));
        let agreement = Agreement { id: provider.facts().id.to_owned(), reach: provider.reach() };
        // Before the file is there: without an agreement nothing uses it.
        self.agree(|agreed| {
            agreed.retain(|one| one.id != agreement.id);
            agreed.push(agreement);
        })?;
        self.write(&path, text)?;
        Ok(path)
    }

    /// Removes a provider's file, and what was agreed to for it.
    pub fn remove(&self, id: &str) -> Result<PathBuf, ProviderFileError> {
        let provider = provider::by_id(id).filter(|provider| provider.file().is_some());
        let path =
            provider.and_then(Provider::file).ok_or_else(|| ProviderFileError::Unknown(id.to_owned()))?;
        self.agree(|agreed| agreed.retain(|agreement| agreement.id != id))?;
        self.remove_unused(path)?;
        Ok(path.to_owned())
    }

    /// Removes a file of the folder that is not used.
    pub fn remove_unused(&self, path: &Path) -> Result<(), ProviderFileError> {
        let at = |error| ProviderFileError::Io { path: path.to_owned(), error };
        if path.parent() != Some(&self.folder) {
            return Err(at(io::Error::other("it is not in the folder of provider files")));
        }
        std::fs::remove_file(path).map_err(at)
    }

    /// Replaces a file whole, or not at all.
    fn write(&self, path: &Path, text: &str) -> Result<(), ProviderFileError> {
        let at = |error| ProviderFileError::Io { path: path.to_owned(), error };
        Folders::make(&self.folder).map_err(at)?;
        files::write_whole(path, ".provider-", |file| file.write_all(text.as_bytes())).map_err(at)
    }
}

/// Reads a file that somebody wants to add: no more of it than a provider's file may have.
pub fn read_bounded(path: &Path) -> io::Result<String> {
    let meta = std::fs::metadata(path)?;
    if !meta.is_file() {
        return Err(io::Error::other("it is no file"));
    }
    if meta.len() > build::MAX_FILE as u64 {
        return Err(io::Error::other(format!("it is larger than {} kB", build::MAX_FILE / 1024)));
    }
    files::read_text(std::fs::File::open(path)?, build::MAX_FILE as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = include_str!("../../tests/fixtures/providers/mine.toml");

    fn files(home: &tempfile::TempDir) -> ProviderFiles {
        ProviderFiles::new(&Folders::inside(home.path()))
    }

    #[test]
    fn what_was_agreed_to_is_lost_by_no_damage_and_by_no_other_hoist() {
        let home = tempfile::tempdir().unwrap();
        let files = files(&home);
        // Each with an ID of its own, all at once.
        let texts: Vec<_> = (0..8).map(|n| TEXT.replace("mine", &format!("mine-{n}"))).collect();
        std::thread::scope(|scope| {
            for text in &texts {
                let read = provider::read(text, Path::new("any.toml")).unwrap();
                let files = &files;
                scope.spawn(move || files.add(read, text).unwrap());
            }
        });
        let found = files.load();
        assert_eq!((found.providers.len(), found.problems.len()), (8, 0), "{:?}", found.problems);
        let agreed = files.folder().join(AGREED);
        std::fs::write(&agreed, "agreed = 5").unwrap();
        let found = files.load();
        let reason = found.problems[0].reason.to_string();
        assert!(
            found.providers.is_empty()
                && reason.starts_with("What you agreed to (agreed.toml beside it) cannot"),
            "{reason}"
        );
        let read = provider::read(TEXT, Path::new("any.toml")).unwrap();
        assert!(files.add(read, TEXT).is_err() && files.remove("mine-1").is_err());
        assert_eq!(std::fs::read_to_string(agreed).unwrap(), "agreed = 5");
    }

    #[test]
    fn a_file_is_used_once_it_was_agreed_to_and_asked_about_again_when_it_sends_elsewhere() {
        let home = tempfile::tempdir().unwrap();
        let files = files(&home);
        assert!(files.load().providers.is_empty() && files.load().problems.is_empty(), "no folder");
        std::fs::create_dir_all(files.folder()).unwrap();
        let path = files.folder().join("mine.toml");
        std::fs::write(&path, TEXT).unwrap();
        let problem = |files: &ProviderFiles| files.load().problems.pop().unwrap().reason.to_string();
        assert!(problem(&files).contains("You have not agreed yet"), "{}", problem(&files));
        files.add(provider::read(TEXT, &path).unwrap(), TEXT).unwrap();
        assert_eq!(files.load().providers.len(), 1);
        std::fs::write(&path, TEXT.replace("name = \"Mine\"", "name = \"Other\"")).unwrap();
        assert_eq!(files.load().providers.len(), 1, "a name sends nothing elsewhere");
        for (old, new) in [
            ("api.mine.example", "api.other.example"),
            ("keys_page", "auth = { header = \"x-key\" }\nkeys_page"),
        ] {
            std::fs::write(&path, TEXT.replace(old, new)).unwrap();
            assert!(problem(&files).contains("elsewhere than before"), "{}", problem(&files));
        }
        std::fs::write(files.folder().join("second.toml"), TEXT).unwrap();
        std::fs::write(&path, TEXT).unwrap();
        assert!(problem(&files).contains("Another file has the ID mine"), "{}", problem(&files));
    }

    #[test]
    fn a_broken_file_costs_only_itself_and_its_line_is_said() {
        let home = tempfile::tempdir().unwrap();
        let files = files(&home);
        let path = files.folder().join("mine.toml");
        files.add(provider::read(TEXT, &path).unwrap(), TEXT).unwrap();
        std::fs::write(files.folder().join("broken.toml"), TEXT.replace("\"POST\"", "\"SEND\"")).unwrap();
        std::fs::write(files.folder().join("large.toml"), " ".repeat(build::MAX_FILE + 1)).unwrap();
        let found = files.load();
        assert_eq!(found.providers.len(), 1);
        let messages: Vec<_> = found.problems.iter().map(|p| p.reason.to_string()).collect();
        assert!(messages[0].starts_with("line 18: "), "{messages:?}");
        assert!(messages[1].contains("larger than 256 kB"), "{messages:?}");
    }
}
