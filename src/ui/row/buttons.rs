//! What can be done with a file right now, at the right end of its row: what helps is always seen, the rest where the
//! pointer or the keyboard is.

use eframe::egui::{Align, Layout, Popup, Rect, Ui, pos2};
use lucide_icons::Icon;

use super::choices;
use super::remedies::{self, SECOND_COPY};
use crate::session::api::{Failure, FailureKind, Inspection, Item, Receipt, Remedy, Severity, State};
use crate::session::{copy, fit_remedies};
use crate::ui::action::{Action, CopiedAt};
use crate::ui::view_context::ViewContext;
use crate::ui::widgets::{Button, COPIED, Weight};

/// Between two buttons.
const GAP: f32 = 6.0;

/// What the name, and why a file is refused, need beside the buttons.
const TEXT: f32 = 180.0;

/// How the buttons of a row are drawn.
#[derive(Clone, Copy)]
pub(super) struct Look {
    /// What helps is its icon alone where its label would leave too little for the name.
    pub(super) is_narrow: bool,
    /// The rest is drawn, too. Where it is not its room stays: nothing moves when the pointer comes.
    pub(super) is_wanted: bool,
}

/// Something that helps, before it is drawn: where the first one begins depends on how wide all of them are.
struct HelpingAction {
    icon: Icon,
    /// The icon is drawn beside the label, too.
    with_icon: bool,
    label: String,
    /// What it says where that is not "Copied" for a while.
    usual: Option<String>,
    /// What it is called among those of all rows.
    name: String,
    hint: Option<String>,
    /// Nothing where a destination is to be chosen first.
    action: Option<Action>,
}

impl HelpingAction {
    fn new(item: &Item, icon: Icon, label: &str, action: Action) -> HelpingAction {
        HelpingAction {
            icon,
            with_icon: false,
            label: label.to_owned(),
            usual: None,
            name: format!("{label}: {}", item.name),
            hint: None,
            action: Some(action),
        }
    }

    fn button(&self, compact: bool, keyboard: bool) -> Button<'_> {
        let mut button = Button::new(Weight::Secondary, &self.label).named(&self.name).keyboard(keyboard);
        if self.with_icon || compact {
            button = button.icon(self.icon).compact(compact);
        }
        if let Some(usual) = &self.usual {
            button = button.answering(usual);
        }
        match &self.hint {
            Some(hint) => button.hint(hint),
            None => button,
        }
    }
}

/// What else can be done, by an icon alone.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Aside {
    More,
    Cancel,
    Remove,
}

/// Draws them, and returns where they begin.
pub(super) fn show(
    ui: &mut Ui,
    inner: Rect,
    item: &Item,
    look: Look,
    view: &ViewContext<'_>,
    actions: &mut Vec<Action>,
) -> f32 {
    let at = view.has_keyboard(item.request.id);
    let icon_width = Button::icon_only(Icon::X, "").width(ui);
    let placed = |compact: bool| {
        let helping = helping(item, compact, view);
        let aside = aside(item, &helping, view);
        let aside_width = aside.len() as f32 * icon_width;
        // What helps ends at the same place in every row.
        let end = inner.right() - aside_width.max(icon_width) - GAP;
        let widths: f32 = helping.iter().map(|one| one.button(compact, at).width(ui)).sum();
        let begin = end - widths - GAP * helping.len().saturating_sub(1) as f32;
        (helping, aside, aside_width, begin)
    };
    let with_words = placed(false);
    let compact = look.is_narrow && with_words.3 - inner.left() < TEXT;
    let (helping, aside, aside_width, helping_begin) = if compact { placed(true) } else { with_words };
    // By names of their own: each stays the same button whatever comes up beside it. What helps is first for Tab.
    let part = |ui: &mut Ui, name: &str, from: f32| {
        let rect = Rect::from_min_max(pos2(from, inner.top()), inner.max);
        let layout = Layout::left_to_right(Align::Center);
        ui.new_child(view.list.part_of_row(item.request.id, name).max_rect(rect).layout(layout))
    };
    let mut left = part(ui, "what helps", helping_begin);
    left.spacing_mut().item_spacing.x = GAP;
    for one in helping {
        let response = one.button(compact, at).show(&mut left);
        match one.action {
            Some(action) if response.clicked() => actions.push(action),
            Some(_) => {}
            None => choices::destinations(Popup::menu(&response), item, view, actions),
        }
    }
    let mut right = part(ui, "aside", inner.right() - aside_width);
    right.spacing_mut().item_spacing.x = 0.0;
    for one in aside {
        let (icon, name) = match one {
            Aside::More => (Icon::Ellipsis, format!("More: {}", item.name)),
            Aside::Cancel => (Icon::X, format!("Cancel {}", item.name)),
            Aside::Remove => (Icon::X, format!("Remove {}", item.name)),
        };
        let response = Button::icon_only(icon, &name).keyboard(at).drawn(look.is_wanted).show(&mut right);
        match one {
            Aside::More => choices::more(&response, item, view, actions),
            Aside::Cancel if response.clicked() => actions.push(Action::Cancel(vec![item.request.id])),
            Aside::Remove if response.clicked() => actions.push(Action::Remove(vec![item.request.id])),
            Aside::Cancel | Aside::Remove => {}
        }
    }
    helping_begin
}

