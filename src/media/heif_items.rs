//! The items of an ISO container of pictures (HEIC, AVIF): where the bytes of each are, what it is made of, and what is
//! said of it.

use super::heif_picture::{HeifError, Turns};
use super::mp4::{u16_at, u32_at};

/// More items, parts or properties than these are not looked at.
const MAX_ITEMS: usize = 4096;
/// An item stands for another one that stands for another one, so deep.
const MAX_IDENTITIES: usize = 8;
/// What decoders are told before the tiles may have so many bytes more than the file: all tiles share them.
const MAX_SETUPS: usize = 1024 * 1024;

/// A box: its name and its content.
struct Boxed<'a> {
    kind: [u8; 4],
    content: &'a [u8],
}

/// Returns the boxes in some bytes, up to the first that is none.
fn boxes(bytes: &[u8]) -> impl Iterator<Item = Boxed<'_>> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let kind = *rest.get(4..8)?.first_chunk::<4>()?;
        let (head, size) = match u32_at(rest, 0) {
            0 => (8, rest.len() as u64),
            1 => (16, u64::from(u32_at(rest, 8)) << 32 | u64::from(u32_at(rest, 12))),
            size => (8, u64::from(size)),
        };
        let size = usize::try_from(size).ok()?;
        let content = rest.get(head..size.min(rest.len()))?;
        rest = rest.get(size..).unwrap_or_default();
        Some(Boxed { kind, content })
    })
}

fn find(bytes: &[u8], kind: [u8; 4]) -> Option<&[u8]> {
    boxes(bytes).take(MAX_ITEMS).find(|one| one.kind == kind).map(|one| one.content)
}

/// A picture, a tile or metadata: what a file's `meta` box lists.
#[derive(Clone, Debug, Default)]
struct HeifItem {
    id: u32,
    kind: [u8; 4],
    /// Its MIME type, where it is of none of the named kinds.
    mime: Vec<u8>,
    /// Its parts: where each begins, and how long it is.
    parts: Vec<(u64, u64)>,
    /// They are in the container's own data box.
    is_inside: bool,
    properties: Vec<usize>,
}

/// The items of a file, and how they refer to each other.
pub(super) struct HeifItems<'a> {
    file: &'a [u8],
    inside: &'a [u8],
    primary: u32,
    items: Vec<HeifItem>,
    properties: Vec<([u8; 4], &'a [u8])>,
    /// What refers, how, and to what.
    references: Vec<(u32, [u8; 4], Vec<u32>)>,
}

