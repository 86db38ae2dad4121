//! The page of API keys and what uses them.

use eframe::egui::{Label, Popup, RichText, Role, Ui, WidgetInfo};
use jiff::Zoned;
use lucide_icons::Icon;

use super::action::{Action, KeyChoice};
use super::destination_menu;
use super::health::{self, HealthLabel};
use super::theme::{self, STEP, tokens};
use super::time_format::day;
use super::vendor_mark::vendor_mark;
use super::widgets::{
    Button, Cut, MenuItem, Tone, Weight, WithTip, big_icon, card_row, centred, cut_line, icon_mark,
    list_card, mark, menu, middle, page_column, page_header, rule, tag, two_lines,
};
use crate::session::Session;
use crate::session::api::{
    Destination, KEYRING, provider,
    text::{self, sanitize},
};
use crate::session::key_groups::{KeyGroup, KeyOrigin};

/// Height of a key's row and of a destination's below it.
const KEY_HEIGHT: f32 = 59.0;
const HEIGHT: f32 = 49.0;

/// How far marks stand from the left: of a key, and of what uses it.
const KEY_INSET: f32 = 16.0;
const INSET: f32 = 30.0;

/// Narrower than this a key's state stands in its words, and *Check* has none.
const NARROW: f32 = 560.0;

/// Draws the header, with the button that adds a key.
pub(super) fn header(ui: &mut Ui, session: &Session, actions: &mut Vec<Action>) {
    let second = match session.is_sandbox() {
        true => "Of the sandbox: no key of yours is needed, and none is kept".to_owned(),
        false => format!("Stored in this computer's keyring ({KEYRING}), never in a file"),
    };
    page_header(ui, "API keys", &second, |ui| {
        if Button::new(Weight::Primary, "Add API key").icon(Icon::Plus).show(ui).clicked() {
            actions.push(Action::AddKey(KeyChoice::New));
        }
    });
}

/// Draws the page: each key, and below it what uses it.
pub(super) fn show(ui: &mut Ui, session: &Session, actions: &mut Vec<Action>) {
    let all = session.keys.key_groups();
    page_column(ui, "API keys", f32::INFINITY, |ui| {
        if all.is_empty() {
            nothing(ui, actions);
            return;
        }
        ui.spacing_mut().item_spacing.y = 0.0;
        let mut keyless = false;
        for (index, group) in all.iter().enumerate() {
            if group.origin == KeyOrigin::Missing && !std::mem::replace(&mut keyless, true) {
                without_a_key(ui);
            }
            // The sandbox's keys and destinations may be called like one's own.
            ui.push_id(index, |ui| {
                list_card(ui, |ui| {
                    key_row(ui, session, group, actions);
                    for destination in &group.destinations {
                        rule(ui);
                        destination_row(ui, session, destination, actions);
                    }
                });
            });
            ui.add_space(3.0 * STEP);
        }
    });
}

/// Explains what an API key is, where there is none yet.
fn nothing(ui: &mut Ui, actions: &mut Vec<Action>) {
    let t = tokens(ui);
    let room = ui.available_rect_before_wrap();
    let rect = room.with_max_y(room.top() + room.height().max(260.0));
    middle(ui, rect, 220.0, |ui| {
        big_icon(ui, Icon::KeyRound);
        ui.add_space(6.0);
        centred(ui, "No API key yet", theme::big(), t.text);
        let what = "An API key belongs to a vendor; its destinations are where your files can go";
        centred(ui, what, theme::body(), t.dim);
        ui.add_space(12.0);
        let add = Button::new(Weight::Primary, "Add your first API key").icon(Icon::Plus);
        if add.show(ui).clicked() {
            actions.push(Action::AddKey(KeyChoice::New));
        }
    });
}

fn without_a_key(ui: &mut Ui) {
    let t = tokens(ui);
    ui.add_space(2.0 * STEP);
    let caps = RichText::new("WITHOUT A KEY").font(theme::caps()).color(t.faint);
    let response = ui.add(Label::new(caps.extra_letter_spacing(0.6)));
    response.widget_info(|| WidgetInfo::labeled(Role::Heading, true, "Without a key"));
    let what = "Files for these are held until the key is added again: add it, or remove the destination";
    ui.add(Label::new(RichText::new(what).font(theme::secondary()).color(t.dim)).wrap());
    ui.add_space(STEP);
}

/// Returns the line below a key's name.
fn about_key(group: &KeyGroup<'_>, is_sandbox: bool) -> String {
    let env = group.vendor.map_or("", |s| s.env);
    let from = match group.origin {
        KeyOrigin::Keyring(added) => format!("Added {}", day(added, Zoned::now().date())),
        KeyOrigin::ThisRun => "Kept for this run only: no keyring accepted it".to_owned(),
        KeyOrigin::Environment => format!("From {env}"),
        KeyOrigin::Sandbox => "Of the sandbox".to_owned(),
        KeyOrigin::NotNeeded => "No key is needed".to_owned(),
        KeyOrigin::Missing => return format!("The key {} is missing", group.key),
    };
    // One of the sandbox is what it accepts.
    let overruled = match group.is_overruled && !is_sandbox {
        true => format!(" · {env} is used instead"),
        false => String::new(),
    };
    format!("{from} · {}{overruled}", uses(group))
}

/// Returns how many destinations use a key.
fn uses(group: &KeyGroup<'_>) -> String {
    match group.destinations.len() {
        0 => "no destination yet".to_owned(),
        n => text::count(n, "destination"),
    }
}

