//! What lies over the window until it is closed.

use eframe::egui::{
    self, Align, Align2, CornerRadius, Id, Key, Layout, Modal, Modifiers, Rect, ScrollArea, Sense, Stroke,
    Ui, UiBuilder, Vec2, vec2,
};

use super::button::{Button, Weight, is_button};
use super::scroll::in_gutter;

use super::layout::wrapped;
use crate::ui::theme::{self, tokens};

/// Between a sheet and the window's edge, where there is room for it.
const AROUND: f32 = 24.0;

/// Between a sheet's edge and what is in it.
const INSIDE: f32 = 20.0;

/// Below the buttons at its foot.
const BELOW: f32 = 13.0;

/// Above and below the line that its foot begins with.
const AT_LINE: f32 = 6.0;

/// A row of buttons with the line above it: what stands below the body of most sheets.
const USUAL_FOOT: f32 = theme::CONTROL + 2.0 * AT_LINE + 1.0;

/// So far an arrow key scrolls.
const LINE: f32 = 40.0;

/// Further than any body is high.
const WHOLE: f32 = 1e6;

/// What came of showing a sheet.
pub(in crate::ui) struct SheetResponse<R> {
    pub(in crate::ui) inner: R,
    /// Escape was pressed, or something beside it.
    pub(in crate::ui) left: bool,
}

/// A sheet being filled in, from its top to its foot. It is as high as that takes: the window and the sheet before it
/// have no say in it, except that the body scrolls where the window is too low.
pub(in crate::ui) struct Sheet<'a> {
    /// For what stands above the body.
    pub(in crate::ui) ui: &'a mut Ui,
    /// Lower than this nothing may be.
    bottom: f32,
    /// A click beside it does not close it.
    stays: bool,
}

