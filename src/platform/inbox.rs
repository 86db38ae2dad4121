//! Where everything that comes from outside arrives in the window: drops, pastes, files of a second start.

use std::sync::mpsc::{self, Receiver, Sender};

use eframe::egui;

use super::drops::{At, Hover};
use crate::model::drop_data::DroppedData;

/// Something from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WindowEvent {
    /// What is held over the window now, if anything.
    Hover(Option<Hover>),
    /// Where it is held.
    HeldAt(At),
    /// What another program passed.
    Handed(DroppedData),
    /// The same, dropped at a place in the window.
    Dropped(DroppedData, Option<At>),
    /// A text for the field that is being written in.
    Text(String),
    /// The window is wanted in front: another start of the program ended in its favour.
    Raise {
        /// What the launcher gave that start, so that a window may come to the front.
        token: Option<String>,
    },
}

/// The end that those outside put things in.
#[derive(Clone)]
pub struct Inbox {
    ctx: egui::Context,
    send: Sender<WindowEvent>,
}

impl Inbox {
    /// Returns an inbox whose window is woken by what arrives, and the end it is read from.
    pub fn new(ctx: &egui::Context) -> (Inbox, Receiver<WindowEvent>) {
        let (send, receive) = mpsc::channel();
        (Inbox { ctx: ctx.clone(), send }, receive)
    }

    /// Puts something in; false where the window has gone.
    pub fn put(&self, incoming: WindowEvent) -> bool {
        let there = self.send.send(incoming).is_ok();
        self.ctx.request_repaint();
        there
    }
}
