//! The sheet that adds a key and destinations for it: which vendor, its key, then what the vendor says is behind it.

pub(super) mod form;
mod more;
mod pick;
mod problem;
mod vendors;

use eframe::egui::{self, Label, RichText, TextEdit, Ui, vec2};
use lucide_icons::Icon;
use secrecy::zeroize::Zeroize;

use super::action::KeyChoice;
use super::theme::{self, tokens};
use super::widgets::{Button, Weight, WithTip, buttons, presses_enter, radio, sheet};
use crate::session::Session;
use crate::session::accounts::{KeyNames, NewDestination, check_label};
use crate::session::api::{
    Key, KeyCheckResult,
    provider::{self, ProviderSpec, Vendor, key_format_hint, vendor_of_format},
    text,
};

use more::MoreProviders;
use pick::Pick;
use problem::AddProblem;

/// No more letters than these are typed between two frames.
const MAX_TYPED: usize = 4;

/// What was filled in so far.
pub(super) struct AddSheet {
    vendor: &'static Vendor,
    choice: KeyChoice,
    typed: String,
    /// What the new key is to be called, where that is filled in.
    label: String,
    /// The key can be read while it is typed.
    shows_key: bool,
    /// The key came at once, as it is pasted: what is typed letter by letter says nothing before it is whole.
    came_at_once: bool,
    /// What it was opened for.
    purpose: Purpose,
    /// The vendor was chosen, and is not to be told from the key.
    vendor_chosen: bool,
    /// There is a key of that name now.
    is_there: bool,
    step: AddStep,
    problem: Option<AddProblem>,
    more: MoreProviders,
    /// The provider that it was opened for.
    wanted: Option<&'static str>,
    /// It was opened for that one, and says so from the start.
    has_title: bool,
    /// There was nothing to ask before what can be picked, and nothing to go back to.
    begins_with_pick: bool,
}

/// What a sheet is opened for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    /// A new key, and with it destinations.
    NewKey,
    /// Destinations, of a key that is there or of a new one.
    Destinations,
    /// A key in place of one that is there, or is missing: no destination is made.
    KeyAlone,
}

enum AddStep {
    /// The key is asked for.
    Key,
    /// The provider is asked.
    Checking { ticket: u64, key: Option<Key> },
    /// What is behind it can be picked.
    Pick { pick: Pick, key: Option<Key>, answer: Option<Box<KeyCheckResult>> },
}

/// What the sheet was left with.
pub(super) enum AddOutcome {
    Open,
    Closed,
    /// Destinations for a key that is there.
    Destinations {
        key: String,
        new: Vec<NewDestination>,
    },
    /// A new key, and destinations for it.
    Key {
        vendor: &'static Vendor,
        names: KeyNames,
        key: Key,
        new: Vec<NewDestination>,
        /// What the provider said of it.
        answer: Option<Box<KeyCheckResult>>,
    },
}

/// What the button at the end does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Press {
    On,
    Unchecked,
    Back,
    Close,
}

impl AddSheet {
    /// Opens for a destination: at the first vendor with a key that is there, else at the first of all.
    pub(super) fn new(session: &Session) -> AddSheet {
        let vendors = provider::vendors();
        let has_key = |vendor: &&&Vendor| vendor.needs_key() && !session.keys.key_names(vendor).is_empty();
        let vendor = *vendors.iter().find(has_key).unwrap_or(&vendors[0]);
        let mut sheet = AddSheet {
            vendor,
            choice: KeyChoice::New,
            typed: String::new(),
            label: String::new(),
            shows_key: false,
            came_at_once: false,
            purpose: Purpose::Destinations,
            vendor_chosen: false,
            is_there: false,
            step: AddStep::Key,
            problem: None,
            more: MoreProviders::default(),
            wanted: None,
            has_title: false,
            begins_with_pick: false,
        };
        sheet.choose(session, vendor);
        sheet
    }

    /// Opens for a new key, for another key under a name that is there, or for what is behind a key.
    pub(super) fn for_key(session: &Session, choice: KeyChoice) -> AddSheet {
        let mut sheet = AddSheet::new(session);
        let vendor_of = |name: &str| session.keys.vendor_of(name);
        match choice {
            KeyChoice::New => {
                sheet.purpose = Purpose::NewKey;
                sheet.choose(session, provider::vendors()[0]);
            }
            KeyChoice::Replace(name) => {
                if let Some(vendor) = vendor_of(&name) {
                    sheet.choose(session, vendor);
                    sheet.purpose = Purpose::KeyAlone;
                    sheet.is_there = session.keys.key_names(vendor).contains(&name);
                    sheet.choice = KeyChoice::Replace(name);
                }
            }
            KeyChoice::Use(name) => {
                if let Some(vendor) = vendor_of(&name) {
                    sheet.choose(session, vendor);
                    sheet.choice = KeyChoice::Use(name);
                }
            }
        }
        sheet
    }

