//! Matroska and `WebM` by their tracks. Only elements that say something are read; clusters are hopped over, and where the
//! file does not say how long it plays, its last cluster does.

use super::frames::AAC_RATES;
use super::ogg::streaminfo;
use super::source::Source;
use super::{config, frames, video_config};
use crate::model::media::{HdrTransfer, Media};

/// More elements than these are not looked at.
const MAX_ELEMENTS: usize = 20_000;
/// More tracks than these are not looked at.
const MAX_TRACKS: usize = 128;
/// The last cluster is looked for in so many bytes at the end.
const TAIL: usize = 8 * 1024 * 1024;
/// More tags than these are not read, and longer ones are cut.
const MAX_TAGS: usize = 128;
const MAX_TEXT: usize = 256 * 1024;
/// Longer configurations of a codec are cut.
const MAX_CONFIG: usize = 4096;

const EBML: u32 = 0x1a45_dfa3;
const SEGMENT: u32 = 0x1853_8067;
const SEEK_HEAD: u32 = 0x114d_9b74;
const INFO: u32 = 0x1549_a966;
const TRACKS: u32 = 0x1654_ae6b;
const CLUSTER: u32 = 0x1f43_b675;
const TAGS: u32 = 0x1254_c367;

/// What was found.
#[derive(Debug, Default, PartialEq)]
pub(super) struct MatroskaFacts {
    is_webm: bool,
    /// Its tracks were found, so that it is known whether there is a picture.
    has_tracks: bool,
    pub(super) seconds: Option<f64>,
    pub(super) has_video: bool,
    pub(super) video: Option<String>,
    pub(super) fps: Option<f64>,
    pub(super) hdr: Option<HdrTransfer>,
    pub(super) pixels: Option<(u32, u32)>,
    /// A quarter turn or a half one, clockwise.
    pub(super) turn: Option<u16>,
    pub(super) has_audio: bool,
    pub(super) audio: Option<String>,
    pub(super) rate: Option<u32>,
    pub(super) channels: Option<u16>,
    pub(super) bits: Option<u16>,
    /// What its tags say by their names, and its title.
    pub(super) texts: Vec<(String, String)>,
}

impl MatroskaFacts {
    /// Returns the media type: no picture track makes it sound.
    pub(super) fn media(&self) -> Media {
        let sound = self.has_tracks && !self.has_video && self.has_audio;
        match (self.is_webm, sound) {
            (true, true) => Media::WebmAudio,
            (true, false) => Media::Webm,
            (false, true) => Media::MkvAudio,
            (false, false) => Media::Mkv,
        }
    }
}

/// One element: its number, and where its content begins and ends.
#[derive(Clone, Copy)]
struct Element {
    id: u32,
    from: u64,
    to: u64,
    /// Its length is not stated: it ends where what cannot be in it begins.
    is_open: bool,
}

struct ElementReader<'a, 'b> {
    source: &'a mut Source<'b>,
    left: usize,
    scale: f64,
    audio_track: Option<u64>,
}

/// Returns a number with its length in its first bits. With the marking bit for an element's number, without it for a
/// length.
pub(super) fn vint(bytes: &[u8], keep_mark: bool) -> Option<(u64, usize, bool)> {
    let first = *bytes.first()?;
    let n = first.leading_zeros() as usize + 1;
    (n <= 8).then_some(())?;
    let rest = bytes.get(1..n)?;
    let mask = if keep_mark { 0xff } else { 0xff_u16 >> n };
    let head = u64::from(first) & u64::from(mask);
    let value = rest.iter().fold(head, |value, byte| value << 8 | u64::from(*byte));
    let all_ones = value == (1 << (7 * n)) - 1;
    Some((value, n, !keep_mark && all_ones))
}

impl ElementReader<'_, '_> {
    fn element(&mut self, at: u64, end: u64) -> Option<Element> {
        self.left = self.left.checked_sub(1)?;
        if at >= end {
            return None;
        }
        let head = self.source.up_to(at, 12);
        let (id, n, _) = vint(&head, true).filter(|(_, n, _)| *n <= 4)?;
        let (length, m, is_open) = vint(&head[n..], false)?;
        let from = at + (n + m) as u64;
        let to = if is_open { end } else { from.saturating_add(length).min(end) };
        Some(Element { id: id as u32, from, to, is_open })
    }

