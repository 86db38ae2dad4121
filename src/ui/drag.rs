//! What is dragged over the window, and what it can be dropped on.

use std::sync::Arc;

use eframe::egui::{
    Context, CornerRadius, Event, Id, LayerId, Order, Pos2, RawInput, Rect, Stroke, StrokeKind,
};

use super::theme;
use crate::platform::drops::{self, Hover};
use crate::platform::inbox::WindowEvent;
use crate::session::api::Destination;
use crate::session::imports::To;

/// A drag over the window: egui tells of some, the window's inbox of the others.
#[derive(Default)]
pub(super) struct DragOver {
    hover: Option<Hover>,
    by_inbox: Option<Hover>,
    at: Option<drops::At>,
    /// Where in the window the destinations are.
    pub(super) targets: Vec<(Rect, Arc<Destination>)>,
}

impl DragOver {
    /// Takes in what the inbox tells of a drag; gives back any other event.
    pub(super) fn receive(&mut self, event: WindowEvent, ctx: &Context) -> Option<WindowEvent> {
        match event {
            WindowEvent::Hover(hover) => {
                self.by_inbox = hover;
                if self.by_inbox.is_none() {
                    self.at = None;
                }
                ctx.request_repaint(); // the pointer goes with the next frame
            }
            WindowEvent::HeldAt(at) => {
                self.at = Some(at);
                ctx.request_repaint();
            }
            other => {
                if matches!(other, WindowEvent::Dropped(..)) {
                    (self.by_inbox, self.at) = (None, None);
                }
                return Some(other);
            }
        }
        None
    }

    /// Begins a frame: what egui tells of goes before what the inbox does.
    pub(super) fn begin_frame(&mut self, ctx: &Context) {
        self.hover = drops::hover(ctx).or_else(|| self.by_inbox.clone());
    }

    /// Returns what is dragged over the window in this frame.
    pub(super) fn hover(&self) -> Option<&Hover> {
        self.hover.as_ref()
    }

    /// Returns the destination that is dragged over.
    pub(super) fn target(&self, ctx: &Context) -> To {
        let at = self.at.filter(|_| self.hover.is_some())?;
        self.target_at(at.in_points(ctx))
    }

    /// Returns the destination of the list at the left that is there.
    pub(super) fn target_at(&self, at: Pos2) -> To {
        self.targets
            .iter()
            .find(|(rect, _)| rect.contains(at))
            .map(|(_, destination)| Arc::clone(destination))
    }

    /// Marks the destination under rows of the queue that are held over it.
    pub(super) fn mark_target(&self, ctx: &Context) {
        let Some(pointer) = ctx.input(|input| input.pointer.latest_pos()) else { return };
        if let Some((rect, _)) = self.targets.iter().find(|(rect, _)| rect.contains(pointer)) {
            let painter =
                ctx.layer_painter(LayerId::new(Order::Foreground, Id::unique("rows over a destination")));
            let line = Stroke::new(2.0, theme::of_context(ctx).accent);
            painter.rect_stroke(
                rect.shrink(1.0),
                CornerRadius::same(theme::RADIUS_SIDE),
                line,
                StrokeKind::Inside,
            );
        }
    }

    /// Tells egui that the pointer is gone: during a drag, the one that it knows stays where it was last seen.
    pub(super) fn hide_pointer(&self, input: &mut RawInput) {
        if self.by_inbox.is_some() || !input.hovered_files.is_empty() {
            input.events.push(Event::PointerGone);
        }
    }
}
