//! Above the history: what is searched for, of which provider, and as what it is shown.

use std::collections::HashSet;
use std::sync::Arc;

use eframe::egui::{
    self, Align, Align2, Id, Layout, Panel, Popup, Rect, Sense, TextEdit, Ui, UiBuilder, pos2, vec2,
};
use jiff::Zoned;
use lucide_icons::Icon;
use strum::IntoEnumIterator;

use super::export;
use super::filters::DateRange;
use super::shown::HistoryView;
use crate::session::Session;
use crate::session::api::{HistoryStyle, provider, text};
use crate::session::export::Format;
use crate::ui::action::{Action, Setting};
use crate::ui::theme::{self, tokens};
use crate::ui::widgets::{Button, Cut, MenuItem, cut_line, icon_segments, line, menu, select};

/// In a window that is narrower than this, the search has a line of its own; a panel that opens moves no row then.
const WIDE_WINDOW: f32 = 1060.0;

/// It has one as well where no more than this is left of the page.
const ONE_LINE: f32 = 600.0;

/// The title has so much room beside a search.
const TITLES: f32 = 150.0;

/// What is chosen is cut to so many letters.
const MAX_CHOSEN: usize = 30;

/// Returns the name egui has for the search field.
pub(in crate::ui) fn search_id() -> Id {
    Id::unique("search in the history")
}

/// Draws the filters, and what can be done with the whole history.
pub(in crate::ui) fn header(
    ui: &mut Ui,
    session: &Session,
    shown: &mut HistoryView,
    can_export: bool,
    actions: &mut Vec<Action>,
) {
    let one_line = ui.ctx().content_rect().width() >= WIDE_WINDOW && ui.available_width() >= ONE_LINE;
    let frame = egui::Frame::new().fill(tokens(ui).window).inner_margin(egui::Margin::symmetric(20, 0));
    let height = if one_line { theme::HEADER } else { theme::HEADER + 40.0 };
    Panel::top("header").resizable(false).exact_size(height).frame(frame).show(ui, |ui| {
        let all = ui.available_rect_before_wrap();
        let (above, below) = all.split_top_bottom_at_y(all.top() + theme::HEADER);
        let layout = Layout::right_to_left(Align::Center);
        let rect = if one_line { above } else { above.with_max_y(above.max.y - 6.0) };
        ui.scope_builder(UiBuilder::new().max_rect(rect).layout(layout), |ui| {
            whole_history(ui, session, shown, can_export, actions);
            style(ui, session, actions);
            if one_line {
                filters(ui, session, shown, 200.0);
            }
            titles(ui, session, shown);
        });
        if !one_line {
            let below = below.with_max_y(below.max.y - 8.0);
            ui.scope_builder(UiBuilder::new().max_rect(below).layout(layout), |ui| {
                filters(ui, session, shown, f32::INFINITY);
            });
        }
    });
}

fn titles(ui: &mut Ui, session: &Session, shown: &HistoryView) {
    let t = tokens(ui);
    let room = ui.available_width();
    if room < TITLES / 2.0 {
        return;
    }
    let summary = match shown.filters.is_any() && shown.is_answered() {
        true => {
            let all = text::count_thousands(session.library.count(), "upload");
            format!("{} of {all}", text::thousands(shown.len() as u64))
        }
        false => format!("{} · kept on this computer", session.library.summary()),
    };
    ui.with_layout(Layout::top_down(Align::LEFT), |ui| {
        ui.add_space(14.0);
        line(ui, "History", theme::title(), t.text);
        cut_line(ui, &summary, Cut::Parts, (theme::secondary(), t.dim), room);
    });
}

fn style(ui: &mut Ui, session: &Session, actions: &mut Vec<Action>) {
    let choices = [(HistoryStyle::List, Icon::List, "List"), (HistoryStyle::Grid, Icon::LayoutGrid, "Grid")];
    if let Some(style) = icon_segments(ui, "Show as", session.keys.settings().history_style, &choices) {
        actions.push(Action::Set(Setting::HistoryStyle(style)));
    }
}

