//! What outlives the program: settings, the history, and keys in the system's keyring.

pub mod agent_rights;
pub mod environment;
pub(crate) mod files;
pub mod folders;
pub mod history;
pub mod imports;
pub mod keys;
pub mod provider_files;
pub mod proxy;
pub mod settings;
pub mod settings_file;
mod settings_salvage;
pub mod settings_text;
mod table_file;
mod unknown_fields;
pub mod watch_log;
pub mod watched_folders;
pub mod window_view;
