//! The line of a row that says how the file stands.

use std::time::{Duration, Instant};

use eframe::egui::{Response, Ui};
use jiff::{Timestamp, Zoned};
use lucide_icons::Icon;

use crate::session::api::{
    ChangeKind, Failure, FailureKind, FileFacts, FindingKind, FittedCopy, Inspection, Item, Kind,
    LocationPresence, State, preview, provider, text,
};
use crate::ui::failure_text::explain;
use crate::ui::theme::{self, tokens};
use crate::ui::view_context::ViewContext;
use crate::ui::widgets::{Cut, Tone, WithTip, cut_line, line, progress, tag, tag_ending};
use crate::ui::{throughput, time_format};

pub(super) fn provider_name(item: &Item) -> &'static str {
    provider::by_id(&item.request.destination.provider).map_or("the provider", |p| p.facts().name)
}

fn seconds_since(at: Timestamp, now: Timestamp) -> u64 {
    u64::try_from(now.duration_since(at).as_secs()).unwrap_or(0)
}

/// Height of a bar, and above and below it.
const BAR: [f32; 3] = [6.0, 4.0, 3.0];

/// Height of a tag, and above it.
const TAG: [f32; 2] = [2.0, 20.0];

/// How a file that is not asked for stands.
enum ReadyStatus {
    /// This stops it.
    Stopped(String),
    /// The same content is there already, or may be.
    SentBefore,
    /// A copy of it is being made: so many hundredths of it are.
    Fitting(u8),
    /// A copy goes in its place.
    Copy(String),
    /// This is worth knowing.
    Finding(Icon, String),
    /// It cannot be shown, so it may be damaged.
    Broken(String),
    /// There is something to say that is no reason to wait: that it goes elsewhere than what is added now, or who removes
    /// its location.
    Line(String),
    /// There is nothing to say of it.
    Plain,
}

/// How often a conversion is looked at.
const CONVERTING: Duration = Duration::from_millis(200);

/// Returns what a copy that goes in place of a file is: "JPEG copy · 5.9 MB".
fn copy_text(item: &Item) -> Option<String> {
    let facts = item.facts().filter(|_| item.request.copy.is_some())?;
    let changes = item.request.copy.iter().flat_map(|copy| &copy.changes);
    let cut = changes
        .filter(|change| change.kind == ChangeKind::Duration)
        .map(|change| format!(" of {}", change.to));
    let cut: String = cut.collect();
    let lost = item.request.copy.as_ref().is_some_and(|copy| copy.lost_metadata());
    let lost = if lost { " · metadata removed" } else { "" };
    let copy = format!("{}{cut}{lost} · {}", FittedCopy::label(facts), text::bytes(facts.size));
    let changes = item.request.copy.iter().flat_map(|copy| &copy.changes);
    let missing = changes.filter_map(|change| change.left_behind());
    let copy = missing.fold(copy, |copy, words| format!("{copy} · {words}"));
    let location = item.findings.iter().find(|finding| finding.kind == FindingKind::Location);
    Some(match location {
        Some(location) => format!("{copy} · {}", location.message.to_lowercase()),
        None => copy,
    })
}

/// Returns whether a file goes elsewhere than what is added now.
fn is_elsewhere(item: &Item, view: &ViewContext<'_>) -> bool {
    let chosen = view.session.keys.chosen();
    !chosen.is_some_and(|chosen| chosen.is_same_target(&item.request.destination))
}

/// Says who removes the location of a file that tells one, where that is its provider.
fn location_removed(item: &Item) -> Option<String> {
    let file = item.facts().filter(|file| file.location != LocationPresence::Absent)?;
    let facts = provider::by_id(&item.request.destination.provider)?.facts();
    let removes = facts.strips_file(file.recognised.media(), &item.request.destination.options);
    removes.then(|| format!("Location is removed by {}", facts.name))
}

fn ready_status(item: &Item, view: &ViewContext<'_>) -> ReadyStatus {
    if let Some(done) = view.session.uploads.fit_progress(item.request.id) {
        ReadyStatus::Fitting(done)
    } else if let Some(stop) = item.blocking_message() {
        ReadyStatus::Stopped(stop)
    } else if item.earlier.is_some() {
        ReadyStatus::SentBefore
    } else if let Some(copy) = copy_text(item) {
        ReadyStatus::Copy(copy)
    } else if let Some(finding) = item.findings.first() {
        let icon = match finding.kind {
            FindingKind::Location => Icon::MapPin,
            _ => Icon::TriangleAlert,
        };
        ReadyStatus::Finding(icon, finding.message.clone())
    } else if let Some(why) = is_broken(item, view) {
        ReadyStatus::Broken(why)
    } else {
        let to = &item.request.destination;
        let goes =
            is_elsewhere(item, view).then(|| format!("For {}", view.session.keys.destination_label(to)));
        let parts: Vec<_> = goes.into_iter().chain(location_removed(item)).collect();
        if parts.is_empty() { ReadyStatus::Plain } else { ReadyStatus::Line(parts.join(" · ")) }
    }
}

