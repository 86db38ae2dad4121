//! What an ISO container (MP4, MOV, M4A, 3GP, HEIC, AVIF) says of itself in its index. Only headers are read, by seeking
//! from box to box: the index of a long film has millions of entries that Hoist does not need, and a forged one must cost
//! nothing.

use std::io::{self, Read, Seek, SeekFrom};
use std::time::Duration;

use super::config::{self, codec_name};
use super::heif::{self, Still};
use super::source::Source;
use crate::model::media::Media;

/// More boxes than these are not looked at.
const MAX_BOXES: usize = 100_000;
/// More tracks than these are not looked at.
const MAX_TRACKS: usize = 256;
/// More samples than these are not in one fragment.
const MAX_SAMPLES: u32 = 1_000_000;

/// What was found.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Movie {
    /// What it is said to be, the major brand first.
    brands: Vec<[u8; 4]>,
    /// How long it plays.
    pub(super) length: Option<Duration>,
    /// Not all of it was measured.
    pub(super) length_is_guess: bool,
    /// As shown: a rotation is applied.
    pub(super) pixels: Option<(u32, u32)>,
    /// As EXIF counts it, where it is turned or mirrored.
    pub(super) orientation: Option<u8>,
    /// It has a track of pictures that move; chapters' pictures are none.
    pub(super) has_video: bool,
    /// The name of the picture's coding.
    pub(super) video: Option<String>,
    /// It has a track of sound.
    pub(super) has_audio: bool,
    /// The name of the sound's coding.
    pub(super) audio: Option<String>,
    /// Samples of sound a second.
    pub(super) sample_rate: Option<u32>,
    /// Channels of sound.
    pub(super) channels: Option<u16>,
    /// Pictures a second.
    pub(super) frames_per_second: Option<f64>,
    /// Pictures that do not move: HEIC, AVIF.
    pub(super) still: Option<Still>,
    /// Its pictures follow each other: an animation.
    pub(super) moves: bool,
    /// Its index was found.
    pub(super) has_index: bool,
}

impl Movie {
    /// Which type of the family it is: brands and tracks decide, and the name only where they leave it open.
    pub(super) fn media(&self, by_name: Option<Media>) -> Media {
        let is_avif = |brand: &[u8; 4]| matches!(brand, b"avif" | b"avis" | b"avio");
        let is_picture = |brand: &[u8; 4]| {
            is_avif(brand)
                || matches!(
                    brand,
                    b"mif1" | b"mif2" | b"msf1" | b"avci" | b"avcs" | b"vvic" | b"vvis" | b"1pic"
                )
                || brand.starts_with(b"hei")
                || matches!(brand, b"hevc" | b"hevx" | b"hevm" | b"hevs")
        };
        let major = self.brands.first().copied().unwrap_or(*b"qt  ");
        let any = |is: &dyn Fn(&[u8; 4]) -> bool| self.brands.iter().any(is);
        if &major == b"crx " {
            return Media::RawPhoto;
        }
        if is_picture(&major) || (!self.has_video && (self.still.is_some() || any(&is_picture))) {
            let is_av1 = any(&is_avif) || self.still.as_ref().is_some_and(|still| still.is_av1);
            return if is_av1 { Media::Avif } else { Media::Heic };
        }
        // Brands of phones stand beside general ones, and then it is what those say.
        let is_general = any(&|brand| !brand.starts_with(b"3g") && brand != b"qt  " && *brand != [0; 4]);
        let is_of_phones = matches!(self.audio.as_deref(), Some("AMR" | "AMR-WB"))
            || self.video.as_deref() == Some("H.263")
            || matches!(by_name, Some(Media::ThreeGp | Media::ThreeGpAudio));
        let is_3gp = major.starts_with(b"3g") && (!is_general || is_of_phones);
        let is_quicktime = &major == b"qt  " || (!is_general && any(&|brand| brand == b"qt  "));
        let sound = if self.has_video || self.has_audio {
            !self.has_video
        } else {
            let named = by_name.filter(|media| matches!(media, Media::M4a | Media::Mp4 | Media::Mov));
            named.map_or(matches!(&major, b"M4A " | b"M4B " | b"M4P "), |media| media == Media::M4a)
        };
        match (sound, is_3gp) {
            (true, true) => Media::ThreeGpAudio,
            (true, false) => Media::M4a,
            (false, true) => Media::ThreeGp,
            (false, false) if is_quicktime => Media::Mov,
            (false, false) => Media::Mp4,
        }
    }

    /// Whether anything was found that only such a file has.
    pub(super) fn is_certain(&self) -> bool {
        !self.brands.is_empty() || self.has_index || self.still.is_some()
    }
}

