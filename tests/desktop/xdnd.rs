//! A program that drags by the letter of XDND, so that it can offer what no file manager does.

use std::time::{Duration, Instant};

use x11rb::connection::Connection;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    Atom, AtomEnum, ChangeWindowAttributesAux, ClientMessageEvent, ConnectionExt, CreateWindowAux, EventMask,
    PropMode, Property, SELECTION_NOTIFY_EVENT, SelectionNotifyEvent, SelectionRequestEvent, Window,
    WindowClass,
};
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

use super::desktop::{Desktop, TIMEOUT};

/// What is given out at once; more comes in pieces of this size.
const PIECE: usize = 60_000;

/// How a drag ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// The window did not want it.
    Unwanted,
    /// It was dropped, and the window says whether it has taken it.
    Dropped { taken: bool },
}

pub(crate) struct Dragging {
    x: RustConnection,
    window: Window,
}

impl Dragging {
    pub(crate) fn on(desktop: &Desktop) -> Dragging {
        let (x, screen) = RustConnection::connect(Some(&desktop.variables["DISPLAY"])).unwrap();
        let (root, window) = (x.setup().roots[screen].root, x.generate_id().unwrap());
        let aux = CreateWindowAux::new();
        x.create_window(0, window, root, 0, 0, 1, 1, 0, WindowClass::INPUT_ONLY, 0, &aux).unwrap();
        Dragging { x, window }
    }

    fn atom(&self, name: &str) -> Atom {
        self.x.intern_atom(false, name.as_bytes()).unwrap().reply().unwrap().atom
    }

    fn number(&self, of: Window, name: &str) -> Option<u32> {
        let asked = self.x.get_property(false, of, self.atom(name), AtomEnum::ANY, 0, 1).unwrap();
        asked.reply().unwrap().value32().and_then(|mut values| values.next())
    }

    /// Drags onto a window and drops there. A format without bytes is offered, and never given.
    pub(crate) fn drop_on(&self, target: Window, offered: &[(&str, Option<&[u8]>)]) -> Ended {
        self.drop_at(target, (0, 0), offered)
    }

    /// The same, at this place of the screen.
    pub(crate) fn drop_at(
        &self,
        target: Window,
        (x, y): (i32, i32),
        offered: &[(&str, Option<&[u8]>)],
    ) -> Ended {
        let proxy = self.number(target, "XdndProxy").expect("a proxy");
        assert_eq!(self.number(proxy, "XdndProxy"), Some(proxy), "it names itself");
        assert!(self.number(proxy, "XdndAware") >= Some(5));
        let selection = self.atom("XdndSelection");
        self.x.set_selection_owner(self.window, selection, x11rb::CURRENT_TIME).unwrap();
        let atoms: Vec<_> = offered.iter().map(|(name, _)| self.atom(name)).collect();
        let list = self.atom("XdndTypeList");
        self.x.change_property32(PropMode::REPLACE, self.window, list, AtomEnum::ATOM, &atoms).unwrap();
        let first = |n: usize| atoms.get(n).copied().unwrap_or(0);
        let more = u32::from(atoms.len() > 3);
        let (copy, me) = (self.atom("XdndActionCopy"), self.window);
        self.send_message(proxy, target, "XdndEnter", [me, (5 << 24) | more, first(0), first(1), first(2)]);
        let position = (x as u32) << 16 | y as u32;
        self.send_message(proxy, target, "XdndPosition", [me, 0, position, 0, copy]);
        let status = self.answer("XdndStatus", &atoms, offered);
        assert_eq!(status[0], target, "the window speaks for itself, not for its proxy");
        if status[1] & 1 == 0 {
            self.send_message(proxy, target, "XdndLeave", [me, 0, 0, 0, 0]);
            return Ended::Unwanted;
        }
        self.send_message(proxy, target, "XdndDrop", [me, 0, 0, 0, 0]);
        let finished = self.answer("XdndFinished", &atoms, offered);
        Ended::Dropped { taken: finished[1] & 1 == 1 }
    }

    fn send_message(&self, proxy: Window, target: Window, what: &str, data: [u32; 5]) {
        let message = ClientMessageEvent::new(32, target, self.atom(what), data);
        self.x.send_event(false, proxy, EventMask::NO_EVENT, message).unwrap();
        self.x.flush().unwrap();
    }

    fn event(&self, until: Instant) -> Event {
        loop {
            if let Some(event) = self.x.poll_for_event().unwrap() {
                return event;
            }
            assert!(Instant::now() < until, "the window does not answer");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits for an answer, and gives out what is asked for until it comes.
    fn answer(&self, what: &str, atoms: &[Atom], offered: &[(&str, Option<&[u8]>)]) -> [u32; 5] {
        let (wanted, until) = (self.atom(what), Instant::now() + TIMEOUT);
        loop {
            match self.event(until) {
                Event::ClientMessage(said) if said.type_ == wanted => return said.data.as_data32(),
                Event::SelectionRequest(asked) => {
                    let index = atoms.iter().position(|atom| *atom == asked.target);
                    match index.and_then(|index| offered[index].1) {
                        Some(bytes) => self.give(&asked, bytes, until),
                        None if index.is_some() => {} // promised, and never given
                        None => self.notify(&asked, x11rb::NONE),
                    }
                }
                _ => {}
            }
        }
    }

    fn give(&self, asked: &SelectionRequestEvent, bytes: &[u8], until: Instant) {
        let (to, property) = (asked.requestor, asked.property);
        if bytes.len() <= PIECE {
            self.x.change_property8(PropMode::REPLACE, to, property, asked.target, bytes).unwrap();
            return self.notify(asked, property);
        }
        let watch = ChangeWindowAttributesAux::new().event_mask(EventMask::PROPERTY_CHANGE);
        self.x.change_window_attributes(to, &watch).unwrap();
        let size = [bytes.len() as u32];
        self.x.change_property32(PropMode::REPLACE, to, property, self.atom("INCR"), &size).unwrap();
        self.notify(asked, property);
        for piece in bytes.chunks(PIECE).chain([&[][..]]) {
            loop {
                match self.event(until) {
                    Event::PropertyNotify(said)
                        if said.atom == property && said.state == Property::DELETE =>
                    {
                        break;
                    }
                    _ => {}
                }
            }
            self.x.change_property8(PropMode::REPLACE, to, property, asked.target, piece).unwrap();
            self.x.flush().unwrap();
        }
    }

    fn notify(&self, asked: &SelectionRequestEvent, property: Atom) {
        let event = SelectionNotifyEvent {
            response_type: SELECTION_NOTIFY_EVENT,
            sequence: 0,
            time: asked.time,
            requestor: asked.requestor,
            selection: asked.selection,
            target: asked.target,
            property,
        };
        self.x.send_event(false, asked.requestor, EventMask::NO_EVENT, event).unwrap();
        self.x.flush().unwrap();
    }
}
