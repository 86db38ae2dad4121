//! Everything below the two faces over real sockets, files and processes. One program, because each test program links
//! all libraries again.
#![allow(clippy::unwrap_used)] // a test that cannot go on has failed

#[path = "../support/mod.rs"]
mod support;

mod faults;
mod fetch;
mod history;
#[cfg(unix)]
mod instance;
mod kept_alive;
mod killed;
mod outcomes;
#[cfg(windows)]
mod pipe;
mod providers;
mod queue;
mod replies;
mod rows;
mod sandbox;
#[cfg(unix)]
mod stopped;
mod waiting;
