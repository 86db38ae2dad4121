//! Places in telemetry tracks: cameras write along, sample by sample, where they were. Only the first samples are read;
//! a track of this kind that is not understood may hold places.

use std::io::{self, Read, Seek};

use super::bytes::{ends_of, iso6709, text_of};
use crate::media::mp4::{BoxHeader, Walker, chunks, is_metadata_track, u16_at, u32_at};

/// Later samples are not read: GPMF has one a second, CAMM hundreds.
const MAX_SAMPLES: usize = 512;
/// Longer samples are cut.
const MAX_SAMPLE: u64 = 64 * 1024;
/// Longer descriptions of samples are not read.
const MAX_ENTRY: u64 = 16 * 1024;
/// Deeper blocks of GPMF are not read: a device has streams, and a stream has values.
const MAX_DEPTH: usize = 4;
/// What a word of these is in a name may hold places.
const WORDS_OF_PLACES: [&str; 6] = ["gps", "gpx", "nmea", "location", "geo+json", "parrot.videometadata"];

/// What telemetry says of camera and place.
#[derive(Default)]
pub(super) struct Telemetry {
    /// Degrees north and east.
    pub(super) position: Option<(f64, f64)>,
    /// It has a stream of places, or one that was not understood.
    pub(super) may_hold_places: bool,
    /// The camera's name, from GPMF.
    pub(super) model: Option<String>,
    /// Its form is GPMF, which `GoPro`'s cameras write.
    pub(super) is_gpmf: bool,
}

impl Telemetry {
    /// Notes a place. Zeros stand where a receiver has found no satellite yet.
    fn note(&mut self, latitude: f64, longitude: f64) {
        self.may_hold_places = true;
        let is_one = latitude.abs() <= 90.0
            && longitude.abs() <= 180.0
            && (latitude.abs() > 1e-6 || longitude.abs() > 1e-6);
        if is_one && self.position.is_none() {
            self.position = Some((latitude, longitude));
        }
    }
}

/// Reads a track by its `mdia`. A track of picture or sound says nothing here.
pub(super) fn track<R: Read + Seek>(walker: &mut Walker<'_, R>, mdia: &BoxHeader) -> io::Result<Telemetry> {
    let (mut kind, mut table) = ([0; 4], None);
    walker.each(mdia.from, mdia.to, |walker, header| match &header.kind {
        b"hdlr" => {
            let head: [u8; 12] = walker.content(header, 0)?;
            kind = [head[8], head[9], head[10], head[11]];
            Ok(())
        }
        b"minf" => walker.each(header.from, header.to, |_, header| {
            if &header.kind == b"stbl" {
                table = Some(*header);
            }
            Ok(())
        }),
        _ => Ok(()),
    })?;
    let mut telemetry = Telemetry::default();
    let Some(table) = table.filter(|_| is_metadata_track(kind)) else { return Ok(telemetry) };
    let table = SampleTable::read(walker, &table);
    let Some(entry) = table.entry else { return Ok(telemetry) };
    match &entry.kind {
        b"gpmd" => {
            telemetry.is_gpmf = true;
            let mut is_understood = false;
            table.each(walker, &mut telemetry, |_, _, sample, telemetry| {
                is_understood |= sample.starts_with(b"DEVC");
                gpmf(sample, telemetry);
            });
            telemetry.may_hold_places |= !is_understood;
        }
        b"camm" => {
            table.each(walker, &mut telemetry, |_, _, sample, telemetry| camm(sample, telemetry));
            telemetry.may_hold_places |= !table.is_whole || table.samples.is_empty();
        }
        b"rtmd" => table.each(walker, &mut telemetry, |_, _, sample, telemetry| rtmd(sample, telemetry)),
        b"mebx" => {
            let keys = keys_of_places(walker, &entry)?;
            if !keys.is_empty() {
                telemetry.may_hold_places = true;
                table.each(walker, &mut telemetry, |walker, header, _, telemetry| {
                    // A sample that ends too early says nothing.
                    let _ = mebx(walker, header, &keys, telemetry);
                });
            }
        }
        // Its samples are described by a media type; only what the type says is known.
        b"mett" | b"metx" | b"urim" => {
            let name = walker.some(&entry, 8, MAX_ENTRY)?.to_ascii_lowercase();
            let holds = |word: &&str| ends_of(&name, word.as_bytes()).next().is_some();
            telemetry.may_hold_places = WORDS_OF_PLACES.iter().any(holds);
        }
        // DJI's, of which only its cameras know the form.
        b"djmd" => telemetry.may_hold_places = true,
        _ => {}
    }
    Ok(telemetry)
}

