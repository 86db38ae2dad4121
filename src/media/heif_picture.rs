//! A picture out of an ISO container, as its decoder left it: in planes, and with what is to be done to show it.

use hoist_codecs::raster::Raster;
use hoist_codecs::yuv::Planes;

/// A picture of HEVC without tiles is decoded whole, with twelve bytes a pixel: a larger one is refused.
pub(super) const MAX_HEVC: u64 = 33_000_000;
/// The same of AV1, whose decoder needs less.
pub(super) const MAX_AV1: u64 = 64_000_000;

/// Why a picture was not decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HeifError {
    /// It breaks the rules of its format.
    Broken,
    /// It uses something that no decoder here knows.
    Unsupported,
    /// It is larger than there is memory for.
    TooLarge,
}

/// A decoded picture.
pub(super) struct HeifPicture {
    pub(super) planes: Planes,
    pub(super) turns: Turns,
    pub(super) icc: Option<Vec<u8>>,
    /// Its colours are multiplied by its opacity.
    pub(super) is_premultiplied: bool,
}

/// What is done to a picture to show it, in order.
#[derive(Clone, Debug, Default)]
pub(super) struct Turns(Vec<Turn>);

#[derive(Clone, Copy, Debug)]
enum Turn {
    /// A quarter against the clock, so many times.
    Rotate(u8),
    /// Left to right, else upside down.
    Mirror(bool),
    /// To this size, its middle so far from the picture's.
    Crop((usize, usize), (i32, i32)),
}

impl Turns {
    /// Rotates it by quarters against the clock.
    pub(super) fn rotate(&mut self, quarters: u8) {
        self.0.push(Turn::Rotate(quarters & 3));
    }

    /// Mirrors it left to right, or else upside down.
    pub(super) fn mirror(&mut self, left_right: bool) {
        self.0.push(Turn::Mirror(left_right));
    }

    /// Crops it to a size around a point.
    pub(super) fn crop(&mut self, size: (usize, usize), offset: (i32, i32)) {
        self.0.push(Turn::Crop(size, offset));
    }

    /// Does all of others after its own.
    pub(super) fn append(&mut self, others: Turns) {
        self.0.extend(others.0);
    }

    /// Returns the same for a picture whose sides are divided.
    pub(super) fn reduced(self, reduce: usize) -> Turns {
        let divided = |turn: Turn| match turn {
            Turn::Crop((width, height), (x, y)) => {
                Turn::Crop((width / reduce, height / reduce), (x / reduce as i32, y / reduce as i32))
            }
            other => other,
        };
        Turns(self.0.into_iter().map(divided).collect())
    }

    /// Does all that to a picture.
    pub(super) fn apply(&self, mut raster: Raster) -> Raster {
        for turn in &self.0 {
            raster = raster.upright();
            match turn {
                // The last of them is left to whoever reads the rows.
                Turn::Rotate(quarters) => raster.orientation = [1, 8, 3, 6][usize::from(*quarters)],
                Turn::Mirror(left_right) => raster.orientation = if *left_right { 2 } else { 4 },
                Turn::Crop(size, offset) => raster = cropped(&raster, *size, *offset),
            }
        }
        raster
    }
}

fn cropped(raster: &Raster, (width, height): (usize, usize), (x, y): (i32, i32)) -> Raster {
    let (whole_width, whole_height) = (raster.width as usize, raster.height as usize);
    if width == 0 || height == 0 || width > whole_width || height > whole_height {
        return raster.clone();
    }
    let begin = |whole: usize, part: usize, offset: i32| {
        let middle = (whole - part) as i64 / 2 + i64::from(offset);
        usize::try_from(middle).unwrap_or(0).min(whole - part)
    };
    let (left, top) = (begin(whole_width, width, x), begin(whole_height, height, y));
    let row = whole_width * raster.channels;
    let data = (top..top + height)
        .flat_map(|y| {
            let from = y * row + left * raster.channels;
            raster.data[from..from + width * raster.channels].iter().copied()
        })
        .collect();
    Raster::new(width as u32, height as u32, raster.channels, data)
}
