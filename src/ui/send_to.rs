//! The sheets that ask where files are to go: to another destination instead, or to several as well.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use eframe::egui::{self, Align2, Label, RichText, Role, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2};
use jiff::Zoned;
use lucide_icons::Icon;

use super::action::Action;
use super::bidi::Reading;
use super::health;
use super::theme::{self, tokens};
use super::widgets::{
    Button, Weight, buttons, choice_ground, fit_end, icon_mark, line_at, mark, sheet, tick_box,
};
use crate::session::Session;
use crate::session::api::{
    Destination, Item, Queue, State, UploadId, UploadRequest, provider::ProviderSpec, text,
};
use crate::session::choices::{DestinationShare, can_be_redirected};

/// What becomes of files that are given a destination, or are added.
pub(super) const NOT_SENT_YET: &str = "Nothing is sent until you press Upload";

/// A destination that a sheet offers.
struct DestinationLine {
    to: Arc<Destination>,
    facts: &'static ProviderSpec,
    /// The indexes of the files that it accepts: only these go there.
    accepts: Vec<usize>,
    /// How many of them need a copy that fits.
    copies: usize,
    /// How many of the files were sent there before, as far as is known here.
    sent: usize,
}

impl DestinationLine {
    /// `went`: the destinations that are known of each file, each of which has it.
    fn new(share: DestinationShare<'_>, went: &[Vec<&Destination>]) -> DestinationLine {
        let DestinationShare { choice, accepts, copies } = share;
        let has = |to: &Vec<&Destination>| to.iter().any(|to| choice.destination.is_same_target(to));
        let sent = went.iter().filter(|to| has(to)).count();
        DestinationLine { to: Arc::clone(choice.destination), facts: choice.facts, accepts, copies, sent }
    }

    /// Returns those of a list that go there.
    fn of<T: Clone>(&self, all: &[T]) -> Vec<T> {
        self.accepts.iter().filter_map(|index| all.get(*index).cloned()).collect()
    }
}

/// What a sheet of destinations was left with.
enum DestinationPick<'a> {
    Open,
    Closed,
    /// What stands above the destinations.
    First,
    /// This one alone.
    Only(&'a DestinationLine),
    /// Every one that is ticked.
    Ticked(Vec<&'a DestinationLine>),
}

/// Returns what the button says that asks where these files are to go: what has been sent goes a second time.
pub(super) fn send_label(items: &[&Item]) -> &'static str {
    match items.iter().any(|item| can_be_redirected(&item.state)) {
        true => "Send to…",
        false => "Send again to…",
    }
}

/// Returns those of these files that wait because their destination has the same content, or may have it.
pub(super) fn sent_before(items: &[&Item]) -> Vec<UploadId> {
    let waits = items.iter().filter(|item| item.state == State::Ready && item.earlier.is_some());
    waits.map(|item| item.request.id).collect()
}

/// Lists for each of these files the destinations that have it, by rows of the queue with the same file.
fn where_they_are<'a>(items: &[&Item], queue: &'a Queue) -> Vec<Vec<&'a Destination>> {
    let mut by_path: HashMap<&Path, Vec<&'a Destination>> = HashMap::new();
    for item in queue.items().iter().filter(|item| item.result().is_some()) {
        by_path.entry(&item.request.path).or_default().push(&item.request.destination);
    }
    items.iter().map(|item| by_path.get(item.request.path.as_path()).cloned().unwrap_or_default()).collect()
}

/// Which destinations are ticked, once several are to be chosen: before that, pressing one chooses it.
type Ticked = Option<Vec<Arc<Destination>>>;

/// The sheet that asks where files of the queue are to go.
pub(super) struct SendToSheet {
    ids: Vec<UploadId>,
    ticked: Ticked,
    known: Option<KnownLines>,
}

/// The destinations for files of a queue: of thousands it takes too long to find for every frame what each accepts.
struct KnownLines {
    /// The queue's.
    revision: u64,
    /// Those that were on offer.
    destinations: Vec<Arc<Destination>>,
    lines: Vec<DestinationLine>,
}

impl KnownLines {
    fn are_of(&self, session: &Session) -> bool {
        self.revision == session.uploads.queue().revision()
            && self.destinations == session.keys.destinations()
    }
}

impl SendToSheet {
    /// Asks of these files.
    pub(super) fn new(ids: Vec<UploadId>) -> SendToSheet {
        SendToSheet { ids, ticked: None, known: None }
    }

