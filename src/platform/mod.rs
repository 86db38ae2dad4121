//! What differs by system.

pub mod clipboard;
pub mod console;
pub mod core_dumps;
pub mod dialog_parent;
pub mod display;
pub mod display_loss;
pub mod dnd_clipboard;
pub mod drops;
pub mod environment;
pub mod host;
pub mod identity;
pub mod inbox;
pub mod instance;
pub mod interrupt;
pub mod motion;
pub mod notify;
pub mod taskbar;
