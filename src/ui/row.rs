//! One file of the queue.

use std::time::Instant;

use eframe::egui::{
    self, Align, Align2, CornerRadius, Layout, Popup, Rect, Role, Sense, StrokeKind, Ui, UiBuilder,
    WidgetInfo, pos2, vec2,
};
use jiff::{Timestamp, Zoned};
use lucide_icons::Icon;

use super::action::{Action, Copied};
use super::app::Seen;
use super::moments;
use super::theme::{self, RADIUS_ROW, tokens};
use super::thumbs;
use super::widgets::{Button, Tone, Weight, fit_end, fit_middle, line, menu_item, progress, tag, tag_ending};
use crate::model::error::{Failure, FailureKind};
use crate::model::media::{FileFacts, Kind, Recognised};
use crate::model::queue::{Check, Gravity, Item};
use crate::model::receipt::Receipt;
use crate::model::text;
use crate::model::upload::State;
use crate::provider;
use crate::provider::check::findings;

/// Height of a row; the gap to the next one is `GAP`.
pub(super) const HEIGHT: f32 = 74.0;
pub(super) const GAP: f32 = 4.0;

const THUMB: f32 = 56.0;

/// In narrower rows a button is its icon alone, if it has one.
const COMPACT: f32 = 520.0;

/// To know before a file is sent once more.
const SECOND_COPY: &str = "may make a second copy";

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
    file_picture(ui, thumb, item.facts(), |side| {
        seen.thumbs.get(item.id, || seen.session.want_picture(item.id, side))
    });

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
    show_buttons(&mut buttons, item, rect.width() < COMPACT, seen, actions);
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

/// A file's small picture, or what kind of file it is. `get` has the picture, at most so many pixels a side.
pub(super) fn file_picture<'a>(
    ui: &mut Ui,
    rect: Rect,
    facts: Option<&FileFacts>,
    get: impl FnOnce(u32) -> Option<&'a egui::TextureHandle>,
) {
    let t = tokens(ui);
    let kind = facts.and_then(|f| f.recognised.media()).map(crate::model::media::Media::kind);
    ui.painter().rect_filled(rect, CornerRadius::same(8), t.control);
    if kind == Some(Kind::Image)
        && let Some(texture) = get(thumbs::SIDE)
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
    let size = (rect.height() * 0.36).max(15.0);
    ui.painter().text(rect.center(), Align2::CENTER_CENTER, icon.unicode(), theme::icons(size), t.dim);
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
            (None, _) if item.earlier.is_some() => sent_before(ui, item, width),
            (None, Some(finding)) => {
                tag(ui, Tone::Warning, Some(Icon::TriangleAlert), &finding.sentence, width);
            }
            (None, None) if seen.session.chosen() != Some(&item.destination) => {
                line(ui, &format!("For {}", place(item)), small, t.dim);
            }
            (None, None) => {}
        },
        State::Waiting { until, why } => waiting(ui, item, *until, why.as_deref(), seen, width),
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
        State::Held(failure) => held(ui, failure, failure.until, seen, width),
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

fn waiting(
    ui: &mut Ui,
    item: &Item,
    until: Option<Timestamp>,
    why: Option<&Failure>,
    seen: &mut Seen<'_>,
    width: f32,
) {
    let now = Timestamp::now();
    let words = match (until.filter(|until| *until > now), why) {
        (Some(_), Some(why)) if why.kind == FailureKind::RateLimited => {
            held(ui, why, until, seen, width);
            return;
        }
        (Some(until), why) => {
            seen.again_in_a_second();
            let left = text::clock(seconds_since(now, until) + 1);
            match why {
                Some(why) => format!("{}. Trying again in {left}", why.message),
                None => format!("Waiting: {} takes more in {left}", service_name(item)),
            }
        }
        (None, _) => "Waiting".to_owned(),
    };
    let label = line(ui, &words, theme::regular(12.0), tokens(ui).dim);
    if let Some(why) = why {
        label.on_hover_text(explain(why));
    }
}

/// Nothing goes there before a time, or before the user does something.
fn held(ui: &mut Ui, why: &Failure, until: Option<Timestamp>, seen: &mut Seen<'_>, width: f32) {
    let now = Timestamp::now();
    let mut end = String::new();
    if let Some(until) = until.filter(|until| *until > now) {
        seen.again_in_a_second();
        end = format!(" · {}", text::clock(seconds_since(now, until) + 1));
    }
    tag_ending(ui, Tone::Warning, Some(Icon::Clock), &why.message, &end, width).on_hover_text(explain(why));
}

/// The same content is at this destination already, or may be.
fn sent_before(ui: &mut Ui, item: &Item, width: f32) {
    let Some(earlier) = &item.earlier else { return };
    let sent = moments::sent(earlier.asked, &Zoned::now());
    let exactly = moments::exactly(earlier.asked);
    match &earlier.receipt {
        Some(receipt) => {
            ui.horizontal(|ui| {
                tag(ui, Tone::Neutral, Some(Icon::History), &sent, width)
                    .on_hover_text(format!("The same content was sent there on {exactly}"));
                id(ui, receipt.first());
            });
        }
        None => {
            let words = format!("{sent} without an answer: it may exist");
            tag(ui, Tone::Warning, Some(Icon::CircleQuestionMark), &words, width)
                .on_hover_text(format!("The same content was sent there on {exactly}"));
        }
    }
}

