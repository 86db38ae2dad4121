//! Pictures in another size.

use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::{U8x3, U8x4};
use fast_image_resize::{FilterType, PixelTrait, ResizeAlg, ResizeOptions, Resizer};

/// Scales pixels of three or four channels from a size to another; none where they are not as many as said.
pub fn scale(data: &[u8], channels: usize, from: (u32, u32), to: (u32, u32)) -> Option<Vec<u8>> {
    // Of the two kinds of pixels there are: the library builds a scaler for each kind that could come.
    match channels {
        4 => typed::<U8x4>(data, channels, from, to),
        3 => typed::<U8x3>(data, channels, from, to),
        _ => None,
    }
}

fn typed<P: PixelTrait>(
    data: &[u8],
    channels: usize,
    from: (u32, u32),
    (width, height): (u32, u32),
) -> Option<Vec<u8>> {
    let mut out = vec![0; width as usize * height as usize * channels];
    let from = TypedImageRef::<P>::from_buffer(from.0, from.1, data).ok()?;
    let mut to = TypedImage::<P>::from_buffer(width, height, &mut out).ok()?;
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3));
    Resizer::new().resize_typed(&from, &mut to, &options).ok()?;
    Some(out)
}
