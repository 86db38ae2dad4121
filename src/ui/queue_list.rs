//! The list of files as it stands in the window: what is selected, what has the keyboard, and what is scrolled to.

use std::ops::RangeInclusive;

use eframe::egui::{Context, Event, FocusDirection, Id, Key};

use super::selection::Selection;
use crate::session::api::{Queue, UploadId};

/// The state of the list.
pub(super) struct QueueList {
    pub(super) selection: Selection,
    /// The rows to be brought into sight.
    pub(super) show_rows: Option<RangeInclusive<usize>>,
    pub(super) height: f32,
    /// The row that was given the keyboard last by the window itself.
    pub(super) row_focus: Option<UploadId>,
    /// The keyboard is used to get around, and not the pointer.
    pub(super) by_keyboard: bool,
    /// The last file of which the row was brought into sight.
    newest: UploadId,
}

/// Returns the name egui has for a row.
pub(super) fn row_id(id: UploadId) -> Id {
    Id::unique(("row of the queue", id.0))
}

impl QueueList {
    /// Starts with the rows that are there: none of them has to be brought into sight.
    pub(super) fn new(queue: &Queue) -> QueueList {
        QueueList {
            selection: Selection::default(),
            show_rows: None,
            height: 0.0,
            row_focus: None,
            by_keyboard: false,
            newest: queue.last_named(),
        }
    }

    /// Gives the keyboard to the row that the selection is at: in the list both are one thing.
    pub(super) fn focus_selected(&mut self, ctx: &Context) {
        let Some(cursor) = self.selection.cursor() else { return };
        self.row_focus = Some(cursor);
        ctx.memory_mut(|memory| {
            memory.request_focus(row_id(cursor));
            // An arrow that was pressed leads on from what has the keyboard at the end of the frame, unless it is taken back.
            memory.move_focus(FocusDirection::None);
        });
    }

    /// Selects nothing.
    pub(super) fn clear_selection(&mut self) {
        self.selection.clear();
        self.row_focus = None;
    }

    /// Brings the row that the selection is at into sight.
    pub(super) fn show_cursor(&mut self, queue: &Queue) {
        self.show_rows = self.cursor_index(queue).map(|at| at..=at);
    }

    /// Returns where in the queue the selection is.
    pub(super) fn cursor_index(&self, queue: &Queue) -> Option<usize> {
        self.selection.cursor().and_then(|id| queue.index(id))
    }

    /// Follows the selection into a queue that files have left; `before` is where it was.
    pub(super) fn follow_removed(&mut self, ctx: &Context, queue: &Queue, before: Option<usize>) {
        let cursor = self.selection.cursor();
        self.selection.follow(queue, before);
        if cursor != self.selection.cursor() {
            self.focus_selected(ctx);
        }
    }

    /// Notes whether the keyboard is what is used to get around: only then is it shown which row it is at.
    pub(super) fn follow_keyboard(&mut self, ctx: &Context) {
        let moves = |key: Key| {
            use Key::{ArrowDown, ArrowLeft, ArrowRight, ArrowUp, End, Home, PageDown, PageUp, Tab};
            [Tab, ArrowUp, ArrowDown, ArrowLeft, ArrowRight, Home, End, PageUp, PageDown].contains(&key)
        };
        ctx.input(|input| {
            for event in &input.events {
                match event {
                    Event::Key { key, pressed: true, .. } if moves(*key) => self.by_keyboard = true,
                    Event::PointerButton { pressed: true, .. } => self.by_keyboard = false,
                    _ => {}
                }
            }
        });
    }

    /// Brings rows into sight that were added since the last frame.
    pub(super) fn follow_new_rows(&mut self, queue: &Queue) {
        let last = queue.last_named();
        let UploadId(before) = std::mem::replace(&mut self.newest, last);
        if before != last.0 {
            let new = |id: UploadId| id.0 > before && id.0 <= last.0;
            let mut indices = queue
                .items()
                .iter()
                .enumerate()
                .filter(|(_, item)| new(item.request.id))
                .map(|(index, _)| index);
            if let Some(first) = indices.next() {
                self.show_rows = Some(first..=indices.next_back().unwrap_or(first));
            }
        }
    }
}
