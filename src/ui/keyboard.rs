//! What keys mean in the window.

use eframe::egui::{self, Key, Modifiers, Popup};

use super::action::{Action, Page};
use super::app::App;
use super::command::{self, WindowCommand};
use super::command_actions::CommandState;
use super::details_panel::PanelForm;
use super::selection::Go;
use super::{history, queue};

impl App {
    /// Reads what is asked for by keys; nothing where something lies over the window.
    pub(super) fn keys(&mut self, ctx: &egui::Context, actions: &mut Vec<Action>) {
        if self.overlays.is_any() || self.session.intake.large().is_some() || Popup::is_any_open(ctx) {
            return;
        }
        for command in command::pressed(ctx, self.pages.shown) {
            match self.command_state(command) {
                // At once: another key may act on it in the same frame.
                CommandState::Possible(all) if command == WindowCommand::SelectAll => {
                    for action in all {
                        self.perform(ctx, action);
                    }
                }
                CommandState::Possible(all) => actions.extend(all),
                // Keys without a modifier act on what is selected: that nothing is can be seen.
                CommandState::Impossible(why) if command.has_modifier() => {
                    self.notices.add_reason(command, why);
                }
                CommandState::Impossible(_) | CommandState::Absent => {}
            }
        }
        let page = self.pages.shown;
        if page == Page::History && self.leave_search(ctx) {
            return;
        }
        if !matches!(page, Page::Upload | Page::History) || ctx.text_edit_focused() {
            return;
        }
        if self.list.dragged.is_some()
            && ctx.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape))
        {
            self.list.dragged = None;
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
        if page == Page::History && self.escapes_search(ctx) {
            return;
        }
        let form = self.details_form(ctx);
        // On the history's page somebody has opened them; beside the queue they stand as long as there is one.
        let closes = form == Some(PanelForm::Over) || (form.is_some() && page == Page::History);
        let list = self.shown_list().0;
        let is_any = closes || list.selection.len() > 0;
        if is_any && ctx.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape)) {
            actions.push(if closes { Action::CloseDetails } else { Action::SelectNone });
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

    /// Clears the search by Escape, and then leaves it; from elsewhere when there is nothing else to leave. True where it did.
    fn escapes_search(&mut self, ctx: &egui::Context) -> bool {
        let form = self.details_form(ctx);
        let history = &mut self.pages.history;
        let (is_there, is_any) = (history.is_searching(), !history.search_text().is_empty());
        let is_last = form.is_none() && self.pages.history_list.selection.len() == 0;
        let escapes = (is_there || is_any && is_last)
            && ctx.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape));
        if escapes && is_any {
            history.clear_search();
            if is_there {
                ctx.memory_mut(|memory| memory.request_focus(history::search_id()));
            }
        }
        escapes
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
}