/// Whether a file of this family may begin with these bytes: the kind of the first box, of a possible size.
pub(super) fn may_begin(head: &[u8]) -> bool {
    let Some(&[a, b, c, d, ref kind @ ..]) = head.first_chunk::<8>() else { return false };
    let size = u32::from_be_bytes([a, b, c, d]);
    match kind {
        b"ftyp" | b"styp" => size == 1 || (8..=4096).contains(&size),
        b"moov" | b"moof" | b"mdat" | b"wide" | b"free" | b"skip" | b"pnot" | b"sidx" | b"uuid" | b"meta" => {
            !(2..8).contains(&size)
        }
        _ => false,
    }
}

/// Whether the first box alone tells a MOV of the old kind, which has no brands.
pub(super) fn is_old_quicktime(head: &[u8]) -> bool {
    may_begin(head) && matches!(head.get(4..8), Some(b"moov" | b"mdat" | b"wide" | b"pnot"))
}

/// One track, as far as it was read.
#[derive(Default)]
struct Track {
    id: u32,
    kind: [u8; 4],
    pixels: Option<(u32, u32)>,
    orientation: Option<u8>,
    coding: Option<String>,
    sample_rate: Option<u32>,
    channels: Option<u16>,
    scale: u32,
    seconds: Option<f64>,
    samples: Option<u32>,
    /// Tracks that show its chapters.
    chapters: Vec<u32>,
}

/// What fragments say of one track.
#[derive(Default)]
struct Pieces {
    track: u32,
    /// What a sample plays where it does not say so itself.
    usual: u32,
    begin: Option<u64>,
    end: u64,
    samples: u64,
}

/// A box: its type, and where its content begins and ends.
pub(super) struct BoxHeader {
    pub(super) kind: [u8; 4],
    pub(super) from: u64,
    pub(super) to: u64,
    /// It ends before what it is in does.
    pub(super) is_whole: bool,
}

/// Goes from box to box, as long as there are not too many.
pub(super) struct Walker<'a, R> {
    file: &'a mut R,
    left: usize,
}

impl<'a, R: Read + Seek> Walker<'a, R> {
    pub(super) fn new(file: &'a mut R) -> Self {
        Walker { file, left: MAX_BOXES }
    }

    /// Whether the bound was met: there are more boxes than were seen.
    pub(super) fn is_spent(&self) -> bool {
        self.left == 0
    }

    /// The box at `at`, which ends at `end` at the latest.
    fn at(&mut self, at: u64, end: u64) -> io::Result<Option<BoxHeader>> {
        if at.saturating_add(8) > end || self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        self.file.seek(SeekFrom::Start(at))?;
        let head: [u8; 8] = self.bytes()?;
        let kind = [head[4], head[5], head[6], head[7]];
        let (head, size) = match u64::from(u32_at(&head, 0)) {
            0 => (8, end - at), // to the end
            1 => (16, u64::from_be_bytes(self.bytes()?)),
            size => (8, size),
        };
        let Some(to) = at.checked_add(size).filter(|to| size >= head && *to > at) else { return Ok(None) };
        Ok(Some(BoxHeader { kind, from: at + head, to: to.min(end), is_whole: to <= end }))
    }

    fn bytes<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut bytes = [0; N];
        self.file.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    /// As many bytes of a box as fit, zeros behind its end.
    pub(super) fn content<const N: usize>(&mut self, place: &BoxHeader, skip: u64) -> io::Result<[u8; N]> {
        let mut bytes = [0; N];
        let from = place.from.saturating_add(skip);
        let there = usize::try_from(place.to.saturating_sub(from)).unwrap_or(N).min(N);
        self.file.seek(SeekFrom::Start(from))?;
        self.file.read_exact(&mut bytes[..there])?;
        Ok(bytes)
    }

    /// What is in a box behind so many bytes, and no more than the bound.
    pub(super) fn some(&mut self, place: &BoxHeader, skip: u64, bound: u64) -> io::Result<Vec<u8>> {
        let from = place.from.saturating_add(skip);
        self.file.seek(SeekFrom::Start(from))?;
        let mut out = vec![];
        self.file.by_ref().take(place.to.saturating_sub(from).min(bound)).read_to_end(&mut out)?;
        Ok(out)
    }

    /// Every box inside a place.
    pub(super) fn each(
        &mut self,
        from: u64,
        to: u64,
        mut see: impl FnMut(&mut Self, &BoxHeader) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut at = from;
        while let Some(place) = self.at(at, to)? {
            see(self, &place)?;
            at = place.to;
        }
        Ok(())
    }
}

