//! Whether the window fits the screen that it opens on.

use eframe::egui::{self, Pos2, Rect, Vec2, ViewportCommand, vec2};

use super::theme;
use crate::platform::display::{self, Panels};

/// A title bar and the edges at both sides, where the window system does not tell of them.
const TITLE: f32 = 36.0;
const EDGES: f32 = 4.0;

/// Panels, where the window system does not tell of them.
const USUAL_PANELS: f32 = 48.0;

/// As large as the window is at first.
pub(super) const USUAL: [f32; 2] = [1160.0, 740.0];

/// The window is never made smaller.
pub(super) const LEAST: Vec2 = vec2(480.0, 400.0);

/// Returns whether there is room for the details beside a list.
pub(super) fn has_room_for_details(ctx: &egui::Context) -> bool {
    ctx.content_rect().width() >= theme::NO_PINNED_DETAILS
}

/// What of the screen is taken, until the window was made to fit it; nothing in a window that is never shown.
#[derive(Default)]
pub(super) struct ScreenFit {
    panels: Option<Panels>,
    /// It filled the screen last.
    fills: bool,
}

impl ScreenFit {
    /// Reads what the screen's panels take, for a window that filled the screen last, or did not.
    pub(super) fn of_screen(fills: bool) -> ScreenFit {
        ScreenFit { panels: Some(display::panels()), fills }
    }

    /// Makes the window smaller where the screen has no room for it, as soon as that screen is known: once, since after
    /// that its size is the person's own affair.
    pub(super) fn fit(&mut self, ctx: &egui::Context) {
        let Some(panels) = self.panels else { return };
        let (screen, outer, inner) = ctx.input(|input| {
            let viewport = input.viewport();
            (viewport.monitor_size, viewport.outer_rect, viewport.inner_rect)
        });
        let Some(screen) = screen.filter(|size| size.x > 0.0 && size.y > 0.0) else { return };
        self.panels = None;
        if self.fills {
            // Window managers on X11 do not hear it of a window that is not shown yet.
            ctx.send_viewport_cmd(ViewportCommand::Maximized(true));
            return;
        }
        let frame = outer.zip(inner).map_or(Vec2::ZERO, |(outer, inner)| outer.size() - inner.size());
        let frame = vec2(frame.x.max(EDGES), frame.y.max(TITLE));
        let scale = ctx.pixels_per_point();
        let (taken, rest) = match panels {
            Panels::Known { taken, corner, rest } => {
                let rest = Rect::from_min_size(Pos2::from(corner) / scale, Vec2::from(rest) / scale);
                (Vec2::from(taken) / scale, Some(rest))
            }
            Panels::Unknown => (vec2(0.0, USUAL_PANELS), None),
        };
        if let Some(size) = fitting(ctx.content_rect().size(), screen - taken - frame) {
            ctx.send_viewport_cmd(ViewportCommand::InnerSize(size));
            if let Some(rest) = rest {
                let at = outer.map_or(rest.min, |outer| outer.min);
                ctx.send_viewport_cmd(ViewportCommand::OuterPosition(within(at, size + frame, rest)));
            }
        }
    }
}

/// Returns the size that a window of this size must have; nothing where it fits.
fn fitting(size: Vec2, room: Vec2) -> Option<Vec2> {
    let fits = size.min(room).max(LEAST.min(size));
    (fits != size).then_some(fits)
}

/// Returns where a window of this size must be to be seen whole, as near as can be to where it is: that may be a second
/// screen.
fn within(at: Pos2, size: Vec2, rest: Rect) -> Pos2 {
    at.min(rest.max - size).max(rest.min)
}

#[cfg(test)]
mod tests {
    use eframe::egui::pos2;

    use super::*;

    #[test]
    fn a_window_is_made_no_smaller_than_it_must() {
        let usual = vec2(1160.0, 740.0);
        for (room, size) in [
            (vec2(1920.0, 1000.0), None),
            (vec2(1160.0, 740.0), None),
            (vec2(1366.0, 690.0), Some(vec2(1160.0, 690.0))),
            (vec2(1024.0, 530.0), Some(vec2(1024.0, 530.0))),
            (vec2(300.0, 200.0), Some(LEAST)),
        ] {
            assert_eq!(fitting(usual, room), size, "{room:?}");
        }
    }

    #[test]
    fn a_window_is_moved_no_further_than_it_must_and_to_no_other_screen() {
        // Two screens beside each other, with a panel above both.
        let rest = Rect::from_min_size(pos2(0.0, 30.0), vec2(2732.0, 738.0));
        let size = vec2(1164.0, 738.0);
        for (at, then, why) in [
            (pos2(0.0, 30.0), pos2(0.0, 30.0), "it is there"),
            (pos2(10.0, 60.0), pos2(10.0, 30.0), "it would end below the screen"),
            (pos2(-20.0, 0.0), pos2(0.0, 30.0), "it would begin outside"),
            (pos2(1400.0, 45.0), pos2(1400.0, 30.0), "it opened on the second screen"),
            (pos2(2000.0, 30.0), pos2(1568.0, 30.0), "it would end beside both"),
        ] {
            assert_eq!(within(at, size, rest), then, "{why}");
        }
        let large = vec2(3000.0, 900.0);
        assert_eq!(within(pos2(5.0, 5.0), large, rest), rest.min, "its title bar is in sight all the same");
    }
}
