//! Tips: what is shown where the pointer rests.

use eframe::egui::{Context, Event, Id, Response, Ui, Vec2};

use super::layout::wrapped;
use crate::ui::theme::{self, tokens};

/// What can have a tip. egui's own ways stay open over a sheet, while the pointer rests on what lies below it.
pub(in crate::ui) trait WithTip {
    /// Shows a text where the pointer rests on this; screen readers tell it, too.
    fn tip(self, text: impl Into<String>) -> Response;

    /// Shows a name above the text, which screen readers tell without it: they say the name themselves.
    fn tip_named(self, name: &str, text: &str) -> Response;

    /// Shows a text that screen readers tell anyway.
    fn shown_tip(self, text: &str) -> Response;
}

#[allow(clippy::disallowed_methods)] // here tips are made
impl WithTip for Response {
    fn tip(self, text: impl Into<String>) -> Response {
        let text = text.into();
        describe(&self, &text);
        self.shown_tip(&text)
    }

    fn tip_named(self, name: &str, text: &str) -> Response {
        describe(&self, text);
        self.shown_tip(&format!("{name}\n{text}"))
    }

    fn shown_tip(self, text: &str) -> Response {
        // Below a sheet nothing is pointed at, nor by a pointer that only rests while somebody types.
        let is_below = !self.ctx.memory(|memory| memory.allows_interaction(self.layer_id));
        if is_below || is_typing(&self.ctx) {
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

/// Has screen readers tell a text of a control, unless they tell another one already.
fn describe(response: &Response, text: &str) {
    if response.ctx.has_accesskit_node(response.id) {
        response.ctx.accesskit_node_builder(response.id, |node| {
            if node.description().is_none() {
                node.set_description(text);
            }
        });
    }
}

fn typing() -> Id {
    Id::unique("the keyboard is used, and the pointer rests")
}

/// Notes, once in each frame, whether the keyboard was used since the pointer moved last.
pub(in crate::ui) fn follow_typing(ctx: &Context) {
    let (types, moves) = ctx.input(|input| {
        let typed = |event: &Event| matches!(event, Event::Key { pressed: true, .. } | Event::Text(_));
        (input.events.iter().any(typed), input.pointer.delta() != Vec2::ZERO)
    });
    if types || moves {
        ctx.data_mut(|data| data.insert_temp(typing(), !moves));
    }
}

fn is_typing(ctx: &Context) -> bool {
    ctx.data(|data| data.get_temp(typing())).unwrap_or(false)
}
