//! One file of the queue.

mod buttons;
mod choices;
mod remedies;
mod status;

use eframe::egui::{
    self, Align, Align2, CornerRadius, EventFilter, Layout, Rect, Role, Sense, Stroke, StrokeKind, Ui,
    UiBuilder, WidgetInfo, pos2, vec2,
};
use lucide_icons::Icon;

use super::action::{Action, SelectMode};
use super::app::ViewContext;
use super::theme::{self, RADIUS_ROW, RADIUS_SIDE, tokens};
use super::thumbs;
use super::widgets::{fit_end, fit_middle, focus_ring, line};
use crate::model::item::{Inspection, Item};
use crate::model::media::{FileFacts, Kind, Media};
use crate::model::text;
use crate::model::upload::UploadId;

pub(super) use choices::{can_be_moved, destination_choices};
pub(super) use status::{explain, spoken};

/// Height of a row; the gap to the next one is `GAP`.
pub(super) const HEIGHT: f32 = 74.0;
pub(super) const GAP: f32 = 4.0;

const THUMB: f32 = 56.0;

/// In narrower rows a button is its icon alone, if it has one.
const COMPACT: f32 = 520.0;

/// The name egui has for a row.
pub(super) fn row_id(id: UploadId) -> egui::Id {
    egui::Id::unique(("row of the queue", id.0))
}

/// What is known of a file, in a line: "PNG · 1024 × 1024 · 2.1 MB".
pub(super) fn facts_line(item: &Item) -> String {
    match &item.inspection {
        Inspection::Pending => "Looking…".to_owned(),
        Inspection::Failed(_) => String::new(),
        Inspection::Ready(facts) => {
            let mut parts = vec![];
            parts.extend(facts.recognised.label().map(ToOwned::to_owned));
            if let Some((width, height)) = facts.pixels {
                parts.push(format!("{width} × {height}"));
            }
            if let Some(length) = facts.length {
                parts.push(text::length(length));
            }
            parts.push(text::bytes(facts.size));
            parts.join(" · ")
        }
    }
}

/// Draws a row.
pub(super) fn show(
    ui: &mut Ui,
    rect: Rect,
    item: &Item,
    seen: &mut ViewContext<'_>,
    actions: &mut Vec<Action>,
) {
    let t = tokens(ui);
    let selected = seen.selection.has(item.id);
    let at_keyboard = match seen.selection.cursor() {
        Some(cursor) => cursor == item.id,
        None => seen.session.queue().items().first().is_some_and(|first| first.id == item.id),
    };
    // The keyboard comes to one row of the list, and goes on from there by arrows.
    let sense = if at_keyboard { Sense::click() } else { Sense::CLICK };
    let response = ui.interact(rect, row_id(item.id), sense);
    response.widget_info(|| WidgetInfo::labeled(Role::ListItem, true, spoken(item)));
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_selected(selected));
    if response.has_focus() {
        let arrows = EventFilter { vertical_arrows: true, ..EventFilter::default() };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, arrows));
    }
    // By Tab or a screen reader: what has the keyboard is what is selected.
    let came = response.gained_focus() && seen.row_focus != Some(item.id);
    if came && !selected {
        actions.push(Action::Select(item.id, SelectMode::Only));
    }
    if response.clicked_by(egui::PointerButton::Primary) {
        let (shift, ctrl) = ui.input(|input| (input.modifiers.shift, input.modifiers.command));
        let how = match (shift, ctrl) {
            (true, _) => SelectMode::Range,
            (false, true) => SelectMode::Toggle,
            (false, false) => SelectMode::Only,
        };
        actions.push(Action::Select(item.id, how));
    } else if response.clicked() {
        // Space, Enter, or a screen reader.
        actions.push(if selected { Action::Details } else { Action::Select(item.id, SelectMode::Only) });
    }
    if response.double_clicked() {
        actions.push(Action::Details);
    }
    if response.secondary_clicked() && !selected {
        actions.push(Action::Select(item.id, SelectMode::Only));
    }
    if selected || response.contains_pointer() {
        let stroke = if selected { Stroke::new(1.0, t.line) } else { Stroke::NONE };
        ui.painter().rect(rect, CornerRadius::same(RADIUS_ROW), t.raised, stroke, StrokeKind::Inside);
    }
    if seen.by_keyboard {
        focus_ring(ui, rect, &response, RADIUS_ROW);
    }
    choices::context_menu(&response, item, seen, actions);
    let thumb = Rect::from_min_size(rect.min + vec2(10.0, (HEIGHT - THUMB) / 2.0), vec2(THUMB, THUMB));
    file_picture(ui, thumb, item.facts(), |side| {
        seen.thumbs.get(item.id, || seen.session.want_picture(item.id, side))
    });

    let inner = Rect::from_min_max(
        pos2(rect.left() + 80.0, rect.top() + 9.0),
        pos2(rect.right() - 12.0, rect.bottom() - 6.0),
    );
    let mut right = ui.new_child(
        UiBuilder::new()
            .id_salt(("buttons", item.id.0))
            .max_rect(inner)
            .layout(Layout::right_to_left(Align::Center)),
    );
    buttons::show(&mut right, item, rect.width() < COMPACT, seen, actions);
    let left = Rect::from_min_max(inner.min, pos2(right.min_rect().left() - 12.0, inner.bottom()));
    let mut words = ui.new_child(
        UiBuilder::new().id_salt(("words", item.id.0)).max_rect(left).layout(Layout::top_down(Align::LEFT)),
    );
    words.spacing_mut().item_spacing.y = 1.0;
    let name = fit_middle(&words, &item.name, &theme::strong(), left.width());
    let cut = name != item.name;
    let label = line(&mut words, &name, theme::strong(), t.text);
    if cut {
        label.on_hover_text(&item.name);
    }
    let facts = fit_end(&words, &facts_line(item), &theme::secondary(), left.width());
    line(&mut words, &facts, theme::secondary(), t.dim);
    words.add_space(2.0);
    status::show(&mut words, item, seen, left.width());
}

