//! The small picture of a file, wherever one is listed.

use eframe::egui::{self, Align2, Color32, CornerRadius, Rect, Ui, vec2};
use lucide_icons::Icon;

use super::theme::{self, RADIUS_SIDE, tokens};
use super::thumbs;
use crate::session::api::{Destination, FileFacts, Kind, Media, provider};

/// Higher pictures are made larger.
const LARGE: f32 = 64.0;

/// Draws a file's small picture, or what kind of file it is. `get` has the picture, at most so many pixels a side.
pub(super) fn file_picture<'a>(
    ui: &mut Ui,
    rect: Rect,
    facts: Option<&FileFacts>,
    get: impl FnOnce(u32) -> Option<&'a egui::TextureHandle>,
) {
    let t = tokens(ui);
    let kind = facts.and_then(|f| f.recognised.media()).map(Media::kind);
    ui.painter().rect_filled(rect, CornerRadius::same(RADIUS_SIDE), t.control);
    if matches!(kind, Some(Kind::Image | Kind::Video))
        && let Some(texture) = get(if rect.height() > LARGE { thumbs::LARGE_SIDE } else { thumbs::SIDE })
    {
        let image = egui::Image::from_texture(texture).uv(covering(rect.size()));
        image.corner_radius(CornerRadius::same(RADIUS_SIDE)).paint_at(ui, rect);
        if kind == Some(Kind::Video) || facts.is_some_and(|facts| facts.animated) {
            moves(ui, rect);
        }
        return;
    }
    let icon = icon_of(facts.and_then(|f| f.recognised.media()));
    let size = (rect.height() * 0.36).max(15.0);
    ui.painter().text(rect.center(), Align2::CENTER_CENTER, icon.unicode(), theme::icons(size), t.dim);
}

/// Draws a provider's mark in the corner of a file's picture: results of several providers are never mixed up. `around`
/// is the ground on which the picture lies, where the mark reaches over its edge.
pub(super) fn provider_badge(ui: &Ui, picture: Rect, destination: &Destination, around: Option<Color32>) {
    let Some(facts) = provider::by_id(&destination.provider).map(|p| p.facts()) else { return };
    let (side, rect) = match around {
        Some(_) => (16.0, Rect::from_min_size(picture.max - vec2(12.0, 12.0), vec2(16.0, 16.0))),
        None => (22.0, Rect::from_min_size(picture.max - vec2(28.0, 28.0), vec2(22.0, 22.0))),
    };
    let radius = (side * 0.28) as u8;
    if let Some(ground) = around {
        ui.painter().rect_filled(rect.expand(2.0), CornerRadius::same(radius + 2), ground);
    }
    let [r, g, b] = facts.mark.colour;
    ui.painter().rect_filled(rect, CornerRadius::same(radius), Color32::from_rgb(r, g, b));
    let font = theme::icons(side * 0.6);
    ui.painter().text(rect.center(), Align2::CENTER_CENTER, facts.mark.icon.unicode(), font, Color32::WHITE);
}

/// Returns the icon of a file of which there is no picture.
pub(super) fn icon_of(media: Option<Media>) -> Icon {
    match media.map(Media::kind) {
        Some(Kind::Image) => Icon::Image,
        Some(Kind::Audio) => Icon::Music2,
        Some(Kind::Video) => Icon::Film,
        Some(Kind::Captions) => Icon::Captions,
        None => Icon::File,
    }
}

/// Returns the part of a square picture that fills a rectangle of this size.
fn covering(size: egui::Vec2) -> Rect {
    let part = size / size.x.max(size.y).max(1.0);
    Rect::from_center_size(egui::pos2(0.5, 0.5), part)
}

/// Marks a picture of which there is more than this one.
fn moves(ui: &Ui, rect: Rect) {
    let side = (rect.height() * 0.34).clamp(14.0, 28.0);
    // At the left: a provider's badge may be at the right.
    let mark = Rect::from_min_size(rect.left_bottom() + vec2(3.0, -side - 3.0), vec2(side, side));
    ui.painter().rect_filled(mark, CornerRadius::same(4), egui::Color32::from_black_alpha(170));
    let font = theme::icons(side * 0.62);
    ui.painter().text(mark.center(), Align2::CENTER_CENTER, Icon::Play.unicode(), font, egui::Color32::WHITE);
}
