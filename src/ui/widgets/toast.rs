//! What was done and can be undone for a while, at the bottom of the page.

use eframe::egui::{
    self, Align, Align2, Area, CornerRadius, Id, Layout, Order, Rect, Role, Stroke, WidgetInfo,
    accesskit::Live, vec2,
};
use lucide_icons::Icon;

use super::button::{Button, Weight};
use super::text::line;
use crate::ui::theme::{self, RADIUS_ROW, tokens};

/// Between a toast and what is below the page.
const ABOVE: f32 = 12.0;

/// Says it at the bottom of a page and offers a button; true when that was pressed.
pub(in crate::ui) fn toast(ctx: &egui::Context, page: Rect, text: &str, button: &str) -> bool {
    let mut pressed = false;
    let area = Area::new(Id::unique("toast"))
        .order(Order::Foreground)
        .pivot(Align2::CENTER_BOTTOM)
        .fixed_pos(page.center_bottom() - vec2(0.0, ABOVE));
    area.show(ctx, |ui| {
        let t = tokens(ui);
        egui::Frame::new()
            .fill(t.raised)
            .stroke(Stroke::new(1.0, t.line))
            .corner_radius(CornerRadius::same(RADIUS_ROW))
            .shadow(ui.visuals().popup_shadow)
            .inner_margin(egui::Margin { left: 14, right: 8, top: 7, bottom: 7 })
            .show(ui, |ui| {
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    ui.spacing_mut().item_spacing.x = 14.0;
                    let response = line(ui, text, theme::body(), t.text);
                    response.widget_info(|| WidgetInfo::labeled(Role::Status, true, text));
                    ctx.accesskit_node_builder(response.id, |node| node.set_live(Live::Polite));
                    pressed =
                        Button::new(Weight::Secondary, button).icon(Icon::Undo2).small().show(ui).clicked();
                });
            });
    });
    pressed
}
