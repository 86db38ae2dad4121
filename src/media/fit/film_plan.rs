//! The plan of a copy that is made at once: ffprobe is asked for what a container does not say.

use std::sync::atomic::AtomicBool;

use super::plan::plan;
use super::tools::Tools;
use crate::media::ffprobe;
use crate::model::fit::{FitAim, FitPlan, FitWishes, NoPlan, Recoding, TypeLimits};
use crate::model::media::{FileFacts, Kind};

/// Returns how a copy is made, as [`plan`] does, and completes the facts that it is made of.
pub fn plan_at_once(
    facts: &mut FileFacts,
    limits: &[TypeLimits],
    wishes: &FitWishes,
    stop: &AtomicBool,
) -> Result<Option<FitPlan>, NoPlan> {
    ffprobe::complete(facts, stop);
    let first = plan(facts, limits, wishes, Tools::after_ffprobe())?;
    let is_stripped = |plan: &FitPlan| plan.aim == FitAim::Strip && plan.recoding == Recoding::Nothing;
    let is_film = |plan: &FitPlan| plan.output.kind() == Kind::Video && !is_stripped(plan);
    if !first.as_ref().is_some_and(is_film) {
        return Ok(first);
    }
    ffprobe::film(facts, stop);
    plan(facts, limits, wishes, Tools::after_ffprobe())
}
