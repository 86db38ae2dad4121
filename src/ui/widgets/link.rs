//! Words that lead somewhere.

use eframe::egui::{CursorIcon, Response, Role, Sense, Stroke, Ui, WidgetInfo, vec2};

use super::button::presses_enter;
use super::focus::{focus_ring, follow};
use crate::ui::theme::{self, tokens};

/// Draws words of a sentence that can be pressed.
pub(in crate::ui) fn link(ui: &mut Ui, text: &str) -> Response {
    let ink = tokens(ui).accent_text;
    let galley = ui.painter().layout_no_wrap(text.to_owned(), theme::secondary(), ink);
    let (rect, response) = ui.allocate_exact_size(galley.size(), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Link, true, text));
    follow(&response);
    presses_enter(&response);
    let response = response.on_hover_cursor(CursorIcon::PointingHand);
    if response.hovered() {
        let y = rect.bottom() - 1.0;
        ui.painter().hline(rect.x_range(), y, Stroke::new(1.0, ink));
    }
    focus_ring(ui, rect.expand2(vec2(2.0, 0.0)), &response, 3);
    ui.painter().galley(rect.min, galley, ink);
    response
}
