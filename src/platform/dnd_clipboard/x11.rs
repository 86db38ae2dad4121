//! Drops and the clipboard on X11. winit forgets a whole drop where one name of it is not a file that is there, so the
//! window names a window of our own as its proxy for drops (the XDND protocol's `XdndProxy`), on a connection of our own.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;

use rustix::event::PollFlags;
use x11rb::CURRENT_TIME;
use x11rb::connection::Connection as _;
use x11rb::errors::{ConnectionError, ReplyError};
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    Atom, AtomEnum, ClientMessageEvent, ConnectionExt as _, CreateWindowAux, EventMask, KEY_RELEASE_EVENT,
    KeyButMask, KeyReleaseEvent, PropMode, Property, Window, WindowClass,
};
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

use super::data_offer::{self, Gesture, Offer};
use super::pipe::{self, TIMEOUT};
use super::problems::spawn_detached;
use crate::platform::drops::At;
use crate::platform::host::host_info;
use crate::platform::inbox::{Inbox, WindowEvent};

/// The version of the protocol that is spoken.
const VERSION: u32 = 5;

/// More formats than these nobody needs to read.
const MAX_FORMATS: usize = 200;

x11rb::atom_manager! {
    Atoms: AtomsCookie {
        XdndAware,
        XdndProxy,
        XdndEnter,
        XdndPosition,
        XdndStatus,
        XdndLeave,
        XdndDrop,
        XdndFinished,
        XdndTypeList,
        XdndSelection,
        XdndActionCopy,
        CLIPBOARD,
        TARGETS,
        INCR,
        HOIST_TRANSFER,
        HOIST_END,
        HOIST_NUDGE,
    }
}

fn other(e: impl std::fmt::Display) -> io::Error {
    io::Error::other(e.to_string())
}

/// Returns the window that owns the clipboard; none where it has no owner, or where the display does not answer.
pub(super) fn clipboard_owner() -> Option<Window> {
    let (x, _) = RustConnection::connect(None).ok()?;
    let clipboard = x.intern_atom(false, b"CLIPBOARD").ok()?.reply().ok()?.atom;
    let owner = x.get_selection_owner(clipboard).ok()?.reply().ok()?.owner;
    (owner != x11rb::NONE).then_some(owner)
}

/// A connection with a window that is never shown.
struct XWindow {
    x: RustConnection,
    root: Window,
    window: Window,
    atoms: Atoms,
}

impl XWindow {
    fn new(events: EventMask) -> io::Result<XWindow> {
        let (x, screen) = RustConnection::connect(None).map_err(other)?;
        let atoms = Atoms::new(&x).map_err(other)?.reply().map_err(other)?;
        let (root, window) = (x.setup().roots[screen].root, x.generate_id().map_err(other)?);
        let wanted = CreateWindowAux::new().override_redirect(1).event_mask(events);
        x.create_window(0, window, root, -9, -9, 1, 1, 0, WindowClass::INPUT_ONLY, 0, &wanted)
            .map_err(other)?;
        Ok(XWindow { x, root, window, atoms })
    }
}

/// Takes drops for a window until it is dropped itself.
pub(super) struct Drops {
    xwindow: Arc<XWindow>,
    /// The one that files are dropped on.
    target: Window,
    thread: Option<JoinHandle<()>>,
}

impl Drops {
    pub(super) fn start(window: Window, inbox: Inbox) -> io::Result<Drops> {
        let xwindow = Arc::new(XWindow::new(EventMask::NO_EVENT)?);
        let (x, atoms) = (&xwindow.x, &xwindow.atoms);
        let number = |on: Window, what: Atom, kind: AtomEnum, value: u32| {
            x.change_property32(PropMode::REPLACE, on, what, kind, &[value])
                .map_err(other)?
                .check()
                .map_err(other)
        };
        number(xwindow.window, atoms.XdndAware, AtomEnum::ATOM, VERSION)?;
        number(xwindow.window, atoms.XdndProxy, AtomEnum::WINDOW, xwindow.window)?;
        number(window, atoms.XdndProxy, AtomEnum::WINDOW, xwindow.window)?;
        let at = Arc::clone(&xwindow);
        let thread = std::thread::Builder::new().name("hoist-drops".into());
        let thread = thread.spawn(move || {
            X11Listener { xwindow: at, inbox, drag_over: None, round: Arc::default() }.run();
        })?;
        Ok(Drops { xwindow, target: window, thread: Some(thread) })
    }

