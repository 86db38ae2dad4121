//! Pictures of high dynamic range (PQ and HLG, ITU-R BT.2100) made sRGB by a tone curve.
//!
//! Reference white (203 cd/m², ITU-R BT.2408) is the white of sRGB. A picture with nothing brighter keeps its colours; in
//! one with highlights a Möbius curve makes room for them. It leaves dark and middle tones alone, and ends at the picture's
//! own brightest pixels. (The curve of ITU-R BT.2390 was left: it keeps so much for white that clouds have no shape.)

use std::sync::LazyLock;

/// Reference white, in cd/m².
const WHITE: f64 = 203.0;
/// What a display shows of HLG at its brightest, in cd/m², and the exponent of its OOTF there.
const HLG_PEAK: f64 = 1000.0;
const HLG_GAMMA: f64 = 1.2;
/// The brightest pixel that the curve makes room for, as a multiple of white: brighter ones are white.
const MAX_PEAK: f32 = 20.0;
/// Brightness up to this share of white stays as it is.
const KNEE: f64 = 0.3;
/// So many of a thousand pixels may be brighter than what the curve makes room for.
const CLIPPED: u64 = 1;

/// Steps of a coded value.
const CODES: usize = 4096;
/// Steps of a linear value between black and white.
const LINEAR: usize = 16_384;
/// A brightness is looked up by its exponent and the bits before these: steps of a 128th. Between them lies a straight line.
const SHIFT: u32 = 16;
/// The least and the greatest brightness with a step of its own: 2⁻¹⁶ and 2⁶.
const LEAST: f32 = 1.0 / 65_536.0;
const GREATEST: f32 = 64.0;

/// How light becomes a signal: a transfer function of high dynamic range, as ITU-T H.273 counts them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HdrTransfer {
    /// Perceptual quantizer, SMPTE ST 2084: the light that a display shows.
    Pq,
    /// Hybrid log-gamma, ARIB STD-B67: the light of the scene.
    Hlg,
}

impl HdrTransfer {
    /// Returns the one of this number; none where it is of a usual screen.
    pub fn of_number(number: u64) -> Option<HdrTransfer> {
        match number {
            16 => Some(HdrTransfer::Pq),
            18 => Some(HdrTransfer::Hlg),
            _ => None,
        }
    }

    /// Returns its name for people and programs.
    pub fn label(self) -> &'static str {
        match self {
            HdrTransfer::Pq => "PQ",
            HdrTransfer::Hlg => "HLG",
        }
    }
}

/// How the colours of such a picture are meant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HdrColours {
    /// Its transfer curve.
    pub transfer: HdrTransfer,
    /// What each of its primaries has of brightness.
    pub weights: [f32; 3],
    /// From linear light in its primaries to that in sRGB's.
    pub to_srgb: [[f32; 3]; 3],
}

impl HdrColours {
    fn brightness(&self, [red, green, blue]: [f32; 3]) -> f32 {
        self.weights[0] * red + self.weights[1] * green + self.weights[2] * blue
    }
}

/// Returns linear light of a PQ signal, as a multiple of white.
fn pq_light(signal: f64) -> f64 {
    let root = signal.max(0.0).powf(1.0 / 78.84375);
    ((root - 0.835_937_5).max(0.0) / (18.851_562_5 - 18.6875 * root)).powf(1.0 / 0.159_301_757_812_5)
        * (10_000.0 / WHITE)
}

/// Returns the scene's light of an HLG signal, 0 to 1.
fn hlg_light(signal: f64) -> f64 {
    const A: f64 = 0.178_832_77;
    let (b, c) = (1.0 - 4.0 * A, 0.5 - A * (4.0 * A).ln());
    if signal <= 0.5 { signal * signal / 3.0 } else { (((signal - c) / A).exp() + b) / 12.0 }
}

/// Returns what becomes of a brightness where a picture has this peak, both as multiples of white.
fn eased(light: f64, peak: f64) -> f64 {
    if peak <= 1.0 || light <= KNEE {
        return light;
    }
    // Through the knee with a slope of 1, and to 1 at the peak.
    let square = KNEE * KNEE;
    let a = -square * (peak - 1.0) / (square - 2.0 * KNEE + peak);
    let b = (square - 2.0 * KNEE * peak + peak) / (peak - 1.0);
    let scale = (b * b + 2.0 * b * KNEE + square) / (b - a);
    scale * (light + a) / (light + b)
}

/// Returns the step of a brightness, and how far it is to the next one.
fn step(light: f32) -> (usize, f32) {
    let bits = light.clamp(LEAST, GREATEST).to_bits() - LEAST.to_bits();
    ((bits >> SHIFT) as usize, (bits & ((1 << SHIFT) - 1)) as f32 / (1 << SHIFT) as f32)
}

