//! CAF, which Logic, `GarageBand` and voice messages use: what its description says of the sound.

use super::config;
use super::source::Source;

/// More parts than these are not looked at.
const MAX_CHUNKS: usize = 1000;
/// The size of samples that were still being written: they go on to the end.
const UNKNOWN_SIZE: u64 = u64::MAX;
/// The count of edits, which stands in front of the samples.
const EDITS: u64 = 4;

/// What a file's description says.
#[derive(Debug, Default, PartialEq)]
pub(super) struct CafFacts {
    pub(super) seconds: Option<f64>,
    pub(super) codec: String,
    pub(super) rate: Option<u32>,
    pub(super) channels: Option<u16>,
    /// Of a sample that nothing was lost of.
    pub(super) bits: Option<u16>,
    /// There are fewer samples than its parts say.
    pub(super) is_cut: bool,
}

/// How sound is coded, by the first part.
struct CafDescription {
    kind: [u8; 4],
    rate: f64,
    /// Bytes of a packet, where each has as many.
    packet_bytes: u32,
    /// Frames of a packet, where each has as many.
    packet_frames: u32,
    channels: u32,
    bits: u32,
}

impl CafDescription {
    fn read(source: &mut Source<'_>, from: u64) -> Option<CafDescription> {
        Some(CafDescription {
            kind: source.bytes(from + 8)?,
            rate: f64::from_be_bytes(source.bytes(from)?),
            packet_bytes: source.be32(from + 16)?,
            packet_frames: source.be32(from + 20)?,
            channels: source.be32(from + 24)?,
            bits: source.be32(from + 28)?,
        })
    }

    /// Returns the frames of so many packets.
    fn frames(&self, packets: f64) -> Option<f64> {
        (self.packet_frames > 0).then(|| packets * f64::from(self.packet_frames))
    }
}

/// Reads the description and how much there is of what it describes.
pub(super) fn read(source: &mut Source<'_>) -> Option<CafFacts> {
    let (mut about, mut samples, mut listed, mut cookie_bits) = (None, None, None, None);
    let (mut at, mut is_cut) = (8_u64, false);
    for _ in 0..MAX_CHUNKS {
        let Some(kind) = source.bytes::<4>(at) else { break };
        let Some(length) = source.bytes(at + 4).map(u64::from_be_bytes) else { break };
        let from = at + 12;
        match &kind {
            b"desc" if about.is_none() => about = Some(CafDescription::read(source, from)?),
            b"data" if samples.is_none() => {
                let there = source.len().saturating_sub(from);
                is_cut = length != UNKNOWN_SIZE && length > there;
                samples = Some(length.min(there).saturating_sub(EDITS));
            }
            b"pakt" if listed.is_none() => {
                let number = |bytes| u64::from_be_bytes(bytes) as f64;
                let counts = source.bytes(from).map(number).zip(source.bytes(from + 8).map(number));
                listed = counts.filter(|(packets, _)| *packets > 0.0);
            }
            b"kuki" => cookie_bits = bits_of_alac(source, from),
            _ => {}
        }
        let Some(next) = from.checked_add(length) else { break };
        at = next;
    }
    let about = about?;
    let codec = codec(about.kind);
    let frames = match (listed, samples) {
        (Some((_, valid)), _) if valid > 0.0 => Some(valid),
        (Some((packets, _)), _) => about.frames(packets),
        (None, Some(bytes)) if about.packet_bytes > 0 => {
            about.frames((bytes / u64::from(about.packet_bytes)) as f64)
        }
        _ => None,
    };
    let is_rate = (1.0..=4_294_967_295.0).contains(&about.rate);
    let bits = match codec.as_str() {
        "PCM" => u16::try_from(about.bits).ok(),
        "ALAC" => cookie_bits,
        _ => None,
    };
    Some(CafFacts {
        seconds: frames.filter(|_| is_rate).map(|frames| frames / about.rate),
        codec,
        rate: is_rate.then_some(about.rate as u32),
        channels: u16::try_from(about.channels).ok().filter(|n| *n > 0),
        bits: bits.filter(|bits| (1..=64).contains(bits)),
        is_cut,
    })
}

/// Returns how fine the samples of ALAC are, which its own description says: with or without the headers of MP4 around it.
fn bits_of_alac(source: &mut Source<'_>, from: u64) -> Option<u16> {
    let is_wrapped = &source.bytes::<8>(from)?[4..] == b"frma";
    source.u8(from + if is_wrapped { 29 } else { 5 }).map(u16::from)
}

/// Returns what the name of a way to code says to people.
fn codec(name: [u8; 4]) -> String {
    let label = match &name {
        b"lpcm" => "PCM",
        b"ulaw" => "µ-law",
        b"alaw" => "A-law",
        b"ima4" => "ADPCM",
        b"aac " | b"aach" | b"aacp" | b"aacl" | b"aace" => "AAC",
        b"opus" => "Opus",
        b"flac" => "FLAC",
        b".mp1" => "MP1",
        b".mp2" => "MP2",
        b".mp3" => "MP3",
        b"ilbc" => "iLBC",
        _ => return config::codec_name(name),
    };
    label.to_owned()
}
