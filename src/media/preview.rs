//! Pictures of image files, small and large. Hostile images are expected: sizes are limited before anything is decoded, and a
//! decoder that panics harms nobody.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use hoist_codecs::jpeg::{CodingProcess, JpegReader, PixelFormat};
use hoist_codecs::raster::Raster;
use hoist_codecs::read::{self, PictureReader};
use image::metadata::Orientation;
use image::{DynamicImage, ImageError, ImageFormat, Limits};

use super::error::PreviewError;
pub(super) use super::guard::guarded;
use super::picture;
use super::read_problem::ReadProblem;
use super::source::Source;
use super::tiff_head::{self, TiffReader};
use super::{orientation, tiff_picture};
use crate::model::media::{FileFacts, Media};

/// Sides longer than this are not decoded.
pub(super) const MAX_SIDE: u32 = 16_384;
/// Pictures that need more memory than this are not decoded.
pub(super) const MAX_BYTES: u64 = 128 * 1024 * 1024;
/// A PNG whose rows are read one by one may have so many bytes of pixels: more take too long.
const MAX_BYTES_IN_ROWS: u64 = 1024 * 1024 * 1024;

/// A GIF is not looked into further than this.
const MAX_BLOCKS: usize = 100_000;

/// Pixels, four bytes each: red, green, blue, alpha (not premultiplied).
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// `width × height × 4` bytes, row by row from the top.
    pub rgba: Vec<u8>,
}

/// What a file looks like when somebody looks at it closely.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Preview {
    /// A picture, or one of a video.
    Picture(Picture),
    /// Sound: the loudest of each column, 0 to 255.
    Waveform(Vec<u8>),
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Picture({} × {})", self.width, self.height)
    }
}

pub(super) fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_BYTES);
    limits
}

/// Returns how a picture has to be turned to be upright.
fn orientation(path: &Path) -> Orientation {
    let read = || {
        let mut file = File::open(path).ok()?;
        let length = file.metadata().ok()?.len();
        Orientation::from_exif(orientation::of(&mut Source::new(&mut file, length))?)
    };
    read().unwrap_or(Orientation::NoTransforms)
}

/// Reads width and height as stored, and whether there is room for transparency, from the head of the file alone.
pub(super) fn head(path: &Path) -> Option<((u32, u32), bool)> {
    guarded((), || {
        let file = File::open(path).map_err(drop)?;
        let reader = PictureReader::new(Box::new(BufReader::new(file))).map_err(drop)?;
        let mut limits = Limits::default();
        limits.max_alloc = Some(picture::MAX_HEAD);
        let decoder = reader.into_decoder(limits).map_err(drop)?;
        Ok((decoder.dimensions(), decoder.color_type().has_alpha()))
    })
    .ok()
}

/// Returns whether pictures of this type can be decoded here.
pub fn can_decode(media: Media) -> bool {
    is_of_image_crate(media) || matches!(media, Media::Heic | Media::Avif)
}

/// Returns whether its head and its pixels are read by the `image` crate.
pub(super) fn is_of_image_crate(media: Media) -> bool {
    matches!(media, Media::Png | Media::Jpeg | Media::Webp | Media::Gif | Media::Bmp | Media::Tiff)
}

/// Returns what was read, or why there is no picture of a file of this size.
pub(super) fn of_problem<T>(
    read: Result<T, ReadProblem>,
    size: Option<(u32, u32)>,
) -> Result<T, PreviewError> {
    read.map_err(|problem| match (problem, size) {
        (ReadProblem::Disk(kind), _) => PreviewError::Unreadable(kind),
        (ReadProblem::Broken, _) => PreviewError::BrokenPicture,
        (ReadProblem::Unsupported, _) => PreviewError::NotDecoded,
        (ReadProblem::TooLarge, Some((width, height))) => PreviewError::TooLarge(width, height),
        (ReadProblem::TooLarge, None) => PreviewError::TooManyPixels,
    })
}

/// Decodes a picture of an ISO container, its sides divided so that it stays within the bound and is not much larger
/// than wanted.
fn decode_heif(
    path: &Path,
    media: Media,
    side: u32,
    size: Option<(u32, u32)>,
) -> Result<DynamicImage, PreviewError> {
    let (width, height) = size.ok_or(PreviewError::BrokenPicture)?;
    if width > MAX_SIDE * 2 || height > MAX_SIDE * 2 {
        return Err(PreviewError::TooLarge(width, height));
    }
    let reduce = [8, 4, 2].into_iter().find(|n| width.min(height) / n >= side).unwrap_or(1);
    let read = picture::heif(path, media, reduce as usize, MAX_BYTES / 6).map(picture::in_srgb);
    let raster = of_problem(read, size)?;
    let (width, height, rgba) = raster.into_rgba();
    image::RgbaImage::from_raw(width, height, rgba).map(Into::into).ok_or(PreviewError::BrokenPicture)
}

