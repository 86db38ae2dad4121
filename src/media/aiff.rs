//! AIFF: what its description says of the sound.

use super::source::Source;

/// More parts than these are not looked at.
const MAX_CHUNKS: usize = 1000;

/// From here on a size was written by somebody who did not know it yet.
const UNKNOWN_SIZE: u64 = 0x7fff_0000;

/// What a file's description says.
#[derive(Default)]
pub(super) struct AiffFacts {
    pub(super) seconds: Option<f64>,
    pub(super) codec: Option<&'static str>,
    pub(super) rate: Option<u32>,
    pub(super) channels: u16,
    /// Of a sample that is stored whole.
    pub(super) bits: Option<u16>,
    /// There are fewer samples than its parts say.
    pub(super) is_cut: bool,
}

/// Reads the description, wherever it stands between the parts.
pub(super) fn read(source: &mut Source<'_>) -> Option<AiffFacts> {
    let is_compressed = &source.bytes::<4>(8)? == b"AIFC";
    let (mut at, mut found, mut is_cut) = (12, None, false);
    for _ in 0..MAX_CHUNKS {
        let Some(kind) = source.bytes::<4>(at) else { break };
        let Some(length) = source.be32(at + 4).map(u64::from) else { break };
        let from = at + 8;
        match &kind {
            b"COMM" if found.is_none() => found = Some(description(source, from, is_compressed)?),
            // A writer that counts its head along is off by that; one that did not know writes a large number.
            b"SSND" => {
                is_cut = length < UNKNOWN_SIZE && from + length > source.len().saturating_add(from + 8);
            }
            _ => {}
        }
        at = from + length + length % 2;
    }
    found.map(|found| AiffFacts { is_cut, ..found })
}

/// Reads what a description says of the sound.
fn description(source: &mut Source<'_>, from: u64, is_compressed: bool) -> Option<AiffFacts> {
    let (channels, frames) = (source.be16(from)?, source.be32(from + 2)?);
    let bits = source.be16(from + 6)?;
    let rate = extended(source.bytes(from + 8)?);
    let codec = if is_compressed { source.bytes(from + 18).and_then(codec) } else { Some("PCM") };
    // Those that code so keep several samples in what they count as one frame.
    let is_even = !matches!(codec, Some("ADPCM"));
    let seconds = (rate > 0.0 && is_even).then(|| f64::from(frames) / rate);
    let rate = (1.0..=4_294_967_295.0).contains(&rate).then_some(rate as u32);
    let bits = Some(bits).filter(|bits| codec == Some("PCM") && (1..=64).contains(bits));
    Some(AiffFacts { seconds, codec, rate, channels, bits, is_cut: false })
}

/// Returns what the name of a way to code says to people.
fn codec(name: [u8; 4]) -> Option<&'static str> {
    match &name {
        b"NONE" | b"sowt" | b"twos" | b"raw " | b"fl32" | b"FL32" | b"fl64" | b"FL64" | b"in24" | b"in32"
        | b"23ni" => Some("PCM"),
        b"ulaw" | b"ULAW" => Some("µ-law"),
        b"alaw" | b"ALAW" => Some("A-law"),
        b"ima4" => Some("ADPCM"),
        _ => None,
    }
}

/// Returns a number of 80 bits: a sign, an exponent of 15, and a fraction with its first digit.
fn extended(bytes: [u8; 10]) -> f64 {
    let exponent = i32::from(u16::from_be_bytes([bytes[0], bytes[1]]) & 0x7fff);
    let fraction = bytes[2..].iter().fold(0u64, |n, byte| n << 8 | u64::from(*byte));
    fraction as f64 * 2f64.powi(exponent - 16_383 - 63)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use proptest::prelude::*;

    use super::*;

    /// A description behind another part of an odd length.
    fn file(kind: &[u8], compression: &[u8]) -> Vec<u8> {
        let comm =
            [&[0, 2, 0, 0, 0xac, 0x44, 0, 16][..], &[0x40, 0x0e, 0xac, 0x44, 0, 0, 0, 0, 0, 0], compression]
                .concat();
        let name = b"NAME\0\0\0\x03abc\0";
        let body = [kind, name, b"COMM", &(comm.len() as u32).to_be_bytes(), &comm].concat();
        [&b"FORM"[..], &(body.len() as u32).to_be_bytes(), &body].concat()
    }

    fn facts(bytes: &[u8]) -> Option<AiffFacts> {
        let mut cursor = Cursor::new(bytes.to_vec());
        read(&mut Source::new(&mut cursor, bytes.len() as u64))
    }

    #[test]
    fn the_description_is_found_and_its_odd_number_read() {
        let plain = facts(&file(b"AIFF", b"")).unwrap();
        assert_eq!(
            (plain.codec, plain.rate, plain.channels, plain.seconds),
            (Some("PCM"), Some(44_100), 2, Some(1.0))
        );
        for (name, codec, seconds) in [
            (b"sowt", Some("PCM"), Some(1.0)),
            (b"alaw", Some("A-law"), Some(1.0)),
            (b"ima4", Some("ADPCM"), None),
            (b"QDM2", None, Some(1.0)),
        ] {
            let coded = facts(&file(b"AIFC", name)).unwrap();
            assert_eq!((coded.codec, coded.seconds), (codec, seconds));
        }
        assert!(facts(&file(b"AIFF", b"")[..30]).is_none());
    }

    proptest! {
        #[test]
        fn wrong_bytes_are_read_without_a_panic(wrong in prop::collection::vec((0usize..64, any::<u8>()), 0..8), cut in 0usize..80) {
            let mut file = file(b"AIFC", b"sowt");
            for (at, byte) in wrong {
                let n = file.len();
                file[at % n] = byte;
            }
            file.truncate(cut.min(file.len()));
            let _ = facts(&file);
        }
    }
}
