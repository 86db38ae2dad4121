//! What differs by system.

pub mod clipboard;
pub mod core_dumps;
pub mod display;
pub mod drops;
pub mod environment;
pub mod exchange;
pub mod here;
pub mod inbox;
pub mod instance;
pub mod notify;
