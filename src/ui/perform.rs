//! The one place that does what was asked for.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Instant;

use eframe::egui::{self, gui_zoom};
use jiff::Timestamp;

use super::action::{Action, CopiedAt, Page, SelectMode, Setting, ZoomStep};
use super::add::AddSheet;
use super::app::App;
use super::command::WindowCommand;
use super::command_actions::CommandState;
use super::details_panel::PanelForm;
use super::edit::{EditSheet, LabelSheet};
use super::fit_sheet::FitSheet;
use super::history::{self, export};
use super::overlay::Overlay;
use super::palette::Palette;
use super::providers::ProviderSheet;
use super::question::Question;
use super::screen::has_room_for_details;
use super::send_to::SendToSheet;
use super::template_sheet::TemplateSheet;
use super::time_format;
use super::undo::Removal;
use super::widgets::{focus_to_replace, show_setting};
use crate::session::api::{
    CopyFormat, Destination, FitAim, Item, Move, Query, State, UploadId, name_of, provider, text,
};
use crate::session::choices::{can_be_moved, can_be_redirected};
use crate::session::export::Format;
use crate::session::notice::Notice;
use crate::session::report::Report;
use crate::session::{Removed, ResultsText, copy, fit_remedies, own_providers, settings_transfer};

/// What is told when nothing else shows that uploads are paused.
const PAUSED: &str = "Uploads are paused: what you upload now waits until you resume";