    /// Walks over every element inside another one.
    fn each(&mut self, parent: Element, mut see: impl FnMut(&mut Self, Element)) {
        let mut at = parent.from;
        while let Some(element) = self.element(at, parent.to) {
            see(self, element);
            at = element.to;
        }
    }

    fn content(&mut self, element: Element, most: usize) -> Vec<u8> {
        let length = usize::try_from(element.to.saturating_sub(element.from)).unwrap_or(most);
        self.source.up_to(element.from, length.min(most))
    }

    fn number(&mut self, element: Element) -> u64 {
        self.content(element, 8).iter().fold(0, |n, byte| n << 8 | u64::from(*byte))
    }

    fn float(&mut self, element: Element) -> Option<f64> {
        let bytes = self.content(element, 8);
        let short = || bytes.as_slice().try_into().ok().map(|bytes| f64::from(f32::from_be_bytes(bytes)));
        bytes.as_slice().try_into().ok().map(f64::from_be_bytes).or_else(short)
    }

    fn text(&mut self, element: Element) -> String {
        let bytes = self.content(element, 128);
        let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
        String::from_utf8_lossy(&bytes[..end]).into_owned()
    }
}

/// Reads a file that begins with an EBML head. None where it is no Matroska.
pub(super) fn read(source: &mut Source<'_>) -> Option<MatroskaFacts> {
    let end = source.len();
    let mut reader = ElementReader { source, left: MAX_ELEMENTS, scale: 1_000_000.0, audio_track: None };
    let head = reader.element(0, end).filter(|head| head.id == EBML)?;
    let mut kind = None;
    reader.each(head, |reader, element| {
        if element.id == 0x4282 {
            kind = Some(reader.text(element));
        }
    });
    let mut found = MatroskaFacts { is_webm: kind.as_deref() == Some("webm"), ..MatroskaFacts::default() };
    // Where the head does not say it, it is Matroska.
    matches!(kind.as_deref(), None | Some("webm" | "matroska")).then_some(())?;
    if let Some(segment) = reader.element(head.to, end).filter(|element| element.id == SEGMENT) {
        segment_of(&mut reader, segment, &mut found);
    }
    if let Some((width, height)) = found.pixels
        && matches!(found.turn, Some(90 | 270))
    {
        found.pixels = Some((height, width));
    }
    Some(found)
}

fn segment_of(reader: &mut ElementReader<'_, '_>, segment: Element, found: &mut MatroskaFacts) {
    let mut elsewhere = vec![];
    let mut first_cluster = None;
    let mut at = segment.from;
    while let Some(element) = reader.element(at, segment.to) {
        match element.id {
            SEEK_HEAD => reader.each(element, |reader, seek| elsewhere.extend(seek_of(reader, seek))),
            INFO | TRACKS | TAGS => part(reader, element, found),
            CLUSTER => {
                first_cluster = first_cluster.or(Some(element));
                // What stands behind the clusters is found by the table in front of them.
                if found.has_tracks || element.is_open || !elsewhere.is_empty() {
                    break;
                }
            }
            _ => {}
        }
        at = element.to;
    }
    for offset in elsewhere.into_iter().take(8) {
        let Some(element) = reader.element(segment.from.saturating_add(offset), segment.to) else { continue };
        let is_new = match element.id {
            TRACKS => !found.has_tracks,
            INFO => found.seconds.is_none(),
            TAGS => element.from >= at,
            _ => false,
        };
        if is_new {
            part(reader, element, found);
        }
    }
    found.seconds = found.seconds.filter(|seconds| seconds.is_finite() && *seconds > 0.0);
    if let Some(cluster) = first_cluster {
        if found.seconds.is_none() {
            found.seconds = last_cluster(reader, cluster.from);
        }
        if found.audio.as_deref() == Some("AC-3") || found.audio.as_deref() == Some("E-AC-3") {
            ac3_of(reader, cluster, found);
        }
    }
}

/// Returns where the table in front says that the description, the tracks or the tags are.
fn seek_of(reader: &mut ElementReader<'_, '_>, seek: Element) -> Option<u64> {
    let (mut id, mut offset) = (0, None);
    reader.each(seek, |reader, element| match element.id {
        0x53ab => id = reader.number(element),
        0x53ac => offset = Some(reader.number(element)),
        _ => {}
    });
    offset.filter(|_| [INFO, TRACKS, TAGS].map(u64::from).contains(&id))
}

