//! Below the queue: how far everything is, what needs attention, and the next thing to do.

use std::time::Instant;

use eframe::egui::{
    self, Align, Id, Layout, Panel, Pos2, Rect, Response, Role, Ui, UiBuilder, WidgetInfo, accesskit, pos2,
    vec2,
};
use lucide_icons::Icon;

use super::action::{Action, CopiedAt};
use super::command::WindowCommand::{self, self as C};
use super::theme::{self, tokens};
use super::throughput;
use super::view_context::ViewContext;
use super::widgets::{
    Button, COPIED, DOT, SAME_PLACE, SECOND_CLICK, Weight, WithTip, fit_end, fit_parts, line, link,
    text_width,
};
use crate::session::api::{Destination, Item, ResultCount, text};
use crate::session::next_step::NextStep;
use crate::session::{Session, copy};

/// Returns what the primary button says: the count and the destination.
fn upload_label(next: &NextStep, short: impl Fn(&Destination) -> String) -> Option<String> {
    let target = match next.destinations.as_slice() {
        [] => return None,
        [one] => short(one),
        several => format!("{} destinations", several.len()),
    };
    Some(format!("{} to {target}", upload_count(next)))
}

/// Returns the same without the destination.
fn upload_count(next: &NextStep) -> String {
    let count =
        if next.is_running { format!("{} more", next.ready) } else { text::count(next.ready, "file") };
    format!("Upload {count}")
}

/// What *Fix* does.
const FIX: &str =
    "Makes copies that their destinations accept, to go in their place. The files stay as they are";
const FIX_SOME: &str = "Makes copies that their destinations accept, to go in their place. Animations are left: of each a \
    still picture would remain, so convert them one by one";

/// Narrower than this, words and buttons have a line each.
const NARROW: f32 = 460.0;

/// What the words need at most; buttons are their icons alone before they take more.
const WORDS: f32 = 220.0;

/// Between two buttons.
const GAP: f32 = 8.0;

/// A button of the footer, before it is drawn: whether there is room for its label is known when all are there.
struct FooterButton {
    /// The command that does the same by its name or by keys; by it the button stays the same whatever comes up beside it.
    command: WindowCommand,
    weight: Weight,
    icon: Option<Icon>,
    label: String,
    /// The same in fewer words, where there are any.
    short: Option<String>,
    /// What to know before it is pressed.
    hint: Option<&'static str>,
    /// It was pressed, and says "Copied" for a while.
    copied: bool,
    enabled: bool,
    action: fn(&Session) -> Action,
}

/// How much of a button's label is drawn; screen readers say all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum LabelForm {
    Whole,
    Short,
    /// Its icon alone.
    Icon,
}

impl FooterButton {
    fn secondary(
        command: WindowCommand,
        icon: Icon,
        label: &str,
        action: fn(&Session) -> Action,
    ) -> FooterButton {
        FooterButton {
            command,
            weight: Weight::Secondary,
            icon: Some(icon),
            label: label.to_owned(),
            short: None,
            hint: None,
            copied: false,
            enabled: true,
            action,
        }
    }

    fn button(&self, form: LabelForm) -> Button<'_> {
        let short = self.short.as_deref().filter(|_| form == LabelForm::Short);
        let label = short.unwrap_or(&self.label);
        let button = match self.copied {
            true => Button::new(self.weight, COPIED),
            false => Button::new(self.weight, label).named(&self.label),
        };
        let button = if self.command == C::CopyUploaded { button.answering(label) } else { button };
        let button = button.enabled(self.enabled).compact(form == LabelForm::Icon);
        let button = match self.hint {
            Some(hint) => button.hint(hint),
            None => button,
        };
        match self.icon {
            Some(icon) => button.icon(icon),
            None => button,
        }
    }
}

/// Shows it, where there is a queue.
pub(super) fn show(ui: &mut Ui, view: &ViewContext<'_>, actions: &mut Vec<Action>) {
    if view.session.uploads.queue().items().is_empty() {
        return;
    }
    let frame = egui::Frame::new().fill(tokens(ui).panel).inner_margin(egui::Margin::symmetric(20, 0));
    let narrow = ui.available_width() < NARROW;
    let height = if narrow { 82.0 } else { 56.0 };
    Panel::bottom("footer").resizable(false).exact_size(height).frame(frame).show(ui, |ui| {
        let (all, possible) = (ui.available_rect_before_wrap(), possible(view));
        if narrow {
            // Words above, buttons below: neither is cut off.
            summary(ui, all.with_min_y(all.top() + 6.0), view, actions);
            let rect = all.with_min_y(all.bottom() - theme::CONTROL - 12.0);
            buttons(ui, rect, &fitted(ui, possible, all.width()), view.session, actions);
        } else {
            // The words come first by Tab; how much room they have is what the buttons leave.
            let fitted = fitted(ui, possible, all.width() - words_width(ui, view) - 2.0 * GAP);
            let room = all.with_max_x(all.right() - fitted.width - 2.0 * GAP);
            summary(ui, room.with_min_y(all.top() + 10.0), view, actions);
            let rect = all.with_min_y(all.center().y - theme::CONTROL / 2.0);
            buttons(ui, rect, &fitted, view.session, actions);
        }
    });
}

