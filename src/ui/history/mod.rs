//! The history: every upload that was asked for, to search, to copy from and to send again.

pub(super) mod export;
mod row;
mod shown;

use std::time::{Duration, Instant};

use eframe::egui::{
    self, Align, Align2, CentralPanel, Id, Key, Layout, Modifiers, Panel, Popup, Rangef, Rect, Role,
    ScrollArea, Sense, TextEdit, Ui, UiBuilder, WidgetInfo, pos2, vec2,
};
use jiff::Zoned;
use lucide_icons::Icon;
use strum::IntoEnumIterator;

use super::action::Action;
use super::theme::{self, tokens};
use super::view_context::ViewContext;
use super::widgets::{Button, MenuItem, Weight, big_icon, centred, fit_end, line, menu, middle, select};
use crate::session::Session;
use crate::session::api::{provider, text};
use crate::session::export::Format;

use row::Columns;
use row::HEIGHT as ROW;
pub(super) use shown::HistoryView;
use shown::{DateRange, NextQuery};

/// Height of the names of the columns.
const NAMES: f32 = 34.0;

/// Narrower than this the filters have a line of their own.
const ONE_LINE: f32 = 800.0;

/// Returns the name egui has for the search field.
pub(super) fn search_id() -> Id {
    Id::unique("search in the history")
}

/// Draws what was found, below the header.
pub(super) fn show(
    ui: &mut Ui,
    seen: &mut ViewContext<'_>,
    shown: &mut HistoryView,
    actions: &mut Vec<Action>,
) {
    let t = tokens(ui);
    let frame = egui::Frame::new().fill(t.window).inner_margin(egui::Margin::symmetric(12, 0));
    CentralPanel::default().frame(frame).show(ui, |ui| {
        let (day, now) = (Zoned::now(), Instant::now());
        match shown.question(&day, now) {
            NextQuery::Now(query) => seen.session.library.find(query),
            NextQuery::Later(wait) => seen.again_in(wait),
            NextQuery::None => {}
        }
        match (shown.is_answered(), shown.len()) {
            (true, 0) if shown.is_filtered() => nothing_found(ui, shown),
            (true, 0) => nothing_yet(ui),
            (true, _) => table(ui, seen, shown, &day, now, actions),
            (false, _) => {}
        }
        if shown.is_waiting(now) {
            // The answer comes within milliseconds: sooner than a wake, which may be delayed.
            seen.again_in(Duration::from_millis(16));
        }
    });
}

/// Draws the filters, and what can be done with the whole history.
pub(super) fn header(
    ui: &mut Ui,
    session: &Session,
    shown: &mut HistoryView,
    can_export: bool,
    actions: &mut Vec<Action>,
) {
    let one_line = ui.available_width() >= ONE_LINE;
    let frame = egui::Frame::new().fill(tokens(ui).window).inner_margin(egui::Margin::symmetric(20, 0));
    let height = if one_line { 68.0 } else { 108.0 };
    Panel::top("header").resizable(false).exact_size(height).frame(frame).show(ui, |ui| {
        let (above, below) =
            ui.available_rect_before_wrap().split_top_bottom_at_y(ui.max_rect().top() + 68.0);
        let layout = Layout::right_to_left(Align::Center);
        let rect = if one_line { above } else { above.with_max_y(above.max.y - 6.0) };
        ui.scope_builder(UiBuilder::new().max_rect(rect).layout(layout), |ui| {
            whole_history(ui, session, shown, can_export, !one_line, actions);
            if one_line {
                filters(ui, shown, 220.0);
            }
            titles(ui, session, shown);
        });
        if !one_line {
            let below = below.with_max_y(below.max.y - 8.0);
            ui.scope_builder(UiBuilder::new().max_rect(below).layout(layout), |ui| {
                filters(ui, shown, f32::INFINITY);
            });
        }
    });
}