/// A file's small picture, or what kind of file it is. `get` has the picture, at most so many pixels a side.
pub(super) fn file_picture<'a>(
    ui: &mut Ui,
    rect: Rect,
    facts: Option<&FileFacts>,
    get: impl FnOnce(u32) -> Option<&'a egui::TextureHandle>,
) {
    let t = tokens(ui);
    let kind = facts.and_then(|f| f.recognised.media()).map(crate::model::media::Media::kind);
    ui.painter().rect_filled(rect, CornerRadius::same(RADIUS_SIDE), t.control);
    if matches!(kind, Some(Kind::Image | Kind::Video))
        && let Some(texture) = get(thumbs::SIDE)
    {
        egui::Image::from_texture(texture).corner_radius(CornerRadius::same(RADIUS_SIDE)).paint_at(ui, rect);
        if kind == Some(Kind::Video) || facts.is_some_and(|facts| facts.animated) {
            moves(ui, rect);
        }
        return;
    }
    let icon = icon_of(facts.and_then(|f| f.recognised.media()));
    let size = (rect.height() * 0.36).max(15.0);
    ui.painter().text(rect.center(), Align2::CENTER_CENTER, icon.unicode(), theme::icons(size), t.dim);
}

/// What stands for a file of which there is no picture.
pub(super) fn icon_of(media: Option<Media>) -> Icon {
    match media.map(Media::kind) {
        Some(Kind::Image) => Icon::Image,
        Some(Kind::Audio) => Icon::Music2,
        Some(Kind::Video) => Icon::Film,
        Some(Kind::Captions) => Icon::Captions,
        None => Icon::File,
    }
}

/// Marks a picture of which there is more than this one.
fn moves(ui: &Ui, rect: Rect) {
    let side = (rect.height() * 0.34).clamp(14.0, 28.0);
    let mark = Rect::from_min_size(rect.max - vec2(side + 3.0, side + 3.0), vec2(side, side));
    ui.painter().rect_filled(mark, CornerRadius::same(4), egui::Color32::from_black_alpha(170));
    let font = theme::icons(side * 0.62);
    ui.painter().text(mark.center(), Align2::CENTER_CENTER, Icon::Play.unicode(), font, egui::Color32::WHITE);
}
