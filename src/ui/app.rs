//! The window: what is on screen, and the one place that does what was wished for.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::{Duration, Instant};

use eframe::egui::{self, Key, KeyboardShortcut, Modifiers, Panel, ThemePreference, Ui};
use lucide_icons::Icon;

use super::action::{Action, Copied, Page};
use super::history::{self, Shown, export};
use super::pace::Pace;
use super::question::{Answer, Question};
use super::sheet::{self, Left, Sheet};
use super::theme::{self, tokens};
use super::thumbs::Thumbs;
use super::{dialog, footer, header, queue, sidebar};
use crate::model::upload::UploadId;
use crate::platform::{clipboard, drops};
use crate::provider;
use crate::session::Session;
use crate::session::export::Format;
use crate::store::folders::Folders;
use crate::store::history::Query;
use crate::store::settings::Theme;

/// How long a button says "Copied".
const COPIED_FOR: Duration = Duration::from_secs(2);

/// The window's state beside the session.
pub struct App {
    session: Session,
    page: Page,
    history: Shown,
    /// Where the history is kept, to be exported from.
    folders: Option<Folders>,
    thumbs: Thumbs,
    pace: Pace,
    copied: Option<(UploadId, Copied, Instant)>,
    sheet: Option<Sheet>,
    question: Option<Question>,
    /// The user wants it closed though files are being sent.
    closing: bool,
    /// The first is shown; the others follow when it is closed.
    notices: VecDeque<String>,
    /// Files that came before there was anywhere to send them.
    early: Vec<PathBuf>,
    answers: (Sender<dialog::Answer>, Receiver<dialog::Answer>),
    dialog_open: bool,
    hover: Option<drops::Hover>,
    /// When the program began, until the first frame is drawn.
    began: Option<Instant>,
}

/// What drawing the queue and the history needs.
pub(super) struct Seen<'a> {
    pub(super) session: &'a Session,
    pub(super) thumbs: &'a mut Thumbs,
    pub(super) pace: &'a Pace,
    pub(super) copied: Option<(UploadId, Copied, Instant)>,
    again: Option<Duration>,
}

impl Seen<'_> {
    /// Something on screen counts seconds.
    pub(super) fn again_in_a_second(&mut self) {
        self.again_in(Duration::from_secs(1));
    }

    /// Something on screen is another thing then.
    pub(super) fn again_in(&mut self, time: Duration) {
        self.again = Some(self.again.map_or(time, |sooner| sooner.min(time)));
    }
}

impl App {
    /// A window over a session, with files staged.
    pub fn new(ctx: &egui::Context, session: Session, files: Vec<PathBuf>) -> App {
        App::began_at(Instant::now(), ctx, session, files)
    }

    /// The same; how long the first frame took since `began` goes to the log.
    pub(super) fn began_at(
        began: Instant,
        ctx: &egui::Context,
        session: Session,
        files: Vec<PathBuf>,
    ) -> App {
        theme::install(ctx);
        let mut app = App {
            session,
            page: Page::default(),
            history: Shown::default(),
            folders: None,
            thumbs: Thumbs::default(),
            pace: Pace::default(),
            copied: None,
            sheet: None,
            question: None,
            closing: false,
            notices: VecDeque::new(),
            early: vec![],
            answers: mpsc::channel(),
            dialog_open: false,
            hover: None,
            began: Some(began),
        };
        app.show_theme(ctx);
        app.add_files(files);
        app
    }

    /// The same, and the history can be exported: it is kept in these folders.
    #[must_use]
    pub fn kept_in(self, folders: Folders) -> App {
        App { folders: Some(folders), ..self }
    }

    /// How many uploads of the history are in memory: never more than some screens full.
    pub fn uploads_in_memory(&self) -> usize {
        self.history.kept()
    }

    /// The session under the window.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Whether small pictures are still being made: what is on screen will change by itself.
    pub fn awaits_pictures(&self) -> bool {
        self.thumbs.are_awaited()
    }

