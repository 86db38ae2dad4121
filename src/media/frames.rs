//! Sound that is nothing but frames one behind the other: MP3, MP2, AAC (ADTS), AC-3. Such a file has no header that says
//! how long it plays, so its frames are counted.

use super::source::Source;
use crate::model::media::Media;

/// Frames are looked for in so many bytes of junk; zeros do not count.
const MAX_JUNK: u64 = 64 * 1024;
/// And not in more bytes than these, zeros or not.
const MAX_GAP: u64 = 16 * 1024 * 1024;
/// Behind junk so many frames must follow each other, lest noise becomes sound.
const IN_STEP: usize = 4;
/// More tags than these do not stand in front of sound.
const MAX_TAGS: usize = 64;

/// Tables count the frame that they are in, or not, and some that an encoder held back.
const SPARE_FRAMES: u64 = 4;

/// The head of one frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) media: Media,
    /// Of the whole frame.
    bytes: u64,
    samples: u64,
    pub(super) rate: u32,
    /// None where only the sound itself says.
    pub(super) channels: Option<u16>,
    /// Where an MP3's first frame may have its table of contents.
    table: u64,
}

/// Returns where the ID3 tags in front end: several, of any size, and the zeros that some programs put behind them.
pub(super) fn after_tags(source: &mut Source<'_>) -> u64 {
    let mut at = 0;
    for _ in 0..MAX_TAGS {
        let Some(head) = source.bytes::<10>(at).filter(|head| is_tag(head)) else { break };
        let size = head[6..].iter().fold(0u64, |size, byte| size << 7 | u64::from(byte & 0x7f));
        let footer = if head[5] & 0x10 != 0 { 10 } else { 0 };
        at = (at + 10 + size + footer).min(source.len());
    }
    at
}

/// Returns whether an ID3 tag begins with these bytes.
pub(super) fn is_tag(head: &[u8]) -> bool {
    matches!(head, [b'I', b'D', b'3', 2..=4, 0..=0x7f, ..])
}

/// Returns the frame whose head stands at a place.
pub(super) fn at(source: &mut Source<'_>, at: u64) -> Option<Frame> {
    match source.be16(at)? {
        0x0b77 => ac3(source.bytes(at)?),
        sync if sync & 0xfff6 == 0xfff0 => adts(source.bytes(at)?),
        sync if sync & 0xffe0 == 0xffe0 => mpeg(source.bytes(at)?),
        _ => None,
    }
}

/// Reads frames of MPEG 1, 2 and 2.5, layers II and III.
fn mpeg(head: [u8; 4]) -> Option<Frame> {
    const RATES: [[u32; 3]; 2] = [[44_100, 48_000, 32_000], [22_050, 24_000, 16_000]];
    const KBITS: [[u64; 15]; 3] = [
        [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384], // 1, layer II
        [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],  // 1, layer III
        [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],      // 2
    ];
    let (version, layer) = (head[1] >> 3 & 3, head[1] >> 1 & 3);
    let (media, second) = match layer {
        1 => (Media::Mp3, false),
        2 => (Media::Mp2, true),
        _ => return None,
    };
    let first = version == 3;
    let rate = *RATES[usize::from(!first)].get(usize::from(head[2] >> 2 & 3))?;
    let rate = match version {
        1 => return None,
        0 => rate / 2,
        _ => rate,
    };
    let row = if first { usize::from(!second) } else { 2 };
    let bits = *KBITS[row].get(usize::from(head[2] >> 4))? * 1000;
    let samples = if first || second { 1152 } else { 576 };
    let padding = u64::from(head[2] >> 1 & 1);
    // A frame of no stated bit rate has no stated length either: it is one, but none is found behind it.
    let bytes = if bits == 0 { 0 } else { samples / 8 * bits / u64::from(rate) + padding };
    let mono = head[3] >> 6 == 3;
    let side = match (first, mono) {
        (true, false) => 32,
        (true, true) | (false, false) => 17,
        (false, true) => 9,
    };
    Some(Frame { media, bytes, samples, rate, channels: Some(if mono { 1 } else { 2 }), table: 4 + side })
}

