//! What the window has of the desktop: the inbox for what comes in, the clipboard, and further starts of the program.

use std::sync::mpsc::Receiver;

use eframe::egui::{self, Context, Event, Key, Modifiers, OutputCommand, Rect};

use super::key_backlog::KeyBacklog;
use crate::platform::dnd_clipboard::Exchange;
use crate::platform::inbox::{Inbox, WindowEvent};
use crate::platform::instance::{Listening, Message, Owner};
use crate::platform::taskbar::{Taskbar, TaskbarProgress};
use crate::session::api::DroppedData;

/// In the frame of a key, the keys before it ask for a field to be shown; in the next one it is, and has the keyboard.
const PASTES_IN: u8 = 2;

/// The window's connections to the desktop.
pub(super) struct Desktop {
    inbox: (Inbox, Receiver<WindowEvent>),
    /// The window's drops and clipboard; none in a window that is not on a screen.
    exchange: Option<Exchange>,
    /// So many frames more until it is asked what is in the clipboard.
    pastes_in: u8,
    listening: Option<Listening>,
    /// None in a window that is not on a screen.
    taskbar: Option<Taskbar>,
    /// Where the field that is written into was in the last frame.
    field: Option<Rect>,
    keys: KeyBacklog,
}

/// What a key asks of the clipboard.
enum ClipboardKey {
    Cut,
    Copy,
    Paste,
}

impl Desktop {
    /// Makes the inbox of a window that is not shown.
    pub(super) fn new(ctx: &Context) -> Desktop {
        Desktop {
            inbox: Inbox::new(ctx),
            exchange: None,
            pastes_in: 0,
            listening: None,
            taskbar: None,
            field: None,
            keys: KeyBacklog::default(),
        }
    }

    /// Connects to the drops and the clipboard of a real window.
    pub(super) fn connect(&mut self, window: &eframe::CreationContext<'_>) {
        self.exchange = Some(Exchange::start(window, self.inbox()));
        self.taskbar = Some(Taskbar::of(window));
    }

    /// Shows in the taskbar how far uploads are.
    pub(super) fn show_progress(&mut self, progress: TaskbarProgress) {
        if let Some(taskbar) = &mut self.taskbar {
            taskbar.show(progress);
        }
    }

    /// Has further starts of the program hand their files over to this window. The error is a sentence.
    pub(super) fn listen(&mut self, owner: Owner) -> Result<(), String> {
        let inbox = self.inbox();
        let receive = move |Message { files, token }| {
            let data = DroppedData { files, ..DroppedData::default() };
            (data.is_empty() || inbox.put(WindowEvent::Handed(data)))
                && inbox.put(WindowEvent::Raise { token })
        };
        let listening = owner.listen(receive);
        self.listening = Some(
            listening
                .map_err(|e| format!("This window cannot receive files from other starts of Hoist: {e}"))?,
        );
        Ok(())
    }

    /// Returns where things from outside are put.
    pub(super) fn inbox(&self) -> Inbox {
        self.inbox.0.clone()
    }

    /// Takes the next thing that has arrived.
    pub(super) fn next_event(&self) -> Option<WindowEvent> {
        self.inbox.1.try_recv().ok()
    }

    /// Ends both: the clipboard uses the window's connection, which is closed next.
    pub(super) fn disconnect(&mut self) {
        self.exchange = None;
        self.listening = None;
    }

    /// Brings the window to the front; where a window may not do that, the desktop says that it wants to be.
    pub(super) fn raise(&self, ctx: &Context, token: Option<String>) {
        if let Some(exchange) = &self.exchange {
            exchange.raise(token);
        }
        ctx.send_viewport_cmd(egui::ViewportCommand::Minimized(false));
        ctx.send_viewport_cmd(egui::ViewportCommand::Focus);
        let attention = egui::UserAttentionType::Informational;
        ctx.send_viewport_cmd(egui::ViewportCommand::RequestUserAttention(attention));
    }

    /// Asks for what is in the clipboard; `as_text` where somebody is typing.
    pub(super) fn paste(&self, as_text: bool) {
        if let Some(exchange) = &self.exchange {
            exchange.paste(as_text);
        }
    }

    /// Reads the keys of a frame: those that came after one that may give the keyboard to something else have the next.
    pub(super) fn read_keys(&mut self, ctx: &Context, input: &mut egui::RawInput) {
        if self.keys.take_turn(input) {
            ctx.request_repaint();
        }
        self.read_clipboard_keys(input);
    }

    /// Reads the clipboard's keys as egui has them: text that is pasted follows when the other program has given it.
    fn read_clipboard_keys(&mut self, input: &mut egui::RawInput) {
        if self.exchange.is_none() {
            return;
        }
        let pastes_in = &mut self.pastes_in;
        input.events.retain_mut(|event| {
            let Event::Key { key, pressed: true, modifiers, .. } = event else { return true };
            match clipboard_key(*key, *modifiers) {
                None => return true,
                Some(ClipboardKey::Cut) => *event = Event::Cut,
                Some(ClipboardKey::Copy) => *event = Event::Copy,
                Some(ClipboardKey::Paste) => {
                    *pastes_in = PASTES_IN;
                    return false;
                }
            }
            true
        });
    }

    /// Counts the frames since the key that pastes; true when the keys before it have had their effect.
    pub(super) fn is_paste_due(&mut self, ctx: &Context) -> bool {
        if self.pastes_in == 0 {
            return false;
        }
        self.pastes_in -= 1;
        ctx.request_repaint();
        self.pastes_in == 0
    }

    /// Has the input method follow to the field that the keyboard went to in this frame.
    pub(super) fn follow_field(&mut self, ctx: &Context) {
        let field = ctx.output(|output| output.ime.map(|ime| ime.rect));
        let is_new = field.is_some() && field != self.field;
        self.field = field;
        if let Some(exchange) = self.exchange.as_ref().filter(|_| is_new) {
            exchange.follow_field(); // this takes effect when the frame is over, and the window's library knows of the field
        }
    }

    /// Puts what was copied in this frame into the clipboard.
    pub(super) fn write_clipboard(&self, ctx: &Context) {
        let Some(exchange) = &self.exchange else { return };
        ctx.output_mut(|output| {
            output.commands.retain(|command| match command {
                OutputCommand::CopyText(text) => {
                    exchange.copy(text.clone());
                    false
                }
                _ => true,
            });
        });
    }
}

/// Reads the keys as egui-winit does.
fn clipboard_key(key: Key, modifiers: Modifiers) -> Option<ClipboardKey> {
    let shift = cfg!(windows) && modifiers.shift;
    let windows = cfg!(windows) && modifiers.ctrl;
    match key {
        Key::Cut => Some(ClipboardKey::Cut),
        Key::Copy => Some(ClipboardKey::Copy),
        Key::Paste => Some(ClipboardKey::Paste),
        Key::X if modifiers.command_only() => Some(ClipboardKey::Cut),
        Key::C if modifiers.command_only() => Some(ClipboardKey::Copy),
        Key::V if modifiers.command_only() => Some(ClipboardKey::Paste),
        Key::Delete if shift => Some(ClipboardKey::Cut),
        Key::Insert if windows => Some(ClipboardKey::Copy),
        Key::Insert if shift => Some(ClipboardKey::Paste),
        _ => None,
    }
}
