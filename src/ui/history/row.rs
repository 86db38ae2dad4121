//! One upload of the history, and the columns it is drawn in.

use std::sync::Arc;
use std::time::Duration;

use eframe::egui::{
    self, Align, CornerRadius, FontId, Layout, Rangef, Rect, Response, Ui, UiBuilder, pos2, vec2,
};
use jiff::Zoned;
use lucide_icons::Icon;

use super::entry::{EntryText, asked, button_menu, context_menu, copy_button, is_looked_at};
use super::layout::ROW as HEIGHT;
use crate::session::api::{Record, State, text};
use crate::ui::action::Action;
use crate::ui::failure_text::explain;
use crate::ui::file_picture::{file_picture, provider_badge};
use crate::ui::list_row::ListRow;
use crate::ui::theme::{self, RADIUS_SIDE, tokens};
use crate::ui::time_format;
use crate::ui::view_context::ViewContext;
use crate::ui::widgets::{Button, Cut, WithTip, cut_line, focus_ring, tag};

const THUMB: f32 = 34.0;
const EDGE: f32 = 10.0;
const GAP: f32 = 12.0;

/// Where each column is. The narrower the page, the fewer there are; what is left out stands below the file's name.
pub(super) struct Columns {
    pub(super) file: Rangef,
    pub(super) provider: Option<Rangef>,
    pub(super) account: Option<Rangef>,
    pub(super) id: Option<Rangef>,
    pub(super) when: Option<Rangef>,
    pub(super) lives: Option<Rangef>,
    buttons: Rangef,
}

impl Columns {
    pub(super) fn new(all: Rangef) -> Columns {
        const FILE: f32 = 136.0;
        const BUTTONS: f32 = 66.0;
        // In the order in which they matter.
        const OTHERS: [f32; 5] = [112.0, 128.0, 74.0, 88.0, 112.0];
        let (left, right) = (all.min + EDGE, (all.max - EDGE).max(all.min + EDGE));
        let mut room = (right - left - FILE - GAP - BUTTONS).max(0.0);
        let mut widths = [0.0; OTHERS.len()];
        for (width, wanted) in widths.iter_mut().zip(OTHERS) {
            if room < wanted + GAP {
                break;
            }
            *width = wanted;
            room -= wanted + GAP;
        }
        let [mut lives, mut id, when, provider, account] = widths;
        let mut file = FILE;
        if id > 0.0 {
            // "no answer: it may exist"
            let more = room.min(30.0);
            room -= more;
            lives += more;
            file += room * 0.3;
            id += room * 0.7;
        } else {
            file += room;
        }
        let mut x = left + file + GAP;
        let [provider, account, id, when, lives] = [provider, account, id, when, lives].map(|width| {
            let column = (width > 0.0).then(|| Rangef::new(x, x + width));
            x += column.map_or(0.0, |column| column.span() + GAP);
            column
        });
        let (file, buttons) = (Rangef::new(left, left + file), Rangef::new(right - BUTTONS, right));
        Columns { file, provider, account, id, when, lives, buttons }
    }
}

/// Returns what has no column of its own.
fn left_out(words: &EntryText, columns: &Columns) -> String {
    let all =
        [(columns.when, &words.when), (columns.provider, &words.provider), (columns.account, &words.account)];
    let out: Vec<_> = all.iter().filter(|(column, _)| column.is_none()).map(|(_, w)| w.as_str()).collect();
    out.join(" · ")
}

/// Draws an upload.
pub(super) fn show(
    ui: &mut Ui,
    row: &ListRow<'_>,
    columns: &Columns,
    record: &Arc<Record>,
    view: &mut ViewContext<'_>,
    now: &Zoned,
    actions: &mut Vec<Action>,
) {
    let t = tokens(ui);
    let words = EntryText::new(record, &view.session.keys, now);
    let rect = row.rect;
    let response = row.show(ui, view, || words.spoken(), actions);
    let mut ui =
        ui.new_child(view.list.part_of_row(row.id, "columns").max_rect(rect).layout(Layout::default()));
    let ui = &mut ui;
    let (selected, is_under) = (view.list.selection.has(row.id), response.contains_pointer());
    let ground = match (selected, is_under) {
        (true, _) => t.grounds.accent,
        (false, true) => t.raised,
        (false, false) => t.window,
    };
    let inner = rect.shrink2(vec2(0.0, 1.0));
    ui.painter().rect_filled(inner, CornerRadius::same(RADIUS_SIDE), ground);
    if view.list.by_keyboard {
        focus_ring(ui, inner.shrink(1.0), &response, RADIUS_SIDE);
    }
    context_menu(&response, record, view, row.order, actions);

    let thumb =
        Rect::from_min_size(pos2(columns.file.min, rect.top() + (HEIGHT - THUMB) / 2.0), vec2(THUMB, THUMB));
    file_picture(ui, thumb, record.request.facts.as_ref(), |side| {
        view.thumbs.get(row.id, || view.session.library.want_thumbnail(record, side))
    });
    provider_badge(ui, thumb, &record.request.destination, Some(ground));
    file(ui, rect, columns, &words);
    if let Some(column) = columns.provider {
        plain(ui, rect, column, &words.provider, t.text);
    }
    if let Some(column) = columns.account {
        plain(ui, rect, column, &words.account, t.dim);
    }
    if let Some(column) = columns.id {
        result(ui, rect, column, &record.state);
    }
    if let Some(column) = columns.when {
        plain(ui, rect, column, &words.when, t.dim).tip(time_format::exactly(asked(record)));
    }
    if let Some(column) = columns.lives {
        let lives = &words.state;
        let label = tag(&mut cell(ui, rect, column), lives.tone, None, &lives.text, column.span());
        if let Some(failure) = record.state.failure() {
            label.tip(explain(failure));
        }
    }
    if let Some(seconds) = words.state.changes_in {
        view.again_in(Duration::from_secs(seconds));
    }
    let with_menu = is_under || is_looked_at(view, &response, row.id);
    buttons(ui, row, columns, (record, &words.name), with_menu, view, actions);
    view.controls.push(Rect::from_x_y_ranges(columns.buttons, rect.y_range()));
}

