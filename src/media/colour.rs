//! Colours of any profile made sRGB, which is what services and browsers take for granted.

use hoist_codecs::raster::Raster;
use hoist_codecs::yuv::ColourCoding;
use moxcms::{
    CicpColorPrimaries, CicpProfile, ColorProfile, DataColorSpace, Layout, MatrixCoefficients,
    TransferCharacteristics, TransformOptions,
};

/// Longer profiles are none.
const MAX_PROFILE: usize = 8 * 1024 * 1024;
/// So many pixels are converted at a time.
const PIECE: usize = 16 * 1024;

/// Converts a picture with an embedded profile. One that cannot be read is taken for sRGB, as everybody does.
pub(super) fn from_profile(raster: &mut Raster, icc: &[u8]) {
    if icc.len() > MAX_PROFILE || is_srgb(icc) {
        return;
    }
    if let Ok(profile) = ColorProfile::new_from_slice(icc) {
        convert(raster, &profile);
    }
}

/// Converts a picture whose container or codec says how its colours are meant.
pub(super) fn from_coding(raster: &mut Raster, coding: ColourCoding) {
    let primaries = match coding.primaries {
        9 => CicpColorPrimaries::Bt2020,
        11 => CicpColorPrimaries::Smpte431,
        12 => CicpColorPrimaries::Smpte432,
        _ => CicpColorPrimaries::Bt709,
    };
    let transfer = match coding.transfer {
        8 => TransferCharacteristics::Linear,
        16 => TransferCharacteristics::Smpte2084,
        18 => TransferCharacteristics::Hlg,
        _ => TransferCharacteristics::Srgb,
    };
    if primaries == CicpColorPrimaries::Bt709 && transfer == TransferCharacteristics::Srgb {
        return;
    }
    convert(
        raster,
        &ColorProfile::new_from_cicp(CicpProfile {
            color_primaries: primaries,
            transfer_characteristics: transfer,
            matrix_coefficients: MatrixCoefficients::Identity,
            full_range: true,
        }),
    );
}

/// Returns whether a profile names itself sRGB: most do, and need no work.
fn is_srgb(icc: &[u8]) -> bool {
    let names = |name: &[u8]| icc.windows(name.len()).any(|part| part == name);
    icc.len() < 64 * 1024
        && icc.get(16..20) == Some(b"RGB ")
        && (names(b"sRGB") || names(b"s\0R\0G\0B"))
        && !names(b"linear")
}

fn convert(raster: &mut Raster, profile: &ColorProfile) {
    let layout = match (profile.color_space, raster.channels) {
        (DataColorSpace::Rgb, 3) => Layout::Rgb,
        (DataColorSpace::Rgb, 4) => Layout::Rgba,
        (DataColorSpace::Gray, _) => return grey(raster, profile),
        _ => return,
    };
    let srgb = ColorProfile::new_srgb();
    let options = TransformOptions::default();
    let Ok(transform) = profile.create_transform_8bit(layout, &srgb, layout, options) else { return };
    let mut before = vec![0; PIECE * raster.channels];
    for piece in raster.data.chunks_mut(PIECE * raster.channels) {
        let before = &mut before[..piece.len()];
        before.copy_from_slice(piece);
        if transform.transform(before, piece).is_err() {
            return;
        }
    }
}

/// Converts grey, of which red, green and blue have the same.
fn grey(raster: &mut Raster, profile: &ColorProfile) {
    let srgb = ColorProfile::new_srgb();
    let Ok(transform) =
        profile.create_transform_8bit(Layout::Gray, &srgb, Layout::Rgb, TransformOptions::default())
    else {
        return;
    };
    let all: Vec<u8> = (0..=255).collect();
    let mut table = vec![0; 256 * 3];
    if transform.transform(&all, &mut table).is_ok() {
        for pixel in raster.data.chunks_exact_mut(raster.channels) {
            let from = usize::from(pixel[0]) * 3;
            pixel[..3].copy_from_slice(&table[from..from + 3]);
        }
    }
}

/// Makes red, green and blue of printing inks: by their profile, and else by what ink does to light. `inks` has four
/// bytes a pixel, 255 is all of an ink.
pub(super) fn from_inks(inks: &[u8], icc: Option<&[u8]>) -> Vec<u8> {
    let mut out = vec![0; inks.len() / 4 * 3];
    let by_profile = icc.filter(|icc| icc.len() <= MAX_PROFILE).and_then(|icc| {
        let profile = ColorProfile::new_from_slice(icc).ok()?;
        if profile.color_space != DataColorSpace::Cmyk {
            return None;
        }
        let srgb = ColorProfile::new_srgb();
        let options = TransformOptions::default();
        let transform = profile.create_transform_8bit(Layout::Rgba, &srgb, Layout::Rgb, options).ok()?;
        for (inks, rgb) in inks.chunks(PIECE * 4).zip(out.chunks_mut(PIECE * 3)) {
            transform.transform(inks, rgb).ok()?;
        }
        Some(())
    });
    if by_profile.is_none() {
        for (ink, rgb) in inks.chunks_exact(4).zip(out.chunks_exact_mut(3)) {
            let light = 255 - u32::from(ink[3]);
            for (ink, value) in ink.iter().zip(rgb) {
                *value = ((255 - u32::from(*ink)) * light / 255) as u8;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn display_p3_becomes_the_srgb_that_looks_the_same() {
        let icc = ColorProfile::new_display_p3().encode().unwrap();
        // Red of sRGB as Display P3 has it.
        let mut raster = Raster::new(1, 1, 3, vec![234, 51, 35]);
        from_profile(&mut raster, &icc);
        assert!(raster.data[0] >= 253 && raster.data[1] < 8 && raster.data[2] < 8, "{:?}", raster.data);
        let mut same = Raster::new(1, 1, 3, vec![234, 51, 35]);
        from_profile(&mut same, &ColorProfile::new_srgb().encode().unwrap());
        assert_eq!(same.data, [234, 51, 35]);
        from_profile(&mut same, b"no profile");
        assert_eq!(same.data, [234, 51, 35]);
    }

    #[test]
    fn inks_without_a_profile_darken_light() {
        assert_eq!(
            from_inks(&[0, 0, 0, 0, 255, 0, 0, 0, 0, 0, 0, 255], None),
            [255, 255, 255, 0, 255, 255, 0, 0, 0]
        );
    }
}
