//! Questions that are asked before something is done that cannot be undone.

use eframe::egui;

use super::theme::{self, tokens};
use super::widgets::{Button, Sheet, Weight, buttons, sheet, wrapped};
use crate::session::Session;
use crate::session::api::{name_of, text};

/// A question over the window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Question {
    /// Whether to close the window while so many files are being sent.
    Close(usize),
    /// Whether to forget the history of so many uploads.
    Clear(usize),
    /// Whether to send so many files though the history cannot be written, and why it cannot.
    WithoutHistory(usize, String),
    /// Whether to remove a key, and with it these destinations, for which these folders are watched.
    RemoveKey { name: String, title: String, destinations: Vec<String>, folders: Vec<String> },
}

/// The answer to a question, if there is one yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum QuestionReply {
    None,
    No,
    Yes,
}

impl Question {
    /// Asks about removing a key.
    pub(super) fn remove_key(session: &Session, name: String) -> Question {
        let of_key: Vec<_> = session.keys.destinations_of_key(&name).collect();
        let folders = of_key.iter().flat_map(|to| session.watches.folders_of(to)).map(name_of).collect();
        let destinations = of_key.iter().map(|d| d.name.clone()).collect();
        Question::RemoveKey {
            title: text::sanitize(&session.keys.key_title(&name)),
            name,
            destinations,
            folders,
        }
    }

    fn title(&self) -> String {
        match self {
            Question::Close(1) => "1 file is being sent".to_owned(),
            Question::Close(n) => format!("{} are being sent", text::count(*n, "file")),
            Question::Clear(_) => "Clear the history?".to_owned(),
            Question::WithoutHistory(..) => "The history cannot be written".to_owned(),
            Question::RemoveKey { title, .. } => format!("Remove the key {title}?"),
        }
    }

    fn text(&self) -> String {
        match self {
            Question::Close(_) => {
                "Files that were sent completely are marked 'may exist' at the next start. The others are \
                 ready again."
                    .to_owned()
            }
            Question::RemoveKey { destinations, .. } if destinations.is_empty() => {
                "The key is removed from this computer's keyring, and cannot be brought back: it is entered anew. \
                 The key stays valid at the vendor."
                    .to_owned()
            }
            Question::RemoveKey { destinations, folders, .. } => {
                let watched = match folders.as_slice() {
                    [] => String::new(),
                    [one] => format!(" The folder {} is not watched any more.", text::sanitize(one)),
                    all => format!(" These folders are not watched any more: {}.", named(all)),
                };
                format!(
                    "The key is removed from this computer's keyring, and with it {}: {}. They cannot be brought \
                     back: the key is entered anew. Files for them stay in the queue.{watched} The key stays \
                     valid at the vendor.",
                    text::count(destinations.len(), "destination"),
                    named(destinations)
                )
            }
            Question::WithoutHistory(n, why) => format!(
                "Nothing was sent yet: {}. Sent without the history, the IDs of {} are shown and copied as \
                 usual, but lost when this window closes.",
                text::sanitize(why),
                text::count(*n, "file")
            ),
            Question::Clear(n) => format!(
                "Deletes {} with their IDs; uploaded files stay online. The queue stays, too.",
                text::count_thousands(*n, "record")
            ),
        }
    }

    /// Returns what the buttons say: the one that changes nothing, then the other.
    fn buttons(&self) -> (&'static str, String) {
        match self {
            Question::Close(_) => ("Keep uploading", "Close anyway".to_owned()),
            Question::Clear(n) => ("Keep it", format!("Clear {}", text::count_thousands(*n, "record"))),
            Question::WithoutHistory(n, _) => {
                ("Keep in the queue", format!("Send {} without it", text::count(*n, "file")))
            }
            Question::RemoveKey { .. } => ("Keep it", "Remove the key".to_owned()),
        }
    }

    /// Shows it over the window. Escape, and a click beside it, are a no.
    pub(super) fn show(&self, ctx: &egui::Context) -> QuestionReply {
        let shown = sheet(ctx, &self.title(), 400.0, |sheet| self.content(sheet));
        if shown.inner == QuestionReply::None && shown.left { QuestionReply::No } else { shown.inner }
    }

    fn content(&self, sheet: &mut Sheet<'_>) -> QuestionReply {
        let t = tokens(sheet.ui);
        sheet.body(|ui| {
            wrapped(ui, &self.text(), theme::body(), t.dim);
        });
        let (no, yes) = self.buttons();
        let row = |ui: &mut egui::Ui| {
            let keep = Button::new(Weight::Primary, no).show(ui);
            let other = Button::new(Weight::Danger, &yes).show(ui);
            // The keyboard is nowhere below the question, and Return is a no.
            if !keep.has_focus() && !other.has_focus() {
                keep.request_focus();
            }
            match (keep.clicked(), other.clicked()) {
                (true, _) => QuestionReply::No,
                (false, true) => QuestionReply::Yes,
                (false, false) => QuestionReply::None,
            }
        };
        sheet.foot(|ui| buttons(ui, row))
    }
}

/// Returns the first names of a list that may be long.
fn named(names: &[String]) -> String {
    const SHOWN: usize = 6;
    let shown = names.iter().take(SHOWN).map(|name| text::elide(&text::sanitize(name), 48));
    let shown = shown.collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
