//! One upload of the history, and the columns it is drawn in.

use std::sync::Arc;
use std::time::Duration;

use eframe::egui::{
    self, Align, CornerRadius, FontId, Layout, Popup, Rangef, Rect, Response, Role, Sense, Ui, UiBuilder,
    WidgetInfo, pos2, vec2,
};
use jiff::{Timestamp, Zoned};
use lucide_icons::Icon;

use crate::session::api::{CopyFormat, Receipt, Record, State, provider, text};
use crate::session::copy;
use crate::session::report::Report;
use crate::ui::action::{Action, CopiedAt};
use crate::ui::failure_text::explain;
use crate::ui::file_picture::file_picture;
use crate::ui::sidebar::account_label;
use crate::ui::theme::{self, tokens};
use crate::ui::time_format;
use crate::ui::view_context::ViewContext;
use crate::ui::widgets::{Button, MenuItem, Tone, Weight, fit_end, fit_middle, line, menu, tag};

/// Height of a row, the line below it included.
pub(super) const HEIGHT: f32 = 49.0;

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
            // "unknown: it may exist"
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

/// What became of an upload and how long it is there, in a word or two.
struct Availability {
    tone: Tone,
    words: String,
    /// The words count, and change after so many seconds.
    changes_in: Option<u64>,
}

impl Availability {
    fn new(state: &State, now: Timestamp) -> Availability {
        let (tone, words) = match state {
            State::Done(receipt) => return Availability::of(receipt, now),
            State::Processing { .. } => (Tone::Warning, "still processing"),
            State::Unknown(_) => (Tone::Warning, "unknown: it may exist"),
            State::Refused(_) => (Tone::Bad, state.name()),
            State::Held(_) => (Tone::Warning, state.name()),
            State::Cancelled | State::Waiting { .. } => (Tone::Neutral, state.name()),
            State::Sending { .. } | State::Sent { .. } => (Tone::Neutral, "being sent"),
            State::Ready => (Tone::Neutral, "not sent"),
        };
        Availability { tone, words: words.to_owned(), changes_in: None }
    }

    fn of(receipt: &Receipt, now: Timestamp) -> Availability {
        let Some(expires) = receipt.expires else {
            return Availability { tone: Tone::Neutral, words: "kept".to_owned(), changes_in: None };
        };
        match u64::try_from(expires.duration_since(now).as_secs()) {
            Ok(seconds) if expires > now => Availability {
                tone: Tone::Warning,
                words: format!("expires in {}", text::time_left(seconds)),
                changes_in: Some(time_format::until_the_next_word(seconds)),
            },
            _ => Availability { tone: Tone::Bad, words: "expired".to_owned(), changes_in: None },
        }
    }
}

/// The words of a row, as they may be shown.
struct RowText {
    name: String,
    provider: String,
    account: String,
    when: String,
}

impl RowText {
    fn new(record: &Record, now: &Zoned) -> RowText {
        let destination = &record.request.destination;
        let facts = provider::by_id(&destination.provider).map(|p| p.facts());
        RowText {
            name: record.request.name(),
            provider: facts.map_or_else(|| text::sanitize(&destination.provider), |f| f.name.to_owned()),
            account: account_label(destination, facts),
            when: time_format::when(asked(record), now),
        }
    }

    /// Returns what has no column of its own.
    fn left_out(&self, columns: &Columns) -> String {
        let all = [
            (columns.when, &self.when),
            (columns.provider, &self.provider),
            (columns.account, &self.account),
        ];
        let out: Vec<_> =
            all.iter().filter(|(column, _)| column.is_none()).map(|(_, w)| w.as_str()).collect();
        out.join(" · ")
    }
}

fn asked(record: &Record) -> Timestamp {
    record.request.asked.unwrap_or(record.request.added)
}