/// Returns what else can be done: the menu where there is more in it than removing the file, else what removes it. What is
/// on its way can be cancelled at once, too.
fn aside(item: &Item, helping: &[HelpingAction], view: &ViewContext<'_>) -> Vec<Aside> {
    let in_menu = |remedy: &Remedy| *remedy != Remedy::Dismiss;
    let has_result = item.result().is_some();
    // Own settings for a copy stand in the menu.
    let can_choose = item.state == State::Ready && fit_remedies::offered(item).is_some();
    let has_more =
        has_result || can_choose || view.session.keys.possible_remedies(item).iter().skip(1).any(in_menu);
    let removes = |one: &HelpingAction| matches!(one.action, Some(Action::Remove(_)));
    let is_removed_otherwise = has_more || helping.iter().any(removes);
    let removing = match item.state.is_active() {
        true => (!has_result).then_some(Aside::Cancel),
        false => (!is_removed_otherwise).then_some(Aside::Remove),
    };
    has_more.then_some(Aside::More).into_iter().chain(removing).collect()
}

/// Lists what helps, from the left to the right.
fn helping(item: &Item, compact: bool, view: &ViewContext<'_>) -> Vec<HelpingAction> {
    let id = item.request.id;
    if item.awaits_late_reply() {
        return vec![]; // it would be sent twice, though its answer may just come
    }
    if let Some(failure) = item.state.failure() {
        return against(item, failure, compact, view);
    }
    let one = |icon, label: &str, action| HelpingAction::new(item, icon, label, action);
    match &item.state {
        State::Done(receipt) | State::Processing { receipt, .. } => {
            let mut all = vec![copy_result(item, receipt, view)];
            if item.state.is_resting() {
                all.push(one(Icon::RefreshCw, "Check again", Action::ResumePolling(id)));
            }
            all
        }
        State::Cancelled => {
            // Its state says no more than this.
            let remedies = FailureKind::Cancelled.remedies().iter();
            remedies.map(|remedy| one(remedies::icon(*remedy), remedy.label(), Action::AddBack(id))).collect()
        }
        State::Ready if item.has_changed() => {
            vec![one(Icon::Check, "Send as it is", Action::AcceptChange(id))]
        }
        State::Ready if matches!(item.inspection, Inspection::Fitting(_)) => {
            vec![one(Icon::Undo2, "Use original", Action::UseOriginal(id))]
        }
        State::Ready if fit_remedies::fix(item).is_some() => fit(item).into_iter().collect(),
        State::Ready if item.request.copy.is_some() && !item.is_blocked() && item.earlier.is_none() => {
            let change = one(Icon::SlidersHorizontal, "Change…", Action::ChangeFit(id));
            vec![change, one(Icon::Undo2, "Use original", Action::UseOriginal(id))]
        }
        State::Ready if item.findings.iter().any(|f| f.severity == Severity::Error) => {
            match view.session.keys.obvious_destination(item) {
                Some(choice) => {
                    let label = format!("Send to {}", choice.facts.name);
                    vec![one(Icon::Forward, &label, Action::SendTo(vec![id], choice.index))]
                }
                None => send_elsewhere(item, view).into_iter().collect(),
            }
        }
        State::Ready => {
            let Some(earlier) = &item.earlier else { return fit(item).into_iter().collect() };
            let mut again = one(Icon::RotateCw, "Send again", Action::SendAgain(vec![id]));
            again.hint = Some(SECOND_COPY.to_owned());
            let copy = earlier.receipt.as_ref().map(|receipt| copy_result(item, receipt, view));
            copy.into_iter().chain([again]).collect()
        }
        // Only its hold keeps it here: another account may take it now.
        State::Waiting { until: Some(_), .. } => {
            send_elsewhere(item, view).into_iter().chain(fit(item)).collect()
        }
        State::Waiting { .. } => fit(item).into_iter().collect(),
        State::Sending { .. }
        | State::Sent { .. }
        | State::Held(_)
        | State::Refused(_)
        | State::Unknown(_) => vec![],
    }
}

