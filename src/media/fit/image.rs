//! Copies of pictures.

use std::fs::File;
use std::io::{self, BufWriter, Seek, SeekFrom, Write};

use hoist_codecs::raster::Raster;

use super::carry::Carried;
use super::changes::change;
use super::control::Control;
use super::encode;
use super::error::FitError;
use super::search::Estimates;
use super::spare;
use crate::media::guard::guarded;
use crate::media::picture;
use crate::media::read_problem::ReadProblem;
use crate::model::fit::{
    BEST_QUALITY, ChangeKind, FitChange, FitPlan, LEAST_QUALITY, SCALED_QUALITY, within,
};
use crate::model::media::{FileFacts, Media};
use crate::model::text;

/// Pixels in memory, at most: of 112 megapixels three bytes each.
const MAX_BYTES: u64 = 338 * 1024 * 1024;
/// So often a picture is made smaller before it is given up.
const MAX_TRIES: usize = 8;

impl From<ReadProblem> for FitError {
    fn from(problem: ReadProblem) -> FitError {
        match problem {
            ReadProblem::Disk(kind) => FitError::Unreadable(kind),
            ReadProblem::Broken => FitError::Broken,
            ReadProblem::Unsupported => FitError::Unsupported,
            ReadProblem::TooLarge => FitError::TooManyPixels,
        }
    }
}

/// Writes a copy of a picture. Returns its type and what was changed.
pub(super) fn make(
    plan: &FitPlan,
    facts: &FileFacts,
    media: Media,
    file: &mut File,
    control: &Control<'_>,
) -> Result<(Media, Vec<FitChange>), FitError> {
    let carried = if plan.strip { Carried::default() } else { Carried::of(&facts.path, media) };
    let spare = spare::take();
    let mut raster = guarded(FitError::Broken, || Ok(picture::read(&facts.path, media, MAX_BYTES, spare)?))?;
    control.step(30)?;
    let mut changes = vec![];
    if plan.first_frame {
        changes.push(change(ChangeKind::Frames, "animation", "first frame"));
    }
    let output = if raster.has_transparency() { plan.output } else { plan.opaque_output };
    raster = match (raster.channels, output) {
        (4, Media::Jpeg) => raster.on_white(),
        (4, _) if !raster.has_transparency() => raster.without_opacity(),
        _ => raster,
    };
    let before = raster.size();
    let most = match output {
        Media::Webp => encode::MAX_WEBP_SIDE,
        _ => encode::MAX_JPEG_SIDE,
    };
    let max_side = plan.max_side.unwrap_or(most).min(most);
    if before.0.max(before.1) > max_side {
        raster = scaled(&raster, within(before, max_side))?;
    }
    control.step(50)?;
    let max = plan.max_bytes.unwrap_or(u64::MAX);
    let (raster, quality) =
        guarded(FitError::Broken, || fitted(raster, output, plan.quality, max, &carried, file, control))?;
    if output != media {
        changes.push(change(ChangeKind::Type, media.label(), output.label()));
    }
    if raster.size() != before {
        let size = |(width, height): (u32, u32)| format!("{width} × {height}");
        changes.push(change(ChangeKind::Dimensions, &size(before), &size(raster.size())));
    }
    if let Some(quality) = quality {
        changes.push(change(ChangeKind::Quality, "", &quality.to_string()));
    }
    if plan.strip {
        changes.push(change(ChangeKind::Metadata, "all", "none"));
    }
    spare::keep(raster.data);
    Ok((output, changes))
}

