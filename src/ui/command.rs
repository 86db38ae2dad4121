//! The commands of the window, as data: one table for the keys, the menus, the sheet that lists the keys and the palette.

use eframe::egui::{self, Event, Key, KeyboardShortcut, Modifiers};
use lucide_icons::Icon;

use super::action::Page;
use crate::session::api::HistoryStyle;
use crate::session::export::Format;

/// A command that is given by a key, or found by its name in the palette.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WindowCommand {
    AddFiles,
    AddFolders,
    AddByPath,
    Paste,
    Upload,
    Pause,
    Fix,
    RetryFailed,
    SendAgain,
    NextAttention,
    ClearFinished,
    CopyUploaded,
    Copy,
    SendTo,
    Remove,
    Details,
    OpenFile,
    Reveal,
    OpenLink,
    SelectAll,
    Menu,
    MoveUp,
    MoveDown,
    MoveFirst,
    MoveLast,
    Undo,
    GoTo(Page),
    Search,
    FindCommand,
    Shortcuts,
    ShowHistoryAs(HistoryStyle),
    ExportHistory(Format),
    ClearHistory,
    AddDestination,
    AddKey,
    AddProvider,
    WatchFolder,
    ExportSettings,
    ImportSettings,
    TrySandbox,
    LeaveSandbox,
    Licences,
    ZoomIn,
    ZoomOut,
    ZoomReset,
}

/// Where the keys of a command work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Where {
    /// In the whole window.
    Anywhere,
    /// Everywhere, while no text field has the keyboard.
    NotTyping,
    /// On the pages with a list of files, while no text field has the keyboard.
    List,
    /// On the page with the queue, while no text field has the keyboard.
    Queue,
    /// On the page with the queue: what is sent can be seen there.
    QueuePage,
    /// Done by egui itself, or by what has the keyboard.
    Egui,
}

/// A line of the table: the label of a command, its icon, its keys, and where they work.
struct Fact {
    label: &'static str,
    icon: Icon,
    keys: &'static [KeyboardShortcut],
    scope: Where,
}

const fn ctrl(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::COMMAND, key)
}

const fn ctrl_shift(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::COMMAND.plus(Modifiers::SHIFT), key)
}

const fn alt(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::ALT, key)
}

const fn plain(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::NONE, key)
}

impl WindowCommand {
    /// Returns whether its keys have a modifier: they are pressed for this command alone.
    pub(super) fn has_modifier(self) -> bool {
        let mut keys = self.fact().keys.iter();
        keys.any(|keys| keys.modifiers.command || keys.modifiers.alt)
    }

    /// Everything, as the palette lists it, and the sheet what of it has keys: in groups with a title.
    pub(super) const GROUPS: [(&'static str, &'static [WindowCommand]); 6] = [
        (
            "Files",
            &[
                WindowCommand::AddFiles,
                WindowCommand::AddFolders,
                WindowCommand::AddByPath,
                WindowCommand::Paste,
                WindowCommand::Upload,
                WindowCommand::Pause,
                WindowCommand::Fix,
                WindowCommand::RetryFailed,
                WindowCommand::SendAgain,
                WindowCommand::NextAttention,
                WindowCommand::ClearFinished,
                WindowCommand::CopyUploaded,
                WindowCommand::Undo,
            ],
        ),
        (
            "Selected files",
            &[
                WindowCommand::Copy,
                WindowCommand::Details,
                WindowCommand::OpenFile,
                WindowCommand::Reveal,
                WindowCommand::OpenLink,
                WindowCommand::SendTo,
                WindowCommand::Remove,
                WindowCommand::MoveUp,
                WindowCommand::MoveDown,
                WindowCommand::MoveFirst,
                WindowCommand::MoveLast,
                WindowCommand::SelectAll,
                WindowCommand::Menu,
            ],
        ),
        (
            "Pages",
            &[
                WindowCommand::GoTo(Page::Upload),
                WindowCommand::GoTo(Page::History),
                WindowCommand::GoTo(Page::Keys),
                WindowCommand::GoTo(Page::Providers),
                WindowCommand::GoTo(Page::Settings),
                WindowCommand::Search,
                WindowCommand::FindCommand,
                WindowCommand::Shortcuts,
            ],
        ),
        (
            "History",
            &[
                WindowCommand::ShowHistoryAs(HistoryStyle::List),
                WindowCommand::ShowHistoryAs(HistoryStyle::Grid),
                WindowCommand::ExportHistory(Format::Csv),
                WindowCommand::ExportHistory(Format::Json),
                WindowCommand::ClearHistory,
            ],
        ),
        (
            "Set up",
            &[
                WindowCommand::AddKey,
                WindowCommand::AddDestination,
                WindowCommand::AddProvider,
                WindowCommand::WatchFolder,
                WindowCommand::ExportSettings,
                WindowCommand::ImportSettings,
                WindowCommand::TrySandbox,
                WindowCommand::LeaveSandbox,
                WindowCommand::Licences,
            ],
        ),
        ("Zoom", &[WindowCommand::ZoomIn, WindowCommand::ZoomOut, WindowCommand::ZoomReset]),
    ];

