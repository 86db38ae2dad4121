//! HDR pictures as a usual screen shows them: a table of colours, which every ffmpeg applies (`lut3d`), so that a copy
//! looks the same whatever its libraries are.

use std::fmt::Write;

use crate::model::media::HdrTransfer;

/// Steps of the table along each colour; between them it is interpolated.
const STEPS: usize = 33;
/// Candelas per square metre of white on a usual screen, as ITU-R BT.2408 places it within HDR.
const WHITE: f64 = 203.0;
/// The brightest light that is told from brighter ones: what most films are graded for.
const PEAK: f64 = 1000.0;
/// The exponent of a usual screen (BT.1886).
const GAMMA: f64 = 2.4;

/// Returns the table as a `.cube` file: for each colour of BT.2020 in a transfer function its colour of BT.709.
pub(super) fn cube(transfer: HdrTransfer) -> String {
    let mut text = format!("LUT_3D_SIZE {STEPS}\n");
    let value = |n: usize| n as f64 / (STEPS - 1) as f64;
    for blue in 0..STEPS {
        for green in 0..STEPS {
            for red in 0..STEPS {
                let [r, g, b] = mapped(transfer, [value(red), value(green), value(blue)]);
                let _ = writeln!(text, "{r:.5} {g:.5} {b:.5}");
            }
        }
    }
    text
}

/// Returns what a usual screen shows for a colour, both as values of 0 to 1.
fn mapped(transfer: HdrTransfer, coded: [f64; 3]) -> [f64; 3] {
    let light = match transfer {
        HdrTransfer::Pq => coded.map(of_pq),
        HdrTransfer::Hlg => of_hlg(coded),
    };
    // The brightest of the three decides, so that the hue stays.
    let brightest = light.into_iter().fold(0.0, f64::max);
    let scale = if brightest > 0.0 { toned(brightest) / brightest / WHITE } else { 0.0 };
    let [r, g, b] = light.map(|l| l * scale);
    // From the primaries of BT.2020 to those of BT.709 (BT.2087).
    let linear = [
        1.6605 * r - 0.5876 * g - 0.0728 * b,
        -0.1246 * r + 1.1329 * g - 0.0083 * b,
        -0.0182 * r - 0.1006 * g + 1.1187 * b,
    ];
    linear.map(|l| l.clamp(0.0, 1.0).powf(1.0 / GAMMA))
}

/// Returns how much light up to white is shown for light up to the peak: the same in the dark, gently less above
/// (ITU-R BT.2390, the roll-off of its EETF).
fn toned(light: f64) -> f64 {
    let peak = to_pq(PEAK);
    let white = to_pq(WHITE) / peak;
    let knee = 1.5 * white - 0.5;
    let value = (to_pq(light) / peak).min(1.0);
    if value <= knee {
        return light;
    }
    let t = (value - knee) / (1.0 - knee);
    let (square, cube) = (t * t, t * t * t);
    let rolled = (2.0 * cube - 3.0 * square + 1.0) * knee
        + (cube - 2.0 * square + t) * (1.0 - knee)
        + (3.0 * square - 2.0 * cube) * white;
    of_pq(rolled * peak)
}

const M1: f64 = 2610.0 / 16384.0;
const M2: f64 = 2523.0 / 4096.0 * 128.0;
const C1: f64 = 3424.0 / 4096.0;
const C2: f64 = 2413.0 / 4096.0 * 32.0;
const C3: f64 = 2392.0 / 4096.0 * 32.0;

/// Returns the light of a value of SMPTE ST 2084, in candelas per square metre.
fn of_pq(value: f64) -> f64 {
    let v = value.powf(1.0 / M2);
    10_000.0 * ((v - C1).max(0.0) / (C2 - C3 * v)).powf(1.0 / M1)
}

/// Returns the value of SMPTE ST 2084 for light.
fn to_pq(light: f64) -> f64 {
    let y = (light / 10_000.0).powf(M1);
    ((C1 + C2 * y) / (1.0 + C3 * y)).powf(M2)
}

/// Returns the light of a colour of HLG on a screen of the peak's brightness (ITU-R BT.2100).
fn of_hlg(coded: [f64; 3]) -> [f64; 3] {
    const A: f64 = 0.178_832_77;
    const B: f64 = 0.284_668_92;
    const C: f64 = 0.559_910_73;
    let scene = coded.map(|v| if v <= 0.5 { v * v / 3.0 } else { (((v - C) / A).exp() + B) / 12.0 });
    let luminance = 0.2627 * scene[0] + 0.678 * scene[1] + 0.0593 * scene[2];
    // The gamma of a screen of 1000 cd/m² is 1.2.
    let gain = if luminance > 0.0 { luminance.powf(0.2) * PEAK } else { 0.0 };
    scene.map(|s| s * gain)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The nearest values of 8 bits.
    fn shown(transfer: HdrTransfer, coded: [f64; 3]) -> [u8; 3] {
        mapped(transfer, coded).map(|v| (v * 255.0).round() as u8)
    }

    #[test]
    fn white_paper_is_bright_and_darkness_stays_as_it_is() {
        for transfer in [HdrTransfer::Pq, HdrTransfer::Hlg] {
            // Where BT.2408 places the white of paper and a grey card of 26 cd/m².
            let (paper, card) = match transfer {
                HdrTransfer::Pq => (0.58, 0.38),
                HdrTransfer::Hlg => (0.75, 0.38),
            };
            let [white, ..] = shown(transfer, [paper; 3]);
            let [grey, ..] = shown(transfer, [card; 3]);
            assert!((205..235).contains(&white), "{transfer:?}: {white}");
            // (26 ÷ 203)^(1 ÷ 2.4) of 255.
            assert!((100..118).contains(&grey), "{transfer:?}: {grey}");
            assert_eq!(shown(transfer, [0.0; 3]), [0; 3]);
            assert!(shown(transfer, [1.0; 3]).iter().all(|v| *v >= 254), "{transfer:?}");
        }
    }

    #[test]
    fn more_light_is_never_shown_darker_and_grey_stays_grey() {
        for transfer in [HdrTransfer::Pq, HdrTransfer::Hlg] {
            let all: Vec<_> = (0..=100).map(|n| shown(transfer, [f64::from(n) / 100.0; 3])).collect();
            assert!(all.windows(2).all(|two| two[0][0] <= two[1][0]), "{transfer:?}");
            assert!(all.iter().all(|[r, g, b]| r.abs_diff(*g) < 2 && g.abs_diff(*b) < 2), "{transfer:?}");
        }
        let table = cube(HdrTransfer::Pq);
        assert_eq!(table.lines().count(), 1 + STEPS.pow(3));
    }
}