/// The rates that AAC counts by a number.
pub(super) const AAC_RATES: [u32; 13] =
    [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350];

/// Channels by AAC's number for them; 0 means that the sound says it.
pub(super) fn aac_channels(number: u8) -> Option<u16> {
    match number {
        1..=6 => Some(u16::from(number)),
        7 | 12 | 14 => Some(8),
        11 => Some(7),
        _ => None,
    }
}

fn adts(head: [u8; 7]) -> Option<Frame> {
    let rate = *AAC_RATES.get(usize::from(head[2] >> 2 & 15))?;
    let bytes = u64::from(head[3] & 3) << 11 | u64::from(head[4]) << 3 | u64::from(head[5] >> 5);
    let samples = 1024 * (u64::from(head[6] & 3) + 1);
    let channels = aac_channels((head[2] & 1) << 2 | head[3] >> 6);
    Some(Frame { media: Media::Aac, bytes: bytes.max(7), samples, rate, channels, table: 0 })
}

/// Reads frames of AC-3 and E-AC-3.
fn ac3(head: [u8; 8]) -> Option<Frame> {
    const KBITS: [u64; 19] =
        [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640];
    let version = head[5] >> 3;
    let code = head[4] >> 6;
    if version <= 10 {
        let size = head[4] & 63;
        let kbits = *KBITS.get(usize::from(size >> 1))?;
        let (rate, bytes) = match code {
            0 => (48_000, kbits * 4),
            1 => (44_100, (kbits * 96_000 / 44_100 + u64::from(size & 1)) * 2),
            2 => (32_000, kbits * 6),
            _ => return None,
        };
        let mode = head[6] >> 5;
        // What stands between the mode and the low-frequency channel depends on the mode.
        let skip = [0, 0, 0, 2, 2, 4, 2, 4][usize::from(mode)] + if mode == 2 { 2 } else { 0 };
        let low = (u16::from(head[6]) << 8 | u16::from(head[7])) >> (12 - skip) & 1;
        let channels = Some(ac3_channels(mode, low == 1));
        return Some(Frame { media: Media::Ac3, bytes, samples: 1536, rate, channels, table: 0 });
    }
    if version > 16 {
        return None;
    }
    let bytes = (u64::from(head[2] & 7) << 8 | u64::from(head[3])) * 2 + 2;
    let (rate, blocks) = match (code, head[4] >> 4 & 3) {
        (3, 3) => return None,
        (3, half) => ([24_000, 22_050, 16_000][usize::from(half)], 6),
        (code, blocks) => ([48_000, 44_100, 32_000][usize::from(code)], [1, 2, 3, 6][usize::from(blocks)]),
    };
    let channels = Some(ac3_channels(head[4] >> 1 & 7, head[4] & 1 == 1));
    // A dependent stream adds channels to the one before it, not time.
    let samples = if head[2] >> 6 == 1 { 0 } else { 256 * blocks };
    Some(Frame { media: Media::Eac3, bytes, samples, rate, channels, table: 0 })
}

/// Channels by AC-3's mode.
pub(super) fn ac3_channels(mode: u8, low: bool) -> u16 {
    [2, 1, 2, 3, 3, 4, 4, 5][usize::from(mode & 7)] + u16::from(low)
}

/// Returns whether frames of one kind follow each other from a place on: so many, or to the end of the file.
fn is_in_step(source: &mut Source<'_>, from: u64, wanted: usize) -> bool {
    let Some(first) = at(source, from) else { return false };
    let mut offset = from;
    for n in 0..wanted {
        match at(source, offset) {
            Some(frame) if frame.bytes > 0 && frame.media == first.media && frame.rate == first.rate => {
                offset += frame.bytes;
            }
            // The last one may be cut off, or have an old tag behind it.
            _ => return n > 1 && offset + 128 >= source.len(),
        }
    }
    true
}

