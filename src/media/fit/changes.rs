//! What was changed, as people read it.

use crate::model::fit::{ChangeKind, FitChange, FitPlan, Recoding, within};
use crate::model::media::{FileFacts, HdrTransfer, Kind, Media};
use crate::model::text;

/// What became of the streams of a copy: a plan may have come out larger than it was to be.
#[derive(Clone, Copy, Debug)]
pub(super) struct CodedStreams {
    pub(super) recoding: Recoding,
    /// Bits a second that people are told.
    pub(super) bits: Option<u32>,
    /// What its picture was before it became what a usual screen shows.
    pub(super) hdr: Option<HdrTransfer>,
}

/// Joins a kind of change with the two values that people see.
pub(super) fn change(kind: ChangeKind, from: &str, to: &str) -> FitChange {
    FitChange { kind, from: from.to_owned(), to: to.to_owned() }
}

/// Returns what a plan changed of a video or of sound.
pub(super) fn changes(
    plan: &FitPlan,
    facts: &FileFacts,
    media: Media,
    coded: CodedStreams,
) -> Vec<FitChange> {
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
    if let Some(video) = facts.video.as_ref().filter(|_| coded.recoding.picture()) {
        let from = video.codec.as_deref().unwrap_or_default();
        if from != "H.264" {
            changes.push(change(ChangeKind::VideoCodec, from, "H.264"));
        }
        if let Some(hdr) = coded.hdr {
            changes.push(change(ChangeKind::DynamicRange, &format!("HDR ({})", hdr.label()), "SDR"));
        }
    }
    if coded.recoding.sound() {
        changes.extend(sound_changes(plan, facts, media));
    }
    if let Some(bits) = coded.bits {
        changes.push(change(ChangeKind::Bitrate, "", &format!("{} kbit/s", bits / 1000)));
    }
    if plan.strip {
        changes.push(change(ChangeKind::Metadata, "all", "none"));
    }
    changes
}

/// Returns what is another thing in sound that was coded anew.
fn sound_changes(plan: &FitPlan, facts: &FileFacts, media: Media) -> Vec<FitChange> {
    let Some(audio) = &facts.audio else { return vec![] };
    let mut changes = vec![];
    let codec = match plan.output {
        Media::Wav => "PCM",
        Media::Mp3 => "MP3",
        _ => "AAC",
    };
    let from = audio.codec.as_deref().unwrap_or_default();
    // Of sound alone the type says it, unless it is the same.
    let is_told = plan.output.kind() == Kind::Video || plan.output == media;
    if is_told && from != codec {
        changes.push(change(ChangeKind::AudioCodec, from, codec));
    }
    let before = audio.channels.unwrap_or(1);
    let after = channels_of_copy(plan, facts);
    if before > after {
        changes.push(change(ChangeKind::Channels, &channels_label(before), &channels_label(after)));
    }
    if let Some(bits) = audio.bits.filter(|bits| codec == "PCM" && *bits > plan.sample_bits) {
        changes.push(change(
            ChangeKind::BitDepth,
            &format!("{bits} bit"),
            &format!("{} bit", plan.sample_bits),
        ));
    }
    changes
}

/// Returns how many channels the sound of a copy has: sound alone two at most, that of a video as many as before.
pub(super) fn channels_of_copy(plan: &FitPlan, facts: &FileFacts) -> u16 {
    let before = facts.audio.as_ref().and_then(|audio| audio.channels).unwrap_or(2).max(1);
    match plan.output.kind() {
        _ if plan.mono => 1,
        Kind::Video => before,
        _ => before.min(2),
    }
}

/// Returns how people call so many channels.
fn channels_label(channels: u16) -> String {
    match channels {
        1 => "mono".to_owned(),
        2 => "stereo".to_owned(),
        6 => "5.1".to_owned(),
        8 => "7.1".to_owned(),
        channels => format!("{channels} channels"),
    }
}
