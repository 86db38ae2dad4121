//! Drops and the clipboard on Wayland. winit knows neither there, and some desktops (Mutter) give a drag to one data device
//! of a program only, so both have one owner: data devices of our own on winit's connection, with a queue and a thread of
//! their own.

use std::collections::HashMap;
use std::io;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;

use parking_lot::Mutex;
use raw_window_handle::{WaylandDisplayHandle, WaylandWindowHandle};
use rustix::pipe::{PipeFlags, pipe_with};
use wayland_client::backend::{Backend, ObjectId};
use wayland_client::globals::{GlobalListContents, registry_queue_init};
use wayland_client::protocol::wl_callback::{self, WlCallback};
use wayland_client::protocol::wl_data_device::{self, WlDataDevice};
use wayland_client::protocol::wl_data_device_manager::{DndAction, WlDataDeviceManager};
use wayland_client::protocol::wl_data_offer::{self, WlDataOffer};
use wayland_client::protocol::wl_data_source::{self, WlDataSource};
use wayland_client::protocol::wl_keyboard::{self, WlKeyboard};
use wayland_client::protocol::wl_pointer::{self, WlPointer};
use wayland_client::protocol::wl_registry::{self, WlRegistry};
use wayland_client::protocol::wl_seat::{self, WlSeat};
use wayland_client::protocol::wl_surface::WlSurface;
use wayland_client::{Connection, Dispatch, Proxy, QueueHandle, WEnum, delegate_noop, event_created_child};
use wayland_protocols::xdg::activation::v1::client::xdg_activation_v1::XdgActivationV1;

use super::data_offer::{self, Gesture, Offer};
use super::pipe;
use super::problems::spawn_detached;
use crate::platform::drops::At;
use crate::platform::host::host_info;
use crate::platform::inbox::{Inbox, WindowEvent};

/// The texts that are given out, by every name that programs ask for.
const TEXTS: [&str; 5] = ["text/plain;charset=utf-8", "text/plain", "UTF8_STRING", "STRING", "TEXT"];

/// More formats than these nobody needs to read.
const MAX_FORMATS: usize = 200;

/// The owner of drops and clipboard, until it is dropped: before the window's connection is closed.
pub(super) struct Wayland {
    connection: Connection,
    queue: QueueHandle<WaylandListener>,
    manager: WlDataDeviceManager,
    activation: Option<XdgActivationV1>,
    surface: Option<WlSurface>,
    seats: Seats,
    pending: Pending,
    thread: Option<JoinHandle<()>>,
}

/// A text to be copied as soon as the window has the keyboard: without it nobody may.
pub(super) type Pending = Arc<Mutex<Option<String>>>;

/// What the window's thread needs of the seats.
type Seats = Arc<Mutex<HashMap<u32, Seat>>>;

#[derive(Default)]
struct Seat {
    proxy: Option<WlSeat>,
    device: Option<WlDataDevice>,
    keyboard: Option<WlKeyboard>,
    pointer: Option<WlPointer>,
    /// Of the last key or button: the right to set the clipboard.
    serial: u32,
    /// When that was, among all seats.
    order: u64,
    copied: Option<WlDataOffer>,
    /// It writes into the window.
    focused: bool,
}

/// The formats of an offer, in the order in which they came.
#[derive(Default)]
struct Formats(Mutex<Vec<String>>);

/// A text that is given out as long as nobody else copies.
struct Text(String);

/// The queue is to end.
struct End;

impl Wayland {
    #[allow(unsafe_code)]
    pub(super) fn start(
        display: WaylandDisplayHandle,
        window: WaylandWindowHandle,
        inbox: Inbox,
    ) -> io::Result<Wayland> {
        // SAFETY: the display is the one of winit's event loop, which outlives the window's app: this is dropped when the
        // app is told that the window goes, and its thread has ended by then.
        let backend = unsafe { Backend::from_foreign_display(display.display.as_ptr().cast()) };
        let connection = Connection::from_backend(backend);
        let (globals, mut events) =
            registry_queue_init::<WaylandListener>(&connection).map_err(io::Error::other)?;
        let queue = events.handle();
        let manager: WlDataDeviceManager = globals.bind(&queue, 1..=3, ()).map_err(io::Error::other)?;
        let activation = globals.bind(&queue, 1..=1, ()).ok();
        let (seats, pending) = (Seats::default(), Pending::default());
        let mut listener = WaylandListener {
            manager: manager.clone(),
            seats: Arc::clone(&seats),
            pending: Arc::clone(&pending),
            inbox,
            drag_over: None,
            round: Arc::default(),
            clock: 0,
            end: false,
        };
        for global in globals.contents().clone_list() {
            if global.interface == WlSeat::interface().name {
                listener.seat(globals.registry(), &queue, global.name, global.version);
            }
        }
        // SAFETY: the surface is the window's, which lives as long as its connection is used here.
        let surface = unsafe { ObjectId::from_ptr(WlSurface::interface(), window.surface.as_ptr().cast()) };
        let surface = surface.ok().and_then(|id| WlSurface::from_id(&connection, id).ok());
        let run = move || {
            while !listener.end {
                if let Err(e) = events.blocking_dispatch(&mut listener) {
                    tracing::warn!("drops and the clipboard have ended: {e}");
                    return;
                }
            }
        };
        let thread = std::thread::Builder::new().name("hoist-drops".into()).spawn(run)?;
        Ok(Wayland { connection, queue, manager, activation, surface, seats, pending, thread: Some(thread) })
    }

