//! Copies without metadata: exiftool finds nothing in them any more, and ffmpeg decodes the same pixels and samples.

use std::path::{Path, PathBuf};

use hoist::media::fit::FitError;
use hoist::model::fit::FitWishes;
use hoist::model::media::{LocationPresence, Media};

use crate::eyes::{all_tags, decoded, exif, identify, magick, run};
use crate::images::photograph;
use crate::sample;
use crate::{fit, fitted, limits};

const SECRETS: [&str; 4] = ["Jane Doe", "SecretCam", "48.137", "trainedAlgorithmicMedia"];

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Writes who, with what, where and how into a file, as far as its type has room for that.
fn tag(file: &Path) {
    run(
        "exiftool",
        &[
            "-q",
            "-m",
            "-overwrite_original",
            "-n",
            "-EXIF:Artist=Jane Doe",
            "-EXIF:Make=SecretCam",
            "-EXIF:Model=SecretCam 5",
            "-EXIF:GPSLatitude=48.137",
            "-EXIF:GPSLatitudeRef=N",
            "-EXIF:GPSLongitude=11.575",
            "-EXIF:GPSLongitudeRef=E",
            "-XMP:Creator=Jane Doe",
            "-XMP-iptcExt:DigitalSourceType=http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia",
            "-IPTC:By-line=Jane Doe",
            "-Comment=Jane Doe",
            text(file),
        ],
    );
}

fn strip() -> FitWishes {
    FitWishes { strip: true, ..FitWishes::default() }
}

fn assert_clean(file: &Path, original: &Path) {
    let before = all_tags(original);
    assert!(SECRETS.iter().any(|secret| before.contains(secret)), "{}: {before}", original.display());
    let after = all_tags(file);
    for secret in SECRETS {
        assert!(!after.contains(secret), "{} still has {secret}: {after}", file.display());
        // Nor where exiftool does not look.
        let bytes = std::fs::read(file).unwrap();
        let found = bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
        assert!(!found, "{} still has {secret} in its bytes", file.display());
    }
    assert!(!after.contains("GPS"), "{after}");
}

#[test]
fn pictures_lose_their_metadata_and_not_a_pixel() {
    let folder = tempfile::tempdir().unwrap();
    let to = tempfile::tempdir().unwrap();
    for (name, media, more) in [
        ("a.jpg", Media::Jpeg, &["-quality", "88"][..]),
        ("progressive.jpg", Media::Jpeg, &["-interlace", "JPEG"]),
        ("a.png", Media::Png, &[]),
        ("a.webp", Media::Webp, &["-quality", "80"]),
        ("a.tif", Media::Tiff, &["-compress", "LZW"]),
    ] {
        let file = photograph(folder.path(), name, "321x200!", more);
        tag(&file);
        let pixels = identify(&file);
        let (copy, facts) = fitted(&file, &limits(&[media]), &strip(), to.path());
        assert_clean(&copy, &file);
        assert_eq!((facts.damaged, identify(&copy)), (None, pixels), "{name}");
        let same = |path: &Path| run("identify", &["-format", "%#", text(path)]);
        assert_eq!(same(&copy), same(&file), "{name}: not a pixel is another one");
    }
}

#[test]
fn how_a_picture_is_turned_and_what_its_colours_mean_stays() {
    let folder = tempfile::tempdir().unwrap();
    let icc = folder.path().join("wide.icc");
    std::fs::write(&icc, moxcms::ColorProfile::new_display_p3().encode().unwrap()).unwrap();
    for (name, media) in
        [("a.jpg", Media::Jpeg), ("a.png", Media::Png), ("a.webp", Media::Webp), ("a.tif", Media::Tiff)]
    {
        let file = photograph(folder.path(), name, "64x48!", &[]);
        run(
            "exiftool",
            &["-q", "-overwrite_original", &format!("-ICC_Profile<={}", text(&icc)), text(&file)],
        );
        tag(&file);
        run("exiftool", &["-q", "-overwrite_original", "-n", "-IFD0:Orientation=6", text(&file)]);
        let to = tempfile::tempdir().unwrap();
        let (copy, facts) = fitted(&file, &limits(&[media]), &strip(), to.path());
        assert_eq!(exif(&copy, "Orientation"), "6", "{name}");
        assert_eq!(facts.pixels, Some((48, 64)), "{name}");
        assert!(all_tags(&copy).contains("ICC"), "{name}: {}", all_tags(&copy));
        assert_clean(&copy, &file);
    }
}

