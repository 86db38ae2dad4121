//! A movie's index, whole or in the pieces of a fragmented file.

use std::io::{self, Read, Seek};

use super::track::{Track, seconds, track};
use super::walker::{BoxHeader, Walker, u16_at, u32_at, u64_at};

/// More tracks than these are not looked at.
const MAX_TRACKS: usize = 256;

/// More samples than these are not in one fragment.
const MAX_SAMPLES: u32 = 1_000_000;

/// What fragments say of one track.
#[derive(Default)]
pub(super) struct Pieces {
    pub(super) track: u32,
    /// What a sample plays where it does not say so itself.
    pub(super) usual: u32,
    pub(super) begin: Option<u64>,
    pub(super) end: u64,
    pub(super) samples: u64,
    /// The index has samples of this track, which come before its fragments.
    is_continued: bool,
}

/// What is collected while the boxes go by.
#[derive(Default)]
pub(super) struct Index {
    pub(super) scale: u32,
    /// What the head says of the whole length.
    pub(super) whole: Option<f64>,
    /// What is said of the whole length of a film in pieces.
    pub(super) whole_in_pieces: Option<f64>,
    pub(super) is_in_pieces: bool,
    pub(super) tracks: Vec<Track>,
    pub(super) pieces: Vec<Pieces>,
}

impl Index {
    pub(super) fn read<R: Read + Seek>(
        &mut self,
        walker: &mut Walker<'_, R>,
        header: &BoxHeader,
    ) -> io::Result<()> {
        walker.each(header.from, header.to, |walker, header| {
            match &header.kind {
                b"mvhd" => (self.scale, self.whole) = seconds(&walker.content::<40>(header, 0)?),
                b"trak" if self.tracks.len() < MAX_TRACKS => self.tracks.push(track(walker, header)),
                b"mvex" => {
                    self.is_in_pieces = true;
                    walker.each(header.from, header.to, |walker, header| {
                        match &header.kind {
                            b"mehd" => {
                                let head: [u8; 12] = walker.content(header, 0)?;
                                let units =
                                    if head[0] == 1 { u64_at(&head, 4) } else { u64::from(u32_at(&head, 4)) };
                                self.whole_in_pieces = Some(units as f64 / f64::from(self.scale))
                                    .filter(|s| s.is_finite() && *s > 0.0);
                            }
                            b"trex" => {
                                let head: [u8; 16] = walker.content(header, 0)?;
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

    /// Reads what one fragment adds to a track.
    pub(super) fn piece<R: Read + Seek>(
        &mut self,
        walker: &mut Walker<'_, R>,
        header: &BoxHeader,
    ) -> io::Result<()> {
        let (mut track, mut usual, mut base, mut samples, mut units) = (0, None, None, 0u64, 0u64);
        let mut without = 0u64; // samples that play as long as is usual
        let all = walker.each(header.from, header.to, |walker, header| {
            match &header.kind {
                b"tfhd" => {
                    let head: [u8; 24] = walker.content(header, 0)?;
                    let flags = u32_at(&head, 0);
                    track = u32_at(&head, 4);
                    let skip = if flags & 1 != 0 { 8 } else { 0 } + if flags & 2 != 0 { 4 } else { 0 };
                    usual = (flags & 8 != 0).then(|| u32_at(&head, 8 + skip));
                }
                b"tfdt" => {
                    let head: [u8; 12] = walker.content(header, 0)?;
                    base = Some(if head[0] == 1 { u64_at(&head, 4) } else { u64::from(u32_at(&head, 4)) });
                }
                b"trun" => {
                    let head: [u8; 8] = walker.content(header, 0)?;
                    let (flags, count) = (u32_at(&head, 0), u32_at(&head, 4).min(MAX_SAMPLES));
                    samples += u64::from(count);
                    if flags & 0x100 == 0 {
                        without += u64::from(count);
                        return Ok(());
                    }
                    let skip = 8 + if flags & 1 != 0 { 4 } else { 0 } + if flags & 4 != 0 { 4 } else { 0 };
                    let entry = 4 * (flags >> 8 & 15).count_ones() as usize;
                    let list = walker.some(header, skip, entry as u64 * u64::from(count))?;
                    units += list.chunks_exact(entry).map(|entry| u64::from(u32_at(entry, 0))).sum::<u64>();
                }
                _ => {}
            }
            Ok(())
        });
        // What the index itself has comes before the first fragment.
        let own = self.tracks.iter().find(|one| one.id == track).filter(|one| one.samples > Some(0));
        let own = own.map(Track::units);
        let pieces = self.pieces_of(track);
        if let Some(units) = own.filter(|_| pieces.begin.is_none()) {
            (pieces.is_continued, pieces.end) = (true, units);
        }
        let usual = u64::from(usual.unwrap_or(pieces.usual));
        let begin = base.unwrap_or(pieces.end);
        pieces.begin = Some(pieces.begin.map_or(begin, |first| first.min(begin)));
        let plays = units.saturating_add(without.saturating_mul(usual));
        pieces.end = pieces.end.max(begin.saturating_add(plays));
        pieces.samples += samples;
        all
    }

    /// Measures from the beginning of the first fragment, or of what the index has itself, to the end of the last one.
    pub(super) fn pieces_seconds(&self) -> Option<f64> {
        let times = self.pieces.iter().filter_map(|pieces| {
            let scale = self.tracks.iter().find(|track| track.id == pieces.track)?.scale;
            let time = |units: u64| units as f64 / f64::from(scale);
            let begin = pieces.begin.map(|begin| if pieces.is_continued { 0 } else { begin });
            (scale > 0).then(|| Some((time(begin?), time(pieces.end)))).flatten()
        });
        let (begin, end) = times.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))?;
        Some(end - begin).filter(|seconds| *seconds > 0.0)
    }
}

/// Returns the seconds that a list of fragments in front of them adds up to.
pub(super) fn list_of_pieces<R: Read + Seek>(
    walker: &mut Walker<'_, R>,
    header: &BoxHeader,
) -> io::Result<Option<f64>> {
    let head: [u8; 32] = walker.content(header, 0)?;
    let scale = u32_at(&head, 8);
    let skip = if head[0] == 0 { 20 } else { 28 };
    let count = u64::from(u16_at(&head, skip + 2));
    let list = walker.some(header, skip as u64 + 4, count * 12)?;
    let units: u64 = list.chunks_exact(12).map(|entry| u64::from(u32_at(entry, 4))).sum();
    Ok((scale > 0 && units > 0).then(|| units as f64 / f64::from(scale)))
}
