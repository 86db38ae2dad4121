//! Hoist uploads media files to generation providers and hands back their ids.
//!
//! Modules are declared bottom-up: each uses only those above it here. See ARCHITECTURE.md.

pub mod model;

pub mod media;

pub mod provider;

pub mod sandbox;

pub mod store;

pub mod engine;

pub mod session;

pub mod platform;

pub mod cli;

pub mod ui;
