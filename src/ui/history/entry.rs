//! An upload of the history in text, and what can be done with it: the same in the list and in the grid.

use std::sync::Arc;

use eframe::egui::{Popup, Response, Ui};
use jiff::{Timestamp, Zoned};
use lucide_icons::Icon;

use crate::session::KeyBook;
use crate::session::api::{CopyFormat, Receipt, Record, State, UploadId, provider, text};
use crate::session::choices::can_be_opened;
use crate::session::copy;
use crate::session::report::Report;
use crate::ui::action::{Action, CopiedAt};
use crate::ui::command::WindowCommand;
use crate::ui::selection::FileOrder;
use crate::ui::time_format;
use crate::ui::view_context::ViewContext;
use crate::ui::widgets::{self, Button, COPIED, MenuItem, Tone, Weight, menu};

/// What became of an upload and how long it is there, in a word or two.
pub(super) struct Availability {
    pub(super) tone: Tone,
    pub(super) text: String,
    /// The text counts, and changes after so many seconds.
    pub(super) changes_in: Option<u64>,
}

impl Availability {
    pub(super) fn new(state: &State, now: Timestamp) -> Availability {
        let (tone, text) = match state {
            State::Done(receipt) => return Availability::of(receipt, now),
            State::Processing { .. } => (Tone::Warning, "still processing"),
            State::Unknown(_) => (Tone::Warning, "no answer: it may exist"),
            State::Refused(_) => (Tone::Bad, "not accepted"),
            State::Held(_) => (Tone::Warning, state.name()),
            State::Cancelled | State::Waiting { .. } => (Tone::Neutral, state.name()),
            State::Sending { .. } | State::Sent { .. } => (Tone::Neutral, "being sent"),
            State::Ready => (Tone::Neutral, "not sent"),
        };
        Availability { tone, text: text.to_owned(), changes_in: None }
    }

    fn of(receipt: &Receipt, now: Timestamp) -> Availability {
        let Some(expires) = receipt.expires else {
            return Availability { tone: Tone::Neutral, text: "uploaded".to_owned(), changes_in: None };
        };
        match u64::try_from(expires.duration_since(now).as_secs()) {
            Ok(seconds) if expires > now => Availability {
                tone: Tone::Warning,
                text: format!("expires in {}", text::time_left(seconds)),
                changes_in: Some(time_format::until_the_next_word(seconds)),
            },
            _ => Availability { tone: Tone::Bad, text: "expired".to_owned(), changes_in: None },
        }
    }
}

/// The text of an upload, as it may be shown.
pub(super) struct EntryText {
    pub(super) name: String,
    pub(super) provider: String,
    pub(super) account: String,
    pub(super) when: String,
    pub(super) state: Availability,
}

impl EntryText {
    pub(super) fn new(record: &Record, keys: &KeyBook, now: &Zoned) -> EntryText {
        let destination = &record.request.destination;
        let facts = provider::by_id(&destination.provider).map(|p| p.facts());
        EntryText {
            name: record.request.name(),
            provider: facts.map_or_else(|| text::sanitize(&destination.provider), |f| f.name.to_owned()),
            account: keys.account_label(destination),
            when: time_format::clock(asked(record), now),
            state: Availability::new(&record.state, now.timestamp()),
        }
    }

    /// Returns where it went and when, in a line.
    pub(super) fn origin(&self) -> String {
        [&self.provider, &self.account, &self.when].map(String::as_str).join(" · ")
    }

    /// Returns what a screen reader says.
    pub(super) fn spoken(&self) -> String {
        [&self.name, &self.provider, &self.account, &self.when, &self.state.text]
            .map(String::as_str)
            .join(", ")
    }
}

/// Returns when an upload was asked for.
pub(super) fn asked(record: &Record) -> Timestamp {
    record.request.requested.unwrap_or(record.request.added)
}

/// Returns what is copied of an upload.
fn copied(record: &Record, format: CopyFormat, session: &crate::session::Session) -> String {
    copy::text(format, session.keys.settings().template_line(), &[Report::from(record)])
}

/// Returns the notice for copying a result that has expired, or nothing.
fn expired(record: &Record) -> String {
    copy::expired(&[Report::from(record)], Timestamp::now(), time_format::exactly).unwrap_or_default()
}

