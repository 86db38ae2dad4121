//! Pictures as other programs hand over pixels, in a form that providers take.

use std::io::Cursor;

use hoist_codecs::read::{PictureReader, decode};
use image::DynamicImage;

use super::error::ConvertError;
use super::guard::guarded;
use super::preview::{MAX_BYTES, MAX_SIDE, limits};
use crate::model::media::Media;

/// Returns whether programs hand over pixels in this form, and few providers take it.
pub fn is_of_pixels(media: Media) -> bool {
    matches!(media, Media::Bmp | Media::Tiff)
}

/// Returns the same picture as PNG.
pub fn to_png(bytes: &[u8]) -> Result<Vec<u8>, ConvertError> {
    let broken = |_| ConvertError::Broken;
    guarded(ConvertError::Broken, || {
        let reader =
            PictureReader::new(Box::new(Cursor::new(bytes))).map_err(|_| ConvertError::Unreadable)?;
        let decoder = reader.into_decoder(limits()).map_err(broken)?;
        let (width, height) = decoder.dimensions();
        if width > MAX_SIDE || height > MAX_SIDE || decoder.total_bytes() > MAX_BYTES {
            return Err(ConvertError::TooLarge(width, height));
        }
        let image = match decode(decoder).map_err(broken)? {
            // PNG knows whole numbers only.
            image @ (DynamicImage::ImageRgb32F(_) | DynamicImage::ImageRgba32F(_)) => {
                DynamicImage::ImageRgba16(image.into_rgba16())
            }
            image => image,
        };
        hoist_codecs::png::encode(&image).map_err(|_| ConvertError::Unwritable)
    })
}

#[cfg(test)]
mod tests {
    use image::{ImageFormat, RgbaImage};

    use super::*;

    fn encoded(format: ImageFormat) -> Vec<u8> {
        let image = RgbaImage::from_fn(7, 5, |x, y| image::Rgba([x as u8 * 30, y as u8 * 50, 9, 255]));
        let mut out = Cursor::new(vec![]);
        DynamicImage::ImageRgba8(image).write_to(&mut out, format).unwrap();
        out.into_inner()
    }

    #[test]
    fn not_a_pixel_changes() {
        let before = image::load_from_memory(&encoded(ImageFormat::Png)).unwrap().into_rgba8();
        for format in [ImageFormat::Bmp, ImageFormat::Tiff] {
            let png = to_png(&encoded(format)).unwrap();
            assert_eq!(image::guess_format(&png).unwrap(), ImageFormat::Png);
            assert_eq!(image::load_from_memory(&png).unwrap().into_rgba8(), before, "{format:?}");
        }
    }

    #[test]
    fn broken_and_huge_pictures_are_refused() {
        let bmp = encoded(ImageFormat::Bmp);
        assert!(to_png(&bmp[..bmp.len() / 2]).is_err());
        assert!(to_png(b"BM").is_err());
        let mut huge = bmp.clone();
        huge[18..22].copy_from_slice(&30_000_i32.to_le_bytes());
        huge[22..26].copy_from_slice(&30_000_i32.to_le_bytes());
        let said = to_png(&huge).unwrap_err().to_string();
        assert!(said.contains("too many") || said.contains("damaged"), "{said}");
    }
}
