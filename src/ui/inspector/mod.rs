//! Right: everything about what is selected.

mod facts;
mod large;
mod results;

use std::sync::Arc;

use eframe::egui::{self, Align, Label, Layout, Panel, RichText, ScrollArea, Ui, vec2};
use lucide_icons::Icon;

use super::action::{Action, CopiedAt, Page};
use super::history::HistoryView;
use super::preview_state::{CloseUp, Large};
use super::screen::is_narrow;
use super::theme::{self, tokens};
use super::view_context::ViewContext;
use super::widgets::{Button, COPIED, Weight, close_button, in_gutter, line, sheet};
use crate::session::api::{Details, Item, Record, text};
use crate::session::choices::can_be_redirected;
use crate::session::copy;

/// What is looked at.
#[derive(Clone, Copy)]
pub(super) enum Subject<'a> {
    /// What is selected in the queue.
    Queue,
    /// What is selected in the history, where that is one upload which has been read.
    History(Option<&'a Arc<Record>>),
}

impl<'a> Subject<'a> {
    /// Returns the subject of a page.
    pub(super) fn of(page: Page, history: &'a HistoryView) -> Subject<'a> {
        match page {
            Page::History => Subject::History(history.only_selected()),
            _ => Subject::Queue,
        }
    }
}

/// Shows it beside the list.
pub(super) fn show(
    ui: &mut Ui,
    seen: &mut ViewContext<'_>,
    subject: Subject<'_>,
    close_up: &mut CloseUp,
    actions: &mut Vec<Action>,
) {
    let t = tokens(ui);
    let frame = egui::Frame::new().fill(t.panel).inner_margin(egui::Margin::symmetric(16, 0));
    Panel::right("inspector").resizable(false).exact_size(theme::INSPECTOR).frame(frame).show(ui, |ui| {
        in_gutter(ui, |ui| {
            ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
                ui.add_space(16.0);
                content(ui, seen, subject, close_up, actions);
                ui.add_space(16.0);
            });
        });
    });
}

/// Shows it over the window, where there is no room beside the queue. True when it was closed.
pub(super) fn show_over(
    ctx: &egui::Context,
    seen: &mut ViewContext<'_>,
    subject: Subject<'_>,
    close_up: &mut CloseUp,
    actions: &mut Vec<Action>,
) -> bool {
    let shown = sheet(ctx, "Details", theme::INSPECTOR + 24.0, |sheet| {
        sheet.body(|ui| content(ui, seen, subject, close_up, actions));
        sheet.foot(|ui| {
            ui.add_space(theme::STEP);
            close_button(ui)
        })
    });
    shown.inner || shown.left
}

fn content(
    ui: &mut Ui,
    seen: &mut ViewContext<'_>,
    subject: Subject<'_>,
    close_up: &mut CloseUp,
    actions: &mut Vec<Action>,
) {
    ui.spacing_mut().item_spacing.y = 6.0;
    let session = seen.session;
    match subject {
        Subject::Queue => match seen.list.selection.single().and_then(|id| session.uploads.queue().get(id)) {
            Some(item) => one(ui, item, close_up.at(item, session), seen, actions),
            None => several(ui, seen, actions),
        },
        Subject::History(record) => history(ui, record, seen, close_up, actions),
    }
}

/// Draws an upload of the history; it stays open when another one is selected, or none.
fn history(
    ui: &mut Ui,
    record: Option<&Arc<Record>>,
    seen: &mut ViewContext<'_>,
    close_up: &mut CloseUp,
    actions: &mut Vec<Action>,
) {
    let selected = seen.list.selection.len();
    let is_beside = !is_narrow(ui.ctx());
    if is_beside {
        let (width, height) = (ui.available_width(), 26.0);
        ui.allocate_ui_with_layout(vec2(width, height), Layout::right_to_left(Align::Center), |ui| {
            if Button::icon_only(Icon::X, "Close the preview").small().show(ui).clicked() {
                actions.push(Action::CloseDetails);
            }
            let title = match selected {
                0 => "Nothing selected".to_owned(),
                1 => "Preview".to_owned(),
                n => format!("{} selected", text::thousands(n as u64)),
            };
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                line(ui, &title, theme::strong(), tokens(ui).dim);
            });
        });
    }
    let Some(record) = record.filter(|_| selected == 1) else {
        close_up.leave(seen.session);
        if selected != 1 {
            let sentence = "Select one upload to see it here";
            ui.add(Label::new(RichText::new(sentence).font(theme::secondary()).color(tokens(ui).dim)).wrap());
        }
        return;
    };
    let item = Item::remembered(record);
    one(ui, &item, close_up.at_sent(record, seen.session), seen, actions);
}

fn one(
    ui: &mut Ui,
    item: &Item,
    (preview, details): (&Large, Option<&Details>),
    seen: &mut ViewContext<'_>,
    actions: &mut Vec<Action>,
) {
    let t = tokens(ui);
    large::show(ui, item, preview);
    ui.add_space(theme::STEP);
    let name = RichText::new(&item.name).font(theme::strong()).color(t.text);
    ui.add(Label::new(name).wrap());
    facts::show(ui, item, details);
    results::show(ui, item, seen, actions);
}

/// Draws several files together: what can be done with all of them.
fn several(ui: &mut Ui, seen: &ViewContext<'_>, actions: &mut Vec<Action>) {
    let t = tokens(ui);
    let queue = seen.session.uploads.queue();
    let ids = seen.list.selection.in_order(queue);
    let items: Vec<&Item> = ids.iter().filter_map(|id| queue.get(*id)).collect();
    line(ui, &format!("{} selected", text::count(items.len(), "file")), theme::title(), t.text);
    let size: u64 = items.iter().filter_map(|item| item.facts()).map(|facts| facts.size).sum();
    line(ui, &text::bytes(size), theme::secondary(), t.dim);
    ui.add_space(theme::STEP);
    let received: Vec<_> = items.iter().filter_map(|item| item.result()).collect();
    if let Some(first) = received.first() {
        let format = seen.session.keys.settings().copy_format;
        let copied = seen.says_copied(&CopiedAt::Selection);
        let usual = copy::label_of(format, first, received.len());
        let (icon, label) = if copied { (Icon::Check, COPIED) } else { (Icon::Copy, usual.as_str()) };
        if Button::new(Weight::Secondary, label).icon(icon).answering(&usual).show(ui).clicked() {
            actions.push(Action::CopyItems(CopiedAt::Selection, ids.clone(), format));
        }
        results::formats(ui, seen, actions);
    }
    ui.horizontal_wrapped(|ui| {
        let any = |which: fn(&Item) -> bool| items.iter().any(|item| which(item));
        if any(|item| can_be_redirected(&item.state))
            && Button::new(Weight::Secondary, "Send to…").icon(Icon::Forward).show(ui).clicked()
        {
            actions.push(Action::AskWhereTo(ids.clone()));
        }
        if any(|item| item.state.is_active())
            && Button::new(Weight::Secondary, "Cancel").icon(Icon::CircleX).show(ui).clicked()
        {
            actions.push(Action::Cancel(ids.clone()));
        }
        if any(|item| !item.state.is_active())
            && Button::new(Weight::Secondary, "Remove").icon(Icon::X).show(ui).clicked()
        {
            actions.push(Action::Remove(ids.clone()));
        }
    });
}