pub(super) fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..at + 2).map_or(0, |b| u16::from_be_bytes([b[0], b[1]]))
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).map_or(0, |b| u32::from_be_bytes([b[0], b[1], b[2], b[3]]))
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from(u32_at(bytes, at)) << 32 | u64::from(u32_at(bytes, at + 4))
}

/// The time scale in `mvhd` and `mdhd`, and the duration as seconds. All ones, and nothing, mean that it is not known.
fn seconds(head: &[u8]) -> (u32, Option<f64>) {
    let (scale, duration) = match head[0] {
        1 => (u32_at(head, 20), u64_at(head, 24)),
        _ => (u32_at(head, 12), u64::from(u32_at(head, 16))),
    };
    let known = duration > 0 && duration != u64::from(u32::MAX) && duration != u64::MAX && scale > 0;
    (scale, known.then(|| duration as f64 / f64::from(scale)))
}

/// Reads the index of a file; skips what cannot be read.
pub(super) fn read(source: &mut Source<'_>) -> Movie {
    let mut movie = Movie::default();
    let end = source.len();
    let mut walker = Walker::new(source);
    let mut index = Index::default();
    let mut listed = None;
    // A file that ends in the middle of something keeps what was found before.
    let _ = walker.each(0, end, |walker, place| {
        match &place.kind {
            b"ftyp" | b"styp" if movie.brands.is_empty() => {
                let all = walker.some(place, 0, 512)?;
                let brands = all.chunks_exact(4).map(|b| [b[0], b[1], b[2], b[3]]);
                // The second word is a version.
                movie.brands = brands.enumerate().filter(|(n, _)| *n != 1).map(|(_, brand)| brand).collect();
            }
            b"moov" if !movie.has_index => {
                movie.has_index = true;
                index.read(walker, place)?;
            }
            b"moof" => walker.each(place.from, place.to, |walker, place| match &place.kind {
                b"traf" => index.piece(walker, place),
                _ => Ok(()),
            })?,
            b"sidx" if listed.is_none() => listed = list_of_pieces(walker, place)?,
            b"meta" if movie.still.is_none() => movie.still = heif::read(walker, place)?,
            _ => {}
        }
        Ok(())
    });
    let is_spent = walker.is_spent() || walker.file.is_spent();
    let pieces = index.pieces_seconds();
    let length = if index.is_in_pieces {
        // Where there are more pieces than were read, their list may know better.
        let counted = if is_spent { listed.or(pieces) } else { pieces.or(listed) };
        movie.length_is_guess = is_spent && index.told.is_none() && listed.is_none();
        let whole = index.whole.into_iter().chain(counted).reduce(f64::max);
        index.told.or(whole)
    } else {
        index.whole
    };
    let longest = || index.tracks.iter().filter_map(|track| track.seconds).reduce(f64::max);
    // Longer than a year is not a length but nonsense.
    movie.length = length
        .or_else(longest)
        .filter(|s| s.is_finite() && *s > 0.0 && *s < 31_536_000.0)
        .map(Duration::from_secs_f64);
    let chapters: Vec<u32> = index.tracks.iter().flat_map(|track| track.chapters.iter().copied()).collect();
    for track in &index.tracks {
        if !chapters.contains(&track.id) {
            take(&mut movie, track, index.pieces.iter().find(|pieces| pieces.track == track.id));
        }
    }
    if let Some(still) = &movie.still
        && !movie.has_video
    {
        (movie.pixels, movie.orientation) = (still.pixels.or(movie.pixels), still.orientation);
    }
    movie
}

/// What is collected while the boxes go by.
#[derive(Default)]
struct Index {
    scale: u32,
    /// What the head says of the whole length.
    whole: Option<f64>,
    /// What is said of the whole length of a film in pieces.
    told: Option<f64>,
    is_in_pieces: bool,
    tracks: Vec<Track>,
    pieces: Vec<Pieces>,
}

impl Index {
    fn read<R: Read + Seek>(&mut self, walker: &mut Walker<'_, R>, place: &BoxHeader) -> io::Result<()> {
        walker.each(place.from, place.to, |walker, place| {
            match &place.kind {
                b"mvhd" => (self.scale, self.whole) = seconds(&walker.content::<40>(place, 0)?),
                b"trak" if self.tracks.len() < MAX_TRACKS => self.tracks.push(track(walker, place)),
                b"mvex" => {
                    self.is_in_pieces = true;
                    walker.each(place.from, place.to, |walker, place| {
                        match &place.kind {
                            b"mehd" => {
                                let head: [u8; 12] = walker.content(place, 0)?;
                                let units =
                                    if head[0] == 1 { u64_at(&head, 4) } else { u64::from(u32_at(&head, 4)) };
                                self.told = Some(units as f64 / f64::from(self.scale))
                                    .filter(|s| s.is_finite() && *s > 0.0);
                            }
                            b"trex" => {
                                let head: [u8; 16] = walker.content(place, 0)?;
                                self.pieces_of(u32_at(&head, 4)).usual = u32_at(&head, 12);
                            }
                            _ => {}
                        }
                        Ok(())
                    })?;
                }
                _ => {}
            }
            Ok(())
        })
    }

