//! Files made for these tests: pictures, movies and sound with metadata in them.

use std::io::Write as _;
use std::path::Path;

use super::super::read_metadata;
use crate::model::media::{Media, Metadata};

pub(super) fn sample(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/samples").join(name)).unwrap()
}

pub(super) fn read(bytes: &[u8], media: Media) -> Vec<Metadata> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), bytes).unwrap();
    read_metadata(file.path(), media)
}

pub(super) fn segment(marker: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len() + 2).unwrap().to_be_bytes();
    [&[0xff, marker], &length[..], content].concat()
}

/// Returns a photograph with these segments in front.
pub(super) fn photograph(segments: &[Vec<u8>]) -> Vec<u8> {
    let whole = sample("photo.jpg");
    [&whole[..2], &segments.concat(), &whole[2..]].concat()
}

pub(super) fn chunk(kind: [u8; 4], content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap().to_be_bytes();
    [&length[..], &kind, content, &[0; 4]].concat()
}

/// Returns a PNG with these chunks behind its head.
pub(super) fn picture(chunks: &[Vec<u8>]) -> Vec<u8> {
    let whole = sample("cover.png");
    [&whole[..33], &chunks.concat(), &whole[33..]].concat()
}

/// Returns a PNG with one text, as it is.
pub(super) fn text(keyword: &str, text: &str) -> Vec<u8> {
    picture(&[chunk(*b"tEXt", format!("{keyword}\0{text}").as_bytes())])
}

pub(super) fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::ZlibEncoder::new(vec![], flate2::Compression::fast());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

/// Returns a file of RIFF's chunks.
pub(super) fn riff(form: &[u8], chunks: &[(&[u8], Vec<u8>)]) -> Vec<u8> {
    let mut body = form.to_vec();
    for (kind, content) in chunks {
        body.extend(*kind);
        body.extend(u32::try_from(content.len()).unwrap().to_le_bytes());
        body.extend(content);
        body.resize(body.len().next_multiple_of(2), 0);
    }
    [b"RIFF", &u32::try_from(body.len()).unwrap().to_le_bytes()[..], &body].concat()
}

pub(super) fn webp_with_exif(exif: Vec<u8>) -> Vec<u8> {
    riff(b"WEBP", &[(b"VP8X", vec![8, 0, 0, 0, 0, 0, 0, 0, 0, 0]), (b"EXIF", exif)])
}

pub(super) fn atom(kind: &[u8], content: &[u8]) -> Vec<u8> {
    [&u32::try_from(content.len() + 8).unwrap().to_be_bytes()[..], kind, content].concat()
}

pub(super) fn movie_with(inner: &[u8]) -> Vec<u8> {
    [atom(b"ftyp", b"isom\0\0\0\0"), atom(b"moov", inner), atom(b"mdat", &[0; 16])].concat()
}

/// A value of a directory: of a type, so often, as bytes; or another directory, by a pointer of a type.
pub(super) enum Value {
    Of(u16, u32, Vec<u8>),
    Below(u16, Vec<(u16, Value)>),
}

/// How a block of EXIF is written.
#[derive(Clone, Copy)]
pub(super) struct ExifStyle {
    pub(super) little: bool,
    /// Each directory ends with the pointer to the next one.
    pub(super) ends: bool,
}

pub(super) const USUAL: ExifStyle = ExifStyle { little: false, ends: true };

pub(super) fn n32(how: ExifStyle, n: usize) -> [u8; 4] {
    let n = u32::try_from(n).unwrap();
    if how.little { n.to_le_bytes() } else { n.to_be_bytes() }
}

pub(super) fn n16(how: ExifStyle, n: u16) -> [u8; 2] {
    if how.little { n.to_le_bytes() } else { n.to_be_bytes() }
}