    /// Puts a text into the clipboard, of the seat that writes into the window. Where none does, the text comes back with
    /// the place where it can wait for one.
    pub(super) fn copy(&self, text: String) -> Result<(), (String, Pending)> {
        let seats = self.seats.lock();
        let focused = seats.values().filter(|seat| seat.focused).max_by_key(|seat| seat.order);
        let Some(seat) = focused else { return Err((text, Arc::clone(&self.pending))) };
        *self.pending.lock() = None;
        seat.copy(&self.manager, &self.queue, text);
        let _ = self.connection.flush();
        Ok(())
    }

    /// Returns what is in the clipboard of the seat that was used last.
    pub(super) fn clipboard(&self) -> Option<Box<dyn Offer + Send>> {
        let seats = self.seats.lock();
        let used = seats.values().max_by_key(|seat| seat.order)?;
        Some(Box::new(Read::new(&self.connection, used.copied.clone()?)))
    }

    /// Brings the window to the front by the right that another program was given.
    pub(super) fn raise(&self, token: String) {
        if let (Some(activation), Some(surface)) = (&self.activation, &self.surface) {
            activation.activate(token, surface);
            let _ = self.connection.flush();
        }
    }
}

impl Drop for Wayland {
    fn drop(&mut self) {
        // The thread waits for events: it is woken by one of its own.
        self.connection.display().sync(&self.queue, End);
        if self.connection.flush().is_ok()
            && let Some(thread) = self.thread.take()
        {
            let _ = thread.join();
        }
        for (_, seat) in self.seats.lock().drain() {
            seat.leave();
        }
        let _ = self.connection.flush();
    }
}

impl Seat {
    fn copy(&self, manager: &WlDataDeviceManager, queue: &QueueHandle<WaylandListener>, text: String) {
        let Some(device) = &self.device else { return };
        let source = manager.create_data_source(queue, Text(text));
        for name in TEXTS {
            source.offer(name.to_owned());
        }
        device.set_selection(Some(&source), self.serial);
    }

    fn leave(self) {
        if let Some(device) = self.device.filter(|device| device.version() >= 2) {
            device.release();
        }
        if let Some(keyboard) = self.keyboard.filter(|keyboard| keyboard.version() >= 3) {
            keyboard.release();
        }
        if let Some(pointer) = self.pointer.filter(|pointer| pointer.version() >= 3) {
            pointer.release();
        }
        if let Some(proxy) = self.proxy.filter(|proxy| proxy.version() >= 5) {
            proxy.release();
        }
    }
}

/// What is held over the window.
struct WaylandDrag {
    offer: WlDataOffer,
    /// The desktop has agreed to a copy: without that, saying that a drop is finished is an error that ends the connection.
    agreed: bool,
    at: At,
}

struct WaylandListener {
    manager: WlDataDeviceManager,
    seats: Seats,
    pending: Pending,
    inbox: Inbox,
    drag_over: Option<WaylandDrag>,
    /// Which drag this is: what is heard of an earlier one is late.
    round: Arc<AtomicU64>,
    clock: u64,
    end: bool,
}

impl WaylandListener {
    fn seat(&self, registry: &WlRegistry, queue: &QueueHandle<WaylandListener>, name: u32, version: u32) {
        let seat: WlSeat = registry.bind(name, version.min(5), queue, name);
        let device = self.manager.get_data_device(&seat, queue, name);
        let seat = Seat { proxy: Some(seat), device: Some(device), ..Seat::default() };
        self.seats.lock().insert(name, seat);
    }

