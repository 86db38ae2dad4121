//! Something that is on or off, and one of a few.

use eframe::egui::{
    Align, CornerRadius, Layout, Response, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2,
};
use lucide_icons::Icon;

use super::{Button, Weight, focus_ring};
use crate::ui::theme::{self, RADIUS, tokens};

/// A switch; true when it was pressed.
pub(in crate::ui) fn switch(ui: &mut Ui, name: &str, on: bool) -> bool {
    let t = tokens(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(34.0, 20.0), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Switch, true, on, name));
    let (ground, knob) = if on { (t.accent, t.on_accent) } else { (t.control, t.dim) };
    let stroke = Stroke::new(1.0, if on { t.accent } else { t.faint });
    ui.painter().rect(rect, CornerRadius::same(10), ground, stroke, StrokeKind::Inside);
    let x = if on { rect.right() - 10.0 } else { rect.left() + 10.0 };
    ui.painter().circle_filled(pos2(x, rect.center().y), 6.0, knob);
    focus_ring(ui, rect, &response, 10);
    response.clicked()
}

/// A few choices side by side; the one that was pressed. `group` names them for screen readers.
pub(in crate::ui) fn segments<T: Copy + PartialEq>(
    ui: &mut Ui,
    group: &str,
    chosen: T,
    choices: &[(T, &str)],
) -> Option<T> {
    let mut pressed = None;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(theme::STEP, theme::STEP);
        for (value, label) in choices {
            if segment(ui, group, label, *value == chosen).clicked() {
                pressed = Some(*value);
            }
        }
    });
    pressed
}

fn segment(ui: &mut Ui, group: &str, label: &str, chosen: bool) -> Response {
    let t = tokens(ui);
    let text = ui.painter().layout_no_wrap(label.to_owned(), theme::caption(), t.text);
    let size = vec2((text.size().x + 16.0).max(28.0), 26.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    response
        .widget_info(|| WidgetInfo::selected(Role::RadioButton, true, chosen, format!("{group}: {label}")));
    let (ink, ground, line) = match () {
        () if chosen => (t.text, t.accent_ground, t.accent),
        () if response.hovered() => (t.text, t.control, t.line),
        () => (t.text, t.raised, t.line),
    };
    ui.painter().rect(rect, CornerRadius::same(RADIUS), ground, Stroke::new(1.0, line), StrokeKind::Inside);
    focus_ring(ui, rect, &response, RADIUS);
    ui.painter().galley_with_override_text_color(rect.center() - text.size() / 2.0, text, ink);
    response
}

/// A button that opens a menu and says what is chosen in it.
pub(in crate::ui) fn select(ui: &mut Ui, name: &str, chosen: &str) -> Response {
    let name = format!("{name}: {chosen}");
    Button::new(Weight::Secondary, chosen).after(Icon::ChevronDown).named(&name).show(ui)
}

/// A small whole number with a button at each side; the new one, where it was changed.
pub(in crate::ui) fn stepper(
    ui: &mut Ui,
    name: &str,
    now: usize,
    range: std::ops::RangeInclusive<usize>,
) -> Option<usize> {
    let t = tokens(ui);
    let mut new = None;
    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = theme::STEP;
        let fewer = format!("{name}: fewer");
        let less =
            Button::new(Weight::Secondary, "").icon(Icon::Minus).named(&fewer).enabled(now > *range.start());
        if less.small().show(ui).clicked() {
            new = Some(now - 1);
        }
        let (rect, response) = ui.allocate_exact_size(vec2(26.0, 26.0), Sense::hover());
        response.widget_info(|| {
            let mut info = WidgetInfo::labeled(Role::SpinButton, true, name);
            info.value = Some(now as f64);
            info
        });
        let text = ui.painter().layout_no_wrap(now.to_string(), theme::strong(), t.text);
        ui.painter().galley(rect.center() - text.size() / 2.0, text, t.text);
        let more = format!("{name}: more");
        let plus =
            Button::new(Weight::Secondary, "").icon(Icon::Plus).named(&more).enabled(now < *range.end());
        if plus.small().show(ui).clicked() {
            new = Some(now + 1);
        }
    });
    new
}