/// What happened, the service's words, the next step.
pub(super) fn explain(failure: &Failure) -> String {
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
    if ui.available_width() < 60.0 {
        return; // a few letters tell nothing
    }
    let shown = fit_middle(ui, &text::harmless(id), &theme::mono(12.0), ui.available_width());
    line(ui, &shown, theme::mono(12.0), tokens(ui).text);
}

fn place(item: &Item) -> String {
    match &item.destination.account {
        Some(account) => format!("{} · {account}", service_name(item)),
        None => service_name(item).to_owned(),
    }
}

/// A restored file that is another one now.
fn has_changed(item: &Item) -> bool {
    item.state == State::Ready && item.as_added.is_some() && item.facts().is_some() && item.stop().is_some()
}

fn show_buttons(ui: &mut Ui, item: &Item, compact: bool, seen: &mut Seen<'_>, actions: &mut Vec<Action>) {
    ui.spacing_mut().item_spacing.x = 6.0;
    let name = &item.name;
    if item.state.is_active() {
        if Button::icon_only(Icon::X, &format!("Cancel {name}")).show(ui).clicked() {
            actions.push(Action::Cancel(item.id));
        }
    } else if Button::icon_only(Icon::X, &format!("Remove {name}")).show(ui).clicked() {
        actions.push(Action::Remove(item.id));
    }
    let mut button = |ui: &mut Ui, icon: Icon, label: &str, hint: Option<&str>, action: Action| {
        let name = format!("{label}: {name}");
        let mut button = Button::new(Weight::Secondary, label).named(&name);
        if compact {
            button = button.icon(icon).compact(true);
        }
        if let Some(hint) = hint {
            button = button.hint(hint);
        }
        if button.show(ui).clicked() {
            actions.push(action);
        }
    };
    match &item.state {
        State::Done(receipt) | State::Processing { receipt, .. } => {
            if item.state.is_resting() {
                button(ui, Icon::RefreshCw, "Look again", None, Action::LookAgain(item.id));
            }
            copies(ui, item, receipt, (false, compact), seen, actions);
        }
        State::Held(_) | State::Refused(_) => {
            button(ui, Icon::RotateCw, "Try again", None, Action::SendAgain(item.id));
            send_to(ui, item, compact, seen, actions);
        }
        State::Unknown(_) => {
            if !item.sent_again {
                button(ui, Icon::RotateCw, "Send again", Some(SECOND_COPY), Action::SendAgain(item.id));
            }
            // The cross beside it does the same; named so, the choice can be seen.
            if !compact {
                button(ui, Icon::X, "Leave it", None, Action::Remove(item.id));
            }
        }
        State::Cancelled => button(ui, Icon::Undo2, "Add back", None, Action::AddBack(item.id)),
        State::Ready if has_changed(item) => {
            button(ui, Icon::Check, "Send as it is", None, Action::AcceptChange(item.id));
        }
        State::Ready if item.findings.iter().any(|f| f.gravity == Gravity::Stop) => {
            send_to(ui, item, compact, seen, actions);
        }
        State::Ready => {
            let Some(earlier) = &item.earlier else { return };
            button(ui, Icon::RotateCw, "Send again", Some(SECOND_COPY), Action::SendAgain(item.id));
            if let Some(receipt) = &earlier.receipt {
                copies(ui, item, receipt, (compact, compact), seen, actions);
            }
        }
        State::Waiting { .. } | State::Sending { .. } | State::Sent { .. } => {}
    }
}

/// The buttons that copy what a service gave back; for the first and for the link, whether it is its icon alone.
fn copies(
    ui: &mut Ui,
    item: &Item,
    receipt: &Receipt,
    (first_compact, link_compact): (bool, bool),
    seen: &Seen<'_>,
    actions: &mut Vec<Action>,
) {
    let mut copy = |ui: &mut Ui, icon, label, which, text: &str, compact| {
        let done = seen.copied.is_some_and(|(id, w, _)| id == item.id && w == which);
        let (icon, shown) = if done { (Icon::Check, "Copied") } else { (icon, label) };
        let name = format!("{shown}: {}", item.name);
        let button = Button::new(Weight::Secondary, shown).icon(icon).compact(compact);
        if button.named(&name).show(ui).clicked() {
            actions.push(Action::Copy(item.id, which, text.to_owned()));
        }
    };
    if let (Some(_), Some(url)) = (&receipt.id, &receipt.url) {
        let icon = if link_compact { Icon::Link } else { Icon::Copy };
        copy(ui, icon, "Copy link", Copied::Link, url, link_compact);
    }
    copy(ui, Icon::Copy, receipt.copy_label(), Copied::First, receipt.first(), first_compact);
}

/// The destinations that take this file, in a menu.
fn send_to(ui: &mut Ui, item: &Item, compact: bool, seen: &Seen<'_>, actions: &mut Vec<Action>) {
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
    let mut button = Button::new(Weight::Secondary, "Send to…").named(&name);
    if compact {
        button = button.icon(Icon::Forward).compact(true);
    }
    let response = button.show(ui);
    Popup::menu(&response).show(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        for (place, destination, facts) in others {
            let label = format!("{} · {}", facts.name, destination.account_label());
            if menu_item(ui, facts.mark.icon, &label, None).clicked() {
                actions.push(Action::SendTo(item.id, place));
                ui.close();
            }
        }
    });
}