pub(super) fn directory(how: ExifStyle, at: usize, all: &[(u16, Value)]) -> Vec<u8> {
    let mut head = n16(how, u16::try_from(all.len()).unwrap()).to_vec();
    let values = at + 2 + 12 * all.len() + if how.ends { 4 } else { 0 };
    let mut tail = vec![];
    for (tag, value) in all {
        head.extend(n16(how, *tag));
        match value {
            Value::Of(kind, count, bytes) => {
                head.extend([&n16(how, *kind)[..], &n32(how, *count as usize)].concat());
                if bytes.len() <= 4 {
                    head.extend([&bytes[..], &[0; 4]].concat().iter().take(4));
                } else {
                    head.extend(n32(how, values + tail.len()));
                    tail.extend(bytes);
                }
            }
            Value::Below(kind, inner) => {
                head.extend([&n16(how, *kind)[..], &n32(how, 1), &n32(how, values + tail.len())].concat());
                tail.extend(directory(how, values + tail.len(), inner));
            }
        }
    }
    if how.ends {
        head.extend([0; 4]);
    }
    head.extend(tail);
    head
}

pub(super) fn block(how: ExifStyle, all: &[(u16, Value)]) -> Vec<u8> {
    let order = if how.little { b"II" } else { b"MM" };
    [&order[..], &n16(how, 42), &n32(how, 8), &directory(how, 8, all)].concat()
}

pub(super) fn ascii(text: &str) -> Value {
    Value::Of(2, u32::try_from(text.len() + 1).unwrap(), [text.as_bytes(), b"\0"].concat())
}

/// Degrees, minutes and seconds, each over a denominator.
pub(super) fn degrees(how: ExifStyle, parts: [(usize, usize); 3]) -> Value {
    Value::Of(5, 3, parts.iter().flat_map(|(n, d)| [n32(how, *n), n32(how, *d)]).flatten().collect())
}

pub(super) fn gps(how: ExifStyle) -> Vec<(u16, Value)> {
    vec![
        (1, ascii("S")),
        (2, degrees(how, [(33, 1), (51, 1), (3120, 100)])),
        (3, ascii("E")),
        (4, degrees(how, [(151, 1), (12, 1), (3600, 100)])),
    ]
}

pub(super) const SYDNEY: &str = "-33.858667, 151.21";

/// Camera, artist and place as cameras write them, with something odd in front.
pub(super) fn exif(how: ExifStyle, odd: Option<(u16, Value)>) -> Vec<u8> {
    let mut all: Vec<_> = odd.into_iter().collect();
    all.extend([(0x10f, ascii("Canon")), (0x110, ascii("Canon EOS R5")), (0x13b, ascii("Jane Doe"))]);
    all.push((0x8825, Value::Below(4, gps(how))));
    block(how, &all)
}

pub(super) fn in_jpeg(block: &[u8]) -> Vec<u8> {
    photograph(&[segment(0xe1, &[b"Exif\0\0", block].concat())])
}

pub(super) fn usual() -> Vec<Metadata> {
    vec![
        Metadata::Place(Some(SYDNEY.into())),
        Metadata::Camera("Canon EOS R5".into()),
        Metadata::Author("Jane Doe".into()),
    ]
}

pub(super) fn mdta(all: &[(&str, &str)]) -> Vec<u8> {
    let mut keys = vec![0, 0, 0, 0];
    keys.extend(u32::try_from(all.len()).unwrap().to_be_bytes());
    let mut list = vec![];
    for (n, (key, value)) in all.iter().enumerate() {
        keys.extend(atom(b"mdta", key.as_bytes()));
        let data = [&[0, 0, 0, 1, 0, 0, 0, 0], value.as_bytes()].concat();
        list.extend(atom(&u32::try_from(n + 1).unwrap().to_be_bytes(), &atom(b"data", &data)));
    }
    [atom(b"hdlr", &[0; 24]), atom(b"keys", &keys), atom(b"ilst", &list)].concat()
}

pub(super) fn heif(kind: &[u8], content: &[u8], in_data: bool) -> Vec<u8> {
    let brand = atom(b"ftyp", b"heic\0\0\0\0mif1heic");
    let infe = atom(b"infe", &[&[2, 0, 0, 0, 0, 7, 0, 0], kind].concat());
    let iinf = atom(b"iinf", &[&[0, 0, 0, 0, 0, 1], &infe[..]].concat());
    let build = |offset: usize| {
        let mut iloc = vec![1, 0, 0, 0, 0x44, 0, 0, 1, 0, 7, 0, u8::from(in_data), 0, 0, 0, 1];
        iloc.extend(u32::try_from(offset).unwrap().to_be_bytes());
        iloc.extend(u32::try_from(content.len()).unwrap().to_be_bytes());
        let idat = if in_data { atom(b"idat", &[&[9; 5], content].concat()) } else { vec![] };
        let meta = [&[0; 4], &iinf[..], &atom(b"iloc", &iloc), &idat].concat();
        [brand.clone(), atom(b"meta", &meta)].concat()
    };
    let offset = if in_data { 5 } else { build(0).len() + 8 };
    let rest = if in_data { vec![] } else { atom(b"mdat", content) };
    [build(offset), rest].concat()
}