impl<'a> HeifItems<'a> {
    /// Reads the items of a file that is wholly in memory.
    pub(super) fn read(file: &'a [u8]) -> Option<HeifItems<'a>> {
        let meta = find(file, *b"meta")?.get(4..)?;
        let items = kinds(find(meta, *b"iinf")?);
        // Some writers leave out which is shown first: where there is one, it is that.
        let primary = match find(meta, *b"pitm") {
            Some(pitm) if pitm.first() == Some(&0) => u32::from(u16_at(pitm, 4)),
            Some(pitm) => u32_at(pitm, 4),
            None => items.first()?.id,
        };
        let mut all = HeifItems {
            file,
            inside: find(meta, *b"idat").unwrap_or_default(),
            primary,
            items,
            properties: vec![],
            references: find(meta, *b"iref").map(references).unwrap_or_default(),
        };
        all.locate(find(meta, *b"iloc")?);
        if let Some(iprp) = find(meta, *b"iprp") {
            let content = find(iprp, *b"ipco").unwrap_or_default();
            all.properties = boxes(content).take(MAX_ITEMS).map(|one| (one.kind, one.content)).collect();
            for one in boxes(iprp).filter(|one| &one.kind == b"ipma").take(16) {
                all.associate(one.content);
            }
        }
        Some(all)
    }

    fn item(&self, id: u32) -> Option<&HeifItem> {
        self.items.iter().find(|item| item.id == id)
    }

    /// Reads where the bytes of each item are.
    fn locate(&mut self, iloc: &[u8]) {
        let version = iloc.first().copied().unwrap_or(0);
        let sizes = u16_at(iloc, 4);
        let size = |shift: u32| usize::from(sizes >> shift & 15);
        let (offset_size, length_size, base_size) = (size(12), size(8), size(4));
        let index_size = if version > 0 { size(0) } else { 0 };
        let (count, mut at) =
            if version < 2 { (u32::from(u16_at(iloc, 6)), 8) } else { (u32_at(iloc, 6), 10) };
        let number = |at: &mut usize, size: usize| {
            let bytes = iloc.get(*at..*at + size)?;
            *at += size;
            Some(bytes.iter().take(8).fold(0u64, |n, b| n << 8 | u64::from(*b)))
        };
        for _ in 0..count.min(MAX_ITEMS as u32) {
            let Some(id) = number(&mut at, if version < 2 { 2 } else { 4 }) else { return };
            let method = if version > 0 { number(&mut at, 2).unwrap_or(0) & 15 } else { 0 };
            let read = number(&mut at, 2).and_then(|_| number(&mut at, base_size)).zip(number(&mut at, 2));
            let Some((base, extents)) = read else { return };
            let mut parts = vec![];
            for _ in 0..extents.min(MAX_ITEMS as u64) {
                number(&mut at, index_size);
                let Some(offset) = number(&mut at, offset_size) else { return };
                let Some(length) = number(&mut at, length_size) else { return };
                parts.push((base.saturating_add(offset), length));
            }
            if let Some(item) = self.items.iter_mut().find(|item| u64::from(item.id) == id) {
                item.parts = parts;
                item.is_inside = method == 1;
            }
        }
    }

    /// Reads which properties belong to which item.
    fn associate(&mut self, list: &[u8]) {
        let (version, wide) = (list.first().copied().unwrap_or(0), u32_at(list, 0) & 1 == 1);
        let mut at = 8;
        for _ in 0..u32_at(list, 4).min(MAX_ITEMS as u32) {
            let (id, n) = if version == 0 { (u32::from(u16_at(list, at)), 2) } else { (u32_at(list, at), 4) };
            let Some(count) = list.get(at + n).map(|count| usize::from(*count)) else { return };
            let from = at + n + 1;
            let one = |n: usize| match wide {
                true => usize::from(u16_at(list, from + 2 * n) & 0x7fff),
                false => usize::from(list.get(from + n).copied().unwrap_or(0) & 0x7f),
            };
            let properties = (0..count).filter_map(|n| one(n).checked_sub(1)).collect();
            if let Some(item) = self.items.iter_mut().find(|item| item.id == id) {
                item.properties = properties;
            }
            at = from + count * if wide { 2 } else { 1 };
        }
    }

    /// Returns the bytes of an item.
    fn bytes(&self, item: &HeifItem) -> Option<Vec<u8>> {
        let within = if item.is_inside { self.inside } else { self.file };
        let mut out = vec![];
        for (offset, length) in &item.parts {
            let from = usize::try_from(*offset).ok()?;
            let to = match length {
                0 => within.len(), // all the rest
                length => from.checked_add(usize::try_from(*length).ok()?)?,
            };
            out.extend_from_slice(within.get(from..to.min(within.len()))?);
            if out.len() > self.file.len() {
                return None; // parts that overlap are a trick
            }
        }
        Some(out)
    }

    fn properties<'b>(&'b self, item: &'b HeifItem) -> impl Iterator<Item = &'b ([u8; 4], &'a [u8])> {
        item.properties.iter().filter_map(|at| self.properties.get(*at))
    }

    fn referred(&self, from: u32, kind: [u8; 4]) -> &[u32] {
        let found = self.references.iter().find(|(id, other, _)| (*id, *other) == (from, kind));
        found.map(|(_, _, to)| to.as_slice()).unwrap_or_default()
    }

    /// Returns the coded bytes of the picture that is shown first: one part, or the tiles of a grid.
    pub(super) fn picture(&self) -> Result<CodedPicture<'a>, HeifError> {
        self.coded(self.primary)
    }

    /// Returns the picture of its opacity.
    pub(super) fn alpha(&self) -> Option<CodedPicture<'a>> {
        let is_alpha = |id: u32| {
            let item = self.item(id)?;
            let kind = self.properties(item).find(|(kind, _)| kind == b"auxC")?.1.get(4..)?;
            let urn = kind.split(|b| *b == 0).next()?;
            matches!(urn, b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha" | b"urn:mpeg:hevc:2015:auxid:1")
                .then_some(id)
        };
        let auxiliary =
            self.references.iter().filter(|(_, kind, to)| kind == b"auxl" && to.contains(&self.primary));
        auxiliary.filter_map(|(id, ..)| is_alpha(*id)).find_map(|id| self.coded(id).ok())
    }

