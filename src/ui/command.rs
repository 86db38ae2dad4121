//! The commands of keys, as data: one table for the keys, the menus and the sheet that lists them.

use eframe::egui::{self, Event, Key, KeyboardShortcut, Modifiers};

use super::action::Page;

/// A command that a key gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WindowCommand {
    AddFiles,
    AddFolders,
    AddByPath,
    Paste,
    Upload,
    Pause,
    RetryFailed,
    NextAttention,
    ClearFinished,
    Copy,
    SendTo,
    Remove,
    Details,
    SelectAll,
    MoveUp,
    MoveDown,
    MoveFirst,
    MoveLast,
    Undo,
    GoTo(Page),
    Search,
    Shortcuts,
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
    /// Done by egui itself.
    Egui,
}

/// A line of the table: the label of a command, its keys, and where they work.
struct Fact {
    label: &'static str,
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
    /// Everything, as the sheet lists it: in groups with a title.
    pub(super) const GROUPS: [(&'static str, &'static [WindowCommand]); 4] = [
        (
            "Files",
            &[
                WindowCommand::AddFiles,
                WindowCommand::AddFolders,
                WindowCommand::AddByPath,
                WindowCommand::Paste,
                WindowCommand::Upload,
                WindowCommand::Pause,
                WindowCommand::RetryFailed,
                WindowCommand::NextAttention,
                WindowCommand::ClearFinished,
                WindowCommand::Undo,
            ],
        ),
        (
            "Selected files",
            &[
                WindowCommand::Copy,
                WindowCommand::Details,
                WindowCommand::SendTo,
                WindowCommand::Remove,
                WindowCommand::MoveUp,
                WindowCommand::MoveDown,
                WindowCommand::MoveFirst,
                WindowCommand::MoveLast,
                WindowCommand::SelectAll,
            ],
        ),
        (
            "Pages",
            &[
                WindowCommand::GoTo(Page::Upload),
                WindowCommand::GoTo(Page::History),
                WindowCommand::GoTo(Page::Keys),
                WindowCommand::GoTo(Page::Settings),
                WindowCommand::Search,
                WindowCommand::Shortcuts,
            ],
        ),
        ("Zoom", &[WindowCommand::ZoomIn, WindowCommand::ZoomOut, WindowCommand::ZoomReset]),
    ];

    const fn fact(self) -> Fact {
        use Where::{Anywhere, Egui, List, NotTyping, Queue, QueuePage};
        const fn fact(label: &'static str, keys: &'static [KeyboardShortcut], scope: Where) -> Fact {
            Fact { label, keys, scope }
        }
        match self {
            WindowCommand::AddFiles => fact("Add files", const { &[ctrl(Key::O)] }, Anywhere),
            WindowCommand::AddFolders => fact("Add folders", const { &[ctrl_shift(Key::O)] }, Anywhere),
            WindowCommand::AddByPath => fact("Add by path", const { &[ctrl(Key::L)] }, Anywhere),
            WindowCommand::Paste => fact("Paste files", const { &[ctrl(Key::V)] }, NotTyping),
            WindowCommand::Upload => fact("Upload", const { &[ctrl(Key::Enter)] }, QueuePage),
            WindowCommand::Pause => fact("Pause or resume", const { &[ctrl(Key::P)] }, Anywhere),
            WindowCommand::RetryFailed => fact("Retry failed", const { &[ctrl(Key::R)] }, QueuePage),
            WindowCommand::NextAttention => {
                fact("Next that needs attention", const { &[plain(Key::F8)] }, QueuePage)
            }
            WindowCommand::ClearFinished => {
                fact("Clear finished", const { &[ctrl_shift(Key::L)] }, QueuePage)
            }
            WindowCommand::Copy => fact("Copy IDs", const { &[ctrl(Key::C)] }, List),
            WindowCommand::SendTo => fact("Send to…", const { &[ctrl(Key::D)] }, List),
            WindowCommand::Remove => {
                fact("Remove or cancel", const { &[plain(Key::Delete), plain(Key::Backspace)] }, List)
            }
            WindowCommand::Details => fact("Details", const { &[ctrl(Key::I)] }, List),
            WindowCommand::SelectAll => fact("Select all", const { &[ctrl(Key::A)] }, List),
            WindowCommand::MoveUp => fact("Move up", const { &[alt(Key::ArrowUp)] }, Queue),
            WindowCommand::MoveDown => fact("Move down", const { &[alt(Key::ArrowDown)] }, Queue),
            WindowCommand::MoveFirst => fact("Move to the top", const { &[alt(Key::Home)] }, Queue),
            WindowCommand::MoveLast => fact("Move to the end", const { &[alt(Key::End)] }, Queue),
            WindowCommand::Undo => fact("Undo", const { &[ctrl(Key::Z)] }, NotTyping),
            WindowCommand::GoTo(Page::Upload) => fact("Upload page", const { &[ctrl(Key::Num1)] }, Anywhere),
            WindowCommand::GoTo(Page::History) => fact("History", const { &[ctrl(Key::Num2)] }, Anywhere),
            WindowCommand::GoTo(Page::Keys) => fact("API keys", const { &[ctrl(Key::Num3)] }, Anywhere),
            WindowCommand::GoTo(Page::Settings) => fact("Settings", const { &[ctrl(Key::Comma)] }, Anywhere),
            WindowCommand::Search => fact("Search the history", const { &[ctrl(Key::F)] }, Anywhere),
            WindowCommand::Shortcuts => {
                fact("Keyboard shortcuts", const { &[plain(Key::Questionmark), plain(Key::F1)] }, NotTyping)
            }
            WindowCommand::ZoomIn => fact("Larger", const { &[ctrl(Key::Plus)] }, Egui),
            WindowCommand::ZoomOut => fact("Smaller", const { &[ctrl(Key::Minus)] }, Egui),
            WindowCommand::ZoomReset => fact("Reset zoom", const { &[ctrl(Key::Num0)] }, Egui),
        }
    }

    /// Returns its name in menus and lists.
    pub(super) fn label(self) -> &'static str {
        self.fact().label
    }

    /// Returns the keys as people read them: "Ctrl+O".
    pub(super) fn keys(self, ctx: &egui::Context) -> String {
        let all: Vec<_> = self.fact().keys.iter().map(|keys| ctx.format_shortcut(keys)).collect();
        all.join(" or ")
    }

    /// Returns the first of them, where there is little room.
    pub(super) fn key(self, ctx: &egui::Context) -> String {
        self.fact().keys.first().map(|keys| ctx.format_shortcut(keys)).unwrap_or_default()
    }

    fn all() -> impl Iterator<Item = WindowCommand> {
        WindowCommand::GROUPS.iter().flat_map(|(_, commands)| commands.iter().copied())
    }
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
    fn every_command_has_words_and_keys_of_its_own() {
        let mut seen = vec![];
        for command in WindowCommand::all() {
            assert!(!command.label().is_empty());
            assert!(!command.fact().keys.is_empty(), "{command:?}");
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
