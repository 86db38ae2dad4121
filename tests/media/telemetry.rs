//! Tracks in which cameras write along where they were, as exiftool sees them.

use std::fs;
use std::path::Path;
use std::process::Command;

use hoist::media::details::of_file;
use hoist::model::media::{LocationPresence, Metadata};

fn boxed(kind: &[u8], content: &[u8]) -> Vec<u8> {
    [&(content.len() as u32 + 8).to_be_bytes()[..], kind, content].concat()
}

fn numbers(all: &[u32]) -> Vec<u8> {
    all.iter().flat_map(|n| n.to_be_bytes()).collect()
}

/// A movie with a track of samples, each in a chunk of its own, behind its picture.
fn with_track(movie: &[u8], handler: &[u8], entry: &[u8], samples: &[Vec<u8>]) -> Vec<u8> {
    let count = samples.len() as u32;
    let track = |first: u32| {
        let mut at = first;
        let offsets: Vec<u32> = samples
            .iter()
            .map(|sample| {
                at += sample.len() as u32;
                at - sample.len() as u32
            })
            .collect();
        let sizes: Vec<u32> = samples.iter().map(|sample| sample.len() as u32).collect();
        let table = [
            boxed(b"stsd", &[numbers(&[0, 1]), entry.to_vec()].concat()),
            boxed(b"stts", &numbers(&[0, 1, count, 1000])),
            boxed(b"stsc", &numbers(&[0, 1, 1, 1, 1])),
            boxed(b"stsz", &[numbers(&[0, 0, count]), numbers(&sizes)].concat()),
            boxed(b"stco", &[numbers(&[0, count]), numbers(&offsets)].concat()),
        ];
        let media = [
            boxed(b"mdhd", &numbers(&[0, 0, 0, 1000, 1000 * count, 0])),
            boxed(b"hdlr", &[b"\0\0\0\0mhlr", handler, &[0; 13]].concat()),
            boxed(b"minf", &boxed(b"stbl", &table.concat())),
        ];
        let head = [
            &[1, 0, 0, 9, 0, 1000 * count][..],
            &[0; 4],
            &[1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30, 0, 0],
        ];
        boxed(b"trak", &[boxed(b"tkhd", &numbers(&head.concat())), boxed(b"mdia", &media.concat())].concat())
    };
    // The movie's index stands last, so that it can grow.
    let mut bytes = movie.to_vec();
    let moov = bytes.windows(4).rposition(|part| part == b"moov").unwrap() - 4;
    let first = bytes.len() + track(0).len() + 8;
    let track = track(first as u32);
    let size = u32::from_be_bytes(bytes[moov..moov + 4].try_into().unwrap()) + track.len() as u32;
    bytes[moov..moov + 4].copy_from_slice(&size.to_be_bytes());
    [bytes, track, boxed(b"mdat", &samples.concat())].concat()
}

/// An entry of a list of codings, with what is behind its head.
fn entry(kind: &[u8], more: &[u8]) -> Vec<u8> {
    boxed(kind, &[&[0, 0, 0, 0, 0, 0, 0, 1], more].concat())
}

/// A key of GPMF with its values.
fn klv(key: &[u8], kind: u8, size: u8, values: &[u8]) -> Vec<u8> {
    let count = values.len() / usize::from(size);
    let mut out = [key, &[kind, size, (count >> 8) as u8, count as u8], values].concat();
    out.resize(out.len().next_multiple_of(4), 0);
    out
}

fn longs(all: &[i32]) -> Vec<u8> {
    all.iter().flat_map(|n| n.to_be_bytes()).collect()
}

/// A sample of a device's streams.
fn device(name: &[u8], streams: &[Vec<u8>]) -> Vec<u8> {
    let streams: Vec<u8> = streams.iter().flat_map(|stream| klv(b"STRM", 0, 1, stream)).collect();
    klv(b"DEVC", 0, 1, &[klv(b"DVID", b'L', 4, &[0, 0, 0, 1]), klv(b"DVNM", b'c', 1, name), streams].concat())
}

