//! Whether sound and video are whole: their indexes, and as many bytes as they say.

use std::fs::File;
use std::io::{BufReader, Seek, SeekFrom};

use super::part::{PartState, be32, head, le32, whole};
use crate::media::matroska::vint;
use crate::media::mp4::Walker;
use crate::media::source::Source;
use crate::model::media::Damage;

/// Checks that it is as long as the head says, where it says so.
pub(super) fn avi(file: &mut BufReader<File>, length: u64) -> PartState<()> {
    let first: [u8; 16] = head(file)?;
    // All ones: whoever wrote it did not know.
    let size = le32(&first, 4);
    whole(size == u32::MAX || u64::from(size) <= length, Damage::CutOff)
}

/// Returns the index, with a track in it, and whole boxes. Of a picture the box that says what is where.
pub(super) fn boxes(file: &mut BufReader<File>, length: u64, is_movie: bool) -> PartState<()> {
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
pub(super) fn matroska(file: &mut BufReader<File>, length: u64) -> PartState<()> {
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
pub(super) fn flac(file: &mut BufReader<File>) -> PartState<()> {
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
