//! One track of a movie: what it is, how large, how long and in which coding.

use std::io::{self, Read, Seek};

use super::walker::{BoxHeader, Walker, u16_at, u32_at, u64_at};
use crate::media::config::{self, codec_name};
use crate::media::ogg::streaminfo;
use crate::media::video_config;
use crate::model::media::HdrTransfer;

/// Of a longer list of how long samples play the beginning is read.
const MAX_TIMES: u64 = 256 * 1024;
/// Longer configurations of video are not read.
const MAX_CONFIG: u64 = 4096;

/// One track, as far as it was read.
#[derive(Default)]
pub(super) struct Track {
    pub(super) id: u32,
    pub(super) kind: [u8; 4],
    pub(super) pixels: Option<(u32, u32)>,
    pub(super) orientation: Option<u8>,
    pub(super) coding: Option<String>,
    pub(super) sample_rate: Option<u32>,
    pub(super) channels: Option<u16>,
    pub(super) bits: Option<u16>,
    pub(super) hdr: Option<HdrTransfer>,
    pub(super) scale: u32,
    pub(super) seconds: Option<f64>,
    pub(super) samples: Option<u32>,
    /// So many of its samples say how long they play, and that is so many units of its scale.
    pub(super) timed: (u64, u64),
    /// Where its first sample is.
    pub(super) first_sample: Option<u64>,
    /// Tracks that show its chapters.
    pub(super) chapters: Vec<u32>,
}

impl Track {
    /// Returns how long its samples play that are in the index, in units of its scale.
    pub(super) fn units(&self) -> u64 {
        let (timed, units) = self.timed;
        let said = || self.seconds.map(|seconds| (seconds * f64::from(self.scale)) as u64);
        if timed >= u64::from(self.samples.unwrap_or_default()) { units } else { said().unwrap_or(units) }
    }

    /// Returns its samples a second, by how long they play: what its head and its edits say may be longer.
    pub(super) fn rate(&self) -> Option<f64> {
        let (timed, units) = self.timed;
        let own = (units > 0).then(|| timed as f64 * f64::from(self.scale) / units as f64);
        own.or_else(|| self.samples.zip(self.seconds).map(|(n, seconds)| f64::from(n) / seconds))
    }
}

/// Returns the time scale in `mvhd` and `mdhd`, and the duration as seconds. All ones, and nothing, mean that it is not
/// known.
pub(super) fn seconds(head: &[u8]) -> (u32, Option<f64>) {
    let (scale, duration) = match head[0] {
        1 => (u32_at(head, 20), u64_at(head, 24)),
        _ => (u32_at(head, 12), u64::from(u32_at(head, 16))),
    };
    let known = duration > 0 && duration != u64::from(u32::MAX) && duration != u64::MAX && scale > 0;
    (scale, known.then(|| duration as f64 / f64::from(scale)))
}