impl App {
    /// Does what was asked for.
    pub(super) fn perform(&mut self, ctx: &egui::Context, action: Action) {
        match action {
            Action::ChooseFiles => {
                let chosen = self.session.keys.chosen();
                let facts = chosen.and_then(|d| provider::by_id(&d.provider)).map(|p| p.facts());
                self.dialogs.choose_files(ctx, facts);
            }
            Action::ChooseFolders => self.dialogs.choose_folders(ctx),
            Action::TypePaths => self.type_paths(ctx, false),
            Action::AddPaths(paths) => self.add_files(paths),
            Action::StopScan => self.session.intake.stop_scan(),
            Action::Paste => self.paste(ctx),
            Action::Page(page) => self.go_to(page),
            Action::Search => {
                self.go_to(Page::History);
                self.search(ctx);
            }
            Action::Select(id, mode) => {
                self.select(id, mode);
                self.shown_list().0.focus_selected(ctx);
            }
            Action::NextAttention => self.go_to_next_attention(ctx),
            Action::SelectAll => {
                let (list, order) = self.shown_list();
                list.selection.all(order);
            }
            Action::SelectNone => self.shown_list().0.clear_selection(),
            Action::Details => self.details(ctx),
            // Beside the queue they stand as long as they are wanted there.
            Action::DetailsByKey => match (self.details_form(ctx), self.pages.shown) {
                (None, _) | (Some(PanelForm::Beside), Page::Upload) => self.details(ctx),
                (Some(_), _) => self.perform(ctx, Action::CloseDetails),
            },
            Action::DetailsOf(id) => {
                self.shown_list().0.selection.only(id);
                self.details(ctx);
            }
            Action::CloseDetails => {
                self.pages.details.set_open(false, self.pages.shown, has_room_for_details(ctx));
                self.keep_selected_in_sight();
            }
            Action::ToggleDetails => {
                let next = self.details_form(ctx).map_or(Action::Details, |_| Action::CloseDetails);
                self.perform(ctx, next);
            }
            Action::PinDetails(pinned) => {
                self.pages.details.pin(pinned, self.pages.shown);
                self.keep_selected_in_sight();
            }
            Action::AskWhereTo(ids) => {
                self.overlays.sheet = Some(Overlay::SendTo(SendToSheet::new(ids)));
            }
            Action::FindCommand => self.overlays.sheet = Some(Overlay::Palette(Palette::default())),
            Action::Shortcuts => self.overlays.sheet = Some(Overlay::Shortcuts),
            Action::Licences => self.overlays.sheet = Some(Overlay::Licences),
            Action::AddDestination => {
                self.overlays.sheet = Some(Overlay::Add(AddSheet::new(&self.session)));
            }
            Action::AddDestinationAt(id) => {
                if let Some(provider) = provider::by_id(id) {
                    let sheet = AddSheet::for_provider(&self.session, provider.facts());
                    self.overlays.sheet = Some(Overlay::Add(sheet));
                }
            }
            Action::FindProviders(text) => {
                self.go_to(Page::Providers);
                self.pages.providers.find(text);
            }
            Action::ChooseProviderFiles => self.dialogs.choose_provider_files(ctx),
            Action::ReviewProviders(files) => self.session.providers.review(files),
            Action::ShowProvider(id) => {
                self.overlays.sheet =
                    provider::by_id(id).map(|p| Overlay::Provider(Box::new(ProviderSheet::about(p))));
            }
            Action::RemoveProvider(id) => self.session.providers.remove(id),
            Action::RemoveProviderFile(file) => self.session.providers.remove_unused(file),
            Action::AddKey(choice) => {
                self.overlays.sheet = Some(Overlay::Add(AddSheet::for_key(&self.session, choice)));
            }
            Action::EditDestination(name) => {
                self.overlays.sheet = EditSheet::new(&self.session, &name).map(Overlay::Edit);
            }
            Action::ChooseWatched(to) => self.dialogs.choose_watched(ctx, to),
            Action::StopWatching(folder, to) => {
                self.session.watches.remove(&folder, &to);
                self.notify(format!("{} is not watched any more", name_of(&folder)));
            }
            Action::RenameKey(name) => {
                self.overlays.sheet = LabelSheet::new(&self.session, &name).map(Overlay::Rename);
            }
            Action::CheckKey(name) => {
                self.session.check_key(&name);
            }
            Action::KeepKey(name) => self.session.keys.keep_key(&name),
            Action::AskToRemoveKey(name) => {
                self.overlays.question = Some(Question::remove_key(&self.session, name));
            }
            Action::RemoveKey(name) => self.session.keys.remove_key(name),
            Action::AcceptChange(id) => self.session.uploads.accept_change(id),
            Action::AddFiles(files, to) => self.add_files_to(files, to),
            Action::AskWhereAgain(ids) => self.session.library.ask_requests(ids),
            Action::CopySelected => {
                if let CommandState::Possible(actions) = self.command_state(WindowCommand::Copy) {
                    for action in actions {
                        self.perform(ctx, action);
                    }
                }
            }
            Action::OpenFile(file) => self.dialogs.open_file(ctx, file),
            Action::Reveal(file) => self.dialogs.reveal(ctx, file),
            Action::Open(folder) => self.dialogs.open_folder(ctx, folder),
            Action::Forget(ids) => self.forget(ids),
            Action::AskToClear => {
                self.overlays.question = Some(Question::Clear(self.session.library.count()));
            }
            Action::ClearHistory => {
                self.settle_forgotten();
                self.session.library.clear();
            }
            Action::Export(format, query) => self.export(ctx, format, query),
            Action::CloseAnyway => {
                if self.moving() > 0 {
                    tracing::warn!(
                        moving = self.moving(),
                        "the window was closed while files were being sent"
                    );
                }
                self.overlays.closing = true;
                ctx.send_viewport_cmd(egui::ViewportCommand::Close);
            }
            Action::CloseQuestion => self.overlays.question = None,
            Action::Upload => self.session.uploads.upload_all(),
            Action::Pause(pause) => {
                self.session.uploads.pause(pause);
                self.notices.remove(PAUSED);
                if pause && self.session.uploads.queue().totals().going == 0 {
                    // Nothing else in the window shows it then.
                    self.notify(PAUSED.to_owned());
                }
            }
            Action::RetryFailed => {
                self.session.uploads.retry_failed();
            }
            Action::Choose(index) => {
                if let Some(before) = self.session.keys.chosen() {
                    self.notices.remove_ending(&self.session.keys.new_files_go_to(before));
                }
                self.session.keys.choose(index);
                let selection = &self.list.selection;
                self.overlays.follow.on_chosen(&self.session, index, selection, Instant::now());
            }
            Action::RemoveDestination(name) => self.remove_destination(&name),
            Action::Copy(at, text) => self.copy_text(ctx, at, text),
            Action::CopyItems(at, ids, format) if self.pages.shown == Page::History => {
                let number = self.copied.expect(at);
                let template = self.session.keys.settings().template_line().to_owned();
                self.session.library.ask_results(number, ids, (format, template), time_format::exactly);
            }
            Action::CopyItems(at, ids, format) => self.copy(ctx, at, &ids, format),
            Action::Cancel(ids) => {
                self.session.uploads.cancel_items(&ids);
                self.settle_last();
                self.undo.note(Removal::Cancelled(ids), Page::Upload);
            }
            Action::Remove(ids) => {
                let before = self.list.cursor_index(self.session.uploads.queue());
                let removed = self.session.uploads.remove_items(&ids);
                self.on_removed(ctx, removed, before);
            }
            Action::ClearFinished => {
                let before = self.list.cursor_index(self.session.uploads.queue());
                let removed = self.session.uploads.clear_finished();
                self.on_removed(ctx, removed, before);
            }
            Action::Undo => self.undo_removal(ctx),
            Action::Move(ids, to) => {
                self.move_in_queue(ids, to);
            }
            Action::SendAgain(ids) => ids.into_iter().for_each(|id| self.session.uploads.send_again(id)),
            Action::StripAndSend(id) => self.session.uploads.strip_and_send(id),
            Action::Fit(ids) => self.fit(ids),
            Action::FitTo(ids, wishes) => self.session.uploads.fit(&ids, &wishes),
            Action::UseOriginal(id) => self.use_original(id),
            Action::LeaveFit(id) => {
                let copy = self.session.uploads.use_original(id);
                self.session.uploads.forget_copy(copy.as_deref());
            }
            Action::ChangeFit(id) => {
                let sheet = FitSheet::new(&self.session, id);
                let queue = self.session.uploads.queue();
                if queue.get(id).is_some_and(|item| item.request.copy.is_none()) {
                    self.session.uploads.fit_as_offered(&[id]); // there is something to see at once
                }
                self.overlays.sheet = sheet.map(|sheet| Overlay::Fit(Box::new(sheet)));
            }
            Action::KeepRules(name, rules) => self.session.keys.keep_rules(&name, rules),
            Action::Browse(page) => {
                // The history is a file, and may hold anything.
                if page.starts_with("https://") {
                    ctx.open_url(egui::OpenUrl::new_tab(page));
                }
            }
            Action::AddBack(id) => self.session.uploads.add_back(id),
            Action::ResumePolling(id) => self.session.uploads.look_again(id),
            Action::SendTo(ids, index) => {
                if let Some(destination) = self.session.keys.destinations().get(index).cloned() {
                    self.send_to(&ids, &destination);
                }
            }
            Action::AlsoSend(ids, to) => {
                self.pages.new_rows.expect(&self.list);
                self.session.also_send(&ids, &to);
            }
            Action::AddAgain(files, to) => {
                self.go_to(Page::Upload);
                self.pages.new_rows.expect(&self.list);
                self.session.add_again(files, &to);
            }
            Action::DropRows(ids, at) => {
                if let Some(destination) = self.drag.target_at(at) {
                    self.send_to(&ids, &destination);
                }
            }
            Action::Set(setting) => self.set(ctx, setting),
            Action::Zoom(ZoomStep::Larger) => gui_zoom::zoom_in(ctx),
            Action::Zoom(ZoomStep::Smaller) => gui_zoom::zoom_out(ctx),
            Action::Zoom(ZoomStep::Reset) => ctx.set_zoom_factor(1.0),
            Action::Notify(notice) => self.notify(notice),
            Action::EditTemplate(name) => {
                self.overlays.sheet = TemplateSheet::new(&self.session, name).map(Overlay::Template);
            }
            Action::RemoveTemplate(name) => self.remove_template(ctx, name),
            Action::ExportSettings => self.export_settings(ctx),
            Action::ImportSettings => self.dialogs.import_settings(ctx),
            Action::ShowSetting(name) => {
                self.go_to(Page::Settings);
                show_setting(ctx, name);
            }
            Action::TrySandbox => self.try_sandbox(ctx),
            Action::LeaveSandbox => self.leave_sandbox(ctx),
            Action::ForgetWaiting => self.forget_waiting(),
            Action::StopFetching => self.session.stop_fetching(),
            Action::CloseNotice(number) => self.notices.close(number),
        }
    }

