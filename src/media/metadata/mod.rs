//! What a file tells that its owner may not want to give away: where and with what it was taken, whose it is, and that a
//! machine made it. Only the places where such things stand are read, each within bounds, and what is odd in one of them
//! loses nothing of the others.

mod bytes;
mod c2pa;
mod exif;
mod found;
mod generators;
mod image;
mod made;
mod movie;
mod sound;
mod telemetry;
mod xmp;

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use crate::media::matroska;
use crate::media::source::Source;
use crate::media::tiff::Tiff;
use crate::model::media::{LocationPresence, Media, Metadata};
use found::MetadataFound;

/// Returns what a file of this type tells.
pub(super) fn read_metadata(path: &Path, media: Media) -> Vec<Metadata> {
    let mut found = MetadataFound::default();
    if let Ok(mut file) = File::open(path) {
        let length = file.metadata().map_or(0, |meta| meta.len());
        let mut source = Source::new(&mut file, length);
        read_all(&mut source, media, &mut found);
    }
    found.0.sort_by_key(|one| match one {
        Metadata::Place(_) | Metadata::PossiblePlace => 0,
        Metadata::AiProvenance(_) => 1,
        Metadata::AiParameters(_) => 2,
        Metadata::ContentCredentials(_) => 3,
        Metadata::Camera(_) => 4,
        Metadata::Author(_) => 5,
        Metadata::Title(_) => 6,
        Metadata::Comment(_) => 7,
    });
    found.0
}

/// Returns whether a file of this type tells where it was taken. What cannot be read tells nothing.
pub(super) fn location(path: &Path, media: Media) -> LocationPresence {
    let read = || read_metadata(path, media);
    // A reader may panic on a hostile file, of which everything else is known.
    let found = catch_unwind(AssertUnwindSafe(read)).unwrap_or_default();
    match found.iter().find(|one| matches!(one, Metadata::Place(_) | Metadata::PossiblePlace)) {
        Some(Metadata::Place(_)) => LocationPresence::Present,
        Some(_) => LocationPresence::Possible,
        None => LocationPresence::Absent,
    }
}

/// Reads them, wherever they stand in a file of this type.
fn read_all(source: &mut Source<'_>, media: Media, found: &mut MetadataFound) -> Option<()> {
    match media {
        Media::Jpeg => image::jpeg(source, found),
        Media::Png => image::png(source, found),
        Media::Gif => image::gif(source, found),
        Media::Webp | Media::Wav | Media::Avi => image::riff(source, source.len(), found),
        Media::Tiff => tiff(source, found),
        // Half of them are TIFFs, the others boxes.
        Media::RawPhoto => tiff(source, found).or_else(|| movie::boxes(source, found)),
        Media::Mp3 | Media::Mp2 | Media::Aac | Media::Flac | Media::Ogg | Media::Ogv => {
            sound::tags(source, source.len(), found)
        }
        Media::Mp4
        | Media::Mov
        | Media::M4a
        | Media::ThreeGp
        | Media::ThreeGpAudio
        | Media::Heic
        | Media::Avif => movie::boxes(source, found),
        Media::Mkv | Media::MkvAudio | Media::Webm | Media::WebmAudio => {
            for (key, text) in matroska::read(source)?.texts {
                sound::named(&key.to_uppercase(), &text, found);
            }
            Some(())
        }
        _ => None,
    }
}

fn tiff(source: &mut Source<'_>, found: &mut MetadataFound) -> Option<()> {
    let length = source.len();
    Tiff::open(source, 0, length).map(|mut tiff| exif::directories(&mut tiff, found))
}

#[cfg(test)]
mod tests;
