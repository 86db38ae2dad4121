//! The one place that does what was wished for.

use std::time::Instant;

use eframe::egui;
use jiff::Timestamp;

use super::action::{Action, CopiedAt, Page, Setting};
use super::add::AddSheet;
use super::app::{App, Overlay, is_narrow};
use super::dialog;
use super::edit::{EditSheet, LabelSheet};
use super::history::{self, export};
use super::question::Question;
use super::time_format;
use super::undo::{Done, Undo};
use crate::model::copy_format::CopyFormat;
use crate::model::text;
use crate::model::upload::{State, UploadId};
use crate::provider;
use crate::session::copy;
use crate::session::export::Format;
use crate::session::report::Report;
use crate::store::history::Query;

impl App {
    /// Does it.
    pub(super) fn perform(&mut self, ctx: &egui::Context, action: Action) {
        match action {
            Action::ChooseFiles if !self.dialog_open && self.session.chosen().is_some() => {
                self.dialog_open = true;
                let facts =
                    self.session.chosen().and_then(|d| provider::by_id(&d.provider)).map(|p| p.facts());
                dialog::open(ctx.clone(), facts, self.answers.0.clone());
            }
            Action::ChooseFolders if !self.dialog_open && self.session.chosen().is_some() => {
                self.dialog_open = true;
                dialog::open_folders(ctx.clone(), self.answers.0.clone());
            }
            Action::ChooseFiles | Action::ChooseFolders => {}
            Action::TypePaths => self.type_paths(ctx, false),
            Action::AddPaths(paths) => self.add_files(paths),
            Action::StopLooking => self.session.stop_looking(),
            Action::Paste => self.paste(ctx),
            Action::Page(page) => self.go_to(page),
            Action::Search => {
                self.go_to(Page::History);
                ctx.memory_mut(|memory| memory.request_focus(history::search_id()));
            }
            Action::Select(id, how) => {
                self.select(id, how);
                self.focus_selected(ctx);
            }
            Action::SelectAll(true) => self.selection.all(self.session.queue()),
            Action::SelectAll(false) => {
                self.selection.clear();
                self.row_focus = None;
            }
            Action::Details => self.details(ctx),
            Action::DetailsOf(id) => {
                self.selection.only(id);
                self.details(ctx);
            }
            Action::AskWhereTo(ids) => self.over = Some(Overlay::Places(ids)),
            Action::Shortcuts => self.over = Some(Overlay::Shortcuts),
            Action::Licences => self.over = Some(Overlay::Licences),
            Action::AddDestination => {
                self.over = Some(Overlay::Add(AddSheet::new(&self.session)));
            }
            Action::AddKey(choice) => {
                self.over = Some(Overlay::Add(AddSheet::for_key(&self.session, choice)));
            }
            Action::EditDestination(name) => {
                self.over = EditSheet::new(&self.session, &name).map(Overlay::Edit);
            }
            Action::RenameKey(name) => {
                self.over = LabelSheet::new(&self.session, &name).map(Overlay::Rename);
            }
            Action::CheckKey(name) => {
                self.session.check_key(&name);
            }
            Action::KeepKey(name) => self.session.keep_key(&name),
            Action::AskToRemoveKey(name) => self.question = Some(Question::remove_key(&self.session, name)),
            Action::RemoveKey(name) => self.session.remove_key(name),
            Action::AcceptChange(id) => self.session.accept_change(id),
            Action::AddFile(file, Some(destination)) => {
                self.go_to(Page::Upload);
                self.session.add_files_to([file], &destination);
            }
            Action::AddFile(file, None) => self.add_files(vec![file]),
            Action::Reveal(file) => dialog::reveal(ctx.clone(), file, self.answers.0.clone()),
            Action::Open(folder) => dialog::open_folder(ctx.clone(), folder, self.answers.0.clone()),
            Action::Forget(id) => {
                self.session.forget(vec![id]);
                self.can_undo("Removed from the history".to_owned(), Done::Forgotten);
            }
            Action::AskToClear => self.question = Some(Question::Clear(self.session.history_count())),
            Action::ClearHistory => {
                self.forget_undo();
                self.session.clear_history();
            }
            Action::Export(format, query) => self.export(ctx, format, query),
            Action::CloseAnyway => {
                tracing::warn!(moving = self.moving(), "the window was closed while files were being sent");
                self.closing = true;
                ctx.send_viewport_cmd(egui::ViewportCommand::Close);
            }
            Action::CloseQuestion => self.question = None,
            Action::Upload => self.session.upload_all(),
            Action::Pause(pause) => self.session.pause(pause),
            Action::RetryFailed => {
                self.session.retry_failed();
            }
            Action::Choose(place) => self.session.choose(place),
            Action::RemoveDestination(name) => self.remove_destination(&name),
            Action::Copy(spot, text) => {
                ctx.copy_text(text);
                self.copied = Some((spot, Instant::now()));
            }
            Action::CopyItems(spot, ids, format) => self.copy(ctx, spot, &ids, format),
            Action::Cancel(ids) => self.session.cancel_items(&ids),
            Action::Remove(ids) => {
                let place = self.selection.cursor().and_then(|id| self.session.queue().place(id));
                let removed = self.session.remove_items(&ids);
                self.removed(ctx, removed, place);
            }
            Action::ClearFinished => {
                let place = self.selection.cursor().and_then(|id| self.session.queue().place(id));
                let removed = self.session.clear_finished();
                self.removed(ctx, removed, place);
            }
            Action::Undo => self.take_back(),
            Action::Move(ids, to) => {
                self.session.move_items(&ids, to);
                let place = self.selection.cursor().and_then(|id| self.session.queue().place(id));
                self.show_rows = place.map(|at| at..=at);
            }
            Action::SendAgain(id) => self.session.send_again(id),
            Action::StripAndSend(id) => self.session.strip_and_send(id),
            Action::Browse(page) => {
                // The history is a file, and may hold anything.
                if page.starts_with("https://") {
                    ctx.open_url(egui::OpenUrl::new_tab(page));
                }
            }
            Action::AddBack(id) => self.session.add_back(id),
            Action::LookAgain(id) => self.session.look_again(id),
            Action::SendTo(ids, place) => {
                if let Some(destination) = self.session.destinations().get(place).cloned() {
                    self.session.redirect_items(&ids, &destination);
                }
            }
            Action::Set(setting) => self.set(ctx, setting),
            Action::Tell(words) => self.tell(words),
            Action::StopFetching => self.session.stop_fetching(),
            Action::CloseNotice => self.notices.close(self.page),
        }
    }

