//! A keeper of the clipboard by the letter of ICCCM (`SAVE_TARGETS`), as desktops have one.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use x11rb::connection::Connection;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    Atom, AtomEnum, ConnectionExt, CreateWindowAux, EventMask, PropMode, SELECTION_NOTIFY_EVENT,
    SelectionNotifyEvent, SelectionRequestEvent, Window, WindowClass,
};
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

use super::desktop::Desktop;

/// Within this a keeper has taken what it was asked to save, well before anybody gives up on it.
const IN_TIME: Duration = Duration::from_millis(50);

/// What a keeper did.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Saved {
    /// It was asked to save what is in the clipboard.
    pub(crate) asked: bool,
    /// It has saved it, and soon.
    pub(crate) in_time: bool,
}

/// One that runs until it is ended.
pub(crate) struct HistoryGuard {
    end: Arc<AtomicBool>,
    thread: JoinHandle<Saved>,
}

impl HistoryGuard {
    pub(crate) fn start(desktop: &Desktop) -> HistoryGuard {
        let mut keeping = Keeping::on(desktop);
        let end = Arc::new(AtomicBool::new(false));
        let ended = Arc::clone(&end);
        let thread = std::thread::spawn(move || {
            while !ended.load(Ordering::SeqCst) {
                match keeping.x.poll_for_event().unwrap() {
                    Some(Event::SelectionRequest(asked)) => keeping.asked(&asked),
                    Some(Event::SelectionNotify(given)) => keeping.given(&given),
                    Some(_) => {}
                    None => std::thread::sleep(Duration::from_millis(1)),
                }
            }
            keeping.saved
        });
        HistoryGuard { end, thread }
    }

    pub(crate) fn end(self) -> Saved {
        self.end.store(true, Ordering::SeqCst);
        self.thread.join().unwrap()
    }
}

struct Keeping {
    x: RustConnection,
    window: Window,
    clipboard: Atom,
    text: Atom,
    /// Who asked, and when.
    asker: Option<(SelectionRequestEvent, Instant)>,
    kept: Vec<u8>,
    saved: Saved,
}

impl Keeping {
    fn on(desktop: &Desktop) -> Keeping {
        let (x, screen) = RustConnection::connect(Some(&desktop.variables["DISPLAY"])).unwrap();
        let (root, window) = (x.setup().roots[screen].root, x.generate_id().unwrap());
        let aux = CreateWindowAux::new();
        x.create_window(0, window, root, 0, 0, 1, 1, 0, WindowClass::INPUT_ONLY, 0, &aux).unwrap();
        let atom = |name: &str| x.intern_atom(false, name.as_bytes()).unwrap().reply().unwrap().atom;
        let (clipboard, text, manager) = (atom("CLIPBOARD"), atom("UTF8_STRING"), atom("CLIPBOARD_MANAGER"));
        x.set_selection_owner(window, manager, x11rb::CURRENT_TIME).unwrap();
        x.sync().unwrap();
        Keeping { x, window, clipboard, text, asker: None, kept: vec![], saved: Saved::default() }
    }

    fn asked(&mut self, asked: &SelectionRequestEvent) {
        if asked.selection == self.clipboard {
            let is_text = asked.target == self.text;
            if is_text {
                let (to, property) = (asked.requestor, asked.property);
                self.x.change_property8(PropMode::REPLACE, to, property, self.text, &self.kept).unwrap();
            }
            return self.notify(asked, is_text);
        }
        // What it is told is to be saved it takes from whoever owns it still.
        self.saved.asked = true;
        self.asker = Some((*asked, Instant::now()));
        let (window, property) = (self.window, self.text);
        self.x.convert_selection(window, self.clipboard, self.text, property, x11rb::CURRENT_TIME).unwrap();
        self.x.flush().unwrap();
    }

    fn given(&mut self, given: &SelectionNotifyEvent) {
        let Some((asker, since)) = self.asker.take() else { return };
        let property = self.x.get_property(true, self.window, self.text, AtomEnum::ANY, 0, 1000).unwrap();
        let is_given = given.property != x11rb::NONE;
        if is_given {
            self.kept = property.reply().unwrap().value;
            self.x.set_selection_owner(self.window, self.clipboard, x11rb::CURRENT_TIME).unwrap();
        }
        self.notify(&asker, is_given);
        self.saved.in_time = is_given && since.elapsed() < IN_TIME;
    }

    fn notify(&self, asked: &SelectionRequestEvent, is_given: bool) {
        let event = SelectionNotifyEvent {
            response_type: SELECTION_NOTIFY_EVENT,
            sequence: 0,
            time: asked.time,
            requestor: asked.requestor,
            selection: asked.selection,
            target: asked.target,
            property: if is_given { asked.property } else { x11rb::NONE },
        };
        self.x.send_event(false, asked.requestor, EventMask::NO_EVENT, event).unwrap();
        self.x.sync().unwrap();
    }
}
