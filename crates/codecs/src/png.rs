//! PNG: read row by row, so that 16 bits are never in memory, and written so.

use std::io::{self, Cursor, Write};

use image::codecs::png::PngEncoder;
use image::{DynamicImage, ExtendedColorType, ImageEncoder, ImageResult};
use png::{Decoder, Encoder, Limits, Reader, Transformations};

pub use png::DecodingError;

use crate::read::Input;

/// A PNG whose head is read.
pub struct PngReader<'a>(Reader<Box<dyn Input + 'a>>);

impl<'a> PngReader<'a> {
    /// Reads what stands before the pixels. `max_bytes`: of what is kept of that.
    pub fn new(input: Box<dyn Input + 'a>, max_bytes: usize) -> Result<PngReader<'a>, DecodingError> {
        let mut decoder = Decoder::new_with_limits(input, Limits { bytes: max_bytes });
        decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
        decoder.read_info().map(PngReader)
    }

    /// Returns width and height in pixels.
    pub fn size(&self) -> (u32, u32) {
        self.0.info().size()
    }

    /// Returns how many bytes each pixel is read as: grey, grey and opacity, three colours, or those and opacity.
    pub fn channels(&self) -> usize {
        self.0.output_color_type().0.samples()
    }

    /// Returns whether its rows are not in order.
    pub fn is_interlaced(&self) -> bool {
        self.0.info().interlaced
    }

    /// Returns the colour profile.
    pub fn icc_profile(&self) -> Option<Vec<u8>> {
        self.0.info().icc_profile.as_ref().map(|icc| icc.to_vec())
    }

    /// Reads the pixels, and gives them on: row by row, or all at once where it is interlaced.
    pub fn rows(&mut self, add: &mut dyn FnMut(&[u8])) -> Result<(), DecodingError> {
        if self.is_interlaced() {
            let size = self.0.output_buffer_size().ok_or(DecodingError::LimitsExceeded)?;
            let mut all = vec![0; size];
            let info = self.0.next_frame(&mut all)?;
            add(&all[..info.buffer_size()]);
            return Ok(());
        }
        for _ in 0..self.size().1 {
            let row = self.0.next_row()?;
            add(row.ok_or_else(|| io::Error::from(io::ErrorKind::UnexpectedEof))?.data());
        }
        Ok(())
    }
}

/// Writes a PNG in sRGB of three or four channels, with chunks in front of its pixels.
pub fn write(
    (width, height): (u32, u32),
    channels: usize,
    chunks: &[([u8; 4], Vec<u8>)],
    row: &dyn Fn(u32, &mut Vec<u8>),
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut encoder = Encoder::new(out, width, height);
    encoder.set_color(if channels == 4 { png::ColorType::Rgba } else { png::ColorType::Rgb });
    encoder.set_compression(png::Compression::Balanced);
    encoder.set_source_srgb(png::SrgbRenderingIntent::Perceptual);
    let mut writer = encoder.write_header()?;
    for (kind, content) in chunks {
        writer.write_chunk(png::chunk::ChunkType(*kind), content)?;
    }
    let mut stream = writer.stream_writer()?;
    let mut pixels = vec![];
    for y in 0..height {
        row(y, &mut pixels);
        stream.write_all(&pixels)?;
    }
    stream.finish()?;
    writer.finish()?;
    Ok(())
}

/// Writes pixels of four channels as PNG, fast rather than small.
pub fn write_rgba(rgba: &[u8], (width, height): (u32, u32), out: &mut dyn Write) -> ImageResult<()> {
    PngEncoder::new(out).write_image(rgba, width, height, ExtendedColorType::Rgba8)
}

/// Returns a picture as PNG, with the depth it has.
pub fn encode(image: &DynamicImage) -> ImageResult<Vec<u8>> {
    let mut out = Cursor::new(vec![]);
    image.write_with_encoder(PngEncoder::new(&mut out as &mut dyn Write))?;
    Ok(out.into_inner())
}