/// Returns where frames begin behind zeros or junk: found by frames in step.
pub(super) fn find(source: &mut Source<'_>, from: u64) -> Option<u64> {
    let (mut junk, mut offset) = (0, from);
    while offset < from.saturating_add(MAX_GAP) {
        let some = source.up_to(offset, 16 * 1024);
        if some.is_empty() {
            return None;
        }
        for (at, byte) in some.iter().enumerate().filter(|(_, byte)| **byte != 0) {
            if matches!(byte, 0x0b | 0xff) && is_in_step(source, offset + at as u64, IN_STEP) {
                return Some(offset + at as u64);
            }
            junk += 1;
            if junk == MAX_JUNK {
                return None;
            }
        }
        offset += some.len() as u64;
    }
    None
}

/// How long frames play.
#[derive(Debug, PartialEq)]
pub(super) struct Counted {
    pub(super) seconds: f64,
    /// Not all of them were counted.
    pub(super) is_guess: bool,
    /// There are fewer than the table in front counts, and the last one is not all there.
    pub(super) is_cut: bool,
}

/// Counts the frames from a place on.
pub(super) fn count(source: &mut Source<'_>, from: u64) -> Option<Counted> {
    let first = at(source, from)?;
    let table = (first.media == Media::Mp3).then(|| table(source, from, &first)).flatten();
    // The frame with the table is silent.
    let begin = if table.is_some() { from + first.bytes } else { from };
    let (mut offset, mut samples, mut counted) = (begin, 0u64, 0u64);
    let end = source.len();
    while offset < end {
        match at(source, offset) {
            Some(frame) if frame.bytes > 0 && frame.media == first.media => {
                offset += frame.bytes;
                samples += frame.samples;
                counted += 1;
            }
            _ => match find(source, offset + 1) {
                Some(next) => offset = next,
                None => break,
            },
        }
    }
    let rate = f64::from(first.rate);
    if source.is_spent() {
        // More than is read of any file: its own table, else what the rest is worth by what was counted.
        let frames = table.as_ref().map(|table| table.frames).filter(|frames| *frames > 0);
        let by_table = frames.map(|frames| frames.saturating_mul(first.samples));
        let by_bytes = || (samples as f64 * (end - begin) as f64 / (offset - begin).max(1) as f64) as u64;
        let seconds = by_table.unwrap_or_else(by_bytes) as f64 / rate;
        return Some(Counted { seconds, is_guess: true, is_cut: false });
    }
    // Who cuts it between two frames may leave the table as it was.
    let is_cut = offset > end && table.as_ref().is_some_and(|table| table.frames > counted + SPARE_FRAMES);
    // What the encoder added in front and behind is not played.
    let added = table.map_or(0, |table| table.added);
    let heard = if added < samples { samples - added } else { samples };
    // One head with something else behind it may be chance.
    let is_sound = samples > first.samples || offset + 128 >= end;
    (heard > 0 && is_sound).then(|| Counted { seconds: heard as f64 / rate, is_guess: false, is_cut })
}

/// The table of contents in an MP3's first frame (Xing, Info, VBRI).
struct Mp3Table {
    frames: u64,
    /// Samples of silence that the encoder added.
    added: u64,
}

