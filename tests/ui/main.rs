//! The window through its accessibility tree and a few pictures, without a display.
#![allow(clippy::unwrap_used)]

mod accounts;
mod arrows;
mod brought;
mod comparison;
mod details;
mod fitting;
mod folders;
mod footer;
mod gallery;
mod health;
mod history;
mod history_work;
mod keyboard;
mod left_behind;
mod location;
mod many;
mod newcomer;
mod palette;
mod paths;
mod pictures;
mod remedies;
mod remembered;
#[path = "../support/renderer.rs"]
mod renderer;
mod reordering;
mod right_to_left;
mod rows;
mod scene;
mod screen_reader;
mod seeds;
mod send_to;
mod settings;
mod sheets;
mod sight;
#[path = "../support/mod.rs"]
mod support;
mod toasts;
mod uploading;
mod walk;
mod watching;
mod window;
mod without_history;
