//! Whether a file is whole, by its own structure: is its index there, can its header be read, does it go on to its end.
//! Nothing is decoded, so that this is known of every file before anything is sent; and what is merely unusual is not
//! damaged: where the structure leaves it open, nothing is said.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};

use flate2::Crc;

use super::matroska::vint;
use super::mp4::Walker;
use super::source::Source;
use super::tiff::Tiff;
use super::zeros;
use crate::model::media::{Damage, FileFacts, Media};

/// More parts of a file than these are not followed.
const MAX_PARTS: usize = 100_000;
/// So many bytes of a picture's chunks are compared with their checksums.
const MAX_SUMMED: u64 = 64 * 1024 * 1024;
/// Where the end of a photograph is looked for first.
const TAIL: u64 = 4096;
/// So much of a photograph is searched for its end, where something else stands behind it.
const MAX_SEARCH: u64 = 64 * 1024 * 1024;

/// What is read, or what is wrong where it cannot be.
type PartState<T> = Result<T, Damage>;

/// Returns what is wrong with a file that is known to be of this type.
pub(super) fn inspect(facts: &FileFacts, media: Media) -> Option<Damage> {
    let length = facts.size;
    let mut file = BufReader::new(File::open(&facts.path).ok()?);
    let zeros = zeros::at_end(&mut file, length);
    file.rewind().ok()?;
    let seen = match media {
        Media::Png => png(&mut file, zeros),
        Media::Jpeg => jpeg(&mut file, length),
        Media::Gif => gif(&mut file, zeros),
        Media::Webp => webp(&mut file, length),
        Media::Bmp => bmp(&mut file, length),
        Media::Tiff => tiff(&mut file, length),
        Media::Avi => avi(&mut file, length),
        Media::Mp4 | Media::Mov | Media::M4a | Media::ThreeGp | Media::ThreeGpAudio => {
            boxes(&mut file, length, true)
        }
        Media::Heic | Media::Avif => boxes(&mut file, length, false),
        Media::Webm | Media::Mkv | Media::WebmAudio | Media::MkvAudio => matroska(&mut file, length),
        Media::Flac => flac(&mut file),
        // Their headers are small, and stand wherever the sound begins.
        Media::Mp3 | Media::Wav | Media::Aac | Media::Ogg => whole(facts.audio.is_some(), Damage::BadHeader),
        _ => Ok(()),
    };
    let is_missing = |zeros| zeros::are_missing_content(&mut file, length, media, zeros);
    seen.err().or_else(|| zeros.is_some_and(is_missing).then_some(Damage::CutOff))
}

/// Returns the next bytes; a file that ends before them is cut off.
fn next<const N: usize>(file: &mut impl Read) -> PartState<[u8; N]> {
    let mut bytes = [0; N];
    file.read_exact(&mut bytes).map_err(|_| Damage::CutOff)?;
    Ok(bytes)
}

/// Returns the first bytes, without which nothing is known.
fn head<const N: usize>(file: &mut impl Read) -> PartState<[u8; N]> {
    next(file).map_err(|_| Damage::BadHeader)
}

fn whole(good: bool, damage: Damage) -> PartState<()> {
    if good { Ok(()) } else { Err(damage) }
}

fn be32(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).map_or(0, |b| u32::from_be_bytes([b[0], b[1], b[2], b[3]]))
}

fn le32(bytes: &[u8], at: usize) -> u32 {
    be32(bytes, at).swap_bytes()
}

