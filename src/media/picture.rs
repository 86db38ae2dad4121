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

/// What stands before the pixels, a colour profile above all, is kept up to this.
pub(super) const MAX_HEAD: u64 = 16 * 1024 * 1024;

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

/// Reads a PNG in rows, each side divided so that it is not much smaller than `side` and stays within so many bytes: as
/// stored, in sRGB. One whose rows are not in order is in memory as a whole.
pub(super) fn reduced_png(path: &Path, side: u32, max_bytes: u64) -> Result<Raster, ReadProblem> {
    let input = Box::new(BufReader::new(File::open(path)?));
    let mut reader = PngReader::new(input, MAX_HEAD as usize)?;
    let ((width, height), own) = (reader.size(), reader.channels());
    if reader.is_interlaced() && u64::from(width) * u64::from(height) * own as u64 > max_bytes {
        return Err(ReadProblem::TooLarge);
    }
    let icc = reader.icc_profile();
    let channels = if own.is_multiple_of(2) { 4 } else { 3 };
    let divided = |by: usize| (width as usize / by, height as usize / by);
    let mut by = (width.min(height) / side.max(1)).max(1) as usize;
    while {
        let (columns, rows) = divided(by);
        (columns * rows * channels) as u64 > max_bytes
    } {
        by += 1;
    }
    let (columns, rows) = divided(by);
    let mut data = Vec::with_capacity(columns * rows * channels);
    let mut sums = vec![0u32; columns * channels];
    let mut count = 0;
    reader.rows(&mut |some| {
        for row in some.chunks_exact(width as usize * own) {
            for (pixels, sums) in row.chunks_exact(by * own).zip(sums.chunks_exact_mut(channels)) {
                for pixel in pixels.chunks_exact(own) {
                    for (n, sum) in sums.iter_mut().enumerate() {
                        // Grey is all three colours, and the last one of two or four is opacity.
                        let of = if own < 3 { usize::from(n == 3) } else { n };
                        *sum += u32::from(pixel[of]);
                    }
                }
            }
            count += 1;
            if count == by {
                let pixels = (by * by) as u32;
                data.extend(sums.iter().map(|sum| ((sum + pixels / 2) / pixels) as u8));
                (sums, count) = (vec![0; columns * channels], 0);
            }
        }
    })?;
    if data.len() != columns * rows * channels {
        return Err(ReadProblem::Broken);
    }
    let mut raster = Raster::new(columns as u32, rows as u32, channels, data);
    if let Some(icc) = icc {
        colour::from_profile(&mut raster, &icc);
    }
    Ok(raster)
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

#[cfg(test)]
mod tests {
    use image::{DynamicImage, ImageBuffer, Luma, LumaA, Rgb, Rgba};

    use super::*;

    /// Every pixel of a block of two by two has one of these values, every other one the second.
    fn blocks<P: image::Pixel>(first: P, second: P) -> ImageBuffer<P, Vec<P::Subpixel>> {
        ImageBuffer::from_fn(8, 6, |x, y| if (x / 2 + y / 2) % 2 == 0 { first } else { second })
    }

    #[test]
    fn a_png_is_divided_as_it_is_read() {
        let all: [(DynamicImage, [&[u8]; 2]); 5] = [
            (blocks(Luma([10u8]), Luma([200])).into(), [&[10; 3], &[200; 3]]),
            (blocks(LumaA([10u8, 50]), LumaA([200, 255])).into(), [&[10, 10, 10, 50], &[200, 200, 200, 255]]),
            (blocks(Rgb([1u8, 2, 3]), Rgb([90, 80, 70])).into(), [&[1, 2, 3], &[90, 80, 70]]),
            (blocks(Rgba([1u8, 2, 3, 4]), Rgba([9, 8, 7, 6])).into(), [&[1, 2, 3, 4], &[9, 8, 7, 6]]),
            (blocks(Rgb([256u16, 512, 768]), Rgb([65535, 0, 0])).into(), [&[1, 2, 3], &[255, 0, 0]]),
        ];
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.png");
        for (image, [first, second]) in all {
            image.save(&path).unwrap();
            let small = reduced_png(&path, 3, 1 << 20).unwrap();
            assert_eq!((small.width, small.height, small.channels), (4, 3, first.len()));
            assert_eq!(small.data[..first.len()], *first, "{:?}", image.color());
            assert_eq!(small.data[first.len()..2 * first.len()], *second, "{:?}", image.color());
            // Where there is no room for what is wanted, it is divided further.
            let tiny = reduced_png(&path, 6, 12).unwrap();
            assert!(tiny.data.len() <= 12 && !tiny.data.is_empty(), "{}", tiny.data.len());
        }
    }
}
