//! A line across the window that tells of something once.

use eframe::egui::{self, Align, CornerRadius, Layout, Panel, Role, Ui, WidgetInfo};
use lucide_icons::Icon;

use super::theme::{self, RADIUS, tokens};
use super::widgets::{Button, line};

/// Shows a notice; true when it was closed. `more` wait behind it.
pub(super) fn show(ui: &mut Ui, text: &str, more: usize) -> bool {
    let t = tokens(ui);
    let mut close = false;
    let around = egui::Frame::new().fill(t.window).inner_margin(egui::Margin::symmetric(20, 6));
    let ground =
        egui::Frame::new().fill(t.accent_ground).corner_radius(CornerRadius::same(RADIUS)).inner_margin(8);
    Panel::top("notice").resizable(false).show_separator_line(false).frame(around).show(ui, |ui| {
        ground.show(ui, |ui| {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                close = Button::icon_only(Icon::X, "Close this notice").small().show(ui).clicked();
                if more > 0 {
                    line(ui, &format!("{more} more"), theme::secondary(), t.text);
                }
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    let words = egui::RichText::new(text).font(theme::body()).color(t.text);
                    let said = ui.add(egui::Label::new(words).wrap());
                    said.widget_info(|| WidgetInfo::labeled(Role::Status, true, text));
                });
            });
        });
    });
    close
}
