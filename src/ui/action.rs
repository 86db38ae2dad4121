//! Everything a person can do in the window, as data: buttons, menus and keys all make these, and one place does them.

use std::path::PathBuf;
use std::sync::Arc;

use crate::session::api::{
    CopyFormat, CopyTemplate, Destination, FitRules, FitWishes, HistoryStyle, Move, Proxy, Query, Settings,
    Theme, UploadId, text,
};
use crate::session::copy_choices::{CopyChoice, save_template};
use crate::session::export::Format;
use crate::session::notice::Notice;

/// What the middle of the window shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, strum::EnumIter)]
pub(super) enum Page {
    #[default]
    Upload,
    History,
    Keys,
    Providers,
    Settings,
}

impl Page {
    /// Returns its name in files.
    pub(super) fn id(self) -> &'static str {
        match self {
            Page::Upload => "upload",
            Page::History => "history",
            Page::Keys => "keys",
            Page::Providers => "providers",
            Page::Settings => "settings",
        }
    }

    /// Returns its name in the window.
    pub(super) fn name(self) -> &'static str {
        match self {
            Page::Upload => "Upload",
            Page::History => "History",
            Page::Keys => "API keys",
            Page::Providers => "Providers",
            Page::Settings => "Settings",
        }
    }
}

/// How a click selects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SelectMode {
    /// This file and no other.
    Only,
    /// With Ctrl: this one, too.
    Toggle,
    /// With Shift: everything up to this one.
    Range,
}

/// Which button answers "Copied".
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum CopiedAt {
    /// A file's row, in the queue or in the history.
    Row(UploadId),
    /// A named value of a file.
    Field(UploadId, String),
    /// The button for all that are selected.
    Selection,
    /// The button for everything that was uploaded.
    Uploaded,
    /// No button: a finished batch was copied by itself.
    Batch,
    /// A line of a menu, which is gone then: this says it in a toast.
    Menu(String),
    /// Another one, by its name.
    Button(&'static str),
}

impl CopiedAt {
    /// Returns who says that a line of a menu, "Copy link", copied something: this button where that copies the same, else
    /// a toast.
    pub(super) fn of_line(self, label: &str, copies_the_same: bool) -> CopiedAt {
        match label.strip_prefix("Copy ") {
            Some(what) if !copies_the_same => CopiedAt::Menu(format!("{} copied", text::capitalized(what))),
            _ => self,
        }
    }
}

/// How much larger everything in the window is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ZoomStep {
    Larger,
    Smaller,
    /// As at first.
    Reset,
}

/// Which key a sheet is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum KeyChoice {
    /// A new one, of the provider that is chosen in the sheet.
    New,
    /// One in place of the key of this name.
    Replace(String),
    /// The key of this name, for further destinations.
    Use(String),
}

/// A setting and its new value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Setting {
    Theme(Theme),
    CopyAs(CopyChoice),
    /// A template in place of the one of that name, or a new one, which is what is copied from now on.
    SaveTemplate(Option<String>, CopyTemplate),
    RemoveTemplate(String),
    /// A template that was removed, at its index, and whether it is the chosen one.
    RestoreTemplate(CopyTemplate, usize, bool),
    CopyWhenDone(bool),
    UploadOnDrop(bool),
    Notify(bool),
    HistoryStyle(HistoryStyle),
    /// A provider that lists do not show any more, or show again.
    HideProvider(&'static str, bool),
    UploadsAtOnce(usize),
    UploadsPerAccount(usize),
    Proxy(Proxy),
}

