//! Right: everything about what is selected.

mod facts;
mod large;
mod results;

use std::sync::Arc;

use eframe::egui::{
    self, Align, Area, CornerRadius, Id, Label, Layout, Order, Panel, RichText, Role, ScrollArea, Stroke, Ui,
    UiBuilder, WidgetInfo, vec2,
};
use lucide_icons::Icon;

use super::action::{Action, CopiedAt, Page};
use super::details_panel::PanelForm;
use super::history::HistoryView;
use super::preview_state::{CloseUp, Large};
use super::send_to::{send_label, sent_before};
use super::theme::{self, tokens};
use super::view_context::ViewContext;
use super::widgets::{Button, COPIED, Cut, Weight, cut_line, in_gutter, line, mark, named_part};
use crate::session::api::{Destination, Details, Item, Queue, Record, ResultCount, provider, text};
use crate::session::{Session, copy};

/// Height of the name above what scrolls.
const HEADER: f32 = 44.0;

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

/// The panel as it is shown.
pub(super) struct InspectorPanel<'a> {
    pub(super) form: PanelForm,
    /// The window is wide enough for it to stand beside the list.
    pub(super) has_room: bool,
    pub(super) subject: Subject<'a>,
    /// How far it has come into sight, 0 to 1.
    pub(super) opacity: f32,
}

impl InspectorPanel<'_> {
    /// Shows it at the right of the room there is, over it or beside what comes then. Returns where it begins. In both
    /// forms it is in the same place: what is under the pointer when it is pinned stays there.
    pub(super) fn show(
        &self,
        ui: &mut Ui,
        view: &mut ViewContext<'_>,
        close_up: &mut CloseUp,
        actions: &mut Vec<Action>,
    ) -> f32 {
        let t = tokens(ui);
        let frame = egui::Frame::new().fill(t.panel).inner_margin(egui::Margin::symmetric(16, 0));
        let room = ui.available_rect_before_wrap();
        let rect = room.with_min_x(room.right() - theme::INSPECTOR.min(room.width()));
        let mut inside = |ui: &mut Ui| self.inside(ui, view, close_up, actions);
        match self.form {
            PanelForm::Beside => {
                let panel = Panel::right("inspector").resizable(false).exact_size(theme::INSPECTOR);
                panel.frame(frame).show(ui, inside);
            }
            PanelForm::Over => {
                let id = Id::unique("the details over the page");
                let area = Area::new(id).order(Order::Middle).fixed_pos(rect.min).default_size(rect.size());
                area.movable(false).show(ui.ctx(), |ui| {
                    let shadow = ui.visuals().popup_shadow;
                    ui.painter().add(shadow.as_shape(rect, CornerRadius::ZERO));
                    // Beside the list a line stands at its left.
                    let frame = frame.inner_margin(egui::Margin { left: 17, right: 16, top: 0, bottom: 0 });
                    frame.show(ui, |ui| {
                        let size = rect.size() - frame.inner_margin.sum();
                        ui.set_min_size(size);
                        ui.set_max_size(size);
                        inside(ui);
                    });
                    ui.painter().vline(rect.left() + 0.5, rect.y_range(), Stroke::new(1.0, t.line));
                });
            }
        }
        rect.left()
    }

    /// Draws what is in it; its names in egui are the same in both forms, so that the keyboard stays where it is.
    fn inside(
        &self,
        ui: &mut Ui,
        view: &mut ViewContext<'_>,
        close_up: &mut CloseUp,
        actions: &mut Vec<Action>,
    ) {
        let panel = UiBuilder::new()
            .scope_id(Id::unique("details"))
            .accessibility_role(Role::Complementary)
            .accessibility_label("Details");
        let shown = ui.scope_builder(panel, |ui| {
            ui.set_opacity(self.opacity);
            self.header(ui, view, actions);
            in_gutter(ui, |ui| {
                ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
                    content(ui, view, self.subject, close_up, actions);
                    ui.add_space(16.0);
                });
            });
        });
        shown.response.widget_info(|| WidgetInfo::labeled(Role::Complementary, true, "Details"));
    }

    /// Draws the name of what is shown, and what can be done with the panel.
    fn header(&self, ui: &mut Ui, view: &ViewContext<'_>, actions: &mut Vec<Action>) {
        let size = vec2(ui.available_width(), HEADER);
        ui.allocate_ui_with_layout(size, Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 2.0;
            if Button::icon_only(Icon::X, "Close details").small().show(ui).clicked() {
                actions.push(Action::CloseDetails);
            }
            let is_pinned = self.form == PanelForm::Beside;
            let (icon, name) = match is_pinned {
                true => (Icon::PinOff, "Show details over the page"),
                false => (Icon::Pin, "Pin details beside the list"),
            };
            let mut pin = Button::icon_only(icon, name).small().enabled(self.has_room);
            if !self.has_room {
                pin = pin.hint("The window is too narrow for details beside the list");
            }
            let response = pin.show(ui);
            if response.clicked() {
                let had_keyboard = response.has_focus();
                ui.data_mut(|data| data.insert_temp(pin_had_keyboard(), had_keyboard));
                actions.push(Action::PinDetails(!is_pinned));
            } else if !ui.is_sizing_pass()
                && ui.data_mut(|data| data.remove_temp(pin_had_keyboard())) == Some(true)
            {
                // What comes up over the page is measured first, and loses the keyboard by that.
                response.request_focus();
            }
            ui.add_space(6.0);
            let (title, room) = (self.title(view), ui.available_width());
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let look = (theme::semibold(13.0), tokens(ui).text);
                cut_line(ui, &title, Cut::Middle, look, room);
            });
        });
    }

    fn title(&self, view: &ViewContext<'_>) -> String {
        let selection = &view.list.selection;
        let single = selection.single();
        match (self.subject, selection.len()) {
            (Subject::Queue, 0) => "All files".to_owned(),
            (Subject::History(_), 0) => "Nothing selected".to_owned(),
            (Subject::Queue, 1) => {
                let item = single.and_then(|id| view.session.uploads.queue().get(id));
                item.map(|item| item.name.clone()).unwrap_or_default()
            }
            (Subject::History(record), 1) => record.map(|record| record.request.name()).unwrap_or_default(),
            (Subject::Queue, n) => format!("{} selected", text::count(n, "file")),
            (Subject::History(_), n) => format!("{} selected", text::count_thousands(n, "upload")),
        }
    }
}

