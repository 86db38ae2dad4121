//! What is in one folder, for whoever types a path.

use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::error::ListError;
use crate::model::natural_sort::Natural;

/// A file or a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its last part, as the system has it.
    pub name: OsString,
    /// Whether it is a folder, or a link to one.
    pub is_folder: bool,
}

/// What is in a folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// The folder that was read.
    pub folder: PathBuf,
    /// Files and folders in the order people expect; nothing else.
    pub entries: Vec<Entry>,
    /// There is more than was read.
    pub more: bool,
}

/// Reads a folder, so many entries at most, as long as `keep_going`.
pub fn list(folder: &Path, most: usize, keep_going: &dyn Fn() -> bool) -> Result<Listing, ListError> {
    let entries = std::fs::read_dir(folder).map_err(|e| match e.kind() {
        ErrorKind::NotFound => ListError::NotFound(folder.to_owned()),
        ErrorKind::NotADirectory => ListError::NoFolder(folder.to_owned()),
        ErrorKind::PermissionDenied => ListError::Denied(folder.to_owned()),
        _ => ListError::Other(folder.to_owned(), e),
    })?;
    let mut listing = Listing { folder: folder.to_owned(), ..Listing::default() };
    for (looked, entry) in entries.flatten().enumerate() {
        if looked == most {
            listing.more = true;
            break;
        }
        if !keep_going() {
            break;
        }
        let Ok(kind) = entry.file_type() else { continue };
        // Where a link leads nowhere, there is nothing to add.
        let (is_folder, is_file) = match kind.is_symlink() {
            true => std::fs::metadata(entry.path()).map_or((false, false), |m| (m.is_dir(), m.is_file())),
            false => (kind.is_dir(), kind.is_file()),
        };
        if is_folder || is_file {
            listing.entries.push(Entry { name: entry.file_name(), is_folder });
        }
    }
    listing.entries.sort_by_cached_key(|entry| Natural::new(&entry.name.to_string_lossy()));
    Ok(listing)
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn files_and_folders_are_listed_and_what_is_neither_is_not() {
        let dir = tempfile::tempdir().unwrap();
        for folder in ["b", ".hidden"] {
            fs::create_dir(dir.path().join(folder)).unwrap();
        }
        for file in ["take 10.png", "take 2.png"] {
            fs::write(dir.path().join(file), b"").unwrap();
        }
        symlink(dir.path().join("b"), dir.path().join("link")).unwrap();
        symlink("nowhere", dir.path().join("dangling")).unwrap();
        symlink("/dev/zero", dir.path().join("zero")).unwrap();
        let listing = list(dir.path(), 100, &|| true).unwrap();
        let shown: Vec<_> = listing.entries.iter().map(|e| (e.name.to_str().unwrap(), e.is_folder)).collect();
        let expected =
            [(".hidden", true), ("b", true), ("link", true), ("take 2.png", false), ("take 10.png", false)];
        assert_eq!(shown, expected);
        assert!(!listing.more);
        let few = list(dir.path(), 3, &|| true).unwrap();
        assert!(few.more && few.entries.len() <= 3);
        assert_eq!(list(dir.path(), 100, &|| false).unwrap().entries, []);
    }

    #[test]
    fn why_a_folder_cannot_be_listed_is_said() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("a.png"), b"").unwrap();
        let why = |name: &str| list(&dir.path().join(name), 9, &|| true).unwrap_err().to_string();
        assert_eq!(why("gone"), "There is no folder gone");
        assert_eq!(why("a.png"), "a.png is not a folder");
    }
}
