//! What each command does as things stand, or why it cannot be given: the same for its keys and for the palette.

use std::path::Path;
use std::sync::Arc;

use jiff::Zoned;

use super::action::{Action, CopiedAt, KeyChoice, Page, Setting, ZoomStep};
use super::app::App;
use super::command::WindowCommand;
use super::history;
use super::selection::FileOrder;
use crate::session::api::{Item, Move, Totals, UploadId};
use crate::session::choices::{can_be_moved, can_be_opened};

/// What becomes of a command.
#[derive(Debug)]
pub(super) enum CommandState {
    /// It does this.
    Possible(Vec<Action>),
    /// It does nothing, for this reason.
    Impossible(&'static str),
    /// There is nothing like it in this window.
    Absent,
}

/// Returns what an action comes to that is possible only sometimes.
fn when(is_possible: bool, why_not: &'static str, action: impl FnOnce() -> Action) -> CommandState {
    if is_possible { CommandState::Possible(vec![action()]) } else { CommandState::Impossible(why_not) }
}

/// Returns why nothing can be uploaded, and what can be done about it.
fn why_no_upload(totals: &Totals, waits: bool) -> &'static str {
    match totals {
        Totals { files: 0, .. } if waits => "Your files wait for a destination. Add one first",
        Totals { files: 0, .. } => "No file is in the queue. Add files first",
        Totals { going: 1.., .. } => "Every file that is ready is on its way",
        Totals { sent_before: 1.., .. } => {
            "No file is ready: they were sent before. Press Send again to repeat it"
        }
        Totals { need_you: 1.., .. } => "No file is ready. See what needs attention",
        _ => "No file is ready",
    }
}

impl From<Action> for CommandState {
    fn from(action: Action) -> CommandState {
        CommandState::Possible(vec![action])
    }
}

const NO_FILE_SELECTED: &str = "No file is selected";
const EMPTY_HISTORY: &str = "The history is empty";

impl App {
    /// Lists what is selected in the list of the page that is shown, in its order.
    pub(super) fn selected(&self) -> Vec<UploadId> {
        match self.pages.shown {
            Page::History => self.pages.history_list.selection.in_order(self.pages.history.timeline()),
            _ => self.list.selection.in_order(self.session.uploads.queue()),
        }
    }

    /// Returns what a command does right now.
    pub(super) fn command_state(&self, command: WindowCommand) -> CommandState {
        use CommandState::{Absent, Possible};
        let (uploads, library) = (&self.session.uploads, &self.session.library);
        let totals = uploads.queue().totals();
        match command {
            WindowCommand::AddFiles => Action::ChooseFiles.into(),
            WindowCommand::AddFolders => Action::ChooseFolders.into(),
            WindowCommand::AddByPath => Action::TypePaths.into(),
            WindowCommand::Paste => Action::Paste.into(),
            WindowCommand::Upload => {
                let waits = !self.session.intake.waiting().is_empty();
                when(totals.ready > 0, why_no_upload(&totals, waits), || Action::Upload)
            }
            WindowCommand::Pause => Action::Pause(!uploads.is_paused()).into(),
            WindowCommand::Fix => {
                let fixable = &uploads.next_step().fixable;
                when(!fixable.is_empty(), "No file has a fix", || Action::Fit(fixable.clone()))
            }
            WindowCommand::RetryFailed => {
                when(totals.failed > 0, "No upload has failed", || Action::RetryFailed)
            }
            WindowCommand::SendAgain => when(totals.sent_before > 0, "No file was sent before", || {
                Action::SendAgain(self.session.uploads.sent_before())
            }),
            WindowCommand::NextAttention => {
                when(totals.need_you > 0, "No file needs attention", || Action::NextAttention)
            }
            WindowCommand::ClearFinished => {
                when(totals.finished > 0, "No upload has finished", || Action::ClearFinished)
            }
            WindowCommand::CopyUploaded => when(totals.results.all > 0, "No file has an ID yet", || {
                let format = self.session.keys.settings().copy_format;
                Action::CopyItems(CopiedAt::Uploaded, uploads.with_result(), format)
            }),
            WindowCommand::Undo => {
                when(self.undo.last().is_some(), "There is nothing to undo", || Action::Undo)
            }
            WindowCommand::GoTo(page) => Action::Page(page).into(),
            WindowCommand::Search => Action::Search.into(),
            WindowCommand::FindCommand => Action::FindCommand.into(),
            WindowCommand::Shortcuts => Action::Shortcuts.into(),
            WindowCommand::ShowHistoryAs(style) => {
                let show = vec![Action::Page(Page::History), Action::Set(Setting::HistoryStyle(style))];
                if self.session.keys.settings().history_style == style { Absent } else { Possible(show) }
            }
            WindowCommand::ExportHistory(_) if self.pages.folders.is_none() => Absent,
            WindowCommand::ExportHistory(format) => when(library.count() > 0, EMPTY_HISTORY, || {
                Action::Export(format, self.pages.history.wanted(&Zoned::now()))
            }),
            WindowCommand::ClearHistory => when(library.count() > 0, EMPTY_HISTORY, || Action::AskToClear),
            WindowCommand::AddDestination => Action::AddDestination.into(),
            WindowCommand::AddProvider => Action::ChooseProviderFiles.into(),
            WindowCommand::WatchFolder => {
                let keys = &self.session.keys;
                match keys.chosen().filter(|to| keys.is_saved(to)) {
                    Some(to) => Action::ChooseWatched(Arc::clone(to)).into(),
                    None => CommandState::Impossible("This destination isn't saved: use Add destination"),
                }
            }
            WindowCommand::AddKey => Action::AddKey(KeyChoice::New).into(),
            WindowCommand::ExportSettings => Action::ExportSettings.into(),
            WindowCommand::ImportSettings => Action::ImportSettings.into(),
            WindowCommand::TrySandbox if self.trial.is_offered() => Action::TrySandbox.into(),
            WindowCommand::LeaveSandbox if self.trial.is_on() => Action::LeaveSandbox.into(),
            WindowCommand::TrySandbox | WindowCommand::LeaveSandbox => Absent,
            WindowCommand::Licences => Action::Licences.into(),
            WindowCommand::ZoomIn => Action::Zoom(ZoomStep::Larger).into(),
            WindowCommand::ZoomOut => Action::Zoom(ZoomStep::Smaller).into(),
            WindowCommand::ZoomReset => Action::Zoom(ZoomStep::Reset).into(),
            _ => match self.pages.shown {
                Page::Upload => self.on_queue(command),
                Page::History => self.on_history(command),
                Page::Keys | Page::Providers | Page::Settings => {
                    CommandState::Impossible("Select files on the Upload page")
                }
            },
        }
    }

