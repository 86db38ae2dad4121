//! The system's file dialogs and what is done with a file at a person's wish: on threads of their own.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::{Duration, Instant};

use eframe::egui;

use super::command::WindowCommand;
use crate::platform::dialog_parent::DialogParent;
use crate::platform::host::downloads;
use crate::session::api::{
    Destination, Folders, MAX_BYTES, SYSTEM, encoding, name_of, provider::ProviderSpec,
};
use crate::session::notice::Notice;

/// The window that a dialog is opened from: what is woken when it ends, and what it belongs to.
type Opener = (egui::Context, DialogParent);

/// A dialog that says "cancelled" faster than any person was never shown.
const TOO_FAST: Duration = Duration::from_millis(150);

/// What came of it.
pub(super) enum DialogResult {
    /// These were chosen.
    Files(Vec<PathBuf>),
    /// These provider files were chosen.
    Providers(Vec<PathBuf>),
    /// This folder was chosen, to be watched for a destination.
    Watched(PathBuf, Arc<Destination>),
    /// A file of settings was chosen: its name, and its text or why that cannot be read.
    Settings(String, Result<String, String>),
    /// Nothing was chosen.
    Cancelled,
    /// There is no dialog that could choose files.
    Unavailable,
    /// The dialog has ended, and this is to be told: where something was written, or why there is no dialog.
    Ended(Notice),
    /// This is to be told.
    Said(Notice),
}

/// The dialogs of the window, one at a time, and what came of them.
pub(super) struct Dialogs {
    pub(super) replies: (Sender<DialogResult>, Receiver<DialogResult>),
    pub(super) open: bool,
    /// The window they belong to.
    pub(super) parent: DialogParent,
    /// Where `~` is, where that is not the system's to say.
    pub(super) home: Option<PathBuf>,
}

impl Default for Dialogs {
    fn default() -> Dialogs {
        Dialogs { replies: mpsc::channel(), open: false, parent: DialogParent::default(), home: None }
    }
}

impl Dialogs {
    /// Takes the next reply.
    pub(super) fn next_reply(&mut self) -> Option<DialogResult> {
        let reply = self.replies.1.try_recv().ok()?;
        self.open &= matches!(reply, DialogResult::Said(_));
        Some(reply)
    }

    /// Returns the folder that `~` stands for.
    pub(super) fn home(&self) -> PathBuf {
        self.home.clone().or_else(std::env::home_dir).unwrap_or_else(|| PathBuf::from("/"))
    }

    /// Opens the dialog that chooses files, with what the destination accepts as its first filter.
    pub(super) fn choose_files(&mut self, ctx: &egui::Context, facts: Option<&'static ProviderSpec>) {
        if !std::mem::replace(&mut self.open, true) {
            open((ctx.clone(), self.parent), facts, self.replies.0.clone());
        }
    }

    /// Opens the dialog that chooses folders.
    pub(super) fn choose_folders(&mut self, ctx: &egui::Context) {
        if !std::mem::replace(&mut self.open, true) {
            open_folders((ctx.clone(), self.parent), self.replies.0.clone());
        }
    }

    /// Opens the dialog that chooses a folder to be watched for a destination.
    pub(super) fn choose_watched(&mut self, ctx: &egui::Context, to: Arc<Destination>) {
        if !std::mem::replace(&mut self.open, true) {
            open_watched((ctx.clone(), self.parent), to, self.replies.0.clone());
        }
    }

    /// Opens the dialog that chooses provider files.
    pub(super) fn choose_provider_files(&mut self, ctx: &egui::Context) {
        if !std::mem::replace(&mut self.open, true) {
            open_providers((ctx.clone(), self.parent), self.replies.0.clone());
        }
    }

    /// Opens the dialog that chooses a file of settings.
    pub(super) fn import_settings(&mut self, ctx: &egui::Context) {
        if !std::mem::replace(&mut self.open, true) {
            open_settings((ctx.clone(), self.parent), self.replies.0.clone());
        }
    }