    fn set(&mut self, ctx: &egui::Context, setting: Setting) {
        let shows = matches!(setting, Setting::Theme(_));
        self.session.set(move |settings| setting.apply(settings));
        if shows {
            self.show_theme(ctx);
        }
    }

    fn select(&mut self, id: UploadId, mode: SelectMode) {
        let (list, order) = self.shown_list();
        match mode {
            SelectMode::Only => list.selection.only(id),
            SelectMode::Toggle => list.selection.toggle(id),
            SelectMode::Range => list.selection.extend(id, order),
        }
    }

    /// Goes on to the next file that needs attention: it is selected, has the keyboard and is in sight.
    fn go_to_next_attention(&mut self, ctx: &egui::Context) {
        let uploads = &self.session.uploads;
        if let Some(next) = uploads.next_attention(self.list.selection.cursor()) {
            self.list.selection.only(next);
            self.list.show_cursor(uploads.queue());
            self.list.focus_selected(ctx);
        }
    }

    /// Shows everything about what is selected.
    fn details(&mut self, ctx: &egui::Context) {
        let page = self.pages.shown;
        if page == Page::History || self.list.selection.len() > 0 {
            self.pages.details.set_open(true, page, has_room_for_details(ctx));
            self.keep_selected_in_sight();
        }
    }

