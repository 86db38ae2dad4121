//! Copies as remedies: what a destination's table says of a file, and with each finding the plan that answers it. Decided
//! once, so that window, terminal and agents name the same.

use crate::media::fit::{Tools, can_strip, plan};
use crate::model::destination::Destination;
use crate::model::error::FailureKind;
use crate::model::fit::{FitPlan, FitWishes};
use crate::model::item::{Finding, FindingKind, Item, Severity};
use crate::model::media::{DetectedType, FileFacts, LocationPresence, Media};
use crate::model::upload::State;
use crate::provider::spec::ProviderSpec;
use crate::provider::{self, check};

/// Lists every finding for a file at a destination, the gravest first, with its remedy where a copy answers it by what is
/// installed here. The file need not be in a queue.
pub fn findings(spec: &ProviderSpec, file: &FileFacts, destination: &Destination) -> Vec<Finding> {
    findings_with(spec, file, destination, Tools::installed())
}

/// Lists the same, with these programs of others.
pub(super) fn findings_with(
    spec: &ProviderSpec,
    file: &FileFacts,
    destination: &Destination,
    tools: Tools,
) -> Vec<Finding> {
    let mut all = check::findings(spec, file, destination);
    let rules = &destination.fit.wishes;
    for finding in &mut all {
        let wishes = match (finding.severity, finding.kind) {
            (_, FindingKind::Location) => FitWishes { strip: true, ..rules.clone() },
            (
                Severity::Error,
                FindingKind::Type | FindingKind::Size | FindingKind::Duration | FindingKind::Dimensions,
            ) => rules.clone(),
            _ => continue,
        };
        match plan(file, &spec.limits(), &wishes, tools) {
            Ok(Some(plan)) => {
                finding.hint = match finding.severity {
                    Severity::Error => format!("{}, or send it somewhere else", plan.label()),
                    Severity::Warning => format!("{}, or Hoist sends it along", plan.label()),
                };
                finding.remedy = Some(plan);
            }
            Err(why) if why.is_news() && finding.severity == Severity::Error => {
                finding.hint = format!("{why}. {}", finding.hint);
            }
            Ok(None) | Err(_) => {}
        }
    }
    all
}

/// Returns whether a copy that a provider accepts can be made of files of this type, as far as their type tells.
pub(super) fn can_convert(media: Media, spec: &ProviderSpec) -> bool {
    let file = FileFacts { recognised: DetectedType::Known(media), size: 1, ..FileFacts::default() };
    matches!(plan(&file, &spec.limits(), &FitWishes::default(), Tools::installed()), Ok(Some(_)))
}

/// Returns the plan that answers everything that stops a file, where there is one: what *Fix* does.
pub fn fix(item: &Item) -> Option<&FitPlan> {
    let mut stops = open_findings(item).filter(|finding| finding.severity == Severity::Error);
    let first = stops.next()?.remedy.as_ref()?;
    stops.all(|finding| finding.remedy.is_some()).then_some(first)
}

/// Returns the plan that a file's row offers: what answers its stops, else what is worth knowing where nothing stops it.
pub fn offered(item: &Item) -> Option<&FitPlan> {
    match item.is_blocked() {
        true => fix(item),
        false => open_findings(item).find_map(|finding| finding.remedy.as_ref()),
    }
}

/// Returns how the copy is made that a file offers, by its destination's rules.
pub fn wishes_offered(item: &Item) -> FitWishes {
    let rules = &item.request.destination.fit.wishes;
    FitWishes { strip: rules.strip || offered(item).is_some_and(|plan| plan.strip), ..rules.clone() }
}

/// Who takes metadata out of a file that was refused for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stripping {
    /// The provider, by an option of the destination that is off so far.
    Provider,
    /// Hoist, in a copy.
    Hoist,
}

/// Returns who would take metadata out of a refused file: Hoist where its destination has that as a rule, else the provider
/// where it can. None where both did already, or none can.
pub(super) fn stripping(item: &Item) -> Option<Stripping> {
    let destination = &item.request.destination;
    let spec = provider::by_id(&destination.provider)?.facts();
    let by_provider = (spec.strips(&destination.options) == Some(false)).then_some(Stripping::Provider);
    let was_stripped = item.request.copy.as_ref().is_some_and(|copy| copy.wishes.strip);
    let media = item.facts().and_then(|facts| facts.recognised.media());
    let by_hoist = (!was_stripped && media.is_some_and(can_strip)).then_some(Stripping::Hoist);
    if destination.fit.wishes.strip { by_hoist.or(by_provider) } else { by_provider.or(by_hoist) }
}

/// Returns how the copy is made that says no more where its file was taken, of a file that says it and goes as it is: also
/// where the provider would remove that, once it has the file.
pub fn without_location(item: &Item) -> Option<FitWishes> {
    let file = item.facts().filter(|file| file.location != LocationPresence::Absent)?;
    let waits = matches!(item.state, State::Ready | State::Waiting { .. });
    let is_free = waits && item.request.copy.is_none() && !item.is_blocked();
    let can = file.recognised.media().is_some_and(can_strip);
    (is_free && can).then(|| FitWishes { strip: true, ..item.request.destination.fit.wishes.clone() })
}

/// Lists the findings of a file that waits for Upload or its turn, or was stopped by them when that came.
fn open_findings(item: &Item) -> impl Iterator<Item = &Finding> {
    let is_open = match &item.state {
        State::Ready => true,
        State::Waiting { .. } => !item.is_blocked(),
        State::Refused(failure) => failure.kind == FailureKind::File,
        _ => false,
    };
    item.findings.iter().filter(move |_| is_open)
}
