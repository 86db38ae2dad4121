//! Text as it is laid out: each line in the order in which it is read.

use std::borrow::Cow;
use std::fmt::Debug;
use std::hash::Hash;
use std::sync::Arc;

use eframe::egui::{
    self, Align, Align2, Color32, FontId, Galley, Pos2, Response, Role, Ui, UiBuilder, WidgetInfo,
    text::LayoutJob,
};

use crate::ui::bidi::{self, Reading};

/// Returns what begins a part of a page whose controls have names of their own: whatever comes up before it meanwhile, a
/// click that has begun is not lost, nor is the keyboard. `name` is no other part's in the same scope.
pub(in crate::ui) fn named_part(ui: &Ui, name: impl Hash + Debug) -> UiBuilder {
    UiBuilder::new().scope_id(ui.scope_id().with(("part", name)))
}

/// Draws a line of text in one colour, cut off at `width`.
pub(in crate::ui) fn line(ui: &mut Ui, text: &str, font: FontId, colour: Color32) -> Response {
    line_read(ui, text, Reading::Sentence, (font, colour))
}

/// Draws a line that is read so.
pub(super) fn line_read(
    ui: &mut Ui,
    text: &str,
    reading: Reading,
    (font, colour): (FontId, Color32),
) -> Response {
    let drawn = bidi::drawn(text, reading);
    let is_reordered = matches!(drawn, Cow::Owned(_));
    let response = ui.add(egui::Label::new(egui::RichText::new(drawn).font(font).color(colour)).truncate());
    if is_reordered {
        // Screen readers read it as it is written.
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
    }
    response
}

/// Lays out a line that stands alone, in the order in which it is read.
pub(in crate::ui) fn line_galley(
    ui: &Ui,
    text: &str,
    reading: Reading,
    (font, colour): (FontId, Color32),
) -> Arc<Galley> {
    ui.painter().layout_no_wrap(bidi::drawn(text, reading).into_owned(), font, colour)
}

/// Draws a line whose left end is in the middle of its height at this point.
pub(in crate::ui) fn line_at(
    ui: &Ui,
    at: Pos2,
    text: &str,
    reading: Reading,
    (font, colour): (FontId, Color32),
) {
    ui.painter().text(at, Align2::LEFT_CENTER, bidi::drawn(text, reading), font, colour);
}

/// Lays out a sentence in lines of this width at most. Where lines end is found before their words are put in order.
pub(in crate::ui) fn wrapped_galley(
    ui: &Ui,
    text: &str,
    (font, colour): (FontId, Color32),
    width: f32,
    halign: Align,
) -> Arc<Galley> {
    let job = |text: String, width: f32| {
        let job = LayoutJob::simple(text, font.clone(), colour, width);
        ui.painter().layout_job(LayoutJob { halign, ..job })
    };
    if matches!(bidi::drawn(text, Reading::Sentence), Cow::Borrowed(_)) {
        return job(text.to_owned(), width);
    }
    let lines = text.lines().flat_map(|line| broken(ui, line, &font, width));
    let drawn: Vec<_> =
        lines.map(|line| bidi::drawn(line.trim_end(), Reading::Sentence).into_owned()).collect();
    job(drawn.join("\n"), f32::INFINITY)
}

/// Breaks a line between its words so that each part fits. egui's own breaks cannot be used: of letters that are read from
/// the right it does not tell which are in a row.
fn broken(ui: &Ui, line: &str, font: &FontId, width: f32) -> Vec<String> {
    let mut out = vec![String::new()];
    for word in line.split_inclusive(' ') {
        let Some(last) = out.last_mut() else { continue };
        let longer = format!("{last}{word}");
        if last.is_empty() || text_width(ui, longer.trim_end(), font) <= width {
            *last = longer;
        } else {
            out.push(word.to_owned());
        }
    }
    out
}

/// Draws a sentence in one colour, on as many lines as it needs.
pub(in crate::ui) fn wrapped(ui: &mut Ui, text: &str, font: FontId, colour: Color32) -> Response {
    if matches!(bidi::drawn(text, Reading::Sentence), Cow::Borrowed(_)) {
        return ui.add(egui::Label::new(egui::RichText::new(text).font(font).color(colour)).wrap());
    }
    let galley = wrapped_galley(ui, text, (font, colour), ui.available_width(), Align::LEFT);
    let response = ui.add(egui::Label::new(galley));
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
    response
}

/// Returns how wide a line of text is.
pub(in crate::ui) fn text_width(ui: &Ui, text: &str, font: &FontId) -> f32 {
    ui.painter().layout_no_wrap(text.to_owned(), font.clone(), Color32::WHITE).size().x
}
