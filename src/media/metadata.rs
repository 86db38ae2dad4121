//! What a file tells that its owner may not want to give away: where and with what it was taken, whose it is, and that a
//! machine made it. Only the places where such things stand are read, each within bounds.

use std::fs::File;
use std::io::{BufReader, Cursor, Read, Seek, SeekFrom};
use std::path::Path;

use crate::model::media::{Media, Metadata};

/// Longer parts of a file are not read.
const MOST_BYTES: u64 = 1024 * 1024;
/// More parts than these are not looked at.
const MOST_PARTS: usize = 20_000;
/// Longer names are cut.
const MOST_CHARS: usize = 120;

/// Names of programs that make pictures, as they write them.
const GENERATORS: [&str; 16] = [
    "Midjourney",
    "DALL·E",
    "DALL-E",
    "ChatGPT",
    "OpenAI",
    "Adobe Firefly",
    "Firefly",
    "Stable Diffusion",
    "ComfyUI",
    "InvokeAI",
    "AUTOMATIC1111",
    "Imagen",
    "Google AI",
    "Ideogram",
    "Leonardo",
    "FLUX",
];

/// Everything found, each kind once.
#[derive(Default)]
struct Found(Vec<Metadata>);

impl Found {
    fn add(&mut self, one: Metadata) {
        let same_kind = |other: &Metadata| std::mem::discriminant(other) == std::mem::discriminant(&one);
        match self.0.iter_mut().find(|other| same_kind(other)) {
            // Which machine it was is worth more than that it was one.
            Some(old @ Metadata::AiProvenance(None)) => *old = one,
            Some(_) => {}
            None => self.0.push(one),
        }
    }

    fn generator(&mut self, text: &str) {
        if let Some(name) = generator(text) {
            self.add(Metadata::AiProvenance(Some(name)));
        }
    }
}

/// What a file of this type tells.
pub(super) fn look(path: &Path, media: Media) -> Vec<Metadata> {
    let mut found = Found::default();
    let _ = match media {
        Media::Jpeg => jpeg(path, &mut found),
        Media::Png => png(path, &mut found),
        Media::Webp | Media::Wav => riff(path, &mut found),
        _ => None,
    };
    found.0.sort_by_key(|one| match one {
        Metadata::Place => 0,
        Metadata::AiProvenance(_) => 1,
        Metadata::Camera(_) => 2,
        Metadata::Author(_) => 3,
        Metadata::Title(_) => 4,
    });
    found.0
}

fn open(path: &Path) -> Option<BufReader<File>> {
    File::open(path).ok().map(BufReader::new)
}

fn array<const N: usize>(file: &mut impl Read) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    file.read_exact(&mut bytes).ok()?;
    Some(bytes)
}

fn read(file: &mut impl Read, bytes: u64) -> Option<Vec<u8>> {
    let mut out = vec![];
    file.take(bytes.min(MOST_BYTES)).read_to_end(&mut out).ok()?;
    Some(out)
}

/// The segments before the picture: EXIF and XMP in APP1, IPTC in APP13, C2PA in APP11.
fn jpeg(path: &Path, found: &mut Found) -> Option<()> {
    let mut file = open(path)?;
    (array::<2>(&mut file)? == [0xff, 0xd8]).then_some(())?;
    for _ in 0..MOST_PARTS {
        let [0xff, marker] = array(&mut file)? else { return None };
        match marker {
            0xda | 0xd9 => return Some(()), // the picture begins, or nothing follows
            0xff => {
                file.seek_relative(-1).ok()?;
                continue;
            }
            0x01 | 0xd0..=0xd7 => continue,
            _ => {}
        }
        let length = u64::from(u16::from_be_bytes(array(&mut file)?)).checked_sub(2)?;
        if !matches!(marker, 0xe1 | 0xeb | 0xed) {
            file.seek_relative(length as i64).ok()?;
            continue;
        }
        let content = read(&mut file, length)?;
        if let Some(exif) = content.strip_prefix(b"Exif\0\0") {
            exif_of(exif, found);
        } else if let Some(xmp) = content.strip_prefix(b"http://ns.adobe.com/xap/1.0/\0") {
            xmp_of(xmp, found);
        } else if content.starts_with(b"Photoshop 3.0\0") {
            iptc_of(&content, found);
        } else if marker == 0xeb && contains(&content, b"jumb") {
            found.add(Metadata::AiProvenance(None));
            found.generator(&String::from_utf8_lossy(&content));
        }
    }
    None
}

