//! Where the keyboard is: the ring that shows it, and what of the window follows it.

use eframe::egui::text::CCursorRange;
use eframe::egui::text_edit::TextEditState;
use eframe::egui::{Align, Color32, Context, CornerRadius, Id, Rect, Response, Stroke, StrokeKind, Ui};

use crate::ui::theme::tokens;

/// How wide the ring is that shows where the keyboard is.
const RING: f32 = 2.0;

/// Shows where the keyboard is.
pub(in crate::ui) fn focus_ring(ui: &Ui, rect: Rect, response: &Response, radius: u8) {
    if response.has_focus() {
        let stroke = Stroke::new(RING, tokens(ui).accent_text);
        let (ring, corners) = (ring_around(rect, ui.clip_rect()), CornerRadius::same(radius + 3));
        ui.painter().rect_stroke(ring, corners, stroke, StrokeKind::Inside);
        follow(response);
    }
}

/// Returns the outer edge of the ring: at the edge of a list it is drawn within, where it would be cut off.
fn ring_around(rect: Rect, seen: Rect) -> Rect {
    rect.expand(1.0 + RING).intersect(seen)
}

/// Brings what has the keyboard into sight: it may come to what is out of it.
pub(in crate::ui) fn follow(response: &Response) {
    if response.gained_focus() {
        response.scroll_to_me(None);
    }
}

/// Gives the keyboard to a field whose whole text is selected: what is typed replaces it.
pub(in crate::ui) fn focus_to_replace(ctx: &Context, field: Id, text: &str) {
    ctx.memory_mut(|memory| memory.request_focus(field));
    let mut state = TextEditState::load(ctx, field).unwrap_or_default();
    state.cursor.set_char_range(Some(CCursorRange::select_all_str(text)));
    state.store(ctx, field);
}

/// Draws the ground of one of several things to choose from.
pub(in crate::ui) fn choice_ground(ui: &Ui, rect: Rect, response: &Response, chosen: bool) {
    let t = tokens(ui);
    let ground = match () {
        () if chosen => t.grounds.accent,
        () if response.hovered() => t.control,
        () => Color32::TRANSPARENT,
    };
    ui.painter().rect_filled(rect, CornerRadius::same(8), ground);
    focus_ring(ui, rect, response, 8);
}

fn wanted_setting() -> Id {
    Id::unique("the setting to be shown")
}

/// Has the setting of this name come into sight, with the keyboard at it.
pub(in crate::ui) fn show_setting(ctx: &Context, name: &'static str) {
    ctx.data_mut(|data| data.insert_temp(wanted_setting(), name));
}

/// Returns whether this is the setting to be shown, once.
pub(in crate::ui) fn is_shown(ui: &Ui, name: &str) -> bool {
    let is_it = ui.data(|data| data.get_temp::<&'static str>(wanted_setting())) == Some(name);
    if is_it && !ui.is_sizing_pass() {
        ui.data_mut(|data| data.remove::<&'static str>(wanted_setting()));
    }
    is_it
}

/// Brings the row of a form into sight and gives the keyboard to its first control, where it is the setting to be shown.
pub(super) fn show_if_wanted(control: &Ui, name: &str) {
    let (layer, rect) = (control.layer_id(), control.min_rect());
    let first = || {
        control.ctx().viewport(|viewport| {
            let mut within =
                viewport.this_pass.widgets.get_layer(layer).filter(|w| rect.contains_rect(w.rect));
            within.find(|widget| widget.sense.is_focusable() && widget.enabled).map(|widget| widget.id)
        })
    };
    if is_shown(control, name)
        && let Some(first) = first()
    {
        control.memory_mut(|memory| memory.request_focus(first));
        control.scroll_to_rect(rect, Some(Align::Center));
    }
}

#[cfg(test)]
mod tests {
    use eframe::egui::pos2;

    use super::*;

    #[test]
    fn the_ring_is_whole_at_the_edge_of_a_list() {
        let list = Rect::from_min_max(pos2(0.0, 50.0), pos2(300.0, 250.0));
        let row = |top: f32| Rect::from_min_max(pos2(10.0, top), pos2(290.0, top + 40.0));
        assert_eq!(ring_around(row(100.0), list), row(100.0).expand(3.0));
        for top in [50.0, 210.0] {
            let ring = ring_around(row(top), list);
            assert!(list.contains_rect(ring) && ring.contains_rect(row(top)), "{ring:?}");
        }
    }
}