    /// Opens for a destination of a provider.
    pub(super) fn for_provider(session: &Session, facts: &'static ProviderSpec) -> AddSheet {
        let mut sheet = AddSheet::new(session);
        sheet.choose(session, facts.vendor);
        sheet.vendor_chosen = true;
        sheet.wanted = Some(facts.id);
        sheet.has_title = true;
        if !facts.vendor.needs_key() && facts.account.listing.is_none() {
            sheet.pick(session, None, None); // there is nothing to ask about
            sheet.begins_with_pick = true;
        }
        sheet
    }

    fn choose(&mut self, session: &Session, vendor: &'static Vendor) {
        if vendor.id != self.vendor.id {
            self.typed.zeroize(); // a key of one vendor must not be saved as another's
        }
        self.vendor = vendor;
        let known = session.keys.key_names(vendor).into_iter().next();
        self.choice = match self.purpose {
            Purpose::NewKey => KeyChoice::New,
            _ => known.map_or(KeyChoice::New, KeyChoice::Use),
        };
        self.problem = None;
    }

    /// Returns whether the vendor can be asked which accounts are behind a key.
    fn lists_accounts(&self) -> bool {
        provider::of_vendor(self.vendor).any(|facts| facts.account.listing.is_some())
    }

    /// Returns whether nothing is to be picked once the key is there: the vendor has one provider, without accounts.
    fn is_one_step(&self) -> bool {
        let mut providers = provider::of_vendor(self.vendor);
        let alone = providers.next().filter(|_| providers.next().is_none());
        alone.is_some_and(|facts| facts.account.option.is_none() && facts.account.listing.is_none())
            && self.choice == KeyChoice::New
            && self.purpose != Purpose::KeyAlone
    }

    pub(super) fn show(&mut self, ctx: &egui::Context, session: &mut Session) -> AddOutcome {
        self.take_answer(session);
        if let AddStep::Pick { key: Some(_), .. } = self.step
            && (self.purpose == Purpose::KeyAlone || self.is_one_step() && self.problem.is_none())
        {
            return self.finish(ctx);
        }
        let mut pressed = None;
        let title = self.title();
        let shown = sheet(ctx, &title, 440.0, |sheet| {
            let enter = sheet.is_submitted();
            sheet.stay();
            sheet.ui.add_space(theme::STEP);
            sheet.body(|ui| match &mut self.step {
                // What had the keyboard before is another field than any of these.
                AddStep::Pick { pick, .. } => _ = ui.push_id("what is picked", |ui| pick.show(ui)),
                AddStep::Key | AddStep::Checking { .. } => self.key_step(ui, session),
            });
            pressed = sheet.foot(|ui| {
                if let Some(problem) = &self.problem {
                    problem.show(ui);
                }
                buttons(ui, |ui| self.buttons(ui, enter))
            });
        });
        match pressed {
            Some(Press::On) => {
                if let Some(left) = self.go_on(ctx, session) {
                    return left;
                }
            }
            Some(Press::Unchecked) => {
                if let Some(left) = self.save_unchecked(ctx, session) {
                    return left;
                }
            }
            // A key that is not saved yet is not lost by the first Escape.
            None if shown.left && self.has_unsaved_key() => self.step_back(),
            Some(Press::Back) => self.step_back(),
            Some(Press::Close) => return self.leave(ctx, AddOutcome::Closed),
            None if shown.left => return self.leave(ctx, AddOutcome::Closed),
            None => {}
        }
        AddOutcome::Open
    }

    /// Asks for the key again.
    fn step_back(&mut self) {
        self.step = AddStep::Key;
        self.problem = None;
    }

    /// Returns whether the key was typed, and is saved with what is picked for it.
    fn has_unsaved_key(&self) -> bool {
        matches!(self.step, AddStep::Pick { key: Some(_), .. })
    }

