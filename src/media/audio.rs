//! The waveform of sound.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions};
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, FormatReader, SeekMode, SeekTo, Track, TrackType};
use symphonia::core::io::{MediaSource, MediaSourceStream, MediaSourceStreamOptions};
use symphonia::core::meta::MetadataOptions;
use symphonia::core::units::Time;

use super::error::PreviewError;
use super::frames;
use super::source::Source;

/// Longer than this only some places are listened to.
const WHOLE: Duration = Duration::from_mins(3);
/// Nobody waits longer than this for a waveform; it shows what was heard until then.
const TIMEOUT: Duration = Duration::from_secs(4);
/// More packets than these are not decoded.
const MAX_PACKETS: usize = 100_000;
/// Packets listened to at each place of something long.
const AT_A_PLACE: usize = 3;

/// A file from behind the tags in front of it: a cover in them may be hundreds of megabytes, and would be held.
struct Untagged {
    file: File,
    begin: u64,
    len: u64,
}

impl Untagged {
    fn open(path: &Path) -> Option<Untagged> {
        let mut file = File::open(path).ok()?;
        let whole = file.metadata().ok()?.len();
        let begin = frames::after_tags(&mut Source::new(&mut file, whole));
        file.seek(SeekFrom::Start(begin)).ok()?;
        Some(Untagged { file, begin, len: whole - begin })
    }
}

impl Read for Untagged {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.file.read(into)
    }
}

impl Seek for Untagged {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(n) => self.len.checked_add_signed(n),
            SeekFrom::Current(n) => {
                self.file.stream_position()?.checked_sub(self.begin).and_then(|at| at.checked_add_signed(n))
            }
        };
        let at = at.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        self.file.seek(SeekFrom::Start(self.begin.saturating_add(at)))?;
        Ok(at)
    }
}

impl MediaSource for Untagged {
    fn is_seekable(&self) -> bool {
        true
    }

    fn byte_len(&self) -> Option<u64> {
        Some(self.len)
    }
}

pub(super) fn open(path: &Path) -> Option<Box<dyn FormatReader>> {
    let stream = MediaSourceStream::new(Box::new(Untagged::open(path)?), MediaSourceStreamOptions::default());
    let mut hint = Hint::new();
    if let Some(extension) = path.extension().and_then(|e| e.to_str()) {
        hint.with_extension(extension);
    }
    let (format, meta) = (FormatOptions::default(), MetadataOptions::default());
    symphonia::default::get_probe().probe(&hint, stream, format, meta).ok()
}

pub(super) fn parameters(track: &Track) -> Option<&AudioCodecParameters> {
    track.codec_params.as_ref()?.audio()
}

/// Returns how long a track plays, where its head says so.
fn length(track: &Track) -> Option<Duration> {
    let by_time = track.time_base.zip(track.duration).and_then(|(base, ticks)| base.calc_duration(ticks));
    let by_time = by_time.map(|time| time.as_secs_f64());
    let by_frames = || {
        let rate = parameters(track)?.sample_rate.filter(|rate| *rate > 0)?;
        Some(track.num_frames? as f64 / f64::from(rate))
    };
    let seconds = by_time.or_else(by_frames)?;
    (seconds.is_finite() && seconds > 0.0 && seconds < 31_536_000.0).then(|| Duration::from_secs_f64(seconds))
}

/// Returns the loudest sample of each of so many columns, 0 to 255.
pub(super) fn waveform(path: &Path, columns: usize, stop: &AtomicBool) -> Result<Vec<u8>, PreviewError> {
    let mut reader = open(path).ok_or(PreviewError::UnreadableSound)?;
    let track = reader.default_track(TrackType::Audio).or_else(|| reader.first_track(TrackType::Audio));
    let track = track.ok_or(PreviewError::UnreadableSound)?.clone();
    let own = parameters(&track).ok_or(PreviewError::UnreadableSound)?;
    let mut decoder = symphonia::default::get_codecs()
        .make_audio_decoder(own, &AudioDecoderOptions::default())
        .map_err(|_| PreviewError::UnknownCodec)?;
    let mut listen = Listen { track: track.id, stop, until: Instant::now() + TIMEOUT, packets: 0 };
    let length = length(&track);
    let peaks = match length {
        Some(length) if length > WHOLE => listen.at_places(&mut *reader, &mut *decoder, length, columns),
        _ => listen.whole(&mut *reader, &mut *decoder),
    };
    if peaks.is_empty() {
        return Err(PreviewError::UnreadableSound);
    }
    Ok(into_columns(&peaks, columns))
}