/// Returns how much room that takes below the facts, where a line of text takes this.
pub(super) fn height(item: &Item, view: &ViewContext<'_>, line: f32) -> f32 {
    match &item.state {
        State::Ready => match ready_status(item, view) {
            ReadyStatus::Plain => 0.0,
            ReadyStatus::Line(_) => line,
            ReadyStatus::Fitting(_) => BAR.iter().sum::<f32>() + line,
            _ => TAG.iter().sum(),
        },
        State::Sending { .. } | State::Sent { .. } => BAR.iter().sum::<f32>() + line,
        State::Waiting { until, why } if !is_rate_limit(*until, why.as_deref()) => line,
        State::Cancelled => line,
        _ => TAG.iter().sum(),
    }
}

/// Draws a tag below the facts.
fn tag_line(ui: &mut Ui, tone: Tone, icon: Icon, sentence: &str, width: f32) -> Response {
    ui.add_space(TAG[0]);
    tag(ui, tone, Some(icon), sentence, width)
}

/// Draws a bar below the facts, and a line below it.
fn bar_line(ui: &mut Ui, width: f32, share: f32, dimmed: bool, sentence: &str) {
    ui.add_space(BAR[0]);
    progress(ui, width.min(380.0), share, dimmed);
    ui.add_space(BAR[2]);
    line(ui, sentence, theme::secondary(), tokens(ui).dim);
}

/// Draws a tag below the facts, and an ID beside it.
fn tag_with_id(ui: &mut Ui, tone: Tone, icon: Icon, sentence: &str, width: f32, of: &str) -> Response {
    ui.add_space(TAG[0]);
    let row = ui.horizontal(|ui| {
        let tag = tag(ui, tone, Some(icon), sentence, width);
        id(ui, of);
        tag
    });
    row.inner
}

/// Draws how the file stands: what stops it, how far it is, or what came of it.
pub(super) fn show(ui: &mut Ui, item: &Item, view: &mut ViewContext<'_>, width: f32) {
    let t = tokens(ui);
    let now = Timestamp::now();
    let size = item.facts().map_or(0, |f| f.size);
    let small = theme::secondary();
    match &item.state {
        State::Ready => match ready_status(item, view) {
            ReadyStatus::Stopped(stop) => {
                tag_line(ui, Tone::Bad, Icon::CircleAlert, &stop, width);
            }
            ReadyStatus::SentBefore => sent_before(ui, item, width),
            ReadyStatus::Fitting(done) => {
                view.again_in(CONVERTING);
                bar_line(ui, width, f32::from(done) / 100.0, false, &format!("Converting · {done} %"));
            }
            ReadyStatus::Copy(copy) => {
                tag_line(ui, Tone::Neutral, Icon::WandSparkles, &copy, width);
            }
            ReadyStatus::Finding(icon, sentence) => {
                tag_line(ui, Tone::Warning, icon, &sentence, width);
            }
            ReadyStatus::Broken(why) => {
                tag_line(ui, Tone::Warning, Icon::TriangleAlert, &why, width)
                    .tip("The file can be sent anyway; the provider may refuse it");
            }
            ReadyStatus::Line(sentence) => _ = cut_line(ui, &sentence, Cut::End, (small, t.dim), width),
            ReadyStatus::Plain => {}
        },
        State::Waiting { until, why } => waiting(ui, *until, why.as_deref(), view, width),
        State::Sending { sent } => {
            let share = if size == 0 { 0.0 } else { *sent as f32 / size as f32 };
            let mut sentence = format!("{} of {}", text::bytes(*sent), text::bytes(size));
            if let Some(speed) = view.pace.of(item.request.id, Instant::now()) {
                sentence = format!("{sentence} · {}", throughput::label(speed, size.saturating_sub(*sent)));
            }
            bar_line(ui, width, share, false, &sentence);
        }
        State::Sent { at } => {
            view.again_in_a_second();
            let waited = text::duration(seconds_since(*at, now));
            let sentence = format!("Sent. Waiting for {} · {waited}", provider_name(item));
            bar_line(ui, width, 1.0, true, &sentence);
        }
        State::Processing { resting: true, .. } => {
            let sentence = "Still processing; this may never finish";
            tag_line(ui, Tone::Warning, Icon::Clock, sentence, width);
        }
        State::Processing { since, receipt, .. } => {
            view.again_in_a_second();
            let spent = text::duration(seconds_since(*since, now));
            let sentence = format!("Processing at {} · {spent}", provider_name(item));
            tag_with_id(ui, Tone::Neutral, Icon::Clock, &sentence, width, receipt.first());
        }
        State::Done(receipt) => {
            match receipt.warnings.first() {
                Some(warning) => {
                    let (icon, warning) = (Icon::TriangleAlert, text::sanitize(warning));
                    tag_with_id(ui, Tone::Warning, icon, &warning, width * 0.6, receipt.first())
                }
                None => tag_with_id(ui, Tone::Good, Icon::CircleCheck, "Uploaded", width, receipt.first()),
            };
        }
        State::Held(failure) => held(ui, failure, failure.until, view, width),
        State::Refused(failure) => {
            tag_line(ui, Tone::Bad, Icon::CircleAlert, &failure.message, width).tip(explain(failure));
        }
        State::Unknown(failure) => {
            let sentence = in_doubt(item, failure);
            tag_line(ui, Tone::Warning, Icon::CircleQuestionMark, &sentence, width).tip(explain(failure));
        }
        State::Cancelled => {
            line(ui, "Cancelled", small, t.dim);
        }
    }
}

