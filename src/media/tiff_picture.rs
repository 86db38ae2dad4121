//! Pictures of TIFFs that the `image` crate does not read: colours by a palette, and brightness with two colour differences,
//! as `ffmpeg` writes everything that came of a video or a JPEG.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use super::read_problem::ReadProblem;
use super::tiff::{Tiff, TiffField};

/// A strip may be larger packed than it is, by this much and a little.
const MAX_PACKED: u64 = 2;

/// How the samples of a picture stand.
enum TiffSamples {
    /// An index of so many bits each, and the colours.
    Palette(u32, Vec<[u8; 3]>),
    /// So many columns and rows share a colour; what is black and what is white of each sample.
    Brightness(u32, u32, [f64; 6]),
}

/// Reads such a picture as red, green and blue, as it is stored. `max_bytes`: of pixels in memory.
pub(super) fn read(path: &Path, max_bytes: u64) -> Result<image::RgbImage, ReadProblem> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    let head = TiffHead::read(&mut file, length)?;
    let pixels = u64::from(head.width) * u64::from(head.height);
    if pixels * 3 > max_bytes {
        return Err(ReadProblem::TooLarge);
    }
    let mut out = image::RgbImage::new(head.width, head.height);
    for (n, (from, packed)) in head.strips.iter().enumerate() {
        let top = u32::try_from(n).ok().and_then(|n| n.checked_mul(head.rows)).unwrap_or(u32::MAX);
        if top >= head.height {
            break;
        }
        let rows = head.rows.min(head.height - top);
        let wanted = head.strip_bytes(rows).ok_or(ReadProblem::Broken)?;
        let most = (wanted as u64).saturating_mul(MAX_PACKED) + 4096;
        let mut bytes = vec![];
        file.seek(SeekFrom::Start(*from))?;
        file.by_ref().take((*packed).min(most)).read_to_end(&mut bytes)?;
        let strip = head.unpacked(bytes, wanted)?;
        head.draw(&strip, top, rows, &mut out);
    }
    Ok(out)
}

/// What stands in front of the strips.
struct TiffHead {
    width: u32,
    height: u32,
    /// Rows of a strip.
    rows: u32,
    packing: u64,
    /// Each sample is the difference to the one before it.
    is_difference: bool,
    samples: TiffSamples,
    /// Where each begins, and how many bytes it has.
    strips: Vec<(u64, u64)>,
}

impl TiffHead {
    fn read(file: &mut File, length: u64) -> Result<TiffHead, ReadProblem> {
        let mut tiff = Tiff::open(file, 0, length).ok_or(ReadProblem::Broken)?;
        let first = tiff.first();
        let mut one = |tag: u16, usual: u64| tiff.whole(&first, tag).unwrap_or(usual);
        let side = |n: u64| u32::try_from(n).ok().filter(|n| *n > 0).ok_or(ReadProblem::Broken);
        let (width, height) = (side(one(256, 0))?, side(one(257, 0))?);
        let rows = u32::try_from(one(278, u64::from(height))).unwrap_or(height).clamp(1, height);
        let (packing, kind, planes) = (one(259, 1), one(262, 0), one(284, 1));
        let (bits, per_pixel) = (one(258, 1), one(277, 1));
        let is_difference = one(317, 1) == 2;
        let samples = match (kind, bits, per_pixel) {
            (3, 1 | 2 | 4 | 8, 1) => TiffSamples::Palette(bits as u32, palette(&mut tiff, &first)),
            (6, 8, 3) if planes == 1 && !is_difference => brightness(&mut tiff, &first)?,
            _ => return Err(ReadProblem::Unsupported),
        };
        if matches!(samples, TiffSamples::Palette(bits, _) if is_difference && bits != 8) {
            return Err(ReadProblem::Unsupported);
        }
        let (offsets, counts) = (tiff.wholes(&first, 273), tiff.wholes(&first, 279));
        if offsets.is_empty() || offsets.len() != counts.len() {
            return Err(ReadProblem::Unsupported); // tiles, or nothing
        }
        let strips = offsets.into_iter().zip(counts).collect();
        Ok(TiffHead { width, height, rows, packing, is_difference, samples, strips })
    }

