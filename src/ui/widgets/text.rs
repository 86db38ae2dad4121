//! Lines of text, cut off where they do not fit.

use std::borrow::Cow;

use eframe::egui::{self, Align, Color32, FontId, Response, Role, Ui, WidgetInfo};

use super::layout::{line_read, text_width, wrapped_galley};
use super::tip::WithTip;
use crate::session::api::text;
use crate::ui::bidi::{self, Reading};

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
    /// Of parts with dots between them the last ones are omitted.
    Parts,
}

/// Between the parts of a line.
pub(in crate::ui) const DOT: &str = " · ";

/// Behind a line whose last parts are omitted.
const MORE: &str = " …";

/// Omits the last of the parts of `text` until it fits; the first is cut at its end where it does not.
pub(in crate::ui) fn fit_parts(ui: &Ui, text: &str, font: &FontId, room: f32) -> String {
    let parts: Vec<_> = text.split(DOT).collect();
    let shown = |count: usize| match count < parts.len() {
        true => format!("{}{MORE}", parts[..count].join(DOT)),
        false => text.to_owned(),
    };
    let fits = (1..=parts.len()).rev().map(shown).find(|shown| text_width(ui, shown, font) <= room);
    fits.unwrap_or_else(|| fit_end(ui, &shown(1), font, room))
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
    let (shown, reading) = match cut {
        Cut::Middle => (fit_middle(ui, whole, &font, room), Reading::Name),
        Cut::End => (fit_end(ui, whole, &font, room), Reading::Sentence),
        Cut::Parts => (fit_parts(ui, whole, &font, room), Reading::Sentence),
    };
    let response = line_read(ui, &shown, reading, (font, colour));
    if shown == whole {
        return response;
    }
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, whole));
    response.tip(whole)
}

/// Draws centred text, on as many lines as it needs.
pub(in crate::ui) fn centred(ui: &mut Ui, text: &str, font: FontId, colour: Color32) {
    if matches!(bidi::drawn(text, Reading::Sentence), Cow::Owned(_)) {
        let galley = wrapped_galley(ui, text, (font, colour), ui.available_width(), Align::Center);
        let response = ui.add(egui::Label::new(galley).halign(Align::Center));
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
        return;
    }
    let text = egui::RichText::new(text).font(font).color(colour);
    ui.add(egui::Label::new(text).wrap().halign(Align::Center));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_line_that_does_not_fit_whole_parts_are_omitted() {
        let ctx = egui::Context::default();
        let mut output = ctx.run_ui(egui::RawInput::default(), |ui| {
            let font = FontId::proportional(12.0);
            let whole = "1 ready · 2 uploaded · 3 sent before";
            let width = |text: &str| text_width(ui, text, &font);
            let shown = |room: f32| fit_parts(ui, whole, &font, room);
            assert_eq!(shown(width(whole)), whole);
            assert_eq!(shown(width(whole) - 1.0), "1 ready · 2 uploaded …");
            assert_eq!(shown(width("1 ready · 2 uploaded …") - 1.0), "1 ready …");
            let cut = shown(width("1 ready …") - 1.0);
            assert!(cut.starts_with("1 re") && cut.ends_with('…') && cut.len() < "1 ready …".len(), "{cut}");
        });
        output.textures_delta.clear();
    }
}