    const fn fact(self) -> Fact {
        use Where::{Anywhere, Egui, List, NotTyping, Queue, QueuePage};
        use WindowCommand as C;
        const fn fact(
            label: &'static str,
            icon: Icon,
            keys: &'static [KeyboardShortcut],
            scope: Where,
        ) -> Fact {
            Fact { label, icon, keys, scope }
        }
        macro_rules! keys {
            ($($keys:expr),*) => { const { &[$($keys),*] } };
        }
        match self {
            C::AddFiles => fact("Add files", Icon::FolderOpen, keys![ctrl(Key::O)], Anywhere),
            C::AddFolders => fact("Add folders", Icon::FolderPlus, keys![ctrl_shift(Key::O)], Anywhere),
            C::AddByPath => fact("Add by path", Icon::TextCursorInput, keys![ctrl(Key::L)], Anywhere),
            C::Paste => fact("Paste files", Icon::Clipboard, keys![ctrl(Key::V)], NotTyping),
            C::Upload => fact("Upload", Icon::Upload, keys![ctrl(Key::Enter)], QueuePage),
            C::Pause => fact("Pause or resume", Icon::Pause, keys![ctrl(Key::P)], Anywhere),
            C::Fix => {
                fact("Fix what is not accepted", Icon::WandSparkles, keys![ctrl_shift(Key::F)], QueuePage)
            }
            C::RetryFailed => fact("Retry failed", Icon::RotateCw, keys![ctrl(Key::R)], QueuePage),
            C::SendAgain => fact("Send again what was sent before", Icon::RotateCw, keys![], QueuePage),
            C::NextAttention => {
                fact("Next that needs attention", Icon::CircleAlert, keys![plain(Key::F8)], QueuePage)
            }
            C::ClearFinished => fact("Clear finished", Icon::ListX, keys![ctrl_shift(Key::L)], QueuePage),
            C::CopyUploaded => fact("Copy all results", Icon::Copy, keys![], QueuePage),
            C::Copy => fact("Copy results", Icon::Copy, keys![ctrl(Key::C)], List),
            C::SendTo => fact("Send to…", Icon::Forward, keys![ctrl(Key::D)], List),
            C::Remove => {
                fact("Remove or cancel", Icon::X, keys![plain(Key::Delete), plain(Key::Backspace)], List)
            }
            C::Details => fact("Details", Icon::PanelRight, keys![ctrl(Key::I)], List),
            C::OpenFile => fact("Open file", Icon::Eye, keys![], List),
            C::Reveal => fact("Reveal file", Icon::FolderOpen, keys![], List),
            C::OpenLink => fact("Open link", Icon::ExternalLink, keys![], List),
            C::SelectAll => fact("Select all", Icon::ListChecks, keys![ctrl(Key::A)], List),
            C::Menu => {
                let keys = keys![KeyboardShortcut::new(Modifiers::SHIFT, Key::F10)];
                fact("Menu", Icon::Ellipsis, keys, Egui)
            }
            C::MoveUp => fact("Move up", Icon::ArrowUp, keys![alt(Key::ArrowUp)], Queue),
            C::MoveDown => fact("Move down", Icon::ArrowDown, keys![alt(Key::ArrowDown)], Queue),
            C::MoveFirst => fact("Move to the top", Icon::ArrowUpToLine, keys![alt(Key::Home)], Queue),
            C::MoveLast => fact("Move to the end", Icon::ArrowDownToLine, keys![alt(Key::End)], Queue),
            C::Undo => fact("Undo", Icon::Undo2, keys![ctrl(Key::Z)], NotTyping),
            C::GoTo(Page::Upload) => fact("Upload page", Icon::Upload, keys![ctrl(Key::Num1)], Anywhere),
            C::GoTo(Page::History) => fact("History", Icon::History, keys![ctrl(Key::Num2)], Anywhere),
            C::GoTo(Page::Keys) => fact("API keys", Icon::KeyRound, keys![ctrl(Key::Num3)], Anywhere),
            C::GoTo(Page::Providers) => fact("Providers", Icon::Plug, keys![ctrl(Key::Num4)], Anywhere),
            C::GoTo(Page::Settings) => fact("Settings", Icon::Settings, keys![ctrl(Key::Comma)], Anywhere),
            C::Search => fact("Search the history", Icon::Search, keys![ctrl(Key::F)], Anywhere),
            C::FindCommand => {
                fact("Find a command, destination or setting", Icon::Command, keys![ctrl(Key::K)], Anywhere)
            }
            C::Shortcuts => {
                let keys = keys![plain(Key::Questionmark), plain(Key::F1)];
                fact("Keyboard shortcuts", Icon::Keyboard, keys, NotTyping)
            }
            C::ShowHistoryAs(HistoryStyle::List) => {
                fact("Show the history as a list", Icon::List, keys![], Anywhere)
            }
            C::ShowHistoryAs(HistoryStyle::Grid) => {
                fact("Show the history as a grid", Icon::LayoutGrid, keys![], Anywhere)
            }
            C::ExportHistory(Format::Csv) => {
                fact("Export the history as CSV", Icon::FileSpreadsheet, keys![], Anywhere)
            }
            C::ExportHistory(Format::Json) => {
                fact("Export the history as JSON", Icon::FileJson, keys![], Anywhere)
            }
            C::ClearHistory => fact("Clear the history", Icon::Trash2, keys![], Anywhere),
            C::AddDestination => fact("Add destination", Icon::Plus, keys![], Anywhere),
            C::AddProvider => fact("Add a provider from a file…", Icon::FilePlus2, keys![], Anywhere),
            C::WatchFolder => fact("Watch a folder…", Icon::FolderSync, keys![], Anywhere),
            C::AddKey => fact("Add API key", Icon::KeyRound, keys![], Anywhere),
            C::ExportSettings => fact("Export settings…", Icon::Download, keys![], Anywhere),
            C::ImportSettings => fact("Import settings…", Icon::Upload, keys![], Anywhere),
            C::TrySandbox => fact("Try the sandbox without a key", Icon::FlaskConical, keys![], Anywhere),
            C::LeaveSandbox => fact("Leave the sandbox", Icon::LogOut, keys![], Anywhere),
            C::Licences => fact("Third-party licences", Icon::Scale, keys![], Anywhere),
            C::ZoomIn => fact("Larger", Icon::ZoomIn, keys![ctrl(Key::Plus)], Egui),
            C::ZoomOut => fact("Smaller", Icon::ZoomOut, keys![ctrl(Key::Minus)], Egui),
            C::ZoomReset => fact("Reset zoom", Icon::Search, keys![ctrl(Key::Num0)], Egui),
        }
    }

