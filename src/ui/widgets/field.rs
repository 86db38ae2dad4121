//! A value that can be copied.

use eframe::egui::{Align, CornerRadius, Layout, Rect, Sense, Stroke, StrokeKind, Ui, UiBuilder, pos2, vec2};
use lucide_icons::Icon;

use super::button::{Button, COPIED, Weight};
use super::text::{Cut, cut_line};
use crate::ui::theme::{self, RADIUS_ROW, tokens};

/// Height of a field.
const HEIGHT: f32 = 50.0;

/// Draws a named value with its own copy button; true when that was pressed. `copied`: it answers for 2 s.
pub(in crate::ui) fn field(ui: &mut Ui, name: &str, value: &str, copied: bool) -> bool {
    let t = tokens(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), HEIGHT), Sense::hover());
    let stroke = Stroke::new(1.0, t.line);
    ui.painter().rect(rect, CornerRadius::same(RADIUS_ROW), t.raised, stroke, StrokeKind::Inside);
    let inner = rect.shrink2(vec2(11.0, 7.0));
    let mut buttons = ui.new_child(
        UiBuilder::new().id_salt((name, "copy")).max_rect(inner).layout(Layout::right_to_left(Align::Center)),
    );
    let (icon, said) = if copied { (Icon::Check, COPIED) } else { (Icon::Copy, "Copy") };
    let label = format!("{said} {name}");
    let clicked =
        Button::new(Weight::Secondary, "").icon(icon).named(&label).small().show(&mut buttons).clicked();
    let left = Rect::from_min_max(inner.min, pos2(buttons.min_rect().left() - 8.0, inner.bottom()));
    let mut words = ui.new_child(
        UiBuilder::new().id_salt((name, "value")).max_rect(left).layout(Layout::top_down(Align::LEFT)),
    );
    words.spacing_mut().item_spacing.y = 1.0;
    cut_line(&mut words, name, Cut::End, (theme::secondary(), t.dim), left.width());
    cut_line(&mut words, value, Cut::Middle, (theme::id(), t.text), left.width());
    clicked
}