/// Returns a track as far as it is there.
pub(super) fn track<R: Read + Seek>(walker: &mut Walker<'_, R>, header: &BoxHeader) -> Track {
    let mut track = Track::default();
    let mut shown = None;
    let _ = walker.each(header.from, header.to, |walker, header| match &header.kind {
        b"tkhd" => {
            let head: [u8; 96] = walker.content(header, 0)?;
            let (id, matrix) = if head[0] == 1 { (20, 52) } else { (12, 40) };
            track.id = u32_at(&head, id);
            shown = Some((u32_at(&head, matrix + 36) >> 16, u32_at(&head, matrix + 40) >> 16));
            let part = |n: usize| (u32_at(&head, matrix + 4 * n) as i32).signum();
            track.orientation = turned(part(0), part(1), part(3), part(4));
            Ok(())
        }
        b"tref" => walker.each(header.from, header.to, |walker, header| {
            if &header.kind == b"chap" {
                let list = walker.some(header, 0, 256)?;
                track.chapters.extend(list.chunks_exact(4).map(|id| u32_at(id, 0)));
            }
            Ok(())
        }),
        b"mdia" => walker.each(header.from, header.to, |walker, header| match &header.kind {
            b"mdhd" => {
                (track.scale, track.seconds) = seconds(&walker.content::<40>(header, 0)?);
                Ok(())
            }
            b"hdlr" => {
                let head: [u8; 12] = walker.content(header, 0)?;
                track.kind = [head[8], head[9], head[10], head[11]];
                Ok(())
            }
            b"minf" => walker.each(header.from, header.to, |walker, header| match &header.kind {
                b"stbl" => walker.each(header.from, header.to, |walker, header| match &header.kind {
                    b"stsd" => coding(walker, header, &mut track),
                    b"stsz" | b"stz2" => {
                        track.samples = Some(u32_at(&walker.content::<12>(header, 0)?, 8));
                        Ok(())
                    }
                    b"stts" => {
                        let rows = walker.some(header, 8, MAX_TIMES)?;
                        for row in rows.chunks_exact(8) {
                            let (samples, units) = (u64::from(u32_at(row, 0)), u64::from(u32_at(row, 4)));
                            track.timed.0 = track.timed.0.saturating_add(samples);
                            track.timed.1 = track.timed.1.saturating_add(samples.saturating_mul(units));
                        }
                        Ok(())
                    }
                    b"stco" | b"co64" => {
                        let head: [u8; 16] = walker.content(header, 0)?;
                        track.first_sample = (u32_at(&head, 4) > 0).then(|| match &header.kind {
                            b"stco" => u64::from(u32_at(&head, 8)),
                            _ => u64_at(&head, 8),
                        });
                        Ok(())
                    }
                    _ => Ok(()),
                }),
                _ => Ok(()),
            }),
            _ => Ok(()),
        }),
        _ => Ok(()),
    });
    // The size it is shown in counts before the one it is stored in.
    let shown = shown.filter(|(width, height)| *width > 0 && *height > 0);
    let pixels = shown.or(track.pixels).filter(|(width, height)| *width > 0 && *height > 0);
    let on_its_side = matches!(track.orientation, Some(5..=8));
    track.pixels = pixels.map(|(width, height)| if on_its_side { (height, width) } else { (width, height) });
    track
}

/// Returns the orientation, as EXIF counts it, of a matrix by the signs of its first four numbers. None where it is not
/// turned.
fn turned(a: i32, b: i32, c: i32, d: i32) -> Option<u8> {
    Some(match (a, b, c, d) {
        (-1, 0, 0, 1) => 2,
        (-1, 0, 0, -1) => 3,
        (1, 0, 0, -1) => 4,
        (0, 1, 1, 0) => 5,
        (0, 1, -1, 0) => 6,
        (0, -1, -1, 0) => 7,
        (0, -1, 1, 0) => 8,
        _ => return None,
    })
}