    fn pieces_of(&mut self, track: u32) -> &mut Pieces {
        let at = self.pieces.iter().position(|pieces| pieces.track == track).unwrap_or_else(|| {
            if self.pieces.len() < MAX_TRACKS {
                self.pieces.push(Pieces { track, ..Pieces::default() });
            }
            self.pieces.len() - 1
        });
        &mut self.pieces[at]
    }

    /// What one fragment adds to a track.
    fn piece<R: Read + Seek>(&mut self, walker: &mut Walker<'_, R>, place: &BoxHeader) -> io::Result<()> {
        let (mut track, mut usual, mut base, mut samples, mut units) = (0, None, None, 0u64, 0u64);
        let mut without = 0u64; // samples that play as long as is usual
        let all = walker.each(place.from, place.to, |walker, place| {
            match &place.kind {
                b"tfhd" => {
                    let head: [u8; 24] = walker.content(place, 0)?;
                    let flags = u32_at(&head, 0);
                    track = u32_at(&head, 4);
                    let skip = if flags & 1 != 0 { 8 } else { 0 } + if flags & 2 != 0 { 4 } else { 0 };
                    usual = (flags & 8 != 0).then(|| u32_at(&head, 8 + skip));
                }
                b"tfdt" => {
                    let head: [u8; 12] = walker.content(place, 0)?;
                    base = Some(if head[0] == 1 { u64_at(&head, 4) } else { u64::from(u32_at(&head, 4)) });
                }
                b"trun" => {
                    let head: [u8; 8] = walker.content(place, 0)?;
                    let (flags, count) = (u32_at(&head, 0), u32_at(&head, 4).min(MAX_SAMPLES));
                    samples += u64::from(count);
                    if flags & 0x100 == 0 {
                        without += u64::from(count);
                        return Ok(());
                    }
                    let skip = 8 + if flags & 1 != 0 { 4 } else { 0 } + if flags & 4 != 0 { 4 } else { 0 };
                    let entry = 4 * (flags >> 8 & 15).count_ones() as usize;
                    let list = walker.some(place, skip, entry as u64 * u64::from(count))?;
                    units += list.chunks_exact(entry).map(|entry| u64::from(u32_at(entry, 0))).sum::<u64>();
                }
                _ => {}
            }
            Ok(())
        });
        let pieces = self.pieces_of(track);
        let usual = u64::from(usual.unwrap_or(pieces.usual));
        let begin = base.unwrap_or(pieces.end);
        pieces.begin = Some(pieces.begin.map_or(begin, |first| first.min(begin)));
        let plays = units.saturating_add(without.saturating_mul(usual));
        pieces.end = pieces.end.max(begin.saturating_add(plays));
        pieces.samples += samples;
        all
    }

    /// From the beginning of the first fragment to the end of the last one.
    fn pieces_seconds(&self) -> Option<f64> {
        let times = self.pieces.iter().filter_map(|pieces| {
            let scale = self.tracks.iter().find(|track| track.id == pieces.track)?.scale;
            let time = |units: u64| units as f64 / f64::from(scale);
            (scale > 0).then(|| Some((time(pieces.begin?), time(pieces.end)))).flatten()
        });
        let (begin, end) = times.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))?;
        Some(end - begin).filter(|seconds| *seconds > 0.0)
    }
}

/// The seconds that a list of fragments in front of them adds up to.
fn list_of_pieces<R: Read + Seek>(walker: &mut Walker<'_, R>, place: &BoxHeader) -> io::Result<Option<f64>> {
    let head: [u8; 32] = walker.content(place, 0)?;
    let scale = u32_at(&head, 8);
    let skip = if head[0] == 0 { 20 } else { 28 };
    let count = u64::from(u16_at(&head, skip + 2));
    let list = walker.some(place, skip as u64 + 4, count * 12)?;
    let units: u64 = list.chunks_exact(12).map(|entry| u64::from(u32_at(entry, 4))).sum();
    Ok((scale > 0 && units > 0).then(|| units as f64 / f64::from(scale)))
}