    /// Shows it; true when it was closed.
    pub(super) fn show(&mut self, ctx: &egui::Context, session: &Session, actions: &mut Vec<Action>) -> bool {
        let queue = session.uploads.queue();
        let all: Vec<&Item> = self.ids.iter().filter_map(|id| queue.get(*id)).collect();
        let movable: Vec<&Item> = all.iter().copied().filter(|item| can_be_redirected(&item.state)).collect();
        // What was sent stays as it is: a row more is for the other destination.
        let moves = !movable.is_empty();
        let selected = all.len();
        let items = if moves { movable } else { all };
        let files = match items.as_slice() {
            [one] if selected == 1 => text::elide(&one.name, 40),
            some if some.len() < selected => format!("{} of {selected} files", some.len()),
            all => text::count(all.len(), "file"),
        };
        let ids: Vec<UploadId> = items.iter().map(|item| item.request.id).collect();
        let (title, also) = match moves {
            true => (format!("Send {files} to"), "Also send to"),
            false => (format!("Send {files} again to"), "Send again to"),
        };
        let known = self.known.take().filter(|known| known.are_of(session)).unwrap_or_else(|| {
            let shares = match moves {
                true => session.keys.destination_shares(&items),
                false => {
                    let requests: Vec<_> = items.iter().map(|item| item.request.clone()).collect();
                    session.keys.again_shares(&requests)
                }
            };
            let went = where_they_are(&items, queue);
            KnownLines {
                revision: queue.revision(),
                destinations: session.keys.destinations().to_vec(),
                lines: shares.into_iter().map(|share| DestinationLine::new(share, &went)).collect(),
            }
        });
        let lines = &self.known.insert(known).lines;
        let waits = items.iter().all(|item| matches!(item.state, State::Ready)) || !moves;
        let waits = waits && !session.keys.settings().upload_on_drop;
        let left = selected - items.len();
        let left = match left {
            0 => String::new(),
            1 => "1 file was sent, or is on its way, and stays as it is".to_owned(),
            n => format!("{n} files were sent, or are on their way, and stay as they are"),
        };
        let goes = match (moves, items.len()) {
            (true, 1) => "Press where it goes instead",
            (true, _) => "Press where they go instead",
            (false, _) => "",
        };
        let about = [goes, if waits { NOT_SENT_YET } else { "" }, &left];
        let copy = "converted to fit";
        let question =
            WhereTo { title: &title, first: None, also, lines, copy, files: ids.len(), about: &about };
        let to_each = |line: &DestinationLine| Action::AlsoSend(line.of(&ids), Arc::clone(&line.to));
        match question.ask(ctx, session, &mut self.ticked) {
            DestinationPick::Open => return false,
            DestinationPick::Closed | DestinationPick::First => {}
            DestinationPick::Only(line) if moves => {
                let index = session.keys.destinations().iter().position(|to| *to == line.to);
                actions.extend(index.map(|index| Action::SendTo(line.of(&ids), index)));
            }
            DestinationPick::Only(line) => actions.push(to_each(line)),
            DestinationPick::Ticked(several) => actions.extend(several.into_iter().map(to_each)),
        }
        true
    }
}

/// The sheet that asks where uploads of the history are to be sent again.
pub(super) struct AgainSheet {
    name: String,
    files: Vec<PathBuf>,
    /// Where each went before, where that was not one and the same.
    before: Vec<(Option<Arc<Destination>>, Vec<PathBuf>)>,
    lines: Vec<DestinationLine>,
    ticked: Ticked,
}

impl AgainSheet {
    /// Asks of these uploads.
    pub(super) fn new(session: &Session, requests: &[UploadRequest]) -> AgainSheet {
        let shares = session.keys.again_shares(requests).into_iter();
        let mut before = session.keys.where_each_went(requests);
        if before.len() < 2 {
            before.clear();
        }
        let went: Vec<_> = requests.iter().map(|request| vec![request.destination.as_ref()]).collect();
        AgainSheet {
            name: requests.first().map(UploadRequest::name).unwrap_or_default(),
            files: requests.iter().map(|request| request.path.clone()).collect(),
            before,
            lines: shares.map(|share| DestinationLine::new(share, &went)).collect(),
            ticked: None,
        }
    }

