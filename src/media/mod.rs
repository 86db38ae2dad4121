//! Looking into files: what they are, and a small picture of them.

pub mod hash;
pub mod inspect;
mod kept;
pub mod preview;
pub mod workers;
