//! What keys mean in the window.

use eframe::egui::{self, Event, FocusDirection, Key, Modifiers, Popup};

use super::action::{Action, CopiedAt, Page};
use super::app::App;
use super::command::{self, WindowCommand};
use super::{queue, row};
use crate::model::upload::UploadId;

impl App {
    /// What was wished for by keys; nothing where something lies over the window.
    pub(super) fn keys(&mut self, ctx: &egui::Context, actions: &mut Vec<Action>) {
        if self.over.is_some() || self.question.is_some() || self.gather.asks() || Popup::is_any_open(ctx) {
            return;
        }
        for command in command::pressed(ctx, self.page) {
            self.command(command, actions);
        }
        if self.page != Page::Upload || ctx.text_edit_focused() {
            return;
        }
        let queue = self.session.queue();
        let first = || queue.items().first().map(|item| item.id);
        let at = self.selection.cursor().or_else(first);
        if let Some((go, extend)) = queue::keys(ctx, at, self.list_height) {
            self.selection.step(go, extend, queue);
            self.show_rows = self.selection.cursor().and_then(|id| queue.place(id)).map(|at| at..=at);
            self.focus_selected(ctx);
        }
        if self.selection.len() > 0 && ctx.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape))
        {
            actions.push(Action::SelectAll(false));
        } else if self.selection.len() > 0
            && ctx.memory(|memory| memory.focused().is_none())
            && self.selection.cursor().is_some_and(|id| ctx.read_response(row::row_id(id)).is_some())
        {
            self.focus_selected(ctx); // what had the keyboard is gone: what is selected has it
        }
    }

    /// Gives the keyboard to the row that the selection is at: in the list both are one thing.
    pub(super) fn focus_selected(&mut self, ctx: &egui::Context) {
        let Some(cursor) = self.selection.cursor() else { return };
        self.row_focus = Some(cursor);
        ctx.memory_mut(|memory| {
            memory.request_focus(row::row_id(cursor));
            // An arrow that was pressed leads on from what has the keyboard at the end of the frame, unless it is taken back.
            memory.move_focus(FocusDirection::None);
        });
    }

    /// Whether the keyboard is what is used to get around: only then is it shown which row it is at.
    pub(super) fn follow_keyboard(&mut self, ctx: &egui::Context) {
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

    /// Shows rows that were added since the last frame.
    pub(super) fn follow_new_rows(&mut self) {
        let queue = self.session.queue();
        let last = queue.last_named();
        let UploadId(before) = std::mem::replace(&mut self.newest, last);
        if before != last.0 {
            let new = |id: UploadId| id.0 > before && id.0 <= last.0;
            let mut places =
                queue.items().iter().enumerate().filter(|(_, item)| new(item.id)).map(|(at, _)| at);
            if let Some(first) = places.next() {
                self.show_rows = Some(first..=places.next_back().unwrap_or(first));
            }
        }
    }

    /// What a key means for what is selected.
    fn command(&mut self, command: WindowCommand, actions: &mut Vec<Action>) {
        use crate::model::queue::Move;
        let queue = self.session.queue();
        let ids = self.selection.in_order(queue);
        let format = self.session.settings().copy_format;
        let action = match command {
            WindowCommand::AddFiles => Action::ChooseFiles,
            WindowCommand::AddFolders => Action::ChooseFolders,
            WindowCommand::AddByPath => Action::TypePaths,
            WindowCommand::Paste => Action::Paste,
            WindowCommand::Upload => Action::Upload,
            WindowCommand::Pause => Action::Pause(!self.session.is_paused()),
            WindowCommand::RetryFailed => Action::RetryFailed,
            WindowCommand::ClearFinished => Action::ClearFinished,
            WindowCommand::Copy => {
                let spot = self.selection.single().map_or(CopiedAt::Selection, CopiedAt::Row);
                Action::CopyItems(spot, ids, format)
            }
            WindowCommand::SendTo if ids.is_empty() => return,
            WindowCommand::SendTo => Action::AskWhereTo(ids),
            WindowCommand::Remove => {
                let (active, rest): (Vec<_>, Vec<_>) =
                    ids.into_iter().partition(|id| queue.get(*id).is_some_and(|item| item.state.is_active()));
                if !active.is_empty() {
                    actions.push(Action::Cancel(active));
                }
                Action::Remove(rest)
            }
            WindowCommand::Details => Action::Details,
            WindowCommand::SelectAll => Action::SelectAll(true),
            WindowCommand::MoveUp => Action::Move(ids, Move::Up),
            WindowCommand::MoveDown => Action::Move(ids, Move::Down),
            WindowCommand::MoveFirst => Action::Move(ids, Move::First),
            WindowCommand::MoveLast => Action::Move(ids, Move::Last),
            WindowCommand::Undo => Action::Undo,
            WindowCommand::GoTo(page) => Action::Page(page),
            WindowCommand::Search => Action::Search,
            WindowCommand::Shortcuts => Action::Shortcuts,
            WindowCommand::ZoomIn | WindowCommand::ZoomOut | WindowCommand::ZoomReset => return,
        };
        actions.push(action);
    }
}
