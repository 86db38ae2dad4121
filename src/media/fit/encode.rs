//! Pictures written as JPEG, PNG and WebP, with what the original told of itself.

use std::io::{self, Write};

use hoist_codecs::jpeg::JpegOptions;
use hoist_codecs::raster::Raster;

use super::carry::Carried;
use crate::model::media::Media;

/// WebP has no longer sides.
pub(super) const MAX_WEBP_SIDE: u32 = 16_383;
/// JPEG has no longer sides.
pub(super) const MAX_JPEG_SIDE: u32 = 65_535;
/// From this quality on, colour has as many samples as brightness.
const FINE_COLOUR: u8 = 90;

/// Writes a picture. What it carries along is written in front of its pixels, or behind them.
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

fn jpeg(raster: &Raster, quality: u8, carried: &Carried, out: &mut dyn Write) -> io::Result<()> {
    let segments: Vec<_> = carried.jpeg_segments().collect();
    let options = JpegOptions { quality, fine_colour: quality >= FINE_COLOUR, segments: &segments };
    hoist_codecs::jpeg::write(raster, &options, out)
}

fn png(raster: &Raster, carried: &Carried, out: &mut dyn Write) -> io::Result<()> {
    let chunks: Vec<_> = carried.png_chunks().collect();
    let row = |y: u32, row: &mut Vec<u8>| raster.row(y, row);
    hoist_codecs::png::write(raster.size(), raster.channels, &chunks, &row, out)
}

fn webp(raster: &Raster, quality: u8, carried: &Carried, out: &mut dyn Write) -> io::Result<()> {
    let upright;
    let raster = if raster.orientation == 1 {
        raster
    } else {
        upright = raster.clone().upright();
        &upright
    };
    let size = (raster.width, raster.height);
    let bytes = hoist_codecs::webp::encode(&raster.data, raster.channels, size, quality);
    let bytes = bytes.ok_or_else(|| io::Error::other("the picture cannot be written as WebP"))?;
    out.write_all(&carried.in_webp(&bytes, size, raster.channels == 4))
}
