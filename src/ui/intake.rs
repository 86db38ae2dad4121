//! The intake of files: whichever way they come in (dropped, pasted, chosen, typed, linked, from another start of the
//! program), they pass here on their way to the session.

use std::path::{Path, PathBuf};

use eframe::egui::{self, Event};
use url::Url;

use super::action::Page;
use super::app::App;
use super::dialog::{self, DialogResult};
use super::fetch::FetchSheet;
use super::overlay::Overlay;
use super::paths::PathSheet;
use super::providers::ProviderSheet;
use super::scan;
use crate::platform::dnd_clipboard::NOTHING_PASTED;
use crate::platform::drops;
use crate::platform::host::host_info;
use crate::platform::inbox::WindowEvent;
use crate::session::api::text::sanitize;
use crate::session::api::{DroppedData, name_of};
use crate::session::imports::{Link, To};
use crate::session::notice::Notice;

impl App {
    /// Adds files and what is in folders, as soon as it is known which is which.
    pub(super) fn add_files(&mut self, files: Vec<PathBuf>) {
        self.add_files_to(files, None);
    }

    /// Adds the same for this destination.
    pub(super) fn add_files_to(&mut self, files: Vec<PathBuf>, to: To) {
        let (providers, files): (Vec<_>, Vec<_>) = files.into_iter().partition(|file| is_provider(file));
        self.session.providers.review(providers);
        if files.is_empty() {
            return;
        }
        self.go_to(Page::Upload);
        self.pages.new_rows.expect(&self.list);
        self.session.gather(files, to);
    }

    /// Adds what egui has as dropped, for the destination it was dropped on.
    pub(super) fn add_dropped(&mut self, ctx: &egui::Context) {
        let to = ctx.pointer_latest_pos().and_then(|at| self.drag.target_at(at));
        self.add_files_to(drops::dropped(ctx), to);
    }

    /// Asks about what is much; false where there is nothing to ask. What lies over the window comes back afterwards.
    pub(super) fn ask_about_much(&mut self, ctx: &egui::Context) -> bool {
        let Some(gathered) = self.session.intake.large() else { return false };
        if let Some(yes) = scan::question(ctx, gathered) {
            self.session.answer_large(yes);
        }
        true
    }

    /// Takes in everything that has arrived from the desktop.
    pub(super) fn drain_inbox(&mut self, ctx: &egui::Context) {
        while let Some(event) = self.desktop.next_event() {
            match self.drag.receive(event, ctx) {
                Some(WindowEvent::Handed(data)) => self.receive_data(data, None),
                Some(WindowEvent::Dropped(data, at)) => {
                    let to = at.and_then(|at| self.drag.target_at(at.in_points(ctx)));
                    self.receive_data(data, to);
                }
                Some(WindowEvent::Text(text)) => ctx.input_mut(|input| input.events.push(Event::Paste(text))),
                Some(WindowEvent::Raise { token }) => self.desktop.raise(ctx, token),
                Some(WindowEvent::Hover(_) | WindowEvent::HeldAt(_)) | None => {}
            }
        }
    }

    /// Leaves the desktop when the window closes. What was taken until now stays in the queue, and comes back with it.
    pub(super) fn leave(&mut self) {
        self.desktop.disconnect();
        while let Some(event) = self.desktop.next_event() {
            if let WindowEvent::Handed(data) | WindowEvent::Dropped(data, _) = event {
                self.session.stage(data.files, None);
            }
        }
    }

    /// Stages what another program has given, asks before links are fetched, and says what of it cannot be used. It goes
    /// to this destination, or else to the one that is chosen.
    fn receive_data(&mut self, data: DroppedData, to: To) {
        for problem in data.problems {
            // An empty clipboard is no error that stays until it is put away.
            let notice = if problem == NOTHING_PASTED { problem.into() } else { Notice::error(problem) };
            self.notify(notice);
        }
        self.add_files_to(data.files, to.clone());
        match data.content {
            // The address of what has arrived already is not needed.
            Some(content) => {
                self.go_to(Page::Upload);
                self.pages.new_rows.expect(&self.list);
                self.session.intake.bring(content, to);
            }
            None => self.ask_to_fetch(data.links, &to),
        }
    }

    /// Returns whether something is being typed: what is pasted goes there. A sheet takes no files either.
    fn is_typing(&self, ctx: &egui::Context) -> bool {
        self.overlays.is_any() || ctx.text_edit_focused()
    }

    /// Asks for what is in the clipboard.
    pub(super) fn paste(&self, ctx: &egui::Context) {
        self.desktop.paste(self.is_typing(ctx));
    }

    /// Asks for what the clipboard's key asked for, when the keys before it have had their effect.
    pub(super) fn paste_when_due(&mut self, ctx: &egui::Context) {
        if self.desktop.is_paste_due(ctx) {
            self.paste(ctx);
        }
    }

    /// Takes in a text that was pasted where nothing is being typed: files and addresses are named in it, or nothing.
    pub(super) fn receive_pasted(&mut self, ctx: &egui::Context) {
        if self.is_typing(ctx) {
            return;
        }
        let texts = ctx.input(|input| {
            let texts = input.events.iter().filter_map(|event| match event {
                Event::Paste(text) => Some(text.clone()),
                _ => None,
            });
            texts.collect::<Vec<_>>()
        });
        if texts.is_empty() {
            return;
        }
        let mut data = DroppedData::of_text(&texts.join("\n"), host_info());
        if data.is_empty() {
            data.problems.push(NOTHING_PASTED.to_owned());
        }
        self.receive_data(data, None);
    }

