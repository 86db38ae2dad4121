//! Every reader of headers on files that are cut off, that lie about their sizes, or that have too much of everything:
//! whatever they are given, they answer, and read no more than their bound.

use std::io::{Cursor, Read, Seek, SeekFrom};
use std::path::Path;
use std::process::Command;

use proptest::prelude::*;

use super::inspect::identify;
use super::source::{MAX_BYTES, Source};
use crate::model::media::{FileFacts, Media};

/// A file in memory that counts what is read of it.
struct Counting<'a> {
    bytes: Cursor<&'a [u8]>,
    read: u64,
}

impl Read for Counting<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let n = self.bytes.read(into)?;
        self.read += n as u64;
        Ok(n)
    }
}

impl Seek for Counting<'_> {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.bytes.seek(to)
    }
}

fn facts(bytes: &[u8]) -> FileFacts {
    let mut facts = FileFacts::default();
    let mut file = Counting { bytes: Cursor::new(bytes), read: 0 };
    identify(&mut Source::new(&mut file, bytes.len() as u64), None, &mut facts);
    assert!(file.read <= MAX_BYTES, "{} bytes were read of {}", file.read, bytes.len());
    facts
}

/// Returns a tenth of a second of everything that ffmpeg makes and Hoist looks into.
fn specimens() -> Vec<(&'static str, Media, Vec<u8>)> {
    let dir = tempfile::tempdir().unwrap();
    let picture = ["-f", "lavfi", "-i", "testsrc2=s=32x32:r=20:d=0.1"];
    let sound = ["-f", "lavfi", "-i", "sine=d=0.1:r=8000"];
    let both: Vec<&str> = [picture, sound].concat();
    let fragments = "frag_every_frame+empty_moov+default_base_moof";
    let mut out = vec![];
    for (name, media, inputs, how) in [
        ("a.mp4", Media::Mp4, &both[..], &[][..]),
        ("b.mp4", Media::Mp4, &both, &["-movflags", fragments]),
        ("c.m4a", Media::M4a, &sound, &["-ac", "1"]),
        ("d.mov", Media::Mov, &picture, &["-c:v", "mjpeg"]),
        ("e.mkv", Media::Mkv, &both, &["-c:v", "mpeg4", "-c:a", "ac3"]),
        ("f.webm", Media::WebmAudio, &sound, &["-c:a", "libopus"]),
        ("g.ogv", Media::Ogv, &both, &["-c:v", "libtheora", "-c:a", "libvorbis"]),
        ("h.opus", Media::Ogg, &sound, &["-c:a", "libopus"]),
        ("i.flac", Media::Flac, &sound, &[]),
        ("j.avi", Media::Avi, &both, &["-c:v", "mjpeg", "-c:a", "pcm_s16le"]),
        ("k.wav", Media::Wav, &sound, &["-rf64", "always"]),
        ("l.mp3", Media::Mp3, &sound, &[]),
        ("m.aac", Media::Aac, &sound, &[]),
        ("n.ac3", Media::Ac3, &sound, &["-ar", "44100"]),
        ("o.tiff", Media::Tiff, &picture, &["-frames:v", "1"]),
    ] {
        let path = dir.path().join(name);
        let run = Command::new("ffmpeg")
            .args(["-nostdin", "-v", "error"])
            .args(inputs)
            .args(how)
            .arg(&path)
            .status();
        assert!(run.is_ok_and(|status| status.success()), "ffmpeg makes no {name}: run scripts/setup test");
        out.push((name, media, std::fs::read(path).unwrap()));
    }
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/samples/clip.mp4");
    out.push(("clip.mp4", Media::Mp4, std::fs::read(sample).unwrap()));
    out
}

/// Returns the places where heads and indexes are: the first bytes, and the last.
fn places(length: usize) -> impl Iterator<Item = usize> {
    (0..length).filter(move |at| *at < 2500 || at + 1500 > length || at % 97 == 0)
}

#[test]
fn what_is_cut_off_at_any_byte_is_answered() {
    for (name, media, whole) in specimens() {
        assert_eq!(facts(&whole).recognised.media(), Some(media), "{name}");
        for end in places(whole.len()) {
            facts(&whole[..end]);
        }
    }
}

#[test]
fn sizes_that_lie_are_answered() {
    for (_, _, whole) in specimens() {
        for at in places(whole.len()).step_by(3) {
            for lie in [[0, 0, 0, 0], [0, 0, 0, 1], [0xff; 4], [0x7f, 0xff, 0xff, 0xff], [1, 0, 0, 8]] {
                let mut bytes = whole.clone();
                let end = (at + 4).min(bytes.len());
                bytes[at..end].copy_from_slice(&lie[..end - at]);
                facts(&bytes);
            }
        }
    }
}

fn boxed(kind: [u8; 4], content: &[u8]) -> Vec<u8> {
    [&(content.len() as u32 + 8).to_be_bytes()[..], &kind, content].concat()
}