/// Draws a row that is not read yet.
pub(super) fn show_unread(ui: &mut Ui, rect: Rect, columns: &Columns) {
    let t = tokens(ui);
    let at = pos2(columns.file.min, rect.top() + (HEIGHT - THUMB) / 2.0);
    ui.painter().rect_filled(Rect::from_min_size(at, vec2(THUMB, THUMB)), CornerRadius::same(8), t.control);
}

/// Makes a cell of a row, its content in the middle of the height.
fn cell(ui: &mut Ui, rect: Rect, column: Rangef) -> Ui {
    let rect = Rect::from_x_y_ranges(column, rect.y_range().shrink(1.0));
    ui.new_child(
        UiBuilder::new()
            .id_salt(column.min as i32)
            .max_rect(rect)
            .layout(Layout::left_to_right(Align::Center)),
    )
}

/// Draws a text in its column; the whole of it where the pointer rests.
fn fitted(
    ui: &mut Ui,
    rect: Rect,
    column: Rangef,
    whole: &str,
    cut: Cut,
    look: (FontId, egui::Color32),
) -> Response {
    cut_line(&mut cell(ui, rect, column), whole, cut, look, column.span())
}

fn plain(ui: &mut Ui, rect: Rect, column: Rangef, words: &str, colour: egui::Color32) -> Response {
    fitted(ui, rect, column, words, Cut::End, (theme::body(), colour))
}

fn file(ui: &mut Ui, rect: Rect, columns: &Columns, words: &EntryText) {
    let t = tokens(ui);
    let column = Rangef::new(columns.file.min + THUMB + 10.0, columns.file.max);
    let second = left_out(words, columns);
    let medium = (theme::strong(), t.text);
    if second.is_empty() {
        fitted(ui, rect, column, &words.name, Cut::Middle, medium);
        return;
    }
    let (above, below) = rect.shrink2(vec2(0.0, 6.0)).split_top_bottom_at_fraction(0.5);
    fitted(ui, above, column, &words.name, Cut::Middle, medium);
    let mut ui = ui.new_child(UiBuilder::new().id_salt("left out").max_rect(below));
    fitted(&mut ui, below, column, &second, Cut::End, (theme::secondary(), t.dim));
}

/// Draws the ID or the link; else why there is none.
fn result(ui: &mut Ui, rect: Rect, column: Rangef, state: &State) {
    let t = tokens(ui);
    match (state.receipt(), state.failure()) {
        (Some(receipt), _) => {
            let id = text::sanitize(receipt.first());
            fitted(ui, rect, column, &id, Cut::Middle, (theme::id(), t.text));
        }
        (None, Some(failure)) => {
            let font = (theme::secondary(), t.dim);
            fitted(ui, rect, column, &text::sanitize(&failure.message), Cut::End, font);
        }
        (None, None) => {}
    }
}

/// Draws the button that copies, and the menu's, which is seen where the row is looked at.
fn buttons(
    ui: &mut Ui,
    row: &ListRow<'_>,
    columns: &Columns,
    (record, name): (&Arc<Record>, &str),
    with_menu: bool,
    view: &ViewContext<'_>,
    actions: &mut Vec<Action>,
) {
    let at = view.has_keyboard(row.id);
    let (copy_side, menu_side) =
        Rect::from_x_y_ranges(columns.buttons, row.rect.y_range()).split_left_right_at_fraction(0.56);
    let mut beside = |part: &str, rect: Rect| {
        let layout = Layout::right_to_left(Align::Center);
        ui.new_child(view.list.part_of_row(row.id, part).max_rect(rect).layout(layout))
    };
    let mut ui = beside("copy", copy_side);
    copy_button(&mut ui, record, name, (at, true), view, actions);
    let mut ui = beside("more", menu_side);
    let name = format!("More: {name}");
    let more = Button::icon_only(Icon::Ellipsis, &name).small().keyboard(at).drawn(with_menu).show(&mut ui);
    button_menu(&more, record, view, row.order, actions);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_dropped_and_never_overlap() {
        let mut before = 0;
        for width in 300u16..2000 {
            let c = Columns::new(Rangef::new(20.0, 20.0 + f32::from(width)));
            let all = [Some(c.file), c.provider, c.account, c.id, c.when, c.lives, Some(c.buttons)];
            let there: Vec<_> = all.into_iter().flatten().collect();
            for pair in there.windows(2) {
                assert!(pair[0].max + 4.0 <= pair[1].min, "{width}: {pair:?}");
                assert!(pair[0].span() >= 60.0, "{width}: {pair:?}");
            }
            assert!(there[0].min >= 20.0 && c.buttons.max <= 20.0 + f32::from(width));
            assert!(there.len() >= before, "a wider page has no fewer columns");
            before = there.len();
        }
        assert_eq!(before, 7);
    }
}
