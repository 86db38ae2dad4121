//! The page of providers: those in use, those that there are besides, and files that are not used.

mod sheet;

use eframe::egui::{Id, Label, Popup, RichText, Role, TextEdit, Ui, WidgetInfo, vec2};
use jiff::civil::Date;
use lucide_icons::Icon;

use super::action::{Action, Setting};
use super::theme::{self, STEP, tokens};
use super::widgets::{
    Button, MenuItem, Tone, Weight, WithTip, card_row, centred, context_menu, icon_mark, list_card, mark,
    menu, page_column, page_header, rule, tag, two_lines,
};
use crate::session::Session;
use crate::session::api::{
    ProviderProblem, name_of,
    provider::{ProviderSource, ProviderSpec},
    text::{self, sanitize},
};
use crate::session::provider_groups::NO_KEY_NEEDED;

pub(super) use sheet::{ProviderOutcome, ProviderSheet};

/// Height of a row.
const HEIGHT: f32 = 55.0;

/// Narrower than this a row says nothing of vendor and date.
const NARROW: f32 = 640.0;

/// What the page remembers.
#[derive(Default)]
pub(super) struct ProvidersPage {
    search: String,
}

impl ProvidersPage {
    /// Shows the providers that have this in their name, or in what is said of their key.
    pub(super) fn find(&mut self, text: &str) {
        text.clone_into(&mut self.search);
    }
}

/// Returns the name egui has for the search field.
fn search_id() -> Id {
    Id::unique("search providers")
}

/// Draws the header, with the search and the button that adds a file.
pub(super) fn header(ui: &mut Ui, page: &mut ProvidersPage, actions: &mut Vec<Action>) {
    let narrow = ui.available_width() < NARROW;
    let second = "Where Hoist can send files. Each is a text file; add your own or a ShareX uploader";
    page_header(ui, "Providers", second, |ui| {
        let add = Button::new(Weight::Primary, "Add from file").icon(Icon::FilePlus2).compact(narrow);
        if add.show(ui).clicked() {
            actions.push(Action::ChooseProviderFiles);
        }
        let width = if narrow { 130.0 } else { 190.0 };
        let field = TextEdit::singleline(&mut page.search)
            .id(search_id())
            .hint_text("Find a provider")
            .desired_width(width)
            .margin(vec2(10.0, 7.0));
        let field = ui.add(field);
        field.widget_info(|| WidgetInfo::labeled(Role::SearchInput, true, "Find a provider"));
    });
}

/// Draws the page.
pub(super) fn show(ui: &mut Ui, session: &Session, page: &ProvidersPage, actions: &mut Vec<Action>) {
    let groups = session.keys.provider_groups(&page.search);
    let problems = session.providers.problems();
    page_column(ui, "providers", f32::INFINITY, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        group(ui, "Files that are not used", problems, |ui, problem| problem_row(ui, problem, actions));
        let destinations = session.keys.destinations().len();
        let yours = match destinations {
            0 => "Yours".to_owned(),
            n => format!("Yours · {}", text::count(n, "destination")),
        };
        group(ui, &yours, &groups.yours, |ui, facts| provider_row(ui, session, facts, actions));
        let more = format!("More providers · {}", groups.more.len());
        group(ui, &more, &groups.more, |ui, facts| provider_row(ui, session, facts, actions));
        let hidden = format!("Hidden · {}", groups.hidden.len());
        group(ui, &hidden, &groups.hidden, |ui, facts| provider_row(ui, session, facts, actions));
        if groups.yours.is_empty() && groups.more.is_empty() && groups.hidden.is_empty() {
            ui.add_space(10.0 * STEP);
            ui.vertical_centered(|ui| {
                let t = tokens(ui);
                centred(ui, "No provider has that in its name", theme::big(), t.text);
                centred(ui, "Search for another part of the name, or add a file", theme::body(), t.dim);
            });
        }
    });
}

/// Draws a card with a row for each, below its name; nothing where there is none.
fn group<T>(ui: &mut Ui, name: &str, all: &[T], mut row: impl FnMut(&mut Ui, &T)) {
    if all.is_empty() {
        return;
    }
    let label = ui.add(Label::new(RichText::new(name).font(theme::caption()).color(tokens(ui).dim)));
    label.widget_info(|| WidgetInfo::labeled(Role::Heading, true, name));
    ui.add_space(1.5 * STEP);
    list_card(ui, |ui| {
        for (index, one) in all.iter().enumerate() {
            if index > 0 {
                rule(ui);
            }
            row(ui, one);
        }
    });
    ui.add_space(5.0 * STEP);
}

