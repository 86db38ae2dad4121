//! The largest quality of a picture that stays within so many bytes, found in few tries: what a sixteenth of its rows
//! comes to says which is worth trying.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::carry::Carried;
use super::encode;
use crate::media::raster::Raster;
use crate::model::media::Media;

/// Rows that are taken together: as many as a JPEG codes at once.
const BAND: usize = 16;
/// Smaller pictures are tried whole.
const WORTH_SAMPLING: u64 = 1_000_000;

/// Counts what is written.
#[derive(Default)]
struct Count(u64);

impl Write for Count {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Returns some bands of a picture as one, and how many times as many rows the whole has.
fn sample(raster: &Raster) -> (Raster, f64) {
    let pixels = u64::from(raster.width) * u64::from(raster.height);
    let bands = raster.height as usize / BAND;
    if pixels < WORTH_SAMPLING || bands < 32 {
        return (raster.clone(), 1.0);
    }
    let every = if pixels > 8_000_000 { 16 } else { 8 };
    let band = raster.width as usize * raster.channels * BAND;
    let data: Vec<u8> = raster
        .data
        .chunks_exact(band)
        .skip(every / 2)
        .step_by(every)
        .flat_map(|band| band.iter().copied())
        .collect();
    let rows = data.len() / (raster.width as usize * raster.channels);
    let share = f64::from(raster.height) / rows as f64;
    (Raster::new(raster.width, rows as u32, raster.channels, data), share)
}

/// What some qualities are expected to come to.
pub(super) struct Estimates {
    sample: Raster,
    share: f64,
    media: Media,
    /// What the sample came to at the qualities that were tried.
    tried: BTreeMap<u8, f64>,
    /// What the whole came to, beside what was expected of it.
    correction: f64,
    is_corrected: bool,
}

impl Estimates {
    pub(super) fn of(raster: &Raster, media: Media) -> Estimates {
        let (sample, share) = sample(raster);
        Estimates { sample, share, media, tried: BTreeMap::new(), correction: 1.0, is_corrected: false }
    }

    /// Returns how many bytes the whole has at a quality, as far as its sample tells.
    pub(super) fn bytes(&mut self, quality: u8) -> io::Result<f64> {
        let sampled = match self.tried.get(&quality) {
            Some(bytes) => *bytes,
            None => {
                let mut count = Count::default();
                encode::write(&self.sample, self.media, quality, &Carried::default(), &mut count)?;
                let bytes = count.0 as f64;
                self.tried.insert(quality, bytes);
                bytes
            }
        };
        Ok(sampled * self.share * self.correction)
    }

    /// Learns what the whole came to.
    pub(super) fn learn(&mut self, quality: u8, bytes: u64) -> io::Result<()> {
        let expected = self.bytes(quality)?;
        if expected > 0.0 {
            self.correction *= bytes as f64 / expected;
            self.is_corrected = true;
        }
        Ok(())
    }

    /// Returns the largest quality between two that is expected to stay within so many bytes.
    pub(super) fn best(&mut self, least: u8, best: u8, max: u64) -> io::Result<Option<u8>> {
        // The whole may differ by a little from what its sample says.
        let max = max as f64 * if !self.is_corrected && self.share > 1.0 { 0.98 } else { 0.998 };
        if self.bytes(best)? <= max {
            return Ok(Some(best));
        }
        // What was tried before says most of it: more quality never has fewer bytes.
        let scale = self.share * self.correction;
        let within = |(_, sampled): &(&u8, &f64)| **sampled * scale <= max;
        let tried = || self.tried.range(least..=best);
        let known = tried().filter(within).map(|(quality, _)| *quality).max();
        let mut fails =
            tried().filter(|tried| !within(tried)).map(|(quality, _)| *quality).min().unwrap_or(best);
        let mut fits = match known {
            Some(quality) => quality,
            None if self.bytes(least)? > max => return Ok(None),
            None => least,
        };
        while fails.saturating_sub(fits) > 1 {
            let middle = self.between(fits, fails, max)?;
            if self.bytes(middle)? <= max {
                fits = middle;
            } else {
                fails = middle;
            }
        }
        Ok(Some(fits))
    }

    /// Returns the quality between two that is expected to come to so many bytes: each step multiplies them by about as much.
    fn between(&mut self, fits: u8, fails: u8, max: f64) -> io::Result<u8> {
        let (low, high) = (self.bytes(fits)?.max(1.0).ln(), self.bytes(fails)?.max(1.0).ln());
        let share = if high > low { (max.max(1.0).ln() - low) / (high - low) } else { 0.5 };
        let steps = (share * f64::from(fails - fits)).round() as u8;
        Ok((fits + steps).clamp(fits + 1, fails - 1))
    }
}