/// Draws an upload.
pub(super) fn show(
    ui: &mut Ui,
    rect: Rect,
    columns: &Columns,
    record: &Arc<Record>,
    seen: &mut ViewContext<'_>,
    now: &Zoned,
    actions: &mut Vec<Action>,
) {
    let t = tokens(ui);
    let words = RowText::new(record, now);
    let lives = Availability::new(&record.state, now.timestamp());
    let mut ui = ui.new_child(
        UiBuilder::new().id_salt(("upload", record.request.id.0)).max_rect(rect).layout(Layout::default()),
    );
    let ui = &mut ui;
    // Clicks, but no place for the keyboard: its buttons are.
    let response = ui.interact(rect, ui.scope_id().with("row"), Sense::CLICK);
    response.widget_info(|| {
        let all = [&words.name, &words.provider, &words.account, &words.when, &lives.words];
        WidgetInfo::labeled(Role::Row, true, all.map(String::as_str).join(", "))
    });
    if response.contains_pointer() {
        ui.painter().rect_filled(rect.shrink2(vec2(0.0, 1.0)), CornerRadius::same(theme::RADIUS), t.raised);
    }
    menu(Popup::context_menu(&response), 190.0, |ui| choices(ui, record, seen.session, actions));

    let thumb = Rect::from_min_size(
        pos2(columns.file.min, rect.top() + (HEIGHT - 1.0 - THUMB) / 2.0),
        vec2(THUMB, THUMB),
    );
    file_picture(ui, thumb, record.request.facts.as_ref(), |side| {
        seen.thumbs.get(record.request.id, || seen.session.library.want_thumbnail(record, side))
    });
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
        plain(ui, rect, column, &words.when, t.dim).on_hover_text(time_format::exactly(asked(record)));
    }
    if let Some(column) = columns.lives {
        let label = tag(&mut cell(ui, rect, column), lives.tone, None, &lives.words, column.span());
        if let Some(failure) = record.state.failure() {
            label.on_hover_text(explain(failure));
        }
        if let Some(seconds) = lives.changes_in {
            seen.again_in(Duration::from_secs(seconds));
        }
    }
    buttons(ui, rect, columns, record, &words.name, seen, actions);
}

/// Draws a row that is not read yet.
pub(super) fn show_unread(ui: &mut Ui, rect: Rect, columns: &Columns) {
    let t = tokens(ui);
    let at = pos2(columns.file.min, rect.top() + (HEIGHT - 1.0 - THUMB) / 2.0);
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
    fit: fn(&Ui, &str, &FontId, f32) -> String,
    (font, colour): (FontId, egui::Color32),
) -> Response {
    let mut ui = cell(ui, rect, column);
    let shown = fit(&ui, whole, &font, column.span());
    let cut = shown != whole;
    let label = line(&mut ui, &shown, font, colour);
    if cut { label.on_hover_text(whole) } else { label }
}

fn plain(ui: &mut Ui, rect: Rect, column: Rangef, words: &str, colour: egui::Color32) -> Response {
    fitted(ui, rect, column, words, fit_end, (theme::body(), colour))
}

fn file(ui: &mut Ui, rect: Rect, columns: &Columns, words: &RowText) {
    let t = tokens(ui);
    let column = Rangef::new(columns.file.min + THUMB + 10.0, columns.file.max);
    let second = words.left_out(columns);
    let medium = (theme::strong(), t.text);
    if second.is_empty() {
        fitted(ui, rect, column, &words.name, fit_middle, medium);
        return;
    }
    let (above, below) = rect.shrink2(vec2(0.0, 6.0)).split_top_bottom_at_fraction(0.5);
    fitted(ui, above, column, &words.name, fit_middle, medium);
    let mut ui = ui.new_child(UiBuilder::new().id_salt("left out").max_rect(below));
    fitted(&mut ui, below, column, &second, fit_end, (theme::secondary(), t.dim));
}

/// Draws the ID or the link; else why there is none.
fn result(ui: &mut Ui, rect: Rect, column: Rangef, state: &State) {
    let t = tokens(ui);
    match (state.receipt(), state.failure()) {
        (Some(receipt), _) => {
            let id = text::sanitize(receipt.first());
            fitted(ui, rect, column, &id, fit_middle, (theme::id(), t.text));
        }
        (None, Some(failure)) => {
            let font = (theme::secondary(), t.dim);
            fitted(ui, rect, column, &text::sanitize(&failure.message), fit_end, font);
        }
        (None, None) => {}
    }
}