    /// Asks about these links, when nothing else is asked.
    fn ask_to_fetch(&mut self, links: Vec<Url>, to: &To) {
        if !links.is_empty() {
            self.go_to(Page::Upload);
            self.session.intake.propose(links.into_iter().map(Link::new), to);
        }
    }

    /// Opens the sheet for the links that are to be asked about, where nothing lies over the window.
    pub(super) fn ask_for_links(&mut self) {
        if self.overlays.is_any() {
            return;
        }
        let Some((links, to)) = self.session.intake.take_links() else { return };
        self.overlays.sheet = Some(Overlay::Fetch(FetchSheet::new(links, to)));
    }

    /// Asks about the next provider file that was read, where nothing lies over the window.
    pub(super) fn ask_about_providers(&mut self) {
        if self.overlays.is_any() {
            return;
        }
        if let Some(review) = self.session.providers.take_review() {
            self.overlays.sheet = Some(Overlay::Provider(Box::new(ProviderSheet::review(review))));
        }
    }

    /// Opens the sheet that adds files by their paths. `no_dialog`: because there is no file dialog.
    pub(super) fn type_paths(&mut self, ctx: &egui::Context, no_dialog: bool) {
        if no_dialog && self.overlays.sheet.is_some() {
            return;
        }
        let sheet = PathSheet::new(ctx, &self.session, self.dialogs.home(), no_dialog);
        self.overlays.sheet = Some(Overlay::Paths(Box::new(sheet)));
    }

    /// Takes in what came of dialogs.
    pub(super) fn drain_dialogs(&mut self, ctx: &egui::Context) {
        while let Some(reply) = self.dialogs.next_reply() {
            match reply {
                DialogResult::Files(files) => self.add_files(files),
                DialogResult::Providers(files) => self.session.providers.review(files),
                DialogResult::Watched(folder, to) => {
                    let (folder_name, to_name) = (name_of(&folder), sanitize(&to.name));
                    let added = self.session.watches.add(folder, &to);
                    self.notify(match added {
                        Ok(()) => {
                            format!("New files in {folder_name} are sent to {to_name} from now on").into()
                        }
                        Err(e) => Notice::error(format!("The folder cannot be watched: {e}")),
                    });
                }
                DialogResult::Settings(name, Ok(text)) => self.offer_settings(&name, text),
                DialogResult::Settings(name, Err(why)) => {
                    self.notify(Notice::error(format!("{name} was not imported: {why}")));
                }
                DialogResult::Cancelled => {}
                DialogResult::Unavailable => {
                    // The sheet in its place says so itself.
                    if self.overlays.sheet.is_some() {
                        self.notify(Notice::error(dialog::no_dialog(ctx)));
                    }
                    self.type_paths(ctx, true);
                }
                DialogResult::Ended(notice) | DialogResult::Said(notice) => self.notify(notice),
            }
        }
    }
}

/// Returns whether a file makes a provider, by its name: it is no media.
fn is_provider(file: &Path) -> bool {
    file.extension().is_some_and(|e| e.eq_ignore_ascii_case("toml") || e.eq_ignore_ascii_case("sxcu"))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::session::api::SYSTEM;
    use crate::session::{Session, Start};
    use crate::store::folders::Folders;
    use crate::store::keys::Keys;

    fn sandbox(home: &tempfile::TempDir, ctx: &egui::Context) -> App {
        let start = Start { sandbox: true, ..Start::new(Folders::inside(home.path()), Keys::in_memory()) };
        App::new(ctx, Session::start(start, Arc::new(|| {})).unwrap(), vec![])
    }

    #[test]
    fn a_folder_that_is_watched_from_now_on_is_told() {
        let (home, ctx) = (tempfile::tempdir().unwrap(), egui::Context::default());
        let mut app = sandbox(&home, &ctx);
        let to = Arc::clone(app.session.keys.chosen().unwrap());
        app.dialogs.replies.0.send(DialogResult::Watched(home.path().join("renders"), to)).unwrap();
        eframe::App::logic(&mut app, &ctx, &mut eframe::Frame::_new_kittest());
        assert_eq!(app.notices.texts(), ["New files in renders are sent to Flow Music from now on"]);
    }

    #[test]
    fn where_there_is_no_dialog_paths_can_be_typed() {
        let (home, ctx) = (tempfile::tempdir().unwrap(), egui::Context::default());
        let mut app = sandbox(&home, &ctx);
        let answer = |app: &mut App| {
            app.dialogs.open = true;
            app.dialogs.replies.0.send(DialogResult::Unavailable).unwrap();
            eframe::App::logic(app, &ctx, &mut eframe::Frame::_new_kittest());
        };
        answer(&mut app);
        assert!(matches!(&app.overlays.sheet, Some(Overlay::Paths(sheet)) if sheet.is_without_dialog()));
        assert_eq!(app.notices.texts(), Vec::<String>::new(), "the sheet says why it is there");
        assert!(!app.dialogs.open, "it may be tried again");
        // What is being done in another sheet is not lost.
        app.overlays.sheet = Some(Overlay::Shortcuts);
        answer(&mut app);
        assert!(matches!(app.overlays.sheet, Some(Overlay::Shortcuts)));
        let notices = app.notices.texts();
        assert!(notices[0].contains("+L") && notices[0].contains(SYSTEM.dialogs), "{notices:?}");
    }
}