    /// Opens the dialog that asks where to save, and writes there. `write` gives back a sentence. Where there is no dialog,
    /// the folder of downloads takes it.
    pub(super) fn save(
        &mut self,
        ctx: &egui::Context,
        (title, instead): (&'static str, &'static str),
        name: String,
        write: impl FnOnce(&Path) -> Notice + Send + 'static,
    ) {
        if !std::mem::replace(&mut self.open, true) {
            save((ctx.clone(), self.parent), (title, instead), name, self.replies.0.clone(), write);
        }
    }

    /// Opens a file by the system's usual program for it.
    pub(super) fn open_file(&self, ctx: &egui::Context, file: PathBuf) {
        open_file(ctx.clone(), file, self.replies.0.clone());
    }

    /// Shows a file in the system's file manager.
    pub(super) fn reveal(&self, ctx: &egui::Context, file: PathBuf) {
        reveal(ctx.clone(), file, self.replies.0.clone());
    }

    /// Shows a folder of Hoist's own in the system's file manager.
    pub(super) fn open_folder(&self, ctx: &egui::Context, folder: PathBuf) {
        open_folder(ctx.clone(), folder, self.replies.0.clone());
    }
}

/// Opens the dialog that chooses files, with what the destination takes as its first filter.
fn open((ctx, parent): Opener, facts: Option<&'static ProviderSpec>, answer: Sender<DialogResult>) {
    on_a_thread(ctx, answer, move || {
        let mut dialog = parent.dialog("Add files");
        if let Some(facts) = facts {
            // Dialogs take the case of a name seriously, and cameras write capitals.
            let both = |e: &&'static str| [(*e).to_owned(), e.to_ascii_uppercase()];
            let extensions: Vec<_> =
                facts.types().flat_map(|m| m.extensions().iter().flat_map(both)).collect();
            dialog = dialog
                .add_filter(format!("Files for {}", facts.name), &extensions)
                .add_filter("All files", &["*"]);
        }
        let began = Instant::now();
        picked(dialog.pick_files(), began.elapsed())
    });
}

/// Opens the dialog that chooses folders.
fn open_folders((ctx, parent): Opener, answer: Sender<DialogResult>) {
    on_a_thread(ctx, answer, move || {
        let began = Instant::now();
        picked(parent.dialog("Add folders").pick_folders(), began.elapsed())
    });
}

/// Opens the dialog that chooses a folder to be watched.
fn open_watched((ctx, parent): Opener, to: Arc<Destination>, answer: Sender<DialogResult>) {
    on_a_thread(ctx, answer, move || {
        let began = Instant::now();
        let chosen = parent.dialog("Choose a folder to watch").pick_folders();
        match picked(chosen, began.elapsed()) {
            DialogResult::Files(folders) => match folders.into_iter().next() {
                Some(folder) => DialogResult::Watched(folder, to),
                None => DialogResult::Cancelled,
            },
            DialogResult::Unavailable => {
                let instead = "`hoist watch` watches folders in a terminal";
                DialogResult::Ended(Notice::error(unavailable(instead)))
            }
            other => other,
        }
    });
}

/// Reads what came of a dialog for several files. Where it goes through the desktop's portal or zenity, no list at all
/// means that neither is there, however long it took to find out; an empty one, that nothing was chosen, or that zenity
/// found no display.
fn picked(files: Option<Vec<PathBuf>>, after: Duration) -> DialogResult {
    let by_portal = cfg!(not(any(target_os = "macos", windows)));
    match files {
        Some(files) if !files.is_empty() => DialogResult::Files(files),
        None if by_portal => DialogResult::Unavailable,
        _ if after < TOO_FAST => DialogResult::Unavailable,
        _ => DialogResult::Cancelled,
    }
}