fn table(source: &mut Source<'_>, from: u64, first: &Frame) -> Option<Mp3Table> {
    let be32 = |bytes: &[u8]| bytes.iter().fold(0u64, |n, byte| n << 8 | u64::from(*byte));
    let head: [u8; 12] = source.bytes(from + first.table)?;
    if matches!(&head[..4], b"Xing" | b"Info") {
        let frames = if head[7] & 1 == 1 { be32(&head[8..12]) } else { 0 };
        // Behind the name of the program: the samples it added in front and behind, 12 bits each.
        let program: [u8; 24] = source.bytes(from + first.table + 120)?;
        let known = matches!(&program[..4], b"LAME" | b"Lavf" | b"Lavc");
        let added = be32(&program[21..24]);
        let added = if known { (added >> 12) + (added & 0xfff) } else { 0 };
        return Some(Mp3Table { frames, added });
    }
    let head: [u8; 18] = source.bytes(from + 36)?;
    head.starts_with(b"VBRI").then(|| Mp3Table { frames: be32(&head[14..18]), added: 0 })
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use proptest::prelude::*;

    use super::*;

    /// So many silent frames: MPEG 1, layer III, 128 kbit/s, 44,100 times a second, stereo.
    fn silence(frames: usize) -> Vec<u8> {
        let mut frame = vec![0xff, 0xfb, 0x90, 0x00];
        frame.resize(417, 0);
        frame.repeat(frames)
    }

    fn with<T>(bytes: &[u8], see: impl FnOnce(&mut Source<'_>) -> T) -> T {
        let mut file = Cursor::new(bytes);
        see(&mut Source::new(&mut file, bytes.len() as u64))
    }

    fn tag(content: usize) -> Vec<u8> {
        let size = [content >> 21, content >> 14, content >> 7, content].map(|b| b as u8 & 0x7f);
        let mut out = [&b"ID3\x03\0\0"[..], &size].concat();
        out.resize(10 + content, b'x');
        out
    }

    #[test]
    fn tags_of_any_size_are_skipped_however_many_there_are() {
        for sizes in [vec![0], vec![200], vec![5, 300_000, 1]] {
            let tags: Vec<u8> = sizes.iter().flat_map(|size| tag(*size)).collect();
            let whole = [&tags[..], &silence(3)].concat();
            assert_eq!(with(&whole, after_tags), tags.len() as u64);
        }
        // One that claims more than there is ends with the file.
        assert_eq!(with(&tag(500)[..100], after_tags), 100);
    }

    #[test]
    fn frames_are_found_behind_zeros_and_junk_and_not_in_noise() {
        let frames = silence(6);
        for before in [vec![0; 3000], b"\xff\xfbjunk of some kind\x0b\x77".repeat(40), vec![0xff; 999]] {
            let whole = [&before[..], &frames].concat();
            assert_eq!(with(&whole, |s| find(s, 0)), Some(before.len() as u64));
        }
        assert_eq!(with(&[0x0b, 0x77, 0xff, 0xfb, 0x90].repeat(30_000), |s| find(s, 0)), None);
        assert_eq!(with(&silence(1), |s| find(s, 0)), None, "one frame is none");
    }

    #[test]
    fn a_file_plays_as_long_as_its_frames_do() {
        let seconds = |bytes: &[u8]| with(bytes, |s| count(s, 0)).unwrap();
        let whole = silence(100);
        assert_eq!(
            seconds(&whole),
            Counted { seconds: 100.0 * 1152.0 / 44_100.0, is_guess: false, is_cut: false }
        );
        // Junk in the middle is no sound, and an old tag behind is none either.
        let torn = [&whole[..417 * 50], &[7; 1000], &whole[417 * 50..], b"TAG", &[0; 125]].concat();
        assert_eq!(seconds(&torn), seconds(&whole));
        // Frames of different sizes: 32 kbit/s and 128 kbit/s.
        let mut small = vec![0xff, 0xfb, 0x10, 0x00];
        small.resize(104, 0);
        let mixed = [small.repeat(50), silence(50)].concat();
        assert_eq!(seconds(&mixed), seconds(&whole));
    }

    #[test]
    fn ac3_and_adts_say_rate_and_channels() {
        // 48 kHz, 448 kbit/s, 3/2 with a low-frequency channel.
        let five = at_start(&[0x0b, 0x77, 0, 0, 0x1e, 0x40, 0xe1, 0x00]);
        assert_eq!((five.media, five.bytes, five.rate, five.channels), (Media::Ac3, 1792, 48_000, Some(6)));
        // 44.1 kHz, mono.
        let aac = at_start(&[0xff, 0xf1, 0x50, 0x40, 0x20, 0x1f, 0xfc]);
        assert_eq!((aac.media, aac.bytes, aac.rate, aac.channels), (Media::Aac, 256, 44_100, Some(1)));
    }

    fn at_start(bytes: &[u8]) -> Frame {
        with(bytes, |s| at(s, 0)).unwrap()
    }

    proptest! {
        #[test]
        fn whatever_stands_there_is_counted_within_bounds(
            bytes in prop::collection::vec(prop_oneof![Just(0xff), Just(0xfb), Just(0x0b), Just(0x77), any::<u8>()], 0..2000),
        ) {
            with(&bytes, |s| {
                let from = after_tags(s);
                let begin = find(s, from).unwrap_or(from);
                count(s, begin)
            });
        }
    }
}
