//! Colours of any profile made sRGB, which is what services and browsers take for granted.

use hoist_codecs::hdr::{HdrColours, HdrTransfer};
use hoist_codecs::raster::Raster;
use hoist_codecs::yuv::ColourCoding;
use moxcms::{
    CicpColorPrimaries, CicpProfile, ColorProfile, DataColorSpace, Layout, MatrixCoefficients,
    TransferCharacteristics, TransformOptions,
};

use super::guard::guarded;

/// Longer profiles are none.
const MAX_PROFILE: usize = 8 * 1024 * 1024;
/// So many pixels are converted at a time.
const PIECE: usize = 16 * 1024;
/// Larger pictures of high dynamic range keep eight bits of each sample: more would not be within the bound of memory.
const MAX_DEEP: usize = 32_000_000;

/// Converts a picture with an embedded profile. Returns whether it can be read: if not, the pixels stay as they are, and
/// are taken for sRGB, as everybody does.
pub(super) fn from_profile(raster: &mut Raster, icc: &[u8]) -> bool {
    if icc.len() > MAX_PROFILE {
        return false;
    }
    is_srgb(icc) || read_profile(icc).is_some_and(|profile| convert(raster, &profile))
}

/// Reads a profile. The pixels stay also where it makes its reader panic.
fn read_profile(icc: &[u8]) -> Option<ColorProfile> {
    guarded((), || ColorProfile::new_from_slice(icc).map_err(drop)).ok()
}

fn primaries(number: u16) -> CicpColorPrimaries {
    match number {
        9 => CicpColorPrimaries::Bt2020,
        11 => CicpColorPrimaries::Smpte431,
        12 => CicpColorPrimaries::Smpte432,
        _ => CicpColorPrimaries::Bt709,
    }
}

fn profile_of(primaries: CicpColorPrimaries, transfer: TransferCharacteristics) -> ColorProfile {
    ColorProfile::new_from_cicp(CicpProfile {
        color_primaries: primaries,
        transfer_characteristics: transfer,
        matrix_coefficients: MatrixCoefficients::Identity,
        full_range: true,
    })
}

/// Converts a picture whose container or codec says how its colours are meant.
pub(super) fn from_coding(raster: &mut Raster, coding: ColourCoding) {
    let primaries = primaries(coding.primaries);
    let transfer = match coding.transfer {
        8 => TransferCharacteristics::Linear,
        _ => TransferCharacteristics::Srgb,
    };
    if primaries != CicpColorPrimaries::Bt709 || transfer != TransferCharacteristics::Srgb {
        convert(raster, &profile_of(primaries, transfer));
    }
}

/// Returns how the colours of a picture of high dynamic range are meant; none where it has an ordinary one.
pub(super) fn high_dynamic_range(coding: ColourCoding, icc: Option<&[u8]>) -> Option<HdrColours> {
    let transfer = |number: u16| HdrTransfer::of_number(number.into());
    // No profile but one with these very numbers can say so.
    let of_profile = || {
        let icc = icc.filter(|icc| icc.len() <= MAX_PROFILE && icc.windows(4).any(|part| part == b"cicp"))?;
        let cicp = read_profile(icc)?.cicp?;
        Some((transfer(cicp.transfer_characteristics as u16)?, cicp.color_primaries as u16))
    };
    let (transfer, number) =
        transfer(coding.transfer).map(|transfer| (transfer, coding.primaries)).or_else(of_profile)?;
    Some(hdr_colours(transfer, number))
}

/// Returns how colours of this transfer function and of primaries by their number in H.273 are meant.
pub(super) fn hdr_colours(transfer: HdrTransfer, number: u16) -> HdrColours {
    let primaries = primaries(number);
    let weights = match primaries {
        CicpColorPrimaries::Bt2020 => [0.2627, 0.6780, 0.0593],
        CicpColorPrimaries::Bt709 => [0.2126, 0.7152, 0.0722],
        _ => [0.2290, 0.6917, 0.0793],
    };
    let profile = profile_of(primaries, TransferCharacteristics::Linear);
    let matrix =
        profile.transform_matrix(&profile_of(CicpColorPrimaries::Bt709, TransferCharacteristics::Linear));
    HdrColours { transfer, weights, to_srgb: matrix.v.map(|row| row.map(|value| value as f32)) }
}

/// Returns whether more than eight bits of each sample matter: those of a tone curve do.
pub(super) fn is_deep(coding: ColourCoding, depth: u32, pixels: usize) -> bool {
    HdrTransfer::of_number(coding.transfer.into()).is_some() && depth > 8 && pixels <= MAX_DEEP
}

/// Returns whether a profile names itself sRGB: most do, and need no work.
fn is_srgb(icc: &[u8]) -> bool {
    let names = |name: &[u8]| icc.windows(name.len()).any(|part| part == name);
    icc.len() < 64 * 1024
        && icc.get(16..20) == Some(b"RGB ")
        && (names(b"sRGB") || names(b"s\0R\0G\0B"))
        && !names(b"linear")
}

/// Converts the pixels. Returns whether that was possible.
fn convert(raster: &mut Raster, profile: &ColorProfile) -> bool {
    let layout = match (profile.color_space, raster.channels) {
        (DataColorSpace::Rgb, 3) => Layout::Rgb,
        (DataColorSpace::Rgb, 4) => Layout::Rgba,
        (DataColorSpace::Gray, _) => return grey(raster, profile),
        _ => return false,
    };
    let srgb = ColorProfile::new_srgb();
    let options = TransformOptions::default();
    let transform =
        guarded((), || profile.create_transform_8bit(layout, &srgb, layout, options).map_err(drop));
    let Ok(transform) = transform else { return false };
    let mut before = vec![0; PIECE * raster.channels];
    for piece in raster.data.chunks_mut(PIECE * raster.channels) {
        let before = &mut before[..piece.len()];
        before.copy_from_slice(piece);
        if transform.transform(before, piece).is_err() {
            return false;
        }
    }
    true
}

