//! WAV and AVI. What their heads say of lengths is often a guess of whoever began to write them: bytes that are there count.

use super::config::codec_name;
use super::frames;
use super::source::Source;
use crate::model::media::Media;

/// More chunks than these are not looked at.
const MAX_CHUNKS: usize = 20_000;
/// Frames of an AVI whose head does not count them are counted one by one up to so many.
const MAX_FRAMES: usize = 400_000;

/// From here on a size of 32 bits was written by somebody who did not know it yet: all ones, the largest number with a
/// sign, or either without a head.
const UNKNOWN_SIZE: u64 = 0x7fff_0000;

/// What was found.
#[derive(Debug, Default, PartialEq)]
pub(super) struct RiffFacts {
    pub(super) seconds: Option<f64>,
    pub(super) is_guess: bool,
    pub(super) has_video: bool,
    pub(super) video: Option<String>,
    pub(super) fps: Option<f64>,
    pub(super) pixels: Option<(u32, u32)>,
    pub(super) has_audio: bool,
    pub(super) audio: Option<&'static str>,
    pub(super) rate: Option<u32>,
    pub(super) channels: Option<u16>,
    /// Of a sample that is stored whole.
    pub(super) bits: Option<u16>,
    /// There are fewer samples than its head says, which knew how many there would be.
    pub(super) is_cut: bool,
}

/// Returns which of the family begins here.
pub(super) fn media(head: &[u8]) -> Option<Media> {
    let family = head.get(..4)?;
    match (family, head.get(8..12)?) {
        (b"RIFF" | b"RIFX" | b"RF64" | b"BW64", b"WAVE") => Some(Media::Wav),
        (b"RIFF", b"AVI ") => Some(Media::Avi),
        (b"RIFF", b"WEBP") => Some(Media::Webp),
        (b"RIFF", b"RMID") => Some(Media::Midi),
        _ => None,
    }
}

/// Numbers of a file, either end first.
#[derive(Clone, Copy)]
struct Order {
    big: bool,
}

impl Order {
    fn u16(self, bytes: &[u8], at: usize) -> u16 {
        let Some(&[a, b]) = bytes.get(at..at + 2) else { return 0 };
        if self.big { u16::from_be_bytes([a, b]) } else { u16::from_le_bytes([a, b]) }
    }

    fn u32(self, bytes: &[u8], at: usize) -> u32 {
        let Some(&[a, b, c, d]) = bytes.get(at..at + 4) else { return 0 };
        if self.big { u32::from_be_bytes([a, b, c, d]) } else { u32::from_le_bytes([a, b, c, d]) }
    }
}

/// A chunk: its name, and where its content begins and ends.
#[derive(Clone, Copy)]
struct RiffChunk {
    name: [u8; 4],
    from: u64,
    to: u64,
}

fn chunk(source: &mut Source<'_>, at: u64, order: Order) -> Option<RiffChunk> {
    let head: [u8; 8] = source.bytes(at)?;
    let from = at + 8;
    let size = u64::from(order.u32(&head, 4));
    Some(RiffChunk { name: [head[0], head[1], head[2], head[3]], from, to: from + size })
}

/// Chunks have an even length, unless whoever wrote them did not know.
fn next(source: &mut Source<'_>, chunk: RiffChunk) -> u64 {
    let odd = (chunk.to - chunk.from) & 1;
    if odd == 1 && source.u8(chunk.to).is_some_and(|pad| pad != 0) && looks_like_chunk(source, chunk.to) {
        return chunk.to;
    }
    chunk.to + odd
}

fn looks_like_chunk(source: &mut Source<'_>, at: u64) -> bool {
    source.bytes::<4>(at).is_some_and(|name| name.iter().all(|b| b.is_ascii_alphanumeric() || *b == b' '))
}

/// What a format chunk says of sound.
struct WaveFormat {
    tag: u16,
    channels: u16,
    rate: u32,
    bytes_a_second: u32,
    block: u16,
    bits: u16,
    /// Samples of each channel in a block, where sound is packed so.
    block_samples: u16,
}