    fn used(&mut self, name: u32, serial: u32) {
        self.clock += 1;
        if let Some(seat) = self.seats.lock().get_mut(&name) {
            (seat.serial, seat.order) = (serial, self.clock);
        }
    }

    fn entered(&mut self, connection: &Connection, serial: u32, at: At, offer: WlDataOffer) {
        let now = self.round.fetch_add(1, Ordering::SeqCst) + 1;
        let mut read = Read::new(connection, offer.clone());
        let best = data_offer::best(read.formats()).cloned();
        offer.accept(serial, best.clone());
        if offer.version() >= 3 {
            let action = if best.is_some() { DndAction::Copy } else { DndAction::None };
            offer.set_actions(action, action);
        }
        let before = self.drag_over.replace(WaylandDrag { agreed: offer.version() < 3, at, offer });
        if let Some(before) = before {
            before.offer.destroy();
        }
        if best.is_none() {
            return;
        }
        self.inbox.put(WindowEvent::HeldAt(at));
        let (round, inbox) = (Arc::clone(&self.round), self.inbox.clone());
        spawn_detached("hoist-drag", &self.inbox, move || {
            let hover = data_offer::hover(&mut read, host_info());
            if round.load(Ordering::SeqCst) == now {
                inbox.put(WindowEvent::Hover(Some(hover)));
            }
        });
    }

    fn left(&mut self) {
        self.round.fetch_add(1, Ordering::SeqCst);
        if let Some(held) = self.drag_over.take() {
            held.offer.destroy();
        }
        self.inbox.put(WindowEvent::Hover(None));
    }

    fn dropped(&mut self, connection: &Connection) {
        let Some(held) = self.drag_over.take() else { return };
        self.left();
        let (mut read, inbox, connection) =
            (Read::new(connection, held.offer.clone()), self.inbox.clone(), connection.clone());
        spawn_detached("hoist-drop", &self.inbox, move || {
            let handed = data_offer::read_offer(&mut read, Gesture::Drop, host_info());
            if held.agreed && held.offer.version() >= 3 {
                held.offer.finish();
            }
            held.offer.destroy();
            let _ = connection.flush();
            inbox.put(WindowEvent::Dropped(handed, Some(held.at)));
        });
    }
}

/// An offer, read through pipes.
struct Read {
    connection: Connection,
    offer: WlDataOffer,
    formats: Vec<String>,
}

impl Read {
    fn new(connection: &Connection, offer: WlDataOffer) -> Read {
        let formats = offer.data::<Formats>().map(|formats| formats.0.lock().clone()).unwrap_or_default();
        Read { connection: connection.clone(), offer, formats }
    }
}

impl Offer for Read {
    fn formats(&self) -> &[String] {
        &self.formats
    }

    fn read(&mut self, format: &str, most: usize) -> io::Result<Vec<u8>> {
        let (from, to) = pipe_with(PipeFlags::CLOEXEC)?;
        self.offer.receive(format.to_owned(), to.as_fd());
        self.connection.flush().map_err(io::Error::other)?;
        drop(to);
        pipe::read(from, most)
    }
}

impl Dispatch<WlRegistry, GlobalListContents> for WaylandListener {
    fn event(
        state: &mut WaylandListener,
        registry: &WlRegistry,
        event: wl_registry::Event,
        _: &GlobalListContents,
        _: &Connection,
        queue: &QueueHandle<WaylandListener>,
    ) {
        match event {
            wl_registry::Event::Global { name, interface, version }
                if interface == WlSeat::interface().name =>
            {
                state.seat(registry, queue, name, version);
            }
            wl_registry::Event::GlobalRemove { name } => {
                if let Some(seat) = state.seats.lock().remove(&name) {
                    seat.leave();
                }
            }
            _ => {}
        }
    }
}

impl Dispatch<WlSeat, u32> for WaylandListener {
    fn event(
        state: &mut WaylandListener,
        proxy: &WlSeat,
        event: wl_seat::Event,
        name: &u32,
        _: &Connection,
        queue: &QueueHandle<WaylandListener>,
    ) {
        let wl_seat::Event::Capabilities { capabilities: WEnum::Value(there) } = event else { return };
        let mut seats = state.seats.lock();
        let Some(seat) = seats.get_mut(name) else { return };
        if there.contains(wl_seat::Capability::Keyboard) && seat.keyboard.is_none() {
            seat.keyboard = Some(proxy.get_keyboard(queue, *name));
        }
        if there.contains(wl_seat::Capability::Pointer) && seat.pointer.is_none() {
            seat.pointer = Some(proxy.get_pointer(queue, *name));
        }
    }
}

