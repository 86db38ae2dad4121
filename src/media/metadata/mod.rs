//! What a file tells that its owner may not want to give away: where and with what it was taken, whose it is, and that a
//! machine made it. Only the places where such things stand are read, each within bounds, and what is odd in one of them
//! loses nothing of the others.

mod c2pa;
mod exif;
mod image;
mod made;
mod movie;
mod sound;
mod xmp;

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::media::matroska;
use crate::media::source::Source;
use crate::media::tiff::Tiff;
use crate::model::media::{Media, Metadata};

/// Longer parts of a file are not read.
const MAX_BYTES: u64 = 1024 * 1024;
/// More parts than these are not looked at.
const MAX_PARTS: usize = 20_000;
/// Longer names are cut.
const MAX_CHARS: usize = 120;

/// Everything found, each kind once.
#[derive(Default)]
struct MetadataFound(Vec<Metadata>);

impl MetadataFound {
    fn add(&mut self, one: Metadata) {
        let same_kind = |other: &Metadata| std::mem::discriminant(other) == std::mem::discriminant(&one);
        match self.0.iter_mut().find(|other| same_kind(other)) {
            // Which machine or place it was is worth more than that it was one.
            Some(
                old @ (Metadata::AiProvenance(None)
                | Metadata::ContentCredentials(None)
                | Metadata::Place(None)),
            ) => {
                *old = one;
            }
            Some(_) => {}
            None => self.0.push(one),
        }
    }

    /// In degrees; 0, 0 is what is written where there is none.
    fn add_place(&mut self, latitude: f64, longitude: f64) {
        let is_one =
            latitude.abs() <= 90.0 && longitude.abs() <= 180.0 && (latitude, longitude) != (0.0, 0.0);
        if is_one {
            let degrees = |value: f64| (value * 1e6).round() / 1e6 + 0.0;
            self.add(Metadata::Place(Some(format!("{}, {}", degrees(latitude), degrees(longitude)))));
        }
    }

    /// A camera by its maker and its model, either of which may be missing.
    fn camera(&mut self, make: Option<String>, model: Option<String>) {
        let name = match (make, model) {
            (Some(make), Some(model)) if !model.starts_with(&make) => format!("{make} {model}"),
            (_, Some(one)) | (Some(one), None) => one,
            (None, None) => return,
        };
        self.add(Metadata::Camera(short(&name, MAX_CHARS)));
    }

    fn author(&mut self, name: &str) {
        let name = short(name, MAX_CHARS);
        if !name.is_empty() {
            self.add(Metadata::Author(name));
        }
    }

    fn title(&mut self, name: &str) {
        let name = short(name, MAX_CHARS);
        if !name.is_empty() {
            self.add(Metadata::Title(name));
        }
    }

    /// A program's name.
    fn generator(&mut self, program: &str) {
        if let Some(name) = made::generator(program) {
            self.add(Metadata::AiProvenance(Some(name)));
        }
    }
}

/// What a file of this type tells.
pub(super) fn read_metadata(path: &Path, media: Media) -> Vec<Metadata> {
    let mut found = MetadataFound::default();
    if let Ok(mut file) = File::open(path) {
        let length = file.metadata().map_or(0, |meta| meta.len());
        let mut source = Source::new(&mut file, length);
        read_all(&mut source, media, &mut found);
    }
    found.0.sort_by_key(|one| match one {
        Metadata::Place(_) => 0,
        Metadata::AiProvenance(_) => 1,
        Metadata::AiParameters(_) => 2,
        Metadata::ContentCredentials(_) => 3,
        Metadata::Camera(_) => 4,
        Metadata::Author(_) => 5,
        Metadata::Title(_) => 6,
    });
    found.0
}

/// Where they stand in a file of this type.
fn read_all(source: &mut Source<'_>, media: Media, found: &mut MetadataFound) -> Option<()> {
    match media {
        Media::Jpeg => image::jpeg(source, found),
        Media::Png => image::png(source, found),
        Media::Webp | Media::Wav | Media::Avi => image::riff(source, source.len(), found),
        Media::Tiff => tiff(source, found),
        // Half of them are TIFFs, the others boxes.
        Media::RawPhoto => tiff(source, found).or_else(|| movie::boxes(source, found)),
        Media::Mp3 | Media::Mp2 | Media::Aac | Media::Flac | Media::Ogg | Media::Ogv => {
            sound::tags(source, source.len(), found)
        }
        Media::Mp4
        | Media::Mov
        | Media::M4a
        | Media::ThreeGp
        | Media::ThreeGpAudio
        | Media::Heic
        | Media::Avif => movie::boxes(source, found),
        Media::Mkv | Media::MkvAudio | Media::Webm | Media::WebmAudio => {
            for (key, text) in matroska::read(source)?.texts {
                sound::named(&key.to_uppercase(), &text, found);
            }
            Some(())
        }
        _ => None,
    }
}

fn tiff(source: &mut Source<'_>, found: &mut MetadataFound) -> Option<()> {
    let length = source.len();
    Tiff::open(source, 0, length).map(|mut tiff| exif::directories(&mut tiff, found))
}

fn array<const N: usize>(file: &mut impl Read) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    file.read_exact(&mut bytes).ok()?;
    Some(bytes)
}

/// As many bytes as are there, and no more than the bound.
fn read(file: &mut impl Read, bytes: u64, bound: u64) -> Option<Vec<u8>> {
    let mut out = vec![];
    file.take(bytes.min(bound)).read_to_end(&mut out).ok()?;
    Some(out)
}

/// A text as it was meant: in UTF-16 where half of its bytes are nothing (or `little` says in which order they stand), in
/// UTF-8, or in Latin-1. What stands behind a zero is another line.
fn text_of(bytes: &[u8], little: Option<bool>) -> String {
    let end = bytes.iter().rposition(|b| *b != 0).map_or(0, |n| n + 1);
    let zeros = |odd: usize| bytes[..end].iter().skip(odd).step_by(2).filter(|b| **b == 0).count();
    let (first, second) = (zeros(0), zeros(1));
    let many = if little.is_some() { end / 16 } else { end / 4 };
    let little = match bytes {
        [0xff, 0xfe, ..] => Some(true),
        [0xfe, 0xff, ..] => Some(false),
        _ if first > many && first > second * 4 => Some(false),
        _ if second > many && second > first * 4 => Some(true),
        _ => little,
    };
    let text = match (little, std::str::from_utf8(bytes)) {
        (Some(little), _) => {
            let read = if little { u16::from_le_bytes } else { u16::from_be_bytes };
            let units: Vec<u16> = bytes.chunks_exact(2).map(|two| read([two[0], two[1]])).collect();
            String::from_utf16_lossy(&units)
        }
        (None, Ok(text)) => text.to_owned(),
        (None, Err(_)) => bytes.iter().map(|b| char::from(*b)).collect(),
    };
    let lines =
        text.split('\0').map(|line| line.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}'));
    lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}

fn short(text: &str, chars: usize) -> String {
    text.trim().chars().take(chars).collect()
}

#[cfg(test)]
mod tests;
