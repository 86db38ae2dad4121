//! The clipboard of a program without a window on Wayland, where the compositor lets such programs read it.

use std::io;
use std::os::fd::AsFd;

use wl_clipboard_rs::paste::{ClipboardType, MimeType, Seat, get_contents, get_mime_types_ordered};

use super::data_offer::Offer;
use super::pipe;

/// What another program has copied.
pub(super) struct ControlledSelection {
    formats: Vec<String>,
}

impl ControlledSelection {
    /// Returns what is in the clipboard; an error where this compositor does not let it be read, or where it is empty.
    pub(super) fn clipboard() -> io::Result<ControlledSelection> {
        let formats = get_mime_types_ordered(ClipboardType::Regular, Seat::Unspecified);
        Ok(ControlledSelection { formats: formats.map_err(io::Error::other)? })
    }
}

impl Offer for ControlledSelection {
    fn formats(&self) -> &[String] {
        &self.formats
    }

    fn read(&mut self, format: &str, most: usize) -> io::Result<Vec<u8>> {
        let contents = get_contents(ClipboardType::Regular, Seat::Unspecified, MimeType::Specific(format));
        let (pipe, _) = contents.map_err(io::Error::other)?;
        pipe::read(pipe.as_fd().try_clone_to_owned()?, most)
    }
}
