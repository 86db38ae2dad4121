//! What differs by system.

pub mod clipboard;
pub mod display;
pub mod drops;
pub mod environment;
pub mod inbox;
pub mod instance;
pub mod notify;
