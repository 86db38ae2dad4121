//! What lies over the window until it is closed.

use eframe::egui::{self, Align, CornerRadius, Id, Label, Layout, Modal, RichText, ScrollArea, Ui};

use super::button::{Button, Weight};

use crate::ui::theme::{self, tokens};

/// What came of showing a sheet.
pub(in crate::ui) struct Shown<R> {
    pub(in crate::ui) inner: R,
    /// Escape was pressed, or something beside it.
    pub(in crate::ui) left: bool,
}

/// Shows a sheet with its title, as wide as wanted where there is room.
pub(in crate::ui) fn sheet<R>(
    ctx: &egui::Context,
    title: &str,
    width: f32,
    add: impl FnOnce(&mut Ui) -> R,
) -> Shown<R> {
    let id = Id::unique("a sheet");
    let frame = egui::Frame::popup(&ctx.global_style())
        .inner_margin(20)
        .corner_radius(CornerRadius::same(theme::RADIUS_ZONE));
    let area = Modal::default_area(id).accessible_name(title);
    let modal = Modal::new(id).area(area).frame(frame).show(ctx, |ui| {
        let t = tokens(ui);
        ui.set_width(width.min(ui.ctx().content_rect().width() - 48.0));
        ui.spacing_mut().item_spacing.y = 6.0;
        ui.add(Label::new(RichText::new(title).font(theme::title()).color(t.text)).wrap());
        add(ui)
    });
    let left = modal.should_close();
    Shown { inner: modal.inner, left }
}

/// How high the content of a sheet may be before it scrolls.
pub(in crate::ui) fn room_in_sheet(ui: &Ui, around: f32) -> f32 {
    (ui.ctx().content_rect().height() - around).max(80.0)
}

/// What scrolls in a sheet: as high as its content where that has room, at once and not step by step.
pub(in crate::ui) fn scroll_in_sheet(ui: &Ui, around: f32) -> ScrollArea {
    let room = room_in_sheet(ui, around);
    ScrollArea::vertical().max_height(room).min_scrolled_height(room).auto_shrink([false, true])
}

/// The button that closes a sheet in which there is nothing to decide; true when it was pressed. The keyboard is at it as
/// long as it is nowhere else.
pub(in crate::ui) fn close_button(ui: &mut Ui) -> bool {
    let shown = ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        let close = Button::new(Weight::Primary, "Close").show(ui);
        if !ui.memory(|memory| memory.focused().is_some()) {
            close.request_focus();
        }
        close.clicked()
    });
    shown.inner
}
