//! A small picture of an image file. Hostile images are expected: sizes are limited before anything is decoded, and a
//! decoder that panics harms nobody.

use std::fs::File;
use std::io::{BufReader, Seek};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageReader, Limits};

/// Sides longer than this are not decoded.
const MAX_SIDE: u32 = 16_384;
/// Pictures that need more memory than this are not decoded.
const MAX_BYTES: u64 = 128 * 1024 * 1024;

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

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Picture({} × {})", self.width, self.height)
    }
}

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_BYTES);
    limits
}

/// EXIF orientation, none where there is none. Of a TIFF, which is read whole for it, it is not asked.
fn orientation(path: &Path) -> Orientation {
    let read = || {
        let format = ImageReader::open(path).ok()?.with_guessed_format().ok()?.format()?;
        if format == image::ImageFormat::Tiff {
            return None;
        }
        let mut file = BufReader::new(File::open(path).ok()?);
        let exif = exif::Reader::new().read_from_container(&mut file).ok()?;
        let value = exif.get_field(exif::Tag::Orientation, exif::In::PRIMARY)?.value.get_uint(0)?;
        Orientation::from_exif(u8::try_from(value).ok()?)
    };
    catch_unwind(AssertUnwindSafe(read)).ok().flatten().unwrap_or(Orientation::NoTransforms)
}

fn turned(orientation: Orientation) -> bool {
    use Orientation as O;
    matches!(orientation, O::Rotate90 | O::Rotate270 | O::Rotate90FlipH | O::Rotate270FlipH)
}

/// Width and height as shown, read from the head of the file alone.
pub fn pixels(path: &Path) -> Option<(u32, u32)> {
    let read = || ImageReader::open(path).ok()?.with_guessed_format().ok()?.into_dimensions().ok();
    let (width, height) = catch_unwind(AssertUnwindSafe(read)).ok().flatten()?;
    Some(if turned(orientation(path)) { (height, width) } else { (width, height) })
}

/// The middle of an image as a square of at most `side` pixels, upright; or why there is none.
pub fn square(path: &Path, side: u32) -> Result<Picture, String> {
    let decode = || -> Result<Picture, String> {
        let mut file = BufReader::new(File::open(path).map_err(|e| e.kind().to_string())?);
        file.rewind().map_err(|e| e.kind().to_string())?;
        let mut reader = ImageReader::new(file).with_guessed_format().map_err(|e| e.kind().to_string())?;
        reader.limits(limits());
        let decoder = reader.into_decoder().map_err(|_| "the picture is broken".to_owned())?;
        let (width, height) = decoder.dimensions();
        if width > MAX_SIDE || height > MAX_SIDE || decoder.total_bytes() > MAX_BYTES {
            return Err(format!("{width} × {height} pixels are too many for a preview"));
        }
        let full = DynamicImage::from_decoder(decoder).map_err(|_| "the picture is broken".to_owned())?;
        let edge = width.min(height);
        let middle = full.crop_imm((width - edge) / 2, (height - edge) / 2, edge, edge);
        drop(full);
        let mut small = if edge > side { middle.thumbnail_exact(side, side) } else { middle };
        small.apply_orientation(orientation(path));
        let rgba = small.into_rgba8();
        Ok(Picture { width: rgba.width(), height: rgba.height(), rgba: rgba.into_raw() })
    };
    catch_unwind(AssertUnwindSafe(decode)).unwrap_or_else(|_| Err("the picture is broken".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(name: &str) -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/samples").join(name)
    }

    #[test]
    fn a_photograph_is_upright() {
        // Stored as 640 × 480 with EXIF orientation 6: shown as 480 × 640, blue sky above.
        assert_eq!(pixels(&sample("photo.jpg")), Some((480, 640)));
        let picture = square(&sample("photo.jpg"), 64).unwrap();
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
        assert!(square(&cut, 64).is_err());
        // The same head, but claiming 20,000 × 20,000 pixels.
        let mut bomb = whole.clone();
        bomb[16..20].copy_from_slice(&20_000u32.to_be_bytes());
        bomb[20..24].copy_from_slice(&20_000u32.to_be_bytes());
        let crc = crc32(&bomb[12..29]);
        bomb[29..33].copy_from_slice(&crc.to_be_bytes());
        let path = dir.path().join("bomb.png");
        std::fs::write(&path, &bomb).unwrap();
        assert!(square(&path, 64).is_err());
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
