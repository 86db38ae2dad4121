//! What a file is, by its structure: first bytes, containers, tracks and frames. Names decide only what these leave open.

use std::fs::File;
use std::io::{BufReader, Cursor, ErrorKind, Read, Seek};
use std::path::Path;
use std::time::Duration;

use super::source::Source;
use super::{
    aiff, caf, damage, frames, matroska, metadata, mp4, ogg, orientation, picture_sizes, preview, riff,
    sniff, tiff_head,
};
use crate::model::disk;
use crate::model::media::{
    AudioFacts, Damage, DetectedType, FileFacts, FileProblem, Kind, Media, Undecodable, VideoFacts,
};

/// So much of a file is enough to tell its type, though not always which kind of a container.
pub const FIRST_BYTES: usize = 8192;

/// Looks into a file: nothing is read of anything but an ordinary file (opening a pipe would wait for ever).
pub fn inspect(path: &Path) -> Result<FileFacts, FileProblem> {
    let problem = |e: std::io::Error| match e.kind() {
        ErrorKind::NotFound => FileProblem::Vanished,
        _ => FileProblem::Unreadable(disk::reason(&e)),
    };
    let meta = std::fs::metadata(path).map_err(problem)?;
    if meta.is_dir() {
        return Err(FileProblem::Folder);
    }
    if !meta.is_file() {
        return Err(FileProblem::Special);
    }
    let mut file = File::open(path).map_err(problem)?;
    let mut facts = FileFacts {
        path: path.to_owned(),
        size: meta.len(),
        modified: meta.modified().ok(),
        ..FileFacts::default()
    };
    // A disk that fails says so here, and is no unknown type.
    file.read(&mut [0]).map_err(problem)?;
    let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
    identify(&mut Source::new(&mut file, meta.len()), Media::from_extension(extension), &mut facts);
    if let Some(media) = facts.recognised.media().filter(|media| media.kind() == Kind::Image) {
        picture(&mut facts, media, &mut file);
    }
    if let Some(media) = facts.recognised.media() {
        facts.damaged = facts.damaged.or_else(|| damage::inspect(&facts, media));
        facts.location = metadata::location(&facts.path, media);
    }
    Ok(facts)
}

/// Returns the type by the first bytes, as far as they tell it: which kind of a container it is may stand at the end of
/// a file. There the extension decides.
pub fn recognise(first: &[u8], extension: &str) -> DetectedType {
    let mut facts = FileFacts::default();
    let mut file = Cursor::new(first);
    let mut source = Source::new(&mut file, first.len() as u64);
    identify(&mut source, Media::from_extension(extension), &mut facts);
    facts.recognised
}

/// Finds out what it is, and on the way what it says of itself.
pub(super) fn identify(source: &mut Source<'_>, by_name: Option<Media>, facts: &mut FileFacts) {
    let first = source.up_to(0, FIRST_BYTES);
    if frames::is_tag(&first) {
        behind_tags(source, by_name, facts);
    } else if !first.is_empty() && !structure(source, &first, by_name, facts) {
        facts.recognised = sniff::other(&first, by_name);
        if facts.recognised == DetectedType::Unknown
            && let Some(from) = frames::find(source, 0)
        {
            bare_frames(source, from, facts);
        }
    }
}

/// Inspects what follows ID3 tags, which stand in front of all kinds of sound.
fn behind_tags(source: &mut Source<'_>, by_name: Option<Media>, facts: &mut FileFacts) {
    let end = frames::after_tags(source);
    let follows = source.up_to(end, FIRST_BYTES);
    let known = frames::at(source, end).is_some() || sniff::media(&follows, None).is_some();
    // A tag may claim a wrong size.
    let begin =
        if known { Some(end) } else { frames::find(source, end).or_else(|| frames::find(source, 10)) };
    if let Some(begin) = begin {
        source.begin_at(begin);
        let follows = source.up_to(0, FIRST_BYTES);
        if structure(source, &follows, by_name, facts) {
            return;
        }
    }
    let tagged =
        |media: &Media| matches!(media, Media::Mp3 | Media::Aac | Media::Flac | Media::Wav | Media::Aiff);
    facts.recognised = DetectedType::Known(by_name.filter(tagged).unwrap_or(Media::Mp3));
}

