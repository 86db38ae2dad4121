//! Pixels in memory: three or four bytes each, and how they are turned. Turning is left to whoever reads the rows, so
//! that a large picture is never there twice.

/// A picture as its decoder left it.
#[derive(Clone)]
#[must_use]
pub struct Raster {
    /// As stored, in pixels.
    pub width: u32,
    /// As stored, in pixels.
    pub height: u32,
    /// Red, green and blue, and opacity where there is any.
    pub channels: usize,
    /// Row by row from the top.
    pub data: Vec<u8>,
    /// How it is to be turned, as EXIF counts it (1 to 8).
    pub orientation: u8,
}

impl Raster {
    /// Returns a picture that is upright.
    pub fn new(width: u32, height: u32, channels: usize, data: Vec<u8>) -> Raster {
        Raster { width, height, channels, data, orientation: 1 }
    }

    fn is_on_its_side(&self) -> bool {
        matches!(self.orientation, 5..=8)
    }

    /// Returns width and height as displayed.
    pub fn size(&self) -> (u32, u32) {
        if self.is_on_its_side() { (self.height, self.width) } else { (self.width, self.height) }
    }

    /// Returns a row as stored.
    pub(crate) fn stored(&self, y: u32) -> &[u8] {
        let row = self.width as usize * self.channels;
        &self.data[y as usize * row..][..row]
    }

    /// Writes a row as displayed.
    pub fn row(&self, y: u32, out: &mut Vec<u8>) {
        out.clear();
        let (width, height, channels) = (self.width as usize, self.height as usize, self.channels);
        match self.orientation {
            2 => self.stored(y).chunks_exact(channels).rev().for_each(|pixel| out.extend_from_slice(pixel)),
            3 => {
                let row = self.stored(self.height - 1 - y);
                row.chunks_exact(channels).rev().for_each(|pixel| out.extend_from_slice(pixel));
            }
            4 => out.extend_from_slice(self.stored(self.height - 1 - y)),
            5..=8 => {
                let column = y as usize;
                let column = if matches!(self.orientation, 5 | 6) { column } else { width - 1 - column };
                let at = |row: usize| {
                    let from = (row * width + column) * channels;
                    &self.data[from..from + channels]
                };
                if matches!(self.orientation, 5 | 8) {
                    (0..height).for_each(|row| out.extend_from_slice(at(row)));
                } else {
                    (0..height).rev().for_each(|row| out.extend_from_slice(at(row)));
                }
            }
            _ => out.extend_from_slice(self.stored(y)),
        }
    }

    /// Returns whether any pixel lets something through.
    pub fn has_transparency(&self) -> bool {
        self.channels == 4 && self.data.chunks_exact(4).any(|pixel| pixel[3] != 255)
    }

    /// Takes opacity away where there is none to show: a quarter of the memory.
    pub fn without_opacity(mut self) -> Raster {
        if self.channels == 4 {
            let pixels = self.data.len() / 4;
            for n in 0..pixels {
                self.data.copy_within(n * 4..n * 4 + 3, n * 3);
            }
            self.data.truncate(pixels * 3);
            self.channels = 3;
        }
        self
    }

    /// Divides its colours by its opacity, where a file has them multiplied.
    pub fn divided_by_opacity(mut self) -> Raster {
        if self.channels == 4 {
            for pixel in self.data.chunks_exact_mut(4) {
                let opacity = u32::from(pixel[3]).max(1);
                for value in &mut pixel[..3] {
                    *value = ((u32::from(*value) * 255 + opacity / 2) / opacity).min(255) as u8;
                }
            }
        }
        self
    }

    /// Puts the picture on white, for types without transparency.
    pub fn on_white(mut self) -> Raster {
        if self.channels == 4 {
            for pixel in self.data.chunks_exact_mut(4) {
                let opacity = u32::from(pixel[3]);
                for value in &mut pixel[..3] {
                    *value = ((u32::from(*value) * opacity + 255 * (255 - opacity) + 127) / 255) as u8;
                }
            }
        }
        self.without_opacity()
    }

    /// Returns it with its rows in the order in which they are displayed.
    pub fn upright(self) -> Raster {
        if self.orientation == 1 {
            return self;
        }
        let (width, height) = self.size();
        let mut data = Vec::with_capacity(self.data.len());
        let mut row = vec![];
        for y in 0..height {
            self.row(y, &mut row);
            data.extend_from_slice(&row);
        }
        Raster::new(width, height, self.channels, data)
    }

    /// Returns it as red, green, blue and opacity, upright.
    pub fn into_rgba(self) -> (u32, u32, Vec<u8>) {
        let upright = self.upright();
        let data = match upright.channels {
            4 => upright.data,
            _ => upright.data.chunks_exact(3).flat_map(|p| [p[0], p[1], p[2], 255]).collect(),
        };
        (upright.width, upright.height, data)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_orientation_is_what_the_image_crate_makes_of_it() {
        let data: Vec<u8> = (0..3 * 2 * 3).collect();
        for orientation in 1..=8u8 {
            let raster = Raster { orientation, ..Raster::new(3, 2, 3, data.clone()) };
            let mut image: image::DynamicImage =
                image::RgbImage::from_raw(3, 2, data.clone()).unwrap().into();
            image.apply_orientation(image::metadata::Orientation::from_exif(orientation).unwrap());
            assert_eq!(raster.size(), (image.width(), image.height()), "{orientation}");
            assert_eq!(raster.upright().data, image.into_rgb8().into_raw(), "{orientation}");
        }
    }

    #[test]
    fn what_lets_through_is_put_on_white() {
        let raster = Raster::new(2, 1, 4, vec![10, 20, 30, 255, 0, 0, 0, 0]);
        assert!(raster.has_transparency());
        assert_eq!(raster.clone().on_white().data, [10, 20, 30, 255, 255, 255]);
        assert_eq!(raster.without_opacity().data, [10, 20, 30, 0, 0, 0]);
        let multiplied = Raster::new(3, 1, 4, vec![50, 100, 25, 128, 7, 0, 0, 0, 9, 9, 9, 255]);
        assert_eq!(multiplied.divided_by_opacity().data[..4], [100, 199, 50, 128]);
    }
}
