//! The window's state, part by part; what is done with it stands in the files that do it.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use eframe::egui::{self, ThemePreference};

use super::action::{CopiedAt, Page};
use super::desktop::Desktop;
use super::details_panel::PanelForm;
use super::dialog::Dialogs;
use super::drag::DragOver;
use super::file_list::FileList;
use super::import_sheet::ImportSheet;
use super::last_copy::LastCopy;
use super::motion;
use super::notices::Notices;
use super::overlay::{Overlay, Overlays};
use super::pages::Pages;
use super::preview_state::Previews;
use super::screen::{ScreenFit, has_room_for_details};
use super::selection::FileOrder;
use super::theme;
use super::throughput::Pace;
use super::trial::Trial;
use super::undo::Undo;
use crate::platform::dialog_parent::DialogParent;
use crate::platform::display_loss;
use crate::platform::inbox::Inbox;
use crate::platform::instance::Owner;
use crate::session::Session;
use crate::session::api::{Folders, Theme};
use crate::session::notice::Notice;

/// The window: a session, and what is on screen of it.
pub struct App {
    pub(super) session: Session,
    pub(super) pages: Pages,
    pub(super) list: FileList,
    pub(super) previews: Previews,
    pub(super) pace: Pace,
    pub(super) copied: LastCopy,
    pub(super) overlays: Overlays,
    pub(super) notices: Notices,
    pub(super) undo: Undo,
    pub(super) dialogs: Dialogs,
    pub(super) drag: DragOver,
    pub(super) desktop: Desktop,
    pub(super) screen: ScreenFit,
    pub(super) trial: Trial,
    /// When the program began, until the first frame is drawn.
    pub(super) began: Option<Instant>,
}

impl App {
    /// Makes a window over a session, with files staged.
    pub fn new(ctx: &egui::Context, session: Session, files: Vec<PathBuf>) -> App {
        App::began_at(Instant::now(), ctx, session, files)
    }

    /// Makes the same; how long the first frame took since `began` goes to the log.
    pub(super) fn began_at(
        began: Instant,
        ctx: &egui::Context,
        session: Session,
        files: Vec<PathBuf>,
    ) -> App {
        theme::install(ctx);
        let mut app = App {
            pages: Pages::new(session.uploads.queue()),
            list: FileList::new("the queue"),
            previews: Previews::default(),
            pace: Pace::default(),
            copied: LastCopy::default(),
            overlays: Overlays::default(),
            notices: Notices::default(),
            undo: Undo::default(),
            dialogs: Dialogs::default(),
            drag: DragOver::default(),
            desktop: Desktop::new(ctx),
            screen: ScreenFit::default(),
            trial: Trial::default(),
            began: Some(began),
            session,
        };
        app.show_theme(ctx);
        app.recall(ctx);
        if !files.is_empty() {
            app.add_files(files);
        }
        app
    }

    /// Offers what was removed to be taken back for so long; uploads of the history can be for so long after that.
    #[must_use]
    pub fn undone_for(mut self, time: Duration, kept_for: Duration) -> App {
        self.undo.offer_for(time, kept_for);
        self
    }

    /// Shows each notice for so long.
    pub fn show_notices_for(&mut self, time: Duration) {
        self.notices.show_for(time);
    }

    /// Lets the history be exported: it is kept in these folders.
    #[must_use]
    pub fn kept_in(mut self, folders: Folders) -> App {
        self.pages.folders = Some(folders);
        self
    }

    /// Has `~` in a path stand for this folder.
    #[must_use]
    pub fn at_home(mut self, home: PathBuf) -> App {
        self.dialogs.home = Some(home);
        self
    }

    /// Connects to the drops and the clipboard of a real window, and to its screen.
    #[must_use]
    pub(super) fn in_window(mut self, window: &eframe::CreationContext<'_>) -> App {
        self.desktop.connect(window);
        self.dialogs.parent = DialogParent::of(window);
        display_loss::end_with(window);
        motion::start(&window.egui_ctx);
        self.screen = ScreenFit::of_screen(self.session.window.view().maximized);
        self
    }

