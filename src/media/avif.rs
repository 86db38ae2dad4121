//! Pictures coded as AV1 (AVIF).

use hoist_codecs::yuv::{CodedPlane, CodedSamples, ColourCoding, Planes, Samples};
use re_rav1d::dav1d::{Decoder, PixelLayout, PlanarImageComponent, Settings};

use super::colour;
use super::heif_items::{CodedPicture, HeifItems};
use super::heif_picture::{HeifError, HeifPicture, MAX_AV1};

/// Decodes the picture that is shown first, each side divided by `reduce`.
pub(super) fn decode(bytes: &[u8], reduce: usize, max_pixels: u64) -> Result<HeifPicture, HeifError> {
    let items = HeifItems::read(bytes).ok_or(HeifError::Broken)?;
    let coded = items.picture()?;
    let (width, height) = coded.size;
    let reduced = u64::from(width).div_ceil(reduce as u64) * u64::from(height).div_ceil(reduce as u64);
    if reduced > max_pixels {
        return Err(HeifError::TooLarge);
    }
    let tile = MAX_AV1.min(max_pixels.saturating_mul(4));
    let mut planes = assembled(&coded, reduce, tile)?;
    if let Some(alpha) = items.alpha().filter(|alpha| alpha.size == coded.size) {
        let alpha = assembled(&alpha, reduce, tile)?.y;
        planes.alpha = ((alpha.width, alpha.height) == (planes.y.width, planes.y.height)).then_some(alpha);
    }
    let (turns, is_premultiplied) = (coded.turns.reduced(reduce), items.is_premultiplied());
    Ok(HeifPicture { planes, turns, icc: coded.icc, is_premultiplied })
}

fn assembled(coded: &CodedPicture<'_>, reduce: usize, max_tile: u64) -> Result<Planes, HeifError> {
    let columns = coded.columns.max(1);
    let size = (coded.size.0 as usize, coded.size.1 as usize);
    let mut canvas: Option<Planes> = None;
    for (index, tile) in coded.tiles.iter().enumerate() {
        let picture = decoded(tile.bytes.clone(), max_tile)?;
        let (width, height) = (picture.width() as usize, picture.height() as usize);
        let (sub_x, sub_y) = match picture.pixel_layout() {
            PixelLayout::I420 => (2, 2),
            PixelLayout::I422 => (2, 1),
            PixelLayout::I444 | PixelLayout::I400 => (1, 1),
        };
        let is_grey = picture.pixel_layout() == PixelLayout::I400;
        let whole = if coded.columns == 0 { (width, height) } else { size };
        let depth = picture.bits_per_component().map_or(8, |bits| bits.0) as u32;
        let canvas = canvas.get_or_insert_with(|| {
            let coding = match coded.nclx {
                Some((primaries, transfer, matrix, full_range)) => {
                    ColourCoding { primaries, transfer, matrix, full_range }
                }
                None => coding(&picture),
            };
            let reduced = |n: usize| n.div_ceil(reduce);
            let is_deep = colour::is_deep(coding, depth, reduced(whole.0) * reduced(whole.1));
            let plane = |sub: (usize, usize)| {
                let new = if is_deep { Samples::deep } else { Samples::new };
                new(reduced(whole.0.div_ceil(sub.0)), reduced(whole.1.div_ceil(sub.1)))
            };
            let colour = || if is_grey { Samples::default() } else { plane((sub_x, sub_y)) };
            Planes { y: plane((1, 1)), cb: colour(), cr: colour(), alpha: None, coding }
        });
        let (left, top) = (index % columns * width, index / columns * height);
        let put = |target: &mut Samples, component: PlanarImageComponent, sub: (usize, usize)| {
            let (width, height) = (width.div_ceil(sub.0), height.div_ceil(sub.1));
            let stride = picture.stride(component) as usize;
            let plane = picture.plane(component);
            let bytes: &[u8] = &plane;
            let samples = if depth == 8 { CodedSamples::Bytes(bytes) } else { CodedSamples::Pairs(bytes) };
            let part = CodedPlane { samples, stride, from: (0, 0), size: (width, height), depth };
            target.put((left / sub.0 / reduce, top / sub.1 / reduce), &part, reduce);
        };
        put(&mut canvas.y, PlanarImageComponent::Y, (1, 1));
        if !is_grey && !canvas.cb.data.is_empty() {
            put(&mut canvas.cb, PlanarImageComponent::U, (sub_x, sub_y));
            put(&mut canvas.cr, PlanarImageComponent::V, (sub_x, sub_y));
        }
    }
    canvas.filter(|planes| !planes.y.data.is_empty()).ok_or(HeifError::Broken)
}

/// Decodes one frame.
fn decoded(bytes: Vec<u8>, max_pixels: u64) -> Result<re_rav1d::dav1d::Picture, HeifError> {
    // The decoder ends the process over no bytes at all, where it is built with its checks.
    if bytes.is_empty() {
        return Err(HeifError::Broken);
    }
    let mut settings = Settings::new();
    settings.set_n_threads(2);
    settings.set_max_frame_delay(1);
    settings.set_frame_size_limit(u32::try_from(max_pixels).unwrap_or(u32::MAX));
    let mut decoder = Decoder::with_settings(&settings).map_err(|_| HeifError::Unsupported)?;
    let mut sent = decoder.send_data(bytes, None, None, None);
    // It asks for patience as often as it has threads, and not for ever.
    for _ in 0..64 {
        match decoder.get_picture() {
            Ok(picture) => return Ok(picture),
            Err(error) if error.is_again() => {}
            Err(_) => return Err(HeifError::Broken),
        }
        match sent {
            Err(error) if error.is_again() => sent = decoder.send_pending_data(),
            Err(_) => return Err(HeifError::Broken),
            Ok(()) => {}
        }
    }
    Err(HeifError::Broken)
}

fn coding(picture: &re_rav1d::dav1d::Picture) -> ColourCoding {
    use re_rav1d::dav1d::pixel::{ColorPrimaries, MatrixCoefficients, TransferCharacteristic, YUVRange};
    ColourCoding {
        primaries: match picture.color_primaries() {
            ColorPrimaries::BT2020 => 9,
            ColorPrimaries::P3Display => 12,
            ColorPrimaries::P3DCI => 11,
            _ => 1,
        },
        transfer: match picture.transfer_characteristic() {
            TransferCharacteristic::PerceptualQuantizer => 16,
            TransferCharacteristic::HybridLogGamma => 18,
            TransferCharacteristic::Linear => 8,
            _ => 13,
        },
        matrix: match picture.matrix_coefficients() {
            MatrixCoefficients::Identity => 0,
            MatrixCoefficients::BT709 => 1,
            MatrixCoefficients::BT2020NonConstantLuminance | MatrixCoefficients::BT2020ConstantLuminance => 9,
            _ => 6,
        },
        full_range: picture.color_range() == YUVRange::Full,
    }
}
