//! What is found in files of every kind.

mod files;
mod generators;
mod photographs;
mod robust;
mod sound;
mod videos;
