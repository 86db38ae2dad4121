//! JPEG: read at a part of its size, and written.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, BufReader, Write};
use std::path::Path;

use jpeg_decoder::Decoder;
use jpeg_encoder::{Encoder, ImageBuffer, JpegColorType, SamplingFactor};

pub use jpeg_decoder::{CodingProcess, ImageInfo, PixelFormat};

use crate::raster::Raster;

/// A JPEG file that is read.
pub struct JpegReader(Decoder<BufReader<File>>);

impl JpegReader {
    /// Opens a file; of it nothing is read yet.
    pub fn open(path: &Path) -> io::Result<JpegReader> {
        Ok(JpegReader(Decoder::new(BufReader::new(File::open(path)?))))
    }

    /// Reads what stands before the pixels; none where that is damaged.
    pub fn info(&mut self) -> Option<ImageInfo> {
        self.0.read_info().ok()?;
        self.0.info()
    }

    /// Has each side divided by 8, 4, 2 or 1, so that it is no shorter than these. Returns what they will be.
    pub fn scale(&mut self, width: u16, height: u16) -> Option<(u16, u16)> {
        self.0.scale(width, height).ok()
    }

    /// Reads the pixels; none where they are damaged.
    pub fn decode(&mut self) -> Option<Vec<u8>> {
        self.0.decode().ok()
    }

    /// Returns the colour profile, once the pixels are read.
    pub fn icc_profile(&self) -> Option<Vec<u8>> {
        self.0.icc_profile()
    }
}

/// How a JPEG is written.
pub struct JpegOptions<'a> {
    /// 1 to 100.
    pub quality: u8,
    /// Colour has as many samples as brightness; else a quarter, each the mean of four pixels.
    pub fine_colour: bool,
    /// Application segments by their number, before the pixels.
    pub segments: &'a [(u8, Vec<u8>)],
}

/// A picture as the coder asks for it.
struct Source<'a> {
    raster: &'a Raster,
    size: (u16, u16),
    fine_colour: bool,
    /// The rows that were turned last, and the number of the first.
    turned: RefCell<(Option<u32>, [Vec<u8>; 2])>,
}

impl Source<'_> {
    /// Gives two rows to a function.
    fn rows(&self, first: u32, second: u32, take: impl FnOnce(&[u8], &[u8])) {
        if self.raster.orientation == 1 {
            return take(self.raster.stored(first), self.raster.stored(second));
        }
        let mut turned = self.turned.borrow_mut();
        let (number, [one, other]) = &mut *turned;
        if *number != Some(first) {
            *number = Some(first);
            self.raster.row(first, one);
            self.raster.row(second, other);
        }
        take(one, other);
    }
}

impl ImageBuffer for Source<'_> {
    fn get_jpeg_color_type(&self) -> JpegColorType {
        JpegColorType::Ycbcr
    }

    fn width(&self) -> u16 {
        self.size.0
    }

    fn height(&self) -> u16 {
        self.size.1
    }

    fn fill_buffers(&self, y: u16, planes: &mut [Vec<u8>; 4]) {
        let is_second = !self.fine_colour && y % 2 == 1;
        let first = y - u16::from(is_second);
        let second = if self.fine_colour { first } else { (first + 1).min(self.size.1 - 1) };
        self.rows(first.into(), second.into(), |first, second| {
            let fill = if self.raster.channels == 4 { separate::<4> } else { separate::<3> };
            fill(
                if is_second { second } else { first },
                planes,
                (!self.fine_colour).then_some([first, second]),
            );
        });
    }
}

/// Samples that are converted together: so many that the compiler uses vectors, so few that they stay in the fastest memory.
const TOGETHER: usize = 64;

