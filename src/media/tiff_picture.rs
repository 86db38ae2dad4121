//! Pictures of TIFFs that the `image` crate does not read, or not rightly: `BigTIFF`, colours by a palette, few bits, inks by
//! their profile, L*a*b*, colours multiplied by opacity, samples apart in tiles, and brightness with two colour differences,
//! as `ffmpeg` writes everything that came of a video or a JPEG.

use std::fs::File;
use std::io::{Cursor, Read, Seek, SeekFrom};
use std::path::Path;

use hoist_codecs::jpeg;
use hoist_codecs::raster::Raster;
use hoist_codecs::read::{PictureReader, decode};
use image::{ImageFormat, Limits};

use super::colour;
use super::guard::guarded;
use super::read_problem::ReadProblem;
use super::tiff_head::{TiffColours, TiffHead};

/// A strip may be larger packed than it is, by this much and a little.
const MAX_PACKED: u64 = 2;

/// Reads such a picture in sRGB, as it is stored. `max_bytes`: of pixels in memory.
pub(super) fn read(path: &Path, max_bytes: u64) -> Result<Raster, ReadProblem> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    let head = TiffHead::read(&mut file, length)?;
    let mut canvas = Canvas::new(&head, max_bytes)?;
    let across = head.size.0.div_ceil(head.chunk.0);
    let down = head.size.1.div_ceil(head.chunk.1);
    let in_plane = (u64::from(across) * u64::from(down)) as usize;
    for (n, (from, packed)) in head.chunks.iter().enumerate() {
        let (plane, n) = (n / in_plane, n % in_plane);
        if plane >= if head.is_planar { head.samples } else { 1 } {
            break;
        }
        let (left, top) = (n as u32 % across * head.chunk.0, n as u32 / across * head.chunk.1);
        let rows = head.chunk.1.min(if head.is_tiled { u32::MAX } else { head.size.1 - top });
        let room = max_bytes.saturating_sub(canvas.data.len() as u64);
        let wanted = head.chunk_bytes(rows).filter(|wanted| *wanted as u64 <= room);
        let wanted = wanted.ok_or(ReadProblem::TooLarge)?;
        let most = (wanted as u64).saturating_mul(MAX_PACKED) + 4096;
        let mut bytes = vec![];
        file.seek(SeekFrom::Start(*from))?;
        file.by_ref().take((*packed).min(most)).read_to_end(&mut bytes)?;
        let chunk = match (head.packing, &head.colours) {
            (7, TiffColours::Inks) => inks_of_jpeg(&head, &bytes, wanted, room)?,
            (7, _) => {
                canvas.draw_jpeg(&bytes, (left, top), max_bytes)?;
                continue;
            }
            _ => unpacked(&head, bytes, wanted)?,
        };
        canvas.draw(&chunk, (left, top), rows, head.is_planar.then_some(plane));
    }
    Ok(canvas.into_raster())
}

/// Unpacks a chunk to as many bytes as it must have.
fn unpacked(head: &TiffHead, mut bytes: Vec<u8>, wanted: usize) -> Result<Vec<u8>, ReadProblem> {
    if head.is_reversed {
        for byte in &mut bytes {
            *byte = byte.reverse_bits();
        }
    }
    let mut out = Vec::with_capacity(wanted);
    match head.packing {
        1 => out = bytes,
        5 => {
            let mut decoder = weezl::decode::Decoder::with_tiff_size_switch(weezl::BitOrder::Msb, 8);
            out.resize(wanted, 0);
            let (mut read, mut written) = (0, 0);
            while written < wanted {
                let step = decoder.decode_bytes(&bytes[read..], &mut out[written..]);
                (read, written) = (read + step.consumed_in, written + step.consumed_out);
                match step.status {
                    Ok(weezl::LzwStatus::Ok) if step.consumed_in + step.consumed_out > 0 => {}
                    Ok(_) => break,
                    Err(_) => return Err(ReadProblem::Broken),
                }
            }
            out.truncate(written);
        }
        8 | 32946 => {
            let unpacked = flate2::read::ZlibDecoder::new(&bytes[..]);
            unpacked.take(wanted as u64).read_to_end(&mut out).map_err(|_| ReadProblem::Broken)?;
        }
        32773 => unpack_bits(&bytes, wanted, &mut out),
        _ => return Err(ReadProblem::Unsupported),
    }
    if out.len() < wanted {
        return Err(ReadProblem::Broken);
    }
    out.truncate(wanted);
    if head.is_difference {
        let step = if head.is_planar { 1 } else { head.samples };
        for row in out.chunks_exact_mut(head.row_bytes().unwrap_or(1).max(1)) {
            summed(row, step, head.bits, head.is_little);
        }
    }
    Ok(out)
}

