//! Brightness and colour, as HEVC and AV1 code pictures, made red, green and blue.

use crate::hdr::{HdrColours, HdrLight};
use crate::raster::Raster;

/// How colours are coded (ITU-T H.273).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ColourCoding {
    /// The primaries' number: 1 is sRGB's, 9 BT.2020's, 12 Display P3's.
    pub primaries: u16,
    /// The transfer curve's number.
    pub transfer: u16,
    /// The matrix's number: 0 is red, green and blue as they are.
    pub matrix: u16,
    /// 0 to 255, and not 16 to 235.
    pub full_range: bool,
}

/// One plane of samples, eight bits each, or sixteen.
#[derive(Clone, Default)]
pub struct Samples {
    /// In samples.
    pub width: usize,
    /// In samples.
    pub height: usize,
    /// Row by row from the top.
    pub data: Vec<u8>,
    /// The eight bits below those of `data`; empty where they are not kept.
    pub fine: Vec<u8>,
}

/// Samples as decoders leave them.
#[derive(Clone, Copy)]
pub enum CodedSamples<'a> {
    /// One byte each.
    Bytes(&'a [u8]),
    /// Two bytes each, in this computer's order.
    Pairs(&'a [u8]),
    /// Four bytes each.
    Words(&'a [i32]),
}

/// A part of a decoded plane.
pub struct CodedPlane<'a> {
    /// All of the plane.
    pub samples: CodedSamples<'a>,
    /// From one row to the next, in bytes, or in words.
    pub stride: usize,
    /// Where the part begins, in samples.
    pub from: (usize, usize),
    /// How large it is, in samples.
    pub size: (usize, usize),
    /// Bits of a sample.
    pub depth: u32,
}

impl Samples {
    /// Returns a plane of zeros.
    pub fn new(width: usize, height: usize) -> Samples {
        Samples { width, height, data: vec![0; width * height], fine: vec![] }
    }

    /// Returns a plane of zeros that keeps sixteen bits of each sample.
    pub fn deep(width: usize, height: usize) -> Samples {
        Samples { fine: vec![0; width * height], ..Samples::new(width, height) }
    }

    /// Returns a sample with eight bits behind the point.
    fn precise(&self, at: usize) -> i32 {
        i32::from(self.data[at]) << 8 | self.fine.get(at).map_or(0, |fine| i32::from(*fine))
    }

    /// Puts samples of any depth there, each the mean of a square of `reduce` by `reduce`. What is outside is not written.
    pub fn put(&mut self, at: (usize, usize), plane: &CodedPlane<'_>, reduce: usize) {
        let CodedPlane { samples, stride, from: (left, top), size, depth } = *plane;
        match samples {
            CodedSamples::Bytes(all) => self.fill(at, size, reduce, depth, |x, y| {
                all.get((top + y) * stride + left + x).map_or(0, |value| i32::from(*value))
            }),
            CodedSamples::Words(all) => self.fill(at, size, reduce, depth, |x, y| {
                all.get((top + y) * stride + left + x).copied().unwrap_or(0)
            }),
            CodedSamples::Pairs(all) => self.fill(at, size, reduce, depth, |x, y| {
                let at = (top + y) * stride + (left + x) * 2;
                all.get(at..at + 2).map_or(0, |pair| i32::from(u16::from_ne_bytes([pair[0], pair[1]])))
            }),
        }
    }

    fn fill(
        &mut self,
        (left, top): (usize, usize),
        (width, height): (usize, usize),
        reduce: usize,
        depth: u32,
        at: impl Fn(usize, usize) -> i32,
    ) {
        // The mean of a square, with so many bits behind the point.
        let mean = |x: usize, y: usize, bits: u32| {
            if reduce == 1 {
                return i64::from(at(x, y)) << bits;
            }
            let (x, y) = (x * reduce, y * reduce);
            let (right, bottom) = ((x + reduce).min(width), (y + reduce).min(height));
            let count = ((right - x) * (bottom - y)) as i64;
            let row = |y: usize| (x..right).map(|x| i64::from(at(x, y))).sum::<i64>();
            let sum: i64 = (y..bottom).map(row).sum();
            ((sum << bits) + count / 2) / count
        };
        let shift = depth.saturating_sub(8);
        let half = if shift > 0 { 1 << (shift - 1) } else { 0 };
        let columns = width.div_ceil(reduce).min(self.width.saturating_sub(left));
        for y in 0..height.div_ceil(reduce).min(self.height.saturating_sub(top)) {
            let from = (top + y) * self.width + left;
            let row = &mut self.data[from..from + columns];
            if self.fine.is_empty() {
                for (x, out) in row.iter_mut().enumerate() {
                    *out = ((mean(x, y, 0) + half) >> shift).clamp(0, 255) as u8;
                }
                continue;
            }
            for (x, (out, fine)) in row.iter_mut().zip(&mut self.fine[from..]).enumerate() {
                let value = (mean(x, y, 16) >> depth.min(16)).clamp(0, 0xffff);
                (*out, *fine) = ((value >> 8) as u8, value as u8);
            }
        }
    }
}

/// A picture in planes.
pub struct Planes {
    /// Brightness.
    pub y: Samples,
    /// Empty where there is no colour.
    pub cb: Samples,
    /// Empty where there is no colour.
    pub cr: Samples,
    /// Opacity, of the same size as `y`.
    pub alpha: Option<Samples>,
    /// How its colours are coded.
    pub coding: ColourCoding,
}

impl Planes {
    /// Returns the picture in red, green and blue.
    pub fn into_raster(self) -> Raster {
        let (width, height) = (self.y.width, self.y.height);
        let channels = if self.alpha.is_some() { 4 } else { 3 };
        let mut data = vec![0; width * height * channels];
        let matrix = Matrix::of(self.coding);
        let (mut cb, mut cr) = (vec![128i32; width], vec![128i32; width]);
        for (y, out) in data.chunks_exact_mut((width * channels).max(1)).enumerate() {
            if !self.cb.data.is_empty() {
                upsampled(&self.cb, (width, height), y, &mut cb, |at| i32::from(self.cb.data[at]));
                upsampled(&self.cr, (width, height), y, &mut cr, |at| i32::from(self.cr.data[at]));
            }
            let luma = &self.y.data[y * width..(y + 1) * width];
            for (x, pixel) in out.chunks_exact_mut(channels).enumerate() {
                let rgb = matrix.apply(i32::from(luma[x]), cb[x], cr[x]);
                pixel[..3].copy_from_slice(&rgb);
                if let Some(alpha) = &self.alpha {
                    pixel[3] = alpha.data[y * width + x];
                }
            }
        }
        Raster::new(width as u32, height as u32, channels, data)
    }

    /// Makes a picture of high dynamic range red, green and blue, and opacity where there is any, in sRGB.
    pub fn into_sdr(self, colours: HdrColours) -> Raster {
        /// Of so many rows one is seen for how bright the picture is.
        const EVERY: usize = 3;
        let (width, height) = (self.y.width, self.y.height);
        let channels = if self.alpha.is_some() { 4 } else { 3 };
        let mut rows = PreciseRows::of(&self);
        let mut light = HdrLight::of(colours);
        for y in (0..height).step_by(EVERY) {
            rows.read(y);
            rows.pixels().for_each(|pixel| light.see(pixel));
        }
        let map = light.into_tone_map();
        let mut data = vec![0; width * height * channels];
        for (y, out) in data.chunks_exact_mut((width * channels).max(1)).enumerate() {
            rows.read(y);
            for (x, (out, pixel)) in out.chunks_exact_mut(channels).zip(rows.pixels()).enumerate() {
                out[..3].copy_from_slice(&map.apply(pixel));
                if let Some(alpha) = &self.alpha {
                    out[3] = alpha.data[y * width + x];
                }
            }
        }
        Raster::new(width as u32, height as u32, channels, data)
    }
}

/// Rows of a picture as red, green and blue between 0 and 1, with all the bits that its planes have.
struct PreciseRows<'a> {
    planes: &'a Planes,
    matrix: Matrix,
    /// What is taken off brightness, and 1 divided by its range and by that of colour.
    range: (f32, f32, f32),
    luma: Vec<i32>,
    cb: Vec<i32>,
    cr: Vec<i32>,
}

