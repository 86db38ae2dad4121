//! Above the queue: where files go and what is taken there.

use eframe::egui::{self, Align, Layout, Panel, Ui};
use lucide_icons::Icon;

use super::action::Action;
use super::theme::{self, tokens};
use super::widgets::{Button, Weight, fit_end, line};
use crate::provider;
use crate::session::Session;

pub(super) fn show(ui: &mut Ui, session: &Session, actions: &mut Vec<Action>) {
    let t = tokens(ui);
    let frame = egui::Frame::new().fill(t.window).inner_margin(egui::Margin {
        left: 20,
        right: 20,
        top: 0,
        bottom: 0,
    });
    Panel::top("header").resizable(false).exact_size(68.0).frame(frame).show(ui, |ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let add = Button::new(Weight::Secondary, "Add files")
                .icon(Icon::FolderOpen)
                .enabled(session.chosen().is_some());
            if add.show(ui).clicked() {
                actions.push(Action::ChooseFiles);
            }
            let room = ui.available_width();
            ui.with_layout(Layout::top_down(Align::LEFT), |ui| {
                ui.add_space(14.0);
                let Some(destination) = session.chosen() else {
                    line(ui, "Upload", theme::semibold(16.0), t.text);
                    line(ui, "Nowhere to send to yet", theme::regular(12.0), t.dim);
                    return;
                };
                let Some(facts) = provider::by_id(&destination.provider).map(|p| p.facts()) else {
                    return;
                };
                let title = match &destination.account {
                    Some(account) => format!("{} · {account}", facts.name),
                    None => facts.name.to_owned(),
                };
                let shown = fit_end(ui, &title, &theme::semibold(16.0), room);
                line(ui, &shown, theme::semibold(16.0), t.text);
                let legacy = facts.legacy.map(|why| format!(" · {why}")).unwrap_or_default();
                let summary = format!("{}{legacy}", facts.summary());
                let shown = fit_end(ui, &summary, &theme::regular(12.0), room);
                line(ui, &shown, theme::regular(12.0), t.dim).on_hover_text(summary);
            });
        });
    });
}