/// Puts the tables that stand in front of all JPEGs into one of them.
fn with_tables(head: &TiffHead, bytes: &[u8]) -> Vec<u8> {
    let tables = head.tables.strip_suffix(&[0xff, 0xd9]).unwrap_or_default();
    match bytes.strip_prefix(&[0xff, 0xd8]) {
        Some(rest) if !tables.is_empty() => [tables, rest].concat(),
        _ => bytes.to_vec(),
    }
}

/// Returns the inks of a chunk that is a JPEG, as many bytes as it must have. `room`: for them and its decoder.
fn inks_of_jpeg(head: &TiffHead, bytes: &[u8], wanted: usize, room: u64) -> Result<Vec<u8>, ReadProblem> {
    let room = room.saturating_sub(wanted as u64);
    let jpeg = with_tables(head, bytes);
    let read = guarded((), || jpeg::samples(&jpeg, room).ok_or(())).map_err(|()| ReadProblem::Broken)?;
    let channels = if head.is_planar { 1 } else { head.samples };
    if read.channels != channels || u32::from(read.size.0) > head.chunk.0 {
        return Err(ReadProblem::Broken);
    }
    let mut out = vec![0; wanted];
    let (from, to) = (usize::from(read.size.0) * channels, head.chunk.0 as usize * channels);
    for (row, out) in read.data.chunks_exact(from.max(1)).zip(out.chunks_exact_mut(to.max(1))) {
        out[..from].copy_from_slice(row);
    }
    Ok(out)
}

/// Makes samples of differences.
fn summed(row: &mut [u8], step: usize, bits: u32, is_little: bool) {
    if bits == 8 {
        for at in step..row.len() {
            row[at] = row[at].wrapping_add(row[at - step]);
        }
        return;
    }
    let (pairs, _) = row.as_chunks_mut::<2>();
    for at in step..pairs.len() {
        pairs[at] = match is_little {
            true => {
                let sum = u16::from_le_bytes(pairs[at]).wrapping_add(u16::from_le_bytes(pairs[at - step]));
                sum.to_le_bytes()
            }
            false => {
                let sum = u16::from_be_bytes(pairs[at]).wrapping_add(u16::from_be_bytes(pairs[at - step]));
                sum.to_be_bytes()
            }
        };
    }
}

/// A picture that is drawn chunk by chunk: eight bits of each sample that matters.
struct Canvas<'a> {
    head: &'a TiffHead,
    /// Samples of a pixel that are kept.
    channels: usize,
    /// Which sample each of them is.
    kept: Vec<usize>,
    data: Vec<u8>,
}

