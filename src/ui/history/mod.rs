//! The history: every upload that was asked for, to search, to copy from and to send again.

mod cached;
mod cell;
mod entry;
pub(super) mod export;
mod filters;
mod footer;
mod header;
mod layout;
mod picked;
mod remembered;
mod row;
mod shown;

use std::time::{Duration, Instant};

use eframe::egui::{
    self, Align2, CentralPanel, Id, Rangef, Rect, Role, ScrollArea, Sense, Ui, UiBuilder, WidgetInfo, pos2,
    vec2,
};
use jiff::Zoned;
use lucide_icons::Icon;

use super::action::Action;
use super::list_row::{ListRow, show_list};
use super::theme::{self, tokens};
use super::time_format;
use super::view_context::ViewContext;
use super::widgets::{Button, Weight, big_icon, centred, middle};
use crate::session::api::{HistoryStyle, text};

use layout::{DaySection, HEADING};
use row::Columns;
use shown::NextQuery;

pub(super) use entry::open_link;
pub(super) use footer::footer;
pub(super) use header::{header, search_id};
pub(super) use shown::HistoryView;

/// Height of the names of the columns.
const NAMES: f32 = 34.0;

/// Between the edge of the page and what is on it.
const EDGE_OF_LIST: f32 = 12.0;
const EDGE_OF_GRID: f32 = 20.0;

/// Draws what was found, below the header.
pub(super) fn show(
    ui: &mut Ui,
    seen: &mut ViewContext<'_>,
    shown: &mut HistoryView,
    actions: &mut Vec<Action>,
) {
    let frame = egui::Frame::new().fill(tokens(ui).window);
    CentralPanel::default().frame(frame).show(ui, |ui| {
        let (day, now) = (Zoned::now(), Instant::now());
        if !shown.filters.search.is_empty() {
            shown.filters.labels = seen.session.keys.account_words();
        }
        match shown.question(&day, now) {
            NextQuery::Now(query) => seen.session.library.find(query),
            NextQuery::Later(wait) => seen.again_in(wait),
            NextQuery::None => {}
        }
        if let Some((number, ids)) = shown.selection_question(&seen.list.selection, now) {
            seen.session.library.ask_selection(number, ids);
        }
        match (shown.is_answered(), shown.len()) {
            (true, 0) if shown.filters.is_any() => nothing_found(ui, shown),
            (true, 0) => nothing_yet(ui),
            (true, _) => page(ui, seen, shown, &day, now, actions),
            (false, _) => {}
        }
        if shown.is_waiting(now) {
            // The answer comes within milliseconds: sooner than a wake, which may be delayed.
            seen.again_in(Duration::from_millis(16));
        }
    });
}

fn nothing_yet(ui: &mut Ui) {
    let t = tokens(ui);
    let rect = ui.available_rect_before_wrap();
    middle(ui, rect, 120.0, |ui| {
        big_icon(ui, Icon::History);
        ui.add_space(6.0);
        centred(ui, "Nothing was sent yet", theme::big(), t.text);
        let second = "Every file you send is kept here with its ID, on this computer only";
        centred(ui, second, theme::body(), t.dim);
    });
}

fn nothing_found(ui: &mut Ui, shown: &mut HistoryView) {
    let t = tokens(ui);
    let rect = ui.available_rect_before_wrap();
    middle(ui, rect, 170.0, |ui| {
        big_icon(ui, Icon::SearchX);
        ui.add_space(6.0);
        centred(ui, "Nothing found", theme::big(), t.text);
        let search = text::sanitize(&text::elide(shown.filters.search.trim(), 60));
        let second = match search.is_empty() {
            true => "No upload fits these filters".to_owned(),
            false => format!("Nothing has “{search}” in its name, ID, link, account or provider"),
        };
        centred(ui, &second, theme::body(), t.dim);
        ui.add_space(12.0);
        if Button::new(Weight::Secondary, "Show everything").show(ui).clicked() {
            shown.filters.clear();
        }
    });
}