    /// The session under the window, to change.
    pub fn session_mut(&mut self) -> &mut Session {
        &mut self.session
    }

    fn show_theme(&self, ctx: &egui::Context) {
        ctx.set_theme(match self.session.settings().theme {
            Theme::System => ThemePreference::System,
            Theme::Light => ThemePreference::Light,
            Theme::Dark => ThemePreference::Dark,
        });
    }

    fn add_files(&mut self, files: Vec<PathBuf>) {
        if files.is_empty() {
            return;
        }
        self.go_to(Page::Upload);
        if self.session.chosen().is_some() {
            self.session.add_files(files);
        } else {
            self.early.extend(files);
            if self.sheet.is_none() {
                self.sheet = Some(Sheet::new(&self.session));
            }
        }
    }

    fn perform(&mut self, ctx: &egui::Context, action: Action) {
        match action {
            Action::ChooseFiles if !self.dialog_open && self.session.chosen().is_some() => {
                self.dialog_open = true;
                let facts =
                    self.session.chosen().and_then(|d| provider::by_id(&d.provider)).map(|p| p.facts());
                dialog::open(ctx.clone(), facts, self.answers.0.clone());
            }
            Action::ChooseFiles => {}
            Action::Page(page) => self.go_to(page),
            Action::Search => {
                self.go_to(Page::History);
                ctx.memory_mut(|memory| memory.request_focus(history::search_id()));
            }
            Action::AcceptChange(id) => self.session.accept_change(id),
            Action::AddFile(file, Some(destination)) => {
                self.go_to(Page::Upload);
                self.session.add_files_to([file], &destination);
            }
            Action::AddFile(file, None) => self.add_files(vec![file]),
            Action::Reveal(file) => dialog::reveal(ctx.clone(), file, self.answers.0.clone()),
            Action::Forget(id) => self.session.forget(vec![id]),
            Action::AskToClear => self.question = Some(Question::Clear(self.session.history_count())),
            Action::ClearHistory => self.session.clear_history(),
            Action::Export(format, query) => self.export(ctx, format, query),
            Action::CloseAnyway => {
                tracing::warn!(moving = self.moving(), "the window was closed while files were being sent");
                self.closing = true;
                ctx.send_viewport_cmd(egui::ViewportCommand::Close);
            }
            Action::CloseQuestion => self.question = None,
            Action::Upload => self.session.upload_all(),
            Action::Choose(place) => self.session.choose(place),
            Action::AddDestination => self.sheet = Some(Sheet::new(&self.session)),
            Action::RemoveDestination(name) => self.session.remove_destination(name),
            Action::Copy(id, which, text) => {
                clipboard::copy(ctx, text);
                self.copied = Some((id, which, Instant::now()));
            }
            Action::Cancel(id) => self.session.cancel(id),
            Action::Remove(id) => self.session.remove(id),
            Action::ClearFinished => self.session.clear_finished(),
            Action::SendAgain(id) => self.session.send_again(id),
            Action::AddBack(id) => self.session.add_back(id),
            Action::LookAgain(id) => self.session.look_again(id),
            Action::SendTo(id, place) => {
                if let Some(destination) = self.session.destinations().get(place).cloned() {
                    self.session.redirect(id, &destination);
                }
            }
            Action::NextTheme => {
                let next = match self.session.settings().theme {
                    Theme::System => Theme::Light,
                    Theme::Light => Theme::Dark,
                    Theme::Dark => Theme::System,
                };
                self.session.set_theme(next);
                self.show_theme(ctx);
            }
            Action::CloseNotice => {
                self.notices.pop_front();
            }
        }
    }

    fn go_to(&mut self, page: Page) {
        if self.page != page {
            self.page = page;
            self.copied = None; // it was another button that said so
        }
    }