    /// Returns whether its colours are multiplied by its opacity.
    pub(super) fn is_premultiplied(&self) -> bool {
        !self.referred(self.primary, *b"prem").is_empty()
    }

    /// Returns the item that one stands for, which is mostly itself, and how it is turned on the way.
    fn source(&self, id: u32) -> Option<(&HeifItem, Turns)> {
        let mut item = self.item(id)?;
        let mut enclosing = vec![];
        while &item.kind == b"iden" {
            enclosing.push(item);
            let source = self.referred(item.id, *b"dimg").first()?;
            item = self.item(*source).filter(|_| enclosing.len() < MAX_IDENTITIES)?;
        }
        let mut turns = self.turns(item);
        enclosing.iter().rev().for_each(|item| turns.append(self.turns(item)));
        Some((item, turns))
    }

    fn coded(&self, id: u32) -> Result<CodedPicture<'a>, HeifError> {
        let (item, turns) = self.source(id).ok_or(HeifError::Broken)?;
        let mut coded = CodedPicture { turns, ..CodedPicture::default() };
        self.colours(item, &mut coded);
        match &item.kind {
            b"hvc1" | b"av01" => self.add_whole(item, &mut coded).ok_or(HeifError::Broken)?,
            b"grid" => self.add_grid(item, &mut coded)?,
            _ => return Err(HeifError::Unsupported),
        }
        Ok(coded)
    }

    /// Reads how the colours of an item are meant, where that is not known yet.
    fn colours(&self, item: &HeifItem, coded: &mut CodedPicture<'a>) {
        for (_, content) in self.properties(item).filter(|(kind, _)| kind == b"colr") {
            match content.get(..4) {
                Some(b"prof" | b"rICC") if coded.icc.is_none() => {
                    coded.icc = content.get(4..).map(<[u8]>::to_vec);
                }
                Some(b"nclx") if coded.nclx.is_none() => {
                    let range = content.get(10).is_some_and(|b| b & 0x80 != 0);
                    coded.nclx = Some((u16_at(content, 4), u16_at(content, 6), u16_at(content, 8), range));
                }
                _ => {}
            }
        }
    }

    fn tile(&self, item: &HeifItem) -> Option<CodedTile<'a>> {
        let setup = self.properties(item).find(|(kind, _)| matches!(kind, b"hvcC" | b"av1C"));
        Some(CodedTile { bytes: self.bytes(item)?, setup: setup.map_or(&[], |(_, content)| content) })
    }

    fn add_whole(&self, item: &HeifItem, coded: &mut CodedPicture<'a>) -> Option<()> {
        let ispe = self.properties(item).find(|(kind, _)| kind == b"ispe")?.1;
        coded.size = (u32_at(ispe, 4), u32_at(ispe, 8));
        coded.tiles = vec![self.tile(item)?];
        Some(())
    }

    fn add_grid(&self, item: &HeifItem, coded: &mut CodedPicture<'a>) -> Result<(), HeifError> {
        let grid = self.bytes(item).filter(|grid| grid.len() >= 8).ok_or(HeifError::Broken)?;
        let wide = grid[1] & 1 == 1;
        coded.columns = usize::from(grid[3]) + 1;
        let rows = usize::from(grid[2]) + 1;
        coded.size = match wide {
            true => (u32_at(&grid, 4), u32_at(&grid, 8)),
            false => (u32::from(u16_at(&grid, 4)), u32::from(u16_at(&grid, 6))),
        };
        let ids = self.referred(item.id, *b"dimg").get(..rows * coded.columns).ok_or(HeifError::Broken)?;
        let mut bytes = 0;
        for id in ids {
            let item = self.item(*id).ok_or(HeifError::Broken)?;
            if !matches!(&item.kind, b"hvc1" | b"av01") {
                return Err(HeifError::Unsupported);
            }
            let tile = self.tile(item).ok_or(HeifError::Broken)?;
            bytes += tile.bytes.len() + tile.setup.len();
            if bytes > self.file.len() + MAX_SETUPS {
                return Err(HeifError::Broken); // so are tiles that are named again and again
            }
            coded.tiles.push(tile);
        }
        // Some writers say of the tiles what is meant of the whole.
        if let Some(first) = ids.first().and_then(|id| self.item(*id)) {
            self.colours(first, coded);
        }
        Ok(())
    }

    fn turns(&self, item: &HeifItem) -> Turns {
        let mut turns = Turns::default();
        for (kind, content) in self.properties(item) {
            let byte = content.first().copied().unwrap_or(0);
            match kind {
                b"irot" => turns.rotate(byte & 3),
                b"imir" => turns.mirror(byte & 1 == 1),
                b"clap" => {
                    let whole = |at: usize| {
                        u32_at(content, at).checked_div(u32_at(content, at + 4)).unwrap_or(0) as usize
                    };
                    let offset = |at: usize| {
                        let of = u32_at(content, at + 4).max(1) as i32;
                        (u32_at(content, at) as i32).checked_div(of).unwrap_or(0)
                    };
                    turns.crop((whole(0), whole(8)), (offset(16), offset(24)));
                }
                _ => {}
            }
        }
        turns
    }

    /// Returns the EXIF of the picture, from the head of its TIFF on.
    pub(super) fn exif(&self) -> Option<Vec<u8>> {
        let item = self.items.iter().find(|item| &item.kind == b"Exif")?;
        let bytes = self.bytes(item)?;
        // In front stands how far it is to the head.
        let skip = 4 + usize::try_from(u32_at(&bytes, 0)).ok()?;
        bytes.get(skip..).filter(|tiff| tiff.len() > 8).map(<[u8]>::to_vec)
    }

    /// Returns the XMP of the picture.
    pub(super) fn xmp(&self) -> Option<Vec<u8>> {
        let is_xmp = |item: &&HeifItem| &item.kind == b"mime" && item.mime == b"application/rdf+xml";
        self.items.iter().find(is_xmp).and_then(|item| self.bytes(item))
    }
}