    /// Shows it; true when it was closed.
    pub(super) fn show(&mut self, ctx: &egui::Context, session: &Session, actions: &mut Vec<Action>) -> bool {
        let title = match self.files.len() {
            1 => format!("Send {} again to", text::elide(&self.name, 40)),
            many => format!("Send {} again to", text::count_thousands(many, "file")),
        };
        let first = (!self.before.is_empty()).then_some("Where each went before");
        let (lines, files) = (self.lines.as_slice(), self.files.len());
        let waits = !session.keys.settings().upload_on_drop;
        let about = [if waits { "Sent from the queue, when you press Upload there" } else { "" }];
        let (also, copy) = ("Send again to", "to be converted");
        let question = WhereTo { title: &title, first, also, lines, copy, files, about: &about };
        let to_each = |line: &DestinationLine| {
            let (files, to) = (line.of(&self.files), Arc::clone(&line.to));
            if line.sent > 0 { Action::AddAgain(files, to) } else { Action::AddFiles(files, Some(to)) }
        };
        match question.ask(ctx, session, &mut self.ticked) {
            DestinationPick::Open => return false,
            DestinationPick::Closed => {}
            DestinationPick::First => {
                let each = self.before.iter().cloned();
                actions.extend(each.map(|(to, files)| Action::add_again(files, to)));
            }
            DestinationPick::Only(line) => actions.push(to_each(line)),
            DestinationPick::Ticked(several) => actions.extend(several.into_iter().map(to_each)),
        }
        true
    }
}

/// What a sheet of destinations asks.
struct WhereTo<'a> {
    title: &'a str,
    /// What can be chosen above the destinations.
    first: Option<&'a str>,
    /// What the button says before the destinations that are ticked.
    also: &'a str,
    lines: &'a [DestinationLine],
    /// What becomes of files that a destination does not accept as they are.
    copy: &'a str,
    /// How many files are asked of.
    files: usize,
    /// What becomes of them, a line each.
    about: &'a [&'a str],
}

