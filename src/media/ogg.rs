//! Ogg by the first packets of its streams, and FLAC, which stands alone or in Ogg.

use std::collections::HashSet;

use super::source::Source;
use crate::model::media::Media;

/// More streams than these are not looked at.
const MAX_STREAMS: usize = 64;
/// The last page of a stream is looked for in so many bytes at the end: a page has 64 kB at most.
const TAIL: usize = 160 * 1024;

/// The head of a FLAC frame has no more bytes.
const MAX_FRAME_HEAD: usize = 16;

/// What was found.
#[derive(Debug, Default, PartialEq)]
pub(super) struct OggFacts {
    pub(super) seconds: Option<f64>,
    pub(super) is_guess: bool,
    pub(super) video: Option<&'static str>,
    pub(super) fps: Option<f64>,
    pub(super) pixels: Option<(u32, u32)>,
    pub(super) audio: Option<&'static str>,
    pub(super) rate: Option<u32>,
    pub(super) channels: Option<u16>,
    pub(super) bits: Option<u16>,
    /// Its last page is not all there.
    pub(super) is_cut: bool,
}

impl OggFacts {
    /// Returns the type: with a picture it is video.
    pub(super) fn media(&self) -> Media {
        if self.video.is_some() { Media::Ogv } else { Media::Ogg }
    }
}

/// How the positions of a stream's pages count time.
#[derive(Clone, Copy)]
enum PageClock {
    Samples {
        rate: u32,
        skip: u64,
    },
    /// Theora: the frame of the last key frame above, frames since below.
    Frames {
        fps: f64,
        shift: u32,
    },
    Unknown,
}

impl PageClock {
    fn seconds(self, position: u64) -> Option<f64> {
        match self {
            PageClock::Samples { rate, skip } if rate > 0 => {
                Some(position.saturating_sub(skip) as f64 / f64::from(rate))
            }
            PageClock::Frames { fps, shift } if fps > 0.0 => {
                let since = position & ((1 << shift) - 1);
                Some(((position >> shift) + since) as f64 / fps)
            }
            _ => None,
        }
    }
}

/// The head of a page.
struct OggPage {
    begins: bool,
    position: Option<u64>,
    stream: u32,
    /// Where its content begins and ends.
    from: u64,
    to: u64,
}

fn page(source: &mut Source<'_>, at: u64) -> Option<OggPage> {
    let head: [u8; 27] = source.bytes(at)?;
    head.starts_with(b"OggS\0").then_some(())?;
    let position = u64::from_le_bytes(head[6..14].try_into().ok()?);
    let parts = source.up_to(at + 27, usize::from(head[26]));
    let from = at + 27 + u64::from(head[26]);
    Some(OggPage {
        begins: head[5] & 2 != 0,
        position: (position != u64::MAX).then_some(position),
        stream: u32::from_le_bytes(head[14..18].try_into().ok()?),
        from,
        to: from + parts.iter().map(|part| u64::from(*part)).sum::<u64>(),
    })
}

/// Reads a file that begins with an Ogg page.
pub(super) fn read(source: &mut Source<'_>) -> OggFacts {
    let mut found = OggFacts::default();
    let mut streams = vec![];
    let mut at = 0;
    while streams.len() < MAX_STREAMS
        && let Some(page) = page(source, at).filter(|page| page.begins)
    {
        let first = source.up_to(page.from, usize::try_from(page.to - page.from).unwrap_or(0).min(256));
        streams.push((page.stream, stream(&first, &mut found)));
        at = page.to;
    }
    let (last, is_whole) = positions(source);
    found.is_cut = !is_whole;
    let clock = |stream: u32| streams.iter().find(|(other, _)| *other == stream).map(|(_, clock)| *clock);
    if last.iter().all(|(stream, _)| clock(*stream).is_some()) {
        let times = last.iter().filter_map(|(stream, position)| clock(*stream)?.seconds(*position));
        found.seconds = times.reduce(f64::max);
    } else {
        // The end belongs to another stream than the beginning: several were put one behind the other.
        found.seconds = chained(source);
        found.is_guess = source.is_spent();
    }
    found
}

