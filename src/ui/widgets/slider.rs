//! A number on a bar, and where something begins on one.

use std::ops::RangeInclusive;

use eframe::egui::accesskit::{Action as AccessAction, ActionData};
use eframe::egui::{
    CornerRadius, EventFilter, Id, Key, Modifiers, Rect, Response, Sense, Stroke, Ui, Vec2, WidgetInfo, pos2,
    vec2,
};

use super::focus::focus_ring;
use crate::ui::theme::{CONTROL, tokens};

/// How thick the bar is.
const BAR: f32 = 4.0;

/// How large the knob is.
const KNOB: f32 = 6.5;

/// A number that is dragged, clicked, or moved by arrows, Page up and down, Home and End.
pub(in crate::ui) struct Slider<'a> {
    pub(in crate::ui) name: &'a str,
    /// The number as people read it.
    pub(in crate::ui) text: &'a str,
    pub(in crate::ui) value: u64,
    pub(in crate::ui) range: RangeInclusive<u64>,
    /// How far an arrow goes.
    pub(in crate::ui) step: u64,
}

impl Slider<'_> {
    /// Draws it so wide; returns it, and the new number where it was moved.
    pub(in crate::ui) fn show(&self, ui: &mut Ui, width: f32) -> (Response, Option<u64>) {
        let t = tokens(ui);
        let response = self.allocate(ui, vec2(width, CONTROL));
        let rect = response.rect;
        let rail = rect.shrink2(vec2(KNOB, 0.0));
        let new = self.moved(ui, &response, rail);
        let value = new.unwrap_or(self.value);
        let x = rail.left() + rail.width() * self.share(value);
        let bar = Rect::from_center_size(rail.center(), vec2(rail.width(), BAR));
        let corners = CornerRadius::same(2);
        ui.painter().rect_filled(bar, corners, t.control);
        ui.painter().rect_filled(bar.with_max_x(x), corners, t.accent);
        let knob = Stroke::new(1.0, if ui.visuals().dark_mode { t.text } else { t.faint });
        let centre = pos2(x, rail.center().y);
        let fill = if ui.visuals().dark_mode { t.text } else { t.window };
        ui.painter().circle(centre, KNOB, fill, knob);
        let ring = Rect::from_center_size(centre, vec2(2.0 * KNOB, 2.0 * KNOB));
        focus_ring(ui, ring, &response, KNOB as u8);
        self.describe(ui, &response, value);
        (response, new)
    }

    /// Takes its place, under an identity of its own: it keeps the keyboard whatever appears above it.
    fn allocate(&self, ui: &mut Ui, size: Vec2) -> Response {
        let (_, rect) = ui.allocate_space(size);
        ui.interact(rect, Id::unique(("slider", self.name)), Sense::click_and_drag())
    }

    /// Says to screen readers what it is and where it stands.
    pub(super) fn describe(&self, ui: &Ui, response: &Response, value: u64) {
        response.widget_info(|| WidgetInfo::slider(true, value as f64, self.name));
        ui.ctx().accesskit_node_builder(response.id, |node| {
            node.set_value(self.text);
            node.set_min_numeric_value(*self.range.start() as f64);
            node.set_max_numeric_value(*self.range.end() as f64);
            node.set_numeric_value_step(self.step as f64);
            for action in [AccessAction::Increment, AccessAction::Decrement, AccessAction::SetValue] {
                node.add_action(action);
            }
        });
    }

    fn share(&self, value: u64) -> f32 {
        let (start, end) = (*self.range.start(), *self.range.end());
        (value.saturating_sub(start) as f32 / end.saturating_sub(start).max(1) as f32).clamp(0.0, 1.0)
    }

    /// Returns where it was moved on a rail, if it was.
    pub(super) fn moved(&self, ui: &Ui, response: &Response, rail: Rect) -> Option<u64> {
        let (start, end) = (*self.range.start(), *self.range.end());
        let mut new = self.value;
        if response.clicked() || response.drag_started() {
            response.request_focus();
        }
        if let Some(at) = response.interact_pointer_pos() {
            let share = ((at.x - rail.left()) / rail.width().max(1.0)).clamp(0.0, 1.0);
            new = start + (f64::from(share) * (end - start) as f64).round() as u64;
        }
        if response.has_focus() {
            let arrows =
                EventFilter { horizontal_arrows: true, vertical_arrows: true, ..EventFilter::default() };
            ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, arrows));
            let steps = [
                (Key::ArrowLeft, -1),
                (Key::ArrowDown, -1),
                (Key::ArrowRight, 1),
                (Key::ArrowUp, 1),
                (Key::PageDown, -10),
                (Key::PageUp, 10),
            ];
            let pressed =
                |key| ui.input_mut(|input| input.count_and_consume_key(Modifiers::NONE, key)) as i64;
            let by: i64 = steps.into_iter().map(|(key, by)| by * pressed(key)).sum();
            new = self.stepped(new, by);
            if pressed(Key::Home) > 0 {
                new = start;
            }
            if pressed(Key::End) > 0 {
                new = end;
            }
        }
        let asked =
            |action| ui.input(|input| input.num_accesskit_action_requests(response.id, action)) as i64;
        new = self.stepped(new, asked(AccessAction::Increment) - asked(AccessAction::Decrement));
        ui.input(|input| {
            for request in input.accesskit_action_requests(response.id, AccessAction::SetValue) {
                if let Some(ActionData::NumericValue(value)) = request.data {
                    new = value.max(0.0).round() as u64;
                }
            }
        });
        let new = new.clamp(start, end);
        (new != self.value).then_some(new)
    }

    fn stepped(&self, value: u64, steps: i64) -> u64 {
        let by = self.step.saturating_mul(steps.unsigned_abs());
        if steps < 0 { value.saturating_sub(by) } else { value.saturating_add(by) }
    }
}

