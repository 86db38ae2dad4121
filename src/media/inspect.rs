//! What a file is, by its first bytes.

use std::fs::File;
use std::io::{BufReader, ErrorKind, Read};
use std::path::Path;

use crate::media::boxes::{self, codec_name};
use crate::media::{damage, preview, sound};
use crate::model::media::{AudioFacts, FileFacts, FileProblem, Kind, Media, Recognised, VideoFacts};

/// So much of a file is looked at.
pub const FIRST_BYTES: usize = 8192;

/// Looks into a file: nothing is read of anything but an ordinary file (opening a pipe would wait for ever).
pub fn inspect(path: &Path) -> Result<FileFacts, FileProblem> {
    let problem = |e: std::io::Error| match e.kind() {
        ErrorKind::NotFound => FileProblem::Vanished,
        ErrorKind::PermissionDenied => FileProblem::Unreadable("you have no right to read it".into()),
        _ => FileProblem::Unreadable(e.to_string()),
    };
    let meta = std::fs::metadata(path).map_err(problem)?;
    if meta.is_dir() {
        return Err(FileProblem::Folder);
    }
    if !meta.is_file() {
        return Err(FileProblem::Special);
    }
    let mut first = Vec::with_capacity(FIRST_BYTES);
    File::open(path).map_err(problem)?.take(FIRST_BYTES as u64).read_to_end(&mut first).map_err(problem)?;
    let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
    let recognised = recognise(&first, extension);
    let mut facts = FileFacts {
        path: path.to_owned(),
        size: meta.len(),
        modified: meta.modified().ok(),
        recognised,
        ..FileFacts::default()
    };
    if let Some(media) = recognised.media() {
        measure(&mut facts, media);
        facts.damaged = damage::look(&facts, media);
    }
    Ok(facts)
}

/// Dimensions, length and codecs, and whether it is a picture that moves: from heads and indexes alone.
fn measure(facts: &mut FileFacts, media: Media) {
    let open = || File::open(&facts.path).map(BufReader::new);
    match (media.kind(), media) {
        (Kind::Image, _) => {
            facts.animated = open().is_ok_and(|mut file| preview::moves(media, &mut file));
            facts.pixels = preview::pixels(&facts.path);
        }
        (_, Media::Mp4 | Media::Mov | Media::M4a) => {
            let movie = open().map(|mut file| boxes::read(&mut file, facts.size)).unwrap_or_default();
            facts.pixels = movie.pixels;
            facts.length = movie.length;
            facts.video = movie
                .video
                .map(|letters| VideoFacts { codec: Some(codec_name(letters)), fps: movie.frames_per_second });
            facts.audio = movie.audio.map(|letters| AudioFacts {
                codec: Some(codec_name(letters)),
                rate: movie.sample_rate,
                channels: movie.channels,
            });
        }
        (Kind::Audio | Kind::Video, _) => {
            if let Some(sound) = sound::look(&facts.path) {
                facts.length = sound.length;
                facts.audio = Some(AudioFacts {
                    codec: sound.codec,
                    rate: sound.sample_rate,
                    channels: sound.channels,
                });
            }
        }
        (Kind::Captions, _) => {}
    }
}

/// The type by the first bytes. The extension only decides where the bytes leave it open: sound or picture in an MP4
/// container, and captions, which are plain text.
pub fn recognise(first: &[u8], extension: &str) -> Recognised {
    if first.is_empty() {
        return Recognised::Unknown;
    }
    let by_name = Media::from_extension(extension);
    if let Some(media) = iso_media(first, by_name).or_else(|| mpeg_audio(first)) {
        return Recognised::Known(media);
    }
    match infer::get(first).map(|t| t.mime_type()) {
        Some(mime) => match known(mime) {
            Some(media) => Recognised::Known(media),
            None => captions(first, by_name).map_or_else(|| other(mime), Recognised::Known),
        },
        None => captions(first, by_name).map_or(Recognised::Unknown, Recognised::Known),
    }
}

/// What is no media, by names that people know.
fn other(mime: &'static str) -> Recognised {
    const LABELS: &[(&str, &str)] =
        &[("application/pdf", "PDF"), ("text/html", "HTML"), ("application/zip", "ZIP")];
    let label =
        LABELS.iter().find(|(known, _)| *known == mime).map_or("this type of file", |(_, label)| label);
    Recognised::Other { label, mime }
}

fn known(mime: &str) -> Option<Media> {
    Some(match mime {
        "image/png" => Media::Png,
        "image/jpeg" => Media::Jpeg,
        "image/webp" => Media::Webp,
        "image/gif" => Media::Gif,
        "image/bmp" => Media::Bmp,
        "image/tiff" => Media::Tiff,
        "image/heif" | "image/heic" => Media::Heic,
        "image/avif" => Media::Avif,
        "audio/mpeg" => Media::Mp3,
        "audio/x-wav" | "audio/wav" => Media::Wav,
        "audio/m4a" | "audio/mp4" => Media::M4a,
        "audio/aac" => Media::Aac,
        "audio/x-flac" | "audio/flac" => Media::Flac,
        "audio/ogg" | "audio/opus" => Media::Ogg,
        "video/mp4" | "video/x-m4v" => Media::Mp4,
        "video/quicktime" => Media::Mov,
        "video/webm" => Media::Webm,
        "video/x-matroska" => Media::Mkv,
        "video/x-msvideo" => Media::Avi,
        _ => return None,
    })
}