fn part(reader: &mut ElementReader<'_, '_>, element: Element, found: &mut MatroskaFacts) {
    if element.id == INFO {
        let mut length = None;
        reader.each(element, |reader, element| match element.id {
            0x2a_d7b1 => reader.scale = reader.number(element) as f64,
            0x4489 => length = reader.float(element),
            0x7ba9 => found.texts.push(("TITLE".to_owned(), reader.text(element))),
            _ => {}
        });
        found.seconds = length.map(|length| length * reader.scale / 1e9);
        return;
    }
    if element.id == TAGS {
        texts(reader, element, &mut found.texts);
        return;
    }
    found.has_tracks = true;
    let mut tracks = 0;
    reader.each(element, |reader, element| {
        if element.id == 0xae && tracks < MAX_TRACKS {
            tracks += 1;
            track(reader, element, found);
        }
    });
}

/// Collects what each tag says, which may have others in it: as deep as lists of them go.
fn texts(reader: &mut ElementReader<'_, '_>, whole: Element, all: &mut Vec<(String, String)>) {
    let mut open = vec![whole];
    while let Some(element) = open.pop() {
        let (mut key, mut text) = (String::new(), None);
        reader.each(element, |reader, part| match part.id {
            0x45a3 => key = reader.text(part),
            0x4487 => text = Some(part),
            0x7373 | 0x67c8 if open.len() < MAX_TAGS => open.push(part),
            _ => {}
        });
        if let Some(text) = text.filter(|_| !key.is_empty() && all.len() < MAX_TAGS) {
            let bytes = reader.content(text, MAX_TEXT);
            let bytes = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
            all.push((key, String::from_utf8_lossy(bytes).into_owned()));
        }
    }
}

fn track(reader: &mut ElementReader<'_, '_>, entry: Element, found: &mut MatroskaFacts) {
    let (mut kind, mut codec, mut private, mut number) = (0, String::new(), vec![], 0);
    let mut frame = 0;
    let (mut video, mut audio) = (None, None);
    reader.each(entry, |reader, element| match element.id {
        0xd7 => number = reader.number(element),
        0x83 => kind = reader.number(element),
        0x86 => codec = reader.text(element),
        0x63a2 => private = reader.content(element, MAX_CONFIG),
        0x23_e383 => frame = reader.number(element),
        0xe0 => video = Some(element),
        0xe1 => audio = Some(element),
        _ => {}
    });
    match kind {
        1 if !found.has_video => {
            found.has_video = true;
            found.video = codec_name(&codec, &private);
            found.fps = (frame > 0).then(|| 1e9 / frame as f64).filter(|fps| *fps < 1000.0);
            if let Some(element) = video {
                picture(reader, element, found);
            }
            // What the stream itself says, where the container does not.
            let transfer = match codec.as_str() {
                "V_AV1" => video_config::av1(&private),
                "V_MPEGH/ISO/HEVC" => video_config::hevc(&private),
                _ => None,
            };
            found.hdr = found.hdr.or(transfer.and_then(HdrTransfer::of_number));
        }
        2 if !found.has_audio => {
            found.has_audio = true;
            found.audio = codec_name(&codec, &private);
            reader.audio_track = Some(number);
            let (mut rate, mut channels, mut bits) = (8000.0, 1, 0);
            if let Some(element) = audio {
                reader.each(element, |reader, element| match element.id {
                    0xb5 => rate = reader.float(element).unwrap_or(rate),
                    0x9f => channels = reader.number(element),
                    0x6264 => bits = reader.number(element),
                    _ => {}
                });
            }
            found.rate = Some(rate as u32).filter(|rate| *rate > 0);
            found.channels = u16::try_from(channels).ok().filter(|channels| *channels > 0);
            let is_exact = matches!(found.audio.as_deref(), Some("PCM" | "ALAC"));
            found.bits = u16::try_from(bits).ok().filter(|bits| is_exact && (1..=64).contains(bits));
            codec_facts(&codec, &private, found);
        }
        _ => {}
    }
}

/// Reads rate and channels as the codec itself says them: what the container says of them is often only copied.
fn codec_facts(codec: &str, private: &[u8], found: &mut MatroskaFacts) {
    let own = match codec {
        _ if codec.starts_with("A_AAC") => config::aac(private),
        "A_OPUS" => private.get(9).map(|channels| (Some(48_000), Some(u16::from(*channels)))),
        "A_FLAC" => private.get(8..).and_then(streaminfo).map(|flac| {
            found.bits = Some(flac.bits);
            (Some(flac.rate), Some(flac.channels))
        }),
        _ => None,
    };
    if let Some((rate, channels)) = own {
        found.rate = rate.or(found.rate);
        found.channels = channels.or(found.channels);
    }
    // AAC of an old kind says it in its name only.
    if codec.ends_with("/SBR") && own.is_none() {
        found.rate = found.rate.map(|rate| if AAC_RATES.contains(&(rate * 2)) { rate * 2 } else { rate });
    }
}

