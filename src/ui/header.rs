//! Above the queue: where files go and what is taken there.

use eframe::egui::{self, Align, Layout, Panel, Ui};
use jiff::Zoned;
use lucide_icons::Icon;

use super::action::{Action, KeyChoice};
use super::copy_format_menu::{COPY_FORMAT_HINT, copy_format_menu};
use super::health;
use super::theme::{self, tokens};
use super::widgets::{Button, Cut, Weight, cut_line, line, link};
use crate::session::Session;
use crate::session::api::{Condition, Destination, Remedy, provider, text};
use crate::session::copy_choices::{CopyChoice, copied_as, copy_choices};
use crate::session::setting_names;

/// In less room the buttons leave more of it to the title.
const NARROW: f32 = 440.0;

/// Returns the label of what mends a destination's health, where that is another key, and the window can take it.
fn key_remedy(session: &Session, destination: &Destination, condition: &Condition) -> Option<String> {
    let remedy = match condition {
        Condition::NoKey => Remedy::AddKey,
        Condition::WrongKey => Remedy::ReplaceKey,
        _ => return None,
    };
    (!session.keys.is_given(destination)).then(|| format!("{}…", remedy.label()))
}

/// Shows the line above the queue.
pub(super) fn show(ui: &mut Ui, session: &Session, actions: &mut Vec<Action>) {
    let t = tokens(ui);
    let frame = egui::Frame::new().fill(t.window).inner_margin(egui::Margin {
        left: 20,
        right: 20,
        top: 0,
        bottom: 0,
    });
    Panel::top("header").resizable(false).exact_size(theme::HEADER).frame(frame).show(ui, |ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            // The title says where files go, and needs the room more than what is called by its icon as well.
            let narrow = ui.available_width() < NARROW;
            let add = Button::new(Weight::Secondary, "Add files").icon(Icon::FolderOpen).compact(narrow);
            if add.show(ui).clicked() {
                actions.push(Action::ChooseFiles);
            }
            let settings = session.keys.settings();
            let choices = copy_choices(settings);
            let now = choices.iter().find(|choice| choice.is_chosen);
            let short = now.map(CopyChoice::short).unwrap_or_default();
            let shown = if narrow { short } else { text::elide(copied_as(settings), 24) };
            // It copies nothing, and must not look as if it did.
            let label = if narrow { shown } else { format!("Format: {shown}") };
            let name = format!("Format: {}", copied_as(settings));
            let button = Button::new(Weight::Secondary, &label).after(Icon::ChevronDown).named(&name);
            let chosen = button.hint(COPY_FORMAT_HINT).show(ui);
            copy_format_menu(&chosen, session, actions);
            if session.keys.settings().upload_on_drop {
                let name = "Auto-upload is on: files upload as soon as you add them. Show the setting";
                let badge = Button::new(Weight::Quiet, "Auto-upload").icon(Icon::Zap).named(name).small();
                if badge.compact(narrow).show(ui).clicked() {
                    actions.push(Action::ShowSetting(setting_names::UPLOAD_ON_DROP));
                }
            }
            let room = ui.available_width();
            ui.with_layout(Layout::top_down(Align::LEFT), |ui| {
                ui.add_space(14.0);
                let Some(destination) = session.keys.chosen() else {
                    line(ui, "Upload", theme::title(), t.text);
                    line(ui, "No destination yet", theme::secondary(), t.dim);
                    return;
                };
                let Some(facts) = provider::by_id(&destination.provider).map(|p| p.facts()) else {
                    return;
                };
                let title = session.keys.destination_label(destination);
                cut_line(ui, &title, Cut::End, (theme::title(), t.text), room);
                let more = facts.terms.legacy.map(ToOwned::to_owned).into_iter().chain(facts.expiry());
                let summary = std::iter::once(facts.summary()).chain(more).collect::<Vec<_>>().join(" · ");
                let now = Zoned::now();
                let health = session.keys.health(destination, now.timestamp());
                ui.spacing_mut().interact_size.y = 16.0; // a line of words is no higher
                ui.horizontal(|ui| {
                    // What works needs no words.
                    if let Some(bad) = health.filter(|h| !h.condition.is_usable(now.timestamp())) {
                        health::of_destination(Some(&bad), &now).tag(ui, room.min(200.0));
                        if let Some(label) = key_remedy(session, destination, &bad.condition)
                            && link(ui, &label).clicked()
                        {
                            actions.push(Action::AddKey(KeyChoice::Replace(destination.key.clone())));
                        }
                    }
                    let room = ui.available_width();
                    cut_line(ui, &summary, Cut::End, (theme::secondary(), t.dim), room);
                });
            });
        });
    });
}
