//! What keys mean in the window.

use eframe::egui::{self, Key, Modifiers, Popup};

use super::action::{Action, CopiedAt, Page};
use super::app::App;
use super::command::{self, WindowCommand};
use super::queue;
use crate::session::api::Move;

impl App {
    /// Reads what is asked for by keys; nothing where something lies over the window.
    pub(super) fn keys(&mut self, ctx: &egui::Context, actions: &mut Vec<Action>) {
        if self.overlays.is_any() || self.session.intake.large().is_some() || Popup::is_any_open(ctx) {
            return;
        }
        for command in command::pressed(ctx, self.pages.shown) {
            self.command(command, actions);
        }
        if self.pages.shown != Page::Upload || ctx.text_edit_focused() {
            return;
        }
        let queue = self.session.uploads.queue();
        let list = &mut self.list;
        if let Some((key, extend)) = list.keys(ctx, queue, false) {
            list.selection.step(queue::go(key, list.height), extend, queue);
            list.show_cursor(queue);
            list.focus_selected(ctx);
        }
        if list.selection.len() > 0 && ctx.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape))
        {
            actions.push(Action::SelectAll(false));
        } else {
            list.focus_if_lost(ctx);
        }
    }

    /// Makes a command an action on what is selected.
    fn command(&mut self, command: WindowCommand, actions: &mut Vec<Action>) {
        let queue = self.session.uploads.queue();
        let ids = self.list.selection.in_order(queue);
        let format = self.session.keys.settings().copy_format;
        let action = match command {
            WindowCommand::AddFiles => Action::ChooseFiles,
            WindowCommand::AddFolders => Action::ChooseFolders,
            WindowCommand::AddByPath => Action::TypePaths,
            WindowCommand::Paste => Action::Paste,
            WindowCommand::Upload => Action::Upload,
            WindowCommand::Pause => Action::Pause(!self.session.uploads.is_paused()),
            WindowCommand::RetryFailed => Action::RetryFailed,
            WindowCommand::NextAttention => Action::NextAttention,
            WindowCommand::ClearFinished => Action::ClearFinished,
            WindowCommand::Copy => {
                let spot = self.list.selection.single().map_or(CopiedAt::Selection, CopiedAt::Row);
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
