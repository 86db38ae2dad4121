//! What was changed, as people read it.

use super::planner::{usual_audio, worthwhile_channels};
use crate::model::fit::{ChangeKind, FitChange, FitPlan, Recoding};
use crate::model::media::{FileFacts, FilmStreams, Kind, Media};
use crate::model::text;

/// What became of the streams of a copy: a plan may have come out larger than it was to be.
#[derive(Clone, Copy, Debug)]
pub(super) struct CodedStreams {
    pub(super) recoding: Recoding,
    /// Whether bits a second were set: people are told how many it has.
    pub(super) to_rate: bool,
}

/// Joins a kind of change with the two values that people see.
pub(super) fn change(kind: ChangeKind, from: &str, to: &str) -> FitChange {
    FitChange { kind, from: from.to_owned(), to: to.to_owned() }
}

/// Returns what a plan changed of a video or of sound in its copy.
pub(super) fn changes(
    plan: &FitPlan,
    facts: &FileFacts,
    media: Media,
    coded: CodedStreams,
    copy: &FileFacts,
) -> Vec<FitChange> {
    let mut changes = vec![];
    if plan.output != media {
        changes.push(change(ChangeKind::Type, media.label(), plan.output.label()));
    }
    let sizes = facts.pixels.zip(copy.pixels).filter(|_| coded.recoding.picture());
    if let Some((before, after)) = sizes.filter(|(before, after)| before != after) {
        let size = |(width, height): (u32, u32)| format!("{width} × {height}");
        changes.push(change(ChangeKind::Dimensions, &size(before), &size(after)));
    }
    if let Some((_, length)) = plan.cut {
        let before = facts.duration.map(text::playing_time).unwrap_or_default();
        changes.push(change(ChangeKind::Duration, &before, &text::playing_time(length)));
    }
    if let Some(video) = facts.video.as_ref().filter(|_| coded.recoding.picture()) {
        // Also where it was H.264 before: it is coded anew.
        changes.push(change(ChangeKind::VideoCodec, video.codec.as_deref().unwrap_or_default(), "H.264"));
        if let Some(hdr) = video.hdr {
            changes.push(change(ChangeKind::DynamicRange, &format!("HDR ({})", hdr.label()), "SDR"));
        }
    }
    if coded.recoding.sound() {
        changes.extend(sound_changes(plan, facts, media));
    }
    if coded.to_rate
        && let Some(rate) = bit_rate(copy)
    {
        changes.push(change(ChangeKind::Bitrate, &bit_rate(facts).unwrap_or_default(), &rate));
    }
    if plan.output.kind() == Kind::Video {
        changes.extend(missing(facts.video.as_ref().and_then(|video| video.streams).unwrap_or_default()));
    }
    if plan.strip {
        changes.push(change(ChangeKind::Metadata, "all", "none"));
    }
    changes
}

/// Returns how many bits a second of it a file has, as it is and as long as it plays.
fn bit_rate(facts: &FileFacts) -> Option<String> {
    let seconds = facts.duration.filter(|_| !facts.duration_is_guess)?.as_secs_f64();
    let bits = facts.size as f64 * 8.0 / seconds;
    (seconds > 0.0).then(|| format!("{:.0} kbit/s", bits / 1000.0))
}

/// Returns what a film has and its copy of one picture and one track of sound lacks.
fn missing(of: FilmStreams) -> Vec<FitChange> {
    let all = [
        (ChangeKind::AudioTracks, of.audio_tracks, of.audio_tracks.min(1)),
        (ChangeKind::Subtitles, of.subtitles, 0),
        (ChangeKind::Chapters, of.chapters, 0),
    ];
    let is_less = |(_, before, after): &(ChangeKind, u32, u32)| before > after;
    let told =
        |(kind, before, after): (ChangeKind, u32, u32)| change(kind, &before.to_string(), &after.to_string());
    all.into_iter().filter(is_less).map(told).collect()
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

/// Returns how many channels the sound of a copy has: sound alone two at most, that of a video as many as its bits are
/// worth.
pub(super) fn channels_of_copy(plan: &FitPlan, facts: &FileFacts) -> u16 {
    let before = facts.audio.as_ref().and_then(|audio| audio.channels).unwrap_or(2).max(1);
    match plan.output.kind() {
        _ if plan.mono => 1,
        Kind::Video => worthwhile_channels(before, plan.audio_bits.unwrap_or_else(|| usual_audio(facts))),
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