    /// Keeps what is selected in sight when the page gets wider or narrower: a grid has other rows then.
    fn keep_selected_in_sight(&mut self) {
        if self.pages.shown == Page::History {
            let (list, order) = self.shown_list();
            list.show_cursor(order);
        }
    }

    /// Gives the keyboard to the search; what stands in it is selected, so that typing begins anew.
    fn search(&mut self, ctx: &egui::Context) {
        focus_to_replace(ctx, history::search_id(), self.pages.history.search_text());
    }

    /// Sends copies of files; that can be taken back for a while.
    fn fit(&mut self, ids: Vec<UploadId>) {
        let waits_for_it = |id: &&UploadId| {
            let item = self.session.uploads.queue().get(**id);
            item.and_then(fit_remedies::offered).is_some_and(|plan| plan.aim == FitAim::Strip)
        };
        let located: Vec<_> = ids.iter().filter(waits_for_it).copied().collect();
        self.session.uploads.fit_as_offered(&ids);
        if self.session.keys.settings().upload_on_drop {
            self.session.uploads.upload_when_fitted(&located); // nothing else kept them
        }
        let sentence = match ids.len() {
            1 => "A copy goes in its place".to_owned(),
            n => format!("Copies go in the place of {n} files"),
        };
        self.offer_undo(sentence, Removal::Fitted(ids));
    }

    /// Sends a file itself and not its copy; that can be taken back.
    fn use_original(&mut self, id: UploadId) {
        if let Some(copy) = self.session.uploads.use_original(id) {
            let sentence = "The original is used again".to_owned();
            self.offer_undo(sentence, Removal::Copies(vec![(id, copy)]));
        }
    }

    /// Leaves the files that wait for a destination; that can be taken back.
    fn forget_waiting(&mut self) {
        let files = self.session.intake.take_waiting();
        let sentence = format!("{} removed", text::count_thousands(files.len(), "file"));
        self.offer_undo(sentence, Removal::Waiting(files));
    }

    /// Takes uploads out of the history; that can be taken back for a while.
    fn forget(&mut self, ids: Vec<UploadId>) {
        let ids = self.session.forget(ids);
        let sentence = match ids.as_slice() {
            [] => return,
            [id] => match self.pages.history.record(*id) {
                Some(record) => {
                    let name = text::elide(&text::sanitize(&record.request.name()), 40);
                    format!("{name} removed from the history")
                }
                None => "Removed from the history".to_owned(),
            },
            many => format!("{} removed from the history", text::count_thousands(many.len(), "upload")),
        };
        self.offer_undo(sentence, Removal::HistoryEntries(ids));
    }

    /// Copies results of the history, which have been read; the button that asked for them answers where it is in sight.
    pub(super) fn copy_results(&mut self, ctx: &egui::Context, results: ResultsText) {
        let Some(at) = self.copied.arrived(results.number).filter(|_| !results.text.is_empty()) else {
            return;
        };
        ctx.copy_text(results.text);
        if self.pages.shown == Page::History {
            self.say_copied(at);
        }
        self.notify(results.expired.unwrap_or_default());
    }

    /// Copies results in the order of the queue.
    pub(super) fn copy(&mut self, ctx: &egui::Context, at: CopiedAt, ids: &[UploadId], format: CopyFormat) {
        let queue = self.session.uploads.queue();
        let mut items: Vec<_> = ids.iter().filter_map(|id| queue.get(*id)).cloned().collect();
        items.sort_by_key(|item| queue.index(item.request.id));
        for item in &mut items {
            // What is there already has the result of the earlier upload.
            if let (State::Ready, Some(receipt)) = (&item.state, item.earlier.take().and_then(|e| e.receipt))
            {
                item.state = State::Done(receipt);
            }
        }
        let reports: Vec<_> = items.iter().map(Report::from).collect();
        let text = copy::text(format, self.session.keys.settings().template_line(), &reports);
        if !text.is_empty() {
            self.copy_text(ctx, at, text);
            self.notify(copy::expired(&reports, Timestamp::now(), time_format::exactly).unwrap_or_default());
        }
    }