/// Types that have a reader of their own, or first bytes of their own. False where it is none of them.
fn structure(source: &mut Source<'_>, first: &[u8], by_name: Option<Media>, facts: &mut FileFacts) -> bool {
    if let Some(found) = matroska::read(source) {
        of_matroska(found, facts);
        return true;
    }
    if mp4::may_begin(first) {
        let movie = mp4::read(source);
        if movie.is_certain() || mp4::is_old_quicktime(first) {
            of_movie(movie, by_name, facts);
            return true;
        }
    }
    let Some(media) = sniff::media(first, by_name) else {
        let found = frames::at(source, 0).is_some();
        if found {
            bare_frames(source, 0, facts);
        }
        return found;
    };
    facts.recognised = DetectedType::Known(media);
    match media {
        Media::Wav => of_riff(riff::wav(source), facts),
        Media::Avi => of_riff(riff::avi(source), facts),
        Media::Ogg => of_ogg(&ogg::read(source), facts),
        Media::Aiff => {
            if let Some(found) = aiff::read(source) {
                facts.duration = found.seconds.and_then(length);
                facts.audio = Some(audio(found.codec, found.rate, Some(found.channels), found.bits));
                facts.damaged = cut_off(found.is_cut);
            }
        }
        Media::Caf => {
            if let Some(found) = caf::read(source) {
                facts.duration = found.seconds.and_then(length);
                facts.audio = Some(audio(Some(&found.codec), found.rate, found.channels, found.bits));
                facts.damaged = cut_off(found.is_cut);
            }
        }
        Media::Flac => {
            if let Some(ogg::FlacFacts { info, seconds, is_guess, is_cut }) = ogg::flac(source) {
                (facts.duration, facts.duration_is_guess) = (seconds.and_then(length), is_guess);
                facts.audio =
                    Some(audio(Some("FLAC"), Some(info.rate), Some(info.channels), Some(info.bits)));
                facts.damaged = cut_off(is_cut);
            }
        }
        Media::Tiff => {
            if let Some(head) = orientation::head(source, 0) {
                facts.pixels = head.pixels;
                if head.is_raw {
                    facts.recognised = DetectedType::Known(Media::RawPhoto);
                }
            }
        }
        Media::Psd => facts.pixels = source.be32(18).zip(source.be32(14)),
        Media::Bmp => facts.pixels = picture_sizes::bmp(source),
        Media::Ico => facts.pixels = picture_sizes::ico(source),
        Media::Jpeg2000 => facts.pixels = picture_sizes::jpeg2000(source),
        _ => {}
    }
    true
}

/// Returns a length that may be one: more than a year is nonsense.
fn length(seconds: f64) -> Option<Duration> {
    (seconds.is_finite() && seconds > 0.0 && seconds < 31_536_000.0).then(|| Duration::from_secs_f64(seconds))
}

/// Frames a second as people write them: 29.97.
fn frames_a_second(fps: Option<f64>) -> Option<f64> {
    fps.map(|fps| (fps * 1000.0).round() / 1000.0).filter(|fps| *fps > 0.0)
}

fn audio(codec: Option<&str>, rate: Option<u32>, channels: Option<u16>, bits: Option<u16>) -> AudioFacts {
    AudioFacts { codec: codec.map(ToOwned::to_owned), rate, channels, bits }
}

/// Says that the end is missing, where a reader found that.
fn cut_off(is_cut: bool) -> Option<Damage> {
    is_cut.then_some(Damage::CutOff)
}

fn of_movie(movie: mp4::Movie, by_name: Option<Media>, facts: &mut FileFacts) {
    let media = movie.media(by_name);
    facts.recognised = DetectedType::Known(media);
    facts.pixels = movie.pixels;
    facts.orientation = movie.orientation;
    if media.kind() == Kind::Image {
        facts.animated = movie.moves;
        facts.undecodable = movie.still.and_then(|still| still.undecodable);
        return;
    }
    (facts.duration, facts.duration_is_guess) = (movie.duration, movie.duration_is_guess);
    facts.video = movie.video.map(|video| VideoFacts { fps: frames_a_second(video.fps), ..video });
    facts.audio = movie.audio;
}

fn of_matroska(found: matroska::MatroskaFacts, facts: &mut FileFacts) {
    facts.recognised = DetectedType::Known(found.media());
    facts.duration = found.seconds.and_then(length);
    facts.pixels = found.pixels;
    facts.orientation = match found.turn {
        Some(90) => Some(6),
        Some(180) => Some(3),
        Some(270) => Some(8),
        _ => None,
    };
    if found.has_audio {
        facts.audio = Some(audio(found.audio.as_deref(), found.rate, found.channels, found.bits));
    }
    facts.video = found.has_video.then_some(VideoFacts {
        codec: found.video,
        fps: frames_a_second(found.fps),
        hdr: found.hdr,
        streams: None,
    });
}

