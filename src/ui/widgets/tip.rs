//! Tips: what is shown where the pointer rests.

use eframe::egui::{Response, Ui};

use super::layout::wrapped;
use crate::ui::theme::{self, tokens};

/// What can have a tip. egui's own ways stay open over a sheet, while the pointer rests on what lies below it.
pub(in crate::ui) trait WithTip {
    /// Shows a text where the pointer rests on this; screen readers tell it, too.
    fn tip(self, text: impl Into<String>) -> Response;

    /// Shows a text that screen readers tell anyway.
    fn shown_tip(self, text: &str) -> Response;
}

#[allow(clippy::disallowed_methods)] // here tips are made
impl WithTip for Response {
    fn tip(self, text: impl Into<String>) -> Response {
        let text = text.into();
        if self.ctx.has_accesskit_node(self.id) {
            self.ctx.accesskit_node_builder(self.id, |node| {
                if node.description().is_none() {
                    node.set_description(text.as_str());
                }
            });
        }
        self.shown_tip(&text)
    }

    fn shown_tip(self, text: &str) -> Response {
        // Below a sheet nothing is pointed at.
        if !self.ctx.memory(|memory| memory.allows_interaction(self.layer_id)) {
            return self;
        }
        self.on_hover_ui(|ui: &mut Ui| {
            // Else it gets no wider than the one before it.
            ui.set_max_width(ui.spacing().tooltip_width);
            let (font, ink) = (theme::body(), tokens(ui).text);
            for line in text.lines() {
                wrapped(ui, line, font.clone(), ink);
            }
        })
    }
}