impl PreciseRows<'_> {
    fn of(planes: &Planes) -> PreciseRows<'_> {
        let width = planes.y.width;
        // Of ten bits the greatest value is 1023, and not 1024.
        let full = if planes.y.fine.is_empty() { 255.0 } else { 255.75 };
        let range = match planes.coding.full_range {
            true => (0.0, 1.0 / (full * 256.0), 1.0 / (full * 256.0)),
            false => (16.0 * 256.0, 1.0 / (219.0 * 256.0), 1.0 / (224.0 * 256.0)),
        };
        let row = || vec![128 << 8; width];
        let matrix = Matrix::of(planes.coding);
        PreciseRows { planes, matrix, range, luma: row(), cb: row(), cr: row() }
    }

    fn read(&mut self, y: usize) {
        let Planes { y: luma, cb, cr, .. } = self.planes;
        let size = (luma.width, luma.height);
        self.luma.iter_mut().enumerate().for_each(|(x, out)| *out = luma.precise(y * size.0 + x));
        if !cb.data.is_empty() {
            upsampled(cb, size, y, &mut self.cb, |at| cb.precise(at));
            upsampled(cr, size, y, &mut self.cr, |at| cr.precise(at));
        }
    }

    fn pixels(&self) -> impl Iterator<Item = [f32; 3]> {
        let (offset, luma_unit, chroma_unit) = self.range;
        let unit = move |value: i32| (value as f32 - offset) * luma_unit;
        let [kr, kb] = self.matrix.weights;
        let kg = 1.0 - kr - kb;
        self.luma.iter().zip(&self.cb).zip(&self.cr).map(move |((luma, cb), cr)| {
            if self.matrix.is_identity {
                return [unit(*cr), unit(*luma), unit(*cb)];
            }
            let luma = unit(*luma);
            let [cb, cr] = [cb, cr].map(|value| (*value - (128 << 8)) as f32 * chroma_unit);
            let (red, blue) = (luma + 2.0 * (1.0 - kr) * cr, luma + 2.0 * (1.0 - kb) * cb);
            [red, (luma - kr * red - kb * blue) / kg, blue]
        })
    }
}