/// Returns the name egui has for whether the pin was pressed by the keyboard, and is to have it in the other form.
fn pin_had_keyboard() -> Id {
    Id::unique("the pin had the keyboard")
}

fn content(
    ui: &mut Ui,
    view: &mut ViewContext<'_>,
    subject: Subject<'_>,
    close_up: &mut CloseUp,
    actions: &mut Vec<Action>,
) {
    ui.spacing_mut().item_spacing.y = 6.0;
    let session = view.session;
    match subject {
        Subject::Queue => match view.list.selection.single().and_then(|id| session.uploads.queue().get(id)) {
            Some(item) => one(ui, item, close_up.at(item, session), view, actions),
            None if view.list.selection.len() == 0 => {
                close_up.leave(session);
                whole_queue(ui, session);
                hint(ui, "Select a file to see its details");
            }
            None => several(ui, view, actions),
        },
        Subject::History(record) => history(ui, record, view, close_up, actions),
    }
}

/// Draws an upload of the history; it stays open when another one is selected, or none.
fn history(
    ui: &mut Ui,
    record: Option<&Arc<Record>>,
    view: &mut ViewContext<'_>,
    close_up: &mut CloseUp,
    actions: &mut Vec<Action>,
) {
    let selected = view.list.selection.len();
    let Some(record) = record.filter(|_| selected == 1) else {
        close_up.leave(view.session);
        if selected != 1 {
            hint(ui, "Select one upload to see it here");
        }
        return;
    };
    let item = Item::remembered(record);
    one(ui, &item, close_up.at_sent(record, view.session), view, actions);
}

/// Draws what to do where there is nothing to show.
fn hint(ui: &mut Ui, sentence: &str) {
    ui.add(Label::new(RichText::new(sentence).font(theme::secondary()).color(tokens(ui).dim)).wrap());
}

/// How much of the queue goes where.
#[derive(Clone)]
struct QueueOverview {
    /// Of the queue that it was counted in.
    revision: u64,
    size: u64,
    by_destination: Vec<(Arc<Destination>, usize)>,
}