/// Appends a row of so many channels a pixel to the planes of brightness, blue and red: of each pixel, or colour of each
/// four in two rows, twice. The coder can do so itself, of upright pictures and without a mean, and needs twice the time.
fn separate<const CHANNELS: usize>(row: &[u8], planes: &mut [Vec<u8>; 4], pair: Option<[&[u8]; 2]>) {
    let (row, _) = row.as_chunks::<CHANNELS>();
    let [luma, cb, cr, _] = planes;
    let [luma, cb, cr] = [luma, cb, cr].map(|plane| {
        let filled = plane.len();
        plane.resize(filled + row.len(), 0);
        &mut plane[filled..]
    });
    // Colours have eight bits behind the point.
    let mut colours = [[0; TOGETHER]; 3];
    for (pixels, luma) in row.chunks(TOGETHER).zip(luma.chunks_mut(TOGETHER)) {
        for (at, pixel) in pixels.iter().enumerate() {
            (0..3).for_each(|colour| colours[colour][at] = u16::from(pixel[colour]) << 8);
        }
        brightness(&colours, luma);
    }
    let Some(pair) = pair else {
        let planes = cb.chunks_mut(TOGETHER).zip(cr.chunks_mut(TOGETHER));
        for (pixels, (cb, cr)) in row.chunks(TOGETHER).zip(planes) {
            for (at, pixel) in pixels.iter().enumerate() {
                (0..3).for_each(|colour| colours[colour][at] = u16::from(pixel[colour]) << 8);
            }
            colour(&colours, cb, cr);
        }
        return;
    };
    let [one, other] = pair.map(|row| row.as_chunks::<CHANNELS>().0.chunks(2 * TOGETHER));
    let planes = cb.chunks_mut(2 * TOGETHER).zip(cr.chunks_mut(2 * TOGETHER));
    for ((one, other), (cb, cr)) in one.zip(other).zip(planes) {
        for (at, (one, other)) in one.chunks(2).zip(other.chunks(2)).enumerate() {
            let sum = |colour: usize| {
                [one[0], other[0], one[one.len() - 1], other[other.len() - 1]]
                    .iter()
                    .map(|pixel| u16::from(pixel[colour]))
                    .sum::<u16>()
            };
            (0..3).for_each(|colour| colours[colour][at] = sum(colour) << 6);
        }
        let (mut blue, mut red) = ([0; TOGETHER], [0; TOGETHER]);
        colour(&colours, &mut blue, &mut red);
        for (plane, means) in [(cb, blue), (cr, red)] {
            plane.chunks_mut(2).zip(means).for_each(|(samples, mean)| samples.fill(mean));
        }
    }
}

/// Red, green and blue.
type Colours = [[u16; TOGETHER]; 3];

/// Returns what colours have of brightness by JFIF: 0.299, 0.587 and 0.114.
fn brightness([red, green, blue]: &Colours, luma: &mut [u8]) {
    for (((luma, red), green), blue) in luma.iter_mut().zip(red).zip(green).zip(blue) {
        let sum = share(*red, 19_595) + share(*green, 38_470) + share(*blue, 7_471);
        *luma = ((sum + 128) >> 8) as u8;
    }
}

/// Returns how far colours are on the blue and on the red side, by JFIF.
fn colour([red, green, blue]: &Colours, cb: &mut [u8], cr: &mut [u8]) {
    for ((((cb, cr), red), green), blue) in cb.iter_mut().zip(cr).zip(red).zip(green).zip(blue) {
        *cb = ((0x807f + (blue >> 1) - share(*red, 11_059) - share(*green, 21_709)) >> 8) as u8;
        *cr = ((0x807f + (red >> 1) - share(*green, 27_439) - share(*blue, 5_329)) >> 8) as u8;
    }
}

/// Returns so many 65,536ths of a value.
fn share(value: u16, weight: u16) -> u16 {
    ((u32::from(value) * u32::from(weight)) >> 16) as u16
}