impl WaveFormat {
    fn read(bytes: &[u8], order: Order) -> WaveFormat {
        let tag = order.u16(bytes, 0);
        WaveFormat {
            // The extended form says it further behind.
            tag: if tag == 0xfffe && bytes.len() >= 26 { order.u16(bytes, 24) } else { tag },
            channels: order.u16(bytes, 2),
            rate: order.u32(bytes, 4),
            bytes_a_second: order.u32(bytes, 8),
            block: order.u16(bytes, 12),
            bits: order.u16(bytes, 14),
            block_samples: order.u16(bytes, 18),
        }
    }

    fn codec(&self) -> Option<&'static str> {
        Some(match self.tag {
            1 | 3 => "PCM",
            2 | 0x11 => "ADPCM",
            6 => "A-law",
            7 => "µ-law",
            0x31 => "GSM",
            0x50 => "MP2",
            0x55 => "MP3",
            0xff | 0x1600 | 0x1610 | 0x706d | 0x4143 => "AAC",
            0x160..=0x163 => "WMA",
            0x2000 => "AC-3",
            0x2001 => "DTS",
            0x566f | 0x674f..=0x6771 => "Vorbis",
            0xf1ac => "FLAC",
            _ => return None,
        })
    }

    /// Returns bytes of sound a second: of plain samples and of ADPCM what their blocks say, else what is claimed.
    fn bytes_a_second(&self) -> f64 {
        let blocks = f64::from(self.block) * f64::from(self.rate);
        match self.tag {
            1 | 3 | 6 | 7 if self.block > 0 => blocks,
            2 | 0x11 if self.block > 0 && self.block_samples > 0 => blocks / f64::from(self.block_samples),
            _ => f64::from(self.bytes_a_second),
        }
    }

    fn put(&self, found: &mut RiffFacts) {
        found.has_audio = true;
        found.audio = self.codec();
        found.rate = Some(self.rate).filter(|rate| *rate > 0);
        found.channels = Some(self.channels).filter(|channels| *channels > 0);
        found.bits = Some(self.bits).filter(|bits| matches!(self.tag, 1 | 3) && (1..=64).contains(bits));
    }
}

/// Reads a WAV of any size.
pub(super) fn wav(source: &mut Source<'_>) -> RiffFacts {
    let mut found = RiffFacts::default();
    let Some(head) = source.bytes::<12>(0) else { return found };
    let order = Order { big: &head[..4] == b"RIFX" };
    let end = source.len();
    let (mut format, mut samples, mut long, mut data) = (None, None, None, None);
    let mut at = 12;
    for _ in 0..MAX_CHUNKS {
        let Some(chunk) = chunk(source, at, order) else { break };
        match &chunk.name {
            b"fmt " => {
                let length = usize::try_from(chunk.to - chunk.from).unwrap_or(0).min(40);
                format = Some(WaveFormat::read(&source.up_to(chunk.from, length), order));
            }
            b"fact" => samples = source.bytes(chunk.from).map(|bytes: [u8; 4]| order.u32(&bytes, 0)),
            // Sizes that do not fit into 32 bits.
            b"ds64" => long = source.bytes::<16>(chunk.from).map(|bytes| le64(&bytes[8..])),
            b"data" => {
                let to = match (chunk.to - chunk.from, long) {
                    (0xffff_ffff, Some(long)) => chunk.from.saturating_add(long),
                    (0xffff_ffff, None) => end,
                    _ => chunk.to,
                };
                // A writer that counts its head along is off by that; one that did not know writes a large number.
                found.is_cut = to > end.saturating_add(chunk.from + 8)
                    && (long.is_some() || to - chunk.from < UNKNOWN_SIZE);
                let real = data_end(source, RiffChunk { to, ..chunk }, order);
                data = Some(real - chunk.from);
                if format.is_some() {
                    break;
                }
                at = real + (real & 1);
                continue;
            }
            _ => {}
        }
        at = next(source, chunk);
    }
    let Some(format) = format else { return found };
    format.put(&mut found);
    let Some(data) = data else { return found };
    let by_bytes = format.bytes_a_second();
    // Sound that is packed counts its samples in a chunk of its own, which may be as wrong as the rest.
    let packed = !matches!(format.tag, 1 | 3 | 6 | 7);
    let by_samples =
        samples.filter(|_| packed && format.rate > 0).map(|n| f64::from(n) / f64::from(format.rate));
    let bytes = (by_bytes > 0.0).then(|| data as f64 / by_bytes);
    found.seconds = match (by_samples, bytes) {
        (Some(counted), Some(bytes)) if (counted - bytes).abs() > 1.0 + bytes * 0.05 => Some(bytes),
        (Some(counted), _) if counted > 0.0 => Some(counted),
        _ => bytes,
    };
    found.is_guess = packed && by_samples.is_none_or(|counted| found.seconds != Some(counted));
    found
}

