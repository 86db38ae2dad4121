//! The sheet that asks where files are to go instead.

use std::path::PathBuf;
use std::sync::Arc;

use eframe::egui::{self, Align2, Label, RichText, Role, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2};
use jiff::Zoned;
use lucide_icons::Icon;

use super::action::Action;
use super::bidi::Reading;
use super::health;
use super::sidebar::account_label;
use super::theme::{self, tokens};
use super::widgets::{Button, Weight, buttons, choice_ground, fit_end, icon_mark, line_at, mark, sheet};
use crate::session::Session;
use crate::session::api::{Destination, Item, UploadId, UploadRequest, provider::ProviderSpec, text};
use crate::session::choices::can_be_redirected;

/// A line of the sheet.
type DestinationLine<'a> = (&'a Destination, &'static ProviderSpec);

/// What a sheet of destinations was left with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum DestinationPick {
    Open,
    Closed,
    /// What stands above the destinations.
    First,
    /// The destination of this line.
    Line(usize),
}

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
    let choices = session.keys.destination_choices(&items);
    let lines: Vec<DestinationLine<'_>> =
        choices.iter().map(|choice| (&**choice.destination, choice.facts)).collect();
    match ask(ctx, session, &title, None, &lines) {
        DestinationPick::Open => return false,
        DestinationPick::Closed | DestinationPick::First => {}
        DestinationPick::Line(line) => {
            let ids = items.iter().map(|item| item.request.id).collect();
            actions.push(Action::SendTo(ids, choices[line].index));
        }
    }
    true
}

/// The sheet that asks where uploads of the history are to be sent again.
pub(super) struct AgainSheet {
    name: String,
    files: Vec<PathBuf>,
    /// Where each went before, where that was not one and the same.
    before: Vec<(Option<Arc<Destination>>, Vec<PathBuf>)>,
    choices: Vec<(Arc<Destination>, &'static ProviderSpec)>,
}

impl AgainSheet {
    /// Asks of these uploads.
    pub(super) fn new(session: &Session, requests: &[UploadRequest]) -> AgainSheet {
        let choices = session.keys.again_choices(requests).into_iter();
        let mut before = session.keys.where_each_went(requests);
        if before.len() < 2 {
            before.clear();
        }
        AgainSheet {
            name: requests.first().map(UploadRequest::name).unwrap_or_default(),
            files: requests.iter().map(|request| request.path.clone()).collect(),
            before,
            choices: choices.map(|choice| (Arc::clone(choice.destination), choice.facts)).collect(),
        }
    }

    /// Shows it; true when it was closed.
    pub(super) fn show(&self, ctx: &egui::Context, session: &Session, actions: &mut Vec<Action>) -> bool {
        let title = match self.files.len() {
            1 => format!("Send {} again to", text::elide(&self.name, 40)),
            many => format!("Send {} again to", text::count_thousands(many, "file")),
        };
        let first = (!self.before.is_empty()).then_some("Where each went before");
        let lines: Vec<DestinationLine<'_>> =
            self.choices.iter().map(|(to, facts)| (&**to, *facts)).collect();
        match ask(ctx, session, &title, first, &lines) {
            DestinationPick::Open => return false,
            DestinationPick::Closed => {}
            DestinationPick::First => {
                let each = self.before.iter().cloned();
                actions.extend(each.map(|(to, files)| Action::AddFiles(files, to)));
            }
            DestinationPick::Line(line) => {
                let to = Arc::clone(&self.choices[line].0);
                actions.push(Action::AddFiles(self.files.clone(), Some(to)));
            }
        }
        true
    }
}

/// Shows a sheet with these destinations to choose from.
fn ask(
    ctx: &egui::Context,
    session: &Session,
    title: &str,
    first: Option<&str>,
    lines: &[DestinationLine<'_>],
) -> DestinationPick {
    let shown = sheet(ctx, title, 360.0, |sheet| {
        let mut answer = DestinationPick::Open;
        if lines.is_empty() && first.is_none() {
            let sentence = "No other destination accepts all of them";
            let sentence = RichText::new(sentence).font(theme::body()).color(tokens(sheet.ui).dim);
            sheet.ui.add(Label::new(sentence).wrap());
        }
        sheet.body(|ui| {
            if let Some(first) = first
                && first_line(ui, first).clicked()
            {
                answer = DestinationPick::First;
            }
            for (line, (destination, facts)) in lines.iter().enumerate() {
                let response = row(ui, session, destination, facts);
                if !ui.memory(|memory| memory.focused().is_some()) {
                    response.request_focus();
                }
                if response.clicked() {
                    answer = DestinationPick::Line(line);
                }
            }
        });
        let cancel = |ui: &mut egui::Ui| Button::new(Weight::Secondary, "Cancel").show(ui).clicked();
        let cancelled = sheet.foot(|ui| buttons(ui, cancel));
        if cancelled { DestinationPick::Closed } else { answer }
    });
    if shown.inner == DestinationPick::Open && shown.left { DestinationPick::Closed } else { shown.inner }
}

fn first_line(ui: &mut Ui, label: &str) -> egui::Response {
    let t = tokens(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 44.0), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, label));
    choice_ground(ui, rect, &response, false);
    let mut inside = ui.new_child(UiBuilder::new().max_rect(rect.shrink2(vec2(8.0, 8.0))));
    icon_mark(&mut inside, Icon::RotateCw, 28.0);
    let at = pos2(rect.left() + 46.0, rect.center().y);
    ui.painter().text(at, Align2::LEFT_CENTER, label, theme::strong(), t.text);
    response
}

fn row(
    ui: &mut Ui,
    session: &Session,
    destination: &Destination,
    facts: &'static ProviderSpec,
) -> egui::Response {
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
    let at = pos2(x, rect.top() + 31.0);
    line_at(ui, at, &second, Reading::Name, (theme::secondary(), t.dim));
    response
}