    /// Sends the window two events without a meaning. With the first winit makes the input context that it was told to, and
    /// with the second, a key without a name that is let go, the input method takes it for the one that is written into.
    pub(super) fn nudge(&self) {
        let x = &self.xwindow.x;
        let first = message(self.target, self.xwindow.atoms.HOIST_NUDGE, [0; 5]);
        let key = KeyReleaseEvent {
            response_type: KEY_RELEASE_EVENT,
            detail: x.setup().max_keycode,
            sequence: 0,
            time: CURRENT_TIME,
            root: self.xwindow.root,
            event: self.target,
            child: x11rb::NONE,
            root_x: 0,
            root_y: 0,
            event_x: 0,
            event_y: 0,
            state: KeyButMask::default(),
            same_screen: true,
        };
        // A display that is gone ends the window anyway.
        if x.send_event(false, self.target, EventMask::NO_EVENT, first).is_ok()
            && x.send_event(false, self.target, EventMask::KEY_RELEASE, key).is_ok()
        {
            let _ = x.flush();
        }
    }
}

impl Drop for Drops {
    fn drop(&mut self) {
        let end = message(self.xwindow.window, self.xwindow.atoms.HOIST_END, [0; 5]);
        let sent = self.xwindow.x.send_event(false, self.xwindow.window, EventMask::NO_EVENT, end);
        if sent.is_ok()
            && self.xwindow.x.flush().is_ok()
            && let Some(thread) = self.thread.take()
        {
            let _ = thread.join();
        }
    }
}

fn message(to: Window, what: Atom, data: [u32; 5]) -> ClientMessageEvent {
    ClientMessageEvent::new(32, to, what, data)
}

/// What is held over the window.
struct X11Drag {
    source: Window,
    formats: Vec<(String, Atom)>,
    counted: bool,
    at: Option<At>,
}

struct X11Listener {
    xwindow: Arc<XWindow>,
    inbox: Inbox,
    drag_over: Option<X11Drag>,
    /// Which drag this is: what is heard of an earlier one is late.
    round: Arc<AtomicU64>,
}

impl X11Listener {
    fn run(mut self) {
        while let Ok(event) = self.xwindow.x.wait_for_event() {
            let Event::ClientMessage(said) = event else { continue };
            if said.format != 32 {
                continue;
            }
            if said.type_ == self.xwindow.atoms.HOIST_END {
                return;
            }
            // Another program's window may be gone by now; that is no matter.
            if let Err(e) = self.on_client_message(&said) {
                tracing::debug!("a drag is not answered: {e}");
            }
        }
    }

    fn on_client_message(&mut self, said: &ClientMessageEvent) -> Result<(), ReplyError> {
        let xwindow = Arc::clone(&self.xwindow);
        let (atoms, data) = (&xwindow.atoms, said.data.as_data32());
        let from_holder = self.drag_over.as_ref().is_some_and(|held| held.source == data[0]);
        if said.type_ == atoms.XdndEnter {
            self.round.fetch_add(1, Ordering::SeqCst);
            let formats = formats(&xwindow, data)?;
            self.drag_over = Some(X11Drag { source: data[0], formats, counted: false, at: None });
        } else if said.type_ == atoms.XdndPosition && from_holder {
            self.held_at(said.window, data[2])?;
            self.moved(said.window, data[3])?;
        } else if said.type_ == atoms.XdndLeave && from_holder {
            self.left();
        } else if said.type_ == atoms.XdndDrop && from_holder {
            self.dropped(said.window, data[2]);
        }
        Ok(())
    }

    fn left(&mut self) {
        self.round.fetch_add(1, Ordering::SeqCst);
        self.drag_over = None;
        self.inbox.put(WindowEvent::Hover(None));
    }