fn gps5(values: &[i32]) -> Vec<u8> {
    let scale = klv(b"SCAL", b'l', 4, &longs(&[10_000_000, 10_000_000, 1000, 1000, 100]));
    [klv(b"GPSF", b'L', 4, &[0, 0, 0, 3]), scale, klv(b"GPS5", b'l', 20, &longs(values))].concat()
}

fn metadata(path: &Path) -> Vec<Metadata> {
    of_file(path).unwrap().1.metadata
}

/// Degrees as exiftool sees them in tracks, too, the first of them, and without a sign where that stands apart.
fn exiftool(path: &Path, tag: &str) -> Option<f64> {
    let raw = format!("{tag}Raw");
    let run = Command::new("exiftool")
        .args(["-ee", "-u", "-n", "-a", "-s3", tag, &raw])
        .arg(path)
        .output()
        .unwrap();
    String::from_utf8_lossy(&run.stdout).lines().next()?.trim().parse().ok()
}

#[test]
fn a_place_in_a_telemetry_track_is_seen_as_exiftool_sees_it() {
    let folder = tempfile::tempdir().unwrap();
    let plain = folder.path().join("plain.mp4");
    let run = Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=64x64:r=10:d=0.5"])
        .arg(&plain)
        .status();
    assert!(run.is_ok_and(|status| status.success()), "run scripts/setup test");
    let movie = fs::read(&plain).unwrap();
    assert_eq!(metadata(&plain), [], "a film without such a track");
    let path = folder.path().join("camera.mp4");
    let found_in = |handler, entry: &[u8], samples: &[Vec<u8>]| {
        fs::write(&path, with_track(&movie, handler, entry, samples)).unwrap();
        let (facts, details) = of_file(&path).unwrap();
        let position = details.metadata.iter().find_map(|one| match one {
            Metadata::Place(position) => {
                Some((LocationPresence::Present, position.clone().unwrap_or_default()))
            }
            Metadata::PossiblePlace => {
                Some((LocationPresence::Possible, one.detail().unwrap_or_default().to_owned()))
            }
            _ => None,
        });
        let (location, position) = position.unzip();
        assert_eq!(facts.location, location.unwrap_or_default(), "what is warned of");
        let camera = details.metadata.into_iter().find(|one| matches!(one, Metadata::Camera(_)));
        (position, camera.and_then(|one| one.detail().map(ToOwned::to_owned)))
    };
    let unlocked = device(b"Hero7 Black", &[gps5(&[0, 0, 0, 0, 0])]);
    let moving = klv(b"ACCL", b's', 6, &[1; 60]);
    // A time, degrees and a height, accuracies, speed, course, and what was received.
    let scale = longs(&[1_000_000, 10_000_000, 10_000_000, 1000, 100, 100, 100, 100, 1, 1]);
    let stream = [klv(b"TYPE", b'c', 1, b"JlllSSSSBB"), klv(b"SCAL", b'l', 4, &scale)].concat();
    let gpri =
        [&[0; 8][..], &longs(&[331_253_680, -1_173_311_665, 15_445]), &[0, 1, 0, 1, 0, 1, 0, 1, 3, 20]];
    let karma = device(b"GoPro Karma", &[[stream, klv(b"GPRI", b'?', 30, &gpri.concat())].concat()]);
    let hero = device(b"Hero7 Black", &[moving.clone(), gps5(&[481_372_000, 115_756_000, 500, 0, 0])]);
    let sony = {
        let rational = |all: [u32; 3]| all.iter().flat_map(|n| numbers(&[*n, 1])).collect::<Vec<_>>();
        let tag = |id: u16, content: &[u8]| {
            [&id.to_be_bytes()[..], &(content.len() as u16).to_be_bytes(), content].concat()
        };
        let gps = [
            tag(0x8500, &[2, 2, 0, 0]),
            tag(0x8501, b"S"),
            tag(0x8502, &rational([33, 15, 36])),
            tag(0x8503, b"W"),
            tag(0x8504, &rational([70, 30, 0])),
        ];
        let mut head = vec![0; 0x1c];
        head[1] = 0x1c;
        [head, tag(0x8300, &gps.concat())].concat()
    };
    let google = |kind: u8, doubles: &[f64]| {
        let all: Vec<u8> = doubles.iter().flat_map(|n| n.to_le_bytes()).collect();
        [&[0, 0, kind, 0][..], &all].concat()
    };
    let gpmd = entry(b"gpmd", &[]);
    for (handler, entry, samples, latitude, longitude) in [
        (b"meta", &gpmd, vec![hero.clone()], 48.1372, 11.5756),
        (b"meta", &gpmd, vec![unlocked.clone(), unlocked.clone(), hero], 48.1372, 11.5756),
        (b"meta", &gpmd, vec![karma], 33.125_368, -117.331_166),
        (b"camm", &entry(b"camm", &[]), vec![google(5, &[-33.5, 151.25, 9.0])], -33.5, 151.25),
        (b"meta", &entry(b"rtmd", &[]), vec![sony], -33.26, -70.5),
    ] {
        let position = found_in(handler, entry, &samples).0.unwrap();
        let degrees: Vec<f64> = position.split(", ").map(|part| part.parse().unwrap()).collect();
        let near = |a: f64, b: f64| (a - b).abs() < 1e-5;
        assert!(near(degrees[0], latitude) && near(degrees[1], longitude), "{position}");
        // exiftool tells the places where nothing was received, too.
        if samples.len() == 1 {
            let seen = [exiftool(&path, "-GPSLatitude"), exiftool(&path, "-GPSLongitude")];
            let same = |seen: Option<f64>, degrees: f64| near(seen.unwrap_or_default().abs(), degrees.abs());
            assert!(same(seen[0], latitude) && same(seen[1], longitude), "{position}: {seen:?}");
        }
    }
    // Apple's: a list of keys with numbers, and boxes with those.
    let apple = |name: &[u8]| {
        let key = boxed(&[0, 0, 0, 1], &boxed(b"keyd", &[b"mdta", name].concat()));
        entry(b"mebx", &boxed(b"keys", &key))
    };
    let sample = boxed(&[0, 0, 0, 1], b"+48.1372+011.5756/");
    let position =
        found_in(b"meta", &apple(b"com.apple.quicktime.location.ISO6709"), std::slice::from_ref(&sample)).0;
    assert_eq!(position.as_deref(), Some("48.1372, 11.5756"));
    assert_eq!(found_in(b"meta", &apple(b"com.apple.quicktime.video-orientation"), &[sample]).0, None);
    // What has a stream of places without one, or is not understood, may hold some.
    let may = Some("possible, in a telemetry track".to_owned());
    let orientation = google(0, &[1.0, 2.0, 3.0]);
    for (handler, entry, samples) in [
        (b"meta", &gpmd, vec![unlocked]),
        (b"meta", &gpmd, vec![b"N 48.137 E 11.575".to_vec()]),
        (b"meta", &gpmd, vec![]),
        (b"meta", &entry(b"djmd", &[]), vec![vec![0; 64]]),
        (b"meta", &entry(b"mett", b"\0application/gpx+xml\0"), vec![vec![0; 64]]),
        (b"camm", &entry(b"camm", &[]), vec![orientation.clone(); 600]),
    ] {
        assert_eq!(found_in(handler, entry, &samples).0, may, "{entry:?}");
    }
    // What says only how it was held and what it saw tells no place.
    let still = device(b"Hero7 Black", &[moving]);
    assert_eq!(found_in(b"meta", &gpmd, &[still]), (None, Some("GoPro Hero7 Black".into())));
    for (handler, entry, samples) in [
        (b"camm", entry(b"camm", &[]), vec![orientation; 3]),
        (b"meta", entry(b"fdsc", &[]), vec![vec![0; 64]]),
        (b"meta", entry(b"mett", b"\0application/microvideo-meta-stream\0"), vec![vec![0; 64]]),
        (b"meta", entry(b"rtmd", &[]), vec![vec![0; 64]]),
    ] {
        assert_eq!(found_in(handler, &entry, &samples).0, None, "{entry:?}");
    }
}
