//! Cards, and the rows of forms in them.

use eframe::egui::{
    self, Align, CornerRadius, Label, Layout, Rect, Response, RichText, Role, Sense, Stroke, Ui, UiBuilder,
    Vec2, WidgetInfo, pos2, vec2,
};

use super::focus::show_if_wanted;
use super::layout::named_part;
use super::text::{Cut, cut_line};
use crate::session::api::text::sanitize;
use crate::ui::theme::{self, RADIUS_ROW, STEP, tokens};

/// How far a card's rows end before its right edge.
const INSET: f32 = 16.0;

/// Narrower than this a row's control stands below its words.
const BESIDE: f32 = 480.0;

/// Draws content with a line around it.
pub(in crate::ui) fn card<R>(ui: &mut Ui, add: impl FnOnce(&mut Ui) -> R) -> R {
    let frame = egui::Frame::new()
        .stroke(Stroke::new(1.0, tokens(ui).line))
        .corner_radius(CornerRadius::same(RADIUS_ROW))
        .inner_margin(16);
    let shown = frame.show(ui, |ui| {
        ui.set_min_width(ui.available_width());
        add(ui)
    });
    shown.inner
}

/// Draws the rows of a form under their common name.
pub(in crate::ui) fn form(ui: &mut Ui, name: &str, add: impl FnOnce(&mut Ui)) {
    let caps = RichText::new(name.to_uppercase()).font(theme::caps()).color(tokens(ui).faint);
    let said = ui.add(Label::new(caps.extra_letter_spacing(0.6)));
    said.widget_info(|| WidgetInfo::labeled(Role::Heading, true, name));
    ui.add_space(STEP);
    card(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 12.0;
        add(ui);
    });
    ui.add_space(5.0 * STEP);
}

/// Draws a row of a form: what it is for at the left, its control at the right, or below where there is no room.
pub(in crate::ui) fn form_row(ui: &mut Ui, label: &str, help: &str, add: impl FnOnce(&mut Ui)) {
    // How large the control is, is known once it was shown.
    let id = ui.make_persistent_id(("row of a form", label));
    let known: Option<Vec2> = ui.data(|data| data.get_temp(id));
    let full = ui.available_rect_before_wrap();
    let size = known.unwrap_or(vec2(120.0, theme::CONTROL));
    let beside = full.width() >= BESIDE && size.x <= full.width() * 0.6;
    let label_width = if beside { full.width() - size.x - 24.0 } else { full.width() };
    let rect = Rect::from_min_size(full.min, vec2(label_width, full.height()));
    let mut left = ui.new_child(
        UiBuilder::new().id_salt((label, "words")).max_rect(rect).layout(Layout::top_down(Align::LEFT)),
    );
    left.spacing_mut().item_spacing.y = 1.0;
    if beside && help.is_empty() {
        left.add_space(((size.y - 16.0) / 2.0).max(0.0)); // one line beside the middle of the control
    }
    label_with_help(&mut left, label, help);
    let said = left.min_rect();
    let (at, height) = if beside {
        let height = said.height().max(size.y);
        (pos2(full.right() - size.x, full.top() + (height - size.y) / 2.0), height)
    } else {
        (pos2(full.left(), said.bottom() + 2.0 * STEP), said.height() + 2.0 * STEP + size.y)
    };
    // As much room as there is: it may be larger than it was.
    let rect = Rect::from_min_size(at, vec2(full.width(), size.y));
    let layout = if beside { Layout::left_to_right(Align::Center) } else { Layout::top_down(Align::LEFT) };
    let mut builder = named_part(ui, (label, "control")).max_rect(rect).layout(layout);
    if known.is_none() {
        builder = builder.invisible();
    }
    let mut right = ui.new_child(builder);
    add(&mut right);
    let new = right.min_rect().size();
    if known.is_some() {
        show_if_wanted(&right, label);
    }
    if known != Some(new) {
        ui.data_mut(|data| data.insert_temp(id, new));
        ui.ctx().request_discard("a control of a form has another size");
    }
    ui.advance_cursor_after_rect(Rect::from_min_size(full.min, vec2(full.width(), height)));
}

/// Draws a row of a form whose control takes the whole width.
pub(in crate::ui) fn form_block(ui: &mut Ui, label: &str, help: &str, add: impl FnOnce(&mut Ui)) {
    ui.scope_builder(named_part(ui, (label, "block")), |ui| {
        ui.spacing_mut().item_spacing.y = 1.0;
        label_with_help(ui, label, help);
        ui.add_space(2.0 * STEP);
        add(ui);
    });
}

/// Draws a card of rows that fill its width.
pub(in crate::ui) fn list_card(ui: &mut Ui, add: impl FnOnce(&mut Ui)) {
    let t = tokens(ui);
    let frame = egui::Frame::new()
        .fill(t.panel)
        .stroke(Stroke::new(1.0, t.line))
        .corner_radius(CornerRadius::same(RADIUS_ROW));
    frame.show(ui, add);
}

/// Draws a row of a card: its controls at the right, which are shown first, and its mark and words in what is left.
/// Returns the row, which can be clicked where it has no control.
pub(in crate::ui) fn card_row(
    ui: &mut Ui,
    id: (&str, &str),
    (height, inset): (f32, f32),
    controls: impl FnOnce(&mut Ui),
    left: impl FnOnce(&mut Ui),
) -> Response {
    // By the keyboard its controls are reached, and not the row.
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::CLICK);
    let inner = rect.with_min_x(rect.left() + inset).with_max_x(rect.right() - INSET);
    let layout = Layout::right_to_left(Align::Center);
    let mut right = ui.new_child(named_part(ui, (id, "controls")).max_rect(inner).layout(layout));
    right.spacing_mut().item_spacing.x = 3.0 * STEP;
    controls(&mut right);
    let room = inner.with_max_x(right.min_rect().left() - 12.0);
    let layout = Layout::left_to_right(Align::Center);
    let mut words = ui.new_child(UiBuilder::new().id_salt((id, "words")).max_rect(room).layout(layout));
    words.spacing_mut().item_spacing.x = 12.0;
    left(&mut words);
    response
}

/// Draws two lines, the first in the middle of its height.
pub(in crate::ui) fn two_lines(ui: &mut Ui, first: &str, second: &str) {
    let t = tokens(ui);
    let room = ui.available_width();
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        ui.add_space(((ui.available_height() - 33.0) / 2.0).max(0.0));
        cut_line(ui, &sanitize(first), Cut::Middle, (theme::strong(), t.text), room);
        cut_line(ui, &sanitize(second), Cut::End, (theme::secondary(), t.dim), room);
    });
}

/// Draws the line between two rows.
pub(in crate::ui) fn rule(ui: &mut Ui) {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 1.0), egui::Sense::hover());
    ui.painter().hline(rect.x_range(), rect.center().y, Stroke::new(1.0, tokens(ui).line));
}

fn label_with_help(ui: &mut Ui, label: &str, help: &str) {
    let t = tokens(ui);
    ui.add(Label::new(RichText::new(label).font(theme::strong()).color(t.text)).wrap());
    if !help.is_empty() {
        ui.add(Label::new(RichText::new(help).font(theme::secondary()).color(t.dim)).wrap());
    }
}
