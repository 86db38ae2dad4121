//! The sheet that adds files and folders by their paths: where there is no file dialog, and for whoever types faster.

mod field;
mod lister;

use std::path::PathBuf;

use eframe::egui::text::{CCursor, CCursorRange};
use eframe::egui::text_edit::TextEditState;
use eframe::egui::{
    self, Align2, FocusDirection, Id, Key, Label, Modifiers, RichText, Role, ScrollArea, Sense, TextEdit, Ui,
    WidgetInfo, accesskit, pos2, vec2,
};
use lucide_icons::Icon;

use self::field::{Match, Typed};
use self::lister::Lister;
use super::action::Action;
use super::bidi::Reading;
use super::file_picture::icon_of;
use super::theme::{self, tokens};
use super::widgets::{
    Button, Sheet, Weight, buttons, choice_ground, fit_middle, in_gutter, line, line_at, sheet,
};
use crate::platform::host::host_info;
use crate::session::Session;
use crate::session::api::{DroppedData, HostInfo, Listing, Media, SYSTEM, name_of, provider, text};

/// So many entries are shown.
const SHOWN: usize = 12;

/// Height of an entry.
const ROW: f32 = 26.0;

/// What is typed, and what came of what was typed before.
pub(super) struct PathSheet {
    text: String,
    /// What `~` and addresses of files are read by.
    host: HostInfo,
    lister: Lister,
    /// Which of the entries shown the arrows are at.
    at: Option<usize>,
    /// What was left in the field when something was added: Enter once more adds nothing by that.
    rest: Option<String>,
    /// What was added last, or why nothing was.
    result: Option<Result<AddedPath, String>>,
    /// No dialog can be opened: this sheet is in its place.
    no_dialog: bool,
}

/// The result of a path that was entered.
enum AddedPath {
    /// A folder of this name, which is scanned for a while.
    Folder(String),
    /// Anything else, in a sentence.
    Other(String),
}

impl PathSheet {
    /// Opens it empty. `no_dialog`: because there is no file dialog.
    pub(super) fn new(ctx: &egui::Context, session: &Session, home: PathBuf, no_dialog: bool) -> PathSheet {
        let host = HostInfo { home: Some(home), ..host_info().clone() };
        let lister = Lister::new(ctx, session.intake.disk());
        PathSheet { text: String::new(), host, lister, at: None, rest: None, result: None, no_dialog }
    }

    /// Returns whether it is in the place of a dialog that cannot be opened.
    #[cfg(test)]
    pub(super) fn is_without_dialog(&self) -> bool {
        self.no_dialog
    }

