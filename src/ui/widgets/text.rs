//! Lines of text, cut off where they do not fit.

use super::tip::WithTip;
use crate::session::api::text;
use eframe::egui::{self, Color32, FontId, Response, Role, Ui, WidgetInfo};

/// Draws a line of text in one colour, cut off at `width`.
pub(in crate::ui) fn line(ui: &mut Ui, text: &str, font: FontId, colour: Color32) -> Response {
    ui.add(egui::Label::new(egui::RichText::new(text).font(font).color(colour)).truncate())
}

/// Returns how wide a line of text is.
pub(in crate::ui) fn text_width(ui: &Ui, text: &str, font: &FontId) -> f32 {
    ui.painter().layout_no_wrap(text.to_owned(), font.clone(), Color32::WHITE).size().x
}

/// Finds the longest form of `text` that fits, made by `shorten(text, characters)`.
fn fit_by(ui: &Ui, text: &str, font: &FontId, room: f32, shorten: impl Fn(&str, usize) -> String) -> String {
    if text_width(ui, text, font) <= room {
        return text.to_owned();
    }
    let (mut low, mut high) = (1, text.chars().count());
    while low + 1 < high {
        let middle = usize::midpoint(low, high);
        if text_width(ui, &shorten(text, middle), font) <= room { low = middle } else { high = middle }
    }
    shorten(text, low)
}

/// Cuts `text` in the middle so that it fits: names and ids differ at their ends.
pub(in crate::ui) fn fit_middle(ui: &Ui, text: &str, font: &FontId, room: f32) -> String {
    fit_by(ui, text, font, room, text::elide)
}

/// Cuts `text` at its end so that it fits.
pub(in crate::ui) fn fit_end(ui: &Ui, text: &str, font: &FontId, room: f32) -> String {
    fit_by(ui, text, font, room, |text, n| {
        let mut out: String = text.chars().take(n.saturating_sub(1)).collect();
        out.push('…');
        out
    })
}

/// Where a line is cut off that does not fit.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::ui) enum Cut {
    /// Names and IDs differ at their ends.
    Middle,
    End,
}

/// Draws a line of text, cut off where there is no room for it: the whole of it is shown where the pointer rests, and
/// read by screen readers.
pub(in crate::ui) fn cut_line(
    ui: &mut Ui,
    whole: &str,
    cut: Cut,
    (font, colour): (FontId, Color32),
    room: f32,
) -> Response {
    let fit = if cut == Cut::Middle { fit_middle } else { fit_end };
    let shown = fit(ui, whole, &font, room);
    let response = line(ui, &shown, font, colour);
    if shown == whole {
        return response;
    }
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, whole));
    response.tip(whole)
}

/// Draws centred text, on as many lines as it needs.
pub(in crate::ui) fn centred(ui: &mut Ui, text: &str, font: FontId, colour: Color32) {
    let text = egui::RichText::new(text).font(font).color(colour);
    ui.add(egui::Label::new(text).wrap().halign(egui::Align::Center));
}