/// Decodes an image, upright; where it is much larger than `side`, perhaps smaller than it is.
fn decode(facts: &FileFacts, side: u32) -> Result<DynamicImage, PreviewError> {
    let path = &facts.path;
    if let Some(media @ (Media::Heic | Media::Avif)) = facts.recognised.media() {
        return decode_heif(path, media, side, facts.pixels);
    }
    let unread = |e: std::io::Error| PreviewError::Unreadable(e.kind());
    // A picture that is only too large is not broken.
    let broken = |e: ImageError| match e {
        ImageError::Limits(_) => PreviewError::TooManyPixels,
        ImageError::Unsupported(_) => PreviewError::NotDecoded,
        _ => PreviewError::BrokenPicture,
    };
    let file = BufReader::new(File::open(path).map_err(unread)?);
    let reader = PictureReader::new(Box::new(file)).map_err(unread)?;
    let format = reader.format();
    let scaled = if format == Some(ImageFormat::Jpeg) { scaled_jpeg(path, side) } else { None };
    let is_own_tiff = || {
        let file = File::open(path).ok();
        facts.recognised.media() == Some(Media::Tiff)
            && file.is_some_and(|file| tiff_head::reader(file, facts.size) == Some(TiffReader::Own))
    };
    let mut image = match scaled {
        Some(image) => image,
        None if is_own_tiff() => of_raster(of_problem(tiff_picture::read(path, MAX_BYTES), facts.pixels)?)?,
        None => {
            let decoder = reader.into_decoder(limits()).map_err(broken)?;
            let (width, height) = decoder.dimensions();
            let in_rows = format == Some(ImageFormat::Png) && decoder.total_bytes() > MAX_BYTES;
            let max_bytes = if in_rows { MAX_BYTES_IN_ROWS } else { MAX_BYTES };
            if width > MAX_SIDE || height > MAX_SIDE || decoder.total_bytes() > max_bytes {
                return Err(PreviewError::TooLarge(width, height));
            }
            match in_rows {
                true => of_raster(of_problem(picture::reduced_png(path, side, MAX_BYTES), facts.pixels)?)?,
                false => read::decode(decoder).map_err(broken)?,
            }
        }
    };
    image.apply_orientation(orientation(path));
    Ok(image)
}

fn of_raster(raster: Raster) -> Result<DynamicImage, PreviewError> {
    let Raster { width, height, channels, data, .. } = raster;
    let image: Option<DynamicImage> = match channels {
        4 => image::RgbaImage::from_raw(width, height, data).map(Into::into),
        _ => image::RgbImage::from_raw(width, height, data).map(Into::into),
    };
    image.ok_or(PreviewError::BrokenPicture)
}

/// Returns a JPEG decoded at 1/8, 1/4 or 1/2 of its size: a third of the time of all of it. None where it is small, or
/// of a kind that is left to the usual decoder.
fn scaled_jpeg(path: &Path, side: u32) -> Option<DynamicImage> {
    let mut decoder = JpegReader::open(path).ok()?;
    let info = decoder.info()?;
    let (width, height) = (u32::from(info.width), u32::from(info.height));
    if width.min(height) < side.saturating_mul(2) || width > MAX_SIDE || height > MAX_SIDE {
        return None;
    }
    // A progressive one is in memory as a whole, at any scale; the others go by in rows.
    let whole = u64::from(width) * u64::from(height) * info.pixel_format.pixel_bytes() as u64;
    if info.coding_process == CodingProcess::DctProgressive && whole > MAX_BYTES {
        return None;
    }
    // Both sides at least as long as wanted, so that the shorter one is not stretched.
    let least =
        |own: u32| u16::try_from((u64::from(side) * u64::from(own)).div_ceil(u64::from(width.min(height))));
    let (width, height) = decoder.scale(least(width).ok()?, least(height).ok()?)?;
    let pixels = decoder.decode()?;
    let (width, height) = (u32::from(width), u32::from(height));
    match info.pixel_format {
        PixelFormat::RGB24 => image::RgbImage::from_raw(width, height, pixels).map(Into::into),
        PixelFormat::L8 => image::GrayImage::from_raw(width, height, pixels).map(Into::into),
        _ => None,
    }
}

/// Returns the middle of an image as a square of at most `side` pixels, upright.
pub fn square(facts: &FileFacts, side: u32) -> Result<Picture, PreviewError> {
    guarded(PreviewError::BrokenPicture, || Ok(square_of(&decode(facts, side)?, side)))
}

/// Returns the whole image within so many pixels, upright.
pub fn whole(facts: &FileFacts, within: (u32, u32)) -> Result<Picture, PreviewError> {
    // A very long picture is decoded no smaller than it is shown.
    guarded(PreviewError::BrokenPicture, || Ok(within_of(decode(facts, within.0.max(within.1))?, within)))
}

/// Returns the middle of a picture as a square.
pub(super) fn square_of(image: &DynamicImage, side: u32) -> Picture {
    let (width, height) = (image.width(), image.height());
    let edge = width.min(height);
    let middle = image.crop_imm((width - edge) / 2, (height - edge) / 2, edge, edge);
    picture(if edge > side { middle.thumbnail_exact(side, side) } else { middle })
}

