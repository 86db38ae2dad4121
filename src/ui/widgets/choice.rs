//! Something that is on or off, and one of a few.

use eframe::egui::{
    Align, Align2, CornerRadius, Layout, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, Vec2,
    WidgetInfo, pos2, vec2,
};
use lucide_icons::Icon;

use super::button::{Button, Weight};
use super::focus::focus_ring;
use super::layout::line_galley;
use super::tip::WithTip;
use crate::ui::bidi::Reading;
use crate::ui::theme::{self, RADIUS, tokens};

/// Draws a switch.
pub(in crate::ui) fn switch(ui: &mut Ui, name: &str, on: bool) -> Response {
    let t = tokens(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(34.0, 20.0), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Switch, true, on, name));
    let (ground, knob) = if on { (t.accent, t.on_accent) } else { (t.control, t.dim) };
    let stroke = Stroke::new(1.0, if on { t.accent } else { t.faint });
    ui.painter().rect(rect, CornerRadius::same(10), ground, stroke, StrokeKind::Inside);
    let x = if on { rect.right() - 10.0 } else { rect.left() + 10.0 };
    ui.painter().circle_filled(pos2(x, rect.center().y), 6.0, knob);
    focus_ring(ui, rect, &response, 10);
    response
}

/// Draws a few choices side by side; the one that was pressed. `group` names them for screen readers.
pub(in crate::ui) fn segments<T: Copy + PartialEq>(
    ui: &mut Ui,
    group: &str,
    chosen: T,
    choices: &[(T, &str)],
) -> Option<T> {
    let mut pressed = None;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(theme::STEP / 2.0, theme::STEP);
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
    let text = line_galley(ui, label, Reading::Name, (theme::caption(), t.text));
    let size = vec2((text.size().x + 14.0).max(26.0), 26.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    response
        .widget_info(|| WidgetInfo::selected(Role::RadioButton, true, chosen, format!("{group}: {label}")));
    let (ink, ground, line) = match () {
        () if chosen => (t.text, t.grounds.accent, t.accent),
        () if response.hovered() => (t.text, t.control, t.line),
        () => (t.text, t.raised, t.line),
    };
    ui.painter().rect(rect, CornerRadius::same(RADIUS), ground, Stroke::new(1.0, line), StrokeKind::Inside);
    focus_ring(ui, rect, &response, RADIUS);
    ui.painter().galley_with_override_text_color(rect.center() - text.size() / 2.0, text, ink);
    response
}

/// Draws a few choices in one frame, each an icon; the one that was pressed. `group` names them for screen readers.
pub(in crate::ui) fn icon_segments<T: Copy + PartialEq>(
    ui: &mut Ui,
    group: &str,
    chosen: T,
    choices: &[(T, Icon, &str)],
) -> Option<T> {
    const SIDE: Vec2 = vec2(36.0, 26.0);
    let t = tokens(ui);
    let size = vec2(SIDE.x * choices.len() as f32, SIDE.y) + vec2(4.0, 4.0);
    let (frame, _) = ui.allocate_exact_size(size, Sense::hover());
    let corners = CornerRadius::same(RADIUS);
    ui.painter().rect(frame, corners, t.raised, Stroke::new(1.0, t.line), StrokeKind::Inside);
    let mut pressed = None;
    for (n, (value, icon, label)) in choices.iter().enumerate() {
        let rect = Rect::from_min_size(frame.min + vec2(2.0 + SIDE.x * n as f32, 2.0), SIDE);
        let response = ui.interact(rect, ui.scope_id().with((group, n)), Sense::click());
        let is_chosen = *value == chosen;
        let name = format!("{group}: {label}");
        response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, is_chosen, &name));
        if is_chosen {
            ui.painter().rect_filled(rect, CornerRadius::same(RADIUS - 2), t.control);
        }
        focus_ring(ui, rect, &response, RADIUS - 2);
        let ink = if is_chosen || response.hovered() { t.text } else { t.dim };
        let painter = ui.painter();
        painter.text(rect.center(), Align2::CENTER_CENTER, icon.unicode(), theme::icons(15.0), ink);
        if response.clicked() {
            pressed = Some(*value);
        }
        response.shown_tip(label);
    }
    pressed
}

/// Draws a button that opens a menu and says what is chosen in it.
pub(in crate::ui) fn select(ui: &mut Ui, name: &str, chosen: &str) -> Response {
    let name = format!("{name}: {chosen}");
    Button::new(Weight::Secondary, chosen).after(Icon::ChevronDown).named(&name).show(ui)
}

/// Draws a small whole number with a button at each side; the new one, where it was changed.
pub(in crate::ui) fn stepper(
    ui: &mut Ui,
    name: &str,
    now: usize,
    range: std::ops::RangeInclusive<usize>,
) -> Option<usize> {
    let (fewer, more) = (format!("{name}: fewer"), format!("{name}: more"));
    let can = (now > *range.start(), now < *range.end());
    let step = steps(ui, name, now as f64, &now.to_string(), (&fewer, &more), can)?;
    Some(if step == StepDirection::Down { now - 1 } else { now + 1 })
}

/// Which way a value goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ui) enum StepDirection {
    Down,
    Up,
}

/// Draws a value as text, with a button at each side: what those are called, and whether they can be pressed.
pub(in crate::ui) fn steps(
    ui: &mut Ui,
    name: &str,
    value: f64,
    text: &str,
    (down, up): (&str, &str),
    (can_down, can_up): (bool, bool),
) -> Option<StepDirection> {
    let t = tokens(ui);
    let mut step = None;
    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = theme::STEP;
        let less = Button::new(Weight::Secondary, "").icon(Icon::Minus).named(down).enabled(can_down);
        if less.small().show(ui).clicked() {
            step = Some(StepDirection::Down);
        }
        let galley = ui.painter().layout_no_wrap(text.to_owned(), theme::strong(), t.text);
        let width = (galley.size().x + 2.0 * theme::STEP).max(26.0);
        let (rect, response) = ui.allocate_exact_size(vec2(width, 26.0), Sense::hover());
        response.widget_info(|| {
            let mut info = WidgetInfo::labeled(Role::SpinButton, true, name);
            info.value = Some(value);
            info
        });
        ui.painter().galley(rect.center() - galley.size() / 2.0, galley, t.text);
        let more = Button::new(Weight::Secondary, "").icon(Icon::Plus).named(up).enabled(can_up);
        if more.small().show(ui).clicked() {
            step = Some(StepDirection::Up);
        }
    });
    step
}
