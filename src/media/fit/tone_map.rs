//! HDR video as a usual screen shows it: a table of colours, which every ffmpeg applies (`lut3d`), so that a copy looks the
//! same whatever its libraries are, and as a copy of a picture does.

use std::fmt::Write;

use hoist_codecs::hdr::{HdrToneMap, HdrTransfer};

use crate::media::colour::hdr_colours;

/// Steps of the table along each colour; between them it is interpolated.
const STEPS: usize = 33;
/// The exponent of a usual screen (BT.1886).
const GAMMA: f32 = 2.4;
/// The primaries of BT.2020, as ITU-T H.273 counts them: HDR video has no other ones.
const BT_2020: u16 = 9;

/// Returns the table as a `.cube` file: for each colour of BT.2020 in a transfer function its colour of BT.709.
pub(super) fn cube(transfer: HdrTransfer) -> String {
    let curve = HdrToneMap::of_film(hdr_colours(transfer, BT_2020));
    let mut text = format!("LUT_3D_SIZE {STEPS}\n");
    let value = |n: usize| n as f32 / (STEPS - 1) as f32;
    for blue in 0..STEPS {
        for green in 0..STEPS {
            for red in 0..STEPS {
                let [r, g, b] = coded(&curve, [value(red), value(green), value(blue)]);
                let _ = writeln!(text, "{r:.5} {g:.5} {b:.5}");
            }
        }
    }
    text
}

/// Returns what a usual screen gets for a colour, both as values of 0 to 1.
fn coded(curve: &HdrToneMap, hdr: [f32; 3]) -> [f32; 3] {
    curve.shown(hdr).map(|light| light.clamp(0.0, 1.0).powf(1.0 / GAMMA))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The nearest values of 8 bits.
    fn shown(transfer: HdrTransfer, hdr: [f32; 3]) -> [u8; 3] {
        let curve = HdrToneMap::of_film(hdr_colours(transfer, BT_2020));
        coded(&curve, hdr).map(|v| (v * 255.0).round() as u8)
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
            let all: Vec<_> = (0..=100).map(|n| shown(transfer, [n as f32 / 100.0; 3])).collect();
            assert!(all.windows(2).all(|two| two[0][0] <= two[1][0]), "{transfer:?}");
            assert!(all.iter().all(|[r, g, b]| r.abs_diff(*g) < 2 && g.abs_diff(*b) < 2), "{transfer:?}");
        }
        let table = cube(HdrTransfer::Pq);
        assert_eq!(table.lines().count(), 1 + STEPS.pow(3));
    }
}