/// Returns the header, colours and pixels with their checksums, and the end.
fn png(file: &mut BufReader<File>, zeros: Option<u64>) -> PartState<()> {
    let first: [u8; 33] = head(file)?;
    let mut sum = Crc::new();
    sum.update(&first[12..29]);
    let (width, height, depth, colour) = (be32(&first, 16), be32(&first, 20), first[24], first[25]);
    let depths: &[u8] = match colour {
        0 => &[1, 2, 4, 8, 16],
        3 => &[1, 2, 4, 8],
        2 | 4 | 6 => &[8, 16],
        _ => &[],
    };
    let good = &first[12..16] == b"IHDR" && sum.sum() == be32(&first, 29);
    whole(good && width > 0 && height > 0 && depths.contains(&depth), Damage::BadHeader)?;
    let (mut pixels, mut summed) = (0, 0);
    for _ in 0..MAX_PARTS {
        let part: [u8; 8] = next(file)?;
        let length = u64::from(be32(&part, 0));
        match &part[4..] {
            b"IEND" => return whole(pixels > 0, Damage::NoPixels),
            b"IDAT" => pixels += length,
            kind if !kind.iter().all(u8::is_ascii_alphabetic) => return Err(Damage::CutOff),
            _ => {}
        }
        // Wrong ones of what else there is are passed over by everybody.
        if matches!(&part[4..], b"IDAT" | b"PLTE") && summed + length <= MAX_SUMMED {
            summed += length;
            let mut sum = Crc::new();
            sum.update(&part[4..]);
            sum_up(file, length, &mut sum)?;
            if u32::from_be_bytes(next(file)?) != sum.sum() {
                let end = file.stream_position().map_err(|_| Damage::CutOff)?;
                return Err(if zeros.is_some_and(|zeros| zeros < end) {
                    Damage::CutOff
                } else {
                    Damage::Checksum
                });
            }
        } else {
            file.seek_relative(length as i64 + 4).map_err(|_| Damage::CutOff)?;
        }
    }
    Ok(())
}

/// Adds the next bytes to a checksum.
fn sum_up(file: &mut BufReader<File>, bytes: u64, sum: &mut Crc) -> PartState<()> {
    let mut left = bytes;
    while left > 0 {
        let there = file.fill_buf().map_err(|_| Damage::CutOff)?;
        let n = there.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        whole(n > 0, Damage::CutOff)?;
        sum.update(&there[..n]);
        file.consume(n);
        left -= n as u64;
    }
    Ok(())
}

/// Returns the header of the frame, and the end of the picture, which other things may stand behind.
fn jpeg(file: &mut BufReader<File>, length: u64) -> PartState<()> {
    let _: [u8; 2] = head(file)?;
    let mut has_frame = false;
    for _ in 0..MAX_PARTS {
        let [mark, marker] = next(file)?;
        match (mark, marker) {
            (_, 0xff) => {
                file.seek_relative(-1).map_err(|_| Damage::CutOff)?;
                continue;
            }
            (0xff, 0x00 | 0x01 | 0xd0..=0xd8) | (..=0xfe, _) => continue,
            (0xff, 0xd9) => return Err(if has_frame { Damage::NoPixels } else { Damage::BadHeader }),
            _ => {}
        }
        let bytes = i64::from(u16::from_be_bytes(next(file)?)) - 2;
        whole(bytes >= 0, Damage::BadHeader)?;
        match marker {
            0xda => {
                whole(has_frame, Damage::BadHeader)?;
                file.seek_relative(bytes).map_err(|_| Damage::CutOff)?;
                return end_of_jpeg(file, length);
            }
            0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => {
                let frame: [u8; 5] = next(file)?;
                // The height may be told behind the first scan.
                whole(bytes >= 6 && frame[3..] != [0, 0], Damage::BadHeader)?;
                has_frame = true;
                file.seek_relative(bytes - 5).map_err(|_| Damage::CutOff)?;
            }
            _ => file.seek_relative(bytes).map_err(|_| Damage::CutOff)?,
        }
    }
    Ok(())
}

/// Finds the end of a JPEG: in the picture a byte of ones has a zero behind it, so its end is nothing else.
fn end_of_jpeg(file: &mut BufReader<File>, length: u64) -> PartState<()> {
    let begin = file.stream_position().map_err(|_| Damage::CutOff)?;
    let tail = begin.max(length.saturating_sub(TAIL));
    for (from, most) in [(tail, TAIL), (begin, MAX_SEARCH)] {
        file.seek(SeekFrom::Start(from)).map_err(|_| Damage::CutOff)?;
        let mut before = 0;
        let mut left = most;
        let mut block = vec![0; 64 * 1024];
        while let Ok(bytes @ 1..) = file.read(&mut block) {
            let block = &block[..bytes];
            if (before == 0xff && block[0] == 0xd9) || block.windows(2).any(|two| two == [0xff, 0xd9]) {
                return Ok(());
            }
            before = block[bytes - 1];
            left = left.saturating_sub(bytes as u64);
            if left == 0 && most == MAX_SEARCH {
                return Ok(()); // it may come later
            }
        }
    }
    Err(Damage::CutOff)
}