/// Draws sound from its beginning to its end, of which a part is taken, with a handle at the beginning of that part; where
/// the handle was moved, its new place. Without peaks there is only the bar.
pub(in crate::ui) fn cut_bar(
    ui: &mut Ui,
    slider: &Slider<'_>,
    (length, whole): (u64, u64),
    peaks: &[u8],
) -> Option<u64> {
    let t = tokens(ui);
    // The same before the waveform is there: nothing below it moves.
    let height = 64.0;
    let response = slider.allocate(ui, vec2(ui.available_width(), height));
    let rect = response.rect;
    let whole = whole.max(1) as f32;
    // The handle is where the part begins; it can be dragged as far as the part fits.
    let reach = rect.width() * (*slider.range.end() as f32 / whole).min(1.0);
    let new = slider.moved(ui, &response, rect.with_max_x(rect.left() + reach));
    let start = new.unwrap_or(slider.value);
    let x = |at: u64| rect.left() + rect.width() * (at as f32 / whole).min(1.0);
    let part = rect.with_min_x(x(start)).with_max_x(x(start + length));
    let corners = CornerRadius::same(4);
    ui.painter().rect_filled(rect, corners, t.control);
    ui.painter().rect_filled(part, corners, t.grounds.accent);
    let bars = ((rect.width() / 3.0) as usize).clamp(1, peaks.len().max(1));
    for n in 0..bars.min(peaks.len()) {
        let (from, to) = (n * peaks.len() / bars, (n + 1) * peaks.len() / bars);
        let loudest = peaks[from..to.max(from + 1)].iter().max().copied().unwrap_or(0);
        let half = (f32::from(loudest) / 255.0 * (rect.height() - 12.0) / 2.0).max(0.75);
        let at = rect.left() + (n as f32 + 0.5) * rect.width() / bars as f32;
        let bar = Rect::from_center_size(pos2(at, rect.center().y), vec2(2.0, 2.0 * half));
        let ink = if part.x_range().contains(at) { t.accent } else { t.faint };
        ui.painter().rect_filled(bar, CornerRadius::same(1), ink);
    }
    let edge = Stroke::new(2.0, t.accent);
    ui.painter().vline(part.left().max(rect.left() + 1.0), rect.y_range(), edge);
    ui.painter().vline(part.right().min(rect.right() - 1.0), rect.y_range(), Stroke::new(1.0, t.accent));
    let grip =
        Rect::from_center_size(pos2(part.left().max(rect.left() + 4.0), rect.center().y), vec2(8.0, 22.0));
    ui.painter().rect_filled(grip, corners, t.accent);
    focus_ring(ui, grip, &response, 4);
    slider.describe(ui, &response, start);
    new
}
