//! The terminal as a user meets it: the real program, a folder of its own, and nothing else in its environment.
//!
//! Every run is also looked over by `Machine::finish`: it ends in time and without a panic, nothing on stderr moves a
//! cursor, and no key is in what it printed or in any file it left.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)] // clippy knows tests by their attribute, and helpers have none

#[macro_use]
mod machine;
#[path = "../support/mod.rs"]
mod support;

mod again;
mod checks;
mod completions;
mod contract;
mod core_dumps;
mod destinations;
mod disk;
mod fit;
mod history;
mod inputs;
mod inspect;
mod keyring;
mod keys;
mod mcp;
mod mcp_lines;
mod moving;
mod network;
mod once;
mod places;
mod recipes;
mod results;
mod sent;
mod servers;
mod steps;
mod steps_table;
mod tables;
mod terminal;
mod together;
mod trouble;
mod watch;