/// Returns every block, to the end or to where the file ends between two of them, as some do.
fn gif(file: &mut BufReader<File>, zeros: Option<u64>) -> PartState<()> {
    let first: [u8; 13] = head(file)?;
    let table = |flags: u8| if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) };
    let skip = |file: &mut BufReader<File>, bytes: i64| file.seek_relative(bytes).map_err(|_| Damage::CutOff);
    skip(file, table(first[10]))?;
    let (mut pictures, mut blocks) = (0, 0);
    loop {
        match next(file) {
            Ok([0x21]) => {
                let _: [u8; 1] = next(file)?;
            }
            Ok([0x2c]) => {
                pictures += 1;
                let picture: [u8; 9] = next(file)?;
                skip(file, table(picture[8]) + 1)?;
            }
            Ok([0x3b]) => return whole(pictures > 0, Damage::NoPixels),
            Err(_) => return whole(pictures > 0, Damage::CutOff),
            Ok(_) => {
                let at = file.stream_position().map_err(|_| Damage::CutOff)?;
                whole(zeros.is_none_or(|zeros| at <= zeros), Damage::CutOff)?;
                return whole(pictures > 0, Damage::BadHeader);
            }
        }
        loop {
            blocks += 1;
            match next(file)? {
                [0] => break,
                _ if blocks > MAX_PARTS => return Ok(()),
                [length] => skip(file, i64::from(length))?,
            }
        }
    }
}

/// Returns a picture of its own, or frames, as long as the head says.
fn webp(file: &mut BufReader<File>, length: u64) -> PartState<()> {
    let first: [u8; 12] = head(file)?;
    let end = u64::from(le32(&first, 4)) + 8;
    let mut at = 12;
    for _ in 0..MAX_PARTS {
        if at + 8 > end.min(length) {
            break;
        }
        file.seek(SeekFrom::Start(at)).map_err(|_| Damage::CutOff)?;
        let part: [u8; 8] = next(file)?;
        let bytes = u64::from(le32(&part, 4));
        let good = match &part[..4] {
            b"VP8 " => next::<10>(file).is_ok_and(|frame| frame[3..6] == [0x9d, 0x01, 0x2a]),
            b"VP8L" => next::<5>(file).is_ok_and(|frame| frame[0] == 0x2f),
            b"ANMF" => true,
            _ => {
                at += 8 + bytes + bytes % 2;
                continue;
            }
        };
        whole(good || at + 18 > length, Damage::BadHeader)?;
        return whole(at + 8 + bytes <= length && end <= length + 1, Damage::CutOff);
    }
    Err(if end > length { Damage::CutOff } else { Damage::NoPixels })
}

/// Returns where its pixels stand, and how many bytes they are where they are not packed.
fn bmp(file: &mut BufReader<File>, length: u64) -> PartState<()> {
    let first: [u8; 34] = head(file)?;
    let (from, size) = (u64::from(le32(&first, 10)), le32(&first, 14));
    let two = |at: usize| u64::from(u16::from_le_bytes([first[at], first[at + 1]]));
    let (width, height, bits, packing) = match size {
        12 => (two(18), two(20), two(24), 0),
        16.. => (
            u64::from(le32(&first, 18)),
            u64::from((le32(&first, 22) as i32).unsigned_abs()),
            two(28),
            le32(&first, 30),
        ),
        _ => return Err(Damage::BadHeader),
    };
    let good = width > 0
        && i32::try_from(width).is_ok()
        && height > 0
        && matches!(bits, 0 | 1 | 2 | 4 | 8 | 16 | 24 | 32 | 64);
    whole(good, Damage::BadHeader)?;
    let pixels = if matches!(packing, 0 | 3 | 6) {
        (width * bits).div_ceil(32).saturating_mul(4).saturating_mul(height)
    } else {
        1
    };
    whole(from.saturating_add(pixels) <= length, Damage::CutOff)
}