/// Says why its outcome is unknown.
fn in_doubt(item: &Item, failure: &Failure) -> String {
    if item.awaits_late_reply() {
        return format!("Cancelled after it was sent: waiting for {}", provider_name(item));
    }
    match (&failure.receipt, failure.kind) {
        (Some(_), _) => text::sanitize(&failure.message), // there was an answer
        (None, FailureKind::CancelledLate) => "Cancelled after it was sent: it may exist".to_owned(),
        (None, _) => "Sent, but no answer: it may exist".to_owned(),
    }
}

/// Returns why an image cannot be shown that should be.
fn is_broken(item: &Item, view: &ViewContext<'_>) -> Option<String> {
    let media = item.facts()?.recognised.media()?;
    if media.kind() != Kind::Image || !preview::can_decode(media) {
        return None;
    }
    let why = view.thumbs.problem(item.request.id)?;
    why.is_of_file().then(|| why.to_string())
}

/// Returns whether a file waits for the end of a rate limit, and not for its next attempt.
fn is_rate_limit(until: Option<Timestamp>, why: Option<&Failure>) -> bool {
    until.is_some_and(|until| until > Timestamp::now()) && why.is_none_or(|why| why.kind.holds_account())
}

fn waiting(
    ui: &mut Ui,
    until: Option<Timestamp>,
    why: Option<&Failure>,
    view: &mut ViewContext<'_>,
    width: f32,
) {
    let now = Timestamp::now();
    let counted = until.filter(|until| *until > now);
    if counted.is_some() {
        view.again_in_a_second();
    }
    let left = counted.map(|until| text::clock(seconds_since(now, until) + 1)).unwrap_or_default();
    let response = if is_rate_limit(until, why) {
        ui.add_space(TAG[0]);
        let end = format!(" · retries in {left}");
        tag_ending(ui, Tone::Warning, Some(Icon::Clock), "Rate-limited", &end, width)
    } else {
        let sentence = match (counted, why) {
            (Some(_), Some(why)) => format!("{}. Retrying in {left}", why.message),
            _ => "Waiting".to_owned(),
        };
        line(ui, &sentence, theme::secondary(), tokens(ui).dim)
    };
    if let Some(why) = why {
        response.tip(explain(why));
    }
}

/// Draws that nothing goes there before a time, or before the user does something.
fn held(ui: &mut Ui, why: &Failure, until: Option<Timestamp>, view: &mut ViewContext<'_>, width: f32) {
    let now = Timestamp::now();
    let mut end = String::new();
    if let Some(until) = until.filter(|until| *until > now) {
        view.again_in_a_second();
        end = format!(" · {}", text::clock(seconds_since(now, until) + 1));
    }
    ui.add_space(TAG[0]);
    tag_ending(ui, Tone::Warning, Some(Icon::Clock), &why.message, &end, width).tip(explain(why));
}

/// Draws that the same content is at this destination already, or may be.
fn sent_before(ui: &mut Ui, item: &Item, width: f32) {
    let Some(earlier) = &item.earlier else { return };
    let mut sent = time_format::sent(earlier.requested, &Zoned::now());
    if let Some(facts) = item.facts().filter(|_| item.request.copy.is_some()) {
        sent = format!("{sent} as {}", FittedCopy::label(facts));
    }
    if item.tells_location() {
        sent = format!("{sent} · contains location");
    }
    let exactly = time_format::exactly(earlier.requested);
    match &earlier.receipt {
        Some(receipt) => {
            tag_with_id(ui, Tone::Neutral, Icon::History, &sent, width, receipt.first())
                .tip(format!("The same content was sent there on {exactly}"));
        }
        None => {
            let sentence = format!("{sent} without an answer: it may exist");
            tag_line(ui, Tone::Warning, Icon::CircleQuestionMark, &sentence, width)
                .tip(format!("The same content was sent there on {exactly}"));
        }
    }
}

