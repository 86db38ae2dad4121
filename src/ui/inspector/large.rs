//! The large preview: the whole picture, the waveform, or what is wrong with the file.

use eframe::egui::{
    self, Align2, CornerRadius, CursorIcon, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2,
};
use lucide_icons::Icon;

use crate::session::api::{Item, Kind};
use crate::session::choices::can_be_opened;
use crate::ui::action::Action;
use crate::ui::file_picture::icon_of;
use crate::ui::preview_state::Large;
use crate::ui::theme::{self, RADIUS_ROW, tokens};
use crate::ui::widgets::{WithTip, centred};

/// Shows it, as wide as the panel; a click opens what is sent, in the size that it has.
pub(super) fn show(ui: &mut Ui, item: &Item, large: &Large, actions: &mut Vec<Action>) {
    let t = tokens(ui);
    let width = ui.available_width();
    // In a low window there must be room for what is below it.
    let tallest = (ui.ctx().content_rect().height() * 0.33).clamp(120.0, 240.0);
    let height = match large {
        Large::Picture(texture) => {
            let [w, h] = texture.size();
            (width * h as f32 / (w as f32).max(1.0)).clamp(96.0, tallest)
        }
        Large::Waveform(_) => 110.0,
        Large::Awaited | Large::None(_) => match item.facts().and_then(|facts| facts.pixels) {
            Some((w, h)) => (width * h as f32 / (w as f32).max(1.0)).clamp(96.0, tallest),
            None => 110.0,
        },
    };
    let can_open = can_be_opened(item.request.source());
    let sense = if can_open { Sense::CLICK } else { Sense::hover() };
    let (rect, response) = ui.allocate_exact_size(vec2(width, height), sense);
    if response.clicked() {
        actions.push(Action::OpenFile(item.request.source().to_owned()));
    }
    let response = if can_open {
        response.on_hover_cursor(CursorIcon::PointingHand).shown_tip("Open file")
    } else {
        response
    };
    let corners = CornerRadius::same(RADIUS_ROW);
    ui.painter().rect_filled(rect, corners, t.control);
    match large {
        Large::Picture(texture) => {
            let [w, h] = texture.size().map(|side| side as f32);
            let scale = (rect.width() / w).min(rect.height() / h);
            let at = Rect::from_center_size(rect.center(), vec2(w, h) * scale);
            egui::Image::from_texture(texture).corner_radius(corners).paint_at(ui, at);
            response
                .widget_info(|| WidgetInfo::labeled(Role::Image, true, format!("Preview of {}", item.name)));
        }
        Large::Waveform(peaks) => {
            waveform(ui, rect.shrink2(vec2(10.0, 12.0)), peaks);
            response
                .widget_info(|| WidgetInfo::labeled(Role::Image, true, format!("Waveform of {}", item.name)));
        }
        Large::Awaited => icon(ui, rect.center(), item),
        Large::None(why) => {
            icon(ui, rect.center() - vec2(0.0, 14.0), item);
            // What kind of file has no preview is not worth a word; what is wrong with one that should have is.
            let wrong =
                item.facts().is_some_and(|f| f.recognised.media().is_some_and(|m| m.kind() == Kind::Image));
            let sentence = if wrong { why.as_str() } else { "No preview" };
            let below = Rect::from_min_max(
                pos2(rect.left() + 12.0, rect.center().y + 6.0),
                rect.max - vec2(12.0, 0.0),
            );
            let layout = egui::Layout::top_down(egui::Align::Center);
            let mut inside = ui.new_child(egui::UiBuilder::new().max_rect(below).layout(layout));
            centred(&mut inside, sentence, theme::secondary(), t.dim);
        }
    }
    ui.painter().rect_stroke(rect, corners, Stroke::new(1.0, t.line), StrokeKind::Inside);
}

fn icon(ui: &Ui, at: egui::Pos2, item: &Item) {
    let icon: Icon = icon_of(item.facts().and_then(|f| f.recognised.media()));
    ui.painter().text(at, Align2::CENTER_CENTER, icon.unicode(), theme::icons(30.0), tokens(ui).dim);
}

/// Draws a bar for each column, as high as it is loud.
fn waveform(ui: &Ui, rect: Rect, peaks: &[u8]) {
    let accent = tokens(ui).accent;
    let bars = ((rect.width() / 3.0) as usize).max(1);
    for n in 0..bars.min(peaks.len()) {
        let (from, to) =
            (n * peaks.len() / bars.min(peaks.len()), (n + 1) * peaks.len() / bars.min(peaks.len()));
        let loudest = peaks[from..to.max(from + 1)].iter().max().copied().unwrap_or(0);
        let half = (f32::from(loudest) / 255.0 * rect.height() / 2.0).max(0.75);
        let x = rect.left() + (n as f32 + 0.5) * rect.width() / bars.min(peaks.len()) as f32;
        let bar = Rect::from_center_size(pos2(x, rect.center().y), vec2(2.0, 2.0 * half));
        ui.painter().rect_filled(bar, CornerRadius::same(1), accent);
    }
}
