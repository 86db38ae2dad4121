//! Toasts: sentences that float at the bottom of a page, one above the other.

use eframe::egui::{
    self, Align, Align2, Area, CornerRadius, Id, Label, Layout, Order, Rangef, Rect, Role, Stroke,
    WidgetInfo, accesskit::Live, pos2,
};
use lucide_icons::Icon;

use super::button::{Button, Weight};
use super::layout::{line, wrapped_galley};
use crate::ui::theme::{self, RADIUS_ROW, tokens};

/// Between toasts and the edges of the page, and between two of them.
const AROUND: f32 = 12.0;
const GAP: f32 = 8.0;

/// No toast is wider, and none is narrower where there is room.
const WIDEST: f32 = 480.0;
const COMFORTABLE: f32 = 320.0;

/// As high as a toast with one line: until it has been drawn, that is how high it is taken to be.
const USUAL_HEIGHT: f32 = 42.0;

/// What a toast says, and what can be done with it.
pub(in crate::ui) struct Toast<'a> {
    pub(in crate::ui) id: Id,
    pub(in crate::ui) text: &'a str,
    pub(in crate::ui) is_error: bool,
    /// So many more wait behind it.
    pub(in crate::ui) more: usize,
    /// What it offers to do; else it can be closed.
    pub(in crate::ui) button: Option<&'a str>,
}

/// Which of its buttons was pressed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::ui) enum ToastPress {
    Close,
    Button,
}

/// What toasts are on screen, and what is done with them.
#[derive(Default)]
pub(in crate::ui) struct ShownToasts {
    /// Which of them had a button pressed.
    pub(in crate::ui) pressed: Option<(usize, ToastPress)>,
    /// The pointer is at one of them.
    pub(in crate::ui) is_pointed_at: bool,
    /// So much of the room lies behind them, from its bottom.
    pub(in crate::ui) height: f32,
}

/// Shows toasts at the bottom of a room, the last one lowest, and beside these controls.
pub(in crate::ui) fn toasts(
    ctx: &egui::Context,
    (room, controls): (Rect, &[Rect]),
    all: &[Toast<'_>],
) -> ShownToasts {
    let height = |toast: &Toast<'_>| {
        ctx.memory(|memory| memory.area_rect(toast.id)).map_or(USUAL_HEIGHT, |area| area.height())
    };
    let whole: f32 = all.iter().map(|toast| height(toast) + GAP).sum();
    let across = free_range(room.shrink(AROUND), controls, whole);
    let time = ctx.global_style().animation_time;
    let mut bottom = room.bottom() - AROUND + GAP - whole;
    let mut on_screen =
        ShownToasts { height: if all.is_empty() { 0.0 } else { whole + AROUND }, ..ShownToasts::default() };
    for (index, toast) in all.iter().enumerate() {
        bottom += height(toast);
        // What is above one that comes or goes moves on; it does not jump.
        let y = ctx.animate_value_with_time(toast.id.with("bottom"), bottom, time);
        bottom += GAP;
        let area = Area::new(toast.id)
            .order(Order::Middle)
            .pivot(Align2::LEFT_BOTTOM)
            .fixed_pos(pos2(across.min, y))
            .constrain(false);
        let shown = area.show(ctx, |ui| draw(ui, toast, across.span().min(WIDEST)));
        on_screen.is_pointed_at |= shown.response.contains_pointer();
        on_screen.pressed = on_screen.pressed.or(shown.inner.map(|press| (index, press)));
    }
    on_screen
}