/// Returns the brightness at which a step begins.
fn of_step(step: usize) -> f32 {
    f32::from_bits(LEAST.to_bits() + ((step as u32) << SHIFT))
}

/// The signal of sRGB for each step of linear light.
static SRGB: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let signal = |light: f64| match light {
        ..=0.003_130_8 => light * 12.92,
        _ => 1.055 * light.powf(1.0 / 2.4) - 0.055,
    };
    (0..=LINEAR).map(|n| (signal(n as f64 / LINEAR as f64) * 255.0).round() as u8).collect()
});

/// Light of each coded value.
pub(crate) struct HdrLight {
    colours: HdrColours,
    of_code: Vec<f32>,
    /// By how much the light of a scene is multiplied to be shown; empty where it is the shown light already.
    shown: Vec<f32>,
    /// How many pixels have which brightest colour.
    seen: Vec<u64>,
}

/// Makes a table with a value for the beginning of each step.
fn table(value: impl Fn(f64) -> f64) -> Vec<f32> {
    (0..=step(GREATEST).0 + 1).map(|step| value(f64::from(of_step(step))) as f32).collect()
}

/// Looks a brightness up.
fn found(table: &[f32], light: f32) -> f32 {
    let (step, share) = step(light);
    table[step] + (table[step + 1] - table[step]) * share
}

impl HdrLight {
    pub(crate) fn of(colours: HdrColours) -> HdrLight {
        let light = match colours.transfer {
            HdrTransfer::Pq => pq_light,
            HdrTransfer::Hlg => hlg_light,
        };
        let of_code = (0..CODES).map(|n| light(n as f64 / (CODES - 1) as f64) as f32).collect();
        let shown = match colours.transfer {
            HdrTransfer::Pq => vec![],
            HdrTransfer::Hlg => table(|brightness| HLG_PEAK / WHITE * brightness.powf(HLG_GAMMA - 1.0)),
        };
        HdrLight { colours, of_code, shown, seen: vec![0; step(GREATEST).0 + 1] }
    }

    /// Returns the light of a pixel in sRGB's primaries, as multiples of white.
    fn linear(&self, coded: [f32; 3]) -> [f32; 3] {
        // A value that is not a number becomes 0.
        let light =
            coded.map(|value| self.of_code[((value * (CODES - 1) as f32 + 0.5) as usize).min(CODES - 1)]);
        let gain = match self.shown.as_slice() {
            [] => 1.0,
            table => found(table, self.colours.brightness(light)),
        };
        // What sRGB cannot show is as near to it as each colour allows.
        let own =
            |row: &[f32; 3]| ((row[0] * light[0] + row[1] * light[1] + row[2] * light[2]) * gain).max(0.0);
        let rows = &self.colours.to_srgb;
        [own(&rows[0]), own(&rows[1]), own(&rows[2])]
    }

    /// Takes a pixel into account for how bright the picture is.
    pub(crate) fn see(&mut self, coded: [f32; 3]) {
        let light = self.linear(coded);
        self.seen[step(brightest(light)).0] += 1;
    }

    /// Returns the tone curve for a picture of the pixels that were seen.
    pub(crate) fn into_tone_map(self) -> HdrToneMap {
        let all: u64 = self.seen.iter().sum();
        let mut above = 0;
        let last = (0..self.seen.len()).rev().find(|step| {
            above += self.seen[*step];
            above * 1000 > all * CLIPPED
        });
        let peak = f64::from(last.map_or(1.0, |step| of_step(step + 1)).clamp(1.0, MAX_PEAK));
        HdrToneMap::up_to(self, peak)
    }
}

fn brightest([red, green, blue]: [f32; 3]) -> f32 {
    red.max(green).max(blue)
}

/// A tone curve for one picture, or for all of a film.
pub struct HdrToneMap {
    light: HdrLight,
    gains: Vec<f32>,
}

impl HdrToneMap {
    /// Makes the curve for a film, whose brightest pixel is not known: it makes room for what most are graded for,
    /// 1,000 cd/m².
    pub fn of_film(colours: HdrColours) -> HdrToneMap {
        HdrToneMap::up_to(HdrLight::of(colours), HLG_PEAK / WHITE)
    }

    fn up_to(light: HdrLight, peak: f64) -> HdrToneMap {
        HdrToneMap { light, gains: table(|light| eased(light, peak) / light) }
    }

    /// Returns a pixel in sRGB.
    pub(crate) fn apply(&self, coded: [f32; 3]) -> [u8; 3] {
        let srgb = &*SRGB;
        self.shown(coded).map(|value| srgb[((value * LINEAR as f32 + 0.5) as usize).min(LINEAR)])
    }