/// Reads the first entry of a track's list of codings.
fn coding<R: Read + Seek>(
    walker: &mut Walker<'_, R>,
    header: &BoxHeader,
    track: &mut Track,
) -> io::Result<()> {
    // Behind version, flags and a count.
    let Some(entry) = walker.at(header.from.saturating_add(8), header.to)? else { return Ok(()) };
    track.coding = Some(codec_name(entry.kind));
    let head: [u8; 64] = walker.content(&entry, 0)?;
    if &track.kind != b"soun" {
        track.pixels = Some((u32::from(u16_at(&head, 24)), u32::from(u16_at(&head, 26))));
        return walker.each(entry.from.saturating_add(78), entry.to, |walker, header| {
            match &header.kind {
                b"esds" => {
                    if let Some((Some(name), _)) = config::esds(&walker.some(header, 0, 256)?) {
                        track.coding = Some(name.to_owned());
                    }
                }
                // What the stream itself says.
                b"av1C" | b"hvcC" => {
                    let content = walker.some(header, 0, MAX_CONFIG)?;
                    let transfer = match &header.kind {
                        b"av1C" => video_config::av1(&content),
                        _ => video_config::hevc(&content),
                    };
                    track.hdr = track.hdr.or(transfer.and_then(HdrTransfer::of_number));
                }
                b"colr" | b"vpcC" => {
                    let content: [u8; 12] = walker.content(header, 0)?;
                    let transfer = match &content[..4] {
                        _ if &header.kind == b"vpcC" => u16::from(content[8]),
                        b"nclx" | b"nclc" => u16_at(&content, 6),
                        _ => 0, // a profile
                    };
                    track.hdr = track.hdr.or(HdrTransfer::of_number(u64::from(transfer)));
                }
                _ => {}
            }
            Ok(())
        });
    }
    let version = u16_at(&head, 8);
    track.channels = Some(u16_at(&head, 16));
    track.sample_rate = Some(u32_at(&head, 24) >> 16);
    if track.coding.as_deref() == Some("PCM") {
        track.bits = match &entry.kind {
            // What stands beside these is often wrong.
            b"in24" => Some(24),
            b"in32" | b"fl32" => Some(32),
            b"fl64" => Some(64),
            _ if version == 2 => u16::try_from(u32_at(&head, 48)).ok(),
            _ => Some(u16_at(&head, 18)),
        };
        track.bits = track.bits.filter(|bits| (1..=64).contains(bits));
    }
    // These have one channel and one rate, and what stands beside them is a constant.
    match &entry.kind {
        b"samr" => (track.sample_rate, track.channels) = (Some(8000), Some(1)),
        b"sawb" => (track.sample_rate, track.channels) = (Some(16_000), Some(1)),
        _ => {}
    }
    let skip = match version {
        1 => 44,
        2 => {
            let rate = f64::from_bits(u64_at(&head, 32));
            track.sample_rate = (1.0..10_000_000.0).contains(&rate).then_some(rate as u32);
            track.channels = u16::try_from(u32_at(&head, 40)).ok();
            u64::from(u32_at(&head, 28)).clamp(44, 4096) - 8
        }
        _ => 28,
    };
    walker.each(entry.from.saturating_add(skip), entry.to, |walker, header| {
        // QuickTime puts the same into a box of its own.
        match &header.kind {
            b"wave" => {
                walker.each(header.from, header.to, |walker, header| codec_facts(walker, header, track))
            }
            _ => codec_facts(walker, header, track),
        }
    })
}

/// Reads the codec's own configuration, which counts before what the container says of it.
fn codec_facts<R: Read + Seek>(
    walker: &mut Walker<'_, R>,
    header: &BoxHeader,
    track: &mut Track,
) -> io::Result<()> {
    let content = walker.some(header, 0, 256)?;
    match &header.kind {
        b"dfLa" => track.bits = content.get(8..).and_then(streaminfo).map(|flac| flac.bits),
        b"alac" if content.len() >= 28 => track.bits = Some(u16::from(content[9])),
        _ => {}
    }
    let own = match &header.kind {
        b"esds" => {
            let (name, own) = config::esds(&content).unwrap_or_default();
            if let Some(name) = name {
                track.coding = Some(name.to_owned());
            }
            own
        }
        b"dac3" => config::dac3(&content),
        b"dec3" => config::dec3(&content),
        b"dOps" => content.get(1).map(|channels| (Some(48_000), Some(u16::from(*channels)))),
        b"dfLa" => content.get(8..).and_then(streaminfo).map(|flac| (Some(flac.rate), Some(flac.channels))),
        b"alac" if content.len() >= 28 => Some((Some(u32_at(&content, 24)), Some(u16::from(content[13])))),
        _ => None,
    };
    if let Some((rate, channels)) = own {
        track.sample_rate = rate.or(track.sample_rate);
        track.channels = channels.or(track.channels);
    }
    Ok(())
}
