//! What stands in the way of a key or of a destination, and is said above the sheet's buttons.

use eframe::egui::{Label, RichText, Ui};

use crate::session::api::{Failure, FailureKind, text};
use crate::ui::theme::{self, tokens};

/// What stands in the way.
pub(super) struct AddProblem {
    pub(super) sentence: String,
    service_message: Option<String>,
    /// It is not the key's fault: it can be saved as it is.
    pub(super) passes: bool,
}

impl AddProblem {
    pub(super) fn new(sentence: impl Into<String>) -> AddProblem {
        AddProblem { sentence: sentence.into(), service_message: None, passes: false }
    }

    pub(super) fn of(failure: &Failure) -> AddProblem {
        let own = matches!(failure.kind, FailureKind::WrongKey | FailureKind::NoKey | FailureKind::Keyring);
        AddProblem {
            sentence: format!("{}. {}", failure.message, failure.hint),
            service_message: failure.service_message.as_deref().map(text::sanitize),
            passes: !own,
        }
    }

    /// Draws it, with the vendor's own message below.
    pub(super) fn show(&self, ui: &mut Ui) {
        let t = tokens(ui);
        let sentence = RichText::new(&self.sentence).font(theme::secondary()).color(t.bad);
        ui.add(Label::new(sentence).wrap());
        if let Some(service_message) = &self.service_message {
            let sentence = format!("“{}”", text::elide(service_message, 240));
            let sentence = RichText::new(sentence).font(theme::secondary()).color(t.dim);
            ui.add(Label::new(sentence).wrap());
        }
    }
}