impl Canvas<'_> {
    fn new(head: &TiffHead, max_bytes: u64) -> Result<Canvas<'_>, ReadProblem> {
        let mut kept: Vec<usize> = match &head.colours {
            TiffColours::Grey { .. } => vec![0],
            TiffColours::Inks => vec![0, 1, 2, 3],
            // Colours at once.
            TiffColours::Palette(_) | TiffColours::Brightness(..) => vec![],
            TiffColours::Rgb | TiffColours::Lab => vec![0, 1, 2],
        };
        kept.extend(head.opacity.map(|(sample, _)| sample));
        let channels = if kept.is_empty() { 3 } else { kept.len() };
        let pixels = u64::from(head.size.0) * u64::from(head.size.1);
        // Grey becomes colours beside what it was.
        let more = if matches!(head.colours, TiffColours::Grey { .. }) { 4 } else { 0 };
        if pixels.saturating_mul(channels as u64 + more) > max_bytes {
            return Err(ReadProblem::TooLarge);
        }
        Ok(Canvas { head, channels, kept, data: vec![0; pixels as usize * channels] })
    }

    /// Returns the pixels of a row from a column on.
    fn row(&mut self, left: u32, y: u32) -> &mut [u8] {
        let width = self.head.size.0 as usize;
        let from = (y as usize * width + left as usize) * self.channels;
        &mut self.data[from..(y as usize + 1) * width * self.channels]
    }

    /// Draws a chunk of so many rows; of one plane where they stand apart.
    fn draw(&mut self, chunk: &[u8], (left, top): (u32, u32), rows: u32, plane: Option<usize>) {
        let head = self.head;
        let seen = rows.min(head.size.1 - top);
        if let TiffColours::Brightness(h, v, ends) = &head.colours {
            self.draw_brightness(chunk, top, seen, (*h, *v), ends);
            return;
        }
        let row_bytes = chunk.len() / rows.max(1) as usize;
        let kept: Vec<(usize, usize)> = match plane {
            // Where the sample stands in the chunk, and where it goes.
            Some(plane) => {
                let to = self.kept.iter().position(|sample| *sample == plane);
                to.map(|to| (0, to)).into_iter().collect()
            }
            None => self.kept.iter().enumerate().map(|(to, sample)| (*sample, to)).collect(),
        };
        let samples = if plane.is_some() { 1 } else { head.samples };
        let (bits, channels, is_little) = (head.bits, self.channels, head.is_little);
        let is_signed = head.colours == TiffColours::Lab;
        // Bytes as they are to be.
        let is_plain = bits == 8
            && channels == samples
            && kept.len() == samples
            && kept.iter().enumerate().all(|(n, (from, to))| (*from, *to) == (n, n));
        for y in 0..seen {
            let bytes = &chunk[y as usize * row_bytes..][..row_bytes];
            let sample = |at: usize| match bits {
                8 => bytes[at],
                16 => {
                    let pair = [bytes[at * 2], bytes[at * 2 + 1]];
                    let value = if is_little { u16::from_le_bytes(pair) } else { u16::from_be_bytes(pair) };
                    if is_signed {
                        (value >> 8) as u8
                    } else {
                        ((u32::from(value) * 255 + 32_895) >> 16) as u8
                    }
                }
                _ => {
                    let bit = at * bits as usize;
                    bytes[bit / 8] >> (8 - bits as usize - bit % 8) & ((1_u16 << bits) - 1) as u8
                }
            };
            if is_plain {
                let out = self.row(left, top + y);
                let length = out.len().min(bytes.len());
                out[..length].copy_from_slice(&bytes[..length]);
                continue;
            }
            let out = self.row(left, top + y).chunks_exact_mut(channels).take(head.chunk.0 as usize);
            if let TiffColours::Palette(colours) = &head.colours {
                for (x, pixel) in out.enumerate() {
                    let colour = colours.get(usize::from(sample(x * samples)));
                    pixel.copy_from_slice(&colour.copied().unwrap_or_default());
                }
                continue;
            }
            let scale = 255 / ((1_u16 << bits.min(8)) - 1) as u8;
            for (x, pixel) in out.enumerate() {
                for (from, to) in &kept {
                    pixel[*to] = sample(x * samples + from) * scale;
                }
            }
        }
    }

    fn draw_brightness(&mut self, chunk: &[u8], top: u32, rows: u32, (h, v): (u32, u32), ends: &[f64; 6]) {
        let width = self.head.size.0;
        let unit = (h * v + 2) as usize;
        let units = width.div_ceil(h);
        for (n, samples) in chunk.chunks_exact(unit).enumerate() {
            let (left, upper) = (n as u32 % units * h, n as u32 / units * v);
            let (blue, red) = (samples[unit - 2], samples[unit - 1]);
            for (at, bright) in samples[..unit - 2].iter().enumerate() {
                let (x, y) = (left + at as u32 % h, upper + at as u32 / h);
                if x < width && y < rows {
                    self.row(x, top + y)[..3].copy_from_slice(&rgb([*bright, blue, red], ends));
                }
            }
        }
    }

    /// Draws a chunk that is a JPEG, whose tables may stand in front of all of them.
    fn draw_jpeg(
        &mut self,
        bytes: &[u8],
        (left, top): (u32, u32),
        max_bytes: u64,
    ) -> Result<(), ReadProblem> {
        let jpeg = with_tables(self.head, bytes);
        let mut limits = Limits::default();
        limits.max_alloc = Some(max_bytes);
        let decoder = PictureReader::with_format(Box::new(Cursor::new(jpeg)), ImageFormat::Jpeg)
            .into_decoder(limits)?;
        if decoder.dimensions().0 > self.head.chunk.0 || decoder.dimensions().1 > self.head.chunk.1 {
            return Err(ReadProblem::Broken);
        }
        let image = decode(decoder)?.into_rgb8();
        for (y, row) in image.rows().enumerate().take((self.head.size.1 - top) as usize) {
            let out = self.row(left, top + y as u32).chunks_exact_mut(3);
            row.zip(out).for_each(|(pixel, out)| out.copy_from_slice(&pixel.0));
        }
        Ok(())
    }

    fn into_raster(self) -> Raster {
        let Canvas { head, channels, mut data, .. } = self;
        let has_opacity = head.opacity.is_some();
        match &head.colours {
            TiffColours::Inks => data = colour::from_inks(data, head.icc.as_deref()),
            TiffColours::Lab => {
                data.as_chunks_mut::<3>().0.iter_mut().for_each(|pixel| *pixel = colour::from_lab(*pixel));
            }
            TiffColours::Grey { is_dark } => {
                let grey = |value: u8| if *is_dark { 255 - value } else { value };
                let pixels = data.chunks_exact(channels);
                data = pixels
                    .flat_map(|pixel| {
                        let value = grey(pixel[0]);
                        [value, value, value].into_iter().chain(pixel.get(1).copied())
                    })
                    .collect();
            }
            _ => {}
        }
        let mut raster = Raster::new(head.size.0, head.size.1, if has_opacity { 4 } else { 3 }, data);
        if head.opacity.is_some_and(|(_, is_multiplied)| is_multiplied) {
            raster = raster.divided_by_opacity();
        }
        if let (Some(icc), TiffColours::Grey { .. } | TiffColours::Rgb) = (&head.icc, &head.colours) {
            colour::from_profile(&mut raster, icc);
        }
        raster
    }
}

