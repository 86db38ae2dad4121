//! The project itself: its rules, its licences, and what is installed beside the program.
#![allow(clippy::unwrap_used)] // clippy knows tests by their attribute, and helpers have none

mod documents;
mod house_rules;
mod licences;
mod packages;
mod provider_page;

use std::path::Path;

/// The project's folder.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
