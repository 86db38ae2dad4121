//! One file of the queue.

mod buttons;
mod choices;
mod remedies;
mod status;

use eframe::egui::{Align, Color32, CornerRadius, Layout, PointerButton, Rect, Ui, vec2};

use super::action::Action;
use super::file_picture::{file_picture, provider_badge};
use super::list_row::ListRow;
use super::row_drag::RowDrag;
use super::theme::{self, RADIUS_ROW, tokens};
use super::view_context::ViewContext;
use super::widgets::{Cut, cut_line, focus_ring};

use crate::session::api::Item;
use crate::session::choices::can_be_moved;
pub(super) use choices::fit_choices;
pub(super) use status::facts_text;
use status::spoken;

/// Height of a row; the gap to the next one is `GAP`.
pub(super) const HEIGHT: f32 = 68.0;
pub(super) const GAP: f32 = 2.0;

/// No row is wider: in a large window, too, a file's name and what can be done with it stand together.
pub(super) const WIDEST: f32 = 900.0;

const THUMB: f32 = 52.0;

/// How much of a row is seen while it is dragged elsewhere.
const DRAGGED: f32 = 0.45;

/// Where the words begin, and where the buttons end.
const LEFT: f32 = 76.0;
const RIGHT: f32 = 10.0;

/// In narrower rows a button may be its icon alone, if it has one.
const COMPACT: f32 = 520.0;

/// Draws a row, and reads what is done with it.
pub(super) fn show(
    ui: &mut Ui,
    rect: Rect,
    item: &Item,
    view: &mut ViewContext<'_>,
    actions: &mut Vec<Action>,
) {
    let (id, order) = (item.request.id, view.session.uploads.queue());
    let (index, can_be_dragged) = (order.index(id).unwrap_or(0), can_be_moved(item));
    let row = ListRow { id, index, rect, order, in_grid: false, can_be_dragged };
    let response = row.show(ui, view, || spoken(item), actions);
    if response.drag_started_by(PointerButton::Primary) {
        let all = if view.list.selection.has(id) { view.list.selection.in_order(order) } else { vec![id] };
        view.list.dragged = Some(RowDrag::new(all));
    }
    let opacity = if view.list.dragged.as_ref().is_some_and(|drag| drag.has(id)) { DRAGGED } else { 1.0 };
    let ui = &mut ui.new_child(view.list.part_of_row(id, "row").max_rect(rect));
    ui.multiply_opacity(opacity);
    let to = view.session.keys.destination_label(&item.request.destination);
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_description(to));
    let selected = view.list.selection.has(id);
    let is_over = response.contains_pointer();
    let ground = ground(ui, item, selected, is_over, view);
    ui.painter().rect_filled(rect, CornerRadius::same(RADIUS_ROW), ground);
    if view.list.by_keyboard {
        focus_ring(ui, rect, &response, RADIUS_ROW);
    }
    choices::context_menu(&response, item, view, actions);
    let thumb = Rect::from_min_size(rect.min + vec2(10.0, (HEIGHT - THUMB) / 2.0), vec2(THUMB, THUMB));
    file_picture(ui, thumb, item.inspection.found(), |side| {
        view.thumbs.get(item.request.id, || view.session.uploads.want_picture(item.request.id, side))
    });
    provider_badge(ui, thumb, &item.request.destination, Some(ground));
    let inner = Rect::from_min_max(rect.min + vec2(LEFT, 0.0), rect.max - vec2(RIGHT, 0.0));
    let is_wanted = selected || is_over || response.has_focus();
    let is_narrow = rect.width() < COMPACT;
    let end = buttons::show(ui, inner, item, buttons::Look { is_narrow, is_wanted }, view, actions);
    view.controls.push(inner.with_min_x(end));
    text_lines(ui, inner.with_max_x(end - 12.0), item, view);
}

/// Returns the ground of the row: whether it is selected, under the pointer, or has just come.
fn ground(ui: &Ui, item: &Item, selected: bool, is_over: bool, view: &ViewContext<'_>) -> Color32 {
    let t = tokens(ui);
    let ground = match () {
        () if selected => t.grounds.accent,
        () if is_over => t.panel,
        () => t.window,
    };
    ground.lerp_to_gamma(t.accent, 0.3 * view.list.flash.strength(item.request.id))
}

/// Draws the name, the facts and how the file stands: as many lines as there are, in the middle of the row.
fn text_lines(ui: &mut Ui, rect: Rect, item: &Item, view: &mut ViewContext<'_>) {
    let t = tokens(ui);
    let facts = [Some(status::facts_line(item)), status::account(item, view)];
    let facts = facts.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ");
    let (name_font, facts_font) = (theme::strong(), theme::secondary());
    let (first, second) = ui.fonts_mut(|fonts| (fonts.row_height(&name_font), fonts.row_height(&facts_font)));
    let second_height = if facts.is_empty() { 0.0 } else { second };
    let height = first + second_height + status::height(item, view, second);
    let top = (rect.center().y - height / 2.0).round();
    let mut ui = ui.new_child(
        view.list
            .part_of_row(item.request.id, "words")
            .max_rect(rect.with_min_y(top))
            .layout(Layout::top_down(Align::LEFT)),
    );
    ui.spacing_mut().item_spacing.y = 0.0;
    ui.spacing_mut().interact_size.y = 0.0;
    cut_line(&mut ui, &item.name, Cut::Middle, (name_font, t.text), rect.width());
    if !facts.is_empty() {
        cut_line(&mut ui, &facts, Cut::End, (facts_font, t.dim), rect.width());
    }
    status::show(&mut ui, item, view, rect.width());
}
