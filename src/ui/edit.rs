//! The sheets with what can be changed of what is saved: a destination's name, account and options; a key's name.

use eframe::egui::{self, Label, RichText};

use super::add::form::{self, Values};
use super::theme::{self, tokens};
use super::widgets::{Button, Weight, buttons, focus_to_replace, line, sheet, switch};
use crate::session::Session;
use crate::session::accounts::{check_label, check_name};
use crate::session::api::{
    CopyTemplate, Destination, FitRules,
    provider::{self, ProviderSpec},
    text,
};

/// What was filled in so far.
pub(super) struct EditSheet {
    before: Destination,
    facts: &'static ProviderSpec,
    name: String,
    account: String,
    options: Values,
    fit: FitRules,
    problem: Option<String>,
}

/// What the sheet was left with.
pub(super) enum EditOutcome {
    Open,
    Closed,
    Changed {
        before: String,
        after: Destination,
    },
    /// A template is so from now on, in place of the one of that name.
    Template {
        before: Option<String>,
        template: CopyTemplate,
    },
    /// A key is called so from now on, or by its own name.
    Called {
        key: String,
        label: Option<String>,
    },
}

/// The sheet with the name of a key for people.
pub(super) struct LabelSheet {
    key: String,
    label: String,
    problem: Option<String>,
}

impl LabelSheet {
    /// Opens for the saved key of that name.
    pub(super) fn new(session: &Session, key: &str) -> Option<LabelSheet> {
        let record = session.keys.settings().keys.iter().find(|record| record.name == key)?;
        let label = record.label.clone().unwrap_or_default();
        Some(LabelSheet { key: key.to_owned(), label, problem: None })
    }

    pub(super) fn show(&mut self, ctx: &egui::Context, session: &Session) -> EditOutcome {
        let title = text::sanitize(&session.keys.key_title(&self.key));
        let title = format!("Rename the key {}", text::elide(&title, 40));
        let help = "Your label; leave empty for the key's name, which the history and destinations keep";
        form_sheet(
            ctx,
            &title,
            self,
            |ui, sheet| {
                let field = form::text_field(ui, "Name", help, &sheet.key, &mut sheet.label);
                if !ui.memory(|memory| memory.focused().is_some()) {
                    field.request_focus();
                }
            },
            |sheet| {
                let label = Some(sheet.label.trim().to_owned()).filter(|label| !label.is_empty());
                if let Some(label) = &label {
                    check_label(session.keys.settings(), &sheet.key, label).map_err(|e| e.to_string())?;
                }
                Ok(EditOutcome::Called { key: sheet.key.clone(), label })
            },
        )
    }
}

impl EditProblem for LabelSheet {
    fn problem(&mut self) -> &mut Option<String> {
        &mut self.problem
    }
}

impl EditProblem for EditSheet {
    fn problem(&mut self) -> &mut Option<String> {
        &mut self.problem
    }
}

/// What may stand in the way of a sheet that is filled in.
pub(super) trait EditProblem {
    fn problem(&mut self) -> &mut Option<String>;
}

/// Shows a sheet with a form, what is wrong with it, and its two buttons.
pub(super) fn form_sheet<S: EditProblem>(
    ctx: &egui::Context,
    title: &str,
    state: &mut S,
    fields: impl FnOnce(&mut egui::Ui, &mut S),
    finish: impl Fn(&mut S) -> Result<EditOutcome, String>,
) -> EditOutcome {
    let mut left = EditOutcome::Open;
    let shown = sheet(ctx, title, 420.0, |sheet| {
        let enter = sheet.is_submitted();
        sheet.stay();
        sheet.body(|ui| fields(ui, state));
        if state.problem().is_some() {
            *state.problem() = finish(state).err(); // it may be put right by now
        }
        sheet.foot(|ui| {
            if let Some(problem) = state.problem() {
                let sentence = RichText::new(problem.as_str()).font(theme::secondary()).color(tokens(ui).bad);
                ui.add(Label::new(sentence).wrap());
                ui.add_space(6.0);
            }
            buttons(ui, |ui| {
                if Button::new(Weight::Primary, "Save").show(ui).clicked() || enter {
                    match finish(state) {
                        Ok(done) => left = done,
                        Err(problem) => *state.problem() = Some(problem),
                    }
                }
                if Button::new(Weight::Secondary, "Cancel").show(ui).clicked() {
                    left = EditOutcome::Closed;
                }
            });
        });
    });
    if shown.left && matches!(left, EditOutcome::Open) { EditOutcome::Closed } else { left }
}

/// Shows what is done with a destination's files without being asked.
fn rules(ui: &mut egui::Ui, rules: &mut FitRules) {
    let fit = "Fit files that are not accepted or over a limit";
    let strip = "Remove location and camera data before sending";
    for (name, on) in [(fit, &mut rules.fit), (strip, &mut rules.wishes.strip)] {
        ui.horizontal(|ui| {
            if switch(ui, name, *on).clicked() {
                *on = !*on;
            }
            line(ui, name, theme::body(), tokens(ui).text);
        });
    }
    let wishes = &rules.wishes;
    let quality = wishes.quality.map(|quality| format!("quality {quality}"));
    let side = wishes.max_side.map(|side| format!("at most {side} px"));
    let more: Vec<_> =
        wishes.format.map(|media| media.label().to_owned()).into_iter().chain(quality).chain(side).collect();
    if !more.is_empty() {
        line(ui, &format!("Copies: {}", more.join(", ")), theme::secondary(), tokens(ui).dim);
    }
}

impl EditSheet {
    /// Opens for the destination of that name.
    pub(super) fn new(session: &Session, name: &str) -> Option<EditSheet> {
        let before = Destination::clone(session.keys.destinations().iter().find(|d| d.name == name)?);
        Some(EditSheet {
            facts: provider::by_id(&before.provider)?.facts(),
            name: before.name.clone(),
            account: before.account.clone().unwrap_or_default(),
            options: before.options.clone(),
            fit: before.fit.clone(),
            before,
            problem: None,
        })
    }

    pub(super) fn show(&mut self, ctx: &egui::Context, session: &Session) -> EditOutcome {
        let label = session.keys.short_label(&self.before);
        let title = format!("Name and options of {}", text::elide(&label, 40));
        form_sheet(
            ctx,
            &title,
            self,
            |ui, sheet| {
                let field = form::text_field(ui, "Name", "Its name in Hoist", "", &mut sheet.name);
                if !ui.memory(|memory| memory.focused().is_some()) {
                    focus_to_replace(ui.ctx(), field.id, &sheet.name);
                }
                if let Some(option) = sheet.facts.account.option {
                    form::field(ui, option, "", &mut sheet.account);
                }
                form::options(ui, sheet.facts, &mut sheet.options);
                rules(ui, &mut sheet.fit);
                let sentence = "Files already in the queue go where they were meant to.";
                let sentence = RichText::new(sentence).font(theme::secondary()).color(tokens(ui).dim);
                ui.add(Label::new(sentence).wrap());
            },
            |sheet| {
                let after = sheet.finish(session)?;
                Ok(EditOutcome::Changed { before: sheet.before.name.clone(), after })
            },
        )
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
            fit: self.fit.clone(),
            ..self.before.clone()
        };
        check_name(session.keys.settings(), &self.before.name, &after.name).map_err(|e| e.to_string())?;
        Ok(after)
    }
}
