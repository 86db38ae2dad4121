//! The few things everything is made of.

mod button;
mod card;
mod choice;
mod field;
mod menu;
mod page;
mod shapes;
mod sheet;
mod tag;
mod text;
mod toast;

use eframe::egui::{Color32, CornerRadius, Rect, Response, Stroke, StrokeKind, Ui};

use super::theme::tokens;

pub(super) use button::{Button, Weight, presses_enter};
pub(super) use card::{form, form_block, form_row, rule};
pub(super) use choice::{Step, segments, select, stepper, steps, switch};
pub(super) use field::field;
pub(super) use menu::{MenuItem, menu};
pub(super) use page::{page_column, page_header};
pub(super) use shapes::{big_icon, dashed, icon_mark, mark, middle, progress};
pub(super) use sheet::{Sheet, buttons, close_button, sheet};
pub(super) use tag::{Tone, tag, tag_ending};
pub(super) use text::{fit_end, fit_middle, line, words};
pub(super) use toast::toast;

/// Shows where the keyboard is.
pub(super) fn focus_ring(ui: &Ui, rect: Rect, response: &Response, radius: u8) {
    if response.has_focus() {
        let stroke = Stroke::new(2.0, tokens(ui).accent_text);
        ui.painter().rect_stroke(
            rect.expand(1.0),
            CornerRadius::same(radius + 1),
            stroke,
            StrokeKind::Outside,
        );
        follow(response);
    }
}

/// The keyboard may come to what is out of sight.
pub(super) fn follow(response: &Response) {
    if response.gained_focus() {
        response.scroll_to_me(None);
    }
}

/// The ground of one of several things to choose from.
pub(super) fn choice_ground(ui: &Ui, rect: Rect, response: &Response, chosen: bool) {
    let t = tokens(ui);
    let ground = match () {
        () if chosen => t.accent_ground,
        () if response.hovered() => t.control,
        () => Color32::TRANSPARENT,
    };
    ui.painter().rect_filled(rect, CornerRadius::same(8), ground);
    focus_ring(ui, rect, response, 8);
}
