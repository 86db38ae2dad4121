//! What an ISO container (MP4, MOV, M4A) says of itself in its index. Only headers are read, by seeking from box to box:
//! the index of a long film has millions of entries that nobody here needs, and a forged one must cost nothing.

use std::io::{self, Read, Seek, SeekFrom};
use std::time::Duration;

/// More boxes than these are not looked at.
const MOST_BOXES: usize = 4096;

/// What was found.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Movie {
    /// How long it plays.
    pub(super) length: Option<Duration>,
    /// As shown: a rotation is applied.
    pub(super) pixels: Option<(u32, u32)>,
    /// The four letters of the picture's coding.
    pub(super) video: Option<[u8; 4]>,
    /// The four letters of the sound's coding.
    pub(super) audio: Option<[u8; 4]>,
    /// Samples of sound a second.
    pub(super) sample_rate: Option<u32>,
    /// Channels of sound.
    pub(super) channels: Option<u16>,
    /// Pictures a second.
    pub(super) frames_per_second: Option<f64>,
    /// Its index was found.
    pub(super) has_index: bool,
}

/// One track, as far as it was read.
#[derive(Default)]
struct Track {
    kind: [u8; 4],
    pixels: Option<(u32, u32)>,
    coding: Option<[u8; 4]>,
    sample_rate: Option<u32>,
    channels: Option<u16>,
    seconds: Option<f64>,
    samples: Option<u32>,
}

/// The name people know a coding by.
pub(super) fn codec_name(letters: [u8; 4]) -> String {
    let name = match &letters {
        b"avc1" | b"avc3" => "H.264",
        b"hvc1" | b"hev1" => "H.265",
        b"av01" => "AV1",
        b"vp08" => "VP8",
        b"vp09" => "VP9",
        b"mp4v" => "MPEG-4",
        b"jpeg" | b"mjpa" | b"mjpb" => "Motion JPEG",
        b"apch" | b"apcn" | b"apcs" | b"apco" | b"ap4h" | b"ap4x" => "ProRes",
        b"mp4a" => "AAC",
        b"alac" => "ALAC",
        b"fLaC" => "FLAC",
        b"Opus" => "Opus",
        b"ac-3" => "AC-3",
        b"ec-3" => "E-AC-3",
        b".mp3" => "MP3",
        b"lpcm" | b"sowt" | b"twos" | b"ipcm" | b"in24" | b"fl32" => "PCM",
        other => return other.iter().map(|b| if b.is_ascii_graphic() { *b as char } else { '?' }).collect(),
    };
    name.to_owned()
}

/// A box: its type, and where its content begins and ends.
pub(super) struct Place {
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
        Walker { file, left: MOST_BOXES }
    }

    /// The box at `at`, which ends at `end` at the latest.
    fn at(&mut self, at: u64, end: u64) -> io::Result<Option<Place>> {
        if at.saturating_add(8) > end || self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        self.file.seek(SeekFrom::Start(at))?;
        let head: [u8; 8] = self.bytes()?;
        let kind = [head[4], head[5], head[6], head[7]];
        let short = u64::from(u32::from_be_bytes([head[0], head[1], head[2], head[3]]));
        let (head, size) = match short {
            0 => (8, end - at), // to the end
            1 => (16, u64::from_be_bytes(self.bytes()?)),
            size => (8, size),
        };
        let Some(to) = at.checked_add(size).filter(|to| size >= head && *to > at) else { return Ok(None) };
        Ok(Some(Place { kind, from: at + head, to: to.min(end), is_whole: to <= end }))
    }

    fn bytes<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut bytes = [0; N];
        self.file.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    /// As many bytes of a box as fit, zeros behind its end.
    pub(super) fn content<const N: usize>(&mut self, place: &Place, skip: u64) -> io::Result<[u8; N]> {
        let mut bytes = [0; N];
        let from = place.from.saturating_add(skip);
        let there = usize::try_from(place.to.saturating_sub(from)).unwrap_or(N).min(N);
        self.file.seek(SeekFrom::Start(from))?;
        self.file.read_exact(&mut bytes[..there])?;
        Ok(bytes)
    }

    /// What is in a box behind so many bytes, and no more than the bound.
    pub(super) fn some(&mut self, place: &Place, skip: u64, bound: u64) -> io::Result<Vec<u8>> {
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
        mut see: impl FnMut(&mut Self, &Place) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut at = from;
        while let Some(place) = self.at(at, to)? {
            see(self, &place)?;
            at = place.to;
        }
        Ok(())
    }
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).map_or(0, |b| u32::from_be_bytes([b[0], b[1], b[2], b[3]]))
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from(u32_at(bytes, at)) << 32 | u64::from(u32_at(bytes, at + 4))
}

/// The time scale and the duration in `mvhd` and `mdhd`, as seconds. All ones, and nothing, mean that it is not known.
fn seconds(head: &[u8]) -> Option<f64> {
    let (scale, duration) = match head[0] {
        1 => (u32_at(head, 20), u64_at(head, 24)),
        _ => (u32_at(head, 12), u64::from(u32_at(head, 16))),
    };
    let known = duration > 0 && duration != u64::from(u32::MAX) && duration != u64::MAX && scale > 0;
    known.then(|| duration as f64 / f64::from(scale))
}

