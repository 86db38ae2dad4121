//! The window through its accessibility tree and a few pictures, without a display.
#![allow(clippy::unwrap_used)]

mod history;
mod left_behind;
mod pictures;
#[path = "../support/renderer.rs"]
mod renderer;
mod seeds;
mod uploading;
mod window;
