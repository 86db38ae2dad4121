//! Pictures coded as HEVC (HEIC): tile by tile, each made smaller on the way where a small picture is wanted.

use heic_decoder::hevc::ctu::Picture;
use heic_decoder::hevc::nal::NAL_SPS;
use heic_decoder::hevc::params::{Sps, parse_sps};
use heic_decoder::isobmff::{ParsedHeif, ResolvedImage, Transform, parse};
use heic_decoder::{ColorInfo, HeifError, decode_one_image};
use hoist_codecs::yuv::{CodedPlane, CodedSamples, ColourCoding, Planes, Samples};
use parking_lot::Mutex;

use super::heif_picture::{HeifError as PictureError, HeifPicture, Turns};

/// A picture that is no grid of tiles is decoded whole: five bytes a sample, beside what it is made of.
const MAX_SINGLE: u64 = 33_000_000;

impl From<HeifError> for PictureError {
    fn from(error: HeifError) -> PictureError {
        match error {
            HeifError::Unsupported(_) => PictureError::Unsupported,
            HeifError::LimitExceeded(_) => PictureError::TooLarge,
            _ => PictureError::Broken,
        }
    }
}

/// Decodes the picture that is shown first, each side divided by `reduce`.
pub(super) fn decode(bytes: &[u8], reduce: usize, max_pixels: u64) -> Result<HeifPicture, PictureError> {
    let mut parsed = parse(bytes)?;
    let (width, height, single) = size(&parsed)?;
    let reduced = (width as u64).div_ceil(reduce as u64) * (height as u64).div_ceil(reduce as u64);
    if reduced > max_pixels || single > MAX_SINGLE.min(max_pixels.saturating_mul(2)) {
        return Err(PictureError::TooLarge);
    }
    let metadata = std::mem::take(&mut parsed.metadata);
    let (mut planes, own) = assembled(&parsed, (width, height), reduce)?;
    let info = metadata.color_info.or(own);
    planes.coding = coding(info);
    if let Some(alpha) = &parsed.alpha {
        let (alpha_width, alpha_height, _) = size(&alpha.image)?;
        if (alpha_width, alpha_height) == (width, height) {
            planes.alpha = Some(assembled(&alpha.image, (width, height), reduce)?.0.y);
        }
    }
    let mut turns = Turns::default();
    for transform in &parsed.transforms {
        match transform {
            Transform::CleanAperture(crop) => {
                let whole = |(n, of): (u32, u32)| n.checked_div(of).unwrap_or(0) as usize / reduce;
                let offset = |(n, of): (i32, u32)| {
                    n.checked_div(i32::try_from(of).unwrap_or(1)).unwrap_or(0) / reduce as i32
                };
                turns.crop(
                    (whole(crop.width), whole(crop.height)),
                    (offset(crop.horizontal_offset), offset(crop.vertical_offset)),
                );
            }
            Transform::Rotate90Ccw(quarters) => turns.rotate(*quarters),
            Transform::MirrorVertical => turns.mirror(false),
            Transform::MirrorHorizontal => turns.mirror(true),
        }
    }
    Ok(HeifPicture { planes, turns, icc: metadata.icc_profile })
}

/// Returns width and height before turns, and the pixels of the largest part that is decoded at once.
fn size(parsed: &ParsedHeif) -> Result<(usize, usize, u64), PictureError> {
    let mut single = 0;
    for image in &parsed.images {
        let sps = parameters(image)?;
        let pixels = u64::from(sps.pic_width_in_luma_samples) * u64::from(sps.pic_height_in_luma_samples);
        single = single.max(pixels);
    }
    if let Some(grid) = parsed.grid {
        return Ok((grid.output_width as usize, grid.output_height as usize, single));
    }
    let sps = parameters(parsed.images.first().ok_or(PictureError::Broken)?)?;
    let [left, right, top, bottom] = sps.conformance_window;
    let width = sps.pic_width_in_luma_samples.checked_sub(left.saturating_add(right));
    let height = sps.pic_height_in_luma_samples.checked_sub(top.saturating_add(bottom));
    match (width, height) {
        (Some(width), Some(height)) if width > 0 && height > 0 => {
            Ok((width as usize, height as usize, single))
        }
        _ => Err(PictureError::Broken),
    }
}

fn parameters(image: &ResolvedImage) -> Result<Sps, PictureError> {
    for nal in image.hevc_config.nalus_of_type(NAL_SPS) {
        let (header, payload) = heic_decoder::hevc::nal::parse_nal_header(nal)?;
        if header.nal_unit_type == NAL_SPS && header.nuh_layer_id == 0 {
            return Ok(parse_sps(&heic_decoder::bitreader::strip_emulation_prevention(payload))?);
        }
    }
    Err(PictureError::Broken)
}

