//! A frame of the window: what has arrived is taken in, everything is drawn, and what was asked for is done.

use std::time::Instant;

use eframe::egui::{self, Ui};

use super::action::{Action, CopiedAt, Page};
use super::add::AddSheet;
use super::app::App;
use super::details_panel::PanelForm;
use super::inspector::Subject;
use super::overlay::Overlay;
use super::question::Question;
use super::screen::has_room_for_details;
use super::send_to::AgainSheet;
use super::undo::Removal;
use super::view_context::ViewContext;
use super::widgets::follow_typing;
use super::{
    api_keys, banner, fetch, footer, header, history, inspector, motion, providers, queue, scan, settings,
    sidebar,
};
use crate::platform::notify;
use crate::platform::taskbar::TaskbarProgress;
use crate::session::Finished;

/// What screen readers call the window.
const NAME: &str = "Hoist";

impl eframe::App for App {
    fn raw_input_hook(&mut self, ctx: &egui::Context, input: &mut egui::RawInput) {
        self.desktop.read_keys(ctx, input);
        self.drag.hide_pointer(input);
    }

    fn on_exit(&mut self, _gl: Option<&eframe::glow::Context>) {
        self.remember_last();
        self.leave();
    }

    fn logic(&mut self, ctx: &egui::Context, _frame: &mut eframe::Frame) {
        let before = self.list.cursor_index(self.session.uploads.queue());
        let changes = self.session.poll();
        for (id, picture) in changes.pictures {
            self.previews.thumbs.take(ctx, id, picture);
        }
        for (id, preview) in changes.previews {
            self.previews.close_up.take_preview(ctx, id, preview);
        }
        if let Some(Overlay::Fit(sheet)) = &mut self.overlays.sheet {
            for (path, preview) in &changes.compared {
                sheet.take_picture(ctx, path, preview);
            }
        }
        for (id, details) in changes.details {
            self.previews.close_up.take_details(id, details);
        }
        if changes.history {
            self.pages.history.changed();
        }
        if let Some((query, found)) = changes.found {
            self.pages.found(query, found);
        }
        if let Some(selection) = changes.selection {
            self.pages.history.selected(selection);
        }
        if let Some(results) = changes.results {
            self.copy_results(ctx, results);
        }
        if let Some(requests) = changes.requests {
            self.overlays.sheet = Some(Overlay::SendAgain(AgainSheet::new(&self.session, &requests)));
        }
        if let Some(facts) = changes.added_provider {
            self.overlays.sheet = Some(Overlay::Add(AddSheet::for_provider(&self.session, facts)));
        }
        if let Some(removed) = changes.removed_provider {
            let sentence = format!("{} removed", removed.facts().name);
            self.offer_undo_on(Page::Providers, sentence, Removal::Provider(removed));
        }
        if !changes.records.is_empty() {
            self.pages.history.read(changes.records);
        }
        if let Some(finished) = &changes.finished {
            self.on_finished(ctx, finished);
        }
        if changes.any {
            for notice in self.session.take_notices() {
                self.notify(notice);
            }
            self.list.selection.follow(self.session.uploads.queue(), before);
            self.show_theme(ctx); // another program may have set it
        }
        self.pace.follow(self.session.uploads.queue(), Instant::now());
        self.desktop.show_progress(self.taskbar_progress());
        self.follow_trial(ctx);
        self.drain_dialogs(ctx);
        self.drain_inbox(ctx); // hidden, too: it may be wanted in front
        self.desktop.write_clipboard(ctx);
        self.screen.fit(ctx);
        self.remember(ctx);
        self.may_close(ctx);
    }

    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        let ctx = ui.ctx().clone();
        // Not in `logic`, which while hidden sees the same input again and again.
        self.receive_pasted(&ctx);
        self.add_dropped(&ctx);
        self.ask_for_links();
        self.ask_about_providers();
        self.drag.begin_frame(&ctx);
        ctx.accesskit_node_builder(egui::accesskit_root_id(), |window| window.set_label(NAME));
        let mut actions = vec![];
        follow_typing(&ctx);
        self.list.follow_keyboard(&ctx);
        self.pages.history_list.follow_keyboard(&ctx);
        self.keys(&ctx, &mut actions);
        let is_coming = self.session.intake.is_coming();
        let queue = self.session.uploads.queue();
        let added = self.pages.new_rows.follow(&ctx, queue, is_coming, &mut self.list);
        if !added.is_empty() {
            self.settle_last();
            self.undo.note(Removal::Added(added), Page::Upload);
        }
        self.copied.expire(&ctx);
        settings::zoom_when_due(&ctx);
        if self.session.is_sandbox() {
            banner::show(ui, self.trial.is_on(), &mut actions);
        }
        let target = self.drag.target(&ctx);
        let held = self.drag.hover().map(|hover| (hover, target.as_deref()));
        self.drag.targets = sidebar::show(ui, &self.session, self.pages.shown, held, &mut actions);
        // Files are dropped on the queue, wherever one was before.
        let inner = ui.available_rect_before_wrap();
        let page = if self.drag.hover().is_some() { Page::Upload } else { self.pages.shown };
        let list = if page == Page::History { &mut self.pages.history_list } else { &mut self.list };
        let mut seen =
            ViewContext::new(&self.session, &mut self.previews.thumbs, &self.pace, list, self.copied.at());
        let subject = Subject::of(page, &self.pages.history);
        let selected = seen.list.selection.len();
        if selected == 0 {
            self.pages.details.leave_page();
        }
        let has_room = has_room_for_details(&ctx);
        let queued = self.session.uploads.queue().items().len();
        let form = self.pages.details.form(page, selected, queued, has_room);
        let form = form.filter(|form| self.drag.hover().is_none() || *form == PanelForm::Beside);
        if seen.list.dragged.is_some() {
            self.drag.mark_target(&ctx);
        }
        let mut beside_panel = f32::INFINITY;
        let opacity = motion::details_opacity(&ctx, form == Some(PanelForm::Beside));
        if let Some(form) = form {
            let panel = inspector::InspectorPanel { form, has_room, subject, opacity };
            beside_panel = panel.show(ui, &mut seen, &mut self.previews.close_up, &mut actions);
        } else {
            self.previews.close_up.leave(&self.session);
        }
        if form != Some(PanelForm::Beside) {
            without_panel(ui);
        }
        ui.set_opacity(motion::page_opacity(&ctx, page));
        match page {
            Page::Upload => header::show(ui, &self.session, &mut actions),
            Page::History => {
                history::header(
                    ui,
                    &self.session,
                    &mut self.pages.history,
                    self.pages.folders.is_some(),
                    &mut actions,
                );
            }
            Page::Keys => api_keys::header(ui, &self.session, &mut actions),
            Page::Providers => providers::header(ui, &mut self.pages.providers, &mut actions),
            Page::Settings => settings::header(ui, &self.session),
        }
        match self.session.intake.fetching() {
            Some(fetching) if fetch::show_line(ui, &fetching) => actions.push(Action::StopFetching),
            Some(_) => {}
            None => without_panel(ui),
        }
        match self.session.intake.scan_progress() {
            Some(progress) if scan::show_line(ui, progress) => actions.push(Action::StopScan),
            Some(_) => {}
            None => without_panel(ui),
        }
        let mut room = ui.available_rect_before_wrap();
        match page {
            Page::Upload => {
                footer::show(ui, &seen, &mut actions);
                room = ui.available_rect_before_wrap();
                seen.list.height = ui.available_height();
                let held = self.drag.hover().map(|hover| (hover, target.as_deref()));
                queue::show(ui, &mut seen, &self.trial, held, &mut actions);
            }
            Page::History => {
                if !history::footer(ui, &seen, &self.pages.history, &mut actions) {
                    without_panel(ui);
                }
                room = ui.available_rect_before_wrap();
                history::show(ui, &mut seen, &mut self.pages.history, &mut actions);
            }
            Page::Keys => api_keys::show(ui, &self.session, &mut actions),
            Page::Providers => providers::show(ui, &self.session, &self.pages.providers, &mut actions),
            Page::Settings => {
                settings::show(
                    ui,
                    &seen,
                    (self.pages.folders.as_ref(), &self.trial),
                    &mut self.pages.settings,
                    &mut actions,
                );
            }
        }
        ui.set_opacity(1.0);
        if self.drag.hover().is_some() {
            // It stays where it is, so that nothing jumps; what is held is not dropped on it.
            queue::cover(ui, inner.with_min_x(beside_panel));
        }
        let controls = std::mem::take(&mut seen.controls);
        if let Some(time) = seen.next_frame() {
            ctx.request_repaint_after(time);
        }
        let session = &self.session;
        self.previews.thumbs.leave_unseen(|id| session.uploads.unwant_picture(id));
        self.show_sheet(&ctx, &mut actions);
        self.show_question(&ctx, &mut actions);
        room.max.x = room.max.x.min(beside_panel);
        self.show_toasts(&ctx, page, (room, &controls), &mut actions);
        for action in actions {
            self.perform(&ctx, action);
            ctx.request_repaint();
        }
        self.desktop.write_clipboard(&ctx);
        self.desktop.follow_field(&ctx);
        self.paste_when_due(&ctx);
        if self.session.intake.take_scan_started() {
            ctx.request_repaint(); // most are sorted by then
        }
        if let Some(began) = self.began.take() {
            tracing::info!(milliseconds = began.elapsed().as_millis() as u64, "the first frame");
        }
    }
}