/// Where the first samples of a track are, and of which form they are.
#[derive(Default)]
struct SampleTable {
    entry: Option<BoxHeader>,
    samples: Vec<BoxHeader>,
    /// No sample stands behind those.
    is_whole: bool,
}

impl SampleTable {
    /// Reads the beginnings of the tables, as far as they are there.
    fn read<R: Read + Seek>(walker: &mut Walker<'_, R>, stbl: &BoxHeader) -> SampleTable {
        const MAX: u64 = MAX_SAMPLES as u64;
        let wide = |bytes: &[u8]| bytes.iter().fold(0u64, |n, byte| n << 8 | u64::from(*byte));
        let (mut entry, mut offsets, mut runs, mut sizes) = (None, vec![], vec![], vec![]);
        let mut count = 0;
        let _ = walker.each(stbl.from, stbl.to, |walker, header| {
            match &header.kind {
                b"stsd" => walker.each(header.from + 8, header.to, |_, header| {
                    entry = entry.or(Some(*header));
                    Ok(())
                })?,
                b"stco" => {
                    offsets = walker.some(header, 8, MAX * 4)?.chunks_exact(4).map(wide).collect();
                }
                b"co64" => {
                    offsets = walker.some(header, 8, MAX * 8)?.chunks_exact(8).map(wide).collect();
                }
                b"stsc" => {
                    let table = walker.some(header, 8, MAX * 12)?;
                    runs = table.chunks_exact(12).map(|row| (u32_at(row, 0), u32_at(row, 4))).collect();
                }
                b"stsz" => {
                    let head: [u8; 12] = walker.content(header, 0)?;
                    let same = u32_at(&head, 4);
                    count = u32_at(&head, 8) as usize;
                    sizes = match same {
                        0 => walker.some(header, 12, MAX * 4)?.chunks_exact(4).map(wide).collect(),
                        same => vec![u64::from(same); count.min(MAX_SAMPLES)],
                    };
                }
                _ => {}
            }
            Ok(())
        });
        let mut sizes = sizes.into_iter();
        let mut samples = vec![];
        for (mut from, in_chunk) in chunks(offsets, runs) {
            for size in sizes.by_ref().take(in_chunk as usize) {
                let to = from.saturating_add(size);
                samples.push(BoxHeader { start: from, kind: *b"smpl", from, to, is_whole: true });
                from = to;
            }
        }
        SampleTable { entry, is_whole: samples.len() >= count, samples }
    }

