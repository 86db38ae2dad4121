//! One file of the queue.

mod buttons;
mod choices;
mod remedies;
mod status;

use eframe::egui::{
    self, Align, CornerRadius, EventFilter, Layout, Rect, Role, Sense, Stroke, StrokeKind, Ui, UiBuilder,
    WidgetInfo, pos2, vec2,
};

use super::action::{Action, SelectMode};
use super::file_picture::file_picture;
use super::theme::{self, RADIUS_ROW, tokens};
use super::view_context::ViewContext;
use super::widgets::{fit_end, fit_middle, focus_ring, line};

use crate::session::api::Item;
use status::spoken;

/// Height of a row; the gap to the next one is `GAP`.
pub(super) const HEIGHT: f32 = 74.0;
pub(super) const GAP: f32 = 4.0;

const THUMB: f32 = 56.0;

/// In narrower rows a button is its icon alone, if it has one.
const COMPACT: f32 = 520.0;

/// Draws a row, and reads what is done with it.
pub(super) fn show(
    ui: &mut Ui,
    rect: Rect,
    item: &Item,
    seen: &mut ViewContext<'_>,
    actions: &mut Vec<Action>,
) {
    let t = tokens(ui);
    let selected = seen.list.selection.has(item.request.id);
    let sense = if seen.list.is_at(item.request.id, seen.session.uploads.queue()) {
        Sense::click()
    } else {
        Sense::CLICK
    };
    let response = ui.interact(rect, seen.list.row_id(item.request.id), sense);
    response.widget_info(|| WidgetInfo::labeled(Role::ListItem, true, spoken(item)));
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_selected(selected));
    if response.has_focus() {
        let arrows = EventFilter { vertical_arrows: true, ..EventFilter::default() };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, arrows));
    }
    // By Tab or a screen reader: what has the keyboard is what is selected.
    let came = response.gained_focus() && seen.list.row_focus != Some(item.request.id);
    if came && !selected {
        actions.push(Action::Select(item.request.id, SelectMode::Only));
    }
    if response.clicked_by(egui::PointerButton::Primary) {
        let (shift, ctrl) = ui.input(|input| (input.modifiers.shift, input.modifiers.command));
        let how = match (shift, ctrl) {
            (true, _) => SelectMode::Range,
            (false, true) => SelectMode::Toggle,
            (false, false) => SelectMode::Only,
        };
        actions.push(Action::Select(item.request.id, how));
    } else if response.clicked() {
        // Space, Enter, or a screen reader.
        actions.push(if selected {
            Action::Details
        } else {
            Action::Select(item.request.id, SelectMode::Only)
        });
    }
    if response.double_clicked() {
        actions.push(Action::Details);
    }
    if response.secondary_clicked() && !selected {
        actions.push(Action::Select(item.request.id, SelectMode::Only));
    }
    if selected || response.contains_pointer() {
        let stroke = if selected { Stroke::new(1.0, t.line) } else { Stroke::NONE };
        ui.painter().rect(rect, CornerRadius::same(RADIUS_ROW), t.raised, stroke, StrokeKind::Inside);
    }
    if seen.list.by_keyboard {
        focus_ring(ui, rect, &response, RADIUS_ROW);
    }
    choices::context_menu(&response, item, seen, actions);
    let thumb = Rect::from_min_size(rect.min + vec2(10.0, (HEIGHT - THUMB) / 2.0), vec2(THUMB, THUMB));
    file_picture(ui, thumb, item.facts(), |side| {
        seen.thumbs.get(item.request.id, || seen.session.uploads.want_picture(item.request.id, side))
    });

    let inner = Rect::from_min_max(
        pos2(rect.left() + 80.0, rect.top() + 9.0),
        pos2(rect.right() - 12.0, rect.bottom() - 6.0),
    );
    let mut right = ui.new_child(
        UiBuilder::new()
            .id_salt(("buttons", item.request.id.0))
            .max_rect(inner)
            .layout(Layout::right_to_left(Align::Center)),
    );
    buttons::show(&mut right, item, rect.width() < COMPACT, seen, actions);
    let left = Rect::from_min_max(inner.min, pos2(right.min_rect().left() - 12.0, inner.bottom()));
    let mut words = ui.new_child(
        UiBuilder::new()
            .id_salt(("words", item.request.id.0))
            .max_rect(left)
            .layout(Layout::top_down(Align::LEFT)),
    );
    words.spacing_mut().item_spacing.y = 1.0;
    let name = fit_middle(&words, &item.name, &theme::strong(), left.width());
    let cut = name != item.name;
    let label = line(&mut words, &name, theme::strong(), t.text);
    if cut {
        label.on_hover_text(&item.name);
    }
    let facts = fit_end(&words, &status::facts_line(item), &theme::secondary(), left.width());
    line(&mut words, &facts, theme::secondary(), t.dim);
    words.add_space(2.0);
    status::show(&mut words, item, seen, left.width());
}