/// Listening, within bounds.
struct Listen<'a> {
    track: u32,
    stop: &'a AtomicBool,
    until: Instant,
    packets: usize,
}

impl Listen<'_> {
    fn may_go_on(&self) -> bool {
        self.packets < MAX_PACKETS && !self.stop.load(Ordering::Relaxed) && Instant::now() < self.until
    }

    /// Returns the loudest sample of the next packet; none at the end.
    fn next(&mut self, reader: &mut dyn FormatReader, decoder: &mut dyn AudioDecoder) -> Option<f32> {
        while self.may_go_on() {
            self.packets += 1;
            let packet = reader.next_packet().ok()??;
            if packet.track_id != self.track {
                continue;
            }
            // A packet that cannot be decoded is silence.
            let Ok(decoded) = decoder.decode(&packet) else { return Some(0.0) };
            let mut samples: Vec<f32> = vec![];
            decoded.copy_to_vec_interleaved(&mut samples);
            return Some(samples.iter().fold(0.0, |loudest: f32, s| loudest.max(s.abs().min(1.0))));
        }
        None
    }

    fn whole(&mut self, reader: &mut dyn FormatReader, decoder: &mut dyn AudioDecoder) -> Vec<f32> {
        std::iter::from_fn(|| self.next(reader, decoder)).collect()
    }

    /// Returns a few packets at each of some places.
    fn at_places(
        &mut self,
        reader: &mut dyn FormatReader,
        decoder: &mut dyn AudioDecoder,
        length: Duration,
        places: usize,
    ) -> Vec<f32> {
        let mut peaks = vec![];
        for n in 0..places {
            let time = Time::try_from_secs_f64(length.as_secs_f64() * n as f64 / places as f64);
            let Some(time) = time.filter(|_| self.may_go_on()) else { break };
            if n > 0
                && reader.seek(SeekMode::Coarse, SeekTo::Time { time, track_id: Some(self.track) }).is_err()
            {
                break;
            }
            decoder.reset();
            let some = (0..AT_A_PLACE).map_while(|_| self.next(reader, decoder));
            peaks.push(some.fold(0.0, f32::max));
        }
        // Where there was no time for all, the rest is not known: silence.
        if peaks.len() > 1 {
            peaks.resize(places, 0.0);
        }
        peaks
    }
}

/// Returns the loudest of what falls into each column; few are spread over the columns.
fn into_columns(peaks: &[f32], columns: usize) -> Vec<u8> {
    let columns = columns.max(1);
    let loudest = |from: usize, to: usize| peaks[from..to].iter().copied().fold(0.0, f32::max);
    let column = |n: usize| {
        let from = (n * peaks.len() / columns).min(peaks.len() - 1);
        let to = ((n + 1) * peaks.len() / columns).clamp(from + 1, peaks.len());
        (loudest(from, to) * 255.0).round() as u8
    };
    (0..columns).map(column).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(name: &str) -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/samples").join(name)
    }

    #[test]
    fn a_tone_has_a_waveform_and_a_picture_has_none() {
        let go_on = AtomicBool::new(false);
        for file in ["tone.mp3", "tone.wav", "tone.m4a", "tone.aac"] {
            let peaks = waveform(&sample(file), 64, &go_on).unwrap();
            assert_eq!(peaks.len(), 64);
            assert!(peaks.iter().any(|p| *p > 20), "{file} is heard: {peaks:?}");
        }
        assert!(waveform(&sample("cover.png"), 64, &go_on).is_err());
        let stopped = AtomicBool::new(true);
        assert!(waveform(&sample("tone.wav"), 64, &stopped).is_err(), "nobody wants it any more");
    }

    #[test]
    fn columns_show_the_loudest_and_few_are_spread() {
        assert_eq!(into_columns(&[0.0, 1.0, 0.0, 0.5], 2), [255, 128]);
        assert_eq!(into_columns(&[1.0, 0.0], 4), [255, 255, 0, 0]);
    }
}
