//! Drops and the clipboard of the window: one owner for both, since on Wayland they have to have one. What comes in goes to
//! the inbox; nothing here is waited for by the window.

#[cfg(target_os = "linux")]
mod data_control;
#[cfg(target_os = "linux")]
mod data_offer;
#[cfg(target_os = "linux")]
mod pipe;
#[cfg(target_os = "linux")]
mod portal;
mod problems;
#[cfg(not(target_os = "linux"))]
mod unsupported;
#[cfg(target_os = "linux")]
mod wayland;
#[cfg(target_os = "linux")]
mod x11;

use std::sync::mpsc::{self, Sender};
use std::thread::JoinHandle;

use raw_window_handle::{HasDisplayHandle, HasWindowHandle};

#[cfg(target_os = "linux")]
use super::host::host_info;
use super::inbox::{Inbox, WindowEvent};
use crate::model::drop_data::DroppedData;
pub use problems::{NOTHING_PASTED, PasteError};
use problems::{notify, spawn_detached};

/// Reads the clipboard for a program without a window, by the rules of a paste into one.
#[cfg(target_os = "linux")]
pub fn read_clipboard() -> Result<DroppedData, PasteError> {
    use data_offer::{Gesture, Nothing, Offer};
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let (is_wayland, is_x11) = (is_set("WAYLAND_DISPLAY"), is_set("DISPLAY"));
    if !is_wayland && !is_x11 {
        return Err(PasteError::NoDisplay);
    }
    let by_control = || data_control::ControlledSelection::clipboard().ok();
    let mut offer: Box<dyn Offer> = match is_wayland.then(by_control).flatten() {
        Some(selection) => Box::new(selection),
        // Compositors that do not let it be read so pass it on to X11 programs.
        None if is_x11 => {
            Box::new(x11::X11Selection::clipboard().map_err(|e| PasteError::Unreadable(e.into()))?)
        }
        None => Box::new(Nothing),
    };
    Ok(data_offer::read_offer(&mut *offer, Gesture::Paste, host_info()))
}

/// Reads the clipboard for a program without a window.
#[cfg(not(target_os = "linux"))]
pub fn read_clipboard() -> Result<DroppedData, PasteError> {
    match unsupported::clipboard(false) {
        Ok(Some(WindowEvent::Handed(data))) => Ok(data),
        Ok(_) => Ok(DroppedData::default()),
        Err(e) => Err(PasteError::Unreadable(e.into())),
    }
}

/// The owner of drops and clipboard of one window. It is dropped before the window's connection is closed.
pub struct Exchange {
    inbox: Inbox,
    #[cfg(target_os = "linux")]
    wayland: Option<wayland::Wayland>,
    #[cfg(target_os = "linux")]
    drops: Option<x11::Drops>,
    /// Where the window system has no owner of ours.
    copies: Option<ClipboardWriter>,
}

impl Exchange {
    /// Takes over drops and clipboard of a window.
    #[cfg(target_os = "linux")]
    pub fn start(window: &(impl HasWindowHandle + HasDisplayHandle), inbox: Inbox) -> Exchange {
        use raw_window_handle::{RawDisplayHandle, RawWindowHandle};
        let mut exchange = Exchange { inbox: inbox.clone(), wayland: None, drops: None, copies: None };
        let handles =
            (window.display_handle().map(|h| h.as_raw()), window.window_handle().map(|h| h.as_raw()));
        let drops = match handles {
            (Ok(RawDisplayHandle::Wayland(display)), Ok(RawWindowHandle::Wayland(window))) => {
                wayland::Wayland::start(display, window, inbox)
                    .map(|wayland| exchange.wayland = Some(wayland))
            }
            (_, Ok(RawWindowHandle::Xlib(window))) => {
                x11::Drops::start(window.window as u32, inbox).map(|drops| exchange.drops = Some(drops))
            }
            (_, Ok(RawWindowHandle::Xcb(window))) => {
                x11::Drops::start(window.window.get(), inbox).map(|drops| exchange.drops = Some(drops))
            }
            _ => Ok(()),
        };
        if let Err(e) = drops {
            tracing::error!("drops are left to the window system's library: {e}");
        }
        if exchange.wayland.is_none() {
            exchange.copies = ClipboardWriter::start(exchange.inbox.clone());
        }
        exchange
    }

    /// Takes over the clipboard of a window; drops come through its own events.
    #[cfg(not(target_os = "linux"))]
    pub fn start(_: &(impl HasWindowHandle + HasDisplayHandle), inbox: Inbox) -> Exchange {
        Exchange { copies: ClipboardWriter::start(inbox.clone()), inbox }
    }