/// Chunks: EXIF, texts, C2PA.
fn png(path: &Path, found: &mut Found) -> Option<()> {
    let mut file = open(path)?;
    (&array::<8>(&mut file)? == b"\x89PNG\r\n\x1a\n").then_some(())?;
    for _ in 0..MOST_PARTS {
        let length = u64::from(u32::from_be_bytes(array(&mut file)?));
        let kind: [u8; 4] = array(&mut file)?;
        match &kind {
            b"IEND" => return Some(()),
            b"eXIf" | b"tEXt" | b"iTXt" | b"zTXt" | b"caBX" => {
                let before = file.stream_position().ok()?;
                let content = read(&mut file, length)?;
                match &kind {
                    b"eXIf" => exif_of(&content, found),
                    b"caBX" => {
                        found.add(Metadata::AiProvenance(None));
                        found.generator(&String::from_utf8_lossy(&content));
                    }
                    _ => png_text(&content, found),
                }
                file.seek(SeekFrom::Start(before + length + 4)).ok()?;
            }
            _ => file.seek_relative(length as i64 + 4).ok()?,
        }
    }
    None
}

/// A text in a PNG: its keyword tells who wrote it.
fn png_text(content: &[u8], found: &mut Found) {
    let end = content.iter().position(|b| *b == 0).unwrap_or(content.len());
    let (keyword, rest) = content.split_at(end);
    let text = String::from_utf8_lossy(rest);
    match keyword {
        b"XML:com.adobe.xmp" => xmp_of(rest, found),
        b"parameters" => found.add(Metadata::AiProvenance(Some("Stable Diffusion".to_owned()))),
        b"prompt" | b"workflow" => found.add(Metadata::AiProvenance(Some("ComfyUI".to_owned()))),
        b"invokeai_metadata" | b"sd-metadata" | b"Dream" => {
            found.add(Metadata::AiProvenance(Some("InvokeAI".to_owned())));
        }
        b"Author" | b"Artist" | b"Copyright" => author(&text, found),
        b"Software" | b"Source" | b"Description" | b"Comment" => found.generator(&text),
        _ => {}
    }
}

/// Chunks of WebP and WAV.
fn riff(path: &Path, found: &mut Found) -> Option<()> {
    let mut file = open(path)?;
    let head: [u8; 12] = array(&mut file)?;
    head.starts_with(b"RIFF").then_some(())?;
    for _ in 0..MOST_PARTS {
        let kind: [u8; 4] = array(&mut file)?;
        let length = u64::from(u32::from_le_bytes(array(&mut file)?));
        let before = file.stream_position().ok()?;
        match &kind {
            b"EXIF" => {
                let content = read(&mut file, length)?;
                exif_of(content.strip_prefix(b"Exif\0\0").unwrap_or(&content), found);
            }
            b"XMP " => xmp_of(&read(&mut file, length)?, found),
            b"C2PA" => found.add(Metadata::AiProvenance(None)),
            _ => {}
        }
        file.seek(SeekFrom::Start(before + length + (length & 1))).ok()?;
    }
    None
}

fn exif_of(bytes: &[u8], found: &mut Found) {
    let Ok(exif) = exif::Reader::new().read_raw(bytes.to_vec()) else { return };
    let text = |tag| {
        let field = exif.get_field(tag, exif::In::PRIMARY)?;
        match &field.value {
            exif::Value::Ascii(lines) => {
                let line =
                    lines.iter().map(|line| String::from_utf8_lossy(line)).collect::<Vec<_>>().join(" ");
                Some(short(&line)).filter(|line| !line.is_empty())
            }
            _ => None,
        }
    };
    if exif.get_field(exif::Tag::GPSLatitude, exif::In::PRIMARY).is_some() {
        found.add(Metadata::Place);
    }
    match (text(exif::Tag::Make), text(exif::Tag::Model)) {
        (Some(make), Some(model)) if !model.starts_with(&make) => {
            found.add(Metadata::Camera(format!("{make} {model}")));
        }
        (_, Some(one)) | (Some(one), None) => found.add(Metadata::Camera(one)),
        (None, None) => {}
    }
    for tag in [exif::Tag::Artist, exif::Tag::Copyright] {
        if let Some(name) = text(tag) {
            author(&name, found);
        }
    }
    for tag in [exif::Tag::Software, exif::Tag::ImageDescription] {
        found.generator(&text(tag).unwrap_or_default());
    }
    // Stable Diffusion's parameters go into the user's comment of a JPEG.
    if let Some(field) = exif.get_field(exif::Tag::UserComment, exif::In::PRIMARY)
        && let exif::Value::Undefined(bytes, _) = &field.value
    {
        let plain: Vec<u8> = bytes.iter().copied().filter(|b| *b != 0).collect();
        if contains(&plain, b"Steps: ") && contains(&plain, b"Sampler: ") {
            found.add(Metadata::AiProvenance(Some("Stable Diffusion".to_owned())));
        }
    }
}

