//! Settings on their way to another computer: everything but keys, which stay in their keyring. What comes in was
//! written by anybody, so each part is looked at before it is taken over, and it is told what was not.

mod error;
mod import;
mod merge;
#[cfg(test)]
mod tests;

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use toml::Table;

pub use error::{KeptOut, TransferError, Unfit};
use import::PROVIDER_FILES;
pub use import::SettingsImport;
pub use merge::{Missing, Moved, merge};

use crate::store::files;
use crate::store::settings::Settings;

/// What is written above the settings.
const HEAD: &str = "# Settings of Hoist, for `hoist settings import`. Keys are not among them.\n";

/// Returns the settings as TOML, without what is remembered of keys, and with the provider files of the person's own.
pub fn export(settings: &Settings, provider_files: &[&str]) -> Result<String, TransferError> {
    let mut table = Table::try_from(settings)?;
    table.remove("key");
    if !provider_files.is_empty() {
        table.insert(PROVIDER_FILES.to_owned(), provider_files.to_vec().into());
    }
    Ok(format!("{HEAD}\n{}", toml::to_string_pretty(&table)?))
}

/// Writes the export. A file that exists is replaced whole or not at all; a pipe or a device is written to directly.
pub fn write(path: &Path, text: &str) -> io::Result<()> {
    let there = fs::metadata(path);
    if there.is_ok_and(|m| !m.is_file()) {
        return File::options().write(true).open(path)?.write_all(text.as_bytes());
    }
    // Readable by this person alone: accounts have people's names.
    files::write_whole(path, ".hoist-settings-", |file| file.write_all(text.as_bytes()))
}
