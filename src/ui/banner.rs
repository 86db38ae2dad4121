//! The line that says that everything goes to the sandbox.

use eframe::egui::{Align, Align2, Frame, Label, Layout, Margin, Panel, RichText, Sense, Ui, vec2};
use lucide_icons::Icon;

use super::action::Action;
use super::theme::{self, tokens};
use super::widgets::{Button, Weight};

/// Shows it across the top of the window, with a way out where the sandbox is tried in a window that was there before.
pub(super) fn show(ui: &mut Ui, is_trial: bool, actions: &mut Vec<Action>) {
    let t = tokens(ui);
    let frame = Frame::new().fill(t.grounds.warning).inner_margin(Margin::symmetric(20, 5));
    Panel::top("sandbox").resizable(false).frame(frame).show(ui, |ui| {
        ui.horizontal(|ui| {
            // Painted: its letter means nothing to who cannot see it.
            let (at, _) = ui.allocate_exact_size(vec2(14.0, 15.0), Sense::hover());
            let flask = Icon::FlaskConical.unicode();
            ui.painter().text(at.center(), Align2::CENTER_CENTER, flask, theme::icons(14.0), t.warning);
            let sentence = RichText::new("Sandbox: uploads stay on this computer");
            let label = Label::new(sentence.font(theme::strong()).color(t.warning)).truncate();
            if !is_trial {
                ui.add(label);
                return;
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if Button::new(Weight::Secondary, "Leave the sandbox").small().show(ui).clicked() {
                    actions.push(Action::LeaveSandbox);
                }
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| ui.add(label));
            });
        });
    });
}
