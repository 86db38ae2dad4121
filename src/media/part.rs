//! A part of a picture, each of its pixels: for those who compare a file with its copy.

use super::error::PreviewError;
use super::guard::guarded;
use super::picture;
use super::preview::{self, Picture, Preview, of_problem};
use crate::model::media::FileFacts;

/// Pixels in memory, at most: of 64 megapixels three bytes each. One part is read at a time.
const MAX_BYTES: u64 = 192 * 1024 * 1024;

/// No side of a part is longer: four bytes a pixel.
pub const MAX_PART: u32 = 2048;

/// Where a part lies in a picture, in pixels of one of a size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PicturePart {
    /// In pixels from the left edge.
    pub left: u32,
    /// In pixels from the upper edge.
    pub top: u32,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// Width and height of all of it.
    pub whole: (u32, u32),
}

/// What there is to see of one of two files that are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ComparedView {
    /// All of it within so many pixels, or its waveform.
    Whole((u32, u32)),
    /// Each pixel of a part.
    Part(PicturePart),
}

/// What one of two files that are compared looks like.
#[derive(Debug)]
pub enum ComparedPicture {
    /// All of it, or its waveform.
    Whole(Result<Preview, PreviewError>),
    /// A part, and where it lies.
    Part(Result<(Picture, PicturePart), PreviewError>),
}

impl PicturePart {
    /// Returns the same part of a picture of another size, its edges moved outwards to the next pixel.
    fn of_size(self, whole: (u32, u32)) -> PicturePart {
        let along = |from: u32, length: u32, own: u32, other: u32| {
            let (own, other) = (u64::from(own.max(1)), u64::from(other));
            let start = (u64::from(from) * other / own).min(other.saturating_sub(1));
            let end =
                ((u64::from(from) + u64::from(length)) * other).div_ceil(own).clamp(start + 1, other.max(1));
            (start as u32, ((end - start) as u32).min(MAX_PART))
        };
        let (left, width) = along(self.left, self.width, self.whole.0, whole.0);
        let (top, height) = along(self.top, self.height, self.whole.1, whole.1);
        PicturePart { left, top, width, height, whole }
    }
}

/// Reads a part of a picture, upright and in sRGB; where the picture has another size than is said, the same part of it.
pub(super) fn read(facts: &FileFacts, part: PicturePart) -> Result<(Picture, PicturePart), PreviewError> {
    let media = facts.recognised.media().filter(|media| preview::can_decode(*media));
    let media = media.ok_or(PreviewError::NotDecoded)?;
    guarded(PreviewError::BrokenPicture, || {
        let raster = of_problem(picture::read(&facts.path, media, MAX_BYTES, vec![]), facts.pixels)?;
        let part = part.of_size(raster.size());
        let (channels, mut row, mut rgba) = (raster.channels, vec![], vec![]);
        for y in part.top..part.top + part.height {
            raster.row(y, &mut row);
            let from = part.left as usize * channels;
            let pixels = &row[from..from + part.width as usize * channels];
            match channels {
                4 => rgba.extend_from_slice(pixels),
                _ => rgba.extend(pixels.chunks_exact(3).flat_map(|p| [p[0], p[1], p[2], 255])),
            }
        }
        Ok((Picture { width: part.width, height: part.height, rgba }, part))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::media::{DetectedType, Media};

    #[test]
    fn a_part_has_the_pixels_of_the_picture_and_the_same_part_of_a_smaller_one_is_smaller() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.png");
        image::RgbImage::from_fn(200, 100, |x, y| image::Rgb([x as u8, y as u8, 7])).save(&path).unwrap();
        let facts = FileFacts { path, recognised: DetectedType::Known(Media::Png), ..FileFacts::default() };
        let part = PicturePart { left: 50, top: 20, width: 10, height: 5, whole: (200, 100) };
        let (picture, is) = read(&facts, part).unwrap();
        assert_eq!((is, picture.width, picture.height), (part, 10, 5));
        assert_eq!(picture.rgba[..8], [50, 20, 7, 255, 51, 20, 7, 255]);
        assert_eq!(picture.rgba[picture.rgba.len() - 4..], [59, 24, 7, 255]);
        // Asked for by the pixels of one that is four times as large.
        let large = PicturePart { left: 201, top: 80, width: 38, height: 20, whole: (800, 400) };
        assert_eq!(read(&facts, large).unwrap().1, part);
        // Beyond the edge there is nothing.
        let over = PicturePart { left: 195, top: 99, width: 900, height: 900, whole: (200, 100) };
        let (picture, _) = read(&facts, over).unwrap();
        assert_eq!((picture.width, picture.height), (5, 1));
    }
}