    /// Shows it; true when it was closed.
    pub(super) fn show(&mut self, ctx: &egui::Context, session: &Session, actions: &mut Vec<Action>) -> bool {
        let facts = session.keys.chosen().and_then(|d| provider::by_id(&d.provider)).map(|p| p.facts());
        let takes: Vec<Media> = facts.map(|facts| facts.types().collect()).unwrap_or_default();
        let name = facts.map_or("", |facts| facts.name);
        let shown = sheet(ctx, "Add by path", 520.0, |sheet| {
            if self.no_dialog {
                let sentence = "No file dialog can be opened here. Type or paste where the files are.";
                dim(sheet.ui, &format!("{sentence} {}", SYSTEM.dialogs));
            }
            self.paste_several(sheet.ui, actions);
            let typed = Typed::new(&self.text, &self.host);
            self.lister.want(&typed.folder);
            let listing = self.lister.listing(&typed.folder).and_then(Result::ok).cloned();
            let mut matches = listing.as_ref().map(|all| typed.matches(all, &takes)).unwrap_or_default();
            let rest = matches.len().saturating_sub(SHOWN);
            let all = matches.clone();
            matches.truncate(SHOWN);
            self.arrows(sheet.ui, matches.len());
            let can_complete = self.complete(&typed, &all, &matches).is_some();
            if can_complete
                && sheet.ui.memory(|memory| memory.has_focus(field_id()))
                && sheet.ui.input_mut(|input| input.consume_key(Modifiers::SHIFT, Key::Tab))
            {
                // Before the field is drawn: that keeps every Tab for itself.
                sheet.ui.memory_mut(|memory| memory.move_focus(FocusDirection::Previous));
            }
            let field = self.field(sheet.ui, can_complete);
            // What came in this very frame was not looked for yet.
            let same = Typed::new(&self.text, &self.host) == typed;
            if !same && matches!(self.lister.listing(&typed.folder), Some(Err(_))) {
                self.lister.forget(); // what was not there may be there now
            }
            let mut wish = false;
            if field.has_focus() && sheet.ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter))
            {
                wish = !self.is_at_rest();
            }
            if field.has_focus() && can_complete && same {
                self.tab(sheet.ui, field.id, &typed, &all, &matches);
            }
            let more = listing.as_ref().is_some_and(|listing| listing.more);
            let clicked = self.list(sheet, &typed, &matches, (rest, more), name);
            let is_folder = self.is_folder(&typed, &matches, listing.as_ref());
            let closes = sheet.foot(|ui| {
                self.show_message(ui, session.intake.is_scanning());
                buttons(ui, |ui| {
                    let ready = self.at.is_some() || !self.text.trim().is_empty();
                    // The next thing that Enter does, where it does something.
                    let weight = if self.is_at_rest() { Weight::Secondary } else { Weight::Primary };
                    let label = if is_folder && ready { "Add whole folder" } else { "Add" };
                    let add = Button::new(weight, label).enabled(ready).show(ui);
                    wish |= ready && add.clicked();
                    Button::new(Weight::Secondary, "Close").show(ui).clicked()
                })
            });
            let ui = &mut *sheet.ui;
            if let Some(clicked) = clicked {
                match matches[clicked].is_folder {
                    true => self.write(ui, field.id, matches[clicked].text.clone()),
                    false => self.add(ui, field.id, &typed, Some(&matches[clicked]), session, actions),
                }
                field.request_focus();
            } else if wish {
                let now = Typed::new(&self.text, &self.host);
                let at = self.at.and_then(|at| matches.get(at)).filter(|_| same);
                self.add(ui, field.id, &now, at, session, actions);
                field.request_focus();
            } else if !ui.memory(|memory| memory.focused().is_some()) {
                field.request_focus();
            }
            closes
        });
        shown.inner || shown.left
    }

    fn field(&mut self, ui: &mut Ui, can_complete: bool) -> egui::Response {
        let before = self.text.clone();
        let label = ui.add(Label::new(RichText::new("Path").font(theme::caption()).color(tokens(ui).dim)));
        let edit = TextEdit::singleline(&mut self.text)
            .id(field_id())
            .hint_text("~/Pictures/cover.png")
            .desired_width(f32::INFINITY)
            .margin(vec2(10.0, 7.0))
            .return_key(None) // the keyboard stays
            .lock_focus(can_complete);
        let field = ui.add(edit).labelled_by(label.id);
        let help = "Tab completes, arrows choose, Enter adds a file or a whole folder";
        ui.ctx().accesskit_node_builder(field.id, |node| node.set_description(help));
        if self.text != before {
            self.at = None;
            self.result = None;
        }
        field
    }

    /// Returns whether the field is as it was left when something was added: Enter once more adds nothing.
    fn is_at_rest(&self) -> bool {
        self.at.is_none() && self.rest.as_ref() == Some(&self.text)
    }

    /// Returns whether what would be added is a whole folder, as far as that is known.
    fn is_folder(&self, typed: &Typed, shown: &[Match], listing: Option<&Listing>) -> bool {
        match self.at.and_then(|at| shown.get(at)) {
            Some(entry) => entry.is_folder,
            None => listing.is_some_and(|all| matches!(typed.find(all), Ok((_, true)))),
        }
    }

    /// Moves the choice by the arrows.
    fn arrows(&mut self, ui: &Ui, shown: usize) {
        self.at = self.at.filter(|at| *at < shown);
        let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
        if shown == 0 {
            return;
        }
        if pressed(Key::ArrowDown) {
            self.at = Some(self.at.map_or(0, |at| (at + 1) % shown));
        }
        if pressed(Key::ArrowUp) {
            self.at = Some(self.at.map_or(shown - 1, |at| (at + shown - 1) % shown));
        }
    }

    /// Returns what Tab would write; nothing where it goes on to the next control.
    fn complete(&self, typed: &Typed, all: &[Match], shown: &[Match]) -> Option<String> {
        let text = match self.at.and_then(|at| shown.get(at)) {
            Some(one) => one.text.clone(),
            None => typed.complete(all),
        };
        (text != self.text).then_some(text)
    }

    fn tab(&mut self, ui: &Ui, field: Id, typed: &Typed, all: &[Match], shown: &[Match]) {
        if ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Tab))
            && let Some(text) = self.complete(typed, all, shown)
        {
            self.write(ui, field, text);
        }
    }

    /// Puts a text into the field, and the cursor behind it.
    fn write(&mut self, ui: &Ui, field: Id, text: String) {
        let end = CCursor::new(text.chars().count());
        let mut state = TextEditState::load(ui.ctx(), field).unwrap_or_default();
        state.cursor.set_char_range(Some(CCursorRange::one(end)));
        state.store(ui.ctx(), field);
        self.text = text;
        self.at = None;
        ui.ctx().request_repaint();
    }

    /// Adds what the arrows are at, or else what was typed.
    fn add(
        &mut self,
        ui: &Ui,
        field: Id,
        typed: &Typed,
        at: Option<&Match>,
        session: &Session,
        actions: &mut Vec<Action>,
    ) {
        let (path, is_folder) = match (at, self.lister.listing(&typed.folder)) {
            (Some(at), _) => (typed.folder.join(&at.name), at.is_folder),
            (None, _) if self.text.trim().is_empty() => return,
            (None, Some(Ok(listing))) => match typed.find(listing) {
                Ok(found) => found,
                Err(why) => {
                    self.result = Some(Err(why));
                    self.lister.forget(); // it may be there the next time
                    return;
                }
            },
            (None, Some(Err(why))) if typed.url.is_none() => {
                self.result = Some(Err(why.to_string()));
                self.lister.forget();
                return;
            }
            // Where the folder has not answered yet, whoever looks into the file will say.
            (None, _) => (typed.whole(), false),
        };
        let name = text::elide(&name_of(&path), 60);
        let is_queued =
            session.keys.chosen().is_some_and(|to| session.queued_for(to).any(|file| file == path));
        self.result = Some(Ok(match is_folder {
            true => AddedPath::Folder(name),
            false if is_queued => AddedPath::Other(format!("{name} is in the queue already")),
            false => AddedPath::Other(format!("Added {name}")),
        }));
        actions.push(Action::AddPaths(vec![path]));
        // The next one is often beside it.
        self.write(ui, field, typed.beside.clone());
        self.rest = Some(self.text.clone());
    }

    /// Adds the paths of a text of several lines that is pasted.
    fn paste_several(&mut self, ui: &Ui, actions: &mut Vec<Action>) {
        let mut pasted = vec![];
        ui.input_mut(|input| {
            input.events.retain(|event| match event {
                egui::Event::Paste(text) if text.lines().filter(|l| !l.trim().is_empty()).count() > 1 => {
                    pasted.push(text.clone());
                    false
                }
                _ => true,
            });
        });
        for list in pasted {
            let lines: Vec<_> = list.lines().filter(|line| !line.trim().is_empty()).collect();
            let of_line = |line: &&str| DroppedData::of_text(line, &self.host).files.pop();
            let paths: Vec<_> = lines.iter().filter_map(of_line).collect();
            let left = lines.len() - paths.len();
            self.result = Some(match (paths.len(), left) {
                (0, _) => Err("No pasted line is an absolute path".to_owned()),
                (n, 0) => Ok(AddedPath::Other(format!("Added {n} paths"))),
                (n, left) => Ok(AddedPath::Other(format!(
                    "Added {}; {} not an absolute path",
                    text::count(n, "path"),
                    if left == 1 { "1 line is".to_owned() } else { format!("{left} lines are") }
                ))),
            });
            actions.push(Action::AddPaths(paths));
        }
    }

    /// Draws what there is to choose from, as high as it can get; gives back what was clicked.
    fn list(
        &mut self,
        sheet: &mut Sheet<'_>,
        typed: &Typed,
        matches: &[Match],
        (rest, more): (usize, bool),
        provider: &str,
    ) -> Option<usize> {
        let mut clicked = None;
        let room = sheet.room().min(ROW * (SHOWN + 1) as f32);
        let ui = &mut *sheet.ui;
        let name = format!("In {}", name_of(&typed.folder));
        let list = ScrollArea::vertical().max_height(room).min_scrolled_height(room).auto_shrink(false);
        let add = |ui: &mut Ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            for (index, entry) in matches.iter().enumerate() {
                if row(ui, entry, self.at == Some(index), provider).clicked() {
                    clicked = Some(index);
                }
            }
            ui.add_space(theme::STEP);
            match self.lister.listing(&typed.folder) {
                None => dim(ui, &self.lister.waits_for()),
                Some(Err(why)) => dim(ui, &why.to_string()),
                Some(Ok(_)) if matches.is_empty() && typed.part.is_empty() => dim(ui, "Empty folder"),
                Some(Ok(_)) if matches.is_empty() => dim(ui, "No name begins with this"),
                Some(Ok(_)) => match (rest as u64, more) {
                    (0, false) => {}
                    (0, true) => dim(ui, "and perhaps more: not all of this folder was read"),
                    (n, false) => dim(ui, &format!("and {} more", text::thousands(n))),
                    (n, true) => dim(ui, &format!("and more than {} more", text::thousands(n))),
                },
            }
        };
        let output = in_gutter(ui, |ui| list.show(ui, add));
        let list = ui.interact(output.inner_rect, ui.scope_id().with("entries"), Sense::hover());
        list.widget_info(|| WidgetInfo::labeled(Role::ListBox, true, &name));
        clicked
    }

    fn show_message(&self, ui: &mut Ui, is_scanning: bool) {
        let t = tokens(ui);
        let scan;
        let (sentence, colour) = match &self.result {
            Some(Ok(AddedPath::Folder(name))) => {
                scan =
                    if is_scanning { format!("Scanning {name}…") } else { format!("{name} was scanned") };
                (scan.as_str(), if is_scanning { t.dim } else { t.good })
            }
            Some(Ok(AddedPath::Other(sentence))) => (sentence.as_str(), t.good),
            Some(Err(sentence)) => (sentence.as_str(), t.bad),
            None => ("Tab completes · ↑ ↓ choose · Enter adds", t.faint),
        };
        let said = line(ui, sentence, theme::secondary(), colour);
        if self.result.is_some() {
            said.widget_info(|| WidgetInfo::labeled(Role::Status, true, sentence));
            ui.ctx().accesskit_node_builder(said.id, |node| node.set_live(accesskit::Live::Polite));
        }
    }
}

