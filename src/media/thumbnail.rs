//! What a file looks like: small in a list, large when somebody looks at it closely.

use std::sync::atomic::AtomicBool;

use super::preview::{self, NO_PREVIEW, Picture, Preview};
use super::{audio, poster};
use crate::model::media::{FileFacts, Kind};

fn kind(facts: &FileFacts) -> Option<Kind> {
    facts.recognised.media().map(|media| media.kind())
}

/// Whether it is a picture that is not decoded here.
fn is_beyond(facts: &FileFacts) -> bool {
    facts.recognised.media().is_some_and(|media| media.kind() == Kind::Image && !preview::can_decode(media))
}

fn no_picture() -> String {
    "There is no picture of this kind of file".to_owned()
}

/// A square picture of at most `side` pixels.
pub(super) fn small(facts: &FileFacts, side: u32, stop: &AtomicBool) -> Result<Picture, String> {
    match kind(facts) {
        _ if is_beyond(facts) => Err(NO_PREVIEW.to_owned()),
        Some(Kind::Image) => preview::square(&facts.path, side),
        Some(Kind::Video) => Ok(preview::square_of(&poster::of(&facts.path, stop)?, side)),
        _ => Err(no_picture()),
    }
}

/// A whole picture within so many pixels; of sound the waveform, a column for every four pixels of the width.
pub(super) fn large(facts: &FileFacts, within: (u32, u32), stop: &AtomicBool) -> Result<Preview, String> {
    match kind(facts) {
        _ if is_beyond(facts) => Err(NO_PREVIEW.to_owned()),
        Some(Kind::Image) => preview::whole(&facts.path, within).map(Preview::Picture),
        Some(Kind::Video) => Ok(Preview::Picture(preview::within_of(poster::of(&facts.path, stop)?, within))),
        Some(Kind::Audio) => {
            audio::waveform(&facts.path, (within.0 / 4) as usize, stop).map(Preview::Waveform)
        }
        _ => Err(no_picture()),
    }
}