/// Returns what the first packet of a stream says.
fn stream(packet: &[u8], found: &mut OggFacts) -> PageClock {
    let le32 = |at: usize| packet.get(at..at + 4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]));
    let be = |at: usize, n: usize| {
        packet.get(at..at + n).map_or(0, |b| b.iter().fold(0u32, |n, byte| n << 8 | u32::from(*byte)))
    };
    let byte = |at: usize| packet.get(at).copied();
    let mut sound = |codec, rate: Option<u32>, channels: Option<u16>| {
        if found.audio.is_none() {
            found.audio = Some(codec);
            found.rate = rate.filter(|rate| *rate > 0);
            found.channels = channels.filter(|channels| *channels > 0);
        }
    };
    if packet.starts_with(b"OpusHead") {
        // Opus always plays at 48 kHz; what is skipped at its beginning is counted in that.
        sound("Opus", Some(48_000), byte(9).map(u16::from));
        let skip = u64::from(byte(10).unwrap_or(0)) | u64::from(byte(11).unwrap_or(0)) << 8;
        PageClock::Samples { rate: 48_000, skip }
    } else if packet.starts_with(b"\x01vorbis") {
        sound("Vorbis", le32(12), byte(11).map(u16::from));
        PageClock::Samples { rate: le32(12).unwrap_or(0), skip: 0 }
    } else if packet.starts_with(b"\x7fFLAC") {
        let flac = packet.get(17..).and_then(streaminfo).unwrap_or_default();
        sound("FLAC", Some(flac.rate), Some(flac.channels));
        found.bits = found.bits.or(Some(flac.bits));
        PageClock::Samples { rate: flac.rate, skip: 0 }
    } else if packet.starts_with(b"Speex   ") {
        sound("Speex", le32(36), le32(48).and_then(|n| u16::try_from(n).ok()));
        PageClock::Samples { rate: le32(36).unwrap_or(0), skip: 0 }
    } else if packet.starts_with(b"\x80theora") {
        let fps = f64::from(be(22, 4)) / f64::from(be(26, 4));
        let shift = (be(40, 2) >> 5) & 31;
        found.video.get_or_insert("Theora");
        found.pixels = Some((be(14, 3), be(17, 3))).filter(|(w, h)| *w > 0 && *h > 0);
        found.fps = Some(fps).filter(|fps| fps.is_finite() && *fps > 0.0);
        PageClock::Frames { fps: found.fps.unwrap_or(0.0), shift }
    } else if packet.starts_with(b"BBCD\0") || packet.starts_with(b"KW-DIRAC") {
        found.video.get_or_insert("Dirac");
        PageClock::Unknown
    } else if packet.starts_with(b"OVP80\x01") {
        found.video.get_or_insert("VP8");
        found.pixels = Some((be(8, 2), be(10, 2))).filter(|(w, h)| *w > 0 && *h > 0);
        PageClock::Unknown
    } else if packet.starts_with(b"\x01video\0") {
        found.video.get_or_insert("MPEG-4");
        PageClock::Unknown
    } else {
        PageClock::Unknown // a skeleton, subtitles
    }
}

/// Returns the last position of each stream that has a page near the end, and whether the last page is all there.
fn positions(source: &mut Source<'_>) -> (Vec<(u32, u64)>, bool) {
    let begin = source.len().saturating_sub(TAIL as u64);
    let tail = source.up_to(begin, TAIL);
    let mut last: Vec<(u32, u64)> = vec![];
    let mut end = None;
    for at in tail.windows(5).enumerate().filter(|(_, w)| *w == b"OggS\0").map(|(at, _)| at) {
        let Some(page) = page(source, begin + at as u64) else { continue };
        end = Some(page.to.max(page.from));
        let Some(position) = page.position else { continue };
        if let Some((_, old)) = last.iter_mut().find(|(stream, _)| *stream == page.stream) {
            *old = position.max(*old);
        } else if last.len() < MAX_STREAMS {
            last.push((page.stream, position));
        }
    }
    // Without a last page that says that it is the last, a broadcast was recorded: only half a page was cut off.
    let is_whole = end.is_none_or(|end| {
        let rest = tail.get(usize::try_from(end.saturating_sub(begin)).unwrap_or(0)..).unwrap_or_default();
        end <= source.len() && (rest.is_empty() || !b"OggS".starts_with(&rest[..rest.len().min(4)]))
    });
    (last, is_whole)
}