fn titles(ui: &mut Ui, session: &Session, shown: &HistoryView) {
    let t = tokens(ui);
    let room = ui.available_width();
    let all = text::count_thousands(session.library.count(), "upload");
    let summary = match shown.is_filtered() && shown.is_answered() {
        true => format!("{} of {all}", text::thousands(shown.len() as u64)),
        false => format!("{all} · kept on this computer"),
    };
    ui.with_layout(Layout::top_down(Align::LEFT), |ui| {
        ui.add_space(14.0);
        line(ui, "History", theme::title(), t.text);
        let fits = fit_end(ui, &summary, &theme::secondary(), room);
        line(ui, &fits, theme::secondary(), t.dim);
    });
}

/// Draws the buttons for the whole history.
fn whole_history(
    ui: &mut Ui,
    session: &Session,
    shown: &HistoryView,
    can_export: bool,
    icons_only: bool,
    actions: &mut Vec<Action>,
) {
    let there = session.library.count() > 0;
    let clear = Button::new(Weight::Secondary, "Clear").icon(Icon::Trash2).named("Clear the history");
    if clear.compact(icons_only).enabled(there).show(ui).clicked() {
        actions.push(Action::AskToClear);
    }
    if !can_export {
        return;
    }
    let export = Button::new(Weight::Secondary, "Export").icon(Icon::Share).enabled(there && shown.len() > 0);
    let export = export.compact(icons_only).show(ui);
    menu(Popup::menu(&export), 220.0, |ui| {
        let what = match shown.is_filtered() {
            true => text::count_thousands(shown.len(), "upload"),
            false => "everything".to_owned(),
        };
        for (format, icon) in [(Format::Csv, Icon::FileSpreadsheet), (Format::Json, Icon::FileJson)] {
            if MenuItem::new(icon, &format!("Export {what} as {}", export::name(format))).show(ui).clicked() {
                actions.push(Action::Export(format, shown.wanted(&Zoned::now())));
                ui.close();
            }
        }
    });
}

fn filters(ui: &mut Ui, shown: &mut HistoryView, widest: f32) {
    let within = select(ui, "When", shown.within.label());
    menu(Popup::menu(&within), 150.0, |ui| {
        for choice in DateRange::iter() {
            if MenuItem::choice(choice.label(), shown.within == choice).show(ui).clicked() {
                shown.within = choice;
                ui.close();
            }
        }
    });
    let name = |id: &str| provider::by_id(id).map_or("", |p| p.facts().name);
    let chosen = select(ui, "Provider", shown.provider.map_or("All providers", name));
    menu(Popup::menu(&chosen), 170.0, |ui| {
        let each = provider::ALL.iter().map(|p| Some(p.facts().id));
        for choice in std::iter::once(None).chain(each) {
            let label = choice.map_or("All providers", name);
            if MenuItem::choice(label, shown.provider == choice).show(ui).clicked() {
                shown.provider = choice;
                ui.close();
            }
        }
    });
    let width =
        (ui.available_width() - if widest.is_finite() { 200.0 } else { 0.0 }).clamp(90.0, widest.max(90.0));
    search(ui, shown, width);
}

fn search(ui: &mut Ui, shown: &mut HistoryView, width: f32) {
    let t = tokens(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(width, 30.0), Sense::hover());
    let mut inside = ui.new_child(
        UiBuilder::new().id_salt("search").max_rect(rect).layout(Layout::left_to_right(Align::Center)),
    );
    let clear = if shown.search.is_empty() { 0 } else { 26 };
    let edit = TextEdit::singleline(&mut shown.search)
        .id(search_id())
        .hint_text(egui::RichText::new("Name, ID, account…").color(t.faint))
        .desired_width(width)
        .char_limit(400)
        .min_size(vec2(width, 30.0))
        .align(Align2::LEFT_CENTER)
        .margin(egui::Margin { left: 32, right: 8 + clear, top: 0, bottom: 0 });
    inside.add(edit).accessible_name("Search the history by name, ID, account or provider");
    let at = pos2(rect.left() + 17.0, rect.center().y);
    ui.painter().text(at, Align2::CENTER_CENTER, Icon::Search.unicode(), theme::icons(14.0), t.faint);
    if clear > 0 {
        let at = Rect::from_min_max(pos2(rect.right() - 28.0, rect.top() + 2.0), rect.max - vec2(2.0, 2.0));
        let mut inside = ui.new_child(UiBuilder::new().id_salt("clear").max_rect(at));
        if Button::icon_only(Icon::X, "Clear the search").small().show(&mut inside).clicked() {
            shown.search.clear();
        }
    }
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
        let search = text::sanitize(&text::elide(shown.search.trim(), 60));
        let second = match search.is_empty() {
            true => "No upload fits these filters".to_owned(),
            false => format!("Nothing has “{search}” in its name, ID, link, account or provider"),
        };
        centred(ui, &second, theme::body(), t.dim);
        ui.add_space(12.0);
        if Button::new(Weight::Secondary, "Show everything").show(ui).clicked() {
            shown.clear_filters();
        }
    });
}

