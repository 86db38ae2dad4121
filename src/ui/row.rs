//! One file of the queue.

use std::time::Instant;

use eframe::egui::{
    self, Align, Align2, CornerRadius, Layout, Popup, Rect, Role, Sense, StrokeKind, Ui, UiBuilder,
    WidgetInfo, pos2, vec2,
};
use jiff::Timestamp;
use lucide_icons::Icon;

use super::action::{Action, Copied};
use super::app::Seen;
use super::theme::{self, RADIUS_ROW, tokens};
use super::thumbs;
use super::widgets::{Button, Tone, Weight, fit_end, fit_middle, line, progress, tag};
use crate::model::error::FailureKind;
use crate::model::media::{Kind, Recognised};
use crate::model::queue::{Check, Gravity, Item};
use crate::model::text;
use crate::model::upload::State;
use crate::provider;
use crate::provider::check::findings;

/// Height of a row; the gap to the next one is `GAP`.
pub(super) const HEIGHT: f32 = 74.0;
pub(super) const GAP: f32 = 4.0;

const THUMB: f32 = 56.0;

/// What is known of a file, in a line: "PNG · 1024 × 1024 · 2.1 MB".
fn facts_line(item: &Item) -> String {
    match &item.check {
        Check::Looking => "Looking…".to_owned(),
        Check::Problem(_) => String::new(),
        Check::Facts(facts) => {
            let mut parts = vec![];
            match facts.recognised {
                Recognised::Known(media) => parts.push(media.label().to_owned()),
                Recognised::Other(mime) => parts.push(mime.to_owned()),
                Recognised::Unknown => {}
            }
            if let Some((width, height)) = facts.pixels {
                parts.push(format!("{width} × {height}"));
            }
            parts.push(text::bytes(facts.size));
            parts.join(" · ")
        }
    }
}

/// Draws a row.
pub(super) fn show(ui: &mut Ui, rect: Rect, item: &Item, seen: &mut Seen<'_>, actions: &mut Vec<Action>) {
    let t = tokens(ui);
    let response = ui.interact(rect, ui.scope_id().with(("row", item.id.0)), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::ListItem, true, &item.name));
    if response.contains_pointer() {
        let stroke = egui::Stroke::new(1.0, t.line);
        ui.painter().rect(rect, CornerRadius::same(RADIUS_ROW), t.raised, stroke, StrokeKind::Inside);
    }
    let thumb = Rect::from_min_size(rect.min + vec2(10.0, (HEIGHT - THUMB) / 2.0), vec2(THUMB, THUMB));
    picture(ui, thumb, item, seen);

    let inner = Rect::from_min_max(
        pos2(rect.left() + 80.0, rect.top() + 9.0),
        pos2(rect.right() - 12.0, rect.bottom() - 6.0),
    );
    let mut buttons = ui.new_child(
        UiBuilder::new()
            .id_salt(("buttons", item.id.0))
            .max_rect(inner)
            .layout(Layout::right_to_left(Align::Center)),
    );
    show_buttons(&mut buttons, item, seen, actions);
    let left = Rect::from_min_max(inner.min, pos2(buttons.min_rect().left() - 12.0, inner.bottom()));
    let mut words = ui.new_child(
        UiBuilder::new().id_salt(("words", item.id.0)).max_rect(left).layout(Layout::top_down(Align::LEFT)),
    );
    words.spacing_mut().item_spacing.y = 1.0;
    let name = fit_middle(&words, &item.name, &theme::medium(13.0), left.width());
    let cut = name != item.name;
    let label = line(&mut words, &name, theme::medium(13.0), t.text);
    if cut {
        label.on_hover_text(&item.name);
    }
    let facts = fit_end(&words, &facts_line(item), &theme::regular(12.0), left.width());
    line(&mut words, &facts, theme::regular(12.0), t.dim);
    words.add_space(2.0);
    status(&mut words, item, seen, left.width());
}

fn picture(ui: &mut Ui, rect: Rect, item: &Item, seen: &mut Seen<'_>) {
    let t = tokens(ui);
    let media = item.facts().and_then(|f| f.recognised.media());
    let kind = media.map(crate::model::media::Media::kind);
    ui.painter().rect_filled(rect, CornerRadius::same(8), t.control);
    if kind == Some(Kind::Image)
        && let Some(texture) = seen.thumbs.get(item.id, || seen.session.want_picture(item.id, thumbs::SIDE))
    {
        egui::Image::from_texture(texture).corner_radius(CornerRadius::same(8)).paint_at(ui, rect);
        return;
    }
    let icon = match kind {
        Some(Kind::Image) => Icon::Image,
        Some(Kind::Audio) => Icon::Music2,
        Some(Kind::Video) => Icon::Film,
        Some(Kind::Captions) => Icon::Captions,
        None => Icon::File,
    };
    ui.painter().text(rect.center(), Align2::CENTER_CENTER, icon.unicode(), theme::icons(20.0), t.dim);
}