/// Returns the name egui has for the field.
fn field_id() -> Id {
    Id::unique("the path")
}

fn dim(ui: &mut Ui, sentence: &str) {
    ui.add(Label::new(RichText::new(sentence).font(theme::secondary()).color(tokens(ui).dim)).wrap());
}

fn row(ui: &mut Ui, entry: &Match, chosen: bool, provider: &str) -> egui::Response {
    let t = tokens(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
    let shown = text::sanitize(&entry.name.to_string_lossy());
    let name = match (entry.is_folder, entry.is_taken) {
        (true, _) => format!("{shown}, folder"),
        (false, true) => shown.clone(),
        (false, false) => format!("{shown}, not for {provider}"),
    };
    response.widget_info(|| WidgetInfo::labeled(Role::ListBoxOption, true, &name));
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_selected(chosen));
    choice_ground(ui, rect, &response, chosen);
    let colour = if entry.is_folder || entry.is_taken { t.text } else { t.dim };
    let icon = if entry.is_folder { Icon::Folder } else { icon_of(entry.media) };
    let (y, painter) = (rect.center().y, ui.painter());
    let at = pos2(rect.left() + 16.0, y);
    painter.text(at, Align2::CENTER_CENTER, icon.unicode(), theme::icons(14.0), t.dim);
    let shown = fit_middle(ui, &shown, &theme::body(), rect.width() - 44.0);
    line_at(ui, pos2(rect.left() + 32.0, y), &shown, Reading::Name, (theme::body(), colour));
    if chosen {
        response.scroll_to_me(None);
    }
    response
}
