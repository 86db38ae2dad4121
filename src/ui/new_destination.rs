//! The sheet that adds a destination: service, key, account, options, all from the providers' table.

use std::collections::BTreeMap;

use eframe::egui::{self, Align, Layout, Role, Sense, TextEdit, Ui, WidgetInfo, vec2};

use super::action;
use super::theme::{self, tokens};
use super::widgets::{Button, Weight, choice_ground, line, mark, room_in_sheet, sheet};
use crate::model::secret::Key;
use crate::model::text;
use crate::provider::facts::{Facts, Form, OptionFact};
use crate::provider::{self, check};
use crate::session::Session;
use crate::session::accounts::NewDestination;

/// What was filled in so far.
pub(super) struct NewDestinationSheet {
    provider: usize,
    choice: KeyChoice,
    key: String,
    account: String,
    options: BTreeMap<&'static str, String>,
    /// Only a key is asked for: no destination is made.
    key_only: bool,
    /// There is a key of that name now.
    is_there: bool,
    problem: Option<String>,
}

/// Which key the destination uses.
#[derive(Clone, PartialEq, Eq)]
enum KeyChoice {
    /// One that is there.
    Use(String),
    /// A new one in place of one that is there.
    Replace(String),
    /// A new one beside those that are there.
    New,
}

/// What the sheet was left with.
pub(super) enum Left {
    Open,
    Closed,
    /// A destination for a key that is there.
    Destination {
        key: String,
        new: NewDestination,
    },
    /// A new key, and a destination for it.
    Key {
        service: &'static provider::facts::Service,
        /// That of the key it replaces.
        name: Option<String>,
        key: Key,
        /// None where only the key is replaced.
        new: Option<NewDestination>,
    },
}

/// The keys a provider can use without asking for a new one.
fn known_keys(session: &Session, facts: &Facts) -> Vec<String> {
    let given = session.has_given_key(facts.service).then(|| facts.service.id.to_owned());
    let saved =
        session.settings().keys.iter().filter(|k| k.service == facts.service.id).map(|k| k.name.clone());
    given.into_iter().chain(saved).collect()
}

/// A provider that uses the key of this name.
fn provider_of(session: &Session, key: &str) -> Option<usize> {
    let settings = session.settings();
    let of_service = |id: &str| provider::ALL.iter().position(|p| p.facts().service.id == id);
    let record = settings.keys.iter().find(|k| k.name == key);
    let unsaved = session.destinations().iter().map(AsRef::as_ref);
    let mut users = settings.destinations.iter().chain(unsaved).filter(|d| d.key == key);
    record.map_or_else(
        || users.find_map(|d| provider::by_id(&d.provider)).and_then(|p| of_service(p.facts().service.id)),
        |record| of_service(&record.service),
    )
}

impl NewDestinationSheet {
    pub(super) fn new(session: &Session) -> NewDestinationSheet {
        let mut sheet = NewDestinationSheet {
            provider: 0,
            choice: KeyChoice::New,
            key: String::new(),
            account: String::new(),
            options: BTreeMap::new(),
            key_only: false,
            is_there: false,
            problem: None,
        };
        sheet.choose(session, 0);
        sheet
    }

    /// The sheet for a new key with its first destination, or for another key under a name that is there.
    pub(super) fn for_key(session: &Session, choice: action::KeyChoice) -> NewDestinationSheet {
        let mut sheet = NewDestinationSheet::new(session);
        match choice {
            action::KeyChoice::New => sheet.choice = KeyChoice::New,
            action::KeyChoice::Replace(name) => {
                if let Some(place) = provider_of(session, &name) {
                    sheet.choose(session, place);
                    sheet.key_only = true;
                    let mut saved = session.settings().keys.iter();
                    let mut unsaved = session.destinations().iter().filter(|d| !session.is_saved(d));
                    sheet.is_there = saved.any(|k| k.name == name) || unsaved.any(|d| d.key == name);
                    sheet.choice = KeyChoice::Replace(name);
                }
            }
        }
        sheet
    }