fn service_name(item: &Item) -> &'static str {
    provider::by_id(&item.destination.provider).map_or("the service", |p| p.facts().name)
}

fn seconds_since(at: Timestamp, now: Timestamp) -> u64 {
    u64::try_from(now.duration_since(at).as_secs()).unwrap_or(0)
}

fn status(ui: &mut Ui, item: &Item, seen: &mut Seen<'_>, width: f32) {
    let t = tokens(ui);
    let now = Timestamp::now();
    let size = item.facts().map_or(0, |f| f.size);
    let small = theme::regular(12.0);
    match &item.state {
        State::Ready => match (item.stop(), item.findings.first()) {
            (Some(stop), _) => {
                tag(ui, Tone::Bad, Some(Icon::CircleAlert), &stop, width);
            }
            (None, Some(finding)) => {
                tag(ui, Tone::Warning, Some(Icon::TriangleAlert), &finding.sentence, width);
            }
            (None, None) if seen.session.chosen() != Some(&item.destination) => {
                line(ui, &format!("For {}", place(item)), small, t.dim);
            }
            (None, None) => {}
        },
        State::Waiting { until, why } => {
            let words = match (until.filter(|until| *until > now), why) {
                (Some(until), why) => {
                    seen.again_in_a_second();
                    let left = text::clock(seconds_since(now, until) + 1);
                    match why.as_ref().filter(|why| why.kind != FailureKind::RateLimited) {
                        Some(why) => format!("{}. Trying again in {left}", why.message),
                        None => format!("Waiting: {} takes more in {left}", service_name(item)),
                    }
                }
                (None, _) => "Waiting".to_owned(),
            };
            let label = line(ui, &words, small, t.dim);
            if let Some(why) = why {
                label.on_hover_text(explain(why));
            }
        }
        State::Sending { sent } => {
            let share = if size == 0 { 0.0 } else { *sent as f32 / size as f32 };
            progress(ui, width.min(380.0), share, false);
            let mut words = format!("{} of {}", text::bytes(*sent), text::bytes(size));
            if let Some(speed) = seen.pace.of(item.id, Instant::now()) {
                words = format!("{words} · {}", super::pace::words(speed, size.saturating_sub(*sent)));
            }
            line(ui, &words, small, t.dim);
        }
        State::Sent { at } => {
            seen.again_in_a_second();
            progress(ui, width.min(380.0), 1.0, true);
            let words = format!(
                "Sent. Waiting for {} · {}",
                service_name(item),
                text::duration(seconds_since(*at, now))
            );
            line(ui, &words, small, t.dim);
        }
        State::Processing { since, resting, receipt } => {
            if *resting {
                tag(
                    ui,
                    Tone::Warning,
                    Some(Icon::Clock),
                    "Still processing there, this may never finish",
                    width,
                );
            } else {
                seen.again_in_a_second();
                ui.horizontal(|ui| {
                    let spent = text::duration(seconds_since(*since, now));
                    tag(
                        ui,
                        Tone::Neutral,
                        Some(Icon::Clock),
                        &format!("Processing at {} · {spent}", service_name(item)),
                        width,
                    );
                    id(ui, receipt.first());
                });
            }
        }
        State::Done(receipt) => {
            ui.horizontal(|ui| {
                if let Some(warning) = receipt.warnings.first() {
                    tag(ui, Tone::Warning, Some(Icon::TriangleAlert), &text::harmless(warning), width * 0.6);
                } else {
                    tag(ui, Tone::Good, Some(Icon::CircleCheck), "Uploaded", width);
                }
                id(ui, receipt.first());
            });
        }
        State::Held(failure) => {
            let mut words = failure.message.clone();
            if let Some(until) = failure.until.filter(|until| *until > now) {
                seen.again_in_a_second();
                words = format!("{words} · {}", text::clock(seconds_since(now, until) + 1));
            }
            tag(ui, Tone::Warning, Some(Icon::Clock), &words, width).on_hover_text(explain(failure));
        }
        State::Refused(failure) => {
            tag(ui, Tone::Bad, Some(Icon::CircleAlert), &failure.message, width)
                .on_hover_text(explain(failure));
        }
        State::Unknown(failure) => {
            let words = "Sent, but no answer: it may exist";
            tag(ui, Tone::Warning, Some(Icon::CircleQuestionMark), words, width)
                .on_hover_text(explain(failure));
        }
        State::Cancelled => {
            line(ui, "Cancelled", small, t.dim);
        }
    }
}

/// What happened, the service's words, the next step.
fn explain(failure: &crate::model::error::Failure) -> String {
    let said =
        failure.said.as_ref().map(|s| format!("\nIt says: “{}”", text::harmless(s))).unwrap_or_default();
    let support = failure
        .support
        .as_ref()
        .map(|s| format!("\nFor its support: {}", text::harmless(s)))
        .unwrap_or_default();
    format!("{}.{said}{support}\n{}.", failure.message, failure.next)
}

