//! The largest quality of a picture that stays within so many bytes, found in few tries: what a sixteenth of its rows
//! comes to says which is worth trying.

use std::collections::BTreeMap;
use std::io::{self, Write};

use hoist_codecs::raster::Raster;

use super::carry::Carried;
use super::encode;
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

/// Some bands of a picture as one, and what they came to at the qualities that were tried.
struct Sample {
    raster: Raster,
    /// How many times as many rows the whole has.
    share: f64,
    media: Media,
    tried: BTreeMap<u8, f64>,
    /// What the whole came to, beside what was expected of it.
    correction: f64,
}

impl Sample {
    /// Takes one of so many bands.
    fn of(raster: &Raster, every: usize, media: Media) -> Sample {
        let band = raster.width as usize * raster.channels * BAND;
        let bands = raster.data.chunks_exact(band).skip(every / 2).step_by(every);
        let mut data = Vec::with_capacity(bands.len() * band);
        bands.for_each(|band| data.extend_from_slice(band));
        let rows = data.len() / (raster.width as usize * raster.channels);
        let share = f64::from(raster.height) / rows as f64;
        Sample::whole(Raster::new(raster.width, rows as u32, raster.channels, data), share, media)
    }

    fn whole(raster: Raster, share: f64, media: Media) -> Sample {
        Sample { raster, share, media, tried: BTreeMap::new(), correction: 1.0 }
    }

    /// Returns how many bytes the whole has at a quality, as far as this tells.
    fn bytes(&mut self, quality: u8) -> io::Result<f64> {
        let sampled = match self.tried.get(&quality) {
            Some(bytes) => *bytes,
            None => {
                let mut count = Count::default();
                encode::write(&self.raster, self.media, quality, &Carried::default(), &mut count)?;
                let bytes = count.0 as f64;
                self.tried.insert(quality, bytes);
                bytes
            }
        };
        Ok(sampled * self.share * self.correction)
    }

    /// Learns what the whole came to, or what says more of it.
    fn learn(&mut self, quality: u8, bytes: f64) -> io::Result<()> {
        let expected = self.bytes(quality)?;
        if expected > 0.0 {
            self.correction *= bytes / expected;
        }
        Ok(())
    }

