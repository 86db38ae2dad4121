//! Copies of sound: WAV is written here, everything else by an installed ffmpeg.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Seek, SeekFrom, Write};
use std::path::Path;

use symphonia::core::codecs::audio::AudioDecoderOptions;
use symphonia::core::formats::TrackType;

use super::changes::{CodedStreams, changes};
use super::control::Control;
use super::error::FitError;
use super::mixer::Mixer;
use super::video;
use crate::media::audio as waveform;
use crate::media::ffmpeg;
use crate::media::preview::guarded;
use crate::model::fit::{FitChange, FitPlan, Recoding};
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
                let coded = CodedStreams { recoding: Recoding::All, to_rate: false };
                return Ok((Media::Wav, changes(plan, facts, media, coded, &FileFacts::default())));
            }
        }
    }
    let made = video::sound(plan, facts, media, to, control)?;
    *file = OpenOptions::new().read(true).write(true).open(to).map_err(FitError::disk)?;
    Ok(made)
}

/// Writes PCM of 16 or 24 bits, packet by packet.
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
    let mut form: Option<(u32, Mixer)> = None;
    let (mut frames, mut data) = (0u64, 0u64);
    let mut samples: Vec<i32> = vec![];
    let mut bad = 0;
    loop {
        control.check()?;
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
        let (rate, channels) = (decoded.spec().rate(), decoded.spec().channels());
        let (first_rate, mixer) = form.get_or_insert_with(|| (rate, Mixer::new(channels, plan.mono)));
        if (*first_rate, mixer.channels) != (rate, channels.count().max(1)) {
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
        for frame in samples.chunks_exact(mixer.channels) {
            if frames >= to {
                break;
            }
            frames += 1;
            if frames <= from {
                continue;
            }
            data += mixer.put(frame, plan.sample_bits, &mut out).map_err(FitError::disk)?;
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
    let (rate, mixer) = form.filter(|_| data > 0).ok_or(FitError::Broken)?;
    // Chunks have an even length.
    if data % 2 == 1 {
        out.write_all(&[0]).map_err(FitError::disk)?;
    }
    out.flush().map_err(FitError::disk)?;
    drop(out);
    file.seek(SeekFrom::Start(0)).map_err(FitError::disk)?;
    file.write_all(&head(rate, mixer.written() as u16, plan.sample_bits, data as u32)).map_err(FitError::disk)
}

fn head(rate: u32, channels: u16, bits: u16, data: u32) -> Vec<u8> {
    let frame = channels * (bits / 8);
    [
        &b"RIFF"[..],
        &data.saturating_add(36 + data % 2).to_le_bytes(),
        b"WAVEfmt \x10\0\0\0\x01\0",
        &channels.to_le_bytes(),
        &rate.to_le_bytes(),
        &rate.saturating_mul(u32::from(frame)).to_le_bytes(),
        &frame.to_le_bytes(),
        &bits.to_le_bytes(),
        b"data",
        &data.to_le_bytes(),
    ]
    .concat()
}
