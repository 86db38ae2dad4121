//! What a file tells of itself when somebody looks at it closely.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use super::{boxes, metadata, preview, sound};
use crate::model::media::{Details, FileFacts, Kind, Media, Metadata};

/// Reads it.
pub(super) fn look(facts: &FileFacts) -> Details {
    let Some(media) = facts.recognised.media() else { return Details::default() };
    let path = &facts.path;
    let mut details = Details { metadata: metadata::look(path, media), ..Details::default() };
    match media {
        Media::Mp4 | Media::Mov | Media::M4a => movie(path, facts.size, &mut details),
        _ if matches!(media.kind(), Kind::Audio | Kind::Video) => heard(path, media, &mut details),
        _ if media.kind() == Kind::Image && preview::can_decode(media) && facts.pixels.is_none() => {
            details.problem = Some("Its head is broken: it may not be shown or taken".to_owned());
        }
        _ => {}
    }
    details
}

fn movie(path: &Path, size: u64, details: &mut Details) {
    let Ok(file) = File::open(path) else { return };
    let movie = boxes::read(&mut BufReader::new(file), size);
    if !movie.has_index {
        details.problem = Some("Its index is missing: it was cut off, or never finished".to_owned());
    }
    if movie.has_place {
        details.metadata.insert(0, Metadata::Place);
    }
    if movie.has_c2pa {
        details.metadata.push(Metadata::AiProvenance(None));
    }
}

fn heard(path: &Path, media: Media, details: &mut Details) {
    if media.kind() == Kind::Audio && sound::look(path).is_none() {
        details.problem = Some("Its sound cannot be read: it may be broken".to_owned());
    }
}
