//! What was changed, as people read it.

use crate::model::fit::{ChangeKind, FitChange, FitPlan, within};
use crate::model::media::{FileFacts, Media};
use crate::model::text;

/// Joins a kind of change with the two values that people see.
pub(super) fn change(kind: ChangeKind, from: &str, to: &str) -> FitChange {
    FitChange { kind, from: from.to_owned(), to: to.to_owned() }
}

/// Returns what a plan changed of a video or of sound.
pub(super) fn changes(plan: &FitPlan, facts: &FileFacts, media: Media, bits: Option<u32>) -> Vec<FitChange> {
    let mut changes = vec![];
    if plan.output != media {
        changes.push(change(ChangeKind::Type, media.label(), plan.output.label()));
    }
    if let Some((max, pixels)) = plan.max_side.zip(facts.pixels) {
        let size = |(width, height): (u32, u32)| format!("{width} × {height}");
        let (width, height) = within(pixels, max);
        changes.push(change(ChangeKind::Dimensions, &size(pixels), &size((width & !1, height & !1))));
    }
    if let Some((_, length)) = plan.cut {
        let before = facts.duration.map(text::playing_time).unwrap_or_default();
        changes.push(change(ChangeKind::Duration, &before, &text::playing_time(length)));
    }
    if plan.mono && facts.audio.as_ref().and_then(|audio| audio.channels).is_some_and(|n| n > 1) {
        changes.push(change(ChangeKind::Channels, "stereo", "mono"));
    }
    if let Some(bits) = bits {
        changes.push(change(ChangeKind::Bitrate, "", &format!("{} kbit/s", bits / 1000)));
    }
    if plan.strip {
        changes.push(change(ChangeKind::Metadata, "all", "none"));
    }
    changes
}