fn unpack_bits(bytes: &[u8], wanted: usize, out: &mut Vec<u8>) {
    let mut rest = bytes;
    while let (Some((&head, after)), true) = (rest.split_first(), out.len() < wanted) {
        rest = after;
        match head {
            0..=127 => {
                let count = (usize::from(head) + 1).min(rest.len());
                out.extend_from_slice(&rest[..count]);
                rest = &rest[count..];
            }
            128 => {}
            _ => {
                let Some((&byte, after)) = rest.split_first() else { return };
                out.extend(std::iter::repeat_n(byte, 257 - usize::from(head)));
                rest = after;
            }
        }
    }
}

/// Returns a colour by its brightness and its differences, as ITU-R BT.601 has it, which is what TIFF means.
fn rgb([bright, blue, red]: [u8; 3], ends: &[f64; 6]) -> [u8; 3] {
    let part = |sample: u8, black: f64, white: f64, range: f64| {
        let width = if (white - black).abs() < 1.0 { 1.0 } else { white - black };
        (f64::from(sample) - black) * range / width
    };
    let y = part(bright, ends[0], ends[1], 255.0);
    let b = part(blue, ends[2], ends[3], 127.0);
    let r = part(red, ends[4], ends[5], 127.0);
    [y + 1.402 * r, y - 0.344_136 * b - 0.714_136 * r, y + 1.772 * b]
        .map(|c| c.round().clamp(0.0, 255.0) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_wrongly_ends_where_it_ends() {
        let unpacked = |bytes: &[u8]| {
            let mut out = vec![];
            unpack_bits(bytes, 6, &mut out);
            out
        };
        assert_eq!(unpacked(&[1, 7, 8, 253, 9, 128]), [7, 8, 9, 9, 9, 9]);
        assert_eq!(unpacked(&[5, 1, 2]), [1, 2]);
        assert_eq!(unpacked(&[200]), [] as [u8; 0]);
    }

    #[test]
    fn grey_is_grey_and_the_ends_are_black_and_white() {
        let full = [0.0, 255.0, 128.0, 255.0, 128.0, 255.0];
        let narrow = [15.0, 235.0, 128.0, 240.0, 128.0, 240.0];
        assert_eq!(rgb([120, 128, 128], &full), [120; 3]);
        assert_eq!((rgb([15, 128, 128], &narrow), rgb([235, 128, 128], &narrow)), ([0; 3], [255; 3]));
        assert_eq!(rgb([76, 85, 255], &full), [254, 0, 0], "red");
        rgb([1, 2, 3], &[0.0; 6]);
    }
}
