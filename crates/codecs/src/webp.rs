//! WebP, with loss.

use webp::Encoder;

/// Returns pixels of three or four channels as WebP; none where libwebp does not write it.
pub fn encode(data: &[u8], channels: usize, (width, height): (u32, u32), quality: u8) -> Option<Vec<u8>> {
    let encoder = match channels {
        4 => Encoder::from_rgba(data, width, height),
        _ => Encoder::from_rgb(data, width, height),
    };
    encoder.encode_simple(false, f32::from(quality)).ok().map(|bytes| bytes.to_vec())
}
