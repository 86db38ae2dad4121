//! What an ISO container (MP4, MOV, M4A, 3GP, HEIC, AVIF) says of itself in its index. Only headers are read, by seeking
//! from box to box: the index of a long film has millions of entries that Hoist does not need, and a forged one must cost
//! nothing.

mod index;
mod track;
mod walker;

use std::time::Duration;

use super::frames;
use super::heif::{self, Still};
use super::source::Source;
use crate::model::media::{AudioFacts, Media, VideoFacts};
use index::{Index, Pieces, list_of_pieces};
use track::Track;
pub(in crate::media) use walker::{BoxHeader, Walker, u16_at, u32_at};

/// What was found.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::media) struct Movie {
    /// What it is said to be, the major brand first.
    brands: Vec<[u8; 4]>,
    /// How long it plays.
    pub(in crate::media) duration: Option<Duration>,
    /// Not all of it was measured.
    pub(in crate::media) duration_is_guess: bool,
    /// As shown: a rotation is applied.
    pub(in crate::media) pixels: Option<(u32, u32)>,
    /// As EXIF counts it, where it is turned or mirrored.
    pub(in crate::media) orientation: Option<u8>,
    /// Its track of pictures that move; chapters' pictures are none.
    pub(in crate::media) video: Option<VideoFacts>,
    /// Its track of sound.
    pub(in crate::media) audio: Option<AudioFacts>,
    /// Pictures that do not move: HEIC, AVIF.
    pub(in crate::media) still: Option<Still>,
    /// Its pictures follow each other: an animation.
    pub(in crate::media) moves: bool,
    /// Its index was found.
    pub(in crate::media) has_index: bool,
}