    /// Offers to take back what was removed from the queue, and moves the selection on.
    pub(super) fn on_removed(&mut self, ctx: &egui::Context, removed: Removed, before: Option<usize>) {
        let count = removed.len();
        if count > 0 {
            self.list.follow_removed(ctx, self.session.uploads.queue(), before);
            let sentence = format!("{} removed from the queue", text::count(count, "file"));
            self.offer_undo(sentence, Removal::Files(removed));
        }
    }

    /// Puts files elsewhere in the queue; that can be taken back for a while.
    fn move_in_queue(&mut self, ids: Vec<UploadId>, to: Move) {
        let Some(before) = self.session.uploads.move_items(&ids, to) else { return };
        let before = self.undo.order_before(&ids).unwrap_or(before);
        let queue = self.session.uploads.queue();
        let moved: HashSet<_> = ids.iter().copied().collect();
        let is_moved = |item: &&Item| moved.contains(&item.request.id) && can_be_moved(item);
        let count = queue.items().iter().filter(is_moved).count();
        let first = queue.items().iter().position(|item| is_moved(&item)).unwrap_or_default();
        let sentence =
            format!("{} moved to {} of {}", text::count(count, "file"), first + 1, queue.items().len());
        if self.list.selection.cursor().is_some_and(|cursor| moved.contains(&cursor)) {
            self.list.show_cursor(queue);
        } else {
            self.list.show_new(queue, |id| moved.contains(&id));
        }
        self.offer_undo(sentence, Removal::Order(ids, before));
    }

    fn remove_destination(&mut self, name: &str) {
        let settings = self.session.keys.settings();
        let Some(index) = settings.destinations.iter().position(|d| d.name == name) else { return };
        let destination = settings.destinations[index].clone();
        self.session.keys.remove_destination(name.to_owned());
        let sentence = format!("{} removed", text::elide(&text::sanitize(name), 40));
        self.offer_undo(sentence, Removal::Destination(destination, index));
    }

    fn remove_template(&mut self, ctx: &egui::Context, name: String) {
        let settings = self.session.keys.settings();
        let Some(index) = settings.templates.iter().position(|t| t.name == name) else { return };
        let template = settings.templates[index].clone();
        let is_chosen =
            settings.copy_format == CopyFormat::Template && settings.template() == Some(&template);
        let sentence = format!("{} removed", text::elide(&text::sanitize(&name), 40));
        self.set(ctx, Setting::RemoveTemplate(name));
        let removal = Removal::Template(template, index, is_chosen);
        self.offer_undo(sentence, removal);
    }

    /// Sends files somewhere else; that can be taken back.
    fn send_to(&mut self, ids: &[UploadId], destination: &Arc<Destination>) {
        let queue = self.session.uploads.queue();
        let moved = ids
            .iter()
            .filter_map(|id| queue.get(*id))
            .filter(|item| can_be_redirected(&item.state) && item.request.destination != *destination);
        // What was asked for goes there by itself: that is not taken back.
        let before: Vec<_> = moved
            .filter(|item| item.state == State::Ready)
            .map(|item| (item.request.id, Arc::clone(&item.request.destination), item.request.copy.clone()))
            .collect();
        self.session.uploads.redirect_with_copies(ids, destination);
        if before.is_empty() {
            return;
        }
        let goes = if before.len() == 1 { "file goes" } else { "files go" };
        let name = text::elide(&self.session.keys.destination_label(destination), 60);
        let sentence = format!("{} {goes} to {name}", before.len());
        self.offer_undo(sentence, Removal::Redirected(before));
    }

    fn export_settings(&mut self, ctx: &egui::Context) {
        let text = settings_transfer::export(self.session.keys.settings(), &own_providers::texts());
        let words = ("Export settings", "`hoist settings export` writes them in a terminal");
        self.dialogs.save(ctx, words, "hoist-settings.toml".to_owned(), move |file| {
            let name = name_of(file);
            let text = match text {
                Ok(text) => text,
                Err(e) => return Notice::error(e.to_string()),
            };
            match settings_transfer::write(file, &text) {
                Ok(()) => format!("Settings written to {name}, without API keys").into(),
                Err(e) => Notice::error(format!("{name} was not written: {}", e.kind())),
            }
        });
    }

    fn export(&mut self, ctx: &egui::Context, format: Format, query: Query) {
        let Some(folders) = self.pages.folders.clone() else { return };
        let words = ("Export the history", "`hoist history export` writes the history in a terminal");
        self.dialogs.save(ctx, words, export::file_name(format), move |file| {
            export::to_file(&folders, &query, format, file)
        });
    }
}