/// Returns the notice for where no dialog can choose files.
pub(super) fn no_dialog(ctx: &egui::Context) -> String {
    let keys = WindowCommand::AddByPath.key(ctx);
    unavailable(&format!("{keys} adds files by their paths, and they can be dropped into the window"))
}

/// Opens the dialog that asks where to save, and writes there. `write` gives back a sentence. Where there is no dialog, it
/// writes into the folder of downloads.
fn save(
    (ctx, parent): Opener,
    (title, instead): (&'static str, &'static str),
    name: String,
    answer: Sender<DialogResult>,
    write: impl FnOnce(&Path) -> Notice + Send + 'static,
) {
    on_a_thread(ctx, answer, move || {
        let began = Instant::now();
        match parent.dialog(title).set_file_name(&name).save_file() {
            Some(file) => DialogResult::Ended(write(&file)),
            None if began.elapsed() < TOO_FAST => DialogResult::Ended(match downloads() {
                Some(folder) => save_in(&folder, &name, instead, write),
                None => Notice::error(unavailable(instead)),
            }),
            None => DialogResult::Cancelled,
        }
    });
}

/// Writes a file into a folder, under a name that is free there.
fn save_in(folder: &Path, name: &str, instead: &str, write: impl FnOnce(&Path) -> Notice) -> Notice {
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    let numbered = (2..).map(|n| format!("{stem} ({n}).{extension}"));
    let mut free = std::iter::once(name.to_owned()).chain(numbered).map(|name| folder.join(name));
    let Some(file) = free.find(|file| file.symlink_metadata().is_err()) else {
        return Notice::error(unavailable(instead));
    };
    let Notice { text, is_error } = write(&file);
    match is_error {
        true => Notice::error(format!("{text}. {}", unavailable(instead))),
        false => format!("{text}. It is in {}: no file dialog can be opened here", folder.display()).into(),
    }
}

/// Opens the dialog that chooses a file of settings, and reads that.
fn open_settings((ctx, parent): Opener, answer: Sender<DialogResult>) {
    on_a_thread(ctx, answer, move || {
        let began = Instant::now();
        let dialog = parent.dialog("Import settings").add_filter("Settings", &["toml"]);
        match dialog.add_filter("All files", &["*"]).pick_file() {
            Some(file) => DialogResult::Settings(name_of(&file), read_settings(&file)),
            None if began.elapsed() < TOO_FAST => {
                let instead = "`hoist settings import` reads them in a terminal";
                DialogResult::Ended(Notice::error(unavailable(instead)))
            }
            None => DialogResult::Cancelled,
        }
    });
}

/// Opens the dialog that chooses provider files.
fn open_providers((ctx, parent): Opener, answer: Sender<DialogResult>) {
    on_a_thread(ctx, answer, move || {
        let began = Instant::now();
        let dialog = parent.dialog("Add providers");
        let dialog = dialog.add_filter("Provider files", &["toml", "sxcu"]).add_filter("All files", &["*"]);
        match picked(dialog.pick_files(), began.elapsed()) {
            DialogResult::Files(files) => DialogResult::Providers(files),
            DialogResult::Unavailable => {
                DialogResult::Ended(Notice::error(unavailable("drop provider files into the window")))
            }
            other => other,
        }
    });
}

/// Reads a file of settings, and a little more than may be in it, so that too much is noticed.
fn read_settings(file: &Path) -> Result<String, String> {
    let mut bytes = vec![];
    let read = File::open(file).and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut bytes));
    read.map_err(|e| format!("it cannot be read ({})", e.kind()))?;
    encoding::strict(&bytes).ok_or_else(|| "it is not a text file".to_owned())
}

fn unavailable(instead: &str) -> String {
    format!("No file dialog can be opened here: {instead}. {}", SYSTEM.dialogs)
}

/// Opens a file by the system's usual program for it; where that cannot be, says why.
fn open_file(ctx: egui::Context, file: PathBuf, answer: Sender<DialogResult>) {
    let no_program = |name: &str| format!("No program here opens {name}");
    give_to_system(ctx, answer, file, |file| opener::open(file), no_program);
}

