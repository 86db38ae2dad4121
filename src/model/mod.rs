//! What an upload is: plain data, no I/O.

pub mod address;
pub mod copy_format;
pub mod destination;
pub mod disk;
pub mod drop_data;
pub mod encoding;
pub mod error;
pub mod failures;
pub mod fit;
pub mod health;
pub mod item;
pub mod media;
pub mod natural_sort;
pub mod path_bytes;
pub mod queue;
pub mod receipt;
pub mod record;
pub mod remedy;
pub mod response;
#[cfg(test)]
pub mod samples;
mod scrub;
pub mod secret;
pub mod system;
pub mod text;
pub mod totals;
pub mod upload;