    /// Puts a text into the clipboard.
    pub fn copy(&self, text: String) {
        #[cfg(target_os = "linux")]
        if let Some(wayland) = &self.wayland {
            if let Err((text, pending)) = wayland.copy(text) {
                // Some desktops let a program of its own do it, without the keyboard.
                let work = move || {
                    if super::clipboard::copy_and_leave(&text).is_err() {
                        *pending.lock() = Some(text);
                    }
                };
                spawn_detached("hoist-copy", &self.inbox, work);
            }
            return;
        }
        match &self.copies {
            Some(copies) => _ = copies.texts.send(text),
            None => notify(&self.inbox, "it cannot be stored"),
        }
    }

    /// Asks for what is in the clipboard; it comes to the inbox. Into a field goes text and nothing else.
    pub fn paste(&self, field: bool) {
        let inbox = self.inbox.clone();
        #[cfg(target_os = "linux")]
        let work = {
            let there = self.wayland.as_ref().map(wayland::Wayland::clipboard);
            move || {
                let offer: Option<Box<dyn data_offer::Offer + Send>> = match there {
                    Some(offer) => offer,
                    None => match x11::X11Selection::clipboard() {
                        Ok(selection) => Some(Box::new(selection)),
                        Err(e) => return notify(&inbox, &e.to_string()),
                    },
                };
                let mut offer = offer.unwrap_or_else(|| Box::new(data_offer::Nothing));
                if field {
                    data_offer::text(&mut *offer).map(|text| inbox.put(WindowEvent::Text(text)));
                } else {
                    inbox.put(WindowEvent::Handed(data_offer::read_offer(
                        &mut *offer,
                        data_offer::Gesture::Paste,
                        host_info(),
                    )));
                }
            }
        };
        #[cfg(not(target_os = "linux"))]
        let work = move || match unsupported::clipboard(field) {
            Ok(incoming) => _ = incoming.map(|incoming| inbox.put(incoming)),
            Err(e) => notify(&inbox, &e.to_string()),
        };
        spawn_detached("hoist-paste", &self.inbox, work);
    }

    /// Has the input method follow to the field that has the keyboard now. On X11 the window's library makes a new input context
    /// with the next event of the X server, and nothing tells the input method that it is the one in use: the first letter
    /// would go past it.
    pub fn follow_field(&self) {
        #[cfg(target_os = "linux")]
        if let Some(drops) = &self.drops {
            drops.nudge();
        }
    }

    /// Brings the window to the front by the right that its launcher was given: on Wayland nobody may without one.
    pub fn raise(&self, token: Option<String>) {
        #[cfg(target_os = "linux")]
        if let (Some(wayland), Some(token)) = (&self.wayland, token) {
            wayland.raise(token);
        }
        #[cfg(not(target_os = "linux"))]
        drop(token);
    }
}

/// Keeps what was copied, on a thread of its own.
struct ClipboardWriter {
    texts: Sender<String>,
    thread: Option<JoinHandle<()>>,
}

impl ClipboardWriter {
    fn start(inbox: Inbox) -> Option<ClipboardWriter> {
        let (texts, wanted) = mpsc::channel::<String>();
        let work = move || {
            let mut clipboard: Option<arboard::Clipboard> = None;
            #[cfg(target_os = "linux")]
            let mut last = None;
            for text in wanted {
                let copied = match &mut clipboard {
                    Some(_) => Ok(()),
                    none => arboard::Clipboard::new().map(|new| *none = Some(new)),
                };
                let copied =
                    copied.and_then(|()| clipboard.as_mut().map_or(Ok(()), |c| c.set_text(text.clone())));
                #[cfg(target_os = "linux")]
                if let (Ok(()), Some(clipboard)) = (&copied, &mut clipboard) {
                    // An answer of the display: it knows by now whose the clipboard is.
                    let _ = clipboard.get_text();
                    last = x11::clipboard_owner().map(|owner| (owner, text));
                }
                if let Err(e) = copied {
                    notify(&inbox, &e.to_string());
                }
            }
            #[cfg(target_os = "linux")]
            leave(clipboard, last);
        };
        match std::thread::Builder::new().name("hoist-copies".into()).spawn(work) {
            Ok(thread) => Some(ClipboardWriter { texts, thread: Some(thread) }),
            Err(e) => {
                tracing::error!("no thread for the clipboard: {e}");
                None
            }
        }
    }
}

/// Leaves what was copied last when the window goes: with the desktop's keeper of the clipboard, which is asked to save it
/// when the clipboard is let go; where there is none, with a process of our own, as the terminal's `--copy` leaves one
/// behind. What another program has copied since is not touched.
#[cfg(target_os = "linux")]
fn leave(clipboard: Option<arboard::Clipboard>, last: Option<(u32, String)>) {
    let last = last.filter(|(owner, _)| x11::clipboard_owner() == Some(*owner));
    drop(clipboard);
    if let Some((_, text)) = last
        && x11::clipboard_owner().is_none()
        && let Err(e) = super::clipboard::copy_and_leave(&text)
    {
        tracing::warn!("what was copied is gone with the window: {e}");
    }
}

impl Drop for ClipboardWriter {
    fn drop(&mut self) {
        // Without its sender the thread ends, and sees to it that what was copied stays.
        self.texts = mpsc::channel().0;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
