//! The sheet that names what Hoist is made of, with its licences.

use eframe::egui::{self, Align, Key, Label, Layout, Modifiers, RichText, Ui, vec2};

use crate::ui::theme::{self, tokens};
use crate::ui::widgets::{Cut, close_button, cut_line, in_gutter, sheet};

/// A line for each: name and version, licence, where its source is, with tabs between them.
const ALL: &str = include_str!("../../../assets/licences/crates.txt");

/// Height of an entry.
const ROW: f32 = 40.0;

/// Shows it; true when it was closed.
pub(in crate::ui) fn show(ctx: &egui::Context) -> bool {
    let shown = sheet(ctx, "Third-party licences", 560.0, |sheet| {
        let sentence = "Each under its own licence, whose text is with its source.";
        let sentence = RichText::new(sentence).font(theme::body()).color(tokens(sheet.ui).dim);
        sheet.ui.add(Label::new(sentence).wrap());
        let rows: Vec<&str> = ALL.lines().collect();
        let room = sheet.room().min(480.0);
        let by = keys(sheet.ui, room);
        let list = sheet.scroll().max_height(room).min_scrolled_height(room);
        sheet.ui.spacing_mut().item_spacing.y = 0.0;
        in_gutter(sheet.ui, |ui| {
            list.show_rows(ui, ROW, rows.len(), |ui, range| {
                ui.scroll_with_delta(vec2(0.0, by));
                for row in &rows[range] {
                    entry(ui, row);
                }
            });
        });
        sheet.ui.spacing_mut().item_spacing.y = 6.0;
        sheet.foot(close_button)
    });
    shown.inner || shown.left
}

fn entry(ui: &mut Ui, row: &str) {
    let t = tokens(ui);
    let mut parts = row.split('\t');
    let (name, licence) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let source = parts.next().unwrap_or_default();
    ui.allocate_ui_with_layout(vec2(ui.available_width(), ROW), Layout::top_down(Align::LEFT), |ui| {
        ui.set_height(ROW);
        let room = ui.available_width();
        let first = format!("{name} · {licence}");
        cut_line(ui, &first, Cut::End, (theme::strong(), t.text), room);
        cut_line(ui, source, Cut::End, (theme::secondary(), t.dim), room);
    });
}

/// Reads how far the keys scroll.
fn keys(ui: &Ui, page: f32) -> f32 {
    ui.input_mut(|input| {
        [
            (Key::ArrowDown, -ROW),
            (Key::ArrowUp, ROW),
            (Key::PageDown, ROW - page),
            (Key::PageUp, page - ROW),
            (Key::Home, f32::from(u16::MAX)),
            (Key::End, -f32::from(u16::MAX)),
        ]
        .into_iter()
        .find_map(|(key, by)| input.consume_key(Modifiers::NONE, key).then_some(by))
        .unwrap_or(0.0)
    })
}