impl Setting {
    /// Applies it to the settings.
    pub(super) fn apply(self, settings: &mut Settings) {
        match self {
            Setting::Theme(theme) => settings.theme = theme,
            Setting::CopyAs(choice) => choice.choose(settings),
            Setting::SaveTemplate(before, template) => {
                let added = before.is_none().then(|| template.name.clone());
                save_template(settings, before.as_deref(), template);
                if added.is_some() {
                    (settings.chosen_template, settings.copy_format) = (added, CopyFormat::Template);
                }
            }
            Setting::RemoveTemplate(name) => settings.templates.retain(|t| t.name != name),
            Setting::RestoreTemplate(template, index, is_chosen) => {
                if is_chosen {
                    settings.chosen_template = Some(template.name.clone());
                    settings.copy_format = CopyFormat::Template;
                }
                settings.templates.insert(index.min(settings.templates.len()), template);
            }
            Setting::CopyWhenDone(on) => settings.copy_when_done = on,
            Setting::UploadOnDrop(on) => settings.upload_on_drop = on,
            Setting::Notify(on) => settings.notify = on,
            Setting::HistoryStyle(style) => settings.history_style = style,
            Setting::HideProvider(id, true) => settings.hidden_providers.push(id.to_owned()),
            Setting::HideProvider(id, false) => settings.hidden_providers.retain(|hidden| hidden != id),
            Setting::UploadsAtOnce(n) => settings.uploads_at_once = n,
            Setting::UploadsPerAccount(n) => settings.uploads_per_account = n,
            Setting::Proxy(proxy) => settings.proxy = proxy,
        }
    }
}

