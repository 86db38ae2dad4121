//! Pictures of every type that the `image` crate reads.

use std::io::{self, BufRead, Seek};

use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, ImageResult, Limits};

/// Where the bytes of a picture come from: a file, or memory.
pub trait Input: BufRead + Seek {}

impl<T: BufRead + Seek> Input for T {}

/// A picture whose type is known, and nothing else yet.
pub struct PictureReader<'a>(ImageReader<Box<dyn Input + 'a>>);

impl<'a> PictureReader<'a> {
    /// Finds the type by the first bytes.
    pub fn new(input: Box<dyn Input + 'a>) -> io::Result<PictureReader<'a>> {
        ImageReader::new(input).with_guessed_format().map(PictureReader)
    }

    /// Takes a type as it is known.
    pub fn with_format(input: Box<dyn Input + 'a>, format: ImageFormat) -> PictureReader<'a> {
        PictureReader(ImageReader::with_format(input, format))
    }

    /// Returns the type, where it is one that can be read.
    pub fn format(&self) -> Option<ImageFormat> {
        self.0.format()
    }

    /// Reads what stands before the pixels.
    pub fn into_decoder(mut self, limits: Limits) -> ImageResult<Box<dyn ImageDecoder + 'a>> {
        self.0.limits(limits);
        Ok(Box::new(self.0.into_decoder()?))
    }

    /// Reads width and height, in pixels as stored.
    pub fn into_dimensions(self) -> ImageResult<(u32, u32)> {
        self.0.into_dimensions()
    }
}

/// Reads the pixels of a picture that has three bytes for each, into memory that was used before where that suffices.
pub fn decode_rgb8(decoder: Box<dyn ImageDecoder + '_>, spare: Vec<u8>) -> ImageResult<Vec<u8>> {
    let bytes = usize::try_from(decoder.total_bytes()).unwrap_or(usize::MAX);
    let mut pixels = if spare.capacity() < bytes {
        vec![0; bytes]
    } else {
        // A decoder may leave pixels out: nothing of the picture before stands there.
        let mut pixels = spare;
        pixels.clear();
        pixels.resize(bytes, 0);
        pixels
    };
    decoder.read_image_boxed(&mut pixels)?;
    Ok(pixels)
}

/// Reads the pixels.
pub fn decode(decoder: Box<dyn ImageDecoder + '_>) -> ImageResult<DynamicImage> {
    DynamicImage::from_decoder(decoder)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use image::{Rgb, RgbImage};

    use super::*;

    #[test]
    fn used_memory_holds_the_picture_and_nothing_of_the_one_before() {
        let picture = RgbImage::from_fn(31, 9, |x, y| Rgb([x as u8 * 8, y as u8 * 20, 90]));
        let mut file = vec![];
        picture.write_to(&mut Cursor::new(&mut file), ImageFormat::Png).unwrap();
        let decoder = || {
            let reader = PictureReader::with_format(Box::new(Cursor::new(&file)), ImageFormat::Png);
            reader.into_decoder(Limits::default()).unwrap()
        };
        for spare in [vec![], vec![7; 12], vec![7; 31 * 9 * 3], vec![7; 5000]] {
            let kept = spare.as_ptr();
            let fits = spare.capacity() >= picture.len();
            let pixels = decode_rgb8(decoder(), spare).unwrap();
            assert_eq!(pixels, *picture.as_raw());
            assert_eq!(pixels.as_ptr() == kept, fits);
        }
    }
}
