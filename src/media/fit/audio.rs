//! Copies of sound: WAV is written here, everything else by an installed ffmpeg.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Seek, SeekFrom, Write};
use std::path::Path;

use symphonia::core::codecs::audio::AudioDecoderOptions;
use symphonia::core::formats::TrackType;

use super::changes::changes;
use super::control::Control;
use super::error::FitError;
use super::video;
use crate::media::audio as waveform;
use crate::media::ffmpeg;
use crate::media::preview::guarded;
use crate::model::fit::{FitChange, FitPlan};
use crate::model::media::{FileFacts, Media};
use crate::model::text;

/// A WAV is no longer than its 32-bit sizes say.
const MAX_WAV: u64 = 4_000_000_000;

/// Writes a copy of sound. Returns its type and what was changed.
pub(super) fn make(
    plan: &FitPlan,
    facts: &FileFacts,
    media: Media,
    file: &mut File,
    to: &Path,
    control: &Control<'_>,
) -> Result<(Media, Vec<FitChange>), FitError> {
    if plan.output == Media::Wav {
        let written = guarded(FitError::Broken, || wav(plan, facts, file, control));
        match written {
            // What is not decoded here, ffmpeg may know.
            Err(FitError::Unsupported) if ffmpeg::find().is_some() => {}
            written => {
                written?;
                return Ok((Media::Wav, changes(plan, facts, media, None)));
            }
        }
    }
    let made = video::sound(plan, facts, media, to, control)?;
    *file = OpenOptions::new().read(true).write(true).open(to).map_err(FitError::disk)?;
    Ok(made)
}

/// Writes 16-bit PCM, packet by packet.
fn wav(plan: &FitPlan, facts: &FileFacts, file: &mut File, control: &Control<'_>) -> Result<(), FitError> {
    let mut reader = waveform::open(&facts.path).ok_or(FitError::Unsupported)?;
    let track = reader.default_track(TrackType::Audio).or_else(|| reader.first_track(TrackType::Audio));
    let track = track.ok_or(FitError::Unsupported)?.clone();
    let own = waveform::parameters(&track).ok_or(FitError::Unsupported)?;
    let mut decoder = symphonia::default::get_codecs()
        .make_audio_decoder(own, &AudioDecoderOptions::default())
        .map_err(|_| FitError::Unsupported)?;
    let max = plan.max_bytes.unwrap_or(MAX_WAV).min(MAX_WAV);
    let mut out = BufWriter::with_capacity(256 * 1024, &mut *file);
    out.write_all(&[0; 44]).map_err(FitError::disk)?;
    let mut form: Option<(u32, usize)> = None;
    let (mut frames, mut data) = (0u64, 0u64);
    let mut samples: Vec<i16> = vec![];
    let mut bad = 0;
    loop {
        control.check()?;
        // A file that is cut off ends where it ends.
        let Ok(Some(packet)) = reader.next_packet() else { break };
        if packet.track_id != track.id {
            continue;
        }
        let Ok(decoded) = decoder.decode(&packet) else {
            bad += 1;
            if bad > 1000 && frames == 0 {
                return Err(FitError::Broken);
            }
            continue;
        };
        let (rate, channels) = (decoded.spec().rate(), decoded.spec().channels().count().max(1));
        let (first_rate, first_channels) = *form.get_or_insert((rate, channels));
        if (first_rate, first_channels) != (rate, channels) {
            return Err(FitError::Unsupported); // another sound begins here
        }
        decoded.copy_to_vec_interleaved(&mut samples);
        let (from, to) = match plan.cut {
            Some((start, length)) => {
                let at = |seconds: f64| (seconds * f64::from(rate)) as u64;
                let start = at(start.as_secs_f64());
                (start, start + at(length.as_secs_f64()))
            }
            None => (0, u64::MAX),
        };
        for frame in samples.chunks_exact(channels) {
            if frames >= to {
                break;
            }
            frames += 1;
            if frames <= from {
                continue;
            }
            data += put(frame, plan.mono, &mut out)?;
        }
        if data + 44 > max {
            return Err(FitError::StillTooLarge(text::limit(max)));
        }
        if frames >= to {
            break;
        }
        if let Some(length) = facts.duration {
            let share = frames as f64 / (length.as_secs_f64() * f64::from(rate)).max(1.0);
            control.step(5 + (share * 89.0).clamp(0.0, 89.0) as u8)?;
        }
    }
    let (rate, channels) = form.filter(|_| data > 0).ok_or(FitError::Broken)?;
    let channels = if plan.mono { 1 } else { channels.min(2) };
    out.flush().map_err(FitError::disk)?;
    drop(out);
    file.seek(SeekFrom::Start(0)).map_err(FitError::disk)?;
    file.write_all(&head(rate, channels as u16, data as u32)).map_err(FitError::disk)
}

/// Writes a frame: its one or two channels, all of many folded into two, or their mean.
fn put(frame: &[i16], mono: bool, out: &mut impl Write) -> Result<u64, FitError> {
    let mut bytes = 0;
    let mut one = |sample: i16| {
        bytes += 2;
        out.write_all(&sample.to_le_bytes()).map_err(FitError::disk)
    };
    let folded;
    let front = match frame {
        // Left, right, middle, low, and two behind: the low one is skipped, as everybody does.
        [left, right, middle, rest @ ..] => {
            let behind = |n: usize| rest.get(n).map_or(0.0, |sample| f64::from(*sample));
            let fold = |front: i16, behind: f64| {
                ((f64::from(front) + 0.707 * f64::from(*middle) + 0.707 * behind) * 0.414) as i16
            };
            folded = [fold(*left, behind(1)), fold(*right, behind(2))];
            &folded[..]
        }
        frame => frame,
    };
    if mono {
        let sum: i32 = front.iter().map(|sample| i32::from(*sample)).sum();
        one((sum / front.len().max(1) as i32) as i16)?;
    } else {
        front.iter().try_for_each(|sample| one(*sample))?;
    }
    Ok(bytes)
}

fn head(rate: u32, channels: u16, data: u32) -> Vec<u8> {
    let frame = channels * 2;
    [
        &b"RIFF"[..],
        &data.saturating_add(36).to_le_bytes(),
        b"WAVEfmt \x10\0\0\0\x01\0",
        &channels.to_le_bytes(),
        &rate.to_le_bytes(),
        &rate.saturating_mul(u32::from(frame)).to_le_bytes(),
        &frame.to_le_bytes(),
        b"\x10\0data",
        &data.to_le_bytes(),
    ]
    .concat()
}