    fn set(&mut self, ctx: &egui::Context, setting: Setting) {
        let shows = matches!(setting, Setting::Theme(_));
        self.session.set(move |settings| setting.apply(settings));
        if shows {
            self.show_theme(ctx);
        }
    }

    pub(super) fn go_to(&mut self, page: Page) {
        if self.page != page {
            self.page = page;
            self.copied = None; // it was another button that said so
        }
    }

    fn select(&mut self, id: UploadId, how: super::action::SelectMode) {
        use super::action::SelectMode;
        match how {
            SelectMode::Only => self.selection.only(id),
            SelectMode::Toggle => self.selection.toggle(id),
            SelectMode::Range => self.selection.extend(id, self.session.queue()),
        }
    }

    /// Everything about what is selected is beside the queue; where there is no room for that, over it.
    fn details(&mut self, ctx: &egui::Context) {
        if self.selection.len() > 0 && is_narrow(ctx) {
            self.over = Some(Overlay::Details);
        }
    }

    /// Copies results in the order of the queue.
    fn copy(&mut self, ctx: &egui::Context, spot: CopiedAt, ids: &[UploadId], format: CopyFormat) {
        let queue = self.session.queue();
        let mut items: Vec<_> = ids.iter().filter_map(|id| queue.get(*id)).cloned().collect();
        items.sort_by_key(|item| queue.place(item.id));
        for item in &mut items {
            // What is there already has the result of the earlier upload.
            if let (State::Ready, Some(receipt)) = (&item.state, item.earlier.take().and_then(|e| e.receipt))
            {
                item.state = State::Done(receipt);
            }
        }
        let reports: Vec<_> = items.iter().map(Report::from).collect();
        let text = copy::text(format, &self.session.settings().copy_template, &reports);
        if !text.is_empty() {
            ctx.copy_text(text);
            self.copied = Some((spot, Instant::now()));
            self.tell(copy::expired(&reports, Timestamp::now(), time_format::exactly).unwrap_or_default());
        }
    }

    fn removed(&mut self, ctx: &egui::Context, removed: crate::session::Removed, place: Option<usize>) {
        let count = removed.len();
        if count > 0 {
            let cursor = self.selection.cursor();
            self.selection.follow(self.session.queue(), place);
            if cursor != self.selection.cursor() {
                self.focus_selected(ctx);
            }
            self.can_undo(format!("{} removed", text::count(count, "file")), Done::Removed(removed));
        }
    }

    fn remove_destination(&mut self, name: &str) {
        let settings = self.session.settings();
        let Some(place) = settings.destinations.iter().position(|d| d.name == name) else { return };
        let destination = settings.destinations[place].clone();
        self.session.remove_destination(name.to_owned());
        let words = format!("{} removed", text::elide(&text::harmless(name), 40));
        self.can_undo(words, Done::Destination(destination, place));
    }

    fn can_undo(&mut self, words: String, done: Done) {
        self.undo = Some(Undo::new(words, done, Instant::now() + self.undo_for));
    }

    /// What was removed stays removed.
    pub(super) fn forget_undo(&mut self) {
        if let Some(Undo { done: Done::Forgotten, .. }) = self.undo.take() {
            self.session.settle_forgotten();
        }
    }

    fn take_back(&mut self) {
        match self.undo.take().map(|undo| undo.done) {
            Some(Done::Removed(removed)) => self.session.put_back(removed),
            Some(Done::Destination(destination, place)) => {
                self.session.restore_destination(destination, place);
            }
            Some(Done::Forgotten) => self.session.unforget(),
            None => {}
        }
    }

    fn export(&mut self, ctx: &egui::Context, format: Format, query: Query) {
        let Some(folders) = self.folders.clone().filter(|_| !self.dialog_open) else { return };
        self.dialog_open = true;
        dialog::save(ctx.clone(), export::file_name(format), self.answers.0.clone(), move |file| {
            export::to_file(&folders, &query, format, file)
        });
    }
}