    /// Returns its name in menus and lists.
    pub(super) fn label(self) -> &'static str {
        self.fact().label
    }

    /// Returns what stands before it in menus and the palette.
    pub(super) fn icon(self) -> Icon {
        self.fact().icon
    }

    /// Returns whether keys give it.
    pub(super) fn has_keys(self) -> bool {
        !self.fact().keys.is_empty()
    }

    /// Returns the page it belongs to, where that must be shown to see what it does.
    pub(super) fn page(self) -> Option<Page> {
        matches!(self.fact().scope, Where::Queue | Where::QueuePage).then_some(Page::Upload)
    }

    /// Returns the keys as people read them: "Ctrl+O".
    pub(super) fn keys(self, ctx: &egui::Context) -> String {
        let all: Vec<_> = self.fact().keys.iter().map(|keys| readable(ctx, *keys)).collect();
        all.join(" or ")
    }

    /// Returns the first of them, where there is little room.
    pub(super) fn key(self, ctx: &egui::Context) -> String {
        self.fact().keys.first().map(|keys| readable(ctx, *keys)).unwrap_or_default()
    }

    fn all() -> impl Iterator<Item = WindowCommand> {
        WindowCommand::GROUPS.iter().flat_map(|(_, commands)| commands.iter().copied())
    }
}

