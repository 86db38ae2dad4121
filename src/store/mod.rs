//! What outlives the program: settings, and keys in the system's keyring.

pub mod environment;
pub mod folders;
pub mod keys;
pub mod settings;
