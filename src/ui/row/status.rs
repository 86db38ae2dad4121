//! The line of a row that says how the file stands.

use std::time::Instant;

use eframe::egui::Ui;
use jiff::{Timestamp, Zoned};
use lucide_icons::Icon;

use crate::session::api::{Failure, Inspection, Item, Kind, State, preview, provider, text};
use crate::ui::failure_text::explain;
use crate::ui::theme::{self, tokens};
use crate::ui::view_context::ViewContext;
use crate::ui::widgets::{Tone, fit_middle, line, progress, tag, tag_ending};
use crate::ui::{throughput, time_format};

pub(super) fn provider_name(item: &Item) -> &'static str {
    provider::by_id(&item.request.destination.provider).map_or("the provider", |p| p.facts().name)
}

fn seconds_since(at: Timestamp, now: Timestamp) -> u64 {
    u64::try_from(now.duration_since(at).as_secs()).unwrap_or(0)
}

/// Draws how the file stands: what stops it, how far it is, or what came of it.
pub(super) fn show(ui: &mut Ui, item: &Item, seen: &mut ViewContext<'_>, width: f32) {
    let t = tokens(ui);
    let now = Timestamp::now();
    let size = item.facts().map_or(0, |f| f.size);
    let small = theme::secondary();
    match &item.state {
        State::Ready => match (item.blocking_message(), item.findings.first()) {
            (Some(stop), _) => {
                tag(ui, Tone::Bad, Some(Icon::CircleAlert), &stop, width);
            }
            (None, _) if item.earlier.is_some() => sent_before(ui, item, width),
            (None, Some(finding)) => {
                tag(ui, Tone::Warning, Some(Icon::TriangleAlert), &finding.message, width);
            }
            (None, None) if is_broken(item, seen).is_some() => {
                let why = is_broken(item, seen).unwrap_or_default();
                tag(ui, Tone::Warning, Some(Icon::TriangleAlert), &why, width)
                    .on_hover_text("It can be sent anyway; the provider may refuse it");
            }
            (None, None) if seen.session.keys.chosen() != Some(&item.request.destination) => {
                line(ui, &format!("For {}", destination_text(item)), small, t.dim);
            }
            (None, None) => {}
        },
        State::Waiting { until, why } => waiting(ui, *until, why.as_deref(), seen, width),
        State::Sending { sent } => {
            let share = if size == 0 { 0.0 } else { *sent as f32 / size as f32 };
            progress(ui, width.min(380.0), share, false);
            let mut sentence = format!("{} of {}", text::bytes(*sent), text::bytes(size));
            if let Some(speed) = seen.pace.of(item.request.id, Instant::now()) {
                sentence = format!("{sentence} · {}", throughput::label(speed, size.saturating_sub(*sent)));
            }
            line(ui, &sentence, small, t.dim);
        }
        State::Sent { at } => {
            seen.again_in_a_second();
            progress(ui, width.min(380.0), 1.0, true);
            let sentence = format!(
                "Sent. Waiting for {} · {}",
                provider_name(item),
                text::duration(seconds_since(*at, now))
            );
            line(ui, &sentence, small, t.dim);
        }
        State::Processing { since, resting, receipt } => {
            if *resting {
                tag(ui, Tone::Warning, Some(Icon::Clock), "Still processing; this may never finish", width);
            } else {
                seen.again_in_a_second();
                ui.horizontal(|ui| {
                    let spent = text::duration(seconds_since(*since, now));
                    tag(
                        ui,
                        Tone::Neutral,
                        Some(Icon::Clock),
                        &format!("Processing at {} · {spent}", provider_name(item)),
                        width,
                    );
                    id(ui, receipt.first());
                });
            }
        }
        State::Done(receipt) => {
            ui.horizontal(|ui| {
                if let Some(warning) = receipt.warnings.first() {
                    tag(ui, Tone::Warning, Some(Icon::TriangleAlert), &text::sanitize(warning), width * 0.6);
                } else {
                    tag(ui, Tone::Good, Some(Icon::CircleCheck), "Uploaded", width);
                }
                id(ui, receipt.first());
            });
        }
        State::Held(failure) => held(ui, failure, failure.until, seen, width),
        State::Refused(failure) => {
            tag(ui, Tone::Bad, Some(Icon::CircleAlert), &failure.message, width)
                .on_hover_text(explain(failure));
        }
        State::Unknown(failure) => {
            let sentence = in_doubt(failure);
            tag(ui, Tone::Warning, Some(Icon::CircleQuestionMark), &sentence, width)
                .on_hover_text(explain(failure));
        }
        State::Cancelled => {
            line(ui, "Cancelled", small, t.dim);
        }
    }
}

/// Says why its outcome is unknown.
fn in_doubt(failure: &Failure) -> String {
    match failure.receipt {
        Some(_) => text::sanitize(&failure.message), // there was an answer
        None => "Sent, but no answer: it may exist".to_owned(),
    }
}

