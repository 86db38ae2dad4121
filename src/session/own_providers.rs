//! The providers of a person's own files: read, reviewed, added and removed.

use std::path::{Path, PathBuf};

use jiff::civil::Date;

use super::provider_terms::{self, ProviderTerm, TermSubject};
use super::provider_test::{self, Promise};
use crate::model::record::name_of;
use crate::model::secret::Key;
use crate::model::text::sanitize;
use crate::provider::spec::ProviderSpec;
use crate::provider::{self, Provider, sxcu};
use crate::store::folders::Folders;
use crate::store::provider_files::read_bounded;
pub use crate::store::provider_files::{ProviderFileError, ProviderFiles, ProviderProblem};

/// Why a file cannot be added.
#[derive(Debug, thiserror::Error)]
pub enum AddProviderError {
    /// It cannot be read.
    #[error("{} cannot be read: {error}", sanitize(&.path.to_string_lossy()))]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// As the disk gave it.
        error: std::io::Error,
    },
    /// It is not a valid provider file.
    #[error("{}: {problem}", sanitize(&.path.to_string_lossy()))]
    Invalid {
        /// The file.
        path: PathBuf,
        /// Which line, which field, and what would be right.
        problem: String,
    },
    /// It could not be saved.
    #[error(transparent)]
    NotSaved(#[from] ProviderFileError),
}

/// A file that somebody wants to add, before they agreed to it.
pub struct ReviewedProvider {
    provider: &'static Provider,
    text: String,
    /// What stood in another program's file: for the keyring.
    key: Option<Key>,
    /// What of another program's file has no use here.
    notes: Vec<String>,
    /// What came of its examples, faults and hostile replies.
    promises: Vec<Promise>,
}

impl std::fmt::Debug for ReviewedProvider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReviewedProvider").field("id", &self.facts().id).finish_non_exhaustive()
    }
}

/// Reads the folder of provider files anew: its providers are there from now on. Returns the files that are not used.
pub fn load(folders: &Folders) -> Vec<ProviderProblem> {
    let found = ProviderFiles::new(folders).load();
    provider::set_own(found.providers);
    found.problems
}

/// Reads a file for whoever is to agree to it: a provider's file, or a custom uploader of `ShareX` (`.sxcu`). `today` is
/// the date that is noted of the latter.
pub fn review(path: &Path, today: Date) -> Result<ReviewedProvider, AddProviderError> {
    let text =
        read_bounded(path).map_err(|error| AddProviderError::Unreadable { path: path.to_owned(), error })?;
    review_text(path, text, today)
}

/// Reads the text of such a file.
pub fn review_text(path: &Path, text: String, today: Date) -> Result<ReviewedProvider, AddProviderError> {
    let is_uploader = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("sxcu"));
    let invalid = |problem: String| AddProviderError::Invalid { path: path.to_owned(), problem };
    let (text, key, notes) = if is_uploader {
        let reserved: Vec<_> = provider::built_in()
            .iter()
            .flat_map(|provider| [provider.facts().id, provider.facts().vendor.id])
            .collect();
        let imported = sxcu::import(text.as_bytes(), &today.to_string(), &reserved);
        let imported = imported.map_err(|unsupported| {
            invalid(format!("The file cannot be imported. {}", unsupported.0.join(". ")))
        })?;
        let key = imported.key.map(Key::new).transpose().map_err(|e| invalid(format!("Its key: {e}")))?;
        (imported.toml, key, imported.notes)
    } else {
        (text, None, vec![])
    };
    let provider = provider::read(&text, path).map_err(|e| invalid(e.to_string()))?;
    let promises = provider_test::check(provider);
    Ok(ReviewedProvider { provider, text, key, notes, promises })
}

impl ReviewedProvider {
    /// Returns what it takes and wants.
    pub fn facts(&self) -> &'static ProviderSpec {
        self.provider.facts()
    }

    /// Lists what a person agrees to.
    pub fn terms(&self) -> Vec<ProviderTerm> {
        let mut terms = provider_terms::of(self.provider);
        if self.key.is_some() {
            let where_to = vec!["goes from the file into the keyring".to_owned()];
            terms.insert(2, ProviderTerm::new(TermSubject::Key, "The key that stands in the file", where_to));
        }
        if !self.notes.is_empty() {
            terms.push(ProviderTerm::new(TermSubject::Skipped, "Not imported", self.notes.clone()));
        }
        terms
    }

    /// Saves it, now that somebody has agreed; returns the file, and the key that stood in it.
    pub fn save(self, folders: &Folders) -> Result<(PathBuf, Option<Key>), AddProviderError> {
        let path = ProviderFiles::new(folders).add(self.provider, &self.text)?;
        load(folders);
        Ok((path, self.key))
    }

    /// Returns whether another file of this ID is there, which it would replace.
    pub fn replaces(&self) -> bool {
        provider::by_id(self.facts().id).is_some()
    }

    /// Returns the name of its file.
    pub fn file_name(&self) -> String {
        self.provider.file().map(name_of).unwrap_or_default()
    }

    /// Lists what it promises, and which of that holds.
    pub fn promises(&self) -> &[Promise] {
        &self.promises
    }

    /// Returns the provider that the file makes.
    pub fn provider(&self) -> &'static Provider {
        self.provider
    }
}

/// Returns the texts of the files that are used.
pub fn texts() -> Vec<&'static str> {
    provider::all().into_iter().filter(|provider| provider.file().is_some()).map(Provider::text).collect()
}

/// Removes a file.
pub fn remove(folders: &Folders, id: &str) -> Result<PathBuf, ProviderFileError> {
    let path = ProviderFiles::new(folders).remove(id)?;
    load(folders);
    Ok(path)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_reviewed_provider_is_known_by_the_name_of_its_file() {
        let text = provider::by_id("flow-music").unwrap().text();
        let own = text.replace("id = \"flow-music\"", "id = \"mine\"").replace("position = 1\n", "");
        let path = Path::new("/home/me/Downloads/mine.toml");
        let review = review_text(path, own, date(2026, 11, 28)).unwrap();
        assert_eq!((review.file_name().as_str(), review.facts().id), ("mine.toml", "mine"));
    }
}