/// Returns the link of an upload that still leads somewhere.
pub(in crate::ui) fn open_link(record: &Record) -> Option<&str> {
    let receipt = record.state.kept_receipt().filter(|receipt| !receipt.is_gone(Timestamp::now()))?;
    receipt.url.as_deref().filter(|url| url.starts_with("https://"))
}

/// Returns whether an upload is on its way: such a one cannot be removed.
fn is_on_its_way(state: &State) -> bool {
    matches!(state, State::Waiting { .. } | State::Sending { .. } | State::Sent { .. })
}

/// Draws the button that copies what a provider gave back, in the format that is set.
pub(super) fn copy_button(
    ui: &mut Ui,
    record: &Arc<Record>,
    name: &str,
    (keyboard, drawn): (bool, bool),
    view: &ViewContext<'_>,
    actions: &mut Vec<Action>,
) {
    let Some(receipt) = record.state.receipt() else { return };
    // It answers for the menu, too, which is closed by then.
    let spot = CopiedAt::Row(record.request.id);
    let format = view.session.keys.settings().copy_format;
    let (icon, label) = match view.says_copied(&spot) {
        true => (Icon::Check, COPIED.to_owned()),
        false => (Icon::Copy, copy::label(view.session.keys.settings(), receipt)),
    };
    let name = format!("{label}: {name}");
    let button = Button::new(Weight::Secondary, "").icon(icon).named(&name).small();
    if button.keyboard(keyboard).drawn(drawn).show(ui).clicked() {
        actions.push(Action::Copy(spot, copied(record, format, view.session)));
        actions.push(Action::Notify(expired(record).into()));
    }
}

/// Returns whether an upload shows what can be done with it though the pointer is elsewhere: it alone is selected, or it is
/// where the keyboard is. For several there is the footer.
pub(super) fn is_looked_at(view: &ViewContext<'_>, response: &Response, id: UploadId) -> bool {
    view.list.selection.single() == Some(id) || response.has_focus() && view.list.by_keyboard
}

/// Draws the menu below its button.
pub(super) fn button_menu(
    button: &Response,
    record: &Arc<Record>,
    view: &ViewContext<'_>,
    order: &dyn FileOrder,
    actions: &mut Vec<Action>,
) {
    menu(Popup::menu(button), 220.0, |ui| choices(ui, record, view, order, actions));
}

/// Draws the menu where an upload was clicked with the other button.
pub(super) fn context_menu(
    response: &Response,
    record: &Arc<Record>,
    view: &ViewContext<'_>,
    order: &dyn FileOrder,
    actions: &mut Vec<Action>,
) {
    widgets::context_menu(response, 220.0, |ui| choices(ui, record, view, order, actions));
}

/// Draws what can be done with all that are selected where this upload is one of them, else with this one.
fn choices(
    ui: &mut Ui,
    record: &Arc<Record>,
    view: &ViewContext<'_>,
    order: &dyn FileOrder,
    actions: &mut Vec<Action>,
) {
    if view.list.selection.has(record.request.id) && view.list.selection.len() > 1 {
        several(ui, view, order, actions);
    } else {
        one(ui, record, view.session, actions);
    }
}

fn item(
    ui: &mut Ui,
    icon: Icon,
    label: &str,
    keys: Option<WindowCommand>,
    wishes: impl FnOnce() -> Vec<Action>,
    actions: &mut Vec<Action>,
) {
    let keys = keys.map(|command| command.key(ui.ctx())).unwrap_or_default();
    if MenuItem::new(icon, label).keys(keys).show(ui).clicked() {
        actions.extend(wishes());
        ui.close();
    }
}

