//! Toasts at the bottom of a page: what is told once, and what can be undone for a while.

use std::time::Instant;

use eframe::egui::{Context, Id, Rect};

use super::action::{Action, Page};
use super::app::App;
use super::command_actions::CommandState;
use super::notices::ShownNotices;
use super::widgets::{Toast, ToastPress, toasts};

/// So many stand above each other; older ones wait until there is room again.
const MAX_TOASTS: usize = 3;

impl App {
    /// Shows the toasts of a page at the bottom of this room; none lies over one of these controls.
    pub(super) fn show_toasts(
        &mut self,
        ctx: &Context,
        page: Page,
        (room, controls): (Rect, &[Rect]),
        actions: &mut Vec<Action>,
    ) {
        let now = Instant::now();
        if let Some((command, why)) = self.notices.reason()
            && !matches!(self.command_state(command), CommandState::Impossible(now) if now == why)
        {
            self.notices.remove_reason();
        }
        self.settle_old(now);
        if let Some(left) = self.undo.left(now) {
            ctx.request_repaint_after(left);
        }
        if self.is_settled() {
            self.undo.take(); // by what came after it
        }
        let undo = self.undo.offered_on(page);
        let is_covered = self.overlays.is_any() || self.session.intake.large().is_some();
        let is_pointed_at = ctx.data(|data| data.get_temp(pointed_at())).unwrap_or(false);
        let reads = !is_covered && !is_pointed_at && ctx.input(|input| input.focused);
        let most = MAX_TOASTS - usize::from(undo.is_some());
        let ShownNotices { all, waiting, next_goes_in } = self.notices.on(page, most, reads, now);
        if let Some(left) = next_goes_in {
            ctx.request_repaint_after(left);
        }
        let mut shown: Vec<_> = all
            .iter()
            .enumerate()
            .map(|(index, (number, notice))| Toast {
                id: Id::unique(("a notice", *number)),
                text: &notice.text,
                is_error: notice.is_error,
                more: if index == 0 { waiting } else { 0 },
                button: None,
            })
            .collect();
        if let Some((number, sentence)) = undo {
            let id = Id::unique(("what can be undone", number));
            shown.push(Toast { id, text: sentence, is_error: false, more: 0, button: Some("Undo") });
        }
        let follow = self.overlays.follow.shown(&self.session, page, now);
        if let Some(offer) = &follow {
            ctx.request_repaint_after(offer.left);
            let (id, text, button) = (offer.id, offer.sentence.as_str(), Some(offer.button.as_str()));
            shown.push(Toast { id, text, is_error: false, more: 0, button });
        }
        let on_screen = toasts(ctx, (room, controls), &shown);
        ctx.data_mut(|data| data.insert_temp(pointed_at(), on_screen.is_pointed_at));
        let list = if page == Page::History { &mut self.pages.history_list } else { &mut self.list };
        list.covered = on_screen.height;
        match on_screen.pressed {
            Some((index, ToastPress::Button)) if index == all.len() && undo.is_some() => {
                actions.push(Action::Undo);
            }
            Some((_, ToastPress::Button)) => actions.extend(self.overlays.follow.taken()),
            Some((index, ToastPress::Close)) => {
                actions.extend(all.get(index).map(|(number, _)| Action::CloseNotice(*number)));
            }
            None => {}
        }
    }
}

/// Returns the name egui has for whether the pointer rests on a toast: it does not go while somebody is at it.
fn pointed_at() -> Id {
    Id::unique("the pointer is on a toast")
}
