//! What is copied: the form, and the line of one's own with what it makes of an upload.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use eframe::egui::{CornerRadius, Frame, Label, RichText, TextEdit, Ui, vec2};
use jiff::Timestamp;
use serde_json::json;
use strum::IntoEnumIterator;

use super::rows::{problem, switch_row};
use crate::session::Session;
use crate::session::api::{CopyFormat, Destination, Item, Receipt, State, UploadId, provider, text};
use crate::session::report::Report;
use crate::session::template::{FIELDS, Template};
use crate::ui::action::{Action, Setting};
use crate::ui::theme::{self, RADIUS, tokens};
use crate::ui::widgets::{follow, form_block, form_row, rule, segments};

/// The longest template that can be typed.
const MAX_CHARS: usize = 2000;

/// The template as it is typed, where it is not applied.
#[derive(Default)]
pub(super) struct TemplateDraft(Option<String>);

pub(super) fn show(ui: &mut Ui, session: &Session, draft: &mut TemplateDraft, actions: &mut Vec<Action>) {
    let settings = session.keys.settings();
    let choices: Vec<_> = CopyFormat::iter().map(|format| (format, format.label())).collect();
    form_row(ui, "Copy as", "Format used by Copy; providers without IDs give links", |ui| {
        if let Some(format) = segments(ui, "Copy as", settings.copy_format, &choices) {
            actions.push(Action::Set(Setting::CopyFormat(format)));
        }
    });
    rule(ui);
    let help = "Your own line for each file, used by Copy as Template";
    form_block(ui, "Template", help, |ui| template(ui, session, draft, actions));
    rule(ui);
    switch_row(
        ui,
        "Copy when everything is sent",
        "Once for all files, in the queue's order. It replaces the clipboard's content",
        settings.copy_when_done,
        Setting::CopyWhenDone,
        actions,
    );
}

fn template(ui: &mut Ui, session: &Session, draft: &mut TemplateDraft, actions: &mut Vec<Action>) {
    let mut typed = draft.0.clone().unwrap_or_else(|| session.keys.settings().copy_template.clone());
    let edit = TextEdit::singleline(&mut typed)
        .font(theme::id())
        .desired_width(f32::INFINITY)
        .char_limit(MAX_CHARS)
        .margin(vec2(10.0, 7.0));
    let response = ui.add(edit).accessible_name("Template");
    follow(&response);
    let template = Template::parse(&typed);
    if response.changed() {
        // What is valid is applied at once: nothing is lost, however the page is left.
        draft.0 = Some(typed.clone());
        if template.is_ok() {
            actions.push(Action::Set(Setting::CopyTemplate(typed)));
        }
    }
    if template.is_ok() && !response.has_focus() {
        draft.0 = None;
    }
    ui.add_space(2.0 * theme::STEP);
    match template {
        Ok(template) => preview(ui, session, &template),
        Err(why) => {
            problem(ui, &why.to_string());
            let text = format!("Still applied: {}", session.keys.settings().copy_template);
            secondary(ui, &text::sanitize(&text));
        }
    }
    ui.add_space(2.0 * theme::STEP);
    secondary(ui, &format!("Fields: {{{}}} {{json:/path}}", FIELDS.join("} {")));
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
    ui.add_space(theme::STEP);
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
    let facts = provider::ALL[0].facts();
    let destination = Destination {
        name: facts.name.to_owned(),
        provider: facts.id.to_owned(),
        key: facts.vendor.id.to_owned(),
        account: Some("you@example.com".to_owned()),
        options: BTreeMap::new(),
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
