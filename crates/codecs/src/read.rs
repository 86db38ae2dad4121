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

/// Reads the pixels.
pub fn decode(decoder: Box<dyn ImageDecoder + '_>) -> ImageResult<DynamicImage> {
    DynamicImage::from_decoder(decoder)
}
