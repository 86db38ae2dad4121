//! What lies over the window: sheets that are filled in or read, and questions.

use super::add::AddSheet;
use super::edit::{EditSheet, LabelSheet};
use super::fetch::FetchSheet;
use super::fit_sheet::FitSheet;
use super::follow_offer::FollowOffer;
use super::import_sheet::ImportSheet;
use super::palette::Palette;
use super::paths::PathSheet;
use super::providers::ProviderSheet;
use super::question::Question;
use super::send_to::{AgainSheet, SendToSheet};
use super::template_sheet::TemplateSheet;

/// A sheet over the window.
pub(super) enum Overlay {
    /// Adds a key, or destinations for one.
    Add(AddSheet),
    /// Changes a destination.
    Edit(EditSheet),
    /// Changes a template for copying, or makes one.
    Template(TemplateSheet),
    /// Says what a provider's file does, and asks whether to add it.
    Provider(Box<ProviderSheet>),
    /// Says what a file of settings would change.
    Import(Box<ImportSheet>),
    /// Gives a key another name.
    Rename(LabelSheet),
    /// Changes how a copy is made.
    Fit(Box<FitSheet>),
    /// Asks where files of the queue are to go.
    SendTo(SendToSheet),
    /// Asks where uploads of the history are to be sent again.
    SendAgain(AgainSheet),
    /// Asks whether to fetch what links name.
    Fetch(FetchSheet),
    /// Adds files by their paths.
    Paths(Box<PathSheet>),
    /// Finds commands by their names.
    Palette(Palette),
    /// Lists the keyboard shortcuts.
    Shortcuts,
    /// Names what Hoist is made of.
    Licences,
}

/// Everything that lies over the window.
#[derive(Default)]
pub(super) struct Overlays {
    pub(super) sheet: Option<Overlay>,
    pub(super) question: Option<Question>,
    pub(super) follow: FollowOffer,
    /// The user wants the window closed though files are being sent.
    pub(super) closing: bool,
}

impl Overlays {
    /// Returns whether anything lies over the window.
    pub(super) fn is_any(&self) -> bool {
        self.sheet.is_some() || self.question.is_some()
    }
}