fn table(
    ui: &mut Ui,
    seen: &mut ViewContext<'_>,
    shown: &mut HistoryView,
    day: &Zoned,
    now: Instant,
    actions: &mut Vec<Action>,
) {
    let t = tokens(ui);
    let all = ui.available_rect_before_wrap();
    let columns = Columns::new(all.x_range());
    let (names, rows) = all.split_top_bottom_at_y(all.top() + NAMES);
    show_names(ui, names, &columns);
    let count = shown.len();
    let mut page = ui.new_child(UiBuilder::new().id_salt("rows").max_rect(rows));
    if let Some(by) = keys(ui, rows.height()) {
        let offset = shown.offset();
        shown.go_to((offset + by).min(count as f32 * ROW));
    }
    let mut area = ScrollArea::vertical().auto_shrink([false, false]);
    if let Some(offset) = shown.take_go_to() {
        area = area.vertical_scroll_offset(offset);
    }
    page.spacing_mut().item_spacing.y = 0.0;
    area.show_viewport(&mut page, |ui, viewport| {
        ui.set_height(count as f32 * ROW);
        // While the end of the list is pulled beyond its place there is no row there.
        let offset = viewport.min.y.clamp(0.0, (count as f32 * ROW - rows.height()).max(0.0));
        let first = (offset / ROW) as usize;
        let last = (((offset + rows.height()) / ROW).ceil() as usize).min(count);
        let part = offset - first as f32 * ROW;
        shown.stands_at(offset);
        if let Some(ids) = shown.wants_read(first..last, now) {
            seen.session.library.read_records(ids);
        }
        for index in first..last {
            // From the page's top and not from that of all rows: a number with a fraction is exact only when it is small.
            let top = rows.top() + (index - first) as f32 * ROW - part + (offset - viewport.min.y);
            let rect = Rect::from_x_y_ranges(all.x_range(), top..=top + ROW);
            match shown.row(index) {
                Some(record) => row::show(ui, rect, &columns, &record, seen, day, actions),
                None => row::show_unread(ui, rect, &columns),
            }
            ui.painter().hline(all.x_range(), rect.bottom() - 0.5, (1.0, t.line));
        }
        let list = ui.interact(ui.clip_rect(), ui.scope_id().with("uploads"), Sense::hover());
        list.widget_info(|| WidgetInfo::labeled(Role::Table, true, text::count_thousands(count, "upload")));
    });
}

/// Reads how far the keys scroll, where no field wants them.
fn keys(ui: &Ui, page: f32) -> Option<f32> {
    if ui.memory(|memory| memory.focused().is_some()) {
        return None;
    }
    ui.input_mut(|input| {
        [
            (Key::PageDown, page - ROW),
            (Key::PageUp, ROW - page),
            (Key::ArrowDown, ROW),
            (Key::ArrowUp, -ROW),
            (Key::Home, f32::NEG_INFINITY),
            (Key::End, f32::INFINITY),
        ]
        .into_iter()
        .find_map(|(key, by)| input.consume_key(Modifiers::NONE, key).then_some(by))
    })
}

fn show_names(ui: &mut Ui, rect: Rect, columns: &Columns) {
    let t = tokens(ui);
    let all: [(Option<Rangef>, &str); 6] = [
        (Some(columns.file), "File"),
        (columns.provider, "Provider"),
        (columns.account, "Account"),
        (columns.id, "ID or link"),
        (columns.when, "When"),
        (columns.lives, "Expires"),
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
