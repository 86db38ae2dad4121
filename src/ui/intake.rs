//! What comes into the window from outside, and what is copied out of it.

use std::sync::Arc;

use eframe::egui::{self, Event, Key, Modifiers, OutputCommand};

use super::action::Page;
use super::app::App;
use crate::model::drop_data::DroppedData;
use crate::platform::display;
use crate::platform::dnd_clipboard::{Exchange, NOTHING_PASTED};
use crate::platform::host::host_info;
use crate::platform::inbox::{Inbox, WindowEvent};
use crate::platform::instance::{Message, Owner};
use crate::session::imports::To;

/// In the frame of a key, the keys before it ask for a field to be shown; in the next one it is, and has the keyboard.
const PASTES_IN: u8 = 2;

/// What a key asks of the clipboard.
enum ClipboardKey {
    Cut,
    Copy,
    Paste,
}

impl App {
    /// The same, with the drops and the clipboard of a real window.
    #[must_use]
    pub(super) fn in_window(mut self, window: &eframe::CreationContext<'_>) -> App {
        self.exchange = Some(Exchange::start(window, self.inbox()));
        self.panels = Some(display::panels());
        self
    }

    /// Where things from outside are put.
    pub fn inbox(&self) -> Inbox {
        self.inbox.0.clone()
    }

    /// The same, and further starts of the program hand their files over to this window; or it says why they do not.
    #[must_use]
    pub(super) fn listening(mut self, owner: Option<Owner>, why: Option<String>) -> App {
        self.notify(why.unwrap_or_default());
        let inbox = self.inbox();
        let take = move |Message { files, token }| {
            let handed = DroppedData { files, ..DroppedData::default() };
            (handed.is_empty() || inbox.put(WindowEvent::Handed(handed)))
                && inbox.put(WindowEvent::Raise { token })
        };
        match owner.map(|owner| owner.listen(take)).transpose() {
            Ok(listening) => self.listening = listening,
            Err(e) => self.notify(format!("This window does not take files of further starts of Hoist: {e}")),
        }
        self
    }

    /// The window closes. What was taken until now stays in the queue, and comes back with it.
    pub(super) fn leave(&mut self) {
        self.exchange = None; // it uses the window's connection, which is closed next
        self.listening = None;
        while let Ok(incoming) = self.inbox.1.try_recv() {
            if let WindowEvent::Handed(handed) | WindowEvent::Dropped(handed, _) = incoming {
                self.stage(handed.files, None);
            }
        }
    }

    /// Takes in everything that has arrived.
    pub(super) fn ingest(&mut self, ctx: &egui::Context) {
        while let Ok(incoming) = self.inbox.1.try_recv() {
            match incoming {
                WindowEvent::Hover(hover) => {
                    self.held = hover;
                    if self.held.is_none() {
                        self.held_at = None;
                    }
                    ctx.request_repaint(); // the pointer goes with the next frame
                }
                WindowEvent::HeldAt(at) => {
                    self.held_at = Some(at);
                    ctx.request_repaint();
                }
                WindowEvent::Handed(handed) => self.bring(handed, None),
                WindowEvent::Dropped(handed, at) => {
                    (self.held, self.held_at) = (None, None);
                    let to = at.and_then(|at| self.target_at(at.in_points(ctx)));
                    self.bring(handed, to);
                }
                WindowEvent::Text(text) => ctx.input_mut(|input| input.events.push(Event::Paste(text))),
                WindowEvent::Raise { token } => {
                    if let Some(exchange) = &self.exchange {
                        exchange.raise(token);
                    }
                    ctx.send_viewport_cmd(egui::ViewportCommand::Minimized(false));
                    ctx.send_viewport_cmd(egui::ViewportCommand::Focus);
                    // Where a window may not put itself in front, the desktop says that it wants to be.
                    let attention = egui::UserAttentionType::Informational;
                    ctx.send_viewport_cmd(egui::ViewportCommand::RequestUserAttention(attention));
                }
            }
        }
    }

    /// The destination of the list at the left that is there.
    pub(super) fn target_at(&self, at: egui::Pos2) -> To {
        self.targets
            .iter()
            .find(|(rect, _)| rect.contains(at))
            .map(|(_, destination)| Arc::clone(destination))
    }

    /// Stages what another program has given, asks before links are fetched, and says what of it cannot be used. It goes
    /// to this destination, or else to the one that is chosen.
    pub(super) fn bring(&mut self, handed: DroppedData, to: To) {
        for problem in handed.problems {
            self.notify(problem);
        }
        self.add_files_to(handed.files, to.clone());
        match handed.content {
            // The address of what is here already is not needed.
            Some(content) => {
                self.go_to(Page::Upload);
                self.session.bring(content, to);
            }
            None => self.ask_to_fetch(handed.links, &to),
        }
    }

    /// Whether something is being written: what is pasted goes there. A sheet takes no files either.
    fn writes(&self, ctx: &egui::Context) -> bool {
        self.over.is_some() || self.question.is_some() || ctx.text_edit_focused()
    }

    /// Asks for what is in the clipboard.
    pub(super) fn paste(&self, ctx: &egui::Context) {
        if let Some(exchange) = &self.exchange {
            exchange.paste(self.writes(ctx));
        }
    }

    /// Takes in a text that was pasted where nothing is being written: files and addresses are named in it, or nothing.
    pub(super) fn ingest_pasted(&mut self, ctx: &egui::Context) {
        if self.writes(ctx) {
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
        let mut handed = DroppedData::of_text(&texts.join("\n"), host_info());
        if handed.is_empty() {
            handed.problems.push(NOTHING_PASTED.to_owned());
        }
        self.bring(handed, None);
    }

    /// While something is held over the window, the pointer that egui knows stays where it was last seen.
    pub(super) fn pointer_gone(&self, input: &mut egui::RawInput) {
        if self.held.is_some() || !input.hovered_files.is_empty() {
            input.events.push(Event::PointerGone);
        }
    }

    /// The clipboard's keys, as egui has them: text that is pasted follows when the other program has handed it over.
    pub(super) fn clipboard_keys(&mut self, input: &mut egui::RawInput) {
        if self.exchange.is_none() {
            return;
        }
        let pastes_in = &mut self.pastes_in;
        input.events.retain_mut(|event| {
            let Event::Key { key, pressed: true, modifiers, .. } = event else { return true };
            match wish(*key, *modifiers) {
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

    /// Asks for what the clipboard's key asked for, when the keys before it have had their effect.
    pub(super) fn paste_soon(&mut self, ctx: &egui::Context) {
        if self.pastes_in > 0 {
            self.pastes_in -= 1;
            ctx.request_repaint();
            if self.pastes_in == 0 {
                self.paste(ctx);
            }
        }
    }

    /// Puts what was copied in this frame into the clipboard.
    pub(super) fn write_clipboard(&self, ctx: &egui::Context) {
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

/// As egui-winit reads the keys.
fn wish(key: Key, modifiers: Modifiers) -> Option<ClipboardKey> {
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