    /// Returns what a command does with what is selected in the queue.
    fn on_queue(&self, command: WindowCommand) -> CommandState {
        let queue = self.session.uploads.queue();
        if command == WindowCommand::SelectAll {
            return when(queue.count() > 0, "The queue is empty", || Action::SelectAll);
        }
        let ids = self.selected();
        if ids.is_empty() && command == WindowCommand::Copy && queue.totals().results.all > 0 {
            return self.command_state(WindowCommand::CopyUploaded); // what the button below the queue copies
        }
        if ids.is_empty() {
            return CommandState::Impossible(NO_FILE_SELECTED);
        }
        let items: Vec<&Item> = ids.iter().filter_map(|id| queue.get(*id)).collect();
        let any = |which: fn(&Item) -> bool| items.iter().any(|item| which(item));
        let single = self.list.selection.single();
        let moved = |to| {
            when(any(can_be_moved), "Files on their way and finished files cannot be moved", || {
                Action::Move(ids.clone(), to)
            })
        };
        match command {
            WindowCommand::Copy => {
                when(any(|item| item.result().is_some()), "No selected file has an ID yet", || {
                    let at = single.map_or(CopiedAt::Selection, CopiedAt::Row);
                    Action::CopyItems(at, ids.clone(), self.session.keys.settings().copy_format)
                })
            }
            WindowCommand::Details => Action::ToggleDetails.into(),
            WindowCommand::OpenFile => match items.as_slice() {
                [one] => open_file(one.request.source()),
                _ => CommandState::Impossible("Select one file"),
            },
            WindowCommand::Reveal => match items.as_slice() {
                [one] => Action::Reveal(one.request.path.clone()).into(),
                _ => CommandState::Impossible("Select one file"),
            },
            WindowCommand::SendTo => Action::AskWhereTo(ids).into(),
            WindowCommand::Remove => {
                let (active, rest): (Vec<&Item>, Vec<_>) = items.iter().partition(|i| i.state.is_active());
                let ids = |items: Vec<&Item>| items.iter().map(|item| item.request.id).collect::<Vec<_>>();
                let cancel = (!active.is_empty()).then(|| Action::Cancel(ids(active)));
                let remove = (!rest.is_empty()).then(|| Action::Remove(ids(rest)));
                CommandState::Possible(cancel.into_iter().chain(remove).collect())
            }
            WindowCommand::MoveUp => moved(Move::Up),
            WindowCommand::MoveDown => moved(Move::Down),
            WindowCommand::MoveFirst => moved(Move::First),
            WindowCommand::MoveLast => moved(Move::Last),
            _ => CommandState::Absent,
        }
    }

    /// Returns what a command does with what is selected in the history.
    fn on_history(&self, command: WindowCommand) -> CommandState {
        let view = &self.pages.history;
        if command == WindowCommand::SelectAll {
            return when(view.timeline().count() > 0, EMPTY_HISTORY, || Action::SelectAll);
        }
        let is_beside = self.pages.details.form(Page::History, 0, 0, true).is_some();
        if command == WindowCommand::Details && is_beside {
            return Action::ToggleDetails.into();
        }
        let (ids, single) = (self.selected(), self.pages.history_list.selection.single());
        let only = view.only_selected().filter(|only| single == Some(only.request.id));
        if ids.is_empty() {
            return CommandState::Impossible("No upload is selected");
        }
        match command {
            WindowCommand::Copy => {
                let format = self.session.keys.settings().copy_format;
                Action::CopyItems(CopiedAt::Selection, ids, format).into()
            }
            WindowCommand::Details => Action::ToggleDetails.into(),
            WindowCommand::SendTo => Action::AskWhereAgain(ids).into(),
            WindowCommand::Remove => Action::Forget(ids).into(),
            WindowCommand::OpenFile => match only {
                Some(only) => open_file(&only.request.path),
                None => CommandState::Impossible("Select one upload"),
            },
            WindowCommand::Reveal => match only {
                Some(only) => Action::Reveal(only.request.path.clone()).into(),
                None => CommandState::Impossible("Select one upload"),
            },
            WindowCommand::OpenLink => match only.and_then(|only| history::open_link(only)) {
                Some(link) => Action::Browse(link.to_owned()).into(),
                None => CommandState::Impossible("Select one upload with a link"),
            },
            _ => CommandState::Absent,
        }
    }
}

fn open_file(path: &Path) -> CommandState {
    when(can_be_opened(path), "Its name is not one of a media file", || Action::OpenFile(path.to_owned()))
}