/// Returns what the words need. While they change all the time, that is the most: no button changes with them.
fn words_width(ui: &Ui, view: &ViewContext<'_>) -> f32 {
    if !is_idle(view.session) {
        return WORDS;
    }
    let SummaryText { first, second, .. } = summary_text(view);
    let attention = attention(view.session);
    let second = second.into_iter().chain(attention).collect::<Vec<_>>().join(DOT);
    text_width(ui, &first, &theme::strong()).max(text_width(ui, &second, &theme::secondary())).min(WORDS)
}

/// Returns how many files need attention, in words.
fn attention(session: &Session) -> Option<String> {
    match session.uploads.queue().totals().need_you {
        0 => None,
        1 => Some("1 needs attention".to_owned()),
        n => Some(format!("{n} need attention")),
    }
}

/// Returns whether nothing is on its way, and what is left to do is for the user.
fn is_idle(session: &Session) -> bool {
    session.uploads.queue().totals().going == 0
}

/// Lists the buttons that make sense, from the left to the right: the last one is the next thing to do. Those that are gone
/// when they were pressed come first: nothing comes below the pointer in their place.
fn possible(view: &ViewContext<'_>) -> Vec<FooterButton> {
    let session = view.session;
    let (all, idle) = (session.uploads.queue().totals(), is_idle(session));
    let next = session.uploads.next_step();
    let upload = upload_label(next, |to| session.keys.short_label(to));
    let copy = session.uploads.copy_label(session.keys.settings());
    let mut out = vec![];
    let secondary = FooterButton::secondary;
    let fixable = next.fixable.len();
    if fixable > 1 {
        let label = format!("Fix {fixable}");
        let fix = |session: &Session| Action::Fit(session.uploads.next_step().fixable.clone());
        let button = secondary(C::Fix, Icon::WandSparkles, &label, fix);
        let hint = if next.leaves_animations { FIX_SOME } else { FIX };
        out.push(FooterButton { hint: Some(hint), ..button });
    }
    if all.failed > 1 {
        let label = format!("Retry {}", all.failed);
        out.push(secondary(C::RetryFailed, Icon::RotateCw, &label, |_| Action::RetryFailed));
    }
    if idle && all.sent_before > 1 && upload.is_none() {
        let label = format!("Send {} again", all.sent_before);
        let again = |session: &Session| Action::SendAgain(session.uploads.sent_before());
        out.push(secondary(C::SendAgain, Icon::RotateCw, &label, again));
    }
    if idle && all.finished > 0 {
        out.push(secondary(C::ClearFinished, Icon::ListX, "Clear finished", |_| Action::ClearFinished));
    }
    let can_copy = copy.is_some();
    if let Some(label) = copy {
        // Of several that are selected those alone, as Ctrl+C does.
        let selected = selected_results(view).filter(|results| results.all > 0);
        let (results, label, at) = match selected {
            Some(results) => (results, copy::label_of(session.keys.settings(), results), CopiedAt::Selection),
            None => (all.results, label, CopiedAt::Uploaded),
        };
        let copied = view.says_copied(&at);
        let icon = if copied { Icon::Check } else { Icon::Copy };
        let weight = if idle && upload.is_none() { Weight::Primary } else { Weight::Secondary };
        let copy_all = |session: &Session| {
            let format = session.keys.settings().copy_format;
            Action::CopyItems(CopiedAt::Uploaded, session.uploads.with_result(), format)
        };
        let copy = if selected.is_some() { |_: &Session| Action::CopySelected } else { copy_all };
        let button = secondary(C::CopyUploaded, icon, &label, copy);
        let short = (results.all > 1).then(|| format!("Copy {}", results.all));
        out.push(FooterButton { weight, short, copied, ..button });
    }
    // At the end, where it stays while results come in.
    if session.uploads.is_paused() {
        out.push(secondary(C::Pause, Icon::Play, "Resume", |_| Action::Pause(false)));
    } else if !idle {
        out.push(secondary(C::Pause, Icon::Pause, "Pause", |_| Action::Pause(true)));
    }
    if upload.is_some() || (idle && !can_copy && next.is_reading) {
        let enabled = upload.is_some();
        let short = upload.is_some().then(|| upload_count(next));
        let label = upload.unwrap_or_else(|| "Upload".to_owned());
        let button = secondary(C::Upload, Icon::Upload, &label, |_| Action::Upload);
        out.push(FooterButton { weight: Weight::Primary, icon: None, short, enabled, ..button });
    }
    out
}