#[test]
fn an_animation_is_stripped_as_a_whole() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.webp");
    magick(&["-size", "40x40", "-delay", "10", "xc:red", "xc:blue", "xc:lime", text(&file)]);
    tag(&file);
    let to = tempfile::tempdir().unwrap();
    let (copy, facts) = fitted(&file, &limits(&[Media::Webp]), &strip(), to.path());
    assert!(facts.animated);
    assert_clean(&copy, &file);
    let frames = |path: &Path| run("identify", &["-format", "%#;", text(path)]);
    assert_eq!(frames(&copy), frames(&file));
    let file = folder.path().join("a.png");
    let source = ["-f", "lavfi", "-i", "testsrc2=size=40x40:rate=10", "-t", "1", "-f", "apng"];
    run("ffmpeg", &[&["-v", "error", "-y"][..], &source, &[text(&file)]].concat());
    let frames = |path: &Path| run("ffmpeg", &["-v", "error", "-i", text(path), "-f", "framemd5", "-"]);
    let untagged = frames(&file);
    assert!(untagged.lines().filter(|line| !line.starts_with('#')).count() >= 10, "{untagged}");
    tag(&file);
    let (copy, facts) = fitted(&file, &limits(&[Media::Png]), &strip(), to.path());
    assert!(facts.animated);
    assert_clean(&copy, &file);
    assert_eq!(frames(&copy), untagged);
}

/// Makes a recording with tags of every kind.
fn recording(folder: &Path, name: &str, args: &[&str]) -> PathBuf {
    let path = folder.join(name);
    let tone = sample("tone.wav");
    let mut all = vec!["-v", "error", "-y"];
    if name.ends_with("mp4") || name.ends_with("mov") {
        all.extend(["-f", "lavfi", "-i", "testsrc=size=160x120:rate=15"]);
    }
    all.extend([
        "-i",
        text(&tone),
        "-t",
        "2",
        "-metadata",
        "artist=Jane Doe",
        "-metadata",
        "title=SecretCam",
    ]);
    all.extend(["-metadata", "comment=Jane Doe", "-metadata", "location=+48.1370+011.5750/"]);
    all.extend(args);
    all.push(text(&path));
    run("ffmpeg", &all);
    path
}

