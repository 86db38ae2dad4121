//! The project itself: its rules, its licences, and what is installed beside the program.
#![allow(clippy::unwrap_used)] // clippy knows tests by their attribute, and helpers have none

mod house_rules;
mod licences;
mod packages;
