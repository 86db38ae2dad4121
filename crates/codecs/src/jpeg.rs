//! JPEG: read at a part of its size, and written.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, BufReader, Write};
use std::path::Path;

use jpeg_decoder::{ColorTransform, Decoder};
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

/// The samples of a JPEG that is part of another file.
pub struct JpegSamples {
    /// Width and height.
    pub size: (u16, u16),
    /// Samples of a pixel: four are inks.
    pub channels: usize,
    /// All of them, row by row.
    pub data: Vec<u8>,
}

/// Reads grey, or inks as they stand there: a container says itself how they are meant, whatever a segment of the JPEG
/// says. None where it is damaged, is something else, or needs more memory than this.
pub fn samples(bytes: &[u8], max_bytes: u64) -> Option<JpegSamples> {
    let mut decoder = Decoder::new(bytes);
    decoder.read_info().ok()?;
    let info = decoder.info()?;
    let channels = match info.pixel_format {
        PixelFormat::L8 => 1,
        PixelFormat::CMYK32 => 4,
        _ => return None,
    };
    let samples = u64::from(info.width) * u64::from(info.height) * channels as u64;
    // A plane of each beside the whole; of a progressive one all coefficients, too.
    let copies = if info.coding_process == CodingProcess::DctProgressive { 4 } else { 2 };
    if samples * copies > max_bytes {
        return None;
    }
    if channels == 4 {
        decoder.set_color_transform(ColorTransform::CMYK);
    }
    let mut data = decoder.decode().ok()?;
    if channels == 4 {
        // The decoder inverts them.
        for sample in &mut data {
            *sample = 255 - *sample;
        }
    }
    Some(JpegSamples { size: (info.width, info.height), channels, data })
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
    pair: RefCell<Pair>,
}

/// Two rows that share their colour.
#[derive(Default)]
struct Pair {
    /// The number of the first.
    first: Option<u16>,
    /// As displayed, where that is not as stored.
    turned: [Vec<u8>; 2],
    /// Each sample twice.
    cb: Vec<[u8; 2]>,
    cr: Vec<[u8; 2]>,
    colours: Colours,
}

/// Red, green and blue of a row, with eight bits behind the point.
type Colours = [Vec<u16>; 3];

impl Source<'_> {
    /// Returns a row as displayed.
    fn row<'b>(&'b self, y: u16, turned: &'b mut Vec<u8>) -> &'b [u8] {
        if self.raster.orientation == 1 {
            return self.raster.stored(y.into());
        }
        self.raster.row(y.into(), turned);
        turned
    }

    fn fill<const CHANNELS: usize>(&self, y: u16, [luma, cb, cr, _]: &mut [Vec<u8>; 4]) {
        let mut pair = self.pair.borrow_mut();
        let Pair { first, turned: [one, other], cb: pair_cb, cr: pair_cr, colours } = &mut *pair;
        if self.fine_colour {
            let (row, _) = self.row(y, one).as_chunks::<CHANNELS>();
            separate(row, colours);
            luma.extend(brightness(colours));
            cb.extend(blueness(colours));
            cr.extend(redness(colours));
            return;
        }
        let even = y & !1;
        if *first != Some(even) {
            *first = Some(even);
            let (one, _) = self.row(even, one).as_chunks::<CHANNELS>();
            let (other, _) = self.row((even + 1).min(self.size.1 - 1), other).as_chunks::<CHANNELS>();
            separate_means(one, other, colours);
            pair_cb.clear();
            pair_cb.extend(blueness(colours).map(|sample| [sample; 2]));
            pair_cr.clear();
            pair_cr.extend(redness(colours).map(|sample| [sample; 2]));
        }
        let row = match self.raster.orientation {
            1 => self.raster.stored(y.into()),
            _ if y == even => one,
            _ => other,
        };
        separate(row.as_chunks::<CHANNELS>().0, colours);
        luma.extend(brightness(colours));
        // The coder takes every second one.
        let width = usize::from(self.size.0);
        cb.extend_from_slice(&pair_cb.as_flattened()[..width]);
        cr.extend_from_slice(&pair_cr.as_flattened()[..width]);
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
        match self.raster.channels {
            4 => self.fill::<4>(y, planes),
            _ => self.fill::<3>(y, planes),
        }
    }
}

// The coder has such functions of its own, for upright pictures and without a mean; these need less time, because the
// compiler has vectors for each of them.