#[test]
fn sound_and_video_lose_their_metadata_and_not_a_sample() {
    let folder = tempfile::tempdir().unwrap();
    let to = tempfile::tempdir().unwrap();
    let cover = photograph(folder.path(), "cover.jpg", "80x80!", &[]);
    let tone = sample("tone.wav");
    let with_cover = folder.path().join("cover.mp3");
    run(
        "ffmpeg",
        &[
            "-v",
            "error",
            "-i",
            text(&tone),
            "-i",
            text(&cover),
            "-map",
            "0",
            "-map",
            "1",
            "-c:v",
            "copy",
            "-metadata",
            "artist=Jane Doe",
            "-write_id3v1",
            "1",
            text(&with_cover),
        ],
    );
    for (file, media) in [
        (recording(folder.path(), "a.wav", &[]), Media::Wav),
        (recording(folder.path(), "a.flac", &[]), Media::Flac),
        (recording(folder.path(), "a.mp3", &[]), Media::Mp3),
        (recording(folder.path(), "a.m4a", &[]), Media::M4a),
        (recording(folder.path(), "a.mp4", &["-pix_fmt", "yuv420p"]), Media::Mp4),
        (
            recording(folder.path(), "fast.mp4", &["-pix_fmt", "yuv420p", "-movflags", "+faststart"]),
            Media::Mp4,
        ),
        (
            recording(folder.path(), "pieces.mp4", &["-pix_fmt", "yuv420p", "-movflags", "+frag_keyframe"]),
            Media::Mp4,
        ),
        (recording(folder.path(), "a.mov", &["-pix_fmt", "yuv420p"]), Media::Mov),
    ] {
        let before = decoded(&file);
        if media == Media::Mp3 {
            // Tags stand behind the sound, too, and ffmpeg takes them for a part of it.
            let ape = [
                &b"artist\0Jane Doe"[..],
                b"APETAGEX\xd0\x07\0\0\x2f\0\0\0\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
            ]
            .concat();
            let old = [&b"TAGJane Doe"[..], &[0; 117]].concat();
            let whole = [std::fs::read(&file).unwrap(), ape, old].concat();
            std::fs::write(&file, whole).unwrap();
        }
        let (copy, facts) = fitted(&file, &limits(&[media]), &strip(), to.path());
        assert_eq!(facts.damaged, None);
        assert_eq!(decoded(&copy), before, "{}", file.display());
        assert_clean(&copy, &file);
    }
    let (copy, _) = fitted(&with_cover, &limits(&[Media::Mp3]), &strip(), to.path());
    let streams =
        run("ffprobe", &["-v", "error", "-show_entries", "stream=codec_type", "-of", "csv=p=0", text(&copy)]);
    assert_eq!(streams.trim(), "audio", "a cover is a picture of somebody");
}

#[test]
fn what_a_camera_writes_along_is_gone_with_its_samples() {
    let folder = tempfile::tempdir().unwrap();
    // A track that is nothing but positions, as action cameras write it, made of the boxes they use.
    let plain = recording(folder.path(), "a.mp4", &["-pix_fmt", "yuv420p"]);
    let plain = std::fs::read(&plain).unwrap();
    let position = b"N 48.137 E 11.575 trainedAlgorithmicMedia";
    let at = plain.len() as u32 + 8;
    let boxed = |kind: &[u8; 4], content: &[u8]| {
        [&(content.len() as u32 + 8).to_be_bytes()[..], kind, content].concat()
    };
    // Sizes in four bytes each, or, as some write them, in two.
    let sizes = [
        boxed(
            b"stsz",
            &[&[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0][..], &[position.len() as u8]].concat(),
        ),
        boxed(b"stz2", &[&[0, 0, 0, 0, 0, 0, 0, 16, 0, 0, 0, 1, 0][..], &[position.len() as u8]].concat()),
    ];
    for sizes in sizes {
        let stbl = boxed(
            b"stbl",
            &[
                boxed(
                    b"stsd",
                    &[&[0, 0, 0, 0, 0, 0, 0, 1][..], &boxed(b"gpmd", &[0, 0, 0, 0, 0, 0, 0, 1])].concat(),
                ),
                boxed(b"stts", &[0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1]),
                boxed(b"stsc", &[0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1]),
                sizes,
                boxed(b"stco", &[&[0, 0, 0, 0, 0, 0, 0, 1][..], &at.to_be_bytes()].concat()),
            ]
            .concat(),
        );
        let mdia = boxed(
            b"mdia",
            &[boxed(b"hdlr", b"\0\0\0\0\0\0\0\0meta\0\0\0\0\0\0\0\0\0\0\0\0\0"), boxed(b"minf", &stbl)]
                .concat(),
        );
        let trak = boxed(b"trak", &mdia);
        // The movie's index stands last, so that it can grow.
        let mut bytes = plain.clone();
        let moov = bytes.windows(4).rposition(|part| part == b"moov").unwrap() - 4;
        let size = u32::from_be_bytes(bytes[moov..moov + 4].try_into().unwrap()) + trak.len() as u32;
        bytes[moov..moov + 4].copy_from_slice(&size.to_be_bytes());
        bytes.extend(&trak);
        let sample_at = bytes.len() as u32 + 8;
        bytes.extend(boxed(b"mdat", position));
        let old = at.to_be_bytes();
        let at_table = bytes.windows(4).rposition(|part| part == old).unwrap();
        bytes[at_table..at_table + 4].copy_from_slice(&sample_at.to_be_bytes());
        let file = folder.path().join("action.mp4");
        std::fs::write(&file, &bytes).unwrap();
        let before = run(
            "ffmpeg",
            &["-v", "quiet", "-i", text(&file), "-map", "0:v", "-map", "0:a", "-f", "streamhash", "-"],
        );
        let (copy, _) = fitted(&file, &limits(&[Media::Mp4]), &strip(), folder.path());
        let after = run(
            "ffmpeg",
            &["-v", "error", "-i", text(&copy), "-map", "0:v", "-map", "0:a", "-f", "streamhash", "-"],
        );
        assert_eq!(after, before);
        let left = std::fs::read(&copy).unwrap();
        for secret in ["48.137", "trainedAlgorithmicMedia", "Jane Doe"] {
            assert!(!left.windows(secret.len()).any(|part| part == secret.as_bytes()), "{secret}");
        }
    }
}

