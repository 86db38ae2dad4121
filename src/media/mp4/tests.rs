//! Movies, made box by box.

use std::io::Cursor;
use std::path::Path;

use proptest::prelude::*;

use super::*;

fn sample(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/samples").join(name)).unwrap()
}

fn movie(bytes: &[u8]) -> Movie {
    let mut file = Cursor::new(bytes);
    read(&mut Source::new(&mut file, bytes.len() as u64))
}

/// Returns the top boxes of a file.
fn tops(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut out = vec![];
    let mut at = 0;
    while at < bytes.len() {
        let size = u32_at(bytes, at) as usize;
        out.push(bytes[at..at + size].to_vec());
        at += size;
    }
    out
}

#[test]
fn a_video_and_a_sound_tell_of_themselves_wherever_their_index_is() {
    let clip = movie(&sample("clip.mp4"));
    let video = clip.video.clone().unwrap();
    assert!(clip.pixels.is_some() && clip.duration.is_some() && video.fps.is_some(), "{clip:?}");
    assert_eq!(video.codec.as_deref(), Some("H.264"));
    let audio = movie(&sample("tone.m4a")).audio.unwrap();
    assert_eq!(audio.codec.as_deref(), Some("AAC"));
    assert!(audio.rate.is_some_and(|rate| rate >= 8000) && audio.channels.is_some(), "{audio:?}");
    let mut boxes = tops(&sample("clip.mp4"));
    boxes.sort_by_key(|b| &b[4..8] == b"moov");
    assert_eq!(&boxes.last().unwrap()[4..8], b"moov");
    assert_eq!(movie(&boxes.concat()), clip, "the index at the end");
    boxes.pop();
    let without = movie(&boxes.concat());
    assert!(!without.has_index && without.duration.is_none());
}

fn boxed(kind: [u8; 4], content: &[u8]) -> Vec<u8> {
    [&(content.len() as u32 + 8).to_be_bytes()[..], &kind, content].concat()
}

fn numbers(all: &[u32]) -> Vec<u8> {
    all.iter().flat_map(|n| n.to_be_bytes()).collect()
}

/// The head of a movie or of a track's media.
fn head(kind: [u8; 4], scale: u32, units: u32) -> Vec<u8> {
    boxed(kind, &numbers(&[0, 0, 0, scale, units, 0, 0, 0, 0, 0]))
}

/// A track of 640 × 480, turned by a matrix, in this coding.
fn track_of(id: u32, kind: [u8; 4], coding: [u8; 4], matrix: [i32; 4], scale: u32, more: &[u8]) -> Vec<u8> {
    let [a, b, c, d] = matrix.map(|n| (n * 65_536) as u32);
    let head_of_track =
        [&[1, 0, 0, id, 0, 0, 0, 0, 0, 0][..], &[a, b, 0, c, d, 0, 0, 0, 1 << 30], &[640 << 16, 480 << 16]];
    let mut entry = vec![0; 78];
    entry[16..18].copy_from_slice(&[0, 2]);
    entry[24..28].copy_from_slice(&numbers(&[48_000 << 16]));
    let list = boxed(*b"stsd", &[numbers(&[0, 1]), boxed(coding, &entry)].concat());
    let handler = boxed(*b"hdlr", &[&[0; 8], &kind[..], &[0; 12]].concat());
    let media = [head(*b"mdhd", scale, 0), handler, boxed(*b"minf", &boxed(*b"stbl", &list))].concat();
    boxed(
        *b"trak",
        &[boxed(*b"tkhd", &numbers(&head_of_track.concat())), boxed(*b"mdia", &media), more.to_vec()]
            .concat(),
    )
}

const UPRIGHT: [i32; 4] = [1, 0, 0, 1];

/// Fragments of a track: where each begins, and what each of its samples plays.
fn fragment(track: u32, begin: u32, samples: &[u32]) -> Vec<u8> {
    let own = boxed(*b"trun", &[numbers(&[0x100, samples.len() as u32]), numbers(samples)].concat());
    let parts = [boxed(*b"tfhd", &numbers(&[0, track])), boxed(*b"tfdt", &numbers(&[0, begin])), own];
    [boxed(*b"moof", &boxed(*b"traf", &parts.concat())), boxed(*b"mdat", &[0; 16])].concat()
}

#[test]
fn a_film_in_pieces_plays_as_long_as_its_time_scale_says_or_its_pieces_do() {
    let ftyp = boxed(*b"ftyp", b"iso5\0\0\0\0iso5");
    let track = track_of(1, *b"vide", *b"avc1", UPRIGHT, 12_800, &[]);
    let moov = |scale: u32, told: Option<u32>| {
        let told = told.map_or(vec![], |units| boxed(*b"mehd", &numbers(&[0, units])));
        let usual = boxed(*b"trex", &numbers(&[0, 1, 1, 512, 0, 0]));
        boxed(
            *b"moov",
            &[head(*b"mvhd", scale, 0), track.clone(), boxed(*b"mvex", &[told, usual].concat())].concat(),
        )
    };
    let seconds = |bytes: &[u8]| movie(bytes).duration.map(|length| length.as_secs_f64());
    for scale in [600, 1000, 44_100, 90_000] {
        let whole = [ftyp.clone(), moov(scale, Some(scale * 7))].concat();
        assert_eq!(seconds(&whole), Some(7.0), "a time scale of {scale}");
    }
    // What each sample plays, what is usual of them, and a recording that did not begin at its beginning.
    let own = [fragment(1, 0, &[512; 25]), fragment(1, 25 * 512, &[1024; 25])].concat();
    assert_eq!(seconds(&[ftyp.clone(), moov(1000, None), own].concat()), Some(3.0));
    let parts = [boxed(*b"tfhd", &numbers(&[0, 1])), boxed(*b"trun", &numbers(&[0, 50]))];
    let usual = boxed(*b"moof", &boxed(*b"traf", &parts.concat())).repeat(3);
    assert_eq!(seconds(&[ftyp.clone(), moov(1000, None), usual].concat()), Some(6.0));
    let late = [fragment(1, 9_000_000, &[512; 25]), fragment(1, 9_000_000 + 25 * 512, &[512; 25])].concat();
    let whole = movie(&[ftyp.clone(), moov(1000, None), late].concat());
    assert_eq!(
        (whole.duration, whole.video.clone().unwrap().fps),
        (Some(Duration::from_secs(2)), Some(25.0))
    );
    // Pieces that are elsewhere, as far as a list adds them up.
    let list = boxed(*b"sidx", &numbers(&[0, 1, 1000, 0, 0, 2, 100, 30_000, 0, 100, 31_000, 0]));
    assert_eq!(seconds(&[ftyp, moov(1000, None), list].concat()), Some(61.0));
}