fn element(id: &[u8], content: &[u8]) -> Vec<u8> {
    let size = (content.len() as u64 | 1 << 56).to_be_bytes();
    [id, &size, content].concat()
}

/// Something inside itself, so deep.
fn nested(depth: usize, wrap: impl Fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
    (0..depth).fold(vec![], |inner, _| wrap(&inner))
}

#[test]
fn too_deep_and_too_many_is_answered_within_bounds() {
    const MANY: usize = 10_000;
    let head = boxed(*b"ftyp", b"isom\0\0\0\0isom");
    let webm = element(&[0x1a, 0x45, 0xdf, 0xa3], &element(&[0x42, 0x82], b"webm"));
    let segment = |content: &[u8]| [webm.clone(), element(&[0x18, 0x53, 0x80, 0x67], content)].concat();
    let mut page = b"OggS\0\x02".to_vec();
    page.resize(27, 0);
    let list =
        |content: &[u8]| [&b"LIST"[..], &(content.len() as u32 + 4).to_le_bytes(), b"hdrl", content].concat();
    let riff = |kind: &[u8; 4], content: &[u8]| [&b"RIFF\xff\xff\xff\xff"[..], kind, content].concat();
    let fragment =
        boxed(*b"moof", &boxed(*b"traf", &[boxed(*b"tfhd", &[0; 8]), boxed(*b"trun", &[0; 8])].concat()));
    let mut directory = b"II*\0\x08\0\0\0\xff\xff".to_vec();
    directory.resize(10 + 12 * MANY, 1);
    let everything = [
        ("boxes", [head.clone(), boxed(*b"free", b"").repeat(MANY)].concat()),
        (
            "tracks",
            [head.clone(), boxed(*b"moov", &boxed(*b"trak", &boxed(*b"mdia", b"")).repeat(MANY))].concat(),
        ),
        ("fragments", [head.clone(), fragment.repeat(MANY)].concat()),
        (
            "properties",
            [
                head.clone(),
                boxed(*b"meta", &boxed(*b"iprp", &boxed(*b"ipco", &boxed(*b"ispe", &[0; 12]).repeat(MANY)))),
            ]
            .concat(),
        ),
        ("boxes in boxes", [head.clone(), nested(2000, |inner| boxed(*b"moov", inner))].concat()),
        ("tracks in tracks", [head, nested(2000, |inner| boxed(*b"trak", inner))].concat()),
        ("elements", segment(&element(&[0xec], b"").repeat(MANY))),
        (
            "tracks of Matroska",
            segment(&element(
                &[0x16, 0x54, 0xae, 0x6b],
                &element(&[0xae], &element(&[0x83], &[2])).repeat(MANY),
            )),
        ),
        ("clusters", segment(&element(&[0x1f, 0x43, 0xb6, 0x75], &element(&[0xe7], &[0])).repeat(MANY))),
        ("segments in segments", nested(2000, segment)),
        (
            "open segments",
            [webm.clone(), [&[0x18, 0x53, 0x80, 0x67][..], &[0xff; 8]].concat().repeat(MANY)].concat(),
        ),
        ("pages", page.repeat(MANY)),
        ("chunks of WAV", riff(b"WAVE", &b"junk\0\0\0\0".repeat(MANY))),
        ("chunks of AVI", riff(b"AVI ", &b"JUNK\0\0\0\0".repeat(MANY))),
        ("lists in lists", riff(b"AVI ", &nested(1000, list))),
        ("tags", b"ID3\x03\0\0\0\0\0\0".repeat(MANY)),
        ("entries", directory),
        ("segments of JPEG", [&[0xff, 0xd8][..], &[0xff, 0xe2, 0, 2].repeat(MANY)].concat()),
        ("beginnings of frames", [0xff, 0xfb, 0x90, 0x00].repeat(200_000)),
        ("zeros", vec![0; 3_000_000]),
    ];
    for (name, bytes) in everything {
        let found = facts(&bytes);
        assert_eq!(found.duration, None, "{name}: nothing of it plays");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn any_bytes_behind_any_beginning_are_answered(
        beginning in prop::sample::select(vec![
            &b"\0\0\0\x14ftypisom"[..], b"\0\0\0\x08moov", b"\x1a\x45\xdf\xa3\x87\x42\x82\x84webm\x18\x53\x80\x67\xff",
            b"OggS\0\x02", b"RIFF\0\0\0\0WAVE", b"RIFF\0\0\0\0AVI LIST", b"RF64\xff\xff\xff\xffWAVEds64", b"fLaC\0\0\0\x22",
            b"ID3\x04\0\0\0\0\0\x05", b"\xff\xfb\x90\x00", b"\xff\xf1\x50\x80", b"\x0b\x77", b"II*\0\x08\0\0\0",
            b"MM\0\x2b\0\x08\0\0", b"\xff\xfe", b"\xff\xd8\xff\xe1\0\x20Exif\0\0",
        ]),
        rest in prop::collection::vec(any::<u8>(), 0..600),
    ) {
        facts(&[beginning, &rest].concat());
    }
}