/// A TIFF of one directory after the other, each of them behind its own entries' values.
fn tiff(directories: &[Vec<(u16, u16, u32, u32)>], behind: &[u8]) -> Vec<u8> {
    let mut bytes = b"II*\0\x08\0\0\0".to_vec();
    for entries in directories {
        bytes.extend((entries.len() as u16).to_le_bytes());
        for (tag, kind, count, value) in entries {
            bytes.extend(tag.to_le_bytes());
            bytes.extend(kind.to_le_bytes());
            bytes.extend(count.to_le_bytes());
            bytes.extend(value.to_le_bytes());
        }
        bytes.extend([0; 4]);
    }
    [&bytes, behind].concat()
}

/// What a picture of one white pixel says of itself, whose pixels are at a place.
fn pixel(at: u32) -> Vec<(u16, u16, u32, u32)> {
    vec![
        (256, 4, 1, 1),
        (257, 4, 1, 1),
        (258, 3, 1, 8),
        (259, 3, 1, 1),
        (262, 3, 1, 1),
        (273, 4, 1, at),
        (277, 3, 1, 1),
        (278, 4, 1, 1),
        (279, 4, 1, 1),
    ]
}

#[test]
fn a_smaller_picture_inside_a_picture_loses_its_metadata_too() {
    let folder = tempfile::tempdir().unwrap();
    let to = tempfile::tempdir().unwrap();
    // The smaller one has a directory of its own, which an entry of the first one points to.
    let first = 8 + 2 + 10 * 12 + 4;
    let words = first + 2 + 10 * 12 + 4;
    let mut main = pixel(words);
    main.push((330, 4, 1, first));
    let mut inner = pixel(words);
    inner.push((315, 2, 9, words + 1));
    let file = folder.path().join("a.tif");
    std::fs::write(&file, tiff(&[main, inner], b"\xffJane Doe\0")).unwrap();
    let (copy, facts) = fitted(&file, &limits(&[Media::Tiff]), &strip(), to.path());
    assert_clean(&copy, &file);
    assert_eq!((facts.pixels, facts.damaged), (Some((1, 1)), None));
    // Of a JPEG it stands in the first segment, pixel by pixel.
    let file = photograph(folder.path(), "a.jpg", "321x200!", &[]);
    let plain = std::fs::read(&file).unwrap();
    assert_eq!(&plain[2..11], b"\xff\xe0\0\x10JFIF\0");
    let picture = [&[1, 1][..], b"\x01\x02\x03"].concat();
    let head = [&plain[..5], &[16 + 3], &plain[6..18], &picture].concat();
    std::fs::write(&file, [&head, &plain[20..]].concat()).unwrap();
    tag(&file);
    let pixels = run("identify", &["-format", "%#", text(&file)]);
    let (copy, _) = fitted(&file, &limits(&[Media::Jpeg]), &strip(), to.path());
    assert_clean(&copy, &file);
    let bytes = std::fs::read(&copy).unwrap();
    assert_eq!(&bytes[2..20], [&plain[2..18], &[0, 0]].concat(), "no small picture is left in it");
    assert_eq!(run("identify", &["-format", "%#", text(&copy)]), pixels);
}

