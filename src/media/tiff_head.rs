//! What stands in front of the pixels of a TIFF: how its samples stand, how they are packed, and who can read them.

use std::io::{Read, Seek};

use super::read_problem::ReadProblem;
use super::tiff::{Tiff, TiffField};

/// More samples of a pixel than these are not read.
const MAX_SAMPLES: u64 = 8;
/// Rows that are read at once of a picture that is one strip.
const STRIP_ROWS: u32 = 64;
/// A taller picture that is one strip is not divided: the list of its parts would be longer than its pixels.
const MAX_DIVIDED: u32 = 1_000_000;

/// What the samples of a pixel are.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum TiffColours {
    /// Brightness, or darkness.
    Grey {
        /// 0 is white.
        is_dark: bool,
    },
    /// Red, green and blue.
    Rgb,
    /// An index, and the colours.
    Palette(Vec<[u8; 3]>),
    /// Cyan, magenta, yellow and black.
    Inks,
    /// L*a*b*.
    Lab,
    /// So many columns and rows share a colour; what is black and what is white of each sample.
    Brightness(u32, u32, [f64; 6]),
}

/// Who reads the pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TiffReader {
    /// The `image` crate.
    Image,
    /// `tiff_picture`.
    Own,
}

/// The first picture of a TIFF.
#[derive(Clone, Debug)]
pub(super) struct TiffHead {
    /// Width and height.
    pub(super) size: (u32, u32),
    pub(super) is_little: bool,
    /// The first bit of a byte is its lowest.
    pub(super) is_reversed: bool,
    pub(super) packing: u64,
    /// Each sample is the difference to the one before it.
    pub(super) is_difference: bool,
    /// Bits of a sample.
    pub(super) bits: u32,
    /// Samples of a pixel.
    pub(super) samples: usize,
    /// The samples of each kind stand by themselves.
    pub(super) is_planar: bool,
    pub(super) is_tiled: bool,
    pub(super) colours: TiffColours,
    /// Which sample is opacity, and whether colours are multiplied by it.
    pub(super) opacity: Option<(usize, bool)>,
    /// Width and height of a tile, or of a strip.
    pub(super) chunk: (u32, u32),
    /// Where each tile or strip begins, and how many bytes it has.
    pub(super) chunks: Vec<(u64, u64)>,
    /// What its JPEGs have in common.
    pub(super) tables: Vec<u8>,
    pub(super) icc: Option<Vec<u8>>,
}

/// How samples are coded, by their tags.
struct TiffCoding {
    packing: u64,
    kind: u64,
    bits: Vec<u64>,
    format: u64,
    samples: u64,
    is_planar: bool,
    is_tiled: bool,
    predictor: u64,
    extra: Vec<u64>,
    shared: Vec<u64>,
    is_reversed: bool,
}

impl TiffCoding {
    fn read<R: Read + Seek>(tiff: &mut Tiff<R>, first: &[TiffField]) -> TiffCoding {
        let mut one = |tag: u16, usual: u64| tiff.whole(first, tag).unwrap_or(usual);
        let (packing, kind, samples) = (one(259, 1), one(262, u64::MAX), one(277, 1));
        let (format, planes, predictor, order) = (one(339, 1), one(284, 1), one(317, 1), one(266, 1));
        let bits = Some(tiff.wholes(first, 258)).filter(|bits| !bits.is_empty()).unwrap_or(vec![1]);
        TiffCoding {
            packing,
            kind,
            bits,
            format,
            samples,
            is_planar: planes == 2 && samples > 1,
            is_tiled: tiff.whole(first, 322).is_some(),
            predictor,
            extra: tiff.wholes(first, 338),
            shared: tiff.wholes(first, 530),
            is_reversed: order == 2,
        }
    }

