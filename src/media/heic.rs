//! Pictures coded as HEVC (HEIC): tile by tile, each made smaller on the way where a small picture is wanted.

use heic_decoder::hevc::ctu::Picture;
use heic_decoder::hevc::nal::NAL_SPS;
use heic_decoder::hevc::params::{Sps, parse_sps};
use heic_decoder::isobmff::{HevcDecoderConfig, HevcNalArray, ResolvedImage};
use heic_decoder::{ColorInfo, HeifError, decode_one_image};
use hoist_codecs::yuv::{CodedPlane, CodedSamples, ColourCoding, Planes, Samples};
use parking_lot::Mutex;

use super::colour;
use super::heif_items::{CodedPicture, HeifItems};
use super::heif_picture::{HeifError as PictureError, HeifPicture, MAX_HEVC, Turns};
use super::mp4::u16_at;

impl From<HeifError> for PictureError {
    fn from(error: HeifError) -> PictureError {
        match error {
            HeifError::Unsupported(_) => PictureError::Unsupported,
            HeifError::LimitExceeded(_) => PictureError::TooLarge,
            _ => PictureError::Broken,
        }
    }
}

/// A picture, or one of its opacity, before it is decoded.
struct HevcPicture {
    /// Row by row.
    tiles: Vec<ResolvedImage>,
    /// Width and height of the whole, and tiles in a row, where it has more than one.
    grid: Option<(usize, usize, usize)>,
}

impl HevcPicture {
    fn of(coded: CodedPicture<'_>) -> Result<HevcPicture, PictureError> {
        let grid = (coded.columns > 0).then(|| {
            let (width, height) = coded.size;
            (width as usize, height as usize, coded.columns)
        });
        let tiles = coded.tiles.into_iter().map(|tile| {
            let hevc_config = setup(tile.setup).ok_or(PictureError::Unsupported)?;
            Ok(ResolvedImage { hevc_config, data: tile.bytes })
        });
        Ok(HevcPicture { tiles: tiles.collect::<Result<_, PictureError>>()?, grid })
    }

    fn first(&self) -> Result<Sps, PictureError> {
        parameters(self.tiles.first().ok_or(PictureError::Broken)?)
    }

    /// Returns width and height before turns, and the pixels of the largest part that is decoded at once.
    fn size(&self) -> Result<(usize, usize, u64), PictureError> {
        let mut single = 0;
        for tile in &self.tiles {
            let sps = parameters(tile)?;
            let pixels = u64::from(sps.pic_width_in_luma_samples) * u64::from(sps.pic_height_in_luma_samples);
            single = single.max(pixels);
        }
        if let Some((width, height, _)) = self.grid {
            return Ok((width, height, single));
        }
        let (width, height) = shown(&self.first()?).ok_or(PictureError::Broken)?;
        Ok((width, height, single))
    }
}

/// Returns what a decoder is told before: the content of `hvcC`.
fn setup(content: &[u8]) -> Option<HevcDecoderConfig> {
    let mut config =
        HevcDecoderConfig { length_size_minus_one: content.get(21)? & 3, ..HevcDecoderConfig::default() };
    let mut at = 23;
    for _ in 0..*content.get(22)? {
        let nal_unit_type = content.get(at)? & 0x3f;
        let count = u16_at(content, at + 1);
        at += 3;
        let mut nalus = vec![];
        for _ in 0..count {
            let length = usize::from(u16_at(content, at));
            nalus.push(content.get(at + 2..at + 2 + length)?.to_vec());
            at += 2 + length;
        }
        config.arrays.push(HevcNalArray { nal_unit_type, nalus });
    }
    Some(config)
}

/// Decodes the picture that is shown first, each side divided by `reduce`.
pub(super) fn decode(bytes: &[u8], reduce: usize, max_pixels: u64) -> Result<HeifPicture, PictureError> {
    let Some(items) = HeifItems::read(bytes) else { return first_of_sequence(bytes, reduce, max_pixels) };
    let coded = items.picture()?;
    let (turns, icc, nclx) = (coded.turns.clone(), coded.icc.clone(), coded.nclx);
    let picture = HevcPicture::of(coded)?;
    let (width, height, single) = picture.size()?;
    check(width, height, single, reduce, max_pixels)?;
    let said = nclx.map(|(primaries, transfer, matrix, full_range)| ColourCoding {
        primaries,
        transfer,
        matrix,
        full_range,
    });
    let mut planes = assembled(&picture, (width, height), reduce, said)?;
    drop(picture);
    if let Some(alpha) = items.alpha() {
        let alpha = HevcPicture::of(alpha)?;
        let (alpha_width, alpha_height, single) = alpha.size()?;
        if (alpha_width, alpha_height) == (width, height) {
            check(width, height, single, reduce, max_pixels)?;
            planes.alpha = Some(assembled(&alpha, (width, height), reduce, None)?.y);
        }
    }
    Ok(HeifPicture { planes, turns: turns.reduced(reduce), icc, is_premultiplied: items.is_premultiplied() })
}

