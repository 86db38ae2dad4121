//! Whether a file is whole, by its own structure: is its index there, can its header be read, does it go on to its end.
//! Nothing is decoded, so that this is known of every file before anything is sent; and what is merely unusual is not
//! damaged: where the structure leaves it open, nothing is said.

mod containers;
mod part;
mod pictures;

use std::fs::File;
use std::io::{BufReader, Seek};

use super::zeros;
use crate::model::media::{Damage, FileFacts, Media};
use part::whole;

/// Returns what is wrong with a file that is known to be of this type.
pub(super) fn inspect(facts: &FileFacts, media: Media) -> Option<Damage> {
    let length = facts.size;
    let mut file = BufReader::new(File::open(&facts.path).ok()?);
    let zeros = zeros::at_end(&mut file, length);
    file.rewind().ok()?;
    let seen = match media {
        Media::Png => pictures::png(&mut file, zeros),
        Media::Jpeg => pictures::jpeg(&mut file, length),
        Media::Gif => pictures::gif(&mut file, zeros),
        Media::Webp => pictures::webp(&mut file, length),
        Media::Bmp => pictures::bmp(&mut file, length),
        Media::Tiff => pictures::tiff(&mut file, length),
        Media::Avi => containers::avi(&mut file, length),
        Media::Mp4 | Media::Mov | Media::M4a | Media::ThreeGp | Media::ThreeGpAudio => {
            containers::boxes(&mut file, length, true)
        }
        Media::Heic | Media::Avif => containers::boxes(&mut file, length, false),
        Media::Webm | Media::Mkv | Media::WebmAudio | Media::MkvAudio => {
            containers::matroska(&mut file, length)
        }
        Media::Flac => containers::flac(&mut file),
        // Their headers are small, and stand wherever the sound begins.
        Media::Mp3 | Media::Wav | Media::Aac | Media::Ogg => whole(facts.audio.is_some(), Damage::BadHeader),
        _ => Ok(()),
    };
    let is_missing = |zeros| zeros::are_missing_content(&mut file, length, media, zeros);
    seen.err().or_else(|| zeros.is_some_and(is_missing).then_some(Damage::CutOff))
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::process::Command;

    use proptest::prelude::*;

    use super::part::be32;
    use super::*;

    fn sample(name: &str) -> Vec<u8> {
        std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/samples").join(name)).unwrap()
    }

    fn seen(bytes: &[u8], media: Media) -> Option<Damage> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        let facts = FileFacts { path: file.path().into(), size: bytes.len() as u64, ..FileFacts::default() };
        inspect(&facts, media)
    }

    /// What a tool makes of a picture of colours: in every way of writing it there is.
    fn made(arguments: &[&str], name: &str) -> Vec<u8> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        let mut command = Command::new("ffmpeg");
        command.args(["-v", "error", "-f", "lavfi", "-i", "testsrc2=duration=0.4:size=96x64:rate=10"]);
        let done = command.args(arguments).arg(&path).status();
        assert!(
            done.is_ok_and(|status| status.success()),
            "ffmpeg {arguments:?} {name}: run scripts/setup test"
        );
        std::fs::read(path).unwrap()
    }

    fn one(arguments: &[&str], name: &str) -> Vec<u8> {
        made(&[&["-frames:v", "1"], arguments].concat(), name)
    }

    /// Good files of every type that is looked at.
    fn good() -> Vec<(&'static str, Vec<u8>, Media)> {
        vec![
            ("a photograph", sample("photo.jpg"), Media::Jpeg),
            ("a drawing", sample("cover.png"), Media::Png),
            ("a small picture", sample("poster.webp"), Media::Webp),
            ("an animation", sample("anim.gif"), Media::Gif),
            ("a video", sample("clip.mp4"), Media::Mp4),
            ("sound", sample("tone.m4a"), Media::M4a),
            ("a palette", one(&["-pix_fmt", "pal8"], "a.png"), Media::Png),
            ("16 bits", one(&["-pix_fmt", "rgb48be"], "a.png"), Media::Png),
            ("grey", one(&["-pix_fmt", "gray"], "a.jpg"), Media::Jpeg),
            ("colours", one(&["-pix_fmt", "bgr24"], "a.bmp"), Media::Bmp),
            ("eight bits", one(&["-pix_fmt", "pal8"], "a.bmp"), Media::Bmp),
            ("a TIFF", one(&["-compression_algo", "raw"], "a.tiff"), Media::Tiff),
            ("a TIFF with a palette", one(&["-pix_fmt", "pal8"], "a.tiff"), Media::Tiff),
            ("a packed TIFF", one(&["-compression_algo", "deflate"], "a.tiff"), Media::Tiff),
            ("a QuickTime movie", made(&[], "a.mov"), Media::Mov),
            ("pieces", made(&["-movflags", "+frag_keyframe+empty_moov"], "a.mp4"), Media::Mp4),
            ("WebM", made(&["-c:v", "libvpx"], "a.webm"), Media::Webm),
            ("live", made(&["-c:v", "libvpx", "-live", "1"], "a.webm"), Media::Webm),
            ("Matroska", made(&["-c:v", "mpeg4"], "a.mkv"), Media::Mkv),
            ("AVI", made(&["-c:v", "mpeg4"], "a.avi"), Media::Avi),
        ]
    }

    #[test]
    fn good_files_are_not_called_damaged_however_they_are_written() {
        for (what, bytes, media) in good() {
            assert_eq!(seen(&bytes, media), None, "{what}");
        }
        // Something stands behind the picture: a video, as phones write it, or what an editor keeps.
        for (name, media) in [("photo.jpg", Media::Jpeg), ("cover.png", Media::Png), ("anim.gif", Media::Gif)]
        {
            let more = [sample(name), sample("clip.mp4")].concat();
            assert_eq!(seen(&more, media), None, "{name}");
        }
        let comment = [&[0xff, 0xd8, 0xff, 0xfe, 0, 4, 1, 2, 0xff, 0xff], &sample("photo.jpg")[2..]].concat();
        assert_eq!(seen(&comment, Media::Jpeg), None, "between segments stand bytes of ones");
        let gif = sample("anim.gif");
        assert_eq!(seen(&gif[..gif.len() - 1], Media::Gif), None, "some leave the last byte out");
    }

    #[test]
    fn what_was_cut_off_is_noticed_wherever_it_was() {
        for (what, bytes, media) in good() {
            for part in [9, 7, 5, 3] {
                let cut = &bytes[..bytes.len() * part / 10];
                assert!(seen(cut, media).is_some() || what == "live", "{what}: {part}/10 of it");
            }
            // The rest was never written: the disk has zeros there.
            if !matches!(
                media,
                Media::Bmp | Media::Tiff | Media::Webp | Media::Avi | Media::Webm | Media::Mkv
            ) {
                let mut holes = bytes.clone();
                let from = holes.len() / 2;
                holes[from..].fill(0);
                assert!(
                    seen(&holes, media).is_some()
                        || matches!(media, Media::Mp4 | Media::Mov | Media::M4a | Media::Gif),
                    "{what}: zeros"
                );
            }
        }
        let photograph = sample("photo.jpg");
        assert_eq!(seen(&photograph[..photograph.len() / 2], Media::Jpeg), Some(Damage::CutOff));
        let small = [&[0xff, 0xd8, 0xff, 0xe1, 0xff, 0xff, 0xff, 0xd9][..], &[0; 99], &[0xff, 0xd9]].concat();
        assert_eq!(
            seen(&small, Media::Jpeg),
            Some(Damage::CutOff),
            "the end of a small picture is not its own"
        );
    }

    #[test]
    fn a_missing_index_and_a_broken_header_are_named() {
        let clip = sample("clip.mp4");
        let mut at = 0;
        let mut without = vec![];
        while at < clip.len() {
            let size = be32(&clip, at) as usize;
            if &clip[at + 4..at + 8] != b"moov" {
                without.extend(&clip[at..at + size]);
            }
            at += size;
        }
        assert_eq!(seen(&without, Media::Mp4), Some(Damage::NoIndex));
        let empty = [&clip[..be32(&clip, 0) as usize], b"\0\0\0\x08moov"].concat();
        assert_eq!(seen(&empty, Media::Mp4), Some(Damage::BadHeader), "an index with nothing in it");
        let broken = |name: &str, at: usize, bytes: &[u8]| {
            let mut whole = sample(name);
            whole[at..at + bytes.len()].copy_from_slice(bytes);
            whole
        };
        assert_eq!(seen(&broken("cover.png", 16, &[0; 4]), Media::Png), Some(Damage::BadHeader), "no width");
        assert_eq!(
            seen(&broken("cover.png", 29, &[0; 4]), Media::Png),
            Some(Damage::BadHeader),
            "a wrong checksum"
        );
        let drawing = sample("cover.png");
        let no_pixels = [&drawing[..33], &drawing[drawing.len() - 12..]].concat();
        assert_eq!(seen(&no_pixels, Media::Png), Some(Damage::NoPixels));
        assert_eq!(seen(b"\xff\xd8\xff\xd9", Media::Jpeg), Some(Damage::BadHeader));
        assert_eq!(seen(b"BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0", Media::Bmp), Some(Damage::BadHeader));
        assert_eq!(seen(b"MM\0*\0\0\0\x08\0\0", Media::Tiff), Some(Damage::BadHeader));
        assert_eq!(seen(b"fLaC\0\0\0\x22", Media::Flac), Some(Damage::BadHeader));
        assert_eq!(seen(b"\x1a\x45\xdf\xa3\x84abcd", Media::Webm), Some(Damage::BadHeader));
        let avif = b"\0\0\0\x10ftypavif\0\0\0\0\0\0\0\x20mdat";
        assert_eq!(seen(avif, Media::Avif), Some(Damage::CutOff));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn any_bytes_are_looked_at_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            for (begin, media) in [
                (&b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..], Media::Png), (b"\xff\xd8\xff", Media::Jpeg), (b"GIF89a", Media::Gif),
                (b"RIFF\xff\0\0\0WEBP", Media::Webp), (b"BM", Media::Bmp), (b"II*\0\x08\0\0\0", Media::Tiff),
                (b"MM\0+\0\x08\0\0", Media::Tiff), (b"\0\0\0\x08ftyp\0\0\0\0moov", Media::Mp4), (b"\x1a\x45\xdf\xa3", Media::Mkv),
                (b"fLaC", Media::Flac), (b"RIFF", Media::Avi),
            ] {
                seen(&[begin, &bytes].concat(), media);
            }
        }
    }
}