    /// Returns who reads it, as far as its tags tell; none where it uses what neither knows.
    fn reader(&self) -> Option<TiffReader> {
        let bits = self.bits[0];
        let colours = match self.kind {
            0 | 1 | 3 => 1,
            2 | 6 | 8 => 3,
            5 => 4,
            _ => 0,
        };
        let is_same = self.bits.iter().all(|other| *other == bits);
        let is_packed_plainly = matches!(self.packing, 1 | 5 | 8 | 32773 | 32946);
        let by_own = is_same
            && self.format == 1
            && (colours..=MAX_SAMPLES).contains(&self.samples)
            && match (self.kind, bits) {
                (5, 8) if self.packing == 7 => self.samples == 4 && self.predictor == 1,
                (0 | 1, 1 | 2 | 4 | 8 | 16) | (2 | 5 | 8, 8 | 16) | (3, 1 | 2 | 4 | 8) => is_packed_plainly,
                (6, 8) if self.packing == 7 => !self.is_planar,
                (6, 8) => is_packed_plainly && !self.is_planar && !self.is_tiled && self.predictor == 1,
                _ => false,
            }
            && (self.predictor == 1 || self.predictor == 2 && matches!(bits, 8 | 16));
        let by_image = is_same
            && !self.is_reversed
            && self.samples <= colours + 1
            && !(self.is_planar && self.is_tiled)
            && match (self.kind, bits, self.format) {
                (0 | 1, 1, 1) => self.packing == 4,
                (0..=2, 8, 1) => self.packing == 7,
                (2, 32, 3) => is_packed_plainly && matches!(self.predictor, 1 | 3),
                _ => false,
            };
        match (by_own, by_image) {
            (true, _) => Some(TiffReader::Own),
            (false, true) => Some(TiffReader::Image),
            (false, false) => None,
        }
    }
}

/// Returns who reads the first picture of a TIFF, by its head alone; none where neither can.
pub(super) fn reader<R: Read + Seek>(file: R, length: u64) -> Option<TiffReader> {
    let mut tiff = Tiff::open(file, 0, length)?;
    let first = tiff.first();
    TiffCoding::read(&mut tiff, &first).reader()
}

impl TiffHead {
    /// Reads the head of a picture that `tiff_picture` reads.
    pub(super) fn read<R: Read + Seek>(file: R, length: u64) -> Result<TiffHead, ReadProblem> {
        let mut tiff = Tiff::open(file, 0, length).ok_or(ReadProblem::Broken)?;
        let first = tiff.first();
        let coding = TiffCoding::read(&mut tiff, &first);
        if coding.reader() != Some(TiffReader::Own) {
            return Err(ReadProblem::Unsupported);
        }
        let mut side = |tag: u16| {
            let n = tiff.whole(&first, tag).and_then(|n| u32::try_from(n).ok());
            n.filter(|n| *n > 0).ok_or(ReadProblem::Broken)
        };
        let (width, height) = (side(256)?, side(257)?);
        let chunk = match coding.is_tiled {
            true => (side(322)?, side(323)?),
            false => (width, side(278).unwrap_or(height).min(height)),
        };
        let colours = match coding.kind {
            0 | 1 => TiffColours::Grey { is_dark: coding.kind == 0 },
            2 => TiffColours::Rgb,
            3 => TiffColours::Palette(palette(&mut tiff, &first)),
            5 => TiffColours::Inks,
            8 => TiffColours::Lab,
            _ => brightness(&mut tiff, &first, &coding.shared)?,
        };
        let (offsets, counts) = match coding.is_tiled {
            true => (tiff.wholes(&first, 324), tiff.wholes(&first, 325)),
            false => (tiff.wholes(&first, 273), tiff.wholes(&first, 279)),
        };
        if offsets.is_empty() || offsets.len() != counts.len() {
            return Err(ReadProblem::Broken);
        }
        // Beside colours stands opacity, where it is said to be that.
        let own = match colours {
            TiffColours::Grey { .. } | TiffColours::Palette(_) => 1,
            TiffColours::Inks => 4,
            _ => 3,
        };
        let has_opacity = matches!(colours, TiffColours::Grey { .. } | TiffColours::Rgb);
        let said = coding.extra.iter().position(|kind| matches!(kind, 1 | 2)).filter(|_| has_opacity);
        let opacity = said.map(|n| (own + n, coding.extra[n] == 1));
        let samples = coding.samples as usize;
        Ok(TiffHead {
            size: (width, height),
            is_little: tiff.is_little(),
            is_reversed: coding.is_reversed,
            packing: coding.packing,
            is_difference: coding.predictor == 2,
            bits: coding.bits[0] as u32,
            samples,
            is_planar: coding.is_planar,
            is_tiled: coding.is_tiled,
            colours,
            opacity: opacity.filter(|(sample, _)| *sample < samples),
            chunk,
            chunks: offsets.into_iter().zip(counts).collect(),
            tables: tiff.bytes(&first, 347).unwrap_or_default(),
            icc: tiff.bytes(&first, 34675),
        }
        .in_small_strips())
    }