    /// Returns how many bytes so many rows have.
    fn strip_bytes(&self, rows: u32) -> Option<usize> {
        let row = match &self.samples {
            TiffSamples::Palette(bits, _) => (u64::from(self.width) * u64::from(*bits)).div_ceil(8),
            TiffSamples::Brightness(h, v, _) => {
                let unit = u64::from(h * v + 2);
                let units = u64::from(self.width.div_ceil(*h)) * u64::from(rows.div_ceil(*v));
                return usize::try_from(units * unit).ok();
            }
        };
        usize::try_from(row * u64::from(rows)).ok()
    }

    /// Unpacks a strip to as many bytes as it must have.
    fn unpacked(&self, bytes: Vec<u8>, wanted: usize) -> Result<Vec<u8>, ReadProblem> {
        let mut out = Vec::with_capacity(wanted);
        match self.packing {
            1 => out = bytes,
            5 => {
                let mut decoder = weezl::decode::Decoder::with_tiff_size_switch(weezl::BitOrder::Msb, 8);
                out.resize(wanted, 0);
                let (mut read, mut written) = (0, 0);
                while written < wanted {
                    let step = decoder.decode_bytes(&bytes[read..], &mut out[written..]);
                    (read, written) = (read + step.consumed_in, written + step.consumed_out);
                    match step.status {
                        Ok(weezl::LzwStatus::Ok) if step.consumed_in + step.consumed_out > 0 => {}
                        Ok(_) => break,
                        Err(_) => return Err(ReadProblem::Broken),
                    }
                }
                out.truncate(written);
            }
            8 | 32946 => {
                let unpacked = flate2::read::ZlibDecoder::new(&bytes[..]);
                unpacked.take(wanted as u64).read_to_end(&mut out).map_err(|_| ReadProblem::Broken)?;
            }
            32773 => unpack_bits(&bytes, wanted, &mut out),
            _ => return Err(ReadProblem::Unsupported),
        }
        if out.len() < wanted {
            return Err(ReadProblem::Broken);
        }
        out.truncate(wanted);
        if self.is_difference {
            for row in out.chunks_exact_mut(self.width as usize) {
                let mut sum = 0_u8;
                for sample in row {
                    sum = sum.wrapping_add(*sample);
                    *sample = sum;
                }
            }
        }
        Ok(out)
    }

    /// Draws a strip of so many rows.
    fn draw(&self, strip: &[u8], top: u32, rows: u32, out: &mut image::RgbImage) {
        match &self.samples {
            TiffSamples::Palette(bits, colours) => {
                let row_bytes = strip.len() / rows as usize;
                let mask = ((1_u16 << bits) - 1) as u8;
                for y in 0..rows {
                    let row = &strip[y as usize * row_bytes..];
                    for x in 0..self.width {
                        let bit = x as usize * *bits as usize;
                        let shift = 8 - *bits as usize - bit % 8;
                        let index = row[bit / 8] >> shift & mask;
                        let colour = colours.get(usize::from(index)).copied().unwrap_or_default();
                        out.put_pixel(x, top + y, image::Rgb(colour));
                    }
                }
            }
            TiffSamples::Brightness(h, v, ends) => {
                let unit = (h * v + 2) as usize;
                let units = self.width.div_ceil(*h);
                for (n, samples) in strip.chunks_exact(unit).enumerate() {
                    let (left, upper) = (n as u32 % units * h, n as u32 / units * v);
                    let (blue, red) = (samples[unit - 2], samples[unit - 1]);
                    for (at, bright) in samples[..unit - 2].iter().enumerate() {
                        let (x, y) = (left + at as u32 % h, upper + at as u32 / h);
                        if x < self.width && y < rows {
                            out.put_pixel(x, top + y, image::Rgb(rgb([*bright, blue, red], ends)));
                        }
                    }
                }
            }
        }
    }
}