fn coding(info: Option<ColorInfo>) -> ColourCoding {
    // Without a word on it cameras mean BT.601 in full range.
    info.map_or(ColourCoding { primaries: 1, transfer: 13, matrix: 6, full_range: true }, |info| {
        ColourCoding {
            primaries: info.color_primaries,
            transfer: info.transfer_characteristics,
            matrix: info.matrix_coefficients,
            full_range: info.full_range,
        }
    })
}

/// Decodes all tiles, as many at a time as there are cores, and puts each where it belongs.
fn assembled(
    parsed: &ParsedHeif,
    (width, height): (usize, usize),
    reduce: usize,
) -> Result<(Planes, Option<ColorInfo>), PictureError> {
    let columns = parsed.grid.map_or(1, |grid| grid.columns as usize);
    let expected = parsed.grid.map_or(1, |grid| grid.rows as usize * grid.columns as usize);
    if parsed.images.len() < expected {
        return Err(PictureError::Broken);
    }
    let first = parameters(parsed.images.first().ok_or(PictureError::Broken)?)?;
    let format = first.chroma_format_idc;
    let (sub_x, sub_y) = subsampling(format);
    let reduced = |n: usize| n.div_ceil(reduce);
    let planes = Planes {
        y: Samples::new(reduced(width), reduced(height)),
        cb: chroma(format, reduced(width.div_ceil(sub_x)), reduced(height.div_ceil(sub_y))),
        cr: chroma(format, reduced(width.div_ceil(sub_x)), reduced(height.div_ceil(sub_y))),
        alpha: None,
        coding: coding(None),
    };
    let tile = (
        first.pic_width_in_luma_samples as usize
            - (first.conformance_window[0].saturating_add(first.conformance_window[1]))
                .min(first.pic_width_in_luma_samples - 1) as usize,
        first.pic_height_in_luma_samples as usize
            - (first.conformance_window[2].saturating_add(first.conformance_window[3]))
                .min(first.pic_height_in_luma_samples - 1) as usize,
    );
    let tile = if parsed.grid.is_some() { tile } else { (width, height) };
    let canvas = Mutex::new((planes, Ok(())));
    let next = std::sync::atomic::AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(1, |n| n.get()).min(4).min(expected);
    std::thread::scope(|scope| {
        let work = || {
            loop {
                let index = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                if index >= expected || canvas.lock().1.is_err() {
                    return;
                }
                // A decoder may panic on a forged tile; the picture is broken then, and nothing else.
                let decoded = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                    decode_one_image(&parsed.images[index])
                }));
                let mut canvas = canvas.lock();
                match decoded {
                    Ok(Ok((sps, picture))) if sps.chroma_format_idc == format => {
                        let at = (index % columns * tile.0, index / columns * tile.1);
                        put(&mut canvas.0, &sps, picture, at, reduce);
                    }
                    Ok(Err(error)) => canvas.1 = Err(PictureError::from(error)),
                    _ => canvas.1 = Err(PictureError::Broken),
                }
            }
        };
        for _ in 1..threads {
            scope.spawn(work);
        }
        work();
    });
    let (planes, done) = canvas.into_inner();
    done?;
    Ok((planes, first.color_info))
}

fn subsampling(format: u32) -> (usize, usize) {
    match format {
        1 => (2, 2),
        2 => (2, 1),
        _ => (1, 1),
    }
}

fn chroma(format: u32, width: usize, height: usize) -> Samples {
    if format == 0 { Samples::default() } else { Samples::new(width, height) }
}

/// Puts a decoded tile onto the canvas, without its padding.
fn put(canvas: &mut Planes, sps: &Sps, picture: Picture, (left, top): (usize, usize), reduce: usize) {
    let [crop_left, crop_right, crop_top, crop_bottom] = sps.conformance_window.map(|n| n as usize);
    let (sub_x, sub_y) = subsampling(sps.chroma_format_idc);
    let one = |target: &mut Samples, plane: heic_decoder::hevc::ctu::Plane, sub: (usize, usize)| {
        if target.data.is_empty() {
            return;
        }
        let (stride, depth) = (plane.width, plane.bit_depth);
        let (from_x, from_y) = (crop_left / sub.0, crop_top / sub.1);
        let width = plane.width.saturating_sub((crop_left + crop_right) / sub.0);
        let height = plane.height.saturating_sub((crop_top + crop_bottom) / sub.1);
        let words = plane.into_samples();
        let samples = CodedSamples::Words(&words);
        let part = CodedPlane { samples, stride, from: (from_x, from_y), size: (width, height), depth };
        target.put((left / sub.0 / reduce, top / sub.1 / reduce), &part, reduce);
    };
    one(&mut canvas.y, picture.y, (1, 1));
    one(&mut canvas.cb, picture.cb, (sub_x, sub_y));
    one(&mut canvas.cr, picture.cr, (sub_x, sub_y));
}