    fn export(&mut self, ctx: &egui::Context, format: Format, query: Query) {
        let Some(folders) = self.folders.clone().filter(|_| !self.dialog_open) else { return };
        self.dialog_open = true;
        dialog::save(ctx.clone(), export::file_name(format), self.answers.0.clone(), move |file| {
            export::to_file(&folders, &query, format, file)
        });
    }

    /// Files whose bytes move, or whose answer is awaited.
    fn moving(&self) -> usize {
        self.session.queue().items().iter().filter(|item| item.state.is_moving()).count()
    }

    /// Nobody needs to hear the same twice.
    fn tell(&mut self, notice: String) {
        if !notice.is_empty() && !self.notices.contains(&notice) {
            self.notices.push_back(notice);
        }
    }

    /// Closing asks once while files are being sent, and never otherwise.
    fn may_close(&mut self, ctx: &egui::Context) {
        let wanted = ctx.input(|input| input.viewport().close_requested());
        if !wanted || self.closing || self.moving() == 0 {
            return;
        }
        self.question = Some(Question::Close(self.moving()));
        ctx.send_viewport_cmd(egui::ViewportCommand::CancelClose);
        if ctx.input(|input| input.viewport().minimized == Some(true)) {
            ctx.send_viewport_cmd(egui::ViewportCommand::Minimized(false));
        }
    }

    /// Keys that work anywhere in the window, but not over a sheet.
    fn keys(&self, ctx: &egui::Context, actions: &mut Vec<Action>) {
        const OPEN: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND, Key::O);
        const UPLOAD: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND, Key::Enter);
        const SEARCH: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND, Key::F);
        if self.sheet.is_some() || self.question.is_some() {
            return;
        }
        ctx.input_mut(|input| {
            if input.consume_shortcut(&OPEN) {
                actions.push(Action::ChooseFiles);
            }
            // Only where it can be seen what is sent.
            if self.page == Page::Upload && input.consume_shortcut(&UPLOAD) {
                actions.push(Action::Upload);
            }
            if input.consume_shortcut(&SEARCH) {
                actions.push(Action::Search);
            }
            for (page, key) in Page::ALL.into_iter().zip([Key::Num1, Key::Num2]) {
                if input.consume_shortcut(&KeyboardShortcut::new(Modifiers::COMMAND, key)) {
                    actions.push(Action::Page(page));
                }
            }
        });
    }

    fn ask(&mut self, ctx: &egui::Context, actions: &mut Vec<Action>) {
        let moving = self.moving();
        let Some(question) = &mut self.question else { return };
        if let Question::Close(count) = question {
            *count = moving;
        }
        match (question.show(ctx), *question) {
            (Answer::None, _) => return,
            (Answer::No, _) => {}
            (Answer::Yes, Question::Close(_)) => actions.push(Action::CloseAnyway),
            (Answer::Yes, Question::Clear(_)) => actions.push(Action::ClearHistory),
        }
        actions.push(Action::CloseQuestion);
    }

    fn show_sheet(&mut self, ctx: &egui::Context) {
        let Some(sheet) = &mut self.sheet else { return };
        match sheet.show(ctx, &self.session) {
            Left::Open => return,
            Left::Closed => {}
            Left::Destination { key, new } => self.session.add_destinations(key, vec![new]),
            Left::Key { service, name, key, new } => self.session.add_key(service, name, key, vec![new]),
        }
        self.sheet = None;
    }

    fn notice(&self, ui: &mut Ui, actions: &mut Vec<Action>) {
        let Some(text) = self.notices.front() else { return };
        let frame = egui::Frame::new().fill(tokens(ui).window).inner_margin(egui::Margin::symmetric(20, 6));
        Panel::top("notice").resizable(false).show_separator_line(false).frame(frame).show(ui, |ui| {
            if sheet::notice(ui, text, self.notices.len() - 1) {
                actions.push(Action::CloseNotice);
            }
        });
    }

    fn banner(&self, ui: &mut Ui) {
        let t = tokens(ui);
        if self.session.is_sandbox() {
            let frame =
                egui::Frame::new().fill(t.warning_ground).inner_margin(egui::Margin::symmetric(20, 5));
            Panel::top("sandbox").resizable(false).frame(frame).show(ui, |ui| {
                ui.horizontal(|ui| {
                    let icon = egui::RichText::new(Icon::FlaskConical.unicode())
                        .font(theme::icons(14.0))
                        .color(t.warning);
                    ui.add(egui::Label::new(icon));
                    let words = egui::RichText::new("Sandbox: nothing leaves this computer");
                    ui.add(egui::Label::new(words.font(theme::medium(13.0)).color(t.warning)).truncate());
                });
            });
        }
    }
}

