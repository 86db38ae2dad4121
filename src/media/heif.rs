//! Pictures in an ISO container (HEIC, AVIF): how large they are and how they are turned. They are not decoded here.

use std::io::{self, Read, Seek};

use super::heif_picture::{MAX_AV1, MAX_HEVC};
use super::mp4::{BoxHeader, Walker, u16_at, u32_at};
use crate::model::media::Undecodable;

/// More properties than these are not looked at.
const MAX_PROPERTIES: usize = 4096;
/// Longer lists are not read.
const MAX_BYTES: u64 = 256 * 1024;

/// The picture that is shown first.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Still {
    /// As displayed: turned and cropped.
    pub(super) pixels: Option<(u32, u32)>,
    /// As EXIF counts it, where it is turned or mirrored.
    pub(super) orientation: Option<u8>,
    /// It is coded as AV1: an AVIF.
    pub(super) is_av1: bool,
    /// Why no decoder here reads it.
    pub(super) undecodable: Option<Undecodable>,
}

/// Something that is said of pictures.
#[derive(Clone, Copy)]
enum Property {
    Size(u32, u32),
    Crop(u32, u32),
    /// Quarter turns against the clock.
    Turn(u8),
    /// Upside down, or left to right.
    Mirror {
        left_right: bool,
    },
    Other,
}

/// Reads the box that describes pictures. None where it describes something else.
pub(super) fn read<R: Read + Seek>(
    walker: &mut Walker<'_, R>,
    header: &BoxHeader,
) -> io::Result<Option<Still>> {
    let mut is_picture = false;
    let mut primary = None;
    let mut items: Vec<(u32, [u8; 4])> = vec![];
    let mut properties = vec![];
    let mut list = vec![];
    walker.each(header.from.saturating_add(4), header.to, |walker, header| {
        match &header.kind {
            b"hdlr" => is_picture = &walker.content::<12>(header, 0)?[8..] == b"pict",
            b"pitm" => {
                let head: [u8; 8] = walker.content(header, 0)?;
                primary = Some(if head[0] == 0 { u32::from(u16_at(&head, 4)) } else { u32_at(&head, 4) });
            }
            b"iinf" => {
                let head: [u8; 4] = walker.content(header, 0)?;
                let skip = if head[0] == 0 { 6 } else { 8 };
                walker.each(header.from.saturating_add(skip), header.to, |walker, header| {
                    let head: [u8; 16] = walker.content(header, 0)?;
                    let (id, kind) = match head[0] {
                        3 => (u32_at(&head, 4), 10),
                        _ => (u32::from(u16_at(&head, 4)), 8),
                    };
                    if &header.kind == b"infe" && items.len() < MAX_PROPERTIES {
                        items.push((id, [head[kind], head[kind + 1], head[kind + 2], head[kind + 3]]));
                    }
                    Ok(())
                })?;
            }
            b"iprp" => walker.each(header.from, header.to, |walker, header| {
                match &header.kind {
                    b"ipco" => walker.each(header.from, header.to, |walker, header| {
                        if properties.len() < MAX_PROPERTIES {
                            properties.push(property(walker, header)?);
                        }
                        Ok(())
                    })?,
                    b"ipma" => list = walker.some(header, 0, MAX_BYTES)?,
                    _ => {}
                }
                Ok(())
            })?,
            _ => {}
        }
        Ok(())
    })?;
    if !is_picture {
        return Ok(None);
    }
    let primary = primary.or(items.first().map(|(id, _)| *id)).unwrap_or_default();
    let mut still = Still { is_av1: items.iter().any(|(_, kind)| kind == b"av01"), ..Still::default() };
    let kind = items.iter().find(|(id, _)| *id == primary).map(|(_, kind)| kind);
    let mut coded = 0;
    // Each is done to what the one before it left, in their order.
    let mut state = 1;
    for at in of_item(&list, primary) {
        match properties.get(at).copied().unwrap_or(Property::Other) {
            Property::Size(width, height) if still.pixels.is_none() => {
                still.pixels = Some((width, height));
                coded = u64::from(width) * u64::from(height);
            }
            Property::Crop(width, height) => still.pixels = Some((width, height)),
            Property::Turn(quarters) => {
                state = (0..quarters).fold(state, |state, _| against_clock(state));
                if quarters % 2 == 1 {
                    still.pixels = still.pixels.map(|(width, height)| (height, width));
                }
            }
            Property::Mirror { left_right } => state = mirrored(state, left_right),
            Property::Size(..) | Property::Other => {}
        }
    }
    still.undecodable = match kind {
        Some(b"hvc1") if coded > MAX_HEVC => Some(Undecodable::TooManyPixels),
        Some(b"av01") if coded > MAX_AV1 => Some(Undecodable::TooManyPixels),
        Some(b"hvc1" | b"av01" | b"grid" | b"iden") | None => None,
        Some(_) => Some(Undecodable::Feature),
    };
    still.orientation = (state != 1).then_some(state);
    still.pixels = still.pixels.filter(|(width, height)| *width > 0 && *height > 0);
    Ok(Some(still))
}

