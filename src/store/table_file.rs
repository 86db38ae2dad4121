//! A small TOML file that several programs change: each reads, changes and writes it whole, one after the other.

use std::io::{self, Write};
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::files;
use super::folders::Folders;

/// A larger file is not one of these.
const MAX_BYTES: u64 = 1024 * 1024;

/// A file that holds one `T`.
#[derive(Clone, Debug)]
pub(super) struct TableFile<T> {
    path: PathBuf,
    table: PhantomData<fn() -> T>,
}

impl<T: Default + Serialize + DeserializeOwned> TableFile<T> {
    pub(super) fn new(path: PathBuf) -> TableFile<T> {
        TableFile { path, table: PhantomData }
    }

    /// Reads it; where there is none, it is empty. A damaged one is an error.
    pub(super) fn load(&self) -> io::Result<T> {
        let file = match files::open_to_read(&self.path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(T::default()),
            file => file?,
        };
        let text = files::read_text(file, MAX_BYTES)?;
        toml::from_str(&text).map_err(|e| invalid(e.message()))
    }

    /// Changes it, and gives back what is in it then.
    pub(super) fn update(&self, change: impl FnOnce(&mut T)) -> io::Result<T> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        Folders::make(folder)?;
        let mut options = std::fs::OpenOptions::new();
        options.create(true).truncate(false).write(true);
        let lock = files::open(&self.path.with_extension("lock"), &mut options)?;
        files::lock(&lock, files::LOCK_TIMEOUT)?;
        let mut table = self.load()?;
        change(&mut table);
        let text = toml::to_string_pretty(&table).map_err(|e| invalid(&e.to_string()))?;
        let unfinished = format!(".{}-", self.path.file_stem().unwrap_or_default().to_string_lossy());
        files::write_whole(&self.path, &unfinished, |file| file.write_all(text.as_bytes()))?;
        files::remove_unfinished(folder, &[&unfinished]);
        Ok(table)
    }
}

fn invalid(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why.to_owned())
}
