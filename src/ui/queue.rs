//! The middle: the files, or the place to drop them.

use std::ops::RangeInclusive;

use eframe::egui::{
    self, Align, CentralPanel, CornerRadius, Id, Layout, Rect, ScrollArea, Sense, Ui, UiBuilder, vec2,
};
use lucide_icons::Icon;

use super::action::Action;
use super::file_list::ListKey;
use super::first_screen;
use super::list_row::show_list;
use super::row;
use super::row_drag::{self, DragRows};
use super::selection::Go;
use super::send_to::NOT_SENT_YET;
use super::sidebar::HeldOver;
use super::theme::{self, RADIUS_ZONE, tokens};
use super::trial::Trial;
use super::view_context::ViewContext;
use super::widgets::{Button, Weight, big_icon, centred, dashed, in_gutter, middle};
use crate::platform::drops::Hover;
use crate::session::api::{Destination, provider, text};
use crate::session::choices::{HeldShare, held_share};

/// From one row to the next.
const STEP: f32 = row::HEIGHT + row::GAP;

/// How much a page is covered while files are held over it.
const COVERED: f32 = 0.88;

/// Shows it; while something is held over the window, what becomes of it when it is dropped there, or at this
/// destination.
pub(super) fn show(
    ui: &mut Ui,
    view: &mut ViewContext<'_>,
    trial: &Trial,
    held: Option<HeldOver<'_>>,
    actions: &mut Vec<Action>,
) {
    let t = tokens(ui);
    let empty = view.session.uploads.queue().items().is_empty();
    let margin = if empty { egui::Margin::same(20) } else { egui::Margin::symmetric(12, 8) };
    CentralPanel::default().frame(egui::Frame::new().fill(t.window).inner_margin(margin)).show(ui, |ui| {
        let room = ui.available_rect_before_wrap();
        match (held, empty) {
            (Some((_, to)), true) => _ = zone(ui, to.is_none()),
            (None, true) => nothing(ui, view, trial, actions),
            (_, false) => list(ui, view, actions),
        }
        if let Some((hover, to)) = held {
            if !empty {
                // The files stay where they are, so that nothing jumps when the drag leaves again.
                // What a drop would go to is lit, and nothing else: the page, or a destination at the left.
                let (cover, line) =
                    if to.is_none() { (t.grounds.accent, t.accent) } else { (t.window, t.line) };
                let page = room.expand(8.0);
                ui.painter().rect_filled(page, CornerRadius::ZERO, cover.gamma_multiply(COVERED));
                dashed(ui, room, f32::from(RADIUS_ZONE), line);
            }
            let mut over = ui.new_child(UiBuilder::new().max_rect(room));
            held_over(&mut over, view, room, hover, to);
        }
    });
}

/// Covers a part of the window on which nothing that is held over it is dropped.
pub(super) fn cover(ui: &Ui, rect: Rect) {
    if rect.is_positive() {
        ui.painter().rect_filled(rect, CornerRadius::ZERO, tokens(ui).window.gamma_multiply(COVERED));
    }
}

fn zone(ui: &mut Ui, lit: bool) -> Rect {
    let t = tokens(ui);
    let rect = ui.available_rect_before_wrap();
    let (ground, line) = if lit { (t.grounds.accent, t.accent) } else { (t.panel, t.line) };
    ui.painter().rect_filled(rect, CornerRadius::same(RADIUS_ZONE), ground);
    dashed(ui, rect, f32::from(RADIUS_ZONE), line);
    rect
}

