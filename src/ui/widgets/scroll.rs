//! What scrolls, with its bar in a gutter.

use eframe::egui::{Ui, UiBuilder};

use crate::ui::theme::GUTTER;

/// Draws what scrolls as wide as there is room, its gutter in the margin at the right of that.
pub(in crate::ui) fn in_gutter<R>(ui: &mut Ui, add: impl FnOnce(&mut Ui) -> R) -> R {
    let room = ui.available_rect_before_wrap();
    let with_gutter = room.with_max_x(room.right() + f32::from(GUTTER));
    let mut inside = ui.new_child(UiBuilder::new().max_rect(with_gutter));
    let inner = add(&mut inside);
    let used = inside.min_rect();
    ui.advance_cursor_after_rect(used.with_max_x(used.right().min(room.right())));
    inner
}