/// Converts grey, of which red, green and blue have the same.
fn grey(raster: &mut Raster, profile: &ColorProfile) -> bool {
    let srgb = ColorProfile::new_srgb();
    let options = TransformOptions::default();
    let all: Vec<u8> = (0..=255).collect();
    let mut table = vec![0; 256 * 3];
    let done = guarded((), || {
        let transform = profile.create_transform_8bit(Layout::Gray, &srgb, Layout::Rgb, options);
        transform.and_then(|transform| transform.transform(&all, &mut table)).map_err(drop)
    });
    if done.is_ok() {
        for pixel in raster.data.chunks_exact_mut(raster.channels) {
            let from = usize::from(pixel[0]) * 3;
            pixel[..3].copy_from_slice(&table[from..from + 3]);
        }
    }
    done.is_ok()
}

/// Makes red, green and blue of printing inks: by their profile, and else by what ink does to light. `inks` has four
/// bytes a pixel, 255 is all of an ink.
pub(super) fn from_inks(mut inks: Vec<u8>, icc: Option<&[u8]>) -> Vec<u8> {
    let srgb = ColorProfile::new_srgb();
    let options = TransformOptions::default();
    let profile = icc.filter(|icc| icc.len() <= MAX_PROFILE).and_then(read_profile);
    let transform =
        profile.filter(|profile| profile.color_space == DataColorSpace::Cmyk).and_then(|profile| {
            let create =
                || profile.create_transform_8bit(Layout::Rgba, &srgb, Layout::Rgb, options).map_err(drop);
            guarded((), create).ok()
        });
    let mut rgb = vec![0; PIECE * 3];
    // Three bytes never overtake four.
    for from in (0..inks.len()).step_by(PIECE * 4) {
        let piece = &inks[from..(from + PIECE * 4).min(inks.len())];
        let rgb = &mut rgb[..piece.len() / 4 * 3];
        let done = transform.as_ref().is_some_and(|transform| transform.transform(piece, rgb).is_ok());
        if !done {
            for (ink, rgb) in piece.chunks_exact(4).zip(rgb.chunks_exact_mut(3)) {
                let light = 255 - u32::from(ink[3]);
                for (ink, value) in ink.iter().zip(rgb) {
                    *value = ((255 - u32::from(*ink)) * light / 255) as u8;
                }
            }
        }
        inks[from / 4 * 3..][..rgb.len()].copy_from_slice(rgb);
    }
    inks.truncate(inks.len() / 4 * 3);
    inks
}

/// Returns a colour of CIE L*a*b* (D50), eight bits each, in sRGB.
pub(super) fn from_lab([lightness, green_red, blue_yellow]: [u8; 3]) -> [u8; 3] {
    let middle = (f32::from(lightness) * (100.0 / 255.0) + 16.0) / 116.0;
    let light = |t: f32| if t > 6.0 / 29.0 { t * t * t } else { (t - 4.0 / 29.0) * (108.0 / 841.0) };
    let x = light(middle + f32::from(green_red as i8) / 500.0) * 0.964_22;
    let y = light(middle);
    let z = light(middle - f32::from(blue_yellow as i8) / 200.0) * 0.825_21;
    // From D50 to sRGB's primaries under D65 (Bradford).
    let linear = [
        3.133_856 * x - 1.616_867 * y - 0.490_615 * z,
        -0.978_768 * x + 1.916_142 * y + 0.033_454 * z,
        0.071_945 * x - 0.228_991 * y + 1.405_243 * z,
    ];
    linear.map(|light| {
        let signal = if light <= 0.003_130_8 { light * 12.92 } else { 1.055 * light.powf(1.0 / 2.4) - 0.055 };
        (signal * 255.0).round().clamp(0.0, 255.0) as u8
    })
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
            from_inks(vec![0, 0, 0, 0, 255, 0, 0, 0, 0, 0, 0, 255], None),
            [255, 255, 255, 0, 255, 255, 0, 0, 0]
        );
    }

    #[test]
    fn lab_is_what_other_programs_make_of_it() {
        // By the tables of the Munsell ColorChecker, in L*a*b* under D50 and in sRGB.
        for (lab, rgb) in [
            ([51.04_f64, -28.63, -28.64], [8_u8, 133, 161]), // cyan
            ([42.10, 53.38, 28.19], [175, 54, 60]),          // red
            ([96.54, -0.43, 1.19], [243, 243, 242]),         // white
            ([20.46, -0.08, -0.97], [52, 52, 52]),           // black
        ] {
            let coded =
                [(lab[0] * 2.55).round() as u8, lab[1].round() as i8 as u8, lab[2].round() as i8 as u8];
            let got = from_lab(coded);
            let worst = got.iter().zip(rgb).map(|(a, b)| a.abs_diff(b)).max();
            assert!(worst <= Some(10), "{lab:?} became {got:?}, not {rgb:?}");
        }
        assert_eq!((from_lab([0, 0, 0]), from_lab([255, 0, 0])), ([0; 3], [255; 3]));
    }
}