/// Draws the uploads that are on screen, below the names of their days.
fn page(
    ui: &mut Ui,
    seen: &mut ViewContext<'_>,
    shown: &mut HistoryView,
    day: &Zoned,
    now: Instant,
    actions: &mut Vec<Action>,
) {
    let style = seen.session.keys.settings().history_style;
    let whole = ui.available_rect_before_wrap();
    let (edge, names) = match style {
        HistoryStyle::List => (EDGE_OF_LIST, NAMES),
        HistoryStyle::Grid => (EDGE_OF_GRID, 0.0),
    };
    let rows = whole.with_min_y(whole.top() + names);
    let across = whole.shrink2(vec2(edge, 0.0)).x_range();
    let columns = Columns::new(across);
    if style == HistoryStyle::List {
        show_names(ui, whole.with_max_y(rows.top()), &columns);
    }
    shown.lay_out(style, across.span());
    if let Some(indices) = seen.list.show_rows.take() {
        let from = shown.take_go_to().unwrap_or(shown.offset());
        let room = rows.height() - seen.list.covered;
        let to = shown.layout().offset_to_see(&indices, room, from);
        shown.go_to(to);
    }
    seen.list.height = rows.height();
    let (count, height) = (shown.len(), shown.layout().height());
    let mut inside = ui.new_child(UiBuilder::new().id_salt("rows").max_rect(rows));
    inside.spacing_mut().item_spacing.y = 0.0;
    let mut area = ScrollArea::vertical().auto_shrink([false, false]);
    if let Some(offset) = shown.take_go_to() {
        area = area.vertical_scroll_offset(offset as f32);
    }
    area.show_viewport(&mut inside, |ui, viewport| {
        ui.set_height(height as f32);
        // While the end of the list is pulled beyond its place there is no row there.
        let offset = viewport.min.y.clamp(0.0, (height as f32 - rows.height()).max(0.0));
        shown.stands_at(f64::from(offset));
        if let Some(ids) = shown.wants_read(rows.height(), now) {
            seen.session.library.read_records(ids);
        }
        let name = text::count_thousands(count, "upload");
        let origin = pos2(across.min, rows.top() + (offset - viewport.min.y));
        show_list(ui, Id::unique("the uploads"), &name, count, |ui| {
            uploads(
                ui,
                Rect::from_min_size(origin, vec2(across.span(), rows.height())),
                seen,
                shown,
                day,
                actions,
            );
        });
    });
    if let Ok(tomorrow) = day.tomorrow().and_then(|next| next.start_of_day()) {
        // Then today is yesterday.
        let left = tomorrow.duration_since(day) + jiff::SignedDuration::from_secs(1);
        seen.again_in(left.try_into().unwrap_or(Duration::from_hours(1)));
    }
}

/// Draws what of the uploads is seen in a rectangle.
fn uploads(
    ui: &mut Ui,
    seen_in: Rect,
    seen: &mut ViewContext<'_>,
    shown: &mut HistoryView,
    day: &Zoned,
    actions: &mut Vec<Action>,
) {
    let (offset, room) = (shown.offset(), seen_in.height());
    let columns = Columns::new(seen_in.x_range());
    let is_list = seen.session.keys.settings().history_style == HistoryStyle::List;
    for section in shown.layout().names(offset, room) {
        let left = if is_list { columns.file.min } else { seen_in.left() };
        day_name(ui, seen_in.with_min_x(left), section, offset, day);
    }
    for index in shown.layout().on_screen(offset, room) {
        // From the page's top and not from that of all rows: a number with a fraction is exact only when it is small.
        let rect = shown.layout().rect(index, offset).translate(seen_in.min.to_vec2());
        let record = shown.row(index);
        let (Some(record), Some(id)) = (record, shown.timeline().ids().get(index).copied()) else {
            match is_list {
                true => row::show_unread(ui, rect, &columns),
                false => cell::show_unread(ui, rect),
            }
            continue;
        };
        let order = shown.timeline();
        let entry =
            ListRow { id, index, rect, order, in_grid: shown.layout().is_grid(), can_be_dragged: false };
        if is_list {
            row::show(ui, &entry, &columns, &record, seen, day, actions);
        } else {
            cell::show(ui, &entry, &record, seen, day, actions);
        }
    }
}

/// Draws the name of a day, with the number of its uploads.
fn day_name(ui: &Ui, seen_in: Rect, section: &DaySection, offset: f64, day: &Zoned) {
    let name =
        format!("{} · {}", time_format::day_name(section.date, day), text::thousands(section.count as u64));
    let at = pos2(seen_in.left(), seen_in.top() + (section.top - offset) as f32);
    let rect = Rect::from_min_size(at, vec2(seen_in.width(), HEADING));
    let response = ui.interact(rect, ui.scope_id().with(("day", section.date)), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Heading, true, &name));
    let at = pos2(rect.left(), rect.top() + 9.0);
    ui.painter().text(at, Align2::LEFT_CENTER, name, theme::semibold(12.0), tokens(ui).dim);
}

fn show_names(ui: &mut Ui, rect: Rect, columns: &Columns) {
    let t = tokens(ui);
    let all: [(Option<Rangef>, &str); 6] = [
        (Some(columns.file), "File"),
        (columns.provider, "Provider"),
        (columns.account, "Account"),
        (columns.id, "ID or link"),
        (columns.when, "When"),
        (columns.lives, "Status"),
    ];
    for (column, name) in all {
        let Some(column) = column else { continue };
        let rect = Rect::from_x_y_ranges(column, rect.y_range());
        let response = ui.interact(rect, ui.scope_id().with(name), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::ColumnHeader, true, name));
        let at = pos2(rect.left(), rect.center().y);
        ui.painter().text(at, Align2::LEFT_CENTER, name, theme::body(), t.faint);
    }
    ui.painter().hline(rect.x_range(), rect.bottom() - 0.5, (1.0, t.line));
}
