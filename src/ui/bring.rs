//! What comes into the window from outside.

use eframe::egui;

use super::action::Page;
use super::app::App;
use crate::model::handed::Handed;
use crate::platform::here::here;
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

    /// Stages what another program handed over, asks before links are fetched, and says what of it cannot be used.
    pub(super) fn bring(&mut self, handed: Handed) {
        for problem in handed.problems {
            self.tell(problem);
        }
        self.add_files(handed.files);
        match handed.content {
            // The address of what is here already is not needed.
            Some(content) => {
                self.go_to(Page::Upload);
                self.session.bring(content);
            }
            None => self.ask_to_fetch(handed.links),
        }
    }
}

/// What was pasted as text since the last frame; none where nothing was.
pub(super) fn pasted(ctx: &egui::Context) -> Option<Handed> {
    let texts = ctx.input(|input| {
        let texts = input.events.iter().filter_map(|event| match event {
            egui::Event::Paste(text) => Some(text.clone()),
            _ => None,
        });
        texts.collect::<Vec<_>>()
    });
    (!texts.is_empty()).then(|| Handed::of_text(&texts.join("\n"), here()))
}