/// XMP is a text in XML of which a few words are looked for; it is not taken apart.
fn xmp_of(bytes: &[u8], found: &mut Found) {
    let text = String::from_utf8_lossy(bytes);
    if text.contains("exif:GPSLatitude") {
        found.add(Metadata::Place);
    }
    if text.contains("rainedAlgorithmicMedia") {
        found.add(Metadata::AiProvenance(None)); // trained…, compositeWithTrained…
    }
    if let Some(tool) = value(&text, "xmp:CreatorTool") {
        found.generator(tool);
    }
    if let Some(camera) = value(&text, "tiff:Model") {
        found.add(Metadata::Camera(short(camera)));
    }
    let creator = text.split_once("<dc:creator>").and_then(|(_, rest)| rest.split_once("<rdf:li>"));
    if let Some((name, _)) = creator.and_then(|(_, rest)| rest.split_once('<')) {
        author(name, found);
    }
}

/// The value of a property, as an attribute or as an element.
fn value<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let attribute = text.split_once(&format!("{name}=\"")).and_then(|(_, rest)| rest.split_once('"'));
    let element = || text.split_once(&format!("<{name}>")).and_then(|(_, rest)| rest.split_once('<'));
    attribute.or_else(element).map(|(value, _)| value)
}

/// Records of IPTC: 2:80 is the author, 2:116 the copyright.
fn iptc_of(bytes: &[u8], found: &mut Found) {
    let mut rest = Cursor::new(bytes);
    while let Some(at) = bytes[rest.position() as usize..].iter().position(|b| *b == 0x1c) {
        rest.set_position(rest.position() + at as u64 + 1);
        let Some([record, field]) = array::<2>(&mut rest) else { return };
        let Some(length) = array::<2>(&mut rest).map(u16::from_be_bytes) else { return };
        if record == 2 && matches!(field, 80 | 116) && length < 0x8000 {
            let from = rest.position() as usize;
            let Some(text) = bytes.get(from..from + usize::from(length)) else { return };
            author(&String::from_utf8_lossy(text), found);
        }
    }
}

fn author(name: &str, found: &mut Found) {
    let name = short(name);
    if !name.is_empty() {
        found.add(Metadata::Author(name));
    }
}

fn generator(text: &str) -> Option<String> {
    let known = GENERATORS.iter().find(|name| text.contains(**name));
    known.map(|name| (*name).to_owned())
}

