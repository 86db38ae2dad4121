//! Everything that can be done with a file, or with all that are selected, as a menu.

use eframe::egui::{Popup, Response, Ui};
use jiff::Zoned;
use lucide_icons::Icon;

use super::remedies;
use crate::session::api::{CopyFormat, Item, Move, Remedy, ResultCount, State, UploadId};
use crate::session::choices::{DestinationChoice, can_be_moved, can_be_opened};
use crate::session::{copy, fit_remedies};
use crate::ui::action::{Action, CopiedAt};
use crate::ui::command::WindowCommand;
use crate::ui::health;
use crate::ui::send_to::{send_label, sent_before};
use crate::ui::view_context::ViewContext;
use crate::ui::widgets::{self, MenuItem, menu};

/// Draws the menu of a button that offers the destinations that accept this file.
pub(super) fn destinations(popup: Popup<'_>, item: &Item, view: &ViewContext<'_>, actions: &mut Vec<Action>) {
    let now = Zoned::now();
    menu(popup, 190.0, |ui| {
        for DestinationChoice { index, destination, facts } in view.session.keys.destination_choices(&[item])
        {
            let health = view.session.keys.health(destination, now.timestamp());
            let bad = health.filter(|h| !h.condition.is_usable(now.timestamp()));
            let mut label = format!("{} · {}", facts.name, view.session.keys.account_label(destination));
            if let Some(bad) = &bad {
                label = format!("{label} · {}", health::of_destination(Some(bad), &now).short);
            }
            if MenuItem::new(facts.mark.icon, &label).show(ui).clicked() {
                actions.push(Action::SendTo(vec![item.request.id], index));
                ui.close();
            }
        }
    });
}

/// Draws the menu of the button that has everything.
pub(super) fn more(response: &Response, item: &Item, view: &ViewContext<'_>, actions: &mut Vec<Action>) {
    menu(Popup::menu(response), 220.0, |ui| all(ui, item, view, actions));
}

/// Draws the menu where the row was clicked with the other button.
pub(super) fn context_menu(
    response: &Response,
    item: &Item,
    view: &ViewContext<'_>,
    actions: &mut Vec<Action>,
) {
    widgets::context_menu(response, 220.0, |ui| all(ui, item, view, actions));
}

/// Lists what can be done with a copy in place of a file: made, changed, left.
pub(in crate::ui) fn fit_choices(item: &Item) -> Vec<(Icon, String, Action)> {
    let id = item.request.id;
    let is_asked = match item.state {
        State::Ready => false,
        State::Waiting { .. } => true,
        _ => return vec![], // what helps against a failure stands among what else does
    };
    match (fit_remedies::offered(item), item.request.copy.is_some()) {
        (Some(plan), has_copy) => {
            let fit = (remedies::icon_of_plan(plan), plan.label(), Action::Fit(vec![id]));
            let choose = (
                Icon::SlidersHorizontal,
                "Make a copy with other settings…".to_owned(),
                Action::ChangeFit(id),
            );
            // The sheet makes a copy for each choice, and what was asked for goes with the first one.
            [fit].into_iter().chain((!has_copy && !is_asked).then_some(choose)).collect()
        }
        (None, true) if is_asked => vec![],
        (None, true) => {
            let change = (Icon::SlidersHorizontal, "Change copy…".to_owned(), Action::ChangeFit(id));
            let back = (Icon::Undo2, "Use original".to_owned(), Action::UseOriginal(id));
            Some(change).filter(|_| !item.inspection.is_pending()).into_iter().chain([back]).collect()
        }
        (None, false) => {
            let without = fit_remedies::without_location(item)
                .map(|wishes| (Icon::Eraser, "Remove location".to_owned(), Action::FitTo(vec![id], wishes)));
            without.into_iter().collect()
        }
    }
}