fn palette(tiff: &mut Tiff<&mut File>, first: &[TiffField]) -> Vec<[u8; 3]> {
    let all = tiff.wholes(first, 320);
    let third = all.len() / 3;
    // Sixteen bits each; some programs wrote eight.
    let wide = all.iter().any(|n| *n > 255);
    let byte = |n: u64| if wide { (n >> 8) as u8 } else { n as u8 };
    (0..third).map(|n| [byte(all[n]), byte(all[n + third]), byte(all[n + 2 * third])]).collect()
}

fn brightness(tiff: &mut Tiff<&mut File>, first: &[TiffField]) -> Result<TiffSamples, ReadProblem> {
    let shared = tiff.wholes(first, 530);
    let (h, v) = match shared[..] {
        [h, v] => (h, v),
        _ => (2, 2),
    };
    if !matches!((h, v), (1 | 2 | 4, 1 | 2 | 4)) {
        return Err(ReadProblem::Unsupported);
    }
    let ends = tiff.numbers(first, 532);
    let ends = ends.try_into().unwrap_or([0.0, 255.0, 128.0, 255.0, 128.0, 255.0]);
    Ok(TiffSamples::Brightness(h as u32, v as u32, ends))
}

fn unpack_bits(bytes: &[u8], wanted: usize, out: &mut Vec<u8>) {
    let mut rest = bytes;
    while let (Some((&head, after)), true) = (rest.split_first(), out.len() < wanted) {
        rest = after;
        match head {
            0..=127 => {
                let count = (usize::from(head) + 1).min(rest.len());
                out.extend_from_slice(&rest[..count]);
                rest = &rest[count..];
            }
            128 => {}
            _ => {
                let Some((&byte, after)) = rest.split_first() else { return };
                out.extend(std::iter::repeat_n(byte, 257 - usize::from(head)));
                rest = after;
            }
        }
    }
}

/// Returns a colour by its brightness and its differences, as ITU-R BT.601 has it, which is what TIFF means.
fn rgb([bright, blue, red]: [u8; 3], ends: &[f64; 6]) -> [u8; 3] {
    let part = |sample: u8, black: f64, white: f64, range: f64| {
        let width = if (white - black).abs() < 1.0 { 1.0 } else { white - black };
        (f64::from(sample) - black) * range / width
    };
    let y = part(bright, ends[0], ends[1], 255.0);
    let b = part(blue, ends[2], ends[3], 127.0);
    let r = part(red, ends[4], ends[5], 127.0);
    [y + 1.402 * r, y - 0.344_136 * b - 0.714_136 * r, y + 1.772 * b]
        .map(|c| c.round().clamp(0.0, 255.0) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_wrongly_ends_where_it_ends() {
        let unpacked = |bytes: &[u8]| {
            let mut out = vec![];
            unpack_bits(bytes, 6, &mut out);
            out
        };
        assert_eq!(unpacked(&[1, 7, 8, 253, 9, 128]), [7, 8, 9, 9, 9, 9]);
        assert_eq!(unpacked(&[5, 1, 2]), [1, 2]);
        assert_eq!(unpacked(&[200]), [] as [u8; 0]);
    }

    #[test]
    fn grey_is_grey_and_the_ends_are_black_and_white() {
        let full = [0.0, 255.0, 128.0, 255.0, 128.0, 255.0];
        let narrow = [15.0, 235.0, 128.0, 240.0, 128.0, 240.0];
        assert_eq!(rgb([120, 128, 128], &full), [120; 3]);
        assert_eq!((rgb([15, 128, 128], &narrow), rgb([235, 128, 128], &narrow)), ([0; 3], [255; 3]));
        assert_eq!(rgb([76, 85, 255], &full), [254, 0, 0], "red");
        rgb([1, 2, 3], &[0.0; 6]);
    }
}