fn short(text: &str) -> String {
    text.trim_matches(|c: char| c.is_whitespace() || c == '\0').chars().take(MOST_CHARS).collect()
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sample(name: &str) -> Vec<u8> {
        std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/samples").join(name)).unwrap()
    }

    fn told(bytes: &[u8], media: Media) -> Vec<Metadata> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        look(file.path(), media)
    }

    fn segment(marker: u8, content: &[u8]) -> Vec<u8> {
        let length = u16::try_from(content.len() + 2).unwrap().to_be_bytes();
        [&[0xff, marker], &length[..], content].concat()
    }

    /// A photograph with these segments in front.
    fn photograph(segments: &[Vec<u8>]) -> Vec<u8> {
        let whole = sample("photo.jpg");
        [&whole[..2], &segments.concat(), &whole[2..]].concat()
    }

    fn chunk(kind: [u8; 4], content: &[u8]) -> Vec<u8> {
        let length = u32::try_from(content.len()).unwrap().to_be_bytes();
        [&length[..], &kind, content, &[0; 4]].concat()
    }

    /// A PNG with these chunks behind its head.
    fn picture(chunks: &[Vec<u8>]) -> Vec<u8> {
        let whole = sample("cover.png");
        [&whole[..33], &chunks.concat(), &whole[33..]].concat()
    }

    /// EXIF with a camera, an artist and a place, as cameras write it.
    fn exif() -> Vec<u8> {
        use exif::experimental::Writer;
        use exif::{Field, In, Rational, Tag, Value};
        let text =
            |tag, text: &str| Field { tag, ifd_num: In::PRIMARY, value: Value::Ascii(vec![text.into()]) };
        let north = vec![
            Rational { num: 48, denom: 1 },
            Rational { num: 8, denom: 1 },
            Rational { num: 0, denom: 1 },
        ];
        let fields = [
            text(Tag::Make, "Canon"),
            text(Tag::Model, "Canon EOS R5"),
            text(Tag::Artist, "Jane Doe"),
            Field { tag: Tag::GPSLatitude, ifd_num: In::PRIMARY, value: Value::Rational(north) },
        ];
        let mut writer = Writer::new();
        for field in &fields {
            writer.push_field(field);
        }
        let mut out = Cursor::new(vec![]);
        writer.write(&mut out, false).unwrap();
        out.into_inner()
    }

    #[test]
    fn a_photograph_tells_where_with_what_and_by_whom_it_was_taken() {
        let exif = [b"Exif\0\0".as_slice(), &exif()].concat();
        let all = told(&photograph(&[segment(0xe1, &exif)]), Media::Jpeg);
        let wanted =
            [Metadata::Place, Metadata::Camera("Canon EOS R5".into()), Metadata::Author("Jane Doe".into())];
        assert_eq!(all, wanted);
        assert_eq!(told(&sample("cover.png"), Media::Png), [], "a drawing tells nothing");
    }

    #[test]
    fn what_a_machine_made_says_so_in_many_ways() {
        let xmp = |text: &str| segment(0xe1, format!("http://ns.adobe.com/xap/1.0/\0{text}").as_bytes());
        let source = "Iptc4xmpExt:DigitalSourceType=\"http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia\"";
        let some = |name: &str| vec![Metadata::AiProvenance(Some(name.to_owned()))];
        for (bytes, media, wanted) in [
            (photograph(&[xmp(source)]), Media::Jpeg, vec![Metadata::AiProvenance(None)]),
            (
                photograph(&[xmp("<xmp:CreatorTool>Adobe Firefly</xmp:CreatorTool>")]),
                Media::Jpeg,
                some("Adobe Firefly"),
            ),
            (
                photograph(&[segment(0xeb, b"JP\0\x01\0\0\0\x01\0\0\0\x20jumb")]),
                Media::Jpeg,
                vec![Metadata::AiProvenance(None)],
            ),
            (
                picture(&[chunk(*b"tEXt", b"parameters\0a cat, Steps: 20")]),
                Media::Png,
                some("Stable Diffusion"),
            ),
            (picture(&[chunk(*b"tEXt", b"workflow\0{}")]), Media::Png, some("ComfyUI")),
            (picture(&[chunk(*b"tEXt", b"Software\0Midjourney 7")]), Media::Png, some("Midjourney")),
            (picture(&[chunk(*b"caBX", b"\0\0\0\x20jumb")]), Media::Png, vec![Metadata::AiProvenance(None)]),
            (picture(&[chunk(*b"tEXt", b"Software\0GIMP")]), Media::Png, vec![]),
        ] {
            let told = told(&bytes, media);
            let ai: Vec<_> = told.into_iter().filter(|m| matches!(m, Metadata::AiProvenance(_))).collect();
            assert_eq!(ai, wanted);
        }
    }

    #[test]
    fn iptc_and_absurd_lengths() {
        let iptc = b"Photoshop 3.0\08BIM\x04\x04\0\0\0\0\0\x0f\x1c\x02\x50\0\x08Jane Doe";
        let all = told(&photograph(&[segment(0xed, iptc)]), Media::Jpeg);
        assert!(all.contains(&Metadata::Author("Jane Doe".into())), "{all:?}");
        let absurd = [&u32::MAX.to_be_bytes()[..], b"tEXt"].concat();
        assert_eq!(told(&picture(&[absurd]), Media::Png), []);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn wrong_bytes_are_read_without_a_panic(wrong in prop::collection::vec((0usize..4096, any::<u8>()), 1..30)) {
            let exif = [b"Exif\0\0".as_slice(), &exif()].concat();
            let photograph = photograph(&[segment(0xe1, &exif), segment(0xed, b"Photoshop 3.0\0\x1c\x02\x50\0\x02ab")]);
            let picture = picture(&[chunk(*b"eXIf", &exif[6..]), chunk(*b"iTXt", b"XML:com.adobe.xmp\0<dc:creator><rdf:li>x")]);
            for (mut bytes, media) in [(photograph, Media::Jpeg), (picture, Media::Png), (sample("poster.webp"), Media::Webp)] {
                for (at, byte) in &wrong {
                    let n = bytes.len().min(600);
                    bytes[at % n] = *byte;
                }
                told(&bytes, media);
            }
        }
    }
}