/// Returns the time of streams that were put one behind the other, page by page.
fn chained(source: &mut Source<'_>) -> Option<f64> {
    let (mut at, mut whole) = (0, 0.0);
    let mut now: Option<(u32, PageClock, u64)> = None;
    let seconds = |now: &Option<(u32, PageClock, u64)>| {
        now.as_ref().and_then(|(_, clock, position)| clock.seconds(*position)).unwrap_or(0.0)
    };
    while let Some(page) = page(source, at) {
        if page.begins {
            let first = source.up_to(page.from, usize::try_from(page.to - page.from).unwrap_or(0).min(256));
            let clock = stream(&first, &mut OggFacts::default());
            if !matches!(clock, PageClock::Unknown) {
                whole += seconds(&now);
                now = Some((page.stream, clock, 0));
            }
        } else if let (Some((stream, _, last)), Some(position)) = (&mut now, page.position)
            && *stream == page.stream
        {
            *last = position.max(*last);
        }
        at = page.to;
    }
    Some(whole + seconds(&now)).filter(|seconds| *seconds > 0.0)
}

/// The first block of FLAC.
#[derive(Debug, Default, PartialEq)]
pub(super) struct StreamInfo {
    pub(super) rate: u32,
    pub(super) channels: u16,
    /// Of a sample.
    pub(super) bits: u16,
    /// None where the encoder did not know it.
    pub(super) samples: Option<u64>,
    /// Of blocks of one size.
    block: u64,
}

/// Returns the content of FLAC's first block.
pub(super) fn streaminfo(block: &[u8]) -> Option<StreamInfo> {
    let head = block.get(..18)?;
    let packed = u64::from_be_bytes(head[10..18].try_into().ok()?);
    let samples = packed & 0xf_ffff_ffff;
    Some(StreamInfo {
        rate: (packed >> 44) as u32,
        channels: (packed >> 41 & 7) as u16 + 1,
        bits: (packed >> 36 & 31) as u16 + 1,
        samples: (samples > 0).then_some(samples),
        block: u64::from(u16::from_be_bytes([head[2], head[3]])),
    })
}

/// What a FLAC of its own says.
pub(super) struct FlacFacts {
    pub(super) info: StreamInfo,
    pub(super) seconds: Option<f64>,
    /// Its head counts other samples than there are: it is a part of what it was.
    pub(super) is_guess: bool,
    /// There are fewer samples than it counts, and the last frame is not all there.
    pub(super) is_cut: bool,
}

/// Reads a file that begins with `fLaC`.
pub(super) fn flac(source: &mut Source<'_>) -> Option<FlacFacts> {
    let head: [u8; 26] = source.bytes(0)?;
    let info = streaminfo(&head[8..]).filter(|info| matches!(head[4], 0 | 0x80) && info.rate > 0)?;
    let last = last_frame(source, &info);
    let is_short = info.samples.zip(last.as_ref()).is_some_and(|(samples, last)| last.end < samples);
    // Who cuts it between two frames may leave the head as it was.
    let is_cut = is_short && last.as_ref().is_some_and(|last| !last.is_whole);
    let is_guess = is_short && !is_cut;
    let counted = info.samples.filter(|_| !is_guess);
    let seconds = counted.or(last.map(|last| last.end)).map(|samples| samples as f64 / f64::from(info.rate));
    Some(FlacFacts { info, seconds, is_guess, is_cut })
}

/// The last frame of a FLAC.
struct LastFrame {
    /// The number of the sample behind it.
    end: u64,
    /// Its checksum is right.
    is_whole: bool,
}