fn property<R: Read + Seek>(walker: &mut Walker<'_, R>, header: &BoxHeader) -> io::Result<Property> {
    let head: [u8; 16] = walker.content(header, 0)?;
    Ok(match &header.kind {
        b"ispe" => Property::Size(u32_at(&head, 4), u32_at(&head, 8)),
        b"clap" => {
            // Fractions; whole numbers in all that is made.
            let part = |at: usize| u32_at(&head, at).checked_div(u32_at(&head, at + 4)).filter(|n| *n > 0);
            part(0).zip(part(8)).map_or(Property::Other, |(width, height)| Property::Crop(width, height))
        }
        b"irot" => Property::Turn(head[0] & 3),
        b"imir" => Property::Mirror { left_right: head[0] & 1 == 1 },
        _ => Property::Other,
    })
}

/// Returns which properties an item has, counted from 0.
fn of_item(list: &[u8], item: u32) -> Vec<usize> {
    let (version, wide) = (list.first().copied().unwrap_or(0), u32_at(list, 0) & 1 == 1);
    let mut at = 8;
    for _ in 0..u32_at(list, 4) {
        let (id, n) = if version == 0 { (u32::from(u16_at(list, at)), 2) } else { (u32_at(list, at), 4) };
        let Some(count) = list.get(at + n).map(|count| usize::from(*count)) else { break };
        let from = at + n + 1;
        let width = if wide { 2 } else { 1 };
        if id == item {
            let of = |n: usize| match wide {
                true => usize::from(u16_at(list, from + 2 * n) & 0x7fff),
                false => usize::from(list.get(from + n).copied().unwrap_or(0) & 0x7f),
            };
            return (0..count).filter_map(|n| of(n).checked_sub(1)).collect();
        }
        at = from + count * width;
    }
    vec![]
}

/// Returns the orientation of something that is turned a quarter against the clock besides.
fn against_clock(state: u8) -> u8 {
    [1, 8, 5, 6, 7, 4, 1, 2, 3][usize::from(state.min(8))]
}

