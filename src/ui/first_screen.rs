//! The middle of the window before there is a destination: what to do first, and the files that wait for it.

use eframe::egui::{Align, Layout, Rect, Ui, vec2};
use lucide_icons::Icon;

use super::action::{Action, KeyChoice};
use super::theme::{self, tokens};
use super::trial::Trial;
use super::widgets::{Button, Weight, big_icon, centred, fit_middle, middle};
use crate::session::Session;
use crate::session::api::{name_of, text};
use crate::session::provider_groups::NO_KEY_NEEDED;

/// So many of the files that wait are named.
const NAMED: usize = 3;

/// As wide as its two buttons are beside each other.
const WIDTH: f32 = 122.0 + 8.0 + 163.0;

/// Draws it in the place where files are dropped.
pub(super) fn show(ui: &mut Ui, rect: Rect, session: &Session, trial: &Trial, actions: &mut Vec<Action>) {
    let t = tokens(ui);
    let waiting = session.intake.waiting();
    let has_key = !session.keys.settings().keys.is_empty();
    let height = if waiting.is_empty() { 240.0 } else { 272.0 };
    middle(ui, rect, height, |ui| {
        big_icon(ui, Icon::Download);
        ui.add_space(6.0);
        if waiting.is_empty() {
            centred(ui, "Where should files go?", theme::big(), t.text);
        } else {
            let n = waiting.len();
            let verb = if n == 1 { "waits" } else { "wait" };
            centred(
                ui,
                &format!("{} {verb} for a destination", text::count(n, "file")),
                theme::big(),
                t.text,
            );
            let names = waiting.iter().take(NAMED).map(|file| text::elide(&name_of(file), 32));
            let mut names = names.collect::<Vec<_>>().join(", ");
            if let more @ 1.. = n.saturating_sub(NAMED) {
                names = format!("{names} and {more} more");
            }
            let names = fit_middle(ui, &names, &theme::secondary(), ui.available_width());
            centred(ui, &names, theme::secondary(), t.dim);
        }
        let what = match has_key {
            true => "Add a destination for the API key that you have",
            false => "Add an API key: it is kept in this computer's keyring",
        };
        centred(ui, what, theme::body(), t.dim);
        ui.add_space(12.0);
        buttons(ui, has_key, trial, actions);
        ui.add_space(theme::STEP);
        let keyless = Button::new(Weight::Quiet, "Providers that need no key").small();
        if keyless.show(ui).clicked() {
            actions.push(Action::FindProviders(NO_KEY_NEEDED));
        }
        ui.add_space(12.0);
        if waiting.is_empty() {
            let sentence = "Files can be dropped already: they wait here until there is a destination";
            centred(ui, sentence, theme::secondary(), t.faint);
        } else {
            let label = if waiting.len() == 1 { "Remove the file" } else { "Remove the files" };
            if Button::new(Weight::Quiet, label).icon(Icon::X).small().show(ui).clicked() {
                actions.push(Action::ForgetWaiting);
            }
        }
    });
}

/// Draws what can be done first, in the middle of a column: as wide as it is, and one below the other where that is too
/// much.
/// Returns the button that opens the sandbox in this window.
pub(super) fn try_button(trial: &Trial) -> Button<'static> {
    let label = if trial.is_starting() { "Starting the sandbox…" } else { "Try it without a key" };
    Button::new(Weight::Secondary, label).icon(Icon::FlaskConical).enabled(!trial.is_starting())
}

fn buttons(ui: &mut Ui, has_key: bool, trial: &Trial, actions: &mut Vec<Action>) {
    let mut first = |ui: &mut Ui| {
        let (label, action) = match has_key {
            true => ("Add destination", Action::AddDestination),
            false => ("Add API key", Action::AddKey(KeyChoice::New)),
        };
        // The sidebar has a button for a destination, too.
        if Button::new(Weight::Primary, label).icon(Icon::Plus).show(ui).clicked() {
            actions.push(action);
        }
    };
    if !trial.is_offered() {
        return first(ui);
    }
    let hint = "Opens the sandbox in this window: uploads stay on this computer, with a queue and history of their own";
    let second = try_button(trial).hint(hint);
    let pressed = if ui.available_width() < WIDTH {
        first(ui);
        ui.add_space(theme::STEP);
        second.show(ui).clicked()
    } else {
        let row = Layout::left_to_right(Align::Center);
        let shown = ui.allocate_ui_with_layout(vec2(WIDTH, theme::CONTROL), row, |ui| {
            ui.spacing_mut().item_spacing.x = 8.0;
            first(ui);
            second.show(ui).clicked()
        });
        shown.inner
    };
    if pressed {
        actions.push(Action::TrySandbox);
    }
}
