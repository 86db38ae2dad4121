//! A list of files as it stands in the window: what is selected, what has the keyboard, and what is scrolled to. The
//! queue and the history have one each.

use std::ops::RangeInclusive;

use eframe::egui::{Context, Event, FocusDirection, Id, Key, Modifiers, UiBuilder};

use super::flash::Flash;
use super::row_drag::RowDrag;
use super::selection::{FileOrder, Selection};
use crate::session::api::{Queue, UploadId};

/// The state of a list.
pub(super) struct FileList {
    pub(super) selection: Selection,
    /// The rows to be brought into sight.
    pub(super) show_rows: Option<RangeInclusive<usize>>,
    pub(super) height: f32,
    /// So much of that lies behind toasts, from its bottom: rows that are brought into sight stand above it.
    pub(super) covered: f32,
    /// The row that was given the keyboard last by the window itself.
    pub(super) row_focus: Option<UploadId>,
    /// The keyboard is used to get around, and not the pointer.
    pub(super) by_keyboard: bool,
    /// The rows that have just come.
    pub(super) flash: Flash,
    /// The rows that are dragged to another place.
    pub(super) dragged: Option<RowDrag>,
    /// Tells its rows from those of other lists.
    name: &'static str,
}

/// A key that leads from one file to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ListKey {
    Up,
    Down,
    Left,
    Right,
    PageUp,
    PageDown,
    First,
    Last,
}

impl FileList {
    /// Starts with nothing selected.
    pub(super) fn new(name: &'static str) -> FileList {
        FileList {
            selection: Selection::default(),
            show_rows: None,
            height: 0.0,
            covered: 0.0,
            row_focus: None,
            by_keyboard: false,
            flash: Flash::default(),
            dragged: None,
            name,
        }
    }

    /// Returns the name egui has for a row.
    pub(super) fn row_id(&self, id: UploadId) -> Id {
        Id::unique((self.name, id.0))
    }

    /// Returns what begins a part of a row, by its name: it is the row's child for screen readers, and stays the same
    /// whatever appears beside it.
    pub(super) fn part_of_row(&self, id: UploadId, part: &str) -> UiBuilder {
        let row = self.row_id(id);
        UiBuilder::new().scope_id(row.with(part)).accessibility_parent(row)
    }

    /// Returns whether this is the one row of the list that the keyboard comes to: it goes on from there by arrows.
    pub(super) fn is_at(&self, id: UploadId, order: &dyn FileOrder) -> bool {
        self.selection.cursor().or_else(|| order.id(0)) == Some(id)
    }

    /// Gives the keyboard to the row that the selection is at: in the list both are one thing.
    pub(super) fn focus_selected(&mut self, ctx: &Context) {
        let Some(cursor) = self.selection.cursor() else { return };
        self.row_focus = Some(cursor);
        ctx.memory_mut(|memory| {
            memory.request_focus(self.row_id(cursor));
            // An arrow that was pressed leads on from what has the keyboard at the end of the frame, unless it is taken back.
            memory.move_focus(FocusDirection::None);
        });
    }

    /// Gives the keyboard to what is selected where nothing has it: what had it is gone.
    pub(super) fn focus_if_lost(&mut self, ctx: &Context) {
        let is_lost = self.selection.len() > 0
            && ctx.memory(|memory| memory.focused().is_none())
            && self.selection.cursor().is_some_and(|id| ctx.read_response(self.row_id(id)).is_some());
        if is_lost {
            self.focus_selected(ctx);
        }
    }

    /// Selects nothing.
    pub(super) fn clear_selection(&mut self) {
        self.selection.clear();
        self.row_focus = None;
    }

    /// Brings the row that the selection is at into sight.
    pub(super) fn show_cursor(&mut self, order: &dyn FileOrder) {
        self.show_rows = self.cursor_index(order).map(|at| at..=at);
    }

    /// Brings rows of the queue that have just come into sight, and has them flash.
    pub(super) fn show_new(&mut self, queue: &Queue, is_new: impl Fn(UploadId) -> bool) {
        let items = queue.items().iter().enumerate();
        let new: Vec<_> = items.filter(|(_, item)| is_new(item.request.id)).collect();
        if let (Some((first, _)), Some((last, _))) = (new.first(), new.last()) {
            // Behind the last one of all there is room for the toast that may come with it.
            let end = if *last + 1 == queue.items().len() { *last + 1 } else { *last };
            self.show_rows = Some(*first..=end);
            self.flash.begin(new.iter().map(|(_, item)| item.request.id));
        }
    }