/// The first track of each kind counts.
fn take(movie: &mut Movie, track: &Track, pieces: Option<&Pieces>) {
    match &track.kind {
        b"vide" if !movie.has_video => {
            movie.has_video = true;
            movie.video.clone_from(&track.coding);
            movie.pixels = track.pixels;
            movie.orientation = track.orientation;
            let in_pieces = pieces.filter(|pieces| pieces.samples > 0).and_then(|pieces| {
                let units = pieces.end.saturating_sub(pieces.begin?);
                Some(pieces.samples as f64 * f64::from(track.scale) / units as f64)
            });
            let frames = || track.samples.zip(track.seconds).map(|(n, seconds)| f64::from(n) / seconds);
            let frames = in_pieces.or_else(frames);
            movie.frames_per_second = frames.filter(|f| f.is_finite() && *f > 0.0 && *f < 1000.0);
        }
        // Pictures in order, without sound: an animation of HEIC or AVIF.
        b"pict" => {
            movie.pixels = movie.pixels.or(track.pixels);
            movie.moves |= track.samples.is_some_and(|samples| samples > 1);
        }
        b"soun" if !movie.has_audio => {
            movie.has_audio = true;
            movie.audio.clone_from(&track.coding);
            movie.sample_rate = track.sample_rate.filter(|rate| *rate > 0);
            movie.channels = track.channels.filter(|channels| *channels > 0);
        }
        _ => {}
    }
}

/// A track as far as it is there.
fn track<R: Read + Seek>(walker: &mut Walker<'_, R>, place: &BoxHeader) -> Track {
    let mut track = Track::default();
    let mut shown = None;
    let _ = walker.each(place.from, place.to, |walker, place| match &place.kind {
        b"tkhd" => {
            let head: [u8; 96] = walker.content(place, 0)?;
            let (id, matrix) = if head[0] == 1 { (20, 52) } else { (12, 40) };
            track.id = u32_at(&head, id);
            shown = Some((u32_at(&head, matrix + 36) >> 16, u32_at(&head, matrix + 40) >> 16));
            let part = |n: usize| (u32_at(&head, matrix + 4 * n) as i32).signum();
            track.orientation = turned(part(0), part(1), part(3), part(4));
            Ok(())
        }
        b"tref" => walker.each(place.from, place.to, |walker, place| {
            if &place.kind == b"chap" {
                let list = walker.some(place, 0, 256)?;
                track.chapters.extend(list.chunks_exact(4).map(|id| u32_at(id, 0)));
            }
            Ok(())
        }),
        b"mdia" => walker.each(place.from, place.to, |walker, place| match &place.kind {
            b"mdhd" => {
                (track.scale, track.seconds) = seconds(&walker.content::<40>(place, 0)?);
                Ok(())
            }
            b"hdlr" => {
                let head: [u8; 12] = walker.content(place, 0)?;
                track.kind = [head[8], head[9], head[10], head[11]];
                Ok(())
            }
            b"minf" => walker.each(place.from, place.to, |walker, place| match &place.kind {
                b"stbl" => walker.each(place.from, place.to, |walker, place| match &place.kind {
                    b"stsd" => coding(walker, place, &mut track),
                    b"stsz" | b"stz2" => {
                        track.samples = Some(u32_at(&walker.content::<12>(place, 0)?, 8));
                        Ok(())
                    }
                    _ => Ok(()),
                }),
                _ => Ok(()),
            }),
            _ => Ok(()),
        }),
        _ => Ok(()),
    });
    // The size it is shown in counts before the one it is stored in.
    let shown = shown.filter(|(width, height)| *width > 0 && *height > 0);
    let pixels = shown.or(track.pixels).filter(|(width, height)| *width > 0 && *height > 0);
    let on_its_side = matches!(track.orientation, Some(5..=8));
    track.pixels = pixels.map(|(width, height)| if on_its_side { (height, width) } else { (width, height) });
    track
}

/// The orientation, as EXIF counts it, of a matrix by the signs of its first four numbers. None where it is not turned.
fn turned(a: i32, b: i32, c: i32, d: i32) -> Option<u8> {
    Some(match (a, b, c, d) {
        (-1, 0, 0, 1) => 2,
        (-1, 0, 0, -1) => 3,
        (1, 0, 0, -1) => 4,
        (0, 1, 1, 0) => 5,
        (0, 1, -1, 0) => 6,
        (0, -1, -1, 0) => 7,
        (0, -1, 1, 0) => 8,
        _ => return None,
    })
}