fn picture(reader: &mut ElementReader<'_, '_>, element: Element, found: &mut MatroskaFacts) {
    let (mut width, mut height, mut crop, mut turn) = (0, 0, [0u64; 4], 0.0);
    let (mut display, mut unit) = ((0, 0), 0);
    reader.each(element, |reader, element| match element.id {
        0xb0 => width = reader.number(element),
        0xba => height = reader.number(element),
        0x54b0 => display.0 = reader.number(element),
        0x54ba => display.1 = reader.number(element),
        0x54b2 => unit = reader.number(element),
        0x54aa => crop[0] = reader.number(element),
        0x54bb => crop[1] = reader.number(element),
        0x54cc => crop[2] = reader.number(element),
        0x54dd => crop[3] = reader.number(element),
        0x55b0 => reader.each(element, |reader, element| {
            if element.id == 0x55ba {
                found.hdr = HdrTransfer::of_number(reader.number(element));
            }
        }),
        0x7670 => reader.each(element, |reader, element| {
            if element.id == 0x7675 {
                turn = reader.float(element).unwrap_or(0.0);
            }
        }),
        _ => {}
    });
    let side = |whole: u64, a: u64, b: u64| {
        let left = whole.saturating_sub(a.saturating_add(b));
        u32::try_from(if left > 0 { left } else { whole }).ok().filter(|side| *side > 0)
    };
    found.pixels = side(width, crop[2], crop[3]).zip(side(height, crop[0], crop[1]));
    if let Some(stored) = found.pixels {
        found.pixels = Some(displayed(stored, display, unit));
    }
    // Against the clock, in degrees.
    let quarter = (-turn / 90.0).round().rem_euclid(4.0) as u16 * 90;
    found.turn = (turn.is_finite() && quarter > 0).then_some(quarter);
}

/// Returns the size that a picture is displayed in: in pixels, or by the ratio of its sides (in centimetres, in inches, or
/// just that). Some write a ratio and call it pixels.
fn displayed(stored: (u32, u32), display: (u64, u64), unit: u64) -> (u32, u32) {
    let (width, height) = display;
    if width == 0 || height == 0 || unit > 3 {
        return stored;
    }
    let is_ratio = unit > 0 || (width < u64::from(stored.0) && height < u64::from(stored.1));
    let wide = width as f64 / height as f64 * f64::from(stored.1);
    let pixels = match is_ratio {
        true => Some(wide.round()).filter(|wide| *wide >= 1.0 && *wide <= f64::from(u32::MAX)),
        false => None,
    };
    match pixels {
        Some(wide) => (wide as u32, stored.1),
        None if is_ratio => stored,
        None => u32::try_from(width).ok().zip(u32::try_from(height).ok()).unwrap_or(stored),
    }
}

/// Returns the name people know a coding by.
fn codec_name(id: &str, private: &[u8]) -> Option<String> {
    let name = match id {
        "V_VP8" => "VP8",
        "V_VP9" => "VP9",
        "V_AV1" => "AV1",
        "V_MPEG4/ISO/AVC" => "H.264",
        "V_MPEGH/ISO/HEVC" => "H.265",
        "V_MPEGI/ISO/VVC" => "H.266",
        "V_MPEG1" => "MPEG-1",
        "V_MPEG2" => "MPEG-2",
        "V_THEORA" => "Theora",
        "V_PRORES" => "ProRes",
        "V_MJPEG" => "Motion JPEG",
        "V_FFV1" => "FFV1",
        "A_OPUS" => "Opus",
        "A_VORBIS" => "Vorbis",
        "A_FLAC" => "FLAC",
        "A_MPEG/L3" => "MP3",
        "A_MPEG/L2" => "MP2",
        "A_AC3" => "AC-3",
        "A_EAC3" => "E-AC-3",
        "A_DTS" => "DTS",
        "A_TRUEHD" => "TrueHD",
        "A_ALAC" => "ALAC",
        "V_MS/VFW/FOURCC" => {
            return private
                .get(16..20)
                .map(|letters| config::codec_name([letters[0], letters[1], letters[2], letters[3]]));
        }
        _ if id.starts_with("V_MPEG4/") => "MPEG-4",
        _ if id.starts_with("A_AAC") => "AAC",
        _ if id.starts_with("A_PCM") => "PCM",
        _ if id.starts_with("A_AC3") => "AC-3",
        _ => {
            let plain = id.split_once('_').map_or(id, |(_, plain)| plain);
            let plain: String = plain.chars().filter(|c| c.is_ascii_graphic()).take(24).collect();
            return (!plain.is_empty()).then_some(plain);
        }
    };
    Some(name.to_owned())
}

