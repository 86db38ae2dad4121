//! Whole pictures: read once, with their colours in sRGB, within a bound of memory.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use hoist_codecs::jpeg::{CodingProcess, JpegReader, PixelFormat};
use hoist_codecs::png::PngReader;
use hoist_codecs::raster::Raster;
use hoist_codecs::read::{PictureReader, decode, decode_rgb8};
use image::{ColorType, ImageFormat, Limits};

use super::heif_picture::HeifPicture;
use super::read_problem::ReadProblem;
use super::source::Source;
use super::tiff_head::{self, TiffReader};
use super::{avif, colour, heic, orientation, tiff_picture};
use crate::model::media::Media;

/// Files of pictures longer than this are not read into memory.
const MAX_FILE: u64 = 160 * 1024 * 1024;

/// Reads the first picture of a file, in sRGB. `max_bytes`: of pixels in memory. `spare`: memory that a JPEG's may use.
pub(super) fn read(path: &Path, media: Media, max_bytes: u64, spare: Vec<u8>) -> Result<Raster, ReadProblem> {
    match media {
        Media::Png => png_picture(path, max_bytes),
        Media::Jpeg => jpeg_picture(path, max_bytes, spare),
        Media::Heic | Media::Avif => Ok(in_srgb(heif(path, media, 1, max_bytes / 3)?)),
        Media::Tiff => with_orientation(path, tiff(path, max_bytes)?),
        _ => with_orientation(path, other(path, max_bytes, None, vec![])?),
    }
}

/// Reads a picture of an ISO container, each side divided by `reduce`, its colours as they are coded.
pub(super) fn heif(
    path: &Path,
    media: Media,
    reduce: usize,
    max_pixels: u64,
) -> Result<HeifPicture, ReadProblem> {
    let mut bytes = vec![];
    File::open(path)?.take(MAX_FILE + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(ReadProblem::TooLarge);
    }
    match media {
        Media::Avif => Ok(avif::decode(&bytes, reduce, max_pixels)?),
        _ => Ok(heic::decode(&bytes, reduce, max_pixels)?),
    }
}

/// Returns such a picture in sRGB, to be turned by whoever reads its rows.
pub(super) fn in_srgb(picture: HeifPicture) -> Raster {
    let HeifPicture { planes, turns, icc, is_premultiplied } = picture;
    let coding = planes.coding;
    if let Some(colours) = colour::high_dynamic_range(coding, icc.as_deref()) {
        return turns.apply(planes.into_sdr(colours));
    }
    let mut raster = planes.into_raster();
    if is_premultiplied {
        raster = raster.divided_by_opacity();
    }
    let by_profile = icc.is_some_and(|icc| colour::from_profile(&mut raster, &icc));
    if !by_profile {
        colour::from_coding(&mut raster, coding);
    }
    turns.apply(raster)
}

fn with_orientation(path: &Path, raster: Raster) -> Result<Raster, ReadProblem> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    let orientation = orientation::of(&mut Source::new(&mut file, length)).unwrap_or(1);
    Ok(Raster { orientation, ..raster })
}

/// Reads a PNG row by row, so that 16 bits are never in memory.
fn png_picture(path: &Path, max_bytes: u64) -> Result<Raster, ReadProblem> {
    let input = Box::new(BufReader::new(File::open(path)?));
    let mut reader = PngReader::new(input, usize::try_from(max_bytes).unwrap_or(usize::MAX))?;
    let (width, height) = reader.size();
    let icc = reader.icc_profile();
    let own = reader.channels();
    let channels = if own.is_multiple_of(2) { 4 } else { 3 };
    let pixels = u64::from(width) * u64::from(height);
    if pixels * (channels + if reader.is_interlaced() { own } else { 0 }) as u64 > max_bytes {
        return Err(ReadProblem::TooLarge);
    }
    let mut data = Vec::with_capacity(pixels as usize * channels);
    reader.rows(&mut |row| match own {
        1 => data.extend(row.iter().flat_map(|v| [*v; 3])),
        2 => data.extend(row.chunks_exact(2).flat_map(|p| [p[0], p[0], p[0], p[1]])),
        _ => data.extend_from_slice(row),
    })?;
    if data.len() as u64 != pixels * channels as u64 {
        return Err(ReadProblem::Broken);
    }
    let mut raster = Raster::new(width, height, channels, data);
    if let Some(icc) = icc {
        colour::from_profile(&mut raster, &icc);
    }
    with_orientation(path, raster)
}

fn jpeg_picture(path: &Path, max_bytes: u64, spare: Vec<u8>) -> Result<Raster, ReadProblem> {
    let mut inks = JpegReader::open(path)?;
    let info = inks.info();
    if let Some(info) = info.filter(|info| info.pixel_format == PixelFormat::CMYK32) {
        let (width, height) = (u32::from(info.width), u32::from(info.height));
        if u64::from(width) * u64::from(height) * 4 > max_bytes {
            return Err(ReadProblem::TooLarge);
        }
        let data = inks.decode().ok_or(ReadProblem::Broken)?;
        let data = colour::from_inks(data, inks.icc_profile().as_deref());
        return with_orientation(path, Raster::new(width, height, 3, data));
    }
    // Of a progressive one all coefficients are in memory beside the pixels.
    let is_progressive = info.is_some_and(|info| info.coding_process == CodingProcess::DctProgressive);
    let pixels = info.map_or(0, |info| u64::from(info.width) * u64::from(info.height));
    drop(inks);
    if is_progressive && pixels * 6 > max_bytes {
        return Err(ReadProblem::TooLarge);
    }
    with_orientation(path, other(path, max_bytes, None, spare)?)
}

/// Reads a TIFF by whichever reader knows how its samples stand.
fn tiff(path: &Path, max_bytes: u64) -> Result<Raster, ReadProblem> {
    let file = File::open(path)?;
    let length = file.metadata()?.len();
    match tiff_head::reader(&file, length) {
        Some(TiffReader::Own) => tiff_picture::read(path, max_bytes),
        Some(TiffReader::Image) => other(path, max_bytes, Some(ImageFormat::Tiff), vec![]),
        None => Err(ReadProblem::Unsupported),
    }
}

/// Reads everything else as the `image` crate does; it does not know the first bytes of every type that it reads.
fn other(
    path: &Path,
    max_bytes: u64,
    format: Option<ImageFormat>,
    spare: Vec<u8>,
) -> Result<Raster, ReadProblem> {
    let input = Box::new(BufReader::new(File::open(path)?));
    let reader = match format {
        Some(format) => PictureReader::with_format(input, format),
        None => PictureReader::new(input)?,
    };
    let mut limits = Limits::default();
    limits.max_alloc = Some(max_bytes);
    let mut decoder = reader.into_decoder(limits)?;
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    // What has more than eight bits is there twice for a moment.
    let wide = decoder.total_bytes() > pixels * 4;
    if decoder.total_bytes() + if wide { pixels * 3 } else { 0 } > max_bytes {
        return Err(ReadProblem::TooLarge);
    }
    let icc = decoder.icc_profile().ok().flatten();
    let mut raster = if decoder.color_type() == ColorType::Rgb8 {
        Raster::new(width, height, 3, decode_rgb8(decoder, spare)?)
    } else {
        let image = decode(decoder)?;
        match image.color().has_alpha() {
            true => Raster::new(width, height, 4, image.into_rgba8().into_raw()),
            false => Raster::new(width, height, 3, image.into_rgb8().into_raw()),
        }
    };
    if let Some(icc) = icc {
        colour::from_profile(&mut raster, &icc);
    }
    Ok(raster)
}