/// Counts the results of the files that are selected, where these are several, and not all.
fn selected_results(view: &ViewContext<'_>) -> Option<ResultCount> {
    let (queue, selection) = (view.session.uploads.queue(), &view.list.selection);
    let is_some = selection.len() > 1 && selection.len() < queue.items().len();
    let selected = || queue.items().iter().filter(|item| selection.has(item.request.id));
    is_some.then(|| ResultCount::of(selected().filter_map(Item::result)))
}

/// What gives way first where there is no room for the labels of all.
const COMPACT_FIRST: [(WindowCommand, LabelForm); 8] = [
    (C::SendAgain, LabelForm::Icon),
    (C::ClearFinished, LabelForm::Icon),
    (C::CopyUploaded, LabelForm::Short),
    (C::Upload, LabelForm::Short),
    (C::RetryFailed, LabelForm::Icon),
    (C::Fix, LabelForm::Icon),
    (C::Pause, LabelForm::Icon),
    (C::CopyUploaded, LabelForm::Icon),
];

/// Buttons of the footer in the room there is.
struct FittedButtons {
    /// Each, and how much of its label is drawn.
    all: Vec<(FooterButton, LabelForm)>,
    width: f32,
}

/// Finds how much of each label there is room for, and how wide all are together.
fn fitted(ui: &Ui, buttons: Vec<FooterButton>, room: f32) -> FittedButtons {
    let mut all: Vec<_> = buttons.into_iter().map(|button| (button, LabelForm::Whole)).collect();
    let width = |all: &[(FooterButton, LabelForm)]| {
        let widths = all.iter().map(|(one, form)| one.button(*form).width(ui));
        widths.sum::<f32>() + GAP * all.len().saturating_sub(1) as f32
    };
    for (command, shorter) in COMPACT_FIRST {
        if width(&all) <= room {
            break;
        }
        if let Some((_, form)) = all.iter_mut().find(|(one, _)| one.command == command) {
            *form = shorter;
        }
    }
    let width = width(&all);
    FittedButtons { all, width }
}

/// The button that the pointer rests at: one that comes below it was not meant by who clicks in that moment.
#[derive(Clone, Copy, Default)]
struct UnderPointer {
    button: Option<WindowCommand>,
    at: Pos2,
    /// When it came there below a pointer that rested, in egui's time.
    came: Option<f64>,
}

impl UnderPointer {
    /// Finds the button that is there now; returns it where it has just come.
    fn follow(ui: &Ui, places: &[(WindowCommand, Rect)]) -> Option<WindowCommand> {
        let (pointer, time) = ui.input(|input| (input.pointer.hover_pos(), input.time));
        let at = pointer?;
        let button = places.iter().find(|(_, rect)| rect.contains(at)).map(|(command, _)| *command);
        let id = Id::unique("the footer's button under the pointer");
        let before = ui.data(|data| data.get_temp::<UnderPointer>(id)).unwrap_or_default();
        let now = match () {
            () if at.distance(before.at) >= SAME_PLACE => UnderPointer { button, at, came: None },
            () if button == before.button => before,
            () => UnderPointer { button, came: Some(time), ..before },
        };
        ui.data_mut(|data| data.insert_temp(id, now));
        now.button.filter(|_| now.came.is_some_and(|came| time - came < SECOND_CLICK))
    }
}

fn buttons(ui: &mut Ui, rect: Rect, fitted: &FittedButtons, session: &Session, actions: &mut Vec<Action>) {
    let mut left = rect.right() - fitted.width;
    let mut places = vec![];
    for (one, form) in &fitted.all {
        let size = vec2(one.button(*form).width(ui), theme::CONTROL);
        places.push((one.command, Rect::from_min_size(pos2(left, rect.top()), size)));
        left += size.x + GAP;
    }
    let just_came = UnderPointer::follow(ui, &places);
    for ((one, form), (_, at)) in fitted.all.iter().zip(places) {
        let button = one.button(*form).not_meant(just_came == Some(one.command));
        let id = Id::unique(("footer", one.command.label()));
        if button.show(&mut ui.new_child(UiBuilder::new().scope_id(id).max_rect(at))).clicked() {
            actions.push((one.action)(session));
        }
    }
}