/// Checks width and height, and that its strips or tiles are in the file.
fn tiff(file: &mut BufReader<File>, length: u64) -> PartState<()> {
    let mut tiff = Tiff::open(file, 0, length).ok_or(Damage::BadHeader)?;
    let first = tiff.first();
    whole(!tiff.is_cut_off(), Damage::CutOff)?;
    let size = [256, 257].map(|tag| tiff.whole(&first, tag).unwrap_or_default());
    whole(size.iter().all(|n| *n > 0), Damage::BadHeader)?;
    for (offsets, counts) in [(273, 279), (324, 325)] {
        whole(![offsets, counts].iter().any(|tag| Tiff::<File>::is_cut(&first, *tag)), Damage::CutOff)?;
        let (offsets, counts) = (tiff.wholes(&first, offsets), tiff.wholes(&first, counts));
        for (n, offset) in offsets.iter().enumerate() {
            // What is counted wrongly is read by others all the same.
            let count = counts.get(n).copied().unwrap_or(1);
            whole(offset.saturating_add(count) <= length, Damage::CutOff)?;
        }
    }
    Ok(())
}

/// Checks that it is as long as the head says, where it says so.
fn avi(file: &mut BufReader<File>, length: u64) -> PartState<()> {
    let first: [u8; 16] = head(file)?;
    // All ones: whoever wrote it did not know.
    let size = le32(&first, 4);
    whole(size == u32::MAX || u64::from(size) <= length, Damage::CutOff)
}

/// Returns the index, with a track in it, and whole boxes. Of a picture the box that says what is where.
fn boxes(file: &mut BufReader<File>, length: u64, is_movie: bool) -> PartState<()> {
    let (mut has_index, mut tracks, mut has_picture, mut is_whole) = (false, 0, false, true);
    let mut walker = Walker::new(file);
    let _ = walker.each(0, length, |walker, header| {
        match &header.kind {
            b"moov" => {
                has_index = true;
                walker.each(header.from, header.to, |_, header| {
                    tracks += usize::from(&header.kind == b"trak");
                    Ok(())
                })?;
            }
            b"meta" => has_picture = true,
            _ => {}
        }
        if matches!(&header.kind, b"moov" | b"moof" | b"mdat" | b"meta") {
            is_whole &= header.is_whole;
        }
        Ok(())
    });
    if walker.is_spent() {
        return Ok(()); // the rest was not read
    }
    if is_movie {
        whole(has_index, Damage::NoIndex)?;
        whole(tracks > 0, if is_whole { Damage::BadHeader } else { Damage::CutOff })?;
    } else {
        whole(has_picture || has_index, if is_whole { Damage::BadHeader } else { Damage::CutOff })?;
    }
    whole(is_whole, Damage::CutOff)
}

/// Returns a segment that is as long as it says.
fn matroska(file: &mut BufReader<File>, length: u64) -> PartState<()> {
    let mut source = Source::new(file, length);
    let mut at = 0;
    for _ in 0..16 {
        let head = source.up_to(at, 12);
        let (id, n, _) = vint(&head, true).ok_or(Damage::BadHeader)?;
        let (size, m, is_open) = vint(&head[n..], false).ok_or(Damage::BadHeader)?;
        let from = at + (n + m) as u64;
        let to = from.saturating_add(size);
        match id {
            0x1853_8067 if is_open => return whole(from < length, Damage::CutOff),
            0x1853_8067 => return whole(to <= length, Damage::CutOff),
            _ => whole(to <= length, Damage::BadHeader)?,
        }
        at = to;
    }
    Err(Damage::BadHeader)
}

/// Returns what the sound is, which its first block says; a tag may stand before it.
fn flac(file: &mut BufReader<File>) -> PartState<()> {
    let mut at = 0;
    for _ in 0..8 {
        file.seek(SeekFrom::Start(at)).map_err(|_| Damage::CutOff)?;
        let first: [u8; 10] = head(file)?;
        if !first.starts_with(b"ID3") {
            break;
        }
        at += 10 + first[6..].iter().fold(0, |n, b| n << 7 | u64::from(b & 0x7f));
        at += if first[5] & 0x10 == 0 { 0 } else { 10 };
    }
    file.seek(SeekFrom::Start(at)).map_err(|_| Damage::CutOff)?;
    let first: [u8; 42] = head(file)?;
    let rate = be32(&first, 18) >> 12;
    whole(first.starts_with(b"fLaC") && first[4].trailing_zeros() >= 7 && rate > 0, Damage::BadHeader)
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::process::Command;

    use proptest::prelude::*;

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