/// The ISO container (`ftyp`): its major brand tells, or for general brands the name.
fn iso_media(first: &[u8], by_name: Option<Media>) -> Option<Media> {
    if first.get(4..8)? != b"ftyp" {
        return None;
    }
    let brand = first.get(8..12)?;
    match brand {
        b"M4A " | b"M4B " | b"M4P " => Some(Media::M4a),
        b"qt  " => Some(Media::Mov),
        b"avif" | b"avis" => Some(Media::Avif),
        b"heic" | b"heix" | b"hevc" | b"mif1" | b"msf1" => Some(Media::Heic),
        b"mp41" | b"mp42" | b"avc1" | b"dash" | b"MSNV" | b"M4V " | b"M4VH" | b"M4VP" | b"f4v " => {
            Some(if by_name == Some(Media::M4a) { Media::M4a } else { Media::Mp4 })
        }
        [b'i', b's', b'o', _] => Some(if by_name == Some(Media::M4a) { Media::M4a } else { Media::Mp4 }),
        _ => None,
    }
}

/// MPEG audio frames without a tag: layer III is MP3, layer 0 with a 12-bit sync is ADTS (raw AAC).
fn mpeg_audio(first: &[u8]) -> Option<Media> {
    let [0xff, second, third, ..] = first else { return None };
    if second & 0xe0 != 0xe0 {
        return None;
    }
    let (version, layer) = ((second >> 3) & 3, (second >> 1) & 3);
    match layer {
        1 if version != 1 && third >> 4 != 0xf && (third >> 2) & 3 != 3 => Some(Media::Mp3),
        0 if second & 0xf0 == 0xf0 && (third >> 2) & 0xf < 13 => Some(Media::Aac),
        _ => None,
    }
}

/// Captions: text without NUL bytes under a caption's name that looks like one.
fn captions(first: &[u8], by_name: Option<Media>) -> Option<Media> {
    let media = by_name.filter(|m| m.kind() == Kind::Captions)?;
    if first.contains(&0) {
        return None;
    }
    let text = String::from_utf8_lossy(first);
    let looks = match media {
        Media::Srt => text.contains("-->"),
        Media::Ass => text.contains('[') && text.to_ascii_lowercase().contains("script info"),
        _ => text.contains('[') && text.contains(']'),
    };
    looks.then_some(media)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sample(name: &str) -> Recognised {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/samples").join(name);
        inspect(&path).unwrap().recognised
    }

    #[test]
    fn real_files_are_recognised() {
        for (name, media) in [
            ("photo.jpg", Media::Jpeg),
            ("cover.png", Media::Png),
            ("poster.webp", Media::Webp),
            ("anim.gif", Media::Gif),
            ("tone.mp3", Media::Mp3),
            ("tone.wav", Media::Wav),
            ("tone.m4a", Media::M4a),
            ("tone.aac", Media::Aac),
            ("clip.mp4", Media::Mp4),
            ("captions.srt", Media::Srt),
        ] {
            assert_eq!(sample(name), Recognised::Known(media), "{name}");
        }
    }

    #[test]
    fn the_bytes_decide_and_not_the_name() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
        assert_eq!(recognise(png, "mp3"), Recognised::Known(Media::Png));
        assert_eq!(
            recognise(b"%PDF-1.7 ...", "png"),
            Recognised::Other { label: "PDF", mime: "application/pdf" }
        );
        assert_eq!(recognise(b"hello", "png"), Recognised::Unknown);
        assert_eq!(recognise(b"hello", "srt"), Recognised::Unknown);
        assert_eq!(recognise(b"\xff\xf3\x40\xc0", "x"), Recognised::Known(Media::Mp3));
        assert_eq!(recognise(b"\0\0\0\x18ftypmp42", "m4a"), Recognised::Known(Media::M4a));
        assert_eq!(recognise(b"\0\0\0\x18ftypmp42", "mp4"), Recognised::Known(Media::Mp4));
    }

    #[test]
    fn what_is_no_file_is_said_and_not_opened() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(inspect(dir.path()), Err(FileProblem::Folder));
        assert_eq!(inspect(&dir.path().join("gone.png")), Err(FileProblem::Vanished));
        #[cfg(unix)]
        {
            let pipe = dir.path().join("pipe.png");
            assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
            assert_eq!(inspect(&pipe), Err(FileProblem::Special));
            assert_eq!(inspect(Path::new("/dev/zero")), Err(FileProblem::Special));
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_looked_at_without_a_panic(first in prop::collection::vec(any::<u8>(), 0..64), ext in "[a-z0-9]{0,4}") {
            recognise(&first, &ext);
        }
    }
}
