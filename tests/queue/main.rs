//! What a person does with many files at once: pausing, ordering, sending again and elsewhere, taking out and back; and
//! how the accounts they go to stand.

#![allow(clippy::unwrap_used)] // a test that cannot go on has failed

#[path = "../support/mod.rs"]
mod support;

mod asked;
mod desk;
mod health;
mod order;
mod set;
mod undo;