fn of_ogg(found: &ogg::OggFacts, facts: &mut FileFacts) {
    facts.recognised = DetectedType::Known(found.media());
    facts.duration = found.seconds.and_then(length);
    facts.duration_is_guess = found.is_guess;
    facts.pixels = found.pixels;
    if found.audio.is_some() {
        facts.audio = Some(audio(found.audio, found.rate, found.channels, found.bits));
    }
    facts.damaged = cut_off(found.is_cut);
    facts.video = found.video.map(|codec| VideoFacts {
        codec: Some(codec.to_owned()),
        fps: frames_a_second(found.fps),
        hdr: None,
        streams: None,
    });
}

fn of_riff(found: riff::RiffFacts, facts: &mut FileFacts) {
    facts.duration = found.seconds.and_then(length);
    facts.duration_is_guess = found.is_guess;
    facts.pixels = found.pixels;
    if found.has_audio {
        facts.audio = Some(audio(found.audio, found.rate, found.channels, found.bits));
    }
    facts.damaged = cut_off(found.is_cut);
    facts.video = found.has_video.then_some(VideoFacts {
        codec: found.video,
        fps: frames_a_second(found.fps),
        hdr: None,
        streams: None,
    });
}

fn bare_frames(source: &mut Source<'_>, from: u64, facts: &mut FileFacts) {
    let Some(frame) = frames::at(source, from) else { return };
    facts.recognised = DetectedType::Known(frame.media);
    facts.audio = Some(audio(Some(frame.media.label()), Some(frame.rate), frame.channels, None));
    if let Some(counted) = frames::count(source, from) {
        (facts.duration, facts.duration_is_guess) = (length(counted.seconds), counted.is_guess);
        facts.damaged = cut_off(counted.is_cut);
    }
}

/// Reads what a picture says beyond its type: how it is turned, how large it is displayed, whether it moves.
fn picture(facts: &mut FileFacts, media: Media, file: &mut File) {
    if preview::is_of_image_crate(media) {
        facts.orientation = orientation::of(&mut Source::new(file, facts.size));
        let head = preview::head(&facts.path);
        let stored = facts.pixels.or(head.map(|(pixels, _)| pixels));
        facts.transparent = head.is_some_and(|(_, transparent)| transparent);
        let on_its_side = matches!(facts.orientation, Some(5..=8));
        facts.pixels =
            stored.map(|(width, height)| if on_its_side { (height, width) } else { (width, height) });
        let is_unknown = match media {
            Media::Tiff => tiff_head::reader(&mut *file, facts.size).is_none(),
            Media::Bmp => head.is_none(),
            _ => false,
        };
        if is_unknown {
            facts.undecodable = Some(Undecodable::Feature);
        }
        facts.animated = file.rewind().is_ok() && preview::moves(media, &mut BufReader::new(file));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sample(name: &str) -> DetectedType {
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
            assert_eq!(sample(name), DetectedType::Known(media), "{name}");
        }
    }

    #[test]
    fn sound_says_how_it_is_coded_and_how_long_it_plays() {
        for (name, codec) in
            [("tone.mp3", "MP3"), ("tone.wav", "PCM"), ("tone.m4a", "AAC"), ("tone.aac", "AAC")]
        {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/samples").join(name);
            let facts = inspect(&path).unwrap();
            let audio = facts.audio.unwrap();
            assert_eq!(audio.codec.as_deref(), Some(codec), "{name}");
            assert!(
                audio.rate.is_some_and(|rate| rate >= 8000) && audio.channels.is_some(),
                "{name}: {audio:?}"
            );
            assert!(facts.duration.is_some() && !facts.duration_is_guess, "{name}");
        }
    }

    #[test]
    fn the_bytes_decide_and_not_the_name() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
        assert_eq!(recognise(png, "mp3"), DetectedType::Known(Media::Png));
        assert_eq!(
            recognise(b"%PDF-1.7 ...", "png"),
            DetectedType::Other { label: "PDF", mime: "application/pdf" }
        );
        assert_eq!(recognise(b"hello", "png"), DetectedType::Unknown);
        assert_eq!(recognise(b"hello", "srt"), DetectedType::Unknown);
        assert_eq!(recognise(b"\xff\xf3\x40\xc0", "x"), DetectedType::Known(Media::Mp3));
        assert_eq!(recognise(b"\0\0\0\x18ftypmp42", "m4a"), DetectedType::Known(Media::M4a));
        assert_eq!(recognise(b"\0\0\0\x18ftypmp42", "mp4"), DetectedType::Known(Media::Mp4));
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