/// Shows a sheet with its title, as wide as wanted where there is room.
pub(in crate::ui) fn sheet<R>(
    ctx: &egui::Context,
    title: &str,
    width: f32,
    add: impl FnOnce(&mut Sheet<'_>) -> R,
) -> SheetResponse<R> {
    let id = Id::unique("a sheet");
    let screen = ctx.content_rect().size();
    let around = AROUND.min(screen.y * 0.05);
    let most = vec2(screen.x - 2.0 * AROUND, screen.y - 2.0 * (around + 1.0) - INSIDE - BELOW);
    let frame = egui::Frame::popup(&ctx.global_style())
        .inner_margin(egui::Margin { bottom: BELOW as i8, ..egui::Margin::same(INSIDE as i8) })
        .corner_radius(CornerRadius::same(theme::RADIUS_ZONE));
    let position = SheetPlace::find(ctx, id, title);
    let area = Modal::default_area(id).accessible_name(title);
    let area = area.anchor(Align2::CENTER_TOP, vec2(0.0, position.top));
    let layer = area.layer();
    let modal = Modal::new(id).area(area).frame(frame).show(ctx, |ui| {
        leave_what_is_below(ctx, layer);
        let t = tokens(ui);
        let width = width.min(most.x);
        // Not the room that the sheet had in the frame before: another one may have been there.
        let room = Rect::from_min_size(ui.cursor().min, vec2(width, most.y));
        // Nor its names: what has the keyboard, or is scrolled, in one sheet is nothing in another, and nothing when it
        // is opened again.
        let names = (title, position.opening);
        let inner = ui.scope_builder(UiBuilder::new().id_salt(names).max_rect(room), |ui| {
            ui.set_width(width);
            ui.spacing_mut().item_spacing.y = 6.0;
            wrapped(ui, title, theme::title(), t.text);
            let mut sheet = Sheet { ui, bottom: room.bottom(), stays: false };
            let inner = add(&mut sheet);
            (inner, sheet.stays)
        });
        inner.inner
    });
    if position.keep(ctx, id, modal.response.rect.height(), around) {
        ctx.request_discard("a sheet has another height, and stands elsewhere");
    }
    let stays = modal.inner.1;
    let left = !(stays && modal.backdrop_response.clicked()) && modal.should_close();
    SheetResponse { inner: modal.inner.0, left }
}

/// Where a sheet stands: in the middle when it opens. What appears in it makes it higher towards its foot, so that nothing
/// that is there moves.
#[derive(Clone)]
struct SheetPlace {
    title: Id,
    screen: Vec2,
    height: f32,
    top: f32,
    /// When it was opened, measured first in a window of this size, and shown last.
    opening: u64,
    opened: u64,
    shown: u64,
}

impl SheetPlace {
    /// Finds where the sheet of that title stood in the frame before; else it opens now.
    fn find(ctx: &egui::Context, id: Id, title: &str) -> SheetPlace {
        let (title, screen, now) = (Id::unique(title), ctx.content_rect().size(), ctx.cumulative_frame_nr());
        let before = ctx.data(|data| data.get_temp::<SheetPlace>(id));
        let before = before.filter(|it| it.title == title && it.shown + 1 >= now);
        let opening = before.as_ref().map_or(now, |it| it.opening);
        match before {
            Some(it) if it.screen == screen => SheetPlace { shown: now, ..it },
            _ => SheetPlace { title, screen, height: 0.0, top: 0.0, opening, opened: now, shown: now },
        }
    }

    /// Keeps where it stands from now on, as high as it is; true where that is elsewhere.
    fn keep(mut self, ctx: &egui::Context, id: Id, height: f32, around: f32) -> bool {
        let before = (self.height, self.top);
        // In its first frames it is measured.
        if self.shown <= self.opened + 1 {
            self.top = ((self.screen.y - height) / 2.0).round();
        }
        self.height = height;
        self.top = self.top.min(self.screen.y - around - height).max(0.0);
        let moved = (before.0 - self.height).abs() > 0.5 || (before.1 - self.top).abs() > 0.5;
        ctx.data_mut(|data| data.insert_temp(id, self));
        moved
    }
}

impl Sheet<'_> {
    /// Keeps it open when something beside it is clicked: what was typed or chosen in it would be lost.
    pub(in crate::ui) fn stay(&mut self) {
        self.stays = true;
    }

    /// Draws the body, which scrolls where there is no room for all of it.
    pub(in crate::ui) fn body<R>(&mut self, add: impl FnOnce(&mut Ui) -> R) -> R {
        let area = self.scroll();
        in_gutter(self.ui, |ui| area.show(ui, add).inner)
    }

    /// Draws a body in which nothing has the keyboard: its keys scroll it.
    pub(in crate::ui) fn body_to_read<R>(&mut self, add: impl FnOnce(&mut Ui) -> R) -> R {
        let page = self.room();
        self.body(|ui| {
            let down = ui.input_mut(|input| {
                let mut down = 0.0;
                for (key, by) in [
                    (Key::ArrowDown, LINE),
                    (Key::ArrowUp, -LINE),
                    (Key::PageDown, page),
                    (Key::PageUp, -page),
                    (Key::End, WHOLE),
                    (Key::Home, -WHOLE),
                ] {
                    if input.consume_key(Modifiers::NONE, key) {
                        down += by;
                    }
                }
                down
            });
            if down != 0.0 {
                ui.scroll_with_delta(vec2(0.0, -down));
            }
            add(ui)
        })
    }

    /// Makes the area that scrolls, for a body that fills it in its own way.
    pub(in crate::ui) fn scroll(&self) -> ScrollArea {
        let room = self.room();
        ScrollArea::vertical().max_height(room).min_scrolled_height(room).auto_shrink([false, true])
    }

    /// Returns how high the body may be: what stands below it is in sight, too.
    pub(in crate::ui) fn room(&self) -> f32 {
        let foot = self.ui.data(|data| data.get_temp(foot_id())).unwrap_or(USUAL_FOOT);
        (self.bottom - self.ui.cursor().top() - self.ui.spacing().item_spacing.y - foot).max(0.0)
    }

    /// Draws what stands below the body, below a line.
    pub(in crate::ui) fn foot<R>(&mut self, add: impl FnOnce(&mut Ui) -> R) -> R {
        let foot = self.ui.scope(|ui| {
            let height = 2.0 * AT_LINE + 1.0 - ui.spacing().item_spacing.y;
            let (space, _) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
            let line = Stroke::new(1.0, tokens(ui).line);
            let across = space.x_range().expand(INSIDE);
            ui.painter().hline(across, space.top() + AT_LINE, line);
            add(ui)
        });
        if differs(self.ui.ctx(), foot_id(), foot.response.rect.height()) {
            self.ui.ctx().request_discard("what is below the body of a sheet has another height");
        }
        foot.inner
    }

    /// Returns whether Enter was pressed to be done with the sheet: anywhere in it but at a button, which it presses.
    pub(in crate::ui) fn is_submitted(&self) -> bool {
        let ctx = self.ui.ctx();
        let focused = ctx.memory(|memory| memory.focused());
        !focused.is_some_and(|id| is_button(ctx, id))
            && ctx.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter))
    }
}

fn foot_id() -> Id {
    Id::unique("the foot of a sheet")
}

/// Returns whether a height is another one than in the frame before.
fn differs(ctx: &egui::Context, id: Id, height: f32) -> bool {
    ctx.data_mut(|data| {
        let before = data.get_temp::<f32>(id);
        data.insert_temp(id, height);
        before.is_none_or(|before| (before - height).abs() > 0.5)
    })
}

/// Takes the keyboard from what lies below a sheet.
fn leave_what_is_below(ctx: &egui::Context, sheet: egui::LayerId) {
    let focused = ctx.memory(|memory| memory.focused());
    let Some(there) = focused.and_then(|id| ctx.read_response(id)) else { return };
    let below = there.layer_id != sheet && !ctx.memory(|memory| memory.allows_interaction(there.layer_id));
    if below {
        ctx.memory_mut(|memory| memory.surrender_focus(there.id));
    }
}

/// Draws a row of buttons at the foot of a sheet, from the right to the left.
pub(in crate::ui) fn buttons<R>(ui: &mut Ui, add: impl FnOnce(&mut Ui) -> R) -> R {
    let row = vec2(ui.available_width(), theme::CONTROL);
    ui.allocate_ui_with_layout(row, Layout::right_to_left(Align::Center), add).inner
}

/// Draws the button that closes a sheet in which there is nothing to decide; true when it was pressed. The keyboard is
/// at it as long as it is nowhere else.
pub(in crate::ui) fn close_button(ui: &mut Ui) -> bool {
    buttons(ui, |ui| {
        let close = Button::new(Weight::Primary, "Close").show(ui);
        if !ui.memory(|memory| memory.focused().is_some()) {
            close.request_focus();
        }
        close.clicked()
    })
}