    /// Has further starts of the program hand their files over to this window; or says why they do not.
    #[must_use]
    pub(super) fn listening(mut self, owner: Option<Owner>, why: Option<String>) -> App {
        self.notify(Notice::error(why.unwrap_or_default()));
        if let Some(Err(e)) = owner.map(|owner| self.desktop.listen(owner)) {
            self.notify(Notice::error(e));
        }
        self
    }

    /// Shows what a file of settings would change; nothing of it applies before a person has agreed.
    pub fn offer_settings(&mut self, name: &str, text: String) {
        match self.session.keys.preview_import(&text) {
            Ok(preview) => {
                let sheet = ImportSheet::new(name, text, preview);
                self.overlays.sheet = Some(Overlay::Import(Box::new(sheet)));
            }
            Err(why) => self.notify(Notice::error(format!("{why}. Nothing was changed"))),
        }
    }

    /// Returns where things from outside are put.
    pub fn inbox(&self) -> Inbox {
        self.desktop.inbox()
    }

    /// Counts the uploads of the history that are in memory: never more than some screens full.
    pub fn uploads_in_memory(&self) -> usize {
        self.pages.history.cached()
    }

    /// Returns the session under the window.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Returns the session under the window, to change.
    pub fn session_mut(&mut self) -> &mut Session {
        &mut self.session
    }

    /// Returns whether pictures are still being made: what is on screen will change by itself.
    pub fn awaits_pictures(&self) -> bool {
        let is_compared = matches!(&self.overlays.sheet, Some(Overlay::Fit(sheet)) if sheet.is_awaited());
        self.previews.are_awaited() || is_compared
    }

    /// Applies the theme of the settings.
    pub(super) fn show_theme(&self, ctx: &egui::Context) {
        ctx.set_theme(match self.session.keys.settings().theme {
            Theme::System => ThemePreference::System,
            Theme::Light => ThemePreference::Light,
            Theme::Dark => ThemePreference::Dark,
        });
    }

    /// Counts the files whose bytes move, or whose answer is awaited.
    pub(super) fn moving(&self) -> usize {
        self.session.uploads.queue().totals().moving
    }

    /// Returns the list of the page that is shown, and the order of its files: the queue's where the page has none.
    pub(super) fn shown_list(&mut self) -> (&mut FileList, &dyn FileOrder) {
        match self.pages.shown {
            Page::History => (&mut self.pages.history_list, self.pages.history.timeline()),
            _ => (&mut self.list, self.session.uploads.queue()),
        }
    }

    /// Returns how the details of what is selected are shown, if they are.
    pub(super) fn details_form(&mut self, ctx: &egui::Context) -> Option<PanelForm> {
        let selected = self.shown_list().0.selection.len();
        let queued = self.session.uploads.queue().items().len();
        self.pages.details.form(self.pages.shown, selected, queued, has_room_for_details(ctx))
    }

    /// Shows a notice; no text is none.
    pub(super) fn notify(&mut self, notice: impl Into<Notice>) {
        self.notices.add(notice.into());
    }

    /// Shows a page. What a button of another page said is over.
    pub(super) fn go_to(&mut self, page: Page) {
        if self.pages.shown != page {
            self.pages.shown = page;
            self.pages.details.leave_page();
            self.copied.clear();
        }
    }

    /// Copies a text; this button answers for it.
    pub(super) fn copy_text(&mut self, ctx: &egui::Context, at: CopiedAt, text: String) {
        ctx.copy_text(text);
        self.say_copied(at);
    }

    /// Says where it was asked for that something was copied.
    pub(super) fn say_copied(&mut self, at: CopiedAt) {
        match at {
            CopiedAt::Menu(sentence) => self.notify(sentence),
            button => self.copied.mark(button),
        }
    }
}