impl Movie {
    /// Returns which type of the family it is: brands and tracks decide, and the name only where they leave it open.
    pub(in crate::media) fn media(&self, by_name: Option<Media>) -> Media {
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
        if is_picture(&major) || (self.video.is_none() && (self.still.is_some() || any(&is_picture))) {
            let is_av1 = any(&is_avif) || self.still.as_ref().is_some_and(|still| still.is_av1);
            return if is_av1 { Media::Avif } else { Media::Heic };
        }
        // Brands of phones stand beside general ones, and then it is what those say.
        let is_general = any(&|brand| !brand.starts_with(b"3g") && brand != b"qt  " && *brand != [0; 4]);
        let is_of_phones = matches!(self.audio_codec(), Some("AMR" | "AMR-WB"))
            || self.video.as_ref().and_then(|video| video.codec.as_deref()) == Some("H.263")
            || matches!(by_name, Some(Media::ThreeGp | Media::ThreeGpAudio));
        let is_3gp = major.starts_with(b"3g") && (!is_general || is_of_phones);
        let is_quicktime = &major == b"qt  " || (!is_general && any(&|brand| brand == b"qt  "));
        let sound = if self.video.is_some() || self.audio.is_some() {
            self.video.is_none()
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

    fn audio_codec(&self) -> Option<&str> {
        self.audio.as_ref().and_then(|audio| audio.codec.as_deref())
    }

    /// Returns whether anything was found that only such a file has.
    pub(in crate::media) fn is_certain(&self) -> bool {
        !self.brands.is_empty() || self.has_index || self.still.is_some()
    }
}

/// Returns whether a file of this family may begin with these bytes: the kind of the first box, of a possible size.
pub(in crate::media) fn may_begin(head: &[u8]) -> bool {
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

/// Returns whether a track of this kind is metadata, sample by sample: where the camera was, where it looked, which faces
/// it saw.
pub(in crate::media) fn is_metadata_track(kind: [u8; 4]) -> bool {
    matches!(&kind, b"meta" | b"data" | b"camm" | b"fdsc")
}

/// Returns where each chunk of a track begins, and how many samples it has. `runs` are the numbers of chunks, from 1 on,
/// from which on there are so many.
pub(in crate::media) fn chunks(offsets: Vec<u64>, runs: Vec<(u32, u32)>) -> impl Iterator<Item = (u64, u32)> {
    let mut runs = runs.into_iter().peekable();
    let mut samples = 1;
    offsets.into_iter().enumerate().map(move |(n, from)| {
        while let Some((_, count)) = runs.next_if(|(first, _)| *first as usize <= n + 1) {
            samples = count;
        }
        (from, samples)
    })
}

/// Returns whether the first box alone tells a MOV of the old kind, which has no brands.
pub(in crate::media) fn is_old_quicktime(head: &[u8]) -> bool {
    may_begin(head) && matches!(head.get(4..8), Some(b"moov" | b"mdat" | b"wide" | b"pnot"))
}

/// Reads the index of a file; skips what cannot be read.
pub(in crate::media) fn read(source: &mut Source<'_>) -> Movie {
    let mut movie = Movie::default();
    let end = source.len();
    let mut walker = Walker::new(source);
    let mut index = Index::default();
    let mut listed = None;
    // A file that ends in the middle of something keeps what was found before.
    let _ = walker.each(0, end, |walker, header| {
        match &header.kind {
            b"ftyp" | b"styp" if movie.brands.is_empty() => {
                let all = walker.some(header, 0, 512)?;
                let brands = all.chunks_exact(4).map(|b| [b[0], b[1], b[2], b[3]]);
                // The second word is a version.
                movie.brands = brands.enumerate().filter(|(n, _)| *n != 1).map(|(_, brand)| brand).collect();
            }
            b"moov" if !movie.has_index => {
                movie.has_index = true;
                index.read(walker, header)?;
            }
            b"moof" => walker.each(header.from, header.to, |walker, header| match &header.kind {
                b"traf" => index.piece(walker, header),
                _ => Ok(()),
            })?,
            b"sidx" if listed.is_none() => listed = list_of_pieces(walker, header)?,
            b"meta" if movie.still.is_none() => movie.still = heif::read(walker, header)?,
            _ => {}
        }
        Ok(())
    });
    let is_spent = walker.is_spent() || walker.file.is_spent();
    let pieces = index.pieces_seconds();
    let length = if index.is_in_pieces {
        // Where there are more pieces than were read, their list may know better.
        let counted = if is_spent { listed.or(pieces) } else { pieces.or(listed) };
        movie.duration_is_guess = is_spent && index.whole_in_pieces.is_none() && listed.is_none();
        let whole = index.whole.into_iter().chain(counted).reduce(f64::max);
        index.whole_in_pieces.or(whole)
    } else {
        index.whole
    };
    let longest = || index.tracks.iter().filter_map(|track| track.seconds).reduce(f64::max);
    // Longer than a year is not a length but nonsense.
    movie.duration = length
        .or_else(longest)
        .filter(|s| s.is_finite() && *s > 0.0 && *s < 31_536_000.0)
        .map(Duration::from_secs_f64);
    let chapters: Vec<u32> = index.tracks.iter().flat_map(|track| track.chapters.iter().copied()).collect();
    // MP3 says its rate and channels in its frames alone.
    for track in index.tracks.iter_mut().filter(|track| track.coding.as_deref() == Some("MP3")) {
        let frame = track.first_sample.and_then(|at| frames::at(source, at));
        if let Some(frame) = frame.filter(|frame| frame.media == Media::Mp3) {
            (track.sample_rate, track.channels) = (Some(frame.rate), frame.channels.or(track.channels));
        }
    }
    for track in &index.tracks {
        if !chapters.contains(&track.id) {
            apply(&mut movie, track, index.pieces.iter().find(|pieces| pieces.track == track.id));
        }
    }
    if let Some(still) = &movie.still
        && movie.video.is_none()
    {
        (movie.pixels, movie.orientation) = (still.pixels.or(movie.pixels), still.orientation);
    }
    movie
}

/// Applies a track: the first of each kind counts.
fn apply(movie: &mut Movie, track: &Track, pieces: Option<&Pieces>) {
    match &track.kind {
        b"vide" if movie.video.is_none() => {
            movie.pixels = track.pixels;
            movie.orientation = track.orientation;
            let in_pieces = pieces.filter(|pieces| pieces.samples > 0).and_then(|pieces| {
                let units = pieces.end.saturating_sub(pieces.begin?);
                Some(pieces.samples as f64 * f64::from(track.scale) / units as f64)
            });
            let fps = in_pieces.or_else(|| track.rate()).filter(|f| f.is_finite() && *f > 0.0 && *f < 1000.0);
            movie.video =
                Some(VideoFacts { codec: track.coding.clone(), fps, hdr: track.hdr, streams: None });
        }
        // Pictures in order, without sound: an animation of HEIC or AVIF.
        b"pict" => {
            movie.pixels = movie.pixels.or(track.pixels);
            movie.moves |= track.samples.is_some_and(|samples| samples > 1);
        }
        b"soun" if movie.audio.is_none() => {
            movie.audio = Some(AudioFacts {
                codec: track.coding.clone(),
                rate: track.sample_rate.filter(|rate| *rate > 0),
                channels: track.channels.filter(|channels| *channels > 0),
                bits: track.bits,
            });
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests;