/// Returns a picture shrunk to fit.
pub(super) fn within_of(image: DynamicImage, (width, height): (u32, u32)) -> Picture {
    let fits = image.width() <= width && image.height() <= height;
    picture(if fits { image } else { image.thumbnail(width.max(1), height.max(1)) })
}

fn picture(image: DynamicImage) -> Picture {
    let rgba = image.into_rgba8();
    Picture { width: rgba.width(), height: rgba.height(), rgba: rgba.into_raw() }
}

/// Returns whether a picture has more than one frame, by its head alone.
pub(super) fn moves(media: Media, file: &mut (impl Read + Seek)) -> bool {
    let mut look = || match media {
        Media::Webp => {
            let mut head = [0; 21];
            file.read_exact(&mut head).ok()?;
            Some(&head[12..16] == b"VP8X" && head[20] & 2 != 0)
        }
        Media::Png => {
            // `acTL` stands before the pixels.
            let mut at = 8;
            for _ in 0..64 {
                file.seek(SeekFrom::Start(at)).ok()?;
                let mut head = [0; 8];
                file.read_exact(&mut head).ok()?;
                let length = u64::from(u32::from_be_bytes([head[0], head[1], head[2], head[3]]));
                match &head[4..] {
                    b"acTL" => return Some(true),
                    b"IDAT" | b"IEND" => return Some(false),
                    _ => at += 12 + length,
                }
            }
            None
        }
        Media::Gif => gif_moves(file),
        _ => None,
    };
    look().unwrap_or(false)
}

/// Goes over the blocks of a GIF until the second picture.
fn gif_moves(file: &mut (impl Read + Seek)) -> Option<bool> {
    let byte = |file: &mut dyn Read| {
        let mut byte = [0];
        file.read_exact(&mut byte).ok().map(|()| byte[0])
    };
    let table = |flags: u8| if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) };
    let mut head = [0; 13];
    file.read_exact(&mut head).ok()?;
    file.seek(SeekFrom::Current(table(head[10]))).ok()?;
    let mut pictures = 0;
    let mut blocks = 0;
    loop {
        match byte(file)? {
            0x21 => {
                byte(file)?;
            }
            0x2c => {
                pictures += 1;
                if pictures > 1 {
                    return Some(true);
                }
                let mut head = [0; 9];
                file.read_exact(&mut head).ok()?;
                file.seek(SeekFrom::Current(table(head[8]) + 1)).ok()?;
            }
            _ => return Some(false),
        }
        // Parts of a block, each with its length in front; the last one has none.
        loop {
            blocks += 1;
            match byte(file)? {
                0 => break,
                _ if blocks > MAX_BLOCKS => return None,
                length => file.seek(SeekFrom::Current(i64::from(length))).ok()?,
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(path: std::path::PathBuf) -> FileFacts {
        FileFacts { path, ..FileFacts::default() }
    }

    fn sample(name: &str) -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/samples").join(name)
    }

    #[test]
    fn a_photograph_is_upright() {
        // Stored as 640 × 480 with EXIF orientation 6: shown as 480 × 640, blue sky above.
        assert_eq!(head(&sample("photo.jpg")), Some(((640, 480), false)));
        assert_eq!(orientation(&sample("photo.jpg")), Orientation::Rotate90);
        let picture = square(&facts(sample("photo.jpg")), 64).unwrap();
        assert_eq!((picture.width, picture.height), (64, 64));
        let blue = |x: u32, y: u32| {
            let at = ((y * 64 + x) * 4) as usize;
            i32::from(picture.rgba[at + 2]) - i32::from(picture.rgba[at])
        };
        assert!(blue(8, 4) > blue(8, 60), "the sky is above the ground");
    }

    #[test]
    fn broken_and_huge_pictures_are_refused_in_words() {
        let dir = tempfile::tempdir().unwrap();
        let whole = std::fs::read(sample("cover.png")).unwrap();
        let cut = dir.path().join("cut.png");
        std::fs::write(&cut, &whole[..whole.len() / 2]).unwrap();
        assert!(square(&facts(cut), 64).is_err());
        // The same head, but claiming 20,000 × 20,000 pixels.
        let mut bomb = whole.clone();
        bomb[16..20].copy_from_slice(&20_000u32.to_be_bytes());
        bomb[20..24].copy_from_slice(&20_000u32.to_be_bytes());
        let crc = crc32(&bomb[12..29]);
        bomb[29..33].copy_from_slice(&crc.to_be_bytes());
        let path = dir.path().join("bomb.png");
        std::fs::write(&path, &bomb).unwrap();
        assert!(square(&facts(path), 64).is_err());
    }

    fn crc32(bytes: &[u8]) -> u32 {
        let mut crc = !0u32;
        for byte in bytes {
            crc ^= u32::from(*byte);
            for _ in 0..8 {
                crc = if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
            }
        }
        !crc
    }
}