/// What the two lines say.
struct SummaryText {
    first: String,
    /// Behind it where there is room, the more the better.
    more: Vec<String>,
    /// A part that does not fit is not shown at all, the last one first; its tip has all.
    second: Vec<String>,
    /// Screen readers hear it when the first line changes, or else the second.
    first_is_heard: bool,
}

/// Draws how far everything is, and what needs attention as a link that goes through it.
fn summary(ui: &mut Ui, rect: Rect, view: &ViewContext<'_>, actions: &mut Vec<Action>) {
    let t = tokens(ui);
    let layout = Layout::top_down(Align::LEFT);
    let mut ui = ui.new_child(UiBuilder::new().id_salt("summary").max_rect(rect).layout(layout));
    let room = rect.width();
    ui.spacing_mut().item_spacing = egui::Vec2::ZERO;
    ui.spacing_mut().interact_size.y = 0.0;
    let SummaryText { first, more, second, first_is_heard } = summary_text(view);
    let attention = attention(view.session).unwrap_or_default();
    let (strong, secondary) = (theme::strong(), theme::secondary());
    ui.horizontal(|ui| {
        let shown = fit_end(ui, &first, &strong, room);
        let response = line(ui, &shown, strong.clone(), t.text);
        if first_is_heard {
            announce(&response, &first);
        }
        let left = room - text_width(ui, &first, &strong);
        if let Some(more) = more.iter().find(|more| text_width(ui, more, &strong) <= left) {
            line(ui, more, strong, t.text);
        }
    });
    ui.horizontal(|ui| {
        let link_width = text_width(ui, &attention, &secondary);
        let dot = if second.is_empty() || attention.is_empty() { "" } else { DOT };
        let left = room - link_width - text_width(ui, dot, &secondary);
        let joined = second.join(DOT);
        let shown = fit_parts(ui, &joined, &secondary, left);
        let response = line(ui, &format!("{shown}{dot}"), secondary, t.dim);
        let response = if shown == joined { response } else { response.tip(&joined) };
        if !first_is_heard {
            let whole = second.iter().map(String::as_str).chain(Some(attention.as_str()));
            let whole: Vec<_> = whole.filter(|part| !part.is_empty()).collect();
            announce(&response, &whole.join(DOT));
        }
        if !attention.is_empty() && link(ui, &attention).clicked() {
            actions.push(Action::NextAttention);
        }
    });
}

/// Has screen readers say a line when it changes.
fn announce(response: &Response, text: &str) {
    response.widget_info(|| WidgetInfo::labeled(Role::Status, true, text));
    response.ctx.accesskit_node_builder(response.id, |node| node.set_live(accesskit::Live::Polite));
}