/// Acts on all that are selected where this file is one of them, else on this one.
fn all(ui: &mut Ui, item: &Item, view: &ViewContext<'_>, actions: &mut Vec<Action>) {
    let queue = view.session.uploads.queue();
    let ids: Vec<UploadId> = if view.list.selection.has(item.request.id) {
        view.list.selection.in_order(queue)
    } else {
        vec![item.request.id]
    };
    let items: Vec<&Item> = ids.iter().filter_map(|id| queue.get(*id)).collect();
    let many = items.len() > 1;
    let mut line = |ui: &mut Ui, icon: Icon, label: &str, keys: Option<WindowCommand>, action: Action| {
        let keys = keys.map(|command| command.key(ui.ctx())).unwrap_or_default();
        if MenuItem::new(icon, label).keys(keys).show(ui).clicked() {
            actions.push(action);
            ui.close();
        }
    };
    let received: Vec<_> = items.iter().filter_map(|item| item.result()).collect();
    if !received.is_empty() {
        let settings = view.session.keys.settings();
        let button = if many { CopiedAt::Selection } else { CopiedAt::Row(item.request.id) };
        let copy = |label: &str, format| {
            let spot = button.clone().of_line(label, format == settings.copy_format);
            Action::CopyItems(spot, ids.clone(), format)
        };
        if let Some(label) = copy::label_in_menu(settings) {
            let action = copy(&label, settings.copy_format);
            line(ui, Icon::Copy, &label, Some(WindowCommand::Copy), action);
        }
        let count = ResultCount::of(received.iter().copied());
        for (is_there, icon, label, format) in [
            (count.ids > 0, Icon::Copy, copy::label_of_ids(count), CopyFormat::Id),
            (count.links > 0, Icon::Link, copy::label_of_links(count), CopyFormat::Link),
            (true, Icon::Braces, "Copy JSON".to_owned(), CopyFormat::Json),
        ] {
            if is_there {
                line(ui, icon, &label, None, copy(&label, format));
            }
        }
        ui.separator();
    }
    if let Some(failure) = item.state.failure().filter(|_| !many) {
        // The others stand below for every file.
        let own = |remedy: &&Remedy| !matches!(remedy, Remedy::SendElsewhere | Remedy::Dismiss);
        for remedy in view.session.keys.possible_remedies(item).iter().filter(own) {
            let action = remedies::action(*remedy, item, failure);
            line(ui, remedies::icon(*remedy), remedy.label(), None, action);
        }
        ui.separator();
    }
    if !many {
        for (icon, label, action) in fit_choices(item) {
            line(ui, icon, &label, None, action);
        }
    }
    if !many {
        line(
            ui,
            Icon::PanelRight,
            "Details",
            Some(WindowCommand::Details),
            Action::DetailsOf(item.request.id),
        );
        let source = item.request.source();
        if can_be_opened(source) {
            line(ui, Icon::Eye, "Open file", None, Action::OpenFile(source.to_owned()));
        }
        line(ui, Icon::FolderOpen, "Reveal file", None, Action::Reveal(item.request.path.clone()));
    }
    let again = sent_before(&items);
    if many && !again.is_empty() {
        line(ui, Icon::RotateCw, "Send again", None, Action::SendAgain(again));
    }
    let keys = Some(WindowCommand::SendTo);
    line(ui, Icon::Forward, send_label(&items), keys, Action::AskWhereTo(ids.clone()));
    if queue.items().len() > items.len() && items.iter().any(|item| can_be_moved(item)) {
        ui.separator();
        for (icon, command, to) in [
            (Icon::ArrowUp, WindowCommand::MoveUp, Move::Up),
            (Icon::ArrowDown, WindowCommand::MoveDown, Move::Down),
            (Icon::ArrowUpToLine, WindowCommand::MoveFirst, Move::First),
            (Icon::ArrowDownToLine, WindowCommand::MoveLast, Move::Last),
        ] {
            line(ui, icon, command.label(), Some(command), Action::Move(ids.clone(), to));
        }
    }
    ui.separator();
    let active: Vec<_> =
        items.iter().filter(|item| item.state.is_active()).map(|item| item.request.id).collect();
    let gone: Vec<_> =
        items.iter().filter(|item| !item.state.is_active()).map(|item| item.request.id).collect();
    if !active.is_empty() {
        line(ui, Icon::CircleX, "Cancel", None, Action::Cancel(active));
    }
    if !gone.is_empty() {
        line(ui, Icon::X, "Remove", Some(WindowCommand::Remove), Action::Remove(gone));
    }
}
