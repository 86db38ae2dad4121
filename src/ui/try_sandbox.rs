//! How the sandbox is shown in a window, and left again.

use std::path::PathBuf;
use std::sync::{Arc, mpsc};

use eframe::egui::{self, ViewportCommand};

use super::app::App;
use super::file_list::FileList;
use super::last_copy::LastCopy;
use super::overlay::Overlays;
use super::pages::Pages;
use super::preview_state::Previews;
use super::throughput::Pace;
use crate::session::api::{CopyTemplate, Folders};
use crate::session::notice::Notice;
use crate::session::{Session, StartError};

/// The window's title, and while the sandbox is tried in it.
const TITLE: &str = "Hoist";
const SANDBOX_TITLE: &str = "Hoist (sandbox)";

impl App {
    /// Lets the sandbox be tried in this window: `start` starts its session, which keeps its files in these folders.
    #[must_use]
    pub fn trying(
        mut self,
        folders: Folders,
        start: impl Fn() -> Result<Session, StartError> + Send + Sync + 'static,
    ) -> App {
        self.trial.sandbox = Some((Arc::new(start), folders));
        self
    }

    /// Starts the sandbox, on a thread: it opens files.
    pub(super) fn try_sandbox(&mut self, ctx: &egui::Context) {
        let Some((start, _)) = self.trial.sandbox.as_ref().filter(|_| self.trial.is_offered()) else {
            return;
        };
        if self.trial.is_starting() {
            return;
        }
        let (start, ctx) = (Arc::clone(start), ctx.clone());
        let (started, answer) = mpsc::channel();
        let work = move || {
            let _ = started.send(start());
            ctx.request_repaint();
        };
        match std::thread::Builder::new().name("hoist-sandbox".into()).spawn(work) {
            Ok(_) => self.trial.starting = Some(answer),
            Err(e) => self.notify(Notice::error(format!("The sandbox cannot start: {e}"))),
        }
    }

    /// Shows the sandbox as soon as it has started, with the files that wait for a destination.
    pub(super) fn follow_trial(&mut self, ctx: &egui::Context) {
        let Some(answer) = self.trial.starting.as_ref().and_then(|answer| answer.try_recv().ok()) else {
            return;
        };
        self.trial.starting = None;
        let folders = self.trial.sandbox.as_ref().map(|(_, folders)| folders.clone());
        match answer {
            Ok(sandbox) => {
                let waiting: Vec<PathBuf> = self.session.intake.waiting().to_vec();
                self.trial.parked = Some(self.show_session(sandbox, folders));
                if let Some((before, _)) = &self.trial.parked {
                    carry_look(before, &mut self.session);
                }
                if !waiting.is_empty() {
                    self.session.gather(waiting, None);
                }
                ctx.send_viewport_cmd(ViewportCommand::Title(SANDBOX_TITLE.to_owned()));
            }
            Err(e) => self.notify(Notice::error(e.to_string())),
        }
    }

    /// Goes back to what was there before the sandbox.
    pub(super) fn leave_sandbox(&mut self, ctx: &egui::Context) {
        let Some((before, folders)) = self.trial.parked.take() else { return };
        let (sandbox, _) = self.show_session(*before, folders);
        carry_look(&sandbox, &mut self.session);
        ctx.send_viewport_cmd(ViewportCommand::Title(TITLE.to_owned()));
        self.notify(
            "You left the sandbox. What you sent in it is in its own history, when you try it again"
                .to_owned(),
        );
        // Its end waits for its disk and its server.
        let ended = std::thread::Builder::new().name("hoist-sandbox-end".into()).spawn(move || drop(sandbox));
        if let Err(e) = ended {
            tracing::warn!("no thread to end the sandbox: {e}");
        }
    }

    /// Shows another session, and nothing any more of the one before, which it gives back with its folders.
    fn show_session(
        &mut self,
        session: Session,
        folders: Option<Folders>,
    ) -> (Box<Session>, Option<Folders>) {
        self.settle_all();
        let before = std::mem::replace(&mut self.session, session);
        let pages = Pages { folders, ..Pages::new(self.session.uploads.queue()) };
        let Pages { folders, remembered, details, .. } = std::mem::replace(&mut self.pages, pages);
        self.pages.remembered = remembered;
        self.pages.details.pinned = details.pinned;
        self.list = FileList::new("the queue");
        self.previews = Previews::default();
        self.pace = Pace::default();
        self.copied = LastCopy::default();
        self.overlays = Overlays::default();
        self.notices.clear();
        (Box::new(before), folders)
    }
}

/// Carries over how the window looks, templates, and the copy format: what was set on one side of the sandbox is there on
/// the other.
fn carry_look(from: &Session, to: &mut Session) {
    let (from, there) = (from.keys.settings(), to.keys.settings());
    let is_new = |template: &&CopyTemplate| there.templates.iter().all(|other| other.name != template.name);
    let (theme, new): (_, Vec<_>) = (from.theme, from.templates.iter().filter(is_new).cloned().collect());
    let (format, chosen) = (from.copy_format, from.chosen_template.clone());
    let is_same = (there.theme, there.copy_format, &there.chosen_template) == (theme, format, &chosen);
    if !is_same || !new.is_empty() {
        to.set(move |settings| {
            settings.theme = theme;
            settings.templates.extend(new);
            (settings.copy_format, settings.chosen_template) = (format, chosen);
        });
    }
}