/// Says what becomes of files that are held over the window.
fn held_over(ui: &mut Ui, view: &ViewContext<'_>, rect: Rect, hover: &Hover, to: Option<&Destination>) {
    let t = tokens(ui);
    middle(ui, rect, 110.0, |ui| {
        big_icon(ui, Icon::Download);
        ui.add_space(6.0);
        // A picture out of a browser is no file yet.
        let count = if hover.count == 0 { "it here".to_owned() } else { text::count(hover.count, "file") };
        let is_auto = view.session.keys.settings().upload_on_drop;
        let kinds: Vec<_> = hover.kinds().iter().map(|(kind, n)| kind.count(*n)).collect();
        let what = |destination: &Destination| {
            let known = hover.known();
            let HeldShare { accepted, copies } = held_share(destination, &hover.types);
            let as_they_are = match accepted - copies {
                _ if kinds.is_empty() => return String::new(),
                0 if copies > 0 => None,
                0 => Some("not accepted".to_owned()),
                all if all == known && known > 1 => Some("all of accepted types".to_owned()),
                all if all == known => Some("of an accepted type".to_owned()),
                some => Some(format!("{some} of {known} of an accepted type")),
            };
            // Where the destination's rule is to convert what it does not accept, all go at once.
            let by_rule = destination.fit.fit;
            let how = if by_rule { "to be converted" } else { "can be converted" };
            let converted = (copies > 0).then(|| match known {
                1 => how.to_owned(),
                _ => format!("{} {how}", text::thousands(copies as u64)),
            });
            let waiting = if by_rule { 0 } else { copies };
            let at_once = match accepted - waiting {
                0 => "",
                _ if !is_auto => "",
                _ if waiting > 0 => " · the others uploaded at once",
                _ => " · uploaded at once",
            };
            let parts: Vec<_> = as_they_are.into_iter().chain(converted).collect();
            format!("{} · {}{at_once}", kinds.join(", "), parts.join(", "))
        };
        let chosen = view.session.keys.chosen().map(AsRef::as_ref);
        match to.or(chosen) {
            Some(destination) if to.is_some() => {
                let name = view.session.keys.destination_label(destination);
                centred(ui, &format!("Drop {count} on {name}"), theme::big(), t.text);
                centred(ui, &what(destination), theme::body(), t.text);
                let is_other = |chosen: &&Destination| {
                    !std::ptr::eq(*chosen, destination)
                        && (kinds.is_empty() || held_share(chosen, &hover.types).accepted > 0)
                };
                if let Some(chosen) = chosen.filter(is_other) {
                    let or_here = format!("Or here for {}", view.session.keys.destination_label(chosen));
                    centred(ui, &or_here, theme::secondary(), t.text);
                }
            }
            Some(destination) => {
                let name = view.session.keys.destination_label(destination);
                centred(ui, &format!("Drop {count} for {name}"), theme::big(), t.text);
                centred(ui, &what(destination), theme::body(), t.text);
                centred(ui, "Or on another destination at the left", theme::secondary(), t.text);
            }
            None => {
                centred(ui, &format!("Drop {count}"), theme::big(), t.text);
                centred(ui, "Then add an API key for a destination", theme::body(), t.text);
            }
        }
    });
}

fn nothing(ui: &mut Ui, view: &ViewContext<'_>, trial: &Trial, actions: &mut Vec<Action>) {
    let t = tokens(ui);
    let rect = zone(ui, false);
    let Some(destination) = view.session.keys.chosen() else {
        return first_screen::show(ui, rect, view.session, trial, actions);
    };
    middle(ui, rect, 186.0, |ui| {
        big_icon(ui, Icon::Download);
        ui.add_space(6.0);
        let kinds = provider::by_id(&destination.provider).map(|p| p.facts().kinds()).unwrap_or_default();
        centred(ui, &format!("Drop {kinds} here"), theme::big(), t.text);
        centred(
            ui,
            &format!("for {}", view.session.keys.destination_label(destination)),
            theme::body(),
            t.dim,
        );
        ui.add_space(12.0);
        // Buttons in the middle of a column: as wide as they are.
        let narrow = ui.available_width() < 370.0;
        let width = 124.0 + 6.0 + if narrow { 35.0 } else { 122.0 } + 6.0 + 81.0;
        ui.allocate_ui_with_layout(vec2(width, theme::CONTROL), Layout::left_to_right(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 6.0;
            if Button::new(Weight::Primary, "Choose files").icon(Icon::FolderOpen).show(ui).clicked() {
                actions.push(Action::ChooseFiles);
            }
            let folder = Button::new(Weight::Secondary, "Add folder…").icon(Icon::FolderPlus).compact(narrow);
            if folder.show(ui).clicked() {
                actions.push(Action::ChooseFolders);
            }
            if Button::new(Weight::Secondary, "Paste").icon(Icon::Clipboard).show(ui).clicked() {
                actions.push(Action::Paste);
            }
        });
        ui.add_space(12.0);
        let sent = match view.session.keys.settings().upload_on_drop {
            true => "Files upload as soon as you add them",
            false => NOT_SENT_YET,
        };
        centred(ui, sent, theme::secondary(), t.faint);
    });
}