    /// Returns where in the list the selection is.
    pub(super) fn cursor_index(&self, order: &dyn FileOrder) -> Option<usize> {
        self.selection.cursor().and_then(|id| order.index(id))
    }

    /// Follows the selection into a list that files have left; `before` is where it was.
    pub(super) fn follow_removed(&mut self, ctx: &Context, order: &dyn FileOrder, before: Option<usize>) {
        let cursor = self.selection.cursor();
        self.selection.follow(order, before);
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

    /// Reads what the arrows and their like ask of the list, where neither a field nor a control outside of the list has
    /// the keyboard: where to go, and whether the selection grows. To the sides only in a grid.
    pub(super) fn keys(
        &self,
        ctx: &Context,
        order: &dyn FileOrder,
        in_grid: bool,
    ) -> Option<(ListKey, bool)> {
        let cursor = self.selection.cursor().or_else(|| order.id(0));
        let focused = ctx.memory(|memory| memory.focused());
        if focused.is_some_and(|at| !cursor.is_some_and(|row| self.is_in_row(ctx, at, row))) {
            return None;
        }
        ctx.input_mut(|input| {
            let all = [
                (Key::ArrowDown, ListKey::Down),
                (Key::ArrowUp, ListKey::Up),
                (Key::PageDown, ListKey::PageDown),
                (Key::PageUp, ListKey::PageUp),
                (Key::Home, ListKey::First),
                (Key::End, ListKey::Last),
                (Key::ArrowLeft, ListKey::Left),
                (Key::ArrowRight, ListKey::Right),
            ];
            let all = &all[..if in_grid { 8 } else { 6 }];
            all.iter().find_map(|(key, go)| {
                let extend = input.consume_key(Modifiers::SHIFT, *key);
                (extend || input.consume_key(Modifiers::NONE, *key)).then_some((*go, extend))
            })
        })
    }

    /// Returns whether the keyboard is at a row or at one of its buttons.
    fn is_in_row(&self, ctx: &Context, focused: Id, row: UploadId) -> bool {
        let row = self.row_id(row);
        let inside = || {
            let (row, at) = (ctx.read_response(row)?, ctx.read_response(focused)?);
            Some(row.layer_id == at.layer_id && row.rect.contains_rect(at.rect))
        };
        focused == row || inside() == Some(true)
    }
}

/// The rows that are added to the queue.
pub(super) struct NewRows {
    /// The last file of which the row was brought into sight.
    last: UploadId,
    /// Somebody adds files, and this was selected then.
    expected: Option<u64>,
}

impl NewRows {
    /// Starts with the rows that are there: none of them has to be brought into sight.
    pub(super) fn new(queue: &Queue) -> NewRows {
        NewRows { last: queue.last_named(), expected: None }
    }

    /// Expects what somebody adds: when it is there, they are not at what is selected now any more.
    pub(super) fn expect(&mut self, list: &FileList) {
        self.expected = Some(list.selection.revision());
    }

    /// Has the list follow the rows that were added since the last frame. Where somebody added one alone it is selected, and
    /// of several none is, unless something else was selected since. Returns what somebody added.
    pub(super) fn follow(
        &mut self,
        ctx: &Context,
        queue: &Queue,
        is_coming: bool,
        list: &mut FileList,
    ) -> Vec<UploadId> {
        let last = queue.last_named();
        let before = std::mem::replace(&mut self.last, last);
        if before == last {
            self.expected = self.expected.filter(|_| is_coming);
            return vec![];
        }
        let is_new = |id: UploadId| id.0 > before.0 && id.0 <= last.0;
        list.show_new(queue, is_new);
        let Some(selected) = self.expected.take() else { return vec![] };
        let new: Vec<_> = queue.items().iter().map(|item| item.request.id).filter(|id| is_new(*id)).collect();
        match new.as_slice() {
            _ if selected != list.selection.revision() => {}
            &[one] => {
                let focused = ctx.memory(|memory| memory.focused());
                let row = list.selection.cursor().filter(|_| list.selection.len() > 0);
                let is_at_row = focused.zip(row).is_some_and(|(at, row)| list.is_in_row(ctx, at, row));
                list.selection.only(one);
                if is_at_row {
                    list.focus_selected(ctx);
                }
            }
            _ => list.clear_selection(),
        }
        new
    }
}
