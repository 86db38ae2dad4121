//! What is shown of folders that are being added: the line while they are scanned, and the question before many files are
//! added.

use eframe::egui::{self, Align, CornerRadius, Layout, Panel, Role, Ui, WidgetInfo};

use super::theme::{self, RADIUS, tokens};
use super::widgets::{Button, Weight, buttons, line, sheet, wrapped};
use crate::session::api::text::{self, count_thousands};
use crate::session::scan::{ScanBatch, ScanProgress, explanation};

/// Draws a line across the window that says what is being scanned, with a way out; true when that is taken.
pub(super) fn show_line(ui: &mut Ui, progress: &ScanProgress) -> bool {
    let t = tokens(ui);
    let mut stop = false;
    let around = egui::Frame::new().fill(t.window).inner_margin(egui::Margin::symmetric(20, 6));
    let ground = egui::Frame::new().fill(t.raised).corner_radius(CornerRadius::same(RADIUS)).inner_margin(8);
    Panel::top("progress").resizable(false).show_separator_line(false).frame(around).show(ui, |ui| {
        ground.show(ui, |ui| {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let cancel = Button::new(Weight::Secondary, "Cancel").named("Cancel scanning folders");
                stop = cancel.small().show(ui).clicked();
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    let label = label(progress);
                    let status = line(ui, &label, theme::body(), t.text);
                    status.widget_info(|| WidgetInfo::labeled(Role::Status, true, &label));
                });
            });
        });
    });
    stop
}

/// Asks whether to add much; nothing as long as there is no answer. Return is a yes: nothing is sent by it.
pub(super) fn question(ctx: &egui::Context, gathered: &ScanBatch) -> Option<bool> {
    let count = count_thousands(gathered.files.len(), "file");
    let title = format!("Add {count}, {}?", text::bytes(gathered.bytes));
    let shown = sheet(ctx, &title, 420.0, |sheet| {
        sheet.body(|ui| {
            wrapped(ui, &explanation(gathered), theme::body(), tokens(ui).dim);
        });
        let row = |ui: &mut Ui| {
            let add = Button::new(Weight::Primary, &format!("Add {count}")).show(ui);
            let cancel = Button::new(Weight::Secondary, "Cancel").show(ui);
            if !add.has_focus() && !cancel.has_focus() {
                add.request_focus();
            }
            if add.clicked() { Some(true) } else { cancel.clicked().then_some(false) }
        };
        sheet.foot(|ui| buttons(ui, row))
    });
    shown.inner.or(shown.left.then_some(false))
}

/// Returns how far a scan is: "Scanning Holiday… 3,210 files".
fn label(progress: &ScanProgress) -> String {
    let name = text::elide(&progress.name, 48);
    match progress.files {
        0 => format!("Scanning {name}…"),
        files => format!("Scanning {name}… {}", count_thousands(files, "file")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_looked_into_is_named_harmlessly() {
        let progress = |files| label(&ScanProgress { name: "Holiday".to_owned(), files });
        assert_eq!(progress(0), "Scanning Holiday…");
        assert_eq!(progress(1), "Scanning Holiday… 1 file");
        assert_eq!(progress(3210), "Scanning Holiday… 3,210 files");
    }
}
