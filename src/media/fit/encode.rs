//! Pictures written as JPEG, PNG and WebP, with what the original told of itself.

use std::io::{self, Write};

use jpeg_encoder::{ColorType, Encoder, ImageBuffer, JpegColorType, SamplingFactor, rgb_to_ycbcr};

use super::carry::Carried;
use crate::media::raster::Raster;
use crate::model::media::Media;

/// WebP has no longer sides.
pub(super) const MAX_WEBP_SIDE: u32 = 16_383;
/// JPEG has no longer sides.
pub(super) const MAX_JPEG_SIDE: u32 = 65_535;
/// From this quality on, colour has as many samples as brightness.
const FINE_COLOUR: u8 = 90;

/// Writes a picture. What it carries along is written in front of its pixels, or behind them. To any writer, so that encoders
/// are built once.
pub(super) fn write(
    raster: &Raster,
    media: Media,
    quality: u8,
    carried: &Carried,
    out: &mut dyn Write,
) -> io::Result<()> {
    match media {
        Media::Png => png(raster, carried, out),
        Media::Webp => webp(raster, quality, carried, out),
        _ => jpeg(raster, quality, carried, out),
    }
}

/// Rows in the order in which they are displayed, as JPEG has its colours.
struct Rows<'a>(&'a Raster);

impl ImageBuffer for Rows<'_> {
    fn get_jpeg_color_type(&self) -> JpegColorType {
        JpegColorType::Ycbcr
    }

    fn width(&self) -> u16 {
        u16::try_from(self.0.size().0).unwrap_or(u16::MAX)
    }

    fn height(&self) -> u16 {
        u16::try_from(self.0.size().1).unwrap_or(u16::MAX)
    }

    fn fill_buffers(&self, y: u16, buffers: &mut [Vec<u8>; 4]) {
        let mut row = vec![];
        self.0.row(u32::from(y), &mut row);
        for pixel in row.chunks_exact(self.0.channels) {
            let (luma, cb, cr) = rgb_to_ycbcr(pixel[0], pixel[1], pixel[2]);
            buffers[0].push(luma);
            buffers[1].push(cb);
            buffers[2].push(cr);
        }
    }
}

fn jpeg(raster: &Raster, quality: u8, carried: &Carried, out: &mut dyn Write) -> io::Result<()> {
    let (width, height) = raster.size();
    let sides = u16::try_from(width).ok().zip(u16::try_from(height).ok());
    let (width, height) = sides.ok_or(io::ErrorKind::InvalidInput)?;
    let mut encoder = Encoder::new(out, quality);
    let sampling = if quality >= FINE_COLOUR { SamplingFactor::F_1_1 } else { SamplingFactor::F_2_2 };
    encoder.set_sampling_factor(sampling);
    for (number, segment) in carried.jpeg_segments() {
        encoder.add_app_segment(number, segment).map_err(io::Error::other)?;
    }
    let done = if raster.orientation == 1 && raster.channels == 3 {
        encoder.encode(&raster.data, width, height, ColorType::Rgb)
    } else {
        encoder.encode_image(Rows(raster))
    };
    done.map_err(io::Error::other)
}

fn png(raster: &Raster, carried: &Carried, out: &mut dyn Write) -> io::Result<()> {
    let (width, height) = raster.size();
    let mut encoder = png::Encoder::new(out, width, height);
    encoder.set_color(if raster.channels == 4 { png::ColorType::Rgba } else { png::ColorType::Rgb });
    encoder.set_compression(png::Compression::Balanced);
    encoder.set_source_srgb(png::SrgbRenderingIntent::Perceptual);
    let mut writer = encoder.write_header()?;
    for (kind, content) in carried.png_chunks() {
        writer.write_chunk(png::chunk::ChunkType(kind), &content)?;
    }
    let mut stream = writer.stream_writer()?;
    let mut row = vec![];
    for y in 0..height {
        raster.row(y, &mut row);
        stream.write_all(&row)?;
    }
    stream.finish()?;
    writer.finish()?;
    Ok(())
}

fn webp(raster: &Raster, quality: u8, carried: &Carried, out: &mut dyn Write) -> io::Result<()> {
    let upright;
    let raster = if raster.orientation == 1 {
        raster
    } else {
        upright = raster.clone().upright();
        &upright
    };
    let (width, height) = (raster.width, raster.height);
    let encoder = match raster.channels {
        4 => webp::Encoder::from_rgba(&raster.data, width, height),
        _ => webp::Encoder::from_rgb(&raster.data, width, height),
    };
    let failed = |_| io::Error::other("the picture cannot be written as WebP");
    let bytes = encoder.encode_simple(false, f32::from(quality)).map_err(failed)?;
    out.write_all(&carried.in_webp(&bytes, (width, height), raster.channels == 4))
}
