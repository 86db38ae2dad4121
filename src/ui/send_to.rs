//! The sheet that asks where files are to go instead.

use eframe::egui::{self, Align2, Label, RichText, Role, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2};
use jiff::Zoned;

use super::action::Action;
use super::health;
use super::sidebar::account_label;
use super::theme::{self, tokens};
use super::widgets::{Button, Weight, buttons, choice_ground, fit_end, mark, sheet};
use crate::session::Session;
use crate::session::api::{Destination, Item, UploadId, provider::Facts, text};
use crate::session::choices::{DestinationChoice, can_be_redirected};

/// Shows it; true when it was closed.
pub(super) fn show(
    ctx: &egui::Context,
    session: &Session,
    ids: &[UploadId],
    actions: &mut Vec<Action>,
) -> bool {
    let queue = session.uploads.queue();
    let items: Vec<&Item> =
        ids.iter().filter_map(|id| queue.get(*id)).filter(|item| can_be_redirected(&item.state)).collect();
    let title = match items.as_slice() {
        [one] => format!("Send {} to", text::elide(&one.name, 40)),
        many => format!("Send {} to", text::count(many.len(), "file")),
    };
    let shown = sheet(ctx, &title, 360.0, |sheet| {
        let mut done = false;
        let choices = session.keys.destination_choices(&items);
        if choices.is_empty() {
            let sentence = "No other destination accepts all of them";
            let sentence = RichText::new(sentence).font(theme::body()).color(tokens(sheet.ui).dim);
            sheet.ui.add(Label::new(sentence).wrap());
        }
        sheet.body(|ui| {
            for DestinationChoice { index, destination, facts } in choices {
                let response = row(ui, session, destination, facts);
                if !ui.memory(|memory| memory.focused().is_some()) {
                    response.request_focus();
                }
                if response.clicked() {
                    let ids = items.iter().map(|item| item.request.id).collect();
                    actions.push(Action::SendTo(ids, index));
                    done = true;
                }
            }
        });
        let cancel = |ui: &mut egui::Ui| Button::new(Weight::Secondary, "Cancel").show(ui).clicked();
        let cancelled = sheet.foot(|ui| {
            ui.add_space(6.0);
            buttons(ui, cancel)
        });
        cancelled || done
    });
    shown.inner || shown.left
}

fn row(ui: &mut Ui, session: &Session, destination: &Destination, facts: &'static Facts) -> egui::Response {
    let t = tokens(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 44.0), Sense::click());
    let mut second = account_label(destination, Some(facts));
    let now = Zoned::now();
    let health = session.keys.health(destination, now.timestamp());
    if let Some(bad) = health.filter(|h| !h.condition.is_usable(now.timestamp())) {
        second = format!("{second} · {}", health::of_destination(Some(&bad), &now).short);
    }
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("{} · {second}", facts.name)));
    choice_ground(ui, rect, &response, false);
    let mut inside = ui.new_child(UiBuilder::new().max_rect(rect.shrink2(vec2(8.0, 8.0))));
    mark(&mut inside, &facts.mark, 28.0);
    let painter = ui.painter();
    let x = rect.left() + 46.0;
    painter.text(pos2(x, rect.top() + 15.0), Align2::LEFT_CENTER, facts.name, theme::strong(), t.text);
    let second = fit_end(ui, &second, &theme::secondary(), rect.width() - 56.0);
    painter.text(pos2(x, rect.top() + 31.0), Align2::LEFT_CENTER, second, theme::secondary(), t.dim);
    response
}
