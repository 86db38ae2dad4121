//! Copies without what tells of people and machines: location, camera, author, AI provenance. Pixels and sound are taken
//! over byte for byte; what is needed to show them, orientation and colour profile, stays.

mod chunks;
mod gif;
mod isobmff;
mod jpeg;
mod original;
mod sound;
mod tiff;
mod zeros;

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Write};

use super::control::Control;
use super::error::FitError;
use crate::media::guard::guarded;
use crate::model::media::{FileFacts, Media};
use original::Original;

/// Writes a file without its metadata.
pub(super) fn strip(
    facts: &FileFacts,
    media: Media,
    file: &mut File,
    control: &Control<'_>,
) -> Result<(), FitError> {
    let opened = File::open(&facts.path).map_err(|e| FitError::Unreadable(e.kind()))?;
    let mut from = Original { file: BufReader::with_capacity(256 * 1024, opened), len: facts.size, control };
    let mut out = BufWriter::with_capacity(256 * 1024, &mut *file);
    let orientation = facts.orientation.filter(|n| *n > 1);
    let done = guarded(FitError::Broken, || {
        match media {
            Media::Jpeg => jpeg::strip(&mut from, orientation, &mut out),
            Media::Png => chunks::png(&mut from, orientation, &mut out),
            Media::Gif => gif::gif(&mut from, &mut out),
            Media::Webp => chunks::webp(&mut from, orientation, &mut out),
            Media::Wav => chunks::wav(&mut from, &mut out),
            Media::Flac => sound::flac(&mut from, &mut out),
            Media::Mp3 | Media::Aac => sound::frames(&mut from, &mut out),
            _ => from.copy_rest(&mut out),
        }
        .and_then(|()| out.flush())
        .map_err(|error| problem(&error, control))
    });
    drop(out);
    done?;
    match media {
        Media::Tiff => tiff::blank(file, control).map_err(|error| problem(&error, control)),
        Media::Mp4 | Media::Mov | Media::M4a | Media::ThreeGp | Media::ThreeGpAudio => {
            isobmff::blank(file, control).map_err(|error| problem(&error, control))
        }
        _ => Ok(()),
    }
}

fn problem(error: &io::Error, control: &Control<'_>) -> FitError {
    match error.kind() {
        _ if control.check().is_err() => FitError::Stopped,
        io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData => FitError::Broken,
        io::ErrorKind::Unsupported => FitError::Unsupported,
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => FitError::DiskFull,
        kind => FitError::Unwritable(kind),
    }
}