/// Shows a file in the system's file manager; where that cannot be, says why.
fn reveal(ctx: egui::Context, file: PathBuf, answer: Sender<DialogResult>) {
    let no_manager = |name: &str| format!("No file manager can show {name} here");
    give_to_system(ctx, answer, file, |file| opener::reveal(file), no_manager);
}

fn give_to_system(
    ctx: egui::Context,
    answer: Sender<DialogResult>,
    file: PathBuf,
    give: impl FnOnce(&Path) -> Result<(), opener::OpenError> + Send + 'static,
    refused: impl FnOnce(&str) -> String + Send + 'static,
) {
    on_a_thread(ctx, answer, move || {
        let name = name_of(&file);
        DialogResult::Said(match std::fs::symlink_metadata(&file).map(|_| give(&file)) {
            Ok(Ok(())) => String::new().into(),
            Ok(Err(e)) => {
                tracing::warn!("the system did not take a file: {e}");
                Notice::error(refused(&name))
            }
            Err(_) => Notice::error(format!("{name} was moved or deleted")),
        })
    });
}

/// Shows a folder of Hoist's own in the system's file manager.
fn open_folder(ctx: egui::Context, folder: PathBuf, answer: Sender<DialogResult>) {
    on_a_thread(ctx, answer, move || {
        // It may not have been needed yet; where it cannot be made, it cannot be shown either.
        let _ = Folders::make(&folder);
        DialogResult::Said(match opener::open(&folder) {
            Ok(()) => String::new().into(),
            Err(e) => {
                tracing::warn!("a folder cannot be shown in the file manager: {e}");
                let folder = folder.display();
                Notice::error(format!("No file manager can be opened here. The folder is {folder}"))
            }
        })
    });
}

fn on_a_thread(
    ctx: egui::Context,
    answer: Sender<DialogResult>,
    work: impl FnOnce() -> DialogResult + Send + 'static,
) {
    let failed = answer.clone();
    let work = move || {
        let _ = answer.send(work());
        ctx.request_repaint();
    };
    if let Err(e) = std::thread::Builder::new().name("hoist-dialog".into()).spawn(work) {
        tracing::error!("no thread for a dialog: {e}");
        let problem = "The dialog could not be opened: the system is out of threads";
        let _ = failed.send(DialogResult::Ended(Notice::error(problem)));
    }
}

#[cfg(not(any(target_os = "macos", windows)))]
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_dialog_it_is_written_under_a_name_that_is_free() {
        let folder = tempfile::tempdir().unwrap();
        let write = |file: &Path| match std::fs::write(file, "x") {
            Ok(()) => Notice::from(format!("Written to {}", name_of(file))),
            Err(e) => Notice::error(e.to_string()),
        };
        for name in ["a.toml", "a (2).toml", "a (3).toml"] {
            let notice = save_in(folder.path(), "a.toml", "a terminal does", write);
            assert!(notice.text.starts_with(&format!("Written to {name}. It is in ")), "{}", notice.text);
            assert!(!notice.is_error && folder.path().join(name).is_file());
        }
        let notice = save_in(&folder.path().join("none"), "a.toml", "a terminal does", write);
        assert!(notice.is_error && notice.text.contains("a terminal does"), "{}", notice.text);
    }

    #[test]
    fn no_dialog_is_told_from_a_dialog_that_was_left() {
        let (fast, slow) = (Duration::from_millis(8), Duration::from_secs(25));
        let files = || Some(vec![PathBuf::from("/a.png")]);
        assert!(matches!(picked(files(), fast), DialogResult::Files(files) if files.len() == 1));
        assert!(matches!(picked(Some(vec![]), slow), DialogResult::Cancelled));
        for (files, after) in [(None, fast), (None, slow), (Some(vec![]), fast)] {
            assert!(matches!(picked(files, after), DialogResult::Unavailable));
        }
    }
}
