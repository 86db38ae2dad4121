//! Where everything that comes from outside arrives in the window: drops, pastes, files of a second start.

use std::sync::mpsc::{self, Receiver, Sender};

use eframe::egui;

use super::drops::{At, Hover};
use crate::model::handed::Handed;

/// Something from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Incoming {
    /// What is held over the window now, if anything.
    Hover(Option<Hover>),
    /// Where it is held.
    HeldAt(At),
    /// What another program handed over.
    Handed(Handed),
    /// The same, dropped at a place in the window.
    Dropped(Handed, Option<At>),
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
    send: Sender<Incoming>,
}

impl Inbox {
    /// An inbox whose window is woken by what arrives, and the end it is read from.
    pub fn new(ctx: &egui::Context) -> (Inbox, Receiver<Incoming>) {
        let (send, receive) = mpsc::channel();
        (Inbox { ctx: ctx.clone(), send }, receive)
    }

    /// Puts something in; false where the window has gone.
    pub fn put(&self, incoming: Incoming) -> bool {
        let there = self.send.send(incoming).is_ok();
        self.ctx.request_repaint();
        there
    }
}