impl eframe::App for App {
    fn logic(&mut self, ctx: &egui::Context, _frame: &mut eframe::Frame) {
        let changes = self.session.look();
        for (id, picture) in changes.pictures {
            self.thumbs.take(ctx, id, picture);
        }
        if changes.history {
            self.history.changed();
        }
        if let Some((query, ids)) = changes.found {
            self.history.found(query, ids);
        }
        if !changes.records.is_empty() {
            self.history.read(changes.records);
        }
        if changes.any {
            for notice in self.session.take_notices() {
                self.tell(notice);
            }
            if !self.early.is_empty() && self.session.chosen().is_some() {
                let early = std::mem::take(&mut self.early);
                self.session.add_files(early);
            }
        }
        self.pace.follow(self.session.queue(), Instant::now());
        while let Ok(answer) = self.answers.1.try_recv() {
            self.dialog_open &= matches!(answer, dialog::Answer::Said(_));
            match answer {
                dialog::Answer::Files(files) => self.add_files(files),
                dialog::Answer::Cancelled => {}
                dialog::Answer::Ended(notice) | dialog::Answer::Said(notice) => self.tell(notice),
            }
        }
        self.may_close(ctx);
    }

    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        let ctx = ui.ctx().clone();
        // Not in `logic`, which while hidden sees the same input again and again.
        let dropped = drops::dropped(&ctx);
        self.add_files(dropped);
        self.hover = drops::hover(&ctx);
        let mut actions = vec![];
        self.keys(&ctx, &mut actions);
        if let Some((_, _, at)) = self.copied {
            match COPIED_FOR.checked_sub(at.elapsed()) {
                Some(left) => ctx.request_repaint_after(left),
                None => self.copied = None,
            }
        }
        self.banner(ui);
        sidebar::show(ui, &self.session, self.page, &mut actions);
        // Files are dropped on the queue, wherever one was before.
        let page = if self.hover.is_some() { Page::Upload } else { self.page };
        let can_export = self.folders.is_some();
        match page {
            Page::Upload => header::show(ui, &self.session, &mut actions),
            Page::History => {
                history::header(ui, &self.session, &mut self.history, can_export, &mut actions);
            }
        }
        self.notice(ui, &mut actions);
        if page == Page::Upload {
            footer::show(ui, &self.session, &self.pace, &mut actions);
        }
        let mut seen = Seen {
            session: &self.session,
            thumbs: &mut self.thumbs,
            pace: &self.pace,
            copied: self.copied,
            again: None,
        };
        match page {
            Page::Upload => queue::show(ui, &mut seen, self.hover.as_ref(), &mut actions),
            Page::History => history::show(ui, &mut seen, &mut self.history, &mut actions),
        }
        if let Some(time) = seen.again {
            ctx.request_repaint_after(time);
        }
        self.show_sheet(&ctx);
        self.ask(&ctx, &mut actions);
        for action in actions {
            self.perform(&ctx, action);
            ctx.request_repaint();
        }
        if let Some(began) = self.began.take() {
            tracing::info!(milliseconds = began.elapsed().as_millis() as u64, "the first frame");
        }
    }
}