/// A part of a picture that is decoded at once.
pub(super) struct CodedTile<'a> {
    pub(super) bytes: Vec<u8>,
    /// What its decoder is told before: the content of `hvcC` or `av1C`, empty where there is none.
    pub(super) setup: &'a [u8],
}

/// A picture as its codec has it.
#[derive(Default)]
pub(super) struct CodedPicture<'a> {
    /// Before turns.
    pub(super) size: (u32, u32),
    /// Row by row.
    pub(super) tiles: Vec<CodedTile<'a>>,
    /// Tiles in a row; 0 where there is one that is the whole.
    pub(super) columns: usize,
    pub(super) turns: Turns,
    pub(super) icc: Option<Vec<u8>>,
    /// Primaries, transfer, matrix, full range.
    pub(super) nclx: Option<(u16, u16, u16, bool)>,
}

fn kinds(iinf: &[u8]) -> Vec<HeifItem> {
    let skip = if iinf.first() == Some(&0) { 6 } else { 8 };
    let infos = boxes(iinf.get(skip..).unwrap_or_default()).take(MAX_ITEMS);
    let item = |one: Boxed<'_>| {
        let content = one.content;
        let version = *content.first()?;
        let (id, at) = match version {
            3 => (u32_at(content, 4), 10),
            2 => (u32::from(u16_at(content, 4)), 8),
            _ => return None,
        };
        let kind = *content.get(at..at + 4)?.first_chunk::<4>()?;
        let mut texts = content.get(at + 4..)?.split(|b| *b == 0).skip(1);
        let mime = if &kind == b"mime" { texts.next().unwrap_or_default().to_vec() } else { vec![] };
        Some(HeifItem { id, kind, mime, ..HeifItem::default() })
    };
    infos.filter(|one| &one.kind == b"infe").filter_map(item).collect()
}

