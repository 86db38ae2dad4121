//! What every page of words and controls has: a header, and a column that scrolls.

use eframe::egui::{self, Align, CentralPanel, Layout, Panel, ScrollArea, Ui};

use super::layout::line;
use super::text::{Cut, cut_line};
use crate::ui::theme::{self, tokens};

/// Draws a page's title and what there is to know of it, with its controls at the right.
pub(in crate::ui) fn page_header(ui: &mut Ui, title: &str, second: &str, controls: impl FnOnce(&mut Ui)) {
    let t = tokens(ui);
    let frame = egui::Frame::new().fill(t.window).inner_margin(egui::Margin::symmetric(20, 0));
    Panel::top("header").resizable(false).exact_size(theme::HEADER).frame(frame).show(ui, |ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            controls(ui);
            let room = ui.available_width();
            ui.with_layout(Layout::top_down(Align::LEFT), |ui| {
                ui.add_space(14.0);
                line(ui, title, theme::title(), t.text);
                cut_line(ui, second, Cut::End, (theme::secondary(), t.dim), room);
            });
        });
    });
}

/// Draws the content of a page, at most so wide; it scrolls.
pub(in crate::ui) fn page_column(ui: &mut Ui, name: &str, widest: f32, add: impl FnOnce(&mut Ui)) {
    let frame = egui::Frame::new().fill(tokens(ui).window);
    CentralPanel::default().frame(frame).show(ui, |ui| {
        ScrollArea::vertical().id_salt(name).auto_shrink([false, false]).show(ui, |ui| {
            egui::Frame::new()
                .inner_margin(egui::Margin { left: 20, right: 20 - theme::GUTTER, top: 16, bottom: 20 })
                .show(ui, |ui| {
                    ui.set_max_width(widest.min(ui.available_width()));
                    ui.set_min_width(ui.available_width());
                    add(ui);
                });
        });
    });
}
