//! The window: what is on screen.

use std::collections::VecDeque;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::{Duration, Instant};

use eframe::egui::{self, Align2, Panel, ThemePreference, Ui};
use lucide_icons::Icon;

use super::action::{Action, CopiedAt, Page};
use super::add::{AddOutcome, AddSheet};
use super::edit::{self, EditSheet, LabelSheet};
use super::fetch::{self, FetchSheet};
use super::history::HistoryView;
use super::notice::Notices;
use super::paths::PathSheet;
use super::preview_state::CloseUp;
use super::question::{Question, QuestionReply};
use super::scan::{self, Gather};
use super::selection::Selection;
use super::settings::SettingsPage;
use super::theme::{self, tokens};
use super::throughput::Pace;
use super::thumbs::Thumbs;
use super::undo::{self, Undo};
use super::view_context::ViewContext;
use super::widgets::toast;
use super::{
    api_keys, dialog, footer, header, history, inspector, notice, queue, send_to, settings, shortcuts,
    sidebar,
};
use crate::model::destination::Destination;
use crate::model::upload::UploadId;
use crate::platform::display::Panels;
use crate::platform::dnd_clipboard::Exchange;
use crate::platform::inbox::{Inbox, WindowEvent};
use crate::platform::instance::Listening;
use crate::platform::{drops, notify};
use crate::session::imports::{Link, To};
use crate::session::{Finished, Session};
use crate::store::folders::Folders;
use crate::store::settings::Theme;

/// How long a button says "Copied".
const COPIED_FOR: Duration = Duration::from_secs(2);

/// The window's state beside the session.
pub struct App {
    pub(super) session: Session,
    pub(super) page: Page,
    pub(super) history: HistoryView,
    pub(super) settings: SettingsPage,
    /// Where the history is kept, to be exported from, and what else is kept.
    pub(super) folders: Option<Folders>,
    thumbs: Thumbs,
    close_up: CloseUp,
    pace: Pace,
    pub(super) selection: Selection,
    /// The rows of the list to be brought into sight, and how high the list is.
    pub(super) show_rows: Option<RangeInclusive<usize>>,
    pub(super) list_height: f32,
    /// The row that was given the keyboard last by the window itself.
    pub(super) row_focus: Option<UploadId>,
    /// The keyboard is used to get around, and not the pointer.
    pub(super) by_keyboard: bool,
    /// The last file of which the row was brought into sight.
    pub(super) newest: UploadId,
    pub(super) copied: Option<(CopiedAt, Instant)>,
    pub(super) over: Option<Overlay>,
    pub(super) question: Option<Question>,
    /// The user wants it closed though files are being sent.
    pub(super) closing: bool,
    pub(super) notices: Notices,
    pub(super) undo: Option<Undo>,
    pub(super) undo_for: Duration,
    /// Files that came before there was anywhere to send them.
    pub(super) early: Vec<PathBuf>,
    /// Nobody was asked yet whether to fetch these.
    pub(super) links: VecDeque<(Link, To)>,
    pub(super) gather: Gather,
    /// Where `~` is, where that is not the system's to say.
    pub(super) home: Option<PathBuf>,
    pub(super) answers: (Sender<dialog::DialogResult>, Receiver<dialog::DialogResult>),
    pub(super) dialog_open: bool,
    /// What is held over the window, as egui tells it or as the inbox does.
    hover: Option<drops::Hover>,
    pub(super) held: Option<drops::Hover>,
    pub(super) held_at: Option<drops::At>,
    /// Where in the window the destinations are that something can be dropped on.
    pub(super) targets: Vec<(egui::Rect, Arc<Destination>)>,
    pub(super) inbox: (Inbox, Receiver<WindowEvent>),
    /// The window's drops and clipboard; none in a window that nobody sees.
    pub(super) exchange: Option<Exchange>,
    /// So many frames more until it is asked what is in the clipboard.
    pub(super) pastes_in: u8,
    pub(super) listening: Option<Listening>,
    /// What of the screen is taken, until the window was made to fit it; nothing in a window that is never shown.
    pub(super) panels: Option<Panels>,
    /// When the program began, until the first frame is drawn.
    began: Option<Instant>,
}