fn references(iref: &[u8]) -> Vec<(u32, [u8; 4], Vec<u32>)> {
    let wide = iref.first().is_some_and(|version| *version > 0);
    let width = if wide { 4 } else { 2 };
    let read =
        |content: &[u8], at: usize| if wide { u32_at(content, at) } else { u32::from(u16_at(content, at)) };
    let one = |one: Boxed<'_>| {
        let count = usize::from(u16_at(one.content, width)).min(one.content.len() / width);
        let to = (0..count).map(|n| read(one.content, width + 2 + n * width)).collect();
        (read(one.content, 0), one.kind, to)
    };
    boxes(iref.get(4..).unwrap_or_default()).take(MAX_ITEMS).map(one).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn boxed(kind: [u8; 4], content: &[u8]) -> Vec<u8> {
        [&(content.len() as u32 + 8).to_be_bytes()[..], &kind, content].concat()
    }

    /// A picture of two tiles beside each other, with EXIF behind it.
    fn grid() -> Vec<u8> {
        let info =
            |id: u8, kind: &[u8; 4]| boxed(*b"infe", &[&[2, 0, 0, 0, 0, id, 0, 0], &kind[..], &[0]].concat());
        let infos = [info(1, b"grid"), info(2, b"av01"), info(3, b"av01"), info(4, b"Exif")].concat();
        let part =
            |id: u8, method: u8, offset: u8, length: u8| vec![0, id, 0, method, 0, 0, 0, 1, offset, length];
        let meta = |shift: u8| {
            let iloc = [
                vec![1, 0, 0, 0, 0x11, 0, 0, 4],
                part(1, 1, 0, 8),
                part(2, 0, shift, 3),
                part(3, 0, shift + 3, 2),
                part(4, 0, shift + 5, 14),
            ]
            .concat();
            let properties = [
                boxed(*b"ispe", &[0, 0, 0, 0, 0, 0, 0, 20, 0, 0, 0, 10]),
                boxed(*b"irot", &[1]),
                boxed(*b"colr", b"nclx\0\x01\0\x0d\0\x06\x80"),
            ]
            .concat();
            let list = [0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 3, 1, 2, 3];
            let content = [
                vec![0; 4],
                boxed(*b"pitm", &[0, 0, 0, 0, 0, 1]),
                boxed(*b"iinf", &[&[0, 0, 0, 0, 0, 4][..], &infos].concat()),
                boxed(*b"iloc", &iloc),
                boxed(*b"iref", &[&[0; 4][..], &boxed(*b"dimg", &[0, 1, 0, 2, 0, 2, 0, 3])].concat()),
                boxed(*b"iprp", &[boxed(*b"ipco", &properties), boxed(*b"ipma", &list)].concat()),
                boxed(*b"idat", &[0, 0, 0, 1, 0, 20, 0, 10]),
            ]
            .concat();
            boxed(*b"meta", &content)
        };
        let before = meta(0).len() as u16 + 8;
        assert!(before > 255);
        // The offsets are single bytes: what they point to stands in front.
        let data = boxed(*b"free", b"abcde\0\0\0\0MM\0*\0\0\0\x08\0\0");
        [data, meta(8)].concat()
    }

    #[test]
    fn tiles_turns_colours_and_exif_are_found() {
        let file = grid();
        let items = HeifItems::read(&file).unwrap();
        let picture = items.picture().unwrap();
        assert_eq!((picture.size, picture.columns), ((20, 10), 2));
        let tiles: Vec<_> = picture.tiles.into_iter().map(|tile| tile.bytes).collect();
        assert_eq!(tiles, [b"abc".to_vec(), b"de".to_vec()]);
        assert_eq!(picture.nclx, Some((1, 13, 6, true)));
        assert_eq!(items.exif().unwrap(), b"MM\0*\0\0\0\x08\0\0");
        assert!(items.alpha().is_none() && items.xmp().is_none());
    }

    #[test]
    fn an_item_that_stands_for_another_one_is_turned_after_it_and_a_circle_ends() {
        let info =
            |id: u8, kind: &[u8; 4]| boxed(*b"infe", &[&[2, 0, 0, 0, 0, id, 0, 0], &kind[..], &[0]].concat());
        let file = |source: u8| {
            let properties = [
                boxed(*b"ispe", &[0, 0, 0, 0, 0, 0, 0, 20, 0, 0, 0, 10]),
                boxed(*b"imir", &[1]),
                boxed(*b"irot", &[1]),
            ]
            .concat();
            // The number 0 says that there is nothing.
            let list = [0, 0, 0, 0, 0, 0, 0, 2, 0, 1, 2, 0, 3, 0, 2, 3, 0, 1, 2];
            let content = [
                vec![0; 4],
                boxed(*b"pitm", &[0, 0, 0, 0, 0, 1]),
                boxed(*b"iinf", &[&[0, 0, 0, 0, 0, 2][..], &info(1, b"iden"), &info(2, b"hvc1")].concat()),
                boxed(*b"iloc", &[1, 0, 0, 0, 0x11, 0, 0, 1, 0, 2, 0, 1, 0, 0, 0, 1, 0, 5]),
                boxed(*b"iprp", &[boxed(*b"ipco", &properties), boxed(*b"ipma", &list)].concat()),
                boxed(*b"iref", &[&[0; 4][..], &boxed(*b"dimg", &[0, 1, 0, 1, 0, source])].concat()),
                boxed(*b"idat", &[1, 2, 3, 4, 5]),
            ]
            .concat();
            boxed(*b"meta", &content)
        };
        let bytes = file(2);
        let picture = HeifItems::read(&bytes).unwrap().picture().unwrap();
        assert_eq!((picture.size, picture.tiles[0].bytes.as_slice()), ((20, 10), &[1, 2, 3, 4, 5][..]));
        // It is shown first where nothing says so.
        let mut silent = bytes.clone();
        let pitm = silent.windows(4).position(|name| name == b"pitm").unwrap();
        silent[pitm..pitm + 4].copy_from_slice(b"free");
        assert_eq!(HeifItems::read(&silent).unwrap().picture().unwrap().size, (20, 10));
        // Mirrored left to right, then a quarter against the clock.
        let raster = hoist_codecs::raster::Raster::new(2, 1, 3, vec![1, 1, 1, 2, 2, 2]);
        assert_eq!(picture.turns.apply(raster).upright().data, [1, 1, 1, 2, 2, 2]);
        assert!(HeifItems::read(&file(1)).unwrap().picture().is_err(), "a circle has no picture");
    }

    #[test]
    fn tiles_that_are_named_again_and_again_are_not_kept_as_often() {
        // A grid of 100 × 100, all of it one tile of a thousand bytes.
        let info =
            |id: u8, kind: &[u8; 4]| boxed(*b"infe", &[&[2, 0, 0, 0, 0, id, 0, 0], &kind[..], &[0]].concat());
        let tiles = [0, 2].repeat(10_000);
        let content = [
            vec![0; 4],
            boxed(*b"pitm", &[0, 0, 0, 0, 0, 1]),
            boxed(*b"iinf", &[&[0, 0, 0, 0, 0, 2][..], &info(1, b"grid"), &info(2, b"av01")].concat()),
            boxed(
                *b"iloc",
                &[
                    1, 0, 0, 0, 0x22, 0, 0, 2, 0, 1, 0, 1, 0, 0, 0, 1, 0, 0, 0, 8, 0, 2, 0, 0, 0, 0, 0, 1, 0,
                    8, 3, 232,
                ],
            ),
            boxed(
                *b"iref",
                &[&[0; 4][..], &boxed(*b"dimg", &[&[0, 1, 0x27, 0x10][..], &tiles].concat())].concat(),
            ),
            boxed(*b"idat", &[0, 0, 99, 99, 0, 200, 0, 200]),
        ]
        .concat();
        let file = [boxed(*b"free", &[7; 1000]), boxed(*b"meta", &content)].concat();
        let items = HeifItems::read(&file).unwrap();
        assert_eq!(
            (
                items.referred(1, *b"dimg").len(),
                items.item(2).and_then(|tile| items.bytes(tile)).unwrap().len()
            ),
            (10_000, 1000)
        );
        assert!(items.picture().is_err());
    }

    proptest! {
        #[test]
        fn wrong_bytes_are_read_without_a_panic(wrong in prop::collection::vec((0usize..600, any::<u8>()), 0..12), cut in 0usize..700) {
            let mut file = grid();
            for (at, byte) in wrong {
                let n = file.len();
                file[at % n] = byte;
            }
            file.truncate(cut.min(file.len()));
            if let Some(items) = HeifItems::read(&file) {
                let _ = (items.picture(), items.alpha(), items.exif(), items.xmp());
            }
        }
    }
}