fn le64(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |n, byte| n << 8 | u64::from(*byte))
}

/// Returns where sound ends: where its chunk says, if what follows is another chunk or nothing; else at the end of the
/// file.
fn data_end(source: &mut Source<'_>, data: RiffChunk, order: Order) -> u64 {
    let end = source.len();
    if data.to >= end {
        return end;
    }
    // One byte may be padding, and a tag of MP3 may be hung behind.
    let follows = next(source, data);
    let is_plausible = follows >= end
        || looks_like_chunk(source, follows) && {
            let size = source.bytes::<4>(follows + 4).map_or(u64::MAX, |size| u64::from(order.u32(&size, 0)));
            let known =
                source.bytes::<4>(follows).is_some_and(|name| &name[..3] == b"ID3" || &name[..3] == b"TAG");
            known || follows.saturating_add(8).saturating_add(size) <= end + 1
        };
    if is_plausible { data.to } else { end }
}

/// Reads the streams and the length of an AVI.
pub(super) fn avi(source: &mut Source<'_>) -> RiffFacts {
    const ORDER: Order = Order { big: false };
    let mut found = RiffFacts::default();
    let end = source.len();
    let (mut at, mut left) = (12, MAX_CHUNKS);
    let mut state = Avi::default();
    let mut movie = None;
    // Lists are entered, all but the one with the pictures.
    let mut ends = vec![end];
    while left > 0
        && let Some(chunk) = chunk(source, at, ORDER)
    {
        left -= 1;
        if &chunk.name == b"LIST" {
            match &source.bytes::<4>(chunk.from).unwrap_or_default() {
                b"hdrl" | b"strl" | b"odml" if ends.len() < 8 => {
                    state.codec = None;
                    ends.push(chunk.to);
                    at = chunk.from + 4;
                    continue;
                }
                b"movi" => {
                    movie = Some(chunk);
                    break;
                }
                _ => {}
            }
        } else {
            let length = usize::try_from(chunk.to - chunk.from).unwrap_or(0).min(64);
            let content = source.up_to(chunk.from, length);
            state.see(chunk.name, &content, &mut found);
        }
        at = next(source, chunk);
        while ends.len() > 1 && ends.last().is_some_and(|end| at >= *end) {
            ends.pop();
        }
    }
    let frames = [state.stream_frames, state.long_frames, state.frames].into_iter().flatten().max();
    // A number larger than the file was written before its size was known.
    let frames = frames.map(u64::from).filter(|frames| *frames > 0 && frames * 8 <= end);
    let counted = match frames {
        Some(frames) => Some(frames),
        // Whoever wrote it did not come to count them.
        None => movie.and_then(|movie| count_frames(source, movie, &mut found)),
    };
    found.seconds = counted.zip(found.fps).map(|(frames, fps)| frames as f64 / fps).or(state.audio_seconds);
    if found.audio == Some("AC-3")
        && let Some(movie) = movie
    {
        ac3_of(source, movie, &mut found);
    }
    found
}

/// What the head of an AVI said so far.
#[derive(Default)]
struct Avi {
    frames: Option<u32>,
    long_frames: Option<u32>,
    stream_frames: Option<u32>,
    audio_seconds: Option<f64>,
    /// The kind of the stream that is being read.
    kind: [u8; 4],
    codec: Option<[u8; 4]>,
}