/// Reads the index of a file of this length; what cannot be read is left out.
pub(super) fn read(file: &mut (impl Read + Seek), length: u64) -> Movie {
    let mut movie = Movie::default();
    let mut walker = Walker::new(file);
    let mut tracks = vec![];
    let mut whole = None;
    // A file that ends in the middle of something keeps what was found before.
    let _ = walker.each(0, length, |walker, place| {
        match &place.kind {
            b"moov" => {
                movie.has_index = true;
                walker.each(place.from, place.to, |walker, place| {
                    match &place.kind {
                        b"mvhd" => whole = seconds(&walker.content::<40>(place, 0)?),
                        b"trak" => tracks.push(track(walker, place)?),
                        b"mvex" => walker.each(place.from, place.to, |walker, place| {
                            // Of a film in pieces the whole length is here, if anywhere.
                            if &place.kind == b"mehd" && whole.is_none() {
                                let head: [u8; 12] = walker.content(place, 0)?;
                                let units =
                                    if head[0] == 1 { u64_at(&head, 4) } else { u64::from(u32_at(&head, 4)) };
                                whole = Some(units as f64 / 1000.0).filter(|s| *s > 0.0);
                            }
                            Ok(())
                        })?,
                        _ => {}
                    }
                    Ok(())
                })?;
            }
            _ => {}
        }
        Ok(())
    });
    for track in tracks {
        take(&mut movie, &track);
        whole = whole.or(track.seconds);
    }
    // Longer than a year is not a length but nonsense.
    movie.length =
        whole.filter(|s| s.is_finite() && *s > 0.0 && *s < 31_536_000.0).map(Duration::from_secs_f64);
    movie
}

/// The first track of each kind counts.
fn take(movie: &mut Movie, track: &Track) {
    match &track.kind {
        b"vide" if movie.video.is_none() => {
            movie.video = track.coding;
            movie.pixels = track.pixels.filter(|(w, h)| *w > 0 && *h > 0);
            let frames = track.samples.zip(track.seconds).map(|(n, seconds)| f64::from(n) / seconds);
            movie.frames_per_second = frames.filter(|f| f.is_finite() && *f > 0.0 && *f < 1000.0);
        }
        b"soun" if movie.audio.is_none() => {
            movie.audio = track.coding;
            movie.sample_rate = track.sample_rate.filter(|rate| *rate > 0);
            movie.channels = track.channels.filter(|channels| *channels > 0);
        }
        _ => {}
    }
}

fn track<R: Read + Seek>(walker: &mut Walker<'_, R>, place: &Place) -> io::Result<Track> {
    let mut track = Track::default();
    walker.each(place.from, place.to, |walker, place| match &place.kind {
        b"tkhd" => {
            let head: [u8; 96] = walker.content(place, 0)?;
            let matrix = if head[0] == 1 { 52 } else { 40 };
            let (width, height) = (u32_at(&head, matrix + 36) >> 16, u32_at(&head, matrix + 40) >> 16);
            // A quarter turn: the first number of the matrix is nothing, the second is not.
            let turned = u32_at(&head, matrix) == 0 && u32_at(&head, matrix + 4) != 0;
            track.pixels = Some(if turned { (height, width) } else { (width, height) });
            Ok(())
        }
        b"mdia" => walker.each(place.from, place.to, |walker, place| match &place.kind {
            b"mdhd" => {
                track.seconds = seconds(&walker.content::<40>(place, 0)?);
                Ok(())
            }
            b"hdlr" => {
                let head: [u8; 12] = walker.content(place, 0)?;
                track.kind = [head[8], head[9], head[10], head[11]];
                Ok(())
            }
            b"minf" => walker.each(place.from, place.to, |walker, place| match &place.kind {
                b"stbl" => {
                    walker.each(place.from, place.to, |walker, place| samples(walker, place, &mut track))
                }
                _ => Ok(()),
            }),
            _ => Ok(()),
        }),
        _ => Ok(()),
    })?;
    Ok(track)
}

fn samples<R: Read + Seek>(walker: &mut Walker<'_, R>, place: &Place, track: &mut Track) -> io::Result<()> {
    match &place.kind {
        b"stsd" => {
            // Version, flags and a count, then the first entry: size, coding, 6 + 2 bytes, and for sound after 8 more
            // the channels and, after 6, the rate.
            let head: [u8; 44] = walker.content(place, 8)?;
            track.coding = Some([head[4], head[5], head[6], head[7]]);
            track.channels = Some(u16::from_be_bytes([head[24], head[25]]));
            track.sample_rate = Some(u32_at(&head, 32) >> 16);
        }
        b"stsz" => track.samples = Some(u32_at(&walker.content::<12>(place, 0)?, 8)),
        _ => {}
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
        read(&mut Cursor::new(bytes), bytes.len() as u64)
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
        assert_eq!(clip.video.map(codec_name).as_deref(), Some("H.264"));
        let sound = movie(&sample("tone.m4a"));
        assert_eq!(sound.audio.map(codec_name).as_deref(), Some("AAC"));
        assert!(sound.sample_rate.is_some_and(|rate| rate >= 8000) && sound.channels.is_some(), "{sound:?}");
        let mut boxes = tops(&sample("clip.mp4"));
        boxes.sort_by_key(|b| &b[4..8] == b"moov");
        assert_eq!(&boxes.last().unwrap()[4..8], b"moov");
        assert_eq!(movie(&boxes.concat()), clip, "the index at the end");
        boxes.pop();
        let without = movie(&boxes.concat());
        assert!(!without.has_index && without.length.is_none());
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
