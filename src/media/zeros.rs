//! Zeros at the end of a file, where a download was reserved on the disk and not finished: whether its structure has
//! something stand there. What may be padding, or silence, is nothing of that.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};

use super::heif_items::HeifItems;
use super::matroska::vint;
use super::mp4::{BoxHeader, Walker, u32_at};
use super::source::Source;
use crate::model::media::Media;

/// Fewer zeros are nothing to go by.
const MIN_ZEROS: u64 = 1024;
/// So much is read at once on the way back from the end.
const BLOCK: u64 = 64 * 1024;
/// More zeros than these are not counted.
const MAX_ZEROS: u64 = 64 * 1024 * 1024;
/// A page of Ogg has no more bytes.
const MAX_PAGE: u64 = 65_307;
/// In a page's head: the stream ends here.
const LAST_PAGE: u8 = 4;
/// Zeros behind frames of MP3, AAC and FLAC may be anything, unless they are so many bytes.
const MIN_FRAMELESS: u64 = 64 * 1024;
/// The same, as a part of the file.
const FRAMELESS_PART: u64 = 8;
/// Longer pictures are not read for this.
const MAX_PICTURE: u64 = 64 * 1024 * 1024;
/// Neither a coded picture nor a page of Ogg ends in so many zeros.
const MIN_UNCODED: usize = 512;
/// Of a longer list of samples the end is read.
const MAX_ROWS: u64 = 256 * 1024;

/// Returns where the zeros begin that a file ends with, unless they are few.
pub(super) fn at_end(file: &mut BufReader<File>, length: u64) -> Option<u64> {
    let mut from = length;
    let mut step = MIN_ZEROS;
    while from > 0 && length - from < MAX_ZEROS {
        let begin = from.saturating_sub(step);
        let mut block = vec![];
        file.seek(SeekFrom::Start(begin)).ok()?;
        file.by_ref().take(from - begin).read_to_end(&mut block).ok()?;
        let last = block.iter().rposition(|byte| *byte != 0);
        from = last.map_or(begin, |last| begin + last as u64 + 1);
        if last.is_some() {
            break;
        }
        step = BLOCK;
    }
    (length - from >= MIN_ZEROS).then_some(from)
}

/// Returns whether something else would stand where the zeros are, by the structure of a file of this type.
pub(super) fn are_missing_content(file: &mut BufReader<File>, length: u64, media: Media, zeros: u64) -> bool {
    match media {
        Media::Webm | Media::Mkv | Media::WebmAudio | Media::MkvAudio => matroska(file, length, zeros),
        Media::Ogg => ogg(file, zeros),
        Media::Mp3 | Media::Aac | Media::Flac => {
            let missing = length - zeros;
            missing >= MIN_FRAMELESS && missing >= length / FRAMELESS_PART
        }
        Media::Mp4 | Media::Mov | Media::M4a | Media::ThreeGp | Media::ThreeGpAudio => {
            has_samples(file, length, zeros)
        }
        Media::Heic | Media::Avif => picture(file, length),
        _ => false,
    }
}

/// Returns whether an element would begin where zeros are. What an element holds may be zeros: silence, and what is void.
fn matroska(file: &mut BufReader<File>, length: u64, zeros: u64) -> bool {
    let mut source = Source::new(file, length);
    // Where the first of those ends that have zeros in them: behind it may be anything.
    let mut outer = None;
    let (mut at, mut end) = (0, length);
    while at < zeros {
        let head = source.up_to(at, 12);
        let Some((id, n, _)) = vint(&head, true) else { return false };
        let Some((size, m, is_open)) = vint(&head[n..], false) else { return false };
        let from = at + (n + m) as u64;
        let to = if is_open { end } else { from.saturating_add(size).min(end) };
        // A segment and a cluster have elements in them.
        if matches!(id, 0x1853_8067 | 0x1f43_b675) && to > zeros {
            outer = outer.or(Some(to));
            (at, end) = (from, to);
        } else {
            at = to;
        }
    }
    outer.is_some_and(|outer| at < outer) && !source.is_spent()
}

/// Returns whether the last page before the zeros is one that others follow, or goes on in them.
fn ogg(file: &mut BufReader<File>, zeros: u64) -> bool {
    let from = zeros.saturating_sub(MAX_PAGE + 6);
    let mut block = vec![];
    let read = file
        .seek(SeekFrom::Start(from))
        .and_then(|_| file.by_ref().take(zeros - from).read_to_end(&mut block));
    if read.is_err() {
        return false;
    }
    let last = block.windows(6).rposition(|head| head.starts_with(b"OggS\0"));
    let Some(page) = last.map(|at| &block[at..]) else { return true };
    // Behind the head stand the sizes of its parts.
    let sizes = page.get(26).and_then(|parts| page.get(27..27 + usize::from(*parts)));
    let ends = sizes.map(|sizes| 27 + sizes.len() + sizes.iter().copied().map(usize::from).sum::<usize>());
    page[5] & LAST_PAGE == 0 || ends.is_none_or(|end| end > page.len() + MIN_UNCODED)
}