impl Dispatch<WlKeyboard, u32> for WaylandListener {
    fn event(
        state: &mut WaylandListener,
        _: &WlKeyboard,
        event: wl_keyboard::Event,
        name: &u32,
        _: &Connection,
        queue: &QueueHandle<WaylandListener>,
    ) {
        if let wl_keyboard::Event::Enter { serial, .. } | wl_keyboard::Event::Key { serial, .. } = event {
            state.used(*name, serial);
        }
        let mut seats = state.seats.lock();
        let Some(seat) = seats.get_mut(name) else { return };
        match event {
            wl_keyboard::Event::Enter { .. } => {
                seat.focused = true;
                if let Some(text) = state.pending.lock().take() {
                    seat.copy(&state.manager, queue, text);
                }
            }
            wl_keyboard::Event::Leave { .. } => seat.focused = false,
            _ => {}
        }
    }
}

impl Dispatch<WlPointer, u32> for WaylandListener {
    fn event(
        state: &mut WaylandListener,
        _: &WlPointer,
        event: wl_pointer::Event,
        name: &u32,
        _: &Connection,
        _: &QueueHandle<WaylandListener>,
    ) {
        if let wl_pointer::Event::Button { serial, .. } = event {
            state.used(*name, serial);
        }
    }
}

impl Dispatch<WlDataDevice, u32> for WaylandListener {
    event_created_child!(WaylandListener, WlDataDevice, [
        wl_data_device::EVT_DATA_OFFER_OPCODE => (WlDataOffer, Formats::default())
    ]);

    fn event(
        state: &mut WaylandListener,
        _: &WlDataDevice,
        event: wl_data_device::Event,
        name: &u32,
        connection: &Connection,
        _: &QueueHandle<WaylandListener>,
    ) {
        match event {
            wl_data_device::Event::Enter { serial, x, y, id: Some(offer), .. } => {
                state.entered(connection, serial, At::Units(x as i32, y as i32), offer);
            }
            wl_data_device::Event::Motion { x, y, .. } => {
                if let Some(held) = &mut state.drag_over {
                    held.at = At::Units(x as i32, y as i32);
                    state.inbox.put(WindowEvent::HeldAt(held.at));
                }
            }
            wl_data_device::Event::Leave => state.left(),
            wl_data_device::Event::Drop => state.dropped(connection),
            wl_data_device::Event::Selection { id } => {
                if let Some(seat) = state.seats.lock().get_mut(name)
                    && let Some(before) = std::mem::replace(&mut seat.copied, id)
                {
                    before.destroy();
                }
            }
            _ => {}
        }
    }
}

impl Dispatch<WlDataOffer, Formats> for WaylandListener {
    fn event(
        state: &mut WaylandListener,
        offer: &WlDataOffer,
        event: wl_data_offer::Event,
        formats: &Formats,
        _: &Connection,
        _: &QueueHandle<WaylandListener>,
    ) {
        match event {
            wl_data_offer::Event::Offer { mime_type } => {
                let mut formats = formats.0.lock();
                if formats.len() < MAX_FORMATS {
                    formats.push(mime_type);
                }
            }
            wl_data_offer::Event::Action { dnd_action } => {
                if let Some(held) = state.drag_over.as_mut().filter(|held| held.offer == *offer) {
                    held.agreed = dnd_action == WEnum::Value(DndAction::Copy);
                }
            }
            _ => {}
        }
    }
}

impl Dispatch<WlDataSource, Text> for WaylandListener {
    fn event(
        state: &mut WaylandListener,
        source: &WlDataSource,
        event: wl_data_source::Event,
        text: &Text,
        _: &Connection,
        _: &QueueHandle<WaylandListener>,
    ) {
        match event {
            wl_data_source::Event::Send { fd, .. } => {
                let text = text.0.clone();
                spawn_detached("hoist-copied", &state.inbox, move || {
                    if let Err(e) = pipe::write(fd, text.as_bytes()) {
                        tracing::warn!("what was copied was not taken: {}", e.kind());
                    }
                });
            }
            wl_data_source::Event::Cancelled => source.destroy(),
            _ => {}
        }
    }
}

impl Dispatch<WlCallback, End> for WaylandListener {
    fn event(
        state: &mut WaylandListener,
        _: &WlCallback,
        _: wl_callback::Event,
        _: &End,
        _: &Connection,
        _: &QueueHandle<WaylandListener>,
    ) {
        state.end = true;
    }
}

// Neither has events.
delegate_noop!(WaylandListener: WlDataDeviceManager);
delegate_noop!(WaylandListener: XdgActivationV1);