/// The first entry of a track's list of codings.
fn coding<R: Read + Seek>(
    walker: &mut Walker<'_, R>,
    place: &BoxHeader,
    track: &mut Track,
) -> io::Result<()> {
    // Behind version, flags and a count.
    let Some(entry) = walker.at(place.from.saturating_add(8), place.to)? else { return Ok(()) };
    track.coding = Some(codec_name(entry.kind));
    let head: [u8; 64] = walker.content(&entry, 0)?;
    if &track.kind != b"soun" {
        track.pixels = Some((u32::from(u16_at(&head, 24)), u32::from(u16_at(&head, 26))));
        return walker.each(entry.from.saturating_add(78), entry.to, |walker, place| {
            let content = if &place.kind == b"esds" { walker.some(place, 0, 256)? } else { vec![] };
            if let Some((Some(name), _)) = config::esds(&content) {
                track.coding = Some(name.to_owned());
            }
            Ok(())
        });
    }
    let version = u16_at(&head, 8);
    track.channels = Some(u16_at(&head, 16));
    track.sample_rate = Some(u32_at(&head, 24) >> 16);
    let skip = match version {
        1 => 44,
        2 => {
            let rate = f64::from_bits(u64_at(&head, 32));
            track.sample_rate = (1.0..10_000_000.0).contains(&rate).then_some(rate as u32);
            track.channels = u16::try_from(u32_at(&head, 40)).ok();
            u64::from(u32_at(&head, 28)).clamp(44, 4096) - 8
        }
        _ => 28,
    };
    walker.each(entry.from.saturating_add(skip), entry.to, |walker, place| {
        // QuickTime puts the same into a box of its own.
        match &place.kind {
            b"wave" => walker.each(place.from, place.to, |walker, place| codec_facts(walker, place, track)),
            _ => codec_facts(walker, place, track),
        }
    })
}