impl Avi {
    fn see(&mut self, name: [u8; 4], content: &[u8], found: &mut RiffFacts) {
        const ORDER: Order = Order { big: false };
        let u32 = |at| ORDER.u32(content, at);
        match &name {
            b"avih" => {
                self.frames = Some(u32(16));
                found.pixels = Some((u32(32), u32(36))).filter(|(w, h)| *w > 0 && *h > 0);
                found.fps = rate(1_000_000, u32(0));
            }
            b"dmlh" => self.long_frames = Some(u32(0)),
            b"strh" if content.len() >= 36 => {
                self.kind = [content[0], content[1], content[2], content[3]];
                self.codec = Some([content[4], content[5], content[6], content[7]]);
                let rate = rate(u32(24), u32(20));
                match &self.kind {
                    b"vids" if !found.has_video => {
                        found.fps = rate.or(found.fps);
                        self.stream_frames = Some(u32(32));
                    }
                    b"auds" if !found.has_audio => {
                        self.audio_seconds = rate.map(|rate| f64::from(u32(32)) / rate).filter(|s| *s > 0.0);
                    }
                    _ => {}
                }
            }
            b"strf" if &self.kind == b"vids" && !found.has_video => {
                found.has_video = true;
                let own = content.get(16..20).map(|b| [b[0], b[1], b[2], b[3]]);
                let letters = own.filter(|own| *own != [0; 4]).or(self.codec).unwrap_or_default();
                found.video =
                    Some(if letters.iter().all(|b| *b < 4) { "raw".into() } else { codec_name(letters) });
                let (width, height) = (u32(4), (u32(8) as i32).unsigned_abs());
                found.pixels = found.pixels.or(Some((width, height)).filter(|(w, h)| *w > 0 && *h > 0));
            }
            b"strf" if &self.kind == b"auds" && !found.has_audio => {
                WaveFormat::read(content, ORDER).put(found);
            }
            _ => {}
        }
    }
}

/// Returns so many a second, if that is a rate.
fn rate(n: u32, of: u32) -> Option<f64> {
    let rate = f64::from(n) / f64::from(of);
    (rate.is_finite() && rate > 0.0 && rate < 1_000_000.0).then_some(rate)
}

/// Counts the pictures one by one.
fn count_frames(source: &mut Source<'_>, movie: RiffChunk, found: &mut RiffFacts) -> Option<u64> {
    const ORDER: Order = Order { big: false };
    let mut at = movie.from + 4;
    let mut frames = 0;
    for _ in 0..MAX_FRAMES {
        let Some(chunk) = chunk(source, at, ORDER) else { break };
        match &chunk.name {
            b"LIST" => {
                at = chunk.from + 4;
                continue;
            }
            [_, _, b'd', b'b' | b'c'] => frames += 1,
            b"idx1" | b"RIFF" => break,
            _ => {}
        }
        at = next(source, chunk);
    }
    found.is_guess = source.is_spent();
    (frames > 0).then_some(frames)
}