/// Writes a row of colour as wide as the brightness: between samples a mean of both.
fn upsampled(
    plane: &Samples,
    (width, height): (usize, usize),
    y: usize,
    out: &mut [i32],
    sample: impl Fn(usize) -> i32,
) {
    let last = plane.height - 1;
    // Of every two rows the upper lies a quarter above the sample, the lower a quarter below it.
    let (near, far) = if plane.height == height {
        (y.min(last), y.min(last))
    } else {
        let near = (y / 2).min(last);
        (near, if y.is_multiple_of(2) { near.saturating_sub(1) } else { (near + 1).min(last) })
    };
    let (near, far) = (near * plane.width, far * plane.width);
    let at = |x: usize| (sample(near + x) * 3 + sample(far + x) + 2) >> 2;
    let last = plane.width - 1;
    if plane.width == width {
        out.iter_mut().enumerate().for_each(|(x, out)| *out = at(x));
        return;
    }
    for (x, out) in out.iter_mut().enumerate() {
        let left = at((x / 2).min(last));
        *out = if x.is_multiple_of(2) { left } else { (left + at((x / 2 + 1).min(last)) + 1) >> 1 };
    }
}

/// A matrix in whole numbers of 1/65536.
struct Matrix {
    luma: i32,
    offset: i32,
    red: i32,
    green: (i32, i32),
    blue: i32,
    /// What red and blue have of brightness.
    weights: [f32; 2],
    is_identity: bool,
}

impl Matrix {
    fn of(coding: ColourCoding) -> Matrix {
        let (kr, kb) = match coding.matrix {
            4 => (0.30, 0.11),
            5 | 6 => (0.299, 0.114),
            7 => (0.212, 0.087),
            9 | 10 => (0.2627, 0.0593),
            _ => (0.2126, 0.0722),
        };
        let kg = 1.0 - kr - kb;
        let (luma, chroma) = if coding.full_range { (1.0, 1.0) } else { (255.0 / 219.0, 255.0 / 224.0) };
        let fixed = |value: f64| (value * 65536.0).round() as i32;
        Matrix {
            luma: fixed(luma),
            offset: if coding.full_range { 0 } else { 16 },
            red: fixed(2.0 * (1.0 - kr) * chroma),
            green: (fixed(2.0 * (1.0 - kb) * kb / kg * chroma), fixed(2.0 * (1.0 - kr) * kr / kg * chroma)),
            blue: fixed(2.0 * (1.0 - kb) * chroma),
            weights: [kr as f32, kb as f32],
            is_identity: coding.matrix == 0,
        }
    }

    fn apply(&self, y: i32, cb: i32, cr: i32) -> [u8; 3] {
        let byte = |value: i32| value.clamp(0, 255) as u8;
        if self.is_identity {
            return [byte(cr), byte(y), byte(cb)];
        }
        let (y, cb, cr) = ((y - self.offset) * self.luma + 32_768, cb - 128, cr - 128);
        [
            byte((y + self.red * cr) >> 16),
            byte((y - self.green.0 * cb - self.green.1 * cr) >> 16),
            byte((y + self.blue * cb) >> 16),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FULL: ColourCoding = ColourCoding { primaries: 1, transfer: 13, matrix: 6, full_range: true };

    #[test]
    fn colours_come_back_as_they_were_coded() {
        for rgb in [[255u8, 0, 0], [0, 255, 0], [0, 0, 255], [128, 128, 128], [250, 200, 10]] {
            let [r, g, b] = rgb.map(f64::from);
            let y = 0.299 * r + 0.587 * g + 0.114 * b;
            let coded =
                [y, (b - y) / 1.772 + 128.0, (r - y) / 1.402 + 128.0].map(|v| v.round().min(255.0) as u8);
            let plane = |value: u8| Samples { width: 1, height: 1, data: vec![value], fine: vec![] };
            let planes = Planes {
                y: plane(coded[0]),
                cb: plane(coded[1]),
                cr: plane(coded[2]),
                alpha: None,
                coding: FULL,
            };
            let got = planes.into_raster().data;
            let worst = got.iter().zip(rgb).map(|(a, b)| a.abs_diff(b)).max();
            assert!(worst <= Some(2), "{rgb:?} became {got:?}");
        }
    }

    #[test]
    fn samples_are_reduced_by_their_mean_and_never_written_outside() {
        let mut plane = Samples::new(2, 2);
        let words: Vec<i32> = (0..16).map(|n| ((n % 4 / 2 + n / 4 / 2) * 4 + 2) * 4).collect();
        let samples = CodedSamples::Words(&words);
        plane.put((1, 0), &CodedPlane { samples, stride: 4, from: (0, 0), size: (4, 4), depth: 10 }, 2);
        assert_eq!(plane.data, [0, 2, 0, 6]);
    }
}
