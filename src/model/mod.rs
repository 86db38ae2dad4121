//! What an upload is: plain data, no I/O.

pub mod copy;
pub mod destination;
pub mod error;
pub mod handed;
pub mod health;
pub mod media;
pub mod natural;
pub mod queue;
pub mod receipt;
pub mod record;
pub mod remedy;
pub mod response;
#[cfg(test)]
pub mod samples;
mod scrub;
pub mod secret;
pub mod text;
pub mod totals;
pub mod trouble;
pub mod upload;
