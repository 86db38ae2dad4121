//! From facts, limits and wishes to a plan. Nothing is read and nothing is made: what a button offers is known at once.

use super::planner::{Planner, can_strip};
use super::tools::Tools;
use crate::model::fit::{FitAim, FitPlan, FitWishes, NoPlan, TypeLimits, within};
use crate::model::media::{DetectedType, FileFacts, Kind, Media, Undecodable};

/// More pixels than these are not converted: three bytes each, and all at once in memory.
pub(super) const MAX_PIXELS: u64 = 112_000_000;

/// Returns how a copy is made that the provider accepts; nothing where the file itself is what is wished for.
pub fn plan(
    facts: &FileFacts,
    limits: &[TypeLimits],
    wishes: &FitWishes,
    tools: Tools,
) -> Result<Option<FitPlan>, NoPlan> {
    let Some(plan) = within_limits(facts, limits, wishes, tools)? else { return Ok(None) };
    Ok(Some(as_advised(facts, limits, wishes, tools, &plan).unwrap_or(plan)))
}

/// Returns a plan for sound or video that stays below what a provider advises, where that costs no more than bits: the
/// same length, size and channels.
fn as_advised(
    facts: &FileFacts,
    limits: &[TypeLimits],
    wishes: &FitWishes,
    tools: Tools,
    plan: &FitPlan,
) -> Option<FitPlan> {
    let of = |output: Media| limits.iter().find(|row| row.types.contains(&output));
    if plan.output.kind() == Kind::Image || limits.iter().all(|row| row.advised_bytes.is_none()) {
        return None;
    }
    let lower = |row: &TypeLimits| TypeLimits {
        max_bytes: row.max_bytes.into_iter().chain(row.advised_bytes).min(),
        ..row.clone()
    };
    let lower: Vec<_> = limits.iter().map(lower).collect();
    let other = within_limits(facts, &lower, wishes, tools).ok()??;
    let losses = |plan: &FitPlan| (plan.cut, plan.mono, plan.max_side, plan.recoding.picture());
    // What is advised stops no copy that comes out larger.
    let max_bytes = of(other.output).and_then(|row| row.max_bytes);
    (losses(&other) == losses(plan)).then_some(FitPlan { aim: plan.aim, max_bytes, ..other })
}

/// Returns how a copy is made that stays within the limits.
fn within_limits(
    facts: &FileFacts,
    limits: &[TypeLimits],
    wishes: &FitWishes,
    tools: Tools,
) -> Result<Option<FitPlan>, NoPlan> {
    if facts.size == 0 {
        return Err(NoPlan::Empty);
    }
    let DetectedType::Known(media) = facts.recognised else { return Err(NoPlan::UnknownType) };
    let planner = Planner { facts, media, limits, wishes, tools };
    let kind = match media.kind() {
        // A container for video that has none.
        Kind::Video if facts.video.is_none() && facts.audio.is_some() => Kind::Audio,
        kind => kind,
    };
    let is_taken = |kind| limits.iter().any(|row| row.types.iter().any(|m| m.kind() == kind));
    match kind {
        Kind::Captions => match planner.own() {
            Some(row) if row.max_bytes.is_none_or(|max| facts.size <= max) => Ok(None),
            _ => Err(NoPlan::NotReadable(media.label())),
        },
        kind if planner.own().is_none() && !is_taken(kind) => Err(NoPlan::KindNotAccepted(kind.word())),
        Kind::Image => planner.image(),
        Kind::Audio => planner.audio(),
        Kind::Video => planner.video(),
    }
}

/// Returns whether pictures of this type can be read whole.
fn can_read_picture(media: Media) -> bool {
    matches!(
        media,
        Media::Png
            | Media::Jpeg
            | Media::Webp
            | Media::Gif
            | Media::Bmp
            | Media::Tiff
            | Media::Heic
            | Media::Avif
    )
}