    /// Divides the one strip of a picture that is not packed, so that it is never in memory twice.
    fn in_small_strips(mut self) -> TiffHead {
        let is_one =
            self.packing == 1 && !self.is_tiled && self.chunk.1 >= self.size.1 && self.size.1 <= MAX_DIVIDED;
        let shares = matches!(self.colours, TiffColours::Brightness(..));
        if let Some(row) = self.row_bytes().filter(|row| is_one && !shares && *row > 0) {
            let row = row as u64;
            let planes = std::mem::take(&mut self.chunks).into_iter().take(MAX_SAMPLES as usize);
            self.chunks = planes
                .flat_map(|(from, _)| {
                    let tops = (0..self.size.1).step_by(STRIP_ROWS as usize);
                    tops.map(move |top| {
                        (from.saturating_add(u64::from(top) * row), u64::from(STRIP_ROWS) * row)
                    })
                })
                .collect();
            self.chunk.1 = STRIP_ROWS.min(self.size.1);
        }
        self
    }

    /// Returns how many bytes a chunk of so many rows has, unpacked. None where that is more than can be.
    pub(super) fn chunk_bytes(&self, rows: u32) -> Option<usize> {
        if let TiffColours::Brightness(h, v, _) = &self.colours {
            let unit = u64::from(h * v + 2);
            let units = u64::from(self.chunk.0.div_ceil(*h)) * u64::from(rows.div_ceil(*v));
            return usize::try_from(units * unit).ok();
        }
        self.row_bytes()?.checked_mul(rows as usize)
    }

    /// Returns how many bytes a row of a chunk has.
    pub(super) fn row_bytes(&self) -> Option<usize> {
        let samples = if self.is_planar { 1 } else { self.samples as u64 };
        let bits = u64::from(self.chunk.0) * samples * u64::from(self.bits);
        usize::try_from(bits.div_ceil(8)).ok()
    }
}

fn palette<R: Read + Seek>(tiff: &mut Tiff<R>, first: &[TiffField]) -> Vec<[u8; 3]> {
    let all = tiff.wholes(first, 320);
    let third = all.len() / 3;
    // Sixteen bits each; some programs wrote eight.
    let wide = all.iter().any(|n| *n > 255);
    let byte = |n: u64| if wide { (n >> 8) as u8 } else { n as u8 };
    (0..third).map(|n| [byte(all[n]), byte(all[n + third]), byte(all[n + 2 * third])]).collect()
}

fn brightness<R: Read + Seek>(
    tiff: &mut Tiff<R>,
    first: &[TiffField],
    shared: &[u64],
) -> Result<TiffColours, ReadProblem> {
    let (h, v) = match shared {
        [h, v] => (*h, *v),
        _ => (2, 2),
    };
    if !matches!((h, v), (1 | 2 | 4, 1 | 2 | 4)) {
        return Err(ReadProblem::Unsupported);
    }
    let ends = tiff.numbers(first, 532);
    let ends = ends.try_into().unwrap_or([0.0, 255.0, 128.0, 255.0, 128.0, 255.0]);
    Ok(TiffColours::Brightness(h as u32, v as u32, ends))
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    /// A picture of grey bytes, as one strip that is not packed.
    fn one_strip(width: u32, height: u32) -> Vec<u8> {
        let tags = [
            (256, width),
            (257, height),
            (258, 8),
            (259, 1),
            (262, 1),
            (273, 8),
            (277, 1),
            (278, height),
            (279, 4),
        ];
        let mut file = b"II*\0\x08\0\0\0".to_vec();
        file.extend((tags.len() as u16).to_le_bytes());
        for (tag, value) in tags {
            file.extend((tag as u16).to_le_bytes());
            file.extend([4, 0, 1, 0, 0, 0]);
            file.extend(value.to_le_bytes());
        }
        file.extend([0; 4]);
        file
    }

    #[test]
    fn a_strip_is_divided_but_never_into_more_parts_than_it_is_worth() {
        let chunks = |width, height| {
            let file = one_strip(width, height);
            let length = file.len() as u64;
            TiffHead::read(Cursor::new(file), length).ok().map(|head| head.chunks.len())
        };
        assert_eq!((chunks(100, 64), chunks(100, 1000)), (Some(1), Some(16)));
        assert_eq!(chunks(1, u32::MAX), Some(1));
    }
}