/// What lies over the window.
pub(super) enum Overlay {
    /// An account is being added.
    Add(AddSheet),
    /// A destination is being changed.
    Edit(EditSheet),
    /// A key gets another name.
    Rename(LabelSheet),
    /// It is asked where these go.
    Places(Vec<UploadId>),
    /// It is asked whether to fetch what links name.
    Fetch(FetchSheet),
    /// Files are added by their paths.
    Paths(Box<PathSheet>),
    /// Everything about what is selected, where there is no room beside the queue.
    Details,
    /// The keys.
    Shortcuts,
    /// What Hoist is made of.
    Licences,
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
            page: Page::default(),
            history: HistoryView::default(),
            folders: None,
            settings: SettingsPage::default(),
            thumbs: Thumbs::default(),
            close_up: CloseUp::default(),
            pace: Pace::default(),
            selection: Selection::default(),
            show_rows: None,
            list_height: 0.0,
            row_focus: None,
            by_keyboard: false,
            newest: session.queue().last_named(),
            copied: None,
            over: None,
            undo: None,
            undo_for: undo::FOR,
            question: None,
            closing: false,
            notices: Notices::default(),
            early: vec![],
            links: VecDeque::new(),
            gather: Gather::default(),
            home: None,
            answers: mpsc::channel(),
            dialog_open: false,
            hover: None,
            held: None,
            held_at: None,
            targets: vec![],
            inbox: Inbox::new(ctx),
            exchange: None,
            pastes_in: 0,
            listening: None,
            panels: None,
            began: Some(began),
            session,
        };
        app.show_theme(ctx);
        app.add_files(files);
        app
    }

    /// The same, but what was removed can be taken back for so long.
    #[must_use]
    pub fn undone_for(self, time: Duration) -> App {
        App { undo_for: time, ..self }
    }

    /// Shows each notice for so long at least, whatever its text.
    pub fn show_notices_for(&mut self, time: Duration) {
        self.notices.show_for(time);
    }

    /// The same, and the history can be exported: it is kept in these folders.
    #[must_use]
    pub fn kept_in(self, folders: Folders) -> App {
        App { folders: Some(folders), ..self }
    }

    /// The same, and `~` in a path is this folder.
    #[must_use]
    pub fn at_home(self, home: PathBuf) -> App {
        App { home: Some(home), ..self }
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
        self.thumbs.are_awaited() || self.close_up.is_awaited()
    }

    /// The session under the window, to change.
    pub fn session_mut(&mut self) -> &mut Session {
        &mut self.session
    }

    pub(super) fn show_theme(&self, ctx: &egui::Context) {
        ctx.set_theme(match self.session.settings().theme {
            Theme::System => ThemePreference::System,
            Theme::Light => ThemePreference::Light,
            Theme::Dark => ThemePreference::Dark,
        });
    }

    /// Files whose bytes move, or whose answer is awaited.
    pub(super) fn moving(&self) -> usize {
        self.session.queue().totals().moving
    }

    /// Shows a notice; no text is none.
    pub(super) fn notify(&mut self, notice: String) {
        self.notices.add(notice);
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

    fn ask(&mut self, ctx: &egui::Context, actions: &mut Vec<Action>) {
        let moving = self.moving();
        let unrecorded = self.session.unrecorded();
        if self.question.is_none() && unrecorded > 0 {
            let why = self.session.history_trouble().unwrap_or_else(|| "it could not be written".to_owned());
            self.question = Some(Question::WithoutHistory(unrecorded, why));
        }
        if unrecorded == 0 {
            self.question.take_if(|question| matches!(question, Question::WithoutHistory(..)));
        }
        let Some(question) = &mut self.question else { return };
        match question {
            Question::Close(count) => *count = moving,
            Question::WithoutHistory(count, _) => *count = unrecorded,
            _ => {}
        }
        match (question.show(ctx), question.clone()) {
            (QuestionReply::None, _) => return,
            (QuestionReply::No, Question::WithoutHistory(..)) => self.session.wait_for_history(),
            (QuestionReply::Yes, Question::WithoutHistory(..)) => self.session.send_without_history(),
            (QuestionReply::No, _) => {}
            (QuestionReply::Yes, Question::Close(_)) => actions.push(Action::CloseAnyway),
            (QuestionReply::Yes, Question::Clear(_)) => actions.push(Action::ClearHistory),
            (QuestionReply::Yes, Question::RemoveKey { name, .. }) => actions.push(Action::RemoveKey(name)),
        }
        actions.push(Action::CloseQuestion);
    }

    /// Shows what lies over the window.
    fn show_over(&mut self, ctx: &egui::Context, actions: &mut Vec<Action>) {
        if self.ask_about_much(ctx) {
            return;
        }
        let closed = match &mut self.over {
            None => return,
            Some(Overlay::Add(sheet)) => match sheet.show(ctx, &mut self.session) {
                AddOutcome::Open => false,
                AddOutcome::Closed => true,
                AddOutcome::Destinations { key, new } => {
                    self.session.add_destinations(key, new);
                    true
                }
                AddOutcome::Key { vendor, name, key, new, answer } => {
                    self.session.add_key(vendor, name, key, new, answer.map(|answer| *answer));
                    true
                }
            },
            Some(Overlay::Edit(sheet)) => {
                let left = sheet.show(ctx, &self.session);
                self.changed(left)
            }
            Some(Overlay::Rename(sheet)) => {
                let left = sheet.show(ctx, &self.session);
                self.changed(left)
            }
            Some(Overlay::Fetch(sheet)) => match sheet.show(ctx, &self.session) {
                fetch::FetchOutcome::Open => false,
                fetch::FetchOutcome::Closed => true,
                fetch::FetchOutcome::Fetch(links, to) => {
                    self.session.fetch(links, &to);
                    true
                }
            },
            Some(Overlay::Places(ids)) => send_to::show(ctx, &self.session, ids, actions),
            Some(Overlay::Paths(sheet)) => sheet.show(ctx, &self.session, actions),
            Some(Overlay::Shortcuts) => shortcuts::show(ctx),
            Some(Overlay::Licences) => settings::licences::show(ctx),
            Some(Overlay::Details) => {
                let mut seen = ViewContext {
                    session: &self.session,
                    thumbs: &mut self.thumbs,
                    pace: &self.pace,
                    selection: &self.selection,
                    show_rows: &mut self.show_rows,
                    row_focus: self.row_focus,
                    by_keyboard: self.by_keyboard,
                    copied: self.copied.as_ref().map(|(spot, _)| spot),
                    again: None,
                };
                let there = seen.selection.len() > 0;
                let closed = inspector::show_over(ctx, &mut seen, &mut self.close_up, actions);
                closed || !there || !is_narrow(ctx)
            }
        };
        if closed {
            self.over = None;
        }
    }

    /// Takes over what was changed in a sheet; true when that was closed.
    fn changed(&mut self, left: edit::EditOutcome) -> bool {
        match left {
            edit::EditOutcome::Open => return false,
            edit::EditOutcome::Closed => {}
            edit::EditOutcome::Changed { before, after } => self.session.change_destination(before, after),
            edit::EditOutcome::Called { key, label } => self.session.label_key(key, label),
        }
        true
    }

    fn show_undo(&mut self, ctx: &egui::Context, actions: &mut Vec<Action>) {
        let Some(undo) = &self.undo else { return };
        match undo.time_left(Instant::now()) {
            Some(left) => {
                ctx.request_repaint_after(left);
                if toast(ctx, &undo.words, "Undo") {
                    actions.push(Action::Undo);
                }
            }
            None => self.forget_undo(),
        }
    }

    /// Everything asked for has ended: told by the system where the window is not in front, and copied where that is set.
    fn finished(&mut self, ctx: &egui::Context, finished: &Finished) {
        let settings = self.session.settings();
        if settings.notify && !ctx.input(|input| input.focused) {
            let (summary, body) = finished.summary();
            notify::notify(summary, body);
        }
        if settings.copy_when_done && !finished.ids.is_empty() {
            let format = settings.copy_format;
            self.perform(ctx, Action::CopyItems(CopiedAt::Batch, finished.ids.clone(), format));
        }
    }

    fn banner(&self, ui: &mut Ui) {
        let t = tokens(ui);
        if self.session.is_sandbox() {
            let frame =
                egui::Frame::new().fill(t.warning_ground).inner_margin(egui::Margin::symmetric(20, 5));
            Panel::top("sandbox").resizable(false).frame(frame).show(ui, |ui| {
                ui.horizontal(|ui| {
                    // Painted: its letter means nothing to who cannot see it.
                    let (at, _) = ui.allocate_exact_size(egui::vec2(14.0, 15.0), egui::Sense::hover());
                    let flask = Icon::FlaskConical.unicode();
                    ui.painter().text(
                        at.center(),
                        Align2::CENTER_CENTER,
                        flask,
                        theme::icons(14.0),
                        t.warning,
                    );
                    let words = egui::RichText::new("Sandbox: nothing leaves this computer");
                    ui.add(egui::Label::new(words.font(theme::strong()).color(t.warning)).truncate());
                });
            });
        }
    }
}