/// One thing a person can ask for.
#[derive(Clone, Debug)]
pub(super) enum Action {
    /// Show another page.
    Page(Page),
    /// Search the history.
    Search,
    /// Show the file dialog.
    ChooseFiles,
    /// Show the dialog that chooses folders.
    ChooseFolders,
    /// Show the sheet that adds files by their paths.
    TypePaths,
    /// Add these files and what is in these folders.
    AddPaths(Vec<PathBuf>),
    /// Stop scanning folders.
    StopScan,
    /// Ask the window system for what is in the clipboard.
    Paste,
    /// Send everything that is ready.
    Upload,
    /// Pause, or resume.
    Pause(bool),
    /// Send everything again that was not accepted.
    RetryFailed,
    /// Select the next file that needs attention.
    NextAttention,
    /// Select a file.
    Select(UploadId, SelectMode),
    /// Select everything in the list.
    SelectAll,
    /// Select nothing.
    SelectNone,
    /// Show everything about the file that is selected.
    Details,
    /// Hide what is known of the selected file.
    CloseDetails,
    /// Show that, or close it.
    ToggleDetails,
    /// Have it stand beside the list from now on, or lie over the page.
    PinDetails(bool),
    /// Show the details of what is selected, or close those that the same key has shown.
    DetailsByKey,
    /// Select a file and show everything about it.
    DetailsOf(UploadId),
    /// Choose the destination of newly added files, by its index.
    Choose(usize),
    /// Show the sheet that adds a destination.
    AddDestination,
    /// Show the sheet that adds a destination of this provider.
    AddDestinationAt(&'static str),
    /// Show the dialog that chooses provider files.
    ChooseProviderFiles,
    /// Read these provider files, and ask whether to add them.
    ReviewProviders(Vec<PathBuf>),
    /// Show the page of providers, with those that are found by this.
    FindProviders(&'static str),
    /// Show what a provider does.
    ShowProvider(&'static str),
    /// Remove the file of a provider.
    RemoveProvider(&'static str),
    /// Remove a provider file that is not used.
    RemoveProviderFile(PathBuf),
    /// Remove a saved destination.
    RemoveDestination(String),
    /// Show the sheet with the name and the options of a saved destination.
    EditDestination(String),
    /// Choose a folder whose files go to this destination as they come.
    ChooseWatched(Arc<Destination>),
    /// Stop watching a folder for a destination.
    StopWatching(PathBuf, Arc<Destination>),
    /// Show the sheet with the name of a saved key.
    RenameKey(String),
    /// Ask the vendor whether the key of this name is good, and what is behind it.
    CheckKey(String),
    /// Try once more to put the key of this name into the keyring.
    KeepKey(String),
    /// Copy a text.
    Copy(CopiedAt, String),
    /// Copy the results of these files, in the order of the list that is shown, in a format.
    CopyItems(CopiedAt, Vec<UploadId>, CopyFormat),
    /// Stop files on their way.
    Cancel(Vec<UploadId>),
    /// Take files from the queue.
    Remove(Vec<UploadId>),
    /// Take every finished file from the queue.
    ClearFinished,
    /// Take back what was just removed.
    Undo,
    /// Put files elsewhere in the queue.
    Move(Vec<UploadId>, Move),
    /// Retry, or send again.
    SendAgain(Vec<UploadId>),
    /// Send again without the metadata it was refused for.
    StripAndSend(UploadId),
    /// Send copies of these files that fit, made as their destination's rules say.
    Fit(Vec<UploadId>),
    /// The same, made as is wished.
    FitTo(Vec<UploadId>, FitWishes),
    /// Send the file itself, and not its copy.
    UseOriginal(UploadId),
    /// The same where a copy was only tried.
    LeaveFit(UploadId),
    /// Rows were dropped here, outside of the list.
    DropRows(Vec<UploadId>, eframe::egui::Pos2),
    /// Show the sheet that changes how a copy is made.
    ChangeFit(UploadId),
    /// Make these the standing rules of the destination of that name.
    KeepRules(String, FitRules),
    /// Open a page of a provider in the browser.
    Browse(String),
    /// Put back into the queue.
    AddBack(UploadId),
    /// Ask again whether a provider has finished.
    ResumePolling(UploadId),
    /// Ask where files are to go: elsewhere, or to several destinations.
    AskWhereTo(Vec<UploadId>),
    /// Send files somewhere else, by the destination's index.
    SendTo(Vec<UploadId>, usize),
    /// Send files of the queue to this destination, too.
    AlsoSend(Vec<UploadId>, Arc<Destination>),
    /// Add files of the history once more for a destination that has them.
    AddAgain(Vec<PathBuf>, Arc<Destination>),
    /// Take a file as it is now, though it is not the one that was added.
    AcceptChange(UploadId),
    /// Add files of the history to the queue, for this destination, or else for the one that is chosen.
    AddFiles(Vec<PathBuf>, Option<Arc<Destination>>),
    /// Ask where uploads of the history are to be sent again.
    AskWhereAgain(Vec<UploadId>),
    /// Copy the results of what is selected.
    CopySelected,
    /// Open a file by the system's usual program for it.
    OpenFile(PathBuf),
    /// Show a file in the file manager.
    Reveal(PathBuf),
    /// Delete uploads of the history.
    Forget(Vec<UploadId>),
    /// Ask whether to delete the whole history.
    AskToClear,
    /// Delete the history.
    ClearHistory,
    /// Write what is found in the history to a file.
    Export(Format, Query),
    /// Close the window though files are being sent.
    CloseAnyway,
    /// Leave everything as it is.
    CloseQuestion,
    /// Change a setting.
    Set(Setting),
    /// Draw everything larger or smaller.
    Zoom(ZoomStep),
    /// Show the sheet with a template, by its name, or with a new one.
    EditTemplate(Option<String>),
    /// Remove a line of a person's own from the copy formats.
    RemoveTemplate(String),
    /// Write the settings to a file.
    ExportSettings,
    /// Choose a file of settings, and show what it would change.
    ImportSettings,
    /// Show a setting, by its name.
    ShowSetting(&'static str),
    /// Try the sandbox in this window.
    TrySandbox,
    /// Leave it again.
    LeaveSandbox,
    /// Forget the files that wait for a destination.
    ForgetWaiting,
    /// Show the sheet that finds every command, destination and setting by name.
    FindCommand,
    /// List the keyboard shortcuts.
    Shortcuts,
    /// Show what Hoist is made of, with its licences.
    Licences,
    /// Show the sheet that adds a key, or replaces one.
    AddKey(KeyChoice),
    /// Ask whether to remove a key and what uses it.
    AskToRemoveKey(String),
    /// Remove a key, and what uses it.
    RemoveKey(String),
    /// Show a folder in the file manager.
    Open(PathBuf),
    /// Show a notice.
    Notify(Notice),
    /// Stop all fetching.
    StopFetching,
    /// Put a notice away, by its number.
    CloseNotice(u64),
}

impl Action {
    /// Adds files of the history once more for where they went, or else for the chosen destination.
    pub(super) fn add_again(files: Vec<PathBuf>, to: Option<Arc<Destination>>) -> Action {
        match to {
            Some(to) => Action::AddAgain(files, to),
            None => Action::AddFiles(files, None),
        }
    }
}
