//! Something that is on or off, and one of a few.

use std::sync::Arc;

use eframe::egui::{
    Align, Align2, Color32, CornerRadius, Galley, Layout, Pos2, Rect, Response, Role, Sense, Stroke,
    StrokeKind, Ui, Vec2, WidgetInfo, pos2, vec2,
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

/// Draws a box that is ticked or not, with its label.
pub(in crate::ui) fn checkbox(ui: &mut Ui, on: &mut bool, label: &str) -> Response {
    with_an_edge(ui, *on, |ui| ui.checkbox(on, label))
}

/// Draws a box that is ticked or not by what is around it, with its middle here.
pub(in crate::ui) fn tick_box(ui: &Ui, at: Pos2, on: bool) {
    let t = tokens(ui);
    let (ground, edge) = if on { (t.accent, t.accent) } else { (t.window, t.faint) };
    let rect = Rect::from_center_size(at, Vec2::splat(16.0));
    ui.painter().rect(rect, CornerRadius::same(4), ground, Stroke::new(1.0, edge), StrokeKind::Inside);
    if on {
        let (icon, font) = (Icon::Check.unicode(), theme::icons(12.0));
        ui.painter().text(at, Align2::CENTER_CENTER, icon, font, t.on_accent);
    }
}

/// Draws one of a few choices of which all are in sight, with its label.
pub(in crate::ui) fn radio(ui: &mut Ui, on: bool, label: &str) -> Response {
    with_an_edge(ui, on, |ui| ui.radio(on, label))
}

/// Gives boxes and circles an edge that is seen on every ground, and the accent where they are on.
fn with_an_edge(ui: &mut Ui, on: bool, add: impl FnOnce(&mut Ui) -> Response) -> Response {
    let t = tokens(ui);
    let (ground, edge, sign) =
        if on { (t.accent, t.accent, t.on_accent) } else { (t.window, t.faint, t.text) };
    let usual = Arc::clone(ui.style());
    let widgets = &mut ui.visuals_mut().widgets;
    for visuals in
        [&mut widgets.noninteractive, &mut widgets.inactive, &mut widgets.hovered, &mut widgets.active]
    {
        visuals.bg_fill = ground;
        visuals.bg_stroke.color = edge;
        visuals.fg_stroke = Stroke::new(1.5, sign);
    }
    widgets.hovered.bg_stroke.color = t.accent;
    let response = add(ui);
    ui.set_style(usual);
    focus_ring(ui, response.rect, &response, RADIUS);
    response
}

/// Height of a segment.
const SEGMENT: f32 = 26.0;
/// So much wider is the frame around segments, on each side.
const SEGMENT_FRAME: f32 = 2.0;

/// One of a few choices in one frame.
struct Segment<'a, T> {
    value: T,
    label: &'a str,
    content: Arc<Galley>,
    width: f32,
    /// What its icon means, where the pointer rests.
    tip: Option<&'a str>,
}

/// Draws a few choices in one frame; the one that was pressed. `group` names them for screen readers. What does not fit into
/// a line goes into one below, with a frame of its own.
pub(in crate::ui) fn segments<T: Copy + PartialEq>(
    ui: &mut Ui,
    group: &str,
    chosen: T,
    choices: &[(T, &str)],
) -> Option<T> {
    let most = ui.available_width() - 2.0 * SEGMENT_FRAME;
    let mut lines: Vec<Vec<Segment<'_, T>>> = vec![vec![]];
    let mut taken = 0.0;
    for (value, label) in choices {
        let content = line_galley(ui, label, Reading::Name, (theme::caption(), Color32::PLACEHOLDER));
        let width = (content.size().x + 22.0).ceil();
        if taken > 0.0 && taken + width > most {
            lines.push(vec![]);
            taken = 0.0;
        }
        taken += width;
        lines.last_mut()?.push(Segment { value: *value, label, content, width, tip: None });
    }
    let mut pressed = None;
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = theme::STEP;
        for line in lines {
            pressed = segment_line(ui, group, chosen, line).or(pressed);
        }
    });
    pressed
}

/// Draws a few choices in one frame, each an icon; the one that was pressed. `group` names them for screen readers.
pub(in crate::ui) fn icon_segments<'a, T: Copy + PartialEq>(
    ui: &mut Ui,
    group: &str,
    chosen: T,
    choices: &[(T, Icon, &'a str)],
) -> Option<T> {
    let segment = |(value, icon, label): &(T, Icon, &'a str)| {
        let icon = icon.unicode().to_string();
        let content = ui.painter().layout_no_wrap(icon, theme::icons(15.0), Color32::PLACEHOLDER);
        Segment { value: *value, label, content, width: 36.0, tip: Some(label) }
    };
    segment_line(ui, group, chosen, choices.iter().map(segment).collect())
}

fn segment_line<T: Copy + PartialEq>(
    ui: &mut Ui,
    group: &str,
    chosen: T,
    segments: Vec<Segment<'_, T>>,
) -> Option<T> {
    let t = tokens(ui);
    let width: f32 = segments.iter().map(|segment| segment.width).sum();
    let around = vec2(SEGMENT_FRAME, SEGMENT_FRAME);
    let (frame, _) = ui.allocate_exact_size(vec2(width, SEGMENT) + 2.0 * around, Sense::hover());
    ui.painter().rect_filled(frame, CornerRadius::same(RADIUS), t.control);
    let mut left = frame.left() + SEGMENT_FRAME;
    let mut pressed = None;
    for Segment { value, label, content, width, tip } in segments {
        let rect = Rect::from_min_size(pos2(left, frame.top() + SEGMENT_FRAME), vec2(width, SEGMENT));
        left = rect.right();
        let response = ui.interact(rect, ui.scope_id().with((group, label)), Sense::click());
        let is_chosen = value == chosen;
        let name = format!("{group}: {label}");
        response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, is_chosen, &name));
        let corners = CornerRadius::same(RADIUS - 1);
        if is_chosen {
            let line = Stroke::new(1.0, t.faint.gamma_multiply(0.5));
            ui.painter().rect(rect, corners, t.raised, line, StrokeKind::Inside);
        }
        focus_ring(ui, rect, &response, RADIUS - 1);
        let ink = if is_chosen || response.hovered() { t.text } else { t.dim };
        let at = rect.center() - content.size() / 2.0;
        ui.painter().galley_with_override_text_color(at, content, ink);
        if response.clicked() {
            pressed = Some(value);
        }
        if let Some(tip) = tip {
            response.shown_tip(tip);
        }
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