    /// Returns the title, by what the sheet is for.
    fn title(&self) -> String {
        match (&self.choice, &self.step, self.purpose) {
            (KeyChoice::Replace(name), _, Purpose::KeyAlone) => {
                let word = if self.is_there { "Replace" } else { "Add" };
                format!("{word} the key {}", text::elide(&text::sanitize(name), 40))
            }
            // As long as a provider is only looked for, the sheet is the same.
            (_, step, purpose) => match (step, purpose, self.wanted_name()) {
                (AddStep::Key | AddStep::Checking { .. }, Purpose::Destinations, _) if !self.has_title => {
                    "Add destination".to_owned()
                }
                (_, Purpose::Destinations, Some(name)) => format!("Add {name}"),
                (AddStep::Pick { .. }, ..) => format!("Destinations for {}", self.vendor.name),
                (_, Purpose::NewKey, _) => "Add API key".to_owned(),
                _ => "Add destination".to_owned(),
            },
        }
    }

    /// Returns the name of the provider that it was opened for, as long as its vendor is the one that is chosen.
    fn wanted_name(&self) -> Option<&'static str> {
        let facts = provider::by_id(self.wanted?)?.facts();
        (facts.vendor.id == self.vendor.id).then_some(facts.name)
    }

    /// Draws the buttons from the right to the left. `enter`: the first of them was pressed by Enter.
    fn buttons(&self, ui: &mut Ui, enter: bool) -> Option<Press> {
        let mut pressed = None;
        let mut button = |ui: &mut Ui, weight, label: &str, enabled, press| {
            let by_enter = enter && enabled && weight == Weight::Primary;
            if Button::new(weight, label).enabled(enabled).show(ui).clicked() || by_enter {
                pressed = Some(press);
            }
        };
        match &self.step {
            AddStep::Key | AddStep::Checking { .. } => {
                let checking = matches!(self.step, AddStep::Checking { .. });
                let label = match (&self.choice, checking) {
                    (_, true) => format!("Asking {}…", self.vendor.name),
                    (KeyChoice::Use(_), _) if self.lists_accounts() => "Show accounts".to_owned(),
                    (KeyChoice::Use(_), _) if self.problem.is_some() => "Try again".to_owned(),
                    (KeyChoice::Use(_), _) => "Continue".to_owned(),
                    (KeyChoice::Replace(_), _) if self.is_there => "Replace key".to_owned(),
                    _ if self.is_one_step() || self.purpose == Purpose::KeyAlone => "Add key".to_owned(),
                    _ => "Check key".to_owned(),
                };
                button(ui, Weight::Primary, &label, !checking, Press::On);
                if self.problem.as_ref().is_some_and(|p| p.passes) {
                    let saves = self.is_one_step() || self.purpose == Purpose::KeyAlone;
                    let label = if saves { "Save unchecked" } else { "Continue unchecked" };
                    button(ui, Weight::Secondary, label, true, Press::Unchecked);
                }
            }
            AddStep::Pick { pick, key, .. } => {
                let destinations = text::count(pick.count(), "destination");
                let label = match (pick.count(), key) {
                    (0, Some(_)) => "Save the key".to_owned(),
                    (0, None) => "Save".to_owned(),
                    (_, Some(_)) => format!("Save the key and {destinations}"),
                    (_, None) => format!("Save {destinations}"),
                };
                button(ui, Weight::Primary, &label, pick.count() > 0 || key.is_some(), Press::On);
                if !self.begins_with_pick {
                    button(ui, Weight::Secondary, "Back", true, Press::Back);
                }
            }
        }
        if !self.has_unsaved_key() {
            button(ui, Weight::Secondary, "Close", true, Press::Close);
        }
        pressed
    }

    fn key_step(&mut self, ui: &mut Ui, session: &Session) {
        if self.purpose != Purpose::KeyAlone {
            self.vendors(ui, session);
            ui.add_space(6.0);
        }
        let t = tokens(ui);
        let vendor = self.vendor;
        let title = RichText::new(format!("{} key", vendor.name)).font(theme::caption()).color(t.dim);
        let title = ui.add(Label::new(title));
        if self.purpose == Purpose::Destinations {
            self.key_choices(ui, session);
        }
        if !matches!(self.choice, KeyChoice::Use(_)) {
            self.typed_key(ui, title.id, session.keys.sandbox_key(self.vendor));
        }
        if self.choice == KeyChoice::New {
            ui.horizontal(|ui| {
                let name = RichText::new("Name (optional)").font(theme::caption()).color(t.dim);
                let name = ui.add(Label::new(name));
                let edit = TextEdit::singleline(&mut self.label).hint_text("Studio, a client…");
                let edit = edit.desired_width(f32::INFINITY).margin(vec2(10.0, 7.0));
                ui.add(edit).labelled_by(name.id).tip("Tells this key and its destinations from your others");
            });
        }
        if self.purpose == Purpose::KeyAlone {
            let sentence =
                "Destinations that use it stay as they are, and send with the new one from now on.";
            ui.add(Label::new(RichText::new(sentence).font(theme::secondary()).color(t.dim)).wrap());
        }
    }

    fn key_choices(&mut self, ui: &mut Ui, session: &Session) {
        let vendor = self.vendor;
        let known = session.keys.key_names(vendor);
        for name in &known {
            let record = session.keys.settings().keys.iter().find(|k| k.name == *name);
            let from = match record {
                Some(record) => format!(", added {}", record.added),
                None if !vendor.needs_key() => ": no key is needed".to_owned(),
                None if session.is_sandbox() => ", of the sandbox".to_owned(),
                None if session.keys.has_given_key(vendor) => format!(", from {}", vendor.env),
                None => ", for this run only".to_owned(),
            };
            let choice = KeyChoice::Use(name.clone());
            let called = record.and_then(|record| record.label.as_ref()).unwrap_or(name);
            if radio(ui, self.choice == choice, &format!("{}{from}", text::sanitize(called))).clicked() {
                self.choice = choice;
            }
        }
        if session.keys.has_given_key(vendor) {
            return;
        }
        for name in &known {
            let choice = KeyChoice::Replace(name.clone());
            let label = format!("Replace the key {}", text::sanitize(name));
            if radio(ui, self.choice == choice, &label).clicked() {
                self.choice = choice;
            }
        }
        if !known.is_empty() && radio(ui, self.choice == KeyChoice::New, "Another key").clicked() {
            self.choice = KeyChoice::New;
        }
    }

    fn typed_key(&mut self, ui: &mut Ui, title: egui::Id, sandbox: Option<&str>) {
        let t = tokens(ui);
        let vendor = self.vendor;
        let dim = |ui: &mut Ui, sentence: &str, ink| {
            ui.add(Label::new(RichText::new(sentence).font(theme::secondary()).color(ink)).wrap());
        };
        let before = self.typed.chars().count();
        let is_typing = ui.horizontal(|ui| {
            let edit = TextEdit::singleline(&mut self.typed)
                .id(key_id())
                .password(!self.shows_key)
                .hint_text(vendor.key_form)
                .desired_width(ui.available_width() - 44.0)
                .margin(vec2(10.0, 7.0));
            let field = ui.add(edit).labelled_by(title);
            if !ui.memory(|memory| memory.focused().is_some()) {
                field.request_focus();
            }
            if field.changed() {
                self.problem = None;
                self.came_at_once = self.typed.chars().count() > before + MAX_TYPED;
                self.follow_key();
            }
            let (icon, name) = match self.shows_key {
                true => (Icon::EyeOff, "Hide the key"),
                false => (Icon::Eye, "Show the key"),
            };
            if Button::icon_only(icon, name).show(ui).clicked() {
                self.shows_key = !self.shows_key;
            }
            field.has_focus() && !self.came_at_once
        });
        let hint = key_format_hint(vendor, &self.typed).filter(|_| sandbox != Some(&self.typed));
        if let Some(hint) = hint.filter(|_| !is_typing.inner || self.problem.is_some()) {
            dim(ui, &format!("{hint}. You can try it anyway."), t.warning);
        }
        if let Some(key) = sandbox {
            if Button::new(Weight::Secondary, "Use the sandbox's key").small().show(ui).clicked() {
                key.clone_into(&mut self.typed);
                self.problem = None;
            }
            dim(ui, "The sandbox accepts only keys of its own: a vendor's key stays with you.", t.dim);
            return;
        }
        ui.horizontal(|ui| {
            let link = ui.hyperlink_to(format!("Where to find it: {}", vendor.name), vendor.keys_page);
            presses_enter(&link);
        });
        dim(ui, "The key is kept in this computer's keyring, never in a file, and never shown again.", t.dim);
    }

    /// Takes the vendor whose keys look like the one that was typed, unless a person has chosen.
    fn follow_key(&mut self) {
        let may = self.purpose == Purpose::NewKey && !self.vendor_chosen && self.came_at_once;
        if let Some(vendor) = vendor_of_format(&self.typed).filter(|_| may) {
            self.vendor = vendor;
        }
    }

    /// Reads the key that was typed; says why it is none, or cannot be called as is filled in.
    fn key(&mut self, session: &Session) -> Option<Key> {
        let label = called(&self.label).filter(|_| self.choice == KeyChoice::New);
        let checked = label.map_or(Ok(()), |label| check_label(session.keys.settings(), "", &label));
        if let Err(problem) = checked {
            self.problem = Some(AddProblem::new(problem.to_string()));
            return None;
        }
        match Key::new(self.typed.clone()) {
            Ok(key) => Some(key),
            Err(e) => {
                self.problem = Some(AddProblem::new(format!("This is not an API key: {e}")));
                None
            }
        }
    }

    /// Takes the next step; gives back the end, where that was the last.
    fn go_on(&mut self, ctx: &egui::Context, session: &mut Session) -> Option<AddOutcome> {
        if let AddStep::Pick { .. } = self.step {
            return Some(self.finish(ctx));
        }
        self.problem = None;
        let (ticket, key) = match &self.choice {
            KeyChoice::Use(name) => (session.check_key(name)?, None),
            _ => {
                let key = self.key(session)?;
                (session.check_new_key(self.vendor, key.clone()), Some(key))
            }
        };
        self.shows_key = false;
        self.step = AddStep::Checking { ticket, key };
        None
    }

    fn save_unchecked(&mut self, ctx: &egui::Context, session: &Session) -> Option<AddOutcome> {
        let key = match &self.choice {
            KeyChoice::Use(_) => None,
            _ => Some(self.key(session)?),
        };
        self.problem = None;
        self.pick(session, key, None);
        (self.purpose == Purpose::KeyAlone || self.is_one_step()).then(|| self.finish(ctx))
    }

    fn pick(&mut self, session: &Session, key: Option<Key>, answer: Option<Box<KeyCheckResult>>) {
        let name = match &self.choice {
            KeyChoice::Use(name) | KeyChoice::Replace(name) => Some(name.as_str()),
            KeyChoice::New => None,
        };
        let pick = Pick::new(session, self.vendor, (name, self.wanted), answer.as_deref());
        self.step = AddStep::Pick { pick, key, answer };
    }

    /// Takes in what the provider said.
    fn take_answer(&mut self, session: &mut Session) {
        let AddStep::Checking { ticket, .. } = &self.step else { return };
        let Some(answer) = session.keys.take_result(*ticket) else { return };
        let AddStep::Checking { key, .. } = std::mem::replace(&mut self.step, AddStep::Key) else { return };
        match &answer.key {
            Ok(facts) => {
                if let (true, Some(plan)) = (facts.plan_insufficient, &facts.plan) {
                    let sentence = format!("{}'s {plan} plan does not allow uploads", self.vendor.name);
                    self.problem = Some(AddProblem::new(sentence));
                }
                self.pick(session, key, Some(Box::new(answer)));
            }
            Err(failure) => {
                let mut problem = AddProblem::of(failure);
                if !problem.passes && session.keys.sandbox_key(self.vendor).is_some() {
                    let hint = "The sandbox accepts only keys of its own: press Use the sandbox's key";
                    problem.sentence = format!("{}. {hint}", failure.message);
                }
                self.problem = Some(problem);
            }
        }
    }

    /// Finishes with what was filled in.
    fn finish(&mut self, ctx: &egui::Context) -> AddOutcome {
        let AddStep::Pick { pick, key, answer } = &mut self.step else { return AddOutcome::Open };
        let new = match (self.purpose == Purpose::KeyAlone, pick.picked()) {
            (true, _) => vec![],
            (false, Ok(new)) => new,
            (false, Err(problem)) => {
                self.problem = Some(AddProblem::new(problem));
                return AddOutcome::Open;
            }
        };
        let left = match (key.take(), &self.choice) {
            (None, KeyChoice::Use(name) | KeyChoice::Replace(name)) => {
                AddOutcome::Destinations { key: name.clone(), new }
            }
            (None, KeyChoice::New) => AddOutcome::Closed,
            (Some(key), choice) => {
                let names = match choice {
                    KeyChoice::Replace(name) => name.as_str().into(),
                    _ => KeyNames { name: None, label: called(&self.label) },
                };
                AddOutcome::Key { vendor: self.vendor, names, key, new, answer: answer.take() }
            }
        };
        self.leave(ctx, left)
    }

    /// Wipes what was typed, also where egui keeps it to undo it.
    fn leave(&mut self, ctx: &egui::Context, left: AddOutcome) -> AddOutcome {
        self.typed.zeroize();
        ctx.data_mut(|data| data.remove::<egui::text_edit::TextEditState>(key_id()));
        left
    }
}

impl Drop for AddSheet {
    fn drop(&mut self) {
        self.typed.zeroize();
    }
}

/// Returns what a key is called by what was typed.
fn called(label: &str) -> Option<String> {
    Some(label.trim().to_owned()).filter(|label| !label.is_empty())
}

fn key_id() -> egui::Id {
    egui::Id::unique("the key that is typed")
}