/// Draws the menu for the whole history, where there is any.
fn whole_history(
    ui: &mut Ui,
    session: &Session,
    shown: &HistoryView,
    can_export: bool,
    actions: &mut Vec<Action>,
) {
    let is_any = session.library.count() > 0;
    let more = Button::icon_only(Icon::Ellipsis, "More: history").enabled(is_any).show(ui);
    menu(Popup::menu(&more), 220.0, |ui| {
        let what = match shown.filters.is_any() {
            true => text::count_thousands(shown.len(), "upload"),
            false => "everything".to_owned(),
        };
        for (format, icon) in [(Format::Csv, Icon::FileSpreadsheet), (Format::Json, Icon::FileJson)] {
            let label = format!("Export {what} as {}", export::name(format));
            if can_export && shown.len() > 0 && MenuItem::new(icon, &label).show(ui).clicked() {
                actions.push(Action::Export(format, shown.wanted(&Zoned::now())));
                ui.close();
            }
        }
        if MenuItem::new(Icon::Trash2, "Clear the history").show(ui).clicked() {
            actions.push(Action::AskToClear);
            ui.close();
        }
    });
}

fn ranges(ui: &mut Ui, shown: &mut HistoryView) {
    for choice in DateRange::iter() {
        if MenuItem::choice(choice.label(), shown.filters.within == choice).show(ui).clicked() {
            shown.filters.within = choice;
            ui.close();
        }
    }
}

/// Lists the providers, and below each the accounts that files are sent to, where it has several.
fn providers(ui: &mut Ui, session: &Session, shown: &mut HistoryView) {
    let filters = &mut shown.filters;
    if MenuItem::choice("All providers", filters.provider.is_none()).show(ui).clicked() {
        (filters.provider, filters.account) = (None, None);
        ui.close();
    }
    for facts in provider::shown() {
        let is_it = filters.provider == Some(facts.id);
        if MenuItem::choice(facts.name, is_it && filters.account.is_none()).show(ui).clicked() {
            (filters.provider, filters.account) = (Some(facts.id), None);
            ui.close();
        }
        let mut listed = HashSet::new();
        for to in session.keys.destinations().iter().filter(|to| to.provider == facts.id) {
            if !session.keys.has_several(to) || !listed.insert(to.account_id()) {
                continue;
            }
            let is_it = filters.account.as_ref().is_some_and(|other| other.account_id() == to.account_id());
            let label = format!("{} · {}", facts.name, session.keys.short_account(to));
            if MenuItem::choice(&label, is_it).show(ui).clicked() {
                (filters.provider, filters.account) = (Some(facts.id), Some(Arc::clone(to)));
                ui.close();
            }
        }
    }
}

fn filters(ui: &mut Ui, session: &Session, shown: &mut HistoryView, widest: f32) {
    let label = text::elide(&shown.filters.provider_label(session), MAX_CHOSEN);
    let chosen = select(ui, "Provider", &label);
    menu(Popup::menu(&chosen), 230.0, |ui| providers(ui, session, shown));
    let within = select(ui, "When", shown.filters.within.label());
    menu(Popup::menu(&within), 150.0, |ui| ranges(ui, shown));
    // Where there is little room, what is searched for is read whole, and the title gives way.
    let left = ui.available_width();
    let is_searched = shown.is_searching || !shown.filters.search.is_empty();
    let titles = if widest.is_finite() && !(is_searched && left < TITLES + widest) { TITLES } else { 0.0 };
    let width = (left - titles).clamp(90.0, widest.max(90.0));
    search(ui, shown, width);
}

fn search(ui: &mut Ui, shown: &mut HistoryView, width: f32) {
    let t = tokens(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(width, 30.0), Sense::hover());
    let mut inside = ui.new_child(
        UiBuilder::new().id_salt("search").max_rect(rect).layout(Layout::left_to_right(Align::Center)),
    );
    let clear = if shown.filters.search.is_empty() { 0 } else { 26 };
    let edit = TextEdit::singleline(&mut shown.filters.search)
        .id(search_id())
        .hint_text(egui::RichText::new("Name, ID, account…").color(t.faint))
        .desired_width(width)
        .char_limit(400)
        .min_size(vec2(width, 30.0))
        .align(Align2::LEFT_CENTER)
        .margin(egui::Margin { left: 32, right: 8 + clear, top: 0, bottom: 0 });
    let field = inside.add(edit).accessible_name("Search the history by name, ID, account or provider");
    shown.is_searching = field.has_focus();
    let at = pos2(rect.left() + 17.0, rect.center().y);
    ui.painter().text(at, Align2::CENTER_CENTER, Icon::Search.unicode(), theme::icons(14.0), t.faint);
    if clear > 0 {
        let at = Rect::from_min_max(pos2(rect.right() - 28.0, rect.top() + 2.0), rect.max - vec2(2.0, 2.0));
        let mut inside = ui.new_child(UiBuilder::new().id_salt("clear").max_rect(at));
        if Button::icon_only(Icon::X, "Clear the search").small().show(&mut inside).clicked() {
            shown.filters.search.clear();
        }
    }
}
