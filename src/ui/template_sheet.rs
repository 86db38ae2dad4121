//! The sheet with a template for copying: its name, its line, and what that makes of an upload.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use eframe::egui::{self, CornerRadius, Frame, Label, RichText, TextEdit, Ui, vec2};
use jiff::Timestamp;
use serde_json::json;

use super::add::form;
use super::edit::{EditOutcome, EditProblem, form_sheet};
use super::theme::{self, RADIUS, tokens};
use crate::session::Session;
use crate::session::api::{CopyTemplate, Destination, Item, Receipt, State, UploadId, provider, text};
use crate::session::copy_choices::{InvalidCopyTemplate, check_template};
use crate::session::report::Report;
use crate::session::template::{FIELDS, Template};

/// The longest template that can be typed.
const MAX_CHARS: usize = 2000;

/// What was filled in so far.
pub(super) struct TemplateSheet {
    /// The name of the template that is changed; none for a new one.
    before: Option<String>,
    name: String,
    line: String,
    problem: Option<String>,
}

impl EditProblem for TemplateSheet {
    fn problem(&mut self) -> &mut Option<String> {
        &mut self.problem
    }
}

impl TemplateSheet {
    /// Opens for the template of that name, or for a new one.
    pub(super) fn new(session: &Session, before: Option<String>) -> Option<TemplateSheet> {
        let templates = &session.keys.settings().templates;
        let CopyTemplate { name, line } = match &before {
            Some(name) => templates.iter().find(|t| t.name == *name)?.clone(),
            None => CopyTemplate { name: String::new(), line: "{name}: {id}".to_owned() },
        };
        Some(TemplateSheet { before, name, line, problem: None })
    }

    pub(super) fn show(&mut self, ctx: &egui::Context, session: &Session) -> EditOutcome {
        let title = if self.before.is_some() { "Edit template" } else { "Add template" };
        form_sheet(
            ctx,
            title,
            self,
            |ui, sheet| sheet.fields(ui, session),
            |sheet| {
                let template = CopyTemplate { name: sheet.name.trim().to_owned(), line: sheet.line.clone() };
                let settings = session.keys.settings();
                check_template(settings, sheet.before.as_deref(), &template).map_err(|e| e.to_string())?;
                Ok(EditOutcome::Template { before: sheet.before.clone(), template })
            },
        )
    }

    fn fields(&mut self, ui: &mut Ui, session: &Session) {
        let field = form::text_field(ui, "Name", "Its name among the copy formats", "", &mut self.name);
        if !ui.memory(|memory| memory.focused().is_some()) {
            field.request_focus();
        }
        let label = RichText::new("Line for each file").font(theme::caption()).color(tokens(ui).dim);
        let label = ui.add(Label::new(label));
        let edit = TextEdit::singleline(&mut self.line)
            .font(theme::id())
            .desired_width(f32::INFINITY)
            .char_limit(MAX_CHARS)
            .margin(vec2(10.0, 7.0));
        ui.add(edit).labelled_by(label.id);
        match Template::parse(&self.line) {
            Ok(template) => {
                preview(ui, session, &template);
                secondary(ui, &format!("Fields: {{{}}} {{json:/path}}", FIELDS.join("} {")));
                secondary(
                    ui,
                    "{id} is the link where there is no ID, {url} the link alone, and {file} the path",
                );
            }
            // It names the fields where one is wrong.
            Err(why) if self.problem.is_none() => {
                super::settings::problem(ui, &InvalidCopyTemplate::from(why).to_string());
            }
            Err(_) => {} // it stands above the buttons
        }
    }
}

/// Draws what the template makes of the last finished file, or of a made-up one.
fn preview(ui: &mut Ui, session: &Session, template: &Template) {
    let t = tokens(ui);
    let last = session.uploads.queue().items().iter().rev().find(|item| item.state.receipt().is_some());
    let (line, of) = match last {
        Some(item) => (template.line(&Report::from(item)), text::elide(&item.name, 40)),
        None => (template.line(&Report::from(&made_up())), "a made-up upload".to_owned()),
    };
    secondary(ui, &format!("Preview for {of}:"));
    let ground = Frame::new().fill(t.control).corner_radius(CornerRadius::same(RADIUS)).inner_margin(8);
    ground.show(ui, |ui| {
        ui.set_min_width(ui.available_width());
        let shown = if line.is_empty() { "nothing" } else { &line };
        ui.add(Label::new(RichText::new(shown).font(theme::id()).color(t.text)).wrap());
    });
}

fn secondary(ui: &mut Ui, text: &str) {
    let text = RichText::new(text).font(theme::secondary()).color(tokens(ui).dim);
    ui.add(Label::new(text).wrap());
}

/// Makes up an upload, as a provider might answer.
fn made_up() -> Item {
    let facts = provider::all()[0].facts();
    let destination = Destination {
        name: facts.name.to_owned(),
        provider: facts.id.to_owned(),
        key: facts.vendor.id.to_owned(),
        account: Some("you@example.com".to_owned()),
        options: BTreeMap::new(),
        fit: crate::session::api::FitRules::default(),
    };
    let id = "user:1234-you@example.com-image:34cd56ef";
    let url = "https://example.com/34cd56ef.jpg";
    let response = json!({ "id": id, "url": url, "width": 1200, "height": 900 });
    let values =
        response.as_object().into_iter().flatten().map(|(name, value)| (name.clone(), value.clone()));
    let receipt = Receipt {
        id: Some(id.to_owned()),
        url: Some(url.to_owned()),
        values: values.collect(),
        warnings: vec![],
        expires: None,
        response: response.into(),
    };
    let mut item =
        Item::new(UploadId(0), PathBuf::from("photo.jpg"), Arc::new(destination), Timestamp::UNIX_EPOCH);
    item.state = State::Done(Box::new(receipt));
    item
}