#[test]
fn more_pieces_than_are_read_make_a_guess() {
    // Each piece far behind the one before it: one read each.
    let ftyp = boxed(*b"ftyp", b"iso5\0\0\0\0iso5");
    let usual = boxed(*b"mvex", &boxed(*b"trex", &numbers(&[0, 1, 1, 512, 0, 0])));
    let track = track_of(1, *b"vide", *b"avc1", UPRIGHT, 12_800, &[]);
    let mut whole = [ftyp, boxed(*b"moov", &[head(*b"mvhd", 1000, 0), track, usual].concat())].concat();
    let mut piece = boxed(
        *b"moof",
        &boxed(*b"traf", &[boxed(*b"tfhd", &numbers(&[0, 1])), boxed(*b"trun", &numbers(&[0, 25]))].concat()),
    );
    piece.extend(boxed(*b"mdat", &vec![0; 20_000]));
    whole.extend(piece.repeat(5000));
    let found = movie(&whole);
    assert!(
        found.duration_is_guess && found.duration.is_some_and(|l| l.as_secs() > 3000),
        "{:?}",
        found.duration
    );
}

#[test]
fn a_video_is_as_large_as_it_is_displayed() {
    let matrices = [
        ([1, 0, 0, 1], None),
        ([-1, 0, 0, 1], Some(2)),
        ([-1, 0, 0, -1], Some(3)),
        ([1, 0, 0, -1], Some(4)),
        ([0, 1, 1, 0], Some(5)),
        ([0, 1, -1, 0], Some(6)),
        ([0, -1, -1, 0], Some(7)),
        ([0, -1, 1, 0], Some(8)),
    ];
    for (matrix, orientation) in matrices {
        let found = movie(&boxed(*b"moov", &track_of(1, *b"vide", *b"hvc1", matrix, 600, &[])));
        let pixels = if orientation >= Some(5) { (480, 640) } else { (640, 480) };
        assert_eq!((found.pixels, found.orientation), (Some(pixels), orientation), "{matrix:?}");
    }
}

#[test]
fn pictures_of_chapters_make_no_video_of_a_book() {
    let chapters = boxed(*b"tref", &boxed(*b"chap", &numbers(&[2])));
    let sound = track_of(1, *b"soun", *b"mp4a", UPRIGHT, 48_000, &chapters);
    let pictures = track_of(2, *b"vide", *b"jpeg", UPRIGHT, 600, &[]);
    let ftyp = boxed(*b"ftyp", b"M4B \0\0\0\0isom");
    let moov = |tracks: &[Vec<u8>]| [ftyp.clone(), boxed(*b"moov", &tracks.concat())].concat();
    let book = movie(&moov(&[sound.clone(), pictures.clone()]));
    assert_eq!((book.media(None), &book.video, book.pixels), (Media::M4a, &None, None));
    let audio = book.audio.unwrap();
    assert_eq!((audio.rate, audio.channels), (Some(48_000), Some(2)));
    let film = movie(&moov(&[track_of(1, *b"soun", *b"mp4a", UPRIGHT, 48_000, &[]), pictures]));
    assert_eq!(film.media(None), Media::Mp4);
}

#[test]
fn forged_sizes_and_deep_nesting_cost_nothing() {
    let deep: Vec<u8> = (0..10_000u32).flat_map(|_| [&0u32.to_be_bytes()[..], b"moov"].concat()).collect();
    assert!(movie(&deep).has_index);
    let endless = [&8u32.to_be_bytes()[..], b"free"].concat().repeat(100_000);
    assert_eq!(movie(&endless), Movie::default());
    let huge = [&1u32.to_be_bytes()[..], b"moov", &u64::MAX.to_be_bytes()].concat();
    assert_eq!(movie(&huge).duration, None);
}

proptest! {
    #[test]
    fn a_file_with_wrong_bytes_is_read_without_a_panic(
        wrong in prop::collection::vec((0usize..8192, any::<u8>()), 1..40),
        cut in 0usize..8192,
    ) {
        for name in ["clip.mp4", "tone.m4a"] {
            let mut bytes = sample(name);
            // What is looked at is in the boxes, so most of the wrong bytes are put there.
            for (at, byte) in &wrong {
                let n = bytes.len();
                bytes[at % n] = *byte;
            }
            bytes.truncate(bytes.len().saturating_sub(cut % 400));
            movie(&bytes);
        }
    }
}
