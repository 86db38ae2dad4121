//! Marks, bars and grounds.

use eframe::egui::{
    self, Align2, Color32, CornerRadius, Rect, Role, Sense, Stroke, Ui, Vec2, WidgetInfo, vec2,
};
use lucide_icons::Icon;

use crate::session::api::provider;
use crate::ui::theme::{self, tokens};

/// Lays out a column in the middle of a rectangle.
pub(in crate::ui) fn middle(ui: &mut Ui, rect: Rect, height: f32, add: impl FnOnce(&mut Ui)) {
    let width = rect.width() - 40.0;
    let column = Rect::from_center_size(rect.center(), vec2(width, height.min(rect.height())));
    let layout = egui::Layout::top_down(egui::Align::Center);
    ui.scope_builder(egui::UiBuilder::new().max_rect(column).layout(layout), add);
}

/// Draws the icon above the text of an empty page.
pub(in crate::ui) fn big_icon(ui: &mut Ui, icon: Icon) {
    let (rect, _) = ui.allocate_exact_size(vec2(44.0, 44.0), Sense::hover());
    let accent = tokens(ui).accent;
    ui.painter().text(rect.center(), Align2::CENTER_CENTER, icon.unicode(), theme::icons(40.0), accent);
}

/// Draws a bar that is filled from the left; dimmed where bytes no longer move.
pub(in crate::ui) fn progress(ui: &mut Ui, width: f32, share: f32, dimmed: bool) {
    let t = tokens(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(width, 4.0), Sense::hover());
    response.widget_info(|| {
        let mut info = WidgetInfo::labeled(Role::ProgressIndicator, true, "Sent");
        info.value = Some(f64::from(share * 100.0));
        info
    });
    let fill = if dimmed { t.accent.lerp_to_gamma(t.window, 0.45) } else { t.accent };
    ui.painter().rect_filled(rect, CornerRadius::same(2), t.control);
    let filled = Rect::from_min_size(rect.min, vec2(rect.width() * share.clamp(0.0, 1.0), rect.height()));
    ui.painter().rect_filled(filled, CornerRadius::same(2), fill);
}

/// Draws a provider's mark: its icon on its colour.
pub(in crate::ui) fn mark(ui: &mut Ui, mark: &provider::BrandMark, size: f32) -> Rect {
    let (rect, _) = ui.allocate_exact_size(Vec2::splat(size), Sense::hover());
    let [r, g, b] = mark.colour;
    ui.painter().rect_filled(rect, CornerRadius::same(7), Color32::from_rgb(r, g, b));
    let font = theme::icons(size * 0.57);
    ui.painter().text(rect.center(), Align2::CENTER_CENTER, mark.icon.unicode(), font, Color32::WHITE);
    rect
}

/// Draws the mark of what is no provider: an icon on the ground of controls.
pub(in crate::ui) fn icon_mark(ui: &mut Ui, icon: Icon, size: f32) -> Rect {
    let t = tokens(ui);
    let (rect, _) = ui.allocate_exact_size(Vec2::splat(size), Sense::hover());
    ui.painter().rect_filled(rect, CornerRadius::same(7), t.control);
    let font = theme::icons(size * 0.5);
    ui.painter().text(rect.center(), Align2::CENTER_CENTER, icon.unicode(), font, t.text);
    rect
}

/// Draws a dashed outline with round corners.
pub(in crate::ui) fn dashed(ui: &Ui, rect: Rect, radius: f32, colour: Color32) {
    let mut points = vec![];
    let corners = [
        (rect.right_top() + vec2(-radius, radius), -90.0_f32),
        (rect.right_bottom() + vec2(-radius, -radius), 0.0),
        (rect.left_bottom() + vec2(radius, -radius), 90.0),
        (rect.left_top() + vec2(radius, radius), 180.0),
    ];
    for (centre, from) in corners {
        for step in 0..=6u8 {
            let angle = (from + f32::from(step) * 15.0).to_radians();
            points.push(centre + radius * vec2(angle.cos(), angle.sin()));
        }
    }
    points.push(points[0]);
    ui.painter().extend(egui::Shape::dashed_line(&points, Stroke::new(1.0, colour), 4.0, 3.0));
}
