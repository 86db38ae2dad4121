//! What comes into the window from outside.

use eframe::egui;

use super::app::App;
use crate::model::handed::Handed;
use crate::platform::inbox::{Inbox, Incoming};
use crate::platform::instance::{Message, Owner};

impl App {
    /// Where things from outside are put.
    pub fn inbox(&self) -> Inbox {
        self.inbox.0.clone()
    }

    /// The same, and further starts of the program hand their files over to this window; or it says why they do not.
    #[must_use]
    pub(super) fn listening(mut self, owner: Option<Owner>, why: Option<String>) -> App {
        self.tell(why.unwrap_or_default());
        let inbox = self.inbox();
        let take = move |Message { files, token }| {
            let handed = Handed { files, ..Handed::default() };
            (handed.is_empty() || inbox.put(Incoming::Handed(handed))) && inbox.put(Incoming::Raise { token })
        };
        match owner.map(|owner| owner.listen(take)).transpose() {
            Ok(listening) => self.listening = listening,
            Err(e) => self.tell(format!("This window does not take files of further starts of Hoist: {e}")),
        }
        self
    }

    /// The window closes. What was taken until now stays in the queue, and comes back with it.
    pub(super) fn leave(&mut self) {
        self.listening = None;
        while let Ok(incoming) = self.inbox.1.try_recv() {
            if let Incoming::Handed(handed) = incoming {
                self.bring(handed);
            }
        }
    }

    /// Takes in everything that has arrived.
    pub(super) fn take_in(&mut self, ctx: &egui::Context) {
        while let Ok(incoming) = self.inbox.1.try_recv() {
            match incoming {
                Incoming::Hover(hover) => self.held = hover,
                Incoming::Handed(handed) => {
                    self.held = None;
                    self.bring(handed);
                }
                Incoming::Text(text) => ctx.input_mut(|input| input.events.push(egui::Event::Paste(text))),
                Incoming::Raise { token: _ } => {
                    ctx.send_viewport_cmd(egui::ViewportCommand::Minimized(false));
                    ctx.send_viewport_cmd(egui::ViewportCommand::Focus);
                }
            }
        }
    }

    /// Stages what another program handed over, and says what of it cannot be.
    pub(super) fn bring(&mut self, handed: Handed) {
        for problem in handed.problems {
            self.tell(problem);
        }
        self.add_files(handed.files);
    }
}
