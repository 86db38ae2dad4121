//! What keys mean in the window.

use eframe::egui::{self, Key, Modifiers, Popup};

use super::action::{Action, CopiedAt, Page};
use super::app::App;
use super::command::{self, WindowCommand};
use super::selection::Go;
use super::{history, queue};
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
        let page = self.pages.shown;
        if page == Page::History && self.leave_search(ctx) {
            return;
        }
        if !matches!(page, Page::Upload | Page::History) || ctx.text_edit_focused() {
            return;
        }
        let in_grid = page == Page::History && self.pages.history.layout().is_grid();
        let (list, order) = self.shown_list();
        if let Some((key, extend)) = list.keys(ctx, order, in_grid) {
            let (at, height) = (list.cursor_index(order), list.height);
            let go = match page {
                Page::History => Go::To(self.pages.history.layout().go(at, key, height)),
                _ => queue::go(key, height),
            };
            self.step(ctx, go, extend);
        }
        let list = self.shown_list().0;
        if list.selection.len() > 0 && ctx.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape))
        {
            actions.push(Action::SelectNone);
        } else {
            list.focus_if_lost(ctx);
        }
    }

    /// Moves the selection of the list that is shown, and the keyboard with it.
    fn step(&mut self, ctx: &egui::Context, go: Go, extend: bool) {
        let (list, order) = self.shown_list();
        list.selection.step(go, extend, order);
        list.show_cursor(order);
        list.focus_selected(ctx);
    }

    /// Goes from the search to the first upload that was found, by the arrow down or Return; true where it did.
    fn leave_search(&mut self, ctx: &egui::Context) -> bool {
        let is_there = ctx.memory(|memory| memory.has_focus(history::search_id()));
        if !is_there || self.pages.history.timeline().ids().is_empty() {
            return false;
        }
        let leaves = ctx.input_mut(|input| {
            input.consume_key(Modifiers::NONE, Key::ArrowDown)
                || input.consume_key(Modifiers::NONE, Key::Enter)
        });
        if leaves {
            self.step(ctx, Go::First, false);
        }
        leaves
    }

    /// Makes a command an action on what is selected.
    fn command(&mut self, command: WindowCommand, actions: &mut Vec<Action>) {
        let (list, order) = self.shown_list();
        let (ids, single) = (list.selection.in_order(order), list.selection.single());
        let in_history = self.pages.shown == Page::History;
        let queue = self.session.uploads.queue();
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
                let spot = match single {
                    Some(id) if !in_history => CopiedAt::Row(id),
                    _ => CopiedAt::Selection,
                };
                Action::CopyItems(spot, ids, format)
            }
            WindowCommand::SendTo if ids.is_empty() => return,
            WindowCommand::SendTo if in_history => Action::AskWhereAgain(ids),
            WindowCommand::SendTo => Action::AskWhereTo(ids),
            WindowCommand::Remove if in_history => Action::Forget(ids),
            WindowCommand::Remove => {
                let (active, rest): (Vec<_>, Vec<_>) =
                    ids.into_iter().partition(|id| queue.get(*id).is_some_and(|item| item.state.is_active()));
                if !active.is_empty() {
                    actions.push(Action::Cancel(active));
                }
                Action::Remove(rest)
            }
            WindowCommand::Details if in_history && self.pages.history.with_preview => Action::CloseDetails,
            WindowCommand::Details => Action::Details,
            WindowCommand::SelectAll => {
                // At once: another key may act on it in the same frame.
                let (list, order) = self.shown_list();
                return list.selection.all(order);
            }
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