    /// Tells that the pointer, counted from the corner of the screen, is at this place of the window.
    fn held_at(&mut self, target: Window, coordinates: u32) -> Result<(), ReplyError> {
        let (x, y) = ((coordinates >> 16) as i16, coordinates as i16);
        let there = self.xwindow.x.translate_coordinates(self.xwindow.root, target, x, y)?.reply()?;
        let at = At::Pixels(there.dst_x.into(), there.dst_y.into());
        if let Some(held) = &mut self.drag_over {
            held.at = Some(at);
            self.inbox.put(WindowEvent::HeldAt(at));
        }
        Ok(())
    }

    fn moved(&mut self, target: Window, time: u32) -> Result<(), ConnectionError> {
        let Some(held) = &mut self.drag_over else { return Ok(()) };
        let names: Vec<_> = held.formats.iter().map(|(name, _)| name.clone()).collect();
        let wanted = data_offer::best(&names).is_some();
        let accept = if wanted { self.xwindow.atoms.XdndActionCopy } else { 0 };
        let status = [target, u32::from(wanted), 0, 0, accept];
        send(&self.xwindow, held.source, self.xwindow.atoms.XdndStatus, status)?;
        if wanted && !held.counted {
            held.counted = true;
            let (formats, round, inbox) = (held.formats.clone(), Arc::clone(&self.round), self.inbox.clone());
            let now = round.load(Ordering::SeqCst);
            spawn_detached("hoist-drag", &self.inbox, move || {
                let hover = X11Selection::dragged(formats, time)
                    .map(|mut offer| data_offer::hover(&mut offer, host_info()));
                if round.load(Ordering::SeqCst) == now {
                    inbox.put(WindowEvent::Hover(Some(hover.unwrap_or_default())));
                }
            });
        }
        Ok(())
    }

    fn dropped(&mut self, target: Window, time: u32) {
        let Some(held) = self.drag_over.take() else { return };
        self.left();
        let (xwindow, inbox) = (Arc::clone(&self.xwindow), self.inbox.clone());
        spawn_detached("hoist-drop", &self.inbox, move || {
            let handed = X11Selection::dragged(held.formats, time)
                .map(|mut offer| data_offer::read_offer(&mut offer, Gesture::Drop, host_info()));
            let done = handed.is_ok();
            match handed {
                Ok(handed) => _ = inbox.put(WindowEvent::Dropped(handed, held.at)),
                Err(e) => tracing::warn!("a drop cannot be read: {e}"),
            }
            let action = if done { xwindow.atoms.XdndActionCopy } else { 0 };
            let _ = send(
                &xwindow,
                held.source,
                xwindow.atoms.XdndFinished,
                [target, u32::from(done), action, 0, 0],
            );
        });
    }
}

fn send(xwindow: &XWindow, to: Window, what: Atom, data: [u32; 5]) -> Result<(), ConnectionError> {
    xwindow.x.send_event(false, to, EventMask::NO_EVENT, message(to, what, data))?;
    xwindow.x.flush()
}

/// Lists the formats of a drag: three in the message itself, more in a property of its source.
fn formats(xwindow: &XWindow, data: [u32; 5]) -> Result<Vec<(String, Atom)>, ReplyError> {
    let atoms = if data[1] & 1 == 0 {
        data[2..].to_vec()
    } else {
        let list = xwindow.x.get_property(
            false,
            data[0],
            xwindow.atoms.XdndTypeList,
            AtomEnum::ATOM,
            0,
            MAX_FORMATS as u32,
        )?;
        list.reply()?.value32().map(Iterator::collect).unwrap_or_default()
    };
    Ok(names(&xwindow.x, atoms))
}

fn names(x: &RustConnection, atoms: Vec<Atom>) -> Vec<(String, Atom)> {
    let atoms: Vec<_> = atoms.into_iter().filter(|atom| *atom != 0).take(MAX_FORMATS).collect();
    let asked: Vec<_> = atoms.iter().map(|atom| (x.get_atom_name(*atom), *atom)).collect();
    let named = asked.into_iter().filter_map(|(asked, atom)| {
        let name = asked.ok()?.reply().ok()?.name;
        Some((String::from_utf8(name).ok()?, atom))
    });
    named.collect()
}