/// Returns keys as they stand on a keyboard: "Ctrl+,".
fn readable(ctx: &egui::Context, keys: KeyboardShortcut) -> String {
    let named = ctx.format_shortcut(&keys);
    let sign = match keys.logical_key {
        Key::Comma => ",",
        Key::Questionmark => "?",
        _ => return named,
    };
    named.replace(keys.logical_key.name(), sign)
}

/// Reads the commands that were given by keys since the last frame, on this page.
pub(super) fn pressed(ctx: &egui::Context, page: Page) -> Vec<WindowCommand> {
    let typing = ctx.text_edit_focused();
    let works = |command: &WindowCommand| match command.fact().scope {
        Where::Anywhere => true,
        Where::NotTyping => !typing,
        Where::List => !typing && matches!(page, Page::Upload | Page::History),
        Where::Queue => !typing && page == Page::Upload,
        Where::QueuePage => page == Page::Upload,
        Where::Egui => false,
    };
    let mut out = vec![];
    // With Shift first: to egui, the same keys without it are pressed as well.
    let shift = |command: &WindowCommand| command.fact().keys.iter().any(|keys| keys.modifiers.shift);
    let (first, rest): (Vec<_>, Vec<_>) = WindowCommand::all().filter(works).partition(shift);
    ctx.input_mut(|input| {
        for command in first.into_iter().chain(rest) {
            let mut hit = false;
            match command {
                // Window systems make these of keys themselves.
                WindowCommand::Copy => input.events.retain(|event| {
                    let copy = matches!(event, Event::Copy);
                    hit |= copy;
                    !copy
                }),
                WindowCommand::Paste => {} // comes with what is pasted
                // Where the question mark is differs by keyboard.
                WindowCommand::Shortcuts => {
                    hit = input.consume_key(Modifiers::NONE, Key::F1)
                        | input.consume_key(Modifiers::NONE, Key::Questionmark)
                        | input.consume_key(Modifiers::SHIFT, Key::Questionmark);
                }
                _ => {
                    for keys in command.fact().keys {
                        hit |= input.consume_shortcut(keys);
                    }
                }
            }
            if hit {
                out.push(command);
            }
        }
    });
    out
}

#[cfg(test)]
mod tests {
    use strum::IntoEnumIterator;

    use super::*;

    #[test]
    fn keys_are_written_as_they_stand_on_a_keyboard() {
        let ctx = egui::Context::default();
        ctx.set_os(egui::os::OperatingSystem::Nix);
        let keys = |command: WindowCommand| command.keys(&ctx);
        assert_eq!(keys(WindowCommand::GoTo(Page::Settings)), "Ctrl+,");
        assert_eq!(keys(WindowCommand::Shortcuts), "? or F1");
        assert_eq!(keys(WindowCommand::Menu), "Shift+F10");
    }

    #[test]
    fn every_command_has_a_name_and_keys_of_its_own() {
        let (mut seen, mut labels) = (vec![], vec![]);
        for command in WindowCommand::all() {
            assert!(!labels.contains(&command.label()), "{command:?} has the name of another");
            labels.push(command.label());
            for keys in command.fact().keys {
                assert!(!seen.contains(keys), "{command:?} has the keys of another");
                seen.push(*keys);
            }
        }
        for page in Page::iter() {
            assert!(WindowCommand::all().any(|command| command == WindowCommand::GoTo(page)), "{page:?}");
        }
    }

    #[test]
    fn keys_with_shift_do_not_mean_those_without() {
        let pressed_with = |modifiers: Modifiers, key: Key| {
            let event = Event::Key { key, physical_key: None, pressed: true, repeat: false, modifiers };
            let input = egui::RawInput { events: vec![event], ..egui::RawInput::default() };
            let ctx = egui::Context::default();
            let mut out = vec![];
            let mut output = ctx.run_ui(input, |ui| out.extend(pressed(ui.ctx(), Page::Upload)));
            output.textures_delta.clear();
            out
        };
        let shift = Modifiers::COMMAND | Modifiers::SHIFT;
        assert_eq!(pressed_with(shift, Key::O), [WindowCommand::AddFolders]);
        assert_eq!(pressed_with(Modifiers::COMMAND, Key::O), [WindowCommand::AddFiles]);
        assert_eq!(pressed_with(shift, Key::L), [WindowCommand::ClearFinished]);
        assert_eq!(pressed_with(Modifiers::COMMAND, Key::L), [WindowCommand::AddByPath]);
    }
}