/// Returns where the last cluster ends, in seconds: the time of its last block, and how long that plays by those before
/// it.
fn last_cluster(reader: &mut ElementReader<'_, '_>, first: u64) -> Option<f64> {
    let end = reader.source.len();
    let begin = end.saturating_sub(TAIL as u64).max(first.saturating_sub(12));
    let tail = reader.source.up_to(begin, TAIL);
    let mark = CLUSTER.to_be_bytes();
    // From behind: the first that holds together. The letters may stand in a picture, too.
    let mut places = tail.windows(4).enumerate().filter(|(_, w)| *w == mark).map(|(at, _)| at as u64).rev();
    let ticks = places.by_ref().take(16).find_map(|at| {
        let cluster = reader.element(begin + at, end)?;
        blocks(reader, cluster)
    })?;
    Some(ticks as f64 * reader.scale / 1e9)
}

/// Returns the end of a cluster's last block, in the segment's ticks.
fn blocks(reader: &mut ElementReader<'_, '_>, cluster: Element) -> Option<u64> {
    let mut time = None;
    // Of each track the last two blocks: what lies between them is what one plays.
    let mut tracks: Vec<(u64, i64, i64)> = vec![];
    let mut end = 0i64;
    let mut at = cluster.from;
    while let Some(element) = reader.element(at, cluster.to) {
        let mut block = None;
        let mut length = 0;
        match element.id {
            0xe7 => time = Some(reader.number(element)),
            0xa3 => block = Some(element),
            0xa0 => reader.each(element, |reader, element| match element.id {
                0xa1 => block = Some(element),
                0x9b => length = reader.number(element) as i64,
                _ => {}
            }),
            0xa7 | 0xab | 0xaf | 0xec | 0xbf | 0x5854 => {}
            // An open cluster ends where the next part of the file begins.
            _ if cluster.is_open => break,
            _ => return None,
        }
        if let Some(block) = block {
            let head = reader.content(block, 12);
            let (track, n, _) = vint(&head, false)?;
            let ticks = i64::from(i16::from_be_bytes([*head.get(n)?, *head.get(n + 1)?]));
            if let Some((_, last, step)) = tracks.iter_mut().find(|(other, ..)| *other == track) {
                *step = if ticks > *last { ticks - *last } else { *step };
                *last = ticks.max(*last);
            } else if tracks.len() < MAX_TRACKS {
                tracks.push((track, ticks, 0));
            }
            end = end.max(ticks.saturating_add(length.clamp(0, 1 << 40)));
        }
        at = element.to;
    }
    end = tracks.iter().map(|(_, last, step)| last + step).fold(end, i64::max);
    (!tracks.is_empty()).then_some(())?;
    time?.checked_add_signed(end)
}

/// Reads rate and channels of AC-3, which has no configuration, by its first frame.
fn ac3_of(reader: &mut ElementReader<'_, '_>, cluster: Element, found: &mut MatroskaFacts) {
    let mut frame = None;
    let mut seen = 0;
    let mut at = cluster.from;
    while let Some(element) = reader.element(at, cluster.to)
        && frame.is_none()
        && seen < 256
    {
        seen += 1;
        let mut block = (element.id == 0xa3).then_some(element);
        if element.id == 0xa0 {
            reader.each(element, |_, element| block = block.or((element.id == 0xa1).then_some(element)));
        }
        if let Some(block) = block {
            let head = reader.content(block, 12);
            let track = vint(&head, false);
            if let Some((number, n, _)) = track
                && Some(number) == reader.audio_track
            {
                frame = frames::at(reader.source, block.from + n as u64 + 3);
            }
        }
        at = element.to;
    }
    if let Some(frame) = frame.filter(|frame| matches!(frame.media, Media::Ac3 | Media::Eac3)) {
        found.rate = Some(frame.rate);
        found.channels = frame.channels.or(found.channels);
    }
}