    /// Returns what is shown for a signal, 0 to 1: linear light in sRGB's primaries, as a share of white.
    pub fn shown(&self, coded: [f32; 3]) -> [f32; 3] {
        let light = self.light.linear(coded);
        // By its brightest colour, so that each keeps its share.
        let gain = found(&self.gains, brightest(light));
        let mut rgb = light.map(|value| value * gain);
        let most = brightest(rgb);
        if most > 1.0 {
            // Too bright for its colour: paler, and as bright.
            let grey = (0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2]).min(1.0);
            let share = (1.0 - grey) / (most - grey);
            rgb = rgb.map(|value| grey + (value - grey) * share);
        }
        rgb
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the PQ signal of linear light, which is a multiple of white.
    fn pq_signal(light: f64) -> f64 {
        let power = (light.max(0.0) * (WHITE / 10_000.0)).powf(0.159_301_757_812_5);
        ((0.835_937_5 + 18.851_562_5 * power) / (1.0 + 18.6875 * power)).powf(78.84375)
    }

    const SRGB_PRIMARIES: [[f32; 3]; 3] = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];

    fn map(transfer: HdrTransfer, brightest: f64) -> HdrToneMap {
        let weights = [0.2126, 0.7152, 0.0722];
        let mut light = HdrLight::of(HdrColours { transfer, weights, to_srgb: SRGB_PRIMARIES });
        light.see([brightest as f32; 3]);
        light.into_tone_map()
    }

    #[test]
    fn pq_and_hlg_are_what_bt_2100_says() {
        // Table values of BT.2408: 58 % of PQ and 75 % of HLG are reference white, 75.2 % of PQ are 1,000 cd/m².
        assert!((pq_signal(1.0) - 0.5807).abs() < 1e-3, "{}", pq_signal(1.0));
        assert!((pq_light(0.7518) * WHITE - 1000.0).abs() < 2.0);
        assert!((pq_light(1.0) * WHITE - 10_000.0).abs() < 1e-6);
        assert!((hlg_light(0.5) - 1.0 / 12.0).abs() < 1e-9 && (hlg_light(1.0) - 1.0).abs() < 1e-6);
        assert!((hlg_light(0.75).powf(HLG_GAMMA) * HLG_PEAK - WHITE).abs() < 1.0);
    }

    #[test]
    fn reference_white_is_white_where_nothing_is_brighter() {
        for (transfer, white) in [(HdrTransfer::Pq, 0.5807), (HdrTransfer::Hlg, 0.75)] {
            let map = map(transfer, white);
            let grey = |coded: f64| map.apply([coded as f32; 3])[0];
            assert!(grey(white) >= 254, "{transfer:?}: {}", grey(white));
            assert_eq!(grey(0.0), 0);
            // A fifth of white, 40.6 cd/m², is 124 in sRGB.
            let fifth = match transfer {
                HdrTransfer::Pq => pq_signal(0.2),
                // The OOTF undone, then the curve's root.
                HdrTransfer::Hlg => (3.0 * (0.2 * WHITE / HLG_PEAK).powf(1.0 / HLG_GAMMA)).sqrt(),
            };
            assert!(grey(fifth).abs_diff(124) <= 1, "{transfer:?}: {}", grey(fifth));
        }
    }

    #[test]
    fn highlights_take_room_from_the_top_alone_and_never_turn_the_order_around() {
        for brightest in [400.0, 1000.0, 4000.0] {
            let map = map(HdrTransfer::Pq, pq_signal(brightest / WHITE));
            let grey = |light: f64| map.apply([pq_signal(light / WHITE) as f32; 3])[0];
            assert!(grey(brightest) >= 253, "{brightest}: {}", grey(brightest));
            assert!((200..255).contains(&grey(WHITE)), "{brightest}: {}", grey(WHITE));
            let all: Vec<u8> = (0..=400).map(|n| grey(f64::from(n) / 400.0 * brightest)).collect();
            assert!(all.is_sorted(), "{brightest}: {all:?}");
            // 20 cd/m² are 89 in sRGB, whatever else is there.
            assert!(grey(20.0).abs_diff(89) <= 1, "{brightest}: {}", grey(20.0));
        }
    }

    #[test]
    fn a_colour_that_is_too_bright_becomes_paler_and_no_value_is_out_of_bounds() {
        let map = map(HdrTransfer::Pq, 0.5807);
        let [red, green, blue] = map.apply([0.75, 0.2, 0.2]);
        assert!(red >= 254 && green == blue && green > 100, "{red} {green} {blue}");
        for odd in [f32::NAN, f32::INFINITY, -1.0, 7.0] {
            map.apply([odd; 3]);
        }
    }
}