#[test]
fn metadata_that_names_the_same_place_again_and_again_is_given_up() {
    let folder = tempfile::tempdir().unwrap();
    let entries: u16 = 60_000;
    let words = 8 + 2 + (u32::from(entries) + 9) * 12 + 4;
    let mut all = pixel(words);
    all.extend((0..entries).map(|_| (315, 2, 2_000_000, words + 1)));
    let file = folder.path().join("a.tif");
    std::fs::write(&file, tiff(&[all], &[b"\xffJane Doe".to_vec(), vec![b'x'; 2_000_000]].concat())).unwrap();
    let to = tempfile::tempdir().unwrap();
    assert_eq!(fit(&file, &limits(&[Media::Tiff]), &strip(), to.path()), Err(FitError::Broken));
    assert_eq!(std::fs::read_dir(to.path()).unwrap().count(), 0);
}

#[cfg(unix)]
#[test]
fn a_copy_is_for_nobody_who_may_not_read_the_original() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let file = photograph(folder.path(), "a.jpg", "64x48!", &[]);
    tag(&file);
    for mode in [0o600, 0o640, 0o400] {
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
        let (copy, _) = fitted(&file, &limits(&[Media::Jpeg]), &strip(), folder.path());
        let rights = std::fs::metadata(&copy).unwrap().permissions().mode() & 0o777;
        assert_eq!(rights & !(mode | 0o600), 0, "{rights:o} for {mode:o}");
        assert_eq!(rights & 0o600, 0o600);
    }
}

#[test]
fn what_a_gif_says_of_people_is_seen_and_removed_and_every_frame_stays() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.gif");
    magick(&["-size", "40x40", "-delay", "10", "-loop", "3", "xc:red", "xc:blue", "xc:lime", text(&file)]);
    tag(&file);
    run(
        "exiftool",
        &[
            "-q",
            "-overwrite_original",
            "-n",
            "-XMP:GPSLatitude=48.137",
            "-XMP:GPSLongitude=11.575",
            text(&file),
        ],
    );
    let (facts, told) = hoist::media::details::of_file(&file).unwrap();
    assert_eq!(facts.location, LocationPresence::Present, "it tells where it was made");
    let of = |word: &str| {
        told.metadata.iter().find(|one| one.word() == word).map(|one| one.detail().map(str::to_owned))
    };
    assert_eq!(of("GPS location"), Some(Some("48.137, 11.575".to_owned())));
    assert_eq!(of("author"), Some(Some("Jane Doe".to_owned())));
    assert_eq!(of("AI provenance"), Some(None));
    let to = tempfile::tempdir().unwrap();
    let (copy, facts) = fitted(&file, &limits(&[Media::Gif]), &strip(), to.path());
    assert!(facts.animated && facts.location == LocationPresence::Absent && facts.damaged.is_none());
    assert_clean(&copy, &file);
    // Pixels and delays, and how often it plays.
    let frames = |path: &Path| run("identify", &["-format", "%# %T %D;", text(path)]);
    assert_eq!(frames(&copy), frames(&file));
    let repeats = |path: &Path| exif(path, "GIF:AnimationIterations");
    assert_eq!((repeats(&copy).is_empty(), repeats(&copy)), (false, repeats(&file)));
    // One that was cut off behind its pictures' end is whole in its copy.
    let whole = std::fs::read(&file).unwrap();
    std::fs::write(&file, &whole[..whole.len() - 1]).unwrap();
    let (copy, _) = fitted(&file, &limits(&[Media::Gif]), &strip(), to.path());
    assert_eq!(frames(&copy), frames(&file));
    std::fs::write(&file, &whole[..whole.len() / 2]).unwrap();
    let made = fit(&file, &limits(&[Media::Gif]), &strip(), to.path());
    assert!(made.is_err(), "{made:?}");
}
