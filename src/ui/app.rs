//! The window: what is on screen, and the one place that does what was wished for.

use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::{Duration, Instant};

use eframe::egui::{self, Key, KeyboardShortcut, Modifiers, Panel, ThemePreference, Ui};
use lucide_icons::Icon;

use super::action::{Action, Copied};
use super::pace::Pace;
use super::sheet::{self, Left, Sheet};
use super::theme::{self, tokens};
use super::thumbs::Thumbs;
use super::{dialog, footer, header, queue, sidebar};
use crate::model::upload::{State, UploadId};
use crate::platform::{clipboard, drops};
use crate::provider;
use crate::session::Session;
use crate::store::settings::Theme;

/// How long a button says "Copied".
const COPIED_FOR: Duration = Duration::from_secs(2);

/// The window's state beside the session.
pub struct App {
    session: Session,
    thumbs: Thumbs,
    pace: Pace,
    copied: Option<(UploadId, Copied, Instant)>,
    sheet: Option<Sheet>,
    notices: Vec<String>,
    /// Files that came before there was anywhere to send them.
    early: Vec<PathBuf>,
    chosen_files: (Sender<dialog::Answer>, Receiver<dialog::Answer>),
    dialog_open: bool,
    hover: Option<drops::Hover>,
    /// When the program began, until the first frame is drawn.
    began: Option<Instant>,
}

/// What drawing the queue needs.
pub(super) struct Seen<'a> {
    pub(super) session: &'a Session,
    pub(super) thumbs: &'a mut Thumbs,
    pub(super) pace: &'a Pace,
    pub(super) copied: Option<(UploadId, Copied, Instant)>,
    again: bool,
}

impl Seen<'_> {
    /// Something on screen counts seconds.
    pub(super) fn again_in_a_second(&mut self) {
        self.again = true;
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
            thumbs: Thumbs::default(),
            pace: Pace::default(),
            copied: None,
            sheet: None,
            notices: vec![],
            early: vec![],
            chosen_files: mpsc::channel(),
            dialog_open: false,
            hover: None,
            began: Some(began),
        };
        app.show_theme(ctx);
        app.add_files(files);
        app
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
                dialog::open(ctx.clone(), facts, self.chosen_files.0.clone());
            }
            Action::ChooseFiles => {}
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
                self.notices.pop();
            }
        }
    }

    /// Keys that work anywhere in the window, but not over a sheet.
    fn keys(&self, ctx: &egui::Context, actions: &mut Vec<Action>) {
        const OPEN: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND, Key::O);
        const UPLOAD: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND, Key::Enter);
        if self.sheet.is_some() {
            return;
        }
        ctx.input_mut(|input| {
            if input.consume_shortcut(&OPEN) {
                actions.push(Action::ChooseFiles);
            }
            if input.consume_shortcut(&UPLOAD) {
                actions.push(Action::Upload);
            }
        });
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
        if changes.any {
            self.notices.extend(self.session.take_notices());
            if !self.early.is_empty() && self.session.chosen().is_some() {
                let early = std::mem::take(&mut self.early);
                self.session.add_files(early);
            }
        }
        self.pace.follow(self.session.queue(), Instant::now());
        while let Ok(answer) = self.chosen_files.1.try_recv() {
            self.dialog_open = false;
            match answer {
                dialog::Answer::Files(files) => self.add_files(files),
                dialog::Answer::Cancelled => {}
                dialog::Answer::Unavailable => self.notices.push(
                    "No file dialog can be opened here: drop the files into the window, or start Hoist with them \
                     (`hoist FILE…`). Package xdg-desktop-portal or zenity brings the dialog"
                        .to_owned(),
                ),
            }
        }
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
        sidebar::show(ui, &self.session, &mut actions);
        header::show(ui, &self.session, &mut actions);
        if let Some(text) = self.notices.last() {
            let frame =
                egui::Frame::new().fill(tokens(ui).window).inner_margin(egui::Margin::symmetric(20, 6));
            Panel::top("notice").resizable(false).show_separator_line(false).frame(frame).show(ui, |ui| {
                if sheet::notice(ui, text) {
                    actions.push(Action::CloseNotice);
                }
            });
        }
        footer::show(ui, &self.session, &self.pace, &mut actions);
        let mut seen = Seen {
            session: &self.session,
            thumbs: &mut self.thumbs,
            pace: &self.pace,
            copied: self.copied,
            again: false,
        };
        queue::show(ui, &mut seen, self.hover.as_ref(), &mut actions);
        if seen.again {
            ctx.request_repaint_after(Duration::from_secs(1));
        }
        self.show_sheet(&ctx);
        for action in actions {
            self.perform(&ctx, action);
            ctx.request_repaint();
        }
        if let Some(began) = self.began.take() {
            tracing::info!(milliseconds = began.elapsed().as_millis() as u64, "the first frame");
        }
    }

    fn on_exit(&mut self, _gl: Option<&eframe::glow::Context>) {
        let moving =
            self.session.queue().items().iter().filter(|i| matches!(i.state, State::Sending { .. })).count();
        if moving > 0 {
            tracing::warn!(moving, "the window was closed while files were being sent");
        }
    }
}