pub(super) fn manifest(says: &[(&str, &str)]) -> Vec<u8> {
    let mut out =
        b"\0\0\0\x40jumb\0\0\0\x1ejumdc2pa\0\x11\0\x10\x80\0\0\xaa\0\x38\x9b\x71\x03c2pa\0".to_vec();
    for (key, value) in says {
        out.push(0x60 + u8::try_from(key.len()).unwrap());
        out.extend(key.as_bytes());
        let length = u8::try_from(value.len()).unwrap();
        out.extend(if length < 24 { vec![0x60 + length] } else { vec![0x78, length] });
        out.extend(value.as_bytes());
    }
    out
}

pub(super) fn app11(manifest: &[u8], pieces: usize) -> Vec<Vec<u8>> {
    let head = &manifest[..8];
    let each = manifest.len().div_ceil(pieces);
    let piece = |(n, piece): (usize, &[u8])| {
        let number = u32::try_from(n + 1).unwrap().to_be_bytes();
        let again = if n == 0 { &[][..] } else { head };
        segment(0xeb, &[b"JP\x02\x11", &number[..], again, piece].concat())
    };
    manifest.chunks(each).enumerate().map(piece).collect()
}

pub(super) const TRAINED: &str = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia";

pub(super) const INFOTEXT: &str =
    "photo of a duck\nNegative prompt: monochrome\nSteps: 15, Sampler: UniPC, CFG scale: 5, Seed: 2";

pub(super) fn comment(code: &[u8], text: &[u8]) -> Vec<u8> {
    let value = [code, text].concat();
    let comment = Value::Of(7, u32::try_from(value.len()).unwrap(), value);
    block(ExifStyle { ends: false, ..USUAL }, &[(0x8769, Value::Below(4, vec![(0x9286, comment)]))])
}

pub(super) fn id3(version: u8, frames: &[(&str, &[u8])]) -> Vec<u8> {
    let sevens = |n: usize| [n >> 21, n >> 14, n >> 7, n].map(|n| (n & 0x7f) as u8);
    let mut all = vec![];
    for (name, content) in frames {
        let size = u32::try_from(content.len()).unwrap().to_be_bytes();
        all.extend(name.as_bytes());
        match version {
            2 => all.extend(&size[1..]),
            3 => all.extend([&size[..], &[0, 0]].concat()),
            _ => all.extend([&sevens(content.len())[..], &[0, 0]].concat()),
        }
        all.extend(*content);
    }
    all.resize(all.len() + 20, 0);
    [b"ID3", &[version, 0, 0][..], &sevens(all.len()), &all].concat()
}

pub(super) fn comments(all: &[&str]) -> Vec<u8> {
    let part = |text: &str| [&u32::try_from(text.len()).unwrap().to_le_bytes()[..], text.as_bytes()].concat();
    let count = u32::try_from(all.len()).unwrap().to_le_bytes();
    [part("somebody's writer"), count.to_vec(), all.iter().flat_map(|text| part(text)).collect()].concat()
}

pub(super) fn ogg(packets: &[&[u8]]) -> Vec<u8> {
    let mut out = vec![];
    for (n, packet) in packets.iter().enumerate() {
        // A packet of more than a page goes on in the next one.
        for piece in packet.chunks(255 * 200) {
            let mut laces = vec![255; piece.len() / 255];
            if piece.len() < 255 * 200 {
                laces.push((piece.len() % 255) as u8);
            }
            out.extend(
                [b"OggS\0\0", &[0; 8][..], b"abcd", &u32::try_from(n).unwrap().to_le_bytes(), &[0; 4]]
                    .concat(),
            );
            out.push(laces.len() as u8);
            out.extend(&laces);
            out.extend(piece);
        }
    }
    out
}
