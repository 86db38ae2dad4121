//! Looking into files: what they are, and a small picture of them.

mod boxes;
pub mod convert;
mod damage;
pub mod details;
pub mod folder;
pub mod hash;
pub mod inspect;
mod kept;
pub mod listing;
mod looks;
mod metadata;
mod poster;
pub mod preview;
mod sound;
mod tiff;
pub mod workers;