/// Finds the last frame of a FLAC: the last of two heads near the end that follow each other.
fn last_frame(source: &mut Source<'_>, info: &StreamInfo) -> Option<LastFrame> {
    let mut tail = source.up_to(source.len().saturating_sub(TAIL as u64), TAIL);
    let length = tail.len();
    tail.resize(length + MAX_FRAME_HEAD, 0); // silence takes fewer bytes than a head may have
    // What looks like a head by chance may stand between two of them.
    let mut ends = HashSet::new();
    let mut last = None;
    for at in 0..length {
        let Some((from, samples)) = flac_frame(&tail[at..], info) else { continue };
        if ends.contains(&from) {
            last = Some((at, from + samples));
        }
        ends.insert(from + samples);
    }
    let (at, end) = last?;
    // With its own checksum behind it, that of all is nothing.
    Some(LastFrame { end, is_whole: crc16(&tail[at..length]) == 0 })
}

/// Returns the first sample of a frame and how many it has.
fn flac_frame(bytes: &[u8], info: &StreamInfo) -> Option<(u64, u64)> {
    (bytes[0] == 0xff && bytes[1] & 0xfe == 0xf8 && bytes[3] & 1 == 0 && bytes[3] >> 4 < 11).then_some(())?;
    let ones = bytes[4].leading_ones() as usize;
    let more = if ones == 0 { 0 } else { ones.checked_sub(1).filter(|more| (1..=6).contains(more))? };
    let mut number = u64::from(bytes[4] & (0x7f >> ones));
    for byte in &bytes[5..5 + more] {
        (byte >> 6 == 2).then_some(())?;
        number = number << 6 | u64::from(byte & 0x3f);
    }
    let mut at = 5 + more;
    let be = |at: usize, n: usize| bytes[at..at + n].iter().fold(0u64, |n, byte| n << 8 | u64::from(*byte));
    let samples = match bytes[2] >> 4 {
        0 => return None,
        1 => 192,
        n @ 2..=5 => 576 << (n - 2),
        6 => {
            at += 1;
            be(at - 1, 1) + 1
        }
        7 => {
            at += 2;
            be(at - 2, 2) + 1
        }
        n => 256 << (n - 8),
    };
    at += match bytes[2] & 15 {
        12 => 1,
        13 | 14 => 2,
        15 => return None,
        _ => 0,
    };
    (crc8(&bytes[..at]) == *bytes.get(at)?).then_some(())?;
    // Of blocks of one size the blocks are counted, else the samples.
    let from = if bytes[1] & 1 == 0 { number * info.block } else { number };
    Some((from, samples))
}

fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc, byte| {
        let step = |crc: u16, _| if crc & 0x8000 == 0 { crc << 1 } else { crc << 1 ^ 0x8005 };
        (0..8).fold(crc ^ u16::from(*byte) << 8, step)
    })
}