/// Takes the colours of a row apart.
fn separate<const CHANNELS: usize>(row: &[[u8; CHANNELS]], [red, green, blue]: &mut Colours) {
    for colour in [&mut *red, &mut *green, &mut *blue] {
        colour.resize(row.len(), 0);
    }
    for (((pixel, red), green), blue) in row.iter().zip(red).zip(green).zip(blue) {
        *red = u16::from(pixel[0]) << 8;
        *green = u16::from(pixel[1]) << 8;
        *blue = u16::from(pixel[2]) << 8;
    }
}

/// Takes the mean colours of each four pixels of two rows apart.
fn separate_means<const CHANNELS: usize>(
    one: &[[u8; CHANNELS]],
    other: &[[u8; CHANNELS]],
    [red, green, blue]: &mut Colours,
) {
    let ((upper, last), (lower, last_lower)) = (one.as_chunks::<2>(), other.as_chunks::<2>());
    for colour in [&mut *red, &mut *green, &mut *blue] {
        colour.resize(upper.len(), 0);
    }
    let colours = red.iter_mut().zip(green.iter_mut()).zip(blue.iter_mut());
    for ((upper, lower), ((red, green), blue)) in upper.iter().zip(lower).zip(colours) {
        *red = mean(upper, lower, 0);
        *green = mean(upper, lower, 1);
        *blue = mean(upper, lower, 2);
    }
    // The last of an odd number is its own neighbour.
    if let ([upper], [lower]) = (last, last_lower) {
        for (number, colour) in [red, green, blue].into_iter().enumerate() {
            colour.push(mean(&[*upper; 2], &[*lower; 2], number));
        }
    }
}

/// Returns the mean of one colour of four pixels.
fn mean<const CHANNELS: usize>(
    upper: &[[u8; CHANNELS]; 2],
    lower: &[[u8; CHANNELS]; 2],
    colour: usize,
) -> u16 {
    let [one, two, three, four] =
        [upper[0][colour], upper[1][colour], lower[0][colour], lower[1][colour]].map(u16::from);
    (one + two + three + four) << 6
}

/// Returns what colours have of brightness by JFIF: 0.299, 0.587 and 0.114.
fn brightness([red, green, blue]: &Colours) -> impl Iterator<Item = u8> {
    red.iter().zip(green).zip(blue).map(|((red, green), blue)| {
        let sum = share(*red, 19_595) + share(*green, 38_470) + share(*blue, 7_471);
        ((sum + 128) >> 8) as u8
    })
}

/// Returns how far colours are on the blue side, by JFIF.
fn blueness([red, green, blue]: &Colours) -> impl Iterator<Item = u8> {
    red.iter().zip(green).zip(blue).map(|((red, green), blue)| {
        ((0x807f + (blue >> 1) - share(*red, 11_059) - share(*green, 21_709)) >> 8) as u8
    })
}

/// Returns how far colours are on the red side, by JFIF.
fn redness([red, green, blue]: &Colours) -> impl Iterator<Item = u8> {
    red.iter().zip(green).zip(blue).map(|((red, green), blue)| {
        ((0x807f + (red >> 1) - share(*green, 27_439) - share(*blue, 5_329)) >> 8) as u8
    })
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
    let (fine_colour, pair) = (options.fine_colour, RefCell::default());
    encoder.encode_image(Source { raster, size, fine_colour, pair }).map_err(io::Error::other)
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
        let all = || (0..=255u8).step_by(15);
        let pixels: Vec<[u8; 3]> = all()
            .flat_map(|red| all().map(move |green| (red, green)))
            .flat_map(|(red, green)| all().map(move |blue| [red, green, blue]))
            .collect();
        for pixels in [&pixels[..], &pixels[..65], &pixels[..1]] {
            let planes = |channels: usize, data: Vec<u8>| {
                let raster = Raster::new(pixels.len() as u32, 1, channels, data);
                let size = (u16::try_from(pixels.len()).unwrap(), 1);
                let source = Source { raster: &raster, size, fine_colour: true, pair: RefCell::default() };
                let mut planes = [vec![], vec![], vec![], vec![]];
                source.fill_buffers(0, &mut planes);
                planes
            };
            let four = pixels.iter().flat_map(|[red, green, blue]| [*red, *green, *blue, 9]).collect();
            let planes = (planes(3, pixels.as_flattened().to_vec()), planes(4, four));
            assert_eq!(planes.0, planes.1);
            let planes = planes.0;
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
            let source = Source { raster: &raster, size, fine_colour: false, pair: RefCell::default() };
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