impl QueueOverview {
    fn new(queue: &Queue) -> QueueOverview {
        let mut all = QueueOverview { revision: queue.revision(), size: 0, by_destination: vec![] };
        for item in queue.items() {
            all.size += item.facts().map_or(0, |facts| facts.size);
            let to = &item.request.destination;
            match all
                .by_destination
                .iter_mut()
                .find(|(other, _)| Arc::ptr_eq(other, to) || other.is_same_target(to))
            {
                Some((_, files)) => *files += 1,
                None => all.by_destination.push((Arc::clone(to), 1)),
            }
        }
        all
    }

    /// Returns that of the queue as it is now, counted anew where the queue has changed.
    fn of(queue: &Queue, ui: &Ui) -> QueueOverview {
        let id = Id::unique("what is in the queue");
        let known = ui.data(|data| data.get_temp::<QueueOverview>(id));
        known.filter(|overview| overview.revision == queue.revision()).unwrap_or_else(|| {
            let overview = QueueOverview::new(queue);
            ui.data_mut(|data| data.insert_temp(id, overview.clone()));
            overview
        })
    }
}

/// Draws what is in the queue, where none of it is selected: how much goes where.
fn whole_queue(ui: &mut Ui, session: &Session) {
    let t = tokens(ui);
    let queue = session.uploads.queue();
    let QueueOverview { size, by_destination, .. } = QueueOverview::of(queue, ui);
    let files = text::count_thousands(queue.items().len(), "file");
    line(ui, &format!("{files} · {}", text::bytes(size)), theme::secondary(), t.dim);
    ui.add_space(theme::STEP);
    for (destination, files) in by_destination {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = theme::STEP;
            if let Some(provider) = provider::by_id(&destination.provider) {
                mark(ui, &provider.facts().mark, 20.0);
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                line(ui, &text::thousands(files as u64), theme::secondary(), t.dim);
                let room = ui.available_width();
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    cut_line(
                        ui,
                        &session.keys.short_label(&destination),
                        Cut::Middle,
                        (theme::secondary(), t.text),
                        room,
                    );
                });
            });
        });
    }
    ui.add_space(theme::STEP);
}

fn one(
    ui: &mut Ui,
    item: &Item,
    (preview, details): (&Large, Option<&Details>),
    view: &mut ViewContext<'_>,
    actions: &mut Vec<Action>,
) {
    large::show(ui, item, preview, actions);
    ui.add_space(theme::STEP);
    facts::show(ui, item, &view.session.keys, details);
    ui.scope_builder(named_part(ui, "results"), |ui| results::show(ui, item, view, actions));
}

/// Draws several files together: what can be done with all of them.
fn several(ui: &mut Ui, view: &ViewContext<'_>, actions: &mut Vec<Action>) {
    let t = tokens(ui);
    let queue = view.session.uploads.queue();
    let ids = view.list.selection.in_order(queue);
    let items: Vec<&Item> = ids.iter().filter_map(|id| queue.get(*id)).collect();
    let size: u64 = items.iter().filter_map(|item| item.facts()).map(|facts| facts.size).sum();
    line(ui, &text::bytes(size), theme::secondary(), t.dim);
    ui.add_space(theme::STEP);
    let received: Vec<_> = items.iter().filter_map(|item| item.result()).collect();
    if !received.is_empty() {
        let format = view.session.keys.settings().copy_format;
        let copied = view.says_copied(&CopiedAt::Selection);
        let usual = copy::label_of(view.session.keys.settings(), ResultCount::of(received.iter().copied()));
        let (icon, label) = if copied { (Icon::Check, COPIED) } else { (Icon::Copy, usual.as_str()) };
        if Button::new(Weight::Secondary, label).icon(icon).answering(&usual).show(ui).clicked() {
            actions.push(Action::CopyItems(CopiedAt::Selection, ids.clone(), format));
        }
        results::other_forms(ui, &ids, view, actions);
    }
    ui.horizontal_wrapped(|ui| {
        let any = |which: fn(&Item) -> bool| items.iter().any(|item| which(item));
        let again = sent_before(&items);
        if !again.is_empty()
            && Button::new(Weight::Secondary, "Send again").icon(Icon::RotateCw).show(ui).clicked()
        {
            actions.push(Action::SendAgain(again));
        }
        if Button::new(Weight::Secondary, send_label(&items)).icon(Icon::Forward).show(ui).clicked() {
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
