//! Whether pictures are whole: their headers, their parts one after the other, and their ends.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};

use flate2::Crc;

use super::part::{MAX_PARTS, PartState, be32, head, le32, next, whole};
use crate::media::tiff::Tiff;
use crate::model::media::Damage;

/// So many bytes of a picture's chunks are compared with their checksums.
const MAX_SUMMED: u64 = 64 * 1024 * 1024;
/// Where the end of a photograph is looked for first.
const TAIL: u64 = 4096;
/// So much of a photograph is searched for its end, where something else stands behind it.
const MAX_SEARCH: u64 = 64 * 1024 * 1024;

/// Returns the header, colours and pixels with their checksums, and the end.
pub(super) fn png(file: &mut BufReader<File>, zeros: Option<u64>) -> PartState<()> {
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
pub(super) fn jpeg(file: &mut BufReader<File>, length: u64) -> PartState<()> {
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
pub(super) fn gif(file: &mut BufReader<File>, zeros: Option<u64>) -> PartState<()> {
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
pub(super) fn webp(file: &mut BufReader<File>, length: u64) -> PartState<()> {
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
pub(super) fn bmp(file: &mut BufReader<File>, length: u64) -> PartState<()> {
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
pub(super) fn tiff(file: &mut BufReader<File>, length: u64) -> PartState<()> {
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
