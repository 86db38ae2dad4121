//! Looking into files: what they are, and a small picture of them.

mod boxes;
mod config;
pub mod convert;
mod damage;
pub mod details;
pub mod folder;
mod frames;
pub mod hash;
mod heif;
#[cfg(test)]
mod hostile;
pub mod inspect;
mod kept;
pub mod listing;
mod looks;
mod matroska;
mod metadata;
mod ogg;
mod orientation;
mod poster;
pub mod preview;
mod riff;
mod sniff;
mod sound;
mod source;
mod tiff;
pub mod workers;