/// Returns what sends a copy in place of a file, where one answers what is wrong with it.
fn fit(item: &Item) -> Option<HelpingAction> {
    let plan = fit_remedies::offered(item)?;
    let action = Action::Fit(vec![item.request.id]);
    let fit = HelpingAction::new(item, remedies::icon_of_plan(plan), &plan.label(), action);
    Some(HelpingAction { with_icon: true, ..fit })
}

/// Lists the first thing that helps against a failure; all of them are in the menu beside it.
fn against(item: &Item, failure: &Failure, compact: bool, view: &ViewContext<'_>) -> Vec<HelpingAction> {
    let mut all = vec![];
    for (index, remedy) in view.session.keys.possible_remedies(item).into_iter().enumerate() {
        match remedy {
            Remedy::Fit => all.extend(fit(item)),
            Remedy::SendElsewhere if index == 0 => all.extend(send_elsewhere(item, view)),
            // The cross beside it does the same; named so, the choice can be seen.
            Remedy::Dismiss if compact => {}
            _ if index == 0 || remedy == Remedy::Dismiss => {
                let copied = remedy == Remedy::CopySupportNumber && view.says_copied(&remedies::spot(item));
                let label = if copied { COPIED } else { remedy.label() };
                let action = remedies::action(remedy, item, failure);
                all.push(HelpingAction {
                    usual: (remedy == Remedy::CopySupportNumber).then(|| remedy.label().to_owned()),
                    hint: remedies::hint(remedy, failure).map(ToOwned::to_owned),
                    ..HelpingAction::new(item, remedies::icon(remedy), label, action)
                });
            }
            _ => {}
        }
    }
    all
}

/// Returns what offers the destinations that accept this file, where there are any.
fn send_elsewhere(item: &Item, view: &ViewContext<'_>) -> Option<HelpingAction> {
    let is_possible = !view.session.keys.destination_choices(&[item]).is_empty();
    is_possible.then(|| HelpingAction {
        icon: Icon::Forward,
        with_icon: false,
        label: "Send to…".to_owned(),
        usual: None,
        name: format!("Send to…: {}", item.name),
        hint: None,
        action: None,
    })
}

/// Returns what copies what a provider gave back, in the format that is set.
fn copy_result(item: &Item, receipt: &Receipt, view: &ViewContext<'_>) -> HelpingAction {
    let spot = CopiedAt::Row(item.request.id);
    let settings = view.session.keys.settings();
    let usual = copy::label(settings, receipt);
    let (icon, label) =
        if view.says_copied(&spot) { (Icon::Check, COPIED) } else { (Icon::Copy, usual.as_str()) };
    let action = Action::CopyItems(spot, vec![item.request.id], settings.copy_format);
    let shown = HelpingAction::new(item, icon, label, action);
    HelpingAction { with_icon: true, usual: Some(usual), ..shown }
}