/// Draws a row of a provider.
fn provider_row(ui: &mut Ui, session: &Session, facts: &'static ProviderSpec, actions: &mut Vec<Action>) {
    let t = tokens(ui);
    let narrow = ui.available_width() < NARROW;
    let has_destination = session.keys.has_destination(facts);
    let is_own = facts.source != ProviderSource::BuiltIn;
    let mut pressed = vec![];
    let controls = |ui: &mut Ui| {
        let more = Button::icon_only(Icon::Ellipsis, &format!("More: {}", facts.name)).show(ui);
        menu(Popup::menu(&more), 200.0, |ui| provider_menu(ui, session, facts, &mut pressed));
        let label = if has_destination { "Add destination" } else { "Add" };
        let name = format!("{label}: {}", facts.name);
        let add = Button::new(Weight::Secondary, label).named(&name);
        let add = if narrow { add.icon(Icon::Plus).compact(true) } else { add };
        if add.show(ui).clicked() {
            pressed.push(Action::AddDestinationAt(facts.id));
        }
        if is_own {
            tag(ui, Tone::Neutral, None, "From a file", 120.0);
        } else if !narrow {
            let about = match has_destination {
                true => format!("{} · {}", facts.vendor.name, checked(facts)),
                false => format!("written from its documents · {}", checked(facts)),
            };
            let about = ui.add(Label::new(RichText::new(about).font(theme::secondary()).color(t.dim)));
            about.tip(
                "Written from the provider's documents of that date, not tried against the live service",
            );
        }
    };
    let response = card_row(ui, ("provider", facts.id), (HEIGHT, 16.0), controls, |ui| {
        mark(ui, &facts.mark, 28.0);
        let legacy = if facts.terms.legacy.is_some() { " · legacy" } else { "" };
        two_lines(ui, &format!("{}{legacy}", facts.name), &summary(facts));
    });
    if response.clicked() {
        pressed.push(Action::ShowProvider(facts.id));
    }
    context_menu(&response, 200.0, |ui| provider_menu(ui, session, facts, &mut pressed));
    actions.extend(pressed);
}

/// Returns what it takes, and how long that is kept.
fn summary(facts: &ProviderSpec) -> String {
    let mut parts = vec![facts.summary()];
    parts.extend(facts.expiry());
    if !facts.vendor.needs_key() {
        parts.push(NO_KEY_NEEDED.to_owned());
    }
    parts.join(" · ")
}

/// Returns the document's date as people write it.
fn checked(facts: &ProviderSpec) -> String {
    let date = facts.document.checked.parse::<Date>();
    date.map_or_else(|_| facts.document.checked.to_owned(), |date| date.strftime("%-d %b %Y").to_string())
}

fn provider_menu(ui: &mut Ui, session: &Session, facts: &'static ProviderSpec, actions: &mut Vec<Action>) {
    let mut item = |ui: &mut Ui, icon, label: &str, action: Action| {
        if MenuItem::new(icon, label).show(ui).clicked() {
            actions.push(action);
            ui.close();
        }
    };
    item(ui, Icon::Info, "Details…", Action::ShowProvider(facts.id));
    item(ui, Icon::ExternalLink, "Open its document", Action::Browse(facts.document.page.to_owned()));
    if let ProviderSource::File(path) = &facts.source {
        item(ui, Icon::FolderOpen, "Reveal file", Action::Reveal(path.clone()));
        item(ui, Icon::Trash2, "Remove", Action::RemoveProvider(facts.id));
        return;
    }
    let is_hidden = session.keys.is_hidden(facts);
    let (icon, label) = if is_hidden { (Icon::Eye, "Show in lists") } else { (Icon::EyeOff, "Hide") };
    item(ui, icon, label, Action::Set(Setting::HideProvider(facts.id, !is_hidden)));
}

/// Draws a row of a file that is not used.
fn problem_row(ui: &mut Ui, problem: &ProviderProblem, actions: &mut Vec<Action>) {
    let name = name_of(&problem.path);
    let why = sanitize(&problem.reason.to_string());
    let mut pressed = vec![];
    let controls = |ui: &mut Ui| {
        let more = Button::icon_only(Icon::Ellipsis, &format!("More: {name}")).show(ui);
        menu(Popup::menu(&more), 200.0, |ui| {
            for (icon, label, action) in [
                (Icon::FolderOpen, "Reveal file", Action::Reveal(problem.path.clone())),
                (Icon::Trash2, "Remove file", Action::RemoveProviderFile(problem.path.clone())),
            ] {
                if MenuItem::new(icon, label).show(ui).clicked() {
                    pressed.push(action);
                    ui.close();
                }
            }
        });
        if problem.reason.needs_review() {
            let label = format!("Review {name}");
            if Button::new(Weight::Secondary, "Review…").named(&label).show(ui).clicked() {
                pressed.push(Action::ReviewProviders(vec![problem.path.clone()]));
            }
        }
    };
    let path = problem.path.to_string_lossy();
    let response = card_row(ui, ("problem", &path), (HEIGHT, 16.0), controls, |ui| {
        icon_mark(ui, Icon::TriangleAlert, 28.0);
        two_lines(ui, &name, &why);
    });
    response.tip(&why);
    actions.extend(pressed);
}
