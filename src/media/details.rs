//! What a file tells of itself when somebody looks at it closely.

use std::fs::File;
use std::path::Path;

use super::source::Source;
use super::{boxes, metadata, preview, sound};
use crate::model::media::{Details, FileFacts, Kind, Media, Metadata};

/// Reads it.
pub(super) fn look(facts: &FileFacts) -> Details {
    let Some(media) = facts.recognised.media() else { return Details::default() };
    let path = &facts.path;
    let mut details = Details { metadata: metadata::look(path, media), ..Details::default() };
    match media {
        Media::Mp4 | Media::Mov | Media::M4a => movie(path, facts.size, &mut details),
        _ if has_broken_sound(facts, media) => {
            details.problem = Some("Its sound cannot be read: it may be broken".to_owned());
        }
        _ if media.kind() == Kind::Image && preview::can_decode(media) && facts.pixels.is_none() => {
            details.problem = Some("Its head is broken: it may not be shown or taken".to_owned());
        }
        _ => {}
    }
    if matches!(media.kind(), Kind::Audio | Kind::Video) {
        details.metadata.extend(sound::names(path));
    }
    details
}

fn movie(path: &Path, size: u64, details: &mut Details) {
    let Ok(mut file) = File::open(path) else { return };
    let movie = boxes::read(&mut Source::new(&mut file, size));
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

/// Sound of a type whose head is read here, and could not be.
fn has_broken_sound(facts: &FileFacts, media: Media) -> bool {
    let is_read = matches!(
        media,
        Media::Mp3 | Media::Wav | Media::Aac | Media::Flac | Media::Ogg | Media::WebmAudio | Media::MkvAudio
    );
    is_read && facts.audio.is_none()
}