impl<'a> WhereTo<'a> {
    /// Shows a sheet with the destinations: pressing one chooses it, unless several are to be ticked.
    fn ask(&self, ctx: &egui::Context, session: &Session, ticked: &mut Ticked) -> DestinationPick<'a> {
        // Sorted by how many files they accept: those with none are last.
        let accepting = self.lines.partition_point(|line| !line.accepts.is_empty());
        let (lines, others) = self.lines.split_at(accepting);
        // A destination can be removed elsewhere meanwhile.
        if let Some(ticked) = ticked {
            ticked.retain(|to| lines.iter().any(|line| line.to == *to));
        }
        let shown = sheet(ctx, self.title, 380.0, |sheet| {
            let mut answer = DestinationPick::Open;
            // Enter sends to those that are ticked; Space ticks.
            let enter = ticked.is_some() && sheet.is_submitted();
            sheet.body(|ui| {
                let mut about = self.about.iter().filter(|line| !line.is_empty()).peekable();
                if about.peek().is_some() {
                    about.for_each(|line| dim_line(ui, line));
                    ui.add_space(theme::STEP);
                }
                if let Some(first) = self.first
                    && ticked.is_none()
                    && first_line(ui, first).clicked()
                {
                    answer = DestinationPick::First;
                }
                for line in lines {
                    let at = ticked.as_ref().map(|all| all.iter().position(|to| *to == line.to));
                    let response = self.row(ui, session, line, at.map(|at| at.is_some()));
                    if !ui.memory(|memory| memory.focused().is_some()) {
                        response.request_focus();
                    }
                    match (ticked.as_mut(), at.flatten()) {
                        _ if !response.clicked() => {}
                        (Some(all), Some(at)) => _ = all.remove(at),
                        (Some(all), None) => all.push(Arc::clone(&line.to)),
                        (None, _) => answer = DestinationPick::Only(line),
                    }
                }
                if let Some(sentence) = self.why_not_others(others) {
                    ui.add_space(8.0);
                    dim_line(ui, &sentence);
                }
            });
            let any = ticked.as_ref().is_some_and(|ticked| !ticked.is_empty());
            let (mut cancelled, mut sent) = (false, enter && any);
            sheet.foot(|ui| {
                buttons(ui, |ui| {
                    if let Some(ticked) = &ticked {
                        let label = self.ticked_label(ticked);
                        let button = Button::new(Weight::Primary, &label);
                        sent |= button.enabled(any).show(ui).clicked();
                    }
                    cancelled = Button::new(Weight::Secondary, "Cancel").show(ui).clicked();
                    if ticked.is_none() && lines.len() > 1 {
                        let several = Button::new(Weight::Secondary, "Choose several").show(ui);
                        *ticked = several.clicked().then(Vec::new);
                    }
                });
            });
            match () {
                () if sent => {
                    let several = ticked.take().unwrap_or_default();
                    let line = |to: &Arc<Destination>| lines.iter().find(|line| line.to == *to);
                    DestinationPick::Ticked(several.iter().filter_map(line).collect())
                }
                () if cancelled => DestinationPick::Closed,
                () => answer,
            }
        });
        match shown.inner {
            DestinationPick::Open if shown.left => DestinationPick::Closed,
            answer => answer,
        }
    }

    /// Draws a destination, with a box where several are to be ticked.
    fn row(
        &self,
        ui: &mut Ui,
        session: &Session,
        line: &DestinationLine,
        is_ticked: Option<bool>,
    ) -> egui::Response {
        let DestinationLine { to, facts, accepts, copies, sent } = line;
        let t = tokens(ui);
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 44.0), Sense::click());
        let mut second = session.keys.account_label(to);
        let now = Zoned::now();
        let health = session.keys.health(to, now.timestamp());
        if let Some(bad) = health.filter(|h| !h.condition.is_usable(now.timestamp())) {
            second = format!("{second} · {}", health::of_destination(Some(&bad), &now).short);
        }
        if accepts.len() < self.files {
            let (some, all) =
                (text::thousands(accepts.len() as u64), text::count_thousands(self.files, "file"));
            second = format!("{second} · {some} of {all}");
        }
        second = match (*sent, self.files) {
            (0, _) => second,
            (_, 1) => format!("{second} · sent before"),
            (sent, _) => format!("{second} · {} sent before", text::thousands(sent as u64)),
        };
        second = match (*copies, self.files) {
            (0, _) => second,
            (_, 1) => format!("{second} · {}", self.copy),
            (copies, _) => format!("{second} · {} {}", text::thousands(copies as u64), self.copy),
        };
        let name = format!("{} · {second}", facts.name);
        response.widget_info(|| match is_ticked {
            Some(is_ticked) => WidgetInfo::selected(Role::CheckBox, true, is_ticked, &name),
            None => WidgetInfo::labeled(Role::Button, true, &name),
        });
        choice_ground(ui, rect, &response, is_ticked == Some(true));
        let inner = rect.shrink2(vec2(8.0, 8.0));
        let mut inside = ui.new_child(UiBuilder::new().max_rect(inner));
        mark(&mut inside, &facts.mark, 28.0);
        let painter = ui.painter();
        let x = rect.left() + 46.0;
        painter.text(pos2(x, rect.top() + 15.0), Align2::LEFT_CENTER, facts.name, theme::strong(), t.text);
        let second = fit_end(ui, &second, &theme::secondary(), rect.width() - 56.0 - BOX);
        let at = pos2(x, rect.top() + 31.0);
        line_at(ui, at, &second, Reading::Name, (theme::secondary(), t.dim));
        if let Some(is_ticked) = is_ticked {
            tick_box(ui, pos2(inner.right() - 8.0, rect.center().y), is_ticked);
        }
        response
    }

    /// Returns what the button for the ticked destinations says.
    fn ticked_label(&self, ticked: &[Arc<Destination>]) -> String {
        let to = match ticked {
            [] => "…".to_owned(),
            [one] => text::elide(&text::sanitize(&one.name), 28),
            several => text::count(several.len(), "destination"),
        };
        format!("{} {to}", self.also)
    }

    /// Returns the sentence on the destinations that accept none of the files.
    fn why_not_others(&self, others: &[DestinationLine]) -> Option<String> {
        let mut names: Vec<&str> = vec![];
        for line in others {
            if !names.contains(&line.facts.name) {
                names.push(line.facts.name);
            }
        }
        let does_not = match names.len() {
            0 => return None,
            1 => "doesn't",
            _ => "don't",
        };
        let names = text::listed(&names, "and");
        Some(match self.files {
            1 => format!("{names} {does_not} accept this file"),
            _ => format!("{names} {does_not} accept any of these files"),
        })
    }
}

fn dim_line(ui: &mut Ui, sentence: &str) {
    ui.add(Label::new(RichText::new(sentence).font(theme::body()).color(tokens(ui).dim)).wrap());
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

/// The room for the box of a destination, at its right end.
const BOX: f32 = 32.0;
