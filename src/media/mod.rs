//! Looking into files: what they are, and a small picture of them.

mod audio;
mod config;
pub mod convert;
mod damage;
pub mod details;
pub mod error;
pub mod folder;
mod frames;
pub mod hash;
mod heif;
#[cfg(test)]
mod hostile;
pub mod inspect;
pub mod listing;
mod matroska;
mod metadata;
mod mp4;
mod ogg;
mod orientation;
mod poster;
pub mod preview;
mod riff;
mod sniff;
mod source;
mod thumbnail;
mod thumbnail_cache;
mod tiff;
pub mod workers;
