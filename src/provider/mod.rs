//! The providers, as data and pure functions: nothing here opens a socket, reads a file or a clock, logs, or sees a key.

pub mod build;
mod call;
pub mod check;
mod encode;
pub mod error_map;
pub mod file;
mod file_name;
pub mod hosts;
pub mod http;
pub mod key_check;
mod lifetime;
mod recipe;
mod registry;
pub mod rehearsal;
pub mod spec;
pub mod sxcu;
pub mod template;
mod upload_spec;

pub use call::{Provider, SandboxUpload, SentPart};
pub use registry::{
    all, built_in, by_id, first, of_vendor, offered_of, pointers, read, set_own, shown, shown_vendors,
    vendor, vendors,
};
pub use upload_spec::{Captured, Route, Step, UploadSpec};