    fn facts(&self) -> &'static Facts {
        provider::ALL[self.provider].facts()
    }

    fn choose(&mut self, session: &Session, place: usize) {
        if provider::ALL[place].facts().service.id != self.facts().service.id {
            self.key.clear(); // a key of one service must not be saved as another's
        }
        self.provider = place;
        self.choice =
            known_keys(session, self.facts()).into_iter().next().map_or(KeyChoice::New, KeyChoice::Use);
        self.account.clear();
        self.options.clear();
        self.problem = None;
    }

    pub(super) fn show(&mut self, ctx: &egui::Context, session: &Session) -> Left {
        let mut left = Left::Open;
        let (title, done) = self.words();
        let shown = sheet(ctx, &title, 420.0, |ui| {
            let t = tokens(ui);
            ui.add_space(theme::STEP);
            let room = room_in_sheet(ui, 180.0);
            egui::ScrollArea::vertical().max_height(room).auto_shrink([false, true]).show(ui, |ui| {
                if self.key_only {
                    self.key_field(ui);
                    return;
                }
                for place in 0..provider::ALL.len() {
                    self.provider_row(ui, session, place);
                }
                ui.add_space(6.0);
                self.key_part(ui, session);
                self.account_part(ui);
                self.options_part(ui);
            });
            if let Some(problem) = &self.problem {
                line(ui, problem, theme::secondary(), t.bad);
            }
            ui.add_space(6.0);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if Button::new(Weight::Primary, done).show(ui).clicked() {
                    match self.finish() {
                        Ok(done) => left = done,
                        Err(problem) => self.problem = Some(problem),
                    }
                }
                if Button::new(Weight::Secondary, "Close").show(ui).clicked() {
                    left = Left::Closed;
                }
            });
        });
        if shown.left && matches!(left, Left::Open) {
            left = Left::Closed;
        }
        if !matches!(left, Left::Open) {
            forget(ctx, key_id());
        }
        left
    }

    /// The title, and what the button says.
    fn words(&self) -> (String, &'static str) {
        match &self.choice {
            KeyChoice::Replace(name) if self.key_only => {
                let word = if self.is_there { "Replace" } else { "Add" };
                (format!("{word} the key {}", text::elide(&text::harmless(name), 40)), word)
            }
            _ => ("Add a destination".to_owned(), "Add"),
        }
    }

    fn provider_row(&mut self, ui: &mut Ui, session: &Session, place: usize) {
        let t = tokens(ui);
        let facts = provider::ALL[place].facts();
        let chosen = self.provider == place;
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 40.0), Sense::click());
        response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, chosen, facts.name));
        choice_ground(ui, rect, &response, chosen);
        let mut inside = ui.new_child(
            egui::UiBuilder::new()
                .max_rect(rect.shrink2(vec2(8.0, 6.0)))
                .layout(Layout::left_to_right(Align::Center)),
        );
        mark(&mut inside, &facts.mark, 28.0);
        inside.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            let legacy = if facts.legacy.is_some() { " · legacy" } else { "" };
            line(ui, &format!("{}{legacy}", facts.name), theme::strong(), t.text);
            line(ui, &facts.summary(), theme::secondary(), if chosen { t.text } else { t.dim });
        });
        if response.clicked() {
            self.choose(session, place);
        }
    }

    fn key_part(&mut self, ui: &mut Ui, session: &Session) {
        let t = tokens(ui);
        let service = self.facts().service;
        let known = known_keys(session, self.facts());
        let title = egui::RichText::new(format!("{} key", service.name)).font(theme::caption()).color(t.dim);
        let title = ui.add(egui::Label::new(title));
        for name in &known {
            let added = session
                .settings()
                .keys
                .iter()
                .find(|k| k.name == *name)
                .map(|k| format!(", added {}", k.added));
            let from = added.unwrap_or_else(|| {
                if session.is_sandbox() {
                    ", of the sandbox".into()
                } else {
                    format!(", from {}", service.env)
                }
            });
            let choice = KeyChoice::Use(name.clone());
            if ui.radio(self.choice == choice, format!("{name}{from}")).clicked() {
                self.choice = choice;
            }
        }
        let given = session.has_given_key(service);
        if !given {
            for name in &known {
                let choice = KeyChoice::Replace(name.clone());
                if ui.radio(self.choice == choice, format!("Replace the key {name}")).clicked() {
                    self.choice = choice;
                }
            }
            if !known.is_empty() && ui.radio(self.choice == KeyChoice::New, "Another key").clicked() {
                self.choice = KeyChoice::New;
            }
        }
        if !matches!(self.choice, KeyChoice::Use(_)) {
            self.typed_key(ui, title.id);
        }
    }

    /// A key in place of another one, and nothing else.
    fn key_field(&mut self, ui: &mut Ui) {
        let t = tokens(ui);
        let service = self.facts().service;
        let title = egui::RichText::new(format!("{} key", service.name)).font(theme::caption()).color(t.dim);
        let title = ui.add(egui::Label::new(title));
        self.typed_key(ui, title.id);
        let words = "Destinations that use it stay as they are, and send with the new one from now on.";
        ui.add(egui::Label::new(egui::RichText::new(words).font(theme::secondary()).color(t.dim)).wrap());
    }

    fn typed_key(&mut self, ui: &mut Ui, title: egui::Id) {
        let t = tokens(ui);
        let service = self.facts().service;
        let edit = TextEdit::singleline(&mut self.key)
            .id(key_id())
            .password(true)
            .hint_text(service.key_form)
            .desired_width(f32::INFINITY)
            .margin(vec2(10.0, 7.0));
        let field = ui.add(edit).labelled_by(title);
        if self.key_only && !ui.memory(|memory| memory.focused().is_some()) {
            field.request_focus();
        }
        ui.horizontal(|ui| {
            ui.hyperlink_to(format!("Where to find it: {}", service.name), service.keys_page);
        });
        let words = "It is kept in this computer's keyring, never in a file, and never shown again.";
        ui.add(egui::Label::new(egui::RichText::new(words).font(theme::secondary()).color(t.dim)).wrap());
    }

    fn account_part(&mut self, ui: &mut Ui) {
        let Some(option) = self.facts().account else { return };
        let hint = if matches!(option.form, Form::Email) {
            "Auto, or an email address"
        } else {
            "None: the service's own choice"
        };
        field(ui, option, &mut self.account, hint);
    }

    fn options_part(&mut self, ui: &mut Ui) {
        for option in self.facts().options {
            match option.form {
                Form::Flag(default) => {
                    let mut on = self.options.get(option.key).map_or(default, |v| v == "true");
                    if ui.checkbox(&mut on, option.label).on_hover_text(option.help).changed() {
                        self.set(option, if on == default { String::new() } else { on.to_string() });
                    }
                }
                Form::Choice(all) => {
                    caption(ui, option.label);
                    ui.horizontal(|ui| {
                        for value in all {
                            let now = self.options.get(option.key).map_or(all[0], String::as_str);
                            if ui.radio(now == *value, *value).on_hover_text(option.help).clicked() {
                                self.set(option, (*value).to_owned());
                            }
                        }
                    });
                }
                Form::Text | Form::Email | Form::Uuid => {
                    let mut text = self.options.get(option.key).cloned().unwrap_or_default();
                    field(ui, option, &mut text, "");
                    self.set(option, text);
                }
            }
        }
    }

    fn set(&mut self, option: &'static OptionFact, value: String) {
        if value.is_empty() {
            self.options.remove(option.key);
        } else {
            self.options.insert(option.key, value);
        }
    }

    fn finish(&mut self) -> Result<Left, String> {
        let facts = self.facts();
        let account = Some(self.account.trim().to_owned()).filter(|a| !a.is_empty());
        if let (Some(option), Some(account)) = (facts.account, &account)
            && let Some(problem) = check::invalid(option, account)
        {
            return Err(problem);
        }
        for option in facts.options {
            if let Some(problem) = self.options.get(option.key).and_then(|v| check::invalid(option, v)) {
                return Err(problem);
            }
        }
        let options = self.options.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect();
        let new = NewDestination { provider: facts.id.to_owned(), name: None, account, options };
        let name = match &self.choice {
            KeyChoice::Use(key) => return Ok(Left::Destination { key: key.clone(), new }),
            KeyChoice::Replace(name) => Some(name.clone()),
            KeyChoice::New => None,
        };
        let new = (!self.key_only).then_some(new);
        match Key::new(std::mem::take(&mut self.key)) {
            Ok(key) => Ok(Left::Key { service: facts.service, name, key, new }),
            Err(e) => Err(format!("That is no key: {e}")),
        }
    }
}

fn key_id() -> egui::Id {
    egui::Id::unique("the key that is typed")
}

/// egui remembers what was typed, to undo it: not a key.
fn forget(ctx: &egui::Context, id: egui::Id) {
    ctx.data_mut(|data| data.remove::<egui::text_edit::TextEditState>(id));
}

fn caption(ui: &mut Ui, text: &str) {
    let colour = tokens(ui).dim;
    line(ui, text, theme::caption(), colour);
}

fn field(ui: &mut Ui, option: &OptionFact, text: &mut String, hint: &str) {
    let label = ui.add(egui::Label::new(
        egui::RichText::new(format!("{} ({})", option.label, option.key))
            .font(theme::caption())
            .color(tokens(ui).dim),
    ));
    let edit =
        TextEdit::singleline(text).hint_text(hint).desired_width(f32::INFINITY).margin(vec2(10.0, 7.0));
    ui.add(edit).labelled_by(label.id).on_hover_text(option.help);
}
