//! Below the queue: how far everything is, and the one primary button.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Instant;

use eframe::egui::{self, Align, Layout, Panel, Role, Ui, WidgetInfo, accesskit};
use lucide_icons::Icon;

use super::action::{Action, CopiedAt};
use super::theme::{self, tokens};
use super::throughput::{self, Pace};
use super::view_context::ViewContext;
use super::widgets::{Button, Weight, fit_end, line};
use crate::session::Session;
use crate::session::api::{Item, provider, text};

/// Returns what the primary button says: the count and the destination.
pub(super) fn upload_label(items: &[Item]) -> Option<String> {
    let ready: Vec<_> = items.iter().filter(|i| i.is_sendable()).collect();
    let first = ready.first()?;
    let running = items.iter().any(|i| i.state.is_active());
    let same = |i: &&Item| {
        Arc::ptr_eq(&i.request.destination, &first.request.destination)
            || i.request.destination == first.request.destination
    };
    let target = if ready.iter().all(same) {
        provider::by_id(&first.request.destination.provider).map_or("", |p| p.facts().name).to_owned()
    } else {
        let to: HashSet<_> = ready.iter().map(|i| &i.request.destination).collect();
        format!("{} destinations", to.len())
    };
    let count = if running { format!("{} more", ready.len()) } else { text::count(ready.len(), "file") };
    Some(format!("Upload {count} to {target}"))
}

/// With less room than this left, a button is its icon alone.
const ROOM_FOR_WORDS: f32 = 320.0;

/// Narrower than this, words and buttons have a line each.
const NARROW: f32 = 460.0;

pub(super) fn show(ui: &mut Ui, seen: &ViewContext<'_>, actions: &mut Vec<Action>) {
    let session = seen.session;
    let items = session.uploads.queue().items();
    if items.is_empty() {
        return;
    }
    let frame = egui::Frame::new().fill(tokens(ui).panel).inner_margin(egui::Margin::symmetric(20, 0));
    let narrow = ui.available_width() < NARROW;
    let height = if narrow { 82.0 } else { 56.0 };
    Panel::bottom("footer").resizable(false).exact_size(height).frame(frame).show(ui, |ui| {
        if narrow {
            // Words above, buttons below: neither is cut off.
            ui.add_space(6.0);
            let room = ui.available_width();
            ui.scope(|ui| {
                ui.spacing_mut().item_spacing.y = 0.0;
                summary(ui, seen, room);
            });
            ui.add_space(2.0);
        }
        let layout = Layout::right_to_left(if narrow { Align::Min } else { Align::Center });
        ui.with_layout(layout, |ui| {
            let label = upload_label(items);
            let button =
                Button::new(Weight::Primary, label.as_deref().unwrap_or("Upload")).enabled(label.is_some());
            if button.show(ui).clicked() {
                actions.push(Action::Upload);
            }
            others(ui, session, actions);
            if !narrow {
                let room = ui.available_width();
                ui.with_layout(Layout::top_down(Align::LEFT), |ui| {
                    ui.add_space(10.0);
                    summary(ui, seen, room);
                });
            }
        });
    });
}

/// Draws the buttons for what else can be done with all files, where it makes sense: in words as long as there is room
/// for them.
fn others(ui: &mut Ui, session: &Session, actions: &mut Vec<Action>) {
    let all = session.uploads.queue().totals();
    let mut button = |ui: &mut Ui, icon: Icon, label: &str, action: Action| {
        let compact = ui.available_width() < ROOM_FOR_WORDS;
        if Button::new(Weight::Secondary, label).icon(icon).compact(compact).show(ui).clicked() {
            actions.push(action);
        }
    };
    if session.uploads.is_paused() {
        button(ui, Icon::Play, "Resume", Action::Pause(false));
    } else if all.going > 0 {
        button(ui, Icon::Pause, "Pause", Action::Pause(true));
    }
    if all.failed > 1 {
        button(ui, Icon::RotateCw, &format!("Retry {}", all.failed), Action::RetryFailed);
    }
    if all.finished > 0 {
        button(ui, Icon::ListX, "Clear finished", Action::ClearFinished);
    }
}

/// Draws how far everything is; screen readers hear it when the first line changes.
fn summary(ui: &mut Ui, seen: &ViewContext<'_>, room: f32) {
    let t = tokens(ui);
    let (first, second) = totals(seen.session, seen.pace);
    let first = if seen.says_copied(&CopiedAt::Batch) { "Uploaded, and copied".to_owned() } else { first };
    let shown = fit_end(ui, &first, &theme::strong(), room);
    let response = line(ui, &shown, theme::strong(), t.text);
    response.widget_info(|| WidgetInfo::labeled(Role::Status, true, &first));
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_live(accesskit::Live::Polite));
    let shown = fit_end(ui, &second, &theme::secondary(), room);
    line(ui, &shown, theme::secondary(), t.dim);
}

fn totals(session: &Session, pace: &Pace) -> (String, String) {
    let all = session.uploads.queue().totals();
    if all.going > 0 {
        let far = session.uploads.progress();
        let mut second = format!("{} of {}", text::bytes(far.sent), text::bytes(far.bytes));
        if let Some(speed) = pace.total(Instant::now()) {
            let left = far.bytes.saturating_sub(far.sent);
            second = format!("{second} · {}", throughput::label(speed, left));
        }
        let first = match session.uploads.is_paused() {
            true if all.moving == 0 => format!("Paused · {} waiting", text::count(all.going, "file")),
            true => format!("Pausing · {} of {} finishing", all.moving, all.going),
            false => format!("Uploading {} of {}", far.begun, far.files),
        };
        return (first, second);
    }
    let mut parts = vec![];
    for (n, word) in [(all.ready, "ready"), (all.done, "uploaded"), (all.sent_before, "sent before")] {
        if n > 0 {
            parts.push(format!("{n} {word}"));
        }
    }
    match all.need_you {
        0 => {}
        1 => parts.push("1 needs attention".to_owned()),
        n => parts.push(format!("{n} need attention")),
    }
    if all.ready > 0 {
        parts.push(text::bytes(all.ready_bytes));
    }
    (text::count(all.files, "file"), parts.join(" · "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::item::Inspection;
    use crate::model::media::{DetectedType, FileFacts, Media};
    use crate::model::queue::Queue;
    use crate::model::upload::Event;
    use crate::session::auto;

    #[test]
    fn the_button_names_the_count_and_the_destination() {
        let to = |n: usize| Arc::new(auto(provider::ALL[n].facts(), "k"));
        let mut queue = Queue::default();
        let mut add = |target| {
            let id = queue.add("a.png".into(), to(target), jiff::Timestamp::UNIX_EPOCH);
            let facts = FileFacts {
                path: "a.png".into(),
                size: 1,
                recognised: DetectedType::Known(Media::Png),
                ..FileFacts::default()
            };
            queue.get_mut(id).unwrap().set_inspection(Inspection::Ready(facts));
            (id, upload_label(queue.items()))
        };
        let (first, label) = add(0);
        assert_eq!(label.as_deref(), Some("Upload 1 file to Flow Music"));
        assert_eq!(add(0).1.as_deref(), Some("Upload 2 files to Flow Music"));
        assert_eq!(add(1).1.as_deref(), Some("Upload 3 files to 2 destinations"));
        queue.remove(|i| i.request.id != first && i.request.destination.provider != "google-flow");
        queue.apply(first, Event::Requested, jiff::Timestamp::UNIX_EPOCH);
        assert_eq!(upload_label(queue.items()).as_deref(), Some("Upload 1 more to Google Flow"));
    }
}