/// Returns the orientation of something that is mirrored besides.
fn mirrored(state: u8, left_right: bool) -> u8 {
    let across = [1, 2, 1, 4, 3, 6, 5, 8, 7][usize::from(state.min(8))];
    // Upside down is left to right and half a turn.
    if left_right { across } else { against_clock(against_clock(across)) }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::super::mp4;
    use super::super::source::Source;
    use crate::model::media::Media;

    fn boxed(kind: [u8; 4], content: &[u8]) -> Vec<u8> {
        [&(content.len() as u32 + 8).to_be_bytes()[..], &kind, content].concat()
    }

    /// A picture of 400 × 300 pixels, stored behind a thumbnail, with these properties besides its size.
    fn picture(brands: &[u8], item: [u8; 4], properties: &[Vec<u8>]) -> Vec<u8> {
        let size = |w: u32, h: u32| boxed(*b"ispe", &[[0; 4], w.to_be_bytes(), h.to_be_bytes()].concat());
        let info = |id: u8| boxed(*b"infe", &[&[2, 0, 0, 0, 0, id, 0, 0], &item[..], &[0]].concat());
        let all = [&[size(40, 30), size(400, 300)], properties].concat().concat();
        let mut list = vec![0, 0, 0, 0, 0, 0, 0, 2, 0, 1, 1, 1, 0, 2, properties.len() as u8 + 1, 2];
        list.extend((0..properties.len()).map(|n| n as u8 + 3));
        let meta = [
            vec![0; 4],
            boxed(*b"hdlr", b"\0\0\0\0\0\0\0\0pict\0\0\0\0\0\0\0\0\0\0\0\0\0"),
            boxed(*b"pitm", &[0, 0, 0, 0, 0, 2]),
            boxed(*b"iinf", &[&[0, 0, 0, 0, 0, 2][..], &info(1), &info(2)].concat()),
            boxed(*b"iprp", &[boxed(*b"ipco", &all), boxed(*b"ipma", &list)].concat()),
        ]
        .concat();
        [boxed(*b"ftyp", brands), boxed(*b"meta", &meta), boxed(*b"mdat", &[7; 30])].concat()
    }

    fn read_all(bytes: &[u8]) -> mp4::Movie {
        let mut file = Cursor::new(bytes);
        mp4::read(&mut Source::new(&mut file, bytes.len() as u64))
    }

    #[test]
    fn the_coding_of_the_picture_decides_and_not_the_major_brand() {
        for (brands, item, media) in [
            (&b"heic\0\0\0\0mif1heic"[..], *b"hvc1", Media::Heic),
            (b"mif1\0\0\0\0mif1miaf", *b"hvc1", Media::Heic),
            (b"mif1\0\0\0\0mif1avif", *b"av01", Media::Avif),
            (b"mif1\0\0\0\0mif1miaf", *b"av01", Media::Avif),
            (b"avif\0\0\0\0avifmif1", *b"av01", Media::Avif),
            (b"abcd\0\0\0\0abcd", *b"av01", Media::Avif),
        ] {
            let movie = read_all(&picture(brands, item, &[]));
            assert_eq!(movie.media(None), media, "{}", String::from_utf8_lossy(brands));
            assert_eq!((movie.pixels, movie.orientation), (Some((400, 300)), None));
        }
    }

    #[test]
    fn a_picture_is_as_large_as_it_is_displayed() {
        let turn = |quarters: u8| boxed(*b"irot", &[quarters]);
        let mirror = |axis: u8| boxed(*b"imir", &[axis]);
        let crop = boxed(*b"clap", &[[0, 0, 0, 200], [0, 0, 0, 1], [0, 0, 0, 100], [0, 0, 0, 1]].concat());
        for (properties, pixels, orientation) in [
            (vec![turn(1)], (300, 400), Some(8)),
            (vec![turn(2)], (400, 300), Some(3)),
            (vec![turn(3)], (300, 400), Some(6)),
            (vec![mirror(0)], (400, 300), Some(4)),
            (vec![mirror(1)], (400, 300), Some(2)),
            (vec![turn(1), mirror(1)], (300, 400), Some(7)),
            (vec![turn(3), mirror(1)], (300, 400), Some(5)),
            (vec![crop.clone(), turn(3)], (100, 200), Some(6)),
            (vec![turn(1), turn(3)], (400, 300), None),
        ] {
            let movie = read_all(&picture(b"heic\0\0\0\0mif1", *b"hvc1", &properties));
            assert_eq!((movie.pixels, movie.orientation), (Some(pixels), orientation));
        }
    }
}