fn summary_text(view: &ViewContext<'_>) -> SummaryText {
    let session = view.session;
    let all = session.uploads.queue().totals();
    let copied = view.says_copied(&CopiedAt::Batch);
    let count = |n: usize, what: String| (n > 0).then_some(what);
    if is_idle(session) {
        let parts = [
            count(all.ready, format!("{} ready, {}", all.ready, text::bytes(all.ready_bytes))),
            count(all.with_location, format!("{} with location", all.with_location)),
            count(all.fitting, format!("{} being converted", all.fitting)),
            count(all.done, format!("{} uploaded", all.done)),
            count(all.sent_before, format!("{} sent before", all.sent_before)),
            count(all.cancelled, format!("{} cancelled", all.cancelled)),
        ];
        let second = parts.into_iter().flatten().collect();
        let first = if copied { "Uploaded, and copied".to_owned() } else { text::count(all.files, "file") };
        return SummaryText { first, more: vec![], second, first_is_heard: copied };
    }
    let far = session.uploads.progress();
    let second = [
        count(far.uploaded, format!("{} uploaded", far.uploaded)),
        count(all.cancelled, format!("{} cancelled", all.cancelled)),
    ];
    let second = second.into_iter().flatten().collect();
    let bytes = format!(" · {} of {}", text::bytes(far.sent), text::bytes(far.bytes));
    let mut more = vec![bytes];
    if let Some(speed) = view.pace.total(Instant::now()) {
        let left = far.bytes.saturating_sub(far.sent);
        more.insert(0, format!("{} · {}", more[0], throughput::label(speed, left)));
    }
    let first = match session.uploads.is_paused() {
        true if all.moving == 0 => format!("Paused · {} waiting", text::count(all.going, "file")),
        true => format!("Pausing · {} of {} finishing", all.moving, all.going),
        false => format!("Uploading {} of {}", far.begun, far.files),
    };
    SummaryText { first, more, second, first_is_heard: true }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::item::Inspection;
    use crate::model::media::{DetectedType, FileFacts, Media};
    use crate::model::queue::Queue;
    use crate::model::upload::Event;
    use crate::session::api::provider;
    use crate::session::auto;

    #[test]
    fn a_button_that_comes_below_a_resting_pointer_is_not_meant_at_once() {
        let ctx = egui::Context::default();
        let at = |x: f32| Rect::from_min_size(pos2(x, 0.0), vec2(50.0, 30.0));
        let (pause_first, copy_first) = (
            [(C::CopyUploaded, at(0.0)), (C::Pause, at(60.0))],
            [(C::Pause, at(0.0)), (C::CopyUploaded, at(60.0))],
        );
        let frame = |time: f64, pointer: f32, places: &[(WindowCommand, Rect)]| {
            let moved = egui::Event::PointerMoved(pos2(pointer, 15.0));
            let input = egui::RawInput { time: Some(time), events: vec![moved], ..Default::default() };
            let mut just_came = None;
            let mut output = ctx.run_ui(input, |ui| just_came = UnderPointer::follow(ui, places));
            output.textures_delta.clear();
            just_came
        };
        assert_eq!(frame(1.0, 80.0, &pause_first), None, "the pointer came to it");
        assert_eq!(frame(1.1, 80.0, &pause_first), None);
        assert_eq!(frame(1.2, 80.0, &copy_first), Some(C::CopyUploaded), "it came to the pointer");
        assert_eq!(frame(1.5, 81.0, &copy_first), Some(C::CopyUploaded), "no hand is quite still");
        assert_eq!(frame(1.7, 81.0, &copy_first), None, "it is known by now");
        assert_eq!(frame(1.8, 81.0, &pause_first), Some(C::Pause));
        assert_eq!(frame(1.9, 95.0, &pause_first), None, "the pointer moves again");
    }

    #[test]
    fn what_gives_way_first_are_commands_of_the_palette() {
        let all: Vec<_> = C::GROUPS.iter().flat_map(|(_, commands)| commands.iter()).collect();
        assert!(
            COMPACT_FIRST
                .iter()
                .map(|(command, _)| command)
                .chain([&C::Upload])
                .all(|command| all.contains(&command))
        );
    }

    #[test]
    fn copy_is_shorter_before_retry_and_fix_lose_their_words() {
        let at = |wanted: (WindowCommand, LabelForm)| COMPACT_FIRST.iter().position(|one| *one == wanted);
        let copy = at((C::CopyUploaded, LabelForm::Short));
        assert!(copy.is_some());
        for command in [C::RetryFailed, C::Fix] {
            assert!(at((command, LabelForm::Icon)) > copy, "{command:?}");
        }
    }

    #[test]
    fn the_button_names_the_count_and_the_destination() {
        let to = |n: usize| Arc::new(auto(provider::all()[n].facts(), "k"));
        let mut queue = Queue::default();
        let mut add = |target| {
            let id = queue.add("a.png".into(), to(target), jiff::Timestamp::UNIX_EPOCH);
            let facts = FileFacts {
                path: "a.png".into(),
                size: 1,
                recognised: DetectedType::Known(Media::Png),
                ..FileFacts::default()
            };
            queue.get_mut(id).unwrap().set_inspection(Inspection::Ready(facts));
            (id, upload_label(&NextStep::of(queue.items()), |to| to.name.clone()))
        };
        let (first, label) = add(0);
        assert_eq!(label.as_deref(), Some("Upload 1 file to Flow Music"));
        assert_eq!(add(0).1.as_deref(), Some("Upload 2 files to Flow Music"));
        assert_eq!(add(1).1.as_deref(), Some("Upload 3 files to 2 destinations"));
        queue.remove(|i| i.request.id != first && i.request.destination.provider != "google-flow");
        queue.apply(first, Event::Requested, jiff::Timestamp::UNIX_EPOCH);
        assert_eq!(
            upload_label(&NextStep::of(queue.items()), |to| to.name.clone()).as_deref(),
            Some("Upload 1 more to Google Flow")
        );
    }
}
