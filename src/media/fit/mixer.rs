//! Channels of sound, folded into two or one.

use std::io::{self, Write};

use symphonia::core::audio::{Channels, Position};

/// How much of a channel in the middle, at the side or behind goes to left and right: half of its power.
const HALF: f64 = std::f64::consts::FRAC_1_SQRT_2;

/// Weights of each channel. A sum is as loud as the loudest channel can be, at most.
pub(super) struct Mixer {
    /// Channels of each frame.
    pub(super) channels: usize,
    /// For left and right, or for the one channel; none where frames are written as they are.
    weights: Option<Vec<Vec<f64>>>,
}

impl Mixer {
    pub(super) fn new(channels: &Channels, mono: bool) -> Mixer {
        let count = channels.count().max(1);
        if count == 1 || count == 2 && !mono {
            return Mixer { channels: count, weights: None };
        }
        let pairs: Vec<[f64; 2]> = match channels {
            Channels::Positioned(positions) if count > 2 => positions.iter().map(of_position).collect(),
            // Who has no place goes to either side in turn.
            _ => (0..count).map(|n| if n % 2 == 0 { [1.0, 0.0] } else { [0.0, 1.0] }).collect(),
        };
        let sides = if mono {
            vec![pairs.iter().map(|pair| pair[0] + pair[1]).collect::<Vec<_>>()]
        } else {
            vec![pairs.iter().map(|pair| pair[0]).collect(), pairs.iter().map(|pair| pair[1]).collect()]
        };
        let loudest = sides.iter().map(|side| side.iter().sum::<f64>()).fold(1.0, f64::max);
        let weights = sides.into_iter().map(|side| side.into_iter().map(|w| w / loudest).collect()).collect();
        Mixer { channels: count, weights: Some(weights) }
    }

    /// Returns how many channels are written.
    pub(super) fn written(&self) -> usize {
        self.weights.as_ref().map_or(self.channels, Vec::len)
    }

    /// Writes a frame of samples of 32 bits in so many bits. Returns how many bytes that were.
    pub(super) fn put(&self, frame: &[i32], bits: u16, out: &mut impl Write) -> io::Result<u64> {
        let bytes = usize::from(bits / 8);
        // To the nearest of the values that there are.
        let half = 1 << (31 - bits.min(31));
        let mut one = |sample: i32| out.write_all(&sample.saturating_add(half).to_le_bytes()[4 - bytes..]);
        match &self.weights {
            None => frame.iter().try_for_each(|sample| one(*sample))?,
            Some(weights) => weights.iter().try_for_each(|side| {
                let sum: f64 =
                    frame.iter().zip(side).map(|(sample, weight)| f64::from(*sample) * weight).sum();
                one(sum as i32)
            })?,
        }
        Ok((self.written() * bytes) as u64)
    }
}

/// Returns how much of a channel goes to left and right, by where its loudspeaker stands.
fn of_position(position: Position) -> [f64; 2] {
    const LEFT: Position = Position::REAR_LEFT
        .union(Position::SIDE_LEFT)
        .union(Position::FRONT_LEFT_CENTER)
        .union(Position::TOP_FRONT_LEFT)
        .union(Position::TOP_REAR_LEFT)
        .union(Position::TOP_SIDE_LEFT);
    const RIGHT: Position = Position::REAR_RIGHT
        .union(Position::SIDE_RIGHT)
        .union(Position::FRONT_RIGHT_CENTER)
        .union(Position::TOP_FRONT_RIGHT)
        .union(Position::TOP_REAR_RIGHT)
        .union(Position::TOP_SIDE_RIGHT);
    match position {
        Position::FRONT_LEFT | Position::FRONT_LEFT_WIDE => [1.0, 0.0],
        Position::FRONT_RIGHT | Position::FRONT_RIGHT_WIDE => [0.0, 1.0],
        // The low ones are skipped, as everybody does.
        Position::LFE1 | Position::LFE2 => [0.0, 0.0],
        side if LEFT.contains(side) => [HALF, 0.0],
        side if RIGHT.contains(side) => [0.0, HALF],
        _ => [HALF, HALF],
    }
}