fn id(ui: &mut Ui, id: &str) {
    if ui.available_width() < 100.0 {
        return; // a few letters tell nothing
    }
    let (look, room) = ((theme::id(), tokens(ui).text), ui.available_width());
    cut_line(ui, &text::sanitize(id), Cut::Middle, look, room);
}

/// Returns what is known of a file, in a line: "PNG · 1024 × 1024 · 2.1 MB".
pub(super) fn facts_line(item: &Item) -> String {
    // The file itself, where a copy goes in its place: what that is stands below until it goes.
    let original = item.request.copy.as_ref().and_then(|copy| copy.original_facts(&item.request.path));
    match (&item.inspection, original) {
        (Inspection::Failed(_), _) => String::new(),
        (Inspection::Ready(_), Some(facts)) => match copy_text(item).filter(|_| item.state != State::Ready) {
            Some(copy) => format!("{} · as {copy}", facts_text(&facts)),
            None => facts_text(&facts),
        },
        (Inspection::Ready(facts) | Inspection::Fitting(facts), _) => {
            let facts = facts_text(facts);
            // Of what was asked for nothing else says it.
            if (item.state.is_active() || item.state.receipt().is_some()) && item.tells_location() {
                format!("{facts} · with location")
            } else {
                facts
            }
        }
        _ => "Reading…".to_owned(),
    }
}

/// Returns the account that a file is for, where its provider has several, and nothing else of the row says it.
pub(super) fn account(item: &Item, view: &ViewContext<'_>) -> Option<String> {
    let (to, keys) = (&item.request.destination, &view.session.keys);
    let is_line = || item.state == State::Ready && matches!(ready_status(item, view), ReadyStatus::Line(_));
    if !keys.has_several(to) || is_elsewhere(item, view) && is_line() {
        return None;
    }
    Some(keys.short_account(to))
}

/// Returns facts in a line.
pub(in crate::ui) fn facts_text(facts: &FileFacts) -> String {
    let mut parts = vec![];
    parts.extend(facts.recognised.label().map(ToOwned::to_owned));
    if let Some((width, height)) = facts.pixels {
        parts.push(format!("{width} × {height}"));
    }
    if let Some(duration) = facts.duration {
        parts.push(text::playing_time(duration));
    }
    parts.push(text::bytes(facts.size));
    parts.join(" · ")
}

/// Returns a row as screen readers say it: name, facts and how it stands.
pub(in crate::ui) fn spoken(item: &Item) -> String {
    let stands = match &item.state {
        State::Ready if matches!(item.inspection, Inspection::Fitting(_)) => "being converted".to_owned(),
        State::Ready => match (item.blocking_message(), &item.earlier, item.findings.first()) {
            (Some(stop), ..) => stop,
            (None, Some(_), _) => "sent before".to_owned(),
            (None, None, _) if item.request.copy.is_some() => copy_text(item).unwrap_or_default(),
            (None, None, Some(finding)) => finding.message.clone(),
            (None, None, None) => item.state.name().to_owned(),
        },
        State::Waiting { .. } | State::Cancelled => item.state.name().to_owned(),
        State::Sending { .. } => "being sent".to_owned(),
        State::Sent { .. } => format!("sent, waiting for {}", provider_name(item)),
        State::Processing { .. } => format!("processing at {}", provider_name(item)),
        State::Done(_) => "uploaded".to_owned(),
        State::Held(failure) | State::Refused(failure) => text::sanitize(&failure.message),
        State::Unknown(failure) => in_doubt(item, failure),
    };
    let facts = facts_line(item);
    let parts = [item.name.as_str(), &facts, &stands];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::failures;
    use crate::model::item::Stage;
    use crate::model::samples;
    use crate::model::upload::UploadId;

    #[test]
    fn what_was_cancelled_after_its_last_byte_says_whether_an_answer_is_awaited() {
        let mut item = samples::item(UploadId(1), "a.png", samples::destination("piapi"));
        item.state = State::Unknown(Box::new(failures::cancelled_late()));
        item.stage = Stage::AwaitingLateReply;
        assert!(
            spoken(&item).ends_with("Cancelled after it was sent: waiting for PiAPI"),
            "{}",
            spoken(&item)
        );
        item.stage = Stage::Idle;
        assert!(spoken(&item).ends_with("Cancelled after it was sent: it may exist"), "{}", spoken(&item));
    }
}