/// Writes a picture so that it stays within so many bytes: of the best quality down to a floor, then smaller. Returns
/// it as it was written, and its quality where it has one.
fn fitted(
    mut raster: Raster,
    output: Media,
    quality: Option<u8>,
    max: u64,
    carried: &Carried,
    file: &mut File,
    control: &Control<'_>,
) -> Result<(Raster, Option<u8>), FitError> {
    if output == Media::Png {
        for _ in 0..MAX_TRIES {
            let size = written(&raster, output, 0, carried, file, control)?;
            if size <= max {
                return Ok((raster, None));
            }
            raster = smaller(&raster, size, max)?;
        }
        return Err(FitError::StillTooLarge(text::limit(max)));
    }
    let (mut least, mut best) = quality.map_or((LEAST_QUALITY, BEST_QUALITY), |quality| (quality, quality));
    for _ in 0..MAX_TRIES {
        let mut estimates = (max < u64::MAX && least < best).then(|| Estimates::of(&raster, output));
        let mut next = match &mut estimates {
            Some(estimates) => estimates.best(least, best, max)?,
            None => Some(best),
        };
        let mut last = None;
        // Once as it is expected, and once more where that is off.
        for _ in 0..3 {
            let Some(quality) = next.take() else { break };
            let size = written(&raster, output, quality, carried, file, control)?;
            last = Some((quality, size));
            let Some(estimates) = &mut estimates else {
                if size <= max {
                    return Ok((raster, Some(quality)));
                }
                break;
            };
            if size <= max && !estimates.may_rise(quality, size, max) {
                return Ok((raster, Some(quality)));
            }
            estimates.learn(quality, size)?;
            if size <= max {
                let better = estimates.best(quality, best, max)?.unwrap_or(quality);
                // A step up is not worth coding all of it again.
                if better <= quality + 1 {
                    return Ok((raster, Some(quality)));
                }
                next = Some(better);
            } else if quality > least {
                next = estimates.best(least, quality - 1, max)?;
            }
        }
        // Where the last step up was one too many, the one before it fits.
        if let Some((quality, size)) = last {
            if size <= max {
                return Ok((raster, Some(quality)));
            }
            if quality > least && estimates.is_some() {
                let size = written(&raster, output, least, carried, file, control)?;
                if size <= max {
                    return Ok((raster, Some(least)));
                }
            }
        }
        let size = match (last, &mut estimates) {
            (Some((quality, size)), _) if quality <= SCALED_QUALITY => size,
            (_, Some(estimates)) => estimates.bytes(SCALED_QUALITY)? as u64,
            (Some((_, size)), None) => size,
            _ => max.saturating_mul(2),
        };
        raster = smaller(&raster, size, max)?;
        if quality.is_none() {
            (least, best) = (LEAST_QUALITY, SCALED_QUALITY);
        }
    }
    Err(FitError::StillTooLarge(text::limit(max)))
}

/// Makes a picture so much smaller that its bytes may fit.
fn smaller(raster: &Raster, size: u64, max: u64) -> Result<Raster, FitError> {
    let (width, height) = raster.size();
    let factor = (max as f64 / size.max(1) as f64).sqrt().min(1.0) * 0.97;
    let side = (f64::from(width.max(height)) * factor) as u32;
    if side < 16 {
        return Err(FitError::StillTooLarge(text::limit(max)));
    }
    scaled(raster, within((width, height), side))
}

/// Scales a picture to a displayed size.
fn scaled(raster: &Raster, (width, height): (u32, u32)) -> Result<Raster, FitError> {
    let on_its_side = matches!(raster.orientation, 5..=8);
    let (width, height) = if on_its_side { (height, width) } else { (width, height) };
    let (channels, orientation) = (raster.channels, raster.orientation);
    let from = (raster.width, raster.height);
    let scaled = hoist_codecs::scale::scale(&raster.data, channels, from, (width, height));
    Ok(Raster { orientation, ..Raster::new(width, height, channels, scaled.ok_or(FitError::Broken)?) })
}

/// Writes it over what is in the file. Returns how many bytes that are.
fn written(
    raster: &Raster,
    output: Media,
    quality: u8,
    carried: &Carried,
    file: &mut File,
    control: &Control<'_>,
) -> Result<u64, FitError> {
    control.step(60)?;
    file.set_len(0).map_err(FitError::disk)?;
    file.seek(SeekFrom::Start(0)).map_err(FitError::disk)?;
    let mut out = BufWriter::with_capacity(256 * 1024, Stopping { file: &mut *file, control });
    let done = encode::write(raster, output, quality, carried, &mut out).and_then(|()| out.flush());
    drop(out);
    control.check()?;
    done.map_err(FitError::disk)?;
    file.metadata().map(|meta| meta.len()).map_err(FitError::disk)
}

/// A file that is written as long as somebody wants it.
struct Stopping<'a> {
    file: &'a mut File,
    control: &'a Control<'a>,
}

impl Write for Stopping<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.control.check().is_err() {
            return Err(io::Error::other("stopped"));
        }
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl From<io::Error> for FitError {
    fn from(error: io::Error) -> FitError {
        FitError::disk(error)
    }
}