/// Decodes the first picture of a file that has no list of pictures, but a track of them.
fn first_of_sequence(bytes: &[u8], reduce: usize, max_pixels: u64) -> Result<HeifPicture, PictureError> {
    let parsed = heic_decoder::isobmff::parse(bytes)?;
    let picture = HevcPicture { tiles: parsed.images, grid: None };
    let (width, height, single) = picture.size()?;
    check(width, height, single, reduce, max_pixels)?;
    let said = parsed.metadata.color_info.map(coding);
    let planes = assembled(&picture, (width, height), reduce, said)?;
    let (turns, icc) = (Turns::default(), parsed.metadata.icc_profile);
    Ok(HeifPicture { planes, turns, icc, is_premultiplied: false })
}

/// Returns an error where a picture needs more memory than there is for it.
fn check(
    width: usize,
    height: usize,
    single: u64,
    reduce: usize,
    max_pixels: u64,
) -> Result<(), PictureError> {
    let reduced = (width as u64).div_ceil(reduce as u64) * (height as u64).div_ceil(reduce as u64);
    if reduced > max_pixels || single > MAX_HEVC.min(max_pixels.saturating_mul(2)) {
        return Err(PictureError::TooLarge);
    }
    Ok(())
}

/// Returns width and height of a decoded picture without its padding.
fn shown(sps: &Sps) -> Option<(usize, usize)> {
    let [left, right, top, bottom] = sps.conformance_window;
    let width = sps.pic_width_in_luma_samples.checked_sub(left.saturating_add(right))?;
    let height = sps.pic_height_in_luma_samples.checked_sub(top.saturating_add(bottom))?;
    (width > 0 && height > 0).then_some((width as usize, height as usize))
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

fn coding(info: ColorInfo) -> ColourCoding {
    ColourCoding {
        primaries: info.color_primaries,
        transfer: info.transfer_characteristics,
        matrix: info.matrix_coefficients,
        full_range: info.full_range,
    }
}

/// Decodes all tiles, as many at a time as there are cores, and puts each where it belongs. `said`: what the container
/// says of its colours; else the tiles do.
fn assembled(
    picture: &HevcPicture,
    (width, height): (usize, usize),
    reduce: usize,
    said: Option<ColourCoding>,
) -> Result<Planes, PictureError> {
    let first = picture.first()?;
    let (columns, expected) = (picture.grid.map_or(1, |(_, _, columns)| columns), picture.tiles.len());
    let format = first.chroma_format_idc;
    let (sub_x, sub_y) = subsampling(format);
    // Without a word on it cameras mean BT.601 in full range.
    let usual = ColourCoding { primaries: 1, transfer: 13, matrix: 6, full_range: true };
    let coding = said.or(first.color_info.map(coding)).unwrap_or(usual);
    let reduced = |n: usize| n.div_ceil(reduce);
    let is_deep = colour::is_deep(coding, first.bit_depth_luma, reduced(width) * reduced(height));
    let plane = if is_deep { Samples::deep } else { Samples::new };
    let chroma = |width: usize, height: usize| match format {
        0 => Samples::default(),
        _ => plane(reduced(width.div_ceil(sub_x)), reduced(height.div_ceil(sub_y))),
    };
    let planes = Planes {
        y: plane(reduced(width), reduced(height)),
        cb: chroma(width, height),
        cr: chroma(width, height),
        alpha: None,
        coding,
    };
    let tile = match picture.grid {
        Some(_) => shown(&first).ok_or(PictureError::Broken)?,
        None => (width, height),
    };
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
                    decode_one_image(&picture.tiles[index])
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
    done.map(|()| planes)
}

fn subsampling(format: u32) -> (usize, usize) {
    match format {
        1 => (2, 2),
        2 => (2, 1),
        _ => (1, 1),
    }
}

/// Puts a decoded tile onto the canvas, without its padding.
fn put(canvas: &mut Planes, sps: &Sps, decoded: Picture, (left, top): (usize, usize), reduce: usize) {
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
    one(&mut canvas.y, decoded.y, (1, 1));
    one(&mut canvas.cb, decoded.cb, (sub_x, sub_y));
    one(&mut canvas.cr, decoded.cr, (sub_x, sub_y));
}
