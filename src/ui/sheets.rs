//! The sheets and questions over the window: shown, and acted on when they are left.

use eframe::egui;

use super::action::{Action, Page, Setting};
use super::add::AddOutcome;
use super::app::App;
use super::edit::EditOutcome;
use super::fetch::FetchOutcome;
use super::import_sheet::ImportOutcome;
use super::overlay::Overlay;
use super::providers::ProviderOutcome;
use super::question::{Question, QuestionReply};
use super::{settings, shortcuts};
use crate::session::api::text;

impl App {
    /// Shows the question that is asked, and does what was answered.
    pub(super) fn show_question(&mut self, ctx: &egui::Context, actions: &mut Vec<Action>) {
        let moving = self.moving();
        let unrecorded = self.session.uploads.unrecorded();
        if self.overlays.question.is_none() && unrecorded > 0 {
            let why =
                self.session.library.write_error().unwrap_or_else(|| "it could not be written".to_owned());
            self.overlays.question = Some(Question::WithoutHistory(unrecorded, why));
        }
        if unrecorded == 0 {
            self.overlays.question.take_if(|question| matches!(question, Question::WithoutHistory(..)));
        }
        let Some(question) = &mut self.overlays.question else { return };
        match question {
            // All is answered: closing, as was asked for, loses nothing.
            Question::Close(_) if moving == 0 => {
                actions.extend([Action::CloseAnyway, Action::CloseQuestion]);
                return;
            }
            Question::Close(count) => *count = moving,
            Question::WithoutHistory(count, _) => *count = unrecorded,
            _ => {}
        }
        match (question.show(ctx), question.clone()) {
            (QuestionReply::None, _) => return,
            (QuestionReply::No, Question::WithoutHistory(..)) => self.session.uploads.wait_for_history(),
            (QuestionReply::Yes, Question::WithoutHistory(..)) => self.session.uploads.send_without_history(),
            (QuestionReply::No, _) => {}
            (QuestionReply::Yes, Question::Close(_)) => actions.push(Action::CloseAnyway),
            (QuestionReply::Yes, Question::Clear(_)) => actions.push(Action::ClearHistory),
            (QuestionReply::Yes, Question::RemoveKey { name, .. }) => actions.push(Action::RemoveKey(name)),
        }
        actions.push(Action::CloseQuestion);
    }

    /// Shows the sheet that lies over the window, and takes over what it was left with.
    pub(super) fn show_sheet(&mut self, ctx: &egui::Context, actions: &mut Vec<Action>) {
        if self.ask_about_much(ctx) {
            return;
        }
        let is_palette = matches!(self.overlays.sheet, Some(Overlay::Palette(_)));
        let entries = if is_palette { self.palette_entries(ctx) } else { vec![] };
        let closed = match &mut self.overlays.sheet {
            None => return,
            Some(Overlay::Add(sheet)) => match sheet.show(ctx, &mut self.session) {
                AddOutcome::Open => false,
                AddOutcome::Closed => true,
                AddOutcome::Destinations { key, new } => {
                    if self.session.keys.destinations().is_empty() && self.pages.shown == Page::Providers {
                        self.go_to(Page::Upload); // files can be sent now
                    }
                    self.session.keys.add_destinations(key, new);
                    true
                }
                AddOutcome::Key { vendor, names, key, new, answer } => {
                    self.session.keys.add_key(vendor, names, key, new, answer.map(|answer| *answer));
                    true
                }
            },
            Some(Overlay::Edit(sheet)) => {
                let left = sheet.show(ctx, &self.session);
                self.apply_edit(left, actions)
            }
            Some(Overlay::Template(sheet)) => {
                let left = sheet.show(ctx, &self.session);
                self.apply_edit(left, actions)
            }
            Some(Overlay::Rename(sheet)) => {
                let left = sheet.show(ctx, &self.session);
                self.apply_edit(left, actions)
            }
            Some(Overlay::Fetch(sheet)) => match sheet.show(ctx, &self.session) {
                FetchOutcome::Open => false,
                FetchOutcome::Closed => true,
                FetchOutcome::Fetch(links, to) => {
                    self.pages.new_rows.expect(&self.list);
                    self.session.fetch(links, &to);
                    true
                }
            },
            Some(Overlay::Import(sheet)) => match sheet.show(ctx) {
                ImportOutcome::Open => false,
                ImportOutcome::Closed => true,
                ImportOutcome::Import(text) => {
                    self.session.import_settings(text);
                    true
                }
            },
            Some(Overlay::Provider(sheet)) => match sheet.show(ctx) {
                ProviderOutcome::Open => false,
                ProviderOutcome::Closed => true,
                ProviderOutcome::Add(review) => {
                    self.session.providers.add(review);
                    true
                }
            },
            Some(Overlay::Fit(sheet)) => sheet.show(ctx, &self.session, actions),
            Some(Overlay::SendTo(sheet)) => sheet.show(ctx, &self.session, actions),
            Some(Overlay::SendAgain(sheet)) => sheet.show(ctx, &self.session, actions),
            Some(Overlay::Paths(sheet)) => sheet.show(ctx, &self.session, actions),
            Some(Overlay::Palette(palette)) => palette.show(ctx, &entries, actions),
            Some(Overlay::Shortcuts) => shortcuts::show(ctx),
            Some(Overlay::Licences) => settings::licences::show(ctx),
        };
        if closed {
            self.overlays.sheet = None;
        }
    }

    /// Takes over what was changed in a sheet; true when that was closed.
    fn apply_edit(&mut self, left: EditOutcome, actions: &mut Vec<Action>) -> bool {
        match left {
            EditOutcome::Open => return false,
            EditOutcome::Closed => {}
            EditOutcome::Changed { before, after } => self.session.keys.change_destination(before, after),
            EditOutcome::Template { before, template } => {
                if before.is_none() {
                    self.notify(format!("{} is the copy format from now on", text::sanitize(&template.name)));
                }
                actions.push(Action::Set(Setting::SaveTemplate(before, template)));
            }
            EditOutcome::Called { key, label } => self.session.keys.label_key(key, label),
        }
        true
    }
}