fn id(ui: &mut Ui, id: &str) {
    let shown = fit_middle(ui, &text::harmless(id), &theme::mono(12.0), ui.available_width());
    line(ui, &shown, theme::mono(12.0), tokens(ui).text);
}

fn place(item: &Item) -> String {
    match &item.destination.account {
        Some(account) => format!("{} · {account}", service_name(item)),
        None => service_name(item).to_owned(),
    }
}

fn show_buttons(ui: &mut Ui, item: &Item, seen: &mut Seen<'_>, actions: &mut Vec<Action>) {
    ui.spacing_mut().item_spacing.x = 6.0;
    let name = &item.name;
    if item.state.is_active() {
        if Button::icon_only(Icon::X, &format!("Cancel {name}")).show(ui).clicked() {
            actions.push(Action::Cancel(item.id));
        }
    } else if Button::icon_only(Icon::X, &format!("Remove {name}")).show(ui).clicked() {
        actions.push(Action::Remove(item.id));
    }
    let again = |ui: &mut Ui, label: &str, actions: &mut Vec<Action>| {
        if Button::new(Weight::Secondary, label).named(&format!("{label}: {name}")).show(ui).clicked() {
            actions.push(Action::SendAgain(item.id));
        }
    };
    match &item.state {
        State::Done(receipt) | State::Processing { receipt, .. } => {
            if item.state.is_resting() {
                let label = "Look again";
                if Button::new(Weight::Secondary, label).named(&format!("{label}: {name}")).show(ui).clicked()
                {
                    actions.push(Action::LookAgain(item.id));
                }
            }
            if let (Some(_), Some(url)) = (&receipt.id, &receipt.url) {
                copy(ui, item, "Copy link", Copied::Link, url, seen, actions);
            }
            copy(ui, item, receipt.copy_label(), Copied::First, receipt.first(), seen, actions);
        }
        State::Held(_) | State::Refused(_) => {
            again(ui, "Try again", actions);
            send_to(ui, item, seen, actions);
        }
        State::Unknown(_) => {
            if !item.sent_again {
                again(ui, "Send again", actions);
            }
            // The cross beside it does the same; named so, the choice can be seen.
            if Button::new(Weight::Secondary, "Leave it")
                .named(&format!("Leave it: {name}"))
                .show(ui)
                .clicked()
            {
                actions.push(Action::Remove(item.id));
            }
        }
        State::Cancelled => {
            let label = "Add back";
            if Button::new(Weight::Secondary, label).named(&format!("{label}: {name}")).show(ui).clicked() {
                actions.push(Action::AddBack(item.id));
            }
        }
        State::Ready if item.findings.iter().any(|f| f.gravity == Gravity::Stop) => {
            send_to(ui, item, seen, actions);
        }
        _ => {}
    }
}

fn copy(
    ui: &mut Ui,
    item: &Item,
    label: &'static str,
    which: Copied,
    text: &str,
    seen: &mut Seen<'_>,
    actions: &mut Vec<Action>,
) {
    let done = seen.copied.is_some_and(|(id, w, _)| id == item.id && w == which);
    let (icon, shown) = if done { (Icon::Check, "Copied") } else { (Icon::Copy, label) };
    let name = format!("{shown}: {}", item.name);
    if Button::new(Weight::Secondary, shown).icon(icon).named(&name).show(ui).clicked() {
        actions.push(Action::Copy(item.id, which, text.to_owned()));
    }
}

/// The destinations that take this file, in a menu.
fn send_to(ui: &mut Ui, item: &Item, seen: &Seen<'_>, actions: &mut Vec<Action>) {
    let Some(facts) = item.facts() else { return };
    let takes = |d: &crate::model::destination::Destination| {
        let provider = provider::by_id(&d.provider)?;
        let stops = findings(provider.facts(), facts, d).iter().any(|f| f.gravity == Gravity::Stop);
        (!stops).then_some(provider.facts())
    };
    let others: Vec<_> = seen
        .session
        .destinations()
        .iter()
        .enumerate()
        .filter(|(_, d)| **d != item.destination)
        .filter_map(|(place, d)| takes(d).map(|facts| (place, d, facts)))
        .collect();
    if others.is_empty() {
        return;
    }
    let name = format!("Send to…: {}", item.name);
    let response = Button::new(Weight::Secondary, "Send to…").named(&name).show(ui);
    Popup::menu(&response).show(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        for (place, destination, facts) in others {
            let label = format!("{} · {}", facts.name, destination.account_label());
            if Button::new(Weight::Quiet, &label).icon(facts.mark.icon).show(ui).clicked() {
                actions.push(Action::SendTo(item.id, place));
                ui.close();
            }
        }
    });
}