fn buttons(
    ui: &mut Ui,
    rect: Rect,
    columns: &Columns,
    record: &Arc<Record>,
    name: &str,
    seen: &mut ViewContext<'_>,
    actions: &mut Vec<Action>,
) {
    let rect = Rect::from_x_y_ranges(columns.buttons, rect.y_range().shrink(1.0));
    let layout = Layout::right_to_left(Align::Center);
    let mut ui = ui.new_child(UiBuilder::new().id_salt("buttons").max_rect(rect).layout(layout));
    ui.spacing_mut().item_spacing.x = 2.0;
    let more = Button::icon_only(Icon::Ellipsis, &format!("More: {name}")).small().show(&mut ui);
    menu(Popup::menu(&more), 190.0, |ui| choices(ui, record, seen.session, actions));
    if let Some(receipt) = record.state.receipt() {
        // It answers for the menu, too, which is closed by then.
        let spot = CopiedAt::Row(record.request.id);
        let format = seen.session.keys.settings().copy_format;
        let (icon, label) = match seen.says_copied(&spot) {
            true => (Icon::Check, "Copied"),
            false => (Icon::Copy, copy::label(format, receipt)),
        };
        let name = format!("{label}: {name}");
        if Button::new(Weight::Secondary, "").icon(icon).named(&name).small().show(&mut ui).clicked() {
            actions.push(Action::Copy(spot, copied(record, format, seen.session)));
            actions.push(Action::Notify(expired(record)));
        }
    }
}

/// Returns the notice for copying a result that has expired, or nothing.
fn expired(record: &Record) -> String {
    copy::expired(&[Report::from(record)], Timestamp::now(), time_format::exactly).unwrap_or_default()
}

/// Returns what is copied of an upload.
fn copied(record: &Record, format: CopyFormat, session: &crate::session::Session) -> String {
    copy::text(format, &session.keys.settings().copy_template, &[Report::from(record)])
}

/// Draws the menu of everything that can be done with an upload.
fn choices(ui: &mut Ui, record: &Arc<Record>, session: &crate::session::Session, actions: &mut Vec<Action>) {
    let id = record.request.id;
    let mut item = |ui: &mut Ui, icon, label, wishes: Vec<Action>| {
        if MenuItem::new(icon, label).show(ui).clicked() {
            actions.extend(wishes);
            ui.close();
        }
    };
    if let Some(receipt) = record.state.kept_receipt() {
        for (icon, label, text) in
            [(Icon::Copy, "Copy ID", receipt.id.as_ref()), (Icon::Link, "Copy link", receipt.url.as_ref())]
        {
            if let Some(text) = text {
                item(
                    ui,
                    icon,
                    label,
                    vec![Action::Copy(CopiedAt::Row(id), text.clone()), Action::Notify(expired(record))],
                );
            }
        }
        if !receipt.response.is_null() {
            let json = copied(record, CopyFormat::Json, session);
            item(ui, Icon::Braces, "Copy JSON", vec![Action::Copy(CopiedAt::Row(id), json)]);
        }
        ui.separator();
    }
    item(ui, Icon::FolderOpen, "Reveal file", vec![Action::Reveal(record.request.path.clone())]);
    let to = session.keys.destination_like(&record.request.destination);
    item(ui, Icon::Send, "Send again", vec![Action::AddFile(record.request.path.clone(), to.cloned())]);
    // What is on its way cannot be forgotten.
    if !matches!(record.state, State::Waiting { .. } | State::Sending { .. } | State::Sent { .. }) {
        item(ui, Icon::Trash2, "Remove from history", vec![Action::Forget(id)]);
    }
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

    #[test]
    fn a_file_that_is_deleted_there_says_when() {
        let now = Timestamp::UNIX_EPOCH;
        let receipt = |expires: Option<i64>| Receipt {
            id: None,
            url: Some("https://example.com/a".into()),
            values: vec![],
            warnings: vec![],
            expires: expires.and_then(|s| Timestamp::from_second(s).ok()),
            response: serde_json::Value::Null.into(),
        };
        for (expires, tone, words, changes_in) in [
            (None, Tone::Neutral, "kept", None),
            (Some(8040), Tone::Warning, "expires in 2 h 14 m", Some(1)),
            (Some(90), Tone::Warning, "expires in 1 m", Some(31)),
            (Some(42), Tone::Warning, "expires in 42 s", Some(1)),
            (Some(0), Tone::Bad, "expired", None),
            (Some(-9), Tone::Bad, "expired", None),
        ] {
            let lives = Availability::new(&State::Done(Box::new(receipt(expires))), now);
            assert_eq!((lives.tone, lives.words.as_str(), lives.changes_in), (tone, words, changes_in));
        }
    }
}