    /// Shows each sample, until a place is known.
    fn each<R: Read + Seek>(
        &self,
        walker: &mut Walker<'_, R>,
        telemetry: &mut Telemetry,
        mut see: impl FnMut(&mut Walker<'_, R>, &BoxHeader, &[u8], &mut Telemetry),
    ) {
        for header in &self.samples {
            let Ok(sample) = walker.some(header, 0, MAX_SAMPLE) else { return };
            see(walker, header, &sample, telemetry);
            if telemetry.position.is_some() {
                return;
            }
        }
    }
}

/// Reads a block of GPMF, `GoPro`'s form: keys of four letters, each with a type, a size, a count and so many values.
pub(super) fn gpmf(bytes: &[u8], telemetry: &mut Telemetry) {
    nested_gpmf(bytes, 0, telemetry);
}

fn nested_gpmf(mut rest: &[u8], depth: usize, telemetry: &mut Telemetry) {
    // What the values of a stream are divided by stands before them.
    let mut divisors: Vec<f64> = vec![];
    while let Some((head, behind)) = rest.split_first_chunk::<8>() {
        let [a, b, c, d, kind, size, ..] = *head;
        let (size, count) = (usize::from(size), usize::from(u16_at(head, 6)));
        let content = &behind[..(size * count).min(behind.len())];
        match &[a, b, c, d] {
            _ if kind == 0 && depth < MAX_DEPTH => nested_gpmf(content, depth + 1, telemetry),
            b"MINF" => telemetry.model = Some(text_of(content, None)),
            // The first device is the camera, and some have no more of a name than that.
            b"DVNM" if telemetry.model.is_none() => {
                let name = text_of(content, None);
                let lower = name.to_ascii_lowercase();
                if lower.contains("gopro") || lower.contains("hero") {
                    telemetry.model = Some(name);
                }
            }
            b"SCAL" => divisors = gpmf_numbers(kind, content),
            key => {
                // Where latitude and longitude stand in a value, and which divisor is the first one's.
                let at = match key {
                    b"GPS5" | b"GPS9" | b"BPOS" => Some((0, 0)),
                    b"GLPI" => Some((4, 1)),
                    b"GPRI" => Some((8, 1)),
                    _ => None,
                };
                if let Some((at, divisor)) = at {
                    telemetry.may_hold_places = true;
                    let degrees = |value: &[u8], n: usize| {
                        let divisor = divisors.get(divisor + n).or(divisors.first()).unwrap_or(&1.0);
                        f64::from(u32_at(value, at + 4 * n) as i32) / divisor
                    };
                    for value in content.chunks_exact(size.max(1)).filter(|value| value.len() >= at + 8) {
                        telemetry.note(degrees(value, 0), degrees(value, 1));
                    }
                }
            }
        }
        rest = behind.get((size * count).next_multiple_of(4)..).unwrap_or_default();
    }
}

fn gpmf_numbers(kind: u8, content: &[u8]) -> Vec<f64> {
    let long = |bytes: &[u8]| u32_at(bytes, 0);
    match kind {
        b'l' => content.chunks_exact(4).map(|bytes| f64::from(long(bytes) as i32)).collect(),
        b'L' => content.chunks_exact(4).map(|bytes| f64::from(long(bytes))).collect(),
        b'f' => content.chunks_exact(4).map(|bytes| f64::from(f32::from_bits(long(bytes)))).collect(),
        b's' => content.chunks_exact(2).map(|bytes| f64::from(u16_at(bytes, 0) as i16)).collect(),
        b'S' => content.chunks_exact(2).map(|bytes| f64::from(u16_at(bytes, 0))).collect(),
        _ => vec![],
    }
}

/// Reads a sample of CAMM, Google's form: two bytes of nothing, a type, and doubles, the low byte first.
fn camm(sample: &[u8], telemetry: &mut Telemetry) {
    let at = match sample.get(2..4) {
        Some([5, 0]) => 4,
        Some([6, 0]) => 16, // behind a time and a kind of fix
        _ => return,
    };
    let double = |at: usize| Some(f64::from_le_bytes(sample.get(at..at + 8)?.try_into().ok()?));
    if let (Some(latitude), Some(longitude)) = (double(at), double(at + 8)) {
        telemetry.note(latitude, longitude);
    }
}

/// Reads a sample of Sony's: a head that begins with its length, then tags, each with a length.
fn rtmd(sample: &[u8], telemetry: &mut Telemetry) {
    let mut at = usize::from(u16_at(sample, 0));
    // Degrees, minutes and seconds, each of two numbers; and which half of the world.
    let mut angles = [None; 2];
    let mut signs = [1.0; 2];
    while at + 4 < sample.len() {
        let (tag, length) = (u16_at(sample, at), usize::from(u16_at(sample, at + 2)));
        let from = at + 4;
        let content = sample.get(from..from + length).unwrap_or_default();
        at = match tag {
            0 => break,
            0x060e => at + 16, // a mark without a length
            0x8300 => from,    // tags in a tag
            _ => from + length,
        };
        match tag {
            0x8501 | 0x8503 => {
                let is_negative = matches!(content.first(), Some(b'S' | b'W'));
                signs[usize::from(tag == 0x8503)] = if is_negative { -1.0 } else { 1.0 };
            }
            0x8502 | 0x8504 if content.len() >= 24 => {
                telemetry.may_hold_places = true;
                let part =
                    |n: usize| f64::from(u32_at(content, n * 8)) / f64::from(u32_at(content, n * 8 + 4));
                angles[usize::from(tag == 0x8504)] = Some(part(0) + part(1) / 60.0 + part(2) / 3600.0);
            }
            _ => {}
        }
    }
    if let [Some(latitude), Some(longitude)] = angles {
        telemetry.note(latitude * signs[0], longitude * signs[1]);
    }
}

/// Returns the numbers of Apple's keys whose names say that their values are places.
fn keys_of_places<R: Read + Seek>(walker: &mut Walker<'_, R>, entry: &BoxHeader) -> io::Result<Vec<[u8; 4]>> {
    let mut found = vec![];
    walker.each(entry.from.saturating_add(8), entry.to, |walker, header| {
        if &header.kind != b"keys" {
            return Ok(());
        }
        walker.each(header.from, header.to, |walker, key| {
            walker.each(key.from, key.to, |walker, header| {
                let name = walker.some(header, 4, 256)?.to_ascii_lowercase();
                let holds = |word: &&str| ends_of(&name, word.as_bytes()).next().is_some();
                if &header.kind == b"keyd" && WORDS_OF_PLACES.iter().any(holds) {
                    found.push(key.kind);
                }
                Ok(())
            })
        })
    })?;
    Ok(found)
}

/// Reads a sample of Apple's: boxes whose types are the numbers of keys.
fn mebx<R: Read + Seek>(
    walker: &mut Walker<'_, R>,
    sample: &BoxHeader,
    keys: &[[u8; 4]],
    telemetry: &mut Telemetry,
) -> io::Result<()> {
    walker.each(sample.from, sample.to, |walker, header| {
        if keys.contains(&header.kind) {
            let text = text_of(&walker.some(header, 0, 1024)?, None);
            if let Some((latitude, longitude)) = iso6709(&text) {
                telemetry.note(latitude, longitude);
            }
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A block of GPMF: its key, the kind and size of its values, how many there are, and those.
    fn block(key: [u8; 4], kind: u8, size: u8, count: u16, content: &[u8]) -> Vec<u8> {
        let mut bytes = [&key[..], &[kind, size], &count.to_be_bytes(), content].concat();
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        bytes
    }

    /// A second of GPMF with one position, 33.125 north and 117.33 west.
    fn second() -> Vec<u8> {
        let position = [331_250_000i32, -1_173_300_000, 0, 0, 0].map(i32::to_be_bytes).concat();
        let scale = [10_000_000i32, 10_000_000, 1000, 1000, 100].map(i32::to_be_bytes).concat();
        let stream = [block(*b"SCAL", b'l', 4, 5, &scale), block(*b"GPS5", b'l', 20, 1, &position)].concat();
        let stream = block(*b"STRM", 0, 1, stream.len() as u16, &stream);
        let device = [block(*b"DVNM", b'c', 1, 10, b"GoPro Hero"), stream].concat();
        block(*b"DEVC", 0, 1, device.len() as u16, &device)
    }

    fn read_as_all(bytes: &[u8]) -> Telemetry {
        let mut telemetry = Telemetry::default();
        camm(bytes, &mut telemetry);
        rtmd(bytes, &mut telemetry);
        let mut telemetry = Telemetry::default();
        gpmf(bytes, &mut telemetry);
        telemetry
    }

    #[test]
    fn a_second_of_gpmf_has_its_place_and_camera_and_blocks_in_blocks_are_bounded() {
        let telemetry = read_as_all(&second());
        assert_eq!(telemetry.position, Some((33.125, -117.33)));
        assert_eq!(telemetry.model.as_deref(), Some("GoPro Hero"));
        let mut deep = second();
        for _ in 0..2000 {
            deep = block(*b"DEVC", 0, 1, deep.len() as u16, &deep);
        }
        assert!(read_as_all(&deep).position.is_none());
    }

    proptest! {
        #[test]
        fn wrong_bytes_are_read_without_a_panic(
            wrong in prop::collection::vec((0usize..256, any::<u8>()), 0..20),
            any in prop::collection::vec(any::<u8>(), 0..200),
            until in 0usize..256,
        ) {
            let mut bytes = second();
            for (at, byte) in wrong {
                let n = bytes.len();
                bytes[at % n] = byte;
            }
            read_as_all(&bytes[..until.min(bytes.len())]);
            read_as_all(&any);
            for begin in [&b"\0\0\x05\0"[..], b"\0\0\x06\0", b"\0\x04\0\0\x83\0", b"\0\x02\x85\x02\0\x18"] {
                read_as_all(&[begin, &any].concat());
            }
        }
    }
}
