//! What comes into the window from outside.

use eframe::egui;

use super::app::App;
use crate::model::handed::Handed;
use crate::platform::inbox::{Inbox, Incoming};

impl App {
    /// Where things from outside are put.
    pub fn inbox(&self) -> Inbox {
        self.inbox.0.clone()
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
                Incoming::Raise => {
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