/// What another program has selected, dragged or copied, read on a connection of its own.
pub(super) struct X11Selection {
    xwindow: XWindow,
    which: Atom,
    time: u32,
    formats: Vec<String>,
    atoms: Vec<Atom>,
}

impl X11Selection {
    /// Returns what is dragged.
    fn dragged(formats: Vec<(String, Atom)>, time: u32) -> io::Result<X11Selection> {
        let xwindow = XWindow::new(EventMask::PROPERTY_CHANGE)?;
        let which = xwindow.atoms.XdndSelection;
        let (formats, atoms) = formats.into_iter().unzip();
        Ok(X11Selection { xwindow, which, time, formats, atoms })
    }

    /// Returns what is in the clipboard.
    pub(super) fn clipboard() -> io::Result<X11Selection> {
        let xwindow = XWindow::new(EventMask::PROPERTY_CHANGE)?;
        let (which, targets) = (xwindow.atoms.CLIPBOARD, xwindow.atoms.TARGETS);
        let mut selection =
            X11Selection { xwindow, which, time: CURRENT_TIME, formats: vec![], atoms: vec![] };
        let list = selection.convert(targets, 64 * 1024)?;
        let atoms = list.chunks_exact(4).map(|atom| u32::from_ne_bytes([atom[0], atom[1], atom[2], atom[3]]));
        (selection.formats, selection.atoms) =
            names(&selection.xwindow.x, atoms.collect()).into_iter().unzip();
        Ok(selection)
    }

    /// Returns the next event, from a server and a program that may be slow.
    fn next(&self) -> io::Result<Event> {
        loop {
            if let Some(event) = self.xwindow.x.poll_for_event().map_err(other)? {
                return Ok(event);
            }
            pipe::until(self.xwindow.x.stream(), PollFlags::IN, TIMEOUT)?;
        }
    }

    fn convert(&self, format: Atom, most: usize) -> io::Result<Vec<u8>> {
        let XWindow { x, window, atoms, .. } = &self.xwindow;
        x.convert_selection(*window, self.which, format, atoms.HOIST_TRANSFER, self.time).map_err(other)?;
        x.flush().map_err(other)?;
        loop {
            match self.next()? {
                Event::SelectionNotify(said) if said.property == x11rb::NONE => return Ok(vec![]),
                Event::SelectionNotify(_) => break,
                _ => {}
            }
        }
        let (kind, first) = self.piece(most)?;
        if kind != atoms.INCR {
            return Ok(first);
        }
        // In pieces: each is asked for by deleting the one before, and an empty one is the end.
        let mut all = vec![];
        loop {
            match self.next()? {
                Event::PropertyNotify(said)
                    if said.atom == atoms.HOIST_TRANSFER && said.state == Property::NEW_VALUE => {}
                _ => continue,
            }
            let (_, piece) = self.piece(most - all.len())?;
            if piece.is_empty() {
                return Ok(all);
            }
            all.extend(piece);
        }
    }

    /// Returns what is in the property, which is deleted by reading it.
    fn piece(&self, most: usize) -> io::Result<(Atom, Vec<u8>)> {
        let XWindow { x, window, atoms, .. } = &self.xwindow;
        let length = (most / 4 + 1) as u32;
        let asked =
            x.get_property(true, *window, atoms.HOIST_TRANSFER, AtomEnum::ANY, 0, length).map_err(other)?;
        let said = asked.reply().map_err(other)?;
        x.flush().map_err(other)?;
        if said.bytes_after > 0 || said.value.len() > most {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        Ok((said.type_, said.value))
    }
}

impl Offer for X11Selection {
    fn formats(&self) -> &[String] {
        &self.formats
    }

    fn read(&mut self, format: &str, most: usize) -> io::Result<Vec<u8>> {
        let index = self.formats.iter().position(|f| f == format).ok_or(io::ErrorKind::NotFound)?;
        self.convert(self.atoms[index], most)
    }
}
