//! The window through its accessibility tree and a few pictures, without a display.
#![allow(clippy::unwrap_used)]

mod accounts;
mod brought;
mod folders;
mod gallery;
mod health;
mod history;
mod keyboard;
mod left_behind;
mod many;
mod paths;
mod pictures;
mod remedies;
#[path = "../support/renderer.rs"]
mod renderer;
mod scene;
mod seeds;
mod settings;
#[path = "../support/mod.rs"]
mod support;
mod uploading;
mod window;
mod without_history;