/// Reads rate and channels of AC-3 by its first frame.
fn ac3_of(source: &mut Source<'_>, movie: RiffChunk, found: &mut RiffFacts) {
    const ORDER: Order = Order { big: false };
    let mut at = movie.from + 4;
    for _ in 0..256 {
        let Some(chunk) = chunk(source, at, ORDER) else { return };
        if &chunk.name[2..] == b"wb" {
            if let Some(frame) = frames::at(source, chunk.from).filter(|frame| frame.media == Media::Ac3) {
                found.rate = Some(frame.rate);
                found.channels = frame.channels;
            }
            return;
        }
        at = if &chunk.name == b"LIST" { chunk.from + 4 } else { next(source, chunk) };
    }
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

    fn chunk(name: [u8; 4], content: &[u8]) -> Vec<u8> {
        let mut out = [&name[..], &(content.len() as u32).to_le_bytes(), content].concat();
        out.resize(out.len().next_multiple_of(2), 0);
        out
    }

    /// 8,000 samples of 16 bits a second, mono.
    fn format() -> Vec<u8> {
        chunk(*b"fmt ", &[1, 0, 1, 0, 0x40, 0x1f, 0, 0, 0x80, 0x3e, 0, 0, 2, 0, 16, 0])
    }

    /// So many seconds of sound, whose chunk claims to have so many bytes, and what follows it.
    fn wave(family: [u8; 4], seconds: usize, claimed: u32, before: &[u8], behind: &[u8]) -> Vec<u8> {
        let head = [&family[..], &[0xff; 4], b"WAVE", before, &format()].concat();
        [&head, &b"data"[..], &claimed.to_le_bytes(), &vec![0x81; seconds * 16_000], behind].concat()
    }

    #[test]
    fn a_wav_is_measured_by_its_bytes_where_its_head_lies() {
        let seconds = |bytes: &[u8]| with(bytes, wav).seconds.unwrap();
        let list = chunk(*b"LIST", b"INFOISFT\x04\0\0\0abc\0");
        let all = 16_000 * 3;
        for (claimed, what) in
            [(all, "right"), (0, "0"), (u32::MAX, "all ones"), (all * 100, "long"), (1000, "short")]
        {
            assert!((seconds(&wave(*b"RIFF", 3, claimed, &[], &[])) - 3.0).abs() < 1e-9, "{what}");
        }
        assert!(
            (seconds(&wave(*b"RIFF", 3, all, &[], &list)) - 3.0).abs() < 1e-9,
            "what follows is no sound"
        );
        // Sizes of 64 bits, in both spellings.
        let long = [&[0; 8][..], &u64::from(all).to_le_bytes(), &[0; 12]].concat();
        for family in [*b"RF64", *b"BW64"] {
            let whole = wave(family, 3, u32::MAX, &chunk(*b"ds64", &long), &list);
            let found = with(&whole, wav);
            assert_eq!((found.seconds, found.rate, found.channels), (Some(3.0), Some(8000), Some(1)));
        }
        // Odd chunks with and without the byte behind them.
        let odd = chunk(*b"junk", b"abc");
        assert!((seconds(&wave(*b"RIFF", 1, 16_000, &odd, &[])) - 1.0).abs() < 1e-9);
        assert!((seconds(&wave(*b"RIFF", 1, 16_000, &odd[..11], &[])) - 1.0).abs() < 1e-9);
    }

    fn movie(frames: u32, counted: u32) -> Vec<u8> {
        let le = |numbers: &[u32]| numbers.iter().flat_map(|n| n.to_le_bytes()).collect::<Vec<_>>();
        let list = |kind: [u8; 4], content: &[u8]| chunk(*b"LIST", &[&kind[..], content].concat());
        let head = le(&[40_000, 0, 0, 0, counted, 0, 1, 0, 640, 360, 0, 0, 0, 0]);
        let stream = [&b"vidsMJPG"[..], &le(&[0, 0, 0, 1, 25, 0, counted, 0, 0, 0, 0, 0])].concat();
        let format = [&le(&[40, 640, 360])[..], &[1, 0, 24, 0], b"MJPG", &le(&[0; 5])].concat();
        let sound = [&b"auds\0\0\0\0"[..], &le(&[0, 0, 0, 1, 44_100, 0, 0, 0, 0, 0, 0, 0])].concat();
        let pcm = [1, 0, 2, 0, 0x44, 0xac, 0, 0, 0x10, 0xb1, 2, 0, 4, 0, 16, 0];
        let video = list(*b"strl", &[chunk(*b"strh", &stream), chunk(*b"strf", &format)].concat());
        let audio = list(*b"strl", &[chunk(*b"strh", &sound), chunk(*b"strf", &pcm)].concat());
        let heads = list(*b"hdrl", &[chunk(*b"avih", &head), video, audio].concat());
        let pictures: Vec<u8> = (0..frames)
            .flat_map(|_| [chunk(*b"00dc", &[7; 101]), chunk(*b"01wb", &[0; 8])].concat())
            .collect();
        [&b"RIFF\0\0\0\0AVI "[..], &heads, &list(*b"movi", &pictures)].concat()
    }

    #[test]
    fn an_avi_has_length_and_dimensions_finished_or_not() {
        for counted in [50, 0, 0x4000_0000] {
            let found = with(&movie(50, counted), avi);
            assert_eq!((found.seconds, found.fps, found.pixels), (Some(2.0), Some(25.0), Some((640, 360))));
            assert_eq!((found.video.as_deref(), found.audio), (Some("Motion JPEG"), Some("PCM")));
            assert_eq!((found.rate, found.channels, found.is_guess), (Some(44_100), Some(2), false));
        }
    }

    proptest! {
        #[test]
        fn wrong_bytes_and_cuts_are_read_without_a_panic(
            wrong in prop::collection::vec((0usize..4000, any::<u8>()), 0..30),
            cut in 0usize..4000,
        ) {
            let wave = wave(*b"RF64", 1, u32::MAX, &chunk(*b"ds64", &[9; 28]), &chunk(*b"LIST", b"INFO"));
            for mut whole in [wave, movie(5, 0)] {
                for (at, byte) in &wrong {
                    let n = whole.len();
                    whole[at % n] = *byte;
                }
                whole.truncate(cut.min(whole.len()));
                with(&whole, wav);
                with(&whole, avi);
            }
        }
    }
}