fn several(ui: &mut Ui, view: &ViewContext<'_>, order: &dyn FileOrder, actions: &mut Vec<Action>) {
    let ids = || view.list.selection.in_order(order);
    let settings = view.session.keys.settings();
    if let Some(label) = copy::label_in_menu(settings) {
        let copy = || vec![Action::CopyItems(CopiedAt::Selection, ids(), settings.copy_format)];
        item(ui, Icon::Copy, &label, Some(WindowCommand::Copy), copy, actions);
    }
    for (icon, label, format) in [
        (Icon::Copy, "Copy IDs", CopyFormat::Id),
        (Icon::Link, "Copy links", CopyFormat::Link),
        (Icon::Braces, "Copy JSON", CopyFormat::Json),
    ] {
        let keys = (format == settings.copy_format).then_some(WindowCommand::Copy);
        let spot = || CopiedAt::Selection.of_line(label, format == settings.copy_format);
        let copy = || vec![Action::CopyItems(spot(), ids(), format)];
        item(ui, icon, label, keys, copy, actions);
    }
    ui.separator();
    let again = || vec![Action::AskWhereAgain(ids())];
    item(ui, Icon::Send, "Send again to…", Some(WindowCommand::SendTo), again, actions);
    let remove = || vec![Action::Forget(ids())];
    item(ui, Icon::Trash2, "Remove from history", Some(WindowCommand::Remove), remove, actions);
}

fn one(ui: &mut Ui, record: &Arc<Record>, session: &crate::session::Session, actions: &mut Vec<Action>) {
    let id = record.request.id;
    if let Some(receipt) = record.state.kept_receipt() {
        let settings = session.keys.settings();
        let spot = |label: &str, format| CopiedAt::Row(id).of_line(label, format == settings.copy_format);
        if let Some(label) = copy::label_in_menu(settings) {
            let text = copied(record, settings.copy_format, session);
            let spot = CopiedAt::Row(id);
            let copy = || vec![Action::Copy(spot, text), Action::Notify(expired(record).into())];
            item(ui, Icon::Copy, &label, Some(WindowCommand::Copy), copy, actions);
        }
        for (icon, label, format, text) in [
            (Icon::Copy, "Copy ID", CopyFormat::Id, receipt.id.as_ref()),
            (Icon::Link, "Copy link", CopyFormat::Link, receipt.url.as_ref()),
        ] {
            if let Some(text) = text {
                let copy = || {
                    vec![
                        Action::Copy(spot(label, format), text.clone()),
                        Action::Notify(expired(record).into()),
                    ]
                };
                item(ui, icon, label, None, copy, actions);
            }
        }
        if !receipt.response.is_null() {
            let (label, format) = ("Copy JSON", CopyFormat::Json);
            let copy = || vec![Action::Copy(spot(label, format), copied(record, format, session))];
            item(ui, Icon::Braces, label, None, copy, actions);
        }
        ui.separator();
    }
    let details = || vec![Action::DetailsOf(id)];
    item(ui, Icon::PanelRight, "Details", Some(WindowCommand::Details), details, actions);
    if let Some(link) = open_link(record) {
        item(ui, Icon::ExternalLink, "Open link", None, || vec![Action::Browse(link.to_owned())], actions);
    }
    let path = || record.request.path.clone();
    if can_be_opened(&record.request.path) {
        item(ui, Icon::Eye, "Open file", None, || vec![Action::OpenFile(path())], actions);
    }
    item(ui, Icon::FolderOpen, "Reveal file", None, || vec![Action::Reveal(path())], actions);
    ui.separator();
    let to = session.keys.destination_like(&record.request.destination);
    let again = || vec![Action::add_again(vec![path()], to.cloned())];
    item(ui, Icon::RotateCw, "Send again", None, again, actions);
    let elsewhere = || vec![Action::AskWhereAgain(vec![id])];
    item(ui, Icon::Send, "Send again to…", Some(WindowCommand::SendTo), elsewhere, actions);
    if !is_on_its_way(&record.state) {
        let remove = || vec![Action::Forget(vec![id])];
        item(ui, Icon::Trash2, "Remove from history", Some(WindowCommand::Remove), remove, actions);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        for (expires, tone, text, changes_in) in [
            (None, Tone::Neutral, "uploaded", None),
            (Some(8040), Tone::Warning, "expires in 2 h 14 m", Some(1)),
            (Some(90), Tone::Warning, "expires in 1 m", Some(31)),
            (Some(42), Tone::Warning, "expires in 42 s", Some(1)),
            (Some(0), Tone::Bad, "expired", None),
            (Some(-9), Tone::Bad, "expired", None),
        ] {
            let lives = Availability::new(&State::Done(Box::new(receipt(expires))), now);
            assert_eq!((lives.tone, lives.text.as_str(), lives.changes_in), (tone, text, changes_in));
        }
    }
}