/// What the codec's own configuration says counts before what the container says of it.
fn codec_facts<R: Read + Seek>(
    walker: &mut Walker<'_, R>,
    place: &BoxHeader,
    track: &mut Track,
) -> io::Result<()> {
    let content = walker.some(place, 0, 256)?;
    let own = match &place.kind {
        b"esds" => {
            let (name, own) = config::esds(&content).unwrap_or_default();
            if let Some(name) = name {
                track.coding = Some(name.to_owned());
            }
            own
        }
        b"dac3" => config::dac3(&content),
        b"dec3" => config::dec3(&content),
        b"dOps" => content.get(1).map(|channels| (Some(48_000), Some(u16::from(*channels)))),
        b"dfLa" => content
            .get(8..)
            .and_then(super::ogg::streaminfo)
            .map(|flac| (Some(flac.rate), Some(flac.channels))),
        b"alac" if content.len() >= 28 => Some((Some(u32_at(&content, 24)), Some(u16::from(content[13])))),
        _ => None,
    };
    if let Some((rate, channels)) = own {
        track.sample_rate = rate.or(track.sample_rate);
        track.channels = channels.or(track.channels);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;
    use std::path::Path;

    use proptest::prelude::*;

    use super::*;

    fn sample(name: &str) -> Vec<u8> {
        std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/samples").join(name)).unwrap()
    }

    fn movie(bytes: &[u8]) -> Movie {
        let mut file = Cursor::new(bytes);
        read(&mut Source::new(&mut file, bytes.len() as u64))
    }

    /// The top boxes of a file.
    fn tops(bytes: &[u8]) -> Vec<Vec<u8>> {
        let mut out = vec![];
        let mut at = 0;
        while at < bytes.len() {
            let size = u32_at(bytes, at) as usize;
            out.push(bytes[at..at + size].to_vec());
            at += size;
        }
        out
    }

    #[test]
    fn a_video_and_a_sound_tell_of_themselves_wherever_their_index_is() {
        let clip = movie(&sample("clip.mp4"));
        assert!(
            clip.pixels.is_some() && clip.length.is_some() && clip.frames_per_second.is_some(),
            "{clip:?}"
        );
        assert_eq!(clip.video.as_deref(), Some("H.264"));
        let sound = movie(&sample("tone.m4a"));
        assert_eq!(sound.audio.as_deref(), Some("AAC"));
        assert!(sound.sample_rate.is_some_and(|rate| rate >= 8000) && sound.channels.is_some(), "{sound:?}");
        let mut boxes = tops(&sample("clip.mp4"));
        boxes.sort_by_key(|b| &b[4..8] == b"moov");
        assert_eq!(&boxes.last().unwrap()[4..8], b"moov");
        assert_eq!(movie(&boxes.concat()), clip, "the index at the end");
        boxes.pop();
        let without = movie(&boxes.concat());
        assert!(!without.has_index && without.length.is_none());
    }

    fn boxed(kind: [u8; 4], content: &[u8]) -> Vec<u8> {
        [&(content.len() as u32 + 8).to_be_bytes()[..], &kind, content].concat()
    }

    fn numbers(all: &[u32]) -> Vec<u8> {
        all.iter().flat_map(|n| n.to_be_bytes()).collect()
    }

    /// The head of a movie or of a track's media.
    fn head(kind: [u8; 4], scale: u32, units: u32) -> Vec<u8> {
        boxed(kind, &numbers(&[0, 0, 0, scale, units, 0, 0, 0, 0, 0]))
    }

    /// A track of 640 × 480, turned by a matrix, in this coding.
    fn track_of(
        id: u32,
        kind: [u8; 4],
        coding: [u8; 4],
        matrix: [i32; 4],
        scale: u32,
        more: &[u8],
    ) -> Vec<u8> {
        let [a, b, c, d] = matrix.map(|n| (n * 65_536) as u32);
        let head_of_track = [
            &[1, 0, 0, id, 0, 0, 0, 0, 0, 0][..],
            &[a, b, 0, c, d, 0, 0, 0, 1 << 30],
            &[640 << 16, 480 << 16],
        ];
        let mut entry = vec![0; 78];
        entry[16..18].copy_from_slice(&[0, 2]);
        entry[24..28].copy_from_slice(&numbers(&[48_000 << 16]));
        let list = boxed(*b"stsd", &[numbers(&[0, 1]), boxed(coding, &entry)].concat());
        let handler = boxed(*b"hdlr", &[&[0; 8], &kind[..], &[0; 12]].concat());
        let media = [head(*b"mdhd", scale, 0), handler, boxed(*b"minf", &boxed(*b"stbl", &list))].concat();
        boxed(
            *b"trak",
            &[boxed(*b"tkhd", &numbers(&head_of_track.concat())), boxed(*b"mdia", &media), more.to_vec()]
                .concat(),
        )
    }

    const UPRIGHT: [i32; 4] = [1, 0, 0, 1];

    /// Fragments of a track: where each begins, and what each of its samples plays.
    fn fragment(track: u32, begin: u32, samples: &[u32]) -> Vec<u8> {
        let own = boxed(*b"trun", &[numbers(&[0x100, samples.len() as u32]), numbers(samples)].concat());
        let parts = [boxed(*b"tfhd", &numbers(&[0, track])), boxed(*b"tfdt", &numbers(&[0, begin])), own];
        [boxed(*b"moof", &boxed(*b"traf", &parts.concat())), boxed(*b"mdat", &[0; 16])].concat()
    }

    #[test]
    fn a_film_in_pieces_plays_as_long_as_its_time_scale_says_or_its_pieces_do() {
        let ftyp = boxed(*b"ftyp", b"iso5\0\0\0\0iso5");
        let track = track_of(1, *b"vide", *b"avc1", UPRIGHT, 12_800, &[]);
        let moov = |scale: u32, told: Option<u32>| {
            let told = told.map_or(vec![], |units| boxed(*b"mehd", &numbers(&[0, units])));
            let usual = boxed(*b"trex", &numbers(&[0, 1, 1, 512, 0, 0]));
            boxed(
                *b"moov",
                &[head(*b"mvhd", scale, 0), track.clone(), boxed(*b"mvex", &[told, usual].concat())].concat(),
            )
        };
        let seconds = |bytes: &[u8]| movie(bytes).length.map(|length| length.as_secs_f64());
        for scale in [600, 1000, 44_100, 90_000] {
            let whole = [ftyp.clone(), moov(scale, Some(scale * 7))].concat();
            assert_eq!(seconds(&whole), Some(7.0), "a time scale of {scale}");
        }
        // What each sample plays, what is usual of them, and a recording that did not begin at its beginning.
        let own = [fragment(1, 0, &[512; 25]), fragment(1, 25 * 512, &[1024; 25])].concat();
        assert_eq!(seconds(&[ftyp.clone(), moov(1000, None), own].concat()), Some(3.0));
        let parts = [boxed(*b"tfhd", &numbers(&[0, 1])), boxed(*b"trun", &numbers(&[0, 50]))];
        let usual = boxed(*b"moof", &boxed(*b"traf", &parts.concat())).repeat(3);
        assert_eq!(seconds(&[ftyp.clone(), moov(1000, None), usual].concat()), Some(6.0));
        let late =
            [fragment(1, 9_000_000, &[512; 25]), fragment(1, 9_000_000 + 25 * 512, &[512; 25])].concat();
        let whole = movie(&[ftyp.clone(), moov(1000, None), late].concat());
        assert_eq!((whole.length, whole.frames_per_second), (Some(Duration::from_secs(2)), Some(25.0)));
        // Pieces that are elsewhere, as far as a list adds them up.
        let list = boxed(*b"sidx", &numbers(&[0, 1, 1000, 0, 0, 2, 100, 30_000, 0, 100, 31_000, 0]));
        assert_eq!(seconds(&[ftyp, moov(1000, None), list].concat()), Some(61.0));
    }

    #[test]
    fn more_pieces_than_are_read_make_a_guess() {
        // Each piece far behind the one before it: one read each.
        let ftyp = boxed(*b"ftyp", b"iso5\0\0\0\0iso5");
        let usual = boxed(*b"mvex", &boxed(*b"trex", &numbers(&[0, 1, 1, 512, 0, 0])));
        let track = track_of(1, *b"vide", *b"avc1", UPRIGHT, 12_800, &[]);
        let mut whole = [ftyp, boxed(*b"moov", &[head(*b"mvhd", 1000, 0), track, usual].concat())].concat();
        let mut piece = boxed(
            *b"moof",
            &boxed(
                *b"traf",
                &[boxed(*b"tfhd", &numbers(&[0, 1])), boxed(*b"trun", &numbers(&[0, 25]))].concat(),
            ),
        );
        piece.extend(boxed(*b"mdat", &vec![0; 20_000]));
        whole.extend(piece.repeat(5000));
        let found = movie(&whole);
        assert!(
            found.length_is_guess && found.length.is_some_and(|l| l.as_secs() > 3000),
            "{:?}",
            found.length
        );
    }

    #[test]
    fn a_video_is_as_large_as_it_is_displayed() {
        let matrices = [
            ([1, 0, 0, 1], None),
            ([-1, 0, 0, 1], Some(2)),
            ([-1, 0, 0, -1], Some(3)),
            ([1, 0, 0, -1], Some(4)),
            ([0, 1, 1, 0], Some(5)),
            ([0, 1, -1, 0], Some(6)),
            ([0, -1, -1, 0], Some(7)),
            ([0, -1, 1, 0], Some(8)),
        ];
        for (matrix, orientation) in matrices {
            let found = movie(&boxed(*b"moov", &track_of(1, *b"vide", *b"hvc1", matrix, 600, &[])));
            let pixels = if orientation >= Some(5) { (480, 640) } else { (640, 480) };
            assert_eq!((found.pixels, found.orientation), (Some(pixels), orientation), "{matrix:?}");
        }
    }

    #[test]
    fn pictures_of_chapters_make_no_video_of_a_book() {
        let chapters = boxed(*b"tref", &boxed(*b"chap", &numbers(&[2])));
        let sound = track_of(1, *b"soun", *b"mp4a", UPRIGHT, 48_000, &chapters);
        let pictures = track_of(2, *b"vide", *b"jpeg", UPRIGHT, 600, &[]);
        let ftyp = boxed(*b"ftyp", b"M4B \0\0\0\0isom");
        let moov = |tracks: &[Vec<u8>]| [ftyp.clone(), boxed(*b"moov", &tracks.concat())].concat();
        let book = movie(&moov(&[sound.clone(), pictures.clone()]));
        assert_eq!((book.media(None), book.has_video, book.pixels), (Media::M4a, false, None));
        assert_eq!((book.sample_rate, book.channels), (Some(48_000), Some(2)));
        let film = movie(&moov(&[track_of(1, *b"soun", *b"mp4a", UPRIGHT, 48_000, &[]), pictures]));
        assert_eq!(film.media(None), Media::Mp4);
    }

    #[test]
    fn forged_sizes_and_deep_nesting_cost_nothing() {
        let deep: Vec<u8> =
            (0..10_000u32).flat_map(|_| [&0u32.to_be_bytes()[..], b"moov"].concat()).collect();
        assert!(movie(&deep).has_index);
        let endless = [&8u32.to_be_bytes()[..], b"free"].concat().repeat(100_000);
        assert_eq!(movie(&endless), Movie::default());
        let huge = [&1u32.to_be_bytes()[..], b"moov", &u64::MAX.to_be_bytes()].concat();
        assert_eq!(movie(&huge).length, None);
    }

    proptest! {
        #[test]
        fn a_file_with_wrong_bytes_is_read_without_a_panic(
            wrong in prop::collection::vec((0usize..8192, any::<u8>()), 1..40),
            cut in 0usize..8192,
        ) {
            for name in ["clip.mp4", "tone.m4a"] {
                let mut bytes = sample(name);
                // What is looked at is in the boxes, so most of the wrong bytes are put there.
                for (at, byte) in &wrong {
                    let n = bytes.len();
                    bytes[at % n] = *byte;
                }
                bytes.truncate(bytes.len().saturating_sub(cut % 400));
                movie(&bytes);
            }
        }
    }
}
