//! What can be done with a file right now, at the right end of its row.

use eframe::egui::Ui;
use lucide_icons::Icon;

use super::choices;
use super::remedies::{self, SECOND_COPY};
use crate::session::api::{Failure, FailureKind, Item, Receipt, Remedy, Severity, State};
use crate::session::copy;
use crate::ui::action::{Action, CopiedAt};
use crate::ui::view_context::ViewContext;
use crate::ui::widgets::{Button, Weight};

/// Draws them from the right to the left: what removes it, then the one action that helps.
pub(super) fn show(
    ui: &mut Ui,
    item: &Item,
    compact: bool,
    seen: &ViewContext<'_>,
    actions: &mut Vec<Action>,
) {
    ui.spacing_mut().item_spacing.x = 6.0;
    let name = &item.name;
    let at = seen.has_keyboard(item.request.id);
    if item.result().is_some() {
        choices::more(ui, item, seen, actions);
    } else if item.state.is_active() {
        if Button::icon_only(Icon::X, &format!("Cancel {name}")).keyboard(at).show(ui).clicked() {
            actions.push(Action::Cancel(vec![item.request.id]));
        }
    } else if Button::icon_only(Icon::X, &format!("Remove {name}")).keyboard(at).show(ui).clicked() {
        actions.push(Action::Remove(vec![item.request.id]));
    }
    if let Some(failure) = item.state.failure() {
        helping(ui, item, (failure, &seen.session.keys.possible_remedies(item)), compact, seen, actions);
        return;
    }
    let mut button = |ui: &mut Ui, icon: Icon, label: &str, hint: Option<&str>, action: Action| {
        let name = format!("{label}: {name}");
        let mut button = Button::new(Weight::Secondary, label).named(&name).keyboard(at);
        if compact {
            button = button.icon(icon).compact(true);
        }
        if let Some(hint) = hint {
            button = button.hint(hint);
        }
        if button.show(ui).clicked() {
            actions.push(action);
        }
    };
    match &item.state {
        State::Done(receipt) | State::Processing { receipt, .. } => {
            if item.state.is_resting() {
                button(ui, Icon::RefreshCw, "Check again", None, Action::ResumePolling(item.request.id));
            }
            copy_button(ui, item, receipt, compact, seen, actions);
        }
        State::Cancelled => {
            // Its state says no more than this.
            for remedy in FailureKind::Cancelled.remedies() {
                button(ui, remedies::icon(*remedy), remedy.label(), None, Action::AddBack(item.request.id));
            }
        }
        State::Ready if item.has_changed() => {
            button(ui, Icon::Check, "Send as it is", None, Action::AcceptChange(item.request.id));
        }
        State::Ready if item.findings.iter().any(|f| f.severity == Severity::Error) => {
            match seen.session.keys.obvious_destination(item) {
                Some(choice) => {
                    let label = format!("Send to {}", choice.facts.name);
                    button(
                        ui,
                        Icon::Forward,
                        &label,
                        None,
                        Action::SendTo(vec![item.request.id], choice.index),
                    );
                }
                None => choices::send_to(ui, item, compact, seen, actions),
            }
        }
        State::Ready => {
            let Some(earlier) = &item.earlier else { return };
            button(ui, Icon::RotateCw, "Send again", Some(SECOND_COPY), Action::SendAgain(item.request.id));
            if let Some(receipt) = &earlier.receipt {
                copy_button(ui, item, receipt, compact, seen, actions);
            }
        }
        // Only its hold keeps it here: another account may take it now.
        State::Waiting { until: Some(_), .. } => choices::send_to(ui, item, compact, seen, actions),
        State::Waiting { .. }
        | State::Sending { .. }
        | State::Sent { .. }
        | State::Held(_)
        | State::Refused(_)
        | State::Unknown(_) => {}
    }
}

/// Draws the first thing that helps as a button; all of them are in the menu beside it.
fn helping(
    ui: &mut Ui,
    item: &Item,
    (failure, all): (&Failure, &[Remedy]),
    compact: bool,
    seen: &ViewContext<'_>,
    actions: &mut Vec<Action>,
) {
    let in_menu = |remedy: &Remedy| !matches!(remedy, Remedy::LeaveIt);
    if all.iter().skip(1).any(in_menu) {
        choices::more(ui, item, seen, actions);
    }
    for (index, remedy) in all.iter().enumerate() {
        match remedy {
            Remedy::SendElsewhere if index == 0 => choices::send_to(ui, item, compact, seen, actions),
            // The cross beside it does the same; named so, the choice can be seen.
            Remedy::LeaveIt if compact => {}
            _ if index == 0 || *remedy == Remedy::LeaveIt => {
                let copied = *remedy == Remedy::CopySupportNumber && seen.says_copied(&remedies::spot(item));
                let label = if copied { "Copied" } else { remedy.label() };
                let name = format!("{label}: {}", item.name);
                let at = seen.has_keyboard(item.request.id);
                let mut button = Button::new(Weight::Secondary, label).named(&name).keyboard(at);
                if compact {
                    button = button.icon(remedies::icon(*remedy)).compact(true);
                }
                if let Some(hint) = remedies::hint(*remedy, failure) {
                    button = button.hint(hint);
                }
                if button.show(ui).clicked() {
                    actions.push(remedies::action(*remedy, item, failure));
                }
            }
            _ => {}
        }
    }
}

/// Draws the button that copies what a provider gave back, in the format that is set.
fn copy_button(
    ui: &mut Ui,
    item: &Item,
    receipt: &Receipt,
    compact: bool,
    seen: &ViewContext<'_>,
    actions: &mut Vec<Action>,
) {
    let spot = CopiedAt::Row(item.request.id);
    let label = copy::label(seen.session.keys.settings().copy_format, receipt);
    let (icon, shown) = if seen.says_copied(&spot) { (Icon::Check, "Copied") } else { (Icon::Copy, label) };
    let name = format!("{shown}: {}", item.name);
    let button = Button::new(Weight::Secondary, shown).icon(icon).compact(compact);
    let button = button.keyboard(seen.has_keyboard(item.request.id));
    if button.named(&name).show(ui).clicked() {
        actions.push(Action::CopyItems(
            spot,
            vec![item.request.id],
            seen.session.keys.settings().copy_format,
        ));
    }
}