impl Planner<'_> {
    fn image(&self) -> Result<Option<FitPlan>, NoPlan> {
        let (facts, wishes) = (self.facts, self.wishes);
        let own = self.own();
        let is_over = own.and_then(|row| row.max_bytes).filter(|max| facts.size > *max);
        let sides = facts.pixels.zip(own.and_then(|row| row.pixels));
        let bad_sides = sides.filter(|((w, h), (min, max))| w.min(h) < min || w.max(h) > max);
        let is_wished = wishes.format.is_some_and(|format| format != self.media)
            || wishes.quality.is_some()
            || wishes.max_side.zip(facts.pixels).is_some_and(|(max, (w, h))| w.max(h) > max);
        let accepted = own.is_some();
        if accepted && is_over.is_none() && bad_sides.is_none() && !is_wished {
            return match wishes.strip {
                false => Ok(None),
                true if can_strip(self.media) => Ok(Some(self.stripped())),
                true if self.media == Media::Bmp => Ok(None), // it has none to speak of
                true => self.recoded_image(FitAim::Strip).map(Some),
            };
        }
        let aim = match (accepted, is_over, bad_sides) {
            (false, ..) => FitAim::Convert,
            (_, Some(max), _) => FitAim::Bytes(max),
            (_, _, Some((_, (_, max)))) => FitAim::Pixels(max),
            _ => match wishes.max_side {
                Some(max) if wishes.format.is_none_or(|format| format == self.media) => FitAim::Pixels(max),
                _ => FitAim::Convert,
            },
        };
        self.recoded_image(aim).map(Some)
    }

    fn recoded_image(&self, aim: FitAim) -> Result<FitPlan, NoPlan> {
        let (facts, wishes) = (self.facts, self.wishes);
        if !can_read_picture(self.media) {
            return Err(NoPlan::NotReadable(self.media.label()));
        }
        match facts.undecodable {
            Some(Undecodable::Feature) => return Err(NoPlan::UnknownFeature(self.media.label())),
            Some(Undecodable::TooManyPixels) => return Err(NoPlan::TooManyPixels),
            None => {}
        }
        let own = [self.media];
        let writes = |media: &Media| matches!(media, Media::Png | Media::Jpeg | Media::Webp);
        let keeps_type = matches!(aim, FitAim::Pixels(_) | FitAim::Strip) && writes(&self.media);
        let order: &[Media] = match (keeps_type, facts.transparent, aim) {
            (true, ..) => &own,
            (_, false, _) => &[Media::Jpeg, Media::Webp, Media::Png],
            (_, true, FitAim::Bytes(_)) => &[Media::Webp, Media::Png, Media::Jpeg],
            (_, true, _) => &[Media::Png, Media::Webp, Media::Jpeg],
        };
        let all = [Media::Jpeg, Media::Png, Media::Webp];
        let output = if wishes.format.is_some() { self.output(&all)? } else { self.output(order)? };
        let opaque = match wishes.format {
            None if !keeps_type && self.row(Media::Jpeg).is_some() => Media::Jpeg,
            _ => output,
        };
        let row = self.row(output);
        let limit = row.and_then(|row| row.pixels);
        if let Some((width, height)) = facts.pixels {
            if u64::from(width) * u64::from(height) > MAX_PIXELS {
                return Err(NoPlan::TooManyPixels);
            }
            if let Some((min, max)) = limit {
                if width.min(height) < min {
                    return Err(NoPlan::TooSmall(min));
                }
                let max = wishes.max_side.map_or(max, |side| side.min(max));
                let (w, h) = within((width, height), max);
                if w.min(h) < min {
                    return Err(NoPlan::TooNarrow(min));
                }
            }
        }
        let most = limit.map(|(_, max)| max);
        let max_side = most.into_iter().chain(wishes.max_side).min();
        let is_larger = |max: &u32| facts.pixels.is_none_or(|(width, height)| width.max(height) > *max);
        Ok(FitPlan {
            opaque_output: opaque,
            quality: wishes.quality.map(|quality| quality.clamp(1, 100)),
            max_side: max_side.filter(is_larger),
            first_frame: facts.animated,
            ..self.plain(aim, output)
        })
    }
}
