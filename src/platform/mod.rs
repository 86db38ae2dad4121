//! What differs by system.

pub mod clipboard;
pub mod core_dumps;
pub mod display;
pub mod dnd_clipboard;
pub mod drops;
pub mod environment;
pub mod host;
pub mod inbox;
pub mod instance;
pub mod motion;
pub mod notify;
