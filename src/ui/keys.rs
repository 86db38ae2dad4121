//! What keys mean in the window.

use eframe::egui::{self, Key, Modifiers, Popup};

use super::action::{Action, Page, Spot};
use super::app::App;
use super::command::{self, Command};
use super::{queue, row};

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
        if let Some((by, extend)) = queue::keys(ctx, at, self.list_height) {
            self.selection.step(by, extend, queue);
            if let Some(cursor) = self.selection.cursor() {
                self.show_place = queue.place(cursor);
                ctx.memory_mut(|memory| memory.request_focus(row::row_id(cursor)));
            }
        }
        if self.selection.len() > 0 && ctx.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape))
        {
            actions.push(Action::SelectAll(false));
        }
    }

    /// What a key means for what is selected.
    fn command(&mut self, command: Command, actions: &mut Vec<Action>) {
        use crate::model::queue::Move;
        let queue = self.session.queue();
        let ids = self.selection.in_order(queue);
        let format = self.session.settings().copy_format;
        let action = match command {
            Command::AddFiles => Action::ChooseFiles,
            Command::AddFolders => Action::ChooseFolders,
            Command::AddByPath => Action::TypePaths,
            Command::Paste => Action::Paste,
            Command::Upload => Action::Upload,
            Command::Pause => Action::Pause(!self.session.is_paused()),
            Command::RetryFailed => Action::RetryFailed,
            Command::ClearFinished => Action::ClearFinished,
            Command::Copy => {
                let spot = self.selection.single().map_or(Spot::Selection, Spot::Row);
                Action::CopyItems(spot, ids, format)
            }
            Command::SendTo if ids.is_empty() => return,
            Command::SendTo => Action::AskWhereTo(ids),
            Command::Remove => {
                let (active, rest): (Vec<_>, Vec<_>) =
                    ids.into_iter().partition(|id| queue.get(*id).is_some_and(|item| item.state.is_active()));
                if !active.is_empty() {
                    actions.push(Action::Cancel(active));
                }
                Action::Remove(rest)
            }
            Command::Details => Action::Details,
            Command::SelectAll => Action::SelectAll(true),
            Command::MoveUp => Action::Move(ids, Move::Up),
            Command::MoveDown => Action::Move(ids, Move::Down),
            Command::MoveFirst => Action::Move(ids, Move::First),
            Command::MoveLast => Action::Move(ids, Move::Last),
            Command::Undo => Action::Undo,
            Command::GoTo(page) => Action::Page(page),
            Command::Search => Action::Search,
            Command::Shortcuts => Action::Shortcuts,
            Command::ZoomIn | Command::ZoomOut | Command::ZoomReset => return,
        };
        actions.push(action);
    }
}
