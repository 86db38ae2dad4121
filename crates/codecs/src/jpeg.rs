//! JPEG: read at a part of its size, and written.

use std::fs::File;
use std::io::{self, BufReader, Write};
use std::path::Path;

use jpeg_decoder::Decoder;
use jpeg_encoder::{ColorType, Encoder, ImageBuffer, JpegColorType, SamplingFactor, rgb_to_ycbcr};

pub use jpeg_decoder::{CodingProcess, ImageInfo, PixelFormat};

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
    /// Colour has as many samples as brightness; else a quarter.
    pub fine_colour: bool,
    /// Application segments by their number, before the pixels.
    pub segments: &'a [(u8, Vec<u8>)],
}

/// Where the pixels of a picture come from.
pub enum Pixels<'a> {
    /// All of them: red, green and blue.
    Rgb(&'a [u8]),
    /// One row after the other, of so many channels; the first three are red, green and blue.
    Rows(usize, &'a dyn Fn(u32, &mut Vec<u8>)),
}

struct Rows<'a> {
    size: (u16, u16),
    channels: usize,
    row: &'a dyn Fn(u32, &mut Vec<u8>),
}

impl ImageBuffer for Rows<'_> {
    fn get_jpeg_color_type(&self) -> JpegColorType {
        JpegColorType::Ycbcr
    }

    fn width(&self) -> u16 {
        self.size.0
    }

    fn height(&self) -> u16 {
        self.size.1
    }

    fn fill_buffers(&self, y: u16, buffers: &mut [Vec<u8>; 4]) {
        let mut row = vec![];
        (self.row)(u32::from(y), &mut row);
        for pixel in row.chunks_exact(self.channels) {
            let (luma, cb, cr) = rgb_to_ycbcr(pixel[0], pixel[1], pixel[2]);
            buffers[0].push(luma);
            buffers[1].push(cb);
            buffers[2].push(cr);
        }
    }
}

/// Writes a JPEG.
pub fn write(
    pixels: &Pixels<'_>,
    (width, height): (u32, u32),
    options: &JpegOptions<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let sides = u16::try_from(width).ok().zip(u16::try_from(height).ok());
    let (width, height) = sides.ok_or(io::ErrorKind::InvalidInput)?;
    let mut encoder = Encoder::new(out, options.quality);
    let sampling = if options.fine_colour { SamplingFactor::F_1_1 } else { SamplingFactor::F_2_2 };
    encoder.set_sampling_factor(sampling);
    for (number, segment) in options.segments {
        encoder.add_app_segment(*number, segment.clone()).map_err(io::Error::other)?;
    }
    let done = match *pixels {
        Pixels::Rgb(data) => encoder.encode(data, width, height, ColorType::Rgb),
        Pixels::Rows(channels, row) => encoder.encode_image(Rows { size: (width, height), channels, row }),
    };
    done.map_err(io::Error::other)
}