/// Returns why an image cannot be shown that should be.
fn is_broken(item: &Item, seen: &ViewContext<'_>) -> Option<String> {
    let media = item.facts()?.recognised.media()?;
    if media.kind() != Kind::Image || !preview::can_decode(media) {
        return None;
    }
    seen.thumbs.problem(item.request.id).map(str::to_owned)
}

fn waiting(
    ui: &mut Ui,
    until: Option<Timestamp>,
    why: Option<&Failure>,
    seen: &mut ViewContext<'_>,
    width: f32,
) {
    let now = Timestamp::now();
    let sentence = match (until.filter(|until| *until > now), why) {
        (Some(until), why) if why.is_none_or(|why| why.kind.holds_account()) => {
            seen.again_in_a_second();
            let end = format!(" · retries in {}", text::clock(seconds_since(now, until) + 1));
            let tag = tag_ending(ui, Tone::Warning, Some(Icon::Clock), "Rate-limited", &end, width);
            if let Some(why) = why {
                tag.on_hover_text(explain(why));
            }
            return;
        }
        (Some(until), Some(why)) => {
            seen.again_in_a_second();
            format!("{}. Retrying in {}", why.message, text::clock(seconds_since(now, until) + 1))
        }
        _ => "Waiting".to_owned(),
    };
    let label = line(ui, &sentence, theme::secondary(), tokens(ui).dim);
    if let Some(why) = why {
        label.on_hover_text(explain(why));
    }
}

/// Draws that nothing goes there before a time, or before the user does something.
fn held(ui: &mut Ui, why: &Failure, until: Option<Timestamp>, seen: &mut ViewContext<'_>, width: f32) {
    let now = Timestamp::now();
    let mut end = String::new();
    if let Some(until) = until.filter(|until| *until > now) {
        seen.again_in_a_second();
        end = format!(" · {}", text::clock(seconds_since(now, until) + 1));
    }
    tag_ending(ui, Tone::Warning, Some(Icon::Clock), &why.message, &end, width).on_hover_text(explain(why));
}

/// Draws that the same content is at this destination already, or may be.
fn sent_before(ui: &mut Ui, item: &Item, width: f32) {
    let Some(earlier) = &item.earlier else { return };
    let sent = time_format::sent(earlier.asked, &Zoned::now());
    let exactly = time_format::exactly(earlier.asked);
    match &earlier.receipt {
        Some(receipt) => {
            ui.horizontal(|ui| {
                tag(ui, Tone::Neutral, Some(Icon::History), &sent, width)
                    .on_hover_text(format!("The same content was sent there on {exactly}"));
                id(ui, receipt.first());
            });
        }
        None => {
            let sentence = format!("{sent} without an answer: it may exist");
            tag(ui, Tone::Warning, Some(Icon::CircleQuestionMark), &sentence, width)
                .on_hover_text(format!("The same content was sent there on {exactly}"));
        }
    }
}

fn id(ui: &mut Ui, id: &str) {
    if ui.available_width() < 60.0 {
        return; // a few letters tell nothing
    }
    let shown = fit_middle(ui, &text::sanitize(id), &theme::id(), ui.available_width());
    line(ui, &shown, theme::id(), tokens(ui).text);
}

fn destination_text(item: &Item) -> String {
    match &item.request.destination.account {
        Some(account) => format!("{} · {account}", provider_name(item)),
        None => provider_name(item).to_owned(),
    }
}

/// Returns what is known of a file, in a line: "PNG · 1024 × 1024 · 2.1 MB".
pub(super) fn facts_line(item: &Item) -> String {
    match &item.inspection {
        Inspection::Failed(_) => String::new(),
        Inspection::Ready(facts) => {
            let mut parts = vec![];
            parts.extend(facts.recognised.label().map(ToOwned::to_owned));
            if let Some((width, height)) = facts.pixels {
                parts.push(format!("{width} × {height}"));
            }
            if let Some(length) = facts.length {
                parts.push(text::length(length));
            }
            parts.push(text::bytes(facts.size));
            parts.join(" · ")
        }
        _ => "Reading…".to_owned(),
    }
}

/// Returns a row as screen readers say it: name, facts and how it stands.
pub(in crate::ui) fn spoken(item: &Item) -> String {
    let stands = match &item.state {
        State::Ready => match (item.blocking_message(), &item.earlier, item.findings.first()) {
            (Some(stop), ..) => stop,
            (None, Some(_), _) => "sent before".to_owned(),
            (None, None, Some(finding)) => finding.message.clone(),
            (None, None, None) => item.state.name().to_owned(),
        },
        State::Waiting { .. } | State::Cancelled => item.state.name().to_owned(),
        State::Sending { .. } => "being sent".to_owned(),
        State::Sent { .. } => format!("sent, waiting for {}", provider_name(item)),
        State::Processing { .. } => format!("processing at {}", provider_name(item)),
        State::Done(_) => "uploaded".to_owned(),
        State::Held(failure) | State::Refused(failure) => text::sanitize(&failure.message),
        State::Unknown(failure) => in_doubt(failure),
    };
    let facts = facts_line(item);
    let parts = [item.name.as_str(), &facts, &stands];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}