/// Returns the name egui has for the list.
fn list_id() -> Id {
    Id::unique("the files")
}

fn list(ui: &mut Ui, view: &mut ViewContext<'_>, actions: &mut Vec<Action>) {
    ui.spacing_mut().item_spacing.y = row::GAP;
    view.list.flash.follow(ui.ctx());
    let session = view.session;
    let items = session.uploads.queue().items();
    let room = ui.available_height() - view.list.covered;
    let mut area = ScrollArea::vertical().id_salt("files").auto_shrink([false, false]);
    // Where it stands, and of how many rows.
    let (now, rows) = ui.data(|data| data.get_temp(list_id()).unwrap_or((0.0, 0)));
    if rows != items.len() && view.list.show_rows.is_some() {
        ui.ctx().request_repaint(); // it can go no further than its rows went in the frame before
    } else if let Some(rows) = view.list.show_rows.take() {
        area = area.vertical_scroll_offset(offset_to_see(&rows, room, now));
    }
    let output = show_list(ui, list_id(), &text::count(items.len(), "file"), items.len(), |ui| {
        let rows = |ui: &mut Ui, range: std::ops::Range<usize>| {
            let seen_rows =
                DragRows { top: ui.cursor().top(), first: range.start, count: items.len(), step: STEP };
            for item in &items[range.start.min(items.len())..range.end.min(items.len())] {
                let width = ui.available_width().min(row::WIDEST);
                let (rect, _) = ui.allocate_exact_size(vec2(width, row::HEIGHT), Sense::hover());
                row::show(ui, rect, item, view, actions);
            }
            row_drag::follow(ui, session.uploads.queue(), &mut view.list.dragged, &seen_rows, actions);
        };
        // Below the last row there is room for toasts.
        in_gutter(ui, |ui| area.show_rows(ui, row::HEIGHT, items.len() + 2, rows))
    });
    ui.data_mut(|data| data.insert_temp(list_id(), (output.state.clamped_offset().y, items.len())));
}

/// Returns where the list must stand so that these rows are seen, or the first of them where there is no room for all;
/// as it is, where they are seen already.
fn offset_to_see(rows: &RangeInclusive<usize>, room: f32, now: f32) -> f32 {
    let top = |index: usize| index as f32 * STEP;
    now.max(top(*rows.end()) + row::HEIGHT - room).min(top(*rows.start())).max(0.0)
}

/// Returns where a key leads in the list, of which so much is shown.
pub(super) fn go(key: ListKey, shown: f32) -> Go {
    let page = ((shown / STEP) as isize - 1).max(1);
    match key {
        ListKey::Down | ListKey::Right => Go::By(1),
        ListKey::Up | ListKey::Left => Go::By(-1),
        ListKey::PageDown => Go::By(page),
        ListKey::PageUp => Go::By(-page),
        ListKey::First => Go::First,
        ListKey::Last => Go::Last,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_moves_no_further_than_it_must() {
        let row = STEP;
        for (rows, now, then, why) in [
            (0..=0, 90.0, 0.0, "the first row is above"),
            (3..=3, 90.0, 90.0, "it is seen"),
            (10..=10, 90.0, 10.0 * row + row::HEIGHT - 500.0, "it is below"),
            (1..=1, 400.0, row, "it is above"),
            (8..=10, 90.0, 10.0 * row + row::HEIGHT - 500.0, "there is room for all three"),
            (8..=90, 90.0, 8.0 * row, "there is no room for all"),
            (2..=90, 400.0, 2.0 * row, "the first of them is above"),
        ] {
            assert!((offset_to_see(&rows, 500.0, now) - then).abs() < 0.01, "{why}");
        }
    }
}