/// Writes a picture as JPEG, without its opacity.
pub fn write(raster: &Raster, options: &JpegOptions<'_>, out: &mut dyn Write) -> io::Result<()> {
    let (width, height) = raster.size();
    let sides = u16::try_from(width).ok().zip(u16::try_from(height).ok());
    let size = sides.ok_or(io::ErrorKind::InvalidInput)?;
    let mut encoder = Encoder::new(out, options.quality);
    let sampling = if options.fine_colour { SamplingFactor::F_1_1 } else { SamplingFactor::F_2_2 };
    encoder.set_sampling_factor(sampling);
    for (number, segment) in options.segments {
        encoder.add_app_segment(*number, segment.clone()).map_err(io::Error::other)?;
    }
    let (fine_colour, turned) = (options.fine_colour, RefCell::default());
    encoder.encode_image(Source { raster, size, fine_colour, turned }).map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What JFIF gives a pixel, before it is rounded.
    fn by_jfif(pixel: [f64; 3]) -> [f64; 3] {
        let [red, green, blue] = pixel;
        [
            0.299 * red + 0.587 * green + 0.114 * blue,
            128.0 - 0.168_736 * red - 0.331_264 * green + 0.5 * blue,
            128.0 + 0.5 * red - 0.418_688 * green - 0.081_312 * blue,
        ]
    }

    /// Half a step is what rounding takes.
    fn is_close(sample: u8, right: f64) -> bool {
        (f64::from(sample) - right).abs() < 0.52
    }

    #[test]
    fn a_pixel_has_the_brightness_and_colour_that_jfif_gives_it() {
        let all = || (0..=255u8).step_by(5);
        let pixels: Vec<[u8; 3]> = all()
            .flat_map(|red| all().map(move |green| (red, green)))
            .flat_map(|(red, green)| all().map(move |blue| [red, green, blue]))
            .collect();
        for pixels in [&pixels[..], &pixels[..=TOGETHER], &pixels[..1]] {
            let mut planes = [vec![], vec![], vec![], vec![]];
            separate::<3>(pixels.as_flattened(), &mut planes, None);
            let mut with_opacity = [vec![], vec![], vec![], vec![]];
            let four: Vec<[u8; 4]> =
                pixels.iter().map(|[red, green, blue]| [*red, *green, *blue, 9]).collect();
            separate::<4>(four.as_flattened(), &mut with_opacity, None);
            assert_eq!(planes, with_opacity);
            assert_eq!(planes.each_ref().map(Vec::len), [pixels.len(), pixels.len(), pixels.len(), 0]);
            for (at, pixel) in pixels.iter().enumerate() {
                for (plane, right) in planes.iter().zip(by_jfif(pixel.map(f64::from))) {
                    assert!(is_close(plane[at], right), "{pixel:?}: {} for {right}", plane[at]);
                }
            }
        }
    }

    #[test]
    fn colour_that_is_not_fine_is_the_mean_of_four_pixels_also_of_a_turned_picture_and_at_its_edges() {
        let (width, height) = (151usize, 5usize);
        let data: Vec<u8> = (0..width * height * 3).map(|n| (n * 7919 % 251) as u8).collect();
        for orientation in 1..=8 {
            let raster = Raster { orientation, ..Raster::new(width as u32, height as u32, 3, data.clone()) };
            let upright = raster.clone().upright();
            let (width, height) = (upright.width as usize, upright.height as usize);
            let size = (width as u16, height as u16);
            let source = Source { raster: &raster, size, fine_colour: false, turned: RefCell::default() };
            let mut planes = [vec![], vec![], vec![], vec![]];
            (0..height).for_each(|y| source.fill_buffers(y as u16, &mut planes));
            let pixel = |x: usize, y: usize| {
                let from = (y.min(height - 1) * width + x.min(width - 1)) * 3;
                [0, 1, 2].map(|colour| f64::from(upright.data[from + colour]))
            };
            for (y, x) in (0..height).flat_map(|y| (0..width).map(move |x| (y, x))) {
                assert!(
                    is_close(planes[0][y * width + x], by_jfif(pixel(x, y))[0]),
                    "{orientation}: {x}, {y}"
                );
                let (left, top) = (x & !1, y & !1);
                let four = [(0, 0), (1, 0), (0, 1), (1, 1)].map(|(x, y)| pixel(left + x, top + y));
                let mean = [0, 1, 2].map(|colour| four.map(|pixel| pixel[colour]).iter().sum::<f64>() / 4.0);
                for plane in [1, 2] {
                    let (sample, right) = (planes[plane][y * width + x], by_jfif(mean)[plane]);
                    assert!(is_close(sample, right), "{orientation}: {x}, {y}: {sample} for {right}");
                }
            }
        }
    }
}