impl App {
    /// Asks about closing once while files are being sent, and never otherwise.
    fn may_close(&mut self, ctx: &egui::Context) {
        let wanted = ctx.input(|input| input.viewport().close_requested());
        if !wanted || self.overlays.closing || self.moving() == 0 {
            return;
        }
        self.overlays.question = Some(Question::Close(self.moving()));
        ctx.send_viewport_cmd(egui::ViewportCommand::CancelClose);
        if ctx.input(|input| input.viewport().minimized == Some(true)) {
            ctx.send_viewport_cmd(egui::ViewportCommand::Minimized(false));
        }
    }

    /// Returns what the taskbar shows: as the footer's words, which a window behind others does not show.
    fn taskbar_progress(&self) -> TaskbarProgress {
        let uploads = &self.session.uploads;
        if uploads.queue().totals().going == 0 {
            return TaskbarProgress::Nothing;
        }
        let far = uploads.progress();
        TaskbarProgress::new(far.sent, far.bytes, uploads.is_paused())
    }

    /// Tells that everything asked for has ended: by the system where the window is not in front, and copied where that is set.
    fn on_finished(&mut self, ctx: &egui::Context, finished: &Finished) {
        let settings = self.session.keys.settings();
        if settings.notify && !ctx.input(|input| input.focused) {
            let (summary, body) = finished.summary();
            notify::notify(summary, body);
        }
        if settings.copy_when_done && !finished.ids.is_empty() {
            let format = settings.copy_format;
            self.copy(ctx, CopiedAt::Batch, &finished.ids, format);
        }
    }
}

/// Stands in for a panel that is not shown. egui counts panels to name what is in the next ones: a button would be another
/// one when a line appears above it, and lose the click or the keyboard that it has.
fn without_panel(ui: &mut Ui) {
    ui.skip_ahead_auto_ids(1);
}