fn key_row(ui: &mut Ui, session: &Session, group: &KeyGroup<'_>, actions: &mut Vec<Action>) {
    let narrow = ui.available_width() < NARROW;
    let is_there = group.origin != KeyOrigin::Missing;
    let checked = session.keys.checked_at(group.key);
    let health = health::of_key(session.keys.key_health(group.key), checked, &Zoned::now());
    let controls = |ui: &mut Ui| {
        let key = sanitize(group.key);
        if group.vendor.is_some() && is_there {
            let more = Button::icon_only(Icon::Ellipsis, &format!("More: key {key}")).show(ui);
            menu(Popup::menu(&more), 190.0, |ui| key_menu(ui, group, actions));
        }
        let mut button = |ui: &mut Ui, icon, label: &str, action: Action| {
            let name = format!("{label} {key}");
            let button = Button::new(Weight::Secondary, label).named(&name);
            let button = if narrow { button.icon(icon).compact(true) } else { button };
            if button.show(ui).clicked() {
                actions.push(action);
            }
        };
        match (group.vendor, group.origin) {
            (None, _) => return,
            (_, KeyOrigin::Missing) => {
                let action = Action::AddKey(KeyChoice::Replace(group.key.to_owned()));
                return button(ui, Icon::KeyRound, "Add key", action);
            }
            (_, KeyOrigin::ThisRun) => {
                button(ui, Icon::Save, "Save in keyring", Action::KeepKey(group.key.to_owned()));
            }
            _ => {}
        }
        if session.keys.is_checking(group.key) {
            tag(ui, Tone::Neutral, None, "Asking…", 120.0);
            return;
        }
        button(ui, Icon::RefreshCw, "Check", Action::CheckKey(group.key.to_owned()));
        if !narrow {
            key_tag(ui, session, group, &health);
        }
    };
    card_row(ui, ("key", group.key), (KEY_HEIGHT, KEY_INSET), controls, |ui| {
        ui.spacing_mut().item_spacing.x = 14.0;
        match group.vendor.and_then(vendor_mark) {
            Some(of) => mark(ui, of, 34.0),
            None => icon_mark(ui, Icon::KeyRound, 34.0),
        };
        let about = match session.keys.unchecked(group.key) {
            Some(failure) => failure.message.clone(),
            None if narrow && is_there && session.keys.key_health(group.key).is_some() => {
                health.short.clone()
            }
            None => about_key(group, session.is_sandbox()),
        };
        two_lines(ui, &group.title(), &about);
    });
}

/// Draws the menu of what else can be done with a key.
fn key_menu(ui: &mut Ui, group: &KeyGroup<'_>, actions: &mut Vec<Action>) {
    let mut item = |ui: &mut Ui, icon, label: &str, action: Action| {
        if MenuItem::new(icon, label).show(ui).clicked() {
            actions.push(action);
            ui.close();
        }
    };
    let key = || group.key.to_owned();
    item(ui, Icon::Plus, "Add destinations…", Action::AddKey(KeyChoice::Use(key())));
    if matches!(group.origin, KeyOrigin::Keyring(_)) {
        item(ui, Icon::Pencil, "Rename…", Action::RenameKey(key()));
    }
    if group.is_ours() {
        item(ui, Icon::KeyRound, "Replace key…", Action::AddKey(KeyChoice::Replace(key())));
    }
    if let Some(vendor) = group.vendor {
        item(ui, Icon::ExternalLink, "Open the vendor's page", Action::Browse(vendor.keys_page.to_owned()));
    }
    if group.is_ours() {
        item(ui, Icon::Trash2, "Remove key…", Action::AskToRemoveKey(key()));
    }
}

/// Draws how the key stands, or why its last check said nothing of it.
fn key_tag(ui: &mut Ui, session: &Session, group: &KeyGroup<'_>, health: &HealthLabel) {
    match session.keys.unchecked(group.key) {
        Some(failure) => {
            let words = format!("{}\n{}", failure.message, failure.hint);
            tag(ui, Tone::Warning, Some(Icon::CircleAlert), "No answer", 160.0).tip(words);
        }
        None if group.origin == KeyOrigin::ThisRun && session.keys.key_health(group.key).is_none() => {
            tag(ui, Tone::Warning, None, "This run only", 160.0);
        }
        None => health.tag(ui, 260.0),
    }
}

fn destination_row(ui: &mut Ui, session: &Session, destination: &Destination, actions: &mut Vec<Action>) {
    let narrow = ui.available_width() < NARROW;
    let facts = provider::by_id(&destination.provider).map(|p| p.facts());
    let health = health::at(session, destination, &Zoned::now());
    let controls = |ui: &mut Ui| {
        let name = format!("More: {}", sanitize(&destination.name));
        let more = Button::icon_only(Icon::Ellipsis, &name).show(ui);
        menu(Popup::menu(&more), destination_menu::WIDTH, |ui| {
            destination_menu::show(ui, session, destination, actions);
        });
        health.plain_tag(ui, if narrow { 150.0 } else { 260.0 });
    };
    card_row(ui, ("destination", &destination.name), (HEIGHT, INSET), controls, |ui| {
        match facts {
            Some(facts) => mark(ui, &facts.mark, 24.0),
            None => icon_mark(ui, Icon::CircleQuestionMark, 24.0),
        };
        let first = facts.map_or(destination.provider.as_str(), |f| f.name);
        let second = session.keys.account_label(destination);
        if narrow {
            two_lines(ui, first, &second);
            return;
        }
        let t = tokens(ui);
        ui.spacing_mut().item_spacing.x = 7.0;
        cut_line(ui, &sanitize(first), Cut::Middle, (theme::strong(), t.text), ui.available_width());
        cut_line(ui, &sanitize(&second), Cut::End, (theme::body(), t.dim), ui.available_width());
    });
}