/// Finds where toasts of this height lie over no control: the first place from the left that is wide enough, or else the
/// widest.
fn free_range(room: Rect, controls: &[Rect], height: f32) -> Rangef {
    let band = Rangef::new(room.bottom() - height, room.bottom());
    let mut taken: Vec<Rangef> = controls
        .iter()
        .filter(|control| control.y_range().intersects(band))
        .map(|control| control.x_range().expand(GAP))
        .collect();
    taken.sort_by(|a, b| a.min.total_cmp(&b.min));
    let (mut from, mut free) = (room.left(), vec![]);
    for range in taken {
        free.push(Rangef::new(from, range.min.min(room.right())));
        from = from.max(range.max);
    }
    free.push(Rangef::new(from, room.right()));
    let wide = free.iter().find(|range| range.span() >= COMFORTABLE);
    let widest = free.iter().max_by(|a, b| a.span().total_cmp(&b.span()));
    wide.or(widest).copied().filter(|range| range.span() > 0.0).unwrap_or(room.x_range())
}

/// Draws one, at most so wide.
pub(in crate::ui) fn draw(ui: &mut egui::Ui, toast: &Toast<'_>, widest: f32) -> Option<ToastPress> {
    let t = tokens(ui);
    let mut pressed = None;
    let margin = egui::Margin { left: 14, right: 8, top: 7, bottom: 7 };
    let frame = egui::Frame::new()
        .fill(t.raised)
        .stroke(Stroke::new(1.0, t.line))
        .corner_radius(CornerRadius::same(RADIUS_ROW))
        .shadow(ui.visuals().popup_shadow)
        .inner_margin(margin);
    frame.show(ui, |ui| {
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 10.0;
            let (press, button) = match toast.button {
                Some("Undo") => {
                    (ToastPress::Button, Button::new(Weight::Secondary, "Undo").icon(Icon::Undo2))
                }
                Some(label) => (ToastPress::Button, Button::new(Weight::Secondary, label)),
                None => (ToastPress::Close, Button::icon_only(Icon::X, "Close this notice")),
            };
            let button = button.small();
            let mut room = widest - margin.sum().x - 2.0 - button.width(ui) - 10.0;
            if toast.is_error {
                let icon =
                    egui::RichText::new(Icon::CircleAlert.unicode()).font(theme::icons(15.0)).color(t.bad);
                let icon = ui.add(Label::new(icon));
                icon.widget_info(|| WidgetInfo::labeled(Role::Image, true, "Error"));
                room -= 25.0;
            }
            let more = if toast.more > 0 { format!("{} more", toast.more) } else { String::new() };
            if !more.is_empty() {
                room -= super::layout::text_width(ui, &more, &theme::secondary()) + 10.0;
            }
            let look = (theme::body(), t.text);
            let text = wrapped_galley(ui, toast.text, look, room.max(80.0), Align::LEFT);
            let response = ui.add(Label::new(text));
            response.widget_info(|| WidgetInfo::labeled(Role::Status, true, toast.text));
            ui.ctx().accesskit_node_builder(response.id, |node| node.set_live(Live::Polite));
            if !more.is_empty() {
                line(ui, &more, theme::secondary(), t.dim);
            }
            if button.show(ui).clicked() {
                pressed = Some(press);
            }
        });
    });
    pressed
}

#[cfg(test)]
mod tests {
    use eframe::egui::vec2;

    use super::*;

    #[test]
    fn toasts_find_a_place_beside_the_controls() {
        let room = Rect::from_min_size(pos2(100.0, 0.0), vec2(900.0, 400.0));
        let control = |x: f32, y: f32| Rect::from_min_size(pos2(x, y), vec2(100.0, 30.0));
        for (controls, from, to, why) in [
            (vec![], 100.0, 1000.0, "there is none"),
            (vec![control(800.0, 100.0)], 100.0, 1000.0, "it is far above"),
            (vec![control(800.0, 370.0)], 100.0, 792.0, "at the left of it"),
            (vec![control(800.0, 370.0), control(700.0, 340.0)], 100.0, 692.0, "at the left of both"),
            (vec![control(150.0, 370.0)], 258.0, 1000.0, "there is no room at its left"),
            (vec![control(300.0, 370.0), control(600.0, 370.0)], 708.0, 1000.0, "the widest of three"),
        ] {
            assert_eq!(free_range(room, &controls, 60.0), Rangef::new(from, to), "{why}");
        }
    }
}
