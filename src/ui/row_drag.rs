//! Rows of the queue that are dragged to another place.

use eframe::egui::{
    Align2, CornerRadius, CursorIcon, Id, LayerId, Order, Pos2, Rect, Stroke, StrokeKind, Ui, Vec2, pos2,
    vec2,
};

use super::action::Action;
use super::theme::{self, RADIUS, tokens};
use super::widgets::fit_middle;
use crate::session::api::{Move, Queue, UploadId, text};

/// So near to the list's edge it scrolls, and so far in a second.
const EDGE: f32 = 36.0;
const SPEED: f32 = 700.0;

/// What is dragged.
pub(super) struct RowDrag(Vec<UploadId>);

impl RowDrag {
    /// Begins to drag these files, in the order of the list.
    pub(super) fn new(ids: Vec<UploadId>) -> RowDrag {
        RowDrag(ids)
    }

    /// Returns whether a file is dragged.
    pub(super) fn has(&self, id: UploadId) -> bool {
        self.0.contains(&id)
    }
}

/// Where rows are on screen: the first of those that are seen, and how far it is from one to the next.
pub(super) struct DragRows {
    pub(super) top: f32,
    pub(super) first: usize,
    pub(super) count: usize,
    pub(super) step: f32,
}

impl DragRows {
    /// Returns the index of the row in front of which something at this height would be put; behind the last one it is
    /// their number.
    fn gap_at(&self, y: f32) -> usize {
        let below = ((y - self.top) / self.step).round() as isize;
        self.first.saturating_add_signed(below).min(self.count)
    }

    /// Returns where the gap in front of a row is.
    fn gap_y(&self, gap: usize) -> f32 {
        self.top + (gap as f32 - self.first as f32) * self.step - 1.0
    }
}

/// Shows where the dragged rows would be put, and puts them there when they are let go.
pub(super) fn follow(
    ui: &mut Ui,
    queue: &Queue,
    dragged: &mut Option<RowDrag>,
    rows: &DragRows,
    actions: &mut Vec<Action>,
) {
    let Some(drag) = dragged else { return };
    let (pointer, is_held) = ui.input(|input| (input.pointer.latest_pos(), input.pointer.primary_down()));
    let Some(pointer) = pointer else { return };
    let gap = rows.gap_at(pointer.y);
    let is_outside = pointer.x < ui.clip_rect().left();
    if !is_held && is_outside {
        actions.push(Action::DropRows(std::mem::take(&mut drag.0), pointer));
        *dragged = None;
        return;
    }
    if !is_held {
        // In front of the next row that stays.
        let next = queue.items()[gap.min(queue.items().len())..].iter().map(|item| item.request.id);
        let to = next.into_iter().find(|id| !drag.has(*id)).map_or(Move::Last, Move::Before);
        actions.push(Action::Move(std::mem::take(&mut drag.0), to));
        *dragged = None;
        return;
    }
    ui.ctx().set_cursor_icon(CursorIcon::Grabbing);
    let seen = ui.clip_rect();
    let by = match () {
        () if is_outside => 0.0,
        () if pointer.y < seen.top() + EDGE => SPEED,
        () if pointer.y > seen.bottom() - EDGE => -SPEED,
        () => 0.0,
    };
    if by.abs() > 0.0 {
        ui.scroll_with_delta(vec2(0.0, by * ui.input(|input| input.stable_dt).min(0.1)));
        ui.ctx().request_repaint();
    }
    let t = tokens(ui);
    let (left, right) = (ui.max_rect().left(), ui.min_rect().right());
    let y = rows.gap_y(gap).clamp(seen.top() + 1.0, seen.bottom() - 1.0);
    if !is_outside {
        ui.painter().hline(left..=right, y, Stroke::new(2.0, t.accent));
        ui.painter().circle_filled(pos2(left + 3.0, y), 4.0, t.accent);
    }
    let label = match drag.0.as_slice() {
        [one] => queue.get(*one).map_or_else(String::new, |item| item.name.clone()),
        many => text::count(many.len(), "file"),
    };
    held(ui, pointer, &label);
}

/// Draws what is held, at the pointer.
fn held(ui: &Ui, pointer: Pos2, label: &str) {
    let t = tokens(ui);
    let painter = ui.ctx().layer_painter(LayerId::new(Order::Tooltip, Id::unique("what is dragged")));
    let label = fit_middle(ui, label, &theme::strong(), 220.0);
    let galley = painter.layout_no_wrap(label, theme::strong(), t.text);
    let rect = Rect::from_min_size(pointer + Vec2::new(14.0, 6.0), galley.size() + vec2(20.0, 10.0));
    let line = Stroke::new(1.0, t.line);
    painter.rect(rect, CornerRadius::same(RADIUS), t.raised, line, StrokeKind::Inside);
    let at = Align2::LEFT_CENTER.anchor_size(rect.left_center() + vec2(10.0, 0.0), galley.size()).min;
    painter.galley(at, galley, t.text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gap_is_the_nearest_one() {
        // The second row is the first that is seen.
        let rows = DragRows { top: 100.0, first: 1, count: 4, step: 70.0 };
        for (y, gap) in [(100.0, 1), (134.0, 1), (136.0, 2), (239.0, 3), (500.0, 4), (40.0, 0), (-900.0, 0)] {
            assert_eq!(rows.gap_at(y), gap, "{y}");
        }
        assert!((rows.gap_y(3) - 239.0).abs() < 0.01);
    }
}