fn crc8(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |crc, byte| {
        (0..8).fold(crc ^ byte, |crc, _| if crc & 0x80 == 0 { crc << 1 } else { crc << 1 ^ 7 })
    })
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use proptest::prelude::*;

    use super::*;

    fn with<T>(bytes: &[u8], see: impl FnOnce(&mut Source<'_>) -> T) -> T {
        let mut file = Cursor::new(bytes);
        see(&mut Source::new(&mut file, bytes.len() as u64))
    }

    /// A page of one packet.
    fn page(flags: u8, position: u64, stream: u32, packet: &[u8]) -> Vec<u8> {
        let mut out = b"OggS\0".to_vec();
        out.push(flags);
        out.extend(position.to_le_bytes());
        out.extend(stream.to_le_bytes());
        out.extend([0; 8]);
        let parts: Vec<u8> =
            std::iter::repeat_n(255, packet.len() / 255).chain([(packet.len() % 255) as u8]).collect();
        out.push(parts.len() as u8);
        out.extend(parts);
        out.extend(packet);
        out
    }

    fn opus(stream: u32, seconds: u64) -> Vec<u8> {
        let head = b"OpusHead\x01\x01\x38\x01\x80\x3e\0\0\0\0\0";
        let end = page(4, 312 + seconds * 48_000, stream, &[7; 600]);
        [page(2, 0, stream, head), page(0, 312, stream, &[1; 50]), end].concat()
    }

    fn theora(stream: u32) -> Vec<u8> {
        let mut head = b"\x80theora\x03\x02\x01\0\x14\0\x0f".to_vec();
        head.extend([0, 1, 0x40, 0, 0, 0xf0, 0, 0]); // 320 × 240
        head.extend([0, 0, 0, 25, 0, 0, 0, 1]); // 25 frames a second
        head.extend([0; 10]);
        head.extend(((6u16 << 5) | 0x8000).to_be_bytes());
        page(2, 0, stream, &head)
    }

    #[test]
    fn the_first_packets_tell_sound_from_picture() {
        let found = with(&opus(7, 3), read);
        assert_eq!((found.media(), found.audio, found.channels), (Media::Ogg, Some("Opus"), Some(1)));
        assert_eq!((found.seconds, found.rate, found.is_guess), (Some(3.0), Some(48_000), false));
        // A picture beside it: sound first, or picture first. The 50th frame, ten behind the last key frame.
        let end = page(4, 40 * 64 + 10, 9, &[0; 9]);
        for heads in [[theora(9), opus(7, 1)], [opus(7, 1), theora(9)]] {
            // All streams begin before any goes on.
            let mut whole = heads.concat();
            if heads[0].starts_with(&page(2, 0, 7, b"OpusHead\x01\x01\x38\x01\x80\x3e\0\0\0\0\0")) {
                let split = page(2, 0, 7, b"OpusHead\x01\x01\x38\x01\x80\x3e\0\0\0\0\0").len();
                whole = [&heads[0][..split], &heads[1], &heads[0][split..]].concat();
            }
            whole.extend(&end);
            let found = with(&whole, read);
            assert_eq!((found.media(), found.video, found.audio), (Media::Ogv, Some("Theora"), Some("Opus")));
            assert_eq!((found.pixels, found.fps, found.seconds), (Some((320, 240)), Some(25.0), Some(2.0)));
        }
        let speex =
            [&b"Speex   "[..], &[0; 28], &8000u32.to_le_bytes(), &[0; 8], &1u32.to_le_bytes()].concat();
        let found = with(&page(2, 0, 1, &speex), read);
        assert_eq!((found.media(), found.audio, found.rate), (Media::Ogg, Some("Speex"), Some(8000)));
    }

    #[test]
    fn streams_one_behind_the_other_are_added_up() {
        let found = with(&[opus(1, 3), opus(2, 5), opus(3, 2)].concat(), read);
        assert_eq!((found.seconds, found.is_guess), (Some(10.0), false));
    }

    #[test]
    fn flac_says_how_long_it_is_or_its_last_frames_do() {
        let head = |samples: u64| {
            let packed = 44_100u64 << 44 | 1 << 41 | 15 << 36 | samples;
            let mut out = b"fLaC\x80\0\0\x22\x10\0\x10\0\0\0\0\0\0\0".to_vec();
            out.extend(packed.to_be_bytes());
            out.extend([0; 16]);
            out
        };
        let FlacFacts { info, seconds, .. } = with(&head(88_200), flac).unwrap();
        assert_eq!((info.rate, info.channels, seconds), (44_100, 2, Some(2.0)));
        // Frames of 4,096 samples whose head does not know how many there are.
        let mut whole = head(0);
        for number in 0..100u8 {
            let frame = [0xff, 0xf8, 0xc9, 0x18, number];
            whole.extend(frame);
            whole.push(crc8(&frame));
            whole.extend([number; 700]);
        }
        let found = with(&whole, flac).unwrap();
        assert_eq!(found.seconds, Some(100.0 * 4096.0 / 44_100.0));
        assert_eq!(with(&head(0), flac).unwrap().seconds, None);
    }

    proptest! {
        #[test]
        fn wrong_bytes_and_cuts_are_read_without_a_panic(
            wrong in prop::collection::vec((0usize..2000, any::<u8>()), 0..30),
            cut in 0usize..2000,
        ) {
            let mut whole = [theora(9), opus(7, 1), opus(8, 2)].concat();
            for (at, byte) in wrong {
                let n = whole.len();
                whole[at % n] = byte;
            }
            whole.truncate(cut.min(whole.len()));
            with(&whole, read);
            whole.splice(..0, *b"fLaC");
            with(&whole, flac);
        }
    }
}
