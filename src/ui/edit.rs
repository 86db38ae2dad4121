//! The sheet with what can be changed of a saved destination: its name, its account, its options.

use eframe::egui::{self, Align, Label, Layout, RichText};

use super::add::form::{self, Values};
use super::theme::{self, tokens};
use super::widgets::{Button, Weight, scroll_in_sheet, sheet};
use crate::model::destination::Destination;
use crate::model::text;
use crate::provider;
use crate::provider::facts::Facts;
use crate::session::Session;
use crate::session::accounts::name_problem;

/// What was filled in so far.
pub(super) struct EditSheet {
    before: Destination,
    facts: &'static Facts,
    name: String,
    account: String,
    options: Values,
    problem: Option<String>,
}

/// What the sheet was left with.
pub(super) enum Left {
    Open,
    Closed,
    Changed { before: String, after: Destination },
}

impl EditSheet {
    /// For the saved destination of that name.
    pub(super) fn new(session: &Session, name: &str) -> Option<EditSheet> {
        let before = session.settings().destinations.iter().find(|d| d.name == name)?.clone();
        Some(EditSheet {
            facts: provider::by_id(&before.provider)?.facts(),
            name: before.name.clone(),
            account: before.account.clone().unwrap_or_default(),
            options: before.options.clone(),
            before,
            problem: None,
        })
    }

    pub(super) fn show(&mut self, ctx: &egui::Context, session: &Session) -> Left {
        let mut left = Left::Open;
        let title = text::elide(&text::harmless(&self.before.name), 40);
        let shown = sheet(ctx, &title, 420.0, |ui| {
            scroll_in_sheet(ui, 180.0).show(ui, |ui| {
                form::text_field(ui, "Name", "What it is called here, and by --to", "", &mut self.name);
                if let Some(option) = self.facts.account {
                    form::field(ui, option, "", &mut self.account);
                }
                form::options(ui, self.facts, &mut self.options);
                let words = "Files that are in the queue already go where they were meant to.";
                let words = RichText::new(words).font(theme::secondary()).color(tokens(ui).dim);
                ui.add(Label::new(words).wrap());
            });
            if let Some(problem) = &self.problem {
                let words = RichText::new(problem).font(theme::secondary()).color(tokens(ui).bad);
                ui.add(Label::new(words).wrap());
            }
            ui.add_space(6.0);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if Button::new(Weight::Primary, "Save").show(ui).clicked() {
                    match self.finish(session) {
                        Ok(after) => left = Left::Changed { before: self.before.name.clone(), after },
                        Err(problem) => self.problem = Some(problem),
                    }
                }
                if Button::new(Weight::Secondary, "Cancel").show(ui).clicked() {
                    left = Left::Closed;
                }
            });
        });
        if shown.left && matches!(left, Left::Open) { Left::Closed } else { left }
    }

    fn finish(&self, session: &Session) -> Result<Destination, String> {
        let account = Some(self.account.trim().to_owned()).filter(|account| !account.is_empty());
        if let Some(problem) = form::problem(self.facts, account.as_deref(), &self.options) {
            return Err(problem);
        }
        let after = Destination {
            name: self.name.trim().to_owned(),
            account,
            options: self.options.clone(),
            ..self.before.clone()
        };
        name_problem(session.settings(), &self.before.name, &after.name).map_or(Ok(after), Err)
    }
}
