//! An upload of the history in the grid: its picture, its name, and its ID or what became of it.

use std::sync::Arc;
use std::time::Duration;

use eframe::egui::{Align, CornerRadius, Layout, Rect, Stroke, StrokeKind, Ui, pos2, vec2};
use jiff::Zoned;
use lucide_icons::Icon;

use super::entry::{EntryText, button_menu, context_menu, copy_button, is_looked_at};
use super::layout::picture_height;
use crate::session::api::{Record, text};
use crate::ui::action::Action;
use crate::ui::bidi::Reading;
use crate::ui::file_picture::{file_picture, provider_badge};
use crate::ui::list_row::ListRow;
use crate::ui::theme::{self, RADIUS_ROW, RADIUS_SIDE, tokens};
use crate::ui::view_context::ViewContext;
use crate::ui::widgets::{Button, Tone, Weight, WithTip, fit_middle, focus_ring, line_galley};

/// Draws an upload.
pub(super) fn show(
    ui: &mut Ui,
    row: &ListRow<'_>,
    record: &Arc<Record>,
    view: &mut ViewContext<'_>,
    now: &Zoned,
    actions: &mut Vec<Action>,
) {
    let t = tokens(ui);
    let words = EntryText::new(record, &view.session.keys, now);
    let response = row.show(ui, view, || words.spoken(), actions);
    context_menu(&response, record, view, row.order, actions);
    let picture = Rect::from_min_size(row.rect.min, vec2(row.rect.width(), picture_height(row.rect.width())));
    file_picture(ui, picture, record.request.facts.as_ref(), |side| {
        view.thumbs.get(row.id, || view.session.library.want_thumbnail(record, side))
    });
    provider_badge(ui, picture, &record.request.destination, None);
    let selected = view.list.selection.has(row.id);
    let is_under = response.contains_pointer();
    let around = picture.expand(4.0);
    if selected || is_under {
        let stroke = Stroke::new(2.0, if selected { t.accent } else { t.line });
        ui.painter().rect_stroke(around, CornerRadius::same(RADIUS_ROW + 2), stroke, StrokeKind::Inside);
    }
    if view.list.by_keyboard {
        focus_ring(ui, around, &response, RADIUS_ROW + 2);
    }
    let drawn = is_under || is_looked_at(view, &response, row.id);
    let controls = buttons(ui, picture, row, (record, &words.name, drawn), view, actions);
    // Where only the pointer shows them, a toast would flee from it.
    if is_looked_at(view, &response, row.id) {
        view.controls.push(controls);
    }
    let room = row.rect.width();
    let name = fit_middle(ui, &words.name, &theme::caption(), room);
    let (second, colour) = second_line(record, &words, t);
    let (to, keys) = (&record.request.destination, &view.session.keys);
    let second = match keys.has_several(to) {
        true => format!("{} · {second}", keys.short_account(to)),
        false => second,
    };
    let second = fit_middle(ui, &second, &theme::small_id(), room);
    let painter = ui.painter();
    let top = picture.bottom() + 6.0;
    let galley = line_galley(ui, &name, Reading::Name, (theme::caption(), t.text));
    painter.galley(pos2(row.rect.left(), top), galley, t.text);
    let galley = line_galley(ui, &second, Reading::Name, (theme::small_id(), colour));
    painter.galley(pos2(row.rect.left(), top + 16.0), galley, colour);
    // There is no room for where it went and when, and screen readers hear it as its name.
    response.shown_tip(&format!("{}\n{}", words.name, words.origin()));
    if let Some(seconds) = words.state.changes_in {
        view.again_in(Duration::from_secs(seconds));
    }
}

/// Draws an upload that is not read yet.
pub(super) fn show_unread(ui: &Ui, rect: Rect) {
    let picture = rect.with_max_y(rect.top() + picture_height(rect.width()));
    ui.painter().rect_filled(picture, CornerRadius::same(RADIUS_SIDE), tokens(ui).control);
}

/// Returns what stands below the name: the ID, or how long the link lives, or why there is neither.
fn second_line(record: &Record, words: &EntryText, t: &theme::Tokens) -> (String, eframe::egui::Color32) {
    let colour = match words.state.tone {
        // How long a link lives is no trouble.
        _ if record.state.receipt().is_some() => t.dim,
        Tone::Bad => t.bad,
        Tone::Warning => t.warning,
        Tone::Good | Tone::Neutral => t.dim,
    };
    match record.state.receipt() {
        Some(receipt) if receipt.expires.is_none() => (text::sanitize(receipt.first()), t.dim),
        _ => (words.state.text.clone(), colour),
    }
}

/// Draws what can be done with it, over its picture, and returns where; it is seen where the upload is looked at.
fn buttons(
    ui: &mut Ui,
    picture: Rect,
    row: &ListRow<'_>,
    (record, name, drawn): (&Arc<Record>, &str, bool),
    view: &ViewContext<'_>,
    actions: &mut Vec<Action>,
) -> Rect {
    let at =
        Rect::from_min_max(picture.min + vec2(6.0, 6.0), pos2(picture.right() - 6.0, picture.top() + 32.0));
    let layout = Layout::right_to_left(Align::Center);
    let mut inside = ui.new_child(view.list.part_of_row(row.id, "buttons").max_rect(at).layout(layout));
    inside.spacing_mut().item_spacing.x = 4.0;
    let keyboard = view.has_keyboard(row.id);
    let label = format!("More: {name}");
    let button = Button::new(Weight::Secondary, "").icon(Icon::Ellipsis).named(&label).small();
    let button = button.keyboard(keyboard).drawn(drawn).show(&mut inside);
    button_menu(&button, record, view, row.order, actions);
    copy_button(&mut inside, record, name, (keyboard, drawn), view, actions);
    inside.min_rect()
}
