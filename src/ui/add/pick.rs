//! The second step: which of the accounts behind a key files may be sent to.

use std::sync::Arc;

use eframe::egui::{Label, RichText, Ui};

use super::form::{self, Values};
use super::more::MoreProviders;
use crate::session::Session;
use crate::session::accounts::NewDestination;
use crate::session::api::{
    AccountList, Destination, Failure, KeyCheckResult,
    provider::{self, Account, ProviderSpec, ValueKind, Vendor},
    text::{self, sanitize},
};
use crate::session::provider_groups::is_found;
use crate::ui::theme::{self, tokens};
use crate::ui::widgets::{Button, Tone, Weight, WithTip, checkbox, line, mark, tag};

/// More accounts than these are found by typing.
const MANY: usize = 12;

/// What can be picked.
pub(super) struct Pick {
    sections: Vec<Section>,
    /// The provider that the sheet was opened for: its section is the first, and in sight.
    wanted: Option<&'static str>,
    more: MoreProviders,
}

/// The accounts and options of one provider.
struct Section {
    facts: &'static ProviderSpec,
    /// No account in particular.
    auto: Choice,
    /// That is listed already, by a key that is given and not saved.
    is_unsaved: bool,
    accounts: Vec<(Account, Choice)>,
    /// The vendor said which accounts there are.
    is_listed: bool,
    /// Why there is no list.
    unlisted: Option<Failure>,
    /// What accounts are looked for by, where there are many.
    search: String,
    /// One that is in no list.
    other: String,
    options: Values,
    shows_options: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Choice {
    /// It is a destination already.
    There,
    Picked,
    Left,
}

impl Choice {
    fn first(there: bool, picked: bool) -> Choice {
        match (there, picked) {
            (true, _) => Choice::There,
            (_, true) => Choice::Picked,
            _ => Choice::Left,
        }
    }
}

impl Pick {
    /// Offers what a vendor answered, or nothing where it was not asked. `key`: the key's name, where it has one, and
    /// `wanted`: the provider that the sheet was opened for.
    pub(super) fn new(
        session: &Session,
        vendor: &'static Vendor,
        (key, wanted): (Option<&str>, Option<&'static str>),
        answer: Option<&KeyCheckResult>,
    ) -> Pick {
        let is_wanted = |facts: &ProviderSpec| wanted == Some(facts.id);
        let mut all: Vec<_> = provider::of_vendor(vendor).collect();
        all.retain(|facts| is_wanted(facts) || !session.keys.is_hidden(facts));
        all.sort_by_key(|facts| !is_wanted(facts));
        let sections = all.into_iter().map(|facts| {
            let listed = answer.and_then(|a| a.listed.iter().find(|l| l.facts.id == facts.id));
            Section::new(session, facts, (key, wanted), listed)
        });
        Pick { sections: sections.collect(), wanted, more: MoreProviders::default() }
    }

    /// Draws a section for each provider.
    pub(super) fn show(&mut self, ui: &mut Ui) {
        let offered = self.sections.first().map(|s| provider::offered_of(s.facts.vendor)).unwrap_or_default();
        let wanted = self.wanted;
        let is_offered = |section: &Section| match wanted {
            Some(wanted) => wanted == section.facts.id,
            None => offered.iter().any(|facts| facts.id == section.facts.id),
        };
        let draw = |ui: &mut Ui, section: &mut Section| {
            ui.push_id(section.facts.id, |ui| section.show(ui));
            ui.add_space(theme::STEP * 2.0);
        };
        for section in self.sections.iter_mut().filter(|section| is_offered(section)) {
            draw(ui, section);
        }
        let others = self.sections.iter().filter(|section| !is_offered(section)).count();
        let lists_more = others > 0 && self.more.button(ui, others);
        if lists_more {
            self.more.search_field(ui, false);
        }
        let search = lists_more.then(|| self.more.wanted().unwrap_or_default());
        for section in self.sections.iter_mut().filter(|section| !is_offered(section)) {
            let is_found = search.as_ref().is_some_and(|search| is_found(section.facts, search));
            // What was picked stays in sight.
            if is_found || section.count() > 0 {
                draw(ui, section);
            }
        }
    }

    /// Counts what would be saved.
    pub(super) fn count(&self) -> usize {
        self.sections.iter().map(Section::count).sum()
    }

    /// Returns what is to be saved, or what is wrong with it.
    pub(super) fn picked(&self) -> Result<Vec<NewDestination>, String> {
        let mut all = vec![];
        for section in &self.sections {
            all.extend(section.picked()?);
        }
        Ok(all)
    }
}

impl Section {
    fn new(
        session: &Session,
        facts: &'static ProviderSpec,
        (key, wanted): (Option<&str>, Option<&'static str>),
        listed: Option<&AccountList>,
    ) -> Section {
        let of_key = |d: &&Arc<Destination>| d.provider == facts.id && Some(d.key.as_str()) == key;
        let destinations = || session.keys.destinations().iter().filter(of_key);
        let there = |account: Option<&str>| {
            destinations().any(|d| !session.keys.is_given(d) && d.account.as_deref() == account)
        };
        let accounts = listed.and_then(|l| l.accounts.as_ref().ok()).cloned().unwrap_or_default();
        let usable = accounts.iter().filter(|a| a.problem.is_none()).count();
        // What is listed without being saved can be added for options of its own, but is there.
        let is_unsaved = destinations().any(|d| d.account.is_none() && session.keys.is_given(d));
        let any = is_unsaved || there(None) || accounts.iter().any(|a| there(Some(&a.id)));
        // What most people want: the account, where there is one, else the provider's own choice of several.
        let is_offered = match wanted {
            Some(wanted) => wanted == facts.id,
            None => provider::offered_of(facts.vendor).iter().any(|f| f.id == facts.id),
        };
        let is_legacy = wanted.is_none() && facts.terms.legacy.is_some();
        let wanted = !is_legacy && is_offered && !any;
        let by_email = matches!(facts.account.option.map(|option| option.form), Some(ValueKind::Email));
        let alone = by_email && usable == 1;
        let unknown = listed.is_none_or(|l| l.accounts.is_err());
        // A provider that needs an account there has nothing to choose from.
        let has_none = !unknown && accounts.is_empty() && facts.account.listing.is_some_and(|l| l.required);
        let auto = wanted && !alone && !has_none && (!by_email || usable > 1 || unknown);
        let accounts = accounts.into_iter().map(|account| {
            let picked = wanted && alone && account.problem.is_none();
            let choice = Choice::first(there(Some(&account.id)), picked);
            (account, choice)
        });
        Section {
            facts,
            auto: Choice::first(there(None), auto),
            is_unsaved,
            accounts: accounts.collect(),
            is_listed: !unknown,
            unlisted: listed.and_then(|l| l.accounts.as_ref().err()).map(|failure| (**failure).clone()),
            search: String::new(),
            other: String::new(),
            options: Values::new(),
            shows_options: false,
        }
    }

    fn show(&mut self, ui: &mut Ui) {
        let t = tokens(ui);
        let facts = self.facts;
        ui.horizontal(|ui| {
            mark(ui, &facts.mark, 22.0);
            line(ui, facts.name, theme::strong(), t.text);
            if facts.terms.legacy.is_some() {
                line(ui, "legacy", theme::secondary(), t.dim);
            }
        });
        let dim = |ui: &mut Ui, sentence: &str| {
            ui.add(Label::new(RichText::new(sentence).font(theme::secondary()).color(t.dim)).wrap());
        };
        if let Some(failure) = &self.unlisted {
            dim(ui, &format!("{}. {}", failure.message, failure.hint));
        } else if self.is_listed
            && self.accounts.is_empty()
            && facts.account.listing.is_some_and(|listing| listing.required)
        {
            dim(ui, &format!("No {} account is connected at {} yet", facts.name, facts.vendor.name));
        }
        if !facts.vendor.needs_key() && !facts.vendor.is_local {
            dim(ui, "Files are sent without an account: whoever has their link can open them");
        }
        let auto = match facts.account.option.map(|option| option.form) {
            Some(ValueKind::Email | ValueKind::Text) => "Auto: the provider chooses the account".to_owned(),
            Some(_) => "Auto: in no project".to_owned(),
            None => facts.summary(),
        };
        choice(ui, facts, &auto, None, &mut self.auto);
        if self.is_unsaved && self.auto != Choice::There {
            dim(
                ui,
                "It is in the list already. Added once more, it is saved, with options and a name of its own",
            );
        }
        if self.accounts.len() > MANY {
            let label = format!("Search {} accounts of {}", self.accounts.len(), facts.name);
            form::text_field(ui, &label, "Part of the account", "", &mut self.search);
        }
        let search = self.search.trim().to_lowercase();
        for (account, picked) in &mut self.accounts {
            let label = match &account.title {
                Some(title) => sanitize(title),
                None => sanitize(&account.id),
            };
            if label.to_lowercase().contains(&search) {
                choice(ui, facts, &text::elide(&label, 48), account.problem.as_deref(), picked);
            }
        }
        if let Some(option) = facts.account.option {
            let what = match option.form {
                ValueKind::Email => "email".to_owned(),
                _ => text::lower_first(option.label),
            };
            let label = format!("{}: another {what}", facts.name);
            form::text_field(ui, &label, option.help, "", &mut self.other);
            if let Some(other) = self.unlisted_account() {
                let name = text::elide(&sanitize(&other), 48);
                let vendor = facts.vendor.name;
                let sentence = format!(
                    "{vendor} lists no account {name} for this key. Connect it there before you upload"
                );
                ui.add(Label::new(RichText::new(sentence).font(theme::secondary()).color(t.warning)).wrap());
            }
        }
        if !facts.options.is_empty() {
            let name = format!("Options of {}", facts.name);
            let button = Button::new(Weight::Secondary, "Options").named(&name).small();
            if button.show(ui).clicked() {
                self.shows_options = !self.shows_options;
            }
            if self.shows_options {
                form::options(ui, facts, &mut self.options);
            }
        }
    }

    /// Returns the account that was typed besides.
    fn other(&self) -> Option<String> {
        Some(self.other.trim().to_owned()).filter(|other| !other.is_empty())
    }

    /// Returns the account that was typed where the vendor's list does not have it: uploads there would be refused.
    fn unlisted_account(&self) -> Option<String> {
        let other = self.other().filter(|_| self.is_listed)?;
        let is_account = form::problem(self.facts, Some(&other), &Values::new()).is_none();
        let is_known = self.accounts.iter().any(|(account, _)| account.id.eq_ignore_ascii_case(&other));
        (is_account && !is_known).then_some(other)
    }

    fn count(&self) -> usize {
        let choices = self.accounts.iter().map(|(_, choice)| *choice).chain([self.auto]);
        choices.filter(|choice| *choice == Choice::Picked).count() + usize::from(self.other().is_some())
    }

    fn picked(&self) -> Result<Vec<NewDestination>, String> {
        let auto = (self.auto == Choice::Picked).then_some((None, None));
        let listed = self.accounts.iter().filter(|(_, choice)| *choice == Choice::Picked);
        let listed = listed.map(|(account, _)| (Some(account.id.clone()), account.title.clone()));
        let other = self.other().map(|other| (Some(other), None));
        let all = auto.into_iter().chain(listed).chain(other);
        all.map(|(account, title)| {
            if let Some(problem) = form::problem(self.facts, account.as_deref(), &self.options) {
                return Err(problem);
            }
            Ok(NewDestination {
                provider: self.facts.id.to_owned(),
                name: title
                    .map(|title| format!("{} · {}", self.facts.name, text::elide(&sanitize(&title), 60))),
                account,
                options: self.options.clone(),
            })
        })
        .collect()
    }
}

/// Draws a line with a check mark; `problem`: why nothing can be sent there now.
fn choice(ui: &mut Ui, facts: &ProviderSpec, label: &str, problem: Option<&str>, choice: &mut Choice) {
    let there = *choice == Choice::There;
    let mut picked = *choice != Choice::Left;
    ui.horizontal(|ui| {
        let response = ui.add_enabled_ui(!there, |ui| checkbox(ui, &mut picked, label)).inner;
        let name = format!("{}: {label}", facts.name);
        response.widget_info(|| {
            eframe::egui::WidgetInfo::selected(eframe::egui::Role::CheckBox, !there, picked, &name)
        });
        if let Some(problem) = problem {
            tag(ui, Tone::Bad, None, "Needs reconnecting", 150.0).tip(sanitize(problem));
        } else if there {
            line(ui, "already added", theme::secondary(), tokens(ui).dim);
        }
    });
    if !there {
        *choice = if picked { Choice::Picked } else { Choice::Left };
    }
}