    /// Returns the largest quality between two that is expected to stay within so many bytes.
    fn best(&mut self, least: u8, best: u8, max: f64) -> io::Result<Option<u8>> {
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

/// What some qualities of a picture are expected to come to.
pub(super) struct Estimates {
    /// A quarter of the sample, of a large picture: it says near which quality the sample is worth coding.
    rough: Option<Sample>,
    sample: Sample,
    is_corrected: bool,
}

impl Estimates {
    pub(super) fn of(raster: &Raster, media: Media) -> Estimates {
        let pixels = u64::from(raster.width) * u64::from(raster.height);
        let bands = raster.height as usize / BAND;
        if pixels < WORTH_SAMPLING || bands < 32 {
            let sample = Sample::whole(raster.clone(), 1.0, media);
            return Estimates { rough: None, sample, is_corrected: false };
        }
        let is_large = pixels > 8_000_000;
        let sample = Sample::of(raster, if is_large { 16 } else { 8 }, media);
        let rough = is_large.then(|| {
            let rough = Sample::of(&sample.raster, 4, media);
            Sample { share: sample.share * rough.share, ..rough }
        });
        Estimates { rough, sample, is_corrected: false }
    }

    /// Returns how many bytes the whole has at a quality, as far as its sample tells.
    pub(super) fn bytes(&mut self, quality: u8) -> io::Result<f64> {
        self.sample.bytes(quality)
    }

    /// Learns what the whole came to.
    pub(super) fn learn(&mut self, quality: u8, bytes: u64) -> io::Result<()> {
        self.is_corrected = true;
        self.sample.learn(quality, bytes as f64)
    }

    /// Returns whether two steps above this quality, of which the whole has so many bytes, may stay within the limit: by
    /// what was tried so far, without coding anything.
    pub(super) fn may_rise(&self, quality: u8, bytes: u64, max: u64) -> bool {
        let tried = self.rough.as_ref().map_or(&self.sample.tried, |rough| &rough.tried);
        let below = tried.range(..=quality).next_back();
        let Some(((low, less), (high, more))) = below.zip(tried.range(quality + 1..).next()) else {
            return true;
        };
        let step = (more / less.max(1.0)).powf(1.0 / f64::from(high - low));
        bytes as f64 * step.powi(2) <= max as f64
    }

    /// Returns the largest quality between two that is expected to stay within so many bytes.
    pub(super) fn best(&mut self, least: u8, best: u8, max: u64) -> io::Result<Option<u8>> {
        // The whole may differ by a little from what its sample says.
        let max = max as f64 * if !self.is_corrected && self.sample.share > 1.0 { 0.98 } else { 0.998 };
        if let Some(rough) = &mut self.rough {
            let mut expected = rough.best(least, best, max)?.unwrap_or(least);
            for _ in 0..3 {
                let bytes = self.sample.bytes(expected)?;
                rough.learn(expected, bytes)?;
                let next = rough.best(least, best, max)?.unwrap_or(least);
                if next == expected {
                    return Ok((bytes <= max).then_some(expected));
                }
                expected = next;
            }
        }
        self.sample.best(least, best, max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fit::{BEST_QUALITY, LEAST_QUALITY};

    /// A large picture that is plain at its top and fine at its foot, so that a few bands say little of all.
    fn uneven() -> Raster {
        let (width, height) = (3200u32, 2600u32);
        let mut noise = 2_654_435_761u32;
        let mut data = Vec::with_capacity((width * height * 3) as usize);
        for y in 0..height {
            for x in 0..width {
                noise ^= noise << 13;
                noise ^= noise >> 17;
                noise ^= noise << 5;
                let grain = (noise & 31) as u8 / (1 + 8 * (height - y) / height) as u8;
                data.extend([(x >> 5) as u8 + grain, (y >> 4) as u8 / 2 + grain, 90 + grain]);
            }
        }
        Raster::new(width, height, 3, data)
    }

    #[test]
    fn a_rough_look_finds_what_trying_every_quality_finds() {
        let raster = uneven();
        let mut every = Estimates::of(&raster, Media::Jpeg);
        let bytes: Vec<(u8, f64)> =
            (LEAST_QUALITY..=BEST_QUALITY).map(|quality| (quality, every.bytes(quality).unwrap())).collect();
        for (aim, size) in &bytes {
            // A byte less than this quality would need.
            let max = (size / 0.98) as u64 - 1;
            let largest = bytes.iter().filter(|(_, size)| *size <= max as f64 * 0.98).map(|(q, _)| *q).max();
            let mut estimates = Estimates::of(&raster, Media::Jpeg);
            assert!(estimates.rough.is_some(), "so large a picture has one");
            assert_eq!(estimates.best(LEAST_QUALITY, BEST_QUALITY, max).unwrap(), largest, "below {aim}");
            // What is known by then says whether a higher quality is worth a look at the sample.
            for quality in largest.into_iter().flat_map(|found| [found, found.saturating_sub(2)]) {
                let sizes = bytes.iter().filter(|(q, _)| [quality, quality + 2].contains(q));
                let [whole, higher] = sizes.map(|(_, size)| *size).collect::<Vec<_>>()[..] else { continue };
                let rises = estimates.may_rise(quality, whole as u64, max);
                // Where it is close, either will do.
                let is_close = (higher / max as f64 - 1.0).abs() < 0.03;
                assert!(is_close || rises == (higher <= max as f64), "{quality} below {aim}: {rises}");
            }
            let tried = estimates.sample.tried.len();
            assert!(tried <= 4, "{tried} qualities were tried for one below {aim}");
        }
    }
}
