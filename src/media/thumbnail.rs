//! What a file looks like: small in a list, large when somebody looks at it closely.

use std::sync::atomic::AtomicBool;

use super::error::PreviewError;
use super::preview::{self, Picture, Preview};
use super::{audio, poster};
use crate::model::media::{FileFacts, Kind};

fn kind(facts: &FileFacts) -> Option<Kind> {
    facts.recognised.media().map(|media| media.kind())
}

/// Returns whether it is a picture that is not decoded here.
fn is_beyond(facts: &FileFacts) -> bool {
    facts.recognised.media().is_some_and(|media| media.kind() == Kind::Image && !preview::can_decode(media))
}

/// Returns a square picture of at most `side` pixels.
pub(super) fn small(facts: &FileFacts, side: u32, stop: &AtomicBool) -> Result<Picture, PreviewError> {
    match kind(facts) {
        _ if is_beyond(facts) => Err(PreviewError::NotDecoded),
        Some(Kind::Image) => preview::square(facts, side),
        Some(Kind::Video) => Ok(preview::square_of(&poster::of(&facts.path, stop)?, side)),
        _ => Err(PreviewError::OtherKind),
    }
}

/// Returns a whole picture within so many pixels; of sound the waveform, a column for every four pixels of the width.
pub(super) fn large(
    facts: &FileFacts,
    within: (u32, u32),
    stop: &AtomicBool,
) -> Result<Preview, PreviewError> {
    match kind(facts) {
        _ if is_beyond(facts) => Err(PreviewError::NotDecoded),
        Some(Kind::Image) => preview::whole(facts, within).map(Preview::Picture),
        Some(Kind::Video) => Ok(Preview::Picture(preview::within_of(poster::of(&facts.path, stop)?, within))),
        Some(Kind::Audio) => {
            audio::waveform(&facts.path, (within.0 / 4) as usize, stop).map(Preview::Waveform)
        }
        _ => Err(PreviewError::OtherKind),
    }
}