/// Returns whether the index has samples of a codec where zeros are. Plain samples may be silence.
fn has_samples(file: &mut BufReader<File>, length: u64, zeros: u64) -> bool {
    let mut found = false;
    let mut walker = Walker::new(file);
    let _ = walker.each(0, length, |walker, header| match &header.kind {
        b"moov" => walker.each(header.from, header.to, |walker, header| match &header.kind {
            b"trak" => walker.each(header.from, header.to, |walker, header| match &header.kind {
                b"mdia" => walker.each(header.from, header.to, |walker, header| match &header.kind {
                    b"minf" => walker.each(header.from, header.to, |walker, header| match &header.kind {
                        b"stbl" => {
                            found |= begins_in(walker, header, zeros..length)?;
                            Ok(())
                        }
                        _ => Ok(()),
                    }),
                    _ => Ok(()),
                }),
                _ => Ok(()),
            }),
            _ => Ok(()),
        }),
        _ => Ok(()),
    });
    found
}

/// Returns whether samples of a codec whose samples never begin with zeros begin in this part of a file: those that begin a
/// chunk, and the last one.
fn begins_in(
    walker: &mut Walker<'_, BufReader<File>>,
    table: &BoxHeader,
    part: std::ops::Range<u64>,
) -> std::io::Result<bool> {
    let (mut is_coded, mut begins, mut last_chunk) = (false, false, None);
    let (mut in_chunk, mut usual, mut sizes) = (0, 0, vec![]);
    walker.each(table.from, table.to, |walker, header| {
        match &header.kind {
            b"stsd" => is_coded = is_never_zeros(&walker.content::<16>(header, 0)?[12..]),
            b"stsc" => {
                in_chunk = list(walker, header, 8, 12)?.last_chunk::<8>().map_or(0, |end| u32_at(end, 0));
            }
            b"stsz" => {
                usual = u64::from(u32_at(&walker.content::<8>(header, 0)?, 4));
                sizes = list(walker, header, 12, 4)?;
            }
            b"stco" | b"co64" => {
                let bytes = if &header.kind == b"stco" { 4 } else { 8 };
                let offsets = list(walker, header, 8, bytes)?;
                let offsets = offsets.chunks_exact(bytes as usize);
                let offsets = offsets.map(|at| at.iter().fold(0, |n, byte| n << 8 | u64::from(*byte)));
                let offsets: Vec<u64> = offsets.collect();
                begins |= offsets.iter().any(|at| part.contains(at));
                last_chunk = offsets.last().copied();
            }
            _ => {}
        }
        Ok(())
    })?;
    let before = u64::from(in_chunk).saturating_sub(1);
    let bytes_before = match usual {
        0 => {
            let before = sizes.rchunks_exact(4).skip(1).take(usize::try_from(before).unwrap_or(usize::MAX));
            before.map(|size| u64::from(u32_at(size, 0))).sum()
        }
        usual => before.saturating_mul(usual),
    };
    let last = last_chunk.map(|chunk| chunk.saturating_add(bytes_before));
    Ok(is_coded && (begins || last.is_some_and(|at| part.contains(&at))))
}

/// Returns whether no sample of a coding begins with zeros. Plain samples may be silence, or black.
fn is_never_zeros(name: &[u8]) -> bool {
    [b"avc1", b"avc3", b"hvc1", b"hev1", b"av01", b"vp09", b"mp4v", b"mp4a", b"alac", b"Opus"]
        .iter()
        .any(|known| name == *known)
}

/// Returns the rows of a list behind a head, whose last number counts them: the end of a longer list.
fn list(
    walker: &mut Walker<'_, BufReader<File>>,
    header: &BoxHeader,
    head: u64,
    bytes: u64,
) -> std::io::Result<Vec<u8>> {
    let count = u64::from(u32_at(&walker.some(header, head - 4, 4)?, 0));
    let left_out = count.saturating_sub(MAX_ROWS);
    walker.some(header, head + left_out * bytes, (count - left_out) * bytes)
}

/// Returns whether a tile of a picture ends in zeros.
fn picture(file: &mut BufReader<File>, length: u64) -> bool {
    let mut bytes = vec![];
    if length > MAX_PICTURE || file.rewind().is_err() || file.read_to_end(&mut bytes).is_err() {
        return false;
    }
    let Some(coded) = HeifItems::read(&bytes).and_then(|items| items.picture().ok()) else { return false };
    coded.tiles.iter().any(|tile| {
        let end = &tile.bytes[tile.bytes.len().saturating_sub(MIN_UNCODED)..];
        end.len() == MIN_UNCODED && end.iter().all(|byte| *byte == 0)
    })
}