/// There is no room for a panel at the right.
pub(super) fn is_narrow(ctx: &egui::Context) -> bool {
    ctx.content_rect().width() < theme::NO_INSPECTOR
}

impl eframe::App for App {
    fn raw_input_hook(&mut self, _ctx: &egui::Context, input: &mut egui::RawInput) {
        self.clipboard_keys(input);
        self.pointer_gone(input);
    }

    fn on_exit(&mut self, _gl: Option<&eframe::glow::Context>) {
        self.leave();
    }

    fn logic(&mut self, ctx: &egui::Context, _frame: &mut eframe::Frame) {
        let before = self.selection.cursor().and_then(|id| self.session.queue().index(id));
        let changes = self.session.poll();
        for (id, picture) in changes.pictures {
            self.thumbs.take(ctx, id, picture);
        }
        for (id, preview) in changes.previews {
            self.close_up.take_preview(ctx, id, preview);
        }
        for (id, details) in changes.details {
            self.close_up.take_details(id, details);
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
        for (file, to) in changes.brought {
            self.stage(vec![file], to);
        }
        self.links.extend(changes.passed_on);
        for gathered in changes.gathered {
            self.take_gathered(gathered);
        }
        if let Some(finished) = &changes.finished {
            self.finished(ctx, finished);
        }
        if changes.any {
            for notice in self.session.take_notices() {
                self.notify(notice);
            }
            if !self.early.is_empty() && self.session.chosen().is_some() {
                let early = std::mem::take(&mut self.early);
                self.session.add_files(early);
            }
            self.selection.follow(self.session.queue(), before);
            self.show_theme(ctx); // another program may have set it
        }
        self.pace.follow(self.session.queue(), Instant::now());
        while let Ok(answer) = self.answers.1.try_recv() {
            self.dialog_open &= matches!(answer, dialog::DialogResult::Said(_));
            match answer {
                dialog::DialogResult::Files(files) => self.add_files(files),
                dialog::DialogResult::Cancelled => {}
                dialog::DialogResult::Unavailable => {
                    self.notify(dialog::no_dialog());
                    self.type_paths(ctx, true);
                }
                dialog::DialogResult::Ended(notice) | dialog::DialogResult::Said(notice) => {
                    self.notify(notice);
                }
            }
        }
        self.ingest(ctx); // hidden, too: it may be wanted in front
        self.write_clipboard(ctx);
        self.fit_screen(ctx);
        self.may_close(ctx);
    }

    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        let ctx = ui.ctx().clone();
        // Not in `logic`, which while hidden sees the same input again and again.
        self.ingest_pasted(&ctx);
        let to = ctx.pointer_latest_pos().and_then(|at| self.target_at(at));
        self.add_files_to(drops::dropped(&ctx), to);
        self.ask_for_links();
        self.hover = drops::hover(&ctx).or_else(|| self.held.clone());
        let mut actions = vec![];
        self.follow_keyboard(&ctx);
        self.keys(&ctx, &mut actions);
        self.follow_new_rows();
        if let Some((_, at)) = self.copied {
            match COPIED_FOR.checked_sub(at.elapsed()) {
                Some(left) => ctx.request_repaint_after(left),
                None => self.copied = None,
            }
        }
        self.banner(ui);
        let target = self.held_at.filter(|_| self.hover.is_some()).map(|at| at.in_points(&ctx));
        let target = target.and_then(|at| self.target_at(at));
        self.targets = sidebar::show(ui, &self.session, self.page, target.as_ref(), &mut actions);
        // Files are dropped on the queue, wherever one was before.
        let page = if self.hover.is_some() { Page::Upload } else { self.page };
        let mut seen = ViewContext {
            session: &self.session,
            thumbs: &mut self.thumbs,
            pace: &self.pace,
            selection: &self.selection,
            show_rows: &mut self.show_rows,
            row_focus: self.row_focus,
            by_keyboard: self.by_keyboard,
            copied: self.copied.as_ref().map(|(spot, _)| spot),
            again: None,
        };
        let beside =
            page == Page::Upload && self.hover.is_none() && self.selection.len() > 0 && !is_narrow(&ctx);
        if beside {
            inspector::show(ui, &mut seen, &mut self.close_up, &mut actions);
        } else if !matches!(self.over, Some(Overlay::Details)) {
            self.close_up.leave(&self.session);
        }
        match page {
            Page::Upload => header::show(ui, &self.session, &mut actions),
            Page::History => {
                history::header(ui, &self.session, &mut self.history, self.folders.is_some(), &mut actions);
            }
            Page::Keys => api_keys::header(ui, &mut actions),
            Page::Settings => settings::header(ui),
        }
        let covered = self.over.is_some() || self.question.is_some() || self.gather.asks();
        let reads = !covered && ctx.input(|input| input.focused);
        if let Some((text, more, left)) = self.notices.on(page, reads, Instant::now()) {
            if notice::show(ui, text, more) {
                actions.push(Action::CloseNotice);
            }
            if let Some(left) = left {
                ctx.request_repaint_after(left);
            }
        }
        if let Some(fetching) = self.session.fetching()
            && fetch::show_line(ui, &fetching)
        {
            actions.push(Action::StopFetching);
        }
        scan::bar(ui, &self.session, &mut actions);
        match page {
            Page::Upload => {
                footer::show(ui, &seen, &mut actions);
                self.list_height = ui.available_height();
                let hover = self.hover.as_ref().map(|hover| (hover, target.as_deref()));
                queue::show(ui, &mut seen, hover, &mut actions);
            }
            Page::History => history::show(ui, &mut seen, &mut self.history, &mut actions),
            Page::Keys => api_keys::show(ui, &self.session, &mut actions),
            Page::Settings => {
                settings::show(ui, &seen, self.folders.as_ref(), &mut self.settings, &mut actions);
            }
        }
        if let Some(time) = seen.again {
            ctx.request_repaint_after(time);
        }
        let session = &self.session;
        self.thumbs.leave_unseen(|id| session.unwant_picture(id));
        self.show_over(&ctx, &mut actions);
        self.ask(&ctx, &mut actions);
        self.show_undo(&ctx, &mut actions);
        for action in actions {
            self.perform(&ctx, action);
            ctx.request_repaint();
        }
        self.write_clipboard(&ctx);
        self.paste_soon(&ctx);
        if self.gather.began() {
            ctx.request_repaint(); // most are sorted by then
        }
        if let Some(began) = self.began.take() {
            tracing::info!(milliseconds = began.elapsed().as_millis() as u64, "the first frame");
        }
    }
}
